/* output_worker.h - one output: its thread, its connection to the store, its counters. Private to
 * src/output; output.c makes them, output_worker.c is the thread. */
#ifndef HN_OUTPUT_OUTPUT_WORKER_H
#define HN_OUTPUT_OUTPUT_WORKER_H

#include "output/output_internal.h"

#include <pthread.h>

#define OUTPUT_BATCH_MAX STORE_CLAIM_MAX

/* Rows claimed at once, and how far they have come. */
struct output_batch {
    struct output_fact facts[OUTPUT_BATCH_MAX];
    int64_t ids[OUTPUT_BATCH_MAX];
    uint32_t count;
    uint32_t done; /* of which something has been said to the store */
    bool no_memory;
};

struct output_worker {
    const struct output_options *options; /* the pool's copy */
    const struct config_output *config;
    struct output_sink *sink;
    struct store *store;
    pthread_t thread;
    bool started;
    atomic_bool ended;

    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool work;       /* under lock: look again now */
    hn_time stop_at; /* under lock: when the grace ends; 0: nobody has said stop */
    atomic_bool ending;
    atomic_bool reopen;

    atomic_uint_fast64_t sent;
    atomic_uint_fast64_t failed;
    atomic_uint_fast64_t dead;

    /* Of the thread alone. */
    uint32_t failures; /* in a row */
    bool store_failing;
    hn_time pause_until; /* nothing is tried before */
    uint64_t random;
    struct output_batch batch;
    struct hn_arena arena; /* of the batch */
};

/* arg: struct output_worker. */
void *output_worker_main(void *arg);

#endif
