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

/* ---- Texts ---- */

static struct js_value from_char_code(struct js_state *state, const struct js_args *args)
{
    uint16_t *units;

    for (uint32_t i = 0; i < args->count; i++) {
        if (js_is_unknown(&args->items[i]))
            return js_unknown(state, "character");
    }
    units = hn_arena_raw(&state->run->arena, ((size_t)args->count + 1) * sizeof *units, 2);
    if (units == NULL || !script_spend(state->run, args->count))
        return js_undefined();
    for (uint32_t i = 0; i < args->count; i++) {
        units[i] =
                (uint16_t)((uint32_t)js_to_int32(js_to_number(state, &args->items[i])) & 0xFFFFu);
    }
    return js_text(script_text_from_units(state->run, units, args->count,
            script_origin_new(state->run, "fromCharCode", state->offset, HN_TEXT(""), NULL, NULL)));
}

static int hex_digit(uint16_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int hex_number(const uint16_t *units, size_t count)
{
    int number = 0;

    for (size_t i = 0; i < count; i++) {
        if (hex_digit(units[i]) < 0)
            return -1;
        number = number << 4 | hex_digit(units[i]);
    }
    return number;
}

static struct js_value call_unescape(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    const struct script_text *text = js_to_text(state, &value);
    const uint16_t *units = text != NULL ? script_text_units(state->run, text) : NULL;
    uint16_t *out;
    size_t count = 0;

    if (units == NULL || text->unknown)
        return js_unknown(state, "unescaped text");
    out = hn_arena_raw(&state->run->arena, (text->units + 1) * sizeof *out, 2);
    if (out == NULL || !script_spend(state->run, text->units / 8))
        return js_undefined();
    for (size_t i = 0; i < text->units; count++) {
        bool wide = units[i] == '%' && i + 5 < text->units && (units[i + 1] | 0x20) == 'u' &&
                    hex_number(units + i + 2, 4) >= 0;
        bool narrow = units[i] == '%' && i + 2 < text->units && hex_number(units + i + 1, 2) >= 0;

        out[count] = wide     ? (uint16_t)hex_number(units + i + 2, 4)
                     : narrow ? (uint16_t)hex_number(units + i + 1, 2)
                              : units[i];
        i += wide ? 6 : narrow ? 3 : 1;
    }
    return js_made(state, script_text_from_units(state->run, out, count, text->origin), "unescape");
}

static struct js_value call_decode_uri(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    const struct script_text *text = js_to_text(state, &value);
    struct hn_buf out = { 0 };
    struct js_value made = js_unknown(state, "decoded text");

    if (text == NULL || text->unknown)
        return made;
    hn_percent_decode(&out, script_text_flat(state->run, text));
    made = js_made(state, script_text_new(state->run, hn_buf_text(&out), text->origin), "percent");
    hn_buf_deinit(&out);
    return made;
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

static struct js_value call_encode(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    struct hn_text text = js_flat(state, &value);
    struct hn_buf out = { 0 };
    struct js_value made;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                (c != '\0' && strchr("-_.!~*'()@/+", c) != NULL)) {
            hn_buf_add_char(&out, (char)c);
        } else {
            hn_buf_addf(&out, "%%%02X", (unsigned)c);
        }
    }
    made = js_text(script_text_new(state->run, hn_buf_text(&out), NULL));
    hn_buf_deinit(&out);
    return made;
}

static struct js_value call_atob(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    const struct script_text *text = js_to_text(state, &value);
    struct hn_buf out = { 0 };
    struct js_value made = js_unknown(state, "decoded text");

    if (text != NULL && !text->unknown &&
            hn_base64_decode(&out, script_text_flat(state->run, text))) {
        made = js_made(state,
                script_text_from_bytes(state->run, hn_bytes_of(out.ptr, out.len), text->origin),
                "base64");
    }
    hn_buf_deinit(&out);
    return made;
}

static struct js_value call_string(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);

    if (args->count == 0)
        return js_literal(state, "");
    if (value.kind == JS_UNKNOWN)
        return value;
    return js_text(js_to_text(state, &value));
}

/* ---- Numbers ---- */

static struct js_value call_parse_int(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    struct js_value radix = js_arg(args, 1);
    struct hn_text text;
    double base = radix.kind == JS_UNDEFINED ? 0 : js_to_number(state, &radix);
    double number = 0;
    bool negative;
    size_t digits = 0;

    if (js_is_unknown(&value) || js_is_unknown(&radix))
        return js_unknown(state, "number");
    text = hn_text_trim(js_flat(state, &value));
    negative = text.len > 0 && text.ptr[0] == '-';
    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+'))
        text = hn_text_sub(text, 1, SIZE_MAX);
    if ((base == 0 || base == 16) && hn_text_starts_nocase(text, HN_TEXT("0x"))) {
        text = hn_text_sub(text, 2, SIZE_MAX);
        base = 16;
    }
    base = base == 0 ? 10 : base;
    for (; digits < text.len; digits++) {
        char c = text.ptr[digits];
        double digit = c >= '0' && c <= '9'                     ? c - '0'
                       : (c | 0x20) >= 'a' && (c | 0x20) <= 'z' ? (c | 0x20) - 'a' + 10
                                                                : 99;

        if (digit >= base)
            break;
        number = number * base + digit;
    }
    return js_number(digits == 0 ? (double)NAN : negative ? -number : number);
}

static struct js_value call_number(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);

    if (js_is_unknown(&value))
        return js_unknown(state, "number");
    return js_number(args->count == 0 ? 0 : js_to_number(state, &value));
}

static struct js_value call_parse_float(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);
    struct hn_text text = hn_text_trim(js_flat(state, &value));
    char digits[64];
    size_t len = text.len < sizeof digits - 1 ? text.len : sizeof digits - 1;

    if (js_is_unknown(&value))
        return js_unknown(state, "number");
    memcpy(digits, text.len > 0 ? text.ptr : "", len);
    digits[len] = '\0';
    return js_number(len == 0 || strchr("0123456789+-.", digits[0]) == NULL ? (double)NAN
                                                                            : strtod(digits, NULL));
}

static struct js_value call_is_nan(struct js_state *state, const struct js_args *args)
{
    struct js_value value = js_arg(args, 0);

    if (js_is_unknown(&value))
        return js_unknown(state, "condition");
    return js_bool(isnan(js_to_number(state, &value)));
}

static struct js_value call_math(
        struct js_state *state, struct hn_text name, const struct js_args *args)
{
    struct js_value a = js_arg(args, 0);
    struct js_value b = js_arg(args, 1);
    double x;
    double y;

    if (hn_text_eq(name, HN_TEXT("random")) || js_is_unknown(&a) || js_is_unknown(&b))
        return js_unknown(state, "random number");
    x = js_to_number(state, &a);
    y = js_to_number(state, &b);
    if (hn_text_eq(name, HN_TEXT("floor")))
        return js_number(floor(x));
    if (hn_text_eq(name, HN_TEXT("ceil")))
        return js_number(ceil(x));
    if (hn_text_eq(name, HN_TEXT("round")))
        return js_number(floor(x + 0.5));
    if (hn_text_eq(name, HN_TEXT("abs")))
        return js_number(fabs(x));
    if (hn_text_eq(name, HN_TEXT("sqrt")))
        return js_number(sqrt(x));
    if (hn_text_eq(name, HN_TEXT("pow")))
        return js_number(pow(x, y));
    if (hn_text_eq(name, HN_TEXT("min")))
        return js_number(x < y ? x : y);
    if (hn_text_eq(name, HN_TEXT("max")))
        return js_number(x > y ? x : y);
    if (hn_text_eq(name, HN_TEXT("trunc")))
        return js_number(trunc(x));
    return js_unknown(state, "number");
}

/* Number.prototype.toString(radix) */
static struct js_value number_text(
        struct js_state *state, double number, const struct js_args *args)
{
    struct js_value radix = js_arg(args, 0);
    struct js_value value = js_number(number);
    double base = radix.kind == JS_UNDEFINED ? 10 : js_to_number(state, &radix);
    char digits[72];
    size_t at = sizeof digits;
    double left = fabs(number);

    if (!(base >= 2 && base <= 36) || base == 10 || number != floor(number) || left >= 1e15)
        return js_text(js_to_text(state, &value));
    do {
        digits[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[(size_t)fmod(left, base)];
        left = floor(left / base);
    } while (left > 0 && at > 1);
    if (number < 0)
        digits[--at] = '-';
    return js_text(script_text_new(state->run, hn_text_of(digits + at, sizeof digits - at), NULL));
}

/* ---- Windows and pages ---- */

static struct js_value make_com(struct js_state *state, const struct js_args *args, bool moniker)
{
    struct js_value name = js_arg(args, 0);
    struct com_object *com;

    name.text = js_to_text(state, &name);
    com = moniker ? com_moniker(state->run, name.text, state->offset)
                  : com_create(state->run, name.text, state->offset);
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
    { "String", call_string },
    { "unescape", call_unescape },
    { "decodeURIComponent", call_decode_uri },
    { "decodeURI", call_decode_uri },
    { "getResource", call_resource },
    { "escape", call_encode },
    { "encodeURIComponent", call_encode },
    { "encodeURI", call_encode },
    { "atob", call_atob },
    { "parseInt", call_parse_int },
    { "parseFloat", call_parse_float },
    { "Number", call_number },
    { "isNaN", call_is_nan },
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
        return from_char_code(state, args);
    if (hn_text_eq(of, HN_TEXT("Math")))
        return call_math(state, name, args);
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
        return number_text(state, method->self.number, args);
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
