/* engine_files.c - whole files or none: snapshots by the offset they stand at.
 *
 *     <dir>/<offset as 16 hex digits>.hns
 *
 * A file is written beside, synced, renamed, and its folder synced; so a name is there only with
 * everything in it, also after the power was lost. */
#include "engine/engine_internal.h"

#include "base/crash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_LEN           20 /* 16 digits and ".hns" */
#define SNAPSHOT_BYTES_MAX ((size_t)1 << 30)
#define TEMPORARY          "writing.tmp"

static enum hn_status open_dir(const char *dir, int *ret_fd, struct hn_err *err)
{
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return hn_fail_sys(err, errno, "cannot make the folder %s", dir);
    *ret_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret_fd >= 0 ? HN_OK : hn_fail_sys(err, errno, "cannot open the folder %s", dir);
}

static bool write_all(int fd, struct hn_bytes bytes)
{
    while (bytes.len > 0) {
        ssize_t wrote = write(fd, bytes.ptr, bytes.len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        bytes.ptr += wrote;
        bytes.len -= (size_t)wrote;
    }
    return true;
}

static enum hn_status write_synced(int dir, struct hn_bytes bytes, struct hn_err *err)
{
    int fd = openat(dir, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    int saved;

    if (fd < 0)
        return hn_fail_sys(err, errno, "cannot write");
    if (!write_all(fd, bytes) || fsync(fd) != 0) {
        saved = errno;
        (void)close(fd);
        (void)unlinkat(dir, TEMPORARY, 0);
        return hn_fail_sys(err, saved, "cannot write");
    }
    return close(fd) == 0 ? HN_OK : hn_fail_sys(err, errno, "cannot write");
}

enum hn_status engine_file_write(
        const char *dir, const char *name, struct hn_bytes bytes, struct hn_err *err)
{
    int fd = -1;
    enum hn_status status = open_dir(dir, &fd, err);

    if (status != HN_OK)
        return status;
    status = write_synced(fd, bytes, err);
    HN_CRASH_POINT("engine_file_written");
    if (status == HN_OK && (renameat(fd, TEMPORARY, fd, name) != 0 || fsync(fd) != 0))
        status = hn_fail_sys(err, errno, "cannot write %s", name);
    HN_CRASH_POINT("engine_file_renamed");
    (void)close(fd);
    return status;
}

static enum hn_status read_whole(int fd, size_t bytes_max, struct hn_buf *out, struct hn_err *err)
{
    struct stat info;

    if (fstat(fd, &info) != 0)
        return hn_fail_sys(err, errno, "cannot read");
    if (!S_ISREG(info.st_mode) || (uint64_t)info.st_size > bytes_max)
        return hn_fail(err, HN_LIMIT, 0, "not a file of at most %zu bytes", bytes_max);
    if (!hn_buf_reserve(out, (size_t)info.st_size + 1))
        return hn_fail(err, HN_NOMEM, 0, "no memory for %zu bytes", (size_t)info.st_size);
    while (out->len < out->room) {
        ssize_t got = read(fd, out->ptr + out->len, out->room - out->len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return hn_fail_sys(err, errno, "cannot read");
        if (got == 0)
            break;
        out->len += (size_t)got;
    }
    return HN_OK;
}

enum hn_status engine_file_read(
        const char *dir, const char *name, size_t bytes_max, struct hn_buf *out, struct hn_err *err)
{
    int folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum hn_status status;
    int saved;
    int fd;

    if (folder < 0)
        return hn_fail_sys(err, errno, "cannot open the folder %s", dir);
    fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    saved = errno;
    (void)close(folder);
    if (fd < 0 && saved == ENOENT)
        return hn_fail(err, HN_NOTFOUND, 0, "%s is not there", name);
    if (fd < 0)
        return hn_fail_sys(err, saved, "cannot open %s", name);
    status = read_whole(fd, bytes_max, out, err);
    (void)close(fd);
    return status;
}

/* ---- Snapshots ---- */

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

enum hn_status snapshot_list(
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

enum hn_status snapshot_load(
        const char *dir, uint64_t offset, struct hn_buf *out, struct hn_err *err)
{
    char name[NAME_LEN + 1];

    name_of(offset, name);
    return engine_file_read(dir, name, SNAPSHOT_BYTES_MAX, out, err);
}

/* A file that stays is no harm: it is older than those that are read first. */
static void remove_old(const char *dir, uint64_t newest)
{
    uint64_t offsets[64];
    char path[4200];
    char name[NAME_LEN + 1];
    size_t count = 0;
    size_t kept = 0;

    if (snapshot_list(dir, offsets, HN_COUNT_OF(offsets), &count, NULL) != HN_OK)
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

enum hn_status snapshot_store(
        const char *dir, uint64_t offset, struct hn_bytes bytes, struct hn_err *err)
{
    char name[NAME_LEN + 1];
    enum hn_status status;

    name_of(offset, name);
    status = engine_file_write(dir, name, bytes, err);
    if (status == HN_OK)
        remove_old(dir, offset);
    return status;
}
