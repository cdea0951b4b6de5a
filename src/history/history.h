/* history.h - what the journal still knows: events that fit a question, page by page; the events
 * and processes around an alert; and what comes in, as it comes in. The one header of this module;
 * docs/history.md explains it for people.
 *
 * Records are decoded as the engine decodes them (engine_view), and held against the same matcher
 * as `hinomi search` uses. Nothing is indexed but where some records begin: a question costs
 * reading, and each call ends when it has done the work it was given, with a place to go on from.
 *
 * Life: history_new() -> history_search_run(), history_context_find(), tails -> history_free().
 * Concurrency: any number of threads on one struct history; a tail serves one thread at a time.
 * Memory: a call holds a window of HISTORY_WINDOW_BYTES, or one record where that is larger, and
 * its answer within HISTORY_PAGE_BYTES.
 * Damage: is counted and passed over. Segments may be deleted or packed at any time: what is gone
 * is passed over.
 * Limits: HISTORY_*; struct history_budget. */
#ifndef HN_HISTORY_HISTORY_H
#define HN_HISTORY_HISTORY_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/time.h"
#include "base/vec.h"
#include "base/view.h"
#include "journal/journal.h"
#include "search/search.h"

#include <stdbool.h>
#include <stdint.h>

#define HISTORY_WINDOW_BYTES ((size_t)1 << 20)
#define HISTORY_EVENT_BYTES  ((size_t)1 << 20) /* of an event as JSON; larger ones are cut */
#define HISTORY_PAGE_BYTES   ((size_t)16 << 20)
#define HISTORY_PAGE_EVENTS  1000u
/* How far receipt and what is in the journal may be out of order, by clocks that are set. */
#define HISTORY_DISORDER HN_MINUTE

struct history;
/* The journal outlives it. */
HN_MUST_USE enum hn_status history_new(
        struct journal *journal, struct history **ret_history, struct hn_err *err);
void history_free(struct history *history); /* NULL is fine */

/* ---- Questions ---- */

/* Immutable, may be shared. */
struct history_question;
/* HN_SYNTAX: this cannot be searched for, *err says why; HN_NOMEM, HN_LIMIT. */
HN_MUST_USE enum hn_status history_question_new(const struct search_query *query, bool raw,
        struct history_question **ret_question, struct hn_err *err);
void history_question_free(struct history_question *question); /* NULL is fine */

/* ---- Work ---- */

struct history_budget {
    uint64_t bytes_max;           /* of records decoded; 0: 64 MiB */
    hn_time time_max;             /* 0: 2 s; one record may take ten times as long */
    bool (*cancelled)(void *ctx); /* asked now and then; may be NULL */
    void *ctx;
};

struct history_scanned {
    uint64_t records;
    uint64_t events;
    uint64_t bytes;
    uint64_t damaged_bytes;
    hn_time took;
};

/* ---- Places ---- */

/* Between two events of the journal. newest: what comes next is before it, else behind it. */
struct history_cursor {
    bool newest;
    uint64_t offset; /* of a record */
    uint64_t index;  /* of an event in it */
};
#define HISTORY_CURSOR_ROOM 40
size_t history_cursor_write(
        const struct history_cursor *cursor, char ret_text[HISTORY_CURSOR_ROOM]);
/* Takes exactly what history_cursor_write() gives. */
HN_MUST_USE bool history_cursor_read(struct hn_text text, struct history_cursor *ret_cursor);

/* ---- Search ---- */

struct history_search {
    const struct history_question *question;
    struct hn_text source; /* "": all */
    struct hn_text tenant; /* "": all */
    hn_time from;          /* of events; without a time: of their receipt. HN_TIME_NONE: open */
    hn_time to;
    hn_time received_from; /* of records; HN_TIME_NONE: open */
    hn_time received_to;
    bool newest;
    const struct history_cursor *cursor; /* NULL: from the start; its order wins */
    uint32_t limit;                      /* 1..HISTORY_PAGE_EVENTS */
    struct history_budget budget;
};

struct history_page {
    struct hn_buf items; /* JSON objects with commas between them; to be deinitialised */
    uint32_t count;
    bool more;
    struct history_cursor next; /* when more */
    hn_time reached;            /* receipt of the last record; HN_TIME_NONE: there was none */
    struct history_scanned scanned;
};

/* *ret_page is filled in any case. HN_CANCELLED: by the budget's caller; HN_LIMIT: a single record
 * takes too long; HN_NOMEM, HN_IO. */
HN_MUST_USE enum hn_status history_search_run(struct history *history,
        const struct history_search *search, struct history_page *ret_page, struct hn_err *err);

/* ---- Around an alert ---- */

enum history_relation { HISTORY_HOST, HISTORY_USER, HISTORY_ADDRESS, HISTORY_RELATIONS };

/* What is known of the alert. Borrowed. */
struct history_about {
    uint64_t offset; /* of the record that completed it */
    hn_time time;    /* HN_TIME_NONE: as received */
    hn_time received;
    struct hn_text host;
    struct hn_text user;
    const struct hn_text *addresses;
    uint32_t address_count;
    struct hn_text tenant; /* whose events may be seen; "": all */
    uint64_t place;        /* of its event in the stream, as alerts have it */
    bool has_place;
};

#define HISTORY_CONTEXT_EVENTS 200u
struct history_context_ask {
    struct history_about about;
    hn_time window; /* before and after */
    uint32_t limit; /* of each relation; 1..HISTORY_CONTEXT_EVENTS */
    struct history_budget budget;
};

struct history_near {
    hn_time time;
    uint64_t offset;
    uint64_t index;
    uint32_t relations; /* bit n: enum history_relation n */
    uint32_t nearest;   /* of them those for which it is kept */
    bool self;          /* the alert is about this event */
    struct hn_text json;
};

/* Why a stretch of the journal was searched. */
#define HISTORY_RANGE_LIST(X)                                                                 \
    X(HISTORY_NEIGHBOURS, "neighbours") /* around the alert's record */                       \
    X(HISTORY_RECEIVED, "received")     /* received around the time the alert's record was */ \
    X(HISTORY_EVENT_TIME, "event_time") /* received around the time of the alert's event */

enum history_range_kind {
#define HISTORY_RANGE_ENUM(name, text) name,
    HISTORY_RANGE_LIST(HISTORY_RANGE_ENUM)
#undef HISTORY_RANGE_ENUM
            HISTORY_RANGES
};

struct history_range {
    uint64_t from;
    uint64_t to;
    uint64_t searched_from; /* what of it was */
    uint64_t searched_to;
    hn_time received_from; /* records outside are passed over; HN_TIME_NONE: none are */
    hn_time received_to;
};

enum history_kin { HISTORY_ANCESTOR, HISTORY_SELF, HISTORY_SIBLING, HISTORY_CHILD };

#define HISTORY_PROCESSES_MAX 200u
#define HISTORY_NO_PARENT     UINT32_MAX
struct history_process {
    enum history_kin kin;
    uint32_t parent; /* index in the list, or HISTORY_NO_PARENT */
    bool recorded;   /* false: known only from what its child says; offset, time are not set */
    uint64_t offset;
    hn_time time;
    struct hn_text user;
    struct hn_text guid;
    struct hn_text pid;
    struct hn_text image;
    struct hn_text command;
};

struct history_context {
    struct hn_arena arena;
    struct hn_arena births;             /* what was kept of processes */
    HN_VEC(struct history_near) events; /* by time */
    uint64_t found[HISTORY_RELATIONS];
    struct history_process *processes; /* parents before children */
    uint32_t process_count;
    struct history_range ranges[HISTORY_RANGES];
    hn_time from; /* of events */
    hn_time to;
    bool complete;
    struct history_scanned scanned;
};

/* *ret_context is to be given back with history_context_deinit() in any case. */
HN_MUST_USE enum hn_status history_context_find(struct history *history,
        const struct history_context_ask *ask, struct history_context *ret_context,
        struct hn_err *err);
void history_context_deinit(struct history_context *context);

/* ---- What comes in ---- */

#define HISTORY_TAIL_BEHIND_MAX ((uint64_t)8 << 20) /* farther behind it leaves bytes out */

/* An event that fits, as JSON; the cursor is the place behind it. */
typedef void history_on_event(void *ctx, struct hn_text json, const struct history_cursor *cursor);

struct history_tail;
struct history_tail_options {
    const struct history_question *question; /* outlives the tail */
    struct hn_text source;                   /* copied; "": all */
    struct hn_text tenant;
    const struct history_cursor *cursor; /* where to go on; NULL: at the end */
};
HN_MUST_USE enum hn_status history_tail_new(struct history *history,
        const struct history_tail_options *options, struct history_tail **ret_tail,
        struct hn_err *err);
void history_tail_free(struct history_tail *tail); /* NULL is fine */

struct history_turn {
    uint64_t bytes_left_out; /* too far behind */
    bool more;               /* there is more than this turn took */
};
/* Takes up to bytes_max of what has come in since the last turn; does not wait. */
HN_MUST_USE enum hn_status history_tail_turn(struct history_tail *tail, uint64_t bytes_max,
        history_on_event *on_event, void *ctx, struct history_turn *ret_turn, struct hn_err *err);

#endif
