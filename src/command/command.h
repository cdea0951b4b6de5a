/* command.h - what one command line of Windows would do, as it is handed to CreateProcess or as a
 * person pastes it. The one header of this module, and the one place that knows what programs of
 * Windows do with their words.
 *
 * By its first word a line goes to src/batch (cmd.exe, %COMSPEC%, built-in commands, words hidden
 * by carets or variables), is read as PowerShell reads its own (any beginning of -EncodedCommand,
 * ...), or by a table of programs that fetch, start, load or register something: mshta, rundll32,
 * regsvr32, certutil, bitsadmin, msiexec, curl, wmic, schtasks, reg, sc, ... The line's own process
 * is not told (whoever found the line has done that); those that it would start are, as acts and as
 * layers of language COMMAND. Scripts in it (powershell -enc, mshta vbscript:, rundll32
 * javascript:) are layers, not evaluated.
 *
 * source->lookup is asked for "file:NAME" when a line reads a file (certutil -decode NAME).
 *
 * Ownership, concurrency: as script.h. Limits: those of the run; COMMAND_WORDS_MAX words.
 * Errors: none for odd lines; HN_NOMEM when memory ran out. Reference: Microsoft's "Windows
 * Commands", "about_PowerShell_exe", and CommandLineToArgvW for how words are cut. */
#ifndef HN_COMMAND_COMMAND_H
#define HN_COMMAND_COMMAND_H

#include "base/status.h"
#include "script/script.h"

#define COMMAND_WORDS_MAX 256u

/* Each part of the source is a line of language SCRIPT_COMMAND. */
HN_MUST_USE enum hn_status command_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err);

/* Whether a text is one line that begins with a program this module knows. */
bool command_is_line(struct hn_text text);

#endif
