/* escape.h - text from outside made harmless for where it goes: JSON, CSV, HTML, a terminal.
 *
 * Every byte that came from a log, rule, feed or file passes one of these before it is shown.
 * Ill-formed UTF-8 becomes U+FFFD; nothing is dropped, so what is shown is what was there.
 * Concurrency: pure. */
#ifndef HN_BASE_ESCAPE_H
#define HN_BASE_ESCAPE_H

#include "base/buf.h"
#include "base/view.h"

/* A JSON string with its quotes (RFC 8259). Besides what JSON demands, DEL, C1 controls, line and
 * paragraph separators and bidirectional controls are written as \uXXXX, so that the line may be
 * shown on a terminal as it is. */
void hn_json_string(struct hn_buf *buf, struct hn_text text);

/* One CSV field (RFC 4180): quoted where needed. A field that a spreadsheet would take for a
 * formula (leading = + - @, also full-width, TAB CR LF) gets a leading apostrophe; control
 * characters other than TAB, CR, LF become their visible symbols U+2400.. */
void hn_csv_field(struct hn_buf *buf, struct hn_text text);

/* Text for HTML element content and quoted attributes. */
void hn_html_text(struct hn_buf *buf, struct hn_text text);

/* One line for a terminal: C0, C1 and bidirectional controls become \xNN or \uNNNN. */
void hn_terminal_text(struct hn_buf *buf, struct hn_text text);

/* Not an escape, but in its place: "http://x" becomes "hxxp://x" and "ftp://x" "fxp://x", so that
 * nobody opens an address by accident. In place; the length stays. */
void hn_defang_schemes(char *text, size_t len);

/* True for what the writers above must not pass through raw: C0, DEL, C1, U+2028/9 and the
 * bidirectional controls (U+061C, U+200E/F, U+202A-E, U+2066-9). */
bool hn_is_control(uint32_t code_point);

#endif
