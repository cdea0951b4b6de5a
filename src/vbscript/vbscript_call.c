/* vbscript_call.c - calls of procedures and of members; assignment. */
#include "vbscript/vbscript_internal.h"

#define RECURSION_UNDECIDED_MAX 4u

/* ---- Parameters ---- */

static struct vb_value rest_of(struct vb_eval *ev, const struct vb_call *call, uint32_t first)
{
    uint32_t count = call->count > first ? call->count - first : 0;
    struct vb_array *array = vb_array_new(ev, VB_T_VARIANT, 0, count);

    if (array == NULL)
        return vb_unknown(ev, "ParamArray");
    for (uint32_t i = 0; i < count; i++)
        array->items[i] = vb_plain(ev, call->args[first + i]);
    return vb_array_value(array);
}

static uint32_t arg_index(const struct vb_call *call, const struct vb_param *param, uint32_t place)
{
    for (uint32_t i = 0; call->names != NULL && i < call->count; i++)
        if (call->names[i] == param->name)
            return i;
    if (place < call->count && (call->names == NULL || call->names[place] == NULL))
        return place;
    return UINT32_MAX;
}

/* Whether a parameter is the caller's variable itself. */
static bool is_alias(const struct vb_call *call, const struct vb_param *param, uint32_t i)
{
    if (param->by_value || call->refs == NULL || call->refs[i] == NULL)
        return false;
    if (call->refs[i]->kind == VB_ARRAY || param->is_array)
        return true;
    return param->type == VB_T_VARIANT || param->type == call->ref_types[i];
}

static void bind(struct vb_eval *ev, struct vb_proc *proc, const struct vb_call *call,
        struct vb_frame *frame, uint32_t place)
{
    const struct vb_param *param = &proc->params[place];
    struct vb_var *var = vb_scope_add(ev, frame->locals, param->name, param->type);
    uint32_t i = arg_index(call, param, place);

    if (param->rest) {
        var->own = rest_of(ev, call, place);
        return;
    }
    if (i == UINT32_MAX || call->args[i].kind == VB_MISSING) {
        if (param->value != NULL)
            var->own = vb_coerce(ev, vb_eval_plain(ev, param->value), param->type);
        else if (param->optional && param->type == VB_T_VARIANT)
            var->own = (struct vb_value){ .kind = VB_MISSING };
        return;
    }
    if (is_alias(call, param, i)) {
        var->value = call->refs[i];
        if (call->ref_types[i] != VB_T_VARIANT)
            var->type = call->ref_types[i];
        return;
    }
    var->own =
            param->type == VB_T_VARIANT || param->type == VB_T_OBJECT || param->type == VB_T_RECORD
                    ? call->args[i]
                    : vb_coerce(ev, vb_plain(ev, call->args[i]), param->type);
    if (param->type == VB_T_VARIANT)
        var->own.typed = false;
    if (var->own.kind == VB_ARRAY && param->by_value)
        var->own = vb_array_value(vb_array_copy(ev, var->own.as.array));
}

static void tell_locals(struct vb_eval *ev, const struct vb_scope *scope)
{
    for (uint32_t i = 0; i < scope->room; i++)
        if (scope->slots[i] != NULL)
            vb_tell_text(ev, *scope->slots[i]->value);
}

/* ---- Procedures ---- */

static bool may_call(struct vb_eval *ev, const struct vb_proc *proc, uint32_t offset)
{
    if (ev->calls >= ev->run->limits.depth_max) {
        vb_note(ev, SCRIPT_NOTE_LIMIT, offset, "calls within calls");
        return false;
    }
    /* Whether a recursion ends can depend on what is unknown: not every way of it is walked. */
    return !(proc->active >= RECURSION_UNDECIDED_MAX && ev->undecided > 0);
}

struct vb_value vb_call_proc(struct vb_eval *ev, struct vb_proc *proc, const struct vb_call *call,
        struct vb_object *self)
{
    struct vb_scope locals = { 0 };
    struct vb_frame frame = { .caller = ev->frame,
        .proc = proc,
        .module = proc->module,
        .self = proc->module != NULL && proc->module->is_class ? self : NULL,
        .locals = &locals };
    struct vb_var *result = NULL;
    bool gives = proc->kind == VB_P_FUNCTION || proc->kind == VB_P_GET;

    if (proc->kind == VB_P_DECLARE)
        return vb_call_declared(ev, proc, call);
    if (!may_call(ev, proc, call->offset) || !script_spend(ev->run, 4) || !vb_enter(ev))
        return vb_unknown(ev, "%.*s()", HN_TEXT_ARG(proc->name->shown));
    proc->reached = true;
    proc->active++;
    ev->calls++;
    for (uint32_t i = 0; i < proc->param_count; i++)
        bind(ev, proc, call, &frame, i);
    ev->frame = &frame;
    if (gives) {
        result = vb_scope_add(ev, &locals, proc->name, proc->type);
        if (result->type == VB_T_RECORD && ev->vba)
            result->own.kind = VB_EMPTY;
    }
    if (vb_exec_body(ev, &frame, proc->body) == VB_F_END)
        ev->quit = true;
    tell_locals(ev, &locals);
    ev->frame = frame.caller;
    ev->calls--;
    proc->active--;
    vb_leave(ev);
    return result != NULL ? *result->value : (struct vb_value){ .kind = VB_EMPTY };
}

#define CALLABLE (1u << VB_P_SUB | 1u << VB_P_FUNCTION | 1u << VB_P_GET)

bool vb_call_name(struct vb_eval *ev, struct hn_text name, const struct vb_call *call,
        struct vb_value *ret_value)
{
    struct vb_module *module = NULL;
    struct vb_proc *proc = NULL;
    size_t dot;

    while ((dot = hn_text_find_char(name, '!', 0)) != SIZE_MAX) /* Book1.xls!Module1.Name */
        name = hn_text_sub(name, dot + 1, SIZE_MAX);
    while ((dot = hn_text_find_char(name, '.', 0)) != SIZE_MAX) {
        module = vb_module_find(ev, vb_symbol(ev, hn_text_sub(name, 0, dot)));
        name = hn_text_sub(name, dot + 1, SIZE_MAX);
    }
    name = hn_text_trim(name);
    if (module != NULL)
        proc = vb_proc_find(module, vb_symbol(ev, name), CALLABLE);
    if (proc == NULL)
        proc = vb_proc_any(ev, vb_symbol(ev, name), CALLABLE);
    if (proc == NULL)
        return false;
    *ret_value = vb_call_proc(ev, proc, call, NULL);
    return true;
}

struct vb_value vb_call_builtin(struct vb_eval *ev, const struct vb_call *call)
{
    const struct vb_builtin *builtin = call->name->builtin;
    struct vb_value plain[VB_ARGS_SMALL];
    struct vb_call made = *call;

    if (call->count < builtin->least) {
        vb_raise(ev, 450);
        return vb_unknown(ev, "%s", builtin->name);
    }
    if (!script_spend(ev->run, 1))
        return vb_unknown(ev, "limit");
    if (builtin->takes_unknown || call->count > VB_ARGS_SMALL)
        return builtin->fn(ev, call);
    for (uint32_t i = 0; i < call->count; i++) {
        plain[i] = vb_plain(ev, call->args[i]);
        if (plain[i].kind == VB_UNKNOWN)
            return plain[i];
    }
    made.args = plain;
    return builtin->fn(ev, &made);
}

/* ---- Members ---- */

static struct vb_value call_instance(struct vb_eval *ev, struct vb_object *object,
        struct vb_proc *proc, const struct vb_call *call)
{
    struct vb_args args = { 0 };
    struct vb_call made = *call;

    if (!call->is_set)
        return vb_call_proc(ev, proc, call, object);
    /* Property Let: the value is the last argument. */
    args.values = hn_new(&ev->run->arena, struct vb_value, (size_t)call->count + 1);
    if (args.values == NULL)
        return vb_unknown(ev, "limit");
    if (call->count > 0)
        memcpy(args.values, call->args, call->count * sizeof *args.values);
    args.values[call->count] = call->value;
    made.args = args.values;
    made.count = call->count + 1;
    made.names = NULL;
    made.refs = NULL;
    made.is_set = false;
    return vb_call_proc(ev, proc, &made, object);
}

static struct vb_proc *default_proc(struct vb_module *module)
{
    for (struct vb_proc *proc = module->procs; proc != NULL; proc = proc->next)
        if (proc->is_default)
            return proc;
    return NULL;
}

/* A member that the source defines: of a class, or of the module behind a form or document. */
static bool source_member(struct vb_eval *ev, struct vb_object *object, const struct vb_call *call,
        struct vb_value *ret_value)
{
    unsigned kinds = call->is_set ? 1u << VB_P_LET | 1u << VB_P_SET
                                  : 1u << VB_P_SUB | 1u << VB_P_FUNCTION | 1u << VB_P_GET;
    struct vb_proc *proc = call->name->name.len > 0
                                   ? vb_proc_find(object->module, call->name, kinds)
                                   : default_proc(object->module);
    struct vb_var *var;

    if (proc != NULL) {
        *ret_value = call_instance(ev, object, proc, call);
        return true;
    }
    var = vb_scope_find(
            object->class == &vb_class_instance ? &object->fields : &object->module->globals,
            call->name);
    if (var == NULL)
        return false;
    if (call->is_set) {
        vb_store_typed(ev, var->value, var->type, call->value);
        *ret_value = call->value;
    } else {
        *ret_value = call->count > 0 ? vb_index(ev, *var->value, call) : *var->value;
    }
    return true;
}

static vb_member_fn *member_fn(const struct vb_class *class, struct hn_text name)
{
    for (size_t i = 0; i < class->count; i++)
        if (hn_text_eq(name, hn_text_cstr(class->members[i].name)))
            return class->members[i].fn;
    return class->other;
}

static struct vb_value no_object(
        struct vb_eval *ev, struct vb_value value, const struct vb_call *call)
{
    if (value.kind == VB_UNKNOWN)
        return call->is_set ? call->value : value;
    vb_raise(ev, value.kind == VB_OBJECT ? 91 : 424);
    return vb_unknown(
            ev, "%.*s", HN_TEXT_ARG(call->name != NULL ? call->name->shown : HN_TEXT("value")));
}

struct vb_value vb_member_call(
        struct vb_eval *ev, struct vb_value value, const struct vb_call *call)
{
    struct vb_object *object;
    struct vb_value result;
    vb_member_fn *fn;

    if (value.kind != VB_OBJECT || value.as.object == NULL)
        return no_object(ev, value, call);
    object = value.as.object;
    if (object->module != NULL && source_member(ev, object, call, &result))
        return result;
    if (!script_spend(ev->run, 1))
        return vb_unknown(ev, "limit");
    fn = member_fn(object->class, call->name->name);
    return fn != NULL ? fn(ev, object, call) : vb_bag(ev, object, call);
}

struct vb_value vb_get(struct vb_eval *ev, struct vb_value object, const char *name)
{
    struct vb_call call = { .name = vb_symbol(ev, hn_text_cstr(name)) };

    return vb_member_call(ev, object, &call);
}

/* ---- Assignment ---- */

static struct vb_value set_member(struct vb_eval *ev, struct vb_value object,
        struct vb_symbol *name, struct vb_args *args, struct vb_value value)
{
    struct vb_call call = vb_call_of(name, args, 0);

    call.is_set = true;
    call.value = value;
    return vb_member_call(ev, object, &call);
}

static struct vb_value base_value(struct vb_eval *ev, const struct vb_expr *base)
{
    if (base == NULL)
        return ev->frame->with != NULL ? *ev->frame->with : vb_unknown(ev, "With");
    return base->kind == VB_E_NAME ? vb_eval_name(ev, base, true) : vb_eval(ev, base);
}

static void assign_name(struct vb_eval *ev, const struct vb_expr *target, struct vb_value value)
{
    struct vb_var *var = vb_var_find(ev, target->name);
    struct vb_proc *proc = NULL;
    struct vb_call call = { .args = &value, .count = 1, .offset = target->offset };

    if (var == NULL)
        proc = vb_proc_any(ev, target->name, 1u << VB_P_LET | 1u << VB_P_SET);
    if (proc != NULL) {
        (void)vb_call_proc(ev, proc, &call, ev->frame->self);
        return;
    }
    if (var == NULL)
        var = vb_var_need(ev, target->name);
    if (var->constant)
        return;
    vb_store_typed(ev, var->value, var->type, value);
}

static void assign_call(struct vb_eval *ev, const struct vb_expr *target, struct vb_value value)
{
    enum vb_type type = VB_T_VARIANT;
    struct vb_value *slot = vb_eval_ref(ev, target, &type);
    struct vb_args args;
    struct vb_value object;

    if (slot != NULL) {
        vb_store_typed(ev, slot, type, value);
        return;
    }
    if (ev->raised != 0)
        return;
    if (target->base->kind == VB_E_MEMBER) {
        object = base_value(ev, target->base->base);
        if (vb_eval_args(ev, target, &args))
            (void)set_member(ev, object, target->base->name, &args, value);
        return;
    }
    object = target->base->kind == VB_E_NAME ? vb_eval_name(ev, target->base, true)
                                             : vb_eval(ev, target->base);
    if (object.kind != VB_OBJECT || !vb_eval_args(ev, target, &args))
        return;
    (void)set_member(ev, object, vb_symbol(ev, HN_TEXT("")), &args, value);
}

static void assign_member(struct vb_eval *ev, const struct vb_expr *target, struct vb_value value)
{
    enum vb_type type = VB_T_VARIANT;
    struct vb_value *slot = target->kind == VB_E_MEMBER ? vb_eval_ref(ev, target, &type) : NULL;
    struct vb_value base;
    struct vb_args args = { 0 };
    struct vb_value key;

    if (slot != NULL) {
        vb_store_typed(ev, slot, type, value);
        return;
    }
    base = base_value(ev, target->base);
    if (target->kind == VB_E_MEMBER) {
        (void)set_member(ev, base, target->name, &args, value);
        return;
    }
    key = vb_text(script_text_borrow(ev->run, target->name->shown, NULL));
    args.values = &key;
    args.count = 1;
    (void)set_member(ev, base, vb_symbol(ev, HN_TEXT("")), &args, value);
}

void vb_assign(struct vb_eval *ev, const struct vb_expr *target, struct vb_value value, bool set)
{
    if (!set)
        value = vb_plain(ev, value);
    if (ev->raised != 0)
        return;
    switch (target->kind) {
    case VB_E_NAME:
        assign_name(ev, target, value);
        break;
    case VB_E_CALL:
        assign_call(ev, target, value);
        break;
    case VB_E_MEMBER:
    case VB_E_BANG:
        assign_member(ev, target, value);
        break;
    case VB_E_VALUE:
    case VB_E_CHAIN:
    case VB_E_UNARY:
    case VB_E_NEW:
    case VB_E_TYPEOF:
    case VB_E_ADDRESSOF:
    case VB_E_PAREN:
    case VB_E_MISSING:
        break;
    }
}
