/* bench_figures.h - what `hinomi bench` measures: one function per figure or pair of figures.
 *
 * Life: fill struct bench -> bench_measure() -> read figures. Concurrency: one thread. */
#ifndef HN_APP_BENCH_FIGURES_H
#define HN_APP_BENCH_FIGURES_H

#include "app/bench.h"

#define BENCH_FIGURES_MAX 24
#define BENCH_RUNS_MAX    25

enum bench_bound { BENCH_NO_BOUND, BENCH_AT_LEAST, BENCH_AT_MOST };

struct bench_figure {
    const char *id;
    const char *title;
    const char *title_ja;
    const char *unit; /* "x", "MB", "s", "ns", "MB/s" */
    enum bench_bound bound;
    double wanted;
    bool measured;
    double value;
    char detail[160]; /* English; what it was made from, or why it was not measured */
};

struct bench {
    const char *self;  /* this program */
    const char *data;  /* shared data; NULL: none */
    const char *peers; /* folder of bench_* */
    const char *evtx_dump;
    const char *only;   /* part of an id; NULL: all */
    const char *folder; /* for streams; made and removed by the caller */
    unsigned runs;      /* up to BENCH_RUNS_MAX */
    uint64_t stream_bytes;
    void (*on_figure)(void *ctx, const struct bench_figure *figure); /* as soon as it is known */
    void *ctx;
    struct bench_figure figures[BENCH_FIGURES_MAX];
    size_t figure_count;
};

void bench_measure(struct bench *bench);
bool bench_reached(const struct bench_figure *figure);

#endif
