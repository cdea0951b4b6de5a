/* alert_json.c - an alert as one JSON line; docs/alerts.md describes every member. */
#include "alert/alert_internal.h"

#include "base/utf.h"

void write_time_member(
        struct hn_json_out *json, struct hn_text key, hn_time time, const struct hn_zone *zone)
{
    char text[HN_TIME_TEXT_MAX];

    hn_json_key(json, key);
    if (time == HN_TIME_NONE)
        hn_json_null(json);
    else
        hn_json_text(
                json, hn_text_of(text, hn_time_write(time, hn_zone_offset_at(zone, time), text)));
}

void write_texts_member(struct hn_json_out *json, struct hn_text key, struct sigma_texts texts)
{
    if (texts.count == 0)
        return;
    hn_json_key(json, key);
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < texts.count; i++)
        hn_json_text(json, texts.ptr[i]);
    hn_json_close(json, ']');
}

void write_text_member(struct hn_json_out *json, struct hn_text key, struct hn_text text)
{
    if (text.len == 0)
        return;
    hn_json_key(json, key);
    hn_json_text(json, text);
}

static void attack_member(struct hn_json_out *json, struct sigma_texts tags)
{
    char name[ALERT_ATTACK_MAX];
    bool open = false;

    for (uint32_t i = 0; i < tags.count; i++) {
        if (!alert_attack_technique(tags.ptr[i], name))
            continue;
        if (!open) {
            hn_json_key(json, HN_TEXT("attack"));
            hn_json_open(json, '[');
            open = true;
        }
        hn_json_text(json, hn_text_cstr(name));
    }
    if (open)
        hn_json_close(json, ']');
}

static void context_member(struct hn_json_out *json, const struct sigma_context *context)
{
    if (context->family.len == 0 && context->why_en.len == 0 && context->why_ja.len == 0)
        return;
    hn_json_key(json, HN_TEXT("context"));
    hn_json_open(json, '{');
    write_text_member(json, HN_TEXT("family"), context->family);
    write_text_member(json, HN_TEXT("trace"), context->trace);
    write_text_member(json, HN_TEXT("why"), context->why_en);
    write_text_member(json, HN_TEXT("why_ja"), context->why_ja);
    write_texts_member(json, HN_TEXT("next"), context->next_en);
    write_texts_member(json, HN_TEXT("next_ja"), context->next_ja);
    write_text_member(json, HN_TEXT("false_alarm"), context->false_en);
    write_text_member(json, HN_TEXT("false_alarm_ja"), context->false_ja);
    write_text_member(json, HN_TEXT("review"), context->review);
    hn_json_close(json, '}');
}

static void rule_members(struct hn_json_out *json, const struct sigma_meta *meta)
{
    hn_json_key(json, HN_TEXT("rule"));
    hn_json_open(json, '{');
    write_text_member(json, HN_TEXT("id"), meta->id);
    write_text_member(json, HN_TEXT("title"), meta->title);
    write_text_member(json, HN_TEXT("status"), hn_text_cstr(sigma_rule_status_text(meta->status)));
    write_text_member(json, HN_TEXT("level"), hn_text_cstr(sigma_level_text(meta->level)));
    write_text_member(json, HN_TEXT("description"), meta->description);
    write_text_member(json, HN_TEXT("author"), meta->author);
    write_texts_member(json, HN_TEXT("references"), meta->references);
    write_texts_member(json, HN_TEXT("tags"), meta->tags);
    attack_member(json, meta->tags);
    write_texts_member(json, HN_TEXT("falsepositives"), meta->falsepositives);
    write_text_member(json, HN_TEXT("file"), meta->place.file);
    hn_json_close(json, '}');
    context_member(json, &meta->context);
}

/* The members that only depend on the rule; written once per rule and remembered, if there is room
 * for that. Valid until the next one is asked for. */
static struct hn_text rule_text(struct alert_writer *writer, const struct alert *alert)
{
    struct hn_buf *scratch = &writer->scratch;
    struct rule_text *slot = NULL;
    struct hn_json_out json;
    struct hn_text text;

    hn_buf_reset(scratch);
    if (alert->kind == ALERT_INDICATOR)
        return HN_TEXT("");
    while (writer->rules[alert->kind].count <= alert->number) {
        if (hn_vec_add(&writer->rules[alert->kind]) == NULL)
            break;
    }
    if (alert->number < writer->rules[alert->kind].count)
        slot = &writer->rules[alert->kind].ptr[alert->number];
    if (slot != NULL && slot->json.len > 0)
        return slot->json;
    json = hn_json_out_over(scratch);
    hn_json_open(&json, '{');
    rule_members(&json, alert->meta);
    if (!hn_buf_ok(scratch))
        return HN_TEXT("");
    text = hn_text_sub(hn_buf_text(scratch), 1, scratch->len);
    if (slot != NULL) {
        slot->json = hn_arena_text(&writer->arena, text);
        if (slot->json.ptr == NULL)
            slot->json = HN_TEXT("");
    }
    return text;
}

/* Where a byte of text stands once every ill-formed byte has become U+FFFD, as hn_json_string()
 * writes it. */
static uint64_t repaired_pos(struct hn_text text, size_t end)
{
    uint64_t repaired = end;
    uint32_t c;

    for (size_t pos = 0; pos < end && pos < text.len;) {
        size_t len = hn_utf8_decode(text, pos, &c);

        if (len == 0)
            repaired += sizeof HN_UTF8_REPLACEMENT - 1 - 1;
        pos += len == 0 ? 1 : len;
    }
    return repaired;
}

/* The bytes that matched, counted in the value as it is written. */
void write_range_members(struct hn_json_out *json, const struct alert_match *match)
{
    uint64_t start = match->start;
    uint64_t end = start + match->len;

    if (!hn_utf8_valid(hn_text_as_bytes(match->value))) {
        start = repaired_pos(match->value, match->start);
        end = repaired_pos(match->value, (size_t)match->start + match->len);
    }
    hn_json_pair_u64(json, "start", start);
    hn_json_pair_u64(json, "len", end - start);
}

void write_matches_member(
        struct hn_json_out *json, const struct alert_match *matches, uint32_t count)
{
    if (count == 0)
        return;
    hn_json_key(json, HN_TEXT("matches"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < count; i++) {
        const struct alert_match *match = &matches[i];

        hn_json_open(json, '{');
        if (match->selection.len > 0)
            hn_json_pair(json, "selection", match->selection);
        hn_json_pair(json, "field", match->field);
        if (match->modifiers.len > 0)
            hn_json_pair(json, "modifier", match->modifiers);
        hn_json_pair(json, "pattern", match->pattern);
        hn_json_pair(json, "value", match->value);
        write_range_members(json, match);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

static void labels_member(
        struct hn_json_out *json, struct hn_text key, const struct hn_text *labels)
{
    if (labels[0].len == 0)
        return;
    hn_json_key(json, key);
    hn_json_open(json, '[');
    for (size_t i = 0; i < HN_LABELS_MAX && labels[i].len > 0; i++)
        hn_json_text(json, labels[i]);
    hn_json_close(json, ']');
}

void write_place_members(struct hn_json_out *json, const struct hn_source *source,
        struct hn_text file, uint64_t offset, uint64_t line)
{
    hn_json_key(json, HN_TEXT("logsource"));
    hn_json_open(json, '{');
    write_text_member(json, HN_TEXT("product"), source->product);
    labels_member(json, HN_TEXT("category"), source->category);
    labels_member(json, HN_TEXT("service"), source->service);
    hn_json_close(json, '}');
    hn_json_key(json, HN_TEXT("input"));
    hn_json_open(json, '{');
    hn_json_pair(json, "file", file);
    hn_json_pair_u64(json, "offset", offset);
    if (line > 0)
        hn_json_pair_u64(json, "line", line);
    hn_json_close(json, '}');
}

static void correlation_member(
        struct hn_json_out *json, const struct alert *alert, const struct hn_zone *zone)
{
    hn_json_key(json, HN_TEXT("correlation"));
    hn_json_open(json, '{');
    hn_json_key(json, HN_TEXT("group"));
    hn_json_open(json, '{');
    for (uint32_t i = 0; i < alert->group_by.count; i++) {
        hn_json_key(json, alert->group_by.ptr[i]);
        hn_json_text(json, alert->group_key[i]);
    }
    hn_json_close(json, '}');
    write_time_member(json, HN_TEXT("start"), alert->window_start, zone);
    write_time_member(json, HN_TEXT("end"), alert->window_end, zone);
    hn_json_key(json, HN_TEXT("value"));
    hn_json_real(json, alert->measured);
    hn_json_pair_u64(json, "events", alert->total);
    hn_json_key(json, HN_TEXT("parts"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < alert->part_count; i++) {
        const struct alert_part *part = &alert->parts[i];

        hn_json_open(json, '{');
        write_time_member(json, HN_TEXT("time"), part->time, zone);
        hn_json_pair(json, "rule", part->rule);
        write_text_member(json, HN_TEXT("file"), part->file);
        hn_json_pair_u64(json, "offset", part->offset);
        if (part->line > 0)
            hn_json_pair_u64(json, "line", part->line);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
    hn_json_close(json, '}');
}

static void indicator_member(
        struct hn_json_out *json, const struct alert *alert, const struct hn_zone *zone)
{
    const struct ioc_indicator *indicator = alert->indicator;

    hn_json_key(json, HN_TEXT("indicator"));
    hn_json_open(json, '{');
    hn_json_pair(json, "type", hn_text_cstr(ioc_type_name(indicator->type)));
    hn_json_pair(json, "value", alert->indicator_value);
    hn_json_pair(json, "how", alert->indicator_how);
    hn_json_pair(json, "role", hn_text_cstr(ioc_role_name(indicator->role)));
    if (indicator->confidence != IOC_CONFIDENCE_NONE)
        hn_json_pair_u64(json, "confidence", indicator->confidence);
    hn_json_pair(json, "source", indicator->source);
    hn_json_pair_u64(json, "line", indicator->line);
    write_text_member(json, HN_TEXT("family"), indicator->family);
    write_text_member(json, HN_TEXT("tags"), indicator->tags);
    write_text_member(json, HN_TEXT("comment"), indicator->comment);
    write_text_member(json, HN_TEXT("reference"), indicator->reference);
    write_text_member(json, HN_TEXT("warninglist"), indicator->warning);
    if (indicator->compromised) {
        hn_json_key(json, HN_TEXT("compromised_site"));
        hn_json_bool(json, true);
    }
    if (indicator->first_seen != HN_TIME_NONE)
        write_time_member(json, HN_TEXT("first_seen"), indicator->first_seen, zone);
    if (indicator->last_seen != HN_TIME_NONE)
        write_time_member(json, HN_TEXT("last_seen"), indicator->last_seen, zone);
    hn_json_close(json, '}');
}

static struct hn_text kind_name(enum alert_kind kind)
{
    switch (kind) {
    case ALERT_RULE:
        return HN_TEXT("rule");
    case ALERT_CORRELATION:
        return HN_TEXT("correlation");
    case ALERT_INDICATOR:
        break;
    }
    return HN_TEXT("indicator");
}

static void digest_member(struct hn_json_out *json, struct hn_text key, struct hn_digest digest)
{
    char hex[HN_DIGEST_HEX_LEN];

    hn_digest_hex(digest, hex);
    hn_json_key(json, key);
    hn_json_text(json, hn_text_of(hex, sizeof hex));
}

/* The event and its raw form, behind other members. */
static void event_members(const struct alert *alert, struct hn_buf *out)
{
    struct alert_tail *tail = alert->tail;
    size_t start = out->len;

    if (tail != NULL && tail->len > 0) {
        if (hn_buf_reserve(out, tail->len)) /* it may move what is copied */
            hn_buf_add(out, out->ptr + tail->start, tail->len);
        return;
    }
    hn_buf_add_lit(out, ",\"event\":");
    alert_event_json(alert->event, out);
    hn_buf_add_lit(out, ",\"raw\":");
    alert_raw_json(alert->event, out);
    if (tail != NULL && hn_buf_ok(out))
        *tail = (struct alert_tail){ start, out->len - start };
}

void write_jsonl(struct alert_writer *writer, const struct alert *alert, struct hn_buf *out)
{
    struct hn_json_out json = hn_json_out_over(out);
    struct hn_text rule = rule_text(writer, alert);

    fail_with(out, &writer->scratch);
    hn_json_open(&json, '{');
    write_time_member(&json, HN_TEXT("time"), alert->time, writer->zone);
    hn_json_pair(&json, "level", hn_text_cstr(sigma_level_text(alert->level)));
    hn_json_pair(&json, "title", alert->meta->title);
    hn_json_pair(&json, "kind", kind_name(alert->kind));
    digest_member(&json, HN_TEXT("id"), alert->id);
    digest_member(&json, HN_TEXT("fold_key"), alert->fold_key);
    write_text_member(&json, HN_TEXT("host"), alert->host);
    write_text_member(&json, HN_TEXT("user"), alert->user);
    if (rule.len > 0) {
        hn_buf_add_char(out, ',');
        hn_buf_add_text(out, rule);
    }
    if (alert->event != NULL)
        write_place_members(&json, &alert->source, alert->file, alert->offset, alert->line);
    write_matches_member(&json, alert->matches, alert->match_count);
    if (alert->kind == ALERT_CORRELATION)
        correlation_member(&json, alert, writer->zone);
    if (alert->indicator != NULL)
        indicator_member(&json, alert, writer->zone);
    if (alert->event != NULL)
        event_members(alert, out);
    hn_json_close(&json, '}');
    hn_buf_add_char(out, '\n');
}
