/* walk.h - the files that arguments name, folders walked in order; private to src/input.
 *
 * Everything below a folder is reached through descriptors of the folders on the way, with links
 * not followed: nobody can make the walk leave the folder by exchanging parts of it. */
#ifndef HN_INPUT_WALK_H
#define HN_INPUT_WALK_H

#include "input/input.h"

#include <sys/stat.h>

struct walk_file {
    struct hn_text path; /* valid until the next walk_next() */
    int folder;          /* descriptor, AT_FDCWD for arguments */
    const char *name;    /* below folder, NUL-terminated */
    bool is_argument;
    struct stat stat;
};

struct walk; /* opaque */

/* args, limits and notes must outlive it. */
HN_MUST_USE enum hn_status walk_open(const struct hn_text *args, size_t count,
        const struct input_options *options, struct walk **ret_walk, struct hn_err *err);
void walk_close(struct walk *walk); /* NULL is fine */

/* HN_NOTFOUND behind the last; HN_NOMEM. "-" is given as it is, with a zero stat. */
HN_MUST_USE enum hn_status walk_next(
        struct walk *walk, struct walk_file *ret_file, struct hn_err *err);

/* A descriptor for reading a file; -1 with errno. */
int walk_open_file(const struct walk_file *file);

#endif
