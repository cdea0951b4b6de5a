/* js_regex.c - regular expressions of scripts, by PCRE2 within limits. What reaches a limit, or
 * what PCRE2 does not read, gives an unknown value. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "jscript/jscript_internal.h"

#include <pcre2.h>

#define MATCH_LIMIT 100000u
#define DEPTH_LIMIT 1000u
#define HEAP_KIB    8192u
#define GROUPS_MAX  32u
#define MATCHES_MAX 100000u

struct regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    bool global;
};

static void regex_deinit(struct regex *regex)
{
    pcre2_match_context_free(regex->context);
    pcre2_match_data_free(regex->data);
    pcre2_code_free(regex->code);
}

static bool regex_init(struct js_state *state, const struct js_object *object, struct regex *regex)
{
    struct hn_text pattern = script_text_flat(state->run, object->pattern);
    uint32_t options = PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_DOLLAR_ENDONLY |
                       PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
    size_t at;
    int why;

    *regex = (struct regex){ .global = false };
    if (object->pattern == NULL) /* out of memory when it was made */
        return false;
    for (size_t i = 0; i < object->flags.len; i++) {
        char flag = object->flags.ptr[i];

        regex->global = regex->global || flag == 'g';
        options |= flag == 'i' ? PCRE2_CASELESS : 0;
        options |= flag == 'm' ? PCRE2_MULTILINE : 0;
        options |= flag == 's' ? PCRE2_DOTALL : 0;
    }
    if (!object->pattern->ascii)
        options |= PCRE2_UTF;
    regex->code = pcre2_compile((PCRE2_SPTR)pattern.ptr, pattern.len, options, &why, &at, NULL);
    regex->data = pcre2_match_data_create(GROUPS_MAX, NULL);
    regex->context = pcre2_match_context_create(NULL);
    if (regex->code == NULL || regex->data == NULL || regex->context == NULL) {
        regex_deinit(regex);
        return false;
    }
    (void)pcre2_set_match_limit(regex->context, MATCH_LIMIT);
    (void)pcre2_set_depth_limit(regex->context, DEPTH_LIMIT);
    (void)pcre2_set_heap_limit(regex->context, HEAP_KIB);
    return true;
}

/* Groups of the next match at or after start; 0: none, -1: a limit. */
static int next_match(
        struct js_state *state, struct regex *regex, struct hn_text text, size_t start)
{
    int found;

    if (start > text.len || !script_spend(state->run, 16 + (text.len - start) / 16))
        return 0;
    found = pcre2_match(
            regex->code, (PCRE2_SPTR)text.ptr, text.len, start, 0, regex->data, regex->context);
    if (found == PCRE2_ERROR_NOMATCH)
        return 0;
    if (found < 0)
        return -1;
    return found == 0 ? (int)GROUPS_MAX : found;
}

static struct hn_text group(const struct regex *regex, struct hn_text text, size_t index)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(regex->data);

    if (at[2 * index] == PCRE2_UNSET || at[2 * index + 1] < at[2 * index])
        return hn_text_of("", 0);
    return hn_text_sub(text, at[2 * index], at[2 * index + 1] - at[2 * index]);
}

/* Behind the match; one further when it was empty, so that the search ends. */
static size_t behind(const struct regex *regex)
{
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(regex->data);

    return at[1] > at[0] ? at[1] : at[1] + 1;
}

static void add_replacement(struct hn_buf *out, const struct regex *regex, struct hn_text text,
        struct hn_text with, int groups)
{
    for (size_t i = 0; i < with.len; i++) {
        char next = i + 1 < with.len ? with.ptr[i + 1] : '\0';

        if (with.ptr[i] != '$') {
            hn_buf_add_char(out, with.ptr[i]);
        } else if (next >= '1' && next <= '9' && next - '0' < groups) {
            hn_buf_add_text(out, group(regex, text, (size_t)(next - '0')));
            i++;
        } else if (next == '&') {
            hn_buf_add_text(out, group(regex, text, 0));
            i++;
        } else {
            hn_buf_add_char(out, '$');
            i += next == '$';
        }
    }
}

/* False: nobody knows what the function gives. */
static bool add_called(struct js_state *state, struct hn_buf *out, const struct regex *regex,
        struct hn_text text, struct js_value with, int groups)
{
    struct js_object *args = js_object_new(state, JS_ARRAY);
    struct js_args given;
    struct js_value made;

    for (int i = 0; i < groups && args != NULL; i++) {
        (void)js_array_add(state, args,
                js_text(script_text_new(state->run, group(regex, text, (size_t)i), NULL)));
    }
    if (args == NULL)
        return false;
    (void)js_array_add(state, args, js_number((double)pcre2_get_ovector_pointer(regex->data)[0]));
    given = (struct js_args){ args->items, args->count };
    made = js_call(state, with, js_undefined(), &given);
    hn_buf_add_text(out, js_flat(state, &made));
    return !js_is_unknown(&made);
}

struct js_value js_regex_replace(struct js_state *state, const struct script_text *self,
        const struct js_object *object, struct js_value with)
{
    struct hn_text text = script_text_flat(state->run, self);
    struct hn_text plain = hn_text_of("", 0);
    bool called = with.kind == JS_OBJECT;
    struct js_value made = js_unknown(state, "replaced text");
    struct hn_buf out = { 0 };
    struct regex regex;
    size_t start = 0;
    int groups = 0;

    if (text.ptr == NULL || !regex_init(state, object, &regex))
        return made;
    if (!called)
        plain = js_flat(state, &with);
    hn_buf_init(&out, state->run->limits.text_bytes_max);
    for (uint32_t i = 0; i < MATCHES_MAX; i++) {
        size_t from;

        groups = next_match(state, &regex, text, start);
        if (groups <= 0)
            break;
        from = pcre2_get_ovector_pointer(regex.data)[0];
        hn_buf_add_text(&out, hn_text_sub(text, start, from - start));
        if (!called) {
            add_replacement(&out, &regex, text, plain, groups);
        } else if (!add_called(state, &out, &regex, text, with, groups)) {
            groups = -1;
            break;
        }
        start = behind(&regex);
        if (start > pcre2_get_ovector_pointer(regex.data)[1]) /* it was empty */
            hn_buf_add_text(&out, hn_text_sub(text, start - 1, 1));
        if (!regex.global)
            break;
    }
    hn_buf_add_text(&out, hn_text_sub(text, start, SIZE_MAX));
    if (groups >= 0 && hn_buf_ok(&out)) {
        made = js_text(script_text_new(state->run, hn_buf_text(&out),
                script_origin_new(
                        state->run, "replace", state->offset, HN_TEXT(""), self->origin, NULL)));
    }
    hn_buf_deinit(&out);
    regex_deinit(&regex);
    return made;
}

/* What match() and exec() say besides the groups, and RegExp.$1 afterwards. */
static void keep_groups(
        struct js_state *state, struct js_object *array, const struct script_text *self, size_t at)
{
    struct js_value value = js_object(array);
    const struct script_text *before = self;

    if (!self->ascii)
        before = script_text_new(
                state->run, hn_text_sub(script_text_flat(state->run, self), 0, at), NULL);
    js_set_member(state, &value, HN_TEXT("index"),
            js_number(self->ascii || before == NULL ? (double)at : (double)before->units));
    js_set_member(state, &value, HN_TEXT("input"), js_text(self));
    state->matched = array;
}

struct js_value js_regex_match(
        struct js_state *state, const struct script_text *self, struct js_object *object, bool exec)
{
    struct hn_text text = script_text_flat(state->run, self);
    struct js_object *array = js_object_new(state, JS_ARRAY);
    struct regex regex;
    size_t start = 0;
    size_t at = 0;
    int groups = 0;

    if (text.ptr == NULL || array == NULL || !regex_init(state, object, &regex))
        return js_unknown(state, "match");
    if (exec && regex.global)
        start = object->last;
    for (uint32_t i = 0; i < MATCHES_MAX; i++) {
        bool all = regex.global && !exec;

        groups = next_match(state, &regex, text, start);
        if (groups <= 0)
            break;
        for (int k = 0; k < (all ? 1 : groups); k++) {
            (void)js_array_add(state, array,
                    js_text(script_text_new(
                            state->run, group(&regex, text, (size_t)k), self->origin)));
        }
        at = pcre2_get_ovector_pointer(regex.data)[0];
        start = behind(&regex);
        if (!all)
            break;
    }
    if (exec && regex.global)
        object->last = array->count > 0 ? (uint32_t)start : 0;
    regex_deinit(&regex);
    if (groups < 0)
        return js_unknown(state, "match");
    if (array->count > 0)
        keep_groups(state, array, self, at);
    return array->count > 0 ? js_object(array) : (struct js_value){ .kind = JS_NULL };
}

struct js_value js_regex_split(
        struct js_state *state, const struct script_text *self, const struct js_object *object)
{
    struct hn_text text = script_text_flat(state->run, self);
    struct js_object *array = js_object_new(state, JS_ARRAY);
    struct regex regex;
    size_t done = 0;
    size_t start = 0;

    if (text.ptr == NULL || array == NULL || !regex_init(state, object, &regex))
        return js_unknown(state, "parts");
    while (next_match(state, &regex, text, start) > 0) {
        const PCRE2_SIZE *at = pcre2_get_ovector_pointer(regex.data);

        start = behind(&regex);
        if (at[1] == at[0] && (at[0] == done || at[0] >= text.len))
            continue;
        if (!js_array_add(state, array,
                    js_text(script_text_new(
                            state->run, hn_text_sub(text, done, at[0] - done), self->origin))))
            break;
        done = at[1];
    }
    (void)js_array_add(state, array,
            js_text(script_text_new(state->run, hn_text_sub(text, done, SIZE_MAX), self->origin)));
    regex_deinit(&regex);
    return js_object(array);
}

int js_regex_test(
        struct js_state *state, const struct script_text *self, const struct js_object *object)
{
    double at = self->unknown ? -2 : js_regex_search(state, self, object);

    return at < -1 ? -1 : at >= 0;
}

/* -1: not found, -2: nobody knows. */
double js_regex_search(
        struct js_state *state, const struct script_text *self, const struct js_object *object)
{
    struct hn_text text = script_text_flat(state->run, self);
    struct regex regex;
    double where = -2;
    int groups;

    if (text.ptr == NULL || !regex_init(state, object, &regex))
        return where;
    groups = next_match(state, &regex, text, 0);
    if (groups == 0) {
        where = -1;
    } else if (groups > 0) {
        const struct script_text *before = script_text_new(
                state->run, hn_text_sub(text, 0, pcre2_get_ovector_pointer(regex.data)[0]), NULL);

        where = before != NULL ? (double)before->units : -2;
    }
    regex_deinit(&regex);
    return where;
}
