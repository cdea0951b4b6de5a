/* audit_join.h - puts the records of audit events together that stand in several lines.
 *
 * Private to src/decode. Records of one event carry the same time and serial, are near each other
 * but may be interleaved with others', and come in no fixed order except that PROCTITLE (or EOE,
 * which auditd sends to plugins) is last. Old kernels write neither, and ausearch prints PROCTITLE
 * first: an event also ends at ausearch's separator, and when the same machine's log has gone on
 * for two seconds, as auditd's own tools have it.
 *
 * Life: audit_join_init() -> audit_join_add() per record -> audit_join_flush() at the end of the
 * input -> audit_join_deinit().
 * Memory: open events keep copies of their lines; nothing is allocated per record in steady state.
 * Limits: limits.join_events_max open events and AUDIT_OPEN_BYTES_MAX bytes in all; over either,
 * the oldest is given out as it is, with HN_FINDING_INCOMPLETE. One event's records are cut off
 * past limits.event_bytes_max (HN_FINDING_TOO_LONG).
 * Concurrency: one thread at a time. */
#ifndef HN_DECODE_AUDIT_JOIN_H
#define HN_DECODE_AUDIT_JOIN_H

#include "decode/decode.h"

#define AUDIT_OPEN_BYTES_MAX ((size_t)64 << 20)

struct audit_open; /* an event whose end has not been seen */

struct audit_join {
    struct decode_limits limits;
    struct audit_open **open; /* oldest first */
    size_t open_count;
    size_t open_room;
    struct audit_open *spare; /* one closed event's memory, for the next */
    size_t bytes;             /* of all open events */
};

/* What an event is to the join, in event->private_ref. */
#define AUDIT_JOINED 1u /* made of records, all of them in raw: what audit_again() takes */
#define AUDIT_RECORD 2u /* a line that audit_line_parse() takes, not yet part of an event */
#define AUDIT_BREAK  3u /* no record, but all events before it are complete */

void audit_join_init(struct audit_join *join, const struct decode_limits *limits);
void audit_join_deinit(struct audit_join *join);

/* event is an AUDIT_RECORD with raw, offset and line. It is used for the events that become
 * complete by it, which go to the sink. HN_OK, HN_CANCELLED or HN_NOMEM. */
HN_MUST_USE enum hn_status audit_join_add(
        struct audit_join *join, struct hn_event *event, const struct decode_sink *sink);

/* Gives out all that is open. */
HN_MUST_USE enum hn_status audit_join_flush(
        struct audit_join *join, struct hn_event *event, const struct decode_sink *sink);

/* Runs a batch with the join between run and the sink: records and breaks go to it, other events
 * pass. At the end all that is open is given out when flush says so. */
typedef enum hn_status audit_run(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink);
struct audit_between {
    struct audit_join *join;
    audit_run *run;
    bool flush;
};
HN_MUST_USE enum hn_status audit_join_run(const struct audit_between *between,
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink);

/* For formats whose batches run in order: the join as the stream's state (open and close of struct
 * decode_format). */
struct decode_stream;
HN_MUST_USE enum hn_status audit_stream_open(struct decode_stream *stream, struct hn_err *err);
void audit_stream_close(struct decode_stream *stream);

/* Fills to from from->raw. */
void audit_again(const struct hn_event *from, struct hn_event *to);

#endif
