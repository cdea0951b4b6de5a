/* sigma_dump.h - a set of rules as text, one line each, for tests to compare.
 *
 *     (and Image["*\\cmd.exe"] (not CommandLine["*-q*" "*\/q*"]))
 *
 * In strings '*' and '?' are wildcards; '\' escapes plain ones, itself and quotes. "..."c is cased,
 * #1 a number, /.../i a regular expression. */
#ifndef HN_TESTS_SIGMA_DUMP_H
#define HN_TESTS_SIGMA_DUMP_H

#include "base/buf.h"
#include "sigma/sigma.h"

void dump_condition(struct hn_buf *out, const struct sigma_node *root);
void dump_rule(struct hn_buf *out, const struct sigma_rule *rule);
void dump_correlation(struct hn_buf *out, const struct sigma_correlation *correlation);
/* Rules, then correlations, each on a line. */
void dump_set(struct hn_buf *out, const struct sigma_set *set);
/* "line:column code" of each issue, one a line. */
void dump_issues(struct hn_buf *out, const struct sigma_set *set);

#endif
