/* audit_value.h - the name=value pairs of an audit record, and what their encodings hide.
 *
 * Private to src/decode. The kernel writes a text that could break its line (a space, a quote, a
 * control character, anything beyond ASCII) as hexadecimal digits without quotes; every other text
 * of that kind is in double quotes. auditd may append translations behind a group separator
 * (log_format = ENRICHED): ARCH=x86_64 SYSCALL=execve UID="root".
 * Concurrency: pure. Memory: views into the record; decoded texts live in the event's scratch. */
#ifndef HN_DECODE_AUDIT_VALUE_H
#define HN_DECODE_AUDIT_VALUE_H

#include "event/event.h"

#include <stdbool.h>

struct audit_pair {
    struct hn_text key;
    struct hn_text value; /* without quotes */
    bool quoted;
};

/* The next pair off the front of *rest; those inside msg='...' follow as if they stood outside.
 * False at the end. */
bool audit_pair_next(struct hn_text *rest, struct audit_pair *ret_pair);

/* The value of that key in a record's fields; empty when there is none. */
struct hn_text audit_find(struct hn_text fields, struct hn_text key);

/* True for keys whose values the kernel and auditd may write in hexadecimal. */
bool audit_is_encoded_key(struct hn_text key);
/* True for a value that is: an even number of digits, letters upper case. */
bool audit_is_encoded(struct hn_text value);

/* Writes the bytes of an encoded value to out (value.len / 2 of them). */
size_t audit_decode_to(struct hn_text value, char *out);
/* The same into the scratch, with each NUL replaced by separator (0: kept). */
struct hn_text audit_decode(struct hn_event *event, struct hn_text value, char separator);

/* A socket address in hexadecimal (struct sockaddr of a little-endian machine). */
struct audit_address {
    struct hn_text family; /* "inet", "inet6", "local", else its number */
    struct hn_text ip;     /* or the path of a local socket; in the event's scratch */
    uint16_t port;         /* 0 for local sockets */
};
bool audit_address_parse(
        struct hn_event *event, struct hn_text saddr, struct audit_address *ret_address);

#endif
