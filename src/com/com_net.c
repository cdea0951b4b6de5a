/* com_net.c - requests and the streams their answers are saved with, and base64 by way of XML. */
#include "com/com_internal.h"

#include "base/enc.h"

/* ---- MSXML2.XMLHTTP and its kin: slots are method, URL, agent, referer ---- */

enum { HTTP_METHOD, HTTP_URL, HTTP_AGENT, HTTP_REFERER };

static void http_open(struct com_call *call)
{
    call->object->slots[HTTP_METHOD] = com_arg(call, 0);
    call->object->slots[HTTP_URL] = com_arg(call, 1);
}

static void http_header(struct com_call *call)
{
    struct hn_text name = com_arg_flat(call, 0);

    if (hn_text_eq_nocase(name, HN_TEXT("user-agent"))) {
        call->object->slots[HTTP_AGENT] = com_arg(call, 1);
    } else if (hn_text_eq_nocase(name, HN_TEXT("referer"))) {
        call->object->slots[HTTP_REFERER] = com_arg(call, 1);
    }
}

static void http_send(struct com_call *call)
{
    struct script_act act = script_act(call->run, SCRIPT_ACT_HTTP, call->offset, "XMLHTTP.Send");

    script_act_add(&act, "Url", call->object->slots[HTTP_URL]);
    script_act_add(&act, "Method", call->object->slots[HTTP_METHOD]);
    script_act_add(&act, "UserAgent", call->object->slots[HTTP_AGENT]);
    script_act_add(&act, "Referer", call->object->slots[HTTP_REFERER]);
    if (call->count > 0 && com_arg_flat(call, 0).len > 0)
        script_act_add(&act, "Body", com_arg(call, 0));
    script_tell(call->run, &act);
}

/* The request was answered: scripts go on only then. What came is not known. */
static void http_status(struct com_call *call)
{
    *call->ret = com_value_number(200);
}

static void http_ready(struct com_call *call)
{
    *call->ret = com_value_number(4);
}

static void http_reply(struct com_call *call)
{
    struct hn_buf name = { 0 };
    const struct script_text *url = call->object->slots[HTTP_URL];

    hn_buf_add_lit(&name, "reply of ");
    if (url != NULL)
        hn_buf_add_text(&name, script_text_flat(call->run, url));
    hn_buf_add_char(&name, '\0');
    if (hn_buf_ok(&name)) {
        *call->ret = (struct com_value){ .kind = COM_UNKNOWN,
            .text = script_text_unknown(call->run, name.ptr, url != NULL ? url->origin : NULL) };
    }
    hn_buf_deinit(&name);
}

static void nothing(struct com_call *call)
{
    (void)call;
}

static const struct com_member http_members[] = {
    { "Open", http_open },
    { "SetRequestHeader", http_header },
    { "Send", http_send },
    { "Status", http_status },
    { "ReadyState", http_ready },
    { "ResponseText", http_reply },
    { "ResponseBody", http_reply },
    { "ResponseStream", http_reply },
    { "SetOption", nothing },
    { "Option", nothing },
    { "SetProxy", nothing },
    { "SetTimeouts", nothing },
    { "WaitForResponse", nothing },
    { NULL, NULL },
};
const struct com_kind_of com_http_kind = { "MSXML2.XMLHTTP", http_members };

/* ---- ADODB.Stream: slot 0 is what was written ---- */

static void stream_write(struct com_call *call)
{
    const struct script_text *old = call->object->slots[0];

    call->object->slots[0] =
            old != NULL ? script_text_join(call->run, old, com_arg(call, 0)) : com_arg(call, 0);
}

static void stream_read(struct com_call *call)
{
    com_return_text(call, call->object->slots[0]);
}

static void stream_save(struct com_call *call)
{
    com_tell_file(call, "ADODB.Stream.SaveToFile",
            com_expand(call->run, com_arg(call, 0), call->offset), call->object->slots[0]);
}

static void stream_load(struct com_call *call)
{
    com_tell(call, SCRIPT_ACT_FILE_READ, "ADODB.Stream.LoadFromFile", "TargetFilename",
            com_arg(call, 0));
    call->object->slots[0] = script_text_unknown(call->run, "content of a file", NULL);
}

static void stream_size(struct com_call *call)
{
    const struct script_text *text = call->object->slots[0];

    *call->ret = text != NULL && text->unknown
                         ? com_value_unknown(call->run, "size")
                         : com_value_number(text != NULL ? (double)text->units : 0);
}

static const struct com_member stream_members[] = {
    { "Open", nothing },
    { "Close", nothing },
    { "Flush", nothing },
    { "Write", stream_write },
    { "WriteText", stream_write },
    { "Read", stream_read },
    { "ReadText", stream_read },
    { "SaveToFile", stream_save },
    { "LoadFromFile", stream_load },
    { "Size", stream_size },
    { "CopyTo", nothing },
    { NULL, NULL },
};
const struct com_kind_of com_stream_kind = { "ADODB.Stream", stream_members };

/* ---- Microsoft.XMLDOM: an element whose dataType is bin.base64 or bin.hex; slots 0 data type,
 * 1 text, 2 bytes ---- */

static void dom_element(struct com_call *call)
{
    com_return_object(call, com_object_new(call->run, &com_dom_kind));
}

static void dom_same(struct com_call *call)
{
    com_return_object(call, call->object);
}

static void dom_type(struct com_call *call)
{
    if (com_put(call) != NULL)
        call->object->slots[0] = com_put(call);
    com_return_text(call, call->object->slots[0]);
}

static const struct script_text *encoded(struct com_call *call, const struct script_text *plain)
{
    struct hn_text type = call->object->slots[0] != NULL
                                  ? script_text_flat(call->run, call->object->slots[0])
                                  : (struct hn_text){ "", 0 };
    struct hn_bytes bytes;
    struct hn_buf out = { 0 };
    const struct script_text *made;

    if (plain == NULL || plain->unknown || !script_text_bytes(call->run, plain, &bytes))
        return plain;
    if (hn_text_eq_nocase(type, HN_TEXT("bin.base64"))) {
        hn_base64_encode(&out, bytes);
    } else {
        hn_buf_add_hex(&out, bytes.ptr, bytes.len);
    }
    made = script_text_new(call->run, hn_buf_text(&out),
            script_origin_new(call->run, "encode", call->offset, type, plain->origin, NULL));
    hn_buf_deinit(&out);
    return made;
}

static const struct script_text *decoded(struct com_call *call, const struct script_text *text)
{
    struct hn_text type = call->object->slots[0] != NULL
                                  ? script_text_flat(call->run, call->object->slots[0])
                                  : (struct hn_text){ "", 0 };
    struct hn_text flat = script_text_flat(call->run, text);
    bool hex = hn_text_eq_nocase(type, HN_TEXT("bin.hex"));
    struct hn_buf out = { 0 };
    const struct script_text *made = text;

    if (text != NULL && !text->unknown &&
            (hex ? hn_hex_decode(&out, flat) : hn_base64_decode(&out, flat))) {
        made = script_text_from_bytes(call->run, hn_bytes_of(out.ptr, out.len),
                script_origin_new(call->run, hex ? "hex" : "base64", call->offset, HN_TEXT(""),
                        text->origin, NULL));
    }
    hn_buf_deinit(&out);
    return made;
}

static void dom_text(struct com_call *call)
{
    const struct script_text *put = com_put(call);

    if (put != NULL) {
        call->object->slots[1] = put;
        call->object->slots[2] = NULL;
    } else if (call->object->slots[1] == NULL && call->object->slots[2] != NULL) {
        call->object->slots[1] = encoded(call, call->object->slots[2]);
    }
    com_return_text(call, call->object->slots[1]);
}

static void dom_value(struct com_call *call)
{
    const struct script_text *put = com_put(call);

    if (put != NULL) {
        call->object->slots[2] = put;
        call->object->slots[1] = NULL;
        return;
    }
    if (call->object->slots[2] == NULL && call->object->slots[1] != NULL)
        call->object->slots[2] = decoded(call, call->object->slots[1]);
    com_return_text(call, call->object->slots[2]);
    if (call->ret->kind == COM_TEXT)
        call->ret->kind = COM_BYTES;
}

static void dom_load(struct com_call *call)
{
    if (hn_text_starts_nocase(com_arg_flat(call, 0), HN_TEXT("http")))
        com_tell(call, SCRIPT_ACT_HTTP, "XMLDOM.Load", "Url", com_arg(call, 0));
    *call->ret = com_value_bool(true);
}

static const struct com_member dom_members[] = {
    { "CreateElement", dom_element },
    { "DocumentElement", dom_same },
    { "AppendChild", dom_same },
    { "DataType", dom_type },
    { "Text", dom_text },
    { "NodeTypedValue", dom_value },
    { "Load", dom_load },
    { "LoadXML", nothing },
    { "Async", nothing },
    { NULL, NULL },
};
const struct com_kind_of com_dom_kind = { "Microsoft.XMLDOM", dom_members };
