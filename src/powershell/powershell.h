/* powershell.h - what a PowerShell script would do, without running it. The one header of this
 * module.
 *
 * powershell_evaluate() parses a script into a tree and evaluates that in part: what pure
 * operators, .NET methods and cmdlets compute from what is in the script is computed; what would
 * touch the host or the network is told to the run's sink as acts; what cannot be known is an
 * unknown value that goes on through the operators. Conditions on unknown values take both
 * branches, loops with an unknown bound run once. Scripts within the script (Invoke-Expression and
 * its disguises) are told as layers and evaluated in place, in the variables of their caller;
 * scripts for another process (powershell -EncodedCommand) are told as layers only.
 *
 * Memory: everything is in the run's arena. Concurrency: one thread per run.
 * Limits: those of the run; past one the evaluation ends with what it has learned and run->stop.
 * Errors: none for anything a script may contain; HN_NOMEM when the heap is at its end.
 * Language: PowerShell 5.1 with what 7 adds (ternary, ??, `e, `u{}), by Microsoft's "Windows
 * PowerShell Language Specification 3.0" and about_* pages. */
#ifndef HN_POWERSHELL_POWERSHELL_H
#define HN_POWERSHELL_POWERSHELL_H

#include "base/attr.h"
#include "base/status.h"
#include "script/script.h"

/* source->language is SCRIPT_POWERSHELL; lines that start powershell.exe are src/command's. */
HN_MUST_USE enum hn_status powershell_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err);

#endif
