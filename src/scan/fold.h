/* fold.h - repeats of an alert are counted instead of written; private to src/scan.
 *
 * The first alert of a fold key is written when it is found; at the end of the run each key that
 * had repeats gets one line with its count, first and last time.
 * Limits: FOLD_KEYS_MAX keys; past it alerts are written in full, so nothing is lost. */
#ifndef HN_SCAN_FOLD_H
#define HN_SCAN_FOLD_H

#include "base/hash.h"
#include "base/time.h"
#include "base/view.h"

#include <stdbool.h>

#define FOLD_KEYS_MAX ((uint32_t)1 << 20)

struct fold;
struct fold *fold_new(void); /* NULL: out of memory */
void fold_free(struct fold *fold);

/* Counts an alert; true when one with its key has been written before. */
bool fold_is_repeat(struct fold *fold, struct hn_digest key, hn_time time);

/* {"kind":"fold","fold_key":...,"count":...,"first":...,"last":...} for each key with repeats, in
 * the order of their first alerts. False when on_bytes stopped it. */
bool fold_write(const struct fold *fold, const struct hn_zone *zone,
        bool (*on_bytes)(void *ctx, struct hn_text bytes), void *ctx);

#endif
