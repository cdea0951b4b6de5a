/* syslog_event.h - one message of a system log as an event, whatever framing it came in.
 *
 * Private to src/decode. docs/formats/syslog.md lists the fields.
 * Concurrency: pure but for the event. Memory: fields borrow from the line or live in the event's
 * scratch. */
#ifndef HN_DECODE_SYSLOG_EVENT_H
#define HN_DECODE_SYSLOG_EVENT_H

#include "base/status.h"
#include "decode/decode.h"

/* A record of the audit log, in event->private_ref: no fields yet, audit_join_add() adds them. */
#define SYSLOG_AUDIT 2u

/* HN_OK, HN_NOTFOUND for a comment, HN_SYNTAX for text that is no message. */
HN_MUST_USE enum hn_status syslog_event_fill(
        struct hn_event *event, struct hn_text text, const struct hn_source *given);

/* Runs one batch's messages: `run` calls the sink it is given once per message that
 * syslog_event_fill() has filled; audit records among them are joined within the batch. */
typedef enum hn_status syslog_run_messages(
        const struct decode_batch *batch, struct hn_event *event, const struct decode_sink *sink);
HN_MUST_USE enum hn_status syslog_run_joined(const struct decode_batch *batch,
        struct hn_event *event, const struct decode_sink *sink, syslog_run_messages *run);

/* How many of the lines of a stream's start are messages beyond doubt. */
size_t syslog_count_sure(const struct hn_text *lines, size_t count);

/* Where to end a batch so that no audit event is cut in two: end, or the start of an earlier line
 * among the last ones when that begins an event that may go on behind end. */
size_t syslog_cut_between_events(struct hn_text text, size_t end);

#endif
