/* powershell_cmd_data.c - cmdlets that compute: choosing, sorting, converting, making objects. */
#include "powershell/powershell_internal.h"

#include <stdlib.h>

static struct ps_array *input_of(struct ps *ps, struct ps_call *call)
{
    const struct ps_value *given = ps_arg_named(call, "inputobject");

    if (given != NULL)
        return ps_items(ps, *given);
    return call->input != NULL ? call->input : ps_array_new(ps, 0);
}

static struct ps_value picked(struct ps *ps, struct ps_value item, struct ps_array *names)
{
    struct ps_object *made = ps_object_new(ps, "management.automation.pscustomobject");

    for (size_t i = 0; i < names->count; i++) {
        struct ps_value name = ps_at(names, i);

        (void)ps_hash_put(
                ps, &made->props, ps_flat(ps, &name), ps_member(ps, item, ps_flat(ps, &name)));
    }
    return ps_of_object(made);
}

static void select_object(struct ps *ps, struct ps_call *call)
{
    struct ps_array *input = input_of(ps, call);
    const struct ps_value *first = ps_arg_named(call, "first");
    const struct ps_value *last = ps_arg_named(call, "last");
    const struct ps_value *skip = ps_arg_named(call, "skip");
    const struct ps_value *index = ps_arg_named(call, "index");
    const struct ps_value *expand = ps_arg_named(call, "expandproperty");
    struct ps_value property = ps_arg(call, "property");
    size_t start = skip != NULL ? ps_size_of(ps, skip, 0) : 0;
    size_t end = input->count;

    if (index != NULL) {
        ps_emit(ps, call->out, ps_index(ps, ps_of_array(input), *index));
        return;
    }
    if (first != NULL && ps_size_of(ps, first, 0) < end - (start < end ? start : end))
        end = start + ps_size_of(ps, first, 0);
    if (last != NULL && ps_size_of(ps, last, 0) < end)
        start = end - ps_size_of(ps, last, 0);
    for (size_t i = start; i < end && script_spend(ps->run, 1); i++) {
        struct ps_value item = ps_at(input, i);

        if (expand != NULL)
            ps_emit(ps, call->out, ps_member(ps, item, ps_flat(ps, expand)));
        else if (property.kind != PS_NULL && item.kind == PS_OBJECT)
            ps_array_add(ps, call->out, picked(ps, item, ps_items(ps, property)));
        else
            ps_array_add(ps, call->out, item);
    }
}

/* Merge sort from the bottom: stable, and no recursion. */
struct sorting {
    struct ps *ps;
    struct ps_value *keys;
    uint32_t *order;
    uint32_t *spare;
    size_t count;
    bool down;
};

static bool before(struct sorting *s, uint32_t a, uint32_t b)
{
    int order = ps_order(s->ps, &s->keys[a], &s->keys[b], false);

    return s->down ? order >= 0 && order < 2 : order <= 0;
}

static void merge(struct sorting *s, size_t from, size_t middle, size_t to)
{
    size_t a = from;
    size_t b = middle;

    for (size_t i = from; i < to && script_spend(s->ps->run, 1); i++) {
        if (a < middle && (b >= to || before(s, s->order[a], s->order[b])))
            s->spare[i] = s->order[a++];
        else
            s->spare[i] = s->order[b++];
    }
    memcpy(s->order + from, s->spare + from, (to - from) * sizeof *s->order);
}

static void sort_object(struct ps *ps, struct ps_call *call)
{
    struct ps_array *input = input_of(ps, call);
    struct ps_value property = ps_arg(call, "property");
    struct sorting s = {
        .ps = ps, .count = input->count, .down = ps_arg_switch(call, "descending")
    };
    bool unique = ps_arg_switch(call, "unique");

    s.keys = hn_new(&ps->run->arena, struct ps_value, s.count + 1);
    s.order = hn_new(&ps->run->arena, uint32_t, s.count + 1);
    s.spare = hn_new(&ps->run->arena, uint32_t, s.count + 1);
    if (s.keys == NULL || s.order == NULL || s.spare == NULL)
        return;
    for (size_t i = 0; i < s.count && script_spend(ps->run, 1); i++) {
        struct ps_value item = ps_at(input, i);

        s.order[i] = (uint32_t)i;
        if (property.kind == PS_BLOCK) {
            struct ps_array *one = ps_array_new(ps, 1);
            struct ps_array *made = ps_array_new(ps, 1);

            ps_array_add(ps, one, item);
            ps_each(ps, property.as.block, one, made);
            s.keys[i] = ps_collect(made);
        } else {
            s.keys[i] =
                    property.kind == PS_TEXT ? ps_member(ps, item, ps_flat(ps, &property)) : item;
        }
    }
    for (size_t width = 1; width < s.count && script_goes_on(ps->run); width *= 2)
        for (size_t from = 0; from + width < s.count; from += 2 * width)
            merge(&s, from, from + width, from + 2 * width < s.count ? from + 2 * width : s.count);
    for (size_t i = 0; i < s.count && script_spend(ps->run, 1); i++) {
        if (!unique || i == 0 ||
                ps_equal(ps, &s.keys[s.order[i]], &s.keys[s.order[i - 1]], false) != 1)
            ps_array_add(ps, call->out, ps_at(input, s.order[i]));
    }
}

static void measure(struct ps *ps, struct ps_call *call)
{
    struct ps_array *input = input_of(ps, call);
    struct ps_object *made = ps_object_new(ps, "management.automation.pscustomobject");
    double sum = 0.0;

    for (size_t i = 0; i < input->count && script_spend(ps->run, 1); i++) {
        struct ps_value item = ps_at(input, i);
        double one = 0.0;

        if (ps_number_of(ps, &item, &one))
            sum += one;
    }
    ps_prop_set(ps, made, "count", ps_int((int64_t)input->count));
    ps_prop_set(ps, made, "sum", ps_real(sum));
    ps_emit(ps, call->out, ps_of_object(made));
}

static void pass_on(struct ps *ps, struct ps_call *call)
{
    struct ps_array *input = input_of(ps, call);

    for (size_t i = 0; i < input->count && script_spend(ps->run, 1); i++)
        ps_array_add(ps, call->out, ps_at(input, i));
}

static void write_output(struct ps *ps, struct ps_call *call)
{
    bool whole = ps_arg_switch(call, "noenumerate");

    for (size_t i = 0; i < call->count; i++) {
        if (call->args[i].name.len == 0 ||
                hn_text_starts_nocase(T("inputobject"), call->args[i].name)) {
            if (whole)
                ps_array_add(ps, call->out, call->args[i].value);
            else
                ps_emit(ps, call->out, call->args[i].value);
        }
    }
    if (call->input != NULL)
        pass_on(ps, call);
}

static void write_host(struct ps *ps, struct ps_call *call)
{
    struct ps_value text = ps_arg(call, "object|message");

    if (text.kind == PS_NULL && call->input != NULL && call->input->count > 0)
        text = ps_at(call->input, 0);
    ps_tell_value(ps, &text, 0);
    if (text.kind != PS_NULL)
        ps_act(ps, SCRIPT_ACT_SHOW, "Write-Host", "Text", &text, NULL, NULL);
}

static void out_string(struct ps *ps, struct ps_call *call)
{
    struct ps_array *input = input_of(ps, call);
    struct ps_value joined = ps_join(ps, ps_of_array(input), ps_text_of(ps, T("\r\n"), NULL));

    ps_emit(ps, call->out, joined);
}

static void out_null(struct ps *ps, struct ps_call *call)
{
    (void)ps;
    (void)call;
}

/* ---- Objects and conversions ---- */

static void set_properties(struct ps *ps, struct ps_value object, const struct ps_value *properties)
{
    if (object.kind != PS_OBJECT || properties == NULL || properties->kind != PS_HASH)
        return;
    for (uint32_t i = 0; i < properties->as.hash->count; i++)
        (void)ps_hash_put(ps, &object.as.object->props, properties->as.hash->entries[i].key,
                properties->as.hash->entries[i].value);
}

static void new_object(struct ps *ps, struct ps_call *call)
{
    const struct ps_value *com = ps_arg_named(call, "comobject");
    const struct ps_value *properties = ps_arg_named(call, "property");
    struct ps_value type = com == NULL ? ps_arg(call, "typename") : ps_null();
    struct ps_value list = com == NULL ? ps_arg(call, "argumentlist") : ps_null();
    struct ps_value args[16];
    size_t count = 0;
    struct ps_value made;
    struct hn_text name;
    struct ps_array *items;

    if (com != NULL) {
        ps_emit(ps, call->out, ps_com_object(ps, *com));
        return;
    }
    if (type.kind == PS_UNKNOWN) {
        ps_emit(ps, call->out, type);
        return;
    }
    name = ps_normal_type(ps->run, ps_flat(ps, &type));
    items = ps_items(ps, list);
    /* A list is the list of arguments; one of bytes or characters is the argument. */
    if (list.kind == PS_ARRAY && !items->bytes &&
            (items->count == 0 || ps_at(items, 0).kind != PS_CHAR) && !(items->count > 8)) {
        while (count < items->count && count < 16) {
            args[count] = ps_at(items, count);
            count++;
        }
    } else if (list.kind != PS_NULL) {
        args[count++] = list;
    }
    made = ps_construct(ps, name, args, count);
    set_properties(ps, made, properties);
    if (made.kind == PS_ARRAY) /* a list is one thing here */
        ps_array_add(ps, call->out, made);
    else
        ps_emit(ps, call->out, made);
}

static void to_secure(struct ps *ps, struct ps_call *call)
{
    const struct ps_value *key = ps_arg_named(call, "key|securekey");
    struct ps_value text;
    struct ps_value none = ps_null();

    text = ps_arg(call, "string");
    if (text.kind == PS_NULL && call->input != NULL && call->input->count > 0)
        text = ps_at(call->input, 0);
    if (ps_arg_switch(call, "asplaintext"))
        ps_emit(ps, call->out, ps_secure_to(ps, &text, &none));
    else
        ps_emit(ps, call->out, ps_secure_from(ps, &text, key != NULL ? key : &none));
}

static void from_secure(struct ps *ps, struct ps_call *call)
{
    struct ps_value text = ps_arg(call, "securestring");

    if (text.kind == PS_NULL && call->input != NULL && call->input->count > 0)
        text = ps_at(call->input, 0);
    ps_emit(ps, call->out,
            text.kind == PS_OBJECT ? text.as.object->state : ps_unknown(ps, "secure string"));
}

static void join_path(struct ps *ps, struct ps_call *call)
{
    struct ps_value path = ps_arg(call, "path");
    struct ps_value child = ps_arg(call, "childpath");
    struct ps_value args[2] = { path, child };

    ps_emit(ps, call->out, ps_static(ps, T("io.path"), T("combine"), args, 2));
}

static void get_random(struct ps *ps, struct ps_call *call)
{
    struct ps_array *input = input_of(ps, call);

    if (input->count == 0) {
        ps_emit(ps, call->out, ps_unknown(ps, "random number"));
        return;
    }
    /* Any of them may be it: they are all gone through as one unknown would hide them. */
    for (size_t i = 0; i < input->count && script_spend(ps->run, 1); i++)
        ps_array_add(ps, call->out, ps_at(input, i));
}

static void get_date(struct ps *ps, struct ps_call *call)
{
    ps_emit(ps, call->out, ps_unknown(ps, "date"));
}

/* P/Invoke declarations of C# text: DllImport("library") ... name( */
static void find_imports(struct ps *ps, struct hn_text text, struct ps_hash *functions)
{
    struct ps_value whole = ps_text(script_text_borrow(ps->run, text, NULL));
    struct ps_value found = ps_regex_matches(ps, &whole,
            T("DllImport\\s*\\(\\s*\"([^\"]+)\"[^\\]]*\\][^;{]*?\\b(\\w+)\\s*\\("), PS_REGEX_NOCASE,
            false);
    struct ps_array *items = ps_items(ps, found);

    for (size_t i = 0; i < items->count && script_spend(ps->run, 1); i++) {
        struct ps_value groups = ps_member(ps, ps_at(items, i), T("groups"));
        struct ps_value library = ps_member(ps, ps_index(ps, groups, ps_int(1)), T("value"));
        struct ps_value name = ps_member(ps, ps_index(ps, groups, ps_int(2)), T("value"));

        (void)ps_hash_put(ps, functions, ps_flat(ps, &name), library);
        ps_api_call(ps, ps_flat(ps, &library), ps_flat(ps, &name), NULL, 0);
    }
}

/* C# is not evaluated; whether it asks servers is known by what it uses. */
static void find_requests(struct ps *ps, struct hn_text text, struct ps_hash *functions)
{
    static const struct hn_text names[] = { HN_TEXT_INIT("WebClient"),
        HN_TEXT_INIT("HttpWebRequest"), HN_TEXT_INIT("WebRequest.Create"),
        HN_TEXT_INIT("HttpClient") };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (hn_text_find(text, names[i], 0) != SIZE_MAX)
            (void)ps_hash_put(ps, functions, T(PS_TYPE_REQUESTS), ps_bool(true));
}

static void add_class(struct ps *ps, struct hn_text name, struct ps_hash *functions)
{
    (void)ps_hash_put(ps, &ps->types, ps_normal_type(ps->run, name),
            (struct ps_value){ .kind = PS_HASH, .as.hash = functions });
}

static void add_type(struct ps *ps, struct ps_call *call)
{
    const struct ps_value *member = ps_arg_named(call, "memberdefinition");
    const struct ps_value *name = ps_arg_named(call, "name");
    const struct ps_value *space = ps_arg_named(call, "namespace");
    struct ps_value source =
            member != NULL ? *member : ps_arg(call, "typedefinition|memberdefinition");
    struct ps_hash *functions = ps_hash_new(ps);
    struct hn_text text = ps_flat(ps, &source);
    struct ps_value classes;
    struct ps_array *items;

    if (source.kind != PS_TEXT)
        return;
    ps_tell_value(ps, &source, 0);
    find_imports(ps, text, functions);
    find_requests(ps, text, functions);
    if (name != NULL) {
        struct ps_value full =
                space != NULL ? ps_add(ps, ps_add(ps, *space, ps_text_of(ps, T("."), NULL)), *name)
                              : *name;
        struct ps_value type = ps_of_type(ps, ps_flat(ps, &full));

        add_class(ps, ps_flat(ps, &full), functions);
        add_class(ps, ps_flat(ps, name), functions);
        if (ps_arg_switch(call, "passthru"))
            ps_emit(ps, call->out, type);
    }
    classes = ps_regex_matches(ps, &source, T("\\bclass\\s+(\\w+)"), 0, false);
    items = ps_items(ps, classes);
    for (size_t i = 0; i < items->count; i++) {
        struct ps_value groups = ps_member(ps, ps_at(items, i), T("groups"));
        struct ps_value one = ps_member(ps, ps_index(ps, groups, ps_int(1)), T("value"));

        add_class(ps, ps_flat(ps, &one), functions);
    }
}

static void convert_json(struct ps *ps, struct ps_call *call)
{
    ps_emit(ps, call->out, ps_unknown(ps, "object"));
}

const struct ps_cmdlet ps_cmdlets_data[] = {
    { "select-object", select_object, "unique|wait" },
    { "sort-object", sort_object, "descending|unique|casesensitive" },
    { "measure-object", measure, "sum|average|maximum|minimum|line|word|character" },
    { "write-output", write_output, "noenumerate" },
    { "write-host", write_host, "nonewline" },
    { "write-verbose", write_host, NULL },
    { "write-error", write_host, NULL },
    { "write-warning", write_host, NULL },
    { "write-debug", write_host, NULL },
    { "out-string", out_string, "stream" },
    { "out-null", out_null, NULL },
    { "out-host", out_null, NULL },
    { "out-default", out_null, NULL },
    { "format-table", pass_on, "autosize" },
    { "format-list", pass_on, NULL },
    { "get-unique", pass_on, NULL },
    { "tee-object", pass_on, NULL },
    { "new-object", new_object, "strict" },
    { "convertto-securestring", to_secure, "asplaintext|force" },
    { "convertfrom-securestring", from_secure, "asplaintext" },
    { "join-path", join_path, "resolve" },
    { "get-random", get_random, NULL },
    { "get-date", get_date, NULL },
    { "add-type", add_type, "passthru" },
    { "convertfrom-json", convert_json, NULL },
    { NULL, NULL, NULL },
};
