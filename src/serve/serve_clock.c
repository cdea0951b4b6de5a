/* serve_clock.c - signals, and what happens every now and then: ticks, changed rules, retention. */
#include "serve/serve_internal.h"

#include "base/wait.h"

#include <errno.h>
#include <signal.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#define RETAIN_ROWS  500 /* alerts removed in one short transaction */
#define TIDY_EVERY   HN_MINUTE
#define RETAIN_EVERY HN_HOUR

struct clock {
    struct serve *serve;
    hn_time last_tick;
    uint64_t last_end; /* of the journal, at the last tick */
    hn_time last_watch;
    hn_time last_tidy;
    hn_time last_save;
    hn_time last_retain;
    hn_time last_turn; /* of this clock, by a time that nobody sets */
    bool more_to_retain;
    bool end_noted;
    uint64_t end;     /* of the journal, once the end of the input was noted there */
    uint64_t batches; /* of the input by then */
};

static hn_time monotonic_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (hn_time)now.tv_sec * HN_SECOND + now.tv_nsec;
}

/* While nothing comes in, time goes on all the same: for windows that wait for something not to
 * happen. */
static void tick(struct clock *clock, hn_time now)
{
    struct serve *serve = clock->serve;
    uint64_t end = journal_end(serve->journal);
    struct hn_err err = { 0 };
    uint64_t offset;

    if (!hn_is_due(now, clock->last_tick, serve->config->engine.tick))
        return;
    if (end == clock->last_end &&
            journal_append(serve->journal, JOURNAL_TICK, now, (struct hn_bytes){ 0 }, NULL, NULL,
                    &offset, &err) != HN_OK)
        serve_log_failure(CONFIG_LOG_WARNING, "journal.tick", "the time cannot be noted", &err);
    clock->last_end = journal_end(serve->journal);
    clock->last_tick = now;
}

static void retain(struct clock *clock, hn_time now)
{
    struct serve *serve = clock->serve;
    const struct config_retention *config = &serve->config->retention;
    struct store_retention policy = { 0 };
    struct serve_link *link = serve_pool_take(&serve->pool);
    struct hn_err err = { 0 };

    if (link == NULL)
        return;
    for (size_t i = 0; i < HN_COUNT_OF(policy.age_max); i++) {
        policy.age_max[i] = config->alerts;
        policy.count_max[i] = config->alerts_max;
    }
    if (store_retain(link->store, &policy, now, RETAIN_ROWS, &clock->more_to_retain, &err) !=
            HN_OK) {
        clock->more_to_retain = false;
        serve_log_failure(CONFIG_LOG_WARNING, "store.retain", "old alerts cannot be removed", &err);
    }
    serve_pool_give(&serve->pool, link);
    clock->last_retain = now;
}

static void tidy(struct clock *clock, hn_time now)
{
    struct serve *serve = clock->serve;
    struct serve_link *link = serve_pool_take(&serve->pool);
    struct hn_err err = { 0 };

    clock->last_tidy = now;
    serve_samples_tidy(serve);
    if (link == NULL)
        return;
    if (auth_tidy(serve->auth, link->db, now, &err) != HN_OK)
        serve_log_failure(CONFIG_LOG_WARNING, "auth.tidy", "old sessions stay", &err);
    serve_pool_give(&serve->pool, link);
}

static void every_second(struct clock *clock)
{
    struct serve *serve = clock->serve;
    hn_time now = serve_now();

    tick(clock, now);
    serve_health_watch(serve);
    if (serve->config->rules.watch > 0 &&
            hn_is_due(now, clock->last_watch, serve->config->rules.watch)) {
        serve_set_watch(serve);
        (void)!serve_known_renew(serve, false, NULL);
        clock->last_watch = now;
    }
    if (hn_is_due(now, clock->last_save, serve->config->engine.snapshot)) {
        serve_recall_save(serve);
        clock->last_save = now;
    }
    if (hn_is_due(now, clock->last_tidy, TIDY_EVERY))
        tidy(clock, now);
    if (clock->more_to_retain || hn_is_due(now, clock->last_retain, RETAIN_EVERY))
        retain(clock, now);
    if (journal_stats(serve->journal).failed) {
        const struct hn_err err = { .status = HN_IO,
            .msg = "a write or sync of the journal failed" };

        serve_fail(serve, "journal.failed",
                "the journal failed; ending, so that the next start reads what is there", &err);
    }
    (void)sd_notify(0, "WATCHDOG=1");
}

static void reload(struct serve *serve)
{
    struct hn_err err = { 0 };

    (void)sd_notify(0, "RELOADING=1");
    if (serve_set_reload(serve, &err) != HN_OK)
        serve_log_failure(CONFIG_LOG_ERROR, "set.refused",
                "the rules cannot be used; the old ones go on judging", &err);
    (void)!serve_known_renew(serve, true, NULL);
    err = (struct hn_err){ 0 };
    if (serve->http != NULL && http_server_reload_certificate(serve->http, &err) != HN_OK)
        serve_log_failure(CONFIG_LOG_ERROR, "tls.refused", "the certificate cannot be used", &err);
    err = (struct hn_err){ 0 };
    if (serve->syslogd != NULL && syslogd_reload(serve->syslogd, &err) != HN_OK)
        serve_log_failure(
                CONFIG_LOG_ERROR, "tls.refused", "the certificate of syslog cannot be used", &err);
    output_pool_reopen(atomic_load(&serve->outputs));
    (void)sd_notify(0, "READY=1");
}

/* The end of the input is a record like any other, so that what correlations make of it comes again
 * in each replay. */
static void note_end(struct clock *clock, uint64_t batches)
{
    struct hn_err err = { 0 };
    uint64_t offset;

    clock->batches = batches;
    clock->end_noted = journal_append(clock->serve->journal, JOURNAL_END, serve_now(),
                               (struct hn_bytes){ 0 }, NULL, NULL, &offset, &err) == HN_OK;
    if (!clock->end_noted)
        serve_log_failure(
                CONFIG_LOG_WARNING, "journal.end", "the end of the input cannot be noted", &err);
    clock->end = journal_end(clock->serve->journal);
}

/* Everything that files and pipes held has been judged and stored, and so has its end. */
static bool input_has_ended(struct clock *clock)
{
    struct serve *serve = clock->serve;
    uint64_t applied;
    uint64_t batches;

    if (!serve->options->end_at_input_end || serve->follow == NULL ||
            !follow_is_idle(serve->follow))
        return false;
    applied = engine_totals(serve->engine).applied;
    batches = follow_counters(serve->follow).batches;
    if (clock->end_noted && batches == clock->batches)
        return applied >= clock->end;
    if (applied >= journal_committed(serve->journal))
        note_end(clock, batches);
    return false;
}

void serve_clock_run(struct serve *serve)
{
    struct clock clock = { .serve = serve, .last_tick = serve_now() };
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    clock.last_turn = monotonic_now();
    clock.last_watch = clock.last_tick;
    clock.last_tidy = clock.last_tick;
    clock.last_save = clock.last_tick;
    while (!atomic_load(&serve->ending)) {
        const struct timespec second = { .tv_sec = 1 };
        int number = sigtimedwait(&signals, NULL, &second);

        if (number == SIGHUP)
            reload(serve);
        else if (number == SIGTERM || number == SIGINT || input_has_ended(&clock))
            break;
        /* Many signals, each before the second is over, do not stop the clock. */
        if ((number < 0 && errno == EAGAIN) || monotonic_now() - clock.last_turn >= HN_SECOND) {
            every_second(&clock);
            clock.last_turn = monotonic_now();
        }
    }
    (void)sd_notify(0, "STOPPING=1");
}
