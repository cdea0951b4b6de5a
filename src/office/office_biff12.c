/* office_biff12.c - workbooks of binary parts ([MS-XLSB]): records of a type and a length, each
 * written in seven bits a byte. */
#include "office/office_package.h"

#define STRINGS_MAX    500000u
#define SHEET_TEXT_MAX ((size_t)4 << 20)

enum {
    BRT_ROW = 0,
    BRT_CELL_RK = 2,
    BRT_CELL_BOOL = 4,
    BRT_CELL_REAL = 5,
    BRT_CELL_ST = 6,
    BRT_CELL_ISST = 7,
    BRT_FMLA_STRING = 8,
    BRT_FMLA_NUM = 9,
    BRT_SST_ITEM = 19,
    BRT_NAME = 39,
    BRT_SHEET = 156,
    BRT_BEGIN_SUP_BOOK = 360
};

static bool next_record(struct hn_reader *r, uint32_t *ret_type, struct hn_bytes *ret_data)
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

static struct hn_text wide_string(struct office *o, struct hn_reader *r)
{
    uint32_t units = hn_reader_u32(r);
    struct hn_bytes wide;

    if (units == UINT32_MAX) /* the nullable kind */
        return HN_TEXT("");
    wide = hn_reader_take(r, units <= hn_reader_left(r) / 2 ? (size_t)units * 2 : SIZE_MAX);
    return hn_reader_ok(r) ? office_utf16(o, wide) : HN_TEXT("");
}

static struct hn_text number(struct office *o, double value)
{
    return office_print(o, "%.15g", value);
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

    while (next_record(&r, &type, &data))
        room += type == BRT_SST_ITEM && room < STRINGS_MAX;
    if (room == 0 || package->string_count > 0)
        return;
    package->strings = hn_new(&package->o->scratch, struct hn_text, room);
    if (package->strings == NULL)
        return;
    r = hn_reader_over(part->data);
    while (next_record(&r, &type, &data) && package->string_count < room) {
        struct hn_reader item = hn_reader_over(data);

        if (type != BRT_SST_ITEM)
            continue;
        (void)hn_reader_u8(&item);
        package->strings[package->string_count++] = wide_string(package->o, &item);
    }
}

/* ---- Cells ---- */

static struct hn_text cell_value(
        const struct office_package *package, uint32_t type, struct hn_reader *r)
{
    struct office *o = package->o;
    uint32_t index;

    switch (type) {
    case BRT_CELL_ISST:
        index = hn_reader_u32(r);
        return hn_reader_ok(r) && index < package->string_count ? package->strings[index]
                                                                : HN_TEXT("");
    case BRT_CELL_ST:
    case BRT_FMLA_STRING:
        return wide_string(o, r);
    case BRT_CELL_RK:
        return number(o, rk_of(hn_reader_u32(r)));
    case BRT_CELL_REAL:
    case BRT_FMLA_NUM:
        return number(o, real_of(hn_reader_u64(r)));
    case BRT_CELL_BOOL:
        return hn_reader_u8(r) != 0 ? HN_TEXT("TRUE") : HN_TEXT("FALSE");
    default:
        return HN_TEXT("");
    }
}

static void read_sheet(
        const struct office_package *package, const struct office_part *part, struct hn_text name)
{
    struct hn_reader r = hn_reader_over(part->data);
    struct office *o = package->o;
    struct hn_bytes data;
    struct hn_buf text;
    uint32_t type;
    uint32_t row = 0;

    hn_buf_init(&text, SHEET_TEXT_MAX * 2);
    while (next_record(&r, &type, &data)) {
        struct hn_reader cell = hn_reader_over(data);
        struct hn_text value;
        uint32_t column = hn_reader_u32(&cell);

        if (type == BRT_ROW)
            row = column; /* the row's number stands where a cell has its column */
        if (type < BRT_CELL_RK || type > BRT_FMLA_NUM)
            continue;
        (void)hn_reader_u32(&cell);
        value = cell_value(package, type, &cell);
        if (!hn_reader_ok(&cell) || value.len == 0)
            continue;
        office_cell(o, name, office_cell_ref(o, row, column), value);
        if (value.len > 3 && text.len < SHEET_TEXT_MAX) {
            hn_buf_add_text(&text, value);
            hn_buf_add_char(&text, '\n');
        }
    }
    office_say(o, "cells", office_take(o, &text));
}

/* ---- Workbook and links ---- */

static void one_sheet(
        struct office_package *package, const struct office_part *workbook, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    struct office *o = package->o;
    uint32_t state = hn_reader_u32(&r);
    struct hn_text id;
    struct hn_text name;
    const struct office_part *part;
    const struct office_relation *relation;
    bool macro;

    (void)hn_reader_u32(&r);
    id = wide_string(o, &r);
    name = wide_string(o, &r);
    if (!hn_reader_ok(&r))
        return;
    relation = office_relation(package, workbook->name, id);
    part = office_related(package, workbook->name, id);
    macro = relation != NULL &&
            hn_text_find_nocase(relation->type, HN_TEXT("macrosheet"), 0) != SIZE_MAX;
    office_sheet(o, name,
            state == 2   ? OFFICE_SHEET_VERY_HIDDEN
            : state == 1 ? OFFICE_SHEET_HIDDEN
                         : OFFICE_SHEET_SHOWN,
            macro);
    office_sheet_begin(o, o->sheet_number + 1, HN_TEXT(""));
    if (part != NULL && part->kind == OFFICE_PART_BIFF12)
        read_sheet(package, part, name);
}

static void defined_name(struct office *o, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    struct hn_text name;

    hn_reader_skip(&r, 9); /* flags, key, sheet */
    name = wide_string(o, &r);
    if (hn_reader_ok(&r))
        office_defined_name(o, name, HN_TEXT(""));
}

static void sup_book(struct office *o, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint16_t kind = hn_reader_u16(&r);
    struct hn_text first = wide_string(o, &r);
    struct hn_text second = wide_string(o, &r);

    if (hn_reader_ok(&r) && kind == 1)
        office_dde(o, first, second,
                office_print(o, "%.*s|'%.*s'", HN_TEXT_ARG(first), HN_TEXT_ARG(second)));
}

static void read_part(struct office_package *package, const struct office_part *part)
{
    struct hn_reader r = hn_reader_over(part->data);
    struct hn_bytes data;
    uint32_t type;

    while (next_record(&r, &type, &data)) {
        if (type == BRT_SHEET)
            one_sheet(package, part, data);
        else if (type == BRT_NAME)
            defined_name(package->o, data);
        else if (type == BRT_BEGIN_SUP_BOOK)
            sup_book(package->o, data);
    }
}

void office_workbook_biff12(struct office_package *package)
{
    for (uint32_t i = 0; i < package->part_count; i++) {
        if (package->parts[i].kind == OFFICE_PART_BIFF12)
            read_strings(package, &package->parts[i]);
    }
    for (uint32_t i = 0; i < package->part_count; i++) {
        if (package->parts[i].kind == OFFICE_PART_BIFF12)
            read_part(package, &package->parts[i]);
    }
}
