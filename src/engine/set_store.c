/* set_store.c - sets by their digest: sources in a folder, the last ones compiled in memory.
 *
 *     <dir>/<digest as 32 hex digits>.set
 *
 * A set is compiled when it is put, and the engine asks for it a moment later, when it comes to the
 * record that names it: then it is in memory, and events do not wait. */
#include "engine/engine_internal.h"

#include "base/crash.h"
#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SETS_REMEMBERED  2u /* the one that judges, and the one to come */
#define NAME_LEN         (HN_DIGEST_HEX_LEN + 4)
#define BUNDLE_BYTES_MAX ((size_t)1 << 30)

struct engine_sets {
    char *dir;
    pthread_mutex_t folder_lock; /* one writer at a time */
    pthread_mutex_t lock;
    struct judge_set *recent[SETS_REMEMBERED]; /* the newest first */
};

struct engine_sets *engine_sets_new(const char *dir)
{
    struct engine_sets *sets = hn_calloc(1, sizeof *sets);
    size_t len = strlen(dir);

    if (sets == NULL)
        return NULL;
    sets->dir = hn_malloc(len + 1);
    if (sets->dir == NULL) {
        hn_free(sets);
        return NULL;
    }
    memcpy(sets->dir, dir, len + 1);
    (void)pthread_mutex_init(&sets->folder_lock, NULL);
    (void)pthread_mutex_init(&sets->lock, NULL);
    return sets;
}

void engine_sets_free(struct engine_sets *sets)
{
    if (sets == NULL)
        return;
    for (size_t i = 0; i < SETS_REMEMBERED; i++)
        judge_set_unref(sets->recent[i]);
    (void)pthread_mutex_destroy(&sets->lock);
    (void)pthread_mutex_destroy(&sets->folder_lock);
    hn_free(sets->dir);
    hn_free(sets);
}

/* ---- In memory ---- */

/* With the lock held. */
static struct judge_set *find(struct engine_sets *sets, struct hn_digest digest)
{
    for (size_t i = 0; i < SETS_REMEMBERED; i++) {
        if (sets->recent[i] != NULL && hn_digest_eq(judge_set_digest(sets->recent[i]), digest))
            return sets->recent[i];
    }
    return NULL;
}

/* A new reference, or NULL. */
static struct judge_set *recall(struct engine_sets *sets, struct hn_digest digest)
{
    struct judge_set *found;

    (void)pthread_mutex_lock(&sets->lock);
    found = find(sets, digest);
    if (found != NULL)
        (void)judge_set_ref(found);
    (void)pthread_mutex_unlock(&sets->lock);
    return found;
}

static void remember(struct engine_sets *sets, struct judge_set *set)
{
    struct judge_set *oldest = NULL;

    (void)pthread_mutex_lock(&sets->lock);
    if (find(sets, judge_set_digest(set)) == NULL) {
        oldest = sets->recent[SETS_REMEMBERED - 1];
        for (size_t i = SETS_REMEMBERED - 1; i > 0; i--)
            sets->recent[i] = sets->recent[i - 1];
        sets->recent[0] = judge_set_ref(set);
    }
    (void)pthread_mutex_unlock(&sets->lock);
    judge_set_unref(oldest);
}

/* ---- In the folder ---- */

static void name_of(struct hn_digest digest, char name[NAME_LEN + 1])
{
    hn_digest_hex(digest, name);
    memcpy(name + HN_DIGEST_HEX_LEN, ".set", sizeof ".set");
}

static enum hn_status save(
        struct engine_sets *sets, const struct engine_set_sources *sources, struct hn_err *err)
{
    struct hn_buf bytes = { 0 };
    char name[NAME_LEN + 1];
    enum hn_status status;

    name_of(engine_set_digest(sources), name);
    engine_set_bundle_write(sources, &bytes);
    (void)pthread_mutex_lock(&sets->folder_lock);
    status = hn_buf_ok(&bytes) ? hn_file_write_whole(sets->dir, name,
                                         hn_text_as_bytes(hn_buf_text(&bytes)), err)
                               : hn_fail(err, bytes.status, 0, "sources of a set");
    (void)pthread_mutex_unlock(&sets->folder_lock);
    hn_buf_deinit(&bytes);
    return status;
}

enum hn_status engine_sets_put(struct engine_sets *sets, const struct engine_set_sources *sources,
        const struct engine_set_check *check, struct judge_set **ret_set, struct hn_err *err)
{
    struct judge_set *set = NULL;
    enum hn_status status = engine_set_compile(sources, check, &set, err);

    if (status == HN_OK)
        status = save(sets, sources, err);
    if (status != HN_OK) {
        judge_set_unref(set);
        return status;
    }
    remember(sets, set);
    *ret_set = set;
    return HN_OK;
}

static enum hn_status load(struct engine_sets *sets, struct hn_digest digest,
        struct judge_set **ret_set, struct hn_err *err)
{
    struct engine_set_sources sources;
    struct hn_buf bytes = { 0 };
    struct hn_digest found = { 0, 0 };
    struct hn_arena arena;
    char name[NAME_LEN + 1];
    enum hn_status status;

    name_of(digest, name);
    hn_arena_init(&arena, (size_t)64 << 20);
    status = hn_file_read_whole(sets->dir, name, BUNDLE_BYTES_MAX, &bytes, err);
    if (status == HN_OK)
        status = engine_set_bundle_read(
                hn_text_as_bytes(hn_buf_text(&bytes)), &arena, &sources, &found, err);
    if (status == HN_OK && !hn_digest_eq(digest, found))
        status = hn_fail(err, HN_CORRUPT, 0, "%s holds another set", name);
    if (status == HN_OK)
        status = engine_set_compile(&sources, NULL, ret_set, err);
    hn_arena_deinit(&arena);
    hn_buf_deinit(&bytes);
    return status;
}

enum hn_status engine_sets_get(struct engine_sets *sets, struct hn_digest digest,
        struct judge_set **ret_set, struct hn_err *err)
{
    struct judge_set *set = recall(sets, digest);
    enum hn_status status = HN_OK;

    if (set == NULL) {
        status = load(sets, digest, &set, err);
        if (status == HN_OK)
            remember(sets, set);
    }
    if (status == HN_OK)
        *ret_set = set;
    return status;
}

/* ---- Giving up old ones ---- */

static bool is_kept(const char *name, const struct hn_digest *kept, size_t kept_count)
{
    char kept_name[NAME_LEN + 1];

    for (size_t i = 0; i < kept_count; i++) {
        name_of(kept[i], kept_name);
        if (strcmp(name, kept_name) == 0)
            return true;
    }
    return false;
}

enum hn_status engine_sets_prune(struct engine_sets *sets, const struct hn_digest *kept,
        size_t kept_count, struct hn_err *err)
{
    DIR *folder = opendir(sets->dir);
    enum hn_status status = HN_OK;
    const struct dirent *entry;

    if (folder == NULL)
        return errno == ENOENT ? HN_OK
                               : hn_fail_sys(err, errno, "cannot open the folder %s", sets->dir);
    while ((entry = readdir(folder)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
        size_t len = strlen(entry->d_name);

        if (len != NAME_LEN || strcmp(entry->d_name + HN_DIGEST_HEX_LEN, ".set") != 0 ||
                is_kept(entry->d_name, kept, kept_count))
            continue;
        if (unlinkat(dirfd(folder), entry->d_name, 0) != 0 && status == HN_OK)
            status = hn_fail_sys(err, errno, "cannot delete %s", entry->d_name);
        HN_CRASH_POINT("set_pruned");
    }
    (void)closedir(folder);
    return status;
}
