/* test_shell.c - lines of logs inside the documents of shippers: they are what they are alone, time
 * and host are theirs, and neither damage nor lack of memory changes more than it must. */
#include "check_decode.h"

#include "base/json_out.h"

#define SQUID                                                                             \
    "1791903600.123     87 192.0.2.7 TCP_MISS/200 4521 GET http://example.org/x?q=\"a\" " \
    "- HIER_DIRECT/198.51.100.2 text/html"
#define SSHD \
    "Oct 14 00:00:01 web01 sshd[55]: Failed password for root from 192.0.2.66 port 4711 ssh2"
#define EVE                                                                               \
    "{\"timestamp\":\"2026-10-14T00:02:11+0900\",\"flow_id\":1,\"event_type\":\"alert\"," \
    "\"src_ip\":\"192.0.2.1\",\"host\":\"sensor\",\"alert\":{\"signature\":\"a \\\"b\\\"\"}}"

static const struct decode_options options = { .limits = { 0, 0 } };

/* {"@timestamp": ..., "message": line, ...} as Filebeat writes it. */
static void filebeat(struct hn_buf *out, struct hn_text line)
{
    hn_buf_add_lit(out, "{\"@timestamp\":\"2026-11-23T13:25:39.063Z\",\"@metadata\":{\"beat\":"
                        "\"filebeat\"},\"log\":{\"offset\":118,\"file\":{\"path\":\"/x\"}},"
                        "\"message\":");
    hn_json_string(out, line);
    hn_buf_add_lit(out, ",\"host\":{\"name\":\"shipper\"},\"agent\":{\"type\":\"filebeat\"}}\n");
}

struct seen {
    struct hn_schema *schema;
    struct hn_event event;
    char *text; /* of the last event */
    hn_time time;
    char host[64];
    size_t events;
    uint32_t dropped;
};

static struct hn_schema *context_schema(void)
{
    struct hn_schema *schema = hn_schema_new();

    assert_non_null(schema);
    for (size_t i = 0; i < HN_COUNT_OF(check_names); i++)
        assert_int_not_equal(hn_schema_want(schema, hn_text_cstr(check_names[i])), HN_FIELD_NONE);
    assert_int_equal(hn_schema_want_context(schema), HN_OK);
    assert_int_equal(hn_schema_seal(schema, NULL), HN_OK);
    return schema;
}

static bool on_event(void *ctx, struct hn_event *event)
{
    struct seen *seen = ctx;
    struct hn_text host;

    hn_event_resolve(event);
    seen->time = hn_event_time(event, NULL);
    host = hn_event_host(event);
    (void)snprintf(
            seen->host, sizeof seen->host, "%.*s", (int)host.len, host.ptr == NULL ? "" : host.ptr);
    return true;
}

static void look(struct seen *seen, struct hn_text in, bool all)
{
    const struct decode_sink sink = { .on_event = on_event, .ctx = seen };
    struct hn_event event;

    assert_int_equal(hn_event_init(&event, seen->schema, NULL, all), HN_OK);
    assert_int_equal(
            decode_all(check_format("json"), &options, hn_text_as_bytes(in), &event, &sink), HN_OK);
    hn_event_deinit(&event);
}

/* The stamp and the machine are the line's where it names them, else the shipper's. */
static void line_says_when_and_where(void **state)
{
    static const struct {
        const char *line;
        const char *time;
        const char *host;
    } cases[] = {
        { SQUID, "2026-10-13T15:00:00.123Z", "192.0.2.7" },
        { "Oct 14 2026 00:00:01 web01 sshd[55]: Failed password for root from 192.0.2.66 port 1 "
          "ssh2",
                "2026-10-14T00:00:01Z", "web01" },
        { EVE, "2026-10-13T15:02:11Z", "sensor" },
        { "%ASA-4-106023: Deny tcp src outside:192.0.2.66/1 dst inside:198.51.100.10/23 by "
          "access-group \"x\"",
                "2026-11-23T13:25:39.063Z", "192.0.2.66" },
        { "{\"action\":\"x\"}", "2026-11-23T13:25:39.063Z", "shipper" },
        { "nobody knows this", "2026-11-23T13:25:39.063Z", "shipper" },
    };
    struct seen seen = { .schema = context_schema() };

    (void)state;
    for (size_t i = 0; i < 2 * HN_COUNT_OF(cases); i++) {
        struct hn_buf in = { 0 };

        filebeat(&in, hn_text_cstr(cases[i / 2].line));
        look(&seen, hn_buf_text(&in), i % 2 == 0);
        if (seen.time != hn_time_parse(hn_text_cstr(cases[i / 2].time), NULL) ||
                strcmp(seen.host, cases[i / 2].host) != 0)
            print_error("%s: %s\n", cases[i / 2].line, seen.host);
        assert_true(seen.time == hn_time_parse(hn_text_cstr(cases[i / 2].time), NULL));
        assert_string_equal(seen.host, cases[i / 2].host);
        hn_buf_deinit(&in);
    }
    hn_schema_free(seen.schema);
}

/* journald's microseconds and rsyslog's own stamps, which are in no field of time. */
static void shippers_clocks_are_read(void **state)
{
    struct seen seen = { .schema = context_schema() };

    (void)state;
    look(&seen,
            HN_TEXT("{\"__REALTIME_TIMESTAMP\":\"1795400000123456\",\"_HOSTNAME\":\"h\","
                    "\"SYSLOG_IDENTIFIER\":\"sshd\",\"MESSAGE\":\"x\"}\n"),
            true);
    assert_true(seen.time == INT64_C(1795400000123456000));
    assert_string_equal(seen.host, "h");
    look(&seen,
            HN_TEXT("{\"msg\":\"x\",\"timereported\":\"2026-11-23T01:02:03+00:00\","
                    "\"hostname\":\"h\",\"syslogtag\":\"sshd[1]:\"}\n"),
            false);
    assert_true(seen.time == hn_time_parse(HN_TEXT("2026-11-23T01:02:03Z"), NULL));
    hn_schema_free(seen.schema);
}

/* Several documents on one line, and in an array: a document inside one does not lose the rest. */
static void documents_behind_are_read(void **state)
{
    struct check check;
    struct hn_buf in = { 0 };

    (void)state;
    check_init(&check);
    for (int i = 0; i < 3; i++) {
        filebeat(&in, HN_TEXT(EVE));
        in.len--;
    }
    hn_buf_add_char(&in, '\n');
    filebeat(&in, HN_TEXT(SSHD));
    assert_int_equal(
            check_decode(&check, check_format("json"), &options, hn_buf_text(&in), 0), HN_OK);
    assert_int_equal(check.events, 4);
    assert_int_equal(check.findings, 0);
    assert_true(hn_text_find(hn_buf_text(&check.out), HN_TEXT("alert.signature"), 0) != SIZE_MAX);
    assert_true(hn_text_find(hn_buf_text(&check.out), HN_TEXT("| sshd auth"), 0) != SIZE_MAX);
    hn_buf_deinit(&in);
    check_deinit(&check);
}

static bool on_forgotten(void *ctx, struct hn_event *event)
{
    const struct seen *seen = ctx;

    assert_false(hn_event_has(event, hn_schema_find(seen->schema, HN_TEXT("user"))));
    assert_false(hn_event_has(event, hn_schema_find(seen->schema, HN_TEXT("src_ip"))));
    assert_true(hn_event_has(event, HN_FIELD_MESSAGE));
    return true;
}

/* What was read of a line that turned out to be broken is gone, from this event and the next. */
static void broken_line_leaves_nothing(void **state)
{
    struct seen seen = { .schema = context_schema() };
    const struct decode_sink sink = { .on_event = on_forgotten, .ctx = &seen };
    struct hn_buf in = { 0 };
    struct hn_event event;

    (void)state;
    filebeat(&in, HN_TEXT("{\"user\":\"x\",\"src_ip\":\"192.0.2.1\","));
    filebeat(&in, HN_TEXT("nobody knows this"));
    assert_int_equal(hn_event_init(&event, seen.schema, NULL, false), HN_OK);
    assert_int_equal(decode_all(check_format("json"), &options, hn_text_as_bytes(hn_buf_text(&in)),
                             &event, &sink),
            HN_OK);
    hn_event_deinit(&event);
    hn_buf_deinit(&in);
    hn_schema_free(seen.schema);
}

static void samples(struct hn_buf *in)
{
    filebeat(in, HN_TEXT(SQUID));
    filebeat(in, HN_TEXT(SSHD));
    filebeat(in, HN_TEXT(EVE));
    filebeat(in, HN_TEXT("{\"user\":\"x\",\"src_ip\":"));
    filebeat(in,
            HN_TEXT("2026-10-13 15:17:04 20 10.10.0.25 - - - OBSERVED \"none\" - 200 TCP_HIT GET "
                    "text/plain http 192.0.2.200 80 /a - - \"Agent \"\"4\"\" (x)\" 10.10.0.8 220 "
                    "410 -"));
}

/* Wherever a line of the shipper ends, however long the line in it: as many events as lines,
 * decoded again the same, within their memory. */
static void every_truncation_is_read(void **state)
{
    struct check check;
    struct hn_buf in = { 0 };

    (void)state;
    check_init(&check);
    samples(&in);
    for (size_t len = 0; len <= in.len; len++) {
        char *copy = hn_malloc(len == 0 ? 1 : len);

        assert_non_null(copy);
        memcpy(copy, in.ptr, len);
        assert_int_equal(
                check_decode(&check, check_format("json"), &options, hn_text_of(copy, len), 0),
                HN_OK);
        hn_free(copy);
    }
    for (size_t len = 0; len <= sizeof EVE - 1; len++) { /* the line alone is cut off */
        hn_buf_reset(&in);
        filebeat(&in, hn_text_of(EVE, len));
        filebeat(&in, hn_text_of(SSHD, len < sizeof SSHD - 1 ? len : sizeof SSHD - 1));
        assert_int_equal(
                check_decode(&check, check_format("json"), &options, hn_buf_text(&in), 0), HN_OK);
        assert_int_equal(check.events, 2);
        assert_int_equal(check.finding_kinds & (uint32_t)1 << HN_FINDING_UNDECODABLE, 0);
    }
    hn_buf_deinit(&in);
    check_deinit(&check);
}

static bool count_starved(void *ctx, struct hn_event *event)
{
    struct seen *seen = ctx;

    seen->events++;
    seen->dropped += event->values_dropped;
    return true;
}

/* Whichever allocation is the first to fail: HN_NOMEM, or every event is there and says what it
 * lacks. */
static void no_memory_is_said(void **state)
{
    struct seen seen = { .schema = context_schema() };
    struct hn_buf in = { 0 };
    uint64_t hits = 1;

    (void)state;
    samples(&in);
    for (uint64_t n = 1; hits > 0; n++) {
        const struct decode_sink sink = { .on_event = count_starved, .ctx = &seen };
        struct hn_event event = { 0 };
        enum hn_status status;

        seen.events = 0;
        seen.dropped = 0;
        hn_mem_fail_from(n);
        status = hn_event_init(&event, seen.schema, NULL, true);
        if (status == HN_OK)
            status = decode_all(check_format("json"), &options, hn_text_as_bytes(hn_buf_text(&in)),
                    &event, &sink);
        hn_event_deinit(&event);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || status == HN_NOMEM);
        assert_true(status == HN_NOMEM || seen.events == 5);
        assert_true(hits == 0 || status == HN_NOMEM || seen.dropped > 0);
    }
    hn_buf_deinit(&in);
    hn_schema_free(seen.schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_says_when_and_where),
        cmocka_unit_test(shippers_clocks_are_read),
        cmocka_unit_test(documents_behind_are_read),
        cmocka_unit_test(broken_line_leaves_nothing),
        cmocka_unit_test(every_truncation_is_read),
        cmocka_unit_test(no_memory_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
