/* clock.c - a clock on the wall that somebody sets: put before a program by LD_PRELOAD,
 *
 *     HN_CLOCK=FILE    the time is so many nanoseconds (8 bytes) later than it is; may change
 *
 * Deadlines on that clock (pthread_cond_timedwait() of a condition without CLOCK_MONOTONIC) are
 * taken for true ones, as the kernel knows nothing of this: what waits by the clock on the wall
 * therefore waits as it would after the jump. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

static const volatile int64_t *offset;
static int (*next_gettime)(clockid_t, struct timespec *);

/* Others ask for the time before anybody's constructor has run. */
static void find_next(void)
{
    void *found = dlsym(RTLD_NEXT, "clock_gettime");

    if (found == NULL)
        abort();
    memcpy(&next_gettime, &found, sizeof found);
}

__attribute__((constructor)) static void open_clock(void)
{
    const char *path = getenv("HN_CLOCK");
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void *page = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *offset, PROT_READ, MAP_SHARED, fd, 0);

    if (page == MAP_FAILED)
        abort(); /* a test whose clock never jumps would pass for nothing */
    (void)close(fd);
    offset = page;
}

// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
int clock_gettime(clockid_t clock, struct timespec *now)
{
    int64_t time;

    if (next_gettime == NULL)
        find_next();
    if (next_gettime(clock, now) != 0)
        return -1;
    if (offset == NULL || (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE))
        return 0;
    time = now->tv_sec * SECOND + now->tv_nsec + *offset;
    now->tv_sec = time / SECOND;
    now->tv_nsec = time % SECOND;
    return 0;
}
