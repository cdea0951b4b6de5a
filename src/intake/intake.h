/* intake.h - what doors hand in, and the way from them into the journal.
 *
 * A batch is a small stream of one source that can be decoded alone: whole lines, whole documents,
 * whole chunks, with whatever a decoder must have read before them in `head`. The intake gives
 * each source its share, knows the keys of batches that came in lately, and appends batches to the
 * journal; on_done is called when a batch is durable.
 *
 * Life: intake_new(journal) -> intake_restore() of what an earlier one has saved -> intake_recall()
 * for the records behind it, or for all that are there -> intake_recalled() -> intake_submit() ...
 * -> intake_free() after all doors are closed. intake_save() at any time.
 * Concurrency: any thread. on_done runs on the journal's commit thread: it must be short, and must
 * not call intake_submit().
 * Limits: struct intake_source_limits per source, the journal's pending bytes for all together.
 * What is refused is counted with its reason; nothing is taken and dropped later. */
#ifndef HN_INTAKE_INTAKE_H
#define HN_INTAKE_INTAKE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"
#include "journal/journal.h"

#include <stdbool.h>
#include <stdint.h>

#define INTAKE_NAME_MAX 128  /* bytes of a source, tenant, format name */
#define INTAKE_PATH_MAX 4096 /* of a stream's name */
#define INTAKE_KEY_MAX  128  /* of an idempotency key */

/* One record of kind JOURNAL_BATCH. Texts are borrowed. */
struct intake_batch {
    struct hn_text source;   /* as configured: "proxy", "http" */
    struct hn_text tenant;   /* "" is the only one there is by default */
    struct hn_text format;   /* decoder's name; "": recognised by content */
    struct hn_text zone;     /* for stamps without one; "": UTC */
    struct hn_text pipeline; /* the source's own mapping in the set of rules; "": it has none */
    struct hn_text stream;   /* peer or path: "198.51.100.7", "/var/log/auth.log" */
    struct hn_text key; /* idempotency key, "": none. A batch with a known key is not taken again */
    struct hn_text position; /* the door's own note of where it is after this batch (files) */
    uint64_t offset;         /* of body in its stream, so that alerts can name a place */
    uint64_t line;           /* of its first line, from 1; 0: unknown or none */
    uint64_t skip;        /* events that begin before this offset in body were handed in before */
    struct hn_bytes head; /* what a decoder has to read first; gives no events */
    struct hn_bytes body;
};

/* As bytes for the journal, and back. Reading borrows from the input, takes exactly what writing
 * gave, and refuses anything else with HN_TRUNCATED or HN_CORRUPT. */
void intake_batch_write(const struct intake_batch *batch, struct hn_buf *out);
/* What stands before the body: with the body behind it the same bytes, without copying that. */
void intake_batch_write_front(const struct intake_batch *batch, struct hn_buf *out);
HN_MUST_USE enum hn_status intake_batch_read(
        struct hn_bytes in, struct intake_batch *ret_batch, struct hn_err *err);

struct intake_source_limits {
    uint64_t bytes_per_second;  /* 0: no limit; one second's worth may come at once */
    uint64_t pending_bytes_max; /* not yet durable; 0: an eighth of the journal's */
};

#define INTAKE_COUNTER_LIST(X)                                                     \
    X(batches, "batches taken")                                                    \
    X(bytes, "bytes of them")                                                      \
    X(repeated, "batches with a key known already; acknowledged, not taken again") \
    X(over_quota, "batches refused: over the source's quota")                      \
    X(overload, "batches refused: too much is waiting to become durable")          \
    X(no_room, "batches refused: no room on disk")                                 \
    X(failed, "batches refused: the journal failed")                               \
    X(lost, "datagrams the system dropped before we could read them")

struct intake_counters {
#define INTAKE_COUNTER_FIELD(name, text) uint64_t name;
    INTAKE_COUNTER_LIST(INTAKE_COUNTER_FIELD)
#undef INTAKE_COUNTER_FIELD
};

struct intake;
HN_MUST_USE enum hn_status intake_new(
        struct journal *journal, struct intake **ret_intake, struct hn_err *err);
void intake_free(struct intake *intake); /* NULL is fine */

/* A batch that is in the journal already, seen while it is read at start: its key and position are
 * known from here on. */
void intake_recall(struct intake *intake, const struct intake_batch *batch, hn_time received);
/* All records before this offset have been recalled. */
void intake_recalled(struct intake *intake, uint64_t offset);

/* Keys and positions that are durable, as bytes, with the offset from which records have to be
 * recalled on top of them. Doors may go on meanwhile. */
void intake_save(struct intake *intake, struct hn_buf *out);
/* Takes up exactly what intake_save() gave, into an intake that knows nothing yet; otherwise leaves
 * it so: HN_TRUNCATED, HN_CORRUPT, HN_UNSUPPORTED, HN_NOMEM, HN_LIMIT. */
HN_MUST_USE enum hn_status intake_restore(
        struct intake *intake, struct hn_bytes in, uint64_t *ret_from, struct hn_err *err);

/* Declares a source, or changes its limits. Sources nobody declared have the defaults. */
HN_MUST_USE enum hn_status intake_source(
        struct intake *intake, struct hn_text name, const struct intake_source_limits *limits);

/* Hands a batch in. On HN_OK on_done is called once, maybe before this returns, with HN_OK when the
 * batch is durable or was before. Otherwise it is never called: HN_LIMIT (over quota, overload, no
 * room: try again later, *ret_retry_ms says when at the earliest), HN_IO, HN_NOMEM. ret_retry_ms
 * may be NULL. */
HN_MUST_USE enum hn_status intake_submit(struct intake *intake, const struct intake_batch *batch,
        journal_on_done *on_done, void *ctx, uint32_t *ret_retry_ms, struct hn_err *err);

/* The last position a door has noted for this stream of this source that is durable; copied into
 * out. False: none. */
bool intake_position(
        struct intake *intake, struct hn_text source, struct hn_text stream, struct hn_buf *out);

/* Counters of one source (all zero when unknown); a door adds what only it can know. */
struct intake_counters intake_counters(struct intake *intake, struct hn_text source);
void intake_count_lost(struct intake *intake, struct hn_text source, uint64_t datagrams);
typedef void intake_on_source(
        void *ctx, struct hn_text source, const struct intake_counters *counters);
void intake_each_source(struct intake *intake, intake_on_source *on_source, void *ctx);

#endif
