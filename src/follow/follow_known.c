/* follow_known.c - which file is which.
 *
 * A file is known by device and inode while we have it open, and after a restart by these and the
 * hash of its first bytes: an inode alone is given away again. A file with another inode is the
 * same when its name is one that rotation gives and its first bytes are the same (copytruncate,
 * compression), or when it is at the same path (restored, moved to another disk). */
#include "follow/follow_internal.h"

#include "base/enc.h"
#include "base/hash.h"
#include "base/mem.h"
#include "input/input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define SURE_BYTES 32u /* so many first bytes that are the same are no accident */

bool file_print(int fd, uint32_t len, uint64_t *ret_print)
{
    uint8_t bytes[FOLLOW_PRINT_BYTES];

    if (len > sizeof bytes || pread(fd, bytes, len, 0) != (ssize_t)len)
        return false;
    *ret_print = hn_hash(bytes, len, 0);
    return true;
}

static bool same_start(int fd, uint32_t len, uint64_t print)
{
    uint64_t own;

    return len == 0 || (file_print(fd, len, &own) && own == print);
}

/* ---- Files ---- */

static char *copy_path(const char *path)
{
    size_t len = strlen(path);
    char *copy = hn_malloc(len + 1);

    if (copy != NULL)
        memcpy(copy, path, len + 1);
    return copy;
}

/* The very file is watched, whatever name it has by now. */
static void watch_file(struct follow *follow, struct file *file)
{
    char name[64];

    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", file->fd);
    file->watch = inotify_add_watch(follow->inotify, name, IN_MODIFY | IN_ATTRIB);
}

struct file *file_new(struct follow *follow, struct series *series, const char *path, int fd)
{
    struct file *file = hn_calloc(1, sizeof *file);
    struct stat info;

    if (file == NULL)
        return NULL;
    file->path = copy_path(path);
    file->home = copy_path(series == NULL ? path : series->path);
    if (file->path == NULL || file->home == NULL) {
        file_free(file);
        return NULL;
    }
    file->fd = fd;
    file->watch = -1;
    file->due_ms = INT64_MAX;
    file->changed = true;
    file->changed_ms = follow_now_ms();
    if (series != NULL) {
        file->source = series->source;
        if (fstat(fd, &info) == 0) {
            file->device = (uint64_t)info.st_dev;
            file->inode = (uint64_t)info.st_ino;
        }
        watch_file(follow, file);
        file->series = series;
        file->next = series->files;
        series->files = file;
    }
    file->next_of_all = follow->files;
    follow->files = file;
    follow_count(follow, files, 1);
    return file;
}

void file_end(struct follow *follow, struct file *file)
{
    if (file->fd < 0)
        return;
    if (file->watch >= 0)
        (void)inotify_rm_watch(follow->inotify, file->watch);
    file->watch = -1;
    input_close(file->input);
    file->input = NULL;
    decode_stream_free(file->decode);
    file->decode = NULL;
    if (file->kind != FILE_PIPE)
        (void)close(file->fd);
    file->fd = -1;
    hn_buf_deinit(&file->held);
    hn_buf_deinit(&file->text);
    file->due_ms = INT64_MAX;
    file->retry_ms = 0;
    file->pending = 0;
    (void)atomic_fetch_sub(&follow->counters.files, 1);
}

void file_free(struct file *file)
{
    hn_buf_deinit(&file->resume_head);
    hn_buf_deinit(&file->head);
    hn_free(file->path);
    hn_free(file->home);
    hn_free(file);
}

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
    still = same_start(fd, file->print_bytes, file->print);
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

        if (restored->used || same != same_inode || (!same && entry->print_bytes < SURE_BYTES))
            continue;
        if (same_start(fd, entry->print_bytes, entry->print))
            return restored;
    }
    return NULL;
}

static void resume(struct file *file, struct restored *restored)
{
    const struct follow_entry *entry = &restored->entry;

    restored->used = true;
    file->offset = entry->offset;
    file->mark = entry->mark;
    file->member = entry->member;
    file->print_bytes = entry->print_bytes;
    file->print = entry->print;
    file->format = decode_format_find(entry->format);
    (void)hn_base64_decode(&file->resume_head, entry->head);
    if (file->format != NULL && hn_text_eq(decode_format_name(file->format), HN_TEXT("evtx")) &&
            file->member == 0 && entry->print_bytes == 8)
        file->kind = FILE_EVTX;
}

/* ---- Compressed files ---- */

/* The first bytes that come out of a compressed file. */
static size_t unpack_start(const char *path, uint8_t *to, size_t room)
{
    struct hn_text name = hn_text_cstr(path);
    struct input_options options = { 0 };
    struct input_entry entry;
    struct input *input = NULL;
    size_t total = 0;
    size_t len = 0;

    if (input_open(&name, 1, &options, &input, NULL) != HN_OK)
        return 0;
    if (input_next(input, &entry, NULL) == HN_OK && entry.packed) {
        while (total < room && input_read(input, to + total, room - total, &len, NULL) == HN_OK &&
                len > 0)
            total += len;
    }
    input_close(input);
    return total;
}

static bool start_is(const uint8_t *start, size_t len, uint32_t print_bytes, uint64_t print)
{
    return print_bytes > 0 && print_bytes <= len && hn_hash(start, print_bytes, 0) == print;
}

/* ---- Found ---- */

/* Takes as much of the start as there is by now, as long as it is the file that it was. */
static void extend_print(struct file *file)
{
    struct stat info;
    uint32_t len;

    if (file->fd < 0 || file->kind == FILE_EVTX || file->print_bytes == FOLLOW_PRINT_BYTES ||
            fstat(file->fd, &info) != 0 || !same_start(file->fd, file->print_bytes, file->print))
        return;
    len = info.st_size < FOLLOW_PRINT_BYTES ? (uint32_t)info.st_size : FOLLOW_PRINT_BYTES;
    if (len > file->print_bytes && file_print(file->fd, len, &file->print))
        file->print_bytes = len;
}

/* own is the file that fd belongs to, NULL: none yet. */
static bool is_copy(struct series *base, int fd, const struct file *own)
{
    for (struct file *each = base->files; each != NULL; each = each->next)
        extend_print(each);
    for (const struct file *each = base->files; each != NULL; each = each->next) {
        if (each != own && each->print_bytes >= SURE_BYTES && each->fd >= 0 &&
                each->kind != FILE_EVTX && same_start(fd, each->print_bytes, each->print))
            return true;
    }
    return false;
}

static void end_seen(struct follow *follow, struct file *file)
{
    if (file->member != FOLLOW_MEMBER_DONE)
        return;
    file_end(follow, file);
    (void)submit_note(follow, file);
}

bool known_copy(struct follow *follow, struct file *file)
{
    if (file->series == NULL || strcmp(file->path, file->series->path) == 0 || file->offset != 0 ||
            !is_copy(file->series, file->fd, file))
        return false;
    file->member = FOLLOW_MEMBER_DONE;
    end_seen(follow, file);
    return true;
}

static struct series *base_of(
        struct follow *follow, const struct follow_source *source, const char *path)
{
    struct series *base = NULL;
    struct hn_text name;
    char *copy;

    if (!series_base(path, &name))
        return NULL;
    copy = copy_path(path);
    if (copy != NULL) {
        copy[name.len] = '\0';
        base = series_of(follow, source, copy);
    }
    hn_free(copy);
    return base;
}

void known_packed(struct follow *follow, struct file *file)
{
    struct series *base = base_of(follow, file->source, file->path);
    uint8_t start[FOLLOW_PRINT_BYTES];
    size_t len;

    if (base == NULL || file->member != 0 || file->offset != 0)
        return; /* it was begun already, as a compressed file */
    len = unpack_start(file->path, start, sizeof start);
    for (const struct file *each = base->files; each != NULL; each = each->next) {
        if (each != file && start_is(start, len, each->print_bytes, each->print)) {
            file->member = FOLLOW_MEMBER_DONE; /* we have it open, and read it to its end */
            break;
        }
    }
    for (uint32_t i = 0; file->member == 0 && i < base->restored_count; i++) {
        struct restored *restored = &base->restored[i];

        if (restored->used ||
                !start_is(start, len, restored->entry.print_bytes, restored->entry.print))
            continue;
        restored->used = true;
        file->offset = restored->entry.offset;
        file->mark = restored->entry.mark;
        (void)hn_base64_decode(&file->resume_head, restored->entry.head);
        file->format = decode_format_find(restored->entry.format);
        break;
    }
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
    struct series *base = base_of(follow, source, path);
    struct stat info;

    if (base == NULL || count_files(base) >= FOLLOW_GENERATIONS_MAX)
        return NULL;
    return stat(base->path, &info) == 0 || base->files != NULL || base->restored_count > 0 ? base
                                                                                           : NULL;
}

/* A file that is not open: as it was left, or from its start. */
static void take_up(struct follow *follow, const struct follow_source *source, const char *path,
        int fd, const struct stat *info)
{
    struct series *own = series_of(follow, source, path);
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
        file = file_new(follow, series, path, fd);
    if (file == NULL) {
        (void)close(fd);
        return;
    }
    file->seen = true;
    file->at_path = series == own;
    file->elsewhere = series != own;
    file->left_ms = file->changed_ms;
    if (restored != NULL)
        resume(file, restored);
    else if (copy)
        file->member = FOLLOW_MEMBER_DONE;
    else if (follow->first_look && source->from_end && own->restored_count == 0)
        file->offset = (uint64_t)info->st_size;
    if (file->member == FOLLOW_MEMBER_DONE)
        file->size = (uint64_t)info->st_size;
    extend_print(file);
    end_seen(follow, file);
}

void known_found(struct follow *follow, const struct follow_source *source, const char *path)
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
        if (strcmp(file->path, path) != 0 && (copy = copy_path(path)) != NULL) {
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

/* ---- Missing ---- */

/* A neighbour of the series' path that is the file of the entry: by its inode, or as the copy that
 * copytruncate made of it. -1: none. */
static int open_former(
        const struct series *series, const struct follow_entry *entry, struct hn_buf *path)
{
    const char *slash = strrchr(series->path, '/');
    size_t folder_len = slash == NULL ? 0 : (size_t)(slash - series->path) + 1;
    const char *own = series->path + folder_len;
    struct dirent *name;
    int fd = -1;
    DIR *dir;

    hn_buf_add(path, series->path, folder_len);
    hn_buf_add_lit(path, ".\0");
    dir = hn_buf_ok(path) ? opendir(path->ptr) : NULL;
    while (dir != NULL && fd < 0 && (name = readdir(dir)) != NULL) {
        bool copy = entry->print_bytes >= SURE_BYTES && strcmp(name->d_name, own) != 0 &&
                    strncmp(name->d_name, own, strlen(own)) == 0;

        if ((uint64_t)name->d_ino != entry->inode && !copy)
            continue;
        hn_buf_reset(path);
        hn_buf_add(path, series->path, folder_len);
        hn_buf_add(path, name->d_name, strlen(name->d_name) + 1);
        if (hn_buf_ok(path))
            fd = open(path->ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd >= 0 && !same_start(fd, entry->print_bytes, entry->print)) {
            (void)close(fd);
            fd = -1;
        }
    }
    if (dir != NULL)
        (void)closedir(dir);
    return fd;
}

/* Goes on with a file of the series: one that was thought to be done with, or that is not known.
 * NULL: it is being followed already, or there is no memory. Takes fd. */
static struct file *reopen(struct follow *follow, struct series *series, const char *path, int fd,
        struct restored *restored)
{
    struct stat info = { 0 };
    struct file *old = NULL;
    struct file *file = NULL;

    (void)fstat(fd, &info);
    for (struct file *each = series->files; each != NULL; each = each->next) {
        if (each->device == (uint64_t)info.st_dev && each->inode == (uint64_t)info.st_ino)
            old = each;
    }
    if (old != NULL && old->fd >= 0 && old->kind == FILE_NEW && old->offset == 0) {
        (void)close(fd); /* just found, nothing of it was handed in */
        hn_buf_reset(&old->held);
        resume(old, restored);
        return old;
    }
    if (old == NULL || old->fd < 0)
        file = file_new(follow, series, path, fd);
    if (file == NULL) {
        (void)close(fd);
        return NULL;
    }
    resume(file, restored);
    file->left_ms = file->changed_ms;
    file->elsewhere = old != NULL && old->elsewhere;
    file->seen = true;
    if (old != NULL) /* one entry a file */
        old->device = old->inode = UINT64_MAX;
    return file;
}

bool known_former(struct follow *follow, struct file *file)
{
    struct hn_buf head = { 0 };
    struct hn_buf path = { 0 };
    struct restored restored = { .entry = file_entry(file, &head) };
    struct file *former = NULL;
    int fd = file->print_bytes > 0 ? open_former(file->series, &restored.entry, &path) : -1;

    if (fd >= 0)
        former = reopen(follow, file->series, path.ptr, fd, &restored);
    hn_buf_deinit(&head);
    hn_buf_deinit(&path);
    return former != NULL;
}

static void find_missing(struct follow *follow, struct series *series, struct restored *restored)
{
    struct hn_buf path = { 0 };
    int fd;

    if (restored->entry.member == FOLLOW_MEMBER_DONE) {
        restored->used = true;
        return;
    }
    fd = open_former(series, &restored->entry, &path);
    if (fd >= 0)
        (void)reopen(follow, series, path.ptr, fd, restored);
    hn_buf_deinit(&path);
}

void known_missing(struct follow *follow)
{
    for (struct series *series = follow->series; series != NULL; series = series->next) {
        for (uint32_t i = 0; i < series->restored_count; i++) {
            if (!series->restored[i].used)
                find_missing(follow, series, &series->restored[i]);
        }
    }
}

void known_forget(struct follow *follow)
{
    for (struct series *series = follow->series; series != NULL; series = series->next) {
        for (uint32_t i = 0; i < series->restored_count; i++) {
            struct restored *restored = &series->restored[i];

            if (restored->used)
                continue;
            restored->used = true;
            follow_count(follow, vanished, 1);
            follow_tell(follow, series->path,
                    "a file that was here is gone; what was added last may not have been read");
        }
    }
}
