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

/* A step is worth several nodes of the tree, most of which are names and literals. */
bool js_spend(struct js_state *state)
{
    if (++state->nodes % JS_NODES_PER_STEP != 0)
        return script_goes_on(state->run);
    return script_spend(state->run, 1);
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

static void keep_global(struct js_state *state, struct hn_text name, struct js_value value)
{
    struct js_value *slot =
            js_table_put(state, &state->global->names, hn_arena_text(&state->run->arena, name));

    if (slot != NULL)
        *slot = value;
}

bool js_global_find(struct js_state *state, struct hn_text name, struct js_value *ret_value)
{
    const struct js_value *own = js_table_find(&state->global->names, name);
    struct com_object *com;

    if (own != NULL) {
        *ret_value = *own;
        return true;
    }
    com = com_ambient(state->com, name);
    if (com != NULL) {
        *ret_value = (struct js_value){ .kind = JS_COM, .com = com };
    } else if (js_is_global(name)) {
        *ret_value = js_builtin(state, js_undefined(), hn_arena_text(&state->run->arena, name));
    } else if (hn_text_eq(name, HN_TEXT("NaN"))) {
        *ret_value = js_number((double)NAN);
    } else if (hn_text_eq(name, HN_TEXT("Infinity"))) {
        *ret_value = js_number((double)INFINITY);
    } else if (js_link_ask(state, name, NULL, ret_value)) {
        return true; /* which may change */
    } else if (!js_named_object(state, name, ret_value) &&
               !js_element_find(state, name, ret_value)) {
        return false;
    }
    keep_global(state, name, *ret_value);
    return true;
}

static struct js_value eval_name(struct js_state *state, struct js_node *node)
{
    struct js_value *value = find_name(state, node->text);
    struct com_object *com;
    struct js_value made;

    if (value != NULL)
        return *value;
    com = with_com(state);
    if (com != NULL) {
        struct js_value with = { .kind = JS_COM, .com = com };

        return js_member(state, &with, node->text);
    }
    return js_global_find(state, node->text, &made) ? made : js_undefined();
}

static void assign_name(struct js_state *state, struct hn_text name, struct js_value value)
{
    struct js_value *slot = find_name(state, name);

    if (slot == NULL)
        slot = js_table_put(state, &state->global->names, name);
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

static struct js_value eval_chain(struct js_state *state, struct js_node *node)
{
    struct js_value value = js_eval(state, node->a);
    bool joined = false;

    for (struct js_node *link = node->list; link != NULL && !state->thrown; link = link->next) {
        struct js_value right = js_eval(state, link->a);

        if (state->thrown || !js_spend(state))
            break;
        value = js_operate(state, link->op, &value, &right);
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

static struct js_args eval_args(struct js_state *state, struct js_node *list);

/* object.Item("name") = value and object("name") = value: properties with arguments of objects of
 * Windows. */
static void assign_call(struct js_state *state, struct js_node *target, struct js_value value)
{
    struct js_node *member = target->a->kind == JS_N_MEMBER ? target->a : NULL;
    struct js_value base = js_eval(state, member != NULL ? member->a : target->a);
    struct hn_text name = HN_TEXT("");
    bool known = true;
    struct js_args args;

    if (member != NULL && !state->thrown)
        name = member_name(state, member, &known);
    if (state->thrown || !known || base.kind != JS_COM)
        return;
    if (name.len > 0)
        name = hn_arena_text(&state->run->arena, name);
    args = eval_args(state, target->list);
    if (!state->thrown)
        js_com_put(state, base.com, name, &args, value);
}

static void assign(struct js_state *state, struct js_node *target, struct js_value value)
{
    struct js_value base;
    struct hn_text name;
    bool known;

    if (target->kind == JS_N_NAME) {
        /* "location = url" in a page. */
        if (hn_text_eq(target->text, HN_TEXT("location")) &&
                find_name(state, target->text) == NULL) {
            js_set_member(state, &state->window, target->text, value);
            return;
        }
        assign_name(state, target->text, value);
        return;
    }
    if (target->kind == JS_N_CALL)
        assign_call(state, target, value);
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
            value = js_operate(state, node->op, &old, &value);
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
    uint32_t count = 0;

    for (struct js_node *one = list; one != NULL; one = one->next)
        count++;
    if (array != NULL && !js_array_reserve(state, array, count))
        array = NULL;
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
    function->source = state->text;
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
        return js_com_member(state, base.com, name, &args);
    js_handed_call(state, name, &args);
    /* The usual cases, without an object for the method. */
    if (base.kind == JS_TEXT && state->prototypes[JS_PROTO_STRING] == NULL &&
            state->prototypes[JS_PROTO_OBJECT] == NULL && js_has_string_method(name))
        return js_string_method(state, base.text, name, &args);
    function = js_member(state, &base, name);
    if (state->thrown)
        return js_undefined();
    if (function.kind == JS_COM)
        return js_com_member(state, function.com, HN_TEXT(""), &args);
    if (function.kind == JS_OBJECT)
        return js_call(state, function, base, &args);
    if (function.kind == JS_UNKNOWN || base.kind == JS_UNKNOWN)
        return js_of_unknown(state, base.kind == JS_UNKNOWN ? &base : &function, "call");
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
        return js_com_member(state, com, node->a->text, &args);
    if (function.kind == JS_OBJECT)
        return js_call(state, function, js_undefined(), &args);
    if (function.kind == JS_COM)
        return js_com_member(state, function.com, HN_TEXT(""), &args);
    if (function.kind == JS_UNKNOWN)
        return js_of_unknown(state, &function, "call");
    if (node->a->kind == JS_N_NAME && function.kind == JS_UNDEFINED &&
            js_link_ask(state, node->a->text, &args, &function))
        return function;
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

static struct js_value eval_await(struct js_state *state, struct js_node *node)
{
    return js_awaited(js_eval(state, node->a));
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
    [JS_N_AWAIT] = eval_await,
};

struct js_value js_eval(struct js_state *state, struct js_node *node)
{
    struct js_value value;

    if (!js_spend(state) || state->nest >= JS_NEST_MAX)
        return js_undefined();
    if (node->kind >= HN_COUNT_OF(evaluators) || evaluators[node->kind] == NULL)
        return js_undefined();
    state->nest++;
    value = evaluators[node->kind](state, node);
    state->nest--;
    return value;
}
