/* follow_former.c - files that are not where they were: rotated to names that are not followed, or
 * copied before they were truncated. */
#include "follow/follow_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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
        bool copy = entry->print_bytes >= FOLLOW_SURE_BYTES && strcmp(name->d_name, own) != 0 &&
                    strncmp(name->d_name, own, strlen(own)) == 0;

        if ((uint64_t)name->d_ino != entry->inode && !copy)
            continue;
        hn_buf_reset(path);
        hn_buf_add(path, series->path, folder_len);
        hn_buf_add(path, name->d_name, strlen(name->d_name) + 1);
        if (hn_buf_ok(path))
            fd = open(path->ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd >= 0 && !follow_file_same_start(fd, entry->print_bytes, entry->print)) {
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
        follow_known_resume(old, restored);
        return old;
    }
    if (old == NULL || old->fd < 0)
        file = follow_file_new(follow, series, path, fd);
    if (file == NULL) {
        (void)close(fd);
        return NULL;
    }
    follow_known_resume(file, restored);
    file->left_ms = file->changed_ms;
    file->elsewhere = old != NULL && old->elsewhere;
    file->seen = true;
    if (old != NULL) /* one entry a file */
        old->device = old->inode = UINT64_MAX;
    return file;
}

bool follow_known_former(struct follow *follow, struct file *file)
{
    struct hn_buf head = { 0 };
    struct hn_buf path = { 0 };
    struct restored restored = { .entry = follow_file_entry(file, &head) };
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

void follow_known_missing(struct follow *follow)
{
    for (struct series *series = follow->series; series != NULL; series = series->next) {
        for (uint32_t i = 0; i < series->restored_count; i++) {
            if (!series->restored[i].used)
                find_missing(follow, series, &series->restored[i]);
        }
    }
}

void follow_known_forget(struct follow *follow)
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
