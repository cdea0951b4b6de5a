/* stats_collect.c - the tables of `hinomi stats`. */
#include "app/stats_collect.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES_MAX ((size_t)1 << 30)

/* ---- Tables ---- */

static void widen(hn_time time, hn_time *first, hn_time *last)
{
    if (time == HN_TIME_NONE)
        return;
    if (*first == HN_TIME_NONE || time < *first)
        *first = time;
    if (*last == HN_TIME_NONE || time > *last)
        *last = time;
}

/* A row for key, which is copied into the arena when it is new; NULL: no room. */
static struct stats_row *row_of(
        struct hn_arena *arena, struct stats_table *table, struct hn_text key)
{
    uint32_t index = hn_map_find(&table->map, key);
    struct stats_row *row;

    if (index != HN_MAP_NONE)
        return &table->rows.ptr[index];
    if (table->rows.count >= STATS_ROWS_MAX)
        return NULL;
    if (arena != NULL)
        key = hn_arena_text(arena, key);
    row = key.ptr == NULL ? NULL : hn_vec_add(&table->rows);
    if (row == NULL)
        return NULL;
    row->key = key;
    row->first = HN_TIME_NONE;
    row->last = HN_TIME_NONE;
    if (!hn_map_put(&table->map, key, (uint32_t)(table->rows.count - 1), &index)) {
        table->rows.count--;
        return NULL;
    }
    return row;
}

static void count(struct stats *stats, struct stats_table *table, struct hn_text key, hn_time time)
{
    struct stats_row *row = row_of(&stats->arena, table, hn_text_sub(key, 0, STATS_TEXT_MAX));

    if (row == NULL) {
        table->overflow++;
        return;
    }
    row->count++;
    widen(time, &row->first, &row->last);
}

static int by_count(const void *a, const void *b)
{
    const struct stats_row *x = a;
    const struct stats_row *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return hn_text_cmp(x->key, y->key);
}

/* From here on rows are not found by key any more. */
static void sort_rows(struct stats_table *table)
{
    if (table->rows.count > 1)
        qsort(table->rows.ptr, table->rows.count, sizeof *table->rows.ptr, by_count);
}

void stats_table_deinit(struct stats_table *table)
{
    hn_map_deinit(&table->map);
    hn_vec_deinit(&table->rows);
}

/* ---- Kinds ---- */

static void add_labels(struct hn_buf *out, const struct hn_text *labels)
{
    for (size_t i = 0; i < HN_LABELS_MAX && labels[i].len > 0; i++) {
        if (i > 0)
            hn_buf_add_char(out, ',');
        hn_buf_add_text(out, labels[i]);
    }
    hn_buf_add_char(out, '\0');
}

/* NUL ends the parts of a key; one in the text of a log ends it early. */
static void add_part(struct hn_buf *out, struct hn_text text)
{
    size_t nul;

    text = hn_text_sub(text, 0, STATS_TEXT_MAX / 8);
    nul = hn_text_find_char(text, '\0', 0);
    hn_buf_add_text(out, hn_text_sub(text, 0, nul));
    hn_buf_add_char(out, '\0');
}

void stats_kind_write(const struct hn_source *source, struct hn_text channel,
        struct hn_text provider, struct hn_text event_id, struct hn_buf *out)
{
    add_part(out, source->product);
    add_labels(out, source->category);
    add_labels(out, source->service);
    add_part(out, channel);
    add_part(out, provider);
    add_part(out, event_id);
}

static struct hn_text take_part(struct hn_text *rest)
{
    struct hn_text part = { "", 0 };

    (void)hn_text_split(rest, '\0', &part);
    return part;
}

struct stats_kind stats_kind_parse(struct hn_text key)
{
    struct stats_kind kind;

    kind.product = take_part(&key);
    kind.category = take_part(&key);
    kind.service = take_part(&key);
    kind.channel = take_part(&key);
    kind.provider = take_part(&key);
    kind.event_id = take_part(&key);
    return kind;
}

struct hn_text stats_kind_source(struct hn_text key)
{
    struct hn_text rest = key;

    for (unsigned i = 0; i < 3; i++)
        (void)take_part(&rest);
    return rest.ptr == NULL ? key : hn_text_sub(key, 0, (size_t)(rest.ptr - key.ptr));
}

void stats_sum_sources(const struct stats *stats, struct stats_table *ret_sources)
{
    for (size_t i = 0; i < stats->kinds.rows.count; i++) {
        const struct stats_row *kind = &stats->kinds.rows.ptr[i];
        struct stats_row *row = row_of(NULL, ret_sources, stats_kind_source(kind->key));

        if (row == NULL)
            continue;
        row->count += kind->count;
        widen(kind->first, &row->first, &row->last);
        widen(kind->last, &row->first, &row->last);
    }
    sort_rows(ret_sources);
}

/* ---- Hours ---- */

static int64_t hour_of(hn_time time)
{
    return time / HN_HOUR - (time % HN_HOUR < 0);
}

static void count_hour(struct stats *stats, hn_time time)
{
    int64_t hour = hour_of(time);

    count(stats, &stats->hours, hn_text_of((const char *)&hour, sizeof hour), time);
}

static int by_hour(const void *a, const void *b)
{
    const struct stats_hour *x = a;
    const struct stats_hour *y = b;

    return x->number < y->number ? -1 : x->number > y->number;
}

struct stats_hour *stats_hours(const struct stats *stats, uint32_t *ret_count)
{
    size_t rows = stats->hours.rows.count;
    struct stats_hour *hours = rows == 0 ? NULL : hn_calloc(rows, sizeof *hours);

    *ret_count = 0;
    if (hours == NULL)
        return NULL;
    for (size_t i = 0; i < rows; i++) {
        memcpy(&hours[i].number, stats->hours.rows.ptr[i].key.ptr, sizeof hours[i].number);
        hours[i].count = stats->hours.rows.ptr[i].count;
    }
    qsort(hours, rows, sizeof *hours, by_hour);
    *ret_count = (uint32_t)rows;
    return hours;
}

/* ---- Inputs ---- */

uint32_t stats_input_of(struct stats *stats, const struct scan_entry *entry)
{
    while (stats->inputs.count <= entry->number && stats->inputs.count < STATS_INPUTS_MAX) {
        struct stats_input *input = hn_vec_add(&stats->inputs);

        if (input == NULL) {
            stats->failed = true;
            return UINT32_MAX;
        }
        input->first = HN_TIME_NONE;
        input->last = HN_TIME_NONE;
    }
    if (entry->number >= stats->inputs.count)
        return UINT32_MAX;
    if (stats->inputs.ptr[entry->number].name.ptr == NULL) {
        stats->inputs.ptr[entry->number].name = hn_arena_text(&stats->arena, entry->name);
        stats->inputs.ptr[entry->number].format = decode_format_name(entry->format);
    }
    return entry->number;
}

void stats_add_event(struct stats *stats, uint32_t input, const struct stats_event *event)
{
    stats->events++;
    stats->events_timeless += event->time == HN_TIME_NONE;
    widen(event->time, &stats->first, &stats->last);
    count(stats, &stats->kinds, event->kind, event->time);
    if (event->host.len > 0)
        count(stats, &stats->hosts, event->host, event->time);
    if (event->user.len > 0)
        count(stats, &stats->users, event->user, event->time);
    if (event->time != HN_TIME_NONE)
        count_hour(stats, event->time);
    if (input != UINT32_MAX) {
        stats->inputs.ptr[input].events++;
        widen(event->time, &stats->inputs.ptr[input].first, &stats->inputs.ptr[input].last);
    }
    if (!event->recovered)
        stats_stream_add(stats, input, event);
}

void stats_add_finding(struct stats *stats, uint32_t input, const struct hn_finding *finding)
{
    struct stats_damage *damage = &stats->damage[finding->kind];

    if (input != UINT32_MAX && damage->place_count < STATS_PLACES_MAX) {
        damage->places[damage->place_count++] =
                (struct stats_place){ input, finding->offset, finding->line };
    }
}

void stats_add_findings(struct stats *stats, enum hn_finding_kind kind, uint64_t found)
{
    stats->damage[kind].count += found;
}

void stats_add_problem(
        struct stats *stats, struct hn_text name, enum hn_finding_kind kind, struct hn_text message)
{
    struct stats_problem *problem =
            stats->problems.count < STATS_PROBLEMS_MAX ? hn_vec_add(&stats->problems) : NULL;

    if (problem == NULL) {
        stats->problems_overflow++;
        return;
    }
    problem->name = hn_arena_text(&stats->problem_arena, name);
    problem->kind = kind;
    problem->message = hn_arena_text(&stats->problem_arena, message);
}

/* ---- Life ---- */

void stats_init(struct stats *stats)
{
    memset(stats, 0, sizeof *stats);
    hn_arena_init(&stats->arena, ARENA_BYTES_MAX);
    hn_arena_init(&stats->problem_arena, ARENA_BYTES_MAX);
    stats->first = HN_TIME_NONE;
    stats->last = HN_TIME_NONE;
}

void stats_deinit(struct stats *stats)
{
    for (size_t i = 0; i < stats->streams.count; i++)
        hn_vec_deinit(&stats->streams.ptr[i].ranges);
    hn_vec_deinit(&stats->streams);
    hn_map_deinit(&stats->stream_map);
    hn_vec_deinit(&stats->inputs);
    hn_vec_deinit(&stats->problems);
    stats_table_deinit(&stats->kinds);
    stats_table_deinit(&stats->hosts);
    stats_table_deinit(&stats->users);
    stats_table_deinit(&stats->hours);
    hn_arena_deinit(&stats->arena);
    hn_arena_deinit(&stats->problem_arena);
}

void stats_finish(struct stats *stats)
{
    sort_rows(&stats->kinds);
    sort_rows(&stats->hosts);
    sort_rows(&stats->users);
    for (size_t i = 0; i < stats->streams.count; i++)
        stats_stream_judge(&stats->streams.ptr[i]);
}
