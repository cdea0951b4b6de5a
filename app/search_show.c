/* search_show.c - two or more lines per event: a head, then the raw line of a text log or the
 * fields that fitted, with every occurrence of what fitted marked. */
#include "app/search_show.h"

#include "app/ui.h"
#include "base/escape.h"
#include "base/utf.h"

#define NEEDLES_MAX  16
#define LINES_MAX    8             /* shown of an event of several lines */
#define SHOWN_BYTES  ((size_t)600) /* of one value */
#define BEFORE_BYTES ((size_t)160) /* of them before the first mark */
#define TIME_COLUMNS 23

struct needles {
    struct hn_text piece[NEEDLES_MAX];
    size_t count;
};

/* What fitted, each once. A whole long value would mark everything, which marks nothing. */
static struct needles needles_of(const struct alert_line *found)
{
    struct needles needles = { .count = 0 };

    for (uint32_t i = 0; i < found->match_count && needles.count < NEEDLES_MAX; i++) {
        const struct alert_match *match = &found->matches[i];
        struct hn_text piece = hn_text_sub(match->value, match->start, match->len);
        bool known = piece.len == 0 || piece.len > SHOWN_BYTES;

        for (size_t k = 0; k < needles.count && !known; k++)
            known = hn_text_eq_nocase(needles.piece[k], piece);
        if (!known)
            needles.piece[needles.count++] = piece;
    }
    return needles;
}

/* The first occurrence of any piece at or behind start; the longest of those that begin there. */
static size_t next_mark(
        const struct needles *needles, struct hn_text text, size_t start, size_t *ret_len)
{
    size_t best = SIZE_MAX;

    *ret_len = 0;
    for (size_t i = 0; i < needles->count; i++) {
        struct hn_text piece = needles->piece[i];
        size_t at = hn_text_find_nocase(text, piece, start);

        if (at < best || (at == best && at != SIZE_MAX && piece.len > *ret_len)) {
            best = at;
            *ret_len = piece.len;
        }
    }
    return best;
}

/* The start of the character that a byte is in. */
static size_t whole(struct hn_text text, size_t at)
{
    for (unsigned i = 0; i < 3 && at > 0 && at < text.len; i++) {
        if (((unsigned char)text.ptr[at] & 0xC0u) != 0x80)
            break;
        at--;
    }
    return at;
}

static void marked_text(const struct needles *needles, struct hn_text text, struct hn_buf *out)
{
    size_t len = 0;
    size_t first = next_mark(needles, text, 0, &len);
    size_t start = 0;
    size_t end = text.len;

    if (text.len > SHOWN_BYTES) {
        if (first != SIZE_MAX && first > BEFORE_BYTES)
            start = whole(text, first - BEFORE_BYTES);
        if (text.len - start > SHOWN_BYTES)
            end = whole(text, start + SHOWN_BYTES);
    }
    if (start > 0)
        hn_buf_add_lit(out, "…");
    while (start < end) {
        size_t at = next_mark(needles, text, start, &len);

        if (at == SIZE_MAX || at >= end) {
            at = end;
            len = 0;
        }
        len = len > end - at ? end - at : len;
        hn_terminal_text(out, hn_text_sub(text, start, at - start));
        if (len > 0) {
            hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
            hn_buf_add_cstr(out, ui_style(UI_RED, ui.color_out));
            hn_terminal_text(out, hn_text_sub(text, at, len));
            hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
        }
        start = at + len;
    }
    if (end < text.len)
        hn_buf_add_lit(out, "…");
}

/* ---- The head ---- */

static void add_label(struct hn_buf *out, struct hn_text label, size_t start)
{
    if (label.len == 0)
        return;
    if (out->len > start)
        hn_buf_add_char(out, '/');
    hn_terminal_text(out, label);
}

/* "windows/process_creation/security 4688" */
static void add_source(struct hn_buf *out, struct hn_event *event)
{
    struct hn_text id = hn_event_field_text(event, HN_FIELD_EVENT_ID);
    size_t start = out->len;

    add_label(out, event->source.product, start);
    add_label(out, event->source.category[0], start);
    add_label(out, event->source.service[0], start);
    if (id.len > 0) {
        if (out->len > start)
            hn_buf_add_char(out, ' ');
        hn_terminal_text(out, hn_text_sub(id, 0, 16));
    }
    if (out->len == start)
        hn_buf_add_char(out, '-');
}

static void add_time(struct hn_buf *out, hn_time time, const struct hn_zone *zone)
{
    char text[HN_TIME_TEXT_MAX];
    size_t len;

    if (time == HN_TIME_NONE) {
        ui_add_cell(out, HN_TEXT("-"), TIME_COLUMNS);
        return;
    }
    len = hn_time_write(
            time / HN_MILLISECOND * HN_MILLISECOND, hn_zone_offset_at(zone, time), text);
    text[10] = ' ';
    if (len < TIME_COLUMNS) { /* a whole second */
        hn_buf_add(out, text, 19);
        hn_buf_add_repeat(out, ' ', TIME_COLUMNS - 19);
    } else {
        hn_buf_add(out, text, text[19] == '.' ? TIME_COLUMNS : 19);
        hn_buf_add_repeat(out, ' ', text[19] == '.' ? 0 : TIME_COLUMNS - 19);
    }
}

static void head(const struct alert_line *found, const struct hn_zone *zone, struct hn_buf *out)
{
    struct hn_event *event = found->event;

    hn_buf_add_cstr(out, ui_style(UI_BOLD, ui.color_out));
    add_time(out, found->time, zone);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_lit(out, "  ");
    hn_terminal_text(out, found->host.len == 0 ? HN_TEXT("-") : hn_text_sub(found->host, 0, 80));
    hn_buf_add_lit(out, "  ");
    hn_buf_add_cstr(out, ui_style(UI_GREEN, ui.color_out));
    add_source(out, event);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_lit(out, "  ");
    hn_buf_add_cstr(out, ui_style(UI_DIM, ui.color_out));
    hn_terminal_text(out, found->file);
    hn_buf_addf(out, event->line > 0 ? ":%llu" : "@%llu",
            (unsigned long long)(event->line > 0 ? event->line : event->offset));
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_char(out, '\n');
}

/* ---- The body ---- */

static void field_line(const struct needles *needles, struct hn_text name, struct hn_text value,
        struct hn_buf *out)
{
    hn_buf_add_lit(out, "    ");
    hn_buf_add_cstr(out, ui_style(UI_BLUE, ui.color_out));
    hn_terminal_text(out, name);
    hn_buf_add_cstr(out, ui_style(UI_PLAIN, ui.color_out));
    hn_buf_add_lit(out, ": ");
    marked_text(needles, value, out);
    hn_buf_add_char(out, '\n');
}

/* Of an event of several lines those that hold a mark, or its first. */
static void raw_lines(const struct needles *needles, struct hn_text raw, struct hn_buf *out)
{
    struct hn_text rest = raw;
    struct hn_text line;
    unsigned shown = 0;
    size_t len;

    for (unsigned pass = 0; pass < 2 && shown == 0; pass++) {
        rest = raw;
        while (shown < (pass == 0 ? LINES_MAX : 1u) && hn_text_line(&rest, &line)) {
            if (line.len == 0 || (pass == 0 && next_mark(needles, line, 0, &len) == SIZE_MAX))
                continue;
            hn_buf_add_lit(out, "    ");
            marked_text(needles, line, out);
            hn_buf_add_char(out, '\n');
            shown++;
        }
    }
}

/* Said by the head already. */
static bool is_in_head(struct hn_text field)
{
    static const char *const names[] = { "EventID", "Channel", "Provider_Name", "Computer",
        "TimeCreated" };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (hn_text_eq(field, hn_text_cstr(names[i])))
            return true;
    }
    return false;
}

static bool is_matched(const struct alert_line *found, uint32_t count, struct hn_text field)
{
    for (uint32_t i = 0; i < count; i++) {
        if (hn_text_eq(found->matches[i].field, field))
            return true;
    }
    return false;
}

/* What the event is about, when what fitted does not say it. */
static void context_line(
        const struct alert_line *found, const struct needles *needles, struct hn_buf *out)
{
    static const char *const telling[] = { "CommandLine", "ScriptBlockText", "TargetObject",
        "TargetFilename", "ImageLoaded", "QueryName", "DestinationIp", "Image", "ImagePath",
        "ServiceName", "TaskName", "TargetUserName", "Message", "query", "url", "c-uri",
        "email.subject", "Data" };

    for (size_t i = 0; i < HN_COUNT_OF(telling); i++) {
        struct hn_text name = hn_text_cstr(telling[i]);
        uint32_t index = hn_event_find_name(found->event, name);

        if (index == HN_VALUE_NONE)
            continue;
        if (!is_matched(found, found->match_count, name))
            field_line(needles, name, hn_event_text(found->event, index), out);
        return;
    }
}

static void field_lines(
        const struct alert_line *found, const struct needles *needles, struct hn_buf *out)
{
    for (uint32_t i = 0; i < found->match_count; i++) {
        const struct alert_match *match = &found->matches[i];

        if (match->value.len > 0 && !is_in_head(match->field) &&
                !is_matched(found, i, match->field))
            field_line(needles, match->field, match->value, out);
    }
    context_line(found, needles, out);
}

void search_show(const struct alert_line *found, const struct hn_zone *zone, struct hn_buf *out)
{
    struct needles needles = needles_of(found);
    const struct hn_event *event = found->event;

    head(found, zone, out);
    if (event->raw_is_text && !event->raw_is_json)
        raw_lines(&needles, hn_bytes_as_text(event->raw), out);
    else
        field_lines(found, &needles, out);
}
