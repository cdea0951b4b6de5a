/* compile_atom.c - from the items of rules to shared predicates.
 *
 * An item becomes at most two predicates joined by OR: one of atoms that an index can find, one of
 * the rest. Equal predicates, in whatever rules they stand, are one. */
#include "match/match_internal.h"

#include "base/buf.h"
#include "base/utf.h"

/* Atoms of one item while it is compiled. */
struct atom_list {
    HN_VEC(struct atom) atoms;
    struct hn_buf key; /* what makes two predicates the same */
};

static struct hn_text folded_copy(struct match_snapshot *snapshot, struct hn_text text)
{
    char *out = hn_arena_raw(&snapshot->arena, HN_FOLD_ROOM(text.len), 1);

    if (out == NULL)
        return (struct hn_text){ NULL, 0 };
    return hn_text_of(out, hn_fold(text, out));
}

/* ---- Strings ---- */

/* The literal piece that ordinary text has least. */
static struct hn_text rarest_piece(const struct pattern_part *parts, uint32_t count)
{
    struct hn_text best = { "", 0 };
    uint32_t least = UINT32_MAX;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t common;

        if (parts[i].kind != SIGMA_PART_TEXT)
            continue;
        common = literal_commonness(parts[i].text);
        if (common < least || (common == least && parts[i].text.len > best.len)) {
            least = common;
            best = parts[i].text;
        }
    }
    return best;
}

static bool only_literal(
        struct atom *atom, enum atom_kind kind, enum literal_anchor anchor, struct hn_text literal)
{
    atom->kind = (uint8_t)kind;
    atom->literal = literal;
    atom->index_literal = literal;
    atom->index_anchor = (uint8_t)anchor;
    atom->verify = atom->cased;
    return true;
}

/* One literal and stars around it need no pattern matcher. */
static bool simple_string(struct atom *atom, const struct pattern_part *parts, uint32_t count)
{
    bool text0 = count > 0 && parts[0].kind == SIGMA_PART_TEXT;
    bool many0 = count > 0 && parts[0].kind == SIGMA_PART_MANY;

    if (count == 0)
        return only_literal(atom, ATOM_WHOLE, LITERAL_WHOLE, HN_TEXT(""));
    if (count == 1 && text0)
        return only_literal(atom, ATOM_WHOLE, LITERAL_WHOLE, parts[0].text);
    if (count == 1 && many0) {
        atom->kind = ATOM_ANY;
        return true;
    }
    if (count == 2 && text0 && parts[1].kind == SIGMA_PART_MANY)
        return only_literal(atom, ATOM_STARTS, LITERAL_STARTS, parts[0].text);
    if (count == 2 && many0 && parts[1].kind == SIGMA_PART_TEXT)
        return only_literal(atom, ATOM_ENDS, LITERAL_ENDS, parts[1].text);
    if (count == 3 && many0 && parts[1].kind == SIGMA_PART_TEXT && parts[2].kind == SIGMA_PART_MANY)
        return only_literal(atom, ATOM_INSIDE, LITERAL_INSIDE, parts[1].text);
    return false;
}

static enum hn_status string_atom(struct match_snapshot *snapshot, const struct sigma_value *value,
        bool keyword, struct atom *atom)
{
    const struct sigma_string *string = &value->as.string;
    /* Keywords stand anywhere: as if written with stars around. */
    struct pattern_part *parts = hn_new(&snapshot->arena, struct pattern_part, string->count + 2);
    uint32_t count = 0;

    if (parts == NULL)
        return hn_arena_status(&snapshot->arena);
    if (keyword && (string->count == 0 || string->parts[0].kind != SIGMA_PART_MANY))
        parts[count++].kind = SIGMA_PART_MANY;
    for (uint32_t i = 0; i < string->count; i++, count++) {
        parts[count].kind = (uint8_t)string->parts[i].kind;
        parts[count].text = string->parts[i].text;
        if (string->parts[i].kind == SIGMA_PART_TEXT && !value->cased) {
            parts[count].text = folded_copy(snapshot, string->parts[i].text);
            if (parts[count].text.ptr == NULL)
                return hn_arena_status(&snapshot->arena);
        }
    }
    if (keyword && parts[count - 1].kind != SIGMA_PART_MANY)
        parts[count++].kind = SIGMA_PART_MANY;
    if (!simple_string(atom, parts, count)) {
        atom->kind = ATOM_PATTERN;
        atom->parts = parts;
        atom->part_count = count;
        atom->index_literal = rarest_piece(parts, count);
        atom->index_anchor = LITERAL_INSIDE;
        atom->verify = true;
    }
    if (value->cased && atom->index_literal.len > 0) {
        atom->index_literal = folded_copy(snapshot, atom->index_literal);
        if (atom->index_literal.ptr == NULL)
            return hn_arena_status(&snapshot->arena);
    }
    return HN_OK;
}

/* ---- Others ---- */

static void free_regex(void *regex)
{
    pcre2_code_free(regex);
}

static enum hn_status regex_atom(struct match_snapshot *snapshot, const struct sigma_value *value,
        struct atom *atom, struct hn_err *err)
{
    enum hn_status status = regex_compile(value, &atom->regex, err);

    if (status != HN_OK)
        return status;
    status = hn_arena_on_end(&snapshot->arena, free_regex, atom->regex);
    if (status != HN_OK) {
        pcre2_code_free(atom->regex);
        return status;
    }
    atom->kind = ATOM_REGEX;
    atom->index_literal = regex_literal(&snapshot->arena, value);
    atom->index_anchor = LITERAL_INSIDE;
    atom->verify = true;
    return HN_OK;
}

static enum hn_status make_atom(struct match_snapshot *snapshot, const struct sigma_value *value,
        bool keyword, struct atom *atom, struct hn_err *err)
{
    atom->value = value;
    atom->cased = value->cased;
    switch (value->kind) {
    case SIGMA_STRING:
        return string_atom(snapshot, value, keyword, atom);
    case SIGMA_REGEX:
        return regex_atom(snapshot, value, atom, err);
    case SIGMA_NUMBER:
        atom->kind = ATOM_NUMBER;
        break;
    case SIGMA_COMPARE:
        atom->kind = ATOM_COMPARE;
        break;
    case SIGMA_CIDR:
        atom->kind = ATOM_CIDR;
        break;
    case SIGMA_NULL:
        atom->kind = ATOM_NULL;
        break;
    case SIGMA_EXISTS:
        atom->kind = ATOM_EXISTS;
        atom->negative = !value->as.exists;
        break;
    case SIGMA_FIELDREF:
        atom->kind = ATOM_FIELDREF;
        atom->other = hn_schema_want(snapshot->schema, value->as.fieldref.field);
        if (atom->other == HN_FIELD_NONE)
            return HN_NOMEM;
        break;
    }
    return HN_OK;
}

/* ---- Keys: two atoms with the same key ask the same ---- */

static void key_text(struct hn_buf *key, struct hn_text text)
{
    hn_buf_add_u64(key, text.len);
    hn_buf_add_char(key, ':');
    hn_buf_add_text(key, text);
}

static void key_atom(struct hn_buf *key, const struct atom *atom)
{
    const struct sigma_value *value = atom->value;

    hn_buf_addf(key, "%u%c", (unsigned)atom->kind, atom->cased ? 'c' : '-');
    switch ((enum atom_kind)atom->kind) {
    case ATOM_WHOLE:
    case ATOM_STARTS:
    case ATOM_ENDS:
    case ATOM_INSIDE:
        key_text(key, atom->literal);
        break;
    case ATOM_PATTERN:
        for (uint32_t i = 0; i < atom->part_count; i++) {
            hn_buf_addf(key, "%u", (unsigned)atom->parts[i].kind);
            key_text(key, atom->parts[i].text);
        }
        break;
    case ATOM_REGEX:
        hn_buf_addf(key, "%u", (unsigned)value->as.regex.flags);
        key_text(key, value->as.regex.pattern);
        break;
    case ATOM_NUMBER:
    case ATOM_COMPARE:
        hn_buf_addf(key, "%d,%d,%d,%d,%llu,%.17g", (int)value->compare, value->as.number.is_integer,
                value->as.number.is_bool, value->as.number.negative,
                (unsigned long long)value->as.number.magnitude, value->as.number.real);
        break;
    case ATOM_CIDR:
        hn_buf_add_hex(key, &value->as.cidr.address, sizeof value->as.cidr.address);
        hn_buf_addf(key, "/%u", (unsigned)value->as.cidr.prefix_len);
        break;
    case ATOM_EXISTS:
        hn_buf_add_char(key, atom->negative ? 'n' : 'y');
        break;
    case ATOM_FIELDREF:
        hn_buf_addf(key, "%u,%d", (unsigned)atom->other, (int)value->as.fieldref.anchor);
        break;
    case ATOM_ANY:
    case ATOM_NULL:
        break;
    }
    hn_buf_add_char(key, ';');
}

/* ---- Predicates ---- */

static bool indexable(const struct sigma_item *item, const struct atom *atom)
{
    return item->time_part == SIGMA_TIME_NONE && atom->index_literal.len > 0;
}

/* A present value is needed for any of these to be true. */
static bool needs_presence(const struct atom *atom)
{
    return atom->kind != ATOM_NULL && !(atom->kind == ATOM_EXISTS && atom->negative);
}

/* The predicate of the atoms in list, an existing one if there is an equal; NONE without memory. */
static uint32_t intern(struct match_snapshot *snapshot, const struct sigma_item *item,
        hn_field field, struct atom_list *list)
{
    struct hn_text key;
    struct predicate *predicate;
    uint32_t number = (uint32_t)snapshot->predicates.count;
    uint32_t found;

    hn_buf_reset(&list->key);
    hn_buf_addf(&list->key, "%u,%d;", (unsigned)field, (int)item->time_part);
    for (size_t i = 0; i < list->atoms.count; i++)
        key_atom(&list->key, &list->atoms.ptr[i]);
    if (!hn_buf_ok(&list->key))
        return NONE;
    key = hn_buf_text(&list->key);
    found = hn_map_find(&snapshot->predicate_by_key, key);
    if (found != HN_MAP_NONE)
        return found;
    key = hn_arena_text(&snapshot->arena, key);
    predicate = hn_vec_add(&snapshot->predicates);
    if (key.ptr == NULL || predicate == NULL ||
            !hn_map_put(&snapshot->predicate_by_key, key, number, &found))
        return NONE;
    predicate->field = field;
    predicate->time_part = (uint8_t)item->time_part;
    predicate->item = item;
    predicate->first_atom = (uint32_t)snapshot->atoms.count;
    predicate->atom_count = (uint32_t)list->atoms.count;
    predicate->needs_presence = true;
    for (size_t i = 0; i < list->atoms.count; i++) {
        struct atom *atom = hn_vec_add(&snapshot->atoms);

        if (atom == NULL)
            return NONE;
        *atom = list->atoms.ptr[i];
        predicate->needs_presence = predicate->needs_presence && needs_presence(atom);
    }
    return number;
}

static enum hn_status compile_half(struct match_snapshot *snapshot, const struct sigma_item *item,
        hn_field field, bool want_indexable, uint32_t *ret_predicate, struct hn_err *err)
{
    struct atom_list list = { 0 };
    enum hn_status status = HN_OK;

    *ret_predicate = NONE;
    for (uint32_t i = 0; status == HN_OK && i < item->value_count; i++) {
        struct atom atom = { 0 };

        status = make_atom(snapshot, &item->values[i], field == HN_FIELD_NONE, &atom, err);
        if (status == HN_OK && indexable(item, &atom) == want_indexable) {
            struct atom *kept = hn_vec_add(&list.atoms);

            if (kept == NULL)
                status = HN_NOMEM;
            else
                *kept = atom;
        }
    }
    if (status == HN_OK && list.atoms.count > 0) {
        *ret_predicate = intern(snapshot, item, field, &list);
        if (*ret_predicate == NONE)
            status = HN_NOMEM;
    }
    hn_vec_deinit(&list.atoms);
    hn_buf_deinit(&list.key);
    return status;
}

static struct tree *leaf(struct match_snapshot *snapshot, const struct sigma_item *item,
        uint32_t predicate, bool negated)
{
    struct tree *tree = hn_new(&snapshot->arena, struct tree, 1);

    if (tree != NULL) {
        tree->kind = SIGMA_ITEM;
        tree->item = item;
        tree->predicate = predicate;
        tree->negated = negated;
    }
    return tree;
}

enum hn_status compile_item(struct match_snapshot *snapshot, const struct sigma_item *item,
        bool negated, struct tree *ret_tree, struct hn_err *err)
{
    hn_field field = HN_FIELD_NONE;
    uint32_t halves[2];
    enum hn_status status;

    if (item->field.len > 0) {
        field = hn_schema_want(snapshot->schema, item->field);
        if (field == HN_FIELD_NONE)
            return HN_NOMEM;
    }
    status = compile_half(snapshot, item, field, true, &halves[0], err);
    if (status == HN_OK)
        status = compile_half(snapshot, item, field, false, &halves[1], err);
    if (status != HN_OK)
        return status;
    memset(ret_tree, 0, sizeof *ret_tree);
    if (halves[0] == NONE || halves[1] == NONE) {
        ret_tree->kind = SIGMA_ITEM;
        ret_tree->predicate = halves[0] == NONE ? halves[1] : halves[0];
        ret_tree->item = item;
        ret_tree->negated = negated;
        return HN_OK;
    }
    ret_tree->kind = negated ? SIGMA_AND : SIGMA_OR;
    ret_tree->count = 2;
    ret_tree->children = hn_new(&snapshot->arena, struct tree *, 2);
    if (ret_tree->children == NULL)
        return hn_arena_status(&snapshot->arena);
    for (int i = 0; i < 2; i++) {
        ret_tree->children[i] = leaf(snapshot, item, halves[i], negated);
        if (ret_tree->children[i] == NULL)
            return hn_arena_status(&snapshot->arena);
    }
    return HN_OK;
}
