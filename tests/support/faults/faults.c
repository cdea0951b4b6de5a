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
#include <sys/types.h>
#include <unistd.h>

static const char *const call_names[FAULT_CALLS] = { "write", "sync", "open", "rename", "truncate",
    "reserve" };

static struct {
    pthread_mutex_t lock;
    bool from_environment;
    enum fault_call call;
    unsigned left; /* calls until one fails; 0: none does */
    int error;
    bool lasting;
    unsigned hits;
    const char *path;
} faults = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* The next word before a colon, empty at the end. */
static struct hn_text word(struct hn_text *rest)
{
    struct hn_text part = { "", 0 };

    (void)hn_text_split(rest, ':', &part);
    return part;
}

static void read_environment(void)
{
    const char *value = getenv("HN_FAULTS");
    struct hn_text rest = hn_text_cstr(value == NULL ? "" : value);
    struct hn_text name = word(&rest);
    struct hn_text what;
    uint32_t number = 0;

    faults.from_environment = true;
    faults.path = getenv("HN_FAULTS_PATH");
    if (value == NULL || !hn_parse_u32(word(&rest), &number))
        return;
    what = word(&rest);
    for (int call = 0; call < FAULT_CALLS; call++) {
        if (hn_text_eq(name, hn_text_cstr(call_names[call])))
            faults.call = (enum fault_call)call;
    }
    faults.left = number;
    faults.error = FAULT_SHORT;
    if (hn_parse_u32(what, &number))
        faults.error = (int)number;
    faults.lasting = hn_text_eq(word(&rest), HN_TEXT("lasting"));
}

void faults_arm(enum fault_call call, unsigned n, int error, int lasting)
{
    (void)pthread_mutex_lock(&faults.lock);
    faults.from_environment = true;
    faults.call = call;
    faults.left = n;
    faults.error = error;
    faults.lasting = lasting != 0;
    faults.hits = 0;
    (void)pthread_mutex_unlock(&faults.lock);
}

unsigned faults_hits(void)
{
    unsigned hits;

    (void)pthread_mutex_lock(&faults.lock);
    hits = faults.hits;
    (void)pthread_mutex_unlock(&faults.lock);
    return hits;
}

static bool path_counts(int fd, const char *name)
{
    char own[64];
    char target[4096];
    ssize_t len;

    if (faults.path == NULL)
        return true;
    if (name != NULL && name[0] == '/')
        return strstr(name, faults.path) != NULL;
    (void)snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
    len = readlink(own, target, sizeof target - 2);
    if (len < 0)
        return false;
    target[len] = '/'; /* so that a folder's own name can be told from the start of another's */
    target[len + 1] = '\0';
    return strstr(target, faults.path) != NULL;
}

/* 0: go on; otherwise an errno or FAULT_SHORT. */
static int must_fail(enum fault_call call, int fd, const char *name)
{
    int error = 0;

    (void)pthread_mutex_lock(&faults.lock);
    if (!faults.from_environment)
        read_environment();
    if (faults.left > 0 && faults.call == call && path_counts(fd, name)) {
        if (faults.left == 1) {
            error = faults.error;
            faults.hits++;
        }
        if (faults.left > 1 || !faults.lasting)
            faults.left--;
    }
    (void)pthread_mutex_unlock(&faults.lock);
    return error;
}

/* A pointer to a function is no pointer to data in ISO C; POSIX says how one becomes the other. */
static void real(const char *name, void *ret_function)
{
    void *found = dlsym(RTLD_NEXT, name);

    if (found == NULL)
        abort();
    memcpy(ret_function, &found, sizeof found);
}

static int failed(int error)
{
    errno = error;
    return -1;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): names of the C library */

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t pos)
{
    ssize_t (*next)(int, const void *, size_t, off_t);
    int error = must_fail(FAULT_WRITE, fd, NULL);

    real("pwrite", &next);
    if (error == FAULT_SHORT)
        return next(fd, bytes, len > 1 ? len / 2 : len, pos);
    return error != 0 ? failed(error) : next(fd, bytes, len, pos);
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

int openat(int dir_fd, const char *name, int flags, ...)
{
    int (*next)(int, const char *, int, ...);
    int error = must_fail(FAULT_OPEN, dir_fd, name);
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    real("openat", &next);
    return error != 0 ? failed(error) : next(dir_fd, name, flags, mode);
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    int (*next)(int, const char *, int, const char *);
    int error = must_fail(FAULT_RENAME, to_fd, to);

    real("renameat", &next);
    return error != 0 ? failed(error) : next(from_fd, from, to_fd, to);
}

int ftruncate(int fd, off_t bytes)
{
    int (*next)(int, off_t);
    int error = must_fail(FAULT_TRUNCATE, fd, NULL);

    real("ftruncate", &next);
    return error != 0 ? failed(error) : next(fd, bytes);
}

int posix_fallocate(int fd, off_t pos, off_t bytes)
{
    int (*next)(int, off_t, off_t);
    int error = must_fail(FAULT_RESERVE, fd, NULL);

    real("posix_fallocate", &next);
    return error != 0 ? error : next(fd, pos, bytes);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
