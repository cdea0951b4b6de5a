/* com_shell.c - WScript.Shell, and the shortcuts, environments and running programs it gives out.
 */
#include "com/com_internal.h"

static struct com_value nothing(void)
{
    return (struct com_value){ .kind = COM_EMPTY };
}

/* ---- Shortcuts ---- */

static struct com_value shortcut_save(struct com_call *call)
{
    struct com *com = call->com;
    struct com_value name = com_get(com, call->object, "fullname");
    struct com_value target = com_get(com, call->object, "targetpath");
    struct com_value more = com_get(com, call->object, "arguments");
    const struct script_text *args = com_text(com, &more);
    const struct script_text *command =
            com_join3(com, com_text(com, &target), args != NULL && args->len > 0 ? " " : "", args);
    struct script_act act = script_act(
            call->run, SCRIPT_ACT_FILE_WRITE, call->offset, "WScript.Shell.CreateShortcut");

    script_act_add(&act, "TargetFilename", com_text(com, &name));
    script_act_add(&act, "Details", command);
    com_tell(com, &act);
    com_tell_layer(call, SCRIPT_COMMAND, command, "CreateShortcut");
    return nothing();
}

static const struct com_member shortcut_members[] = { { "Save", shortcut_save },
    { "FullName", com_bag }, { "TargetPath", com_bag }, { "Arguments", com_bag },
    { "IconLocation", com_bag }, { "WindowStyle", com_bag }, { "WorkingDirectory", com_bag },
    { "Description", com_bag }, { "Hotkey", com_bag } };
static COM_CLASS(class_shortcut, "WshShortcut", shortcut_members, NULL);

/* ---- Running programs ---- */

static struct com_value exec_output(struct com_call *call)
{
    return com_value_unknown(call->com, "output of a program");
}

/* It has ended, so that loops that wait for it end as well. */
static struct com_value exec_status(struct com_call *call)
{
    (void)call;
    return com_value_number(1);
}

static const struct com_member exec_members[] = { { "StdOut", com_same }, { "StdErr", com_same },
    { "StdIn", com_same }, { "ReadAll", exec_output }, { "ReadLine", exec_output },
    { "Read", exec_output }, { "Status", exec_status } };
static COM_CLASS(class_exec, "WshScriptExec", exec_members, com_quiet);

static struct com_value shell_run(struct com_call *call)
{
    com_note_hidden(call, 1);
    com_tell_process(call->com, com_expand(call->com, com_arg_text(call, 0), call->offset),
            call->offset, "WScript.Shell.Run", NULL);
    return com_value_unknown(call->com, "exit code");
}

static struct com_value shell_exec(struct com_call *call)
{
    com_tell_process(call->com, com_expand(call->com, com_arg_text(call, 0), call->offset),
            call->offset, "WScript.Shell.Exec", NULL);
    return com_make(call->com, &class_exec);
}

/* ---- Registry: what was written can be read again ---- */

static struct com_value reg_write(struct com_call *call)
{
    struct script_act act = script_act(
            call->run, SCRIPT_ACT_REGISTRY_WRITE, call->offset, "WScript.Shell.RegWrite");
    struct com_value *slot = com_prop(call->com, call->com->registry, com_arg_flat(call, 0), true);

    script_act_add(&act, "TargetObject", com_arg_text(call, 0));
    script_act_add(&act, "Details", com_arg_text(call, 1));
    com_tell(call->com, &act);
    if (slot != NULL)
        com_store(call->com, slot, com_arg_plain(call, 1));
    return nothing();
}

static struct com_value reg_delete(struct com_call *call)
{
    com_tell_field(call, SCRIPT_ACT_REGISTRY_WRITE, "WScript.Shell.RegDelete", "TargetObject",
            com_arg(call, 0));
    return nothing();
}

static struct com_value reg_read(struct com_call *call)
{
    const struct com_value *known =
            com_prop(call->com, call->com->registry, com_arg_flat(call, 0), false);

    com_tell_field(call, SCRIPT_ACT_REGISTRY_READ, "WScript.Shell.RegRead", "TargetObject",
            com_arg(call, 0));
    return known != NULL ? *known : com_value_unknown(call->com, "registry");
}

/* ---- Environment and folders ---- */

static struct com_value shell_expand(struct com_call *call)
{
    return com_value_text(com_expand(call->com, com_arg_text(call, 0), call->offset));
}

struct com_value com_special_folder(struct com *com, struct hn_text name)
{
    static const struct {
        const char *name;
        const char *path;
    } folders[] = {
        { "desktop", "%USERPROFILE%\\Desktop" },
        { "alluserdesktop", "C:\\Users\\Public\\Desktop" },
        { "allusersdesktop", "C:\\Users\\Public\\Desktop" },
        { "startup", "%APPDATA%\\Microsoft\\Windows\\Start Menu\\Programs\\Startup" },
        { "allusersstartup", "C:\\ProgramData\\Microsoft\\Windows\\Start Menu\\Programs\\StartUp" },
        { "startmenu", "%APPDATA%\\Microsoft\\Windows\\Start Menu" },
        { "programs", "%APPDATA%\\Microsoft\\Windows\\Start Menu\\Programs" },
        { "appdata", "%APPDATA%" },
        { "mydocuments", "%USERPROFILE%\\Documents" },
        { "templates", "%APPDATA%\\Microsoft\\Windows\\Templates" },
        { "sendto", "%APPDATA%\\Microsoft\\Windows\\SendTo" },
        { "recent", "%APPDATA%\\Microsoft\\Windows\\Recent" },
        { "fonts", "C:\\Windows\\Fonts" },
    };

    for (size_t i = 0; i < HN_COUNT_OF(folders); i++)
        if (hn_text_eq_nocase(name, hn_text_cstr(folders[i].name)))
            return com_value_lit(com, folders[i].path);
    return com_value_unknown(com, "folder");
}

static struct com_value folders_item(struct com_call *call)
{
    if (call->count == 0)
        return com_value_object(call->object);
    return com_special_folder(call->com, com_arg_flat(call, 0));
}

static const struct com_member folders_members[] = { { "", folders_item },
    { "Item", folders_item } };
static COM_CLASS(class_folders, "SpecialFolders", folders_members, com_quiet);

static struct com_value shell_folders(struct com_call *call)
{
    return call->count > 0 ? com_special_folder(call->com, com_arg_flat(call, 0))
                           : com_make(call->com, &class_folders);
}

static struct com_value environment_item(struct com_call *call)
{
    struct com_value *slot;

    if (call->count == 0)
        return com_value_object(call->object);
    if (call->put == NULL)
        return com_environment(call->com, com_arg_flat(call, 0), call->offset);
    slot = com_prop(call->com, call->com->environment, com_arg_flat(call, 0), true);
    if (slot != NULL)
        com_store(call->com, slot, *call->put);
    return *call->put;
}

static const struct com_member environment_members[] = { { "", environment_item },
    { "Item", environment_item } };
static COM_CLASS(class_environment, "WshEnvironment", environment_members, com_quiet);

/* Environment("Process")("name"), also in one call with two arguments. */
static struct com_value shell_environment(struct com_call *call)
{
    struct com_call item = *call;

    if (call->count < 2)
        return com_make(call->com, &class_environment);
    item.args++;
    item.count--;
    return environment_item(&item);
}

static struct com_value shell_shortcut(struct com_call *call)
{
    struct com_value made = com_make(call->com, &class_shortcut);

    if (made.kind == COM_OBJECT)
        com_set(call->com, made.object, "fullname", com_arg_plain(call, 0));
    return made;
}

static struct com_value shell_popup(struct com_call *call)
{
    com_tell_field(call, SCRIPT_ACT_SHOW, "WScript.Shell.Popup", "Text", com_arg(call, 0));
    return com_value_unknown(call->com, "Popup");
}

static struct com_value shell_send_keys(struct com_call *call)
{
    com_note(call->com, SCRIPT_NOTE_EVASION, call->offset, "SendKeys %.*s",
            HN_TEXT_ARG(hn_text_sub(com_arg_flat(call, 0), 0, 100)));
    return nothing();
}

static const struct com_member shell_members[] = { { "Run", shell_run }, { "Exec", shell_exec },
    { "RegWrite", reg_write }, { "RegDelete", reg_delete }, { "RegRead", reg_read },
    { "ExpandEnvironmentStrings", shell_expand }, { "SpecialFolders", shell_folders },
    { "Item", shell_folders }, { "Environment", shell_environment },
    { "CreateShortcut", shell_shortcut }, { "Popup", shell_popup }, { "SendKeys", shell_send_keys },
    { "AppActivate", com_quiet }, { "LogEvent", com_quiet }, { "CurrentDirectory", com_quiet } };
static COM_CLASS(class_shell, "WScript.Shell", shell_members, NULL);

struct com_object *com_make_shell(struct com *com)
{
    return com_object_new(com, &class_shell);
}
