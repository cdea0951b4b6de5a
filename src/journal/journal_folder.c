/* journal_folder.c - which segments there are, and the lock file. */
#include "journal/journal_io.h"

#include "base/crc32c.h"
#include "base/num.h"
#include "base/reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_TRIES \
    20 /* readers hold the lock for the moment in which they look whether it is free */

static const uint8_t note_magic[8] = { 'H', 'N', 'J', 'L', 'O', 'C', 'K', '\n' };

void segment_name(uint64_t first, bool packed, char out[JOURNAL_NAME_MAX])
{
    (void)snprintf(out, JOURNAL_NAME_MAX, "%016" PRIx64 ".hnj%s", first, packed ? ".zst" : "");
}

/* ---- The list ---- */

static int by_first(const void *a, const void *b)
{
    const struct segment_entry *x = a;
    const struct segment_entry *y = b;

    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return (int)x->packed - (int)y->packed;
}

static bool name_parse(struct hn_text name, struct segment_entry *ret_entry)
{
    struct hn_text digits = hn_text_sub(name, 0, 16);
    struct hn_text rest = hn_text_sub(name, 16, SIZE_MAX);

    for (size_t i = 0; i < digits.len; i++) {
        if (strchr("0123456789abcdef", digits.ptr[i]) == NULL)
            return false;
    }
    ret_entry->packed = hn_text_eq(rest, HN_TEXT(".hnj.zst"));
    return digits.len == 16 && hn_parse_hex64(digits, &ret_entry->first) &&
           (ret_entry->packed || hn_text_eq(rest, HN_TEXT(".hnj")));
}

static enum hn_status list_add(
        int dir_fd, const char *name, bool tidy, struct segment_list *list, struct hn_err *err)
{
    struct segment_entry entry = { 0 };
    struct segment_entry *added;
    struct stat info;

    if (tidy && hn_text_ends(hn_text_cstr(name), HN_TEXT(".tmp")))
        (void)unlinkat(dir_fd, name, 0);
    if (!name_parse(hn_text_cstr(name), &entry) || fstatat(dir_fd, name, &info, 0) != 0)
        return HN_OK; /* not ours, or gone by now */
    entry.bytes = (uint64_t)info.st_size;
    entry.changed = (hn_time)info.st_mtim.tv_sec * HN_SECOND + info.st_mtim.tv_nsec;
    added = hn_vec_add(&list->entries);
    if (added == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    *added = entry;
    return HN_OK;
}

/* The plain one of two forms is the original; the packed one is made again. */
static void drop_doubles(int dir_fd, bool tidy, struct segment_list *list)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->entries.count; i++) {
        const struct segment_entry *entry = &list->entries.ptr[i];

        if (kept > 0 && list->entries.ptr[kept - 1].first == entry->first) {
            char name[JOURNAL_NAME_MAX];

            segment_name(entry->first, entry->packed, name);
            if (tidy)
                (void)unlinkat(dir_fd, name, 0);
            continue;
        }
        list->entries.ptr[kept++] = *entry;
    }
    list->entries.count = kept;
}

enum hn_status segment_list_read(
        int dir_fd, bool tidy, struct segment_list *ret_list, struct hn_err *err)
{
    struct segment_list list = { 0 };
    enum hn_status status = HN_OK;
    const struct dirent *entry;
    int error;
    int fd = journal_openat(dir_fd, ".", O_RDONLY | O_DIRECTORY, &error);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);

    if (dir == NULL) {
        error = fd < 0 ? error : errno;
        if (fd >= 0)
            (void)close(fd);
        return hn_fail_sys(err, error, "journal folder");
    }
    while (status == HN_OK && (entry = readdir(dir)) != NULL)
        status = list_add(dir_fd, entry->d_name, tidy, &list, err);
    (void)closedir(dir);
    if (status != HN_OK) {
        segment_list_deinit(&list);
        return status;
    }
    if (list.entries.count > 0)
        qsort(list.entries.ptr, list.entries.count, sizeof *list.entries.ptr, by_first);
    drop_doubles(dir_fd, tidy, &list);
    *ret_list = list;
    return HN_OK;
}

void segment_list_deinit(struct segment_list *list)
{
    hn_vec_deinit(&list->entries);
}

size_t segment_list_find(const struct segment_list *list, uint64_t offset)
{
    size_t low = 0;
    size_t high = list->entries.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (list->entries.ptr[middle].first <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? SIZE_MAX : low - 1;
}

/* ---- The lock ---- */

void journal_note_write(int lock_fd, uint64_t committed)
{
    uint8_t note[JOURNAL_LOCK_BYTES];
    uint32_t crc;

    memcpy(note, note_magic, sizeof note_magic);
    for (int i = 0; i < 8; i++)
        note[8 + i] = (uint8_t)(committed >> (8 * i));
    crc = hn_crc32c(0, hn_bytes_of(note, 16));
    for (int i = 0; i < 4; i++)
        note[16 + i] = (uint8_t)(crc >> (8 * i));
    (void)!journal_write_at(lock_fd, hn_bytes_of(note, sizeof note), 0);
}

bool journal_note_read(int lock_fd, uint64_t *ret_committed)
{
    uint8_t note[JOURNAL_LOCK_BYTES];

    for (int try = 0; try < 3; try++) { /* a write may be going on */
        size_t len = 0;

        if (journal_read_at(lock_fd, note, sizeof note, 0, &len) != 0 || len < sizeof note)
            return false;
        if (memcmp(note, note_magic, sizeof note_magic) == 0 &&
                hn_load_u32(note + 16) == hn_crc32c(0, hn_bytes_of(note, 16))) {
            *ret_committed = hn_load_u64(note + 8);
            return true;
        }
    }
    return false;
}

enum hn_status journal_lock(int dir_fd, int *ret_lock_fd, struct hn_err *err)
{
    const struct timespec pause = { 0, 5000000 };
    int error;
    int fd = journal_openat(dir_fd, JOURNAL_LOCK_NAME, O_RDWR | O_CREAT, &error);

    if (fd < 0)
        return hn_fail_sys(err, error, "journal lock file");
    for (int try = 0; try < LOCK_TRIES; try++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            *ret_lock_fd = fd;
            return HN_OK;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            error = errno;
            (void)close(fd);
            return hn_fail_sys(err, error, "journal lock file");
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)close(fd);
    return hn_fail(err, HN_LIMIT, 0, "another process has the journal open");
}

bool journal_lock_is_held(int lock_fd)
{
    if (flock(lock_fd, LOCK_SH | LOCK_NB) != 0)
        return errno == EWOULDBLOCK;
    (void)flock(lock_fd, LOCK_UN);
    return false;
}
