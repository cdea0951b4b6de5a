/* interpret.h - the plain interpreter: one rule against one event, slowly and obviously right.
 *
 * What the compiled engine is checked against, and what explains a hit or a miss. It knows no index
 * and shares nothing between rules. Part of this module's header match.h.
 *
 * Life: match_trace_init() -> match_interpret() ... -> match_trace_deinit(). Texts in a trace are
 * borrowed from the rule's set and from the event, until its next reset.
 * Concurrency: rules are shared freely; event and trace serve one thread.
 * Memory: folding and traces take from the event's scratch and the heap.
 * Limits: regular expressions stop at SIGMA_REGEX_STEPS_MAX and then do not match; the event gets
 * the finding regex_limit. */
#ifndef HN_MATCH_INTERPRET_H
#define HN_MATCH_INTERPRET_H

#include "base/attr.h"
#include "base/vec.h"
#include "event/event.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stdint.h>

/* Why a value of a rule fits, or does not. */
#define MATCH_WHY_LIST(X)                                                   \
    X(MATCH_FITS, "matches")                                                \
    X(MATCH_ABSENT, "the event has no such field")                          \
    X(MATCH_NULL, "the field is null")                                      \
    X(MATCH_PRESENT, "the field is there")                                  \
    X(MATCH_DIFFERS, "the value differs")                                   \
    X(MATCH_NO_NUMBER, "the value is no number")                            \
    X(MATCH_NO_ADDRESS, "the value is no IP address")                       \
    X(MATCH_NO_TIME, "the value is no time")                                \
    X(MATCH_OTHER_ABSENT, "the event has no field of the name referred to") \
    X(MATCH_REGEX_LIMIT, "the regular expression reached its limit")        \
    X(MATCH_REGEX_BAD, "the regular expression could not be compiled")

enum match_why {
#define MATCH_WHY_ENUM(name, text) name,
    MATCH_WHY_LIST(MATCH_WHY_ENUM)
#undef MATCH_WHY_ENUM
};

/* One value of an item: how it fared, and against what. */
struct match_value_trace {
    const struct sigma_value *value;
    bool matched;
    enum match_why why;
    struct hn_text field; /* name in the event; empty for the raw line */
    struct hn_text text;  /* the event's value, whole; ptr NULL where there is none */
    size_t start;         /* the matched part of text */
    size_t len;
};

struct match_item_trace {
    const struct sigma_item *item;
    bool matched;
    uint32_t first_value; /* in match_trace.values */
    uint32_t value_count;
};

struct match_selection_trace {
    const struct sigma_selection *selection;
    bool matched;
};

struct match_trace {
    bool matched;
    bool fits_source; /* the event is of the rule's log source */
    HN_VEC(struct match_selection_trace) selections;
    HN_VEC(struct match_item_trace) items; /* by item.index */
    HN_VEC(struct match_value_trace) values;
    bool incomplete; /* memory was short: parts are missing */
};

void match_trace_init(struct match_trace *trace);
void match_trace_deinit(struct match_trace *trace); /* a zeroed trace is fine */

/* Whether the rule matches the event, its log source included. The event is in all-mode and
 * resolved. trace may be NULL; with one, every item and value is looked at. */
bool match_interpret(
        const struct sigma_rule *rule, struct hn_event *event, struct match_trace *trace);

const char *match_why_text(enum match_why why);

#endif
