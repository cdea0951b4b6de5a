/* hashlist.c - lists that are open: their cache, and searching. */
#include "hashlist/hashlist_internal.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct hashlist {
    struct hashlist_info info;
    void *map; /* never written to */
    size_t len;
    const uint8_t *digests[HASHLIST_KIND_COUNT];
};

void hashlist_close(struct hashlist *list)
{
    if (list == NULL)
        return;
    if (list->map != NULL)
        (void)munmap(list->map, list->len);
    hn_free(list);
}

const struct hashlist_info *hashlist_info(const struct hashlist *list)
{
    return &list->info;
}

bool hashlist_has(const struct hashlist *list, const struct hashlist_digest *digest)
{
    const uint8_t *all = list->digests[digest->kind];
    size_t bytes = hashlist_kind_bytes(digest->kind);
    uint64_t low = 0;
    uint64_t high = list->info.counts[digest->kind];

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        int order = memcmp(digest->bytes, all + middle * bytes, bytes);

        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

/* ---- The compiled form ---- */

static bool is_whole(const struct hashlist_head *head, uint64_t len)
{
    uint64_t left = len - sizeof *head;

    for (unsigned kind = 0; kind < HASHLIST_KIND_COUNT; kind++) {
        size_t bytes = hashlist_kind_bytes((enum hashlist_kind)kind);

        if (head->counts[kind] > left / bytes)
            return false;
        left -= head->counts[kind] * bytes;
    }
    return left == 0;
}

/* HN_NOTFOUND: it is not of this form. */
static enum hn_status map_compiled(
        int fd, struct hashlist *list, struct hashlist_head *ret_head, struct hn_err *err)
{
    struct stat state;
    const uint8_t *at;
    void *map;

    if (fstat(fd, &state) != 0)
        return hn_fail_sys(err, errno, "looking at a list of digests");
    if (state.st_size < (off_t)sizeof *ret_head ||
            pread(fd, ret_head, sizeof *ret_head, 0) != (ssize_t)sizeof *ret_head ||
            memcmp(ret_head->magic, HASHLIST_MAGIC, sizeof ret_head->magic) != 0)
        return HN_NOTFOUND;
    if (!is_whole(ret_head, (uint64_t)state.st_size))
        return hn_fail(err, HN_CORRUPT, 0, "the compiled list of digests is cut off");
    map = mmap(NULL, (size_t)state.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return hn_fail_sys(err, errno, "mapping a list of digests");
    list->map = map;
    list->len = (size_t)state.st_size;
    at = (const uint8_t *)map + sizeof *ret_head;
    for (unsigned kind = 0; kind < HASHLIST_KIND_COUNT; kind++) {
        list->digests[kind] = at;
        list->info.counts[kind] = ret_head->counts[kind];
        at += ret_head->counts[kind] * hashlist_kind_bytes((enum hashlist_kind)kind);
    }
    list->info.ignored = ret_head->ignored;
    list->info.source_time = ret_head->source_time;
    return HN_OK;
}

/* ---- The cache ---- */

struct place {
    char dir[PATH_MAX];  /* for scratch files */
    char path[PATH_MAX]; /* of the compiled list; "": it is not kept */
};

/* By the name of the text: what is compiled of a newer one takes the place of the older. */
static void find_place(const char *path, const char *cache_dir, struct place *place)
{
    const char *scratch = getenv("TMPDIR");
    char key[2 * PATH_MAX] = "";
    char hex[HN_DIGEST_HEX_LEN];

    place->path[0] = '\0';
    (void)snprintf(place->dir, sizeof place->dir, "%s",
            scratch != NULL && scratch[0] == '/' ? scratch : "/tmp");
    if (cache_dir == NULL || access(cache_dir, W_OK) != 0)
        return;
    if (path[0] != '/' && getcwd(key, PATH_MAX) == NULL)
        return;
    (void)snprintf(key + strlen(key), sizeof key - strlen(key), "/%s", path);
    hn_digest_hex(hn_digest_of(key, strlen(key)), hex);
    (void)snprintf(place->dir, sizeof place->dir, "%s", cache_dir);
    if (snprintf(place->path, sizeof place->path, "%s/digests-%.*s.bin", cache_dir, (int)sizeof hex,
                hex) >= (int)sizeof place->path)
        place->path[0] = '\0';
}

static bool from_cache(const struct place *place, const struct stat *state, struct hashlist *list)
{
    struct hashlist_head head = { 0 };
    int fd = place->path[0] != '\0' ? open(place->path, O_RDONLY | O_CLOEXEC) : -1;
    bool fits;

    if (fd < 0)
        return false;
    fits = map_compiled(fd, list, &head, NULL) == HN_OK &&
           head.source_size == (uint64_t)state->st_size &&
           head.source_time == state->st_mtim.tv_sec &&
           head.source_nanoseconds == state->st_mtim.tv_nsec;
    (void)close(fd);
    if (!fits && list->map != NULL) {
        (void)munmap(list->map, list->len);
        list->map = NULL;
    }
    return fits;
}

/* A file that gets its name when it is whole; without a place for it, none ever. */
static int open_out(const struct place *place, char unfinished[PATH_MAX], struct hn_err *err)
{
    int fd = -1;

    unfinished[0] = '\0';
    if (place->path[0] != '\0' &&
            snprintf(unfinished, PATH_MAX, "%s.XXXXXX", place->path) < PATH_MAX) {
        fd = mkstemp(unfinished);
        if (fd < 0)
            unfinished[0] = '\0';
        else
            (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    if (fd < 0)
        fd = hashlist_scratch(place->dir);
    if (fd < 0)
        (void)hn_fail_sys(err, errno, "a scratch file in %.100s", place->dir);
    return fd;
}

static enum hn_status compile(int source, const struct place *place, const struct stat *state,
        struct hashlist *list, struct hn_err *err)
{
    struct hashlist_head head = { .magic = HASHLIST_MAGIC,
        .source_size = (uint64_t)state->st_size,
        .source_time = state->st_mtim.tv_sec,
        .source_nanoseconds = state->st_mtim.tv_nsec };
    char unfinished[PATH_MAX];
    int out = open_out(place, unfinished, err);
    enum hn_status status = HN_IO;
    uint64_t count = 0;

    if (out < 0)
        return status;
    status = hashlist_build(source, out, place->dir, &head, err);
    for (unsigned kind = 0; kind < HASHLIST_KIND_COUNT; kind++)
        count += head.counts[kind];
    if (status == HN_OK && count == 0)
        status = hn_fail(err, HN_SYNTAX, 0, "no MD5, SHA-1 or SHA-256 is in it");
    if (status == HN_OK)
        status = map_compiled(out, list, &head, err);
    if (unfinished[0] != '\0' && (status != HN_OK || rename(unfinished, place->path) != 0))
        (void)unlink(unfinished); /* what is mapped stays usable */
    (void)close(out);
    list->info.compiled = true;
    return status;
}

enum hn_status hashlist_open(
        const char *path, const char *cache_dir, struct hashlist **ret_list, struct hn_err *err)
{
    struct hashlist *list = hn_calloc(1, sizeof *list);
    struct hashlist_head head = { 0 };
    struct place place;
    struct stat state;
    enum hn_status status = HN_OK;
    int fd;

    if (list == NULL)
        return hn_fail(err, HN_NOMEM, 0, "list of digests");
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &state) != 0)
        status = hn_fail_sys(err, errno, "cannot read");
    else if (!S_ISREG(state.st_mode))
        status = hn_fail(err, HN_IO, 0, "it is no file");
    if (status == HN_OK)
        status = map_compiled(fd, list, &head, err);
    if (status == HN_NOTFOUND) {
        find_place(path, cache_dir, &place);
        status = from_cache(&place, &state, list) ? HN_OK : compile(fd, &place, &state, list, err);
    }
    if (fd >= 0)
        (void)close(fd);
    if (status != HN_OK) {
        hashlist_close(list);
        return status;
    }
    *ret_list = list;
    return HN_OK;
}
