/* unpack.h - takes an archive or compressed file apart, nested ones included; private to src/input.
 *
 * Meant to run in a jailed child, because libarchive does the parsing; tests and fuzzers call it
 * directly. It opens nothing and keeps nothing: bytes in, entries out through a sink.
 * Limits: struct input_limits. */
#ifndef HN_INPUT_UNPACK_H
#define HN_INPUT_UNPACK_H

#include "input/input.h"

#include <iconv.h>
#include <locale.h>

/* Longest piece of data handed to a sink at once. */
#define UNPACK_PIECE ((size_t)65536)

/* Where the packed bytes come from: head first, then the descriptor. */
struct unpack_source {
    struct hn_bytes head; /* all there is when fd is negative */
    int fd;
    bool seekable; /* fd stands at its start, head repeats what is there and is not read */
    uint64_t size; /* 0: not known */
};

struct unpack_options {
    const struct input_limits *limits;
    const struct hn_text *passwords; /* all that are to be tried */
    size_t password_count;
    struct hn_text name; /* of the file: a compressed file's entry is called after it */
    locale_t utf8;       /* 0: names in UTF-8 may come out with question marks */
    iconv_t japanese;    /* as iconv_open(3) gave it; names in Shift_JIS stay without it */
};

/* iconv_open(3) fails with a pointer of all ones. */
HN_INLINE bool unpack_has_iconv(iconv_t converter)
{
    return (intptr_t)converter != -1;
}

/* Each returns false to stop. */
struct unpack_sink {
    /* name starts with "!/"; size is UINT64_MAX when the archive does not say. */
    bool (*on_entry)(void *ctx, struct hn_text name, uint64_t size);
    /* done: bytes of the source read so far. */
    bool (*on_data)(void *ctx, struct hn_bytes data, uint64_t done);
    bool (*on_end)(void *ctx, uint64_t done);
    bool (*on_finding)(
            void *ctx, enum hn_finding_kind kind, struct hn_text name, const char *reason);
    void *ctx;
};

/* HN_OK when all that can be read has been (damage is a finding), HN_CANCELLED when the sink
 * stopped it, HN_LIMIT after a bomb, HN_NOMEM. */
HN_MUST_USE enum hn_status unpacker_run(const struct unpack_source *source,
        const struct unpack_options *options, const struct unpack_sink *sink);

#endif
