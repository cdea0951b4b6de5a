/* jscript.c - one evaluation: the parts in order, then the functions that nobody has called. */
#include "jscript/jscript_internal.h"

/* Functions nobody called may be event handlers, or called by a part we did not understand. */
static void run_unreached(struct js_state *state, struct js_scope *scope)
{
    bool was = state->run->conditional;
    uint32_t room = scope->names.room;

    state->run->conditional = true;
    for (uint32_t i = 0; i < room && i < scope->names.room && script_goes_on(state->run); i++) {
        struct js_value value = scope->names.slots[i].value;
        struct js_value unknown = js_unknown(state, "argument");
        struct js_value items[4] = { unknown, unknown, unknown, unknown };
        struct js_args args = { items, 4 };

        if (scope->names.slots[i].name.ptr == NULL || value.kind != JS_OBJECT ||
                value.object->class != JS_FUNCTION || value.object->function->reached)
            continue;
        (void)js_call(state, value, js_undefined(), &args);
        state->thrown = false;
    }
    state->run->conditional = was;
}

static void run_parts(struct js_state *state)
{
    const struct script_source *source = state->source;

    for (size_t i = 0; i < source->part_count && script_goes_on(state->run); i++) {
        struct js_node *block;
        const struct script_text *plain;

        state->text = source->parts[i].text;
        if (script_unencode(state->run, state->text, &plain)) {
            script_tell_note(state->run, SCRIPT_NOTE_OBFUSCATION, 0, HN_TEXT("script encoder"));
            script_tell_text(state->run, plain);
            state->text = script_text_flat(state->run, plain);
        }
        block = js_parse(state->run, state->text);
        if (block != NULL)
            (void)js_run(state, block->list);
        state->thrown = false;
    }
}

static struct js_state *state_new(struct script_run *run, const struct script_source *source)
{
    struct js_state *state = hn_new(&run->arena, struct js_state, 1);

    if (state == NULL)
        return NULL;
    *state = (struct js_state){ .run = run, .source = source, .label = { "", 0 } };
    state->global = hn_new(&run->arena, struct js_scope, 1);
    if (state->global == NULL || !js_com_start(state))
        return NULL;
    state->scope = state->global;
    state->window = js_builtin(state, js_undefined(), HN_TEXT("window"));
    state->self = state->window;
    return state;
}

static void run_all(struct js_state *state)
{
    run_parts(state);
    com_close_files(state->com);
    run_unreached(state, state->global);
    com_close_files(state->com);
}

/* Once more, where no server answers well: a list of addresses is gone through to its end. Only
 * acts that are new are told. */
static void run_refused(struct script_run *run, const struct script_source *source)
{
    struct script_sink sink = run->sink;
    struct js_state *state = state_new(run, source);

    if (state == NULL)
        return;
    run->sink = (struct script_sink){ .ctx = sink.ctx, .on_act = sink.on_act };
    run->again = true;
    run->conditional = true;
    com_refuse(state->com);
    run_all(state);
    run->again = false;
    run->conditional = false;
    run->sink = sink;
}

enum hn_status jscript_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err)
{
    struct js_state *state = state_new(run, source);

    if (state == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    run_all(state);
    js_link_leave(state);
    if (com_asked(state->com) && !run->linked && script_goes_on(run))
        run_refused(run, source);
    if (run->stop != SCRIPT_STOP_NONE) {
        script_tell_note(
                run, SCRIPT_NOTE_LIMIT, state->offset, hn_text_cstr(script_stop_id(run->stop)));
    }
    return run->stop == SCRIPT_STOP_MEMORY ? hn_fail(err, HN_NOMEM, 0, "out of memory") : HN_OK;
}
