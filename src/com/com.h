/* com.h - the objects of Windows that scripts of every language call: shell, files, HTTP, streams,
 * XML, WMI, dictionaries, regular expressions, Office. The one header of this module, and the one
 * model of them: evaluators convert values and hand calls on, no more.
 *
 * Nothing is done; what a call would do is told as an act (script.h), what it would give back is a
 * value where that can be known, else an unknown one. A member nobody modelled gives an unknown
 * value and one note; a property that was set gives back what it was set to.
 *
 * Life: com_new() -> com_create() or com_moniker() -> com_invoke()... -> com_close_files(); all of
 * it ends with the run. Concurrency, memory: those of the run; nothing has to be freed.
 * Ownership: values and objects live in the run's arena. `foreign` and what com_wrapper() holds
 * belong to the language, which alone knows what they are.
 * Limits: those of the run; COM_ITEMS_MAX items of a list, COM_FILES_MAX files known by content;
 * regular expressions within a match limit. */
#ifndef HN_COM_COM_H
#define HN_COM_COM_H

#include "script/script.h"

#define COM_ARGS_MAX  16u
#define COM_ITEMS_MAX (1u << 20)
#define COM_FILES_MAX 256u

enum com_kind {
    COM_EMPTY,
    COM_MISSING, /* an argument left out */
    COM_UNKNOWN, /* text says what of */
    COM_BOOL,
    COM_NUMBER, /* text, when not NULL, is how its language writes it */
    COM_TEXT,
    COM_BYTES, /* text holds a unit per byte */
    COM_ARRAY, /* count items */
    COM_OBJECT,
    COM_FOREIGN, /* something of the language: kept and given back; text reads for it */
};

struct com;        /* the objects of one evaluation; opaque */
struct com_object; /* opaque */

struct com_value {
    enum com_kind kind;
    bool truth;
    double number;
    const struct script_text *text;
    struct com_object *object;
    const struct com_value *items;
    size_t count;
    /* The value as its language has it, of any kind; it is kept with the rest, and a value that
     * comes back with one is that. NULL where the rest says all. */
    const void *foreign;
};

/* ---- The host ---- */

/* Text handed to ScriptControl. */
struct com_script {
    enum script_language language;
    const struct script_text *text; /* of `run`: the name of a procedure */
    enum { COM_SCRIPT_ADD, COM_SCRIPT_EVAL, COM_SCRIPT_RUN } how;
    const struct com_value *args; /* of COM_SCRIPT_RUN */
    size_t count;
    uint64_t offset;
};

/* What a language lends the objects. Every member may be NULL or empty. */
struct com_host {
    void *ctx;
    const struct script_source
            *source;   /* name of the script; its host is the parent of processes */
    const char *image; /* what runs the script, when the source does not say */
    /* In place of script_tell(), script_tell_layer() and script_tell_note(), for languages that
     * tell a thing once. */
    void (*tell)(void *ctx, const struct script_act *act);
    void (*layer)(void *ctx, const struct script_layer *layer);
    void (*note)(void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail);
    /* A value that objects keep is about to change: for languages that take branches back. */
    void (*on_store)(void *ctx, struct com_value *slot);
    /* A variable of the environment as the language has it; false: as src/script has it. */
    bool (*variable)(void *ctx, struct hn_text name, struct com_value *ret_value);
    /* Evaluates in place; false: the text is told as a layer. */
    bool (*evaluate)(void *ctx, const struct com_script *script, struct com_value *ret_value);
    /* WScript.Quit */
    void (*quit)(void *ctx);
};

/* ---- Two languages in one run ----
 *
 * Scripts of a page see each other's variables and functions. Where run->linked is set, the
 * evaluator that comes first leaves run->link behind, and the next one asks there for names it does
 * not know. Objects of Windows go across; of what else belongs to a language its text does. */
#define COM_HOPS_MAX 8u /* calls from one to the other within each other */

struct com_question {
    struct hn_text name;
    const struct com_value *args;
    size_t count;
    bool call; /* of a function; false: the value of a variable */
};
struct com_link {
    void *ctx;
    bool (*answer)(void *ctx, const struct com_question *question, struct com_value *ret_value);
    void (*finish)(void *ctx); /* gives back what the evaluator has kept; NULL: nothing */
};

/* NULL when the run is out of memory. host is copied. */
struct com *com_new(struct script_run *run, const struct com_host *host);
/* Whether a script has asked how a server answered, which nobody can know: all answer well, so what
 * it does when one does not is learned by evaluating it once more where none does. */
bool com_asked(const struct com *com);
void com_refuse(struct com *com);
/* Tells the files that a script has written to and never closed. */
void com_close_files(struct com *com);

/* ---- Objects ---- */

/* For a program id ("WScript.Shell") or class id ("new:{...}", "{...}", "clsid:..."). Always an
 * object, if only one that knows nothing; the creation is told as an act. NULL when the run is out
 * of memory. */
struct com_object *com_create(struct com *com, const struct script_text *name, uint64_t offset);
/* For what GetObject() is given: "winmgmts:...", "script:http://...", a file. */
struct com_object *com_moniker(struct com *com, const struct script_text *name, uint64_t offset);
/* What an <object id=...> of a page or script file declares; NULL: there is none of that name. */
struct com_object *com_declared(
        struct com *com, const struct script_source *source, struct hn_text id, uint64_t offset);
/* The same as com_create() without telling; NULL when nobody modelled the name. Besides program
 * ids it knows what type libraries call their classes: "Collection", "XMLHTTP60". */
struct com_object *com_known(struct com *com, struct hn_text name);
/* A class of WMI by its path, for languages that have it without a moniker: [wmiclass]"...". */
struct com_object *com_wmi_class(struct com *com, struct hn_text path);
/* Objects that are there without being asked for: "WScript". NULL when there is none of that name.
 */
struct com_object *com_ambient(struct com *com, struct hn_text name);

struct com_invocation {
    struct com_object *object;
    struct hn_text member; /* empty: the default member, as of object(args) */
    const struct com_value *args;
    size_t count;
    const struct com_value *put; /* NULL: the member is called or read; languages cannot tell */
    /* For arguments by reference: NULL, or room for count values; those of kind COM_MISSING when it
     * returns were not written to. */
    struct com_value *outs;
    uint64_t offset;
};
/* Always fills *ret_value. Returns the number of the error that the call raises, as Basic's Err
 * has it; 0: none. */
int32_t com_invoke(struct com *com, const struct com_invocation *what, struct com_value *ret_value);
/* The value that the object has where one is needed; false: it has none. */
bool com_default(struct com *com, struct com_object *object, struct com_value *ret_value);
/* What For Each walks over; false: unknown. */
bool com_items(struct com *com, struct com_object *object, const struct com_value **ret_items,
        size_t *ret_count);
const char *com_class(const struct com_object *object); /* static: "WScript.Shell" */
/* Where a language keeps its own object for this one, so that there is one of it. */
void **com_wrapper(struct com_object *object);

/* ---- Values ---- */

/* As all languages convert them; NULL when the run is out of memory. */
const struct script_text *com_text(struct com *com, const struct com_value *value);
struct com_value com_value_text(const struct script_text *text);
struct com_value com_value_bytes(const struct script_text *text);
struct com_value com_value_number(double number);
struct com_value com_value_bool(bool truth);
struct com_value com_value_object(struct com_object *object);
struct com_value com_value_unknown(struct com *com, const char *fmt, ...) HN_PRINTF(2, 3);

/* ---- What languages tell in the same way as the objects ---- */

/* A command line that is handed to the system: told as a process and as a layer to look into.
 * parent NULL: the host of the script. */
void com_tell_process(struct com *com, const struct script_text *command, uint64_t offset,
        const char *via, const char *parent);
/* A file of this name is written; its content (NULL: of no known one) is looked into, and known
 * when it is read again. What came from a server is told with its Url. */
void com_tell_file(struct com *com, const struct script_text *path,
        const struct script_text *content, uint64_t offset, const char *via);
/* The address that a text came from: of "{reply of URL}" in it; empty: from none. */
struct hn_text com_reply_url(struct hn_text text);
/* The same without telling: the language has told it. */
void com_keep_file(struct com *com, struct hn_text path, const struct script_text *content);
/* What was written to a file of that name before, NULL: nothing that is known. */
const struct script_text *com_file_content(struct com *com, struct hn_text path);
/* The same, else what the sample has under that name. */
const struct script_text *com_file_read(struct com *com, struct hn_text path);
void com_tell_http(
        struct com *com, const struct script_text *url, uint64_t offset, const char *via);
/* A variable of the environment: as the script set it, else of a usual machine; empty text when
 * there is none. Asking for what differs between machines is told. */
struct com_value com_environment(struct com *com, struct hn_text name, uint64_t offset);
/* %NAME% resolved; other names stay. */
const struct script_text *com_expand(
        struct com *com, const struct script_text *text, uint64_t offset);

#endif
