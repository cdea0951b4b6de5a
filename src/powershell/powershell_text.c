/* powershell_text.c - methods of strings, of [string], [regex] and StringBuilder. Positions count
 * UTF-16 units. */
#include "powershell/powershell_internal.h"

#define TRIM_SET_MAX 256u /* characters to trim that are looked at */

static size_t units_before(struct hn_text text, size_t bytes)
{
    size_t units = 0;

    for (size_t i = 0; i < bytes && i < text.len; i++) {
        units += ((uint8_t)text.ptr[i] & 0xC0u) != 0x80u;
        units += (uint8_t)text.ptr[i] >= 0xF0u;
    }
    return units;
}

static struct hn_text arg_text(struct ps *ps, struct ps_value *args, size_t count, size_t index)
{
    return index < count ? ps_flat(ps, &args[index]) : T("");
}

static size_t arg_size(
        struct ps *ps, struct ps_value *args, size_t count, size_t index, size_t otherwise)
{
    return index < count ? ps_size_of(ps, &args[index], otherwise) : otherwise;
}

static struct ps_value text_replace(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct hn_text text = ps_flat(ps, &base);
    struct hn_text from = arg_text(ps, args, count, 0);
    struct hn_text to = arg_text(ps, args, count, 1);
    struct hn_buf out = { 0 };
    struct ps_value made;
    size_t at = 0;

    if (count < 2 || from.len == 0 || args[0].kind == PS_UNKNOWN)
        return base;
    ps_technique(ps, "replace");
    hn_buf_init(&out, ps->run->limits.text_bytes_max);
    while (script_spend(ps->run, 1)) {
        size_t found = hn_text_find(text, from, at);

        if (found == SIZE_MAX)
            break;
        hn_buf_add(&out, text.ptr + at, found - at);
        hn_buf_add_text(&out, to);
        at = found + from.len;
    }
    (void)script_spend(ps->run, text.len / 256);
    hn_buf_add(&out, text.ptr + at, text.len - at);
    made = hn_buf_ok(&out) ? ps_text_of(ps, hn_buf_text(&out), ps_origin(ps, "replace", &base))
                           : ps_unknown(ps, "text");
    hn_buf_deinit(&out);
    if (made.kind == PS_TEXT && made.as.text->len > 0 &&
            (ps_is_unknown(&base) || ps_is_unknown(&args[1])))
        made.as.text = ps_text_with(ps, made.as.text, NULL, true);
    return made;
}

/* The characters or texts to split at; several arguments are characters each. */
static struct ps_array *separators(
        struct ps *ps, struct ps_value *args, size_t count, bool *ret_remove, size_t *ret_max)
{
    struct ps_array *out = ps_array_new(ps, 4);
    bool texts = false;

    *ret_remove = false;
    *ret_max = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        struct ps_array *items = ps_items(ps, args[i]);

        if (args[i].kind == PS_TEXT && hn_text_find_nocase(ps_flat(ps, &args[i]),
                                               T("RemoveEmptyEntries"), 0) != SIZE_MAX) {
            *ret_remove = true;
            continue;
        }
        if (args[i].kind == PS_INT && i > 0) {
            if (i == count - 1 && args[i].as.number == 1 && count == 2)
                *ret_remove = true;
            else
                *ret_max = (size_t)args[i].as.number;
            continue;
        }
        texts |= args[i].kind == PS_ARRAY && items->count > 0 && i + 1 < count;
        for (size_t k = 0; k < items->count; k++) {
            struct ps_value item = ps_at(items, k);
            struct hn_text text = ps_flat(ps, &item);

            if (texts || item.kind == PS_CHAR) {
                ps_array_add(ps, out, item);
                continue;
            }
            for (size_t c = 0; c < text.len; c++) /* 5.1: a text is the list of its characters */
                ps_array_add(ps, out, ps_char((uint8_t)text.ptr[c]));
        }
    }
    return out;
}

static size_t separator_at(struct ps *ps, struct hn_text text, size_t at, struct ps_array *list)
{
    if (list->count == 0)
        return strchr(" \t\r\n", text.ptr[at]) != NULL && text.ptr[at] != '\0';
    for (size_t i = 0; i < list->count; i++) {
        struct ps_value item = ps_at(list, i);
        struct hn_text separator;

        if (item.kind == PS_CHAR && item.as.number < 0x80) {
            if ((uint8_t)text.ptr[at] == item.as.number)
                return 1;
            continue;
        }
        separator = ps_flat(ps, &item);
        if (separator.len > 0 && hn_text_starts(hn_text_sub(text, at, SIZE_MAX), separator))
            return separator.len;
    }
    return 0;
}

static struct ps_value text_split(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    bool remove;
    size_t max;
    struct ps_array *list = separators(ps, args, count, &remove, &max);
    struct ps_array *out = ps_array_new(ps, 8);
    struct hn_text text = ps_flat(ps, &base);
    size_t start = 0;

    ps_technique(ps, "split");
    out->origin = ps_origin(ps, "split", &base);
    for (size_t at = 0; at < text.len && out->count + 1 < max;) {
        size_t len = separator_at(ps, text, at, list);

        if ((at & 15u) == 0 && !script_spend(ps->run, 1 + list->count / 8))
            break;
        if (len == 0) {
            at++;
            continue;
        }
        if (at > start || !remove) {
            ps_array_add(ps, out,
                    ps_text(script_text_borrow(
                            ps->run, hn_text_sub(text, start, at - start), out->origin)));
        }
        at += len;
        start = at;
    }
    if (start < text.len || !remove) {
        ps_array_add(ps, out,
                ps_text(script_text_borrow(
                        ps->run, hn_text_sub(text, start, SIZE_MAX), out->origin)));
    }
    return ps_of_array(out);
}

static struct ps_value text_substring(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    size_t start = arg_size(ps, args, count, 0, 0);

    if (count > 0 && ps_is_unknown(&args[0]))
        return ps_unknown(ps, "text");
    return ps_text(ps_text_sub(ps, base.as.text, start, arg_size(ps, args, count, 1, SIZE_MAX)));
}

static struct ps_value text_chars(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value all = ps_cast(ps, T("char[]"), base);

    if (count >= 2 && all.kind == PS_ARRAY) {
        struct ps_value range = ps_range(ps, args[0],
                ps_arith(ps, PS_OP_SUB, ps_arith(ps, PS_OP_ADD, args[0], args[1]), ps_int(1)));

        return ps_index(ps, all, range);
    }
    return all;
}

static struct ps_value with_case(struct ps *ps, struct ps_value base, bool upper)
{
    struct hn_text text = ps_flat(ps, &base);
    char *room = hn_arena_raw(&ps->run->arena, text.len + 1, 1);

    if (room == NULL || !script_spend(ps->run, text.len / 64))
        return base;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z';

        room[i] = letter ? (char)(c ^ 0x20) : c;
    }
    return ps_text(script_text_borrow(ps->run, hn_text_of(room, text.len), ps_origin_of(&base)));
}

static struct ps_value text_lower(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)args;
    (void)count;
    return with_case(ps, base, false);
}

static struct ps_value text_upper(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)args;
    (void)count;
    return with_case(ps, base, true);
}

static bool in_trim(struct hn_text set, char c)
{
    return set.len == 0 ? c != '\0' && strchr(" \t\r\n\v\f", c) != NULL
                        : hn_text_find_char(set, c, 0) != SIZE_MAX;
}

static struct ps_value trimmed(struct ps *ps, struct ps_value base, struct hn_text set, int sides)
{
    struct hn_text text = ps_flat(ps, &base);
    size_t start = 0;
    size_t end = text.len;

    set = hn_text_sub(set, 0, TRIM_SET_MAX);
    (void)script_spend(ps->run, 1 + text.len / 64);
    while ((sides & 1) != 0 && start < end && in_trim(set, text.ptr[start]))
        start++;
    while ((sides & 2) != 0 && end > start && in_trim(set, text.ptr[end - 1]))
        end--;
    return ps_text(script_text_borrow(
            ps->run, hn_text_sub(text, start, end - start), ps_origin_of(&base)));
}

static struct hn_text trim_set(struct ps *ps, struct ps_value *args, size_t count)
{
    struct ps_value joined;

    if (count == 0 || args[0].kind != PS_ARRAY)
        return arg_text(ps, args, count, 0);
    joined = ps_join(ps, args[0], ps_null());
    return ps_flat(ps, &joined);
}

static struct ps_value text_trim(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return trimmed(ps, base, trim_set(ps, args, count), 3);
}

static struct ps_value text_trim_start(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return trimmed(ps, base, trim_set(ps, args, count), 1);
}

static struct ps_value text_trim_end(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return trimmed(ps, base, trim_set(ps, args, count), 2);
}

static struct ps_value tested(struct ps *ps, const struct ps_value *base, bool found)
{
    return ps_is_unknown(base) ? ps_unknown(ps, "condition") : ps_bool(found);
}

static struct ps_value text_starts(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return tested(ps, &base, hn_text_starts(ps_flat(ps, &base), arg_text(ps, args, count, 0)));
}

static struct ps_value text_ends(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return tested(ps, &base, hn_text_ends(ps_flat(ps, &base), arg_text(ps, args, count, 0)));
}

static struct ps_value text_contains(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return tested(ps, &base,
            hn_text_find(ps_flat(ps, &base), arg_text(ps, args, count, 0), 0) != SIZE_MAX);
}

static struct ps_value text_index_of(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct hn_text text = ps_flat(ps, &base);
    size_t start = arg_size(ps, args, count, 1, 0);
    size_t found = hn_text_find(text, arg_text(ps, args, count, 0), start);

    if (ps_is_unknown(&base))
        return ps_unknown(ps, "position");
    (void)script_spend(ps->run, text.len / 256);
    return ps_int(found == SIZE_MAX ? -1 : (int64_t)units_before(text, found));
}

static struct ps_value text_last_index(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct hn_text text = ps_flat(ps, &base);
    struct hn_text needle = arg_text(ps, args, count, 0);
    size_t last = SIZE_MAX;

    for (size_t at = hn_text_find(text, needle, 0);
            at != SIZE_MAX && needle.len > 0 && script_spend(ps->run, 1);
            at = hn_text_find(text, needle, at + 1))
        last = at;
    return ps_int(last == SIZE_MAX ? -1 : (int64_t)units_before(text, last));
}

static struct ps_value text_insert(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    size_t at = arg_size(ps, args, count, 0, 0);

    if (count < 2)
        return base;
    return ps_text(script_text_join(ps->run,
            script_text_join(
                    ps->run, ps_text_sub(ps, base.as.text, 0, at), ps_text_from(ps, &args[1])),
            ps_text_sub(ps, base.as.text, at, SIZE_MAX)));
}

static struct ps_value text_remove(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    size_t at = arg_size(ps, args, count, 0, 0);
    size_t len = arg_size(ps, args, count, 1, SIZE_MAX);
    const struct script_text *left = ps_text_sub(ps, base.as.text, 0, at);

    if (len >= base.as.text->units - (at < base.as.text->units ? at : base.as.text->units))
        return ps_text(left);
    return ps_text(
            script_text_join(ps->run, left, ps_text_sub(ps, base.as.text, at + len, SIZE_MAX)));
}

static struct ps_value pad(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count, bool left)
{
    size_t width = arg_size(ps, args, count, 0, 0);
    struct hn_text with = count > 1 ? ps_flat(ps, &args[1]) : T(" ");
    struct ps_value fill = ps_text(script_text_borrow(ps->run, with, NULL));
    const struct script_text *more;

    if (width <= base.as.text->units || width > (1u << 20))
        return base;
    fill = ps_arith(ps, PS_OP_MUL, fill, ps_int((int64_t)(width - base.as.text->units)));
    more = ps_text_from(ps, &fill);
    return ps_text(left ? script_text_join(ps->run, more, base.as.text)
                        : script_text_join(ps->run, base.as.text, more));
}

static struct ps_value text_pad_left(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return pad(ps, base, args, count, true);
}

static struct ps_value text_pad_right(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return pad(ps, base, args, count, false);
}

static struct ps_value text_same(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)args;
    (void)count;
    return base;
}

static struct ps_value text_char_at(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return count > 0 ? ps_index(ps, base, args[0]) : ps_null();
}

static struct ps_value text_length(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)args;
    (void)count;
    return ps_int((int64_t)base.as.text->units);
}

static struct ps_value text_enumerator(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)args;
    (void)count;
    return ps_cast(ps, T("char[]"), base);
}

/* $ExecutionContext.InvokeCommand and a text's own way of being one. */
const struct ps_method ps_methods_text[] = {
    { "string", "replace", text_replace },
    { "string", "split", text_split },
    { "string", "substring", text_substring },
    { "string", "tochararray", text_chars },
    { "string", "getenumerator", text_enumerator },
    { "string", "tolower", text_lower },
    { "string", "tolowerinvariant", text_lower },
    { "string", "toupper", text_upper },
    { "string", "toupperinvariant", text_upper },
    { "string", "trim", text_trim },
    { "string", "trimstart", text_trim_start },
    { "string", "trimend", text_trim_end },
    { "string", "startswith", text_starts },
    { "string", "endswith", text_ends },
    { "string", "contains", text_contains },
    { "string", "indexof", text_index_of },
    { "string", "lastindexof", text_last_index },
    { "string", "insert", text_insert },
    { "string", "remove", text_remove },
    { "string", "padleft", text_pad_left },
    { "string", "padright", text_pad_right },
    { "string", "normalize", text_same },
    { "string", "clone", text_same },
    { "string", "tostring", text_same },
    { "string", "chars", text_char_at },
    { "string", "get_chars", text_char_at },
    { "string", "get_length", text_length },
    { NULL, NULL, NULL },
};

/* ---- [string] and [regex] ---- */

static struct ps_value string_join(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_array *list;

    (void)base;
    if (count == 2)
        return ps_join(ps, args[1].kind == PS_ARRAY ? args[1] : ps_of_array(ps_items(ps, args[1])),
                args[0]);
    list = ps_array_new(ps, count);
    for (size_t i = 1; i < count; i++)
        ps_array_add(ps, list, args[i]);
    return ps_join(ps, ps_of_array(list), count > 0 ? args[0] : ps_null());
}

static struct ps_value string_concat(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    const struct script_text *made = NULL;

    (void)base;
    if (count == 1)
        return ps_join(ps, args[0], ps_null());
    for (size_t i = 0; i < count; i++)
        made = made == NULL ? ps_text_from(ps, &args[i])
                            : script_text_join(ps->run, made, ps_text_from(ps, &args[i]));
    ps_technique(ps, "concat");
    return ps_text(made);
}

static struct ps_value string_format(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_array *list = ps_array_new(ps, count);

    (void)base;
    ps_technique(ps, "format");
    if (count == 2 && args[1].kind == PS_ARRAY)
        return ps_format(ps, args[0], args[1]);
    for (size_t i = 1; i < count; i++)
        ps_array_add(ps, list, args[i]);
    return count > 0 ? ps_format(ps, args[0], ps_of_array(list)) : ps_null();
}

static struct ps_value string_empty(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)base;
    (void)args;
    (void)count;
    return ps_text(NULL);
}

static struct ps_value string_is_empty(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count == 0 || ps_is_unknown(&args[0]))
        return ps_unknown(ps, "condition");
    return ps_bool(hn_text_trim(ps_flat(ps, &args[0])).len == 0);
}

static struct ps_value string_equals(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count < 2 ? ps_null() : ps_bool(ps_equal(ps, &args[0], &args[1], true) == 1);
}

static struct ps_value string_compare(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count < 2 ? ps_null() : ps_int(ps_order(ps, &args[0], &args[1], true));
}

/* new string('x', 3), new string(chars) */
static struct ps_value string_new(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count == 2)
        return ps_arith(ps, PS_OP_MUL, ps_text(ps_text_from(ps, &args[0])), args[1]);
    return count > 0 ? ps_join(ps, args[0], ps_null()) : ps_text(NULL);
}

static uint32_t options_of(struct ps *ps, struct ps_value *args, size_t count, size_t index)
{
    return index < count ? ps_regex_options(ps, &args[index]) : 0;
}

static struct ps_value regex_replace(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count < 3)
        return count > 0 ? args[0] : ps_null();
    ps_technique(ps, "replace");
    return ps_regex_replace(
            ps, args[0], ps_flat(ps, &args[1]), args[2], options_of(ps, args, count, 3));
}

static struct ps_value regex_matches(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count < 2 ? ps_null()
                     : ps_regex_matches(ps, &args[0], ps_flat(ps, &args[1]),
                               options_of(ps, args, count, 2), false);
}

static struct ps_value regex_match(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count < 2 ? ps_null()
                     : ps_regex_matches(ps, &args[0], ps_flat(ps, &args[1]),
                               options_of(ps, args, count, 2), true);
}

static struct ps_value regex_is_match(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    int found;

    (void)base;
    if (count < 2 || ps_is_unknown(&args[0]))
        return ps_unknown(ps, "condition");
    found = ps_regex_is_match(
            ps, &args[0], ps_flat(ps, &args[1]), options_of(ps, args, count, 2), false);
    return found < 0 ? ps_unknown(ps, "condition") : ps_bool(found == 1);
}

static struct ps_value regex_split(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count < 2 ? ps_null()
                     : ps_regex_split(ps, ps_flat(ps, &args[0]), ps_flat(ps, &args[1]), 0,
                               options_of(ps, args, count, 2), ps_origin_of(&args[0]));
}

static struct ps_value regex_escape(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count == 0)
        return ps_null();
    return ps_regex_replace(
            ps, args[0], T("([\\\\*+?|{\\[()^$.# ])"), ps_text_of(ps, T("\\$1"), NULL), 0);
}

static struct ps_value regex_unescape(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count == 0)
        return ps_null();
    return ps_regex_replace(ps, args[0], T("\\\\(.)"), ps_text_of(ps, T("$1"), NULL), 0);
}

const struct ps_method ps_statics_text[] = {
    { "string", "join", string_join },
    { "string", "concat", string_concat },
    { "string", "format", string_format },
    { "string", "get_empty", string_empty },
    { "string", "isnullorempty", string_is_empty },
    { "string", "isnullorwhitespace", string_is_empty },
    { "string", "equals", string_equals },
    { "string", "compare", string_compare },
    { "string", "new", string_new },
    { "regex|text.regularexpressions.regex", "replace", regex_replace },
    { "regex|text.regularexpressions.regex", "matches", regex_matches },
    { "regex|text.regularexpressions.regex", "match", regex_match },
    { "regex|text.regularexpressions.regex", "ismatch", regex_is_match },
    { "regex|text.regularexpressions.regex", "split", regex_split },
    { "regex|text.regularexpressions.regex", "escape", regex_escape },
    { "regex|text.regularexpressions.regex", "unescape", regex_unescape },
    { NULL, NULL, NULL },
};
