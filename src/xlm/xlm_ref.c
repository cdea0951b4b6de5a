/* xlm_ref.c - references as texts: A1 and R1C1, both ways. */
#include "xlm/xlm_internal.h"

#include <stdio.h>

struct xl_ref xl_ref_cell(uint32_t sheet, uint32_t row, uint32_t column)
{
    return (struct xl_ref){ sheet, row, column, row, column };
}

static bool is_word_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '$' || c == '\\' || c == '?' || (uint8_t)c >= 0x80u;
}

/* A number at text[pos] within 1..max; its length, 0: none. */
static size_t scan_number(struct hn_text text, size_t pos, uint32_t max, uint32_t *ret_number)
{
    size_t at = pos;
    uint64_t number = 0;

    while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9' && at - pos < 8)
        number = number * 10 + (uint64_t)(text.ptr[at++] - '0');
    if (at == pos || number == 0 || number > max)
        return 0;
    *ret_number = (uint32_t)number;
    return at - pos;
}

static size_t scan_letters(struct hn_text text, size_t pos, uint32_t *ret_column)
{
    size_t at = pos;
    uint32_t column = 0;

    while (at < text.len && at - pos < 4) {
        char c = (char)(text.ptr[at] & ~0x20);

        if (c < 'A' || c > 'Z')
            break;
        column = column * 26 + (uint32_t)(c - 'A' + 1);
        at++;
    }
    if (at == pos || at - pos > 3 || column > XL_COLUMNS_MAX)
        return 0;
    *ret_column = column;
    return at - pos;
}

static size_t skip_dollar(struct hn_text text, size_t pos)
{
    return pos < text.len && text.ptr[pos] == '$' ? pos + 1 : pos;
}

/* $A$1 */
static size_t scan_a1(struct hn_text text, size_t pos, uint32_t *ret_row, uint32_t *ret_column)
{
    size_t at = skip_dollar(text, pos);
    size_t len = scan_letters(text, at, ret_column);

    if (len == 0)
        return 0;
    at = skip_dollar(text, at + len);
    len = scan_number(text, at, XL_ROWS_MAX, ret_row);
    return len > 0 ? at + len - pos : 0;
}

/* R, R5 or R[-1] (or C): the length, 0: none. All of them where nothing follows the letter. */
static size_t scan_part(
        struct hn_text text, size_t pos, char letter, uint32_t base, uint32_t *ret_number)
{
    uint32_t max = letter == 'R' ? XL_ROWS_MAX : XL_COLUMNS_MAX;
    size_t at = pos + 1;
    bool minus;
    uint32_t number = 0;
    size_t len;

    if (pos >= text.len || (text.ptr[pos] & ~0x20) != letter)
        return 0;
    *ret_number = base;
    if (at < text.len && text.ptr[at] == '[') {
        at++;
        minus = at < text.len && text.ptr[at] == '-';
        at += minus;
        len = scan_number(text, at, max, &number);
        if (len == 0 && at < text.len && text.ptr[at] == '0')
            len = 1;
        if (len == 0 || at + len >= text.len || text.ptr[at + len] != ']')
            return 0;
        if (minus ? number >= base : number > max - base)
            return 0;
        *ret_number = minus ? base - number : base + number;
        return at + len + 1 - pos;
    }
    len = scan_number(text, at, max, &number);
    if (len > 0)
        *ret_number = number;
    return 1 + len;
}

/* R1C1; R5 and C5 are whole rows and columns. */
static size_t scan_r1c1(struct hn_text text, size_t pos, struct xl_ref base, struct xl_ref *ret_ref)
{
    uint32_t row = base.row;
    uint32_t column = base.column;
    size_t rows = scan_part(text, pos, 'R', base.row, &row);
    size_t columns = scan_part(text, pos + rows, 'C', base.column, &column);

    if (rows + columns == 0)
        return 0;
    *ret_ref = xl_ref_cell(base.sheet, row, column);
    if (rows == 0) {
        ret_ref->row = 1;
        ret_ref->row_last = XL_ROWS_MAX;
    }
    if (columns == 0) {
        ret_ref->column = 1;
        ret_ref->column_last = XL_COLUMNS_MAX;
    }
    return rows + columns;
}

static size_t scan_cell(
        struct hn_text text, size_t pos, bool r1c1, struct xl_ref base, struct xl_ref *ret_ref)
{
    uint32_t row;
    uint32_t column;
    size_t len = r1c1 ? scan_r1c1(text, pos, base, ret_ref) : 0;

    if (len > 0 && (pos + len >= text.len || !is_word_char(text.ptr[pos + len])))
        return len;
    len = scan_a1(text, pos, &row, &column);
    if (len == 0 || (pos + len < text.len && is_word_char(text.ptr[pos + len])))
        return 0;
    *ret_ref = xl_ref_cell(base.sheet, row, column);
    return len;
}

/* A:B and 1:2 */
static size_t scan_whole(
        struct hn_text text, size_t pos, struct xl_ref base, struct xl_ref *ret_ref)
{
    uint32_t numbers[2];
    bool rows = pos < text.len && text.ptr[pos] >= '0' && text.ptr[pos] <= '9';
    size_t at = pos;

    for (size_t i = 0; i < 2; i++) {
        size_t len;

        at = skip_dollar(text, at);
        len = rows ? scan_number(text, at, XL_ROWS_MAX, &numbers[i])
                   : scan_letters(text, at, &numbers[i]);
        at += len;
        if (len == 0 || (i == 0 && (at >= text.len || text.ptr[at++] != ':')))
            return 0;
    }
    if (at < text.len && (is_word_char(text.ptr[at]) || text.ptr[at] == '('))
        return 0;
    *ret_ref = rows ? (struct xl_ref){ base.sheet, numbers[0], 1, numbers[1], XL_COLUMNS_MAX }
                    : (struct xl_ref){ base.sheet, 1, numbers[0], XL_ROWS_MAX, numbers[1] };
    return at - pos;
}

static void order(uint32_t *first, uint32_t *last)
{
    uint32_t swap = *first;

    if (*first <= *last)
        return;
    *first = *last;
    *last = swap;
}

size_t xl_ref_scan(
        struct hn_text text, size_t pos, bool r1c1, struct xl_ref base, struct xl_ref *ret_ref)
{
    size_t len = scan_cell(text, pos, r1c1, base, ret_ref);
    struct xl_ref last;
    size_t more;

    if (len == 0)
        len = scan_whole(text, pos, base, ret_ref);
    if (len == 0 || pos + len >= text.len)
        return len;
    if (text.ptr[pos + len] == '(' || text.ptr[pos + len] == '!')
        return 0;
    if (text.ptr[pos + len] == ':') {
        more = scan_cell(text, pos + len + 1, r1c1, base, &last);
        if (more > 0) {
            ret_ref->row_last = last.row_last;
            ret_ref->column_last = last.column_last;
            len += 1 + more;
        }
    }
    order(&ret_ref->row, &ret_ref->row_last);
    order(&ret_ref->column, &ret_ref->column_last);
    return len;
}

static uint32_t moved(uint32_t from, int32_t by, uint32_t max)
{
    int64_t to = (int64_t)from + by;

    return to >= 1 && to <= max ? (uint32_t)to : from;
}

struct xl_ref xl_ref_moved(struct xl_ref ref, struct hn_text text, int32_t rows, int32_t columns)
{
    size_t colon = hn_text_find_char(text, ':', 0);
    struct hn_text parts[2] = { hn_text_sub(text, 0, colon), hn_text_sub(text, 0, colon) };
    uint32_t row;
    uint32_t column;

    if (colon != SIZE_MAX)
        parts[1] = hn_text_sub(text, colon + 1, SIZE_MAX);
    if ((rows == 0 && columns == 0) || scan_a1(parts[0], 0, &row, &column) != parts[0].len ||
            scan_a1(parts[1], 0, &row, &column) != parts[1].len)
        return ref; /* R1C1 counts from the cell it stands in */
    if (parts[0].ptr[0] != '$')
        ref.column = moved(ref.column, columns, XL_COLUMNS_MAX);
    if (parts[1].ptr[0] != '$')
        ref.column_last = moved(ref.column_last, columns, XL_COLUMNS_MAX);
    if (hn_text_find_char(parts[0], '$', 1) == SIZE_MAX)
        ref.row = moved(ref.row, rows, XL_ROWS_MAX);
    if (hn_text_find_char(parts[1], '$', 1) == SIZE_MAX)
        ref.row_last = moved(ref.row_last, rows, XL_ROWS_MAX);
    order(&ref.row, &ref.row_last);
    order(&ref.column, &ref.column_last);
    return ref;
}

bool xl_ref_of_text(struct xl *ev, struct hn_text text, bool r1c1, struct xl_ref *ret_ref)
{
    struct xl_source source = { .text = hn_text_trim(text), .r1c1 = r1c1, .base = ev->active };
    struct xl_node *node;
    struct xl_value value;

    if (ev->frame != NULL)
        source.base.sheet = ev->frame->where.at.sheet;
    if (source.text.len > 0 && source.text.ptr[0] == '=')
        source.text = hn_text_sub(source.text, 1, SIZE_MAX);
    if (source.text.len == 0 || source.text.len > 1024)
        return false;
    node = xl_parse(ev, &source);
    if (node == NULL || (node->kind != XL_NODE_NAME && node->kind != XL_NODE_VALUE))
        return false;
    value = xl_eval(ev, node);
    if (value.kind != XL_REF)
        return false;
    *ret_ref = value.as.ref;
    return true;
}

static void add_cell(struct hn_buf *out, uint32_t row, uint32_t column, bool a1)
{
    char letters[4];
    size_t count = 0;

    if (!a1) {
        hn_buf_addf(out, "R%uC%u", row, column);
        return;
    }
    for (; column > 0 && count < sizeof letters; column = (column - 1) / 26)
        letters[count++] = (char)('A' + (column - 1) % 26);
    hn_buf_add_char(out, '$');
    while (count > 0)
        hn_buf_add_char(out, letters[--count]);
    hn_buf_addf(out, "$%u", row);
}

const struct script_text *xl_ref_text(struct xl *ev, struct xl_ref ref, bool a1, bool with_sheet)
{
    char room[400];
    struct hn_buf out = hn_buf_over(room, sizeof room);
    const struct script_text *made;

    if (with_sheet && ref.sheet < ev->sheets.count) {
        hn_buf_add_text(&out, hn_text_sub(ev->sheets.ptr[ref.sheet].name, 0, 300));
        hn_buf_add_char(&out, '!');
    }
    add_cell(&out, ref.row, ref.column, a1);
    if (ref.row_last != ref.row || ref.column_last != ref.column) {
        hn_buf_add_char(&out, ':');
        add_cell(&out, ref.row_last, ref.column_last, a1);
    }
    made = script_text_new(ev->run, hn_buf_text(&out), NULL);
    return made != NULL ? made : ev->empty;
}
