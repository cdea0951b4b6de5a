/* com_wmi.c - WMI as scripts use it: processes started by Win32_Process, and questions about the
 * machine. Slots of services: 0 the moniker, 1 a class named in it; of a class: 1 its name, and
 * what is set on it. */
#include "com/com_internal.h"

static void tell_call(const struct com_call *call, const struct script_text *class_name,
        const char *method, const struct script_text *arguments)
{
    struct script_act act = script_act(call->run, SCRIPT_ACT_WMI, call->offset, "winmgmts");

    script_act_add(&act, "Class", class_name);
    script_act_add(&act, "Method", com_literal(call->run, method));
    script_act_add(&act, "Arguments", arguments);
    script_tell(call->run, &act);
}

static void class_create(struct com_call *call)
{
    const struct script_text *command = com_arg(call, 0);

    if (call->count == 0 && call->object->slots[2] != NULL)
        command = call->object->slots[2];
    tell_call(call, call->object->slots[1], "Create", command);
    com_tell_process(call->run, command, call->offset, "Win32_Process.Create");
    *call->ret = com_value_number(0);
}

static void class_command_line(struct com_call *call)
{
    if (com_put(call) != NULL)
        call->object->slots[2] = com_put(call);
    com_return_text(call, call->object->slots[2]);
}

static void class_again(struct com_call *call)
{
    com_return_object(call, call->object);
}

/* ExecMethod_("Create", parameters): the parameters are the same object. */
static void class_exec_method(struct com_call *call)
{
    struct com_call create = *call;

    create.count = 0;
    if (call->count > 1 && call->args[1].kind == COM_OBJECT && call->args[1].object != NULL &&
            call->args[1].object->slots[2] != NULL)
        create.object->slots[2] = call->args[1].object->slots[2];
    class_create(&create);
}

static const struct com_member class_members[] = {
    { "Create", class_create },
    { "CommandLine", class_command_line },
    { "SpawnInstance_", class_again },
    { "Methods_", class_again },
    { "Item", class_again },
    { "InParameters", class_again },
    { "ExecMethod_", class_exec_method },
    { NULL, NULL },
};
static const struct com_kind_of class_kind = { "SWbemObject", class_members };

static void services_get(struct com_call *call)
{
    struct com_object *object = com_object_new(call->run, &class_kind);

    if (object != NULL)
        object->slots[1] = com_arg(call, 0);
    com_return_object(call, object);
}

static void services_query(struct com_call *call)
{
    com_tell(call, SCRIPT_ACT_ENVIRONMENT, "winmgmts.ExecQuery", "Name", com_arg(call, 0));
    *call->ret = com_value_unknown(call->run, "answer of WMI");
}

static void services_instances(struct com_call *call)
{
    com_tell(call, SCRIPT_ACT_ENVIRONMENT, "winmgmts.InstancesOf", "Name", com_arg(call, 0));
    *call->ret = com_value_unknown(call->run, "answer of WMI");
}

static void services_exec_method(struct com_call *call)
{
    const struct com_object *parameters =
            call->count > 2 && call->args[2].kind == COM_OBJECT ? call->args[2].object : NULL;
    const struct script_text *command = parameters != NULL ? parameters->slots[2] : NULL;

    tell_call(call, com_arg(call, 0), "ExecMethod", command);
    com_tell_process(call->run, command, call->offset, "Win32_Process.Create");
}

/* GetObject("winmgmts:Win32_Process").Create: the services are the class as well. */
static void services_create(struct com_call *call)
{
    class_create(call);
}

static void services_security(struct com_call *call)
{
    com_return_object(call, call->object);
}

static const struct com_member wmi_members[] = {
    { "Get", services_get },
    { "ExecQuery", services_query },
    { "InstancesOf", services_instances },
    { "ExecMethod", services_exec_method },
    { "Create", services_create },
    { "SpawnInstance_", services_security },
    { "Security_", services_security },
    { NULL, NULL },
};
const struct com_kind_of com_wmi_kind = { "SWbemServices", wmi_members };

static void locator_connect(struct com_call *call)
{
    struct com_object *services = com_object_new(call->run, &com_wmi_kind);

    if (services != NULL)
        services->slots[0] = com_arg(call, 1);
    com_return_object(call, services);
}

static const struct com_member locator_members[] = {
    { "ConnectServer", locator_connect },
    { "Security_", services_security },
    { NULL, NULL },
};
const struct com_kind_of com_locator_kind = { "WbemScripting.SWbemLocator", locator_members };
