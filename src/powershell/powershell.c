/* powershell.c - one evaluation: the top of the script, and what is left at its end. */
#include "powershell/powershell_internal.h"

static void evaluate_part(struct ps *ps, const struct script_part *part)
{
    const struct ps_block *block = ps_parse(ps->run, part->text, NULL);
    struct ps_array *out = ps_array_new(ps, 0);
    enum ps_flow flow;
    struct ps_value left;

    if (block == NULL)
        return;
    for (const struct ps_node *p = block->params != NULL ? block->params->kids : NULL; p != NULL;
            p = p->next)
        ps_var_set(ps, p->a->text, p->b != NULL ? ps_eval(ps, p->b) : ps_unknown(ps, "parameter"));
    flow = ps_exec(ps, block->begin, out);
    if (flow == PS_NEXT)
        flow = ps_exec(ps, block->body, out);
    if (flow == PS_NEXT)
        (void)ps_exec(ps, block->end, out);
    left = ps_of_array(out);
    ps_tell_value(ps, &left, 0);
}

static void tell_variables(struct ps *ps)
{
    for (uint32_t i = 0; i < ps->global.vars.count && script_goes_on(ps->run); i++)
        if (!ps->global.vars.entries[i].gone)
            ps_tell_value(ps, &ps->global.vars.entries[i].value, 0);
}

enum hn_status powershell_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err)
{
    struct ps *ps = hn_new(&run->arena, struct ps, 1);

    if (ps == NULL)
        return hn_fail(err, hn_arena_status(&run->arena), 0, "no memory for an evaluation");
    ps->run = run;
    ps->source = source;
    ps->scope = &ps->global;
    ps->label = T("");
    if (!ps_com_start(ps))
        return hn_fail(err, hn_arena_status(&run->arena), 0, "no memory for an evaluation");
    ps_var_defaults(ps);
    for (size_t i = 0; i < source->part_count; i++) {
        struct script_part part = source->parts[i];

        part.text = ps_as_utf8(run, part.text);
        if (part.text.ptr != source->parts[i].text.ptr)
            ps->wide = part.text;
        evaluate_part(ps, &part);
    }
    com_close_files(ps->com);
    tell_variables(ps);
    ps_env_tell(ps);
    if (run->stop != SCRIPT_STOP_NONE)
        script_tell_note(
                run, SCRIPT_NOTE_LIMIT, SCRIPT_NOWHERE, hn_text_cstr(script_stop_id(run->stop)));
    if (run->stop == SCRIPT_STOP_MEMORY)
        return hn_fail(err, HN_NOMEM, 0, "no memory for an evaluation");
    return HN_OK;
}
