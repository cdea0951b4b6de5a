/* xlm_writer.h - writes workbooks with macro sheets in every format that can hold one, with the
 * text that reading them must give. Inert: formulas are drawn at random from what a formula can be
 * made of, and lead nowhere.
 *
 * Memory: buffers are the caller's to end. For tests: out of memory ends the program. */
#ifndef TESTS_SUPPORT_XLM_WRITER_H
#define TESTS_SUPPORT_XLM_WRITER_H

#include "base/buf.h"
#include "support/check.h"

enum xlm_writer_form { XLM_WRITER_BIFF5, XLM_WRITER_BIFF8, XLM_WRITER_BIFF12, XLM_WRITER_FORMS };

/* One formula in all its ways of being written. */
struct xlm_writer_formula {
    struct hn_buf text; /* as it must be read */
    struct hn_buf xml;  /* as XML may have it: blanks, small letters, sheets without apostrophes */
    struct hn_buf r1c1;
    struct hn_buf tokens[XLM_WRITER_FORMS];
    struct hn_buf extra[XLM_WRITER_FORMS];
    uint32_t row; /* of its cell */
    uint32_t column;
};

/* A random one; its references are those of the workbook below. */
void xlm_writer_formula(struct check_random *random, struct xlm_writer_formula *formula);
void xlm_writer_formula_deinit(struct xlm_writer_formula *formula);

#define XLM_WRITER_FORMULAS 12u

/* Three sheets, the first of macros; names; formulas of it at random, shared and in an array. */
struct xlm_writer_book {
    struct xlm_writer_formula formulas[XLM_WRITER_FORMULAS]; /* A1, A2, ... */
};
void xlm_writer_book(struct check_random *random, struct xlm_writer_book *ret_book);
void xlm_writer_book_deinit(struct xlm_writer_book *book);
/* The text that reading it must give. */
void xlm_writer_expected(const struct xlm_writer_book *book, struct hn_buf *out);

/* The stream of a workbook in BIFF5 or BIFF8, and the file around it. */
void xlm_writer_stream(
        const struct xlm_writer_book *book, enum xlm_writer_form form, struct hn_buf *out);
void xlm_writer_xls(
        const struct xlm_writer_book *book, enum xlm_writer_form form, struct hn_buf *out);
void xlm_writer_xlsb(const struct xlm_writer_book *book, struct hn_buf *out);
void xlm_writer_xlsm(const struct xlm_writer_book *book, struct hn_buf *out);
/* The formulas of its first sheet alone, with the text for them. */
void xlm_writer_slk(const struct xlm_writer_book *book, struct hn_buf *out);
void xlm_writer_slk_expected(const struct xlm_writer_book *book, struct hn_buf *out);

#endif
