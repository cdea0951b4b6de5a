/* scan.c - the job of `hinomi scan`: rules and indicators on every event, alerts written by the
 * workers, grouped and correlated in the order of the input.
 *
 * Correlations want hits in the order of their time. Files do not come that way, so the hits of a
 * whole scan are sorted first and correlated at the end. */
#include "scan/scan_internal.h"

#include "base/mem.h"
#include "scan/fold.h"

#include <pthread.h>
#include <stdlib.h>

#define SPILL_MEMORY_BYTES ((size_t)32 << 20)
#define PENDING_BYTES_MAX  ((size_t)65536) /* of lines that go out as one */

struct scan {
    const struct scan_options *options;
    struct scan_summary *summary;
    struct spill *spill;
    struct correlate_stamper stamper;
    struct fold *fold;
    HN_VEC(struct hn_text) entry_names; /* by number; in arena */
    struct hn_arena arena;
    pthread_mutex_t entries_lock;
    struct alert_writer *writer; /* of correlation alerts */
    struct hn_buf line;
    struct hn_text pending; /* lines one after the other that go out as one */
    enum hn_status status;
};

struct worker {
    struct scan *scan;
    struct judge *judge;
    uint64_t events_in_time;
    uint64_t events_timeless;
};

/* ---- Events ---- */

/* Within --since and --until? Events without a time are kept: nothing is lost for want of a stamp.
 */
static bool in_time(struct worker *worker, struct hn_event *event)
{
    const struct scan_options *options = worker->scan->options;
    hn_time time;

    if (options->since == HN_TIME_NONE && options->until == HN_TIME_NONE)
        return true;
    time = hn_event_time(event, &options->pipeline.decode.time);
    if (time == HN_TIME_NONE) {
        worker->events_timeless++;
        return true;
    }
    if ((options->since != HN_TIME_NONE && time < options->since) ||
            (options->until != HN_TIME_NONE && time > options->until))
        return false;
    worker->events_in_time++;
    return true;
}

static bool on_event(void *ctx, struct hn_event *event, const struct scan_place *place,
        struct scan_result *result)
{
    struct worker *worker = ctx;
    struct judge_place where = { .file = place->entry->name,
        .batch = place->batch,
        .time = &worker->scan->options->pipeline.decode.time,
        .order = (uint64_t)place->entry->number << JUDGE_OFFSET_BITS }; /* 2^20 entries */
    bool limited;
    bool fine;

    hn_event_resolve(event);
    if (!in_time(worker, event))
        return true;
    fine = judge_event(worker->judge, event, &where, &result->out, &result->side, &limited);
    if (limited)
        scan_result_note(result, HN_FINDING_REGEX_LIMIT, event);
    return fine;
}

static void worker_free(void *ctx)
{
    struct worker *worker = ctx;

    if (worker == NULL)
        return;
    worker->scan->summary->events_in_time += worker->events_in_time;
    worker->scan->summary->events_timeless += worker->events_timeless;
    if (worker->judge != NULL) {
        const struct match_stats *stats = judge_stats(worker->judge);
        struct match_stats *total = &worker->scan->summary->match;

        total->events += stats->events;
        total->events_without_rules += stats->events_without_rules;
        total->candidates += stats->candidates;
        total->hits += stats->hits;
        total->expanded += stats->expanded;
        total->regex_limited += stats->regex_limited;
        total->memo_hits += stats->memo_hits;
        total->memo_misses += stats->memo_misses;
        if (worker->scan->summary->rules != NULL)
            judge_add_rule_stats(worker->judge, worker->scan->summary->rules);
    }
    judge_free(worker->judge);
    hn_free(worker);
}

static void *worker_new(void *ctx)
{
    struct scan *scan = ctx;
    const struct scan_options *options = scan->options;
    struct judge_options judge = { .format = options->format,
        .keep_json = options->keep_json,
        .zone = options->zone,
        .time_rules = options->time_rules };
    struct worker *worker = hn_calloc(1, sizeof *worker);

    if (worker == NULL)
        return NULL;
    worker->scan = scan;
    worker->judge = judge_new(options->set, &judge);
    if (worker->judge == NULL) {
        worker_free(worker);
        return NULL;
    }
    return worker;
}

/* ---- Results in order ---- */

static void count_alert(struct scan *scan, const struct alert_brief *brief)
{
    struct scan_summary *summary = scan->summary;

    summary->alerts[brief->level]++;
    if (brief->time == HN_TIME_NONE)
        return;
    if (summary->first == HN_TIME_NONE || brief->time < summary->first)
        summary->first = brief->time;
    if (summary->last == HN_TIME_NONE || brief->time > summary->last)
        summary->last = brief->time;
}

static bool write_pending(struct scan *scan)
{
    struct hn_text lines = scan->pending;

    scan->pending = (struct hn_text){ NULL, 0 };
    return lines.len == 0 || scan->options->on_bytes(scan->options->ctx, lines);
}

/* A worker has written line behind line: what is copied and written at once is all of them. The
 * line stays where it is until write_pending(). */
static bool write_line(struct scan *scan, struct hn_text line)
{
    if (scan->pending.len > 0 && scan->pending.ptr + scan->pending.len == line.ptr &&
            scan->pending.len + line.len <= PENDING_BYTES_MAX) {
        scan->pending.len += line.len;
        return true;
    }
    if (!write_pending(scan))
        return false;
    scan->pending = line;
    return true;
}

/* Counts, groups and writes one alert. */
static bool take_alert(struct scan *scan, struct judge_alert *alert)
{
    struct alert_brief *brief = &alert->brief;
    const struct scan_options *options = scan->options;
    bool repeat = false;

    count_alert(scan, brief);
    if (options->keep_json && options->format == ALERT_JSONL)
        brief->json = alert->line;
    if (options->groups != NULL && alert_groups_add(options->groups, brief) != HN_OK) {
        scan->status = HN_NOMEM;
        return false;
    }
    if (!options->write_alerts)
        return true;
    if (scan->fold != NULL)
        repeat = fold_is_repeat(scan->fold, brief->fold_key, brief->time);
    scan->summary->folded += repeat;
    return repeat || write_line(scan, alert->line);
}

static bool take_hit(struct scan *scan, struct hn_bytes hit)
{
    struct hn_reader reader = hn_reader_over(hit);
    struct correlate_hit_box *box = hn_malloc(sizeof *box);
    enum hn_status status = box == NULL ? HN_NOMEM : correlate_hit_read(&reader, box, NULL);

    if (status == HN_OK) {
        box->hit.time = correlate_stamp(&scan->stamper, box->hit.time);
        status = spill_add(scan->spill, &box->hit, NULL);
    }
    hn_free(box);
    scan->status = status;
    return status == HN_OK;
}

static bool on_result(void *ctx, struct scan_result *result)
{
    struct scan *scan = ctx;
    struct judge_record record;
    size_t position = 0;
    bool go_on = true;

    for (size_t i = 0; scan->options->on_finding != NULL && i < result->kept.count; i++)
        scan->options->on_finding(scan->options->ctx, result->entry, &result->kept.ptr[i]);
    while (go_on && judge_records_next(&result->out, &result->side, &position, &record))
        go_on = record.is_hit ? take_hit(scan, record.hit) : take_alert(scan, &record.alert);
    go_on = write_pending(scan) && go_on;
    if (go_on && result->side.len > 0 && scan->options->on_flush != NULL)
        go_on = scan->options->on_flush(scan->options->ctx);
    return go_on;
}

static void on_entry(void *ctx, const struct scan_entry *entry)
{
    struct scan *scan = ctx;
    struct hn_text *slot;

    (void)pthread_mutex_lock(&scan->entries_lock);
    slot = hn_vec_add(&scan->entry_names);
    if (slot != NULL)
        *slot = hn_arena_text(&scan->arena, entry->name);
    (void)pthread_mutex_unlock(&scan->entries_lock);
}

static void on_problem(void *ctx, struct hn_text name, enum hn_status status,
        enum hn_finding_kind kind, struct hn_text message)
{
    struct scan *scan = ctx;

    if (scan->options->on_problem != NULL)
        scan->options->on_problem(scan->options->ctx, name, status, kind, message);
}

/* ---- Correlations ---- */

static struct judge_where find(void *ctx, uint64_t order, uint64_t ref)
{
    const struct scan *scan = ctx;
    uint64_t number = order >> JUDGE_OFFSET_BITS;
    struct judge_where where = { { "", 0 }, order & JUDGE_OFFSET_MASK, ref };

    if (number < scan->entry_names.count)
        where.file = scan->entry_names.ptr[number];
    return where;
}

static void on_correlation(void *ctx, const struct correlate_result *result)
{
    struct scan *scan = ctx;
    struct judge_finder finder = { find, scan };
    struct judge_alert alert;

    if (scan->status != HN_OK)
        return;
    hn_buf_reset(&scan->line);
    if (!judge_correlation(scan->options->set, result, &finder, scan->writer, &scan->line, &alert))
        return;
    if (!hn_buf_ok(&scan->line))
        scan->status = HN_NOMEM;
    else if ((!take_alert(scan, &alert) || !write_pending(scan)) && scan->status == HN_OK)
        scan->status = HN_CANCELLED;
}

static enum hn_status feed(void *ctx, const struct correlate_hit *hit)
{
    return correlate_feed(ctx, hit);
}

static enum hn_status correlate_all(struct scan *scan, struct hn_err *err)
{
    struct correlate_options options = { .on_result = on_correlation, .ctx = scan };
    struct correlate *correlate = NULL;
    enum hn_status status;

    if (judge_set_plan(scan->options->set) == NULL)
        return HN_OK;
    status = correlate_new(judge_set_plan(scan->options->set), &options, &correlate, err);
    if (status == HN_OK)
        status = spill_replay(scan->spill, feed, correlate, err);
    if (status == HN_OK)
        status = correlate_flush(correlate);
    if (correlate != NULL)
        scan->summary->correlations = correlate_stats(correlate);
    correlate_free(correlate);
    return status == HN_OK ? scan->status : status;
}

/* ---- The scan
 * ------------------------------------------------------------------------------------------------
 */

static enum hn_status scan_open(struct scan *scan)
{
    const struct scan_options *options = scan->options;
    const struct sigma_set *set = judge_set_rules(options->set);

    hn_arena_init(&scan->arena, (size_t)1 << 30);
    (void)pthread_mutex_init(&scan->entries_lock, NULL);
    scan->spill = spill_new(SPILL_MEMORY_BYTES);
    scan->writer = alert_writer_new(options->format, options->zone);
    scan->summary->rules = hn_calloc(set->rule_count, sizeof *scan->summary->rules);
    scan->fold = options->fold ? fold_new() : NULL;
    return scan->spill == NULL || scan->writer == NULL || scan->summary->rules == NULL ||
                           (options->fold && scan->fold == NULL)
                   ? HN_NOMEM
                   : HN_OK;
}

static void scan_close(struct scan *scan)
{
    spill_free(scan->spill);
    alert_writer_free(scan->writer);
    fold_free(scan->fold);
    hn_buf_deinit(&scan->line);
    hn_vec_deinit(&scan->entry_names);
    (void)pthread_mutex_destroy(&scan->entries_lock);
    hn_arena_deinit(&scan->arena);
}

enum hn_status scan_run(
        const struct scan_options *options, struct scan_summary *ret_summary, struct hn_err *err)
{
    struct scan scan = { .options = options, .summary = ret_summary };
    struct scan_job job = { .ctx = &scan,
        .schema = judge_set_schema(options->set),
        .worker_new = worker_new,
        .worker_free = worker_free,
        .on_event = on_event,
        .on_result = on_result,
        .on_entry = on_entry,
        .on_problem = on_problem };
    struct hn_buf header = { 0 };
    enum hn_status status;

    memset(ret_summary, 0, sizeof *ret_summary);
    ret_summary->first = HN_TIME_NONE;
    ret_summary->last = HN_TIME_NONE;
    status = scan_open(&scan);
    alert_write_header(options->format, &header);
    if (status == HN_OK && options->write_alerts && header.len > 0 &&
            !options->on_bytes(options->ctx, hn_buf_text(&header)))
        status = HN_CANCELLED;
    if (status == HN_OK)
        status = scan_pipeline_run(&options->pipeline, &job, &ret_summary->totals, err);
    if (status == HN_OK)
        status = scan.status;
    if (status == HN_OK)
        status = correlate_all(&scan, err);
    if (status == HN_OK && scan.fold != NULL && options->write_alerts &&
            !fold_write(scan.fold, options->zone, options->on_bytes, options->ctx))
        status = HN_CANCELLED;
    hn_buf_deinit(&header);
    scan_close(&scan);
    return status == HN_OK ? HN_OK : hn_fail(err, status, 0, "scan: %s", hn_status_text(status));
}
