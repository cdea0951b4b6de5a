/* vbscript_com_xml.c - decoders behind COM: bin.base64 and bin.hex of MSXML, System.Text
 * encodings. */
#include "vbscript/vbscript_internal.h"

#include "base/enc.h"
#include "base/utf.h"

#define MEMBER(fn)             \
    static struct vb_value fn( \
            struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)

static bool is_type(struct vb_eval *ev, struct vb_object *object, const char *type)
{
    return hn_text_eq_nocase(vb_flat(ev, vb_prop_get(ev, object, "datatype")), hn_text_cstr(type));
}

/* Decoders of MSXML skip what is not of their alphabet. */
static struct vb_value decode_node(struct vb_eval *ev, struct vb_object *object)
{
    struct vb_value text = vb_prop_get(ev, object, "text");
    struct hn_buf bytes = { 0 };
    bool good;
    struct vb_value value = vb_unknown_of(ev, text);

    if (text.kind == VB_EMPTY || vb_is_unknown(text))
        return value;
    hn_buf_init(&bytes, ev->run->limits.text_bytes_max);
    good = is_type(ev, object, "bin.hex")
                   ? hn_hex_decode(&bytes, hn_text_trim(vb_flat(ev, text)))
                   : hn_base64_decode(&bytes, hn_text_trim(vb_flat(ev, text)));
    if (good && vb_spend(ev, bytes.len * 8))
        value = vb_byte_array(ev, hn_bytes_of(bytes.ptr, bytes.len));
    hn_buf_deinit(&bytes);
    return value;
}

static struct vb_value encode_node(
        struct vb_eval *ev, struct vb_object *object, struct vb_value value)
{
    struct hn_buf text = { 0 };
    struct hn_bytes bytes;
    struct vb_value made = vb_unknown_of(ev, value);

    if (value.kind != VB_ARRAY || !vb_bytes_of(ev, value, &bytes))
        return made;
    hn_buf_init(&text, ev->run->limits.text_bytes_max);
    if (is_type(ev, object, "bin.hex"))
        hn_buf_add_hex(&text, bytes.ptr, bytes.len);
    else
        hn_base64_encode(&text, bytes);
    if (hn_buf_ok(&text))
        made = vb_text_of(ev, hn_buf_text(&text));
    hn_buf_deinit(&text);
    return made;
}

MEMBER(node_typed_value)
{
    if (call->is_set) {
        vb_prop_set(ev, object, "__typed", call->value);
        vb_prop_set(ev, object, "text", encode_node(ev, object, call->value));
        return call->value;
    }
    if (is_type(ev, object, "bin.base64") || is_type(ev, object, "bin.hex"))
        return decode_node(ev, object);
    return vb_prop_get(ev, object, "text");
}

MEMBER(node_text)
{
    if (call->is_set) {
        vb_prop_set(ev, object, "text", vb_plain(ev, call->value));
        return call->value;
    }
    return vb_prop_get(ev, object, "text");
}

static const struct vb_member node_members[] = { { "nodetypedvalue", node_typed_value },
    { "text", node_text }, { "nodevalue", node_text }, { "datatype", vb_bag },
    { "setattribute", vb_quiet }, { "appendchild", vb_quiet } };
static const struct vb_class class_node = { "XMLDOMElement", node_members,
    HN_COUNT_OF(node_members), NULL };

MEMBER(dom_create)
{
    (void)object;
    (void)call;
    return vb_object_make(ev, &class_node);
}

/* load() of an address fetches it; the style sheet of transformNode may hold script. */
MEMBER(dom_load)
{
    struct vb_value source = vb_plain(ev, vb_arg(call, 0));
    struct hn_text flat = vb_flat(ev, source);

    (void)object;
    if (hn_text_eq(call->name->name, HN_TEXT("load")) &&
            hn_text_find_nocase(flat, HN_TEXT("://"), 0) != SIZE_MAX)
        vb_tell_http(ev, call->offset, "XMLDOM.load", "GET", vb_to_text(ev, source));
    if (hn_text_eq(call->name->name, HN_TEXT("loadxml")))
        vb_prop_set(ev, object, "__xml", source);
    return vb_bool(true);
}

MEMBER(dom_transform)
{
    struct vb_value xml = vb_prop_get(ev, object, "__xml");
    struct script_layer layer = {
        .text = vb_to_text(ev, xml), .how = "transformNode", .offset = call->offset
    };

    if (xml.kind == VB_TEXT)
        script_tell_layer(ev->run, &layer);
    return vb_unknown(ev, "transformNode");
}

static const struct vb_member dom_members[] = { { "createelement", dom_create },
    { "createnode", dom_create }, { "documentelement", dom_create }, { "load", dom_load },
    { "loadxml", dom_load }, { "transformnode", dom_transform }, { "async", vb_quiet },
    { "appendchild", vb_quiet }, { "setproperty", vb_quiet }, { "selectsinglenode", vb_quiet },
    { "selectnodes", vb_quiet }, { "getelementsbytagname", vb_quiet },
    { "validateonparse", vb_quiet }, { "resolveexternals", vb_quiet } };
static const struct vb_class class_dom = { "XMLDOM", dom_members, HN_COUNT_OF(dom_members), NULL };

struct vb_value vb_make_dom(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_dom);
}

/* ---- System.Text.UTF8Encoding and its kin ---- */

MEMBER(encoding_string)
{
    struct vb_value value = vb_plain(ev, vb_arg(call, 0));
    struct hn_bytes bytes;

    (void)object;
    if (value.kind != VB_ARRAY || !vb_bytes_of(ev, value, &bytes))
        return vb_unknown_of(ev, value);
    return vb_text(
            script_text_new(ev->run, hn_bytes_as_text(bytes), vb_origin(ev, "GetString", NULL)));
}

MEMBER(encoding_bytes)
{
    struct vb_value value = vb_plain(ev, vb_arg(call, 0));
    struct hn_text flat = vb_flat(ev, value);

    (void)object;
    if (vb_is_unknown(value))
        return value;
    return vb_byte_array(ev, hn_text_as_bytes(flat));
}

static const struct vb_member encoding_members[] = { { "getstring", encoding_string },
    { "getbytes_4", encoding_bytes }, { "getbytes", encoding_bytes } };
static const struct vb_class class_encoding = { "System.Text.Encoding", encoding_members,
    HN_COUNT_OF(encoding_members), NULL };

struct vb_value vb_make_encoding(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_encoding);
}
