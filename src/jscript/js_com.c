/* js_com.c - objects of Windows (src/com) as JScript sees them: values there and back, calls handed
 * on. */
#include "jscript/jscript_internal.h"

struct com_value js_to_com(struct js_state *state, const struct js_value *value)
{
    struct com_value made = { .kind = COM_EMPTY };
    struct js_value *kept;

    switch (value->kind) {
    case JS_BOOL:
        return com_value_bool(value->truth);
    case JS_NUMBER:
        made = com_value_number(value->number);
        made.text = js_to_text(state, value);
        return made;
    case JS_TEXT:
    case JS_UNKNOWN:
        made.kind = value->kind == JS_TEXT ? COM_TEXT : COM_UNKNOWN;
        made.text = value->text;
        return made;
    case JS_COM:
        return com_value_object(value->com);
    case JS_OBJECT:
        made.kind = COM_FOREIGN;
        made.text = js_to_text(state, value);
        break;
    case JS_UNDEFINED:
    case JS_NULL:
        break;
    }
    kept = hn_new(&state->run->arena, struct js_value, 1);
    if (kept != NULL)
        *kept = *value;
    made.foreign = kept;
    return made;
}

static struct js_value array_from_com(struct js_state *state, const struct com_value *value)
{
    struct js_object *array = js_object_new(state, JS_ARRAY);

    for (size_t i = 0; i < value->count; i++)
        if (!js_array_add(state, array, js_from_com(state, &value->items[i])))
            break;
    return js_object(array);
}

struct js_value js_from_com(struct js_state *state, const struct com_value *value)
{
    if (value->foreign != NULL)
        return *(const struct js_value *)value->foreign;
    switch (value->kind) {
    case COM_BOOL:
        return js_bool(value->truth);
    case COM_NUMBER:
        return js_number(value->number);
    case COM_TEXT:
    case COM_BYTES:
    case COM_FOREIGN:
        return value->text != NULL ? js_text(value->text) : js_undefined();
    case COM_OBJECT:
        return (struct js_value){ .kind = JS_COM, .com = value->object };
    case COM_UNKNOWN:
        return (struct js_value){ .kind = value->text != NULL ? JS_UNKNOWN : JS_UNDEFINED,
            .text = value->text };
    case COM_ARRAY:
        return array_from_com(state, value);
    case COM_EMPTY:
    case COM_MISSING:
        break;
    }
    return js_undefined();
}

static struct js_value invoke(struct js_state *state, struct com_object *com, struct hn_text name,
        const struct js_args *args, const struct js_value *put)
{
    struct com_value values[COM_ARGS_MAX];
    struct com_value given;
    struct com_value ret;
    uint32_t count = args->count < COM_ARGS_MAX ? args->count : COM_ARGS_MAX;

    for (uint32_t i = 0; i < count; i++)
        values[i] = js_to_com(state, &args->items[i]);
    if (put != NULL)
        given = js_to_com(state, put);
    (void)com_invoke(state->com,
            &(struct com_invocation){ .object = com,
                    .member = name,
                    .args = values,
                    .count = count,
                    .put = put != NULL ? &given : NULL,
                    .offset = state->offset },
            &ret);
    return js_from_com(state, &ret);
}

struct js_value js_com_member(struct js_state *state, struct com_object *com, struct hn_text name,
        const struct js_args *args)
{
    return invoke(state, com, name, args, NULL);
}

void js_com_put(struct js_state *state, struct com_object *com, struct hn_text name,
        const struct js_args *args, struct js_value value)
{
    (void)invoke(state, com, name, args, &value);
}

const struct script_text *js_com_text(struct js_state *state, struct com_object *com)
{
    struct com_value value = com_value_object(com);
    const struct script_text *text = com_text(state->com, &value);

    return text != NULL ? text : script_text_unknown(state->run, com_class(com), NULL);
}

/* JScript in a ScriptControl goes on in this evaluation. */
static bool host_evaluate(void *ctx, const struct com_script *script, struct com_value *ret_value)
{
    struct js_state *state = ctx;
    struct js_value value;

    if (script->language != SCRIPT_JSCRIPT || script->how == COM_SCRIPT_RUN)
        return false;
    value = js_eval_text(state, script->text, "ScriptControl");
    *ret_value = js_to_com(state, &value);
    return true;
}

bool js_com_start(struct js_state *state)
{
    struct com_host host = { .ctx = state, .source = state->source, .evaluate = host_evaluate };

    state->com = com_new(state->run, &host);
    return state->com != NULL;
}
