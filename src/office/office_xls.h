/* office_xls.h - what the readers of a binary workbook share. */
#ifndef HN_OFFICE_XLS_H
#define HN_OFFICE_XLS_H

#include "office/office_xlm.h"

#define OFFICE_XLS_SHEETS_MAX OFFICE_XLM_SHEETS_MAX
/* How often a begin of records may be held against a sheet: as each of so many in both passes. */
#define OFFICE_XLS_LOOKUPS_MAX ((uint64_t)OFFICE_XLS_SHEETS_MAX * OFFICE_XLS_SHEETS_MAX * 2)

enum {
    XLS_FORMULA = 0x0006,
    XLS_EOF = 0x000A,
    XLS_EXTERN_SHEET = 0x0017,
    XLS_NAME = 0x0018,
    XLS_EXTERN_NAME = 0x0023,
    XLS_FILEPASS = 0x002F,
    XLS_CONTINUE = 0x003C,
    XLS_CODEPAGE = 0x0042,
    XLS_SHEET_FLAGS = 0x0081,
    XLS_BOUND_SHEET = 0x0085,
    XLS_MUL_RK = 0x00BD,
    XLS_QUERY = 0x00CD,
    XLS_RICH_LABEL = 0x00D6,
    XLS_DRAWING = 0x00EC,
    XLS_SST = 0x00FC,
    XLS_LABEL_SST = 0x00FD,
    XLS_SUP_BOOK = 0x01AE,
    XLS_TEXT_OBJECT = 0x01B6,
    XLS_HYPERLINK = 0x01B8,
    XLS_CODE_NAME = 0x01BA,
    XLS_NUMBER = 0x0203,
    XLS_LABEL = 0x0204,
    XLS_BOOL_ERROR = 0x0205,
    XLS_STRING = 0x0207,
    XLS_ARRAY = 0x0221,
    XLS_RK = 0x027E,
    XLS_SHARED_FORMULA = 0x04BC,
    XLS_BOF = 0x0809
};

struct office_xls_record {
    struct hn_bytes data;
    uint32_t offset;
    uint16_t type;
};

struct office_xls_sheet {
    struct hn_text name;
    struct hn_text code; /* what macros call it */
    uint32_t offset;
    enum office_sheet_state state;
    uint8_t kind;    /* by the list of sheets; 1: a macro sheet */
    uint16_t stream; /* by its own records; 0x40: a macro sheet */
    bool dialog;
};

struct office_xls {
    struct office *o;
    bool version_known;
    bool biff8;
    bool encrypted;
    uint32_t codepage;
    struct hn_text sheet; /* whose records are read */
    struct office_xls_sheet *current;
    struct office_xls_sheet sheets[OFFICE_XLS_SHEETS_MAX];
    uint32_t sheet_count;
    uint64_t lookups;
    struct hn_text pending_link;
    struct hn_text *strings;
    uint32_t string_count;
    uint32_t formula_row; /* of the formula whose text comes next */
    uint32_t formula_column;
    struct office_art art;
    struct office_xlm xlm;
    struct hn_buf text;
};

bool office_xls_next(struct hn_reader *r, struct office_xls_record *ret_record);
struct hn_text office_xls_chars(struct office_xls *x, struct hn_reader *r, size_t count);

/* A path whose separators are control characters ([MS-XLS] 2.5.277). */
struct hn_text office_xls_path(struct office *o, struct hn_text path);

/* office_xls_book.c: what formulas need to know of the workbook. */
void office_xls_book_record(struct office_xls *x, const struct office_xls_record *record);
/* Once all is known. */
void office_xls_book_done(struct office_xls *x);

/* office_xls_cell.c */
void office_xls_strings(struct office_xls *x, struct hn_reader *r, struct hn_bytes first);
void office_xls_formula_string(struct office_xls *x, struct hn_bytes data);
void office_xls_cell_record(struct office_xls *x, const struct office_xls_record *record);

#endif
