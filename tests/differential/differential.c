/* differential.c - holds the compiled engine to the plain interpreter, on real rules and real logs.
 *
 *     differential [--every N] [--skip-absent] RULES LOGS...
 *
 * Loads every rule below RULES, decodes everything in LOGS, and asks of each event (of every N-th)
 * and each rule both: the engine, which gets the event as `hinomi scan` does, with the fields that
 * rules want, and the interpreter, which gets it with all fields. Prints each difference.
 * Exit status: 0 none, 1 some, 2 it could not be done, 77 (with --skip-absent) no data. */
#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "match/interpret.h"
#include "scan/scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SHOWN_MAX   50u
#define EXIT_CANNOT 2
#define EXIT_SKIP   77

struct run {
    struct sigma_set *set;
    struct match_snapshot *snapshot;
    uint64_t every;
    atomic_uint_fast64_t seen;
    atomic_uint_fast64_t asked; /* events */
    atomic_uint_fast64_t hits;
    atomic_uint_fast64_t different;
};

struct worker {
    struct run *run;
    struct match_scratch *scratch;
    struct hn_event full;
    const struct scan_place *place;
    bool *fired; /* by rule, as the engine says */
};

/* ---- Rules ---- */

/* name is a path below the folder given, whose own path is root_len long. */
static bool is_rule(struct hn_text name, size_t root_len)
{
    return hn_text_ends(name, HN_TEXT(".yml")) &&
           hn_text_find(name, HN_TEXT("/unsupported/"), root_len) == SIZE_MAX &&
           hn_text_find(name, HN_TEXT("/tests/"), root_len) == SIZE_MAX;
}

static enum hn_status read_entry(struct input *input, struct hn_buf *out)
{
    enum hn_status status = HN_OK;
    size_t got = 1;

    hn_buf_reset(out);
    while (status == HN_OK && got > 0) {
        if (!hn_buf_reserve(out, 65536))
            return HN_NOMEM;
        status = input_read(input, out->ptr + out->len, 65536, &got, NULL);
        out->len += status == HN_OK ? got : 0;
    }
    return status;
}

static enum hn_status load_rules(const char *path, struct sigma_set **ret_set, struct hn_err *err)
{
    struct sigma_options sigma = { 0 };
    struct input_options options = { 0 };
    struct hn_text arg = hn_text_cstr(path);
    struct sigma_loader *loader = sigma_loader_new(&sigma);
    struct input *input = NULL;
    struct input_entry entry;
    struct hn_buf text = { 0 };
    enum hn_status status = loader == NULL ? HN_NOMEM : input_open(&arg, 1, &options, &input, err);

    while (status == HN_OK && (status = input_next(input, &entry, err)) == HN_OK) {
        if (!is_rule(entry.name, arg.len))
            continue;
        status = read_entry(input, &text);
        if (status == HN_OK)
            status = sigma_loader_add_text(loader, entry.name, hn_buf_text(&text), err);
    }
    if (status == HN_NOTFOUND)
        status = sigma_loader_finish(loader, ret_set, err);
    hn_buf_deinit(&text);
    input_close(input);
    sigma_loader_free(loader);
    return status;
}

/* ---- One event ---- */

static void on_hit(void *ctx, uint32_t rule)
{
    struct worker *worker = ctx;

    worker->fired[rule] = true;
}

static struct hn_event *match_full_event(void *ctx, const struct hn_event *event)
{
    struct worker *worker = ctx;

    if (decode_again(worker->place->batch, event, &worker->full) != HN_OK)
        return NULL;
    hn_event_resolve(&worker->full);
    return &worker->full;
}

static void report(struct worker *worker, const struct sigma_rule *rule, bool engine)
{
    if (atomic_fetch_add(&worker->run->different, 1) >= SHOWN_MAX)
        return;
    (void)printf("%.*s at %llu: %.*s (%.*s): engine %s, interpreter %s\n",
            HN_TEXT_ARG(worker->place->entry->name), (unsigned long long)worker->full.offset,
            HN_TEXT_ARG(rule->meta.title), HN_TEXT_ARG(rule->meta.id), engine ? "fires" : "silent",
            engine ? "silent" : "fires");
}

static bool on_event(
        void *ctx, struct hn_event *event, const struct scan_place *place, struct scan_result *out)
{
    struct worker *worker = ctx;
    struct run *run = worker->run;
    uint32_t count = run->set->rule_count;
    struct hn_event *full;

    (void)out;
    if (atomic_fetch_add(&run->seen, 1) % run->every != 0)
        return true;
    worker->place = place;
    memset(worker->fired, 0, count * sizeof *worker->fired);
    hn_event_resolve(event);
    run->hits += match_event(worker->scratch, event, match_full_event, on_hit, worker);
    full = match_full_event(worker, event);
    if (full == NULL) {
        (void)fprintf(stderr, "an event could not be decoded again\n");
        return false;
    }
    run->asked++;
    for (uint32_t i = 0; i < count; i++) {
        if (match_interpret(&run->set->rules[i], full, NULL) != worker->fired[i])
            report(worker, &run->set->rules[i], worker->fired[i]);
    }
    return true;
}

static void worker_free(void *ctx)
{
    struct worker *worker = ctx;

    hn_event_deinit(&worker->full);
    match_scratch_free(worker->scratch);
    hn_free(worker->fired);
    hn_free(worker);
}

static void *worker_new(void *ctx)
{
    struct run *run = ctx;
    struct worker *worker = hn_calloc(1, sizeof *worker);

    if (worker == NULL)
        return NULL;
    worker->run = run;
    worker->fired = hn_calloc(run->set->rule_count, sizeof *worker->fired);
    if (worker->fired == NULL || match_scratch_new(run->snapshot, &worker->scratch) != HN_OK ||
            hn_event_init(&worker->full, match_schema(run->snapshot), NULL, true) != HN_OK) {
        worker_free(worker);
        return NULL;
    }
    return worker;
}

static bool on_result(void *ctx, struct scan_result *result)
{
    (void)ctx;
    (void)result;
    return true;
}

static enum hn_status compare(struct run *run, char **logs, size_t count, struct hn_err *err)
{
    struct match_options match = { .want_context = true };
    struct scan_pipeline_options pipeline = { 0 };
    struct scan_job job = { .ctx = run,
        .worker_new = worker_new,
        .worker_free = worker_free,
        .on_event = on_event,
        .on_result = on_result };
    const char **inputs = hn_calloc(count, sizeof *inputs);
    struct scan_totals totals;
    enum hn_status status = inputs == NULL ? HN_NOMEM : HN_OK;

    if (status == HN_OK)
        status = match_snapshot_new(run->set, &match, &run->snapshot, err);
    if (status == HN_OK) {
        for (size_t i = 0; i < count; i++)
            inputs[i] = logs[i];
        pipeline.inputs = inputs;
        pipeline.input_count = count;
        job.schema = match_schema(run->snapshot);
        status = scan_pipeline_run(&pipeline, &job, &totals, err);
    }
    hn_free(inputs);
    return status;
}

static bool any_absent(char **paths, int count)
{
    for (int i = 0; i < count; i++) {
        if (access(paths[i], R_OK) != 0)
            return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    struct run run = { .every = 1 };
    struct hn_err err = { 0 };
    bool skip = false;
    int first = 1;

    for (; first < argc && strncmp(argv[first], "--", 2) == 0; first++) {
        if (strcmp(argv[first], "--skip-absent") == 0)
            skip = true;
        else if (strcmp(argv[first], "--every") != 0 || first + 1 >= argc ||
                 !hn_parse_u64(hn_text_cstr(argv[++first]), &run.every) || run.every == 0)
            first = argc;
    }
    if (argc - first < 2) {
        (void)fprintf(stderr, "usage: differential [--every N] [--skip-absent] RULES LOGS...\n");
        return EXIT_CANNOT;
    }
    if (skip && any_absent(argv + first, argc - first)) {
        (void)fprintf(stderr, "SKIPPED: the shared data is not here\n");
        return EXIT_SKIP;
    }
    if (load_rules(argv[first], &run.set, &err) != HN_OK ||
            compare(&run, argv + first + 1, (size_t)(argc - first - 1), &err) != HN_OK) {
        (void)fprintf(stderr, "differential: %s\n", err.msg);
        return EXIT_CANNOT;
    }
    (void)printf("%u rules x %llu events (of %llu): %llu hits, %llu differences\n",
            (unsigned)run.set->rule_count, (unsigned long long)run.asked,
            (unsigned long long)run.seen, (unsigned long long)run.hits,
            (unsigned long long)run.different);
    match_snapshot_unref(run.snapshot);
    sigma_set_unref(run.set);
    return run.asked > 0 && run.different == 0 ? 0 : 1;
}
