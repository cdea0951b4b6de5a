/* report_timeline.c - alerts over time as a stacked bar chart in SVG, and the same as a table. */
#include "report/report_internal.h"

#define BARS_MAX    72
#define CHART_WIDTH 960
#define LEFT        48
#define RIGHT       8
#define TOP         26
#define BASE        176
#define CHART_TALL  (BASE - TOP)
#define BOTTOM      204

/* One bar. */
struct bar {
    hn_time start;
    uint64_t counts[SIGMA_LEVEL_CRITICAL + 1];
    uint64_t total;
};

struct chart {
    struct bar bars[BARS_MAX];
    uint32_t count;
    hn_time width;
    uint64_t highest;
    uint64_t before; /* alerts outside of what is shown */
    uint64_t after;
};

static uint64_t total_of(const struct alert_span *span)
{
    uint64_t total = 0;

    for (size_t i = 0; i < HN_COUNT_OF(span->counts); i++)
        total += span->counts[i];
    return total;
}

/* Index of the span in which the share-th part of all alerts lies. */
static uint32_t quantile(
        const struct alert_span *spans, uint32_t count, uint64_t alerts, double share)
{
    uint64_t sum = 0;
    uint32_t i = 0;

    while (i + 1 < count) {
        sum += total_of(&spans[i]);
        if ((double)sum > (double)alerts * share)
            break;
        i++;
    }
    return i;
}

/* Stamps before 1897 and after 2116 are made up; without them differences fit into 63 bits. */
#define SHOWN_MIN (-((hn_time)1 << 61))
#define SHOWN_MAX ((hn_time)1 << 62)

/* A few stamps of 1601 or 2038 must not squeeze the rest into one bar: where nearly all alerts lie
 * in a small part of the time, that part is shown and the others are counted. */
static void choose_range(
        const struct alert_span *spans, uint32_t count, uint32_t *ret_from, uint32_t *ret_to)
{
    uint64_t alerts = 0;
    uint32_t low;
    uint32_t high;

    *ret_from = 0;
    *ret_to = count - 1;
    while (*ret_from < *ret_to && spans[*ret_from].start < SHOWN_MIN)
        (*ret_from)++;
    while (*ret_from < *ret_to && spans[*ret_to].start > SHOWN_MAX)
        (*ret_to)--;
    spans += *ret_from;
    count = *ret_to - *ret_from + 1;
    for (uint32_t i = 0; i < count; i++)
        alerts += total_of(&spans[i]);
    low = quantile(spans, count, alerts, 0.02);
    high = quantile(spans, count, alerts, 0.98);
    if ((spans[count - 1].start - spans[0].start) / 20 >
            spans[high].start - spans[low].start + HN_MINUTE) {
        *ret_to = *ret_from + high;
        *ret_from += low;
    }
}

/* The narrowest usual width with which the range fits. */
static hn_time choose_width(hn_time range, hn_time width_min)
{
    static const hn_time widths[] = { HN_SECOND, 5 * HN_SECOND, 10 * HN_SECOND, 30 * HN_SECOND,
        HN_MINUTE, 2 * HN_MINUTE, 5 * HN_MINUTE, 10 * HN_MINUTE, 15 * HN_MINUTE, 30 * HN_MINUTE,
        HN_HOUR, 2 * HN_HOUR, 3 * HN_HOUR, 6 * HN_HOUR, 12 * HN_HOUR, HN_DAY, 2 * HN_DAY,
        7 * HN_DAY, 14 * HN_DAY, 30 * HN_DAY, 90 * HN_DAY, 365 * HN_DAY, 1000 * HN_DAY };
    hn_time width = widths[HN_COUNT_OF(widths) - 1];

    for (size_t i = HN_COUNT_OF(widths); i-- > 0;) {
        if (widths[i] < width_min || range / widths[i] + 2 > BARS_MAX)
            break;
        width = widths[i];
    }
    while (range / width + 2 > BARS_MAX)
        width *= 2;
    return width;
}

static hn_time round_down(hn_time time, hn_time width)
{
    hn_time past = time % width;

    return time - (past < 0 ? past + width : past);
}

static void fill_chart(struct page *page, const struct alert_span *spans, uint32_t count,
        hn_time span_width, struct chart *chart)
{
    uint32_t from;
    uint32_t to;
    hn_time offset;
    hn_time first;

    choose_range(spans, count, &from, &to);
    chart->width = choose_width(spans[to].start - spans[from].start, span_width);
    /* Bars begin on whole hours and days of the zone shown. */
    offset = (hn_time)hn_zone_offset_at(page->report->zone, spans[from].start) * HN_SECOND;
    first = round_down(spans[from].start + offset, chart->width) - offset;
    for (uint32_t i = 0; i < count; i++) {
        struct bar *bar;
        hn_time index;

        if (i < from || i > to) {
            *(i < from ? &chart->before : &chart->after) += total_of(&spans[i]);
            continue;
        }
        index = (spans[i].start - first) / chart->width;
        index = index < 0 ? 0 : index >= BARS_MAX ? BARS_MAX - 1 : index;
        bar = &chart->bars[index];
        if ((uint32_t)index + 1 > chart->count)
            chart->count = (uint32_t)index + 1;
        for (size_t k = 0; k < HN_COUNT_OF(bar->counts); k++)
            bar->counts[k] += spans[i].counts[k];
        bar->total += total_of(&spans[i]);
        if (bar->total > chart->highest)
            chart->highest = bar->total;
    }
    for (uint32_t i = 0; i < chart->count; i++)
        chart->bars[i].start = first + (hn_time)i * chart->width;
}

/* ---- Texts ---- */

static void put_moment(struct page *page, hn_time time, hn_time width, bool with_day)
{
    struct hn_calendar at = hn_calendar_at(time, hn_zone_offset_at(page->report->zone, time));

    if (width >= 90 * HN_DAY)
        hn_buf_addf(page->out, "%04d-%02d", at.year, at.month);
    else if (width >= HN_DAY)
        hn_buf_addf(page->out, "%04d-%02d-%02d", at.year, at.month, at.day);
    else if (with_day)
        hn_buf_addf(page->out, "%02d-%02d %02d:%02d", at.month, at.day, at.hour, at.minute);
    else
        hn_buf_addf(page->out, "%02d:%02d", at.hour, at.minute);
    if (width < HN_MINUTE)
        hn_buf_addf(page->out, ":%02d", at.second);
}

static void put_width(struct page *page, hn_time width)
{
    static const struct {
        hn_time unit;
        const char *en;
        const char *ja;
    } units[] = { { HN_DAY, "d", "日" }, { HN_HOUR, "h", "時間" }, { HN_MINUTE, "min", "分" },
        { HN_SECOND, "s", "秒" } };
    size_t i = 0;

    while (i + 1 < HN_COUNT_OF(units) && width % units[i].unit != 0)
        i++;
    hn_buf_addf(page->out, "%lld %s", (long long)(width / units[i].unit),
            tr(page, units[i].en, units[i].ja));
}

/* "10-14 09:40: 12 (critical 2, high 10)" */
static void put_bar_text(struct page *page, const struct bar *bar, hn_time width)
{
    bool first = true;

    put_moment(page, bar->start, width, true);
    hn_buf_add_lit(page->out, " + ");
    put_width(page, width);
    hn_buf_add_lit(page->out, ": ");
    report_html_count(page->out, bar->total);
    report_put(page, bar->total == 1 ? " alert (" : " alerts (", " 件(");
    for (unsigned i = SIGMA_LEVEL_CRITICAL + 1; i-- > 0;) {
        if (bar->counts[i] == 0)
            continue;
        hn_buf_addf(page->out, "%s%s ", first ? "" : ", ",
                report_level_name(page, (enum sigma_level)i));
        report_html_count(page->out, bar->counts[i]);
        first = false;
    }
    hn_buf_add_lit(page->out, ")");
}

/* ---- Drawing ---- */

static void draw_bar(struct page *page, const struct chart *chart, uint32_t index)
{
    const struct bar *bar = &chart->bars[index];
    const double step = (double)(CHART_WIDTH - LEFT - RIGHT) / chart->count;
    const double x = LEFT + index * step;
    double y = BASE;

    if (bar->total == 0)
        return;
    hn_buf_add_lit(page->out, "<g class=\"bar\" tabindex=\"0\" role=\"img\" aria-label=\"");
    put_bar_text(page, bar, chart->width);
    hn_buf_addf(page->out,
            "\"><rect class=\"back\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" "
            "height=\"%d\"/>",
            x, TOP, step, CHART_TALL);
    for (unsigned i = SIGMA_LEVEL_CRITICAL + 1; i-- > 0;) {
        double tall = (double)bar->counts[i] / (double)chart->highest * (CHART_TALL - 12);

        if (bar->counts[i] == 0)
            continue;
        tall = tall < 2 ? 2 : tall; /* one critical alert among thousands is still seen */
        y -= tall;
        hn_buf_addf(page->out,
                "<rect class=\"l%u\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                "height=\"%.1f\"/>",
                i, x + step * 0.08, y, step * 0.84 < 26 ? step * 0.84 : 26, tall);
    }
    hn_buf_addf(page->out, "<text class=\"tip\" x=\"%d\" y=\"14\">", LEFT);
    put_bar_text(page, bar, chart->width);
    hn_buf_add_lit(page->out, "</text></g>\n");
}

static void draw_axes(struct page *page, const struct chart *chart)
{
    const double step = (double)(CHART_WIDTH - LEFT - RIGHT) / chart->count;
    const bool days = chart->width * chart->count > 20 * HN_HOUR;
    const uint32_t every = (chart->count + 7) / 8;
    const int top = TOP + 12;

    hn_buf_addf(page->out,
            "<g class=\"axes\" aria-hidden=\"true\"><line x1=\"%d\" y1=\"%d\" x2=\"%d\" "
            "y2=\"%d\"/><line class=\"grid\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>",
            LEFT, BASE, CHART_WIDTH - RIGHT, BASE, LEFT, top, CHART_WIDTH - RIGHT, top);
    hn_buf_addf(page->out, "<text class=\"y\" x=\"%d\" y=\"%d\">", LEFT - 6, top + 4);
    report_html_count(page->out, chart->highest);
    hn_buf_addf(
            page->out, "</text><text class=\"y\" x=\"%d\" y=\"%d\">0</text>", LEFT - 6, BASE + 4);
    for (uint32_t i = 0; i < chart->count; i += every) {
        hn_buf_addf(page->out, "<text x=\"%.1f\" y=\"%d\">", LEFT + i * step, BASE + 18);
        put_moment(page, chart->bars[i].start, chart->width, days);
        hn_buf_add_lit(page->out, "</text>");
    }
    hn_buf_add_lit(page->out, "</g>\n");
}

static void write_chart(struct page *page, const struct chart *chart)
{
    hn_buf_add_lit(page->out, "<div class=\"chart\">");
    hn_buf_addf(page->out, "<svg viewBox=\"0 0 %d %d\" role=\"group\" aria-label=\"%s\">\n",
            CHART_WIDTH, BOTTOM,
            tr(page, "Alerts over time, stacked by level", "時間ごとのアラート数(レベル別)"));
    draw_axes(page, chart);
    for (uint32_t i = 0; i < chart->count; i++)
        draw_bar(page, chart, i);
    hn_buf_add_lit(page->out, "</svg></div>\n");
}

static void write_legend(struct page *page)
{
    hn_buf_add_lit(page->out, "<p class=\"legend\">");
    for (unsigned i = SIGMA_LEVEL_CRITICAL + 1; i-- > 0;) {
        if (page->model.totals[i] > 0)
            hn_buf_addf(page->out, "<span class=\"key l%u\">%s</span>", i,
                    report_level_name(page, (enum sigma_level)i));
    }
    hn_buf_add_lit(page->out, "</p>\n");
}

static void write_figures(struct page *page, const struct chart *chart)
{
    hn_buf_add_lit(page->out, "<details class=\"figures\"><summary>");
    report_put(page, "The chart as a table", "グラフの数値");
    hn_buf_add_lit(page->out, "</summary><ul>\n");
    for (uint32_t i = 0; i < chart->count; i++) {
        if (chart->bars[i].total == 0)
            continue;
        hn_buf_add_lit(page->out, "<li>");
        put_bar_text(page, &chart->bars[i], chart->width);
        hn_buf_add_lit(page->out, "</li>\n");
    }
    hn_buf_add_lit(page->out, "</ul></details>\n");
}

static void write_outside(struct page *page, const struct chart *chart)
{
    uint64_t timeless = alert_groups_timeless(page->report->groups);

    if (chart->before + chart->after > 0) {
        hn_buf_add_lit(page->out, "<p class=\"note\">");
        report_put(page, "Far outside of the time shown: ", "表示範囲から大きく外れるもの: ");
        report_html_count(page->out, chart->before);
        report_put(page, " earlier, ", " 件(前)、");
        report_html_count(page->out, chart->after);
        report_put(page, " later.", " 件(後)");
        hn_buf_add_lit(page->out, "</p>\n");
    }
    if (timeless > 0) {
        hn_buf_add_lit(page->out, "<p class=\"note\">");
        report_put(page, "Alerts without a readable time, not in the chart: ",
                "時刻が読めず図にないアラート: ");
        report_html_count(page->out, timeless);
        hn_buf_add_lit(page->out, "</p>\n");
    }
}

void report_write_timeline(struct page *page)
{
    struct chart *chart = hn_new(&page->arena, struct chart, 1);
    const struct alert_span *spans;
    hn_time width;
    uint32_t count;

    spans = alert_groups_spans(page->report->groups, &count, &width);
    hn_buf_add_lit(page->out, "<section id=\"timeline\">\n<h2>");
    report_put(page, "Timeline", "時系列");
    hn_buf_add_lit(page->out, "</h2>\n");
    if (spans != NULL && chart != NULL) {
        fill_chart(page, spans, count, width, chart);
        write_legend(page);
        write_chart(page, chart);
        write_outside(page, chart);
        write_figures(page, chart);
    } else if (chart == NULL || page->model.first != HN_TIME_NONE) {
        page->out->status = HN_NOMEM; /* there are times, and no room to draw them */
    } else {
        hn_buf_add_lit(page->out, "<p>");
        report_put(page, "No alert has a readable time.", "時刻の読めるアラートはない。");
        hn_buf_add_lit(page->out, "</p>\n");
    }
    hn_buf_add_lit(page->out, "</section>\n");
}
