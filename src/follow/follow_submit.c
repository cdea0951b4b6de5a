/* follow_submit.c - batches of files into the intake, each with the position behind it. */
#include "follow/follow_internal.h"

static void on_done(void *ctx, enum hn_status status)
{
    (void)ctx; /* what is not durable is read again after a restart: the position went with it */
    (void)status;
}

bool follow_submit(struct follow *follow, struct file *file, struct intake_batch *batch,
        const struct follow_entry *entry)
{
    const struct follow_source *source = file->source;
    uint32_t retry_ms = 0;
    enum hn_status status;

    batch->source = source->name;
    batch->tenant = source->tenant;
    batch->zone = source->zone;
    batch->pipeline = source->pipeline;
    batch->format = file->format == NULL ? source->format : decode_format_name(file->format);
    batch->stream = hn_text_cstr(file->path);
    if (file->series != NULL) {
        batch->stream = hn_text_cstr(file->series->path);
        hn_buf_reset(&follow->position);
        follow_series_write(file->series, file, entry, &follow->position);
        batch->position = hn_buf_text(&follow->position);
    }
    status = hn_buf_ok(&follow->position) ? HN_OK : HN_NOMEM;
    if (status == HN_OK)
        status = intake_submit(follow->intake, batch, on_done, NULL, &retry_ms, NULL);
    if (status != HN_OK) {
        retry_ms = retry_ms < 1 ? 1 : retry_ms > 1000 ? 1000 : retry_ms;
        file->retry_ms = follow_now_ms() + (status == HN_LIMIT ? retry_ms : 1000);
        follow_count(follow, waits, 1);
        return false;
    }
    file->retry_ms = 0;
    if (file->series != NULL) {
        file->series->noted_ms = follow_now_ms();
        file->series->note_due = false; /* every position names all files of the series */
    }
    follow_count(follow, batches, batch->body.len > 0 ? 1 : 0);
    follow_count(follow, bytes, batch->body.len);
    return true;
}

bool follow_submit_note(struct follow *follow, struct file *file)
{
    struct intake_batch batch = { .offset = file->offset };
    struct hn_buf head = { 0 };
    struct follow_entry entry = follow_file_entry(file, &head);
    bool done = follow_submit(follow, file, &batch, &entry);

    hn_buf_deinit(&head);
    if (!done)
        file->series->note_due = true;
    return done;
}
