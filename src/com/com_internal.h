/* com_internal.h - objects and their classes, for the parts of this module. */
#ifndef HN_COM_COM_INTERNAL_H
#define HN_COM_COM_INTERNAL_H

#include "base/attr.h"
#include "com/com.h"

#define COM_SLOTS 8u

/* Properties that a script has set, and that nobody models. */
struct com_property {
    struct hn_text name;
    struct com_value value;
    struct com_property *next;
};

struct com_object {
    const struct com_kind_of *kind;
    const struct script_text *slots[COM_SLOTS]; /* what they hold is said where the class is */
    struct com_object *link;
    uint32_t state;
    struct com_property *properties;
};

struct com_call {
    struct script_run *run;
    struct com_object *object;
    struct hn_text member;
    enum com_access access;
    const struct com_value *args;
    size_t count;
    uint64_t offset;
    struct com_value *ret; /* unknown until it is set */
};

struct com_member {
    const char *name;
    void (*call)(struct com_call *call);
};

struct com_kind_of {
    const char *name;
    const struct com_member *members; /* ends with a name of NULL */
};

extern const struct com_kind_of com_shell_kind;       /* WScript.Shell */
extern const struct com_kind_of com_application_kind; /* Shell.Application */
extern const struct com_kind_of com_http_kind;
extern const struct com_kind_of com_stream_kind;
extern const struct com_kind_of com_files_kind; /* Scripting.FileSystemObject */
extern const struct com_kind_of com_dom_kind;   /* Microsoft.XMLDOM */
extern const struct com_kind_of com_wmi_kind;
extern const struct com_kind_of com_locator_kind;
extern const struct com_kind_of com_host_kind; /* WScript */
extern const struct com_kind_of com_any_kind;  /* nobody knows what it does */

struct com_object *com_object_new(struct script_run *run, const struct com_kind_of *kind);
/* An argument as text; the empty text when there is none. */
const struct script_text *com_arg(const struct com_call *call, size_t index);
struct hn_text com_arg_flat(const struct com_call *call, size_t index);
/* The text of the call's value when it is a COM_PUT, else NULL. */
const struct script_text *com_put(const struct com_call *call);
const struct script_text *com_literal(struct script_run *run, const char *text);
void com_return_text(struct com_call *call, const struct script_text *text);
void com_return_object(struct com_call *call, struct com_object *object);

/* One act of one field, or of two; a value of NULL is left out. */
struct com_told {
    const char *name;
    const struct script_text *value;
};
void com_tell(const struct com_call *call, enum script_act_kind kind, const char *via,
        const char *name, const struct script_text *value);
void com_tell_pair(const struct com_call *call, enum script_act_kind kind, const char *via,
        struct com_told first, struct com_told second);
/* A file of this name is written with this content, which is looked into. */
void com_tell_file(const struct com_call *call, const char *via, const struct script_text *path,
        const struct script_text *content);
/* %NAME% resolved as on a usual machine; other names stay. */
const struct script_text *com_expand(
        struct script_run *run, const struct script_text *text, uint64_t offset);

#endif
