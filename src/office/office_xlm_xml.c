/* office_xlm_xml.c - cells of sheets that are XML, as they stand in the text of macro sheets. */
#include "office/office_xlm.h"

#include "base/num.h"

void office_xlm_xml_init(struct office_xlm_xml *x, struct office_xlm *m, uint32_t sheet)
{
    *x = (struct office_xlm_xml){ .m = m, .sheet = sheet, .formula_at = SIZE_MAX };
}

void office_xlm_xml_deinit(struct office_xlm_xml *x)
{
    hn_map_deinit(&x->shared);
}

/* "B12"; anything else is the first cell. */
static struct office_xlm_cell place_of(uint32_t sheet, struct hn_text ref)
{
    struct office_xlm_cell at = { .sheet = sheet };
    uint64_t column = 0;
    uint32_t row = 0;
    size_t i = 0;

    for (; i < ref.len && i < 3; i++) {
        char c = (char)(ref.ptr[i] & ~0x20);

        if (c < 'A' || c > 'Z')
            break;
        column = column * 26 + (uint64_t)(c - 'A' + 1);
    }
    if (column > 0 && hn_parse_u32(hn_text_sub(ref, i, ref.len), &row) && row > 0) {
        at.row = row - 1;
        at.column = (uint32_t)column - 1;
    }
    return at;
}

void office_xlm_xml_cell(struct office_xlm_xml *x, struct hn_text ref)
{
    x->formula_at = SIZE_MAX;
    if (x->m->wanted)
        x->at = place_of(x->sheet, ref);
}

/* The formula that this cell shares, moved to it; the first cell that has one sets it. */
static struct hn_text shared_formula(
        struct office_xlm_xml *x, struct hn_text formula, struct hn_text shared)
{
    struct office_xlm *m = x->m;
    const struct office_xlm_cell *first;
    uint32_t index = HN_MAP_NONE;

    if (formula.len > 0) {
        if (!hn_map_put(&x->shared, shared, (uint32_t)m->cells.count, &index))
            m->o->nomem = true;
        return office_xlm_normal(m, formula, 0, 0);
    }
    index = hn_map_find(&x->shared, shared);
    if (index >= m->cells.count) {
        if (m->unread++ < OFFICE_XLM_UNREAD_NOTES) {
            dissect_note(m->o->dissect, m->o->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                    "the formula that %.*s shares is not there",
                    HN_TEXT_ARG(office_cell_ref(m->o, x->at.row, x->at.column)));
        }
        return HN_TEXT(OFFICE_XLM_UNREAD);
    }
    first = &m->cells.ptr[index];
    return office_xlm_normal(
            m, first->raw, (int64_t)x->at.row - first->row, (int64_t)x->at.column - first->column);
}

void office_xlm_xml_formula(struct office_xlm_xml *x, struct hn_text formula, struct hn_text shared)
{
    struct office_xlm *m = x->m;
    struct office_xlm_cell *cell;
    struct hn_text text;

    if (!m->wanted || (formula.len == 0 && shared.len == 0))
        return;
    text = shared.len > 0 ? shared_formula(x, formula, shared)
                          : office_xlm_normal(m, formula, 0, 0);
    cell = office_xlm_formula(m, &x->at, text);
    if (cell == NULL)
        return;
    cell->raw = formula;
    x->formula_at = m->cells.count - 1;
}

static struct hn_text value_of(struct office *o, struct hn_text type, struct hn_text value)
{
    double number;

    if (hn_text_eq(type, HN_TEXT("b")))
        return hn_text_eq(hn_text_trim(value), HN_TEXT("0")) ? HN_TEXT("FALSE") : HN_TEXT("TRUE");
    if (hn_text_eq(type, HN_TEXT("e")))
        return office_xlm_plain(o, value);
    if ((type.len == 0 || hn_text_eq(type, HN_TEXT("n"))) &&
            hn_parse_real(hn_text_trim(value), &number))
        return office_xlm_number(o, number);
    return office_xlm_quoted(o, value);
}

void office_xlm_xml_value(struct office_xlm_xml *x, struct hn_text type, struct hn_text value)
{
    struct office_xlm *m = x->m;

    if (!m->wanted || value.len == 0)
        return;
    if (x->formula_at < m->cells.count)
        m->cells.ptr[x->formula_at].last = value_of(m->o, type, value);
    else
        (void)office_xlm_constant(m, &x->at, value_of(m->o, type, value));
}
