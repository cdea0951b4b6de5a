/* file.h - a file that is there as a whole or not at all, whenever the power goes.
 *
 * Concurrency: one writer per folder at a time; readers at any time. */
#ifndef HN_BASE_FILE_H
#define HN_BASE_FILE_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/view.h"

#include <stddef.h>

/* Makes the folder if it is missing, mode 0700; its name is durable when this returns HN_OK,
 * whoever made it. The folder around it has to be there. */
HN_MUST_USE enum hn_status hn_file_make_folder(const char *dir, struct hn_err *err);
/* Makes the folder if it is missing. Durable when it returns HN_OK; otherwise what had
 * the name before is still there, or already the new one. */
HN_MUST_USE enum hn_status hn_file_write_whole(
        const char *dir, const char *name, struct hn_bytes bytes, struct hn_err *err);
/* Adds what is in it to out. HN_NOTFOUND: it is not there. HN_LIMIT: not a file, or too large. */
HN_MUST_USE enum hn_status hn_file_read_whole(const char *dir, const char *name, size_t bytes_max,
        struct hn_buf *out, struct hn_err *err);

#endif
