/* accounts.h - what commands about users and tokens have in common: they go to the server, or to
 * its database on this machine, also while it is stopped. */
#ifndef HN_APP_ACCOUNTS_H
#define HN_APP_ACCOUNTS_H

#include "app/remote_table.h"

#define ACCOUNT_ROLES "viewer|analyst|rule_editor|responder|administrator|auditor"

struct accounts {
    struct remote remote;
    struct local local; /* db NULL: the server is asked */
};

/* accounts is zeroed before, and closed by the caller whatever this returns. */
HN_MUST_USE int accounts_open(const struct opt_values *values, struct accounts *accounts);
void accounts_close(struct accounts *accounts);
bool accounts_are_local(const struct accounts *accounts);
/* Says what went wrong with the database: an exit code. */
int accounts_result(enum hn_status status, const struct hn_err *err);

#endif
