/* crash.c - dies where the environment says so; empty in builds without tests. */
#include "base/crash.h"

#include "base/num.h"
#include "base/view.h"

#ifdef HN_CRASH_POINTS

#    include <pthread.h>
#    include <signal.h>
#    include <stdatomic.h>
#    include <stdlib.h>

static struct hn_text wanted_name;
static atomic_uint visits_left;
static pthread_once_t wanted_once = PTHREAD_ONCE_INIT;

static void wanted_read(void)
{
    const char *value = getenv("HINOMI_CRASH_AT");
    struct hn_text rest;
    uint32_t visits = 1;

    if (value == NULL)
        return;
    rest = hn_text_cstr(value);
    if (!hn_text_split(&rest, ':', &wanted_name))
        return;
    if (rest.ptr != NULL && !hn_parse_u32(rest, &visits))
        visits = 1;
    atomic_store(&visits_left, visits);
}

void hn_crash_point(const char *name)
{
    (void)pthread_once(&wanted_once, wanted_read);
    if (wanted_name.len == 0 || !hn_text_eq(wanted_name, hn_text_cstr(name)))
        return;
    if (atomic_fetch_sub(&visits_left, 1) == 1)
        (void)raise(SIGKILL);
}

#else

typedef int hn_crash_nothing; /* a translation unit may not be empty */

#endif
