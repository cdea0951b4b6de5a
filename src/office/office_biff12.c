/* office_biff12.c - workbooks of binary parts ([MS-XLSB]): records of a type and a length, each
 * written in seven bits a byte. Names and links are office_biff12_book.c's. */
#include "office/office_biff12.h"

#define STRINGS_MAX    500000u
#define SHEET_TEXT_MAX ((size_t)4 << 20)

bool office_biff12_next(struct hn_reader *r, uint32_t *ret_type, struct hn_bytes *ret_data)
{
    uint32_t type = hn_reader_u8(r);
    uint32_t len = 0;

    if ((type & 0x80) != 0)
        type = (type & 0x7F) | (uint32_t)(hn_reader_u8(r) & 0x7F) << 7;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        uint8_t byte = hn_reader_u8(r);

        len |= (uint32_t)(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0)
            break;
    }
    *ret_data = hn_reader_take(r, len);
    *ret_type = type;
    return hn_reader_ok(r);
}

struct hn_text office_biff12_string(struct office *o, struct hn_reader *r)
{
    uint32_t units = hn_reader_u32(r);
    struct hn_bytes wide;

    if (units == UINT32_MAX) /* the nullable kind */
        return HN_TEXT("");
    wide = hn_reader_take(r, units <= hn_reader_left(r) / 2 ? (size_t)units * 2 : SIZE_MAX);
    return hn_reader_ok(r) ? office_utf16(o, wide) : HN_TEXT("");
}

struct office_ptg office_biff12_formula(struct hn_reader *r)
{
    struct office_ptg ptg = { .sheet = OFFICE_XLM_NOWHERE };
    uint32_t len = hn_reader_u32(r);

    ptg.tokens = hn_reader_take(r, len < hn_reader_left(r) ? len : hn_reader_left(r));
    len = hn_reader_u32(r);
    ptg.extra = hn_reader_take(r, len < hn_reader_left(r) ? len : hn_reader_left(r));
    return ptg;
}

static double real_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static double rk_of(uint32_t rk)
{
    double value = (rk & 2) != 0 ? (double)((int32_t)rk >> 2)
                                 : real_of((uint64_t)(rk & 0xFFFFFFFCu) << 32);

    return (rk & 1) != 0 ? value / 100 : value;
}

/* ---- Strings ---- */

static void read_strings(struct office_package *package, const struct office_part *part)
{
    struct hn_reader r = hn_reader_over(part->data);
    struct hn_bytes data;
    uint32_t type;
    uint32_t room = 0;

    while (office_biff12_next(&r, &type, &data))
        room += type == BRT_SST_ITEM && room < STRINGS_MAX;
    if (room == 0 || package->string_count > 0)
        return;
    package->strings = hn_new(&package->o->scratch, struct hn_text, room);
    if (package->strings == NULL)
        return;
    r = hn_reader_over(part->data);
    while (office_biff12_next(&r, &type, &data) && package->string_count < room) {
        struct hn_reader item = hn_reader_over(data);

        if (type != BRT_SST_ITEM)
            continue;
        (void)hn_reader_u8(&item);
        package->strings[package->string_count++] = office_biff12_string(package->o, &item);
    }
}

/* ---- Cells ---- */

struct sheet {
    struct office_package *package;
    struct hn_text name;
    uint32_t index; /* among the workbook's sheets */
    uint32_t row;
    uint32_t column;
    struct hn_buf text;
};

/* Cells of the short kind stand next to the one before and do not say their column. */
static uint32_t long_kind(uint32_t type)
{
    return type >= BRT_SHORT_BLANK ? type - BRT_SHORT_BLANK + BRT_CELL_BLANK : type;
}

/* *ret_text: it is text, not a number, a truth or an error. */
static struct hn_text cell_value(
        const struct office_package *package, uint32_t type, struct hn_reader *r, bool *ret_text)
{
    struct office *o = package->o;
    uint32_t index;

    *ret_text = false;
    switch (type) {
    case BRT_CELL_ISST:
        *ret_text = true;
        index = hn_reader_u32(r);
        return hn_reader_ok(r) && index < package->string_count ? package->strings[index]
                                                                : HN_TEXT("");
    case BRT_CELL_ST:
    case BRT_FMLA_STRING:
        *ret_text = true;
        return office_biff12_string(o, r);
    case BRT_CELL_RK:
        return office_xlm_number(o, rk_of(hn_reader_u32(r)));
    case BRT_CELL_REAL:
    case BRT_FMLA_NUM:
        return office_xlm_number(o, real_of(hn_reader_u64(r)));
    case BRT_CELL_BOOL:
    case BRT_FMLA_BOOL:
        return hn_reader_u8(r) != 0 ? HN_TEXT("TRUE") : HN_TEXT("FALSE");
    case BRT_CELL_ERROR:
    case BRT_FMLA_ERROR:
        return hn_text_cstr(office_xlm_error(hn_reader_u8(r)));
    default:
        return HN_TEXT("");
    }
}

static void xlm_formula(struct sheet *s, struct hn_reader *r, struct hn_text result)
{
    struct office_xlm *m = &s->package->xlm;
    struct office_xlm_cell at = { .sheet = s->index, .row = s->row, .column = s->column };
    struct office_xlm_cell *cell;
    struct office_ptg ptg;

    (void)hn_reader_u16(r);
    ptg = office_biff12_formula(r);
    ptg.sheet = at.sheet;
    ptg.row = at.row;
    ptg.column = at.column;
    at.shared = office_ptg_shared(m, &ptg, &at.base_row, &at.base_column);
    cell = office_xlm_formula(m, &at, at.shared ? HN_TEXT("") : office_ptg_text(m, &ptg));
    if (cell != NULL)
        cell->last = result;
}

static void one_cell(struct sheet *s, uint32_t type, struct hn_reader *r)
{
    struct office_xlm *m = &s->package->xlm;
    struct office *o = s->package->o;
    struct office_xlm_cell at = { .sheet = s->index, .row = s->row, .column = s->column };
    struct hn_text written;
    struct hn_text value;
    bool is_text;

    value = cell_value(s->package, type, r, &is_text);
    if (!hn_reader_ok(r))
        return;
    if (m->wanted) {
        written = is_text && (value.len > 0 || type != BRT_FMLA_STRING)
                          ? office_xlm_quoted(o, value)
                          : value;
        if (type >= BRT_FMLA_STRING)
            xlm_formula(s, r, written);
        else
            (void)office_xlm_constant(m, &at, written);
    }
    if (value.len == 0)
        return;
    office_cell(o, s->name, office_cell_ref(o, s->row, s->column), value);
    if (value.len > 3 && s->text.len < SHEET_TEXT_MAX) {
        hn_buf_add_text(&s->text, value);
        hn_buf_add_char(&s->text, '\n');
    }
}

/* Stands behind the first cell that it is the formula of. */
static void shared_formula(struct sheet *s, struct hn_reader *r, bool array)
{
    struct office_xlm_shared shared = {
        .sheet = s->index, .row = s->row, .column = s->column, .array = array
    };
    struct office_ptg ptg;

    hn_reader_skip(r, array ? 17 : 16);
    ptg = office_biff12_formula(r);
    shared.tokens = ptg.tokens;
    shared.extra = ptg.extra;
    if (hn_reader_ok(r))
        office_xlm_share(&s->package->xlm, &shared);
}

static void sheet_record(struct sheet *s, uint32_t type, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);

    if (type == BRT_ROW) {
        s->row = hn_reader_u32(&r);
        s->column = UINT32_MAX; /* of a short cell at its begin: the first */
    } else if (type >= BRT_CELL_BLANK && type <= BRT_SHORT_ISST) {
        s->column = type >= BRT_SHORT_BLANK ? s->column + 1 : hn_reader_u32(&r);
        (void)hn_reader_u32(&r);
        one_cell(s, long_kind(type), &r);
    } else if (type == BRT_SHARED_FORMULA || type == BRT_ARRAY_FORMULA) {
        shared_formula(s, &r, type == BRT_ARRAY_FORMULA);
    }
}

void office_biff12_sheet(struct office_package *package, const struct office_part *part,
        uint32_t index, struct hn_text name)
{
    struct hn_reader r = hn_reader_over(part->data);
    struct sheet s = { .package = package, .name = name, .index = index };
    struct hn_bytes data;
    uint32_t type;

    hn_buf_init(&s.text, SHEET_TEXT_MAX * 2);
    while (office_biff12_next(&r, &type, &data))
        sheet_record(&s, type, data);
    office_say(package->o, "cells", office_take(package->o, &s.text));
}

/* ---- All parts ---- */

void office_workbook_biff12(struct office_package *package)
{
    uint32_t next_sheet = (uint32_t)package->xlm.sheets.count;

    for (uint32_t i = 0; i < package->part_count; i++) {
        if (package->parts[i].kind != OFFICE_PART_BIFF12)
            continue;
        read_strings(package, &package->parts[i]);
        office_biff12_book(package, &package->parts[i]);
    }
    for (uint32_t i = 0; i < package->part_count; i++) {
        if (package->parts[i].kind == OFFICE_PART_BIFF12)
            office_biff12_sheets(package, &package->parts[i], &next_sheet);
    }
}
