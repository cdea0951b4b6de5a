/* judge_set.c - rules, correlations and indicators that judge together. */
#include "judge/judge_internal.h"

#include "base/mem.h"

#define MAPPING_BYTES_MAX ((size_t)64 << 20) /* names of mappings, numbers of rules */

static bool copy_mappings(struct judge_set *set, const struct judge_set_options *options)
{
    size_t rules = match_set(options->snapshot)->rule_count;

    set->mappings = hn_new(&set->arena, struct judge_mapping, options->mapping_count + 1);
    if (options->rule_of != NULL) {
        set->rule_of = hn_new(&set->arena, uint32_t, rules + 1);
        if (set->rule_of != NULL)
            memcpy(set->rule_of, options->rule_of, rules * sizeof *set->rule_of);
    }
    for (size_t i = 0; set->mappings != NULL && i < options->mapping_count; i++) {
        set->mappings[i].name = hn_arena_text(&set->arena, options->mappings[i].name);
        set->mappings[i].set = judge_set_ref(options->mappings[i].set);
        set->mapping_count++;
    }
    return hn_arena_status(&set->arena) == HN_OK;
}

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
    hn_arena_init(&set->arena, MAPPING_BYTES_MAX);
    if (copy_mappings(set, options))
        return set;
    set->plan = NULL; /* still the caller's */
    judge_set_unref(set);
    return NULL;
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
    for (size_t i = 0; i < set->mapping_count; i++)
        judge_set_unref(set->mappings[i].set); /* it has none of its own: no deeper */
    hn_arena_deinit(&set->arena);
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

bool judge_set_has_iocs(const struct judge_set *set)
{
    return set->iocs != NULL;
}

struct hn_digest judge_set_digest(const struct judge_set *set)
{
    return set->digest;
}

struct judge_set *judge_set_mapped(const struct judge_set *set, struct hn_text name)
{
    for (size_t i = 0; i < set->mapping_count; i++) {
        if (hn_text_eq(set->mappings[i].name, name))
            return set->mappings[i].set;
    }
    return NULL;
}
