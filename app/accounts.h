/* accounts.h - what commands about users and tokens have in common: they go to the server, or to
 * its database on this machine, also while it is stopped. */
#ifndef HN_APP_ACCOUNTS_H
#define HN_APP_ACCOUNTS_H

#include "app/remote_table.h"
#include "base/json_out.h"

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

/* What the database holds, as the API would list it: {"items": [...]}. */
typedef enum hn_status accounts_items(struct db *db, struct hn_json_out *json, struct hn_err *err);
HN_MUST_USE int accounts_list(struct local *local, accounts_items *items, struct hn_buf *out);
void accounts_json_time(struct hn_json_out *json, hn_time time); /* null: never */

#endif
