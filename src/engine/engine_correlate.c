/* engine_correlate.c - correlating in the order of the journal: hits of a record, then its time.
 *
 * There are two lanes. Hits of what comes in as it happens go through one correlator that follows
 * the time of receipt; those of old events go through the past lane (engine_past.h), because the
 * first one would find them all too late.
 *
 * A hit of a correlation outlives its event, so it carries where the event stands: its order is its
 * place in the journal, its ref the number of its stream and its line. */
#include "engine/engine_internal.h"

#include "base/mem.h"
#include "engine/wire.h"

#define REF_LINE_BITS     40
#define REF_LINE_MASK     (((uint64_t)1 << REF_LINE_BITS) - 1)
#define STREAMS_BYTES_MAX ((size_t)256 << 20)

/* ---- Names of streams ---- */

static bool stream_add(struct correlating *c, struct hn_text name, uint32_t *ret_number)
{
    struct hn_text copy = hn_arena_text(&c->arena, name);
    struct hn_text *slot = copy.ptr == NULL ? NULL : hn_vec_add(&c->streams);

    if (slot == NULL)
        return false;
    *slot = copy;
    return hn_map_put(&c->stream_map, copy, (uint32_t)c->streams.count - 1, ret_number);
}

/* 0 where there is no room: the alert then does not say where that part of it stands. */
static uint32_t stream_number(struct correlating *c, struct hn_text name)
{
    uint32_t number = hn_map_find(&c->stream_map, name);

    if (number != HN_MAP_NONE)
        return number;
    if (c->streams.count == ENGINE_STREAMS_MAX || !stream_add(c, name, &number))
        return 0;
    return number;
}

static void streams_deinit(struct correlating *c)
{
    hn_map_deinit(&c->stream_map);
    hn_vec_deinit(&c->streams);
    hn_arena_deinit(&c->arena);
    c->stream_map = (struct hn_map){ 0 };
}

static bool streams_init(struct correlating *c)
{
    uint32_t number;

    hn_arena_init(&c->arena, STREAMS_BYTES_MAX);
    return stream_add(c, HN_TEXT(""), &number);
}

/* ---- Alerts ---- */

static struct judge_where find(void *ctx, uint64_t order, uint64_t ref)
{
    const struct correlating *c = ctx;
    uint64_t number = ref >> REF_LINE_BITS;
    struct judge_where where = { { "", 0 }, order, ref & REF_LINE_MASK };

    if (number < c->streams.count)
        where.file = c->streams.ptr[number];
    return where;
}

/* False: it is not one that is reported. */
static bool tell(struct engine *engine, const struct correlate_result *result)
{
    struct correlating *c = &engine->correlating;
    struct judge_finder finder = { find, c };
    struct judge_alert alert;

    hn_buf_reset(&c->line);
    if (!judge_correlation(c->set, result, &finder, c->writer, &c->line, &alert))
        return false;
    if (!hn_buf_ok(&c->line) || !engine_alert_add(engine, &alert, true))
        c->status = HN_NOMEM;
    return true;
}

static void on_result(void *ctx, const struct correlate_result *result)
{
    (void)tell(ctx, result);
}

static void on_past_result(void *ctx, const struct correlate_result *result)
{
    struct engine *engine = ctx;
    struct correlating *c = &engine->correlating;

    if (engine_past_is_told(&c->past, result->id) || !tell(engine, result))
        return;
    if (!engine_past_tell(&c->past, result->id, result->order))
        c->status = HN_NOMEM;
}

/* ---- Life ---- */

/* Both lanes, without state. On failure c is as it was. */
static enum hn_status open_lanes(struct engine *engine, struct judge_set *set, struct hn_err *err)
{
    struct correlate_options options = {
        .lateness = engine->options.lateness, .on_result = on_result, .ctx = engine
    };
    struct correlating *c = &engine->correlating;
    const struct correlate_plan *plan = judge_set_plan(set);
    struct past past = {
        .options = engine_past_options_resolve(&engine->options.past, engine->options.lateness),
        .on_result = on_past_result,
        .ctx = engine,
    };
    struct correlate *live = NULL;
    enum hn_status status = engine_past_begin(&past, plan, err);

    if (status == HN_OK && plan != NULL)
        status = correlate_new(plan, &options, &live, err);
    if (status != HN_OK) {
        engine_past_end(&past);
        return status;
    }
    c->correlate = live;
    c->past = past;
    return HN_OK;
}

enum hn_status engine_correlation_begin(
        struct engine *engine, struct judge_set *set, struct hn_err *err)
{
    struct correlating *c = &engine->correlating;

    engine_correlation_end(engine);
    c->writer = alert_writer_new(ALERT_JSONL, NULL);
    if (c->writer == NULL || !streams_init(c))
        return hn_fail(err, HN_NOMEM, 0, "correlations");
    c->set = judge_set_ref(set);
    return open_lanes(engine, set, err);
}

void engine_correlation_end(struct engine *engine)
{
    struct correlating *c = &engine->correlating;

    correlate_free(c->correlate); /* before the plan it borrows */
    engine_past_end(&c->past);
    judge_set_unref(c->set);
    alert_writer_free(c->writer);
    streams_deinit(c);
    hn_buf_deinit(&c->line);
    hn_buf_deinit(&c->state);
    hn_buf_deinit(&c->past_state);
    *c = (struct correlating){ 0 };
}

/* ---- From one set to the next ---- */

/* Both lanes as bytes, in c->state and c->past_state. */
static enum hn_status save_lanes(struct correlating *c)
{
    enum hn_status status;

    hn_buf_reset(&c->state);
    hn_buf_reset(&c->past_state);
    if (c->correlate == NULL)
        return HN_OK;
    status = correlate_save(c->correlate, &c->state);
    return status == HN_OK ? engine_past_save(&c->past, &c->past_state) : status;
}

static enum hn_status restore_lanes(
        struct correlating *c, struct hn_bytes live, struct hn_bytes past, struct hn_err *err)
{
    enum hn_status status = HN_OK;
    enum hn_status past_status;

    if (c->correlate == NULL)
        return HN_OK;
    if (live.len > 0)
        status = correlate_restore(c->correlate, live, err);
    past_status = engine_past_restore(&c->past, past, err); /* whatever became of the other one */
    return status == HN_OK || past_status == HN_NOMEM ? past_status : status;
}

/* Never fails for the state's sake: state that no longer fits starts anew. */
enum hn_status engine_correlation_switch(struct engine *engine, struct judge_set *set)
{
    struct correlating *c = &engine->correlating;
    struct correlate *live = c->correlate;
    struct past past = c->past;
    struct judge_set *set_before = c->set;
    struct alert_writer *writer = alert_writer_new(ALERT_JSONL, NULL);
    enum hn_status status = writer == NULL ? HN_NOMEM : save_lanes(c);

    if (status == HN_OK)
        status = open_lanes(engine, set, NULL);
    if (status != HN_OK) {
        alert_writer_free(writer);
        return status;
    }
    c->set = judge_set_ref(set);
    alert_writer_free(c->writer); /* it remembers rules by their number */
    c->writer = writer;
    correlate_free(live);
    engine_past_end(&past);
    judge_set_unref(set_before);
    status = restore_lanes(c, hn_text_as_bytes(hn_buf_text(&c->state)),
            hn_text_as_bytes(hn_buf_text(&c->past_state)), NULL);
    return status == HN_NOMEM ? HN_NOMEM : HN_OK;
}

/* ---- Hits and time ---- */

static hn_time less(hn_time time, hn_time by)
{
    hn_time result;

    return __builtin_sub_overflow(time, by, &result) ? INT64_MIN + 1 : result;
}

/* What has no time, or one not to be believed, is of the time of the hit before it in the record;
 * without one, of its receipt: records are small, and what stands in other ones may be years away.
 */
static void begin_record(struct engine *engine, const struct record *record)
{
    struct correlate_stamper *stamper = &engine->correlating.stamper;

    stamper->has_last = true;
    stamper->last = record->received;
    stamper->has_horizon = engine->options.ahead_max > 0;
    stamper->horizon = less(record->received, -engine->options.ahead_max);
}

static enum hn_status feed_hit(
        struct correlating *c, const struct record *record, struct correlate_hit *hit)
{
    hit->time = correlate_stamp(&c->stamper, hit->time);
    if (hit->time < less(record->received, c->past.options.after))
        return engine_past_add(&c->past, hit, record->received);
    return correlate_feed(c->correlate, hit);
}

static enum hn_status feed_hits(
        struct engine *engine, const struct record *record, const struct hn_buf *hits)
{
    struct correlating *c = &engine->correlating;
    struct hn_reader reader = hn_reader_over(hn_text_as_bytes(hn_buf_text(hits)));
    struct correlate_hit_box *box = hn_malloc(sizeof *box);
    uint64_t stream = stream_number(c, record->entry.name);
    enum hn_status status = box == NULL ? HN_NOMEM : HN_OK;

    begin_record(engine, record);
    while (status == HN_OK && hn_reader_left(&reader) > 0) {
        status = correlate_hit_read(&reader, box, NULL);
        if (status == HN_OK) {
            box->hit.ref = stream << REF_LINE_BITS | (box->hit.ref & REF_LINE_MASK);
            status = feed_hit(c, record, &box->hit);
        }
    }
    hn_free(box);
    return status;
}

enum hn_status engine_correlation_feed(
        struct engine *engine, const struct record *record, const struct hn_buf *hits)
{
    struct correlating *c = &engine->correlating;
    bool ends = record->kind == JOURNAL_END;
    enum hn_status status = HN_OK;

    if (c->correlate == NULL)
        return HN_OK;
    if (hits->len > 0)
        status = feed_hits(engine, record, hits);
    if (status == HN_OK)
        status = correlate_advance(
                c->correlate, less(record->received, ends ? 0 : engine->options.lateness));
    if (status == HN_OK)
        status = ends ? engine_past_finish(&c->past) : engine_past_time(&c->past, record->received);
    return status == HN_OK ? c->status : status;
}

struct correlate_stats engine_correlation_stats(const struct correlating *c)
{
    struct correlate_stats stats = { 0 };

    if (c->correlate != NULL)
        stats = correlate_stats(c->correlate);
    stats.timeless = c->stamper.timeless;
    stats.ahead = c->stamper.ahead;
    return stats;
}

/* ---- State ---- */

enum hn_status engine_correlation_save(struct engine *engine, uint64_t offset, struct hn_buf *out)
{
    struct correlating *c = &engine->correlating;
    struct snapshot snapshot = { .offset = offset, .set = judge_set_digest(c->set) };
    struct hn_buf streams = { 0 };
    enum hn_status status;

    for (size_t i = 1; i < c->streams.count; i++)
        put_text(&streams, c->streams.ptr[i]);
    status = save_lanes(c);
    snapshot.stream_count = (uint32_t)c->streams.count - 1;
    snapshot.streams = hn_text_as_bytes(hn_buf_text(&streams));
    snapshot.state = hn_text_as_bytes(hn_buf_text(&c->state));
    snapshot.past = hn_text_as_bytes(hn_buf_text(&c->past_state));
    if (status == HN_OK)
        engine_snapshot_write(&snapshot, out);
    if (!hn_buf_ok(&streams) || !hn_buf_ok(out))
        status = HN_NOMEM;
    hn_buf_deinit(&streams);
    hn_buf_deinit(&c->past_state); /* large, and mostly not needed again */
    return status;
}

enum hn_status engine_correlation_restore(
        struct engine *engine, const struct snapshot *snapshot, struct hn_err *err)
{
    struct correlating *c = &engine->correlating;
    struct hn_reader streams = hn_reader_over(snapshot->streams);
    uint32_t number;

    for (uint32_t i = 0; i < snapshot->stream_count; i++) {
        if (!stream_add(c, engine_snapshot_stream_next(&streams), &number))
            return hn_fail(err, HN_NOMEM, 0, "names of streams");
    }
    return restore_lanes(c, snapshot->state, snapshot->past, err);
}
