/* hec_write.c - Splunk's events as one stream that the decoders know: JSON lines where every event
 * is an object, else octet-counted syslog, whose header carries what the envelope says and whose
 * messages may be anything, line feeds included. */
#include "ingest/ingest_internal.h"

#include "base/escape.h"
#include "base/num.h"
#include "base/time.h"

#define HOST_BYTES_MAX    255 /* RFC 5424, section 6 */
#define SD_NAME_BYTES_MAX 32

/* A JSON value as text: a string without its quotes and escapes, anything else as it stands. */
static struct hn_text plain(struct hn_text json, struct hn_arena *arena)
{
    struct hn_json_in in = hn_json_in_over(json);
    struct hn_text text;

    if (hn_json_in_peek(&in) != '"' || !hn_json_in_text(&in, arena, &text))
        return json;
    return text;
}

/* ---- JSON lines ---- */

/* A JSON value in one line: white space between its tokens that ends a line becomes a blank. Inside
 * strings there is none (RFC 8259). */
static void add_line(struct hn_buf *out, struct hn_text json)
{
    for (size_t i = 0; i < json.len; i++)
        hn_buf_add_char(out, json.ptr[i] == '\n' || json.ptr[i] == '\r' ? ' ' : json.ptr[i]);
}

/* The object has a member of this name. */
static bool has_member(struct hn_text object, struct hn_text name, struct hn_arena *arena)
{
    struct hn_json_in in = hn_json_in_over(object);
    struct hn_text key;

    (void)hn_json_in_open(&in, '{');
    while (hn_json_in_member(&in, arena, &key)) {
        if (hn_text_eq(key, name))
            return true;
        (void)hn_json_in_skip(&in);
    }
    return false;
}

/* Behind the event's own members. What the event says itself stays what it is. */
static void add_member(const struct hec_event *event, struct hn_text name, struct hn_text json,
        struct hn_arena *arena, struct hn_buf *out)
{
    struct hn_buf prefixed = { 0 };

    if (json.len == 0 || !hn_buf_ok(out))
        return;
    if (has_member(event->event, name, arena))
        hn_buf_add_lit(&prefixed, "splunk_");
    hn_buf_add_text(&prefixed, name);
    if (!hn_buf_ok(&prefixed))
        out->status = prefixed.status;
    if (out->ptr[out->len - 1] != '{')
        hn_buf_add_char(out, ',');
    hn_json_string(out, hn_buf_text(&prefixed));
    hn_buf_add_char(out, ':');
    add_line(out, json);
    hn_buf_deinit(&prefixed);
}

static void write_json(const struct hec_event *event, struct hn_arena *arena, struct hn_buf *out)
{
    struct hn_text object = hn_text_trim(event->event);
    struct hn_text inside = hn_text_trim(hn_text_sub(object, 1, object.len - 2));
    struct hn_json_in in = hn_json_in_over(event->fields);
    struct hn_text key;
    struct hn_text value;

    hn_buf_add_char(out, '{');
    add_line(out, inside);
    add_member(event, HN_TEXT("_time"), event->time, arena, out);
    add_member(event, HN_TEXT("host"), event->host, arena, out);
    add_member(event, HN_TEXT("source"), event->source, arena, out);
    add_member(event, HN_TEXT("sourcetype"), event->sourcetype, arena, out);
    add_member(event, HN_TEXT("index"), event->index, arena, out);
    if (event->fields.len > 0 && hn_json_in_open(&in, '{')) {
        while (hn_json_in_member(&in, arena, &key) && hn_json_in_raw(&in, &value))
            add_member(event, key, value, arena, out);
    }
    hn_buf_add_lit(out, "}\n");
}

/* ---- Syslog ---- */

static bool is_printable(struct hn_text text, size_t max)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= 0x20 || text.ptr[i] >= 0x7F)
            return false;
    }
    return text.len > 0 && text.len <= max;
}

static void add_param_name(struct hn_buf *out, struct hn_text name)
{
    for (size_t i = 0; i < name.len && i < SD_NAME_BYTES_MAX; i++) {
        char c = name.ptr[i];

        hn_buf_add_char(out, c <= 0x20 || c >= 0x7F || strchr("=]\"", c) != NULL ? '_' : c);
    }
}

static void add_param(
        struct hn_buf *out, struct hn_text name, struct hn_text json, struct hn_arena *arena)
{
    struct hn_text value = plain(json, arena);

    if (json.len == 0 || name.len == 0)
        return;
    hn_buf_add_char(out, ' ');
    add_param_name(out, name);
    hn_buf_add_lit(out, "=\"");
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];

        if (c == '"' || c == '\\' || c == ']')
            hn_buf_add_char(out, '\\');
        hn_buf_add_char(out, c == '\n' || c == '\r' || c == '\0' ? ' ' : c);
    }
    hn_buf_add_char(out, '"');
}

static void add_data(
        const struct hec_event *event, bool host_named, struct hn_arena *arena, struct hn_buf *out)
{
    size_t start = out->len;
    struct hn_json_in in = hn_json_in_over(event->fields);
    struct hn_text key;
    struct hn_text value;

    hn_buf_add_lit(out, "[splunk");
    if (!host_named)
        add_param(out, HN_TEXT("host"), event->host, arena);
    add_param(out, HN_TEXT("source"), event->source, arena);
    add_param(out, HN_TEXT("sourcetype"), event->sourcetype, arena);
    add_param(out, HN_TEXT("index"), event->index, arena);
    if (event->fields.len > 0 && hn_json_in_open(&in, '{')) {
        while (hn_json_in_member(&in, arena, &key) && hn_json_in_raw(&in, &value))
            add_param(out, key, value, arena);
    }
    if (out->len - start == sizeof "[splunk" - 1 && hn_buf_ok(out)) {
        out->len = start;
        hn_buf_add_char(out, '-');
    } else {
        hn_buf_add_char(out, ']');
    }
}

/* "<34>": the event is a system log message by itself. */
static bool has_priority(struct hn_text text)
{
    size_t end = hn_text_find_char(text, '>', 0);
    uint32_t priority;

    return text.len > 2 && text.ptr[0] == '<' && end != SIZE_MAX &&
           hn_parse_u32(hn_text_sub(text, 1, end - 1), &priority) && priority < 192;
}

static void write_message(
        const struct hec_event *event, struct hn_arena *arena, struct hn_buf *message)
{
    struct hn_text text = plain(event->event, arena);
    struct hn_text host = plain(event->host, arena);
    bool host_named = is_printable(host, HOST_BYTES_MAX);
    hn_time time =
            event->time.len == 0 ? HN_TIME_NONE : hn_time_parse(plain(event->time, arena), NULL);

    if (has_priority(text)) {
        hn_buf_add_text(message, text);
        return;
    }
    hn_buf_add_lit(message, "<14>1 ");
    if (time == HN_TIME_NONE)
        hn_buf_add_char(message, '-');
    else
        hn_buf_add_time(message, time, NULL);
    hn_buf_add_char(message, ' ');
    hn_buf_add_text(message, host_named ? host : HN_TEXT("-"));
    hn_buf_add_lit(message, " - - - ");
    add_data(event, host_named, arena, message);
    hn_buf_add_char(message, ' ');
    hn_buf_add_text(message, text);
}

enum hec_shape hec_write(const hec_events *events, struct hn_arena *arena, struct hn_buf *out)
{
    enum hec_shape shape = HEC_SHAPE_JSON;
    struct hn_buf message = { 0 };

    for (size_t i = 0; i < events->count; i++) {
        if (events->ptr[i].event.ptr[0] != '{')
            shape = HEC_SHAPE_SYSLOG;
    }
    for (size_t i = 0; i < events->count && hn_buf_ok(out); i++) {
        if (shape == HEC_SHAPE_JSON) {
            write_json(&events->ptr[i], arena, out);
            continue;
        }
        hn_buf_reset(&message);
        write_message(&events->ptr[i], arena, &message);
        if (!hn_buf_ok(&message))
            out->status = message.status;
        hn_buf_add_u64(out, message.len);
        hn_buf_add_char(out, ' ');
        hn_buf_add_text(out, hn_buf_text(&message));
    }
    hn_buf_deinit(&message);
    if (hn_arena_status(arena) != HN_OK && hn_buf_ok(out))
        out->status = hn_arena_status(arena);
    return shape;
}
