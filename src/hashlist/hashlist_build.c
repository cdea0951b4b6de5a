/* hashlist_build.c - a text to its compiled form. Digests are spread over files by their first
 * bits, each of which is sorted in its turn: digests are evenly spread, so that each holds few, and
 * a list that is not costs time, never correctness. */
#include "hashlist/hashlist_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUCKETS    64u /* by the first six bits */
#define PIECE      ((size_t)16 << 10)
#define READ_BYTES (2 * HASHLIST_LINE_MAX)

struct bucket {
    bool has_file;
    int fd;
    uint8_t *piece;
    size_t len;
    uint64_t count;
};

struct building {
    struct bucket buckets[HASHLIST_KIND_COUNT][BUCKETS];
    struct hashlist_lines lines;
    const char *scratch_dir;
    struct hashlist_head *head;
    int out;
    struct hn_err *err;
};

int hashlist_scratch(const char *dir)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/hinomi-XXXXXX", dir);
    int fd;

    if (len < 0 || (size_t)len >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkstemp(path);
    if (fd >= 0) {
        (void)unlink(path);
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    return fd;
}

static enum hn_status write_all(int fd, const void *ptr, size_t len, struct hn_err *err)
{
    const uint8_t *at = ptr;

    while (len > 0) {
        ssize_t wrote = write(fd, at, len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return hn_fail_sys(err, errno, "writing a compiled list of digests");
        at += wrote;
        len -= (size_t)wrote;
    }
    return HN_OK;
}

/* ---- Spreading ---- */

static enum hn_status flush(struct building *building, struct bucket *bucket)
{
    enum hn_status status;

    if (!bucket->has_file) {
        bucket->fd = hashlist_scratch(building->scratch_dir);
        if (bucket->fd < 0)
            return hn_fail_sys(
                    building->err, errno, "a scratch file in %.100s", building->scratch_dir);
        bucket->has_file = true;
    }
    status = write_all(bucket->fd, bucket->piece, bucket->len, building->err);
    bucket->len = 0;
    return status;
}

static enum hn_status put(struct building *building, const struct hashlist_digest *digest)
{
    struct bucket *bucket = &building->buckets[digest->kind][digest->bytes[0] >> 2];
    size_t bytes = hashlist_kind_bytes(digest->kind);

    if (bucket->piece == NULL)
        bucket->piece = hn_malloc(PIECE);
    if (bucket->piece == NULL)
        return hn_fail(building->err, HN_NOMEM, 0, "list of digests");
    if (bucket->len + bytes > PIECE) {
        enum hn_status status = flush(building, bucket);

        if (status != HN_OK)
            return status;
    }
    memcpy(bucket->piece + bucket->len, digest->bytes, bytes);
    bucket->len += bytes;
    bucket->count++;
    return HN_OK;
}

static enum hn_status take_line(struct building *building, struct hn_text line)
{
    struct hashlist_digest digest;
    bool was_begun = building->lines.begun;

    if (hashlist_line(&building->lines, line, &digest))
        return put(building, &digest);
    line = hn_text_trim(line);
    /* A line of column names is no loss. */
    if (line.len > 0 && line.ptr[0] != '#' && (was_begun || building->lines.separator == '\0'))
        building->head->ignored++;
    return HN_OK;
}

/* Whole lines of what is in room; *len is what is left of the last one, at its front. skipping: the
 * line began before room and is too long. */
static enum hn_status take_lines(
        struct building *building, char *room, size_t *len, bool last, bool *skipping)
{
    struct hn_text rest = hn_text_of(room, *len);
    enum hn_status status = HN_OK;

    while (status == HN_OK && rest.len > 0) {
        size_t end = hn_text_find_char(rest, '\n', 0);

        if (end == SIZE_MAX && !last)
            break;
        if (!*skipping)
            status = take_line(building, hn_text_sub(rest, 0, end));
        *skipping = false;
        rest = end == SIZE_MAX ? hn_text_of(NULL, 0) : hn_text_sub(rest, end + 1, SIZE_MAX);
    }
    if (rest.len > HASHLIST_LINE_MAX) {
        building->head->ignored += *skipping ? 0 : 1;
        *skipping = true;
        rest.len = 0;
    }
    if (rest.len > 0)
        memmove(room, rest.ptr, rest.len);
    *len = rest.len;
    return status;
}

static enum hn_status spread(struct building *building, int source)
{
    char *room = hn_malloc(READ_BYTES);
    enum hn_status status = HN_OK;
    size_t len = 0;
    bool skipping = false;
    bool last = false;

    if (room == NULL)
        return hn_fail(building->err, HN_NOMEM, 0, "list of digests");
    while (status == HN_OK && !last) {
        ssize_t got = read(source, room + len, READ_BYTES - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            status = hn_fail_sys(building->err, errno, "reading");
            break;
        }
        last = got == 0;
        len += (size_t)got;
        status = take_lines(building, room, &len, last, &skipping);
    }
    hn_free(room);
    return status;
}

/* ---- Sorting ---- */

static int by_md5(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

static int by_sha1(const void *a, const void *b)
{
    return memcmp(a, b, 20);
}

static int by_sha256(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

/* Each once, to the front; how many. */
static uint64_t unite(uint8_t *all, uint64_t count, size_t bytes)
{
    uint64_t kept = 0;

    for (uint64_t i = 0; i < count; i++) {
        if (kept > 0 && memcmp(all + (kept - 1) * bytes, all + i * bytes, bytes) == 0)
            continue;
        if (kept != i)
            memcpy(all + kept * bytes, all + i * bytes, bytes);
        kept++;
    }
    return kept;
}

static enum hn_status sort_bucket(
        struct building *building, struct bucket *bucket, enum hashlist_kind kind)
{
    static int (*const orders[])(const void *, const void *) = {
        [HASHLIST_MD5] = by_md5, [HASHLIST_SHA1] = by_sha1, [HASHLIST_SHA256] = by_sha256
    };
    size_t bytes = hashlist_kind_bytes(kind);
    size_t len = (size_t)bucket->count * bytes;
    bool mapped = bucket->has_file;
    uint8_t *all = bucket->piece;
    enum hn_status status = mapped ? flush(building, bucket) : HN_OK;

    if (status == HN_OK && mapped)
        all = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, bucket->fd, 0);
    if (status != HN_OK || all == MAP_FAILED)
        return status != HN_OK ? status : hn_fail_sys(building->err, errno, "a scratch file");
    qsort(all, (size_t)bucket->count, bytes, orders[kind]);
    bucket->count = unite(all, bucket->count, bytes);
    status = write_all(building->out, all, (size_t)bucket->count * bytes, building->err);
    building->head->counts[kind] += bucket->count;
    if (mapped)
        (void)munmap(all, len);
    return status;
}

static void bucket_end(struct bucket *bucket)
{
    if (bucket->has_file)
        (void)close(bucket->fd);
    hn_free(bucket->piece);
    memset(bucket, 0, sizeof *bucket);
}

static enum hn_status write_sorted(struct building *building)
{
    enum hn_status status =
            write_all(building->out, building->head, sizeof *building->head, building->err);

    for (unsigned kind = 0; kind < HASHLIST_KIND_COUNT; kind++) {
        for (size_t i = 0; i < BUCKETS && status == HN_OK; i++) {
            struct bucket *bucket = &building->buckets[kind][i];

            if (bucket->count > 0)
                status = sort_bucket(building, bucket, (enum hashlist_kind)kind);
            bucket_end(bucket);
        }
    }
    if (status == HN_OK && pwrite(building->out, building->head, sizeof *building->head, 0) !=
                                   (ssize_t)sizeof *building->head)
        status = hn_fail_sys(building->err, errno, "writing a compiled list of digests");
    return status;
}

enum hn_status hashlist_build(int source, int out, const char *scratch_dir,
        struct hashlist_head *head, struct hn_err *err)
{
    struct building *building = hn_calloc(1, sizeof *building);
    enum hn_status status;

    if (building == NULL)
        return hn_fail(err, HN_NOMEM, 0, "list of digests");
    building->scratch_dir = scratch_dir;
    building->head = head;
    building->out = out;
    building->err = err;
    status = spread(building, source);
    if (status == HN_OK)
        status = write_sorted(building);
    for (unsigned kind = 0; kind < HASHLIST_KIND_COUNT; kind++)
        for (size_t i = 0; i < BUCKETS; i++)
            bucket_end(&building->buckets[kind][i]);
    hn_free(building);
    return status;
}
