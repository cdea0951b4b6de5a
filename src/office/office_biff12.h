/* office_biff12.h - workbooks of binary parts: what their readers share. */
#ifndef HN_OFFICE_BIFF12_H
#define HN_OFFICE_BIFF12_H

#include "office/office_package.h"

enum {
    BRT_ROW = 0,
    BRT_CELL_BLANK = 1,
    BRT_CELL_RK = 2,
    BRT_CELL_ERROR = 3,
    BRT_CELL_BOOL = 4,
    BRT_CELL_REAL = 5,
    BRT_CELL_ST = 6,
    BRT_CELL_ISST = 7,
    BRT_FMLA_STRING = 8,
    BRT_FMLA_NUM = 9,
    BRT_FMLA_BOOL = 10,
    BRT_FMLA_ERROR = 11,
    BRT_SHORT_BLANK = 12,
    BRT_SHORT_ISST = 18,
    BRT_SST_ITEM = 19,
    BRT_NAME = 39,
    BRT_SHEET = 156,
    BRT_SUP_BOOK = 355,
    BRT_SUP_SELF = 357,
    BRT_SUP_SAME = 358,
    BRT_SUP_SHEETS = 359,
    BRT_BEGIN_SUP_BOOK = 360,
    BRT_PLACEHOLDER_NAME = 361,
    BRT_EXTERN_SHEET = 362,
    BRT_ARRAY_FORMULA = 426,
    BRT_SHARED_FORMULA = 427,
    BRT_SUP_NAME = 577,
    BRT_SUP_ADDIN = 667
};

/* A record; false at the end. */
bool office_biff12_next(struct hn_reader *r, uint32_t *ret_type, struct hn_bytes *ret_data);
struct hn_text office_biff12_string(struct office *o, struct hn_reader *r);
/* Tokens with what belongs to them; the rest of struct office_ptg is the caller's. */
struct office_ptg office_biff12_formula(struct hn_reader *r);
/* Cells of a sheet, which is the index-th of the workbook. */
void office_biff12_sheet(struct office_package *package, const struct office_part *part,
        uint32_t index, struct hn_text name);

/* ---- office_biff12_book.c ---- */

/* Sheets, names and links of a part. */
void office_biff12_book(struct office_package *package, const struct office_part *part);
/* Once those of all parts are known: the cells of the sheets that this part lists, which are
 * numbered on from *next. */
void office_biff12_sheets(
        struct office_package *package, const struct office_part *part, uint32_t *next);

#endif
