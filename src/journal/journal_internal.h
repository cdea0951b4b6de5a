/* journal_internal.h - a journal that is open for writing: who holds what.
 *
 * Three threads touch it beside those that append: the commit thread owns the current segment's
 * file; the keeper packs and deletes sealed ones; readers look segments up. All that is shared is
 * under the one lock, which nobody holds over a system call that may take long. */
#ifndef HN_JOURNAL_INTERNAL_H
#define HN_JOURNAL_INTERNAL_H

#include "journal/journal.h"
#include "journal/journal_segment.h"

#include <pthread.h>

#define SEGMENT_BYTES_DEFAULT ((uint64_t)64 << 20)
#define SEGMENT_BYTES_MAX     ((uint64_t)1 << 30)
#define COMMIT_BYTES_DEFAULT  ((size_t)1 << 20)
#define COMMIT_DELAY_DEFAULT  2000u
#define PENDING_BYTES_DEFAULT ((size_t)64 << 20)

struct waiter {
    journal_on_done *on_done;
    void *ctx;
};

/* Frames that are committed together. */
struct group {
    struct hn_buf bytes;
    HN_VEC(struct waiter) waiters;
    uint64_t first;
    uint32_t records;
};

#define GROUPS 3 /* gathering, being written, and one for what comes while two are refused */

/* The segment being written; the commit thread's alone. */
struct segment_out {
    int fd; /* -1: the next commit makes a new one */
    uint64_t first;
    uint64_t reserved; /* bytes of the file with room on disk */
    uint32_t salt;
};

struct journal {
    struct journal_options options;
    journal_on_damage *on_damage;
    void *damage_ctx;
    struct journal_damage missing; /* at the end, as of the opening; empty: nothing */
    int dir_fd;
    int lock_fd;
    pthread_t commit_thread;
    pthread_t keep_thread;
    bool commit_started;
    bool keep_started;
    struct segment_out out;

    pthread_mutex_t lock;
    pthread_cond_t work;      /* something was appended, or stopping */
    pthread_cond_t committed; /* the committed end moved, or a reader was woken */
    pthread_cond_t keep;      /* a segment was sealed or released, or stopping */
    struct group groups[GROUPS];
    struct group *gathering;
    struct group *writing; /* NULL: the commit thread is idle */
    uint64_t end;
    uint64_t committed_end;
    uint64_t released;
    struct segment_list segments; /* the last one is the current one when out.fd >= 0 */
    bool out_open;                /* out.fd >= 0, for those who do not own it */
    bool stopping;
    bool keep_stopping;
    bool keep_work; /* the keeper was signalled while it worked */
    bool failed;
    int failed_errno;
    struct journal_stats stats;
};

/* journal_commit.c */
void *journal_commit_main(void *ctx);
/* Cuts off what was reserved, so that the file ends with its records. */
void journal_out_close(struct journal *journal);

/* journal_keep.c */
void *journal_keep_main(void *ctx);

/* journal_recover.c: finds the end of what is there and opens the last segment for writing. */
HN_MUST_USE enum hn_status journal_recover(struct journal *journal, struct hn_err *err);

/* Where the last whole record of a segment ends; damage before it stays where it is. */
HN_MUST_USE enum hn_status journal_find_end(
        struct segment_in *in, uint64_t *ret_end, struct hn_err *err);

/* A monotonic point in time some nanoseconds ahead, for the conditions. */
struct timespec journal_deadline(hn_time ahead);

#endif
