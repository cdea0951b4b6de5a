/* stats_json.c - statistics as one JSON document. */
#include "app/stats_show.h"

#include "app/event_names.h"
#include "app/ui.h"
#include "base/json_out.h"
#include "base/mem.h"

static void time_member(
        struct hn_json_out *json, struct hn_text key, hn_time time, const struct hn_zone *zone)
{
    char text[HN_TIME_TEXT_MAX];

    hn_json_key(json, key);
    if (time == HN_TIME_NONE)
        hn_json_null(json);
    else
        hn_json_text(
                json, hn_text_of(text, hn_time_write(time, hn_zone_offset_at(zone, time), text)));
}

static void text_member(struct hn_json_out *json, struct hn_text key, struct hn_text text)
{
    if (text.len == 0)
        return;
    hn_json_key(json, key);
    hn_json_text(json, text);
}

static void labels_member(struct hn_json_out *json, struct hn_text key, struct hn_text joined)
{
    struct hn_text label;

    if (joined.len == 0)
        return;
    hn_json_key(json, key);
    hn_json_open(json, '[');
    while (hn_text_split(&joined, ',', &label))
        hn_json_text(json, label);
    hn_json_close(json, ']');
}

static void seconds_member(struct hn_json_out *json, struct hn_text key, hn_time duration)
{
    hn_json_key(json, key);
    hn_json_real(json, (double)duration / (double)HN_SECOND);
}

static uint32_t least(const struct stats_view *view, size_t count)
{
    return count < view->top ? (uint32_t)count : view->top;
}

static void open_list(struct hn_json_out *json, struct hn_text key)
{
    hn_json_key(json, key);
    hn_json_open(json, '[');
}

static void row_members(
        struct hn_json_out *json, const struct stats_row *row, const struct stats_view *view)
{
    hn_json_pair_u64(json, "events", row->count);
    time_member(json, HN_TEXT("first"), row->first, view->zone);
    time_member(json, HN_TEXT("last"), row->last, view->zone);
}

static void source_members(struct hn_json_out *json, const struct stats_kind *kind)
{
    hn_json_key(json, HN_TEXT("logsource"));
    hn_json_open(json, '{');
    text_member(json, HN_TEXT("product"), kind->product);
    labels_member(json, HN_TEXT("category"), kind->category);
    labels_member(json, HN_TEXT("service"), kind->service);
    hn_json_close(json, '}');
}

/* ---- Lists ---- */

static void inputs(struct hn_json_out *json, const struct stats_view *view)
{
    const struct stats *stats = view->stats;

    open_list(json, HN_TEXT("inputs"));
    for (uint32_t i = 0; i < least(view, stats->inputs.count); i++) {
        const struct stats_input *input = &stats->inputs.ptr[i];

        hn_json_open(json, '{');
        hn_json_pair(json, "file", input->name);
        hn_json_pair(json, "format", input->format);
        hn_json_pair_u64(json, "events", input->events);
        hn_json_pair_u64(json, "bytes", input->bytes);
        hn_json_pair_u64(json, "findings", input->findings);
        time_member(json, HN_TEXT("first"), input->first, view->zone);
        time_member(json, HN_TEXT("last"), input->last, view->zone);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

static void sources(struct hn_json_out *json, const struct stats_view *view)
{
    struct stats_table table = { 0 };

    stats_sum_sources(view->stats, &table);
    open_list(json, HN_TEXT("sources"));
    for (uint32_t i = 0; i < least(view, table.rows.count); i++) {
        struct stats_kind kind = stats_kind_parse(table.rows.ptr[i].key);

        hn_json_open(json, '{');
        source_members(json, &kind);
        row_members(json, &table.rows.ptr[i], view);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
    stats_table_deinit(&table);
}

static void kinds(struct hn_json_out *json, const struct stats_view *view)
{
    const struct stats_table *table = &view->stats->kinds;

    open_list(json, HN_TEXT("kinds"));
    for (uint32_t i = 0; i < least(view, table->rows.count); i++) {
        struct stats_kind kind = stats_kind_parse(table->rows.ptr[i].key);
        const char *meaning =
                event_meaning(kind.channel, kind.provider, kind.event_id, ui.japanese);

        hn_json_open(json, '{');
        source_members(json, &kind);
        text_member(json, HN_TEXT("channel"), kind.channel);
        text_member(json, HN_TEXT("provider"), kind.provider);
        text_member(json, HN_TEXT("event_id"), kind.event_id);
        if (meaning != NULL)
            text_member(json, HN_TEXT("meaning"), hn_text_cstr(meaning));
        row_members(json, &table->rows.ptr[i], view);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

static void names(struct hn_json_out *json, struct hn_text key, const struct stats_table *table,
        const struct stats_view *view)
{
    open_list(json, key);
    for (uint32_t i = 0; i < least(view, table->rows.count); i++) {
        hn_json_open(json, '{');
        hn_json_pair(json, "name", table->rows.ptr[i].key);
        row_members(json, &table->rows.ptr[i], view);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

static void hours(struct hn_json_out *json, const struct stats_view *view)
{
    uint32_t count;
    struct stats_hour *list = stats_hours(view->stats, &count);

    open_list(json, HN_TEXT("hours"));
    for (uint32_t i = 0; i < count; i++) {
        hn_json_open(json, '{');
        time_member(json, HN_TEXT("start"), list[i].number * HN_HOUR, view->zone);
        hn_json_pair_u64(json, "events", list[i].count);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
    hn_free(list);
}

/* ---- Streams ---- */

static void open_stream(struct hn_json_out *json, const struct stats_stream *stream)
{
    hn_json_open(json, '{');
    if (stream->is_channel) {
        hn_json_pair(json, "host", stream->host);
        hn_json_pair(json, "channel", stream->channel);
    } else {
        hn_json_pair(json, "file", stream->channel);
    }
}

static void pauses(struct hn_json_out *json, const struct stats_view *view)
{
    const struct stats *stats = view->stats;

    open_list(json, HN_TEXT("pauses"));
    for (size_t i = 0; i < stats->streams.count; i++) {
        const struct stats_stream *stream = &stats->streams.ptr[i];

        for (uint32_t k = 0; k < stream->unusual_count; k++) {
            open_stream(json, stream);
            time_member(json, HN_TEXT("start"), stream->pauses[k].start, view->zone);
            time_member(json, HN_TEXT("end"), stream->pauses[k].end, view->zone);
            seconds_member(json, HN_TEXT("seconds"), stats_pause_length(&stream->pauses[k]));
            seconds_member(json, HN_TEXT("usual_seconds"), stream->usual);
            hn_json_close(json, '}');
        }
    }
    hn_json_close(json, ']');
}

static void record_gaps(struct hn_json_out *json, const struct stats_view *view)
{
    const struct stats *stats = view->stats;

    open_list(json, HN_TEXT("missing_records"));
    for (size_t i = 0; i < stats->streams.count; i++) {
        const struct stats_stream *stream = &stats->streams.ptr[i];
        const struct stats_range *ranges = stream->ranges.ptr;
        uint64_t gaps;
        uint64_t missing = stats_stream_missing(stream, &gaps);

        if (missing == 0)
            continue;
        open_stream(json, stream);
        hn_json_pair_u64(json, "records", missing);
        hn_json_key(json, HN_TEXT("selection"));
        hn_json_bool(json, stats_stream_is_selection(stream));
        open_list(json, HN_TEXT("gaps"));
        for (size_t k = 1; k < stream->ranges.count; k++) {
            hn_json_open(json, '{');
            hn_json_pair_u64(json, "first", ranges[k - 1].last + 1);
            hn_json_pair_u64(json, "last", ranges[k].first - 1);
            hn_json_close(json, '}');
        }
        hn_json_close(json, ']');
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

static void clocks(struct hn_json_out *json, const struct stats_view *view)
{
    const struct stats *stats = view->stats;

    open_list(json, HN_TEXT("clock_steps_back"));
    for (size_t i = 0; i < stats->streams.count; i++) {
        const struct stats_stream *stream = &stats->streams.ptr[i];

        if (stream->steps_back == 0)
            continue;
        open_stream(json, stream);
        hn_json_pair_u64(json, "times", stream->steps_back);
        seconds_member(json, HN_TEXT("largest_seconds"), stats_pause_length(&stream->largest_step));
        time_member(json, HN_TEXT("from"), stream->largest_step.start, view->zone);
        time_member(json, HN_TEXT("to"), stream->largest_step.end, view->zone);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

/* ---- Damage ---- */

static void places(
        struct hn_json_out *json, const struct stats *stats, const struct stats_damage *damage)
{
    open_list(json, HN_TEXT("places"));
    for (uint32_t i = 0; i < damage->place_count; i++) {
        const struct stats_place *place = &damage->places[i];

        hn_json_open(json, '{');
        hn_json_pair(json, "file", stats->inputs.ptr[place->input].name);
        hn_json_pair_u64(json, "offset", place->offset);
        if (place->line > 0)
            hn_json_pair_u64(json, "line", place->line);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

static void findings(struct hn_json_out *json, const struct stats *stats)
{
    open_list(json, HN_TEXT("findings"));
    for (unsigned i = 0; i < HN_FINDING_COUNT; i++) {
        enum hn_finding_kind kind = (enum hn_finding_kind)i;

        if (stats->damage[i].count == 0)
            continue;
        hn_json_open(json, '{');
        hn_json_pair(json, "kind", hn_text_cstr(hn_finding_id(kind)));
        hn_json_pair(json, "text", hn_text_cstr(hn_finding_text(kind)));
        hn_json_pair_u64(json, "count", stats->damage[i].count);
        places(json, stats, &stats->damage[i]);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

static void problems(struct hn_json_out *json, const struct stats *stats)
{
    open_list(json, HN_TEXT("not_read"));
    for (size_t i = 0; i < stats->problems.count; i++) {
        const struct stats_problem *problem = &stats->problems.ptr[i];

        hn_json_open(json, '{');
        hn_json_pair(json, "file", problem->name);
        hn_json_pair(json, "kind", hn_text_cstr(hn_finding_id(problem->kind)));
        hn_json_pair(json, "reason", problem->message);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

void stats_json_write(const struct stats_view *view, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);
    const struct stats *stats = view->stats;

    hn_json_open(&json, '{');
    hn_json_pair_u64(&json, "events", stats->events);
    hn_json_pair_u64(&json, "bytes", view->totals->bytes);
    hn_json_pair_u64(&json, "events_without_time", stats->events_timeless);
    time_member(&json, HN_TEXT("first"), stats->first, view->zone);
    time_member(&json, HN_TEXT("last"), stats->last, view->zone);
    inputs(&json, view);
    sources(&json, view);
    kinds(&json, view);
    names(&json, HN_TEXT("hosts"), &stats->hosts, view);
    names(&json, HN_TEXT("users"), &stats->users, view);
    hours(&json, view);
    pauses(&json, view);
    record_gaps(&json, view);
    clocks(&json, view);
    findings(&json, stats);
    problems(&json, stats);
    hn_json_key(&json, HN_TEXT("beyond_limits"));
    hn_json_open(&json, '{');
    hn_json_pair_u64(&json, "kinds", stats->kinds.overflow);
    hn_json_pair_u64(&json, "hosts", stats->hosts.overflow);
    hn_json_pair_u64(&json, "users", stats->users.overflow);
    hn_json_pair_u64(&json, "hours", stats->hours.overflow);
    hn_json_pair_u64(&json, "streams", stats->streams_overflow);
    hn_json_pair_u64(&json, "not_read", stats->problems_overflow);
    hn_json_close(&json, '}');
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}
