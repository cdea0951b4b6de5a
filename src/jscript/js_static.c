/* js_static.c - functions that are members of others: Object.keys, Array.from, JSON.parse; and
 * Enumerator, which walks over the collections of Windows. */
#include "jscript/jscript_internal.h"

#include <math.h>

typedef struct js_value function(struct js_state *state, const struct js_args *args);

/* ---- Object ---- */

enum listed { NAMES, VALUES, ENTRIES };

static bool add_entry(struct js_state *state, struct js_object *made, struct hn_text name,
        struct js_value value, enum listed listed)
{
    struct js_value key = js_text(script_text_new(state->run, name, NULL));
    struct js_object *pair;

    if (listed != ENTRIES)
        return js_array_add(state, made, listed == NAMES ? key : value);
    pair = js_object_new(state, JS_ARRAY);
    return pair != NULL && js_array_add(state, pair, key) && js_array_add(state, pair, value) &&
           js_array_add(state, made, js_object(pair));
}

static struct js_value list_of(
        struct js_state *state, const struct js_args *args, enum listed listed)
{
    struct js_value of = js_arg(args, 0);
    struct js_object *made = js_object_new(state, JS_ARRAY);
    bool room = of.kind == JS_OBJECT && made != NULL;

    for (uint32_t i = 0; room && of.object->class == JS_ARRAY && i < of.object->count; i++) {
        struct js_value key = js_number(i);

        room = add_entry(state, made, js_flat(state, &key), of.object->items[i], listed);
    }
    for (uint32_t i = 0; room && i < of.object->properties.count; i++) {
        const struct js_slot *slot = js_table_at(&of.object->properties, i);

        room = slot == NULL || add_entry(state, made, slot->name, slot->value, listed);
    }
    return of.kind == JS_OBJECT ? js_object(made) : js_unknown(state, "names");
}

static struct js_value object_keys(struct js_state *state, const struct js_args *args)
{
    return list_of(state, args, NAMES);
}

static struct js_value object_values(struct js_state *state, const struct js_args *args)
{
    return list_of(state, args, VALUES);
}

static struct js_value object_entries(struct js_state *state, const struct js_args *args)
{
    return list_of(state, args, ENTRIES);
}

static struct js_value object_assign(struct js_state *state, const struct js_args *args)
{
    struct js_value to = js_arg(args, 0);

    for (uint32_t i = 1; i < args->count; i++) {
        const struct js_object *from =
                args->items[i].kind == JS_OBJECT ? args->items[i].object : NULL;

        for (uint32_t k = 0; from != NULL && k < from->properties.count; k++) {
            const struct js_slot *slot = js_table_at(&from->properties, k);

            if (slot != NULL)
                js_set_member(state, &to, slot->name, slot->value);
        }
    }
    return to;
}

static struct js_value object_create(struct js_state *state, const struct js_args *args)
{
    struct js_value prototype = js_arg(args, 0);
    struct js_object *made = js_object_new(state, JS_PLAIN);

    if (made != NULL && prototype.kind == JS_OBJECT)
        made->prototype = prototype.object;
    return js_object(made);
}

/* A getter is called at once: what it gives is the value. */
static struct js_value object_define(struct js_state *state, const struct js_args *args)
{
    struct js_value object = js_arg(args, 0);
    struct js_value name = js_arg(args, 1);
    struct js_value how = js_arg(args, 2);
    struct js_value getter;
    static const struct js_args none = { NULL, 0 };
    struct hn_text key = hn_arena_text(&state->run->arena, js_flat(state, &name));

    if (how.kind != JS_OBJECT || key.ptr == NULL || js_is_unknown(&name))
        return object;
    getter = js_member(state, &how, HN_TEXT("get"));
    js_set_member(state, &object, key,
            getter.kind == JS_OBJECT ? js_call(state, getter, object, &none)
                                     : js_member(state, &how, HN_TEXT("value")));
    return object;
}

static struct js_value object_prototype(struct js_state *state, const struct js_args *args)
{
    struct js_value object = js_arg(args, 0);

    if (object.kind == JS_OBJECT && object.object->prototype != NULL)
        return js_object(object.object->prototype);
    return js_object(js_object_new(state, JS_PLAIN));
}

static struct js_value same(struct js_state *state, const struct js_args *args)
{
    (void)state;
    return js_arg(args, 0);
}

/* ---- Array ---- */

static struct js_value array_is(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);

    if (js_is_unknown(&value))
        return js_unknown(state, "condition");
    return js_bool(value.kind == JS_OBJECT && value.object->class == JS_ARRAY);
}

static struct js_value array_of(struct js_state *state, const struct js_args *args)
{
    struct js_object *made = js_object_new(state, JS_ARRAY);

    for (uint32_t i = 0; made != NULL && i < args->count; i++)
        (void)js_array_add(state, made, args->items[i]);
    return js_object(made);
}

/* Items of what has some: arrays, texts, { length: n }. False: nobody knows them. */
static bool items_of(struct js_state *state, struct js_value value, struct js_object *made)
{
    struct js_value len;

    if (js_is_unknown(&value))
        return false;
    if (value.kind == JS_TEXT) {
        for (size_t i = 0; i < value.text->units && script_spend(state->run, 1); i++)
            (void)js_array_add(state, made, js_text(script_text_sub(state->run, value.text, i, 1)));
        return true;
    }
    if (value.kind != JS_OBJECT)
        return value.kind == JS_UNDEFINED || value.kind == JS_NULL;
    if (value.object->class == JS_ARRAY) {
        for (uint32_t i = 0; i < value.object->count; i++)
            (void)js_array_add(state, made, value.object->items[i]);
        return true;
    }
    len = js_member(state, &value, HN_TEXT("length"));
    for (uint32_t i = 0; len.kind == JS_NUMBER && i < len.number && i < JS_ITEMS_MAX &&
                         script_spend(state->run, 1);
            i++) {
        struct js_value key = js_number(i);

        (void)js_array_add(state, made, js_member(state, &value, js_flat(state, &key)));
    }
    return true;
}

/* Array.from(x, f) and that of typed arrays. */
static struct js_value array_from(struct js_state *state, const struct js_args *args)
{
    struct js_object *made = js_object_new(state, JS_ARRAY);
    struct js_value by = js_arg(args, 1);

    if (made == NULL)
        return js_undefined();
    if (!items_of(state, js_arg(args, 0), made))
        return js_unknown(state, "items");
    for (uint32_t i = 0; by.kind == JS_OBJECT && i < made->count && script_spend(state->run, 1);
            i++) {
        struct js_value pair[2] = { made->items[i], js_number(i) };

        made->items[i] = js_call(state, by, js_undefined(), &(struct js_args){ pair, 2 });
    }
    return js_object(made);
}

/* new Uint8Array(n), of items, of a buffer from a place on. */
struct js_value js_typed_array(struct js_state *state, const struct js_args *args)
{
    struct js_object *made = js_object_new(state, JS_ARRAY);
    struct js_value first = js_arg(args, 0);

    if (made == NULL)
        return js_undefined();
    if (first.kind != JS_NUMBER)
        return items_of(state, first, made) ? js_object(made) : js_unknown(state, "bytes");
    if (!(first.number >= 0 && first.number <= JS_ITEMS_MAX))
        return js_unknown(state, "bytes");
    if (!script_spend(state->run, (uint64_t)first.number / 64) ||
            !js_array_reserve(state, made, (uint32_t)first.number))
        return js_undefined();
    for (uint32_t i = 0; i < (uint32_t)first.number; i++)
        (void)js_array_add(state, made, js_number(0));
    return js_object(made);
}

/* ---- URL, JSON, Promise ---- */

static struct js_value url_of(struct js_state *state, const struct js_args *args)
{
    struct js_value file = js_arg(args, 0);

    return file.kind == JS_OBJECT && file.object->class == JS_BLOB ? file
                                                                   : js_unknown(state, "file");
}

/* A text of JSON is an expression of the language; a bracket keeps { from being a block. */
static struct js_value json_parse(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    const struct script_text *text = js_to_text(state, &value);
    struct js_node *block;

    if (text == NULL || text->unknown || state->nest + 8 >= JS_NEST_MAX)
        return js_unknown(state, "parsed text");
    text = script_text_join(state->run, script_text_borrow(state->run, HN_TEXT("("), NULL), text);
    if (text != NULL) {
        text = script_text_join(
                state->run, text, script_text_borrow(state->run, HN_TEXT(")"), NULL));
    }
    block = text != NULL ? js_parse(state->run, script_text_flat(state->run, text)) : NULL;
    if (block == NULL || block->list == NULL || block->list->kind != JS_N_EXPRESSION)
        return js_unknown(state, "parsed text");
    return js_eval(state, block->list->a);
}

static struct js_value unknown_text(struct js_state *state, const struct js_args *args)
{
    (void)args;
    return js_unknown(state, "text");
}

static struct js_value time_now(struct js_state *state, const struct js_args *args)
{
    (void)args;
    return js_unknown(state, "time");
}

static struct js_value promise_of(struct js_state *state, const struct js_args *args)
{
    return js_promise(state, js_arg(args, 0));
}

static const struct {
    const char *of;
    const char *name;
    function *call;
} functions[] = {
    { "String", "fromCharCode", js_from_char_code },
    { "String", "fromCodePoint", js_from_char_code },
    { "Object", "keys", object_keys },
    { "Object", "getOwnPropertyNames", object_keys },
    { "Object", "values", object_values },
    { "Object", "entries", object_entries },
    { "Object", "assign", object_assign },
    { "Object", "create", object_create },
    { "Object", "defineProperty", object_define },
    { "Object", "getPrototypeOf", object_prototype },
    { "Object", "freeze", same },
    { "Object", "seal", same },
    { "Array", "isArray", array_is },
    { "Array", "of", array_of },
    { "Array", "from", array_from },
    { "Uint8Array", "from", array_from },
    { "Uint8Array", "of", array_of },
    { "Number", "parseInt", js_parse_int },
    { "Number", "parseFloat", js_parse_float },
    { "Number", "isNaN", js_is_nan },
    { "URL", "createObjectURL", url_of },
    { "JSON", "parse", json_parse },
    { "JSON", "stringify", unknown_text },
    { "Date", "now", time_now },
    { "Date", "parse", time_now },
    { "Date", "UTC", time_now },
    { "Promise", "resolve", promise_of },
    { "Promise", "all", promise_of },
};

static const char *const pages[] = { "write", "writeln", "createElement", "createElementNS",
    "getElementById", "getElementsByTagName", "getElementsByClassName", "getElementsByName",
    "querySelector", "querySelectorAll", "addEventListener", "attachEvent", "createTextNode",
    "createEvent" };
static const char *const saves[] = { "msSaveBlob", "msSaveOrOpenBlob" };
static const char *const quiet[] = { "log", "warn", "error", "info", "debug", "table", "trace" };
static const char *const goes[] = { "replace", "assign" };
static const char *const math[] = { "floor", "ceil", "round", "abs", "sqrt", "pow", "min", "max",
    "trunc", "random", "log", "exp", "sin", "cos", "tan", "imul", "sign" };

static const struct {
    const char *of;
    const char *const *names;
    size_t count;
} groups[] = {
    { "document", pages, HN_COUNT_OF(pages) },
    { "navigator", saves, HN_COUNT_OF(saves) },
    { "console", quiet, HN_COUNT_OF(quiet) },
    { "location", goes, HN_COUNT_OF(goes) },
    { "Math", math, HN_COUNT_OF(math) },
};

static function *find_function(struct hn_text of, struct hn_text name)
{
    for (size_t i = 0; i < HN_COUNT_OF(functions); i++) {
        if (hn_text_eq(name, hn_text_cstr(functions[i].name)) &&
                hn_text_eq(of, hn_text_cstr(functions[i].of)))
            return functions[i].call;
    }
    return NULL;
}

bool js_has_static(struct hn_text of, struct hn_text name)
{
    for (size_t i = 0; i < HN_COUNT_OF(groups); i++) {
        if (!hn_text_eq(of, hn_text_cstr(groups[i].of)))
            continue;
        for (size_t k = 0; k < groups[i].count; k++) {
            if (hn_text_eq(name, hn_text_cstr(groups[i].names[k])))
                return true;
        }
    }
    return find_function(of, name) != NULL;
}

struct js_value js_static(
        struct js_state *state, struct hn_text of, struct hn_text name, const struct js_args *args)
{
    function *call = find_function(of, name);

    if (call != NULL)
        return call(state, args);
    if (hn_text_eq(of, HN_TEXT("Math")))
        return js_math(state, name, args);
    if (hn_text_eq(of, HN_TEXT("document")))
        return js_document(state, name, args);
    if (hn_text_eq(of, HN_TEXT("location"))) {
        js_tell_go(state, js_arg(args, 0), "location");
        return js_undefined();
    }
    if (hn_text_eq(of, HN_TEXT("navigator"))) {
        js_tell_saved(state, js_arg(args, 0), js_arg(args, 1));
        return js_bool(true);
    }
    return js_undefined(); /* console */
}

/* ---- Enumerator ---- */

struct js_value js_enumerator(struct js_state *state, const struct js_args *args)
{
    struct js_value over = js_arg(args, 0);
    struct js_object *made = js_object_new(state, JS_ENUMERATOR);
    const struct com_value *items;
    size_t count;

    if (made == NULL)
        return js_undefined();
    if (over.kind == JS_OBJECT && over.object->class == JS_ARRAY) {
        made->items = over.object->items;
        made->count = over.object->count;
        return js_object(made);
    }
    if (over.kind != JS_COM || !com_items(state->com, over.com, &items, &count)) {
        made->self = js_unknown(state, "item");
        return js_object(made);
    }
    for (size_t i = 0; i < count; i++) {
        if (!js_array_add(state, made, js_from_com(state, &items[i])))
            break;
    }
    return js_object(made);
}

struct js_value js_enumerator_method(
        struct js_state *state, struct js_object *self, struct hn_text name)
{
    bool known = self->self.kind == JS_UNDEFINED;

    if (hn_text_eq(name, HN_TEXT("atEnd")))
        return known ? js_bool(self->last >= self->count) : js_unknown(state, "end");
    if (hn_text_eq(name, HN_TEXT("item"))) {
        if (!known)
            return self->self;
        return self->last < self->count ? self->items[self->last] : js_undefined();
    }
    if (hn_text_eq(name, HN_TEXT("moveFirst"))) {
        self->last = 0;
    } else if (self->last < UINT32_MAX) {
        self->last++;
    }
    return js_undefined();
}
