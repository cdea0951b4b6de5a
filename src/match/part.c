/* part.c - the indexes of one part: per field the literals that its rules' predicates need. */
#include "match/match_internal.h"

#include "base/mem.h"

#include <stdlib.h>

struct number_list {
    uint32_t *ptr;
    size_t count;
    size_t room;
};

/* A rule of the part that waits for a predicate. */
struct watch {
    uint32_t predicate;
    uint32_t rule;
};

/* A field index while it is filled. */
struct index_draft {
    hn_field field;
    bool witness; /* some rule waits for each of its predicates */
    HN_VEC(struct literal) literals;
    HN_VEC(struct index_entry) entries;
    struct number_list watchers;
};

struct part_draft {
    struct match_snapshot *snapshot;
    HN_VEC(struct index_draft) fields;
    struct number_list always;
    struct number_list keyword_rules;
    HN_VEC(struct presence) presence;
    HN_VEC(struct hn_text) words;
    bool keyword_always;
    HN_VEC(struct watch) watches; /* sorted by predicate once all are there */
    bool *present;                /* by predicate: has its literals in an index already */
};

static struct index_draft *draft_of(struct part_draft *draft, hn_field field, bool witness)
{
    struct index_draft *index;

    for (size_t i = 0; i < draft->fields.count; i++) {
        if (draft->fields.ptr[i].field == field && draft->fields.ptr[i].witness == witness)
            return &draft->fields.ptr[i];
    }
    index = hn_vec_add(&draft->fields);
    if (index != NULL) {
        index->field = field;
        index->witness = witness;
    }
    return index;
}

static bool watch(struct part_draft *draft, uint32_t predicate, uint32_t rule)
{
    struct watch *w = hn_vec_add(&draft->watches);

    if (w == NULL)
        return false;
    w->predicate = predicate;
    w->rule = rule;
    return true;
}

static bool push_number(struct number_list *list, uint32_t number)
{
    uint32_t *slot = hn_vec_add(list);

    if (slot == NULL)
        return false;
    *slot = number;
    return true;
}

static bool keyword_words(struct part_draft *draft, const struct cover *cover)
{
    const struct match_snapshot *snapshot = draft->snapshot;

    for (uint32_t k = 0; k < cover->count; k++) {
        const struct predicate *predicate = &snapshot->predicates.ptr[cover->predicates[k]];

        for (uint32_t i = 0; i < predicate->atom_count; i++) {
            struct hn_text word =
                    keyword_raw_word(snapshot->atoms.ptr[predicate->first_atom + i].index_literal);
            struct hn_text *slot;

            if (word.len < RAW_WORD_MIN) {
                draft->keyword_always = true;
                continue;
            }
            slot = hn_vec_add(&draft->words);
            if (slot == NULL)
                return false;
            *slot = word;
        }
    }
    return true;
}

/* How this part learns that a rule may fire. */
static bool add_cover(struct part_draft *draft, uint32_t rule)
{
    const struct cover *cover = &draft->snapshot->rules[rule].cover;
    bool ok = true;

    switch (cover->kind) {
    case COVER_NEVER:
        break;
    case COVER_ALWAYS:
        ok = push_number(&draft->always, rule);
        break;
    case COVER_INDEX:
        for (uint32_t k = 0; ok && k < cover->count; k++)
            ok = watch(draft, cover->predicates[k], rule);
        break;
    case COVER_KEYWORD:
        ok = push_number(&draft->keyword_rules, rule) && keyword_words(draft, cover);
        break;
    case COVER_PRESENCE:
        for (uint32_t k = 0; ok && k < cover->count; k++) {
            struct presence *presence = hn_vec_add(&draft->presence);

            ok = presence != NULL;
            if (ok) {
                presence->field = draft->snapshot->predicates.ptr[cover->predicates[k]].field;
                presence->rule = rule;
            }
        }
        break;
    }
    return ok;
}

static int by_predicate(const void *a, const void *b)
{
    const struct watch *x = a;
    const struct watch *y = b;

    if (x->predicate != y->predicate)
        return x->predicate < y->predicate ? -1 : 1;
    return (x->rule > y->rule) - (x->rule < y->rule);
}

/* The first of the sorted watches for a predicate, or the one behind where it would be. */
static size_t first_watch(const struct part_draft *draft, uint32_t predicate)
{
    size_t low = 0;
    size_t high = draft->watches.count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (draft->watches.ptr[mid].predicate < predicate)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static bool is_watched(const struct part_draft *draft, uint32_t predicate)
{
    size_t i = first_watch(draft, predicate);

    return i < draft->watches.count && draft->watches.ptr[i].predicate == predicate;
}

/* Enters the literals of every resident predicate below tree. */
static bool add_literals(struct part_draft *draft, const struct tree *tree)
{
    const struct match_snapshot *snapshot = draft->snapshot;
    const struct predicate *predicate;
    struct index_draft *index;

    for (uint32_t i = 0; i < tree->count; i++) {
        if (!add_literals(draft, tree->children[i]))
            return false;
    }
    if (tree->kind != SIGMA_ITEM || draft->present[tree->predicate] ||
            !snapshot->predicates.ptr[tree->predicate].resident)
        return true;
    draft->present[tree->predicate] = true;
    predicate = &snapshot->predicates.ptr[tree->predicate];
    index = draft_of(draft, predicate->field, is_watched(draft, tree->predicate));
    for (uint32_t i = 0; index != NULL && i < predicate->atom_count; i++) {
        uint32_t number = predicate->first_atom + i;
        struct literal *literal = hn_vec_add(&index->literals);
        struct index_entry *entry = hn_vec_add(&index->entries);

        if (literal == NULL || entry == NULL)
            return false;
        literal->text = snapshot->atoms.ptr[number].index_literal;
        literal->anchor = (enum literal_anchor)snapshot->atoms.ptr[number].index_anchor;
        entry->predicate = tree->predicate;
        entry->atom = number;
        entry->verify = snapshot->atoms.ptr[number].verify;
    }
    return index != NULL;
}

/* Gives the entries of one index the rules that wait for their predicates. */
static bool add_watchers(const struct part_draft *draft, struct index_draft *index)
{
    for (size_t e = 0; e < index->entries.count; e++) {
        struct index_entry *entry = &index->entries.ptr[e];

        if (e > 0 && index->entries.ptr[e - 1].predicate == entry->predicate) {
            entry->first_watcher = index->entries.ptr[e - 1].first_watcher;
            entry->watcher_count = index->entries.ptr[e - 1].watcher_count;
            continue;
        }
        entry->first_watcher = (uint32_t)index->watchers.count;
        for (size_t i = first_watch(draft, entry->predicate);
                i < draft->watches.count && draft->watches.ptr[i].predicate == entry->predicate;
                i++) {
            if (!push_number(&index->watchers, draft->watches.ptr[i].rule))
                return false;
            entry->watcher_count++;
        }
    }
    return true;
}

/* ---- From draft to part ---- */

static void *copied(struct match_snapshot *snapshot, const void *ptr, size_t count, size_t size)
{
    void *copy = hn_arena_array(&snapshot->arena, count, size, 8);

    if (copy != NULL && count > 0)
        memcpy(copy, ptr, count * size);
    return copy;
}

#define COPIED(snapshot, vec) copied((snapshot), (vec).ptr, (vec).count, sizeof *(vec).ptr)

/* A value is not even unescaped when its first (or last) byte rules all literals out. What stands
 * outside ASCII in a value is never ruled out, so that neither a literal of such characters nor a
 * letter that one of them folds to needs a bit. */
static void find_edge(const struct index_draft *draft, struct field_index *index)
{
    bool first = true;
    bool last = true;

    for (size_t i = 0; i < draft->literals.count; i++) {
        enum literal_anchor anchor = draft->literals.ptr[i].anchor;

        first = first && (anchor == LITERAL_STARTS || anchor == LITERAL_WHOLE);
        last = last && (anchor == LITERAL_ENDS || anchor == LITERAL_WHOLE);
    }
    if (!first && !last)
        return;
    for (size_t i = 0; i < draft->literals.count; i++) {
        struct hn_text text = draft->literals.ptr[i].text;
        unsigned char c = (unsigned char)text.ptr[first ? 0 : text.len - 1];

        if (c >= 0x80)
            continue;
        index->edge_bytes[c] = true;
        if (c >= 'a' && c <= 'z')
            index->edge_bytes[c - 32] = true;
    }
    index->edge = first ? EDGE_FIRST : EDGE_LAST;
}

/* A few words are found in long values much faster than any index finds them. */
#define RAW_WORDS_MAX 16u

static enum hn_status find_words(const struct index_draft *draft, struct field_index *index)
{
    struct hn_text words[RAW_WORDS_MAX];
    uint32_t count = 0;

    for (size_t i = 0; i < draft->literals.count; i++) {
        struct hn_text text = draft->literals.ptr[i].text;
        struct hn_text word = keyword_raw_word(text);

        if (draft->literals.ptr[i].anchor == LITERAL_WHOLE) {
            if (text.len * 6 > index->whole_bytes_max) /* each byte may be written \u00XX */
                index->whole_bytes_max = text.len * 6;
            continue;
        }
        if (count == RAW_WORDS_MAX || word.len < RAW_WORD_MIN)
            return HN_OK;
        words[count++] = word;
    }
    return count == 0 ? HN_OK : raw_scan_new(words, count, &index->raw);
}

static enum hn_status finish_index(
        struct match_snapshot *snapshot, const struct index_draft *draft, struct field_index *index)
{
    enum hn_status status;

    index->field = draft->field;
    index->entry_count = (uint32_t)draft->entries.count;
    index->entries = COPIED(snapshot, draft->entries);
    index->watchers = COPIED(snapshot, draft->watchers);
    index->number = snapshot->index_count++;
    if (index->entries == NULL || index->watchers == NULL)
        return hn_arena_status(&snapshot->arena);
    find_edge(draft, index);
    if (index->entry_count > snapshot->entries_max)
        snapshot->entries_max = index->entry_count;
    status = find_words(draft, index);
    if (status != HN_OK)
        return status;
    return literal_index_new(
            draft->literals.ptr, (uint32_t)draft->literals.count, &index->literals);
}

static enum hn_status finish(struct part_draft *draft, struct part *part)
{
    struct match_snapshot *snapshot = draft->snapshot;
    enum hn_status status = HN_OK;

    part->fields = hn_new(&snapshot->arena, struct field_index, draft->fields.count);
    part->lazy_slot = hn_new(&snapshot->arena, uint16_t, hn_schema_count(snapshot->schema));
    part->always = COPIED(snapshot, draft->always);
    part->always_count = (uint32_t)draft->always.count;
    part->keyword_rules = COPIED(snapshot, draft->keyword_rules);
    part->keyword_count = (uint32_t)draft->keyword_rules.count;
    part->keyword_always = draft->keyword_always;
    part->presence = COPIED(snapshot, draft->presence);
    part->presence_count = (uint32_t)draft->presence.count;
    if (part->fields == NULL || part->lazy_slot == NULL || part->always == NULL ||
            part->keyword_rules == NULL || part->presence == NULL)
        return hn_arena_status(&snapshot->arena);
    for (uint32_t pass = 0; pass < 2; pass++) { /* witnesses first */
        for (uint32_t i = 0; status == HN_OK && i < draft->fields.count; i++) {
            const struct index_draft *index = &draft->fields.ptr[i];

            if (index->witness == (pass == 1))
                continue;
            status = finish_index(snapshot, index, &part->fields[part->field_count++]);
            if (index->witness)
                part->witness_count++;
            else
                part->lazy_slot[index->field] = (uint16_t)part->field_count;
        }
    }
    if (status == HN_OK && draft->words.count > 0 && !draft->keyword_always)
        status = raw_scan_new(draft->words.ptr, (uint32_t)draft->words.count, &part->raw);
    return status;
}

static void draft_deinit(struct part_draft *draft)
{
    for (size_t i = 0; i < draft->fields.count; i++) {
        hn_vec_deinit(&draft->fields.ptr[i].literals);
        hn_vec_deinit(&draft->fields.ptr[i].entries);
        hn_vec_deinit(&draft->fields.ptr[i].watchers);
    }
    hn_vec_deinit(&draft->fields);
    hn_vec_deinit(&draft->always);
    hn_vec_deinit(&draft->keyword_rules);
    hn_vec_deinit(&draft->presence);
    hn_vec_deinit(&draft->words);
    hn_vec_deinit(&draft->watches);
    hn_free(draft->present);
}

static bool fill(struct part_draft *draft, const uint32_t *rules, uint32_t count)
{
    bool ok = draft->present != NULL;

    for (uint32_t i = 0; ok && i < count; i++)
        ok = add_cover(draft, rules[i]);
    if (ok && draft->watches.count > 1)
        qsort(draft->watches.ptr, draft->watches.count, sizeof *draft->watches.ptr, by_predicate);
    for (uint32_t i = 0; ok && i < count; i++)
        ok = add_literals(draft, draft->snapshot->rules[rules[i]].tree);
    for (size_t i = 0; ok && i < draft->fields.count; i++)
        ok = add_watchers(draft, &draft->fields.ptr[i]);
    return ok;
}

enum hn_status part_build(
        struct match_snapshot *snapshot, const uint32_t *rules, uint32_t count, uint32_t *ret_part)
{
    struct part_draft draft = { .snapshot = snapshot };
    struct part *part = hn_vec_add(&snapshot->parts);
    enum hn_status status = HN_NOMEM;

    draft.present = hn_calloc(snapshot->predicates.count, sizeof *draft.present);
    if (part != NULL && fill(&draft, rules, count))
        status = finish(&draft, part);
    if (status == HN_OK) {
        part->rules = copied(snapshot, rules, count, sizeof *rules);
        part->rule_count = count;
        if (part->rules == NULL)
            status = hn_arena_status(&snapshot->arena);
        *ret_part = (uint32_t)(snapshot->parts.count - 1);
    }
    draft_deinit(&draft);
    return status;
}

void part_free(struct part *part)
{
    for (uint32_t i = 0; i < part->field_count; i++) {
        literal_index_free(part->fields[i].literals);
        raw_scan_free(part->fields[i].raw);
    }
    raw_scan_free(part->raw);
}
