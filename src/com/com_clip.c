/* com_clip.c - MSForms.DataObject: texts by way of the clipboard. */
#include "com/com_internal.h"

static struct com_value nothing(void)
{
    return (struct com_value){ .kind = COM_EMPTY };
}

static struct com_value clip_set(struct com_call *call)
{
    com_set(call->com, call->object, "__text", com_arg_plain(call, 0));
    return nothing();
}

static struct com_value clip_get(struct com_call *call)
{
    struct com_value text = com_get(call->com, call->object, "__text");

    return text.kind != COM_EMPTY ? text : com_value_unknown(call->com, "clipboard");
}

static struct com_object *clipboard(struct com_call *call)
{
    if (call->com->clipboard == NULL)
        call->com->clipboard = com_make_data_object(call->com);
    return call->com->clipboard;
}

static struct com_value clip_put(struct com_call *call)
{
    struct com_object *board = clipboard(call);

    if (board != NULL)
        com_set(call->com, board, "__text", com_get(call->com, call->object, "__text"));
    return nothing();
}

static struct com_value clip_fetch(struct com_call *call)
{
    struct com_object *board = clipboard(call);

    if (board != NULL)
        com_set(call->com, call->object, "__text", com_get(call->com, board, "__text"));
    return nothing();
}

static const struct com_member clip_members[] = { { "SetText", clip_set }, { "GetText", clip_get },
    { "PutInClipboard", clip_put }, { "GetFromClipboard", clip_fetch }, { "Clear", com_quiet } };
static COM_CLASS(class_clip, "DataObject", clip_members, NULL);

struct com_object *com_make_data_object(struct com *com)
{
    return com_object_new(com, &class_clip);
}
