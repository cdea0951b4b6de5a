/* sample.h - samples that people hand to a server: kept encrypted, queued, taken apart by jailed
 * workers, held against the journal, and what they tell offered as indicators. The one header of
 * this module; docs/samples.md explains it for people.
 *
 *     sample_submit() -> durable, state queued -> a worker -> report, children, indicators -> done
 *
 * A sample is known by an id made of its bytes, its passwords and its tenant: handed in twice it is
 * there once. Rows are in the database, bytes and reports in a vault (src/vault). What was queued
 * or being looked at when the process died is looked at after the next start; what was, five times
 * over, is given up with a reason. A worker that dies is replaced at once; the sample it had is
 * tried once more, and then judged without having been opened.
 *
 * Life: sample_workers_start() before the process grows and before it has threads ->
 * sample_migrate() once -> sample_new() -> sample_start() -> the rest, from any thread ->
 * sample_stop() -> sample_free() -> sample_workers_stop().
 * Concurrency: any thread, each with its own connection to the database, on which no transaction is
 * open. Memory: a sample is held as a whole by whoever works on it.
 * Limits: struct sample_options. Errors: HN_NOTFOUND: no such sample, or another tenant's;
 * HN_LIMIT where a limit says no; those of the database and the vault. */
#ifndef HN_SAMPLE_SAMPLE_H
#define HN_SAMPLE_SAMPLE_H

#include "analyze/analyze.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "db/db.h"
#include "history/history.h"
#include "judge/judge.h"
#include "vault/vault.h"

#include <stdbool.h>
#include <stdint.h>

#define SAMPLE_WORKERS_MAX    16u
#define SAMPLE_PASSWORDS_MAX  16u
#define SAMPLE_PASSWORD_BYTES 128u
#define SAMPLE_NAME_BYTES     255u
#define SAMPLE_ID_LEN         VAULT_ID_LEN
#define SAMPLE_TRIES_MAX      5u /* that may end with the process or a worker */

/* ---- Workers: warm processes ---- */

struct sample_workers;
struct sample_workers_options {
    const struct analyze_limits *limits; /* NULL: the defaults */
    uint32_t count;
    /* Compiles YARA rules, in a process of its own; NULL: there are none. told: the number of
     * rules, then a line for each file that is left out and why. */
    enum hn_status (*yara)(
            void *ctx, struct yarascan_rules **ret_rules, struct hn_buf *told, struct hn_err *err);
    /* What was told. May be NULL. */
    void (*on_told)(void *ctx, struct hn_text told);
    void *ctx;
};
/* Compiles the rules as well. */
HN_MUST_USE enum hn_status sample_workers_start(const struct sample_workers_options *options,
        struct sample_workers **ret_workers, struct hn_err *err);
/* Compiles the rules again; each worker has them from its next sample on. On failure, and when more
 * files would be left out than are now (HN_SYNTAX), the old ones stay. From any thread. */
HN_MUST_USE enum hn_status sample_workers_renew(struct sample_workers *workers, struct hn_err *err);
void sample_workers_stop(struct sample_workers *workers); /* NULL is fine */

/* ---- The whole ---- */

struct sample_options {
    const char *dir;      /* of vault and indicators; made if missing */
    const char *database; /* each worker opens it for itself */
    const char *version;
    struct sample_workers *workers;
    struct history *history; /* NULL: the journal is not asked */
    uint32_t queue_max;      /* that wait or are looked at */
    uint64_t file_max;       /* bytes of one */
    uint64_t children_max;   /* bytes kept of what was in one */
    uint64_t count_max;      /* of finished ones; 0: no limit */
    uint64_t bytes_max;      /* on disk; 0: no limit */
    hn_time age_max;         /* since receipt; 0: no limit */
    hn_time journal_time;    /* of looking into the journal; 0: it is not asked */
    hn_time expires;         /* of an accepted indicator, unless somebody says otherwise */
    bool reserved;           /* reserved names and addresses count like others: exercises */
    hn_time (*now)(void *ctx);
    /* The set that judges: a new reference. */
    struct judge_set *(*set)(void *ctx);
    /* Adds what others know of the objects (src/known), before they are judged. May be NULL. */
    void (*look)(void *ctx, struct dissect *dissect);
    /* The journal is busy: the caller pauses a little. May be NULL. */
    void (*give_way)(void *ctx);
    /* A sample is suspicious or malicious: one line of JSON for the journal, where rules judge it.
     * Called before the result is kept, so that it may be called again for the same id: tells it
     * once all the same, durably when it returns HN_OK. May be NULL. */
    enum hn_status (*tell)(void *ctx, struct hn_text tenant, struct hn_text id, struct hn_text line,
            struct hn_err *err);
    /* Something that the log should have: id as "samples.full", the sample's id or "". */
    void (*on_event)(void *ctx, bool bad, const char *what, const char *message, struct hn_text id);
    void *ctx;
};

struct samples;
HN_MUST_USE enum hn_status sample_migrate(struct db *db, struct hn_err *err);
/* Opens the vault, puts back what was being looked at, removes files that nobody names. */
HN_MUST_USE enum hn_status sample_new(const struct sample_options *options, struct db *db,
        struct samples **ret_samples, struct hn_err *err);
HN_MUST_USE enum hn_status sample_start(struct samples *samples, struct hn_err *err);
/* Ends the threads when what they are at is done. */
void sample_stop(struct samples *samples);
void sample_free(struct samples *samples); /* NULL is fine */

/* Removes what is over a limit, oldest first, and writes the indicators anew when one has expired;
 * a little at a time. */
HN_MUST_USE enum hn_status sample_tidy(struct samples *samples, struct db *db, struct hn_err *err);

struct sample_counters {
    uint64_t queued; /* as of now */
    uint64_t running;
    uint64_t kept;       /* samples, whatever their state */
    uint64_t disk_bytes; /* of all their files */
    uint64_t workers;    /* that are alive */
    uint64_t submitted;  /* since the start */
    uint64_t analysed;
    uint64_t failed;
    uint64_t refused; /* because the queue was full */
    uint64_t by_verdict[4];
};
/* HN_OK: also the numbers that are in the database. */
HN_MUST_USE enum hn_status sample_counters(struct samples *samples, struct db *db,
        struct sample_counters *ret_counters, struct hn_err *err);

/* ---- What somebody sent ---- */

#define SAMPLE_DOOR_FILES_MAX 64u
/* That a form may be longer than the samples in it. */
#define SAMPLE_DOOR_ROOM ((size_t)256 << 10)

struct sample_door_in {
    struct hn_text content_type; /* a form (src/form); else the body is the sample */
    struct hn_text name;         /* of the query; "": none */
    struct hn_text passwords;    /* of the query, one a line; "": none */
    struct hn_bytes body;
    uint64_t file_max; /* bytes of one sample */
};

struct sample_door_file {
    struct hn_text name; /* UTF-8, otherwise as it was sent */
    struct hn_bytes bytes;
};

/* Borrows from what it was read from. */
struct sample_door {
    struct hn_arena arena;
    bool is_form;
    struct sample_door_file files[SAMPLE_DOOR_FILES_MAX];
    size_t file_count;                              /* one at least; none of them empty */
    struct hn_text passwords[SAMPLE_PASSWORDS_MAX]; /* for all of them */
    size_t password_count;
};
/* Pure. HN_LIMIT: a sample is too large, or there are too many; HN_SYNTAX, HN_TRUNCATED,
 * HN_UNSUPPORTED: no form, or no samples, with a reason that holds nothing of them. HN_NOMEM. */
HN_MUST_USE enum hn_status sample_door_read(
        const struct sample_door_in *in, struct sample_door *ret_door, struct hn_err *err);
void sample_door_deinit(struct sample_door *door);

/* ---- One sample ---- */

/* X(name, text) */
#define SAMPLE_STATE_LIST(X)     \
    X(SAMPLE_QUEUED, "queued")   \
    X(SAMPLE_RUNNING, "running") \
    X(SAMPLE_DONE, "done")       \
    X(SAMPLE_FAILED, "failed")

enum sample_state {
#define SAMPLE_STATE_ENUM(name, text) name,
    SAMPLE_STATE_LIST(SAMPLE_STATE_ENUM)
#undef SAMPLE_STATE_ENUM
};
const char *sample_state_text(enum sample_state state);

/* Borrowed until the callback returns. */
struct sample_row {
    int64_t seq;
    struct hn_text id;
    struct hn_text sha256;
    struct hn_text name; /* hostile: escape before showing */
    struct hn_text tenant;
    struct hn_text actor;
    uint64_t size;
    hn_time received;
    hn_time finished; /* HN_TIME_NONE: not yet */
    enum sample_state state;
    int verdict; /* enum analyze_verdict_kind; negative: none yet */
    uint32_t attempts;
    struct hn_text error; /* of SAMPLE_FAILED */
};
typedef void sample_on_row(void *ctx, const struct sample_row *row);

struct sample_wish {
    struct hn_bytes bytes;
    struct hn_text name; /* UTF-8; what is before its last slash is left out */
    struct hn_text tenant;
    struct hn_text actor;
    const struct hn_text *passwords;
    size_t password_count;
};
/* Durable when it returns HN_OK. *ret_new: it was not there before. HN_LIMIT: the queue is full. */
HN_MUST_USE enum hn_status sample_submit(struct samples *samples, struct db *db,
        const struct sample_wish *wish, char ret_id[SAMPLE_ID_LEN], bool *ret_new,
        struct hn_err *err);

struct sample_filter {
    struct hn_text tenant; /* "": all */
    int state;             /* negative: any */
    int verdict;           /* negative: any */
    int64_t before;        /* rows with a smaller seq; 0: from the newest on */
    uint32_t limit;
};
/* Newest first. */
HN_MUST_USE enum hn_status sample_list(struct db *db, const struct sample_filter *filter,
        sample_on_row *on_row, void *ctx, struct hn_err *err);
/* tenant "": whoever it belongs to. */
HN_MUST_USE enum hn_status sample_find(struct db *db, struct hn_text id, struct hn_text tenant,
        sample_on_row *on_row, void *ctx, struct hn_err *err);
/* Rows, and files that no other sample has. Accepted indicators stay until they expire. */
HN_MUST_USE enum hn_status sample_remove(
        struct samples *samples, struct db *db, struct hn_text id, struct hn_err *err);

/* ---- What belongs to one ---- */

/* X(name, text) */
#define SAMPLE_FILE_LIST(X)      \
    X(SAMPLE_SAMPLE, "sample")   \
    X(SAMPLE_CHILD, "child")     \
    X(SAMPLE_REPORT, "report")   \
    X(SAMPLE_HTML_EN, "html-en") \
    X(SAMPLE_HTML_JA, "html-ja") \
    X(SAMPLE_TREE, "tree")

enum sample_file_kind {
#define SAMPLE_FILE_ENUM(name, text) name,
    SAMPLE_FILE_LIST(SAMPLE_FILE_ENUM)
#undef SAMPLE_FILE_ENUM
};

struct sample_file {
    enum sample_file_kind kind;
    struct hn_text sha256;
    struct hn_text name;
    struct hn_text format;
    uint32_t object; /* of the tree */
    uint64_t size;
    bool kept; /* false: over a limit, its bytes are not there */
};
typedef void sample_on_file(void *ctx, const struct sample_file *file);
HN_MUST_USE enum hn_status sample_children(
        struct db *db, struct hn_text id, sample_on_file *on_file, void *ctx, struct hn_err *err);
struct sample_part {
    struct hn_text id;
    enum sample_file_kind kind;
    struct hn_text sha256; /* of SAMPLE_CHILD: which */
};
/* Adds the bytes of one file. */
HN_MUST_USE enum hn_status sample_read(struct samples *samples, struct db *db,
        const struct sample_part *part, struct hn_buf *out, struct hn_err *err);

/* ---- Indicators ---- */

/* X(name, text) */
#define SAMPLE_DECISION_LIST(X)    \
    X(SAMPLE_OFFERED, "offered")   \
    X(SAMPLE_ACCEPTED, "accepted") \
    X(SAMPLE_REJECTED, "rejected")

enum sample_decision {
#define SAMPLE_DECISION_ENUM(name, text) name,
    SAMPLE_DECISION_LIST(SAMPLE_DECISION_ENUM)
#undef SAMPLE_DECISION_ENUM
};
const char *sample_decision_text(enum sample_decision decision);

struct sample_indicator {
    int64_t number; /* of this indicator, everywhere */
    struct hn_text type;
    struct hn_text value;
    struct hn_text role;
    enum sample_decision decision;
    struct hn_text actor; /* who decided */
    hn_time decided;
    hn_time expires; /* HN_TIME_NONE: never */
};
typedef void sample_on_indicator(void *ctx, const struct sample_indicator *indicator);
HN_MUST_USE enum hn_status sample_indicators(struct db *db, struct hn_text id,
        sample_on_indicator *on_indicator, void *ctx, struct hn_err *err);

struct sample_verdict {
    const int64_t *numbers;
    size_t count;
    enum sample_decision decision;
    struct hn_text actor;
    hn_time expires; /* HN_TIME_NONE: as the options say */
};
/* Decides, and writes the file of accepted indicators anew: durable when it returns HN_OK.
 * HN_NOTFOUND: one of the numbers is none of this sample's; then nothing was decided. */
HN_MUST_USE enum hn_status sample_decide(struct samples *samples, struct db *db, struct hn_text id,
        const struct sample_verdict *verdict, struct hn_err *err);

/* The file of accepted indicators in <dir>: CSV, read like any other list. */
#define SAMPLE_INDICATORS "indicators.csv"
#define SAMPLE_COLUMNS    "value=1,type=2,first=3,until=4,reference=5,comment=6,header=1"

#endif
