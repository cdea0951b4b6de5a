/* vbscript_value.c - values and the conversions between them that Basic makes by itself. */
#include "vbscript/vbscript_internal.h"

#include "base/num.h"
#include "base/utf.h"

#include <math.h>
#include <stdio.h>

struct vb_value vb_int(int64_t number, uint8_t width)
{
    return (struct vb_value){ .kind = VB_INT, .width = width, .as.number = number };
}

struct vb_value vb_bool(bool truth)
{
    return (struct vb_value){ .kind = VB_BOOL, .as.truth = truth };
}

struct vb_value vb_real(double real)
{
    return (struct vb_value){ .kind = VB_REAL, .as.real = real };
}

struct vb_value vb_text(const struct script_text *text)
{
    if (text == NULL)
        return (struct vb_value){ .kind = VB_EMPTY };
    return (struct vb_value){ .kind = VB_TEXT, .as.text = text };
}

struct vb_value vb_text_of(struct vb_eval *ev, struct hn_text text)
{
    return vb_text(script_text_new(ev->run, text, NULL));
}

struct vb_value vb_lit(struct vb_eval *ev, const char *text)
{
    return vb_text(script_text_borrow(ev->run, hn_text_cstr(text), NULL));
}

struct vb_value vb_object_value(struct vb_object *object)
{
    return (struct vb_value){ .kind = VB_OBJECT, .as.object = object };
}

struct vb_value vb_unknown(struct vb_eval *ev, const char *fmt, ...)
{
    char name[512];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(name, sizeof name, fmt, args);
    va_end(args);
    return (struct vb_value){ .kind = VB_UNKNOWN,
        .as.text = script_text_unknown(ev->run, name, NULL) };
}

/* What is computed from something unknown is as unknown, under the same name. */
struct vb_value vb_unknown_of(struct vb_eval *ev, struct vb_value of)
{
    if (of.kind == VB_UNKNOWN)
        return of;
    if (of.kind == VB_TEXT && of.as.text != NULL && of.as.text->unknown)
        return (struct vb_value){ .kind = VB_UNKNOWN, .as.text = of.as.text };
    return vb_unknown(ev, "value");
}

bool vb_is_unknown(struct vb_value value)
{
    return value.kind == VB_UNKNOWN ||
           (value.kind == VB_TEXT && (value.as.text == NULL || value.as.text->unknown));
}

bool vb_is_missing(const struct vb_call *call, uint32_t index)
{
    return index >= call->count || call->args[index].kind == VB_MISSING;
}

void vb_raise(struct vb_eval *ev, int64_t number)
{
    if (ev->raised == 0)
        ev->raised = number;
}

bool vb_spend(struct vb_eval *ev, size_t bytes)
{
    return script_spend(ev->run, 1 + bytes / 64);
}

const struct script_origin *vb_origin(
        struct vb_eval *ev, const char *step, const struct script_text *from)
{
    return script_origin_new(
            ev->run, step, SCRIPT_NOWHERE, HN_TEXT(""), from != NULL ? from->origin : NULL, NULL);
}

/* ---- Numbers ---- */

double vb_round_even(double real)
{
    double whole = floor(real);
    double rest = real - whole;

    if (rest > 0.5 || (rest == 0.5 && fmod(whole, 2.0) != 0.0))
        return whole + 1.0;
    return whole;
}

/* UINT64_MAX: not a number of that many bits a digit. */
static uint64_t radix_digits(struct hn_text digits, unsigned bits)
{
    uint64_t number = 0;

    if (digits.len == 0 || digits.len > 21)
        return UINT64_MAX;
    for (size_t i = 0; i < digits.len; i++) {
        int c = digits.ptr[i] | 0x20;
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10)
                                                : 99u;

        if (digit >> bits != 0 || number >> 59 != 0)
            return UINT64_MAX;
        number = number << bits | digit;
    }
    return number;
}

/* &HFFFF is -1, &HFFFF& is not. */
static bool radix_number(struct hn_text text, struct vb_value *ret_value)
{
    int letter = text.len > 1 ? text.ptr[1] | 0x20 : 0;
    bool is_long = text.len > 2 && text.ptr[text.len - 1] == '&';
    struct hn_text digits = hn_text_sub(text, letter == 'h' || letter == 'o' ? 2 : 1, SIZE_MAX);
    uint64_t number =
            radix_digits(hn_text_sub(digits, 0, digits.len - is_long), letter == 'h' ? 4 : 3);

    if (number == UINT64_MAX)
        return false;
    if (number <= UINT16_MAX && !is_long)
        *ret_value = vb_int((int16_t)(uint16_t)number, 2);
    else if (number <= UINT32_MAX)
        *ret_value = vb_int((int32_t)(uint32_t)number, 4);
    else
        *ret_value = vb_int((int64_t)number, 8);
    return true;
}

static bool real_number(struct hn_text text, struct vb_value *ret_value)
{
    char digits[400];
    size_t len = 0;
    size_t i = 0;
    double real;

    if (text.len == 0 || text.len > 300)
        return false;
    if (text.ptr[0] == '-' || text.ptr[0] == '+') {
        if (text.ptr[0] == '-')
            digits[len++] = '-';
        i++;
    }
    while (i + 1 < text.len && text.ptr[i] == '0' && text.ptr[i + 1] >= '0' &&
            text.ptr[i + 1] <= '9')
        i++; /* leading zeros */
    if (i < text.len && text.ptr[i] == '.')
        digits[len++] = '0';
    for (; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '.' && (i + 1 == text.len || text.ptr[i + 1] < '0' || text.ptr[i + 1] > '9'))
            continue;
        digits[len++] = c == 'd' || c == 'D' ? 'e' : c;
    }
    if (!hn_parse_real(hn_text_of(digits, len), &real))
        return false;
    *ret_value = vb_real(real);
    return true;
}

/* What CDbl() takes: a number in any of Basic's forms, spaces around it. */
bool vb_text_to_number(struct hn_text text, struct vb_value *ret_value)
{
    int64_t number;

    text = hn_text_trim(text);
    if (text.len == 0)
        return false;
    if (text.ptr[0] == '&')
        return radix_number(text, ret_value);
    if (text.len > 1 &&
            text.ptr[text.len - 1] == '&') /* not a number for CDbl, but for the parser */
        return false;
    if (hn_parse_i64(text, &number) && number >= INT32_MIN && number <= INT32_MAX) {
        *ret_value = vb_int(number, number >= INT16_MIN && number <= INT16_MAX ? 2 : 4);
        return true;
    }
    return real_number(text, ret_value);
}

/* An array of bytes reads as UTF-16, other arrays as nothing. */
static const struct script_text *array_text(struct vb_eval *ev, struct vb_value value)
{
    struct hn_bytes bytes;
    uint16_t *units;

    if (value.as.array->type != VB_T_BYTE || !vb_bytes_of(ev, value, &bytes)) {
        vb_raise(ev, 13);
        return script_text_unknown(ev->run, "array", NULL);
    }
    units = hn_arena_raw(&ev->run->arena, bytes.len + 2, _Alignof(uint16_t));
    if (units == NULL)
        return NULL;
    for (size_t i = 0; i + 1 < bytes.len; i += 2)
        units[i / 2] = (uint16_t)(bytes.ptr[i] | bytes.ptr[i + 1] << 8);
    return script_text_from_units(ev->run, units, bytes.len / 2, vb_origin(ev, "bytes", NULL));
}

static const struct script_text *real_text(struct vb_eval *ev, double real)
{
    char digits[64];
    int len;

    if (isnan(real) || isinf(real))
        return script_text_unknown(ev->run, "number", NULL);
    if (fabs(real) < 1e15 && real == floor(real))
        len = snprintf(digits, sizeof digits, "%.0f", real);
    else
        len = snprintf(digits, sizeof digits, "%.15G", real);
    return script_text_new(ev->run, hn_text_of(digits, (size_t)len), NULL);
}

const struct script_text *vb_to_text(struct vb_eval *ev, struct vb_value value)
{
    char digits[32];
    const struct script_text *text = NULL;

    switch (value.kind) {
    case VB_TEXT:
    case VB_UNKNOWN:
        text = value.as.text;
        break;
    case VB_BOOL:
        text = script_text_borrow(
                ev->run, value.as.truth ? HN_TEXT("True") : HN_TEXT("False"), NULL);
        break;
    case VB_INT:
        text = script_text_new(ev->run,
                hn_text_of(digits, (size_t)snprintf(digits, sizeof digits, "%lld",
                                           (long long)value.as.number)),
                NULL);
        break;
    case VB_REAL:
        text = real_text(ev, value.as.real);
        break;
    case VB_DATE:
        text = script_text_unknown(ev->run, "date", NULL);
        break;
    case VB_ARRAY:
        text = array_text(ev, value);
        break;
    case VB_OBJECT:
        value = vb_plain(ev, value);
        if (value.kind != VB_OBJECT)
            return vb_to_text(ev, value);
        text = script_text_unknown(ev->run, "object", NULL);
        break;
    case VB_EMPTY:
    case VB_NULL:
    case VB_MISSING:
    case VB_ERROR:
        break;
    }
    if (text == NULL)
        text = script_text_borrow(ev->run, HN_TEXT(""), NULL);
    if (text == NULL) { /* out of memory; nobody shall have to ask */
        static const struct script_text nothing = { .ptr = "", .ascii = true, .unknown = true };

        text = &nothing;
    }
    return text;
}

struct hn_text vb_flat(struct vb_eval *ev, struct vb_value value)
{
    struct hn_text flat = script_text_flat(ev->run, vb_to_text(ev, value));

    return flat.ptr != NULL ? flat : HN_TEXT("");
}

bool vb_to_real(struct vb_eval *ev, struct vb_value value, double *ret_real)
{
    struct vb_value number = value;

    if (value.kind == VB_OBJECT)
        number = value = vb_plain(ev, value);
    if (value.kind == VB_TEXT && !value.as.text->unknown &&
            !vb_text_to_number(vb_flat(ev, value), &number)) {
        struct hn_text text = vb_flat(ev, value);

        if (!hn_text_eq_nocase(text, HN_TEXT("true")) &&
                !hn_text_eq_nocase(text, HN_TEXT("false"))) {
            vb_raise(ev, 13);
            return false;
        }
        number = vb_bool(text.len == 4);
    }
    switch (number.kind) {
    case VB_INT:
        *ret_real = (double)number.as.number;
        return true;
    case VB_REAL:
    case VB_DATE:
        *ret_real = number.as.real;
        return true;
    case VB_BOOL:
        *ret_real = number.as.truth ? -1.0 : 0.0;
        return true;
    case VB_EMPTY:
        *ret_real = 0.0;
        return true;
    case VB_ARRAY:
    case VB_ERROR:
        vb_raise(ev, 13);
        return false;
    case VB_NULL:
    case VB_MISSING:
    case VB_UNKNOWN:
    case VB_TEXT:
    case VB_OBJECT:
        break;
    }
    return false;
}

bool vb_to_int(struct vb_eval *ev, struct vb_value value, int64_t *ret_number)
{
    double real;

    if (value.kind == VB_INT) {
        *ret_number = value.as.number;
        return true;
    }
    if (!vb_to_real(ev, value, &real))
        return false;
    real = vb_round_even(real);
    if (!(real >= -9.2e18 && real <= 9.2e18)) {
        vb_raise(ev, 6);
        return false;
    }
    *ret_number = (int64_t)real;
    return true;
}

enum vb_truth vb_truth(struct vb_eval *ev, struct vb_value value)
{
    double real;

    value = vb_plain(ev, value);
    if (value.kind == VB_NULL)
        return VB_FALSE;
    if (vb_is_unknown(value) || value.kind == VB_OBJECT || !vb_to_real(ev, value, &real))
        return VB_MAYBE;
    return real != 0.0 ? VB_TRUE : VB_FALSE;
}

/* ---- Declared types ---- */

static struct vb_value coerce_int(struct vb_eval *ev, struct vb_value value, enum vb_type type)
{
    static const struct {
        int64_t least;
        int64_t most;
        uint8_t width;
    } ranges[] = {
        [VB_T_BYTE] = { 0, 255, 1 },
        [VB_T_INTEGER] = { INT16_MIN, INT16_MAX, 2 },
        [VB_T_LONG] = { INT32_MIN, INT32_MAX, 4 },
        [VB_T_LONGLONG] = { INT64_MIN, INT64_MAX, 8 },
    };
    int64_t number;

    if (!vb_to_int(ev, value, &number))
        return value.kind == VB_UNKNOWN ? value : vb_unknown(ev, "number");
    if (number < ranges[type].least || number > ranges[type].most) {
        vb_raise(ev, 6);
        return vb_unknown(ev, "overflow");
    }
    value = vb_int(number, ranges[type].width);
    value.typed = true;
    return value;
}

struct vb_value vb_coerce(struct vb_eval *ev, struct vb_value value, enum vb_type type)
{
    double real;

    if (type == VB_T_VARIANT || type == VB_T_OBJECT || type == VB_T_RECORD) {
        value.typed = false;
        return value;
    }
    if (value.kind == VB_OBJECT)
        value = vb_plain(ev, value);
    if (vb_is_unknown(value) || (value.kind == VB_ARRAY && type != VB_T_STRING))
        return value;
    switch (type) {
    case VB_T_STRING:
        return vb_text(vb_to_text(ev, value));
    case VB_T_BOOLEAN:
        if (vb_to_real(ev, value, &real))
            return vb_bool(real != 0.0);
        return vb_unknown(ev, "boolean");
    case VB_T_BYTE:
    case VB_T_INTEGER:
    case VB_T_LONG:
    case VB_T_LONGLONG:
        return coerce_int(ev, value, type);
    case VB_T_SINGLE:
    case VB_T_DOUBLE:
    case VB_T_CURRENCY:
    case VB_T_DATE:
        if (!vb_to_real(ev, value, &real))
            return vb_unknown(ev, "number");
        value = vb_real(type == VB_T_SINGLE ? (double)(float)real : real);
        value.kind = type == VB_T_DATE ? VB_DATE : VB_REAL;
        value.typed = true;
        return value;
    case VB_T_VARIANT:
    case VB_T_OBJECT:
    case VB_T_RECORD:
        break;
    }
    return value;
}

struct vb_value vb_initial(struct vb_eval *ev, enum vb_type type)
{
    switch (type) {
    case VB_T_STRING:
        return vb_lit(ev, "");
    case VB_T_BOOLEAN:
        return vb_bool(false);
    case VB_T_BYTE:
    case VB_T_INTEGER:
    case VB_T_LONG:
    case VB_T_LONGLONG:
        return coerce_int(ev, vb_int(0, 2), type);
    case VB_T_SINGLE:
    case VB_T_DOUBLE:
    case VB_T_CURRENCY:
    case VB_T_DATE:
        return vb_coerce(ev, vb_int(0, 2), type);
    case VB_T_OBJECT:
        return vb_object_value(NULL);
    case VB_T_VARIANT:
    case VB_T_RECORD:
        break;
    }
    return (struct vb_value){ .kind = VB_EMPTY };
}
