/* unpack.c - walks through an archive and through those inside of it, without recursion.
 *
 * Each archive on the way is a level; the innermost one delivers. A nested archive that can be read
 * from front to back is read as its entry comes, one that needs its directory (zip, 7z, rar) is
 * held in memory first. What comes out anywhere counts, so that a bomb stops whatever its layers.
 * Opening levels and passwords are in unpack_level.c. */
#include "input/unpack_internal.h"

#include "base/utf.h"

#include <archive_entry.h>
#include <errno.h>
#include <strings.h>

/* ---- Limits and findings -----------------------------------------------------------------------
 */

bool unpack_account(struct unpacker *u, size_t bytes)
{
    const struct input_limits *limits = u->options->limits;
    uint64_t packed = u->source->size > u->done ? u->source->size : u->done;

    u->expanded += bytes;
    if (u->expanded <= limits->ratio_free_bytes && u->expanded <= limits->expanded_bytes_max)
        return true;
    if (u->expanded <= limits->expanded_bytes_max && u->expanded / limits->ratio_max <= packed)
        return true;
    unpack_stop(u, HN_LIMIT);
    return false;
}

void unpack_stop(struct unpacker *u, enum hn_status status)
{
    if (u->status == HN_OK)
        u->status = status;
}

void unpack_finding(struct unpacker *u, enum hn_finding_kind kind, const char *reason)
{
    if (!u->sink->on_finding(u->sink->ctx, kind, hn_buf_text(&u->name), reason))
        unpack_stop(u, HN_CANCELLED);
}

/* libarchive has texts, not codes. */
static enum hn_finding_kind kind_of(const char *message)
{
    static const struct {
        const char *part;
        enum hn_finding_kind kind;
    } parts[] = {
        { "passphrase", HN_FINDING_PASSWORD },
        { "encrypt", HN_FINDING_PASSWORD },
        { "crypto", HN_FINDING_PASSWORD },
        { "truncated", HN_FINDING_TRUNCATED },
        { "end of file", HN_FINDING_TRUNCATED },
        { "crc", HN_FINDING_CHECKSUM },
        { "checksum", HN_FINDING_CHECKSUM },
        { "authentication", HN_FINDING_CHECKSUM },
        { "header", HN_FINDING_DAMAGED_HEADER },
    };
    struct hn_text text = hn_text_cstr(message);

    for (size_t i = 0; i < HN_COUNT_OF(parts); i++) {
        if (hn_text_find_nocase(text, hn_text_cstr(parts[i].part), 0) != SIZE_MAX)
            return parts[i].kind;
    }
    return HN_FINDING_DAMAGED_RECORD;
}

void unpack_damage(struct unpacker *u, struct archive *archive)
{
    const char *message = archive_error_string(archive);

    if (u->status != HN_OK)
        return; /* it failed because we stopped it */
    if (message == NULL)
        message = "damaged";
    unpack_finding(u, kind_of(message), message);
}

/* ---- Names -------------------------------------------------------------------------------------
 */

/* "app.log.gz" holds "app.log". */
static struct hn_text without_suffix(struct hn_text name)
{
    static const char *const suffixes[] = { ".gz", ".bz2", ".xz", ".zst", ".lz4", ".lz", ".Z" };

    for (size_t i = 0; i < HN_COUNT_OF(suffixes); i++) {
        struct hn_text suffix = hn_text_cstr(suffixes[i]);

        if (name.len > suffix.len && hn_text_ends_nocase(name, suffix))
            return hn_text_sub(name, 0, name.len - suffix.len);
    }
    return name;
}

static struct hn_text last_part(struct hn_text path)
{
    size_t start = path.len;

    while (start > 0 && path.ptr[start - 1] != '/')
        start--;
    return hn_text_sub(path, start, path.len);
}

/* Zips made on Japanese Windows carry names in Shift_JIS without saying so. */
static bool add_japanese(struct unpacker *u, const char *name, size_t len)
{
    char out[4096];
    char *in_ptr = u->scratch;
    char *out_ptr = out;
    size_t left = len;
    size_t room = sizeof out;

    if (!unpack_has_iconv(u->options->japanese) || len > sizeof u->scratch)
        return false;
    memcpy(u->scratch, name, len);
    (void)iconv(u->options->japanese, NULL, NULL, NULL, NULL);
    if (iconv(u->options->japanese, &in_ptr, &left, &out_ptr, &room) == (size_t)-1)
        return false;
    hn_buf_add(&u->name, out, sizeof out - room);
    return true;
}

static void name_entry(struct unpacker *u, struct level *level)
{
    const char *path = archive_entry_pathname(level->entry);
    struct hn_text text;
    struct hn_text outer;

    u->name.len = level->name_len;
    outer = level->name_len == 0 ? u->options->name : hn_buf_text(&u->name);
    text = path == NULL ? HN_TEXT("entry") : hn_text_cstr(path);
    if (level->is_stream)
        text = without_suffix(last_part(outer));
    if (text.len > u->options->limits->name_bytes_max)
        text.len = u->options->limits->name_bytes_max;
    memcpy(u->raw_name, text.ptr, text.len); /* outer may move when the buffer grows */
    hn_buf_add_lit(&u->name, "!/");
    if (hn_utf8_valid(hn_bytes_of(u->raw_name, text.len)) ||
            !add_japanese(u, u->raw_name, text.len))
        hn_buf_add(&u->name, u->raw_name, text.len);
    if (!hn_buf_ok(&u->name))
        unpack_stop(u, u->name.status == HN_NOMEM ? HN_NOMEM : HN_LIMIT);
}

/* ---- Entries -----------------------------------------------------------------------------------
 */

/* Reads into buf what the current entry has, up to room. False at its end or on damage, which is
 * reported. */
static bool read_data(
        struct unpacker *u, struct level *level, void *buf, size_t room, size_t *ret_len)
{
    la_ssize_t len;

    do {
        len = archive_read_data(level->archive, buf, room);
    } while (len == ARCHIVE_RETRY && u->status == HN_OK && unpack_account(u, 1));
    *ret_len = 0;
    if (len < 0) {
        level->damaged_entry = true;
        unpack_damage(u, level->archive);
    }
    if (len <= 0 || u->status != HN_OK)
        return false;
    *ret_len = (size_t)len;
    return unpack_account(u, (size_t)len);
}

/* Fills the start of the entry that tells what it is. */
static void peek(struct unpacker *u, struct level *level)
{
    level->peek_len = 0;
    level->at_end = false;
    level->damaged_entry = false;
    while (level->peek_len < sizeof level->peek && !level->at_end) {
        size_t len;

        level->at_end = !read_data(u, level, level->peek + level->peek_len,
                sizeof level->peek - level->peek_len, &len);
        level->peek_len += len;
    }
}

static void deliver(struct unpacker *u, struct level *level)
{
    const struct unpack_sink *sink = u->sink;
    uint64_t size = UINT64_MAX;
    size_t len = level->peek_len;
    bool go_on;

    if (archive_entry_size_is_set(level->entry) && archive_entry_size(level->entry) >= 0)
        size = (uint64_t)archive_entry_size(level->entry);
    go_on = sink->on_entry(sink->ctx, hn_buf_text(&u->name), size);
    memcpy(u->piece, level->peek, len);
    while (go_on && len > 0) {
        go_on = sink->on_data(sink->ctx, hn_bytes_of(u->piece, len), u->done);
        len = 0;
        if (go_on && !level->at_end)
            level->at_end = !read_data(u, level, u->piece, UNPACK_PIECE, &len);
    }
    if (go_on)
        go_on = sink->on_end(sink->ctx, u->done);
    if (!go_on)
        unpack_stop(u, HN_CANCELLED);
}

/* An archive inside of this one becomes the next level; anything else is delivered. */
static void handle_entry(struct unpacker *u, struct level *level)
{
    enum magic magic;

    name_entry(u, level);
    if (u->status != HN_OK || archive_entry_filetype(level->entry) != AE_IFREG)
        return;
    peek(u, level);
    if (u->status != HN_OK || (level->peek_len == 0 && level->damaged_entry))
        return;
    magic = magic_of(hn_bytes_of(level->peek, level->peek_len));
    if (magic == MAGIC_NONE)
        deliver(u, level);
    else if ((!level->is_stream && level->nesting >= u->options->limits->nesting_max) ||
             u->depth >= LEVELS_MAX)
        unpack_finding(u, HN_FINDING_TOO_DEEP, "archives inside of archives beyond the limit");
    else
        unpack_push(u, level, magic);
}

/* One header of the innermost level; at its end the level goes. */
static void step(struct unpacker *u)
{
    struct level *level = &u->levels[u->depth - 1];
    int got = archive_read_next_header(level->archive, &level->entry);

    u->name.len = level->name_len;
    if (got == ARCHIVE_OK || got == ARCHIVE_WARN) {
        u->entries++;
        if (u->entries > u->options->limits->entries_max)
            unpack_stop(u, HN_LIMIT);
        else
            handle_entry(u, level);
        return;
    }
    if (got != ARCHIVE_EOF) {
        level->errors++;
        unpack_damage(u, level->archive);
    }
    /* Behind a damaged header others may be readable, but not for ever. */
    if (got == ARCHIVE_EOF || got == ARCHIVE_FATAL || level->errors > UNPACK_ERRORS_MAX)
        unpack_pop(u);
}

enum hn_status unpacker_run(const struct unpack_source *source,
        const struct unpack_options *options, const struct unpack_sink *sink)
{
    struct unpacker *u = unpacker_new(source, options, sink);
    locale_t before = (locale_t)0;
    enum hn_status status;

    if (u == NULL)
        return HN_NOMEM;
    if (options->utf8 != (locale_t)0)
        before = uselocale(options->utf8);
    unpack_push_source(u);
    while (u->depth > 0 && u->status == HN_OK)
        step(u);
    status = u->status;
    if (status == HN_LIMIT) {
        u->name.len = 0;
        (void)sink->on_finding(sink->ctx, HN_FINDING_BOMB, hn_buf_text(&u->name),
                u->entries > options->limits->entries_max ? "more entries than the limit"
                                                          : "expands past the limit");
    }
    unpacker_free(u);
    if (before != (locale_t)0)
        (void)uselocale(before);
    return status;
}
