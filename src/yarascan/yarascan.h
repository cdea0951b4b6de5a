/* yarascan.h - YARA rules over the bytes of objects, by libyara. The one header of this module.
 *
 * Life: yarascan_compile() in the parent, before workers are forked -> in the jailed child
 * yarascan_new() -> yarascan_run() for each object -> both are freed, or end with their process.
 * libyara reads hostile bytes, so yarascan_run() belongs into the jail: it opens nothing, starts no
 * thread and catches no signal, so that a fault of it ends the child and is told.
 *
 * Rules come from whoever analyses and are trusted as far as a text is. Compiled rules are refused:
 * they are code for libyara's machine.
 * Concurrency: compiled rules are constant; a scanner serves one thread at a time.
 * Memory: libyara's own, outside of hn_malloc(); strings of a hit are borrowed for the call.
 * Limits: YARASCAN_*_MAX; time by the caller.
 * Specification: https://yara.readthedocs.io/en/v4.2.0/ */
#ifndef HN_YARASCAN_YARASCAN_H
#define HN_YARASCAN_YARASCAN_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define YARASCAN_FILE_BYTES_MAX ((int64_t)64 << 20) /* one file of rules */
#define YARASCAN_TAGS_MAX       8u
#define YARASCAN_PLACES_MAX     6u
#define YARASCAN_COUNT_MAX      100000u /* matches of one hit that are counted */

/* X(name, id): how much a rule's author trusts it, by its meta data. There is no "critical": what
 * stands in a rule of others does not make a verdict by itself. */
#define YARASCAN_LEVEL_LIST(X)        \
    X(YARASCAN_LOW, "yara_low")       \
    X(YARASCAN_MEDIUM, "yara_medium") \
    X(YARASCAN_HIGH, "yara_high")

enum yarascan_level {
#define YARASCAN_LEVEL_ENUM(name, id) name,
    YARASCAN_LEVEL_LIST(YARASCAN_LEVEL_ENUM)
#undef YARASCAN_LEVEL_ENUM
};
const char *yarascan_level_id(enum yarascan_level level);

/* One meta entry of a rule, as it counts for the level. */
struct yarascan_meta {
    struct hn_text name;
    struct hn_text text; /* ptr NULL: number holds it */
    int64_t number;
};
/* The level that this entry asks for; false when it says nothing of one. score and severity as a
 * number: from 75 on high, from 50 on medium, below low (up to 10 they count in tenths). severity,
 * level, threat_level as a word: critical, high; medium, moderate; low, info. */
bool yarascan_meta_level(const struct yarascan_meta *meta, enum yarascan_level *ret_level);

struct yarascan_rules; /* opaque */

/* What is wrong with a file of rules. */
struct yarascan_problem {
    const char *path; /* the file itself, or one that it includes */
    uint32_t line;    /* 0: not known */
    const char *message;
};
typedef void yarascan_on_problem(void *ctx, const struct yarascan_problem *problem);

/* Each file is a name space of its own. A file that is broken is told and left out; the others
 * count. *ret_rules is NULL when none is left. HN_NOMEM, HN_UNSUPPORTED (libyara fails). */
HN_MUST_USE enum hn_status yarascan_compile(const char *const *paths, size_t count,
        yarascan_on_problem *on_problem, void *ctx, struct yarascan_rules **ret_rules,
        struct hn_err *err);
void yarascan_rules_free(struct yarascan_rules *rules); /* NULL is fine */
uint32_t yarascan_rules_count(const struct yarascan_rules *rules);

/* ---- In the jail ---- */

struct yarascan; /* opaque */
HN_MUST_USE enum hn_status yarascan_new(
        const struct yarascan_rules *rules, struct yarascan **ret_scan, struct hn_err *err);
void yarascan_free(struct yarascan *scan); /* NULL is fine */

/* What is scanned; rules may ask for it as filename, filepath, extension and filetype. */
struct yarascan_object {
    struct hn_bytes data;
    struct hn_text name;
    struct hn_text extension;
    struct hn_text format;
};

struct yarascan_place {
    const char *string; /* "$a" */
    uint64_t offset;
    uint64_t len;
};

struct yarascan_hit {
    const char *rule;
    const char *description; /* "": it has none */
    const char *family;      /* "": it names none */
    enum yarascan_level level;
    const char *tags[YARASCAN_TAGS_MAX];
    size_t tag_count;
    struct yarascan_place places[YARASCAN_PLACES_MAX]; /* the first of each string before others */
    size_t place_count;
    uint32_t match_count; /* of all its strings */
};
typedef void yarascan_on_hit(void *ctx, const struct yarascan_hit *hit);

/* HN_LIMIT: not all of it was looked at, as seconds ended or a string matched too often. HN_NOMEM.
 * HN_UNSUPPORTED: libyara failed, err says how. Hits that were told before stand. */
HN_MUST_USE enum hn_status yarascan_run(struct yarascan *scan, const struct yarascan_object *object,
        unsigned seconds, yarascan_on_hit *on_hit, void *ctx, struct hn_err *err);

#endif
