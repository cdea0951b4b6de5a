/* engine.c - life of the engine: state taken up, threads started, joined, state left behind.
 *
 * The threads are scan's pipeline over the records of the journal. Leaves to others: records as
 * tasks (engine_record.c), results in order (engine_result.c), snapshots (engine_keep.c). */
#include "engine/engine_internal.h"

#include "base/mem.h"

#include <stdio.h>
#include <time.h>

#define SNAPSHOTS_TRIED 8u

/* ---- Small helpers ---- */

void engine_problem_tell(
        struct engine *engine, enum engine_problem problem, uint64_t offset, const char *fmt, ...)
{
    char message[256];
    va_list args;

    (void)pthread_mutex_lock(&engine->counters.lock);
    engine->counters.totals.problems++;
    (void)pthread_mutex_unlock(&engine->counters.lock);
    if (engine->options.on_problem == NULL)
        return;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    (void)pthread_mutex_lock(&engine->problem_lock); /* readers, results and snapshots may meet */
    engine->options.on_problem(engine->options.ctx, problem, offset, message);
    (void)pthread_mutex_unlock(&engine->problem_lock);
}

hn_time engine_now(const struct engine *engine)
{
    struct timespec now;

    if (engine->options.now != NULL)
        return engine->options.now(engine->options.ctx);
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (hn_time)now.tv_sec * HN_SECOND + now.tv_nsec;
}

static enum hn_status read_journal(
        void *ctx, int timeout_ms, struct journal_record *ret_record, struct hn_err *err)
{
    return journal_read(ctx, timeout_ms, ret_record, err);
}

static void wake_journal(void *ctx)
{
    journal_reader_wake(ctx);
}

struct engine_feed engine_feed_of(struct journal_reader *reader)
{
    return (struct engine_feed){ reader, read_journal, wake_journal };
}

/* ---- Workers ---- */

/* A judge of one set, and the event it judges. */
struct seat {
    struct judge *judge;
    struct hn_event event;
    hn_time counted; /* when measurements of rules were handed over */
};

/* A power of two would beat with records of so many events. */
#define TIME_EVERY     1021
#define COSTS_INTERVAL HN_SECOND

struct worker {
    struct engine *engine;
    struct judge_set *set;       /* of the last task; a reference */
    HN_VEC(struct seat *) seats; /* of it and its mappings, as they were needed */
    struct seat *seat;           /* of the task at hand */
};

static void seat_free(struct seat *seat)
{
    if (seat == NULL)
        return;
    hn_event_deinit(&seat->event); /* before the schema goes with the set */
    judge_free(seat->judge);
    hn_free(seat);
}

static void hand_costs(struct worker *worker, struct seat *seat, bool at_once)
{
    hn_time now;

    if (!judge_has_rule_costs(seat->judge))
        return;
    now = engine_now(worker->engine);
    if (!at_once && now - seat->counted < COSTS_INTERVAL && now >= seat->counted)
        return;
    seat->counted = now;
    engine_counters_take_costs(&worker->engine->counters, seat->judge);
}

static void leave_seats(struct worker *worker)
{
    for (size_t i = 0; i < worker->seats.count; i++) {
        hand_costs(worker, worker->seats.ptr[i], true);
        seat_free(worker->seats.ptr[i]);
    }
    hn_vec_reset(&worker->seats);
    judge_set_unref(worker->set);
    worker->set = NULL;
}

static void worker_free(void *ctx)
{
    struct worker *worker = ctx;

    if (worker == NULL)
        return;
    leave_seats(worker);
    hn_vec_deinit(&worker->seats);
    hn_free(worker);
}

static void *worker_new(void *ctx)
{
    struct worker *worker = hn_calloc(1, sizeof *worker);

    if (worker != NULL)
        worker->engine = ctx;
    return worker;
}

static struct seat *seat_new(struct judge_set *set)
{
    struct judge_options options = { .format = ALERT_JSONL, .time_every = TIME_EVERY };
    struct seat *seat = hn_calloc(1, sizeof *seat);

    if (seat == NULL)
        return NULL;
    seat->judge = judge_new(set, &options);
    if (seat->judge != NULL &&
            hn_event_init(&seat->event, judge_set_schema(set), NULL, false) == HN_OK)
        return seat;
    judge_free(seat->judge);
    hn_free(seat);
    return NULL;
}

/* Sources with mappings and without come in turn, so a judge stays for each. */
static struct seat *take_seat(struct worker *worker, struct judge_set *set)
{
    struct seat *seat;
    struct seat **slot;

    for (size_t i = 0; i < worker->seats.count; i++) {
        if (judge_get_set(worker->seats.ptr[i]->judge) == set)
            return worker->seats.ptr[i];
    }
    seat = seat_new(set);
    slot = seat == NULL ? NULL : hn_vec_add(&worker->seats);
    if (slot == NULL) {
        seat_free(seat);
        return NULL;
    }
    *slot = seat;
    return seat;
}

/* The rules may have changed since the last task. */
static struct hn_event *on_task(void *ctx, const struct scan_task *task)
{
    struct worker *worker = ctx;
    const struct record *record = task->stream;

    if (worker->set != record->set) {
        leave_seats(worker);
        worker->set = judge_set_ref(record->set);
    }
    worker->seat = take_seat(worker, record->judging);
    if (worker->seat == NULL)
        return NULL;
    hand_costs(worker, worker->seat, false);
    return &worker->seat->event;
}

static void cut_back(struct hn_buf *buf, size_t len)
{
    buf->len = len;
    buf->status = HN_OK;
}

static bool on_event(void *ctx, struct hn_event *event, const struct scan_place *place,
        struct scan_result *result)
{
    struct worker *worker = ctx;
    const struct record *record = place->stream;
    struct judge_place where = { .file = record->entry.name,
        .batch = place->batch,
        .time = &record->time,
        .order = record->offset,
        .offset_shift = record->body_offset - record->head_len,
        .line_shift = record->body_line - record->head_lines - 1,
        .no_lines = record->body_line == 0,
        .origin = &record->origin,
        .hits_only = record->next <= worker->engine->options.applied };
    size_t out_len;
    size_t side_len;
    bool limited;
    bool fine;

    if (event->offset < record->first) {
        result->events--; /* handed in before, or of the head */
        return true;
    }
    hn_event_resolve(event);
    out_len = result->out.len;
    side_len = result->side.len;
    fine = judge_event(worker->seat->judge, event, &where, &result->out, &result->side, &limited);
    if (limited) {
        scan_result_note(result, HN_FINDING_REGEX_LIMIT, event);
        hand_costs(worker, worker->seat, true); /* rare, and dearer than the handing over */
    }
    if (fine || (result->out.status != HN_LIMIT && result->side.status != HN_LIMIT))
        return fine;
    /* One event must not stop the engine, now and at each replay. */
    cut_back(&result->out, out_len);
    cut_back(&result->side, side_len);
    engine_problem_tell(worker->engine, ENGINE_PROBLEM_ALERTS, record->offset,
            "alerts of one event left out: more than fit");
    return true;
}

/* ---- Running ---- */

static void *engine_main(void *arg)
{
    struct engine *engine = arg;
    struct scan_source source = engine_tasks(engine);
    struct scan_pipeline_options options = { .threads = engine->options.threads };
    struct scan_job job = { .ctx = engine,
        .worker_new = worker_new,
        .worker_free = worker_free,
        .on_task = on_task,
        .on_event = on_event,
        .on_result = engine_on_task_result };
    struct scan_totals totals;
    enum hn_status status = scan_source_run(&source, &options, &job, &totals, &engine->err);

    if (engine->status == HN_OK)
        engine->status = status;
    if (engine->status != HN_CANCELLED && engine->options.on_end != NULL)
        engine->options.on_end(engine->options.ctx, engine->status, &engine->err);
    return NULL;
}

enum hn_status engine_start(
        struct engine *engine, const struct engine_feed *feed, struct hn_err *err)
{
    enum hn_status status;

    engine->feed = *feed;
    engine->status = HN_OK;
    engine->err = (struct hn_err){ 0 };
    atomic_store(&engine->stopping, false);
    status = engine_keeper_start(engine, err);
    if (status != HN_OK)
        return status;
    engine->started = pthread_create(&engine->thread, NULL, engine_main, engine) == 0;
    if (engine->started)
        return HN_OK;
    engine_keeper_stop(engine);
    return hn_fail(err, HN_NOMEM, 0, "no thread for the engine");
}

enum hn_status engine_wait(struct engine *engine, struct hn_err *err)
{
    if (!engine->started)
        return HN_OK;
    (void)pthread_join(engine->thread, NULL);
    engine->started = false;
    engine_keeper_stop(engine);
    engine_record_unref(engine->reading); /* what was read and not handed on is read again */
    engine->reading = NULL;
    judge_set_unref(engine->reading_set);
    engine->reading_set = judge_set_ref(engine->correlating.set);
    engine_forget(engine);
    if (engine->whole)
        engine_keeper_offer(engine, true);
    if (engine->status == HN_OK || engine->status == HN_CANCELLED)
        return HN_OK;
    return hn_fail(err, engine->status, 0, "%s",
            engine->err.msg[0] != '\0' ? engine->err.msg : hn_status_text(engine->status));
}

enum hn_status engine_stop(struct engine *engine, struct hn_err *err)
{
    struct scan_source source = engine_tasks(engine);

    if (engine->started)
        source.wake(engine);
    return engine_wait(engine, err);
}

uint64_t engine_position(struct engine *engine)
{
    return atomic_load(&engine->position);
}

/* ---- Taking up state ---- */

static enum hn_status begin_with(struct engine *engine, struct judge_set *set, struct hn_err *err)
{
    judge_set_unref(engine->reading_set);
    engine->reading_set = judge_set_ref(set);
    return engine_correlation_begin(engine, set, err);
}

static enum hn_status take_up(
        struct engine *engine, const struct snapshot *snapshot, struct hn_err *err)
{
    const struct engine_options *options = &engine->options;
    struct judge_set *set;
    enum hn_status status;

    if (hn_digest_eq(snapshot->set, judge_set_digest(options->set)))
        set = judge_set_ref(options->set);
    else
        set = options->load_set == NULL ? NULL
                                        : options->load_set(options->ctx, snapshot->set, err);
    if (set == NULL)
        return hn_fail(err, HN_NOTFOUND, 0, "its set of rules cannot be loaded");
    status = begin_with(engine, set, err);
    if (status == HN_OK)
        status = engine_correlation_restore(engine, snapshot, err);
    judge_set_unref(set);
    return status;
}

static enum hn_status try_snapshot(struct engine *engine, uint64_t offset, struct hn_err *err)
{
    struct hn_buf bytes = { 0 };
    struct snapshot snapshot = { 0 };
    enum hn_status status = engine_snapshot_load(engine->options.state_dir, offset, &bytes, err);

    if (status == HN_OK)
        status = engine_snapshot_read(hn_text_as_bytes(hn_buf_text(&bytes)), &snapshot, err);
    if (status == HN_OK && snapshot.offset != offset)
        status = hn_fail(err, HN_CORRUPT, 0, "its name is of another offset");
    if (status == HN_OK && offset > engine->options.applied)
        status = hn_fail(err, HN_UNSUPPORTED, 0, "it is ahead of the results that are stored");
    if (status == HN_OK)
        status = take_up(engine, &snapshot, err);
    if (status == HN_OK) {
        atomic_store(&engine->position, offset);
        engine->keeper.has_durable = true;
        engine->keeper.durable = offset;
        engine->keeper.durable_set = snapshot.set;
    }
    hn_buf_deinit(&bytes);
    return status;
}

/* The newest snapshot that is whole; without any from the start, as if nothing had been. */
static enum hn_status restore(struct engine *engine, struct hn_err *err)
{
    uint64_t offsets[SNAPSHOTS_TRIED];
    size_t count = 0;
    enum hn_status status = HN_OK;

    if (engine->options.state_dir != NULL)
        status = engine_snapshot_list(
                engine->options.state_dir, offsets, HN_COUNT_OF(offsets), &count, err);
    for (size_t i = 0; status == HN_OK && i < count; i++) {
        struct hn_err why = { 0 };
        enum hn_status tried = try_snapshot(engine, offsets[i], &why);

        if (tried == HN_OK)
            return HN_OK;
        if (tried == HN_NOMEM)
            return hn_fail(err, HN_NOMEM, 0, "%s", why.msg);
        engine_problem_tell(engine, ENGINE_PROBLEM_SNAPSHOT, offsets[i], "%s", why.msg);
    }
    if (status == HN_OK)
        status = begin_with(engine, engine->options.set, err);
    atomic_store(&engine->position, engine->options.from);
    return status;
}

/* ---- Life ---- */

enum hn_status engine_new(
        const struct engine_options *options, struct engine **ret_engine, struct hn_err *err)
{
    struct engine *engine = hn_calloc(1, sizeof *engine);
    enum hn_status status;

    if (engine == NULL)
        return hn_fail(err, HN_NOMEM, 0, "the engine");
    engine->options = *options;
    engine->options.set = judge_set_ref(options->set);
    engine->whole = true;
    hn_arena_init(&engine->arena, (size_t)1 << 20);
    hn_arena_init(&engine->texts, ENGINE_ALERT_BYTES_MAX);
    (void)pthread_mutex_init(&engine->problem_lock, NULL);
    engine_counters_init(&engine->counters);
    engine_keeper_init(engine);
    status = restore(engine, err);
    if (status != HN_OK) {
        engine_free(engine);
        return status;
    }
    *ret_engine = engine;
    return HN_OK;
}

void engine_free(struct engine *engine)
{
    if (engine == NULL)
        return;
    if (engine->options.state_dir != NULL)
        engine_keeper_flush(engine);
    engine_correlation_end(engine);
    judge_set_unref(engine->reading_set);
    judge_set_unref(engine->options.set);
    for (size_t i = 0; i < engine->zones.count; i++)
        hn_zone_free(engine->zones.ptr[i].zone);
    hn_vec_deinit(&engine->zones);
    hn_vec_deinit(&engine->alerts);
    hn_buf_deinit(&engine->hits);
    hn_arena_deinit(&engine->texts);
    hn_arena_deinit(&engine->arena);
    engine_keeper_deinit(engine);
    engine_counters_deinit(&engine->counters);
    (void)pthread_mutex_destroy(&engine->problem_lock);
    hn_free(engine);
}
