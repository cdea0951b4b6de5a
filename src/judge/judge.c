/* judge.c - rules and indicators on one event, alerts and correlation hits left as bytes.
 *
 * Leaves to others: where events come from, the order of results, correlating (judge_correlation.c
 * turns what a correlator says into alerts). */
#include "judge/judge_internal.h"

#include "base/mem.h"

#include <stdlib.h>

/* Where an indicator was found in the event at hand. The same thing stands in several fields (a
 * URL, its parts, their other names), so hits are gathered, and each indicator makes one alert. */
struct indicator_hit {
    uint32_t index; /* for ioc_set_get() */
    uint32_t order;
    enum ioc_type type;
    enum ioc_how how;
    struct alert_match match;
};

/* What alerts of indicators have in place of a rule; each adds its title. Groups keep it. */
static const struct sigma_meta indicator_meta = { .level = SIGMA_LEVEL_HIGH };

struct judge {
    struct judge_set *set;
    struct match_scratch *scratch;
    struct hn_event full; /* all-mode */
    struct alert_writer *writer;
    struct alert_writer *json_writer; /* when alerts are kept as JSON but written otherwise */
    struct correlate_hit_box *box;
    /* Of the event at hand. */
    struct hn_event *event;
    const struct judge_place *place;
    struct hn_buf *lines;
    struct hn_buf *records;
    struct hn_event *expanded; /* full, once it holds the event; NULL: not yet */
    bool expand_failed;
    struct alert about; /* what every alert about it has */
    bool described;     /* about is filled in */
    struct hn_digest raw_digest;
    struct alert_tail tail;      /* in lines */
    struct alert_tail json_tail; /* in records */
    struct alert_match matches[ALERT_MATCHES_MAX];
    uint32_t match_count;
    HN_VEC(struct indicator_hit) indicators;
    bool failed; /* out of memory */
    /* Of measuring rules in some events. */
    uint32_t time_every;
    uint32_t untimed; /* events since the last one that was measured */
    bool has_costs;
};

/* ---- The event in all-mode ---- */

static struct hn_event *expand(struct judge *judge)
{
    if (judge->expanded != NULL || judge->expand_failed)
        return judge->expanded;
    if (decode_again(judge->place->batch, judge->event, &judge->full) != HN_OK) {
        judge->expand_failed = true;
        return NULL;
    }
    hn_event_resolve(&judge->full);
    judge->expanded = &judge->full;
    return judge->expanded;
}

static struct hn_event *on_expand(void *ctx, const struct hn_event *event)
{
    (void)event;
    return expand(ctx);
}

/* ---- Alerts ---- */

static void on_evidence(void *ctx, const struct match_evidence *evidence)
{
    struct judge *judge = ctx;
    struct alert_match *match;

    if (judge->match_count == ALERT_MATCHES_MAX)
        return;
    match = &judge->matches[judge->match_count++];
    match->selection = evidence->item->selection;
    match->field = evidence->field;
    match->modifiers = evidence->item->modifiers;
    match->pattern = evidence->value->written;
    match->value = evidence->text;
    match->start = evidence->start;
    match->len = evidence->len;
}

static uint64_t line_of(const struct judge *judge)
{
    uint64_t line = judge->event->line;

    return line == 0 || judge->place->no_lines ? 0 : line + judge->place->line_shift;
}

static struct hn_digest id_of(const struct judge *judge, const struct sigma_meta *meta)
{
    const struct hn_digest *origin = judge->place->origin;

    if (origin == NULL)
        return alert_id(meta, judge->raw_digest, judge->event->offset);
    return hn_digest_join(alert_id(meta, judge->raw_digest, 0), *origin);
}

static void describe_event(struct judge *judge)
{
    const struct hn_event *logged = judge->event;
    struct hn_event *event = expand(judge);
    struct alert *about = &judge->about;

    judge->described = true;
    judge->raw_digest = hn_digest_of(logged->raw.ptr, logged->raw.len);
    judge->tail = (struct alert_tail){ 0, 0 };
    judge->json_tail = (struct alert_tail){ 0, 0 };
    *about = (struct alert){ .file = judge->place->file,
        .offset = logged->offset + judge->place->offset_shift,
        .line = line_of(judge),
        .time = HN_TIME_NONE,
        .event = event };
    if (event == NULL)
        return;
    about->time = hn_event_time(event, judge->place->time);
    about->host = hn_event_host(event);
    about->user = hn_event_user(event);
    about->source = event->source;
}

/* An alert about the event at hand, with what all of those have. */
static struct alert new_alert(
        struct judge *judge, enum alert_kind kind, const struct sigma_meta *meta)
{
    struct alert alert;

    if (!judge->described)
        describe_event(judge);
    alert = judge->about;
    alert.kind = kind;
    alert.meta = meta;
    alert.id = id_of(judge, meta);
    alert.matches = judge->matches;
    return alert;
}

/* The same alert as JSON behind its record, whose head and length are mended. */
static void leave_json(struct judge *judge, struct alert *alert, size_t start)
{
    struct hn_buf *side = judge->records;
    size_t before = side->len;
    struct alert_record record;
    struct record head;

    alert->tail = &judge->json_tail;
    alert_write(judge->json_writer, alert, side);
    if (!hn_buf_ok(side))
        return;
    memcpy(&head, side->ptr + start, sizeof head);
    memcpy(&record, side->ptr + start + sizeof head, sizeof record);
    record.json_in_side = (uint32_t)(side->len - before);
    head.bytes += record.json_in_side;
    memcpy(side->ptr + start, &head, sizeof head);
    memcpy(side->ptr + start + sizeof head, &record, sizeof record);
}

/* Leaves the alert for judge_records_next(): its line in lines, its brief in records. */
static void leave_alert(struct judge *judge, struct alert *alert)
{
    struct alert_record record = { .id = alert->id,
        .title_len = (uint32_t)alert->meta->title.len,
        .host_len = (uint32_t)alert->host.len,
        .user_len = (uint32_t)alert->user.len,
        .json_start = judge->lines->len };
    struct record head = { RECORD_ALERT, 0 };
    size_t start = judge->records->len;

    alert->fold_key = alert_fold_key(alert);
    alert->tail = &judge->tail;
    alert_write(judge->writer, alert, judge->lines);
    record.json_len = judge->lines->len - record.json_start;
    record.brief.kind = alert->kind;
    /* The meta of an indicator ends with its hit, the brief does not. */
    record.brief.meta = alert->kind == ALERT_INDICATOR ? &indicator_meta : alert->meta;
    record.brief.level = alert->level;
    record.brief.time = alert->time;
    record.brief.fold_key = alert->fold_key;
    head.bytes = (uint32_t)(sizeof record + record.title_len + record.host_len + record.user_len);
    hn_buf_add(judge->records, &head, sizeof head);
    hn_buf_add(judge->records, &record, sizeof record);
    hn_buf_add_text(judge->records, alert->meta->title);
    hn_buf_add_text(judge->records, alert->host);
    hn_buf_add_text(judge->records, alert->user);
    if (judge->json_writer != NULL)
        leave_json(judge, alert, start);
}

static enum sigma_level level_of(const struct sigma_meta *meta)
{
    return meta->level == SIGMA_LEVEL_NONE ? SIGMA_LEVEL_MEDIUM : meta->level;
}

static void rule_alert(struct judge *judge, uint32_t rule)
{
    const struct sigma_meta *meta = &match_set(judge->set->snapshot)->rules[rule].meta;
    struct alert alert;

    if (level_of(meta) < judge->set->level_min)
        return;
    judge->match_count = 0;
    match_evidence(judge->scratch, rule, on_evidence, judge);
    alert = new_alert(judge, ALERT_RULE, meta);
    alert.number = rule;
    alert.level = level_of(meta);
    alert.match_count = judge->match_count;
    leave_alert(judge, &alert);
}

/* ---- Correlation hits ---- */

/* A mapping may have rules that the set it belongs to could not use; then nobody listens. */
static void leave_hit(struct judge *judge, uint32_t rule)
{
    uint32_t number = judge->set->rule_of == NULL ? rule : judge->set->rule_of[rule];
    struct correlate_hit *hit = &judge->box->hit;
    struct record head = { RECORD_HIT, 0 };
    size_t start = judge->records->len;

    if (number == CORRELATE_RULE_NONE)
        return;
    correlate_hit_fill(judge->set->plan, rule, judge->event, judge->box);
    hit->rule = number;
    hit->time = hn_event_time(judge->event, judge->place->time);
    hit->order = judge->place->order + (judge->event->offset & JUDGE_OFFSET_MASK);
    hit->ref = line_of(judge);
    hn_buf_add(judge->records, &head, sizeof head);
    correlate_hit_write(hit, judge->records);
    if (!hn_buf_ok(judge->records))
        return;
    head.bytes = (uint32_t)(judge->records->len - start - sizeof head);
    memcpy(judge->records->ptr + start, &head, sizeof head);
}

static void on_rule(void *ctx, uint32_t rule)
{
    struct judge *judge = ctx;
    const struct judge_set *set = judge->set;

    if (set->plan != NULL && correlate_plan_wants(set->plan, rule))
        leave_hit(judge, rule);
    if (!judge->place->hits_only && !match_set(set->snapshot)->rules[rule].silent)
        rule_alert(judge, rule);
}

/* ---- Indicators ---- */

/* Values end with the search where they were put together (a URL out of its parts), so they are
 * kept with the event. */
static bool on_indicator(void *ctx, const struct ioc_hit *hit)
{
    struct judge *judge = ctx;
    struct indicator_hit *kept = hn_vec_add(&judge->indicators);

    if (kept == NULL) {
        judge->failed = true;
        return false;
    }
    kept->index = hit->index;
    kept->order = (uint32_t)judge->indicators.count;
    kept->type = hit->type;
    kept->how = hit->how;
    kept->match = (struct alert_match){ .selection = HN_TEXT("indicator"),
        .field = hit->field,
        .value = hn_arena_text(&judge->full.scratch, hit->value),
        .start = hit->offset,
        .len = hit->len };
    judge->failed = judge->failed || kept->match.value.ptr == NULL;
    return !judge->failed;
}

/* One indicator's hits in the event at hand, as one alert. */
static void indicator_alert(struct judge *judge, const struct indicator_hit *hits, size_t count)
{
    const struct ioc_set *iocs = judge->set->iocs;
    struct ioc_indicator indicator;
    struct hn_buf value = { 0 };
    struct hn_buf title = { 0 };
    struct sigma_meta meta = indicator_meta;
    struct alert alert;
    enum sigma_level level;

    if (!ioc_set_get(iocs, hits[0].index, &indicator) || indicator.suppressed)
        return;
    /* Many visit a legitimate site that was broken into; only its URLs say something, and little.
     */
    level = indicator.compromised ? SIGMA_LEVEL_MEDIUM : SIGMA_LEVEL_HIGH;
    if (level < judge->set->level_min)
        return;
    ioc_set_write(iocs, hits[0].index, false, &value);
    hn_buf_addf(&title, "Indicator: %s ", ioc_type_name(hits[0].type));
    hn_buf_add_text(&title, hn_buf_text(&value));
    meta.title = hn_buf_text(&title);
    meta.id = meta.title;
    alert = new_alert(judge, ALERT_INDICATOR, &meta);
    alert.level = level;
    for (size_t i = 0; i < count && alert.match_count < ALERT_MATCHES_MAX; i++) {
        judge->matches[alert.match_count] = hits[i].match;
        judge->matches[alert.match_count++].pattern = hn_buf_text(&value);
    }
    alert.indicator = &indicator;
    alert.indicator_value = hn_buf_text(&value);
    alert.indicator_how = hn_text_cstr(ioc_how_name(hits[0].how));
    judge->failed = judge->failed || !hn_buf_ok(&title) || !hn_buf_ok(&value);
    leave_alert(judge, &alert);
    hn_buf_deinit(&value);
    hn_buf_deinit(&title);
}

static int by_indicator(const void *a, const void *b)
{
    const struct indicator_hit *x = a;
    const struct indicator_hit *y = b;

    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static void match_indicators(struct judge *judge)
{
    const struct ioc_set *iocs = judge->set->iocs;
    struct hn_event *event;
    size_t first = 0;

    if (judge->event->raw_is_text && !ioc_prefilter(iocs, judge->event->raw))
        return;
    event = expand(judge);
    if (event == NULL)
        return;
    judge->indicators.count = 0;
    if (ioc_match_event(iocs, event, on_indicator, judge) == 0)
        return;
    qsort(judge->indicators.ptr, judge->indicators.count, sizeof *judge->indicators.ptr,
            by_indicator);
    while (first < judge->indicators.count && !judge->failed) {
        const struct indicator_hit *hits = &judge->indicators.ptr[first];
        size_t count = 1;

        while (first + count < judge->indicators.count && hits[count].index == hits[0].index)
            count++;
        indicator_alert(judge, hits, count);
        first += count;
    }
}

/* ---- Events ---- */

/* Two readings of the clock per rule cost about as much as the rule, so few events are measured. */
static void choose_timing(struct judge *judge)
{
    bool measure = ++judge->untimed >= judge->time_every;

    if (!measure && judge->untimed > 1)
        return;
    match_scratch_time_rules(judge->scratch, measure);
    if (measure) {
        judge->untimed = 0;
        judge->has_costs = true;
    }
}

bool judge_event(struct judge *judge, struct hn_event *event, const struct judge_place *place,
        struct hn_buf *lines, struct hn_buf *records, bool *ret_limited)
{
    uint64_t limited = match_scratch_stats(judge->scratch)->regex_limited;

    judge->event = event;
    judge->place = place;
    judge->lines = lines;
    judge->records = records;
    judge->expanded = NULL;
    judge->expand_failed = false;
    judge->described = false;
    if (judge->time_every > 0)
        choose_timing(judge);
    (void)match_event(judge->scratch, event, on_expand, on_rule, judge);
    *ret_limited = match_scratch_stats(judge->scratch)->regex_limited > limited;
    judge->has_costs = judge->has_costs || *ret_limited;
    if (judge->set->iocs != NULL && !place->hits_only)
        match_indicators(judge);
    return !judge->failed && hn_buf_ok(lines) && hn_buf_ok(records);
}

struct judge_set *judge_get_set(const struct judge *judge)
{
    return judge->set;
}

const struct match_stats *judge_stats(const struct judge *judge)
{
    return match_scratch_stats(judge->scratch);
}

bool judge_has_rule_costs(const struct judge *judge)
{
    return judge->has_costs;
}

struct taking {
    match_on_rule_cost *on_rule_cost;
    void *ctx;
    uint32_t times;
};

static void on_rule_cost(void *ctx, uint32_t rule, const struct match_rule_cost *cost)
{
    const struct taking *taking = ctx;
    struct match_rule_cost whole = *cost;

    whole.nanoseconds *= taking->times;
    taking->on_rule_cost(taking->ctx, rule, &whole);
}

void judge_take_rule_costs(struct judge *judge, match_on_rule_cost *on_cost, void *ctx)
{
    struct taking taking = { on_cost, ctx, judge->time_every };

    match_scratch_take_rule_costs(judge->scratch, on_rule_cost, &taking);
    judge->has_costs = false;
}

void judge_add_rule_stats(const struct judge *judge, struct match_rule_stats *total)
{
    match_scratch_add_rule_stats(judge->scratch, total);
}

/* ---- Life ---- */

void judge_free(struct judge *judge)
{
    if (judge == NULL)
        return;
    hn_vec_deinit(&judge->indicators);
    match_scratch_free(judge->scratch);
    hn_event_deinit(&judge->full);
    alert_writer_free(judge->writer);
    alert_writer_free(judge->json_writer);
    hn_free(judge->box);
    judge_set_unref(judge->set);
    hn_free(judge);
}

struct judge *judge_new(struct judge_set *set, const struct judge_options *options)
{
    struct judge *judge = hn_calloc(1, sizeof *judge);

    if (judge == NULL)
        return NULL;
    judge->set = judge_set_ref(set);
    judge->writer = alert_writer_new(options->format, options->zone);
    if (options->keep_json && options->format != ALERT_JSONL)
        judge->json_writer = alert_writer_new(ALERT_JSONL, options->zone);
    judge->box = hn_calloc(1, sizeof *judge->box);
    if (judge->writer == NULL || judge->box == NULL ||
            match_scratch_new(set->snapshot, &judge->scratch) != HN_OK ||
            hn_event_init(&judge->full, match_schema(set->snapshot), NULL, true) != HN_OK) {
        judge_free(judge);
        return NULL;
    }
    match_scratch_time_rules(judge->scratch, options->time_rules);
    judge->time_every = options->time_every;
    return judge;
}
