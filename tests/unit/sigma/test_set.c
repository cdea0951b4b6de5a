/* test_set.c - what a set holds besides conditions, and how loading meets its limits. */
#include "load.h"

#include "base/mem.h"

#include <stdlib.h>

static const char full_rule[] =
        "# A comment of the file\n"
        "---\n"
        "title: A title\n"
        "id: 00000000-0000-4000-8000-000000000001\n"
        "name: a_name\n"
        "related:\n"
        "    - {id: 00000000-0000-4000-8000-000000000002, type: similar}\n"
        "taxonomy: sigma\n"
        "status: stable\n"
        "description: >\n"
        "    Two lines,\n"
        "    folded.\n"
        "license: MIT\n"
        "author: An author\n"
        "references: [https://example.com/a, https://example.com/b]\n"
        "date: 2024-01-02\n"
        "modified: 2024-02-03\n"
        "tags: [attack.t1059]\n"
        "logsource: {product: Windows, category: process_creation, definition: enable it}\n"
        "detection: {s: {Image: x}, condition: s}\n"
        "fields: [Image, User]\n"
        "falsepositives: [none, 'few']\n"
        "level: critical\n"
        "scope: [server]\n"
        "hinomi:\n"
        "    family: Emotet\n"
        "    trace: ttp\n"
        "    why: {en: because, ja: \xE3\x81\xAA\xE3\x81\x9C}\n"
        "    next: {en: [look, ask], ja: [\xE8\xA6\x8B\xE3\x82\x8B]}\n"
        "    false_alarm: rarely\n"
        "    review: 2027-01-01\n"
        "    tests: [{name: t, fires: true}]\n"
        "---\n"
        "title: Another\n";

static void expect_text(struct hn_text text, const char *expected)
{
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr, expected, text.len);
}

/* Metadata, log source, the analyst's block and the document's own text reach the set. */
static void metadata_reaches_the_set(void **state)
{
    struct sigma_set *set = load(full_rule);
    const struct sigma_meta *meta = &set->rules[0].meta;
    struct hn_text yaml;

    (void)state;
    assert_int_equal(set->rule_count, 1);
    expect_text(meta->title, "A title");
    expect_text(meta->id, "00000000-0000-4000-8000-000000000001");
    expect_text(meta->name, "a_name");
    expect_text(meta->description, "Two lines, folded.\n");
    expect_text(meta->license, "MIT");
    expect_text(meta->author, "An author");
    expect_text(meta->date, "2024-01-02");
    expect_text(meta->modified, "2024-02-03");
    expect_text(meta->taxonomy, "sigma");
    assert_int_equal(meta->status, SIGMA_RULE_STABLE);
    assert_int_equal(meta->level, SIGMA_LEVEL_CRITICAL);
    assert_int_equal(meta->references.count, 2);
    expect_text(meta->references.ptr[1], "https://example.com/b");
    assert_int_equal(meta->tags.count, 1);
    assert_int_equal(meta->fields.count, 2);
    assert_int_equal(meta->falsepositives.count, 2);
    assert_int_equal(meta->scope.count, 1);
    assert_int_equal(meta->related.count, 1);
    assert_int_equal(meta->place.line, 3);
    expect_text(meta->place.file, "r.yml");
    expect_text(set->rules[0].logsource.product, "windows");
    expect_text(set->rules[0].logsource.category, "process_creation");
    expect_text(set->rules[0].definition, "enable it");
    expect_text(meta->context.family, "Emotet");
    expect_text(meta->context.trace, "ttp");
    expect_text(meta->context.why_en, "because");
    expect_text(meta->context.why_ja, "\xE3\x81\xAA\xE3\x81\x9C");
    assert_int_equal(meta->context.next_en.count, 2);
    assert_int_equal(meta->context.next_ja.count, 1);
    expect_text(meta->context.false_en, "rarely");
    expect_text(meta->context.review, "2027-01-01");
    yaml = sigma_rule_yaml(set, meta);
    assert_memory_equal(yaml.ptr, "title: A title\n", 15);
    assert_true(hn_text_ends(yaml, HN_TEXT("fires: true}]")));
    assert_int_equal(set->document_count, 2);
    assert_non_null(find_issue(set, "no-logsource"));
    sigma_set_unref(set);
}

/* What is wrong in the analyst's block is a warning at its place; the rule loads. */
static void context_is_checked(void **state)
{
    struct sigma_set *set = load(RULE("    s: {a: 1}\n    condition: s\n") "hinomi:\n"
                                                                           "    trace: smell\n"
                                                                           "    wy: x\n"
                                                                           "    review: soon\n"
                                                                           "    lists: {A: [b]}\n"
                                                                           "    family: [x]\n");

    (void)state;
    assert_int_equal(set->rule_count, 1);
    assert_int_equal(set->issue_count, 4);
    for (uint32_t i = 0; i < 4; i++)
        assert_string_equal(set->issues[i].code.ptr, "bad-context");
    sigma_set_unref(set);
}

static void words_are_words(void **state)
{
    (void)state;
    assert_string_equal(sigma_level_text(SIGMA_LEVEL_HIGH), "high");
    assert_int_equal(sigma_level_of(HN_TEXT("HIGH")), SIGMA_LEVEL_HIGH);
    assert_int_equal(sigma_level_of(HN_TEXT("")), SIGMA_LEVEL_NONE);
    assert_string_equal(sigma_rule_status_text(SIGMA_RULE_TEST), "test");
    assert_string_equal(sigma_correlation_text(SIGMA_PERIODICITY), "periodicity");
}

/* A set lives as long as its last reference, and its digest depends on what fires alone or shows
 * in alerts, not on the file's name or order of loading twice. */
static void sets_are_shared_and_digested(void **state)
{
    struct sigma_set *set = load(full_rule);
    struct sigma_set *again = load(full_rule);
    struct sigma_set *other = load(RULE("    s: {a: 1}\n    condition: s\n"));
    struct sigma_set *changed = load(RULE("    s: {a: 2}\n    condition: s\n"));

    (void)state;
    assert_ptr_equal(sigma_set_ref(set), set);
    sigma_set_unref(set);
    assert_int_equal(set->rule_count, 1);
    assert_true(hn_digest_eq(set->digest, again->digest));
    assert_true(hn_digest_eq(set->rules[0].meta.digest, again->rules[0].meta.digest));
    assert_false(hn_digest_eq(set->digest, other->digest));
    assert_false(hn_digest_eq(changed->digest, other->digest));
    sigma_set_unref(set);
    sigma_set_unref(again);
    sigma_set_unref(other);
    sigma_set_unref(changed);
    sigma_set_unref(NULL);
    sigma_loader_free(NULL);
}

/* ---- Limits ---- */

/* Each limit stops what goes over it with an issue, and the rule next to it is loaded. */
static void limits_stop_one_document(void **state)
{
    static const char good[] = "---\n" RULE("    s: {a: 1}\n    condition: s\n");
    static const struct {
        struct sigma_limits limits;
        const char *bad;
        const char *code;
    } cases[] = {
        { { .values_max = 3 }, RULE("    s: {a: [1, 2, 3, 4]}\n    condition: s\n"), "too-large" },
        { { .values_max = 3 }, RULE("    s: {a: [1, 2], b: [3, 4]}\n    condition: s\n"),
                "too-large" },
        { { .values_max = 20 }, RULE("    s: {a|windash: -a -b}\n    condition: s\n"),
                "too-large" },
        { { .regex_bytes_max = 4 }, RULE("    s: {a|re: abcde}\n    condition: s\n"), "too-large" },
        { { .depth_max = 3 }, RULE("    s: [[[[a]]]]\n    condition: s\n"), "yaml" },
        { { .nodes_max = 24 }, RULE("    s: {a: [1, 2, 3, 4, 5, 6, 7]}\n    condition: s\n"),
                "yaml" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct sigma_options options = { .limits = cases[i].limits };
        struct hn_buf yaml = { 0 };
        const struct sigma_issue *issue;
        struct sigma_set *set;

        hn_buf_add_cstr(&yaml, cases[i].bad);
        hn_buf_add_cstr(&yaml, good);
        hn_buf_add_char(&yaml, '\0');
        set = load_with(&options, yaml.ptr, NULL);
        issue = find_issue(set, cases[i].code);
        if (issue == NULL || set->rule_count != 1)
            print_issues(set);
        assert_non_null(issue);
        assert_int_equal(set->rule_count, 1);
        sigma_set_unref(set);
        hn_buf_deinit(&yaml);
    }
}

/* Placeholders that multiply, and alias bombs, end at the limits as well. */
static void expansions_are_bounded(void **state)
{
    struct hn_text values[100];
    struct sigma_list list = { HN_TEXT_INIT("l"), { values, HN_COUNT_OF(values) } };
    struct sigma_options options = { .lists = &list, .list_count = 1 };
    struct sigma_set *set;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(values); i++)
        values[i] = HN_TEXT("x");
    set = load_with(&options, RULE("    s: {a|expand: '%l%%l%%l%%l%'}\n    condition: s\n"), NULL);
    assert_int_equal(set->rule_count, 0);
    assert_non_null(find_issue(set, "too-large"));
    sigma_set_unref(set);
    set = load(
            "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\n"
            "c: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c]\n"
            "e: &e [*d, *d, *d, *d, *d, *d, *d, *d]\nf: &f [*e, *e, *e, *e, *e, *e, *e]\n"
            "title: bomb\ndetection: {s: {x: *f}, condition: s}\nlogsource: {product: windows}\n");
    assert_int_equal(set->rule_count, 0);
    assert_non_null(find_issue(set, "yaml"));
    sigma_set_unref(set);
}

/* Every prefix of a rule file loads without harm; whatever loads is a whole rule. */
static void every_prefix_loads(void **state)
{
    static const char text[] =
            "title: t\nlogsource: {product: windows}\ndetection:\n    s:\n        "
            "a|windash|contains|"
            "all: ['-x *', \"y\\n\"]\n        b|re|i: '^a+$'\n    '|all': [k, 5]\n    condition: 1 "
            "of "
            "s* and not (s or s) | count(c) by d > 5\n    timeframe: 5m\nhinomi:\n    why: {en: "
            "x}\n"
            "---\ntitle: f\nlogsource: {product: windows}\nfilter:\n    rules: any\n    z: {q: 1}\n"
            "    condition: not z\n---\ntitle: c\ncorrelation:\n    type: temporal\n    rules: [a, "
            "b]\n"
            "    timespan: 5m\n    condition: a and not b\n";

    (void)state;
    for (size_t len = 0; len < sizeof text; len++) {
        struct sigma_loader *loader = sigma_loader_new(NULL);
        struct sigma_set *set = NULL;
        struct hn_err err = { 0 };
        char *prefix = malloc(len + 1);

        assert_non_null(prefix);
        memcpy(prefix, text, len);
        assert_int_equal(
                sigma_loader_add_text(loader, HN_TEXT("p"), hn_text_of(prefix, len), &err), HN_OK);
        free(prefix); /* nothing of it may be needed any more */
        assert_int_equal(sigma_loader_finish(loader, &set, &err), HN_OK);
        for (uint32_t i = 0; i < set->rule_count; i++)
            assert_non_null(set->rules[i].condition);
        sigma_set_unref(set);
        sigma_loader_free(loader);
    }
}

/* ---- Memory ---- */

static const char memory_rules[] =
        "title: t\nid: 00000000-0000-4000-8000-000000000001\nname: n\ntags: [attack.t1059]\n"
        "logsource: {product: windows, category: process_creation}\n"
        "detection:\n    s:\n        a|windash|contains|all: ['-x', y]\n        b|re|startswith: "
        "'a+'\n"
        "        c|expand: '%l%'\n        d|base64offset|contains: abc\n    f: {e|cidr: "
        "192.0.2.1/8}\n"
        "    condition: 1 of s* and not f\n"
        "---\ntitle: old\nid: 00000000-0000-4000-8000-000000000002\nlevel: low\n"
        "logsource: {product: windows}\ndetection: {s: {a: 1}, t: {b: 2}, timeframe: 5m, "
        "condition: s "
        "| near t}\n"
        "---\ntitle: filter\nlogsource: {product: windows}\nfilter: {rules: any, x: {q: 1}, "
        "condition: "
        "not x}\n"
        "---\ntitle: c\ncorrelation: {type: value_count, rules: [n], aliases: {i: {n: zz}}, "
        "group-by: "
        "[i], timespan: 1m, condition: {field: z, gte: 2}}\n"
        "---\naction: global\nlevel: low\n---\naction: repeat\ntitle: r\nlogsource: {product: "
        "windows}\ndetection: {s: {a: 1}, condition: s}\n";

static const char memory_pipeline[] =
        "name: p\nvars: {v: [1, 2]}\ntransformations:\n"
        "    - {type: field_name_mapping, id: m, mapping: {a: [x, y]}}\n"
        "    - {type: replace_string, regex: 'a(.)', replacement: '\\1'}\n"
        "    - {type: add_condition, conditions: {i: $product}, template: true}\n"
        "    - {type: field_name_prefix, prefix: p., field_name_conditions: [{type: "
        "include_fields, "
        "fields: ['x.*'], mode: re}]}\n";

static enum hn_status load_all(struct sigma_set **ret_set)
{
    struct hn_text values[] = { HN_TEXT_INIT("v1"), HN_TEXT_INIT("v2") };
    struct sigma_list list = { HN_TEXT_INIT("l"), { values, 2 } };
    struct sigma_options options = { .lists = &list, .list_count = 1 };
    struct sigma_loader *loader = sigma_loader_new(&options);
    struct hn_err err = { 0 };
    enum hn_status status = loader == NULL ? HN_NOMEM : HN_OK;

    if (status == HN_OK)
        status = sigma_loader_add_pipeline(
                loader, HN_TEXT("p"), hn_text_cstr(memory_pipeline), &err);
    if (status == HN_OK)
        status = sigma_loader_add_text(loader, HN_TEXT("r"), hn_text_cstr(memory_rules), &err);
    if (status == HN_OK)
        status = sigma_loader_finish(loader, ret_set, &err);
    sigma_loader_free(loader);
    return status;
}

/* When the n-th allocation fails, loading says so or the set is complete; nothing leaks. */
static void failing_memory_is_reported(void **state)
{
    struct hn_buf whole = { 0 };
    struct sigma_set *set = NULL;
    uint32_t issues;

    (void)state;
    assert_int_equal(load_all(&set), HN_OK);
    if (set == NULL) {
        fail();
        return;
    }
    dump_set(&whole, set);
    issues = set->issue_count;
    assert_int_equal(set->rule_count, 4);
    assert_int_equal(set->correlation_count, 2);
    sigma_set_unref(set);
    for (uint64_t n = 1;; n++) {
        struct hn_buf again = { 0 };
        enum hn_status status;
        uint64_t hits;

        set = NULL;
        hn_mem_fail_from(n);
        status = load_all(&set);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        if (status == HN_OK &&
                set != NULL) { /* then it may only have failed where it does not matter */
            dump_set(&again, set);
            assert_int_equal(again.len, whole.len);
            assert_memory_equal(again.ptr, whole.ptr, whole.len);
            assert_int_equal(set->issue_count, issues);
            sigma_set_unref(set);
        } else {
            assert_int_equal(status, HN_NOMEM);
            assert_null(set);
        }
        hn_buf_deinit(&again);
        if (hits == 0)
            break;
    }
    hn_buf_deinit(&whole);
}

/* ---- Cache ---- */

static struct sigma_loader *filled_loader(void)
{
    struct sigma_loader *loader = sigma_loader_new(NULL);
    struct hn_err err = { 0 };

    assert_int_equal(
            sigma_loader_add_pipeline(loader, HN_TEXT("p"), hn_text_cstr(memory_pipeline), &err),
            HN_OK);
    assert_int_equal(
            sigma_loader_add_text(loader, HN_TEXT("r"), hn_text_cstr(memory_rules), &err), HN_OK);
    assert_int_equal(
            sigma_loader_add_text(loader, HN_TEXT("bad"), HN_TEXT("a: [b\n"), &err), HN_OK);
    return loader;
}

/* What is restored finishes to the same set with the same issues, and saves to the same bytes. */
static void restored_is_the_same(void **state)
{
    struct sigma_loader *loader = filled_loader();
    struct sigma_loader *back = sigma_loader_new(NULL);
    struct hn_buf saved = { 0 };
    struct hn_buf again = { 0 };
    struct hn_buf a = { 0 };
    struct hn_buf b = { 0 };
    struct sigma_set *set;
    struct hn_err err = { 0 };

    (void)state;
    assert_int_equal(sigma_loader_save(loader, &saved), HN_OK);
    assert_int_equal(sigma_loader_restore(back, hn_bytes_of(saved.ptr, saved.len), &err), HN_OK);
    assert_int_equal(sigma_loader_save(back, &again), HN_OK);
    assert_int_equal(saved.len, again.len);
    assert_memory_equal(saved.ptr, again.ptr, saved.len);
    memset(saved.ptr, 0, saved.len); /* nothing of it may be needed any more */
    assert_int_equal(sigma_loader_finish(loader, &set, &err), HN_OK);
    dump_set(&a, set);
    dump_issues(&a, set);
    sigma_set_unref(set);
    assert_int_equal(sigma_loader_finish(back, &set, &err), HN_OK);
    dump_set(&b, set);
    dump_issues(&b, set);
    sigma_set_unref(set);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.ptr, b.ptr, a.len);
    sigma_loader_free(loader);
    sigma_loader_free(back);
    hn_buf_deinit(&saved);
    hn_buf_deinit(&again);
    hn_buf_deinit(&a);
    hn_buf_deinit(&b);
}

/* Cut off, altered in any byte, or of other limits: refused, and the loader is as it was. */
static void damaged_cache_is_refused(void **state)
{
    struct sigma_options options = { .limits = { .depth_max = 10 } };
    struct sigma_loader *loader = filled_loader();
    struct sigma_loader *other = sigma_loader_new(&options);
    struct sigma_loader *back = sigma_loader_new(NULL);
    struct hn_buf saved = { 0 };
    struct hn_err err = { 0 };
    struct sigma_set *set;

    (void)state;
    assert_int_equal(sigma_loader_save(loader, &saved), HN_OK);
    for (size_t len = 0; len < saved.len; len++)
        assert_int_equal(sigma_loader_restore(back, hn_bytes_of(saved.ptr, len), &err), HN_CORRUPT);
    for (size_t at = 0; at < saved.len; at++) {
        saved.ptr[at] ^= 0x10;
        assert_int_equal(
                sigma_loader_restore(back, hn_bytes_of(saved.ptr, saved.len), &err), HN_CORRUPT);
        saved.ptr[at] ^= 0x10;
    }
    assert_int_equal(
            sigma_loader_restore(other, hn_bytes_of(saved.ptr, saved.len), &err), HN_CORRUPT);
    assert_int_equal(sigma_loader_finish(back, &set, &err), HN_OK);
    assert_int_equal(set->rule_count, 0);
    assert_int_equal(set->issue_count, 0);
    sigma_set_unref(set);
    sigma_loader_free(loader);
    sigma_loader_free(other);
    sigma_loader_free(back);
    hn_buf_deinit(&saved);
}

/* A restore that runs out of memory says so. */
static void restoring_needs_memory(void **state)
{
    struct sigma_loader *loader = filled_loader();
    struct hn_buf saved = { 0 };

    (void)state;
    assert_int_equal(sigma_loader_save(loader, &saved), HN_OK);
    for (uint64_t n = 1;; n++) {
        struct sigma_loader *back = sigma_loader_new(NULL);
        struct hn_err err = { 0 };
        enum hn_status status;
        uint64_t hits;

        hn_mem_fail_from(n);
        status = sigma_loader_restore(back, hn_bytes_of(saved.ptr, saved.len), &err);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        assert_int_equal(status, hits > 0 ? HN_NOMEM : HN_OK);
        sigma_loader_free(back);
        if (hits == 0)
            break;
    }
    sigma_loader_free(loader);
    hn_buf_deinit(&saved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metadata_reaches_the_set),
        cmocka_unit_test(context_is_checked),
        cmocka_unit_test(words_are_words),
        cmocka_unit_test(sets_are_shared_and_digested),
        cmocka_unit_test(limits_stop_one_document),
        cmocka_unit_test(expansions_are_bounded),
        cmocka_unit_test(every_prefix_loads),
        cmocka_unit_test(failing_memory_is_reported),
        cmocka_unit_test(restored_is_the_same),
        cmocka_unit_test(damaged_cache_is_refused),
        cmocka_unit_test(restoring_needs_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
