/* vbscript_com_stream.c - where bytes and texts go: ADODB.Stream, Scripting.FileSystemObject and
 * its text streams, System.IO.MemoryStream. */
#include "vbscript/vbscript_internal.h"

#define MEMBER(fn)             \
    static struct vb_value fn( \
            struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)

static struct vb_value nothing(void)
{
    return (struct vb_value){ .kind = VB_EMPTY };
}

/* ---- ADODB.Stream: its content is a text; bytes are texts of one unit each ---- */

MEMBER(stream_write)
{
    struct vb_value content = vb_prop_get(ev, object, "__content");
    struct vb_value more = vb_plain(ev, vb_arg(call, 0));

    if (hn_text_eq(call->name->name, HN_TEXT("write")))
        more = vb_text(vb_bytes_text(ev, more));
    if (hn_text_eq(call->name->name, HN_TEXT("writetext")) && vb_arg_int(ev, call, 1, 0) == 1)
        more = vb_binary(ev, '&', more, vb_lit(ev, "\r\n"));
    vb_prop_set(ev, object, "__content", vb_binary(ev, '&', content, more));
    vb_prop_set(ev, object, "__binary", vb_bool(hn_text_eq(call->name->name, HN_TEXT("write"))));
    return nothing();
}

MEMBER(stream_save)
{
    vb_tell_write(ev, call->offset, "ADODB.Stream.SaveToFile",
            vb_to_text(ev, vb_plain(ev, vb_arg(call, 0))),
            vb_to_text(ev, vb_prop_get(ev, object, "__content")));
    return nothing();
}

MEMBER(stream_load)
{
    struct vb_value name = vb_plain(ev, vb_arg(call, 0));

    vb_tell_field(ev, SCRIPT_ACT_FILE_READ, call->offset, "ADODB.Stream.LoadFromFile",
            "TargetFilename", name);
    vb_prop_set(ev, object, "__content",
            vb_unknown(ev, "content of %.*s", HN_TEXT_ARG(hn_text_sub(vb_flat(ev, name), 0, 200))));
    return nothing();
}

/* Bytes read as a text in the stream's charset. */
static struct vb_value decode(struct vb_eval *ev, struct vb_value content, struct hn_text charset)
{
    struct hn_bytes bytes;
    uint16_t *units;

    if (vb_is_unknown(content) || !script_text_bytes(ev->run, vb_to_text(ev, content), &bytes))
        return content;
    if (hn_text_starts_nocase(charset, HN_TEXT("utf-8")))
        return vb_text(script_text_new(
                ev->run, hn_bytes_as_text(bytes), vb_origin(ev, "utf-8", vb_to_text(ev, content))));
    if (!hn_text_starts_nocase(charset, HN_TEXT("unicode")) &&
            !hn_text_starts_nocase(charset, HN_TEXT("utf-16")))
        return content;
    units = hn_arena_raw(&ev->run->arena, bytes.len + 2, _Alignof(uint16_t));
    if (units == NULL)
        return content;
    for (size_t i = 0; i + 1 < bytes.len; i += 2)
        units[i / 2] = (uint16_t)(bytes.ptr[i] | bytes.ptr[i + 1] << 8);
    return vb_from_units(ev, units, bytes.len / 2, "utf-16", vb_to_text(ev, content));
}

MEMBER(stream_read_text)
{
    struct vb_value content = vb_prop_get(ev, object, "__content");
    struct vb_value binary = vb_prop_get(ev, object, "__binary");

    (void)call;
    if (content.kind == VB_EMPTY)
        return vb_lit(ev, "");
    if (binary.kind == VB_BOOL && binary.as.truth)
        content = decode(ev, content, vb_flat(ev, vb_prop_get(ev, object, "charset")));
    return content;
}

MEMBER(stream_read)
{
    struct vb_value content = vb_prop_get(ev, object, "__content");
    struct vb_value binary = vb_prop_get(ev, object, "__binary");
    struct hn_bytes bytes;
    struct hn_text flat;

    (void)call;
    if (content.kind != VB_TEXT || vb_is_unknown(content))
        return vb_unknown_of(ev, content);
    if (binary.kind == VB_BOOL && binary.as.truth &&
            script_text_bytes(ev->run, content.as.text, &bytes))
        return vb_byte_array(ev, bytes);
    flat = vb_flat(ev, content);
    return vb_byte_array(ev, hn_text_as_bytes(flat));
}

MEMBER(stream_size)
{
    struct vb_value content = vb_prop_get(ev, object, "__content");

    (void)call;
    if (vb_is_unknown(content))
        return vb_unknown(ev, "size");
    return vb_int((int64_t)vb_to_text(ev, content)->units, 4);
}

MEMBER(stream_copy)
{
    struct vb_value other = vb_arg(call, 0);

    if (other.kind == VB_OBJECT && other.as.object != NULL) {
        vb_prop_set(ev, other.as.object, "__content", vb_prop_get(ev, object, "__content"));
        vb_prop_set(ev, other.as.object, "__binary", vb_prop_get(ev, object, "__binary"));
    }
    return nothing();
}

MEMBER(stream_seteos)
{
    struct vb_value position = vb_prop_get(ev, object, "position");
    int64_t number = 0;

    (void)call;
    if (!vb_is_unknown(position) && vb_to_int(ev, position, &number) && number == 0)
        vb_prop_set(ev, object, "__content", vb_lit(ev, ""));
    return nothing();
}

static const struct vb_member stream_members[] = { { "write", stream_write },
    { "writetext", stream_write }, { "savetofile", stream_save }, { "loadfromfile", stream_load },
    { "readtext", stream_read_text }, { "read", stream_read }, { "size", stream_size },
    { "copyto", stream_copy }, { "seteos", stream_seteos }, { "open", vb_quiet },
    { "close", vb_quiet }, { "flush", vb_quiet }, { "type", vb_bag }, { "mode", vb_bag },
    { "charset", vb_bag }, { "position", vb_bag }, { "lineseparator", vb_bag },
    { "eos", vb_quiet } };
static const struct vb_class class_stream = { "ADODB.Stream", stream_members,
    HN_COUNT_OF(stream_members), NULL };

struct vb_value vb_make_stream(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_stream);
}

/* ---- TextStream ---- */

MEMBER(text_write)
{
    struct vb_value content = vb_prop_get(ev, object, "__content");
    struct vb_value more = vb_plain(ev, vb_arg(call, 0));

    if (more.kind == VB_MISSING)
        more = vb_lit(ev, "");
    content = vb_binary(ev, '&', content, more);
    if (hn_text_eq(call->name->name, HN_TEXT("writeline")))
        content = vb_binary(ev, '&', content, vb_lit(ev, "\r\n"));
    vb_prop_set(ev, object, "__content", content);
    return nothing();
}

MEMBER(text_close)
{
    struct vb_value writes = vb_prop_get(ev, object, "__writes");
    struct vb_value content = vb_prop_get(ev, object, "__content");

    if (writes.kind != VB_BOOL || !writes.as.truth)
        return nothing();
    vb_prop_set(ev, object, "__writes", vb_bool(false));
    vb_tell_write(ev, call->offset, "TextStream.Write",
            vb_to_text(ev, vb_prop_get(ev, object, "__name")),
            content.kind != VB_EMPTY ? vb_to_text(ev, content) : NULL);
    return nothing();
}

MEMBER(text_read)
{
    struct hn_text name = vb_flat(ev, vb_prop_get(ev, object, "__name"));

    (void)call;
    return vb_unknown(ev, "content of %.*s", HN_TEXT_ARG(hn_text_sub(name, 0, 200)));
}

static const struct vb_member text_members[] = { { "write", text_write },
    { "writeline", text_write }, { "close", text_close }, { "read", text_read },
    { "readall", text_read }, { "readline", text_read }, { "atendofstream", vb_quiet },
    { "atendofline", vb_quiet }, { "skip", vb_quiet }, { "skipline", vb_quiet },
    { "writeblanklines", vb_quiet } };
static const struct vb_class class_text = { "TextStream", text_members, HN_COUNT_OF(text_members),
    NULL };

void vb_close_streams(struct vb_eval *ev)
{
    struct vb_call call = { 0 };

    for (uint32_t i = 0; i < ev->stream_count; i++)
        (void)text_close(ev, ev->streams[i], &call);
    ev->stream_count = 0;
}

/* Told as written when it is closed; one never closed, when its procedures have ended. */
static struct vb_value make_text(
        struct vb_eval *ev, struct vb_value name, bool writes, const struct vb_call *call)
{
    struct vb_value made = vb_object_make(ev, &class_text);

    if (made.kind != VB_OBJECT)
        return made;
    vb_prop_set(ev, made.as.object, "__name", name);
    vb_prop_set(ev, made.as.object, "__writes", vb_bool(writes));
    if (writes && ev->stream_count < VB_FILES_MAX)
        ev->streams[ev->stream_count++] = made.as.object;
    if (!writes)
        vb_tell_field(ev, SCRIPT_ACT_FILE_READ, call->offset, "FileSystemObject.OpenTextFile",
                "TargetFilename", name);
    return made;
}

/* ---- FileSystemObject ---- */

MEMBER(files_create)
{
    (void)object;
    return make_text(ev, vb_plain(ev, vb_arg(call, 0)), true, call);
}

MEMBER(files_open)
{
    (void)object;
    return make_text(ev, vb_plain(ev, vb_arg(call, 0)), vb_arg_int(ev, call, 1, 1) != 1, call);
}

MEMBER(files_special)
{
    int64_t number = vb_arg_int(ev, call, 0, -1);

    (void)object;
    if (number == 0)
        return vb_lit(ev, "C:\\Windows");
    if (number == 1)
        return vb_lit(ev, "C:\\Windows\\System32");
    return number == 2 ? vb_lit(ev, "%TEMP%") : vb_unknown(ev, "folder");
}

MEMBER(files_delete)
{
    (void)object;
    vb_tell_field(ev, SCRIPT_ACT_FILE_DELETE, call->offset, "FileSystemObject.DeleteFile",
            "TargetFilename", vb_plain(ev, vb_arg(call, 0)));
    return nothing();
}

MEMBER(files_copy)
{
    (void)object;
    vb_tell_field(ev, SCRIPT_ACT_FILE_READ, call->offset, "FileSystemObject.CopyFile",
            "TargetFilename", vb_plain(ev, vb_arg(call, 0)));
    vb_tell_write(ev, call->offset, "FileSystemObject.CopyFile",
            vb_to_text(ev, vb_plain(ev, vb_arg(call, 1))), NULL);
    return nothing();
}

MEMBER(files_exists)
{
    (void)object;
    (void)call;
    return vb_unknown(ev, "exists");
}

MEMBER(files_build_path)
{
    struct vb_value folder = vb_plain(ev, vb_arg(call, 0));
    struct hn_text flat = vb_flat(ev, folder);
    bool slash = flat.len > 0 && flat.ptr[flat.len - 1] == '\\';

    (void)object;
    return vb_binary(ev, '&', slash ? folder : vb_binary(ev, '&', folder, vb_lit(ev, "\\")),
            vb_plain(ev, vb_arg(call, 1)));
}

static size_t last_of(struct hn_text text, char c)
{
    size_t i = text.len;

    while (i > 0 && text.ptr[i - 1] != c)
        i--;
    return i; /* behind it; 0: none */
}

MEMBER(files_name)
{
    struct vb_value path = vb_plain(ev, vb_arg(call, 0));
    struct hn_text flat = vb_flat(ev, path);
    size_t slash = last_of(flat, '\\');
    struct hn_text name = hn_text_sub(flat, slash, SIZE_MAX);
    size_t dot = last_of(name, '.');

    (void)object;
    if (vb_is_unknown(path))
        return path;
    if (hn_text_eq(call->name->name, HN_TEXT("getparentfoldername")))
        name = hn_text_sub(flat, 0, slash > 0 ? slash - 1 : 0);
    else if (hn_text_eq(call->name->name, HN_TEXT("getextensionname")))
        name = dot > 0 ? hn_text_sub(name, dot, SIZE_MAX) : HN_TEXT("");
    else if (hn_text_eq(call->name->name, HN_TEXT("getbasename")) && dot > 0)
        name = hn_text_sub(name, 0, dot - 1);
    return vb_text_of(ev, name);
}

MEMBER(files_temp_name)
{
    (void)object;
    (void)call;
    return vb_binary(ev, '&', vb_unknown(ev, "random"), vb_lit(ev, ".tmp"));
}

static const struct vb_class class_file;

MEMBER(files_get)
{
    struct vb_value made = vb_object_make(ev, &class_file);

    (void)object;
    if (made.kind == VB_OBJECT)
        vb_prop_set(ev, made.as.object, "path", vb_plain(ev, vb_arg(call, 0)));
    return made;
}

MEMBER(file_delete)
{
    vb_tell_field(ev, SCRIPT_ACT_FILE_DELETE, call->offset, "File.Delete", "TargetFilename",
            vb_prop_get(ev, object, "path"));
    return nothing();
}

MEMBER(file_copy)
{
    (void)object;
    vb_tell_write(
            ev, call->offset, "File.Copy", vb_to_text(ev, vb_plain(ev, vb_arg(call, 0))), NULL);
    return nothing();
}

MEMBER(file_open)
{
    return make_text(ev, vb_prop_get(ev, object, "path"), vb_arg_int(ev, call, 0, 1) != 1, call);
}

MEMBER(file_path)
{
    (void)call;
    return vb_prop_get(ev, object, "path");
}

static const struct vb_member file_members[] = { { "delete", file_delete }, { "copy", file_copy },
    { "move", file_copy }, { "openastextstream", file_open }, { "path", file_path },
    { "", file_path }, { "shortpath", file_path }, { "files", vb_quiet },
    { "subfolders", vb_quiet }, { "size", vb_quiet }, { "name", vb_quiet },
    { "attributes", vb_quiet }, { "datecreated", vb_quiet }, { "datelastmodified", vb_quiet },
    { "serialnumber", vb_quiet }, { "freespace", vb_quiet }, { "totalsize", vb_quiet },
    { "drivetype", vb_quiet }, { "isready", vb_quiet }, { "parentfolder", vb_quiet } };
static const struct vb_class class_file = { "File", file_members, HN_COUNT_OF(file_members), NULL };

static const struct vb_member files_members[] = { { "createtextfile", files_create },
    { "opentextfile", files_open }, { "getspecialfolder", files_special },
    { "deletefile", files_delete }, { "deletefolder", files_delete }, { "copyfile", files_copy },
    { "movefile", files_copy }, { "fileexists", files_exists }, { "folderexists", files_exists },
    { "driveexists", files_exists }, { "buildpath", files_build_path },
    { "getfilename", files_name }, { "getparentfoldername", files_name },
    { "getextensionname", files_name }, { "getbasename", files_name },
    { "gettempname", files_temp_name }, { "getfile", files_get }, { "getfolder", files_get },
    { "getdrive", files_get }, { "createfolder", files_get }, { "getabsolutepathname", files_get },
    { "drives", vb_quiet } };
static const struct vb_class class_files = { "FileSystemObject", files_members,
    HN_COUNT_OF(files_members), NULL };

struct vb_value vb_make_files(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_files);
}

/* ---- System.IO.MemoryStream, as scripts feed it to other .NET objects ---- */

struct vb_value vb_make_memory(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_stream);
}
