/* correlate_case.h - sets of correlations and streams of hits, made from bytes.
 *
 * Any bytes give a valid case, so that a random generator and a fuzzer can share it. Times and
 * timespans are small numbers with many ties, values come from small alphabets: what matters
 * happens often. Numbers are multiples of 1/8, so that sums are known exactly.
 * Life: correlate_case_build() -> correlate_case_deinit(). */
#ifndef HN_TESTS_CORRELATE_CASE_H
#define HN_TESTS_CORRELATE_CASE_H

#include "base/arena.h"
#include "sigma/sigma.h"

#include <stddef.h>
#include <stdint.h>

#define CASE_HITS_MAX   400
#define CASE_FIELDS_MAX 6

struct case_field {
    struct hn_text name;
    struct hn_text text;
};

struct case_hit {
    uint32_t rule;
    hn_time time;
    uint64_t order;
    struct case_field fields[CASE_FIELDS_MAX];
    uint32_t field_count;
};

struct correlate_case {
    struct hn_arena arena;
    struct sigma_set set;
    struct case_hit *hits; /* in order of time and order */
    size_t hit_count;
    hn_time lateness; /* by how much a stream may be shuffled */
};

/* What is left of the bytes; zeros behind their end. */
struct case_bytes {
    const uint8_t *next;
    const uint8_t *end;
};
uint8_t case_byte(struct case_bytes *bytes);

/* Aborts when out of memory. */
void correlate_case_build(struct correlate_case *ret_case, const uint8_t *data, size_t size);
void correlate_case_deinit(struct correlate_case *c);

#endif
