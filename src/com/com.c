/* com.c - values: what members are given and give back, and the conversions between them. */
#include "com/com_internal.h"

#include "base/num.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

const struct script_text *com_literal(struct com *com, const char *text)
{
    return script_text_borrow(com->run, hn_text_cstr(text), NULL);
}

/* What is nothing but unknown is an unknown value. */
struct com_value com_value_text(const struct script_text *text)
{
    bool whole = text != NULL && text->unknown && text->left == NULL && text->len > 0 &&
                 text->ptr[0] == '{' &&
                 hn_text_find_char(hn_text_of(text->ptr, text->len), '}', 0) == text->len - 1;

    if (text == NULL)
        return (struct com_value){ .kind = COM_EMPTY };
    return (struct com_value){ .kind = whole ? COM_UNKNOWN : COM_TEXT, .text = text };
}

struct com_value com_value_bytes(const struct script_text *text)
{
    struct com_value value = com_value_text(text);

    if (value.kind == COM_TEXT && !text->unknown)
        value.kind = COM_BYTES;
    return value;
}

struct com_value com_value_number(double number)
{
    return (struct com_value){ .kind = COM_NUMBER, .number = number };
}

struct com_value com_value_bool(bool truth)
{
    return (struct com_value){ .kind = COM_BOOL, .truth = truth };
}

struct com_value com_value_object(struct com_object *object)
{
    return (struct com_value){ .kind = object != NULL ? COM_OBJECT : COM_EMPTY, .object = object };
}

struct com_value com_value_unknown(struct com *com, const char *fmt, ...)
{
    char name[512];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(name, sizeof name, fmt, args);
    va_end(args);
    return (struct com_value){ .kind = COM_UNKNOWN,
        .text = script_text_unknown(com->run, name, NULL) };
}

struct com_value com_value_lit(struct com *com, const char *text)
{
    return com_value_text(com_literal(com, text));
}

struct com_value com_value_of(struct com *com, struct hn_text text)
{
    return com_value_text(script_text_new(com->run, text, NULL));
}

bool com_is_unknown(struct com_value value)
{
    return value.kind == COM_UNKNOWN || (value.text != NULL && value.text->unknown);
}

struct com_value com_unknown_of(struct com *com, struct com_value of)
{
    if (com_is_unknown(of) && of.text != NULL)
        return (struct com_value){ .kind = COM_UNKNOWN, .text = of.text };
    return com_value_unknown(com, "value");
}

static const struct script_text *number_text(struct com *com, double number)
{
    char digits[40];
    struct hn_buf out = hn_buf_over(digits, sizeof digits);

    if (number == floor(number) && fabs(number) < 1e15)
        hn_buf_add_i64(&out, (int64_t)number);
    else
        hn_buf_addf(&out, "%.15g", number);
    return script_text_new(com->run, hn_buf_text(&out), NULL);
}

const struct script_text *com_text(struct com *com, const struct com_value *value)
{
    struct com_value plain;

    if (value->text != NULL)
        return value->text;
    switch (value->kind) {
    case COM_BOOL:
        return com_literal(com, value->truth ? "True" : "False");
    case COM_NUMBER:
        return number_text(com, value->number);
    case COM_OBJECT:
        if (com_default(com, value->object, &plain) && plain.kind != COM_OBJECT)
            return com_text(com, &plain);
        return script_text_unknown(com->run, value->object->class->name, NULL);
    case COM_UNKNOWN:
    case COM_FOREIGN:
    case COM_ARRAY:
        return script_text_unknown(com->run, "value", NULL);
    case COM_TEXT:
    case COM_BYTES:
    case COM_MISSING:
    case COM_EMPTY:
        break;
    }
    return com_literal(com, "");
}

struct hn_text com_flat(struct com *com, struct com_value value)
{
    const struct script_text *text = com_text(com, &value);
    struct hn_text flat = { NULL, 0 };

    if (text != NULL)
        flat = script_text_flat(com->run, text);
    return flat.ptr != NULL ? flat : HN_TEXT("");
}

bool com_number(struct com *com, struct com_value value, double *ret_number)
{
    struct hn_text text;

    switch (value.kind) {
    case COM_BOOL:
        *ret_number = value.truth ? -1 : 0;
        return true;
    case COM_NUMBER:
        *ret_number = value.number;
        return true;
    case COM_EMPTY:
        *ret_number = 0;
        return true;
    case COM_TEXT:
    case COM_FOREIGN:
        text = hn_text_trim(com_flat(com, value));
        return !com_is_unknown(value) && text.len < 64 && hn_parse_real(text, ret_number);
    case COM_MISSING:
    case COM_UNKNOWN:
    case COM_BYTES:
    case COM_ARRAY:
    case COM_OBJECT:
        break;
    }
    return false;
}

int com_truth(struct com *com, struct com_value value)
{
    double number;

    if (com_is_unknown(value))
        return -1;
    if (value.kind == COM_TEXT && hn_text_eq_nocase(com_flat(com, value), HN_TEXT("true")))
        return 1;
    if (value.kind == COM_TEXT && hn_text_eq_nocase(com_flat(com, value), HN_TEXT("false")))
        return 0;
    return com_number(com, value, &number) ? number != 0 : -1;
}

const struct script_text *com_join3(
        struct com *com, const struct script_text *a, const char *mid, const struct script_text *b)
{
    const struct script_text *text = a;

    if (text != NULL && mid[0] != '\0')
        text = script_text_join(com->run, text, com_literal(com, mid));
    return text != NULL && b != NULL ? script_text_join(com->run, text, b) : NULL;
}

struct com_value com_join(struct com *com, struct com_value a, struct com_value b)
{
    const struct script_text *left = com_text(com, &a);
    const struct script_text *right = com_text(com, &b);

    if (left == NULL || right == NULL)
        return com_value_unknown(com, "text");
    if (left->len == 0 || right->len == 0)
        return com_value_text(left->len == 0 ? right : left);
    return com_value_text(script_text_join(com->run, left, right));
}
