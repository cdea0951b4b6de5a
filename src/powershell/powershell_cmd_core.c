/* powershell_cmd_core.c - cmdlets that run things or look into the shell itself: Invoke-Expression,
 * ForEach-Object, Get-Variable, aliases. */
#include "powershell/powershell_internal.h"

static struct ps_array *input_of(struct ps *ps, const struct ps_call *call)
{
    return call->input != NULL ? call->input : ps_array_new(ps, 0);
}

static void invoke_expression(struct ps *ps, struct ps_call *call)
{
    struct ps_value text = ps_arg(call, "command");

    if (text.kind == PS_ARRAY)
        text = ps_text(ps_text_from(ps, &text));
    if (text.kind != PS_NULL) {
        ps_run_text(ps, text, "Invoke-Expression", call->out);
        return;
    }
    for (size_t i = 0; call->input != NULL && i < call->input->count && !ps_flow_stops(ps); i++)
        ps_run_text(ps, ps_at(call->input, i), "Invoke-Expression", call->out);
}

static void run_blocks(
        struct ps *ps, const struct ps_value *v, struct ps_array *input, struct ps_array *out)
{
    if (v != NULL && v->kind == PS_BLOCK)
        ps_each(ps, v->as.block, input, out);
    else if (v != NULL && v->kind == PS_ARRAY) {
        for (size_t i = 0; i < v->as.array->count; i++) {
            struct ps_value one = ps_at(v->as.array, i);

            if (one.kind == PS_BLOCK)
                ps_each(ps, one.as.block, input, out);
        }
    }
}

static void each_member(
        struct ps *ps, struct ps_value name, struct ps_array *input, struct ps_array *out)
{
    for (size_t i = 0; i < input->count && script_spend(ps->run, 1); i++) {
        struct ps_value item = ps_at(input, i);
        struct ps_value v = ps_member(ps, item, ps_flat(ps, &name));

        if (ps_is_object(&v, "management.automation.psmethod"))
            v = ps_method(ps, item, ps_flat(ps, &name), NULL, 0);
        ps_emit(ps, out, v);
    }
}

static struct ps_array *single(struct ps *ps)
{
    struct ps_array *one = ps_array_new(ps, 1);

    ps_array_add(ps, one, ps_null());
    return one;
}

static void for_each(struct ps *ps, struct ps_call *call)
{
    struct ps_array *input = input_of(ps, call);
    const struct ps_value *begin = ps_arg_named(call, "begin");
    const struct ps_value *end = ps_arg_named(call, "end");
    struct ps_value process;
    const struct ps_value *listed = ps_arg_named(call, "inputobject");

    if (listed != NULL)
        input = ps_items(ps, *listed);
    process = ps_arg(call, "process|membername|parallel");
    run_blocks(ps, begin, single(ps), call->out);
    if (process.kind == PS_BLOCK && process.as.block->begin != NULL)
        (void)ps_exec(ps, process.as.block->begin, call->out);
    if (process.kind == PS_TEXT)
        each_member(ps, process, input, call->out);
    else
        run_blocks(ps, &process, input, call->out);
    if (process.kind == PS_BLOCK && process.as.block->end != NULL)
        (void)ps_exec(ps, process.as.block->end, call->out);
    for (;;) { /* further blocks: { begin } { process } { end } without names */
        struct ps_value more = ps_arg(call, "remaining");

        if (more.kind != PS_BLOCK)
            break;
        run_blocks(ps, &more, input, call->out);
    }
    run_blocks(ps, end, single(ps), call->out);
}

/* $_.name -op value, in the short form. */
static int short_filter(
        struct ps *ps, struct ps_call *call, struct ps_value name, struct ps_value item)
{
    struct ps_node op = { .kind = PS_N_CHAIN };
    static const struct {
        const char *name;
        uint8_t op;
    } rows[] = { { "eq", PS_OP_EQ }, { "ne", PS_OP_NE }, { "like", PS_OP_LIKE },
        { "match", PS_OP_MATCH }, { "notmatch", PS_OP_NOTMATCH }, { "notlike", PS_OP_NOTLIKE },
        { "gt", PS_OP_GT }, { "lt", PS_OP_LT }, { "ge", PS_OP_GE }, { "le", PS_OP_LE },
        { "in", PS_OP_IN }, { "contains", PS_OP_CONTAINS } };

    item = ps_member(ps, item, ps_flat(ps, &name));
    for (size_t i = 0; i < call->count; i++) {
        for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
            struct ps_value found;

            if (!ps_same_text(call->args[i].name, rows[k].name))
                continue;
            op.op = rows[k].op;
            found = ps_binary(ps, &op, item, call->args[i].value);
            return ps_truth(ps, &found);
        }
    }
    return ps_truth(ps, &item);
}

static void where(struct ps *ps, struct ps_call *call)
{
    struct ps_array *input = input_of(ps, call);
    struct ps_value filter = ps_arg(call, "filterscript|property");

    for (size_t i = 0; i < input->count && script_spend(ps->run, 1); i++) {
        struct ps_value item = ps_at(input, i);
        int truth;

        if (filter.kind == PS_BLOCK) {
            struct ps_array *one = ps_array_new(ps, 1);
            struct ps_array *made = ps_array_new(ps, 1);
            struct ps_value v;

            ps_array_add(ps, one, item);
            ps_each(ps, filter.as.block, one, made);
            v = ps_collect(made);
            truth = ps_truth(ps, &v);
        } else {
            truth = short_filter(ps, call, filter, item);
        }
        if (truth != 0)
            ps_array_add(ps, call->out, item);
    }
}

static void invoke_command(struct ps *ps, struct ps_call *call)
{
    struct ps_value block = ps_arg(call, "scriptblock|command");
    const struct ps_value *list = ps_arg_named(call, "argumentlist|args");
    const struct ps_value *computer = ps_arg_named(call, "computername|session");
    struct ps_arg args[PS_ARGS_MAX];
    struct ps_call inner = { .args = args, .out = call->out, .input = call->input };

    if (computer != NULL)
        ps_act(ps, SCRIPT_ACT_CONNECT, "Invoke-Command", "DestinationHostname", computer, NULL,
                NULL);
    if (list != NULL) {
        struct ps_array *items = ps_items(ps, *list);

        for (size_t i = 0; i < items->count && inner.count < PS_ARGS_MAX; i++)
            args[inner.count++] = (struct ps_arg){ .value = ps_at(items, i) };
    }
    if (block.kind == PS_BLOCK)
        ps_invoke_block(ps, block.as.block, &inner, true);
    else if (block.kind == PS_TEXT)
        ps_run_text(ps, block, "Invoke-Command", call->out);
}

/* ---- Variables and aliases ---- */

static void get_variable(struct ps *ps, struct ps_call *call)
{
    struct ps_value name = ps_arg(call, "name|include");
    bool value_only = ps_arg_switch(call, "valueonly");
    struct ps_array *found = ps_array_new(ps, 0);
    struct ps_array *names =
            ps_items(ps, name.kind == PS_NULL ? ps_text_of(ps, T("*"), NULL) : name);

    ps_technique(ps, "get-variable");
    for (size_t i = 0; i < names->count; i++) {
        struct ps_value one = ps_at(names, i);

        ps_var_list(ps, ps_flat(ps, &one), found);
    }
    for (size_t i = 0; i < found->count; i++)
        ps_array_add(ps, call->out,
                value_only ? ps_member(ps, ps_at(found, i), T("value")) : ps_at(found, i));
}

static void set_variable(struct ps *ps, struct ps_call *call)
{
    struct ps_value name = ps_arg(call, "name");
    struct ps_value v = ps_arg(call, "value");
    const struct ps_value *scope = ps_arg_named(call, "scope");

    if (v.kind == PS_NULL && call->input != NULL)
        v = ps_collect(call->input);
    if (scope != NULL && ps_one_of(ps_flat(ps, scope), "global|script"))
        name = ps_add(ps, ps_text_of(ps, T("global:"), NULL), name);
    if (name.kind != PS_NULL)
        ps_var_set(ps, ps_flat(ps, &name), v);
    if (ps_arg_switch(call, "passthru"))
        ps_emit(ps, call->out, v);
}

static void remove_variable(struct ps *ps, struct ps_call *call)
{
    struct ps_value name = ps_arg(call, "name");

    if (name.kind != PS_NULL)
        ps_var_remove(ps, ps_flat(ps, &name));
}

static void get_command(struct ps *ps, struct ps_call *call)
{
    struct ps_value name = ps_arg(call, "name");
    struct ps_array *names = ps_items(ps, name);

    ps_technique(ps, "get-command");
    for (size_t i = 0; i < names->count; i++) {
        struct ps_value one = ps_at(names, i);
        struct hn_text pattern = ps_flat(ps, &one);
        size_t before = call->out->count;

        ps_cmdlet_list(ps, pattern, call->out);
        ps_alias_list(ps, pattern, call->out);
        if (call->out->count == before && hn_text_find_char(pattern, '*', 0) == SIZE_MAX)
            ps_array_add(ps, call->out, one); /* a program */
    }
}

static void get_alias(struct ps *ps, struct ps_call *call)
{
    const struct ps_value *definition = ps_arg_named(call, "definition");
    struct ps_value name = definition == NULL ? ps_arg(call, "name") : ps_null();
    struct ps_array *all = ps_array_new(ps, 0);

    ps_alias_list(ps, name.kind == PS_NULL ? T("*") : ps_flat(ps, &name), all);
    for (size_t i = 0; i < all->count; i++) {
        struct ps_value target = ps_member(ps, ps_at(all, i), T("definition"));

        if (definition == NULL || ps_like(ps, ps_flat(ps, &target), ps_flat(ps, definition), false))
            ps_array_add(ps, call->out, ps_at(all, i));
    }
}

static void set_alias(struct ps *ps, struct ps_call *call)
{
    struct ps_value name = ps_arg(call, "name");
    struct ps_value target = ps_arg(call, "value");

    ps_technique(ps, "alias");
    if (ps_is_object(&target, "management.automation.commandinfo"))
        target = ps_member(ps, target, T("definition"));
    if (name.kind != PS_NULL)
        (void)ps_hash_put(ps, &ps->aliases, ps_flat(ps, &name), target);
    if (ps_arg_switch(call, "passthru"))
        ps_emit(ps, call->out, target);
}

static void get_member(struct ps *ps, struct ps_call *call)
{
    struct ps_array *input = input_of(ps, call);
    struct ps_value listed = input->count > 0 ? ps_at(input, 0) : ps_arg(call, "inputobject");

    ps_technique(ps, "get-member");
    if (listed.kind == PS_OBJECT && listed.as.object->com == NULL)
        ps_emit(ps, call->out, ps_member_list(ps, listed.as.object));
    else
        ps_emit(ps, call->out, ps_unknown(ps, "members"));
}

static void get_clipboard(struct ps *ps, struct ps_call *call)
{
    struct ps_value v = ps_unknown(ps, "clipboard");

    (void)ps_env_get(ps, T(SCRIPT_CLIPBOARD), &v);
    ps_emit(ps, call->out, v);
}

/* What the event brings is the reply to what was asked before; whether it comes is not known. */
static void register_event(struct ps *ps, struct ps_call *call)
{
    const struct ps_value *action = ps_arg_named(call, "action");
    struct ps_object *args = ps_object_new(ps, "eventargs");
    bool conditional = ps->run->conditional;

    args->state = ps_unknown(ps, "reply of a server");
    if (action == NULL || action->kind != PS_BLOCK)
        return;
    ps->run->conditional = true;
    ps_var_local(ps, "EventArgs", ps_of_object(args));
    (void)ps_call_block(ps, action->as.block, NULL, 0);
    ps->run->conditional = conditional;
}

static void set_clipboard(struct ps *ps, struct ps_call *call)
{
    struct ps_value v = ps_arg(call, "value");

    if (v.kind == PS_NULL && call->input != NULL)
        v = ps_collect(call->input);
    ps_var_set(ps, T("env:" SCRIPT_CLIPBOARD), v);
}

/* Environment, variables, aliases, functions by their drives; else a path of files. */
static bool drive_items(struct ps *ps, struct hn_text path, struct ps_array *out)
{
    size_t colon = hn_text_find_char(path, ':', 0);
    struct hn_text drive = colon != SIZE_MAX ? hn_text_sub(path, 0, colon) : path;
    struct hn_text name = colon != SIZE_MAX ? hn_text_sub(path, colon + 1, SIZE_MAX) : T("");

    while (name.len > 0 && (name.ptr[0] == '\\' || name.ptr[0] == '/'))
        name = hn_text_sub(name, 1, SIZE_MAX);
    if (name.len == 0)
        name = T("*");
    if (colon == SIZE_MAX)
        return false;
    if (ps_same_text(drive, "variable")) {
        ps_technique(ps, "get-variable");
        ps_var_list(ps, name, out);
    } else if (ps_same_text(drive, "env")) {
        ps_env_list(ps, name, out);
    } else if (ps_same_text(drive, "alias")) {
        ps_alias_list(ps, name, out);
    } else if (ps_same_text(drive, "function")) {
        ps_cmdlet_list(ps, name, out);
    } else {
        return false;
    }
    return true;
}

static void get_child_item(struct ps *ps, struct ps_call *call)
{
    struct ps_value path = ps_arg(call, "path|literalpath");
    struct ps_array *paths = ps_items(ps, path);

    for (size_t i = 0; i < paths->count; i++) {
        struct ps_value one = ps_at(paths, i);

        if (!drive_items(ps, ps_flat(ps, &one), call->out))
            ps_array_add(ps, call->out, ps_unknown(ps, "file"));
    }
    if (paths->count == 0)
        ps_array_add(ps, call->out, ps_unknown(ps, "file"));
}

static void get_item(struct ps *ps, struct ps_call *call)
{
    struct ps_value path = ps_arg(call, "path|literalpath");

    if (!drive_items(ps, ps_flat(ps, &path), call->out))
        ps_emit(ps, call->out, ps_unknown(ps, "item"));
}

/* Set-Item variable:x, env:x, function:f; the registry and files are in other tables. */
static void set_item(struct ps *ps, struct ps_call *call)
{
    struct ps_value path = ps_arg(call, "path|literalpath");
    struct ps_value v = ps_arg(call, "value");
    struct hn_text flat = ps_flat(ps, &path);

    if (hn_text_starts_nocase(flat, T("env:")) || hn_text_starts_nocase(flat, T("variable:")) ||
            hn_text_starts_nocase(flat, T("alias:")) || hn_text_starts_nocase(flat, T("function:")))
        ps_var_set(ps, flat, v);
    else
        ps_act(ps, SCRIPT_ACT_REGISTRY_WRITE, "Set-Item", "TargetObject", &path, "Details", &v);
}

static void import_module(struct ps *ps, struct ps_call *call)
{
    struct ps_value name = ps_arg(call, "name|assemblyname|assembly|path");

    if (name.kind == PS_TEXT && hn_text_find_char(ps_flat(ps, &name), '\\', 0) != SIZE_MAX)
        ps_act(ps, SCRIPT_ACT_MODULE_LOAD, "Import-Module", "ImageLoaded", &name, NULL, NULL);
}

static void quiet(struct ps *ps, struct ps_call *call)
{
    for (size_t i = 0; i < call->count; i++)
        ps_tell_value(ps, &call->args[i].value, 0);
}

static void start_job(struct ps *ps, struct ps_call *call)
{
    invoke_command(ps, call);
}

const struct ps_cmdlet ps_cmdlets_core[] = {
    { "invoke-expression", invoke_expression, NULL },
    { "foreach-object", for_each, NULL },
    { "where-object", where, NULL },
    { "invoke-command", invoke_command, "nonewscope|asjob" },
    { "start-job", start_job, NULL },
    { "start-threadjob", start_job, NULL },
    { "get-variable", get_variable, "valueonly" },
    { "set-variable", set_variable, "passthru|force" },
    { "new-variable", set_variable, "passthru|force" },
    { "remove-variable", remove_variable, "force" },
    { "clear-variable", remove_variable, "force" },
    { "get-command", get_command, "all" },
    { "get-alias", get_alias, NULL },
    { "get-member", get_member, "force|static" },
    { "get-clipboard", get_clipboard, "raw" },
    { "set-clipboard", set_clipboard, "append" },
    { "register-objectevent", register_event, "forward|supportevent" },
    { "set-alias", set_alias, "force|passthru" },
    { "new-alias", set_alias, "force|passthru" },
    { "get-childitem", get_child_item, "recurse|force|file|directory|name" },
    { "get-item", get_item, "force" },
    { "set-item", set_item, "force" },
    { "import-module", import_module, "force|global" },
    { "set-strictmode", quiet, "off" },
    { "wait-job", quiet, NULL },
    { "receive-job", quiet, "wait|autoremovejob" },
    { "clear-host", quiet, NULL },
    { "set-location", quiet, NULL },
    { NULL, NULL, NULL },
};
