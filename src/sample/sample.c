/* sample.c - life of the queue and its workers, and its numbers. */
#include "sample/sample_internal.h"

#include "base/file.h"
#include "base/mem.h"

#include <stdio.h>

hn_time sample_now(const struct samples *samples)
{
    return samples->options.now(samples->options.ctx);
}

void sample_tell(const struct samples *samples, bool bad, const char *what, const char *message,
        struct hn_text id)
{
    if (samples->options.on_event != NULL)
        samples->options.on_event(samples->options.ctx, bad, what, message, id);
}

/* ---- Life ---- */

static enum hn_status open_parts(struct samples *samples, struct db *db, struct hn_err *err)
{
    const struct sample_options *options = &samples->options;
    enum hn_status status;

    if ((size_t)snprintf(samples->dir, sizeof samples->dir, "%s", options->dir) >=
            sizeof samples->dir)
        return hn_fail(err, HN_LIMIT, 0, "the folder's name is too long");
    status = hn_file_make_folder(samples->dir, err);
    if (status == HN_OK)
        status = vault_open(samples->dir, &samples->vault, err);
    if (status == HN_OK)
        status = sample_put_back(db, sample_now(samples), err);
    if (status == HN_OK)
        status = sample_sweep(samples, db, err);
    if (status == HN_OK)
        status = sample_write_accepted(samples, db, err);
    return status;
}

enum hn_status sample_new(const struct sample_options *options, struct db *db,
        struct samples **ret_samples, struct hn_err *err)
{
    struct samples *samples = hn_calloc(1, sizeof *samples);
    enum hn_status status;

    if (samples == NULL)
        return hn_fail(err, HN_NOMEM, 0, "samples");
    samples->options = *options;
    (void)pthread_mutex_init(&samples->files_lock, NULL);
    (void)pthread_mutex_init(&samples->lock, NULL);
    (void)pthread_cond_init(&samples->woken, NULL);
    status = open_parts(samples, db, err);
    if (status != HN_OK) {
        sample_free(samples);
        return status;
    }
    *ret_samples = samples;
    return HN_OK;
}

static enum hn_status start_lane(struct samples *samples, uint32_t index, struct hn_err *err)
{
    const struct db_options db = { .path = samples->options.database };
    struct sample_lane *lane = &samples->lanes[index];
    enum hn_status status = db_open(&db, &lane->db, err);

    if (status != HN_OK)
        return status;
    lane->samples = samples;
    if (pthread_create(&lane->thread, NULL, sample_work, lane) != 0) {
        db_close(lane->db);
        lane->db = NULL;
        return hn_fail(err, HN_NOMEM, 0, "no thread for samples");
    }
    return HN_OK;
}

enum hn_status sample_start(struct samples *samples, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    while (status == HN_OK && samples->started < samples->options.workers->options.count) {
        status = start_lane(samples, samples->started, err);
        if (status == HN_OK)
            samples->started++;
    }
    return status;
}

void sample_stop(struct samples *samples)
{
    if (samples == NULL)
        return;
    (void)pthread_mutex_lock(&samples->lock);
    atomic_store(&samples->ending, true);
    (void)pthread_cond_broadcast(&samples->woken);
    (void)pthread_mutex_unlock(&samples->lock);
    while (samples->started > 0) {
        struct sample_lane *lane = &samples->lanes[--samples->started];

        (void)pthread_join(lane->thread, NULL);
        sample_lane_drop(lane, NULL, HN_TEXT(""));
        analyze_judge_free(lane->judge);
        judge_set_unref(lane->set);
        db_close(lane->db);
    }
}

void sample_free(struct samples *samples)
{
    if (samples == NULL)
        return;
    sample_stop(samples);
    vault_free(samples->vault);
    (void)pthread_cond_destroy(&samples->woken);
    (void)pthread_mutex_destroy(&samples->lock);
    (void)pthread_mutex_destroy(&samples->files_lock);
    hn_free(samples);
}

/* ---- Numbers ---- */

static enum hn_status count(struct db *db, const char *sql, uint64_t *ret_value, struct hn_err *err)
{
    struct db_stmt *stmt = NULL;
    enum hn_status status = db_prepare(db, sql, &stmt, err);

    if (status != HN_OK)
        return status;
    status = db_next(stmt, err);
    if (status == HN_OK)
        *ret_value = (uint64_t)db_int(stmt, 0);
    db_stmt_done(stmt);
    return status;
}

enum hn_status sample_counters(struct samples *samples, struct db *db,
        struct sample_counters *ret_counters, struct hn_err *err)
{
    struct sample_counters counters = { .workers = atomic_load(&samples->alive),
        .submitted = atomic_load(&samples->submitted),
        .analysed = atomic_load(&samples->analysed),
        .failed = atomic_load(&samples->failed),
        .refused = atomic_load(&samples->refused) };
    enum hn_status status =
            count(db, "SELECT count(*) FROM sample WHERE state=0", &counters.queued, err);

    for (size_t i = 0; i < HN_COUNT_OF(counters.by_verdict); i++)
        counters.by_verdict[i] = atomic_load(&samples->by_verdict[i]);
    if (status == HN_OK)
        status = count(db, "SELECT count(*) FROM sample WHERE state=1", &counters.running, err);
    if (status == HN_OK)
        status = count(db, "SELECT count(*) FROM sample", &counters.kept, err);
    if (status == HN_OK) {
        status = count(db,
                "SELECT coalesce(sum(size),0) FROM (SELECT max(size) AS size FROM sample_file"
                " WHERE kept=1 GROUP BY sha256)",
                &counters.disk_bytes, err);
    }
    *ret_counters = counters;
    return status;
}
