/* wire.h - what the jailed child that unpacks tells its parent, over a pipe; private to src/input.
 *
 * The child may have been taken over by the file it reads: the parent believes nothing. Messages
 * are checked for their kind, order and size, and a child that talks nonsense is ended.
 *
 *   kind 1 | finding 1 | zero 2 | length 4 | number 8 (little-endian), then length bytes
 *   ENTRY    number: size or UINT64_MAX; bytes: the name
 *   DATA     number: bytes of the file read so far; bytes: data, never none
 *   END      number: as above
 *   FINDING  finding: its kind; bytes: name, NUL, reason
 *   DONE     number: an enum hn_status
 */
#ifndef HN_INPUT_WIRE_H
#define HN_INPUT_WIRE_H

#include "input/unpack.h"

#define WIRE_HEADER_BYTES  16
#define WIRE_PAYLOAD_BYTES ((size_t)1 << 17)

enum wire_kind { WIRE_ENTRY = 1, WIRE_DATA, WIRE_END, WIRE_FINDING, WIRE_DONE };

struct wire_message {
    enum wire_kind kind;
    enum hn_finding_kind finding;
    uint64_t number;
    struct hn_bytes payload;
};

/* Takes the message at the start of in. Returns its length, 0 when it is not complete, SIZE_MAX
 * when it is none. in_entry: whether an entry is open (DATA and END are allowed). */
size_t wire_parse(struct hn_bytes in, bool in_entry, struct wire_message *ret_message);

/* The name and the reason of a finding; false when it has not this form. */
bool wire_split_finding(
        const struct wire_message *message, struct hn_text *ret_name, struct hn_text *ret_reason);

/* In the child: unpacks and writes messages to out. Returns an exit code. */
int wire_serve(const struct unpack_source *source, const struct unpack_options *options, int out);

#endif
