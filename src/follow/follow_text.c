/* follow_text.c - everything that is read as a stream: text files, pipes, and for follow_packed.c
 * what comes out of archives and compressed files. Recognised, cut by the format's own rules,
 * handed in; what was read and not cut is held back until more comes. */
#include "follow/follow_internal.h"

#define GUESS_BYTES 4096u /* so much, or two lines, is enough to recognise a format */
#define GUESS_MS    200   /* and less after so long without more */
#define EVTX_HEADER 4096u
#define EVTX_CHUNK  65536u

/* ---- Recognition ---- */

static bool enough_to_guess(struct file *file, struct hn_text text, int64_t now_ms)
{
    size_t lf = hn_text_find_char(text, '\n', 0);

    if (text.len >= GUESS_BYTES || file->ending || file->member_ended)
        return true;
    if (lf == SIZE_MAX)
        return false;
    if (hn_text_find_char(text, '\n', lf + 1) != SIZE_MAX || now_ms - file->changed_ms >= GUESS_MS)
        return true;
    file->due_ms = file->changed_ms + GUESS_MS;
    return false;
}

static bool open_decoder(struct file *file)
{
    struct decode_options options = { .limits = decode_limits_default,
        .source_name = hn_text_cstr(file->path) };

    if (decode_stream_new(file->format, &options, &file->decode, NULL) != HN_OK) {
        file->due_ms = follow_now_ms() + 1000;
        return false;
    }
    decode_stream_resume(file->decode, hn_bytes_of(file->resume_head.ptr, file->resume_head.len));
    if (file->kind == FILE_NEW)
        file->kind = FILE_TEXT;
    return true;
}

/* What kind of file it is, by its first bytes. True: it can be decoded. */
bool follow_recognise(struct follow *follow, struct file *file, int64_t now_ms)
{
    struct hn_text text;

    if (file->format == NULL && file->source->format.len > 0)
        file->format = decode_format_find(file->source->format);
    text = follow_read_text(file);
    if (file->format == NULL) {
        if (text.len == 0 || !enough_to_guess(file, text, now_ms))
            return false;
        file->format = decode_detect(hn_text_as_bytes(text), hn_text_cstr(file->path));
    }
    if (file->format == NULL) {
        follow_count(follow, unknown, 1);
        follow_tell(follow, file->path, "is no log, and is not read");
        file->kind = FILE_NO_LOG;
        hn_buf_deinit(&file->held);
        return false;
    }
    if (file->kind == FILE_NEW && hn_text_eq(decode_format_name(file->format), HN_TEXT("evtx"))) {
        file->kind = FILE_EVTX;
        file->offset = 0;
        file->print_bytes = 0;
        follow_read_learn_print(file, file->size);
        hn_buf_deinit(&file->held);
        return false;
    }
    return open_decoder(file);
}

/* ---- Cutting ---- */

static void consume(struct file *file, size_t raw)
{
    file->held.len -= raw;
    memmove(file->held.ptr, file->held.ptr + raw, file->held.len);
    file->offset += raw;
    if (file->held.len == 0)
        hn_buf_deinit(&file->held);
}

/* The position behind the batch that was cut. */
static struct follow_entry entry_behind(struct file *file, struct hn_buf *head)
{
    size_t pending = file->pending;
    struct follow_entry entry;

    file->pending = 0; /* what the decoder knows now is what it knows behind it */
    entry = follow_file_entry(file, head);
    file->pending = pending;
    entry.offset += file->pending_raw;
    entry.mark += file->pending_lines;
    return entry;
}

/* The batch that was cut; its bytes are the first of the text. */
static bool hand_in(struct follow *follow, struct file *file, struct hn_text text)
{
    struct hn_buf head = { 0 };
    struct follow_entry entry = entry_behind(file, &head);
    struct intake_batch batch = { .offset = file->offset,
        .line = file->mark + 1,
        .head = hn_bytes_of(file->head.ptr, file->head.len),
        .body = hn_bytes_of(text.ptr, file->pending) };
    bool done;

    if ((decode_format_traits(file->format) & DECODE_LINES) == 0)
        batch.line = 0;
    done = follow_submit(follow, file, &batch, &entry);
    hn_buf_deinit(&head);
    if (!done)
        return false;
    file->mark += file->pending_lines;
    file->pending = 0;
    consume(file, file->pending_raw);
    return true;
}

static uint64_t count_lines(struct hn_text text)
{
    uint64_t count = 0;
    size_t pos = 0;

    while ((pos = hn_text_find_char(text, '\n', pos)) != SIZE_MAX) {
        count++;
        pos++;
    }
    return count;
}

/* Whether more can only come from who writes the file. */
static bool is_all_read(const struct file *file)
{
    return file->kind == FILE_PIPE ||
           (file->kind == FILE_TEXT && file->offset + file->held.len >= file->size);
}

/* What may be cut now: not the parts of an event that is still being written, for a while. */
static struct hn_text ready_part(const struct follow *follow, struct file *file,
        struct hn_text text, int64_t now_ms, bool *at_end)
{
    struct hn_text lines = text;
    size_t between;

    if (*at_end)
        return text;
    while (lines.len > 0 && lines.ptr[lines.len - 1] != '\n')
        lines.len--;
    between = decode_between_events(file->format, lines);
    if (between == lines.len)
        return text;
    if ((is_all_read(file) && now_ms - file->changed_ms >= follow->options.limits.hold_ms) ||
            (between == 0 && lines.len > (size_t)GUESS_BYTES * 16)) {
        *at_end = true; /* the rest of it will be an event of its own */
        return lines;
    }
    if (is_all_read(file))
        file->due_ms = file->changed_ms + follow->options.limits.hold_ms;
    lines.len = between;
    return lines;
}

/* Cuts one batch. False: nothing more can be cut. */
static bool cut_one(const struct follow *follow, struct file *file, struct hn_text text,
        int64_t now_ms, bool *ret_skip)
{
    bool at_end = file->ending || file->member_ended;
    struct hn_text ready = ready_part(follow, file, text, now_ms, &at_end);
    struct decode_batch batch = { 0 };
    size_t took;

    if (ready.len == 0)
        return false;
    hn_buf_reset(&file->head);
    decode_stream_head(file->decode, &file->head);
    took = decode_cut(file->decode, hn_text_as_bytes(ready), at_end, &batch);
    if (took == 0)
        return false;
    *ret_skip = batch.skip;
    decode_batch_release(&batch);
    file->pending = took;
    file->pending_raw = follow_read_raw_len(file, hn_text_sub(text, 0, took));
    file->pending_lines = count_lines(hn_text_sub(text, 0, took));
    if (file->encoding != ENCODING_BYTES && file->pending_raw > file->held.len)
        file->pending_raw = file->held.len;
    return true;
}

/* Chunks of an event log that cannot be read at any place. */
static bool cut_chunks(struct follow *follow, struct file *file)
{
    struct hn_buf *held = &file->held;

    for (;;) {
        struct hn_bytes chunk = { (const uint8_t *)held->ptr, held->len };
        struct follow_entry entry;
        struct hn_buf head = { 0 };
        bool at_end = file->ending || file->member_ended;

        if (chunk.len < EVTX_HEADER && !at_end)
            return true;
        if (file->offset == 0 && chunk.len >= EVTX_HEADER &&
                hn_text_starts(hn_bytes_as_text(chunk), HN_TEXT("ElfFile"))) {
            consume(file, EVTX_HEADER);
            continue;
        }
        if (chunk.len > EVTX_CHUNK)
            chunk.len = EVTX_CHUNK;
        if (chunk.len == 0 || (chunk.len < EVTX_CHUNK && !at_end))
            return true;
        entry = follow_file_entry(file, &head);
        entry.offset += chunk.len;
        at_end = follow_evtx_submit_whole(follow, file, chunk, &entry);
        hn_buf_deinit(&head);
        if (!at_end)
            return false;
        hn_buf_reset(&file->text); /* the chunk before, whose records may stand here as well */
        hn_buf_add(&file->text, chunk.ptr, chunk.len);
        consume(file, chunk.len);
    }
}

/* Hands in all that can be cut. False: refused. */
bool follow_cut_all(struct follow *follow, struct file *file, int64_t now_ms)
{
    struct hn_text text;
    bool skip = false;

    if (hn_text_eq(decode_format_name(file->format), HN_TEXT("evtx")))
        return cut_chunks(follow, file);
    for (;;) {
        text = follow_read_text(file);
        if (file->pending == 0 && !cut_one(follow, file, text, now_ms, &skip))
            return true;
        if (skip) {
            file->mark += file->pending_lines;
            file->pending = 0;
            consume(file, file->pending_raw);
        } else if (!hand_in(follow, file, text)) {
            return false;
        }
        skip = false;
    }
}

/* ---- Steps ---- */

bool follow_file_step(struct follow *follow, struct file *file, int64_t now_ms)
{
    bool more;

    file->due_ms = INT64_MAX;
    if (file->fd < 0)
        return false;
    if (file->kind == FILE_NEW && follow_packed_is(file->fd))
        follow_packed_take(file);
    if (file->kind == FILE_PACKED)
        return follow_packed_step(follow, file, now_ms);
    if (file->kind != FILE_PIPE && !follow_read_look(follow, file, now_ms)) {
        if (follow_cut_all(follow, file, now_ms) && file->held.len > 0)
            hn_buf_deinit(&file->held); /* what no decoder takes at an end is nothing */
        return file->held.len == 0;
    }
    if (file->kind == FILE_EVTX)
        return follow_evtx_step(follow, file, now_ms);
    if (file->kind == FILE_NO_LOG)
        return false;
    if (file->kind == FILE_NEW && file->size > 0 && follow_known_copy(follow, file))
        return false;
    if (file->pending > 0 && !follow_cut_all(follow, file, now_ms))
        return false;
    more = follow_read_more(follow, file);
    follow_read_find_encoding(file);
    if (file->held.len > 0 && file->decode == NULL && !follow_recognise(follow, file, now_ms))
        return file->kind == FILE_EVTX;
    if (file->decode != NULL && !follow_cut_all(follow, file, now_ms))
        return false;
    if (file->held.len == 0)
        hn_buf_deinit(&file->held);
    return more;
}
