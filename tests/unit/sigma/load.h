/* load.h - rules from text in tests: load, compare with an expected dump. */
#ifndef HN_TESTS_UNIT_SIGMA_LOAD_H
#define HN_TESTS_UNIT_SIGMA_LOAD_H

#include "sigma/sigma.h"
#include "support/sigma_dump.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* A document around a detection section, whose lines are given with their indentation of four. */
#define RULE(detection)                                                            \
    "title: t\nid: 11111111-1111-4111-8111-111111111111\nlevel: low\nlogsource:\n" \
    "    product: windows\n    service: security\ndetection:\n" detection

HN_UNUSED static struct sigma_set *load_with(
        const struct sigma_options *options, const char *yaml, const char *pipeline)
{
    struct sigma_loader *loader = sigma_loader_new(options);
    struct sigma_set *set = NULL;
    struct hn_err err = { 0 };

    assert_non_null(loader);
    if (pipeline != NULL) {
        assert_int_equal(
                sigma_loader_add_pipeline(loader, HN_TEXT("p.yml"), hn_text_cstr(pipeline), &err),
                HN_OK);
    }
    assert_int_equal(
            sigma_loader_add_text(loader, HN_TEXT("r.yml"), hn_text_cstr(yaml), &err), HN_OK);
    assert_int_equal(sigma_loader_finish(loader, &set, &err), HN_OK);
    sigma_loader_free(loader);
    return set;
}

HN_UNUSED static struct sigma_set *load(const char *yaml)
{
    return load_with(NULL, yaml, NULL);
}

HN_UNUSED static void print_issues(const struct sigma_set *set)
{
    for (uint32_t i = 0; i < set->issue_count; i++) {
        print_error("issue %u:%u %.*s: %.*s\n", set->issues[i].place.line,
                set->issues[i].place.column, HN_TEXT_ARG(set->issues[i].code),
                HN_TEXT_ARG(set->issues[i].message));
    }
}

HN_UNUSED static void expect_dump(const struct sigma_set *set, const char *expected)
{
    struct hn_buf out = { 0 };

    dump_set(&out, set);
    hn_buf_add_char(&out, '\0');
    assert_true(hn_buf_ok(&out));
    if (strcmp(out.ptr, expected) != 0)
        print_issues(set);
    assert_string_equal(out.ptr, expected);
    hn_buf_deinit(&out);
}

/* The one rule's condition. */
HN_UNUSED static void expect_condition(const struct sigma_set *set, const char *expected)
{
    struct hn_buf out = { 0 };

    if (set->rule_count != 1)
        print_issues(set);
    assert_int_equal(set->rule_count, 1);
    dump_condition(&out, set->rules[0].condition);
    hn_buf_add_char(&out, '\0');
    assert_string_equal(out.ptr, expected);
    hn_buf_deinit(&out);
}

HN_UNUSED static const struct sigma_issue *find_issue(const struct sigma_set *set, const char *code)
{
    for (uint32_t i = 0; i < set->issue_count; i++) {
        if (hn_text_eq(set->issues[i].code, hn_text_cstr(code)))
            return &set->issues[i];
    }
    return NULL;
}

/* No rule was loaded, and this is why. */
HN_UNUSED static void expect_rejected(const char *yaml, const char *code)
{
    struct sigma_set *set = load(yaml);
    const struct sigma_issue *issue = find_issue(set, code);

    if (issue == NULL)
        print_issues(set);
    assert_non_null(issue);
    assert_int_equal(issue->severity, SIGMA_REJECTED);
    assert_int_equal(set->rule_count, 0);
    sigma_set_unref(set);
}

#endif
