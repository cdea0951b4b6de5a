/* serve_sets.c - what judges: compiled aside, kept as a bundle, switched by a record of the
 * journal.
 *
 * The engine changes over when it comes to that record, between two events and at the same place in
 * every replay. */
#include "serve/serve_internal.h"

#include "base/crash.h"

static void on_issue(void *ctx, const struct engine_set_issue *issue)
{
    uint32_t *count = ctx;

    ++*count;
    serve_log(CONFIG_LOG_WARNING, "set.issue", issue->message, SERVE_TEXT("file", issue->file),
            SERVE_COUNT("line", issue->line));
}

/* The files as they are now, compiled; *ret_set is a new reference, *ret_issues how many rules or
 * files of it cannot be used. */
static enum hn_status compile(
        struct serve *serve, struct judge_set **ret_set, uint32_t *ret_issues, struct hn_err *err)
{
    const struct engine_set_check check = { .on_issue = on_issue, .ctx = ret_issues };
    struct serve_sources sources = { 0 };
    struct hn_digest stamp = serve->options->stamp(serve->options->ctx);
    enum hn_status status = serve->options->gather(serve->options->ctx, &sources, err);

    *ret_issues = 0;
    if (status != HN_OK)
        return status;
    status = engine_sets_put(serve->sets, &sources.set, &check, ret_set, err);
    sources.release(&sources);
    if (status == HN_OK && judge_set_rules(*ret_set)->rule_count == 0) {
        judge_set_unref(*ret_set);
        *ret_set = NULL;
        status = hn_fail(err, HN_SYNTAX, 0, "not a single rule could be loaded");
    }
    if (status == HN_OK)
        serve->stamp = stamp;
    return status;
}

static void log_set(const struct serve *serve, const char *message)
{
    char digest[HN_DIGEST_HEX_LEN];

    hn_digest_hex(judge_set_digest(serve->set), digest);
    serve_log(CONFIG_LOG_INFO, "set.switched", message,
            SERVE_TEXT("set", hn_text_of(digest, sizeof digest)),
            SERVE_COUNT("rules", judge_set_rules(serve->set)->rule_count));
}

enum hn_status serve_set_first(struct serve *serve, struct hn_err *err)
{
    char path[SERVE_PATH_MAX];
    enum hn_status status;

    if (!serve_path(serve, "sets", path))
        return hn_fail(err, HN_LIMIT, 0, "the data folder's name is too long");
    serve->sets = engine_sets_new(path);
    if (serve->sets == NULL)
        return hn_fail(err, HN_NOMEM, 0, "sets");
    status = compile(serve, &serve->set, &serve->issues, err);
    if (status == HN_OK)
        log_set(serve, "rules are loaded");
    return status;
}

/* The record behind which this set judges. */
static enum hn_status announce(struct serve *serve, struct judge_set *set, struct hn_err *err)
{
    uint8_t payload[ENGINE_SET_RECORD_BYTES];

    engine_set_record(judge_set_digest(set), payload);
    return journal_append(serve->journal, JOURNAL_SET, serve_now(),
            hn_bytes_of(payload, sizeof payload), NULL, NULL, &serve->switched, err);
}

enum hn_status serve_set_announce(struct serve *serve, struct hn_err *err)
{
    return announce(serve, serve->set, err);
}

/* A public set may hold rules that this version cannot use, from the start on; one more than in the
 * set in force is somebody's mistake, and taking the rest would silently drop a rule that judged.
 */
static enum hn_status check_issues(const struct serve *serve, uint32_t issues, struct hn_err *err)
{
    if (issues <= serve->issues)
        return HN_OK;
    return hn_fail(err, HN_SYNTAX, 0,
            "%u rules or files cannot be used, %u of the set in force; the warnings before say why",
            (unsigned)issues, (unsigned)serve->issues);
}

enum hn_status serve_set_reload(struct serve *serve, struct hn_err *err)
{
    struct judge_set *set = NULL;
    enum hn_status status;
    uint32_t issues;

    (void)pthread_mutex_lock(&serve->set_lock);
    status = compile(serve, &set, &issues, err);
    HN_CRASH_POINT("set_compiled");
    if (status == HN_OK && hn_digest_eq(judge_set_digest(set), judge_set_digest(serve->set))) {
        judge_set_unref(set);
        (void)pthread_mutex_unlock(&serve->set_lock);
        return HN_OK;
    }
    if (status == HN_OK)
        status = check_issues(serve, issues, err);
    if (status == HN_OK)
        status = announce(serve, set, err);
    if (status == HN_OK) {
        judge_set_unref(serve->set);
        serve->set = set;
        serve->issues = issues;
        atomic_fetch_add(&serve->reloads, 1);
        log_set(serve, "another set of rules judges from here on");
    } else {
        judge_set_unref(set);
        atomic_fetch_add(&serve->reloads_failed, 1);
    }
    (void)pthread_mutex_unlock(&serve->set_lock);
    return status;
}

void serve_set_watch(struct serve *serve)
{
    struct hn_digest stamp = serve->options->stamp(serve->options->ctx);
    struct hn_err err = { 0 };

    if (hn_digest_eq(stamp, serve->stamp))
        return;
    if (serve_set_reload(serve, &err) != HN_OK) {
        serve_log_failure(CONFIG_LOG_ERROR, "set.refused",
                "the changed rules cannot be used; the old ones go on judging", &err);
        serve->stamp = stamp; /* told once per change */
    }
}

struct judge_set *serve_set_load(void *ctx, struct hn_digest digest, struct hn_err *err)
{
    struct serve *serve = ctx;
    struct judge_set *set = NULL;

    return engine_sets_get(serve->sets, digest, &set, err) == HN_OK ? set : NULL;
}

void serve_set_prune(struct serve *serve, uint64_t oldest)
{
    struct hn_digest kept;
    struct hn_err err = { 0 };

    (void)pthread_mutex_lock(&serve->set_lock);
    kept = judge_set_digest(serve->set);
    /* A replay from before the last switch needs the sets before it. */
    if (oldest > serve->switched && engine_sets_prune(serve->sets, &kept, 1, &err) != HN_OK)
        serve_log_failure(
                CONFIG_LOG_WARNING, "set.prune", "old sets of rules cannot be deleted", &err);
    (void)pthread_mutex_unlock(&serve->set_lock);
}
