/* powershell.h - what a PowerShell script or a command line of Windows would do, without running
 * it. The one header of this module.
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

/* source->language is SCRIPT_POWERSHELL, or SCRIPT_COMMAND for a line as handed to CreateProcess:
 * then powershell_command_line() is what is done with each part. */
HN_MUST_USE enum hn_status powershell_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err);

/* What a line handed to CreateProcess would start. Its own process is not told (whoever found the
 * line has done that), but those that a `cmd /c` in it would start are, and requests that its
 * programs make by themselves (mshta URL, regsvr32 /i:URL, certutil, bitsadmin, curl, msiexec).
 * Scripts in it (powershell -EncodedCommand and -Command, mshta vbscript:, ...) are told as layers,
 * not evaluated. offset is that of the statement that has the line. */
void powershell_command_line(
        struct script_run *run, const struct script_text *line, uint64_t offset);

#endif
