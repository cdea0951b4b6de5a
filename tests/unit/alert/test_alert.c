/* test_alert.c - alerts as text: whole, harmless, the same on every run, and never half written. */
#include "alert/alert.h"
#include "base/mem.h"
#include "decode/decode.h"
#include "support/alert_check.h"
#include "support/check.h"

/* What a log can put into any text of an alert. */
static const struct hn_text hostile[] = {
    HN_TEXT_INIT("plain"),
    HN_TEXT_INIT(""),
    HN_TEXT_INIT("=cmd|'/c calc'!A1"),
    HN_TEXT_INIT("+1"),
    HN_TEXT_INIT("-1"),
    HN_TEXT_INIT("@SUM(A1)"),
    HN_TEXT_INIT("\t=1"),
    HN_TEXT_INIT("\r\n=1"),
    HN_TEXT_INIT("\xEF\xBC\x9D"
                 "1"),
    HN_TEXT_INIT("a\"b,c;d\r\ne"),
    HN_TEXT_INIT("\x1B[31mred\x1B]0;title\x07"),
    HN_TEXT_INIT("\xC2\x9B"
                 "31m"),
    HN_TEXT_INIT("\xE2\x80\xAEgnp.exe"),
    HN_TEXT_INIT("\xFF\xFE\xC3"),
    HN_TEXT_INIT("nul\0inside"),
    HN_TEXT_INIT("</script><b>"),
    HN_TEXT_INIT("\xE7\x81\xAB\xE3\x81\xAE\xE8\xA6\x8B \xF0\x9F\x98\x80"),
};

struct bench {
    struct hn_schema *schema;
    struct hn_event event;
    struct sigma_meta meta;
    struct hn_text tags[2];
    struct alert_match match;
    struct alert alert;
};

static void bench_open(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    bench->schema = hn_schema_new();
    assert_non_null(bench->schema);
    assert_int_equal(hn_schema_seal(bench->schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&bench->event, bench->schema, NULL, true), HN_OK);
    hn_event_reset(&bench->event);
    bench->tags[0] = HN_TEXT("attack.t1059.001");
    bench->tags[1] = HN_TEXT("attack.execution");
    bench->meta = (struct sigma_meta){ .id = HN_TEXT("id"),
        .title = HN_TEXT("title"),
        .level = SIGMA_LEVEL_HIGH,
        .tags = { bench->tags, 2 } };
    bench->alert = (struct alert){ .meta = &bench->meta,
        .level = SIGMA_LEVEL_HIGH,
        .time = 0,
        .file = HN_TEXT("f.json"),
        .matches = &bench->match,
        .match_count = 1 };
}

static void bench_close(struct bench *bench)
{
    hn_event_deinit(&bench->event);
    hn_schema_free(bench->schema);
}

static struct hn_text write_one(
        enum alert_format format, const struct alert *alert, struct hn_buf *out)
{
    struct alert_writer *writer = alert_writer_new(format, NULL);

    assert_non_null(writer);
    hn_buf_reset(out);
    alert_write(writer, alert, out);
    assert_true(hn_buf_ok(out));
    alert_writer_free(writer);
    return hn_buf_text(out);
}

static void expect_sound(const struct alert *alert)
{
    struct hn_buf out = { 0 };

    assert_true(alert_check_json(write_one(ALERT_JSONL, alert, &out)));
    assert_true(alert_check_json(write_one(ALERT_OCSF, alert, &out)));
    assert_true(alert_check_csv(write_one(ALERT_CSV, alert, &out)));
    hn_buf_deinit(&out);
}

/* Whatever the log, the rule or the indicator says, in whichever place, a line stays a line. */
static void hostile_text_stays_text(void **state)
{
    struct bench bench;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(hostile); i++) {
        struct ioc_indicator indicator = { .source = hostile[i],
            .comment = hostile[i],
            .family = hostile[i],
            .first_seen = HN_TIME_NONE,
            .last_seen = HN_TIME_NONE };
        struct alert_part part = { .rule = hostile[i], .file = hostile[i] };

        bench_open(&bench);
        hn_event_add_text(&bench.event, hostile[i], hostile[i]);
        hn_event_add_text(&bench.event, HN_TEXT("again"), hostile[i]);
        hn_event_add_text(&bench.event, HN_TEXT("again"), HN_TEXT("x"));
        hn_event_add_null(&bench.event, HN_TEXT("null"));
        hn_event_add_real(&bench.event, HN_TEXT("real"), 1e300 * 1e300);
        bench.event.raw = hn_text_as_bytes(hostile[i]);
        bench.event.raw_is_text = i % 2 == 0;
        bench.meta.id = hostile[i];
        bench.meta.title = hostile[i];
        bench.meta.description = hostile[i];
        bench.meta.context.why_en = hostile[i];
        bench.tags[1] = hostile[i];
        bench.match = (struct alert_match){ hostile[i], hostile[i], hostile[i], hostile[i],
            hostile[i], 0, (uint32_t)hostile[i].len };
        bench.alert.event = &bench.event;
        bench.alert.host = hostile[i];
        bench.alert.user = hostile[i];
        bench.alert.file = hostile[i];
        bench.alert.source.product = hostile[i];
        bench.alert.source.service[0] = hostile[i];
        expect_sound(&bench.alert);
        bench.alert.kind = ALERT_INDICATOR;
        bench.alert.indicator = &indicator;
        bench.alert.indicator_value = hostile[i];
        bench.alert.indicator_how = hostile[i];
        expect_sound(&bench.alert);
        bench.alert.kind = ALERT_CORRELATION;
        bench.alert.indicator = NULL;
        bench.alert.event = NULL;
        bench.alert.group_by = bench.meta.tags;
        bench.alert.group_key = bench.tags;
        bench.alert.parts = &part;
        bench.alert.part_count = 1;
        expect_sound(&bench.alert);
        bench_close(&bench);
    }
}

/* Of several alerts about an event, the later ones say of it what the first has said, in a buffer
 * that grows meanwhile. */
static void alerts_about_one_event_share_its_text(void **state)
{
    struct alert_writer *writer = alert_writer_new(ALERT_JSONL, NULL);
    struct alert_tail tail = { 0, 0 };
    struct hn_buf alone = { 0 };
    struct hn_buf shared = { 0 };
    struct bench bench;

    (void)state;
    assert_non_null(writer);
    bench_open(&bench);
    hn_event_add_text(&bench.event, HN_TEXT("CommandLine"), HN_TEXT("a \"b\" \\c"));
    bench.event.raw = hn_text_as_bytes(HN_TEXT("raw \x1b line"));
    bench.event.raw_is_text = true;
    bench.alert.event = &bench.event;
    for (unsigned i = 0; i < 9; i++) {
        bench.alert.id.low = i;
        bench.alert.tail = NULL;
        alert_write(writer, &bench.alert, &alone);
        bench.alert.tail = &tail;
        alert_write(writer, &bench.alert, &shared);
    }
    assert_true(hn_buf_ok(&shared));
    assert_true(tail.len > 0);
    assert_true(hn_text_eq(hn_buf_text(&alone), hn_buf_text(&shared)));
    hn_buf_deinit(&alone);
    hn_buf_deinit(&shared);
    alert_writer_free(writer);
    bench_close(&bench);
}

/* ---- Events that are JSON already ---- */

struct written {
    struct hn_buf out;
    size_t count;
};

static bool on_event(void *ctx, struct hn_event *event)
{
    struct written *written = ctx;
    struct sigma_meta meta = { .id = HN_TEXT("id"), .title = HN_TEXT("t") };
    struct alert alert = { .meta = &meta, .time = HN_TIME_NONE, .event = event };

    expect_sound(&alert);
    (void)write_one(ALERT_JSONL, &alert, &written->out);
    written->count++;
    return true;
}

/* A document over many lines is one alert line; what is legal in JSON but not on a terminal is
 * escaped; numbers and nested objects stay what they are. */
static void json_events_become_one_line(void **state)
{
    static const char text[] = "[\n\t{\n\t\t\"a\": 1.50,\r\n\t\t\"o\": {\n \"x\": [1,\n2]\n},\n"
                               "\"del\": \"\x7F\",\n\"c1\": \"\xC2\x9B\", \"rtl\":\"\xE2\x80\xAE\","
                               "\"bad\": \"\xFF\", \"esc\": \"\\u001b\"\n}\n]\n";
    const struct decode_options options = { .limits = { 0, 0 } };
    struct written written = { .out = { 0 } };
    const struct decode_sink sink = { .on_event = on_event, .ctx = &written };
    struct bench bench;

    (void)state;
    bench_open(&bench);
    assert_int_equal(decode_all(decode_format_find(HN_TEXT("json")), &options,
                             hn_bytes_of(text, sizeof text - 1), &bench.event, &sink),
            HN_OK);
    assert_int_equal(written.count, 1);
    hn_buf_add_char(&written.out, '\0');
    assert_non_null(strstr(written.out.ptr, "\"a\":1.50"));
    assert_non_null(strstr(written.out.ptr, "\"del\":\"\\u007f\""));
    assert_non_null(strstr(written.out.ptr, "\"c1\":\"\\u009b\""));
    assert_non_null(strstr(written.out.ptr, "\"rtl\":\"\\u202e\""));
    assert_non_null(strstr(written.out.ptr, "\"bad\":\"\xEF\xBF\xBD\""));
    hn_buf_deinit(&written.out);
    bench_close(&bench);
}

/* ---- Identity ---- */

/* The id hangs on rule, bytes and place, on nothing else; and it is the same for ever: a changed
 * value here would make every stored alert a new one. */
static void ids_are_stable(void **state)
{
    const struct sigma_meta meta = { .id = HN_TEXT("rule-1"), .title = HN_TEXT("t") };
    const struct sigma_meta titled = { .title = HN_TEXT("rule-1") };
    const struct sigma_meta other = { .id = HN_TEXT("rule-2"), .title = HN_TEXT("t") };
    struct hn_digest raw = hn_digest_of("event", 5);
    struct hn_digest id = alert_id(&meta, raw, 77);
    char hex[HN_DIGEST_HEX_LEN];

    (void)state;
    hn_digest_hex(id, hex);
    check_text(hn_text_of(hex, sizeof hex), "d8e981444c3fe048bcdeb4d2d89d2715");
    assert_true(hn_digest_eq(id, alert_id(&titled, raw, 77)));
    assert_false(hn_digest_eq(id, alert_id(&other, raw, 77)));
    assert_false(hn_digest_eq(id, alert_id(&meta, raw, 78)));
    assert_false(hn_digest_eq(id, alert_id(&meta, hn_digest_of("evens", 5), 77)));
}

/* Alerts are the same finding by rule, host, user and the values that fitted; time and place do not
 * matter. */
static void fold_keys_say_what_is_the_same(void **state)
{
    struct bench bench;
    struct hn_digest key;

    (void)state;
    bench_open(&bench);
    bench.alert.host = HN_TEXT("h");
    bench.match.field = HN_TEXT("f");
    bench.match.value = HN_TEXT("v");
    key = alert_fold_key(&bench.alert);
    bench.alert.time = 5;
    bench.alert.offset = 9;
    bench.alert.file = HN_TEXT("elsewhere");
    assert_true(hn_digest_eq(key, alert_fold_key(&bench.alert)));
    bench.match.value = HN_TEXT("w");
    assert_false(hn_digest_eq(key, alert_fold_key(&bench.alert)));
    bench.match.value = HN_TEXT("v");
    bench.alert.host = HN_TEXT("");
    bench.alert.user = HN_TEXT("h"); /* the same texts in other places */
    assert_false(hn_digest_eq(key, alert_fold_key(&bench.alert)));
    bench_close(&bench);
}

static void attack_tags(void **state)
{
    static const struct {
        const char *tag;
        const char *technique;
        const char *tactic;
    } cases[] = {
        { "attack.t1059", "T1059", NULL },
        { "attack.T1059.001", "T1059.001", NULL },
        { "Attack.t1059.001", "T1059.001", NULL },
        { "attack.execution", NULL, "execution" },
        { "attack.defense_evasion", NULL, "defense-evasion" },
        { "attack.command-and-control", NULL, "command-and-control" },
        { "attack.g0016", NULL, NULL },
        { "attack.s0002", NULL, NULL },
        { "attack.t105", NULL, NULL },
        { "attack.t10590", NULL, NULL },
        { "attack.t1059.01", NULL, NULL },
        { "attack.t1059.001x", NULL, NULL },
        { "attack.", NULL, NULL },
        { "cve.2021.44228", NULL, NULL },
        { "attack.=cmd", NULL, NULL },
        { "attack.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        char name[ALERT_ATTACK_MAX] = "";
        bool technique = alert_attack_technique(hn_text_cstr(cases[i].tag), name);

        assert_int_equal(technique, cases[i].technique != NULL);
        if (technique)
            assert_string_equal(name, cases[i].technique);
        if (cases[i].tactic != NULL) {
            assert_true(alert_attack_tactic(hn_text_cstr(cases[i].tag), name));
            assert_string_equal(name, cases[i].tactic);
        } else {
            assert_false(alert_attack_tactic(hn_text_cstr(cases[i].tag), name));
        }
    }
}

/* ---- Memory ---- */

/* With any allocation failing, either the buffer says so or the line is the whole line. */
static void an_alert_is_whole_or_failed(void **state)
{
    struct hn_buf expected = { 0 };
    struct bench bench;

    (void)state;
    bench_open(&bench);
    hn_event_add_text(&bench.event, HN_TEXT("Image"), HN_TEXT("C:\\x.exe"));
    bench.match.field = HN_TEXT("Image");
    bench.match.value = HN_TEXT("C:\\x.exe");
    bench.alert.event = &bench.event;
    for (int format = ALERT_JSONL; format <= ALERT_OCSF; format++) {
        struct hn_text whole = write_one((enum alert_format)format, &bench.alert, &expected);
        bool failed = true;

        for (uint64_t n = 1; failed; n++) {
            struct alert_writer *writer;
            struct hn_buf out = { 0 };

            hn_mem_fail_from(n);
            writer = alert_writer_new((enum alert_format)format, NULL);
            if (writer != NULL)
                alert_write(writer, &bench.alert, &out);
            failed = hn_mem_fail_hits() > 0;
            hn_mem_fail_from(0);
            if (writer != NULL && hn_buf_ok(&out))
                assert_true(hn_text_eq(hn_buf_text(&out), whole));
            alert_writer_free(writer);
            hn_buf_deinit(&out);
            assert_true(n < 500);
        }
    }
    hn_buf_deinit(&expected);
    bench_close(&bench);
}

/* ---- Groups ---- */

static struct alert_brief brief_of(
        const struct sigma_meta *meta, const char *host, hn_time time, uint32_t fold)
{
    return (struct alert_brief){ .meta = meta,
        .level = meta->level,
        .time = time,
        .title = meta->title,
        .host = hn_text_cstr(host),
        .fold_key = hn_digest_of(&fold, sizeof fold) };
}

static void add(struct alert_groups *groups, struct alert_brief brief, const char *json)
{
    brief.json = hn_text_cstr(json);
    assert_int_equal(alert_groups_add(groups, &brief), HN_OK);
}

/* By rule and host; the most important first; first and last time, counts and samples are right,
 * with and without whole alerts. */
static void groups_are_by_rule_and_host(void **state)
{
    const struct sigma_meta low = { .id = HN_TEXT("1"), .title = HN_TEXT("b"), .level = 2 };
    const struct sigma_meta high = { .id = HN_TEXT("2"), .title = HN_TEXT("a"), .level = 4 };
    struct alert_groups *groups = alert_groups_new(NULL);
    const struct alert_group *const *sorted;
    uint32_t count;

    (void)state;
    assert_non_null(groups);
    (void)alert_groups_sorted(groups, &count);
    assert_int_equal(count, 0);
    for (uint32_t i = 0; i < 10; i++)
        add(groups, brief_of(&low, "h1", (hn_time)(100 - i), i % 3), "");
    add(groups, brief_of(&low, "h2", HN_TIME_NONE, 0), "{}");
    add(groups, brief_of(&high, "h1", 5, 0), "{\"x\":1}");
    add(groups, brief_of(&high, "h1", 7, 0), "{\"x\":2}");
    sorted = alert_groups_sorted(groups, &count);
    assert_int_equal(count, 3);
    assert_ptr_equal(sorted[0]->meta, &high);
    assert_int_equal(sorted[0]->count, 2);
    assert_int_equal(sorted[0]->distinct, 1);
    assert_int_equal(sorted[0]->sample_count, 1);
    assert_int_equal(sorted[0]->samples[0].count, 2);
    check_text(sorted[0]->samples[0].json, "{\"x\":1}");
    assert_true(sorted[0]->first == 5 && sorted[0]->last == 7);
    check_text(sorted[1]->host, "h1");
    assert_int_equal(sorted[1]->count, 10);
    assert_int_equal(sorted[1]->distinct, 3);
    assert_true(sorted[1]->first == 91 && sorted[1]->last == 100);
    assert_true(sorted[2]->first == HN_TIME_NONE);
    assert_int_equal(alert_groups_total(groups, SIGMA_LEVEL_LOW), 11);
    alert_groups_free(groups);
    alert_groups_free(NULL);
}

/* Past the limits nothing is lost from the counts, and memory does not grow. */
static void groups_end_at_their_limits(void **state)
{
    const struct alert_groups_limits limits = {
        .groups_max = 10, .samples_max = 2, .samples_bytes_max = 40
    };
    const struct sigma_meta meta = { .id = HN_TEXT("1"), .title = HN_TEXT("t"), .level = 3 };
    struct alert_groups *groups = alert_groups_new(&limits);
    const struct alert_group *const *sorted;
    uint64_t in_groups = 0;
    uint32_t count;

    (void)state;
    assert_non_null(groups);
    for (uint32_t i = 0; i < 1000; i++) {
        char host[400];

        /* Some names longer than the room on the stack. */
        memset(host, 'h', sizeof host);
        (void)snprintf(host + (i % 2 == 0 ? 0 : 300), 20, "%u", i % 50);
        add(groups, brief_of(&meta, host, 1, i), "{\"01234567\":1}");
    }
    sorted = alert_groups_sorted(groups, &count);
    assert_int_equal(count, 10);
    for (uint32_t i = 0; i < count; i++) {
        in_groups += sorted[i]->count;
        assert_true(sorted[i]->sample_count <= 2);
        assert_int_equal(sorted[i]->distinct, sorted[i]->sample_count);
    }
    assert_int_equal(in_groups + alert_groups_overflow(groups), 1000);
    assert_int_equal(alert_groups_total(groups, SIGMA_LEVEL_MEDIUM), 1000);
    alert_groups_free(groups);
}

static void groups_survive_any_failure(void **state)
{
    const struct sigma_meta meta = { .id = HN_TEXT("1"), .title = HN_TEXT("t"), .level = 3 };
    bool failed = true;

    (void)state;
    for (uint64_t n = 1; failed; n++) {
        struct alert_groups *groups;
        enum hn_status status = HN_OK;
        uint32_t count = 0;

        assert_true(n < 500);
        hn_mem_fail_from(n);
        groups = alert_groups_new(NULL);
        for (uint32_t i = 0; groups != NULL && status == HN_OK && i < 20; i++) {
            struct alert_brief brief = brief_of(&meta, i % 2 == 0 ? "a" : "b", 1, i);

            brief.json = HN_TEXT("{}");
            status = alert_groups_add(groups, &brief);
            assert_true(status == HN_OK || status == HN_NOMEM);
        }
        if (groups != NULL)
            (void)alert_groups_sorted(groups, &count);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        alert_groups_free(groups);
    }
}

/* The header names as many columns as a line has. */
static void csv_has_a_header(void **state)
{
    struct hn_buf out = { 0 };

    (void)state;
    alert_write_header(ALERT_CSV, &out);
    assert_true(alert_check_csv(hn_buf_text(&out)));
    hn_buf_reset(&out);
    alert_write_header(ALERT_JSONL, &out);
    alert_write_header(ALERT_OCSF, &out);
    assert_int_equal(out.len, 0);
    hn_buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_text_stays_text),
        cmocka_unit_test(json_events_become_one_line),
        cmocka_unit_test(ids_are_stable),
        cmocka_unit_test(alerts_about_one_event_share_its_text),
        cmocka_unit_test(fold_keys_say_what_is_the_same),
        cmocka_unit_test(attack_tags),
        cmocka_unit_test(an_alert_is_whole_or_failed),
        cmocka_unit_test(groups_are_by_rule_and_host),
        cmocka_unit_test(groups_end_at_their_limits),
        cmocka_unit_test(groups_survive_any_failure),
        cmocka_unit_test(csv_has_a_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
