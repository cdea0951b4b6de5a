/* vbscript.h - what macros in VBA and scripts in VBScript would do. The one header of this module.
 *
 * Both languages are read by one tolerant parser (a statement that is not understood is left out
 * with a note) and evaluated over the AST, as script.h says: pure operators and functions are
 * computed, the COM and WMI objects that malware uses are modelled, all else is unknown. Procedures
 * that start by themselves (AutoOpen, Document_Open, events of controls) are evaluated first, then
 * each procedure nobody called, once, with unknown arguments; what these do is conditional.
 *
 * Documents: forms, variables, properties, shapes and cells are asked from source->lookup. Whatever
 * way a macro spells them, the names asked are "UserForm1.TextBox1.Text",
 * "ActiveDocument.Variables("x").Value", "ActiveDocument.Shapes("x").AlternativeText",
 * "BuiltInDocumentProperties("Title")", "CustomDocumentProperties("x")" and
 * "Sheets("Sheet1").Range("A1").Value"; where these are absent, some shorter forms.
 *
 * Offsets count from the start of the first part, as if all parts stood behind one another.
 * Ownership, concurrency: as script.h. Limits: those of the run; besides, one loop takes at most a
 * third of the steps that are left when it starts (an eighth of what is conditional), and is given
 * up with a note. Errors: none for odd source; HN_NOMEM when memory ran out. Specification:
 * MS-VBAL. */
#ifndef HN_VBSCRIPT_VBSCRIPT_H
#define HN_VBSCRIPT_VBSCRIPT_H

#include "base/status.h"
#include "script/script.h"

/* For SCRIPT_VBA (parts are modules) and SCRIPT_VBSCRIPT. A stop at a limit is HN_OK; run->stop
 * says which. */
HN_MUST_USE enum hn_status vbscript_evaluate(
        struct script_run *run, const struct script_source *source, struct hn_err *err);

#endif
