/* engine_past.h - the past lane: correlations over events that come in long after they happened.
 * Private to src/engine; docs/correlation.md says what it promises.
 *
 * It is a small scan that is done again whenever it has to be: hits are kept in order of their own
 * times and fed to a correlator once no more seem to come; hits that belong before what was fed
 * have it begin anew from all that is kept, and what was told already is not told again.
 * Time: only that of receipt, as the journal has it. So a replay decides the same.
 * Memory: struct engine_past_options; at a limit everything is fed and the half received first is
 * forgotten. The correlator has the limits of its plan.
 * Concurrency: one thread at a time. */
#ifndef HN_ENGINE_ENGINE_PAST_H
#define HN_ENGINE_ENGINE_PAST_H

#include "engine/engine.h"

#include "base/vec.h"
#include "correlate/correlate.h"

struct past_hit {
    hn_time time;
    uint64_t order;
    uint32_t rule;
    uint32_t bytes;
    char *written; /* as correlate_hit_write() gave it */
};

struct past_told {
    struct hn_digest id;
    uint64_t order; /* of the hit that completed it */
};

struct past {
    struct engine_past_options options;
    const struct correlate_plan *plan; /* borrowed; NULL: the set has no correlations */
    correlate_on_result *on_result;
    void *ctx;
    struct correlate *correlate;
    HN_VEC(struct past_hit) hits; /* those fed, in their order; then those that wait */
    size_t fed;
    HN_VEC(struct past_told) told;
    size_t told_sorted; /* by id: what may be told again */
    hn_time frontier;   /* time of the last hit fed; INT64_MIN: none */
    hn_time last;       /* receipt of the last hit */
    hn_time waiting;    /* receipt of the first one that waits */
    struct engine_past_totals totals;
};

/* Zeroed options: the defaults. */
struct engine_past_options engine_past_options_resolve(
        const struct engine_past_options *options, hn_time lateness);

/* Of a zeroed past with options, on_result and ctx filled in. */
HN_MUST_USE enum hn_status engine_past_begin(
        struct past *past, const struct correlate_plan *plan, struct hn_err *err);
void engine_past_end(struct past *past); /* back to what engine_past_begin() takes */

/* One more hit, whose time is known. */
HN_MUST_USE enum hn_status engine_past_add(
        struct past *past, const struct correlate_hit *hit, hn_time received);
/* A record was received at this time, and its hits have been added. */
HN_MUST_USE enum hn_status engine_past_time(struct past *past, hn_time received);
/* The end of the input: what waits is fed, and what the end lets be judged is judged, as at the
 * end of a scan. The state stays as it was before that judgement. */
HN_MUST_USE enum hn_status engine_past_finish(struct past *past);

/* A result of this id was told before. */
bool engine_past_is_told(const struct past *past, struct hn_digest id);
/* False: out of memory. */
HN_MUST_USE bool engine_past_tell(struct past *past, struct hn_digest id, uint64_t order);

struct engine_past_totals engine_past_totals(const struct past *past);

/* ---- engine_past_state.c ---- */

HN_MUST_USE enum hn_status engine_past_save(const struct past *past, struct hn_buf *out);
/* Into one that has just begun; of another plan, hits of rules that are gone or changed are left
 * out and counted. On failure it is as new. */
HN_MUST_USE enum hn_status engine_past_restore(
        struct past *past, struct hn_bytes saved, struct hn_err *err);
/* For those two alone. */
HN_MUST_USE enum hn_status engine_past_keep(struct past *past, const struct correlate_hit *hit);
void engine_past_clear(struct past *past);

#endif
