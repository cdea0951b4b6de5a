/* body.h - formats that come alone, one a line, and as the message of a system log line.
 *
 * Private to src/decode. Each function adds the fields of one message to the event and sets its
 * source; on anything but HN_OK the event is as before and the message stays text. The header's
 * fields and Message are the caller's.
 * Concurrency: pure. Memory: fields borrow from text or live in the event's scratch. */
#ifndef HN_DECODE_BODY_H
#define HN_DECODE_BODY_H

#include "base/status.h"
#include "event/event.h"

#include <stdbool.h>

struct syslog_header;

/* CEF:0|Vendor|Product|Version|Class|Name|Severity|key=value ... (decode_cef.c) */
HN_MUST_USE enum hn_status decode_cef_fields(struct hn_event *event, struct hn_text text);

/* LEEF:1.0|Vendor|Product|Version|EventID|key=value<TAB>... (decode_leef.c) */
HN_MUST_USE enum hn_status decode_leef_fields(struct hn_event *event, struct hn_text text);

/* Key=value pairs (decode_kv.c). */
HN_MUST_USE enum hn_status decode_kv_fields(struct hn_event *event, struct hn_text text);
bool decode_kv_fits(struct hn_text text);

/* PAN-OS: 1,2026/11/23 01:02:03,serial,TRAFFIC,end,... (paloalto.c) */
HN_MUST_USE enum hn_status paloalto_fields(struct hn_event *event, struct hn_text text);
bool paloalto_fits(struct hn_text text);

/* The message of a program on a Unix machine (program.c): its source by the program's name, and
 * its fields where the program is known. True when the message was taken apart. */
bool program_fields(struct hn_event *event, const struct syslog_header *header);

/* Parts of it: messages of PAM in any program (program_auth.c), of programs that let people in or
 * change accounts (program_auth.c), of others (program_system.c). */
bool decode_pam_fields(struct hn_event *event, struct hn_text message);
void decode_sudo_fields(struct hn_event *event, struct hn_text message);
/* tag stands for the rule's prefix where the message has none. */
bool decode_netfilter_fields(struct hn_event *event, struct hn_text message, struct hn_text tag);

/* Source of an event by the names that a device gives itself in CEF and LEEF (devices.c). event_id
 * and name are the event's own; they tell kinds of log of one product apart. */
void decode_device_source(struct hn_event *event, struct hn_text vendor, struct hn_text product,
        struct hn_text event_id);

#endif
