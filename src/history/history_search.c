/* history_search.c - pages of events that fit, and where the next page begins.
 *
 * A page ends at an event (limit, bytes of the answer) or, when enough was read, between two
 * records; oldest first it may end at any event. */
#include "history/history_internal.h"

#include <string.h>

/* An event that fits, in the text of its record. */
struct hit {
    uint64_t index;
    size_t start;
    size_t len;
};

struct finder {
    const struct history_search *search;
    struct history_page *page;
    struct history_work work;
    struct history_reading reading;
    bool newest;
    uint32_t limit;
    /* Of the record at hand. */
    const struct journal_record *record;
    const struct intake_batch *batch;
    uint64_t index_from; /* events outside were on a page before */
    uint64_t index_to;
    struct hn_buf text;
    HN_VEC(struct hit) hits;
    size_t dropped; /* of hits: the first ones, newest first only */
    bool surplus;   /* some were; they are for the next page */
    bool full;      /* oldest first: no more fits */
    bool late;      /* oldest first: the time is over */
    enum hn_status status;
};

/* ---- Events of a record ---- */

/* What was dropped makes room. */
static void compact(struct finder *finder)
{
    size_t start = finder->hits.ptr[finder->dropped].start;
    size_t kept = finder->hits.count - finder->dropped;

    memmove(finder->text.ptr, finder->text.ptr + start, finder->text.len - start);
    finder->text.len -= start;
    memmove(finder->hits.ptr, finder->hits.ptr + finder->dropped, kept * sizeof *finder->hits.ptr);
    finder->hits.count = kept;
    finder->dropped = 0;
    for (size_t i = 0; i < kept; i++)
        finder->hits.ptr[i].start -= start;
}

/* Only the last ones fit on a page that begins with them. */
static void drop_surplus(struct finder *finder)
{
    size_t kept = finder->hits.count - finder->dropped;
    size_t room = finder->limit - finder->page->count;

    while (kept > room || (kept > 1 && finder->text.len - finder->hits.ptr[finder->dropped].start >
                                               HISTORY_PAGE_BYTES)) {
        finder->surplus = true;
        finder->dropped++;
        kept--;
    }
    if (finder->dropped > 64 && finder->hits.ptr[finder->dropped].start > finder->text.len / 2)
        compact(finder);
}

static bool take_event(struct finder *finder, const struct engine_viewed *viewed)
{
    size_t start = finder->text.len;
    struct hit *hit;

    history_reading_event_write(
            &finder->reading, finder->record, finder->batch, viewed, HN_TEXT(""), &finder->text);
    if (finder->text.len == start)
        return hn_buf_ok(&finder->text);
    hit = hn_vec_add(&finder->hits);
    if (hit == NULL || !hn_buf_ok(&finder->text))
        return false;
    *hit = (struct hit){ viewed->index, start, finder->text.len - start };
    if (finder->newest)
        drop_surplus(finder);
    else
        finder->full = finder->page->count + finder->hits.count == finder->limit ||
                       finder->page->items.len + finder->text.len > HISTORY_PAGE_BYTES;
    return true;
}

static bool is_in_time(
        const struct finder *finder, struct hn_event *event, const struct engine_viewed *viewed)
{
    const struct history_search *search = finder->search;
    hn_time time;

    if (search->from == HN_TIME_NONE && search->to == HN_TIME_NONE)
        return true;
    time = hn_event_time(event, viewed->time);
    if (time == HN_TIME_NONE)
        time = finder->record->received;
    return (search->from == HN_TIME_NONE || time >= search->from) &&
           (search->to == HN_TIME_NONE || time <= search->to);
}

/* False ends the record: what comes behind in it is looked at by the next page, or not at all. */
static bool on_event(void *ctx, struct hn_event *event, const struct engine_viewed *viewed)
{
    struct finder *finder = ctx;

    if (viewed->index < finder->index_from)
        return true;
    if (viewed->index >= finder->index_to || finder->full)
        return false;
    finder->status = history_work_event(&finder->work);
    if (finder->status == HN_LIMIT && !finder->newest) {
        finder->status = HN_OK;
        finder->late = true;
        finder->index_to = viewed->index;
    }
    if (finder->status != HN_OK || finder->late)
        return false;
    hn_event_resolve(event);
    if (!is_in_time(finder, event, viewed) ||
            !search_matcher_fits(finder->reading.matcher, event, viewed->batch) ||
            take_event(finder, viewed))
        return true;
    finder->status = HN_NOMEM;
    return false;
}

/* ---- The page ---- */

static void put_hit(struct finder *finder, const struct hit *hit)
{
    struct history_page *page = finder->page;

    if (page->count > 0)
        hn_buf_add_char(&page->items, ',');
    hn_buf_add(&page->items, finder->text.ptr + hit->start, hit->len);
    page->count++;
}

static void put_hits(struct finder *finder)
{
    if (finder->newest) {
        for (size_t i = finder->hits.count; i > finder->dropped; i--)
            put_hit(finder, &finder->hits.ptr[i - 1]);
    } else {
        for (size_t i = 0; i < finder->hits.count; i++)
            put_hit(finder, &finder->hits.ptr[i]);
    }
}

/* Where to go on, if the page ended with this record; before put_hits(). */
static void note_place(struct finder *finder)
{
    struct history_cursor *next = &finder->page->next;
    const struct journal_record *record = finder->record;

    *next = (struct history_cursor){ .newest = finder->newest };
    if (finder->newest) {
        next->offset = record->offset;
        next->index = finder->surplus ? finder->hits.ptr[finder->dropped].index : 0;
    } else if (finder->late) {
        next->offset = record->offset;
        next->index = finder->index_to;
    } else if (finder->full) {
        next->offset = record->offset;
        next->index = finder->hits.ptr[finder->hits.count - 1].index + 1;
    } else {
        next->offset = record->next;
    }
}

static bool is_wanted(const struct finder *finder, const struct journal_record *record,
        struct intake_batch *ret_batch)
{
    const struct history_search *search = finder->search;

    return (search->received_from == HN_TIME_NONE || record->received >= search->received_from) &&
           (search->received_to == HN_TIME_NONE || record->received <= search->received_to) &&
           history_record_is_of(record, search->source, search->tenant, ret_batch);
}

static enum hn_status read_record(struct finder *finder, const struct journal_record *record)
{
    const struct history_cursor *cursor = finder->search->cursor;
    struct history_scanned *scanned = &finder->page->scanned;
    struct intake_batch batch;
    enum hn_status status;

    finder->record = record;
    finder->index_from = 0;
    finder->index_to = UINT64_MAX;
    finder->dropped = 0;
    finder->surplus = false;
    hn_vec_reset(&finder->hits);
    hn_buf_reset(&finder->text);
    finder->page->reached = record->received;
    scanned->records++;
    if (!is_wanted(finder, record, &batch))
        return HN_OK;
    finder->batch = &batch;
    scanned->bytes += record->next - record->offset;
    if (cursor != NULL && cursor->offset == record->offset) {
        if (finder->newest)
            finder->index_to = cursor->index;
        else
            finder->index_from = cursor->index;
    }
    status = engine_view_events(
            finder->reading.view, record, &finder->reading.event, on_event, finder);
    finder->batch = NULL;
    return status == HN_CANCELLED ? finder->status : status;
}

static bool page_is_full(const struct finder *finder)
{
    return finder->page->count == finder->limit || finder->full || finder->late ||
           finder->surplus || finder->page->items.len > HISTORY_PAGE_BYTES;
}

static enum hn_status fill(struct finder *finder, struct history_walk *walk, struct hn_err *err)
{
    struct journal_record record;
    enum hn_status status = HN_OK;

    while (status == HN_OK && !finder->page->more) {
        status = history_work_is_cancelled(&finder->work) ? HN_CANCELLED
                                                          : history_walk_next(walk, &record, err);
        if (status == HN_OK)
            status = read_record(finder, &record);
        if (status != HN_OK)
            break;
        note_place(finder);
        put_hits(finder);
        if (!hn_buf_ok(&finder->page->items))
            status = HN_NOMEM;
        finder->page->more = page_is_full(finder) || history_work_is_done(&finder->work);
    }
    finder->record = NULL;
    finder->page->scanned.damaged_bytes = walk->damaged_bytes;
    if (status == HN_NOTFOUND) /* all of it was looked at */
        return HN_OK;
    if (status == HN_LIMIT)
        return hn_fail(
                err, HN_LIMIT, record.offset, "this question takes too long for a single record");
    return status;
}

/* Which part of the journal is left. */
static enum hn_status find_range(struct history *history, const struct history_search *search,
        uint64_t *ret_from, uint64_t *ret_to, struct hn_err *err)
{
    const struct history_cursor *cursor = search->cursor;
    hn_time since = search->received_from;
    enum hn_status status =
            history_received_range(history, since, search->received_to, ret_from, ret_to, err);

    if (status != HN_OK || cursor == NULL)
        return status;
    if (cursor->newest) {
        uint64_t to = cursor->index > 0 && cursor->offset < UINT64_MAX ? cursor->offset + 1
                                                                       : cursor->offset;

        *ret_to = to < *ret_to ? to : *ret_to;
    } else if (cursor->offset > *ret_from) {
        *ret_from = cursor->offset;
    }
    return HN_OK;
}

enum hn_status history_search_run(struct history *history, const struct history_search *search,
        struct history_page *ret_page, struct hn_err *err)
{
    struct finder finder = { .search = search,
        .page = ret_page,
        .newest = search->cursor != NULL ? search->cursor->newest : search->newest,
        .limit = search->limit };
    struct history_walk walk;
    uint64_t from = 0;
    uint64_t to = 0;
    enum hn_status status;

    *ret_page = (struct history_page){ .reached = HN_TIME_NONE };
    history_work_begin(&finder.work, &search->budget, &ret_page->scanned);
    status = find_range(history, search, &from, &to, err);
    if (status == HN_OK)
        status = history_reading_init(&finder.reading, search->question);
    history_walk_init(&walk, history, from, to, finder.newest);
    if (status == HN_OK)
        status = fill(&finder, &walk, err);
    history_walk_deinit(&walk);
    history_reading_deinit(&finder.reading);
    hn_buf_deinit(&finder.text);
    hn_vec_deinit(&finder.hits);
    history_work_end(&finder.work);
    return status;
}
