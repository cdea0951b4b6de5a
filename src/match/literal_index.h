/* literal_index.h - finds which of many literals occur in a text, wholly, at its start, at its end
 * or inside; one index per field of a plan.
 *
 * Private to src/match. Texts and literals are folded by the caller (hn_fold), so the index itself
 * knows no case. Whole literals are one hash look-up; starts and ends one look-up per length class
 * in use; inside, one rare window of up to four bytes of each literal is hashed, and the text's
 * windows are tested against a bit table that stays in the first-level cache. Every hit is
 * verified byte by byte: there are no false hits, and no misses.
 * docs/decisions/0003-literal-index.md has the measurements against Vectorscan.
 *
 * Concurrency: immutable once built. Memory: owned by the index; about 30 bytes per literal. */
#ifndef HN_MATCH_LITERAL_INDEX_H
#define HN_MATCH_LITERAL_INDEX_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

enum literal_anchor { LITERAL_WHOLE, LITERAL_STARTS, LITERAL_ENDS, LITERAL_INSIDE };

struct literal {
    struct hn_text text; /* not empty, except WHOLE */
    enum literal_anchor anchor;
};

struct literal_index;

/* The texts are borrowed and must outlive the index. Literals are numbered by their position. */
HN_MUST_USE enum hn_status literal_index_new(
        const struct literal *literals, uint32_t count, struct literal_index **ret_index);
void literal_index_free(struct literal_index *index); /* NULL is fine */
size_t literal_index_bytes(const struct literal_index *index);

/* Collects the numbers of the literals that occur in text, in no order; a literal may be reported
 * more than once. text must have LITERAL_PADDING readable bytes behind its end. Returns how many
 * were found; those past room are counted but not stored. */
#define LITERAL_PADDING 64
uint32_t literal_index_scan(
        const struct literal_index *index, struct hn_text text, uint32_t *ret_found, uint32_t room);

/* How often a window of four bytes stands in ordinary logs, on a scale where 0 is rare; for
 * choosing which literal of a rule to wait for. Literals shorter than four bytes are common. */
uint32_t literal_commonness(struct hn_text literal);

#endif
