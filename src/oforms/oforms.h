/* oforms.h - the controls of UserForms ([MS-OFORMS]): what they are called and what stands in them,
 * which is where macros keep strings that no source shows. The one header of this module.
 *
 * A form is a storage of its name beside the storage "VBA": stream "f" lists the controls, stream
 * "o" has their properties one behind the other, "\003VBFrame" the properties of the form itself.
 * A frame, a multi-page or a page is a form again, in a storage "i" and its number. The single
 * controls that stand on sheets and pages ("contents" of an ActiveX object) have the same layout.
 * Every structure tells its own length, and strings are padded to four bytes; what does not fit its
 * structure is left out, never guessed.
 *
 * Life: oforms_find() -> oforms_read() for each -> ends with the arena.
 * Concurrency: one thread at a time. Memory: the arena given. Limits: struct oforms_limits.
 * Errors: only HN_NOMEM, and HN_LIMIT of the arena; damage is OFORMS_ODD_ bits, and the rest is
 * read. */
#ifndef HN_OFORMS_OFORMS_H
#define HN_OFORMS_OFORMS_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"
#include "ole/ole.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct oforms_limits {
    uint32_t controls_max;   /* 8,192 of one form */
    uint64_t text_bytes_max; /* 8 MB of one form */
};
extern const struct oforms_limits oforms_limits_default;

#define OFORMS_DEPTH_MAX 16 /* frames within frames */

#define OFORMS_ODD_DAMAGED 0x01u /* something does not fit its structure, and was left out */
#define OFORMS_ODD_LIMIT   0x02u
#define OFORMS_ODD_MISSING 0x04u /* a stream or storage that the form names is not there */

/* The names are those of Forms 2.0's classes. */
#define OFORMS_KIND_LIST(X)                   \
    X(OFORMS_OTHER, "Control")                \
    X(OFORMS_FORM, "UserForm")                \
    X(OFORMS_FRAME, "Frame")                  \
    X(OFORMS_MULTI_PAGE, "MultiPage")         \
    X(OFORMS_PAGE, "Page")                    \
    X(OFORMS_TAB_STRIP, "TabStrip")           \
    X(OFORMS_TEXT_BOX, "TextBox")             \
    X(OFORMS_LABEL, "Label")                  \
    X(OFORMS_COMMAND_BUTTON, "CommandButton") \
    X(OFORMS_COMBO_BOX, "ComboBox")           \
    X(OFORMS_LIST_BOX, "ListBox")             \
    X(OFORMS_CHECK_BOX, "CheckBox")           \
    X(OFORMS_OPTION_BUTTON, "OptionButton")   \
    X(OFORMS_TOGGLE_BUTTON, "ToggleButton")   \
    X(OFORMS_IMAGE, "Image")                  \
    X(OFORMS_SCROLL_BAR, "ScrollBar")         \
    X(OFORMS_SPIN_BUTTON, "SpinButton")

enum oforms_kind {
#define OFORMS_KIND_ENUM(name, id) name,
    OFORMS_KIND_LIST(OFORMS_KIND_ENUM)
#undef OFORMS_KIND_ENUM
            OFORMS_KIND_COUNT
};
const char *oforms_kind_id(enum oforms_kind kind); /* "TextBox" */

/* A text of a control: ptr NULL where the form does not state it, so that it is the default. */
struct oforms_control {
    struct hn_text path; /* "UserForm1.Frame1.TextBox1"; scripts may leave out what is between */
    struct hn_text name; /* "TextBox1" */
    enum oforms_kind kind;
    uint32_t id;          /* in its form, frame or page */
    struct hn_text value; /* Text of boxes; 0 and 1 of buttons; the number of bars */
    struct hn_text caption;
    struct hn_text tip; /* ControlTipText */
    struct hn_text tag;
    struct hn_text group;          /* of option buttons */
    struct hn_text control_source; /* cell the value is bound to */
    struct hn_text row_source;     /* cells that fill a list */
    struct hn_text list;           /* captions of tabs and pages, one a line */
    uint32_t entry;                /* stream that has the control's properties; OLE_NONE */
    uint64_t offset;               /* of them in that stream */
};

struct oforms_form {
    uint32_t storage;
    struct hn_text name;
    const struct oforms_control *controls; /* [0] is the form itself */
    size_t control_count;
    uint32_t odd; /* OFORMS_ODD_ bits */
};

/* Storages that are forms and in no other form. Returns how many were written, at most max. */
size_t oforms_find(const struct ole_file *file, uint32_t *ret_storages, size_t max);

/* codepage: of the project, for VBFrame. limits NULL: the defaults. */
HN_MUST_USE enum hn_status oforms_read(struct hn_arena *arena, struct ole_file *file,
        uint32_t storage, uint32_t codepage, const struct oforms_limits *limits,
        const struct oforms_form **ret_form, struct hn_err *err);

/* The kind of a class of Forms 2.0, by the 16 bytes of its CLSID; OFORMS_OTHER for all others. */
enum oforms_kind oforms_kind_of_clsid(const uint8_t *clsid);

/* One control by itself: the stream "contents" of an ActiveX object. Name, tip and tag are not in
 * it. Returns OFORMS_ODD_ bits; *ret_control is filled in as far as it goes, with texts in the
 * arena. */
uint32_t oforms_control_read(struct hn_arena *arena, struct hn_bytes bytes, enum oforms_kind kind,
        struct oforms_control *ret_control);

#endif
