/* com_file.c - Scripting.FileSystemObject: folders, files, and text streams, which are told as
 * written when they are closed; one never closed, when com_close_files() is called. */
#include "com/com_internal.h"

static struct com_value nothing(void)
{
    return (struct com_value){ .kind = COM_EMPTY };
}

/* ---- TextStream ---- */

static struct com_value text_write(struct com_call *call)
{
    struct com_value content = com_get(call->com, call->object, "__content");

    if (com_has_arg(call, 0))
        content = com_join(call->com, content, com_arg_plain(call, 0));
    if (com_member_is(call, "writeline"))
        content = com_join(call->com, content, com_value_lit(call->com, "\r\n"));
    com_set(call->com, call->object, "__content", content);
    return nothing();
}

void com_text_close(struct com *com, struct com_object *stream, uint64_t offset)
{
    struct com_value content = com_get(com, stream, "__content");
    struct com_value name = com_get(com, stream, "__name");

    if (!com_get(com, stream, "__writes").truth)
        return;
    com_set(com, stream, "__writes", com_value_bool(false));
    com_tell_file(com, com_text(com, &name),
            content.kind != COM_EMPTY ? com_text(com, &content) : NULL, offset, "TextStream.Write");
}

static struct com_value text_close(struct com_call *call)
{
    com_text_close(call->com, call->object, call->offset);
    return nothing();
}

void com_close_files(struct com *com)
{
    for (uint32_t i = 0; i < com->open_count; i++)
        com_text_close(com, com->open[i], 0);
    com->open_count = 0;
}

/* What is left to read, in bytes of the flat text; false: nobody knows the file. */
static bool text_rest(
        struct com_call *call, const struct script_text **ret_text, struct hn_text *ret_rest)
{
    struct hn_text name = com_flat(call->com, com_get(call->com, call->object, "__name"));
    struct com_value at = com_get(call->com, call->object, "__at");
    const struct script_text *known = com_get(call->com, call->object, "__known").text;

    if (known == NULL) { /* looked for once: files may be long, and are read a line at a time */
        known = com_file_read(call->com, name);
        if (known != NULL)
            com_set(call->com, call->object, "__known", com_value_text(known));
    }
    if (known == NULL || known->unknown)
        return false;
    *ret_text = known;
    *ret_rest = hn_text_sub(com_flat(call->com, com_value_text(known)),
            at.kind == COM_NUMBER ? (size_t)at.number : 0, SIZE_MAX);
    return true;
}

/* Read, ReadLine, ReadAll, SkipLine */
static struct com_value text_read(struct com_call *call)
{
    struct hn_text name = com_flat(call->com, com_get(call->com, call->object, "__name"));
    const struct script_text *known = com_file_read(call->com, name);
    struct hn_text rest;
    size_t len;
    size_t next;

    if (known != NULL && known->unknown && com_member_is(call, "readall"))
        return com_value_text(known);
    if (!text_rest(call, &known, &rest))
        return com_value_unknown(
                call->com, "content of %.*s", HN_TEXT_ARG(hn_text_sub(name, 0, 200)));
    len = rest.len;
    if (com_member_is(call, "readline") || com_member_is(call, "skipline")) {
        len = hn_text_find_char(rest, '\n', 0);
        len = len == SIZE_MAX ? rest.len : len;
    } else if (com_member_is(call, "read") || com_member_is(call, "skip")) {
        len = (size_t)com_arg_int(call, 0, 0) < rest.len ? (size_t)com_arg_int(call, 0, 0)
                                                         : rest.len;
    }
    next = known->len - rest.len + len;
    if (len < rest.len && rest.ptr[len] == '\n' && !com_member_is(call, "read"))
        next++; /* the end of the line belongs to it */
    com_set(call->com, call->object, "__at", com_value_number((double)next));
    if (com_member_is(call, "readline") && len > 0 && rest.ptr[len - 1] == '\r')
        len--;
    return com_value_text(script_text_new(call->run, hn_text_sub(rest, 0, len), known->origin));
}

static struct com_value text_end(struct com_call *call)
{
    const struct script_text *known;
    struct hn_text rest;

    if (!text_rest(call, &known, &rest))
        return com_value_unknown(call->com, "end of file");
    return com_value_bool(rest.len == 0);
}

static const struct com_member text_members[] = { { "Write", text_write },
    { "WriteLine", text_write }, { "Close", text_close }, { "Read", text_read },
    { "ReadAll", text_read }, { "ReadLine", text_read }, { "AtEndOfStream", text_end },
    { "AtEndOfLine", com_quiet }, { "Skip", text_read }, { "SkipLine", text_read },
    { "WriteBlankLines", com_quiet } };
static COM_CLASS(class_text, "TextStream", text_members, NULL);

enum { FOR_READING = 1, FOR_APPENDING = 8 };

static struct com_value make_text(struct com_call *call, struct com_value name, int64_t mode)
{
    struct com *com = call->com;
    struct com_value made = com_make(com, &class_text);
    const struct script_text *known = com_file_read(com, com_flat(com, name));

    if (made.kind != COM_OBJECT)
        return made;
    com_set(com, made.object, "__name", name);
    com_set(com, made.object, "__writes", com_value_bool(mode != FOR_READING));
    if (mode == FOR_APPENDING && known != NULL)
        com_set(com, made.object, "__content", com_value_text(known));
    if (mode != FOR_READING && com->open_count < COM_OPEN_MAX)
        com->open[com->open_count++] = made.object;
    if (mode == FOR_READING) {
        com_tell_field(call, SCRIPT_ACT_FILE_READ, "FileSystemObject.OpenTextFile",
                "TargetFilename", name);
    }
    return made;
}

/* ---- Files and folders ---- */

static struct com_value item_delete(struct com_call *call)
{
    com_tell_field(call, SCRIPT_ACT_FILE_DELETE, "File.Delete", "TargetFilename",
            com_get(call->com, call->object, "path"));
    return nothing();
}

/* What is known to be unknown, and where it is from, goes along with a copy. */
static void copy(struct com_call *call, struct hn_text from, size_t to, const char *via)
{
    const struct script_text *content = com_file_content(call->com, from);

    com_tell_file(call->com, com_arg_text(call, to),
            content != NULL && content->unknown ? content : NULL, call->offset, via);
}

static struct com_value item_copy(struct com_call *call)
{
    copy(call, com_flat(call->com, com_get(call->com, call->object, "path")), 0, "File.Copy");
    return nothing();
}

static struct com_value item_open(struct com_call *call)
{
    return make_text(
            call, com_get(call->com, call->object, "path"), com_arg_int(call, 0, FOR_READING));
}

static struct com_value item_path(struct com_call *call)
{
    return com_get(call->com, call->object, "path");
}

static const struct com_member item_members[] = { { "Delete", item_delete }, { "Copy", item_copy },
    { "Move", item_copy }, { "OpenAsTextStream", item_open }, { "Path", item_path },
    { "", item_path }, { "ShortPath", item_path }, { "Files", com_quiet },
    { "SubFolders", com_quiet }, { "Size", com_quiet }, { "Name", com_quiet },
    { "Attributes", com_quiet }, { "DateCreated", com_quiet }, { "DateLastModified", com_quiet },
    { "SerialNumber", com_quiet }, { "FreeSpace", com_quiet }, { "TotalSize", com_quiet },
    { "DriveType", com_quiet }, { "IsReady", com_quiet }, { "ParentFolder", com_quiet } };
static COM_CLASS(class_item, "File", item_members, NULL);

static struct com_value make_item(struct com_call *call, struct com_value path)
{
    struct com_value made = com_make(call->com, &class_item);

    if (made.kind == COM_OBJECT)
        com_set(call->com, made.object, "path", path);
    return made;
}

static struct com_value files_get(struct com_call *call)
{
    return make_item(call, com_arg_plain(call, 0));
}

static struct com_value files_special(struct com_call *call)
{
    static const char *const paths[] = { "C:\\Windows", "C:\\Windows\\System32", "%TEMP%" };
    int64_t number = com_arg_int(call, 0, -1);

    return make_item(call, number >= 0 && number <= 2 ? com_value_lit(call->com, paths[number])
                                                      : com_value_unknown(call->com, "folder"));
}

/* ---- FileSystemObject ---- */

static struct com_value files_create(struct com_call *call)
{
    return make_text(call, com_arg_plain(call, 0), FOR_READING + 1);
}

static struct com_value files_open(struct com_call *call)
{
    return make_text(call, com_arg_plain(call, 0), com_arg_int(call, 1, FOR_READING));
}

static struct com_value files_delete(struct com_call *call)
{
    com_tell_field(call, SCRIPT_ACT_FILE_DELETE, "FileSystemObject.DeleteFile", "TargetFilename",
            com_arg_plain(call, 0));
    return nothing();
}

static struct com_value files_copy(struct com_call *call)
{
    com_tell_field(call, SCRIPT_ACT_FILE_READ, "FileSystemObject.CopyFile", "TargetFilename",
            com_arg_plain(call, 0));
    copy(call, com_arg_flat(call, 0), 1, "FileSystemObject.CopyFile");
    return nothing();
}

/* Whether something is there nobody can know but of what the script has written. */
static struct com_value files_exists(struct com_call *call)
{
    if (com_file_read(call->com, com_arg_flat(call, 0)) != NULL)
        return com_value_bool(true);
    return com_value_unknown(call->com, "exists");
}

static struct com_value files_build_path(struct com_call *call)
{
    const struct script_text *folder = com_arg_text(call, 0);
    struct hn_text flat = com_arg_flat(call, 0);
    bool slash = flat.len > 0 && flat.ptr[flat.len - 1] == '\\';

    return com_value_text(com_join3(call->com, folder, slash ? "" : "\\", com_arg_text(call, 1)));
}

static size_t last_of(struct hn_text text, char c)
{
    size_t i = text.len;

    while (i > 0 && text.ptr[i - 1] != c)
        i--;
    return i; /* behind it; 0: none */
}

static struct com_value files_name(struct com_call *call)
{
    struct com_value path = com_arg_plain(call, 0);
    struct hn_text flat = com_flat(call->com, path);
    size_t slash = last_of(flat, '\\');
    struct hn_text name = hn_text_sub(flat, slash, SIZE_MAX);
    size_t dot = last_of(name, '.');

    if (com_is_unknown(path))
        return path;
    if (com_member_is(call, "getparentfoldername"))
        name = hn_text_sub(flat, 0, slash > 0 ? slash - 1 : 0);
    else if (com_member_is(call, "getextensionname"))
        name = dot > 0 ? hn_text_sub(name, dot, SIZE_MAX) : HN_TEXT("");
    else if (com_member_is(call, "getbasename") && dot > 0)
        name = hn_text_sub(name, 0, dot - 1);
    return com_value_of(call->com, name);
}

static struct com_value files_temp_name(struct com_call *call)
{
    return com_join(
            call->com, com_value_unknown(call->com, "random"), com_value_lit(call->com, ".tmp"));
}

static const struct com_member files_members[] = { { "CreateTextFile", files_create },
    { "OpenTextFile", files_open }, { "GetSpecialFolder", files_special },
    { "DeleteFile", files_delete }, { "DeleteFolder", files_delete }, { "CopyFile", files_copy },
    { "MoveFile", files_copy }, { "FileExists", files_exists }, { "FolderExists", files_exists },
    { "DriveExists", files_exists }, { "BuildPath", files_build_path },
    { "GetFileName", files_name }, { "GetParentFolderName", files_name },
    { "GetExtensionName", files_name }, { "GetBaseName", files_name },
    { "GetTempName", files_temp_name }, { "GetFile", files_get }, { "GetFolder", files_get },
    { "GetDrive", files_get }, { "CreateFolder", files_get }, { "GetAbsolutePathName", files_get },
    { "Drives", com_quiet } };
static COM_CLASS(class_files, "FileSystemObject", files_members, NULL);

struct com_object *com_make_files(struct com *com)
{
    return com_object_new(com, &class_files);
}
