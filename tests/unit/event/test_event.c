/* test_event.c - the field table: values in order, texts on demand, limits kept and counted. */
#include "base/mem.h"
#include "event/event.h"
#include "support/check.h"

#include <limits.h>

struct pair {
    struct hn_schema *schema;
    struct hn_event wanted;
    struct hn_event all;
};

static int set_up(void **state)
{
    static struct pair pair;

    pair.schema = hn_schema_new();
    assert_int_not_equal(hn_schema_want(pair.schema, HN_TEXT("Image")), HN_FIELD_NONE);
    assert_int_not_equal(hn_schema_want(pair.schema, HN_TEXT("id.orig_h")), HN_FIELD_NONE);
    assert_int_equal(hn_schema_seal(pair.schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&pair.wanted, pair.schema, NULL, false), HN_OK);
    assert_int_equal(hn_event_init(&pair.all, pair.schema, NULL, true), HN_OK);
    *state = &pair;
    return 0;
}

static int tear_down(void **state)
{
    struct pair *pair = *state;

    hn_event_deinit(&pair->wanted);
    hn_event_deinit(&pair->all);
    hn_schema_free(pair->schema);
    return 0;
}

/* Wanted-mode keeps what is wanted, all-mode everything, in the order of the input. */
static void modes_keep_what_they_say(void **state)
{
    struct pair *pair = *state;
    struct hn_event *events[] = { &pair->wanted, &pair->all };
    hn_field image = hn_schema_find(pair->schema, HN_TEXT("Image"));

    for (size_t i = 0; i < 2; i++) {
        struct hn_event *event = events[i];

        hn_event_reset(event);
        hn_event_add_text(event, HN_TEXT("Unwanted"), HN_TEXT("x"));
        hn_event_add_text(event, HN_TEXT("winlog.event_data.Image"), HN_TEXT("a.exe"));
        hn_event_add_i64(event, HN_TEXT("Also.Unwanted"), 5);
        hn_event_add_text(event, HN_TEXT("Image"), HN_TEXT("b.exe"));
        assert_true(hn_event_has(event, image));
        check_text(hn_event_field_text(event, image), "a.exe");
        check_text(
                hn_event_text(event, hn_event_next(event, hn_event_first(event, image))), "b.exe");
        assert_int_equal(hn_event_find_name(event, HN_TEXT("Event.EventData.Image")),
                hn_event_first(event, image));
        assert_false(hn_event_has(event, HN_FIELD_CHANNEL));
        assert_null(hn_event_field_text(event, HN_FIELD_CHANNEL).ptr);
        assert_null(hn_event_field_text(event, HN_FIELD_NONE).ptr);
    }
    assert_false(hn_event_wants(&pair->wanted, HN_TEXT("Unwanted")));
    assert_true(hn_event_wants(&pair->wanted, HN_TEXT("_Image")));
    assert_true(hn_event_wants(&pair->all, HN_TEXT("Unwanted")));
    assert_int_equal(pair->wanted.named.count, 0);
    assert_int_equal(pair->all.named.count, 4);
    check_text(pair->all.named.ptr[0].name, "Unwanted");
    check_text(pair->all.named.ptr[1].name, "Image");
    check_text(pair->all.named.ptr[2].name, "Also.Unwanted");
    check_text(hn_event_text(&pair->all, hn_event_find_name(&pair->all, HN_TEXT("Also.Unwanted"))),
            "5");
    assert_int_equal(hn_event_find_name(&pair->wanted, HN_TEXT("Also.Unwanted")), HN_VALUE_NONE);
    hn_event_reset(&pair->all);
    assert_false(hn_event_has(&pair->all, image));
    assert_int_equal(pair->all.named.count, 0);
}

/* Values of every type have the text that a rule compares with. */
static void values_have_texts(void **state)
{
    static const char utf16[] = { 'a', 0, '\x6B', '\x70', 'b', 0 };
    struct pair *pair = *state;
    struct hn_event *event = &pair->all;
    struct hn_value hex = { .type = HN_TYPE_UINT, .form = HN_FORM_HEX };
    struct hn_value wide = {
        .ptr = utf16, .len = sizeof utf16, .type = HN_TYPE_STRING, .form = HN_FORM_UTF16
    };
    static const char *const texts[] = { "-9223372036854775808", "18446744073709551615", "0.1",
        "true", "false", "", "0xf0", "0x0", "a\347\201\253b" };

    hn_event_reset(event);
    hn_event_add_i64(event, HN_TEXT("v"), INT64_MIN);
    hn_event_add_u64(event, HN_TEXT("v"), UINT64_MAX);
    hn_event_add_real(event, HN_TEXT("v"), 0.1);
    hn_event_add_bool(event, HN_TEXT("v"), true);
    hn_event_add_bool(event, HN_TEXT("v"), false);
    hn_event_add_null(event, HN_TEXT("v"));
    hex.number.u = 0xF0;
    hn_event_add(event, HN_TEXT("v"), &hex);
    hex.number.u = 0;
    hn_event_add(event, HN_TEXT("v"), &hex);
    hn_event_add(event, HN_TEXT("v"), &wide);
    for (size_t i = 0; i < HN_COUNT_OF(texts); i++) {
        uint32_t index = event->named.ptr[i].index;

        check_text(hn_event_text(event, index), texts[i]);
        check_text(hn_event_text(event, index), texts[i]); /* the second time from memory */
    }
    assert_int_equal(event->values[event->named.ptr[0].index].type, HN_TYPE_INT);
    assert_int_equal(event->values[event->named.ptr[1].index].type, HN_TYPE_UINT);
    hn_event_reset(event);
    hn_event_add_u64(event, HN_TEXT("v"), INT64_MAX);
    assert_int_equal(event->values[0].type, HN_TYPE_INT);
}

/* JSON escapes are resolved, surrogates paired or replaced, the rest left alone. */
static void json_escapes_are_resolved(void **state)
{
    static const char *const pairs[][2] = {
        { "plain", "plain" },
        { "a\\\\b\\/c\\\"d", "a\\b/c\"d" },
        { "\\b\\f\\n\\r\\t", "\b\f\n\r\t" },
        { "\\u0041\\u00e9\\u706B", "A\xC3\xA9\xE7\x81\xAB" },
        { "\\ud83d\\udd25", "\xF0\x9F\x94\xA5" },
        { "\\ud83d", "\xEF\xBF\xBD" },
        { "\\udd25x", "\xEF\xBF\xBDx" },
        { "\\ud83d\\u0041", "\357\277\275A" },
        { "\\ud83d\\n", "\xEF\xBF\xBD\n" },
        { "end\\\\", "end\\" },
        { "", "" },
    };
    struct pair *pair = *state;
    struct hn_event *event = &pair->all;

    hn_event_reset(event);
    for (size_t i = 0; i < HN_COUNT_OF(pairs); i++) {
        struct hn_text json = hn_text_cstr(pairs[i][0]);
        char *exact = hn_malloc(json.len); /* so that a read past the end is seen */
        struct hn_value value = {
            .ptr = exact, .len = (uint32_t)json.len, .type = HN_TYPE_STRING, .form = HN_FORM_JSON
        };

        memcpy(exact, json.ptr, json.len);
        hn_event_add(event, HN_TEXT("v"), &value);
        check_text(hn_event_text(event, (uint32_t)i), pairs[i][1]);
        hn_free(exact);
    }
}

/* Folded texts are folded, have readable bytes behind them, and are made once. */
static void folded_texts_are_padded(void **state)
{
    struct pair *pair = *state;
    struct hn_event *event = &pair->all;
    struct hn_text folded;

    hn_event_reset(event);
    hn_event_add_text(event, HN_TEXT("v"), HN_TEXT("C:\\Windows\\CMD.exe \xC3\x84\xC8\xBA"));
    folded = hn_event_folded(event, 0);
    check_text(folded, "c:\\windows\\cmd.exe \xC3\xA4\xE2\xB1\xA5");
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(folded.ptr[folded.len + i], 0);
    assert_ptr_equal(hn_event_folded(event, 0).ptr, folded.ptr);
    hn_event_add_null(event, HN_TEXT("v"));
    check_text(hn_event_folded(event, 1), "");
}

/* Past its limits an event drops values and counts them; the next event is not affected. */
static void limits_are_kept(void **state)
{
    const struct hn_event_limits limits = {
        .values_max = 300, .scratch_bytes = 4096, .depth_max = 8
    };
    struct pair *pair = *state;
    struct hn_event event;

    assert_int_equal(hn_event_init(&event, pair->schema, &limits, true), HN_OK);
    for (int round = 0; round < 3; round++) {
        hn_event_reset(&event);
        for (int i = 0; i < 1000; i++)
            hn_event_add_text(&event, HN_TEXT("Image"), HN_TEXT("x"));
        assert_true(event.value_count >= 300 && event.value_count < 1000);
        assert_int_equal(event.value_count + event.values_dropped, 1000);
        hn_event_reset(&event);
        hn_event_add_text(&event, HN_TEXT("Image"), HN_TEXT("ABC"));
        assert_null(hn_event_room(&event, 5000));
        check_text(hn_event_folded(&event, 0), "abc");
        assert_null(hn_event_copy(&event, hn_text_of("x", 100000)).ptr);
        assert_int_equal(event.values_dropped, 0);
    }
    hn_event_deinit(&event);
    hn_event_deinit(&event); /* a second time is harmless */
}

/* A text that has no room in the scratch is empty and counted, not wrong. */
static void full_scratch_is_counted(void **state)
{
    const struct hn_event_limits limits = {
        .values_max = 100, .scratch_bytes = 200, .depth_max = 8
    };
    struct pair *pair = *state;
    static char wide[2000];
    struct hn_value value = {
        .ptr = wide, .len = sizeof wide, .type = HN_TYPE_STRING, .form = HN_FORM_UTF16
    };
    struct hn_event event;

    assert_int_equal(hn_event_init(&event, pair->schema, &limits, true), HN_OK);
    hn_event_add(&event, HN_TEXT("v"), &value);
    value.form = HN_FORM_JSON;
    hn_event_add(&event, HN_TEXT("v"), &value);
    value.form = HN_FORM_TEXT;
    hn_event_add(&event, HN_TEXT("v"), &value);
    check_text(hn_event_text(&event, 0), "");
    check_text(hn_event_text(&event, 1), "");
    check_text(hn_event_folded(&event, 2), "");
    assert_int_equal(event.values_dropped, 3);
    hn_event_deinit(&event);
}

/* Old slots never look new, not even when the counter of events wraps around. */
static void generations_wrap(void **state)
{
    struct pair *pair = *state;
    struct hn_event *event = &pair->wanted;
    hn_field image = hn_schema_find(pair->schema, HN_TEXT("Image"));

    event->generation = UINT32_MAX - 1;
    memset(event->slots, 0, hn_schema_count(pair->schema) * sizeof *event->slots);
    for (int i = 0; i < 4; i++) {
        hn_event_reset(event);
        assert_false(hn_event_has(event, image));
        hn_event_add_text(event, HN_TEXT("Image"), HN_TEXT("x"));
        assert_true(hn_event_has(event, image));
    }
}

/* Every failing allocation of an event's start is reported, and nothing leaks. */
static void failing_memory_is_reported(void **state)
{
    struct pair *pair = *state;

    for (uint64_t n = 1;; n++) {
        struct hn_event event;
        enum hn_status status;

        hn_mem_fail_from(n);
        status = hn_event_init(&event, pair->schema, NULL, true);
        hn_mem_fail_from(0);
        hn_event_deinit(&event);
        if (status == HN_OK)
            break;
        assert_int_equal(status, HN_NOMEM);
    }
}

/* The decoder's time counts before any field, its text before them as well; both are read once. */
static void decoders_time_counts(void **state)
{
    struct pair *pair = *state;
    struct hn_event *event = &pair->all;

    hn_event_reset(event);
    hn_event_add_text(event, HN_TEXT("timestamp"), HN_TEXT("2026-03-29T09:34:25Z"));
    event->time_text = HN_TEXT("2020-01-01T00:00:00Z");
    assert_true(hn_event_time(event, NULL) == INT64_C(1577836800) * HN_SECOND);
    event->time = 5;
    assert_true(hn_event_time(event, NULL) == 5);
    hn_event_reset(event);
    hn_event_add_text(event, HN_TEXT("timestamp"), HN_TEXT("2026-03-29T09:34:25Z"));
    event->time_text = HN_TEXT("no time");
    assert_true(hn_event_time(event, NULL) == INT64_C(1774776865) * HN_SECOND);
}

/* A rule belongs to an event when each label it names is among the event's. */
static void labels_fit(void **state)
{
    struct hn_source source = { 0 };
    struct hn_logsource rule = { 0 };

    (void)state;
    assert_true(hn_source_fits(&source, &rule));
    source.product = HN_TEXT("windows");
    hn_source_add_category(&source, HN_TEXT("registry_event"));
    hn_source_add_category(&source, HN_TEXT("registry_set"));
    hn_source_add_category(&source, HN_TEXT("registry_set"));
    hn_source_add_service(&source, HN_TEXT("sysmon"));
    assert_int_equal(source.category[2].len, 0);
    rule.category = HN_TEXT("registry_set");
    assert_true(hn_source_fits(&source, &rule));
    rule.product = HN_TEXT("windows");
    rule.service = HN_TEXT("sysmon");
    assert_true(hn_source_fits(&source, &rule));
    rule.service = HN_TEXT("security");
    assert_false(hn_source_fits(&source, &rule));
    rule.service = HN_TEXT("");
    rule.product = HN_TEXT("linux");
    assert_false(hn_source_fits(&source, &rule));
    for (int i = 0; i < 10; i++) /* those past the last place are ignored */
        hn_source_add_service(&source, hn_text_sub(HN_TEXT("0123456789"), (size_t)i, 1));
    rule.product = HN_TEXT("windows");
    rule.service = HN_TEXT("0");
    assert_true(hn_source_fits(&source, &rule));
    rule.service = HN_TEXT("9");
    assert_false(hn_source_fits(&source, &rule));
}

/* What a correlation is grouped by tells whose it is. */
static void names_tell_whose(void **state)
{
    (void)state;
    assert_int_equal(hn_name_context(HN_TEXT("computer")), HN_CONTEXT_HOST);
    assert_int_equal(hn_name_context(HN_TEXT("src_ip")), HN_CONTEXT_CLIENT);
    assert_int_equal(hn_name_context(HN_TEXT("IpAddress")), HN_CONTEXT_CLIENT);
    assert_int_equal(hn_name_context(HN_TEXT("TargetUserName")), HN_CONTEXT_USER);
    assert_int_equal(hn_name_context(HN_TEXT("cs-host")), HN_CONTEXT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_keep_what_they_say),
        cmocka_unit_test(values_have_texts),
        cmocka_unit_test(json_escapes_are_resolved),
        cmocka_unit_test(folded_texts_are_padded),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(full_scratch_is_counted),
        cmocka_unit_test(generations_wrap),
        cmocka_unit_test(failing_memory_is_reported),
        cmocka_unit_test(decoders_time_counts),
        cmocka_unit_test(labels_fit),
        cmocka_unit_test(names_tell_whose),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
