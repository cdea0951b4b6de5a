/* syslog_header.h - what stands in front of the message in a line of a system log.
 *
 * Private to src/decode. Reads RFC 5424, RFC 3164 as it is really written (with and without
 * priority, host, stamp), the forms of journalctl and dmesg, of Cisco devices, and the two programs
 * whose own files look nearly the same (clamd, vsftpd).
 * Concurrency: pure. Memory: everything is a view into the line.
 * Limits: names and tags have a greatest length; what is longer belongs to the message. */
#ifndef HN_DECODE_SYSLOG_HEADER_H
#define HN_DECODE_SYSLOG_HEADER_H

#include "base/view.h"
#include "decode/stamp.h"

#include <stdbool.h>
#include <stdint.h>

#define SYSLOG_NO_PRIORITY  (-1)
#define SYSLOG_PRIORITY_MAX 191
#define SYSLOG_TAG_MAX      96
#define SYSLOG_HOST_MAX     255

/* Texts that the line does not have are empty. */
struct syslog_header {
    int priority; /* facility * 8 + severity, or SYSLOG_NO_PRIORITY */
    bool rfc5424;
    bool has_stamp;
    bool sure; /* so much is there that it cannot well be anything else: for recognition */
    struct stamp stamp;
    struct hn_text uptime; /* seconds since boot: dmesg, journalctl -o short-monotonic */
    struct hn_text host;
    struct hn_text program;
    struct hn_text pid;
    struct hn_text message_id;
    struct hn_text structured; /* RFC 5424 structured data with its brackets */
    struct hn_text sequence;   /* Cisco's message counter */
    struct hn_text message;
};

/* False when the line is no line of a system log. */
bool syslog_header_parse(struct hn_text line, struct syslog_header *ret_header);

/* A comment that journalctl writes between events ("-- Boot ..."). */
bool syslog_is_comment(struct hn_text line);

/* "authpriv", "err"; empty text where the priority is missing. */
struct hn_text syslog_facility(int priority);
struct hn_text syslog_severity(int priority);

/* One parameter of structured data. id and name are unescaped already; the value still holds its
 * escapes (\" \\ \]) when escaped is true. */
struct syslog_param {
    struct hn_text id;
    struct hn_text name;
    struct hn_text value;
    bool escaped;
};

/* The next parameter; *rest starts as the header's structured data, *id as anything. */
bool syslog_param_next(struct hn_text *rest, struct syslog_param *param);

#endif
