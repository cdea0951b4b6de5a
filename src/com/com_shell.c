/* com_shell.c - WScript, WScript.Shell, Shell.Application, and the shortcuts, environments and
 * running programs they give out. */
#include "com/com_internal.h"

/* ---- WScript.Shell ---- */

static void shell_run(struct com_call *call)
{
    com_tell_process(call->run, com_expand(call->run, com_arg(call, 0), call->offset), call->offset,
            "WScript.Shell.Run");
    *call->ret = com_value_number(0);
}

static void exec_output(struct com_call *call)
{
    *call->ret = com_value_unknown(call->run, "output of a program");
}

static void exec_stream(struct com_call *call)
{
    com_return_object(call, call->object);
}

static void exec_status(struct com_call *call)
{
    *call->ret = com_value_number(1);
}

static const struct com_member exec_members[] = {
    { "StdOut", exec_stream },
    { "StdErr", exec_stream },
    { "StdIn", exec_stream },
    { "ReadAll", exec_output },
    { "ReadLine", exec_output },
    { "Read", exec_output },
    { "Status", exec_status },
    { NULL, NULL },
};
static const struct com_kind_of exec_kind = { "WshScriptExec", exec_members };

static void shell_exec(struct com_call *call)
{
    com_tell_process(call->run, com_expand(call->run, com_arg(call, 0), call->offset), call->offset,
            "WScript.Shell.Exec");
    com_return_object(call, com_object_new(call->run, &exec_kind));
}

static void shell_expand(struct com_call *call)
{
    com_return_text(call, com_expand(call->run, com_arg(call, 0), call->offset));
}

static void shell_reg_write(struct com_call *call)
{
    com_tell_pair(call, SCRIPT_ACT_REGISTRY_WRITE, "WScript.Shell.RegWrite",
            (struct com_told){ "TargetObject", com_arg(call, 0) },
            (struct com_told){ "Details", com_arg(call, 1) });
}

static void shell_reg_read(struct com_call *call)
{
    com_tell(call, SCRIPT_ACT_REGISTRY_READ, "WScript.Shell.RegRead", "TargetObject",
            com_arg(call, 0));
    *call->ret = com_value_unknown(call->run, "registry value");
}

static void shell_popup(struct com_call *call)
{
    com_tell(call, SCRIPT_ACT_SHOW, "WScript.Shell.Popup", "Text", com_arg(call, 0));
    *call->ret = com_value_number(1);
}

static void shell_folder(struct com_call *call)
{
    static const struct {
        const char *name;
        const char *path;
    } folders[] = { { "startup", "C:\\Users\\user\\AppData\\Roaming\\Microsoft\\Windows\\Start "
                                 "Menu\\Programs\\Startup" },
        { "desktop", "C:\\Users\\user\\Desktop" }, { "mydocuments", "C:\\Users\\user\\Documents" },
        { "appdata", "C:\\Users\\user\\AppData\\Roaming" },
        { "programs", "C:\\Users\\user\\AppData\\Roaming\\Microsoft\\Windows\\Start "
                      "Menu\\Programs" } };
    struct hn_text name = com_arg_flat(call, 0);

    if (call->count == 0) { /* SpecialFolders by itself: its items are asked for next */
        com_return_object(call, call->object);
        return;
    }
    for (size_t i = 0; i < HN_COUNT_OF(folders); i++) {
        if (hn_text_eq_nocase(name, hn_text_cstr(folders[i].name))) {
            com_return_text(call, com_literal(call->run, folders[i].path));
            return;
        }
    }
    *call->ret = com_value_unknown(call->run, "special folder");
}

static void environment_item(struct com_call *call)
{
    struct hn_buf out = { 0 };
    const struct script_text *name;

    if (call->access == COM_PUT)
        return;
    hn_buf_add_char(&out, '%');
    hn_buf_add_text(&out, com_arg_flat(call, 0));
    hn_buf_add_char(&out, '%');
    name = script_text_new(call->run, hn_buf_text(&out), NULL);
    hn_buf_deinit(&out);
    com_return_text(call, com_expand(call->run, name, call->offset));
}

static const struct com_member environment_members[] = {
    { "Item", environment_item },
    { "", environment_item },
    { NULL, NULL },
};
static const struct com_kind_of environment_kind = { "WshEnvironment", environment_members };

static void shell_environment(struct com_call *call)
{
    com_return_object(call, com_object_new(call->run, &environment_kind));
}

static void shortcut_save(struct com_call *call)
{
    const struct script_text *command = call->object->slots[1];

    if (command != NULL && call->object->slots[2] != NULL) {
        command = script_text_join(call->run,
                script_text_join(call->run, command, com_literal(call->run, " ")),
                call->object->slots[2]);
    }
    com_tell_pair(call, SCRIPT_ACT_FILE_WRITE, "WshShortcut.Save",
            (struct com_told){ "TargetFilename", call->object->slots[0] },
            (struct com_told){ "CommandLine", command });
}

static void shortcut_target(struct com_call *call)
{
    if (com_put(call) != NULL)
        call->object->slots[1] = com_put(call);
    com_return_text(call, call->object->slots[1]);
}

static void shortcut_arguments(struct com_call *call)
{
    if (com_put(call) != NULL)
        call->object->slots[2] = com_put(call);
    com_return_text(call, call->object->slots[2]);
}

static const struct com_member shortcut_members[] = {
    { "Save", shortcut_save },
    { "TargetPath", shortcut_target },
    { "Arguments", shortcut_arguments },
    { NULL, NULL },
};
static const struct com_kind_of shortcut_kind = { "WshShortcut", shortcut_members };

static void shell_shortcut(struct com_call *call)
{
    struct com_object *shortcut = com_object_new(call->run, &shortcut_kind);

    if (shortcut != NULL)
        shortcut->slots[0] = com_arg(call, 0);
    com_return_object(call, shortcut);
}

static void nothing(struct com_call *call)
{
    (void)call;
}

static void shell_directory(struct com_call *call)
{
    com_return_text(call, com_literal(call->run, "C:\\Users\\user"));
}

static const struct com_member shell_members[] = {
    { "Run", shell_run },
    { "Exec", shell_exec },
    { "ExpandEnvironmentStrings", shell_expand },
    { "RegWrite", shell_reg_write },
    { "RegRead", shell_reg_read },
    { "RegDelete", nothing },
    { "Popup", shell_popup },
    { "SpecialFolders", shell_folder },
    { "Item", shell_folder },
    { "Environment", shell_environment },
    { "CreateShortcut", shell_shortcut },
    { "CurrentDirectory", shell_directory },
    { "SendKeys", nothing },
    { "AppActivate", nothing },
    { NULL, NULL },
};
const struct com_kind_of com_shell_kind = { "WScript.Shell", shell_members };

/* ---- Shell.Application ---- */

static void application_execute(struct com_call *call)
{
    const struct script_text *command = com_expand(call->run, com_arg(call, 0), call->offset);

    if (call->count > 1 && com_arg_flat(call, 1).len > 0) {
        command = script_text_join(call->run,
                script_text_join(call->run, command, com_literal(call->run, " ")),
                com_expand(call->run, com_arg(call, 1), call->offset));
    }
    com_tell_process(call->run, command, call->offset, "Shell.Application.ShellExecute");
}

static void folder_copy(struct com_call *call)
{
    com_tell(call, SCRIPT_ACT_FILE_WRITE, "Shell.Application.CopyHere", "TargetFilename",
            call->object->slots[0]);
}

static void folder_self(struct com_call *call)
{
    com_return_object(call, call->object);
}

static void folder_path(struct com_call *call)
{
    com_return_text(call, call->object->slots[0]);
}

static const struct com_member folder_members[] = {
    { "CopyHere", folder_copy },
    { "MoveHere", folder_copy },
    { "Items", folder_self },
    { "Self", folder_self },
    { "Path", folder_path },
    { NULL, NULL },
};
static const struct com_kind_of folder_kind = { "Folder", folder_members };

static void application_name_space(struct com_call *call)
{
    struct com_object *folder = com_object_new(call->run, &folder_kind);

    if (folder != NULL)
        folder->slots[0] = com_arg(call, 0);
    com_return_object(call, folder);
}

static void application_open(struct com_call *call)
{
    com_tell_process(call->run, com_expand(call->run, com_arg(call, 0), call->offset), call->offset,
            "Shell.Application.Open");
}

/* Windows().Item().Document.Application.ShellExecute(): the same object all along. */
static void application_again(struct com_call *call)
{
    com_return_object(call, call->object);
}

static const struct com_member application_members[] = {
    { "ShellExecute", application_execute },
    { "Open", application_open },
    { "NameSpace", application_name_space },
    { "Windows", application_again },
    { "Item", application_again },
    { "Document", application_again },
    { "Application", application_again },
    { "MinimizeAll", nothing },
    { NULL, NULL },
};
const struct com_kind_of com_application_kind = { "Shell.Application", application_members };

/* ---- WScript ---- */

static void host_create(struct com_call *call)
{
    com_return_object(call, com_create(call->run, com_arg(call, 0), call->offset));
}

static void host_get(struct com_call *call)
{
    com_return_object(call, com_moniker(call->run, com_arg(call, 0), call->offset));
}

static void host_sleep(struct com_call *call)
{
    double milliseconds =
            call->count > 0 && call->args[0].kind == COM_NUMBER ? call->args[0].number : 0;
    struct com_value seconds = com_value_number(milliseconds / 1000);

    com_tell(call, SCRIPT_ACT_SLEEP, "WScript.Sleep", "Seconds", com_text(call->run, &seconds));
}

static void host_echo(struct com_call *call)
{
    com_tell(call, SCRIPT_ACT_SHOW, "WScript.Echo", "Text", com_arg(call, 0));
}

static void host_full_name(struct com_call *call)
{
    const struct script_text *name = call->object->slots[0];

    com_return_text(
            call, name != NULL ? name : script_text_unknown(call->run, "path of the script", NULL));
}

static void host_unknown(struct com_call *call)
{
    *call->ret = com_value_unknown(call->run, "script host");
}

static const struct com_member host_members[] = {
    { "CreateObject", host_create },
    { "GetObject", host_get },
    { "Sleep", host_sleep },
    { "Echo", host_echo },
    { "ScriptFullName", host_full_name },
    { "ScriptName", host_full_name },
    { "FullName", host_unknown },
    { "Arguments", host_unknown },
    { "Quit", nothing },
    { "StdIn", exec_stream },
    { NULL, NULL },
};
const struct com_kind_of com_host_kind = { "WScript", host_members };

/* ---- Anything else ---- */

static const struct com_member any_members[] = { { NULL, NULL } };
const struct com_kind_of com_any_kind = { "object", any_members };
