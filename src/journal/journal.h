/* journal.h - a durable, ordered log of records: what is in it has been acknowledged.
 *
 * Records are opaque bytes with a kind and the time they were received. Appending returns at once;
 * a commit thread writes and syncs what has come in within commit_delay_us or commit_bytes, and
 * then calls back. Readers follow the committed end. Files are segments of segment_bytes:
 *
 *     <dir>/<first offset as 16 hex digits>.hnj      being written, or sealed
 *     <dir>/<first offset as 16 hex digits>.hnj.zst  sealed and compressed
 *
 * docs/formats/journal.md describes them byte by byte.
 *
 * Life: journal_open() -> journal_append() ... journal_reader_open() -> journal_read() ... ->
 * journal_close(), after all readers.
 * Offsets: a record's offset counts the framed, uncompressed bytes before it since the journal
 * began; offsets never repeat, also not after a repair.
 * Concurrency: any number of threads may append; a reader serves one thread at a time. Callbacks
 * run on the commit thread and must be short.
 * Durability: on_done(HN_OK) is called after fdatasync() of the bytes (and fsync() of the folder
 * for a new segment). After a failed write or sync nothing is acknowledged any more: waiting and
 * later appends fail with HN_IO until the journal is opened again, which reads back what is there.
 * A full disk (ENOSPC, EDQUOT) before anything of the group was written is HN_LIMIT instead: the
 * group is refused, and appending works again when there is room.
 * Damage: a record whose checksum is wrong, or that is cut off, is never given to a reader; the
 * range is reported with exact offsets and reading goes on at the next record that is whole. A torn
 * tail of the last segment is normal after a crash and is cut off at opening.
 * Limits: struct journal_options. */
#ifndef HN_JOURNAL_JOURNAL_H
#define HN_JOURNAL_JOURNAL_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/time.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define JOURNAL_RECORD_BYTES_MAX ((size_t)64 << 20)

/* What a record is. The journal does not look into them. */
#define JOURNAL_KIND_LIST(X)                                                                 \
    X(JOURNAL_BATCH, 1, "batch") /* intake_batch */                                          \
    X(JOURNAL_SET, 2, "set")     /* from here on another set of rules judges */              \
    X(JOURNAL_TICK, 3, "tick")   /* nothing but its time: windows that wait for one go on */ \
    X(JOURNAL_END, 4, "end")     /* of the input: nothing that waits for more waits longer */

enum journal_kind {
#define JOURNAL_KIND_ENUM(name, number, text) name = (number),
    JOURNAL_KIND_LIST(JOURNAL_KIND_ENUM)
#undef JOURNAL_KIND_ENUM
};

struct journal_options {
    const char *dir;          /* made if missing, mode 0700 */
    uint64_t segment_bytes;   /* 0: 64 MiB */
    uint64_t keep_bytes_max;  /* on disk, of what is released; 0: no limit */
    hn_time keep_age_max;     /* of what is released; 0: no limit */
    uint32_t commit_delay_us; /* 0: 2000 */
    size_t commit_bytes;      /* 0: 1 MiB */
    size_t pending_bytes_max; /* appended, not yet committed; 0: 64 MiB. Beyond: HN_LIMIT */
    bool compress;            /* sealed segments, in the background */
};

/* What was wrong with a stretch of the journal. */
struct journal_damage {
    char file[64];
    uint64_t start; /* journal offsets */
    uint64_t end;
    char reason[96];
};
typedef void journal_on_damage(void *ctx, const struct journal_damage *damage);

struct journal;
HN_MUST_USE enum hn_status journal_open(const struct journal_options *options,
        journal_on_damage *on_damage, void *ctx, struct journal **ret_journal, struct hn_err *err);
/* What was durable at the end of the journal and was gone when it was opened. Readers that begin
 * behind its start tell less of it, or nothing. False: nothing was. */
bool journal_missing(const struct journal *journal, struct journal_damage *ret_damage);
/* Commits what is pending. */
void journal_close(struct journal *journal); /* NULL is fine */

/* Called once for each append that returned HN_OK: the record is durable, or will never be. */
typedef void journal_on_done(void *ctx, enum hn_status status);

/* Copies the payload. on_done may be NULL. *ret_offset is the record's. HN_LIMIT: too much is
 * pending, or no room on disk (try again later); HN_IO: the journal has failed; HN_NOMEM. */
HN_MUST_USE enum hn_status journal_append(struct journal *journal, enum journal_kind kind,
        hn_time received, struct hn_bytes payload, journal_on_done *on_done, void *ctx,
        uint64_t *ret_offset, struct hn_err *err);
/* The same, of a payload that lies in two places. */
#define JOURNAL_PIECES 2
HN_MUST_USE enum hn_status journal_append_pieces(struct journal *journal, enum journal_kind kind,
        hn_time received, const struct hn_bytes pieces[JOURNAL_PIECES], journal_on_done *on_done,
        void *ctx, uint64_t *ret_offset, struct hn_err *err);

/* Where the next record will begin once all is committed; the first offset still there; and the
 * end of what is durable. */
uint64_t journal_end(struct journal *journal);
uint64_t journal_start(struct journal *journal);
uint64_t journal_committed(struct journal *journal);
/* Offsets at which its segments begin, oldest first, into *ret_firsts, to be freed with hn_free();
 * each ends where the next one begins, the last one where the journal does. They may be deleted at
 * any time: a reader then goes on at the first that is there. HN_NOMEM. */
HN_MUST_USE enum hn_status journal_segments(
        struct journal *journal, uint64_t **ret_firsts, size_t *ret_count);
/* How many bytes may be pending, as the options say. */
size_t journal_pending_bytes_max(const struct journal *journal);

/* Nobody will replay from before this offset: its segments may go when size or age want it. */
void journal_release(struct journal *journal, uint64_t offset);

struct journal_stats {
    uint64_t records;
    uint64_t bytes;
    uint64_t commits;
    uint64_t commit_nanoseconds; /* spent in write and sync */
    uint64_t refused;            /* appends that failed */
    uint64_t disk_bytes;         /* segments, as they are on disk */
    uint64_t disk_free;          /* of the file system, as of the last commit */
    bool no_room;                /* the last group was refused because the disk is full */
    bool failed;
};
struct journal_stats journal_stats(struct journal *journal);

/* ---- Reading ---- */

/* Borrowed from the reader until its next call. */
struct journal_record {
    uint64_t offset;
    uint64_t next; /* offset of the record after it */
    enum journal_kind kind;
    hn_time received;
    struct hn_bytes payload;
};

struct journal_reader;
/* from is the offset of a record, or any other: then the first record after it. */
HN_MUST_USE enum hn_status journal_reader_open(struct journal *journal, uint64_t from,
        struct journal_reader **ret_reader, struct hn_err *err);
/* Of a folder that nobody has opened for writing, or while somebody has: sees what is committed. */
HN_MUST_USE enum hn_status journal_reader_open_dir(const char *dir, uint64_t from,
        journal_on_damage *on_damage, void *ctx, struct journal_reader **ret_reader,
        struct hn_err *err);
void journal_reader_close(struct journal_reader *reader); /* NULL is fine */
/* Tells damage to somebody else than the journal's or folder's on_damage; NULL: to nobody. */
void journal_reader_tell(struct journal_reader *reader, journal_on_damage *on_damage, void *ctx);

/* The next record. HN_NOTFOUND: none within timeout_ms (0: do not wait; -1: until
 * journal_reader_wake()). Damage is reported and passed over. HN_NOMEM, HN_IO. */
HN_MUST_USE enum hn_status journal_read(struct journal_reader *reader, int timeout_ms,
        struct journal_record *ret_record, struct hn_err *err);
/* From any thread: ends the wait that is going on, or the next one. */
void journal_reader_wake(struct journal_reader *reader);

/* ---- Looking after it: `hinomi journal check|repair` ---- */

struct journal_check {
    uint64_t segments;
    uint64_t records;
    uint64_t start;
    uint64_t end;
    uint64_t damaged; /* stretches, told one by one */
    uint64_t damaged_bytes;
};
/* Reads everything, changes nothing. */
HN_MUST_USE enum hn_status journal_check(const char *dir, journal_on_damage *on_damage, void *ctx,
        struct journal_check *ret_check, struct hn_err *err);
/* Writes the whole records of damaged segments anew, at their offsets; the damaged file is kept
 * beside as <name>.bad. Refused (HN_LIMIT) while somebody has the journal open. */
HN_MUST_USE enum hn_status journal_repair(const char *dir, journal_on_damage *on_damage, void *ctx,
        struct journal_check *ret_check, struct hn_err *err);

#endif
