/* cover.c - what a rule cannot fire without: a cover of predicates, and event ids.
 *
 * An AND is covered by the cheapest cover of a child, an OR by the covers of all children together.
 * Cheap means: ordinary events seldom have it. */
#include "match/match_internal.h"

bool predicate_indexable(const struct match_snapshot *snapshot, uint32_t number)
{
    const struct predicate *predicate = &snapshot->predicates.ptr[number];

    if (predicate->field == HN_FIELD_NONE || predicate->time_part != SIGMA_TIME_NONE)
        return false;
    for (uint32_t i = 0; i < predicate->atom_count; i++) {
        if (snapshot->atoms.ptr[predicate->first_atom + i].index_literal.len == 0)
            return false;
    }
    return true;
}

/* Values of these fields are long: reading them whole costs more than looking at some more rules,
 * so a rule waits for something else if it can. */
static bool is_long_field(struct hn_text name)
{
    static const struct hn_text names[] = { HN_TEXT_INIT("CallTrace"), HN_TEXT_INIT("Message"),
        HN_TEXT_INIT("ContextInfo"), HN_TEXT_INIT("Payload"), HN_TEXT_INIT("ScriptBlockText"),
        HN_TEXT_INIT("Data") };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (hn_text_eq(names[i], name))
            return true;
    }
    return false;
}

static uint64_t index_cost(const struct match_snapshot *snapshot, const struct predicate *predicate)
{
    uint64_t cost = 0;
    bool inside = false;

    if (predicate->field == HN_FIELD_CHANNEL || predicate->field == HN_FIELD_PROVIDER_NAME)
        return 20000; /* true for every event of the part */
    if (predicate->field == HN_FIELD_EVENT_TYPE)
        cost = 2000; /* few values, and rules name the ordinary ones */
    for (uint32_t i = 0; i < predicate->atom_count; i++) {
        const struct atom *atom = &snapshot->atoms.ptr[predicate->first_atom + i];

        cost += 1 + (uint64_t)literal_commonness(atom->index_literal) * 10;
        cost += atom->verify ? 2 : 0;
        inside = inside || atom->index_anchor == LITERAL_INSIDE;
    }
    if (inside && is_long_field(hn_schema_name(snapshot->schema, predicate->field)))
        cost += 500;
    return cost;
}

static enum hn_status leaf_cover(
        struct match_snapshot *snapshot, const struct tree *tree, struct cover *ret)
{
    const struct predicate *predicate = &snapshot->predicates.ptr[tree->predicate];

    memset(ret, 0, sizeof *ret);
    ret->kind = COVER_ALWAYS;
    ret->cost = 1000000;
    if (tree->negated)
        return HN_OK;
    if (predicate_indexable(snapshot, tree->predicate)) {
        ret->kind = COVER_INDEX;
        ret->cost = index_cost(snapshot, predicate);
    } else if (predicate->field == HN_FIELD_NONE) {
        ret->kind = COVER_KEYWORD;
        ret->cost = 3000;
    } else if (predicate->needs_presence) {
        ret->kind = COVER_PRESENCE;
        ret->cost = 50000;
    }
    if (ret->kind == COVER_ALWAYS)
        return HN_OK;
    ret->predicates = hn_new(&snapshot->arena, uint32_t, 1);
    if (ret->predicates == NULL)
        return hn_arena_status(&snapshot->arena);
    ret->predicates[0] = tree->predicate;
    ret->count = 1;
    return HN_OK;
}

/* Both together. Of different kinds the weaker counts: a mixture is looked at always, unless all
 * that is mixed needs a field to be there. */
static enum hn_status join(struct match_snapshot *snapshot, struct cover *a, const struct cover *b)
{
    uint32_t *both;

    if (b->kind == COVER_NEVER)
        return HN_OK;
    if (a->kind == COVER_NEVER) {
        *a = *b;
        return HN_OK;
    }
    if (a->kind != b->kind) {
        a->kind = COVER_ALWAYS;
        a->cost = 1000000;
        a->count = 0;
        return HN_OK;
    }
    both = hn_new(&snapshot->arena, uint32_t, (size_t)a->count + b->count);
    if (both == NULL)
        return hn_arena_status(&snapshot->arena);
    if (a->count > 0)
        memcpy(both, a->predicates, a->count * sizeof *both);
    if (b->count > 0)
        memcpy(both + a->count, b->predicates, b->count * sizeof *both);
    a->predicates = both;
    a->count += b->count;
    a->cost += b->cost;
    return HN_OK;
}

enum hn_status cover_find(
        struct match_snapshot *snapshot, const struct tree *tree, struct cover *ret_cover)
{
    enum hn_status status = HN_OK;

    if (tree->kind == SIGMA_ITEM)
        return leaf_cover(snapshot, tree, ret_cover);
    memset(ret_cover, 0, sizeof *ret_cover);
    ret_cover->kind =
            tree->kind == SIGMA_OR || tree->kind == SIGMA_FALSE ? COVER_NEVER : COVER_ALWAYS;
    ret_cover->cost = ret_cover->kind == COVER_ALWAYS ? 1000000 : 0;
    for (uint32_t i = 0; status == HN_OK && i < tree->count; i++) {
        struct cover child;

        status = cover_find(snapshot, tree->children[i], &child);
        if (status != HN_OK)
            break;
        if (tree->kind == SIGMA_OR)
            status = join(snapshot, ret_cover, &child);
        else if (child.cost < ret_cover->cost)
            *ret_cover = child;
    }
    return status;
}

/* ---- Event ids ---------------------------------------------------------------------------------
 */

static bool atom_event_id(const struct atom *atom, uint32_t *ret_id)
{
    const struct sigma_number *number = &atom->value->as.number;
    uint32_t id = 0;

    if (atom->kind == ATOM_NUMBER && number->is_integer && !number->is_bool && !number->negative &&
            number->magnitude < UINT32_MAX) {
        *ret_id = (uint32_t)number->magnitude;
        return true;
    }
    if (atom->kind != ATOM_WHOLE || atom->literal.len == 0 || atom->literal.len > 9 ||
            (atom->literal.ptr[0] == '0' && atom->literal.len > 1))
        return false;
    for (size_t i = 0; i < atom->literal.len; i++) {
        if (atom->literal.ptr[i] < '0' || atom->literal.ptr[i] > '9')
            return false;
        id = id * 10 + (uint32_t)(atom->literal.ptr[i] - '0');
    }
    *ret_id = id;
    return true;
}

static enum hn_status leaf_ids(
        struct match_snapshot *snapshot, const struct tree *tree, struct id_set *ret)
{
    const struct predicate *predicate = &snapshot->predicates.ptr[tree->predicate];

    memset(ret, 0, sizeof *ret);
    ret->any = true;
    if (tree->negated || predicate->field != HN_FIELD_EVENT_ID ||
            predicate->time_part != SIGMA_TIME_NONE)
        return HN_OK;
    ret->ids = hn_new(&snapshot->arena, uint32_t, predicate->atom_count);
    if (ret->ids == NULL)
        return hn_arena_status(&snapshot->arena);
    for (uint32_t i = 0; i < predicate->atom_count; i++) {
        const struct atom *atom = &snapshot->atoms.ptr[predicate->first_atom + i];

        if (!atom_event_id(atom, &ret->ids[i]))
            return HN_OK;
    }
    ret->count = predicate->atom_count;
    ret->any = false;
    return HN_OK;
}

static enum hn_status add_ids(
        struct match_snapshot *snapshot, struct id_set *a, const struct id_set *b)
{
    uint32_t *both;

    if (a->any || b->any) {
        a->any = true;
        return HN_OK;
    }
    both = hn_new(&snapshot->arena, uint32_t, (size_t)a->count + b->count);
    if (both == NULL)
        return hn_arena_status(&snapshot->arena);
    if (a->count > 0)
        memcpy(both, a->ids, a->count * sizeof *both);
    if (b->count > 0)
        memcpy(both + a->count, b->ids, b->count * sizeof *both);
    a->ids = both;
    a->count += b->count;
    return HN_OK;
}

enum hn_status cover_event_ids(
        struct match_snapshot *snapshot, const struct tree *tree, struct id_set *ret_ids)
{
    enum hn_status status = HN_OK;

    if (tree->kind == SIGMA_ITEM)
        return leaf_ids(snapshot, tree, ret_ids);
    memset(ret_ids, 0, sizeof *ret_ids);
    ret_ids->any = tree->kind != SIGMA_OR && tree->kind != SIGMA_FALSE;
    for (uint32_t i = 0; status == HN_OK && i < tree->count; i++) {
        struct id_set child;

        status = cover_event_ids(snapshot, tree->children[i], &child);
        if (status != HN_OK)
            break;
        if (tree->kind == SIGMA_OR)
            status = add_ids(snapshot, ret_ids, &child);
        else if (!child.any && (ret_ids->any || child.count < ret_ids->count))
            *ret_ids = child;
    }
    return status;
}
