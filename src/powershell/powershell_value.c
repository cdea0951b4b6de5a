/* powershell_value.c - values and their conversions to numbers, truth and text. */
#include "powershell/powershell_internal.h"

#include "base/enc.h"

#include <math.h>
#include <stdlib.h>

static const struct script_text empty_text = { .ptr = "", .ascii = true };

struct ps_value ps_null(void)
{
    return (struct ps_value){ .kind = PS_NULL };
}

struct ps_value ps_bool(bool value)
{
    return (struct ps_value){ .kind = PS_BOOL, .as.number = value };
}

struct ps_value ps_wide(int64_t value, enum ps_width width)
{
    return (struct ps_value){ .kind = PS_INT, .width = width, .as.number = value };
}

struct ps_value ps_int(int64_t value)
{
    return ps_wide(value, value > INT32_MAX || value < INT32_MIN ? PS_I64 : PS_I32);
}

struct ps_value ps_real(double value)
{
    return (struct ps_value){ .kind = PS_DOUBLE, .as.real = value };
}

struct ps_value ps_char(int64_t unit)
{
    return (struct ps_value){ .kind = PS_CHAR, .as.number = unit & 0xFFFF };
}

struct ps_value ps_text(const struct script_text *text)
{
    return (struct ps_value){ .kind = PS_TEXT, .as.text = text != NULL ? text : &empty_text };
}

struct ps_value ps_text_of(struct ps *ps, struct hn_text text, const struct script_origin *origin)
{
    return ps_text(script_text_new(ps->run, text, origin));
}

struct ps_value ps_of_array(struct ps_array *array)
{
    return (struct ps_value){ .kind = PS_ARRAY, .as.array = array };
}

struct ps_value ps_of_type(struct ps *ps, struct hn_text name)
{
    struct ps_value v = ps_text(script_text_new(ps->run, ps_normal_type(ps->run, name), NULL));

    v.kind = PS_TYPE;
    return v;
}

struct ps_value ps_unknown(struct ps *ps, const char *fmt, ...)
{
    char name[1024];
    va_list args;
    struct ps_value v;

    va_start(args, fmt);
    (void)vsnprintf(name, sizeof name, fmt, args);
    va_end(args);
    v = ps_text(script_text_unknown(ps->run, name, NULL));
    v.kind = PS_UNKNOWN;
    return v;
}

const struct script_text *ps_text_with(struct ps *ps, const struct script_text *text,
        const struct script_origin *origin, bool unknown)
{
    struct script_text *made = text != NULL ? hn_new(&ps->run->arena, struct script_text, 1) : NULL;

    if (made == NULL)
        return text;
    *made = *text;
    made->unknown |= unknown && text->len > 0;
    if (origin != NULL)
        made->origin = origin;
    return made;
}

bool ps_is_unknown(const struct ps_value *v)
{
    return v->kind == PS_UNKNOWN || (v->kind == PS_TEXT && v->as.text->unknown);
}

const struct script_origin *ps_origin_of(const struct ps_value *v)
{
    if (v->kind == PS_TEXT || v->kind == PS_UNKNOWN || v->kind == PS_TYPE)
        return v->as.text->origin;
    if (v->kind == PS_ARRAY && v->as.array->origin == NULL && v->as.array->count > 0) {
        struct ps_value first = ps_at(v->as.array, 0);

        return first.kind == PS_TEXT ? first.as.text->origin : NULL;
    }
    if (v->kind == PS_ARRAY)
        return v->as.array->origin;
    if (v->kind == PS_OBJECT && v->as.object->state.kind != PS_OBJECT)
        return ps_origin_of(&v->as.object->state);
    return NULL;
}

const struct script_origin *ps_origin(struct ps *ps, const char *step, const struct ps_value *from)
{
    return script_origin_new(ps->run, step, SCRIPT_NOWHERE, (struct hn_text){ "", 0 },
            from != NULL ? ps_origin_of(from) : NULL, NULL);
}

bool ps_same_text(struct hn_text a, const char *b)
{
    return hn_text_eq_nocase(a, hn_text_cstr(b));
}

bool ps_one_of(struct hn_text text, const char *words)
{
    struct hn_text rest = hn_text_cstr(words);
    struct hn_text word;

    while (hn_text_split(&rest, '|', &word))
        if (hn_text_eq_nocase(text, word))
            return true;
    return false;
}

int ps_truth(struct ps *ps, const struct ps_value *v)
{
    struct ps_value first;

    switch ((unsigned)v->kind) {
    case PS_NULL:
        return 0;
    case PS_BOOL:
    case PS_INT:
    case PS_CHAR:
        return v->as.number != 0;
    case PS_DOUBLE:
        return v->as.real < 0 || v->as.real > 0;
    case PS_TEXT:
        return v->as.text->unknown ? -1 : v->as.text->len > 0;
    case PS_ARRAY:
        if (v->as.array->count != 1)
            return v->as.array->count > 0;
        first = ps_at(v->as.array, 0);
        return first.kind == PS_ARRAY ? 1 : ps_truth(ps, &first);
    case PS_UNKNOWN:
        return -1;
    case PS_OBJECT:
        first = ps_prop(v->as.object, "success"); /* of a match */
        return first.kind == PS_BOOL ? first.as.number != 0 : 1;
    default:
        return 1;
    }
}

/* ---- Numbers from text ---- */

static bool all_of(struct hn_text text, const char *chars)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\0' || strchr(chars, text.ptr[i]) == NULL)
            return false;
    return text.len > 0;
}

static struct ps_value whole_number(double real, struct hn_text digits)
{
    char copy[32];

    if (fabs(real) >= 9.2e18 || digits.len >= sizeof copy)
        return ps_real(real);
    memcpy(copy, digits.ptr, digits.len);
    copy[digits.len] = '\0';
    return ps_int(strtoll(copy, NULL, 10));
}

bool ps_parse_number(struct hn_text text, struct ps_value *ret)
{
    char copy[64];
    char *end = NULL;
    bool negative;

    text = hn_text_trim(text);
    if (text.len == 0) {
        *ret = ps_int(0);
        return true;
    }
    if (text.len >= sizeof copy)
        return false;
    negative = text.ptr[0] == '-';
    if (text.ptr[0] == '-' || text.ptr[0] == '+')
        text = hn_text_sub(text, 1, SIZE_MAX);
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (text.len > 2 && copy[0] == '0' && (copy[1] | 0x20) == 'x') {
        unsigned long long value;

        if (!hn_is_hex(hn_text_sub(text, 2, SIZE_MAX)) || text.len > 18)
            return false;
        value = strtoull(copy + 2, NULL, 16);
        *ret = text.len <= 10 ? ps_int((int32_t)(uint32_t)value) : ps_wide((int64_t)value, PS_I64);
        if (negative)
            ret->as.number = -ret->as.number;
        return true;
    }
    if (!all_of(text, "0123456789.eE+-,") || strchr("eE+-,", copy[0]) != NULL)
        return false;
    *ret = ps_real(strtod(copy, &end));
    if (end == NULL || *end != '\0')
        return false;
    if (all_of(text, "0123456789"))
        *ret = whole_number(ret->as.real, text);
    if (negative && ret->kind == PS_INT)
        ret->as.number = -ret->as.number;
    else if (negative)
        ret->as.real = -ret->as.real;
    return true;
}

bool ps_number_of(struct ps *ps, const struct ps_value *v, double *ret)
{
    struct ps_value parsed;

    *ret = 0.0;
    if (v->kind == PS_BOOL || v->kind == PS_INT || v->kind == PS_CHAR) {
        *ret = (double)v->as.number;
        return true;
    }
    if (v->kind == PS_DOUBLE) {
        *ret = v->as.real;
        return true;
    }
    if (v->kind == PS_NULL)
        return true;
    if (v->kind == PS_TEXT && !v->as.text->unknown && ps_parse_number(ps_flat(ps, v), &parsed)) {
        *ret = parsed.kind == PS_INT ? (double)parsed.as.number : parsed.as.real;
        return true;
    }
    if (v->kind == PS_ARRAY && v->as.array->count == 1) {
        parsed = ps_at(v->as.array, 0);
        return parsed.kind != PS_ARRAY && ps_number_of(ps, &parsed, ret);
    }
    return false;
}

/* Halves go to the even number, as .NET rounds. */
bool ps_int_of(struct ps *ps, const struct ps_value *v, int64_t *ret)
{
    double real;
    struct ps_value parsed;

    *ret = 0;
    if (v->kind == PS_BOOL || v->kind == PS_INT || v->kind == PS_CHAR) {
        *ret = v->as.number;
        return true;
    }
    if (v->kind == PS_TEXT && !v->as.text->unknown && ps_parse_number(ps_flat(ps, v), &parsed) &&
            parsed.kind == PS_INT) {
        *ret = parsed.as.number;
        return true;
    }
    if (!ps_number_of(ps, v, &real) || !(fabs(real) < 9.2e18))
        return false;
    *ret = (int64_t)nearbyint(real);
    return true;
}

size_t ps_size_of(struct ps *ps, const struct ps_value *v, size_t otherwise)
{
    int64_t number;

    if (v->kind == PS_NULL || !ps_int_of(ps, v, &number) || number < 0)
        return otherwise;
    return (size_t)number;
}

/* ---- Text ---- */

/* 15 digits, as .NET Framework writes a double. */
static struct hn_text real_text(double value, char room[64])
{
    int len;

    if (isnan(value))
        return T("NaN");
    if (isinf(value))
        return value > 0 ? T("Infinity") : T("-Infinity");
    len = snprintf(room, 64, "%.15g", value);
    for (int i = 0; i < len; i++)
        if (room[i] == 'e')
            room[i] = 'E';
    return hn_text_of(room, (size_t)len);
}

static const struct script_text *scalar_text(struct ps *ps, const struct ps_value *v)
{
    char room[64];
    uint16_t unit;
    int len;

    if (v->kind == PS_BOOL)
        return script_text_borrow(ps->run, v->as.number != 0 ? T("True") : T("False"), NULL);
    if (v->kind == PS_CHAR) {
        unit = (uint16_t)v->as.number;
        return script_text_from_units(ps->run, &unit, 1, NULL);
    }
    if (v->kind == PS_DOUBLE)
        return script_text_new(ps->run, real_text(v->as.real, room), NULL);
    len = v->width == PS_U64 ? snprintf(room, sizeof room, "%llu", (unsigned long long)v->as.number)
                             : snprintf(room, sizeof room, "%lld", (long long)v->as.number);
    return script_text_new(ps->run, hn_text_of(room, (size_t)len), NULL);
}

static const struct script_text *object_text(struct ps *ps, struct ps_object *object)
{
    struct ps_value v = ps_prop(object, "value"); /* of matches, groups, environment variables */

    if (object->com != NULL)
        return ps_com_text(ps, object->com);
    if (hn_text_eq(object->type, T("text.stringbuilder")) || v.kind == PS_NULL)
        v = object->state;
    if (v.kind == PS_TEXT || v.kind == PS_UNKNOWN || v.kind == PS_CHAR)
        return ps_text_from(ps, &v);
    v = ps_prop(object, "definition");
    if (v.kind == PS_NULL)
        v = ps_prop(object, "name");
    if (v.kind == PS_TEXT)
        return v.as.text;
    return script_text_new(ps->run, object->type, NULL);
}

static const struct script_text *text_or_null(struct ps *ps, const struct ps_value *v)
{
    struct ps_value joined;
    struct ps_value separator;

    switch ((unsigned)v->kind) {
    case PS_NULL:
        return &empty_text;
    case PS_TEXT:
    case PS_TYPE:
    case PS_UNKNOWN:
        return v->as.text;
    case PS_ARRAY:
        separator = ps_var_get(ps, T("OFS"));
        if (separator.kind == PS_NULL)
            separator = ps_text(script_text_borrow(ps->run, T(" "), NULL));
        joined = ps_join(ps, *v, separator);
        return joined.as.text;
    case PS_HASH:
        return script_text_borrow(ps->run, T("System.Collections.Hashtable"), NULL);
    case PS_BLOCK:
        return script_text_borrow(ps->run, v->as.block->source, NULL);
    case PS_OBJECT:
        return object_text(ps, v->as.object);
    default:
        return scalar_text(ps, v);
    }
}

const struct script_text *ps_text_from(struct ps *ps, const struct ps_value *v)
{
    const struct script_text *text = text_or_null(ps, v);

    return text != NULL ? text : &empty_text;
}

struct hn_text ps_flat(struct ps *ps, const struct ps_value *v)
{
    struct hn_text flat = script_text_flat(ps->run, ps_text_from(ps, v));

    return flat.ptr != NULL ? flat : T("");
}

/* Scripts go through a text one character at a time. */
const uint16_t *ps_units(struct ps *ps, const struct script_text *text)
{
    if (ps->units_of == text && ps->units != NULL)
        return ps->units;
    if (!script_spend(ps->run, 1 + text->units / 64))
        return NULL;
    ps->units = script_text_units(ps->run, text);
    ps->units_of = text;
    return ps->units;
}

const struct script_text *ps_text_sub(
        struct ps *ps, const struct script_text *text, size_t start, size_t count)
{
    const uint16_t *units;
    const struct script_text *made;

    if (text->ascii)
        return script_text_sub(ps->run, text, start, count);
    units = ps_units(ps, text);
    if (units == NULL)
        return NULL;
    if (start > text->units)
        start = text->units;
    if (count > text->units - start)
        count = text->units - start;
    made = script_text_from_units(ps->run, units + start, count, text->origin);
    return text->unknown ? ps_text_with(ps, made, NULL, true) : made;
}
