/* serve_status.c - all numbers of the server, for Prometheus. */
#include "serve/serve_internal.h"

#include "base/num.h"

#include <stdio.h>

#define LABELS(...)                              \
    (const struct serve_label[]){ __VA_ARGS__ }, \
            sizeof((const struct serve_label[]){ __VA_ARGS__ }) / sizeof(struct serve_label)

static void single(struct serve_metrics *metrics, const char *name, enum serve_metric_kind kind,
        const char *help, double value)
{
    serve_metric(metrics, name, kind, help);
    serve_metric_value(metrics, "", NULL, 0, value);
}

/* ---- By source ---- */

static void on_intake_source(
        void *ctx, struct hn_text source, const struct intake_counters *counters)
{
    struct serve_metrics *metrics = ctx;
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
#define INTAKE_ROW(name, text) { #name, counters->name },
        INTAKE_COUNTER_LIST(INTAKE_ROW)
#undef INTAKE_ROW
    };

    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        serve_metric_value(metrics, "",
                LABELS({ "source", source }, { "what", hn_text_cstr(rows[i].name) }),
                (double)rows[i].value);
    }
}

static void on_engine_events(
        void *ctx, struct hn_text source, const struct engine_source_counters *counters)
{
    struct serve_metrics *metrics = ctx;

    serve_metric_value(metrics, "", LABELS({ "source", source }), (double)counters->events);
}

static void on_engine_alerts(
        void *ctx, struct hn_text source, const struct engine_source_counters *counters)
{
    struct serve_metrics *metrics = ctx;

    serve_metric_value(metrics, "", LABELS({ "source", source }), (double)counters->alerts);
}

static void on_engine_findings(
        void *ctx, struct hn_text source, const struct engine_source_counters *counters)
{
    struct serve_metrics *metrics = ctx;

    for (size_t i = 0; i < HN_FINDING_COUNT; i++) {
        if (counters->findings[i] > 0) {
            serve_metric_value(metrics, "",
                    LABELS({ "source", source },
                            { "finding", hn_text_cstr(hn_finding_id((enum hn_finding_kind)i)) }),
                    (double)counters->findings[i]);
        }
    }
    if (counters->damaged > 0) {
        serve_metric_value(metrics, "",
                LABELS({ "source", source }, { "finding", HN_TEXT("record") }),
                (double)counters->damaged);
    }
}

static void on_engine_lag(
        void *ctx, struct hn_text source, const struct engine_source_counters *counters)
{
    struct serve_metrics *metrics = ctx;
    uint64_t sum = 0;
    char bound[32];

    for (size_t i = 0; i <= ENGINE_LAG_COUNT; i++) {
        size_t len = i < ENGINE_LAG_COUNT ? hn_real_write((double)engine_lag_bounds[i] / 1e9, bound)
                                          : (size_t)snprintf(bound, sizeof bound, "+Inf");

        sum += counters->lag[i];
        serve_metric_value(metrics, "_bucket",
                LABELS({ "source", source }, { "le", hn_text_of(bound, len) }), (double)sum);
    }
    serve_metric_value(
            metrics, "_sum", LABELS({ "source", source }), (double)counters->lag_sum / 1e9);
    serve_metric_value(metrics, "_count", LABELS({ "source", source }), (double)sum);
}

static void write_sources(struct serve *serve, struct serve_metrics *metrics)
{
    serve_metric(metrics, "hinomi_intake_total", SERVE_COUNTER,
            "Batches and bytes taken in or refused, by source and what became of them.");
    intake_each_source(serve->intake, on_intake_source, metrics);
    serve_metric(metrics, "hinomi_events_total", SERVE_COUNTER, "Events judged.");
    engine_each_source(serve->engine, on_engine_events, metrics);
    serve_metric(metrics, "hinomi_alerts_total", SERVE_COUNTER, "Alerts found.");
    engine_each_source(serve->engine, on_engine_alerts, metrics);
    serve_metric(metrics, "hinomi_findings_total", SERVE_COUNTER,
            "Damaged or odd input, by source and kind.");
    engine_each_source(serve->engine, on_engine_findings, metrics);
    serve_metric(metrics, "hinomi_lag_seconds", SERVE_HISTOGRAM,
            "Time from receipt until a batch has been judged.");
    engine_each_source(serve->engine, on_engine_lag, metrics);
}

/* ---- By rule ---- */

static void on_rule(void *ctx, struct hn_text id, const struct engine_rule_counters *counters)
{
    struct serve_metrics *metrics = ctx;

    if (counters->alerts > 0)
        serve_metric_value(metrics, "", LABELS({ "rule", id }), (double)counters->alerts);
}

static void on_rule_time(void *ctx, struct hn_text id, const struct engine_rule_counters *counters)
{
    struct serve_metrics *metrics = ctx;

    if (counters->nanoseconds > 0) {
        serve_metric_value(
                metrics, "", LABELS({ "rule", id }), (double)counters->nanoseconds / 1e9);
    }
}

static void on_rule_limited(
        void *ctx, struct hn_text id, const struct engine_rule_counters *counters)
{
    struct serve_metrics *metrics = ctx;

    if (counters->regex_limited > 0)
        serve_metric_value(metrics, "", LABELS({ "rule", id }), (double)counters->regex_limited);
}

static void on_rule_steps(void *ctx, struct hn_text id, const struct engine_rule_counters *counters)
{
    struct serve_metrics *metrics = ctx;

    if (counters->regex_steps > 0)
        serve_metric_value(metrics, "", LABELS({ "rule", id }), (double)counters->regex_steps);
}

static void write_rules(struct serve *serve, struct serve_metrics *metrics)
{
    serve_metric(metrics, "hinomi_rule_alerts_total", SERVE_COUNTER, "Alerts, by rule.");
    engine_each_rule(serve->engine, on_rule, metrics);
    serve_metric(metrics, "hinomi_rule_seconds_total", SERVE_COUNTER,
            "Time spent on a rule's conditions, by all threads, measured in one of 1021 events.");
    engine_each_rule(serve->engine, on_rule_time, metrics);
    serve_metric(metrics, "hinomi_rule_regex_limited_total", SERVE_COUNTER,
            "Values that a rule's regular expressions gave up on: it may have missed them.");
    engine_each_rule(serve->engine, on_rule_limited, metrics);
    serve_metric(metrics, "hinomi_rule_regex_steps_total", SERVE_COUNTER,
            "Steps of a rule's regular expressions where they took all they were allowed.");
    engine_each_rule(serve->engine, on_rule_steps, metrics);
}

/* ---- The parts ---- */

static void write_journal(struct serve *serve, struct serve_metrics *metrics)
{
    struct journal_stats stats = journal_stats(serve->journal);

    single(metrics, "hinomi_journal_records_total", SERVE_COUNTER, "Records appended.",
            (double)stats.records);
    single(metrics, "hinomi_journal_bytes_total", SERVE_COUNTER, "Bytes appended.",
            (double)stats.bytes);
    single(metrics, "hinomi_journal_commits_total", SERVE_COUNTER, "Groups made durable.",
            (double)stats.commits);
    single(metrics, "hinomi_journal_commit_seconds_total", SERVE_COUNTER,
            "Time spent in writing and syncing.", (double)stats.commit_nanoseconds / 1e9);
    single(metrics, "hinomi_journal_refused_total", SERVE_COUNTER, "Appends refused.",
            (double)stats.refused);
    single(metrics, "hinomi_journal_disk_bytes", SERVE_GAUGE, "Size on disk.",
            (double)stats.disk_bytes);
    single(metrics, "hinomi_journal_disk_free_bytes", SERVE_GAUGE, "Free on its file system.",
            (double)stats.disk_free);
    single(metrics, "hinomi_journal_failed", SERVE_GAUGE, "1 after a failed write or sync.",
            stats.failed ? 1 : 0);
}

/* A number of each lane of the correlations. */
struct lane_row {
    const char *name;
    enum serve_metric_kind kind;
    const char *help;
    uint64_t live;
    uint64_t past;
};

static void write_lanes(const struct engine_totals *totals, struct serve_metrics *metrics)
{
    const struct correlate_stats *live = &totals->correlations;
    const struct engine_past_totals *past = &totals->past;
    const struct lane_row rows[] = {
        { "hinomi_correlation_hits_total", SERVE_COUNTER,
                "Hits of rules that correlations took: of new events, and of old ones (past).",
                live->hits, past->hits },
        { "hinomi_correlation_late_total", SERVE_COUNTER,
                "Hits taken as of later than they were; in the past lane, times it began anew.",
                live->late, past->rewinds },
        { "hinomi_correlation_waiting", SERVE_GAUGE, "Hits that wait for earlier ones.",
                live->pending, past->waiting },
        { "hinomi_correlation_kept", SERVE_GAUGE, "Hits kept in case earlier ones come.",
                live->pending, past->kept },
        { "hinomi_correlation_groups", SERVE_GAUGE, "Groups that correlations keep.", live->groups,
                past->groups },
        { "hinomi_correlation_bytes", SERVE_GAUGE, "Memory of correlations.", live->bytes,
                past->bytes },
        { "hinomi_correlation_evicted_total", SERVE_COUNTER, "Groups given up at a limit.",
                live->groups_evicted, past->evicted },
        { "hinomi_correlation_forgotten_total", SERVE_COUNTER,
                "Hits given up at a limit while earlier ones may still come.", live->forced,
                past->forgotten },
    };

    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        serve_metric(metrics, rows[i].name, rows[i].kind, rows[i].help);
        serve_metric_value(metrics, "", LABELS({ "lane", HN_TEXT("live") }), (double)rows[i].live);
        serve_metric_value(metrics, "", LABELS({ "lane", HN_TEXT("past") }), (double)rows[i].past);
    }
}

static void write_engine(struct serve *serve, struct serve_metrics *metrics)
{
    struct engine_totals totals = engine_totals(serve->engine);
    struct committer_counters commits = serve_committer_counters(serve->committer);
    uint64_t end = journal_committed(serve->journal);

    single(metrics, "hinomi_engine_behind_bytes", SERVE_GAUGE,
            "Bytes of the journal not yet judged.",
            end > totals.position ? (double)(end - totals.position) : 0);
    single(metrics, "hinomi_store_behind_bytes", SERVE_GAUGE,
            "Bytes of the journal whose results are not yet stored.",
            end > totals.applied ? (double)(end - totals.applied) : 0);
    single(metrics, "hinomi_engine_problems_total", SERVE_COUNTER,
            "Records, sets and snapshots that could not be used.", (double)totals.problems);
    write_lanes(&totals, metrics);
    single(metrics, "hinomi_commits_total", SERVE_COUNTER, "Transactions of results.",
            (double)commits.commits);
    single(metrics, "hinomi_commit_failures_total", SERVE_COUNTER,
            "Transactions that failed and were tried again.", (double)commits.failures);
    single(metrics, "hinomi_commit_queue_bytes", SERVE_GAUGE, "Results waiting to be stored.",
            (double)commits.queued_bytes);
    single(metrics, "hinomi_reloads_total", SERVE_COUNTER, "Sets of rules put in force.",
            (double)atomic_load(&serve->reloads));
    single(metrics, "hinomi_reloads_failed_total", SERVE_COUNTER, "Sets of rules refused.",
            (double)atomic_load(&serve->reloads_failed));
}

static void write_http(struct serve *serve, struct serve_metrics *metrics)
{
    const struct http_counters counters = http_server_counters(serve->http);
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {
#define HTTP_ROW(name, text) { #name, counters.name },
        HTTP_COUNTER_LIST(HTTP_ROW)
#undef HTTP_ROW
    };

    serve_metric(metrics, "hinomi_http_total", SERVE_COUNTER, "What the HTTP server did.");
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++)
        serve_metric_value(
                metrics, "", LABELS({ "what", hn_text_cstr(rows[i].name) }), (double)rows[i].value);
    single(metrics, "hinomi_http_connections", SERVE_GAUGE, "Connections open.",
            (double)counters.open_connections);
    single(metrics, "hinomi_http_held_bytes", SERVE_GAUGE, "Bodies held in memory.",
            (double)counters.held_bytes);
}

static void write_api(struct serve *serve, struct serve_metrics *metrics)
{
    struct api_counters counters;

    if (!atomic_load(&serve->api_open))
        return;
    counters = api_counters(serve->api);
    serve_metric(metrics, "hinomi_search_total", SERVE_COUNTER,
            "Searches of the journal, contexts of alerts and live tails: what they did.");
#define API_ROW(name, text) \
    serve_metric_value(metrics, "", LABELS({ "what", HN_TEXT(#name) }), (double)counters.name);
    API_COUNTER_LIST(API_ROW)
#undef API_ROW
    single(metrics, "hinomi_searches_waiting", SERVE_GAUGE, "Searches that wait for their turn.",
            (double)counters.waiting);
    single(metrics, "hinomi_tails", SERVE_GAUGE, "Listeners to events.", (double)counters.tails);
}

static void write_doors(struct serve *serve, struct serve_metrics *metrics)
{
    (void)pthread_mutex_lock(&serve->doors_lock);
    if (serve->syslogd != NULL) {
        const struct syslogd_counters counters = syslogd_counters(serve->syslogd);

        serve_metric(metrics, "hinomi_syslog_total", SERVE_COUNTER, "What the syslog door did.");
#define SYSLOG_ROW(name, text) \
    serve_metric_value(metrics, "", LABELS({ "what", HN_TEXT(#name) }), (double)counters.name);
        SYSLOGD_COUNTER_LIST(SYSLOG_ROW)
#undef SYSLOG_ROW
    }
    if (serve->follow != NULL) {
        const struct follow_counters counters = follow_counters(serve->follow);

        serve_metric(metrics, "hinomi_files_total", SERVE_COUNTER, "What the file door did.");
#define FOLLOW_ROW(name, text) \
    serve_metric_value(metrics, "", LABELS({ "what", HN_TEXT(#name) }), (double)counters.name);
        FOLLOW_COUNTER_LIST(FOLLOW_ROW)
#undef FOLLOW_ROW
    }
    (void)pthread_mutex_unlock(&serve->doors_lock);
}

static void write_logins(struct serve *serve, struct serve_metrics *metrics)
{
    const struct auth_counters counters = auth_counters(serve->auth);

    serve_metric(metrics, "hinomi_logins_total", SERVE_COUNTER,
            "Attempts to log in, by what became of them.");
#define LOGIN_ROW(name, text) \
    serve_metric_value(metrics, "", LABELS({ "what", HN_TEXT(#name) }), (double)counters.name);
    AUTH_COUNTER_LIST(LOGIN_ROW)
#undef LOGIN_ROW
}

void serve_metrics_write(struct serve *serve, struct hn_buf *out)
{
    struct serve_metrics metrics = { .out = out };

    serve_metric(&metrics, "hinomi_info", SERVE_GAUGE, "The version that runs.");
    serve_metric_value(
            &metrics, "", LABELS({ "version", hn_text_cstr(serve->options->version) }), 1);
    single(&metrics, "hinomi_start_time_seconds", SERVE_GAUGE, "When the server was started.",
            (double)serve->started / 1e9);
    write_sources(serve, &metrics);
    write_rules(serve, &metrics);
    serve_health_metrics(serve, &metrics);
    write_journal(serve, &metrics);
    write_engine(serve, &metrics);
    write_http(serve, &metrics);
    write_api(serve, &metrics);
    write_doors(serve, &metrics);
    write_logins(serve, &metrics);
    serve_outputs_metrics(serve, &metrics);
    serve_samples_metrics(serve, &metrics);
}
