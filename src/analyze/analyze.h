/* analyze.h - from the bytes of a sample to a verdict: recognising formats, taking the sample apart
 * in a jailed worker, making events of what was found, and judging them. The one header of this
 * module; docs/decisions/0014-analyze.md says why it is cut this way.
 *
 * Life of a sample:
 *     in the worker   analyze_take_apart() fills a tree (src/dissect)
 *     over a pipe     dissect_save() -> dissect_load()
 *     in the parent   events, rules and indicators -> the verdict, a list of hits with evidence
 *
 * Nothing of a sample is ever run: formats are read, scripts are computed as far as they can be.
 * Concurrency: one tree serves one thread at a time; tables are constant.
 * Limits: struct analyze_limits; docs/analysis-report.md lists them. */
#ifndef HN_ANALYZE_ANALYZE_H
#define HN_ANALYZE_ANALYZE_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"
#include "dissect/dissect.h"
#include "script/script.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Recognising ---- */

/* What the bytes are; the name is asked only where bytes cannot tell (scripts, plain text).
 * DISSECT_UNKNOWN when nothing says. */
enum dissect_format analyze_recognise(struct hn_bytes data, struct hn_text name);

/* The last ending of a file name in lower case, without its dot, at most 16 characters; empty when
 * it has none. room holds ANALYZE_EXTENSION_ROOM bytes. */
#define ANALYZE_EXTENSION_ROOM 17
struct hn_text analyze_extension(struct hn_text name, char room[ANALYZE_EXTENSION_ROOM]);
/* Whether files with such an ending are of this format; true for endings nobody knows. */
bool analyze_extension_fits(struct hn_text extension, enum dissect_format format);

/* ---- Taking apart ---- */

/* One row per format: who opens it. Tests have their own tables. */
struct analyze_opener {
    enum dissect_format format;
    dissect_opener *open;
};

/* One row per language: who evaluates it. */
typedef enum hn_status analyze_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err);
struct analyze_evaluator {
    enum script_language language;
    analyze_evaluate *evaluate;
};

struct analyze_tables {
    const struct analyze_opener *openers;
    size_t opener_count;
    const struct analyze_evaluator *evaluators;
    size_t evaluator_count;
};
/* All there are. */
extern const struct analyze_tables analyze_tables_all;

struct analyze_options {
    const struct script_limits *script_limits; /* NULL: the defaults */
    const struct analyze_tables *tables;       /* NULL: all there are */
};

/* Opens everything below the sample (object 0 of the tree), then evaluates scripts, whose layers
 * are objects again, until nothing is left. HN_NOMEM alone is a failure; everything else is a note
 * on its object. */
HN_MUST_USE enum hn_status analyze_take_apart(
        struct dissect *dissect, const struct analyze_options *options, struct hn_err *err);

#endif
