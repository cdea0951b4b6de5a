/* jail.h - runs a function in a child process that can compute, read what it was handed, write to
 * one pipe, and nothing else. The one header of this module.
 *
 * For code that takes hostile files apart (libarchive): a fault or a takeover there ends in the
 * child. Before the function starts, the child
 *   - closes every descriptor but those handed over and its end of the pipe,
 *   - dies with its parent's thread, may gain no privileges, leaves no core, cannot be traced,
 *   - leaves network, mounts and file system behind where the kernel allows it (name spaces,
 *     Landlock),
 *   - gets limits for processor time and memory, and may write no file, open no descriptor and
 *     start no process,
 *   - gets a seccomp filter: reading, writing, seeking, memory and time are allowed; opening files
 *     fails with EACCES (libraries try it for time zones); everything else kills it.
 *
 * Life: jail_start() -> jail_read()... -> jail_finish() or jail_abandon(). For a result that fits
 * into memory jail_run() does all of it.
 * Concurrency: a jail serves one thread at a time, the one that started it. The child is a copy of
 * that thread alone: the function must not wait for locks that other threads may have held.
 * Memory: the child sees a copy of the parent's; what it allocates is its own and ends with it.
 * Limits: struct jail_limits.
 * Errors: HN_IO with a reason when the child cannot be started, dies (the signal is named), or
 * makes no progress in time. Its faults never become the parent's. */
#ifndef HN_JAIL_JAIL_H
#define HN_JAIL_JAIL_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JAIL_FDS_MAX  8
#define JAIL_FD_FIRST 3 /* number of the first descriptor handed over, in the child */

struct jail_limits {
    uint64_t memory_bytes; /* on top of what the parent uses; not in builds with sanitizers */
    uint32_t cpu_seconds;
    uint64_t used_bytes; /* what the parent uses; 0: found out */
};
extern const struct jail_limits jail_limits_default;

/* Runs in the child; out is the pipe. What it returns (0..JAIL_EXIT_MAX, 0 for success) is what
 * jail_finish() tells. */
typedef int jail_main(void *ctx, int out);
#define JAIL_EXIT_MAX 100

struct jail_task {
    jail_main *main;
    void *ctx;
    int fds[JAIL_FDS_MAX]; /* in the child: JAIL_FD_FIRST, JAIL_FD_FIRST + 1, ... */
    size_t fd_count;
};

struct jail; /* a running child */

HN_MUST_USE enum hn_status jail_start(const struct jail_task *task,
        const struct jail_limits *limits, struct jail **ret_jail, struct hn_err *err);

/* Reads what the child wrote, at least one byte unless it closed the pipe (then *ret_len is 0).
 * HN_IO when nothing came for timeout_ms. */
HN_MUST_USE enum hn_status jail_read(struct jail *jail, void *buf, size_t room, int timeout_ms,
        size_t *ret_len, struct hn_err *err);

/* Whether jail_read() would give something, or the end, without waiting. */
bool jail_has_more(const struct jail *jail);
/* Readable when there is more; borrowed. */
int jail_descriptor(const struct jail *jail);

/* Waits for the end of a child that closed its pipe and frees jail. *ret_exit is what the function
 * returned; HN_IO when it was killed. */
HN_MUST_USE enum hn_status jail_finish(struct jail *jail, int *ret_exit, struct hn_err *err);

/* Ends the child, whatever it does, and frees jail. NULL is fine. */
void jail_abandon(struct jail *jail);

/* All of the above for a result that is collected in out (up to its cap; NULL: not wanted), within
 * timeout_ms in all. */
HN_MUST_USE enum hn_status jail_run(const struct jail_task *task, const struct jail_limits *limits,
        int timeout_ms, struct hn_buf *out, int *ret_exit, struct hn_err *err);

/* ---- Warm jails: a child for each of many small tasks ----
 *
 * jail_warm_start() forks a process that has prepared everything and left everything behind; it
 * forks a jailed child for each task, which costs well under a millisecond. Start it before the
 * program grows and before it has threads: children see a copy of what was there then, and nothing
 * of other tasks. One task at a time each; several may be started for several threads. */

/* Runs in the child of a task. */
typedef int jail_serve(void *ctx, struct hn_bytes request, int out);
#define JAIL_REQUEST_BYTES_MAX ((size_t)65536)

/* How a task ended. X(name, what it means) */
#define JAIL_END_LIST(X)                                           \
    X(JAIL_END_EXIT, "it ended by itself")                         \
    X(JAIL_END_CRASH, "it crashed")                                \
    X(JAIL_END_CALL, "it made a system call that it may not make") \
    X(JAIL_END_CPU, "it used up its processor time")               \
    X(JAIL_END_TIME, "it used up its time")                        \
    X(JAIL_END_OUTPUT, "its result was too large")                 \
    X(JAIL_END_SETUP, "it could not be locked in")

enum jail_end_kind {
#define JAIL_END_ENUM(name, text) name,
    JAIL_END_LIST(JAIL_END_ENUM)
#undef JAIL_END_ENUM
};
const char *jail_end_text(enum jail_end_kind kind);

struct jail_end {
    enum jail_end_kind kind;
    int code; /* JAIL_END_EXIT: what the function returned; JAIL_END_CRASH: the signal */
    uint32_t cpu_ms;
    uint64_t memory_bytes; /* most it had in memory, what it shares included */
};

struct jail_warm;

/* ctx is a copy in the warm process, as everything else is. */
HN_MUST_USE enum hn_status jail_warm_start(jail_serve *serve, void *ctx,
        const struct jail_limits *limits, struct jail_warm **ret_warm, struct hn_err *err);
void jail_warm_stop(struct jail_warm *warm); /* NULL is fine */

struct jail_request {
    struct hn_bytes bytes; /* for the function in the child */
    const int *fds;        /* in the child: JAIL_FD_FIRST, JAIL_FD_FIRST + 1, ... */
    size_t fd_count;       /* at most JAIL_FDS_MAX */
    int timeout_ms;
};

/* One task; what it wrote is added to out, up to its cap. HN_OK whatever the end of the child,
 * which *ret_end tells; HN_IO when the warm process itself is gone. */
HN_MUST_USE enum hn_status jail_warm_run(struct jail_warm *warm, const struct jail_request *request,
        struct hn_buf *out, struct jail_end *ret_end, struct hn_err *err);

/* ---- Nurseries: warm processes for a program that has threads by now ----
 *
 * A process with threads must not be copied. jail_nursery_start() forks a small one before there
 * are any, the root. jail_nursery_prepare() has it fork another one, the stem, which prepares what
 * tasks need (compiled rules); jail_nursery_warm() has the stem fork a warm process that shares it.
 * Preparing again makes another stem; warm processes of the one before go on until they are
 * stopped. Root and stem read no sample. */

struct jail_breed {
    jail_serve *serve;
    /* Runs in the stem before anything else; may be NULL. told is for whoever asked, of it
     * JAIL_TOLD_BYTES_MAX at most. Another status than HN_OK ends the stem. */
    enum hn_status (*prepare)(void *ctx, struct hn_buf *told, struct hn_err *err);
    void *ctx; /* of both; a copy in each process, as everything else is */
    struct jail_limits limits;
};
#define JAIL_TOLD_BYTES_MAX ((size_t)32768)
#define JAIL_PREPARE_MS     100000 /* longer, and the stem is given up */

struct jail_nursery; /* for one thread at a time */
HN_MUST_USE enum hn_status jail_nursery_start(
        const struct jail_breed *breed, struct jail_nursery **ret_nursery, struct hn_err *err);
/* What was prepared before stays when this fails: with what prepare() returned, or HN_IO when a
 * process is gone. accept may be NULL; what it does not return HN_OK for is not taken. */
typedef enum hn_status jail_nursery_accept(void *ctx, struct hn_text told, struct hn_err *err);
HN_MUST_USE enum hn_status jail_nursery_prepare(
        struct jail_nursery *nursery, jail_nursery_accept *accept, void *ctx, struct hn_err *err);
/* HN_IO: the stem is gone; preparing again makes another one. */
HN_MUST_USE enum hn_status jail_nursery_warm(
        struct jail_nursery *nursery, struct jail_warm **ret_warm, struct hn_err *err);
/* Before or after its warm processes are stopped. */
void jail_nursery_stop(struct jail_nursery *nursery); /* NULL is fine */

/* For use in the child: writes all of it; false when the parent is gone. */
bool jail_write(int out, const void *ptr, size_t len);

#endif
