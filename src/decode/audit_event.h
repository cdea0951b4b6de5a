/* audit_event.h - from the records of one audit event to the event.
 *
 * Private to src/decode. docs/formats/auditd.md lists the fields.
 * Concurrency: pure but for the event. Memory: fields borrow from the records or live in the
 * event's scratch. */
#ifndef HN_DECODE_AUDIT_EVENT_H
#define HN_DECODE_AUDIT_EVENT_H

#include "event/event.h"

#include <stdbool.h>

/* Adds all fields of the records in text (lines, each with or without a syslog header) and sets the
 * source. False when the records themselves say that others are missing: paths that were counted,
 * or the system call that the rest belongs to. */
bool audit_event_fill(struct hn_event *event, struct hn_text text);

#endif
