/* rules_load.h - rules, lists, pipelines and indicators from folders and files to compiled sets.
 *
 * Used by every command that needs rules, so that all load the same things in the same way.
 * Errors are shown to the user here; functions return an exit code. */
#ifndef HN_APP_RULES_LOAD_H
#define HN_APP_RULES_LOAD_H

#include "app/exit_code.h"
#include "base/attr.h"
#include "ioc/ioc.h"
#include "sigma/sigma.h"

#include <stdbool.h>
#include <stddef.h>

struct rules_options {
    const char *const *paths; /* files and folders; none: the shipped rules */
    size_t path_count;
    const char *const *pipelines;
    size_t pipeline_count;
    const char *const *lists; /* folders of <Name>.txt for placeholders, or Name=FILE */
    size_t list_count;
    const struct sigma_list *values; /* lists that come from elsewhere than files */
    size_t value_count;
    bool no_cache;
};

/* What was read, for `rules update` and messages. */
struct rules_stats {
    size_t files;
    bool from_cache;
    double seconds;
};

/* *ret_set is a reference. EXIT_RULES when not a single rule could be loaded. */
HN_MUST_USE int rules_load(const struct rules_options *options, struct sigma_set **ret_set,
        struct rules_stats *ret_stats);

/* Which folders and files of a rule repository hold rules, for files_find(). */
bool rules_skip_folder(const char *name);
bool rules_is_file(const char *name);

/* Indicator files and warning lists; *ret_set NULL when none are given. */
HN_MUST_USE int iocs_load(const char *const *paths, size_t path_count, const char *columns,
        const char *const *warninglists, size_t warninglist_count, struct ioc_set **ret_set);

/* Folder of the shipped data ("rules", "lists", ...): $HINOMI_DATA, beside the program, or the
 * source tree of a development build. Valid until the program ends. */
const char *data_dir(void);

#endif
