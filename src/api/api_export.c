/* api_export.c - lists as CSV, for spreadsheets: nothing in it is a formula. */
#include "api/api_internal.h"

#include "base/escape.h"

static void add_time(struct hn_buf *out, hn_time time)
{
    if (time != HN_TIME_NONE)
        hn_buf_add_time(out, time, NULL);
}

static void add_field(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_char(out, ',');
    hn_csv_field(out, text);
}

/* Rows are fetched page by page, so that no read transaction lasts. */
struct export
{
    struct api_call *call;
    struct store_cursor last;
    uint32_t rows; /* of the page */
};

static void on_alert(void *ctx, const struct store_alert_row *row)
{
    struct export *export = ctx;
    struct hn_buf *out = &export->call->text;
    char hex[HN_DIGEST_HEX_LEN];

    export->last = (struct store_cursor){ row->time == HN_TIME_NONE ? row->received : row->time,
        row->seq };
    export->rows++;
    hn_digest_hex(row->id, hex);
    hn_csv_field(out, hn_text_of(hex, sizeof hex));
    hn_buf_add_char(out, ',');
    add_time(out, row->time);
    hn_buf_add_char(out, ',');
    add_time(out, row->received);
    add_field(out, hn_text_cstr(api_level_text(row->level)));
    add_field(out, row->title);
    add_field(out, row->rule_id);
    add_field(out, row->host);
    add_field(out, row->user);
    add_field(out, row->source);
    add_field(out, row->tenant);
    add_field(out, row->family);
    add_field(out, row->techniques);
    hn_buf_addf(out, ",%llu,", (unsigned long long)row->count);
    if (row->incident != 0)
        hn_buf_add_i64(out, row->incident);
    add_field(out, hn_text_cstr(incident_status_text(row->status)));
    add_field(out, hn_text_cstr(incident_verdict_text(row->verdict)));
    add_field(out, row->assignee);
    hn_buf_add_lit(out, "\r\n");
}

static void on_incident(void *ctx, const struct store_incident_row *row)
{
    struct export *export = ctx;
    struct hn_buf *out = &export->call->text;

    export->last = (struct store_cursor){ row->last, row->id };
    export->rows++;
    hn_buf_add_i64(out, row->id);
    hn_buf_add_char(out, ',');
    add_time(out, row->first);
    hn_buf_add_char(out, ',');
    add_time(out, row->last);
    hn_buf_add_char(out, ',');
    add_time(out, row->opened);
    hn_buf_add_char(out, ',');
    add_time(out, row->closed);
    add_field(out, hn_text_cstr(api_level_text(row->level)));
    hn_buf_addf(out, ",%u", row->confidence);
    add_field(out, row->title);
    add_field(out, row->family);
    add_field(out, row->tenant);
    hn_buf_addf(out, ",%llu", (unsigned long long)row->alerts);
    add_field(out, hn_text_cstr(incident_status_text(row->status)));
    add_field(out, hn_text_cstr(incident_verdict_text(row->verdict)));
    add_field(out, row->assignee);
    hn_buf_add_lit(out, "\r\n");
}

static uint32_t page_rows(uint32_t left)
{
    return left < STORE_PAGE_MAX ? left : STORE_PAGE_MAX;
}

/* Readies the answer; returns how many rows are wanted at most. */
static uint32_t begin(struct api_call *call, struct hn_text disposition)
{
    call->content_type = "text/csv; charset=utf-8";
    api_field_add(call, "Content-Disposition", disposition);
    return (uint32_t)api_query_int(call, "limit", API_EXPORT_MAX);
}

enum hn_status api_alerts_export(struct api_call *call)
{
    struct export export = { .call = call };
    struct store_alert_filter filter;
    struct store_page page = { .more = true };
    uint32_t left = begin(call, HN_TEXT("attachment; filename=\"alerts.csv\""));
    enum hn_status status = api_alert_filter(call, &filter);

    hn_buf_add_lit(&call->text,
            "id,time,received,level,title,rule_id,host,user,source,tenant,family,techniques,count,"
            "incident,status,verdict,assignee\r\n");
    while (status == HN_OK && page.more && left > 0) {
        export.rows = 0;
        page.limit = page_rows(left);
        status = store_alerts(call->link.store, &filter, &page, on_alert, &export, &call->err);
        page.cursor = &export.last;
        left -= export.rows;
    }
    return status;
}

enum hn_status api_incidents_export(struct api_call *call)
{
    struct export export = { .call = call };
    struct store_incident_filter filter;
    struct store_page page = { .more = true };
    uint32_t left = begin(call, HN_TEXT("attachment; filename=\"incidents.csv\""));
    enum hn_status status = api_incident_filter(call, &filter);

    hn_buf_add_lit(&call->text,
            "id,first,last,opened,closed,level,confidence,title,family,tenant,alerts,status,"
            "verdict,assignee\r\n");
    while (status == HN_OK && page.more && left > 0) {
        export.rows = 0;
        page.limit = page_rows(left);
        status =
                store_incidents(call->link.store, &filter, &page, on_incident, &export, &call->err);
        page.cursor = &export.last;
        left -= export.rows;
    }
    return status;
}
