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

/* A result and the stream it is of, whose entry it names until it has been handed on. */
struct parcel {
    struct scan_result result;
    struct open_stream *stream;
};

struct pipeline {
    const struct scan_pipeline_options *options;
    const struct scan_job *job;
    struct source *source;
    pthread_mutex_t source_lock;

    pthread_mutex_t ring_lock;
    pthread_cond_t ring_moved;
    struct parcel **ring; /* by sequence number */
    uint32_t ring_room;
    uint64_t due;                 /* sequence number handed on next */
    HN_VEC(struct parcel *) idle; /* to be used again: their buffers have grown */
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

/* Ends everything; the first reason stays. */
static void stop(struct pipeline *pipeline, enum hn_status status)
{
    enum hn_status none = HN_OK;

    (void)atomic_compare_exchange_strong(&pipeline->status, &none, status);
    atomic_store(&pipeline->stop, true);
    (void)pthread_mutex_lock(&pipeline->ring_lock);
    (void)pthread_cond_broadcast(&pipeline->ring_moved);
    (void)pthread_mutex_unlock(&pipeline->ring_lock);
}

/* ---- Results ---- */

static struct parcel *parcel_take(struct pipeline *pipeline)
{
    struct parcel *parcel = NULL;

    (void)pthread_mutex_lock(&pipeline->ring_lock);
    if (pipeline->idle.count > 0)
        parcel = pipeline->idle.ptr[--pipeline->idle.count];
    (void)pthread_mutex_unlock(&pipeline->ring_lock);
    return parcel != NULL ? parcel : hn_calloc(1, sizeof *parcel);
}

static void parcel_free(struct parcel *parcel)
{
    if (parcel == NULL)
        return;
    source_stream_done(parcel->stream);
    hn_buf_deinit(&parcel->result.out);
    hn_buf_deinit(&parcel->result.side);
    hn_vec_deinit(&parcel->result.kept);
    hn_free(parcel);
}

/* With the ring lock held. */
static void parcel_give_back(struct pipeline *pipeline, struct parcel *parcel)
{
    struct parcel **slot = hn_vec_add(&pipeline->idle);

    source_stream_done(parcel->stream);
    parcel->stream = NULL;
    if (slot == NULL)
        parcel_free(parcel);
    else
        *slot = parcel;
}

static void result_reset(struct scan_result *result)
{
    hn_buf_reset(&result->out);
    hn_buf_reset(&result->side);
    hn_vec_reset(&result->kept);
    result->entry = NULL;
    result->events = 0;
    result->bytes = 0;
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
    struct parcel **slot = &pipeline->ring[pipeline->due % pipeline->ring_room];

    while (*slot != NULL) {
        struct parcel *parcel = *slot;
        struct scan_result *result = &parcel->result;
        bool go_on = true;

        *slot = NULL;
        add_up(&pipeline->totals, result);
        if (!stopped(pipeline))
            go_on = pipeline->job->on_result(pipeline->job->ctx, result);
        if (pipeline->options->on_progress != NULL) {
            struct scan_progress progress = { .events = pipeline->totals.events };

            source_progress(pipeline->source, &progress.bytes_done, &progress.bytes_total);
            pipeline->options->on_progress(pipeline->options->progress_ctx, &progress);
        }
        parcel_give_back(pipeline, parcel);
        pipeline->due++;
        slot = &pipeline->ring[pipeline->due % pipeline->ring_room];
        if (!go_on) {
            enum hn_status none = HN_OK;

            (void)atomic_compare_exchange_strong(&pipeline->status, &none, HN_CANCELLED);
            atomic_store(&pipeline->stop, true);
        }
    }
    (void)pthread_cond_broadcast(&pipeline->ring_moved);
}

/* Puts a finished batch where it belongs. Waits while it is too far ahead of the one that is due;
 * that one's worker never waits here, so this ends. */
static void deliver(struct pipeline *pipeline, uint64_t sequence, struct parcel *parcel)
{
    (void)pthread_mutex_lock(&pipeline->ring_lock);
    while (sequence >= pipeline->due + pipeline->ring_room && !stopped(pipeline))
        (void)pthread_cond_wait(&pipeline->ring_moved, &pipeline->ring_lock);
    if (sequence >= pipeline->due + pipeline->ring_room) {
        parcel_free(parcel); /* stopped: nobody will ask for it */
    } else {
        pipeline->ring[sequence % pipeline->ring_room] = parcel;
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

static void run_batch(struct worker *worker, struct source_task *task, struct scan_result *result)
{
    struct decode_sink sink = { on_event, on_finding, worker };
    enum hn_status status;

    result_reset(result);
    result->entry = task->entry;
    result->bytes = task->batch.bytes.len;
    worker->result = result;
    worker->place.entry = task->entry;
    worker->place.batch = &task->batch;
    status = decode_run(&task->batch, &worker->event, &sink);
    if (status != HN_OK)
        stop(worker->pipeline, status);
}

/* Takes and runs one batch. False: nothing is left. */
static bool step(struct worker *worker)
{
    struct pipeline *pipeline = worker->pipeline;
    struct parcel *parcel = parcel_take(pipeline);
    struct source_task task;
    enum hn_status status;
    bool ordered;

    if (parcel == NULL) {
        stop(pipeline, HN_NOMEM);
        return false;
    }
    (void)pthread_mutex_lock(&pipeline->source_lock);
    status = stopped(pipeline) ? HN_CANCELLED : source_next(pipeline->source, &task);
    ordered = status == HN_OK && (decode_format_traits(task.entry->format) & DECODE_ORDERED) != 0;
    if (ordered)
        run_batch(worker, &task, &parcel->result);
    (void)pthread_mutex_unlock(&pipeline->source_lock);
    if (status != HN_OK) {
        parcel_free(parcel);
        if (status == HN_NOMEM)
            stop(pipeline, status);
        return false;
    }
    if (!ordered)
        run_batch(worker, &task, &parcel->result);
    parcel->stream = task.stream;
    source_task_done(&task);
    deliver(pipeline, task.sequence, parcel);
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
    pipeline->ring = hn_calloc(pipeline->ring_room, sizeof(struct parcel *));
    if (pipeline->ring == NULL)
        status = HN_NOMEM;
    for (unsigned i = 0; status == HN_OK && i < count; i++)
        status = worker_init(pipeline, &workers[i]);
    if (status == HN_OK)
        run_workers(workers, count);
    for (unsigned i = 0; workers != NULL && i < count; i++)
        worker_deinit(pipeline, &workers[i]);
    for (uint32_t i = 0; pipeline->ring != NULL && i < pipeline->ring_room; i++)
        parcel_free(pipeline->ring[i]); /* of a stopped run */
    for (size_t i = 0; i < pipeline->idle.count; i++)
        parcel_free(pipeline->idle.ptr[i]);
    hn_vec_deinit(&pipeline->idle);
    hn_free(pipeline->ring);
    hn_free(workers);
    return status;
}

enum hn_status scan_pipeline_run(const struct scan_pipeline_options *options,
        const struct scan_job *job, struct scan_totals *ret_totals, struct hn_err *err)
{
    struct pipeline pipeline = { .options = options, .job = job };
    enum hn_status status = source_new(options, job, &pipeline.source, err);

    if (status != HN_OK)
        return status;
    (void)pthread_mutex_init(&pipeline.source_lock, NULL);
    (void)pthread_mutex_init(&pipeline.ring_lock, NULL);
    (void)pthread_cond_init(&pipeline.ring_moved, NULL);
    status = run(&pipeline);
    if (status == HN_OK)
        status = pipeline.status;
    if (status == HN_OK && stopped(&pipeline))
        status = HN_CANCELLED;
    source_add_totals(pipeline.source, &pipeline.totals);
    pipeline.totals.cancelled = status == HN_CANCELLED;
    *ret_totals = pipeline.totals;
    source_free(pipeline.source);
    (void)pthread_cond_destroy(&pipeline.ring_moved);
    (void)pthread_mutex_destroy(&pipeline.ring_lock);
    (void)pthread_mutex_destroy(&pipeline.source_lock);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "%s",
                status == HN_NOMEM ? "scan ran out of memory" : "scan was stopped");
    return HN_OK;
}
