/* Proves that envelopes are read as Splunk's documentation has them, that every cut is refused, and
 * that what is written decodes to the events with all their envelope says. */
#include "ingest/ingest_internal.h"

#include "decode/decode.h"

#include "support/check.h"
#include "support/json_check.h"

static const char sample[] =
        "{\"time\":1426279439.5,\"host\":\"h1\",\"source\":\"/var/l\",\"sourcetype\":\"st\","
        "\"index\":\"main\",\"event\":{\"x\":1,\"host\":\"own\"},\"fields\":{\"k\":\"v\"}}\n\n "
        "{\"event\":\"a\\nb\",\"time\":\"1426279440\"}{\"event\":{}}";

static enum hec_code read_events(
        struct hn_text body, struct hn_arena *arena, hec_events *events, uint64_t *bad)
{
    hn_arena_reset(arena);
    hn_vec_reset(events);
    return hec_read(body, arena, events, bad);
}

static void codes_are_splunks(void **state)
{
    static const struct {
        const char *body;
        enum hec_code code;
        uint64_t bad;
    } cases[] = {
        { "", HEC_NO_DATA, 0 },
        { " \r\n", HEC_NO_DATA, 0 },
        { "{\"event\":1}", HEC_OK, 0 },
        { "{\"event\":\"x\"}{}", HEC_NO_EVENT, 1 },
        { "{\"event\":\"\"}", HEC_BLANK_EVENT, 0 },
        { "{\"event\":null}", HEC_BLANK_EVENT, 0 },
        { "{\"event\":1,\"fields\":{\"a\":{\"b\":1}}}", HEC_BAD_FIELDS, 0 },
        { "{\"event\":1,\"fields\":{\"a\":[{}]}}", HEC_BAD_FIELDS, 0 },
        { "{\"event\":1,\"fields\":[]}", HEC_BAD_FIELDS, 0 },
        { "{\"event\":1,\"fields\":{\"a\":[1,2]}}", HEC_OK, 0 },
        { "{\"event\":1} x", HEC_BAD_DATA, 1 },
        { "[{\"event\":1}]", HEC_BAD_DATA, 0 },
        { "{\"event\":1}{\"event\":1,}", HEC_BAD_DATA, 1 },
        { "plain", HEC_BAD_DATA, 0 },
    };
    struct hn_arena arena = { 0 };
    hec_events events = { 0 };

    (void)state;
    hn_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        uint64_t bad = 0;
        enum hec_code code = read_events(hn_text_cstr(cases[i].body), &arena, &events, &bad);

        if (code != cases[i].code || (code != HEC_OK && bad != cases[i].bad))
            fail_msg("%s: %d, event %llu", cases[i].body, (int)code, (unsigned long long)bad);
    }
    assert_int_equal(read_events(hn_text_of("{\"event\":1}\0{\"event\":1}", 23), &arena, &events,
                             &(uint64_t){ 0 }),
            HEC_BAD_DATA);
    hn_vec_deinit(&events);
    hn_arena_deinit(&arena);
}

static void every_cut_is_refused_or_a_prefix(void **state)
{
    struct hn_arena arena = { 0 };
    hec_events events = { 0 };

    (void)state;
    hn_arena_init(&arena, 1 << 20);
    for (size_t len = 0; len < sizeof sample - 1; len++) {
        uint64_t bad = 0;
        enum hec_code code = read_events(hn_text_of(sample, len), &arena, &events, &bad);
        struct hn_text last = hn_text_trim(hn_text_of(sample, len));

        if (code == HEC_OK)
            assert_true(last.ptr[last.len - 1] == '}' && events.count >= 1 && events.count < 3);
        else
            assert_true(code == HEC_BAD_DATA || (code == HEC_NO_DATA && len == 0));
    }
    hn_vec_deinit(&events);
    hn_arena_deinit(&arena);
}

static void objects_become_json_lines(void **state)
{
    struct hn_arena arena = { 0 };
    hec_events events = { 0 };
    struct hn_buf out = { 0 };
    uint64_t bad;

    (void)state;
    hn_arena_init(&arena, 1 << 20);
    assert_int_equal(
            read_events(
                    HN_TEXT("{\"time\":\"1.5\",\"host\":\"h\",\"source\":null,\"event\":{\n"
                            "\"a\":\"b\\n\",\"host\":1},\"fields\":{\"k\":[1,2]}}{\"event\":{ }}"),
                    &arena, &events, &bad),
            HEC_OK);
    assert_int_equal(hec_write(&events, &arena, &out), HEC_SHAPE_JSON);
    check_buf(&out,
            "{\"a\":\"b\\n\",\"host\":1,\"_time\":\"1.5\",\"splunk_host\":\"h\",\"k\":[1,2]}\n"
            "{}\n");
    hn_buf_deinit(&out);
    hn_vec_deinit(&events);
    hn_arena_deinit(&arena);
}

struct seen {
    struct hn_buf text;
    size_t findings;
};

static bool on_event(void *ctx, struct hn_event *event)
{
    static const char *const names[] = { "hostname", "splunk.source", "splunk.k", "x", "Message" };
    struct seen *seen = ctx;

    (void)hn_event_time(event, NULL);
    hn_buf_add_time(&seen->text, event->time, NULL);
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        uint32_t index = hn_event_find_name(event, hn_text_cstr(names[i]));
        struct hn_text value = index == HN_VALUE_NONE ? HN_TEXT("") : hn_event_text(event, index);

        hn_buf_add_char(&seen->text, '|');
        hn_buf_add_text(&seen->text, value);
    }
    hn_buf_add_char(&seen->text, ';');
    return true;
}

static void on_finding(void *ctx, const struct hn_finding *finding)
{
    struct seen *seen = ctx;

    (void)finding;
    seen->findings++;
}

/* Lines keep time, host and fields, line feeds and all, when the decoders read them. */
static void strings_become_syslog(void **state)
{
    struct hn_arena arena = { 0 };
    hec_events events = { 0 };
    struct hn_buf out = { 0 };
    struct seen seen = { .findings = 0 };
    struct decode_sink sink = { on_event, on_finding, &seen };
    struct hn_schema *schema = hn_schema_new();
    struct hn_event event;
    uint64_t bad;

    (void)state;
    hn_arena_init(&arena, 1 << 20);
    assert_int_equal(
            read_events(HN_TEXT("{\"time\":1426279439.5,\"host\":\"web-1\",\"source\":\"/v]\\\"\","
                                "\"event\":\"one\\ntwo\",\"fields\":{\"k\":\"v\"}}"
                                "{\"event\":{\"x\":\"y\"}}{\"event\":\"<13>1 2015-03-13T20:00:00Z "
                                "h p - - - own\"}"),
                    &arena, &events, &bad),
            HEC_OK);
    assert_int_equal(hec_write(&events, &arena, &out), HEC_SHAPE_SYSLOG);
    assert_non_null(schema);
    assert_int_equal(hn_schema_seal(schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&event, schema, NULL, true), HN_OK);
    assert_int_equal(decode_all(decode_format_find(HN_TEXT("syslog-octets")),
                             &(struct decode_options){ .limits = decode_limits_default },
                             hn_text_as_bytes(hn_buf_text(&out)), &event, &sink),
            HN_OK);
    assert_int_equal(seen.findings, 0);
    check_buf(&seen.text, "2015-03-13T20:43:59.500Z|web-1|/v]\"|v||one\ntwo;"
                          "||||y|{\"x\":\"y\"};2015-03-13T20:00:00Z|h||||own;");
    hn_event_deinit(&event);
    hn_schema_free(schema);
    hn_buf_deinit(&seen.text);
    hn_buf_deinit(&out);
    hn_vec_deinit(&events);
    hn_arena_deinit(&arena);
}

/* Whichever allocation fails: busy, come again; never "invalid", which a client takes for final. */
static void fail_each_allocation(struct hn_text body)
{
    bool failed = true;

    for (uint64_t n = 1; failed; n++) {
        struct hn_arena arena = { 0 };
        hec_events events = { 0 };
        struct hn_buf out = { 0 };
        uint64_t bad = 0;
        enum hec_code code;

        assert_true(n < 1000);
        hn_arena_init(&arena, 1 << 20);
        hn_mem_fail_from(n);
        code = hec_read(body, &arena, &events, &bad);
        if (code == HEC_OK) {
            (void)hec_write(&events, &arena, &out);
            code = hn_buf_ok(&out) ? HEC_OK : HEC_BUSY;
        }
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_int_equal(code, failed ? HEC_BUSY : HEC_OK);
        hn_buf_deinit(&out);
        hn_vec_deinit(&events);
        hn_arena_deinit(&arena);
    }
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    fail_each_allocation(
            HN_TEXT("{\"event\":\"a\\nb\",\"host\":\"\\u0061\",\"fields\":{\"\\u0062\":1}}"));
    fail_each_allocation(HN_TEXT("{\"event\":{\"host\":1,\"\\u0063\":2},\"host\":\"a\","
                                 "\"fields\":{\"\\u0062\":1}}"));
}

static void acknowledgements_are_told_once(void **state)
{
    struct hec_acks *acks = hec_acks_new();
    uint64_t id;

    (void)state;
    assert_non_null(acks);
    assert_false(hec_acks_take(acks, HN_TEXT("a"), 0));
    for (uint64_t i = 0; i < INGEST_ACKS_MAX + 10; i++) {
        assert_true(hec_acks_give(acks, HN_TEXT("a"), &id));
        assert_true(id == i);
    }
    assert_false(hec_acks_take(acks, HN_TEXT("a"), 9)); /* fell out of the window */
    assert_true(hec_acks_take(acks, HN_TEXT("a"), 10));
    assert_false(hec_acks_take(acks, HN_TEXT("a"), 10));
    assert_true(hec_acks_take(acks, HN_TEXT("a"), INGEST_ACKS_MAX + 9));
    assert_false(hec_acks_take(acks, HN_TEXT("a"), INGEST_ACKS_MAX + 10)); /* not given yet */
    assert_false(hec_acks_take(acks, HN_TEXT("a"), UINT64_MAX));
    assert_false(hec_acks_take(acks, HN_TEXT("b"), 11));
    for (unsigned i = 0; i < INGEST_CHANNELS_MAX; i++) { /* "a", the oldest, gives way */
        char name[16];

        (void)snprintf(name, sizeof name, "c%u", i);
        assert_true(hec_acks_give(acks, hn_text_cstr(name), &id) && id == 0);
    }
    assert_false(hec_acks_take(acks, HN_TEXT("a"), 11));
    assert_true(hec_acks_take(acks, HN_TEXT("c0"), 0));
    hec_acks_free(acks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_splunks),
        cmocka_unit_test(every_cut_is_refused_or_a_prefix),
        cmocka_unit_test(objects_become_json_lines),
        cmocka_unit_test(strings_become_syslog),
        cmocka_unit_test(every_failing_allocation_is_told),
        cmocka_unit_test(acknowledgements_are_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
