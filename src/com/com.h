/* com.h - the objects of Windows that scripts of every language call: shell, files, HTTP, streams,
 * XML, WMI. The one header of this module.
 *
 * Nothing is done; what a call would do is told as an act (script.h), what it would give back is a
 * value where that can be known, else an unknown one. A member nobody modelled gives an unknown
 * value and one note.
 *
 * Life: com_create() or com_moniker() -> com_invoke()... -> ends with the run.
 * Concurrency, memory: those of the run.
 * Limits: those of the run; arguments behind COM_ARGS_MAX are left out. */
#ifndef HN_COM_COM_H
#define HN_COM_COM_H

#include "script/script.h"

#define COM_ARGS_MAX 16u

enum com_kind {
    COM_UNKNOWN, /* text says what of */
    COM_EMPTY,
    COM_BOOL,
    COM_NUMBER,
    COM_TEXT,
    COM_BYTES, /* text holds a unit per byte */
    COM_OBJECT,
};

struct com_object; /* opaque */

struct com_value {
    enum com_kind kind;
    bool truth;
    double number;
    const struct script_text *text;
    struct com_object *object;
};

/* How a member is named: called or read (languages cannot tell), or given a value (the last of the
 * arguments). */
enum com_access { COM_GET, COM_PUT };

/* For a program id ("WScript.Shell") or class id ("new:{...}", "{...}"). Always an object, if only
 * one that knows nothing; the creation is told as an act. NULL when the run is out of memory. */
struct com_object *com_create(
        struct script_run *run, const struct script_text *name, uint64_t offset);
/* For what GetObject() is given: "winmgmts:...", "script:http://...", a file. */
struct com_object *com_moniker(
        struct script_run *run, const struct script_text *name, uint64_t offset);
/* Objects that are there without being asked for: "WScript". NULL when there is none of that name.
 */
struct com_object *com_ambient(
        struct script_run *run, struct hn_text name, const struct script_source *source);

struct com_invocation {
    struct com_object *object;
    struct hn_text member; /* empty: the object itself, which some call like a function */
    enum com_access access;
    const struct com_value *args; /* of COM_PUT with the value last */
    size_t count;
    uint64_t offset;
};
/* Always fills *ret_value. */
void com_invoke(
        struct script_run *run, const struct com_invocation *what, struct com_value *ret_value);

const char *com_class(const struct com_object *object); /* static: "WScript.Shell" */

/* Values as texts, as all languages convert them; NULL when the run is out of memory. */
const struct script_text *com_text(struct script_run *run, const struct com_value *value);
struct com_value com_value_text(const struct script_text *text);
struct com_value com_value_number(double number);
struct com_value com_value_bool(bool truth);
struct com_value com_value_unknown(struct script_run *run, const char *name);
struct com_value com_value_object(struct com_object *object);

/* A command line that is handed to the system: told as a process and as a layer to look into. */
void com_tell_process(struct script_run *run, const struct script_text *command, uint64_t offset,
        const char *via);

#endif
