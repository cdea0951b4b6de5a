/* vbscript_com_shell.c - WScript, WScript.Shell, WScript.Network, Shell.Application,
 * Schedule.Service, WindowsInstaller, ScriptControl. */
#include "vbscript/vbscript_internal.h"

#define MEMBER(fn)             \
    static struct vb_value fn( \
            struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)

static struct vb_value nothing(void)
{
    return (struct vb_value){ .kind = VB_EMPTY };
}

static const struct script_text *arg_text(
        struct vb_eval *ev, const struct vb_call *call, uint32_t index)
{
    return vb_to_text(ev, vb_plain(ev, vb_arg(call, index)));
}

static void note_hidden(struct vb_eval *ev, const struct vb_call *call, uint32_t index)
{
    if (!vb_is_missing(call, index) && vb_arg_int(ev, call, index, 1) == 0)
        vb_note(ev, SCRIPT_NOTE_EVASION, call->offset, "hidden window");
}

/* ---- Shortcuts ---- */

MEMBER(shortcut_save)
{
    const struct script_text *target = vb_to_text(ev, vb_prop_get(ev, object, "targetpath"));
    const struct script_text *args = vb_to_text(ev, vb_prop_get(ev, object, "arguments"));
    const struct script_text *command = vb_join3(ev, target, args->len > 0 ? " " : "", args);
    struct script_act act = script_act(
            ev->run, SCRIPT_ACT_FILE_WRITE, call->offset, "WScript.Shell.CreateShortcut");
    struct script_layer layer = {
        .language = SCRIPT_COMMAND, .text = command, .how = "CreateShortcut", .offset = call->offset
    };

    script_act_add(&act, "TargetFilename", vb_to_text(ev, vb_prop_get(ev, object, "fullname")));
    script_act_add(&act, "Details", command);
    script_tell(ev->run, &act);
    script_tell_layer(ev->run, &layer);
    return nothing();
}

static const struct vb_member shortcut_members[] = { { "save", shortcut_save } };
static const struct vb_class class_shortcut = { "WshShortcut", shortcut_members,
    HN_COUNT_OF(shortcut_members), NULL };

/* ---- WScript.Shell ---- */

MEMBER(shell_run)
{
    (void)object;
    note_hidden(ev, call, 1);
    vb_tell_process(
            ev, call->offset, "WScript.Shell.Run", vb_expand(ev, arg_text(ev, call, 0)), NULL);
    return vb_unknown(ev, "exit code");
}

static const struct vb_class class_exec = { "WshScriptExec", NULL, 0, vb_quiet };

MEMBER(shell_exec)
{
    (void)object;
    vb_tell_process(
            ev, call->offset, "WScript.Shell.Exec", vb_expand(ev, arg_text(ev, call, 0)), NULL);
    return vb_object_make(ev, &class_exec);
}

MEMBER(shell_reg_write)
{
    struct script_act act =
            script_act(ev->run, SCRIPT_ACT_REGISTRY_WRITE, call->offset, "WScript.Shell.RegWrite");

    (void)object;
    script_act_add(&act, "TargetObject", arg_text(ev, call, 0));
    script_act_add(&act, "Details", arg_text(ev, call, 1));
    script_tell(ev->run, &act);
    return nothing();
}

MEMBER(shell_reg_delete)
{
    struct script_act act =
            script_act(ev->run, SCRIPT_ACT_REGISTRY_WRITE, call->offset, "WScript.Shell.RegDelete");

    (void)object;
    script_act_add(&act, "TargetObject", arg_text(ev, call, 0));
    script_tell(ev->run, &act);
    return nothing();
}

MEMBER(shell_reg_read)
{
    (void)object;
    vb_tell_field(ev, SCRIPT_ACT_REGISTRY_READ, call->offset, "WScript.Shell.RegRead",
            "TargetObject", vb_plain(ev, vb_arg(call, 0)));
    return vb_unknown(ev, "registry");
}

MEMBER(shell_expand)
{
    (void)object;
    return vb_text(vb_expand(ev, arg_text(ev, call, 0)));
}

static struct vb_value special_folder(struct vb_eval *ev, struct hn_text name)
{
    static const struct {
        const char *name;
        const char *path;
    } folders[] = {
        { "desktop", "%USERPROFILE%\\Desktop" },
        { "alluserdesktop", "C:\\Users\\Public\\Desktop" },
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
            return vb_lit(ev, folders[i].path);
    return vb_unknown(ev, "folder");
}

MEMBER(folders_item)
{
    (void)object;
    return special_folder(ev, vb_arg_text(ev, call, 0));
}

static const struct vb_member folders_members[] = { { "", folders_item },
    { "item", folders_item } };
static const struct vb_class class_folders = { "SpecialFolders", folders_members,
    HN_COUNT_OF(folders_members), NULL };

MEMBER(shell_folders)
{
    (void)object;
    return call->count > 0 ? special_folder(ev, vb_arg_text(ev, call, 0))
                           : vb_object_make(ev, &class_folders);
}

MEMBER(environment_item)
{
    (void)object;
    return vb_environ(ev, vb_arg_text(ev, call, 0), call->offset);
}

static const struct vb_member environment_members[] = { { "", environment_item },
    { "item", environment_item } };
static const struct vb_class class_environment = { "WshEnvironment", environment_members,
    HN_COUNT_OF(environment_members), NULL };

MEMBER(shell_environment)
{
    (void)object;
    (void)call;
    return vb_object_make(ev, &class_environment);
}

MEMBER(shell_shortcut)
{
    struct vb_value made = vb_object_make(ev, &class_shortcut);

    (void)object;
    if (made.kind == VB_OBJECT)
        vb_prop_set(ev, made.as.object, "fullname", vb_plain(ev, vb_arg(call, 0)));
    return made;
}

MEMBER(shell_popup)
{
    (void)object;
    vb_tell_field(ev, SCRIPT_ACT_SHOW, call->offset, "WScript.Shell.Popup", "Text",
            vb_plain(ev, vb_arg(call, 0)));
    return vb_unknown(ev, "Popup");
}

MEMBER(shell_send_keys)
{
    (void)object;
    vb_note(ev, SCRIPT_NOTE_EVASION, call->offset, "SendKeys %.*s",
            HN_TEXT_ARG(hn_text_sub(vb_arg_text(ev, call, 0), 0, 100)));
    return nothing();
}

static const struct vb_member shell_members[] = { { "run", shell_run }, { "exec", shell_exec },
    { "regwrite", shell_reg_write }, { "regdelete", shell_reg_delete },
    { "regread", shell_reg_read }, { "expandenvironmentstrings", shell_expand },
    { "specialfolders", shell_folders }, { "environment", shell_environment },
    { "createshortcut", shell_shortcut }, { "popup", shell_popup }, { "sendkeys", shell_send_keys },
    { "appactivate", vb_quiet }, { "logevent", vb_quiet }, { "currentdirectory", vb_quiet } };
static const struct vb_class class_shell = { "WScript.Shell", shell_members,
    HN_COUNT_OF(shell_members), NULL };

struct vb_value vb_make_shell(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_shell);
}

/* ---- WScript ---- */

MEMBER(wscript_create)
{
    (void)object;
    return vb_create(ev, vb_arg_text(ev, call, 0), call->offset);
}

MEMBER(wscript_sleep)
{
    double ms = 0.0;
    struct vb_value value = vb_plain(ev, vb_arg(call, 0));

    (void)object;
    value = !vb_is_unknown(value) && vb_to_real(ev, value, &ms) ? vb_real(ms / 1000.0) : value;
    vb_tell_field(ev, SCRIPT_ACT_SLEEP, call->offset, "WScript.Sleep", "Seconds", value);
    return nothing();
}

MEMBER(wscript_quit)
{
    (void)object;
    (void)call;
    if (ev->undecided == 0)
        ev->quit = true;
    return nothing();
}

MEMBER(wscript_echo)
{
    (void)object;
    vb_tell_field(ev, SCRIPT_ACT_SHOW, call->offset, "WScript.Echo", "Text",
            vb_plain(ev, vb_arg(call, 0)));
    return nothing();
}

MEMBER(wscript_full_name)
{
    (void)object;
    (void)call;
    if (ev->source->file_name.len == 0)
        return vb_unknown(ev, "script");
    return vb_text_of(ev, ev->source->file_name);
}

MEMBER(wscript_host)
{
    (void)object;
    return vb_lit(ev, hn_text_eq(call->name->name, HN_TEXT("path"))
                              ? "C:\\Windows\\System32"
                              : "C:\\Windows\\System32\\wscript.exe");
}

MEMBER(wscript_name)
{
    (void)object;
    (void)call;
    return vb_lit(ev, "Windows Script Host");
}

static const struct vb_class class_arguments = { "WshArguments", NULL, 0, vb_quiet };

MEMBER(wscript_arguments)
{
    (void)object;
    if (call->count > 0)
        return vb_unknown(ev, "argument");
    return vb_object_make(ev, &class_arguments);
}

static const struct vb_member wscript_members[] = { { "createobject", wscript_create },
    { "getobject", wscript_create }, { "sleep", wscript_sleep }, { "quit", wscript_quit },
    { "echo", wscript_echo }, { "scriptfullname", wscript_full_name },
    { "scriptname", wscript_full_name }, { "fullname", wscript_host }, { "path", wscript_host },
    { "", wscript_name }, { "name", wscript_name }, { "arguments", wscript_arguments },
    { "stdin", vb_quiet }, { "stdout", vb_quiet }, { "stderr", vb_quiet }, { "timeout", vb_quiet },
    { "interactive", vb_quiet }, { "version", vb_quiet } };
static const struct vb_class class_wscript = { "WScript", wscript_members,
    HN_COUNT_OF(wscript_members), NULL };

struct vb_value vb_make_wscript(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_wscript);
}

/* ---- WScript.Network ---- */

MEMBER(network_name)
{
    (void)object;
    vb_tell_field(ev, SCRIPT_ACT_ENVIRONMENT, call->offset, "WScript.Network", "Name",
            vb_text(script_text_borrow(ev->run, call->name->shown, NULL)));
    return vb_unknown(ev, "%.*s", HN_TEXT_ARG(call->name->shown));
}

static const struct vb_member network_members[] = { { "username", network_name },
    { "computername", network_name }, { "userdomain", network_name },
    { "mapnetworkdrive", vb_quiet }, { "enumnetworkdrives", vb_quiet } };
static const struct vb_class class_network = { "WScript.Network", network_members,
    HN_COUNT_OF(network_members), NULL };

struct vb_value vb_make_network(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_network);
}

/* ---- Shell.Application ---- */

/* file and arguments as one command line; a file with spaces in quotes. */
static const struct script_text *command_of(
        struct vb_eval *ev, const struct script_text *file, const struct script_text *args)
{
    struct hn_text flat = script_text_flat(ev->run, file);

    if (args->len > 0 && flat.ptr != NULL && flat.len > 0 && flat.ptr[0] != '"' &&
            hn_text_find_char(flat, ' ', 0) != SIZE_MAX)
        file = vb_join3(ev, script_text_borrow(ev->run, HN_TEXT("\""), NULL), "",
                vb_join3(ev, file, "\"", script_text_borrow(ev->run, HN_TEXT(""), NULL)));
    return args->len > 0 ? vb_join3(ev, file, " ", args) : file;
}

MEMBER(application_execute)
{
    (void)object;
    if (!vb_is_missing(call, 3) && hn_text_eq_nocase(vb_arg_text(ev, call, 3), HN_TEXT("runas")))
        vb_note(ev, SCRIPT_NOTE_EVASION, call->offset, "runas");
    note_hidden(ev, call, 4);
    vb_tell_process(ev, call->offset, "Shell.Application.ShellExecute",
            command_of(ev, vb_expand(ev, arg_text(ev, call, 0)), arg_text(ev, call, 1)), NULL);
    return nothing();
}

MEMBER(application_open)
{
    (void)object;
    vb_tell_process(
            ev, call->offset, "Shell.Application.Open", vb_expand(ev, arg_text(ev, call, 0)), NULL);
    return nothing();
}

/* The verb of an item of a folder starts it. */
MEMBER(item_invoke)
{
    vb_tell_process(ev, call->offset, "FolderItem.InvokeVerb",
            vb_to_text(ev, vb_prop_get(ev, object, "path")), NULL);
    return nothing();
}

static const struct vb_member item_members[] = { { "invokeverb", item_invoke },
    { "invokeverbex", item_invoke } };
static const struct vb_class class_item = { "FolderItem", item_members, HN_COUNT_OF(item_members),
    NULL };

static struct vb_value make_path(
        struct vb_eval *ev, const struct vb_class *class, struct vb_value path)
{
    struct vb_value made = vb_object_make(ev, class);

    if (made.kind == VB_OBJECT)
        vb_prop_set(ev, made.as.object, "path", path);
    return made;
}

MEMBER(folder_copy)
{
    const struct script_text *path = vb_to_text(ev, vb_prop_get(ev, object, "path"));
    struct vb_value source = vb_arg(call, 0);

    if (source.kind == VB_OBJECT && source.as.object != NULL)
        source = vb_prop_get(ev, source.as.object, "path");
    vb_tell_field(
            ev, SCRIPT_ACT_FILE_READ, call->offset, "Folder.CopyHere", "TargetFilename", source);
    vb_tell_write(ev, call->offset, "Folder.CopyHere",
            vb_join3(ev, path, "\\", script_text_borrow(ev->run, HN_TEXT("*"), NULL)), NULL);
    return nothing();
}

MEMBER(folder_parse)
{
    struct vb_value path = vb_binary(ev, '&',
            vb_binary(ev, '&', vb_prop_get(ev, object, "path"), vb_lit(ev, "\\")),
            vb_plain(ev, vb_arg(call, 0)));

    return make_path(ev, &class_item, path);
}

MEMBER(folder_items)
{
    struct vb_value made = make_path(ev, &class_item, vb_prop_get(ev, object, "path"));

    (void)call;
    return made;
}

MEMBER(folder_self)
{
    (void)ev;
    (void)call;
    return vb_object_value(object);
}

static const struct vb_member folder_members[] = { { "copyhere", folder_copy },
    { "movehere", folder_copy }, { "parsename", folder_parse }, { "items", folder_items },
    { "self", folder_self } };
static const struct vb_class class_folder = { "Folder", folder_members, HN_COUNT_OF(folder_members),
    NULL };

MEMBER(application_namespace)
{
    struct vb_value path = vb_plain(ev, vb_arg(call, 0));

    (void)object;
    if (path.kind == VB_INT) {
        path = path.as.number == 7    ? special_folder(ev, HN_TEXT("startup"))
               : path.as.number == 26 ? vb_lit(ev, "%APPDATA%")
               : path.as.number == 0  ? special_folder(ev, HN_TEXT("desktop"))
                                      : vb_unknown(ev, "folder");
    }
    return make_path(ev, &class_folder, path);
}

/* Windows.Item().Document.Application is a Shell.Application of Explorer's. */
MEMBER(application_self)
{
    (void)ev;
    (void)call;
    return vb_object_value(object);
}

static const struct vb_member application_members[] = { { "shellexecute", application_execute },
    { "open", application_open }, { "explore", application_open },
    { "namespace", application_namespace }, { "windows", application_self },
    { "item", application_self }, { "document", application_self },
    { "application", application_self }, { "parent", application_self },
    { "minimizeall", vb_quiet }, { "undominimizeall", vb_quiet }, { "count", vb_quiet },
    { "isservicerunning", vb_quiet } };
static const struct vb_class class_application = { "Shell.Application", application_members,
    HN_COUNT_OF(application_members), NULL };

struct vb_value vb_make_shell_application(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_application);
}

/* ---- Schedule.Service ---- */

/* One class does for the whole tree of it: properties are kept on the object they belong to. */
MEMBER(task_child);
MEMBER(task_register);

static const struct vb_member task_members[] = { { "connect", vb_quiet },
    { "getfolder", task_child }, { "newtask", task_child }, { "actions", task_child },
    { "triggers", task_child }, { "settings", task_child }, { "registrationinfo", task_child },
    { "principal", task_child }, { "create", task_child }, { "idlesettings", task_child },
    { "repetition", task_child }, { "exec", task_child },
    { "registertaskdefinition", task_register }, { "deletetask", vb_quiet }, { "run", vb_quiet } };
static const struct vb_class class_task = { "Schedule.Service", task_members,
    HN_COUNT_OF(task_members), NULL };

/* Actions.Create keeps the last action on the definition it is found from. */
MEMBER(task_child)
{
    struct vb_value *slot = vb_prop(ev, object, call->name, true);
    bool fresh = hn_text_eq(call->name->name, HN_TEXT("newtask"));

    if (slot == NULL)
        return vb_unknown(ev, "task");
    if (slot->kind != VB_OBJECT || fresh)
        vb_store(ev, slot, vb_object_make(ev, &class_task));
    return *slot;
}

MEMBER(task_register)
{
    struct script_act act = script_act(
            ev->run, SCRIPT_ACT_TASK, call->offset, "Schedule.Service.RegisterTaskDefinition");
    struct vb_value action = vb_arg(call, 1);
    const struct script_text *command;
    struct script_layer layer = {
        .language = SCRIPT_COMMAND, .how = "RegisterTaskDefinition", .offset = call->offset
    };

    (void)object;
    script_act_add(&act, "TaskName", arg_text(ev, call, 0));
    if (action.kind == VB_OBJECT && action.as.object != NULL)
        action = vb_prop_get(ev, action.as.object, "actions");
    if (action.kind == VB_OBJECT && action.as.object != NULL)
        action = vb_prop_get(ev, action.as.object, "create");
    if (action.kind == VB_OBJECT && action.as.object != NULL) {
        command = vb_join3(ev, vb_to_text(ev, vb_prop_get(ev, action.as.object, "path")), " ",
                vb_to_text(ev, vb_prop_get(ev, action.as.object, "arguments")));
        script_act_add(&act, "CommandLine", command);
        layer.text = command;
    }
    script_tell(ev->run, &act);
    script_tell_layer(ev->run, &layer);
    return vb_unknown(ev, "task");
}

struct vb_value vb_make_schedule(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_task);
}

/* ---- WindowsInstaller.Installer ---- */

MEMBER(installer_install)
{
    const struct script_text *package = arg_text(ev, call, 0);
    struct hn_text flat = script_text_flat(ev->run, package);

    (void)object;
    if (flat.ptr != NULL && hn_text_starts_nocase(flat, HN_TEXT("http")))
        vb_tell_http(ev, call->offset, "Installer.InstallProduct", "GET", package);
    vb_tell_process(ev, call->offset, "Installer.InstallProduct",
            vb_join3(
                    ev, script_text_borrow(ev->run, HN_TEXT("msiexec.exe /i "), NULL), "", package),
            NULL);
    return nothing();
}

static const struct vb_member installer_members[] = { { "installproduct", installer_install },
    { "uilevel", vb_quiet } };
static const struct vb_class class_installer = { "WindowsInstaller.Installer", installer_members,
    HN_COUNT_OF(installer_members), NULL };

struct vb_value vb_make_installer(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_installer);
}

/* ---- ScriptControl ---- */

static bool is_vbscript(struct vb_eval *ev, struct vb_object *object)
{
    struct hn_text language = vb_flat(ev, vb_prop_get(ev, object, "language"));

    return language.len == 0 || hn_text_starts_nocase(language, HN_TEXT("vb"));
}

MEMBER(control_add)
{
    const struct script_text *text = arg_text(ev, call, 0);
    struct script_layer layer = {
        .language = SCRIPT_JSCRIPT, .text = text, .how = "ScriptControl", .offset = call->offset
    };

    if (is_vbscript(ev, object)) {
        if (hn_text_eq(call->name->name, HN_TEXT("eval")))
            return vb_eval_text(ev, text, call->offset);
        vb_execute_text(ev, text, true, "ScriptControl", call->offset);
    } else {
        script_tell_layer(ev->run, &layer);
    }
    return vb_unknown(ev, "ScriptControl");
}

/* Run(name, args...) of what AddCode gave. */
MEMBER(control_run)
{
    struct vb_call made = *call;
    struct vb_value value;

    if (call->count == 0 || !is_vbscript(ev, object))
        return vb_unknown(ev, "ScriptControl.Run");
    made.args = call->args + 1;
    made.names = NULL;
    made.refs = NULL;
    made.count = call->count - 1;
    if (vb_call_name(ev, vb_arg_text(ev, call, 0), &made, &value))
        return value;
    return vb_unknown(ev, "ScriptControl.Run");
}

static const struct vb_member control_members[] = { { "addcode", control_add },
    { "executestatement", control_add }, { "eval", control_add }, { "run", control_run },
    { "addobject", vb_quiet }, { "reset", vb_quiet }, { "allowui", vb_quiet },
    { "timeout", vb_quiet }, { "usesafesubset", vb_quiet } };
static const struct vb_class class_control = { "ScriptControl", control_members,
    HN_COUNT_OF(control_members), NULL };

struct vb_value vb_make_script_control(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_control);
}
