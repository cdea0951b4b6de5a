/* vec.h - a growing array of any type, as a macro over { ptr, count, room }.
 *
 *     HN_VEC(struct point) points = { 0 };
 *     struct point *p = hn_vec_add(&points);      // zeroed, NULL when out of memory
 *     for (size_t i = 0; i < points.count; i++) use(&points.ptr[i]);
 *     hn_vec_deinit(&points);
 *
 * Memory: owns its items; pointers to items end with the next hn_vec_add().
 * Limits: the caller's; hn_vec_add() refuses only what does not fit in memory.
 * Concurrency: one thread at a time. */
#ifndef HN_BASE_VEC_H
#define HN_BASE_VEC_H

#include "base/attr.h"
#include "base/mem.h"

#include <stddef.h>
#include <string.h>

#define HN_VEC(type)  \
    struct {          \
        type *ptr;    \
        size_t count; \
        size_t room;  \
    }

/* Room for one more item; 0 when out of memory. Used by the macros below only. */
int hn_vec_grow(void *vec, size_t item_bytes);

/* A pointer to a new zeroed last item, or NULL. */
#define hn_vec_add(vec)                                                                       \
    (((vec)->count < (vec)->room || hn_vec_grow((vec), sizeof(__typeof__(*(vec)->ptr))))      \
                    ? memset(&(vec)->ptr[(vec)->count++], 0, sizeof(__typeof__(*(vec)->ptr))) \
                    : NULL)

#define hn_vec_reset(vec) ((void)((vec)->count = 0))

#define hn_vec_deinit(vec)   \
    do {                     \
        hn_free((vec)->ptr); \
        (vec)->ptr = NULL;   \
        (vec)->count = 0;    \
        (vec)->room = 0;     \
    } while (0)

#endif
