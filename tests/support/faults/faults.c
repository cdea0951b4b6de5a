/* faults.c - see faults.h. Stands between a program and its C library. */
#include "faults.h"

#include "base/num.h"
#include "base/view.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static const char *const call_names[FAULT_CALLS] = { "write", "sync", "open", "rename", "truncate",
    "reserve" };

static struct {
    pthread_mutex_t lock;
    bool from_environment;
    struct fault_control own;
    struct fault_control *armed; /* own, or the page that another process writes to */
} faults = { .lock = PTHREAD_MUTEX_INITIALIZER, .armed = &faults.own };

/* The next word before a colon, empty at the end. */
static struct hn_text word(struct hn_text *rest)
{
    struct hn_text part = { "", 0 };

    (void)hn_text_split(rest, ':', &part);
    return part;
}

/* A pointer to a function is no pointer to data in ISO C; POSIX says how one becomes the other. */
static void real(const char *name, void *ret_function)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (found == NULL)
        abort();
    memcpy(ret_function, &found, sizeof found);
}

/* A file of at least a struct fault_control, shared with the process that arms. */
static void open_control(const char *path)
{
    int (*next)(int, const char *, int, ...);
    void *page;
    int fd;

    real("openat", &next); /* ours asks whether to fail */
    fd = next(AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        abort(); /* a test whose faults never come would pass for nothing */
    page = mmap(NULL, sizeof *faults.armed, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (page == MAP_FAILED)
        abort();
    (void)close(fd);
    faults.armed = page;
}

static void read_environment(void)
{
    const char *control = getenv("HN_FAULTS_CONTROL");
    const char *value = getenv("HN_FAULTS");
    const char *path = getenv("HN_FAULTS_PATH");
    struct hn_text rest = hn_text_cstr(value == NULL ? "" : value);
    struct hn_text name = word(&rest);
    struct hn_text what;
    uint32_t number = 0;

    faults.from_environment = true;
    if (control != NULL) {
        open_control(control);
        return;
    }
    (void)snprintf(faults.own.path, sizeof faults.own.path, "%s", path == NULL ? "" : path);
    if (value == NULL || !hn_parse_u32(word(&rest), &number))
        return;
    what = word(&rest);
    for (uint32_t call = 0; call < FAULT_CALLS; call++) {
        if (hn_text_eq(name, hn_text_cstr(call_names[call])))
            faults.own.call = call;
    }
    faults.own.left = number;
    faults.own.error = FAULT_SHORT;
    if (hn_parse_u32(what, &number))
        faults.own.error = (int32_t)number;
    faults.own.lasting = hn_text_eq(word(&rest), HN_TEXT("lasting"));
}

void faults_arm(enum fault_call call, unsigned n, int error, int lasting)
{
    (void)pthread_mutex_lock(&faults.lock);
    faults.from_environment = true;
    faults.own = (struct fault_control){
        .call = call, .left = n, .error = error, .lasting = lasting != 0
    };
    (void)pthread_mutex_unlock(&faults.lock);
}

unsigned faults_hits(void)
{
    unsigned hits;

    (void)pthread_mutex_lock(&faults.lock);
    hits = faults.own.hits;
    (void)pthread_mutex_unlock(&faults.lock);
    return hits;
}

static bool path_counts(int fd, const char *name)
{
    const char *wanted = faults.armed->path;
    char own[64];
    char target[4096];
    ssize_t len;

    if (wanted[0] == '\0')
        return true;
    if (name != NULL && name[0] == '/')
        return strstr(name, wanted) != NULL;
    (void)snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
    len = readlink(own, target, sizeof target - 2);
    if (len < 0)
        return false;
    target[len] = '/'; /* so that a folder's own name can be told from the start of another's */
    target[len + 1] = '\0';
    return strstr(target, wanted) != NULL;
}

/* 0: go on; otherwise an errno or FAULT_SHORT. */
static int must_fail(enum fault_call call, int fd, const char *name)
{
    struct fault_control *armed;
    int error = 0;

    (void)pthread_mutex_lock(&faults.lock);
    if (!faults.from_environment)
        read_environment();
    armed = faults.armed;
    if (armed->left > 0 && armed->call == (uint32_t)call && path_counts(fd, name)) {
        if (armed->left == 1) {
            error = armed->error;
            armed->hits++;
        }
        if (armed->left > 1 || !armed->lasting)
            armed->left--;
    }
    (void)pthread_mutex_unlock(&faults.lock);
    return error;
}

static int failed(int error)
{
    errno = error;
    return -1;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): names of the C library */

ssize_t write(int fd, const void *bytes, size_t len)
{
    ssize_t (*next)(int, const void *, size_t);
    int error = must_fail(FAULT_WRITE, fd, NULL);

    real("write", &next);
    if (error == FAULT_LIE)
        return (ssize_t)len;
    if (error == FAULT_SHORT)
        return next(fd, bytes, len > 1 ? len / 2 : len);
    return error != 0 ? failed(error) : next(fd, bytes, len);
}

static ssize_t write_at(const char *name, int fd, const void *bytes, size_t len, off_t pos)
{
    ssize_t (*next)(int, const void *, size_t, off_t);
    int error = must_fail(FAULT_WRITE, fd, NULL);

    real(name, &next);
    if (error == FAULT_LIE)
        return (ssize_t)len;
    if (error == FAULT_SHORT)
        return next(fd, bytes, len > 1 ? len / 2 : len, pos);
    return error != 0 ? failed(error) : next(fd, bytes, len, pos);
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t pos)
{
    return write_at("pwrite", fd, bytes, len, pos);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t pos)
{
    return write_at("pwrite64", fd, bytes, len, pos);
}

int fdatasync(int fd)
{
    int (*next)(int);
    int error = must_fail(FAULT_SYNC, fd, NULL);

    real("fdatasync", &next);
    return error != 0 ? failed(error) : next(fd);
}

int fsync(int fd)
{
    int (*next)(int);
    int error = must_fail(FAULT_SYNC, fd, NULL);

    real("fsync", &next);
    return error != 0 ? failed(error) : next(fd);
}

static mode_t mode_of(int flags, va_list args)
{
    return (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
}

static int open_at(int dir_fd, const char *path, int flags, mode_t mode)
{
    int (*next)(int, const char *, int, ...);
    int error = must_fail(FAULT_OPEN, dir_fd, path);

    /* Room is wanted for what is made alone: a file that is there opens on a full disk. */
    if (error == ENOSPC && (flags & O_CREAT) == 0)
        error = 0;
    real("openat", &next);
    return error != 0 ? failed(error) : next(dir_fd, path, flags, mode);
}

int openat(int dir_fd, const char *name, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = mode_of(flags, args);
    va_end(args);
    return open_at(dir_fd, name, flags, mode);
}

int open(const char *name, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = mode_of(flags, args);
    va_end(args);
    return open_at(AT_FDCWD, name, flags, mode);
}

int open64(const char *name, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = mode_of(flags, args);
    va_end(args);
    return open_at(AT_FDCWD, name, flags, mode);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    int (*next)(int, const char *, int, const char *);
    int error = must_fail(FAULT_RENAME, to_fd, to);

    real("renameat", &next);
    return error != 0 ? failed(error) : next(from_fd, from, to_fd, to);
}

int rename(const char *from, const char *to)
{
    int (*next)(const char *, const char *);
    int error = must_fail(FAULT_RENAME, AT_FDCWD, to);

    real("rename", &next);
    return error != 0 ? failed(error) : next(from, to);
}

static int cut(const char *name, int fd, off_t bytes)
{
    int (*next)(int, off_t);
    int error = must_fail(FAULT_TRUNCATE, fd, NULL);

    real(name, &next);
    return error != 0 ? failed(error) : next(fd, bytes);
}

int ftruncate(int fd, off_t bytes)
{
    return cut("ftruncate", fd, bytes);
}

int ftruncate64(int fd, off64_t bytes)
{
    return cut("ftruncate64", fd, bytes);
}

int posix_fallocate(int fd, off_t pos, off_t bytes)
{
    int (*next)(int, off_t, off_t);
    int error = must_fail(FAULT_RESERVE, fd, NULL);

    real("posix_fallocate", &next);
    return error != 0 ? error : next(fd, pos, bytes);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
