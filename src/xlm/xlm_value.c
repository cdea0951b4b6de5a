/* xlm_value.c - values: what they are as numbers, texts and truths, and what operators make. */
#include "xlm/xlm_internal.h"

#include "base/num.h"

#include <math.h>
#include <stdio.h>

struct xl_value xl_number(double number)
{
    if (isnan(number) || isinf(number))
        return xl_error("#NUM!");
    return (struct xl_value){ .kind = XL_NUMBER, .as.number = number };
}

struct xl_value xl_bool(bool truth)
{
    return (struct xl_value){ .kind = XL_BOOL, .as.truth = truth };
}

struct xl_value xl_text(const struct script_text *text)
{
    if (text == NULL)
        return (struct xl_value){ .kind = XL_BLANK };
    return (struct xl_value){ .kind = XL_TEXT, .as.text = text };
}

struct xl_value xl_literal(struct xl *ev, const char *text)
{
    return xl_text(script_text_borrow(ev->run, hn_text_cstr(text), NULL));
}

struct xl_value xl_error(const char *error)
{
    return (struct xl_value){ .kind = XL_ERROR, .as.error = error };
}

struct xl_value xl_range(struct xl_ref ref)
{
    return (struct xl_value){ .kind = XL_REF, .as.ref = ref };
}

struct xl_value xl_unknown(struct xl *ev, const char *fmt, ...)
{
    char name[512];
    va_list args;
    const struct script_text *text;

    va_start(args, fmt);
    (void)vsnprintf(name, sizeof name, fmt, args);
    va_end(args);
    text = script_text_unknown(ev->run, name, NULL);
    if (text == NULL)
        return (struct xl_value){ .kind = XL_BLANK };
    return (struct xl_value){ .kind = XL_UNKNOWN, .as.text = text };
}

bool xl_is_unknown(struct xl_value value)
{
    return value.kind == XL_UNKNOWN || (value.kind == XL_TEXT && value.as.text->unknown);
}

struct xl_value xl_plain(struct xl *ev, struct xl_value value)
{
    if (value.kind == XL_REF)
        return xl_cell_value(ev, value.as.ref.sheet, value.as.ref.row, value.as.ref.column);
    if (value.kind == XL_ARRAY)
        return value.as.array->items[0];
    return value;
}

bool xl_number_of_text(struct hn_text text, double *ret_number)
{
    char room[64];
    size_t len = 0;
    size_t points = 0;
    bool percent = false;
    bool negative;

    text = hn_text_trim(text);
    if (text.len == 0 || text.len > sizeof room - 4)
        return false;
    negative = text.ptr[0] == '-';
    if (negative || text.ptr[0] == '+')
        text = hn_text_sub(text, 1, SIZE_MAX);
    if (text.len > 1 && text.ptr[text.len - 1] == '%') {
        percent = true;
        text.len--;
    }
    while (text.len > 1 && text.ptr[0] == '0' && text.ptr[1] >= '0' && text.ptr[1] <= '9')
        text = hn_text_sub(text, 1, SIZE_MAX);
    if (text.len == 0 || !((text.ptr[0] >= '0' && text.ptr[0] <= '9') || text.ptr[0] == '.'))
        return false;
    if (text.ptr[0] == '.')
        room[len++] = '0';
    for (size_t i = 0; i < text.len; i++) {
        room[len++] = text.ptr[i];
        points += text.ptr[i] == '.';
        if (points > 1)
            return false;
        if (text.ptr[i] == '.' &&
                (i + 1 >= text.len || text.ptr[i + 1] < '0' || text.ptr[i + 1] > '9')) {
            if (text.len == 1)
                return false;
            room[len++] = '0'; /* "5." */
        }
    }
    if (!hn_parse_real(hn_text_of(room, len), ret_number))
        return false;
    if (negative)
        *ret_number = -*ret_number;
    if (percent)
        *ret_number /= 100.0;
    return true;
}

bool xl_to_number(struct xl *ev, struct xl_value value, double *ret_number)
{
    value = xl_plain(ev, value);
    switch (value.kind) {
    case XL_BLANK:
    case XL_MISSING:
        *ret_number = 0.0;
        return true;
    case XL_NUMBER:
        *ret_number = value.as.number;
        return true;
    case XL_BOOL:
        *ret_number = value.as.truth ? 1.0 : 0.0;
        return true;
    case XL_TEXT:
        return !value.as.text->unknown &&
               xl_number_of_text(script_text_flat(ev->run, value.as.text), ret_number);
    case XL_ERROR:
    case XL_REF:
    case XL_ARRAY:
    case XL_UNKNOWN:
        break;
    }
    return false;
}

/* As Excel joins numbers: 15 digits, "1E+20". */
static const struct script_text *number_text(struct xl *ev, double number)
{
    char room[40];
    int len = snprintf(room, sizeof room, "%.15g", number == 0.0 ? 0.0 : number);

    for (int i = 0; i < len; i++)
        if (room[i] == 'e')
            room[i] = 'E';
    return script_text_new(ev->run, hn_text_of(room, (size_t)len), NULL);
}

const struct script_text *xl_to_text(struct xl *ev, struct xl_value value)
{
    const struct script_text *text = ev->empty;

    value = xl_plain(ev, value);
    switch (value.kind) {
    case XL_TEXT:
    case XL_UNKNOWN:
        return value.as.text;
    case XL_NUMBER:
        text = number_text(ev, value.as.number);
        break;
    case XL_BOOL:
        text = script_text_borrow(
                ev->run, value.as.truth ? HN_TEXT("TRUE") : HN_TEXT("FALSE"), NULL);
        break;
    case XL_ERROR:
        text = script_text_borrow(ev->run, hn_text_cstr(value.as.error), NULL);
        break;
    case XL_BLANK:
    case XL_MISSING:
    case XL_REF:
    case XL_ARRAY:
        break;
    }
    return text != NULL ? text : ev->empty;
}

struct hn_text xl_flat(struct xl *ev, struct xl_value value)
{
    struct hn_text flat = script_text_flat(ev->run, xl_to_text(ev, value));

    return flat.ptr != NULL ? flat : HN_TEXT("");
}

bool xl_to_truth(struct xl *ev, struct xl_value value, bool *ret_truth)
{
    double number;

    value = xl_plain(ev, value);
    if (value.kind == XL_TEXT && !value.as.text->unknown) {
        struct hn_text flat = xl_flat(ev, value);

        if (hn_text_eq_nocase(flat, HN_TEXT("TRUE")) || hn_text_eq_nocase(flat, HN_TEXT("FALSE"))) {
            *ret_truth = flat.len == 4;
            return true;
        }
    }
    if (!xl_to_number(ev, value, &number))
        return false;
    *ret_truth = number != 0.0;
    return true;
}

struct xl_value xl_cannot(struct xl *ev, struct xl_value value, const char *name)
{
    value = xl_plain(ev, value);
    if (value.kind == XL_ERROR)
        return value;
    if (xl_is_unknown(value))
        return xl_unknown(ev, "%s", name);
    return xl_error("#VALUE!");
}

static int fold(uint16_t unit)
{
    return unit >= 'A' && unit <= 'Z' ? unit + 32 : unit;
}

static int compare_texts(struct xl *ev, const struct script_text *a, const struct script_text *b)
{
    const uint16_t *x = script_text_units(ev->run, a);
    const uint16_t *y = script_text_units(ev->run, b);

    if (x == NULL || y == NULL || !xl_spend(ev, (a->units + b->units) / 16))
        return 0;
    for (size_t i = 0; i < a->units && i < b->units; i++)
        if (fold(x[i]) != fold(y[i]))
            return fold(x[i]) < fold(y[i]) ? -1 : 1;
    return (a->units > b->units) - (a->units < b->units);
}

static int rank(struct xl_value value)
{
    return value.kind == XL_BOOL ? 2 : value.kind == XL_TEXT ? 1 : 0;
}

/* A blank cell is as good as 0, "" or FALSE. */
static struct xl_value blank_like(struct xl *ev, struct xl_value blank, struct xl_value other)
{
    if (blank.kind != XL_BLANK && blank.kind != XL_MISSING)
        return blank;
    if (other.kind == XL_TEXT)
        return xl_text(ev->empty);
    return other.kind == XL_BOOL ? xl_bool(false) : xl_number(0.0);
}

int xl_compare(struct xl *ev, struct xl_value a, struct xl_value b)
{
    double x = 0.0;
    double y = 0.0;

    a = blank_like(ev, a, b);
    b = blank_like(ev, b, a);
    if (rank(a) != rank(b))
        return rank(a) < rank(b) ? -1 : 1;
    if (a.kind == XL_TEXT)
        return compare_texts(ev, a.as.text, b.as.text);
    (void)xl_to_number(ev, a, &x);
    (void)xl_to_number(ev, b, &y);
    return (x > y) - (x < y);
}

static struct xl_value compared(char op, int order)
{
    switch (op) {
    case '=':
        return xl_bool(order == 0);
    case '<':
        return xl_bool(order < 0);
    case '>':
        return xl_bool(order > 0);
    case 'l':
        return xl_bool(order <= 0);
    case 'g':
        return xl_bool(order >= 0);
    default:
        return xl_bool(order != 0);
    }
}

static struct xl_value arithmetic(struct xl *ev, char op, struct xl_value a, struct xl_value b)
{
    double x;
    double y;

    if (!xl_to_number(ev, a, &x))
        return xl_cannot(ev, a, xl_is_unknown(a) ? "number" : "");
    if (!xl_to_number(ev, b, &y))
        return xl_cannot(ev, b, xl_is_unknown(b) ? "number" : "");
    switch (op) {
    case '+':
        return xl_number(x + y);
    case '-':
        return xl_number(x - y);
    case '*':
        return xl_number(x * y);
    case '^':
        return xl_number(pow(x, y));
    default:
        return y != 0.0 ? xl_number(x / y) : xl_error("#DIV/0!");
    }
}

struct xl_value xl_binary(struct xl *ev, char op, struct xl_value a, struct xl_value b)
{
    if (op == ':') {
        if (a.kind != XL_REF || b.kind != XL_REF)
            return xl_error("#REF!");
        a.as.ref.row_last = b.as.ref.row_last > a.as.ref.row ? b.as.ref.row_last : a.as.ref.row;
        a.as.ref.column_last =
                b.as.ref.column_last > a.as.ref.column ? b.as.ref.column_last : a.as.ref.column;
        return a;
    }
    a = xl_plain(ev, a);
    b = xl_plain(ev, b);
    if (a.kind == XL_ERROR)
        return a;
    if (b.kind == XL_ERROR)
        return b;
    if (op == '&') {
        const struct script_text *joined =
                script_text_join(ev->run, xl_to_text(ev, a), xl_to_text(ev, b));

        return xl_text(joined);
    }
    if (strchr("+-*/^", op) != NULL)
        return arithmetic(ev, op, a, b);
    if (xl_is_unknown(a) || xl_is_unknown(b))
        return xl_unknown(ev, "condition");
    return compared(op, xl_compare(ev, a, b));
}
