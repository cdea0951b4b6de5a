/* openers.c - who opens which format and who evaluates which language: the one place where the
 * modules of formats are named. A format without a row is a leaf, or is said not to be supported.
 */
#include "analyze/analyze_internal.h"

#include "base/attr.h"

/* A first row for every module that exists; see ARCHITECTURE.md for how to add one. */
static const struct analyze_opener openers[] = {
    { DISSECT_FORMAT_COUNT, NULL },
};

static const struct analyze_evaluator evaluators[] = {
    { SCRIPT_LANGUAGE_COUNT, NULL },
};

const struct analyze_tables analyze_tables_all = {
    .openers = openers,
    .opener_count = HN_COUNT_OF(openers),
    .evaluators = evaluators,
    .evaluator_count = HN_COUNT_OF(evaluators),
};

dissect_opener *opener_of(const struct analyze_tables *tables, enum dissect_format format)
{
    for (size_t i = 0; i < tables->opener_count; i++)
        if (tables->openers[i].format == format)
            return tables->openers[i].open;
    return NULL;
}
