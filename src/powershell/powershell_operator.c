/* powershell_operator.c - binary operators: arithmetic, bits, text; comparisons are elsewhere. */
#include "powershell/powershell_internal.h"

#include <math.h>

#define TIMES_MAX (1u << 22)

static struct ps_value unknown_of(struct ps *ps, const struct ps_value *a, const struct ps_value *b)
{
    return a->kind == PS_UNKNOWN ? *a : b->kind == PS_UNKNOWN ? *b : ps_unknown(ps, "value");
}

static struct ps_value join_texts(struct ps *ps, struct ps_value a, struct ps_value b)
{
    if (a.kind != PS_UNKNOWN && ps_origin_of(&a) != NULL)
        ps_technique(ps, "concat");
    return ps_text(script_text_join(ps->run, ps_text_from(ps, &a), ps_text_from(ps, &b)));
}

static struct ps_value add_hashes(struct ps *ps, struct ps_hash *a, struct ps_hash *b)
{
    struct ps_hash *made = ps_hash_new(ps);
    struct ps_hash *both[] = { a, b };

    for (size_t k = 0; k < 2; k++) {
        for (uint32_t i = 0; i < both[k]->count; i++)
            if (!both[k]->entries[i].gone)
                (void)ps_hash_put(ps, made, both[k]->entries[i].key, both[k]->entries[i].value);
    }
    return (struct ps_value){ .kind = PS_HASH, .as.hash = made };
}

/* What stands on the left decides. */
struct ps_value ps_add(struct ps *ps, struct ps_value a, struct ps_value b)
{
    if (a.kind == PS_OBJECT && a.as.object->state.kind == PS_ARRAY)
        a = a.as.object->state;
    if (a.kind == PS_ARRAY)
        return ps_of_array(ps_array_plus(ps, a.as.array, b));
    if (a.kind == PS_HASH && b.kind == PS_HASH)
        return add_hashes(ps, a.as.hash, b.as.hash);
    if (a.kind == PS_NULL)
        return b;
    if (a.kind == PS_TEXT || a.kind == PS_TYPE || a.kind == PS_OBJECT || a.kind == PS_BLOCK)
        return join_texts(ps, a, b);
    if (a.kind == PS_CHAR && (b.kind == PS_TEXT || b.kind == PS_CHAR || b.kind == PS_ARRAY)) {
        /* 5.1 makes text of two characters, numbers only of digits in the text */
        return join_texts(ps, a, b);
    }
    if (a.kind == PS_CHAR && b.kind == PS_NULL)
        return a;
    if (a.kind == PS_UNKNOWN && (b.kind == PS_TEXT || b.kind == PS_CHAR))
        return join_texts(ps, a, b);
    return ps_arith(ps, PS_OP_ADD, a, b);
}

static struct ps_value real_arith(struct ps *ps, enum ps_op op, double a, double b)
{
    if ((op == PS_OP_DIV || op == PS_OP_MOD) && !(b < 0) && !(b > 0))
        return ps_unknown(ps, "division by zero");
    if (op == PS_OP_ADD)
        return ps_real(a + b);
    if (op == PS_OP_SUB)
        return ps_real(a - b);
    if (op == PS_OP_MUL)
        return ps_real(a * b);
    return ps_real(op == PS_OP_DIV ? a / b : fmod(a, b));
}

static struct ps_value int_arith(struct ps *ps, enum ps_op op, int64_t a, int64_t b)
{
    int64_t made = 0;
    bool over = false;

    if ((op == PS_OP_DIV || op == PS_OP_MOD) && b == 0)
        return ps_unknown(ps, "division by zero");
    if (op == PS_OP_ADD)
        over = __builtin_add_overflow(a, b, &made);
    else if (op == PS_OP_SUB)
        over = __builtin_sub_overflow(a, b, &made);
    else if (op == PS_OP_MUL)
        over = __builtin_mul_overflow(a, b, &made);
    else if (b == -1)
        over = op == PS_OP_DIV ? __builtin_sub_overflow((int64_t)0, a, &made) : false;
    else if (op == PS_OP_DIV)
        return a % b == 0 ? ps_int(a / b) : ps_real((double)a / (double)b);
    else
        made = a % b;
    return over ? real_arith(ps, op, (double)a, (double)b) : ps_int(made);
}

static struct ps_value repeated(struct ps *ps, struct ps_value a, int64_t times)
{
    struct hn_text text;
    struct hn_buf buf = { 0 };
    struct ps_value made;

    if (times < 0 || times > TIMES_MAX)
        return ps_unknown(ps, "text");
    if (a.kind == PS_ARRAY) {
        struct ps_array *array = ps_array_new(ps, 0);

        for (int64_t i = 0; i < times && script_spend(ps->run, 1 + a.as.array->count); i++)
            for (size_t k = 0; k < a.as.array->count; k++)
                ps_array_add(ps, array, ps_at(a.as.array, k));
        return ps_of_array(array);
    }
    text = ps_flat(ps, &a);
    hn_buf_init(&buf, ps->run->limits.text_bytes_max);
    for (int64_t i = 0; i < times && script_spend(ps->run, 1 + text.len / 64); i++)
        hn_buf_add_text(&buf, text);
    made = hn_buf_ok(&buf) ? ps_text_of(ps, hn_buf_text(&buf), ps_origin_of(&a))
                           : ps_unknown(ps, "text");
    hn_buf_deinit(&buf);
    return made;
}

struct ps_value ps_arith(struct ps *ps, enum ps_op op, struct ps_value a, struct ps_value b)
{
    int64_t x;
    int64_t y;
    double u;
    double w;

    if (a.kind == PS_CHAR && b.kind == PS_TEXT && op != PS_OP_ADD)
        a = ps_int(a.as.number);
    if (a.kind == PS_UNKNOWN || b.kind == PS_UNKNOWN)
        return unknown_of(ps, &a, &b);
    if (op == PS_OP_MUL && (a.kind == PS_TEXT || a.kind == PS_ARRAY) && ps_int_of(ps, &b, &y))
        return repeated(ps, a, y);
    if (!ps_number_of(ps, &a, &u) || !ps_number_of(ps, &b, &w))
        return ps_unknown(ps, "number");
    if (a.kind == PS_DOUBLE || b.kind == PS_DOUBLE || !ps_int_of(ps, &a, &x) ||
            !ps_int_of(ps, &b, &y) || fabs(u - (double)x) > 0 || fabs(w - (double)y) > 0)
        return real_arith(ps, op, u, w);
    return int_arith(ps, op, x, y);
}

/* Bits are those of 32 unless an operand has more. */
static struct ps_value bits(struct ps *ps, enum ps_op op, struct ps_value a, struct ps_value b)
{
    int64_t x;
    int64_t y;
    bool wide;
    uint32_t by;

    if (ps_is_unknown(&a) || ps_is_unknown(&b))
        return unknown_of(ps, &a, &b);
    if (!ps_int_of(ps, &a, &x) || !ps_int_of(ps, &b, &y))
        return ps_unknown(ps, "number");
    wide = (a.kind == PS_INT && a.width >= PS_U32) || x > UINT32_MAX || x < INT32_MIN ||
           (a.kind == PS_INT && a.width == PS_I64);
    by = (uint32_t)y & (wide ? 63u : 31u);
    if (op == PS_OP_BXOR) {
        ps_technique(ps, "xor");
        return ps_int(x ^ y);
    }
    if (op == PS_OP_BAND)
        return ps_int(x & y);
    if (op == PS_OP_BOR)
        return ps_int(x | y);
    if (op == PS_OP_SHL)
        return wide ? ps_int((int64_t)((uint64_t)x << by))
                    : ps_int((int32_t)((uint32_t)(uint64_t)x << by));
    return ps_int(wide ? x >> by : (int64_t)((int32_t)(uint32_t)(uint64_t)x >> by));
}

static struct ps_value replace(struct ps *ps, bool exact, struct ps_value a, struct ps_value b)
{
    struct ps_value pattern = b.kind == PS_ARRAY ? ps_at(b.as.array, 0) : b;
    struct ps_value by = b.kind == PS_ARRAY ? ps_at(b.as.array, 1) : ps_null();
    struct hn_text regex = ps_flat(ps, &pattern);
    uint32_t how = exact ? 0 : PS_REGEX_NOCASE;
    struct ps_array *out;

    if (pattern.kind == PS_UNKNOWN)
        return a;
    ps_technique(ps, "replace");
    if (a.kind != PS_ARRAY)
        return ps_regex_replace(ps, a, regex, by, how);
    out = ps_array_new(ps, a.as.array->count);
    for (size_t i = 0; i < a.as.array->count && script_spend(ps->run, 1); i++)
        ps_array_add(ps, out, ps_regex_replace(ps, ps_at(a.as.array, i), regex, by, how));
    return ps_of_array(out);
}

static struct ps_value split_by_block(
        struct ps *ps, struct ps_value text, const struct ps_block *block)
{
    const uint16_t *units = script_text_units(ps->run, text.as.text);
    struct ps_array *out = ps_array_new(ps, 0);
    size_t start = 0;

    for (size_t i = 0; units != NULL && i <= text.as.text->units && script_spend(ps->run, 1); i++) {
        struct ps_value found = ps_bool(true);

        if (i < text.as.text->units) {
            struct ps_array *one = ps_array_new(ps, 1);
            struct ps_array *made = ps_array_new(ps, 1);

            ps_array_add(ps, one, ps_text(ps_text_sub(ps, text.as.text, i, 1)));
            ps_each(ps, block, one, made);
            found = ps_collect(made);
        }
        if (ps_truth(ps, &found) == 1) {
            ps_array_add(ps, out, ps_text(ps_text_sub(ps, text.as.text, start, i - start)));
            start = i + 1;
        }
    }
    return ps_of_array(out);
}

static struct ps_value split(struct ps *ps, bool exact, struct ps_value a, struct ps_value b)
{
    struct ps_value by = b.kind == PS_ARRAY ? ps_at(b.as.array, 0) : b;
    struct ps_value max = b.kind == PS_ARRAY ? ps_at(b.as.array, 1) : ps_null();
    struct ps_value options = b.kind == PS_ARRAY ? ps_at(b.as.array, 2) : ps_null();
    struct hn_text regex = ps_flat(ps, &by);
    struct ps_array *out;
    struct ps_array *items = ps_items(ps, a);
    uint32_t how = (exact ? 0u : (uint32_t)PS_REGEX_NOCASE) | ps_regex_options(ps, &options);
    int64_t limit = 0;

    if (max.kind != PS_NULL)
        (void)ps_int_of(ps, &max, &limit);
    ps_technique(ps, "split");
    out = ps_array_new(ps, 0);
    for (size_t i = 0; i < items->count && script_spend(ps->run, 1); i++) {
        struct ps_value item = ps_at(items, i);

        if (item.kind == PS_UNKNOWN) {
            ps_array_add(ps, out, item);
            continue;
        }
        item = ps_text(ps_text_from(ps, &item));
        if (by.kind == PS_BLOCK)
            ps_emit(ps, out, split_by_block(ps, item, by.as.block));
        else
            ps_emit(ps, out,
                    ps_regex_split(ps, ps_flat(ps, &item), regex, limit, how, ps_origin_of(&item)));
    }
    out->origin = ps_origin(ps, "split", &a);
    return ps_of_array(out);
}

static struct ps_value type_test(struct ps *ps, enum ps_op op, struct ps_value a, struct ps_value b)
{
    struct hn_text type;
    struct ps_value named = b.kind == PS_TYPE ? b : ps_of_type(ps, ps_flat(ps, &b));
    bool is;

    type = ps_flat(ps, &named);
    if (op == PS_OP_AS)
        return ps_cast(ps, type, a);
    if (a.kind == PS_UNKNOWN)
        return ps_unknown(ps, "type");
    is = ps_is_type(ps, &a, type);
    return ps_bool(op == PS_OP_IS ? is : !is);
}

struct ps_value ps_binary(
        struct ps *ps, const struct ps_node *right, struct ps_value a, struct ps_value b)
{
    enum ps_op op = (enum ps_op)right->op;

    switch ((unsigned)op) {
    case PS_OP_ADD:
        return ps_add(ps, a, b);
    case PS_OP_SUB:
    case PS_OP_MUL:
    case PS_OP_DIV:
    case PS_OP_MOD:
        return ps_arith(ps, op, a, b);
    case PS_OP_BAND:
    case PS_OP_BOR:
    case PS_OP_BXOR:
    case PS_OP_SHL:
    case PS_OP_SHR:
        return bits(ps, op, a, b);
    case PS_OP_FORMAT:
        ps_technique(ps, "format");
        return ps_format(ps, a, b);
    case PS_OP_RANGE:
        return ps_range(ps, a, b);
    case PS_OP_REPLACE:
        return replace(ps, right->exact, a, b);
    case PS_OP_SPLIT:
        return split(ps, right->exact, a, b);
    case PS_OP_JOIN:
        ps_technique(ps, "join");
        return ps_join(ps, a, b);
    case PS_OP_IS:
    case PS_OP_ISNOT:
    case PS_OP_AS:
        return type_test(ps, op, a, b);
    default:
        return ps_compare_op(ps, right, a, b);
    }
}
