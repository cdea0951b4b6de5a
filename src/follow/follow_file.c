/* follow_file.c - a file that is followed: its life, and the hash of its first bytes. */
#include "follow/follow_internal.h"

#include "base/hash.h"
#include "base/mem.h"
#include "input/input.h"

#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

bool follow_file_print(int fd, uint32_t len, uint64_t *ret_print)
{
    uint8_t bytes[FOLLOW_PRINT_BYTES];

    if (len > sizeof bytes || pread(fd, bytes, len, 0) != (ssize_t)len)
        return false;
    *ret_print = hn_hash(bytes, len, 0);
    return true;
}

bool follow_file_same_start(int fd, uint32_t len, uint64_t print)
{
    uint64_t own;

    return len == 0 || (follow_file_print(fd, len, &own) && own == print);
}

char *follow_file_copy_path(const char *path)
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

struct file *follow_file_new(struct follow *follow, struct series *series, const char *path, int fd)
{
    struct file *file = hn_calloc(1, sizeof *file);
    struct stat info;

    if (file == NULL)
        return NULL;
    file->path = follow_file_copy_path(path);
    file->home = follow_file_copy_path(series == NULL ? path : series->path);
    if (file->path == NULL || file->home == NULL) {
        follow_file_free(file);
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

/* Its position goes on saying it. */
static void keep_head(struct file *file)
{
    if (file->decode == NULL)
        return;
    hn_buf_reset(&file->resume_head);
    if (file->pending > 0)
        hn_buf_add_text(&file->resume_head, hn_buf_text(&file->head));
    else
        decode_stream_head(file->decode, &file->resume_head);
    decode_stream_free(file->decode);
    file->decode = NULL;
}

void follow_file_end(struct follow *follow, struct file *file)
{
    if (file->fd < 0)
        return;
    follow_twin_forget(follow, file);
    if (file->watch >= 0)
        (void)inotify_rm_watch(follow->inotify, file->watch);
    file->watch = -1;
    input_close(file->input);
    file->input = NULL;
    file->input_waits = false;
    hn_free(file->start);
    file->start = NULL;
    keep_head(file);
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

void follow_file_keep_former(struct file *file)
{
    struct file *former;

    if (file->series == NULL || file->kind != FILE_TEXT || file->print_bytes == 0)
        return;
    former = hn_calloc(1, sizeof *former);
    if (former == NULL)
        return;
    former->path = follow_file_copy_path(file->path);
    former->home = follow_file_copy_path(file->home);
    if (former->path == NULL || former->home == NULL) {
        follow_file_free(former);
        return;
    }
    former->fd = -1;
    former->watch = -1;
    former->kind = FILE_TEXT;
    former->source = file->source;
    former->series = file->series;
    former->inode = FILE_INODE_GONE;
    former->print_bytes = file->print_bytes;
    former->print = file->print;
    former->offset = file->offset;
    former->mark = file->mark;
    former->format = file->format;
    if (file->decode != NULL)
        decode_stream_head(file->decode, &former->resume_head);
    former->due_ms = INT64_MAX;
    former->left_ms = follow_now_ms();
    former->next = file->next; /* behind the file, which is newer */
    file->next = former;
    former->next_of_all = file->next_of_all;
    file->next_of_all = former;
}

void follow_file_free(struct file *file)
{
    hn_buf_deinit(&file->resume_head);
    hn_buf_deinit(&file->head);
    hn_free(file->path);
    hn_free(file->home);
    hn_free(file);
}

/* Takes as much of the start as there is by now, as long as it is the file that it was. */
void follow_file_extend_print(struct file *file)
{
    struct stat info;
    uint32_t len;

    if (file->fd < 0 || file->kind == FILE_EVTX || file->print_bytes == FOLLOW_PRINT_BYTES ||
            fstat(file->fd, &info) != 0 ||
            !follow_file_same_start(file->fd, file->print_bytes, file->print))
        return;
    len = info.st_size < FOLLOW_PRINT_BYTES ? (uint32_t)info.st_size : FOLLOW_PRINT_BYTES;
    if (len > file->print_bytes && follow_file_print(file->fd, len, &file->print))
        file->print_bytes = len;
}
