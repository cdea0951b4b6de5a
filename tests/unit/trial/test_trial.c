/* Proves that tests beside rules run as docs/rules.md says (repetition, times, until, lists), that
 * what cannot be read is refused with its place, and that info.yml is understood. */
#include "trial/trial.h"

#include "base/mem.h"
#include "support/check.h"

struct setup {
    struct hn_arena arena;
    struct hn_yaml yaml;
    struct sigma_set *set;
    struct trial *trial;
    struct trial_sheet sheet;
};

static void parse(struct setup *s, const char *text)
{
    memset(s, 0, sizeof *s);
    hn_arena_init(&s->arena, (size_t)16 << 20);
    assert_int_equal(hn_yaml_parse(&s->arena, hn_text_cstr(text), NULL, &s->yaml, NULL), HN_OK);
    assert_int_equal(s->yaml.problem_count, 0);
}

/* The rules of text, ready to be tried; the tests of its first document. */
static void set_up(struct setup *s, const char *text)
{
    struct sigma_options options = { 0 };
    struct sigma_loader *loader;

    parse(s, text);
    assert_int_equal(
            trial_sheet_read(&s->arena, hn_yaml_root(&s->yaml, 0), &s->sheet, NULL), HN_OK);
    options.lists = s->sheet.lists;
    options.list_count = s->sheet.list_count;
    loader = sigma_loader_new(&options);
    assert_int_equal(
            sigma_loader_add_text(loader, HN_TEXT("r.yml"), hn_text_cstr(text), NULL), HN_OK);
    assert_int_equal(sigma_loader_finish(loader, &s->set, NULL), HN_OK);
    sigma_loader_free(loader);
    assert_int_equal(trial_new(s->set, &s->trial, NULL), HN_OK);
}

static void tear_down(struct setup *s)
{
    trial_free(s->trial);
    sigma_set_unref(s->set);
    hn_arena_deinit(&s->arena);
}

/* An event of the System log; {n} makes the repetitions differ. */
#define EVENT(a) \
    "'{\"Channel\": \"System\", \"EventID\": 1, \"Computer\": \"h\", \"a\": \"" a "\"}'"

static const char counted[] =
        "title: Counted\n"
        "correlation:\n"
        "    type: value_count\n"
        "    rules: [base]\n"
        "    group-by: [Computer]\n"
        "    timespan: 1m\n"
        "    condition: {field: a, gte: 3}\n"
        "hinomi:\n"
        "    tests:\n"
        "        - name: enough\n"
        "          fires: true\n"
        "          events:\n"
        "              - format: json\n"
        "                at: 2026-01-01T00:00:00Z\n"
        "                repeat: 3\n"
        "                every: 10s\n"
        "                event: " EVENT(
                "x{n}") "\n"
                        "        - name: too slow\n"
                        "          fires: false\n"
                        "          events:\n"
                        "              - format: json\n"
                        "                at: 2026-01-01T00:00:00Z\n"
                        "                repeat: 3\n"
                        "                every: 40s\n"
                        "                event: " EVENT(
                                "x{n}") "\n"
                                        "        - name: always the same\n"
                                        "          fires: false\n"
                                        "          events:\n"
                                        "              - format: json\n"
                                        "                at: 2026-01-01T00:00:00Z\n"
                                        "                repeat: 3\n"
                                        "                event: " EVENT(
                                                "x") "\n"
                                                     "        - name: later ones first\n"
                                                     "          fires: true\n"
                                                     "          events:\n"
                                                     "              - format: json\n"
                                                     "                at: 2026-03-01T00:00:30Z\n"
                                                     "                event: " EVENT(
                                                             "x8") "\n"
                                                                   "              - format: json\n"
                                                                   "                at: "
                                                                   "2026-03-01T00:00:00Z\n"
                                                                   "                repeat: 2\n"
                                                                   "                event: " EVENT(
                                                                           "x{n}") "\n"
                                                                                   "---\n"
                                                                                   "title: Base\n"
                                                                                   "name: base\n"
                                                                                   "logsource: "
                                                                                   "{product: "
                                                                                   "windows, "
                                                                                   "service: "
                                                                                   "system}\n"
                                                                                   "detection: {s: "
                                                                                   "{a|startswith: "
                                                                                   "x}, condition: "
                                                                                   "s}\n";

static void repeats_at_times(void **state)
{
    struct setup s;

    (void)state;
    set_up(&s, counted);
    assert_int_equal(s.sheet.case_count, 4);
    assert_true(s.sheet.is_correlation);
    for (uint32_t i = 0; i < s.sheet.case_count; i++) {
        const struct trial_case *test = &s.sheet.cases[i];

        assert_int_equal(trial_run(s.trial, test, NULL, NULL, NULL), HN_OK);
        assert_int_equal(trial_counts(s.trial).events, 3);
        assert_int_equal(trial_rule_hits(s.trial, 0), 3);
        assert_int_equal(trial_correlation_hits(s.trial, 0), test->fires);
    }
    tear_down(&s);
}

static const char absent[] =
        "title: Absent\n"
        "correlation:\n"
        "    type: absence\n"
        "    rules: [down, up]\n"
        "    group-by: [Computer]\n"
        "    timespan: 10m\n"
        "hinomi:\n"
        "    tests:\n"
        "        - name: nothing more is known\n"
        "          fires: false\n"
        "          events:\n"
        "              - format: json\n"
        "                at: 2026-01-01T00:00:00Z\n"
        "                event: " EVENT(
                "down") "\n"
                        "        - name: the log goes on\n"
                        "          fires: true\n"
                        "          until: 2026-01-01T01:00:00Z\n"
                        "          events:\n"
                        "              - format: json\n"
                        "                at: 2026-01-01T00:00:00Z\n"
                        "                event: " EVENT(
                                "down") "\n"
                                        "---\n"
                                        "title: Down\n"
                                        "name: down\n"
                                        "logsource: {product: windows, service: system}\n"
                                        "detection: {s: {a: down}, condition: s}\n"
                                        "---\n"
                                        "title: Up\n"
                                        "name: up\n"
                                        "logsource: {product: windows, service: system}\n"
                                        "detection: {s: {a: up}, condition: s}\n";

/* An absence is only noticed when time has passed. */
static void until_lets_time_pass(void **state)
{
    struct setup s;

    (void)state;
    set_up(&s, absent);
    for (uint32_t i = 0; i < s.sheet.case_count; i++) {
        const struct trial_case *test = &s.sheet.cases[i];

        assert_int_equal(trial_run(s.trial, test, NULL, NULL, NULL), HN_OK);
        assert_int_equal(trial_correlation_hits(s.trial, 0), test->fires);
    }
    tear_down(&s);
}

static const char listed[] =
        "title: Listed\n"
        "logsource: {product: windows, service: system}\n"
        "detection: {s: {a|expand: '%Names%'}, condition: s}\n"
        "hinomi:\n"
        "    lists:\n"
        "        Names: [n1, n2]\n"
        "    tests:\n"
        "        - {name: in it, fires: true, format: json, event: " EVENT(
                "n2") "}\n"
                      "        - {name: not, fires: false, format: json, event: " EVENT("n3") "}\n";

struct seen {
    uint64_t events;
    uint32_t fired;
    bool all_fields;
};

static void on_event(void *ctx, const struct trial_event *event)
{
    struct seen *seen = ctx;

    seen->events = event->number;
    seen->fired += event->fired_count;
    seen->all_fields = hn_event_find_name(event->event, HN_TEXT("Computer")) != HN_VALUE_NONE;
}

/* Lists of the block fill placeholders; whoever looks sees each event whole. */
static void lists_fill_placeholders(void **state)
{
    struct setup s;

    (void)state;
    set_up(&s, listed);
    for (uint32_t i = 0; i < s.sheet.case_count; i++) {
        const struct trial_case *test = &s.sheet.cases[i];
        struct seen seen = { 0 };

        assert_int_equal(trial_run(s.trial, test, on_event, &seen, NULL), HN_OK);
        assert_int_equal(seen.events, 1);
        assert_int_equal(seen.fired, test->fires);
        assert_true(seen.all_fields);
        assert_int_equal(trial_rule_hits(s.trial, 0), test->fires);
    }
    tear_down(&s);
}

/* What could not be read is told. */
static void damage_is_counted(void **state)
{
    struct trial_step step = { .format = decode_format_find(HN_TEXT("json")),
        .event = HN_TEXT("{\"a\": "),
        .at = HN_TIME_NONE,
        .repeat = 1 };
    struct trial_case test = { .steps = &step, .step_count = 1, .until = HN_TIME_NONE };
    struct setup s;

    (void)state;
    set_up(&s, listed);
    assert_int_equal(trial_run(s.trial, &test, NULL, NULL, NULL), HN_OK);
    assert_int_equal(trial_rule_hits(s.trial, 0), 0);
    assert_int_equal(trial_counts(s.trial).undecodable, 1);
    tear_down(&s);
}

/* Each is refused with the line of what is wrong. */
static void bad_tests_have_a_place(void **state)
{
    static const struct {
        const char *test;
        uint32_t line;
    } cases[] = {
        { "  tests: soon\n", 3 },
        { "  tests:\n  - {fires: true, format: json, event: x}\n", 4 },
        { "  tests:\n  - {name: a, format: json, event: x}\n", 4 },
        { "  tests:\n  - {name: a, fires: perhaps, format: json, event: x}\n", 4 },
        { "  tests:\n  - {name: a, fires: true, format: smoke, event: x}\n", 4 },
        { "  tests:\n  - {name: a, fires: true, format: json}\n", 4 },
        { "  tests:\n  - {name: a, fires: true, format: json, event: [x]}\n", 4 },
        { "  tests:\n  - name: a\n    fires: true\n    evnt: x\n", 6 },
        { "  tests:\n  - name: a\n    fires: true\n    events: []\n", 6 },
        { "  tests:\n  - name: a\n    fires: true\n    until: soon\n    format: json\n    event: "
          "x\n",
                6 },
        { "  tests:\n  - name: a\n    fires: true\n    events:\n    - format: json\n      event: "
          "x\n"
          "      every: 5s\n",
                9 },
        { "  tests:\n  - name: a\n    fires: true\n    events:\n    - format: json\n      event: "
          "x\n"
          "      repeat: 0\n",
                9 },
        { "  tests:\n  - name: a\n    fires: true\n    events:\n    - format: json\n      event: "
          "x\n"
          "      at: 2026-01-01\n      repeat: 90000\n      every: 5000w\n",
                11 },
        { "  tests:\n  - {name: a, fires: true, format: json, event: x}\n"
          "  - {name: a, fires: true, format: json, event: x}\n",
                5 },
        { "  lists: [a]\n", 3 },
        { "  lists:\n    a: b\n", 4 },
    };
    struct setup s;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct hn_buf text = { 0 };
        struct hn_err err = { 0 };

        hn_buf_addf(&text, "title: t\nhinomi:\n%s", cases[i].test);
        hn_buf_add_char(&text, '\0');
        parse(&s, text.ptr);
        assert_int_equal(
                trial_sheet_read(&s.arena, hn_yaml_root(&s.yaml, 0), &s.sheet, &err), HN_SYNTAX);
        assert_int_equal(err.line, cases[i].line);
        assert_true(err.msg[0] != '\0');
        hn_arena_deinit(&s.arena);
        hn_buf_deinit(&text);
    }
}

static void reads_info_files(void **state)
{
    struct trial_regression regression;
    struct hn_err err = { 0 };
    struct setup s;

    (void)state;
    parse(&s, "id: 1\nrule_metadata:\n    - id: abc\n      title: T\nregression_tests_info:\n"
              "    - name: Positive\n      type: evtx\n      match_count: 7\n      path: a/b.evtx\n"
              "    - path: c.json\n");
    assert_int_equal(
            trial_regression_read(&s.arena, hn_yaml_root(&s.yaml, 0), &regression, &err), HN_OK);
    assert_int_equal(regression.rule_ids.count, 1);
    check_text(regression.rule_ids.ptr[0], "abc");
    assert_int_equal(regression.test_count, 2);
    check_text(regression.tests[0].path, "a/b.evtx");
    assert_int_equal(regression.tests[0].match_count, 7);
    assert_int_equal(regression.tests[1].match_count, 1);
    assert_int_equal(regression.tests[1].line, 10);
    hn_arena_deinit(&s.arena);

    parse(&s, "title: a rule\ndetection: {}\n");
    assert_int_equal(trial_regression_read(&s.arena, hn_yaml_root(&s.yaml, 0), &regression, &err),
            HN_NOTFOUND);
    hn_arena_deinit(&s.arena);

    parse(&s, "rule_metadata:\n    - id: a\nregression_tests_info:\n    - match_count: 1\n");
    assert_int_equal(trial_regression_read(&s.arena, hn_yaml_root(&s.yaml, 0), &regression, &err),
            HN_SYNTAX);
    assert_int_equal(err.line, 4);
    hn_arena_deinit(&s.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeats_at_times),
        cmocka_unit_test(until_lets_time_pass),
        cmocka_unit_test(lists_fill_placeholders),
        cmocka_unit_test(damage_is_counted),
        cmocka_unit_test(bad_tests_have_a_place),
        cmocka_unit_test(reads_info_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
