/* analyze_run.c - threads, each with a jailed worker, over a list of files. */
#include "app/analyze_run.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define AHEAD_PER_THREAD 4u /* results that wait for an earlier one */
#define ARENA_BYTES_MAX  ((size_t)256 << 20)
#define STDIN_BYTES_MAX  ((uint64_t)1 << 30)

struct lane {
    struct analyze_run *run;
    struct analyze_worker *worker;
    struct analyze_judge *judge;
    pthread_t thread;
};

struct analyze_run {
    struct lane lanes[ANALYZE_THREADS_MAX];
    unsigned count;
    const struct analyze_run_options *options;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    struct analyze_result **results; /* by index; NULL: not there yet */
    size_t next;                     /* to be taken by a thread */
    size_t told;                     /* to be told next */
    enum hn_status status;
};

enum hn_status analyze_run_start(const struct analyze_limits *limits,
        const struct analyze_tables *tables, unsigned threads, struct analyze_run **ret_run,
        struct hn_err *err)
{
    struct analyze_run *run = hn_calloc(1, sizeof *run);
    enum hn_status status = HN_OK;

    if (run == NULL)
        return hn_fail(err, HN_NOMEM, 0, "workers");
    if (threads == 0)
        threads = 1;
    while (status == HN_OK && run->count < threads && run->count < ANALYZE_THREADS_MAX) {
        struct lane *lane = &run->lanes[run->count];

        lane->run = run;
        status = analyze_worker_start(limits, tables, &lane->worker, err);
        if (status == HN_OK)
            run->count++;
    }
    if (status != HN_OK) {
        analyze_run_end(run);
        return status;
    }
    *ret_run = run;
    return HN_OK;
}

void analyze_run_end(struct analyze_run *run)
{
    if (run == NULL)
        return;
    for (unsigned i = 0; i < run->count; i++)
        analyze_worker_stop(run->lanes[i].worker);
    hn_free(run);
}

/* ---- One file ---- */

static struct hn_text base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return hn_text_cstr(slash != NULL ? slash + 1 : path);
}

/* Behind what is there already. */
static bool append_stream(int to, int from, uint64_t *ret_len, struct hn_err *err)
{
    char piece[65536];

    *ret_len = 0;
    for (;;) {
        ssize_t len = read(from, piece, sizeof piece);
        ssize_t wrote = len > 0 ? write(to, piece, (size_t)len) : 0;

        if (len == 0)
            return true;
        if (len < 0 && errno == EINTR)
            continue;
        if (len < 0 || wrote != len || (*ret_len += (uint64_t)len) > STDIN_BYTES_MAX) {
            (void)hn_fail_sys(err, len < 0 ? errno : EFBIG, "cannot read");
            return false;
        }
    }
}

/* What is not a file that can be read twice becomes one in memory. */
static int copy_stream(int from, struct hn_err *err)
{
    int to = memfd_create("sample", MFD_CLOEXEC);
    uint64_t len;

    if (to < 0) {
        (void)hn_fail_sys(err, errno, "cannot read");
        return -1;
    }
    if (append_stream(to, from, &len, err))
        return to;
    (void)close(to);
    return -1;
}

static int open_sample(const char *path, struct hn_err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat state;
    int copy;

    if (fd < 0 || fstat(fd, &state) != 0) {
        (void)hn_fail_sys(err, errno, "cannot read");
        return -1;
    }
    if (S_ISREG(state.st_mode) && !is_stdin)
        return fd;
    copy = copy_stream(fd, err);
    if (!is_stdin)
        (void)close(fd);
    return copy;
}

/* The sample and, behind it, the replies, in one file in memory. *fd is replaced. */
static bool add_replies(const struct analyze_run_options *options, struct analyze_task *task,
        struct analyze_task_reply *replies, struct hn_err *err)
{
    int all = copy_stream(task->fd, err);
    bool good = all >= 0;

    (void)close(task->fd);
    task->fd = all;
    task->replies = replies;
    for (size_t i = 0; good && i < options->reply_count && i < ANALYZE_REPLIES_MAX; i++) {
        int from = open(options->replies[i].path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        off_t offset = lseek(all, 0, SEEK_END);

        if (from < 0)
            (void)hn_fail_sys(err, errno, "cannot read %s", options->replies[i].path);
        replies[i] = (struct analyze_task_reply){ .url = options->replies[i].url,
            .offset = (uint64_t)offset };
        good = from >= 0 && append_stream(all, from, &replies[i].len, err);
        if (from >= 0)
            (void)close(from);
        task->reply_count = i + 1;
    }
    return good;
}

static void look_at(struct lane *lane, const char *path, struct analyze_result *result)
{
    const struct analyze_run_options *options = lane->run->options;
    struct analyze_task_reply replies[ANALYZE_REPLIES_MAX];
    struct analyze_task task = { .name = base_name(path),
        .passwords = options->passwords,
        .password_count = options->password_count,
        .keep = options->keep };

    result->path = path;
    hn_arena_init(&result->arena, ARENA_BYTES_MAX);
    protect_list_init(&result->indicators, &result->arena);
    task.fd = open_sample(path, &result->err);
    result->status = HN_IO;
    if (task.fd < 0)
        return;
    if (options->reply_count > 0 && !add_replies(options, &task, replies, &result->err)) {
        if (task.fd >= 0)
            (void)close(task.fd);
        return;
    }
    result->status = analyze_worker_run(lane->worker, &task, &result->sample, &result->err);
    (void)close(task.fd);
    if (result->status == HN_OK && options->known != NULL)
        known_look(options->known, result->sample.dissect);
    if (result->status == HN_OK)
        result->status = analyze_judge_tree(
                lane->judge, result->sample.dissect, &result->verdict, &result->err);
    if (result->status == HN_OK)
        result->status = protect_collect(result->sample.dissect, &result->indicators);
}

static void result_free(struct analyze_result *result)
{
    if (result == NULL)
        return;
    protect_list_deinit(&result->indicators);
    hn_arena_deinit(&result->arena);
    analyze_verdict_deinit(&result->verdict);
    analyze_sample_deinit(&result->sample);
    hn_free(result);
}

/* ---- Threads ---- */

static bool is_over(const struct analyze_run *run)
{
    return run->status != HN_OK || run->next == run->options->path_count ||
           (run->options->cancel != NULL && *run->options->cancel);
}

/* Tells what is complete from the front. With the lock. */
static void tell(struct analyze_run *run)
{
    while (run->told < run->options->path_count && run->results[run->told] != NULL) {
        run->options->on_result(run->options->ctx, run->told, run->results[run->told]);
        result_free(run->results[run->told]);
        run->results[run->told] = NULL;
        run->told++;
    }
    (void)pthread_cond_broadcast(&run->moved);
}

static void *work(void *ctx)
{
    struct lane *lane = ctx;
    struct analyze_run *run = lane->run;

    (void)pthread_mutex_lock(&run->lock);
    while (!is_over(run)) {
        struct analyze_result *result;
        size_t index;

        if (run->next >= run->told + (size_t)run->count * AHEAD_PER_THREAD) {
            (void)pthread_cond_wait(&run->moved, &run->lock);
            continue;
        }
        index = run->next++;
        (void)pthread_mutex_unlock(&run->lock);
        result = hn_calloc(1, sizeof *result);
        if (result != NULL)
            look_at(lane, run->options->paths[index], result);
        (void)pthread_mutex_lock(&run->lock);
        if (result == NULL) {
            run->status = HN_NOMEM;
            break;
        }
        run->results[index] = result;
        tell(run);
    }
    (void)pthread_cond_broadcast(&run->moved);
    (void)pthread_mutex_unlock(&run->lock);
    return NULL;
}

enum hn_status analyze_run_files(
        struct analyze_run *run, const struct analyze_run_options *options, struct hn_err *err)
{
    unsigned started = 0;

    run->options = options;
    run->results = hn_calloc(options->path_count + 1, sizeof(struct analyze_result *));
    run->status = run->results == NULL ? HN_NOMEM : HN_OK;
    for (unsigned i = 0; i < run->count && run->status == HN_OK; i++) {
        run->lanes[i].judge = analyze_judge_new(options->set);
        if (run->lanes[i].judge == NULL)
            run->status = HN_NOMEM;
    }
    (void)pthread_mutex_init(&run->lock, NULL);
    (void)pthread_cond_init(&run->moved, NULL);
    while (run->status == HN_OK && started < run->count &&
            pthread_create(&run->lanes[started].thread, NULL, work, &run->lanes[started]) == 0)
        started++;
    if (run->status == HN_OK && started == 0)
        run->status = HN_NOMEM;
    for (unsigned i = 0; i < started; i++)
        (void)pthread_join(run->lanes[i].thread, NULL);
    if (run->status == HN_OK && run->told < options->path_count)
        run->status = HN_CANCELLED;
    for (unsigned i = 0; i < run->count; i++) {
        analyze_judge_free(run->lanes[i].judge);
        run->lanes[i].judge = NULL;
    }
    for (size_t i = 0; run->results != NULL && i < options->path_count; i++)
        result_free(run->results[i]);
    hn_free(run->results);
    (void)pthread_cond_destroy(&run->moved);
    (void)pthread_mutex_destroy(&run->lock);
    return run->status == HN_OK ? HN_OK
                                : hn_fail(err, run->status, 0, "%s", hn_status_text(run->status));
}
