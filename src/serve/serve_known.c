/* serve_known.c - what samples are held against besides rules: YARA rules, which the workers'
 * nursery compiles, and lists of digests, clamd, results of vendors, which are looked into here.
 * Read again when their files look changed; what cannot be read leaves the old ones in force. */
#include "serve/serve_internal.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"

#include <stdio.h>

#define KNOWN_AGE HN_DAY /* then all of it is opened anew: ages, what the service said */

/* One opening; looks go on in it while another one takes its place. */
struct serve_opened {
    atomic_uint refs;
    struct known *known; /* NULL: nothing is configured */
};

static void unref(struct serve_opened *opened)
{
    if (opened == NULL || atomic_fetch_sub(&opened->refs, 1) != 1)
        return;
    known_close(opened->known);
    hn_free(opened);
}

/* ---- Opening ---- */

static void on_problem(void *ctx, const char *what, const char *why)
{
    (void)ctx;
    serve_log(CONFIG_LOG_WARNING, "samples.known", why, SERVE_TEXT("what", hn_text_cstr(what)));
}

static enum hn_status open_known(struct serve *serve, bool strict, struct hn_err *err)
{
    char cache[SERVE_PATH_MAX];
    struct serve_known_wish wish = {
        .cache_dir = cache, .strict = strict, .on_problem = on_problem
    };
    struct serve_opened *opened = hn_calloc(1, sizeof *opened);
    struct serve_opened *before;
    enum hn_status status = HN_OK;

    if (opened == NULL || !serve_path(serve, "samples/lists", cache))
        status = hn_fail(err, HN_NOMEM, 0, "what is known");
    if (status == HN_OK)
        status = hn_file_make_folder(cache, err);
    if (status == HN_OK)
        status = serve->options->known(serve->options->ctx, &wish, &opened->known, err);
    if (status != HN_OK) {
        hn_free(opened);
        return status;
    }
    atomic_init(&opened->refs, 1);
    (void)pthread_mutex_lock(&serve->known_lock);
    before = serve->opened;
    serve->opened = opened;
    (void)pthread_mutex_unlock(&serve->known_lock);
    serve->known_opened = serve_now();
    unref(before);
    return HN_OK;
}

enum hn_status serve_known_open(struct serve *serve, struct hn_err *err)
{
    if (serve->options->known == NULL)
        return HN_OK;
    serve->known_stamp = serve->options->known_stamp(serve->options->ctx);
    return open_known(serve, false, err);
}

void serve_known_free(struct serve *serve)
{
    unref(serve->opened);
    serve->opened = NULL;
}

/* ---- Looking ---- */

void serve_known_look(struct serve *serve, struct dissect *dissect)
{
    struct serve_opened *opened;

    (void)pthread_mutex_lock(&serve->known_lock);
    opened = serve->opened;
    if (opened != NULL)
        (void)atomic_fetch_add(&opened->refs, 1);
    (void)pthread_mutex_unlock(&serve->known_lock);
    if (opened != NULL && opened->known != NULL)
        known_look(opened->known, dissect);
    unref(opened);
}

/* ---- YARA rules ---- */

void serve_known_told(void *ctx, struct hn_text told)
{
    struct hn_text number = HN_TEXT("");
    struct hn_text line;
    uint64_t rules = 0;

    (void)ctx;
    if (told.len == 0)
        return;
    (void)hn_text_split(&told, '\n', &number);
    while (told.len > 0 && hn_text_split(&told, '\n', &line)) {
        char message[512];

        (void)snprintf(message, sizeof message, "%.*s", HN_TEXT_ARG(line));
        serve_log(CONFIG_LOG_WARNING, "samples.yara", message);
    }
    if (hn_parse_u64(number, &rules) && rules > 0)
        serve_log(CONFIG_LOG_INFO, "samples.yara", "YARA rules are compiled",
                SERVE_COUNT("rules", rules));
}

/* ---- Reading again ---- */

static enum hn_status renew_yara(struct serve *serve, bool always, struct hn_err *err)
{
    struct hn_digest stamp;

    if (serve->config->samples.yara.count == 0)
        return HN_OK;
    stamp = serve->options->yara_stamp(serve->options->ctx);
    if (!always && hn_digest_eq(stamp, serve->yara_stamp))
        return HN_OK;
    serve->yara_stamp = stamp; /* told once per change */
    return sample_workers_renew(serve->sample_workers, err);
}

static enum hn_status renew_known(struct serve *serve, bool always, struct hn_err *err)
{
    struct hn_digest stamp = serve->options->known_stamp(serve->options->ctx);
    bool old = serve_now() - serve->known_opened > KNOWN_AGE;

    if (!always && !old && hn_digest_eq(stamp, serve->known_stamp))
        return HN_OK;
    serve->known_stamp = stamp;
    return open_known(serve, true, err);
}

enum hn_status serve_known_renew(struct serve *serve, bool always, struct hn_err *err)
{
    struct hn_err yara = { 0 };
    struct hn_err known = { 0 };
    enum hn_status status;
    enum hn_status other;

    if (serve->samples == NULL || serve->options->known == NULL)
        return HN_OK;
    (void)pthread_mutex_lock(&serve->renew_lock);
    status = renew_yara(serve, always, &yara);
    other = renew_known(serve, always, &known);
    (void)pthread_mutex_unlock(&serve->renew_lock);
    if (status != HN_OK)
        serve_log_failure(CONFIG_LOG_ERROR, "samples.refused",
                "the YARA rules cannot be used; the old ones stay", &yara);
    if (other != HN_OK)
        serve_log_failure(CONFIG_LOG_ERROR, "samples.refused",
                "what samples are held against cannot be used; the old stays", &known);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "samples: %s", yara.msg);
    return other == HN_OK ? HN_OK : hn_fail(err, other, 0, "samples: %s", known.msg);
}
