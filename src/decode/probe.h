/* probe.h - the lines that a probe judges by.
 *
 * Private to src/decode. As decode_probe_lines(), but a last line without a line feed, which may be
 * cut off anywhere, counts only when it is the only one. */
#ifndef HN_DECODE_PROBE_H
#define HN_DECODE_PROBE_H

#include "decode/decode_internal.h"

HN_INLINE size_t probe_lines(struct hn_bytes head, struct hn_text *ret_lines, size_t count)
{
    struct hn_text text = hn_bytes_as_text(head);
    const struct hn_text *last;

    count = decode_probe_lines(head, ret_lines, count);
    if (count < 2 || text.ptr[text.len - 1] == '\n')
        return count;
    last = &ret_lines[count - 1];
    /* One character more than the line's own: a carriage return, which is no part of it. */
    return (size_t)(text.ptr + text.len - last->ptr) <= last->len + 1 ? count - 1 : count;
}

#endif
