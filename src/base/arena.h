/* arena.h - many objects with one end of life: allocate forward, give everything back at once.
 *
 * Life: hn_arena_init() -> allocations -> hn_arena_reset() (keeps the first block for reuse) or
 * hn_arena_deinit(). Clean-up hooks run in reverse order at both.
 * Memory: blocks double from 4 KiB to 1 MiB; an object larger than a block gets its own. Never
 * more than cap_bytes in all; then allocations give NULL and hn_arena_status() says HN_LIMIT.
 * With HN_ARENA_MALLOC each object is one malloc, so that sanitizers see every bound.
 * Concurrency: one thread at a time. */
#ifndef HN_BASE_ARENA_H
#define HN_BASE_ARENA_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"

#include <stddef.h>
#include <stdint.h>

struct hn_arena_block;
struct hn_arena_hook;

struct hn_arena {
    struct hn_arena_block *blocks; /* newest first */
    struct hn_arena_hook *hooks;   /* newest first */
    char *next;
    char *end;
    size_t block_bytes;
    size_t used_bytes;
    size_t cap_bytes;
    enum hn_status status; /* HN_OK until an allocation failed */
};

void hn_arena_init(struct hn_arena *arena, size_t cap_bytes);
void hn_arena_deinit(struct hn_arena *arena); /* a zeroed arena is fine */
void hn_arena_reset(struct hn_arena *arena);

/* Zeroed memory, or NULL (then hn_arena_status() tells why). align is a power of two <= 64. */
HN_MUST_USE void *hn_arena_alloc(struct hn_arena *arena, size_t size, size_t align);
/* The same, uninitialised: for buffers that are written before they are read. */
HN_MUST_USE void *hn_arena_raw(struct hn_arena *arena, size_t size, size_t align);
HN_MUST_USE void *hn_arena_array(struct hn_arena *arena, size_t count, size_t size, size_t align);

/* Room for count objects of a type, zeroed, or NULL. */
#define hn_new(arena, type, count) \
    ((type *)hn_arena_array((arena), (count), sizeof(type), _Alignof(type)))

/* A copy in the arena, with a NUL behind it that is not counted. ptr NULL on failure. */
struct hn_text hn_arena_text(struct hn_arena *arena, struct hn_text text);

/* Runs fn(ctx) when the arena is reset or ends. HN_NOMEM or HN_LIMIT when it cannot be kept. */
HN_MUST_USE enum hn_status hn_arena_on_end(
        struct hn_arena *arena, void (*fn)(void *ctx), void *ctx);

HN_INLINE enum hn_status hn_arena_status(const struct hn_arena *arena)
{
    return arena->status;
}

#endif
