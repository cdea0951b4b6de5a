/* hashlist.h - lists of digests of files, known good or bad, as large as they come. The one header
 * of this module.
 *
 * A list is a text: NSRL's RDS 2 (NSRLFile.txt), text exports of RDS 3 and other tables with a line
 * of column names, sha256sum's output, or digests alone, one a line. It is compiled once into a
 * sorted file of a cache and mapped from there, so that a hundred million entries cost no memory
 * and a search reads some thirty of them.
 *
 * Life: hashlist_open() -> hashlist_has() -> hashlist_close().
 * Concurrency: an open list is constant; any number of threads may search it.
 * Memory: compiling takes some megabytes, beside room on disk for the digests twice.
 * Limits: HASHLIST_LINE_MAX; a longer line holds no digest. Whoever writes the text may write
 * anything; lines without a digest are counted. The compiled form is this program's own: it is
 * checked for its size, not for its order, and a damaged one finds less. */
#ifndef HN_HASHLIST_HASHLIST_H
#define HN_HASHLIST_HASHLIST_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASHLIST_LINE_MAX  ((size_t)64 << 10)
#define HASHLIST_BYTES_MAX 32

/* Weakest first. X(name, id, bytes) */
#define HASHLIST_KIND_LIST(X)    \
    X(HASHLIST_MD5, "md5", 16)   \
    X(HASHLIST_SHA1, "sha1", 20) \
    X(HASHLIST_SHA256, "sha256", 32)

enum hashlist_kind {
#define HASHLIST_KIND_ENUM(name, id, bytes) name,
    HASHLIST_KIND_LIST(HASHLIST_KIND_ENUM)
#undef HASHLIST_KIND_ENUM
            HASHLIST_KIND_COUNT
};
const char *hashlist_kind_id(enum hashlist_kind kind);
size_t hashlist_kind_bytes(enum hashlist_kind kind);

struct hashlist_digest {
    enum hashlist_kind kind;
    uint8_t bytes[HASHLIST_BYTES_MAX];
};
/* Of 32, 40 or 64 hex digits and nothing else. */
bool hashlist_digest_of(struct hn_text hex, struct hashlist_digest *ret_digest);

/* ---- Lines ---- */

#define HASHLIST_NO_COLUMN UINT32_MAX

/* What the lines so far say of the next; zero-initialise. */
struct hashlist_lines {
    bool begun;     /* a line that could have named columns was seen */
    char separator; /* of a table whose columns have names; '\0': there are none */
    uint32_t columns[HASHLIST_KIND_COUNT];
};
/* The digest of a line: of a table with column names the strongest there is, otherwise the first
 * that stands in it. False: it has none. */
bool hashlist_line(
        struct hashlist_lines *lines, struct hn_text line, struct hashlist_digest *ret_digest);

/* ---- Lists ---- */

struct hashlist; /* opaque */

struct hashlist_info {
    uint64_t counts[HASHLIST_KIND_COUNT]; /* digests, each once */
    uint64_t ignored;                     /* lines without one, but for empty ones and comments */
    int64_t source_time;                  /* when the text was written, in seconds since 1970 */
    bool compiled;                        /* it was compiled just now */
};

/* path: a text, or a compiled list. cache_dir: where compiled lists are kept; NULL, or where
 * nothing can be written: they end with the program. HN_IO with a reason; HN_SYNTAX: no digest is
 * in it; HN_CORRUPT: a compiled list that is cut off; HN_NOMEM. */
HN_MUST_USE enum hn_status hashlist_open(
        const char *path, const char *cache_dir, struct hashlist **ret_list, struct hn_err *err);
void hashlist_close(struct hashlist *list); /* NULL is fine */

bool hashlist_has(const struct hashlist *list, const struct hashlist_digest *digest);
const struct hashlist_info *hashlist_info(const struct hashlist *list);

#endif
