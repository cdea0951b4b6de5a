/* stats_collect.h - counts of what is in logs: inputs, kinds of events, hosts, accounts, times,
 * pauses, missing record numbers, clocks that were set back, damage.
 *
 * Life: stats_init() -> stats_add_*() in the order of the input -> stats_finish() -> read ->
 * stats_deinit().
 * Concurrency: one thread at a time, except that stats_add_problem() may run beside the others (it
 * is the reading thread that meets problems), one call of it at a time.
 * Memory: keys are copied; every table has a maximum, past which events are counted as overflow.
 * Limits: STATS_*_MAX. */
#ifndef HN_APP_STATS_COLLECT_H
#define HN_APP_STATS_COLLECT_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/finding.h"
#include "base/map.h"
#include "base/time.h"
#include "base/vec.h"
#include "base/view.h"
#include "scan/scan.h"

#include <stdbool.h>
#include <stdint.h>

#define STATS_INPUTS_MAX   ((uint32_t)1 << 20)
#define STATS_ROWS_MAX     ((uint32_t)1 << 17) /* kinds, hosts, accounts, hours: each */
#define STATS_STREAMS_MAX  4096u
#define STATS_RANGES_MAX   256u /* of record numbers, per stream */
#define STATS_PAUSES_KEPT  8u   /* longest ones, per stream */
#define STATS_PLACES_MAX   10u  /* per kind of damage */
#define STATS_PROBLEMS_MAX 1000u
#define STATS_TEXT_MAX     1024u /* bytes of a key that are kept */

/* ---- Tables of things that are counted ---- */

struct stats_row {
    struct hn_text key;
    uint64_t count;
    hn_time first; /* HN_TIME_NONE: no event with a time */
    hn_time last;
};

struct stats_table {
    struct hn_map map;
    HN_VEC(struct stats_row) rows;
    uint64_t overflow; /* events that found no row */
};

/* ---- Inputs ---- */

struct stats_input {
    struct hn_text name;
    struct hn_text format;
    uint64_t events;
    uint64_t bytes;
    uint64_t findings;
    hn_time first;
    hn_time last;
};

struct stats_place {
    uint32_t input;
    uint64_t offset;
    uint64_t line;
};

struct stats_damage {
    uint64_t count;
    struct stats_place places[STATS_PLACES_MAX]; /* the first ones */
    uint32_t place_count;
};

/* An input that could not be read, or not be decoded. */
struct stats_problem {
    struct hn_text name;
    enum hn_finding_kind kind;
    struct hn_text message;
};

/* ---- Streams: a channel of a host for Windows events, an input for everything else ---- */

struct stats_pause {
    hn_time start;
    hn_time end;
};

struct stats_range { /* of record numbers, both ends included */
    uint64_t first;
    uint64_t last;
};

#define STATS_DELTA_BUCKETS 64

struct stats_stream {
    struct hn_text host;    /* of a channel; else empty */
    struct hn_text channel; /* or the input's name */
    bool is_channel;
    uint32_t input; /* where its last event stood */
    hn_time last;   /* of the event before, and the latest so far */
    hn_time high;
    uint64_t record_last;
    /* Pauses between one event and the next, by powers of two of milliseconds. */
    uint64_t deltas[STATS_DELTA_BUCKETS];
    struct stats_pause pauses[STATS_PAUSES_KEPT]; /* longest first */
    uint32_t pause_count;
    /* After stats_finish(): how many of them are unusual, and what all but one in a hundred last.
     */
    uint32_t unusual_count;
    hn_time usual;
    /* Clock. */
    uint64_t steps_back;
    struct stats_pause largest_step; /* from start back to end */
    /* Record numbers. */
    HN_VEC(struct stats_range) ranges; /* sorted, apart from each other */
    bool scattered;                    /* more ranges than are kept: a selection, not a log */
};

/* ---- All of it ---- */

struct stats {
    struct hn_arena arena;
    HN_VEC(struct stats_input) inputs;
    struct stats_table kinds; /* keys: stats_kind_parse() */
    struct stats_table hosts;
    struct stats_table users;
    struct stats_table hours; /* keys: struct stats_hour's number as 8 bytes */
    HN_VEC(struct stats_stream) streams;
    struct hn_map stream_map;
    uint64_t streams_overflow;
    struct stats_damage damage[HN_FINDING_COUNT];
    struct hn_arena problem_arena;
    HN_VEC(struct stats_problem) problems;
    uint64_t problems_overflow;
    uint64_t events;
    uint64_t events_timeless;
    hn_time first;
    hn_time last;
    bool failed; /* memory ran out */
};

/* One event, as a worker hands it on. Texts are borrowed for the call. */
struct stats_event {
    hn_time time;
    uint64_t record; /* EventRecordID, 0: none */
    bool recovered;  /* from unused space: not in the order of the log */
    struct hn_text kind;
    struct hn_text host;
    struct hn_text user;
    struct hn_text channel;
};

void stats_init(struct stats *stats);
void stats_deinit(struct stats *stats);
/* The number of the entry's input; UINT32_MAX past the maximum. Entries come in order. */
uint32_t stats_input_of(struct stats *stats, const struct scan_entry *entry);
void stats_add_event(struct stats *stats, uint32_t input, const struct stats_event *event);
void stats_add_finding(struct stats *stats, uint32_t input, const struct hn_finding *finding);
/* Of kept findings only the first have places; here are those that were only counted. */
void stats_add_findings(struct stats *stats, enum hn_finding_kind kind, uint64_t found);
void stats_add_problem(struct stats *stats, struct hn_text name, enum hn_finding_kind kind,
        struct hn_text message);
/* Sorts the tables (most first) and judges the pauses. */
void stats_finish(struct stats *stats);

/* stats_stream.c */
void stats_stream_add(struct stats *stats, uint32_t input, const struct stats_event *event);
void stats_stream_judge(struct stats_stream *stream);
hn_time stats_pause_length(const struct stats_pause *pause); /* of a step back as well */
/* Records missing between the first and the last, in *ret_gaps places. */
uint64_t stats_stream_missing(const struct stats_stream *stream, uint64_t *ret_gaps);
/* So many gaps that it is no whole log but what somebody chose of one. */
bool stats_stream_is_selection(const struct stats_stream *stream);

/* ---- Kinds ---- */

/* What a kind's key holds; labels are joined with commas. */
struct stats_kind {
    struct hn_text product;
    struct hn_text category;
    struct hn_text service;
    struct hn_text channel;
    struct hn_text provider;
    struct hn_text event_id;
};
void stats_kind_write(const struct hn_source *source, struct hn_text channel,
        struct hn_text provider, struct hn_text event_id, struct hn_buf *out);
struct stats_kind stats_kind_parse(struct hn_text key);
/* The first three, as a key of its own for a sum over log sources. */
struct hn_text stats_kind_source(struct hn_text key);

/* Hours since 1970, and how many events they have: in order of time. To be freed with hn_free();
 * NULL when there are none or memory is short. */
struct stats_hour {
    int64_t number;
    uint64_t count;
};
struct stats_hour *stats_hours(const struct stats *stats, uint32_t *ret_count);

/* Sums of rows that have the same source, most first; keys as stats_kind_source() gives them. */
void stats_sum_sources(const struct stats *stats, struct stats_table *ret_sources);
void stats_table_deinit(struct stats_table *table);

#endif
