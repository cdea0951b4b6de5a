/* journal_create.c - new segments: whole and durable under their name, or not there at all. */
#include "journal/journal_segment.h"

#include "base/crash.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

uint32_t segment_salt(uint64_t first)
{
    uint32_t salt = 0;

    if (getrandom(&salt, sizeof salt, GRND_NONBLOCK) != (ssize_t)sizeof salt)
        salt = (uint32_t)(first ^ first >> 32); /* early boot: only forgery gets easier */
    return salt;
}

static int fill(int fd, uint64_t first, uint64_t bytes, uint32_t salt)
{
    struct segment_header header = { .first = first, .version = SEGMENT_VERSION, .salt = salt };
    uint8_t out[SEGMENT_HEADER_BYTES];
    int error = journal_reserve(fd, bytes);

    segment_header_write(&header, out);
    if (error == 0)
        error = journal_write_at(fd, hn_bytes_of(out, sizeof out), 0);
    return error != 0 ? error : journal_sync(fd);
}

static int rename_in(int dir_fd, const char *from, const char *to)
{
    while (renameat(dir_fd, from, dir_fd, to) != 0) {
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

enum hn_status segment_create(int dir_fd, uint64_t first, uint64_t bytes, int *ret_fd,
        uint32_t *ret_salt, struct hn_err *err)
{
    char name[JOURNAL_NAME_MAX];
    char temporary[JOURNAL_NAME_MAX + 8];
    uint32_t salt = segment_salt(first);
    bool renamed = false;
    int error;
    int fd;

    segment_name(first, false, name);
    (void)snprintf(temporary, sizeof temporary, "%s.tmp", name);
    fd = journal_openat(dir_fd, temporary, O_RDWR | O_CREAT | O_TRUNC, &error);
    if (fd >= 0)
        error = fill(fd, first, bytes, salt);
    HN_CRASH_POINT("journal_segment_created");
    if (error == 0) {
        error = rename_in(dir_fd, temporary, name);
        renamed = error == 0;
        HN_CRASH_POINT("journal_segment_renamed");
    }
    if (error == 0)
        error = journal_sync(dir_fd);
    HN_CRASH_POINT("journal_segment_synced");
    if (error == 0) {
        *ret_fd = fd;
        *ret_salt = salt;
        return HN_OK;
    }
    if (fd >= 0)
        (void)close(fd);
    (void)unlinkat(dir_fd, renamed ? name : temporary, 0);
    if (journal_errno_is_full(error))
        return hn_fail(err, HN_LIMIT, first, "no room on disk for segment %s", name);
    return hn_fail_sys(err, error, "new segment %s", name);
}
