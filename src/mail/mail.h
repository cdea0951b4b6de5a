/* mail.h - openers of mails: .eml (RFC 5322, MIME), mbox, Outlook's .msg ([MS-OXMSG]) and TNEF
 * ([MS-OXTNEF], winmail.dat). The one header of this module.
 *
 * The readers are as tolerant as mail programs are, since what a mail program shows is what the
 * victim saw: bare line ends, missing blank lines, boundaries that are reused, misquoted or never
 * closed, damaged base64, charsets that lie. What had to be forgiven is a note.
 *
 * An opener adds the parts as children (attachments, HTML bodies, embedded mails), the bodies as
 * texts, the headers and what follows from them as facts (docs/analysis-facts.md), contradictions
 * of sender, reply and transport as notes SPOOFED, hidden parts as notes HIDDEN, and the passwords
 * that subject, bodies and file names tell (Japanese, English and others) to the tree's list.
 *
 * Ownership: everything is copied into the tree or is a view into the object's data.
 * Concurrency: one thread at a time. Errors: HN_NOMEM only; all else is a note.
 * Limits: MAIL_..._MAX in mail_internal.h, those of the tree. */
#ifndef HN_MAIL_MAIL_H
#define HN_MAIL_MAIL_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/view.h"
#include "dissect/dissect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* dissect_opener functions. */
HN_MUST_USE enum hn_status mail_open_eml(struct dissect *dissect, uint32_t id, struct hn_err *err);
HN_MUST_USE enum hn_status mail_open_mbox(struct dissect *dissect, uint32_t id, struct hn_err *err);
HN_MUST_USE enum hn_status mail_open_msg(struct dissect *dissect, uint32_t id, struct hn_err *err);
HN_MUST_USE enum hn_status mail_open_tnef(struct dissect *dissect, uint32_t id, struct hn_err *err);

/* Whether bytes look like one, for whoever recognises. eml: header lines at the start of which at
 * least two are usual ones of a mail. */
bool mail_is_eml(struct hn_bytes bytes);
bool mail_is_mbox(struct hn_bytes bytes);
bool mail_is_tnef(struct hn_bytes bytes);

/* Passwords that a text tells, nearest to the word "password" (in several languages) first. Each
 * is given as it is written and, where that differs, without full-width forms and without
 * punctuation around it. */
typedef void mail_on_password(void *ctx, struct hn_text password);
void mail_find_passwords(struct hn_text text, mail_on_password *on_password, void *ctx);
/* The text says that the password comes in another mail (PPAP). */
bool mail_tells_of_password_mail(struct hn_text text);

/* [MS-OXRTFCP]: the RTF of PidTagRtfCompressed. HN_CORRUPT when there is no header; a stream that
 * ends early or whose checksum is wrong gives what came out, HN_OK, and *ret_damaged. */
#define MAIL_RTF_BYTES_MAX ((size_t)64 << 20)
HN_MUST_USE enum hn_status mail_rtf_decompress(
        struct hn_bytes in, struct hn_buf *out, bool *ret_damaged, struct hn_err *err);
/* What RTF that was made from HTML or text ([MS-OXRTFEX]: \fromhtml1, \fromtext) was made from, or
 * the readable text of other RTF; UTF-8. */
enum mail_rtf_kind { MAIL_RTF_TEXT, MAIL_RTF_HTML };
enum mail_rtf_kind mail_rtf_read(struct hn_text text, struct hn_buf *out);

#endif
