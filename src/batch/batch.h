/* batch.h - what a batch file or a line for cmd.exe would do. The one header of this module.
 *
 * Lines are read as cmd.exe reads them: percent expansion first, carets and quotes next, then
 * variables of `for` and delayed expansion when a command is carried out. Built-in commands are
 * computed (set, set /a, for, if, goto, call, echo into files and pipes); every other command is
 * told as a process with its line, and as a layer of language COMMAND. Undecided conditions take
 * both ways; output of programs is unknown.
 *
 * Ownership, concurrency: as script.h. Limits: those of the run, and BATCH_DEPTH_MAX of nesting.
 * Errors: none for odd source; HN_NOMEM when memory ran out. Reference: `help` of cmd.exe. */
#ifndef HN_BATCH_BATCH_H
#define HN_BATCH_BATCH_H

#include "base/status.h"
#include "script/script.h"

#define BATCH_DEPTH_MAX 48u
#define BATCH_NO_NAME   "script.cmd" /* what %0 says in a script without a name */

/* For SCRIPT_BATCH, and SCRIPT_COMMAND where the line starts cmd.exe: then its own process is not
 * told, those it would start are. A stop at a limit is HN_OK; run->stop says which. */
HN_MUST_USE enum hn_status batch_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err);

#endif
