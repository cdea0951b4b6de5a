/* stats_watch.c - the part of `hinomi stats` that an analyst should look at: unusual pauses,
 * missing records, clocks that were set back, damage, what could not be read. */
#include "app/stats_show.h"

#include "app/cells.h"
#include "app/ui.h"
#include "base/mem.h"

#include <stdlib.h>

static void stream_name(struct hn_buf *out, const struct stats_stream *stream)
{
    ui_add_cell(out, stream->channel, 0);
    if (!stream->is_channel)
        return;
    hn_buf_add_cstr(out, UI_TEXT(" on ", " / "));
    ui_add_cell(out, stream->host.len == 0 ? HN_TEXT("-") : stream->host, 0);
}

/* ---- Streams in the order of something, largest first ---- */

typedef uint64_t weigh(const struct stats_stream *stream);

struct weighed {
    const struct stats_stream *stream;
    uint64_t weight;
    size_t index;
};

static int by_weight(const void *a, const void *b)
{
    const struct weighed *x = a;
    const struct weighed *y = b;

    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* Those with a weight; to be freed with hn_free(). */
static struct weighed *sorted(const struct stats *stats, weigh *weigh_stream, size_t *ret_count)
{
    struct weighed *list =
            stats->streams.count == 0 ? NULL : hn_calloc(stats->streams.count, sizeof *list);

    *ret_count = 0;
    for (size_t i = 0; list != NULL && i < stats->streams.count; i++) {
        const struct stats_stream *stream = &stats->streams.ptr[i];
        uint64_t weight = weigh_stream(stream);

        if (weight > 0)
            list[(*ret_count)++] = (struct weighed){ stream, weight, i };
    }
    if (*ret_count > 1)
        qsort(list, *ret_count, sizeof *list, by_weight);
    return list;
}

static uint64_t longest_pause(const struct stats_stream *stream)
{
    return stream->unusual_count == 0 ? 0 : (uint64_t)stats_pause_length(&stream->pauses[0]);
}

static uint64_t missing_records(const struct stats_stream *stream)
{
    uint64_t gaps;

    return stats_stream_is_selection(stream) ? 0 : stats_stream_missing(stream, &gaps);
}

static uint64_t clock_steps(const struct stats_stream *stream)
{
    return stream->steps_back;
}

static uint32_t least(const struct stats_view *view, size_t count)
{
    return count < view->top ? (uint32_t)count : view->top;
}

/* ---- Sections ---- */

static void one_pause(const struct stats_view *view, const struct stats_stream *stream,
        const struct stats_pause *pause, struct hn_buf *out)
{
    hn_buf_add_lit(out, "  ");
    cell_time(out, pause->start, view->zone);
    hn_buf_add_cstr(out, UI_TEXT(" to ", " 〜 "));
    cell_time(out, pause->end, view->zone);
    hn_buf_add_lit(out, "  ");
    hn_buf_add_cstr(out, ui_style(UI_YELLOW, ui.color_out));
    cell_duration(out, stats_pause_length(pause));
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_cstr(out, UI_TEXT(" (usually up to ", "(通常は最大 "));
    cell_duration(out, stream->usual);
    hn_buf_add_lit(out, ")  ");
    stream_name(out, stream);
    hn_buf_add_char(out, '\n');
}

static void pauses(const struct stats_view *view, struct hn_buf *out)
{
    size_t count;
    struct weighed *list = sorted(view->stats, longest_pause, &count);
    uint64_t all = 0;
    uint32_t left;

    for (size_t i = 0; i < count; i++)
        all += list[i].stream->unusual_count;
    left = least(view, all);
    if (all > 0)
        stats_heading(out, UI_TEXT("Unusual pauses", "通常と異なる空白"), left, all);
    for (size_t i = 0; i < count; i++) {
        const struct stats_stream *stream = list[i].stream;

        for (uint32_t k = 0; k < stream->unusual_count && left > 0; k++, left--)
            one_pause(view, stream, &stream->pauses[k], out);
    }
    hn_free(list);
}

static uint64_t selection_count(const struct stats *stats)
{
    uint64_t streams = 0;

    for (size_t i = 0; i < stats->streams.count; i++)
        streams += stats_stream_is_selection(&stats->streams.ptr[i]);
    return streams;
}

/* Logs that were filtered or forwarded in part have gaps everywhere, which says nothing. */
static void selections(const struct stats *stats, struct hn_buf *out)
{
    uint64_t streams = selection_count(stats);

    if (streams == 0)
        return;
    hn_buf_add_cstr(out, ui_style(UI_DIM, ui.color_out));
    hn_buf_add_cstr(out, UI_TEXT("  Record numbers of ", "  "));
    ui_add_count(out, streams);
    hn_buf_add_cstr(out, UI_TEXT(" channels have gaps throughout: these logs are selections, "
                                 "filtered or forwarded in part.",
                                 " 個のチャネルはレコード番号が全体に飛んでいる"
                                 "(抜粋または一部だけ転送されたログ)。"));
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, '\n');
}

static void record_gaps(const struct stats_view *view, struct hn_buf *out)
{
    size_t count;
    struct weighed *list = sorted(view->stats, missing_records, &count);
    uint32_t shown = least(view, count);

    if (count > 0 || selection_count(view->stats) > 0)
        stats_heading(out, UI_TEXT("Missing records", "欠落したレコード"), shown, count);
    for (uint32_t i = 0; i < shown; i++) {
        const struct stats_stream *stream = list[i].stream;
        const struct stats_range *ranges = stream->ranges.ptr;
        uint64_t gaps;
        size_t widest = 1;

        (void)stats_stream_missing(stream, &gaps);
        for (size_t k = 1; k < stream->ranges.count; k++) {
            if (ranges[k].first - ranges[k - 1].last >
                    ranges[widest].first - ranges[widest - 1].last)
                widest = k;
        }
        cell_count(out, list[i].weight, CELL_COUNT_COLUMNS);
        if (gaps == 1)
            hn_buf_add_cstr(out, UI_TEXT(" in one gap, ", " 件(1 か所、"));
        else
            hn_buf_addf(out, UI_TEXT(" in %llu gaps, the widest ", " 件(%llu か所、最大 "),
                    (unsigned long long)gaps);
        hn_buf_addf(out, UI_TEXT("%llu to %llu  ", "%llu〜%llu)  "),
                (unsigned long long)ranges[widest - 1].last + 1,
                (unsigned long long)ranges[widest].first - 1);
        stream_name(out, stream);
        hn_buf_add_char(out, '\n');
    }
    hn_free(list);
    selections(view->stats, out);
}

static void clocks(const struct stats_view *view, struct hn_buf *out)
{
    size_t count;
    struct weighed *list = sorted(view->stats, clock_steps, &count);
    uint32_t shown = least(view, count);

    if (count > 0)
        stats_heading(out, UI_TEXT("Clock steps back", "時刻の逆行"), shown, count);
    for (uint32_t i = 0; i < shown; i++) {
        const struct stats_stream *stream = list[i].stream;

        cell_count(out, list[i].weight, CELL_COUNT_COLUMNS);
        hn_buf_add_cstr(
                out, UI_TEXT(list[i].weight == 1 ? " time, by " : " times, the farthest by ",
                             " 回、最大 "));
        cell_duration(out, stats_pause_length(&stream->largest_step));
        hn_buf_add_cstr(out, UI_TEXT(" at ", "("));
        cell_time(out, stream->largest_step.start, view->zone);
        hn_buf_add_cstr(out, UI_TEXT("  ", ")  "));
        stream_name(out, stream);
        hn_buf_add_char(out, '\n');
    }
    hn_free(list);
}

static void damage(const struct stats_view *view, struct hn_buf *out)
{
    const struct stats *stats = view->stats;
    bool first = true;

    for (unsigned i = 0; i < HN_FINDING_COUNT; i++) {
        const struct stats_damage *kind = &stats->damage[i];

        if (kind->count == 0)
            continue;
        if (first)
            stats_heading(out, UI_TEXT("Damage", "破損・異常"), 0, 0);
        first = false;
        cell_count(out, kind->count, CELL_COUNT_COLUMNS);
        hn_buf_add_lit(out, "  ");
        hn_buf_add_cstr(out, ui_style(UI_YELLOW, ui.color_out));
        hn_buf_add_cstr(out, hn_finding_id((enum hn_finding_kind)i));
        hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
        hn_buf_addf(out, ": %s\n", hn_finding_text((enum hn_finding_kind)i));
        for (uint32_t k = 0; k < kind->place_count && k < 3; k++) {
            const struct stats_place *place = &kind->places[k];

            hn_buf_add_lit(out, "             ");
            ui_add_cell(out, stats->inputs.ptr[place->input].name, 0);
            hn_buf_addf(out, place->line > 0 ? ":%llu\n" : "@%llu\n",
                    (unsigned long long)(place->line > 0 ? place->line : place->offset));
        }
    }
}

static void problems(const struct stats_view *view, struct hn_buf *out)
{
    const struct stats *stats = view->stats;
    uint64_t all = stats->problems.count + stats->problems_overflow;
    uint32_t shown = least(view, stats->problems.count);

    if (all > 0)
        stats_heading(out, UI_TEXT("Not read", "読めなかった入力"), shown, all);
    for (uint32_t i = 0; i < shown; i++) {
        const struct stats_problem *problem = &stats->problems.ptr[i];

        hn_buf_add_lit(out, "  ");
        ui_add_cell(out, problem->name, 0);
        hn_buf_add_lit(out, ": ");
        hn_buf_add_cstr(out, ui_style(UI_YELLOW, ui.color_out));
        ui_add_cell(out, problem->message, 0);
        hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
        hn_buf_add_char(out, '\n');
    }
}

void stats_watch_write(const struct stats_view *view, struct hn_buf *out)
{
    pauses(view, out);
    record_gaps(view, out);
    clocks(view, out);
    damage(view, out);
    problems(view, out);
}
