/* alert_ocsf.c - an alert as an OCSF 1.3 Detection Finding (class 2004): one that has just been
 * found, or one that was kept as its JSON line. Both become a struct finding, which is written. */
#include "alert/alert_internal.h"

#define OCSF_VERSION "1.3.0"

/* What OCSF has a place for. Borrowed. */
struct finding {
    struct hn_text id;
    struct hn_text title;
    struct hn_text rule_id;
    struct hn_text description;
    struct sigma_texts tags;
    enum sigma_level level;
    hn_time time;
    bool windowed; /* a correlation */
    hn_time start;
    hn_time end;
    struct hn_text host;
    struct hn_text user;
    struct hn_text file;
    uint64_t offset;
    const struct alert_match *matches;
    uint32_t match_count;
    struct hn_text event; /* JSON; "": there is none */
};

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

static void metadata(struct hn_json_out *json, struct hn_text id)
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
    hn_json_pair(json, "uid", id);
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

static void finding_info(struct hn_json_out *json, const struct finding *finding)
{
    hn_json_key(json, HN_TEXT("finding_info"));
    hn_json_open(json, '{');
    hn_json_pair(json, "uid", finding->id);
    hn_json_pair(json, "title", finding->title);
    if (finding->description.len > 0)
        hn_json_pair(json, "desc", finding->description);
    hn_json_key(json, HN_TEXT("analytic"));
    hn_json_open(json, '{');
    hn_json_pair(json, "name", finding->title);
    hn_json_pair(json, "uid", finding->rule_id);
    hn_json_pair_u64(json, "type_id", 1); /* Rule */
    hn_json_close(json, '}');
    write_texts_member(json, HN_TEXT("types"), finding->tags);
    if (finding->windowed) {
        milliseconds(json, HN_TEXT("first_seen_time"), finding->start);
        milliseconds(json, HN_TEXT("last_seen_time"), finding->end);
    }
    attacks(json, finding->tags);
    hn_json_close(json, '}');
}

static void evidences(struct hn_json_out *json, const struct finding *finding)
{
    hn_json_key(json, HN_TEXT("evidences"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < finding->match_count; i++) {
        const struct alert_match *match = &finding->matches[i];

        hn_json_open(json, '{');
        hn_json_key(json, HN_TEXT("data"));
        hn_json_open(json, '{');
        hn_json_pair(json, "selection", match->selection);
        hn_json_pair(json, "field", match->field);
        hn_json_pair(json, "pattern", match->pattern);
        hn_json_pair(json, "value", match->value);
        write_range_members(json, match);
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

static void write_finding(const struct finding *finding, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);

    hn_json_open(&json, '{');
    hn_json_pair_u64(&json, "class_uid", 2004);
    hn_json_pair(&json, "class_name", HN_TEXT("Detection Finding"));
    hn_json_pair_u64(&json, "category_uid", 2);
    hn_json_pair_u64(&json, "activity_id", 1);
    hn_json_pair_u64(&json, "type_uid", 200401);
    milliseconds(&json, HN_TEXT("time"), finding->time);
    hn_json_pair_u64(&json, "severity_id", severity_id(finding->level));
    hn_json_pair(&json, "severity", severity_name(finding->level));
    hn_json_pair_u64(&json, "status_id", 1); /* New */
    hn_json_pair(&json, "message", finding->title);
    metadata(&json, finding->id);
    finding_info(&json, finding);
    if (finding->host.len > 0) {
        hn_json_key(&json, HN_TEXT("device"));
        hn_json_open(&json, '{');
        hn_json_pair(&json, "hostname", finding->host);
        hn_json_pair_u64(&json, "type_id", 0);
        hn_json_close(&json, '}');
    }
    hn_json_key(&json, HN_TEXT("observables"));
    hn_json_open(&json, '[');
    observable(&json, HN_TEXT("device.hostname"), finding->host, OBSERVABLE_HOSTNAME);
    observable(&json, HN_TEXT("actor.user.name"), finding->user, OBSERVABLE_USER);
    hn_json_close(&json, ']');
    evidences(&json, finding);
    if (finding->event.len > 0)
        hn_json_pair(&json, "raw_data", finding->event);
    hn_json_key(&json, HN_TEXT("unmapped"));
    hn_json_open(&json, '{');
    hn_json_pair(&json, "file", finding->file);
    hn_json_pair_u64(&json, "offset", finding->offset);
    hn_json_close(&json, '}');
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}

void write_ocsf(struct alert_writer *writer, const struct alert *alert, struct hn_buf *out)
{
    char hex[HN_DIGEST_HEX_LEN];
    struct finding finding = { .id = hn_text_of(hex, sizeof hex),
        .title = alert->meta->title,
        .rule_id = alert->meta->id,
        .description = alert->meta->description,
        .tags = alert->meta->tags,
        .level = alert->level,
        .time = alert->time,
        .windowed = alert->kind == ALERT_CORRELATION,
        .start = alert->window_start,
        .end = alert->window_end,
        .host = alert->host,
        .user = alert->user,
        .file = alert->file,
        .offset = alert->offset,
        .matches = alert->matches,
        .match_count = alert->match_count };

    hn_digest_hex(alert->id, hex);
    if (alert->event != NULL) {
        hn_buf_reset(&writer->scratch);
        alert_event_json(alert->event, &writer->scratch);
        fail_with(out, &writer->scratch);
        finding.event = hn_buf_text(&writer->scratch);
    }
    write_finding(&finding, out);
}

static enum sigma_level level_of(struct hn_text text)
{
    for (int level = SIGMA_LEVEL_INFORMATIONAL; level <= SIGMA_LEVEL_CRITICAL; level++) {
        if (hn_text_eq(hn_text_cstr(sigma_level_text((enum sigma_level)level)), text))
            return (enum sigma_level)level;
    }
    return SIGMA_LEVEL_NONE;
}

void alert_read_ocsf(const struct alert_read *alert, struct hn_buf *out)
{
    const struct hn_time_defaults utc = { 0 };
    const struct finding finding = { .id = alert->id,
        .title = alert->title,
        .rule_id = hn_text_eq(alert->kind, HN_TEXT("indicator")) ? alert->title : alert->rule_id,
        .description = alert->description,
        .tags = alert->tags,
        .level = level_of(alert->level),
        .time = hn_time_parse(alert->time, &utc),
        .windowed = alert->has_correlation,
        .start = hn_time_parse(alert->start, &utc),
        .end = hn_time_parse(alert->end, &utc),
        .host = alert->host,
        .user = alert->user,
        .file = alert->file,
        .offset = alert->offset,
        .matches = alert->matches,
        .match_count = alert->match_count,
        .event = alert->event };

    write_finding(&finding, out);
}
