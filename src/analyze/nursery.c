/* nursery.c - what workers are forked from: libraries that have read what they need, limits, and
 * for programs with threads a nursery, whose workers have YARA rules that were compiled in it. */
#include "analyze/worker.h"

#include "base/attr.h"
#include "base/codepage.h"
#include "base/mem.h"
#include "msocrypt/msocrypt.h"

#include <openssl/evp.h>

#define CPU_SECONDS_MAX 86400u

struct analyze_nursery {
    struct jail_nursery *jail;
    struct analyze_nursery_options options;
    struct analyze_limits limits;
    struct analyze_tables tables; /* with its rules in the stem and its copies alone */
};

/* Libraries fetch what they need on first use, from files; in the jail there are none. */
void worker_warm_libraries(void)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    const EVP_MD *kinds[] = { EVP_md5(), EVP_sha1(), EVP_sha256(), EVP_sha384(), EVP_sha512() };

    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++)
        (void)EVP_Digest("", 0, sum, NULL, kinds[i], NULL);
    (void)hn_codepage_warm();
    msocrypt_warm();
}

struct jail_limits worker_jail_limits(const struct analyze_limits *limits)
{
    return (struct jail_limits){ .memory_bytes = limits->memory_bytes,
        .cpu_seconds = (uint32_t)(limits->cpu_seconds < CPU_SECONDS_MAX ? limits->cpu_seconds
                                                                        : CPU_SECONDS_MAX) };
}

/* ---- In the stem ---- */

static enum hn_status prepare(void *ctx, struct hn_buf *told, struct hn_err *err)
{
    struct analyze_nursery *nursery = ctx;
    struct yarascan_rules *rules = NULL;
    enum hn_status status = HN_OK;

    worker_warm_libraries();
    if (nursery->options.yara != NULL)
        status = nursery->options.yara(nursery->options.ctx, &rules, told, err);
    nursery->tables.yara = rules; /* ends with the process */
    return status;
}

static int serve(void *ctx, struct hn_bytes request, int out)
{
    const struct analyze_nursery *nursery = ctx;
    struct worker_tables held = { &nursery->tables };

    return worker_serve(&held, request, out);
}

/* ---- Life ---- */

enum hn_status analyze_nursery_start(const struct analyze_nursery_options *options,
        struct analyze_nursery **ret_nursery, struct hn_err *err)
{
    struct analyze_nursery *nursery = hn_calloc(1, sizeof *nursery);
    struct jail_breed breed = { .serve = serve, .prepare = prepare, .ctx = nursery };
    enum hn_status status;

    if (nursery == NULL)
        return hn_fail(err, HN_NOMEM, 0, "nursery");
    nursery->options = *options;
    nursery->tables = analyze_tables_all;
    nursery->limits = options->limits != NULL ? *options->limits : analyze_limits_default;
    breed.limits = worker_jail_limits(&nursery->limits);
    status = jail_nursery_start(&breed, &nursery->jail, err);
    if (status != HN_OK) {
        hn_free(nursery);
        return status;
    }
    *ret_nursery = nursery;
    return HN_OK;
}

enum hn_status analyze_nursery_prepare(struct analyze_nursery *nursery,
        analyze_nursery_accept *accept, void *ctx, struct hn_err *err)
{
    return jail_nursery_prepare(nursery->jail, accept, ctx, err);
}

enum hn_status analyze_nursery_worker(
        struct analyze_nursery *nursery, struct analyze_worker **ret_worker, struct hn_err *err)
{
    struct analyze_worker *worker = hn_calloc(1, sizeof *worker);
    enum hn_status status;

    if (worker == NULL)
        return hn_fail(err, HN_NOMEM, 0, "worker");
    worker->limits = nursery->limits;
    status = jail_nursery_warm(nursery->jail, &worker->warm, err);
    if (status != HN_OK) {
        hn_free(worker);
        return status;
    }
    *ret_worker = worker;
    return HN_OK;
}

const struct analyze_limits *analyze_nursery_limits(const struct analyze_nursery *nursery)
{
    return &nursery->limits;
}

void analyze_nursery_stop(struct analyze_nursery *nursery)
{
    if (nursery == NULL)
        return;
    jail_nursery_stop(nursery->jail);
    hn_free(nursery);
}
