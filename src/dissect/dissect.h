/* dissect.h - the tree that comes of taking a sample apart, and what those who take it apart use to
 * say what they find. The one header of this module.
 *
 * A sample is an object; what is in it are objects below it: mail parts, archive entries, streams,
 * macros, layers of scripts, programs. Openers (src/mail, src/office, src/container, src/program,
 * ...) are functions that are given one object and add
 *   children   what it contains, to be opened in turn;
 *   facts      what it says about itself, as named values ("subject", "template_url");
 *   notes      what is odd, damaged, refused or could not be opened, with its place;
 *   stores     strings that its scripts may read (forms, variables, properties, cells);
 *   texts      what people or scripts read, in which indicators are looked for;
 *   acts       what a script would do (script.h).
 * Rules judge these as events; nothing here decides what is malicious.
 *
 * Life: dissect_new() -> dissect_child(DISSECT_NONE) for the sample -> openers -> read the tree ->
 * dissect_free().
 * Concurrency: one thread at a time. It runs in a jailed worker, on hostile bytes.
 * Memory: an arena, capped by memory_bytes_max; views handed in are copied unless said otherwise.
 * Limits: struct dissect_limits; past one the call answers HN_LIMIT, a note says which, once per
 * limit and object, and the opener goes on with what it has. */
#ifndef HN_DISSECT_DISSECT_H
#define HN_DISSECT_DISSECT_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/view.h"
#include "script/script.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISSECT_NONE    UINT32_MAX
#define DISSECT_NOWHERE UINT64_MAX

/* X(name, id, category of the log source that its event gets) */
#define DISSECT_FORMAT_LIST(X)                                                                     \
    X(DISSECT_UNKNOWN, "unknown", "file")                                                          \
    X(DISSECT_TEXT, "text", "file")                                                                \
    X(DISSECT_EML, "eml", "mail")                                                                  \
    X(DISSECT_MBOX, "mbox", "mail")                                                                \
    X(DISSECT_MSG, "msg", "mail")                                                                  \
    X(DISSECT_TNEF, "tnef", "mail")                                                                \
    X(DISSECT_ZIP, "zip", "archive")                                                               \
    X(DISSECT_7Z, "7z", "archive")                                                                 \
    X(DISSECT_RAR, "rar", "archive")                                                               \
    X(DISSECT_CAB, "cab", "archive")                                                               \
    X(DISSECT_ISO, "iso", "archive")                                                               \
    X(DISSECT_UDF, "udf", "archive")                                                               \
    X(DISSECT_VHD, "vhd", "archive")                                                               \
    X(DISSECT_VHDX, "vhdx", "archive")                                                             \
    X(DISSECT_GZIP, "gzip", "archive")                                                             \
    X(DISSECT_TAR, "tar", "archive")                                                               \
    X(DISSECT_BZIP2, "bzip2", "archive")                                                           \
    X(DISSECT_XZ, "xz", "archive")                                                                 \
    X(DISSECT_ZSTD, "zstd", "archive")                                                             \
    X(DISSECT_OLE, "ole", "document") /* a compound file of no kind below */                       \
    X(DISSECT_DOC, "doc", "document")                                                              \
    X(DISSECT_XLS, "xls", "document")                                                              \
    X(DISSECT_PPT, "ppt", "document")                                                              \
    X(DISSECT_MSI, "msi", "program")                                                               \
    X(DISSECT_DOCX, "docx", "document") /* with docm, dotx, dotm */                                \
    X(DISSECT_XLSX, "xlsx", "document") /* with xlsm, xltx, xltm, xlam */                          \
    X(DISSECT_XLSB, "xlsb", "document")                                                            \
    X(DISSECT_PPTX, "pptx", "document")                                                            \
    X(DISSECT_VSDX, "vsdx", "document")                                                            \
    X(DISSECT_OPC, "opc", "document") /* another package of parts */                               \
    X(DISSECT_ODF, "odf", "document")                                                              \
    X(DISSECT_OFFICE_ENCRYPTED, "office_encrypted", "document")                                    \
    X(DISSECT_WORD_XML, "word_xml", "document") /* Word 2003 XML and Flat OPC */                   \
    X(DISSECT_EXCEL_XML, "excel_xml", "document")                                                  \
    X(DISSECT_MHT, "mht", "document")                                                              \
    X(DISSECT_ACTIVEMIME, "activemime", "document")                                                \
    X(DISSECT_RTF, "rtf", "document")                                                              \
    X(DISSECT_SLK, "slk", "document")                                                              \
    X(DISSECT_CSV, "csv", "document")                                                              \
    X(DISSECT_PDF, "pdf", "document")                                                              \
    X(DISSECT_ONENOTE, "onenote", "document")                                                      \
    X(DISSECT_OLE_OBJECT, "ole_object", "document") /* Ole10Native, Package, an embedded stream */ \
    X(DISSECT_VBA_PROJECT, "vba_project", "script") /* its modules are its children */             \
    X(DISSECT_VBA_MODULE, "vba_module", "script")                                                  \
    X(DISSECT_XLM, "xlm", "script") /* a macro sheet as text */                                    \
    X(DISSECT_VBSCRIPT, "vbscript", "script")                                                      \
    X(DISSECT_VBE, "vbe", "script")                                                                \
    X(DISSECT_JSCRIPT, "jscript", "script")                                                        \
    X(DISSECT_JSE, "jse", "script")                                                                \
    X(DISSECT_WSF, "wsf", "script")                                                                \
    X(DISSECT_HTML, "html", "document")                                                            \
    X(DISSECT_HTA, "hta", "script")                                                                \
    X(DISSECT_POWERSHELL, "powershell", "script")                                                  \
    X(DISSECT_BATCH, "batch", "script")                                                            \
    X(DISSECT_COMMAND, "command", "script")                                                        \
    X(DISSECT_LNK, "lnk", "shortcut")                                                              \
    X(DISSECT_URL, "url", "shortcut") /* an Internet shortcut */                                   \
    X(DISSECT_JUMP_LIST, "jump_list", "shortcut")                                                  \
    X(DISSECT_SHELL_XML, "shell_xml", "shortcut") /* libraries, searches, settings */              \
    X(DISSECT_SHELL_INI, "shell_ini", "shortcut") /* themes, .scf, desktop.ini */                  \
    X(DISSECT_RDP, "rdp", "shortcut")             /* a remote desktop connection */                \
    X(DISSECT_REG, "reg", "script")                                                                \
    X(DISSECT_INF, "inf", "script")                                                                \
    X(DISSECT_IQY, "iqy", "document") /* a web query of Excel */                                   \
    X(DISSECT_MSC, "msc", "document") /* a management console */                                   \
    X(DISSECT_LHA, "lha", "archive")                                                               \
    X(DISSECT_COMPRESS, "compress", "archive")                                                     \
    X(DISSECT_LZMA, "lzma", "archive")                                                             \
    X(DISSECT_XAR, "xar", "archive")                                                               \
    X(DISSECT_ACE, "ace", "archive")                                                               \
    X(DISSECT_ARJ, "arj", "archive")                                                               \
    X(DISSECT_ALZ, "alz", "archive")                                                               \
    X(DISSECT_EGG, "egg", "archive")                                                               \
    X(DISSECT_DMG, "dmg", "archive")                                                               \
    X(DISSECT_WIM, "wim", "archive")                                                               \
    X(DISSECT_PST, "pst", "mail")                                                                  \
    X(DISSECT_CHM, "chm", "document")                                                              \
    X(DISSECT_PE, "pe", "program")                                                                 \
    X(DISSECT_ELF, "elf", "program")                                                               \
    X(DISSECT_XML, "xml", "file")                                                                  \
    X(DISSECT_IMAGE, "image", "file")

enum dissect_format {
#define DISSECT_FORMAT_ENUM(name, id, category) name,
    DISSECT_FORMAT_LIST(DISSECT_FORMAT_ENUM)
#undef DISSECT_FORMAT_ENUM
            DISSECT_FORMAT_COUNT
};
const char *dissect_format_id(enum dissect_format format);       /* never NULL */
const char *dissect_format_category(enum dissect_format format); /* never NULL */
/* What opens a file of this kind on Windows, and so runs what is in it: "winword.exe"; or NULL. */
const char *dissect_format_program(enum dissect_format format);

/* ../design/ANALYSIS.md section 5 gives the defaults. */
struct dissect_limits {
    size_t memory_bytes_max;     /* everything kept */
    uint64_t file_bytes_max;     /* one object */
    uint64_t padded_bytes_max;   /* one object that is mostly one byte repeated, before it is cut */
    uint64_t inflated_bytes_max; /* all that came out of containers */
    uint64_t ratio_free_bytes;   /* so much may come out of a container whatever its size; */
    uint32_t ratio_max;          /* from there on so many times its size */
    uint32_t depth_max;
    uint32_t objects_max;
    uint32_t entries_max;       /* directory entries of one container */
    uint32_t facts_max;         /* of one object */
    uint32_t stores_max;        /* of one object */
    uint32_t notes_max;         /* of one object; the rest is counted */
    uint32_t acts_max;          /* of one object; the rest is counted */
    uint32_t texts_max;         /* of one object; the rest is counted */
    uint64_t derive_rounds_max; /* of hashing, for trying passwords */
};
extern const struct dissect_limits dissect_limits_default;

/* X(name, id, English text, Japanese text) */
#define DISSECT_NOTE_LIST(X)                                                                       \
    X(DISSECT_NOTE_DAMAGED, "damaged", "is damaged", "壊れている")                                 \
    X(DISSECT_NOTE_TRUNCATED, "truncated", "ends too early", "途中で切れている")                   \
    X(DISSECT_NOTE_RECOVERED, "recovered", "was recovered from what no directory lists",           \
            "目録にない残りから復元した")                                                          \
    X(DISSECT_NOTE_LIMIT, "limit", "reached a limit", "制限に達した")                              \
    X(DISSECT_NOTE_BOMB, "bomb", "expands beyond measure", "際限なく膨らむ")                       \
    X(DISSECT_NOTE_PADDED, "padded", "is filled up with one byte", "同じバイトで水増しされている") \
    X(DISSECT_NOTE_PASSWORD, "password", "is encrypted, and no password fits",                     \
            "暗号化されており、合うパスワードがない")                                              \
    X(DISSECT_NOTE_DECRYPTED, "decrypted", "was encrypted, and a password fits",                   \
            "暗号化されていたが、合うパスワードがあった")                                          \
    X(DISSECT_NOTE_UNSUPPORTED, "unsupported", "uses something that is not understood",            \
            "解釈できないものを使っている")                                                        \
    X(DISSECT_NOTE_HIDDEN, "hidden", "hides something from those who open it as usual",            \
            "普通に開いた人には見えないものがある")                                                \
    X(DISSECT_NOTE_MISMATCH, "mismatch", "says one thing and is another", "名乗りと中身が違う")    \
    X(DISSECT_NOTE_OBFUSCATED, "obfuscated", "is written so that it is hard to read",              \
            "読みにくく書かれている")                                                              \
    X(DISSECT_NOTE_STOMPED, "stomped", "has source that differs from what is run",                 \
            "ソースと実行されるものが違う")                                                        \
    X(DISSECT_NOTE_SPOOFED, "spoofed", "pretends to come from somebody else",                      \
            "差出人を偽っている")                                                                  \
    X(DISSECT_NOTE_EVASION, "evasion", "looks for those who analyse it, or turns off what guards", \
            "解析する者を探す、または防御を止める")                                                \
    X(DISSECT_NOTE_AUTORUN, "autorun", "starts by itself when it is opened", "開くと自動で動く")   \
    X(DISSECT_NOTE_SYNTAX, "syntax", "could not be read in part", "一部を読み取れなかった")        \
    X(DISSECT_NOTE_UNMODELLED, "unmodelled", "uses something no evaluator knows",                  \
            "評価器の知らないものを使っている")                                                    \
    X(DISSECT_NOTE_BOTH, "both_branches", "asks what cannot be known; both branches were taken",   \
            "分からない条件があり、両方の分岐を評価した")                                          \
    X(DISSECT_NOTE_WORKER, "worker", "ended the worker that looked at it",                         \
            "解析プロセスが途中で終了した")                                                        \
    X(DISSECT_NOTE_SIGNATURE, "signature", "is what a signature describes",                        \
            "シグネチャに一致する")                                                                \
    X(DISSECT_NOTE_UNCHECKED, "unchecked", "could not be held against what others know",           \
            "外部の情報と照合できなかった")

enum dissect_note_kind {
#define DISSECT_NOTE_ENUM(name, id, en, ja) name,
    DISSECT_NOTE_LIST(DISSECT_NOTE_ENUM)
#undef DISSECT_NOTE_ENUM
            DISSECT_NOTE_COUNT
};
const char *dissect_note_id(enum dissect_note_kind kind);
const char *dissect_note_text(enum dissect_note_kind kind);
const char *dissect_note_text_ja(enum dissect_note_kind kind);

/* Lists are in the order of adding; next is NULL at the end. */
struct dissect_fact {
    const char *name; /* static, snake_case; docs/analysis-facts.md lists them */
    struct hn_text value;
    const struct dissect_fact *next;
};

struct dissect_note {
    enum dissect_note_kind kind;
    uint64_t offset;       /* in the object's bytes; DISSECT_NOWHERE */
    struct hn_text detail; /* English, perhaps with hostile text: escape before showing */
    const struct dissect_note *next;
};

struct dissect_store {
    struct hn_text name; /* as scripts write it: UserForm1.TextBox1.Text */
    struct hn_text value;
    uint64_t offset;
    const struct dissect_store *next;
};

struct dissect_text {
    const char *what; /* static: "body", "cell", "decoded", "comment", "link", "strings" */
    struct hn_text text;
    struct hn_text path; /* the steps that made it: "literal@12 > base64 > inflate"; may be empty */
    uint64_t offset;
    const struct dissect_text *next;
};

/* A script_act that was copied. */
struct dissect_act {
    enum script_act_kind kind;
    const char *via;
    uint64_t offset;
    bool conditional;
    size_t field_count;
    struct {
        const char *name;
        struct hn_text value;
        struct hn_text path;
        bool unknown;
    } fields[SCRIPT_FIELDS_MAX];
    const struct dissect_act *next;
};

struct dissect_object {
    uint32_t id;     /* from 0, the sample; in the order of discovery */
    uint32_t parent; /* DISSECT_NONE for the sample */
    uint32_t depth;
    enum dissect_format format; /* DISSECT_UNKNOWN until somebody has looked */
    struct hn_text name;        /* as its container gives it; hostile, escape before showing */
    const char *relation;       /* static, how its parent holds it: "attachment", "entry", "stream",
                                 * "macro", "layer", "embedded", "overlay"; "sample" */
    struct hn_bytes data;
    uint64_t offset; /* of data in the parent's data; DISSECT_NOWHERE where it was computed */
    const struct dissect_fact *facts;
    const struct dissect_note *notes;
    const struct dissect_store *stores;
    const struct dissect_text *texts;
    const struct dissect_act *acts;
    uint32_t notes_left_out; /* over their limits */
    uint32_t acts_left_out;
    uint32_t texts_left_out;
};

struct dissect; /* opaque */

/* NULL limits: the defaults. NULL when out of memory. */
struct dissect *dissect_new(const struct dissect_limits *limits);
void dissect_free(struct dissect *dissect); /* NULL is fine */
const struct dissect_limits *dissect_limits(const struct dissect *dissect);
/* For what an opener needs until the end; counts against memory_bytes_max. */
struct hn_arena *dissect_arena(struct dissect *dissect);

uint32_t dissect_count(const struct dissect *dissect);
/* The object; valid until dissect_free(), its lists grow. */
const struct dissect_object *dissect_get(const struct dissect *dissect, uint32_t id);

/* ---- For openers ---- */

struct dissect_child {
    enum dissect_format format; /* DISSECT_UNKNOWN: to be recognised by its bytes */
    struct hn_text name;
    const char *relation; /* static */
    struct hn_bytes data;
    uint64_t offset;
    bool borrowed; /* data lives as long as the tree (part of the parent's data or of the arena) */
};

/* HN_LIMIT: not taken, and noted on the parent. ret_id may be NULL. A child with the very bytes of
 * one that is there already below the same parent is taken once. */
HN_MUST_USE enum hn_status dissect_child(struct dissect *dissect, uint32_t parent,
        const struct dissect_child *child, uint32_t *ret_id);
/* For whoever recognises. */
void dissect_set_format(struct dissect *dissect, uint32_t id, enum dissect_format format);

/* All below keep to limits silently or with a note; none fails. name, what, via are static. */
void dissect_fact(struct dissect *dissect, uint32_t id, const char *name, struct hn_text value);
void dissect_fact_u64(struct dissect *dissect, uint32_t id, const char *name, uint64_t value);
void dissect_fact_bool(struct dissect *dissect, uint32_t id, const char *name, bool value);
/* A fact that others know of the object (signatures, lists): a sample must not be able to crowd it
 * out, so there is room for DISSECT_KNOWN_MAX of them beyond facts_max. The same holds for notes of
 * the kinds signature and unchecked. */
#define DISSECT_KNOWN_MAX 128u
void dissect_known(struct dissect *dissect, uint32_t id, const char *name, struct hn_text value);
void dissect_note(struct dissect *dissect, uint32_t id, enum dissect_note_kind kind,
        uint64_t offset, const char *fmt, ...) HN_PRINTF(5, 6);
void dissect_store(struct dissect *dissect, uint32_t id, struct hn_text name, struct hn_text value,
        uint64_t offset);
void dissect_text(struct dissect *dissect, uint32_t id, const char *what, struct hn_text text,
        struct hn_text path, uint64_t offset);
void dissect_act(
        struct dissect *dissect, uint32_t id, struct script_run *run, const struct script_act *act);
/* A text that a script made, with the way it took. */
void dissect_decoded(struct dissect *dissect, uint32_t id, const char *what, struct script_run *run,
        const struct script_text *text);

/* A string store as a script of this object may read it: of the object itself or the nearest object
 * above it. Names are compared without case. A script_lookup with a struct dissect_scope. */
struct dissect_scope {
    struct dissect *dissect;
    uint32_t id;
};
bool dissect_lookup(void *scope, struct hn_text name, struct hn_text *ret_text);

/* ---- Inflation: every byte that comes out of a container is asked for first ---- */

/* May `more` further bytes come out of this object, of whose `packed` bytes they are made (or 0:
 * the whole object)? False: a bomb or a limit, noted; stop unpacking. */
bool dissect_inflate(struct dissect *dissect, uint32_t id, uint64_t packed, uint64_t more);

/* May so many rounds of hashing be spent on trying passwords? False: too many in all, noted. */
bool dissect_derive(struct dissect *dissect, uint32_t id, uint64_t rounds);

/* ---- Passwords: given, usual, harvested from texts on the way ---- */

/* Adds one to try, first those nearest. Doubles are ignored. */
void dissect_password_add(struct dissect *dissect, struct hn_text password);
size_t dissect_password_count(const struct dissect *dissect);
struct hn_text dissect_password(const struct dissect *dissect, size_t index);

/* Where the lists of an object end, for opening it once more when further passwords are known: all
 * that is said of it after the mark is taken back. Its children stay, and are not added twice. */
struct dissect_mark {
    struct dissect_fact *fact; /* the last of each list; NULL: it is empty */
    struct dissect_note *note;
    struct dissect_store *store;
    struct dissect_text *text;
    struct dissect_act *act;
    uint32_t counts[5];   /* in the same order */
    uint32_t left_out[3]; /* notes, acts, texts */
    uint32_t limits_said;
    bool bomb_said;
};
struct dissect_mark dissect_mark(const struct dissect *dissect, uint32_t id);
void dissect_rewind(struct dissect *dissect, uint32_t id, const struct dissect_mark *mark);

/* ---- Saving: how a tree crosses from a jailed worker to those who judge it ---- */

enum dissect_keep {
    DISSECT_KEEP_NONE,    /* what is said of objects, not their bytes */
    DISSECT_KEEP_SCRIPTS, /* bytes of what has the category script, up to DISSECT_KEEP_BYTES_MAX */
    DISSECT_KEEP_ALL
};
#define DISSECT_KEEP_BYTES_MAX ((size_t)1 << 20)

/* Failure shows in out. */
void dissect_save(const struct dissect *dissect, enum dissect_keep keep, struct hn_buf *out);

/* Believes nothing of what was saved: names are checked, lists counted, ranges held against what is
 * there. What is loaded and saved again (DISSECT_KEEP_ALL) gives the same bytes. HN_CORRUPT,
 * HN_LIMIT, HN_NOMEM. Both saved and sample, the bytes of object 0, must outlive the tree, whose
 * texts borrow from them; names that are static elsewhere live in the tree's arena here. Objects
 * whose bytes were not kept have none; their fact "size" says how many there were. */
HN_MUST_USE enum hn_status dissect_load(struct hn_bytes saved, struct hn_bytes sample,
        const struct dissect_limits *limits, struct dissect **ret_dissect, struct hn_err *err);

/* ---- Openers ---- */

/* Looks into one object and says what it finds. Only what stops the whole analysis is a failure
 * (HN_NOMEM); everything odd about the object is a note. */
typedef enum hn_status dissect_opener(struct dissect *dissect, uint32_t id, struct hn_err *err);

#endif
