/* files.h - small file work for commands: reading whole files, finding them, replacing them safely.
 *
 * Concurrency: one thread. Limits: FILE_BYTES_MAX per file, FILES_DEPTH_MAX folders deep. */
#ifndef HN_APP_FILES_H
#define HN_APP_FILES_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>

#define FILE_BYTES_MAX  ((size_t)4 << 30)
#define FILES_DEPTH_MAX 32

struct file_text {
    struct hn_text text; /* NUL-terminated beyond its end; ptr NULL: nothing was read */
};
HN_MUST_USE enum hn_status file_read(
        const char *path, struct file_text *ret_file, struct hn_err *err); /* "-": stdin */
void file_text_free(struct file_text *file);

struct file_list {
    char **ptr; /* owned */
    size_t count;
    size_t room;
};
void file_list_deinit(struct file_list *list);

/* path itself when it is a file, else all files below it in order of their names. skip says which
 * folders to leave out, want which files to take; NULL: none, all. Links to folders are not
 * followed, except path itself. */
HN_MUST_USE enum hn_status files_find(const char *path, bool (*skip)(const char *name),
        bool (*want)(const char *name), struct file_list *list, struct hn_err *err);

/* The folder of what can be made again ($XDG_CACHE_HOME/hinomi, ~/.cache/hinomi), made if it is
 * missing (0700). False: there is none, or its name does not fit. */
bool files_cache_dir(char *out, size_t room);

/* Writes beside path and renames, so that readers see the old or the new file and never half of
 * one. Missing folders are made (0700). A device or pipe is written to as it is. */
HN_MUST_USE enum hn_status file_write_atomic(
        const char *path, struct hn_text text, struct hn_err *err);

#endif
