/* serve_commit.c - what the engine found goes into the store, many records in one transaction.
 *
 * The engine hands on one result per record, in order. Those with alerts are copied into a queue;
 * of the others only the offset matters. A thread takes everything that is queued, stores it in one
 * transaction together with the offset behind the last record, and tells the engine. So how long an
 * alert waits is the time of one transaction, and how many go into one grows with the load.
 *
 * When the store fails, nothing is forgotten: the same alerts are tried again until it works, and
 * the engine waits when the queue is full. */
#include "serve/serve_alert.h"
#include "serve/serve_internal.h"

#include "base/crash.h"
#include "base/mem.h"
#include "base/wait.h"

#include <errno.h>
#include <time.h>

#define QUEUE_BYTES_MAX ((size_t)32 << 20)
#define BATCH_ALERTS    2000 /* in one transaction, so that readers see the first ones soon */
#define RETRY_MS        500
#define IDLE_MS         1000                 /* offsets without alerts are stored this often */
#define BEHIND_BYTES    ((uint64_t)32 << 20) /* of journal: alerts are then seconds late already */
#define COMPANY_MS      200

/* Copies of a record's alerts, each as serve_alert_pack() made it. */
struct parcel {
    struct parcel *next;
    uint64_t next_offset;
    size_t alert_count;
    struct hn_buf bytes;
};

struct committer {
    struct serve *serve;
    struct store *store;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t filled;
    pthread_cond_t emptied;
    struct parcel *first;
    struct parcel *last;
    size_t queued_bytes;
    size_t queued_alerts;
    uint64_t seen;   /* offset behind the newest record that was handed on */
    uint64_t stored; /* offset behind the newest record that is in the store */
    bool ending;
    struct committer_counters counters;
    struct hn_arena arena; /* of the alert at hand */
};

/* ---- The queue ---- */

static struct parcel *parcel_new(const struct engine_result *result)
{
    struct parcel *parcel = hn_calloc(1, sizeof *parcel);

    if (parcel == NULL)
        return NULL;
    parcel->next_offset = result->next;
    parcel->alert_count = result->alert_count;
    for (size_t i = 0; i < result->alert_count; i++)
        serve_alert_pack(result, &result->alerts[i], &parcel->bytes);
    if (!hn_buf_ok(&parcel->bytes)) {
        hn_buf_deinit(&parcel->bytes);
        hn_free(parcel);
        return NULL;
    }
    return parcel;
}

static void parcel_free(struct parcel *parcel)
{
    hn_buf_deinit(&parcel->bytes);
    hn_free(parcel);
}

/* Without memory the result waits: it must not be lost, and the engine can wait as well. */
static struct parcel *parcel_wait(struct committer *committer, const struct engine_result *result)
{
    struct parcel *parcel = parcel_new(result);

    while (parcel == NULL && !atomic_load(&committer->serve->ending)) {
        const struct timespec pause = { .tv_nsec = 50000000 };

        serve_log(CONFIG_LOG_ERROR, "commit.memory", "no memory for results; waiting");
        (void)nanosleep(&pause, NULL);
        parcel = parcel_new(result);
    }
    return parcel;
}

bool serve_committer_add(struct committer *committer, const struct engine_result *result)
{
    struct parcel *parcel = NULL;

    if (result->alert_count > 0) {
        parcel = parcel_wait(committer, result);
        if (parcel == NULL)
            return false;
    }
    (void)pthread_mutex_lock(&committer->lock);
    while (parcel != NULL && committer->queued_bytes > QUEUE_BYTES_MAX && !committer->ending)
        (void)pthread_cond_wait(&committer->emptied, &committer->lock);
    committer->seen = result->next;
    if (parcel != NULL) {
        if (committer->last == NULL)
            committer->first = parcel;
        else
            committer->last->next = parcel;
        committer->last = parcel;
        committer->queued_bytes += parcel->bytes.len;
        committer->queued_alerts += parcel->alert_count;
        (void)pthread_cond_signal(&committer->filled);
    }
    (void)pthread_mutex_unlock(&committer->lock);
    return true;
}

/* ---- Storing ---- */

static enum hn_status store_parcel(
        struct committer *committer, const struct parcel *parcel, struct hn_err *err)
{
    struct hn_bytes rest = hn_bytes_of(parcel->bytes.ptr, parcel->bytes.len);
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < parcel->alert_count; i++) {
        struct store_alert alert;

        hn_arena_reset(&committer->arena);
        status = serve_alert_unpack(&rest, &committer->arena, &alert);
        if (status == HN_OK)
            status = store_apply_alert(committer->store, &alert, NULL, err);
    }
    return status;
}

/* Stores a chain of parcels and the offset behind them. */
static enum hn_status store_chain(
        struct committer *committer, const struct parcel *chain, uint64_t next, struct hn_err *err)
{
    uint64_t applied;
    enum hn_status status = store_apply_begin(committer->store, &applied, err);

    for (; status == HN_OK && chain != NULL; chain = chain->next)
        status = store_parcel(committer, chain, err);
    HN_CRASH_POINT("store_before_commit");
    if (status == HN_OK)
        status = store_apply_commit(committer->store, next, err);
    HN_CRASH_POINT("store_committed");
    if (status != HN_OK)
        store_apply_cancel(committer->store);
    return status;
}

/* Until it works, or the server ends: then the next start finds the same alerts again. */
static bool store_surely(struct committer *committer, const struct parcel *chain, uint64_t next)
{
    struct hn_err err = { 0 };

    while (store_chain(committer, chain, next, &err) != HN_OK) {
        const struct timespec pause = { .tv_nsec = RETRY_MS * 1000000L };

        serve_log_failure(CONFIG_LOG_ERROR, "commit.failed",
                "alerts cannot be stored; the same ones will be tried again", &err);
        (void)pthread_mutex_lock(&committer->lock);
        committer->counters.failures++;
        committer->counters.failing = true;
        (void)pthread_mutex_unlock(&committer->lock);
        if (atomic_load(&committer->serve->ending))
            return false;
        (void)nanosleep(&pause, NULL);
        err = (struct hn_err){ 0 };
    }
    return true;
}

/* With the lock held: a chain off the front of the queue; *ret_next is the offset that goes with
 * it: behind everything seen when the queue is empty after it. */
static struct parcel *take_chain(struct committer *committer, uint64_t *ret_next)
{
    struct parcel *chain = committer->first;
    struct parcel *end = chain;
    size_t alerts = chain == NULL ? 0 : chain->alert_count;

    *ret_next = committer->seen;
    if (chain == NULL)
        return NULL;
    while (end->next != NULL && alerts + end->next->alert_count <= BATCH_ALERTS) {
        end = end->next;
        alerts += end->alert_count;
    }
    committer->first = end->next;
    committer->queued_alerts -= alerts;
    if (end->next != NULL)
        *ret_next = end->next_offset;
    else
        committer->last = NULL;
    end->next = NULL;
    return chain;
}

static void done_with(struct committer *committer, struct parcel *chain, uint64_t next)
{
    size_t bytes = 0;
    uint64_t alerts = 0;

    while (chain != NULL) {
        struct parcel *following = chain->next;

        bytes += chain->bytes.len;
        alerts += chain->alert_count;
        parcel_free(chain);
        chain = following;
    }
    (void)pthread_mutex_lock(&committer->lock);
    committer->queued_bytes -= bytes;
    committer->stored = next;
    committer->counters.failing = false;
    committer->counters.commits++;
    committer->counters.alerts += alerts;
    (void)pthread_cond_broadcast(&committer->emptied);
    (void)pthread_mutex_unlock(&committer->lock);
    engine_applied(committer->serve->engine, next);
    if (atomic_load(&committer->serve->api_open))
        api_wake(committer->serve->api);
    if (alerts > 0)
        output_pool_wake(atomic_load(&committer->serve->outputs));
}

/* Waits for something to store. False: the end. */
static bool wait_for_work(struct committer *committer)
{
    struct timespec until = hn_deadline(IDLE_MS * HN_MILLISECOND);
    int code = 0;

    while (committer->first == NULL && !committer->ending && code != ETIMEDOUT)
        code = pthread_cond_timedwait(&committer->filled, &committer->lock, &until);
    return committer->first != NULL || !committer->ending || committer->seen != committer->stored;
}

/* A transaction changes about as many pages of the indexes for ten alerts as for a hundred, and
 * each goes to disk twice. So while the engine is far behind what doors have taken, a transaction
 * waits a moment for more; with less to do alerts are stored at once. The lock is held. */
static void wait_for_company(struct committer *committer)
{
    struct timespec until = hn_deadline(COMPANY_MS * HN_MILLISECOND);
    uint64_t end = journal_committed(committer->serve->journal);
    int code = 0;

    while (committer->first != NULL && !committer->ending && code != ETIMEDOUT &&
            committer->queued_alerts < BATCH_ALERTS &&
            committer->queued_bytes < QUEUE_BYTES_MAX / 2 && end > committer->seen &&
            end - committer->seen > BEHIND_BYTES)
        code = pthread_cond_timedwait(&committer->filled, &committer->lock, &until);
}

static void *committer_main(void *arg)
{
    struct committer *committer = arg;
    bool go_on = true;

    (void)pthread_mutex_lock(&committer->lock);
    while (go_on && wait_for_work(committer)) {
        struct parcel *chain;
        uint64_t next;

        wait_for_company(committer);
        chain = take_chain(committer, &next);
        if (chain == NULL && next == committer->stored)
            continue;
        (void)pthread_mutex_unlock(&committer->lock);
        go_on = store_surely(committer, chain, next);
        if (go_on) {
            done_with(committer, chain, next);
        } else {
            while (chain != NULL) {
                struct parcel *following = chain->next;

                parcel_free(chain);
                chain = following;
            }
        }
        (void)pthread_mutex_lock(&committer->lock);
    }
    (void)pthread_mutex_unlock(&committer->lock);
    return NULL;
}

/* ---- Life ---- */

enum hn_status serve_committer_new(
        struct serve *serve, struct committer **ret_committer, struct hn_err *err)
{
    struct committer *committer = hn_calloc(1, sizeof *committer);
    enum hn_status status;

    if (committer == NULL)
        return hn_fail(err, HN_NOMEM, 0, "committer");
    committer->serve = serve;
    (void)pthread_mutex_init(&committer->lock, NULL);
    hn_cond_init(&committer->filled);
    (void)pthread_cond_init(&committer->emptied, NULL);
    hn_arena_init(&committer->arena, (size_t)64 << 20);
    status = store_open(&serve->pool.store, &committer->store, err);
    if (status == HN_OK)
        status = store_applied_get(committer->store, &committer->stored, err);
    committer->seen = committer->stored;
    if (status == HN_OK && pthread_create(&committer->thread, NULL, committer_main, committer) != 0)
        status = hn_fail(err, HN_NOMEM, 0, "committer: no thread");
    if (status != HN_OK) {
        store_close(committer->store);
        hn_arena_deinit(&committer->arena);
        hn_free(committer);
        return status;
    }
    *ret_committer = committer;
    return HN_OK;
}

void serve_committer_free(struct committer *committer)
{
    if (committer == NULL)
        return;
    (void)pthread_mutex_lock(&committer->lock);
    committer->ending = true;
    (void)pthread_cond_broadcast(&committer->filled);
    (void)pthread_cond_broadcast(&committer->emptied);
    (void)pthread_mutex_unlock(&committer->lock);
    (void)pthread_join(committer->thread, NULL);
    while (committer->first != NULL) {
        struct parcel *parcel = committer->first;

        committer->first = parcel->next;
        parcel_free(parcel);
    }
    store_close(committer->store);
    hn_arena_deinit(&committer->arena);
    (void)pthread_cond_destroy(&committer->emptied);
    (void)pthread_cond_destroy(&committer->filled);
    (void)pthread_mutex_destroy(&committer->lock);
    hn_free(committer);
}

struct committer_counters serve_committer_counters(struct committer *committer)
{
    struct committer_counters counters;

    (void)pthread_mutex_lock(&committer->lock);
    counters = committer->counters;
    counters.queued_bytes = committer->queued_bytes;
    (void)pthread_mutex_unlock(&committer->lock);
    return counters;
}
