/* script_oracle.h - all that an evaluation tells as one digest, so that two of them can be held
 * against each other. */
#ifndef HN_FUZZ_SCRIPT_ORACLE_H
#define HN_FUZZ_SCRIPT_ORACLE_H

#include "script/script.h"

#include "base/hash.h"

#include <assert.h>
#include <string.h>

struct told {
    struct script_run *run;
    struct hn_digest digest;
    uint64_t count;
};

static inline void told_add(struct told *told, const char *what, const struct script_text *text)
{
    struct hn_text flat = script_text_flat(told->run, text);

    assert(text->left == NULL || flat.ptr == NULL);
    told->digest = hn_digest_join(told->digest, hn_digest_of(what, strlen(what)));
    told->digest =
            hn_digest_join(told->digest, hn_digest_of(flat.ptr != NULL ? flat.ptr : "", flat.len));
    told->count++;
}

static inline bool told_same(const struct told *a, const struct told *b)
{
    return a->count == b->count && hn_digest_eq(a->digest, b->digest);
}

#endif
