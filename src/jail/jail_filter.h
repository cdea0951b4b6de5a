/* jail_filter.h - the seccomp filter of jailed children: made once, installed in each. */
#ifndef HN_JAIL_JAIL_FILTER_H
#define HN_JAIL_JAIL_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>

#define JAIL_FILTER_MAX 512 /* instructions; about 150 are used */

struct jail_filter {
    struct sock_filter program[JAIL_FILTER_MAX];
    unsigned short count;
};

bool jail_filter_prepare(struct jail_filter *ret_filter);
/* For the rest of this process; it must have given up new privileges. */
bool jail_filter_install(const struct jail_filter *filter);

#endif
