/* jail_filter.h - the system calls a jailed child may make; private to src/jail. */
#ifndef HN_JAIL_JAIL_FILTER_H
#define HN_JAIL_JAIL_FILTER_H

#include <stdbool.h>

/* Installs the filter for the calling process, for good. False when the system refuses: then the
 * child must not run. */
bool jail_filter_install(void);

#endif
