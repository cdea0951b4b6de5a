/* powershell_compare.c - equality, order, wildcards, membership. With a list on the left an
 * operator gives the items for which it holds. */
#include "powershell/powershell_internal.h"

#define UNSURE 2

static int order_texts(struct hn_text a, struct hn_text b, bool exact)
{
    size_t len = a.len < b.len ? a.len : b.len;

    for (size_t i = 0; i < len; i++) {
        int x = (uint8_t)a.ptr[i];
        int y = (uint8_t)b.ptr[i];

        if (!exact) {
            x = x >= 'A' && x <= 'Z' ? x | 0x20 : x;
            y = y >= 'A' && y <= 'Z' ? y | 0x20 : y;
        }
        if (x != y)
            return x < y ? -1 : 1;
    }
    return a.len == b.len ? 0 : a.len < b.len ? -1 : 1;
}

static bool is_number(const struct ps_value *v)
{
    return v->kind == PS_INT || v->kind == PS_DOUBLE || v->kind == PS_BOOL || v->kind == PS_CHAR;
}

static int order_numbers(struct ps *ps, const struct ps_value *a, const struct ps_value *b)
{
    double x;
    double y;
    int truth;

    if (a->kind == PS_BOOL) {
        truth = ps_truth(ps, b);
        return truth < 0 ? UNSURE : (a->as.number != 0) - truth;
    }
    if (!ps_number_of(ps, a, &x) || !ps_number_of(ps, b, &y))
        return 1;
    return x < y ? -1 : x > y;
}

/* -1, 0, 1; UNSURE when it cannot be known. The left side says as what both are compared. */
int ps_order(struct ps *ps, const struct ps_value *a, const struct ps_value *b, bool exact)
{
    double y;

    if (ps_is_unknown(a) || ps_is_unknown(b))
        return UNSURE;
    if (is_number(a) && a->kind != PS_CHAR)
        return order_numbers(ps, a, b);
    if (a->kind == PS_NULL || b->kind == PS_NULL)
        return a->kind == b->kind ? 0 : a->kind == PS_NULL ? -1 : 1;
    if (a->kind == PS_CHAR && b->kind != PS_TEXT && ps_number_of(ps, b, &y))
        return (double)a->as.number < y ? -1 : (double)a->as.number > y;
    if (a->kind == PS_OBJECT && b->kind == PS_OBJECT)
        return a->as.object == b->as.object ? 0 : 1;
    return order_texts(ps_flat(ps, a), ps_flat(ps, b), exact);
}

/* 1, 0, -1 unknown. */
int ps_equal(struct ps *ps, const struct ps_value *a, const struct ps_value *b, bool exact)
{
    int order = ps_order(ps, a, b, exact);

    return order == UNSURE ? -1 : order == 0;
}

/* ---- Wildcards ---- */

/* [abc] and [a-z] at pattern[*pos]; moves behind it. */
static bool in_set(struct hn_text pattern, size_t *pos, char c, bool exact)
{
    bool in = false;
    size_t at = *pos + 1;

    while (at < pattern.len && pattern.ptr[at] != ']') {
        char from = pattern.ptr[at];
        char to = from;

        if (at + 2 < pattern.len && pattern.ptr[at + 1] == '-' && pattern.ptr[at + 2] != ']') {
            to = pattern.ptr[at + 2];
            at += 2;
        }
        in |= c >= from && c <= to;
        if (!exact && ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
            in |= (c | 0x20) >= (from | 0x20) && (c | 0x20) <= (to | 0x20);
        at++;
    }
    *pos = at + 1;
    return in;
}

static bool same_char(char a, char b, bool exact)
{
    return a == b || (!exact && (a | 0x20) == (b | 0x20) && (a | 0x20) >= 'a' && (a | 0x20) <= 'z');
}

/* One character of the text against the pattern at *pos; moves *pos. */
static bool like_one(struct hn_text pattern, size_t *pos, char c, bool exact)
{
    char p = pattern.ptr[*pos];

    if (p == '[')
        return in_set(pattern, pos, c, exact);
    if (p == '`' && *pos + 1 < pattern.len)
        p = pattern.ptr[++*pos];
    else if (p == '?') {
        ++*pos;
        return true;
    }
    ++*pos;
    return same_char(p, c, exact);
}

/* Only the last star is ever tried again, so that it takes no more than length times length. */
bool ps_like(struct ps *ps, struct hn_text text, struct hn_text pattern, bool exact)
{
    size_t t = 0;
    size_t p = 0;
    size_t star = SIZE_MAX;
    size_t again = 0;

    while (t < text.len) {
        size_t next = p;

        if ((t & 63u) == 0 && !script_spend(ps->run, 1))
            return false;
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = ++p;
            again = t;
            continue;
        }
        if (p < pattern.len && like_one(pattern, &next, text.ptr[t], exact)) {
            p = next;
            t++;
            continue;
        }
        if (star == SIZE_MAX)
            return false;
        p = star;
        t = ++again;
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

/* ---- Operators ---- */

static int test_order(enum ps_op op, int order)
{
    if (order == UNSURE)
        return -1;
    switch ((unsigned)op) {
    case PS_OP_EQ:
        return order == 0;
    case PS_OP_NE:
        return order != 0;
    case PS_OP_GT:
        return order > 0;
    case PS_OP_GE:
        return order >= 0;
    case PS_OP_LT:
        return order < 0;
    default:
        return order <= 0;
    }
}

static int test_one(
        struct ps *ps, const struct ps_node *right, struct ps_value a, struct ps_value b)
{
    enum ps_op op = (enum ps_op)right->op;
    int found;

    if (op == PS_OP_LIKE || op == PS_OP_NOTLIKE) {
        if (ps_is_unknown(&a) || ps_is_unknown(&b))
            return -1;
        found = ps_like(ps, ps_flat(ps, &a), ps_flat(ps, &b), right->exact);
        return op == PS_OP_LIKE ? found : !found;
    }
    if (op == PS_OP_MATCH || op == PS_OP_NOTMATCH) {
        if (ps_is_unknown(&a) || ps_is_unknown(&b))
            return -1;
        found = ps_regex_is_match(
                ps, &a, ps_flat(ps, &b), right->exact ? 0 : PS_REGEX_NOCASE, true);
        return found < 0 ? -1 : op == PS_OP_MATCH ? found : !found;
    }
    return test_order(op, ps_order(ps, &a, &b, right->exact));
}

static struct ps_value membership(
        struct ps *ps, bool exact, struct ps_value list, const struct ps_value *item, bool wanted)
{
    struct ps_array *items = ps_items(ps, list);
    bool unsure = list.kind == PS_UNKNOWN || ps_is_unknown(item);

    for (size_t i = 0; i < items->count && script_spend(ps->run, 1); i++) {
        struct ps_value one = ps_at(items, i);
        int same = ps_equal(ps, &one, item, exact);

        if (same == 1)
            return ps_bool(wanted);
        unsure |= same < 0;
    }
    return unsure ? ps_unknown(ps, "condition") : ps_bool(!wanted);
}

struct ps_value ps_compare_op(
        struct ps *ps, const struct ps_node *right, struct ps_value a, struct ps_value b)
{
    enum ps_op op = (enum ps_op)right->op;
    struct ps_array *out;
    int found;

    if (op == PS_OP_CONTAINS || op == PS_OP_NOTCONTAINS)
        return membership(ps, right->exact, a, &b, op == PS_OP_CONTAINS);
    if (op == PS_OP_IN || op == PS_OP_NOTIN)
        return membership(ps, right->exact, b, &a, op == PS_OP_IN);
    if (a.kind != PS_ARRAY) {
        found = test_one(ps, right, a, b);
        return found < 0 ? ps_unknown(ps, "condition") : ps_bool(found == 1);
    }
    out = ps_array_new(ps, 0);
    for (size_t i = 0; i < a.as.array->count && script_spend(ps->run, 1); i++)
        if (test_one(ps, right, ps_at(a.as.array, i), b) != 0)
            ps_array_add(ps, out, ps_at(a.as.array, i));
    return ps_of_array(out);
}
