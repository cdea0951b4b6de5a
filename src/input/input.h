/* input.h - what `hinomi scan logs/` reads: folders, files, standard input, and what is packed or
 * compressed inside of them, as one sequence of entries. The one header of this module.
 *
 *     input_open(args, count, &options, &input, &err);
 *     while (input_next(input, &entry, &err) == HN_OK)
 *         while (input_read(input, buf, sizeof buf, &len, &err) == HN_OK && len > 0)
 *             use(buf, len);
 *     input_close(input);
 *
 * Entries come in a fixed order: arguments as given, folders sorted by the bytes of their names,
 * archives as they are written. An entry that is not read to its end is skipped by the next call.
 * What the bytes mean is decode's job; here only archives and compressed files are recognised, by
 * their first bytes. They are unpacked in a jailed child (jail.h), as a stream, never to disk.
 *
 * Links given as arguments are followed, links inside of folders are not; pipes and devices are
 * read when given as arguments and skipped inside of folders.
 * Concurrency: one thread at a time, the one that called input_open(); it must outlive the input,
 * because a jailed child ends with the thread that started it.
 * Memory: an entry's name is valid until the next input_next(). The names of the folders on the
 * way to the current file are kept, nothing else of the tree.
 * Limits: struct input_limits; what goes over one is reported as a note.
 * Errors: a file that cannot be read is a note, and the next one comes. A failure here is HN_NOMEM
 * or HN_CANCELLED alone. */
#ifndef HN_INPUT_INPUT_H
#define HN_INPUT_INPUT_H

#include "base/attr.h"
#include "base/finding.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct input_limits {
    uint32_t folder_depth_max;
    uint64_t files_max;           /* in folders */
    size_t folder_bytes_max;      /* names of one folder */
    uint32_t nesting_max;         /* archives inside of archives */
    uint64_t entries_max;         /* of one file, nested ones included */
    uint64_t expanded_bytes_max;  /* of one file */
    uint64_t ratio_free_bytes;    /* so much may come out of a file whatever its size; from there */
    uint32_t ratio_max;           /* on, so many times its size */
    size_t nested_bytes_max;      /* an archive in an archive that must be held in memory */
    size_t name_bytes_max;        /* of an entry; longer ones are cut */
    uint64_t worker_memory_bytes; /* of the jailed child */
    uint32_t worker_cpu_seconds;
    int stall_ms; /* so long may the jailed child produce nothing */
};
extern const struct input_limits input_limits_default;

#define INPUT_NOTE_LIST(X)                                                        \
    X(INPUT_NOTE_FINDING, "finding") /* about the content: see finding */         \
    X(INPUT_NOTE_UNREADABLE, "unreadable")                                        \
    X(INPUT_NOTE_SPECIAL, "special_file") /* a device, pipe or socket: skipped */ \
    X(INPUT_NOTE_LINK, "link")            /* inside of a folder: not followed */  \
    X(INPUT_NOTE_TOO_DEEP, "too_deep")    /* folder not entered */                \
    X(INPUT_NOTE_TOO_MANY, "too_many")    /* the rest of the files is left out */

enum input_note_kind {
#define INPUT_NOTE_ENUM(name, id) name,
    INPUT_NOTE_LIST(INPUT_NOTE_ENUM)
#undef INPUT_NOTE_ENUM
            INPUT_NOTE_COUNT
};

struct input_note {
    enum input_note_kind kind;
    enum hn_finding_kind finding; /* of INPUT_NOTE_FINDING */
    struct hn_text name;          /* of the file or entry; hostile bytes, escape before showing */
    const char *reason;           /* English, harmless; "" when the kind says it all */
    int sys_errno;                /* 0: none */
    bool of_worker; /* not the content, but who unpacks it has failed: trying again may help */
};

/* Stable id ("too_deep") and English text. Never NULL. */
const char *input_note_id(enum input_note_kind kind);

struct input_options {
    struct input_limits limits;      /* all zero: input_limits_default */
    const struct hn_text *passwords; /* tried for encrypted entries, before "infected" */
    size_t password_count;
    /* What was skipped, damaged or unreadable; valid until it returns. May be NULL. */
    void (*on_note)(void *ctx, const struct input_note *note);
    void *ctx;
    /* input_next() and input_read() return HN_CANCELLED where they would wait for the jailed child:
     * to be called again, at the latest when the child is silent for too long. */
    bool no_wait;
};

struct input_entry {
    struct hn_text name; /* "logs/case.zip!/a.evtx"; hostile bytes, escape before showing */
    uint64_t size;       /* when size_known */
    bool size_known;
    bool packed; /* came out of an archive or compressed file */
};

/* Whether a file that starts so is an archive or compressed. */
#define INPUT_HEAD_BYTES 512u
bool input_is_packed(struct hn_bytes head);

struct input; /* opaque */

/* args are paths, "-" is standard input; they are copied, options->passwords are too. */
HN_MUST_USE enum hn_status input_open(const struct hn_text *args, size_t count,
        const struct input_options *options, struct input **ret_input, struct hn_err *err);
void input_close(struct input *input); /* NULL is fine */

/* HN_NOTFOUND behind the last entry. */
HN_MUST_USE enum hn_status input_next(
        struct input *input, struct input_entry *ret_entry, struct hn_err *err);

/* The next bytes of the current entry; *ret_len is 0 at its end. Damage ends it early, with a note.
 */
HN_MUST_USE enum hn_status input_read(
        struct input *input, void *buf, size_t room, size_t *ret_len, struct hn_err *err);

/* Readable when the jailed child has sent something; borrowed until the next call. -1: there is no
 * child. */
int input_descriptor(const struct input *input);

/* Bytes of files (not of what came out of them) that are done, for a progress bar. */
uint64_t input_bytes_done(const struct input *input);

/* Number and size of the files that the arguments name, without reading them. Counts what it can.
 */
HN_MUST_USE enum hn_status input_survey(const struct hn_text *args, size_t count,
        const struct input_options *options, uint64_t *ret_files, uint64_t *ret_bytes);

#endif
