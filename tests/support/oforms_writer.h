/* oforms_writer.h - writes UserForms to the letter of [MS-OFORMS] into compound files, for tests
 * and for the generator of samples.
 *
 * Life: describe the controls in an array -> oforms_writer_put(). Storages and streams come to be
 * below the form's path. Memory: nothing is kept. Concurrency: one thread at a time. */
#ifndef TESTS_SUPPORT_OFORMS_WRITER_H
#define TESTS_SUPPORT_OFORMS_WRITER_H

#include "base/view.h"
#include "oforms/oforms.h"
#include "support/cfb_writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts are UTF-8; NULL: the form does not state it. Those of Latin-1 alone are stored compressed.
 */
struct oforms_writer_control {
    enum oforms_kind kind;
    bool wide;  /* texts in UTF-16 even where they need not be */
    bool plain; /* no property but the strings is stated; else several of each size are */
    const char *name;
    const char *value; /* of bars: a decimal number */
    const char *caption;
    const char *tip;
    const char *tag;
    const char *group;
    const char *control_source;
    const char *row_source;
    const char *items;                            /* of a TabStrip, one a line */
    const struct oforms_writer_control *children; /* of frames, multi-pages and pages */
    size_t child_count;
};

struct oforms_writer_form {
    const char *caption; /* ASCII */
    const char *tag;     /* ASCII */
    const struct oforms_writer_control *controls;
    size_t count;
    bool classes; /* with a class table */
    bool extras;  /* with a mouse pointer, a font and a picture behind the properties */
};

/* path: "Macros/UserForm1". */
void oforms_writer_put(
        struct cfb_writer *cfb, const char *path, const struct oforms_writer_form *form);

#endif
