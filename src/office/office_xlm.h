/* office_xlm.h - workbooks with macro sheets of Excel 4 as one text: what their readers collect,
 * and how formulas come from the tokens of the binary formats.
 *
 * Life: office_xlm_init() -> sheets, supporting books, names, cells in any order ->
 * office_xlm_done() writes the object DISSECT_XLM below the workbook -> office_xlm_deinit(). The
 * text is the same whichever format the workbook is saved in; docs/analysis-facts.md has its
 * grammar.
 * Limits: OFFICE_XLM_ below; past one a note says so and the text goes as far as it went. */
#ifndef HN_OFFICE_XLM_H
#define HN_OFFICE_XLM_H

#include "office/office_internal.h"
#include "office/office_look.h"

#include "base/map.h"
#include "base/vec.h"

#define OFFICE_XLM_BYTES_MAX      ((size_t)16 << 20) /* of the text */
#define OFFICE_XLM_CELLS_MAX      300000u /* of macro sheets; of the other sheets as many */
#define OFFICE_XLM_SHEETS_MAX     4096u
#define OFFICE_XLM_NAMES_MAX      65536u
#define OFFICE_XLM_BOOKS_MAX      4096u
#define OFFICE_XLM_LINKS_MAX      65536u
#define OFFICE_XLM_TOKENS_MAX     4000000u           /* of all formulas of a workbook */
#define OFFICE_XLM_TEXT_BYTES_MAX ((size_t)64 << 20) /* of formulas that are text, read in all */
#define OFFICE_XLM_FORMULA_BYTES  65536u             /* one formula's tokens */
#define OFFICE_XLM_SHARED_MAX     65536u
#define OFFICE_XLM_NOWHERE        UINT32_MAX /* no sheet: a name of the whole workbook */
#define OFFICE_XLM_UNREAD_NOTES   8u         /* the rest is counted in the fact xlm_unread */
#define OFFICE_XLM_UNREAD         "#UNREAD!"

enum office_xlm_kind { OFFICE_XLM_WORK, OFFICE_XLM_MACRO, OFFICE_XLM_CHART, OFFICE_XLM_DIALOG };

struct office_xlm_sheet {
    struct hn_text name; /* made plain by office_xlm_plain() */
    enum office_xlm_kind kind;
    enum office_sheet_state state;
};

struct office_xlm_name {
    struct hn_text name;
    uint32_t sheet; /* that it belongs to; OFFICE_XLM_NOWHERE: to all */
    bool hidden;
    bool disguised;           /* runs by itself, but is not written so */
    struct hn_text refers_to; /* without '=' */
    struct hn_bytes tokens;   /* as the binary formats have it, until office_xlm_names_read() */
    struct hn_bytes extra;
};

struct office_xlm_cell {
    uint32_t sheet;
    uint32_t row; /* from 0 */
    uint32_t column;
    uint32_t order; /* of the file */
    bool formula;
    bool shared;         /* its formula stands with another cell: text is not known yet */
    struct hn_text text; /* a formula without '=', or a constant as it is written */
    struct hn_text raw;  /* for their reader: the formula as the file has it */
    struct hn_text last; /* result of a formula; empty when it is not known */
    uint32_t base_row;   /* of a shared one: the cell it stands with */
    uint32_t base_column;
};

enum office_xlm_book_kind {
    OFFICE_XLM_BOOK_SELF,
    OFFICE_XLM_BOOK_SAME,  /* the sheet that is active: !A1 */
    OFFICE_XLM_BOOK_ADDIN, /* its names are those of functions */
    OFFICE_XLM_BOOK_OTHER,
    OFFICE_XLM_BOOK_DDE
};

/* A supporting book: what references lead to. */
struct office_xlm_book {
    enum office_xlm_book_kind kind;
    struct hn_text name; /* "Book1.xls"; of DDE "app|topic" */
    HN_VEC(struct hn_text) sheets;
    HN_VEC(struct hn_text) names;
};

/* What a reference's index stands for: sheets of a book, -1 those that are gone, -2 the book. */
struct office_xlm_link {
    uint32_t book;
    int32_t first;
    int32_t last;
};

/* A formula that several cells share, or that fills a range. */
struct office_xlm_shared {
    uint32_t sheet;
    uint32_t row; /* of the cell it stands with */
    uint32_t column;
    bool array;
    struct hn_bytes tokens;
    struct hn_bytes extra;
};

enum office_ptg_form { OFFICE_PTG_BIFF5, OFFICE_PTG_BIFF8, OFFICE_PTG_BIFF12 };

struct office_ptg_node; /* office_ptg.c */

struct office_xlm {
    struct office *o;
    enum office_ptg_form form;
    uint32_t codepage; /* of strings in BIFF5 */
    bool wanted;       /* there is a macro sheet: cells are kept */
    HN_VEC(struct office_xlm_sheet) sheets;
    HN_VEC(struct office_xlm_book) books;
    HN_VEC(struct office_xlm_link) links;
    HN_VEC(struct office_xlm_name) names;
    HN_VEC(struct office_xlm_cell) cells;
    HN_VEC(struct office_xlm_shared) shared;
    struct office_looks looks;
    uint32_t macro_cells;
    uint32_t other_cells;
    size_t bytes;      /* of texts of cells so far */
    uint32_t tokens;   /* decoded so far */
    size_t read_bytes; /* of formulas that are text, so far */
    uint32_t formulas;
    uint32_t unread;  /* formulas that could not be decoded whole */
    bool limit_noted; /* that something was left out */
    /* Used by one formula after the other. */
    HN_VEC(struct office_ptg_node) nodes;
    HN_VEC(uint32_t) stack;
    struct hn_buf pool;
    struct hn_map functions; /* of Excel, once a formula that is text was read */
};

void office_xlm_init(struct office_xlm *m, struct office *o);
void office_xlm_deinit(struct office_xlm *m);

/* ---- Collecting ---- */

/* Whether one more sheet may come; to be asked before looking for what it is made of. */
bool office_xlm_may_add_sheet(struct office_xlm *m);
void office_xlm_sheet(struct office_xlm *m, struct hn_text name, enum office_xlm_kind kind,
        enum office_sheet_state state);
/* NULL when there are too many. */
struct office_xlm_book *office_xlm_book(
        struct office_xlm *m, enum office_xlm_book_kind kind, struct hn_text name);
void office_xlm_link(struct office_xlm *m, struct office_xlm_link link);
/* NULL when there are too many; the caller fills in the rest. */
struct office_xlm_name *office_xlm_name(struct office_xlm *m, struct hn_text name, uint32_t sheet);
/* A cell with a formula (without '=') or with a constant; NULL when cells are not wanted or there
 * are too many. Valid until the next. */
struct office_xlm_cell *office_xlm_formula(
        struct office_xlm *m, const struct office_xlm_cell *at, struct hn_text formula);
struct office_xlm_cell *office_xlm_constant(
        struct office_xlm *m, const struct office_xlm_cell *at, struct hn_text constant);
void office_xlm_share(struct office_xlm *m, const struct office_xlm_shared *shared);
/* Decodes what names refer to, and tells of names that run by themselves. */
void office_xlm_names_read(struct office_xlm *m);
/* Writes the text; also the facts about macro sheets. */
void office_xlm_done(struct office_xlm *m);

/* ---- How things are written ---- */

struct hn_text office_xlm_quoted(struct office *o, struct hn_text text); /* "a""b" */
struct hn_text office_xlm_number(struct office *o, double value);
const char *office_xlm_error(uint8_t code); /* "#N/A" */
/* Without what would break the lines of the text: control characters. */
struct hn_text office_xlm_plain(struct office *o, struct hn_text text);
/* The file's name at the end of a path, the bracket in front of it left out. */
struct hn_text office_xlm_file(struct hn_text path);
/* A name as Excel takes it: without characters that it ignores, without "_xlnm.". *ret_disguised:
 * it had such characters and runs by itself without them. */
struct hn_text office_xlm_bare_name(struct office *o, struct hn_text name, bool *ret_disguised);
/* 'Sheet', apostrophes in it doubled. */
void office_xlm_add_sheet(struct hn_buf *buf, struct hn_text book, struct hn_text name);
void office_xlm_add_column(struct hn_buf *buf, uint32_t column); /* from 0 */
/* office_xlm_text.c: a formula as it is typed in, in the one way it is written here. Relative
 * references move so many rows and columns: a shared formula in another cell than its first. */
struct hn_text office_xlm_normal(
        struct office_xlm *m, struct hn_text formula, int64_t rows, int64_t columns);
/* The same of a formula with references as R1C1, which stands in this cell. References get this
 * sheet in front where it is not empty. */
struct hn_text office_xlm_from_r1c1(struct office_xlm *m, struct hn_text formula,
        const struct office_xlm_cell *at, struct hn_text sheet_name);

/* ---- office_xlm_xml.c: cells of a sheet that is XML (ECMA-376 part 1, 18.3.1.4) ---- */

struct office_xlm_xml {
    struct office_xlm *m;
    uint32_t sheet;
    struct hn_map shared; /* the number of a shared formula: the cell it stands with */
    struct office_xlm_cell at;
    size_t formula_at; /* in cells, of the cell being read; SIZE_MAX */
};

void office_xlm_xml_init(struct office_xlm_xml *x, struct office_xlm *m, uint32_t sheet);
void office_xlm_xml_deinit(struct office_xlm_xml *x);
void office_xlm_xml_cell(struct office_xlm_xml *x, struct hn_text ref); /* begins */
/* Its formula; shared is the number of a shared one, or empty. */
void office_xlm_xml_formula(
        struct office_xlm_xml *x, struct hn_text formula, struct hn_text shared);
/* Its value, or what its formula came to; type as in the attribute t. */
void office_xlm_xml_value(struct office_xlm_xml *x, struct hn_text type, struct hn_text value);

/* ---- office_ptg_names.c ---- */

/* Whether Excel has a function or command of this name, in capital letters. map is filled when it
 * is empty. */
bool office_ptg_is_function(struct hn_map *map, struct hn_text name);

/* ---- office_ptg.c: parsed expressions ([MS-XLS] 2.5.198, [MS-XLSB] 2.5.98) ---- */

struct office_ptg {
    struct hn_bytes tokens;
    struct hn_bytes extra;
    uint32_t sheet; /* it stands on; OFFICE_XLM_NOWHERE */
    uint32_t row;   /* of its cell: what relative references of shared formulas count from */
    uint32_t column;
    struct hn_text name; /* that it is the formula of, where it has no cell */
};

/* The formula without '='; noted when it could not be decoded whole. */
struct hn_text office_ptg_text(struct office_xlm *m, const struct office_ptg *ptg);
/* Whether the expression only says that the formula stands with another cell. */
bool office_ptg_shared(const struct office_xlm *m, const struct office_ptg *ptg, uint32_t *ret_row,
        uint32_t *ret_column);

#endif
