/* com_office.c - programs of Office that a script starts: Outlook and its mails; Excel, Word and
 * their kin, whose objects are one class, as scripts ask them only for the next one. A macro's own
 * document is the evaluator's, which knows what it holds. */
#include "com/com_internal.h"

static struct com_value nothing(void)
{
    return (struct com_value){ .kind = COM_EMPTY };
}

static struct com_value office_create(struct com_call *call)
{
    return com_value_object(com_create(call->com, com_arg_text(call, 0), call->offset));
}

/* ---- Outlook ---- */

static struct com_value mail_send(struct com_call *call)
{
    struct script_act act = script_act(call->run, SCRIPT_ACT_MAIL, call->offset, "MailItem.Send");
    struct com_value to = com_get(call->com, call->object, "to");
    struct com_value subject = com_get(call->com, call->object, "subject");

    script_act_add(&act, "To", com_text(call->com, &to));
    script_act_add(&act, "Subject", com_text(call->com, &subject));
    com_tell(call->com, &act);
    return nothing();
}

static const struct com_member mail_members[] = { { "Send", mail_send }, { "To", com_bag },
    { "Subject", com_bag }, { "Body", com_bag }, { "HTMLBody", com_bag }, { "Display", com_quiet },
    { "Attachments", com_quiet }, { "DeleteAfterSubmit", com_quiet } };
static COM_CLASS(class_mail, "MailItem", mail_members, NULL);

static struct com_value outlook_item(struct com_call *call)
{
    return com_make(call->com, &class_mail);
}

static const struct com_member outlook_members[] = { { "CreateItem", outlook_item },
    { "CreateObject", office_create }, { "GetNamespace", com_quiet }, { "Session", com_quiet } };
static COM_CLASS(class_outlook, "Outlook.Application", outlook_members, NULL);

struct com_object *com_make_outlook(struct com *com)
{
    return com_object_new(com, &class_outlook);
}

/* ---- Excel, Word, PowerPoint, Access ---- */

static struct com_value office_open(struct com_call *call)
{
    if (call->count == 0)
        return com_value_object(call->object);
    if (hn_text_find(com_arg_flat(call, 0), HN_TEXT("://"), 0) != SIZE_MAX)
        com_tell_http(call->com, com_arg_text(call, 0), call->offset, "Application.Open");
    else
        com_tell_field(call, SCRIPT_ACT_FILE_READ, "Application.Open", "TargetFilename",
                com_arg_plain(call, 0));
    return com_value_unknown(call->com, "opened document");
}

static struct com_value office_xlm(struct com_call *call)
{
    com_tell_layer(call, SCRIPT_XLM, com_arg_text(call, 0), "ExecuteExcel4Macro");
    return com_value_unknown(call->com, "ExecuteExcel4Macro");
}

static struct com_value office_register(struct com_call *call)
{
    com_tell_field(
            call, SCRIPT_ACT_MODULE_LOAD, "RegisterXLL", "ImageLoaded", com_arg_plain(call, 0));
    return com_value_bool(true);
}

static struct com_value office_dde(struct com_call *call)
{
    com_tell_process(call->com,
            com_join3(call->com, com_arg_text(call, 0), " ", com_arg_text(call, 1)), call->offset,
            "DDEInitiate", NULL);
    return com_value_unknown(call->com, "channel");
}

/* Code put into a project. */
static struct com_value office_code(struct com_call *call)
{
    com_tell_layer(call, SCRIPT_VBA, com_arg_text(call, call->count > 1 ? 1 : 0), "AddFromString");
    return nothing();
}

static struct com_value office_other(struct com_call *call)
{
    struct com_value *slot = com_prop(call->com, call->object, call->member, call->put != NULL);

    if (call->put != NULL) {
        if (slot != NULL)
            com_store(call->com, slot, *call->put);
        return *call->put;
    }
    return slot != NULL ? *slot : com_make(call->com, call->object->class);
}

static struct com_value office_ready(struct com_call *call)
{
    return com_value_bool(com_member_is(call, "ready"));
}

static const struct com_member office_members[] = { { "Busy", office_ready },
    { "Ready", office_ready }, { "Open", office_open }, { "OpenText", office_open },
    { "ExecuteExcel4Macro", office_xlm }, { "RegisterXLL", office_register },
    { "DDEInitiate", office_dde }, { "AddFromString", office_code }, { "InsertLines", office_code },
    { "CreateObject", office_create }, { "Run", com_quiet }, { "Quit", com_quiet },
    { "Close", com_quiet }, { "Save", com_quiet }, { "SaveAs", com_quiet },
    { "Visible", com_quiet }, { "DisplayAlerts", com_quiet } };
static COM_CLASS(class_office, "Application", office_members, office_other);

struct com_object *com_make_office(struct com *com)
{
    return com_object_new(com, &class_office);
}
