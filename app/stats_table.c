/* stats_table.c - the tables of `hinomi stats` for people. */
#include "app/stats_show.h"

#include "app/cells.h"
#include "app/event_names.h"
#include "app/ui.h"
#include "base/mem.h"

#define FORMAT_COLUMNS  10
#define SIZE_COLUMNS    9
#define ID_COLUMNS      6
#define LABEL_COLUMNS   16
#define CHANNEL_COLUMNS 40
#define BARS            60u /* columns of the chart of events over time */
#define WIDTH_DEFAULT   120u

static unsigned width(void)
{
    return ui.width > 40 ? ui.width : WIDTH_DEFAULT;
}

/* What is left of the line behind so many columns. */
static size_t rest_columns(size_t used)
{
    return width() > used + 20 ? width() - used : 20;
}

void stats_heading(struct hn_buf *out, const char *text, uint64_t shown, uint64_t all)
{
    hn_buf_add_char(out, '\n');
    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    hn_buf_add_cstr(out, text);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    if (all > shown) {
        hn_buf_add_cstr(out, ui_style(UI_DIM, ui.color_out));
        hn_buf_add_lit(out, "  ");
        ui_add_count(out, shown);
        hn_buf_add_cstr(out, UI_TEXT(" of ", " 件を表示 / 全 "));
        ui_add_count(out, all);
        hn_buf_add_cstr(out, UI_TEXT("", " 件"));
        hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    }
    hn_buf_add_char(out, '\n');
}

/* Ends a row; the last cell's padding is of no use. */
static void end_row(struct hn_buf *out)
{
    while (out->len > 0 && out->ptr[out->len - 1] == ' ')
        out->len--;
    hn_buf_add_char(out, '\n');
}

static uint32_t shown_of(const struct stats_view *view, size_t rows)
{
    return rows < view->top ? (uint32_t)rows : view->top;
}

static void span_cells(struct hn_buf *out, hn_time first, hn_time last, const struct hn_zone *zone)
{
    hn_buf_add_lit(out, "  ");
    cell_time(out, first, zone);
    hn_buf_add_lit(out, "  ");
    cell_time(out, last, zone);
    hn_buf_add_lit(out, "  ");
}

/* ---- Over time ---- */

struct chart {
    int64_t first; /* hours since 1970 */
    int64_t step;  /* hours per column */
    unsigned columns;
    uint64_t counts[BARS];
    uint64_t outside; /* events before or behind */
};

/* A stray stamp (1970, a wrong year) must not press everything else into one column: where a
 * thousandth of the events at either end makes up half of the span and more, it is left out. */
static void choose_span(
        const struct stats_hour *hours, uint32_t count, uint32_t *low, uint32_t *high)
{
    uint64_t total = 0;
    uint64_t left;
    uint32_t a = 0;
    uint32_t b = count - 1;

    for (uint32_t i = 0; i < count; i++)
        total += hours[i].count;
    for (left = total / 1000; a < b && hours[a].count <= left; a++)
        left -= hours[a].count;
    for (left = total / 1000; b > a && hours[b].count <= left; b--)
        left -= hours[b].count;
    *low = 0;
    *high = count - 1;
    if ((hours[count - 1].number - hours[0].number) / 2 > hours[b].number - hours[a].number) {
        *low = a;
        *high = b;
    }
}

static void fill_chart(const struct stats_hour *hours, uint32_t count, struct chart *chart)
{
    uint32_t low;
    uint32_t high;
    int64_t span;

    memset(chart, 0, sizeof *chart);
    choose_span(hours, count, &low, &high);
    span = hours[high].number - hours[low].number + 1;
    chart->first = hours[low].number;
    chart->step = (span + (int64_t)BARS - 1) / (int64_t)BARS;
    chart->columns = (unsigned)((span + chart->step - 1) / chart->step);
    for (uint32_t i = 0; i < count; i++) {
        if (i >= low && i <= high)
            chart->counts[(hours[i].number - chart->first) / chart->step] += hours[i].count;
        else
            chart->outside += hours[i].count;
    }
}

static void chart_line(const struct stats_view *view, const struct chart *chart, struct hn_buf *out)
{
    static const char *const bars[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
    uint64_t most = 1;
    unsigned peak = 0;

    for (unsigned i = 0; i < chart->columns; i++) {
        if (chart->counts[i] > most) {
            most = chart->counts[i];
            peak = i;
        }
    }
    hn_buf_add_lit(out, "            ");
    hn_buf_add_cstr(out, ui_style(UI_GREEN, ui.color_out));
    for (unsigned i = 0; i < chart->columns; i++) {
        uint64_t share = (chart->counts[i] * 7 + most - 1) / most;

        hn_buf_add_cstr(out, chart->counts[i] == 0 ? "·" : bars[share > 7 ? 7 : share]);
    }
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_lit(out, "\n            ");
    hn_buf_add_cstr(out, ui_style(UI_DIM, ui.color_out));
    cell_duration(out, chart->step * HN_HOUR);
    hn_buf_add_cstr(out, UI_TEXT(" per column; most: ", "/列、最多: "));
    ui_add_count(out, most);
    hn_buf_add_cstr(out, UI_TEXT(" from ", " 件 "));
    cell_time(out, (chart->first + (int64_t)peak * chart->step) * HN_HOUR, view->zone);
    if (chart->outside > 0) {
        hn_buf_add_cstr(out, UI_TEXT("; not drawn, far before or behind: ", "、範囲外: "));
        ui_add_count(out, chart->outside);
    }
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, '\n');
}

static void label(struct hn_buf *out, const char *text)
{
    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    ui_add_cell(out, hn_text_cstr(text), 12);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
}

static void overview(const struct stats_view *view, struct hn_buf *out)
{
    const struct stats *stats = view->stats;
    struct chart chart;
    uint32_t count;
    struct stats_hour *hours = stats_hours(stats, &count);

    label(out, UI_TEXT("Events", "イベント"));
    ui_add_count(out, stats->events);
    hn_buf_add_cstr(out, UI_TEXT(" in ", " 件 / "));
    ui_add_count(out, stats->inputs.count);
    hn_buf_add_cstr(out, UI_TEXT(" inputs, ", " 入力、"));
    ui_add_bytes(out, view->totals->bytes);
    hn_buf_add_char(out, '\n');
    if (stats->first != HN_TIME_NONE) {
        label(out, UI_TEXT("Time", "期間"));
        cell_time(out, stats->first, view->zone);
        hn_buf_add_cstr(out, UI_TEXT(" to ", " 〜 "));
        cell_time(out, stats->last, view->zone);
        hn_buf_add_lit(out, " (");
        cell_duration(out, stats_pause_length(&(struct stats_pause){ stats->first, stats->last }));
        hn_buf_add_lit(out, ")\n");
    }
    if (stats->events_timeless > 0) {
        label(out, UI_TEXT("No time", "時刻なし"));
        ui_add_count(out, stats->events_timeless);
        hn_buf_add_cstr(out, UI_TEXT(" events\n", " 件\n"));
    }
    if (count > 1) {
        fill_chart(hours, count, &chart);
        chart_line(view, &chart, out);
    }
    hn_free(hours);
}

/* ---- Tables ---- */

static void head_start(struct hn_buf *out)
{
    hn_buf_add_cstr(out, ui_style(UI_DIM, ui.color_out));
}

static void head_end(struct hn_buf *out, const char *last)
{
    hn_buf_add_cstr(out, last);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, '\n');
}

static void head_cell(struct hn_buf *out, const char *text, size_t columns)
{
    ui_add_cell(out, hn_text_cstr(text), columns);
    hn_buf_add_lit(out, "  ");
}

static void head_span(struct hn_buf *out)
{
    head_cell(out, UI_TEXT("FIRST", "最初"), CELL_TIME_COLUMNS);
    head_cell(out, UI_TEXT("LAST", "最後"), CELL_TIME_COLUMNS);
}

static void inputs_table(const struct stats_view *view, struct hn_buf *out)
{
    const struct stats *stats = view->stats;
    uint32_t shown = shown_of(view, stats->inputs.count);
    const size_t used =
            CELL_COUNT_COLUMNS + SIZE_COLUMNS + FORMAT_COLUMNS + 2 * CELL_TIME_COLUMNS + 5 * 2;

    stats_heading(out, UI_TEXT("Inputs", "入力"), shown, stats->inputs.count);
    head_start(out);
    head_cell(out, UI_TEXT("   EVENTS", "     件数"), CELL_COUNT_COLUMNS);
    head_cell(out, UI_TEXT("     SIZE", "   サイズ"), SIZE_COLUMNS);
    head_cell(out, UI_TEXT("FORMAT", "形式"), FORMAT_COLUMNS);
    head_span(out);
    head_end(out, UI_TEXT("INPUT", "入力"));
    for (uint32_t i = 0; i < shown; i++) {
        const struct stats_input *input = &stats->inputs.ptr[i];

        cell_count(out, input->events, CELL_COUNT_COLUMNS);
        hn_buf_add_lit(out, "  ");
        cell_bytes(out, input->bytes, SIZE_COLUMNS);
        hn_buf_add_lit(out, "  ");
        ui_add_cell(out, input->format, FORMAT_COLUMNS);
        span_cells(out, input->first, input->last, view->zone);
        ui_add_cell_middle(out, input->name, rest_columns(used));
        end_row(out);
    }
}

static void dash_cell(struct hn_buf *out, struct hn_text text, size_t columns)
{
    ui_add_cell(out, text.len == 0 ? HN_TEXT("-") : text, columns);
    hn_buf_add_lit(out, "  ");
}

static void sources_table(const struct stats_view *view, struct hn_buf *out)
{
    struct stats_table sources = { 0 };
    uint32_t shown;

    stats_sum_sources(view->stats, &sources);
    shown = shown_of(view, sources.rows.count);
    stats_heading(out, UI_TEXT("Log sources", "ログソース"), shown, sources.rows.count);
    head_start(out);
    head_cell(out, UI_TEXT("   EVENTS", "     件数"), CELL_COUNT_COLUMNS);
    head_span(out);
    head_cell(out, "PRODUCT", LABEL_COLUMNS);
    head_cell(out, "CATEGORY", LABEL_COLUMNS + 8);
    head_end(out, "SERVICE");
    for (uint32_t i = 0; i < shown; i++) {
        const struct stats_row *row = &sources.rows.ptr[i];
        struct stats_kind kind = stats_kind_parse(row->key);

        cell_count(out, row->count, CELL_COUNT_COLUMNS);
        span_cells(out, row->first, row->last, view->zone);
        dash_cell(out, kind.product, LABEL_COLUMNS);
        dash_cell(out, kind.category, LABEL_COLUMNS + 8);
        ui_add_cell(out, kind.service.len == 0 ? HN_TEXT("-") : kind.service, 0);
        hn_buf_add_char(out, '\n');
    }
    stats_table_deinit(&sources);
}

static size_t ids_count(const struct stats *stats)
{
    size_t count = 0;

    for (size_t i = 0; i < stats->kinds.rows.count; i++)
        count += stats_kind_parse(stats->kinds.rows.ptr[i].key).event_id.len > 0;
    return count;
}

static void ids_table(const struct stats_view *view, struct hn_buf *out)
{
    const struct stats_table *kinds = &view->stats->kinds;
    size_t all = ids_count(view->stats);
    uint32_t left = shown_of(view, all);

    if (all == 0)
        return;
    stats_heading(out, UI_TEXT("Event ids", "イベント ID"), left, all);
    head_start(out);
    head_cell(out, UI_TEXT("   EVENTS", "     件数"), CELL_COUNT_COLUMNS);
    head_cell(out, "    ID", ID_COLUMNS);
    head_cell(out, UI_TEXT("CHANNEL OR PROVIDER", "チャネルまたはプロバイダー"), CHANNEL_COLUMNS);
    head_end(out, UI_TEXT("MEANING", "意味"));
    for (size_t i = 0; i < kinds->rows.count && left > 0; i++) {
        const struct stats_row *row = &kinds->rows.ptr[i];
        struct stats_kind kind = stats_kind_parse(row->key);
        const char *meaning;

        if (kind.event_id.len == 0)
            continue;
        left--;
        meaning = event_meaning(kind.channel, kind.provider, kind.event_id, ui.japanese);
        cell_count(out, row->count, CELL_COUNT_COLUMNS);
        hn_buf_add_lit(out, "  ");
        hn_buf_add_repeat(
                out, ' ', kind.event_id.len < ID_COLUMNS ? ID_COLUMNS - kind.event_id.len : 0);
        ui_add_cell(out, kind.event_id, kind.event_id.len > ID_COLUMNS ? ID_COLUMNS : 0);
        hn_buf_add_lit(out, "  ");
        dash_cell(out, kind.channel.len > 0 ? kind.channel : kind.provider, CHANNEL_COLUMNS);
        hn_buf_add_cstr(out, meaning == NULL ? "-" : meaning);
        hn_buf_add_char(out, '\n');
    }
}

static void names_table(const struct stats_view *view, const struct stats_table *table,
        const char *heading, const char *column, struct hn_buf *out)
{
    uint32_t shown = shown_of(view, table->rows.count);

    if (table->rows.count == 0)
        return;
    stats_heading(out, heading, shown, table->rows.count);
    head_start(out);
    head_cell(out, UI_TEXT("   EVENTS", "     件数"), CELL_COUNT_COLUMNS);
    head_span(out);
    head_end(out, column);
    for (uint32_t i = 0; i < shown; i++) {
        const struct stats_row *row = &table->rows.ptr[i];

        cell_count(out, row->count, CELL_COUNT_COLUMNS);
        span_cells(out, row->first, row->last, view->zone);
        ui_add_cell(
                out, row->key, rest_columns(CELL_COUNT_COLUMNS + 2 * CELL_TIME_COLUMNS + 3 * 2));
        end_row(out);
    }
    if (table->overflow > 0) {
        cell_count(out, table->overflow, CELL_COUNT_COLUMNS);
        hn_buf_add_cstr(out, UI_TEXT("  under names beyond the limit\n", "  上限を超えた名前\n"));
    }
}

void stats_table_write(const struct stats_view *view, struct hn_buf *out)
{
    const struct stats *stats = view->stats;

    overview(view, out);
    if (stats->events > 0) {
        inputs_table(view, out);
        sources_table(view, out);
        ids_table(view, out);
        names_table(
                view, &stats->hosts, UI_TEXT("Hosts", "ホスト"), UI_TEXT("HOST", "ホスト"), out);
        names_table(view, &stats->users, UI_TEXT("Accounts", "アカウント"),
                UI_TEXT("ACCOUNT", "アカウント"), out);
    }
    stats_watch_write(view, out);
}
