/* vbscript_run.c - one evaluation: modules are read, what starts by itself goes first, then what
 * nobody called. */
#include "vbscript/vbscript_internal.h"

/* ---- Execute, Eval ---- */

static bool may_execute(struct vb_eval *ev, const struct script_text *text, const char *how,
        uint32_t offset, struct hn_text *ret_flat)
{
    bool module = strcmp(how, "AddFromString") == 0; /* all else is no part of VBA */
    struct script_layer layer = { .language = module ? SCRIPT_VBA : SCRIPT_VBSCRIPT,
        .text = text,
        .how = how,
        .offset = offset,
        .evaluated = true };
    struct hn_text flat = script_text_flat(ev->run, text);

    if (flat.ptr == NULL || flat.len == 0)
        return false;
    script_tell_layer(ev->run, &layer);
    if (text->unknown && flat.ptr[0] == '{')
        return false;
    if (ev->calls >= ev->run->limits.depth_max / 4 || flat.len > UINT32_MAX / 2) {
        vb_note(ev, SCRIPT_NOTE_LIMIT, offset, "scripts within scripts");
        return false;
    }
    *ret_flat = flat;
    return vb_spend(ev, flat.len * 4);
}

static enum vb_flow run_module(struct vb_eval *ev, struct vb_module *module, struct vb_stmt *body)
{
    struct vb_frame frame = { .caller = ev->frame, .module = module };
    enum vb_flow flow;

    ev->frame = &frame;
    flow = vb_exec_body(ev, &frame, body);
    ev->frame = frame.caller;
    return flow;
}

void vb_execute_text(struct vb_eval *ev, const struct script_text *text, bool global,
        const char *how, uint32_t offset)
{
    struct vb_module *module = ev->frame->module != NULL ? ev->frame->module : ev->modules;
    struct vb_stmt *body = NULL;
    struct hn_text flat;
    struct vb_stmt *outer;
    enum vb_flow flow;

    if (!may_execute(ev, text, how, offset, &flat) || !vb_enter(ev))
        return;
    if (global || module->is_class)
        module = ev->modules;
    ev->calls++;
    vb_parse(ev, module, flat, offset, &body);
    if (global) {
        flow = run_module(ev, module, body);
    } else {
        outer = ev->frame->body;
        flow = vb_exec_body(ev, ev->frame, body);
        ev->frame->body = outer;
    }
    if (flow == VB_F_END)
        ev->quit = true;
    ev->calls--;
    vb_leave(ev);
}

struct vb_value vb_eval_text(struct vb_eval *ev, const struct script_text *text, uint32_t offset)
{
    struct hn_text flat;
    struct vb_expr *expr;
    struct vb_value value;

    if (!may_execute(ev, text, "Eval", offset, &flat))
        return vb_unknown(ev, "Eval");
    expr = vb_parse_eval(ev, ev->frame->module, flat);
    if (expr == NULL)
        return vb_unknown(ev, "Eval");
    ev->calls++;
    value = vb_eval(ev, expr);
    ev->calls--;
    return value;
}

/* ---- What starts by itself ---- */

static bool is_autorun(struct hn_text name)
{
    static const struct hn_text names[] = { HN_TEXT_INIT("autoopen"), HN_TEXT_INIT("autoexec"),
        HN_TEXT_INIT("autonew"), HN_TEXT_INIT("autoexit"), HN_TEXT_INIT("autoclose"),
        HN_TEXT_INIT("auto_open"), HN_TEXT_INIT("auto_close"), HN_TEXT_INIT("auto_activate"),
        HN_TEXT_INIT("auto_deactivate"), HN_TEXT_INIT("document_open"),
        HN_TEXT_INIT("document_close"), HN_TEXT_INIT("document_new"),
        HN_TEXT_INIT("document_beforeclose"), HN_TEXT_INIT("document_change"),
        HN_TEXT_INIT("document_contentcontrolonenter"), HN_TEXT_INIT("workbook_open"),
        HN_TEXT_INIT("workbook_activate"), HN_TEXT_INIT("workbook_beforeclose"),
        HN_TEXT_INIT("workbook_beforeprint"), HN_TEXT_INIT("workbook_windowactivate"),
        HN_TEXT_INIT("workbook_sheetactivate"), HN_TEXT_INIT("workbook_sheetcalculate"),
        HN_TEXT_INIT("workbook_deactivate"), HN_TEXT_INIT("workbook_addininstall"),
        HN_TEXT_INIT("workbook_beforesave"), HN_TEXT_INIT("workbook_aftersave"),
        HN_TEXT_INIT("workbook_sheetchange"), HN_TEXT_INIT("workbook_sheetselectionchange"),
        HN_TEXT_INIT("workbook_sheetdeactivate"), HN_TEXT_INIT("workbook_windowdeactivate"),
        HN_TEXT_INIT("workbook_windowresize"), HN_TEXT_INIT("worksheet_change"),
        HN_TEXT_INIT("worksheet_selectionchange"), HN_TEXT_INIT("worksheet_deactivate"),
        HN_TEXT_INIT("worksheet_activate"), HN_TEXT_INIT("worksheet_calculate"),
        HN_TEXT_INIT("presentation_open"), HN_TEXT_INIT("slideshowbegin"),
        HN_TEXT_INIT("onslideshowpagechange"), HN_TEXT_INIT("document_documentbeforeclose"),
        HN_TEXT_INIT("application_startup"), HN_TEXT_INIT("document_documentopen"),
        HN_TEXT_INIT("document_documentopened"), HN_TEXT_INIT("document_runmodeentered"),
        HN_TEXT_INIT("app_documentopen"), HN_TEXT_INIT("main") };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++)
        if (hn_text_eq(name, names[i]))
            return true;
    return false;
}

/* Events of a page that come without a click; VBScript binds them by their names. */
static bool is_page_event(struct hn_text name)
{
    static const struct hn_text names[] = { HN_TEXT_INIT("window_onload"),
        HN_TEXT_INIT("window_onbeforeunload"), HN_TEXT_INIT("window_onunload"),
        HN_TEXT_INIT("document_onreadystatechange"), HN_TEXT_INIT("body_onload") };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++)
        if (hn_text_eq(name, names[i]))
            return true;
    return false;
}

/* Events of ActiveX controls that come without a click. */
static bool is_control_event(struct hn_text name)
{
    static const struct hn_text ends[] = { HN_TEXT_INIT("_layout"), HN_TEXT_INIT("_painted"),
        HN_TEXT_INIT("_painting"), HN_TEXT_INIT("_gotfocus"), HN_TEXT_INIT("_lostfocus"),
        HN_TEXT_INIT("_resize"), HN_TEXT_INIT("_mousemove"), HN_TEXT_INIT("_mousehover"),
        HN_TEXT_INIT("_beforenavigate2"), HN_TEXT_INIT("_documentcomplete"),
        HN_TEXT_INIT("_downloadcomplete"), HN_TEXT_INIT("_navigatecomplete2"),
        HN_TEXT_INIT("_titlechange"), HN_TEXT_INIT("_onconnecting"),
        HN_TEXT_INIT("_ondisconnected"), HN_TEXT_INIT("_statuschange"),
        HN_TEXT_INIT("_progresschange"), HN_TEXT_INIT("_windowstatechange"),
        HN_TEXT_INIT("_propertychange"), HN_TEXT_INIT("_mouseenter"), HN_TEXT_INIT("_mouseleave") };

    if (hn_text_eq(name, HN_TEXT("userform_initialize")) ||
            hn_text_eq(name, HN_TEXT("userform_activate")))
        return true;
    for (size_t i = 0; i < HN_COUNT_OF(ends); i++)
        if (hn_text_ends(name, ends[i]))
            return true;
    return false;
}

/* Arguments of a procedure that nobody called. */
static void call_alone(struct vb_eval *ev, struct vb_proc *proc, bool conditional)
{
    struct vb_value args[VB_ARGS_MAX];
    struct vb_call call = {
        .args = args, .count = proc->param_count, .name = proc->name, .offset = proc->offset
    };
    struct vb_frame frame = { .module = proc->module };
    bool outer = ev->run->conditional;

    for (uint32_t i = 0; i < proc->param_count; i++)
        args[i] = vb_unknown(ev, "%.*s", HN_TEXT_ARG(proc->params[i].name->shown));
    ev->frame = &frame;
    ev->run->conditional |= conditional;
    ev->quit = false;
    ev->raised = 0;
    (void)vb_call_proc(
            ev, proc, &call, proc->module->is_class ? vb_object_new(ev, &vb_class_instance) : NULL);
    ev->run->conditional = outer;
    ev->frame = NULL;
}

static void run_autorun(struct vb_eval *ev, const struct vb_module *module, bool controls)
{
    for (struct vb_proc *proc = module->procs; proc != NULL; proc = proc->next) {
        bool starts = controls ? is_control_event(proc->name->name) : is_autorun(proc->name->name);

        if (!ev->vba)
            starts = is_page_event(proc->name->name);
        if (!starts || proc->kind != VB_P_SUB)
            continue;
        vb_note(ev, SCRIPT_NOTE_AUTORUN, proc->offset, "%.*s", HN_TEXT_ARG(proc->name->shown));
        if (!proc->reached)
            call_alone(ev, proc, false);
    }
}

static void run_rest(struct vb_eval *ev, const struct vb_module *module)
{
    for (struct vb_proc *proc = module->procs; proc != NULL && script_goes_on(ev->run);
            proc = proc->next)
        if (!proc->reached && proc->kind != VB_P_DECLARE)
            call_alone(ev, proc, true);
}

/* Modules behind a form, a sheet or the document have a predeclared object of their name. */
static bool is_predeclared(struct hn_text text, struct hn_text name)
{
    return hn_text_find_nocase(text, HN_TEXT("VB_PredeclaredId = True"), 0) != SIZE_MAX ||
           hn_text_eq_nocase(name, HN_TEXT("ThisDocument")) ||
           hn_text_eq_nocase(name, HN_TEXT("ThisWorkbook")) ||
           hn_text_starts_nocase(name, HN_TEXT("UserForm"));
}

static void load_part(struct vb_eval *ev, const struct script_part *part, uint32_t base)
{
    struct vb_module *module = vb_module_new(ev, vb_symbol(ev, part->name));
    struct hn_text head = hn_text_sub(part->text, 0, 4096);
    struct hn_text text = part->text;
    const struct script_text *plain;
    struct vb_value self;

    if (module == NULL)
        return;
    module->base = base;
    if (!ev->vba && script_unencode(ev->run, text, &plain)) {
        vb_note(ev, SCRIPT_NOTE_OBFUSCATION, base, "script encoder");
        script_tell_text(ev->run, plain);
        text = script_text_flat(ev->run, plain);
    }
    vb_parse(ev, module, text, base, &module->body);
    module->is_class = ev->vba && hn_text_find_nocase(
                                          head, HN_TEXT("VB_PredeclaredId = False"), 0) != SIZE_MAX;
    if (ev->vba && is_predeclared(head, module->name->name)) {
        self = vb_host_object(ev, module->name->shown);
        if (self.kind == VB_OBJECT) {
            module->self = self.as.object;
            module->self->module = module;
        }
    }
}

static void tell_globals(struct vb_eval *ev, const struct vb_module *module)
{
    for (uint32_t i = 0; i < module->globals.room; i++)
        if (module->globals.slots[i] != NULL)
            vb_tell_text(ev, *module->globals.slots[i]->value);
}

static void evaluate(struct vb_eval *ev)
{
    uint64_t base = 0;

    for (size_t i = 0; i < ev->source->part_count && script_goes_on(ev->run); i++) {
        load_part(ev, &ev->source->parts[i], (uint32_t)base);
        base += ev->source->parts[i].text.len;
        if (base > UINT32_MAX / 2)
            break;
    }
    for (struct vb_module *module = ev->modules; module != NULL; module = module->next) {
        if (!module->is_class)
            (void)run_module(ev, module, module->body);
        ev->raised = 0;
    }
    vb_close_files(ev);
    com_close_files(ev->com);
    for (struct vb_module *module = ev->modules; module != NULL; module = module->next)
        run_autorun(ev, module, false);
    for (struct vb_module *module = ev->modules; module != NULL; module = module->next)
        run_autorun(ev, module, true);
    vb_close_files(ev);
    com_close_files(ev->com);
    for (struct vb_module *module = ev->modules; module != NULL; module = module->next)
        run_rest(ev, module);
    vb_close_files(ev);
    com_close_files(ev->com);
    vb_host_formulas(ev);
    for (struct vb_module *module = ev->modules; module != NULL; module = module->next)
        tell_globals(ev, module);
    if (!script_goes_on(ev->run))
        script_tell_note(
                ev->run, SCRIPT_NOTE_LIMIT, 0, hn_text_cstr(script_stop_id(ev->run->stop)));
}

void vb_deinit(struct vb_eval *ev)
{
    hn_map_deinit(&ev->symbols);
    hn_map_deinit(&ev->noted);
    hn_map_deinit(&ev->told);
    hn_vec_deinit(&ev->symbol_list);
    hn_vec_deinit(&ev->journal);
}

static struct vb_eval *eval_new(struct script_run *run, const struct script_source *source)
{
    struct vb_eval *ev = hn_new(&run->arena, struct vb_eval, 1);

    if (ev == NULL)
        return NULL;
    ev->run = run;
    ev->source = source;
    ev->vba = source->language == SCRIPT_VBA;
    return vb_com_start(ev) ? ev : NULL;
}

/* Once more, where no server answers well: a list of addresses is gone through to its end. Only
 * acts that are new are told. */
static void evaluate_refused(struct script_run *run, const struct script_source *source)
{
    struct script_sink sink = run->sink;
    struct vb_eval *ev = eval_new(run, source);

    if (ev == NULL)
        return;
    run->sink = (struct script_sink){ .ctx = sink.ctx, .on_act = sink.on_act };
    run->again = true;
    run->conditional = true;
    com_refuse(ev->com);
    evaluate(ev);
    vb_deinit(ev);
    run->again = false;
    run->conditional = false;
    run->sink = sink;
}

enum hn_status vbscript_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err)
{
    struct vb_eval *ev = eval_new(run, source);
    bool asked;

    if (ev == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory for the evaluator");
    evaluate(ev);
    asked = com_asked(ev->com);
    if (!vb_link_leave(ev))
        vb_deinit(ev);
    if (asked && !run->linked && script_goes_on(run))
        evaluate_refused(run, source);
    if (run->stop == SCRIPT_STOP_MEMORY)
        return hn_fail(err, HN_NOMEM, 0, "no memory for the values of a script");
    return HN_OK;
}
