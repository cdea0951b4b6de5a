/* powershell_member.c - members of values: properties, methods by kind and type. What nobody
 * modelled is an unknown value with a note. */
#include "powershell/powershell_internal.h"

static const struct ps_method *find(
        const struct ps_method *rows, struct hn_text type, struct hn_text name)
{
    for (; rows->name != NULL; rows++)
        if (ps_same_text(name, rows->name) && (type.len == 0 || ps_one_of(type, rows->type)))
            return rows;
    return NULL;
}

static const struct ps_method *find_method(struct hn_text type, struct hn_text name)
{
    static const struct ps_method *const tables[] = { ps_methods_stream, ps_methods_crypto,
        ps_methods_web, ps_methods_host, ps_methods_com };
    const struct ps_method *found = NULL;

    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && found == NULL; i++)
        found = find(tables[i], type, name);
    return found;
}

static const struct ps_method *find_static(struct hn_text type, struct hn_text name)
{
    static const struct ps_method *const tables[] = { ps_statics_base, ps_statics_text,
        ps_statics_host, ps_statics_crypto, ps_statics_web, ps_statics_com };
    const struct ps_method *found = NULL;

    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && found == NULL; i++)
        found = find(tables[i], type, name);
    return found;
}

static struct ps_value unmodelled(struct ps *ps, struct hn_text type, struct hn_text name,
        const struct ps_value *args, size_t count)
{
    ps_note(ps, SCRIPT_NOTE_UNMODELLED, "%.*s.%.*s", (int)(type.len < 100 ? type.len : 100),
            type.ptr, (int)(name.len < 100 ? name.len : 100), name.ptr);
    for (size_t i = 0; i < count; i++)
        ps_tell_value(ps, &args[i], 0);
    return ps_unknown(ps, "%.*s.%.*s", (int)(type.len < 100 ? type.len : 100), type.ptr,
            (int)(name.len < 100 ? name.len : 100), name.ptr);
}

/* Members that scripts pick by a pattern of their names, in the order in which they are shown. */
struct ps_value ps_member_list(struct ps *ps, const struct ps_object *object)
{
    static const char *const names[] = { "DownloadData", "DownloadDataAsync",
        "DownloadDataTaskAsync", "DownloadFile", "DownloadFileAsync", "DownloadFileTaskAsync",
        "DownloadString", "DownloadStringAsync", "DownloadStringTaskAsync", "OpenRead",
        "OpenReadAsync", "OpenWrite", "UploadData", "UploadFile", "UploadString", "UploadValues" };
    struct ps_array *out = ps_array_new(ps, 16);

    if (!hn_text_eq(object->type, T("net.webclient")))
        return ps_unknown(ps, "members");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct ps_object *member = ps_object_new(ps, "management.automation.psmethodinfo");

        ps_prop_set(ps, member, "name",
                ps_text(script_text_borrow(ps->run, hn_text_cstr(names[i]), NULL)));
        ps_array_add(ps, out, ps_of_object(member));
    }
    return ps_of_array(out);
}

/* ---- Properties ---- */

static struct ps_value bound_method(struct ps *ps, struct ps_value base, struct hn_text name)
{
    struct ps_object *method = ps_object_new(ps, "management.automation.psmethod");

    ps_prop_set(ps, method, "name", ps_text_of(ps, name, NULL));
    ps_prop_set(ps, method, "target", base);
    return ps_of_object(method);
}

static struct ps_value text_member(struct ps *ps, struct ps_value base, struct hn_text name)
{
    if (ps_same_text(name, "length"))
        return base.kind == PS_CHAR ? ps_int(1) : ps_int((int64_t)base.as.text->units);
    if (ps_same_text(name, "count"))
        return ps_int(1);
    if (ps_same_text(
                name, "chars")) /* as 5.1 shows the property, which scripts take letters from */
        return ps_text_of(ps, T("char Chars(int index) {get;}"), NULL);
    if (ps_same_text(name, "insert"))
        return ps_text_of(ps, T("string Insert(int startIndex, string value)"), NULL);
    if (find(ps_methods_text, T(""), name) != NULL)
        return bound_method(ps, base, name);
    /* A text stands in for paths, addresses and the like. */
    if (ps_one_of(name, "fullname|absoluteuri|originalstring|value|path|invocationname|"
                        "exception|message"))
        return base;
    return ps_null();
}

static struct ps_value hash_member(struct ps *ps, struct ps_hash *hash, struct hn_text name)
{
    const struct ps_value *found = ps_hash_find(hash, name);
    struct ps_array *out;

    if (found != NULL)
        return *found;
    if (ps_one_of(name, "count|length"))
        return ps_int((int64_t)hash->count - hash->gone);
    if (!ps_one_of(name, "keys|values"))
        return ps_null();
    out = ps_array_new(ps, hash->count);
    for (uint32_t i = 0; i < hash->count; i++) {
        if (!hash->entries[i].gone) {
            ps_array_add(ps, out,
                    (name.ptr[0] | 0x20) == 'k' ? ps_text_of(ps, hash->entries[i].key, NULL)
                                                : hash->entries[i].value);
        }
    }
    return ps_of_array(out);
}

static struct ps_value array_member(struct ps *ps, struct ps_value base, struct hn_text name)
{
    struct ps_array *out;

    if (ps_one_of(name, "length|count|longlength"))
        return ps_int((int64_t)base.as.array->count);
    if (ps_same_text(name, "rank"))
        return ps_int(1);
    out = ps_array_new(ps, base.as.array->count);
    for (size_t i = 0; i < base.as.array->count && script_spend(ps->run, 1); i++) {
        struct ps_value v = ps_member(ps, ps_at(base.as.array, i), name);

        if (v.kind != PS_NULL)
            ps_emit(ps, out, v);
    }
    return ps_collect(out);
}

static struct ps_value object_member(struct ps *ps, struct ps_object *object, struct hn_text name)
{
    const struct ps_value *found = ps_hash_find(&object->props, name);
    struct hn_buf getter = { 0 };
    const struct ps_method *method;

    if (object->com != NULL)
        return ps_com_call(ps, object->com, name, NULL, 0);
    if (found != NULL)
        return *found;
    hn_buf_init(&getter, 1024);
    hn_buf_add_lit(&getter, "get_");
    hn_buf_add_text(&getter, name);
    method = find_method(object->type, hn_buf_text(&getter));
    hn_buf_deinit(&getter);
    if (method != NULL)
        return method->fn(ps, ps_of_object(object), NULL, 0);
    if (ps_one_of(name, "length|count") && object->state.kind != PS_NULL)
        return ps_member(ps, object->state, name);
    if (find_method(object->type, name) != NULL)
        return bound_method(ps, ps_of_object(object), name);
    if (hn_text_eq(object->type, T("management.automation.pscustomobject")))
        return ps_null();
    if (ps_same_text(name, "psobject"))
        return ps_of_object(object);
    if (ps_one_of(name, "methods|members"))
        return ps_member_list(ps, object);
    if (object->state.kind == PS_UNKNOWN) /* part of what nobody has */
        return object->state;
    return ps_unknown(ps, "%.*s.%.*s", (int)(object->type.len < 100 ? object->type.len : 100),
            object->type.ptr, (int)(name.len < 100 ? name.len : 100), name.ptr);
}

static struct ps_value type_member(struct ps *ps, struct ps_value base, struct hn_text name)
{
    struct hn_text type = ps_flat(ps, &base);
    size_t dot = SIZE_MAX;

    for (size_t i = 0; i < type.len; i++)
        if (type.ptr[i] == '.')
            dot = i;
    if (ps_same_text(name, "name"))
        return ps_text_of(ps, dot == SIZE_MAX ? type : hn_text_sub(type, dot + 1, SIZE_MAX), NULL);
    if (ps_same_text(name, "fullname"))
        return ps_text_of(ps, type, NULL);
    if (ps_same_text(name, "assembly"))
        return ps_of_object(ps_object_new(ps, "reflection.assembly"));
    return ps_static_member(ps, type, name);
}

struct ps_value ps_member(struct ps *ps, struct ps_value base, struct hn_text name)
{
    if (!script_spend(ps->run, 1))
        return ps_null();
    switch ((unsigned)base.kind) {
    case PS_TEXT:
    case PS_CHAR:
        return text_member(ps, base, name);
    case PS_ARRAY:
        if (!ps_deeper(ps))
            return ps_unknown(ps, "depth");
        base = array_member(ps, base, name);
        ps->depth--;
        return base;
    case PS_HASH:
        return hash_member(ps, base.as.hash, name);
    case PS_OBJECT:
        return object_member(ps, base.as.object, name);
    case PS_TYPE:
        return type_member(ps, base, name);
    case PS_UNKNOWN:
    case PS_NULL:
        return base;
    default:
        return ps_one_of(name, "count|length") ? ps_int(1) : ps_null();
    }
}

struct ps_value ps_static_member(struct ps *ps, struct hn_text type, struct hn_text name)
{
    struct hn_buf getter = { 0 };
    const struct ps_method *method;
    struct ps_value self = ps_of_type(ps, type);
    struct ps_value own;

    if (ps_class_static(ps, type, name, &own))
        return own;
    hn_buf_init(&getter, 1024);
    hn_buf_add_lit(&getter, "get_");
    hn_buf_add_text(&getter, name);
    method = find_static(type, hn_buf_text(&getter));
    hn_buf_deinit(&getter);
    if (method != NULL)
        return method->fn(ps, self, NULL, 0);
    if (find_static(type, name) != NULL)
        return bound_method(ps, self, name);
    return ps_text_of(ps, name, NULL); /* an enumeration: its value is named so */
}

/* What AMSI's and the logs' switches are called. */
static bool guards(struct hn_text name)
{
    return hn_text_find_nocase(name, T("amsi"), 0) != SIZE_MAX ||
           hn_text_find_nocase(name, T("ScriptBlockLogging"), 0) != SIZE_MAX ||
           ps_one_of(
                   name, "servercertificatevalidationcallback|cachedGroupPolicySettings|m_enabled");
}

void ps_member_set(struct ps *ps, struct ps_value base, struct hn_text name, struct ps_value v)
{
    if (guards(name))
        ps_note(ps, SCRIPT_NOTE_EVASION, "sets %.*s", (int)(name.len < 100 ? name.len : 100),
                name.ptr);
    if (base.kind == PS_OBJECT && base.as.object->com != NULL)
        ps_com_put(ps, base.as.object->com, name, v);
    else if (base.kind == PS_OBJECT)
        (void)ps_hash_put(ps, &base.as.object->props, name, v);
    else if (base.kind == PS_HASH)
        (void)ps_hash_put(ps, base.as.hash, name, v);
    else if (base.kind == PS_TYPE)
        ps_class_static_set(ps, ps_flat(ps, &base), name, v);
}

/* ---- Methods ---- */

static struct ps_value block_method(struct ps *ps, struct ps_value base, struct hn_text name,
        struct ps_value *args, size_t count)
{
    if (ps_same_text(name, "invokereturnasis"))
        return ps_call_block(ps, base.as.block, args, count);
    if (ps_one_of(name, "invoke|invokewithcontext")) /* a collection, even of one */
        return ps_of_array(ps_items(ps, ps_call_block(ps, base.as.block, args, count)));
    if (ps_one_of(name, "getnewclosure|clone"))
        return base;
    if (ps_same_text(name, "tostring"))
        return ps_text(ps_text_from(ps, &base));
    return unmodelled(ps, T("scriptblock"), name, args, count);
}

static struct ps_value bound_call(
        struct ps *ps, struct ps_object *method, struct ps_value *args, size_t count)
{
    struct ps_value name = ps_prop(method, "name");
    struct ps_value target = ps_prop(method, "target");

    if (target.kind == PS_TYPE)
        return ps_static(ps, ps_flat(ps, &target), ps_flat(ps, &name), args, count);
    return ps_method(ps, target, ps_flat(ps, &name), args, count);
}

/* Scripts take the names of [marshal]'s methods by their place, which differs between versions of
 * .NET; those that they want all do the same here. */
static struct ps_value members_of(struct ps *ps, struct hn_text type)
{
    struct ps_array *out = ps_array_new(ps, 16);

    for (size_t i = 0; i < 16 && hn_text_find(type, T("marshal"), 0) != SIZE_MAX; i++) {
        struct ps_object *member = ps_object_new(ps, "reflection.methodinfo");

        ps_prop_set(ps, member, "name",
                ps_text(script_text_borrow(ps->run, T("PtrToStringUni"), NULL)));
        ps_array_add(ps, out, ps_of_object(member));
    }
    return ps_of_array(out);
}

static struct ps_value type_method(struct ps *ps, struct ps_value base, struct hn_text name,
        struct ps_value *args, size_t count)
{
    struct hn_text type = ps_flat(ps, &base);

    if (ps_one_of(name, "getmethod|getproperty") && count > 0)
        return bound_method(ps, base, ps_flat(ps, &args[0]));
    if (ps_one_of(name, "getmembers|getmethods"))
        return members_of(ps, type);
    if (ps_same_text(name, "getfield") && count > 0) {
        struct ps_value field = bound_method(ps, base, ps_flat(ps, &args[0]));

        if (hn_text_find_nocase(type, T("amsi"), 0) != SIZE_MAX || guards(ps_flat(ps, &args[0]))) {
            ps_note(ps, SCRIPT_NOTE_EVASION, "AMSI: field %.*s",
                    (int)(args[0].kind == PS_TEXT && args[0].as.text->len < 100
                                    ? args[0].as.text->len
                                    : 0),
                    ps_flat(ps, &args[0]).ptr);
        }
        field.as.object->type = T("reflection.fieldinfo");
        return field;
    }
    if (ps_same_text(name, "tostring"))
        return ps_text_of(ps, type, NULL);
    if (ps_same_text(name, "new"))
        return ps_construct(ps, type, args, count);
    return ps_static(ps, type, name, args, count);
}

static struct ps_value array_method(struct ps *ps, struct ps_value base, struct hn_text name,
        struct ps_value *args, size_t count)
{
    const struct ps_method *method = find(ps_methods_list, T(""), name);
    struct ps_array *out;

    if (method != NULL)
        return method->fn(ps, base, args, count);
    if (find(ps_methods_text, T(""), name) == NULL && base.as.array->count == 0)
        return unmodelled(ps, T("array"), name, args, count);
    out = ps_array_new(ps, base.as.array->count); /* of each item */
    for (size_t i = 0; i < base.as.array->count && script_spend(ps->run, 1); i++)
        ps_emit(ps, out, ps_method(ps, ps_at(base.as.array, i), name, args, count));
    return ps_of_array(out);
}

static struct ps_value hash_method(struct ps *ps, struct ps_value base, struct hn_text name,
        struct ps_value *args, size_t count)
{
    const struct ps_value *own = ps_hash_find(base.as.hash, name);

    if (own != NULL && own->kind == PS_BLOCK)
        return ps_call_block(ps, own->as.block, args, count);
    if (ps_one_of(name, "add|set_item") && count > 1) {
        (void)ps_hash_put(ps, base.as.hash, ps_flat(ps, &args[0]), args[1]);
        return ps_null();
    }
    if (ps_one_of(name, "containskey|contains") && count > 0)
        return ps_bool(ps_hash_find(base.as.hash, ps_flat(ps, &args[0])) != NULL);
    if (ps_one_of(name, "item|get_item") && count > 0)
        return ps_index(ps, base, args[0]);
    if (ps_same_text(name, "remove") && count > 0) {
        ps_hash_remove(base.as.hash, ps_flat(ps, &args[0]));
        return ps_null();
    }
    if (ps_same_text(name, "getenumerator")) {
        struct ps_array *out = ps_array_new(ps, base.as.hash->count);

        for (uint32_t i = 0; i < base.as.hash->count; i++) {
            struct ps_object *entry = ps_object_new(ps, "collections.dictionaryentry");

            if (base.as.hash->entries[i].gone)
                continue;
            ps_prop_set(ps, entry, "key", ps_text_of(ps, base.as.hash->entries[i].key, NULL));
            ps_prop_set(ps, entry, "name", ps_prop(entry, "key"));
            ps_prop_set(ps, entry, "value", base.as.hash->entries[i].value);
            ps_array_add(ps, out, ps_of_object(entry));
        }
        return ps_of_array(out);
    }
    return ps_same_text(name, "clone") ? base : unmodelled(ps, T("hashtable"), name, args, count);
}

static struct ps_value object_method(struct ps *ps, struct ps_value base, struct hn_text name,
        struct ps_value *args, size_t count)
{
    struct ps_object *object = base.as.object;
    const struct ps_method *method = find_method(object->type, name);
    struct ps_value own;

    if (object->com != NULL)
        return ps_com_method(ps, object, name, args, count);
    if (method != NULL)
        return method->fn(ps, base, args, count);
    if (hn_text_eq(object->type, T("management.automation.psmethod")))
        return ps_one_of(name, "invoke|invokereturnasis") ? bound_call(ps, object, args, count)
                                                          : base;
    if (ps_class_call(ps, base, name, args, count, &own))
        return own;
    own = ps_prop(object, "name");
    if (hn_text_eq(object->type, T("reflection.fieldinfo"))) {
        if (ps_same_text(name, "setvalue")) {
            ps_note(ps, SCRIPT_NOTE_EVASION, "sets %.*s by reflection",
                    (int)(own.kind == PS_TEXT && own.as.text->len < 100 ? own.as.text->len : 0),
                    ps_flat(ps, &own).ptr);
        }
        return ps_unknown(ps, "field");
    }
    own = hash_member(ps, &object->props, name);
    if (own.kind == PS_BLOCK)
        return ps_call_block(ps, own.as.block, args, count);
    if (hn_text_starts_nocase(name, T("get_")))
        return object_member(ps, object, hn_text_sub(name, 4, SIZE_MAX));
    if (hn_text_starts_nocase(name, T("set_")) && count > 0) {
        ps_member_set(ps, base, hn_text_sub(name, 4, SIZE_MAX), args[0]);
        return ps_null();
    }
    if (ps_same_text(name, "tostring"))
        return ps_text(ps_text_from(ps, &base));
    return unmodelled(ps, object->type, name, args, count);
}

/* Methods of an object nobody could make out are still told by their names. */
static struct ps_value unknown_method(struct ps *ps, struct ps_value base, struct hn_text name,
        struct ps_value *args, size_t count)
{
    const struct ps_method *method = NULL;

    if (ps_one_of(name, "downloadstring|downloadfile|downloaddata|downloadstringtaskasync|"
                        "downloaddatataskasync|openread|uploadstring|shellexecute|getstringasync|"
                        "invokescript"))
        method = find_method((struct hn_text){ "", 0 }, name);
    if (method != NULL)
        return method->fn(ps, ps_of_object(ps_object_new(ps, "unknown")), args, count);
    for (size_t i = 0; i < count; i++)
        ps_tell_value(ps, &args[i], 0);
    if (base.kind == PS_NULL)
        return base;
    return ps_unknown(ps, "%.*s of %.*s", (int)(name.len < 60 ? name.len : 60), name.ptr,
            (int)(base.as.text->len < 900 ? base.as.text->len : 900), ps_flat(ps, &base).ptr);
}

static struct ps_value common_method(struct ps *ps, struct ps_value base, struct hn_text name,
        struct ps_value *args, size_t count)
{
    if (ps_same_text(name, "tostring")) {
        if (count > 0 && args[0].kind == PS_TEXT && (base.kind == PS_INT || base.kind == PS_DOUBLE))
            return ps_text(ps_format_one(ps, &base, ps_flat(ps, &args[0])));
        return ps_text(ps_text_from(ps, &base));
    }
    if (ps_same_text(name, "equals") && count > 0)
        return ps_bool(ps_equal(ps, &base, &args[0], true) == 1);
    if (ps_same_text(name, "compareto") && count > 0)
        return ps_int(ps_order(ps, &base, &args[0], true));
    return unmodelled(ps, ps_type_of(ps, &base), name, args, count);
}

struct ps_value ps_method(struct ps *ps, struct ps_value base, struct hn_text name,
        struct ps_value *args, size_t count)
{
    const struct ps_method *method;

    if (!script_spend(ps->run, 1))
        return ps_null();
    if (base.kind != PS_UNKNOWN && base.kind != PS_TYPE && ps_same_text(name, "gettype")) {
        struct hn_text type = ps_type_of(ps, &base);

        return ps_of_type(ps, type);
    }
    switch ((unsigned)base.kind) {
    case PS_TEXT:
    case PS_CHAR:
        method = find(ps_methods_text, T(""), name);
        if (base.kind == PS_CHAR && ps_one_of(name, "tostring|equals|compareto"))
            method = NULL;
        return method != NULL ? method->fn(ps, ps_text(ps_text_from(ps, &base)), args, count)
                              : common_method(ps, base, name, args, count);
    case PS_ARRAY:
        if (!ps_deeper(ps))
            return ps_unknown(ps, "depth");
        base = array_method(ps, base, name, args, count);
        ps->depth--;
        return base;
    case PS_HASH:
        return hash_method(ps, base, name, args, count);
    case PS_BLOCK:
        return block_method(ps, base, name, args, count);
    case PS_TYPE:
        return type_method(ps, base, name, args, count);
    case PS_OBJECT:
        return object_method(ps, base, name, args, count);
    case PS_UNKNOWN:
    case PS_NULL:
        return unknown_method(ps, base, name, args, count);
    default:
        return common_method(ps, base, name, args, count);
    }
}

struct ps_value ps_static(struct ps *ps, struct hn_text type, struct hn_text name,
        struct ps_value *args, size_t count)
{
    const struct ps_method *method;
    struct ps_value *own;
    struct ps_value made;

    if (!script_spend(ps->run, 2))
        return ps_null();
    method = find_static(type, name);
    if (method != NULL)
        return method->fn(ps, ps_of_type(ps, type), args, count);
    if (ps_same_text(name, "new"))
        return ps_construct(ps, type, args, count);
    if (ps_class_call(ps, ps_of_type(ps, type), name, args, count, &made))
        return made;
    own = ps_hash_find(&ps->types, type);
    if (own != NULL && own->kind == PS_HASH) {
        const struct ps_value *library = ps_hash_find(own->as.hash, name);

        if (library != NULL) {
            ps_api_call(ps, ps_flat(ps, library), name, args, count);
            return ps_unknown(ps, "%.*s()", (int)(name.len < 100 ? name.len : 100), name.ptr);
        }
        if (count > 0 && ps_hash_find(own->as.hash, T(PS_TYPE_REQUESTS)) != NULL &&
                hn_text_starts_nocase(ps_flat(ps, &args[0]), T("http")))
            return ps_http(ps, "method in C#", &args[0], "GET", NULL);
    }
    return unmodelled(ps, type, name, args, count);
}

struct ps_value ps_member_nothing(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)base;
    (void)args;
    (void)count;
    return ps_null();
}

struct ps_value ps_member_itself(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)args;
    (void)count;
    return base;
}
