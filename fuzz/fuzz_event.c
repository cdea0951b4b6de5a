/* fuzz: event */
/* fuzz_event.c - any fields as an event: "name: value" lines, resolved in both modes.
 *
 * Oracle: wanted-mode and all-mode give the same log source, the same values for every field of the
 * schema, and the same time; labels are within their bounds; no value is longer than a text that
 * the limits allow. */
#include "event/event.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const wanted_names[] = { "Image", "ParentImage", "CommandLine", "ProcessId",
    "ParentProcessId", "User", "LogonId", "IntegrityLevel", "Hashes", "md5", "imphash",
    "TargetObject", "Details", "TargetFilename", "FileName", "ImageLoaded", "SourceIp",
    "DestinationIp", "DestinationPort", "DestinationHostname", "Initiated", "Protocol", "QueryName",
    "Data", "HostApplication", "ScriptBlockText", "ThreatName", "Signature", "Filename", "Keywords",
    "Level", "SubjectUserName", "TargetUserName", "LogonType", "IpAddress", "AccessList", "c-uri",
    "cs-uri", "cs-uri-stem", "cs-uri-query", "c-uri-extension", "cs-host", "cs-method",
    "c-useragent", "sc-status", "src_ip", "dst_ip", "dst_port", "action", "username", "query",
    "record_type", "answer", "parent_domain", "query_length", "query_etld_plus_one", "eventName",
    "eventSource", "status", "RequestType", "setting_name", "properties.message", "ResultType",
    "ConsentContext.IsAdminConsent", "gcp.audit.method_name", "hinomi.image_name",
    "hinomi.parent_name", "hinomi.decoded_command", "hinomi.url_host", "hinomi.url_path",
    "hinomi.registered_domain", "process.name", "user.name", "user.domain" };

static struct hn_schema *schema;
static struct hn_event wanted;
static struct hn_event all;

static void start(void)
{
    const struct hn_event_limits limits = {
        .values_max = 4096, .scratch_bytes = (size_t)8 << 20, .depth_max = 64
    };

    schema = hn_schema_new();
    assert(schema != NULL);
    for (size_t i = 0; i < HN_COUNT_OF(wanted_names); i++) {
        hn_field field = hn_schema_want(schema, hn_text_cstr(wanted_names[i]));

        assert(field != HN_FIELD_NONE);
    }
    if (hn_schema_want_context(schema) != HN_OK || hn_schema_seal(schema, NULL) != HN_OK ||
            hn_event_init(&wanted, schema, &limits, false) != HN_OK ||
            hn_event_init(&all, schema, &limits, true) != HN_OK)
        abort();
}

/* One line: a text, or behind ":#" its length as a number, or behind ":{}" an object. */
static void add_line(struct hn_event *event, struct hn_text line)
{
    struct hn_value value = { .type = HN_TYPE_STRING, .form = HN_FORM_TEXT };
    size_t colon = hn_text_find_char(line, ':', 0);
    struct hn_text name = hn_text_sub(line, 0, colon);
    struct hn_text rest = hn_text_sub(line, colon + 1, line.len);

    if (colon == SIZE_MAX)
        return;
    if (hn_text_starts(rest, HN_TEXT("#"))) {
        hn_event_add_i64(event, name, (int64_t)rest.len - 5000);
        return;
    }
    if (hn_text_starts(rest, HN_TEXT("{}")))
        value.type = HN_TYPE_OBJECT;
    value.ptr = rest.ptr;
    value.len = (uint32_t)rest.len;
    hn_event_add(event, name, &value);
}

static void run(struct hn_event *event, struct hn_text input)
{
    struct hn_text line;

    hn_event_reset(event);
    if (input.len > 0 && input.ptr[0] == 'W')
        event->origin = HN_ORIGIN_WINDOWS;
    while (hn_text_split(&input, '\n', &line))
        add_line(event, line);
    hn_event_resolve(event);
}

static void check_field(hn_field field)
{
    uint32_t left = hn_event_first(&wanted, field);
    uint32_t right = hn_event_first(&all, field);

    while (left != HN_VALUE_NONE && right != HN_VALUE_NONE) {
        assert(hn_text_eq(hn_event_text(&wanted, left), hn_event_text(&all, right)));
        assert(hn_text_eq(hn_event_folded(&wanted, left), hn_event_folded(&all, right)));
        left = hn_event_next(&wanted, left);
        right = hn_event_next(&all, right);
    }
    assert(left == right);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text input = hn_bytes_as_text(hn_bytes_of(data, size));

    if (schema == NULL)
        start();
    if (size > 65536)
        return 0;
    run(&wanted, input);
    run(&all, input);
    if (wanted.values_dropped > 0 || all.values_dropped > 0)
        return 0; /* all-mode keeps more, so it reaches the limits first */
    assert(hn_text_eq(wanted.source.product, all.source.product));
    for (size_t i = 0; i < HN_LABELS_MAX; i++) {
        assert(hn_text_eq(wanted.source.category[i], all.source.category[i]));
        assert(hn_text_eq(wanted.source.service[i], all.source.service[i]));
    }
    for (hn_field field = 0; field < hn_schema_count(schema); field++)
        check_field(field);
    assert(hn_event_time(&wanted, NULL) == hn_event_time(&all, NULL));
    assert(hn_text_eq(hn_event_host(&wanted), hn_event_host(&all)));
    assert(hn_text_eq(hn_event_user(&wanted), hn_event_user(&all)));
    return 0;
}
