/* mem.h - the one door to the heap, so that tests can make the n-th allocation fail.
 *
 * Life: what these return is given back with hn_free(); arenas (arena.h) are built on them.
 * Concurrency: safe from any thread; the failure counter is per thread.
 * Limits: none here; each user names its own. */
#ifndef HN_BASE_MEM_H
#define HN_BASE_MEM_H

#include "base/attr.h"

#include <stddef.h>
#include <stdint.h>

HN_MUST_USE void *hn_malloc(size_t size);               /* uninitialised, NULL when out of memory */
HN_MUST_USE void *hn_calloc(size_t count, size_t size); /* zeroed; checks the product */
HN_MUST_USE void *hn_realloc(void *ptr, size_t size);   /* on failure ptr stays valid */
/* realloc to count * size, with the product checked. */
HN_MUST_USE void *hn_realloc_array(void *ptr, size_t count, size_t size);
HN_MUST_USE void *hn_aligned_alloc(size_t align, size_t size); /* for hn_free() too */
void hn_free(void *ptr);                                       /* NULL is fine */

/* For tests: from now on, in this thread, the n-th allocation (1 = the next) and all later ones
 * fail. 0 switches it off. hn_mem_fail_hits() says how often one was made to fail since. */
void hn_mem_fail_from(uint64_t n);
uint64_t hn_mem_fail_hits(void);
/* How many of the n are left; so a test with a large n can count allocations. */
uint64_t hn_mem_fail_left(void);

#endif
