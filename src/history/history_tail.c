/* history_tail.c - one listener to what comes in: a reader of its own, so that a slow one holds
 * nobody up. Whoever falls too far behind leaves bytes out, and is told how many. */
#include "history/history_internal.h"

struct history_tail {
    struct history *history;
    struct history_reading reading;
    struct journal_reader *reader; /* NULL: to be opened at place */
    struct history_cursor place;
    struct hn_buf names;
    struct hn_text source;
    struct hn_text tenant;
    struct hn_buf text;
    /* Of the record at hand. */
    const struct journal_record *record;
    const struct intake_batch *batch;
    history_on_event *on_event;
    void *ctx;
};

void history_tail_free(struct history_tail *tail)
{
    if (tail == NULL)
        return;
    journal_reader_close(tail->reader);
    history_reading_deinit(&tail->reading);
    hn_buf_deinit(&tail->names);
    hn_buf_deinit(&tail->text);
    hn_free(tail);
}

enum hn_status history_tail_new(struct history *history, const struct history_tail_options *options,
        struct history_tail **ret_tail, struct hn_err *err)
{
    struct history_tail *tail = hn_calloc(1, sizeof *tail);

    if (tail == NULL)
        return hn_fail(err, HN_NOMEM, 0, "tail");
    tail->history = history;
    tail->place.offset = journal_committed(history->journal);
    if (options->cursor != NULL && options->cursor->offset < tail->place.offset)
        tail->place = *options->cursor;
    tail->place.newest = false;
    hn_buf_add_text(&tail->names, options->source);
    hn_buf_add_text(&tail->names, options->tenant);
    if (!hn_buf_ok(&tail->names) ||
            history_reading_init(&tail->reading, options->question) != HN_OK) {
        history_tail_free(tail);
        return hn_fail(err, HN_NOMEM, 0, "tail");
    }
    tail->source = hn_text_sub(hn_buf_text(&tail->names), 0, options->source.len);
    tail->tenant = hn_text_sub(hn_buf_text(&tail->names), options->source.len, options->tenant.len);
    *ret_tail = tail;
    return HN_OK;
}

static bool on_event(void *ctx, struct hn_event *event, const struct engine_viewed *viewed)
{
    struct history_tail *tail = ctx;
    const struct history_cursor behind = { .offset = tail->record->offset,
        .index = viewed->index + 1 };

    if (tail->place.offset == tail->record->offset && viewed->index < tail->place.index)
        return true;
    hn_event_resolve(event);
    if (!search_matcher_fits(tail->reading.matcher, event, viewed->batch))
        return true;
    hn_buf_reset(&tail->text);
    history_reading_event_write(
            &tail->reading, tail->record, tail->batch, viewed, HN_TEXT(""), &tail->text);
    if (tail->text.len > 0 && hn_buf_ok(&tail->text))
        tail->on_event(tail->ctx, hn_buf_text(&tail->text), &behind);
    return hn_buf_ok(&tail->text);
}

/* Who is too far behind goes on at the end, but never in the middle of what nobody has looked at:
 * the offset is a border of records. */
static void leave_out(struct history_tail *tail, struct history_turn *turn)
{
    uint64_t end = journal_committed(tail->history->journal);

    if (end <= tail->place.offset || end - tail->place.offset <= HISTORY_TAIL_BEHIND_MAX)
        return;
    turn->bytes_left_out = end - tail->place.offset;
    tail->place = (struct history_cursor){ .offset = end };
    journal_reader_close(tail->reader);
    tail->reader = NULL;
}

static enum hn_status read_record(struct history_tail *tail, const struct journal_record *record)
{
    struct intake_batch batch;
    enum hn_status status = HN_OK;

    tail->record = record;
    tail->batch = &batch;
    if (history_record_is_of(record, tail->source, tail->tenant, &batch))
        status = engine_view_events(
                tail->reading.view, record, &tail->reading.event, on_event, tail);
    tail->record = NULL;
    tail->batch = NULL;
    if (status == HN_OK)
        tail->place = (struct history_cursor){ .offset = record->next };
    return status == HN_CANCELLED ? HN_NOMEM : status;
}

enum hn_status history_tail_turn(struct history_tail *tail, uint64_t bytes_max,
        history_on_event *on_event_found, void *ctx, struct history_turn *ret_turn,
        struct hn_err *err)
{
    uint64_t bytes = 0;
    enum hn_status status = HN_OK;

    *ret_turn = (struct history_turn){ 0 };
    tail->on_event = on_event_found;
    tail->ctx = ctx;
    leave_out(tail, ret_turn);
    if (tail->reader == NULL && journal_committed(tail->history->journal) > tail->place.offset) {
        status =
                journal_reader_open(tail->history->journal, tail->place.offset, &tail->reader, err);
        if (status == HN_OK)
            journal_reader_tell(tail->reader, NULL, NULL);
    }
    while (status == HN_OK && tail->reader != NULL && bytes < bytes_max) {
        struct journal_record record;

        status = journal_read(tail->reader, 0, &record, err);
        if (status == HN_OK) {
            bytes += record.next - record.offset;
            status = read_record(tail, &record);
        }
    }
    ret_turn->more = status == HN_OK && bytes >= bytes_max;
    return status == HN_NOTFOUND ? HN_OK : status;
}
