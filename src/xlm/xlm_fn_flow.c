/* xlm_fn_flow.c - functions of macro sheets that steer a macro, and that change cells and names. */
#include "xlm/xlm_functions.h"

/* ---- Ways ---- */

/* Where a macro goes on; several cells: the first. False: nobody knows. */
static bool target_of(struct xl *ev, const struct xl_call *call, uint32_t index, struct xl_ref *ret)
{
    struct xl_value value = xl_arg(call, index);

    if (xl_arg_ref(ev, call, index, ret)) {
        /* A cell without a formula may hold the name of the place. */
        struct xl_value held = { .kind = XL_BLANK };

        if (xl_cell_find(ev, ret->sheet, ret->row, ret->column) != NULL)
            held = xl_cell_value(ev, ret->sheet, ret->row, ret->column);
        if (held.kind == XL_REF)
            *ret = held.as.ref;
        return true;
    }
    xl_note(ev, SCRIPT_NOTE_UNMODELLED, call->offset, "%s to %.*s", call->name,
            HN_TEXT_ARG(hn_text_sub(xl_flat(ev, value), 0, 60)));
    return false;
}

struct xl_value xl_fn_goto(struct xl *ev, const struct xl_call *call)
{
    struct xl_ref ref;

    if (ev->quiet > 0 || ev->flow != XL_GO_ON)
        return xl_bool(true);
    if (!target_of(ev, call, 0, &ref)) {
        ev->flow = XL_HALT;
        return xl_error("#REF!");
    }
    ev->target = xl_ref_cell(ref.sheet, ref.row, ref.column);
    ev->flow = XL_GOTO;
    return xl_bool(true);
}

struct xl_value xl_fn_run(struct xl *ev, const struct xl_call *call)
{
    struct xl_call none = *call;
    struct xl_ref ref;

    none.count = 0;
    if (!target_of(ev, call, 0, &ref))
        return xl_unknown(ev, "RUN");
    return xl_run_macro(ev, ref, &none);
}

struct xl_value xl_fn_return(struct xl *ev, const struct xl_call *call)
{
    if (ev->quiet > 0 || ev->frame == NULL || ev->flow != XL_GO_ON)
        return xl_bool(true);
    ev->frame->result = xl_arg(call, 0);
    if (ev->frame->result.kind == XL_MISSING)
        ev->frame->result = xl_bool(true);
    ev->flow = XL_RETURN;
    return ev->frame->result;
}

struct xl_value xl_fn_halt(struct xl *ev, const struct xl_call *call)
{
    (void)call;
    if (ev->quiet == 0)
        ev->flow = XL_HALT;
    return xl_bool(true);
}

struct xl_value xl_fn_nothing(struct xl *ev, const struct xl_call *call)
{
    (void)ev;
    (void)call;
    return xl_bool(true);
}

/* ERROR(FALSE) hides failures; ERROR(TRUE, place) goes on there, which nobody can know. */
struct xl_value xl_fn_error(struct xl *ev, const struct xl_call *call)
{
    struct xl_ref ref;

    if (ev->quiet == 0 && xl_has_arg(call, 1) && xl_arg_ref(ev, call, 1, &ref) &&
            ev->later_count < XL_LATER_MAX)
        ev->later_at[ev->later_count++] = ref;
    return xl_bool(true);
}

static void run_later(struct xl *ev, const struct xl_call *call, uint32_t index)
{
    struct xl_ref ref;

    if (xl_arg_ref(ev, call, index, &ref) && ev->later_count < XL_LATER_MAX)
        ev->later_at[ev->later_count++] = ref;
}

struct xl_value xl_fn_on_time(struct xl *ev, const struct xl_call *call)
{
    run_later(ev, call, 1);
    return xl_bool(true);
}

struct xl_value xl_fn_on_event(struct xl *ev, const struct xl_call *call)
{
    run_later(ev, call, call->count > 1 ? 1 : 0);
    return xl_bool(true);
}

/* ARGUMENT(name, type, cell) takes the next argument of the macro. */
struct xl_value xl_fn_argument(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_unknown(ev, "argument");
    struct xl_name *name;
    struct xl_ref ref;

    if (ev->quiet > 0 || ev->frame == NULL)
        return value;
    if (ev->frame->arg_next < ev->frame->arg_count)
        value = ev->frame->args[ev->frame->arg_next++];
    if (xl_has_arg(call, 2) && xl_arg_ref(ev, call, 2, &ref))
        xl_cell_enter(ev, ref, value, call->offset);
    name = xl_has_arg(call, 0) ? xl_name_make(ev, xl_flat(ev, call->args[0]), XL_NONE) : NULL;
    if (name == NULL)
        return value;
    xl_change(ev, &name->slot);
    name->slot.value = value;
    name->slot.has_value = true;
    return value;
}

/* ---- Cells and names ---- */

/* A name of the sheet at hand is taken before one of the workbook. */
static struct xl_name *name_to_set(struct xl *ev, const struct xl_call *call)
{
    struct hn_text name = xl_flat(ev, xl_arg(call, 0));
    struct xl_name *found = xl_name_find(ev, name, call->node->sheet);

    return found != NULL ? found : xl_name_make(ev, name, XL_NONE);
}

struct xl_value xl_fn_set_name(struct xl *ev, const struct xl_call *call)
{
    struct xl_name *name = name_to_set(ev, call);
    struct xl_value value = xl_arg(call, 1);

    if (name == NULL)
        return xl_error("#VALUE!");
    xl_change(ev, &name->slot);
    name->slot.value = value;
    name->slot.has_value = true;
    xl_keep_text(ev, value);
    return xl_bool(true);
}

/* What it refers to may be a formula as text. */
struct xl_value xl_fn_define_name(struct xl *ev, const struct xl_call *call)
{
    struct xl_name *name = name_to_set(ev, call);
    struct xl_value value = xl_arg(call, 1);
    struct hn_text text = value.kind == XL_TEXT ? xl_flat(ev, value) : HN_TEXT("");

    if (text.len < 2 || text.ptr[0] != '=' || name == NULL)
        return xl_fn_set_name(ev, call);
    xl_change(ev, &name->slot);
    name->slot = (struct xl_slot){ .formula = text, .offset = call->offset, .r1c1 = true };
    return xl_bool(true);
}

struct xl_value xl_fn_set_value(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_arg(call, 1);
    uint32_t count = xl_item_count(value);
    struct xl_ref ref;
    uint32_t width;
    uint32_t cells;

    if (!xl_arg_ref(ev, call, 0, &ref))
        return xl_cannot(ev, xl_arg(call, 0), "SET.VALUE");
    width = ref.column_last - ref.column + 1;
    cells = xl_item_count(xl_range(ref));
    for (uint32_t i = 0; i < cells && xl_spend(ev, 1); i++) {
        struct xl_cell *cell =
                xl_cell_make(ev, ref.sheet, ref.row + i / width, ref.column + i % width);

        if (cell == NULL)
            break;
        xl_change(ev, &cell->slot);
        cell->slot.value = xl_plain(ev, xl_item(ev, value, count > 1 ? i % count : 0));
        cell->slot.has_value = true;
        xl_keep_text(ev, cell->slot.value);
    }
    return xl_bool(true);
}

static struct xl_value enter(struct xl *ev, const struct xl_call *call, bool fill)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    struct xl_ref ref = ev->active;
    uint32_t width;
    uint32_t cells;

    if (xl_has_arg(call, 1) && !xl_arg_ref(ev, call, 1, &ref))
        return xl_cannot(ev, xl_arg(call, 1), call->name);
    width = ref.column_last - ref.column + 1;
    cells = fill ? xl_item_count(xl_range(ref)) : 1;
    xl_keep_text(ev, value);
    if (value.kind == XL_TEXT && value.as.text->origin != NULL &&
            strcmp(value.as.text->origin->step, "literal") != 0 &&
            hn_text_starts(xl_flat(ev, value), HN_TEXT("=")))
        xl_note(ev, SCRIPT_NOTE_OBFUSCATION, call->offset, "formulas made of pieces");
    for (uint32_t i = 0; i < cells && xl_spend(ev, 1); i++)
        xl_cell_enter(ev, xl_ref_cell(ref.sheet, ref.row + i / width, ref.column + i % width),
                value, call->offset);
    return xl_bool(true);
}

struct xl_value xl_fn_formula(struct xl *ev, const struct xl_call *call)
{
    return enter(ev, call, false);
}

struct xl_value xl_fn_formula_fill(struct xl *ev, const struct xl_call *call)
{
    return enter(ev, call, true);
}
