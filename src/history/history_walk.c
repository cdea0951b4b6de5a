/* history_walk.c - the records of a range, oldest or newest first.
 *
 * The journal is read forwards. Newest first goes window by window: a window's records are held,
 * and given out from the last to the first. */
#include "history/history_internal.h"

static void on_damage(void *ctx, const struct journal_damage *damage)
{
    struct history_walk *walk = ctx;
    uint64_t start = damage->start > walk->from ? damage->start : walk->from;
    uint64_t end = damage->end < walk->to ? damage->end : walk->to;

    if (end > start)
        walk->damaged_bytes += end - start;
}

void history_walk_init(
        struct history_walk *walk, struct history *history, uint64_t from, uint64_t to, bool newest)
{
    *walk = (struct history_walk){
        .history = history, .from = from, .to = to, .newest = newest, .edge = to
    };
}

void history_walk_deinit(struct history_walk *walk)
{
    journal_reader_close(walk->reader);
    hn_buf_deinit(&walk->bytes);
    hn_vec_deinit(&walk->held);
}

static enum hn_status open_at(struct history_walk *walk, uint64_t from, struct hn_err *err)
{
    enum hn_status status = journal_reader_open(walk->history->journal, from, &walk->reader, err);

    if (status == HN_OK)
        journal_reader_tell(walk->reader, on_damage, walk);
    return status;
}

static enum hn_status next_oldest(
        struct history_walk *walk, struct journal_record *ret_record, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    if (walk->from >= walk->to)
        return HN_NOTFOUND;
    if (walk->reader == NULL)
        status = open_at(walk, walk->from, err);
    if (status == HN_OK)
        status = journal_read(walk->reader, 0, ret_record, err);
    return status == HN_OK && ret_record->offset >= walk->to ? HN_NOTFOUND : status;
}

/* ---- Newest first ---- */

static enum hn_status hold(struct history_walk *walk, const struct journal_record *record)
{
    struct held_record *held = hn_vec_add(&walk->held);

    if (held == NULL)
        return HN_NOMEM;
    *held = (struct held_record){ .offset = record->offset,
        .next = record->next,
        .kind = record->kind,
        .received = record->received,
        .start = walk->bytes.len,
        .len = record->payload.len };
    hn_buf_add(&walk->bytes, record->payload.ptr, record->payload.len);
    return walk->bytes.status;
}

/* Holds the window that ends at edge. */
static enum hn_status load(struct history_walk *walk, struct hn_err *err)
{
    struct journal_record record;
    uint64_t start = walk->from;
    enum hn_status status = history_mark_before(walk->history, walk->edge, &start, err);

    if (status != HN_OK)
        return status;
    if (start < walk->from)
        start = walk->from;
    hn_buf_reset(&walk->bytes);
    status = open_at(walk, start, err);
    while (status == HN_OK && (status = journal_read(walk->reader, 0, &record, err)) == HN_OK &&
            record.offset < walk->edge) {
        if (record.kind == JOURNAL_BATCH)
            status = hold(walk, &record);
    }
    journal_reader_close(walk->reader);
    walk->reader = NULL;
    walk->edge = start;
    return status == HN_NOTFOUND ? HN_OK : status;
}

static enum hn_status next_newest(
        struct history_walk *walk, struct journal_record *ret_record, struct hn_err *err)
{
    const struct held_record *held;

    while (walk->held.count == 0) {
        enum hn_status status = walk->edge > walk->from ? load(walk, err) : HN_NOTFOUND;

        if (status != HN_OK)
            return status;
    }
    held = &walk->held.ptr[--walk->held.count];
    *ret_record = (struct journal_record){ .offset = held->offset,
        .next = held->next,
        .kind = held->kind,
        .received = held->received,
        .payload = hn_bytes_of(walk->bytes.ptr + held->start, held->len) };
    return HN_OK;
}

enum hn_status history_walk_next(
        struct history_walk *walk, struct journal_record *ret_record, struct hn_err *err)
{
    return walk->newest ? next_newest(walk, ret_record, err) : next_oldest(walk, ret_record, err);
}
