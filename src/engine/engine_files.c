/* engine_files.c - snapshots in a folder, by the offset they stand at.
 *
 *     <dir>/<offset as 16 hex digits>.hns */
#include "engine/engine_internal.h"

#include "base/crash.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NAME_LEN           20 /* 16 digits and ".hns" */
#define SNAPSHOT_BYTES_MAX ((size_t)1 << 30)

static void name_of(uint64_t offset, char name[NAME_LEN + 1])
{
    (void)snprintf(name, NAME_LEN + 1, "%016llx.hns", (unsigned long long)offset);
}

static bool offset_of(const char *name, uint64_t *ret_offset)
{
    uint64_t offset = 0;

    if (strlen(name) != NAME_LEN || strcmp(name + 16, ".hns") != 0)
        return false;
    for (size_t i = 0; i < 16; i++) {
        const char *digits = "0123456789abcdef";
        const char *digit = strchr(digits, name[i]);

        if (digit == NULL || *digit == '\0')
            return false;
        offset = offset << 4 | (uint64_t)(digit - digits);
    }
    *ret_offset = offset;
    return true;
}

/* Puts it where it belongs among the newest ones. */
static void insert(uint64_t *offsets, size_t max, size_t *count, uint64_t offset)
{
    size_t at = *count;

    while (at > 0 && offsets[at - 1] < offset)
        at--;
    if (at == max)
        return;
    if (*count < max)
        (*count)++;
    memmove(offsets + at + 1, offsets + at, (*count - at - 1) * sizeof *offsets);
    offsets[at] = offset;
}

enum hn_status engine_snapshot_list(
        const char *dir, uint64_t *ret_offsets, size_t max, size_t *ret_count, struct hn_err *err)
{
    DIR *folder = opendir(dir);
    const struct dirent *entry;
    uint64_t offset;

    *ret_count = 0;
    if (folder == NULL && errno == ENOENT)
        return HN_OK;
    if (folder == NULL)
        return hn_fail_sys(err, errno, "cannot open the folder %s", dir);
    while ((entry = readdir(folder)) != NULL) { /* NOLINT(concurrency-mt-unsafe) */
        if (offset_of(entry->d_name, &offset))
            insert(ret_offsets, max, ret_count, offset);
    }
    (void)closedir(folder);
    return HN_OK;
}

enum hn_status engine_snapshot_load(
        const char *dir, uint64_t offset, struct hn_buf *out, struct hn_err *err)
{
    char name[NAME_LEN + 1];

    name_of(offset, name);
    return hn_file_read_whole(dir, name, SNAPSHOT_BYTES_MAX, out, err);
}

/* A file that stays is no harm: it is older than those that are read first. */
static void remove_old(const char *dir, uint64_t newest)
{
    uint64_t offsets[64];
    char path[4200];
    char name[NAME_LEN + 1];
    size_t count = 0;
    size_t kept = 0;

    if (engine_snapshot_list(dir, offsets, HN_COUNT_OF(offsets), &count, NULL) != HN_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        /* What is newer than the one just written is of a journal that is gone. */
        if (offsets[i] <= newest && kept++ < SNAPSHOTS_KEPT)
            continue;
        name_of(offsets[i], name);
        (void)snprintf(path, sizeof path, "%s/%s", dir, name);
        (void)unlink(path);
    }
}

enum hn_status engine_snapshot_store(
        const char *dir, uint64_t offset, struct hn_bytes bytes, struct hn_err *err)
{
    char name[NAME_LEN + 1];
    enum hn_status status;

    name_of(offset, name);
    status = hn_file_write_whole(dir, name, bytes, err);
    HN_CRASH_POINT("snapshot_stored");
    if (status == HN_OK)
        remove_old(dir, offset);
    HN_CRASH_POINT("snapshot_tidied");
    return status;
}
