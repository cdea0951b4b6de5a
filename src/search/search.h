/* search.h - questions asked of events: what somebody looks for as a Sigma rule, so that it means
 * exactly what it would mean in a rule, and events held against it. The one header of this module.
 *
 * A term is FIELD=VALUE or FIELD|MODIFIER=VALUE with Sigma's wildcards and modifiers, or any other
 * text, which is looked for in every value and in the raw line. `hinomi search` gets terms one by
 * one, the API as one text, which search_query_parse() cuts.
 *
 * Life: terms -> search_rule_load() -> match_snapshot_new() -> one search_matcher per thread ->
 * search_matcher_fits() per event.
 * Concurrency: a matcher serves one thread at a time; all else is pure.
 * Memory: sets and matchers own copies of everything; events are the caller's.
 * Limits: SEARCH_*_MAX. */
#ifndef HN_SEARCH_SEARCH_H
#define HN_SEARCH_SEARCH_H

#include "alert/alert.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "decode/decode.h"
#include "event/event.h"
#include "match/match.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stddef.h>

#define SEARCH_TERMS_MAX 64u /* of a text that is parsed */

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

/* ---- A query as one text (search_parse.c) ---- */

/* Terms separated by blanks; -TERM must not fit. A part in double quotes may hold blanks, and ""
 * in it is a quote. A term that begins with a quote is never -TERM. Fills terms and without, which
 * live in the arena; the rest of *query stays. HN_SYNTAX, HN_LIMIT, HN_NOMEM. */
HN_MUST_USE enum hn_status search_query_parse(struct hn_text text, struct hn_arena *arena,
        struct search_query *query, struct hn_err *err);
/* The text from which the same terms are read again. */
void search_query_write(const struct search_query *query, struct hn_buf *out);

/* ---- As a rule (search_rule.c) ---- */

/* The rule as YAML, one selection per term: term_1, term_2, ... and without_1, ... */
void search_rule_write(const struct search_query *query, struct hn_buf *out);

/* What is wrong with a term, in the words of the rule loader; it may hold text from outside. */
typedef void search_on_issue(void *ctx, struct hn_text message);

/* *ret_set is a reference to a set with that one rule; without a term to one with none. HN_SYNTAX:
 * this cannot be searched for, on_issue (may be NULL) and *err say why. */
HN_MUST_USE enum hn_status search_rule_load(const struct search_query *query,
        search_on_issue *on_issue, void *ctx, struct sigma_set **ret_set, struct hn_err *err);

/* ---- Events (search_match.c) ---- */

struct search_matcher;
/* NULL: out of memory. */
HN_MUST_USE struct search_matcher *search_matcher_new(struct match_snapshot *snapshot);
void search_matcher_free(struct search_matcher *matcher); /* NULL is fine */

/* Does the event fit, which is of the batch and of the snapshot's schema, and has been resolved? A
 * set without rules fits every event. */
bool search_matcher_fits(
        struct search_matcher *matcher, struct hn_event *event, const struct decode_batch *batch);
/* Of the event that has just fitted: all of it, resolved; NULL: it cannot be decoded again. */
struct hn_event *search_matcher_full(struct search_matcher *matcher);
/* Of the event that has just fitted: what in it did, at most ALERT_MATCHES_MAX; borrowed until the
 * next event. */
const struct alert_match *search_matcher_evidence(
        struct search_matcher *matcher, uint32_t *ret_count);

#endif
