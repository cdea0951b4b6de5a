/* serve.c - the order in which the parts of the server start and end.
 *
 * Doors open last and close first: what is taken in has somewhere to go, and when the process ends
 * everything that was acknowledged is in the journal, everything judged is in the store. */
#include "serve/serve_internal.h"

#include "base/crash.h"
#include "base/file.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

hn_time serve_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (hn_time)now.tv_sec * HN_SECOND + now.tv_nsec;
}

bool serve_path(const struct serve *serve, const char *name, char ret_path[SERVE_PATH_MAX])
{
    int len = snprintf(ret_path, SERVE_PATH_MAX, "%s/%s", serve->data, name);

    return len > 0 && len < SERVE_PATH_MAX;
}

void serve_fail(struct serve *serve, const char *id, const char *message, const struct hn_err *err)
{
    enum hn_status none = HN_OK;

    serve_log_failure(CONFIG_LOG_ERROR, id, message, err);
    (void)atomic_compare_exchange_strong(
            &serve->failure, &none, err->status == HN_OK ? HN_IO : err->status);
    atomic_store(&serve->ending, true);
}

/* ---- The data folder ---- */

/* All names are durable before anything is acknowledged: a folder that an earlier process made may
 * not have been synced by it. */
static enum hn_status make_folders(const struct serve *serve, struct hn_err *err)
{
    static const char *const names[] = { "journal", "sets", "state", "intake" };
    enum hn_status status = hn_file_make_folder(serve->data, err);

    for (size_t i = 0; status == HN_OK && i < HN_COUNT_OF(names); i++) {
        char path[SERVE_PATH_MAX];

        status = serve_path(serve, names[i], path)
                         ? hn_file_make_folder(path, err)
                         : hn_fail(err, HN_LIMIT, 0, "the data folder's name is too long");
    }
    return status;
}

/* One server per folder: two would each believe that the other's journal is theirs. */
static enum hn_status lock_folder(struct serve *serve, struct hn_err *err)
{
    char path[SERVE_PATH_MAX];
    enum hn_status status = make_folders(serve, err);

    if (status != HN_OK)
        return status;
    if (!serve_path(serve, "lock", path))
        return hn_fail(err, HN_LIMIT, 0, "the data folder's name is too long");
    serve->lock_fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (serve->lock_fd < 0)
        return hn_fail_sys(err, errno, "%s cannot be opened", path);
    if (flock(serve->lock_fd, LOCK_EX | LOCK_NB) != 0)
        return hn_fail(err, HN_LIMIT, 0, "another server uses %s", serve->data);
    return HN_OK;
}

/* ---- Journal and store ---- */

static void on_damage(void *ctx, const struct journal_damage *damage)
{
    (void)ctx;
    serve_log(CONFIG_LOG_ERROR, "journal.damage", damage->reason,
            SERVE_TEXT("file", hn_text_cstr(damage->file)), SERVE_COUNT("from", damage->start),
            SERVE_COUNT("to", damage->end));
}

static enum hn_status open_journal(struct serve *serve, struct hn_err *err)
{
    const struct config_journal *config = &serve->config->journal;
    char path[SERVE_PATH_MAX];
    const struct journal_options options = { .dir = path,
        .segment_bytes = config->segment,
        .keep_bytes_max = config->keep,
        .keep_age_max = config->keep_age,
        .commit_delay_us = (uint32_t)(config->commit_delay / 1000),
        .commit_bytes = config->commit_size,
        .pending_bytes_max = config->pending,
        .compress = config->compress };

    struct journal_damage missing;
    enum hn_status status;

    if (!serve_path(serve, "journal", path))
        return hn_fail(err, HN_LIMIT, 0, "the data folder's name is too long");
    status = journal_open(&options, on_damage, NULL, &serve->journal, err);
    if (status == HN_OK && journal_missing(serve->journal, &missing))
        on_damage(NULL, &missing);
    return status;
}

/* The outputs as the store knows them: a row of the outbox is written for each. */
static enum hn_status open_store(struct serve *serve, struct hn_err *err)
{
    const struct config_outputs *outputs = &serve->config->outputs;
    const struct auth_options auth = { .session_idle = serve->config->http.session_idle,
        .session_max = serve->config->http.session_max };
    char path[SERVE_PATH_MAX];
    struct store_options options = { .path = path,
        .window = serve->config->incidents.window,
        .exception_max = serve->config->incidents.exception_max,
        .sink_count = outputs->count };
    struct serve_link *link;
    enum hn_status status;

    serve->sinks = hn_calloc(outputs->count + 1, sizeof *serve->sinks);
    if (serve->sinks == NULL || !serve_path(serve, "hinomi.db", path))
        return hn_fail(err, HN_NOMEM, 0, "store");
    for (uint32_t i = 0; i < outputs->count; i++) {
        serve->sinks[i] = (struct store_sink){ .name = outputs->ptr[i].name.ptr,
            .level_min = outputs->ptr[i].level,
            .alerts = true,
            .incidents = true };
    }
    options.sinks = serve->sinks;
    serve_pool_init(&serve->pool, &options);
    link = serve_pool_take(&serve->pool);
    if (link == NULL)
        return hn_fail(err, HN_IO, 0, "%s cannot be opened", path);
    status = auth_migrate(link->db, err);
    serve_pool_give(&serve->pool, link);
    return status == HN_OK ? auth_new(&auth, &serve->auth, err) : status;
}

/* ---- Life ---- */

static enum hn_status start(struct serve *serve, struct hn_err *err)
{
    enum hn_status status = lock_folder(serve, err);

    if (status == HN_OK)
        status = serve_samples_workers(serve, err);
    if (status == HN_OK)
        status = open_store(serve, err);
    if (status == HN_OK)
        status = serve_account_first(serve, err);
    if (status == HN_OK)
        status = open_journal(serve, err);
    HN_CRASH_POINT("serve_journal_open");
    if (status == HN_OK)
        status = serve_set_first(serve, err);
    if (status == HN_OK)
        status = serve_recall(serve, err);
    HN_CRASH_POINT("serve_recalled");
    if (status == HN_OK)
        status = serve_engine_start(serve, err);
    if (status == HN_OK)
        status = serve_outputs_start(serve, err);
    if (status == HN_OK)
        status = serve_set_announce(serve, err);
    HN_CRASH_POINT("serve_announced");
    if (status == HN_OK)
        status = serve_samples_open(serve, err);
    if (status == HN_OK)
        status = serve_http_start(serve, err);
    if (status == HN_OK)
        status = serve_doors_open(serve, err);
    return status;
}

/* Every part copes with never having been started. */
static void end(struct serve *serve)
{
    atomic_store(&serve->ready, false);
    serve_doors_close(serve);
    serve_http_stop(serve);
    serve_samples_stop(serve);
    serve_engine_stop(serve);
    serve_outputs_stop(serve);
    serve_recall_save(serve);
    intake_free(serve->intake);
    journal_close(serve->journal); /* the last answers come from its thread */
    serve_http_free(serve);
    serve_samples_free(serve);
    serve_doors_free(serve);
    judge_set_unref(serve->set);
    engine_sets_free(serve->sets);
    auth_free(serve->auth);
    if (serve->sinks != NULL)
        serve_pool_deinit(&serve->pool);
    hn_free(serve->sinks);
    if (serve->lock_fd >= 0)
        (void)close(serve->lock_fd);
}

/* Memory holds keys and what people have just sent; a file of it would be read by others than the
 * database is. */
static void refuse_core_dumps(void)
{
    const struct rlimit none = { 0, 0 };

    (void)setrlimit(RLIMIT_CORE, &none);
}

static void block_signals(void)
{
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)sigaddset(&signals, SIGPIPE);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

enum hn_status serve_run(const struct serve_options *options, struct hn_err *err)
{
    struct serve serve = {
        .options = options, .config = options->config, .lock_fd = -1, .started = serve_now()
    };
    enum hn_status status;

    (void)snprintf(serve.data, sizeof serve.data, "%s", options->config->data.ptr);
    (void)pthread_mutex_init(&serve.set_lock, NULL);
    (void)pthread_mutex_init(&serve.doors_lock, NULL);
    (void)pthread_mutex_init(&serve.known_lock, NULL);
    (void)pthread_mutex_init(&serve.renew_lock, NULL);
    refuse_core_dumps();
    block_signals();
    status = start(&serve, err);
    if (status == HN_OK) {
        atomic_store(&serve.ready, true);
        serve_log(CONFIG_LOG_INFO, "serve.ready", "ready",
                SERVE_TEXT("version", hn_text_cstr(options->version)),
                SERVE_TEXT("data", hn_text_cstr(serve.data)));
        (void)sd_notify(0, "READY=1");
        serve_clock_run(&serve);
        serve_log(CONFIG_LOG_INFO, "serve.ending", "ending");
    }
    end(&serve);
    (void)pthread_mutex_destroy(&serve.renew_lock);
    (void)pthread_mutex_destroy(&serve.known_lock);
    (void)pthread_mutex_destroy(&serve.doors_lock);
    (void)pthread_mutex_destroy(&serve.set_lock);
    if (status == HN_OK && serve.failure != HN_OK)
        status = hn_fail(err, serve.failure, 0, "it could not go on; the log says why");
    return status;
}
