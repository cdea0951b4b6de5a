/* vbscript_fn_number.c - Basic's functions of numbers, conversions, formats. */
#include "vbscript/vbscript_functions.h"

#include <math.h>
#include <stdio.h>

static bool real_arg(struct vb_eval *ev, const struct vb_call *call, double *ret_real)
{
    return vb_to_real(ev, vb_arg(call, 0), ret_real);
}

static struct vb_value unknown_arg(struct vb_eval *ev, const struct vb_call *call)
{
    return vb_unknown_of(ev, vb_arg(call, 0));
}

/* A Double again, or an integer where it was one. */
static struct vb_value like_arg(const struct vb_call *call, double real)
{
    const struct vb_value *arg = &call->args[0];

    if (arg->kind == VB_INT && fabs(real) < 9e15)
        return vb_int((int64_t)real, arg->width);
    return vb_real(real);
}

struct vb_value vb_fn_abs(struct vb_eval *ev, const struct vb_call *call)
{
    double real;

    return real_arg(ev, call, &real) ? like_arg(call, fabs(real)) : unknown_arg(ev, call);
}

struct vb_value vb_fn_sgn(struct vb_eval *ev, const struct vb_call *call)
{
    double real;

    return real_arg(ev, call, &real) ? vb_int((real > 0.0) - (real < 0.0), 2)
                                     : unknown_arg(ev, call);
}

struct vb_value vb_fn_int(struct vb_eval *ev, const struct vb_call *call)
{
    double real;

    return real_arg(ev, call, &real) ? like_arg(call, floor(real)) : unknown_arg(ev, call);
}

struct vb_value vb_fn_fix(struct vb_eval *ev, const struct vb_call *call)
{
    double real;

    return real_arg(ev, call, &real) ? like_arg(call, trunc(real)) : unknown_arg(ev, call);
}

struct vb_value vb_fn_round(struct vb_eval *ev, const struct vb_call *call)
{
    int64_t digits = vb_arg_int(ev, call, 1, 0);
    double scale = digits > 0 && digits < 16 ? pow(10.0, (double)digits) : 1.0;
    double real;

    if (!real_arg(ev, call, &real))
        return unknown_arg(ev, call);
    return like_arg(call, vb_round_even(real * scale) / scale);
}

static struct vb_value function(
        struct vb_eval *ev, const struct vb_call *call, double (*fn)(double x))
{
    double real;

    if (!real_arg(ev, call, &real))
        return unknown_arg(ev, call);
    real = fn(real);
    if (isnan(real) || isinf(real)) {
        vb_raise(ev, isnan(real) ? 5 : 6);
        return vb_unknown(ev, "number");
    }
    return vb_real(real);
}

struct vb_value vb_fn_sqr(struct vb_eval *ev, const struct vb_call *call)
{
    return function(ev, call, sqrt);
}

struct vb_value vb_fn_exp(struct vb_eval *ev, const struct vb_call *call)
{
    return function(ev, call, exp);
}

struct vb_value vb_fn_log(struct vb_eval *ev, const struct vb_call *call)
{
    return function(ev, call, log);
}

struct vb_value vb_fn_sin(struct vb_eval *ev, const struct vb_call *call)
{
    return function(ev, call, sin);
}

struct vb_value vb_fn_cos(struct vb_eval *ev, const struct vb_call *call)
{
    return function(ev, call, cos);
}

struct vb_value vb_fn_tan(struct vb_eval *ev, const struct vb_call *call)
{
    return function(ev, call, tan);
}

struct vb_value vb_fn_atn(struct vb_eval *ev, const struct vb_call *call)
{
    return function(ev, call, atan);
}

static struct vb_value radix(struct vb_eval *ev, const struct vb_call *call, bool hex)
{
    struct vb_value value = vb_arg(call, 0);
    int64_t number;
    char digits[32];
    int len;

    if (!vb_to_int(ev, value, &number))
        return unknown_arg(ev, call);
    /* Negative numbers show the bits of their type. */
    if (number < 0 && number >= INT16_MIN && value.kind == VB_INT && value.width <= 2)
        number = (uint16_t)number;
    else if (number < 0 && number >= INT32_MIN)
        number = (uint32_t)number;
    len = hex ? snprintf(digits, sizeof digits, "%llX", (unsigned long long)number)
              : snprintf(digits, sizeof digits, "%llo", (unsigned long long)number);
    return vb_text_of(ev, hn_text_of(digits, (size_t)len));
}

struct vb_value vb_fn_hex(struct vb_eval *ev, const struct vb_call *call)
{
    return radix(ev, call, true);
}

struct vb_value vb_fn_oct(struct vb_eval *ev, const struct vb_call *call)
{
    return radix(ev, call, false);
}

/* Val() reads as far as a number goes, over spaces. */
struct vb_value vb_fn_val(struct vb_eval *ev, const struct vb_call *call)
{
    struct hn_text text = vb_flat(ev, vb_arg(call, 0));
    char digits[64];
    size_t len = 0;
    struct vb_value value;

    if (vb_is_unknown(vb_arg(call, 0)))
        return unknown_arg(ev, call);
    for (size_t i = 0; i < text.len && len < sizeof digits; i++)
        if (text.ptr[i] != ' ' && text.ptr[i] != '\t' && text.ptr[i] != '\n')
            digits[len++] = text.ptr[i];
    for (; len > 0; len--)
        if (digits[len - 1] != '&' && vb_text_to_number(hn_text_of(digits, len), &value))
            return value;
    return vb_int(0, 2);
}

/* Str() puts a space where a minus would stand. */
struct vb_value vb_fn_str(struct vb_eval *ev, const struct vb_call *call)
{
    double real;
    struct vb_value text;

    if (!real_arg(ev, call, &real))
        return unknown_arg(ev, call);
    text = vb_text(
            vb_to_text(ev, vb_arg(call, 0).kind == VB_TEXT ? vb_real(real) : vb_arg(call, 0)));
    return real >= 0.0 ? vb_binary(ev, '&', vb_lit(ev, " "), text) : text;
}

static struct vb_value convert(struct vb_eval *ev, const struct vb_call *call, enum vb_type type)
{
    struct vb_value value = vb_plain(ev, vb_arg(call, 0));

    if (vb_is_unknown(value) && type != VB_T_STRING)
        return vb_unknown_of(ev, value);
    return vb_coerce(ev, value, type);
}

struct vb_value vb_fn_cint(struct vb_eval *ev, const struct vb_call *call)
{
    return convert(ev, call, VB_T_INTEGER);
}

struct vb_value vb_fn_clng(struct vb_eval *ev, const struct vb_call *call)
{
    return convert(ev, call, VB_T_LONG);
}

struct vb_value vb_fn_clnglng(struct vb_eval *ev, const struct vb_call *call)
{
    return convert(ev, call, VB_T_LONGLONG);
}

struct vb_value vb_fn_cbyte(struct vb_eval *ev, const struct vb_call *call)
{
    return convert(ev, call, VB_T_BYTE);
}

struct vb_value vb_fn_cdbl(struct vb_eval *ev, const struct vb_call *call)
{
    return convert(ev, call, VB_T_DOUBLE);
}

struct vb_value vb_fn_csng(struct vb_eval *ev, const struct vb_call *call)
{
    return convert(ev, call, VB_T_SINGLE);
}

struct vb_value vb_fn_cbool(struct vb_eval *ev, const struct vb_call *call)
{
    return convert(ev, call, VB_T_BOOLEAN);
}

struct vb_value vb_fn_cstr(struct vb_eval *ev, const struct vb_call *call)
{
    return convert(ev, call, VB_T_STRING);
}

struct vb_value vb_fn_cvar(struct vb_eval *ev, const struct vb_call *call)
{
    return vb_plain(ev, vb_arg(call, 0));
}

struct vb_value vb_fn_rgb(struct vb_eval *ev, const struct vb_call *call)
{
    int64_t red = vb_arg_int(ev, call, 0, 0) & 0xFF;
    int64_t green = vb_arg_int(ev, call, 1, 0) & 0xFF;
    int64_t blue = vb_arg_int(ev, call, 2, 0) & 0xFF;

    return vb_int(red | green << 8 | blue << 16, 4);
}

/* ---- Format: of digits and of case; dates and the rest are unknown ---- */

static struct vb_value format_digits(struct vb_eval *ev, double real, struct hn_text picture)
{
    size_t dot = hn_text_find_char(picture, '.', 0);
    struct hn_text whole = hn_text_sub(picture, 0, dot);
    int places = dot == SIZE_MAX ? 0 : (int)(picture.len - dot - 1);
    int zeros = 0;
    char out[128];
    int len;

    for (size_t i = 0; i < whole.len; i++)
        zeros += whole.ptr[i] == '0';
    if (places > 15 || zeros > 40 || fabs(real) > 1e15)
        return vb_unknown(ev, "Format");
    len = snprintf(out, sizeof out, "%0*.*f", zeros + (places > 0 ? places + 1 : 0), places, real);
    return vb_text_of(ev, hn_text_of(out, (size_t)len));
}

static bool is_digits(struct hn_text picture)
{
    for (size_t i = 0; i < picture.len; i++)
        if (picture.ptr[i] != '0' && picture.ptr[i] != '#' && picture.ptr[i] != '.')
            return false;
    return picture.len > 0;
}

struct vb_value vb_fn_format(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value value = vb_plain(ev, vb_arg(call, 0));
    struct hn_text picture = vb_arg_text(ev, call, 1);
    struct vb_call one = *call;
    double real;

    if (picture.len == 0)
        return vb_text(vb_to_text(ev, value));
    one.count = 1;
    if (hn_text_eq(picture, HN_TEXT(">")))
        return vb_fn_ucase(ev, &one);
    if (hn_text_eq(picture, HN_TEXT("<")))
        return vb_fn_lcase(ev, &one);
    if (hn_text_eq(picture, HN_TEXT("@")))
        return vb_text(vb_to_text(ev, value));
    if (is_digits(picture) && value.kind != VB_DATE && !vb_is_unknown(value) &&
            vb_to_real(ev, value, &real))
        return format_digits(ev, real, picture);
    return vb_unknown(ev, "Format");
}
