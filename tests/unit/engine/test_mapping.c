/* test_mapping.c - sources whose fields have names of their own: their pipelines change the rules
 * for their events alone, correlations stay one, and a pipeline that is wrong refuses the set. */
#include "engine/engine_internal.h"
#include "support/engine_case.h"

#define START (INT64_C(1709251200) * HN_SECOND)
#define RULE                                                                           \
    "title: evil\nname: evil\nid: 11111111-1111-4111-8111-111111111111\nlevel: high\n" \
    "logsource: {product: windows, service: security}\n"                               \
    "detection: {s: {Order|contains: evil}, condition: s}\n"
#define OTHER_RULE                                                          \
    "title: other\nid: 33333333-3333-4333-8333-333333333333\nlevel: high\n" \
    "logsource: {product: windows, service: security}\n"                    \
    "detection: {s: {Order: other}, condition: s}\n---\n"
#define COUNT                                                                      \
    "---\ntitle: three\nid: 22222222-2222-4222-8222-222222222222\nlevel: low\n"    \
    "correlation:\n    type: event_count\n    rules: [evil]\n    generate: true\n" \
    "    group-by: [Who]\n    timespan: 10m\n    condition: {gte: 3}\n"
#define MAP(from, to) \
    "name: map\ntransformations:\n  - {type: field_name_mapping, mapping: {" from ": " to "}}\n"

static const struct engine_set_file rules_file = { ENGINE_SET_RULES, HN_TEXT_INIT("r.yml"),
    HN_TEXT_INIT(""), HN_TEXT_INIT(OTHER_RULE RULE COUNT) };

static struct engine_set_file mapping(const char *source, const char *text)
{
    return (struct engine_set_file){ ENGINE_SET_MAPPING, HN_TEXT("map.yml"), hn_text_cstr(source),
        hn_text_cstr(text) };
}

static void add_event(struct engine_case *c, const char *source, const char *line)
{
    struct intake_batch batch = { .source = hn_text_cstr(source),
        .tenant = HN_TEXT(""),
        .format = HN_TEXT("json"),
        .zone = HN_TEXT(""),
        .pipeline = strcmp(source, "plain") == 0 ? HN_TEXT("") : hn_text_cstr(source),
        .stream = HN_TEXT("peer"),
        .key = HN_TEXT(""),
        .position = HN_TEXT(""),
        .body = hn_text_as_bytes(hn_text_cstr(line)) };

    fake_add_batch(&c->journal, START, &batch);
}

/* Time goes on, so that correlations need not wait for earlier hits. */
static void add_tick(struct engine_case *c)
{
    fake_add(&c->journal, JOURNAL_TICK, START + HN_MINUTE, hn_bytes_of("", 0));
}

static enum hn_status compile(const struct engine_set_file *files, size_t count,
        struct judge_set **ret_set, struct hn_err *err)
{
    const struct engine_set_sources sources = { files, count, SIGMA_LEVEL_NONE };

    return engine_set_compile(&sources, NULL, ret_set, err);
}

/* A case whose first set is made of these files. */
static void open_with(struct engine_case *c, const struct engine_set_file *files, size_t count)
{
    struct hn_err err = { 0 };

    engine_case_open(c, RULE, NULL);
    judge_set_unref(c->sets[0]);
    c->sets[0] = NULL;
    if (compile(files, count, &c->sets[0], &err) != HN_OK)
        fail_msg("%s", err.msg);
    c->options.set = c->sets[0];
}

static unsigned count_of(const struct hn_buf *text, const char *word)
{
    unsigned count = 0;

    for (const char *at = text->ptr; at != NULL && (at = strstr(at, word)) != NULL; at++)
        count++;
    return count;
}

#define LINE(order, who)                                                                \
    "{\"Channel\":\"Security\",\"EventID\":1,\"TimeCreated\":\"2024-03-01T00:00:00Z\"," \
    "\"" order "\":\"evil\",\"" who "\":\"bob\"}\n"

/* Each source's events are judged by the names it uses, and by no others; a correlation counts
 * hits of all of them for the same user. */
static void each_source_has_its_names(void **state)
{
    const struct engine_set_file files[] = { rules_file,
        mapping("old", MAP("Order", "cmd") "  - {type: field_name_mapping, mapping: {Who: usr}}\n"),
        mapping("new", MAP("Order", "process.args")) };
    struct engine_case c;

    (void)state;
    open_with(&c, files, HN_COUNT_OF(files));
    for (unsigned threads = 1; threads <= 2; threads++) {
        engine_case_forget(&c);
        if (threads == 1) {
            add_event(&c, "plain", LINE("Order", "Who"));
            add_event(&c, "plain", LINE("cmd", "Who"));
            add_event(&c, "old", LINE("Order", "usr")); /* its rules ask for another field */
            add_event(&c, "old", LINE("cmd", "usr"));
            add_event(&c, "new", LINE("cmd", "Who"));
        }
        engine_case_run(&c, threads);
        assert_int_equal(c.problems.len, 0);
        assert_int_equal(count_of(&c.ids, " evil\n"), 2);
        assert_int_equal(count_of(&c.ids, " three\n"), 0);
    }
    add_event(&c, "new", LINE("process.args", "Who"));
    add_tick(&c);
    engine_case_forget(&c);
    engine_case_run(&c, 2);
    assert_int_equal(count_of(&c.ids, " evil\n"), 3);
    assert_int_equal(count_of(&c.ids, " three\n"), 1);
    engine_case_close(&c);
}

/* Rules that only a mapping refuses are missing there and nowhere else; the numbers of the others
 * in hits stay right. */
static void a_rule_may_be_missing_in_a_mapping(void **state)
{
    const struct engine_set_file files[] = { rules_file,
        mapping("old", "name: m\ntransformations:\n"
                       "  - {type: rule_failure, message: not here, rule_conditions: "
                       "[{type: contains_detection_item, field: Order, value: other}]}\n"
                       "  - {type: field_name_mapping, mapping: {Order: cmd}}\n") };
    struct engine_case c;

    (void)state;
    open_with(&c, files, HN_COUNT_OF(files));
    assert_int_equal(judge_set_rules(c.sets[0])->rule_count, 2);
    assert_int_equal(judge_set_rules(judge_set_mapped(c.sets[0], HN_TEXT("old")))->rule_count, 1);
    for (unsigned i = 0; i < 3; i++)
        add_event(&c, "old", LINE("cmd", "Who"));
    add_tick(&c);
    engine_case_run(&c, 1);
    assert_int_equal(count_of(&c.ids, " evil\n"), 3);
    assert_int_equal(count_of(&c.ids, " three\n"), 1);
    engine_case_close(&c);
}

/* Sources with the same pipelines share one compiled form; what nobody knows is told, and judged
 * by the set itself. */
static void mappings_are_shared_and_found_by_name(void **state)
{
    const struct engine_set_file files[] = { rules_file, mapping("a", MAP("Order", "cmd")),
        mapping("b", MAP("Order", "cmd")), mapping("c", MAP("Order", "x")) };
    struct engine_case c;

    (void)state;
    open_with(&c, files, HN_COUNT_OF(files));
    assert_ptr_equal(
            judge_set_mapped(c.sets[0], HN_TEXT("a")), judge_set_mapped(c.sets[0], HN_TEXT("b")));
    assert_ptr_not_equal(
            judge_set_mapped(c.sets[0], HN_TEXT("a")), judge_set_mapped(c.sets[0], HN_TEXT("c")));
    assert_null(judge_set_mapped(c.sets[0], HN_TEXT("d")));
    add_event(&c, "d", LINE("Order", "Who"));
    engine_case_run(&c, 1);
    assert_int_equal(count_of(&c.ids, " evil\n"), 1);
    assert_non_null(strstr(c.problems.ptr, "no mapping for this source"));
    engine_case_close(&c);
}

/* What cannot be right refuses the set with its reason, strict or not: a pipeline that is no
 * pipeline or uses what is not supported, and names that tear a correlation apart. */
static void refuses_what_cannot_be_right(void **state)
{
    static const struct {
        const char *pipeline;
        const char *reason;
    } cases[] = {
        { "transformations: 5\n", "map.yml" },
        { "name: x\ntransformations:\n  - {type: nonsense}\n", "nonsense" },
        { "name: x\ntransformations:\n  - {type: http_placeholders}\n", "map.yml" },
        { MAP("Who", "[a, b]"), "exactly one name" },
        { "name: x\ntransformations:\n  - {type: rule_failure, message: never}\n",
                "refuse what a correlation refers to" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        const struct engine_set_file files[] = { rules_file, mapping("s", cases[i].pipeline) };
        struct judge_set *set = NULL;
        struct hn_err err = { 0 };

        assert_int_not_equal(compile(files, HN_COUNT_OF(files), &set, &err), HN_OK);
        assert_null(set);
        if (strstr(err.msg, cases[i].reason) == NULL)
            fail_msg("%s: %s", cases[i].pipeline, err.msg);
    }
}

/* The pipelines are in the bundle and in the name of the set: a replay finds them. */
static void pipelines_belong_to_the_set(void **state)
{
    struct engine_set_file files[] = { rules_file, mapping("old", MAP("Order", "cmd")) };
    const struct engine_set_sources sources = { files, HN_COUNT_OF(files), SIGMA_LEVEL_NONE };
    struct engine_set_sources again;
    struct hn_digest digest = engine_set_digest(&sources);
    struct hn_digest found;
    struct judge_set *set = NULL;
    struct hn_buf bytes = { 0 };
    struct hn_arena arena;

    (void)state;
    hn_arena_init(&arena, (size_t)1 << 20);
    engine_set_bundle_write(&sources, &bytes);
    assert_int_equal(engine_set_bundle_read(
                             hn_text_as_bytes(hn_buf_text(&bytes)), &arena, &again, &found, NULL),
            HN_OK);
    assert_true(hn_digest_eq(digest, found));
    assert_int_equal(engine_set_compile(&again, NULL, &set, NULL), HN_OK);
    assert_non_null(judge_set_mapped(set, HN_TEXT("old")));
    judge_set_unref(set);
    files[1] = mapping("other", MAP("Order", "cmd"));
    assert_false(hn_digest_eq(digest, engine_set_digest(&sources)));
    files[1] = mapping("old", MAP("Order", "cmd2"));
    assert_false(hn_digest_eq(digest, engine_set_digest(&sources)));
    hn_buf_deinit(&bytes);
    hn_arena_deinit(&arena);
}

/* Without memory for any allocation the set is there or refused, and nothing leaks. */
static void survives_every_failing_allocation(void **state)
{
    const struct engine_set_file files[] = { rules_file, mapping("a", MAP("Order", "cmd")),
        mapping("b", MAP("Order", "x")) };
    bool done = false;

    (void)state;
    for (uint64_t n = 1; !done; n += 1 + n / 16) {
        struct judge_set *set = NULL;
        enum hn_status status;

        hn_mem_fail_from(n);
        status = compile(files, HN_COUNT_OF(files), &set, NULL);
        done = hn_mem_fail_hits() == 0;
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || status == HN_NOMEM || status == HN_LIMIT);
        judge_set_unref(set);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_source_has_its_names),
        cmocka_unit_test(a_rule_may_be_missing_in_a_mapping),
        cmocka_unit_test(mappings_are_shared_and_found_by_name),
        cmocka_unit_test(refuses_what_cannot_be_right),
        cmocka_unit_test(pipelines_belong_to_the_set),
        cmocka_unit_test(survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
