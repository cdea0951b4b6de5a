/* result_json.c - the result of one analysis as one line of JSON. */
#include "report/report.h"

static void add_marks(struct hn_json_out *out, unsigned marks)
{
    static const struct {
        unsigned bit;
        const char *id;
    } names[] = {
#define MARK_ROW(name, bit, id) { bit, id },
        EXTRACT_MARK_LIST(MARK_ROW)
#undef MARK_ROW
    };

    hn_json_key_lit(out, "marks");
    hn_json_open(out, '[');
    for (size_t i = 0; i < HN_COUNT_OF(names); i++)
        if ((marks & names[i].bit) != 0)
            hn_json_text(out, hn_text_cstr(names[i].id));
    hn_json_close(out, ']');
}

static const char *type_of(const struct protect_indicator *one)
{
    switch (one->kind) {
    case PROTECT_COMMAND:
        return "command";
    case PROTECT_TEXT:
        return "text";
    case PROTECT_EXTRACTED:
        break;
    }
    return extract_kind_id(one->what);
}

static void add_indicator(
        struct hn_json_out *out, const struct dissect *dissect, const struct protect_indicator *one)
{
    struct hn_buf chain = { 0 };

    protect_chain(&chain, dissect, one);
    hn_json_open(out, '{');
    hn_json_pair(out, "type", hn_text_cstr(type_of(one)));
    hn_json_pair(out, "role", hn_text_cstr(protect_role_id(one->role)));
    hn_json_pair(out, "value", one->value);
    hn_json_pair(out, "host", one->host);
    hn_json_pair(out, "domain", one->domain);
    if (one->port != 0)
        hn_json_pair_u64(out, "port", one->port);
    if (one->object != PROTECT_NONE)
        hn_json_pair_u64(out, "object", one->object);
    if (one->offset != DISSECT_NOWHERE)
        hn_json_pair_u64(out, "offset", one->offset);
    hn_json_pair(out, "path", one->path);
    hn_json_pair(out, "chain", hn_buf_text(&chain));
    hn_json_pair(out, "via", hn_text_cstr(one->via != NULL ? one->via : ""));
    hn_json_key_lit(out, "conditional");
    hn_json_bool(out, one->conditional);
    hn_json_key_lit(out, "partial");
    hn_json_bool(out, one->partial);
    hn_json_pair_u64(out, "count", one->count);
    hn_json_pair(out, "warning", one->warning);
    add_marks(out, one->marks);
    hn_json_close(out, '}');
    hn_buf_deinit(&chain);
}

static void add_sightings(struct hn_json_out *out, const struct report_sightings *sightings)
{
    char time[HN_TIME_TEXT_MAX];

    hn_json_key_lit(out, "journal");
    hn_json_open(out, '{');
    hn_json_key_lit(out, "complete");
    hn_json_bool(out, sightings->complete);
    hn_json_key_lit(out, "reached");
    if (sightings->reached == HN_TIME_NONE)
        hn_json_null(out);
    else
        hn_json_text(out, hn_text_of(time, hn_time_write(sightings->reached, 0, time)));
    hn_json_pair_u64(out, "events", sightings->events);
    hn_json_key_lit(out, "hits");
    hn_json_open(out, '[');
    for (size_t i = 0; i < sightings->count; i++) {
        const struct report_sighting *row = &sightings->rows[i];

        hn_json_open(out, '{');
        hn_json_pair(out, "value", row->value);
        hn_json_pair(out, "time", row->time);
        hn_json_pair(out, "host", row->host);
        hn_json_pair(out, "user", row->user);
        hn_json_pair(out, "source", row->source);
        hn_json_pair_u64(out, "offset", row->offset);
        hn_json_pair_u64(out, "index", row->index);
        hn_json_close(out, '}');
    }
    hn_json_close(out, ']');
    hn_json_close(out, '}');
}

void report_result_json(const struct report_result *result, struct hn_buf *buf)
{
    struct hn_json_out out = hn_json_out_over(buf);
    const struct dissect *dissect = result->sample->dissect;

    hn_json_open(&out, '{');
    analyze_report_members(&out, dissect, result->verdict);
    hn_json_key_lit(&out, "indicators");
    hn_json_open(&out, '[');
    for (size_t i = 0; i < result->indicators->items.count; i++)
        add_indicator(&out, dissect, &result->indicators->items.ptr[i]);
    hn_json_close(&out, ']');
    if (result->sightings != NULL)
        add_sightings(&out, result->sightings);
    hn_json_key_lit(&out, "worker");
    hn_json_open(&out, '{');
    hn_json_pair_u64(&out, "cpu_ms", result->sample->cpu_ms);
    hn_json_pair_u64(&out, "memory_bytes", result->sample->memory_bytes);
    hn_json_close(&out, '}');
    hn_json_close(&out, '}');
    hn_buf_add_char(buf, '\n');
}
