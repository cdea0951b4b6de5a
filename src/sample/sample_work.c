/* sample_work.c - a worker's thread: takes the next sample, has it taken apart in a jail, judges
 * it, looks into the journal, keeps what came of it. */
#include "sample/sample_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define NICE      10
#define IDLE_S    1 /* what others put into the table shows without being told */
#define TROUBLE_S 5 /* a full disk, a busy database: tried again after so long */
#define TWICE     "it ended the worker that looked at it, twice"

/* ---- Waiting ---- */

void sample_wait(struct samples *samples, time_t seconds)
{
    struct timespec until;

    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    (void)pthread_mutex_lock(&samples->lock);
    if (!atomic_load(&samples->ending))
        (void)pthread_cond_timedwait(&samples->woken, &samples->lock, &until);
    (void)pthread_mutex_unlock(&samples->lock);
}

/* ---- The parts ---- */

static bool write_all(int fd, struct hn_text bytes)
{
    while (bytes.len > 0) {
        ssize_t wrote = write(fd, bytes.ptr, bytes.len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        bytes = hn_text_sub(bytes, (size_t)wrote, bytes.len);
    }
    return true;
}

/* A file without a name in memory. The packaged service may not make them with memfd_create(). */
static int open_memory(void)
{
    int fd = open("/dev/shm", O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

    return fd >= 0 ? fd : memfd_create("sample", MFD_CLOEXEC);
}

/* What is on disk is of no use to a worker, and what a worker needs is nowhere on disk. */
static enum hn_status open_sample(
        struct samples *samples, const struct sample_job *job, int *ret_fd, struct hn_err *err)
{
    struct hn_buf bytes = { 0 };
    enum hn_status status = vault_get(samples->vault, hn_text_cstr(job->sha256), &bytes, err);
    int fd = -1;

    if (status == HN_NOTFOUND)
        status = hn_fail(err, HN_CORRUPT, 0, "its file is missing");
    if (status == HN_OK) {
        fd = open_memory();
        if (fd < 0 || !write_all(fd, hn_buf_text(&bytes)))
            status = hn_fail(err, HN_NOMEM, 0, "no memory for the sample");
    }
    hn_buf_deinit(&bytes);
    if (status == HN_OK)
        *ret_fd = fd;
    else if (fd >= 0)
        (void)close(fd);
    return status;
}

static size_t split_passwords(
        struct hn_text lines, struct hn_text ret_passwords[SAMPLE_PASSWORDS_MAX])
{
    struct hn_text line;
    size_t count = 0;

    while (count < SAMPLE_PASSWORDS_MAX && lines.len > 0 && hn_text_split(&lines, '\n', &line)) {
        if (line.len > 0)
            ret_passwords[count++] = line;
    }
    return count;
}

/* What there is of it: what was sent before the second end, or its digests. */
static enum hn_status give_up_opening(struct sample_lane *lane, const struct analyze_task *task,
        bool killed, struct sample_result *result, struct hn_err *err)
{
    const struct analyze_nursery *nursery = lane->samples->options.workers->nursery;

    if (!killed) {
        return analyze_sample_bare(
                analyze_nursery_limits(nursery), task, TWICE, &result->sample, err);
    }
    dissect_note(result->sample.dissect, 0, DISSECT_NOTE_WORKER, DISSECT_NOWHERE, TWICE);
    return HN_OK;
}

/* A worker that dies may have been unlucky: the sample is tried once more, in another one. What
 * ends that as well is judged unopened. */
static enum hn_status run_worker(struct sample_lane *lane, const struct analyze_task *task,
        struct hn_text id, struct sample_result *result, struct hn_err *err)
{
    for (unsigned tries = 1;; tries++) {
        struct hn_err gone = { 0 };
        enum hn_status status = analyze_worker_run(lane->worker, task, &result->sample, &gone);
        bool killed = status == HN_OK && result->sample.killed;

        if (status != HN_IO && !killed) {
            lane->deaths = 0;
            return status == HN_OK ? HN_OK : hn_fail(err, status, 0, "%s", gone.msg);
        }
        if (killed) { /* the child that looked at it; its worker is fine */
            sample_tell(lane->samples, true, "samples.worker",
                    "the process that looked at a sample was killed", id);
        } else { /* the sample is in memory: it is the warm process */
            sample_lane_drop(lane, "a worker is gone; another one takes its place", id);
        }
        if (tries > 1)
            return give_up_opening(lane, task, killed, result, err);
        analyze_sample_deinit(&result->sample);
        if (!sample_lane_ready(lane))
            return hn_fail(err, HN_IO, 0, "%s", gone.msg);
    }
}

static enum hn_status take_apart(struct sample_lane *lane, const struct sample_job *job,
        struct sample_result *result, struct hn_err *err)
{
    struct samples *samples = lane->samples;
    struct hn_text passwords[SAMPLE_PASSWORDS_MAX];
    struct analyze_task task = {
        .name = hn_text_cstr(job->name), .passwords = passwords, .keep = DISSECT_KEEP_ALL
    };
    struct hn_buf lines = { 0 };
    enum hn_status status = vault_unseal(samples->vault, hn_text_cstr(job->id),
            hn_text_as_bytes(hn_buf_text(&job->sealed)), &lines, err);

    if (status == HN_OK)
        status = open_sample(samples, job, &task.fd, err);
    if (status == HN_OK) {
        task.password_count = split_passwords(hn_buf_text(&lines), passwords);
        status = run_worker(lane, &task, hn_text_cstr(job->id), result, err);
        (void)close(task.fd);
    }
    if (lines.ptr != NULL)
        explicit_bzero(lines.ptr, lines.len);
    hn_buf_deinit(&lines);
    return status;
}

/* The set that judges now. */
static enum hn_status renew_judge(struct sample_lane *lane, struct hn_err *err)
{
    const struct sample_options *options = &lane->samples->options;
    struct judge_set *set = options->set(options->ctx);

    if (set == lane->set && lane->judge != NULL) {
        judge_set_unref(set);
        return HN_OK;
    }
    analyze_judge_free(lane->judge);
    judge_set_unref(lane->set);
    lane->set = set;
    lane->judge = analyze_judge_new(set);
    return lane->judge == NULL ? hn_fail(err, HN_NOMEM, 0, "judge") : HN_OK;
}

static enum hn_status work_out(struct sample_lane *lane, const struct sample_job *job,
        struct sample_result *result, struct hn_err *err)
{
    struct hn_err unseen = { 0 };
    enum hn_status status = take_apart(lane, job, result, err);

    if (status == HN_OK && lane->samples->options.look != NULL)
        lane->samples->options.look(lane->samples->options.ctx, result->sample.dissect);
    if (status == HN_OK)
        status = renew_judge(lane, err);
    if (status == HN_OK)
        status = analyze_judge_tree(lane->judge, result->sample.dissect, &result->verdict, err);
    if (status == HN_OK)
        status = protect_collect(result->sample.dissect, &result->indicators);
    /* A journal that cannot be searched does not hold up the verdict. */
    if (status == HN_OK && sample_look(lane->samples, job, result, &unseen) != HN_OK &&
            !atomic_load(&lane->samples->ending))
        sample_tell(lane->samples, true, "samples.journal", unseen.msg, hn_text_cstr(job->id));
    if (status == HN_OK)
        status = sample_tell_verdict(lane->samples, job, result, err);
    if (status == HN_OK)
        status = sample_keep(lane->samples, lane->db, job, result, err);
    return status;
}

static void result_init(struct sample_result *result)
{
    memset(result, 0, sizeof *result);
    hn_arena_init(&result->arena, SAMPLE_ARENA_MAX);
    protect_list_init(&result->indicators, &result->arena);
}

static void result_deinit(struct sample_result *result)
{
    protect_list_deinit(&result->indicators);
    hn_arena_deinit(&result->arena);
    analyze_verdict_deinit(&result->verdict);
    analyze_sample_deinit(&result->sample);
}

/* ---- One ---- */

/* What it was that kept it from being done, and so what becomes of it. */
static void settle(struct sample_lane *lane, const struct sample_job *job, enum hn_status status,
        const struct hn_err *why)
{
    struct samples *samples = lane->samples;
    struct hn_text id = hn_text_cstr(job->id);
    struct hn_err err = { 0 };
    enum hn_status settled = HN_OK;

    switch (status) {
    case HN_OK:
        return;
    case HN_NOTFOUND: /* removed meanwhile */
        settled = sample_sweep(samples, lane->db, &err);
        break;
    case HN_IO:
    case HN_LIMIT:
    case HN_CANCELLED:
        if (lane->worker != NULL)
            sample_tell(samples, true, "samples.trouble", why->msg, id);
        settled = sample_give_back(samples, lane->db, job->seq, lane->worker == NULL, &err);
        if (lane->worker != NULL)
            sample_wait(samples, TROUBLE_S);
        break;
    case HN_NOMEM:
    case HN_CORRUPT:
    case HN_SYNTAX:
    case HN_TRUNCATED:
    case HN_UNSUPPORTED:
        sample_tell(samples, true, "samples.failed", why->msg, id);
        settled = sample_give_up(samples, lane->db, job->seq, why->msg, &err);
        break;
    }
    /* Then it stays as it is until the next start. */
    if (settled != HN_OK)
        sample_tell(samples, true, "samples.trouble", err.msg, id);
}

static void work_on(struct sample_lane *lane, const struct sample_job *job)
{
    struct samples *samples = lane->samples;
    struct sample_result result;
    struct hn_err err = { 0 };
    enum hn_status status;

    result_init(&result);
    status = work_out(lane, job, &result, &err);
    if (status == HN_OK) {
        atomic_fetch_add(&samples->analysed, 1);
        atomic_fetch_add(&samples->by_verdict[result.verdict.kind], 1);
    }
    result_deinit(&result);
    settle(lane, job, status, &err);
}

void *sample_work(void *ctx)
{
    struct sample_lane *lane = ctx;
    struct samples *samples = lane->samples;
    struct sample_job job = { 0 };

    /* Of this thread alone, as Linux has it: judging what comes in goes first. */
    (void)setpriority(PRIO_PROCESS, 0, NICE);
    while (!atomic_load(&samples->ending)) {
        struct hn_err err = { 0 };
        enum hn_status status;

        if (!sample_lane_ready(lane))
            continue;
        status = sample_claim(samples, lane->db, &job, &err);
        if (status == HN_OK) {
            work_on(lane, &job);
        } else if (status == HN_NOTFOUND) {
            sample_wait(samples, IDLE_S);
        } else {
            sample_tell(samples, true, "samples.trouble", err.msg, HN_TEXT(""));
            sample_wait(samples, TROUBLE_S);
        }
    }
    hn_buf_deinit(&job.sealed);
    return NULL;
}
