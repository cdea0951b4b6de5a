/* journal_io.h - system calls of the journal that stop neither at signals nor at short counts, and
 * what is in its folder. Functions that give an int give 0 or the errno. */
#ifndef HN_JOURNAL_IO_H
#define HN_JOURNAL_IO_H

#include "base/attr.h"
#include "base/status.h"
#include "base/time.h"
#include "base/vec.h"
#include "base/view.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#define JOURNAL_NAME_MAX   64
#define JOURNAL_LOCK_NAME  "lock"
#define JOURNAL_LOCK_BYTES 20

HN_MUST_USE int journal_write_at(int fd, struct hn_bytes bytes, uint64_t pos);
/* *ret_len is less than len only at the end of the file. */
HN_MUST_USE int journal_read_at(int fd, void *out, size_t len, uint64_t pos, size_t *ret_len);
HN_MUST_USE int journal_sync_data(int fd);
HN_MUST_USE int journal_sync(int fd); /* files with what describes them, and folders */
/* A descriptor, or -1 with *ret_errno. */
HN_MUST_USE int journal_openat(int dir_fd, const char *name, int flags, int *ret_errno);
HN_MUST_USE int journal_truncate(int fd, uint64_t bytes);
/* Room on disk from the start up to bytes; file systems that cannot are no failure. */
HN_MUST_USE int journal_reserve(int fd, uint64_t bytes);

HN_INLINE bool journal_errno_is_full(int error)
{
    return error == ENOSPC || error == EDQUOT;
}

/* One segment of the folder. */
struct segment_entry {
    uint64_t first;
    uint64_t bytes; /* of the file */
    hn_time changed;
    bool packed;
};

struct segment_list {
    HN_VEC(struct segment_entry) entries; /* by first */
};

void segment_name(uint64_t first, bool packed, char out[JOURNAL_NAME_MAX]);
/* What is there. Where a segment is there in both forms, the plain one counts. With tidy, files
 * that a crash left half-made and packed doubles are removed. */
HN_MUST_USE enum hn_status segment_list_read(
        int dir_fd, bool tidy, struct segment_list *ret_list, struct hn_err *err);
void segment_list_deinit(struct segment_list *list);
/* Index of the segment that holds offset: the last one that begins at or before it; SIZE_MAX when
 * all begin later. */
size_t segment_list_find(const struct segment_list *list, uint64_t offset);

/* The lock file also says up to which offset the writer has committed: so that readers of other
 * processes see no more, and a tail that is missing after that is known to be lost. When this fails
 * they see less than they might, and nothing is wrong. */
void journal_note_write(int lock_fd, uint64_t committed);
/* False: it says nothing. */
bool journal_note_read(int lock_fd, uint64_t *ret_committed);
/* Takes the lock for a writer, HN_LIMIT when another one has it. */
HN_MUST_USE enum hn_status journal_lock(int dir_fd, int *ret_lock_fd, struct hn_err *err);
/* Does a writer have the folder open now? */
bool journal_lock_is_held(int lock_fd);

#endif
