/* com_xml.c - decoders behind COM: bin.base64 and bin.hex of MSXML, encodings and base64 of .NET.
 */
#include "com/com_internal.h"

#include "base/enc.h"

static bool is_hex(struct com_call *call)
{
    return hn_text_eq_nocase(
            com_flat(call->com, com_get(call->com, call->object, "datatype")), HN_TEXT("bin.hex"));
}

static bool is_coded(struct com_call *call)
{
    return is_hex(call) ||
           hn_text_eq_nocase(com_flat(call->com, com_get(call->com, call->object, "datatype")),
                   HN_TEXT("bin.base64"));
}

/* Decoders of MSXML skip what is not of their alphabet. */
static struct com_value decoded(struct com_call *call, struct com_value text, bool hex)
{
    const struct script_text *from = com_text(call->com, &text);
    struct hn_text flat = hn_text_trim(com_flat(call->com, text));
    struct com_value value = com_unknown_of(call->com, text);
    struct hn_buf bytes = { 0 };

    if (text.kind == COM_EMPTY || com_is_unknown(text) || from == NULL)
        return value;
    hn_buf_init(&bytes, call->run->limits.text_bytes_max);
    if ((hex ? hn_hex_decode(&bytes, flat) : hn_base64_decode(&bytes, flat)) &&
            script_spend(call->run, 1 + bytes.len / 8)) {
        value = com_value_bytes(script_text_from_bytes(call->run, hn_bytes_of(bytes.ptr, bytes.len),
                script_origin_new(call->run, hex ? "hex" : "base64", call->offset, HN_TEXT(""),
                        from->origin, NULL)));
    }
    hn_buf_deinit(&bytes);
    return value;
}

static struct com_value encoded(struct com_call *call, struct com_value value, bool hex)
{
    const struct script_text *from = com_text(call->com, &value);
    struct com_value made = com_unknown_of(call->com, value);
    struct hn_buf text = { 0 };
    struct hn_bytes bytes;

    if (from == NULL || from->unknown || !script_text_bytes(call->run, from, &bytes))
        return made;
    hn_buf_init(&text, call->run->limits.text_bytes_max);
    if (hex)
        hn_buf_add_hex(&text, bytes.ptr, bytes.len);
    else
        hn_base64_encode(&text, bytes);
    if (hn_buf_ok(&text)) {
        made = com_value_text(script_text_new(call->run, hn_buf_text(&text),
                script_origin_new(
                        call->run, "encode", call->offset, HN_TEXT(""), from->origin, NULL)));
    }
    hn_buf_deinit(&text);
    return made;
}

/* ---- Nodes ---- */

static struct com_value node_typed_value(struct com_call *call)
{
    if (call->put != NULL) {
        com_set(call->com, call->object, "text", encoded(call, *call->put, is_hex(call)));
        return *call->put;
    }
    if (is_coded(call))
        return decoded(call, com_get(call->com, call->object, "text"), is_hex(call));
    return com_get(call->com, call->object, "text");
}

static struct com_value node_text(struct com_call *call)
{
    if (call->put != NULL) {
        com_set(call->com, call->object, "text", *call->put);
        return *call->put;
    }
    return com_get(call->com, call->object, "text");
}

/* node.setAttribute("dt:dt", "bin.base64") is another way to give it a type. */
static struct com_value node_attribute(struct com_call *call)
{
    if (hn_text_ends_nocase(com_arg_flat(call, 0), HN_TEXT("dt")))
        com_set(call->com, call->object, "datatype", com_arg_plain(call, 1));
    return (struct com_value){ .kind = COM_EMPTY };
}

static struct com_value node_child(struct com_call *call);

static const struct com_member node_members[] = { { "NodeTypedValue", node_typed_value },
    { "Text", node_text }, { "NodeValue", node_text }, { "DataType", com_bag },
    { "SetAttribute", node_attribute }, { "AppendChild", com_quiet },
    { "CreateElement", node_child }, { "CreateNode", node_child } };
static COM_CLASS(class_node, "XMLDOMElement", node_members, NULL);

static struct com_value node_child(struct com_call *call)
{
    return com_make(call->com, &class_node);
}

/* ---- Documents ---- */

/* The one element of a document: it is what its text was given to. */
static struct com_value dom_root(struct com_call *call)
{
    struct com_value root = com_get(call->com, call->object, "__root");

    if (root.kind != COM_OBJECT) {
        root = com_make(call->com, &class_node);
        com_set(call->com, call->object, "__root", root);
    }
    return root;
}

static struct com_value dom_append(struct com_call *call)
{
    if (com_arg_object(call, 0) != NULL)
        com_set(call->com, call->object, "__root", com_arg(call, 0));
    return com_arg(call, 0);
}

/* <e xmlns:dt="..." dt:dt="bin.base64">text</e>: the element with its type and text. */
static void root_from(struct com_call *call, struct hn_text xml)
{
    struct com_value root = dom_root(call);
    bool hex = hn_text_find_nocase(xml, HN_TEXT("bin.hex"), 0) != SIZE_MAX;
    size_t close = hn_text_find(xml, HN_TEXT("</"), 0);
    size_t open = close;

    while (open != SIZE_MAX && open > 0 && xml.ptr[open - 1] != '>')
        open--;
    if (root.kind != COM_OBJECT || open == SIZE_MAX)
        return;
    if (hex || hn_text_find_nocase(xml, HN_TEXT("bin.base64"), 0) != SIZE_MAX)
        com_set(call->com, root.object, "datatype",
                com_value_lit(call->com, hex ? "bin.hex" : "bin.base64"));
    com_set(call->com, root.object, "text",
            com_value_of(call->com, hn_text_sub(xml, open, close - open)));
}

/* load() of an address fetches it; the style sheet of transformNode may hold script. */
static struct com_value dom_load(struct com_call *call)
{
    if (com_member_is(call, "loadxml")) {
        com_set(call->com, call->object, "__xml", com_arg_plain(call, 0));
        root_from(call, com_arg_flat(call, 0));
    } else if (hn_text_find(com_arg_flat(call, 0), HN_TEXT("://"), 0) != SIZE_MAX) {
        com_tell_http(call->com, com_arg_text(call, 0), call->offset, "XMLDOM.load");
    }
    return com_value_bool(true);
}

static struct com_value dom_transform(struct com_call *call)
{
    struct com_value xml = com_get(call->com, call->object, "__xml");

    if (xml.kind == COM_TEXT)
        com_tell_layer(call, SCRIPT_UNKNOWN, xml.text, "transformNode");
    return com_value_unknown(call->com, "transformNode");
}

static const struct com_member dom_members[] = { { "CreateElement", node_child },
    { "CreateNode", node_child }, { "DocumentElement", dom_root }, { "Load", dom_load },
    { "LoadXML", dom_load }, { "TransformNode", dom_transform }, { "Async", com_quiet },
    { "AppendChild", dom_append }, { "SetProperty", com_quiet }, { "SelectSingleNode", dom_root },
    { "SelectNodes", com_quiet }, { "GetElementsByTagName", com_quiet },
    { "ValidateOnParse", com_quiet }, { "ResolveExternals", com_quiet } };
static COM_CLASS(class_dom, "XMLDOM", dom_members, NULL);

struct com_object *com_make_dom(struct com *com)
{
    return com_object_new(com, &class_dom);
}

/* ---- System.Text.UTF8Encoding and its kin ---- */

static struct com_value encoding_string(struct com_call *call)
{
    struct com_value value = com_arg_plain(call, 0);
    const struct script_text *text = com_text(call->com, &value);
    struct hn_bytes bytes;

    if (value.kind != COM_BYTES || text == NULL || !script_text_bytes(call->run, text, &bytes))
        return com_unknown_of(call->com, value);
    return com_value_text(script_text_new(call->run, hn_bytes_as_text(bytes),
            script_origin_new(
                    call->run, "GetString", call->offset, HN_TEXT(""), text->origin, NULL)));
}

static struct com_value encoding_bytes(struct com_call *call)
{
    struct com_value value = com_arg_plain(call, 0);
    const struct script_text *text = com_text(call->com, &value);

    if (com_is_unknown(value) || text == NULL)
        return value;
    return com_value_bytes(script_text_from_bytes(
            call->run, hn_text_as_bytes(com_flat(call->com, value)), text->origin));
}

static const struct com_member encoding_members[] = { { "GetString", encoding_string },
    { "GetBytes_4", encoding_bytes }, { "GetBytes", encoding_bytes } };
static COM_CLASS(class_encoding, "System.Text.Encoding", encoding_members, NULL);

struct com_object *com_make_encoding(struct com *com)
{
    return com_object_new(com, &class_encoding);
}

/* ---- System.Security.Cryptography.FromBase64Transform ---- */

static struct com_value base64_final(struct com_call *call)
{
    struct com_value value = com_arg_plain(call, 0);

    return value.kind == COM_BYTES || value.kind == COM_TEXT ? decoded(call, value, false)
                                                             : com_unknown_of(call->com, value);
}

static const struct com_member base64_members[] = { { "TransformFinalBlock", base64_final } };
static COM_CLASS(class_base64, "FromBase64Transform", base64_members, NULL);

struct com_object *com_make_base64(struct com *com)
{
    return com_object_new(com, &class_base64);
}
