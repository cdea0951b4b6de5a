/* Proves that rules are counted by family and trace, by technique and by the tactics a technique
 * belongs to; that what only feeds correlations does not count; and that drawings hold no markup of
 * the rules'. */
#include "report/coverage.h"

#include "base/mem.h"
#include "support/check.h"

#include "report/attack.h"

static struct sigma_set *load(const char *yaml)
{
    struct sigma_loader *loader = sigma_loader_new(NULL);
    struct sigma_set *set = NULL;

    assert_int_equal(
            sigma_loader_add_text(loader, HN_TEXT("r.yml"), hn_text_cstr(yaml), NULL), HN_OK);
    assert_int_equal(sigma_loader_finish(loader, &set, NULL), HN_OK);
    sigma_loader_free(loader);
    return set;
}

#define RULE(title, tags, block)                                               \
    "---\ntitle: " title "\nname: n" title "\ntags: [" tags                    \
    "]\nlogsource: {product: windows}\ndetection: {s: {a: b}, condition: s}\n" \
    "hinomi: {" block "}\n"

static const char rules[] = RULE("A", "attack.execution, attack.t1059.001", "family: F, trace: ttp")
        RULE("B", "attack.execution, attack.stealth, attack.T1059.001, attack.t1218.011",
                "family: F, trace: hash") RULE("C", "attack.persistence, attack.t1059.001",
                "family: G, trace: url") RULE("D", "cve.2020-1",
                "trace: ttp") "---\ntitle: E\ntags: [attack.impact, attack.t1486, attack.t1486]\n"
                              "correlation: {type: event_count, rules: [nD], timespan: 1m, "
                              "condition: {gte: 2}}\n"
                              "hinomi: {family: G, trace: domain}\n";

static const struct coverage_technique *technique(const struct coverage *coverage, const char *id)
{
    for (uint32_t i = 0; i < coverage->technique_count; i++) {
        if (strcmp(coverage->techniques[i].id, id) == 0)
            return &coverage->techniques[i];
    }
    return NULL;
}

static uint32_t in_tactic(const struct coverage *coverage, const char *tactic, const char *id)
{
    for (uint32_t i = 0; i < coverage->tactic_count; i++) {
        const struct coverage_tactic *at = &coverage->tactics[i];

        for (uint32_t k = 0; strcmp(at->id, tactic) == 0 && k < at->cell_count; k++) {
            if (strcmp(coverage->techniques[at->cells[k].technique].id, id) == 0)
                return at->cells[k].rules;
        }
    }
    return 0;
}

static void counts_rules(void **state)
{
    struct sigma_set *set = load(rules);
    struct coverage *coverage = NULL;

    (void)state;
    assert_int_equal(coverage_new(set, NULL, NULL, &coverage, NULL), HN_OK);
    assert_int_equal(coverage->rules, 4); /* D only feeds E */
    assert_int_equal(coverage->without_family, 0);
    assert_int_equal(coverage->family_count, 2);
    check_text(coverage->families[0].name, "F");
    assert_int_equal(coverage->families[0].rules[COVERAGE_TTP], 1);
    assert_int_equal(coverage->families[0].rules[COVERAGE_HASH], 1);
    assert_int_equal(coverage->families[0].kinds, 2);
    assert_false(coverage->families[0].fragile);
    assert_true(coverage->families[1].fragile); /* a URL and a domain */

    assert_int_equal(coverage->technique_count, 3);
    assert_int_equal(technique(coverage, "T1059.001")->rules, 3);
    assert_int_equal(technique(coverage, "T1486")->rules, 1);
    /* By what belongs together; a tag that fits none of the tactics counts in all. */
    assert_int_equal(in_tactic(coverage, "execution", "T1059.001"), 2);
    assert_int_equal(in_tactic(coverage, "execution", "T1218.011"), 0);
    assert_int_equal(in_tactic(coverage, "stealth", "T1218.011"), 1);
    assert_int_equal(in_tactic(coverage, "stealth", "T1059.001"), 0);
    assert_int_equal(in_tactic(coverage, "persistence", "T1059.001"), 1);
    /* In the order of an attack. */
    assert_string_equal(coverage->tactics[0].id, "execution");
    assert_string_equal(coverage->tactics[coverage->tactic_count - 1].id, "impact");
    coverage_free(coverage);
    sigma_set_unref(set);
}

static bool never(const void *ctx, const struct sigma_meta *meta)
{
    (void)ctx;
    (void)meta;
    return false;
}

static void draws_nothing_of_nothing(void **state)
{
    struct sigma_set *set = load(rules);
    struct coverage *coverage = NULL;
    struct hn_buf out = { 0 };

    (void)state;
    assert_int_equal(coverage_new(set, never, NULL, &coverage, NULL), HN_OK);
    assert_int_equal(coverage->rules, 0);
    coverage_write_svg(coverage, false, &out);
    coverage_write_html(coverage, true, &out);
    coverage_write_navigator(coverage, &out);
    assert_true(hn_buf_ok(&out));
    hn_buf_deinit(&out);
    coverage_free(coverage);
    sigma_set_unref(set);
}

static void drawings_are_inert(void **state)
{
    struct sigma_set *set = load(RULE("'<img src=x>&\"'", "attack.impact, attack.t1486",
            "family: '<script>x</script>', trace: ttp"));
    struct coverage *coverage = NULL;
    struct hn_buf out = { 0 };

    (void)state;
    assert_int_equal(coverage_new(set, NULL, NULL, &coverage, NULL), HN_OK);
    assert_int_equal(coverage->rules, 1);
    coverage_write_svg(coverage, false, &out);
    coverage_write_html(coverage, false, &out);
    assert_true(hn_buf_ok(&out));
    assert_true(hn_text_find(hn_buf_text(&out), HN_TEXT("<script"), 0) == SIZE_MAX);
    assert_true(hn_text_find(hn_buf_text(&out), HN_TEXT("<img"), 0) == SIZE_MAX);
    assert_true(hn_text_find(hn_buf_text(&out), HN_TEXT("&lt;img src=x&gt;"), 0) != SIZE_MAX);
    hn_buf_deinit(&out);
    coverage_free(coverage);
    sigma_set_unref(set);
}

static bool serves(const char *technique, const char *tactic)
{
    uint32_t tactics = attack_tactics(hn_text_cstr(technique));

    return (tactics >> attack_tactic_of(hn_text_cstr(tactic)) & 1u) != 0;
}

static void techniques_have_tactics(void **state)
{
    (void)state;
    assert_true(serves("T1001", "command-and-control")); /* the first and the last row */
    assert_true(serves("T1659", "initial-access"));
    assert_true(serves("T1053.005", "privilege-escalation"));
    assert_true(serves("T1218.011", "defense-evasion"));
    assert_false(serves("T1218.011", "execution"));
    assert_false(serves("T9999", "execution"));
    assert_false(serves("T1059", "no-tactic"));
}

static void names_of_tactics(void **state)
{
    struct hn_buf out = { 0 };

    (void)state;
    coverage_tactic_name("command-and-control", &out);
    check_buf(&out, "Command and Control");
    coverage_tactic_name("impact", &out);
    check_buf(&out, "Impact");
    hn_buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_rules),
        cmocka_unit_test(draws_nothing_of_nothing),
        cmocka_unit_test(drawings_are_inert),
        cmocka_unit_test(techniques_have_tactics),
        cmocka_unit_test(names_of_tactics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
