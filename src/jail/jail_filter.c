/* jail_filter.c - the seccomp filter of jailed children.
 *
 * Three kinds of system call: what computing needs is allowed; what libraries try on their own and
 * can do without fails with EACCES, so that they go on; everything else kills the process, so that
 * an attempt is seen. */
#include "jail/jail_filter.h"

#include "base/attr.h"

#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(sched_yield),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Files, their state, their names: nothing of that is there. */
static const int refused[] = {
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(uname),
    SCMP_SYS(ioctl),
};

static bool add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int error = seccomp_rule_add(filter, action, calls[i], 0);

        /* A call that this machine does not have needs no rule. */
        if (error != 0 && error != -EDOM)
            return false;
    }
    return true;
}

/* Memory that can be executed is what an intruder wants first. */
static bool add_memory(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp no_exec = {
        .arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC
    };

    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, no_exec) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, no_exec) == 0;
}

/* abort() sends its signal this way; to itself only. */
static bool add_abort(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp self = {
        .arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)getpid()
    };

    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, self) == 0;
}

bool jail_filter_install(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    bool done = filter != NULL && add_all(filter, SCMP_ACT_ALLOW, allowed, HN_COUNT_OF(allowed)) &&
                add_all(filter, SCMP_ACT_ERRNO(EACCES), refused, HN_COUNT_OF(refused)) &&
                add_memory(filter) && add_abort(filter) && seccomp_load(filter) == 0;

    if (filter != NULL)
        seccomp_release(filter);
    return done;
}
