/* xlm_fn_number.c - Excel's functions of numbers and truths. */
#include "xlm/xlm_functions.h"

#include <math.h>

typedef double one_number(double x);

/* A function of one number. */
static struct xl_value of_one(struct xl *ev, const struct xl_call *call, one_number *fn)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    double x;

    return xl_to_number(ev, value, &x) ? xl_number(fn(x)) : xl_cannot(ev, value, call->name);
}

static double sign(double x)
{
    return (x > 0.0) - (x < 0.0);
}

static double factorial(double x)
{
    double made = 1.0;

    for (double i = 2.0; i <= x && i <= 171.0; i += 1.0)
        made *= i;
    return x < 0.0 ? (double)NAN : made;
}

/* Away from zero, to the next even or odd number. */
static double to_even(double x)
{
    return sign(x) * ceil(fabs(x) / 2.0) * 2.0;
}

static double to_odd(double x)
{
    return (x < 0.0 ? -1.0 : 1.0) * (ceil((fabs(x) < 1.0 ? 0.0 : fabs(x) - 1.0) / 2.0) * 2.0 + 1.0);
}

#define OF_ONE(name, fn)                                            \
    struct xl_value name(struct xl *ev, const struct xl_call *call) \
    {                                                               \
        return of_one(ev, call, fn);                                \
    }

OF_ONE(xl_fn_int, floor)
OF_ONE(xl_fn_abs, fabs)
OF_ONE(xl_fn_sign, sign)
OF_ONE(xl_fn_sqrt, sqrt)
OF_ONE(xl_fn_exp, exp)
OF_ONE(xl_fn_ln, log)
OF_ONE(xl_fn_log10, log10)
OF_ONE(xl_fn_sin, sin)
OF_ONE(xl_fn_cos, cos)
OF_ONE(xl_fn_tan, tan)
OF_ONE(xl_fn_fact, factorial)
OF_ONE(xl_fn_even, to_even)
OF_ONE(xl_fn_odd, to_odd)

typedef double two_numbers(double x, double y);

static struct xl_value of_two(
        struct xl *ev, const struct xl_call *call, double otherwise, two_numbers *fn)
{
    struct xl_value a = xl_arg_plain(ev, call, 0);
    struct xl_value b = xl_arg_plain(ev, call, 1);
    double x;
    double y = otherwise;

    if (!xl_to_number(ev, a, &x))
        return xl_cannot(ev, a, call->name);
    if (b.kind != XL_MISSING && !xl_to_number(ev, b, &y))
        return xl_cannot(ev, b, call->name);
    return xl_number(fn(x, y));
}

static double scale_of(double digits)
{
    return pow(10.0, trunc(digits < -300.0 ? -300.0 : digits > 300.0 ? 300.0 : digits));
}

/* A scaled number that is all but whole is whole: 1.005 * 100 is what was meant by 100.5. */
static double scaled(double x, double scale)
{
    double made = x * scale;

    return fabs(made - round(made)) < 1e-9 ? round(made) : made;
}

static double round_half(double x, double digits)
{
    return round(scaled(x, scale_of(digits))) / scale_of(digits);
}

static double round_up(double x, double digits)
{
    return sign(x) * ceil(fabs(scaled(x, scale_of(digits)))) / scale_of(digits);
}

static double round_down(double x, double digits)
{
    return trunc(scaled(x, scale_of(digits))) / scale_of(digits);
}

/* The sign is that of the divisor. */
static double modulo(double x, double y)
{
    return y == 0.0 ? (double)NAN : x - y * floor(x / y);
}

static double quotient(double x, double y)
{
    return y == 0.0 ? (double)NAN : trunc(x / y);
}

static double log_base(double x, double y)
{
    return log(x) / log(y);
}

static double ceiling(double x, double y)
{
    return y == 0.0 ? 0.0 : ceil(x / y) * y;
}

static double floor_to(double x, double y)
{
    return y == 0.0 ? (double)NAN : floor(x / y) * y;
}

#define OF_TWO(name, otherwise, fn)                                 \
    struct xl_value name(struct xl *ev, const struct xl_call *call) \
    {                                                               \
        return of_two(ev, call, otherwise, fn);                     \
    }

OF_TWO(xl_fn_round, 0.0, round_half)
OF_TWO(xl_fn_roundup, 0.0, round_up)
OF_TWO(xl_fn_rounddown, 0.0, round_down)
OF_TWO(xl_fn_mod, 0.0, modulo)
OF_TWO(xl_fn_quotient, 0.0, quotient)
OF_TWO(xl_fn_power, 1.0, pow)
OF_TWO(xl_fn_log, 10.0, log_base)
OF_TWO(xl_fn_ceiling, 1.0, ceiling)
OF_TWO(xl_fn_floor, 1.0, floor_to)

/* ---- Bits ---- */

#define BITS_MAX 281474976710655.0 /* 48 bits, as Excel */

static double bits_of(double x, double y, char op)
{
    uint64_t a;
    uint64_t b;

    if (x < 0.0 || x > BITS_MAX || y < 0.0 || y > BITS_MAX)
        return (double)NAN;
    a = (uint64_t)x;
    b = (uint64_t)y;
    return (double)(op == '^' ? a ^ b : op == '&' ? a & b : a | b);
}

static double bit_xor(double x, double y)
{
    return bits_of(x, y, '^');
}

static double bit_and(double x, double y)
{
    return bits_of(x, y, '&');
}

static double bit_or(double x, double y)
{
    return bits_of(x, y, '|');
}

static double bit_left(double x, double y)
{
    return fabs(y) > 53.0 || x < 0.0 ? (double)NAN : floor(ldexp(floor(x), (int)y));
}

static double bit_right(double x, double y)
{
    return bit_left(x, -y);
}

OF_TWO(xl_fn_bitxor, 0.0, bit_xor)
OF_TWO(xl_fn_bitand, 0.0, bit_and)
OF_TWO(xl_fn_bitor, 0.0, bit_or)
OF_TWO(xl_fn_bitlshift, 0.0, bit_left)
OF_TWO(xl_fn_bitrshift, 0.0, bit_right)

/* ---- Bases ---- */

static struct xl_value from_base(struct xl *ev, const struct xl_call *call, uint32_t base)
{
    struct hn_text digits = hn_text_trim(xl_flat(ev, xl_arg(call, 0)));
    uint64_t number = 0;

    if (xl_is_unknown(xl_arg_plain(ev, call, 0)))
        return xl_unknown(ev, "%s", call->name);
    if (base < 2 || base > 36 || digits.len > 10)
        return xl_error("#NUM!");
    for (size_t i = 0; i < digits.len; i++) {
        char c = digits.ptr[i];
        uint32_t digit =
                c >= '0' && c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 0x20) - 'a' + 10);

        if (digit >= base)
            return xl_error("#NUM!");
        number = number * base + digit;
    }
    return xl_number((double)number);
}

static struct xl_value to_base(
        struct xl *ev, const struct xl_call *call, uint32_t base, uint32_t places_at)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    double places = xl_arg_number(ev, call, places_at, 0.0);
    char room[64];
    size_t at = sizeof room;
    uint64_t rest;
    double number;

    if (!xl_to_number(ev, value, &number))
        return xl_cannot(ev, value, call->name);
    if (number < 0.0 || number > BITS_MAX || base < 2 || base > 36 || places > 40.0)
        return xl_error("#NUM!");
    rest = (uint64_t)number;
    do {
        uint32_t digit = (uint32_t)(rest % base);

        room[--at] = (char)(digit < 10 ? '0' + digit : 'A' + digit - 10);
        rest /= base;
    } while (rest > 0);
    while ((double)(sizeof room - at) < places)
        room[--at] = '0';
    return xl_text(script_text_new(ev->run, hn_text_of(room + at, sizeof room - at),
            script_origin_new(ev->run, "number", call->offset, HN_TEXT(""), NULL, NULL)));
}

static uint32_t base_arg(struct xl *ev, const struct xl_call *call)
{
    double base = xl_arg_number(ev, call, 1, 10.0);

    return base >= 2.0 && base <= 36.0 ? (uint32_t)base : 0;
}

struct xl_value xl_fn_hex2dec(struct xl *ev, const struct xl_call *call)
{
    return from_base(ev, call, 16);
}

struct xl_value xl_fn_oct2dec(struct xl *ev, const struct xl_call *call)
{
    return from_base(ev, call, 8);
}

struct xl_value xl_fn_bin2dec(struct xl *ev, const struct xl_call *call)
{
    return from_base(ev, call, 2);
}

struct xl_value xl_fn_decimal(struct xl *ev, const struct xl_call *call)
{
    return from_base(ev, call, base_arg(ev, call));
}

struct xl_value xl_fn_dec2hex(struct xl *ev, const struct xl_call *call)
{
    return to_base(ev, call, 16, 1);
}

struct xl_value xl_fn_dec2oct(struct xl *ev, const struct xl_call *call)
{
    return to_base(ev, call, 8, 1);
}

struct xl_value xl_fn_dec2bin(struct xl *ev, const struct xl_call *call)
{
    return to_base(ev, call, 2, 1);
}

struct xl_value xl_fn_base(struct xl *ev, const struct xl_call *call)
{
    return to_base(ev, call, base_arg(ev, call), 2);
}

struct xl_value xl_fn_pi(struct xl *ev, const struct xl_call *call)
{
    (void)ev;
    (void)call;
    return xl_number(3.14159265358979);
}
