/* powershell_stream.c - encodings, streams, readers, deflate, StringBuilder: objects that carry
 * bytes or text from one place to another. A stream's state is its bytes. */
#include "powershell/powershell_internal.h"

static struct ps_value encoding_name(struct ps *ps, struct ps_value base)
{
    struct ps_value name = base.kind == PS_OBJECT ? ps_prop(base.as.object, "webname") : ps_null();

    (void)ps;
    return name;
}

/* GetString(bytes) and GetString(bytes, start, count) */
static struct ps_value slice(struct ps *ps, struct ps_value *args, size_t count)
{
    size_t start = count > 2 ? ps_size_of(ps, &args[1], 0) : 0;
    size_t len = count > 2 ? ps_size_of(ps, &args[2], SIZE_MAX) : SIZE_MAX;
    struct hn_bytes bytes;

    if (count < 3 || !ps_bytes_of(ps, &args[0], &bytes))
        return count > 0 ? args[0] : ps_null();
    start = start < bytes.len ? start : bytes.len;
    len = len < bytes.len - start ? len : bytes.len - start;
    return ps_bytes_value(ps, hn_text_as_bytes(hn_text_sub(hn_bytes_as_text(bytes), start, len)),
            ps_origin_of(&args[0]));
}

static struct ps_value encoding_get_string(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value name = encoding_name(ps, base);
    struct ps_value bytes = slice(ps, args, count);

    if (count > 0 && args[0].kind == PS_ARRAY && args[0].as.array->filled != NULL)
        return (struct ps_value){ .kind = PS_UNKNOWN, .as.text = args[0].as.array->filled };
    return ps_decode(ps, ps_flat(ps, &name), &bytes);
}

static struct ps_value encoding_get_bytes(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value name = encoding_name(ps, base);

    return count > 0 ? ps_encode(ps, ps_flat(ps, &name), &args[0]) : ps_null();
}

static struct ps_value encoding_get_chars(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return ps_cast(ps, T("char[]"), encoding_get_string(ps, base, args, count));
}

/* ---- Streams ---- */

static struct ps_value read_to_end(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *reader = base.as.object;
    struct ps_value name = ps_prop(reader, "encoding");
    struct ps_value state = reader->state;

    (void)args;
    (void)count;
    if (name.kind == PS_OBJECT)
        name = encoding_name(ps, name);
    if (state.kind == PS_OBJECT)
        state = state.as.object->state;
    if (state.kind != PS_ARRAY)
        return state.kind == PS_NULL ? ps_text(NULL) : state;
    return ps_decode(ps, name.kind == PS_NULL ? T("utf8") : ps_flat(ps, &name), &state);
}

static struct ps_value read_line(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *reader = base.as.object;
    struct ps_value all = read_to_end(ps, base, args, count);
    struct hn_text rest;
    struct hn_text line;

    if (all.kind == PS_UNKNOWN)
        return all;
    if (all.kind != PS_TEXT || ps_is_unknown(&all))
        return ps_unknown(ps, "line");
    rest = hn_text_sub(ps_flat(ps, &all), reader->position, SIZE_MAX);
    if (rest.len == 0 || !hn_text_line(&rest, &line))
        return ps_null();
    reader->position = all.as.text->len - (rest.ptr != NULL ? rest.len : 0);
    return ps_text(script_text_new(ps->run, line, ps_origin_of(&all)));
}

/* Into the caller's array, which grows by what is there: Read(buffer, at, count) */
static struct ps_value stream_read(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *stream = base.as.object;
    struct hn_bytes bytes;
    size_t at = count > 1 ? ps_size_of(ps, &args[1], 0) : 0;
    size_t len = count > 2 ? ps_size_of(ps, &args[2], 0) : 0;
    size_t done = 0;

    if (stream->state.kind == PS_UNKNOWN && count > 0 && args[0].kind == PS_ARRAY)
        args[0].as.array->filled = stream->state.as.text;
    if (stream->state.kind == PS_UNKNOWN || stream->state.kind == PS_NULL || count < 3)
        return ps_unknown(ps, "bytes read");
    if (args[0].kind != PS_ARRAY || !ps_bytes_of(ps, &stream->state, &bytes))
        return ps_int(0);
    for (; done < len && stream->position < bytes.len && at + done < args[0].as.array->count &&
            script_spend(ps->run, (done & 7u) == 0);
            done++)
        ps_array_put(
                ps, args[0].as.array, at + done, ps_wide(bytes.ptr[stream->position++], PS_BYTE));
    if (args[0].as.array->origin == NULL)
        args[0].as.array->origin = ps_origin_of(&stream->state);
    return ps_int((int64_t)done);
}

static struct ps_value stream_read_byte(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *stream = base.as.object;
    struct hn_bytes bytes;

    (void)args;
    (void)count;
    if (!ps_bytes_of(ps, &stream->state, &bytes))
        return ps_unknown(ps, "byte");
    return stream->position < bytes.len ? ps_int(bytes.ptr[stream->position++]) : ps_int(-1);
}

static void append_bytes(struct ps *ps, struct ps_object *stream, struct hn_bytes bytes,
        const struct script_origin *origin)
{
    if (stream->state.kind == PS_NULL ||
            (stream->state.kind == PS_ARRAY && stream->state.as.array->count == 0)) {
        stream->state = ps_bytes_value(ps, bytes, origin);
        return;
    }
    if (stream->state.kind != PS_ARRAY)
        return;
    for (size_t i = 0; i < bytes.len && script_spend(ps->run, (i & 7u) == 0); i++)
        ps_array_add(ps, stream->state.as.array, ps_wide(bytes.ptr[i], PS_BYTE));
}

static struct ps_value stream_write(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value part = slice(ps, args, count);
    struct hn_bytes bytes;

    if (part.kind == PS_TEXT || part.kind == PS_UNKNOWN)
        base.as.object->state = part;
    else if (ps_bytes_of(ps, &part, &bytes))
        append_bytes(ps, base.as.object, bytes, ps_origin_of(&part));
    ps_tell_value(ps, &part, 0);
    return ps_null();
}

static struct ps_value stream_copy_to(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct hn_bytes bytes;

    if (count == 0 || args[0].kind != PS_OBJECT)
        return ps_null();
    if (base.as.object->state.kind == PS_UNKNOWN)
        args[0].as.object->state = base.as.object->state;
    else if (ps_bytes_of(ps, &base, &bytes))
        append_bytes(ps, args[0].as.object, bytes, ps_origin_of(&base));
    return ps_null();
}

static struct ps_value stream_to_array(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)args;
    (void)count;
    return base.as.object->state;
}

static struct ps_value stream_seek(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    base.as.object->position = count > 0 ? ps_size_of(ps, &args[0], 0) : 0;
    return ps_null();
}

static struct ps_value base_stream(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)args;
    (void)count;
    return base;
}

/* ---- StringBuilder ---- */

static struct ps_value builder_append(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_object *builder = base.as.object;
    struct ps_value piece = count > 0 ? args[0] : ps_null();

    if (piece.kind == PS_ARRAY)
        piece = ps_join(ps, piece, ps_null());
    if (count == 2 && piece.kind == PS_CHAR)
        piece = ps_arith(ps, PS_OP_MUL, ps_text(ps_text_from(ps, &piece)), args[1]);
    builder->state = ps_text(
            script_text_join(ps->run, ps_text_from(ps, &builder->state), ps_text_from(ps, &piece)));
    return base;
}

static struct ps_value builder_append_line(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value end = ps_text(script_text_borrow(ps->run, T("\r\n"), NULL));

    (void)builder_append(ps, base, args, count);
    return builder_append(ps, base, &end, 1);
}

static struct ps_value builder_format(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    struct ps_value made = ps_static(ps, T("string"), T("format"), args, count);

    return builder_append(ps, base, &made, 1);
}

/* As the methods of strings, on what is in it. */
static struct ps_value builder_edit(
        struct ps *ps, struct ps_value base, const char *name, struct ps_value *args, size_t count)
{
    struct ps_value text = ps_text(ps_text_from(ps, &base.as.object->state));

    base.as.object->state = ps_method(ps, text, hn_text_cstr(name), args, count);
    return base;
}

static struct ps_value builder_replace(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return builder_edit(ps, base, "replace", args, count);
}

static struct ps_value builder_insert(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return builder_edit(ps, base, "insert", args, count);
}

static struct ps_value builder_remove(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    return builder_edit(ps, base, "remove", args, count);
}

static struct ps_value builder_clear(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)ps;
    (void)args;
    (void)count;
    base.as.object->state = ps_text(NULL);
    return base;
}

static struct ps_value builder_text(
        struct ps *ps, struct ps_value base, struct ps_value *args, size_t count)
{
    (void)args;
    (void)count;
    return ps_text(ps_text_from(ps, &base.as.object->state));
}

#define READERS "io.streamreader|io.stringreader"
#define STREAMS                                                                                   \
    "io.memorystream|io.compression.deflatestream|io.compression.gzipstream|io.stream|"           \
    "io.compression.zlibstream|security.cryptography.cryptostream|io.filestream|io.streamwriter|" \
    "io.binarywriter|"                                                                            \
    "io.binaryreader"

const struct ps_method ps_methods_stream[] = {
    { "text.encoding", "getstring", encoding_get_string },
    { "text.encoding", "getbytes", encoding_get_bytes },
    { "text.encoding", "getchars", encoding_get_chars },
    { READERS, "readtoend", read_to_end },
    { READERS, "readline", read_line },
    { READERS, "get_basestream", base_stream },
    { STREAMS "|" READERS, "close", ps_member_nothing },
    { STREAMS "|" READERS, "dispose", ps_member_nothing },
    { STREAMS, "flush", ps_member_nothing },
    { STREAMS, "flushfinalblock", ps_member_nothing },
    { STREAMS, "setlength", ps_member_nothing },
    { STREAMS, "read", stream_read },
    { STREAMS, "readbyte", stream_read_byte },
    { STREAMS, "write", stream_write },
    { "io.streamwriter", "writeline", stream_write },
    { STREAMS, "copyto", stream_copy_to },
    { STREAMS, "toarray", stream_to_array },
    { STREAMS, "getbuffer", stream_to_array },
    { STREAMS, "readbytes", stream_to_array },
    { STREAMS, "seek", stream_seek },
    { STREAMS, "get_basestream", base_stream },
    { "text.stringbuilder", "append", builder_append },
    { "text.stringbuilder", "appendline", builder_append_line },
    { "text.stringbuilder", "appendformat", builder_format },
    { "text.stringbuilder", "replace", builder_replace },
    { "text.stringbuilder", "insert", builder_insert },
    { "text.stringbuilder", "remove", builder_remove },
    { "text.stringbuilder", "clear", builder_clear },
    { "text.stringbuilder", "tostring", builder_text },
    { NULL, NULL, NULL },
};
