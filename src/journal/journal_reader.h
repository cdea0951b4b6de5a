/* journal_reader.h - what a reader holds; journal_reader.c and journal_walk.c share it. */
#ifndef HN_JOURNAL_READER_H
#define HN_JOURNAL_READER_H

#include "journal/journal_internal.h"

struct journal_reader {
    struct journal *journal; /* NULL: of a folder */
    journal_on_damage *on_damage;
    void *ctx;
    int dir_fd;
    int lock_fd;          /* of a folder; -1: there is none */
    struct segment_in in; /* fd -1: none open */
    uint64_t in_limit;    /* where the segment after it begins; UINT64_MAX: it is the last */
    uint64_t limit;       /* where durable records end, as of the last look; UINT64_MAX: unknown */
    uint64_t sure;        /* up to here they were durable; behind it one may be half-written */
    uint64_t pos;
    uint64_t from; /* records before it are passed over */
    uint64_t told; /* damage before it was reported */
    bool woken;    /* under the journal's lock, or the reader's */
    pthread_mutex_t lock;
    pthread_cond_t wake;
};

/* The next record that is there; HN_NOTFOUND: none yet. */
HN_MUST_USE enum hn_status journal_walk(
        struct journal_reader *reader, struct journal_record *ret_record, struct hn_err *err);

#endif
