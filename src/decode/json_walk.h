/* json_walk.h - second step over JSON text: grammar (RFC 8259), names, and fields of events.
 *
 * Private to src/decode. Walks the tokens of json_index.h with an explicit stack. One pass checks
 * everything and keeps only what the event wants.
 * Concurrency: a walker serves one thread at a time.
 * Limits: nesting by the event's limits.depth_max, at most JSON_DEPTH_MAX. */
#ifndef HN_DECODE_JSON_WALK_H
#define HN_DECODE_JSON_WALK_H

#include "decode/json_index.h"
#include "decode/json_key.h"
#include "event/event.h"

#define JSON_DEPTH_MAX 1024u

struct json_frame;

struct json_walker {
    struct json_index index;
    struct hn_text text; /* what index describes */
    struct json_frame *frames;
    struct json_keys *keys;  /* NULL in a walker that only skips */
    struct json_index spare; /* of texts inside the text: json_walker_nest() */
    uint32_t next;           /* token to look at next */
    uint32_t error_at;       /* offset in text of what is wrong, after a failure */
};

/* The walker that an event keeps for its worker; NULL when out of memory. Its index is used up by
 * the next start. */
struct json_walker *json_walker_of(struct hn_event *event);

/* The walker that an event came from, while its index is still that of the event's text, in which
 * the event begins at token; else NULL. */
struct json_walker *json_walker_holding(const struct hn_event *event, uint32_t token);

HN_MUST_USE enum hn_status json_walker_init(struct json_walker *walker);
void json_walker_deinit(struct json_walker *walker); /* a zeroed walker is fine */

/* Indexes text; see json_index_make(). */
HN_MUST_USE enum hn_status json_walker_start(
        struct json_walker *walker, struct hn_text text, bool stop_at_line);

/* Walks the value at walker->next, which must start an object, adding its fields to event, whose
 * walker this is. HN_OK:
 * next stands behind it. HN_SYNTAX or HN_LIMIT (too deep): error_at tells where. */
HN_MUST_USE enum hn_status json_walk_object(struct json_walker *walker, struct hn_event *event);

/* Walks any value without keeping anything. */
HN_MUST_USE enum hn_status json_walk_skip(struct json_walker *walker);

/* Between these two, other texts may be walked without loss of where this one stands. */
struct json_walker_place {
    struct json_index index;
    struct hn_text text;
    uint32_t next;
};
void json_walker_nest(struct json_walker *walker, struct json_walker_place *ret_place);
void json_walker_unnest(struct json_walker *walker, const struct json_walker_place *place);

HN_INLINE uint8_t json_walker_kind(const struct json_walker *walker)
{
    return walker->index.kind[walker->next];
}

HN_INLINE uint32_t json_walker_pos(const struct json_walker *walker)
{
    return walker->index.pos[walker->next];
}

#endif
