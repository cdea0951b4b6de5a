/* test_interpret.c - what a rule means: each kind of value against each kind of event value. */
#include "base/mem.h"
#include "match/interpret.h"
#include "match/match.h"
#include "sigma/sigma.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* One rule and the events it is asked about. */
struct scene {
    struct sigma_set *set;
    struct hn_schema *schema;
    struct hn_event event;
};

static const char rule_head[] =
        "title: t\nlogsource: {product: windows}\ndetection:\n    s:\n        ";

/* known: the fields of the rule are in the schema, as they are when the engine runs beside. */
static void open_scene(struct scene *scene, const char *items, bool known)
{
    struct sigma_loader *loader = sigma_loader_new(NULL);
    struct hn_buf yaml = { 0 };
    struct hn_err err = { 0 };

    hn_buf_add_cstr(&yaml, rule_head);
    hn_buf_add_cstr(&yaml, items);
    hn_buf_add_cstr(&yaml, "\n    condition: s\n");
    assert_int_equal(sigma_loader_add_text(loader, HN_TEXT("r"), hn_buf_text(&yaml), &err), HN_OK);
    assert_int_equal(sigma_loader_finish(loader, &scene->set, &err), HN_OK);
    sigma_loader_free(loader);
    hn_buf_deinit(&yaml);
    if (scene->set->rule_count != 1)
        print_error("%s: %.*s\n", items, HN_TEXT_ARG(scene->set->issues[0].message));
    assert_int_equal(scene->set->rule_count, 1);
    scene->schema = hn_schema_new();
    assert_non_null(scene->schema);
    for (uint32_t i = 0; known && i < scene->set->rules[0].item_count; i++) {
        struct hn_text field = scene->set->rules[0].items[i].field;

        if (field.len > 0)
            assert_int_not_equal(hn_schema_want(scene->schema, field), HN_FIELD_NONE);
    }
    assert_int_equal(hn_schema_seal(scene->schema, &err), HN_OK);
    assert_int_equal(hn_event_init(&scene->event, scene->schema, NULL, true), HN_OK);
    hn_event_reset(&scene->event);
    scene->event.source.product = HN_TEXT("windows");
}

static void close_scene(struct scene *scene)
{
    hn_event_deinit(&scene->event);
    hn_schema_free(scene->schema);
    sigma_set_unref(scene->set);
}

enum event_kind { ABSENT, NIL, TEXT, INT, UINT, REAL, BOOL, OBJECT, HEX };

struct given {
    enum event_kind kind;
    const char *text;
    int64_t number;
};

static void add(struct hn_event *event, const char *field, const struct given *given)
{
    struct hn_text name = hn_text_cstr(field);
    struct hn_value value = { .type = HN_TYPE_OBJECT, .form = HN_FORM_TEXT };

    switch (given->kind) {
    case ABSENT:
        break;
    case NIL:
        hn_event_add_null(event, name);
        break;
    case TEXT:
        hn_event_add_text(event, name, hn_text_cstr(given->text));
        break;
    case INT:
        hn_event_add_i64(event, name, given->number);
        break;
    case UINT:
        hn_event_add_u64(event, name, UINT64_MAX - (uint64_t)given->number);
        break;
    case REAL:
        hn_event_add_real(event, name, (double)given->number / 2);
        break;
    case BOOL:
        hn_event_add_bool(event, name, given->number != 0);
        break;
    case OBJECT:
        value.ptr = given->text;
        value.len = (uint32_t)strlen(given->text);
        hn_event_add(event, name, &value);
        break;
    case HEX:
        value.type = HN_TYPE_INT;
        value.form = HN_FORM_HEX;
        value.number.i = given->number;
        hn_event_add(event, name, &value);
        break;
    }
}

struct meaning {
    const char *item;
    struct given given;
    bool matches;
};

static void count_hit(void *ctx, uint32_t rule)
{
    uint32_t *hits = ctx;

    (void)rule;
    ++*hits;
}

static struct hn_event *same_event(void *ctx, const struct hn_event *event)
{
    (void)event;
    return ctx;
}

/* What the compiled engine says of the same rule and value. */
static bool engine_matches(struct sigma_set *set, const struct given *given)
{
    struct match_options options = { 0 };
    struct match_snapshot *snapshot;
    struct match_scratch *scratch;
    struct hn_event event;
    uint32_t hits = 0;
    uint32_t told;

    assert_int_equal(match_snapshot_new(set, &options, &snapshot, NULL), HN_OK);
    assert_int_equal(match_scratch_new(snapshot, &scratch), HN_OK);
    assert_int_equal(hn_event_init(&event, match_schema(snapshot), NULL, true), HN_OK);
    hn_event_reset(&event);
    event.source.product = HN_TEXT("windows");
    add(&event, "f", given);
    hn_event_add_text(&event, HN_TEXT("other"), HN_TEXT("Other"));
    told = match_event(scratch, &event, same_event, count_hit, &hits);
    assert_int_equal(told, hits);
    hn_event_deinit(&event);
    match_scratch_free(scratch);
    match_snapshot_unref(snapshot);
    return hits != 0;
}

/* The interpreter and the engine both say what is expected. */
static void check(const struct meaning *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (int known = 0; known < 2; known++) {
            struct match_trace trace;
            struct scene scene;
            bool matched;

            open_scene(&scene, cases[i].item, known != 0);
            add(&scene.event, "f", &cases[i].given);
            hn_event_add_text(&scene.event, HN_TEXT("other"), HN_TEXT("Other"));
            matched = match_interpret(&scene.set->rules[0], &scene.event, NULL);
            if (matched != cases[i].matches) {
                print_error("%s against %d \"%s\" %lld\n", cases[i].item, (int)cases[i].given.kind,
                        cases[i].given.text == NULL ? "" : cases[i].given.text,
                        (long long)cases[i].given.number);
            }
            assert_int_equal(matched, cases[i].matches);
            if (engine_matches(scene.set, &cases[i].given) != matched)
                fail_msg("engine: %s against \"%s\"", cases[i].item,
                        cases[i].given.text == NULL ? "" : cases[i].given.text);
            match_trace_init(&trace);
            assert_int_equal(match_interpret(&scene.set->rules[0], &scene.event, &trace), matched);
            assert_int_equal(trace.items.count, scene.set->rules[0].item_count);
            match_trace_deinit(&trace);
            close_scene(&scene);
        }
    }
}

/* Whole text, without case by Unicode's simple folding; '*' crosses lines; '?' is one character. */
static void strings_compare_folded(void **state)
{
    static const struct meaning cases[] = {
        { "f: abc", { TEXT, "ABC", 0 }, true },
        { "f: abc", { TEXT, "abcd", 0 }, false },
        { "f: abc", { TEXT, "", 0 }, false },
        { "f: abc", { ABSENT, NULL, 0 }, false },
        { "f: abc", { NIL, NULL, 0 }, false },
        { "f: '\xC3\x84\xCE\xA3'", { TEXT, "\xC3\xA4\xCF\x83", 0 }, true },
        { "f: '\xCF\x82'", { TEXT, "\xCE\xA3", 0 }, true },
        { "f: k", { TEXT, "\xE2\x84\xAA", 0 }, true }, /* the Kelvin sign */
        { "f: 'a*c'", { TEXT, "ac", 0 }, true },
        { "f: 'a*c'", { TEXT, "a\r\nb\nc", 0 }, true },
        { "f: 'a*c'", { TEXT, "acb", 0 }, false },
        { "f: 'a?c'", { TEXT, "abc", 0 }, true },
        { "f: 'a?c'", { TEXT, "ac", 0 }, false },
        { "f: 'a?c'",
                { TEXT,
                        "a\xE7\x81\xAB"
                        "c",
                        0 },
                true },
        { "f: 'a?c'", { TEXT, "a\nc", 0 }, true },
        { "f: 'a?c'",
                { TEXT,
                        "a\xFF"
                        "c",
                        0 },
                true },
        { "f: 'a??c'",
                { TEXT,
                        "a\xFF\xFE"
                        "c",
                        0 },
                true },
        { "f: '*??"
          "?'",
                { TEXT, "\xF0\x9F\x98\x80", 0 }, false },
        { "f: '*a*b*'", { TEXT, "xaxxbx", 0 }, true },
        { "f: '*a*b*'", { TEXT, "xbxxax", 0 }, false },
        { "f: '*ab'", { TEXT, "abab", 0 }, true },
        { "f: '*aab'", { TEXT, "aaab", 0 }, true },
        { "f: '*?b'", { TEXT, "b", 0 }, false },
        { "f: 'a*a'", { TEXT, "a", 0 }, false },
        { "f: '*'", { TEXT, "", 0 }, true },
        { "f: '*'", { TEXT, "x", 0 }, true },
        { "f: '*'", { NIL, NULL, 0 }, false },
        { "f: '*'", { ABSENT, NULL, 0 }, false },
        { "f: '?*'", { TEXT, "", 0 }, false },
        { "f: 'a\\*b'", { TEXT, "a*b", 0 }, true },
        { "f: 'a\\*b'", { TEXT, "axb", 0 }, false },
        { "f: 'C:\\x'", { TEXT, "c:\\X", 0 }, true },
        { "f|cased: aBc", { TEXT, "aBc", 0 }, true },
        { "f|cased: aBc", { TEXT, "abc", 0 }, false },
        { "f|cased|contains: B", { TEXT, "aBc", 0 }, true },
        { "f|cased|contains: B", { TEXT, "abc", 0 }, false },
        { "f|contains: b", { TEXT, "aBc", 0 }, true },
        { "f|startswith: AB", { TEXT, "abc", 0 }, true },
        { "f|startswith: b", { TEXT, "abc", 0 }, false },
        { "f|endswith: BC", { TEXT, "abc", 0 }, true },
        { "f|endswith: b", { TEXT, "abc", 0 }, false },
        { "f|contains|all: [a, c]", { TEXT, "abc", 0 }, true },
        { "f|contains|all: [a, d]", { TEXT, "abc", 0 }, false },
        { "f: [x, ABC]", { TEXT, "abc", 0 }, true },
        { "f: '5'", { INT, NULL, 5 }, true },
        { "f: '-5'", { INT, NULL, -5 }, true },
        { "f: '2.5'", { REAL, NULL, 5 }, true },
        { "f: 'TRUE'", { BOOL, NULL, 1 }, true },
        { "f: '0x1f'", { HEX, NULL, 31 }, true },
        { "f|contains: a", { OBJECT, "{\"a\":1}", 0 }, true },
        { "f: '{\"a\":1}'", { OBJECT, "{\"a\":1}", 0 }, true },
    };

    (void)state;
    check(cases, HN_COUNT_OF(cases));
}

/* Null, empty and absent are three things; exists asks for presence alone; neq includes absence. */
static void absence_has_three_kinds(void **state)
{
    static const struct meaning cases[] = {
        { "f: null", { ABSENT, NULL, 0 }, true },
        { "f: null", { NIL, NULL, 0 }, true },
        { "f: null", { TEXT, "", 0 }, false },
        { "f: null", { INT, NULL, 0 }, false },
        { "f: ''", { TEXT, "", 0 }, true },
        { "f: ''", { NIL, NULL, 0 }, false },
        { "f: ''", { ABSENT, NULL, 0 }, false },
        { "f|exists: true", { TEXT, "", 0 }, true },
        { "f|exists: true", { NIL, NULL, 0 }, true },
        { "f|exists: true", { ABSENT, NULL, 0 }, false },
        { "f|exists: false", { ABSENT, NULL, 0 }, true },
        { "f|exists: false", { NIL, NULL, 0 }, false },
        { "f|neq: a", { TEXT, "b", 0 }, true },
        { "f|neq: a", { TEXT, "A", 0 }, false },
        { "f|neq: a", { ABSENT, NULL, 0 }, true },
        { "f|neq: [a, b]", { TEXT, "b", 0 }, false },
        { "f: []", { TEXT, "b", 0 }, false },
    };

    (void)state;
    check(cases, HN_COUNT_OF(cases));
}

/* Numbers compare as numbers, with JSON's grammar for text; integers exactly. */
static void numbers_compare_by_value(void **state)
{
    static const struct meaning cases[] = {
        { "f: 5", { INT, NULL, 5 }, true },
        { "f: 5", { INT, NULL, 6 }, false },
        { "f: 5", { TEXT, "5", 0 }, true },
        { "f: 5", { TEXT, "5.0", 0 }, true },
        { "f: 5", { TEXT, "5e0", 0 }, true },
        { "f: 5", { TEXT, "05", 0 }, false },
        { "f: 5", { TEXT, "+5", 0 }, false },
        { "f: 5", { TEXT, " 5", 0 }, false },
        { "f: 5", { TEXT, "0x5", 0 }, false },
        { "f: 5", { TEXT, "five", 0 }, false },
        { "f: 5", { NIL, NULL, 0 }, false },
        { "f: 5", { REAL, NULL, 10 }, true },
        { "f: 2.5", { REAL, NULL, 5 }, true },
        { "f: 2.5", { TEXT, "2.50", 0 }, true },
        { "f: 0", { TEXT, "-0", 0 }, true },
        { "f: -7", { INT, NULL, -7 }, true },
        { "f: -7", { INT, NULL, 7 }, false },
        { "f: 31", { HEX, NULL, 31 }, true },
        { "f: 18446744073709551615", { UINT, NULL, 0 }, true },
        { "f: 18446744073709551615", { UINT, NULL, 1 }, false },
        { "f: 9223372036854775807", { INT, NULL, INT64_MAX }, true },
        { "f: 9223372036854775806", { INT, NULL, INT64_MAX }, false },
        { "f: 1", { BOOL, NULL, 1 }, false },
        { "f: true", { BOOL, NULL, 1 }, true },
        { "f: true", { BOOL, NULL, 0 }, false },
        { "f: true", { TEXT, "True", 0 }, true },
        { "f: true", { TEXT, "1", 0 }, false },
        { "f: true", { INT, NULL, 1 }, false },
        { "f: false", { TEXT, "FALSE", 0 }, true },
        { "f|lt: 5", { INT, NULL, 4 }, true },
        { "f|lt: 5", { INT, NULL, 5 }, false },
        { "f|lte: 5", { INT, NULL, 5 }, true },
        { "f|gt: 5", { TEXT, "5.5", 0 }, true },
        { "f|gt: -5", { INT, NULL, -4 }, true },
        { "f|gt: -5", { INT, NULL, -6 }, false },
        { "f|gte: 5", { TEXT, "x", 0 }, false },
        { "f|gte: 5", { ABSENT, NULL, 0 }, false },
        { "f|gte: 5", { BOOL, NULL, 1 }, false },
        { "f|gt: 9223372036854775806", { INT, NULL, INT64_MAX }, true },
        { "f|lt: 18446744073709551615", { UINT, NULL, 1 }, true },
    };

    (void)state;
    check(cases, HN_COUNT_OF(cases));
}

/* Networks of both families, mapped addresses included; regular expressions unanchored and cased;
 * parts of times as they are written; references to other fields. */
static void other_kinds_compare(void **state)
{
    static const struct meaning cases[] = {
        { "f|cidr: 192.0.2.0/24", { TEXT, "192.0.2.255", 0 }, true },
        { "f|cidr: 192.0.2.0/24", { TEXT, "192.0.3.0", 0 }, false },
        { "f|cidr: 192.0.2.0/24", { TEXT, "::ffff:192.0.2.1", 0 }, true },
        { "f|cidr: 192.0.2.0/24", { TEXT, "192.0.2.1:80", 0 }, false },
        { "f|cidr: '2001:db8::/32'", { TEXT, "2001:DB8:0::1", 0 }, true },
        { "f|cidr: '2001:db8::/32'", { TEXT, "[2001:db8::1]", 0 }, true },
        { "f|cidr: '2001:db8::/32'", { TEXT, "2001:db9::1", 0 }, false },
        { "f|cidr: 0.0.0.0/0", { TEXT, "2001:db8::1", 0 }, false },
        { "f|cidr: 0.0.0.0/0", { TEXT, "-", 0 }, false },
        { "f|re: b+", { TEXT, "abbc", 0 }, true },
        { "f|re: B", { TEXT, "abc", 0 }, false },
        { "f|re|i: B", { TEXT, "abc", 0 }, true },
        { "f|re: '^b$'", { TEXT, "a\nb\nc", 0 }, false },
        { "f|re|m: '^b$'", { TEXT, "a\nb\nc", 0 }, true },
        { "f|re: a.c", { TEXT, "a\nc", 0 }, false },
        { "f|re|s: a.c", { TEXT, "a\nc", 0 }, true },
        { "f|re: 'a.c'",
                { TEXT,
                        "a\xE7\x81\xAB"
                        "c",
                        0 },
                true },
        { "f|re: 'c$'",
                { TEXT,
                        "a\xFF\xFE"
                        "c",
                        0 },
                true },
        { "f|re|i: '\xC3\xA4'", { TEXT, "\xC3\x84", 0 }, true },
        { "f|re: '^12$'", { INT, NULL, 12 }, true },
        { "f|re: ''", { TEXT, "", 0 }, true },
        { "f|re: ''", { NIL, NULL, 0 }, false },
        { "f|hour: 23", { TEXT, "2026-11-23T23:15:00+09:00", 0 }, true },
        { "f|hour: 14", { TEXT, "2026-11-23T23:15:00+09:00", 0 }, false },
        { "f|hour|gte: 22", { TEXT, "2026-11-23 22:00:00", 0 }, true },
        { "f|hour|gte: 22", { TEXT, "2026-11-23 21:59:59", 0 }, false },
        { "f|minute: 15", { TEXT, "2026-11-23T23:15:00Z", 0 }, true },
        { "f|day: 23", { TEXT, "23/Nov/2026:01:02:03 +0900", 0 }, true },
        { "f|month: 11", { TEXT, "2026-11-23T00:00:00Z", 0 }, true },
        { "f|year|lt: 2027", { TEXT, "2026-11-23T00:00:00Z", 0 }, true },
        { "f|week: 53", { TEXT, "2026-12-31T00:00:00Z", 0 }, true },
        { "f|week: 53", { TEXT, "2027-01-03T00:00:00Z", 0 }, true },
        { "f|year: 2026", { INT, NULL, 1795400000 }, true },
        { "f|year: 2026", { TEXT, "soon", 0 }, false },
        { "f|fieldref: other", { TEXT, "OTHER", 0 }, true },
        { "f|fieldref|cased: other", { TEXT, "OTHER", 0 }, false },
        { "f|fieldref|cased: other", { TEXT, "Other", 0 }, true },
        { "f|fieldref: other", { TEXT, "others", 0 }, false },
        { "f|fieldref: nothing", { TEXT, "x", 0 }, false },
        { "f|fieldref: f", { ABSENT, NULL, 0 }, false },
        { "f|fieldref: f", { NIL, NULL, 0 }, false },
        { "f|fieldref: f", { TEXT, "", 0 }, true },
        { "f|fieldref|neq: other", { TEXT, "x", 0 }, true },
        { "f|fieldref|startswith: other", { TEXT, "otherwise", 0 }, true },
        { "f|fieldref|endswith: other", { TEXT, "another", 0 }, true },
        { "f|fieldref|contains: other", { TEXT, "another one", 0 }, true },
        { "f|fieldref|contains: other", { TEXT, "an oth er", 0 }, false },
    };

    (void)state;
    check(cases, HN_COUNT_OF(cases));
}

/* A field with several values fits when any does; a reference when any pair does; `not` means none.
 */
static void several_values_mean_any(void **state)
{
    static const struct {
        const char *item;
        bool matches;
    } cases[] = {
        { "f: a", true },
        { "f: b", true },
        { "f: c", false },
        { "f|neq: a", false },
        { "f|neq: c", true },
        { "f|all: [a, b]", true },
        { "f: null", false },
        { "f|fieldref: g", true },
        { "f|re: '^b$'", true },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        for (int known = 0; known < 2; known++) {
            struct scene scene;

            open_scene(&scene, cases[i].item, known != 0);
            hn_event_add_text(&scene.event, HN_TEXT("f"), HN_TEXT("A"));
            hn_event_add_text(&scene.event, HN_TEXT("g"), HN_TEXT("x"));
            hn_event_add_text(&scene.event, HN_TEXT("f"), HN_TEXT("b"));
            hn_event_add_text(&scene.event, HN_TEXT("g"), HN_TEXT("B"));
            if (match_interpret(&scene.set->rules[0], &scene.event, NULL) != cases[i].matches)
                print_error("%s\n", cases[i].item);
            assert_int_equal(
                    match_interpret(&scene.set->rules[0], &scene.event, NULL), cases[i].matches);
            close_scene(&scene);
        }
    }
}

/* Keywords are looked for in every value and in the logged line, never in names; JSON is no line.
 */
static void keywords_search_everything(void **state)
{
    static const struct {
        const char *item;
        bool matches;
        bool matches_line; /* with raw text */
    } cases[] = {
        { "'': BAR", true, true },
        { "'': 'b?r'", true, true },
        { "'': 'foo*baz'", true, true },
        { "'': 'bar*foo'", false, false },
        { "'': 4624", true, true },
        { "'': name", false, false },
        { "'': line", false, true },
        { "'|all': [foo, '4624']", true, true },
        { "'|all': [foo, line]", false, true },
        { "'|re': '^foo'", true, true },
        { "'|re': '^raw'", false, true },
        { "'|cased': FOO", false, false },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        for (int form = 0; form < 3; form++) {
            struct scene scene;
            bool expected = form == 1 ? cases[i].matches_line : cases[i].matches;

            open_scene(&scene, cases[i].item, true);
            hn_event_add_text(&scene.event, HN_TEXT("name"), HN_TEXT("foo bar baz"));
            hn_event_add_i64(&scene.event, HN_TEXT("id"), 4624);
            hn_event_add_null(&scene.event, HN_TEXT("nil"));
            scene.event.raw = hn_bytes_of("raw line", 8);
            scene.event.raw_is_text = form > 0;
            scene.event.raw_is_json = form == 2;
            if (match_interpret(&scene.set->rules[0], &scene.event, NULL) != expected)
                print_error("%s in form %d\n", cases[i].item, form);
            assert_int_equal(match_interpret(&scene.set->rules[0], &scene.event, NULL), expected);
            close_scene(&scene);
        }
    }
}

/* A rule never matches an event of another log source, whatever its condition says. */
static void other_sources_never_match(void **state)
{
    struct match_trace trace;
    struct scene scene;

    (void)state;
    open_scene(&scene, "f|exists: false", true);
    assert_true(match_interpret(&scene.set->rules[0], &scene.event, NULL));
    scene.event.source.product = HN_TEXT("linux");
    assert_false(match_interpret(&scene.set->rules[0], &scene.event, NULL));
    match_trace_init(&trace);
    assert_false(match_interpret(&scene.set->rules[0], &scene.event, &trace));
    assert_false(trace.fits_source);
    assert_true(trace.selections.ptr[0].matched);
    match_trace_deinit(&trace);
    close_scene(&scene);
}

/* ---- Traces ---- */

/* For each value: whether, why, where in which text; ranges are in the text as it was logged, also
 * where folding changes lengths. */
static void traces_say_where_and_why(void **state)
{
    static const struct {
        const char *item;
        const char *text;
        enum match_why why;
        size_t start, len;
    } cases[] = {
        { "f|contains: cmd", "C:\\CMD.exe", MATCH_FITS, 3, 3 },
        { "f|endswith: .exe", "C:\\CMD.exe", MATCH_FITS, 6, 4 },
        { "f|startswith: 'c:'", "C:\\CMD.exe", MATCH_FITS, 0, 2 },
        { "f: 'c:*exe'", "C:\\CMD.exe", MATCH_FITS, 0, 10 },
        { "f: '*cmd*e*'", "C:\\CMD.exe", MATCH_FITS, 3, 5 },
        { "f: 'x'", "C:\\CMD.exe", MATCH_DIFFERS, 0, 0 },
        { "f|contains: 'kb'",
                "\xE2\x84\xAA\xE2\x84\xAA"
                "b",
                MATCH_FITS, 3, 4 },
        { "f|contains: '\xE7\x81\xAB'", "\xE2\x84\xAA\xE7\x81\xAB!", MATCH_FITS, 3, 3 },
        { "f|re: 'M.'", "C:\\CMD.exe", MATCH_FITS, 4, 2 },
        { "f|re: 'x$'", "C:\\CMD.exe", MATCH_DIFFERS, 0, 0 },
        { "f|re: '(a+)+[bd]'", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac",
                MATCH_REGEX_LIMIT, 0, 0 },
        { "f|cidr: 192.0.2.0/24", "192.0.2.7", MATCH_FITS, 0, 9 },
        { "f|cidr: 192.0.2.0/24", "host", MATCH_NO_ADDRESS, 0, 0 },
        { "f|gt: 5", "x", MATCH_NO_NUMBER, 0, 0 },
        { "f|hour: 5", "x", MATCH_NO_TIME, 0, 0 },
        { "f|fieldref: g", "x", MATCH_OTHER_ABSENT, 0, 0 },
        { "f|fieldref|contains: f", "x", MATCH_FITS, 0, 1 },
        { "f|exists: true", "x", MATCH_PRESENT, 0, 0 },
        { "f: null", "x", MATCH_DIFFERS, 0, 0 },
        { "g: x", "x", MATCH_ABSENT, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        const struct match_value_trace *value;
        struct match_trace trace;
        struct scene scene;

        open_scene(&scene, cases[i].item, i % 2 == 0);
        hn_event_add_text(&scene.event, HN_TEXT("f"), hn_text_cstr(cases[i].text));
        match_trace_init(&trace);
        (void)match_interpret(&scene.set->rules[0], &scene.event, &trace);
        assert_int_equal(trace.values.count, 1);
        value = &trace.values.ptr[0];
        if (value->why != cases[i].why || value->start != cases[i].start ||
                value->len != cases[i].len)
            print_error("%s: %s at %zu, %zu\n", cases[i].item, match_why_text(value->why),
                    value->start, value->len);
        assert_int_equal(value->why, cases[i].why);
        assert_int_equal(value->start, cases[i].start);
        assert_int_equal(value->len, cases[i].len);
        assert_int_equal(
                value->matched, cases[i].why == MATCH_FITS || cases[i].why == MATCH_PRESENT);
        if (cases[i].why == MATCH_REGEX_LIMIT)
            assert_true(scene.event.findings >> HN_FINDING_REGEX_LIMIT & 1);
        match_trace_deinit(&trace);
        close_scene(&scene);
    }
}

/* Every selection and item has its own verdict, matched or not. */
static void traces_cover_the_rule(void **state)
{
    struct sigma_loader *loader = sigma_loader_new(NULL);
    struct match_trace trace;
    struct hn_err err = { 0 };
    struct scene scene;

    (void)state;
    assert_int_equal(sigma_loader_add_text(loader, HN_TEXT("r"),
                             HN_TEXT("title: t\nlogsource: {product: windows}\ndetection:\n"
                                     "    yes: {f|contains: [q, x], g: 1}\n    no: {g: 2}\n"
                                     "    filter: {h: 3}\n"
                                     "    condition: (yes or no) and not filter\n"),
                             &err),
            HN_OK);
    assert_int_equal(sigma_loader_finish(loader, &scene.set, &err), HN_OK);
    sigma_loader_free(loader);
    scene.schema = hn_schema_new();
    assert_int_equal(hn_schema_seal(scene.schema, &err), HN_OK);
    assert_int_equal(hn_event_init(&scene.event, scene.schema, NULL, true), HN_OK);
    scene.event.source.product = HN_TEXT("windows");
    hn_event_add_text(&scene.event, HN_TEXT("f"), HN_TEXT("axb"));
    hn_event_add_i64(&scene.event, HN_TEXT("g"), 1);
    match_trace_init(&trace);
    assert_true(match_interpret(&scene.set->rules[0], &scene.event, &trace));
    assert_true(trace.matched);
    assert_true(trace.fits_source);
    assert_false(trace.incomplete);
    assert_int_equal(trace.selections.count, 3);
    assert_true(trace.selections.ptr[0].matched);
    assert_false(trace.selections.ptr[1].matched);
    assert_false(trace.selections.ptr[2].matched);
    assert_int_equal(trace.items.count, 4);
    assert_true(trace.items.ptr[0].matched);
    assert_int_equal(trace.items.ptr[0].value_count, 2);
    assert_false(trace.values.ptr[trace.items.ptr[0].first_value].matched);
    assert_true(trace.values.ptr[trace.items.ptr[0].first_value + 1].matched);
    assert_false(trace.items.ptr[3].matched);
    match_trace_deinit(&trace);
    close_scene(&scene);
}

/* Without memory, at each allocation in turn: the trace says that parts are missing, and a verdict
 * that could not be found says so in the event. */
static void short_memory_is_told(void **state)
{
    struct match_trace trace;
    struct scene scene;
    uint64_t hits;
    bool matched;

    (void)state;
    open_scene(&scene, "f|contains: [q, x]\n        g|re: '^a'", false);
    match_trace_init(&trace);
    for (uint64_t n = 1;; n++) {
        match_trace_deinit(&trace);
        hn_event_reset(&scene.event);
        scene.event.source.product = HN_TEXT("windows");
        hn_event_add_text(&scene.event, HN_TEXT("f"), HN_TEXT("axb"));
        hn_event_add_text(&scene.event, HN_TEXT("g"), HN_TEXT("axb"));
        hn_mem_fail_from(n);
        matched = match_interpret(&scene.set->rules[0], &scene.event, &trace);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        assert_true(matched || scene.event.values_dropped > 0);
        if (hits == 0)
            break;
        assert_true(trace.incomplete || scene.event.values_dropped > 0 || matched);
    }
    assert_true(matched);
    assert_false(trace.incomplete);
    assert_int_equal(trace.selections.count, 1);
    match_trace_deinit(&trace);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_compare_folded),
        cmocka_unit_test(absence_has_three_kinds),
        cmocka_unit_test(numbers_compare_by_value),
        cmocka_unit_test(other_kinds_compare),
        cmocka_unit_test(several_values_mean_any),
        cmocka_unit_test(keywords_search_everything),
        cmocka_unit_test(other_sources_never_match),
        cmocka_unit_test(traces_say_where_and_why),
        cmocka_unit_test(traces_cover_the_rule),
        cmocka_unit_test(short_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
