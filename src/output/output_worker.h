/* output_worker.h - one output: its thread, its connection to the store, its counters. Private to
 * src/output; output.c makes them, output_worker.c is the thread. */
#ifndef HN_OUTPUT_OUTPUT_WORKER_H
#define HN_OUTPUT_OUTPUT_WORKER_H

#include "output/output_internal.h"

#include <pthread.h>

struct output_worker {
    const struct output_options *options; /* the pool's copy */
    const struct config_output *config;
    struct output_sink *sink;
    struct store *store;
    pthread_t thread;
    bool started;

    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool work; /* under lock: look again now */
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
    struct hn_arena arena; /* of the batch */
};

/* arg: struct output_worker. */
void *output_worker_main(void *arg);

#endif
