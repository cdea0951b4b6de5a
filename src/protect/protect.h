/* protect.h - from what an analysis found to what protects: indicators with their role and the way
 * they were found, in the forms people exchange (CSV, STIX 2.1, MISP), and Sigma rules that are
 * tried before they are offered. The one header of this module.
 *
 * Life: protect_collect() makes the indicators of a tree (src/dissect); other callers fill struct
 * protect_indicator themselves. The writers take struct protect_case, which borrows everything.
 * Ids are made from what they name (UUID version 5): the same finding is the same object in every
 * export, on every machine.
 * Concurrency: pure, except protect_rules_try(), which reads files; one thread a case. Memory: in
 * the arena or buffer of the caller. Limits: PROTECT_*_MAX. Errors: writers show failure in the
 * buffer.
 * Specifications: STIX 2.1 (OASIS), MISP core format, Sigma 2.1; docs/protect.md says how findings
 * are mapped to them. */
#ifndef HN_PROTECT_PROTECT_H
#define HN_PROTECT_PROTECT_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/time.h"
#include "base/vec.h"
#include "base/view.h"
#include "dissect/dissect.h"
#include "extract/extract.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROTECT_NONE           UINT32_MAX
#define PROTECT_INDICATORS_MAX 4096u /* of each kind, in one case */
#define PROTECT_CHAIN_MAX      64u   /* objects from the sample down */

/* X(name, id, English, Japanese, act): act says that it tells of the attack by itself, so that it
 * is worth blocking or looking for. */
#define PROTECT_ROLE_LIST(X)                                                                  \
    X(PROTECT_DOWNLOAD, "download", "downloaded from", "取得元", true)                        \
    X(PROTECT_C2, "c2", "command and control", "C2", true)                                    \
    X(PROTECT_CONTACTED, "contacted", "contacted", "通信先", true)                            \
    X(PROTECT_SENDER, "sender", "sender of the mail", "メール送信者", true)                   \
    X(PROTECT_SUBJECT, "subject", "subject of the mail", "メール件名", true)                  \
    X(PROTECT_ATTACHMENT, "attachment", "attachment", "添付ファイル", true)                   \
    X(PROTECT_SAMPLE, "sample", "file of the sample", "検体", true)                           \
    X(PROTECT_DROPPED, "dropped", "written to disk", "作成されるファイル", true)              \
    X(PROTECT_PROCESS, "process", "process started", "起動されるプロセス", true)              \
    X(PROTECT_REGISTRY, "registry", "registry value written", "書き込まれるレジストリ", true) \
    X(PROTECT_MUTEX, "mutex", "mutex", "ミューテックス", true)                                \
    X(PROTECT_USER_AGENT, "user_agent", "user agent", "User-Agent", true)                     \
    X(PROTECT_LINK, "link", "fetched by itself", "自動参照先", true)                          \
    X(PROTECT_HYPERLINK, "hyperlink", "link to click", "クリック用リンク", false)             \
    X(PROTECT_RELAY, "relay", "relay of the mail", "メール中継", false)                       \
    X(PROTECT_MENTIONED, "mentioned", "mentioned", "文中", false)

enum protect_role {
#define PROTECT_ROLE_ENUM(name, id, en, ja, act) name,
    PROTECT_ROLE_LIST(PROTECT_ROLE_ENUM)
#undef PROTECT_ROLE_ENUM
            PROTECT_ROLE_COUNT
};
const char *protect_role_id(enum protect_role role); /* never NULL */
const char *protect_role_text(enum protect_role role, bool japanese);
bool protect_role_is_act(enum protect_role role);

/* What an indicator is, beyond what is found in text. */
enum protect_kind {
    PROTECT_EXTRACTED, /* what says which */
    PROTECT_COMMAND,   /* a command line */
    PROTECT_TEXT       /* a subject */
};

/* One finding. Texts are borrowed and hostile: escape before showing. */
struct protect_indicator {
    enum protect_role role;
    enum protect_kind kind;
    enum extract_kind what; /* PROTECT_EXTRACTED */
    uint32_t count;         /* how often */
    struct hn_text value;   /* normal form */
    struct hn_text host;    /* of URLs and hosts, else empty */
    struct hn_text domain;  /* registered domain */
    unsigned marks;         /* EXTRACT_* */
    uint32_t object;        /* it was found in, PROTECT_NONE */
    uint64_t offset;        /* in that object, DISSECT_NOWHERE */
    struct hn_text path;    /* steps: "literal@12 > base64 > inflate"; may be empty */
    const char *via;        /* static: "WScript.Shell.Run"; may be NULL */
    struct hn_text details; /* data of a registry value; parent of a process; may be empty */
    struct hn_text warning; /* the warning list that has it; may be empty */
    uint16_t port;
    bool conditional; /* on a branch that could not be decided */
    bool partial;     /* some of it could not be known and reads "{name}" */
    bool in_code;     /* seen in a script or its strings alone, where it may be a piece */
    bool piece;       /* of another one; only while a list is made */
};

/* A rule that hit, for the reports. */
struct protect_hit {
    enum sigma_level level;
    struct hn_text title;
    struct hn_text rule_id;
    struct hn_text why;             /* in the report's language; may be empty */
    const struct hn_text *evidence; /* "field: value" */
    size_t evidence_count;
    const struct hn_text *techniques; /* "T1059.001" */
    size_t technique_count;
    uint32_t object; /* the first; PROTECT_NONE */
    uint64_t count;
};

struct protect_case {
    const struct dissect *tree; /* NULL: indicators of a text alone */
    struct hn_text name;        /* of the sample or text */
    struct hn_text verdict;     /* "malicious"; may be empty */
    struct hn_text family;      /* may be empty */
    hn_time made;
    struct hn_text version; /* of Hinomi */
    bool japanese;
    const struct protect_hit *hits;
    size_t hit_count;
    const struct protect_indicator *indicators;
    size_t indicator_count;
};

/* ---- Collecting ---- */

struct protect_list {
    struct hn_arena *arena;
    struct hn_map index;
    HN_VEC(struct protect_indicator) items; /* by role, then in the order of discovery */
    enum hn_status status;                  /* HN_NOMEM: some are missing */
};
void protect_list_init(struct protect_list *list, struct hn_arena *arena);
void protect_list_deinit(struct protect_list *list);
/* Adds one unless it is there in this or a more telling role; its texts are copied. */
void protect_list_add(struct protect_list *list, const struct protect_indicator *indicator);
/* Adds what was found in a text. */
void protect_list_add_extracted(struct protect_list *list, const struct extract_list *found);

/* All indicators of a tree: of acts with the role that the act gives, of facts, of texts, and the
 * digests of what is hostile by itself. HN_NOMEM alone is a failure. */
HN_MUST_USE enum hn_status protect_collect(const struct dissect *tree, struct protect_list *list);

/* Marks what warning lists have, which builder holds; it is empty afterwards. */
HN_MUST_USE enum hn_status protect_list_judge(
        struct protect_list *list, struct ioc_builder *builder, struct hn_err *err);

/* Whether it may be blocked or alarmed on: no private, reserved or well-known value, nothing on a
 * warning list, and the role tells of an attack. reserved: samples of tests and exercises use
 * reserved names; then those may be as well. */
bool protect_is_usable(const struct protect_indicator *indicator, bool reserved);

/* Why a value is not to be used as it stands, or with care: "reserved"; static, NULL: no reason.
 * marks: of the indicator, those that count. */
const char *protect_mark_text(unsigned marks, bool japanese);

/* ---- Writing ---- */

/* A value no reader makes a link of: hxxp, [.]. */
void protect_defang(struct hn_buf *out, const struct protect_indicator *indicator);
/* "mail > document > macro: literal@12 > base64"; names of the objects from the sample down. */
void protect_chain(
        struct hn_buf *out, const struct dissect *tree, const struct protect_indicator *indicator);

void protect_write_csv(const struct protect_case *about, struct hn_buf *out);
void protect_write_jsonl(const struct protect_case *about, struct hn_buf *out);
void protect_write_stix(const struct protect_case *about, struct hn_buf *out);
void protect_write_misp(const struct protect_case *about, struct hn_buf *out);

/* UUID version 5 (RFC 9562) of a name in this module's name space; 36 characters, no NUL. */
#define PROTECT_UUID_LEN 36
void protect_uuid(struct hn_text kind, struct hn_text name, char out[PROTECT_UUID_LEN]);

/* ---- Rules ---- */

struct protect_rule {
    struct hn_text file; /* "hinomi_20261123_url_a1b2c3d4.yml" */
    struct hn_text title;
    struct hn_text yaml;
    struct hn_text trace;   /* kind of trace, docs/rules.md */
    struct hn_text held;    /* why it is not offered; empty: it is */
    uint64_t goodware_hits; /* on harmless logs */
};

struct protect_rules {
    struct hn_arena arena;
    struct protect_rule *rules;
    size_t count;
};
void protect_rules_deinit(struct protect_rules *rules); /* a zeroed one is fine */

/* Rules for the usable indicators of a case, with their tests. reserved: see protect_is_usable().
 * HN_NOMEM. */
HN_MUST_USE enum hn_status protect_rules_make(
        const struct protect_case *about, bool reserved, struct protect_rules *ret_rules);
/* Compiles each and runs its own tests; what fails is held. */
HN_MUST_USE enum hn_status protect_rules_check(struct protect_rules *rules, struct hn_err *err);
/* Tries those that are not held on logs (files and folders) in which nothing happened; one that
 * fires there is held. *ret_events: how many events it saw, 0 where nothing could be read. */
HN_MUST_USE enum hn_status protect_rules_try(struct protect_rules *rules, const char *const *paths,
        size_t path_count, uint64_t *ret_events, struct hn_err *err);

#endif
