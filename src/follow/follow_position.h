/* follow_position.h - the text of a position: which files have been at a path, and how far each
 * has been handed in; private to src/follow.
 *
 *     f1 <device> <inode> <bytes of print> <print, hex> <offset> <mark> <member> <format> <head>
 *
 * one line a file, newest first; head is base64 or "-", format a decoder's name or "-".
 * Concurrency, memory: pure; texts borrow from the input. */
#ifndef HN_FOLLOW_FOLLOW_POSITION_H
#define HN_FOLLOW_FOLLOW_POSITION_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define FOLLOW_MEMBER_DONE UINT32_MAX /* nothing of the file is left */

struct follow_entry {
    uint64_t device;
    uint64_t inode;
    uint32_t print_bytes; /* FOLLOW_PRINT_BYTES at most */
    uint64_t print;
    uint64_t offset; /* handed in; of an event log: number of the first record of its last chunk
                      * that is done with */
    uint64_t mark;   /* lines handed in; of an event log: the last record's number */
    uint32_t member; /* of an archive, from 0 */
    struct hn_text format;
    struct hn_text head; /* as base64 */
};

void follow_entry_write(const struct follow_entry *entry, struct hn_buf *out);
/* The next entry off the start of *rest; lines that are none are passed over. False at the end. */
bool follow_entry_next(struct hn_text *rest, struct follow_entry *ret_entry);

#endif
