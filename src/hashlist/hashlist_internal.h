/* hashlist_internal.h - the compiled form, for the parts of this module. */
#ifndef HN_HASHLIST_HASHLIST_INTERNAL_H
#define HN_HASHLIST_HASHLIST_INTERNAL_H

#include "hashlist/hashlist.h"

/* A file: the head, then the digests of each kind, sorted, each once, in the order of kinds. In the
 * byte order of this machine: it never leaves it. */
struct hashlist_head {
    char magic[8];
    uint64_t source_size;
    int64_t source_time;
    int64_t source_nanoseconds;
    uint64_t counts[HASHLIST_KIND_COUNT];
    uint64_t ignored;
};
#define HASHLIST_MAGIC "HNHASH1"

/* Reads the text and writes the compiled form to out, an empty file. head comes with what is known
 * of the source. scratch_dir: for files without a name. */
HN_MUST_USE enum hn_status hashlist_build(int source, int out, const char *scratch_dir,
        struct hashlist_head *head, struct hn_err *err);

/* An open file in dir that nobody else sees; -1 and errno. */
int hashlist_scratch(const char *dir);

#endif
