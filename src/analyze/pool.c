/* pool.c - our side of the jail: asks the worker, takes its frames, believes nothing of them. */
#include "analyze/worker.h"

#include "base/attr.h"
#include "base/mem.h"
#include "base/reader.h"
#include "jail/jail.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_BYTES_MAX     ((size_t)1024)
#define PASSWORD_BYTES_MAX ((size_t)192)

/* ---- Life ---- */

enum hn_status analyze_worker_start(const struct analyze_limits *limits,
        const struct analyze_tables *tables, struct analyze_worker **ret_worker, struct hn_err *err)
{
    struct analyze_worker *worker = hn_calloc(1, sizeof *worker);
    struct worker_tables held = { tables != NULL ? tables : &analyze_tables_all };
    struct jail_limits jail;
    enum hn_status status;

    if (worker == NULL)
        return hn_fail(err, HN_NOMEM, 0, "worker");
    worker->limits = limits != NULL ? *limits : analyze_limits_default;
    jail = worker_jail_limits(&worker->limits);
    worker_warm_libraries();
    /* The warm process has a copy of this stack. */
    status = jail_warm_start(worker_serve, &held, &jail, &worker->warm, err);
    if (status != HN_OK) {
        hn_free(worker);
        return status;
    }
    *ret_worker = worker;
    return HN_OK;
}

void analyze_worker_stop(struct analyze_worker *worker)
{
    if (worker == NULL)
        return;
    jail_warm_stop(worker->warm);
    hn_free(worker);
}

void analyze_sample_deinit(struct analyze_sample *sample)
{
    dissect_free(sample->dissect);
    hn_buf_deinit(&sample->saved);
    hn_buf_deinit(&sample->bytes);
    memset(sample, 0, sizeof *sample);
}

/* ---- One sample ---- */

/* The sample's bytes as far as trees may point into them. */
static enum hn_status read_sample(const struct analyze_limits *limits, int fd, uint64_t size,
        struct hn_buf *out, struct hn_err *err)
{
    uint64_t want = size < limits->dissect.file_bytes_max ? size : limits->dissect.file_bytes_max;

    if (!hn_buf_reserve(out, (size_t)want + 1))
        return hn_fail(err, HN_NOMEM, 0, "sample");
    while (out->len < want) {
        ssize_t got = pread(fd, out->ptr + out->len, (size_t)want - out->len, (off_t)out->len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return hn_fail_sys(err, errno, "reading the sample");
        if (got == 0)
            break; /* it has become shorter; what the worker says is held against what is here */
        out->len += (size_t)got;
    }
    return HN_OK;
}

/* A tree of the sample alone, for a worker that sent none; nobody knows its format. */
static enum hn_status bare_tree(const struct analyze_limits *limits,
        const struct analyze_task *task, struct analyze_sample *sample, struct hn_err *err)
{
    struct dissect_child child = { .format = task->format,
        .name = task->name,
        .relation = "sample",
        .data = hn_text_as_bytes(hn_buf_text(&sample->bytes)),
        .offset = DISSECT_NOWHERE,
        .borrowed = true };
    struct take take = { .dissect = dissect_new(&limits->dissect) };
    enum hn_status status;

    if (take.dissect == NULL)
        return hn_fail(err, HN_NOMEM, 0, "tree");
    sample->dissect = take.dissect;
    status = dissect_child(take.dissect, DISSECT_NONE, &child, NULL);
    if (status == HN_OK)
        status = take_identify(&take, 0, err);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "tree");
    /* Digests alone: what has just ended a worker is not looked into outside of one. */
    return HN_OK;
}

/* The limit behind an end; "" where there is none. */
static const char *limit_of(enum jail_end_kind kind)
{
    switch (kind) {
    case JAIL_END_CPU:
        return "cpu_seconds: ";
    case JAIL_END_TIME:
        return "wall_ms: ";
    case JAIL_END_OUTPUT:
        return "result_bytes: ";
    case JAIL_END_EXIT:
    case JAIL_END_CRASH:
    case JAIL_END_CALL:
    case JAIL_END_SETUP:
        break;
    }
    return "";
}

static void note_end(struct dissect *dissect, const struct jail_end *end,
        const struct worker_frames *frames, const char *broken)
{
    static const char *const steps[] = {
        [ANALYZE_STEP_OPEN] = "opened",
        [ANALYZE_STEP_EVALUATE] = "evaluated",
        [ANALYZE_STEP_SCAN] = "held against YARA rules",
    };
    char where[96] = "";
    const char *what = broken;

    if (end->kind == JAIL_END_EXIT && end->code == 0 && what == NULL)
        return;
    if (frames->any_step) {
        (void)snprintf(where, sizeof where, ", while it %s object %u", steps[frames->step],
                (unsigned)frames->object);
    }
    if (what == NULL)
        what = end->kind == JAIL_END_EXIT ? worker_exit_text(end->code) : jail_end_text(end->kind);
    if (end->kind == JAIL_END_CRASH) {
        dissect_note(dissect, 0, DISSECT_NOTE_WORKER, DISSECT_NOWHERE, "%s (signal %d)%s", what,
                end->code, where);
    } else {
        dissect_note(dissect, 0, DISSECT_NOTE_WORKER, DISSECT_NOWHERE, "%s%s%s",
                limit_of(end->kind), what, where);
    }
}

/* The tree out of what was sent, or a bare one, with a note on what went wrong. */
static enum hn_status make_tree(const struct analyze_worker *worker,
        const struct analyze_task *task, const struct jail_end *end, struct analyze_sample *sample,
        struct hn_err *err)
{
    struct worker_frames frames = worker_frames_read(hn_text_as_bytes(hn_buf_text(&sample->saved)));
    struct hn_err why = { 0 };
    const char *broken = frames.sound ? NULL : "it sent nonsense";
    enum hn_status status = HN_NOTFOUND;

    if (frames.tree.len > 0)
        status = dissect_load(frames.tree, hn_text_as_bytes(hn_buf_text(&sample->bytes)),
                &worker->limits.dissect, &sample->dissect, &why);
    if (status == HN_NOMEM)
        return hn_fail(err, status, 0, "tree");
    if (status != HN_OK) {
        if (frames.tree.len > 0)
            broken = why.msg;
        else if (end->kind == JAIL_END_EXIT && end->code == 0 && broken == NULL)
            broken = "it sent nothing";
        status = bare_tree(&worker->limits, task, sample, err);
    }
    if (status == HN_OK)
        note_end(sample->dissect, end, &frames, broken);
    return status;
}

/* Replies stand behind the sample, the first of them first. */
static uint64_t sample_size(const struct analyze_task *task, uint64_t size)
{
    return task->reply_count > 0 && task->replies[0].offset < size ? task->replies[0].offset : size;
}

enum hn_status analyze_sample_bare(const struct analyze_limits *limits,
        const struct analyze_task *task, const char *why, struct analyze_sample *ret_sample,
        struct hn_err *err)
{
    struct stat state;
    enum hn_status status;

    memset(ret_sample, 0, sizeof *ret_sample);
    if (fstat(task->fd, &state) != 0)
        return hn_fail_sys(err, errno, "looking at the sample");
    status = read_sample(
            limits, task->fd, sample_size(task, (uint64_t)state.st_size), &ret_sample->bytes, err);
    if (status == HN_OK)
        status = bare_tree(limits, task, ret_sample, err);
    if (status == HN_OK)
        dissect_note(ret_sample->dissect, 0, DISSECT_NOTE_WORKER, DISSECT_NOWHERE, "%s", why);
    else
        analyze_sample_deinit(ret_sample);
    return status;
}

static void fill_request(struct worker_request *request, const struct analyze_worker *worker,
        const struct analyze_task *task, uint64_t size)
{
    request->limits = worker->limits;
    request->size = size;
    request->keep = task->keep;
    request->format = task->format;
    request->name = hn_text_sub(task->name, 0, NAME_BYTES_MAX);
    for (size_t i = 0; i < task->password_count; i++) {
        if (task->passwords[i].len <= PASSWORD_BYTES_MAX &&
                request->password_count < WORKER_PASSWORDS_MAX)
            request->passwords[request->password_count++] = task->passwords[i];
    }
    for (size_t i = 0; i < task->reply_count && i < ANALYZE_REPLIES_MAX; i++)
        request->replies[request->reply_count++] = task->replies[i];
}

enum hn_status analyze_worker_run(struct analyze_worker *worker, const struct analyze_task *task,
        struct analyze_sample *ret_sample, struct hn_err *err)
{
    struct worker_request request = { 0 };
    struct hn_buf asked = { 0 };
    struct jail_end end = { 0 };
    struct stat state;
    uint64_t size;
    enum hn_status status;

    memset(ret_sample, 0, sizeof *ret_sample);
    if (fstat(task->fd, &state) != 0)
        return hn_fail_sys(err, errno, "looking at the sample");
    size = sample_size(task, (uint64_t)state.st_size);
    fill_request(&request, worker, task, size);
    worker_request_write(&request, &asked);
    hn_buf_init(&ret_sample->saved, (size_t)worker->limits.result_bytes);
    status = hn_buf_ok(&asked) ? HN_OK : hn_fail(err, HN_NOMEM, 0, "request");
    if (status == HN_OK) {
        status = jail_warm_run(worker->warm,
                &(struct jail_request){ .bytes = hn_text_as_bytes(hn_buf_text(&asked)),
                        .fds = &task->fd,
                        .fd_count = 1,
                        .timeout_ms =
                                (int)(worker->limits.wall_ms < 86400000 ? worker->limits.wall_ms
                                                                        : 86400000) },
                &ret_sample->saved, &end, err);
    }
    hn_buf_deinit(&asked);
    if (status == HN_OK)
        status = read_sample(&worker->limits, task->fd, size, &ret_sample->bytes, err);
    if (status == HN_OK)
        status = make_tree(worker, task, &end, ret_sample, err);
    ret_sample->killed = end.kind == JAIL_END_CRASH && end.code == SIGKILL;
    ret_sample->cpu_ms = end.cpu_ms;
    ret_sample->memory_bytes = end.memory_bytes;
    if (status != HN_OK)
        analyze_sample_deinit(ret_sample);
    return status;
}
