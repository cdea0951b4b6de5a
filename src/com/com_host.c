/* com_host.c - WScript and what belongs to the script host: WScript.Network, ScriptControl. */
#include "com/com_internal.h"

static struct com_value nothing(void)
{
    return (struct com_value){ .kind = COM_EMPTY };
}

/* ---- WScript ---- */

static struct com_value host_create(struct com_call *call)
{
    return com_value_object(com_create(call->com, com_arg_text(call, 0), call->offset));
}

static struct com_value host_get(struct com_call *call)
{
    return com_value_object(com_moniker(call->com, com_arg_text(call, 0), call->offset));
}

static struct com_value host_sleep(struct com_call *call)
{
    struct com_value value = com_arg_plain(call, 0);
    double number;

    if (!com_is_unknown(value) && com_number(call->com, value, &number))
        value = com_value_number(number / 1000.0);
    com_tell_field(call, SCRIPT_ACT_SLEEP, "WScript.Sleep", "Seconds", value);
    return nothing();
}

static struct com_value host_quit(struct com_call *call)
{
    if (call->com->host.quit != NULL)
        call->com->host.quit(call->com->host.ctx);
    return nothing();
}

static struct com_value host_echo(struct com_call *call)
{
    com_tell_field(call, SCRIPT_ACT_SHOW, "WScript.Echo", "Text", com_arg_plain(call, 0));
    return nothing();
}

static struct com_value host_script(struct com_call *call)
{
    const struct script_source *source = call->com->host.source;

    if (source == NULL || source->file_name.len == 0)
        return com_value_unknown(call->com, "script");
    return com_value_of(call->com, source->file_name);
}

static struct com_value host_path(struct com_call *call)
{
    return com_value_lit(call->com, com_member_is(call, "path")
                                            ? "C:\\Windows\\System32"
                                            : "C:\\Windows\\System32\\wscript.exe");
}

static struct com_value host_name(struct com_call *call)
{
    return com_value_lit(call->com, "Windows Script Host");
}

static const struct com_class class_arguments = { "WshArguments", NULL, 0, com_quiet };

static struct com_value host_arguments(struct com_call *call)
{
    if (call->count > 0)
        return com_value_unknown(call->com, "argument");
    return com_make(call->com, &class_arguments);
}

static const struct com_member host_members[] = { { "CreateObject", host_create },
    { "GetObject", host_get }, { "Sleep", host_sleep }, { "Quit", host_quit },
    { "Echo", host_echo }, { "ScriptFullName", host_script }, { "ScriptName", host_script },
    { "FullName", host_path }, { "Path", host_path }, { "", host_name }, { "Name", host_name },
    { "Arguments", host_arguments }, { "StdIn", com_quiet }, { "StdOut", com_quiet },
    { "StdErr", com_quiet }, { "Timeout", com_quiet }, { "Interactive", com_quiet },
    { "Version", com_quiet } };
static COM_CLASS(class_host, "WScript", host_members, NULL);

struct com_object *com_make_script_host(struct com *com)
{
    return com_object_new(com, &class_host);
}

/* ---- WScript.Network ---- */

static struct com_value network_name(struct com_call *call)
{
    struct com_value name = com_value_of(call->com, call->member);

    com_tell_field(call, SCRIPT_ACT_ENVIRONMENT, "WScript.Network", "Name", name);
    return com_value_unknown(call->com, "%.*s", HN_TEXT_ARG(call->member));
}

static const struct com_member network_members[] = { { "UserName", network_name },
    { "ComputerName", network_name }, { "UserDomain", network_name },
    { "MapNetworkDrive", com_quiet }, { "EnumNetworkDrives", com_quiet } };
static COM_CLASS(class_network, "WScript.Network", network_members, NULL);

struct com_object *com_make_network(struct com *com)
{
    return com_object_new(com, &class_network);
}

/* ---- ScriptControl: the language of the script goes on in it, another is a layer ---- */

static enum script_language control_language(struct com_call *call)
{
    struct hn_text name = com_flat(call->com, com_get(call->com, call->object, "language"));

    return name.len == 0 || hn_text_starts_nocase(name, HN_TEXT("vb")) ? SCRIPT_VBSCRIPT
                                                                       : SCRIPT_JSCRIPT;
}

static struct com_value control_script(struct com_call *call)
{
    bool runs = com_member_is(call, "run");
    struct com_script script = { .language = control_language(call),
        .text = com_arg_text(call, 0),
        .how = runs                          ? COM_SCRIPT_RUN
               : com_member_is(call, "eval") ? COM_SCRIPT_EVAL
                                             : COM_SCRIPT_ADD,
        .offset = call->offset };
    struct com_value value;

    if (runs && call->count > 1) {
        script.args = call->args + 1;
        script.count = call->count - 1;
    }
    if (script.text != NULL && call->com->host.evaluate != NULL &&
            call->com->host.evaluate(call->com->host.ctx, &script, &value))
        return value;
    if (!runs)
        com_tell_layer(call, script.language, script.text, "ScriptControl");
    return com_value_unknown(call->com, "ScriptControl");
}

static const struct com_member control_members[] = { { "AddCode", control_script },
    { "ExecuteStatement", control_script }, { "Eval", control_script }, { "Run", control_script },
    { "Language", com_bag }, { "AddObject", com_quiet }, { "Reset", com_quiet },
    { "AllowUI", com_quiet }, { "Timeout", com_quiet }, { "UseSafeSubset", com_quiet } };
static COM_CLASS(class_control, "ScriptControl", control_members, NULL);

struct com_object *com_make_script_control(struct com *com)
{
    return com_object_new(com, &class_control);
}
