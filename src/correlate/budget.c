/* budget.c - counted memory with a free list per small size. */
#include "correlate/budget.h"

#include "base/mem.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* Of the cap, at most this share is kept for reuse. */
#define KEPT_SHARE 8

static size_t rounded(size_t size)
{
    return (size + BUDGET_STEP_BYTES - 1) & ~(size_t)(BUDGET_STEP_BYTES - 1);
}

static bool is_recycled(size_t bytes)
{
#ifdef HN_ARENA_MALLOC
    (void)bytes;
    return false;
#else
    return bytes <= (size_t)BUDGET_CLASSES * BUDGET_STEP_BYTES;
#endif
}

void budget_deinit(struct budget *budget)
{
    for (size_t i = 0; i < BUDGET_CLASSES; i++) {
        while (budget->kept[i] != NULL) {
            struct budget_piece *piece = budget->kept[i];

            budget->kept[i] = piece->next;
            hn_free(piece);
        }
    }
    budget->kept_bytes = 0;
}

void *budget_alloc(struct budget *budget, size_t size)
{
    size_t bytes = rounded(size);
    void *ptr = NULL;

    assert(size > 0);
    if (bytes < size || bytes > budget->cap_bytes - budget->used_bytes) {
        budget->status = HN_LIMIT;
        return NULL;
    }
    if (is_recycled(bytes)) {
        struct budget_piece **kept = &budget->kept[bytes / BUDGET_STEP_BYTES - 1];

        if (*kept != NULL) {
            ptr = *kept;
            *kept = (*kept)->next;
            budget->kept_bytes -= bytes;
            memset(ptr, 0, bytes);
        }
    }
    if (ptr == NULL)
        ptr = hn_calloc(1, bytes);
    if (ptr == NULL) {
        budget->status = HN_NOMEM;
        return NULL;
    }
    budget->used_bytes += bytes;
    if (budget->used_bytes > budget->peak_bytes)
        budget->peak_bytes = budget->used_bytes;
    return ptr;
}

void budget_free(struct budget *budget, void *ptr, size_t size)
{
    size_t bytes = rounded(size);
    struct budget_piece *piece = ptr;

    if (ptr == NULL)
        return;
    assert(bytes <= budget->used_bytes);
    budget->used_bytes -= bytes;
    if (!is_recycled(bytes) || budget->kept_bytes > budget->cap_bytes / KEPT_SHARE) {
        hn_free(ptr);
        return;
    }
    piece->next = budget->kept[bytes / BUDGET_STEP_BYTES - 1];
    budget->kept[bytes / BUDGET_STEP_BYTES - 1] = piece;
    budget->kept_bytes += bytes;
}
