/* vbscript_com.c - objects of Windows (src/com) as Basic sees them: values there and back, calls
 * handed on. */
#include "vbscript/vbscript_internal.h"

#include "base/num.h"

#include <math.h>

/* ---- Values ---- */

static bool all_numbers(const struct vb_array *array)
{
    for (uint32_t i = 0; i < array->total; i++)
        if (array->items[i].kind != VB_INT)
            return false;
    return true;
}

static struct com_value array_to_com(struct vb_eval *ev, struct vb_value value)
{
    struct com_value made = { .kind = COM_ARRAY };
    const struct vb_array *array = value.as.array;

    if (array->type == VB_T_BYTE || (array->total > 0 && all_numbers(array))) {
        made = com_value_bytes(vb_bytes_text(ev, value));
        if (made.text != NULL && made.kind == COM_TEXT)
            made.kind = COM_BYTES;
    }
    return made;
}

static struct com_value object_to_com(struct vb_eval *ev, struct vb_value value)
{
    struct com_value made = { .kind = COM_FOREIGN };
    struct vb_value plain;

    if (value.as.object == NULL)
        return (struct com_value){ .kind = COM_EMPTY };
    if (value.as.object->class == &vb_class_com)
        return com_value_object(value.as.object->state);
    if (value.as.object->class == &vb_class_host) {
        plain = vb_plain(ev, value);
        if (plain.kind != VB_OBJECT)
            return vb_to_com(ev, plain);
    }
    made.text = vb_to_text(ev, value);
    return made;
}

struct com_value vb_to_com(struct vb_eval *ev, struct vb_value value)
{
    struct com_value made = { .kind = COM_EMPTY };
    struct vb_value *kept;

    switch (value.kind) {
    case VB_EMPTY:
        return made;
    case VB_MISSING:
        made.kind = COM_MISSING;
        return made;
    case VB_UNKNOWN:
    case VB_TEXT:
        made.kind = value.kind == VB_TEXT ? COM_TEXT : COM_UNKNOWN;
        made.text = value.as.text;
        return made;
    case VB_BOOL:
        return com_value_bool(value.as.truth);
    case VB_INT:
        made = com_value_number((double)value.as.number);
        break;
    case VB_REAL:
    case VB_DATE:
        made = com_value_number(value.as.real);
        made.text = vb_to_text(ev, value);
        break;
    case VB_ARRAY:
        made = array_to_com(ev, value);
        break;
    case VB_OBJECT:
        made = object_to_com(ev, value);
        if (made.kind == COM_OBJECT)
            return made;
        break;
    case VB_NULL:
        break;
    case VB_ERROR:
        made = (struct com_value){ .kind = COM_FOREIGN, .text = vb_to_text(ev, value) };
        break;
    }
    kept = hn_new(&ev->run->arena, struct vb_value, 1);
    if (kept != NULL)
        *kept = value;
    made.foreign = kept;
    return made;
}

static struct vb_value object_from_com(struct vb_eval *ev, struct com_object *object)
{
    void **wrapper = com_wrapper(object);
    struct vb_object *made = *wrapper;

    if (made == NULL) {
        made = vb_object_new(ev, &vb_class_com);
        if (made == NULL)
            return vb_unknown(ev, "object");
        made->state = object;
        *wrapper = made;
    }
    return vb_object_value(made);
}

static struct vb_value array_from_com(
        struct vb_eval *ev, const struct com_value *items, size_t count)
{
    struct vb_array *array = vb_array_new(ev, VB_T_VARIANT, 0, count);

    if (array == NULL)
        return vb_unknown(ev, "list");
    for (size_t i = 0; i < count; i++)
        array->items[i] = vb_from_com(ev, &items[i]);
    return vb_array_value(array);
}

struct vb_value vb_from_com(struct vb_eval *ev, const struct com_value *value)
{
    struct hn_bytes bytes;

    if (value->foreign != NULL)
        return *(const struct vb_value *)value->foreign;
    switch (value->kind) {
    case COM_UNKNOWN:
        return value->text != NULL ? (struct vb_value){ .kind = VB_UNKNOWN, .as.text = value->text }
                                   : vb_unknown(ev, "value");
    case COM_BOOL:
        return vb_bool(value->truth);
    case COM_NUMBER:
        if (value->number == floor(value->number) && fabs(value->number) < 2147483648.0)
            return vb_int((int64_t)value->number, 4);
        return vb_real(value->number);
    case COM_TEXT:
    case COM_FOREIGN:
        return vb_text(value->text);
    case COM_BYTES:
        if (value->text != NULL && script_text_bytes(ev->run, value->text, &bytes) &&
                vb_spend(ev, bytes.len * 8))
            return vb_byte_array(ev, bytes);
        return vb_unknown(ev, "bytes");
    case COM_ARRAY:
        return array_from_com(ev, value->items, value->count);
    case COM_OBJECT:
        return object_from_com(ev, value->object);
    case COM_EMPTY:
    case COM_MISSING:
        break;
    }
    return (struct vb_value){ .kind = VB_EMPTY };
}

/* ---- Calls ---- */

/* What came back by reference goes to the variables that were passed. */
static void store_outs(struct vb_eval *ev, const struct vb_call *call, uint32_t count,
        const struct com_value *outs)
{
    for (uint32_t i = 0; call->refs != NULL && i < count; i++)
        if (outs[i].kind != COM_MISSING && call->refs[i] != NULL)
            vb_store_typed(ev, call->refs[i], call->ref_types[i], vb_from_com(ev, &outs[i]));
}

static struct vb_value member(
        struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)
{
    struct com_value args[COM_ARGS_MAX];
    struct com_value outs[COM_ARGS_MAX];
    struct com_value put;
    struct com_value made;
    uint32_t count = call->count < COM_ARGS_MAX ? call->count : COM_ARGS_MAX;
    int32_t error;

    for (uint32_t i = 0; i < count; i++)
        args[i] = vb_to_com(ev, call->args[i]);
    if (call->is_set)
        put = vb_to_com(ev, call->value);
    error = com_invoke(ev->com,
            &(struct com_invocation){ .object = object->state,
                    .member = call->name->shown,
                    .args = args,
                    .count = count,
                    .put = call->is_set ? &put : NULL,
                    .outs = outs,
                    .offset = call->offset },
            &made);
    store_outs(ev, call, count, outs);
    if (error != 0)
        vb_raise(ev, error);
    return call->is_set ? call->value : vb_from_com(ev, &made);
}

const struct vb_class vb_class_com = { "object", NULL, 0, member };

struct vb_value vb_com_plain(struct vb_eval *ev, struct vb_value value)
{
    struct com_value plain;

    return com_default(ev->com, value.as.object->state, &plain) ? vb_from_com(ev, &plain) : value;
}

bool vb_com_items(struct vb_eval *ev, struct vb_object *object, struct vb_array **ret_items)
{
    const struct com_value *items;
    size_t count;
    struct vb_value array;

    if (!com_items(ev->com, object->state, &items, &count))
        return false;
    array = array_from_com(ev, items, count);
    if (array.kind != VB_ARRAY)
        return false;
    *ret_items = array.as.array;
    return true;
}

struct vb_value vb_com_object(struct vb_eval *ev, struct com_object *object)
{
    return object != NULL ? object_from_com(ev, object) : vb_unknown(ev, "object");
}

/* ---- What Basic lends to the objects ---- */

static void host_note(void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail)
{
    vb_note(ctx, kind, (uint32_t)offset, "%.*s", HN_TEXT_ARG(detail));
}

static void host_store(void *ctx, struct com_value *slot)
{
    vb_journal_com(ctx, slot);
}

static void host_quit(void *ctx)
{
    struct vb_eval *ev = ctx;

    if (ev->undecided == 0)
        ev->quit = true;
}

static bool run_script(struct vb_eval *ev, const struct com_script *script, struct vb_value *ret)
{
    struct vb_value args[COM_ARGS_MAX];
    struct vb_call call = { .args = args, .offset = (uint32_t)script->offset };

    for (; call.count < script->count && call.count < COM_ARGS_MAX; call.count++)
        args[call.count] = vb_from_com(ev, &script->args[call.count]);
    return vb_call_name(ev, script_text_flat(ev->run, script->text), &call, ret);
}

/* Basic in a ScriptControl goes on in this evaluation. */
static bool host_evaluate(void *ctx, const struct com_script *script, struct com_value *ret_value)
{
    struct vb_eval *ev = ctx;
    struct vb_value value = vb_unknown(ev, "ScriptControl");

    if (script->language != SCRIPT_VBSCRIPT)
        return false;
    if (script->how == COM_SCRIPT_RUN) {
        if (!run_script(ev, script, &value))
            return false;
    } else if (script->how == COM_SCRIPT_EVAL) {
        value = vb_eval_text(ev, script->text, (uint32_t)script->offset);
    } else {
        vb_execute_text(ev, script->text, true, "ScriptControl", (uint32_t)script->offset);
    }
    *ret_value = vb_to_com(ev, value);
    return true;
}

bool vb_com_start(struct vb_eval *ev)
{
    struct com_host host = { .ctx = ev,
        .source = ev->source,
        .note = host_note,
        .on_store = host_store,
        .evaluate = host_evaluate,
        .quit = host_quit };

    ev->com = com_new(ev->run, &host);
    return ev->com != NULL;
}
