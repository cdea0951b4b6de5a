/* serve_alert.c - alerts between engine and store.
 *
 * Which addresses an alert is about is read from its JSON here, on the committer's thread, so that
 * the engine's ordered stage does not do it. */
#include "serve/serve_alert.h"

#include "base/ip.h"
#include "base/json_in.h"

#include <assert.h>
#include <string.h>

/* What has a fixed size; the texts follow, in the order of enum part. */
enum part {
    PART_RULE_ID,
    PART_TITLE,
    PART_KIND,
    PART_HOST,
    PART_USER,
    PART_SOURCE,
    PART_TENANT,
    PART_SET,
    PART_FAMILY,
    PART_TRACE,
    PART_TECHNIQUES,
    PART_JSON,
    PART_COUNT
};

struct packed {
    struct hn_digest id;
    struct hn_digest fold_key;
    uint32_t level;
    uint32_t record_bytes;
    hn_time time;
    hn_time received;
    uint64_t offset;
    size_t lens[PART_COUNT];
};

/* ---- Packing ---- */

static const char *kind_text(enum alert_kind kind)
{
    switch (kind) {
    case ALERT_RULE:
        return "rule";
    case ALERT_CORRELATION:
        return "correlation";
    case ALERT_INDICATOR:
        break;
    }
    return "indicator";
}

/* "T1059.001 T1105" */
static void add_techniques(struct hn_buf *out, const struct sigma_texts *tags)
{
    bool first = true;

    for (uint32_t i = 0; i < tags->count; i++) {
        char technique[ALERT_ATTACK_MAX];

        if (!alert_attack_technique(tags->ptr[i], technique))
            continue;
        if (!first)
            hn_buf_add_char(out, ' ');
        hn_buf_add_cstr(out, technique);
        first = false;
    }
}

static void add_part(struct hn_buf *out, struct packed *packed, enum part part, struct hn_text text)
{
    packed->lens[part] = text.len;
    hn_buf_add_text(out, text);
}

void serve_alert_pack(
        const struct engine_result *result, const struct judge_alert *alert, struct hn_buf *out)
{
    const struct sigma_meta *meta = alert->brief.meta;
    struct packed packed = { .id = alert->id,
        .fold_key = alert->brief.fold_key,
        .level = (uint32_t)alert->brief.level,
        .record_bytes = (uint32_t)(result->next - result->offset),
        .time = alert->brief.time,
        .received = result->received,
        .offset = result->offset };
    char digest[HN_DIGEST_HEX_LEN];
    size_t start = out->len;
    size_t before;

    hn_digest_hex(result->set, digest);
    hn_buf_add(out, &packed, sizeof packed);
    /* Indicators have no rule; their title says which one it is. */
    add_part(out, &packed, PART_RULE_ID, meta->id.len > 0 ? meta->id : alert->brief.title);
    add_part(out, &packed, PART_TITLE, alert->brief.title);
    add_part(out, &packed, PART_KIND, hn_text_cstr(kind_text(alert->brief.kind)));
    add_part(out, &packed, PART_HOST, alert->brief.host);
    add_part(out, &packed, PART_USER, alert->user);
    add_part(out, &packed, PART_SOURCE, result->source);
    add_part(out, &packed, PART_TENANT, result->tenant);
    add_part(out, &packed, PART_SET, hn_text_of(digest, sizeof digest));
    add_part(out, &packed, PART_FAMILY, meta->context.family);
    add_part(out, &packed, PART_TRACE, meta->context.trace);
    before = out->len;
    add_techniques(out, &meta->tags);
    packed.lens[PART_TECHNIQUES] = out->len - before;
    add_part(out, &packed, PART_JSON, hn_text_trim(alert->line));
    if (hn_buf_ok(out))
        memcpy(out->ptr + start, &packed, sizeof packed);
}

/* ---- Unpacking ---- */

static bool has(const struct store_alert *alert, struct hn_text text)
{
    for (uint32_t i = 0; i < alert->address_count; i++) {
        if (hn_text_eq(alert->addresses[i], text))
            return true;
    }
    return false;
}

static void add_address(struct hn_json_in *event, struct hn_arena *arena, struct store_alert *alert,
        struct hn_text *room)
{
    struct hn_text value;
    struct hn_ip ip;

    if (hn_json_in_peek(event) != '"') {
        (void)hn_json_in_skip(event);
        return;
    }
    if (hn_json_in_text(event, arena, &value) && hn_ip_parse(value, &ip) && !has(alert, value))
        room[alert->address_count++] = value;
}

/* The addresses of the alert's event; lists of them are for correlations, which have none. */
static enum hn_status find_addresses(struct hn_arena *arena, struct store_alert *alert)
{
    struct hn_json_in in = hn_json_in_over(alert->json);
    struct hn_text *room = hn_new(arena, struct hn_text, STORE_ADDRESSES_MAX);
    struct hn_text key;

    if (room == NULL)
        return HN_NOMEM;
    alert->addresses = room;
    if (!hn_json_in_open(&in, '{'))
        return HN_OK;
    while (hn_json_in_member(&in, arena, &key)) {
        if (!hn_text_eq(key, HN_TEXT("event")) || hn_json_in_peek(&in) != '{') {
            (void)hn_json_in_skip(&in);
            continue;
        }
        (void)hn_json_in_open(&in, '{');
        while (hn_json_in_member(&in, arena, &key)) {
            if (alert_is_address_name(key) && alert->address_count < STORE_ADDRESSES_MAX)
                add_address(&in, arena, alert, room);
            else
                (void)hn_json_in_skip(&in);
        }
    }
    return hn_arena_status(arena);
}

enum hn_status serve_alert_unpack(
        struct hn_bytes *rest, struct hn_arena *arena, struct store_alert *ret_alert)
{
    struct packed packed;
    struct hn_text parts[PART_COUNT];
    const char *at = (const char *)rest->ptr;

    assert(rest->len >= sizeof packed); /* nobody but serve_alert_pack() writes these */
    memcpy(&packed, at, sizeof packed);
    at += sizeof packed;
    for (size_t i = 0; i < PART_COUNT; i++) {
        parts[i] = hn_text_of(at, packed.lens[i]);
        at += packed.lens[i];
    }
    *rest = hn_bytes_of(at, (size_t)((const char *)rest->ptr + rest->len - at));
    *ret_alert = (struct store_alert){ .id = packed.id,
        .fold_key = packed.fold_key,
        .rule_id = parts[PART_RULE_ID],
        .title = parts[PART_TITLE],
        .level = packed.level,
        .kind = parts[PART_KIND],
        .host = parts[PART_HOST],
        .user = parts[PART_USER],
        .source = parts[PART_SOURCE],
        .tenant = parts[PART_TENANT],
        .set = parts[PART_SET],
        .family = parts[PART_FAMILY],
        .trace = parts[PART_TRACE],
        .techniques = parts[PART_TECHNIQUES],
        .time = packed.time,
        .received = packed.received,
        .offset = packed.offset,
        .len = packed.record_bytes,
        .json = parts[PART_JSON] };
    return find_addresses(arena, ret_alert);
}
