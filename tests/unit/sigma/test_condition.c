/* test_condition.c - conditions and detections: grammar, precedence, selectors, structure. */
#include "load.h"

#include <stdlib.h>

/* Selections a, b, c, s_1, s_2, x_s, _h, each on a field of its own name. */
static struct sigma_set *load_condition(const char *condition)
{
    struct hn_buf yaml = { 0 };
    struct sigma_set *set;

    hn_buf_add_cstr(&yaml, RULE("    a: {a: 1}\n    b: {b: 1}\n    c: {c: 1}\n    s_1: {s_1: 1}\n"
                                "    s_2: {s_2: 1}\n    x_s: {x_s: 1}\n    _h: {_h: 1}\n"));
    hn_buf_addf(&yaml, "    condition: %s\n", condition);
    hn_buf_add_char(&yaml, '\0');
    set = load(yaml.ptr);
    hn_buf_deinit(&yaml);
    return set;
}

/* The loaded condition with "[#1]" taken off, so that names are left. */
static void expect_names(const char *condition, const char *expected)
{
    struct sigma_set *set = load_condition(condition);
    struct hn_buf out = { 0 };
    size_t len = 0;

    if (set->rule_count != 1)
        print_issues(set);
    assert_int_equal(set->rule_count, 1);
    dump_condition(&out, set->rules[0].condition);
    for (size_t i = 0; i < out.len; i++) {
        if (strncmp(out.ptr + i, "[#1]", 4) == 0)
            i += 3;
        else
            out.ptr[len++] = out.ptr[i];
    }
    out.len = len;
    hn_buf_add_char(&out, '\0');
    assert_string_equal(out.ptr, expected);
    hn_buf_deinit(&out);
    sigma_set_unref(set);
}

/* Least to most binding: or, and, not, x of, parentheses; words in any case. */
static void operators_bind_as_specified(void **state)
{
    (void)state;
    expect_names("a", "a");
    expect_names("a and b", "(and a b)");
    expect_names("a and b and c", "(and a b c)");
    expect_names("a or b and c", "(or a (and b c))");
    expect_names("a and b or c", "(or (and a b) c)");
    expect_names("not a and b", "(and (not a) b)");
    expect_names("not (a and b)", "(not (and a b))");
    expect_names("not not a", "a");
    expect_names("not not not a", "(not a)");
    expect_names("not a or not b", "(or (not a) (not b))");
    expect_names("(a or b) and c", "(and (or a b) c)");
    expect_names("((a))", "a");
    expect_names("a and (b and c)", "(and a b c)");
    expect_names("(a or b) or c", "(or a b c)");
    expect_names("a AND NOT b OR c", "(or (and a (not b)) c)");
    expect_names("not 1 of s_*", "(not (or s_1 s_2))");
    expect_names("a and not 1 of s_* and not b", "(and a (not (or s_1 s_2)) (not b))");
    expect_names("a\n        and b", "(and a b)");
    expect_names("_h", "_h");
}

/* Patterns with '*' anywhere; "them" and patterns leave out what starts with '_'. */
static void selectors_choose_selections(void **state)
{
    (void)state;
    expect_names("1 of s_*", "(or s_1 s_2)");
    expect_names("any of s_*", "(or s_1 s_2)");
    expect_names("all of s_*", "(and s_1 s_2)");
    expect_names("1 of *_s", "x_s");
    expect_names("1 of *s*", "(or s_1 s_2 x_s)");
    expect_names("all of s*1", "s_1");
    expect_names("1 of _*", "_h");
    expect_names("1 of them", "(or a b c s_1 s_2 x_s)");
    expect_names("all of them", "(and a b c s_1 s_2 x_s)");
    expect_names("1 of a", "a");
    expect_names("2 of s_*", "(and s_1 s_2)");
    expect_names("2 of *s*", "(or (and s_1 (or s_2 x_s)) (and s_2 x_s))");
    expect_names("ALL OF s_*", "(and s_1 s_2)");
}

/* What is no condition is refused where it goes wrong. */
static void nonsense_is_refused(void **state)
{
    static const struct {
        const char *condition;
        const char *code;
        uint32_t column;
    } cases[] = {
        { "a and", "condition-syntax", 21 },
        { "and a", "condition-syntax", 16 },
        { "a b", "condition-syntax", 18 },
        { "(a", "condition-syntax", 18 },
        { "a)", "condition-syntax", 17 },
        { "()", "condition-syntax", 17 },
        { "a or or b", "condition-syntax", 21 },
        { "not", "condition-syntax", 19 },
        { "a not b", "condition-syntax", 18 },
        { "'   '", "condition-syntax", 20 },
        { "nothing", "unknown-selection", 16 },
        { "a and A", "unknown-selection", 22 },
        { "1 of", "condition-syntax", 20 },
        { "1 of (a)", "condition-syntax", 21 },
        { "1 of z*", "empty-selector", 21 },
        { "3 of s_*", "empty-selector", 21 },
        { "0 of s_*", "empty-selector", 21 },
        { "''", "no-condition", 5 },
        { "", "no-condition", 5 },
        { "[]", "no-condition", 5 },
        { "[[a]]", "no-condition", 17 },
        { "{a: b}", "no-condition", 16 },
        { "a | count(", "aggregation", 26 },
        { "a | total() > 1", "aggregation", 25 },
        { "a | count() by > 1", "aggregation", 31 },
        { "a | count() > x", "aggregation", 31 },
        { "a | count() > 1 x", "aggregation", 32 },
        { "a | sum() > 1", "aggregation", 25 },
        { "[a | count() > 1, b]", "aggregation", 16 },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct sigma_set *set = load_condition(cases[i].condition);
        const struct sigma_issue *issue = find_issue(set, cases[i].code);

        if (issue == NULL || issue->place.column != cases[i].column) {
            print_error("%s\n", cases[i].condition);
            print_issues(set);
        }
        if (issue == NULL) {
            fail();
            return;
        }
        assert_int_equal(issue->place.column, cases[i].column);
        assert_int_equal(set->rule_count, 0);
        sigma_set_unref(set);
    }
}

/* Maps are AND, lists OR, plain values keywords, at any depth. */
static void detections_have_structure(void **state)
{
    static const struct {
        const char *selection;
        const char *condition;
    } cases[] = {
        { "\n        a: 1\n        b: [2, 3]\n", "(and a[#1] b[#2 #3])" },
        { "\n        - a: 1\n          b: 2\n        - c: 3\n", "(or (and a[#1] b[#2]) c[#3])" },
        { "\n        - x\n        - 'y*'\n", "[\"x\" \"y*\"]" },
        { " x\n", "[\"x\"]" },
        { " 4624\n", "[\"4624\"]" },
        { "\n        '|all':\n            - x\n            - y\n", "(and [\"x\"] [\"y\"])" },
        { "\n        '': x\n", "[\"x\"]" },
        { "\n        - x\n        - a: 1\n", "(or [\"x\"] a[#1])" },
        { "\n        - - x\n          - y\n        - a: 1\n", "(or [\"x\" \"y\"] a[#1])" },
        { "\n        - - a: 1\n          - b: 2\n        - c: 3\n", "(or (or a[#1] b[#2]) c[#3])" },
        { "\n        '|re': 'x+'\n", "[/x+/]" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct hn_buf yaml = { 0 };
        struct sigma_set *set;

        hn_buf_add_cstr(&yaml, RULE("    s:"));
        hn_buf_add_cstr(&yaml, cases[i].selection);
        hn_buf_add_cstr(&yaml, "    condition: s\n");
        hn_buf_add_char(&yaml, '\0');
        set = load(yaml.ptr);
        expect_condition(set, cases[i].condition);
        sigma_set_unref(set);
        hn_buf_deinit(&yaml);
    }
    expect_rejected(RULE("    s: {}\n    condition: s\n"), "empty-selection");
    expect_rejected(RULE("    s: []\n    condition: s\n"), "empty-selection");
    expect_rejected(RULE("    s:\n    condition: s\n"), "bad-keyword");
    expect_rejected(RULE("    condition: s\n"), "no-detection");
    expect_rejected(RULE("    s: {a: 1}\n"), "no-condition");
}

/* Several conditions are joined by OR; a selection used twice is one node. */
static void conditions_are_joined(void **state)
{
    struct sigma_set *set;
    const struct sigma_node *root;

    (void)state;
    expect_names("[a and b, c]", "(or (and a b) c)");
    set = load_condition("a and b or a and c");
    root = set->rules[0].condition;
    assert_ptr_equal(root->children[0]->children[0], root->children[1]->children[0]);
    assert_int_equal(set->rules[0].item_count, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(set->rules[0].items[i].index, i);
    assert_int_equal(set->rules[0].selection_count, 3);
    assert_ptr_equal(set->rules[0].selections[0].node, root->children[0]->children[0]);
    sigma_set_unref(set);
}

/* ---- Random conditions against a second, recursive reading -------------------------------------
 */

struct truth {
    const char *text;
    bool values[3]; /* a, b, c */
};

static bool read_or(struct truth *t);

static bool read_word(struct truth *t, const char *word)
{
    size_t len = strlen(word);

    while (*t->text == ' ')
        t->text++;
    if (strncmp(t->text, word, len) != 0)
        return false;
    t->text += len;
    return true;
}

static bool read_factor(struct truth *t) /* NOLINT(misc-no-recursion): the test's own short text */
{
    bool value;

    if (read_word(t, "not "))
        return !read_factor(t);
    if (read_word(t, "(")) {
        value = read_or(t);
        (void)read_word(t, ")");
        return value;
    }
    while (*t->text == ' ')
        t->text++;
    value = t->values[*t->text - 'a'];
    t->text++;
    return value;
}

static bool read_and(struct truth *t)
{
    bool value = read_factor(t);

    while (read_word(t, "and "))
        value = read_factor(t) && value;
    return value;
}

static bool read_or(struct truth *t)
{
    bool value = read_and(t);

    while (read_word(t, "or "))
        value = read_and(t) || value;
    return value;
}

static bool evaluate(const struct sigma_node *node, const bool *values)
{
    bool value;

    switch (node->kind) {
    case SIGMA_ITEM:
        return values[node->item->field.ptr[0] - 'a'];
    case SIGMA_NOT:
        return !evaluate(node->children[0], values);
    case SIGMA_AND:
    case SIGMA_OR:
        value = node->kind == SIGMA_AND;
        for (uint32_t i = 0; i < node->count; i++) {
            bool child = evaluate(node->children[i], values);

            value = node->kind == SIGMA_AND ? value && child : value || child;
        }
        return value;
    case SIGMA_TRUE:
    case SIGMA_FALSE:
        break;
    }
    return node->kind == SIGMA_TRUE;
}

static void random_expression(struct hn_buf *out, unsigned *seed, int depth)
{
    *seed = *seed * 1103515245u + 12345u;
    switch (depth == 0 ? 0 : *seed >> 16 & 3) {
    case 1:
        hn_buf_add_lit(out, "not ");
        random_expression(out, seed, depth - 1);
        break;
    case 2:
        hn_buf_add_lit(out, "(");
        random_expression(out, seed, depth - 1);
        hn_buf_add_lit(out, ")");
        break;
    case 3:
        random_expression(out, seed, depth - 1);
        hn_buf_add_cstr(out, (*seed >> 20 & 1) != 0 ? " and " : " or ");
        random_expression(out, seed, depth - 1);
        break;
    default:
        hn_buf_add_char(out, (char)('a' + (*seed >> 18) % 3));
        break;
    }
}

/* Every truth assignment gives the same for the loaded tree and for a reading by recursion. */
static void random_conditions_mean_the_same(void **state)
{
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 400; round++) {
        struct hn_buf text = { 0 };
        struct sigma_set *set;

        random_expression(&text, &seed, 6);
        hn_buf_add_char(&text, '\0');
        set = load_condition(text.ptr);
        assert_int_equal(set->rule_count, 1);
        for (unsigned bits = 0; bits < 8; bits++) {
            struct truth t = { text.ptr, { bits & 1, bits >> 1 & 1, bits >> 2 & 1 } };
            bool expected = read_or(&t);

            assert_int_equal(evaluate(set->rules[0].condition, t.values), expected);
        }
        sigma_set_unref(set);
        hn_buf_deinit(&text);
    }
}

/* Nesting, length and ways to choose have their limits, and reaching one harms nothing else. */
static void limits_hold(void **state)
{
    struct hn_buf text = { 0 };
    struct sigma_set *set;

    (void)state;
    hn_buf_add_repeat(&text, '(', 64);
    hn_buf_add_char(&text, 'a');
    hn_buf_add_repeat(&text, ')', 64);
    hn_buf_add_char(&text, '\0');
    expect_names(text.ptr, "a");
    hn_buf_reset(&text);
    hn_buf_add_repeat(&text, '(', 65);
    hn_buf_add_char(&text, 'a');
    hn_buf_add_repeat(&text, ')', 65);
    hn_buf_add_char(&text, '\0');
    set = load_condition(text.ptr);
    assert_non_null(find_issue(set, "too-large"));
    sigma_set_unref(set);
    hn_buf_reset(&text);
    hn_buf_add_char(&text, 'a');
    for (int i = 0; i < 10000; i++)
        hn_buf_add_lit(&text, " or a");
    hn_buf_add_char(&text, '\0');
    set = load_condition(text.ptr);
    assert_int_equal(set->rule_count, 1);
    assert_int_equal(set->rules[0].condition->count, 10001);
    sigma_set_unref(set);
    for (int i = 0; i < 5000; i++) {
        text.len--;
        hn_buf_add_lit(&text, " or a");
        hn_buf_add_char(&text, '\0');
    }
    set = load_condition(text.ptr);
    assert_non_null(find_issue(set, "too-large"));
    sigma_set_unref(set);

    hn_buf_reset(&text);
    hn_buf_add_cstr(&text, RULE(""));
    for (int i = 0; i < 40; i++)
        hn_buf_addf(&text, "    s%d: {f: %d}\n", i, i);
    hn_buf_add_cstr(&text, "    condition: 20 of s*\n");
    hn_buf_add_char(&text, '\0');
    expect_rejected(text.ptr, "too-large");
    hn_buf_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_bind_as_specified),
        cmocka_unit_test(selectors_choose_selections),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(detections_have_structure),
        cmocka_unit_test(conditions_are_joined),
        cmocka_unit_test(random_conditions_mean_the_same),
        cmocka_unit_test(limits_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
