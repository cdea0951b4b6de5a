/* trial.c - feeds events to engine, interpreter and correlator, and counts what fires. */
#include "trial/trial.h"

#include "base/mem.h"

/* So far may the events of a test lie apart without coming out of order. */
#define LATENESS (3650 * HN_DAY)

/* For stamps without a year. Which one is of no matter; a leap year has all days. */
#define STAMP_YEAR 2024

struct trial {
    struct sigma_set *set;
    struct match_snapshot *snapshot;
    struct match_scratch *scratch;
    struct correlate_plan *plan; /* NULL: no correlations */
    struct correlate *correlate;
    struct correlate_hit_box *box;
    struct hn_event event; /* as a scan has it: with the fields that rules want */
    struct hn_event full;  /* all-mode */
    bool full_ready;
    uint64_t *rule_hits;
    uint64_t *correlation_hits;
    HN_VEC(uint32_t) fired; /* by the event at hand */
    struct trial_counts counts;
    trial_on_event *on_event;
    void *ctx;
    const struct trial_input *input;
    const struct decode_batch *batch;
    enum hn_status status;
};

/* ---- Life ---- */

static enum hn_status bind_plan(void *ctx, struct hn_schema *schema)
{
    struct trial *trial = ctx;

    return correlate_plan_bind(trial->plan, schema);
}

static enum hn_status compile(struct trial *trial, struct hn_err *err)
{
    struct match_options options = { .want_context = true };
    enum hn_status status = HN_OK;

    if (trial->set->correlation_count > 0) {
        status = correlate_plan_new(trial->set, NULL, &trial->plan, err);
        options.on_schema = bind_plan;
        options.ctx = trial;
    }
    if (status == HN_OK)
        status = match_snapshot_new(trial->set, &options, &trial->snapshot, err);
    if (status == HN_OK)
        status = match_scratch_new(trial->snapshot, &trial->scratch);
    if (status == HN_OK)
        status = hn_event_init(&trial->event, match_schema(trial->snapshot), NULL, false);
    if (status == HN_OK)
        status = hn_event_init(&trial->full, match_schema(trial->snapshot), NULL, true);
    return status;
}

enum hn_status trial_new(struct sigma_set *set, struct trial **ret_trial, struct hn_err *err)
{
    struct trial *trial = hn_calloc(1, sizeof *trial);
    enum hn_status status;

    if (trial == NULL)
        return hn_fail(err, HN_NOMEM, 0, "trial");
    trial->set = sigma_set_ref(set);
    trial->rule_hits = hn_calloc(set->rule_count, sizeof *trial->rule_hits);
    trial->correlation_hits = hn_calloc(set->correlation_count, sizeof *trial->correlation_hits);
    trial->box = hn_calloc(1, sizeof *trial->box);
    status = trial->rule_hits == NULL || trial->correlation_hits == NULL || trial->box == NULL
                     ? hn_fail(err, HN_NOMEM, 0, "trial")
                     : compile(trial, err);
    if (status != HN_OK) {
        trial_free(trial);
        return status;
    }
    *ret_trial = trial;
    return HN_OK;
}

void trial_free(struct trial *trial)
{
    if (trial == NULL)
        return;
    correlate_free(trial->correlate);
    hn_event_deinit(&trial->event);
    hn_event_deinit(&trial->full);
    match_scratch_free(trial->scratch);
    match_snapshot_unref(trial->snapshot);
    correlate_plan_free(trial->plan);
    hn_vec_deinit(&trial->fired);
    hn_free(trial->rule_hits);
    hn_free(trial->correlation_hits);
    hn_free(trial->box);
    sigma_set_unref(trial->set);
    hn_free(trial);
}

/* ---- Results ---- */

struct trial_counts trial_counts(const struct trial *trial)
{
    return trial->counts;
}

uint64_t trial_rule_hits(const struct trial *trial, uint32_t rule)
{
    return trial->rule_hits[rule];
}

uint64_t trial_correlation_hits(const struct trial *trial, uint32_t correlation)
{
    return trial->correlation_hits[correlation];
}

struct correlate_stats trial_correlate_stats(const struct trial *trial)
{
    return trial->correlate == NULL ? (struct correlate_stats){ 0 }
                                    : correlate_stats(trial->correlate);
}

const char *trial_refusal(const struct trial *trial, uint32_t correlation)
{
    return correlate_plan_refusal(trial->plan, correlation);
}

const struct sigma_set *trial_set(const struct trial *trial)
{
    return trial->set;
}

/* ---- Events ---- */

static void on_result(void *ctx, const struct correlate_result *result)
{
    struct trial *trial = ctx;

    if (result->event == CORRELATE_FIRED)
        trial->correlation_hits[result->correlation]++;
}

enum hn_status trial_reset(struct trial *trial, trial_on_event *on_event, void *ctx)
{
    struct correlate_options options = {
        .lateness = LATENESS, .on_result = on_result, .ctx = trial
    };

    trial->on_event = on_event;
    trial->ctx = ctx;
    trial->status = HN_OK;
    trial->counts = (struct trial_counts){ 0 };
    if (trial->set->rule_count > 0)
        memset(trial->rule_hits, 0, trial->set->rule_count * sizeof *trial->rule_hits);
    if (trial->plan == NULL)
        return HN_OK;
    memset(trial->correlation_hits, 0,
            trial->set->correlation_count * sizeof *trial->correlation_hits);
    correlate_free(trial->correlate);
    trial->correlate = NULL;
    return correlate_new(trial->plan, &options, &trial->correlate, NULL);
}

/* The same event with all its fields. */
static struct hn_event *full_event(struct trial *trial)
{
    if (!trial->full_ready) {
        if (decode_again(trial->batch, &trial->event, &trial->full) != HN_OK)
            return NULL;
        if (trial->input->at != HN_TIME_NONE)
            trial->full.time = trial->input->at;
        hn_event_resolve(&trial->full);
        trial->full_ready = true;
    }
    return &trial->full;
}

static struct hn_event *on_expand(void *ctx, const struct hn_event *event)
{
    (void)event;
    return full_event(ctx);
}

static void on_hit(void *ctx, uint32_t rule)
{
    struct trial *trial = ctx;
    struct correlate_hit_box *box = trial->box;
    uint32_t *slot = hn_vec_add(&trial->fired);

    if (slot == NULL) {
        trial->status = HN_NOMEM;
        return;
    }
    *slot = rule;
    trial->rule_hits[rule]++;
    if (trial->plan == NULL || !correlate_plan_wants(trial->plan, rule))
        return;
    correlate_hit_fill(trial->plan, rule, &trial->event, box);
    box->hit.rule = rule;
    box->hit.time = trial->input->at != HN_TIME_NONE
                            ? trial->input->at
                            : hn_event_time(&trial->event,
                                      &(struct hn_time_defaults){ .year = STAMP_YEAR });
    box->hit.order = trial->counts.events;
    box->hit.ref = trial->counts.events;
    if (correlate_feed(trial->correlate, &box->hit) != HN_OK)
        trial->status = HN_NOMEM;
}

static bool on_decoded(void *ctx, struct hn_event *event)
{
    struct trial *trial = ctx;
    struct trial_event out;

    trial->counts.events++;
    trial->full_ready = false;
    hn_vec_reset(&trial->fired);
    hn_event_resolve(event);
    (void)match_event(trial->scratch, event, on_expand, on_hit, trial);
    if (trial->on_event == NULL || trial->status != HN_OK)
        return trial->status == HN_OK;
    out = (struct trial_event){ trial->counts.events, full_event(trial), trial->fired.ptr,
        (uint32_t)trial->fired.count };
    if (out.event == NULL) {
        trial->status = HN_NOMEM;
        return false;
    }
    trial->on_event(trial->ctx, &out);
    return true;
}

/* Findings that mean that something was not read. */
static void on_finding(void *ctx, const struct hn_finding *finding)
{
    static const enum hn_finding_kind losses[] = { HN_FINDING_UNDECODABLE, HN_FINDING_TRUNCATED,
        HN_FINDING_TOO_LONG, HN_FINDING_TOO_DEEP, HN_FINDING_DAMAGED_HEADER,
        HN_FINDING_DAMAGED_RECORD };
    struct trial *trial = ctx;

    for (size_t i = 0; i < HN_COUNT_OF(losses); i++)
        trial->counts.undecodable += finding->kind == losses[i];
}

enum hn_status trial_feed(struct trial *trial, const struct trial_input *input, struct hn_err *err)
{
    struct decode_options options = { .time.year = STAMP_YEAR, .source = input->source };
    struct decode_sink sink = { on_decoded, on_finding, trial };
    struct decode_stream *stream = NULL;
    enum hn_status status = decode_stream_new(input->format, &options, &stream, err);
    struct hn_bytes rest = input->bytes;
    bool at_end = false;

    trial->input = input;
    while (status == HN_OK && !at_end) {
        struct decode_batch batch;
        size_t took = decode_cut(stream, rest, true, &batch);

        rest.ptr += took;
        rest.len -= took;
        at_end = batch.at_end;
        trial->batch = &batch;
        status = decode_run(&batch, &trial->event, &sink);
        decode_batch_release(&batch);
    }
    decode_stream_free(stream);
    if (trial->status != HN_OK)
        status = trial->status;
    return status == HN_OK ? HN_OK : hn_fail(err, status, 0, "events");
}

enum hn_status trial_finish(struct trial *trial, hn_time until)
{
    enum hn_status status = HN_OK;

    if (trial->correlate == NULL)
        return HN_OK;
    if (until != HN_TIME_NONE)
        status = correlate_advance(trial->correlate, until);
    return status == HN_OK ? correlate_flush(trial->correlate) : status;
}
