/* output_worker.c - the thread of one output: claim rows, tell them, say what came of it.
 *
 * A batch is claimed in one transaction and told piece by piece. What was told is noted as sent
 * before anything else is; what was not tried is given back. While the other side is down the
 * thread pauses, longer with every failure, and begins with the same row again. */
#include "output/output_worker.h"

#include "base/escape.h"
#include "base/wait.h"

#include <errno.h>
#include <time.h>

#define LOOK_EVERY    HN_SECOND /* for rows that nobody has announced: shown again, requeued */
#define STORE_PAUSE   (HN_SECOND / 2)
#define RETRY_ASK_MAX HN_DAY /* what the other side may ask for */
#define LEASE_SPARE   (10 * HN_MINUTE)

/* ---- Telling what happens ---- */

static void tell(struct output_worker *worker, enum output_event event, const char *message)
{
    char room[2 * OUTPUT_ERROR_MAX] = "";
    struct hn_buf text = hn_buf_over(room, sizeof room - 1);

    if (worker->options->on_event == NULL)
        return;
    hn_terminal_text(&text, hn_text_cstr(message));
    room[text.len] = '\0';
    worker->options->on_event(worker->options->ctx, worker->config->name, event, room);
}

/* Once per trouble; the thread tries again after a pause. */
static bool store_said(struct output_worker *worker, enum hn_status status, const char *message)
{
    if (status != HN_OK && status != HN_CANCELLED && !worker->store_failing) {
        worker->store_failing = true;
        tell(worker, OUTPUT_EVENT_STORE, message);
    }
    if (status == HN_OK)
        worker->store_failing = false;
    else
        worker->pause_until = output_now() + STORE_PAUSE;
    return status == HN_OK;
}

/* ---- What came of rows ---- */

/* What came of a row must be noted, or it is told again, or waits for its lease to end: as long as
 * it takes, unless the server ends. True: try once more. */
static bool once_more(struct output_worker *worker, enum hn_status status, struct hn_err *err)
{
    const struct timespec pause = { .tv_nsec = STORE_PAUSE };

    if (store_said(worker, status, err->msg) || status == HN_NOTFOUND ||
            atomic_load(&worker->ending))
        return false;
    (void)nanosleep(&pause, NULL);
    *err = (struct hn_err){ 0 };
    return true;
}

static void note_sent(struct output_worker *worker, uint32_t count)
{
    struct output_batch *batch = &worker->batch;
    struct hn_err err = { 0 };
    enum hn_status status;

    do {
        status = store_out_sent_many(worker->store, batch->ids + batch->done, count, &err);
    } while (once_more(worker, status, &err));
    atomic_fetch_add(&worker->sent, count);
    batch->done += count;
    if (worker->failures > 0)
        tell(worker, OUTPUT_EVENT_UP, "it takes what it is sent again");
    worker->failures = 0;
}

static void note_dead(struct output_worker *worker, const char *error)
{
    struct output_batch *batch = &worker->batch;
    int64_t id = batch->ids[batch->done++];
    struct hn_err err = { 0 };
    enum hn_status status;

    do {
        status = store_out_dead(worker->store, id, hn_text_cstr(error), &err);
    } while (once_more(worker, status, &err));
    if (status != HN_OK)
        return;
    atomic_fetch_add(&worker->dead, 1);
    tell(worker, OUTPUT_EVENT_DEAD, error);
}

static void give_back(struct output_worker *worker)
{
    struct output_batch *batch = &worker->batch;
    struct hn_err err = { 0 };
    enum hn_status status;

    if (batch->done == batch->count)
        return;
    do {
        status = store_out_release(worker->store, batch->ids + batch->done,
                batch->count - batch->done, output_now(), &err);
    } while (once_more(worker, status, &err));
    batch->done = batch->count;
}

/* The row at hand is tried again, or given up for its age. */
static void note_failure(struct output_worker *worker, struct output_result *result)
{
    struct output_batch *batch = &worker->batch;
    const struct config_output *config = worker->config;
    const struct output_fact *fact = &batch->facts[batch->done];
    hn_time now = output_now();
    hn_time pause;
    hn_time next;
    struct hn_err err = { 0 };
    enum hn_status status;

    atomic_fetch_add(&worker->failed, 1);
    if (worker->failures++ == 0)
        tell(worker, OUTPUT_EVENT_DOWN, result->error);
    if (result->retry_after > RETRY_ASK_MAX)
        result->retry_after = RETRY_ASK_MAX;
    worker->random = worker->random * 6364136223846793005u + (uint64_t)now;
    pause = output_retry_wait(worker->failures, config->retry_max, worker->random);
    next = pause;
    if (result->verdict == OUTPUT_LATER || fact->attempts >= OUTPUT_ATTEMPTS_IN_ORDER) {
        next = output_retry_wait(fact->attempts, config->retry_max, ~worker->random);
        /* Others may go on, but not at once when one after the other fails. */
        pause = worker->failures < 3 ? 0 : pause;
    }
    if (next < result->retry_after)
        next = result->retry_after;
    if (result->verdict == OUTPUT_DOWN && pause < result->retry_after)
        pause = result->retry_after;
    worker->pause_until = now + pause;
    if (now - fact->created >= config->give_up && fact->attempts >= OUTPUT_ATTEMPTS_LEAST) {
        note_dead(worker, result->error);
        return;
    }
    do {
        status = store_out_retry(
                worker->store, fact->id, now + next, hn_text_cstr(result->error), &err);
    } while (once_more(worker, status, &err));
    if (worker->pause_until < now + pause) /* the store may have had one of its own */
        worker->pause_until = now + pause;
    batch->done++;
}

/* ---- A batch ---- */

/* Reads facts from the first one not done on, until they are enough for one piece. Rows that can
 * never be told become dead letters. Returns how many there are. */
static uint32_t prepare(struct output_worker *worker)
{
    struct output_batch *batch = &worker->batch;
    size_t start = worker->arena.used_bytes;
    uint32_t ready = 0;

    while (batch->done + ready < batch->count &&
            worker->arena.used_bytes - start < worker->sink->class->piece_bytes) {
        struct output_fact *fact = &batch->facts[batch->done + ready];
        struct hn_buf body = { 0 };
        struct hn_err err = { 0 };
        enum hn_status status = output_fact_read(worker->store, &worker->arena, fact, &err);

        if (status == HN_OK && worker->sink->class->bodies) {
            output_body_write(fact, (enum config_output_format)worker->config->format, &body);
            fact->body = hn_buf_ok(&body) ? hn_arena_text(&worker->arena, hn_buf_text(&body))
                                          : (struct hn_text){ 0 };
            status = fact->body.ptr == NULL ? HN_NOMEM : HN_OK;
        }
        hn_buf_deinit(&body);
        if (status == HN_OK) {
            ready++;
        } else if (ready == 0 && (status == HN_NOTFOUND || status == HN_CORRUPT)) {
            note_dead(worker, err.msg);
        } else {
            if (ready == 0)
                (void)store_said(worker, status, err.msg);
            break;
        }
    }
    return ready;
}

static void work_off(struct output_worker *worker)
{
    struct output_batch *batch = &worker->batch;

    while (batch->done < batch->count && !atomic_load(&worker->ending)) {
        struct output_result result = { 0 };
        uint32_t ready = prepare(worker);
        uint32_t told;

        if (ready == 0)
            break;
        told = worker->sink->class->send(worker->sink, batch->facts + batch->done, ready, &result);
        if (told > 0)
            note_sent(worker, told);
        if (told == ready)
            continue;
        if (atomic_load(&worker->ending))
            break; /* it was interrupted: that is no failure */
        if (result.verdict == OUTPUT_REFUSED)
            note_dead(worker, result.error);
        else
            note_failure(worker, &result);
        if (worker->pause_until > output_now())
            break;
    }
    give_back(worker);
}

static void on_out(void *ctx, const struct store_out *out)
{
    struct output_worker *worker = ctx;
    struct output_batch *batch = &worker->batch;

    batch->ids[batch->count] = out->id;
    if (!output_fact_take(out, &worker->arena, &batch->facts[batch->count]))
        batch->no_memory = true;
    batch->count++;
}

/* Claims and works off once. False: there is nothing to do before *ret_next. */
static bool round_of(struct output_worker *worker, hn_time *ret_next)
{
    struct hn_err err = { 0 };
    hn_time now = output_now();
    const struct store_claim claim = { .sink = worker->config->name,
        .now = now,
        .lease = LEASE_SPARE + worker->sink->class->batch_max * worker->config->timeout,
        .limit = worker->sink->class->batch_max };
    enum hn_status status;

    hn_arena_reset(&worker->arena);
    worker->batch.count = 0;
    worker->batch.done = 0;
    worker->batch.no_memory = false;
    status = store_out_claim(worker->store, &claim, on_out, worker, ret_next, &err);
    if (status == HN_NOTFOUND)
        return false;
    if (!store_said(worker, status, err.msg)) {
        give_back(worker);
        return true;
    }
    if (worker->batch.no_memory) {
        give_back(worker);
        (void)store_said(worker, HN_NOMEM, "no memory for a batch");
        return true;
    }
    work_off(worker);
    return true;
}

/* ---- The thread ---- */

/* Sleeps until then, or until somebody says that there is work; a pause is kept in any case.
 * False: the end. */
static bool sleep_until(struct output_worker *worker, hn_time until, bool kept)
{
    bool go_on;

    (void)pthread_mutex_lock(&worker->lock);
    while (worker->stop_at == 0 && !atomic_load(&worker->reopen) && (kept || !worker->work) &&
            output_now() < until) {
        hn_time left = until - output_now();
        const struct timespec at = hn_deadline(left < 0            ? 0
                                               : left < LOOK_EVERY ? left
                                                                   : LOOK_EVERY); /* clocks jump */

        (void)pthread_cond_timedwait(&worker->woken, &worker->lock, &at);
    }
    worker->work = false;
    go_on = worker->stop_at == 0 || output_now() < worker->stop_at;
    (void)pthread_mutex_unlock(&worker->lock);
    return go_on;
}

static bool is_stopping(struct output_worker *worker)
{
    bool stopping;

    (void)pthread_mutex_lock(&worker->lock);
    stopping = worker->stop_at != 0;
    (void)pthread_mutex_unlock(&worker->lock);
    return stopping;
}

static void reopen(struct output_worker *worker)
{
    struct hn_err err = { 0 };

    if (worker->sink->class->reopen(worker->sink, &err) != HN_OK)
        tell(worker, OUTPUT_EVENT_DOWN, err.msg);
    worker->pause_until = 0;
}

void *output_worker_main(void *arg)
{
    struct output_worker *worker = arg;
    hn_time last_mail = 0;

    for (;;) {
        hn_time next = HN_TIME_NONE;
        hn_time now = output_now();
        bool stopping = is_stopping(worker);
        bool some;

        if (atomic_exchange(&worker->reopen, false))
            reopen(worker);
        if (worker->config->digest > 0 && last_mail + worker->config->digest > now && !stopping)
            worker->pause_until = last_mail + worker->config->digest;
        if (worker->pause_until > now) {
            /* What fails while it is to end is left for the next start. */
            if (stopping || !sleep_until(worker, worker->pause_until, true))
                break;
            continue;
        }
        some = round_of(worker, &next);
        if (some && worker->failures == 0 && worker->config->digest > 0)
            last_mail = now;
        if (some && !atomic_load(&worker->ending))
            continue;
        if (stopping)
            break;
        now = output_now();
        if (next == HN_TIME_NONE || next > now + LOOK_EVERY)
            next = now + LOOK_EVERY;
        if (!sleep_until(worker, next, false))
            break;
    }
    atomic_store(&worker->ended, true);
    return NULL;
}
