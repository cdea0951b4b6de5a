/* report_evidence.c - one alert: where it stands, what matched on which bytes, the whole event. */
#include "report/report_internal.h"

static void value(struct page *page, struct hn_text text, const struct html_value *how)
{
    hn_buf_add_lit(page->out, "<code>");
    report_html_value(page->out, &page->scratch, text, how);
    hn_buf_add_lit(page->out, "</code>");
}

static struct html_value plain(const struct page *page)
{
    return (struct html_value){ .bytes_max = page->limits.value_bytes_max, .japanese = page->ja };
}

/* ---- Head ---- */

static void write_place(struct page *page, struct hn_text file, uint64_t offset, uint64_t line)
{
    hn_buf_add_lit(page->out, "<code>");
    report_html_defanged(page->out, &page->scratch, file);
    if (line > 0)
        hn_buf_addf(page->out, ":%llu", (unsigned long long)line);
    hn_buf_add_lit(page->out, "</code>");
    report_put_offset(page, offset);
}

static void write_fact(struct page *page, const char *label, struct hn_text text)
{
    if (text.len == 0)
        return;
    hn_buf_addf(page->out, "<div><dt>%s</dt><dd>", label);
    report_html_defanged(page->out, &page->scratch, text);
    hn_buf_add_lit(page->out, "</dd></div>");
}

static void write_head(
        struct page *page, const struct alert_read *alert, const struct alert_sample *sample)
{
    hn_buf_add_lit(page->out, "<dl class=\"head\">");
    write_fact(page, tr(page, "Time", "時刻"), alert->time);
    if (sample->count > 1) {
        hn_buf_addf(page->out, "<div><dt>%s</dt><dd>", tr(page, "Repeated", "繰り返し"));
        report_html_count(page->out, sample->count);
        report_put(page, " times, ", " 回、");
        report_put_span(page, sample->first, sample->last);
        hn_buf_add_lit(page->out, "</dd></div>");
    }
    write_fact(page, tr(page, "User", "ユーザー"), alert->user);
    if (alert->file.len > 0) {
        hn_buf_addf(page->out, "<div><dt>%s</dt><dd>", tr(page, "Place", "場所"));
        write_place(page, alert->file, alert->offset, alert->line);
        hn_buf_add_lit(page->out, "</dd></div>");
    }
    hn_buf_add_lit(page->out, "</dl>\n");
}

/* ---- What matched ---- */

static bool same_value(const struct alert_match *a, const struct alert_match *b)
{
    return hn_text_eq(a->field, b->field) && hn_text_eq(a->value, b->value);
}

static void put_condition(struct page *page, const struct alert_match *match)
{
    struct html_value how = plain(page);

    hn_buf_add_lit(page->out, "<li>");
    if (match->selection.len > 0) {
        hn_buf_add_lit(page->out, "<span class=\"sel\">");
        report_html_text(page->out, match->selection);
        hn_buf_add_lit(page->out, "</span> ");
    }
    if (match->modifiers.len > 0) {
        hn_buf_add_lit(page->out, "<span class=\"mod\">");
        report_html_text(page->out, match->modifiers);
        hn_buf_add_lit(page->out, "</span> ");
    }
    how.bytes_max = 300;
    value(page, match->pattern, &how);
    hn_buf_add_lit(page->out, "</li>");
}

/* All matches in one value: its conditions, and the value with their bytes marked. */
static void write_matched_value(struct page *page, const struct alert_read *alert, uint32_t first)
{
    const struct alert_match *match = &alert->matches[first];
    struct html_range ranges[HTML_RANGES_MAX];
    struct html_value how = plain(page);

    how.ranges = ranges;
    hn_buf_add_lit(page->out, "<tr><th scope=\"row\">");
    if (match->field.len > 0)
        report_html_text(page->out, match->field);
    else
        report_put(page, "(whole event)", "(イベント全体)");
    hn_buf_add_lit(page->out, "</th><td><ul class=\"conds\">");
    for (uint32_t i = first; i < alert->match_count; i++) {
        const struct alert_match *other = &alert->matches[i];

        if (!same_value(match, other))
            continue;
        put_condition(page, other);
        if (how.range_count < HTML_RANGES_MAX)
            ranges[how.range_count++] =
                    (struct html_range){ other->start, (size_t)other->start + other->len };
    }
    hn_buf_add_lit(page->out, "</ul></td><td class=\"v\">");
    value(page, match->value, &how);
    hn_buf_add_lit(page->out, "</td></tr>\n");
}

static bool written_before(const struct alert_read *alert, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        if (same_value(&alert->matches[i], &alert->matches[index]))
            return true;
    }
    return false;
}

static void write_matches(struct page *page, const struct alert_read *alert)
{
    if (alert->match_count == 0)
        return;
    hn_buf_addf(page->out,
            "<div class=\"scroll\"><table class=\"matches\"><thead><tr><th scope=\"col\">%s</th>"
            "<th scope=\"col\">%s</th><th scope=\"col\">%s</th></tr></thead><tbody>\n",
            tr(page, "Field", "項目"), tr(page, "Condition that held", "成立した条件"),
            tr(page, "Value, with what matched", "値(一致箇所を強調)"));
    for (uint32_t i = 0; i < alert->match_count; i++) {
        if (!written_before(alert, i))
            write_matched_value(page, alert, i);
    }
    hn_buf_add_lit(page->out, "</tbody></table></div>\n");
    if (alert->match_count == ALERT_MATCHES_MAX) {
        hn_buf_add_lit(page->out, "<p class=\"note\">");
        report_put(page, "Only the first matches of this alert are kept.",
                "このアラートの一致箇所は先頭のみ記録した。");
        hn_buf_add_lit(page->out, "</p>\n");
    }
}

/* ---- Correlations and indicators ---- */

static void write_pairs(
        struct page *page, const char *title, const struct alert_field *fields, uint32_t count)
{
    struct html_value how = plain(page);

    if (count == 0)
        return;
    hn_buf_addf(page->out,
            "<div class=\"scroll\"><table class=\"fields\"><caption>%s</caption>"
            "<tbody>\n",
            title);
    for (uint32_t i = 0; i < count; i++) {
        hn_buf_add_lit(page->out, "<tr><th scope=\"row\">");
        report_html_text(page->out, fields[i].name);
        hn_buf_add_lit(page->out, "</th><td class=\"v\">");
        value(page, fields[i].value, &how);
        hn_buf_add_lit(page->out, "</td></tr>\n");
    }
    hn_buf_add_lit(page->out, "</tbody></table></div>\n");
}

static void write_correlation(struct page *page, const struct alert_read *alert)
{
    hn_buf_add_lit(page->out, "<dl class=\"head\">");
    write_fact(page, tr(page, "From", "開始"), alert->start);
    write_fact(page, tr(page, "Until", "終了"), alert->end);
    write_fact(page, tr(page, "Measured", "測定値"), alert->measured);
    hn_buf_addf(page->out, "<div><dt>%s</dt><dd>", tr(page, "Events", "イベント数"));
    report_html_count(page->out, alert->events);
    hn_buf_add_lit(page->out, "</dd></div></dl>\n");
    write_pairs(page, tr(page, "Grouped by", "集約の単位"), alert->group, alert->group_count);
    if (alert->part_count == 0)
        return;
    hn_buf_addf(page->out,
            "<div class=\"scroll\"><table class=\"fields\"><caption>%s</caption><tbody>\n",
            tr(page, "Events that led to it", "元になったイベント"));
    for (uint32_t i = 0; i < alert->part_count; i++) {
        const struct alert_read_part *part = &alert->parts[i];

        hn_buf_add_lit(page->out, "<tr><td class=\"t\">");
        report_html_text(page->out, part->time);
        hn_buf_add_lit(page->out, "</td><td>");
        report_html_text(page->out, part->rule);
        hn_buf_add_lit(page->out, "</td><td>");
        write_place(page, part->file, part->offset, part->line);
        hn_buf_add_lit(page->out, "</td></tr>\n");
    }
    hn_buf_add_lit(page->out, "</tbody></table></div>\n");
}

/* ---- The event ---- */

/* Marks of all matches in this field of the event. */
static void write_field(
        struct page *page, const struct alert_read *alert, const struct alert_field *field)
{
    struct html_range ranges[HTML_RANGES_MAX];
    struct html_value how = plain(page);

    how.ranges = ranges;
    for (uint32_t i = 0; i < alert->match_count && how.range_count < HTML_RANGES_MAX; i++) {
        const struct alert_match *match = &alert->matches[i];

        if (hn_text_eq(match->field, field->name) && hn_text_eq(match->value, field->value))
            ranges[how.range_count++] =
                    (struct html_range){ match->start, (size_t)match->start + match->len };
    }
    hn_buf_addf(page->out, "<tr%s><th scope=\"row\">", how.range_count > 0 ? " class=\"hit\"" : "");
    report_html_text(page->out, field->name);
    hn_buf_add_lit(page->out, "</th><td class=\"v\">");
    value(page, field->value, &how);
    hn_buf_add_lit(page->out, "</td></tr>\n");
}

#define FIELDS_SHOWN_MAX 200u

static void write_event(struct page *page, const struct alert_read *alert)
{
    uint32_t shown = alert->field_count < FIELDS_SHOWN_MAX ? alert->field_count : FIELDS_SHOWN_MAX;

    if (alert->field_count == 0)
        return;
    hn_buf_addf(page->out, "<details><summary>%s (",
            tr(page, "All fields of the event", "イベントの全項目"));
    report_html_count(page->out, alert->field_count);
    hn_buf_add_lit(page->out, ")</summary><div class=\"scroll\"><table class=\"fields\"><tbody>\n");
    for (uint32_t i = 0; i < shown; i++)
        write_field(page, alert, &alert->fields[i]);
    hn_buf_add_lit(page->out, "</tbody></table></div>");
    if (shown < alert->field_count) {
        hn_buf_add_lit(page->out, "<p class=\"note\">");
        report_put(page, "Further fields left out: ", "省略した項目: ");
        report_html_count(page->out, alert->field_count - shown);
        hn_buf_add_lit(page->out, "</p>");
    }
    hn_buf_add_lit(page->out, "</details>\n");
}

static void write_raw(struct page *page, const struct alert_read *alert)
{
    struct html_value how = { .bytes_max = page->limits.raw_bytes_max, .japanese = page->ja };

    if (alert->raw.len == 0)
        return;
    hn_buf_addf(page->out, "<details class=\"raw\"><summary>%s</summary><pre>",
            tr(page, "As it was logged", "元のログ"));
    report_html_value(page->out, &page->scratch, alert->raw, &how);
    hn_buf_add_lit(page->out, "</pre></details>\n");
}

void report_write_evidence(struct page *page, const struct alert_sample *sample)
{
    struct alert_read alert;
    enum hn_status status;

    hn_arena_reset(&page->sample);
    status = alert_read(sample->json, &page->sample, &alert);
    if (status == HN_NOMEM && page->out->status == HN_OK)
        page->out->status = HN_NOMEM;
    if (status != HN_OK)
        return;
    hn_buf_add_lit(page->out, "<div class=\"alert\">\n");
    write_head(page, &alert, sample);
    if (alert.has_correlation)
        write_correlation(page, &alert);
    write_matches(page, &alert);
    write_pairs(page, tr(page, "Indicator", "指標"), alert.indicator, alert.indicator_count);
    write_event(page, &alert);
    write_raw(page, &alert);
    hn_buf_add_lit(page->out, "</div>\n");
}
