/* follow_packed.c - archives and compressed files: unpacked by input's jailed child, handed in
 * member by member as text files are.
 *
 * A position is a member and a place in what came out of it; after a restart the file is unpacked
 * again and what was handed in is passed over. A file is done with when the child came to its end
 * and nobody has written to it meanwhile. Where the child failed, and not the file, it is tried
 * again. Everything is done in small steps, because other files wait for the same thread. */
#include "follow/follow_internal.h"

#include "base/mem.h"
#include "input/input.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define READS_MAX        32    /* of what is passed over, at a time */
#define TRIES_MAX        5     /* without getting any further */
#define STALL_MS         15000 /* of an unpacker that says nothing: then it has failed */
#define SILENT_MS        250   /* so often it is looked whether it has */
#define TRY_MS           1000  /* before the second; then twice as long each time */
#define EVTX_HEADER      4096u
#define EVTX_CHUNK       65536u
#define SCRATCH_SIZE     65536u
#define DETECT_BYTES_MIN 4096u

/* ---- What a file is ---- */

bool follow_packed_is(int fd)
{
    uint8_t head[INPUT_HEAD_BYTES];
    ssize_t len = pread(fd, head, sizeof head, 0);

    return len > 0 && input_is_packed(hn_bytes_of(head, (size_t)len));
}

void follow_packed_take(struct file *file)
{
    struct stat info;

    file->kind = FILE_PACKED;
    hn_buf_deinit(&file->held);
    /* Done with, but written to since: a new file. */
    if (file->member == FOLLOW_MEMBER_DONE && file->offset != 0 && fstat(file->fd, &info) == 0 &&
            file->offset != (uint64_t)info.st_size) {
        file->member = 0;
        file->offset = 0;
        file->mark = 0;
    }
}

/* Whether the file is another one than when it was opened: it is still being written. */
static bool has_changed(struct file *file, int64_t now_ms)
{
    struct stat info;
    int64_t modified;

    if (fstat(file->fd, &info) != 0)
        return false;
    modified = (int64_t)info.st_mtim.tv_sec * HN_SECOND + info.st_mtim.tv_nsec;
    if (modified == file->modified && (uint64_t)info.st_size == file->size)
        return false;
    file->modified = modified;
    file->size = (uint64_t)info.st_size;
    file->changed_ms = now_ms;
    file->tries = 0;
    return true;
}

/* Another file was written to the same place: nothing of it is known. */
static void check_print(struct follow *follow, struct file *file)
{
    if (follow_file_same_start(file->fd, file->print_bytes, file->print)) {
        follow_read_learn_print(file, file->size);
        return;
    }
    follow_count(follow, truncated, 1);
    file->print_bytes = 0;
    file->member = 0;
    file->offset = 0;
    file->mark = 0;
    file->format = NULL;
    hn_buf_reset(&file->resume_head);
    file->planned = false;
    file->twinless = false;
    follow_read_learn_print(file, file->size);
}

/* ---- The child ---- */

static void on_note(void *ctx, const struct input_note *note)
{
    struct file *file = ctx;

    if (note->of_worker || note->kind == INPUT_NOTE_UNREADABLE)
        file->input_failed = true;
    else if (note->kind == INPUT_NOTE_FINDING)
        file->input_damaged = true;
}

bool follow_packed_open_input(struct file *file)
{
    struct input_options options = {
        .limits = input_limits_default, .on_note = on_note, .ctx = file
    };
    struct hn_text path;
    char name[64];

    options.limits.stall_ms = STALL_MS;
    options.no_wait = true;

    /* By its name it may be another by now. */
    (void)snprintf(name, sizeof name, "/proc/self/fd/%d", file->fd);
    path = hn_text_cstr(name);
    file->input_waits = false;
    file->input_failed = false;
    file->input_damaged = false;
    file->input_member = 0;
    file->input_in_member = false;
    return input_open(&path, 1, &options, &file->input, NULL) == HN_OK;
}

/* What the child has not sent yet is no failure. */
static bool is_there(struct file *file, enum hn_status status)
{
    file->input_waits = status == HN_CANCELLED;
    if (status != HN_OK && status != HN_NOTFOUND && status != HN_CANCELLED)
        file->input_failed = true;
    return status == HN_OK;
}

bool follow_packed_go_on(struct file *file, int64_t now_ms)
{
    if (file->input_waits)
        file->due_ms = now_ms + SILENT_MS; /* earlier when something comes */
    return !file->input_waits;
}

size_t follow_packed_read(struct file *file, void *to, size_t room)
{
    size_t len = 0;

    if (!is_there(file, input_read(file->input, to, room, &len, NULL)))
        len = 0;
    if (len == 0 && !file->input_waits)
        file->input_in_member = false;
    return len;
}

enum packed_next follow_packed_next_member(struct file *file)
{
    uint8_t scratch[SCRATCH_SIZE];

    for (unsigned i = 0; i < READS_MAX; i++) {
        struct input_entry entry;

        if (file->input_in_member) {
            (void)follow_packed_read(file, scratch, sizeof scratch);
            if (file->input_waits)
                return PACKED_AGAIN;
            continue;
        }
        if (!is_there(file, input_next(file->input, &entry, NULL)))
            return file->input_waits ? PACKED_AGAIN : PACKED_NO_MEMBER;
        file->input_in_member = true;
        if (file->input_member++ == file->member)
            return PACKED_MEMBER;
    }
    return PACKED_AGAIN;
}

/* What was read and not handed in is read again, from the position. */
void follow_packed_close_input(struct file *file)
{
    struct hn_buf head = { 0 };

    if (file->decode != NULL) {
        if (file->pending > 0)
            hn_buf_add_text(&head, hn_buf_text(&file->head));
        else
            decode_stream_head(file->decode, &head);
        hn_buf_deinit(&file->resume_head);
        file->resume_head = head;
        decode_stream_free(file->decode);
        file->decode = NULL;
    }
    input_close(file->input);
    file->input = NULL;
    file->input_waits = false;
    hn_free(file->start);
    file->start = NULL;
    file->pending = 0;
    file->behind = 0;
    file->member_open = false;
    hn_buf_deinit(&file->held);
    hn_buf_reset(&file->text);
}

/* ---- Members ---- */

static void forget_member(struct file *file)
{
    decode_stream_free(file->decode);
    file->decode = NULL;
    file->format = NULL;
    file->encoding = ENCODING_BYTES;
    file->encoding_known = false;
    file->pending = 0;
    file->behind = 0;
    file->member_open = false;
    hn_buf_reset(&file->resume_head);
    hn_buf_deinit(&file->held);
    hn_buf_reset(&file->text);
}

/* A chunk of an event log may hold what the one before it has: that one is read again. */
static uint64_t before_offset(const struct file *file)
{
    uint64_t first = file->offset % EVTX_CHUNK;

    if (file->format == NULL || !hn_text_eq(decode_format_name(file->format), HN_TEXT("evtx")) ||
            file->offset < EVTX_CHUNK + first || (first != 0 && first != EVTX_HEADER))
        return 0;
    return EVTX_CHUNK;
}

static void begin_member(struct file *file)
{
    file->member_open = true;
    file->member_ended = false;
    file->input_offset = 0;
    file->encoding = ENCODING_BYTES;
    file->encoding_known = file->offset > 0; /* then see_mark() finds it */
    file->behind = before_offset(file);
    if (file->offset == 0) {
        file->format = NULL;
        hn_buf_reset(&file->resume_head);
    }
}

/* The first two bytes say how the text is encoded, although they were handed in long ago. */
static void see_mark(struct file *file, const char *bytes, size_t len)
{
    if (file->offset == 0)
        return;
    for (size_t i = 0; i < len && file->input_offset + i < 2; i++)
        file->mark_bytes[file->input_offset + i] = (uint8_t)bytes[i];
    if (file->input_offset + len < 2 || file->input_offset >= 2)
        return;
    if (file->mark_bytes[0] == 0xFF && file->mark_bytes[1] == 0xFE)
        file->encoding = ENCODING_UTF16LE;
    else if (file->mark_bytes[0] == 0xFE && file->mark_bytes[1] == 0xFF)
        file->encoding = ENCODING_UTF16BE;
}

/* Adds to what is held; what was handed in is passed over. */
static void read_member(struct follow *follow, struct file *file)
{
    size_t room = follow->options.limits.batch_bytes;
    struct hn_buf *held = &file->held;
    uint64_t from = file->offset - file->behind;

    if (held->len > decode_limits_default.event_bytes_max + room)
        return;
    if (!hn_buf_reserve(held, room)) {
        held->status = HN_OK;
        return;
    }
    for (unsigned i = 0; i < READS_MAX && held->len == 0 && !file->member_ended; i++) {
        size_t len = follow_packed_read(file, held->ptr, room);
        uint64_t skip = file->input_offset < from ? from - file->input_offset : 0;

        if (file->input_waits)
            return;
        see_mark(file, held->ptr, len);
        file->member_ended = len == 0;
        file->input_offset += len;
        if (skip > len)
            skip = len;
        held->len = len - (size_t)skip;
        memmove(held->ptr, held->ptr + skip, held->len);
    }
}

static void read_on(struct follow *follow, struct file *file)
{
    size_t room = follow->options.limits.batch_bytes;
    size_t len;

    if (file->held.len == 0) {
        read_member(follow, file);
        return;
    }
    if (file->held.len > decode_limits_default.event_bytes_max + room)
        return;
    if (!hn_buf_reserve(&file->held, room)) {
        file->held.status = HN_OK;
        return;
    }
    len = follow_packed_read(file, file->held.ptr + file->held.len, room);
    if (file->input_waits)
        return;
    see_mark(file, file->held.ptr + file->held.len, len);
    file->member_ended = len == 0;
    file->input_offset += len;
    file->held.len += len;
}

/* The chunk before the position, of an event log. False: more has to be read first. */
static bool take_behind(struct file *file)
{
    size_t len = (size_t)file->behind;

    if (len == 0)
        return true;
    if (file->held.len < len && !file->member_ended)
        return false;
    if (file->held.len < len)
        len = file->held.len;
    hn_buf_reset(&file->text);
    hn_buf_add(&file->text, file->held.ptr, len);
    file->held.len -= len;
    memmove(file->held.ptr, file->held.ptr + len, file->held.len);
    file->behind = 0;
    return true;
}

/* ---- Ends ---- */

static void finish(struct follow *follow, struct file *file)
{
    follow_packed_close_input(file);
    file->member = FOLLOW_MEMBER_DONE;
    file->offset = file->size; /* a file that has another size by then is another file */
    file->mark = 0;
    file->format = NULL;
    hn_buf_reset(&file->resume_head);
    follow_file_end(follow, file);
    (void)follow_submit_note(follow, file);
}

/* The child stopped before the file's end. True: the file ends here, there is no more to be had. */
static bool is_given_up(struct follow *follow, struct file *file, int64_t now_ms)
{
    bool further = file->member != file->tried_member || file->offset != file->tried_offset;

    file->tries = further ? 1 : file->tries + 1;
    file->tried_member = file->member;
    file->tried_offset = file->offset;
    if (file->tries >= TRIES_MAX) {
        follow_count(follow, unreadable, 1);
        follow_tell(follow, file->path, "cannot be unpacked to its end");
        file->given_up = true;
        return true;
    }
    follow_packed_close_input(file);
    file->retry_ms = now_ms + ((int64_t)TRY_MS << (file->tries - 1));
    return false;
}

/* At the end of a member, and of the file: whether it is one. */
static bool is_end(struct follow *follow, struct file *file, int64_t now_ms)
{
    int64_t rested_ms = file->changed_ms + follow->options.limits.rest_ms;

    if (file->given_up)
        return true;
    if (has_changed(file, now_ms)) {
        follow_packed_close_input(file);
        file->due_ms = now_ms;
        return false;
    }
    if (file->input_damaged && now_ms < rested_ms) { /* who writes it may only have paused */
        follow_packed_close_input(file);
        file->retry_ms = rested_ms;
        return false;
    }
    return !file->input_failed || is_given_up(follow, file, now_ms);
}

/* ---- Steps ---- */

static bool begin(struct follow *follow, struct file *file, int64_t now_ms)
{
    int64_t rest_ms = follow->options.limits.packed_rest_ms;

    if (has_changed(file, now_ms) || file->print_bytes == 0) {
        file->twin = NULL;
        file->twin_whole = false;
        follow_packed_close_input(file);
        check_print(follow, file);
    }
    if (file->tries == 0 && now_ms - file->changed_ms < rest_ms) {
        file->due_ms = file->changed_ms + rest_ms;
        return false;
    }
    if (!file->planned && !follow_twin_plan(follow, file, now_ms))
        return file->due_ms <= now_ms;
    if (file->member == FOLLOW_MEMBER_DONE) {
        finish(follow, file);
        return false;
    }
    if (!follow_packed_open_input(file)) {
        file->retry_ms = now_ms + TRY_MS;
        return false;
    }
    return true;
}

static bool next_member(struct follow *follow, struct file *file, int64_t now_ms)
{
    switch (follow_packed_next_member(file)) {
    case PACKED_MEMBER:
        begin_member(file);
        return true;
    case PACKED_AGAIN:
        return follow_packed_go_on(file, now_ms);
    case PACKED_NO_MEMBER:
        if (is_end(follow, file, now_ms))
            finish(follow, file);
        return false;
    }
    return false;
}

/* Enough of the member to say what it is, or to go on with it. True: it has a decoder. */
static bool know_member(struct follow *follow, struct file *file, int64_t now_ms)
{
    size_t enough = follow->options.limits.batch_bytes;

    if (file->decode != NULL)
        return true;
    if (enough > DECODE_DETECT_BYTES)
        enough = DECODE_DETECT_BYTES;
    if (enough < DETECT_BYTES_MIN)
        enough = DETECT_BYTES_MIN;
    if (file->held.len == 0 ||
            (file->offset <= 2 && file->held.len < enough && !file->member_ended))
        return false;
    if (follow_recognise(follow, file, now_ms))
        return true;
    if (file->kind == FILE_NO_LOG) {
        file->kind = FILE_PACKED;
        file->member_ended = true; /* the rest of it is passed over */
    }
    return false;
}

bool follow_packed_step(struct follow *follow, struct file *file, int64_t now_ms)
{
    file->retry_ms = 0; /* a look at everything would not wait for due_ms */
    if (file->input == NULL || !file->planned)
        return begin(follow, file, now_ms);
    if (!file->member_open)
        return next_member(follow, file, now_ms);
    if (!file->member_ended && file->pending == 0) {
        read_on(follow, file);
        if (file->member_ended && !is_end(follow, file, now_ms))
            return false;
    }
    follow_read_find_encoding(file);
    if (!take_behind(file))
        return follow_packed_go_on(file, now_ms);
    if (know_member(follow, file, now_ms) && !follow_cut_all(follow, file, now_ms))
        return false;
    if (file->member_ended && file->decode == NULL && file->format != NULL && file->held.len > 0)
        return false; /* no memory for a decoder: due_ms says when again */
    if (file->member_ended) {
        forget_member(file);
        file->offset = 0;
        file->mark = 0;
        file->member++;
    }
    return follow_packed_go_on(file, now_ms);
}
