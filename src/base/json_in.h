/* json_in.h - a pull reader over JSON text of our own making: alerts kept as lines, saved state.
 *
 *     struct hn_json_in in = hn_json_in_over(text);
 *     if (hn_json_in_open(&in, '{'))
 *         while (hn_json_in_member(&in, arena, &key))
 *             hn_json_in_text(&in, arena, &value) or hn_json_in_raw(&in, &slice) ...
 *
 * It fails once and stays failed, so that one hn_json_in_ok() behind everything is enough. It
 * checks what it needs to stay in bounds and to end; it is no validator (src/decode has that one).
 * Memory: strings without escapes borrow from the text, others are put into the arena.
 * Limits: none of its own; a value is passed over without recursion, however deep.
 * Concurrency: one thread at a time. */
#ifndef HN_BASE_JSON_IN_H
#define HN_BASE_JSON_IN_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hn_json_in {
    struct hn_text text;
    size_t pos;
    bool failed;
};

HN_INLINE struct hn_json_in hn_json_in_over(struct hn_text text)
{
    return (struct hn_json_in){ .text = text };
}

HN_INLINE bool hn_json_in_ok(const struct hn_json_in *in)
{
    return !in->failed;
}

/* First character of the next value: { [ " t f n - or a digit; 0 at the end of the text. */
char hn_json_in_peek(struct hn_json_in *in);

/* Enters an object or array; false (and failed) when something else comes next. */
bool hn_json_in_open(struct hn_json_in *in, char bracket);
/* The name of the next member, whose value then has to be taken. False at the end of the object,
 * which it leaves. */
bool hn_json_in_member(struct hn_json_in *in, struct hn_arena *arena, struct hn_text *ret_key);
/* True when another item comes, which then has to be taken. False at the end of the array. */
bool hn_json_in_item(struct hn_json_in *in);

/* Takes a string; false (and failed) when it is none. NUL may be in it. */
bool hn_json_in_text(struct hn_json_in *in, struct hn_arena *arena, struct hn_text *ret_text);
/* Takes a whole number that is not negative. */
bool hn_json_in_u64(struct hn_json_in *in, uint64_t *ret_value);
/* Takes any value as it stands. */
bool hn_json_in_raw(struct hn_json_in *in, struct hn_text *ret_json);
bool hn_json_in_skip(struct hn_json_in *in);

#endif
