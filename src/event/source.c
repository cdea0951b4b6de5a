/* source.c - which Sigma log source an event belongs to: the order in which it is asked.
 *
 * The decoder's word comes first (HN_ORIGIN_KNOWN); then the keys of a Windows event; then the
 * fields that only one product has. Each answer is labels (what rules ask for) and kinds (which
 * aliases apply). An event that none of them knows keeps no labels: only rules without a log source
 * see it. */
#include "event/event_internal.h"

#include "base/num.h"

/* ---- Labels ---- */

bool source_has_label(const struct hn_text *labels, struct hn_text wanted)
{
    for (size_t i = 0; i < HN_LABELS_MAX && labels[i].len > 0; i++) {
        if (hn_text_eq(labels[i], wanted))
            return true;
    }
    return false;
}

bool hn_source_fits(const struct hn_source *source, const struct hn_logsource *rule)
{
    return (rule->product.len == 0 || hn_text_eq(source->product, rule->product)) &&
           (rule->category.len == 0 || source_has_label(source->category, rule->category)) &&
           (rule->service.len == 0 || source_has_label(source->service, rule->service));
}

static void add_label(struct hn_text *labels, struct hn_text label)
{
    for (size_t i = 0; i < HN_LABELS_MAX; i++) {
        if (hn_text_eq(labels[i], label))
            return;
        if (labels[i].len == 0) {
            labels[i] = label;
            return;
        }
    }
}

void hn_source_add_category(struct hn_source *source, struct hn_text category)
{
    add_label(source->category, category);
}

void hn_source_add_service(struct hn_source *source, struct hn_text service)
{
    add_label(source->service, service);
}

void source_label(
        struct hn_source *source, const char *product, const char *category, const char *service)
{
    if (product != NULL)
        source->product = hn_text_cstr(product);
    if (category != NULL)
        add_label(source->category, hn_text_cstr(category));
    if (service != NULL)
        add_label(source->service, hn_text_cstr(service));
}

bool source_u32(struct hn_event *event, hn_field field, uint32_t *ret_number)
{
    uint32_t index = hn_event_first(event, field);
    const struct hn_value *value;

    if (index == HN_VALUE_NONE)
        return false;
    value = &event->values[index];
    if (value->type == HN_TYPE_INT && value->form == HN_FORM_NUMBER) {
        *ret_number = (uint32_t)value->number.i;
        return value->number.i >= 0 && value->number.i <= UINT32_MAX;
    }
    return hn_parse_u32(hn_event_text(event, index), ret_number);
}

/* ---- Kinds from labels ---- */

/* Decoders of text formats set labels, not kinds. */
static kind_set kinds_of_labels(const struct hn_source *source)
{
    static const struct {
        const char *label;
        kind_set kinds;
    } of_category[] = {
        { "proxy", KIND_BIT(KIND_PROXY) | KIND_BIT(KIND_WEB) | KIND_BIT(KIND_WEB_LAST) |
                           KIND_BIT(KIND_NETWORK) },
        { "webserver", KIND_BIT(KIND_WEBSERVER) | KIND_BIT(KIND_WEB) | KIND_BIT(KIND_WEB_LAST) |
                               KIND_BIT(KIND_NETWORK) },
        { "firewall", KIND_BIT(KIND_NETWORK) },
        { "network", KIND_BIT(KIND_NETWORK) },
        { "ids", KIND_BIT(KIND_NETWORK) },
        { "dns", KIND_BIT(KIND_DNS) | KIND_BIT(KIND_NETWORK) },
        { "antivirus", KIND_BIT(KIND_ANTIVIRUS) },
    };
    kind_set found = 0;

    for (size_t i = 0; i < HN_COUNT_OF(of_category); i++) {
        if (source_has_label(source->category, hn_text_cstr(of_category[i].label)))
            found |= of_category[i].kinds;
    }
    if (source_has_label(source->service, HN_TEXT("auditd")))
        found |= KIND_BIT(KIND_AUDITD);
    if (hn_text_eq(source->product, HN_TEXT("zeek"))) {
        found |= KIND_BIT(KIND_NETWORK);
        if (source_has_label(source->service, HN_TEXT("http")))
            found |= KIND_BIT(KIND_ZEEK_HTTP);
    }
    return found;
}

/* A text decoder that found nothing but a syslog header leaves the rest to the fields. */
static bool says_little(const struct hn_event *event)
{
    const struct hn_source *source = &event->source;

    return source->category[0].len == 0 && source->service[1].len == 0 &&
           (source->service[0].len == 0 || hn_text_eq(source->service[0], HN_TEXT("syslog")));
}

static bool has_ecs_marks(const struct hn_event *event)
{
    return (event->shape & HN_SHAPE_ECS) != 0 || mark_present(event, MARK_ECS_VERSION) ||
           mark_present(event, MARK_EVENT_KIND) || mark_present(event, MARK_EVENT_MODULE) ||
           mark_present(event, MARK_EVENT_DATASET) || mark_present(event, MARK_STREAM_DATASET) ||
           mark_present(event, MARK_EVENT_CATEGORY) || mark_present(event, MARK_AGENT_TYPE);
}

/* Sysmon for Linux, by event id as on Windows. */
static void resolve_linux(struct hn_event *event)
{
    static const struct {
        uint32_t event_id;
        const char *category;
    } categories[] = { { 1, "process_creation" }, { 3, "network_connection" },
        { 4, "sysmon_status" }, { 5, "process_termination" }, { 9, "raw_access_read" },
        { 11, "file_event" }, { 16, "sysmon_status" }, { 23, "file_delete" },
        { 255, "sysmon_error" } };
    uint32_t event_id;

    event->source.product = HN_TEXT("linux");
    hn_source_add_service(&event->source, HN_TEXT("sysmon"));
    if (!source_u32(event, HN_FIELD_EVENT_ID, &event_id))
        return;
    for (size_t i = 0; i < HN_COUNT_OF(categories); i++) {
        if (categories[i].event_id == event_id)
            source_label(&event->source, NULL, categories[i].category, NULL);
    }
}

/* What the decoder said about Zeek's logs is completed the same way for TSV and JSON. */
static void complete_labels(struct hn_source *source)
{
    if (hn_text_eq(source->product, HN_TEXT("zeek")) && source->service[0].len > 0)
        source_zeek(source, source->service[0]);
}

/* By the fields alone. What a decoder said of the line around them no longer counts then. */
static bool resolve_fields(struct hn_event *event, kind_set *ret_kinds)
{
    struct hn_source around = event->source;

    memset(&event->source, 0, sizeof event->source);
    if (source_signature(event, ret_kinds) || source_ecs(event, ret_kinds))
        return true;
    event->source = around;
    return false;
}

bool hn_event_knows_source(struct hn_event *event)
{
    struct hn_source source = event->source;
    kind_set kinds = 0;
    bool knows;

    knows = source_windows(event, &kinds) || source_signature(event, &kinds) ||
            ((mark_present(event, MARK_EVENT_CATEGORY) || mark_present(event, MARK_EVENT_KIND)) &&
                    source_ecs(event, &kinds));
    event->source = source;
    return knows;
}

void hn_event_resolve(struct hn_event *event)
{
    kind_set kinds = KIND_BIT(KIND_NORMAL);
    kind_set more = 0;
    bool open = event->origin == HN_ORIGIN_UNKNOWN ||
                (event->origin == HN_ORIGIN_KNOWN && says_little(event));

    if (event->origin == HN_ORIGIN_LINUX ||
            hn_text_eq(
                    hn_event_field_text(event, HN_FIELD_PROVIDER_NAME), HN_TEXT("Linux-Sysmon"))) {
        resolve_linux(event);
    } else if ((open || event->origin == HN_ORIGIN_WINDOWS) && source_windows(event, &more)) {
        event->origin = HN_ORIGIN_WINDOWS;
    } else {
        if (open && resolve_fields(event, &more))
            event->origin = HN_ORIGIN_KNOWN;
        complete_labels(&event->source);
        more |= kinds_of_labels(&event->source);
    }
    kinds |= more;
    if (has_ecs_marks(event))
        kinds |= KIND_BIT(KIND_ECS);
    event->kinds = kinds;
    alias_fill(event, kinds);
}
