/* powershell_com.c - objects of Windows (src/com) as PowerShell sees them: values there and back,
 * calls handed on; the ways to make one. */
#include "powershell/powershell_internal.h"

#include <math.h>

/* ---- Values ---- */

static struct com_value to_com(struct ps *ps, const struct ps_value *value)
{
    struct com_value made = { .kind = COM_FOREIGN };
    struct hn_bytes bytes;
    struct ps_value *kept;
    double number;

    switch (value->kind) {
    case PS_BOOL:
        return com_value_bool(value->as.number != 0);
    case PS_TEXT:
    case PS_CHAR:
        made.kind = COM_TEXT;
        made.text = ps_text_from(ps, value);
        break;
    case PS_UNKNOWN:
        made.kind = COM_UNKNOWN;
        made.text = value->as.text;
        return made;
    case PS_INT:
    case PS_DOUBLE:
        made.kind = COM_NUMBER;
        made.number = ps_number_of(ps, value, &number) ? number : 0;
        made.text = ps_text_from(ps, value);
        break;
    case PS_NULL:
        made.kind = COM_EMPTY;
        return made;
    case PS_OBJECT:
        if (value->as.object->com != NULL)
            return com_value_object(value->as.object->com);
        made.text = ps_text_from(ps, value);
        break;
    case PS_ARRAY:
        if (value->as.array->bytes && ps_bytes_of(ps, value, &bytes)) {
            made.kind = COM_BYTES;
            made.text = script_text_from_bytes(ps->run, bytes, ps_origin_of(value));
            break;
        }
        made.text = ps_text_from(ps, value);
        break;
    case PS_HASH:
    case PS_BLOCK:
    case PS_TYPE:
        made.text = ps_text_from(ps, value);
        break;
    }
    kept = hn_new(&ps->run->arena, struct ps_value, 1);
    if (kept != NULL)
        *kept = *value;
    made.foreign = kept;
    return made;
}

struct ps_value ps_com_wrap(struct ps *ps, struct com_object *object)
{
    void **wrapper;
    struct ps_object *made;

    if (object == NULL)
        return ps_unknown(ps, "object");
    wrapper = com_wrapper(object);
    made = *wrapper;
    if (made == NULL) {
        made = ps_object_new(ps, "__comobject");
        made->com = object;
        *wrapper = made;
    }
    return ps_of_object(made);
}

static struct ps_value from_com(struct ps *ps, const struct com_value *value);

static struct ps_value array_from_com(struct ps *ps, const struct com_value *items, size_t count)
{
    struct ps_array *out = ps_array_new(ps, count);

    for (size_t i = 0; i < count && script_goes_on(ps->run); i++)
        if (items[i].kind != COM_ARRAY) /* lists do not nest in what objects give */
            ps_array_add(ps, out, from_com(ps, &items[i]));
    return ps_of_array(out);
}

static struct ps_value from_com(struct ps *ps, const struct com_value *value)
{
    struct hn_bytes bytes;

    if (value->foreign != NULL)
        return *(const struct ps_value *)value->foreign;
    switch (value->kind) {
    case COM_UNKNOWN:
        return value->text != NULL ? (struct ps_value){ .kind = PS_UNKNOWN, .as.text = value->text }
                                   : ps_unknown(ps, "value");
    case COM_BOOL:
        return ps_bool(value->truth);
    case COM_NUMBER:
        if (value->number == floor(value->number) && fabs(value->number) < 2147483648.0)
            return ps_int((int64_t)value->number);
        return ps_real(value->number);
    case COM_TEXT:
    case COM_FOREIGN:
        return ps_text(value->text);
    case COM_BYTES:
        if (value->text != NULL && script_text_bytes(ps->run, value->text, &bytes))
            return ps_bytes_value(ps, bytes, value->text->origin);
        return ps_unknown(ps, "bytes");
    case COM_ARRAY:
        return array_from_com(ps, value->items, value->count);
    case COM_OBJECT:
        return ps_com_wrap(ps, value->object);
    case COM_EMPTY:
    case COM_MISSING:
        break;
    }
    return ps_null();
}

/* ---- Calls ---- */

static struct ps_value invoke(struct ps *ps, struct com_object *object, struct hn_text name,
        const struct ps_array *args, const struct ps_value *put)
{
    struct com_value values[COM_ARGS_MAX];
    struct com_value given;
    struct com_value made;
    size_t count = args->count < COM_ARGS_MAX ? args->count : COM_ARGS_MAX;

    for (size_t i = 0; i < count; i++) {
        struct ps_value value = ps_at(args, i);

        values[i] = to_com(ps, &value);
    }
    if (put != NULL)
        given = to_com(ps, put);
    (void)com_invoke(ps->com,
            &(struct com_invocation){ .object = object,
                    .member = name,
                    .args = values,
                    .count = count,
                    .put = put != NULL ? &given : NULL,
                    .offset = ps_where(ps) },
            &made);
    return from_com(ps, &made);
}

struct ps_value ps_com_call(struct ps *ps, struct com_object *object, struct hn_text name,
        const struct ps_value *args, size_t count)
{
    struct ps_array *list = ps_array_new(ps, count);

    for (size_t i = 0; i < count; i++)
        ps_array_add(ps, list, args[i]);
    return invoke(ps, object, name, list, NULL);
}

/* Methods of [wmiclass] give an object with what a method of WMI gives back. */
struct ps_value ps_com_method(struct ps *ps, struct ps_object *object, struct hn_text name,
        const struct ps_value *args, size_t count)
{
    struct ps_value made = ps_com_call(ps, object->com, name, args, count);
    struct ps_object *result;

    if (!hn_text_eq(object->type, T("management.managementclass")) || made.kind != PS_INT)
        return made;
    result = ps_object_new(ps, "management.managementbaseobject");
    ps_prop_set(ps, result, "returnvalue", made);
    ps_prop_set(ps, result, "processid", ps_unknown(ps, "process id"));
    return ps_of_object(result);
}

void ps_com_put(struct ps *ps, struct com_object *object, struct hn_text name, struct ps_value v)
{
    (void)invoke(ps, object, name, ps_array_new(ps, 0), &v);
}

struct ps_value ps_com_items(struct ps *ps, struct com_object *object)
{
    const struct com_value *items;
    size_t count;

    if (!com_items(ps->com, object, &items, &count))
        return ps_unknown(ps, "items of %s", com_class(object));
    return array_from_com(ps, items, count);
}

const struct script_text *ps_com_text(struct ps *ps, struct com_object *object)
{
    struct com_value value;
    const struct script_text *text = NULL;

    if (com_default(ps->com, object, &value))
        text = com_text(ps->com, &value);
    return text != NULL ? text : script_text_borrow(ps->run, T("System.__ComObject"), NULL);
}

/* ---- Making ---- */

/* [wmiclass]'path', which .NET has a type of its own for. */
struct ps_value ps_wmi_class(struct ps *ps, struct hn_text path)
{
    struct ps_value made = ps_com_wrap(ps, com_wmi_class(ps->com, path));

    if (made.kind == PS_OBJECT)
        made.as.object->type = T("management.managementclass");
    return made;
}

struct ps_value ps_com_object(struct ps *ps, struct ps_value name)
{
    return ps_com_wrap(ps, com_create(ps->com, ps_text_from(ps, &name), ps_where(ps)));
}

/* [type]::GetTypeFromProgID('x'), ...CLSID: what [activator]::CreateInstance() makes an object of.
 */
static struct ps_value type_from(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *type = ps_object_new(ps, "comtype");
    struct hn_text name = count > 0 ? ps_flat(ps, &args[0]) : T("");

    (void)base;
    type->state = count > 0 ? ps_text(ps_text_from(ps, &args[0])) : ps_null();
    if (name.len == 36 && hn_text_find_char(name, '-', 0) == 8) {
        struct ps_value mark = ps_text_of(ps, T("clsid:"), NULL);

        type->state = ps_add(ps, mark, type->state);
    }
    return ps_of_object(type);
}

static struct ps_value activate(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count > 0 && ps_is_object(&args[0], "comtype"))
        return ps_com_object(ps, args[0].as.object->state);
    if (count > 0 && args[0].kind == PS_TYPE)
        return ps_construct(ps, ps_flat(ps, &args[0]), args + 1, count - 1);
    return ps_unknown(ps, "instance");
}

/* [Marshal]::BindToMoniker('winmgmts:...'), [Interaction]::GetObject(...) */
static struct ps_value bind(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    if (count == 0)
        return ps_null();
    return ps_com_wrap(ps, com_moniker(ps->com, ps_text_from(ps, &args[0]), ps_where(ps)));
}

static struct ps_value create(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)base;
    return count > 0 ? ps_com_object(ps, args[0]) : ps_null();
}

/* [System.__ComObject].InvokeMember(name, flags, binder, target, arguments) */
static struct ps_value invoke_member(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_array *list;
    struct ps_value last;

    (void)base;
    if (count < 4 || args[3].kind != PS_OBJECT || args[3].as.object->com == NULL)
        return ps_unknown(ps, "InvokeMember");
    list = count > 4 ? ps_items(ps, args[4]) : ps_array_new(ps, 0);
    if (list->count == 0 ||
            hn_text_find_nocase(ps_flat(ps, &args[1]), T("SetProperty"), 0) == SIZE_MAX)
        return invoke(ps, args[3].as.object->com, ps_flat(ps, &args[0]), list, NULL);
    last = ps_at(list, list->count - 1);
    ps_com_put(ps, args[3].as.object->com, ps_flat(ps, &args[0]), last);
    return ps_null();
}

/* A method of the shell on an object nobody could make out. */
static struct ps_value shell_execute(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct com_object *shell = com_known(ps->com, T("Shell.Application"));

    (void)base;
    return shell != NULL ? ps_com_call(ps, shell, T("ShellExecute"), args, count) : ps_null();
}

const struct ps_method ps_methods_com[] = {
    { "unknown", "shellexecute", shell_execute },
    { NULL, NULL, NULL },
};

const struct ps_method ps_statics_com[] = {
    { "type", "gettypefromprogid", type_from },
    { "type", "gettypefromclsid", type_from },
    { "activator", "createinstance", activate },
    { "runtime.interopservices.marshal|marshal", "bindtomoniker", bind },
    { "microsoft.visualbasic.interaction", "getobject", bind },
    { "microsoft.visualbasic.interaction", "createobject", create },
    { "__comobject", "invokemember", invoke_member },
    { NULL, NULL, NULL },
};

/* ---- What PowerShell lends to the objects ---- */

static void host_tell(void *ctx, const struct script_act *act)
{
    ps_tell(ctx, act);
}

static void host_layer(void *ctx, const struct script_layer *layer)
{
    ps_tell_layer(ctx, layer->language, layer->text, layer->how, layer->evaluated, layer->name);
}

static void host_note(void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail)
{
    (void)offset; /* of the statement, as for all notes */
    ps_note(ctx, kind, "%.*s", HN_TEXT_ARG(detail));
}

static bool host_variable(void *ctx, struct hn_text name, struct com_value *ret_value)
{
    struct ps_value value;

    if (!ps_env_get(ctx, name, &value))
        return false;
    *ret_value = to_com(ctx, &value);
    return true;
}

bool ps_com_start(struct ps *ps)
{
    struct com_host host = { .ctx = ps,
        .source = ps->source,
        .image = ps_host_image,
        .tell = host_tell,
        .layer = host_layer,
        .note = host_note,
        .variable = host_variable };

    ps->com = com_new(ps->run, &host);
    return ps->com != NULL;
}
