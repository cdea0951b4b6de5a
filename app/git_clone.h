/* git_clone.h - the newest state of a git repository as a folder, by the git program. */
#ifndef HN_APP_GIT_CLONE_H
#define HN_APP_GIT_CLONE_H

#include "base/attr.h"

#include <stdbool.h>

/* Is source the address of a repository (https, ssh, file, user@host:path), or a bare one here? */
bool git_is_repository(const char *source);

/* Clones one commit into the empty folder: no hooks, no submodules, no links, no filters, no
 * configuration of this machine, no protocol but https, ssh and (for paths) file. branch NULL: the
 * repository's own choice. Errors are shown to the user; returns an exit code. */
HN_MUST_USE int git_clone(const char *source, const char *branch, const char *folder);

#endif
