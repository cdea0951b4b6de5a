/* xlm.h - what the macro sheets of a workbook (Excel 4.0 macros, XLM) would do. The one header of
 * this module.
 *
 * What is read is text, one record a line, made by src/office from every container alike:
 *
 *     SHEET 'Macro1' macro|work|chart|dialog visible|hidden|very_hidden
 *     NAME Auto_Open ='Macro1'!$A$1       (NAME! is hidden; NAME 'Macro1'!x is of one sheet)
 *     CELL 'Macro1'!A1 =EXEC("cmd")       (a formula: English names, A1, commas)
 *     LAST 'Macro1'!A1 12.5               (the result that was saved with the formula before)
 *     CELL 'Sheet1'!B2 "text"             (a constant: "text", 12.5, TRUE, #N/A)
 *     LOOKS 'Sheet1' 16=8.43 18="Calibri" (how its cells look, as GET.CELL numbers it)
 *     LOOK 'Sheet1'!B2 19=20 24=3         (a cell that looks otherwise; 17, the height, stands
 *                                          with column A, 16, the width, with row 1)
 *
 * A quote within a text, and an apostrophe within a sheet name, is doubled; texts may hold line
 * breaks. What is not such a record is left out with a note.
 *
 * Cells are carried out from each name that starts by itself downwards (Auto_Open and its like),
 * then from each formula of a macro sheet that nobody reached: what these do is conditional. What
 * asks for the machine is unknown, and both ways are gone, each from the same state. A formula that
 * FORMULA() writes is read as Excel reads it there (R1C1). Where the day, the month, the hour or
 * the machine was asked for, all days are tried within the budget, too: what comes out as a
 * program, an address or a path only on some is told as conditional, with a note that names them.
 *
 * Ownership, concurrency: as script.h. Limits: those of the run, and those below; past one a call
 * or a way is given up with a note. Errors: none for odd source; HN_NOMEM when memory ran out.
 * References: Microsoft Excel Function Reference (1992); [MS-XLS] 2.2.2 for names of functions. */
#ifndef HN_XLM_XLM_H
#define HN_XLM_XLM_H

#include "base/status.h"
#include "dissect/dissect.h"
#include "script/script.h"

#define XLM_NESTING_MAX 64u   /* of one formula */
#define XLM_CALLS_MAX   24u   /* macros called from macros */
#define XLM_FORKS_MAX   256u  /* ways that wait because a condition is unknown */
#define XLM_RANGE_MAX   4096u /* cells of a range that one function reads or fills */

HN_MUST_USE enum hn_status xlm_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err);

/* Facts of an object DISSECT_XLM: "xlm_function" for each function that reaches out of the workbook
 * (EXEC, CALL, FOPEN ...), once. */
HN_MUST_USE enum hn_status xlm_open(struct dissect *dissect, uint32_t id, struct hn_err *err);

#endif
