/* source.c - inputs in order, read in blocks, cut into batches.
 *
 * A block is filled, cut once, and handed to a worker; what could not be cut off moves to the next
 * block. Blocks that come back are used again: a new one costs the kernel more time (clearing its
 * pages) than reading a file's bytes into it. Text in UTF-16 (PowerShell writes such files) becomes
 * UTF-8 while it is read, so that no decoder has to know. */
#include "scan/scan_internal.h"

#include "base/mem.h"
#include "base/utf.h"

#include <pthread.h>
#include <stdatomic.h>

#define BLOCKS_KEPT 8u /* idle ones; with more threads the rest goes back to the allocator */

struct block {
    struct source *source;
    struct block *next; /* in the list of idle blocks */
    char *ptr;
    size_t room;
    size_t len;
    _Atomic uint32_t references;
};

struct open_stream {
    struct scan_entry entry;
    struct decode_stream *decode;
    _Atomic uint32_t references;
};

enum text_encoding { ENCODING_BYTES, ENCODING_UTF16LE, ENCODING_UTF16BE };

struct source {
    const struct scan_pipeline_options *options;
    const struct scan_job *job;
    struct input *input;
    struct hn_text *args;
    struct hn_text entry_name;
    uint32_t entry_number;
    struct scan_totals totals;

    struct open_stream *stream; /* NULL: the next entry is due */
    struct block *block;        /* being filled */
    size_t cut;                 /* bytes of block already handed out */
    bool input_ended;           /* of the entry: no more bytes come */
    bool at_end;                /* the same, and all of them are in block */
    enum text_encoding encoding;
    struct hn_buf utf16; /* bytes not yet converted */

    pthread_mutex_t idle_lock; /* workers give blocks back while another one reads */
    struct block *idle;
    unsigned idle_count;

    atomic_uint_fast64_t bytes_done;
    uint64_t bytes_total;
};

/* ---- Blocks ---- */

static void block_free(struct block *block)
{
    if (block != NULL) {
        hn_free(block->ptr);
        hn_free(block);
    }
}

static struct block *take_idle(struct source *source)
{
    struct block *block;

    (void)pthread_mutex_lock(&source->idle_lock);
    block = source->idle;
    if (block != NULL) {
        source->idle = block->next;
        source->idle_count--;
    }
    (void)pthread_mutex_unlock(&source->idle_lock);
    return block;
}

static struct block *block_new(struct source *source, size_t room)
{
    struct block *block = room == SCAN_BLOCK_BYTES ? take_idle(source) : NULL;

    if (block == NULL) {
        block = hn_calloc(1, sizeof *block);
        if (block == NULL)
            return NULL;
        block->ptr = hn_malloc(room + SCAN_BLOCK_PADDING);
        if (block->ptr == NULL) {
            hn_free(block);
            return NULL;
        }
        memset(block->ptr + room, 0, SCAN_BLOCK_PADDING);
        block->room = room;
    }
    block->source = source;
    block->len = 0;
    block->references = 1;
    return block;
}

static void block_unref(struct block *block)
{
    struct source *source;
    bool kept;

    if (block == NULL || atomic_fetch_sub(&block->references, 1) != 1)
        return;
    source = block->source;
    (void)pthread_mutex_lock(&source->idle_lock);
    kept = block->room == SCAN_BLOCK_BYTES && source->idle_count < BLOCKS_KEPT;
    if (kept) {
        block->next = source->idle;
        source->idle = block;
        source->idle_count++;
    }
    (void)pthread_mutex_unlock(&source->idle_lock);
    if (!kept)
        block_free(block);
}

/* A block that starts with what is left of the current one. */
static enum hn_status next_block(struct source *source)
{
    size_t left = source->block == NULL ? 0 : source->block->len - source->cut;
    size_t room = SCAN_BLOCK_BYTES;
    struct block *block;

    while (room < left + SCAN_BLOCK_BYTES / 2)
        room *= 2;
    block = block_new(source, room);
    if (block == NULL)
        return HN_NOMEM;
    if (left > 0)
        memcpy(block->ptr, source->block->ptr + source->cut, left);
    block->len = left;
    block_unref(source->block);
    source->block = block;
    source->cut = 0;
    return HN_OK;
}

/* ---- Reading ---- */

/* Whole code units of what is waiting, as UTF-8 into the block. */
static void convert(struct source *source)
{
    struct block *block = source->block;
    size_t take = source->input_ended ? source->utf16.len : source->utf16.len & ~(size_t)3;
    char *bytes = source->utf16.ptr;
    unsigned high;
    size_t last;

    while (take > 0 && HN_UTF16_TO_UTF8_ROOM(take) > block->room - block->len)
        take = take / 2 & ~(size_t)3;
    if (take == 0)
        return;
    last = take >= 2 ? take - 2 : 0;
    high = (unsigned char)bytes[source->encoding == ENCODING_UTF16BE ? last : last + 1];
    if (high >= 0xD8 && high <= 0xDB && (take < source->utf16.len || !source->input_ended))
        take -= 2; /* the other half of a pair is still to come */
    for (size_t i = 0; source->encoding == ENCODING_UTF16BE && i + 1 < take; i += 2) {
        char first = bytes[i];

        bytes[i] = bytes[i + 1];
        bytes[i + 1] = first;
    }
    block->len += hn_utf16le_to_utf8_raw(hn_bytes_of(bytes, take), block->ptr + block->len, NULL);
    memmove(bytes, bytes + take, source->utf16.len - take);
    source->utf16.len -= take;
}

/* Reads once. *ret_short: less came than there was room for, so more may be long in coming. */
static enum hn_status read_once(
        struct source *source, char *to, size_t room, size_t *ret_len, bool *ret_short)
{
    enum hn_status status = input_read(source->input, to, room, ret_len, NULL);

    if (status != HN_OK)
        return status;
    source->input_ended = *ret_len == 0;
    *ret_short = *ret_len < room;
    atomic_store(&source->bytes_done, input_bytes_done(source->input));
    return HN_OK;
}

static enum hn_status read_plain(struct source *source, bool *ret_short)
{
    struct block *block = source->block;
    size_t len = 0;
    enum hn_status status =
            read_once(source, block->ptr + block->len, block->room - block->len, &len, ret_short);

    block->len += len;
    source->at_end = source->input_ended;
    return status;
}

/* What is waiting to be converted may be more than fits into the block: then nothing is read. */
static enum hn_status read_utf16(struct source *source, bool *ret_short)
{
    struct hn_buf *waiting = &source->utf16;
    size_t room = (source->block->room - source->block->len) / 4;
    enum hn_status status = HN_OK;
    size_t len = 0;

    if (!source->input_ended && waiting->len < room) {
        if (!hn_buf_reserve(waiting, room))
            return HN_NOMEM;
        status = read_once(source, waiting->ptr + waiting->len, room, &len, ret_short);
        waiting->len += len;
    }
    if (status == HN_OK)
        convert(source);
    source->at_end = source->input_ended && waiting->len == 0;
    return status;
}

static bool room_left(const struct source *source)
{
    return source->block->room - source->block->len >= 4096;
}

/* Fills the block; what comes in drips (a pipe somebody types into) is not waited for. */
static enum hn_status fill(struct source *source)
{
    enum hn_status status = HN_OK;
    bool dripping = false;

    if (source->block == NULL || source->cut > 0 || !room_left(source))
        status = next_block(source);
    while (status == HN_OK && !source->at_end && room_left(source) && !dripping)
        status = source->encoding == ENCODING_BYTES ? read_plain(source, &dripping)
                                                    : read_utf16(source, &dripping);
    return status;
}

/* ---- Entries ---- */

static void stream_unref(struct open_stream *stream)
{
    if (stream != NULL && atomic_fetch_sub(&stream->references, 1) == 1) {
        decode_stream_free(stream->decode);
        hn_free(stream);
    }
}

static void problem(struct source *source, struct hn_text name, enum hn_status status,
        enum hn_finding_kind kind, const char *message)
{
    source->totals.findings[kind]++;
    if (source->job->on_problem != NULL)
        source->job->on_problem(source->job->ctx, name, status, kind, hn_text_cstr(message));
}

static void on_note(void *ctx, const struct input_note *note)
{
    struct source *source = ctx;
    char reason[160];

    if (note->kind == INPUT_NOTE_SPECIAL || note->kind == INPUT_NOTE_LINK)
        return; /* by design, and many in /var/log */
    if (note->kind == INPUT_NOTE_FINDING) {
        problem(source, note->name, HN_CORRUPT, note->finding,
                note->reason[0] != '\0' ? note->reason : hn_finding_text(note->finding));
        return;
    }
    source->totals.entries_failed++;
    if (note->sys_errno != 0 && strerror_r(note->sys_errno, reason, sizeof reason) == 0) {
        problem(source, note->name, HN_IO, HN_FINDING_UNREADABLE, reason);
        return;
    }
    problem(source, note->name, HN_IO, HN_FINDING_UNREADABLE,
            note->reason[0] != '\0' ? note->reason : input_note_id(note->kind));
}

/* Recognises a byte order mark at the start of an entry and takes it off. */
static enum hn_status find_encoding(struct source *source)
{
    struct block *block = source->block;
    bool little = block->len >= 2 && memcmp(block->ptr, "\xFF\xFE", 2) == 0;
    bool big = block->len >= 2 && memcmp(block->ptr, "\xFE\xFF", 2) == 0;

    if (!little && !big)
        return HN_OK;
    source->encoding = little ? ENCODING_UTF16LE : ENCODING_UTF16BE;
    hn_buf_reset(&source->utf16);
    hn_buf_add(&source->utf16, block->ptr + 2, block->len - 2);
    block->len = 0;
    source->at_end = false;
    if (!hn_buf_ok(&source->utf16))
        return HN_NOMEM;
    return fill(source);
}

static enum hn_status open_decoder(struct source *source, const struct decode_format *format)
{
    struct decode_options decode = source->options->decode;
    struct hn_text name = source->entry_name;
    struct open_stream *stream = hn_calloc(1, sizeof *stream + name.len);
    char *copy;
    enum hn_status status;

    if (stream == NULL)
        return HN_NOMEM;
    copy = (char *)(stream + 1);
    memcpy(copy, name.ptr, name.len);
    stream->entry.name = hn_text_of(copy, name.len);
    stream->entry.number = source->entry_number++;
    stream->entry.format = format;
    stream->references = 1;
    decode.source_name = stream->entry.name;
    status = decode_stream_new(format, &decode, &stream->decode, NULL);
    if (status != HN_OK) {
        hn_free(stream);
        return status;
    }
    source->stream = stream;
    if (source->job->on_entry != NULL)
        source->job->on_entry(source->job->ctx, &stream->entry);
    return HN_OK;
}

/* Starts the next entry that can be decoded at all. */
static enum hn_status next_entry(struct source *source)
{
    const struct decode_format *format = source->options->format;
    struct input_entry entry;
    enum hn_status status = input_next(source->input, &entry, NULL);

    if (status != HN_OK)
        return status;
    source->entry_name = entry.name;
    source->input_ended = false;
    source->at_end = false;
    source->encoding = ENCODING_BYTES;
    source->cut = source->block == NULL ? 0 : source->block->len; /* nothing of it is left */
    source->totals.entries++;
    status = fill(source);
    if (status == HN_OK)
        status = find_encoding(source);
    if (status != HN_OK || source->block->len == 0)
        return status; /* empty: the next one */
    if (format == NULL)
        format = decode_detect(
                hn_bytes_of(source->block->ptr, source->block->len), source->entry_name);
    if (format == NULL) {
        source->totals.entries_unknown++;
        problem(source, entry.name, HN_UNSUPPORTED, HN_FINDING_UNKNOWN_FORMAT,
                hn_finding_text(HN_FINDING_UNKNOWN_FORMAT));
        return HN_OK;
    }
    return open_decoder(source, format);
}

/* ---- Batches ---- */

static void end_entry(struct source *source)
{
    stream_unref(source->stream);
    source->stream = NULL;
}

/* Cuts a batch off what has been read. False: more must be read first. */
static bool cut_batch(struct source *source, struct scan_task *task)
{
    struct block *block = source->block;
    struct hn_bytes in = hn_bytes_of(block->ptr + source->cut, block->len - source->cut);
    size_t took = decode_cut(source->stream->decode, in, source->at_end, &task->batch);

    if (took == 0 && !source->at_end)
        return false;
    task->entry = &source->stream->entry;
    task->stream = source->stream;
    task->block = block;
    atomic_fetch_add(&block->references, 1);
    atomic_fetch_add(&source->stream->references, 1);
    source->cut += took;
    if (task->batch.at_end)
        end_entry(source);
    return true;
}

static enum hn_status next_task(void *ctx, struct scan_task *ret_task)
{
    struct source *source = ctx;
    enum hn_status status = HN_OK;

    while (status == HN_OK) {
        if (source->stream == NULL)
            status = next_entry(source);
        else if ((source->cut < source->block->len || source->at_end) &&
                 cut_batch(source, ret_task))
            return HN_OK;
        else
            status = fill(source);
    }
    return status;
}

static void task_done(struct scan_task *task)
{
    decode_batch_release(&task->batch);
    block_unref(task->block);
}

static void stream_done(void *stream)
{
    stream_unref(stream);
}

/* ---- Life
 * ------------------------------------------------------------------------------------------------
 */

enum hn_status source_new(const struct scan_pipeline_options *options, const struct scan_job *job,
        struct source **ret_source, struct hn_err *err)
{
    struct source *source = hn_calloc(1, sizeof *source);
    struct input_options input = options->input;
    uint64_t files;
    enum hn_status status = HN_OK;

    if (source == NULL)
        return hn_fail(err, HN_NOMEM, 0, "inputs");
    (void)pthread_mutex_init(&source->idle_lock, NULL);
    source->options = options;
    source->job = job;
    source->args = hn_calloc(options->input_count, sizeof *source->args);
    if (source->args == NULL)
        status = HN_NOMEM;
    for (size_t i = 0; status == HN_OK && i < options->input_count; i++)
        source->args[i] = hn_text_cstr(options->inputs[i]);
    input.on_note = NULL;
    if (status == HN_OK && options->on_progress != NULL)
        status = input_survey(
                source->args, options->input_count, &input, &files, &source->bytes_total);
    input.on_note = on_note;
    input.ctx = source;
    if (status == HN_OK)
        status = input_open(source->args, options->input_count, &input, &source->input, err);
    if (status != HN_OK) {
        source_free(source);
        return hn_fail(err, status, 0, "inputs cannot be opened");
    }
    *ret_source = source;
    return HN_OK;
}

void source_free(struct source *source)
{
    if (source == NULL)
        return;
    stream_unref(source->stream);
    block_unref(source->block);
    while (source->idle != NULL)
        block_free(take_idle(source));
    (void)pthread_mutex_destroy(&source->idle_lock);
    input_close(source->input);
    hn_buf_deinit(&source->utf16);
    hn_free(source->args);
    hn_free(source);
}

static void progress(void *ctx, uint64_t *ret_done, uint64_t *ret_total)
{
    const struct source *source = ctx;

    *ret_done = atomic_load(&source->bytes_done);
    *ret_total = source->bytes_total;
}

struct scan_source source_tasks(struct source *source)
{
    return (struct scan_source){ .ctx = source,
        .next = next_task,
        .task_done = task_done,
        .stream_done = stream_done,
        .progress = progress };
}

void source_add_totals(const struct source *source, struct scan_totals *totals)
{
    totals->entries = source->totals.entries;
    totals->entries_unknown = source->totals.entries_unknown;
    totals->entries_failed = source->totals.entries_failed;
    for (size_t i = 0; i < HN_FINDING_COUNT; i++)
        totals->findings[i] += source->totals.findings[i];
}
