/* engine_view.c - the events of one record, read by the code that reads them for judging: an engine
 * without threads, whose feed is that record. */
#include "engine/engine_internal.h"

#include "base/mem.h"

struct engine_view {
    struct engine engine;                /* of which only reading is used */
    const struct journal_record *record; /* NULL: it has been read */
    struct hn_event *event;
    engine_on_viewed *on_event;
    void *ctx;
    struct scan_task task; /* at hand */
    uint64_t index;
};

static enum hn_status read_one(
        void *ctx, int timeout_ms, struct journal_record *ret_record, struct hn_err *err)
{
    struct engine_view *view = ctx;

    (void)timeout_ms;
    (void)err;
    if (view->record == NULL)
        return HN_NOTFOUND;
    *ret_record = *view->record;
    view->record = NULL;
    return HN_OK;
}

/* What judges is of no interest here, but a record holds a reference to it. */
static struct judge_set *no_set(void)
{
    struct sigma_options options = { 0 };
    struct sigma_loader *loader = sigma_loader_new(&options);
    struct judge_set_options set = { 0 };
    struct judge_set *made = NULL;
    struct sigma_set *rules = NULL;

    if (loader != NULL && sigma_loader_finish(loader, &rules, NULL) == HN_OK) {
        const struct match_options match = { 0 };

        if (match_snapshot_new(rules, &match, &set.snapshot, NULL) == HN_OK)
            made = judge_set_new(&set);
        match_snapshot_unref(set.snapshot);
        sigma_set_unref(rules);
    }
    sigma_loader_free(loader);
    return made;
}

struct engine_view *engine_view_new(void)
{
    struct engine_view *view = hn_calloc(1, sizeof *view);
    struct judge_set *set = view == NULL ? NULL : no_set();
    struct engine_options options = { .set = set, .end_at_last = true };

    if (set == NULL) {
        hn_free(view);
        return NULL;
    }
    view->engine.options = options;
    view->engine.reading_set = set;
    view->engine.feed = (struct engine_feed){ .ctx = view, .read = read_one };
    hn_arena_init(&view->engine.arena, (size_t)1 << 20);
    engine_counters_init(&view->engine.counters);
    (void)pthread_mutex_init(&view->engine.problem_lock, NULL);
    return view;
}

void engine_view_free(struct engine_view *view)
{
    struct engine *engine;

    if (view == NULL)
        return;
    engine = &view->engine;
    judge_set_unref(engine->reading_set);
    for (size_t i = 0; i < engine->zones.count; i++)
        hn_zone_free(engine->zones.ptr[i].zone);
    hn_vec_deinit(&engine->zones);
    hn_arena_deinit(&engine->arena);
    engine_counters_deinit(&engine->counters);
    (void)pthread_mutex_destroy(&engine->problem_lock);
    hn_free(view);
}

/* Places and numbers as worker.on_event() of engine.c and the judge make them. */
static bool on_event(void *ctx, struct hn_event *event)
{
    struct engine_view *view = ctx;
    const struct record *record = view->task.stream;
    struct engine_viewed viewed = { .stream = record->entry.name,
        .time = &record->time,
        .batch = &view->task.batch,
        .index = view->index,
        .offset = event->offset + record->body_offset - record->head_len };

    if (event->offset < record->first)
        return true;
    view->index++;
    if (event->line > 0 && record->body_line > 0)
        viewed.line = event->line + record->body_line - record->head_lines - 1;
    return view->on_event(view->ctx, event, &viewed);
}

static void on_finding(void *ctx, const struct hn_finding *finding)
{
    (void)ctx;
    (void)finding; /* the engine has counted it */
}

/* Takes the tasks of the record until its last one, which gives back the record. */
static enum hn_status run_tasks(struct engine_view *view, const struct scan_source *source)
{
    const struct decode_sink sink = { on_event, on_finding, view };
    enum hn_status status = HN_OK;
    bool more = true;

    while (status == HN_OK && more) {
        struct record *record;

        status = source->next(source->ctx, &view->task);
        if (status != HN_OK)
            break;
        record = view->task.stream;
        more = view->engine.reading != NULL;
        if (record->decode != NULL) {
            status = decode_run(&view->task.batch, view->event, &sink);
            source->task_done(&view->task);
        }
        source->stream_done(record);
    }
    engine_record_unref(view->engine.reading); /* not read to its end */
    view->engine.reading = NULL;
    return status;
}

enum hn_status engine_view_events(struct engine_view *view, const struct journal_record *record,
        struct hn_event *event, engine_on_viewed *on_viewed, void *ctx)
{
    struct scan_source source = engine_tasks(&view->engine);

    if (record->kind != JOURNAL_BATCH)
        return HN_OK;
    view->record = record;
    view->event = event;
    view->on_event = on_viewed;
    view->ctx = ctx;
    view->index = 0;
    return run_tasks(view, &source);
}
