/* container_onenote.c - OneNote sections ([MS-ONESTORE], [MS-ONE]): embedded files, their names,
 * texts and links.
 *
 * The tree of file nodes and revisions is not followed: damage anywhere would lose everything
 * behind it. Instead the store objects are found by their GUIDs, and property sets by the ids of
 * the few properties that matter, each checked by the shape of what surrounds it. A blob gets the
 * extension that its reference states, and the first name not used yet that has this extension. */
#include "container/container_internal.h"

#include "base/mem.h"
#include "base/utf.h"
#include "base/vec.h"

#include <stdlib.h>

#define BLOBS_MAX      1024u
#define NAMES_MAX      4096u
#define PROPERTIES_MAX 64u
#define TEXT_BYTES_MAX ((size_t)1 << 20)
#define SCAN_HITS_MAX  65536u

#define PROPERTY_TEXT        0x1C001C22u /* RichEditTextUnicode */
#define PROPERTY_ASCII       0x1C003498u /* TextExtendedAscii */
#define PROPERTY_FILE_NAME   0x1C001D9Cu /* EmbeddedFileName */
#define PROPERTY_SOURCE_PATH 0x1C001D9Du /* SourceFilepath */
#define PROPERTY_IMAGE_NAME  0x1C001DD7u /* ImageFilename */
#define PROPERTY_LINK        0x1C001E20u /* WzHyperlinkUrl */
#define PROPERTY_TITLE       0x1C001CF3u /* CachedTitleString */
#define PROPERTY_SECTION     0x1C001D6Bu /* FileName: a section, in a table of contents */

static const uint8_t blob_header[16] = { 0xE7, 0x16, 0xE3, 0xBD, 0x65, 0x26, 0x11, 0x45, 0xA4, 0xC4,
    0x8D, 0x4D, 0x0B, 0x7A, 0x9E, 0xAC };
static const uint8_t blob_footer[16] = { 0x22, 0xA7, 0xFB, 0x71, 0x79, 0x0F, 0x0B, 0x4A, 0xBB, 0x13,
    0x89, 0x92, 0x56, 0x42, 0x6B, 0x24 };

struct blob {
    struct hn_bytes data;
    uint64_t offset; /* of the store object */
    bool cut;
    bool no_footer;
    struct hn_text extension; /* ".exe"; may be empty */
};

struct name {
    struct hn_text text;
    bool used;
};

struct onenote {
    struct dissect *dissect;
    uint32_t id;
    struct hn_bytes data;
    HN_VEC(struct blob) blobs;
    HN_VEC(struct name) names;
    bool nomem;
};

/* Offset of the needle at or after from; SIZE_MAX: there is none. */
static size_t find(struct hn_bytes data, const uint8_t *needle, size_t len, size_t from)
{
    while (len <= data.len && from <= data.len - len) {
        const uint8_t *hit = memchr(data.ptr + from, needle[0], data.len - len - from + 1);

        if (hit == NULL)
            break;
        if (memcmp(hit, needle, len) == 0)
            return (size_t)(hit - data.ptr);
        from = (size_t)(hit - data.ptr) + 1;
    }
    return SIZE_MAX;
}

/* ---- Blobs: FileDataStoreObject, [MS-ONESTORE] 2.6.13 ---- */

static void find_blobs(struct onenote *o)
{
    size_t at = 0;

    while ((at = find(o->data, blob_header, sizeof blob_header, at)) != SIZE_MAX) {
        struct hn_reader r = hn_reader_over(container_cut(o->data, at, o->data.len));
        struct blob *blob;
        uint64_t len;

        hn_reader_skip(&r, sizeof blob_header);
        len = hn_reader_u64(&r);
        hn_reader_skip(&r, 12);
        at += sizeof blob_header;
        if (!hn_reader_ok(&r))
            return;
        if (o->blobs.count >= BLOBS_MAX) {
            dissect_note(o->dissect, o->id, DISSECT_NOTE_LIMIT, at, "more than %u embedded files",
                    BLOBS_MAX);
            return;
        }
        blob = hn_vec_add(&o->blobs);
        if (blob == NULL) {
            o->nomem = true;
            return;
        }
        blob->offset = at - sizeof blob_header;
        blob->cut = len > hn_reader_left(&r);
        blob->data = hn_reader_take(&r, blob->cut ? hn_reader_left(&r) : (size_t)len);
        at = blob->offset + hn_reader_offset(&r);
        hn_reader_skip(&r, (8 - len % 8) % 8);
        blob->no_footer = !blob->cut && find(container_cut(o->data, at, sizeof blob_footer + 8),
                                                blob_footer, sizeof blob_footer, 0) == SIZE_MAX;
        if (blob->cut) /* the length lies: others may stand within */
            at = blob->offset + sizeof blob_header;
    }
}

/* ---- References: which extension belongs to which blob ---- */

/* Bytes of a file offset and a length before the GUID of FileDataStoreObjectReferenceFND, by the
 * formats in the node's header (2.2.4.2, 2.4.3). */
static bool read_reference(struct hn_bytes data, size_t guid_at, uint64_t *ret_offset)
{
    static const uint8_t stp_bytes[4] = { 8, 4, 2, 4 };
    static const uint8_t cb_bytes[4] = { 4, 8, 1, 2 };

    for (uint32_t format = 0; format < 16; format++) {
        size_t len = (size_t)stp_bytes[format & 3u] + cb_bytes[format >> 2];
        const uint8_t *node;
        uint32_t header;

        if (guid_at < len + 4)
            continue;
        node = data.ptr + guid_at - len - 4;
        header = hn_load_u32(node);
        if ((header & 0x3FFu) != 0x094u || (header >> 23 & 3u) != (format & 3u) ||
                (header >> 25 & 3u) != format >> 2)
            continue;
        *ret_offset = (format & 3u) == 0   ? hn_load_u64(node + 4)
                      : (format & 3u) == 1 ? hn_load_u32(node + 4)
                      : (format & 3u) == 2 ? (uint64_t)hn_load_u16(node + 4) * 8
                                           : (uint64_t)hn_load_u32(node + 4) * 8;
        return true;
    }
    return false;
}

static void set_extension(struct onenote *o, const uint8_t *guid, struct hn_text extension)
{
    size_t at = 0;
    uint64_t offset;

    while ((at = find(o->data, guid, 16, at)) != SIZE_MAX) {
        if (read_reference(o->data, at, &offset)) {
            for (size_t i = 0; i < o->blobs.count; i++)
                if (o->blobs.ptr[i].offset == offset)
                    o->blobs.ptr[i].extension = extension;
        }
        at++;
    }
}

static int hex(uint16_t unit)
{
    if (unit >= '0' && unit <= '9')
        return unit - '0';
    if ((unit | 0x20) >= 'a' && (unit | 0x20) <= 'f')
        return (unit | 0x20) - 'a' + 10;
    return -1;
}

/* "{88F3D1E6-...}" in UTF-16 as the bytes of a GUID. */
static bool read_guid(const uint8_t *text, uint8_t *guid)
{
    static const uint8_t order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
    size_t nibbles = 0;

    for (size_t i = 1; i < 37; i++) {
        uint16_t unit = hn_load_u16(text + 2 * i);
        int value = hex(unit);

        if (unit == '-')
            continue;
        if (value < 0 || nibbles >= 32)
            return false;
        if (nibbles % 2 == 0)
            guid[order[nibbles / 2]] = (uint8_t)(value << 4);
        else
            guid[order[nibbles / 2]] |= (uint8_t)value;
        nibbles++;
    }
    return nibbles == 32;
}

/* ObjectDeclarationFileData3...FND (2.5.27): "<ifndf>{GUID}" and behind it the extension. */
static void find_references(struct onenote *o)
{
    static const uint8_t mark[] = { '<', 0, 'i', 0, 'f', 0, 'n', 0, 'd', 0, 'f', 0, '>', 0, '{',
        0 };
    size_t at = 0;
    uint32_t hits = 0;

    while (hits++ < BLOBS_MAX && (at = find(o->data, mark, sizeof mark, at)) != SIZE_MAX) {
        struct hn_reader r = hn_reader_over(container_cut(o->data, at + 14, o->data.len));
        struct hn_bytes text = hn_reader_take(&r, (size_t)38 * 2);
        uint32_t count = hn_reader_u32(&r);
        uint8_t guid[16];

        at += sizeof mark;
        if (!hn_reader_ok(&r) || !read_guid(text.ptr, guid) || count > 64)
            continue;
        text = hn_reader_take(&r, (size_t)count * 2);
        if (hn_reader_ok(&r))
            set_extension(o, guid, container_utf16(o->dissect, text));
    }
}

/* ---- Properties: PropertySet, 2.6.7 ---- */

/* Bytes of a property's value at the reader; false where its type cannot stand here. */
static bool skip_value(struct hn_reader *r, uint32_t property)
{
    switch (property >> 26 & 0x1Fu) {
    case 0x1:
    case 0x2:
    case 0x8:
    case 0xA:
    case 0xC:
        return true;
    case 0x3:
        hn_reader_skip(r, 1);
        return true;
    case 0x4:
        hn_reader_skip(r, 2);
        return true;
    case 0x5:
    case 0x9:
    case 0xB:
    case 0xD:
        hn_reader_skip(r, 4);
        return true;
    case 0x6:
        hn_reader_skip(r, 8);
        return true;
    case 0x7:
        hn_reader_skip(r, hn_reader_u32(r));
        return true;
    default: /* sets within sets: none of those looked for stands behind one */
        return false;
    }
}

/* The value of the property whose id stands at `at`, as the index-th of a set of count. */
static bool read_value(struct hn_bytes data, size_t start, uint32_t count, uint32_t index,
        struct hn_bytes *ret_value)
{
    struct hn_reader r = hn_reader_over(container_cut(data, start, data.len));
    struct hn_reader ids = r;
    uint32_t len;

    hn_reader_skip(&r, 4 * (size_t)count);
    for (uint32_t i = 0; i < index; i++)
        if (!skip_value(&r, hn_reader_u32(&ids)))
            return false;
    len = hn_reader_u32(&r);
    if (!hn_reader_ok(&r) || len > TEXT_BYTES_MAX || len > hn_reader_left(&r))
        return false;
    *ret_value = hn_reader_take(&r, len);
    return true;
}

/* The set's count stands two bytes before its first id: tried for each place the id may have. */
static bool find_value(struct hn_bytes data, size_t at, struct hn_bytes *ret_value)
{
    for (uint32_t index = 0; index < PROPERTIES_MAX && at >= 4 * (size_t)index + 2; index++) {
        size_t start = at - 4 * (size_t)index;
        uint32_t count = hn_load_u16(data.ptr + start - 2);
        uint32_t type = hn_load_u32(data.ptr + start) >> 26 & 0x1Fu;

        if (type == 0 || (type > 0xD && type != 0x10 && type != 0x11))
            return false;
        if (count > index && count <= PROPERTIES_MAX &&
                read_value(data, start, count, index, ret_value))
            return true;
    }
    return false;
}

static void on_name(struct onenote *o, struct hn_text text)
{
    struct name *name;

    if (text.len == 0 || o->names.count >= NAMES_MAX)
        return;
    for (size_t i = 0; i < o->names.count; i++)
        if (hn_text_eq(o->names.ptr[i].text, text))
            return; /* a page is stored once for each revision */
    name = hn_vec_add(&o->names);
    if (name != NULL)
        name->text = text;
    else
        o->nomem = true;
}

static void on_property(
        struct onenote *o, uint32_t property, struct hn_bytes value, uint64_t offset)
{
    struct hn_text text = property == PROPERTY_ASCII ? container_ansi(o->dissect, value)
                                                     : container_utf16(o->dissect, value);

    if (text.ptr == NULL || text.len == 0)
        return;
    switch (property) {
    case PROPERTY_FILE_NAME:
    case PROPERTY_IMAGE_NAME:
        on_name(o, text);
        break;
    case PROPERTY_SOURCE_PATH:
        dissect_fact(o->dissect, o->id, "source_path", text);
        break;
    case PROPERTY_LINK:
        dissect_text(o->dissect, o->id, "link", text, HN_TEXT(""), offset);
        break;
    case PROPERTY_SECTION:
        dissect_fact(o->dissect, o->id, "section", text);
        break;
    case PROPERTY_TITLE:
        dissect_fact(o->dissect, o->id, "title", text);
        break;
    default:
        dissect_text(o->dissect, o->id, "body", text, HN_TEXT(""), offset);
        break;
    }
}

static void find_properties(struct onenote *o)
{
    static const uint32_t wanted[] = { PROPERTY_FILE_NAME, PROPERTY_IMAGE_NAME,
        PROPERTY_SOURCE_PATH, PROPERTY_LINK, PROPERTY_TITLE, PROPERTY_SECTION, PROPERTY_TEXT,
        PROPERTY_ASCII };
    uint32_t hits = 0;

    for (size_t i = 0; i < HN_COUNT_OF(wanted); i++) {
        uint8_t id[4] = { (uint8_t)wanted[i], (uint8_t)(wanted[i] >> 8), (uint8_t)(wanted[i] >> 16),
            (uint8_t)(wanted[i] >> 24) };
        struct hn_bytes value;
        size_t at = 0;

        while (hits++ < SCAN_HITS_MAX && (at = find(o->data, id, sizeof id, at)) != SIZE_MAX) {
            if (find_value(o->data, at, &value))
                on_property(o, wanted[i], value, container_offset_in(o->data, value));
            at += sizeof id;
        }
    }
}

/* ---- Children ---- */

static struct hn_text name_of(struct onenote *o, const struct blob *blob)
{
    for (size_t i = 0; i < o->names.count; i++) {
        struct name *name = &o->names.ptr[i];

        if (!name->used &&
                (blob->extension.len == 0 || hn_text_ends_nocase(name->text, blob->extension))) {
            name->used = true;
            return name->text;
        }
    }
    return hn_text_of("", 0);
}

static enum hn_status add_blob(struct onenote *o, size_t index)
{
    const struct blob *blob = &o->blobs.ptr[index];
    struct hn_text found = name_of(o, blob);
    struct hn_buf name = { 0 };
    struct container_entry out = {
        .name_is_utf8 = true, .relation = "embedded", .data = blob->data
    };
    enum hn_status status;
    uint32_t child;

    hn_buf_add_text(&name, found);
    if (found.len == 0) {
        hn_buf_addf(&name, "file%llu", (unsigned long long)index);
        hn_buf_add_text(&name, blob->extension);
    }
    out.name = hn_buf_text(&name);
    status = container_add(o->dissect, o->id, &out, &child);
    hn_buf_deinit(&name);
    if (status != HN_OK || child == DISSECT_NONE)
        return status;
    if (blob->cut)
        dissect_note(o->dissect, child, DISSECT_NOTE_TRUNCATED, blob->offset,
                "its length leaves the section");
    if (blob->no_footer)
        dissect_note(o->dissect, child, DISSECT_NOTE_DAMAGED, blob->offset,
                "its end is not where its length says");
    return HN_OK;
}

enum hn_status container_open_onenote(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct onenote o = { .dissect = dissect, .id = id, .data = dissect_get(dissect, id)->data };
    enum hn_status status = HN_OK;

    find_blobs(&o);
    find_references(&o);
    find_properties(&o);
    dissect_fact_u64(dissect, id, "file_count", o.blobs.count);
    for (size_t i = 0; i < o.blobs.count && status == HN_OK; i++)
        status = add_blob(&o, i);
    hn_vec_deinit(&o.blobs);
    hn_vec_deinit(&o.names);
    return status == HN_NOMEM || o.nomem ? hn_fail(err, HN_NOMEM, 0, "out of memory") : HN_OK;
}
