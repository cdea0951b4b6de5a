/* syslog_event.h - one message of a system log as an event, whatever framing it came in.
 *
 * Private to src/decode. docs/formats/syslog.md lists the fields.
 * Concurrency: pure but for the event. Memory: fields borrow from the line or live in the event's
 * scratch. */
#ifndef HN_DECODE_SYSLOG_EVENT_H
#define HN_DECODE_SYSLOG_EVENT_H

#include "base/status.h"
#include "decode/decode.h"
#include "decode/syslog_header.h"

/* HN_OK, HN_NOTFOUND for a comment, HN_SYNTAX for text that is no message. A record of the audit
 * log gets no fields: private_ref is AUDIT_RECORD then, audit_join.h does the rest. */
HN_MUST_USE enum hn_status syslog_event_fill(
        struct hn_event *event, struct hn_text text, const struct hn_source *given);

/* The same for a line that was sent inside of something else, and may be one of any log: a message
 * with its header, a message whose header around says (with a program in it), or a line of another
 * format. HN_NOTFOUND when nobody knows it; fields may have been added nevertheless. */
HN_MUST_USE enum hn_status syslog_event_inside(struct hn_event *event, struct hn_text line,
        const struct syslog_header *around, const struct hn_source *given);

/* How many of the lines of a stream's start are messages beyond doubt. */
size_t syslog_count_sure(const struct hn_text *lines, size_t count);

/* Where to end a batch so that no audit event is cut in two: end, or the start of an earlier line
 * among the last ones (0: the first) when that begins an event that may go on behind end. */
size_t syslog_cut_between_events(struct hn_text text, size_t end);

#endif
