/* judge_set.c - rules, correlations and indicators that judge together. */
#include "judge/judge_internal.h"

#include "base/mem.h"

struct judge_set *judge_set_new(const struct judge_set_options *options)
{
    struct judge_set *set = hn_calloc(1, sizeof *set);

    if (set == NULL)
        return NULL;
    set->snapshot = match_snapshot_ref(options->snapshot);
    set->plan = options->plan;
    set->iocs = options->iocs == NULL ? NULL : ioc_set_ref(options->iocs);
    set->level_min = options->level_min;
    set->digest = options->digest;
    set->references = 1;
    return set;
}

struct judge_set *judge_set_ref(struct judge_set *set)
{
    atomic_fetch_add(&set->references, 1);
    return set;
}

void judge_set_unref(struct judge_set *set)
{
    if (set == NULL || atomic_fetch_sub(&set->references, 1) != 1)
        return;
    correlate_plan_free(set->plan); /* before the rules it borrows */
    match_snapshot_unref(set->snapshot);
    ioc_set_unref(set->iocs);
    hn_free(set);
}

const struct hn_schema *judge_set_schema(const struct judge_set *set)
{
    return match_schema(set->snapshot);
}

const struct sigma_set *judge_set_rules(const struct judge_set *set)
{
    return match_set(set->snapshot);
}

const struct correlate_plan *judge_set_plan(const struct judge_set *set)
{
    return set->plan;
}

struct hn_digest judge_set_digest(const struct judge_set *set)
{
    return set->digest;
}
