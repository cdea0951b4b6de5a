/* com_wmi.c - winmgmts: and SWbemLocator: Win32_Process above all, and what else of WMI starts or
 * keeps something: services, scheduled jobs, the registry. Services, classes and instances are one
 * class here: what differs is the name in "__class". */
#include "com/com_internal.h"

#define PARENT "C:\\Windows\\System32\\wbem\\WmiPrvSE.exe"

static const struct com_class class_wmi;

static struct com_value make_class(struct com *com, struct hn_text name)
{
    struct com_value made = com_make(com, &class_wmi);
    size_t colon = hn_text_find_char(name, ':', 0);

    if (colon != SIZE_MAX)
        name = hn_text_sub(name, colon + 1, SIZE_MAX);
    if (made.kind == COM_OBJECT)
        com_set(com, made.object, "__class", com_value_of(com, name));
    return made;
}

static struct hn_text class_name(struct com_call *call)
{
    return com_flat(call->com, com_get(call->com, call->object, "__class"));
}

static bool is_class(struct com_call *call, const char *name)
{
    return hn_text_starts_nocase(class_name(call), hn_text_cstr(name));
}

/* Win32_ProcessStartup.ShowWindow = 0, or 7 */
static void note_startup(struct com_call *call, struct com_value startup)
{
    struct com_value show;
    double number;

    if (startup.kind != COM_OBJECT)
        return;
    show = com_get(call->com, startup.object, "showwindow");
    if (show.kind != COM_EMPTY && !com_is_unknown(show) && com_number(call->com, show, &number) &&
            (number == 0 || number == 7))
        com_note(call->com, SCRIPT_NOTE_EVASION, call->offset, "hidden window");
}

static void tell_call(struct com_call *call, struct hn_text class, const char *method,
        const struct script_text *arguments)
{
    struct script_act act = script_act(call->run, SCRIPT_ACT_WMI, call->offset, "WMI");

    script_act_add(&act, "Class", script_text_new(call->run, class, NULL));
    script_act_add(&act, "Method", com_literal(call->com, method));
    script_act_add(&act, "Arguments", arguments);
    com_tell(call->com, &act);
}

static struct com_value create_process(
        struct com_call *call, struct com_value command, struct com_value startup)
{
    const struct script_text *text = com_text(call->com, &command);

    note_startup(call, startup);
    tell_call(call, HN_TEXT("Win32_Process"), "Create", text);
    com_tell_process(call->com, text, call->offset, "Win32_Process.Create", PARENT);
    if (call->outs != NULL && call->count > 3)
        call->outs[3] = com_value_unknown(call->com, "process id");
    return com_value_number(0);
}

/* Win32_Service.Create(name, display name, path, ...) */
static struct com_value create_service(struct com_call *call)
{
    struct script_act act =
            script_act(call->run, SCRIPT_ACT_SERVICE, call->offset, "Win32_Service.Create");
    const struct script_text *path = com_arg_text(call, 2);

    tell_call(call, HN_TEXT("Win32_Service"), "Create", path);
    script_act_add(&act, "ServiceName", com_arg_text(call, 0));
    script_act_add(&act, "ImagePath", path);
    com_tell(call->com, &act);
    com_tell_layer(call, SCRIPT_COMMAND, path, "Win32_Service.Create");
    return com_value_number(0);
}

static struct com_value wmi_create(struct com_call *call)
{
    struct com_value command = com_arg_plain(call, 0);

    if (is_class(call, "win32_processstartup"))
        return com_value_unknown(call->com, "Create");
    if (is_class(call, "win32_service"))
        return create_service(call);
    if (is_class(call, "win32_process")) {
        if (command.kind == COM_MISSING) /* an instance whose properties are the arguments */
            command = com_get(call->com, call->object, "commandline");
        return create_process(call, command, com_arg(call, 2));
    }
    tell_call(call, class_name(call), "Create", com_text(call->com, &command));
    if (is_class(call, "win32_scheduledjob"))
        com_tell_process(call->com, com_text(call->com, &command), call->offset,
                "Win32_ScheduledJob.Create", NULL);
    return com_value_unknown(call->com, "Create");
}

static struct com_value wmi_get(struct com_call *call)
{
    return make_class(call->com, com_arg_flat(call, 0));
}

static struct com_value wmi_query(struct com_call *call)
{
    com_tell_field(call, SCRIPT_ACT_ENVIRONMENT, "ExecQuery", "Name", com_arg_plain(call, 0));
    return com_value_unknown(call->com, "result of a WMI query");
}

static struct com_value wmi_instances(struct com_call *call)
{
    com_tell_field(call, SCRIPT_ACT_ENVIRONMENT, "InstancesOf", "Name", com_arg_plain(call, 0));
    return com_value_unknown(call->com, "instances");
}

/* ExecMethod[_]("Win32_Process", "Create", parameters) and ExecMethod_("Create", parameters) */
static struct com_value wmi_exec_method(struct com_call *call)
{
    struct com_object *params = NULL;
    struct hn_text method = com_arg_flat(call, call->count > 2 ? 1 : 0);
    struct com_value command;

    for (size_t i = call->count; i > 0 && params == NULL; i--)
        params = com_arg_object(call, i - 1);
    if (params == NULL)
        return com_value_unknown(call->com, "ExecMethod");
    command = com_get(call->com, params, "commandline");
    if (hn_text_eq_nocase(method, HN_TEXT("create")) && command.kind != COM_EMPTY)
        return create_process(
                call, command, com_get(call->com, params, "processstartupinformation"));
    return com_value_unknown(call->com, "ExecMethod");
}

/* ---- StdRegProv: SetStringValue(hive, key, name, value), GetStringValue(hive, key, name, out)
 * ---- */

static const char *hive_of(int64_t number)
{
    static const char *const hives[] = { "HKCR\\", "HKCU\\", "HKLM\\", "HKU\\" };

    number &= 0xFFFFFFFF;
    return number >= 0x80000000 && number <= 0x80000003 ? hives[number - 0x80000000] : "HKLM\\";
}

static const struct script_text *registry_name(struct com_call *call)
{
    return com_join3(call->com,
            com_join3(call->com, com_literal(call->com, hive_of(com_arg_int(call, 0, 0))), "",
                    com_arg_text(call, 1)),
            com_has_arg(call, 2) ? "\\" : "", com_arg_text(call, 2));
}

static struct com_value registry_set(struct com_call *call)
{
    struct script_act act =
            script_act(call->run, SCRIPT_ACT_REGISTRY_WRITE, call->offset, "StdRegProv.SetValue");
    const struct script_text *name = registry_name(call);
    struct com_value *slot = com_prop(
            call->com, call->com->registry, com_flat(call->com, com_value_text(name)), true);

    script_act_add(&act, "TargetObject", name);
    if (com_has_arg(call, 3))
        script_act_add(&act, "Details", com_arg_text(call, 3));
    com_tell(call->com, &act);
    if (slot != NULL)
        com_store(call->com, slot, com_arg_plain(call, 3));
    return com_value_number(0);
}

static struct com_value registry_get(struct com_call *call)
{
    const struct script_text *name = registry_name(call);
    const struct com_value *known = com_prop(
            call->com, call->com->registry, com_flat(call->com, com_value_text(name)), false);

    com_tell_field(call, SCRIPT_ACT_REGISTRY_READ, "StdRegProv.GetValue", "TargetObject",
            com_value_text(name));
    if (call->outs != NULL && call->count > 3)
        call->outs[3] = known != NULL ? *known : com_value_unknown(call->com, "registry");
    return com_value_number(0);
}

/* ---- Properties ---- */

/* object.Properties_.Item("CommandLine") and .Properties_("CommandLine") = value */
static struct com_value wmi_property(struct com_call *call)
{
    struct com_value *slot;

    if (call->count == 0)
        return com_value_object(call->object);
    slot = com_prop(call->com, call->object, com_arg_flat(call, 0), true);
    if (slot == NULL)
        return com_value_unknown(call->com, "property");
    if (call->put != NULL)
        com_store(call->com, slot, *call->put);
    return *slot;
}

/* A member nobody knows: a property, or the value a property was set to. */
static struct com_value wmi_other(struct com_call *call)
{
    struct com_value *slot = com_prop(call->com, call->object, call->member, call->put != NULL);

    if (call->put != NULL && slot != NULL) {
        com_store(call->com, slot, *call->put);
        return *call->put;
    }
    if (slot != NULL)
        return *slot;
    return com_value_unknown(call->com, "WMI %.*s", HN_TEXT_ARG(hn_text_sub(call->member, 0, 100)));
}

static const struct com_member wmi_members[] = { { "Create", wmi_create }, { "Get", wmi_get },
    { "", wmi_property }, { "ExecQuery", wmi_query }, { "ExecNotificationQuery", wmi_query },
    { "InstancesOf", wmi_instances }, { "ExecMethod", wmi_exec_method },
    { "ExecMethod_", wmi_exec_method }, { "SpawnInstance_", com_same },
    { "CreateInstance", com_same }, { "Methods_", com_same }, { "InParameters", com_same },
    { "Item", wmi_property }, { "Properties_", wmi_property }, { "Security_", com_same },
    { "ConnectServer", com_same }, { "Put_", com_quiet }, { "Terminate", com_quiet },
    { "SetStringValue", registry_set }, { "SetExpandedStringValue", registry_set },
    { "SetMultiStringValue", registry_set }, { "SetDWORDValue", registry_set },
    { "SetBinaryValue", registry_set }, { "CreateKey", registry_set },
    { "GetStringValue", registry_get }, { "GetExpandedStringValue", registry_get },
    { "GetDWORDValue", registry_get }, { "GetBinaryValue", registry_get } };
static COM_CLASS(class_wmi, "WMI", wmi_members, wmi_other);

/* winmgmts:{impersonationLevel=impersonate}!\\.\root\cimv2:Win32_Process */
struct com_object *com_wmi_class(struct com *com, struct hn_text path)
{
    size_t colon = SIZE_MAX;

    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] == ':')
            colon = i;
    if (colon != SIZE_MAX)
        path = hn_text_sub(path, colon + 1, SIZE_MAX);
    else if (hn_text_find_nocase(path, HN_TEXT("root"), 0) != SIZE_MAX)
        path = HN_TEXT("");
    return make_class(com, path).object;
}

struct com_object *com_make_locator(struct com *com)
{
    return make_class(com, HN_TEXT("")).object;
}
