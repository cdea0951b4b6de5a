/* powershell_eval.c - expressions: one function for each kind of node. */
#include "powershell/powershell_internal.h"

#include <math.h>

#define RANGE_MAX 1000000

static struct ps_value eval_const(struct ps *ps, const struct ps_node *node)
{
    (void)ps;
    return node->value;
}

static struct ps_value eval_expand(struct ps *ps, const struct ps_node *node)
{
    const struct script_text *text = NULL;

    for (const struct ps_node *kid = node->kids; kid != NULL; kid = kid->next) {
        /* Whether the last command went well is asked by conditions; who writes it into a text
         * takes letters of "True" from it. */
        bool success = kid->kind == PS_N_VAR && hn_text_eq(kid->text, T("?"));
        struct ps_value v = success ? ps_bool(true) : ps_eval(ps, kid);
        const struct script_text *piece = ps_text_from(ps, &v);

        text = text == NULL ? piece : script_text_join(ps->run, text, piece);
    }
    return ps_text(text);
}

static struct ps_value eval_var(struct ps *ps, const struct ps_node *node)
{
    return ps_var_get(ps, node->text);
}

static struct ps_value eval_type(struct ps *ps, const struct ps_node *node)
{
    struct ps_value v = ps_text(script_text_borrow(ps->run, node->text, NULL));

    v.kind = PS_TYPE;
    return v;
}

static struct ps_value eval_array(struct ps *ps, const struct ps_node *node)
{
    struct ps_array *out = ps_array_new(ps, 0);
    enum ps_flow flow = ps_exec(ps, node->a, out);

    if (flow != PS_NEXT)
        ps->flow = flow;
    return ps_of_array(out);
}

static struct ps_value eval_sub(struct ps *ps, const struct ps_node *node)
{
    struct ps_array *out = ps_array_new(ps, 0);
    enum ps_flow flow = ps_exec(ps, node->a, out);

    if (flow != PS_NEXT)
        ps->flow = flow;
    return ps_collect(out);
}

static struct ps_value eval_paren(struct ps *ps, const struct ps_node *node)
{
    return ps_eval(ps, node->a);
}

static struct ps_value eval_hash(struct ps *ps, const struct ps_node *node)
{
    struct ps_hash *hash = ps_hash_new(ps);

    for (const struct ps_node *key = node->kids; key != NULL && key->next != NULL;
            key = key->next->next) {
        struct ps_value name = ps_eval(ps, key);
        struct ps_value v = ps_eval(ps, key->next);

        (void)ps_hash_put(ps, hash, ps_flat(ps, &name), v);
    }
    return (struct ps_value){ .kind = PS_HASH, .as.hash = hash };
}

static struct ps_value eval_block(struct ps *ps, const struct ps_node *node)
{
    if (node->block == NULL)
        return ps_null();
    (void)ps;
    return (struct ps_value){ .kind = PS_BLOCK, .as.block = node->block };
}

static struct ps_value eval_comma(struct ps *ps, const struct ps_node *node)
{
    struct ps_array *array = ps_array_new(ps, 0);

    for (const struct ps_node *kid = node->kids; kid != NULL && script_goes_on(ps->run);
            kid = kid->next)
        ps_array_add(ps, array, ps_eval(ps, kid));
    array->origin = script_origin_new(
            ps->run, "literal", node->offset, (struct hn_text){ "", 0 }, NULL, NULL);
    return ps_of_array(array);
}

/* ---- Operators ---- */

static struct ps_value logical(struct ps *ps, const struct ps_node *right, struct ps_value a)
{
    int left = ps_truth(ps, &a);
    int other;
    struct ps_value b;

    if (right->op == PS_OP_AND && left == 0)
        return ps_bool(false);
    if (right->op == PS_OP_OR && left == 1)
        return ps_bool(true);
    b = ps_eval(ps, right);
    other = ps_truth(ps, &b);
    if (right->op == PS_OP_AND && other == 0)
        return ps_bool(false);
    if (right->op == PS_OP_OR && other == 1)
        return ps_bool(true);
    if (left < 0 || other < 0)
        return ps_unknown(ps, "condition");
    if (right->op == PS_OP_XOR)
        return ps_bool(left != other);
    return ps_bool(right->op == PS_OP_AND ? left && other : left || other);
}

static struct ps_value eval_chain(struct ps *ps, const struct ps_node *node)
{
    struct ps_value v = ps_eval(ps, node->kids);

    for (const struct ps_node *right = node->kids->next; right != NULL && script_goes_on(ps->run);
            right = right->next) {
        if (!script_spend(ps->run, 1))
            break;
        if (right->op == PS_OP_AND || right->op == PS_OP_OR || right->op == PS_OP_XOR)
            v = logical(ps, right, v);
        else if (right->op == PS_OP_COALESCE)
            v = v.kind != PS_NULL ? v : ps_eval(ps, right);
        else
            v = ps_binary(ps, right, v, ps_eval(ps, right));
    }
    return v;
}

static struct ps_value negated(struct ps *ps, struct ps_value v)
{
    int64_t number;
    double real;

    if (ps_is_unknown(&v))
        return ps_unknown(ps, "number");
    if (v.kind != PS_DOUBLE && ps_int_of(ps, &v, &number) && number != INT64_MIN)
        return ps_int(-number);
    return ps_number_of(ps, &v, &real) ? ps_real(-real) : ps_unknown(ps, "number");
}

static struct ps_value eval_unary(struct ps *ps, const struct ps_node *node)
{
    struct ps_value v = ps_eval(ps, node->a);
    char op = node->text.len > 0 ? node->text.ptr[0] : '+';
    struct ps_array *one;
    int truth;
    int64_t number;

    switch (op) {
    case '!':
        truth = ps_truth(ps, &v);
        return truth < 0 ? ps_unknown(ps, "condition") : ps_bool(truth == 0);
    case '~':
        return ps_int_of(ps, &v, &number) ? ps_int(~number) : ps_unknown(ps, "number");
    case '-':
        return negated(ps, v);
    case ',':
        one = ps_array_new(ps, 1);
        ps_array_add(ps, one, v);
        return ps_of_array(one);
    case 'j':
        ps_technique(ps, "join");
        return ps_join(ps, v, ps_null());
    case 's':
        return ps_regex_split(ps, hn_text_trim(ps_flat(ps, &v)), T("\\s+"), 0, 0, ps_origin_of(&v));
    default:
        if ((v.kind == PS_NULL || (v.kind == PS_TEXT && !v.as.text->unknown)) &&
                ps_int_of(ps, &v, &number))
            return ps_int(number);
        return v;
    }
}

static struct ps_value eval_cast(struct ps *ps, const struct ps_node *node)
{
    return ps_cast(ps, node->text, ps_eval(ps, node->a));
}

static struct ps_value eval_ternary(struct ps *ps, const struct ps_node *node)
{
    struct ps_value condition = ps_eval(ps, node->a);
    int truth = ps_truth(ps, &condition);

    return ps_eval(ps, truth == 0 ? node->c : node->b);
}

struct ps_value ps_range(struct ps *ps, struct ps_value a, struct ps_value b)
{
    int64_t from;
    int64_t to;
    int64_t step;
    struct ps_array *array;

    /* 7: 'a'..'z' */
    if (a.kind == PS_TEXT && a.as.text->units == 1 && !ps_int_of(ps, &a, &from)) {
        a = ps_cast(ps, T("char"), a);
        b = ps_cast(ps, T("char"), b);
    }
    if (!ps_int_of(ps, &a, &from) || !ps_int_of(ps, &b, &to))
        return ps_unknown(ps, "range");
    step = from <= to ? 1 : -1;
    if (from < -RANGE_MAX * 1000LL || from > RANGE_MAX * 4000LL ||
            (to - from) * step >= RANGE_MAX ||
            !script_spend(ps->run, (uint64_t)((to - from) * step) / 4))
        return ps_unknown(ps, "range");
    array = ps_array_new(ps, (size_t)((to - from) * step) + 1);
    for (int64_t at = from;; at += step) {
        ps_array_add(ps, array, a.kind == PS_CHAR ? ps_char(at) : ps_int(at));
        if (at == to)
            break;
    }
    return ps_of_array(array);
}

/* ---- Suffixes ---- */

static struct ps_value one_item(struct ps *ps, struct ps_value base, int64_t index)
{
    int64_t count;

    if (base.kind == PS_TEXT) {
        const uint16_t *units;
        struct hn_text flat;

        count = (int64_t)base.as.text->units;
        index += index < 0 ? count : 0;
        if (index < 0 || index >= count)
            return ps_null();
        if (base.as.text->ascii) {
            flat = ps_flat(ps, &base);
            return (size_t)index < flat.len ? ps_char((uint8_t)flat.ptr[index]) : ps_null();
        }
        units = ps_units(ps, base.as.text);
        return units != NULL ? ps_char(units[index]) : ps_null();
    }
    if (base.kind != PS_ARRAY)
        return index == 0 || index == -1 ? base : ps_null();
    count = (int64_t)base.as.array->count;
    index += index < 0 ? count : 0;
    return index >= 0 && index < count ? ps_at(base.as.array, (size_t)index) : ps_null();
}

static struct ps_value several_items(struct ps *ps, struct ps_value base, struct ps_array *indexes)
{
    struct ps_array *out = ps_array_new(ps, indexes->count);

    if (base.kind == PS_TEXT && indexes->count > 1)
        ps_technique(ps, "index");
    for (size_t i = 0; i < indexes->count && script_spend(ps->run, 1); i++) {
        struct ps_value index = ps_at(indexes, i);
        struct ps_value v = ps_index(ps, base, index);

        if (v.kind != PS_NULL)
            ps_array_add(ps, out, v);
    }
    out->origin = ps_origin(ps, "index", &base);
    return ps_of_array(out);
}

struct ps_value ps_index(struct ps *ps, struct ps_value base, struct ps_value index)
{
    const struct ps_value *found;
    int64_t number;

    if (base.kind == PS_UNKNOWN || index.kind == PS_UNKNOWN)
        return base.kind == PS_UNKNOWN ? base : ps_unknown(ps, "item");
    if (base.kind == PS_OBJECT) {
        struct ps_value state = base.as.object->state;

        if (base.as.object->com != NULL)
            return ps_com_call(ps, base.as.object->com, T(""), &index, 1);
        if (state.kind == PS_ARRAY || state.kind == PS_HASH || state.kind == PS_TEXT)
            return ps_index(ps, state, index);
        found = ps_hash_find(&base.as.object->props, ps_flat(ps, &index));
        if (found == NULL && ps_int_of(ps, &index, &number) && (number == 0 || number == -1))
            return base; /* what is no list is a list of one */
        return found != NULL ? *found : ps_null();
    }
    if (base.kind == PS_HASH && index.kind != PS_ARRAY) {
        found = ps_hash_find(base.as.hash, ps_flat(ps, &index));
        return found != NULL ? *found : ps_null();
    }
    if (index.kind == PS_ARRAY)
        return several_items(ps, base, index.as.array);
    if (base.kind == PS_NULL || !ps_int_of(ps, &index, &number))
        return ps_null();
    return one_item(ps, base, number);
}

static struct ps_value apply_call(struct ps *ps, struct ps_value base, const struct ps_node *node)
{
    struct ps_value args[16];
    size_t count = 0;
    struct ps_value name = ps_eval(ps, node->a);

    for (const struct ps_node *kid = node->kids; kid != NULL && count < 16; kid = kid->next)
        args[count++] = ps_eval(ps, kid);
    if (!script_spend(ps->run, 2))
        return ps_null();
    if (name.kind == PS_OBJECT) { /* a method that was taken as a value */
        struct ps_value own = ps_prop(name.as.object, "name");

        name = own.kind == PS_TEXT ? own : name;
    }
    if (node->flag && base.kind != PS_UNKNOWN) {
        if (base.kind == PS_TEXT)
            base = ps_of_type(ps, ps_flat(ps, &base));
        if (base.kind == PS_TYPE)
            return ps_static(ps, ps_flat(ps, &base), ps_flat(ps, &name), args, count);
    }
    return ps_method(ps, base, ps_flat(ps, &name), args, count);
}

static struct ps_value apply_member(struct ps *ps, struct ps_value base, const struct ps_node *node)
{
    struct ps_value name = ps_eval(ps, node->a);

    if (node->flag && base.kind == PS_TEXT)
        base = ps_of_type(ps, ps_flat(ps, &base));
    if (node->flag && base.kind == PS_TYPE)
        return ps_static_member(ps, ps_flat(ps, &base), ps_flat(ps, &name));
    return ps_member(ps, base, ps_flat(ps, &name));
}

static struct ps_value apply_suffix(struct ps *ps, struct ps_value base, const struct ps_node *kid)
{
    if (kid->kind == PS_N_INDEX)
        return ps_index(ps, base, ps_eval(ps, kid->a));
    if (kid->kind == PS_N_CALL)
        return apply_call(ps, base, kid);
    return apply_member(ps, base, kid);
}

static void step_target(struct ps *ps, const struct ps_node *target, struct ps_value old, char sign)
{
    ps_assign(ps, target, ps_arith(ps, sign == '+' ? PS_OP_ADD : PS_OP_SUB, old, ps_int(1)));
}

static struct ps_value eval_postfix(struct ps *ps, const struct ps_node *node)
{
    struct ps_value v = ps_eval(ps, node->a);

    for (const struct ps_node *kid = node->kids; kid != NULL && script_goes_on(ps->run);
            kid = kid->next) {
        if (kid->kind == PS_N_STEP) { /* the last one: $x++; of $x.y++ the value alone */
            if (kid == node->kids)
                step_target(ps, node->a, v, kid->text.ptr[0]);
            break;
        }
        if (kid->next != NULL && kid->next->kind == PS_N_STEP) {
            struct ps_node target = *node;
            struct ps_node last = *kid;

            if (kid != node->kids)
                return ps_unknown(ps, "counter");
            last.next = NULL;
            target.kids = &last;
            v = apply_suffix(ps, v, kid);
            step_target(ps, &target, v, kid->next->text.ptr[0]);
            break;
        }
        v = apply_suffix(ps, v, kid);
    }
    return v;
}

static struct ps_value eval_step(struct ps *ps, const struct ps_node *node)
{
    struct ps_value v = ps_eval(ps, node->a);

    v = ps_arith(ps, node->text.ptr[0] == '+' ? PS_OP_ADD : PS_OP_SUB, v, ps_int(1));
    ps_assign(ps, node->a, v);
    return v;
}

/* ---- Assignment ---- */

static void assign_item(
        struct ps *ps, struct ps_value base, struct ps_value index, struct ps_value v)
{
    int64_t number;

    if (base.kind == PS_OBJECT && base.as.object->state.kind != PS_NULL)
        base = base.as.object->state;
    if (base.kind == PS_HASH)
        (void)ps_hash_put(ps, base.as.hash, ps_flat(ps, &index), v);
    else if (base.kind == PS_OBJECT)
        (void)ps_hash_put(ps, &base.as.object->props, ps_flat(ps, &index), v);
    else if (base.kind == PS_ARRAY && ps_int_of(ps, &index, &number)) {
        number += number < 0 ? (int64_t)base.as.array->count : 0;
        if (number >= 0)
            ps_array_put(ps, base.as.array, (size_t)number, v);
    }
}

static void assign_postfix(struct ps *ps, const struct ps_node *target, struct ps_value v)
{
    struct ps_value base = ps_eval(ps, target->a);
    const struct ps_node *kid = target->kids;
    struct ps_value name;

    for (; kid->next != NULL; kid = kid->next)
        base = apply_suffix(ps, base, kid);
    name = ps_eval(ps, kid->a);
    if (kid->kind == PS_N_INDEX)
        assign_item(ps, base, name, v);
    else if (kid->kind == PS_N_MEMBER)
        ps_member_set(ps, base, ps_flat(ps, &name), v);
}

/* $a, $b = list: the last one takes what is left. */
static void assign_several(struct ps *ps, const struct ps_node *target, struct ps_value v)
{
    struct ps_array *items = ps_items(ps, v);
    size_t i = 0;

    for (const struct ps_node *kid = target->kids; kid != NULL; kid = kid->next) {
        if (kid->next == NULL && items->count > i + 1) {
            struct ps_array *rest = ps_array_new(ps, items->count - i);

            for (; i < items->count; i++)
                ps_array_add(ps, rest, ps_at(items, i));
            ps_assign(ps, kid, ps_of_array(rest));
            return;
        }
        ps_assign(ps, kid, ps_at(items, i++));
    }
}

void ps_assign(struct ps *ps, const struct ps_node *target, struct ps_value v)
{
    while (target != NULL && (target->kind == PS_N_PAREN || target->kind == PS_N_CAST)) {
        if (target->kind == PS_N_CAST)
            v = ps_cast(ps, target->text, v);
        target = target->a;
    }
    if (target == NULL)
        return;
    if (target->kind == PS_N_VAR)
        ps_var_set(ps, target->text, v);
    else if (target->kind == PS_N_COMMA)
        assign_several(ps, target, v);
    else if (target->kind == PS_N_POSTFIX)
        assign_postfix(ps, target, v);
}

static struct ps_value eval_assign(struct ps *ps, const struct ps_node *node)
{
    struct ps_value v = ps_eval(ps, node->b);

    if (node->c != NULL && node->c->op == PS_OP_COALESCE) {
        struct ps_value old = ps_eval(ps, node->a);

        v = old.kind != PS_NULL ? old : v;
    } else if (node->c != NULL) {
        v = ps_binary(ps, node->c, ps_eval(ps, node->a), v);
    }
    ps_assign(ps, node->a, v);
    return v;
}

/* ---- All of them ---- */

#define EVAL_DEPTH_FACTOR 6u /* nodes within nodes, for each level of syntax or call */

bool ps_deeper(struct ps *ps)
{
    if (ps->depth >= ps->run->limits.depth_max * EVAL_DEPTH_FACTOR) {
        ps_note(ps, SCRIPT_NOTE_LIMIT, "depth");
        return false;
    }
    ps->depth++;
    return true;
}

typedef struct ps_value eval_fn(struct ps *ps, const struct ps_node *node);

static eval_fn *const evaluators[PS_N_KINDS] = {
    [PS_N_CONST] = eval_const,
    [PS_N_EXPAND] = eval_expand,
    [PS_N_VAR] = eval_var,
    [PS_N_SPLAT] = eval_var,
    [PS_N_TYPE] = eval_type,
    [PS_N_ARRAY] = eval_array,
    [PS_N_SUB] = eval_sub,
    [PS_N_PAREN] = eval_paren,
    [PS_N_HASH] = eval_hash,
    [PS_N_BLOCK] = eval_block,
    [PS_N_COMMA] = eval_comma,
    [PS_N_CHAIN] = eval_chain,
    [PS_N_UNARY] = eval_unary,
    [PS_N_CAST] = eval_cast,
    [PS_N_POSTFIX] = eval_postfix,
    [PS_N_STEP] = eval_step,
    [PS_N_TERNARY] = eval_ternary,
    [PS_N_ASSIGN] = eval_assign,
};

struct ps_value ps_eval(struct ps *ps, const struct ps_node *node)
{
    struct ps_value v = ps_null();

    if (node == NULL || ps->flow != PS_NEXT)
        return v;
    if (node->kind == PS_N_CONST) /* paid for when it was read */
        return node->value;
    if (!script_spend(ps->run, 1))
        return v;
    if (!ps_deeper(ps))
        return ps_unknown(ps, "depth");
    if (evaluators[node->kind] != NULL) {
        v = evaluators[node->kind](ps, node);
    } else { /* a pipeline or statement as a value */
        struct ps_array *out = ps_array_new(ps, 0);
        enum ps_flow flow = ps_exec(ps, node, out);

        if (flow != PS_NEXT)
            ps->flow = flow;
        v = ps_collect(out);
    }
    ps->depth--;
    return v;
}
