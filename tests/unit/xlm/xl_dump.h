/* xl_dump.h - an evaluation of macro sheets as lines of text, for the tests of this module. */
#ifndef HN_TESTS_XL_DUMP_H
#define HN_TESTS_XL_DUMP_H

#include "support/script_watch.h"
#include "xlm/xlm.h"

/* Layers of other languages are for others. */
static enum hn_status xl_dump_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err)
{
    return source->language == SCRIPT_XLM ? xlm_evaluate(run, source, err) : HN_OK;
}

/* The lines of script_watch.h of one evaluation. The caller ends watch->out. */
static void xl_dump(struct watch *watch, struct hn_text text, const struct script_limits *limits)
{
    *watch = (struct watch){ .evaluate = xl_dump_evaluate };
    watch_run(watch, SCRIPT_XLM, text, limits);
}

#endif
