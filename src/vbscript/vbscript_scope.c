/* vbscript_scope.c - variables: where a name is found, and what unknown branches do to them. */
#include "vbscript/vbscript_internal.h"

#include <assert.h>

#define SCOPE_ROOM_FIRST 8u

static void out_of_memory(struct vb_eval *ev)
{
    if (ev->run->stop == SCRIPT_STOP_NONE)
        ev->run->stop = hn_arena_status(&ev->run->arena) == HN_NOMEM ? SCRIPT_STOP_MEMORY
                                                                     : SCRIPT_STOP_BYTES;
}

struct vb_var *vb_scope_find(const struct vb_scope *scope, const struct vb_symbol *name)
{
    if (scope == NULL || scope->room == 0)
        return NULL;
    for (uint32_t i = name->id & (scope->room - 1);; i = (i + 1) & (scope->room - 1)) {
        struct vb_var *var = scope->slots[i];

        if (var == NULL || var->name == name)
            return var;
    }
}

static void place(struct vb_scope *scope, struct vb_var *var)
{
    uint32_t i = var->name->id & (scope->room - 1);

    while (scope->slots[i] != NULL)
        i = (i + 1) & (scope->room - 1);
    scope->slots[i] = var;
}

static bool grow(struct vb_eval *ev, struct vb_scope *scope)
{
    struct vb_scope bigger = { .room = scope->room > 0 ? scope->room * 2 : SCOPE_ROOM_FIRST };

    bigger.slots = hn_new(&ev->run->arena, struct vb_var *, bigger.room);
    if (bigger.slots == NULL)
        return false;
    for (uint32_t i = 0; i < scope->room; i++)
        if (scope->slots[i] != NULL)
            place(&bigger, scope->slots[i]);
    scope->slots = bigger.slots;
    scope->room = bigger.room;
    return true;
}

/* Never NULL: out of memory gives one that nobody finds again, and ends the run. */
struct vb_var *vb_scope_add(
        struct vb_eval *ev, struct vb_scope *scope, struct vb_symbol *name, enum vb_type type)
{
    static struct vb_var lost;
    struct vb_var *var;

    assert(scope != NULL);
    var = vb_scope_find(scope, name);
    if (var != NULL)
        return var;
    var = hn_new(&ev->run->arena, struct vb_var, 1);
    if (var == NULL || (scope->count * 4 >= scope->room * 3 && !grow(ev, scope))) {
        out_of_memory(ev);
        lost = (struct vb_var){ .name = name };
        lost.value = &lost.own;
        return &lost;
    }
    name->is_var = true;
    var->name = name;
    var->type = type;
    var->own = vb_initial(ev, type);
    var->value = &var->own;
    place(scope, var);
    scope->count++;
    return var;
}

/* Locals, fields of the object, variables of the module, those of the others. */
struct vb_var *vb_var_find(struct vb_eval *ev, struct vb_symbol *name)
{
    struct vb_frame *frame = ev->frame;
    struct vb_var *var;

    if (!name->is_var)
        return NULL;
    var = vb_scope_find(frame->locals, name);
    if (var == NULL && frame->self != NULL)
        var = vb_scope_find(&frame->self->fields, name);
    if (var == NULL && frame->module != NULL)
        var = vb_scope_find(&frame->module->globals, name);
    for (struct vb_module *module = ev->modules; var == NULL && module != NULL;
            module = module->next)
        if (!module->is_class)
            var = vb_scope_find(&module->globals, name);
    return var;
}

struct vb_var *vb_var_need(struct vb_eval *ev, struct vb_symbol *name)
{
    struct vb_var *var = vb_var_find(ev, name);

    if (var != NULL)
        return var;
    return vb_scope_add(ev,
            ev->frame->locals != NULL ? ev->frame->locals : &ev->frame->module->globals, name,
            VB_T_VARIANT);
}

/* ---- Writing, and taking back ---- */

void vb_store(struct vb_eval *ev, struct vb_value *slot, struct vb_value value)
{
    if (ev->undecided > 0) {
        struct vb_journal_entry *entry = hn_vec_add(&ev->journal);

        if (entry == NULL)
            out_of_memory(ev);
        else
            *entry = (struct vb_journal_entry){ .slot = slot, .before = *slot };
    }
    *slot = value;
}

static const struct com_value *keep_com(struct vb_eval *ev, const struct com_value *slot)
{
    struct com_value *kept = hn_new(&ev->run->arena, struct com_value, 1);

    if (kept == NULL)
        out_of_memory(ev);
    else
        *kept = *slot;
    return kept;
}

void vb_journal_com(struct vb_eval *ev, struct com_value *slot)
{
    const struct com_value *before = ev->undecided > 0 ? keep_com(ev, slot) : NULL;
    struct vb_journal_entry *entry;

    if (before == NULL)
        return;
    entry = hn_vec_add(&ev->journal);
    if (entry == NULL)
        out_of_memory(ev);
    else
        *entry = (struct vb_journal_entry){ .com_slot = slot, .com_before = before };
}

/* The same place with what is in it now. */
static struct vb_journal_entry entry_now(struct vb_eval *ev, const struct vb_journal_entry *entry)
{
    struct vb_journal_entry now = *entry;

    if (entry->slot != NULL)
        now.before = *entry->slot;
    else
        now.com_before = keep_com(ev, entry->com_slot);
    return now;
}

static void put_back(const struct vb_journal_entry *entry)
{
    if (entry->slot != NULL)
        *entry->slot = entry->before;
    else
        *entry->com_slot = *entry->com_before;
}

void vb_store_typed(
        struct vb_eval *ev, struct vb_value *slot, enum vb_type type, struct vb_value value)
{
    if (value.kind == VB_ARRAY && type != VB_T_STRING) {
        value = vb_array_value(vb_array_copy(ev, value.as.array));
        vb_store(ev, slot, value);
        return;
    }
    /* b() As Byte = "text" makes the bytes of its UTF-16. */
    if (slot->kind == VB_ARRAY && type == VB_T_BYTE && value.kind == VB_TEXT &&
            !vb_is_unknown(value)) {
        struct hn_bytes bytes;

        if (vb_bytes_of(ev, value, &bytes))
            vb_store(ev, slot, vb_byte_array(ev, bytes));
        return;
    }
    value = vb_coerce(ev, value, type);
    if (ev->raised == 0)
        vb_store(ev, slot, value);
}

size_t vb_branch_begin(struct vb_eval *ev)
{
    ev->undecided++;
    return ev->journal.count;
}

struct vb_effects vb_branch_undo(struct vb_eval *ev, size_t mark)
{
    struct vb_effects effects = { .count = ev->journal.count - mark };

    if (effects.count == 0)
        return effects;
    effects.entries = hn_new(&ev->run->arena, struct vb_journal_entry, effects.count);
    if (effects.entries == NULL) {
        out_of_memory(ev);
        return (struct vb_effects){ 0 };
    }
    for (size_t i = 0; i < effects.count; i++)
        effects.entries[i] = entry_now(ev, &ev->journal.ptr[mark + i]);
    for (size_t i = ev->journal.count; i > mark; i--)
        put_back(&ev->journal.ptr[i - 1]);
    ev->journal.count = mark;
    (void)script_spend(ev->run, effects.count / 4);
    return effects;
}

#define REDO_LOOK_MAX 4096u

static void redo(struct vb_eval *ev, const struct vb_journal_entry *entry)
{
    if (entry->slot != NULL) {
        vb_store(ev, entry->slot, entry->before);
    } else if (entry->com_before != NULL) {
        vb_journal_com(ev, entry->com_slot);
        *entry->com_slot = *entry->com_before;
    }
}

void vb_branch_redo(struct vb_eval *ev, const struct vb_effects *effects, size_t mark)
{
    size_t written = ev->journal.count;

    for (size_t i = 0; i < effects->count; i++) {
        bool later = false;

        for (size_t k = mark; k < written && k - mark < REDO_LOOK_MAX && !later; k++)
            later = ev->journal.ptr[k].slot == effects->entries[i].slot &&
                    ev->journal.ptr[k].com_slot == effects->entries[i].com_slot;
        if (!later)
            redo(ev, &effects->entries[i]);
    }
    (void)script_spend(ev->run, effects->count / 4);
}

void vb_branch_end(struct vb_eval *ev)
{
    ev->undecided--;
    if (ev->undecided == 0)
        ev->journal.count = 0;
}

/* ---- Declarations ---- */

/* The bounds of a declaration; false: one is unknown. */
static bool bounds_of(
        struct vb_eval *ev, const struct vb_decl *decl, int32_t *lower, uint32_t *count)
{
    for (uint32_t i = 0; i < decl->dims; i++) {
        int64_t low = ev->frame->module != NULL ? ev->frame->module->option_base : 0;
        int64_t high;

        if (!vb_to_int(ev, vb_eval_plain(ev, decl->bounds[i].high), &high))
            return false;
        if (decl->bounds[i].low != NULL &&
                !vb_to_int(ev, vb_eval_plain(ev, decl->bounds[i].low), &low))
            return false;
        if (low < INT32_MIN / 2 || high > INT32_MAX / 2 || high < low - 1) {
            vb_raise(ev, 9);
            return false;
        }
        lower[i] = (int32_t)low;
        count[i] = (uint32_t)(high - low + 1);
    }
    return true;
}

static struct vb_value new_array(struct vb_eval *ev, const struct vb_decl *decl)
{
    struct vb_array *array = hn_new(&ev->run->arena, struct vb_array, 1);
    int32_t lower[VB_DIMS_MAX];
    uint32_t count[VB_DIMS_MAX];

    if (array == NULL) {
        out_of_memory(ev);
        return (struct vb_value){ .kind = VB_EMPTY };
    }
    array->type = decl->type;
    array->fixed = decl->dims > 0;
    if (decl->dims > 0 && (!bounds_of(ev, decl, lower, count) ||
                                  !vb_array_dim(ev, array, lower, count, decl->dims, false)))
        return vb_unknown(ev, "array %.*s", HN_TEXT_ARG(decl->name->shown));
    return vb_array_value(array);
}

static struct vb_value *static_slot(struct vb_eval *ev, const struct vb_decl *decl, bool *ret_new)
{
    struct vb_proc *proc = ev->frame->proc;
    struct vb_static *kept;

    *ret_new = false;
    for (kept = proc->statics; kept != NULL; kept = kept->next)
        if (kept->name == decl->name)
            return kept->value;
    kept = hn_new(&ev->run->arena, struct vb_static, 1);
    if (kept != NULL)
        kept->value = hn_new(&ev->run->arena, struct vb_value, 1);
    if (kept == NULL || kept->value == NULL) {
        out_of_memory(ev);
        return NULL;
    }
    kept->name = decl->name;
    kept->next = proc->statics;
    proc->statics = kept;
    *kept->value = vb_initial(ev, decl->type);
    *ret_new = true;
    return kept->value;
}

static void declare_one(struct vb_eval *ev, const struct vb_decl *decl)
{
    struct vb_frame *frame = ev->frame;
    struct vb_scope *scope = frame->locals != NULL ? frame->locals
                             : frame->self != NULL ? &frame->self->fields
                                                   : &frame->module->globals;
    struct vb_var *var = vb_scope_find(scope, decl->name);
    bool fresh = var == NULL;

    if (!fresh && !decl->is_const && !(decl->is_array && var->value->kind == VB_EMPTY))
        return; /* Dim in a loop declares once */
    var = vb_scope_add(ev, scope, decl->name, decl->type);
    if (decl->is_static && frame->proc != NULL && frame->locals != NULL) {
        struct vb_value *slot = static_slot(ev, decl, &fresh);

        if (slot == NULL)
            return;
        var->value = slot;
        if (!fresh)
            return;
    }
    if (decl->is_new)
        var->new_class = decl->class_name;
    if (decl->is_array)
        *var->value = new_array(ev, decl);
    if (decl->value != NULL) {
        *var->value = vb_coerce(ev, vb_eval_plain(ev, decl->value), decl->type);
        if (ev->vba && decl->type == VB_T_VARIANT)
            var->value->typed = true; /* a constant has the type of its value */
        var->constant = decl->is_const;
    }
}

void vb_declare(struct vb_eval *ev, const struct vb_decl *decls)
{
    for (; decls != NULL && ev->raised == 0; decls = decls->next)
        declare_one(ev, decls);
}

void vb_redim(struct vb_eval *ev, const struct vb_stmt *stmt)
{
    for (const struct vb_decl *decl = stmt->decls; decl != NULL; decl = decl->next) {
        enum vb_type type = VB_T_VARIANT;
        struct vb_value *slot = vb_eval_ref(ev, decl->target, &type);
        struct vb_array *array;
        int32_t lower[VB_DIMS_MAX];
        uint32_t count[VB_DIMS_MAX];

        if (slot == NULL && decl->target->kind == VB_E_NAME)
            slot = vb_var_need(ev, decl->name)->value;
        if (slot == NULL)
            continue;
        if (!bounds_of(ev, decl, lower, count)) {
            vb_store(ev, slot, vb_unknown(ev, "array %.*s", HN_TEXT_ARG(decl->name->shown)));
            continue;
        }
        if (slot->kind == VB_ARRAY && stmt->preserve && ev->undecided == 0) {
            (void)vb_array_dim(ev, slot->as.array, lower, count, decl->dims, true);
            continue;
        }
        array = slot->kind == VB_ARRAY && stmt->preserve
                        ? vb_array_copy(ev, slot->as.array)
                        : hn_new(&ev->run->arena, struct vb_array, 1);
        if (array == NULL) {
            out_of_memory(ev);
            return;
        }
        if (slot->kind == VB_ARRAY)
            array->type = slot->as.array->type;
        else
            array->type = decl->type != VB_T_VARIANT ? decl->type : type;
        if (vb_array_dim(ev, array, lower, count, decl->dims, stmt->preserve))
            vb_store(ev, slot, vb_array_value(array));
    }
}

/* ---- Procedures by name ---- */

struct vb_proc *vb_proc_find(struct vb_module *module, const struct vb_symbol *name, unsigned kinds)
{
    struct vb_proc *found = NULL;

    if (module == NULL)
        return NULL;
    for (struct vb_proc *proc = module->procs; proc != NULL; proc = proc->next)
        if (proc->name == name && (kinds & 1u << proc->kind) != 0)
            found = proc; /* the last of one name counts, as scripts define anew */
    return found;
}

struct vb_proc *vb_proc_any(struct vb_eval *ev, const struct vb_symbol *name, unsigned kinds)
{
    struct vb_proc *proc;

    if (!name->is_proc)
        return NULL;
    proc = vb_proc_find(ev->frame->module, name, kinds);
    for (struct vb_module *module = ev->modules; proc == NULL && module != NULL;
            module = module->next)
        if (!module->is_class)
            proc = vb_proc_find(module, name, kinds);
    return proc;
}

struct vb_module *vb_module_find(struct vb_eval *ev, const struct vb_symbol *name)
{
    for (struct vb_module *module = ev->modules; module != NULL; module = module->next)
        if (module->name == name)
            return module;
    return NULL;
}
