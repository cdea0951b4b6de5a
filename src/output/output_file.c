/* output_file.c - JSON lines appended to a file.
 *
 * A batch is one write and one sync. When it fails, the file is cut back to where it ended before,
 * so that no row stands in it that is not sent. The name is looked at before every batch: a file
 * that was renamed or removed by rotation is followed by a new one. */
#include "output/output_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct file_sink {
    struct output_sink base;
    const char *path;
    int fd; /* -1: not open */
    struct output_tail *tail;
    struct hn_buf lines;
};

static struct file_sink *file_of(struct output_sink *sink)
{
    return (struct file_sink *)sink;
}

static void file_close(struct file_sink *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    file->fd = -1;
    output_tail_free(file->tail);
    file->tail = NULL;
}

/* Two writers would cut each other's lines: the second one waits its turn. */
static enum hn_status check_file(struct file_sink *file, struct hn_err *err)
{
    struct stat stat;

    if (fstat(file->fd, &stat) != 0 || !S_ISREG(stat.st_mode))
        return hn_fail(err, HN_IO, 0, "%s is no file", file->path);
    if (flock(file->fd, LOCK_EX | LOCK_NB) != 0)
        return hn_fail(err, HN_IO, 0, "%s is used by another output", file->path);
    return output_tail_read(file->fd, &file->tail, err);
}

static enum hn_status file_open(struct file_sink *file, struct hn_err *err)
{
    enum hn_status status;

    file->fd =
            open(file->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
    if (file->fd < 0)
        return hn_fail_sys(err, errno, "%s cannot be opened", file->path);
    status = check_file(file, err);
    if (status != HN_OK)
        file_close(file);
    return status;
}

/* Open, and still what the name stands for. */
static enum hn_status file_ready(struct file_sink *file, struct hn_err *err)
{
    struct stat named;
    struct stat open_one;

    if (file->fd >= 0 &&
            (stat(file->path, &named) != 0 || fstat(file->fd, &open_one) != 0 ||
                    named.st_ino != open_one.st_ino || named.st_dev != open_one.st_dev))
        file_close(file);
    return file->fd >= 0 ? HN_OK : file_open(file, err);
}

static enum hn_status write_lines(struct file_sink *file, struct hn_err *err)
{
    struct hn_text rest = hn_buf_text(&file->lines);

    while (rest.len > 0) {
        ssize_t put = write(file->fd, rest.ptr, rest.len);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return hn_fail_sys(err, errno, "%s cannot be written", file->path);
        rest = hn_text_sub(rest, (size_t)put, rest.len);
    }
    if (file->base.config->sync && fdatasync(file->fd) != 0)
        return hn_fail_sys(err, errno, "%s cannot be synced", file->path);
    return HN_OK;
}

static uint32_t file_send(struct output_sink *sink, const struct output_fact *facts, uint32_t count,
        struct output_result *ret_result)
{
    struct file_sink *file = file_of(sink);
    struct hn_err err = { 0 };
    struct stat before;

    if (file_ready(file, &err) != HN_OK) {
        (void)output_result_set(ret_result, OUTPUT_DOWN, "%s", err.msg);
        return 0;
    }
    hn_buf_reset(&file->lines);
    for (uint32_t i = 0; i < count; i++) {
        if (facts[i].attempts > 1 && output_tail_has(file->tail, facts[i].key))
            continue;
        hn_buf_add_text(&file->lines, facts[i].body);
        hn_buf_add_char(&file->lines, '\n');
    }
    if (!hn_buf_ok(&file->lines) || fstat(file->fd, &before) != 0) {
        (void)output_result_set(ret_result, OUTPUT_DOWN, "no memory for lines");
        return 0;
    }
    if (write_lines(file, &err) != HN_OK) {
        /* Opened anew next time: then the end is read again, whatever became of the cut. */
        if (ftruncate(file->fd, before.st_size) != 0)
            (void)output_result_set(ret_result, OUTPUT_DOWN, "%s, nor cut back", err.msg);
        else
            (void)output_result_set(ret_result, OUTPUT_DOWN, "%s", err.msg);
        file_close(file);
        return 0;
    }
    return count;
}

static enum hn_status file_reopen(struct output_sink *sink, struct hn_err *err)
{
    (void)err;
    file_close(file_of(sink));
    return HN_OK;
}

static void file_free(struct output_sink *sink)
{
    struct file_sink *file = file_of(sink);

    file_close(file);
    hn_buf_deinit(&file->lines);
    hn_free(file);
}

static const struct output_class file_class = {
    .batch_max = 64,
    .piece_bytes = OUTPUT_BATCH_BYTES,
    .bodies = true,
    .send = file_send,
    .reopen = file_reopen,
    .free = file_free,
};

enum hn_status output_file_new(
        const struct config_output *config, struct output_sink **ret_sink, struct hn_err *err)
{
    struct file_sink *file = hn_calloc(1, sizeof *file);

    if (file == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory");
    file->base = (struct output_sink){ .class = &file_class, .config = config };
    file->path = config->path.ptr;
    file->fd = -1;
    *ret_sink = &file->base;
    return HN_OK;
}
