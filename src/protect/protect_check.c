/* protect_check.c - whether rules that were written are good enough to be offered: they compile,
 * their own tests hold, and nothing harmless sets them off. */
#include "base/yaml.h"
#include "protect/protect_internal.h"
#include "scan/scan.h"
#include "trial/trial.h"

static void hold(struct protect_rules *rules, struct protect_rule *rule, const char *why,
        struct hn_text detail)
{
    struct hn_buf text = { 0 };

    if (rule->held.len > 0)
        return;
    hn_buf_add_cstr(&text, why);
    hn_buf_add_lit(&text, ": ");
    hn_buf_add_text(&text, detail);
    rule->held = hn_arena_text(&rules->arena, hn_buf_text(&text));
    if (rule->held.ptr == NULL)
        rule->held = HN_TEXT("out of memory");
    hn_buf_deinit(&text);
}

/* A set of the rules that are not held. */
static enum hn_status load(const struct protect_rule *list, size_t count,
        struct sigma_set **ret_set, struct hn_err *err)
{
    struct sigma_loader *loader = sigma_loader_new(NULL);
    enum hn_status status = loader == NULL ? HN_NOMEM : HN_OK;

    for (size_t i = 0; status == HN_OK && i < count; i++) {
        if (list[i].held.len == 0)
            status = sigma_loader_add_text(loader, list[i].file, list[i].yaml, err);
    }
    if (status == HN_OK)
        status = sigma_loader_finish(loader, ret_set, err);
    sigma_loader_free(loader);
    return status;
}

static enum hn_status run_tests(
        struct protect_rules *rules, struct protect_rule *rule, struct trial *trial)
{
    struct hn_arena arena;
    struct hn_yaml yaml;
    struct trial_sheet sheet;
    struct hn_err err = { 0 };
    enum hn_status status;

    hn_arena_init(&arena, (size_t)64 << 20);
    status = hn_yaml_parse(&arena, rule->yaml, NULL, &yaml, &err);
    if (status == HN_OK && yaml.document_count == 1)
        status = trial_sheet_read(&arena, hn_yaml_root(&yaml, 0), &sheet, &err);
    else if (status == HN_OK)
        status = HN_SYNTAX;
    for (uint32_t i = 0; status == HN_OK && i < sheet.case_count; i++) {
        bool fires;

        status = trial_run(trial, &sheet.cases[i], NULL, NULL, &err);
        if (status != HN_OK)
            break;
        fires = trial_rule_hits(trial, 0) > 0;
        if (fires != sheet.cases[i].fires)
            hold(rules, rule, "its own test does not hold", sheet.cases[i].name);
    }
    if (status != HN_OK && status != HN_NOMEM) {
        hold(rules, rule, "its tests cannot be run", hn_text_cstr(err.msg));
        status = HN_OK;
    }
    hn_arena_deinit(&arena);
    return status;
}

static enum hn_status check_one(struct protect_rules *rules, struct protect_rule *rule)
{
    struct sigma_set *set = NULL;
    struct trial *trial = NULL;
    struct hn_err err = { 0 };
    enum hn_status status = load(rule, 1, &set, &err);

    if (status == HN_OK && set->rule_count != 1) {
        hold(rules, rule, "does not compile",
                set->issue_count > 0 ? set->issues[0].message : HN_TEXT("no rule in it"));
    } else if (status == HN_OK) {
        status = trial_new(set, &trial, &err);
        if (status == HN_OK)
            status = run_tests(rules, rule, trial);
    }
    trial_free(trial);
    if (set != NULL)
        sigma_set_unref(set);
    return status;
}

enum hn_status protect_rules_check(struct protect_rules *rules, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (size_t i = 0; status == HN_OK && i < rules->count; i++)
        status = check_one(rules, &rules->rules[i]);
    return status == HN_OK ? HN_OK : hn_fail(err, status, 0, "rules could not be checked");
}

/* ---- On harmless logs ---- */

static struct judge_set *judge_of(struct sigma_set *set, struct hn_err *err)
{
    struct match_options match = { 0 };
    struct judge_set_options options = { 0 };
    struct judge_set *judge = NULL;

    if (match_snapshot_new(set, &match, &options.snapshot, err) == HN_OK)
        judge = judge_set_new(&options);
    match_snapshot_unref(options.snapshot);
    return judge;
}

static void count_hits(struct protect_rules *rules, struct alert_groups *groups)
{
    uint32_t count = 0;
    const struct alert_group *const *sorted = alert_groups_sorted(groups, &count);

    for (uint32_t i = 0; sorted != NULL && i < count; i++) {
        for (size_t k = 0; k < rules->count; k++) {
            struct protect_rule *rule = &rules->rules[k];

            if (!hn_text_eq(sorted[i]->meta->place.file, rule->file))
                continue;
            rule->goodware_hits += sorted[i]->count;
            hold(rules, rule, "fires on harmless events, for instance on",
                    sorted[i]->host.len > 0 ? sorted[i]->host : HN_TEXT("a host without a name"));
        }
    }
}

enum hn_status protect_rules_try(struct protect_rules *rules, const char *const *paths,
        size_t path_count, uint64_t *ret_events, struct hn_err *err)
{
    struct alert_groups_limits limits = alert_groups_limits_default;
    struct scan_options options = { .since = HN_TIME_NONE, .until = HN_TIME_NONE };
    struct scan_summary summary = { 0 };
    struct sigma_set *set = NULL;
    enum hn_status status = load(rules->rules, rules->count, &set, err);

    *ret_events = 0;
    limits.samples_max = 0;
    options.pipeline.inputs = paths;
    options.pipeline.input_count = path_count;
    options.groups = alert_groups_new(&limits);
    if (status == HN_OK && set->rule_count > 0) {
        options.set = judge_of(set, err);
        status = options.set == NULL || options.groups == NULL ? HN_NOMEM
                                                               : scan_run(&options, &summary, err);
        *ret_events = summary.totals.events;
    }
    if (status == HN_OK)
        count_hits(rules, options.groups);
    hn_free(summary.rules);
    alert_groups_free(options.groups);
    judge_set_unref(options.set);
    if (set != NULL)
        sigma_set_unref(set);
    return status;
}
