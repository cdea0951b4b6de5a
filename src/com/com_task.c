/* com_task.c - what starts later or installs: Schedule.Service, WindowsInstaller.Installer. */
#include "com/com_internal.h"

/* ---- Schedule.Service: one class does for the whole tree of it ---- */

/* A child is kept under its name, so that Actions.Create keeps the last action on the definition
 * it is found from. */
static struct com_value task_child(struct com_call *call)
{
    struct com_value *slot = com_prop(call->com, call->object, call->member, true);

    if (slot == NULL)
        return com_value_unknown(call->com, "task");
    if (slot->kind != COM_OBJECT || com_member_is(call, "newtask"))
        com_store(call->com, slot, com_make(call->com, call->object->class));
    return *slot;
}

static void tell_task(struct com_call *call, const struct script_text *command, const char *via)
{
    struct script_act act = script_act(call->run, SCRIPT_ACT_TASK, call->offset, via);

    script_act_add(&act, "TaskName", com_arg_text(call, 0));
    script_act_add(&act, "CommandLine", command);
    com_tell(call->com, &act);
    com_tell_layer(call, SCRIPT_COMMAND, command, "RegisterTaskDefinition");
}

static struct com_value task_register(struct com_call *call)
{
    struct com *com = call->com;
    struct com_value action = com_arg(call, 1);
    const struct script_text *command = NULL;

    if (action.kind == COM_OBJECT)
        action = com_get(com, action.object, "actions");
    if (action.kind == COM_OBJECT)
        action = com_get(com, action.object, "create");
    if (action.kind == COM_OBJECT) {
        struct com_value path = com_get(com, action.object, "path");
        struct com_value more = com_get(com, action.object, "arguments");
        const struct script_text *args = com_text(com, &more);

        command = com_join3(
                com, com_text(com, &path), args != NULL && args->len > 0 ? " " : "", args);
    }
    tell_task(call, command, "Schedule.Service.RegisterTaskDefinition");
    return com_value_unknown(com, "task");
}

/* What stands between <name> and </name>; empty when nothing does. */
static struct hn_text element(struct hn_text xml, const char *open, const char *close)
{
    size_t start = hn_text_find_nocase(xml, hn_text_cstr(open), 0);
    size_t end;

    if (start == SIZE_MAX)
        return HN_TEXT("");
    start += hn_text_cstr(open).len;
    end = hn_text_find_nocase(xml, hn_text_cstr(close), start);
    return end != SIZE_MAX ? hn_text_trim(hn_text_sub(xml, start, end - start)) : HN_TEXT("");
}

/* RegisterTask(path, XML, ...) */
static struct com_value task_register_xml(struct com_call *call)
{
    struct hn_text xml = com_arg_flat(call, 1);
    const struct script_text *text = com_arg_text(call, 1);
    const struct script_origin *origin = text != NULL ? text->origin : NULL;
    struct hn_text program = element(xml, "<Command>", "</Command>");
    struct hn_text args = element(xml, "<Arguments>", "</Arguments>");

    tell_task(call,
            program.len == 0
                    ? NULL
                    : com_join3(call->com, script_text_new(call->run, program, origin),
                              args.len > 0 ? " " : "", script_text_new(call->run, args, origin)),
            "Schedule.Service.RegisterTask");
    return com_value_unknown(call->com, "task");
}

static const struct com_member task_members[] = { { "Connect", com_quiet },
    { "GetFolder", task_child }, { "NewTask", task_child }, { "Actions", task_child },
    { "Triggers", task_child }, { "Settings", task_child }, { "RegistrationInfo", task_child },
    { "Principal", task_child }, { "Create", task_child }, { "IdleSettings", task_child },
    { "Repetition", task_child }, { "Exec", task_child },
    { "RegisterTaskDefinition", task_register }, { "RegisterTask", task_register_xml },
    { "DeleteTask", com_quiet }, { "Run", com_quiet }, { "XmlText", com_bag } };
static COM_CLASS(class_task, "Schedule.Service", task_members, NULL);

struct com_object *com_make_schedule(struct com *com)
{
    return com_object_new(com, &class_task);
}

/* ---- WindowsInstaller.Installer ---- */

static struct com_value installer_install(struct com_call *call)
{
    const struct script_text *package = com_arg_text(call, 0);

    if (hn_text_starts_nocase(com_arg_flat(call, 0), HN_TEXT("http")))
        com_tell_http(call->com, package, call->offset, "Installer.InstallProduct");
    com_tell_process(call->com,
            com_join3(call->com, com_literal(call->com, "msiexec.exe /i "), "", package),
            call->offset, "Installer.InstallProduct", NULL);
    return (struct com_value){ .kind = COM_EMPTY };
}

static const struct com_member installer_members[] = { { "InstallProduct", installer_install },
    { "UILevel", com_quiet } };
static COM_CLASS(class_installer, "WindowsInstaller.Installer", installer_members, NULL);

struct com_object *com_make_installer(struct com *com)
{
    return com_object_new(com, &class_installer);
}
