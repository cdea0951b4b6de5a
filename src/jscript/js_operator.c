/* js_operator.c - operators between two values. */
#include "jscript/jscript_internal.h"

#include <math.h>

static struct js_value add(
        struct js_state *state, const struct js_value *a, const struct js_value *b)
{
    bool texts = a->kind == JS_TEXT || b->kind == JS_TEXT || a->kind == JS_OBJECT ||
                 b->kind == JS_OBJECT || a->kind == JS_COM || b->kind == JS_COM;

    if (!texts && (a->kind == JS_UNKNOWN || b->kind == JS_UNKNOWN)) {
        /* A number or a text, nobody knows; as a text its known part is kept. */
        return (struct js_value){ .kind = JS_UNKNOWN,
            .text = script_text_join(state->run, js_to_text(state, a), js_to_text(state, b)) };
    }
    if (!texts)
        return js_number(js_to_number(state, a) + js_to_number(state, b));
    return js_text(script_text_join(state->run, js_to_text(state, a), js_to_text(state, b)));
}

static struct js_value compare(
        struct js_state *state, int op, const struct js_value *a, const struct js_value *b)
{
    double x;
    double y;

    if (a->kind == JS_TEXT && b->kind == JS_TEXT) {
        int order = hn_text_cmp(js_flat(state, a), js_flat(state, b));

        x = order;
        y = 0;
    } else {
        x = js_to_number(state, a);
        y = js_to_number(state, b);
    }
    switch (op) {
    case '<':
        return js_bool(x < y);
    case '>':
        return js_bool(x > y);
    case JS_OP2('<', '='):
        return js_bool(x <= y);
    default:
        return js_bool(x >= y);
    }
}

static struct js_value arithmetic(double x, double y, int op)
{
    uint32_t shift = (uint32_t)js_to_int32(y) & 31u;

    switch (op) {
    case '-':
        return js_number(x - y);
    case '*':
        return js_number(x * y);
    case '/':
        return js_number(x / y);
    case '%':
        return js_number(fmod(x, y));
    case JS_OP2('*', '*'):
        return js_number(pow(x, y));
    case '&':
        return js_number(js_to_int32(x) & js_to_int32(y));
    case '|':
        return js_number(js_to_int32(x) | js_to_int32(y));
    case '^':
        return js_number(js_to_int32(x) ^ js_to_int32(y));
    case JS_OP2('<', '<'):
        return js_number((int32_t)((uint32_t)js_to_int32(x) << shift));
    case JS_OP2('>', '>'): {
        int32_t whole = js_to_int32(x);

        return js_number(whole < 0 ? (double)~(~whole >> shift) : (double)(whole >> shift));
    }
    default:
        return js_number((uint32_t)js_to_int32(x) >> shift);
    }
}

static struct js_value equality(
        struct js_state *state, int op, const struct js_value *a, const struct js_value *b)
{
    bool strict = op == JS_OP3('=', '=', '=') || op == JS_OP3('!', '=', '=');
    bool negated = op == JS_OP2('!', '=') || op == JS_OP3('!', '=', '=');
    int equal = js_equal(state, a, b, strict);

    if (equal < 0)
        return js_unknown(state, "comparison");
    return js_bool((equal == 1) != negated);
}

struct js_value js_operate(
        struct js_state *state, int op, const struct js_value *a, const struct js_value *b)
{
    switch (op) {
    case '+':
        return add(state, a, b);
    case JS_OP2('=', '='):
    case JS_OP2('!', '='):
    case JS_OP3('=', '=', '='):
    case JS_OP3('!', '=', '='):
        return equality(state, op, a, b);
    default:
        break;
    }
    if (js_is_unknown(a) || js_is_unknown(b) || a->kind == JS_COM || b->kind == JS_COM)
        return js_unknown(state, "number");
    switch (op) {
    case '<':
    case '>':
    case JS_OP2('<', '='):
    case JS_OP2('>', '='):
        return compare(state, op, a, b);
    case JS_OP_IN:
        if (b->kind == JS_OBJECT) {
            struct js_value found = js_member(state, b, js_flat(state, a));

            return js_bool(found.kind != JS_UNDEFINED);
        }
        return js_bool(false);
    case JS_OP_INSTANCEOF:
        return js_unknown(state, "instanceof");
    default:
        return arithmetic(js_to_number(state, a), js_to_number(state, b), op);
    }
}
