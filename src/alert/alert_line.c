/* alert_line.c - an event without an alert as one line, under the names that alerts use. */
#include "alert/alert_internal.h"

#include "base/escape.h"
#include "base/finding.h"

/* ---- JSON ---- */

static void findings_member(struct hn_json_out *json, uint32_t findings)
{
    if (findings == 0)
        return;
    hn_json_key(json, HN_TEXT("findings"));
    hn_json_open(json, '[');
    for (unsigned i = 0; i < HN_FINDING_COUNT; i++) {
        if ((findings >> i & 1u) != 0)
            hn_json_text(json, hn_text_cstr(hn_finding_id((enum hn_finding_kind)i)));
    }
    hn_json_close(json, ']');
}

static void field_member(struct hn_json_out *json, struct hn_text name, struct hn_event *event,
        uint32_t first, struct hn_buf *out)
{
    hn_json_key(json, name);
    alert_values_json(event, first, out);
    json->after_key = false;
}

static void chosen_fields(struct hn_json_out *json, struct hn_event *event,
        const struct alert_line_options *options, struct hn_buf *out)
{
    hn_json_open(json, '{');
    for (uint32_t i = 0; i < options->only_count; i++) {
        uint32_t first = hn_event_first(event, options->only[i]);

        if (first != HN_VALUE_NONE)
            field_member(json, options->labels[i], event, first, out);
    }
    hn_json_close(json, '}');
}

static void added_member(struct hn_json_out *json, struct hn_event *event,
        const struct alert_line_options *options, struct hn_buf *out)
{
    bool open = false;

    for (uint32_t i = 0; i < options->added_count; i++) {
        hn_field field = options->added[i];

        if (!hn_event_is_added(event, field))
            continue;
        if (!open) {
            hn_json_key(json, HN_TEXT("added"));
            hn_json_open(json, '{');
            open = true;
        }
        field_member(json, hn_schema_name(event->schema, field), event,
                hn_event_first(event, field), out);
    }
    if (open)
        hn_json_close(json, '}');
}

void alert_line_json(
        const struct alert_line *line, const struct alert_line_options *options, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);
    struct hn_event *event = line->event;

    hn_json_open(&json, '{');
    write_time_member(&json, HN_TEXT("time"), line->time, options->zone);
    write_text_member(&json, HN_TEXT("host"), line->host);
    write_text_member(&json, HN_TEXT("user"), line->user);
    write_place_members(&json, &event->source, line->file, event->offset, event->line);
    findings_member(&json, event->findings);
    write_matches_member(&json, line->matches, line->match_count);
    hn_json_key(&json, HN_TEXT("event"));
    if (options->only != NULL) {
        chosen_fields(&json, event, options, out);
    } else {
        alert_event_json(event, out);
        json.after_key = false;
        added_member(&json, event, options, out);
    }
    if (options->raw) {
        hn_json_key(&json, HN_TEXT("raw"));
        alert_raw_json(event, out);
        json.after_key = false;
    }
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}

/* ---- CSV ---- */

static void cell(struct hn_buf *out, struct hn_text text)
{
    hn_csv_field(out, text);
    hn_buf_add_char(out, ',');
}

void alert_line_csv_header(const struct alert_line_options *options, struct hn_buf *out)
{
    hn_buf_add_lit(out, "time,host,user,product,category,service,file,offset,line");
    for (uint32_t i = 0; i < options->only_count; i++) {
        hn_buf_add_char(out, ',');
        hn_csv_field(out, options->labels[i]);
    }
    hn_buf_add_lit(out, "\r\n");
}

/* Several values in one cell, "; " between them. */
static void values_cell(struct hn_event *event, hn_field field, struct hn_buf *out)
{
    uint32_t index = hn_event_first(event, field);
    struct hn_buf joined = { 0 };

    hn_buf_add_char(out, ',');
    if (index == HN_VALUE_NONE)
        return;
    if (hn_event_next(event, index) == HN_VALUE_NONE) {
        hn_csv_field(out, hn_event_text(event, index));
        return;
    }
    for (; index != HN_VALUE_NONE; index = hn_event_next(event, index)) {
        if (joined.len > 0)
            hn_buf_add_lit(&joined, "; ");
        hn_buf_add_text(&joined, hn_event_text(event, index));
    }
    hn_csv_field(out, hn_buf_text(&joined));
    hn_buf_deinit(&joined);
}

void alert_line_csv(
        const struct alert_line *line, const struct alert_line_options *options, struct hn_buf *out)
{
    struct hn_event *event = line->event;

    write_time_cell(out, line->time, options->zone);
    cell(out, line->host);
    cell(out, line->user);
    cell(out, event->source.product);
    cell(out, event->source.category[0]);
    cell(out, event->source.service[0]);
    cell(out, line->file);
    hn_buf_addf(out, "%llu,", (unsigned long long)event->offset);
    if (event->line > 0)
        hn_buf_add_u64(out, event->line);
    for (uint32_t i = 0; i < options->only_count; i++)
        values_cell(event, options->only[i], out);
    hn_buf_add_lit(out, "\r\n");
}
