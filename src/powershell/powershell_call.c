/* powershell_call.c - functions, script blocks, and texts that are run as scripts. */
#include "powershell/powershell_internal.h"

#define LAYER_DEPTH_MAX 64u

/* The argument for a parameter: by its name, or a beginning of it that is no switch of others. */
static struct ps_arg *named_argument(struct ps_call *call, struct hn_text parameter)
{
    for (size_t i = 0; i < call->count; i++) {
        struct ps_arg *arg = &call->args[i];

        if (!arg->used && arg->name.len > 0 && hn_text_starts_nocase(parameter, arg->name))
            return arg;
    }
    return NULL;
}

static bool is_switch(const struct ps_node *parameter)
{
    return ps_one_of(
            parameter->text, "switch|switchparameter|management.automation.switchparameter");
}

/* Gives each -name the value behind it, unless the function says it takes none. */
static void attach_values(const struct ps_block *block, struct ps_call *call)
{
    for (size_t i = 0; i + 1 < call->count; i++) {
        struct ps_arg *arg = &call->args[i];
        bool takes = false;

        if (arg->name.len == 0 || !arg->bare || call->args[i + 1].name.len > 0)
            continue;
        for (const struct ps_node *p = block->params != NULL ? block->params->kids : NULL;
                p != NULL; p = p->next) {
            if (hn_text_starts_nocase(p->a->text, arg->name)) {
                takes = !is_switch(p);
                break;
            }
        }
        if (!takes)
            continue;
        arg->value = call->args[i + 1].value;
        arg->bare = false;
        call->args[i + 1].used = true;
    }
}

static void bind_one(struct ps *ps, const struct ps_node *parameter, struct ps_call *call)
{
    struct ps_arg *arg = named_argument(call, parameter->a->text);
    struct ps_value v;
    bool given = arg != NULL;

    for (size_t i = 0; arg == NULL && i < call->count && !is_switch(parameter); i++)
        if (!call->args[i].used && call->args[i].name.len == 0)
            arg = &call->args[i];
    if (arg != NULL) {
        arg->used = true;
        v = given && arg->bare ? ps_bool(true) : arg->value;
    } else if (is_switch(parameter)) {
        v = ps_bool(false);
    } else {
        v = ps_eval(ps, parameter->b);
    }
    if (parameter->text.len > 0 && v.kind != PS_NULL && !is_switch(parameter))
        v = ps_cast(ps, parameter->text, v);
    (void)ps_hash_put(ps, &ps->scope->vars, parameter->a->text, v);
}

static void bind(struct ps *ps, const struct ps_block *block, const struct ps_call *given)
{
    struct ps_arg copy[PS_ARGS_MAX];
    struct ps_call call = *given;
    struct ps_array *rest = ps_array_new(ps, 0);
    struct ps_array *input = ps_array_new(ps, 0);

    call.args = copy;
    if (call.count > 0)
        memcpy(copy, given->args, call.count * sizeof *copy);
    attach_values(block, &call);
    for (const struct ps_node *p = block->params != NULL ? block->params->kids : NULL; p != NULL;
            p = p->next)
        if (named_argument(&call, p->a->text) != NULL)
            bind_one(ps, p, &call);
    for (const struct ps_node *p = block->params != NULL ? block->params->kids : NULL; p != NULL;
            p = p->next)
        if (ps_hash_find(&ps->scope->vars, p->a->text) == NULL)
            bind_one(ps, p, &call);
    for (size_t i = 0; i < call.count; i++)
        if (!call.args[i].used)
            ps_array_add(ps, rest, call.args[i].value);
    (void)ps_hash_put(ps, &ps->scope->vars, T("args"), ps_of_array(rest));
    for (size_t i = 0; given->input != NULL && i < given->input->count && script_spend(ps->run, 1);
            i++)
        ps_array_add(ps, input, ps_at(given->input, i));
    (void)ps_hash_put(ps, &ps->scope->vars, T("input"), ps_of_array(input));
}

/* The first parameter takes what comes through the pipeline, as most functions of scripts declare.
 */
static void pipeline_parameter(struct ps *ps, const struct ps_block *block,
        const struct ps_call *call, struct ps_value item)
{
    if (block->params != NULL && block->params->kids != NULL && call->count == 0)
        (void)ps_hash_put(ps, &ps->scope->vars, block->params->kids->a->text, item);
}

static enum ps_flow run_body(
        struct ps *ps, const struct ps_block *block, const struct ps_call *call)
{
    enum ps_flow flow = ps_exec(ps, block->begin, call->out);

    if (flow == PS_NEXT && block->filter && call->input != NULL) {
        for (size_t i = 0; i < call->input->count && flow == PS_NEXT && script_spend(ps->run, 1);
                i++) {
            ps_var_local(ps, "_", ps_at(call->input, i));
            ps_var_local(ps, "PSItem", ps_at(call->input, i));
            pipeline_parameter(ps, block, call, ps_at(call->input, i));
            flow = ps_exec(ps, block->body, call->out);
            flow = flow == PS_RETURN ? PS_NEXT : flow;
        }
    } else if (flow == PS_NEXT) {
        if (call->input != NULL && call->input->count > 0)
            pipeline_parameter(ps, block, call, ps_at(call->input, call->input->count - 1));
        flow = ps_exec(ps, block->body, call->out);
    }
    if (flow == PS_NEXT)
        flow = ps_exec(ps, block->end, call->out);
    return flow;
}

static void leave_scope(struct ps *ps)
{
    for (uint32_t i = 0; i < ps->scope->vars.count && script_spend(ps->run, 1); i++)
        ps_tell_value(ps, &ps->scope->vars.entries[i].value, 0);
    ps->scope = ps->scope->parent;
}

void ps_invoke_block(
        struct ps *ps, const struct ps_block *block, const struct ps_call *call, bool new_scope)
{
    struct ps_scope scope = { .parent = ps->scope };
    struct ps_scope *kept = ps->scope;
    enum ps_flow flow;
    bool journal = ps->journal;

    if (ps->calls >= ps->run->limits.depth_max) {
        ps_note(ps, SCRIPT_NOTE_LIMIT, "depth of calls");
        ps_emit(ps, call->out, ps_unknown(ps, "depth"));
        return;
    }
    ps->calls++;
    if (new_scope)
        ps->scope = &scope;
    if (new_scope || block->params != NULL)
        bind(ps, block, call);
    flow = run_body(ps, block, call);
    if (flow == PS_THROW || flow == PS_EXIT || flow == PS_BREAK || flow == PS_CONTINUE)
        ps->flow = flow;
    if (new_scope) {
        struct ps_change **link = &ps->changes;

        leave_scope(ps);
        while (*link != NULL) { /* nothing may be taken back in a scope that is gone */
            if ((*link)->hash == &scope.vars)
                *link = (*link)->next;
            else
                link = &(*link)->next;
        }
    }
    ps->journal = journal;
    ps->scope = kept;
    ps->calls--;
}

struct ps_value ps_call_block(
        struct ps *ps, const struct ps_block *block, const struct ps_value *args, size_t count)
{
    struct ps_arg list[16] = { 0 };
    struct ps_call call = { .args = list, .out = ps_array_new(ps, 0) };

    for (; call.count < count && call.count < 16; call.count++)
        list[call.count].value = args[call.count];
    ps_invoke_block(ps, block, &call, true);
    return ps_collect(call.out);
}

void ps_each(
        struct ps *ps, const struct ps_block *block, struct ps_array *input, struct ps_array *out)
{
    const struct ps_value *kept = ps_hash_find(&ps->scope->vars, T("_"));
    struct ps_value old = kept != NULL ? *kept : ps_null();
    enum ps_flow flow = PS_NEXT;

    if (ps->calls >= ps->run->limits.depth_max)
        return;
    ps->calls++;
    for (size_t i = 0, count = input->count;
            i < count && flow == PS_NEXT && script_spend(ps->run, 1); i++) {
        ps_var_local(ps, "_", ps_at(input, i));
        ps_var_local(ps, "PSItem", ps_at(input, i));
        flow = ps_exec(ps, block->body, out);
        flow = flow == PS_RETURN ? PS_NEXT : flow;
    }
    if (flow != PS_NEXT && flow != PS_CONTINUE)
        ps->flow = flow;
    ps_var_local(ps, "_", old);
    ps->calls--;
}

/* ---- Texts as scripts ---- */

static const struct ps_block *parse_text(
        struct ps *ps, const struct script_text *text, const char *how)
{
    const struct script_text *stepped =
            script_text_step(ps->run, text, how, SCRIPT_NOWHERE, (struct hn_text){ "", 0 });
    struct hn_text flat = script_text_flat(ps->run, stepped);

    if (flat.ptr == NULL || !script_spend(ps->run, 1 + flat.len / 32))
        return NULL;
    return ps_parse(ps->run, flat, stepped->origin);
}

const struct ps_block *ps_block_from(struct ps *ps, struct ps_value text, const char *how)
{
    if (text.kind != PS_TEXT)
        return NULL;
    ps_tell_layer(ps, SCRIPT_POWERSHELL, text.as.text, how, true, T(""));
    return parse_text(ps, text.as.text, how);
}

void ps_run_text(struct ps *ps, struct ps_value text, const char *how, struct ps_array *out)
{
    const struct ps_block *block;
    enum ps_flow flow;
    uint64_t offset = ps->offset;

    if (text.kind == PS_BLOCK || text.kind == PS_NULL) {
        struct ps_call call = { .out = out };

        if (text.kind == PS_BLOCK)
            ps_invoke_block(ps, text.as.block, &call, false);
        return;
    }
    if (text.kind == PS_UNKNOWN) {
        ps_runs_unknown(ps, &text);
        ps_emit(ps, out, text);
        return;
    }
    text = ps_text(ps_text_from(ps, &text));
    if (ps->layer_depth >= LAYER_DEPTH_MAX || ps->calls >= ps->run->limits.depth_max) {
        ps_note(ps, SCRIPT_NOTE_LIMIT, "depth of layers");
        return;
    }
    block = ps_block_from(ps, text, how);
    if (block == NULL)
        return;
    ps->layer_depth++;
    ps->calls++;
    flow = ps_exec(ps, block->begin, out);
    if (flow == PS_NEXT)
        flow = ps_exec(ps, block->body, out);
    if (flow == PS_NEXT)
        flow = ps_exec(ps, block->end, out);
    ps->calls--;
    ps->layer_depth--;
    ps->offset = offset;
    if (flow != PS_NEXT && flow != PS_RETURN)
        ps->flow = flow;
}
