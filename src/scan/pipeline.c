/* pipeline.c - the threads: one lock around reading and cutting, one around results in order.
 *
 * A worker takes the next batch under the source lock, decodes it alone, and puts its result at the
 * batch's place in a ring. Whoever fills the place that is due hands on all that are ready. Formats
 * whose batches depend on each other are decoded while the source lock is held. */
#include "scan/scan_internal.h"

#include "base/mem.h"

#include <pthread.h>
#include <unistd.h>

#define RING_PER_THREAD 4u
#define THREADS_MAX     256u

struct pipeline {
    const struct scan_pipeline_options *options;
    const struct scan_job *job;
    const struct scan_source *source;
    pthread_mutex_t source_lock;
    uint64_t sequence; /* of the next task; under source_lock */

    pthread_mutex_t ring_lock;
    pthread_cond_t ring_moved;
    struct scan_result **ring; /* by sequence number */
    uint32_t ring_room;
    uint64_t due;                      /* sequence number handed on next */
    HN_VEC(struct scan_result *) idle; /* to be used again: their buffers have grown */
    struct scan_totals totals;

    atomic_bool stop;
    _Atomic enum hn_status status;
};

struct worker {
    struct pipeline *pipeline;
    void *job_worker;
    struct hn_event event;
    pthread_t thread;
    bool started;
    /* Of the batch at hand. */
    struct scan_place place;
    struct scan_result *result;
};

static bool stopped(const struct pipeline *pipeline)
{
    return atomic_load_explicit(&pipeline->stop, memory_order_relaxed) ||
           (pipeline->options->cancel != NULL &&
                   atomic_load_explicit(pipeline->options->cancel, memory_order_relaxed));
}

/* The first reason stays. */
static void note_stop(struct pipeline *pipeline, enum hn_status status)
{
    enum hn_status none = HN_OK;

    (void)atomic_compare_exchange_strong(&pipeline->status, &none, status);
    atomic_store(&pipeline->stop, true);
    if (pipeline->source->wake != NULL)
        pipeline->source->wake(pipeline->source->ctx);
}

/* Ends everything. */
static void stop(struct pipeline *pipeline, enum hn_status status)
{
    note_stop(pipeline, status);
    (void)pthread_mutex_lock(&pipeline->ring_lock);
    (void)pthread_cond_broadcast(&pipeline->ring_moved);
    (void)pthread_mutex_unlock(&pipeline->ring_lock);
}

/* ---- Results ---- */

static struct scan_result *result_take(struct pipeline *pipeline)
{
    struct scan_result *result = NULL;

    (void)pthread_mutex_lock(&pipeline->ring_lock);
    if (pipeline->idle.count > 0)
        result = pipeline->idle.ptr[--pipeline->idle.count];
    (void)pthread_mutex_unlock(&pipeline->ring_lock);
    return result != NULL ? result : hn_calloc(1, sizeof *result);
}

static void stream_done(struct pipeline *pipeline, struct scan_result *result)
{
    if (result->stream != NULL)
        pipeline->source->stream_done(result->stream);
    result->stream = NULL;
}

static void result_free(struct pipeline *pipeline, struct scan_result *result)
{
    if (result == NULL)
        return;
    stream_done(pipeline, result);
    hn_buf_deinit(&result->out);
    hn_buf_deinit(&result->side);
    hn_vec_deinit(&result->kept);
    hn_free(result);
}

/* With the ring lock held. */
static void result_give_back(struct pipeline *pipeline, struct scan_result *result)
{
    struct scan_result **slot = hn_vec_add(&pipeline->idle);

    stream_done(pipeline, result);
    if (slot == NULL)
        result_free(pipeline, result);
    else
        *slot = result;
}

static void result_reset(struct scan_result *result, const struct scan_task *task)
{
    hn_buf_reset(&result->out);
    hn_buf_reset(&result->side);
    hn_vec_reset(&result->kept);
    result->entry = task->entry;
    result->stream = task->stream;
    result->at_end = task->batch.at_end || task->batch.stream == NULL;
    result->events = 0;
    result->bytes = task->batch.bytes.len;
    memset(result->findings, 0, sizeof result->findings);
}

static void add_up(struct scan_totals *totals, const struct scan_result *result)
{
    totals->events += result->events;
    totals->bytes += result->bytes;
    for (size_t i = 0; i < HN_FINDING_COUNT; i++)
        totals->findings[i] += result->findings[i];
}

/* With the ring lock held: hands on what is due. */
static void hand_on(struct pipeline *pipeline)
{
    struct scan_result **slot = &pipeline->ring[pipeline->due % pipeline->ring_room];

    while (*slot != NULL) {
        struct scan_result *result = *slot;
        bool go_on = true;

        *slot = NULL;
        add_up(&pipeline->totals, result);
        if (!stopped(pipeline))
            go_on = pipeline->job->on_result(pipeline->job->ctx, result);
        if (pipeline->options->on_progress != NULL) {
            struct scan_progress progress = { .events = pipeline->totals.events };

            if (pipeline->source->progress != NULL) {
                pipeline->source->progress(
                        pipeline->source->ctx, &progress.bytes_done, &progress.bytes_total);
            }
            pipeline->options->on_progress(pipeline->options->progress_ctx, &progress);
        }
        result_give_back(pipeline, result);
        pipeline->due++;
        slot = &pipeline->ring[pipeline->due % pipeline->ring_room];
        if (!go_on)
            note_stop(pipeline, HN_CANCELLED);
    }
    (void)pthread_cond_broadcast(&pipeline->ring_moved);
}

/* Puts a finished batch where it belongs. Waits while it is too far ahead of the one that is due;
 * that one's worker never waits here, so this ends. */
static void deliver(struct pipeline *pipeline, uint64_t sequence, struct scan_result *result)
{
    (void)pthread_mutex_lock(&pipeline->ring_lock);
    while (sequence >= pipeline->due + pipeline->ring_room && !stopped(pipeline))
        (void)pthread_cond_wait(&pipeline->ring_moved, &pipeline->ring_lock);
    if (sequence >= pipeline->due + pipeline->ring_room) {
        result_free(pipeline, result); /* stopped: nobody will ask for it */
    } else {
        pipeline->ring[sequence % pipeline->ring_room] = result;
        if (sequence == pipeline->due)
            hand_on(pipeline);
    }
    (void)pthread_mutex_unlock(&pipeline->ring_lock);
}

/* ---- Workers ---- */

static bool on_event(void *ctx, struct hn_event *event)
{
    struct worker *worker = ctx;
    const struct scan_job *job = worker->pipeline->job;

    worker->result->events++;
    return job->on_event(worker->job_worker, event, &worker->place, worker->result);
}

static void add_finding(struct scan_result *result, const struct hn_finding *finding)
{
    result->findings[finding->kind]++;
    if (result->kept.count < SCAN_FINDINGS_KEPT) {
        struct hn_finding *kept = hn_vec_add(&result->kept);

        if (kept != NULL)
            *kept = *finding;
    }
}

static void on_finding(void *ctx, const struct hn_finding *finding)
{
    const struct worker *worker = ctx;

    add_finding(worker->result, finding);
}

void scan_result_note(
        struct scan_result *result, enum hn_finding_kind kind, const struct hn_event *event)
{
    struct hn_finding finding = { .kind = kind, .offset = event->offset, .line = event->line };

    add_finding(result, &finding);
}

static void run_task(struct worker *worker, struct scan_task *task, struct scan_result *result)
{
    const struct scan_job *job = worker->pipeline->job;
    struct decode_sink sink = { on_event, on_finding, worker };
    struct hn_event *event = &worker->event;
    enum hn_status status = HN_NOMEM;

    result_reset(result, task);
    if (task->batch.stream == NULL)
        return;
    worker->result = result;
    worker->place = (struct scan_place){ task->entry, &task->batch, task->stream };
    if (job->on_task != NULL)
        event = job->on_task(worker->job_worker, task);
    if (event != NULL)
        status = decode_run(&task->batch, event, &sink);
    if (status != HN_OK)
        stop(worker->pipeline, status);
}

static bool is_ordered(const struct scan_task *task)
{
    return task->batch.stream != NULL &&
           (decode_format_traits(task->entry->format) & DECODE_ORDERED) != 0;
}

/* Takes the next task, and runs it at once where tasks depend on each other. */
static enum hn_status take_task(
        struct worker *worker, struct scan_task *task, struct scan_result *result, uint64_t *number)
{
    struct pipeline *pipeline = worker->pipeline;
    enum hn_status status = HN_CANCELLED;

    *task = (struct scan_task){ 0 };
    (void)pthread_mutex_lock(&pipeline->source_lock);
    if (!stopped(pipeline))
        status = pipeline->source->next(pipeline->source->ctx, task);
    if (status == HN_OK) {
        *number = pipeline->sequence++;
        if (is_ordered(task))
            run_task(worker, task, result);
    }
    (void)pthread_mutex_unlock(&pipeline->source_lock);
    return status;
}

/* Takes and runs one task. False: nothing is left. */
static bool step(struct worker *worker)
{
    struct pipeline *pipeline = worker->pipeline;
    struct scan_result *result = result_take(pipeline);
    struct scan_task task;
    enum hn_status status;
    uint64_t number;

    if (result == NULL) {
        stop(pipeline, HN_NOMEM);
        return false;
    }
    status = take_task(worker, &task, result, &number);
    if (status != HN_OK) {
        result_free(pipeline, result);
        if (status != HN_NOTFOUND)
            stop(pipeline, status);
        return false;
    }
    if (!is_ordered(&task))
        run_task(worker, &task, result);
    pipeline->source->task_done(&task);
    deliver(pipeline, number, result);
    return true;
}

static void *worker_main(void *arg)
{
    struct worker *worker = arg;

    while (step(worker))
        continue;
    return NULL;
}

static enum hn_status worker_init(struct pipeline *pipeline, struct worker *worker)
{
    const struct scan_job *job = pipeline->job;
    const struct hn_event_limits *limits = &pipeline->options->event_limits;

    worker->pipeline = pipeline;
    worker->job_worker = job->worker_new(job->ctx);
    if (worker->job_worker == NULL)
        return HN_NOMEM;
    if (job->on_task != NULL)
        return HN_OK; /* it has its own */
    return hn_event_init(
            &worker->event, job->schema, limits->values_max == 0 ? NULL : limits, job->want_all);
}

static void worker_deinit(struct pipeline *pipeline, struct worker *worker)
{
    hn_event_deinit(&worker->event);
    if (worker->job_worker != NULL)
        pipeline->job->worker_free(worker->job_worker);
}

/* The allocator of AddressSanitizer (gcc 12, clang 14) does not unlock itself in a forked child, so
 * a jailed child that was forked while another thread allocated may wait forever. One thread is the
 * default there; who asks for more knows what the inputs are. */
#if defined(__SANITIZE_ADDRESS__)
#    define THREADS_DEFAULT 1
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define THREADS_DEFAULT 1
#    endif
#endif
#if !defined(THREADS_DEFAULT)
#    define THREADS_DEFAULT sysconf(_SC_NPROCESSORS_ONLN)
#endif

static unsigned thread_count(unsigned wanted)
{
    long processors = wanted != 0 ? (long)wanted : THREADS_DEFAULT;

    if (processors < 1)
        return 1;
    return processors > (long)THREADS_MAX ? THREADS_MAX : (unsigned)processors;
}

/* The first worker is this thread itself. */
static void run_workers(struct worker *workers, unsigned count)
{
    for (unsigned i = 1; i < count; i++)
        workers[i].started =
                pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]) == 0;
    (void)worker_main(&workers[0]);
    for (unsigned i = 1; i < count; i++) {
        if (workers[i].started)
            (void)pthread_join(workers[i].thread, NULL);
    }
}

static enum hn_status run(struct pipeline *pipeline)
{
    unsigned count = thread_count(pipeline->options->threads);
    struct worker *workers = hn_calloc(count, sizeof *workers);
    enum hn_status status = workers == NULL ? HN_NOMEM : HN_OK;

    pipeline->ring_room = count * RING_PER_THREAD;
    pipeline->ring = hn_calloc(pipeline->ring_room, sizeof(struct scan_result *));
    if (pipeline->ring == NULL)
        status = HN_NOMEM;
    for (unsigned i = 0; status == HN_OK && i < count; i++)
        status = worker_init(pipeline, &workers[i]);
    if (status == HN_OK)
        run_workers(workers, count);
    for (unsigned i = 0; workers != NULL && i < count; i++)
        worker_deinit(pipeline, &workers[i]);
    for (uint32_t i = 0; pipeline->ring != NULL && i < pipeline->ring_room; i++)
        result_free(pipeline, pipeline->ring[i]); /* of a stopped run */
    for (size_t i = 0; i < pipeline->idle.count; i++)
        result_free(pipeline, pipeline->idle.ptr[i]);
    hn_vec_deinit(&pipeline->idle);
    hn_free(pipeline->ring);
    hn_free(workers);
    return status;
}

enum hn_status scan_source_run(const struct scan_source *source,
        const struct scan_pipeline_options *options, const struct scan_job *job,
        struct scan_totals *ret_totals, struct hn_err *err)
{
    struct pipeline pipeline = { .options = options, .job = job, .source = source };
    enum hn_status status;

    (void)pthread_mutex_init(&pipeline.source_lock, NULL);
    (void)pthread_mutex_init(&pipeline.ring_lock, NULL);
    (void)pthread_cond_init(&pipeline.ring_moved, NULL);
    status = run(&pipeline);
    if (status == HN_OK)
        status = pipeline.status;
    if (status == HN_OK && stopped(&pipeline))
        status = HN_CANCELLED;
    pipeline.totals.cancelled = status == HN_CANCELLED;
    *ret_totals = pipeline.totals;
    (void)pthread_cond_destroy(&pipeline.ring_moved);
    (void)pthread_mutex_destroy(&pipeline.ring_lock);
    (void)pthread_mutex_destroy(&pipeline.source_lock);
    if (status != HN_OK) {
        return hn_fail(err, status, 0, "%s",
                status == HN_NOMEM       ? "scan ran out of memory"
                : status == HN_CANCELLED ? "scan was stopped"
                                         : "reading failed");
    }
    return HN_OK;
}

enum hn_status scan_pipeline_run(const struct scan_pipeline_options *options,
        const struct scan_job *job, struct scan_totals *ret_totals, struct hn_err *err)
{
    struct source *files = NULL;
    struct scan_source source;
    enum hn_status status = source_new(options, job, &files, err);

    if (status != HN_OK)
        return status;
    source = source_tasks(files);
    status = scan_source_run(&source, options, job, ret_totals, err);
    source_add_totals(files, ret_totals);
    source_free(files);
    return status;
}
