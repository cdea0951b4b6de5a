/* xlm_fn_search.c - Excel's functions that look for texts in texts, and replace them. */
#include "xlm/xlm_functions.h"

/* ---- Searching ---- */

static uint16_t folded(uint16_t unit, bool fold)
{
    return fold && unit >= 'A' && unit <= 'Z' ? (uint16_t)(unit + 32) : unit;
}

struct pattern {
    const uint16_t *units;
    size_t len;
    bool fold; /* SEARCH: without case, with ? and * */
};

/* Whether the pattern matches at the start of what is left; a star goes back to its last place. */
static bool matches(const struct pattern *pattern, const uint16_t *text, size_t len)
{
    size_t star = SIZE_MAX;
    size_t star_at = 0;
    size_t at = 0;
    size_t i = 0;

    while (i < pattern->len) {
        uint16_t c = pattern->units[i];

        if (pattern->fold && c == '*') {
            star = i++;
            star_at = at;
            continue;
        }
        if (pattern->fold && c == '~' && i + 1 < pattern->len)
            c = pattern->units[++i];
        else if (pattern->fold && c == '?' && at < len)
            c = text[at];
        if (at < len && folded(c, pattern->fold) == folded(text[at], pattern->fold)) {
            i++;
            at++;
            continue;
        }
        if (star == SIZE_MAX || star_at >= len)
            return false;
        i = star + 1;
        at = ++star_at;
    }
    return true;
}

static struct xl_value search(struct xl *ev, const struct xl_call *call, bool fold)
{
    const struct script_text *needle = xl_arg_text(ev, call, 0);
    const struct script_text *text = xl_arg_text(ev, call, 1);
    struct pattern pattern = { .fold = fold, .len = needle->units };
    size_t start = xl_count_of(xl_arg_number(ev, call, 2, 1.0));
    bool star = fold && hn_text_find_char(script_text_flat(ev->run, needle), '*', 0) != SIZE_MAX;
    const uint16_t *units;

    for (uint32_t i = 0; i < 2; i++)
        if (xl_arg_is_opaque(ev, call, i) || xl_is_unknown(xl_arg_plain(ev, call, i)))
            return xl_cannot(ev, xl_arg(call, i), call->name);
    pattern.units = script_text_units(ev->run, needle);
    units = script_text_units(ev->run, text);
    if (pattern.units == NULL || units == NULL || start == 0)
        return xl_error("#VALUE!");
    for (size_t at = start - 1; at + (fold ? 0 : needle->units) <= text->units; at++) {
        if (!xl_spend(ev, 1 + (star ? (text->units - at) * pattern.len / 64 : pattern.len / 64)))
            break;
        if (matches(&pattern, units + at, text->units - at))
            return xl_number((double)at + 1.0);
    }
    return xl_error("#VALUE!");
}

struct xl_value xl_fn_search(struct xl *ev, const struct xl_call *call)
{
    return search(ev, call, true);
}

struct xl_value xl_fn_find(struct xl *ev, const struct xl_call *call)
{
    return search(ev, call, false);
}

struct xl_value xl_fn_exact(struct xl *ev, const struct xl_call *call)
{
    const struct script_text *a = xl_arg_text(ev, call, 0);
    const struct script_text *b = xl_arg_text(ev, call, 1);

    if (a->unknown || b->unknown)
        return xl_unknown(ev, "condition");
    return xl_bool(hn_text_eq(script_text_flat(ev->run, a), script_text_flat(ev->run, b)));
}

/* ---- Replacing ---- */

struct xl_value xl_fn_replace(struct xl *ev, const struct xl_call *call)
{
    const struct script_text *text = xl_arg_text(ev, call, 0);
    size_t start = xl_count_of(xl_arg_number(ev, call, 1, 1.0));
    size_t count = xl_count_of(xl_arg_number(ev, call, 2, 0.0));
    const struct script_text *made;

    if (xl_arg_is_opaque(ev, call, 0))
        return xl_cannot(ev, xl_arg(call, 0), "REPLACE");
    if (start == 0)
        return xl_error("#VALUE!");
    xl_consume_text(ev, text);
    made = script_text_join(
            ev->run, script_text_sub(ev->run, text, 0, start - 1), xl_arg_text(ev, call, 3));
    made = script_text_join(
            ev->run, made, script_text_sub(ev->run, text, start - 1 + count, SIZE_MAX));
    return xl_stepped(ev, call, made, "replace");
}

static const struct script_text *substituted(
        struct xl *ev, const struct xl_call *call, const struct script_text *text, size_t only)
{
    struct hn_text flat = script_text_flat(ev->run, text);
    struct hn_text old = script_text_flat(ev->run, xl_arg_text(ev, call, 1));
    const struct script_text *fresh = xl_arg_text(ev, call, 2);
    struct hn_text by = script_text_flat(ev->run, fresh);
    struct hn_buf out;
    const struct script_text *made;
    size_t from = 0;
    size_t count = 0;

    if (flat.ptr == NULL || old.len == 0 || by.ptr == NULL)
        return text;
    hn_buf_init(&out, ev->run->limits.text_bytes_max);
    for (;;) {
        size_t at = hn_text_find(flat, old, from);

        if (at == SIZE_MAX || !xl_spend(ev, 1 + (at - from) / 64))
            break;
        hn_buf_add_text(&out, hn_text_sub(flat, from, at - from));
        hn_buf_add_text(&out, ++count == only || only == 0 ? by : old);
        from = at + old.len;
    }
    hn_buf_add_text(&out, hn_text_sub(flat, from, SIZE_MAX));
    made = hn_buf_ok(&out) && count > 0
                   ? script_text_new(ev->run, hn_buf_text(&out),
                             script_origin_new(ev->run, "replace", call->offset, HN_TEXT(""),
                                     text->origin, fresh->origin))
                   : text;
    hn_buf_deinit(&out);
    return made != NULL ? made : ev->empty;
}

struct xl_value xl_fn_substitute(struct xl *ev, const struct xl_call *call)
{
    const struct script_text *text = xl_arg_text(ev, call, 0);

    if (xl_arg_is_opaque(ev, call, 0))
        return xl_cannot(ev, xl_arg(call, 0), "SUBSTITUTE");
    for (uint32_t i = 0; i < 3; i++)
        if (xl_arg_text(ev, call, i)->unknown)
            return xl_unknown(ev, "SUBSTITUTE");
    xl_consume_text(ev, text);
    return xl_text(substituted(ev, call, text, xl_count_of(xl_arg_number(ev, call, 3, 0.0))));
}
