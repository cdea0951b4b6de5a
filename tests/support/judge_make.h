/* judge_make.h - a set that judges, out of the text of its rules. For tests that link judge. */
#ifndef TESTS_SUPPORT_JUDGE_MAKE_H
#define TESTS_SUPPORT_JUDGE_MAKE_H

#include "judge/judge.h"
#include "support/check.h"

HN_UNUSED static enum hn_status judge_make_bind(void *ctx, struct hn_schema *schema)
{
    return correlate_plan_bind(ctx, schema);
}

/* No rule may be rejected. iocs may be NULL; the set takes a reference. */
HN_UNUSED static struct judge_set *judge_make(
        const char *rules, struct ioc_set *iocs, struct hn_digest digest)
{
    struct sigma_loader *loader = sigma_loader_new(NULL);
    struct match_options match = { .want_context = true, .on_schema = judge_make_bind };
    struct judge_set_options options = { .iocs = iocs, .digest = digest };
    struct sigma_set *rules_set = NULL;
    struct judge_set *set;

    assert_int_equal(
            sigma_loader_add_text(loader, HN_TEXT("r.yml"), hn_text_cstr(rules), NULL), HN_OK);
    assert_int_equal(sigma_loader_finish(loader, &rules_set, NULL), HN_OK);
    sigma_loader_free(loader);
    for (uint32_t i = 0; i < rules_set->issue_count; i++) {
        if (rules_set->issues[i].severity == SIGMA_REJECTED)
            fail_msg("%.*s", HN_TEXT_ARG(rules_set->issues[i].message));
    }
    assert_int_equal(correlate_plan_new(rules_set, NULL, &options.plan, NULL), HN_OK);
    match.ctx = options.plan;
    assert_int_equal(match_snapshot_new(rules_set, &match, &options.snapshot, NULL), HN_OK);
    set = judge_set_new(&options);
    assert_non_null(set);
    match_snapshot_unref(options.snapshot);
    sigma_set_unref(rules_set);
    return set;
}

#endif
