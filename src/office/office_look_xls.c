/* office_look_xls.c - how cells look, as binary workbooks say it ([MS-XLS] 2.4.122, 2.4.353). */
#include "office/office_look.h"

#include "office/office_xls.h"

#define PLAIN_FORMAT 15u /* cells that say nothing have this one */

enum {
    XLS_FONT = 0x0031,
    XLS_DEFAULT_WIDTH = 0x0055,
    XLS_COLUMNS = 0x007D,
    XLS_FORMAT = 0x00E0, /* of cells */
    XLS_MUL_BLANK = 0x00BE,
    XLS_BLANK = 0x0201,
    XLS_ROW = 0x0208,
    XLS_DEFAULT_HEIGHT = 0x0225,
};

static void font(struct office_xls *x, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    struct office_font made = { .name = HN_TEXT("") };
    uint16_t flags;
    uint16_t color;

    made.points = hn_reader_u16(&r) / 20.0;
    flags = hn_reader_u16(&r);
    made.italic = (flags & 0x02) != 0;
    made.struck = (flags & 0x08) != 0;
    color = hn_reader_u16(&r);
    made.color = color < 64 ? office_look_indexed(color) : 0;
    made.bold = hn_reader_u16(&r) >= 600;
    (void)hn_reader_u16(&r);
    made.underlined = hn_reader_u8(&r) != 0;
    hn_reader_skip(&r, 3);
    if (!hn_reader_ok(&r))
        return;
    made.name = office_xls_chars(x, &r, hn_reader_u8(&r));
    office_look_font(&x->xlm.looks, &made);
    if (x->xlm.looks.fonts.count == 4) /* there is no font of the number 4 */
        office_look_font(&x->xlm.looks, &made);
}

static void format(struct office_xls *x, struct hn_bytes data)
{
    struct office_format made = { 0 };
    uint16_t flags;
    uint16_t fill;
    bool filled;

    if (data.len < (x->biff8 ? 20u : 16u))
        return;
    made.font = hn_load_u16(data.ptr);
    made.number = office_look_number(hn_load_u16(data.ptr + 2));
    flags = hn_load_u16(data.ptr + 4);
    made.unlocked = (flags & 1) == 0;
    made.hidden = (flags & 2) != 0;
    made.horizontal = data.ptr[6] & 7;
    made.vertical = data.ptr[6] >> 4 & 7;
    fill = hn_load_u16(data.ptr + (x->biff8 ? 18 : 8)) & 0x7F;
    filled = x->biff8 ? hn_load_u32(data.ptr + 14) >> 26 != 0 : (data.ptr[10] & 0x3F) != 0;
    made.fill = filled && fill < 64 ? office_look_indexed(fill) : 0;
    office_look_format(&x->xlm.looks, &made);
}

static void columns(struct office_xls *x, struct office_look look, struct hn_bytes data)
{
    uint32_t last;

    if (data.len < 6)
        return;
    last = hn_load_u16(data.ptr + 2);
    look.of = OFFICE_LOOK_COLUMN;
    look.size = office_look_characters(hn_load_u16(data.ptr + 4) / 256.0);
    for (look.column = hn_load_u16(data.ptr); look.column <= last && look.column < 256;
            look.column++)
        office_look_add(&x->xlm.looks, &look);
}

static void row(struct office_xls *x, struct office_look look, struct hn_bytes data)
{
    uint16_t height;

    if (data.len < 8)
        return;
    height = hn_load_u16(data.ptr + 6);
    look.of = OFFICE_LOOK_ROW;
    look.row = hn_load_u16(data.ptr);
    look.size = (height & 0x7FFF) / 20.0;
    if ((height & 0x8000) == 0)
        office_look_add(&x->xlm.looks, &look);
}

/* Row, column and format stand in front of every cell; the records of several have more. */
static void cells(
        struct office_xls *x, struct office_look look, const struct office_xls_record *record)
{
    size_t step = record->type == XLS_MUL_RK ? 6 : record->type == XLS_MUL_BLANK ? 2 : 0;
    size_t end = step > 0 ? record->data.len - 2 : 6;

    if (record->data.len < 6)
        return;
    look.row = hn_load_u16(record->data.ptr);
    look.column = hn_load_u16(record->data.ptr + 2);
    for (size_t at = 4; at + 2 <= end; at += step, look.column++) {
        look.format = hn_load_u16(record->data.ptr + at);
        office_look_add(&x->xlm.looks, &look);
        if (step == 0)
            break;
    }
}

static void sheet_record(struct office_xls *x, const struct office_xls_record *record)
{
    struct office_look look = { .sheet = (uint32_t)(x->current - x->sheets) };

    switch (record->type) {
    case XLS_COLUMNS:
        columns(x, look, record->data);
        break;
    case XLS_ROW:
        row(x, look, record->data);
        break;
    case XLS_BLANK:
    case XLS_MUL_BLANK:
    case XLS_MUL_RK:
    case XLS_LABEL_SST:
    case XLS_LABEL:
    case XLS_RICH_LABEL:
    case XLS_NUMBER:
    case XLS_RK:
    case XLS_BOOL_ERROR:
    case XLS_FORMULA:
        cells(x, look, record);
        break;
    default:
        break;
    }
}

void office_look_record(struct office_xls *x, const struct office_xls_record *record)
{
    struct office_looks *looks = &x->xlm.looks;

    if (!x->xlm.wanted)
        return;
    looks->plain = PLAIN_FORMAT;
    if (record->type == XLS_FONT)
        font(x, record->data);
    else if (record->type == XLS_FORMAT)
        format(x, record->data);
    else if (record->type == XLS_DEFAULT_WIDTH && record->data.len >= 2)
        looks->column_characters = hn_load_u16(record->data.ptr);
    else if (record->type == XLS_DEFAULT_HEIGHT && record->data.len >= 4)
        looks->row_points = hn_load_u16(record->data.ptr + 2) / 20.0;
    else if (x->current != NULL)
        sheet_record(x, record);
}
