/* script.h - what the evaluators of scripts share: the budget, texts that know where they came
 * from, and what an evaluated script would do. The one header of this module.
 *
 * Nothing of a script is ever run. An evaluator (src/powershell, src/vbscript, src/jscript,
 * src/batch) computes what pure operators compute, models the objects malware uses, and hands to a
 * sink what the script would do, which layers it unpacks, and which texts it makes. What cannot be
 * known (a reply of a server, a clock, a member nobody modelled) is an unknown value, never a stop;
 * a condition on one takes both branches.
 *
 * Life: script_run_init() -> <language>_evaluate(run, source) -> script_run_deinit(). Texts,
 * origins and what the sink is shown live until then. Concurrency: one thread at a time. Memory:
 * everything is in the run's arena, capped by bytes_max. Limits: struct script_limits; past one the
 * evaluator returns what it has learned, and run->stop says which. That is a finding, not a
 * failure. */
#ifndef HN_SCRIPT_SCRIPT_H
#define HN_SCRIPT_SCRIPT_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCRIPT_LANGUAGE_LIST(X)                                                           \
    X(SCRIPT_UNKNOWN, "unknown")                                                          \
    X(SCRIPT_VBA, "vba")                                                                  \
    X(SCRIPT_VBSCRIPT, "vbscript")                                                        \
    X(SCRIPT_POWERSHELL, "powershell")                                                    \
    X(SCRIPT_JSCRIPT, "jscript")                                                          \
    X(SCRIPT_BATCH, "batch")                                                              \
    X(SCRIPT_COMMAND, "command") /* one command line, as it is handed to CreateProcess */ \
    X(SCRIPT_HTML, "html")       /* HTA, or a page handed to mshta */                     \
    X(SCRIPT_PROGRAM, "program") /* bytes of a file the script would write or load */     \
    X(SCRIPT_XLM, "xlm")         /* macro sheets of Excel 4.0, as text: src/xlm */

enum script_language {
#define SCRIPT_LANGUAGE_ENUM(name, id) name,
    SCRIPT_LANGUAGE_LIST(SCRIPT_LANGUAGE_ENUM)
#undef SCRIPT_LANGUAGE_ENUM
            SCRIPT_LANGUAGE_COUNT
};
const char *script_language_id(enum script_language language); /* "powershell"; never NULL */

struct com_link; /* src/com */

struct script_limits {
    uint64_t steps_max;    /* of one evaluation */
    size_t bytes_max;      /* all values of one evaluation */
    size_t text_bytes_max; /* one text */
    uint32_t depth_max;    /* calls within calls, and nesting of syntax */
    uint32_t acts_max;     /* told to the sink; the rest is counted */
    uint32_t layers_max;   /* scripts within scripts, of one evaluation */
};
extern const struct script_limits script_limits_default;

/* ---- Where values come from ---- */

#define SCRIPT_NOWHERE UINT64_MAX

/* One step of the way a value took. Steps form a tree whose leaves are literals of the source and
 * stores of the document. Immutable, in the arena. */
struct script_origin {
    const char *step; /* static English id: "literal", "base64", "store", "replace", "xor", ... */
    uint64_t offset;  /* bytes into the source of the layer; SCRIPT_NOWHERE */
    struct hn_text detail; /* name of the store, the key, ...; may be empty */
    const struct script_origin *from[2];
};

/* ---- Texts ---- */

/* Immutable; joins are O(1) and flattened once when somebody reads them. Bytes are UTF-8, lone
 * surrogates as three bytes (WTF-8), so that every string of VBA, JScript and PowerShell has one
 * form. Lengths and positions that scripts see count UTF-16 units. */
struct script_text {
    const struct script_text *left; /* of a join not flattened yet; else NULL */
    const struct script_text *right;
    const char *ptr;
    size_t len;
    size_t units;
    bool ascii;
    bool unknown; /* some part of it cannot be known; that part reads "{name}" */
    const struct script_origin *origin;
};

/* ---- What a script would do ---- */

/* Named after what the log of a host would show; script_act_event_id() gives Sysmon's number. */
#define SCRIPT_ACT_LIST(X)                                                                         \
    X(SCRIPT_ACT_PROCESS, "process")       /* Image, CommandLine, CurrentDirectory, ParentImage */ \
    X(SCRIPT_ACT_FILE_WRITE, "file_write") /* TargetFilename, Url, Sha256 */                       \
    X(SCRIPT_ACT_FILE_READ, "file_read")   /* TargetFilename */                                    \
    X(SCRIPT_ACT_FILE_DELETE, "file_delete")       /* TargetFilename */                            \
    X(SCRIPT_ACT_REGISTRY_WRITE, "registry_write") /* TargetObject, Details */                     \
    X(SCRIPT_ACT_REGISTRY_READ, "registry_read")   /* TargetObject */                              \
    X(SCRIPT_ACT_DNS, "dns_query")                 /* QueryName */                                 \
    X(SCRIPT_ACT_HTTP, "http_request")             /* Url, Method, UserAgent, Referer, Body */     \
    X(SCRIPT_ACT_CONNECT, "connect")         /* DestinationHostname or DestinationIp, -Port */     \
    X(SCRIPT_ACT_WMI, "wmi_call")            /* Namespace, Class, Method, Arguments */             \
    X(SCRIPT_ACT_COM, "com_create")          /* ProgId or Clsid */                                 \
    X(SCRIPT_ACT_MODULE_LOAD, "module_load") /* ImageLoaded */                                     \
    X(SCRIPT_ACT_API_CALL, "api_call")       /* Library, Function, Arguments */                    \
    X(SCRIPT_ACT_TASK, "scheduled_task")     /* TaskName, CommandLine */                           \
    X(SCRIPT_ACT_SERVICE, "service")         /* ServiceName, ImagePath */                          \
    X(SCRIPT_ACT_MAIL, "mail")               /* To, Subject */                                     \
    X(SCRIPT_ACT_ENVIRONMENT, "environment") /* Name: a question that sandboxes answer oddly */    \
    X(SCRIPT_ACT_SLEEP, "sleep")             /* Seconds */                                         \
    X(SCRIPT_ACT_SHOW, "message")            /* Text */

enum script_act_kind {
#define SCRIPT_ACT_ENUM(name, id) name,
    SCRIPT_ACT_LIST(SCRIPT_ACT_ENUM)
#undef SCRIPT_ACT_ENUM
            SCRIPT_ACT_COUNT
};
const char *script_act_id(enum script_act_kind kind);

#define SCRIPT_FIELDS_MAX 8

struct script_field {
    const char *name; /* static: Sysmon's name where it has one */
    const struct script_text *value;
};

struct script_act {
    enum script_act_kind kind;
    struct script_field fields[SCRIPT_FIELDS_MAX];
    size_t field_count;
    uint64_t offset;  /* of the statement in the layer's source */
    bool conditional; /* on a branch whose condition is unknown */
    const char *via;  /* static: "WScript.Shell.Run", "Win32_Process.Create", "Start-Process" */
};

/* A script (or program) that this one contains, decoded, starts or writes. */
struct script_layer {
    enum script_language language; /* SCRIPT_UNKNOWN: look at it */
    const struct script_text *text;
    const char *how; /* static: "EncodedCommand", "Invoke-Expression", "eval", "ExecuteGlobal" */
    struct hn_text name; /* of the file it would be written to; may be empty */
    uint64_t offset;
    /* The evaluator goes into it by itself, with the variables of this one (Invoke-Expression,
     * eval): it is shown, not evaluated again. */
    bool evaluated;
};

#define SCRIPT_NOTE_LIST(X)                                                                      \
    X(SCRIPT_NOTE_SYNTAX, "syntax")           /* a statement was not understood and left out */  \
    X(SCRIPT_NOTE_UNMODELLED, "unmodelled")   /* an object, member or command nobody modelled */ \
    X(SCRIPT_NOTE_LIMIT, "limit")             /* run->stop says which */                         \
    X(SCRIPT_NOTE_BOTH, "both_branches")      /* an unknown condition */                         \
    X(SCRIPT_NOTE_OBFUSCATION, "obfuscation") /* a technique, by name: "backtick", "reverse" */  \
    X(SCRIPT_NOTE_AUTORUN, "autorun")         /* an entry point that runs by itself, by name */  \
    X(SCRIPT_NOTE_EVASION, "evasion")         /* AMSI, execution policy, logging, window hidden */

enum script_note_kind {
#define SCRIPT_NOTE_ENUM(name, id) name,
    SCRIPT_NOTE_LIST(SCRIPT_NOTE_ENUM)
#undef SCRIPT_NOTE_ENUM
            SCRIPT_NOTE_COUNT
};
const char *script_note_id(enum script_note_kind kind);

/* Told in the order of evaluation. What is passed lives as long as the run. Members may be NULL. */
struct script_sink {
    void *ctx;
    void (*on_act)(void *ctx, const struct script_act *act);
    void (*on_layer)(void *ctx, const struct script_layer *layer);
    /* A text that was not in the source as it stands: the result of decoding, joining, replacing.
     */
    void (*on_text)(void *ctx, const struct script_text *text);
    void (*on_note)(void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail);
    /* An environment variable that programs started by the script find set. */
    void (*on_variable)(void *ctx, struct hn_text name, const struct script_text *value);
};

/* ---- One evaluation ---- */

#define SCRIPT_STOP_LIST(X)                                                            \
    X(SCRIPT_STOP_NONE, "none")                                                        \
    X(SCRIPT_STOP_STEPS, "steps")                                                      \
    X(SCRIPT_STOP_BYTES, "bytes")                                                      \
    X(SCRIPT_STOP_DEPTH, "depth") /* noted; the call alone is given up, not the run */ \
    X(SCRIPT_STOP_MEMORY, "memory")

enum script_stop {
#define SCRIPT_STOP_ENUM(name, id) name,
    SCRIPT_STOP_LIST(SCRIPT_STOP_ENUM)
#undef SCRIPT_STOP_ENUM
};
const char *script_stop_id(enum script_stop stop);

struct script_run {
    struct hn_arena arena;
    struct script_limits limits;
    struct script_sink sink;
    uint64_t steps; /* taken */
    enum script_stop stop;
    uint32_t acts; /* told and not told */
    uint32_t layers;
    bool conditional; /* set by the evaluator while it is on an unknown branch */
    /* Set by the evaluator while it goes through what a script has perhaps left, such as the rest
     * of a loop that ends with the first download that went well: acts that were told already are
     * not told again. */
    bool again;
    uint32_t news; /* acts that were told for the first time */
    /* For pages in several languages (com.h): whether the run serves more than one, the one that
     * was evaluated first, NULL before that, and calls from one into the other. */
    bool linked;
    const struct com_link *link;
    uint32_t hops;
    uint64_t *told; /* hashes of acts; NULL: none yet */
};

void script_run_init(
        struct script_run *run, const struct script_limits *limits, const struct script_sink *sink);
void script_run_deinit(struct script_run *run);

/* Counts work; false when the budget is used up. cost 1 is about one operator. */
bool script_spend(struct script_run *run, uint64_t cost);
/* Whether evaluation goes on. */
HN_INLINE bool script_goes_on(const struct script_run *run)
{
    return run->stop == SCRIPT_STOP_NONE;
}

/* A part of the document that scripts read like a variable: "UserForm1.TextBox1.Text",
 * "ActiveDocument.Variables(\"x\")", "ThisWorkbook.Sheets(1).Range(\"A1\")". False: there is none.
 */
typedef bool script_lookup(void *ctx, struct hn_text name, struct hn_text *ret_text);

/* One part of the source; VBA has one per module. */
struct script_part {
    struct hn_text name; /* of the module or file; may be empty */
    struct hn_text text; /* UTF-8, ill-formed bytes allowed */
};

struct script_source {
    enum script_language language;
    const struct script_part *parts;
    size_t part_count;
    script_lookup *lookup; /* may be NULL */
    void *lookup_ctx;
    struct hn_text
            file_name; /* of the script or document: WScript.ScriptFullName, %0; may be empty */
    const char *host;  /* static: what runs it, "winword.exe", "wscript.exe"; may be NULL */
};

/* ---- Texts: making and reading. NULL when the budget is used up ---- */

const struct script_origin *script_origin_new(struct script_run *run, const char *step,
        uint64_t offset, struct hn_text detail, const struct script_origin *a,
        const struct script_origin *b);

/* text is copied unless it is the source itself, which outlives the run. */
const struct script_text *script_text_new(
        struct script_run *run, struct hn_text text, const struct script_origin *origin);
const struct script_text *script_text_borrow(
        struct script_run *run, struct hn_text text, const struct script_origin *origin);
/* A text nobody can know, which reads "{name}". */
const struct script_text *script_text_unknown(
        struct script_run *run, const char *name, const struct script_origin *origin);
const struct script_text *script_text_join(
        struct script_run *run, const struct script_text *a, const struct script_text *b);
/* Bytes as a script's string, one unit per byte (Latin-1), as base64 decoders of scripts do. */
const struct script_text *script_text_from_bytes(
        struct script_run *run, struct hn_bytes bytes, const struct script_origin *origin);
const struct script_text *script_text_from_units(struct script_run *run, const uint16_t *units,
        size_t count, const struct script_origin *origin);
/* The same text with another step behind its origin. */
const struct script_text *script_text_step(struct script_run *run, const struct script_text *text,
        const char *step, uint64_t offset, struct hn_text detail);

/* Its bytes; flattens on first use. An empty view of ptr NULL when the budget is used up. */
struct hn_text script_text_flat(struct script_run *run, const struct script_text *text);
/* Its UTF-16 units, text->units of them; NULL when the budget is used up. */
const uint16_t *script_text_units(struct script_run *run, const struct script_text *text);
/* [start, start + count) in units, cut to what is there. */
const struct script_text *script_text_sub(
        struct script_run *run, const struct script_text *text, size_t start, size_t count);
/* One byte per unit below 256; false when there is another one. For binary data in strings. */
bool script_text_bytes(
        struct script_run *run, const struct script_text *text, struct hn_bytes *ret_bytes);

/* The way a text took, first step first: "literal@120 > base64 > inflate > store X". At most max
 * steps, of both sides of joins the first and the last. Returns their number. */
size_t script_text_path(
        const struct script_text *text, const struct script_origin **ret_steps, size_t max);

/* ---- Telling: fills in what the run knows, counts, keeps to limits ---- */

/* Starts an act; fields are added; script_tell() hands it to the sink. */
struct script_act script_act(
        const struct script_run *run, enum script_act_kind kind, uint64_t offset, const char *via);
void script_act_add(struct script_act *act, const char *name, const struct script_text *value);
void script_tell(struct script_run *run, const struct script_act *act);
void script_tell_layer(struct script_run *run, const struct script_layer *layer);
void script_tell_text(struct script_run *run, const struct script_text *text);
void script_tell_note(
        struct script_run *run, enum script_note_kind kind, uint64_t offset, struct hn_text detail);

/* What is unknown as a whole or empty is not told. */
void script_tell_variable(
        struct script_run *run, struct hn_text name, const struct script_text *value);

/* ---- Shared decoders ---- */

/* gzip, zlib or raw deflate, recognised. False when it is none of them or damaged from the start;
 * what came out before damage counts. Within text_bytes_max. */
bool script_inflate(struct script_run *run, struct hn_bytes packed, struct hn_bytes *ret_bytes);

/* Every part that the Windows Script Encoder wrote (#@~^...^#~@ of .vbe and .jse) in plain, all
 * else as it is. False (and *ret_text left alone) when there is none. */
bool script_unencode(
        struct script_run *run, struct hn_text text, const struct script_text **ret_text);

/* An environment variable of the machine that is assumed; *ret_value NULL: it is there, but what it
 * holds cannot be known. False: there is none. */
bool script_environment(struct hn_text name, const char **ret_value);

struct script_variable {
    const char *name;  /* as Windows spells it */
    const char *value; /* NULL: cannot be known; what a user decides keeps its name: "%TEMP%" */
    const char *path;  /* the same as a path with {user} in it; NULL: as value */
};
/* The same table for who lists it; NULL past the last. */
const struct script_variable *script_environment_at(size_t index);

/* What a file holds that came with the sample or that a script of it has written. Scripts name
 * files with folders nobody knows, so the last part of the path is what counts: source->lookup is
 * asked for "file:NAME". False: there is none. */
#define SCRIPT_FILE_PREFIX "file:"
bool script_file(const struct script_source *source, struct hn_text path, struct hn_text *ret_text);

/* How a layer came about that a page makes and hands to its reader as a file. */
#define SCRIPT_HOW_SMUGGLED "smuggled"

/* What a script in front of this one has left in its environment, or on the clipboard (a name that
 * no variable has). False: nothing. */
#define SCRIPT_VARIABLE_PREFIX "env:"
#define SCRIPT_CLIPBOARD       "<clipboard>"
bool script_inherited(
        const struct script_source *source, struct hn_text name, struct hn_text *ret_text);

/* A <resource id="x"> of a script file is a store by this name: getResource("x") reads it. */
#define SCRIPT_RESOURCE_PREFIX "resource:"

/* What stands in the element of a page with this id or name: "element:ID"; its attributes:
 * "element:ID.NAME"; the title of the page: "element:title". */
#define SCRIPT_ELEMENT_PREFIX "element:"
/* Scripts of the second and further jobs of a script file are called "job 2": each job runs by
 * itself. */
#define SCRIPT_JOB_PREFIX "job "
/* What an <object> with this id is: its progid, "{...}" of its class. */
#define SCRIPT_OBJECT_PREFIX "object:"

/* Which language a text or file name looks like; SCRIPT_UNKNOWN when nothing says. */
enum script_language script_language_guess(struct hn_text text);
enum script_language script_language_of_file(struct hn_text file_name);

#endif
