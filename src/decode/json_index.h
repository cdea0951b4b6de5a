/* json_index.h - first step over JSON text: where its tokens start, found 64 bytes at a time.
 *
 * Private to src/decode. The index lists, in order, every structural character outside strings,
 * every unescaped quote (opening and closing), and the first byte of every other run (numbers,
 * literals, and whatever does not belong there). It checks what only concerns strings: control
 * characters and escapes. The grammar is the second step's (json_walk.c).
 *
 * Kernels: AVX-512 (VBMI2), AVX2, and plain C; all give the same index, which a test proves.
 * Concurrency: an index serves one thread at a time. */
#ifndef HN_DECODE_JSON_INDEX_H
#define HN_DECODE_JSON_INDEX_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct json_index {
    uint32_t *pos; /* offset of each token from the start of the text */
    uint8_t *kind; /* its character; JSON_SCALAR for numbers and literals */
    uint32_t count;
    uint64_t *backslash; /* bit n of word w: byte 64 * w + n is a backslash */
    uint32_t room_bytes; /* longest text it has room for */
    uint32_t len;        /* of the text that was indexed, up to the line feed that ended it */
    bool bad_string;     /* control character in a string, wrong escape, or no closing quote */
    bool non_ascii;
    bool unicode_escape; /* a \u stands in a string */
};

/* Token kinds other than the structural characters themselves. */
#define JSON_SCALAR 'a'
#define JSON_END    '\0' /* behind the last token */

/* Which kernel; JSON_KERNEL_BEST is what this processor runs fastest. */
enum json_kernel { JSON_KERNEL_BEST, JSON_KERNEL_PLAIN, JSON_KERNEL_AVX2, JSON_KERNEL_AVX512 };

bool json_kernel_available(enum json_kernel kernel);

void json_index_deinit(struct json_index *index); /* a zeroed index is fine */

/* Indexes text up to its first LF (with stop_at_line) or all of it; at most UINT32_MAX - 128
 * bytes. HN_NOMEM when the index cannot grow. */
HN_MUST_USE enum hn_status json_index_make(
        struct json_index *index, struct hn_text text, bool stop_at_line, enum json_kernel kernel);

/* True when a backslash stands in [start, end). */
HN_INLINE bool json_index_escaped(const struct json_index *index, uint32_t start, uint32_t end)
{
    uint32_t first = start >> 6;
    uint32_t last = (end - 1) >> 6;
    uint64_t head = UINT64_MAX << (start & 63);
    uint64_t tail = UINT64_MAX >> (63 - ((end - 1) & 63));

    if (start >= end)
        return false;
    if (first == last)
        return (index->backslash[first] & head & tail) != 0;
    if ((index->backslash[first] & head) != 0 || (index->backslash[last] & tail) != 0)
        return true;
    for (uint32_t w = first + 1; w < last; w++) {
        if (index->backslash[w] != 0)
            return true;
    }
    return false;
}

#endif
