/* unpack_level.c - opens archives: where their bytes come from, which formats they may have, and
 * which password fits. */
#include "input/unpack_internal.h"

#include "base/mem.h"

#include <archive_entry.h>
#include <errno.h>
#include <unistd.h>

/* ---- Bytes for libarchive ----------------------------------------------------------------------
 */

/* From the source: what was read ahead of a pipe, then the descriptor. */
static la_ssize_t read_source(struct archive *archive, void *ctx, const void **ret_ptr)
{
    struct unpacker *u = ((struct level *)ctx)->unpacker;
    const struct unpack_source *source = u->source;
    ssize_t len;

    if (!u->head_given && !source->seekable && source->head.len > 0) {
        u->head_given = true;
        u->done += source->head.len;
        *ret_ptr = source->head.ptr;
        return (la_ssize_t)source->head.len;
    }
    if (source->fd < 0)
        return 0;
    do {
        len = read(source->fd, u->source_piece, sizeof u->source_piece);
    } while (len < 0 && errno == EINTR);
    if (len < 0) {
        archive_set_error(archive, errno, "reading failed");
        return ARCHIVE_FATAL;
    }
    u->done += (uint64_t)len;
    *ret_ptr = u->source_piece;
    return len;
}

static la_int64_t seek_source(struct archive *archive, void *ctx, la_int64_t offset, int whence)
{
    const struct unpacker *u = ((struct level *)ctx)->unpacker;
    off_t at = lseek(u->source->fd, offset, whence);

    if (at < 0) {
        archive_set_error(archive, errno, "seeking failed");
        return ARCHIVE_FATAL;
    }
    return at;
}

/* From the entry of the level outside. */
static la_ssize_t read_outer(struct archive *archive, void *ctx, const void **ret_ptr)
{
    struct level *level = ctx;
    struct unpacker *u = level->unpacker;
    uint8_t *piece = u->nested_piece[level - u->levels];
    la_ssize_t len;

    if (!level->peek_given) {
        level->peek_given = true;
        *ret_ptr = level->outer->peek;
        return (la_ssize_t)level->outer->peek_len;
    }
    if (level->outer->at_end)
        return 0;
    do {
        len = archive_read_data(level->outer->archive, piece, sizeof u->nested_piece[0]);
    } while (len == ARCHIVE_RETRY && unpack_account(u, 1));
    if (len < 0 || (len > 0 && !unpack_account(u, (size_t)len))) {
        const char *message = archive_error_string(level->outer->archive);

        archive_set_error(archive, EIO, "%s", message == NULL ? "stopped" : message);
        return ARCHIVE_FATAL;
    }
    level->outer->at_end = len == 0;
    *ret_ptr = piece;
    return len;
}

/* ---- Formats -----------------------------------------------------------------------------------
 */

/* Only those that libarchive reads by itself: for others it would start programs. */
static bool allow(struct archive *archive, enum magic magic)
{
    static int (*const streams[])(struct archive *) = { archive_read_support_filter_gzip,
        archive_read_support_filter_bzip2, archive_read_support_filter_xz,
        archive_read_support_filter_zstd, archive_read_support_filter_lz4,
        archive_read_support_filter_lzip, archive_read_support_filter_compress,
        archive_read_support_format_raw, archive_read_support_format_empty };
    static int (*const tars[])(struct archive *) = { archive_read_support_format_tar,
        archive_read_support_format_cpio };
    static int (*const seeks[])(struct archive *) = { archive_read_support_format_zip,
        archive_read_support_format_7zip, archive_read_support_format_rar,
        archive_read_support_format_rar5, archive_read_support_format_cab,
        archive_read_support_format_lha };
    int (*const *set)(struct archive *) = magic == MAGIC_STREAM ? streams : seeks;
    size_t count = magic == MAGIC_STREAM ? HN_COUNT_OF(streams) : HN_COUNT_OF(seeks);

    if (magic == MAGIC_TAR) {
        set = tars;
        count = HN_COUNT_OF(tars);
    }
    for (size_t i = 0; i < count; i++) {
        if (set[i](archive) != ARCHIVE_OK)
            return false;
    }
    return true;
}

/* Opens the level's archive; password NULL: all of them. False: the archive says why. */
static bool open_archive(struct level *level, enum magic magic, const char *password)
{
    struct unpacker *u = level->unpacker;
    struct archive *archive = archive_read_new();

    level->archive = archive;
    if (archive == NULL || !allow(archive, magic)) {
        unpack_stop(u, HN_NOMEM);
        return false;
    }
    for (size_t i = 0; password == NULL && i < u->password_count; i++)
        (void)archive_read_add_passphrase(archive, u->passwords[i]);
    if (password != NULL)
        (void)archive_read_add_passphrase(archive, password);
    if (level->held)
        return archive_read_open_memory(archive, level->memory.ptr, level->memory.len) ==
               ARCHIVE_OK;
    (void)archive_read_set_callback_data(archive, level);
    (void)archive_read_set_read_callback(archive, level->outer == NULL ? read_source : read_outer);
    if (level->outer == NULL && u->source->seekable) {
        (void)archive_read_set_seek_callback(archive, seek_source);
        if (lseek(u->source->fd, 0, SEEK_SET) != 0)
            return false;
        u->done = 0;
    }
    return archive_read_open1(archive) == ARCHIVE_OK;
}

/* ---- Passwords ---------------------------------------------------------------------------------
 */

enum trial { TRIAL_FITS, TRIAL_FAILS, TRIAL_NOT_NEEDED };

/* Reads the beginning of the first encrypted entry with one password. */
static enum trial try_password(struct level *level, const char *password)
{
    struct unpacker *u = level->unpacker;
    enum trial trial = TRIAL_NOT_NEEDED;
    struct archive_entry *entry;
    size_t got = 0;
    la_ssize_t len = 1;

    if (open_archive(level, MAGIC_SEEK, password)) {
        for (uint64_t i = 0; i < u->options->limits->entries_max; i++) {
            int status = archive_read_next_header(level->archive, &entry);

            if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
                break;
            if (!archive_entry_is_data_encrypted(entry) || archive_entry_size(entry) == 0)
                continue;
            while (len > 0 && got < PASSWORD_TRIAL_BYTES) {
                len = archive_read_data(level->archive, u->piece, sizeof u->piece);
                got += len > 0 ? (size_t)len : 0;
            }
            trial = len < 0 ? TRIAL_FAILS : TRIAL_FITS;
            break;
        }
    }
    (void)archive_read_free(level->archive);
    level->archive = NULL;
    return trial;
}

/* The password that fits comes first from now on. */
static void choose_password(struct level *level)
{
    struct unpacker *u = level->unpacker;

    if (!level->held && (level->outer != NULL || !u->source->seekable))
        return; /* cannot be read twice */
    for (size_t i = 0; i < u->password_count && u->status == HN_OK; i++) {
        char *first = u->passwords[i];

        switch (try_password(level, first)) {
        case TRIAL_NOT_NEEDED:
            return;
        case TRIAL_FAILS:
            continue;
        case TRIAL_FITS:
            u->passwords[i] = u->passwords[0];
            u->passwords[0] = first;
            return;
        }
    }
}

/* ---- Levels ------------------------------------------------------------------------------------
 */

static struct level *next_level(struct unpacker *u, struct level *outer)
{
    struct level *level = &u->levels[u->depth];

    memset(level, 0, sizeof *level);
    level->unpacker = u;
    level->outer = outer;
    level->name_len = u->name.len;
    if (outer != NULL && outer->is_stream) { /* "x.tar.gz!/a", not "x.tar.gz!/x.tar!/a" */
        level->name_len = outer->name_len;
        level->nesting = outer->nesting;
    } else if (outer != NULL) {
        level->nesting = outer->nesting + 1;
    }
    return level;
}

static void start(struct unpacker *u, struct level *level, enum magic magic)
{
    level->is_stream = magic == MAGIC_STREAM;
    if (magic == MAGIC_SEEK)
        choose_password(level);
    u->depth++;
    if (u->status != HN_OK || open_archive(level, magic, NULL))
        return;
    unpack_damage(u, level->archive);
    unpack_pop(u);
}

void unpack_push_source(struct unpacker *u)
{
    struct level *level = next_level(u, NULL);
    enum magic magic = magic_of(u->source->head);

    if (u->source->fd < 0) { /* all there is stands in memory */
        level->held = true;
        hn_buf_init(&level->memory, 0);
        hn_buf_add(&level->memory, u->source->head.ptr, u->source->head.len);
        u->done = u->source->head.len;
        if (!hn_buf_ok(&level->memory))
            unpack_stop(u, HN_NOMEM);
    }
    start(u, level, magic);
}

/* Reads the rest of the outer entry into memory. */
static bool hold(struct unpacker *u, struct level *level)
{
    struct level *outer = level->outer;

    level->held = true;
    hn_buf_init(&level->memory, u->options->limits->nested_bytes_max);
    hn_buf_add(&level->memory, outer->peek, outer->peek_len);
    while (!outer->at_end && u->status == HN_OK && hn_buf_ok(&level->memory)) {
        la_ssize_t len = archive_read_data(outer->archive, u->piece, sizeof u->piece);

        if (len < 0)
            unpack_damage(u, outer->archive); /* what is there may hold entries all the same */
        if (len > 0 && unpack_account(u, (size_t)len))
            hn_buf_add(&level->memory, u->piece, (size_t)len);
        outer->at_end = len <= 0;
    }
    if (level->memory.status == HN_NOMEM)
        unpack_stop(u, HN_NOMEM);
    else if (level->memory.status != HN_OK)
        unpack_finding(u, HN_FINDING_BOMB, "an archive in an archive is larger than the limit");
    return u->status == HN_OK && hn_buf_ok(&level->memory);
}

void unpack_push(struct unpacker *u, struct level *outer, enum magic magic)
{
    struct level *level = next_level(u, outer);

    if (magic == MAGIC_SEEK && !hold(u, level)) {
        hn_buf_deinit(&level->memory);
        return;
    }
    start(u, level, magic);
}

void unpack_pop(struct unpacker *u)
{
    struct level *level = &u->levels[--u->depth];

    if (level->archive != NULL)
        (void)archive_read_free(level->archive);
    hn_buf_deinit(&level->memory);
    level->archive = NULL;
}

/* ---- Life --------------------------------------------------------------------------------------
 */

static char *copy_password(struct hn_text text)
{
    char *copy = hn_malloc(text.len + 1);

    if (copy == NULL)
        return NULL;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

struct unpacker *unpacker_new(const struct unpack_source *source,
        const struct unpack_options *options, const struct unpack_sink *sink)
{
    struct unpacker *u = hn_calloc(1, sizeof *u);

    if (u == NULL)
        return NULL;
    u->source = source;
    u->options = options;
    u->sink = sink;
    hn_buf_init(&u->name, ((size_t)LEVELS_MAX + 1) * sizeof u->raw_name);
    u->passwords = hn_calloc(options->password_count, sizeof *u->passwords);
    while (u->passwords != NULL && u->password_count < options->password_count) {
        char *copy = copy_password(options->passwords[u->password_count]);

        if (copy == NULL)
            break;
        u->passwords[u->password_count++] = copy;
    }
    if (u->passwords == NULL || u->password_count < options->password_count) {
        unpacker_free(u);
        return NULL;
    }
    return u;
}

void unpacker_free(struct unpacker *u)
{
    while (u->depth > 0)
        unpack_pop(u);
    for (size_t i = 0; u->passwords != NULL && i < u->password_count; i++)
        hn_free(u->passwords[i]);
    hn_free(u->passwords);
    hn_buf_deinit(&u->name);
    hn_free(u);
}
