/* js_member.c - members of texts, objects, and objects of Windows: reading, calling, setting. */
#include "jscript/jscript_internal.h"

#include <assert.h>

static bool index_of(struct hn_text name, uint32_t *ret_index)
{
    uint32_t index = 0;

    if (name.len == 0 || name.len > 7)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] < '0' || name.ptr[i] > '9')
            return false;
        index = index * 10 + (uint32_t)(name.ptr[i] - '0');
    }
    *ret_index = index;
    return name.len == 1 || name.ptr[0] != '0';
}

static struct js_value text_member(
        struct js_state *state, const struct js_value *base, struct hn_text name)
{
    uint32_t index;

    if (hn_text_eq(name, HN_TEXT("length"))) {
        return base->text->unknown ? js_unknown(state, "length")
                                   : js_number((double)base->text->units);
    }
    if (index_of(name, &index)) {
        return index < base->text->units
                       ? js_text(script_text_sub(state->run, base->text, index, 1))
                       : js_undefined();
    }
    if (js_has_string_method(name))
        return js_builtin(state, *base, name);
    return js_undefined();
}

static struct js_value object_member(
        struct js_state *state, const struct js_value *base, struct hn_text name)
{
    struct js_object *object = base->object;
    uint32_t index;

    assert(object != NULL);
    for (struct js_object *at = object; at != NULL; at = at->prototype) {
        struct js_value *own = js_table_find(&at->properties, name);

        if (own != NULL)
            return *own;
    }
    if (object->class == JS_ARRAY) {
        if (hn_text_eq(name, HN_TEXT("length")))
            return js_number(object->count);
        if (index_of(name, &index))
            return index < object->count ? object->items[index] : js_undefined();
        if (js_has_array_method(name))
            return js_builtin(state, *base, name);
        return js_undefined();
    }
    if (object->class == JS_FUNCTION && hn_text_eq(name, HN_TEXT("prototype"))) {
        struct js_object *prototype = js_object_new(state, JS_PLAIN);

        js_set_member(state, base, name, js_object(prototype));
        return js_object(prototype);
    }
    if (object->class == JS_FUNCTION && hn_text_eq(name, HN_TEXT("length"))) {
        uint32_t count = 0;

        for (struct js_node *one = object->function->list; one != NULL; one = one->next)
            count++;
        return js_number(count);
    }
    if (hn_text_eq(name, HN_TEXT("constructor"))) {
        return js_builtin(state, js_undefined(),
                object->class == JS_FUNCTION || object->class == JS_BUILTIN ? HN_TEXT("Function")
                                                                            : HN_TEXT("Object"));
    }
    if (object->class == JS_PLAIN && !hn_text_eq(name, HN_TEXT("hasOwnProperty")) &&
            !hn_text_eq(name, HN_TEXT("toString")))
        return js_undefined();
    return js_builtin(state, *base, name);
}

struct js_value js_member(struct js_state *state, const struct js_value *base, struct hn_text name)
{
    static const struct js_args none = { NULL, 0 };

    switch (base->kind) {
    case JS_TEXT:
        return text_member(state, base, name);
    case JS_OBJECT:
        return object_member(state, base, name);
    case JS_COM:
        return js_com_member(state, base->com, name, &none);
    case JS_NUMBER:
    case JS_BOOL:
        if (hn_text_eq(name, HN_TEXT("constructor"))) {
            return js_builtin(state, js_undefined(),
                    base->kind == JS_NUMBER ? HN_TEXT("Number") : HN_TEXT("Boolean"));
        }
        return js_builtin(state, *base, name);
    case JS_UNKNOWN:
        return js_unknown(state, "member");
    case JS_UNDEFINED:
    case JS_NULL:
        break;
    }
    if (state->tries > 0)
        return js_throw(state, js_literal(state, "TypeError: no object"));
    return js_undefined();
}

static void set_item(
        struct js_state *state, struct js_object *array, uint32_t index, struct js_value value)
{
    while (array->count <= index && js_array_add(state, array, js_undefined()))
        continue;
    if (index < array->count)
        array->items[index] = value;
}

/* What a page does when it is sent elsewhere. */
static bool is_location(struct js_state *state, const struct js_value *base, struct hn_text name)
{
    if (hn_text_eq(name, HN_TEXT("location")))
        return base->kind == JS_OBJECT && base->object->class == JS_BUILTIN;
    (void)state;
    return hn_text_eq(name, HN_TEXT("href")) && base->kind == JS_OBJECT &&
           base->object->class == JS_BUILTIN && hn_text_eq(base->object->name, HN_TEXT("location"));
}

void js_set_member(struct js_state *state, const struct js_value *base, struct hn_text name,
        struct js_value value)
{
    struct js_value *slot;
    uint32_t index;

    if (base->kind == JS_COM) {
        js_com_put(state, base->com, name, &(struct js_args){ NULL, 0 }, value);
        return;
    }
    js_handed_set(state, name, &value);
    if (base->kind != JS_OBJECT)
        return;
    if (is_location(state, base, name)) {
        struct script_act act = script_act(state->run, SCRIPT_ACT_HTTP, state->offset, "location");

        script_act_add(&act, "Url", js_to_text(state, &value));
        script_tell(state->run, &act);
    }
    if (base->object->class == JS_ARRAY && index_of(name, &index)) {
        set_item(state, base->object, index, value);
        return;
    }
    if (base->object->class == JS_ARRAY && hn_text_eq(name, HN_TEXT("length"))) {
        double len = js_to_number(state, &value);

        if (len >= 0 && len < base->object->count)
            base->object->count = (uint32_t)len;
        return;
    }
    slot = js_table_put(state, &base->object->properties, name);
    if (slot != NULL)
        *slot = value;
}
