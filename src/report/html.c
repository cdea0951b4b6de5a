/* html.c - escapes, defangs, marks and cuts what a report shows. */
#include "report/html.h"

#include "base/escape.h"
#include "base/num.h"
#include "base/utf.h"

#include <stdio.h>
#include <stdlib.h>

void report_html_text(struct hn_buf *out, struct hn_text text)
{
    hn_html_text(out, text);
}

/* The text in scratch, defanged. */
static struct hn_text defanged(struct hn_buf *scratch, struct hn_text text)
{
    hn_buf_reset(scratch);
    hn_buf_add_text(scratch, text);
    if (!hn_buf_ok(scratch))
        return HN_TEXT("");
    hn_defang_schemes(scratch->ptr, scratch->len);
    return hn_buf_text(scratch);
}

void report_html_defanged(struct hn_buf *out, struct hn_buf *scratch, struct hn_text text)
{
    if (text.len > 0)
        report_html_text(out, defanged(scratch, text));
}

/* ---- Values with marks ---- */

static bool inside_code_point(struct hn_text text, size_t pos)
{
    return pos > 0 && pos < text.len && ((unsigned char)text.ptr[pos] & 0xC0) == 0x80;
}

static size_t snap_down(struct hn_text text, size_t pos)
{
    for (size_t i = 0; i < 3 && inside_code_point(text, pos); i++)
        pos--;
    return pos;
}

static size_t snap_up(struct hn_text text, size_t pos)
{
    for (size_t i = 0; i < 3 && inside_code_point(text, pos); i++)
        pos++;
    return pos;
}

static int by_start(const void *a, const void *b)
{
    const struct html_range *x = a;
    const struct html_range *y = b;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->end > y->end) - (x->end < y->end);
}

/* Sorted, without overlaps and empty ones, on whole code points. */
static size_t tidy(struct hn_text text, const struct html_value *how, struct html_range *ranges)
{
    size_t given = how->range_count < HTML_RANGES_MAX ? how->range_count : HTML_RANGES_MAX;
    size_t count = 0;

    for (size_t i = 0; i < given; i++) {
        struct html_range range = how->ranges[i];

        range.end = range.end < text.len ? range.end : text.len;
        if (range.start >= range.end)
            continue;
        range.start = snap_down(text, range.start);
        range.end = snap_up(text, range.end);
        ranges[count++] = range;
    }
    given = count;
    qsort(ranges, given, sizeof *ranges, by_start);
    count = 0;
    for (size_t i = 0; i < given; i++) {
        if (count > 0 && ranges[i].start <= ranges[count - 1].end) {
            if (ranges[i].end > ranges[count - 1].end)
                ranges[count - 1].end = ranges[i].end;
        } else {
            ranges[count++] = ranges[i];
        }
    }
    return count;
}

static void left_out(struct hn_buf *out, size_t bytes, bool before, bool japanese)
{
    if (bytes == 0)
        return;
    hn_buf_add_lit(out, "<span class=\"cut\">");
    if (japanese)
        hn_buf_add_cstr(out, before ? "(前の " : "(続く ");
    hn_buf_add_lit(out, "… ");
    report_html_count(out, bytes);
    if (japanese)
        hn_buf_add_lit(out, " バイトは省略)");
    else
        hn_buf_add_cstr(out, before ? " bytes before … " : " more bytes");
    hn_buf_add_lit(out, "</span>");
}

void report_html_value(struct hn_buf *out, struct hn_buf *scratch, struct hn_text text,
        const struct html_value *how)
{
    struct html_range ranges[HTML_RANGES_MAX];
    size_t count = tidy(text, how, ranges);
    struct html_range window = { 0, text.len };
    struct hn_text shown;
    size_t pos;

    if (how->bytes_max > 0 && text.len > how->bytes_max) {
        if (count > 0 && ranges[0].end > how->bytes_max)
            window.start =
                    ranges[0].start > how->bytes_max / 4 ? ranges[0].start - how->bytes_max / 4 : 0;
        window.end =
                window.start + how->bytes_max < text.len ? window.start + how->bytes_max : text.len;
        window.start = snap_down(text, window.start);
        window.end = snap_down(text, window.end);
    }
    shown = text.len == 0 ? HN_TEXT("") : defanged(scratch, text);
    left_out(out, window.start, true, how->japanese);
    pos = window.start;
    for (size_t i = 0; i < count && ranges[i].start < window.end; i++) {
        size_t end = ranges[i].end < window.end ? ranges[i].end : window.end;

        if (end <= pos)
            continue;
        if (ranges[i].start > pos)
            report_html_text(out, hn_text_sub(shown, pos, ranges[i].start - pos));
        else
            ranges[i].start = pos;
        hn_buf_add_lit(out, "<mark>");
        report_html_text(out, hn_text_sub(shown, ranges[i].start, end - ranges[i].start));
        hn_buf_add_lit(out, "</mark>");
        pos = end;
    }
    report_html_text(out, hn_text_sub(shown, pos, window.end - pos));
    left_out(out, text.len - window.end, false, how->japanese);
}

/* ---- References ---- */

static bool is_link(struct hn_text url)
{
    if (!hn_text_starts(url, HN_TEXT("https://")) && !hn_text_starts(url, HN_TEXT("http://")))
        return false;
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.ptr[i];

        if (c <= 0x20 || c >= 0x7F || strchr("\"'<>\\^`{|}", c) != NULL)
            return false;
    }
    return true;
}

void report_html_reference(struct hn_buf *out, struct hn_text url)
{
    if (!is_link(url)) {
        report_html_text(out, url);
        return;
    }
    hn_buf_add_lit(out, "<a rel=\"noopener noreferrer\" target=\"_blank\" href=\"");
    report_html_text(out, url);
    hn_buf_add_lit(out, "\">");
    report_html_text(out, url);
    hn_buf_add_lit(out, "</a>");
}

/* ---- Numbers ---- */

void report_html_count(struct hn_buf *out, uint64_t count)
{
    char digits[HN_U64_DIGITS_MAX];
    size_t len = hn_u64_write(count, digits);

    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            hn_buf_add_char(out, ',');
        hn_buf_add_char(out, digits[i]);
    }
}

void report_html_bytes(struct hn_buf *out, uint64_t bytes)
{
    static const char *const units[] = { "B", "KB", "MB", "GB", "TB" };
    double value = (double)bytes;
    size_t unit = 0;

    while (value >= 1000 && unit + 1 < HN_COUNT_OF(units)) {
        value /= 1000;
        unit++;
    }
    hn_buf_addf(out, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

void report_html_time(struct hn_buf *out, hn_time time, const struct hn_zone *zone)
{
    struct hn_calendar at;

    if (time == HN_TIME_NONE) {
        hn_buf_add_lit(out, "–");
        return;
    }
    at = hn_calendar_at(time, hn_zone_offset_at(zone, time));
    hn_buf_addf(out, "%04d-%02d-%02d %02d:%02d:%02d", at.year, at.month, at.day, at.hour, at.minute,
            at.second);
}
