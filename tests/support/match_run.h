/* match_run.h - the engine beside the interpreter on one case; header only, for tests and fuzzers
 * that link src/match.
 *
 * What must hold: for every rule and event the engine fires exactly when the interpreter says so;
 * with few and with many remembered values, on a first and on a second look, whether the event
 * holds what the rules want or everything; each piece of evidence lies in its value and the
 * interpreter finds it as well. */
#ifndef HN_TESTS_MATCH_RUN_H
#define HN_TESTS_MATCH_RUN_H

#include "match/interpret.h"
#include "match/match.h"
#include "support/match_case.h"

#include <stdio.h>
#include <stdlib.h>

struct match_run {
    const struct match_case *c;
    struct sigma_set *set;
    struct match_snapshot *snapshot;
    struct match_scratch *scratch;
    struct match_scratch *forgetful; /* remembers a single value */
    struct hn_event wanted;
    struct hn_event full;
    bool *fired; /* by rule, of the last match_event() */
    uint32_t last_rule;
    uint32_t hits; /* of all events */
    uint32_t evidences;
    bool broken;
};

/* Says once what is wrong, with all that is needed to see why. */
static inline void match_run_fail(struct match_run *run, const char *what, uint32_t rule)
{
    if (run->broken)
        return;
    run->broken = true;
    (void)fprintf(stderr, "%s: rule %.*s of\n%.*sthe event's values:\n", what,
            HN_TEXT_ARG(run->set->rules[rule].meta.title), HN_TEXT_ARG(hn_buf_text(&run->c->yaml)));
    for (size_t i = 0; i < run->full.named.count; i++) {
        uint32_t index = run->full.named.ptr[i].index;

        (void)fprintf(stderr, "    %.*s = (type %u, form %u) %.*s\n",
                HN_TEXT_ARG(run->full.named.ptr[i].name), run->full.values[index].type,
                run->full.values[index].form, HN_TEXT_ARG(hn_event_text(&run->full, index)));
    }
    (void)fprintf(stderr, "the line: %.*s\n", HN_TEXT_ARG(hn_bytes_as_text(run->full.raw)));
}

static inline struct hn_event *match_run_expand(void *ctx, const struct hn_event *event)
{
    struct match_run *run = ctx;

    (void)event;
    return &run->full;
}

static inline void match_run_fill(struct hn_event *event, const struct match_case_event *from)
{
    hn_event_reset(event);
    event->origin = HN_ORIGIN_KNOWN;
    event->source = from->source;
    event->raw = hn_text_as_bytes(from->raw);
    event->raw_is_text = from->raw.len > 0;
    event->raw_is_json = from->raw_is_json;
    event->raw_escapes_ascii = true;
    for (uint32_t i = 0; i < from->value_count; i++)
        hn_event_add(event, from->values[i].name, &from->values[i].value);
}

/* ---- Evidence ---- */

struct match_run_rule {
    struct match_run *run;
    const struct match_trace *trace;
    uint32_t rule;
};

/* Some value of the item fits that very text. */
static inline bool match_run_traced(
        const struct match_trace *trace, const struct match_evidence *evidence)
{
    const struct match_item_trace *item;

    if (evidence->item->index >= trace->items.count)
        return false;
    item = &trace->items.ptr[evidence->item->index];
    return item->item == evidence->item && item->matched;
}

static inline void match_run_on_evidence(void *ctx, const struct match_evidence *evidence)
{
    const struct match_run_rule *of = ctx;
    struct match_run *run = of->run;

    run->evidences++;
    if (evidence->start > evidence->text.len ||
            evidence->len > evidence->text.len - evidence->start)
        match_run_fail(run, "evidence outside its value", of->rule);
    if (!match_run_traced(of->trace, evidence))
        match_run_fail(run, "evidence that the interpreter does not see", of->rule);
}

/* ---- One event ---- */

static inline void match_run_on_hit(void *ctx, uint32_t rule)
{
    struct match_run *run = ctx;

    if (run->last_rule != UINT32_MAX && rule <= run->last_rule)
        match_run_fail(run, "hits out of order", rule);
    run->last_rule = rule;
    run->fired[rule] = true;
}

static inline void match_run_compare(struct match_run *run, struct match_scratch *scratch,
        struct hn_event *event, const char *how)
{
    uint32_t count;

    memset(run->fired, 0, run->set->rule_count * sizeof *run->fired);
    run->last_rule = UINT32_MAX;
    count = match_event(scratch, event, match_run_expand, match_run_on_hit, run);
    run->hits += count;
    for (uint32_t r = 0; r < run->set->rule_count; r++) {
        struct match_trace trace;
        struct match_run_rule of = { run, &trace, r };

        match_trace_init(&trace);
        if (match_interpret(&run->set->rules[r], &run->full, &trace) != run->fired[r])
            match_run_fail(run, how, r);
        else if (run->fired[r])
            match_evidence(scratch, r, match_run_on_evidence, &of);
        count -= run->fired[r];
        match_trace_deinit(&trace);
    }
    if (count != 0)
        match_run_fail(run, "a wrong number of hits", 0);
}

static inline void match_run_event(struct match_run *run, const struct match_case_event *event)
{
    match_run_fill(&run->full, event);
    match_run_fill(&run->wanted, event);
    match_run_compare(run, run->scratch, &run->wanted, "engine and interpreter differ");
    match_run_compare(run, run->scratch, &run->wanted, "the second look differs");
    match_run_compare(run, run->forgetful, &run->wanted, "little memory differs");
    match_run_fill(&run->full, event);
    match_run_compare(run, run->scratch, &run->full, "an event that holds everything differs");
}

/* ---- A case ---- */

static inline void match_run_load(struct match_run *run)
{
    struct sigma_loader *loader = sigma_loader_new(NULL);
    struct match_options options = { .limits = { 0 } };
    struct match_snapshot *small = NULL;

    if (loader == NULL ||
            sigma_loader_add_text(loader, HN_TEXT("case.yml"), hn_buf_text(&run->c->yaml), NULL) !=
                    HN_OK ||
            sigma_loader_finish(loader, &run->set, NULL) != HN_OK ||
            match_snapshot_new(run->set, &options, &run->snapshot, NULL) != HN_OK ||
            match_scratch_new(run->snapshot, &run->scratch) != HN_OK)
        abort();
    sigma_loader_free(loader);
    options.limits.memo_entries = 1;
    if (match_snapshot_new(run->set, &options, &small, NULL) != HN_OK ||
            match_scratch_new(small, &run->forgetful) != HN_OK)
        abort();
    match_snapshot_unref(small); /* the scratch holds it */
    run->fired = calloc(run->set->rule_count + 1, sizeof *run->fired);
    if (run->fired == NULL ||
            hn_event_init(&run->wanted, match_schema(run->snapshot), NULL, false) != HN_OK ||
            hn_event_init(&run->full, match_schema(run->snapshot), NULL, true) != HN_OK)
        abort();
}

/* False when something differs; stderr has it. What was seen is added to *total (may be NULL). */
struct match_run_total {
    uint32_t rules;
    uint32_t events;
    uint32_t hits;
    uint32_t evidences;
};
static inline bool match_run_agrees(const uint8_t *data, size_t size, struct match_run_total *total)
{
    struct match_case c;
    struct match_run run = { .c = &c };

    match_case_build(&c, data, size);
    match_run_load(&run);
    for (uint32_t i = 0; i < c.event_count && !run.broken; i++)
        match_run_event(&run, &c.events[i]);
    if (total != NULL) {
        total->rules += run.set->rule_count;
        total->events += c.event_count;
        total->hits += run.hits;
        total->evidences += run.evidences;
    }
    hn_event_deinit(&run.wanted);
    hn_event_deinit(&run.full);
    match_scratch_free(run.scratch);
    match_scratch_free(run.forgetful);
    match_snapshot_unref(run.snapshot);
    sigma_set_unref(run.set);
    free(run.fired);
    match_case_deinit(&c);
    return !run.broken;
}

#endif
