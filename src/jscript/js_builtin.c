/* js_builtin.c - functions of the language and of the page: eval, String.fromCharCode, unescape,
 * document.write. */
#include "jscript/jscript_internal.h"

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
    bool unknown = false;

    hn_buf_add_lit(&out, "(function anonymous(");
    for (uint32_t i = 0; i < args->count; i++)
        unknown = unknown || js_is_unknown(&args->items[i]);
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
    if (text == NULL || unknown)
        return made;
    block = js_parse(state->run, script_text_flat(state->run, text));
    if (block != NULL && block->list != NULL && block->list->kind == JS_N_EXPRESSION &&
            block->list->a->kind == JS_N_FUNCTION) {
        struct js_scope *was = state->scope;
        struct hn_text was_text = state->text;

        state->scope = state->global;
        state->text = script_text_flat(state->run, text);
        made = js_eval(state, block->list->a);
        state->scope = was;
        state->text = was_text;
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

static struct js_value call_boolean(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    int truth = js_truth(&value);

    return truth < 0 ? js_unknown(state, "condition") : js_bool(truth == 1);
}

/* new Promise(function (resolve, reject) {...}): what resolve is given. */
static struct js_value call_promise(struct js_state *state, const struct js_args *args)
{
    struct js_value promise = js_promise(state, js_undefined());
    struct js_value resolve = js_builtin(state, promise, HN_TEXT("resolve"));
    struct js_value given[2] = { resolve, js_builtin(state, js_undefined(), HN_TEXT("reject")) };

    if (promise.kind == JS_OBJECT)
        (void)js_call(state, js_arg(args, 0), js_undefined(), &(struct js_args){ given, 2 });
    return promise;
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

    if (pattern.kind == JS_OBJECT && pattern.object->class == JS_REGEX)
        return pattern;
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

static struct js_value call_open(struct js_state *state, const struct js_args *args)
{
    js_tell_go(state, js_arg(args, 0), "window.open");
    return js_undefined();
}

static struct js_value call_listen(struct js_state *state, const struct js_args *args)
{
    return js_document(state, HN_TEXT("addEventListener"), args);
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
    { "escape", js_escape },
    { "encodeURIComponent", js_encode_part },
    { "encodeURI", js_encode_uri },
    { "atob", js_atob },
    { "btoa", js_btoa },
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
    { "Enumerator", js_enumerator },
    { "Boolean", call_boolean },
    { "Blob", js_blob },
    { "File", js_blob },
    { "Uint8Array", js_typed_array },
    { "Int8Array", js_typed_array },
    { "Uint16Array", js_typed_array },
    { "Uint32Array", js_typed_array },
    { "Int32Array", js_typed_array },
    { "Uint8ClampedArray", js_typed_array },
    { "ArrayBuffer", js_typed_array },
    { "DataView", js_typed_array },
    { "Promise", call_promise },
    { "fetch", js_fetch },
    { "open", call_open },
    { "clearInterval", call_nothing },
    { "clearTimeout", call_nothing },
    { "close", call_nothing },
    { "moveTo", call_nothing },
    { "resizeTo", call_nothing },
    { "addEventListener", call_listen },
    { "attachEvent", call_listen },
    { "CollectGarbage", call_nothing },
    { "URL", NULL },
    { "webkitURL", NULL },
    { "history", NULL },
    { "top", NULL },
    { "parent", NULL },
    { "performance", NULL },
    { "crypto", NULL },
    { "localStorage", NULL },
    { "sessionStorage", NULL },
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

bool js_is_thing(const struct js_value *value)
{
    bool known;

    return value->kind == JS_OBJECT && value->object->class == JS_BUILTIN &&
           value->object->self.kind == JS_UNDEFINED &&
           global_function(value->object->name, &known) == NULL && known;
}

/* ---- Methods ---- */

/* What Object.prototype.toString() says. */
static const char *class_name(const struct js_value *value)
{
    if (value->kind == JS_OBJECT && value->object->class == JS_ARRAY)
        return "[object Array]";
    return js_type_name(value)[0] == 'f' ? "[object Function]" : "[object Object]";
}

/* Methods of the language stand for those of whatever they are called with. */
struct js_value js_apply(struct js_state *state, struct js_value function, struct js_value self,
        const struct js_args *args)
{
    const struct js_object *method = function.object;
    struct js_value other;
    struct js_args one = { &self, 1 };

    if (function.kind != JS_OBJECT || method->class != JS_BUILTIN ||
            method->self.kind == JS_UNDEFINED || self.kind == JS_UNDEFINED ||
            self.kind == JS_NULL || js_is_thing(&method->self))
        return js_call(state, function, self, args);
    if (self.kind == JS_TEXT && method->self.kind == JS_OBJECT &&
            method->self.object->class == JS_ARRAY)
        self = js_static(state, HN_TEXT("Array"), HN_TEXT("from"), &one);
    if (method->self.kind == JS_TEXT && self.kind == JS_OBJECT)
        self = js_text(js_to_text(state, &self));
    if (hn_text_eq(method->name, HN_TEXT("toString")) && method->self.kind == JS_OBJECT &&
            method->self.object->class == JS_PLAIN)
        return js_literal(state, class_name(&self));
    other = js_member(state, &self, method->name);
    return js_call(state, other.kind == JS_OBJECT ? other : function, self, args);
}

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
    return js_apply(state, function, js_arg(args, 0), &given);
}

static struct js_value bind(
        struct js_state *state, struct js_value function, const struct js_args *args)
{
    struct js_object *bound = js_object_new(state, JS_BOUND);

    if (bound == NULL || function.kind != JS_OBJECT)
        return function;
    bound->target = function.object;
    bound->self = js_arg(args, 0);
    for (uint32_t i = 1; i < args->count; i++)
        (void)js_array_add(state, bound, args->items[i]);
    return js_object(bound);
}

struct js_value js_call_bound(
        struct js_state *state, const struct js_object *bound, const struct js_args *args)
{
    struct js_object *all = js_object_new(state, JS_ARRAY);
    struct js_args given;
    struct js_value made;

    if (all == NULL || state->nest + 8 >= JS_NEST_MAX)
        return js_unknown(state, "call");
    for (uint32_t i = 0; i < bound->count; i++)
        (void)js_array_add(state, all, bound->items[i]);
    for (uint32_t i = 0; i < args->count; i++)
        (void)js_array_add(state, all, args->items[i]);
    given = (struct js_args){ all->items, all->count };
    state->nest += 4;
    made = js_apply(state, js_object(bound->target), bound->self, &given);
    state->nest -= 4;
    return made;
}

static struct js_value regex_method(struct js_state *state, struct js_object *regex,
        struct hn_text name, const struct js_args *args)
{
    struct js_value text = js_arg(args, 0);
    struct js_value self = js_object(regex);
    const struct script_text *flat = js_to_text(state, &text);
    struct js_value found;

    if (hn_text_eq(name, HN_TEXT("toString")))
        return js_text(js_to_text(state, &self));
    if (flat == NULL || js_is_unknown(&text) || regex->pattern == NULL || regex->pattern->unknown)
        return js_unknown(state, "match");
    if (!hn_text_eq(name, HN_TEXT("exec")) && !hn_text_eq(name, HN_TEXT("test")))
        return js_undefined(); /* compile() */
    found = js_regex_match(state, flat, regex, true);
    if (hn_text_eq(name, HN_TEXT("exec")) || found.kind == JS_UNKNOWN)
        return found;
    return js_bool(found.kind == JS_OBJECT);
}

static struct js_value object_method(
        struct js_state *state, const struct js_object *method, const struct js_args *args)
{
    struct js_value self = method->self;
    struct js_object *object = self.object;

    if (object->class == JS_ARRAY)
        return js_array_method(state, object, method->name, args);
    if (object->class == JS_REGEX)
        return regex_method(state, object, method->name, args);
    if (js_page_has(object->class, method->name))
        return js_page_method(state, object, method->name, args);
    if (hn_text_eq(method->name, HN_TEXT("call")) || hn_text_eq(method->name, HN_TEXT("apply")))
        return apply(state, self, method->name, args);
    if (hn_text_eq(method->name, HN_TEXT("bind")))
        return bind(state, self, args);
    if (hn_text_eq(method->name, HN_TEXT("toString")))
        return js_text(js_to_text(state, &self));
    if (hn_text_eq(method->name, HN_TEXT("valueOf")))
        return self;
    if (hn_text_eq(method->name, HN_TEXT("hasOwnProperty"))) {
        struct js_value name = js_arg(args, 0);

        return js_bool(js_table_find(&object->properties, js_flat(state, &name)) != NULL);
    }
    if (object->class == JS_BUILTIN)
        return js_static(state, object->name, method->name, args);
    return js_unknown(state, "call");
}

static struct js_value call_builtin(
        struct js_state *state, const struct js_object *method, const struct js_args *args)
{
    bool known;
    builtin *call;

    if (method->self.kind == JS_TEXT)
        return js_string_method(state, method->self.text, method->name, args);
    if (method->self.kind == JS_OBJECT)
        return object_method(state, method, args);
    if (method->self.kind == JS_NUMBER && hn_text_eq(method->name, HN_TEXT("valueOf")))
        return method->self;
    if (method->self.kind == JS_NUMBER)
        return js_number_text(state, method->self.number, args);
    if (method->self.kind == JS_BOOL)
        return js_text(js_to_text(state, &method->self));
    call = global_function(method->name, &known);
    return call != NULL ? call(state, args) : js_unknown(state, "call");
}

/* Methods that call each other (call() of a call(), bound ones of bound ones) nest as functions do.
 */
struct js_value js_call_builtin(
        struct js_state *state, const struct js_object *method, const struct js_args *args)
{
    struct js_value made;

    if (!script_spend(state->run, 2) || state->nest + 2 >= JS_NEST_MAX)
        return js_undefined();
    state->nest++;
    made = call_builtin(state, method, args);
    state->nest--;
    return made;
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
    return result.kind == JS_OBJECT || result.kind == JS_COM ? result : made;
}
