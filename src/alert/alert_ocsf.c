/* alert_ocsf.c - an alert as an OCSF 1.3 Detection Finding (class 2004). */
#include "alert/alert_internal.h"

#define OCSF_VERSION "1.3.0"

static uint64_t severity_id(enum sigma_level level)
{
    switch (level) {
    case SIGMA_LEVEL_INFORMATIONAL:
        return 1;
    case SIGMA_LEVEL_LOW:
        return 2;
    case SIGMA_LEVEL_MEDIUM:
        return 3;
    case SIGMA_LEVEL_HIGH:
        return 4;
    case SIGMA_LEVEL_CRITICAL:
        return 5;
    case SIGMA_LEVEL_NONE:
        break;
    }
    return 0;
}

static struct hn_text severity_name(enum sigma_level level)
{
    static const char *const names[] = { "Unknown", "Informational", "Low", "Medium", "High",
        "Critical" };

    return hn_text_cstr(names[severity_id(level)]);
}

static void milliseconds(struct hn_json_out *json, struct hn_text key, hn_time time)
{
    hn_json_key(json, key);
    hn_json_i64(json, time == HN_TIME_NONE ? 0 : time / HN_MILLISECOND);
}

static void metadata(struct hn_json_out *json)
{
    hn_json_key(json, HN_TEXT("metadata"));
    hn_json_open(json, '{');
    hn_json_pair(json, "version", HN_TEXT(OCSF_VERSION));
    hn_json_key(json, HN_TEXT("product"));
    hn_json_open(json, '{');
    hn_json_pair(json, "name", HN_TEXT("Hinomi"));
    hn_json_pair(json, "vendor_name", HN_TEXT("Hinomi"));
    hn_json_pair(json, "version", HN_TEXT(HN_VERSION));
    hn_json_close(json, '}');
    hn_json_close(json, '}');
}

static void attacks(struct hn_json_out *json, struct sigma_texts tags)
{
    char name[ALERT_ATTACK_MAX];
    char tactic[ALERT_ATTACK_MAX] = "";

    for (uint32_t i = 0; i < tags.count && tactic[0] == '\0'; i++) {
        if (alert_attack_tactic(tags.ptr[i], name))
            memcpy(tactic, name, sizeof tactic);
    }
    hn_json_key(json, HN_TEXT("attacks"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < tags.count; i++) {
        if (!alert_attack_technique(tags.ptr[i], name))
            continue;
        hn_json_open(json, '{');
        hn_json_key(json, HN_TEXT("technique"));
        hn_json_open(json, '{');
        hn_json_pair(json, "uid", hn_text_cstr(name));
        hn_json_close(json, '}');
        if (tactic[0] != '\0') {
            hn_json_key(json, HN_TEXT("tactic"));
            hn_json_open(json, '{');
            hn_json_pair(json, "name", hn_text_cstr(tactic));
            hn_json_close(json, '}');
        }
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

static void finding_info(struct hn_json_out *json, const struct alert *alert)
{
    char hex[HN_DIGEST_HEX_LEN];

    hn_digest_hex(alert->id, hex);
    hn_json_key(json, HN_TEXT("finding_info"));
    hn_json_open(json, '{');
    hn_json_pair(json, "uid", hn_text_of(hex, sizeof hex));
    hn_json_pair(json, "title", alert->meta->title);
    if (alert->meta->description.len > 0)
        hn_json_pair(json, "desc", alert->meta->description);
    hn_json_key(json, HN_TEXT("analytic"));
    hn_json_open(json, '{');
    hn_json_pair(json, "name", alert->meta->title);
    hn_json_pair(json, "uid", alert->meta->id);
    hn_json_pair_u64(json, "type_id", 1); /* Rule */
    hn_json_close(json, '}');
    write_texts_member(json, HN_TEXT("types"), alert->meta->tags);
    if (alert->kind == ALERT_CORRELATION) {
        milliseconds(json, HN_TEXT("first_seen_time"), alert->window_start);
        milliseconds(json, HN_TEXT("last_seen_time"), alert->window_end);
    }
    attacks(json, alert->meta->tags);
    hn_json_close(json, '}');
}

static void evidences(struct hn_json_out *json, const struct alert *alert)
{
    hn_json_key(json, HN_TEXT("evidences"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < alert->match_count; i++) {
        const struct alert_match *match = &alert->matches[i];

        hn_json_open(json, '{');
        hn_json_key(json, HN_TEXT("data"));
        hn_json_open(json, '{');
        hn_json_pair(json, "selection", match->selection);
        hn_json_pair(json, "field", match->field);
        hn_json_pair(json, "pattern", match->pattern);
        hn_json_pair(json, "value", match->value);
        hn_json_pair_u64(json, "start", match->start);
        hn_json_pair_u64(json, "len", match->len);
        hn_json_close(json, '}');
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

/* Type ids of the OCSF observable object. */
#define OBSERVABLE_HOSTNAME 1
#define OBSERVABLE_USER     4

static void observable(
        struct hn_json_out *json, struct hn_text name, struct hn_text value, uint64_t type)
{
    if (value.len == 0)
        return;
    hn_json_open(json, '{');
    hn_json_pair(json, "name", name);
    hn_json_pair(json, "value", value);
    hn_json_pair_u64(json, "type_id", type);
    hn_json_close(json, '}');
}

void write_ocsf(struct alert_writer *writer, const struct alert *alert, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_open(&json, '{');
    hn_json_pair_u64(&json, "class_uid", 2004);
    hn_json_pair(&json, "class_name", HN_TEXT("Detection Finding"));
    hn_json_pair_u64(&json, "category_uid", 2);
    hn_json_pair_u64(&json, "activity_id", 1);
    hn_json_pair_u64(&json, "type_uid", 200401);
    milliseconds(&json, HN_TEXT("time"), alert->time);
    hn_json_pair_u64(&json, "severity_id", severity_id(alert->level));
    hn_json_pair(&json, "severity", severity_name(alert->level));
    hn_json_pair_u64(&json, "status_id", 1); /* New */
    hn_json_pair(&json, "message", alert->meta->title);
    metadata(&json);
    finding_info(&json, alert);
    if (alert->host.len > 0) {
        hn_json_key(&json, HN_TEXT("device"));
        hn_json_open(&json, '{');
        hn_json_pair(&json, "hostname", alert->host);
        hn_json_pair_u64(&json, "type_id", 0);
        hn_json_close(&json, '}');
    }
    hn_json_key(&json, HN_TEXT("observables"));
    hn_json_open(&json, '[');
    observable(&json, HN_TEXT("device.hostname"), alert->host, OBSERVABLE_HOSTNAME);
    observable(&json, HN_TEXT("actor.user.name"), alert->user, OBSERVABLE_USER);
    hn_json_close(&json, ']');
    evidences(&json, alert);
    if (alert->event != NULL) {
        hn_buf_reset(&writer->scratch);
        alert_event_json(alert->event, &writer->scratch);
        fail_with(out, &writer->scratch);
        hn_json_pair(&json, "raw_data", hn_buf_text(&writer->scratch));
    }
    hn_json_key(&json, HN_TEXT("unmapped"));
    hn_json_open(&json, '{');
    hn_json_pair(&json, "file", alert->file);
    hn_json_pair_u64(&json, "offset", alert->offset);
    hn_json_close(&json, '}');
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}
