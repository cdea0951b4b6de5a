/* plan.c - which rules an event has to meet: groups by log source, parts by event id.
 *
 * Rules of one log source form a group. Where rules name the event ids they are about, the group is
 * divided, so that an event meets only the rules for its own id. */
#include "match/match_internal.h"

#include <stdlib.h>

static bool same_source(const struct hn_logsource *a, const struct hn_logsource *b)
{
    return hn_text_eq(a->product, b->product) && hn_text_eq(a->category, b->category) &&
           hn_text_eq(a->service, b->service);
}

static enum hn_status find_group(struct match_snapshot *snapshot, uint32_t rule)
{
    const struct hn_logsource *logsource = &snapshot->set->rules[rule].logsource;
    struct group *group;

    for (uint32_t i = 0; i < snapshot->groups.count; i++) {
        if (same_source(&snapshot->groups.ptr[i].logsource, logsource)) {
            snapshot->groups.ptr[i].rule_count++;
            snapshot->rules[rule].group = i;
            return HN_OK;
        }
    }
    group = hn_vec_add(&snapshot->groups);
    if (group == NULL)
        return HN_NOMEM;
    group->logsource = *logsource;
    group->rule_count = 1;
    group->default_part = NONE;
    group->full_part = NONE;
    snapshot->rules[rule].group = (uint32_t)(snapshot->groups.count - 1);
    return HN_OK;
}

static enum hn_status make_groups(struct match_snapshot *snapshot)
{
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; status == HN_OK && i < snapshot->set->rule_count; i++) {
        snapshot->rules[i].group = NONE;
        if (snapshot->rules[i].enabled && snapshot->rules[i].cover.kind != COVER_NEVER)
            status = find_group(snapshot, i);
    }
    for (size_t g = 0; status == HN_OK && g < snapshot->groups.count; g++) {
        struct group *group = &snapshot->groups.ptr[g];

        group->rules = hn_new(&snapshot->arena, uint32_t, group->rule_count);
        if (group->rules == NULL)
            return hn_arena_status(&snapshot->arena);
        group->rule_count = 0;
    }
    for (uint32_t i = 0; status == HN_OK && i < snapshot->set->rule_count; i++) {
        uint32_t g = snapshot->rules[i].group;

        if (g != NONE) {
            struct group *group = &snapshot->groups.ptr[g];

            group->rules[group->rule_count++] = i;
        }
    }
    return status;
}

/* ---- Event ids ---- */

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static bool among(const struct id_set *set, uint32_t id)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->ids[i] == id)
            return true;
    }
    return false;
}

/* The part of the group's rules that accept an event id (NONE: any other id). */
static enum hn_status part_for_id(struct match_snapshot *snapshot, const struct group *group,
        const struct id_set *sets, uint32_t id, uint32_t *ret_part)
{
    uint32_t *rules = hn_new(&snapshot->arena, uint32_t, group->rule_count);
    uint32_t count = 0;

    if (rules == NULL)
        return hn_arena_status(&snapshot->arena);
    for (uint32_t i = 0; i < group->rule_count; i++) {
        if (sets[i].any || (id != NONE && among(&sets[i], id)))
            rules[count++] = group->rules[i];
    }
    *ret_part = NONE;
    return count == 0 ? HN_OK : part_build(snapshot, rules, count, ret_part);
}

/* All ids that some rule of the group names, ascending, each once. */
static enum hn_status all_ids(struct match_snapshot *snapshot, const struct id_set *sets,
        uint32_t rules, uint32_t **ret_ids, uint32_t *ret_count)
{
    uint32_t room = 0;
    uint32_t count = 0;
    uint32_t unique = 0;
    uint32_t *ids;

    for (uint32_t i = 0; i < rules; i++)
        room += sets[i].any ? 0 : sets[i].count;
    ids = hn_new(&snapshot->arena, uint32_t, room);
    if (ids == NULL)
        return hn_arena_status(&snapshot->arena);
    for (uint32_t i = 0; i < rules; i++) {
        for (uint32_t k = 0; !sets[i].any && k < sets[i].count; k++)
            ids[count++] = sets[i].ids[k];
    }
    if (count > 0)
        qsort(ids, count, sizeof *ids, by_number);
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || ids[i] != ids[i - 1])
            ids[unique++] = ids[i];
    }
    *ret_ids = ids;
    *ret_count = unique;
    return HN_OK;
}

static enum hn_status divide_group(struct match_snapshot *snapshot, struct group *group)
{
    struct id_set *sets = hn_new(&snapshot->arena, struct id_set, group->rule_count);
    enum hn_status status = HN_OK;
    uint32_t *ids = NULL;
    uint32_t count = 0;

    if (sets == NULL)
        return hn_arena_status(&snapshot->arena);
    for (uint32_t i = 0; status == HN_OK && i < group->rule_count; i++)
        status = cover_event_ids(snapshot, snapshot->rules[group->rules[i]].tree, &sets[i]);
    if (status == HN_OK)
        status = all_ids(snapshot, sets, group->rule_count, &ids, &count);
    if (status == HN_OK)
        status = part_for_id(snapshot, group, sets, NONE, &group->default_part);
    if (status != HN_OK)
        return status;
    if (count == 0) {
        group->full_part = group->default_part;
        return HN_OK;
    }
    status = part_build(snapshot, group->rules, group->rule_count, &group->full_part);
    group->by_id = hn_new(&snapshot->arena, struct id_part, count);
    if (group->by_id == NULL)
        return hn_arena_status(&snapshot->arena);
    group->by_id_count = count;
    for (uint32_t i = 0; status == HN_OK && i < count; i++) {
        group->by_id[i].event_id = ids[i];
        status = part_for_id(snapshot, group, sets, ids[i], &group->by_id[i].part);
    }
    return status;
}

/* ---- Resident predicates ---- */

/* Longer lists are cheaper to look up than to walk. */
#define WALK_ATOMS_MAX 4u

static void decide_residents(struct match_snapshot *snapshot)
{
    for (uint32_t i = 0; i < snapshot->predicates.count; i++) {
        struct predicate *predicate = &snapshot->predicates.ptr[i];

        predicate->resident =
                predicate->atom_count > WALK_ATOMS_MAX && predicate_indexable(snapshot, i);
    }
    for (uint32_t i = 0; i < snapshot->set->rule_count; i++) {
        const struct cover *cover = &snapshot->rules[i].cover;

        for (uint32_t k = 0; cover->kind == COVER_INDEX && k < cover->count; k++)
            snapshot->predicates.ptr[cover->predicates[k]].resident = true;
    }
}

enum hn_status plan_make(struct match_snapshot *snapshot, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; status == HN_OK && i < snapshot->set->rule_count; i++) {
        if (snapshot->rules[i].enabled)
            status = cover_find(snapshot, snapshot->rules[i].tree, &snapshot->rules[i].cover);
    }
    if (status == HN_OK) {
        decide_residents(snapshot);
        status = keyword_words_make(snapshot);
    }
    for (uint32_t i = 0; status == HN_OK && i < snapshot->set->rule_count; i++) {
        if (snapshot->rules[i].enabled)
            status = compile_program(snapshot, i);
    }
    if (status == HN_OK)
        status = make_groups(snapshot);
    for (size_t g = 0; status == HN_OK && g < snapshot->groups.count; g++)
        status = divide_group(snapshot, &snapshot->groups.ptr[g]);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "compiled rules need too much memory");
    return HN_OK;
}

void plan_free(struct match_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->parts.count; i++)
        part_free(&snapshot->parts.ptr[i]);
    keyword_words_free(snapshot);
}
