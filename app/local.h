/* local.h - a server's data folder on this machine: accounts and tokens without a token.
 *
 * Whoever may write the database may do everything anyway; so this gives nobody more than they
 * have. Each change is one transaction beside the running server, and leaves an entry in the audit
 * log with the name of the user of this machine.
 * Errors are shown to the user here. Concurrency: one thread. */
#ifndef HN_APP_LOCAL_H
#define HN_APP_LOCAL_H

#include "auth/auth.h"
#include "base/attr.h"
#include "db/db.h"

#include <stdbool.h>

#define LOCAL_DATA_DEFAULT "/var/lib/hinomi"
#define LOCAL_PATH_MAX     1024

struct local {
    struct db *db;
    struct auth *auth;
    char name[AUTH_NAME_MAX + 8]; /* "cli:root" */
    struct auth_actor actor;      /* its time is that of local_open() */
};

/* Is there a database in the folder that this user may write? */
bool local_usable(const char *dir);
/* EXIT_IO after saying why not. A database is never made: it would belong to the wrong user. */
HN_MUST_USE int local_open(const char *dir, struct local *local);
void local_close(struct local *local); /* a zeroed one is fine */

/* A token with all rights that lives for a few minutes; ret_name is for taking it back. */
HN_MUST_USE int local_token_make(
        struct local *local, char ret_name[AUTH_NAME_MAX + 1], char ret_token[AUTH_TOKEN_LEN + 1]);
void local_token_revoke(struct local *local, const char *name);

#endif
