/* com_regexp.c - VBScript.RegExp by PCRE2 in its ECMAScript ways, whose work is limited: what takes
 * longer is unknown. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "com/com_internal.h"

#include <pcre2.h>

#define MATCH_LIMIT 200000u
#define HEAP_LIMIT  8192u /* KiB */

struct search {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    struct hn_text text; /* its bytes; offsets of matches are of these */
    bool global;
};

static bool flag(struct com_call *call, const char *name)
{
    struct com_value value = com_get(call->com, call->object, name);

    return value.kind != COM_EMPTY && com_truth(call->com, value) == 1;
}

static void search_end(struct search *search)
{
    pcre2_match_data_free(search->data);
    pcre2_match_context_free(search->context);
    pcre2_code_free(search->code);
}

static bool search_begin(
        struct com_call *call, const struct script_text *text, struct search *search)
{
    struct com_value pattern = com_get(call->com, call->object, "pattern");
    struct hn_text source = com_flat(call->com, pattern);
    uint32_t options = PCRE2_ALT_BSUX | PCRE2_NEVER_BACKSLASH_C | PCRE2_MATCH_INVALID_UTF;
    int error;
    PCRE2_SIZE where;

    *search = (struct search){ .text = com_flat(call->com, com_value_text(text)) };
    if (text == NULL || text->unknown || com_is_unknown(pattern))
        return false;
    if (flag(call, "ignorecase"))
        options |= PCRE2_CASELESS;
    if (flag(call, "multiline"))
        options |= PCRE2_MULTILINE;
    search->global = flag(call, "global");
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
static bool search_next(struct com_call *call, struct search *search, size_t at)
{
    if (at > search->text.len || !script_spend(call->run, 1 + (search->text.len - at) / 64))
        return false;
    return pcre2_match(search->code, (PCRE2_SPTR)search->text.ptr, search->text.len, at, 0,
                   search->data, search->context) > 0;
}

static struct com_value regexp_test(struct com_call *call)
{
    struct search search;
    bool found;

    if (!search_begin(call, com_arg_text(call, 0), &search))
        return com_value_unknown(call->com, "RegExp.Test");
    found = search_next(call, &search, 0);
    search_end(&search);
    return com_value_bool(found);
}

static struct com_value part(
        struct com_call *call, struct hn_text text, const struct script_text *from)
{
    const struct script_text *made = script_text_new(call->run, text,
            script_origin_new(call->run, "match", call->offset, HN_TEXT(""),
                    from != NULL ? from->origin : NULL, NULL));

    return made != NULL ? (struct com_value){ .kind = COM_TEXT, .text = made }
                        : com_value_unknown(call->com, "match");
}

static struct com_value group(struct com_call *call, const struct search *search, size_t index,
        const struct script_text *from)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(search->data);

    if (index >= pcre2_get_ovector_count(search->data) || ends[2 * index] == PCRE2_UNSET ||
            ends[2 * index + 1] < ends[2 * index])
        return com_value_lit(call->com, "");
    return part(call,
            hn_text_sub(search->text, ends[2 * index], ends[2 * index + 1] - ends[2 * index]),
            from);
}

/* $1 to $99, $&, $$ in what is put in. */
static struct com_value expand(struct com_call *call, const struct search *search,
        const struct script_text *with, const struct script_text *from)
{
    struct hn_text text = com_flat(call->com, com_value_text(with));
    struct com_value made = com_value_lit(call->com, "");
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
        made = com_join(call->com, made, part(call, hn_text_sub(text, start, i - start), with));
        made = com_join(call->com, made,
                c == '$' ? com_value_lit(call->com, "$") : group(call, search, number, from));
        i += digits > 0 ? digits : 1;
        start = i + 1;
    }
    return com_join(call->com, made, part(call, hn_text_sub(text, start, SIZE_MAX), with));
}

static struct com_value regexp_replace(struct com_call *call)
{
    const struct script_text *text = com_arg_text(call, 0);
    const struct script_text *with = com_arg_text(call, 1);
    struct com_value made = com_value_lit(call->com, "");
    struct search search;
    size_t at = 0;
    size_t copied = 0;

    if (!search_begin(call, text, &search))
        return com_unknown_of(call->com, com_value_text(text));
    while (search_next(call, &search, at)) {
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(search.data);
        size_t start = ends[0];
        size_t end = ends[1] > start ? ends[1] : start;

        made = com_join(call->com, made,
                part(call, hn_text_sub(search.text, copied, start - copied), text));
        made = com_join(call->com, made, expand(call, &search, with, text));
        copied = end;
        at = end > start ? end : end + 1;
        if (!search.global)
            break;
    }
    made = com_join(call->com, made, part(call, hn_text_sub(search.text, copied, SIZE_MAX), text));
    search_end(&search);
    if (made.kind != COM_TEXT)
        return made;
    return com_value_text(
            script_text_step(call->run, made.text, "regexp replace", call->offset, HN_TEXT("")));
}

/* ---- Matches ---- */

static struct com_value match_value(struct com_call *call)
{
    return com_get(call->com, call->object, "value");
}

static const struct com_member match_members[] = { { "", match_value }, { "Value", com_bag },
    { "FirstIndex", com_bag }, { "Length", com_bag }, { "SubMatches", com_bag } };
static COM_CLASS(class_match, "Match", match_members, NULL);

static struct com_value make_match(
        struct com_call *call, const struct search *search, const struct script_text *text)
{
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(search->data);
    struct com_value made = com_make(call->com, &class_match);
    struct com_object *groups = com_make_list(call->com);
    struct com_value whole = group(call, search, 0, text);
    struct com_value before = part(call, hn_text_sub(search->text, 0, ends[0]), NULL);

    if (made.kind != COM_OBJECT || groups == NULL || whole.text == NULL || before.text == NULL)
        return made;
    for (size_t i = 1; i < pcre2_get_ovector_count(search->data); i++)
        (void)com_list_add(call->com, groups->list, (struct com_value){ .kind = COM_EMPTY },
                group(call, search, i, text));
    com_set(call->com, made.object, "value", whole);
    com_set(call->com, made.object, "firstindex", com_value_number((double)before.text->units));
    com_set(call->com, made.object, "length", com_value_number((double)whole.text->units));
    com_set(call->com, made.object, "submatches", com_value_object(groups));
    return made;
}

static struct com_value regexp_execute(struct com_call *call)
{
    const struct script_text *text = com_arg_text(call, 0);
    struct com_object *matches = com_make_list(call->com);
    struct search search;
    size_t at = 0;

    if (matches == NULL || !search_begin(call, text, &search))
        return com_value_unknown(call->com, "RegExp.Execute");
    while (search_next(call, &search, at)) {
        const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(search.data);

        at = ends[1] > ends[0] ? ends[1] : ends[0] + 1;
        if (!com_list_add(call->com, matches->list, (struct com_value){ .kind = COM_EMPTY },
                    make_match(call, &search, text)) ||
                !search.global)
            break;
    }
    search_end(&search);
    return com_value_object(matches);
}

static const struct com_member regexp_members[] = { { "Test", regexp_test },
    { "Replace", regexp_replace }, { "Execute", regexp_execute }, { "Pattern", com_bag },
    { "Global", com_bag }, { "IgnoreCase", com_bag }, { "MultiLine", com_bag } };
static COM_CLASS(class_regexp, "RegExp", regexp_members, NULL);

struct com_object *com_make_regexp(struct com *com)
{
    return com_object_new(com, &class_regexp);
}
