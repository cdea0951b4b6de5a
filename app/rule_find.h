/* rule_find.h - the one rule that a command is about, by file, id, name or title.
 *
 * Errors are shown to the user here; functions return an exit code. */
#ifndef HN_APP_RULE_FIND_H
#define HN_APP_RULE_FIND_H

#include "app/rules_load.h"
#include "base/attr.h"
#include "sigma/sigma.h"

/* wanted is a file with one rule, or (among the rules of options) an id, a name, or a part of one
 * title alone. *ret_set is a reference also when this fails, unless it is NULL. */
HN_MUST_USE int rule_find(const char *wanted, const struct rules_options *options,
        struct sigma_set **ret_set, uint32_t *ret_rule);

#endif
