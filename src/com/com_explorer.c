/* com_explorer.c - Shell.Application with its folders, and Internet Explorer. */
#include "com/com_internal.h"

static struct com_value nothing(void)
{
    return (struct com_value){ .kind = COM_EMPTY };
}

/* ---- Shell.Application ---- */

/* file and arguments as one command line; a file with spaces in quotes. */
static const struct script_text *command_of(
        struct com *com, const struct script_text *file, const struct script_text *args)
{
    struct hn_text flat = com_flat(com, com_value_text(file));

    if (args == NULL || args->len == 0)
        return file;
    if (flat.len > 0 && flat.ptr[0] != '"' && hn_text_find_char(flat, ' ', 0) != SIZE_MAX)
        file = com_join3(
                com, com_literal(com, "\""), "", com_join3(com, file, "\"", com_literal(com, "")));
    return com_join3(com, file, " ", args);
}

static struct com_value application_execute(struct com_call *call)
{
    struct com *com = call->com;

    if (com_has_arg(call, 3) && hn_text_eq_nocase(com_arg_flat(call, 3), HN_TEXT("runas")))
        com_note(com, SCRIPT_NOTE_EVASION, call->offset, "runas");
    com_note_hidden(call, 4);
    com_tell_process(com,
            command_of(com, com_expand(com, com_arg_text(call, 0), call->offset),
                    com_expand(com, com_arg_text(call, 1), call->offset)),
            call->offset, "Shell.Application.ShellExecute", NULL);
    return nothing();
}

static struct com_value application_open(struct com_call *call)
{
    com_tell_process(call->com, com_expand(call->com, com_arg_text(call, 0), call->offset),
            call->offset, "Shell.Application.Open", NULL);
    return nothing();
}

/* ---- Folders and their items ---- */

/* The verb of an item of a folder starts it. */
static struct com_value item_invoke(struct com_call *call)
{
    struct com_value path = com_get(call->com, call->object, "path");

    com_tell_process(
            call->com, com_text(call->com, &path), call->offset, "FolderItem.InvokeVerb", NULL);
    return nothing();
}

static const struct com_member item_members[] = { { "InvokeVerb", item_invoke },
    { "InvokeVerbEx", item_invoke }, { "Path", com_bag }, { "Item", com_same } };
static COM_CLASS(class_item, "FolderItem", item_members, NULL);

static struct com_value make_path(
        struct com *com, const struct com_class *class, struct com_value path)
{
    struct com_value made = com_make(com, class);

    if (made.kind == COM_OBJECT)
        com_set(com, made.object, "path", path);
    return made;
}

/* What a folder takes in: the item's path, or a name. */
static struct com_value folder_copy(struct com_call *call)
{
    struct com_value path = com_get(call->com, call->object, "path");
    struct com_value source = com_arg(call, 0);
    const struct script_text *target =
            com_join3(call->com, com_text(call->com, &path), "\\", com_literal(call->com, "*"));

    if (com_arg_object(call, 0) != NULL)
        source = com_get(call->com, com_arg_object(call, 0), "path");
    com_tell_field(call, SCRIPT_ACT_FILE_READ, "Folder.CopyHere", "TargetFilename", source);
    com_tell_file(call->com, target, NULL, call->offset, "Folder.CopyHere");
    return nothing();
}

static struct com_value folder_parse(struct com_call *call)
{
    struct com_value path = com_get(call->com, call->object, "path");

    return make_path(call->com, &class_item,
            com_value_text(
                    com_join3(call->com, com_text(call->com, &path), "\\", com_arg_text(call, 0))));
}

static struct com_value folder_items(struct com_call *call)
{
    return make_path(call->com, &class_item, com_get(call->com, call->object, "path"));
}

static const struct com_member folder_members[] = { { "CopyHere", folder_copy },
    { "MoveHere", folder_copy }, { "ParseName", folder_parse }, { "Items", folder_items },
    { "Self", com_same }, { "Path", com_bag } };
static COM_CLASS(class_folder, "Folder", folder_members, NULL);

static struct com_value application_name_space(struct com_call *call)
{
    struct com_value path = com_arg_plain(call, 0);

    if (path.kind == COM_NUMBER) { /* ShellSpecialFolderConstants */
        int64_t number = com_arg_int(call, 0, -1);

        path = number == 7    ? com_special_folder(call->com, HN_TEXT("startup"))
               : number == 26 ? com_value_lit(call->com, "%APPDATA%")
               : number == 0  ? com_special_folder(call->com, HN_TEXT("desktop"))
                              : com_value_unknown(call->com, "folder");
    }
    return make_path(call->com, &class_folder, path);
}

/* Windows().Item().Document.Application is a Shell.Application of Explorer's. */
static const struct com_member application_members[] = { { "ShellExecute", application_execute },
    { "Open", application_open }, { "Explore", application_open },
    { "NameSpace", application_name_space }, { "Windows", com_same }, { "Item", com_same },
    { "Document", com_same }, { "Application", com_same }, { "Parent", com_same },
    { "MinimizeAll", com_quiet }, { "UndoMinimizeAll", com_quiet }, { "Count", com_quiet },
    { "IsServiceRunning", com_quiet } };
static COM_CLASS(class_application, "Shell.Application", application_members, NULL);

struct com_object *com_make_application(struct com *com)
{
    return com_object_new(com, &class_application);
}

/* ---- Internet Explorer ---- */

static struct com_value browser_navigate(struct com_call *call)
{
    com_set(call->com, call->object, "__url", com_arg_plain(call, 0));
    com_tell_http(call->com, com_arg_text(call, 0), call->offset, "InternetExplorer.Navigate");
    return nothing();
}

static struct com_value browser_document(struct com_call *call)
{
    struct hn_text url = com_flat(call->com, com_get(call->com, call->object, "__url"));

    return com_value_unknown(call->com, "reply of %.*s", HN_TEXT_ARG(hn_text_sub(url, 0, 400)));
}

/* Scripts wait for the page: it is there. */
static struct com_value browser_busy(struct com_call *call)
{
    return com_member_is(call, "busy") ? com_value_bool(false) : com_value_number(4);
}

static const struct com_member browser_members[] = { { "Navigate", browser_navigate },
    { "Navigate2", browser_navigate }, { "Document", browser_document }, { "Busy", browser_busy },
    { "ReadyState", browser_busy }, { "Visible", com_quiet }, { "Quit", com_quiet },
    { "Silent", com_quiet }, { "Width", com_quiet }, { "Height", com_quiet }, { "Left", com_quiet },
    { "Top", com_quiet }, { "ToolBar", com_quiet }, { "StatusBar", com_quiet },
    { "MenuBar", com_quiet }, { "Resizable", com_quiet } };
static COM_CLASS(class_browser, "InternetExplorer.Application", browser_members, NULL);

struct com_object *com_make_browser(struct com *com)
{
    return com_object_new(com, &class_browser);
}
