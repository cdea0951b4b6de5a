/* jail_filter.c - the seccomp filter of jailed children.
 *
 * Three kinds of system call: what computing needs is allowed; what libraries try on their own and
 * can do without fails with EACCES, so that they go on; everything else kills the process, so that
 * an attempt is seen. */
#include "jail/jail_filter.h"

#include "base/attr.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
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
    SCMP_SYS(sysinfo), /* qsort() of a large array asks for the size of the memory, unchecked */
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

/* abort() sends its signal this way, to itself. The filter is the same for all children of a warm
 * process; that it is to itself is asked by the second filter. */
static bool add_abort(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 0) == 0;
}

/* The filter as the kernel takes it, through a file in memory: libseccomp writes to descriptors
 * only. */
static bool export(scmp_filter_ctx filter, struct jail_filter *ret_filter)
{
    int fd = memfd_create("filter", MFD_CLOEXEC);
    off_t len;
    bool done = false;

    if (fd < 0)
        return false;
    if (seccomp_export_bpf(filter, fd) == 0) {
        len = lseek(fd, 0, SEEK_END);
        done = len > 0 && (size_t)len <= sizeof ret_filter->program &&
               pread(fd, ret_filter->program, (size_t)len, 0) == len;
        ret_filter->count = (unsigned short)((size_t)len / sizeof ret_filter->program[0]);
    }
    (void)close(fd);
    return done;
}

bool jail_filter_prepare(struct jail_filter *ret_filter)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    bool done = filter != NULL && add_all(filter, SCMP_ACT_ALLOW, allowed, HN_COUNT_OF(allowed)) &&
                add_all(filter, SCMP_ACT_ERRNO(EACCES), refused, HN_COUNT_OF(refused)) &&
                add_memory(filter) && add_abort(filter) && export(filter, ret_filter);

    if (filter != NULL)
        seccomp_release(filter);
    return done;
}

/* tgkill() to another process: killed. Every filter is asked, the strictest answer counts. */
static bool forbid_other_targets(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)SYS_tgkill, 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)getpid(), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = { HN_COUNT_OF(code), code };

    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

bool jail_filter_install(const struct jail_filter *filter)
{
    struct jail_filter copy = *filter; /* the kernel's type is not const */
    struct sock_fprog program = { copy.count, copy.program };

    return forbid_other_targets() && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}
