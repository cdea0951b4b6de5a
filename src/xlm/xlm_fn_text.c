/* xlm_fn_text.c - Excel's functions of texts. Lengths and places count UTF-16 units. */
#include "xlm/xlm_functions.h"

#include "base/codepage.h"

#include <math.h>
#include <stdio.h>

struct xl_value xl_stepped(
        struct xl *ev, const struct xl_call *call, const struct script_text *text, const char *step)
{
    return xl_text(script_text_step(ev->run, text, step, call->offset, HN_TEXT("")));
}

/* A text of which nothing can be cut or looked at. */
bool xl_arg_is_opaque(struct xl *ev, const struct xl_call *call, uint32_t index)
{
    struct xl_value value = xl_arg_plain(ev, call, index);

    return value.kind == XL_UNKNOWN || value.kind == XL_ERROR;
}

struct xl_value xl_fn_char(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    const struct script_origin *origin;
    struct hn_buf out = { 0 };
    char byte;
    double number;
    struct xl_value made;

    if (!xl_to_number(ev, value, &number))
        return xl_cannot(ev, value, "CHAR");
    if (number < 1.0 || number >= 256.0)
        return xl_error("#VALUE!");
    byte = (char)(uint8_t)number;
    origin = script_origin_new(ev->run, "char", call->offset, HN_TEXT(""), NULL, NULL);
    if ((uint8_t)byte < 0x80u)
        return xl_text(script_text_new(ev->run, hn_text_of(&byte, 1), origin));
    (void)hn_codepage_to_utf8(&out, HN_CODEPAGE_WESTERN, hn_bytes_of(&byte, 1));
    made = xl_text(script_text_new(ev->run, hn_buf_text(&out), origin));
    hn_buf_deinit(&out);
    return made;
}

struct xl_value xl_fn_unichar(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    uint16_t units[2];
    uint32_t code;
    double number;

    if (!xl_to_number(ev, value, &number))
        return xl_cannot(ev, value, "UNICHAR");
    if (number < 1.0 || number >= 0x110000)
        return xl_error("#VALUE!");
    code = (uint32_t)number;
    units[0] = (uint16_t)(code < 0x10000u ? code : 0xD800u + ((code - 0x10000u) >> 10));
    units[1] = (uint16_t)(0xDC00u + (code & 0x3FFu));
    return xl_text(script_text_from_units(ev->run, units, code < 0x10000u ? 1 : 2,
            script_origin_new(ev->run, "char", call->offset, HN_TEXT(""), NULL, NULL)));
}

struct xl_value xl_fn_code(struct xl *ev, const struct xl_call *call)
{
    const struct script_text *text = xl_arg_text(ev, call, 0);
    const uint16_t *units;

    if (xl_arg_is_opaque(ev, call, 0) || text->unknown)
        return xl_cannot(ev, xl_arg(call, 0), "CODE");
    units = script_text_units(ev->run, text);
    if (units == NULL || text->units == 0)
        return xl_error("#VALUE!");
    return xl_number(units[0]);
}

/* Places behind 2^31 are as good as none. */
size_t xl_count_of(double number)
{
    return number <= 0.0 ? 0 : number >= 2147483647.0 ? 2147483647u : (size_t)number;
}

static struct xl_value cut(struct xl *ev, const struct xl_call *call,
        const struct script_text *text, size_t start, size_t count)
{
    if (!xl_spend(ev, count / 64))
        return xl_text(ev->empty);
    return xl_stepped(ev, call, script_text_sub(ev->run, text, start, count), "mid");
}

static bool number_arg(struct xl *ev, const struct xl_call *call, uint32_t index, double otherwise,
        double *ret_number)
{
    *ret_number = otherwise;
    return !xl_has_arg(call, index) || xl_to_number(ev, xl_arg(call, index), ret_number);
}

struct xl_value xl_fn_mid(struct xl *ev, const struct xl_call *call)
{
    double start;
    double count;

    if (xl_arg_is_opaque(ev, call, 0))
        return xl_cannot(ev, xl_arg(call, 0), "MID");
    if (!number_arg(ev, call, 1, 1.0, &start))
        return xl_cannot(ev, xl_arg(call, 1), "MID");
    if (!number_arg(ev, call, 2, 0.0, &count))
        return xl_cannot(ev, xl_arg(call, 2), "MID");
    if (start < 1.0 || count < 0.0)
        return xl_error("#VALUE!");
    return cut(ev, call, xl_arg_text(ev, call, 0), xl_count_of(start) - 1, xl_count_of(count));
}

struct xl_value xl_fn_left(struct xl *ev, const struct xl_call *call)
{
    double count;

    if (xl_arg_is_opaque(ev, call, 0))
        return xl_cannot(ev, xl_arg(call, 0), "LEFT");
    if (!number_arg(ev, call, 1, 1.0, &count))
        return xl_cannot(ev, xl_arg(call, 1), "LEFT");
    return cut(ev, call, xl_arg_text(ev, call, 0), 0, xl_count_of(count));
}

struct xl_value xl_fn_right(struct xl *ev, const struct xl_call *call)
{
    const struct script_text *text;
    size_t count;
    double number;

    if (xl_arg_is_opaque(ev, call, 0))
        return xl_cannot(ev, xl_arg(call, 0), "RIGHT");
    if (!number_arg(ev, call, 1, 1.0, &number))
        return xl_cannot(ev, xl_arg(call, 1), "RIGHT");
    text = xl_arg_text(ev, call, 0);
    count = xl_count_of(number) < text->units ? xl_count_of(number) : text->units;
    return cut(ev, call, text, text->units - count, count);
}

struct xl_value xl_fn_len(struct xl *ev, const struct xl_call *call)
{
    const struct script_text *text = xl_arg_text(ev, call, 0);

    if (xl_arg_is_opaque(ev, call, 0) || text->unknown)
        return xl_cannot(ev, xl_arg(call, 0), "LEN");
    return xl_number((double)text->units);
}

/* ---- Joining ---- */

static const struct script_text *join_all(struct xl *ev, const struct xl_call *call, uint32_t first,
        const struct script_text *between, bool skip_empty)
{
    const struct script_text *made = ev->empty;
    bool any = false;

    for (uint32_t i = first; i < call->count; i++) {
        uint32_t count = xl_item_count(call->args[i]);

        for (uint32_t k = 0; k < count && made != NULL; k++) {
            const struct script_text *item = xl_to_text(ev, xl_item(ev, call->args[i], k));

            if (item->len == 0 && skip_empty)
                continue;
            if (any && between != NULL)
                made = script_text_join(ev->run, made, between);
            made = script_text_join(ev->run, made, item);
            any = true;
        }
    }
    return made != NULL ? made : ev->empty;
}

struct xl_value xl_fn_concatenate(struct xl *ev, const struct xl_call *call)
{
    return xl_text(join_all(ev, call, 0, NULL, true));
}

struct xl_value xl_fn_textjoin(struct xl *ev, const struct xl_call *call)
{
    bool skip = true;

    (void)xl_to_truth(ev, xl_arg(call, 1), &skip);
    return xl_text(join_all(ev, call, 2, xl_arg_text(ev, call, 0), skip));
}

struct xl_value xl_fn_rept(struct xl *ev, const struct xl_call *call)
{
    const struct script_text *text = xl_arg_text(ev, call, 0);
    const struct script_text *made = ev->empty;
    double number;

    if (!number_arg(ev, call, 1, 0.0, &number))
        return xl_cannot(ev, xl_arg(call, 1), "REPT");
    for (size_t count = number > 32767.0 ? 32767 : xl_count_of(number);
            count > 0 && made != NULL && xl_spend(ev, 1); count--)
        made = script_text_join(ev->run, made, text);
    return xl_text(made);
}

/* ---- One character at a time ---- */

enum change { CHANGE_UPPER, CHANGE_LOWER, CHANGE_PROPER, CHANGE_TRIM, CHANGE_CLEAN };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What a character becomes; false: it goes. before is the one written before it. */
static bool changed(enum change change, char before, char *c)
{
    bool upper = change == CHANGE_UPPER || (change == CHANGE_PROPER && !is_letter(before));

    switch (change) {
    case CHANGE_UPPER:
    case CHANGE_LOWER:
    case CHANGE_PROPER:
        if (is_letter(*c))
            *c = (char)(upper ? *c & ~0x20 : *c | 0x20);
        return true;
    case CHANGE_TRIM:
        return *c != ' ' || (before != ' ' && before != '\0');
    case CHANGE_CLEAN:
        return (uint8_t)*c >= 0x20u;
    }
    return true;
}

static struct xl_value change_text(struct xl *ev, const struct xl_call *call, enum change change)
{
    const struct script_text *text = xl_arg_text(ev, call, 0);
    struct hn_text flat = script_text_flat(ev->run, text);
    char *room;
    size_t len = 0;

    if (xl_arg_is_opaque(ev, call, 0) || text->unknown)
        return xl_cannot(ev, xl_arg(call, 0), call->name);
    if (flat.ptr == NULL || !xl_spend(ev, flat.len / 16))
        return xl_text(ev->empty);
    room = hn_arena_raw(&ev->run->arena, flat.len + 1, 1);
    if (room == NULL)
        return xl_text(ev->empty);
    for (size_t i = 0; i < flat.len; i++) {
        char c = flat.ptr[i];

        if (changed(change, len > 0 ? room[len - 1] : '\0', &c))
            room[len++] = c;
    }
    if (change == CHANGE_TRIM && len > 0 && room[len - 1] == ' ')
        len--;
    return xl_text(script_text_borrow(ev->run, hn_text_of(room, len),
            script_origin_new(ev->run, "case", call->offset, HN_TEXT(""), text->origin, NULL)));
}

struct xl_value xl_fn_upper(struct xl *ev, const struct xl_call *call)
{
    return change_text(ev, call, CHANGE_UPPER);
}

struct xl_value xl_fn_lower(struct xl *ev, const struct xl_call *call)
{
    return change_text(ev, call, CHANGE_LOWER);
}

struct xl_value xl_fn_proper(struct xl *ev, const struct xl_call *call)
{
    return change_text(ev, call, CHANGE_PROPER);
}

struct xl_value xl_fn_trim(struct xl *ev, const struct xl_call *call)
{
    return change_text(ev, call, CHANGE_TRIM);
}

struct xl_value xl_fn_clean(struct xl *ev, const struct xl_call *call)
{
    return change_text(ev, call, CHANGE_CLEAN);
}

/* ---- Conversions ---- */

struct xl_value xl_fn_t(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);

    if (value.kind == XL_TEXT || value.kind == XL_UNKNOWN || value.kind == XL_ERROR)
        return value;
    return xl_text(ev->empty);
}

struct xl_value xl_fn_n(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);

    if (value.kind == XL_NUMBER || value.kind == XL_UNKNOWN || value.kind == XL_ERROR)
        return value;
    return xl_number(value.kind == XL_BOOL && value.as.truth ? 1.0 : 0.0);
}

struct xl_value xl_fn_value(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    double number;

    return xl_to_number(ev, value, &number) ? xl_number(number) : xl_cannot(ev, value, "VALUE");
}

/* The formats that hide numbers in texts: "0", "0.00", "000", "@", "General"; another is left out,
 * the number stands as it is. */
/* TEXT(NOW(), "d") asks for the day as DAY() does. */
static struct xl_value clock_text(struct xl *ev, const struct xl_call *call, struct hn_text format)
{
    static const struct {
        struct hn_text format;
        xl_fn *fn;
    } parts[] = { { HN_TEXT_INIT("d"), xl_fn_day }, { HN_TEXT_INIT("dd"), xl_fn_day },
        { HN_TEXT_INIT("m"), xl_fn_month }, { HN_TEXT_INIT("mm"), xl_fn_month },
        { HN_TEXT_INIT("h"), xl_fn_hour }, { HN_TEXT_INIT("hh"), xl_fn_hour } };
    struct xl_value value;
    char room[16];
    int len;

    for (size_t i = 0; i < HN_COUNT_OF(parts); i++) {
        if (!hn_text_eq_nocase(format, parts[i].format))
            continue;
        value = parts[i].fn(ev, call);
        if (value.kind != XL_NUMBER)
            break;
        len = snprintf(room, sizeof room, format.len > 1 ? "%02.0f" : "%.0f", value.as.number);
        return xl_text(script_text_new(ev->run, hn_text_of(room, len > 0 ? (size_t)len : 0), NULL));
    }
    return xl_unknown(ev, "TEXT");
}

struct xl_value xl_fn_text(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    struct hn_text format = xl_flat(ev, xl_arg(call, 1));
    size_t point = hn_text_find_char(format, '.', 0);
    size_t digits = 0;
    char room[400];
    struct hn_buf date = hn_buf_over(room, sizeof room);
    int len;
    double number;

    if (value.kind == XL_TEXT || !xl_to_number(ev, value, &number))
        return xl_is_unknown(value) ? clock_text(ev, call, format) : xl_text(xl_to_text(ev, value));
    if (xl_date_text(number, format, &date))
        return xl_text(script_text_new(ev->run, hn_buf_text(&date), NULL));
    while (digits < format.len && (format.ptr[digits] == '0' || format.ptr[digits] == '#'))
        digits++;
    if (format.len == 0 || format.len > 40 || (digits != format.len && digits != point))
        return xl_text(xl_to_text(ev, value));
    len = snprintf(room, sizeof room, "%0*.*f", (int)format.len,
            point == SIZE_MAX ? 0 : (int)(format.len - point - 1), number);
    if (format.ptr[0] == '#')
        len = snprintf(room, sizeof room, "%.*f",
                point == SIZE_MAX ? 0 : (int)(format.len - point - 1), number);
    return xl_text(script_text_new(ev->run, hn_text_of(room, len > 0 ? (size_t)len : 0), NULL));
}

struct xl_value xl_fn_fixed(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    double digits = xl_arg_number(ev, call, 1, 2.0);
    char room[400];
    double number;
    int len;

    if (!xl_to_number(ev, value, &number))
        return xl_cannot(ev, value, "FIXED");
    len = snprintf(room, sizeof room, "%.*f", digits > 0.0 && digits < 30.0 ? (int)digits : 0,
            fabs(number) < 1e300 ? number : 0.0);
    return xl_text(script_text_new(ev->run, hn_text_of(room, len > 0 ? (size_t)len : 0), NULL));
}
