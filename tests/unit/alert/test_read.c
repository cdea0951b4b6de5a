/* Proves that what an alert's line says is read back as it was: evidence with its byte ranges, the
 * event's fields, places, correlations, indicators; and that anything else is refused. */
#include "alert/alert.h"

#include "base/mem.h"

#include "support/check.h"

struct bench {
    struct hn_schema *schema;
    struct hn_event event;
    struct sigma_meta meta;
    struct alert_match matches[2];
    struct alert alert;
    struct hn_buf line;
    struct hn_arena arena;
    struct alert_read read;
};

static void bench_open(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    bench->schema = hn_schema_new();
    assert_non_null(bench->schema);
    assert_int_equal(hn_schema_seal(bench->schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&bench->event, bench->schema, NULL, true), HN_OK);
    hn_event_reset(&bench->event);
    hn_event_add_text(&bench->event, HN_TEXT("CommandLine"), HN_TEXT("a \"b\" \\c"));
    hn_event_add_text(&bench->event, HN_TEXT("List"), HN_TEXT("one"));
    hn_event_add_text(&bench->event, HN_TEXT("List"), HN_TEXT("two"));
    hn_event_add_u64(&bench->event, HN_TEXT("Number"), UINT64_MAX);
    hn_event_add_null(&bench->event, HN_TEXT("Null"));
    bench->event.raw = hn_text_as_bytes(HN_TEXT("raw \x1b line"));
    bench->event.raw_is_text = true;
    bench->meta = (struct sigma_meta){ .id = HN_TEXT("id"), .title = HN_TEXT("t") };
    bench->matches[0] = (struct alert_match){ HN_TEXT("sel"), HN_TEXT("CommandLine"),
        HN_TEXT("contains"), HN_TEXT("\"b\""), HN_TEXT("a \"b\" \\c"), 2, 3 };
    bench->matches[1] = (struct alert_match){ HN_TEXT(""), HN_TEXT(""), HN_TEXT(""), HN_TEXT("k"),
        HN_TEXT("\xFFxk"), 2, 1 };
    bench->alert = (struct alert){ .meta = &bench->meta,
        .level = SIGMA_LEVEL_HIGH,
        .time = 0,
        .host = HN_TEXT("h"),
        .user = HN_TEXT("u"),
        .file = HN_TEXT("f.log"),
        .offset = 12,
        .line = 3,
        .event = &bench->event,
        .matches = bench->matches,
        .match_count = 2 };
    hn_arena_init(&bench->arena, (size_t)1 << 20);
}

static enum hn_status bench_read(struct bench *bench)
{
    struct alert_writer *writer = alert_writer_new(ALERT_JSONL, NULL);

    assert_non_null(writer);
    alert_write(writer, &bench->alert, &bench->line);
    assert_true(hn_buf_ok(&bench->line));
    alert_writer_free(writer);
    return alert_read(hn_buf_text(&bench->line), &bench->arena, &bench->read);
}

static void bench_close(struct bench *bench)
{
    hn_arena_deinit(&bench->arena);
    hn_buf_deinit(&bench->line);
    hn_event_deinit(&bench->event);
    hn_schema_free(bench->schema);
}

/* A kept alert gives the OCSF line that it would have given when it was found. */
static void check_ocsf(struct bench *bench)
{
    struct alert_writer *writer = alert_writer_new(ALERT_OCSF, NULL);
    struct hn_buf direct = { 0 };
    struct hn_buf kept = { 0 };

    assert_non_null(writer);
    alert_write(writer, &bench->alert, &direct);
    alert_writer_free(writer);
    assert_int_equal(bench_read(bench), HN_OK);
    alert_read_ocsf(&bench->read, &kept);
    hn_buf_add_char(&direct, '\0');
    check_buf(&kept, direct.ptr);
    hn_buf_deinit(&direct);
    hn_buf_deinit(&kept);
}

static void ocsf_of_a_kept_alert_is_the_same(void **state)
{
    struct hn_text tags[] = { HN_TEXT("attack.execution"), HN_TEXT("attack.t1059.001") };
    struct hn_text group[] = { HN_TEXT("User") };
    struct hn_text key[] = { HN_TEXT("u\xFF") };
    struct bench bench;

    (void)state;
    for (int kind = ALERT_RULE; kind <= ALERT_INDICATOR; kind++) {
        struct ioc_indicator indicator = {
            .confidence = IOC_CONFIDENCE_NONE, .first_seen = HN_TIME_NONE, .last_seen = HN_TIME_NONE
        };

        bench_open(&bench);
        bench.alert.kind = (enum alert_kind)kind;
        bench.alert.id = (struct hn_digest){ 1, 2 };
        bench.alert.time = INT64_C(1795400000123456789);
        bench.meta.level = SIGMA_LEVEL_HIGH;
        if (kind == ALERT_INDICATOR) {
            bench.alert.indicator = &indicator;
            bench.meta.id = bench.meta.title;
        } else {
            bench.meta.description = HN_TEXT("why \"so\"");
            bench.meta.tags = (struct sigma_texts){ tags, 2 };
        }
        if (kind == ALERT_CORRELATION) {
            bench.alert.event = NULL;
            bench.alert.file = HN_TEXT("");
            bench.alert.offset = 0;
            bench.alert.time = HN_TIME_NONE;
            bench.alert.group_by = (struct sigma_texts){ group, 1 };
            bench.alert.group_key = key;
            bench.alert.window_start = INT64_C(1795400000000000000);
            bench.alert.window_end = INT64_C(1795400060000000000);
        }
        check_ocsf(&bench);
        bench_close(&bench);
    }
}

static void reads_evidence(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench);
    assert_int_equal(bench_read(&bench), HN_OK);
    check_text(bench.read.time, "1970-01-01T00:00:00Z");
    check_text(bench.read.title, "t");
    check_text(bench.read.host, "h");
    check_text(bench.read.user, "u");
    check_text(bench.read.file, "f.log");
    assert_int_equal(bench.read.offset, 12);
    assert_int_equal(bench.read.line, 3);
    assert_int_equal(bench.read.match_count, 2);
    check_text(bench.read.matches[0].selection, "sel");
    check_text(bench.read.matches[0].modifiers, "contains");
    check_text(hn_text_sub(bench.read.matches[0].value, bench.read.matches[0].start,
                       bench.read.matches[0].len),
            "\"b\"");
    check_text(bench.read.raw, "raw \x1b line");
    bench_close(&bench);
}

/* A byte that is no UTF-8 is written as three; the range moves with it. */
static void ranges_fit_repaired_text(void **state)
{
    struct bench bench;
    const struct alert_match *match;

    (void)state;
    bench_open(&bench);
    assert_int_equal(bench_read(&bench), HN_OK);
    match = &bench.read.matches[1];
    check_text(match->value, "\xEF\xBF\xBDxk");
    check_text(hn_text_sub(match->value, match->start, match->len), "k");
    bench_close(&bench);
}

static void reads_fields_in_order(void **state)
{
    static const char *const expected[] = { "CommandLine", "a \"b\" \\c", "List", "one", "List",
        "two", "Number", "18446744073709551615", "Null", "" };
    struct bench bench;

    (void)state;
    bench_open(&bench);
    assert_int_equal(bench_read(&bench), HN_OK);
    assert_int_equal(bench.read.field_count, HN_COUNT_OF(expected) / 2);
    for (size_t i = 0; i < bench.read.field_count; i++) {
        check_text(bench.read.fields[i].name, expected[2 * i]);
        check_text(bench.read.fields[i].value, expected[2 * i + 1]);
    }
    bench_close(&bench);
}

static void reads_correlations(void **state)
{
    struct hn_text by[] = { HN_TEXT_INIT("User") };
    struct hn_text key[] = { HN_TEXT_INIT("ada") };
    struct alert_part parts[] = {
        { .time = 0, .rule = HN_TEXT("first"), .file = HN_TEXT("a"), .offset = 1, .line = 2 },
        { .time = HN_TIME_NONE, .rule = HN_TEXT("second"), .file = HN_TEXT("b") },
    };
    struct bench bench;

    (void)state;
    bench_open(&bench);
    bench.alert.kind = ALERT_CORRELATION;
    bench.alert.event = NULL;
    bench.alert.match_count = 0;
    bench.alert.group_by = (struct sigma_texts){ by, 1 };
    bench.alert.group_key = key;
    bench.alert.measured = 2.5;
    bench.alert.total = 7;
    bench.alert.window_end = HN_MINUTE;
    bench.alert.parts = parts;
    bench.alert.part_count = 2;
    assert_int_equal(bench_read(&bench), HN_OK);
    assert_true(bench.read.has_correlation);
    assert_int_equal(bench.read.group_count, 1);
    check_text(bench.read.group[0].name, "User");
    check_text(bench.read.group[0].value, "ada");
    check_text(bench.read.measured, "2.5");
    check_text(bench.read.end, "1970-01-01T00:01:00Z");
    assert_int_equal(bench.read.events, 7);
    assert_int_equal(bench.read.part_count, 2);
    check_text(bench.read.parts[0].rule, "first");
    assert_int_equal(bench.read.parts[0].line, 2);
    check_text(bench.read.parts[1].time, "");
    bench_close(&bench);
}

/* No prefix of a line passes for a whole one, and the result is left alone. */
static void refuses_every_cut(void **state)
{
    struct bench bench;

    (void)state;
    bench_open(&bench);
    assert_int_equal(bench_read(&bench), HN_OK);
    for (size_t len = 0; len + 2 < bench.line.len; len++) { /* without "}" and the line feed */
        struct alert_read untouched = { .line = 99 };

        hn_arena_reset(&bench.arena);
        assert_int_equal(
                alert_read(hn_text_of(bench.line.ptr, len), &bench.arena, &untouched), HN_CORRUPT);
        assert_int_equal(untouched.line, 99);
    }
    bench_close(&bench);
}

static void any_failed_allocation_is_told(void **state)
{
    struct bench bench;
    enum hn_status status = HN_NOMEM;

    (void)state;
    bench_open(&bench);
    assert_int_equal(bench_read(&bench), HN_OK);
    for (uint64_t n = 1; status != HN_OK; n++) {
        hn_arena_deinit(&bench.arena);
        hn_arena_init(&bench.arena, (size_t)1 << 20);
        hn_mem_fail_from(n);
        status = alert_read(hn_buf_text(&bench.line), &bench.arena, &bench.read);
        if (hn_mem_fail_hits() > 0)
            assert_int_equal(status, HN_NOMEM);
        hn_mem_fail_from(0);
        assert_true(n < 1000);
    }
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_evidence),
        cmocka_unit_test(ocsf_of_a_kept_alert_is_the_same),
        cmocka_unit_test(ranges_fit_repaired_text),
        cmocka_unit_test(reads_fields_in_order),
        cmocka_unit_test(reads_correlations),
        cmocka_unit_test(refuses_every_cut),
        cmocka_unit_test(any_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
