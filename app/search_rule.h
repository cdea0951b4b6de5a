/* search_rule.h - what the user looks for, as a Sigma rule, so that it means exactly what it would
 * mean in a rule.
 *
 * A term is FIELD=VALUE or FIELD|MODIFIER=VALUE with Sigma's wildcards and modifiers, or any other
 * text, which is looked for in every value and in the raw line.
 * Memory: the set owns copies of everything. */
#ifndef HN_APP_SEARCH_RULE_H
#define HN_APP_SEARCH_RULE_H

#include "base/attr.h"
#include "base/buf.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stddef.h>

struct search_query {
    const char *const *terms;
    size_t term_count;
    const char *const *without; /* terms that must not fit */
    size_t without_count;
    bool any;   /* one term is enough; otherwise all must fit */
    bool cased; /* upper and lower case differ */
    bool regex; /* texts are regular expressions */
    bool text;  /* FIELD=VALUE is text too */
};

/* The rule as YAML, one selection per term: term_1, term_2, ... and without_1, ... */
void search_rule_write(const struct search_query *query, struct hn_buf *out);

/* *ret_set is a reference to a set with that one rule. EXIT_USAGE after saying what is wrong. */
HN_MUST_USE int search_rule_load(const struct search_query *query, struct sigma_set **ret_set);

#endif
