/* follow.h - the file door and standard input: what is written to files becomes batches of the
 * intake, once each. The one header of this module.
 *
 * Life: follow_open() -> one thread looks for files, reads what is new, hands it in ->
 * follow_close(). What a file's next batch starts with after a restart is the position that went
 * into the journal with the batch before it (intake_position()), so that a kill at any time loses
 * and doubles nothing.
 * Files are known by device, inode and a hash of their first bytes; they are followed through
 * renaming (rotation), truncation, deletion and being compressed. docs/doors.md says what cannot be
 * promised.
 * Batches are whole lines, documents or records, cut by decode's own functions, with the header
 * lines they depend on as the batch's head. What is not ended yet is held back until it is, or
 * until the file is rotated, truncated or deleted. A batch with an empty body only notes a
 * position. Concurrency: follow_* functions may be called from any thread, but not while
 * follow_close() runs. Memory: per file its names and what is held back of it; one block of
 * batch_bytes each while it is read. Limits: struct follow_limits. */
#ifndef HN_FOLLOW_FOLLOW_H
#define HN_FOLLOW_FOLLOW_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"
#include "intake/intake.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOLLOW_DEPTH_MAX       16u   /* folders inside of a folder */
#define FOLLOW_GENERATIONS_MAX 64u   /* files that have been at one path, in its position */
#define FOLLOW_PRINT_BYTES     1024u /* of a file's start, which tell it from another */

struct follow_source {
    struct hn_text name;
    struct hn_text tenant;
    struct hn_text format; /* "": recognised by content, file by file */
    struct hn_text zone;
    struct hn_text pipeline;
    /* Files, folders (with all that is in them), and patterns with * ? [] in any part; a part that
     * is ** stands for any folders. */
    const char *const *paths;
    size_t path_count;
    bool from_end; /* files that are there at the first start: only what is added to them */
    int fd;        /* where there are no paths: a pipe, such as standard input */
};

struct follow_limits { /* 0: the default */
    uint32_t files;    /* followed at a time; 8,192 */
    uint32_t poll_ms;  /* between looks at everything, for what inotify does not tell; 1,000 */
    uint32_t hold_ms;  /* so long the parts of an event in several lines are waited for; 1,000 */
    uint32_t rest_ms;  /* unchanged for so long, a file that is gone is done with; 10,000 */
    uint32_t packed_rest_ms; /* unchanged for so long, a packed file is whole; 1,000 */
    uint32_t note_seconds;   /* a position is written again, before the journal forgets it; 3,600 */
    size_t batch_bytes;      /* 256 KiB */
};

/* What a person should hear of. Valid until the call returns; runs on the door's thread. */
struct follow_note {
    struct hn_text path; /* hostile bytes, escape before showing */
    const char *text;    /* harmless English */
};

struct follow_options {
    const struct follow_source *sources;
    size_t source_count;
    struct follow_limits limits;
    void (*on_note)(void *ctx, const struct follow_note *note); /* may be NULL */
    void *ctx;
};

struct follow;
/* What options point to is borrowed until follow_close(). A path where nothing is is no failure:
 * something may come. */
HN_MUST_USE enum hn_status follow_open(const struct follow_options *options, struct intake *intake,
        struct follow **ret_follow, struct hn_err *err);
void follow_close(struct follow *follow); /* NULL is fine */

/* Everything that was there at the last look has been handed in, and all pipes have ended. */
bool follow_is_idle(struct follow *follow);

#define FOLLOW_COUNTER_LIST(X)                                                   \
    X(looks, "looks for files")                                                  \
    X(files, "files followed now")                                               \
    X(batches, "batches handed in")                                              \
    X(bytes, "bytes of them")                                                    \
    X(waits, "times that the intake was full")                                   \
    X(truncated, "files that were truncated or written anew")                    \
    X(vanished, "files with bytes not read that were gone when the door opened") \
    X(unknown, "files that are no log")                                          \
    X(unreadable, "files that could not be read")                                \
    X(too_many, "files left out: limits.files")

struct follow_counters {
#define FOLLOW_COUNTER_FIELD(name, text) uint64_t name;
    FOLLOW_COUNTER_LIST(FOLLOW_COUNTER_FIELD)
#undef FOLLOW_COUNTER_FIELD
};
struct follow_counters follow_counters(const struct follow *follow);

#endif
