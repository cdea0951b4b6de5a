/* audit_record.h - one record (line) of the Linux audit log.
 *
 * Private to src/decode.
 *
 *     node=web01 type=SYSCALL msg=audit(1795400000.123:456): arch=c000003e syscall=59 ...
 *
 * The same stands behind the header of a syslog line when audisp or the kernel sends it there
 * ("kernel: audit: type=1400 audit(1795400000.123:456): ..."), and in what ausearch prints.
 * Concurrency: pure. Memory: views into the line and static tables. */
#ifndef HN_DECODE_AUDIT_RECORD_H
#define HN_DECODE_AUDIT_RECORD_H

#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct audit_record {
    struct hn_text node;   /* the machine: node=, else the syslog header's host; may be empty */
    struct hn_text type;   /* by name, "SYSCALL", also where the line has the number */
    struct hn_text id;     /* what stands in audit(...): time and serial */
    struct hn_text stamp;  /* the time part of it */
    struct hn_text serial; /* the other */
    struct hn_text fields; /* everything behind the colon */
    uint64_t time_ms;      /* 0 where the stamp is no number */
    bool interpreted;      /* by ausearch -i: values are for people, nothing is in hexadecimal */
};

/* text is the record itself; false, with *ret_record undefined, when it is none. */
bool audit_record_parse(struct hn_text text, struct audit_record *ret_record);

/* The same for a whole line, which may have a syslog header. */
bool audit_line_parse(struct hn_text line, struct audit_record *ret_record);

/* The record in the message of a syslog line whose header has been read. */
struct syslog_header;
bool audit_message_parse(const struct syslog_header *header, struct audit_record *ret_record);

/* What ausearch prints between events ("----", "time->..."). */
bool audit_is_separator(struct hn_text line);

/* True for records that the kernel writes several of for one event, all with the same id. */
bool audit_is_multi(struct hn_text type);
/* True for the record that comes last in such an event, unless ausearch has printed it. */
bool audit_is_last(struct hn_text type);

/* The system call by its number on a machine (arch as logged, "c000003e"); empty when unknown. */
struct hn_text audit_syscall_name(struct hn_text arch, struct hn_text number);

#endif
