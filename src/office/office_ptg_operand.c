/* office_ptg_operand.c - operands of parsed expressions: constants and references; what
 * leads to other sheets, books and names is office_ptg_link.c's. */
#include "office/office_ptg.h"

#include "base/codepage.h"

enum {
    PTG_STRING = 0x17,
    PTG_EXTENDED = 0x18,
    PTG_ERROR = 0x1C,
    PTG_BOOL = 0x1D,
    PTG_INT = 0x1E,
    PTG_NUM = 0x1F,
    PTG_ARRAY = 0x20,
    PTG_NAME = 0x23,
    PTG_REF = 0x24,
    PTG_AREA = 0x25,
    PTG_MEM_AREA = 0x26,
    PTG_MEM_ERROR = 0x27,
    PTG_MEM_NONE = 0x28,
    PTG_MEM_FUNC = 0x29,
    PTG_REF_ERROR = 0x2A,
    PTG_AREA_ERROR = 0x2B,
    PTG_REF_N = 0x2C,
    PTG_AREA_N = 0x2D,
    PTG_MEM_AREA_N = 0x2E,
    PTG_MEM_NONE_N = 0x2F,
    PTG_NAME_X = 0x39,
    PTG_REF_3D = 0x3A,
    PTG_AREA_3D = 0x3B,
    PTG_REF_ERROR_3D = 0x3C,
    PTG_AREA_ERROR_3D = 0x3D
};

#define COLUMN_RELATIVE 0x4000u
#define ROW_RELATIVE    0x8000u
#define COLUMN_BITS     0x3FFFu

static double real_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* ---- Constants ---- */

/* As many characters as there are: *ret_cut says that it should be more. */
static struct hn_text string_of(
        struct office_ptg_reader *p, struct hn_reader *r, size_t count, bool *ret_cut)
{
    struct office *o = p->m->o;
    bool wide = office_ptg_is_12(p) || (!office_ptg_is_5(p) && (hn_reader_u8(r) & 1) != 0);
    size_t left = wide ? hn_reader_left(r) / 2 : hn_reader_left(r);
    struct hn_bytes bytes;

    *ret_cut = count > left;
    if (*ret_cut)
        count = left;
    bytes = hn_reader_take(r, wide ? count * 2 : count);
    if (wide)
        return office_utf16(o, bytes);
    return office_ansi(o, office_ptg_is_5(p) ? p->m->codepage : HN_CODEPAGE_WESTERN, bytes);
}

static bool string(struct office_ptg_reader *p)
{
    size_t begin = office_ptg_begin(p);
    size_t count = office_ptg_is_12(p) ? hn_reader_u16(&p->r) : hn_reader_u8(&p->r);
    bool cut;
    struct hn_text text = string_of(p, &p->r, count, &cut);

    hn_buf_add_text(&p->m->pool, office_xlm_quoted(p->m->o, text));
    office_ptg_operand(p, begin);
    return !cut;
}

static bool constant(struct office_ptg_reader *p, uint8_t token)
{
    size_t begin = office_ptg_begin(p);
    struct hn_buf *pool = &p->m->pool;

    if (token == PTG_ERROR)
        hn_buf_add_cstr(pool, office_xlm_error(hn_reader_u8(&p->r)));
    else if (token == PTG_BOOL)
        hn_buf_add_cstr(pool, hn_reader_u8(&p->r) != 0 ? "TRUE" : "FALSE");
    else if (token == PTG_INT)
        hn_buf_add_u64(pool, hn_reader_u16(&p->r));
    else
        hn_buf_add_text(pool, office_xlm_number(p->m->o, real_of(hn_reader_u64(&p->r))));
    office_ptg_operand(p, begin);
    return hn_reader_ok(&p->r);
}

enum array_kind { ARRAY_NIL, ARRAY_NUMBER, ARRAY_STRING, ARRAY_BOOL, ARRAY_ERROR, ARRAY_UNKNOWN };

static enum array_kind array_kind_of(const struct office_ptg_reader *p, uint8_t type)
{
    static const enum array_kind kinds_12[] = { ARRAY_NUMBER, ARRAY_STRING, ARRAY_BOOL,
        ARRAY_UNKNOWN, ARRAY_ERROR };

    if (office_ptg_is_12(p))
        return type < HN_COUNT_OF(kinds_12) ? kinds_12[type] : ARRAY_UNKNOWN;
    return type == 0x00   ? ARRAY_NIL
           : type == 0x01 ? ARRAY_NUMBER
           : type == 0x02 ? ARRAY_STRING
           : type == 0x04 ? ARRAY_BOOL
           : type == 0x10 ? ARRAY_ERROR
                          : ARRAY_UNKNOWN;
}

static bool array_item(struct office_ptg_reader *p)
{
    struct hn_buf *pool = &p->m->pool;
    struct hn_reader *r = &p->extra;
    uint8_t value;
    size_t count;
    bool cut;

    switch (array_kind_of(p, hn_reader_u8(r))) {
    case ARRAY_NIL:
        hn_reader_skip(r, 8);
        hn_buf_add_lit(pool, "\"\"");
        break;
    case ARRAY_NUMBER:
        hn_buf_add_text(pool, office_xlm_number(p->m->o, real_of(hn_reader_u64(r))));
        break;
    case ARRAY_STRING:
        count = office_ptg_is_5(p) ? hn_reader_u8(r) : hn_reader_u16(r);
        hn_buf_add_text(pool, office_xlm_quoted(p->m->o, string_of(p, r, count, &cut)));
        if (cut)
            return false;
        break;
    case ARRAY_BOOL:
        hn_buf_add_cstr(pool, hn_reader_u8(r) != 0 ? "TRUE" : "FALSE");
        hn_reader_skip(r, office_ptg_is_12(p) ? 0 : 7);
        break;
    case ARRAY_ERROR:
        value = hn_reader_u8(r);
        hn_buf_add_cstr(pool, office_xlm_error(value));
        hn_reader_skip(r, office_ptg_is_12(p) ? 3 : 7);
        break;
    case ARRAY_UNKNOWN:
    default:
        return false;
    }
    return hn_reader_ok(r);
}

/* The values stand behind the tokens, those of one array after those of the other. */
static bool array(struct office_ptg_reader *p)
{
    size_t begin = office_ptg_begin(p);
    uint32_t rows;
    uint32_t columns;

    hn_reader_skip(&p->r, office_ptg_is_12(p) ? 14 : 7);
    if (office_ptg_is_12(p)) {
        rows = hn_reader_u32(&p->extra);
        columns = hn_reader_u32(&p->extra);
    } else {
        columns = hn_reader_u8(&p->extra);
        rows = hn_reader_u16(&p->extra);
        if (office_ptg_is_5(p))
            columns = columns == 0 ? 256 : columns;
        columns += !office_ptg_is_5(p);
        rows += !office_ptg_is_5(p);
    }
    hn_buf_add_char(&p->m->pool, '{');
    for (uint32_t row = 0; row < rows && columns > 0; row++) {
        for (uint32_t column = 0; column < columns; column++) {
            if (row + column > 0)
                hn_buf_add_char(&p->m->pool, column == 0 ? ';' : ',');
            if (!array_item(p))
                return false;
        }
    }
    hn_buf_add_char(&p->m->pool, '}');
    office_ptg_operand(p, begin);
    return hn_reader_ok(&p->r) && hn_reader_ok(&p->extra);
}

/* ---- Cells and ranges ---- */

struct place {
    uint32_t row;
    uint32_t column;
    bool row_relative;
    bool column_relative;
};

static uint32_t last_row(const struct office_ptg_reader *p)
{
    return office_ptg_is_12(p) ? 0xFFFFF : office_ptg_is_5(p) ? 0x3FFF : 0xFFFF;
}

static uint32_t last_column(const struct office_ptg_reader *p)
{
    return office_ptg_is_12(p) ? 0x3FFF : 0xFF;
}

/* In BIFF5 what is relative stands with the row, since then with the column. */
static struct place place_of(const struct office_ptg_reader *p, uint32_t row, uint32_t column)
{
    uint32_t flags = office_ptg_is_5(p) ? row : column;
    struct place place = { row, column, (flags & ROW_RELATIVE) != 0,
        (flags & COLUMN_RELATIVE) != 0 };

    if (office_ptg_is_5(p))
        place.row &= 0x3FFF;
    else
        place.column &= COLUMN_BITS;
    place.column &= last_column(p);
    place.row &= last_row(p);
    return place;
}

/* A place in a formula that is shared or belongs to a name: what is relative is a distance, and
 * wraps around at the edges of the sheet. */
static void from_here(const struct office_ptg_reader *p, struct place *place)
{
    if (place->row_relative)
        place->row = (place->row + p->in->row) & last_row(p);
    if (place->column_relative)
        place->column = (place->column + p->in->column) & last_column(p);
}

static void add_row(struct hn_buf *pool, const struct place *place)
{
    if (!place->row_relative)
        hn_buf_add_char(pool, '$');
    hn_buf_add_u64(pool, (uint64_t)place->row + 1);
}

static void add_column(struct hn_buf *pool, const struct place *place)
{
    if (!place->column_relative)
        hn_buf_add_char(pool, '$');
    office_xlm_add_column(pool, place->column);
}

static void add_place(struct hn_buf *pool, const struct place *place)
{
    add_column(pool, place);
    add_row(pool, place);
}

static struct place read_place(struct office_ptg_reader *p)
{
    uint32_t row = office_ptg_is_12(p) ? hn_reader_u32(&p->r) : hn_reader_u16(&p->r);
    uint32_t column = office_ptg_is_5(p) ? hn_reader_u8(&p->r) : hn_reader_u16(&p->r);

    return place_of(p, row, column);
}

static void cell(struct office_ptg_reader *p, bool distance)
{
    struct place place = read_place(p);

    if (distance)
        from_here(p, &place);
    add_place(&p->m->pool, &place);
}

static void area(struct office_ptg_reader *p, bool distance)
{
    uint32_t rows[2];
    uint32_t columns[2];
    struct place from;
    struct place to;
    struct hn_buf *pool = &p->m->pool;

    for (size_t i = 0; i < 2; i++)
        rows[i] = office_ptg_is_12(p) ? hn_reader_u32(&p->r) : hn_reader_u16(&p->r);
    for (size_t i = 0; i < 2; i++)
        columns[i] = office_ptg_is_5(p) ? hn_reader_u8(&p->r) : hn_reader_u16(&p->r);
    from = place_of(p, rows[0], columns[0]);
    to = place_of(p, rows[1], columns[1]);
    if (distance) {
        from_here(p, &from);
        from_here(p, &to);
    }
    if (from.row == 0 && to.row == last_row(p)) { /* whole columns, as they are typed in */
        add_column(pool, &from);
        hn_buf_add_char(pool, ':');
        add_column(pool, &to);
    } else if (from.column == 0 && to.column == last_column(p)) {
        add_row(pool, &from);
        hn_buf_add_char(pool, ':');
        add_row(pool, &to);
    } else {
        add_place(pool, &from);
        hn_buf_add_char(pool, ':');
        add_place(pool, &to);
    }
}

static size_t place_bytes(const struct office_ptg_reader *p, bool is_area)
{
    size_t one = office_ptg_is_12(p) ? 6 : office_ptg_is_5(p) ? 3 : 4;

    return is_area ? one * 2 : one;
}

/* ---- References ---- */

static bool reference(struct office_ptg_reader *p, uint8_t token)
{
    size_t begin = office_ptg_begin(p);
    bool in_3d = token >= PTG_REF_3D;
    bool is_area = token == PTG_AREA || token == PTG_AREA_N || token == PTG_AREA_3D ||
                   token == PTG_AREA_ERROR || token == PTG_AREA_ERROR_3D;
    bool gone = token == PTG_REF_ERROR || token == PTG_AREA_ERROR || token >= PTG_REF_ERROR_3D;
    bool distance = token == PTG_REF_N || token == PTG_AREA_N;
    struct office_xlm_link link;

    if (in_3d && !office_ptg_link(p, true, &link))
        gone = true;
    if (in_3d && !gone && !office_ptg_add_sheets(p, &link))
        gone = true;
    if (gone) {
        hn_reader_skip(&p->r, place_bytes(p, is_area));
        hn_buf_add_lit(&p->m->pool, "#REF!");
    } else if (is_area) {
        area(p, distance);
    } else {
        cell(p, distance);
    }
    office_ptg_operand(p, begin);
    return hn_reader_ok(&p->r);
}

/* ---- Others ---- */

/* The ranges that the expression which follows came to when it was last computed; they stand behind
 * the tokens. */
static bool mem_area(struct office_ptg_reader *p)
{
    size_t count;

    hn_reader_skip(&p->r, 6);
    count = office_ptg_is_12(p) ? hn_reader_u32(&p->extra) : hn_reader_u16(&p->extra);
    if (count > hn_reader_left(&p->extra))
        return false;
    hn_reader_skip(&p->extra, count * (office_ptg_is_12(p) ? 16 : office_ptg_is_5(p) ? 6 : 8));
    return hn_reader_ok(&p->r) && hn_reader_ok(&p->extra);
}

/* Labels of rows and columns in words, and columns of tables: how long they are is known, what they
 * are called is not kept with them. */
static bool extended(struct office_ptg_reader *p)
{
    uint8_t kind = hn_reader_u8(&p->r);

    if (office_ptg_is_12(p) && kind == 0x19)
        hn_reader_skip(&p->r, 12);
    else
        hn_reader_skip(&p->r, 4);
    office_ptg_unread(p);
    return hn_reader_ok(&p->r);
}

bool office_ptg_operand_read(struct office_ptg_reader *p, uint8_t token)
{
    switch (token) {
    case PTG_STRING:
        return string(p);
    case PTG_EXTENDED:
        return extended(p);
    case PTG_ERROR:
    case PTG_BOOL:
    case PTG_INT:
    case PTG_NUM:
        return constant(p, token);
    case PTG_ARRAY:
        return array(p);
    case PTG_NAME:
        return office_ptg_own_name(p);
    case PTG_NAME_X:
        return office_ptg_other_name(p);
    case PTG_REF:
    case PTG_AREA:
    case PTG_REF_ERROR:
    case PTG_AREA_ERROR:
    case PTG_REF_N:
    case PTG_AREA_N:
    case PTG_REF_3D:
    case PTG_AREA_3D:
    case PTG_REF_ERROR_3D:
    case PTG_AREA_ERROR_3D:
        return reference(p, token);
    case PTG_MEM_AREA:
        return mem_area(p);
    case PTG_MEM_ERROR:
    case PTG_MEM_NONE:
        hn_reader_skip(&p->r, 6);
        return hn_reader_ok(&p->r);
    case PTG_MEM_FUNC:
    case PTG_MEM_AREA_N:
    case PTG_MEM_NONE_N:
        hn_reader_skip(&p->r, 2);
        return hn_reader_ok(&p->r);
    default:
        return false;
    }
}
