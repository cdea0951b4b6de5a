/* follow_known.c - which file is which.
 *
 * A file is known by device and inode while we have it open, and after a restart by these and the
 * hash of its first bytes: an inode alone is given away again. A file with another inode is the
 * same when its name is one that rotation gives and its first bytes are the same (copytruncate,
 * compression), or when it is at the same path (restored, moved to another disk). */
#include "follow/follow_internal.h"

#include "base/enc.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- What is known already ---- */

/* Whether what is at path is the file that is not open any more: an inode is given away again. */
static bool is_still(const struct file *file, const char *path, const struct stat *info)
{
    bool still = false;
    int fd;

    if (file->size != (uint64_t)info->st_size)
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    still = follow_file_same_start(fd, file->print_bytes, file->print);
    (void)close(fd);
    return still;
}

static struct file *find_open(struct follow *follow, const struct follow_source *source,
        const char *path, const struct stat *info)
{
    for (struct file *file = follow->files; file != NULL; file = file->next_of_all) {
        if (file->source == source && file->series != NULL &&
                file->device == (uint64_t)info->st_dev && file->inode == (uint64_t)info->st_ino &&
                (file->fd >= 0 || is_still(file, path, info)))
            return file;
    }
    return NULL;
}

static struct restored *find_restored(
        struct series *series, int fd, const struct stat *info, bool same_inode)
{
    for (uint32_t i = 0; i < series->restored_count; i++) {
        struct restored *restored = &series->restored[i];
        const struct follow_entry *entry = &restored->entry;
        bool same = entry->inode == (uint64_t)info->st_ino;

        if (restored->used || same != same_inode ||
                (!same && entry->print_bytes < FOLLOW_SURE_BYTES))
            continue;
        if (follow_file_same_start(fd, entry->print_bytes, entry->print))
            return restored;
    }
    return NULL;
}

void follow_known_resume(struct file *file, struct restored *restored)
{
    const struct follow_entry *entry = &restored->entry;

    restored->used = true;
    file->offset = entry->offset;
    file->mark = entry->mark;
    file->member = entry->member;
    file->print_bytes = entry->print_bytes;
    file->print = entry->print;
    file->format = decode_format_find(entry->format);
    hn_buf_reset(&file->resume_head);
    (void)hn_base64_decode(&file->resume_head, entry->head);
    if (follow_packed_is(file->fd))
        follow_packed_take(file);
    else if (file->format != NULL &&
             hn_text_eq(decode_format_name(file->format), HN_TEXT("evtx")) && file->member == 0 &&
             entry->print_bytes == 8)
        file->kind = FILE_EVTX;
}

/* ---- Found ---- */

/* own is the file that fd belongs to, NULL: none yet. */
static bool is_copy(struct series *base, int fd, const struct file *own)
{
    for (struct file *each = base->files; each != NULL; each = each->next)
        follow_file_extend_print(each);
    for (const struct file *each = base->files; each != NULL; each = each->next) {
        if (each != own && each->print_bytes >= FOLLOW_SURE_BYTES && each->fd >= 0 &&
                each->kind != FILE_EVTX &&
                follow_file_same_start(fd, each->print_bytes, each->print))
            return true;
    }
    return false;
}

static void end_seen(struct follow *follow, struct file *file)
{
    if (file->member != FOLLOW_MEMBER_DONE)
        return;
    follow_file_end(follow, file);
    (void)follow_submit_note(follow, file);
}

bool follow_known_copy(struct follow *follow, struct file *file)
{
    if (file->series == NULL || strcmp(file->path, file->series->path) == 0 || file->offset != 0 ||
            !is_copy(file->series, file->fd, file))
        return false;
    file->member = FOLLOW_MEMBER_DONE;
    end_seen(follow, file);
    return true;
}

struct series *follow_series_of_base(
        struct follow *follow, const struct follow_source *source, const char *path)
{
    struct series *base = NULL;
    struct hn_text name;
    char *copy;

    if (!follow_series_base(path, &name))
        return NULL;
    copy = follow_file_copy_path(path);
    if (copy != NULL) {
        copy[name.len] = '\0';
        base = follow_series_of(follow, source, copy);
    }
    hn_free(copy);
    return base;
}

/* What the journal knows of a file; *series is the one that knows. */
static struct restored *find_any_restored(struct series *own, struct series *base, int fd,
        const struct stat *info, struct series **ret_series)
{
    struct restored *restored = NULL;

    for (int same_inode = 1; restored == NULL && same_inode >= 0; same_inode--) {
        *ret_series = base;
        if (base != NULL)
            restored = find_restored(base, fd, info, same_inode != 0);
        if (restored != NULL)
            break;
        *ret_series = own;
        restored = find_restored(own, fd, info, same_inode != 0);
    }
    return restored;
}

static uint32_t count_files(const struct series *series)
{
    uint32_t count = 0;

    for (const struct file *file = series->files; file != NULL; file = file->next)
        count++;
    return count;
}

/* Where rotation has made a file's name it belongs to the series of the name without it: its own
 * name will be another's soon. */
static struct series *rotated_from(
        struct follow *follow, const struct follow_source *source, const char *path)
{
    struct series *base = follow_series_of_base(follow, source, path);
    struct stat info;

    if (base == NULL || count_files(base) >= FOLLOW_GENERATIONS_MAX)
        return NULL;
    return stat(base->path, &info) == 0 || base->files != NULL || base->restored_count > 0 ? base
                                                                                           : NULL;
}

/* What is in the file already is not wanted. */
static void skip_all(struct file *file, uint64_t size)
{
    file->offset = size;
    if (follow_packed_is(file->fd))
        file->member = FOLLOW_MEMBER_DONE;
}

/* A file that is not open: as it was left, or from its start. */
static void take_up(struct follow *follow, const struct follow_source *source, const char *path,
        int fd, const struct stat *info)
{
    struct series *own = follow_series_of(follow, source, path);
    struct series *base = rotated_from(follow, source, path);
    struct series *series = own;
    struct restored *restored = NULL;
    struct file *file = NULL;
    bool copy = base != NULL && is_copy(base, fd, NULL);

    if (own != NULL && !copy)
        restored = find_any_restored(own, base, fd, info, &series);
    if (restored == NULL && base != NULL)
        series = base;
    if (own != NULL)
        file = follow_file_new(follow, series, path, fd);
    if (file == NULL) {
        (void)close(fd);
        return;
    }
    file->seen = true;
    file->at_path = series == own;
    file->elsewhere = series != own;
    file->left_ms = file->changed_ms;
    if (restored != NULL)
        follow_known_resume(file, restored);
    else if (copy)
        file->member = FOLLOW_MEMBER_DONE;
    else if (follow->first_look && source->from_end && own->restored_count == 0)
        skip_all(file, (uint64_t)info->st_size);
    if (file->member == FOLLOW_MEMBER_DONE)
        file->size = (uint64_t)info->st_size;
    follow_file_extend_print(file);
    end_seen(follow, file);
}

void follow_known_found(struct follow *follow, const struct follow_source *source, const char *path)
{
    struct stat info;
    struct file *file;
    char *copy;
    int fd;

    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return;
    file = find_open(follow, source, path, &info);
    if (file != NULL) {
        file->seen = true;
        if (strcmp(file->home, path) == 0)
            file->at_path = true;
        else
            file->elsewhere = true;
        if (strcmp(file->path, path) != 0 && (copy = follow_file_copy_path(path)) != NULL) {
            hn_free(file->path);
            file->path = copy;
        }
        return;
    }
    if (atomic_load(&follow->counters.files) >= follow->options.limits.files) {
        follow_count(follow, too_many, 1);
        return;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        if (fd >= 0)
            (void)close(fd);
        else if (errno != ENOENT)
            follow_count(follow, unreadable, 1);
        return;
    }
    take_up(follow, source, path, fd, &info);
}
