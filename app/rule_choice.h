/* rule_choice.h - which of the loaded rules are used: --level, --status, --tag, --rule.
 *
 * Rows: OPT_RULE_CHOICE_ROWS of opt_shared.h. */
#ifndef HN_APP_RULE_CHOICE_H
#define HN_APP_RULE_CHOICE_H

#include "app/opt_shared.h"
#include "base/attr.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stdint.h>

/* SIGMA_LEVEL_NONE when --level is not given. */
enum sigma_level rule_choice_level(const struct opt_values *values);

/* Does a rule with this meta pass the filters? */
bool rule_choice_wants(const struct opt_values *values, const struct sigma_meta *meta);

/* *ret_enabled has one entry per rule of the set (to be freed with hn_free()): rules that pass, and
 * those that wanted correlations need. *ret_count is how many. NULL: out of memory. */
HN_MUST_USE bool *rule_choice_make(
        const struct opt_values *values, const struct sigma_set *set, uint32_t *ret_count);

#endif
