/* info.c - how a rule was compiled, for people who wonder what it costs. */
#include "match/match_internal.h"

#include <assert.h>

#define ITEM_DEPTH 4u /* an item may become a small tree of its own: see compile_item() */

const char *match_wait_text(enum match_wait wait)
{
    static const char *const texts[] = {
#define WAIT_TEXT(name, text) [name] = (text),
        MATCH_WAIT_LIST(WAIT_TEXT)
#undef WAIT_TEXT
    };

    return texts[wait];
}

static enum match_wait wait_of(enum cover_kind kind)
{
    switch (kind) {
    case COVER_NEVER:
        return MATCH_WAIT_NEVER;
    case COVER_INDEX:
        return MATCH_WAIT_LITERAL;
    case COVER_KEYWORD:
        return MATCH_WAIT_KEYWORD;
    case COVER_PRESENCE:
        return MATCH_WAIT_PRESENCE;
    case COVER_ALWAYS:
        break;
    }
    return MATCH_WAIT_NOTHING;
}

static void count_predicate(const struct match_snapshot *snapshot,
        const struct predicate *predicate, struct match_rule_info *info)
{
    for (uint32_t i = 0; i < predicate->atom_count; i++) {
        const struct atom *atom = &snapshot->atoms.ptr[predicate->first_atom + i];

        info->comparisons++;
        info->literals += atom->index_literal.len > 0;
        info->regexes += atom->kind == ATOM_REGEX;
        info->keywords += predicate->field == HN_FIELD_NONE;
    }
}

struct match_rule_info match_rule_info(const struct match_snapshot *snapshot, uint32_t rule)
{
    const struct compiled_rule *compiled = &snapshot->rules[rule];
    struct match_rule_info info = { .wait = MATCH_WAIT_NEVER };
    struct {
        const struct tree *tree;
        uint32_t next;
    } frames[SIGMA_TREE_DEPTH_MAX + ITEM_DEPTH];
    uint32_t depth = 0;

    if (!compiled->enabled || compiled->tree == NULL)
        return info;
    info.wait = wait_of(compiled->cover.kind);
    info.commonness = compiled->cover.cost;
    for (uint32_t i = 0; i < compiled->cover.count; i++)
        info.waits += snapshot->predicates.ptr[compiled->cover.predicates[i]].atom_count;
    frames[depth].tree = compiled->tree;
    frames[depth++].next = 0;
    while (depth > 0) {
        const struct tree *tree = frames[depth - 1].tree;

        if (tree->kind == SIGMA_ITEM)
            count_predicate(snapshot, &snapshot->predicates.ptr[tree->predicate], &info);
        if (frames[depth - 1].next == tree->count) {
            depth--;
            continue;
        }
        assert(depth < HN_COUNT_OF(frames));
        frames[depth].tree = tree->children[frames[depth - 1].next++];
        frames[depth++].next = 0;
    }
    return info;
}
