/* codepage.h - text in the code pages of Windows and in the character sets of mail, as UTF-8.
 *
 * Code pages 1252, 1200, 1201, 20127 and 65001 are decoded here; the others by the C library's
 * iconv, which loads a file for each. A process that will lock itself up calls
 * hn_codepage_warm() before, and what it decodes then needs no file any more.
 * Memory: output goes into an hn_buf. Limits: the buffer's cap.
 * Errors: bytes that mean nothing in a code page become U+FFFD, and false says so. A page that
 * nobody knows is read as 1252.
 * Concurrency: pure, but for hn_codepage_warm(), which is called once, before there are threads. */
#ifndef HN_BASE_CODEPAGE_H
#define HN_BASE_CODEPAGE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define HN_CODEPAGE_UTF16LE 1200u
#define HN_CODEPAGE_WESTERN 1252u
#define HN_CODEPAGE_UTF8    65001u

/* Whether the page has a decoder, by number. */
bool hn_codepage_known(uint32_t codepage);

/* The number for a name as mails and web pages write it ("iso-2022-jp", "Shift_JIS", "cp1251",
 * "windows-31j"); 0 for one that nobody knows. */
uint32_t hn_codepage_of_name(struct hn_text name);

/* The ANSI code page that Windows uses for a language ([MS-LCID]), 1252 where none is known. */
uint32_t hn_codepage_of_lcid(uint32_t lcid);

/* Appends bytes as UTF-8. True when all of them meant something in that code page. */
bool hn_codepage_to_utf8(struct hn_buf *buf, uint32_t codepage, struct hn_bytes bytes);

/* ISO-2022-JP with all that Japanese mail programs add; code pages 50220 to 50222 are read so. */
bool hn_codepage_jis_to_utf8(struct hn_buf *buf, struct hn_bytes bytes);

/* Opens every decoder once and keeps it, so that a jailed process needs no file for them. Returns
 * how many there are. */
uint32_t hn_codepage_warm(void);

#endif
