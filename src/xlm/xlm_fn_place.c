/* xlm_fn_place.c - Excel's functions that name places, and formulas as texts. */
#include "xlm/xlm_functions.h"

static struct xl_ref here(const struct xl *ev, const struct xl_call *call)
{
    if (xl_arg(call, 0).kind == XL_REF)
        return call->args[0].as.ref;
    return ev->frame != NULL ? ev->frame->where.at : ev->active;
}

struct xl_value xl_fn_row(struct xl *ev, const struct xl_call *call)
{
    return xl_number(here(ev, call).row);
}

struct xl_value xl_fn_column(struct xl *ev, const struct xl_call *call)
{
    return xl_number(here(ev, call).column);
}

/* ---- Texts and places ---- */

/* ABSREF("R[1]C[2]", A1) */
struct xl_value xl_fn_absref(struct xl *ev, const struct xl_call *call)
{
    struct hn_text text = xl_flat(ev, xl_arg(call, 0));
    struct xl_ref base;
    struct xl_ref ref;

    if (!xl_arg_ref(ev, call, 1, &base))
        return xl_cannot(ev, xl_arg(call, 1), "ABSREF");
    if (text.len == 0 || xl_ref_scan(text, 0, true, base, &ref) != text.len)
        return xl_cannot(ev, xl_arg(call, 0), "ABSREF");
    return xl_range(ref);
}

struct xl_value xl_fn_relref(struct xl *ev, const struct xl_call *call)
{
    struct xl_ref ref;
    struct xl_ref base;
    char room[64];
    struct hn_buf out = hn_buf_over(room, sizeof room);

    if (!xl_arg_ref(ev, call, 0, &ref) || !xl_arg_ref(ev, call, 1, &base))
        return xl_cannot(ev, xl_arg(call, 0), "RELREF");
    hn_buf_addf(&out, "R[%lld]C[%lld]", (long long)ref.row - base.row,
            (long long)ref.column - base.column);
    return xl_text(script_text_new(ev->run, hn_buf_text(&out), NULL));
}

static struct xl_value place_of(struct xl *ev, const struct xl_call *call, bool a1)
{
    struct xl_value value = xl_arg(call, 0);
    struct xl_ref ref;

    if (value.kind == XL_REF)
        value = xl_plain(ev, value); /* a cell that holds the name of a place */
    if (xl_has_arg(call, 1))
        (void)xl_to_truth(ev, call->args[1], &a1);
    if (value.kind != XL_TEXT || value.as.text->unknown)
        return xl_cannot(ev, value, call->name);
    return xl_ref_of_text(ev, xl_flat(ev, value), !a1, &ref) ? xl_range(ref) : xl_error("#REF!");
}

struct xl_value xl_fn_indirect(struct xl *ev, const struct xl_call *call)
{
    return place_of(ev, call, true);
}

struct xl_value xl_fn_textref(struct xl *ev, const struct xl_call *call)
{
    return place_of(ev, call, false);
}

struct xl_value xl_fn_reftext(struct xl *ev, const struct xl_call *call)
{
    struct xl_ref ref;
    bool a1 = false;

    (void)xl_to_truth(ev, xl_arg(call, 1), &a1);
    if (!xl_arg_ref(ev, call, 0, &ref))
        return xl_cannot(ev, xl_arg(call, 0), "REFTEXT");
    return xl_text(xl_ref_text(ev, ref, a1, true));
}

/* ADDRESS(row, column, kind, a1, sheet) */
struct xl_value xl_fn_address(struct xl *ev, const struct xl_call *call)
{
    double row = xl_arg_number(ev, call, 0, 0.0);
    double column = xl_arg_number(ev, call, 1, 0.0);
    double kind = xl_arg_number(ev, call, 2, 1.0);
    bool a1 = true;
    const struct script_text *made;
    struct hn_text flat;
    char room[32];
    size_t len = 0;

    if (xl_has_arg(call, 3))
        (void)xl_to_truth(ev, call->args[3], &a1);
    if (row < 1.0 || row > XL_ROWS_MAX || column < 1.0 || column > XL_COLUMNS_MAX)
        return xl_cannot(ev, xl_arg(call, row < 1.0 ? 0 : 1), "ADDRESS");
    made = xl_ref_text(ev, xl_ref_cell(0, (uint32_t)row, (uint32_t)column), a1, false);
    flat = script_text_flat(ev->run, made);
    if (a1 && kind > 1.0 && flat.len < sizeof room) { /* $A$1, A$1, $A1, A1 */
        for (size_t i = 0; i < flat.len; i++)
            if (flat.ptr[i] != '$' || (i == 0 ? kind == 3.0 : kind == 2.0))
                room[len++] = flat.ptr[i];
        made = script_text_new(ev->run, hn_text_of(room, len), NULL);
    }
    if (xl_has_arg(call, 4) && made != NULL) {
        made = script_text_join(ev->run, script_text_borrow(ev->run, HN_TEXT("!"), NULL), made);
        made = script_text_join(ev->run, xl_arg_text(ev, call, 4), made);
    }
    return xl_text(made);
}

struct xl_value xl_fn_deref(struct xl *ev, const struct xl_call *call)
{
    return xl_arg_plain(ev, call, 0);
}

struct xl_value xl_fn_active_cell(struct xl *ev, const struct xl_call *call)
{
    (void)call;
    return xl_range(ev->active);
}

struct xl_value xl_fn_caller(struct xl *ev, const struct xl_call *call)
{
    (void)call;
    return xl_range(ev->active);
}

struct xl_value xl_fn_select(struct xl *ev, const struct xl_call *call)
{
    uint32_t index = xl_has_arg(call, 1) ? 1 : 0;
    struct xl_value value = xl_arg(call, index);
    struct hn_text text = value.kind == XL_TEXT ? xl_flat(ev, value) : HN_TEXT("");
    struct xl_ref ref;

    if (ev->quiet > 0)
        return xl_bool(true);
    /* "R[1]C" counts from the active cell, on its sheet. */
    if ((text.len > 0 && xl_ref_scan(text, 0, true, ev->active, &ref) == text.len) ||
            xl_arg_ref(ev, call, index, &ref))
        ev->active = xl_ref_cell(ref.sheet, ref.row, ref.column);
    else
        return xl_bool(true);
    if (index == 0)
        ev->selected = ref;
    return xl_bool(true);
}

/* ---- Formulas as texts ---- */

struct xl_value xl_fn_evaluate(struct xl *ev, const struct xl_call *call)
{
    struct xl_value value = xl_arg_plain(ev, call, 0);
    struct xl_source source = { .text = xl_flat(ev, value),
        .offset = call->offset,
        .base = ev->frame != NULL ? ev->frame->where.at : ev->active };
    struct xl_node *node;

    if (value.kind != XL_TEXT || value.as.text->unknown)
        return xl_is_unknown(value) ? xl_unknown(ev, "EVALUATE") : value;
    xl_keep_text(ev, value);
    if (source.text.len > 0 && source.text.ptr[0] == '=')
        source.text = hn_text_sub(source.text, 1, SIZE_MAX);
    node = xl_parse(ev, &source);
    return node != NULL ? xl_eval(ev, node) : xl_error("#NAME?");
}

/* Formulas are read in both styles wherever they are entered, so the text stays as it is. */
struct xl_value xl_fn_convert(struct xl *ev, const struct xl_call *call)
{
    return xl_arg_plain(ev, call, 0);
}

static struct xl_value formula_at(struct xl *ev, struct xl_ref ref)
{
    const struct xl_cell *cell = xl_cell_find(ev, ref.sheet, ref.row, ref.column);

    if (cell == NULL || cell->slot.formula.len == 0)
        return xl_cell_value(ev, ref.sheet, ref.row, ref.column);
    return xl_text(script_text_borrow(ev->run, cell->slot.formula,
            script_origin_new(ev->run, "literal", cell->slot.offset, HN_TEXT(""), NULL, NULL)));
}

struct xl_value xl_fn_get_formula(struct xl *ev, const struct xl_call *call)
{
    struct xl_ref ref;

    return xl_arg_ref(ev, call, 0, &ref) ? formula_at(ev, ref)
                                         : xl_cannot(ev, xl_arg(call, 0), "GET.FORMULA");
}

static const struct xl_look *look_find(const struct xl_look *looks, double kind)
{
    while (looks != NULL && looks->kind != kind)
        looks = looks->next;
    return looks;
}

/* How a cell looks: heights stand with the first cell of a row, widths with that of a column. */
static bool look_of(struct xl *ev, struct xl_ref ref, double kind, struct xl_value *ret_value)
{
    const struct xl_cell *cell =
            xl_cell_find(ev, ref.sheet, kind == 16.0 ? 1 : ref.row, kind == 17.0 ? 1 : ref.column);
    const struct xl_look *look = cell != NULL ? look_find(cell->looks, kind) : NULL;

    if (look == NULL && ref.sheet < ev->sheets.count)
        look = look_find(ev->sheets.ptr[ref.sheet].looks, kind);
    if (look == NULL)
        return false;
    *ret_value = look->value;
    return true;
}

/* What a cell holds is known; how it looks is as the file says. */
struct xl_value xl_fn_get_cell(struct xl *ev, const struct xl_call *call)
{
    double kind = xl_arg_number(ev, call, 0, 0.0);
    struct xl_ref ref = ev->active;
    struct xl_value value;

    if (xl_has_arg(call, 1) && !xl_arg_ref(ev, call, 1, &ref))
        return xl_unknown(ev, "GET.CELL");
    if (kind == 1.0)
        return xl_text(xl_ref_text(ev, ref, true, true));
    if (kind == 2.0)
        return xl_number(ref.row);
    if (kind == 3.0)
        return xl_number(ref.column);
    if (kind == 5.0)
        return xl_cell_value(ev, ref.sheet, ref.row, ref.column);
    if (kind == 6.0)
        return formula_at(ev, ref);
    if (kind == 53.0)
        return xl_text(xl_to_text(ev, xl_cell_value(ev, ref.sheet, ref.row, ref.column)));
    if (look_of(ev, ref, kind, &value))
        return value;
    return xl_fn_machine(ev, call);
}

struct xl_value xl_fn_get_name(struct xl *ev, const struct xl_call *call)
{
    struct xl_name *name = xl_name_find(ev, xl_flat(ev, xl_arg(call, 0)), XL_NONE);

    if (name == NULL)
        return xl_error("#NAME?");
    return name->slot.has_value ? name->slot.value
                                : xl_text(script_text_borrow(ev->run, name->slot.formula, NULL));
}
