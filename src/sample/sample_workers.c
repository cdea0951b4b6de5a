/* sample_workers.c - the warm processes: made by a nursery that has compiled the YARA rules,
 * replaced when they die or when the rules have changed. */
#include "sample/sample_internal.h"

#include "base/mem.h"
#include "base/num.h"

#include <stdio.h>

#define PAUSE_MAX_S 60

/* ---- The nursery ---- */

static uint64_t count_lines(struct hn_text told)
{
    struct hn_text line;
    uint64_t count = 0;

    while (told.len > 0 && hn_text_split(&told, '\n', &line))
        count += line.len > 0;
    return count;
}

/* The first line is the number of rules; each other one a file that cannot be used. */
struct hearing {
    struct sample_workers *workers;
    bool strict;
};

static enum hn_status hear(void *ctx, struct hn_text told, struct hn_err *err)
{
    const struct hearing *hearing = ctx;
    struct sample_workers *workers = hearing->workers;
    uint64_t lines = count_lines(told);
    uint64_t left_out = lines > 0 ? lines - 1 : 0;

    if (workers->options.on_told != NULL)
        workers->options.on_told(workers->options.ctx, told);
    if (hn_text_starts(told, HN_TEXT("0\n")))
        return hn_fail(err, HN_SYNTAX, 0, "not a single YARA rule could be loaded");
    if (hearing->strict && left_out > workers->left_out) {
        return hn_fail(err, HN_SYNTAX, 0,
                "%llu files of YARA rules cannot be used, %llu of those in force; the warnings "
                "before say why",
                (unsigned long long)left_out, (unsigned long long)workers->left_out);
    }
    workers->left_out = left_out;
    return HN_OK;
}

/* With the lock. */
static enum hn_status prepare(struct sample_workers *workers, bool strict, struct hn_err *err)
{
    struct hearing hearing = { workers, strict };
    enum hn_status status = analyze_nursery_prepare(workers->nursery, hear, &hearing, err);

    if (status == HN_OK)
        atomic_fetch_add(&workers->generation, 1);
    return status;
}

enum hn_status sample_workers_start(const struct sample_workers_options *options,
        struct sample_workers **ret_workers, struct hn_err *err)
{
    const struct analyze_nursery_options nursery = {
        .limits = options->limits, .yara = options->yara, .ctx = options->ctx
    };
    struct sample_workers *workers = hn_calloc(1, sizeof *workers);
    enum hn_status status;

    if (workers == NULL)
        return hn_fail(err, HN_NOMEM, 0, "workers");
    workers->options = *options;
    workers->options.limits = NULL; /* the nursery has a copy */
    (void)pthread_mutex_init(&workers->lock, NULL);
    status = analyze_nursery_start(&nursery, &workers->nursery, err);
    if (status == HN_OK)
        status = prepare(workers, false, err);
    if (status != HN_OK) {
        sample_workers_stop(workers);
        return status;
    }
    *ret_workers = workers;
    return HN_OK;
}

enum hn_status sample_workers_renew(struct sample_workers *workers, struct hn_err *err)
{
    enum hn_status status;

    (void)pthread_mutex_lock(&workers->lock);
    status = prepare(workers, true, err);
    (void)pthread_mutex_unlock(&workers->lock);
    return status;
}

void sample_workers_stop(struct sample_workers *workers)
{
    if (workers == NULL)
        return;
    analyze_nursery_stop(workers->nursery);
    (void)pthread_mutex_destroy(&workers->lock);
    hn_free(workers);
}

/* ---- The worker of a lane ---- */

static enum hn_status make_worker(struct sample_lane *lane, struct hn_err *err)
{
    struct sample_workers *workers = lane->samples->options.workers;
    struct hn_err gone = { 0 };
    enum hn_status status;

    (void)pthread_mutex_lock(&workers->lock);
    lane->generation = atomic_load(&workers->generation);
    status = analyze_nursery_worker(workers->nursery, &lane->worker, &gone);
    if (status == HN_IO) { /* what had compiled the rules is gone as well */
        status = prepare(workers, false, err);
        lane->generation = atomic_load(&workers->generation);
        if (status == HN_OK)
            status = analyze_nursery_worker(workers->nursery, &lane->worker, err);
    } else if (status != HN_OK) {
        status = hn_fail(err, status, 0, "%s", gone.msg);
    }
    (void)pthread_mutex_unlock(&workers->lock);
    return status;
}

void sample_lane_drop(struct sample_lane *lane, const char *why, struct hn_text id)
{
    if (lane->worker == NULL)
        return;
    analyze_worker_stop(lane->worker);
    lane->worker = NULL;
    atomic_fetch_sub(&lane->samples->alive, 1);
    if (why == NULL)
        return;
    lane->deaths++;
    sample_tell(lane->samples, true, "samples.worker", why, id);
}

/* Whatever is handed in meanwhile. */
static void pause_lane(struct sample_lane *lane, time_t seconds)
{
    struct samples *samples = lane->samples;
    hn_time end = sample_now(samples) + seconds * HN_SECOND;

    while (!atomic_load(&samples->ending) && sample_now(samples) < end)
        sample_wait(samples, 1);
}

/* Nothing after the first death, then longer and longer. */
static time_t pause_of(unsigned deaths)
{
    unsigned doublings = deaths < 2 ? 0 : deaths - 2;

    if (deaths < 2)
        return 0;
    return doublings > 5 ? PAUSE_MAX_S : (time_t)1 << doublings;
}

bool sample_lane_ready(struct sample_lane *lane)
{
    const struct sample_workers *workers = lane->samples->options.workers;
    struct hn_err err = { 0 };
    char message[256];
    time_t pause;

    if (lane->worker != NULL && lane->generation == atomic_load(&workers->generation))
        return true;
    sample_lane_drop(lane, NULL, HN_TEXT(""));
    pause = pause_of(lane->deaths);
    pause_lane(lane, pause);
    if (atomic_load(&lane->samples->ending))
        return false;
    if (make_worker(lane, &err) == HN_OK) {
        atomic_fetch_add(&lane->samples->alive, 1);
        return true;
    }
    lane->deaths++;
    (void)snprintf(
            message, sizeof message, "no worker can be made, which is tried again: %s", err.msg);
    sample_tell(lane->samples, true, "samples.worker", message, HN_TEXT(""));
    if (lane->deaths == 1) /* the pause comes with the next death */
        pause_lane(lane, 1);
    return false;
}
