/* analyze_known.h - what `hinomi analyze` holds samples against besides its rules: YARA rules,
 * lists of digests, clamd, results of vendors. Errors are shown to the user here; functions return
 * an exit code. */
#ifndef HN_APP_ANALYZE_KNOWN_H
#define HN_APP_ANALYZE_KNOWN_H

#include "base/attr.h"
#include "known/known.h"
#include "yarascan/yarascan.h"

#include <stdbool.h>
#include <stddef.h>

struct analyze_known_options {
    const char *const *yara; /* files and folders */
    size_t yara_count;
    const char *const *good;
    size_t good_count;
    const char *const *bad;
    size_t bad_count;
    const char *clamd;
    const char *const *reports; /* files and folders */
    size_t report_count;
    const char *key;
    const char *url;
    bool no_cache;
};

/* For files_find(): which files of a folder are rules, which are results of vendors. */
bool analyze_known_is_hidden(const char *name);
bool analyze_known_is_yara(const char *name);
bool analyze_known_is_report(const char *name);

/* Before workers are forked: they see what was compiled then. NULL where nothing is given. */
HN_MUST_USE int analyze_known_yara(
        const struct analyze_known_options *options, struct yarascan_rules **ret_rules);
/* The rest; NULL where nothing is given. */
HN_MUST_USE int analyze_known_open(
        const struct analyze_known_options *options, struct known **ret_known);

#endif
