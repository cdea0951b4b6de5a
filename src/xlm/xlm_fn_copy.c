/* xlm_fn_copy.c - COPY, CUT and PASTE: formulas that come to stand elsewhere, with references that
 * move along. */
#include "xlm/xlm_functions.h"

static struct xl_ref selection(const struct xl *ev)
{
    const struct xl_ref *selected = &ev->selected;

    /* SELECT() with a range makes its first cell the active one. */
    if (selected->row > 0 && selected->sheet == ev->active.sheet &&
            selected->row == ev->active.row && selected->column == ev->active.column)
        return *selected;
    return ev->active;
}

/* Cells of a range as a whole would be rows and columns: at most XLM_RANGE_MAX. */
static bool is_small(struct xl_ref ref)
{
    return (uint64_t)(ref.row_last - ref.row + 1) * (ref.column_last - ref.column + 1) <=
           XLM_RANGE_MAX;
}

static void copy_cell(struct xl *ev, struct xl_ref from, struct xl_ref to)
{
    const struct xl_cell *source = xl_cell_find(ev, from.sheet, from.row, from.column);
    struct xl_slot slot = source != NULL ? source->slot : (struct xl_slot){ 0 };
    struct xl_cell *cell = xl_cell_make(ev, to.sheet, to.row, to.column);

    if (cell == NULL)
        return;
    xl_change(ev, &cell->slot);
    if (slot.formula.len > 0) {
        slot.read = false;
        slot.node = NULL;
        slot.rows += (int32_t)to.row - (int32_t)from.row;
        slot.columns += (int32_t)to.column - (int32_t)from.column;
    }
    cell->slot = slot;
}

static void copy_range(struct xl *ev, struct xl_ref from, struct xl_ref to)
{
    uint32_t rows = from.row_last - from.row + 1;
    uint32_t columns = from.column_last - from.column + 1;
    uint32_t to_rows = to.row_last - to.row + 1;
    uint32_t to_columns = to.column_last - to.column + 1;

    if (!is_small(from) || !is_small(to))
        return;
    /* What is copied fills the whole target, and reaches beyond one that is too small. */
    to_rows = to_rows > rows ? to_rows : rows;
    to_columns = to_columns > columns ? to_columns : columns;
    for (uint32_t i = 0; i < to_rows * to_columns && xl_spend(ev, 1); i++) {
        uint32_t row = i / to_columns;
        uint32_t column = i % to_columns;

        if (to.row + row > XL_ROWS_MAX || to.column + column > XL_COLUMNS_MAX)
            continue;
        copy_cell(ev,
                xl_ref_cell(from.sheet, from.row + row % rows, from.column + column % columns),
                xl_ref_cell(to.sheet, to.row + row, to.column + column));
    }
}

static void clear_range(struct xl *ev, struct xl_ref ref)
{
    uint32_t columns = ref.column_last - ref.column + 1;
    uint32_t count = is_small(ref) ? xl_item_count(xl_range(ref)) : 0;

    for (uint32_t i = 0; i < count && xl_spend(ev, 1); i++) {
        struct xl_cell *cell =
                xl_cell_find(ev, ref.sheet, ref.row + i / columns, ref.column + i % columns);

        if (cell != NULL) {
            xl_change(ev, &cell->slot);
            cell->slot = (struct xl_slot){ 0 };
        }
    }
}

/* COPY(from, to); without `to` it waits for PASTE(). */
static struct xl_value take(struct xl *ev, const struct xl_call *call, bool cut)
{
    struct xl_ref from = selection(ev);
    struct xl_ref to;

    if (ev->quiet > 0)
        return xl_bool(true);
    if (xl_has_arg(call, 0) && !xl_arg_ref(ev, call, 0, &from))
        return xl_cannot(ev, xl_arg(call, 0), call->name);
    if (!xl_has_arg(call, 1)) {
        ev->copied = from;
        ev->copied_how = cut ? XL_COPIED_CUT : XL_COPIED;
        return xl_bool(true);
    }
    if (!xl_arg_ref(ev, call, 1, &to))
        return xl_cannot(ev, xl_arg(call, 1), call->name);
    copy_range(ev, from, to);
    if (cut)
        clear_range(ev, from);
    return xl_bool(true);
}

struct xl_value xl_fn_copy(struct xl *ev, const struct xl_call *call)
{
    return take(ev, call, false);
}

struct xl_value xl_fn_cut(struct xl *ev, const struct xl_call *call)
{
    return take(ev, call, true);
}

static struct xl_value put(struct xl *ev, struct xl_ref to)
{
    if (ev->quiet > 0 || ev->copied_how == XL_COPIED_NOTHING)
        return xl_bool(true);
    copy_range(ev, ev->copied, to);
    if (ev->copied_how == XL_COPIED_CUT) {
        clear_range(ev, ev->copied);
        ev->copied_how = XL_COPIED_NOTHING;
    }
    return xl_bool(true);
}

struct xl_value xl_fn_paste(struct xl *ev, const struct xl_call *call)
{
    struct xl_ref to = selection(ev);

    if (xl_has_arg(call, 0) && !xl_arg_ref(ev, call, 0, &to))
        return xl_cannot(ev, xl_arg(call, 0), call->name);
    return put(ev, to);
}

/* PASTE.SPECIAL(what, ...): 1 all, 2 formulas; 3, the values alone. */
struct xl_value xl_fn_paste_special(struct xl *ev, const struct xl_call *call)
{
    struct xl_ref to = selection(ev);
    uint32_t width;
    uint32_t count;

    if (xl_arg_number(ev, call, 0, 1.0) != 3.0 || ev->quiet > 0 ||
            ev->copied_how == XL_COPIED_NOTHING)
        return put(ev, to);
    width = ev->copied.column_last - ev->copied.column + 1;
    count = is_small(ev->copied) ? xl_item_count(xl_range(ev->copied)) : 0;
    for (uint32_t i = 0; i < count && xl_spend(ev, 1); i++) {
        struct xl_cell *cell =
                xl_cell_make(ev, to.sheet, to.row + i / width, to.column + i % width);

        if (cell == NULL)
            break;
        xl_change(ev, &cell->slot);
        cell->slot = (struct xl_slot){ .has_value = true,
            .value = xl_plain(ev, xl_item(ev, xl_range(ev->copied), i)) };
    }
    return xl_bool(true);
}
