/* com_object.c - objects: what all have in common, and how their members are called. */
#include "com/com_internal.h"

#include <math.h>

static void out_of_memory(struct com *com)
{
    if (com->run->stop == SCRIPT_STOP_NONE) {
        com->run->stop = hn_arena_status(&com->run->arena) == HN_NOMEM ? SCRIPT_STOP_MEMORY
                                                                       : SCRIPT_STOP_BYTES;
    }
}

struct com_object *com_object_new(struct com *com, const struct com_class *class)
{
    struct com_object *object = hn_new(&com->run->arena, struct com_object, 1);

    if (object == NULL) {
        out_of_memory(com);
        return NULL;
    }
    object->class = class;
    return object;
}

struct com_value com_make(struct com *com, const struct com_class *class)
{
    return com_value_object(com_object_new(com, class));
}

const char *com_class(const struct com_object *object)
{
    return object->class->name;
}

void **com_wrapper(struct com_object *object)
{
    return &object->wrapper;
}

/* ---- Properties ---- */

void com_store(struct com *com, struct com_value *slot, struct com_value value)
{
    if (com->host.on_store != NULL)
        com->host.on_store(com->host.ctx, slot);
    *slot = value;
}

struct com_value *com_prop(
        struct com *com, struct com_object *object, struct hn_text name, bool make)
{
    struct com_property *property = object->properties;
    uint32_t passed = 0;

    while (property != NULL && !hn_text_eq_nocase(property->name, name)) {
        property = property->next;
        passed++;
    }
    if (passed >= 16)
        (void)script_spend(com->run, passed / 16);
    if (property != NULL || !make)
        return property != NULL ? &property->value : NULL;
    property = hn_new(&com->run->arena, struct com_property, 1);
    if (property != NULL)
        property->name = hn_arena_text(&com->run->arena, name);
    if (property == NULL || property->name.ptr == NULL) {
        out_of_memory(com);
        return NULL;
    }
    property->next = object->properties;
    object->properties = property;
    return &property->value;
}

struct com_value com_get(struct com *com, struct com_object *object, const char *name)
{
    const struct com_value *slot = com_prop(com, object, hn_text_cstr(name), false);

    return slot != NULL ? *slot : (struct com_value){ .kind = COM_EMPTY };
}

void com_set(struct com *com, struct com_object *object, const char *name, struct com_value value)
{
    struct com_value *slot = com_prop(com, object, hn_text_cstr(name), true);

    if (slot != NULL)
        com_store(com, slot, value);
}

/* ---- Arguments ---- */

struct com_value com_arg(const struct com_call *call, size_t index)
{
    return index < call->count ? call->args[index] : (struct com_value){ .kind = COM_MISSING };
}

bool com_has_arg(const struct com_call *call, size_t index)
{
    return index < call->count && call->args[index].kind != COM_MISSING;
}

struct com_value com_arg_plain(const struct com_call *call, size_t index)
{
    struct com_value value = com_arg(call, index);
    struct com_value plain;

    if (value.kind == COM_OBJECT && com_default(call->com, value.object, &plain))
        return plain;
    return value;
}

const struct script_text *com_arg_text(const struct com_call *call, size_t index)
{
    struct com_value value = com_arg(call, index);

    return com_text(call->com, &value);
}

struct hn_text com_arg_flat(const struct com_call *call, size_t index)
{
    return com_flat(call->com, com_arg(call, index));
}

int64_t com_arg_int(const struct com_call *call, size_t index, int64_t other)
{
    double number;

    if (!com_has_arg(call, index) || !com_number(call->com, com_arg_plain(call, index), &number) ||
            !(fabs(number) < 1e15))
        return other;
    return (int64_t)number;
}

struct com_object *com_arg_object(const struct com_call *call, size_t index)
{
    return index < call->count && call->args[index].kind == COM_OBJECT ? call->args[index].object
                                                                       : NULL;
}

bool com_member_is(const struct com_call *call, const char *name)
{
    return hn_text_eq_nocase(call->member, hn_text_cstr(name));
}

/* ---- Members that many classes have ---- */

struct com_value com_quiet(struct com_call *call)
{
    if (call->put != NULL)
        return *call->put;
    return com_value_unknown(call->com, "%.*s", HN_TEXT_ARG(hn_text_sub(call->member, 0, 100)));
}

struct com_value com_same(struct com_call *call)
{
    return com_value_object(call->object);
}

static struct com_value item_of(struct com_call *call, struct com_value value)
{
    int64_t index = com_arg_int(call, 0, 0);
    const struct com_call inner = { .com = call->com,
        .object = value.object,
        .member = HN_TEXT_INIT(""),
        .args = call->args,
        .count = call->count,
        .offset = call->offset };
    struct com_value made;

    if (value.kind == COM_ARRAY)
        return index >= 0 && (uint64_t)index < value.count ? value.items[index]
                                                           : (struct com_value){ 0 };
    if (value.kind != COM_OBJECT)
        return value;
    call->error = com_invoke(call->com,
            &(struct com_invocation){ .object = inner.object,
                    .member = inner.member,
                    .args = inner.args,
                    .count = inner.count,
                    .offset = inner.offset },
            &made);
    return made;
}

/* A property that nobody modelled: it is what it was set to, else unknown. */
struct com_value com_bag(struct com_call *call)
{
    const char *class = call->object->class->name;
    struct com_value *slot = com_prop(
            call->com, call->object, call->member, call->put != NULL && call->member.len > 0);

    if (call->put != NULL) {
        if (slot != NULL)
            com_store(call->com, slot, *call->put);
        return *call->put;
    }
    if (slot != NULL)
        return call->count > 0 ? item_of(call, *slot) : *slot;
    if (call->member.len == 0)
        return com_value_object(call->object);
    com_note(call->com, SCRIPT_NOTE_UNMODELLED, call->offset, "%s.%.*s", class,
            HN_TEXT_ARG(hn_text_sub(call->member, 0, 100)));
    return com_value_unknown(
            call->com, "%s.%.*s", class, HN_TEXT_ARG(hn_text_sub(call->member, 0, 100)));
}

const struct com_class com_class_unmodelled = { "object", NULL, 0, NULL };

/* ---- Calls ---- */

static com_member_fn *member_of(const struct com_class *class, struct hn_text name)
{
    for (size_t i = 0; i < class->count; i++)
        if (hn_text_eq_nocase(name, hn_text_cstr(class->members[i].name)))
            return class->members[i].call;
    return NULL;
}

int32_t com_invoke(struct com *com, const struct com_invocation *what, struct com_value *ret_value)
{
    const struct com_class *class = what->object->class;
    com_member_fn *known = member_of(class, what->member);
    struct com_call call = { .com = com,
        .run = com->run,
        .object = what->object,
        .member = what->member,
        .args = what->args,
        .count = what->count,
        .put = what->put,
        .outs = what->outs,
        .offset = what->offset };

    *ret_value = (struct com_value){ .kind = COM_EMPTY };
    for (size_t i = 0; what->outs != NULL && i < what->count; i++)
        what->outs[i] = (struct com_value){ .kind = COM_MISSING };
    if (!script_spend(com->run, 2))
        return 0;
    if (known == NULL)
        known = class->other != NULL ? class->other : com_bag;
    *ret_value = known(&call);
    return call.error;
}

bool com_default(struct com *com, struct com_object *object, struct com_value *ret_value)
{
    com_member_fn *known = member_of(object->class, HN_TEXT(""));
    struct com_call call = { .com = com,
        .run = com->run,
        .object = object,
        .member = HN_TEXT_INIT(""),
        .offset = SCRIPT_NOWHERE };
    struct com_value value;

    if (known == NULL || !script_spend(com->run, 1))
        return false;
    value = known(&call);
    if (value.kind == COM_OBJECT)
        return false;
    *ret_value = value;
    return true;
}
