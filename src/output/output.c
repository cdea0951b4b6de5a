/* output.c - all outputs of a configuration: made, started, woken, stopped together; each works in
 * its own thread (output_worker.c). */
#include "output/output_worker.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/wait.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#define ARENA_BYTES_MAX ((size_t)256 << 20) /* of a batch */

struct output_pool {
    struct output_options options;
    struct output_worker *workers;
    uint32_t count;
};

hn_time output_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (hn_time)now.tv_sec * HN_SECOND + now.tv_nsec;
}

enum output_verdict output_result_set(
        struct output_result *result, enum output_verdict verdict, const char *fmt, ...)
{
    va_list args;

    result->verdict = verdict;
    va_start(args, fmt);
    (void)vsnprintf(result->error, sizeof result->error, fmt, args);
    va_end(args);
    return verdict;
}

static enum hn_status sink_new(
        const struct config_output *config, struct output_sink **ret_sink, struct hn_err *err)
{
    switch ((enum config_output_kind)config->kind) {
    case CONFIG_OUTPUT_FILE:
        return output_file_new(config, ret_sink, err);
    case CONFIG_OUTPUT_WEBHOOK:
        return output_webhook_new(config, ret_sink, err);
    case CONFIG_OUTPUT_SYSLOG:
        return output_syslog_new(config, ret_sink, err);
    case CONFIG_OUTPUT_SMTP:
        return output_smtp_new(config, ret_sink, err);
    case CONFIG_OUTPUT_NONE:
        break;
    }
    return hn_fail(err, HN_SYNTAX, 0, "it has no kind");
}

static void worker_init(
        struct output_worker *worker, const struct output_pool *pool, uint32_t index)
{
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference)
    worker->options = &pool->options;
    worker->config = &pool->options.config->ptr[index];
    worker->random = hn_hash_seed() + index;
    (void)pthread_mutex_init(&worker->lock, NULL);
    hn_cond_init(&worker->woken);
    hn_arena_init(&worker->arena, ARENA_BYTES_MAX);
}

enum hn_status output_pool_new(
        const struct output_options *options, struct output_pool **ret_pool, struct hn_err *err)
{
    struct output_pool *pool = hn_calloc(1, sizeof *pool);
    enum hn_status status = HN_OK;

    if (pool != NULL)
        pool->workers = hn_calloc((size_t)options->config->count + 1, sizeof *pool->workers);
    if (pool == NULL || pool->workers == NULL) {
        hn_free(pool);
        return hn_fail(err, HN_NOMEM, 0, "outputs");
    }
    pool->options = *options;
    for (uint32_t i = 0; status == HN_OK && i < options->config->count; i++) {
        struct output_worker *worker = &pool->workers[i];
        struct hn_err why = { 0 };

        worker_init(worker, pool, i);
        pool->count++;
        status = sink_new(worker->config, &worker->sink, &why);
        if (status == HN_OK)
            worker->sink->ending = &worker->ending;
        else
            (void)hn_fail(err, status, 0, "output %s: %s", worker->config->name.ptr, why.msg);
    }
    if (status != HN_OK) {
        output_pool_free(pool);
        return status;
    }
    *ret_pool = pool;
    return HN_OK;
}

enum hn_status output_pool_start(struct output_pool *pool, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; status == HN_OK && i < pool->count; i++)
        status = store_open(pool->options.store, &pool->workers[i].store, err);
    if (status == HN_OK && pool->count > 0)
        status = store_out_recover(pool->workers[0].store, NULL, err);
    for (uint32_t i = 0; status == HN_OK && i < pool->count; i++) {
        struct output_worker *worker = &pool->workers[i];

        if (pthread_create(&worker->thread, NULL, output_worker_main, worker) != 0)
            return hn_fail(err, HN_NOMEM, 0, "outputs: no thread");
        worker->started = true;
    }
    return status;
}

void output_pool_wake(struct output_pool *pool)
{
    for (uint32_t i = 0; pool != NULL && pool->workers != NULL && i < pool->count; i++) {
        struct output_worker *worker = &pool->workers[i];

        (void)pthread_mutex_lock(&worker->lock);
        worker->work = true;
        (void)pthread_cond_signal(&worker->woken);
        (void)pthread_mutex_unlock(&worker->lock);
    }
}

void output_pool_reopen(struct output_pool *pool)
{
    for (uint32_t i = 0; pool != NULL && i < pool->count; i++)
        atomic_store(&pool->workers[i].reopen, true);
    output_pool_wake(pool);
}

/* ---- The end ---- */

static bool all_ended(const struct output_pool *pool)
{
    for (uint32_t i = 0; i < pool->count; i++) {
        if (pool->workers[i].started && !atomic_load(&pool->workers[i].ended))
            return false;
    }
    return true;
}

void output_pool_stop(struct output_pool *pool, hn_time grace)
{
    hn_time until = output_now() + grace;

    for (uint32_t i = 0; pool != NULL && i < pool->count; i++) {
        struct output_worker *worker = &pool->workers[i];

        // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker)
        (void)pthread_mutex_lock(&worker->lock);
        worker->stop_at = until;
        (void)pthread_cond_signal(&worker->woken);
        (void)pthread_mutex_unlock(&worker->lock);
    }
    while (pool != NULL && output_now() < until && !all_ended(pool)) {
        const struct timespec pause = { .tv_nsec = 10000000 };

        (void)nanosleep(&pause, NULL);
    }
    for (uint32_t i = 0; pool != NULL && i < pool->count; i++)
        atomic_store(&pool->workers[i].ending, true);
    for (uint32_t i = 0; pool != NULL && i < pool->count; i++) {
        if (pool->workers[i].started)
            (void)pthread_join(pool->workers[i].thread, NULL);
        pool->workers[i].started = false;
    }
}

void output_pool_free(struct output_pool *pool)
{
    if (pool == NULL)
        return;
    output_pool_stop(pool, 0);
    for (uint32_t i = 0; i < pool->count; i++) {
        struct output_worker *worker = &pool->workers[i];

        if (worker->sink != NULL)
            worker->sink->class->free(worker->sink);
        store_close(worker->store);
        hn_arena_deinit(&worker->arena);
        (void)pthread_cond_destroy(&worker->woken);
        (void)pthread_mutex_destroy(&worker->lock);
    }
    hn_free(pool->workers);
    hn_free(pool);
}

bool output_pool_counters(
        const struct output_pool *pool, uint32_t index, struct output_counters *ret_counters)
{
    const struct output_worker *worker;

    if (pool == NULL || index >= pool->count)
        return false;
    worker = &pool->workers[index];
    *ret_counters = (struct output_counters){ .name = worker->config->name,
        .sent = atomic_load(&worker->sent),
        .failed = atomic_load(&worker->failed),
        .dead = atomic_load(&worker->dead) };
    return true;
}
