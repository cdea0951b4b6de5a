/* js_string.c - methods of texts. */
#include "jscript/jscript_internal.h"

#include "base/utf.h"

#include <math.h>

#define REPEAT_MAX 65536u

static double arg_number(
        struct js_state *state, const struct js_args *args, uint32_t index, double usual)
{
    struct js_value value = js_arg(args, index);
    double number;

    if (value.kind == JS_UNDEFINED)
        return usual;
    number = js_to_number(state, &value);
    return isnan(number) ? 0 : trunc(number);
}

static size_t clamp(double number, size_t max)
{
    if (number <= 0)
        return 0;
    return number >= (double)max ? max : (size_t)number;
}

/* From the end where it is negative. */
static size_t from_end(double number, size_t len)
{
    return clamp(number < 0 ? number + (double)len : number, len);
}

static struct js_value char_code(
        struct js_state *state, const struct script_text *self, double index)
{
    const struct script_text *one;
    const uint16_t *units;

    if (index < 0 || index >= (double)self->units)
        return js_number((double)NAN);
    if (self->ascii)
        return js_number((uint8_t)script_text_flat(state->run, self).ptr[(size_t)index]);
    one = script_text_sub(state->run, self, (size_t)index, 1);
    units = one != NULL ? script_text_units(state->run, one) : NULL;
    return units != NULL ? js_number(units[0]) : js_number((double)NAN);
}

/* Where needle begins, counted in units; -1: nowhere. */
static double find(struct js_state *state, const struct script_text *self, struct hn_text needle,
        size_t start, bool last)
{
    struct hn_text text = script_text_flat(state->run, self);
    size_t from = start;
    size_t found = SIZE_MAX;

    if (!self->ascii && start > 0)
        from = script_text_sub(state->run, self, 0, start)->len;
    if (!script_spend(state->run, 1 + text.len / 16))
        return -1;
    if (last) {
        for (size_t at = hn_text_find(text, needle, 0); at != SIZE_MAX && needle.len > 0;
                at = hn_text_find(text, needle, at + 1))
            found = at;
    } else {
        found = needle.len == 0 ? from : hn_text_find(text, needle, from);
    }
    if (found == SIZE_MAX)
        return -1;
    if (self->ascii)
        return (double)found;
    return (double)script_text_new(state->run, hn_text_sub(text, 0, found), NULL)->units;
}

static struct js_value change_case(
        struct js_state *state, const struct script_text *self, bool upper)
{
    struct hn_text text = script_text_flat(state->run, self);
    struct hn_text copy = hn_arena_text(&state->run->arena, text);
    char *bytes = hn_arena_raw(&state->run->arena, text.len + 1, 1);

    if (copy.ptr == NULL || bytes == NULL)
        return js_undefined();
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (upper && c >= 'a' && c <= 'z') {
            c = (char)(c - ('a' - 'A'));
        } else if (!upper && c >= 'A' && c <= 'Z') {
            c = (char)(c + ('a' - 'A'));
        }
        bytes[i] = c;
    }
    return js_text(script_text_borrow(state->run, hn_text_of(bytes, text.len), self->origin));
}

static struct js_value split(
        struct js_state *state, const struct script_text *self, const struct js_args *args)
{
    struct js_value by = js_arg(args, 0);
    struct js_object *array = js_object_new(state, JS_ARRAY);
    struct hn_text text = script_text_flat(state->run, self);
    struct hn_text needle;
    size_t start = 0;

    if (array == NULL)
        return js_undefined();
    if (by.kind == JS_OBJECT && by.object->class == JS_REGEX)
        return js_regex_split(state, self, by.object);
    if (by.kind == JS_UNDEFINED) {
        (void)js_array_add(state, array, js_text(self));
        return js_object(array);
    }
    needle = js_flat(state, &by);
    if (needle.len == 0) {
        for (size_t i = 0; i < self->units && script_spend(state->run, 1); i++) {
            if (!js_array_add(state, array, js_text(script_text_sub(state->run, self, i, 1))))
                break;
        }
        return js_object(array);
    }
    while (script_spend(state->run, 1)) {
        size_t at = hn_text_find(text, needle, start);
        size_t end = at == SIZE_MAX ? text.len : at;

        if (!js_array_add(state, array,
                    js_text(script_text_new(
                            state->run, hn_text_sub(text, start, end - start), self->origin))) ||
                at == SIZE_MAX)
            break;
        start = at + needle.len;
    }
    return js_object(array);
}

static struct js_value replace(struct js_state *state, const struct script_text *self,
        const struct js_args *args, bool all)
{
    struct js_value what = js_arg(args, 0);
    struct js_value with = js_arg(args, 1);
    struct hn_text text = script_text_flat(state->run, self);
    struct hn_buf out = { 0 };
    struct js_value made;
    struct hn_text needle;
    struct hn_text by;
    size_t start = 0;

    if (js_is_unknown(&what) || js_is_unknown(&with))
        return js_unknown(state, "replaced text");
    if (what.kind == JS_OBJECT && what.object->class == JS_REGEX)
        return js_regex_replace(state, self, what.object, with);
    needle = js_flat(state, &what);
    if (with.kind == JS_OBJECT && with.object->class == JS_FUNCTION) {
        struct js_args given = { &what, 1 };

        with = js_call(state, with, js_undefined(), &given);
    }
    by = js_flat(state, &with);
    hn_buf_init(&out, state->run->limits.text_bytes_max);
    while (needle.len > 0 && script_spend(state->run, 1)) {
        size_t at = hn_text_find(text, needle, start);

        if (at == SIZE_MAX)
            break;
        hn_buf_add_text(&out, hn_text_sub(text, start, at - start));
        hn_buf_add_text(&out, by);
        start = at + needle.len;
        if (!all)
            break;
    }
    hn_buf_add_text(&out, hn_text_sub(text, start, SIZE_MAX));
    made = start == 0 ? js_text(self)
                      : js_text(script_text_new(state->run, hn_buf_text(&out),
                                script_origin_new(state->run, "replace", state->offset, HN_TEXT(""),
                                        self->origin, NULL)));
    hn_buf_deinit(&out);
    return made;
}

static struct js_value repeat(struct js_state *state, const struct script_text *self, double times)
{
    const struct script_text *text = script_text_borrow(state->run, HN_TEXT(""), NULL);

    for (double i = 0; i < times && i < REPEAT_MAX && text != NULL; i++)
        text = script_text_join(state->run, text, self);
    return js_text(text);
}

static struct js_value substring(struct js_state *state, const struct script_text *self,
        struct hn_text name, const struct js_args *args)
{
    size_t len = self->units;
    size_t start;
    size_t end;

    if (hn_text_eq(name, HN_TEXT("substr"))) {
        start = from_end(arg_number(state, args, 0, 0), len);
        return js_text(script_text_sub(
                state->run, self, start, clamp(arg_number(state, args, 1, (double)len), len)));
    }
    if (hn_text_eq(name, HN_TEXT("slice"))) {
        start = from_end(arg_number(state, args, 0, 0), len);
        end = from_end(arg_number(state, args, 1, (double)len), len);
        return js_text(script_text_sub(state->run, self, start, end > start ? end - start : 0));
    }
    start = clamp(arg_number(state, args, 0, 0), len);
    end = clamp(arg_number(state, args, 1, (double)len), len);
    if (start > end) {
        size_t swap = start;

        start = end;
        end = swap;
    }
    return js_text(script_text_sub(state->run, self, start, end - start));
}

enum method {
    M_CHAR_AT,
    M_CHAR_CODE_AT,
    M_CONCAT,
    M_INDEX_OF,
    M_LAST_INDEX_OF,
    M_MATCH,
    M_REPLACE,
    M_REPLACE_ALL,
    M_SEARCH,
    M_SPLIT,
    M_SUB,
    M_LOWER,
    M_UPPER,
    M_TEXT,
    M_TRIM,
    M_AT,
    M_TAG, /* "x".bold(): encoders take letters from such tags */
    M_REPEAT,
    M_INCLUDES,
    M_STARTS,
    M_ENDS,
    M_PAD_START,
    M_PAD_END,
};

static const struct {
    const char *name;
    enum method method;
} methods[] = {
    { "charAt", M_CHAR_AT },
    { "charCodeAt", M_CHAR_CODE_AT },
    { "codePointAt", M_CHAR_CODE_AT },
    { "concat", M_CONCAT },
    { "indexOf", M_INDEX_OF },
    { "lastIndexOf", M_LAST_INDEX_OF },
    { "match", M_MATCH },
    { "replace", M_REPLACE },
    { "replaceAll", M_REPLACE_ALL },
    { "search", M_SEARCH },
    { "split", M_SPLIT },
    { "substr", M_SUB },
    { "substring", M_SUB },
    { "slice", M_SUB },
    { "toLowerCase", M_LOWER },
    { "toLocaleLowerCase", M_LOWER },
    { "toUpperCase", M_UPPER },
    { "toLocaleUpperCase", M_UPPER },
    { "toString", M_TEXT },
    { "valueOf", M_TEXT },
    { "trim", M_TRIM },
    { "trimStart", M_TRIM },
    { "trimEnd", M_TRIM },
    { "at", M_AT },
    { "anchor", M_TAG },
    { "big", M_TAG },
    { "blink", M_TAG },
    { "bold", M_TAG },
    { "fontcolor", M_TAG },
    { "italics", M_TAG },
    { "link", M_TAG },
    { "sub", M_TAG },
    { "sup", M_TAG },
    { "repeat", M_REPEAT },
    { "includes", M_INCLUDES },
    { "startsWith", M_STARTS },
    { "endsWith", M_ENDS },
    { "padStart", M_PAD_START },
    { "padEnd", M_PAD_END },
};

static const int *find_method(struct hn_text name, int *room)
{
    for (size_t i = 0; i < HN_COUNT_OF(methods); i++) {
        if (hn_text_eq(name, hn_text_cstr(methods[i].name))) {
            *room = (int)methods[i].method;
            return room;
        }
    }
    return NULL;
}

bool js_has_string_method(struct hn_text name)
{
    int room;

    return find_method(name, &room) != NULL;
}

static struct js_value pad(struct js_state *state, const struct script_text *self,
        const struct js_args *args, bool start)
{
    struct js_value fill = js_arg(args, 1);
    double want = arg_number(state, args, 0, 0) - (double)self->units;
    const struct script_text *with = fill.kind == JS_UNDEFINED
                                             ? script_text_borrow(state->run, HN_TEXT(" "), NULL)
                                             : js_to_text(state, &fill);
    struct js_value padding;

    if (with == NULL || with->units == 0 || want <= 0)
        return js_text(self);
    padding = repeat(state, with, ceil(want / (double)with->units));
    if (padding.kind != JS_TEXT)
        return js_undefined();
    padding.text = script_text_sub(state->run, padding.text, 0, clamp(want, REPEAT_MAX));
    return js_text(start ? script_text_join(state->run, padding.text, self)
                         : script_text_join(state->run, self, padding.text));
}

static struct js_value contains(struct js_state *state, const struct script_text *self,
        enum method method, struct hn_text needle)
{
    struct hn_text text = script_text_flat(state->run, self);

    if (method == M_STARTS)
        return js_bool(hn_text_starts(text, needle));
    if (method == M_ENDS)
        return js_bool(hn_text_ends(text, needle));
    return js_bool(hn_text_find(text, needle, 0) != SIZE_MAX);
}

static struct js_value with_regex(struct js_state *state, const struct script_text *self,
        enum method method, struct js_value what)
{
    struct js_object *regex = what.kind == JS_OBJECT ? what.object : NULL;

    if (regex == NULL || regex->class != JS_REGEX) {
        regex = js_object_new(state, JS_REGEX);
        if (regex == NULL)
            return js_undefined();
        regex->pattern = js_to_text(state, &what);
        regex->flags = hn_text_of("", 0);
    }
    if (regex->pattern == NULL || regex->pattern->unknown)
        return js_unknown(state, "match");
    if (method == M_SEARCH) {
        double at = js_regex_search(state, self, regex);

        return at < -1 ? js_unknown(state, "match") : js_number(at);
    }
    return js_regex_match(state, self, regex, false);
}

static struct js_value tagged(struct js_state *state, const struct script_text *self,
        struct hn_text name, const struct js_args *args)
{
    static const char *const tags[][3] = { { "anchor", "a", " name=\"" },
        { "link", "a", " href=\"" }, { "fontcolor", "font", " color=\"" }, { "bold", "b", NULL },
        { "italics", "i", NULL }, { "big", "big", NULL }, { "blink", "blink", NULL },
        { "sub", "sub", NULL }, { "sup", "sup", NULL } };
    struct js_value given = js_arg(args, 0);
    struct hn_buf out = { 0 };
    struct js_value made;
    size_t i = 0;

    while (i + 1 < HN_COUNT_OF(tags) && !hn_text_eq(name, hn_text_cstr(tags[i][0])))
        i++;
    hn_buf_addf(&out, "<%s", tags[i][1]);
    if (tags[i][2] != NULL) {
        hn_buf_add_cstr(&out, tags[i][2]);
        hn_buf_add_text(&out, js_flat(state, &given));
        hn_buf_add_char(&out, '"');
    }
    hn_buf_add_char(&out, '>');
    hn_buf_add_text(&out, script_text_flat(state->run, self));
    hn_buf_addf(&out, "</%s>", tags[i][1]);
    made = js_text(script_text_new(state->run, hn_buf_text(&out), NULL));
    hn_buf_deinit(&out);
    return made;
}

static struct js_value by_method(struct js_state *state, const struct script_text *self,
        enum method method, struct hn_text name, const struct js_args *args)
{
    struct js_value first = js_arg(args, 0);

    switch (method) {
    case M_CHAR_AT:
        return js_text(arg_number(state, args, 0, 0) < 0
                               ? script_text_borrow(state->run, HN_TEXT(""), NULL)
                               : script_text_sub(state->run, self,
                                         clamp(arg_number(state, args, 0, 0), self->units), 1));
    case M_CHAR_CODE_AT:
        return char_code(state, self, arg_number(state, args, 0, 0));
    case M_CONCAT:
        for (uint32_t i = 0; i < args->count; i++)
            self = script_text_join(state->run, self, js_to_text(state, &args->items[i]));
        return js_text(self);
    case M_INDEX_OF:
        return js_number(find(state, self, js_flat(state, &first),
                clamp(arg_number(state, args, 1, 0), self->units), false));
    case M_LAST_INDEX_OF:
        return js_number(find(state, self, js_flat(state, &first), 0, true));
    case M_MATCH:
    case M_SEARCH:
        return with_regex(state, self, method, first);
    case M_REPLACE:
    case M_REPLACE_ALL:
        return replace(state, self, args, method == M_REPLACE_ALL);
    case M_SPLIT:
        return split(state, self, args);
    case M_SUB:
        return substring(state, self, name, args);
    case M_LOWER:
    case M_UPPER:
        return change_case(state, self, method == M_UPPER);
    case M_TEXT:
        return js_text(self);
    case M_TRIM:
        return js_text(script_text_new(
                state->run, hn_text_trim(script_text_flat(state->run, self)), self->origin));
    case M_AT:
        return js_text(script_text_sub(
                state->run, self, from_end(arg_number(state, args, 0, 0), self->units), 1));
    case M_TAG:
        return tagged(state, self, name, args);
    case M_REPEAT:
        return repeat(state, self, arg_number(state, args, 0, 0));
    case M_INCLUDES:
    case M_STARTS:
    case M_ENDS:
        return contains(state, self, method, js_flat(state, &first));
    case M_PAD_START:
    case M_PAD_END:
        return pad(state, self, args, method == M_PAD_START);
    }
    return js_undefined();
}

struct js_value js_string_method(struct js_state *state, const struct script_text *self,
        struct hn_text name, const struct js_args *args)
{
    struct js_value whole = { .kind = JS_UNKNOWN, .text = self };
    int method;

    if (find_method(name, &method) == NULL || script_text_flat(state->run, self).ptr == NULL)
        return js_undefined();
    for (uint32_t i = 0; i < args->count; i++) {
        if (js_is_unknown(&args->items[i]) && method != M_CONCAT)
            return js_unknown(state, "text");
    }
    if (self->unknown && method != M_CONCAT && method != M_TEXT && method != M_LOWER &&
            method != M_UPPER && method != M_REPLACE && method != M_TRIM)
        return js_of_unknown(state, &whole, "text");
    {
        struct js_value made = by_method(state, self, (enum method)method, name, args);

        if (made.kind == JS_TEXT && made.text != self && self->unknown && !made.text->unknown)
            return js_of_unknown(state, &whole, "text");
        return made;
    }
}
