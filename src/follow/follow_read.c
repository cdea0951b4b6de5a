/* follow_read.c - what is new in a file or a pipe, and text in UTF-16. */
#include "follow/follow_internal.h"

#include "base/mem.h"
#include "base/utf.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- What is there to read ---- */

static void start_anew(struct follow *follow, struct file *file)
{
    follow_count(follow, truncated, 1);
    follow_twin_forget(follow, file);
    decode_stream_free(file->decode);
    file->decode = NULL;
    file->format = NULL;
    file->kind = FILE_NEW;
    file->encoding_known = false;
    file->encoding = ENCODING_BYTES;
    file->offset = 0;
    file->mark = 0;
    file->print_bytes = 0;
    file->pending = 0;
    file->ending = false;
    hn_buf_reset(&file->resume_head);
    hn_buf_reset(&file->held);
}

/* Whether the file is another one than it was, by what it holds. */
static bool is_rewritten(const struct file *file, uint64_t size)
{
    uint64_t print;

    if (file->kind == FILE_EVTX) /* written in place; see follow_evtx.c */
        return false;
    if (size < file->offset + file->held.len)
        return true;
    return file->print_bytes > 0 &&
           (!follow_file_print(file->fd, file->print_bytes, &print) || print != file->print);
}

/* The print covers as much of the start as there is: it tells more files apart. */
void follow_read_learn_print(struct file *file, uint64_t size)
{
    uint32_t len = size < FOLLOW_PRINT_BYTES ? (uint32_t)size : FOLLOW_PRINT_BYTES;
    uint64_t print;

    if (file->kind == FILE_EVTX) /* the header of a log changes, but for its magic */
        len = 8;
    if (len > file->print_bytes && follow_file_print(file->fd, len, &print)) {
        file->print = print;
        file->print_bytes = len;
    }
}

/* False: what was held back of the file's former self has to go first. */
bool follow_read_look(struct follow *follow, struct file *file, int64_t now_ms)
{
    struct stat info;
    int64_t modified;

    if (fstat(file->fd, &info) != 0)
        return true;
    modified = (int64_t)info.st_mtim.tv_sec * HN_SECOND + info.st_mtim.tv_nsec;
    if (modified == file->modified && (uint64_t)info.st_size == file->size)
        return true;
    if (is_rewritten(file, (uint64_t)info.st_size)) {
        bool copied = file->kind == FILE_TEXT && follow_known_former(follow, file);

        if (!copied && file->held.len > 0 && file->decode != NULL) {
            /* Half a line whose rest is in a copy, if anywhere, is no end. */
            file->ending = file->offset + file->held.len >= file->size;
            return false;
        }
        if (!copied)
            follow_file_keep_former(file);
        start_anew(follow, file);
    }
    file->modified = modified;
    file->size = (uint64_t)info.st_size;
    file->changed_ms = now_ms;
    follow_read_learn_print(file, file->size);
    return true;
}

/* ---- Reading ---- */

static size_t read_pipe(struct file *file, char *to, size_t room)
{
    struct pollfd ready = { .fd = file->fd, .events = POLLIN };
    ssize_t got;

    if (poll(&ready, 1, 0) <= 0)
        return 0;
    got = read(file->fd, to, room);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        file->ended = true;
        file->ending = true;
    }
    return got > 0 ? (size_t)got : 0;
}

/* True: as much came as there was room for. */
bool follow_read_more(struct follow *follow, struct file *file)
{
    size_t room = follow->options.limits.batch_bytes;
    struct hn_buf *held = &file->held;
    ssize_t got;

    if (held->len > decode_limits_default.event_bytes_max + room)
        return false;
    if (!hn_buf_reserve(held, room)) {
        held->status = HN_OK;
        return false;
    }
    if (file->kind == FILE_PIPE)
        got = (ssize_t)read_pipe(file, held->ptr + held->len, room);
    else
        got = pread(file->fd, held->ptr + held->len, room, (off_t)(file->offset + held->len));
    if (got > 0)
        held->len += (size_t)got;
    return got == (ssize_t)room;
}

/* ---- Text in UTF-16 ---- */

void follow_read_find_encoding(struct file *file)
{
    uint8_t mark[2] = { 0, 0 };

    if (file->encoding_known)
        return;
    if (file->offset > 0) {
        if (file->kind != FILE_PIPE &&
                pread(file->fd, mark, sizeof mark, 0) != (ssize_t)sizeof mark)
            return;
    } else if (file->held.len >= 2) {
        memcpy(mark, file->held.ptr, 2);
    } else {
        return;
    }
    file->encoding_known = true;
    if (mark[0] == 0xFF && mark[1] == 0xFE)
        file->encoding = ENCODING_UTF16LE;
    else if (mark[0] == 0xFE && mark[1] == 0xFF)
        file->encoding = ENCODING_UTF16BE;
    if (file->encoding != ENCODING_BYTES && file->offset == 0) {
        file->offset = 2;
        file->held.len -= 2;
        memmove(file->held.ptr, file->held.ptr + 2, file->held.len);
    }
}

static void convert(struct file *file)
{
    size_t take = file->held.len & ~(size_t)1;
    struct hn_buf swapped = { 0 };
    const char *units = file->held.ptr;
    unsigned high;

    hn_buf_reset(&file->text);
    if (take == 0)
        return;
    high = (unsigned char)units[file->encoding == ENCODING_UTF16BE ? take - 2 : take - 1];
    if (high >= 0xD8 && high <= 0xDB && !file->ending && !file->member_ended)
        take -= 2; /* the other half of a pair is still to come */
    if (file->encoding == ENCODING_UTF16BE) {
        for (size_t i = 0; i < take; i += 2) {
            hn_buf_add_char(&swapped, units[i + 1]);
            hn_buf_add_char(&swapped, units[i]);
        }
        units = swapped.ptr;
    }
    if (take > 0 && hn_buf_ok(&swapped) && hn_buf_reserve(&file->text, HN_UTF16_TO_UTF8_ROOM(take)))
        file->text.len = hn_utf16le_to_utf8_raw(hn_bytes_of(units, take), file->text.ptr, NULL);
    file->text.status = HN_OK;
    hn_buf_deinit(&swapped);
}

struct hn_text follow_read_text(struct file *file)
{
    if (file->encoding == ENCODING_BYTES)
        return hn_buf_text(&file->held);
    convert(file);
    return hn_buf_text(&file->text);
}

/* Bytes in the file of so much of its text: a character of four bytes was a pair of two units. */
size_t follow_read_raw_len(const struct file *file, struct hn_text text)
{
    size_t units = 0;

    if (file->encoding == ENCODING_BYTES)
        return text.len;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        units += (c & 0xC0) != 0x80 ? 1 : 0;
        units += c >= 0xF0 ? 1 : 0;
    }
    return units * 2;
}
