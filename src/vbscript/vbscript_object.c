/* vbscript_object.c - objects: what all have in common, and how they are made. */
#include "vbscript/vbscript_internal.h"

/* ---- Arguments ---- */

struct vb_value vb_arg(const struct vb_call *call, uint32_t index)
{
    if (index >= call->count)
        return (struct vb_value){ .kind = VB_MISSING };
    return call->args[index];
}

struct vb_value vb_arg_named(
        struct vb_eval *ev, const struct vb_call *call, const char *name, uint32_t index)
{
    const struct vb_symbol *symbol = vb_symbol(ev, hn_text_cstr(name));

    for (uint32_t i = 0; call->names != NULL && i < call->count; i++)
        if (call->names[i] == symbol)
            return vb_plain(ev, call->args[i]);
    if (call->names != NULL && index < call->count && call->names[index] != NULL)
        return (struct vb_value){ .kind = VB_MISSING };
    return vb_plain(ev, vb_arg(call, index));
}

struct hn_text vb_arg_text(struct vb_eval *ev, const struct vb_call *call, uint32_t index)
{
    return vb_flat(ev, vb_plain(ev, vb_arg(call, index)));
}

int64_t vb_arg_int(struct vb_eval *ev, const struct vb_call *call, uint32_t index, int64_t other)
{
    int64_t number = other;
    int64_t raised = ev->raised;

    if (vb_is_missing(call, index) || vb_is_unknown(call->args[index]))
        return other;
    if (!vb_to_int(ev, call->args[index], &number))
        number = other;
    ev->raised = raised; /* what is only asked for its effect does not fail */
    return number;
}

/* ---- Objects ---- */

struct vb_object *vb_object_new(struct vb_eval *ev, const struct vb_class *class)
{
    struct vb_object *object = hn_new(&ev->run->arena, struct vb_object, 1);

    if (object == NULL) {
        if (ev->run->stop == SCRIPT_STOP_NONE)
            ev->run->stop = SCRIPT_STOP_BYTES;
        return NULL;
    }
    object->class = class;
    return object;
}

struct vb_value vb_object_make(struct vb_eval *ev, const struct vb_class *class)
{
    struct vb_object *object = vb_object_new(ev, class);

    return object != NULL ? vb_object_value(object) : vb_unknown(ev, "object");
}

struct vb_value *vb_prop(
        struct vb_eval *ev, struct vb_object *object, struct vb_symbol *name, bool make)
{
    struct vb_prop *prop;

    for (prop = object->props; prop != NULL; prop = prop->next)
        if (prop->name == name)
            return &prop->value;
    if (!make)
        return NULL;
    prop = hn_new(&ev->run->arena, struct vb_prop, 1);
    if (prop == NULL)
        return NULL;
    prop->name = name;
    prop->next = object->props;
    object->props = prop;
    return &prop->value;
}

struct vb_value vb_prop_get(struct vb_eval *ev, struct vb_object *object, const char *name)
{
    struct vb_value *slot = vb_prop(ev, object, vb_symbol(ev, hn_text_cstr(name)), false);

    return slot != NULL ? *slot : (struct vb_value){ .kind = VB_EMPTY };
}

void vb_prop_set(
        struct vb_eval *ev, struct vb_object *object, const char *name, struct vb_value value)
{
    struct vb_value *slot = vb_prop(ev, object, vb_symbol(ev, hn_text_cstr(name)), true);

    if (slot != NULL)
        vb_store(ev, slot, value);
}

/* record.list(3) = x */
static void store_element(struct vb_eval *ev, struct vb_value *slot, const struct vb_call *call)
{
    struct vb_array *array =
            slot->kind == VB_ARRAY ? slot->as.array : vb_array_new(ev, VB_T_VARIANT, 0, 0);
    struct vb_value *item;

    if (array == NULL)
        return;
    if (slot->kind != VB_ARRAY) {
        array->grows = true;
        vb_store(ev, slot, vb_array_value(array));
    }
    item = vb_array_at(ev, array, call->args, 1);
    if (item != NULL)
        vb_store(ev, item, call->value);
}

/* A property that nobody modelled: it is what it was set to, else unknown. */
struct vb_value vb_bag(struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)
{
    struct vb_value *slot = vb_prop(ev, object, call->name, call->is_set);

    if (call->is_set && slot != NULL && call->count == 1 && object->class == &vb_class_record) {
        store_element(ev, slot, call);
        return call->value;
    }
    if (call->is_set && slot != NULL) {
        vb_store(ev, slot, call->value);
        return call->value;
    }
    if (slot != NULL)
        return call->count > 0 ? vb_index(ev, *slot, call) : *slot;
    if (object->class == &vb_class_record || call->name->name.len == 0)
        return object->class == &vb_class_record ? (struct vb_value){ .kind = VB_EMPTY }
                                                 : vb_object_value(object);
    vb_note(ev, SCRIPT_NOTE_UNMODELLED, call->offset, "%s.%.*s", object->class->name,
            HN_TEXT_ARG(call->name->shown));
    return vb_unknown(ev, "%s.%.*s", object->class->name, HN_TEXT_ARG(call->name->shown));
}

/* A member of no consequence. */
struct vb_value vb_quiet(struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)
{
    (void)object;
    if (call->is_set)
        return call->value;
    return vb_unknown(ev, "%.*s", HN_TEXT_ARG(call->name->shown));
}

const struct vb_class vb_class_record = { "Type", NULL, 0, NULL };
const struct vb_class vb_class_instance = { "Class", NULL, 0, NULL };

/* The value of an object where one is needed. */
struct vb_value vb_plain(struct vb_eval *ev, struct vb_value value)
{
    struct vb_call call = { 0 };
    struct vb_value plain;

    if (value.kind != VB_OBJECT || value.as.object == NULL)
        return value;
    if (value.as.object->class == &vb_class_host)
        return vb_host_value(ev, value.as.object);
    if (value.as.object->class == &vb_class_com)
        return vb_com_plain(ev, value);
    if (value.as.object->class == &vb_class_procref)
        return value;
    for (size_t i = 0; i < value.as.object->class->count; i++) {
        if (value.as.object->class->members[i].name[0] != '\0')
            continue;
        call.name = vb_symbol(ev, HN_TEXT(""));
        plain = value.as.object->class->members[i].fn(ev, value.as.object, &call);
        return plain.kind == VB_OBJECT ? value : plain;
    }
    return value;
}

/* ---- Err ---- */

static struct vb_value err_number(
        struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)
{
    int64_t number = 0;

    (void)object;
    if (call->is_set && vb_to_int(ev, call->value, &number))
        ev->err_number = number;
    /* 0 is what we know; where members are unknown, errors are as well, but scripts expect none. */
    return vb_int(ev->err_number, 4);
}

static struct vb_value err_clear(
        struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)
{
    (void)object;
    (void)call;
    ev->err_number = 0;
    return (struct vb_value){ .kind = VB_EMPTY };
}

static struct vb_value err_raise(
        struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)
{
    int64_t number = vb_arg_int(ev, call, 0, 5);

    if (!vb_is_missing(call, 2))
        vb_prop_set(ev, object, "description", vb_arg(call, 2));
    vb_raise(ev, number != 0 ? number : 5);
    return (struct vb_value){ .kind = VB_EMPTY };
}

static const struct vb_member err_members[] = { { "", err_number }, { "number", err_number },
    { "clear", err_clear }, { "raise", err_raise } };

const struct vb_class vb_class_err = { "Err", err_members, HN_COUNT_OF(err_members), NULL };

/* ---- Making ---- */

/* Programs of Office: the document of a macro is what they have open. */
static bool is_office(struct hn_text name)
{
    static const struct hn_text programs[] = { HN_TEXT_INIT("excel.application"),
        HN_TEXT_INIT("word.application"), HN_TEXT_INIT("powerpoint.application"),
        HN_TEXT_INIT("access.application") };

    for (size_t i = 0; i < HN_COUNT_OF(programs); i++)
        if (hn_text_starts_nocase(name, programs[i]))
            return true;
    return false;
}

struct vb_value vb_create(struct vb_eval *ev, const struct script_text *name, uint32_t offset)
{
    struct hn_text flat = hn_text_trim(vb_flat(ev, vb_text(name)));

    if (!is_office(flat))
        return vb_com_object(ev, com_create(ev->com, name, offset));
    vb_tell_field(ev, SCRIPT_ACT_COM, offset, "CreateObject", "ProgId", vb_text(name));
    return vb_host_object(ev, HN_TEXT("Application"));
}

struct vb_value vb_get_object(struct vb_eval *ev, const struct script_text *name, uint32_t offset)
{
    if (is_office(hn_text_trim(vb_flat(ev, vb_text(name)))))
        return vb_create(ev, name, offset);
    return vb_com_object(ev, com_moniker(ev->com, name, offset));
}

static struct vb_value instance_of(struct vb_eval *ev, struct vb_module *module, uint32_t offset)
{
    struct vb_object *object = vb_object_new(ev, &vb_class_instance);
    struct vb_frame frame = { .caller = ev->frame, .module = module, .self = object };
    struct vb_call call = { .name = vb_symbol(ev, HN_TEXT("class_initialize")), .offset = offset };
    struct vb_proc *proc;

    if (object == NULL)
        return vb_unknown(ev, "object");
    object->module = module;
    ev->frame = &frame;
    for (const struct vb_stmt *stmt = module->body; stmt != NULL; stmt = stmt->next)
        if (stmt->kind == VB_S_DIM)
            vb_declare(ev, stmt->decls);
    ev->frame = frame.caller;
    proc = vb_proc_find(module, call.name, 1u << VB_P_SUB);
    if (proc != NULL)
        (void)vb_call_proc(ev, proc, &call, object);
    return vb_object_value(object);
}

/* New: a class of the source, or a registered one by the last part of its name. */
struct vb_value vb_new_instance(struct vb_eval *ev, struct vb_symbol *name, uint32_t offset)
{
    struct vb_module *module = vb_module_find(ev, name);
    struct com_object *object;

    /* A class may have an instance of its name, too; a form has but that one. */
    if (module != NULL && (module->self == NULL ||
                                  vb_proc_find(module, vb_symbol(ev, HN_TEXT("class_initialize")),
                                          1u << VB_P_SUB) != NULL)) {
        module->is_class = true;
        return instance_of(ev, module, offset);
    }
    if (module != NULL) /* New UserForm1 */
        return vb_object_value(module->self);
    object = is_office(name->name) ? NULL : com_known(ev->com, name->name);
    if (object == NULL)
        return vb_create(ev, script_text_borrow(ev->run, name->shown, NULL), offset);
    vb_tell_field(ev, SCRIPT_ACT_COM, offset, "New", "ProgId", vb_text_of(ev, name->shown));
    return vb_com_object(ev, object);
}

bool vb_items_of(struct vb_eval *ev, struct vb_value value, struct vb_array **ret_items)
{
    if (value.kind == VB_ARRAY) {
        *ret_items = value.as.array;
        return true;
    }
    if (value.kind != VB_OBJECT || value.as.object == NULL)
        return false;
    if (value.as.object->class == &vb_class_host)
        return vb_host_items(ev, value.as.object, ret_items);
    return value.as.object->class == &vb_class_com && vb_com_items(ev, value.as.object, ret_items);
}
