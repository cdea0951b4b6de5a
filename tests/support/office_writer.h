/* office_writer.h - writes small documents of office programs for tests and for the generator of
 * samples: valid enough for what reads them, inert, with strings the caller gives.
 *
 * Memory: each appends a whole file to out. For tests: out of memory ends the program. */
#ifndef TESTS_SUPPORT_OFFICE_WRITER_H
#define TESTS_SUPPORT_OFFICE_WRITER_H

#include "base/buf.h"
#include "base/view.h"
#include "support/cfb_writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct office_writer_part {
    const char *name;
    const char *text;
    struct hn_bytes bytes; /* instead of text, where it is NULL */
};

/* A package; a part [Content_Types].xml is added when none is given. */
void office_writer_package(
        const struct office_writer_part *parts, size_t count, struct hn_buf *out);

struct office_writer_pair {
    const char *name;
    const char *value;
};

/* A Word document ([MS-DOC]). The text is Latin-1 with the marks \x13 \x14 \x15 of fields and \r of
 * paragraphs; it is written in two pieces, the first of bytes, the second of UTF-16. */
struct office_writer_doc {
    const char *text;
    const char *template_path; /* NULL: none */
    const struct office_writer_pair *variables;
    size_t variable_count;
    bool nul_behind_values;             /* as some writers have it */
    struct office_writer_pair bookmark; /* value: the part of the text it is on; NULL: none */
    void (*add)(void *ctx, struct cfb_writer *cfb); /* more streams: macros, forms; may be NULL */
    void *ctx;
};
void office_writer_doc(const struct office_writer_doc *doc, struct hn_buf *out);

/* One BIFF record. */
void office_writer_biff(struct hn_buf *out, uint16_t type, const void *data, size_t len);
/* Compound files with one stream. */
void office_writer_stream(const char *path, struct hn_bytes bytes, struct hn_buf *out);
/* One record of a presentation. */
void office_writer_ppt(
        struct hn_buf *out, uint16_t version_instance, uint16_t type, const void *data, size_t len);

/* \001Ole10Native of a package, with its size in front. wide_label (may be NULL) adds the names in
 * UTF-16. */
void office_writer_native(struct hn_buf *out, const char *label, const char *path,
        const char *command, struct hn_bytes data, const char *wide_label);
/* An embedded OLE 1 object. */
void office_writer_ole1(struct hn_buf *out, const char *class_name, struct hn_bytes data);

void office_writer_u16(struct hn_buf *out, uint32_t value);
void office_writer_u32(struct hn_buf *out, uint32_t value);
/* ASCII as UTF-16, without an end. */
void office_writer_wide(struct hn_buf *out, const char *text);

#endif
