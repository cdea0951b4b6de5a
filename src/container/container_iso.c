/* container_iso.c - ISO 9660 (ECMA-119) with Joliet names, as Windows shows them: files are views
 * into the image; the hidden flag is noted. UDF is container_udf.c's. */
#include "container/container_iso.h"

#include "base/mem.h"
#include "base/utf.h"

#define SECTOR            2048u
#define DESCRIPTORS_FIRST 16u
#define DESCRIPTORS_MAX   64u
#define RECORD_BYTES      33u
#define FLAG_HIDDEN       0x01u
#define FLAG_FOLDER       0x02u
#define FLAG_MORE         0x80u

/* ---- What both readers share ---- */

bool iso_count(struct iso *iso)
{
    if (iso->entries < dissect_limits(iso->dissect)->entries_max) {
        iso->entries++;
        return iso->status == HN_OK;
    }
    if (!iso->limit_said)
        dissect_note(iso->dissect, iso->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE, "entries_max");
    iso->limit_said = true;
    return false;
}

struct hn_text iso_join(struct iso *iso, struct hn_text path, struct hn_text name, bool folder)
{
    struct hn_buf out = { 0 };
    struct hn_text text;

    hn_buf_add_text(&out, path);
    hn_buf_add_text(&out, name);
    if (folder)
        hn_buf_add_char(&out, '/');
    text = hn_arena_text(dissect_arena(iso->dissect), hn_buf_text(&out));
    hn_buf_deinit(&out);
    if (text.ptr == NULL)
        iso->status = container_no_memory(iso->dissect, iso->id) == HN_NOMEM ? HN_NOMEM : HN_LIMIT;
    return text;
}

void iso_push(struct iso *iso, uint64_t place, uint64_t len, struct hn_text path, uint32_t depth)
{
    struct iso_folder *folder;

    if (path.ptr == NULL || depth > ISO_DEPTH_MAX)
        return;
    for (size_t i = 0; i < iso->folders.count; i++)
        if (iso->folders.ptr[i].place == place)
            return; /* a folder within itself */
    folder = hn_vec_add(&iso->folders);
    if (folder == NULL)
        iso->status = HN_NOMEM;
    else
        *folder = (struct iso_folder){ place, len, path, depth };
}

void iso_file(struct iso *iso, struct hn_text name, struct container_pieces *pieces, bool hidden,
        bool cut)
{
    struct container_entry out = {
        .name = name, .name_is_utf8 = true, .relation = "entry", .hidden = hidden
    };
    enum hn_status status = container_pieces_end(pieces, &out.data, &out.padding);
    uint32_t child;

    if (status == HN_NOMEM || name.ptr == NULL) {
        iso->status = status == HN_NOMEM ? HN_NOMEM : iso->status;
        return;
    }
    status = container_add(iso->dissect, iso->id, &out, &child);
    if (status != HN_OK)
        iso->status = status;
    else if (child != DISSECT_NONE && cut)
        dissect_note(iso->dissect, child, DISSECT_NOTE_TRUNCATED, DISSECT_NOWHERE,
                "the image ends before it");
}

/* ---- Names ---- */

/* "README.TXT;1" is README.TXT; Joliet has big-endian UTF-16. */
static void add_name(struct hn_buf *out, struct hn_bytes raw, bool joliet)
{
    struct hn_buf swapped = { 0 };
    struct hn_text name = hn_bytes_as_text(raw);
    size_t start = out->len;
    size_t end;

    if (joliet) {
        for (size_t i = 0; i + 1 < raw.len; i += 2) {
            hn_buf_add_char(&swapped, (char)raw.ptr[i + 1]);
            hn_buf_add_char(&swapped, (char)raw.ptr[i]);
        }
        (void)hn_utf16le_to_utf8(out, hn_text_as_bytes(hn_buf_text(&swapped)));
        hn_buf_deinit(&swapped);
    } else {
        container_name_utf8(out, name, false);
    }
    name = hn_text_sub(hn_buf_text(out), start, SIZE_MAX);
    end = hn_text_find_char(name, ';', 0);
    if (end != SIZE_MAX)
        out->len = start + end;
    if (out->len > start && out->ptr[out->len - 1] == '.')
        out->len--;
}

/* ---- Folders ---- */

static bool add_extent(
        struct iso *iso, struct container_pieces *pieces, const uint8_t *record, bool *cut)
{
    uint64_t start = (uint64_t)hn_load_u32(record + 2) * SECTOR;
    uint32_t len = hn_load_u32(record + 10);
    struct hn_bytes part = container_cut(iso->data, start, len);

    *cut = *cut || part.len < len;
    return container_piece(pieces, part);
}

static void read_folder(struct iso *iso, const struct iso_folder *folder, bool joliet)
{
    struct hn_bytes in = container_cut(iso->data, folder->place * SECTOR, folder->len);
    struct container_pieces pieces = { .ask = { iso->dissect, iso->id } };
    bool cut = false;
    size_t at = 0;

    while (at < in.len && iso->status == HN_OK) {
        const uint8_t *record = in.ptr + at;
        size_t len = record[0];
        struct hn_buf name = { 0 };
        uint8_t flags;

        if (len == 0) { /* records do not go over sectors */
            at = (at / SECTOR + 1) * SECTOR;
            continue;
        }
        if (len < RECORD_BYTES || len > in.len - at || record[32] > len - RECORD_BYTES) {
            dissect_note(iso->dissect, iso->id, DISSECT_NOTE_DAMAGED, folder->place * SECTOR + at,
                    "a record of a folder leaves it");
            return;
        }
        at += len;
        flags = record[25];
        if (record[32] == 1 && record[33] <= 1)
            continue; /* the folder itself and the one above */
        if (!iso_count(iso))
            return;
        add_name(&name, hn_bytes_of(record + RECORD_BYTES, record[32]), joliet);
        if ((flags & FLAG_FOLDER) != 0) {
            iso_push(iso, hn_load_u32(record + 2), hn_load_u32(record + 10),
                    iso_join(iso, folder->path, hn_buf_text(&name), true), folder->depth + 1);
        } else if (add_extent(iso, &pieces, record, &cut) && (flags & FLAG_MORE) == 0) {
            iso_file(iso, iso_join(iso, folder->path, hn_buf_text(&name), false), &pieces,
                    (flags & FLAG_HIDDEN) != 0, cut);
            pieces = (struct container_pieces){ .ask = { iso->dissect, iso->id } };
            cut = false;
        }
        hn_buf_deinit(&name);
    }
}

static void read_tree(struct iso *iso, const uint8_t *descriptor, bool joliet)
{
    iso_push(iso, hn_load_u32(descriptor + 158), hn_load_u32(descriptor + 166), HN_TEXT(""), 0);
    for (size_t i = 0; i < iso->folders.count && iso->status == HN_OK; i++) {
        struct iso_folder folder = iso->folders.ptr[i]; /* the list moves as it grows */

        read_folder(iso, &folder, joliet);
    }
}

static bool is_joliet(const uint8_t *descriptor)
{
    return descriptor[0] == 2 && descriptor[88] == '%' && descriptor[89] == '/' &&
           (descriptor[90] == '@' || descriptor[90] == 'C' || descriptor[90] == 'E');
}

static void label(struct iso *iso, const uint8_t *descriptor)
{
    struct hn_buf name = { 0 };

    add_name(&name, hn_bytes_of(descriptor + 40, 32), is_joliet(descriptor));
    dissect_fact(iso->dissect, iso->id, "volume_label", hn_text_trim(hn_buf_text(&name)));
    hn_buf_deinit(&name);
}

static bool read_iso(struct iso *iso)
{
    const uint8_t *chosen = NULL;
    uint64_t at = (uint64_t)DESCRIPTORS_FIRST * SECTOR;

    for (uint32_t i = 0;
            i < DESCRIPTORS_MAX && iso->data.len >= SECTOR && at <= iso->data.len - SECTOR;
            i++, at += SECTOR) {
        const uint8_t *descriptor = iso->data.ptr + at;

        if (memcmp(descriptor + 1, "CD001", 5) != 0 || descriptor[0] == 255)
            continue;
        if ((descriptor[0] == 1 && chosen == NULL) || is_joliet(descriptor))
            chosen = descriptor;
    }
    if (chosen == NULL)
        return false;
    label(iso, chosen);
    read_tree(iso, chosen, is_joliet(chosen));
    return true;
}

enum hn_status container_open_iso(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct iso iso = { .dissect = dissect, .id = id, .data = dissect_get(dissect, id)->data };
    bool udf = iso_read_udf(&iso);
    bool found;

    /* Windows shows UDF where both are there; what ISO 9660 has besides is hidden from the user.
     * The same bytes under the same name are one child. */
    hn_vec_reset(&iso.folders);
    if (iso.status == HN_LIMIT)
        iso.status = HN_OK;
    found = iso.status == HN_OK && read_iso(&iso);
    if (!udf && !found && iso.status == HN_OK)
        dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, 0, "neither ISO 9660 nor UDF is in it");
    dissect_fact_bool(dissect, id, "udf", udf);
    dissect_fact_u64(dissect, id, "entry_count", iso.entries);
    hn_vec_deinit(&iso.folders);
    return iso.status == HN_NOMEM ? hn_fail(err, HN_NOMEM, 0, "out of memory") : HN_OK;
}
