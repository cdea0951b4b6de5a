/* vbscript_com_regexp.c - VBScript.RegExp by PCRE2 in its ECMAScript ways, whose work is limited:
 * what takes longer is unknown. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "vbscript/vbscript_functions.h"

#include <pcre2.h>

#define MATCH_LIMIT 200000u
#define HEAP_LIMIT  8192u /* KiB */

#define MEMBER(fn)             \
    static struct vb_value fn( \
            struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)

struct search {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    struct hn_text text; /* its bytes; offsets of matches are of these */
    bool global;
};

static bool flag(struct vb_eval *ev, struct vb_object *object, const char *name)
{
    struct vb_value value = vb_prop_get(ev, object, name);

    return value.kind != VB_EMPTY && vb_truth(ev, value) == VB_TRUE;
}

static void search_end(struct search *search)
{
    pcre2_match_data_free(search->data);
    pcre2_match_context_free(search->context);
    pcre2_code_free(search->code);
}

static bool search_begin(struct vb_eval *ev, struct vb_object *object,
        const struct script_text *text, struct search *search)
{
    struct vb_value value = vb_prop_get(ev, object, "pattern");
    const struct script_text *pattern = vb_to_text(ev, value);
    struct hn_text source = script_text_flat(ev->run, pattern);
    uint32_t options = PCRE2_ALT_BSUX | PCRE2_NEVER_BACKSLASH_C | PCRE2_MATCH_INVALID_UTF;
    int error;
    PCRE2_SIZE where;

    *search = (struct search){ .text = script_text_flat(ev->run, text) };
    if (source.ptr == NULL || search->text.ptr == NULL || pattern->unknown || text->unknown)
        return false;
    if (flag(ev, object, "ignorecase"))
        options |= PCRE2_CASELESS;
    if (flag(ev, object, "multiline"))
        options |= PCRE2_MULTILINE;
    search->global = flag(ev, object, "global");
    search->code = pcre2_compile((PCRE2_SPTR)source.ptr, source.len, options, &error, &where, NULL);
    if (search->code == NULL)
        return false;
    search->data = pcre2_match_data_create_from_pattern(search->code, NULL);
    search->context = pcre2_match_context_create(NULL);
    if (search->data == NULL || search->context == NULL) {
        search_end(search);
        return false;
    }
    (void)pcre2_set_match_limit(search->context, MATCH_LIMIT);
    (void)pcre2_set_heap_limit(search->context, HEAP_LIMIT);
    return true;
}

/* The next match at or behind *at; false: none, or it takes too long. */
static bool search_next(struct vb_eval *ev, struct search *search, size_t at)
{
    if (at > search->text.len || !vb_spend(ev, search->text.len - at))
        return false;
    return pcre2_match(search->code, (PCRE2_SPTR)search->text.ptr, search->text.len, at, 0,
                   search->data, search->context) > 0;
}

MEMBER(regexp_test)
{
    struct search search;
    bool found;

    if (!search_begin(ev, object, vb_to_text(ev, vb_plain(ev, vb_arg(call, 0))), &search))
        return vb_unknown(ev, "RegExp.Test");
    found = search_next(ev, &search, 0);
    search_end(&search);
    return vb_bool(found);
}

static struct vb_value part(struct vb_eval *ev, struct hn_text text, const struct script_text *from)
{
    const struct script_text *made = script_text_new(ev->run, text, vb_origin(ev, "match", from));

    return made != NULL ? vb_text(made) : vb_unknown(ev, "match");
}

static struct vb_value group(struct vb_eval *ev, const struct search *search, size_t index,
        const struct script_text *from)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(search->data);

    if (index >= pcre2_get_ovector_count(search->data) || ends[2 * index] == PCRE2_UNSET ||
            ends[2 * index + 1] < ends[2 * index])
        return vb_lit(ev, "");
    return part(ev,
            hn_text_sub(search->text, ends[2 * index], ends[2 * index + 1] - ends[2 * index]),
            from);
}

/* $1 to $99, $&, $$ in what is put in. */
static struct vb_value expand(struct vb_eval *ev, const struct search *search,
        const struct script_text *with, const struct script_text *from)
{
    struct hn_text text = script_text_flat(ev->run, with);
    struct vb_value made = vb_lit(ev, "");
    size_t start = 0;

    for (size_t i = 0; i + 1 < text.len; i++) {
        char c = text.ptr[i + 1];
        size_t number = 0;
        size_t digits = 0;

        if (text.ptr[i] != '$')
            continue;
        for (; digits < 2 && i + 1 + digits < text.len; digits++) {
            char digit = text.ptr[i + 1 + digits];

            if (digit < '0' || digit > '9')
                break;
            number = number * 10 + (size_t)(digit - '0');
        }
        if (digits == 0 && c != '&' && c != '$')
            continue;
        made = vb_binary(ev, '&', made, part(ev, hn_text_sub(text, start, i - start), with));
        made = vb_binary(
                ev, '&', made, c == '$' ? vb_lit(ev, "$") : group(ev, search, number, from));
        i += digits > 0 ? digits : 1;
        start = i + 1;
    }
    return vb_binary(ev, '&', made, part(ev, hn_text_sub(text, start, SIZE_MAX), with));
}

MEMBER(regexp_replace)
{
    const struct script_text *text = vb_to_text(ev, vb_plain(ev, vb_arg(call, 0)));
    const struct script_text *with = vb_to_text(ev, vb_plain(ev, vb_arg(call, 1)));
    struct vb_value made = vb_lit(ev, "");
    struct search search;
    size_t at = 0;
    size_t copied = 0;

    if (!search_begin(ev, object, text, &search))
        return vb_unknown_of(ev, vb_text(text));
    while (search_next(ev, &search, at)) {
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(search.data);
        size_t start = ends[0];
        size_t end = ends[1] > start ? ends[1] : start;

        made = vb_binary(
                ev, '&', made, part(ev, hn_text_sub(search.text, copied, start - copied), text));
        made = vb_binary(ev, '&', made, expand(ev, &search, with, text));
        copied = end;
        at = end > start ? end : end + 1;
        if (!search.global)
            break;
    }
    made = vb_binary(ev, '&', made, part(ev, hn_text_sub(search.text, copied, SIZE_MAX), text));
    search_end(&search);
    if (made.kind != VB_TEXT)
        return made;
    return vb_text(
            script_text_step(ev->run, made.as.text, "regexp replace", call->offset, HN_TEXT("")));
}

MEMBER(match_value)
{
    (void)call;
    return vb_prop_get(ev, object, "value");
}

static const struct vb_member match_members[] = { { "", match_value }, { "value", vb_bag },
    { "firstindex", vb_bag }, { "length", vb_bag }, { "submatches", vb_bag } };
static const struct vb_class class_match = { "Match", match_members, HN_COUNT_OF(match_members),
    NULL };

static struct vb_value make_match(
        struct vb_eval *ev, const struct search *search, const struct script_text *text)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(search->data);
    struct vb_value made = vb_object_make(ev, &class_match);
    struct vb_value groups = vb_make_list(ev);
    struct vb_call call = { .count = 1, .name = vb_symbol(ev, HN_TEXT("add")) };

    if (made.kind != VB_OBJECT || groups.kind != VB_OBJECT)
        return made;
    for (size_t i = 1; i < pcre2_get_ovector_count(search->data); i++) {
        struct vb_value value = group(ev, search, i, text);

        call.args = &value;
        (void)vb_member_call(ev, groups, &call);
    }
    vb_prop_set(ev, made.as.object, "value", group(ev, search, 0, text));
    vb_prop_set(ev, made.as.object, "firstindex",
            vb_int((int64_t)vb_to_text(ev, part(ev, hn_text_sub(search->text, 0, ends[0]), NULL))
                            ->units,
                    4));
    vb_prop_set(ev, made.as.object, "length",
            vb_int((int64_t)vb_to_text(ev, group(ev, search, 0, text))->units, 4));
    vb_prop_set(ev, made.as.object, "submatches", groups);
    return made;
}

MEMBER(regexp_execute)
{
    const struct script_text *text = vb_to_text(ev, vb_plain(ev, vb_arg(call, 0)));
    struct vb_value matches = vb_make_list(ev);
    struct vb_call add = { .count = 1, .name = vb_symbol(ev, HN_TEXT("add")) };
    struct search search;
    size_t at = 0;

    if (matches.kind != VB_OBJECT || !search_begin(ev, object, text, &search))
        return vb_unknown(ev, "RegExp.Execute");
    while (search_next(ev, &search, at)) {
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(search.data);
        struct vb_value match = make_match(ev, &search, text);

        add.args = &match;
        (void)vb_member_call(ev, matches, &add);
        at = ends[1] > ends[0] ? ends[1] : ends[0] + 1;
        if (!search.global)
            break;
    }
    search_end(&search);
    return matches;
}

static const struct vb_member regexp_members[] = { { "test", regexp_test },
    { "replace", regexp_replace }, { "execute", regexp_execute }, { "pattern", vb_bag },
    { "global", vb_bag }, { "ignorecase", vb_bag }, { "multiline", vb_bag } };
static const struct vb_class class_regexp = { "RegExp", regexp_members, HN_COUNT_OF(regexp_members),
    NULL };

struct vb_value vb_make_regexp(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_regexp);
}
