/* analyze.h - from the bytes of a sample to a verdict: recognising formats, taking the sample apart
 * in a jailed worker, making events of what was found, and judging them. The one header of this
 * module; docs/decisions/0014-analyze.md says why it is cut this way.
 *
 * Life of a sample:
 *     in the worker   analyze_take_apart() fills a tree (src/dissect)
 *     over a pipe     dissect_save() -> dissect_load()
 *     in the parent   events, rules and indicators -> the verdict, a list of hits with evidence
 *
 * Nothing of a sample is ever run: formats are read, scripts are computed as far as they can be.
 * Concurrency: one tree serves one thread at a time; tables are constant.
 * Limits: struct analyze_limits; docs/analysis-report.md lists them. */
#ifndef HN_ANALYZE_ANALYZE_H
#define HN_ANALYZE_ANALYZE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/json_out.h"
#include "base/status.h"
#include "base/view.h"
#include "dissect/dissect.h"
#include "judge/judge.h"
#include "script/script.h"
#include "yarascan/yarascan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Recognising ---- */

/* What the bytes are; the name is asked only where bytes cannot tell (scripts, plain text).
 * DISSECT_UNKNOWN when nothing says. */
enum dissect_format analyze_recognise(struct hn_bytes data, struct hn_text name);

/* The last ending of a file name in lower case, without its dot, at most 16 characters; empty when
 * it has none. room holds ANALYZE_EXTENSION_ROOM bytes. */
#define ANALYZE_EXTENSION_ROOM 17
struct hn_text analyze_extension(struct hn_text name, char room[ANALYZE_EXTENSION_ROOM]);
/* Whether files with such an ending are of this format; true for endings nobody knows. */
bool analyze_extension_fits(struct hn_text extension, enum dissect_format format);

/* ---- Taking apart ---- */

/* One row per format: who opens it. Tests have their own tables. */
struct analyze_opener {
    enum dissect_format format;
    dissect_opener *open;
};

/* One row per language: who evaluates it. */
typedef enum hn_status analyze_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err);
struct analyze_evaluator {
    enum script_language language;
    analyze_evaluate *evaluate;
};

struct analyze_tables {
    const struct analyze_opener *openers;
    size_t opener_count;
    const struct analyze_evaluator *evaluators;
    size_t evaluator_count;
    const struct yarascan_rules *yara; /* what workers hold objects against; NULL: nothing */
};
/* All there are. */
extern const struct analyze_tables analyze_tables_all;

/* What a server sent to whoever asked for a URL, as somebody has it: from a proxy, a capture, a
 * machine that is meant for that. Nothing is ever asked for here. */
struct analyze_reply {
    struct hn_text url;
    struct hn_bytes bytes;
};

/* What is done with an object. */
enum analyze_step {
    ANALYZE_STEP_OPEN,
    ANALYZE_STEP_EVALUATE,
    ANALYZE_STEP_SCAN /* for signatures */
};

struct analyze_options {
    const struct script_limits *script_limits; /* NULL: the defaults */
    const struct analyze_reply *replies;       /* become children of scripts that ask for them */
    size_t reply_count;
    const struct analyze_tables *tables; /* NULL: all there are */
    /* Called before each step on an object; may be NULL. */
    void (*on_step)(void *ctx, const struct dissect *dissect, uint32_t id, enum analyze_step step);
    void *ctx;
};

/* Opens everything below the sample (object 0 of the tree), then evaluates scripts, whose layers
 * are objects again, until nothing is left. HN_NOMEM alone is a failure; everything else is a note
 * on its object. */
HN_MUST_USE enum hn_status analyze_take_apart(
        struct dissect *dissect, const struct analyze_options *options, struct hn_err *err);

/* Holds every object against YARA rules, all of them within `seconds`. A rule that fits becomes
 * facts and a note on its object; what could not be looked at becomes a note. HN_NOMEM alone is a
 * failure. options may be NULL; of it on_step is called before each object. */
HN_MUST_USE enum hn_status analyze_signatures(struct dissect *dissect,
        const struct yarascan_rules *rules, uint64_t seconds, const struct analyze_options *options,
        struct hn_err *err);

/* ---- Limits of an analysis, by name ---- */

struct analyze_limits {
    struct dissect_limits dissect;
    struct script_limits script;
    uint64_t wall_ms;
    uint64_t cpu_seconds;
    uint64_t memory_bytes; /* of the worker */
    uint64_t result_bytes; /* that it may send */
    uint64_t yara_seconds; /* for YARA rules over one sample */
};
extern const struct analyze_limits analyze_limits_default;

/* For --limit NAME=VALUE, the configuration and the documents. */
struct analyze_limit {
    const char *name; /* static: "wall_ms" */
    uint64_t value;
    const char *text; /* static, English: what it limits */
};
/* False past the last. */
bool analyze_limit_at(
        const struct analyze_limits *limits, size_t index, struct analyze_limit *ret_limit);
/* HN_NOTFOUND: no limit has this name. HN_LIMIT: the value does not fit. */
HN_MUST_USE enum hn_status analyze_limit_set(
        struct analyze_limits *limits, struct hn_text name, uint64_t value, struct hn_err *err);

/* ---- The worker: taking samples apart in a jail (src/jail) ---- */

struct analyze_worker; /* a warm process; for one thread */

/* Start workers before the program grows and before it has threads. tables NULL: all there are. */
HN_MUST_USE enum hn_status analyze_worker_start(const struct analyze_limits *limits,
        const struct analyze_tables *tables, struct analyze_worker **ret_worker,
        struct hn_err *err);
void analyze_worker_stop(struct analyze_worker *worker); /* NULL is fine */

/* Workers of a program that has threads, or whose YARA rules change: they are copies of a process
 * that has compiled the rules (jail_nursery_start() says how). */
struct analyze_nursery; /* for one thread at a time */
struct analyze_nursery_options {
    const struct analyze_limits *limits; /* NULL: the defaults */
    /* In a process of its own, each time workers are prepared: compiles the rules (NULL: there are
     * none). told is handed to whoever asked. May be NULL. */
    enum hn_status (*yara)(
            void *ctx, struct yarascan_rules **ret_rules, struct hn_buf *told, struct hn_err *err);
    void *ctx;
};
HN_MUST_USE enum hn_status analyze_nursery_start(const struct analyze_nursery_options *options,
        struct analyze_nursery **ret_nursery, struct hn_err *err);
/* Once before the first worker, and again when rules have changed: workers that are made from then
 * on have them. accept sees what was told, and may refuse; on failure what was prepared before
 * stays. */
typedef enum hn_status analyze_nursery_accept(void *ctx, struct hn_text told, struct hn_err *err);
HN_MUST_USE enum hn_status analyze_nursery_prepare(struct analyze_nursery *nursery,
        analyze_nursery_accept *accept, void *ctx, struct hn_err *err);
/* HN_IO: what was prepared is gone, prepare it again. */
HN_MUST_USE enum hn_status analyze_nursery_worker(
        struct analyze_nursery *nursery, struct analyze_worker **ret_worker, struct hn_err *err);
const struct analyze_limits *analyze_nursery_limits(const struct analyze_nursery *nursery);
void analyze_nursery_stop(struct analyze_nursery *nursery); /* NULL is fine */

#define ANALYZE_REPLIES_MAX 32u

/* A reply (analyze_reply) that stands in the task's file, behind the sample. */
struct analyze_task_reply {
    struct hn_text url;
    uint64_t offset;
    uint64_t len;
};

struct analyze_task {
    int fd;                     /* of the sample: seekable */
    struct hn_text name;        /* of the file, without its folder */
    enum dissect_format format; /* of the sample; DISSECT_UNKNOWN: by its bytes and name */
    const struct hn_text *passwords;
    size_t password_count;
    enum dissect_keep keep;
    const struct analyze_task_reply
            *replies; /* at most ANALYZE_REPLIES_MAX; the rest is left out */
    size_t reply_count;
};

/* What came of it. A worker that was ended, crashed or sent nonsense is a note of kind
 * DISSECT_NOTE_WORKER on object 0, which is always there. */
struct analyze_sample {
    struct dissect *dissect;
    struct hn_buf saved; /* what the tree borrows from */
    struct hn_buf bytes;
    bool killed; /* the jailed child, by somebody else: no limit of ours did it */
    uint32_t cpu_ms;
    uint64_t memory_bytes;
};
void analyze_sample_deinit(struct analyze_sample *sample); /* a zeroed one is fine */

/* HN_IO: the file cannot be read, or the worker is gone. HN_NOMEM. */
HN_MUST_USE enum hn_status analyze_worker_run(struct analyze_worker *worker,
        const struct analyze_task *task, struct analyze_sample *ret_sample, struct hn_err *err);

/* A tree of the sample alone, with such a note of kind DISSECT_NOTE_WORKER: for one that no worker
 * survives. */
HN_MUST_USE enum hn_status analyze_sample_bare(const struct analyze_limits *limits,
        const struct analyze_task *task, const char *why, struct analyze_sample *ret_sample,
        struct hn_err *err);

/* What runs a script or opens an object when a person opens the sample: "winword.exe"; NULL where
 * nothing says. */
const char *analyze_host(const struct dissect *dissect, uint32_t id);

/* ---- Events: docs/analysis-report.md says what is in them ---- */

/* One event about an object (act NULL) or an act of it. */
struct analyze_event {
    uint32_t object;
    const struct dissect_act *act;
    size_t offset; /* of its line in the lines */
};

/* One JSON line for each object and each act, in order. texts: also the texts in which indicators
 * are looked for. The events are in the arena; failure shows in lines and by NULL. */
const struct analyze_event *analyze_events(const struct dissect *dissect, bool texts,
        struct hn_buf *lines, struct hn_arena *arena, size_t *ret_count);

/* ---- The verdict ---- */

/* X(name, id, English, Japanese) */
#define ANALYZE_VERDICT_LIST(X)                               \
    X(ANALYZE_CLEAN, "clean", "clean", "問題なし")            \
    X(ANALYZE_UNKNOWN, "unknown", "unknown", "判定できず")    \
    X(ANALYZE_SUSPICIOUS, "suspicious", "suspicious", "不審") \
    X(ANALYZE_MALICIOUS, "malicious", "malicious", "悪性")

enum analyze_verdict_kind {
#define ANALYZE_VERDICT_ENUM(name, id, en, ja) name,
    ANALYZE_VERDICT_LIST(ANALYZE_VERDICT_ENUM)
#undef ANALYZE_VERDICT_ENUM
};
const char *analyze_verdict_id(enum analyze_verdict_kind kind);
const char *analyze_verdict_text(enum analyze_verdict_kind kind, bool japanese);

#define ANALYZE_PLACES_MAX 16 /* where a rule hit; the rest is counted */

/* Where a rule hit, and on what. */
struct analyze_place {
    uint32_t object;
    const struct dissect_act *act; /* NULL: the object itself */
    const struct alert_match *matches;
    uint32_t match_count;
};

/* A rule or indicator that hit, once however often. */
struct analyze_hit {
    const struct sigma_meta
            *meta; /* lives as long as the judge set; of indicators it says nothing */
    struct hn_text title;
    struct hn_text rule_id;
    struct hn_text trace; /* kind of trace, "ttp"; what stands for it where a rule does not say */
    struct sigma_texts tags;
    struct analyze_place places[ANALYZE_PLACES_MAX];
    enum sigma_level level;
    uint32_t place_count;
    uint32_t count; /* of all places */
    bool indicator;
    bool known_good; /* every place is in a file that is known to be good: it does not count */
};

/* Why a sample cannot be called clean. */
struct analyze_gap {
    uint32_t object;
    const struct dissect_note *note; /* NULL: nobody knows its format */
};
const char *analyze_gap_text(const struct analyze_gap *gap, bool japanese);
/* Of one kind, in one object: people see them together. */
bool analyze_same_gap(const struct analyze_gap *a, const struct analyze_gap *b);

struct analyze_verdict {
    struct hn_arena arena;
    enum analyze_verdict_kind kind;
    struct hn_text family;    /* of malware; empty: none is named */
    struct analyze_hit *hits; /* highest level first */
    size_t hit_count;
    struct analyze_gap *gaps; /* files of no known format, then by kind, the worst first */
    size_t gap_count;
};
/* A family is named when two hits of different kinds of trace name it, of rules that are tagged
 * with its software in ATT&CK, or one such hit and a signature: what YARA rules and vendors say of
 * any object (yara_family, vt_family) is together one kind of trace. Else empty. dissect may be
 * NULL. */
struct hn_text analyze_family(
        const struct dissect *dissect, const struct analyze_hit *hits, size_t count);
void analyze_verdict_deinit(struct analyze_verdict *verdict); /* a zeroed one is fine */

/* Judges trees with the rules and indicators of a set, one after the other; for one thread. */
struct analyze_judge;
HN_MUST_USE struct analyze_judge *analyze_judge_new(struct judge_set *set); /* NULL: no memory */
void analyze_judge_free(struct analyze_judge *judge);                       /* NULL is fine */
/* The verdict borrows from dissect and from the set. */
HN_MUST_USE enum hn_status analyze_judge_tree(struct analyze_judge *judge,
        const struct dissect *dissect, struct analyze_verdict *ret_verdict, struct hn_err *err);

/* ---- The report: docs/analysis-report.md ---- */

/* The members of an open object, all but the indicators, which src/protect makes. */
void analyze_report_members(struct hn_json_out *out, const struct dissect *dissect,
        const struct analyze_verdict *verdict);

#endif
