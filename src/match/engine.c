/* engine.c - one event through the parts of its log source. */
#include "match/match_internal.h"

#include "base/mem.h"

#include <time.h>

const struct match_limits match_limits_default = {
    .memo_entries = 4096,
};

/* ---- Parts of an event ---- */

#define CACHE_SLOTS     512u
#define CACHED_LABELS   (1 + 2 * HN_LABELS_MAX)
#define CACHED_TEXT_MAX 128u

/* The labels of an event may lie in a stream's memory, which the next stream gets again: the same
 * addresses are no proof, so the texts are kept too. */
struct part_entry {
    bool used;
    uint32_t event_id;
    uint32_t id_state;
    struct hn_source source; /* compared, never followed */
    char text[CACHED_TEXT_MAX];
    struct part_list list;
    uint32_t groups[PARTS_MAX];
};

struct part_cache {
    struct part_entry entries[CACHE_SLOTS];
};

struct part_cache *part_cache_new(void)
{
    return hn_calloc(1, sizeof(struct part_cache));
}

void part_cache_free(struct part_cache *cache)
{
    hn_free(cache);
}

enum id_state { ID_NONE, ID_PLAIN, ID_ODD };

/* The event id as rules compare it; odd when it is not one plain number. */
static enum id_state event_id_of(struct hn_event *event, uint32_t *ret_id)
{
    uint32_t index = hn_event_first(event, HN_FIELD_EVENT_ID);
    const struct hn_value *value;
    struct hn_text text;
    uint32_t id = 0;

    *ret_id = 0;
    if (index == HN_VALUE_NONE)
        return ID_NONE;
    value = &event->values[index];
    if (value->more)
        return ID_ODD;
    if (value->type == HN_TYPE_INT) {
        if (value->number.i < 0 || value->number.i >= UINT32_MAX)
            return ID_ODD;
        *ret_id = (uint32_t)value->number.i;
        return ID_PLAIN;
    }
    text = hn_event_text(event, index);
    if (value->type != HN_TYPE_STRING || text.len == 0 || text.len > 9 ||
            (text.ptr[0] == '0' && text.len > 1))
        return ID_ODD;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return ID_ODD;
        id = id * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    *ret_id = id;
    return ID_PLAIN;
}

static uint32_t part_of_group(const struct group *group, enum id_state state, uint32_t id)
{
    uint32_t low = 0;
    uint32_t high = group->by_id_count;

    if (state == ID_ODD)
        return group->full_part;
    while (state == ID_PLAIN && low < high) {
        uint32_t mid = low + (high - low) / 2;

        if (group->by_id[mid].event_id == id)
            return group->by_id[mid].part;
        if (group->by_id[mid].event_id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return group->default_part;
}

HN_NOINLINE static void find_parts(const struct match_snapshot *snapshot, struct part_entry *entry)
{
    entry->list.count = 0;
    for (uint32_t g = 0; g < snapshot->groups.count; g++) {
        const struct group *group = &snapshot->groups.ptr[g];

        if (!hn_source_fits(&entry->source, &group->logsource))
            continue;
        entry->groups[entry->list.count] = g;
        entry->list.parts[entry->list.count++] =
                part_of_group(group, (enum id_state)entry->id_state, entry->event_id);
        if (entry->list.count == PARTS_MAX)
            break;
    }
}

HN_WRAPS static uint64_t source_hash(const struct hn_source *source, uint32_t id, uint32_t state)
{
    uint64_t h = (uintptr_t)source->product.ptr ^ (uint64_t)id << 20 ^ (uint64_t)state << 60;

    h = (h ^ (uintptr_t)source->category[0].ptr) * 0x9E3779B97F4A7C15u;
    h = (h ^ h >> 31 ^ (uintptr_t)source->service[0].ptr) * 0xD6E8FEB86659FD93u;
    return h ^ h >> 29;
}

/* The labels of a source one by one; false behind the last. */
static bool next_label(const struct hn_source *source, uint32_t *at, struct hn_text *ret_label)
{
    while (*at < CACHED_LABELS) {
        uint32_t i = (*at)++;

        *ret_label = i == 0               ? source->product
                     : i <= HN_LABELS_MAX ? source->category[i - 1]
                                          : source->service[i - 1 - HN_LABELS_MAX];
        if (ret_label->len > 0)
            return true;
    }
    return false;
}

static bool same_labels(const struct part_entry *entry, const struct hn_source *source)
{
    struct hn_text label;
    uint32_t at = 0;
    size_t used = 0;

    if (memcmp(&entry->source, source, sizeof *source) != 0)
        return false;
    for (; next_label(source, &at, &label); used += label.len) {
        if (memcmp(entry->text + used, label.ptr, label.len) != 0)
            return false;
    }
    return true;
}

/* Labels too long to be kept make an entry that serves once. */
static void keep_labels(struct part_entry *entry, const struct hn_source *source)
{
    struct hn_text label;
    uint32_t at = 0;
    size_t used = 0;

    entry->source = *source;
    entry->used = true;
    for (; next_label(source, &at, &label); used += label.len) {
        if (label.len > CACHED_TEXT_MAX - used) {
            entry->used = false;
            return;
        }
        memcpy(entry->text + used, label.ptr, label.len);
    }
}

static const struct part_entry *parts_of(struct match_scratch *scratch, struct hn_event *event)
{
    uint32_t id;
    enum id_state state = event_id_of(event, &id);
    uint64_t hash = source_hash(&event->source, id, state);
    struct part_entry *entry = &scratch->part_cache->entries[hash % CACHE_SLOTS];

    if (!entry->used || entry->event_id != id || entry->id_state != (uint32_t)state ||
            !same_labels(entry, &event->source)) {
        entry->event_id = id;
        entry->id_state = (uint32_t)state;
        keep_labels(entry, &event->source);
        find_parts(scratch->snapshot, entry);
    }
    return entry;
}

/* ---- Keywords ---- */

struct hn_event *match_full_event(struct match_scratch *scratch)
{
    if (scratch->expanded)
        return scratch->full;
    scratch->expanded = true;
    scratch->stats.expanded++;
    scratch->raw_value = HN_VALUE_NONE;
    scratch->full = scratch->event->want_all  ? scratch->event
                    : scratch->expand == NULL ? NULL
                                              : scratch->expand(scratch->ctx, scratch->event);
    if (scratch->full != NULL && scratch->full->raw_is_text && !scratch->full->raw_is_json) {
        struct hn_value *line = hn_event_value(scratch->full);

        if (line != NULL) {
            line->ptr = (const char *)scratch->full->raw.ptr;
            line->len = (uint32_t)scratch->full->raw.len;
            line->type = HN_TYPE_STRING;
            line->form = HN_FORM_TEXT;
            scratch->raw_value = (uint32_t)(line - scratch->full->values);
        }
    }
    return scratch->full;
}

/* ---- The event ---- */

static bool run_program(struct match_scratch *scratch, uint32_t at)
{
    const struct test *tests = scratch->snapshot->tests.ptr;

    while (at < EXIT_FALSE) {
        const struct test *test = &tests[at];

        at = predicate_true(scratch, test->predicate) ? test->on_true : test->on_false;
    }
    return at == EXIT_TRUE;
}

static uint64_t nanoseconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void run_rule(struct match_scratch *scratch, uint32_t rule)
{
    struct match_rule_stats *stats = &scratch->rule_stats[rule];
    uint64_t start = HN_UNLIKELY(scratch->time_rules) ? nanoseconds() : 0;

    stats->evaluated++;
    scratch->running = rule;
    if (run_program(scratch, scratch->snapshot->rules[rule].start)) {
        stats->hits++;
        scratch->fired[scratch->fired_count++] = rule;
    }
    scratch->running = NONE;
    if (HN_UNLIKELY(scratch->time_rules))
        stats->nanoseconds += nanoseconds() - start;
}

static void next_part_run(struct match_scratch *scratch)
{
    const struct match_snapshot *snapshot = scratch->snapshot;

    if (++scratch->part_run != 0)
        return;
    memset(scratch->scanned, 0, hn_schema_count(snapshot->schema) * sizeof *scratch->scanned);
    memset(scratch->asked, 0, hn_schema_count(snapshot->schema) * sizeof *scratch->asked);
    memset(scratch->queued, 0, snapshot->set->rule_count * sizeof *scratch->queued);
    scratch->part_run = 1;
}

static void next_event_run(struct match_scratch *scratch)
{
    const struct match_snapshot *snapshot = scratch->snapshot;

    if (++scratch->event_run != 0)
        return;
    memset(scratch->marked, 0, snapshot->predicates.count * sizeof *scratch->marked);
    memset(scratch->evaluated, 0, snapshot->predicates.count * sizeof *scratch->evaluated);
    scratch->event_run = 1;
}

static void run_part(struct match_scratch *scratch, const struct part *part)
{
    struct hn_event *event = scratch->event;

    next_part_run(scratch);
    scratch->part = part;
    scratch->queue_count = 0;
    for (uint32_t i = 0; i < part->witness_count; i++) {
        if (hn_event_has(event, part->fields[i].field))
            field_scan(scratch, &part->fields[i]);
    }
    match_scan_finish(scratch);
    for (uint32_t i = 0; i < part->presence_count; i++) {
        if (hn_event_has(event, part->presence[i].field))
            match_queue_rule(scratch, part->presence[i].rule);
    }
    for (uint32_t i = 0; i < part->always_count; i++)
        match_queue_rule(scratch, part->always[i]);
    if (part->keyword_count > 0 && keyword_possible(scratch, part->raw)) {
        for (uint32_t i = 0; i < part->keyword_count; i++)
            match_queue_rule(scratch, part->keyword_rules[i]);
    }
    scratch->stats.candidates += scratch->queue_count;
    for (uint32_t i = 0; i < scratch->queue_count; i++)
        run_rule(scratch, scratch->queue[i]);
}

static void sort_fired(struct match_scratch *scratch)
{
    for (uint32_t i = 1; i < scratch->fired_count; i++) {
        uint32_t rule = scratch->fired[i];
        uint32_t k = i;

        while (k > 0 && scratch->fired[k - 1] > rule) {
            scratch->fired[k] = scratch->fired[k - 1];
            k--;
        }
        scratch->fired[k] = rule;
    }
}

const struct part *part_of_rule(struct match_scratch *scratch, uint32_t rule)
{
    const struct part_entry *parts = parts_of(scratch, scratch->event);

    for (uint32_t i = 0; i < parts->list.count; i++) {
        if (parts->groups[i] == scratch->snapshot->rules[rule].group)
            return &scratch->snapshot->parts.ptr[parts->list.parts[i]];
    }
    return NULL;
}

uint32_t match_event(struct match_scratch *scratch, struct hn_event *event, match_expand *expand,
        match_on_hit *on_hit, void *ctx)
{
    const struct part_entry *parts;

    scratch->event = event;
    scratch->full = NULL;
    scratch->expanded = false;
    scratch->folds_known = false;
    scratch->raw_value = HN_VALUE_NONE;
    scratch->expand = expand;
    scratch->ctx = ctx;
    scratch->fired_count = 0;
    next_event_run(scratch);
    parts = parts_of(scratch, event);
    scratch->stats.events++;
    scratch->stats.events_without_rules += parts->list.count == 0;
    for (uint32_t i = 0; i < parts->list.count; i++) {
        scratch->group_seen[parts->groups[i]] = true;
        if (parts->list.parts[i] != NONE)
            run_part(scratch, &scratch->snapshot->parts.ptr[parts->list.parts[i]]);
    }
    sort_fired(scratch);
    scratch->stats.hits += scratch->fired_count;
    for (uint32_t i = 0; i < scratch->fired_count; i++)
        on_hit(ctx, scratch->fired[i]);
    return scratch->fired_count;
}
