/* vbscript_com_http.c - requests: XMLHTTP and its kin, Internet Explorer. What comes back is
 * unknown, under the address it came from. */
#include "vbscript/vbscript_internal.h"

#define MEMBER(fn)             \
    static struct vb_value fn( \
            struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)

static struct vb_value reply(struct vb_eval *ev, struct vb_object *object)
{
    struct hn_text url = vb_flat(ev, vb_prop_get(ev, object, "__url"));

    return vb_unknown(ev, "reply of %.*s", HN_TEXT_ARG(hn_text_sub(url, 0, 400)));
}

MEMBER(http_open)
{
    vb_prop_set(ev, object, "__method", vb_plain(ev, vb_arg(call, 0)));
    vb_prop_set(ev, object, "__url", vb_plain(ev, vb_arg(call, 1)));
    return (struct vb_value){ .kind = VB_EMPTY };
}

MEMBER(http_header)
{
    struct hn_text name = vb_arg_text(ev, call, 0);

    if (hn_text_eq_nocase(name, HN_TEXT("user-agent")))
        vb_prop_set(ev, object, "__agent", vb_plain(ev, vb_arg(call, 1)));
    if (hn_text_eq_nocase(name, HN_TEXT("referer")))
        vb_prop_set(ev, object, "__referer", vb_plain(ev, vb_arg(call, 1)));
    return (struct vb_value){ .kind = VB_EMPTY };
}

static void add_prop(struct vb_eval *ev, struct script_act *act, const char *field,
        struct vb_object *object, const char *prop)
{
    struct vb_value value = vb_prop_get(ev, object, prop);

    if (value.kind != VB_EMPTY)
        script_act_add(act, field, vb_to_text(ev, value));
}

MEMBER(http_send)
{
    struct script_act act = script_act(ev->run, SCRIPT_ACT_HTTP, call->offset, object->class->name);

    add_prop(ev, &act, "Url", object, "__url");
    add_prop(ev, &act, "Method", object, "__method");
    add_prop(ev, &act, "UserAgent", object, "__agent");
    add_prop(ev, &act, "Referer", object, "__referer");
    if (call->count > 0 && call->args[0].kind != VB_MISSING)
        script_act_add(&act, "Body", vb_bytes_text(ev, vb_plain(ev, vb_arg(call, 0))));
    script_tell(ev->run, &act);
    return (struct vb_value){ .kind = VB_EMPTY };
}

MEMBER(http_reply)
{
    (void)call;
    return reply(ev, object);
}

/* A script goes on where the server answers well. */
MEMBER(http_status)
{
    (void)ev;
    (void)object;
    return vb_int(call->name->name.ptr[0] == 'r' ? 4 : 200, 4);
}

static const struct vb_member http_members[] = { { "open", http_open }, { "send", http_send },
    { "setrequestheader", http_header }, { "responsebody", http_reply },
    { "responsetext", http_reply }, { "responsexml", http_reply }, { "responsestream", http_reply },
    { "status", http_status }, { "readystate", http_status }, { "statustext", vb_quiet },
    { "setoption", vb_quiet }, { "option", vb_quiet }, { "settimeouts", vb_quiet },
    { "setproxy", vb_quiet }, { "waitforresponse", vb_quiet }, { "getresponseheader", vb_quiet },
    { "getallresponseheaders", vb_quiet }, { "setcredentials", vb_quiet }, { "abort", vb_quiet },
    { "onreadystatechange", vb_quiet }, { "setautologonpolicy", vb_quiet } };
static const struct vb_class class_http = { "XMLHTTP", http_members, HN_COUNT_OF(http_members),
    NULL };

struct vb_value vb_make_http(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_http);
}

/* ---- Internet Explorer ---- */

MEMBER(browser_navigate)
{
    struct vb_value url = vb_plain(ev, vb_arg(call, 0));

    vb_prop_set(ev, object, "__url", url);
    vb_tell_http(ev, call->offset, "InternetExplorer.Navigate", "GET", vb_to_text(ev, url));
    return (struct vb_value){ .kind = VB_EMPTY };
}

MEMBER(browser_busy)
{
    (void)ev;
    (void)object;
    return call->name->name.ptr[0] == 'b' ? vb_bool(false) : vb_int(4, 4);
}

static const struct vb_member browser_members[] = { { "navigate", browser_navigate },
    { "navigate2", browser_navigate }, { "document", http_reply }, { "busy", browser_busy },
    { "readystate", browser_busy }, { "visible", vb_quiet }, { "quit", vb_quiet },
    { "silent", vb_quiet }, { "width", vb_quiet }, { "height", vb_quiet }, { "left", vb_quiet },
    { "top", vb_quiet }, { "toolbar", vb_quiet }, { "statusbar", vb_quiet },
    { "menubar", vb_quiet }, { "resizable", vb_quiet } };
static const struct vb_class class_browser = { "InternetExplorer.Application", browser_members,
    HN_COUNT_OF(browser_members), NULL };

struct vb_value vb_make_browser(struct vb_eval *ev)
{
    return vb_object_make(ev, &class_browser);
}
