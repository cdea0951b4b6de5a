/* container_archive.c - archives and compressed streams that libarchive reads, from memory. We are
 * inside the jail already. */
#include "container/container_unlock.h"

#include "base/mem.h"
#include "base/utf.h"

#include <archive.h>
#include <archive_entry.h>

#define PIECE ((size_t)64 << 10)

struct unpacking {
    struct dissect *dissect;
    uint32_t id;
    struct container_ask ask;
    struct archive *archive;
    uint8_t *piece;
    const struct hn_text *names; /* only these; NULL: all */
    size_t name_count;
    bool stream; /* a compressed file, no archive */
    bool locked;
    bool stop_at_lock;  /* end at the first encrypted file: it may be unlocked as a whole */
    uint32_t locked_at; /* its number, from 1 */
    uint32_t entries;
};

/* One file without a directory. */
static bool is_stream(enum dissect_format format)
{
    return format == DISSECT_GZIP || format == DISSECT_BZIP2 || format == DISSECT_XZ ||
           format == DISSECT_ZSTD || format == DISSECT_LZMA || format == DISSECT_COMPRESS;
}

/* Only readers that start no program. */
static bool allow_formats(struct archive *archive, enum dissect_format format)
{
    static int (*const streams[])(struct archive *) = { archive_read_support_filter_gzip,
        archive_read_support_filter_bzip2, archive_read_support_filter_xz,
        archive_read_support_filter_lzma, archive_read_support_filter_zstd,
        archive_read_support_filter_lz4, archive_read_support_filter_lzip,
        archive_read_support_filter_compress };
    static int (*const archives[])(struct archive *) = { archive_read_support_format_7zip,
        archive_read_support_format_rar, archive_read_support_format_rar5,
        archive_read_support_format_cab, archive_read_support_format_lha,
        archive_read_support_format_tar, archive_read_support_format_cpio,
        archive_read_support_format_ar, archive_read_support_format_zip,
        archive_read_support_format_iso9660, archive_read_support_format_xar };
    bool stream = is_stream(format) || format == DISSECT_UNKNOWN;
    bool ok = true;

    for (size_t i = 0; ok && stream && i < HN_COUNT_OF(streams); i++)
        ok = streams[i](archive) == ARCHIVE_OK;
    if (stream && ok)
        ok = archive_read_support_format_raw(archive) == ARCHIVE_OK;
    stream = stream && format != DISSECT_UNKNOWN;
    for (size_t i = 0; ok && !stream && i < HN_COUNT_OF(archives); i++)
        ok = archives[i](archive) == ARCHIVE_OK;
    return ok;
}

/* ---- Names ---- */

static bool add_wide(struct hn_buf *out, const wchar_t *wide)
{
    if (wide == NULL)
        return false;
    for (; *wide != L'\0'; wide++)
        hn_buf_add_utf8(out, (uint32_t)*wide);
    return true;
}

/* "invoice.doc.gz" holds "invoice.doc", unless the stream itself names it. */
static struct hn_text stream_name(const struct unpacking *u, const char *inner)
{
    static const char *const suffixes[] = { ".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzma", ".lz",
        ".Z" };
    struct hn_text name = dissect_get(u->dissect, u->id)->name;

    if (inner != NULL && strcmp(inner, "data") != 0 && inner[0] != '\0')
        return hn_text_cstr(inner);
    for (size_t i = 0; i < HN_COUNT_OF(suffixes); i++)
        if (hn_text_ends_nocase(name, hn_text_cstr(suffixes[i])))
            return hn_text_sub(name, 0, name.len - strlen(suffixes[i]));
    if (hn_text_ends_nocase(name, HN_TEXT(".tgz")))
        return hn_text_sub(name, 0, name.len - 4);
    return name;
}

static void entry_name(struct unpacking *u, struct archive_entry *entry, struct hn_buf *out)
{
    const char *raw = archive_entry_pathname(entry);

    if (u->stream)
        hn_buf_add_text(out, stream_name(u, raw));
    else if (raw != NULL)
        hn_buf_add_cstr(out, raw);
    else if (!add_wide(out, archive_entry_pathname_w(entry)))
        hn_buf_add_cstr(out, "entry");
}

/* ---- Entries ---- */

static bool is_wanted(const struct unpacking *u, struct hn_text name)
{
    for (size_t i = 0; i < u->name_count; i++)
        if (hn_text_eq(u->names[i], name))
            return true;
    return u->names == NULL;
}

static bool says_locked(const struct unpacking *u)
{
    const char *reason = archive_error_string(u->archive);

    return reason != NULL &&
           (strstr(reason, "ncrypt") != NULL || strstr(reason, "assphrase") != NULL);
}

static void note_damage(const struct unpacking *u, const char *what)
{
    const char *reason = archive_error_string(u->archive);
    bool lacks = reason != NULL &&
                 (strstr(reason, "unavailable") != NULL || strstr(reason, "upported") != NULL);

    dissect_note(u->dissect, u->id,
            says_locked(u) ? DISSECT_NOTE_PASSWORD
            : lacks        ? DISSECT_NOTE_UNSUPPORTED
                           : DISSECT_NOTE_DAMAGED,
            DISSECT_NOWHERE, "%s: %s", what, reason != NULL ? reason : "cannot be unpacked");
}

static enum hn_status add_entry(struct unpacking *u, struct archive_entry *entry)
{
    int64_t size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;
    struct zip_gather gather = container_gather(&u->ask, size > 0 ? (uint64_t)size : 0);
    struct container_entry out = { .relation = "entry" };
    struct hn_buf name = { 0 };
    la_ssize_t len = 1;
    uint32_t before = dissect_count(u->dissect);
    enum hn_status status;
    uint32_t child;

    entry_name(u, entry, &name);
    if (!is_wanted(u, hn_buf_text(&name))) {
        hn_buf_deinit(&name);
        return HN_OK;
    }
    while (len > 0) {
        len = archive_read_data(u->archive, u->piece, PIECE);
        if (len > 0 && !zip_gather_add(&gather, hn_bytes_of(u->piece, (size_t)len)))
            break;
    }
    if (len < 0 && archive_entry_is_data_encrypted(entry))
        u->locked = true;
    else if (len < 0)
        note_damage(u, "an entry");
    status = zip_gather_end(&gather, &out.data, &out.padding);
    if (status != HN_NOMEM && (len >= 0 || out.data.len > 0) &&
            (status == HN_OK || out.data.len > 0)) {
        bool cut = status == HN_LIMIT;

        out.name = hn_buf_text(&name);
        status = container_add(u->dissect, u->id, &out, &child);
        if (status == HN_OK && cut && child != DISSECT_NONE && child >= before)
            dissect_note(u->dissect, child, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                    "only its first %llu bytes came out", (unsigned long long)out.data.len);
    }
    hn_buf_deinit(&name);
    if (gather.status == HN_NOMEM)
        return HN_NOMEM;
    /* In a solid archive, going on means unpacking what nobody keeps. */
    return gather.stopped && status == HN_OK && !dissect_inflate(u->dissect, u->id, 0, 1) ? HN_LIMIT
                                                                                          : status;
}

/* The next header cannot be read: encrypted, damaged, or of a kind libarchive does not know, which
 * with 7z may be for its encryption alone (more methods in a row than it takes). */
static void end_of_list(struct unpacking *u)
{
    bool locked = archive_read_has_encrypted_entries(u->archive) > 0 ||
                  (u->stop_at_lock && says_locked(u));

    u->locked = u->locked || locked;
    if (locked || (u->stop_at_lock && u->entries == 0))
        u->locked_at = u->entries + 1;
    else
        note_damage(u, u->entries == 0 ? "nothing of it" : "the list of entries");
}

static enum hn_status add_all(struct unpacking *u)
{
    uint32_t entries_max = dissect_limits(u->dissect)->entries_max;
    enum hn_status status = HN_OK;
    struct archive_entry *entry;

    while (status == HN_OK) {
        int got = archive_read_next_header(u->archive, &entry);

        if (got == ARCHIVE_EOF)
            break;
        if (got != ARCHIVE_OK && got != ARCHIVE_WARN) {
            end_of_list(u);
            break;
        }
        if (++u->entries > entries_max) {
            dissect_note(u->dissect, u->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE, "entries_max");
            break;
        }
        if (u->stop_at_lock && archive_entry_is_data_encrypted(entry) &&
                archive_entry_size(entry) > 0) {
            u->locked_at = u->entries;
            u->locked = true;
            break;
        }
        /* Modes are the archive's to choose: one without a type hides a file from nobody. */
        if (u->stream || archive_entry_filetype(entry) == AE_IFREG ||
                archive_entry_filetype(entry) == 0)
            status = add_entry(u, entry);
    }
    return status;
}

static void add_passwords(struct unpacking *u, struct hn_text first)
{
    char password[256];

    for (size_t i = 0; i <= dissect_password_count(u->dissect) + 1; i++) {
        struct hn_text text = i == 0 ? first
                              : i <= dissect_password_count(u->dissect)
                                      ? dissect_password(u->dissect, i - 1)
                                      : HN_TEXT("infected");

        if (text.len == 0 || text.len >= sizeof password || memchr(text.ptr, 0, text.len) != NULL)
            continue;
        memcpy(password, text.ptr, text.len);
        password[text.len] = '\0';
        (void)archive_read_add_passphrase(u->archive, password);
    }
}

static enum hn_status unpack(
        struct unpacking *u, enum dissect_format format, struct hn_bytes data, struct hn_text first)
{
    enum hn_status status = HN_OK;

    u->piece = hn_malloc(PIECE);
    u->archive = archive_read_new();
    if (u->piece == NULL || u->archive == NULL || !allow_formats(u->archive, format)) {
        (void)archive_read_free(u->archive);
        hn_free(u->piece);
        return HN_NOMEM;
    }
    add_passwords(u, first);
    if (archive_read_open_memory(u->archive, data.ptr, data.len) == ARCHIVE_OK)
        status = add_all(u);
    else
        note_damage(u, "nothing of it");
    (void)archive_read_free(u->archive);
    hn_free(u->piece);
    return status == HN_LIMIT ? HN_OK : status;
}

enum hn_status container_archive_named(struct dissect *dissect, uint32_t id,
        const struct hn_text *names, size_t count, struct hn_text password)
{
    struct unpacking u = {
        .dissect = dissect, .id = id, .ask = { dissect, id }, .names = names, .name_count = count
    };

    return unpack(&u, DISSECT_ZIP, dissect_get(dissect, id)->data, password);
}

/* An archive that is encrypted, or may be: as a whole without its encryption, or what can be read
 * of it as it is. */
static enum hn_status unpack_locked(struct unpacking *u, enum dissect_format format)
{
    struct unpacking again = { .dissect = u->dissect, .id = u->id, .ask = u->ask };
    struct container_lock lock = { u->locked_at, u->locked };
    struct hn_bytes data = dissect_get(u->dissect, u->id)->data;
    struct arclock_result result;
    enum hn_status status = container_unlock(u->dissect, u->id, &lock, &result);
    bool known = status == HN_OK || status == HN_NOTFOUND || status == HN_LIMIT;

    if (u->locked || known)
        dissect_fact_bool(u->dissect, u->id, "encrypted", true);
    if (status == HN_NOMEM)
        return status;
    if (status == HN_OK)
        data = hn_text_as_bytes(hn_buf_text(&result.archive));
    /* Without a password, a rar 5 would give noise, and one whose list is encrypted nothing. */
    if (status == HN_OK || !known || (format != DISSECT_RAR && u->entries > 0)) {
        status = unpack(&again, format, data, hn_text_of(NULL, 0));
        u->entries = again.entries;
    }
    arclock_result_deinit(&result);
    return status == HN_NOMEM ? status : HN_OK;
}

enum hn_status container_open_archive(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    const struct dissect_object *object = dissect_get(dissect, id);
    enum dissect_format format = object->format;
    struct unpacking u = { .dissect = dissect, .id = id, .ask = { dissect, id } };
    enum hn_status status = HN_OK;

    u.stream = is_stream(format);
    u.stop_at_lock = format == DISSECT_7Z || format == DISSECT_RAR;
    u.locked = format == DISSECT_RAR && arclock_is_locked_rar5(object->data);
    u.locked_at = u.locked ? 1 : 0;
    if (!u.locked)
        status = unpack(&u, format, object->data, hn_text_of(NULL, 0));
    if (status == HN_OK && u.stop_at_lock && u.locked_at > 0) {
        status = unpack_locked(&u, format);
    } else if (u.locked) {
        dissect_fact_bool(dissect, id, "encrypted", true);
        dissect_note(dissect, id, DISSECT_NOTE_PASSWORD, DISSECT_NOWHERE,
                "encrypted, and no password fits");
    }
    if (format == DISSECT_RAR && u.entries == 0 && dissect_get(dissect, id)->notes == NULL)
        dissect_note(dissect, id, DISSECT_NOTE_UNSUPPORTED, 0, "no file of it could be read");
    if (!u.stream)
        dissect_fact_u64(dissect, id, "entry_count", u.entries);
    return status == HN_NOMEM ? hn_fail(err, status, 0, "out of memory") : HN_OK;
}
