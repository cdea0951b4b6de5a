/* verdict.c - judges the events of a tree with rules and indicators, as logs are judged, and makes
 * of the hits a verdict. What a hit means is in the rules, not here; here is only how hits add up
 * (docs/decisions/0014-analyze.md). */
#include "analyze/analyze_internal.h"

#include "base/attr.h"
#include "base/mem.h"

#include <stdlib.h>

#define VERDICT_BYTES_MAX ((size_t)128 << 20)
#define MEDIUM_ENOUGH     3u /* hits of level medium that make suspicious */

static const struct {
    const char *id;
    const char *en;
    const char *ja;
} kinds[] = {
#define VERDICT_ROW(name, id, en, ja) [name] = { id, en, ja },
    ANALYZE_VERDICT_LIST(VERDICT_ROW)
#undef VERDICT_ROW
};

const char *analyze_verdict_id(enum analyze_verdict_kind kind)
{
    return kinds[kind].id;
}

const char *analyze_verdict_text(enum analyze_verdict_kind kind, bool japanese)
{
    return japanese ? kinds[kind].ja : kinds[kind].en;
}

struct analyze_judge {
    struct judge_set *set;
    struct judge *judge;
    const struct decode_format *format;
    struct hn_event event;
    struct hn_buf lines;   /* events */
    struct hn_buf alerts;  /* of the judge */
    struct hn_buf records; /* of the judge */
};

/* One run over one tree. */
struct judging {
    struct analyze_judge *owner;
    const struct analyze_event *events;
    size_t event_count;
    size_t at; /* of the event at hand */
    const struct decode_batch *batch;
    const struct dissect *dissect;
    struct analyze_verdict *verdict;
    HN_VEC(struct analyze_hit) hits;
    enum hn_status status;
};

void analyze_judge_free(struct analyze_judge *judge)
{
    if (judge == NULL)
        return;
    judge_free(judge->judge);
    judge_set_unref(judge->set);
    hn_event_deinit(&judge->event);
    hn_buf_deinit(&judge->lines);
    hn_buf_deinit(&judge->alerts);
    hn_buf_deinit(&judge->records);
    hn_free(judge);
}

struct analyze_judge *analyze_judge_new(struct judge_set *set)
{
    struct judge_options options = { .format = ALERT_JSONL };
    struct analyze_judge *judge = hn_calloc(1, sizeof *judge);

    if (judge == NULL)
        return NULL;
    judge->set = judge_set_ref(set);
    judge->format = decode_format_find(HN_TEXT("json"));
    judge->judge = judge_new(set, &options);
    if (judge->judge == NULL ||
            hn_event_init(&judge->event, judge_set_schema(set), NULL, false) != HN_OK) {
        analyze_judge_free(judge);
        return NULL;
    }
    return judge;
}

void analyze_verdict_deinit(struct analyze_verdict *verdict)
{
    hn_arena_deinit(&verdict->arena);
    memset(verdict, 0, sizeof *verdict);
}

/* ---- Known good ---- */

static bool has_fact(const struct dissect_object *object, const char *name, const char *value)
{
    for (const struct dissect_fact *fact = object->facts; fact != NULL; fact = fact->next) {
        if (strcmp(fact->name, name) == 0 &&
                (value == NULL || hn_text_eq(fact->value, hn_text_cstr(value))))
            return true;
    }
    return false;
}

/* It, or what it is in, is in a list of known good files by a digest that nobody can forge. */
static bool is_known_good(const struct dissect *dissect, uint32_t id)
{
    for (; id != DISSECT_NONE; id = dissect_get(dissect, id)->parent) {
        const struct dissect_object *object = dissect_get(dissect, id);

        if ((has_fact(object, "known_good_by", "sha256") ||
                    has_fact(object, "known_good_by", "sha1")) &&
                !has_fact(object, "known_bad", NULL))
            return true;
    }
    return false;
}

/* ---- Hits ---- */

static struct hn_text keep(struct judging *judging, struct hn_text text)
{
    struct hn_text copy = hn_arena_text(&judging->verdict->arena, text);

    if (copy.ptr == NULL)
        judging->status = hn_arena_status(&judging->verdict->arena);
    return copy.ptr != NULL ? copy : HN_TEXT("");
}

/* The hit of this rule; NULL without memory. */
static struct analyze_hit *hit_of(
        struct judging *judging, const struct judge_alert *alert, const struct alert_read *read)
{
    const struct sigma_meta *meta = alert->brief.meta;
    bool indicator = alert->brief.kind == ALERT_INDICATOR;
    struct analyze_hit *hit;

    for (size_t i = 0; i < judging->hits.count; i++) {
        hit = &judging->hits.ptr[i];
        if (hit->indicator == indicator &&
                (indicator ? hn_text_eq(hit->title, read->title) : hit->meta == meta))
            return hit;
    }
    hit = hn_vec_add(&judging->hits);
    if (hit == NULL) {
        judging->status = HN_NOMEM;
        return NULL;
    }
    hit->level = alert->brief.level;
    hit->meta = meta;
    hit->indicator = indicator;
    hit->known_good = alert->brief.level < SIGMA_LEVEL_CRITICAL && !indicator;
    hit->title = keep(judging, read->title);
    hit->rule_id = keep(judging, read->rule_id);
    if (indicator) {
        hit->trace = HN_TEXT("indicator");
        return hit;
    }
    hit->tags = meta->tags;
    hit->trace = meta->context.trace;
    /* Rules of others say nothing of traces: what they look at stands for it. */
    if (hit->trace.len == 0) {
        const struct sigma_set *set = judge_set_rules(judging->owner->set);

        for (uint32_t i = 0; i < set->rule_count; i++)
            if (&set->rules[i].meta == meta)
                hit->trace = set->rules[i].logsource.category;
    }
    return hit;
}

static void add_place(
        struct judging *judging, struct analyze_hit *hit, const struct alert_read *read)
{
    const struct analyze_event *event = &judging->events[judging->at];
    struct analyze_place *place;
    struct alert_match *matches;

    hit->count++;
    hit->known_good = hit->known_good && is_known_good(judging->dissect, event->object);
    if (hit->place_count == ANALYZE_PLACES_MAX)
        return;
    place = &hit->places[hit->place_count];
    matches = hn_new(&judging->verdict->arena, struct alert_match,
            read->match_count > 0 ? read->match_count : 1);
    if (matches == NULL) {
        judging->status = hn_arena_status(&judging->verdict->arena);
        return;
    }
    for (uint32_t i = 0; i < read->match_count; i++) {
        matches[i] = read->matches[i];
        matches[i].selection = keep(judging, read->matches[i].selection);
        matches[i].field = keep(judging, read->matches[i].field);
        matches[i].modifiers = keep(judging, read->matches[i].modifiers);
        matches[i].pattern = keep(judging, read->matches[i].pattern);
        matches[i].value = keep(judging, read->matches[i].value);
    }
    *place = (struct analyze_place){ event->object, event->act, matches, read->match_count };
    hit->place_count++;
}

static void take_alert(struct judging *judging, const struct judge_alert *alert)
{
    struct hn_arena arena;
    struct alert_read read;
    struct analyze_hit *hit;

    hn_arena_init(&arena, VERDICT_BYTES_MAX);
    judging->status = alert_read(alert->line, &arena, &read);
    hit = judging->status == HN_OK ? hit_of(judging, alert, &read) : NULL;
    if (hit != NULL)
        add_place(judging, hit, &read);
    hn_arena_deinit(&arena);
}

/* ---- Events ---- */

static bool on_event(void *ctx, struct hn_event *event)
{
    struct judging *judging = ctx;
    struct analyze_judge *owner = judging->owner;
    struct hn_time_defaults time = { 0 };
    struct judge_place place = {
        .file = HN_TEXT("sample"), .batch = judging->batch, .time = &time
    };
    struct judge_record record;
    size_t position = 0;
    bool limited;

    /* Events come in the order of their lines. */
    while (judging->at + 1 < judging->event_count &&
            judging->events[judging->at + 1].offset <= event->offset)
        judging->at++;
    hn_event_resolve(event);
    hn_buf_reset(&owner->alerts);
    hn_buf_reset(&owner->records);
    if (!judge_event(owner->judge, event, &place, &owner->alerts, &owner->records, &limited)) {
        judging->status = HN_NOMEM;
        return false;
    }
    while (judging->status == HN_OK &&
            judge_records_next(&owner->alerts, &owner->records, &position, &record))
        if (!record.is_hit)
            take_alert(judging, &record.alert);
    return judging->status == HN_OK;
}

static void on_finding(void *ctx, const struct hn_finding *finding)
{
    (void)ctx; /* our own lines; what was cut of a value is in its object */
    (void)finding;
}

static enum hn_status judge_lines(struct judging *judging, struct hn_err *err)
{
    struct analyze_judge *owner = judging->owner;
    struct decode_options options = { .limits = decode_limits_default };
    struct decode_sink sink = { on_event, on_finding, judging };
    struct hn_bytes rest = hn_text_as_bytes(hn_buf_text(&owner->lines));
    struct decode_stream *stream = NULL;
    enum hn_status status;

    options.limits.event_bytes_max = VERDICT_BYTES_MAX;
    status = decode_stream_new(owner->format, &options, &stream, err);
    while (status == HN_OK && rest.len > 0) {
        struct decode_batch batch;
        size_t taken = decode_cut(stream, rest, true, &batch);

        judging->batch = &batch;
        status = decode_run(&batch, &owner->event, &sink);
        decode_batch_release(&batch);
        if (taken == 0)
            break;
        rest = hn_bytes_of(rest.ptr + taken, rest.len - taken);
    }
    judging->batch = NULL;
    decode_stream_free(stream);
    return judging->status != HN_OK ? judging->status : status;
}

/* ---- Gaps ---- */

/* Kinds of gaps, what may hide most first. */
static const enum dissect_note_kind gap_kinds[] = { DISSECT_NOTE_WORKER, DISSECT_NOTE_BOMB,
    DISSECT_NOTE_LIMIT, DISSECT_NOTE_PASSWORD, DISSECT_NOTE_DAMAGED, DISSECT_NOTE_TRUNCATED,
    DISSECT_NOTE_UNSUPPORTED, DISSECT_NOTE_UNCHECKED, DISSECT_NOTE_SYNTAX,
    DISSECT_NOTE_UNMODELLED };

/* The loops of a script come past the same thing again and again. */
static bool is_told_before(const struct dissect_object *object, const struct dissect_note *note)
{
    const struct dissect_note *before = object->notes;

    while (before != note &&
            !(before->kind == note->kind && hn_text_eq(before->detail, note->detail)))
        before = before->next;
    return before != note;
}

/* Of the sample itself, or of a file in it: parts of documents that nobody names are no gap. */
static bool is_unknown_file(const struct dissect_object *object)
{
    const struct dissect_fact *fact = object->facts;

    while (fact != NULL && strcmp(fact->name, "size") != 0)
        fact = fact->next;
    /* In an empty file there is nothing to know. */
    return object->format == DISSECT_UNKNOWN &&
           (fact == NULL || !hn_text_eq(fact->value, HN_TEXT("0"))) &&
           (object->parent == DISSECT_NONE || strcmp(object->relation, "attachment") == 0 ||
                   strcmp(object->relation, "entry") == 0 ||
                   strcmp(object->relation, "written") == 0);
}

/* Of one kind, in the order of the tree; gaps NULL: they are counted. */
static size_t find_gaps(
        const struct dissect *dissect, enum dissect_note_kind kind, struct analyze_gap *gaps)
{
    size_t count = 0;

    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        const struct dissect_object *object = dissect_get(dissect, id);

        for (const struct dissect_note *note = object->notes; note != NULL; note = note->next) {
            if (note->kind != kind || is_told_before(object, note))
                continue;
            if (gaps != NULL)
                gaps[count] = (struct analyze_gap){ id, note };
            count++;
        }
    }
    return count;
}

static size_t find_unknown(const struct dissect *dissect, struct analyze_gap *gaps)
{
    size_t count = 0;

    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        if (!is_unknown_file(dissect_get(dissect, id)) || is_known_good(dissect, id))
            continue;
        if (gaps != NULL)
            gaps[count] = (struct analyze_gap){ id, NULL };
        count++;
    }
    return count;
}

static size_t find_all_gaps(const struct dissect *dissect, struct analyze_gap *gaps)
{
    size_t count = find_unknown(dissect, gaps);

    for (size_t i = 0; i < HN_COUNT_OF(gap_kinds); i++)
        count += find_gaps(dissect, gap_kinds[i], gaps != NULL ? gaps + count : NULL);
    return count;
}

const char *analyze_gap_text(const struct analyze_gap *gap, bool japanese)
{
    if (gap->note == NULL)
        return japanese ? "形式を判別できない" : "is of a format that nobody knows";
    return japanese ? dissect_note_text_ja(gap->note->kind) : dissect_note_text(gap->note->kind);
}

bool analyze_same_gap(const struct analyze_gap *a, const struct analyze_gap *b)
{
    if (a->object != b->object || (a->note == NULL) != (b->note == NULL))
        return false;
    return a->note == NULL || a->note->kind == b->note->kind;
}

/* ---- The verdict ---- */

static int by_level(const void *a, const void *b)
{
    const struct analyze_hit *x = a;
    const struct analyze_hit *y = b;

    if (x->level != y->level)
        return x->level > y->level ? -1 : 1;
    return hn_text_cmp(x->title, y->title);
}

static enum analyze_verdict_kind kind_of(const struct analyze_verdict *verdict)
{
    size_t medium = 0;
    const struct analyze_hit *high = NULL;

    for (size_t i = 0; i < verdict->hit_count; i++) {
        const struct analyze_hit *hit = &verdict->hits[i];

        if (hit->known_good)
            continue;
        if (hit->level == SIGMA_LEVEL_CRITICAL)
            return ANALYZE_MALICIOUS;
        if (hit->level == SIGMA_LEVEL_HIGH) {
            if (high != NULL && !hn_text_eq(high->trace, hit->trace))
                return ANALYZE_MALICIOUS;
            high = hit;
        }
        medium += hit->level == SIGMA_LEVEL_MEDIUM;
    }
    if (high != NULL || medium >= MEDIUM_ENOUGH)
        return ANALYZE_SUSPICIOUS;
    return verdict->gap_count == 0 && medium == 0 ? ANALYZE_CLEAN : ANALYZE_UNKNOWN;
}

static enum hn_status conclude(struct judging *judging, const struct dissect *dissect)
{
    struct analyze_verdict *verdict = judging->verdict;
    size_t gaps = find_all_gaps(dissect, NULL);

    verdict->hits = hn_new(&verdict->arena, struct analyze_hit, judging->hits.count + 1);
    verdict->gaps = hn_new(&verdict->arena, struct analyze_gap, gaps + 1);
    if (verdict->hits == NULL || verdict->gaps == NULL)
        return hn_arena_status(&verdict->arena);
    verdict->hit_count = judging->hits.count;
    if (verdict->hit_count > 0) {
        memcpy(verdict->hits, judging->hits.ptr, verdict->hit_count * sizeof *verdict->hits);
        qsort(verdict->hits, verdict->hit_count, sizeof *verdict->hits, by_level);
    }
    verdict->gap_count = find_all_gaps(dissect, verdict->gaps);
    verdict->kind = kind_of(verdict);
    verdict->family = analyze_family(dissect, verdict->hits, verdict->hit_count);
    return HN_OK;
}

enum hn_status analyze_judge_tree(struct analyze_judge *judge, const struct dissect *dissect,
        struct analyze_verdict *ret_verdict, struct hn_err *err)
{
    struct judging judging = { .owner = judge, .dissect = dissect, .verdict = ret_verdict };
    struct hn_arena arena;
    enum hn_status status;

    memset(ret_verdict, 0, sizeof *ret_verdict);
    hn_arena_init(&ret_verdict->arena, VERDICT_BYTES_MAX);
    hn_arena_init(&arena, VERDICT_BYTES_MAX);
    hn_buf_reset(&judge->lines);
    judging.events = analyze_events(
            dissect, judge_set_has_iocs(judge->set), &judge->lines, &arena, &judging.event_count);
    status = judging.events == NULL || !hn_buf_ok(&judge->lines) ? HN_NOMEM
                                                                 : judge_lines(&judging, err);
    if (status == HN_OK)
        status = conclude(&judging, dissect);
    hn_vec_deinit(&judging.hits);
    hn_arena_deinit(&arena);
    if (status == HN_OK)
        return HN_OK;
    analyze_verdict_deinit(ret_verdict);
    return hn_fail(err, status, 0, "verdict: %s", hn_status_text(status));
}
