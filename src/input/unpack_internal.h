/* unpack_internal.h - what the halves of unpack share: levels, and how they are opened. */
#ifndef HN_INPUT_UNPACK_INTERNAL_H
#define HN_INPUT_UNPACK_INTERNAL_H

#include "input/magic.h"
#include "input/unpack.h"

#include "base/buf.h"

#include <archive.h>

#define LEVELS_MAX        16u /* whatever nesting_max says */
#define UNPACK_ERRORS_MAX 100 /* damaged headers of one archive */

/* So much of an encrypted entry is read to see whether a password is the right one: the check that
 * zip itself has lets one wrong password of 256 pass. */
#define PASSWORD_TRIAL_BYTES ((size_t)1 << 20)

struct unpacker;

struct level {
    struct unpacker *unpacker;
    struct archive *archive;
    struct archive_entry *entry; /* the current one */
    struct level *outer;         /* whose entry this is; NULL: the source itself */
    struct hn_buf memory;        /* the whole archive, when it must be held */
    bool held;
    bool is_stream;   /* one compressed stream */
    uint32_t nesting; /* archives around this one; a stream around one is its clothing */
    bool peek_given;  /* of outer->peek, by the read call-back */
    size_t name_len;  /* of the unpacker's name that belongs to this level */
    unsigned errors;
    /* Of the current entry. */
    uint8_t peek[MAGIC_BYTES];
    size_t peek_len;
    bool at_end;
    bool damaged_entry;
};

struct unpacker {
    const struct unpack_source *source;
    const struct unpack_options *options;
    const struct unpack_sink *sink;
    enum hn_status status; /* HN_OK: go on */
    uint64_t done;         /* bytes of the source read */
    uint64_t expanded;     /* bytes that came out, at all levels */
    uint64_t entries;
    uint32_t depth;
    struct level levels[LEVELS_MAX];
    struct hn_buf name;
    char **passwords; /* NUL-terminated copies */
    size_t password_count;
    bool head_given;
    uint8_t piece[UNPACK_PIECE];        /* to the sink */
    uint8_t source_piece[UNPACK_PIECE]; /* from the source */
    uint8_t nested_piece[LEVELS_MAX][UNPACK_PIECE / 4];
    char raw_name[65536];
    char scratch[4096];
};

struct unpacker *unpacker_new(const struct unpack_source *source,
        const struct unpack_options *options, const struct unpack_sink *sink);
void unpacker_free(struct unpacker *u);

/* Counts what came out; false (and stopped with HN_LIMIT) past a limit. */
bool unpack_account(struct unpacker *u, size_t bytes);
void unpack_stop(struct unpacker *u, enum hn_status status);
void unpack_finding(struct unpacker *u, enum hn_finding_kind kind, const char *reason);
/* Reports what archive says went wrong. */
void unpack_damage(struct unpacker *u, struct archive *archive);

void unpack_push_source(struct unpacker *u);
void unpack_push(struct unpacker *u, struct level *outer, enum magic magic);
void unpack_pop(struct unpacker *u);

#endif
