/* store.h - what `serve` keeps about alerts and incidents, in one SQLite file. The one header of
 * this module; docs/store.md has the tables, docs/incidents.md the rules of grouping.
 *
 * Life: store_open() per thread -> functions below -> store_close().
 * Concurrency: a struct store serves one thread at a time; any number of them, in any number of
 * threads and processes, may be open on one file. Writers wait for each other (busy_ms).
 * Transactions: each function that changes something is one transaction of its own; only results
 * of the engine are many in one (store_apply_*).
 * Texts may hold any bytes; they come back as they went in. Borrowed ones live until the callback
 * returns. Times of "now" are arguments: nothing here reads a clock.
 * Errors, besides HN_NOMEM and HN_IO: HN_NOTFOUND: there is no such object; HN_SYNTAX: what was
 * asked is not allowed, the message says why; HN_UNSUPPORTED: the object's version is another one
 * than expected (somebody changed it meanwhile); HN_CANCELLED: the database was busy for too long;
 * HN_LIMIT: disk full, or over a limit named here; HN_CORRUPT: damaged file.
 * Limits: STORE_*_MAX. */
#ifndef HN_STORE_STORE_H
#define HN_STORE_STORE_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "incident/incident.h"

#include <stdbool.h>
#include <stdint.h>

#define STORE_ADDRESSES_MAX  64   /* per alert; further ones are not looked at */
#define STORE_CONDITIONS_MAX 16   /* per mute */
#define STORE_PAGE_MAX       1000 /* rows per query */
#define STORE_VALUES_MAX     8    /* pieces of evidence per alert that "seen before" counts */
#define STORE_NAMES_MAX      50   /* rules, hosts, alerts that a preview names */
#define STORE_TEXT_MAX       ((size_t)64 << 10) /* reasons, comments, tags */

struct store; /* opaque */

/* Somebody who wants to be told. A row of the outbox is written for each that wants an alert. */
struct store_sink {
    const char *name;
    uint32_t level_min; /* 0..5 as in sigma_level */
    bool alerts;        /* each alert that is shown */
    bool incidents;     /* each incident when it is opened, and when its level rises */
};

struct store_options {
    const char *path;
    bool read_only;                 /* no migration, no change */
    uint32_t busy_ms;               /* 0: 5000 */
    hn_time window;                 /* of grouping; 0: 24 h */
    hn_time repeat_window;          /* of repeats by fold key; 0: 1 h; negative: off */
    hn_time exception_max;          /* how long an exception may last; 0: 180 days */
    hn_time silence_max;            /* 0: 30 days */
    uint64_t seen_max;              /* rows of "seen before"; 0: one million */
    const struct store_sink *sinks; /* borrowed for the life of the store */
    uint32_t sink_count;
};

HN_MUST_USE enum hn_status store_open(
        const struct store_options *options, struct store **ret_store, struct hn_err *err);
void store_close(struct store *store); /* NULL is fine */

/* ---- What the engine found ---- */

/* Why an alert is not shown or not told. The order is the order in which it is tried. */
#define STORE_HIDDEN_LIST(X)        \
    X(STORE_SHOWN, "")              \
    X(STORE_INHIBITED, "inhibited") \
    X(STORE_SILENCED, "silenced")   \
    X(STORE_EXCEPTED, "exception")  \
    X(STORE_REPEATED, "repeated")

enum store_hidden {
#define STORE_HIDDEN_ENUM(name, text) name,
    STORE_HIDDEN_LIST(STORE_HIDDEN_ENUM)
#undef STORE_HIDDEN_ENUM
};
const char *store_hidden_text(enum store_hidden hidden);

struct store_alert {
    struct hn_digest id;
    struct hn_digest fold_key; /* zero: repeats are not looked for */
    struct hn_text rule_id;
    struct hn_text title;
    uint32_t level;      /* 0..5 as in sigma_level */
    struct hn_text kind; /* "rule", "correlation", "indicator" */
    struct hn_text host;
    struct hn_text user;
    const struct hn_text *addresses;
    uint32_t address_count;
    struct hn_text source; /* as in intake_batch */
    struct hn_text tenant;
    struct hn_text set; /* digest of the rules that judged */
    struct hn_text family;
    struct hn_text trace;      /* kind of trace, "": none */
    struct hn_text techniques; /* ATT&CK, separated by blanks */
    hn_time time;              /* HN_TIME_NONE: the event has none */
    hn_time received;
    uint64_t offset; /* of the journal's record that completed it */
    uint32_t len;    /* bytes of that record's payload */
    struct hn_text
            json; /* the line of alert_write(), which exceptions and evidence are read from */
};

/* What became of it. */
struct store_applied {
    bool repeated; /* its id was known: count and last seen went up, nothing else */
    bool ignored;  /* its record had been applied before */
    int64_t seq;   /* of the alert; 0 when ignored */
    enum store_hidden hidden;
    int64_t incident; /* 0: none */
    bool incident_new;
};

/* Results are stored from journal record to journal record: begin, alerts in order of the journal,
 * commit(the offset behind the last record whose results are all in). Alerts of records before
 * *ret_applied are ignored. After any failure: store_apply_cancel(), and begin again; what was
 * stored is decided by the database alone. No other function of this store may be called between.
 */
HN_MUST_USE enum hn_status store_apply_begin(
        struct store *store, uint64_t *ret_applied, struct hn_err *err);
HN_MUST_USE enum hn_status store_apply_alert(struct store *store, const struct store_alert *alert,
        struct store_applied *ret_applied, struct hn_err *err); /* ret_applied may be NULL */
HN_MUST_USE enum hn_status store_apply_commit(
        struct store *store, uint64_t next, struct hn_err *err);
void store_apply_cancel(struct store *store); /* fine when nothing has begun */

/* The journal offset up to which results are in. */
HN_MUST_USE enum hn_status store_applied_get(
        struct store *store, uint64_t *ret_applied, struct hn_err *err);
/* The journal ends before that offset: it is not the one these results are of (a database put back
 * without its journal). Were the offset left, what the journal gets up to there would be taken for
 * stored already. Does nothing where the offset is no higher. */
HN_MUST_USE enum hn_status store_applied_lower(
        struct store *store, uint64_t journal_end, struct hn_err *err);

/* ---- Alerts ---- */

struct store_alert_row {
    int64_t seq; /* ascending in the order of storing, never used twice */
    struct hn_digest id;
    struct hn_text rule_id;
    struct hn_text title;
    uint32_t level;
    struct hn_text kind;
    struct hn_text host;
    struct hn_text user;
    struct hn_text source;
    struct hn_text tenant;
    struct hn_text set;
    struct hn_text family;
    struct hn_text trace;
    struct hn_text techniques;
    hn_time time; /* HN_TIME_NONE: the event has none */
    hn_time received;
    hn_time first_seen;
    hn_time last_seen;
    uint64_t count;
    uint64_t offset;
    uint32_t len;
    int64_t incident; /* 0: none */
    enum incident_status status;
    enum incident_verdict verdict;
    struct hn_text assignee;
    enum store_hidden hidden;
    int64_t hidden_by; /* the mute, or the alert that it repeats; 0: none */
    int64_t version;
    struct hn_text json; /* empty in lists unless asked for */
};
typedef void store_on_alert(void *ctx, const struct store_alert_row *row);

/* A place in a list: rows are in the order of time (received, where there is none), then seq. */
struct store_cursor {
    hn_time at;
    int64_t seq;
};

enum store_direction { STORE_OLDER, STORE_NEWER };

/* What is empty, 0 or negative where the comment says so is not asked about. */
struct store_alert_filter {
    uint32_t level_min;
    struct hn_text rule_id;
    struct hn_text host;
    struct hn_text user;
    struct hn_text address;
    struct hn_text source;
    struct hn_text tenant;
    struct hn_text family;
    struct hn_text assignee;
    struct hn_text
            text; /* words that begin words of title, rule, host, user, addresses, evidence */
    int status;   /* enum incident_status; negative: any */
    int verdict;  /* enum incident_verdict; negative: any */
    int hidden;   /* 0: shown only; 1: hidden only; negative: both */
    int64_t incident;
    int64_t seq; /* 0: any */
    hn_time from; /* HN_TIME_NONE: no bound; both bounds belong to it */
    hn_time to;
    bool json; /* rows have it */
};
/* Nothing is asked about; both shown and hidden. */
struct store_alert_filter store_alert_filter_all(void);

/* Which part of a list: the first limit rows older (or newer) than cursor; cursor NULL: from the
 * newest (or the oldest) on. */
struct store_page {
    const struct store_cursor *cursor;
    enum store_direction direction;
    uint32_t limit; /* 0: 100; at most STORE_PAGE_MAX */
    bool more;      /* filled in: there are further ones in that direction */
};

/* A page, newest first in both directions. */
HN_MUST_USE enum hn_status store_alerts(struct store *store,
        const struct store_alert_filter *filter, struct store_page *page, store_on_alert *on_alert,
        void *ctx, struct hn_err *err);
/* Shown alerts stored after seq, oldest first, at most limit: for streams that can be resumed. */
HN_MUST_USE enum hn_status store_alerts_after(struct store *store, int64_t seq, uint32_t limit,
        store_on_alert *on_alert, void *ctx, struct hn_err *err);
/* One alert with its JSON. */
HN_MUST_USE enum hn_status store_alert_by_id(struct store *store, struct hn_digest id,
        store_on_alert *on_alert, void *ctx, struct hn_err *err);
HN_MUST_USE enum hn_status store_alert_by_seq(
        struct store *store, int64_t seq, store_on_alert *on_alert, void *ctx, struct hn_err *err);
/* The newest seq; 0: there is none. */
HN_MUST_USE enum hn_status store_alert_last(
        struct store *store, int64_t *ret_seq, struct hn_err *err);
/* The statements behind a filter, for tests of the plan. */
HN_MUST_USE enum hn_status store_alerts_explain(struct store *store,
        const struct store_alert_filter *filter, const struct store_page *page, struct hn_buf *out,
        struct hn_err *err);

/* Who changes something, when, and which version he has seen. */
struct store_change {
    struct hn_text who;
    hn_time now;
    int64_t version; /* 0: whatever it is */
};

/* What is to be other than it is. */
struct store_edit {
    const enum incident_status *status;   /* NULL: as it is */
    const enum incident_verdict *verdict; /* NULL: as it is */
    const struct hn_text *assignee;       /* NULL: as it is; "": nobody */
    const struct hn_text *tags;           /* NULL: as they are; incidents only; a tag per line */
    const struct hn_text *title;          /* NULL: as it is; incidents only */
};

/* ret_version may be NULL. HN_SYNTAX: it would be closed without a verdict. */
HN_MUST_USE enum hn_status store_alert_edit(struct store *store, int64_t seq,
        const struct store_edit *edit, const struct store_change *change, int64_t *ret_version,
        struct hn_err *err);
/* Shows a hidden alert after all: it is grouped, and sinks are told. */
HN_MUST_USE enum hn_status store_alert_show(
        struct store *store, int64_t seq, const struct store_change *change, struct hn_err *err);

/* ---- Incidents ---- */

struct store_incident_row {
    int64_t id;
    struct hn_text title;
    struct hn_text family;
    struct hn_text tenant;
    uint32_t level;
    uint32_t confidence; /* 0..100 */
    struct hn_text why;  /* JSON: list of {reason, count, points, values} */
    enum incident_status status;
    enum incident_verdict verdict;
    struct hn_text assignee;
    struct hn_text tags;
    hn_time first; /* of its alerts */
    hn_time last;
    hn_time opened;
    hn_time closed; /* HN_TIME_NONE: it is not */
    uint64_t alerts;
    int64_t former; /* the closed incident it continues; 0: none */
    int64_t merged; /* the incident it was merged into; 0: none */
    int64_t version;
};
typedef void store_on_incident(void *ctx, const struct store_incident_row *row);

struct store_incident_filter {
    uint32_t level_min;
    struct hn_text tenant;
    struct hn_text family;
    struct hn_text assignee;
    struct hn_text entity; /* value of a host, user or address */
    int status;            /* negative: any */
    int verdict;           /* negative: any */
    bool open;             /* not closed */
    hn_time from;          /* of the last alert; HN_TIME_NONE: no bound */
    hn_time to;
};
struct store_incident_filter store_incident_filter_all(void);

/* In the order of the last alert, then id; the cursor is {last, id}. */
HN_MUST_USE enum hn_status store_incidents(struct store *store,
        const struct store_incident_filter *filter, struct store_page *page,
        store_on_incident *on_incident, void *ctx, struct hn_err *err);
HN_MUST_USE enum hn_status store_incident_by_id(struct store *store, int64_t id,
        store_on_incident *on_incident, void *ctx, struct hn_err *err);

/* What an incident is made of: kind "host", "address", "user", "trace", "rule". */
typedef void store_on_part(void *ctx, struct hn_text kind, struct hn_text value, uint64_t count);
HN_MUST_USE enum hn_status store_incident_parts(
        struct store *store, int64_t id, store_on_part *on_part, void *ctx, struct hn_err *err);

/* Closing gives its alerts that are not closed the same status and verdict. */
HN_MUST_USE enum hn_status store_incident_edit(struct store *store, int64_t id,
        const struct store_edit *edit, const struct store_change *change, int64_t *ret_version,
        struct hn_err *err);
/* The alerts of `from` become `into`'s; `from` is closed and names it. change->version is that of
 * `into`. HN_SYNTAX: another tenant, or the same incident, or one merged already. */
HN_MUST_USE enum hn_status store_incident_merge(struct store *store, int64_t into, int64_t from,
        const struct store_change *change, struct hn_err *err);
/* Some alerts of an incident become a new one. HN_SYNTAX: an alert is not of this incident, or none
 * would remain. */
struct store_seqs {
    const int64_t *ptr;
    uint32_t count;
};
HN_MUST_USE enum hn_status store_incident_split(struct store *store, int64_t id,
        struct store_seqs alerts, const struct store_change *change, int64_t *ret_new,
        struct hn_err *err);

/* ---- Comments and history ---- */

#define STORE_OBJECT_LIST(X)      \
    X(STORE_ALERT, "alert")       \
    X(STORE_INCIDENT, "incident") \
    X(STORE_MUTE, "mute")

enum store_object {
#define STORE_OBJECT_ENUM(name, text) name,
    STORE_OBJECT_LIST(STORE_OBJECT_ENUM)
#undef STORE_OBJECT_ENUM
};

/* Append-only: the database refuses to change or remove a row while its object is there, and each
 * row holds the SHA-256 of the one before. */
struct store_event {
    uint64_t number; /* from 1 per object */
    hn_time at;
    struct hn_text who;  /* "hinomi": the program itself */
    struct hn_text what; /* "opened", "status", "verdict", "assignee", "comment", "merged", ... */
    struct hn_text from;
    struct hn_text to;
};
typedef void store_on_event(void *ctx, const struct store_event *event);

/* A comment is a row of the history. change->version is not looked at. */
HN_MUST_USE enum hn_status store_comment(struct store *store, enum store_object object, int64_t id,
        struct hn_text text, const struct store_change *change, struct hn_err *err);
HN_MUST_USE enum hn_status store_history(struct store *store, enum store_object object, int64_t id,
        store_on_event *on_event, void *ctx, struct hn_err *err);

/* ---- Mutes: inhibitions, silences, exceptions ---- */

#define STORE_MUTE_LIST(X)            \
    X(STORE_INHIBITION, "inhibition") \
    X(STORE_SILENCE, "silence")       \
    X(STORE_EXCEPTION, "exception")

enum store_mute_kind {
#define STORE_MUTE_ENUM(name, text) name,
    STORE_MUTE_LIST(STORE_MUTE_ENUM)
#undef STORE_MUTE_ENUM
};
const char *store_mute_text(enum store_mute_kind kind);

/* field is "host", "user", "address", "source", "tenant", "family", or one of the event as the
 * alert's JSON has it. '*' stands for any run of characters, '?' for one, '\' makes the next one
 * plain; letters are compared without case. */
struct store_condition {
    struct hn_text field;
    struct hn_text value;
};

/* - An inhibition: while an incident of at least `level` (or the one named by `incident`) is not
 *   closed, alerts on one of its hosts that fit are stored and grouped but not told. It may be
 *   without an end.
 * - A silence: alerts that fit are hidden for a time.
 * - An exception: alerts that fit are no findings. Needs a reason and an owner.
 * Silences and exceptions need an end, and rules or a condition: nothing mutes everything. */
struct store_mute {
    int64_t id;
    enum store_mute_kind kind;
    const struct hn_text *rules; /* ids; none: all rules */
    uint32_t rule_count;
    const struct store_condition *conditions; /* all must fit */
    uint32_t condition_count;
    uint32_t level;   /* of inhibitions; 0: critical */
    int64_t incident; /* of inhibitions; 0: any */
    struct hn_text reason;
    struct hn_text owner;
    hn_time created;
    hn_time expires; /* HN_TIME_NONE: never */
    hn_time ended;   /* taken back before its time; HN_TIME_NONE: it was not */
    uint64_t hits;
    hn_time last_hit; /* HN_TIME_NONE: never */
    int64_t version;
};
typedef void store_on_mute(void *ctx, const struct store_mute *mute);

/* What a mute would have hidden. */
struct store_preview {
    uint64_t alerts;     /* of those looked at */
    uint64_t looked;     /* alerts looked at */
    bool complete;       /* false: there were more than could be looked at */
    uint32_t rule_count; /* different ones, of which the first STORE_NAMES_MAX are named below */
    uint32_t host_count;
    uint32_t attack_count;                 /* alerts judged true positives, at any time */
    struct hn_text rules[STORE_NAMES_MAX]; /* names live in the arena that was given */
    struct hn_text hosts[STORE_NAMES_MAX];
    int64_t attacks[STORE_NAMES_MAX]; /* seq */
};
HN_MUST_USE enum hn_status store_exception_preview(struct store *store,
        const struct store_mute *mute, hn_time since, struct hn_arena *arena,
        struct store_preview *ret_preview, struct hn_err *err);

/* From here on; alerts that are stored already stay as they are. HN_SYNTAX: something is missing;
 * HN_LIMIT: it would last too long. An exception that would hide an alert judged a true positive is
 * refused with HN_SYNTAX; the message names alerts, the preview has all. */
HN_MUST_USE enum hn_status store_mute_add(struct store *store, const struct store_mute *mute,
        const struct store_change *change, int64_t *ret_id, struct hn_err *err);
/* Takes it back; show: what it has hidden is shown, grouped and told now. *ret_shown (may be NULL):
 * how many. */
HN_MUST_USE enum hn_status store_mute_end(struct store *store, int64_t id, bool show,
        const struct store_change *change, uint64_t *ret_shown, struct hn_err *err);

struct store_mute_filter {
    int kind;     /* negative: any */
    bool active;  /* as of now */
    hn_time idle; /* only those that hit nothing since, and were there then; HN_TIME_NONE: all */
    hn_time now;
    int64_t id; /* 0: any */
};
/* By id, at most STORE_PAGE_MAX from filter->id on where it is not 0. */
HN_MUST_USE enum hn_status store_mutes(struct store *store, const struct store_mute_filter *filter,
        store_on_mute *on_mute, void *ctx, struct hn_err *err);

/* ---- Seen before ---- */

struct store_seen {
    uint64_t count;
    hn_time first;
    hn_time last;
};
/* How often alerts of this rule, with this value of this field as evidence, and both, were there.
 * Zero: never, or so long ago that it was forgotten. Of an alert ask for what count says minus one.
 */
struct store_seen_before {
    struct store_seen rule;
    struct store_seen value;
    struct store_seen pair;
};
HN_MUST_USE enum hn_status store_seen_get(struct store *store, struct hn_text rule_id,
        struct hn_text field, struct hn_text value, struct store_seen_before *ret_seen,
        struct hn_err *err);

/* ---- Outbox ---- */

#define STORE_OUT_LIST(X)       \
    X(STORE_PENDING, "pending") \
    X(STORE_CLAIMED, "claimed") \
    X(STORE_SENT, "sent")       \
    X(STORE_DEAD, "dead")

enum store_out_state {
#define STORE_OUT_ENUM(name, text) name,
    STORE_OUT_LIST(STORE_OUT_ENUM)
#undef STORE_OUT_ENUM
};
const char *store_out_text(enum store_out_state state);

struct store_out {
    int64_t id;
    struct hn_text sink;
    struct hn_text kind; /* "alert", "incident.opened", "incident.raised" */
    int64_t alert;       /* seq; 0: it was removed meanwhile */
    int64_t incident;    /* 0: none */
    struct hn_text key;  /* the same at every attempt */
    uint32_t attempts;   /* this one counted */
    enum store_out_state state;
    hn_time next; /* when it may be tried (again) */
    hn_time created;
    struct hn_text error; /* of the last attempt */
};
typedef void store_on_out(void *ctx, const struct store_out *out);

struct store_claim {
    struct hn_text sink;
    hn_time now;
    hn_time lease;  /* 0: 10 minutes */
    uint32_t limit; /* rows at most; 0: one; at most STORE_CLAIM_MAX */
};
#define STORE_CLAIM_MAX 256
/* The oldest rows of this sink that may be tried now become claimed until now + lease, in one
 * transaction; on_out gets them in the order in which they were written. HN_NOTFOUND: there is
 * none; *ret_next is when the next one may be tried (HN_TIME_NONE: nothing waits). */
HN_MUST_USE enum hn_status store_out_claim(struct store *store, const struct store_claim *claim,
        store_on_out *on_out, void *ctx, hn_time *ret_next, struct hn_err *err);
/* Exactly one of these after a claim. HN_NOTFOUND: it is not claimed (any more). */
HN_MUST_USE enum hn_status store_out_sent(struct store *store, int64_t id, struct hn_err *err);
/* Several in one transaction; those no longer claimed are left alone. */
HN_MUST_USE enum hn_status store_out_sent_many(
        struct store *store, const int64_t *ids, uint32_t count, struct hn_err *err);
/* Claimed, but not tried after all: may be tried from now on, and that claim does not count. */
HN_MUST_USE enum hn_status store_out_release(
        struct store *store, const int64_t *ids, uint32_t count, hn_time now, struct hn_err *err);
HN_MUST_USE enum hn_status store_out_retry(
        struct store *store, int64_t id, hn_time next, struct hn_text error, struct hn_err *err);
HN_MUST_USE enum hn_status store_out_dead(
        struct store *store, int64_t id, struct hn_text error, struct hn_err *err);
/* Claims of a process that is gone are claimable again; once, before sinks start. */
HN_MUST_USE enum hn_status store_out_recover(
        struct store *store, uint64_t *ret_count, struct hn_err *err);
/* Dead ones are pending again with no attempts: the one with this id, or all of this sink (id 0).
 */
HN_MUST_USE enum hn_status store_out_requeue(struct store *store, int64_t id, struct hn_text sink,
        hn_time now, uint64_t *ret_count, struct hn_err *err);
/* What a sink has before it, and what was given up. */
struct store_backlog {
    uint64_t pending; /* claimed ones as well */
    uint64_t dead;
    hn_time oldest; /* when the oldest pending one was written; HN_TIME_NONE: none is pending */
};
HN_MUST_USE enum hn_status store_out_backlog(struct store *store, struct hn_text sink,
        struct store_backlog *ret_backlog, struct hn_err *err);
struct store_out_filter {
    struct hn_text sink; /* "": all */
    int state;           /* negative: any */
    int64_t after;       /* ids greater than this */
    uint32_t limit;      /* 0: 100 */
};
/* By id. */
HN_MUST_USE enum hn_status store_out_list(struct store *store,
        const struct store_out_filter *filter, store_on_out *on_out, void *ctx, struct hn_err *err);

/* ---- Counters, retention, checks ---- */

/* Of alerts: "alerts", "level.<n>", and "<hidden>" for each reason; running totals of what was
 * stored, and of what is there. */
typedef void store_on_counter(void *ctx, struct hn_text name, int64_t now, uint64_t ever);
HN_MUST_USE enum hn_status store_counters(
        struct store *store, store_on_counter *on_counter, void *ctx, struct hn_err *err);

struct store_retention {
    hn_time age_max[6];    /* by level; 0: no limit */
    uint64_t count_max[6]; /* by level; 0: no limit */
    hn_time sent_max;      /* rows of the outbox that were sent; 0: 7 days */
};
/* Removes at most `rows` alerts that are too old or too many, the oldest first, in one short
 * transaction, with what hangs on them; closed incidents without alerts go as well. Nothing of an
 * incident that is not closed, and nothing that a sink still waits for. *ret_more: call again. */
HN_MUST_USE enum hn_status store_retain(struct store *store, const struct store_retention *policy,
        hn_time now, uint32_t rows, bool *ret_more, struct hn_err *err);

/* Reads everything and changes nothing: SQLite's own checks, counts, orphaned rows, the chain of
 * the history. HN_CORRUPT: there were complaints. */
typedef void store_on_complaint(void *ctx, struct hn_text complaint);
HN_MUST_USE enum hn_status store_check(
        struct store *store, store_on_complaint *on_complaint, void *ctx, struct hn_err *err);
/* A consistent copy while others write. */
HN_MUST_USE enum hn_status store_backup(struct store *store, const char *path, struct hn_err *err);

#endif
