/* history_place.c - where records begin, so that the journal can be read backwards and from a time
 * on: a mark per window, found when somebody first comes by, and forgotten with its segment. */
#include "history/history_internal.h"

#include <string.h>

enum hn_status history_new(
        struct journal *journal, struct history **ret_history, struct hn_err *err)
{
    struct history *history = hn_calloc(1, sizeof *history);

    if (history == NULL)
        return hn_fail(err, HN_NOMEM, 0, "history");
    history->journal = journal;
    (void)pthread_mutex_init(&history->lock, NULL);
    *ret_history = history;
    return HN_OK;
}

void history_free(struct history *history)
{
    if (history == NULL)
        return;
    for (size_t i = 0; i < history->segments.count; i++)
        hn_vec_deinit(&history->segments.ptr[i].marks);
    hn_vec_deinit(&history->segments);
    (void)pthread_mutex_destroy(&history->lock);
    hn_free(history);
}

/* ---- Segments: all with the lock held ---- */

static struct segment_marks *find_segment(struct history *history, uint64_t first)
{
    for (size_t i = history->segments.count; i > 0; i--) {
        if (history->segments.ptr[i - 1].first == first)
            return &history->segments.ptr[i - 1];
    }
    return NULL;
}

static struct segment_marks *get_segment(struct history *history, uint64_t first)
{
    struct segment_marks *segment = find_segment(history, first);

    if (segment != NULL)
        return segment;
    segment = hn_vec_add(&history->segments);
    if (segment != NULL) {
        segment->first = first;
        segment->known = first;
        segment->received = HN_TIME_NONE;
    }
    return segment;
}

static void forget_before(struct history *history, uint64_t first)
{
    size_t kept = 0;

    for (size_t i = 0; i < history->segments.count; i++) {
        if (history->segments.ptr[i].first >= first)
            history->segments.ptr[kept++] = history->segments.ptr[i];
        else
            hn_vec_deinit(&history->segments.ptr[i].marks);
    }
    history->segments.count = kept;
}

static enum hn_status open_reader(struct history *history, uint64_t from,
        struct journal_reader **ret_reader, struct hn_err *err)
{
    enum hn_status status = journal_reader_open(history->journal, from, ret_reader, err);

    if (status == HN_OK)
        journal_reader_tell(*ret_reader, NULL, NULL); /* told when the engine came by */
    return status;
}

/* Marks records up to edge. Damage has no marks in it. */
static enum hn_status mark_until(
        struct history *history, struct segment_marks *segment, uint64_t edge, struct hn_err *err)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    enum hn_status status = HN_OK;

    if (segment->known >= edge)
        return HN_OK;
    status = open_reader(history, segment->known, &reader, err);
    while (status == HN_OK && (status = journal_read(reader, 0, &record, err)) == HN_OK &&
            record.offset < edge) {
        uint64_t last = segment->marks.count > 0 ? segment->marks.ptr[segment->marks.count - 1]
                                                 : segment->first;

        if (record.offset - last >= HISTORY_WINDOW_BYTES) {
            uint64_t *mark = hn_vec_add(&segment->marks);

            if (mark == NULL)
                status = HN_NOMEM;
            else
                *mark = record.offset;
        }
        segment->known = record.next;
    }
    journal_reader_close(reader);
    return status == HN_NOTFOUND ? HN_OK : status;
}

static uint64_t last_mark_before(const struct segment_marks *segment, uint64_t edge)
{
    for (size_t i = segment->marks.count; i > 0; i--) {
        if (segment->marks.ptr[i - 1] < edge)
            return segment->marks.ptr[i - 1];
    }
    return segment->first;
}

enum hn_status history_mark_before(
        struct history *history, uint64_t edge, uint64_t *ret_mark, struct hn_err *err)
{
    struct segment_marks *segment;
    uint64_t *firsts = NULL;
    size_t count = 0;
    enum hn_status status = journal_segments(history->journal, &firsts, &count);

    if (status != HN_OK)
        return hn_fail(err, status, 0, "segments");
    while (count > 0 && firsts[count - 1] >= edge)
        count--;
    if (count == 0) {
        hn_free(firsts);
        return HN_NOTFOUND;
    }
    (void)pthread_mutex_lock(&history->lock);
    forget_before(history, firsts[0]);
    segment = get_segment(history, firsts[count - 1]);
    status = segment == NULL ? HN_NOMEM : mark_until(history, segment, edge, err);
    if (status == HN_OK)
        *ret_mark = last_mark_before(segment, edge);
    (void)pthread_mutex_unlock(&history->lock);
    hn_free(firsts);
    return status;
}

/* ---- By time of receipt ---- */

/* Of the first record of a segment, or, where all of it is damaged, the first one behind. */
static enum hn_status first_received(
        struct history *history, uint64_t first, hn_time *ret_received, struct hn_err *err)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    struct segment_marks *segment = get_segment(history, first);
    enum hn_status status = segment == NULL ? HN_NOMEM : HN_OK;

    if (status == HN_OK && segment->received == HN_TIME_NONE) {
        status = open_reader(history, first, &reader, err);
        if (status == HN_OK)
            status = journal_read(reader, 0, &record, err);
        if (status == HN_OK)
            segment->received = record.received;
        journal_reader_close(reader);
    }
    if (status == HN_OK)
        *ret_received = segment->received;
    return status;
}

/* How many segments begin with a record received before time. */
static enum hn_status count_before(struct history *history, const uint64_t *firsts, size_t count,
        hn_time time, size_t *ret_count, struct hn_err *err)
{
    size_t low = 0;
    size_t high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        hn_time received = HN_TIME_NONE;
        enum hn_status status = first_received(history, firsts[middle], &received, err);

        if (status != HN_OK && status != HN_NOTFOUND)
            return status;
        if (status == HN_OK && received < time)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_count = low;
    return HN_OK;
}

enum hn_status history_first_received(
        struct history *history, hn_time *ret_received, struct hn_err *err)
{
    uint64_t *firsts = NULL;
    size_t count = 0;
    enum hn_status status = journal_segments(history->journal, &firsts, &count);

    if (status == HN_OK && count == 0)
        status = HN_NOTFOUND;
    if (status == HN_OK) {
        (void)pthread_mutex_lock(&history->lock);
        status = first_received(history, firsts[0], ret_received, err);
        (void)pthread_mutex_unlock(&history->lock);
    }
    hn_free(firsts);
    return status;
}

enum hn_status history_received_range(struct history *history, hn_time received_from,
        hn_time received_to, uint64_t *ret_from, uint64_t *ret_to, struct hn_err *err)
{
    uint64_t *firsts = NULL;
    size_t count = 0;
    size_t before = 0;
    uint64_t from = 0;
    uint64_t to = journal_committed(history->journal);
    enum hn_status status = journal_segments(history->journal, &firsts, &count);

    if (status != HN_OK)
        return hn_fail(err, status, 0, "segments");
    (void)pthread_mutex_lock(&history->lock);
    if (count > 0) {
        from = firsts[0];
        forget_before(history, firsts[0]);
    }
    if (received_from != HN_TIME_NONE) {
        status = count_before(history, firsts, count,
                time_shifted(received_from, -HISTORY_DISORDER), &before, err);
        if (status == HN_OK && before > 0)
            from = firsts[before - 1];
    }
    if (status == HN_OK && received_to != HN_TIME_NONE) {
        status = count_before(
                history, firsts, count, time_shifted(received_to, HISTORY_DISORDER), &before, err);
        if (status == HN_OK && before < count)
            to = firsts[before];
    }
    (void)pthread_mutex_unlock(&history->lock);
    hn_free(firsts);
    if (status == HN_OK) {
        *ret_from = from;
        *ret_to = to < from ? from : to;
    }
    return status;
}
