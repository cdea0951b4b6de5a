/* engine_result.c - results in the order of the journal: alerts of a record's events, then what
 * correlations make of its hits and its time, handed on as one. */
#include "engine/engine_internal.h"

#include "base/mem.h"

/* ---- Alerts of the record at hand ---- */

/* Its texts may be gone before the record comes to its end. */
static bool copy_texts(struct hn_arena *arena, struct judge_alert *alert)
{
    alert->line = hn_arena_text(arena, alert->line);
    alert->user = hn_arena_text(arena, alert->user);
    alert->brief.title = hn_arena_text(arena, alert->brief.title);
    alert->brief.host = hn_arena_text(arena, alert->brief.host);
    return hn_arena_status(arena) == HN_OK;
}

bool engine_alert_add(struct engine *engine, const struct judge_alert *alert, bool copy)
{
    struct judge_alert kept = *alert;
    struct judge_alert *slot;

    if (copy && !copy_texts(&engine->texts, &kept)) {
        engine->record_dropped++;
        return hn_arena_status(&engine->texts) == HN_LIMIT;
    }
    slot = hn_vec_add(&engine->alerts);
    if (slot == NULL)
        return false;
    *slot = kept;
    return true;
}

/* What one task of the record gave. Hits wait for the record's end, so that the state of the
 * correlations always stands at the border of a record. */
static bool gather(struct engine *engine, const struct scan_result *result)
{
    struct judge_record record;
    size_t position = 0;
    bool ok = true;

    engine->record_events += result->events;
    for (size_t i = 0; i < HN_FINDING_COUNT; i++)
        engine->record_findings[i] += result->findings[i];
    while (ok && judge_records_next(&result->out, &result->side, &position, &record)) {
        if (record.is_hit)
            hn_buf_add(&engine->hits, record.hit.ptr, record.hit.len);
        else
            ok = engine_alert_add(engine, &record.alert, !result->at_end);
    }
    return ok && hn_buf_ok(&engine->hits);
}

void engine_forget(struct engine *engine)
{
    hn_vec_reset(&engine->alerts);
    hn_arena_reset(&engine->texts);
    hn_buf_reset(&engine->hits);
    engine->record_events = 0;
    engine->record_dropped = 0;
    memset(engine->record_findings, 0, sizeof engine->record_findings);
}

/* ---- The record as a whole ---- */

static bool hand_on(struct engine *engine, const struct record *record)
{
    const struct engine_options *options = &engine->options;
    struct engine_result result = { .offset = record->offset,
        .next = record->next,
        .kind = record->kind,
        .received = record->received,
        .set = judge_set_digest(record->set),
        .source = record->source,
        .tenant = record->tenant,
        .stream = record->entry.name,
        .alerts = engine->alerts.ptr,
        .alert_count = engine->alerts.count,
        .events = engine->record_events };
    bool fresh = record->next > options->applied;

    if (fresh && !options->on_result(options->ctx, &result))
        return false;
    atomic_store(&engine->position, record->next);
    engine_counters_add(&engine->counters, record, fresh ? &result : NULL, engine->record_findings,
            engine_now(engine) - record->received);
    return true;
}

static enum hn_status correlate_record(struct engine *engine, const struct record *record)
{
    enum hn_status status = HN_OK;

    if (record->set != engine->correlating.set)
        status = engine_correlation_switch(engine, record->set);
    if (status == HN_OK)
        status = engine_correlation_feed(engine, record, &engine->hits);
    return status;
}

bool engine_on_task_result(void *ctx, struct scan_result *result)
{
    struct engine *engine = ctx;
    const struct record *record = result->stream;

    if (!gather(engine, result)) {
        engine->status = HN_NOMEM;
        return false;
    }
    if (!result->at_end)
        return true;
    engine->whole = false;
    engine->status = correlate_record(engine, record);
    if (engine->status != HN_OK)
        return false;
    if (engine->record_dropped > 0) {
        engine_problem_tell(engine, ENGINE_PROBLEM_ALERTS, record->offset,
                "%llu alerts left out: more than fit about one record",
                (unsigned long long)engine->record_dropped);
    }
    if (!hand_on(engine, record))
        return false;
    engine->whole = true;
    engine_forget(engine);
    engine_keeper_offer(engine, false);
    return true;
}
