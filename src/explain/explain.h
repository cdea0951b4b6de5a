/* explain.h - why one rule fires on one event, or why it does not: the condition as a tree in which
 * every part knows whether it holds and whether it decides.
 *
 * The one header of this module. The truth comes from the plain interpreter (match/interpret.h);
 * here its answers are put in the order of the rule, so that they can be shown.
 *
 * Life: zero-initialise -> explain() ... -> explanation_deinit(). Texts are borrowed from
 * the rule's set and from the event, until the event's next reset. Concurrency: an explanation and
 * its event serve one thread. Memory: lists that keep their room from one event to the next.
 * Limits: EXPLAIN_NODES_MAX parts of a condition; then `cut` is set and the rest is not shown. */
#ifndef HN_EXPLAIN_EXPLAIN_H
#define HN_EXPLAIN_EXPLAIN_H

#include "base/attr.h"
#include "base/status.h"
#include "base/vec.h"
#include "event/event.h"
#include "match/match.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stdint.h>

#define EXPLAIN_NODES_MAX 20000u
#define EXPLAIN_NONE      UINT32_MAX

/* A part of the condition. A part that stands in it twice is listed twice. */
struct explain_node {
    enum sigma_node_kind kind;
    uint32_t parent; /* EXPLAIN_NONE: the whole condition */
    uint32_t depth;
    bool holds;
    bool decides;                            /* the condition has its value because of this part */
    const struct sigma_selection *selection; /* the search identifier it is; NULL: none */
    const struct match_item_trace *item;     /* SIGMA_ITEM */
};

struct explanation {
    const struct sigma_rule *rule;
    struct match_trace trace;
    HN_VEC(struct explain_node) nodes; /* parents first, in the order of the rule */
    double closeness;                  /* how much of the condition holds, 0 to 1 */
    bool cut;
};

/* The event is in all-mode and resolved. HN_NOMEM: the explanation is of no use. */
HN_MUST_USE enum hn_status explain(
        struct explanation *explanation, const struct sigma_rule *rule, struct hn_event *event);
void explanation_deinit(struct explanation *explanation); /* a zeroed one is fine */

/* Orders events by how near they come to the rule: first those of its log source, then by
 * closeness. >0: a is nearer. */
struct explain_rank {
    bool matched;
    bool fits_source;
    double closeness;
};
struct explain_rank explain_rank(const struct explanation *explanation);
int explain_rank_compare(struct explain_rank a, struct explain_rank b);

/* The values that the event holds for a field of a rule, and the name under which they were logged
 * (another one where it was filled from an alias; ptr NULL where it was computed). */
struct explain_field {
    bool present;
    uint32_t first; /* index of the first value, for hn_event_next() */
    struct hn_text logged_as;
};
struct explain_field explain_field(const struct hn_event *event, struct hn_text field);

#endif
