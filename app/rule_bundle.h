/* rule_bundle.h - rule files of one source, in memory, under paths that are safe to write: from a
 * folder, an archive, or a git repository.
 *
 * Life: zero-initialise -> one rule_bundle_read_*() -> reading -> rule_bundle_deinit().
 * Paths are relative, without ".", ".." and control characters; a source that holds another path is
 * refused whole, because it was made to break out. Links are not followed and not taken.
 * Limits: BUNDLE_*_MAX. Errors are shown to the user here; functions return an exit code. */
#ifndef HN_APP_RULE_BUNDLE_H
#define HN_APP_RULE_BUNDLE_H

#include "base/attr.h"
#include "base/hash.h"
#include "base/vec.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>

#define BUNDLE_FILES_MAX      100000u
#define BUNDLE_FILE_BYTES_MAX ((size_t)16 << 20)
#define BUNDLE_BYTES_MAX      ((size_t)1 << 30)
#define BUNDLE_PATH_MAX       512u

struct bundle_file {
    char *path; /* owned */
    char *bytes;
    size_t len;
};

struct rule_bundle {
    HN_VEC(struct bundle_file) files; /* by path */
    size_t bytes;
};

HN_MUST_USE int rule_bundle_read_folder(struct rule_bundle *bundle, const char *folder);
HN_MUST_USE int rule_bundle_read_archive(struct rule_bundle *bundle, const char *path);
void rule_bundle_deinit(struct rule_bundle *bundle);

/* Of all paths and bytes. */
struct hn_digest rule_bundle_digest(const struct rule_bundle *bundle);

/* May a file be written under this path, below a folder of ours? */
bool rule_bundle_path_is_safe(struct hn_text path);

#endif
