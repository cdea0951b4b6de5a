/* com_http.c - requests: MSXML2.XMLHTTP and its kin. What comes back is unknown, under the address
 * it came from, so that what is saved of it tells where it is from. */
#include "com/com_internal.h"

static struct com_value nothing(void)
{
    return (struct com_value){ .kind = COM_EMPTY };
}

static struct com_value http_open(struct com_call *call)
{
    com_set(call->com, call->object, "__method", com_arg_plain(call, 0));
    com_set(call->com, call->object, "__url", com_arg_plain(call, 1));
    return nothing();
}

static struct com_value http_header(struct com_call *call)
{
    struct hn_text name = com_arg_flat(call, 0);

    if (hn_text_eq_nocase(name, HN_TEXT("user-agent")))
        com_set(call->com, call->object, "__agent", com_arg_plain(call, 1));
    if (hn_text_eq_nocase(name, HN_TEXT("referer")))
        com_set(call->com, call->object, "__referer", com_arg_plain(call, 1));
    return nothing();
}

static void add_kept(
        struct com_call *call, struct script_act *act, const char *field, const char *name)
{
    struct com_value value = com_get(call->com, call->object, name);

    if (value.kind != COM_EMPTY)
        script_act_add(act, field, com_text(call->com, &value));
}

static struct com_value http_send(struct com_call *call)
{
    struct script_act act = script_act(call->run, SCRIPT_ACT_HTTP, call->offset, "XMLHTTP");

    add_kept(call, &act, "Url", "__url");
    add_kept(call, &act, "Method", "__method");
    add_kept(call, &act, "UserAgent", "__agent");
    add_kept(call, &act, "Referer", "__referer");
    if (com_has_arg(call, 0) && com_arg_flat(call, 0).len > 0)
        script_act_add(&act, "Body", com_arg_text(call, 0));
    com_tell(call->com, &act);
    return nothing();
}

static struct com_value http_reply(struct com_call *call)
{
    struct com_value url = com_get(call->com, call->object, "__url");
    const struct script_text *text = com_text(call->com, &url);
    struct hn_text flat = hn_text_sub(com_flat(call->com, url), 0, 400);
    struct hn_buf name = { 0 };
    struct com_value made;

    hn_buf_add_lit(&name, "reply of ");
    hn_buf_add_text(&name, flat);
    hn_buf_add_char(&name, '\0');
    if (!hn_buf_ok(&name)) {
        hn_buf_deinit(&name);
        return com_value_unknown(call->com, "reply");
    }
    made = (struct com_value){ .kind = COM_UNKNOWN,
        .text = script_text_unknown(call->run, name.ptr, text != NULL ? text->origin : NULL) };
    hn_buf_deinit(&name);
    return made;
}

/* A script goes on where the server answers well; com_refuse() gives the other case. */
static struct com_value http_status(struct com_call *call)
{
    if (com_member_is(call, "readystate"))
        return com_value_number(4);
    call->com->asked = true;
    return com_value_number(call->com->refuses ? 404 : 200);
}

void com_refuse(struct com *com)
{
    com->refuses = true;
}

bool com_asked(const struct com *com)
{
    return com->asked && !com->refuses;
}

static struct com_value http_wait(struct com_call *call)
{
    (void)call;
    return com_value_bool(true);
}

static const struct com_member http_members[] = { { "Open", http_open }, { "Send", http_send },
    { "SetRequestHeader", http_header }, { "ResponseBody", http_reply },
    { "ResponseText", http_reply }, { "ResponseXML", http_reply }, { "ResponseStream", http_reply },
    { "Status", http_status }, { "ReadyState", http_status }, { "StatusText", com_quiet },
    { "SetOption", com_quiet }, { "Option", com_quiet }, { "SetTimeouts", com_quiet },
    { "SetProxy", com_quiet }, { "WaitForResponse", http_wait }, { "GetResponseHeader", com_quiet },
    { "GetAllResponseHeaders", com_quiet }, { "SetCredentials", com_quiet }, { "Abort", com_quiet },
    { "OnReadyStateChange", com_quiet }, { "SetAutoLogonPolicy", com_quiet } };
static COM_CLASS(class_http, "XMLHTTP", http_members, NULL);

struct com_object *com_make_http(struct com *com)
{
    return com_object_new(com, &class_http);
}
