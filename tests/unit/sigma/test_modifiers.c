/* test_modifiers.c - every modifier of the specification, alone and in chains. */
#include "load.h"

struct item_case {
    const char *item; /* one line of the selection */
    const char *condition;
};

static void check(const struct item_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct hn_buf yaml = { 0 };
        struct sigma_set *set;

        hn_buf_add_cstr(&yaml, RULE("    s:\n        "));
        hn_buf_add_cstr(&yaml, cases[i].item);
        hn_buf_add_cstr(&yaml, "\n    condition: s\n");
        hn_buf_add_char(&yaml, '\0');
        set = load(yaml.ptr);
        expect_condition(set, cases[i].condition);
        sigma_set_unref(set);
        hn_buf_deinit(&yaml);
    }
}

/* Escaping as the specification's section "Escape Character" lists it. */
static void escapes_follow_the_specification(void **state)
{
    static const struct item_case cases[] = {
        { "f: 'a\\b'", "f[\"a\\\\b\"]" },
        { "f: 'a\\\\b'", "f[\"a\\\\b\"]" },
        { "f: 'a\\*'", "f[\"a\\*\"]" },
        { "f: 'a\\?'", "f[\"a\\?\"]" },
        { "f: 'a\\\\*'", "f[\"a\\\\*\"]" },
        { "f: 'a\\\\?'", "f[\"a\\\\?\"]" },
        { "f: 'a\\\\\\*'", "f[\"a\\\\\\*\"]" },
        { "f: 'a\\\\\\b'", "f[\"a\\\\\\\\b\"]" },
        { "f: 'a\\\\\\\\b'", "f[\"a\\\\\\\\b\"]" },
        { "f: 'a\\'", "f[\"a\\\\\"]" },
        { "f: '\\\\'", "f[\"\\\\\"]" },
        { "f: '*'", "f[\"*\"]" },
        { "f: 'a**b'", "f[\"a*b\"]" },
        { "f: 'a*?*b'", "f[\"a*?*b\"]" },
        { "f: ''", "f[\"\"]" },
        { "f: C:\\Windows\\System32", "f[\"C:\\\\Windows\\\\System32\"]" },
    };

    (void)state;
    check(cases, HN_COUNT_OF(cases));
}

/* Values keep their type: numbers, booleans, null, and text that only looks like one of them. */
static void values_have_types(void **state)
{
    static const struct item_case cases[] = {
        { "f: 4625", "f[#4625]" },
        { "f: -1", "f[#-1]" },
        { "f: 18446744073709551615", "f[#18446744073709551615]" },
        { "f: 1.5", "f[#1.5]" },
        { "f: true", "f[#true]" },
        { "f: False", "f[#false]" },
        { "f:", "f[null]" },
        { "f: null", "f[null]" },
        { "f: '4625'", "f[\"4625\"]" },
        { "f: 'true'", "f[\"true\"]" },
        { "f: yes", "f[\"yes\"]" },
        { "f: 2024-01-02", "f[\"2024-01-02\"]" },
        { "f: 1e5", "f[\"1e5\"]" },
        { "f: 0x17", "f[#23]" },
        { "f: [1, two, null]", "f[#1 \"two\" null]" },
        { "f: []", "false" },
        { "f|neq: []", "(not false)" },
    };

    (void)state;
    check(cases, HN_COUNT_OF(cases));
}

static void anchors_are_wildcards(void **state)
{
    static const struct item_case cases[] = {
        { "f|contains: a", "f[\"*a*\"]" },
        { "f|startswith: a", "f[\"a*\"]" },
        { "f|endswith: a", "f[\"*a\"]" },
        { "f|contains: '*a'", "f[\"*a*\"]" },
        { "f|contains: '\\*a'", "f[\"*\\*a*\"]" },
        { "f|contains: ''", "f[\"*\"]" },
        { "f|contains: 5", "f[\"*5*\"]" },
        { "f|contains: [a, b]", "f[\"*a*\" \"*b*\"]" },
        { "f|contains|all: [a, b]", "(and f[\"*a*\"] f[\"*b*\"])" },
        { "f|all|contains: [a, b]", "(and f[\"*a*\"] f[\"*b*\"])" },
        { "f|all|contains: [a]", "f[\"*a*\"]" },
        { "f|neq: a", "(not f[\"a\"])" },
        { "f|neq: [a, b]", "(not f[\"a\" \"b\"])" },
        { "f|contains|all|neq: [a, b]", "(not (and f[\"*a*\"] f[\"*b*\"]))" },
        { "f|cased: aB", "f[\"aB\"c]" },
        { "f|contains|cased: a", "f[\"*a*\"c]" },
        { "f|cased|contains: a", "f[\"*a*\"c]" },
    };

    (void)state;
    check(cases, HN_COUNT_OF(cases));
}

/* The specification's encodings of "cmd", and base64offset's three shifts. */
static void encodings_give_bytes(void **state)
{
    static const struct item_case cases[] = {
        { "f|utf16le: cmd", "f[\"c\\x00m\\x00d\\x00\"]" },
        { "f|wide: cmd", "f[\"c\\x00m\\x00d\\x00\"]" },
        { "f|utf16be: cmd", "f[\"\\x00c\\x00m\\x00d\"]" },
        { "f|utf16: cmd", "f[\"\xFF\xFE"
                          "c\\x00m\\x00d\\x00\"]" },
        { "f|wide: 'c*d'", "f[\"c\\x00*d\\x00\"]" },
        { "f|base64: foobar", "f[\"Zm9vYmFy\"]" },
        { "f|base64|contains: foobar", "f[\"*Zm9vYmFy*\"]" },
        { "f|base64offset|contains: foobar", "f[\"*Zm9vYmFy*\" \"*Zvb2Jhc*\" \"*mb29iYX*\"]" },
        { "f|base64offset: 'http://'", "f[\"aHR0cDovL\" \"h0dHA6Ly\" \"odHRwOi8v\"]" },
        { "f|base64offset: A", "f[\"Q\" \"B\"]" },
        { "f|wide|base64offset|contains: ping",
                "f[\"*cABpAG4AZw*\" \"*AAaQBuAGcA*\" \"*wAGkAbgBnA*\"]" },
        { "f|utf16|base64: cmd", "f[\"//5jAG0AZAA=\"]" },
        { "f|base64: 'a\\*'", "f[\"YSo=\"]" },
    };

    (void)state;
    check(cases, HN_COUNT_OF(cases));
}

/* One flag gives five forms, two give twenty-five; dashes inside words are none; under `all` the
 * forms of one value are alternatives. */
static void windash_varies_flags(void **state)
{
    static const struct item_case cases[] = {
        { "f|windash: a-b", "f[\"a-b\"]" },
        { "f|windash: '- x'", "f[\"- x\"]" },
        { "f|windash: -p-n", "f[\"-p-n\" \"/p-n\" \"\xE2\x80\x93p-n\" \"\xE2\x80\x94p-n\" "
                             "\"\xE2\x80\x95p-n\"]" },
        { "f|contains|windash: /x", "f[\"*-x*\" \"*/x*\" \"*\xE2\x80\x93x*\" \"*\xE2\x80\x94x*\" "
                                    "\"*\xE2\x80\x95x*\"]" },
        { "f|windash|contains: \xE2\x80\x94x", "f[\"*-x*\" \"*/x*\" \"*\xE2\x80\x93x*\" "
                                               "\"*\xE2\x80\x94x*\" \"*\xE2\x80\x95x*\"]" },
        { "f|windash|contains|all: [-a, b]", "(and f[\"*-a*\" \"*/a*\" \"*\xE2\x80\x93"
                                             "a*\" \"*\xE2\x80\x94"
                                             "a*\" \"*\xE2\x80\x95"
                                             "a*\"] f[\"*b*\"])" },
    };
    struct sigma_set *set;

    (void)state;
    check(cases, HN_COUNT_OF(cases));
    set = load(RULE("    s:\n        f|windash: 'x -a /b'\n    condition: s\n"));
    assert_int_equal(set->rules[0].items[0].value_count, 25);
    sigma_set_unref(set);
    set = load(RULE("    s:\n        f|windash: '-a -b -c -d'\n    condition: s\n"));
    assert_int_equal(set->rules[0].items[0].value_count, 625);
    sigma_set_unref(set);
}

static void types_and_references(void **state)
{
    static const struct item_case cases[] = {
        { "f|re: 'a.*b\\.'", "f[/a.*b\\./]" },
        { "f|re: 123", "f[/123/]" },
        { "f|re|i: a", "f[/a/i]" },
        { "f|re|i|m|s: a", "f[/a/ims]" },
        { "f|re|contains: a|b", "f[/a|b/]" },
        { "f|re|startswith: a|b", "f[/\\A(?:a|b)/]" },
        { "f|re|endswith: a", "f[/(?:a)\\z/]" },
        { "f|cidr: 192.0.2.0/24", "f[192.0.2.0/120]" },
        { "f|cidr: '2001:db8::/32'", "f[2001:db8::/32]" },
        { "f|cidr: 192.0.2.7", "f[192.0.2.7/128]" },
        { "f|cidr: [192.0.2.7/24, '::1/128']", "f[192.0.2.0/120 ::1/128]" },
        { "f|lt: 5", "f[<5]" },
        { "f|lte: 5.5", "f[<=5.5]" },
        { "f|gt: -5", "f[>-5]" },
        { "f|gte: 0", "f[>=0]" },
        { "f|gte|neq: 5", "(not f[>=5])" },
        { "f|exists: true", "f[exists]" },
        { "f|exists: false", "f[absent]" },
        { "f|fieldref: g", "f[ref(g)]" },
        { "f|fieldref|startswith: g", "f[ref(startswith g)]" },
        { "f|fieldref|endswith: g", "f[ref(endswith g)]" },
        { "f|fieldref|contains: g", "f[ref(contains g)]" },
        { "f|fieldref|neq: g", "(not f[ref(g)])" },
        { "f|fieldref|cased: g", "f[ref(g)c]" },
        { "f|minute: 59", "minute:f[#59]" },
        { "f|hour: [22, 23]", "hour:f[#22 #23]" },
        { "f|hour|gte: 22", "hour:f[>=22]" },
        { "f|day: 31", "day:f[#31]" },
        { "f|week: 53", "week:f[#53]" },
        { "f|month: 12", "month:f[#12]" },
        { "f|year|lt: 2020", "year:f[<2020]" },
    };

    (void)state;
    check(cases, HN_COUNT_OF(cases));
}

/* What is out of order, of the wrong type or unknown is refused, each with its code. */
static void wrong_chains_are_refused(void **state)
{
    static const struct {
        const char *item;
        const char *code;
        uint32_t column;
    } cases[] = {
        { "f|foo: a", "unknown-modifier", 11 },
        { "f|contains|Contains: a", "unknown-modifier", 20 },
        { "f|: a", "unknown-modifier", 11 },
        { "f|contains|re: a", "modifier-order", 20 },
        { "f|contains|cidr: 192.0.2.0/24", "modifier-order", 20 },
        { "f|i: a", "modifier-value", 14 },
        { "f|re|base64: a", "modifier-order", 14 },
        { "f|re|cased: a", "modifier-order", 14 },
        { "f|lt: a", "modifier-value", 15 },
        { "f|lt: '5'", "modifier-value", 15 },
        { "f|lt|contains: 5", "modifier-order", 14 },
        { "f|gte|hour: 5", "modifier-order", 15 },
        { "f|exists: yes", "modifier-value", 19 },
        { "f|contains|exists: true", "modifier-order", 20 },
        { "f|hour: 24", "modifier-value", 17 },
        { "f|month: 0", "modifier-value", 18 },
        { "f|hour: 1.5", "modifier-value", 17 },
        { "f|base64: 'a*'", "modifier-value", 19 },
        { "f|contains|base64: 'a'", "modifier-value", 28 },
        { "f|base64offset: ''", "modifier-value", 25 },
        { "f|contains|fieldref: g", "modifier-value", 30 },
        { "f|cidr: 192.0.2.0/33", "bad-network", 17 },
        { "f|cidr: example", "bad-network", 17 },
        { "f|re: '(a'", "bad-regex", 15 },
        { "f|re: '\\C'", "bad-regex", 15 },
        { "f|contains: null", "modifier-value", 21 },
        { "f|windash: '-a -b -c -d -e'", "too-large", 20 },
        { "f|expand: '%x%'", "placeholder", 19 },
        { "f|expand|base64: '%x%'", "modifier-order", 18 },
        { "f: {a: b}", "bad-value", 12 },
        { "f: [[a]]", "bad-value", 13 },
        { "'|fieldref': a", "bad-keyword", 22 },
        { "'|lt': 5", "bad-keyword", 16 },
        { "'|exists': true", "bad-keyword", 20 },
        { "'|cidr': 192.0.2.0/24", "bad-keyword", 18 },
        { "'': null", "bad-keyword", 13 },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct hn_buf yaml = { 0 };
        const struct sigma_issue *issue;
        struct sigma_set *set;

        hn_buf_add_cstr(&yaml, RULE("    s:\n        "));
        hn_buf_add_cstr(&yaml, cases[i].item);
        hn_buf_add_cstr(&yaml, "\n    condition: s\n");
        hn_buf_add_char(&yaml, '\0');
        set = load(yaml.ptr);
        issue = find_issue(set, cases[i].code);
        if (issue == NULL || issue->place.column != cases[i].column) {
            print_error("%s\n", cases[i].item);
            print_issues(set);
        }
        if (issue == NULL) {
            fail();
            return;
        }
        assert_int_equal(issue->severity, SIGMA_REJECTED);
        assert_int_equal(issue->place.line, 9);
        assert_int_equal(issue->place.column, cases[i].column);
        assert_int_equal(set->rule_count, 0);
        sigma_set_unref(set);
        hn_buf_deinit(&yaml);
    }
}

/* Lists fill placeholders with patterns, as alternatives of one value; \% is a plain sign. */
static void placeholders_take_lists(void **state)
{
    struct hn_text admins[] = { HN_TEXT_INIT("adm_*"), HN_TEXT_INIT("root") };
    struct hn_text hosts[] = { HN_TEXT_INIT("h1"), HN_TEXT_INIT("h2") };
    const struct sigma_list lists[] = { { HN_TEXT_INIT("Administrators"), { admins, 2 } },
        { HN_TEXT_INIT("hosts"), { hosts, 2 } }, { HN_TEXT_INIT("empty"), { NULL, 0 } } };
    const struct sigma_options options = { .lists = lists, .list_count = 3 };
    static const struct item_case cases[] = {
        { "f|expand: '%Administrators%'", "f[\"adm_*\" \"root\"]" },
        { "f|expand: 'x\\%Administrators%'", "f[\"x%Administrators%\"]" },
        { "f|expand: '\\%plain%hosts%'", "f[\"%plainh1\" \"%plainh2\"]" },
        { "f|expand: '100%'", "f[\"100%\"]" },
        { "f|expand: '%%'", "f[\"%%\"]" },
        { "f: '%hosts%'", "f[\"%hosts%\"]" },
        { "f|contains|expand: '%hosts%.'", "f[\"*h1.*\" \"*h2.*\"]" },
        { "f|expand|contains: '%hosts%'", "f[\"*h1*\" \"*h2*\"]" },
        { "f|expand: '%hosts%/%hosts%'", "f[\"h1/h1\" \"h2/h1\" \"h1/h2\" \"h2/h2\"]" },
        { "f|contains|all|expand: ['%hosts%', x]", "(and f[\"*h1*\" \"*h2*\"] f[\"*x*\"])" },
        { "f|re|expand: '^%hosts%$'", "f[/^h1$/ /^h2$/]" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct hn_buf yaml = { 0 };
        struct sigma_set *set;

        hn_buf_add_cstr(&yaml, RULE("    s:\n        "));
        hn_buf_add_cstr(&yaml, cases[i].item);
        hn_buf_add_cstr(&yaml, "\n    condition: s\n");
        hn_buf_add_char(&yaml, '\0');
        set = load_with(&options, yaml.ptr, NULL);
        expect_condition(set, cases[i].condition);
        sigma_set_unref(set);
        hn_buf_deinit(&yaml);
    }
    {
        struct sigma_set *set = load_with(
                &options, RULE("    s:\n        f|expand: '%empty%'\n    condition: s\n"), NULL);

        assert_non_null(find_issue(set, "placeholder"));
        sigma_set_unref(set);
    }
}

/* What is counted are documents, whatever number of reasons each has. */
static void rejected_documents_are_counted(void **state)
{
    struct sigma_set *set = load("title: a\nlogsource: {product: windows}\ndetection:\n"
                                 "    s: {a|expand: ['%x%', '%y%'], b|expand: '%z%'}\n"
                                 "    condition: s\n---\n"
                                 "title: b\nlogsource: {product: windows}\ndetection:\n"
                                 "    s: {a|re: '('}\n    condition: s\n---\n"
                                 "title: c\nlogsource: {product: windows}\ndetection:\n"
                                 "    s: {a: b}\n    condition: s\n");

    (void)state;
    assert_int_equal(set->rule_count, 1);
    assert_true(set->issue_count > 3);
    assert_int_equal(sigma_documents_with(set, SIGMA_REJECTED), 2);
    sigma_set_unref(set);
}

/* A set owns the values that came from lists: whoever gave the lists may take them away. */
static void lists_may_go_after_loading(void **state)
{
    char value[] = "adm_*";
    struct hn_text admins[] = { HN_TEXT_INIT("") };
    const struct sigma_list lists[] = { { HN_TEXT_INIT("Administrators"), { admins, 1 } } };
    const struct sigma_options options = { .lists = lists, .list_count = 1 };
    struct sigma_set *set;

    (void)state;
    admins[0] = hn_text_cstr(value);
    set = load_with(&options,
            RULE("    s:\n        f|expand: '%Administrators%'\n    condition: s\n"), NULL);
    memset(value, 'x', sizeof value - 1);
    expect_condition(set, "f[\"adm_*\"]");
    sigma_set_unref(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_follow_the_specification),
        cmocka_unit_test(values_have_types),
        cmocka_unit_test(anchors_are_wildcards),
        cmocka_unit_test(encodings_give_bytes),
        cmocka_unit_test(windash_varies_flags),
        cmocka_unit_test(types_and_references),
        cmocka_unit_test(wrong_chains_are_refused),
        cmocka_unit_test(placeholders_take_lists),
        cmocka_unit_test(rejected_documents_are_counted),
        cmocka_unit_test(lists_may_go_after_loading),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
