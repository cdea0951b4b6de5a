/* js_builtin.c - functions of the language and of the page: eval, String.fromCharCode, unescape,
 * document.write. */
#include "jscript/jscript_internal.h"

#include "base/enc.h"

#include <math.h>
#include <stdlib.h>

typedef struct js_value builtin(struct js_state *state, const struct js_args *args);

/* ---- Code from texts ---- */

struct js_value js_eval_text(
        struct js_state *state, const struct script_text *text, const char *how)
{
    struct hn_text was = state->text;
    uint64_t offset = state->offset;
    struct js_value result = js_undefined();
    struct script_layer layer = {
        .language = SCRIPT_JSCRIPT,
        .text = text,
        .how = how,
        .offset = offset,
        .evaluated = true,
    };
    struct js_node *block;

    if (text == NULL || state->run->layers >= state->run->limits.layers_max ||
            state->nest + 16 >= JS_NEST_MAX)
        return result;
    script_tell_layer(state->run, &layer);
    if (text->unknown)
        return js_unknown(state, "result of eval");
    state->text = script_text_flat(state->run, text);
    block = js_parse(state->run, state->text);
    if (block != NULL) {
        struct js_node *last = block->list;

        while (last != NULL && last->next != NULL)
            last = last->next;
        state->nest += 8;
        /* The value of eval is that of its last expression. */
        if (last != NULL && last->kind == JS_N_EXPRESSION && last->op != 'f') {
            struct js_node *value = last->a;

            last->kind = JS_N_EMPTY;
            (void)js_run(state, block->list);
            last->kind = JS_N_EXPRESSION;
            result = js_eval(state, value);
        } else {
            (void)js_run(state, block->list);
        }
        state->nest -= 8;
    }
    state->text = was;
    state->offset = offset;
    return result;
}

static struct js_value call_eval(struct js_state *state, const struct js_args *args)
{
    struct js_value code = js_arg(args, 0);

    if (code.kind != JS_TEXT && code.kind != JS_UNKNOWN)
        return code;
    return js_eval_text(state, code.text, "eval");
}

/* new Function("a", "b", "return a + b"): a function whose text is the arguments. */
static struct js_value call_function(struct js_state *state, const struct js_args *args)
{
    struct hn_buf out = { 0 };
    const struct script_text *text;
    struct js_node *block;
    struct js_value made = js_unknown(state, "function");

    hn_buf_add_lit(&out, "(function (");
    for (uint32_t i = 0; i + 1 < args->count; i++) {
        if (i > 0)
            hn_buf_add_char(&out, ',');
        hn_buf_add_text(&out, js_flat(state, &args->items[i]));
    }
    hn_buf_add_lit(&out, ") {");
    if (args->count > 0) {
        struct script_layer layer = { .language = SCRIPT_JSCRIPT,
            .text = js_to_text(state, &args->items[args->count - 1]),
            .how = "Function",
            .offset = state->offset,
            .evaluated = true };

        script_tell_layer(state->run, &layer);
        hn_buf_add_text(&out, js_flat(state, &args->items[args->count - 1]));
    }
    hn_buf_add_lit(&out, "\n})");
    text = script_text_new(state->run, hn_buf_text(&out), NULL);
    hn_buf_deinit(&out);
    if (text == NULL || text->unknown)
        return made;
    block = js_parse(state->run, script_text_flat(state->run, text));
    if (block != NULL && block->list != NULL && block->list->kind == JS_N_EXPRESSION &&
            block->list->a->kind == JS_N_FUNCTION) {
        struct js_scope *was = state->scope;

        state->scope = state->global;
        made = js_eval(state, block->list->a);
        state->scope = was;
    }
    return made;
}

/* setTimeout(f or text): sooner or later it is called. */
static struct js_value call_later(struct js_state *state, const struct js_args *args)
{
    static const struct js_args none = { NULL, 0 };
    struct js_value what = js_arg(args, 0);

    if (what.kind == JS_TEXT) {
        (void)js_eval_text(state, what.text, "setTimeout");
    } else if (what.kind == JS_OBJECT) {
        (void)js_call(state, what, js_undefined(), &none);
    }
    return js_number(1);
}

/* A <resource> of a script file. */
static struct js_value call_resource(struct js_state *state, const struct js_args *args)
{
    const struct script_source *source = state->source;
    struct js_value value = js_arg(args, 0);
    struct hn_buf name = { 0 };
    struct hn_text text;
    struct js_value made = js_unknown(state, "resource");

    hn_buf_add_lit(&name, SCRIPT_RESOURCE_PREFIX);
    hn_buf_add_text(&name, js_flat(state, &value));
    if (source->lookup != NULL && hn_buf_ok(&name) &&
            source->lookup(source->lookup_ctx, hn_buf_text(&name), &text)) {
        made = js_text(script_text_new(state->run, text,
                script_origin_new(state->run, "store", state->offset,
                        hn_arena_text(&state->run->arena, hn_buf_text(&name)), NULL, NULL)));
    }
    hn_buf_deinit(&name);
    return made;
}

/* ---- Windows and pages ---- */

static struct js_value make_com(struct js_state *state, const struct js_args *args, bool moniker)
{
    struct js_value name = js_arg(args, 0);
    struct com_object *com;

    name.text = js_to_text(state, &name);
    com = moniker ? com_moniker(state->com, name.text, state->offset)
                  : com_create(state->com, name.text, state->offset);
    return com != NULL ? (struct js_value){ .kind = JS_COM, .com = com } : js_undefined();
}

static struct js_value call_active_x(struct js_state *state, const struct js_args *args)
{
    return make_com(state, args, false);
}

static struct js_value call_get_object(struct js_state *state, const struct js_args *args)
{
    return make_com(state, args, true);
}

static struct js_value call_xml_http(struct js_state *state, const struct js_args *args)
{
    struct js_value name = js_literal(state, "MSXML2.XMLHTTP");
    struct js_args one = { &name, 1 };

    (void)args;
    return make_com(state, &one, false);
}

static struct js_value call_alert(struct js_state *state, const struct js_args *args)
{
    struct script_act act = script_act(state->run, SCRIPT_ACT_SHOW, state->offset, "alert");
    struct js_value text = js_arg(args, 0);

    script_act_add(&act, "Text", js_to_text(state, &text));
    script_tell(state->run, &act);
    return js_undefined();
}

static struct js_value call_write(struct js_state *state, const struct js_args *args)
{
    struct js_value text = js_arg(args, 0);
    struct script_layer layer = { .language = SCRIPT_HTML,
        .text = js_to_text(state, &text),
        .how = "document.write",
        .offset = state->offset };

    script_tell_layer(state->run, &layer);
    return js_undefined();
}

static struct js_value call_go(struct js_state *state, const struct js_args *args)
{
    struct script_act act = script_act(state->run, SCRIPT_ACT_HTTP, state->offset, "location");
    struct js_value url = js_arg(args, 0);

    script_act_add(&act, "Url", js_to_text(state, &url));
    script_tell(state->run, &act);
    return js_undefined();
}

static struct js_value call_array(struct js_state *state, const struct js_args *args)
{
    struct js_object *array = js_object_new(state, JS_ARRAY);

    if (array == NULL)
        return js_undefined();
    if (args->count == 1 && args->items[0].kind == JS_NUMBER) {
        for (double i = 0; i < args->items[0].number && i < 65536; i++)
            (void)js_array_add(state, array, js_undefined());
        return js_object(array);
    }
    for (uint32_t i = 0; i < args->count; i++)
        (void)js_array_add(state, array, args->items[i]);
    return js_object(array);
}

static struct js_value call_object(struct js_state *state, const struct js_args *args)
{
    struct js_value given = js_arg(args, 0);

    return given.kind == JS_OBJECT ? given : js_object(js_object_new(state, JS_PLAIN));
}

static struct js_value call_regexp(struct js_state *state, const struct js_args *args)
{
    struct js_object *regex = js_object_new(state, JS_REGEX);
    struct js_value pattern = js_arg(args, 0);
    struct js_value flags = js_arg(args, 1);

    if (regex == NULL || pattern.kind == JS_UNKNOWN)
        return js_unknown(state, "regular expression");
    regex->pattern = js_to_text(state, &pattern);
    regex->flags = flags.kind == JS_TEXT ? js_flat(state, &flags) : hn_text_of("", 0);
    return js_object(regex);
}

static struct js_value call_date(struct js_state *state, const struct js_args *args)
{
    (void)args;
    return js_unknown(state, "time");
}

static struct js_value call_error(struct js_state *state, const struct js_args *args)
{
    struct js_value made = js_object(js_object_new(state, JS_PLAIN));

    js_set_member(state, &made, HN_TEXT("message"), js_arg(args, 0));
    return made;
}

static struct js_value call_nothing(struct js_state *state, const struct js_args *args)
{
    (void)state;
    (void)args;
    return js_undefined();
}

static const struct {
    const char *name;
    builtin *call; /* NULL: an object that has methods only */
} globals[] = {
    { "eval", call_eval },
    { "Function", call_function },
    { "setTimeout", call_later },
    { "setInterval", call_later },
    { "setImmediate", call_later },
    { "String", js_to_string },
    { "unescape", js_unescape },
    { "decodeURIComponent", js_decode_uri },
    { "decodeURI", js_decode_uri },
    { "getResource", call_resource },
    { "escape", js_encode },
    { "encodeURIComponent", js_encode },
    { "encodeURI", js_encode },
    { "atob", js_atob },
    { "parseInt", js_parse_int },
    { "parseFloat", js_parse_float },
    { "Number", js_to_number_value },
    { "isNaN", js_is_nan },
    { "ActiveXObject", call_active_x },
    { "GetObject", call_get_object },
    { "XMLHttpRequest", call_xml_http },
    { "alert", call_alert },
    { "Array", call_array },
    { "Object", call_object },
    { "RegExp", call_regexp },
    { "Date", call_date },
    { "Error", call_error },
    { "Enumerator", call_date },
    { "Boolean", call_object },
    { "CollectGarbage", call_nothing },
    { "Math", NULL },
    { "document", NULL },
    { "window", NULL },
    { "self", NULL },
    { "globalThis", NULL },
    { "location", NULL },
    { "console", NULL },
    { "navigator", NULL },
    { "screen", NULL },
    { "JSON", NULL },
};

static builtin *global_function(struct hn_text name, bool *ret_known)
{
    for (size_t i = 0; i < HN_COUNT_OF(globals); i++) {
        if (hn_text_eq(name, hn_text_cstr(globals[i].name))) {
            *ret_known = true;
            return globals[i].call;
        }
    }
    *ret_known = false;
    return NULL;
}

bool js_is_global(struct hn_text name)
{
    bool known;

    (void)global_function(name, &known);
    return known;
}

/* ---- Methods ---- */

static struct js_value apply(struct js_state *state, struct js_value function, struct hn_text name,
        const struct js_args *args)
{
    struct js_value list = js_arg(args, 1);
    struct js_args given = { NULL, 0 };

    if (hn_text_eq(name, HN_TEXT("apply"))) {
        if (list.kind == JS_OBJECT)
            given = (struct js_args){ list.object->items, list.object->count };
    } else if (args->count > 1) {
        given = (struct js_args){ args->items + 1, args->count - 1 };
    }
    return js_call(state, function, js_arg(args, 0), &given);
}

static struct js_value document_method(
        struct js_state *state, struct hn_text name, const struct js_args *args)
{
    if (hn_text_eq(name, HN_TEXT("write")) || hn_text_eq(name, HN_TEXT("writeln")))
        return call_write(state, args);
    return js_object(js_object_new(state, JS_PLAIN)); /* an element, of which nothing is known */
}

static struct js_value static_method(
        struct js_state *state, struct hn_text of, struct hn_text name, const struct js_args *args)
{
    if (hn_text_eq(of, HN_TEXT("String")) && (hn_text_eq(name, HN_TEXT("fromCharCode")) ||
                                                     hn_text_eq(name, HN_TEXT("fromCodePoint"))))
        return js_from_char_code(state, args);
    if (hn_text_eq(of, HN_TEXT("Math")))
        return js_math(state, name, args);
    if (hn_text_eq(of, HN_TEXT("document")))
        return document_method(state, name, args);
    if (hn_text_eq(of, HN_TEXT("location")))
        return call_go(state, args);
    if (hn_text_eq(of, HN_TEXT("window")) || hn_text_eq(of, HN_TEXT("self")) ||
            hn_text_eq(of, HN_TEXT("globalThis"))) {
        bool known;
        builtin *call = global_function(name, &known);

        if (call != NULL)
            return call(state, args);
        return js_unknown(state, "window");
    }
    return js_unknown(state, "call");
}

static struct js_value object_method(
        struct js_state *state, const struct js_object *method, const struct js_args *args)
{
    struct js_value self = method->self;
    struct js_object *object = self.object;

    if (object->class == JS_ARRAY)
        return js_array_method(state, object, method->name, args);
    if (object->class == JS_REGEX) {
        struct js_value text = js_arg(args, 0);
        const struct script_text *flat = js_to_text(state, &text);
        int found;

        if (flat == NULL || js_is_unknown(&text))
            return js_unknown(state, "match");
        if (hn_text_eq(method->name, HN_TEXT("exec")))
            return js_regex_match(state, flat, object, true);
        found = js_regex_test(state, flat, object);
        return found < 0 ? js_unknown(state, "match") : js_bool(found == 1);
    }
    if (hn_text_eq(method->name, HN_TEXT("call")) || hn_text_eq(method->name, HN_TEXT("apply")))
        return apply(state, self, method->name, args);
    if (hn_text_eq(method->name, HN_TEXT("bind")))
        return self;
    if (hn_text_eq(method->name, HN_TEXT("toString")))
        return js_text(js_to_text(state, &self));
    if (hn_text_eq(method->name, HN_TEXT("hasOwnProperty"))) {
        struct js_value name = js_arg(args, 0);

        return js_bool(js_table_find(&object->properties, js_flat(state, &name)) != NULL);
    }
    if (object->class == JS_BUILTIN)
        return static_method(state, object->name, method->name, args);
    return js_unknown(state, "call");
}

struct js_value js_call_builtin(
        struct js_state *state, const struct js_object *method, const struct js_args *args)
{
    bool known;
    builtin *call;

    if (!script_spend(state->run, 2) || state->nest + 2 >= JS_NEST_MAX)
        return js_undefined();
    if (method->self.kind == JS_TEXT)
        return js_string_method(state, method->self.text, method->name, args);
    if (method->self.kind == JS_OBJECT)
        return object_method(state, method, args);
    if (method->self.kind == JS_NUMBER)
        return js_number_text(state, method->self.number, args);
    if (method->self.kind == JS_BOOL)
        return js_text(js_to_text(state, &method->self));
    call = global_function(method->name, &known);
    return call != NULL ? call(state, args) : js_unknown(state, "call");
}

struct js_value js_construct(
        struct js_state *state, struct js_value function, const struct js_args *args)
{
    struct js_object *object;
    struct js_value made;
    struct js_value result;
    struct js_value prototype;

    if (function.kind != JS_OBJECT) {
        return function.kind == JS_UNDEFINED && state->tries > 0
                       ? js_throw(state, js_literal(state, "TypeError: no constructor"))
                       : js_unknown(state, "object");
    }
    if (function.object->class != JS_FUNCTION)
        return js_call(state, function, js_undefined(), args);
    object = js_object_new(state, JS_PLAIN);
    made = js_object(object);
    prototype = js_member(state, &function, HN_TEXT("prototype"));
    if (object != NULL && prototype.kind == JS_OBJECT)
        object->prototype = prototype.object;
    result = js_call(state, function, made, args);
    return result.kind == JS_OBJECT ? result : made;
}
