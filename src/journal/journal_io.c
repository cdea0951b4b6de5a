/* journal_io.c - writing, reading and syncing whole ranges. */
#include "journal/journal_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int journal_write_at(int fd, struct hn_bytes bytes, uint64_t pos)
{
    while (bytes.len > 0) {
        ssize_t wrote = pwrite(fd, bytes.ptr, bytes.len, (off_t)pos);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return errno;
        if (wrote == 0)
            return EIO; /* no file system does this, and looping for ever helps nobody */
        bytes.ptr += wrote;
        bytes.len -= (size_t)wrote;
        pos += (uint64_t)wrote;
    }
    return 0;
}

int journal_read_at(int fd, void *out, size_t len, uint64_t pos, size_t *ret_len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t got = pread(fd, (char *)out + done, len - done, (off_t)(pos + done));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    *ret_len = done;
    return 0;
}

/* EINTR alone is tried again: the call was interrupted before it had a result. After any other
 * failure the pages count as clean, and a second call would say that all is well. */
int journal_sync_data(int fd)
{
    while (fdatasync(fd) != 0) {
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

int journal_sync(int fd)
{
    while (fsync(fd) != 0) {
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

int journal_openat(int dir_fd, const char *name, int flags, int *ret_errno)
{
    int fd;

    do
        fd = openat(dir_fd, name, flags | O_CLOEXEC, 0600);
    while (fd < 0 && errno == EINTR);
    *ret_errno = fd < 0 ? errno : 0;
    return fd;
}

int journal_truncate(int fd, uint64_t bytes)
{
    while (ftruncate(fd, (off_t)bytes) != 0) {
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

int journal_reserve(int fd, uint64_t bytes)
{
    int error;

    do
        error = posix_fallocate(fd, 0, (off_t)bytes);
    while (error == EINTR);
    return error == EOPNOTSUPP || error == EINVAL || error == ENOSYS ? 0 : error;
}
