/* file.c - whole files: written beside, synced, renamed, and the folder synced; so a name is there
 * only with everything in it, also after the power was lost. */
#include "base/file.h"

#include "base/crash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY "writing.tmp"

/* A folder's name is in the folder around it; without that synced all that is in it may be gone. */
static enum hn_status sync_around(int fd, const char *dir, struct hn_err *err)
{
    int around = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int saved = errno;
    bool synced = around >= 0 && fsync(around) == 0;

    if (around >= 0) {
        saved = errno;
        (void)close(around);
    }
    return synced ? HN_OK : hn_fail_sys(err, saved, "cannot sync the folder around %s", dir);
}

static enum hn_status open_dir(const char *dir, bool always_sync, int *ret_fd, struct hn_err *err)
{
    bool made = mkdir(dir, 0700) == 0;
    enum hn_status status = HN_OK;
    int fd;

    if (!made && errno != EEXIST)
        return hn_fail_sys(err, errno, "cannot make the folder %s", dir);
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return hn_fail_sys(err, errno, "cannot open the folder %s", dir);
    if (made || always_sync)
        status = sync_around(fd, dir, err);
    if (status == HN_OK)
        *ret_fd = fd;
    else
        (void)close(fd);
    return status;
}

enum hn_status hn_file_make_folder(const char *dir, struct hn_err *err)
{
    int fd = -1;
    enum hn_status status = open_dir(dir, true, &fd, err);

    if (fd >= 0)
        (void)close(fd);
    return status;
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

enum hn_status hn_file_write_whole(
        const char *dir, const char *name, struct hn_bytes bytes, struct hn_err *err)
{
    int fd = -1;
    enum hn_status status = open_dir(dir, false, &fd, err);

    if (status != HN_OK)
        return status;
    status = write_synced(fd, bytes, err);
    HN_CRASH_POINT("file_written");
    if (status == HN_OK && (renameat(fd, TEMPORARY, fd, name) != 0 || fsync(fd) != 0))
        status = hn_fail_sys(err, errno, "cannot write %s", name);
    HN_CRASH_POINT("file_renamed");
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

enum hn_status hn_file_read_whole(
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
