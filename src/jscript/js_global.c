/* js_global.c - global functions that compute with texts and numbers. */
#include "jscript/jscript_internal.h"

#include "base/enc.h"
#include "base/utf.h"

#include <math.h>
#include <stdlib.h>

/* ---- Texts ---- */

struct js_value js_from_char_code(struct js_state *state, const struct js_args *args)
{
    uint16_t *units;

    for (uint32_t i = 0; i < args->count; i++) {
        if (js_is_unknown(&args->items[i]))
            return js_unknown(state, "character");
    }
    units = hn_arena_raw(&state->run->arena, ((size_t)args->count + 1) * sizeof *units, 2);
    if (units == NULL || !script_spend(state->run, args->count))
        return js_undefined();
    for (uint32_t i = 0; i < args->count; i++) {
        units[i] =
                (uint16_t)((uint32_t)js_to_int32(js_to_number(state, &args->items[i])) & 0xFFFFu);
    }
    return js_text(script_text_from_units(state->run, units, args->count,
            script_origin_new(state->run, "fromCharCode", state->offset, HN_TEXT(""), NULL, NULL)));
}

static int hex_digit(uint16_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int hex_number(const uint16_t *units, size_t count)
{
    int number = 0;

    for (size_t i = 0; i < count; i++) {
        if (hex_digit(units[i]) < 0)
            return -1;
        number = number << 4 | hex_digit(units[i]);
    }
    return number;
}

struct js_value js_unescape(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    const struct script_text *text = js_to_text(state, &value);
    const uint16_t *units = text != NULL ? script_text_units(state->run, text) : NULL;
    uint16_t *out;
    size_t count = 0;

    if (units == NULL || text->unknown)
        return js_unknown(state, "unescaped text");
    out = hn_arena_raw(&state->run->arena, (text->units + 1) * sizeof *out, 2);
    if (out == NULL || !script_spend(state->run, text->units / 8))
        return js_undefined();
    for (size_t i = 0; i < text->units; count++) {
        bool wide = units[i] == '%' && i + 5 < text->units && (units[i + 1] | 0x20) == 'u' &&
                    hex_number(units + i + 2, 4) >= 0;
        bool narrow = units[i] == '%' && i + 2 < text->units && hex_number(units + i + 1, 2) >= 0;

        out[count] = wide     ? (uint16_t)hex_number(units + i + 2, 4)
                     : narrow ? (uint16_t)hex_number(units + i + 1, 2)
                              : units[i];
        i += wide ? 6 : narrow ? 3 : 1;
    }
    return js_made(state, script_text_from_units(state->run, out, count, text->origin), "unescape");
}

struct js_value js_decode_uri(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    const struct script_text *text = js_to_text(state, &value);
    struct hn_buf out = { 0 };
    struct js_value made = js_unknown(state, "decoded text");

    if (text == NULL || text->unknown)
        return made;
    hn_percent_decode(&out, script_text_flat(state->run, text));
    if (!hn_utf8_valid(hn_bytes_of(out.ptr, out.len))) {
        hn_buf_deinit(&out);
        return state->tries > 0 ? js_throw(state, js_literal(state, "URIError: malformed")) : made;
    }
    made = js_made(state, script_text_new(state->run, hn_buf_text(&out), text->origin), "percent");
    hn_buf_deinit(&out);
    return made;
}

static struct js_value encoded(
        struct js_state *state, const struct js_args *args, const char *plain)
{
    struct js_value value = js_arg(args, 0);
    struct hn_text text = js_flat(state, &value);
    struct hn_buf out = { 0 };
    struct js_value made;

    if (js_is_unknown(&value))
        return js_text(js_to_text(state, &value));
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                (c != '\0' && strchr(plain, c) != NULL)) {
            hn_buf_add_char(&out, (char)c);
        } else {
            hn_buf_addf(&out, "%%%02X", (unsigned)c);
        }
    }
    made = js_text(script_text_new(state->run, hn_buf_text(&out), NULL));
    hn_buf_deinit(&out);
    return made;
}

struct js_value js_encode_part(struct js_state *state, const struct js_args *args)
{
    return encoded(state, args, "-_.!~*'()");
}

struct js_value js_encode_uri(struct js_state *state, const struct js_args *args)
{
    return encoded(state, args, "-_.!~*'();/?:@&=+$,#");
}

/* By units, where those of encodeURI() are bytes of UTF-8. */
struct js_value js_escape(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    const struct script_text *text = js_to_text(state, &value);
    const uint16_t *units = text != NULL ? script_text_units(state->run, text) : NULL;
    struct hn_buf out = { 0 };
    struct js_value made;

    if (units == NULL || text->unknown)
        return js_unknown(state, "escaped text");
    for (size_t i = 0; i < text->units; i++) {
        uint16_t c = units[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                (c != 0 && c < 128 && strchr("@*_+-./", c) != NULL)) {
            hn_buf_add_char(&out, (char)c);
        } else {
            hn_buf_addf(&out, c < 256 ? "%%%02X" : "%%u%04X", (unsigned)c);
        }
    }
    made = js_text(script_text_new(state->run, hn_buf_text(&out), text->origin));
    hn_buf_deinit(&out);
    return made;
}

struct js_value js_btoa(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    const struct script_text *text = js_bytes_text(state, &value);
    struct hn_bytes bytes;
    struct hn_buf out = { 0 };
    struct js_value made = js_unknown(state, "base64");

    if (text != NULL && !text->unknown && script_text_bytes(state->run, text, &bytes)) {
        hn_base64_encode(&out, bytes);
        made = js_text(script_text_new(state->run, hn_buf_text(&out), text->origin));
    }
    hn_buf_deinit(&out);
    return made;
}

struct js_value js_atob(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    const struct script_text *text = js_to_text(state, &value);
    struct hn_buf out = { 0 };
    struct js_value made = js_unknown(state, "decoded text");

    if (text != NULL && !text->unknown &&
            hn_base64_decode(&out, script_text_flat(state->run, text))) {
        made = js_made(state,
                script_text_from_bytes(state->run, hn_bytes_of(out.ptr, out.len), text->origin),
                "base64");
    }
    hn_buf_deinit(&out);
    return made;
}

struct js_value js_to_string(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);

    if (args->count == 0)
        return js_literal(state, "");
    if (value.kind == JS_UNKNOWN)
        return value;
    return js_text(js_to_text(state, &value));
}

/* ---- Numbers ---- */

struct js_value js_parse_int(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    struct js_value radix = js_arg(args, 1);
    struct hn_text text;
    double base = radix.kind == JS_UNDEFINED ? 0 : js_to_number(state, &radix);
    double number = 0;
    bool negative;
    size_t digits = 0;

    if (js_is_unknown(&value) || js_is_unknown(&radix))
        return js_unknown(state, "number");
    text = hn_text_trim(js_flat(state, &value));
    negative = text.len > 0 && text.ptr[0] == '-';
    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+'))
        text = hn_text_sub(text, 1, SIZE_MAX);
    if ((base == 0 || base == 16) && hn_text_starts_nocase(text, HN_TEXT("0x"))) {
        text = hn_text_sub(text, 2, SIZE_MAX);
        base = 16;
    }
    base = base == 0 ? 10 : base;
    for (; digits < text.len; digits++) {
        char c = text.ptr[digits];
        double digit = c >= '0' && c <= '9'                     ? c - '0'
                       : (c | 0x20) >= 'a' && (c | 0x20) <= 'z' ? (c | 0x20) - 'a' + 10
                                                                : 99;

        if (digit >= base)
            break;
        number = number * base + digit;
    }
    return js_number(digits == 0 ? (double)NAN : negative ? -number : number);
}

struct js_value js_to_number_value(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);

    if (js_is_unknown(&value))
        return js_unknown(state, "number");
    return js_number(args->count == 0 ? 0 : js_to_number(state, &value));
}

struct js_value js_parse_float(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    struct hn_text text = hn_text_trim(js_flat(state, &value));
    char digits[64];
    size_t len = text.len < sizeof digits - 1 ? text.len : sizeof digits - 1;

    if (js_is_unknown(&value))
        return js_unknown(state, "number");
    memcpy(digits, text.len > 0 ? text.ptr : "", len);
    digits[len] = '\0';
    return js_number(len == 0 || strchr("0123456789+-.", digits[0]) == NULL ? (double)NAN
                                                                            : strtod(digits, NULL));
}

struct js_value js_is_nan(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);

    if (js_is_unknown(&value))
        return js_unknown(state, "condition");
    return js_bool(isnan(js_to_number(state, &value)));
}

struct js_value js_math(struct js_state *state, struct hn_text name, const struct js_args *args)
{
    struct js_value a = js_arg(args, 0);
    struct js_value b = js_arg(args, 1);
    double x;
    double y;

    if (hn_text_eq(name, HN_TEXT("random")) || js_is_unknown(&a) || js_is_unknown(&b))
        return js_unknown(state, "random number");
    x = js_to_number(state, &a);
    y = js_to_number(state, &b);
    if (hn_text_eq(name, HN_TEXT("floor")))
        return js_number(floor(x));
    if (hn_text_eq(name, HN_TEXT("ceil")))
        return js_number(ceil(x));
    if (hn_text_eq(name, HN_TEXT("round")))
        return js_number(floor(x + 0.5));
    if (hn_text_eq(name, HN_TEXT("abs")))
        return js_number(fabs(x));
    if (hn_text_eq(name, HN_TEXT("sqrt")))
        return js_number(sqrt(x));
    if (hn_text_eq(name, HN_TEXT("pow")))
        return js_number(pow(x, y));
    if (hn_text_eq(name, HN_TEXT("min")))
        return js_number(x < y ? x : y);
    if (hn_text_eq(name, HN_TEXT("max")))
        return js_number(x > y ? x : y);
    if (hn_text_eq(name, HN_TEXT("trunc")))
        return js_number(trunc(x));
    return js_unknown(state, "number");
}

/* Number.prototype.toString(radix) */
struct js_value js_number_text(struct js_state *state, double number, const struct js_args *args)
{
    struct js_value radix = js_arg(args, 0);
    struct js_value value = js_number(number);
    double base = radix.kind == JS_UNDEFINED ? 10 : js_to_number(state, &radix);
    char digits[72];
    size_t at = sizeof digits;
    double left = fabs(number);

    if (!(base >= 2 && base <= 36) || base == 10 || number != floor(number) || left >= 1e15)
        return js_text(js_to_text(state, &value));
    do {
        digits[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[(size_t)fmod(left, base)];
        left = floor(left / base);
    } while (left > 0 && at > 1);
    if (number < 0)
        digits[--at] = '-';
    return js_text(script_text_new(state->run, hn_text_of(digits + at, sizeof digits - at), NULL));
}
