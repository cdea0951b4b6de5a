/* shell.h - documents that are only what a shipper put around a line of a log.
 *
 * Private to src/decode. Filebeat, Logstash, Vector, Fluent Bit, journald and others send a line of
 * any log as one member of a JSON document. decode_shell_find() tells such a document by its
 * members, decode_shell_open() makes the event that of the line, with the document's own fields
 * beside it. Concurrency: that of the walker and the event. Memory: an unescaped line lives in the
 * event's scratch. */
#ifndef HN_DECODE_SHELL_H
#define HN_DECODE_SHELL_H

#include "decode/decode.h"
#include "decode/json_walk.h"

/* What a member of the document is to the line. */
enum shell_part {
    SHELL_NOTHING,
    SHELL_LINE_ORIGINAL, /* the line itself, best first */
    SHELL_LINE_RAW,
    SHELL_LINE_MESSAGE,
    SHELL_LINE_LOG,
    SHELL_LINE_MSG,
    SHELL_PROGRAM, /* what a header of the line would have said */
    SHELL_TAG,
    SHELL_PID,
    SHELL_HOST,   /* as the header named it */
    SHELL_SENDER, /* as the shipper names it */
    SHELL_PRIORITY,
    SHELL_FACILITY,
    SHELL_SEVERITY,
    SHELL_STAMP,
    SHELL_MICROSECONDS, /* since 1970 */
    SHELL_PART_COUNT
};
#define SHELL_LINE_FIRST SHELL_LINE_ORIGINAL
#define SHELL_LINE_LAST  SHELL_LINE_MSG

struct shell {
    uint32_t token[SHELL_PART_COUNT]; /* of the value; 0: not there */
};

/* Whether the object at token, which was walked without failure, is a shell. */
bool decode_shell_find(const struct json_walker *walker, uint32_t token, struct shell *ret_shell);

/* An event that was filled from the shell becomes the event of its line. HN_NOTFOUND: nobody knows
 * the line; then *ret_spoilt tells whether the event has to be filled anew from the document, or is
 * as it was. */
HN_MUST_USE enum hn_status decode_shell_open(struct json_walker *walker, const struct shell *shell,
        const struct decode_options *options, struct hn_event *event, bool *ret_spoilt);

/* What an event must lack to be asked about at all: Windows events say whose they are. */
HN_INLINE bool shell_possible(const struct hn_event *event)
{
    return !hn_event_has(event, HN_FIELD_EVENT_ID) && !hn_event_has(event, HN_FIELD_CHANNEL) &&
           !hn_event_has(event, HN_FIELD_PROVIDER_NAME);
}

#endif
