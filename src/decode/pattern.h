/* pattern.h - messages that programs write in fixed words, taken apart by the words' own template.
 *
 * Private to src/decode. A template is the message as its product documents it, with captures:
 *
 *     Failed {auth_method:w} for invalid user {user>} from {src_ip:w} port {src_port:d}
 *
 *     {name}    as little as possible, up to what follows in the template; to the end as the last
 *     {name>}   as much as possible (at most one in a template): for names that an attacker chooses
 *               and that may hold the words that follow; what the program itself wrote last wins
 *     {name:w}  a word: everything up to a space
 *     {name:d}  digits, at least one
 *     {name:h}  an address or host name: everything up to a space, '/', '(', ')', ',' or '"'
 *     {}        the same without a name: skipped
 *     space     one or more spaces;  ~  none or more;  anything else stands for itself.
 *               In front of {name} and {name>} one space, so that an empty name is seen
 *
 * A template matches a message that starts like it. Captured text is trimmed; an empty capture is
 * no field.
 * Limits: PATTERN_CAPTURES_MAX, and PATTERN_TRIES_MAX places tried for one {name>}.
 * Concurrency: pure. Memory: captures are views into the message, names views into the template. */
#ifndef HN_DECODE_PATTERN_H
#define HN_DECODE_PATTERN_H

#include "event/event.h"

#include <stdbool.h>
#include <stddef.h>

#define PATTERN_CAPTURES_MAX 16
#define PATTERN_TRIES_MAX    64

struct pattern_capture {
    struct hn_text name;
    struct hn_text value;
};

struct pattern_match {
    struct pattern_capture captures[PATTERN_CAPTURES_MAX];
    size_t count;
};

/* On a match *ret_match holds the named captures in order. */
bool pattern_match(const char *pattern, struct hn_text message, struct pattern_match *ret_match);

/* The capture of that name; ptr NULL when there is none. */
struct hn_text pattern_captured(const struct pattern_match *match, struct hn_text name);

/* One kind of message: the captures become fields, and so does one constant. */
struct message_kind {
    const char *pattern;
    const char *name; /* of the constant field; NULL: none */
    const char *value;
};

/* Adds the fields of the first kind that matches; NULL when none does. */
const struct message_kind *decode_message_fields(struct hn_event *event,
        const struct message_kind *kinds, size_t count, struct hn_text message);

#endif
