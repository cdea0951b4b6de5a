/* eval.c - one predicate, one value: what is not answered by an index is compared here. */
#include "match/match_internal.h"

#include "base/num.h"
#include "base/utf.h"

#include <assert.h>

/* ---- Numbers ---- */

/* A number of an event: exact as an integer where it is one. */
struct number {
    bool is_integer;
    bool negative;
    uint64_t magnitude;
    double real;
};

static struct number number_of_i64(int64_t i)
{
    return (struct number){ true, i < 0, i < 0 ? 0 - (uint64_t)i : (uint64_t)i, (double)i };
}

/* Text counts as a number only where it is one by the JSON grammar. */
static bool number_of_text(struct hn_text text, struct number *ret)
{
    int64_t i;
    uint64_t u;
    double real;

    if (!hn_parse_real(text, &real))
        return false;
    *ret = (struct number){ false, false, 0, real };
    if (hn_parse_i64(text, &i))
        *ret = number_of_i64(i);
    else if (hn_parse_u64(text, &u))
        *ret = (struct number){ true, false, u, real };
    return true;
}

static bool number_of_value(struct hn_event *event, uint32_t index, struct number *ret)
{
    const struct hn_value *value = &event->values[index];

    switch ((enum hn_type)value->type) {
    case HN_TYPE_INT:
        *ret = number_of_i64(value->number.i);
        return true;
    case HN_TYPE_UINT:
        *ret = (struct number){ true, false, value->number.u, (double)value->number.u };
        return true;
    case HN_TYPE_REAL:
        *ret = (struct number){ false, false, 0, value->number.real };
        return true;
    case HN_TYPE_STRING:
        return number_of_text(hn_event_text(event, index), ret);
    case HN_TYPE_NULL:
    case HN_TYPE_BOOL:
    case HN_TYPE_OBJECT:
        break;
    }
    return false;
}

/* <0, 0, >0 */
static int number_order(const struct number *a, const struct sigma_number *b)
{
    if (a->is_integer && b->is_integer) {
        if (a->negative != b->negative && (a->magnitude | b->magnitude) != 0)
            return a->negative ? -1 : 1;
        if (a->magnitude == b->magnitude)
            return 0;
        return (a->magnitude < b->magnitude) != a->negative ? -1 : 1;
    }
    return (a->real > b->real) - (a->real < b->real);
}

static bool bool_fits(struct hn_event *event, uint32_t index, bool wanted)
{
    const struct hn_value *value = &event->values[index];

    if (value->type == HN_TYPE_BOOL)
        return (value->number.i != 0) == wanted;
    return value->type == HN_TYPE_STRING && hn_text_eq_nocase(hn_event_text(event, index),
                                                    wanted ? HN_TEXT("true") : HN_TEXT("false"));
}

static bool order_fits(int order, enum sigma_compare compare)
{
    switch (compare) {
    case SIGMA_LT:
        return order < 0;
    case SIGMA_LTE:
        return order <= 0;
    case SIGMA_GT:
        return order > 0;
    case SIGMA_GTE:
        return order >= 0;
    }
    return false;
}

static bool number_fits(const struct number *number, const struct atom *atom)
{
    int order = number_order(number, &atom->value->as.number);

    return atom->kind == ATOM_NUMBER ? order == 0 : order_fits(order, atom->value->compare);
}

static bool numeric_atom_fits(
        struct hn_event *event, uint8_t time_part, const struct atom *atom, uint32_t index)
{
    struct number number;

    if (time_part != SIGMA_TIME_NONE) {
        int64_t part;

        if (!time_part_of(hn_event_text(event, index), (enum sigma_time_part)time_part, &part))
            return false;
        number = number_of_i64(part);
        return number_fits(&number, atom);
    }
    if (atom->value->as.number.is_bool)
        return atom->kind == ATOM_NUMBER &&
               bool_fits(event, index, atom->value->as.number.magnitude != 0);
    return number_of_value(event, index, &number) && number_fits(&number, atom);
}

/* ---- Texts ---- */

static size_t find_inside(struct hn_text text, struct hn_text literal)
{
    return hn_text_find(text, literal, 0);
}

static bool literal_fits(const struct atom *atom, struct hn_text text, struct span *span)
{
    struct hn_text literal = atom->literal;
    size_t at = 0;

    switch ((enum atom_kind)atom->kind) {
    case ATOM_WHOLE:
        if (!hn_text_eq(text, literal))
            return false;
        break;
    case ATOM_STARTS:
        if (!hn_text_starts(text, literal))
            return false;
        break;
    case ATOM_ENDS:
        if (!hn_text_ends(text, literal))
            return false;
        at = text.len - literal.len;
        break;
    case ATOM_INSIDE:
        at = find_inside(text, literal);
        if (at == SIZE_MAX)
            return false;
        break;
    case ATOM_ANY:
        span->start = 0;
        span->len = (uint32_t)text.len;
        return true;
    case ATOM_PATTERN:
    case ATOM_REGEX:
    case ATOM_NUMBER:
    case ATOM_COMPARE:
    case ATOM_CIDR:
    case ATOM_NULL:
    case ATOM_EXISTS:
    case ATOM_FIELDREF:
        return false;
    }
    span->start = (uint32_t)at;
    span->len = (uint32_t)literal.len;
    return true;
}

static bool regex_fits(struct match_scratch *scratch, const struct atom *atom, struct hn_text text,
        struct span *span)
{
    const PCRE2_SIZE *range;
    struct match_rule_stats *rule =
            scratch->running == NONE ? NULL : &scratch->rule_stats[scratch->running];
    uint64_t steps;
    int count = sigma_regex_match(
            atom->regex, text, scratch->match_data, scratch->match_context, &steps);

    if (count == PCRE2_ERROR_MATCHLIMIT || count == PCRE2_ERROR_HEAPLIMIT ||
            count == PCRE2_ERROR_DEPTHLIMIT || count == PCRE2_ERROR_JIT_STACKLIMIT) {
        scratch->stats.regex_limited++;
        if (rule != NULL)
            rule->regex_limited++;
        hn_event_note(scratch->event, HN_FINDING_REGEX_LIMIT);
    } else {
        assert(count >= 0 || count == PCRE2_ERROR_NOMATCH); /* the rest is misuse of PCRE2 */
    }
    if (rule != NULL)
        rule->regex_steps += steps;
    if (count < 0)
        return false;
    range = pcre2_get_ovector_pointer(scratch->match_data);
    span->start = (uint32_t)range[0];
    span->len = (uint32_t)(range[1] > range[0] ? range[1] - range[0] : 0);
    return true;
}

/* A range of the folded text as a range of the text itself. Folding keeps the number of code points
 * (and of ill-formed bytes), so both are walked together. */
static void unfold_span(struct hn_text text, struct hn_text folded, struct span *span)
{
    size_t to = 0;
    size_t from = 0;
    size_t start = 0;

    if (hn_is_ascii(text))
        return;
    while (to < (size_t)span->start + span->len && from < text.len) {
        uint32_t c;
        size_t took = hn_utf8_decode(text, from, &c);
        size_t wrote = hn_utf8_decode(folded, to, &c);

        if (to <= span->start)
            start = from;
        from += took == 0 ? 1 : took;
        to += wrote == 0 ? 1 : wrote;
        if (to == span->start)
            start = from;
    }
    span->start = (uint32_t)start;
    span->len = (uint32_t)(from - start);
}

/* What is logged as \u212A, six bytes long, folds to a letter of one. */
#define WHOLE_SHRINKS_MAX 6u

static bool text_atom_fits(struct match_scratch *scratch, struct hn_event *event,
        const struct predicate *predicate, const struct atom *atom, uint32_t index,
        struct span *span)
{
    const struct hn_value *value = &event->values[index];
    struct hn_text text;
    struct hn_text seen;
    bool fits;

    if (atom->kind == ATOM_WHOLE && value->form <= HN_FORM_JSON &&
            value->len > atom->literal.len * WHOLE_SHRINKS_MAX)
        return false;
    text = hn_event_text(event, index);
    seen = text;
    if (atom->kind == ATOM_REGEX)
        return regex_fits(scratch, atom, text, span);
    if (!atom->cased)
        seen = hn_event_folded(event, index);
    if (atom->kind == ATOM_PATTERN) {
        (void)predicate;
        fits = pattern_fits(atom->parts, atom->part_count, seen);
        span->start = 0;
        span->len = (uint32_t)seen.len;
    } else {
        fits = literal_fits(atom, seen, span);
    }
    if (fits && !atom->cased)
        unfold_span(text, seen, span);
    return fits;
}

/* ---- Field against field ---- */

static bool anchored(enum sigma_anchor anchor, struct hn_text text, struct hn_text part)
{
    switch (anchor) {
    case SIGMA_WHOLE:
        return hn_text_eq(text, part);
    case SIGMA_STARTS:
        return hn_text_starts(text, part);
    case SIGMA_ENDS:
        return hn_text_ends(text, part);
    case SIGMA_CONTAINS:
        return hn_text_find(text, part, 0) != SIZE_MAX;
    }
    return false;
}

static bool is_number(const struct hn_value *value)
{
    return value->type == HN_TYPE_INT || value->type == HN_TYPE_UINT || value->type == HN_TYPE_REAL;
}

static bool pair_fits(
        struct hn_event *event, const struct atom *atom, uint32_t index, uint32_t other)
{
    enum sigma_anchor anchor = atom->value->as.fieldref.anchor;

    if (event->values[other].type == HN_TYPE_NULL)
        return false;
    if (anchor == SIGMA_WHOLE && is_number(&event->values[index]) &&
            is_number(&event->values[other])) {
        struct number a;
        struct number b;

        (void)number_of_value(event, index, &a);
        (void)number_of_value(event, other, &b);
        return number_order(&a, &(struct sigma_number){ .is_integer = b.is_integer,
                                        .negative = b.negative,
                                        .magnitude = b.magnitude,
                                        .real = b.real }) == 0;
    }
    if (atom->cased)
        return anchored(anchor, hn_event_text(event, index), hn_event_text(event, other));
    return anchored(anchor, hn_event_folded(event, index), hn_event_folded(event, other));
}

static bool fieldref_fits(struct hn_event *event, const struct atom *atom, uint32_t index)
{
    uint32_t other = hn_event_first(event, atom->other);

    for (; other != HN_VALUE_NONE; other = hn_event_next(event, other)) {
        if (pair_fits(event, atom, index, other))
            return true;
    }
    return false;
}

/* ---- Atoms and predicates ---- */

bool atom_fits(struct match_scratch *scratch, struct hn_event *event,
        const struct predicate *predicate, const struct atom *atom, uint32_t index,
        struct span *ret_span)
{
    const struct hn_value *value = &event->values[index];
    struct span span = { 0, 0 };
    struct hn_ip ip;
    bool fits = false;

    if (atom->kind == ATOM_NULL)
        return value->type == HN_TYPE_NULL;
    if (value->type == HN_TYPE_NULL)
        return false;
    switch ((enum atom_kind)atom->kind) {
    case ATOM_NUMBER:
    case ATOM_COMPARE:
        fits = numeric_atom_fits(event, predicate->time_part, atom, index);
        break;
    case ATOM_CIDR:
        fits = hn_ip_parse(hn_event_text(event, index), &ip) &&
               hn_cidr_has(&atom->value->as.cidr, &ip);
        break;
    case ATOM_FIELDREF:
        fits = fieldref_fits(event, atom, index);
        break;
    case ATOM_WHOLE:
    case ATOM_STARTS:
    case ATOM_ENDS:
    case ATOM_INSIDE:
    case ATOM_ANY:
    case ATOM_PATTERN:
    case ATOM_REGEX:
        fits = text_atom_fits(scratch, event, predicate, atom, index, &span);
        if (fits && ret_span != NULL)
            *ret_span = span;
        return fits;
    case ATOM_NULL:
    case ATOM_EXISTS:
        break;
    }
    if (fits && ret_span != NULL)
        *ret_span = (struct span){ 0, (uint32_t)hn_event_text(event, index).len };
    return fits;
}

static bool any_atom_fits(struct match_scratch *scratch, struct hn_event *event,
        const struct predicate *predicate, uint32_t index)
{
    for (uint32_t i = 0; i < predicate->atom_count; i++) {
        const struct atom *atom = &scratch->snapshot->atoms.ptr[predicate->first_atom + i];

        if (atom_fits(scratch, event, predicate, atom, index, NULL))
            return true;
    }
    return false;
}

/* Atoms that are about presence itself. */
static bool presence_fits(const struct match_scratch *scratch, const struct predicate *predicate)
{
    bool present = hn_event_has(scratch->event, predicate->field);

    for (uint32_t i = 0; i < predicate->atom_count; i++) {
        const struct atom *atom = &scratch->snapshot->atoms.ptr[predicate->first_atom + i];

        if ((atom->kind == ATOM_NULL && !present) ||
                (atom->kind == ATOM_EXISTS && atom->negative != present))
            return true;
    }
    return false;
}

/* Keywords: any value of the event, and the line itself where there is one. */
static bool keyword_fits(struct match_scratch *scratch, const struct predicate *predicate)
{
    struct hn_event *event = match_full_event(scratch);

    if (event == NULL)
        return false;
    for (size_t i = 0; i < event->named.count; i++) {
        if (any_atom_fits(scratch, event, predicate, event->named.ptr[i].index))
            return true;
    }
    return scratch->raw_value != HN_VALUE_NONE &&
           any_atom_fits(scratch, event, predicate, scratch->raw_value);
}

static bool evaluate(struct match_scratch *scratch, const struct predicate *predicate)
{
    struct hn_event *event = scratch->event;
    uint32_t index;

    if (predicate->field == HN_FIELD_NONE)
        return keyword_possible(scratch, predicate->raw) && keyword_fits(scratch, predicate);
    if (presence_fits(scratch, predicate))
        return true;
    index = hn_event_first(event, predicate->field);
    for (; index != HN_VALUE_NONE; index = hn_event_next(event, index)) {
        if (any_atom_fits(scratch, event, predicate, index))
            return true;
    }
    return false;
}

/* A long value is not remembered, and searching it for all literals of its field takes longer than
 * asking for a few. */
static bool is_asked_directly(struct match_scratch *scratch, const struct predicate *predicate)
{
    struct field_asked *asked = &scratch->asked[predicate->field];
    uint32_t value = hn_event_first(scratch->event, predicate->field);

    if (predicate->atom_count > DIRECT_ATOMS_MAX ||
            scratch->event->values[value].len <= MEMO_BYTES_MAX)
        return false;
    if (asked->part_run != scratch->part_run)
        *asked = (struct field_asked){ scratch->part_run, 0 };
    asked->atoms += predicate->atom_count;
    return asked->atoms <= DIRECT_ATOMS_MAX;
}

bool predicate_true(struct match_scratch *scratch, uint32_t number)
{
    const struct predicate *predicate = &scratch->snapshot->predicates.ptr[number];
    uint16_t slot;

    if (predicate->resident) {
        if (scratch->marked[number] == scratch->event_run)
            return true;
        slot = scratch->part->lazy_slot[predicate->field];
        if (slot == 0 || scratch->scanned[predicate->field] == scratch->part_run ||
                !hn_event_has(scratch->event, predicate->field))
            return false;
        if (scratch->evaluated[number] != scratch->event_run &&
                !is_asked_directly(scratch, predicate)) {
            scratch->scanned[predicate->field] = scratch->part_run;
            field_scan(scratch, &scratch->part->fields[slot - 1]);
            match_scan_finish(scratch);
            return scratch->marked[number] == scratch->event_run;
        }
    }
    if (scratch->evaluated[number] != scratch->event_run) {
        scratch->truth[number] = evaluate(scratch, predicate);
        scratch->evaluated[number] = scratch->event_run;
    }
    return scratch->truth[number];
}
