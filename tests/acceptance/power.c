/* power.c - put before a program, writes down everything it does to the files below one folder, and
 * when it syncs what; power.py makes of it what a disk would hold if the power had gone.
 *
 *     LD_PRELOAD=libhn_power.so HN_POWER_ROOT=/folder HN_POWER_LOG=/elsewhere/ops hinomi serve ...
 *     HN_POWER_SKIP=/journal/     syncs of paths with this in them say yes and are not written
 * down: a program that forgets to sync, so that the test can be seen to fail
 *
 * The real files are always as the program believes them to be. Memory maps are not seen: what
 * matters may not be written through one (SQLite's index of its log is, and is made anew). */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FDS_MAX   65536
#define SYNC_NS   300000L /* what a sync takes on a fast disk */
#define NAME_ROOM 4096

/* As power.py reads it: little-endian, without gaps. */
struct record {
    uint64_t inode;
    uint64_t offset; /* of a sync: where the log ended when it began */
    uint32_t len;    /* of what follows: bytes, or names */
    uint32_t kind;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *root;
static const char *skip;
static int log_fd = -1;
static char stop_path[NAME_ROOM]; /* while this is there nothing more is done */
static uint64_t watched[FDS_MAX]; /* inode; 0: not below the root */

/* A pointer to a function is no pointer to data in ISO C; POSIX says how one becomes the other. */
static void real(const char *name, void *ret_function)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (found == NULL)
        abort();
    memcpy(ret_function, &found, sizeof found);
}

static void begin(void)
{
    const char *path = getenv("HN_POWER_LOG");
    int (*next)(int, const char *, int, ...);

    root = getenv("HN_POWER_ROOT");
    skip = getenv("HN_POWER_SKIP");
    real("openat", &next);
    (void)snprintf(stop_path, sizeof stop_path, "%s.stop", path == NULL ? "" : path);
    if (path != NULL && root != NULL)
        log_fd = next(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0)
        abort();
}

/* What is done and what is written down of it are one step to whoever stops the process here first.
 */
static void hold(void)
{
    (void)pthread_mutex_lock(&lock);
    while (access(stop_path, F_OK) == 0)
        (void)pause();
}

static void let_go(void)
{
    (void)pthread_mutex_unlock(&lock);
}

/* With the lock held. In one piece: more than one process may write, and any may be killed. */
static void note(char kind, uint64_t inode, uint64_t offset, const void *bytes, size_t len)
{
    struct record record = { inode, offset, (uint32_t)len, (uint32_t)kind };
    struct iovec parts[] = { { &record, sizeof record }, { NULL, len } };

    memcpy(&parts[1].iov_base, &bytes,
            sizeof bytes); /* writev() takes what it only reads as void * */
    if (writev(log_fd, parts, 2) != (ssize_t)(sizeof record + len))
        abort();
}

/* The absolute path of a name; false: it is not below the root. */
static bool path_of(int dir_fd, const char *name, char out[NAME_ROOM])
{
    char own[64];
    ssize_t len;

    (void)pthread_once(&once, begin);
    if (name[0] == '/') {
        (void)snprintf(out, NAME_ROOM, "%s", name);
    } else {
        (void)snprintf(own, sizeof own, "/proc/self/fd/%d", dir_fd);
        len = dir_fd == AT_FDCWD ? -1 : readlink(own, out, NAME_ROOM - 1);
        if (len < 0)
            return false;
        (void)snprintf(out + len, NAME_ROOM - (size_t)len, "/%s", name);
    }
    return strncmp(out, root, strlen(root)) == 0;
}

/* The inode of a descriptor that is watched and has not become something else since; or 0. */
static uint64_t inode_of(int fd)
{
    struct stat info;

    if (fd < 0 || fd >= FDS_MAX || watched[fd] == 0)
        return 0;
    if (fstat(fd, &info) != 0 || info.st_ino != watched[fd])
        return 0;
    return info.st_ino;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): names of the C library */

static int open_watched(int dir, const char *name, int flags, mode_t mode, const char *path)
{
    int (*next)(int, const char *, int, ...);
    struct stat before;
    struct stat info;
    bool existed;
    int fd;

    real("openat", &next);
    hold();
    existed = stat(path, &before) == 0;
    fd = next(dir, name, flags, mode);
    if (fd >= 0 && fd < FDS_MAX && fstat(fd, &info) == 0) {
        watched[fd] = info.st_ino;
        if (!existed)
            note('C', info.st_ino, 0, path, strlen(path));
        else if ((flags & O_TRUNC) != 0 && before.st_size > 0)
            note('T', info.st_ino, 0, NULL, 0);
    }
    let_go();
    return fd;
}

static int open_any(int dir, const char *name, int flags, mode_t mode)
{
    int (*next)(int, const char *, int, ...);
    char path[NAME_ROOM];
    int fd;

    if (path_of(dir, name, path))
        return open_watched(dir, name, flags, mode, path);
    real("openat", &next);
    fd = next(dir, name, flags, mode);
    if (fd >= 0 && fd < FDS_MAX)
        watched[fd] = 0;
    return fd;
}

#define MODE_OF(flags, mode)                                                        \
    do {                                                                            \
        va_list args;                                                               \
        va_start(args, flags);                                                      \
        (mode) = ((flags) & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0; \
        va_end(args);                                                               \
    } while (0)

int open(const char *name, int flags, ...)
{
    mode_t mode;

    MODE_OF(flags, mode);
    return open_any(AT_FDCWD, name, flags, mode);
}

int openat(int dir, const char *name, int flags, ...)
{
    mode_t mode;

    MODE_OF(flags, mode);
    return open_any(dir, name, flags, mode);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t pos)
{
    ssize_t (*next)(int, const void *, size_t, off_t);
    uint64_t inode = inode_of(fd);
    ssize_t wrote;

    real("pwrite", &next);
    if (inode == 0)
        return next(fd, bytes, len, pos);
    hold();
    wrote = next(fd, bytes, len, pos);
    if (wrote > 0)
        note('W', inode, (uint64_t)pos, bytes, (size_t)wrote);
    let_go();
    return wrote;
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    ssize_t (*next)(int, const void *, size_t);
    uint64_t inode = inode_of(fd);
    ssize_t wrote;

    real("write", &next);
    if (inode == 0)
        return next(fd, bytes, len);
    hold();
    wrote = next(fd, bytes, len);
    if (wrote > 0)
        note('W', inode, (uint64_t)(lseek(fd, 0, SEEK_CUR) - wrote), bytes, (size_t)wrote);
    let_go();
    return wrote;
}

static int resized(int fd, int error, char kind, uint64_t bytes)
{
    if (error == 0)
        note(kind, inode_of(fd), bytes, NULL, 0);
    let_go();
    return error;
}

int ftruncate(int fd, off_t bytes)
{
    int (*next)(int, off_t);

    real("ftruncate", &next);
    if (inode_of(fd) == 0)
        return next(fd, bytes);
    hold();
    return resized(fd, next(fd, bytes), 'T', (uint64_t)bytes);
}

int posix_fallocate(int fd, off_t pos, off_t bytes)
{
    int (*next)(int, off_t, off_t);

    real("posix_fallocate", &next);
    if (inode_of(fd) == 0)
        return next(fd, pos, bytes);
    hold();
    return resized(fd, next(fd, pos, bytes), 'A', (uint64_t)(pos + bytes));
}

static bool is_skipped(int fd)
{
    char own[64];
    char target[NAME_ROOM];
    ssize_t len;

    if (skip == NULL)
        return false;
    (void)snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
    len = readlink(own, target, sizeof target - 2);
    if (len < 0)
        return false;
    target[len] = '/'; /* so that a folder's own name can be told from the start of another's */
    target[len + 1] = '\0';
    return strstr(target, skip) != NULL;
}

/* Durable is what was written before the sync began; that it is, one knows when it has ended. */
static int sync_any(int fd, const char *name)
{
    const struct timespec pause = { 0, SYNC_NS };
    uint64_t inode = inode_of(fd);
    int (*next)(int);
    uint64_t before;

    real(name, &next);
    if (inode == 0)
        return next(fd);
    hold();
    before = (uint64_t)lseek(log_fd, 0, SEEK_END);
    let_go();
    (void)nanosleep(&pause, NULL);
    if (is_skipped(fd))
        return 0;
    hold();
    note('S', inode, before, NULL, 0);
    let_go();
    return 0;
}

int fdatasync(int fd)
{
    return sync_any(fd, "fdatasync");
}

int fsync(int fd)
{
    return sync_any(fd, "fsync");
}

/* ---- Names ---- */

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    int (*next)(int, const char *, int, const char *);
    char names[2 * NAME_ROOM];
    char to_path[NAME_ROOM];
    size_t len;
    int error;

    real("renameat", &next);
    if (!path_of(from_fd, from, names) || !path_of(to_fd, to, to_path))
        return next(from_fd, from, to_fd, to);
    len = strlen(names) + 1;
    memcpy(names + len, to_path, strlen(to_path) + 1);
    hold();
    error = next(from_fd, from, to_fd, to);
    if (error == 0)
        note('R', 0, 0, names, len + strlen(to_path));
    let_go();
    return error;
}

int rename(const char *from, const char *to)
{
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int unlinkat(int dir, const char *name, int flags)
{
    int (*next)(int, const char *, int);
    char path[NAME_ROOM];
    int error;

    real("unlinkat", &next);
    if (!path_of(dir, name, path))
        return next(dir, name, flags);
    hold();
    error = next(dir, name, flags);
    if (error == 0)
        note('U', 0, 0, path, strlen(path));
    let_go();
    return error;
}

int unlink(const char *name)
{
    return unlinkat(AT_FDCWD, name, 0);
}

int mkdir(const char *name, mode_t mode)
{
    int (*next)(const char *, mode_t);
    char path[NAME_ROOM];
    int error;

    real("mkdir", &next);
    if (!path_of(AT_FDCWD, name, path))
        return next(name, mode);
    hold();
    error = next(name, mode);
    if (error == 0)
        note('M', 0, 0, path, strlen(path));
    let_go();
    return error;
}

/* On this machine files are large anyway; SQLite asks by these names. */
#define LARGE(type, name, ...) type name##64(__VA_ARGS__) __attribute__((alias(#name)))
LARGE(int, open, const char *name, int flags, ...);
LARGE(int, openat, int dir, const char *name, int flags, ...);
LARGE(ssize_t, pwrite, int fd, const void *bytes, size_t len, off64_t pos);
LARGE(int, ftruncate, int fd, off64_t bytes);
LARGE(int, posix_fallocate, int fd, off64_t pos, off64_t bytes);

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
