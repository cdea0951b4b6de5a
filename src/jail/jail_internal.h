/* jail_internal.h - what cold and warm jails share. */
#ifndef HN_JAIL_JAIL_INTERNAL_H
#define HN_JAIL_JAIL_INTERNAL_H

#include "jail/jail.h"
#include "jail/jail_filter.h"

#include <sys/types.h>

/* Sanitizers reserve terabytes of address space and report on the standard error. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#    define JAIL_SANITIZED 1
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#        define JAIL_SANITIZED 1
#    endif
#endif
#if !defined(JAIL_SANITIZED)
#    define JAIL_SANITIZED 0
#endif

/* Exit codes of a child that never got to its function. */
enum { JAIL_EXIT_SETUP = JAIL_EXIT_MAX + 1, JAIL_EXIT_FILTER, JAIL_EXIT_RANGE };

/* A pipe holds one message of the larger kinds, so that the child works on while we read. */
#define JAIL_PIPE_BYTES (1 << 20)

/* A process that keeps everything ready, and forks a child for each task. */
struct jail_warm {
    pid_t pid; /* JAIL_NOT_OURS: a nursery has made it, and waits for it */
    int fd;    /* our end of the socket */
};
#define JAIL_NOT_OURS   ((pid_t)-1)
#define JAIL_WARM_NAME  "hinomi-warm" /* as ps shows them */
#define JAIL_NURSE_NAME "hinomi-nurse"
/* What a warm process does; fd is its end of the socket. */
_Noreturn void jail_warm_keep(const struct jail_breed *breed, int fd, pid_t parent);
/* Our side of one that is there. fd is taken over on success. */
HN_MUST_USE enum hn_status jail_warm_adopt(int fd, struct jail_warm **ret_warm, struct hn_err *err);

/* Default handlers, nothing blocked. */
void jail_reset_signals(void);
/* Dies with its parent, gains no privileges, leaves no core, cannot be traced. False: not so. */
bool jail_bind(pid_t parent);
/* Leaves the machine's names: no network, no mounts, no files where the kernel lets us (it needs
 * no permission to try). What is not possible here is refused by the filter all the same. */
void jail_leave_spaces(void);
/* Standard input, output and errors are /dev/null. */
bool jail_set_standard(void);
/* The child's numbers: the descriptors, behind them the pipe; all others are closed. */
bool jail_set_descriptors(const int *fds, size_t count, int out, int *ret_out);
bool jail_set_limits(const struct jail_limits *limits);
/* Of address space in use. */
uint64_t jail_used_bytes(void);

#endif
