/* arena.c - block allocator; see arena.h for the contract. */
#include "base/arena.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

#define BLOCK_BYTES_MIN ((size_t)4096)
#define BLOCK_BYTES_MAX ((size_t)1 << 20)

struct hn_arena_block {
    struct hn_arena_block *older;
    size_t size;              /* usable bytes behind the header */
    _Alignas(64) char data[]; /* the header is padded, so that any align up to 64 fits */
};

struct hn_arena_hook {
    struct hn_arena_hook *older;
    void (*fn)(void *ctx);
    void *ctx;
};

void hn_arena_init(struct hn_arena *arena, size_t cap_bytes)
{
    memset(arena, 0, sizeof *arena);
    arena->cap_bytes = cap_bytes;
    arena->block_bytes = BLOCK_BYTES_MIN;
}

static void run_hooks(struct hn_arena *arena)
{
    while (arena->hooks != NULL) {
        struct hn_arena_hook *hook = arena->hooks;

        arena->hooks = hook->older;
        hook->fn(hook->ctx);
    }
}

static void free_blocks(struct hn_arena *arena, const struct hn_arena_block *keep)
{
    struct hn_arena_block *block = arena->blocks;

    while (block != NULL) {
        struct hn_arena_block *older = block->older;

        if (block != keep) {
            arena->used_bytes -= block->size;
            hn_free(block);
        }
        block = older;
    }
    arena->blocks = NULL;
}

void hn_arena_deinit(struct hn_arena *arena)
{
    run_hooks(arena);
    free_blocks(arena, NULL);
    hn_arena_init(arena, arena->cap_bytes);
}

void hn_arena_reset(struct hn_arena *arena)
{
    struct hn_arena_block *keep = arena->blocks;

    run_hooks(arena);
#ifdef HN_ARENA_MALLOC
    keep = NULL;
#endif
    free_blocks(arena, keep);
    arena->status = HN_OK;
    arena->next = NULL;
    arena->end = NULL;
    if (keep != NULL) {
        keep->older = NULL;
        arena->blocks = keep;
        arena->next = keep->data;
        arena->end = keep->data + keep->size;
    }
}

static struct hn_arena_block *add_block(struct hn_arena *arena, size_t size)
{
    struct hn_arena_block *block;

    if (size > arena->cap_bytes - arena->used_bytes) {
        arena->status = HN_LIMIT;
        return NULL;
    }
    block = hn_aligned_alloc(64, sizeof *block + size);
    if (block == NULL) {
        arena->status = HN_NOMEM;
        return NULL;
    }
    block->size = size;
    block->older = arena->blocks;
    arena->blocks = block;
    arena->used_bytes += size;
    return block;
}

void *hn_arena_raw(struct hn_arena *arena, size_t size, size_t align)
{
    struct hn_arena_block *block;
    size_t pad;

    assert(align != 0 && (align & (align - 1)) == 0 && align <= 64);
    if (size == 0)
        size = 1;
#ifdef HN_ARENA_MALLOC
    (void)pad;
    block = add_block(arena, size);
    return block == NULL ? NULL : block->data;
#else
    if (arena->next != NULL) {
        pad = (size_t)(-(uintptr_t)arena->next) & (align - 1);
        if (pad <= (size_t)(arena->end - arena->next) &&
                size <= (size_t)(arena->end - arena->next) - pad) {
            void *ptr = arena->next + pad;
            arena->next += pad + size;
            return ptr;
        }
    }
    if (size > arena->block_bytes / 4) { /* its own block; the current one goes on being used */
        struct hn_arena_block *current = arena->blocks;

        block = add_block(arena, size);
        if (arena->block_bytes < BLOCK_BYTES_MAX)
            arena->block_bytes *= 2; /* so that a user who resets needs no extra block next time */
        if (block != NULL && current != NULL) {
            arena->blocks = current;
            block->older = current->older;
            current->older = block;
        } else if (block != NULL) {
            arena->next = block->data + size;
            arena->end = arena->next;
        }
        return block == NULL ? NULL : block->data;
    }
    block = add_block(arena, arena->block_bytes);
    if (block == NULL &&
            arena->status == HN_LIMIT) { /* a small object may still fit under the cap */
        arena->status = HN_OK;
        block = add_block(arena, size);
    }
    if (block == NULL)
        return NULL;
    if (arena->block_bytes < BLOCK_BYTES_MAX)
        arena->block_bytes *= 2;
    arena->next = block->data + size;
    arena->end = block->data + block->size;
    return block->data;
#endif
}

void *hn_arena_alloc(struct hn_arena *arena, size_t size, size_t align)
{
    void *ptr = hn_arena_raw(arena, size, align);

    if (ptr != NULL)
        memset(ptr, 0, size);
    return ptr;
}

void *hn_arena_array(struct hn_arena *arena, size_t count, size_t size, size_t align)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        arena->status = HN_LIMIT;
        return NULL;
    }
    return hn_arena_alloc(arena, bytes, align);
}

struct hn_text hn_arena_text(struct hn_arena *arena, struct hn_text text)
{
    char *copy = text.len == SIZE_MAX ? NULL : hn_arena_raw(arena, text.len + 1, 1);

    if (copy == NULL)
        return (struct hn_text){ NULL, 0 };
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = 0;
    return (struct hn_text){ copy, text.len };
}

enum hn_status hn_arena_on_end(struct hn_arena *arena, void (*fn)(void *ctx), void *ctx)
{
    struct hn_arena_hook *hook = hn_new(arena, struct hn_arena_hook, 1);

    if (hook == NULL)
        return hn_arena_status(arena);
    hook->fn = fn;
    hook->ctx = ctx;
    hook->older = arena->hooks;
    arena->hooks = hook;
    return HN_OK;
}
