/* decode_shell_open.c - the line in a shipper's document becomes the event; see shell.h.
 *
 * What the line says goes before what was put around it: its fields hide the document's of the same
 * names, its stamp is the time, its host the host. */
#include "decode/shell.h"

#include "decode/scan.h"
#include "decode/syslog_event.h"
#include "decode/syslog_header.h"

#include "base/num.h"

/* The value of a part as text, unescaped; empty when it is not there. */
static struct hn_text part_text(const struct json_walker *w, const struct shell *shell,
        struct hn_event *event, enum shell_part part)
{
    uint32_t token = shell->token[part];
    uint32_t start = w->index.pos[token];
    uint32_t end = w->index.pos[token + 1];
    struct hn_value *value;

    if (token == 0)
        return HN_TEXT("");
    if (w->index.kind[token] != '"')
        return hn_text_trim(hn_text_of(w->text.ptr + start, end - start));
    start++;
    if (!json_index_escaped(&w->index, start, end))
        return hn_text_of(w->text.ptr + start, end - start);
    value = hn_event_value(event);
    if (value == NULL)
        return HN_TEXT("");
    value->ptr = w->text.ptr + start;
    value->len = end - start;
    value->type = HN_TYPE_STRING;
    value->form = HN_FORM_JSON;
    return hn_event_text(event, (uint32_t)(value - event->values));
}

/* ---- The header that the shipper took apart ----------------------------------------------------
 */

/* A number below count, or the name that name_of gives to number * step. */
static int number_of(struct hn_text text, int count, int step, struct hn_text (*name_of)(int))
{
    uint32_t number;

    if (hn_parse_u32(text, &number))
        return number < (uint32_t)count ? (int)number : -1;
    for (int i = 0; i < count && text.len > 0; i++) {
        if (hn_text_eq_nocase(text, name_of(i * step)))
            return i;
    }
    return -1;
}

static int priority_of(
        const struct json_walker *w, const struct shell *shell, struct hn_event *event)
{
    uint32_t number;
    int facility;
    int severity;

    if (hn_parse_u32(part_text(w, shell, event, SHELL_PRIORITY), &number) &&
            number <= SYSLOG_PRIORITY_MAX)
        return (int)number;
    facility = number_of(part_text(w, shell, event, SHELL_FACILITY), 24, 8, syslog_facility);
    severity = number_of(part_text(w, shell, event, SHELL_SEVERITY), 8, 1, syslog_severity);
    return facility < 0 || severity < 0 ? SYSLOG_NO_PRIORITY : facility * 8 + severity;
}

static bool is_named(struct hn_text text)
{
    return text.len > 0 && !hn_text_eq(text, HN_TEXT("-"));
}

/* "sshd[123]:" */
static void split_tag(struct hn_text tag, struct syslog_header *header)
{
    size_t end = 0;

    while (end < tag.len && strchr("[: ", tag.ptr[end]) == NULL)
        end++;
    header->program = hn_text_sub(tag, 0, end);
    if (text_at(tag, end) == '[') {
        tag = hn_text_sub(tag, end + 1, tag.len);
        (void)scan_before(&tag, ']', &header->pid);
    }
}

static void header_around(const struct json_walker *w, const struct shell *shell,
        struct hn_event *event, struct syslog_header *ret_header)
{
    struct syslog_header header = { .priority = priority_of(w, shell, event) };

    header.uptime = header.message_id = header.structured = header.sequence = HN_TEXT("");
    header.message = header.pid = header.program = HN_TEXT("");
    header.host = part_text(w, shell, event, SHELL_HOST);
    if (!is_named(header.host))
        header.host = part_text(w, shell, event, SHELL_SENDER);
    if (!is_named(header.host))
        header.host = HN_TEXT("");
    split_tag(part_text(w, shell, event, SHELL_TAG), &header);
    if (shell->token[SHELL_PROGRAM] != 0)
        header.program = part_text(w, shell, event, SHELL_PROGRAM);
    if (!is_named(header.program))
        header.program = HN_TEXT("");
    if (shell->token[SHELL_PID] != 0)
        header.pid = part_text(w, shell, event, SHELL_PID);
    if (!is_named(header.pid))
        header.pid = HN_TEXT("");
    *ret_header = header;
}

/* ---- The line ---------------------------------------------------------------------------------
 */

#define LINES_MAX (SHELL_LINE_LAST - SHELL_LINE_FIRST + 1)

/* All that the document says, before its index is put aside for a document in the line. */
struct content {
    struct hn_text lines[LINES_MAX];
    size_t line_count;
    struct syslog_header around;
    struct hn_text stamp;
    struct hn_text microseconds;
};

static void content_read(const struct json_walker *w, const struct shell *shell,
        struct hn_event *event, struct content *ret)
{
    ret->line_count = 0;
    for (int part = SHELL_LINE_FIRST; part <= SHELL_LINE_LAST; part++) {
        struct hn_text line = hn_text_trim(part_text(w, shell, event, (enum shell_part)part));

        if (line.len > 0)
            ret->lines[ret->line_count++] = line;
    }
    header_around(w, shell, event, &ret->around);
    ret->stamp = part_text(w, shell, event, SHELL_STAMP);
    ret->microseconds = part_text(w, shell, event, SHELL_MICROSECONDS);
}

/* When neither the line nor a field that everybody looks at says when. */
static void shipper_time(const struct content *content, struct hn_event *event)
{
    int64_t microseconds;

    if (event->time != HN_TIME_NONE || event->time_text.ptr != NULL)
        return;
    if (content->stamp.len > 0)
        event->time_text = content->stamp;
    else if (hn_parse_i64(content->microseconds, &microseconds) && microseconds > 0 &&
             microseconds < INT64_MAX / 1000)
        event->time = microseconds * 1000;
}

/* The first of the lines that somebody knows; not those behind one that left something behind. */
static enum hn_status known_line(const struct content *content, const struct hn_source *given,
        const struct hn_event_under *under, struct hn_event *event)
{
    enum hn_status status = HN_NOTFOUND;

    for (size_t i = 0; status == HN_NOTFOUND && i < content->line_count; i++) {
        if (hn_event_is_covered(event, under))
            break;
        status = syslog_event_inside(event, content->lines[i], &content->around, given);
    }
    return status;
}

enum hn_status decode_shell_open(struct json_walker *w, const struct shell *shell,
        const struct decode_options *options, struct hn_event *event, bool *ret_spoilt)
{
    struct json_walker_place place;
    struct hn_event_under under;
    struct content content;
    enum hn_status status;

    *ret_spoilt = false;
    if (hn_event_knows_source(event))
        return HN_NOTFOUND;
    content_read(w, shell, event, &content);
    status = hn_event_cover(event, &under);
    if (status == HN_LIMIT) { /* the event is full: it stays the document's, and says so */
        event->values_dropped++;
        return HN_NOTFOUND;
    }
    if (status != HN_OK)
        return status;
    json_walker_nest(w, &place);
    status = known_line(&content, &options->source, &under, event);
    json_walker_unnest(w, &place);
    if (status == HN_OK) {
        hn_event_join(event, &under, &options->time);
        shipper_time(&content, event);
    } else if (status == HN_NOTFOUND) {
        *ret_spoilt = hn_event_is_covered(event, &under);
        if (!*ret_spoilt)
            hn_event_uncover(event, &under);
    }
    return status;
}
