/* analyze_told.c - what a server's report says, as what analyses made here give. */
#include "app/analyze_server.h"

#include "client/client.h"

#include <string.h>

#define MATCHES_MAX 32u
#define HITS_MAX    4096u
#define ROWS_MAX    1000u

static uint32_t number(struct hn_arena *arena, struct hn_text json, const char *name)
{
    int64_t value = client_int(arena, json, name, 0);

    return value < 0 || value > UINT32_MAX ? 0 : (uint32_t)value;
}

static uint32_t count_items(struct hn_text list, uint32_t most)
{
    struct client_items items = client_items_of(list);
    struct hn_text item;
    uint32_t count = 0;

    while (count < most && client_items_next(&items, &item))
        count++;
    return count;
}

static struct sigma_texts texts_of(struct hn_arena *arena, struct hn_text list)
{
    uint32_t count = count_items(list, HITS_MAX);
    struct sigma_texts texts = { .ptr = hn_new(arena, struct hn_text, count) };
    struct client_items items = client_items_of(list);
    struct hn_text item;

    while (texts.ptr != NULL && texts.count < count && client_items_next(&items, &item))
        texts.ptr[texts.count++] = client_own_text(arena, item);
    return texts;
}

/* ---- Hits ---- */

static const struct alert_match *matches_of(
        struct hn_arena *arena, struct hn_text list, uint32_t *ret_count)
{
    uint32_t count = count_items(list, MATCHES_MAX);
    struct alert_match *matches = hn_new(arena, struct alert_match, count);
    struct client_items items = client_items_of(list);
    struct hn_text item;

    *ret_count = 0;
    while (matches != NULL && *ret_count < count && client_items_next(&items, &item)) {
        struct alert_match *match = &matches[(*ret_count)++];

        *match = (struct alert_match){ .selection = client_text(arena, item, "selection"),
            .field = client_text(arena, item, "field"),
            .modifiers = client_text(arena, item, "modifiers"),
            .pattern = client_text(arena, item, "pattern"),
            .value = client_text(arena, item, "value"),
            .start = number(arena, item, "start"),
            .len = number(arena, item, "length") };
        if (match->start > match->value.len || match->len > match->value.len - match->start) {
            match->start = 0;
            match->len = 0;
        }
    }
    return matches;
}

static const struct dissect_act *act_of(const struct dissect_object *object, int64_t position)
{
    const struct dissect_act *act = position < 0 ? NULL : object->acts;

    for (int64_t i = 0; act != NULL && i < position; i++)
        act = act->next;
    return act;
}

static void read_places(struct analyze_result *result, struct hn_text list, struct analyze_hit *hit)
{
    struct hn_arena *arena = &result->arena;
    struct client_items items = client_items_of(list);
    struct hn_text item;

    while (hit->place_count < ANALYZE_PLACES_MAX && client_items_next(&items, &item)) {
        struct analyze_place *place = &hit->places[hit->place_count];

        place->object = number(arena, item, "object");
        if (place->object >= dissect_count(result->sample.dissect))
            continue;
        place->act = act_of(dissect_get(result->sample.dissect, place->object),
                client_int(arena, item, "act", -1));
        place->matches = matches_of(arena, client_get(arena, item, "matches"), &place->match_count);
        hit->place_count++;
    }
}

static enum sigma_level level_of(struct hn_text text)
{
    for (int level = SIGMA_LEVEL_INFORMATIONAL; level <= (int)SIGMA_LEVEL_CRITICAL; level++) {
        if (hn_text_eq(text, hn_text_cstr(sigma_level_text((enum sigma_level)level))))
            return (enum sigma_level)level;
    }
    return SIGMA_LEVEL_MEDIUM;
}

static void read_hit(struct analyze_result *result, struct hn_text json, struct analyze_hit *hit)
{
    struct hn_arena *arena = &result->arena;
    struct sigma_meta *meta = hn_new(arena, struct sigma_meta, 1);

    *hit = (struct analyze_hit){ .level = level_of(client_text(arena, json, "level")),
        .meta = meta,
        .indicator = hn_text_eq(client_text(arena, json, "kind"), HN_TEXT("indicator")),
        .title = client_text(arena, json, "title"),
        .rule_id = client_text(arena, json, "id"),
        .trace = client_text(arena, json, "trace"),
        .tags = texts_of(arena, client_get(arena, json, "tags")),
        .count = number(arena, json, "count") };
    if (meta == NULL)
        return;
    meta->context = (struct sigma_context){ .family = client_text(arena, json, "family"),
        .why_en = client_text(arena, json, "why"),
        .why_ja = client_text(arena, json, "why_ja"),
        .next_en = texts_of(arena, client_get(arena, json, "next")),
        .next_ja = texts_of(arena, client_get(arena, json, "next_ja")),
        .false_en = client_text(arena, json, "false_alarm"),
        .false_ja = client_text(arena, json, "false_alarm_ja") };
    read_places(result, client_get(arena, json, "places"), hit);
}

/* ---- Gaps ---- */

static const struct dissect_note *note_of(
        const struct dissect_object *object, struct hn_text kind, struct hn_text detail)
{
    const struct dissect_note *note = object->notes;

    while (note != NULL && !(hn_text_eq(kind, hn_text_cstr(dissect_note_id(note->kind))) &&
                                   hn_text_eq(detail, note->detail)))
        note = note->next;
    return note;
}

static void read_gaps(struct analyze_result *result, struct hn_text list)
{
    struct hn_arena *arena = &result->arena;
    uint32_t count = count_items(list, HITS_MAX);
    struct analyze_gap *gaps = hn_new(arena, struct analyze_gap, count);
    struct client_items items = client_items_of(list);
    struct hn_text item;

    result->verdict.gaps = gaps;
    while (gaps != NULL && result->verdict.gap_count < count && client_items_next(&items, &item)) {
        struct analyze_gap *gap = &gaps[result->verdict.gap_count];

        gap->object = number(arena, item, "object");
        if (gap->object >= dissect_count(result->sample.dissect))
            continue;
        gap->note = note_of(dissect_get(result->sample.dissect, gap->object),
                client_text(arena, item, "kind"), client_text(arena, item, "detail"));
        result->verdict.gap_count++;
    }
}

/* ---- The journal ---- */

static void read_sightings(struct analyze_result *result, struct hn_text json)
{
    struct hn_arena *arena = &result->arena;
    struct hn_text list = client_get(arena, json, "hits");
    uint32_t count = count_items(list, ROWS_MAX);
    struct report_sightings *seen = hn_new(arena, struct report_sightings, 1);
    struct report_sighting *rows = hn_new(arena, struct report_sighting, count);
    struct client_items items = client_items_of(list);
    struct hn_text item;

    if (json.ptr == NULL || seen == NULL || rows == NULL)
        return;
    *seen = (struct report_sightings){ .rows = rows,
        .complete = client_is(arena, json, "complete"),
        .reached = client_time(arena, json, "reached"),
        .events = (uint64_t)client_int(arena, json, "events", 0) };
    while (seen->count < count && client_items_next(&items, &item)) {
        rows[seen->count++] = (struct report_sighting){ .value = client_text(arena, item, "value"),
            .time = client_text(arena, item, "time"),
            .host = client_text(arena, item, "host"),
            .user = client_text(arena, item, "user"),
            .source = client_text(arena, item, "source"),
            .offset = (uint64_t)client_int(arena, item, "offset", 0),
            .index = (uint64_t)client_int(arena, item, "index", 0) };
    }
    result->sightings = seen;
}

/* ---- All of it ---- */

static enum analyze_verdict_kind kind_of(struct hn_text text)
{
    for (int kind = ANALYZE_CLEAN; kind <= (int)ANALYZE_MALICIOUS; kind++) {
        if (hn_text_eq(text, hn_text_cstr(analyze_verdict_id((enum analyze_verdict_kind)kind))))
            return (enum analyze_verdict_kind)kind;
    }
    return ANALYZE_UNKNOWN;
}

enum hn_status analyze_told_read(
        struct hn_text report, struct analyze_result *result, struct hn_err *err)
{
    struct hn_arena *arena = &result->arena;
    struct hn_text hits = client_get(arena, report, "hits");
    uint32_t count = count_items(hits, HITS_MAX);
    struct client_items items = client_items_of(hits);
    struct hn_text item;

    if (!hn_text_eq(client_text(arena, report, "report"), HN_TEXT("hinomi-analysis-1")))
        return hn_fail(err, HN_CORRUPT, 0, "the server's answer is no report");
    result->told = report;
    result->verdict.kind = kind_of(client_text(arena, report, "verdict"));
    result->verdict.family = client_text(arena, report, "family");
    result->verdict.hits = hn_new(arena, struct analyze_hit, count);
    while (result->verdict.hits != NULL && result->verdict.hit_count < count &&
            client_items_next(&items, &item))
        read_hit(result, item, &result->verdict.hits[result->verdict.hit_count++]);
    read_gaps(result, client_get(arena, report, "gaps"));
    read_sightings(result, client_get(arena, report, "journal"));
    return hn_arena_status(arena) == HN_OK ? HN_OK : hn_fail(err, HN_NOMEM, 0, "report");
}
