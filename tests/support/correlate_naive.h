/* correlate_naive.h - what correlations mean, without regard to cost.
 *
 * Each correlation is evaluated from the list of all its hits, one window at a time, counting
 * anew in every window: docs/correlation.md written as code. It shares nothing with
 * src/correlate but the model. */
#ifndef HN_TESTS_CORRELATE_NAIVE_H
#define HN_TESTS_CORRELATE_NAIVE_H

#include "support/correlate_case.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAIVE_KEY_MAX 64

struct naive_result {
    uint32_t correlation;
    bool ended; /* CORRELATE_ENDED */
    bool cut_short;
    hn_time time;
    uint64_t order;
    hn_time start;
    double value;
    uint64_t total;
    char key[NAIVE_KEY_MAX];  /* as first seen, joined with '|' */
    char news[NAIVE_KEY_MAX]; /* first_seen: the new value */
};

struct naive_results {
    struct naive_result *ptr; /* sorted by naive_compare() */
    size_t count;
    size_t room;
};

int naive_compare(const void *a, const void *b);

/* All that a stream fires. complete: time goes on for ever after the last hit
 * (correlate_advance(CORRELATE_END_OF_TIME)); otherwise it ends there (correlate_flush()). refused
 * tells which correlations the plan has refused. */
void naive_run(const struct correlate_case *c, bool complete, const bool *refused,
        struct naive_results *ret_results);

#endif
