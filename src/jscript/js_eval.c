/* js_eval.c - expressions. */
#include "jscript/jscript_internal.h"

#include <assert.h>
#include <math.h>

static const struct hn_text nothing = HN_TEXT_INIT("");

struct js_value js_throw(struct js_state *state, struct js_value value)
{
    state->thrown = true;
    state->result = value;
    return js_undefined();
}

/* ---- Names ---- */

static struct js_value *find_name(struct js_state *state, struct hn_text name)
{
    for (struct js_scope *scope = state->scope; scope != NULL; scope = scope->up) {
        struct js_value *value = js_table_find(&scope->names, name);

        if (value != NULL)
            return value;
        if (scope->with.kind == JS_OBJECT) {
            value = js_table_find(&scope->with.object->properties, name);
            if (value != NULL)
                return value;
        }
    }
    return NULL;
}

/* The object of Windows whose members are names here. */
static struct com_object *with_com(const struct js_state *state)
{
    for (const struct js_scope *scope = state->scope; scope != NULL; scope = scope->up) {
        if (scope->with.kind == JS_COM)
            return scope->with.com;
    }
    return NULL;
}

static struct js_value eval_name(struct js_state *state, struct js_node *node)
{
    struct js_value *value = find_name(state, node->text);
    struct com_object *com;

    if (value != NULL)
        return *value;
    com = with_com(state);
    if (com != NULL) {
        struct js_value with = { .kind = JS_COM, .com = com };

        return js_member(state, &with, node->text);
    }
    com = com_ambient(state->run, node->text, state->source);
    if (com != NULL) {
        struct js_value made = { .kind = JS_COM, .com = com };
        struct js_value *slot = js_table_put(state, &state->global->names, node->text);

        if (slot != NULL)
            *slot = made;
        return made;
    }
    if (js_is_global(node->text)) {
        struct js_value made = js_builtin(state, js_undefined(), node->text);
        struct js_value *slot = js_table_put(state, &state->global->names, node->text);

        if (slot != NULL)
            *slot = made;
        return made;
    }
    if (hn_text_eq(node->text, HN_TEXT("NaN")))
        return js_number((double)NAN);
    if (hn_text_eq(node->text, HN_TEXT("Infinity")))
        return js_number((double)INFINITY);
    return js_undefined();
}

static void assign_name(struct js_state *state, struct hn_text name, struct js_value value)
{
    struct js_value *slot = find_name(state, name);

    if (slot == NULL)
        slot = js_table_put(state, &state->global->names, name);
    if (slot != NULL)
        *slot = value;
}

/* ---- Members ---- */

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

static struct js_value com_member(struct js_state *state, struct com_object *com,
        struct hn_text name, const struct js_args *args);

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
        return com_member(state, base->com, name, &none);
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

static struct com_value to_com(struct js_state *state, const struct js_value *value)
{
    switch (value->kind) {
    case JS_BOOL:
        return com_value_bool(value->truth);
    case JS_NUMBER:
        return com_value_number(value->number);
    case JS_COM:
        return com_value_object(value->com);
    case JS_UNKNOWN:
        return (struct com_value){ .kind = COM_UNKNOWN, .text = value->text };
    case JS_UNDEFINED:
    case JS_NULL:
        return (struct com_value){ .kind = COM_EMPTY };
    case JS_TEXT:
    case JS_OBJECT:
        break;
    }
    return com_value_text(js_to_text(state, value));
}

static struct js_value from_com(const struct com_value *value)
{
    switch (value->kind) {
    case COM_BOOL:
        return js_bool(value->truth);
    case COM_NUMBER:
        return js_number(value->number);
    case COM_TEXT:
    case COM_BYTES:
        return js_text(value->text);
    case COM_OBJECT:
        return (struct js_value){ .kind = JS_COM, .com = value->object };
    case COM_UNKNOWN:
        return (struct js_value){ .kind = value->text != NULL ? JS_UNKNOWN : JS_UNDEFINED,
            .text = value->text };
    case COM_EMPTY:
        break;
    }
    return js_undefined();
}

static struct js_value com_member(struct js_state *state, struct com_object *com,
        struct hn_text name, const struct js_args *args)
{
    struct com_value values[COM_ARGS_MAX];
    struct com_value ret;
    uint32_t count = args->count < COM_ARGS_MAX ? args->count : COM_ARGS_MAX;

    for (uint32_t i = 0; i < count; i++)
        values[i] = to_com(state, &args->items[i]);
    com_invoke(state->run,
            &(struct com_invocation){ .object = com,
                    .member = name,
                    .access = COM_GET,
                    .args = values,
                    .count = count,
                    .offset = state->offset },
            &ret);
    return from_com(&ret);
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
        struct com_value given = to_com(state, &value);
        struct com_value ret;

        com_invoke(state->run,
                &(struct com_invocation){ .object = base->com,
                        .member = name,
                        .access = COM_PUT,
                        .args = &given,
                        .count = 1,
                        .offset = state->offset },
                &ret);
        return;
    }
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

static struct hn_text member_name(struct js_state *state, struct js_node *node, bool *ret_known)
{
    struct js_value key;

    *ret_known = true;
    if (node->b == NULL)
        return node->text;
    key = js_eval(state, node->b);
    *ret_known = !js_is_unknown(&key);
    return js_flat(state, &key);
}

/* ---- Operators ---- */

static struct js_value add(
        struct js_state *state, const struct js_value *a, const struct js_value *b)
{
    bool texts = a->kind == JS_TEXT || b->kind == JS_TEXT || a->kind == JS_OBJECT ||
                 b->kind == JS_OBJECT || a->kind == JS_COM || b->kind == JS_COM;

    if (!texts && (a->kind == JS_UNKNOWN || b->kind == JS_UNKNOWN)) {
        /* A number or a text, nobody knows; as a text its known part is kept. */
        return (struct js_value){ .kind = JS_UNKNOWN,
            .text = script_text_join(state->run, js_to_text(state, a), js_to_text(state, b)) };
    }
    if (!texts)
        return js_number(js_to_number(state, a) + js_to_number(state, b));
    return js_text(script_text_join(state->run, js_to_text(state, a), js_to_text(state, b)));
}

static struct js_value compare(
        struct js_state *state, int op, const struct js_value *a, const struct js_value *b)
{
    double x;
    double y;

    if (a->kind == JS_TEXT && b->kind == JS_TEXT) {
        int order = hn_text_cmp(js_flat(state, a), js_flat(state, b));

        x = order;
        y = 0;
    } else {
        x = js_to_number(state, a);
        y = js_to_number(state, b);
    }
    switch (op) {
    case '<':
        return js_bool(x < y);
    case '>':
        return js_bool(x > y);
    case JS_OP2('<', '='):
        return js_bool(x <= y);
    default:
        return js_bool(x >= y);
    }
}

static struct js_value arithmetic(double x, double y, int op)
{
    uint32_t shift = (uint32_t)js_to_int32(y) & 31u;

    switch (op) {
    case '-':
        return js_number(x - y);
    case '*':
        return js_number(x * y);
    case '/':
        return js_number(x / y);
    case '%':
        return js_number(fmod(x, y));
    case JS_OP2('*', '*'):
        return js_number(pow(x, y));
    case '&':
        return js_number(js_to_int32(x) & js_to_int32(y));
    case '|':
        return js_number(js_to_int32(x) | js_to_int32(y));
    case '^':
        return js_number(js_to_int32(x) ^ js_to_int32(y));
    case JS_OP2('<', '<'):
        return js_number((int32_t)((uint32_t)js_to_int32(x) << shift));
    case JS_OP2('>', '>'): {
        int32_t whole = js_to_int32(x);

        return js_number(whole < 0 ? (double)~(~whole >> shift) : (double)(whole >> shift));
    }
    default:
        return js_number((uint32_t)js_to_int32(x) >> shift);
    }
}

static struct js_value equality(
        struct js_state *state, int op, const struct js_value *a, const struct js_value *b)
{
    bool strict = op == JS_OP3('=', '=', '=') || op == JS_OP3('!', '=', '=');
    bool negated = op == JS_OP2('!', '=') || op == JS_OP3('!', '=', '=');
    int equal = js_equal(state, a, b, strict);

    if (equal < 0)
        return js_unknown(state, "comparison");
    return js_bool((equal == 1) != negated);
}

static struct js_value operate(
        struct js_state *state, int op, const struct js_value *a, const struct js_value *b)
{
    switch (op) {
    case '+':
        return add(state, a, b);
    case JS_OP2('=', '='):
    case JS_OP2('!', '='):
    case JS_OP3('=', '=', '='):
    case JS_OP3('!', '=', '='):
        return equality(state, op, a, b);
    default:
        break;
    }
    if (js_is_unknown(a) || js_is_unknown(b) || a->kind == JS_COM || b->kind == JS_COM)
        return js_unknown(state, "number");
    switch (op) {
    case '<':
    case '>':
    case JS_OP2('<', '='):
    case JS_OP2('>', '='):
        return compare(state, op, a, b);
    case JS_OP_IN:
        if (b->kind == JS_OBJECT) {
            struct js_value found = object_member(state, b, js_flat(state, a));

            return js_bool(found.kind != JS_UNDEFINED);
        }
        return js_bool(false);
    case JS_OP_INSTANCEOF:
        return js_unknown(state, "instanceof");
    default:
        return arithmetic(js_to_number(state, a), js_to_number(state, b), op);
    }
}

static struct js_value eval_chain(struct js_state *state, struct js_node *node)
{
    struct js_value value = js_eval(state, node->a);
    bool joined = false;

    for (struct js_node *link = node->list; link != NULL && !state->thrown; link = link->next) {
        struct js_value right = js_eval(state, link->a);

        if (state->thrown || !script_spend(state->run, 1))
            break;
        value = operate(state, link->op, &value, &right);
        joined = joined || (link->op == '+' && value.kind == JS_TEXT);
    }
    if (joined && value.kind == JS_TEXT)
        js_tell_text(state, value.text);
    return value;
}

static struct js_value eval_logic(struct js_state *state, struct js_node *node)
{
    struct js_value value = js_eval(state, node->a);

    for (struct js_node *link = node->list; link != NULL && !state->thrown; link = link->next) {
        int truth = js_truth(&value);
        bool was = state->run->conditional;
        bool empty = value.kind == JS_UNDEFINED || value.kind == JS_NULL;

        if (link->op == JS_OP2('?', '?')) {
            if (!empty && value.kind != JS_UNKNOWN)
                continue;
        } else if (truth >= 0 && (truth == 1) == (link->op == JS_OP2('|', '|'))) {
            continue;
        }
        if (truth < 0)
            state->run->conditional = true;
        {
            struct js_value right = js_eval(state, link->a);

            /* Of two that may be it, the known one says more. */
            if (truth >= 0 || link->op == JS_OP2('|', '|') || js_truth(&right) == 0)
                value = right;
        }
        state->run->conditional = was;
    }
    return value;
}

static struct js_value eval_unary(struct js_state *state, struct js_node *node)
{
    struct js_value value;
    int truth;

    if (node->op == JS_OP_DELETE) {
        if (node->a->kind == JS_N_MEMBER) {
            bool known;
            struct js_value base = js_eval(state, node->a->a);
            struct hn_text name = member_name(state, node->a, &known);

            if (known && base.kind == JS_OBJECT)
                js_set_member(state, &base, name, js_undefined());
        }
        return js_bool(true);
    }
    value = js_eval(state, node->a);
    switch (node->op) {
    case JS_OP_TYPEOF:
        if (js_is_unknown(&value))
            return js_unknown(state, "type");
        return js_literal(state, js_type_name(&value));
    case JS_OP_VOID:
        return js_undefined();
    case '!':
        truth = js_truth(&value);
        return truth < 0 ? js_unknown(state, "condition") : js_bool(truth == 0);
    default:
        break;
    }
    if (js_is_unknown(&value) || value.kind == JS_COM)
        return js_unknown(state, "number");
    switch (node->op) {
    case '-':
        return js_number(-js_to_number(state, &value));
    case '~':
        return js_number(~js_to_int32(js_to_number(state, &value)));
    default:
        return js_number(js_to_number(state, &value));
    }
}

/* ---- Assignments ---- */

static void assign(struct js_state *state, struct js_node *target, struct js_value value)
{
    struct js_value base;
    struct hn_text name;
    bool known;

    if (target->kind == JS_N_NAME) {
        /* "location = url" in a page. */
        if (hn_text_eq(target->text, HN_TEXT("location")) &&
                find_name(state, target->text) == NULL) {
            base = js_builtin(state, js_undefined(), HN_TEXT("window"));
            js_set_member(state, &base, target->text, value);
            return;
        }
        assign_name(state, target->text, value);
        return;
    }
    if (target->kind != JS_N_MEMBER)
        return;
    base = js_eval(state, target->a);
    name = member_name(state, target, &known);
    if (state->thrown || !known)
        return;
    if (target->b != NULL && name.len > 0) /* a computed name may be a passing text */
        name = hn_arena_text(&state->run->arena, name);
    js_set_member(state, &base, name, value);
}

static struct js_value eval_assign(struct js_state *state, struct js_node *node)
{
    struct js_value value = js_eval(state, node->b);

    if (state->thrown)
        return js_undefined();
    if (node->op != 0) {
        struct js_value old = js_eval(state, node->a);

        if (node->op == JS_OP2('|', '|') || node->op == JS_OP2('&', '&') ||
                node->op == JS_OP2('?', '?')) {
            int truth = js_truth(&old);

            if (truth >= 0 && (truth == 1) == (node->op != JS_OP2('&', '&')))
                return old;
        } else {
            value = operate(state, node->op, &old, &value);
        }
    }
    assign(state, node->a, value);
    return value;
}

static struct js_value eval_update(struct js_state *state, struct js_node *node)
{
    struct js_value old = js_eval(state, node->a);
    struct js_value next;

    if (js_is_unknown(&old) || old.kind == JS_COM) {
        old = js_unknown(state, "number");
        next = old;
    } else {
        old = js_number(js_to_number(state, &old));
        next = js_number(old.number + (node->op == '+' ? 1 : -1));
    }
    assign(state, node->a, next);
    return node->prefix ? next : old;
}

/* ---- Literals ---- */

static struct js_value eval_array(struct js_state *state, struct js_node *list)
{
    struct js_object *array = js_object_new(state, JS_ARRAY);

    for (struct js_node *one = list; one != NULL && array != NULL && !state->thrown;
            one = one->next) {
        struct js_value value = js_eval(state, one->kind == JS_N_SPREAD ? one->a : one);

        if (one->kind == JS_N_SPREAD && value.kind == JS_OBJECT) {
            for (uint32_t i = 0; i < value.object->count; i++)
                (void)js_array_add(state, array, value.object->items[i]);
        } else if (!js_array_add(state, array, value)) {
            break;
        }
    }
    return js_object(array);
}

static struct js_value eval_object(struct js_state *state, struct js_node *node)
{
    struct js_object *object = js_object_new(state, JS_PLAIN);
    struct js_value made = js_object(object);

    for (struct js_node *one = node->list; one != NULL && object != NULL && !state->thrown;
            one = one->next) {
        struct hn_text name = one->text;

        if (one->a != NULL) {
            struct js_value key = js_eval(state, one->a);

            name = hn_arena_text(&state->run->arena, js_flat(state, &key));
        }
        if (name.ptr != NULL)
            js_set_member(state, &made, name, js_eval(state, one->b));
    }
    return made;
}

static struct js_value eval_function(struct js_state *state, struct js_node *node)
{
    struct js_object *function = js_object_new(state, JS_FUNCTION);

    if (function == NULL)
        return js_undefined();
    function->function = node;
    function->scope = state->scope;
    function->self = state->self;
    return js_object(function);
}

static struct js_value eval_regex(struct js_state *state, struct js_node *node)
{
    struct js_object *regex = js_object_new(state, JS_REGEX);

    if (regex == NULL)
        return js_undefined();
    regex->pattern = script_text_borrow(state->run, node->text, NULL);
    regex->flags = node->string != NULL ? script_text_flat(state->run, node->string) : nothing;
    return js_object(regex);
}

static struct js_value eval_template(struct js_state *state, struct js_node *node)
{
    const struct script_text *text = script_text_borrow(state->run, HN_TEXT(""), NULL);

    for (struct js_node *one = node->list; one != NULL && !state->thrown; one = one->next) {
        struct js_value value = js_eval(state, one);

        text = script_text_join(state->run, text, js_to_text(state, &value));
    }
    js_tell_text(state, text);
    return js_text(text);
}

static struct js_value eval_constant(struct js_state *state, struct js_node *node)
{
    (void)state;
    switch (node->op) {
    case JS_OP_TRUE:
        return js_bool(true);
    case JS_OP_FALSE:
        return js_bool(false);
    case JS_OP_NULL:
        return (struct js_value){ .kind = JS_NULL };
    default:
        return js_undefined();
    }
}

/* ---- Calls ---- */

static struct js_args eval_args(struct js_state *state, struct js_node *list)
{
    struct js_value array = eval_array(state, list);

    if (array.kind != JS_OBJECT)
        return (struct js_args){ NULL, 0 };
    return (struct js_args){ array.object->items, array.object->count };
}

static struct js_value call_member(struct js_state *state, struct js_node *node)
{
    struct js_node *member = node->a;
    struct js_value base = js_eval(state, member->a);
    bool known;
    struct hn_text name = member_name(state, member, &known);
    struct js_args args;
    struct js_value function;

    if (state->thrown)
        return js_undefined();
    if (member->b != NULL && name.len > 0)
        name = hn_arena_text(&state->run->arena, name);
    args = eval_args(state, node->list);
    if (state->thrown || !known)
        return js_unknown(state, "call");
    if (base.kind == JS_COM)
        return com_member(state, base.com, name, &args);
    function = js_member(state, &base, name);
    if (state->thrown)
        return js_undefined();
    if (function.kind == JS_COM)
        return com_member(state, function.com, HN_TEXT(""), &args);
    if (function.kind == JS_OBJECT)
        return js_call(state, function, base, &args);
    if (function.kind == JS_UNKNOWN || base.kind == JS_UNKNOWN)
        return js_unknown(state, "call");
    script_tell_note(state->run, SCRIPT_NOTE_UNMODELLED, node->offset, name);
    if (state->tries > 0)
        return js_throw(state, js_literal(state, "TypeError: no function"));
    return js_unknown(state, "call");
}

static struct js_value eval_call(struct js_state *state, struct js_node *node)
{
    struct com_object *com;
    struct js_value function;
    struct js_args args;

    if (node->a->kind == JS_N_MEMBER)
        return call_member(state, node);
    com = node->a->kind == JS_N_NAME && find_name(state, node->a->text) == NULL ? with_com(state)
                                                                                : NULL;
    function = com == NULL ? js_eval(state, node->a) : js_undefined();
    if (state->thrown)
        return js_undefined();
    args = eval_args(state, node->list);
    if (state->thrown)
        return js_undefined();
    if (com != NULL)
        return com_member(state, com, node->a->text, &args);
    if (function.kind == JS_OBJECT)
        return js_call(state, function, js_undefined(), &args);
    if (function.kind == JS_COM)
        return com_member(state, function.com, HN_TEXT(""), &args);
    if (node->a->kind == JS_N_NAME && function.kind == JS_UNDEFINED)
        script_tell_note(state->run, SCRIPT_NOTE_UNMODELLED, node->offset, node->a->text);
    if (function.kind == JS_UNDEFINED && state->tries > 0)
        return js_throw(state, js_literal(state, "TypeError: no function"));
    return js_unknown(state, "call");
}

static struct js_value eval_condition(struct js_state *state, struct js_node *node)
{
    struct js_value value = js_eval(state, node->a);
    int truth = js_truth(&value);
    bool was = state->run->conditional;
    struct js_value a;
    struct js_value b;

    if (state->thrown)
        return js_undefined();
    if (truth >= 0)
        return js_eval(state, truth ? node->b : node->c);
    state->run->conditional = true;
    a = js_eval(state, node->b);
    b = js_eval(state, node->c);
    state->run->conditional = was;
    return js_is_unknown(&a) ? b : a;
}

static struct js_value eval_member(struct js_state *state, struct js_node *node)
{
    struct js_value base = js_eval(state, node->a);
    bool known;
    struct hn_text name;

    if (state->thrown)
        return js_undefined();
    /* The usual case, an index, without a text in between. */
    if (node->b != NULL && base.kind == JS_OBJECT && base.object->class == JS_ARRAY) {
        struct js_value key = js_eval(state, node->b);

        if (key.kind == JS_NUMBER && key.number >= 0 && key.number < base.object->count &&
                key.number == floor(key.number))
            return base.object->items[(uint32_t)key.number];
        if (js_is_unknown(&key))
            return js_unknown(state, "item");
        return js_member(state, &base, js_flat(state, &key));
    }
    name = member_name(state, node, &known);
    if (state->thrown)
        return js_undefined();
    if (!known)
        return js_unknown(state, "member");
    if (node->b != NULL && name.len > 0)
        name = hn_arena_text(&state->run->arena, name);
    return js_member(state, &base, name);
}

static struct js_value eval_comma(struct js_state *state, struct js_node *node)
{
    struct js_value value = js_undefined();

    for (struct js_node *one = node->list; one != NULL && !state->thrown; one = one->next)
        value = js_eval(state, one);
    return value;
}

static struct js_value eval_new(struct js_state *state, struct js_node *node)
{
    struct js_value function = node->a != NULL ? js_eval(state, node->a) : js_undefined();
    struct js_args args;

    if (state->thrown)
        return js_undefined();
    args = eval_args(state, node->list);
    return state->thrown ? js_undefined() : js_construct(state, function, &args);
}

static struct js_value eval_number(struct js_state *state, struct js_node *node)
{
    (void)state;
    return js_number(node->number);
}

static struct js_value eval_string(struct js_state *state, struct js_node *node)
{
    (void)state;
    return js_text(node->string);
}

static struct js_value eval_this(struct js_state *state, struct js_node *node)
{
    (void)node;
    return state->self;
}

static struct js_value eval_items(struct js_state *state, struct js_node *node)
{
    return eval_array(state, node->list);
}

/* By kind; what is NULL is no expression. */
static struct js_value (*const evaluators[])(struct js_state *state, struct js_node *node) = {
    [JS_N_NUMBER] = eval_number,
    [JS_N_STRING] = eval_string,
    [JS_N_TEMPLATE] = eval_template,
    [JS_N_REGEX] = eval_regex,
    [JS_N_NAME] = eval_name,
    [JS_N_THIS] = eval_this,
    [JS_N_CONSTANT] = eval_constant,
    [JS_N_ARRAY] = eval_items,
    [JS_N_OBJECT] = eval_object,
    [JS_N_FUNCTION] = eval_function,
    [JS_N_MEMBER] = eval_member,
    [JS_N_CALL] = eval_call,
    [JS_N_NEW] = eval_new,
    [JS_N_UNARY] = eval_unary,
    [JS_N_UPDATE] = eval_update,
    [JS_N_CHAIN] = eval_chain,
    [JS_N_LOGIC] = eval_logic,
    [JS_N_ASSIGN] = eval_assign,
    [JS_N_CONDITION] = eval_condition,
    [JS_N_COMMA] = eval_comma,
};

struct js_value js_eval(struct js_state *state, struct js_node *node)
{
    struct js_value value;

    if (!script_spend(state->run, 1) || state->nest >= JS_NEST_MAX)
        return js_undefined();
    if (node->kind >= HN_COUNT_OF(evaluators) || evaluators[node->kind] == NULL)
        return js_undefined();
    state->nest++;
    value = evaluators[node->kind](state, node);
    state->nest--;
    return value;
}
