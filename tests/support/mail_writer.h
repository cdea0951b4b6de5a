/* mail_writer.h - writes well-formed mails (RFC 5322, MIME) for tests and for the generator of
 * samples: headers and bodies in Japanese charsets, alternatives, attachments.
 *
 * Life: mail_writer_new() -> headers, bodies, attachments -> mail_writer_finish() ->
 * mail_writer_free(). A mail without attachments and with one body is a single part.
 * Memory: copies what it is given; failures of memory end the program (this is for tests).
 * Concurrency: one thread at a time. */
#ifndef TESTS_SUPPORT_MAIL_WRITER_H
#define TESTS_SUPPORT_MAIL_WRITER_H

#include "base/buf.h"
#include "base/view.h"

enum mail_writer_charset {
    MAIL_WRITER_UTF8,
    MAIL_WRITER_ISO_2022_JP,
    MAIL_WRITER_SHIFT_JIS,
    MAIL_WRITER_EUC_JP,
};

struct mail_writer;

struct mail_writer *mail_writer_new(enum mail_writer_charset charset);
void mail_writer_free(struct mail_writer *writer);

/* A header field; what is not ASCII becomes encoded words. An address ("name <a@b.example>") keeps
 * the part in angles as it is. */
void mail_writer_header(struct mail_writer *writer, const char *name, const char *utf8);
void mail_writer_text(struct mail_writer *writer, const char *utf8);
void mail_writer_html(struct mail_writer *writer, const char *utf8);
/* The name is written by RFC 2231 and, for old programs, as an encoded word. */
void mail_writer_attach(
        struct mail_writer *writer, const char *name, const char *type, struct hn_bytes bytes);

/* Appends the whole mail, with CR LF. */
void mail_writer_finish(const struct mail_writer *writer, struct hn_buf *out);

#endif
