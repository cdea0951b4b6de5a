/* mem.c - malloc and friends with an injectable failure. */
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>

static _Thread_local uint64_t fail_countdown; /* 0: off; 1: failing */
static _Thread_local uint64_t fail_hits;

static bool must_fail(void)
{
    if (HN_LIKELY(fail_countdown == 0))
        return false;
    if (fail_countdown > 1) {
        fail_countdown--;
        return false;
    }
    fail_hits++;
    return true;
}

void hn_mem_fail_from(uint64_t n)
{
    fail_countdown = n;
    fail_hits = 0;
}

uint64_t hn_mem_fail_hits(void)
{
    return fail_hits;
}

uint64_t hn_mem_fail_left(void)
{
    return fail_countdown;
}

void *hn_malloc(size_t size)
{
    if (must_fail())
        return NULL;
    return malloc(size == 0 ? 1 : size);
}

void *hn_calloc(size_t count, size_t size)
{
    size_t bytes;

    if (must_fail() || __builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);
}

void *hn_realloc(void *ptr, size_t size)
{
    if (must_fail())
        return NULL;
    return realloc(ptr, size == 0 ? 1 : size);
}

void *hn_realloc_array(void *ptr, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return hn_realloc(ptr, bytes);
}

void *hn_aligned_alloc(size_t align, size_t size)
{
    size_t rounded;

    if (must_fail() || __builtin_add_overflow(size, align - 1, &rounded))
        return NULL;
    return aligned_alloc(align, rounded & ~(align - 1));
}

void hn_free(void *ptr)
{
    free(ptr);
}
