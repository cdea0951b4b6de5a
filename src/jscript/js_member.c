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

static bool one_of(struct hn_text name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hn_text_eq(name, hn_text_cstr(names[i])))
            return true;
    }
    return false;
}

bool js_is_builtin(const struct js_value *value, const char *name)
{
    return value->kind == JS_OBJECT && value->object->class == JS_BUILTIN &&
           hn_text_eq(value->object->name, hn_text_cstr(name));
}

static bool is_window(const struct js_value *value)
{
    return js_is_builtin(value, "window") || js_is_builtin(value, "self") ||
           js_is_builtin(value, "top") || js_is_builtin(value, "parent") ||
           js_is_builtin(value, "globalThis");
}

static bool is_location(const struct js_value *value)
{
    return js_is_builtin(value, "location");
}

/* ---- Prototypes ---- */

static const struct {
    const char *name;
    enum js_prototype which;
} prototypes[] = {
    { "Object", JS_PROTO_OBJECT },
    { "Function", JS_PROTO_FUNCTION },
    { "Array", JS_PROTO_ARRAY },
    { "String", JS_PROTO_STRING },
    { "Number", JS_PROTO_NUMBER },
    { "Boolean", JS_PROTO_BOOLEAN },
    { "RegExp", JS_PROTO_REGEX },
};

static enum js_prototype prototype_of(const struct js_value *value)
{
    switch (value->kind) {
    case JS_TEXT:
        return JS_PROTO_STRING;
    case JS_NUMBER:
        return JS_PROTO_NUMBER;
    case JS_BOOL:
        return JS_PROTO_BOOLEAN;
    case JS_OBJECT:
        break;
    case JS_UNDEFINED:
    case JS_NULL:
    case JS_COM:
    case JS_UNKNOWN:
        return JS_PROTO_NONE;
    }
    assert(value->object != NULL);
    switch (value->object->class) {
    case JS_ARRAY:
        return JS_PROTO_ARRAY;
    case JS_FUNCTION:
    case JS_BUILTIN:
    case JS_BOUND:
        return JS_PROTO_FUNCTION;
    case JS_REGEX:
        return JS_PROTO_REGEX;
    case JS_PLAIN:
    case JS_ELEMENT:
    case JS_BLOB:
    case JS_PROMISE:
    case JS_ENUMERATOR:
        break;
    }
    return JS_PROTO_OBJECT;
}

static struct js_value builtin_prototype(struct js_state *state, struct hn_text name)
{
    for (size_t i = 0; i < HN_COUNT_OF(prototypes); i++) {
        struct js_object **kept = &state->prototypes[prototypes[i].which];

        if (!hn_text_eq(name, hn_text_cstr(prototypes[i].name)))
            continue;
        if (*kept == NULL)
            *kept = js_object_new(state, JS_PLAIN);
        if (*kept != NULL)
            (*kept)->native = prototypes[i].which;
        return js_object(*kept);
    }
    return js_object(js_object_new(state, JS_PLAIN));
}

/* What a script has added to such values. */
static const struct js_value *added(
        const struct js_state *state, enum js_prototype which, struct hn_text name)
{
    const struct js_object *prototype = state->prototypes[which];
    const struct js_value *found = NULL;

    if (prototype != NULL)
        found = js_table_find(&prototype->properties, name);
    return found;
}

/* An empty value, whose methods stand for those of its prototype until call() gives another. */
static struct js_value sample_of(struct js_state *state, enum js_prototype which)
{
    switch (which) {
    case JS_PROTO_STRING:
        return js_literal(state, "");
    case JS_PROTO_ARRAY:
        return js_object(js_object_new(state, JS_ARRAY));
    case JS_PROTO_NUMBER:
        return js_number(0);
    case JS_PROTO_BOOLEAN:
        return js_bool(false);
    case JS_PROTO_FUNCTION:
        return js_builtin(state, js_undefined(), HN_TEXT("anonymous"));
    case JS_PROTO_REGEX:
    case JS_PROTO_OBJECT:
    case JS_PROTO_NONE:
    case JS_PROTO_COUNT:
        break;
    }
    return js_object(js_object_new(state, JS_PLAIN));
}

/* ---- Members that are part of the language ---- */

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
    if (hn_text_eq(name, HN_TEXT("constructor")))
        return js_builtin(state, js_undefined(), HN_TEXT("String"));
    if (js_has_string_method(name))
        return js_builtin(state, *base, name);
    return js_undefined();
}

static struct js_value array_member(
        struct js_state *state, const struct js_value *base, struct hn_text name)
{
    const struct js_object *array = base->object;
    uint32_t index;

    if (hn_text_eq(name, HN_TEXT("length")) || hn_text_eq(name, HN_TEXT("byteLength")))
        return js_number(array->count);
    if (index_of(name, &index))
        return index < array->count ? array->items[index] : js_undefined();
    if (hn_text_eq(name, HN_TEXT("buffer"))) /* of a typed one: the same bytes */
        return *base;
    if (hn_text_eq(name, HN_TEXT("constructor")))
        return js_builtin(state, js_undefined(), HN_TEXT("Array"));
    if (js_has_array_method(name))
        return js_builtin(state, *base, name);
    return js_undefined();
}

static struct js_value function_member(
        struct js_state *state, const struct js_value *base, struct hn_text name)
{
    static const char *const methods[] = { "call", "apply", "bind", "toString", "hasOwnProperty" };
    struct js_object *object = base->object;
    uint32_t count = 0;

    if (one_of(name, methods, HN_COUNT_OF(methods)))
        return js_builtin(state, *base, name);
    if (hn_text_eq(name, HN_TEXT("constructor")))
        return js_builtin(state, js_undefined(), HN_TEXT("Function"));
    if (hn_text_eq(name, HN_TEXT("prototype")) && object->class != JS_BOUND) {
        struct js_value made = object->class == JS_BUILTIN
                                       ? builtin_prototype(state, object->name)
                                       : js_object(js_object_new(state, JS_PLAIN));

        js_set_member(state, base, name, made);
        return made;
    }
    if (hn_text_eq(name, HN_TEXT("name"))) {
        return js_text(script_text_new(state->run,
                object->class == JS_FUNCTION ? object->function->text : object->name, NULL));
    }
    if (object->class == JS_FUNCTION && hn_text_eq(name, HN_TEXT("length"))) {
        for (struct js_node *one = object->function->list; one != NULL; one = one->next)
            count++;
        return js_number(count);
    }
    return js_undefined();
}

/* RegExp.$1: of the last match. */
static struct js_value matched_group(const struct js_state *state, struct hn_text name)
{
    uint32_t index = (uint32_t)(name.ptr[1] - '0');

    return state->matched != NULL && index < state->matched->count ? state->matched->items[index]
                                                                   : js_undefined();
}

static struct js_value builtin_member(
        struct js_state *state, const struct js_value *base, struct hn_text name)
{
    static const char *const things[] = { "document", "navigator", "location", "screen", "history",
        "performance", "crypto", "localStorage", "sessionStorage", "process" };
    struct js_object *object = base->object;
    struct js_value value;

    if (object->self.kind != JS_UNDEFINED)
        return function_member(state, base, name);
    if (is_window(base)) {
        if (js_global_find(state, name, &value))
            return value;
        return function_member(state, base, name);
    }
    if (hn_text_eq(object->name, HN_TEXT("RegExp")) && name.len == 2 && name.ptr[0] == '$' &&
            name.ptr[1] >= '1' && name.ptr[1] <= '9')
        return matched_group(state, name);
    if (js_has_static(object->name, name))
        return js_builtin(state, *base, name);
    if (hn_text_eq(object->name, HN_TEXT("document"))) {
        value = js_document(state, name, NULL);
        if (value.kind != JS_UNDEFINED)
            return value;
    }
    if (one_of(object->name, things, HN_COUNT_OF(things)))
        return js_unknown(state, "page");
    return function_member(state, base, name);
}

static struct js_value regex_member(
        struct js_state *state, const struct js_value *base, struct hn_text name)
{
    static const char *const methods[] = { "exec", "test", "compile", "toString",
        "hasOwnProperty" };
    struct js_object *regex = base->object;

    if (hn_text_eq(name, HN_TEXT("source")))
        return js_text(regex->pattern);
    if (hn_text_eq(name, HN_TEXT("lastIndex")))
        return js_number(regex->last);
    if (hn_text_eq(name, HN_TEXT("global")))
        return js_bool(hn_text_find_char(regex->flags, 'g', 0) != SIZE_MAX);
    if (hn_text_eq(name, HN_TEXT("constructor")))
        return js_builtin(state, js_undefined(), HN_TEXT("RegExp"));
    return one_of(name, methods, HN_COUNT_OF(methods)) ? js_builtin(state, *base, name)
                                                       : js_undefined();
}

static struct js_value plain_member(
        struct js_state *state, const struct js_value *base, struct hn_text name)
{
    static const char *const methods[] = { "hasOwnProperty", "toString", "valueOf" };
    struct js_value attribute;

    if (one_of(name, methods, HN_COUNT_OF(methods)) || js_page_has(base->object->class, name))
        return js_builtin(state, *base, name);
    if (hn_text_eq(name, HN_TEXT("constructor")))
        return js_builtin(state, js_undefined(), HN_TEXT("Object"));
    if (base->object->class == JS_BLOB && hn_text_eq(name, HN_TEXT("size")))
        return js_number((double)base->object->pattern->units);
    if (base->object->class == JS_ELEMENT &&
            js_element_attribute(state, base->object, name, &attribute))
        return attribute;
    /* Of elements nobody knows all. */
    return base->object->class == JS_ELEMENT ? js_unknown(state, "element") : js_undefined();
}

static struct js_value native_member(
        struct js_state *state, const struct js_value *base, struct hn_text name)
{
    static const char *const numbers[] = { "toString", "valueOf", "toFixed", "toPrecision",
        "toExponential", "toLocaleString" };

    assert(base->kind != JS_OBJECT || base->object != NULL);
    if (base->kind == JS_TEXT)
        return text_member(state, base, name);
    if (base->kind != JS_OBJECT) { /* numbers and truths */
        if (hn_text_eq(name, HN_TEXT("constructor"))) {
            return js_builtin(state, js_undefined(),
                    base->kind == JS_NUMBER ? HN_TEXT("Number") : HN_TEXT("Boolean"));
        }
        return one_of(name, numbers, HN_COUNT_OF(numbers)) ? js_builtin(state, *base, name)
                                                           : js_undefined();
    }
    switch (base->object->class) {
    case JS_ARRAY:
        return array_member(state, base, name);
    case JS_FUNCTION:
    case JS_BOUND:
        return function_member(state, base, name);
    case JS_BUILTIN:
        return builtin_member(state, base, name);
    case JS_REGEX:
        return regex_member(state, base, name);
    case JS_PLAIN:
    case JS_ELEMENT:
    case JS_BLOB:
    case JS_PROMISE:
    case JS_ENUMERATOR:
        break;
    }
    return plain_member(state, base, name);
}

static struct js_value known_member(
        struct js_state *state, const struct js_value *base, struct hn_text name)
{
    const struct js_object *object = base->kind == JS_OBJECT ? base->object : NULL;
    const struct js_value *found = NULL;
    struct js_value sample;

    for (const struct js_object *at = object; at != NULL && found == NULL; at = at->prototype)
        found = js_table_find(&at->properties, name);
    if (found == NULL)
        found = added(state, prototype_of(base), name);
    if (found == NULL)
        found = added(state, JS_PROTO_OBJECT, name);
    if (found != NULL)
        return *found;
    if (object != NULL && object->native > JS_PROTO_OBJECT) {
        sample = sample_of(state, object->native);
        return native_member(state, &sample, name);
    }
    return native_member(state, base, name);
}

struct js_value js_member(struct js_state *state, const struct js_value *base, struct hn_text name)
{
    static const struct js_args none = { NULL, 0 };

    switch (base->kind) {
    case JS_TEXT:
    case JS_OBJECT:
    case JS_NUMBER:
    case JS_BOOL:
        return known_member(state, base, name);
    case JS_COM:
        return js_com_member(state, base->com, name, &none);
    case JS_UNKNOWN:
        return js_of_unknown(state, base, "member");
    case JS_UNDEFINED:
    case JS_NULL:
        break;
    }
    if (state->tries > 0)
        return js_throw(state, js_literal(state, "TypeError: no object"));
    return js_undefined();
}

/* ---- Setting ---- */

static void set_item(
        struct js_state *state, struct js_object *array, uint32_t index, struct js_value value)
{
    while (array->count <= index && js_array_add(state, array, js_undefined()))
        continue;
    if (index < array->count)
        array->items[index] = value;
}

static bool set_array(
        struct js_state *state, struct js_object *array, struct hn_text name, struct js_value value)
{
    uint32_t index;
    double len;

    if (index_of(name, &index)) {
        set_item(state, array, index, value);
        return true;
    }
    if (!hn_text_eq(name, HN_TEXT("length")))
        return false;
    len = js_to_number(state, &value);
    if (len >= 0 && len < array->count)
        array->count = (uint32_t)len;
    return true;
}

/* What a page does when it is sent elsewhere. */
static bool goes_elsewhere(const struct js_value *base, struct hn_text name)
{
    if (hn_text_eq(name, HN_TEXT("location")))
        return is_window(base) || js_is_builtin(base, "document");
    return hn_text_eq(name, HN_TEXT("href")) && is_location(base);
}

void js_set_member(struct js_state *state, const struct js_value *base, struct hn_text name,
        struct js_value value)
{
    struct js_value *slot;
    struct js_table *table;

    if (base->kind == JS_COM) {
        js_com_put(state, base->com, name, &(struct js_args){ NULL, 0 }, value);
        return;
    }
    js_handed_set(state, name, &value);
    if (base->kind != JS_OBJECT)
        return;
    if (goes_elsewhere(base, name)) {
        js_tell_go(state, value, "location");
        return;
    }
    if (base->object->class == JS_ARRAY && set_array(state, base->object, name, value))
        return;
    if (base->object->class == JS_REGEX && hn_text_eq(name, HN_TEXT("lastIndex"))) {
        double last = js_to_number(state, &value);

        base->object->last = last > 0 && last < UINT32_MAX ? (uint32_t)last : 0;
        return;
    }
    if (base->object->class == JS_ELEMENT)
        js_page_put(state, base->object, name, value);
    table = is_window(base) ? &state->global->names : &base->object->properties;
    slot = js_table_put(state, table, name);
    if (slot != NULL)
        *slot = value;
}
