/* com_stream.c - ADODB.Stream, System.IO.MemoryStream, and the fields of ADODB.Recordset, which
 * scripts turn bytes into texts with. The content is a text; bytes are texts of one unit each. */
#include "com/com_internal.h"

static struct com_value nothing(void)
{
    return (struct com_value){ .kind = COM_EMPTY };
}

static struct com_value content_of(struct com_call *call)
{
    return com_get(call->com, call->object, "__content");
}

static bool is_binary(struct com_call *call)
{
    return com_get(call->com, call->object, "__binary").truth;
}

static struct com_value stream_write(struct com_call *call)
{
    bool binary = com_member_is(call, "write");
    struct com_value more = com_arg_plain(call, 0);

    if (!binary && com_arg_int(call, 1, 0) == 1)
        more = com_join(call->com, more, com_value_lit(call->com, "\r\n"));
    com_set(call->com, call->object, "__content", com_join(call->com, content_of(call), more));
    com_set(call->com, call->object, "__binary", com_value_bool(binary));
    return nothing();
}

static struct com_value stream_save(struct com_call *call)
{
    struct com_value content = content_of(call);

    com_tell_file(call->com, com_arg_text(call, 0), com_text(call->com, &content), call->offset,
            "ADODB.Stream.SaveToFile");
    return nothing();
}

static struct com_value stream_load(struct com_call *call)
{
    struct hn_text name = com_arg_flat(call, 0);
    const struct script_text *known = com_file_read(call->com, name);

    com_tell_field(call, SCRIPT_ACT_FILE_READ, "ADODB.Stream.LoadFromFile", "TargetFilename",
            com_arg(call, 0));
    com_set(call->com, call->object, "__content",
            known != NULL ? com_value_text(known)
                          : com_value_unknown(call->com, "content of %.*s",
                                    HN_TEXT_ARG(hn_text_sub(name, 0, 200))));
    return nothing();
}

/* Open() of an address fetches it. */
static struct com_value stream_open(struct com_call *call)
{
    struct hn_text flat = com_arg_flat(call, 0);
    const struct script_text *url = com_arg_text(call, 0);

    if (hn_text_find(flat, HN_TEXT("://"), 0) == SIZE_MAX)
        return nothing();
    if (hn_text_starts_nocase(flat, HN_TEXT("url=")))
        url = script_text_sub(call->run, url, 4, SIZE_MAX);
    com_tell_http(call->com, url, call->offset, "ADODB.Stream.Open");
    com_set(call->com, call->object, "__content",
            com_value_unknown(call->com, "reply of %.*s",
                    HN_TEXT_ARG(hn_text_sub(com_flat(call->com, com_value_text(url)), 0, 400))));
    return nothing();
}

/* Bytes read as a text in the stream's charset. */
static struct com_value decode(
        struct com_call *call, struct com_value content, struct hn_text charset)
{
    const struct script_text *text = com_text(call->com, &content);
    struct hn_bytes bytes;
    uint16_t *units;

    if (com_is_unknown(content) || text == NULL || !script_text_bytes(call->run, text, &bytes))
        return content;
    if (hn_text_starts_nocase(charset, HN_TEXT("utf-8"))) {
        return com_value_text(script_text_new(call->run, hn_bytes_as_text(bytes),
                script_origin_new(
                        call->run, "utf-8", call->offset, HN_TEXT(""), text->origin, NULL)));
    }
    if (!hn_text_starts_nocase(charset, HN_TEXT("unicode")) &&
            !hn_text_starts_nocase(charset, HN_TEXT("utf-16")))
        return content;
    units = hn_arena_raw(&call->run->arena, bytes.len + 2, _Alignof(uint16_t));
    if (units == NULL)
        return content;
    for (size_t i = 0; i + 1 < bytes.len; i += 2)
        units[i / 2] = (uint16_t)(bytes.ptr[i] | bytes.ptr[i + 1] << 8);
    return com_value_text(script_text_from_units(call->run, units, bytes.len / 2,
            script_origin_new(call->run, "utf-16", call->offset, HN_TEXT(""), text->origin, NULL)));
}

/* What is behind Position, which scripts set to skip a mark or a head; at the end of what was
 * written everything is given, as reading nothing is never meant. */
static struct com_value behind_position(struct com_call *call, struct com_value content)
{
    struct com_value position = com_get(call->com, call->object, "position");
    const struct script_text *text = com_text(call->com, &content);
    double number;

    if (!is_binary(call) || com_is_unknown(content) || com_is_unknown(position) || text == NULL ||
            !com_number(call->com, position, &number) || !(number >= 1) ||
            !(number < (double)text->units))
        return content;
    return com_value_text(script_text_sub(call->run, text, (size_t)number, SIZE_MAX));
}

static struct com_value stream_read_text(struct com_call *call)
{
    struct com_value content = content_of(call);

    if (content.kind == COM_EMPTY)
        return com_value_lit(call->com, "");
    content = behind_position(call, content);
    if (is_binary(call))
        content = decode(
                call, content, com_flat(call->com, com_get(call->com, call->object, "charset")));
    return content;
}

static struct com_value stream_read(struct com_call *call)
{
    struct com_value content = content_of(call);
    const struct script_text *text = com_text(call->com, &content);
    struct hn_bytes bytes;

    if (content.kind == COM_EMPTY || com_is_unknown(content) || text == NULL)
        return com_unknown_of(call->com, content);
    if (is_binary(call))
        text = behind_position(call, content).text;
    /* A text that was written as bytes may have letters that are none. */
    if (is_binary(call) && text != NULL && script_text_bytes(call->run, text, &bytes))
        return com_value_bytes(text);
    return com_value_bytes(script_text_from_bytes(call->run,
            hn_text_as_bytes(com_flat(call->com, com_value_text(text))),
            text != NULL ? text->origin : NULL));
}

static struct com_value stream_size(struct com_call *call)
{
    struct com_value content = content_of(call);
    const struct script_text *text = com_text(call->com, &content);

    if (com_is_unknown(content) || text == NULL)
        return com_value_unknown(call->com, "size");
    return com_value_number((double)text->units);
}

static struct com_value stream_copy(struct com_call *call)
{
    struct com_object *other = com_arg_object(call, 0);

    if (other != NULL) {
        com_set(call->com, other, "__content", content_of(call));
        com_set(call->com, other, "__binary", com_value_bool(is_binary(call)));
    }
    return nothing();
}

static struct com_value stream_set_end(struct com_call *call)
{
    struct com_value position = com_get(call->com, call->object, "position");
    double number;

    if (!com_is_unknown(position) && com_number(call->com, position, &number) && number == 0)
        com_set(call->com, call->object, "__content", com_value_lit(call->com, ""));
    return nothing();
}

static const struct com_member stream_members[] = { { "Write", stream_write },
    { "WriteText", stream_write }, { "SaveToFile", stream_save }, { "LoadFromFile", stream_load },
    { "ReadText", stream_read_text }, { "Read", stream_read }, { "ToArray", stream_read },
    { "Size", stream_size }, { "Length", stream_size }, { "CopyTo", stream_copy },
    { "SetEOS", stream_set_end }, { "Open", stream_open }, { "Close", com_quiet },
    { "Flush", com_quiet }, { "Type", com_bag }, { "Mode", com_bag }, { "CharSet", com_bag },
    { "Position", com_bag }, { "LineSeparator", com_bag }, { "EOS", com_quiet } };
static COM_CLASS(class_stream, "ADODB.Stream", stream_members, NULL);

struct com_object *com_make_stream(struct com *com)
{
    return com_object_new(com, &class_stream);
}

/* ---- BinaryFormatter: what it reads back may be code, and that is why scripts use it ---- */

static struct com_value formatter_read(struct com_call *call)
{
    struct com_object *stream = com_arg_object(call, 0);
    struct com_value content;
    struct script_act act =
            script_act(call->run, SCRIPT_ACT_API_CALL, call->offset, "BinaryFormatter.Deserialize");
    const struct script_text *bytes = NULL;

    if (stream != NULL) {
        struct com_call of = *call;

        of.object = stream;
        content = content_of(&of);
        bytes = com_text(call->com, &content);
    }
    script_act_add(&act, "Library", com_literal(call->com, "mscoree.dll"));
    script_act_add(&act, "Function", com_literal(call->com, "BinaryFormatter.Deserialize"));
    com_tell(call->com, &act);
    if (bytes != NULL && !bytes->unknown)
        com_tell_layer(call, SCRIPT_PROGRAM, bytes, "BinaryFormatter");
    return com_value_object(com_object_new(call->com, &com_class_unmodelled));
}

static const struct com_member formatter_members[] = { { "Deserialize", formatter_read },
    { "Deserialize_2", formatter_read }, { "SurrogateSelector", com_bag } };
static COM_CLASS(class_formatter, "BinaryFormatter", formatter_members, NULL);

struct com_object *com_make_formatter(struct com *com)
{
    return com_object_new(com, &class_formatter);
}

/* ---- ADODB.Recordset: rs.Fields.Append "b", 205; rs("b").AppendChunk x; rs("b").GetChunk(n) ----
 */

static struct com_value field_append(struct com_call *call)
{
    com_set(call->com, call->object, "__content",
            com_join(call->com, content_of(call), com_arg_plain(call, 0)));
    return nothing();
}

static struct com_value field_value(struct com_call *call)
{
    if (call->put != NULL) {
        com_set(call->com, call->object, "__content", *call->put);
        return *call->put;
    }
    return content_of(call);
}

static const struct com_member field_members[] = { { "", field_value }, { "Value", field_value },
    { "AppendChunk", field_append }, { "GetChunk", field_value } };
static COM_CLASS(class_field, "Field", field_members, NULL);

static struct com_value record_field(struct com_call *call)
{
    struct com_value *slot;

    if (call->count == 0)
        return com_value_object(call->object);
    slot = com_prop(call->com, call->object, com_arg_flat(call, 0), true);
    if (slot == NULL)
        return com_value_unknown(call->com, "field");
    if (slot->kind != COM_OBJECT)
        com_store(call->com, slot, com_make(call->com, &class_field));
    if (call->put != NULL && slot->kind == COM_OBJECT)
        com_set(call->com, slot->object, "__content", *call->put);
    return *slot;
}

static const struct com_member record_members[] = { { "", record_field },
    { "Fields", record_field }, { "Item", record_field }, { "Append", record_field },
    { "Open", com_quiet }, { "AddNew", com_quiet }, { "Update", com_quiet }, { "Close", com_quiet },
    { "MoveFirst", com_quiet } };
static COM_CLASS(class_record, "ADODB.Recordset", record_members, NULL);

struct com_object *com_make_recordset(struct com *com)
{
    return com_object_new(com, &class_record);
}
