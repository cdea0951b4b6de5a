/* rule_store.h - a folder that holds sets of rules, of which one is in force.
 *
 *     DIR/versions/<digest>/...   whole sets, never changed once they have their name
 *     DIR/current                 link to the set in force: what `scan -r DIR/current` reads
 *     DIR/previous                link to the one before, for going back
 *
 * A set is written aside, forced to disk, named, and then put in force by renaming one link, so
 * that whoever reads sees the old set or the new one, whenever the power fails or the process is
 * killed. What a killed run left behind is removed by the next one.
 * Concurrency: one writer at a time, held by a lock; readers need none.
 * Errors are shown to the user here; functions return an exit code. */
#ifndef HN_APP_RULE_STORE_H
#define HN_APP_RULE_STORE_H

#include "app/rule_bundle.h"
#include "base/attr.h"

#include <stdbool.h>

#define STORE_PATH_MAX 4096u

struct rule_store {
    const char *folder;
    int lock; /* -1: not held */
};

/* create: make what is missing and take the lock; without it nothing is written. */
HN_MUST_USE int rule_store_open(struct rule_store *store, const char *folder, bool create);
void rule_store_close(struct rule_store *store);

/* The folder of the set in force; false: there is none. */
bool rule_store_current(const struct rule_store *store, char ret_path[STORE_PATH_MAX]);

/* An empty folder in the store for work in progress; rule_store_remove() ends it. */
HN_MUST_USE int rule_store_scratch(const struct rule_store *store, char ret_path[STORE_PATH_MAX]);
void rule_store_remove(const char *path);

/* Puts the set in force and keeps the one before. */
HN_MUST_USE int rule_store_put(struct rule_store *store, const struct rule_bundle *bundle);

/* Puts the previous set in force again; the other becomes the previous one. */
HN_MUST_USE int rule_store_rollback(struct rule_store *store);

#endif
