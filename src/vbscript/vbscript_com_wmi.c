/* vbscript_com_wmi.c - winmgmts: and SWbemLocator: Win32_Process above all. */
#include "vbscript/vbscript_internal.h"

#define MEMBER(fn)             \
    static struct vb_value fn( \
            struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)

#define PARENT "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe"

static const struct vb_class class_wmi;

static struct vb_value make_class(struct vb_eval *ev, struct hn_text name)
{
    struct vb_value made = vb_object_make(ev, &class_wmi);
    size_t colon = hn_text_find_char(name, ':', 0);

    if (colon != SIZE_MAX)
        name = hn_text_sub(name, colon + 1, SIZE_MAX);
    if (made.kind == VB_OBJECT)
        vb_prop_set(ev, made.as.object, "__class", vb_text_of(ev, name));
    return made;
}

static bool is_class(struct vb_eval *ev, struct vb_object *object, const char *name)
{
    return hn_text_starts_nocase(
            vb_flat(ev, vb_prop_get(ev, object, "__class")), hn_text_cstr(name));
}

/* Win32_ProcessStartup.ShowWindow = 0 */
static void note_startup(struct vb_eval *ev, struct vb_value startup, uint32_t offset)
{
    struct vb_value show;
    int64_t number = 1;

    if (startup.kind != VB_OBJECT || startup.as.object == NULL)
        return;
    show = vb_prop_get(ev, startup.as.object, "showwindow");
    if (show.kind != VB_EMPTY && !vb_is_unknown(show) && vb_to_int(ev, show, &number) &&
            (number == 0 || number == 7))
        vb_note(ev, SCRIPT_NOTE_EVASION, offset, "hidden window");
}

static void tell_call(struct vb_eval *ev, uint32_t offset, struct hn_text class, const char *method,
        const struct script_text *arguments)
{
    struct script_act act = script_act(ev->run, SCRIPT_ACT_WMI, offset, "WMI");

    script_act_add(&act, "Class", script_text_new(ev->run, class, NULL));
    script_act_add(&act, "Method", script_text_new(ev->run, hn_text_cstr(method), NULL));
    script_act_add(&act, "Arguments", arguments);
    script_tell(ev->run, &act);
}

static struct vb_value create_process(
        struct vb_eval *ev, struct vb_value command, struct vb_value startup, uint32_t offset)
{
    const struct script_text *text = vb_to_text(ev, vb_plain(ev, command));

    note_startup(ev, startup, offset);
    tell_call(ev, offset, HN_TEXT("Win32_Process"), "Create", text);
    vb_tell_process(ev, offset, "Win32_Process.Create", text, PARENT);
    return vb_int(0, 4);
}

MEMBER(wmi_create)
{
    struct vb_value value = vb_arg(call, 0);

    if (!is_class(ev, object, "win32_process") && object->class == &class_wmi) {
        tell_call(ev, call->offset, vb_flat(ev, vb_prop_get(ev, object, "__class")), "Create",
                vb_to_text(ev, vb_plain(ev, value)));
        return vb_unknown(ev, "Create");
    }
    return create_process(ev, value, vb_arg(call, 2), call->offset);
}

MEMBER(wmi_get)
{
    (void)object;
    return make_class(ev, vb_arg_text(ev, call, 0));
}

MEMBER(wmi_same)
{
    (void)ev;
    (void)call;
    return vb_object_value(object);
}

MEMBER(wmi_query)
{
    (void)object;
    vb_tell_field(ev, SCRIPT_ACT_ENVIRONMENT, call->offset, "ExecQuery", "Name",
            vb_plain(ev, vb_arg(call, 0)));
    return vb_unknown(ev, "result of a WMI query");
}

MEMBER(wmi_instances)
{
    (void)object;
    vb_tell_field(ev, SCRIPT_ACT_ENVIRONMENT, call->offset, "InstancesOf", "Name",
            vb_plain(ev, vb_arg(call, 0)));
    return vb_unknown(ev, "instances");
}

/* ExecMethod[_]("Win32_Process", "Create", parameters) and ExecMethod_("Create", parameters) */
MEMBER(wmi_exec_method)
{
    struct vb_value params = vb_arg(call, call->count > 0 ? call->count - 1 : 0);
    struct hn_text method = vb_arg_text(ev, call, call->count > 2 ? 1 : 0);
    struct vb_value command;

    (void)object;
    if (params.kind != VB_OBJECT || params.as.object == NULL)
        return vb_unknown(ev, "ExecMethod");
    command = vb_prop_get(ev, params.as.object, "commandline");
    if (hn_text_eq_nocase(method, HN_TEXT("create")) && command.kind != VB_EMPTY)
        return create_process(ev, command,
                vb_prop_get(ev, params.as.object, "processstartupinformation"), call->offset);
    return vb_unknown(ev, "ExecMethod");
}

/* object.Properties_.Item("CommandLine") and .Properties_("CommandLine") = value */
MEMBER(wmi_property)
{
    struct vb_value *slot;

    if (call->count == 0)
        return vb_object_value(object);
    slot = vb_prop(ev, object, vb_symbol(ev, vb_arg_text(ev, call, 0)), true);
    if (slot == NULL)
        return vb_unknown(ev, "property");
    if (call->is_set)
        vb_store(ev, slot, call->value);
    return *slot;
}

/* A member nobody knows: a property, or the value a property was set to. */
MEMBER(wmi_other)
{
    struct vb_value *slot = vb_prop(ev, object, call->name, call->is_set);

    if (call->is_set && slot != NULL) {
        vb_store(ev, slot, call->value);
        return call->value;
    }
    if (slot != NULL)
        return *slot;
    return vb_unknown(ev, "WMI %.*s", HN_TEXT_ARG(call->name->shown));
}

static const struct vb_member wmi_members[] = { { "create", wmi_create }, { "get", wmi_get },
    { "", wmi_property }, { "execquery", wmi_query }, { "execnotificationquery", wmi_query },
    { "instancesof", wmi_instances }, { "execmethod", wmi_exec_method },
    { "execmethod_", wmi_exec_method }, { "spawninstance_", wmi_same }, { "methods_", wmi_same },
    { "inparameters", wmi_same }, { "item", wmi_property }, { "properties_", wmi_property },
    { "security_", wmi_same }, { "connectserver", wmi_same }, { "put_", vb_quiet },
    { "terminate", vb_quiet } };
static const struct vb_class class_wmi = { "WMI", wmi_members, HN_COUNT_OF(wmi_members),
    wmi_other };

/* winmgmts:{impersonationLevel=impersonate}!\\.\root\cimv2:Win32_Process */
struct vb_value vb_make_wmi(struct vb_eval *ev, struct hn_text path, uint32_t offset)
{
    size_t colon = SIZE_MAX;

    vb_tell_field(ev, SCRIPT_ACT_COM, offset, "GetObject", "ProgId",
            vb_binary(ev, '&', vb_lit(ev, "winmgmts:"), vb_text_of(ev, path)));
    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] == ':')
            colon = i;
    if (colon != SIZE_MAX)
        path = hn_text_sub(path, colon + 1, SIZE_MAX);
    else if (hn_text_find_nocase(path, HN_TEXT("root"), 0) != SIZE_MAX)
        path = HN_TEXT("");
    return make_class(ev, path);
}

struct vb_value vb_make_locator(struct vb_eval *ev)
{
    return make_class(ev, HN_TEXT(""));
}
