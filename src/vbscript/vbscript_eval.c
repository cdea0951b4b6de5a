/* vbscript_eval.c - expressions: what they give, and where it is kept. */
#include "vbscript/vbscript_internal.h"

#define FUNCTIONS (1u << VB_P_SUB | 1u << VB_P_FUNCTION | 1u << VB_P_GET | 1u << VB_P_DECLARE)

bool vb_enter(struct vb_eval *ev)
{
    if (ev->depth >= VB_DEPTH_MAX) {
        vb_note(ev, SCRIPT_NOTE_LIMIT, 0, "nesting of syntax and calls");
        return false;
    }
    ev->depth++;
    return true;
}

void vb_leave(struct vb_eval *ev)
{
    ev->depth--;
}

struct vb_call vb_call_of(struct vb_symbol *name, const struct vb_args *args, uint32_t offset)
{
    struct vb_call call = { .name = name, .offset = offset };

    if (args != NULL) {
        call.args = args->values;
        call.names = args->names;
        call.refs = args->refs;
        call.ref_types = args->types;
        call.count = args->count;
    }
    return call;
}

static bool args_room(struct vb_eval *ev, struct vb_args *args, uint32_t count)
{
    args->count = count;
    args->values = args->small_values;
    args->names = args->small_names;
    args->refs = args->small_refs;
    args->types = args->small_types;
    if (count <= VB_ARGS_SMALL) {
        memset(args->small_names, 0, sizeof args->small_names);
        memset(args->small_refs, 0, sizeof args->small_refs);
        memset(args->small_types, 0, sizeof args->small_types);
        return true;
    }
    args->values = hn_new(&ev->run->arena, struct vb_value, count);
    args->names = hn_new(&ev->run->arena, struct vb_symbol *, count);
    args->refs = hn_new(&ev->run->arena, struct vb_value *, count);
    args->types = hn_new(&ev->run->arena, enum vb_type, count);
    if (args->values == NULL || args->names == NULL || args->refs == NULL || args->types == NULL) {
        if (ev->run->stop == SCRIPT_STOP_NONE)
            ev->run->stop = SCRIPT_STOP_BYTES;
        return false;
    }
    return true;
}

/* A name nobody has written yet may be made by the call, through ByRef. */
static void eval_arg(struct vb_eval *ev, const struct vb_arg *arg, struct vb_args *args, uint32_t i)
{
    struct vb_var *var;

    args->names[i] = arg->name;
    if (!arg->by_value)
        args->refs[i] = vb_eval_ref(ev, arg->expr, &args->types[i]);
    if (args->refs[i] != NULL) {
        args->values[i] = *args->refs[i];
        if (args->types[i] == VB_T_VARIANT)
            args->values[i].typed = false;
        return;
    }
    args->values[i] = vb_eval(ev, arg->expr);
    if (arg->expr->kind == VB_E_NAME && !arg->by_value) {
        var = vb_var_find(ev, arg->expr->name);
        if (var != NULL && !var->constant) {
            args->refs[i] = var->value;
            args->types[i] = var->type;
        }
    }
}

bool vb_eval_args(struct vb_eval *ev, const struct vb_expr *call, struct vb_args *ret_args)
{
    uint32_t count = call != NULL ? call->count : 0;

    if (!args_room(ev, ret_args, count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        eval_arg(ev, &call->args[i], ret_args, i);
    return ev->raised == 0;
}

/* ---- Names ---- */

/* An object that Dim x As New makes at its first use; a record likewise. */
static void awaken(struct vb_eval *ev, struct vb_var *var)
{
    bool empty = var->value->kind == VB_EMPTY ||
                 (var->value->kind == VB_OBJECT && var->value->as.object == NULL);

    if (var->new_class != NULL && empty)
        *var->value = vb_new_instance(ev, var->new_class, 0);
}

static struct vb_value me(struct vb_eval *ev)
{
    if (ev->frame->self != NULL)
        return vb_object_value(ev->frame->self);
    if (ev->frame->module != NULL && ev->frame->module->self != NULL)
        return vb_object_value(ev->frame->module->self);
    return vb_unknown(ev, "Me");
}

/* A record comes into being when a member of its variable is used. */
static struct vb_value var_value(struct vb_eval *ev, struct vb_var *var, bool as_base)
{
    awaken(ev, var);
    if (as_base && var->type == VB_T_RECORD && var->value->kind == VB_EMPTY)
        vb_store(ev, var->value, vb_object_make(ev, &vb_class_record));
    return *var->value;
}

static bool is_own_result(const struct vb_eval *ev, const struct vb_symbol *name)
{
    return ev->frame->proc != NULL && ev->frame->proc->name == name;
}

/* A name that is a control of the form whose code this is, or a field of the document. */
static bool own_store(struct vb_eval *ev, struct vb_symbol *name, struct vb_value *ret_value)
{
    char path[VB_PATH_BYTES];
    struct hn_buf buf = hn_buf_over(path, sizeof path);

    if (ev->source->lookup == NULL)
        return false;
    if (ev->frame->module != NULL && ev->frame->module->name != NULL) {
        hn_buf_add_text(&buf, ev->frame->module->name->shown);
        hn_buf_add_char(&buf, '.');
        hn_buf_add_text(&buf, name->shown);
        if (hn_buf_ok(&buf) && vb_host_lookup(ev, hn_buf_text(&buf), ret_value))
            return true;
    }
    return vb_host_lookup(ev, name->shown, ret_value);
}

/* There is one of it, for all that ask later. */
static struct vb_value keep_object(
        struct vb_eval *ev, struct vb_symbol *name, struct vb_value object)
{
    vb_store(ev, vb_var_need(ev, name)->value, object);
    return object;
}

static struct vb_value undefined_name(struct vb_eval *ev, struct vb_symbol *name, bool as_base)
{
    struct vb_value value;

    if (vb_link_ask(ev, name->shown, NULL, &value))
        return value;
    if (!ev->vba) {
        struct com_object *declared = com_declared(ev->com, ev->source, name->shown, 0);

        if (declared != NULL)
            return keep_object(ev, name, vb_com_object(ev, declared));
    }
    if (as_base)
        return vb_host_object(ev, name->shown);
    if (own_store(ev, name, &value))
        return value;
    return *vb_var_need(ev, name)->value;
}

/* [A1] is Evaluate("A1"). */
static struct vb_value bracketed(struct vb_eval *ev, struct hn_text name, bool as_base)
{
    char room[VB_PATH_BYTES];
    struct hn_buf path = hn_buf_over(room, sizeof room);
    struct vb_value value;

    hn_buf_addf(&path, "Evaluate(\"%.*s\")", HN_TEXT_ARG(name));
    if (vb_host_lookup(ev, name, &value) && !as_base)
        return value;
    if (!hn_buf_ok(&path) || !vb_host_lookup(ev, hn_buf_text(&path), &value))
        return vb_host_object(ev, name);
    return as_base ? vb_host_object(ev, hn_buf_text(&path)) : value;
}

struct vb_value vb_eval_name(struct vb_eval *ev, const struct vb_expr *expr, bool as_base)
{
    struct vb_symbol *name = expr->name;
    struct vb_var *var = vb_var_find(ev, name);
    struct vb_call call = vb_call_of(name, NULL, expr->offset);
    struct vb_proc *proc;
    struct vb_value value;

    if (var != NULL && !(as_base && var->value->kind == VB_EMPTY && var->type == VB_T_VARIANT)) {
        value = var_value(ev, var, as_base);
        if (var->type == VB_T_VARIANT && !var->constant)
            value.typed = false;
        return value;
    }
    if (name->keyword == VB_K_ME)
        return me(ev);
    proc = vb_proc_any(ev, name, FUNCTIONS);
    if (proc != NULL && !(as_base && is_own_result(ev, name)))
        return proc->kind == VB_P_DECLARE ? vb_call_declared(ev, proc, &call)
                                          : vb_call_proc(ev, proc, &call, ev->frame->self);
    if (expr->op != '[' && name->constant >= 0) {
        const struct vb_constant *constant = &vb_constants[name->constant];

        return constant->text != NULL ? vb_lit(ev, constant->text) : vb_int(constant->number, 4);
    }
    if (expr->op == '[')
        return bracketed(ev, name->shown, as_base);
    if (vb_host_global(ev, name, &value))
        return value;
    if (name->builtin != NULL && name->builtin->least == 0 && !as_base)
        return vb_call_builtin(ev, &call);
    return undefined_name(ev, name, as_base);
}

/* ---- Calls and indexes ---- */

/* value(args): an element, or the default member. */
struct vb_value vb_index(struct vb_eval *ev, struct vb_value value, const struct vb_call *call)
{
    struct vb_value *item;
    struct vb_call named = *call;

    if (value.kind == VB_ARRAY) {
        item = vb_array_at(ev, value.as.array, call->args, call->count);
        return item != NULL ? *item : vb_unknown(ev, "element");
    }
    if (value.kind == VB_OBJECT) {
        if (call->count == 0)
            return value;
        named.name = vb_symbol(ev, HN_TEXT(""));
        return vb_member_call(ev, value, &named);
    }
    if (vb_is_unknown(value) || call->count == 0)
        return call->count == 0 ? value : vb_unknown_of(ev, value);
    vb_raise(ev, 13);
    return vb_unknown(ev, "value");
}

/* What goes without "Application." in front. */
static bool is_of_application(struct hn_text name)
{
    static const struct hn_text names[] = { HN_TEXT_INIT("run"), HN_TEXT_INIT("executeexcel4macro"),
        HN_TEXT_INIT("ddeinitiate"), HN_TEXT_INIT("registerxll") };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++)
        if (hn_text_eq(name, names[i]))
            return true;
    return false;
}

static struct vb_value call_unknown(struct vb_eval *ev, const struct vb_call *call)
{
    struct vb_value value;

    if (ev->vba && is_of_application(call->name->name))
        return vb_member_call(ev, vb_host_object(ev, HN_TEXT("Application")), call);
    if (vb_host_global(ev, call->name, &value))
        return vb_index(ev, value, call);
    if (vb_link_ask(ev, call->name->shown, call, &value))
        return value;
    value = vb_host_object(ev, call->name->shown);
    if (ev->vba && value.kind == VB_OBJECT)
        return vb_index(ev, value, call);
    vb_note(ev, SCRIPT_NOTE_UNMODELLED, call->offset, "%.*s", HN_TEXT_ARG(call->name->shown));
    return vb_unknown(ev, "%.*s()", HN_TEXT_ARG(call->name->shown));
}

static struct vb_value call_name(struct vb_eval *ev, const struct vb_expr *expr)
{
    struct vb_symbol *name = expr->base->name;
    struct vb_var *var = vb_var_find(ev, name);
    struct vb_args args;
    struct vb_call call;
    struct vb_proc *proc = NULL;

    if (!vb_eval_args(ev, expr, &args))
        return vb_unknown(ev, "error");
    call = vb_call_of(name, &args, expr->base->offset);
    if (var == NULL || is_own_result(ev, name))
        proc = vb_proc_any(ev, name, FUNCTIONS);
    if (var != NULL && (proc == NULL || var->value->kind == VB_ARRAY)) {
        if (var->value->kind != VB_EMPTY || var->new_class != NULL)
            return vb_index(ev, var_value(ev, var, false), &call);
    }
    if (proc != NULL && proc->kind == VB_P_DECLARE)
        return vb_call_declared(ev, proc, &call);
    if (proc != NULL) {
        struct vb_value value = vb_call_proc(ev, proc, &call, ev->frame->self);

        /* f(1) where f takes nothing: an element of what it gives. */
        return proc->param_count == 0 && call.count > 0 ? vb_index(ev, value, &call) : value;
    }
    if (name->builtin != NULL)
        return vb_call_builtin(ev, &call);
    return call_unknown(ev, &call);
}

static struct vb_value eval_base(struct vb_eval *ev, const struct vb_expr *expr)
{
    if (expr == NULL)
        return ev->frame->with != NULL ? *ev->frame->with : vb_unknown(ev, "With");
    if (expr->kind == VB_E_NAME)
        return vb_eval_name(ev, expr, true);
    return vb_eval(ev, expr);
}

static struct vb_value eval_call(struct vb_eval *ev, const struct vb_expr *expr)
{
    const struct vb_expr *base = expr->base;
    struct vb_args args;
    struct vb_call call;
    struct vb_value value;

    if (base->kind == VB_E_NAME)
        return call_name(ev, expr);
    if (base->kind == VB_E_MEMBER) {
        value = eval_base(ev, base->base);
        if (!vb_eval_args(ev, expr, &args))
            return vb_unknown(ev, "error");
        call = vb_call_of(base->name, &args, base->offset);
        return vb_member_call(ev, value, &call);
    }
    value = vb_eval(ev, base);
    if (!vb_eval_args(ev, expr, &args))
        return vb_unknown(ev, "error");
    call = vb_call_of(NULL, &args, expr->offset);
    return vb_index(ev, value, &call);
}

static struct vb_value eval_member(struct vb_eval *ev, const struct vb_expr *expr)
{
    struct vb_value base = eval_base(ev, expr->base);
    struct vb_call call = vb_call_of(expr->name, NULL, expr->offset);
    struct vb_value key;

    if (ev->raised != 0)
        return vb_unknown(ev, "error");
    if (expr->kind == VB_E_MEMBER)
        return vb_member_call(ev, base, &call);
    key = vb_text(script_text_borrow(ev->run, expr->name->shown, NULL));
    call.args = &key;
    call.count = 1;
    return vb_index(ev, base, &call);
}

/* ---- Expressions ---- */

static struct vb_value eval_chain(struct vb_eval *ev, const struct vb_expr *expr)
{
    struct vb_value value = vb_eval(ev, expr->args[0].expr);

    for (uint32_t i = 1; i < expr->count && script_goes_on(ev->run); i++) {
        struct vb_value right = vb_eval(ev, expr->args[i].expr);

        if (ev->raised != 0)
            return vb_unknown(ev, "error");
        value = vb_binary(ev, expr->args[i].op, value, right);
    }
    return value;
}

static struct vb_value eval_typeof(struct vb_eval *ev, const struct vb_expr *expr)
{
    struct vb_value value = eval_base(ev, expr->base);
    struct vb_value kind;

    if (value.kind == VB_OBJECT && value.as.object != NULL && value.as.object->module != NULL &&
            expr->name != NULL)
        return vb_bool(value.as.object->module->name == expr->name);
    if (value.kind == VB_OBJECT && value.as.object != NULL && expr->name != NULL &&
            value.as.object->class == &vb_class_host) {
        kind = vb_host_kind(ev, value.as.object);
        if (kind.kind == VB_TEXT)
            return vb_bool(hn_text_eq_nocase(vb_flat(ev, kind), expr->name->name));
    }
    return vb_unknown(ev, "TypeOf");
}

static struct vb_value eval_kind(struct vb_eval *ev, const struct vb_expr *expr)
{
    switch (expr->kind) {
    case VB_E_VALUE:
        return expr->value;
    case VB_E_NAME:
        return vb_eval_name(ev, expr, false);
    case VB_E_MEMBER:
    case VB_E_BANG:
        return eval_member(ev, expr);
    case VB_E_CALL:
        return eval_call(ev, expr);
    case VB_E_CHAIN:
        return eval_chain(ev, expr);
    case VB_E_UNARY:
        return vb_unary(ev, expr->op, vb_eval(ev, expr->base));
    case VB_E_NEW:
        return vb_new_instance(ev, expr->name, expr->offset);
    case VB_E_TYPEOF:
        return eval_typeof(ev, expr);
    case VB_E_ADDRESSOF:
        return vb_unknown(ev, "address");
    case VB_E_PAREN:
        return vb_eval(ev, expr->base);
    case VB_E_MISSING:
        break;
    }
    return (struct vb_value){ .kind = VB_MISSING };
}

struct vb_value vb_eval(struct vb_eval *ev, const struct vb_expr *expr)
{
    struct vb_value value;

    /* A node is a quarter of a step: what it does is charged by whoever does it. */
    if (expr == NULL || !script_spend(ev->run, (++ev->nodes & 3) == 0) || !vb_enter(ev))
        return vb_unknown(ev, "limit");
    value = eval_kind(ev, expr);
    vb_leave(ev);
    return value;
}

struct vb_value vb_eval_plain(struct vb_eval *ev, const struct vb_expr *expr)
{
    return vb_plain(ev, vb_eval(ev, expr));
}

/* ---- Places ---- */

static struct vb_value *element_ref(
        struct vb_eval *ev, const struct vb_expr *expr, enum vb_type *ret_type)
{
    enum vb_type type;
    struct vb_value *base = vb_eval_ref(ev, expr->base, &type);
    struct vb_args args;

    if (base == NULL || base->kind != VB_ARRAY || !vb_eval_args(ev, expr, &args))
        return NULL;
    *ret_type = base->as.array->type;
    return vb_array_at(ev, base->as.array, args.values, args.count);
}

/* Fields of records and of objects of the source's own classes. */
static struct vb_value *field_ref(
        struct vb_eval *ev, const struct vb_expr *expr, enum vb_type *ret_type)
{
    enum vb_type type = VB_T_VARIANT;
    struct vb_value *base =
            expr->base != NULL ? vb_eval_ref(ev, expr->base, &type) : ev->frame->with;
    struct vb_object *object;
    struct vb_var *var;

    if (base == NULL)
        return NULL;
    if (base->kind == VB_EMPTY && type == VB_T_RECORD)
        vb_store(ev, base, vb_object_make(ev, &vb_class_record));
    if (base->kind != VB_OBJECT || base->as.object == NULL)
        return NULL;
    object = base->as.object;
    *ret_type = VB_T_VARIANT;
    if (object->class == &vb_class_record)
        return vb_prop(ev, object, expr->name, true);
    if (object->class != &vb_class_instance)
        return NULL;
    var = vb_scope_find(&object->fields, expr->name);
    if (var == NULL)
        return NULL;
    *ret_type = var->type;
    return var->value;
}

struct vb_value *vb_eval_ref(struct vb_eval *ev, const struct vb_expr *expr, enum vb_type *ret_type)
{
    struct vb_value *slot = NULL;
    struct vb_var *var;

    if (!vb_enter(ev))
        return NULL;
    if (expr->kind == VB_E_NAME) {
        var = vb_var_find(ev, expr->name);
        if (var != NULL && !var->constant) {
            awaken(ev, var);
            *ret_type = var->type;
            slot = var->value;
        }
    } else if (expr->kind == VB_E_CALL &&
               (expr->base->kind == VB_E_NAME || expr->base->kind == VB_E_MEMBER ||
                       expr->base->kind == VB_E_CALL)) {
        slot = element_ref(ev, expr, ret_type);
    } else if (expr->kind == VB_E_MEMBER) {
        slot = field_ref(ev, expr, ret_type);
    }
    vb_leave(ev);
    return slot;
}
