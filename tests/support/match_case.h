/* match_case.h - rules and events made from bytes.
 *
 * Any bytes give a case, so that a random generator and a fuzzer can share it. Rules and events
 * take their texts from one small alphabet: what matters happens often. A rule may turn out wrong;
 * it is then rejected by the loader and the others are asked.
 * Life: match_case_build() -> match_case_deinit(). */
#ifndef HN_TESTS_MATCH_CASE_H
#define HN_TESTS_MATCH_CASE_H

#include "base/arena.h"
#include "base/buf.h"
#include "event/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MATCH_CASE_EVENTS_MAX 6
#define MATCH_CASE_VALUES_MAX 12
#define MATCH_CASE_BYTES_MAX  4096 /* more input makes no larger case */

struct match_case_value {
    struct hn_text name;
    struct hn_value value;
};

struct match_case_event {
    struct match_case_value values[MATCH_CASE_VALUES_MAX];
    uint32_t value_count;
    struct hn_text raw; /* the line as logged; empty where there is none */
    bool raw_is_json;
    struct hn_source source;
};

struct match_case {
    struct hn_arena arena;
    struct hn_buf yaml;
    struct match_case_event events[MATCH_CASE_EVENTS_MAX];
    uint32_t event_count;
};

/* Aborts when out of memory. */
void match_case_build(struct match_case *ret_case, const uint8_t *data, size_t size);
void match_case_deinit(struct match_case *c);

#endif
