/* history_internal.h - what searches, context and tails share.
 *
 * history_place.c where records begin; history_walk.c records of a range in either order;
 * history_question.c questions and reading; history_search.c pages; history_cursor.c places as
 * text; history_context.c and history_near.c what is around an alert, history_process.c the tree;
 * history_tail.c what comes in. */
#ifndef HN_HISTORY_HISTORY_INTERNAL_H
#define HN_HISTORY_HISTORY_INTERNAL_H

#include "history/history.h"

#include "base/mem.h"
#include "engine/engine.h"
#include "intake/intake.h"

#include <pthread.h>

/* ---- Times, which come from anybody ---- */

HN_INLINE uint64_t time_distance(hn_time a, hn_time b)
{
    return a > b ? (uint64_t)a - (uint64_t)b : (uint64_t)b - (uint64_t)a;
}

HN_INLINE hn_time time_shifted(hn_time time, hn_time by)
{
    hn_time sum;

    if (__builtin_add_overflow(time, by, &sum))
        return by < 0 ? INT64_MIN + 1 : INT64_MAX; /* INT64_MIN is HN_TIME_NONE */
    return sum;
}

/* ---- Where records begin (history_place.c) ---- */

/* A record per HISTORY_WINDOW_BYTES of a segment, as far as somebody has looked. */
struct segment_marks {
    uint64_t first;
    uint64_t known;         /* records before it are marked; a record's offset */
    hn_time received;       /* of its first record; HN_TIME_NONE: not looked at */
    HN_VEC(uint64_t) marks; /* without the first */
};

struct history {
    struct journal *journal;
    pthread_mutex_t lock;
    HN_VEC(struct segment_marks) segments; /* by first */
};

/* The largest mark before edge; HN_NOTFOUND: there is nothing before it. */
HN_MUST_USE enum hn_status history_mark_before(
        struct history *history, uint64_t edge, uint64_t *ret_mark, struct hn_err *err);
/* Offsets between which all records lie that were received in this time. */
HN_MUST_USE enum hn_status history_received_range(struct history *history, hn_time received_from,
        hn_time received_to, uint64_t *ret_from, uint64_t *ret_to, struct hn_err *err);

/* When the first record that is there was received; HN_NOTFOUND: there is none. */
HN_MUST_USE enum hn_status history_first_received(
        struct history *history, hn_time *ret_received, struct hn_err *err);

/* ---- Records in either order (history_walk.c) ---- */

struct held_record {
    uint64_t offset;
    uint64_t next;
    enum journal_kind kind;
    hn_time received;
    size_t start;
    size_t len;
};

struct history_walk {
    struct history *history;
    uint64_t from; /* records in [from, to) */
    uint64_t to;
    bool newest;
    uint64_t edge; /* newest first: those before are to come */
    struct journal_reader *reader;
    struct hn_buf bytes; /* payloads of the window */
    HN_VEC(struct held_record) held;
    uint64_t damaged_bytes;
};

void history_walk_init(struct history_walk *walk, struct history *history, uint64_t from,
        uint64_t to, bool newest);
void history_walk_deinit(struct history_walk *walk);
/* Borrowed until the next call. HN_NOTFOUND: no more. */
HN_MUST_USE enum hn_status history_walk_next(
        struct history_walk *walk, struct journal_record *ret_record, struct hn_err *err);

/* ---- Reading (history_question.c) ---- */

struct history_question {
    struct sigma_set *set;
    struct match_snapshot *snapshot;
    struct alert_line_options line;
    hn_field *added;
    const char *const *names; /* wanted besides */
    size_t name_count;
    hn_field *fields; /* of these names */
};

/* Without terms: for whoever looks at fields. */
HN_MUST_USE enum hn_status history_question_of_fields(const char *const *names, size_t count,
        struct history_question **ret_question, struct hn_err *err);

/* One thread's means to read records for a question. */
struct history_reading {
    const struct history_question *question;
    struct engine_view *view;
    struct search_matcher *matcher;
    struct hn_event event;
};
HN_MUST_USE enum hn_status history_reading_init(
        struct history_reading *reading, const struct history_question *question);
void history_reading_deinit(struct history_reading *reading); /* a zeroed one is fine */

/* Is the record a batch of this source and tenant? ret_batch is filled in if so. */
bool history_record_is_of(const struct journal_record *record, struct hn_text source,
        struct hn_text tenant, struct intake_batch *ret_batch);

/* The event that has just fitted, as a JSON object; nothing is added on failure. more: members to
 * be put behind the others, or empty. */
void history_reading_event_write(struct history_reading *reading,
        const struct journal_record *record, const struct intake_batch *batch,
        const struct engine_viewed *viewed, struct hn_text more, struct hn_buf *out);

/* ---- Time and cancelling ---- */

struct history_work {
    const struct history_budget *budget;
    struct history_scanned *scanned;
    hn_time started;
    uint64_t bytes_max;
    hn_time time_max;
    uint32_t ticks; /* events since the clock was asked */
};
void history_work_begin(struct history_work *work, const struct history_budget *budget,
        struct history_scanned *scanned);
void history_work_end(struct history_work *work);
/* Between records: enough was done. */
bool history_work_is_done(struct history_work *work);
bool history_work_is_cancelled(const struct history_work *work);
/* Counts an event; asks the clock every so many. HN_CANCELLED; HN_LIMIT: ten times too long. */
HN_MUST_USE enum hn_status history_work_event(struct history_work *work);
hn_time history_work_clock(void);

/* ---- Processes (history_process.c) ---- */

enum process_field {
    PROCESS_GUID,
    PROCESS_PARENT_GUID,
    PROCESS_PID,
    PROCESS_PARENT_PID,
    PROCESS_IMAGE,
    PROCESS_COMMAND,
    PROCESS_USER,
    PROCESS_PARENT_IMAGE,
    PROCESS_PARENT_COMMAND,
    PROCESS_FIELDS
};

/* A process as its creation tells it. */
struct birth {
    uint64_t offset;
    uint64_t index;
    hn_time time;
    struct hn_text texts[PROCESS_FIELDS];
};

struct births {
    struct hn_arena *arena; /* of texts */
    HN_VEC(struct birth) list;
    struct birth self; /* the process the alert is about */
    bool has_self;
};

#define BIRTHS_MAX 20000u

/* Is the event, which is resolved, the creation of a process? */
bool history_process_is_birth(struct hn_event *event);
/* Names of fields that a birth is read from, in the order of enum process_field. */
extern const char *const history_process_names[];
extern const size_t history_process_name_count;
/* fields: of history_process_names. HN_NOMEM; at the limit nothing is added. */
HN_MUST_USE enum hn_status history_births_add(struct births *births, struct hn_event *event,
        const hn_field *fields, const struct birth *where, bool is_self, bool is_birth);
/* The creation of the parent of a process; NULL: not there, or it has none. */
const struct birth *history_births_parent(const struct births *births, const struct birth *child);
/* The topmost known process above the alert's; NULL: there is no such process. */
const struct birth *history_births_top(const struct births *births);
/* The tree around births->self into the context. */
HN_MUST_USE enum hn_status history_process_tree(
        struct births *births, struct history_context *context, struct hn_err *err);

#endif
