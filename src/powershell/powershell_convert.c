/* powershell_convert.c - static members of [convert], [char], [math], [array], [bitconverter] and
 * what else computes from its arguments alone. */
#include "powershell/powershell_internal.h"

#include "base/enc.h"

#include <math.h>
#include <stdlib.h>

static struct ps_value from_base64(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value text = count > 0 ? args[0] : ps_null();

    (void)base;
    if (text.kind == PS_ARRAY)
        text = ps_join(ps, text, ps_null());
    return ps_base64(ps, &text);
}

static struct ps_value to_base64(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct hn_bytes bytes;
    struct hn_buf out = { 0 };
    struct ps_value made;

    (void)base;
    if (count == 0 || !ps_bytes_of(ps, &args[0], &bytes))
        return ps_unknown(ps, "base64");
    hn_buf_init(&out, ps->run->limits.text_bytes_max);
    hn_base64_encode(&out, bytes);
    made = ps_text_of(ps, hn_buf_text(&out), ps_origin(ps, "tobase64", &args[0]));
    hn_buf_deinit(&out);
    return made;
}

/* A number written to base 2, 8 or 16. */
static bool based(struct hn_text text, int radix, int64_t *ret)
{
    char copy[80];
    char *end = NULL;

    text = hn_text_trim(text);
    if (text.len == 0 || text.len >= sizeof copy)
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    *ret = (int64_t)strtoull(copy, &end, radix);
    return end != NULL && *end == '\0';
}

static struct ps_value to_int(struct ps *ps, const char *type, struct ps_value *args, size_t count)
{
    int64_t radix = 10;
    int64_t number;
    bool narrow = strcmp(type, "int32") == 0;

    if (count == 0 || args[0].kind == PS_UNKNOWN)
        return ps_unknown(ps, "number");
    if (count > 1 && ps_int_of(ps, &args[1], &radix) && (radix == 2 || radix == 8 || radix == 16)) {
        ps_technique(ps, "number base");
        if (!based(ps_flat(ps, &args[0]), (int)radix, &number))
            return ps_unknown(ps, "number");
        return ps_cast(ps, hn_text_cstr(type),
                ps_int(narrow ? (int64_t)(int32_t)(uint32_t)number : number));
    }
    return ps_cast(ps, hn_text_cstr(type), args[0]);
}

static struct ps_value to_int32(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return to_int(ps, "int32", args, count);
}

static struct ps_value to_int64(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return to_int(ps, "int64", args, count);
}

static struct ps_value to_byte(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return to_int(ps, "byte", args, count);
}

static struct ps_value to_char(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count > 0 ? ps_cast(ps, T("char"), args[0]) : ps_null();
}

static struct ps_value to_double(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count > 0 ? ps_cast(ps, T("double"), args[0]) : ps_null();
}

static struct ps_value to_bool(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count > 0 ? ps_cast(ps, T("bool"), args[0]) : ps_null();
}

static struct ps_value to_text(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    int64_t number;
    int64_t radix = 10;
    char digits[80];
    size_t at = sizeof digits;
    uint64_t rest;

    (void)base;
    if (count == 0)
        return ps_text(NULL);
    if (count < 2 || !ps_int_of(ps, &args[0], &number) || !ps_int_of(ps, &args[1], &radix) ||
            (radix != 2 && radix != 8 && radix != 16))
        return ps_text(ps_text_from(ps, &args[0]));
    rest = number < 0 && number >= INT32_MIN ? (uint32_t)number : (uint64_t)number;
    do {
        digits[--at] = "0123456789abcdef"[rest % (uint64_t)radix];
        rest /= (uint64_t)radix;
    } while (rest > 0);
    return ps_text_of(ps, hn_text_of(digits + at, sizeof digits - at), NULL);
}

/* ---- [char], [math], [array] ---- */

static struct ps_value from_utf32(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    int64_t number;
    uint16_t units[2];

    (void)base;
    if (count == 0 || !ps_int_of(ps, &args[0], &number) || number < 0 || number > 0x10FFFF)
        return ps_unknown(ps, "character");
    if (number < 0x10000)
        return ps_text(
                ps_text_from(ps, &(struct ps_value){ .kind = PS_CHAR, .as.number = number }));
    units[0] = (uint16_t)(0xD800 + ((number - 0x10000) >> 10));
    units[1] = (uint16_t)(0xDC00 + (number & 0x3FF));
    return ps_text(script_text_from_units(ps->run, units, 2, NULL));
}

static struct ps_value char_case(struct ps *ps, struct ps_value *args, size_t count, bool upper)
{
    int64_t c = count > 0 && args[0].kind == PS_CHAR ? args[0].as.number : 0;
    struct ps_value v = count > 0 && c == 0 ? ps_cast(ps, T("char"), args[0]) : ps_char(c);

    c = v.kind == PS_CHAR ? v.as.number : 0;
    if (upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z')
        c ^= 0x20;
    return ps_char(c);
}

static struct ps_value char_upper(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return char_case(ps, args, count, true);
}

static struct ps_value char_lower(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return char_case(ps, args, count, false);
}

static double arg_real(struct ps *ps, struct ps_value *args, size_t count, size_t index, bool *good)
{
    double real = 0.0;

    *good = *good && index < count && ps_number_of(ps, &args[index], &real);
    return real;
}

static struct ps_value whole(double real)
{
    return fabs(real) < 9e15 && fabs(real - floor(real)) <= 0 ? ps_int((int64_t)real)
                                                              : ps_real(real);
}

static struct ps_value math_one(
        struct ps *ps, struct ps_value *args, size_t count, double (*fn)(double))
{
    bool good = true;
    double x = arg_real(ps, args, count, 0, &good);

    return good ? whole(fn(x)) : ps_unknown(ps, "number");
}

#define MATH_ONE(name, fn)                                                            \
    static struct ps_value math_##name(                                               \
            struct ps *ps, struct ps_value base, struct ps_value *args, size_t count) \
    {                                                                                 \
        (void)base;                                                                   \
        return math_one(ps, args, count, fn);                                         \
    }
MATH_ONE(floor, floor)
MATH_ONE(ceiling, ceil)
MATH_ONE(round, nearbyint)
MATH_ONE(truncate, trunc)
MATH_ONE(sqrt, sqrt)
MATH_ONE(abs, fabs)
MATH_ONE(sin, sin)
MATH_ONE(cos, cos)
MATH_ONE(tan, tan)
MATH_ONE(exp, exp)
MATH_ONE(log, log)
#undef MATH_ONE

static struct ps_value math_two(struct ps *ps, struct ps_value *args, size_t count, char which)
{
    bool good = true;
    double x = arg_real(ps, args, count, 0, &good);
    double y = arg_real(ps, args, count, 1, &good);

    if (!good)
        return ps_unknown(ps, "number");
    if (which == 'p')
        return whole(pow(x, y));
    return whole(which == '<' ? fmin(x, y) : fmax(x, y));
}

static struct ps_value math_pow(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return math_two(ps, args, count, 'p');
}

static struct ps_value math_min(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return math_two(ps, args, count, '<');
}

static struct ps_value math_max(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return math_two(ps, args, count, '>');
}

static struct ps_value math_pi(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)base;
    (void)args;
    (void)count;
    return ps_real(3.14159265358979323846);
}

static struct ps_value array_reverse(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count > 0 && args[0].kind == PS_ARRAY) {
        ps_technique(ps, "reverse");
        ps_array_reverse(ps, args[0].as.array);
    }
    return ps_null();
}

/* Copy(from, to, n) and Copy(from, i, to, k, n), of [array] and [buffer]. */
static struct ps_value array_copy(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    size_t to = count >= 5 ? 2 : 1;
    size_t from_at = count >= 5 ? ps_size_of(ps, &args[1], 0) : 0;
    size_t to_at = count >= 5 ? ps_size_of(ps, &args[3], 0) : 0;
    size_t len = count >= 3 ? ps_size_of(ps, &args[count - 1], 0) : 0;

    (void)base;
    if (count < 3 || args[0].kind != PS_ARRAY || args[to].kind != PS_ARRAY)
        return ps_null();
    for (size_t i = 0; i < len && from_at + i < args[0].as.array->count && script_spend(ps->run, 1);
            i++)
        ps_array_put(ps, args[to].as.array, to_at + i, ps_at(args[0].as.array, from_at + i));
    return ps_null();
}

static struct ps_value array_index_of(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count > 1 ? ps_method(ps, args[0], T("indexof"), args + 1, 1) : ps_null();
}

static struct ps_value hex_of_bytes(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct hn_bytes bytes;
    struct hn_buf out = { 0 };
    struct ps_value made;

    (void)base;
    if (count == 0 || !ps_bytes_of(ps, &args[0], &bytes))
        return ps_unknown(ps, "text");
    hn_buf_init(&out, ps->run->limits.text_bytes_max);
    for (size_t i = 0; i < bytes.len && script_spend(ps->run, (i & 15u) == 0); i++)
        hn_buf_addf(&out, i > 0 ? "-%02X" : "%02X", bytes.ptr[i]);
    made = ps_text_of(ps, hn_buf_text(&out), ps_origin(ps, "hex", &args[0]));
    hn_buf_deinit(&out);
    return made;
}

static struct ps_value bytes_of_number(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    int64_t number = 0;
    uint8_t out[8];
    size_t len = 4;

    (void)base;
    if (count == 0 || !ps_int_of(ps, &args[0], &number))
        return ps_unknown(ps, "bytes");
    if (args[0].kind == PS_CHAR ||
            (args[0].kind == PS_INT && (args[0].width == PS_I16 || args[0].width == PS_U16)))
        len = 2;
    if (args[0].kind == PS_INT && (args[0].width == PS_I64 || args[0].width == PS_U64))
        len = 8;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)((uint64_t)number >> (8 * i));
    return ps_bytes_value(ps, hn_bytes_of(out, len), NULL);
}

static struct ps_value number_of_bytes(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct hn_bytes bytes;
    size_t at = count > 1 ? ps_size_of(ps, &args[1], 0) : 0;
    uint32_t number = 0;

    (void)base;
    if (count == 0 || !ps_bytes_of(ps, &args[0], &bytes) || bytes.len < 4 || at > bytes.len - 4)
        return ps_unknown(ps, "number");
    for (size_t i = 0; i < 4; i++)
        number |= (uint32_t)bytes.ptr[at + i] << (8 * i);
    return ps_int((int32_t)number);
}

static struct ps_value parse_number(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct hn_text style = count > 1 ? ps_flat(ps, &args[1]) : T("");
    int64_t number;

    if (count == 0)
        return ps_null();
    if (hn_text_find_nocase(style, T("hex"), 0) != SIZE_MAX || ps_same_text(style, "515"))
        return based(ps_flat(ps, &args[0]), 16, &number) ? ps_int(number)
                                                         : ps_unknown(ps, "number");
    return ps_cast(ps, ps_flat(ps, &base), args[0]);
}

static struct ps_value url_decode(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct hn_buf out = { 0 };
    struct ps_value made;

    (void)base;
    if (count == 0)
        return ps_null();
    hn_buf_init(&out, ps->run->limits.text_bytes_max);
    hn_percent_decode(&out, ps_flat(ps, &args[0]));
    made = ps_text_of(ps, hn_buf_text(&out), ps_origin(ps, "percent", &args[0]));
    hn_buf_deinit(&out);
    return made;
}

static struct ps_value hex_string(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct hn_buf out = { 0 };
    struct ps_value made = ps_unknown(ps, "bytes");

    (void)base;
    hn_buf_init(&out, ps->run->limits.text_bytes_max);
    if (count > 0 && hn_hex_decode(&out, ps_flat(ps, &args[0])))
        made = ps_bytes_value(
                ps, hn_text_as_bytes(hn_buf_text(&out)), ps_origin(ps, "hex", &args[0]));
    hn_buf_deinit(&out);
    return made;
}

/* ---- Encodings as objects ---- */

static struct ps_value encoding(struct ps *ps, struct hn_text name)
{
    struct ps_object *object = ps_object_new(ps, "text.encoding");

    ps_prop_set(ps, object, "webname", ps_text_of(ps, name, NULL));
    return ps_of_object(object);
}

#define ENCODING(name)                                                                \
    static struct ps_value encoding_##name(                                           \
            struct ps *ps, struct ps_value base, struct ps_value *args, size_t count) \
    {                                                                                 \
        (void)base;                                                                   \
        (void)args;                                                                   \
        (void)count;                                                                  \
        return encoding(ps, T(#name));                                                \
    }
ENCODING(ascii)
ENCODING(utf8)
ENCODING(unicode)
ENCODING(bigendianunicode)
ENCODING(utf32)
ENCODING(utf7)
ENCODING(latin1)
#undef ENCODING

static struct ps_value encoding_named(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return encoding(ps, count > 0 ? ps_flat(ps, &args[0]) : T("utf8"));
}

#define CONVERT   "convert"
#define ENCODINGS "text.encoding|text.unicodeencoding|text.asciiencoding|text.utf8encoding"
#define NUMBERS   "int|int32|int64|long|byte|int16|uint32|uint16|uint64|double|float"

const struct ps_method ps_statics_base[] = {
    { CONVERT, "frombase64string", from_base64 },
    { CONVERT, "frombase64chararray", from_base64 },
    { CONVERT, "tobase64string", to_base64 },
    { CONVERT, "fromhexstring", hex_string },
    { CONVERT, "toint16", to_int32 },
    { CONVERT, "toint32", to_int32 },
    { CONVERT, "touint16", to_int32 },
    { CONVERT, "touint32", to_int64 },
    { CONVERT, "toint64", to_int64 },
    { CONVERT, "touint64", to_int64 },
    { CONVERT, "tobyte", to_byte },
    { CONVERT, "tochar", to_char },
    { CONVERT, "todouble", to_double },
    { CONVERT, "toboolean", to_bool },
    { CONVERT, "tostring", to_text },
    { "char", "convertfromutf32", from_utf32 },
    { "char", "toupper", char_upper },
    { "char", "tolower", char_lower },
    { "char", "parse", to_char },
    { "math", "floor", math_floor },
    { "math", "ceiling", math_ceiling },
    { "math", "round", math_round },
    { "math", "truncate", math_truncate },
    { "math", "sqrt", math_sqrt },
    { "math", "abs", math_abs },
    { "math", "sin", math_sin },
    { "math", "cos", math_cos },
    { "math", "tan", math_tan },
    { "math", "exp", math_exp },
    { "math", "log", math_log },
    { "math", "pow", math_pow },
    { "math", "min", math_min },
    { "math", "max", math_max },
    { "math", "get_pi", math_pi },
    { "array", "reverse", array_reverse },
    { "array|buffer", "copy", array_copy },
    { "buffer", "blockcopy", array_copy },
    { "array", "indexof", array_index_of },
    { "bitconverter", "tostring", hex_of_bytes },
    { "bitconverter", "getbytes", bytes_of_number },
    { "bitconverter", "toint32", number_of_bytes },
    { "bitconverter", "touint32", number_of_bytes },
    { NUMBERS, "parse", parse_number },
    { "uri|net.webutility|web.httputility", "unescapedatastring", url_decode },
    { "uri|net.webutility|web.httputility", "urldecode", url_decode },
    { "web.httputility|net.webutility", "htmldecode", url_decode },
    { ENCODINGS, "get_ascii", encoding_ascii },
    { ENCODINGS, "get_utf8", encoding_utf8 },
    { ENCODINGS, "get_unicode", encoding_unicode },
    { ENCODINGS, "get_bigendianunicode", encoding_bigendianunicode },
    { ENCODINGS, "get_utf32", encoding_utf32 },
    { ENCODINGS, "get_utf7", encoding_utf7 },
    { ENCODINGS, "get_default", encoding_latin1 },
    { ENCODINGS, "get_latin1", encoding_latin1 },
    { ENCODINGS, "getencoding", encoding_named },
    { NULL, NULL, NULL },
};
