/* js_run.c - statements. Both branches of what cannot be known are taken; loops that ask it run
 * once. */
#include "jscript/jscript_internal.h"

#include <math.h>

static enum js_end run_one(struct js_state *state, struct js_node *node);

static struct js_scope *scope_new(struct js_state *state, struct js_scope *up)
{
    struct js_scope *scope = hn_new(&state->run->arena, struct js_scope, 1);

    if (scope == NULL) {
        (void)script_origin_new(state->run, "", 0, HN_TEXT(""), NULL, NULL);
        return up;
    }
    scope->up = up;
    return scope;
}

static void declare(struct js_state *state, struct hn_text name, struct js_value value)
{
    struct js_value *slot = js_table_put(state, &state->scope->names, name);

    if (slot != NULL)
        *slot = value;
}

/* Functions are known before the first statement of their block runs. */
static void hoist(struct js_state *state, struct js_node *list)
{
    for (struct js_node *node = list; node != NULL; node = node->next) {
        struct js_object *function;

        if (node->kind != JS_N_EXPRESSION || node->op != 'f' || node->a->text.len == 0)
            continue;
        function = js_object_new(state, JS_FUNCTION);
        if (function == NULL)
            return;
        function->function = node->a;
        function->scope = state->scope;
        function->source = state->text;
        declare(state, node->a->text, js_object(function));
    }
}

static void run_variables(struct js_state *state, struct js_node *node)
{
    for (struct js_node *one = node->list; one != NULL && script_goes_on(state->run);
            one = one->next) {
        struct js_value value = one->b != NULL ? js_eval(state, one->b) : js_undefined();

        if (state->thrown)
            return;
        /* "var x;" says nothing about an x that has a value already. */
        if (one->b == NULL && js_table_find(&state->scope->names, one->text) != NULL)
            continue;
        declare(state, one->text, value);
    }
}

/* ---- Branches ---- */

static enum js_end run_both(struct js_state *state, struct js_node *a, struct js_node *b)
{
    bool was = state->run->conditional;
    enum js_end first = JS_NORMAL;
    enum js_end second = JS_NORMAL;
    struct js_value result = js_undefined();

    script_tell_note(state->run, SCRIPT_NOTE_BOTH, state->offset, HN_TEXT(""));
    state->run->conditional = true;
    if (a != NULL)
        first = run_one(state, a);
    state->thrown = false;
    if (first == JS_RETURN)
        result = state->result;
    if (b != NULL)
        second = run_one(state, b);
    state->thrown = false;
    state->run->conditional = was;
    if (first != second)
        return JS_NORMAL; /* one of the two goes on, and so do we */
    if (first == JS_RETURN && state->result.kind == JS_UNDEFINED)
        state->result = result;
    return first == JS_THROW ? JS_NORMAL : first;
}

static enum js_end run_if(struct js_state *state, struct js_node *node)
{
    struct js_value value = js_eval(state, node->a);
    int truth = js_truth(&value);

    if (state->thrown)
        return JS_THROW;
    if (truth < 0)
        return run_both(state, node->b, node->c);
    if (truth > 0)
        return run_one(state, node->b);
    return node->c != NULL ? run_one(state, node->c) : JS_NORMAL;
}

/* ---- What is perhaps done: taken back afterwards ----
 *
 * A loop that asks one server after the other ends with the first that answers well, and nobody can
 * know which one that is. So a loop that is left in a round that did something goes through the
 * rest of its rounds as well, and a handler of what may have gone wrong is carried out. */

#define SAVED_SCOPES_MAX 16u
#define SAVED_NAMES_MAX  4096u
#define REST_ROUNDS_MAX  256u
#define REST_IDLE_MAX    2u /* rounds on end that do nothing new */
#define STUCK_ROUNDS_MAX 16u

struct perhaps {
    struct js_scope *scopes[SAVED_SCOPES_MAX];
    struct js_table tables[SAVED_SCOPES_MAX];
    uint32_t count;
    struct js_value result;
    struct hn_text label;
    bool conditional;
    bool again;
    bool thrown;
    uint32_t rounds;
    uint32_t idle;
};

/* False: nothing that was done since `news` speaks for it, or there is no room to take it back. */
static bool perhaps_begin(struct js_state *state, uint32_t news, struct perhaps *ret)
{
    uint32_t names = 0;

    if (state->run->news == news || state->run->again || !script_goes_on(state->run))
        return false;
    ret->count = 0;
    for (struct js_scope *scope = state->scope; scope != NULL; scope = scope->up) {
        struct js_table *kept = &ret->tables[ret->count];

        names += scope->names.room;
        if (ret->count == SAVED_SCOPES_MAX || names > SAVED_NAMES_MAX)
            return false;
        *kept = scope->names;
        kept->slots = NULL;
        if (kept->room > 0) {
            kept->slots = hn_new(&state->run->arena, struct js_slot, kept->room);
            if (kept->slots == NULL)
                return false;
            memcpy(kept->slots, scope->names.slots, kept->room * sizeof *kept->slots);
        }
        ret->scopes[ret->count++] = scope;
    }
    ret->result = state->result;
    ret->label = state->label;
    ret->conditional = state->run->conditional;
    ret->thrown = state->thrown;
    ret->again = state->run->again;
    ret->rounds = 0;
    ret->idle = 0;
    state->thrown = false;
    state->label.len = 0;
    state->run->conditional = true;
    state->run->again = true;
    return true;
}

static void perhaps_end(struct js_state *state, const struct perhaps *perhaps)
{
    for (uint32_t i = 0; i < perhaps->count; i++)
        perhaps->scopes[i]->names = perhaps->tables[i];
    state->result = perhaps->result;
    state->label = perhaps->label;
    state->thrown = perhaps->thrown;
    state->run->conditional = perhaps->conditional;
    state->run->again = perhaps->again;
}

/* One more round of a loop; false: the rest is not worth going on with. */
static bool perhaps_round(struct js_state *state, struct js_node *body, struct perhaps *perhaps)
{
    uint32_t news = state->run->news;

    (void)run_one(state, body);
    state->thrown = false;
    state->label.len = 0;
    perhaps->idle = state->run->news == news ? perhaps->idle + 1 : 0;
    return perhaps->rounds++ < REST_ROUNDS_MAX && perhaps->idle < REST_IDLE_MAX &&
           script_spend(state->run, 1);
}

/* ---- Loops ---- */

/* What the end of a loop's body means for the loop: true: it goes on. */
static bool goes_round(struct js_state *state, enum js_end *end, struct hn_text label)
{
    bool ours = state->label.len == 0 || hn_text_eq(state->label, label);

    if (*end == JS_NORMAL || (*end == JS_CONTINUE && ours)) {
        *end = JS_NORMAL;
        state->label.len = 0;
        return script_goes_on(state->run);
    }
    if (*end == JS_BREAK && ours) {
        *end = JS_NORMAL;
        state->label.len = 0;
    }
    return false;
}

/* A round that tells what was told before: a loop that waits for a server's word goes round like
 * that for ever. True: the loop is left. */
static bool is_stuck(const struct js_state *state, uint32_t news, uint32_t acts, uint32_t *rounds)
{
    if (state->run->news != news || state->run->acts == acts)
        *rounds = 0;
    else
        ++*rounds;
    return *rounds >= STUCK_ROUNDS_MAX;
}

static int loop_condition(struct js_state *state, struct js_node *node)
{
    struct js_value value = node != NULL ? js_eval(state, node) : js_bool(true);

    return js_truth(&value);
}

static enum js_end run_unknown_loop(
        struct js_state *state, struct js_node *node, struct hn_text label)
{
    bool was = state->run->conditional;
    enum js_end end;

    state->run->conditional = true;
    end = run_one(state, node->d);
    state->run->conditional = was;
    (void)goes_round(state, &end, label);
    return end == JS_THROW ? end : JS_NORMAL;
}

static void rest_of_for(struct js_state *state, struct js_node *node, uint32_t news)
{
    struct perhaps perhaps;

    if (!perhaps_begin(state, news, &perhaps))
        return;
    do {
        if (node->c != NULL)
            (void)js_eval(state, node->c);
        if (loop_condition(state, node->b) == 0 || state->thrown)
            break;
    } while (perhaps_round(state, node->d, &perhaps));
    perhaps_end(state, &perhaps);
}

static enum js_end run_for(struct js_state *state, struct js_node *node, struct hn_text label)
{
    enum js_end end = JS_NORMAL;
    uint32_t news;

    if (node->a != NULL) {
        if (node->a->kind == JS_N_VAR) {
            run_variables(state, node->a);
        } else {
            (void)js_eval(state, node->a);
        }
    }
    while (!state->thrown && js_spend(state)) {
        int truth = loop_condition(state, node->b);

        if (truth < 0)
            return run_unknown_loop(state, node, label);
        if (truth == 0 || state->thrown)
            break;
        news = state->run->news;
        end = run_one(state, node->d);
        if (!goes_round(state, &end, label)) {
            rest_of_for(state, node, news);
            break;
        }
        if (node->c != NULL)
            (void)js_eval(state, node->c);
    }
    return state->thrown ? JS_THROW : end;
}

static void rest_of_while(struct js_state *state, struct js_node *node, uint32_t news)
{
    struct perhaps perhaps;

    if (!perhaps_begin(state, news, &perhaps))
        return;
    while (loop_condition(state, node->a) != 0 && !state->thrown)
        if (!perhaps_round(state, node->d, &perhaps))
            break;
    perhaps_end(state, &perhaps);
}

static enum js_end run_while(struct js_state *state, struct js_node *node, struct hn_text label)
{
    enum js_end end = JS_NORMAL;
    uint32_t news;
    uint32_t stuck = 0;
    bool first = node->kind == JS_N_DO;

    while (js_spend(state)) {
        int truth = first ? 1 : loop_condition(state, node->a);

        if (state->thrown)
            return JS_THROW;
        if (truth < 0)
            return node->kind == JS_N_DO ? JS_NORMAL : run_unknown_loop(state, node, label);
        if (truth == 0)
            break;
        uint32_t acts = state->run->acts;

        first = false;
        news = state->run->news;
        end = run_one(state, node->d);
        if (!goes_round(state, &end, label)) {
            rest_of_while(state, node, news);
            break;
        }
        if (is_stuck(state, news, acts, &stuck))
            break;
    }
    return end;
}

static void assign_target(struct js_state *state, struct js_node *target, struct js_value value)
{
    struct js_value *slot;
    struct js_value base;

    if (target->kind == JS_N_VAR && target->list != NULL) {
        declare(state, target->list->text, value);
    } else if (target->kind == JS_N_NAME) {
        struct js_scope *scope = state->scope;

        while (scope->up != NULL && js_table_find(&scope->names, target->text) == NULL)
            scope = scope->up;
        slot = js_table_put(state, &scope->names, target->text);
        if (slot != NULL)
            *slot = value;
    } else if (target->kind == JS_N_MEMBER && target->b == NULL) {
        base = js_eval(state, target->a);
        js_set_member(state, &base, target->text, value);
    }
}

static void assign_item(
        struct js_state *state, struct js_node *node, const struct js_object *object, uint32_t i)
{
    struct js_value key = js_number(i);

    assign_target(
            state, node->a, node->op == 'o' ? object->items[i] : js_text(js_to_text(state, &key)));
}

struct passed {
    uint32_t items;
    uint32_t news; /* before the last of them */
};

static void rest_of_items(struct js_state *state, struct js_node *node,
        const struct js_object *object, struct passed passed)
{
    struct perhaps perhaps;

    if (!perhaps_begin(state, passed.news, &perhaps))
        return;
    for (uint32_t i = passed.items + 1; i < object->count; i++) {
        assign_item(state, node, object, i);
        if (!perhaps_round(state, node->d, &perhaps))
            break;
    }
    perhaps_end(state, &perhaps);
}

static enum js_end run_for_in(struct js_state *state, struct js_node *node, struct hn_text label)
{
    struct js_value over = js_eval(state, node->b);
    enum js_end end = JS_NORMAL;
    struct js_object *object = over.kind == JS_OBJECT ? over.object : NULL;
    uint32_t count = 0;

    if (state->thrown)
        return JS_THROW;
    if (object == NULL) {
        if (over.kind != JS_UNKNOWN && over.kind != JS_COM)
            return JS_NORMAL;
        assign_target(state, node->a, js_unknown(state, "item"));
        return run_unknown_loop(state, node, label);
    }
    for (uint32_t i = 0; i < object->count && script_spend(state->run, 1); i++) {
        uint32_t news = state->run->news;

        assign_item(state, node, object, i);
        end = run_one(state, node->d);
        if (goes_round(state, &end, label))
            continue;
        rest_of_items(state, node, object, (struct passed){ i, news });
        return end;
    }
    count = object->properties.count;
    for (uint32_t i = 0; i < count && node->op != 'o' && script_spend(state->run, 1); i++) {
        const struct js_slot *slot = js_table_at(&object->properties, i);

        if (slot == NULL)
            break;
        assign_target(state, node->a, js_text(script_text_new(state->run, slot->name, NULL)));
        end = run_one(state, node->d);
        if (!goes_round(state, &end, label))
            return end;
    }
    return end;
}

/* ---- The rest ---- */

static enum js_end run_switch(struct js_state *state, struct js_node *node)
{
    struct js_value value = js_eval(state, node->a);
    struct js_node *start = NULL;
    enum js_end end = JS_NORMAL;
    bool unknown = js_is_unknown(&value);

    for (struct js_node *one = node->list; one != NULL && start == NULL && !unknown;
            one = one->next) {
        struct js_value wanted;

        if (one->a == NULL)
            continue;
        wanted = js_eval(state, one->a);
        if (js_equal(state, &value, &wanted, true) == 1)
            start = one;
    }
    for (struct js_node *one = node->list; one != NULL && start == NULL && !unknown;
            one = one->next)
        start = one->a == NULL ? one : NULL;
    if (state->thrown)
        return JS_THROW;
    if (unknown) { /* every case, each as if it were the one */
        bool was = state->run->conditional;

        state->run->conditional = true;
        for (struct js_node *one = node->list; one != NULL && script_goes_on(state->run);
                one = one->next) {
            (void)js_run(state, one->list);
            state->thrown = false;
        }
        state->run->conditional = was;
        return JS_NORMAL;
    }
    for (; start != NULL && end == JS_NORMAL; start = start->next)
        end = js_run(state, start->list);
    if (end == JS_BREAK && state->label.len == 0)
        end = JS_NORMAL;
    return end;
}

static enum js_end run_try(struct js_state *state, struct js_node *node)
{
    enum js_end end;

    uint32_t news = state->run->news;
    struct perhaps perhaps;

    state->tries++;
    end = run_one(state, node->a);
    state->tries--;
    if (end != JS_THROW && node->b != NULL && perhaps_begin(state, news, &perhaps)) {
        if (node->text.len > 0)
            declare(state, node->text, js_unknown(state, "error"));
        (void)perhaps_round(state, node->b, &perhaps);
        perhaps_end(state, &perhaps);
    }
    if (end == JS_THROW && node->b != NULL) {
        state->thrown = false;
        if (node->text.len > 0)
            declare(state, node->text, state->result);
        end = run_one(state, node->b);
    }
    if (node->c != NULL) {
        struct js_value result = state->result;
        bool thrown = state->thrown;
        enum js_end last;

        state->thrown = false;
        last = run_one(state, node->c);
        if (last != JS_NORMAL)
            return last;
        state->result = result;
        state->thrown = thrown;
    }
    return end;
}

static enum js_end run_with(struct js_state *state, struct js_node *node)
{
    struct js_scope *was = state->scope;
    struct js_value value = js_eval(state, node->a);
    enum js_end end;

    if (state->thrown)
        return JS_THROW;
    state->scope = scope_new(state, was);
    if (state->scope != was)
        state->scope->with = value;
    end = run_one(state, node->d);
    state->scope = was;
    return end;
}

static enum js_end run_return(struct js_state *state, struct js_node *node)
{
    state->result = node->a != NULL ? js_eval(state, node->a) : js_undefined();
    return state->thrown ? JS_THROW : JS_RETURN;
}

static enum js_end run_throw(struct js_state *state, struct js_node *node)
{
    state->result = node->a != NULL ? js_eval(state, node->a) : js_undefined();
    state->thrown = true;
    return JS_THROW;
}

static enum js_end run_break(struct js_state *state, struct js_node *node)
{
    state->label = node->text;
    return node->kind == JS_N_BREAK ? JS_BREAK : JS_CONTINUE;
}

static enum js_end run_loop(struct js_state *state, struct js_node *node, struct hn_text label)
{
    if (node->kind == JS_N_FOR)
        return run_for(state, node, label);
    if (node->kind == JS_N_FOR_IN)
        return run_for_in(state, node, label);
    return run_while(state, node, label);
}

static enum js_end run_label(struct js_state *state, struct js_node *node)
{
    struct js_node *body = node->d;
    enum js_end end;

    if (body->kind == JS_N_FOR || body->kind == JS_N_FOR_IN || body->kind == JS_N_WHILE ||
            body->kind == JS_N_DO) {
        end = run_loop(state, body, node->text);
    } else {
        end = run_one(state, body);
    }
    if ((end == JS_BREAK || end == JS_CONTINUE) && hn_text_eq(state->label, node->text)) {
        state->label.len = 0;
        return JS_NORMAL;
    }
    return end;
}

static enum js_end run_declaration(struct js_state *state, struct js_node *node)
{
    run_variables(state, node);
    return state->thrown ? JS_THROW : JS_NORMAL;
}

static enum js_end run_expression(struct js_state *state, struct js_node *node)
{
    if (node->op != 'f')
        (void)js_eval(state, node->a);
    return state->thrown ? JS_THROW : JS_NORMAL;
}

static enum js_end run_block(struct js_state *state, struct js_node *node)
{
    return js_run(state, node->list);
}

static enum js_end run_plain_loop(struct js_state *state, struct js_node *node)
{
    return run_loop(state, node, hn_text_of("", 0));
}

/* By kind; what is NULL does nothing. */
static enum js_end (*const runners[])(struct js_state *state, struct js_node *node) = {
    [JS_N_VAR] = run_declaration,
    [JS_N_EXPRESSION] = run_expression,
    [JS_N_BLOCK] = run_block,
    [JS_N_IF] = run_if,
    [JS_N_FOR] = run_plain_loop,
    [JS_N_FOR_IN] = run_plain_loop,
    [JS_N_WHILE] = run_plain_loop,
    [JS_N_DO] = run_plain_loop,
    [JS_N_RETURN] = run_return,
    [JS_N_THROW] = run_throw,
    [JS_N_BREAK] = run_break,
    [JS_N_CONTINUE] = run_break,
    [JS_N_TRY] = run_try,
    [JS_N_SWITCH] = run_switch,
    [JS_N_LABEL] = run_label,
    [JS_N_WITH] = run_with,
};

static enum js_end run_one(struct js_state *state, struct js_node *node)
{
    enum js_end end;

    if (!js_spend(state) || state->nest >= JS_NEST_MAX)
        return JS_NORMAL;
    if (node->kind >= HN_COUNT_OF(runners) || runners[node->kind] == NULL)
        return JS_NORMAL;
    state->offset = node->offset;
    state->nest++;
    end = runners[node->kind](state, node);
    state->nest--;
    return end;
}

enum js_end js_run(struct js_state *state, struct js_node *list)
{
    enum js_end end = JS_NORMAL;

    hoist(state, list);
    for (struct js_node *node = list; node != NULL && end == JS_NORMAL; node = node->next) {
        end = run_one(state, node);
        /* What nobody catches ends a real script; here the rest may still say something. */
        if (end == JS_THROW && state->tries == 0) {
            state->thrown = false;
            end = JS_NORMAL;
        }
    }
    return end;
}

/* ---- Calls of the script's own functions ---- */

/* What a function finds declared when its body begins. */
static void declare_parameters(
        struct js_state *state, struct js_value value, const struct js_args *args)
{
    const struct js_object *function = value.object;
    const struct js_node *node = function->function;
    struct js_object *all = js_object_new(state, JS_ARRAY);
    uint32_t i = 0;

    if (all != NULL && !js_array_reserve(state, all, args->count))
        all = NULL;
    for (uint32_t k = 0; all != NULL && k < args->count; k++)
        (void)js_array_add(state, all, args->items[k]);
    if (!node->prefix)
        declare(state, HN_TEXT("arguments"), js_object(all));
    if (node->text.len > 0 && js_table_find(&function->scope->names, node->text) == NULL)
        declare(state, node->text, value);
    for (struct js_node *one = node->list; one != NULL; one = one->next, i++) {
        struct js_value given = js_arg(args, i);

        if (given.kind == JS_UNDEFINED && one->b != NULL)
            given = js_eval(state, one->b);
        declare(state, one->kind == JS_N_ASSIGN ? one->a->text : one->text, given);
    }
    for (struct js_node *one = node->c; one != NULL; one = one->next) {
        if (js_table_find(&state->scope->names, one->text) == NULL)
            declare(state, one->text, js_undefined());
    }
}

struct js_value js_call(struct js_state *state, struct js_value function, struct js_value self,
        const struct js_args *args)
{
    struct js_object *object = function.object;
    struct js_scope *scope = state->scope;
    struct js_value was_self = state->self;
    struct js_value result = js_undefined();
    uint64_t offset = state->offset;
    struct hn_text text = state->text;
    enum js_end end;

    if (function.kind != JS_OBJECT || object->class == JS_PLAIN)
        return js_unknown(state, "call");
    if (object->class == JS_BUILTIN)
        return js_call_builtin(state, object, args);
    if (object->class == JS_BOUND)
        return js_call_bound(state, object, args);
    if (object->class != JS_FUNCTION)
        return js_unknown(state, "call");
    if (state->nest + 8 >= JS_NEST_MAX && state->tries > 0)
        return js_throw(state, js_literal(state, "RangeError: call too deep"));
    if (state->nest + 8 >= JS_NEST_MAX) {
        script_tell_note(state->run, SCRIPT_NOTE_LIMIT, offset, HN_TEXT("depth"));
        return js_unknown(state, "call too deep");
    }
    state->nest += 4; /* what a call costs on the stack is several times what a block costs */
    object->function->reached = true;
    state->scope = scope_new(state, object->scope);
    state->text = object->source;
    if (object->function->prefix) {
        state->self = object->self;
    } else {
        state->self = self.kind == JS_UNDEFINED || self.kind == JS_NULL ? state->window : self;
    }
    declare_parameters(state, function, args);
    if (object->function->prefix && object->function->a->kind != JS_N_BLOCK) {
        result = js_eval(state, object->function->a);
    } else {
        end = run_one(state, object->function->a);
        if (end == JS_RETURN)
            result = state->result;
    }
    state->scope = scope;
    state->self = was_self;
    state->offset = offset;
    state->text = text;
    state->nest -= 4;
    return result;
}
