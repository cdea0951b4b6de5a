/* serve_samples.c - samples within the server: workers before there are threads, the queue when the
 * journal is there, numbers for whoever watches. */
#include "serve/serve_internal.h"

#include "base/file.h"
#include "base/num.h"

#include <stdio.h>
#include <time.h>

#define PAUSE_NS     (2 * HN_MILLISECOND)
#define BEHIND_BYTES ((uint64_t)4 << 20) /* of the engine: then samples do little */

/* ---- What the queue asks ---- */

static hn_time now(void *ctx)
{
    (void)ctx;
    return serve_now();
}

static struct judge_set *current_set(void *ctx)
{
    struct serve *serve = ctx;
    struct judge_set *set;

    (void)pthread_mutex_lock(&serve->set_lock);
    set = judge_set_ref(serve->set);
    (void)pthread_mutex_unlock(&serve->set_lock);
    return set;
}

static void look(void *ctx, struct dissect *dissect)
{
    serve_known_look(ctx, dissect);
}

static void give_way(void *ctx)
{
    const struct timespec pause = { 0, PAUSE_NS };
    struct serve *serve = ctx;
    uint64_t end = journal_committed(serve->journal);
    uint64_t position = engine_position(serve->engine);

    if (end > position && end - position > BEHIND_BYTES)
        (void)nanosleep(&pause, NULL);
}

/* ---- Verdicts into the journal ---- */

struct telling {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
    enum hn_status status;
};

static void on_durable(void *ctx, enum hn_status status)
{
    struct telling *telling = ctx;

    (void)pthread_mutex_lock(&telling->lock);
    telling->done = true;
    telling->status = status;
    (void)pthread_cond_signal(&telling->changed);
    (void)pthread_mutex_unlock(&telling->lock);
}

static enum hn_status wait_for(struct telling *telling, struct hn_err *err)
{
    (void)pthread_mutex_lock(&telling->lock);
    while (!telling->done)
        (void)pthread_cond_wait(&telling->changed, &telling->lock);
    (void)pthread_mutex_unlock(&telling->lock);
    return telling->status == HN_OK
                   ? HN_OK
                   : hn_fail(err, HN_IO, 0, "the journal did not take the verdict");
}

/* A batch with a key: however often it is handed in, it is in the journal once. */
static enum hn_status tell(void *ctx, struct hn_text tenant, struct hn_text id, struct hn_text line,
        struct hn_err *err)
{
    struct serve *serve = ctx;
    struct telling telling = { .done = false };
    char key[INTAKE_KEY_MAX];
    int key_len = snprintf(key, sizeof key, "sample-%.*s", HN_TEXT_ARG(id));
    const struct intake_batch batch = { .source = HN_TEXT("samples"),
        .tenant = tenant,
        .format = HN_TEXT("json"),
        .stream = id,
        .key = hn_text_of(key, (size_t)key_len),
        .body = hn_text_as_bytes(line) };
    enum hn_status status;

    (void)pthread_mutex_init(&telling.lock, NULL);
    (void)pthread_cond_init(&telling.changed, NULL);
    status = intake_submit(serve->intake, &batch, on_durable, &telling, NULL, err);
    if (status == HN_OK)
        status = wait_for(&telling, err);
    (void)pthread_cond_destroy(&telling.changed);
    (void)pthread_mutex_destroy(&telling.lock);
    return status;
}

/* ---- The log ---- */

static void on_event(void *ctx, bool bad, const char *what, const char *message, struct hn_text id)
{
    (void)ctx;
    serve_log(bad ? CONFIG_LOG_ERROR : CONFIG_LOG_INFO, what, message, SERVE_TEXT("sample", id));
}

/* ---- Life ---- */

enum hn_status serve_samples_workers(struct serve *serve, struct hn_err *err)
{
    const struct config_samples *config = &serve->config->samples;
    struct analyze_limits limits = analyze_limits_default;
    struct sample_workers_options options = { .limits = &limits,
        .count = config->workers,
        .on_told = serve_known_told,
        .ctx = serve->options->ctx };

    for (uint32_t i = 0; i < config->limits.count; i++) {
        struct hn_text value = config->limits.ptr[i];
        struct hn_text name = value;
        uint64_t number = 0;

        (void)hn_text_split(&value, '=', &name);
        if (value.ptr == NULL || !hn_parse_u64(value, &number))
            return hn_fail(err, HN_SYNTAX, 0, "samples.limits: %.*s is not NAME=NUMBER",
                    HN_TEXT_ARG(config->limits.ptr[i]));
        if (analyze_limit_set(&limits, name, number, err) != HN_OK)
            return HN_SYNTAX;
    }
    if (config->workers == 0)
        return HN_OK;
    if (serve->options->yara != NULL && config->yara.count > 0) {
        options.yara = serve->options->yara;
        serve->yara_stamp = serve->options->yara_stamp(serve->options->ctx);
    }
    return sample_workers_start(&options, &serve->sample_workers, err);
}

static void fill_options(
        struct serve *serve, const char *dir, const char *database, struct sample_options *options)
{
    const struct config_samples *config = &serve->config->samples;

    *options = (struct sample_options){ .dir = dir,
        .database = database,
        .version = serve->options->version,
        .workers = serve->sample_workers,
        .history = serve->history,
        .queue_max = config->queue,
        .file_max = config->file,
        .children_max = config->children,
        .count_max = config->count,
        .bytes_max = config->bytes,
        .age_max = config->age,
        .journal_time = config->journal,
        .expires = config->expires,
        .reserved = config->reserved,
        .now = now,
        .set = current_set,
        .give_way = give_way,
        .look = look,
        .tell = tell,
        .on_event = on_event,
        .ctx = serve };
}

enum hn_status serve_samples_open(struct serve *serve, struct hn_err *err)
{
    char dir[SERVE_PATH_MAX];
    struct sample_options options;
    struct serve_link *link;
    enum hn_status status;

    if (serve->sample_workers == NULL)
        return HN_OK;
    if (!serve_path(serve, "samples", dir))
        return hn_fail(err, HN_LIMIT, 0, "the data folder's name is too long");
    link = serve_pool_take(&serve->pool);
    if (link == NULL)
        return hn_fail(err, HN_IO, 0, "the database cannot be opened");
    status = hn_file_make_folder(dir, err);
    if (status == HN_OK)
        status = serve_known_open(serve, err);
    if (status == HN_OK)
        status = history_new(serve->journal, &serve->history, err);
    if (status == HN_OK)
        status = sample_migrate(link->db, err);
    if (status == HN_OK) {
        fill_options(serve, dir, serve->pool.path, &options);
        status = sample_new(&options, link->db, &serve->samples, err);
    }
    serve_pool_give(&serve->pool, link);
    return status == HN_OK ? sample_start(serve->samples, err) : status;
}

void serve_samples_stop(struct serve *serve)
{
    sample_stop(serve->samples);
}

void serve_samples_free(struct serve *serve)
{
    sample_free(serve->samples);
    serve->samples = NULL;
    serve_known_free(serve);
    history_free(serve->history);
    serve->history = NULL;
    sample_workers_stop(serve->sample_workers);
    serve->sample_workers = NULL;
}

void serve_samples_tidy(struct serve *serve)
{
    struct serve_link *link = serve->samples == NULL ? NULL : serve_pool_take(&serve->pool);
    struct hn_err err = { 0 };

    if (link == NULL)
        return;
    if (sample_tidy(serve->samples, link->db, &err) != HN_OK)
        serve_log_failure(CONFIG_LOG_WARNING, "samples.tidy", "old samples stay", &err);
    serve_pool_give(&serve->pool, link);
}

/* ---- /metrics ---- */

static void gauge(struct serve_metrics *metrics, const char *name, const char *help, uint64_t value)
{
    serve_metric(metrics, name, SERVE_GAUGE, help);
    serve_metric_value(metrics, "", NULL, 0, (double)value);
}

static void write_totals(struct serve_metrics *metrics, const struct sample_counters *counters)
{
    const struct {
        const char *what;
        uint64_t value;
    } rows[] = { { "submitted", counters->submitted }, { "refused", counters->refused },
        { "failed", counters->failed } };

    serve_metric(metrics, "hinomi_samples_total", SERVE_COUNTER,
            "Samples handed in, refused because the queue was full, given up; since the start.");
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        const struct serve_label label = { "what", hn_text_cstr(rows[i].what) };

        serve_metric_value(metrics, "", &label, 1, (double)rows[i].value);
    }
    serve_metric(metrics, "hinomi_samples_analysed_total", SERVE_COUNTER,
            "Samples analysed since the start, by verdict.");
    for (size_t i = 0; i < HN_COUNT_OF(counters->by_verdict); i++) {
        const struct serve_label label = { "verdict",
            hn_text_cstr(analyze_verdict_id((enum analyze_verdict_kind)i)) };

        serve_metric_value(metrics, "", &label, 1, (double)counters->by_verdict[i]);
    }
}

void serve_samples_metrics(struct serve *serve, struct serve_metrics *metrics)
{
    struct serve_link *link = serve->samples == NULL ? NULL : serve_pool_take(&serve->pool);
    struct sample_counters counters;
    enum hn_status status;

    if (link == NULL)
        return;
    status = sample_counters(serve->samples, link->db, &counters, NULL);
    serve_pool_give(&serve->pool, link);
    if (status != HN_OK)
        return;
    gauge(metrics, "hinomi_samples_queued", "Samples that wait.", counters.queued);
    gauge(metrics, "hinomi_samples_running", "Samples that are looked at.", counters.running);
    gauge(metrics, "hinomi_samples_kept", "Samples that are kept.", counters.kept);
    gauge(metrics, "hinomi_samples_bytes", "Bytes of samples, of what was in them, of reports.",
            counters.disk_bytes);
    gauge(metrics, "hinomi_samples_workers", "Workers for samples that are alive.",
            counters.workers);
    write_totals(metrics, &counters);
}
