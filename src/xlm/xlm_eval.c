/* xlm_eval.c - what a formula gives; and what is done where a condition cannot be known: the first
 * answer is gone on with, the other waits as a fork. */
#include "xlm/xlm_internal.h"

bool xl_spend(struct xl *ev, uint64_t cost)
{
    if (!script_spend(ev->run, cost))
        return false;
    if (ev->run->steps <= ev->path_end)
        return true;
    if (ev->flow != XL_HALT)
        xl_note(ev, SCRIPT_NOTE_LIMIT, SCRIPT_NOWHERE, "a way without an end was left");
    ev->flow = XL_HALT;
    return false;
}

/* ---- Conditions nobody knows ---- */

static void pend(struct xl *ev)
{
    struct xl_fork *fork = hn_new(&ev->run->arena, struct xl_fork, 1);

    if (fork == NULL)
        return;
    xl_where_copy(&fork->where, &ev->start);
    fork->active = ev->active_start;
    fork->mark = ev->mark;
    fork->decisions = ev->decisions;
    fork->decision_count = ev->decided;
    fork->next = ev->forks;
    ev->forks = fork;
    ev->fork_count++;
}

bool xl_decide(struct xl *ev, const struct xl_node *node)
{
    union {
        const struct xl_node *shown;
        struct xl_node *own;
    } site = { .shown = node };
    uint32_t index = ev->decided++;

    xl_note(ev, SCRIPT_NOTE_BOTH, node->offset, "unknown condition");
    ev->run->conditional = true;
    if (index < ev->decision_count)
        return (ev->decisions >> index & 1u) != 0;
    if (index >= XL_DECISIONS_MAX)
        return false;
    ev->decision_count = index + 1;
    if (site.own->world != ev->world) {
        site.own->world = ev->world;
        site.own->forks = 0;
    }
    if (site.own->forks >= XL_SITE_FORKS_MAX || ev->fork_count >= XLM_FORKS_MAX)
        return false;
    site.own->forks++;
    pend(ev); /* with a 0 for this one */
    ev->decisions |= UINT64_C(1) << index;
    return true;
}

/* ---- Arguments ---- */

struct xl_value xl_arg(const struct xl_call *call, uint32_t index)
{
    return index < call->count ? call->args[index] : (struct xl_value){ .kind = XL_MISSING };
}

bool xl_has_arg(const struct xl_call *call, uint32_t index)
{
    return xl_arg(call, index).kind != XL_MISSING;
}

struct xl_value xl_arg_plain(struct xl *ev, const struct xl_call *call, uint32_t index)
{
    return xl_plain(ev, xl_arg(call, index));
}

double xl_arg_number(struct xl *ev, const struct xl_call *call, uint32_t index, double otherwise)
{
    double number;

    if (!xl_has_arg(call, index) || !xl_to_number(ev, call->args[index], &number))
        return otherwise;
    return number;
}

const struct script_text *xl_arg_text(struct xl *ev, const struct xl_call *call, uint32_t index)
{
    return xl_to_text(ev, xl_arg(call, index));
}

bool xl_arg_ref(struct xl *ev, const struct xl_call *call, uint32_t index, struct xl_ref *ret_ref)
{
    struct xl_value value = xl_arg(call, index);

    if (value.kind == XL_REF) {
        *ret_ref = value.as.ref;
        return true;
    }
    return value.kind == XL_TEXT && !value.as.text->unknown &&
           xl_ref_of_text(ev, xl_flat(ev, value), true, ret_ref);
}

uint32_t xl_item_count(struct xl_value value)
{
    uint64_t count = 1;

    if (value.kind == XL_ARRAY)
        count = (uint64_t)value.as.array->rows * value.as.array->columns;
    if (value.kind == XL_REF)
        count = (uint64_t)(value.as.ref.row_last - value.as.ref.row + 1) *
                (value.as.ref.column_last - value.as.ref.column + 1);
    return count < XLM_RANGE_MAX ? (uint32_t)count : XLM_RANGE_MAX;
}

struct xl_value xl_item(struct xl *ev, struct xl_value value, uint32_t index)
{
    uint32_t width;

    if (!xl_spend(ev, 1))
        return (struct xl_value){ .kind = XL_BLANK };
    if (value.kind == XL_ARRAY)
        return value.as.array->items[index];
    if (value.kind != XL_REF)
        return value;
    width = value.as.ref.column_last - value.as.ref.column + 1;
    return xl_cell_value(ev, value.as.ref.sheet, value.as.ref.row + index / width,
            value.as.ref.column + index % width);
}

/* ---- Calls ---- */

static struct xl_value eval_if(struct xl *ev, const struct xl_node *node)
{
    const struct xl_node *then = node->args != NULL ? node->args->next : NULL;
    const struct xl_node *otherwise = then != NULL ? then->next : NULL;
    struct xl_value condition;
    bool truth;

    if (node->args == NULL)
        return xl_error("#VALUE!");
    condition = xl_plain(ev, xl_eval(ev, node->args));
    if (condition.kind == XL_ERROR)
        return condition;
    if (!xl_to_truth(ev, condition, &truth)) {
        if (!xl_is_unknown(condition))
            return xl_error("#VALUE!");
        if (ev->quiet > 0)
            return xl_unknown(ev, "either");
        truth = xl_decide(ev, node);
    }
    if (then == NULL)
        return xl_bool(truth);
    if (truth)
        return xl_eval(ev, then);
    return otherwise != NULL ? xl_eval(ev, otherwise) : xl_bool(false);
}

static struct xl_value eval_choose(struct xl *ev, const struct xl_node *node)
{
    struct xl_value index;
    double number;
    const struct xl_node *choice = node->args;

    if (choice == NULL)
        return xl_error("#VALUE!");
    index = xl_plain(ev, xl_eval(ev, choice));
    if (!xl_to_number(ev, index, &number))
        return xl_cannot(ev, index, "choice");
    choice = choice->next;
    while (choice != NULL && number >= 2.0) {
        choice = choice->next;
        number -= 1.0;
    }
    return choice != NULL && number >= 1.0 ? xl_eval(ev, choice) : xl_error("#VALUE!");
}

static const struct xl_registered *registered_as(const struct xl *ev, struct hn_text name)
{
    for (size_t i = ev->registered.count; i > 0; i--) {
        const struct xl_registered *at = &ev->registered.ptr[i - 1];

        if (at->alias.len > 0 && hn_text_eq_nocase(at->alias, name))
            return at;
    }
    return NULL;
}

/* A function that a library registered, a macro by its name, or one nobody modelled. */
static struct xl_value call_named(struct xl *ev, const struct xl_call *call)
{
    const struct xl_node *node = call->node;
    const struct xl_registered *function = registered_as(ev, node->name);
    struct xl_name *name = xl_name_find(ev, node->name, node->sheet);
    struct xl_ref base = ev->frame != NULL ? ev->frame->where.at : xl_ref_cell(0, 1, 1);
    struct xl_value target;
    struct xl_ref ref;

    if (function != NULL && ev->quiet == 0) {
        struct xl_registered copy = *function;

        return xl_api_call(ev, &copy, call, 0);
    }
    if (name != NULL) {
        target = xl_name_value(ev, name);
        if (target.kind == XL_REF)
            return xl_run_macro(ev, target.as.ref, call);
        return target.kind == XL_NUMBER || target.kind == XL_TEXT ? target
                                                                  : xl_unknown(ev, "macro");
    }
    base.sheet = node->sheet != XL_NONE ? node->sheet : base.sheet;
    if (xl_ref_scan(node->name, 0, false, base, &ref) == node->name.len)
        return xl_run_macro(ev, ref, call);
    if (ev->world == 0)
        xl_note(ev, SCRIPT_NOTE_UNMODELLED, node->offset, "%.*s",
                HN_TEXT_ARG(hn_text_sub(node->name, 0, 100)));
    for (uint32_t i = 0; i < call->count; i++)
        xl_keep_text(ev, xl_plain(ev, call->args[i]));
    return xl_unknown(ev, "%.*s", HN_TEXT_ARG(hn_text_sub(node->name, 0, 100)));
}

static struct xl_value eval_call(struct xl *ev, const struct xl_node *node)
{
    struct xl_value args[XL_ARGS_MAX];
    struct xl_call call = { .node = node, .args = args, .offset = node->offset };
    struct xl_value target;

    if (node->kind == XL_NODE_CALL && node->fn != NULL) {
        if (node->fn->word == XL_WORD_IF)
            return eval_if(ev, node);
        if (node->fn->word == XL_WORD_CHOOSE)
            return eval_choose(ev, node);
    }
    for (const struct xl_node *arg = node->args; arg != NULL; arg = arg->next)
        args[call.count++] = xl_eval(ev, arg);
    if (node->kind == XL_NODE_MACRO) {
        target = xl_eval(ev, node->left);
        return target.kind == XL_REF ? xl_run_macro(ev, target.as.ref, &call)
                                     : xl_unknown(ev, "macro");
    }
    if (node->fn == NULL)
        return call_named(ev, &call);
    call.name = node->fn->name;
    if (node->fn->outward && ev->quiet > 0)
        return xl_unknown(ev, "%s", call.name);
    return node->fn->fn(ev, &call);
}

static struct xl_value eval_name(struct xl *ev, const struct xl_node *node)
{
    struct xl_name *name = xl_name_find(ev, node->name, node->sheet);

    if (name == NULL)
        return xl_error("#NAME?");
    return xl_name_value(ev, name);
}

static struct xl_value eval_one(struct xl *ev, const struct xl_node *node)
{
    struct xl_value value;
    double number;

    switch (node->kind) {
    case XL_NODE_VALUE:
        return node->value;
    case XL_NODE_NAME:
        return eval_name(ev, node);
    case XL_NODE_CALL:
    case XL_NODE_MACRO:
        return eval_call(ev, node);
    case XL_NODE_NEGATE:
    case XL_NODE_PERCENT:
        value = xl_plain(ev, xl_eval(ev, node->left));
        if (!xl_to_number(ev, value, &number))
            return xl_cannot(ev, value, "number");
        if (node->kind == XL_NODE_PERCENT)
            return xl_number(number / 100.0);
        return xl_number(node->op == '-' ? -number : number);
    case XL_NODE_BINARY:
        break;
    }
    return xl_error("#VALUE!");
}

/* Down the left operands of a chain first, then up again. */
struct xl_value xl_eval(struct xl *ev, const struct xl_node *node)
{
    const struct xl_node *at = node;
    struct xl_value value;

    if (ev->depth >= ev->run->limits.depth_max) {
        xl_note(ev, SCRIPT_NOTE_LIMIT, node->offset, "formulas within formulas");
        return xl_unknown(ev, "formula");
    }
    if (!xl_spend(ev, 1))
        return (struct xl_value){ .kind = XL_BLANK };
    ev->depth++;
    while (at->kind == XL_NODE_BINARY)
        at = at->left;
    value = eval_one(ev, at);
    while (at != node && xl_spend(ev, 1)) {
        at = at->up;
        value = xl_binary(ev, at->op, value, xl_eval(ev, at->right));
    }
    ev->depth--;
    return value;
}
