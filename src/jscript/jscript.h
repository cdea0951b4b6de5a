/* jscript.h - evaluates JScript and JavaScript as Windows Script Host, HTA pages and browsers run
 * it, without running anything. The one header of this module.
 *
 * The language is ECMAScript 5 with arrow functions, let, const, template texts and for-of; what is
 * not understood is skipped to the next statement and noted. Objects of Windows come from com.h;
 * those of a page are few: what is written into a document is a layer, a new location a request. A
 * condition that cannot be known takes both branches; functions that nobody calls are called once,
 * with unknown arguments, and what they would do is conditional.
 *
 * Concurrency, memory, limits: those of the run (script.h). */
#ifndef HN_JSCRIPT_JSCRIPT_H
#define HN_JSCRIPT_JSCRIPT_H

#include "base/status.h"
#include "script/script.h"

/* HN_NOMEM alone is a failure; limits and odd syntax are told and in run->stop. */
HN_MUST_USE enum hn_status jscript_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err);

#endif
