/* com_internal.h - objects and their classes, for the parts of this module. */
#ifndef HN_COM_COM_INTERNAL_H
#define HN_COM_COM_INTERNAL_H

#include "base/attr.h"
#include "base/buf.h"
#include "com/com.h"

#define COM_NOTES_MAX 256u
#define COM_OPEN_MAX  64u

/* Properties: those that a script sets, and those that a class keeps its state in, whose names
 * begin with two underscores. */
struct com_property {
    struct hn_text name;
    struct com_value value;
    struct com_property *next;
};

/* Keys and items of dictionaries and collections. */
struct com_list {
    struct com_value *keys; /* COM_EMPTY where a collection's item has none */
    struct com_value *items;
    uint32_t count;
    uint32_t room;
    enum { COM_LIST_DICTIONARY, COM_LIST_COLLECTION, COM_LIST_ARRAY } kind;
};

struct com_object {
    const struct com_class *class;
    struct com_property *properties;
    struct com_list *list;
    void *wrapper;
};

/* What was written to a file. */
struct com_file {
    struct hn_text path;
    const struct script_text *content;
    struct com_file *next;
};

struct com {
    struct script_run *run;
    struct com_host host;
    struct com_object *environment; /* properties: variables that the script has set */
    struct com_object *registry;
    struct com_object *clipboard; /* NULL until a script puts something there */
    struct com_file *files;
    uint32_t file_count;
    struct com_object *open[COM_OPEN_MAX]; /* text streams that are written to */
    uint32_t open_count;
    uint64_t noted[COM_NOTES_MAX]; /* hashes of notes */
    uint32_t note_count;
    bool asked;   /* what became of a request */
    bool refuses; /* no server answers well */
};

struct com_call {
    struct com *com;
    struct script_run *run;
    struct com_object *object;
    struct hn_text member;
    const struct com_value *args;
    size_t count;
    const struct com_value *put; /* NULL: read or called */
    struct com_value *outs;
    uint64_t offset;
    int32_t error; /* raised by the member */
};

typedef struct com_value com_member_fn(struct com_call *call);

struct com_member {
    const char *name; /* any case; "" is the default member */
    com_member_fn *call;
};

struct com_class {
    const char *name; /* as notes show it */
    const struct com_member *members;
    size_t count;
    com_member_fn *other; /* of members not listed; NULL: a bag of properties */
};

#define COM_CLASS(id, name, members, other) \
    const struct com_class id = { name, members, sizeof(members) / sizeof((members)[0]), other }

/* Rows of program ids: each part of this module has a table of its own. */
struct com_program {
    const char *name; /* lower case; a '*' at its end for what goes on */
    struct com_object *(*make)(struct com *com);
};
extern const struct com_program com_programs[];
extern const size_t com_program_count;

/* ---- com.c ---- */
struct com_value com_value_lit(struct com *com, const char *text);
struct com_value com_value_of(struct com *com, struct hn_text text); /* copied */
bool com_is_unknown(struct com_value value);                         /* wholly or in part */
struct com_value com_unknown_of(struct com *com, struct com_value of);
struct hn_text com_flat(struct com *com, struct com_value value); /* never of ptr NULL */
bool com_number(struct com *com, struct com_value value, double *ret_number);
int com_truth(struct com *com, struct com_value value); /* -1: unknown */
struct com_value com_join(struct com *com, struct com_value a, struct com_value b);
const struct script_text *com_join3(
        struct com *com, const struct script_text *a, const char *mid, const struct script_text *b);
const struct script_text *com_literal(struct com *com, const char *text);

/* ---- com_object.c ---- */
struct com_object *com_object_new(struct com *com, const struct com_class *class);
struct com_value com_make(struct com *com, const struct com_class *class);
struct com_value *com_prop(
        struct com *com, struct com_object *object, struct hn_text name, bool make);
struct com_value com_get(struct com *com, struct com_object *object, const char *name);
void com_set(struct com *com, struct com_object *object, const char *name, struct com_value value);
void com_store(struct com *com, struct com_value *slot, struct com_value value);
/* Arguments: of kind COM_MISSING, empty, `other` when there is none. */
struct com_value com_arg(const struct com_call *call, size_t index);
struct com_value com_arg_plain(const struct com_call *call, size_t index); /* default members */
const struct script_text *com_arg_text(const struct com_call *call, size_t index);
struct hn_text com_arg_flat(const struct com_call *call, size_t index);
int64_t com_arg_int(const struct com_call *call, size_t index, int64_t other);
bool com_has_arg(const struct com_call *call, size_t index);
struct com_object *com_arg_object(const struct com_call *call, size_t index);
bool com_member_is(const struct com_call *call, const char *name);
/* Members that many classes have: of no consequence; a property; the object itself. */
struct com_value com_quiet(struct com_call *call);
struct com_value com_bag(struct com_call *call);
struct com_value com_same(struct com_call *call);

/* ---- com_tell.c ---- */
void com_note(struct com *com, enum script_note_kind kind, uint64_t offset, const char *fmt, ...)
        HN_PRINTF(4, 5);
void com_tell(struct com *com, const struct script_act *act);
void com_tell_field(const struct com_call *call, enum script_act_kind kind, const char *via,
        const char *name, struct com_value value);
void com_tell_layer(const struct com_call *call, enum script_language language,
        const struct script_text *text, const char *how);
void com_layer(struct com *com, const struct script_layer *layer);
void com_note_hidden(const struct com_call *call, size_t index); /* of a window's state */

/* ---- Classes that others make ---- */
extern const struct com_class com_class_unmodelled;
struct com_object *com_make_shell(struct com *com);
struct com_object *com_make_script_host(struct com *com);
struct com_object *com_make_network(struct com *com);
struct com_object *com_make_script_control(struct com *com);
struct com_object *com_make_application(struct com *com);
struct com_object *com_make_browser(struct com *com);
struct com_object *com_make_schedule(struct com *com);
struct com_object *com_make_installer(struct com *com);
struct com_object *com_make_http(struct com *com);
struct com_object *com_make_stream(struct com *com);
struct com_object *com_make_formatter(struct com *com);
struct com_object *com_make_recordset(struct com *com);
struct com_object *com_make_files(struct com *com);
struct com_object *com_make_dom(struct com *com);
struct com_object *com_make_encoding(struct com *com);
struct com_object *com_make_base64(struct com *com);
struct com_object *com_make_dictionary(struct com *com);
struct com_object *com_make_collection(struct com *com);
struct com_object *com_make_list(struct com *com);
struct com_object *com_make_data_object(struct com *com);
struct com_object *com_make_regexp(struct com *com);
struct com_object *com_make_locator(struct com *com);
struct com_object *com_make_office(struct com *com);
struct com_object *com_make_outlook(struct com *com);
bool com_list_add(
        struct com *com, struct com_list *list, struct com_value key, struct com_value item);
/* A folder of the user or the system by the name that WScript.Shell has for it. */
struct com_value com_special_folder(struct com *com, struct hn_text name);
void com_text_close(struct com *com, struct com_object *stream, uint64_t offset);

#endif
