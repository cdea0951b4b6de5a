/* follow_internal.h - how the parts of the file door fit together; private to src/follow.
 *
 *   follow.c           life, the thread's loop, what inotify tells
 *   follow_find.c      patterns into paths
 *   follow_known.c     which file is which: new, moved, seen before, a compressed one seen before
 *   follow_former.c    files that are not where they were
 *   follow_file.c      one file's life, and what it is known by
 *   follow_series.c    the files that have been at one path, and their position
 *   follow_read.c      reading everything that is a stream
 *   follow_text.c      recognising and cutting it
 *   follow_packed.c    archives and compressed files
 *   follow_twin.c      what a compressed file was before
 *   follow_evtx.c      event logs, which are written in place
 *   follow_submit.c    batches into the intake
 *   follow_position.c  positions as text
 *
 * All of it runs on the door's thread. */
#ifndef HN_FOLLOW_FOLLOW_INTERNAL_H
#define HN_FOLLOW_FOLLOW_INTERNAL_H

#include "base/buf.h"
#include "decode/decode.h"
#include "follow/follow.h"
#include "follow/follow_position.h"

#include <pthread.h>
#include <stdatomic.h>

struct file_start;
struct input;
struct series;

#define FILE_INODE_GONE (UINT64_MAX - 1) /* of what a file was before it was truncated */

#define FOLLOW_SURE_BYTES 32u /* so many first bytes that are the same are no accident */

enum file_kind {
    FILE_NEW, /* not recognised yet */
    FILE_TEXT,
    FILE_EVTX,
    FILE_PACKED,
    FILE_PIPE,
    FILE_NO_LOG,
};

enum file_encoding { ENCODING_BYTES, ENCODING_UTF16LE, ENCODING_UTF16BE };

struct file {
    struct file *next; /* in its series, newest first */
    struct file *next_of_all;
    struct series *series;
    const struct follow_source *source;
    enum file_kind kind;
    int fd; /* -1: done with */
    int watch;
    char *path; /* where it was found last */
    char *home; /* where it belongs: elsewhere it has been rotated to */
    uint64_t device;
    uint64_t inode;
    uint32_t print_bytes;
    uint64_t print;

    uint64_t offset; /* see struct follow_entry */
    uint64_t mark;
    uint32_t member;
    const struct decode_format *format;
    struct decode_stream *decode; /* NULL: to be made, from resume_head */
    struct hn_buf resume_head;

    uint64_t size; /* when last looked at */
    int64_t modified;
    int64_t changed_ms; /* when that was new */
    int64_t left_ms;    /* when it was at its path last */
    struct hn_buf held; /* read, from offset on, not yet handed in */
    struct hn_buf text; /* the same as UTF-8, of UTF-16 */
    enum file_encoding encoding;
    bool encoding_known;
    struct input *input;   /* of FILE_PACKED */
    uint32_t input_member; /* members that were begun */
    uint64_t input_offset; /* of what was read, in the member */
    uint64_t behind;       /* so much of what is held is before offset (follow_packed.c) */
    uint32_t tries;        /* that have failed, at one place: */
    uint32_t tried_member;
    uint64_t tried_offset;
    uint32_t plan_tries;
    uint8_t mark_bytes[2]; /* the first of the member */
    bool input_in_member;
    bool input_waits;   /* nothing has come of the child yet: there is nothing to be done */
    bool input_failed;  /* the child did, or the disk: not what is in the file */
    bool input_damaged; /* what is in the file */
    bool given_up;      /* it has failed too often */
    bool member_open;
    bool member_ended;
    bool planned; /* it is known what of it was handed in before it was packed */
    bool twinless;
    bool twin_whole;          /* the twin has all that is in this file, input_offset bytes */
    struct file *twin;        /* see follow_twin.c */
    struct file_start *start; /* NULL: it is not being read */

    struct hn_buf head; /* of the batch that is being handed in */
    size_t pending;     /* bytes of text of a batch that was refused; 0: none */
    size_t pending_raw; /* the same in the file */
    uint64_t pending_lines;
    int64_t retry_ms; /* not before */
    int64_t due_ms;   /* to be looked at again by itself; INT64_MAX: when it changes */

    bool changed;   /* to be looked at */
    bool seen;      /* by the look that is going on */
    bool at_path;   /* of its series */
    bool elsewhere; /* under another path that the patterns name */
    bool ending;    /* nothing more is expected: what is held back goes out */
    bool ended;     /* a pipe's end */
};

/* What is known of a file from the position that was in the journal. */
struct restored {
    struct follow_entry entry; /* texts in the series' position */
    bool used;
};

struct series {
    struct series *next;
    const struct follow_source *source;
    char *path;
    struct file *files;     /* newest first */
    struct hn_buf position; /* as it was in the journal */
    int64_t noted_ms;       /* when its position went into the journal last */
    bool note_due;          /* a note of it was refused */
    struct restored restored[FOLLOW_GENERATIONS_MAX];
    uint32_t restored_count;
};

struct follow {
    struct follow_options options;
    struct intake *intake;
    struct series *series;
    struct file *files;
    int inotify;
    int wake;
    pthread_t thread;
    bool started;
    atomic_bool stopping;
    atomic_bool idle;
    bool first_look;
    int64_t forget_ms;      /* when what was known and not found is given up; 0: done */
    bool look_due;          /* something came, went or moved */
    struct hn_buf position; /* of the batch that is being handed in */

#define FOLLOW_COUNTER_ATOMIC(name, text) _Atomic uint64_t name;
    struct {
        FOLLOW_COUNTER_LIST(FOLLOW_COUNTER_ATOMIC)
    } counters;
#undef FOLLOW_COUNTER_ATOMIC
};

#define follow_count(follow, name, by) \
    ((void)atomic_fetch_add_explicit(&(follow)->counters.name, (by), memory_order_relaxed))

int64_t follow_now_ms(void);
void follow_tell(struct follow *follow, const char *path, const char *text);

/* ---- follow_find.c ---- */

typedef void follow_on_path(void *ctx, const char *path);
/* Calls on_path for every file that the pattern names. on_folder (may be NULL) gets each folder in
 * which such a file could come to be. */
void follow_find_paths(
        const char *pattern, follow_on_path *on_path, follow_on_path *on_folder, void *ctx);

/* ---- follow_series.c ---- */

/* The series of a path, with its position from the journal; NULL without memory. */
struct series *follow_series_of(
        struct follow *follow, const struct follow_source *source, const char *path);
/* The series of the name that path had before rotation; NULL: it is no such name. */
struct series *follow_series_of_base(
        struct follow *follow, const struct follow_source *source, const char *path);
/* "auth.log" for "auth.log.1", "auth.log-20261123.gz"; false when path has no such ending. */
bool follow_series_base(const char *path, struct hn_text *ret_base);
/* The series' position with its files as they are; file counts as `entry` says. */
void follow_series_write(const struct series *series, const struct file *file,
        const struct follow_entry *entry, struct hn_buf *out);
void follow_series_free(struct series *series);
/* The file's position as it is; texts borrow from the file and from head. */
struct follow_entry follow_file_entry(const struct file *file, struct hn_buf *head);

/* ---- follow_known.c ---- */

/* A file that a pattern names: known, or to be followed from now on. */
void follow_known_found(
        struct follow *follow, const struct follow_source *source, const char *path);
/* Files of positions that no pattern has found: rotated to a name that is not followed. */
void follow_known_missing(struct follow *follow);
/* Gives those up that have not come back as compressed files either. */
void follow_known_forget(struct follow *follow);
/* Whether a file that has just got its first bytes is a copy of one that is followed: then it is
 * done with. */
bool follow_known_copy(struct follow *follow, struct file *file);
/* Follows what a file was before it was truncated, where a copy of it has been made: true. */
bool follow_known_former(struct follow *follow, struct file *file);
/* What the position says of the file is the file's own. */
void follow_known_resume(struct file *file, struct restored *restored);

/* ---- follow_file.c ---- */

struct file *follow_file_new(
        struct follow *follow, struct series *series, const char *path, int fd);
void follow_file_end(struct follow *follow, struct file *file); /* done with, but known */
/* The position of what was truncated stays known, for the compressed copy that may come. */
void follow_file_keep_former(struct file *file);
void follow_file_free(struct file *file);
char *follow_file_copy_path(const char *path); /* NULL without memory */
/* Hash of the first len bytes; false when there are not as many. */
bool follow_file_print(int fd, uint32_t len, uint64_t *ret_print);
bool follow_file_same_start(int fd, uint32_t len, uint64_t print);
/* Takes as much of the start as there is by now, as long as it is the file that it was. */
void follow_file_extend_print(struct file *file);

/* ---- follow_read.c ---- */

/* Sees whether the file has changed. False: it was written anew, and what was held back of its
 * former self has to go first. */
bool follow_read_look(struct follow *follow, struct file *file, int64_t now_ms);
/* The print covers as much of the start as there is: it tells more files apart. */
void follow_read_learn_print(struct file *file, uint64_t size);
/* Adds to what is held. True: as much came as there was room for. */
bool follow_read_more(struct follow *follow, struct file *file);
void follow_read_find_encoding(struct file *file);
/* What is held, as UTF-8. */
struct hn_text follow_read_text(struct file *file);
/* Bytes in the file of so much of its text. */
size_t follow_read_raw_len(const struct file *file, struct hn_text text);

/* ---- follow_submit.c ---- */

/* Hands a batch in; what the source says is filled in, the position is entry's. False: refused,
 * file->retry_ms says until when. */
bool follow_submit(struct follow *follow, struct file *file, struct intake_batch *batch,
        const struct follow_entry *entry);
/* An empty batch for the position. */
bool follow_submit_note(struct follow *follow, struct file *file);

/* ---- follow_packed.c ---- */

enum packed_next { PACKED_MEMBER, PACKED_NO_MEMBER, PACKED_AGAIN };

/* By its first bytes. */
bool follow_packed_is(int fd);
/* It is, and its position is one in what comes out of it. */
void follow_packed_take(struct file *file);
bool follow_packed_step(struct follow *follow, struct file *file, int64_t now_ms);
bool follow_packed_open_input(struct file *file);
void follow_packed_close_input(struct file *file);
/* Goes to the member of the position; others are passed over, some at a time. PACKED_AGAIN with
 * input_waits: the rest of them has to come first. */
enum packed_next follow_packed_next_member(struct file *file);
/* The next bytes of the member. 0: its end, input_failed, or input_waits. */
size_t follow_packed_read(struct file *file, void *to, size_t room);
/* Whether there is something to be done at once; else due_ms says when. */
bool follow_packed_go_on(struct file *file, int64_t now_ms);
/* Nothing is left to be handed in, but another file has to be read that far first. */
bool follow_packed_waits(const struct file *file);

/* ---- follow_twin.c ---- */

/* Finds out how much of a compressed file was handed in before it was compressed. False: not known
 * yet, due_ms says when. */
bool follow_twin_plan(struct follow *follow, struct file *file, int64_t now_ms);
/* The file is not what it was any more. */
void follow_twin_forget(struct follow *follow, const struct file *twin);

/* ---- follow_text.c, follow_evtx.c ---- */

/* What kind of file it is, by its first bytes. True: it can be decoded. */
bool follow_recognise(struct follow *follow, struct file *file, int64_t now_ms);
/* Hands in all that can be cut. False: refused. */
bool follow_cut_all(struct follow *follow, struct file *file, int64_t now_ms);

/* Reads and hands in what is new. True: there may be more, right now. */
bool follow_file_step(struct follow *follow, struct file *file, int64_t now_ms);
bool follow_evtx_step(struct follow *follow, struct file *file, int64_t now_ms);
/* A chunk that stands alone, as out of an archive. False: refused. */
bool follow_evtx_submit_whole(struct follow *follow, struct file *file, struct hn_bytes chunk,
        const struct follow_entry *entry);

#endif
