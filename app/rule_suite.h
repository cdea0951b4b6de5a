/* rule_suite.h - the tests found in files and folders: those that stand beside rules, and the
 * info.yml of rule repositories; and the rule files themselves.
 *
 * Life: zero-initialise -> rule_suite_add() per path -> reading -> rule_suite_deinit(). Everything
 * found is valid until then. Errors are shown to the user here; functions return an exit code. */
#ifndef HN_APP_RULE_SUITE_H
#define HN_APP_RULE_SUITE_H

#include "app/files.h"
#include "base/arena.h"
#include "base/attr.h"
#include "base/vec.h"
#include "trial/trial.h"

#include <stddef.h>

/* A rule's document and its tests. */
struct suite_sheet {
    const char *path;
    struct trial_sheet sheet;
    struct hn_err err; /* status other than HN_OK: the tests cannot be read */
};

struct suite_regression {
    const char *path;
    struct trial_regression regression;
    struct hn_err err;
};

struct rule_suite {
    struct file_list files;
    HN_VEC(struct file_text) texts; /* what the rest borrows from */
    struct hn_arena arena;
    HN_VEC(const char *) rule_paths;
    HN_VEC(struct suite_sheet) sheets;
    HN_VEC(struct suite_regression) regressions;
};

HN_MUST_USE int rule_suite_add(struct rule_suite *suite, const char *path);
void rule_suite_deinit(struct rule_suite *suite);

#endif
