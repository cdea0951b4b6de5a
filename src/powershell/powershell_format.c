/* powershell_format.c - the -f operator with the formats of .NET, and joining. */
#include "powershell/powershell_internal.h"

#define WIDTH_MAX 4096

static void add_grouped(struct hn_buf *out, const char *digits, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        hn_buf_add_char(out, digits[i]);
        if ((len - i) % 3 == 1 && i + 1 < len)
            hn_buf_add_char(out, ',');
    }
}

static void add_real(struct hn_buf *out, double value, int decimals, bool grouped)
{
    char room[512];
    int len = snprintf(room, sizeof room, "%.*f", decimals, value);
    char *point;
    size_t whole;
    size_t sign = value < 0;

    if (len < 0 || (size_t)len >= sizeof room)
        return;
    point = strchr(room, '.');
    whole = point != NULL ? (size_t)(point - room) : (size_t)len;
    if (!grouped) {
        hn_buf_add(out, room, (size_t)len);
        return;
    }
    hn_buf_add(out, room, sign);
    add_grouped(out, room + sign, whole - sign);
    hn_buf_add(out, room + whole, (size_t)len - whole);
}

static uint64_t unsigned_of(const struct ps_value *v, int64_t number)
{
    if (number >= 0 || (v->kind == PS_INT && v->width == PS_I64))
        return (uint64_t)number;
    return (uint32_t)number;
}

/* "X2", "D5", "N2", "F1", "P0", "000", "#.00" */
static void add_number(
        struct ps *ps, struct hn_buf *out, const struct ps_value *v, struct hn_text spec)
{
    char letter = (char)(spec.ptr[0] | 0x20);
    struct ps_value digits_given;
    int64_t number = 0;
    double real = 0.0;
    int digits = -1;

    (void)ps_int_of(ps, v, &number);
    (void)ps_number_of(ps, v, &real);
    if (spec.len > 1 && ps_parse_number(hn_text_sub(spec, 1, SIZE_MAX), &digits_given) &&
            digits_given.kind == PS_INT && digits_given.as.number <= 64)
        digits = (int)digits_given.as.number;
    switch (letter) {
    case 'x':
        hn_buf_addf(out, spec.ptr[0] == 'X' ? "%0*llX" : "%0*llx", digits < 0 ? 1 : digits,
                (unsigned long long)unsigned_of(v, number));
        return;
    case 'd':
        hn_buf_addf(out, "%s%0*llu", number < 0 ? "-" : "", digits < 0 ? 1 : digits,
                (unsigned long long)(number < 0 ? 0 - (uint64_t)number : (uint64_t)number));
        return;
    case 'f':
    case 'n':
        add_real(out, real, digits < 0 ? 2 : digits, letter == 'n');
        return;
    case 'p':
        add_real(out, real * 100, digits < 0 ? 2 : digits, true);
        hn_buf_add_lit(out, " %");
        return;
    default: /* a picture of zeros */
        hn_buf_addf(out, "%0*lld", (int)(spec.len < 64 ? spec.len : 64), (long long)number);
        return;
    }
}

const struct script_text *ps_format_one(
        struct ps *ps, const struct ps_value *v, struct hn_text spec)
{
    struct hn_buf out = { 0 };
    struct ps_value made;

    if (spec.len == 0 || (v->kind != PS_INT && v->kind != PS_DOUBLE) ||
            strchr("xXdDfFnNpP0", spec.ptr[0]) == NULL)
        return ps_text_from(ps, v);
    hn_buf_init(&out, 4096);
    add_number(ps, &out, v, spec);
    made = ps_text_of(ps, hn_buf_text(&out), ps_origin_of(v));
    hn_buf_deinit(&out);
    return made.as.text;
}

struct item {
    int64_t index;
    int64_t width;
    struct hn_text spec;
    size_t len; /* with its braces; 0: none */
};

/* {index,width:spec} */
static struct item read_item(struct hn_text text, size_t at)
{
    struct item item = { 0 };
    size_t close = hn_text_find_char(text, '}', at);
    struct hn_text inner;
    struct hn_text part;
    struct ps_value number;
    size_t colon;

    if (close == SIZE_MAX)
        return item;
    inner = hn_text_sub(text, at + 1, close - at - 1);
    colon = hn_text_find_char(inner, ':', 0);
    if (colon != SIZE_MAX) {
        item.spec = hn_text_sub(inner, colon + 1, SIZE_MAX);
        inner = hn_text_sub(inner, 0, colon);
    }
    part = inner;
    (void)hn_text_split(&inner, ',', &part);
    if (part.len == 0 || !ps_parse_number(part, &number) || number.kind != PS_INT)
        return item;
    item.index = number.as.number;
    if (inner.ptr != NULL && ps_parse_number(inner, &number) && number.kind == PS_INT)
        item.width = number.as.number;
    item.len = close + 1 - at;
    return item;
}

static const struct script_text *padded(
        struct ps *ps, const struct script_text *text, int64_t width)
{
    size_t wanted = (size_t)(width < 0 ? -width : width);
    struct hn_buf spaces = { 0 };
    const struct script_text *pad;

    if (width > WIDTH_MAX || width < -WIDTH_MAX || text->units >= wanted)
        return text;
    hn_buf_init(&spaces, WIDTH_MAX);
    hn_buf_add_repeat(&spaces, ' ', wanted - text->units);
    pad = script_text_new(ps->run, hn_buf_text(&spaces), NULL);
    hn_buf_deinit(&spaces);
    return width > 0 ? script_text_join(ps->run, pad, text) : script_text_join(ps->run, text, pad);
}

/* How far plain text reaches; doubled braces end it, too. */
static size_t plain_end(struct hn_text text, size_t at)
{
    while (at < text.len && text.ptr[at] != '{' && text.ptr[at] != '}')
        at++;
    return at;
}

struct ps_value ps_format(struct ps *ps, struct ps_value pattern, struct ps_value args)
{
    struct ps_array *items = ps_items(ps, args);
    struct hn_text text = ps_flat(ps, &pattern);
    const struct script_origin *origin = script_origin_new(ps->run, "format", SCRIPT_NOWHERE,
            (struct hn_text){ "", 0 }, ps_origin_of(&pattern), ps_origin_of(&args));
    const struct script_text *made = script_text_borrow(ps->run, T(""), origin);

    if (pattern.kind == PS_UNKNOWN)
        return pattern;
    for (size_t at = 0; at < text.len && script_spend(ps->run, 1);) {
        size_t end = plain_end(text, at);
        struct item item;

        if (end > at) {
            made = script_text_join(ps->run, made,
                    script_text_borrow(ps->run, hn_text_sub(text, at, end - at), origin));
            at = end;
            continue;
        }
        if (at + 1 < text.len && text.ptr[at + 1] == text.ptr[at]) {
            made = script_text_join(
                    ps->run, made, script_text_borrow(ps->run, hn_text_sub(text, at, 1), origin));
            at += 2;
            continue;
        }
        item = read_item(text, at);
        if (item.len == 0 || item.index < 0 || (size_t)item.index >= items->count)
            return ps_unknown(ps, "format");
        args = ps_at(items, (size_t)item.index);
        made = script_text_join(
                ps->run, made, padded(ps, ps_format_one(ps, &args, item.spec), item.width));
        at += item.len;
    }
    return ps_text(made);
}

/* Characters and small texts are written at once, so that a join of n is one text and not n. */
struct ps_value ps_join(struct ps *ps, struct ps_value list, struct ps_value separator)
{
    struct ps_array *items = ps_items(ps, list);
    struct hn_text between = separator.kind == PS_NULL ? T("") : ps_flat(ps, &separator);
    struct hn_buf out = { 0 };
    bool unknown = false;
    struct ps_value made;

    if (list.kind != PS_ARRAY)
        return list.kind == PS_UNKNOWN ? list : ps_text(ps_text_from(ps, &list));
    hn_buf_init(&out, ps->run->limits.text_bytes_max);
    for (size_t i = 0; i < items->count && script_spend(ps->run, 1); i++) {
        struct ps_value item = ps_at(items, i);

        if (i > 0)
            hn_buf_add_text(&out, between);
        unknown |= ps_is_unknown(&item);
        if (item.kind == PS_CHAR && item.as.number < 0x80)
            hn_buf_add_char(&out, (char)item.as.number);
        else if (item.kind == PS_ARRAY)
            hn_buf_add_lit(&out, "System.Object[]");
        else
            hn_buf_add_text(&out, ps_flat(ps, &item));
    }
    made = hn_buf_ok(&out) ? ps_text_of(ps, hn_buf_text(&out), ps_origin(ps, "join", &list))
                           : ps_unknown(ps, "text");
    hn_buf_deinit(&out);
    if (unknown && made.kind == PS_TEXT)
        made.as.text = ps_text_with(ps, made.as.text, NULL, true);
    return made;
}
