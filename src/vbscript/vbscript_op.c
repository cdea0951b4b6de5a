/* vbscript_op.c - operators: arithmetic that overflows as Basic's does, comparison, Like. */
#include "vbscript/vbscript_internal.h"

#include "base/utf.h"

#include <math.h>

#define OP_WORD(name) (0x10000 + VB_K_##name)

/* The smallest width that holds a number; 0: none, it is a Double. */
static uint8_t width_for(int64_t number, uint8_t least)
{
    if (least <= 1 && number >= 0 && number <= 255)
        return 1;
    if (least <= 2 && number >= INT16_MIN && number <= INT16_MAX)
        return 2;
    if (least <= 4 && number >= INT32_MIN && number <= INT32_MAX)
        return 4;
    return least == 8 ? 8 : 0;
}

/* Two typed operands overflow with an error; in Variants the result is of a wider type. */
static struct vb_value int_result(
        struct vb_eval *ev, int64_t number, struct vb_value a, struct vb_value b)
{
    uint8_t width = a.width > b.width ? a.width : b.width;
    bool typed = a.typed && b.typed;
    uint8_t fits = width_for(number, width);
    struct vb_value result;

    if (typed && ev->vba && fits != width) {
        vb_raise(ev, 6);
        return vb_unknown(ev, "overflow");
    }
    result = fits != 0 ? vb_int(number, fits) : vb_real((double)number);
    result.typed = typed;
    return result;
}

static bool is_int(struct vb_value value)
{
    return value.kind == VB_INT || value.kind == VB_BOOL || value.kind == VB_EMPTY;
}

static struct vb_value as_int(struct vb_value value)
{
    if (value.kind == VB_BOOL)
        return vb_int(value.as.truth ? -1 : 0, 2);
    if (value.kind == VB_EMPTY)
        return vb_int(0, 2);
    return value;
}

static bool int_math(int op, int64_t a, int64_t b, int64_t *ret_number)
{
    if (op == '+')
        return !__builtin_add_overflow(a, b, ret_number);
    if (op == '-')
        return !__builtin_sub_overflow(a, b, ret_number);
    return !__builtin_mul_overflow(a, b, ret_number);
}

static struct vb_value real_math(struct vb_eval *ev, int op, double a, double b)
{
    double result;

    switch (op) {
    case '+':
        result = a + b;
        break;
    case '-':
        result = a - b;
        break;
    case '*':
        result = a * b;
        break;
    case '/':
        if (b == 0.0) {
            vb_raise(ev, 11);
            return vb_unknown(ev, "division by zero");
        }
        result = a / b;
        break;
    default:
        result = pow(a, b);
        break;
    }
    if (isnan(result) || isinf(result)) {
        vb_raise(ev, isnan(result) ? 5 : 6);
        return vb_unknown(ev, "overflow");
    }
    return vb_real(result);
}

/* \ and Mod round their operands first. */
static struct vb_value int_divide(struct vb_eval *ev, int op, struct vb_value a, struct vb_value b)
{
    int64_t x;
    int64_t y;
    uint8_t width;

    if (!vb_to_int(ev, a, &x) || !vb_to_int(ev, b, &y))
        return vb_unknown(ev, "number");
    if (y == 0) {
        vb_raise(ev, 11);
        return vb_unknown(ev, "division by zero");
    }
    if (y == -1)
        x = op == '\\' ? (x == INT64_MIN ? x : -x) : 0;
    else
        x = op == '\\' ? x / y : x % y;
    width = width_for(
            x, a.kind == VB_INT && b.kind == VB_INT ? (a.width > b.width ? a.width : b.width) : 4);
    return width != 0 ? vb_int(x, width) : vb_real((double)x);
}

static struct vb_value arithmetic(struct vb_eval *ev, int op, struct vb_value a, struct vb_value b)
{
    int64_t number;
    double x;
    double y;

    if (op == '\\' || op == OP_WORD(MOD))
        return int_divide(ev, op, a, b);
    if (op != '/' && op != '^' && is_int(a) && is_int(b)) {
        a = as_int(a);
        b = as_int(b);
        if (int_math(op, a.as.number, b.as.number, &number))
            return int_result(ev, number, a, b);
    }
    if (!vb_to_real(ev, a, &x) || !vb_to_real(ev, b, &y))
        return vb_unknown(ev, "number");
    a = real_math(ev, op, x, y);
    return a;
}

/* ---- Comparison ---- */

uint16_t vb_fold_unit(uint16_t unit)
{
    uint32_t folded = hn_fold_code_point(unit);

    return folded <= UINT16_MAX ? (uint16_t)folded : unit;
}

bool vb_folds(const struct vb_eval *ev)
{
    return ev->frame != NULL && ev->frame->module != NULL && ev->frame->module->compare_text;
}

int vb_text_order(
        struct vb_eval *ev, const struct script_text *a, const struct script_text *b, bool fold)
{
    struct hn_text x = script_text_flat(ev->run, a);
    struct hn_text y = script_text_flat(ev->run, b);
    char *room;
    int order;

    (void)vb_spend(ev, x.len < y.len ? x.len : y.len);
    if (x.ptr == NULL || y.ptr == NULL)
        return -1;
    if (!fold)
        return hn_text_cmp(x, y);
    room = hn_malloc(HN_FOLD_ROOM(x.len) + HN_FOLD_ROOM(y.len));
    if (room == NULL)
        return hn_text_cmp(x, y);
    x.len = hn_fold(x, room);
    x.ptr = room;
    y.len = hn_fold(y, room + HN_FOLD_ROOM(a->len));
    y.ptr = room + HN_FOLD_ROOM(a->len);
    order = hn_text_cmp(x, y);
    hn_free(room);
    return order;
}

static bool order_holds(int op, int order)
{
    switch (op) {
    case '=':
        return order == 0;
    case VB_OP_NE:
        return order != 0;
    case '<':
        return order < 0;
    case '>':
        return order > 0;
    case VB_OP_LE:
        return order <= 0;
    default:
        return order >= 0;
    }
}

static bool is_number(struct vb_value value)
{
    return value.kind == VB_INT || value.kind == VB_REAL || value.kind == VB_BOOL ||
           value.kind == VB_DATE;
}

/* A text that is no number is greater than any number. */
static int mixed_order(struct vb_eval *ev, struct vb_value a, struct vb_value b)
{
    struct vb_value parsed;
    double x = 0.0;
    double y = 0.0;

    if (a.kind == VB_TEXT && !vb_text_to_number(vb_flat(ev, a), &parsed))
        return 1;
    if (b.kind == VB_TEXT && !vb_text_to_number(vb_flat(ev, b), &parsed))
        return -1;
    if (!vb_to_real(ev, a, &x) || !vb_to_real(ev, b, &y))
        return -1;
    return (x > y) - (x < y);
}

struct vb_value vb_compare_op(struct vb_eval *ev, int op, struct vb_value a, struct vb_value b)
{
    if (vb_is_unknown(a))
        return vb_unknown_of(ev, a);
    if (vb_is_unknown(b))
        return vb_unknown_of(ev, b);
    if (a.kind == VB_NULL || b.kind == VB_NULL)
        return (struct vb_value){ .kind = VB_NULL };
    if (a.kind == VB_OBJECT || b.kind == VB_OBJECT || a.kind == VB_ARRAY || b.kind == VB_ARRAY) {
        if (a.kind == VB_ARRAY || b.kind == VB_ARRAY)
            vb_raise(ev, 13);
        return vb_unknown(ev, "comparison");
    }
    if (is_number(a) || is_number(b))
        return vb_bool(order_holds(op, mixed_order(ev, a, b)));
    return vb_bool(
            order_holds(op, vb_text_order(ev, vb_to_text(ev, a), vb_to_text(ev, b), vb_folds(ev))));
}

static struct vb_value same_object(struct vb_eval *ev, struct vb_value a, struct vb_value b)
{
    if (a.kind != VB_OBJECT || b.kind != VB_OBJECT)
        return a.kind == VB_UNKNOWN || b.kind == VB_UNKNOWN ? vb_unknown(ev, "object")
                                                            : vb_bool(false);
    /* Whether the document has what a path names is not for us to say. */
    if ((a.as.object != NULL && a.as.object->class == &vb_class_host) ||
            (b.as.object != NULL && b.as.object->class == &vb_class_host))
        return vb_unknown(ev, "object");
    return vb_bool(a.as.object == b.as.object);
}

/* ---- Logic, on bits ---- */

static int64_t bits(int op, int64_t a, int64_t b)
{
    switch (op) {
    case OP_WORD(AND):
        return a & b;
    case OP_WORD(OR):
        return a | b;
    case OP_WORD(XOR):
        return a ^ b;
    case OP_WORD(EQV):
        return ~(a ^ b);
    default:
        return ~a | b;
    }
}

/* One side known is enough where it decides: False And x, True Or x. */
static bool decides(struct vb_eval *ev, int op, struct vb_value known)
{
    int64_t number;

    if (vb_is_unknown(known) || known.kind == VB_OBJECT || !vb_to_int(ev, known, &number))
        return false;
    return (op == OP_WORD(AND) && number == 0) || (op == OP_WORD(OR) && number == -1);
}

struct vb_value vb_logic(struct vb_eval *ev, int op, struct vb_value a, struct vb_value b)
{
    int64_t x;
    int64_t y;
    uint8_t width;
    struct vb_value result;

    if (decides(ev, op, a))
        return a;
    if (decides(ev, op, b))
        return b;
    if (a.kind == VB_NULL || b.kind == VB_NULL)
        return (struct vb_value){ .kind = VB_NULL };
    if (vb_is_unknown(a) || vb_is_unknown(b) || !vb_to_int(ev, a, &x) || !vb_to_int(ev, b, &y))
        return vb_unknown_of(ev, vb_is_unknown(a) ? a : b);
    if (a.kind == VB_BOOL && b.kind == VB_BOOL)
        return vb_bool(bits(op, x, y) != 0);
    width = a.kind == VB_INT ? a.width : 2;
    if (b.kind == VB_INT && b.width > width)
        width = b.width;
    if (a.kind == VB_REAL || b.kind == VB_REAL || a.kind == VB_TEXT || b.kind == VB_TEXT)
        width = width < 4 ? 4 : width;
    x = bits(op, x, y);
    width = width_for(x, width);
    result = vb_int(x, width != 0 ? width : 8);
    result.typed = a.typed && b.typed;
    return result;
}

/* ---- All operators ---- */

static struct vb_value add(struct vb_eval *ev, struct vb_value a, struct vb_value b)
{
    if (a.kind == VB_TEXT && b.kind == VB_TEXT)
        return vb_text(script_text_join(ev->run, a.as.text, b.as.text));
    if ((a.kind == VB_TEXT && b.kind == VB_UNKNOWN) || (a.kind == VB_UNKNOWN && b.kind == VB_TEXT))
        return vb_text(script_text_join(ev->run, a.as.text, b.as.text));
    if (a.kind == VB_EMPTY && b.kind == VB_TEXT)
        return b;
    if (a.kind == VB_TEXT && b.kind == VB_EMPTY)
        return a;
    if (vb_is_unknown(a) || vb_is_unknown(b))
        return vb_unknown_of(ev, vb_is_unknown(a) ? a : b);
    return arithmetic(ev, '+', a, b);
}

static struct vb_value join(struct vb_eval *ev, struct vb_value a, struct vb_value b)
{
    const struct script_text *x = vb_to_text(ev, a);
    const struct script_text *y = vb_to_text(ev, b);
    const struct script_text *made = script_text_join(ev->run, x, y);

    return made != NULL ? vb_text(made) : vb_unknown(ev, "text");
}

struct vb_value vb_binary(struct vb_eval *ev, int op, struct vb_value a, struct vb_value b)
{
    if (op == OP_WORD(IS))
        return same_object(ev, a, b);
    a = vb_plain(ev, a);
    b = vb_plain(ev, b);
    switch (op) {
    case '&':
        return join(ev, a, b);
    case '+':
        return add(ev, a, b);
    case '=':
    case '<':
    case '>':
    case VB_OP_NE:
    case VB_OP_LE:
    case VB_OP_GE:
        return vb_compare_op(ev, op, a, b);
    case OP_WORD(AND):
    case OP_WORD(OR):
    case OP_WORD(XOR):
    case OP_WORD(EQV):
    case OP_WORD(IMP):
        return vb_logic(ev, op, a, b);
    default:
        break;
    }
    if (vb_is_unknown(a) || vb_is_unknown(b))
        return vb_unknown_of(ev, vb_is_unknown(a) ? a : b);
    if (op == OP_WORD(LIKE))
        return vb_bool(vb_like(ev, vb_to_text(ev, a), vb_to_text(ev, b)));
    return arithmetic(ev, op, a, b);
}

struct vb_value vb_unary(struct vb_eval *ev, int op, struct vb_value a)
{
    int64_t number;

    a = vb_plain(ev, a);
    if (vb_is_unknown(a) || a.kind == VB_OBJECT)
        return vb_unknown_of(ev, a);
    if (op == '+')
        return a;
    if (op == '-') {
        bool typed = a.typed;

        a = arithmetic(ev, '-', vb_int(0, 2), a);
        a.typed = typed;
        return a;
    }
    if (a.kind == VB_BOOL)
        return vb_bool(!a.as.truth);
    if (a.kind == VB_NULL || !vb_to_int(ev, a, &number))
        return a.kind == VB_NULL ? a : vb_unknown(ev, "number");
    return vb_int(~number, a.kind == VB_INT ? (a.width < 2 ? (uint8_t)2 : a.width) : 4);
}
