/* com_file.c - Scripting.FileSystemObject: folders, files, and the text streams written to them. */
#include "com/com_internal.h"

/* ---- TextStream: slots are path, what was written ---- */

static void text_write(struct com_call *call)
{
    const struct script_text *old = call->object->slots[1];
    const struct script_text *more = com_arg(call, 0);

    if (hn_text_eq_nocase(call->member, HN_TEXT("writeline")))
        more = script_text_join(call->run, more, com_literal(call->run, "\r\n"));
    call->object->slots[1] = old != NULL ? script_text_join(call->run, old, more) : more;
}

static void text_close(struct com_call *call)
{
    if (call->object->slots[1] == NULL)
        return;
    com_tell_file(call, "TextStream.Write", call->object->slots[0], call->object->slots[1]);
    call->object->slots[1] = NULL;
}

static void text_read(struct com_call *call)
{
    com_tell(call, SCRIPT_ACT_FILE_READ, "TextStream.Read", "TargetFilename",
            call->object->slots[0]);
    *call->ret = com_value_unknown(call->run, "content of a file");
}

static void text_end(struct com_call *call)
{
    *call->ret = com_value_bool(true);
}

static const struct com_member text_members[] = {
    { "Write", text_write },
    { "WriteLine", text_write },
    { "Close", text_close },
    { "ReadAll", text_read },
    { "ReadLine", text_read },
    { "Read", text_read },
    { "AtEndOfStream", text_end },
    { NULL, NULL },
};
static const struct com_kind_of text_kind = { "TextStream", text_members };

static void open_text(struct com_call *call)
{
    struct com_object *stream = com_object_new(call->run, &text_kind);

    if (stream != NULL)
        stream->slots[0] = com_expand(call->run, com_arg(call, 0), call->offset);
    com_return_object(call, stream);
}

/* ---- Files and folders: slot 0 is the path ---- */

static void item_path(struct com_call *call)
{
    com_return_text(call, call->object->slots[0]);
}

static void item_delete(struct com_call *call)
{
    com_tell(call, SCRIPT_ACT_FILE_DELETE, "File.Delete", "TargetFilename", call->object->slots[0]);
}

static void item_unknown(struct com_call *call)
{
    *call->ret = com_value_unknown(call->run, "property of a file");
}

static void item_copy(struct com_call *call)
{
    com_tell(call, SCRIPT_ACT_FILE_WRITE, "File.Copy", "TargetFilename", com_arg(call, 0));
}

static void item_open(struct com_call *call)
{
    struct com_object *stream = com_object_new(call->run, &text_kind);

    if (stream != NULL)
        stream->slots[0] = call->object->slots[0];
    com_return_object(call, stream);
}

static const struct com_member item_members[] = {
    { "Path", item_path },
    { "ShortPath", item_path },
    { "Delete", item_delete },
    { "Copy", item_copy },
    { "Move", item_copy },
    { "OpenAsTextStream", item_open },
    { "Size", item_unknown },
    { "Name", item_unknown },
    { "DateCreated", item_unknown },
    { NULL, NULL },
};
static const struct com_kind_of item_kind = { "File", item_members };

static void get_item(struct com_call *call)
{
    struct com_object *item = com_object_new(call->run, &item_kind);

    if (item != NULL)
        item->slots[0] = com_expand(call->run, com_arg(call, 0), call->offset);
    com_return_object(call, item);
}

static void special_folder(struct com_call *call)
{
    static const char *const paths[] = { "C:\\Windows", "C:\\Windows\\System32",
        "C:\\Users\\user\\AppData\\Local\\Temp" };
    double index = call->count > 0 && call->args[0].kind == COM_NUMBER ? call->args[0].number : 3;
    struct com_object *item = com_object_new(call->run, &item_kind);

    if (item != NULL) {
        item->slots[0] = index >= 0 && index < 3
                                 ? com_literal(call->run, paths[(size_t)index])
                                 : script_text_unknown(call->run, "special folder", NULL);
    }
    com_return_object(call, item);
}

static void build_path(struct com_call *call)
{
    const struct script_text *folder = com_arg(call, 0);
    struct hn_text flat = script_text_flat(call->run, folder);

    if (flat.len > 0 && flat.ptr[flat.len - 1] != '\\')
        folder = script_text_join(call->run, folder, com_literal(call->run, "\\"));
    com_return_text(call, script_text_join(call->run, folder, com_arg(call, 1)));
}

static void temp_name(struct com_call *call)
{
    com_return_text(call, script_text_unknown(call->run, "name of a new file", NULL));
}

/* Whether something is there nobody can know; both answers are followed. */
static void exists(struct com_call *call)
{
    *call->ret = com_value_unknown(call->run, "whether a file exists");
}

static void delete_file(struct com_call *call)
{
    com_tell(call, SCRIPT_ACT_FILE_DELETE, "FileSystemObject.DeleteFile", "TargetFilename",
            com_arg(call, 0));
}

static void copy_file(struct com_call *call)
{
    com_tell(call, SCRIPT_ACT_FILE_WRITE, "FileSystemObject.CopyFile", "TargetFilename",
            com_arg(call, 1));
}

static void part_of_path(struct com_call *call)
{
    struct hn_text path = com_arg_flat(call, 0);
    size_t cut = 0;

    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] == '\\' || path.ptr[i] == '/')
            cut = i + 1;
    }
    if (hn_text_eq_nocase(call->member, HN_TEXT("getparentfoldername"))) {
        path = hn_text_sub(path, 0, cut > 0 ? cut - 1 : 0);
    } else {
        path = hn_text_sub(path, cut, SIZE_MAX);
    }
    com_return_text(call, call->count > 0 && com_arg(call, 0) != NULL && com_arg(call, 0)->unknown
                                  ? script_text_unknown(call->run, "part of a path", NULL)
                                  : script_text_new(call->run, path, NULL));
}

static const struct com_member files_members[] = {
    { "CreateTextFile", open_text },
    { "OpenTextFile", open_text },
    { "GetFile", get_item },
    { "GetFolder", get_item },
    { "CreateFolder", get_item },
    { "GetSpecialFolder", special_folder },
    { "BuildPath", build_path },
    { "GetTempName", temp_name },
    { "FileExists", exists },
    { "FolderExists", exists },
    { "DriveExists", exists },
    { "DeleteFile", delete_file },
    { "CopyFile", copy_file },
    { "MoveFile", copy_file },
    { "GetParentFolderName", part_of_path },
    { "GetFileName", part_of_path },
    { NULL, NULL },
};
const struct com_kind_of com_files_kind = { "Scripting.FileSystemObject", files_members };
