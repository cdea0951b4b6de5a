/* scan.c - the job of `hinomi scan`: rules and indicators on every event, alerts written by the
 * workers, grouped and correlated in the order of the input.
 *
 * Correlations want hits in the order of their time. Files do not come that way, so the hits of a
 * whole scan are sorted first and correlated at the end. */
#include "scan/scan_internal.h"

#include "base/mem.h"
#include "scan/fold.h"

#include <pthread.h>
#include <stdlib.h>

#define SPILL_MEMORY_BYTES ((size_t)32 << 20)
#define PENDING_BYTES_MAX  ((size_t)65536) /* of lines that go out as one */

/* The order of a hit: entries one after the other, then bytes. 2^20 entries, 2^44 bytes each. */
#define ORDER_OFFSET_BITS 44

/* Where an indicator was found in the event at hand. The same thing stands in several fields (a
 * URL, its parts, their other names), so hits are gathered, and each indicator makes one alert. */
struct indicator_hit {
    uint32_t index; /* for ioc_set_get() */
    uint32_t order;
    enum ioc_type type;
    enum ioc_how how;
    struct alert_match match;
};

struct scan {
    const struct scan_options *options;
    struct scan_summary *summary;
    struct spill *spill;
    struct correlate_stamper stamper;
    struct fold *fold;
    HN_VEC(struct hn_text) entry_names; /* by number; in arena */
    struct hn_arena arena;
    pthread_mutex_t entries_lock;
    struct alert_writer *writer; /* of correlation alerts */
    struct hn_buf line;
    struct hn_text pending; /* lines one after the other that go out as one */
    enum hn_status status;
};

/* What alerts of indicators have in place of a rule; each adds its title. Groups keep it. */
static const struct sigma_meta indicator_meta = { .level = SIGMA_LEVEL_HIGH };

struct worker {
    struct scan *scan;
    struct match_scratch *scratch;
    struct hn_event full; /* all-mode */
    uint64_t events_in_time;
    uint64_t events_timeless;
    struct alert_writer *writer;
    struct alert_writer *json_writer; /* when alerts are kept as JSON but written otherwise */
    struct correlate_hit_box *box;
    /* Of the event at hand. */
    struct hn_event *event;
    const struct scan_place *place;
    struct scan_result *result;
    struct hn_event *expanded; /* full, once it holds the event; NULL: not yet */
    bool expand_failed;
    struct alert about; /* what every alert about it has */
    bool described;     /* about is filled in */
    struct hn_digest raw_digest;
    struct alert_tail tail;      /* in result->out */
    struct alert_tail json_tail; /* in result->side */
    struct alert_match matches[ALERT_MATCHES_MAX];
    uint32_t match_count;
    HN_VEC(struct indicator_hit) indicators;
    bool failed; /* out of memory */
};

/* What a worker leaves in result->side for each alert or correlation hit. */
enum record_kind { RECORD_ALERT, RECORD_HIT };

struct record {
    uint32_t kind;
    uint32_t bytes; /* of what follows */
};

/* RECORD_ALERT is this, then the texts. */
struct alert_record {
    struct alert_brief brief; /* its texts are offsets: see pack() */
    uint32_t title_len;
    uint32_t host_len;
    uint32_t json_in_side; /* bytes of the alert as JSON behind the texts */
    size_t json_start;     /* in result->out */
    size_t json_len;
};

/* ---- The event in all-mode ---- */

static struct hn_event *expand(struct worker *worker)
{
    if (worker->expanded != NULL || worker->expand_failed)
        return worker->expanded;
    if (decode_again(worker->place->batch, worker->event, &worker->full) != HN_OK) {
        worker->expand_failed = true;
        return NULL;
    }
    hn_event_resolve(&worker->full);
    worker->expanded = &worker->full;
    return worker->expanded;
}

static struct hn_event *on_expand(void *ctx, const struct hn_event *event)
{
    (void)event;
    return expand(ctx);
}

/* ---- Alerts ---- */

static void on_evidence(void *ctx, const struct match_evidence *evidence)
{
    struct worker *worker = ctx;
    struct alert_match *match;

    if (worker->match_count == ALERT_MATCHES_MAX)
        return;
    match = &worker->matches[worker->match_count++];
    match->selection = evidence->item->selection;
    match->field = evidence->field;
    match->modifiers = evidence->item->modifiers;
    match->pattern = evidence->value->written;
    match->value = evidence->text;
    match->start = evidence->start;
    match->len = evidence->len;
}

static void describe_event(struct worker *worker)
{
    const struct hn_event *logged = worker->event;
    struct hn_event *event = expand(worker);
    struct alert *about = &worker->about;

    worker->described = true;
    worker->raw_digest = hn_digest_of(logged->raw.ptr, logged->raw.len);
    worker->tail = (struct alert_tail){ 0, 0 };
    worker->json_tail = (struct alert_tail){ 0, 0 };
    *about = (struct alert){ .file = worker->place->entry->name,
        .offset = logged->offset,
        .line = logged->line,
        .time = HN_TIME_NONE,
        .event = event };
    if (event == NULL)
        return;
    about->time = hn_event_time(event, &worker->scan->options->pipeline.decode.time);
    about->host = hn_event_host(event);
    about->user = hn_event_user(event);
    about->source = event->source;
}

/* An alert about the event at hand, with what all of those have. */
static struct alert new_alert(
        struct worker *worker, enum alert_kind kind, const struct sigma_meta *meta)
{
    struct alert alert;

    if (!worker->described)
        describe_event(worker);
    alert = worker->about;
    alert.kind = kind;
    alert.meta = meta;
    alert.id = alert_id(meta, worker->raw_digest, alert.offset);
    alert.matches = worker->matches;
    return alert;
}

/* The same alert as JSON behind its record, whose head and length are mended. */
static void leave_json(struct worker *worker, struct alert *alert, size_t start)
{
    struct hn_buf *side = &worker->result->side;
    size_t before = side->len;
    struct alert_record record;
    struct record head;

    alert->tail = &worker->json_tail;
    alert_write(worker->json_writer, alert, side);
    if (!hn_buf_ok(side))
        return;
    memcpy(&head, side->ptr + start, sizeof head);
    memcpy(&record, side->ptr + start + sizeof head, sizeof record);
    record.json_in_side = (uint32_t)(side->len - before);
    head.bytes += record.json_in_side;
    memcpy(side->ptr + start, &head, sizeof head);
    memcpy(side->ptr + start + sizeof head, &record, sizeof record);
}

/* Leaves the alert for on_result: its line in out, its brief in side. */
static void leave_alert(struct worker *worker, struct alert *alert)
{
    struct scan_result *result = worker->result;
    struct alert_record record = { .title_len = (uint32_t)alert->meta->title.len,
        .host_len = (uint32_t)alert->host.len,
        .json_start = result->out.len };
    struct record head = { RECORD_ALERT, 0 };
    size_t start = result->side.len;

    alert->fold_key = alert_fold_key(alert);
    alert->tail = &worker->tail;
    alert_write(worker->writer, alert, &result->out);
    record.json_len = result->out.len - record.json_start;
    record.brief.kind = alert->kind;
    /* The meta of an indicator ends with its hit, the brief does not. */
    record.brief.meta = alert->kind == ALERT_INDICATOR ? &indicator_meta : alert->meta;
    record.brief.level = alert->level;
    record.brief.time = alert->time;
    record.brief.fold_key = alert->fold_key;
    head.bytes = (uint32_t)(sizeof record + record.title_len + record.host_len);
    hn_buf_add(&result->side, &head, sizeof head);
    hn_buf_add(&result->side, &record, sizeof record);
    hn_buf_add_text(&result->side, alert->meta->title);
    hn_buf_add_text(&result->side, alert->host);
    if (worker->json_writer != NULL)
        leave_json(worker, alert, start);
}

static enum sigma_level level_of(const struct sigma_meta *meta)
{
    return meta->level == SIGMA_LEVEL_NONE ? SIGMA_LEVEL_MEDIUM : meta->level;
}

static void rule_alert(struct worker *worker, uint32_t rule)
{
    const struct sigma_meta *meta = &match_set(worker->scan->options->snapshot)->rules[rule].meta;
    struct alert alert;

    if (level_of(meta) < worker->scan->options->level_min)
        return;
    worker->match_count = 0;
    match_evidence(worker->scratch, rule, on_evidence, worker);
    alert = new_alert(worker, ALERT_RULE, meta);
    alert.number = rule;
    alert.level = level_of(meta);
    alert.match_count = worker->match_count;
    leave_alert(worker, &alert);
}

/* ---- Correlation hits ---- */

static void leave_hit(struct worker *worker, uint32_t rule)
{
    struct scan_result *result = worker->result;
    struct correlate_hit *hit = &worker->box->hit;
    struct record head = { RECORD_HIT, 0 };
    size_t start = result->side.len;

    correlate_hit_fill(worker->scan->options->plan, rule, worker->event, worker->box);
    hit->rule = rule;
    hit->time = hn_event_time(worker->event, &worker->scan->options->pipeline.decode.time);
    hit->order = (uint64_t)worker->place->entry->number << ORDER_OFFSET_BITS |
                 (worker->event->offset & (((uint64_t)1 << ORDER_OFFSET_BITS) - 1));
    hit->ref = worker->event->line;
    hn_buf_add(&result->side, &head, sizeof head);
    correlate_hit_write(hit, &result->side);
    if (!hn_buf_ok(&result->side))
        return;
    head.bytes = (uint32_t)(result->side.len - start - sizeof head);
    memcpy(result->side.ptr + start, &head, sizeof head);
}

static void on_rule(void *ctx, uint32_t rule)
{
    struct worker *worker = ctx;
    const struct scan_options *options = worker->scan->options;

    if (options->plan != NULL && correlate_plan_wants(options->plan, rule))
        leave_hit(worker, rule);
    if (!match_set(options->snapshot)->rules[rule].silent)
        rule_alert(worker, rule);
}

/* ---- Indicators ---- */

/* Values end with the search where they were put together (a URL out of its parts), so they are
 * kept with the event. */
static bool on_indicator(void *ctx, const struct ioc_hit *hit)
{
    struct worker *worker = ctx;
    struct indicator_hit *kept = hn_vec_add(&worker->indicators);

    if (kept == NULL) {
        worker->failed = true;
        return false;
    }
    kept->index = hit->index;
    kept->order = (uint32_t)worker->indicators.count;
    kept->type = hit->type;
    kept->how = hit->how;
    kept->match = (struct alert_match){ .selection = HN_TEXT("indicator"),
        .field = hit->field,
        .value = hn_arena_text(&worker->full.scratch, hit->value),
        .start = hit->offset,
        .len = hit->len };
    worker->failed = worker->failed || kept->match.value.ptr == NULL;
    return !worker->failed;
}

/* One indicator's hits in the event at hand, as one alert. */
static void indicator_alert(struct worker *worker, const struct indicator_hit *hits, size_t count)
{
    const struct ioc_set *iocs = worker->scan->options->iocs;
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
    if (level < worker->scan->options->level_min)
        return;
    ioc_set_write(iocs, hits[0].index, false, &value);
    hn_buf_addf(&title, "Indicator: %s ", ioc_type_name(hits[0].type));
    hn_buf_add_text(&title, hn_buf_text(&value));
    meta.title = hn_buf_text(&title);
    meta.id = meta.title;
    alert = new_alert(worker, ALERT_INDICATOR, &meta);
    alert.level = level;
    for (size_t i = 0; i < count && alert.match_count < ALERT_MATCHES_MAX; i++) {
        worker->matches[alert.match_count] = hits[i].match;
        worker->matches[alert.match_count++].pattern = hn_buf_text(&value);
    }
    alert.indicator = &indicator;
    alert.indicator_value = hn_buf_text(&value);
    alert.indicator_how = hn_text_cstr(ioc_how_name(hits[0].how));
    worker->failed = worker->failed || !hn_buf_ok(&title) || !hn_buf_ok(&value);
    leave_alert(worker, &alert);
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

static void match_indicators(struct worker *worker)
{
    const struct ioc_set *iocs = worker->scan->options->iocs;
    struct hn_event *event;
    size_t first = 0;

    if (worker->event->raw_is_text && !ioc_prefilter(iocs, worker->event->raw))
        return;
    event = expand(worker);
    if (event == NULL)
        return;
    worker->indicators.count = 0;
    if (ioc_match_event(iocs, event, on_indicator, worker) == 0)
        return;
    qsort(worker->indicators.ptr, worker->indicators.count, sizeof *worker->indicators.ptr,
            by_indicator);
    while (first < worker->indicators.count && !worker->failed) {
        const struct indicator_hit *hits = &worker->indicators.ptr[first];
        size_t count = 1;

        while (first + count < worker->indicators.count && hits[count].index == hits[0].index)
            count++;
        indicator_alert(worker, hits, count);
        first += count;
    }
}

/* ---- Events ---- */

/* Within --since and --until? Events without a time are kept: nothing is lost for want of a stamp.
 */
static bool in_time(struct worker *worker)
{
    const struct scan_options *options = worker->scan->options;
    hn_time time;

    if (options->since == HN_TIME_NONE && options->until == HN_TIME_NONE)
        return true;
    time = hn_event_time(worker->event, &options->pipeline.decode.time);
    if (time == HN_TIME_NONE) {
        worker->events_timeless++;
        return true;
    }
    if ((options->since != HN_TIME_NONE && time < options->since) ||
            (options->until != HN_TIME_NONE && time > options->until))
        return false;
    worker->events_in_time++;
    return true;
}

static bool on_event(void *ctx, struct hn_event *event, const struct scan_place *place,
        struct scan_result *result)
{
    struct worker *worker = ctx;
    uint64_t limited;

    worker->event = event;
    worker->place = place;
    worker->result = result;
    worker->expanded = NULL;
    worker->expand_failed = false;
    worker->described = false;
    hn_event_resolve(event);
    if (!in_time(worker))
        return true;
    limited = match_scratch_stats(worker->scratch)->regex_limited;
    (void)match_event(worker->scratch, event, on_expand, on_rule, worker);
    if (match_scratch_stats(worker->scratch)->regex_limited > limited)
        scan_result_note(result, HN_FINDING_REGEX_LIMIT, event);
    if (worker->scan->options->iocs != NULL)
        match_indicators(worker);
    return !worker->failed && hn_buf_ok(&result->out) && hn_buf_ok(&result->side);
}

static void worker_free(void *ctx)
{
    struct worker *worker = ctx;

    if (worker == NULL)
        return;
    worker->scan->summary->events_in_time += worker->events_in_time;
    worker->scan->summary->events_timeless += worker->events_timeless;
    if (worker->scratch != NULL) {
        const struct match_stats *stats = match_scratch_stats(worker->scratch);
        struct match_stats *total = &worker->scan->summary->match;

        total->events += stats->events;
        total->events_without_rules += stats->events_without_rules;
        total->candidates += stats->candidates;
        total->hits += stats->hits;
        total->expanded += stats->expanded;
        total->regex_limited += stats->regex_limited;
        total->memo_hits += stats->memo_hits;
        total->memo_misses += stats->memo_misses;
        if (worker->scan->summary->rules != NULL)
            match_scratch_add_rule_stats(worker->scratch, worker->scan->summary->rules);
    }
    hn_vec_deinit(&worker->indicators);
    match_scratch_free(worker->scratch);
    hn_event_deinit(&worker->full);
    alert_writer_free(worker->writer);
    alert_writer_free(worker->json_writer);
    hn_free(worker->box);
    hn_free(worker);
}

static void *worker_new(void *ctx)
{
    struct scan *scan = ctx;
    struct worker *worker = hn_calloc(1, sizeof *worker);
    const struct hn_schema *schema = match_schema(scan->options->snapshot);

    if (worker == NULL)
        return NULL;
    worker->scan = scan;
    worker->writer = alert_writer_new(scan->options->format, scan->options->zone);
    if (scan->options->keep_json && scan->options->format != ALERT_JSONL)
        worker->json_writer = alert_writer_new(ALERT_JSONL, scan->options->zone);
    worker->box = hn_calloc(1, sizeof *worker->box);
    if (worker->writer == NULL || worker->box == NULL ||
            match_scratch_new(scan->options->snapshot, &worker->scratch) != HN_OK ||
            hn_event_init(&worker->full, schema, NULL, true) != HN_OK) {
        worker_free(worker);
        return NULL;
    }
    match_scratch_time_rules(worker->scratch, scan->options->time_rules);
    return worker;
}

/* ---- Results in order ---- */

static void count_alert(struct scan *scan, const struct alert_brief *brief)
{
    struct scan_summary *summary = scan->summary;

    summary->alerts[brief->level]++;
    if (brief->time == HN_TIME_NONE)
        return;
    if (summary->first == HN_TIME_NONE || brief->time < summary->first)
        summary->first = brief->time;
    if (summary->last == HN_TIME_NONE || brief->time > summary->last)
        summary->last = brief->time;
}

static bool write_pending(struct scan *scan)
{
    struct hn_text lines = scan->pending;

    scan->pending = (struct hn_text){ NULL, 0 };
    return lines.len == 0 || scan->options->on_bytes(scan->options->ctx, lines);
}

/* A worker has written line behind line: what is copied and written at once is all of them. The
 * line stays where it is until write_pending(). */
static bool write_line(struct scan *scan, struct hn_text line)
{
    if (scan->pending.len > 0 && scan->pending.ptr + scan->pending.len == line.ptr &&
            scan->pending.len + line.len <= PENDING_BYTES_MAX) {
        scan->pending.len += line.len;
        return true;
    }
    if (!write_pending(scan))
        return false;
    scan->pending = line;
    return true;
}

/* Counts, groups and writes one alert. */
static bool take_alert(struct scan *scan, struct alert_brief *brief, struct hn_text line)
{
    const struct scan_options *options = scan->options;
    bool repeat = false;

    count_alert(scan, brief);
    if (options->keep_json && options->format == ALERT_JSONL)
        brief->json = line;
    if (options->groups != NULL && alert_groups_add(options->groups, brief) != HN_OK) {
        scan->status = HN_NOMEM;
        return false;
    }
    if (!options->write_alerts)
        return true;
    if (scan->fold != NULL)
        repeat = fold_is_repeat(scan->fold, brief->fold_key, brief->time);
    scan->summary->folded += repeat;
    return repeat || write_line(scan, line);
}

static bool take_alert_record(
        struct scan *scan, const char *bytes, const struct scan_result *result)
{
    struct alert_record record;
    const char *texts = bytes + sizeof record;

    memcpy(&record, bytes, sizeof record);
    record.brief.title = hn_text_of(texts, record.title_len);
    record.brief.host = hn_text_of(texts + record.title_len, record.host_len);
    record.brief.json = hn_text_of(texts + record.title_len + record.host_len, record.json_in_side);
    return take_alert(
            scan, &record.brief, hn_text_of(result->out.ptr + record.json_start, record.json_len));
}

static bool take_hit_record(struct scan *scan, const char *bytes, size_t len)
{
    struct hn_reader reader = hn_reader_over(hn_bytes_of(bytes, len));
    struct correlate_hit_box *box = hn_malloc(sizeof *box);
    enum hn_status status = box == NULL ? HN_NOMEM : correlate_hit_read(&reader, box, NULL);

    if (status == HN_OK) {
        box->hit.time = correlate_stamp(&scan->stamper, box->hit.time);
        status = spill_add(scan->spill, &box->hit, NULL);
    }
    hn_free(box);
    scan->status = status;
    return status == HN_OK;
}

static bool on_result(void *ctx, struct scan_result *result)
{
    struct scan *scan = ctx;
    const char *p = result->side.ptr;
    const char *end = p + result->side.len;
    bool go_on = true;

    for (size_t i = 0; scan->options->on_finding != NULL && i < result->kept.count; i++)
        scan->options->on_finding(scan->options->ctx, result->entry, &result->kept.ptr[i]);
    while (go_on && p < end) {
        struct record head;

        memcpy(&head, p, sizeof head);
        p += sizeof head;
        go_on = head.kind == RECORD_ALERT ? take_alert_record(scan, p, result)
                                          : take_hit_record(scan, p, head.bytes);
        p += head.bytes;
    }
    go_on = write_pending(scan) && go_on;
    if (go_on && result->side.len > 0 && scan->options->on_flush != NULL)
        go_on = scan->options->on_flush(scan->options->ctx);
    return go_on;
}

static void on_entry(void *ctx, const struct scan_entry *entry)
{
    struct scan *scan = ctx;
    struct hn_text *slot;

    (void)pthread_mutex_lock(&scan->entries_lock);
    slot = hn_vec_add(&scan->entry_names);
    if (slot != NULL)
        *slot = hn_arena_text(&scan->arena, entry->name);
    (void)pthread_mutex_unlock(&scan->entries_lock);
}

static void on_problem(void *ctx, struct hn_text name, enum hn_status status,
        enum hn_finding_kind kind, struct hn_text message)
{
    struct scan *scan = ctx;

    if (scan->options->on_problem != NULL)
        scan->options->on_problem(scan->options->ctx, name, status, kind, message);
}

/* ---- Correlations ---- */

static struct hn_text entry_name(const struct scan *scan, uint64_t order)
{
    uint64_t number = order >> ORDER_OFFSET_BITS;

    return number < scan->entry_names.count ? scan->entry_names.ptr[number]
                                            : (struct hn_text){ "", 0 };
}

static struct hn_text ref_title(
        const struct scan *scan, const struct sigma_correlation *correlation, uint32_t input)
{
    const struct sigma_set *set = match_set(scan->options->snapshot);
    const struct sigma_ref *ref = &correlation->refs[input];

    return ref->is_correlation ? set->correlations[ref->index].meta.title
                               : set->rules[ref->index].meta.title;
}

/* The host (and user) that a correlation is about, where it is grouped by one. */
static void correlation_host(struct alert *alert)
{
    struct hn_text client = { NULL, 0 };

    for (uint32_t i = 0; i < alert->group_by.count; i++) {
        struct hn_text value = alert->group_key[i];

        switch (hn_name_context(alert->group_by.ptr[i])) {
        case HN_CONTEXT_HOST:
            alert->host = value;
            break;
        case HN_CONTEXT_CLIENT:
            client = value;
            break;
        case HN_CONTEXT_USER:
            alert->user = value;
            break;
        case HN_CONTEXT_NONE:
            break;
        }
    }
    if (alert->host.len == 0)
        alert->host = client;
}

static void on_correlation(void *ctx, const struct correlate_result *result)
{
    struct scan *scan = ctx;
    const struct sigma_set *set = match_set(scan->options->snapshot);
    const struct sigma_correlation *correlation = &set->correlations[result->correlation];
    struct alert alert = { .kind = ALERT_CORRELATION, .meta = &correlation->meta };
    struct alert_part parts[CORRELATE_PARTS_MAX];
    const uint64_t offset_mask = ((uint64_t)1 << ORDER_OFFSET_BITS) - 1;
    struct alert_brief brief = { .kind = ALERT_CORRELATION };

    if (result->event != CORRELATE_FIRED || correlation->silent || scan->status != HN_OK ||
            result->level < scan->options->level_min)
        return;
    for (uint32_t i = 0; i < result->part_count; i++) {
        const struct correlate_part *part = &result->parts[i];

        parts[i] = (struct alert_part){ .time = part->time,
            .rule = ref_title(scan, correlation, part->input),
            .file = entry_name(scan, part->order),
            .offset = part->order & offset_mask,
            .line = part->ref };
    }
    alert.number = result->correlation;
    alert.level = result->level == SIGMA_LEVEL_NONE ? SIGMA_LEVEL_MEDIUM : result->level;
    alert.id = result->id;
    alert.time = result->time;
    alert.file = entry_name(scan, result->order);
    alert.offset = result->order & offset_mask;
    alert.line = result->ref;
    alert.group_by = correlation->group_by;
    alert.group_key = result->key;
    alert.window_start = result->start;
    alert.window_end = result->end;
    alert.measured = result->value;
    alert.total = result->total;
    alert.parts = parts;
    alert.part_count = result->part_count;
    correlation_host(&alert);
    alert.fold_key = alert_fold_key(&alert);
    hn_buf_reset(&scan->line);
    alert_write(scan->writer, &alert, &scan->line);
    brief.meta = alert.meta;
    brief.level = alert.level;
    brief.time = alert.time;
    brief.title = alert.meta->title;
    brief.host = alert.host;
    brief.fold_key = alert.fold_key;
    if (!hn_buf_ok(&scan->line))
        scan->status = HN_NOMEM;
    else if ((!take_alert(scan, &brief, hn_buf_text(&scan->line)) || !write_pending(scan)) &&
             scan->status == HN_OK)
        scan->status = HN_CANCELLED;
}

static enum hn_status feed(void *ctx, const struct correlate_hit *hit)
{
    return correlate_feed(ctx, hit);
}

static enum hn_status correlate_all(struct scan *scan, struct hn_err *err)
{
    struct correlate_options options = { .on_result = on_correlation, .ctx = scan };
    struct correlate *correlate = NULL;
    enum hn_status status;

    if (scan->options->plan == NULL)
        return HN_OK;
    status = correlate_new(scan->options->plan, &options, &correlate, err);
    if (status == HN_OK)
        status = spill_replay(scan->spill, feed, correlate, err);
    if (status == HN_OK)
        status = correlate_flush(correlate);
    if (correlate != NULL)
        scan->summary->correlations = correlate_stats(correlate);
    correlate_free(correlate);
    return status == HN_OK ? scan->status : status;
}

/* ---- The scan
 * ------------------------------------------------------------------------------------------------
 */

static enum hn_status scan_open(struct scan *scan)
{
    const struct scan_options *options = scan->options;
    const struct sigma_set *set = match_set(options->snapshot);

    hn_arena_init(&scan->arena, (size_t)1 << 30);
    (void)pthread_mutex_init(&scan->entries_lock, NULL);
    scan->spill = spill_new(SPILL_MEMORY_BYTES);
    scan->writer = alert_writer_new(options->format, options->zone);
    scan->summary->rules = hn_calloc(set->rule_count, sizeof *scan->summary->rules);
    scan->fold = options->fold ? fold_new() : NULL;
    return scan->spill == NULL || scan->writer == NULL || scan->summary->rules == NULL ||
                           (options->fold && scan->fold == NULL)
                   ? HN_NOMEM
                   : HN_OK;
}

static void scan_close(struct scan *scan)
{
    spill_free(scan->spill);
    alert_writer_free(scan->writer);
    fold_free(scan->fold);
    hn_buf_deinit(&scan->line);
    hn_vec_deinit(&scan->entry_names);
    (void)pthread_mutex_destroy(&scan->entries_lock);
    hn_arena_deinit(&scan->arena);
}

enum hn_status scan_run(
        const struct scan_options *options, struct scan_summary *ret_summary, struct hn_err *err)
{
    struct scan scan = { .options = options, .summary = ret_summary };
    struct scan_job job = { .ctx = &scan,
        .schema = match_schema(options->snapshot),
        .worker_new = worker_new,
        .worker_free = worker_free,
        .on_event = on_event,
        .on_result = on_result,
        .on_entry = on_entry,
        .on_problem = on_problem };
    struct hn_buf header = { 0 };
    enum hn_status status;

    memset(ret_summary, 0, sizeof *ret_summary);
    ret_summary->first = HN_TIME_NONE;
    ret_summary->last = HN_TIME_NONE;
    status = scan_open(&scan);
    alert_write_header(options->format, &header);
    if (status == HN_OK && options->write_alerts && header.len > 0 &&
            !options->on_bytes(options->ctx, hn_buf_text(&header)))
        status = HN_CANCELLED;
    if (status == HN_OK)
        status = scan_pipeline_run(&options->pipeline, &job, &ret_summary->totals, err);
    if (status == HN_OK)
        status = scan.status;
    if (status == HN_OK)
        status = correlate_all(&scan, err);
    if (status == HN_OK && scan.fold != NULL && options->write_alerts &&
            !fold_write(scan.fold, options->zone, options->on_bytes, options->ctx))
        status = HN_CANCELLED;
    hn_buf_deinit(&header);
    scan_close(&scan);
    return status == HN_OK ? HN_OK : hn_fail(err, status, 0, "scan: %s", hn_status_text(status));
}
