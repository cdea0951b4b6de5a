/* vbscript_fn_misc.c - Basic's functions of types and arrays, and those that reach out of the
 * script: Shell, CreateObject, Execute, files. */
#include "vbscript/vbscript_functions.h"

struct vb_value vb_fn_isempty(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value value = vb_plain(ev, vb_arg(call, 0));

    return value.kind == VB_UNKNOWN ? value : vb_bool(value.kind == VB_EMPTY);
}

struct vb_value vb_fn_isnull(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value value = vb_plain(ev, vb_arg(call, 0));

    return value.kind == VB_UNKNOWN ? value : vb_bool(value.kind == VB_NULL);
}

struct vb_value vb_fn_ismissing(struct vb_eval *ev, const struct vb_call *call)
{
    (void)ev;
    return vb_bool(vb_arg(call, 0).kind == VB_MISSING);
}

struct vb_value vb_fn_isnumeric(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value value = vb_plain(ev, vb_arg(call, 0));
    struct vb_value number;

    if (value.kind == VB_TEXT && !vb_is_unknown(value))
        return vb_bool(vb_text_to_number(vb_flat(ev, value), &number));
    if (vb_is_unknown(value))
        return vb_unknown_of(ev, value);
    return vb_bool(value.kind == VB_INT || value.kind == VB_REAL || value.kind == VB_BOOL ||
                   value.kind == VB_EMPTY);
}

struct vb_value vb_fn_isarray(struct vb_eval *ev, const struct vb_call *call)
{
    (void)ev;
    if (vb_arg(call, 0).kind == VB_UNKNOWN)
        return vb_arg(call, 0);
    return vb_bool(vb_arg(call, 0).kind == VB_ARRAY);
}

struct vb_value vb_fn_isobject(struct vb_eval *ev, const struct vb_call *call)
{
    (void)ev;
    if (vb_arg(call, 0).kind == VB_UNKNOWN)
        return vb_arg(call, 0);
    return vb_bool(vb_arg(call, 0).kind == VB_OBJECT);
}

static const struct {
    int64_t number;
    const char *name;
} kind_names[] = {
    [VB_EMPTY] = { 0, "Empty" },
    [VB_NULL] = { 1, "Null" },
    [VB_MISSING] = { 10, "Error" },
    [VB_UNKNOWN] = { 0, "Empty" },
    [VB_BOOL] = { 11, "Boolean" },
    [VB_INT] = { 2, "Integer" },
    [VB_REAL] = { 5, "Double" },
    [VB_DATE] = { 7, "Date" },
    [VB_TEXT] = { 8, "String" },
    [VB_ARRAY] = { 8204, "Variant()" },
    [VB_OBJECT] = { 9, "Object" },
    [VB_ERROR] = { 10, "Error" },
};

struct vb_value vb_fn_vartype(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value value = vb_arg(call, 0);

    (void)ev;
    if (value.kind == VB_UNKNOWN)
        return value;
    if (value.kind == VB_INT && value.width != 2)
        return vb_int(value.width == 1 ? 17 : value.width == 4 ? 3 : 20, 2);
    if (value.kind == VB_ARRAY && value.as.array->type == VB_T_BYTE)
        return vb_int(8192 + 17, 2);
    return vb_int(kind_names[value.kind].number, 2);
}

struct vb_value vb_fn_typename(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value value = vb_arg(call, 0);

    if (value.kind == VB_UNKNOWN)
        return value;
    if (value.kind == VB_INT && value.width != 2)
        return vb_lit(ev, value.width == 1 ? "Byte" : value.width == 4 ? "Long" : "LongLong");
    if (value.kind == VB_ARRAY && value.as.array->type == VB_T_BYTE)
        return vb_lit(ev, "Byte()");
    if (value.kind == VB_OBJECT && value.as.object == NULL)
        return vb_lit(ev, "Nothing");
    if (value.kind == VB_OBJECT && value.as.object->module != NULL)
        return vb_text(script_text_borrow(ev->run, value.as.object->module->name->shown, NULL));
    if (value.kind == VB_OBJECT && value.as.object->class == &vb_class_com)
        return vb_lit(ev, com_class(value.as.object->state));
    if (value.kind == VB_OBJECT && value.as.object->class == &vb_class_host)
        return vb_host_kind(ev, value.as.object);
    if (value.kind == VB_OBJECT)
        return vb_lit(ev, value.as.object->class->name);
    return vb_lit(ev, kind_names[value.kind].name);
}

/* Declared functions are given texts by their place in memory: it stands for the text itself. */
struct vb_value vb_fn_strptr(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value value = vb_plain(ev, vb_arg(call, 0));

    return value.kind == VB_TEXT || value.kind == VB_UNKNOWN ? value : vb_unknown(ev, "StrPtr");
}

/* ---- Arrays ---- */

struct vb_value vb_fn_array(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_array *array = vb_array_new(ev, VB_T_VARIANT,
            ev->frame->module != NULL ? ev->frame->module->option_base : 0, call->count);

    if (array == NULL)
        return vb_unknown(ev, "Array");
    for (uint32_t i = 0; i < call->count; i++) {
        array->items[i] = vb_plain(ev, call->args[i]);
        array->items[i].typed = false;
    }
    return vb_array_value(array);
}

static struct vb_value bound(struct vb_eval *ev, const struct vb_call *call, bool upper)
{
    struct vb_value value = vb_arg(call, 0);
    int64_t dim = vb_arg_int(ev, call, 1, 1);
    const struct vb_array *array;

    if (value.kind != VB_ARRAY) {
        if (!vb_is_unknown(value) && value.kind != VB_OBJECT)
            vb_raise(ev, 13);
        return vb_unknown_of(ev, value);
    }
    array = value.as.array;
    if (dim < 1 || dim > array->dims) {
        vb_raise(ev, 9);
        return vb_unknown(ev, "bound");
    }
    return vb_int(upper ? (int64_t)array->lower[dim - 1] + array->count[dim - 1] - 1
                        : array->lower[dim - 1],
            4);
}

struct vb_value vb_fn_ubound(struct vb_eval *ev, const struct vb_call *call)
{
    return bound(ev, call, true);
}

struct vb_value vb_fn_lbound(struct vb_eval *ev, const struct vb_call *call)
{
    return bound(ev, call, false);
}

/* ---- Choices ---- */

struct vb_value vb_fn_iif(struct vb_eval *ev, const struct vb_call *call)
{
    enum vb_truth truth = vb_truth(ev, call->args[0]);

    if (truth == VB_MAYBE) /* one of two; the first is as good as the second */
        vb_note(ev, SCRIPT_NOTE_BOTH, call->offset, "IIf of an unknown condition");
    return vb_plain(ev, call->args[truth == VB_FALSE ? 2 : 1]);
}

struct vb_value vb_fn_choose(struct vb_eval *ev, const struct vb_call *call)
{
    int64_t index;

    if (!vb_to_int(ev, call->args[0], &index))
        return vb_unknown_of(ev, call->args[0]);
    if (index < 1 || index >= call->count)
        return (struct vb_value){ .kind = VB_NULL };
    return vb_plain(ev, call->args[index]);
}

struct vb_value vb_fn_switch(struct vb_eval *ev, const struct vb_call *call)
{
    for (uint32_t i = 0; i + 1 < call->count; i += 2)
        if (vb_truth(ev, call->args[i]) != VB_FALSE)
            return vb_plain(ev, call->args[i + 1]);
    return (struct vb_value){ .kind = VB_NULL };
}

/* ---- Out of the script ---- */

struct vb_value vb_fn_quiet(struct vb_eval *ev, const struct vb_call *call)
{
    (void)ev;
    (void)call;
    return (struct vb_value){ .kind = VB_EMPTY };
}

struct vb_value vb_fn_unknown(struct vb_eval *ev, const struct vb_call *call)
{
    if (call->name->builtin->most > 0 && call->count > 0 &&
            hn_text_eq(call->name->name, HN_TEXT("cdate")))
        return vb_unknown(ev, "date");
    return vb_unknown(ev, "%.*s", HN_TEXT_ARG(call->name->shown));
}

/* A <resource> of a script file: a store named as script.h says. */
struct vb_value vb_fn_getresource(struct vb_eval *ev, const struct vb_call *call)
{
    struct hn_buf name = { 0 };
    struct hn_text text;
    struct vb_value made = vb_unknown(ev, "resource");

    hn_buf_add_lit(&name, SCRIPT_RESOURCE_PREFIX);
    hn_buf_add_text(&name, vb_flat(ev, vb_plain(ev, vb_arg(call, 0))));
    if (ev->source->lookup != NULL && hn_buf_ok(&name) &&
            ev->source->lookup(ev->source->lookup_ctx, hn_buf_text(&name), &text)) {
        made = vb_text(script_text_new(ev->run, text,
                script_origin_new(ev->run, "store", call->offset,
                        hn_arena_text(&ev->run->arena, hn_buf_text(&name)), NULL, NULL)));
    }
    hn_buf_deinit(&name);
    return made;
}

struct vb_value vb_fn_environ(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value value = vb_plain(ev, vb_arg(call, 0));

    if (value.kind != VB_TEXT || vb_is_unknown(value))
        return vb_unknown(ev, "Environ");
    return vb_environ(ev, vb_flat(ev, value), call->offset);
}

struct vb_value vb_fn_shell(struct vb_eval *ev, const struct vb_call *call)
{
    if (!vb_is_missing(call, 1) && vb_arg_int(ev, call, 1, 1) == 0)
        vb_note(ev, SCRIPT_NOTE_EVASION, call->offset, "hidden window");
    vb_tell_process(
            ev, call->offset, "Shell", vb_to_text(ev, vb_arg_named(ev, call, "pathname", 0)));
    return vb_unknown(ev, "process id");
}

struct vb_value vb_fn_createobject(struct vb_eval *ev, const struct vb_call *call)
{
    return vb_create(ev, vb_to_text(ev, vb_arg(call, 0)), call->offset);
}

struct vb_value vb_fn_getobject(struct vb_eval *ev, const struct vb_call *call)
{
    const struct script_text *moniker = call->count > 0 && call->args[0].kind != VB_MISSING
                                                ? vb_to_text(ev, vb_plain(ev, call->args[0]))
                                                : NULL;

    if (moniker == NULL || moniker->len == 0) /* GetObject(, "Excel.Application") */
        return vb_create(ev, vb_to_text(ev, vb_plain(ev, vb_arg(call, 1))), call->offset);
    return vb_get_object(ev, moniker, call->offset);
}

struct vb_value vb_fn_msgbox(struct vb_eval *ev, const struct vb_call *call)
{
    vb_tell_field(ev, SCRIPT_ACT_SHOW, call->offset, "MsgBox", "Text",
            vb_arg_named(ev, call, "prompt", 0));
    return vb_unknown(ev, "MsgBox");
}

struct vb_value vb_fn_inputbox(struct vb_eval *ev, const struct vb_call *call)
{
    vb_tell_field(ev, SCRIPT_ACT_SHOW, call->offset, "InputBox", "Text",
            vb_arg_named(ev, call, "prompt", 0));
    return vb_unknown(ev, "InputBox");
}

struct vb_value vb_fn_sendkeys(struct vb_eval *ev, const struct vb_call *call)
{
    vb_note(ev, SCRIPT_NOTE_EVASION, call->offset, "SendKeys %.*s",
            HN_TEXT_ARG(hn_text_sub(vb_arg_text(ev, call, 0), 0, 100)));
    return (struct vb_value){ .kind = VB_EMPTY };
}

/* CallByName(object, name, kind, args...) */
struct vb_value vb_fn_callbyname(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_call made = *call;
    int64_t kind = vb_arg_int(ev, call, 2, 1);

    if (vb_is_unknown(vb_arg(call, 1)))
        return vb_unknown(ev, "CallByName");
    made.name = vb_symbol(ev, vb_arg_text(ev, call, 1));
    made.args = call->args + 3;
    made.names = NULL;
    made.refs = NULL;
    made.count = call->count - 3;
    if ((kind & 12) != 0 && made.count > 0) {
        made.is_set = true;
        made.value = made.args[--made.count];
    }
    vb_note(ev, SCRIPT_NOTE_OBFUSCATION, call->offset, "CallByName");
    return vb_member_call(ev, vb_arg(call, 0), &made);
}

struct vb_value vb_fn_eval(struct vb_eval *ev, const struct vb_call *call)
{
    return vb_eval_text(ev, vb_to_text(ev, vb_arg(call, 0)), call->offset);
}

struct vb_value vb_fn_execute(struct vb_eval *ev, const struct vb_call *call)
{
    vb_execute_text(ev, vb_to_text(ev, vb_arg(call, 0)), false, "Execute", call->offset);
    return (struct vb_value){ .kind = VB_EMPTY };
}

struct vb_value vb_fn_executeglobal(struct vb_eval *ev, const struct vb_call *call)
{
    vb_execute_text(ev, vb_to_text(ev, vb_arg(call, 0)), true, "ExecuteGlobal", call->offset);
    return (struct vb_value){ .kind = VB_EMPTY };
}

static struct vb_value procref_call(
        struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)
{
    struct vb_proc *proc = object->state;

    return vb_call_proc(ev, proc, call, NULL);
}

const struct vb_class vb_class_procref = { "Procedure", NULL, 0, procref_call };

struct vb_value vb_fn_getref(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_proc *proc = vb_proc_any(ev, vb_symbol(ev, vb_arg_text(ev, call, 0)), ~0u);
    struct vb_object *object = vb_object_new(ev, &vb_class_procref);

    if (proc == NULL || object == NULL)
        return vb_unknown(ev, "GetRef");
    object->state = proc;
    return vb_object_value(object);
}

struct vb_value vb_fn_kill(struct vb_eval *ev, const struct vb_call *call)
{
    vb_tell_field(
            ev, SCRIPT_ACT_FILE_DELETE, call->offset, "Kill", "TargetFilename", vb_arg(call, 0));
    return (struct vb_value){ .kind = VB_EMPTY };
}

struct vb_value vb_fn_filecopy(struct vb_eval *ev, const struct vb_call *call)
{
    vb_tell_field(
            ev, SCRIPT_ACT_FILE_READ, call->offset, "FileCopy", "TargetFilename", vb_arg(call, 0));
    vb_tell_write(ev, call->offset, "FileCopy", vb_to_text(ev, vb_arg(call, 1)), NULL);
    return (struct vb_value){ .kind = VB_EMPTY };
}

struct vb_value vb_fn_savesetting(struct vb_eval *ev, const struct vb_call *call)
{
    struct script_act act =
            script_act(ev->run, SCRIPT_ACT_REGISTRY_WRITE, call->offset, "SaveSetting");
    struct vb_value key = vb_lit(ev, "HKCU\\Software\\VB and VBA Program Settings");

    for (uint32_t i = 0; i < 3; i++) {
        key = vb_binary(ev, '&', key, vb_lit(ev, "\\"));
        key = vb_binary(ev, '&', key, vb_arg(call, i));
    }
    script_act_add(&act, "TargetObject", vb_to_text(ev, key));
    script_act_add(&act, "Details", vb_to_text(ev, vb_arg(call, 3)));
    script_tell(ev->run, &act);
    return (struct vb_value){ .kind = VB_EMPTY };
}

struct vb_value vb_fn_freefile(struct vb_eval *ev, const struct vb_call *call)
{
    (void)call;
    for (int64_t number = 1; number <= (int64_t)VB_FILES_MAX; number++) {
        bool taken = false;

        for (uint32_t i = 0; i < VB_FILES_MAX; i++)
            taken |= ev->files[i].open && ev->files[i].number == number;
        if (!taken)
            return vb_int(number, 2);
    }
    return vb_int(1, 2);
}

struct vb_value vb_fn_load(struct vb_eval *ev, const struct vb_call *call)
{
    return vb_get(ev, vb_arg(call, 0), "load");
}

/* ---- escape(), unescape() of JScript, known to some hosts ---- */

struct vb_value vb_fn_escape(struct vb_eval *ev, const struct vb_call *call)
{
    return vb_unknown_of(ev, vb_arg(call, 0));
}

static int hex_at(const uint16_t *units, size_t count, size_t pos, size_t digits)
{
    int number = 0;

    if (pos + digits > count)
        return -1;
    for (size_t i = 0; i < digits; i++) {
        int c = units[pos + i] | 0x20;
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

        if (digit < 0)
            return -1;
        number = number * 16 + digit;
    }
    return number;
}

struct vb_value vb_fn_unescape(struct vb_eval *ev, const struct vb_call *call)
{
    const struct script_text *text = vb_to_text(ev, vb_arg(call, 0));
    const uint16_t *units = script_text_units(ev->run, text);
    uint16_t *out =
            hn_arena_raw(&ev->run->arena, (text->units + 1) * sizeof *out, _Alignof(uint16_t));
    size_t count = 0;

    if (units == NULL || out == NULL)
        return vb_unknown(ev, "unescape");
    for (size_t i = 0; i < text->units; i++) {
        bool wide = units[i] == '%' && i + 1 < text->units && units[i + 1] == 'u';
        int number = units[i] != '%' ? -1
                     : wide          ? hex_at(units, text->units, i + 2, 4)
                                     : hex_at(units, text->units, i + 1, 2);

        out[count++] = number >= 0 ? (uint16_t)number : units[i];
        if (number >= 0)
            i += wide ? 5 : 2;
    }
    return vb_from_units(ev, out, count, "unescape", text);
}
