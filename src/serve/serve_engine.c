/* serve_engine.c - the engine between journal and committer. */
#include "serve/serve_internal.h"

static bool on_result(void *ctx, const struct engine_result *result)
{
    struct serve *serve = ctx;

    return serve_committer_add(serve->committer, result);
}

static void on_problem(void *ctx, enum engine_problem problem, uint64_t offset, const char *message)
{
    static const char *const ids[] = {
        [ENGINE_PROBLEM_RECORD] = "engine.record",
        [ENGINE_PROBLEM_FORMAT] = "engine.format",
        [ENGINE_PROBLEM_ZONE] = "engine.zone",
        [ENGINE_PROBLEM_SET] = "engine.set",
        [ENGINE_PROBLEM_SNAPSHOT] = "engine.snapshot",
        [ENGINE_PROBLEM_ALERTS] = "engine.alerts",
        [ENGINE_PROBLEM_MAPPING] = "engine.mapping",
    };

    (void)ctx;
    serve_log(CONFIG_LOG_WARNING, ids[problem], message, SERVE_COUNT("offset", offset));
}

static void on_snapshot(void *ctx, uint64_t oldest, struct hn_digest oldest_set)
{
    struct serve *serve = ctx;

    (void)oldest_set;
    journal_release(serve->journal, oldest);
    serve_set_prune(serve, oldest);
}

static void on_end(void *ctx, enum hn_status status, const struct hn_err *err)
{
    struct serve *serve = ctx;

    if (status != HN_OK && status != HN_CANCELLED)
        serve_fail(serve, "engine.ended", "the engine has ended", err);
}

static struct judge_set *load_set(void *ctx, struct hn_digest digest, struct hn_err *err)
{
    return serve_set_load(ctx, digest, err);
}

/* How far results are stored. A database that is ahead of the journal is of another journal: put
 * back from a backup alone, or the journal was deleted. What comes in now is judged all the same.
 */
static enum hn_status find_applied(
        struct serve *serve, struct store *store, uint64_t *ret_applied, struct hn_err *err)
{
    uint64_t end = journal_committed(serve->journal);
    uint64_t applied;
    enum hn_status status = store_applied_get(store, &applied, err);

    if (status == HN_OK && applied > end) {
        serve_log(CONFIG_LOG_ERROR, "store.ahead",
                "the database is ahead of the journal, so it belongs to another one; "
                "events of that one which were not judged yet are not here",
                SERVE_COUNT("database", applied), SERVE_COUNT("journal", end));
        status = store_applied_lower(store, end, err);
        applied = end;
    }
    if (status == HN_OK)
        *ret_applied = applied;
    return status;
}

enum hn_status serve_engine_start(struct serve *serve, struct hn_err *err)
{
    const struct config_engine *config = &serve->config->engine;
    struct engine_options options = { .set = serve->set,
        .from = journal_start(serve->journal),
        .state_dir = serve->state,
        .snapshot_interval = config->snapshot,
        .threads = config->threads,
        .lateness = config->lateness,
        .past = { .after = config->past_after },
        .ahead_max = HN_DAY,
        .on_result = on_result,
        .load_set = load_set,
        .on_problem = on_problem,
        .on_snapshot = on_snapshot,
        .on_end = on_end,
        .ctx = serve };
    struct engine_feed feed;
    struct serve_link *link = serve_pool_take(&serve->pool);
    enum hn_status status;

    if (serve->options->end_at_input_end) {
        /* What is there is read to its end, and then told as a scan tells it. */
        options.past.after = config->lateness > 0 ? config->lateness : 1;
        options.past.hold = HN_DAY;
    }
    if (link == NULL || !serve_path(serve, "state", serve->state))
        return hn_fail(err, HN_IO, 0, "the data folder cannot be used");
    status = find_applied(serve, link->store, &options.applied, err);
    serve_pool_give(&serve->pool, link);
    if (status == HN_OK)
        status = engine_new(&options, &serve->engine, err);
    if (status == HN_OK)
        status = serve_committer_new(serve, &serve->committer, err);
    if (status == HN_OK) {
        status = journal_reader_open(
                serve->journal, engine_position(serve->engine), &serve->reader, err);
    }
    if (status != HN_OK)
        return status;
    feed = engine_feed_of(serve->reader);
    status = engine_start(serve->engine, &feed, err);
    serve->engine_started = status == HN_OK;
    return status;
}

void serve_engine_stop(struct serve *serve)
{
    struct hn_err err = { 0 };

    if (serve->engine_started && engine_stop(serve->engine, &err) != HN_OK)
        serve_log_failure(CONFIG_LOG_ERROR, "engine.ended", "the engine had ended", &err);
    serve->engine_started = false;
    serve_committer_free(serve->committer); /* stores what is queued, and tells the engine */
    serve->committer = NULL;
    engine_free(serve->engine); /* leaves a snapshot */
    serve->engine = NULL;
    journal_reader_close(serve->reader);
    serve->reader = NULL;
}
