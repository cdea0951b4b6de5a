/* output_body.c - what is said of an alert or incident, as one line of JSON.
 *
 * An alert's JSON line is passed on as it is kept, within an envelope that has the key first: that
 * is what a receiver, and a file of ours, tells repetitions by. */
#include "output/output_internal.h"

#include "base/json_out.h"

const char *output_level_text(uint32_t level)
{
    return sigma_level_text(
            level > SIGMA_LEVEL_CRITICAL ? SIGMA_LEVEL_CRITICAL : (enum sigma_level)level);
}

static void time_pair(struct hn_json_out *json, struct hn_text name, hn_time time)
{
    char text[HN_TIME_TEXT_MAX];

    hn_json_key(json, name);
    if (time == HN_TIME_NONE)
        hn_json_null(json);
    else
        hn_json_text(json, hn_text_of(text, hn_time_write(time, 0, text)));
}

static void incident_member(struct hn_json_out *json, const struct output_fact *fact)
{
    hn_json_key(json, HN_TEXT("incident"));
    hn_json_open(json, '{');
    hn_json_key(json, HN_TEXT("id"));
    hn_json_i64(json, fact->incident);
    hn_json_pair(json, "title", fact->title);
    hn_json_pair(json, "level", hn_text_cstr(output_level_text(fact->level)));
    hn_json_pair_u64(json, "confidence", fact->confidence);
    hn_json_pair(json, "family", fact->family);
    hn_json_pair(json, "tenant", fact->tenant);
    hn_json_pair_u64(json, "alerts", fact->alerts);
    time_pair(json, HN_TEXT("first"), fact->time);
    time_pair(json, HN_TEXT("last"), fact->last);
    hn_json_key(json, HN_TEXT("why"));
    if (fact->why.len > 0)
        hn_json_raw(json, fact->why);
    else
        hn_json_null(json);
    hn_json_close(json, '}');
}

static void write_envelope(const struct output_fact *fact, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_open(&json, '{');
    hn_json_pair(&json, "key", fact->key);
    hn_json_pair(&json, "kind", fact->kind);
    time_pair(&json, HN_TEXT("created"), fact->created);
    if (fact->json.len > 0) {
        hn_json_key(&json, HN_TEXT("incident_id"));
        if (fact->incident != 0)
            hn_json_i64(&json, fact->incident);
        else
            hn_json_null(&json);
        hn_json_pair(&json, "source", fact->source);
        hn_json_pair(&json, "tenant", fact->tenant);
        hn_json_key(&json, HN_TEXT("alert"));
        hn_json_raw(&json, fact->json);
    } else {
        incident_member(&json, fact);
    }
    hn_json_close(&json, '}');
}

static uint64_t milliseconds(hn_time time)
{
    return time == HN_TIME_NONE || time < 0 ? 0 : (uint64_t)(time / HN_MILLISECOND);
}

/* OCSF 1.3, Incident Finding (class 2005). */
static void write_incident_finding(const struct output_fact *fact, struct hn_buf *out)
{
    bool opened = hn_text_eq(fact->kind, HN_TEXT("incident.opened"));
    struct hn_json_out json = hn_json_out_over(out);
    char name[32];
    struct hn_buf id = hn_buf_over(name, sizeof name);

    hn_buf_addf(&id, "%lld", (long long)fact->incident);
    hn_json_open(&json, '{');
    hn_json_pair_u64(&json, "class_uid", 2005);
    hn_json_pair(&json, "class_name", HN_TEXT("Incident Finding"));
    hn_json_pair_u64(&json, "category_uid", 2);
    hn_json_pair_u64(&json, "activity_id", opened ? 1 : 2);
    hn_json_pair_u64(&json, "type_uid", opened ? 200501 : 200502);
    hn_json_pair_u64(&json, "time", milliseconds(fact->last));
    hn_json_pair_u64(&json, "start_time", milliseconds(fact->time));
    hn_json_pair_u64(&json, "severity_id", fact->level);
    hn_json_pair_u64(&json, "status_id", 1); /* New */
    hn_json_pair_u64(&json, "confidence_score", fact->confidence);
    hn_json_pair(&json, "message", fact->title);
    hn_json_key(&json, HN_TEXT("metadata"));
    hn_json_open(&json, '{');
    hn_json_pair(&json, "version", HN_TEXT("1.3.0"));
    hn_json_key(&json, HN_TEXT("product"));
    hn_json_open(&json, '{');
    hn_json_pair(&json, "name", HN_TEXT("Hinomi"));
    hn_json_pair(&json, "vendor_name", HN_TEXT("Hinomi"));
    hn_json_pair(&json, "version", HN_TEXT(HN_VERSION));
    hn_json_close(&json, '}');
    hn_json_pair(&json, "uid", fact->key);
    hn_json_close(&json, '}');
    hn_json_key(&json, HN_TEXT("finding_info_list"));
    hn_json_open(&json, '[');
    hn_json_open(&json, '{');
    hn_json_pair(&json, "uid", hn_buf_text(&id));
    hn_json_pair(&json, "title", fact->title);
    hn_json_close(&json, '}');
    hn_json_close(&json, ']');
    hn_json_close(&json, '}');
}

/* Without the LF that ends every line of alert_read_ocsf(). */
static void write_finding(const struct output_fact *fact, struct hn_buf *out)
{
    alert_read_ocsf(&fact->read, out);
    if (hn_buf_ok(out) && out->len > 0 && out->ptr[out->len - 1] == '\n')
        out->len--;
}

void output_body_write(
        const struct output_fact *fact, enum config_output_format format, struct hn_buf *out)
{
    switch (format) {
    case CONFIG_JSONL:
        write_envelope(fact, out);
        break;
    case CONFIG_OCSF:
        if (fact->json.len > 0)
            write_finding(fact, out);
        else
            write_incident_finding(fact, out);
        break;
    case CONFIG_CEF:
        output_cef_write(fact, out);
        break;
    }
}
