/* xlm_writer_internal.h - what the writers of workbooks with macro sheets share. */
#ifndef TESTS_SUPPORT_XLM_WRITER_INTERNAL_H
#define TESTS_SUPPORT_XLM_WRITER_INTERNAL_H

#include "support/xlm_writer.h"

#define XLM_WRITER_SHEETS 3u
extern const char *const xlm_writer_sheets[XLM_WRITER_SHEETS];

#endif
