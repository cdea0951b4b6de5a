/* trial_regression.c - SigmaHQ's info.yml: which rule must fire on which file, and how often. */
#include "trial/trial.h"
#include "trial/trial_yaml.h"

enum hn_status trial_wrong(struct hn_yaml_ref ref, struct hn_err *err, const char *reason)
{
    const struct hn_yaml_node *node = hn_yaml_node(ref);

    return hn_fail_at(err, HN_SYNTAX, node->line, node->column, "%s", reason);
}

bool trial_texts(struct hn_arena *arena, struct hn_yaml_ref list, struct sigma_texts *ret_texts)
{
    struct hn_yaml_iter iter = hn_yaml_children(list);
    struct hn_text *texts = hn_new(arena, struct hn_text, hn_yaml_count(list));
    struct hn_yaml_ref item;
    uint32_t count = 0;

    if (texts == NULL)
        return false;
    while (hn_yaml_next(&iter, &item))
        texts[count++] = hn_yaml_text(item);
    *ret_texts = (struct sigma_texts){ texts, count };
    return true;
}

static enum hn_status read_rules(struct hn_arena *arena, struct hn_yaml_ref list,
        struct sigma_texts *ret_ids, struct hn_err *err)
{
    struct hn_yaml_iter iter = hn_yaml_children(list);
    struct hn_yaml_ref item;

    ret_ids->ptr = hn_new(arena, struct hn_text, hn_yaml_count(list));
    if (ret_ids->ptr == NULL)
        return hn_fail(err, HN_NOMEM, 0, "info.yml");
    while (hn_yaml_next(&iter, &item)) {
        struct hn_text id = hn_yaml_text(hn_yaml_get(item, HN_TEXT("id")));

        if (id.len == 0)
            return trial_wrong(item, err, "rule_metadata needs an id");
        ret_ids->ptr[ret_ids->count++] = id;
    }
    return HN_OK;
}

static enum hn_status read_test(
        struct hn_yaml_ref ref, struct trial_regression_test *test, struct hn_err *err)
{
    struct hn_yaml_ref count = hn_yaml_get(ref, HN_TEXT("match_count"));

    test->line = hn_yaml_node(ref)->line;
    test->name = hn_yaml_text(hn_yaml_get(ref, HN_TEXT("name")));
    test->type = hn_yaml_text(hn_yaml_get(ref, HN_TEXT("type")));
    test->path = hn_yaml_text(hn_yaml_get(ref, HN_TEXT("path")));
    test->match_count = 1; /* where it is left out, the rule still has to fire */
    if (test->path.len == 0)
        return trial_wrong(ref, err, "a regression test needs a path");
    if (count.yaml != NULL && !hn_yaml_u64(count, &test->match_count))
        return trial_wrong(count, err, "match_count must be a number");
    return HN_OK;
}

enum hn_status trial_regression_read(struct hn_arena *arena, struct hn_yaml_ref root,
        struct trial_regression *ret_regression, struct hn_err *err)
{
    struct hn_yaml_ref tests = hn_yaml_get(root, HN_TEXT("regression_tests_info"));
    struct hn_yaml_ref rules = hn_yaml_get(root, HN_TEXT("rule_metadata"));
    struct hn_yaml_iter iter = hn_yaml_children(tests);
    struct hn_yaml_ref item;
    enum hn_status status;

    memset(ret_regression, 0, sizeof *ret_regression);
    if (!hn_yaml_is(tests, HN_YAML_LIST) || !hn_yaml_is(rules, HN_YAML_LIST))
        return HN_NOTFOUND;
    status = read_rules(arena, rules, &ret_regression->rule_ids, err);
    ret_regression->tests = hn_new(arena, struct trial_regression_test, hn_yaml_count(tests));
    if (status == HN_OK && ret_regression->tests == NULL)
        status = hn_fail(err, HN_NOMEM, 0, "info.yml");
    while (status == HN_OK && hn_yaml_next(&iter, &item))
        status = read_test(item, &ret_regression->tests[ret_regression->test_count++], err);
    return status;
}
