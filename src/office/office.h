/* office.h - documents of office programs taken apart: openers over dissect.h. The one header of
 * this module.
 *
 * Word, Excel and PowerPoint in their binary forms ([MS-DOC], [MS-XLS], [MS-PPT]), packages of XML
 * parts (ECMA-376, with [MS-XLSB]), OpenDocument, Word 2003 XML and Flat OPC, Excel 2003 XML, web
 * archives (MHT) with ActiveMime, RTF as Word reads it, SLK, CSV, and objects embedded in any of
 * them ([MS-OLEDS]). Macros come out as DISSECT_VBA_PROJECT with modules below it; forms,
 * properties, variables, alternative texts and cells as stores under the names by which a macro
 * reads them; DDE, remote templates and external relations as facts (docs/analysis-facts.md).
 *
 * Each opener keeps to dissect_opener's contract: it fails with HN_NOMEM alone, everything odd
 * about the document is a note.
 * Concurrency: one thread at a time. Memory: what an opener needs for itself goes at its end; what
 * it found is in the tree. Limits: those of dissect_limits, and OFFICE_ limits below.
 * Macro sheets of Excel 4 come out as one text, a DISSECT_XLM (docs/analysis-facts.md).
 * Not here: what macros do (src/vbscript, src/xlm), mails (src/mail). */
#ifndef HN_OFFICE_OFFICE_H
#define HN_OFFICE_OFFICE_H

#include "dissect/dissect.h"

/* Cells of one workbook that become stores, under up to four names each; the rest is counted in the
 * fact cells_left_out and can still be found as text. */
#define OFFICE_CELLS_MAX 3000u
/* Paragraphs, shapes, slides' texts, ... of one document that become stores. */
#define OFFICE_STORES_MAX 4000u
/* What one opener may use besides the tree. */
#define OFFICE_SCRATCH_BYTES_MAX ((size_t)96 << 20)

/* What a compound file or a zip of office's kind is, by what is in it; what a text is, by how it
 * begins. DISSECT_OLE for another compound file, DISSECT_UNKNOWN for what is not office's. Looks at
 * nothing but the directory and, in a package, at its content types. */
enum dissect_format office_recognise(struct hn_bytes bytes);

enum hn_status office_open_doc(struct dissect *dissect, uint32_t id, struct hn_err *err);
enum hn_status office_open_xls(struct dissect *dissect, uint32_t id, struct hn_err *err);
enum hn_status office_open_ppt(struct dissect *dissect, uint32_t id, struct hn_err *err);
/* Another compound file: an embedded object, a control, a stream of a mail. */
enum hn_status office_open_ole(struct dissect *dissect, uint32_t id, struct hn_err *err);
/* The bytes of an OLE 1 object or of an \001Ole10Native stream. */
enum hn_status office_open_ole_object(struct dissect *dissect, uint32_t id, struct hn_err *err);
/* vbaProject.bin; does nothing for a project whose document has named its modules already. */
enum hn_status office_open_vba_project(struct dissect *dissect, uint32_t id, struct hn_err *err);
/* docx, xlsx, xlsb, pptx, vsdx and any other package of parts. */
enum hn_status office_open_ooxml(struct dissect *dissect, uint32_t id, struct hn_err *err);
enum hn_status office_open_odf(struct dissect *dissect, uint32_t id, struct hn_err *err);
/* An encrypted package; doc, xls and ppt are found to be encrypted by their own openers. Passwords
 * of the tree and the usual ones are tried; what is inside is a child. */
enum hn_status office_open_encrypted(struct dissect *dissect, uint32_t id, struct hn_err *err);
/* Word 2003 XML and Flat OPC. */
enum hn_status office_open_word_xml(struct dissect *dissect, uint32_t id, struct hn_err *err);
enum hn_status office_open_excel_xml(struct dissect *dissect, uint32_t id, struct hn_err *err);
enum hn_status office_open_mht(struct dissect *dissect, uint32_t id, struct hn_err *err);
enum hn_status office_open_activemime(struct dissect *dissect, uint32_t id, struct hn_err *err);
enum hn_status office_open_rtf(struct dissect *dissect, uint32_t id, struct hn_err *err);
enum hn_status office_open_slk(struct dissect *dissect, uint32_t id, struct hn_err *err);
enum hn_status office_open_csv(struct dissect *dissect, uint32_t id, struct hn_err *err);

#endif
