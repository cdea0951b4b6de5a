/* rule_diff.h - what changes from one set of rules to another. */
#ifndef HN_APP_RULE_DIFF_H
#define HN_APP_RULE_DIFF_H

#include "base/buf.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stdint.h>

struct rule_diff {
    uint32_t added;
    uint32_t changed;
    uint32_t removed;
};

/* Rules are the same when their ids are (without one: their titles), and changed when what is in
 * them differs. from may be NULL: all are added. One line each into out, as JSON or for people.
 * False: out of memory. */
bool rule_diff_write(const struct sigma_set *from, const struct sigma_set *to, bool json,
        struct hn_buf *out, struct rule_diff *ret_diff);

#endif
