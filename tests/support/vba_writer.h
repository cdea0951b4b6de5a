/* vba_writer.h - writes VBA projects ([MS-OVBA]) into compound files, for tests and for the
 * generator of samples. Sources are text nobody runs; the projects are valid for Office's readers,
 * with or without a performance cache.
 *
 *     static const struct vba_writer_module modules[] = { { .name = "Module1", .source = "..." } };
 *     struct vba_writer_project project = { .name = "Project", .modules = modules, .count = 1 };
 *     vba_writer_put(cfb, "Macros", &project);
 *
 * Memory: nothing is kept. Concurrency: one thread at a time. */
#ifndef TESTS_SUPPORT_VBA_WRITER_H
#define TESTS_SUPPORT_VBA_WRITER_H

#include "base/buf.h"
#include "base/view.h"
#include "support/cfb_writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vba_writer_type {
    VBA_WRITER_STANDARD,
    VBA_WRITER_DOCUMENT,
    VBA_WRITER_CLASS,
    VBA_WRITER_FORM
};

/* One line of p-code: a call of a name with a string. Either may be NULL. */
struct vba_writer_line {
    const char *call;
    const char *string;
};

struct vba_writer_module {
    const char *name;        /* in the project's code page */
    const char *stream_name; /* NULL: the same */
    enum vba_writer_type type;
    bool bare;          /* no Attribute lines: source is all there is */
    bool hidden;        /* left out of PROJECT */
    const char *source; /* in the code page, behind the Attribute lines, which are written for it */
    size_t source_len;  /* 0: to its NUL */
    const struct vba_writer_line *lines; /* p-code; NULL: no cache */
    size_t line_count;
};

struct vba_writer_project {
    const char *name;
    uint16_t codepage;    /* 0: 1252 */
    uint16_t version;     /* of p-code, 0: 0x00B2 where there are lines, else 0xFFFF */
    bool wide;            /* 64-bit Office */
    const char *password; /* the project is locked against viewing with it; NULL: it is not */
    const struct vba_writer_module *modules;
    size_t count;
};

/* parent: "Macros", "_VBA_PROJECT_CUR"; "" for vbaProject.bin. */
void vba_writer_put(
        struct cfb_writer *cfb, const char *parent, const struct vba_writer_project *project);

/* One container ([MS-OVBA] 2.4.1.3.6). */
void vba_compress(struct hn_bytes in, struct hn_buf *out);

/* What the dir stream holds before it is compressed, for tests that damage it. offsets: of each
 * module's source in its stream. */
void vba_writer_dir(
        const struct vba_writer_project *project, const uint32_t *offsets, struct hn_buf *out);

#endif
