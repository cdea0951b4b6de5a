/* syslogd_frame.h - messages out of a byte stream, however senders frame them; private to
 * src/syslogd.
 *
 * RFC 6587 knows two framings: "83 <34>1 ..." with the length in front (the only one over TLS, RFC
 * 5425), and a line feed behind each message. Some senders use NUL for the line feed, some put a
 * line feed behind counted messages, some mix both. Each message says by its first bytes which it
 * is, so nothing has to be configured or remembered.
 *
 * Concurrency, memory: pure; a message borrows from the input.
 * Limits: message_max. What is longer is cut off there and the rest passed over. */
#ifndef HN_SYSLOGD_SYSLOGD_FRAME_H
#define HN_SYSLOGD_SYSLOGD_FRAME_H

#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>

#define SYSLOGD_LENGTH_DIGITS_MAX 7
/* So much input always has a whole message, or the start of one that is too long. */
#define SYSLOGD_FRAME_BYTES_MAX(message_max) ((message_max) + SYSLOGD_LENGTH_DIGITS_MAX + 2)

enum syslogd_skip { SYSLOGD_SKIP_NOTHING, SYSLOGD_SKIP_OCTETS, SYSLOGD_SKIP_LINE };

/* What is known of the stream at a place; zero-initialise but for message_max. */
struct syslogd_framer {
    size_t message_max;
    enum syslogd_skip skip; /* the rest of a message that was too long */
    size_t skip_left;       /* of SYSLOGD_SKIP_OCTETS */
    size_t scanned;         /* bytes at the start of the input without a line end */
    bool counted;           /* a counted message has been seen */
};

struct syslogd_frame {
    struct hn_bytes message; /* empty: bytes between messages, or passed over */
    size_t bytes;            /* of the input */
    bool cut;                /* longer than message_max */
    bool misframed;          /* neither counted nor starting like a message, after counted ones */
};

/* What the input starts with; false when more is needed to tell, never at_end (the connection is
 * closed) unless the input is empty. How the input arrived in pieces makes no difference. */
bool syslogd_frame_next(struct syslogd_framer *framer, struct hn_bytes in, bool at_end,
        struct syslogd_frame *ret_frame);

#endif
