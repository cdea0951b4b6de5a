/* input.c - the sequence of entries: plain files read here, packed ones by a jailed child.
 *
 * Plain files are read with pread() into the caller's buffer, never mapped: a file that shrinks
 * meanwhile must not kill us. What the child says is checked in wire.c and counted here again. */
#include "input/input.h"

#include "base/buf.h"
#include "base/mem.h"
#include "input/magic.h"
#include "input/walk.h"
#include "input/wire.h"
#include "jail/jail.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define WIRE_BUFFER_BYTES (2 * (WIRE_HEADER_BYTES + WIRE_PAYLOAD_BYTES))
/* A pipe that pauses so long has shown what it starts with. */
#define HEAD_PAUSE_MS 200
#define HEAD_ENOUGH   6

const struct input_limits input_limits_default = {
    .folder_depth_max = 64,
    .files_max = 10000000,
    .folder_bytes_max = (size_t)256 << 20,
    .nesting_max = 6,
    .entries_max = 1000000,
    .expanded_bytes_max = (uint64_t)1 << 40,
    .ratio_free_bytes = (uint64_t)256 << 20,
    .ratio_max = 500,
    .nested_bytes_max = (size_t)256 << 20,
    .name_bytes_max = 4096,
    .worker_memory_bytes = (uint64_t)1 << 30,
    .worker_cpu_seconds = 6 * 3600,
    .stall_ms = 60000,
};

static const char *const note_ids[] = {
#define NOTE_ID(name, id) id,
    INPUT_NOTE_LIST(NOTE_ID)
#undef NOTE_ID
};

const char *input_note_id(enum input_note_kind kind)
{
    return (unsigned)kind < INPUT_NOTE_COUNT ? note_ids[kind] : "unknown";
}

static_assert(INPUT_HEAD_BYTES == MAGIC_BYTES, "enough to recognise any of them");

bool input_is_packed(struct hn_bytes head)
{
    return magic_of(head) != MAGIC_NONE;
}

/* The password that everybody uses for samples of malware. */
static const char customary_password[] = "infected";

struct input {
    struct input_options options;
    struct walk *walk;
    struct hn_text *passwords; /* the user's, then the customary one */
    size_t password_count;
    locale_t utf8;
    iconv_t japanese;

    /* The current file. */
    int fd; /* -1: none */
    bool seekable;
    uint64_t size; /* 0: not known */
    uint64_t offset;
    uint8_t head[MAGIC_BYTES];
    size_t head_len;
    size_t head_given;
    struct hn_buf name; /* of the entry; the first path_len bytes are the file's */
    size_t path_len;
    struct hn_buf note_name;
    uint64_t finished_bytes; /* of files before it */

    /* The child that unpacks it. */
    struct jail *jail;
    uint8_t *wire;
    size_t wire_pos;
    size_t wire_have;
    int64_t silent_ms; /* since when the child has sent nothing; 0: it was not looked for yet */
    struct hn_bytes pending; /* of the last DATA message */
    bool in_entry;
    bool worker_failed; /* what is noted now is about the child, not the file */
    uint64_t packed_done;
    uint64_t expanded;
    uint64_t entries;
};

/* ---- Notes -------------------------------------------------------------------------------------
 */

static void note(struct input *input, enum input_note_kind kind, int sys_errno)
{
    struct input_note message = {
        .kind = kind, .name = hn_buf_text(&input->name), .reason = "", .sys_errno = sys_errno
    };

    if (input->options.on_note != NULL)
        input->options.on_note(input->options.ctx, &message);
}

/* inner is what follows the file's path; reason may come from the child: only printable ASCII
 * passes. The note has a name of its own, because the caller still holds the entry's. */
static void note_finding(
        struct input *input, enum hn_finding_kind kind, struct hn_text inner, struct hn_text reason)
{
    char clean[160];
    struct input_note message = { .kind = INPUT_NOTE_FINDING,
        .finding = kind,
        .reason = clean,
        .of_worker = input->worker_failed };
    size_t len = reason.len < sizeof clean - 1 ? reason.len : sizeof clean - 1;

    for (size_t i = 0; i < len; i++)
        clean[i] = reason.ptr[i] >= 0x20 && reason.ptr[i] < 0x7F ? reason.ptr[i] : '?';
    clean[len] = '\0';
    hn_buf_reset(&input->note_name);
    hn_buf_add(&input->note_name, input->name.ptr, input->path_len);
    hn_buf_add_text(&input->note_name, inner);
    message.name = hn_buf_text(&input->note_name);
    if (input->options.on_note != NULL)
        input->options.on_note(input->options.ctx, &message);
}

/* ---- Plain files -------------------------------------------------------------------------------
 */

static void close_file(struct input *input)
{
    if (input->jail != NULL)
        jail_abandon(input->jail);
    input->jail = NULL;
    if (input->fd > STDIN_FILENO)
        (void)close(input->fd);
    if (input->fd >= 0)
        input->finished_bytes += input->size > 0 ? input->size : input->offset;
    input->fd = -1;
    input->offset = 0;
    input->in_entry = false;
    input->pending = (struct hn_bytes){ NULL, 0 };
}

static ssize_t read_at(struct input *input, void *buf, size_t room)
{
    ssize_t len;

    do {
        len = input->seekable ? pread(input->fd, buf, room, (off_t)input->offset)
                              : read(input->fd, buf, room);
    } while (len < 0 && errno == EINTR);
    return len;
}

/* The start of a pipe, as much as tells what it is. */
static ssize_t read_head_of_pipe(struct input *input)
{
    struct pollfd ready = { .fd = input->fd, .events = POLLIN };
    ssize_t len = 1;

    while (len > 0 && input->head_len < sizeof input->head) {
        if (input->head_len >= HEAD_ENOUGH && poll(&ready, 1, HEAD_PAUSE_MS) == 0)
            break;
        len = read_at(input, input->head + input->head_len, sizeof input->head - input->head_len);
        input->head_len += len > 0 ? (size_t)len : 0;
    }
    return len < 0 ? -1 : 0;
}

static ssize_t read_head(struct input *input)
{
    ssize_t len;

    input->head_len = 0;
    input->head_given = 0;
    if (!input->seekable)
        return read_head_of_pipe(input);
    len = read_at(input, input->head, sizeof input->head);
    input->head_len = len > 0 ? (size_t)len : 0;
    return len;
}

static enum hn_status read_plain(struct input *input, void *buf, size_t room, size_t *ret_len)
{
    ssize_t len;

    *ret_len = 0;
    if (!input->seekable && input->head_given < input->head_len) {
        size_t left = input->head_len - input->head_given;

        *ret_len = left < room ? left : room;
        memcpy(buf, input->head + input->head_given, *ret_len);
        input->head_given += *ret_len;
        input->offset += *ret_len;
        return HN_OK;
    }
    len = read_at(input, buf, room);
    if (len < 0)
        note(input, INPUT_NOTE_UNREADABLE, errno);
    if (len <= 0) {
        input->in_entry = false;
        return HN_OK;
    }
    input->offset += (uint64_t)len;
    *ret_len = (size_t)len;
    return HN_OK;
}

/* ---- Packed files ------------------------------------------------------------------------------
 */

struct worker {
    struct unpack_source source;
    struct unpack_options options;
};

static int worker_main(void *ctx, int out)
{
    const struct worker *worker = ctx;

    return wire_serve(&worker->source, &worker->options, out);
}

static enum hn_status start_worker(struct input *input, struct hn_err *err)
{
    struct worker worker = {
        .source = { .head = { input->head, input->head_len },
                .fd = JAIL_FD_FIRST,
                .seekable = input->seekable,
                .size = input->size },
        .options = { .limits = &input->options.limits,
                .passwords = input->passwords,
                .password_count = input->password_count,
                .name = hn_buf_text(&input->name),
                .utf8 = input->utf8,
                .japanese = input->japanese },
    };
    struct jail_task task = {
        .main = worker_main, .ctx = &worker, .fds = { input->fd }, .fd_count = 1
    };
    struct jail_limits limits = { .memory_bytes = input->options.limits.worker_memory_bytes,
        .cpu_seconds = input->options.limits.worker_cpu_seconds };

    input->wire_pos = 0;
    input->wire_have = 0;
    input->silent_ms = 0;
    input->packed_done = 0;
    input->expanded = 0;
    input->entries = 0;
    return jail_start(&task, &limits, &input->jail, err);
}

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* For who does not wait: whether something is there. HN_CANCELLED: not yet; HN_IO: the child has
 * used up its time. */
static enum hn_status look_for_more(struct input *input, struct hn_err *err)
{
    int stall_ms = input->options.limits.stall_ms;

    if (!input->options.no_wait || jail_has_more(input->jail)) {
        input->silent_ms = 0;
        return HN_OK;
    }
    if (input->silent_ms == 0)
        input->silent_ms = now_ms();
    return now_ms() - input->silent_ms < stall_ms
                   ? HN_CANCELLED
                   : hn_fail(err, HN_IO, 0, "the worker made no progress for %d ms", stall_ms);
}

/* The next message of the child. HN_NOTFOUND when it closed the pipe instead; HN_CANCELLED: not
 * yet. */
static enum hn_status next_message(
        struct input *input, struct wire_message *ret_message, struct hn_err *err)
{
    for (;;) {
        struct hn_bytes rest = { input->wire + input->wire_pos,
            input->wire_have - input->wire_pos };
        size_t took = wire_parse(rest, input->in_entry, ret_message);
        size_t len = 0;
        enum hn_status status;

        if (took == SIZE_MAX)
            return hn_fail(err, HN_CORRUPT, 0, "the worker sent what it may not send");
        if (took > 0) {
            input->wire_pos += took;
            return HN_OK;
        }
        memmove(input->wire, rest.ptr, rest.len);
        input->wire_pos = 0;
        input->wire_have = rest.len;
        status = look_for_more(input, err);
        if (status == HN_OK)
            status = jail_read(input->jail, input->wire + rest.len, WIRE_BUFFER_BYTES - rest.len,
                    input->options.limits.stall_ms, &len, err);
        if (status != HN_OK)
            return status;
        if (len == 0)
            return HN_NOTFOUND;
        input->wire_have += len;
    }
}

/* The file ends here, because the child did not do what it should. */
static void give_up(struct input *input, enum hn_finding_kind kind, const char *reason)
{
    struct hn_text inner = hn_text_sub(hn_buf_text(&input->name), input->path_len, input->name.len);

    if (!input->in_entry)
        inner.len = 0;
    note_finding(input, kind, inner, hn_text_cstr(reason));
    close_file(input);
}

static void give_up_worker(struct input *input, const char *reason)
{
    input->worker_failed = true;
    give_up(input, HN_FINDING_DAMAGED_RECORD, reason);
    input->worker_failed = false;
}

/* The child closed its pipe before it was done: its end tells why. */
static void child_ended(struct input *input)
{
    struct hn_err err = { 0 };
    int code = 0;
    enum hn_status status = jail_finish(input->jail, &code, &err);

    input->jail = NULL;
    give_up_worker(input, status == HN_OK ? "the worker stopped in the middle" : err.msg);
}

static enum hn_status child_done(struct input *input, uint64_t status, struct hn_err *err)
{
    struct hn_err reason = { 0 };
    int code = 0;
    enum hn_status ended = jail_finish(input->jail, &code, &reason);

    input->jail = NULL;
    if (ended != HN_OK)
        give_up_worker(input, reason.msg);
    close_file(input);
    return status == HN_NOMEM ? hn_fail(err, HN_NOMEM, 0, "unpacking a file") : HN_OK;
}

/* The child counts as well; but the child may lie. */
static bool within_limits(const struct input *input)
{
    const struct input_limits *limits = &input->options.limits;
    uint64_t packed = input->size > input->packed_done ? input->size : input->packed_done;

    return input->entries <= limits->entries_max && input->expanded <= limits->expanded_bytes_max &&
           (input->expanded <= limits->ratio_free_bytes || input->size == 0 ||
                   input->expanded / limits->ratio_max <= packed);
}

static void note_message(struct input *input, const struct wire_message *message)
{
    struct hn_text name;
    struct hn_text reason;

    if (wire_split_finding(message, &name, &reason))
        note_finding(input, message->finding, name, reason);
}

/* Works through messages until an entry begins (want_entry), or data or its end comes. HN_NOTFOUND:
 * the file is over. */
static enum hn_status advance(
        struct input *input, bool want_entry, struct wire_message *ret_message, struct hn_err *err)
{
    while (input->jail != NULL) {
        struct hn_err reason = { 0 };
        enum hn_status status = next_message(input, ret_message, &reason);

        if (status == HN_CANCELLED)
            return status;
        if (status == HN_NOTFOUND) {
            child_ended(input);
            continue;
        }
        if (status != HN_OK) {
            give_up_worker(input, reason.msg);
            continue;
        }
        switch (ret_message->kind) {
        case WIRE_FINDING:
            note_message(input, ret_message);
            continue;
        case WIRE_DONE:
            status = child_done(input, ret_message->number, err);
            return status == HN_OK ? HN_NOTFOUND : status;
        case WIRE_ENTRY:
            input->in_entry = true;
            input->entries++;
            break;
        case WIRE_DATA:
            input->expanded += ret_message->payload.len;
            input->packed_done = ret_message->number;
            break;
        case WIRE_END:
            input->in_entry = false;
            input->packed_done = ret_message->number;
            break;
        }
        if (!within_limits(input)) {
            give_up(input, HN_FINDING_BOMB, "expands past the limit");
            continue;
        }
        if (!want_entry || ret_message->kind == WIRE_ENTRY)
            return HN_OK;
    }
    return HN_NOTFOUND;
}

static enum hn_status next_packed(
        struct input *input, struct input_entry *ret_entry, struct hn_err *err)
{
    struct wire_message message;
    enum hn_status status = advance(input, true, &message, err);

    if (status != HN_OK)
        return status;
    input->pending = (struct hn_bytes){ NULL, 0 };
    input->name.len = input->path_len;
    hn_buf_add_text(&input->name, hn_bytes_as_text(message.payload));
    if (!hn_buf_ok(&input->name))
        return hn_fail(err, HN_NOMEM, 0, "name of an entry");
    ret_entry->name = hn_buf_text(&input->name);
    ret_entry->size = message.number;
    ret_entry->size_known = message.number != UINT64_MAX;
    ret_entry->packed = true;
    return HN_OK;
}

static enum hn_status read_packed(
        struct input *input, void *buf, size_t room, size_t *ret_len, struct hn_err *err)
{
    struct wire_message message;
    enum hn_status status;

    *ret_len = 0;
    if (input->pending.len == 0) {
        status = advance(input, false, &message, err);
        if (status == HN_NOTFOUND || (status == HN_OK && message.kind == WIRE_END))
            return HN_OK;
        if (status != HN_OK)
            return status;
        input->pending = message.payload;
    }
    *ret_len = input->pending.len < room ? input->pending.len : room;
    memcpy(buf, input->pending.ptr, *ret_len);
    input->pending.ptr += *ret_len;
    input->pending.len -= *ret_len;
    return HN_OK;
}

/* ---- The sequence ------------------------------------------------------------------------------
 */

/* Opens a file; false when it cannot be read or is nothing to read. */
static bool open_file(struct input *input, const struct walk_file *file)
{
    bool is_stdin = file->is_argument && strcmp(file->name, "-") == 0;
    struct stat stat = { 0 };

    input->fd = is_stdin ? STDIN_FILENO : walk_open_file(file);
    if (input->fd < 0 || fstat(input->fd, &stat) != 0) {
        note(input, INPUT_NOTE_UNREADABLE, errno);
        return false;
    }
    if (!file->is_argument && !S_ISREG(stat.st_mode)) { /* exchanged since it was looked at */
        note(input, INPUT_NOTE_SPECIAL, 0);
        return false;
    }
    input->seekable = S_ISREG(stat.st_mode) && lseek(input->fd, 0, SEEK_CUR) == 0;
    input->size = S_ISREG(stat.st_mode) && stat.st_size > 0 ? (uint64_t)stat.st_size : 0;
    if (read_head(input) < 0) {
        note(input, INPUT_NOTE_UNREADABLE, errno);
        return false;
    }
    return true;
}

static enum hn_status next_file(
        struct input *input, struct input_entry *ret_entry, struct hn_err *err)
{
    struct walk_file file;
    enum hn_status status = walk_next(input->walk, &file, err);

    if (status != HN_OK)
        return status;
    hn_buf_reset(&input->name);
    hn_buf_add_text(&input->name, file.path);
    input->path_len = input->name.len;
    if (!hn_buf_ok(&input->name))
        return hn_fail(err, HN_NOMEM, 0, "name of a file");
    if (!open_file(input, &file)) {
        close_file(input);
        return HN_OK;
    }
    if (magic_of(hn_bytes_of(input->head, input->head_len)) != MAGIC_NONE)
        return start_worker(input, err);
    input->in_entry = true;
    ret_entry->name = hn_buf_text(&input->name);
    ret_entry->size = input->size;
    ret_entry->size_known = input->seekable;
    ret_entry->packed = false;
    return HN_OK;
}

enum hn_status input_next(struct input *input, struct input_entry *ret_entry, struct hn_err *err)
{
    if (input->jail == NULL)
        close_file(input);
    for (;;) {
        struct input_entry entry = { 0 };
        enum hn_status status;

        if (input->jail != NULL) {
            status = next_packed(input, &entry, err);
            if (status == HN_NOTFOUND)
                continue;
        } else {
            status = next_file(input, &entry, err);
            if (status == HN_IO) { /* no worker: the next file may be a plain one */
                input->worker_failed = true;
                note_finding(input, HN_FINDING_UNDECODABLE, HN_TEXT(""),
                        HN_TEXT("the worker that unpacks could not be started"));
                input->worker_failed = false;
                close_file(input);
                continue;
            }
            if (status == HN_OK && !input->in_entry)
                continue;
        }
        if (status == HN_OK)
            *ret_entry = entry;
        return status;
    }
}

enum hn_status input_read(
        struct input *input, void *buf, size_t room, size_t *ret_len, struct hn_err *err)
{
    *ret_len = 0;
    if (!input->in_entry || room == 0)
        return HN_OK;
    if (input->jail != NULL)
        return read_packed(input, buf, room, ret_len, err);
    return read_plain(input, buf, room, ret_len);
}

int input_descriptor(const struct input *input)
{
    return input->jail != NULL ? jail_descriptor(input->jail) : -1;
}

uint64_t input_bytes_done(const struct input *input)
{
    uint64_t current = input->jail != NULL ? input->packed_done : input->offset;

    if (input->fd < 0)
        current = 0;
    if (input->size > 0 && current > input->size)
        current = input->size;
    return input->finished_bytes + current;
}

/* ---- Life --------------------------------------------------------------------------------------
 */

static bool copy_passwords(struct input *input, const struct input_options *options)
{
    input->passwords = hn_calloc(options->password_count + 1, sizeof *input->passwords);
    if (input->passwords == NULL)
        return false;
    for (size_t i = 0; i <= options->password_count; i++) {
        struct hn_text text = i < options->password_count ? options->passwords[i]
                                                          : hn_text_of(customary_password,
                                                                    sizeof customary_password - 1);
        char *copy = hn_malloc(text.len + 1);

        if (copy == NULL)
            return false;
        if (text.len > 0)
            memcpy(copy, text.ptr, text.len);
        input->passwords[input->password_count++] = hn_text_of(copy, text.len);
    }
    return true;
}

enum hn_status input_open(const struct hn_text *args, size_t count,
        const struct input_options *options, struct input **ret_input, struct hn_err *err)
{
    struct input *input = hn_calloc(1, sizeof *input);

    if (input == NULL)
        return hn_fail(err, HN_NOMEM, 0, "inputs");
    input->fd = -1;
    input->options = *options;
    if (options->limits.stall_ms == 0)
        input->options.limits = input_limits_default;
    /* Both are loaded here, because the child can open nothing; without them names are uglier. */
    input->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    input->japanese = iconv_open("UTF-8", "CP932");
    input->wire = hn_malloc(WIRE_BUFFER_BYTES);
    if (input->wire == NULL || !copy_passwords(input, options) ||
            walk_open(args, count, &input->options, &input->walk, err) != HN_OK) {
        input_close(input);
        return hn_fail(err, HN_NOMEM, 0, "inputs");
    }
    *ret_input = input;
    return HN_OK;
}

static void free_password(struct hn_text text)
{
    union {
        const char *borrowed;
        char *owned;
    } ptr = { text.ptr };

    hn_free(ptr.owned);
}

void input_close(struct input *input)
{
    if (input == NULL)
        return;
    close_file(input);
    walk_close(input->walk);
    for (size_t i = 0; i < input->password_count; i++)
        free_password(input->passwords[i]);
    hn_free(input->passwords);
    hn_free(input->wire);
    hn_buf_deinit(&input->name);
    hn_buf_deinit(&input->note_name);
    if (input->utf8 != (locale_t)0)
        freelocale(input->utf8);
    if (unpack_has_iconv(input->japanese))
        (void)iconv_close(input->japanese);
    hn_free(input);
}

enum hn_status input_survey(const struct hn_text *args, size_t count,
        const struct input_options *options, uint64_t *ret_files, uint64_t *ret_bytes)
{
    struct input_options quiet = *options;
    struct walk *walk = NULL;
    struct walk_file file;
    uint64_t files = 0;
    uint64_t bytes = 0;
    enum hn_status status;

    quiet.on_note = NULL;
    if (quiet.limits.stall_ms == 0)
        quiet.limits = input_limits_default;
    status = walk_open(args, count, &quiet, &walk, NULL);
    while (status == HN_OK) {
        status = walk_next(walk, &file, NULL);
        if (status == HN_OK) {
            files++;
            bytes += S_ISREG(file.stat.st_mode) ? (uint64_t)file.stat.st_size : 0;
        }
    }
    walk_close(walk);
    if (status != HN_NOTFOUND)
        return status;
    *ret_files = files;
    *ret_bytes = bytes;
    return HN_OK;
}
