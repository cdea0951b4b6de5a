/* reorder.c - hits that wait until no earlier ones are expected.
 *
 * How far time has come is the median of the times of the last hits fed, less the lateness: one
 * stamp from the far future moves nothing, nor do seven of fifteen; honest streams are a few hits
 * behind. Where the caller knows more he says so with correlate_advance(). */
#include "correlate/correlate_internal.h"

#include "base/mem.h"

static bool is_before(const struct pending *a, const struct pending *b)
{
    if (a->time != b->time)
        return a->time < b->time;
    if (a->order != b->order)
        return a->order < b->order;
    return a->rule < b->rule;
}

static void move_up(struct pending *heap, size_t pos, struct pending item)
{
    while (pos > 0 && is_before(&item, &heap[(pos - 1) / 2])) {
        heap[pos] = heap[(pos - 1) / 2];
        pos = (pos - 1) / 2;
    }
    heap[pos] = item;
}

static void move_down(struct pending *heap, size_t count, size_t pos, struct pending item)
{
    for (;;) {
        size_t child = 2 * pos + 1;

        if (child + 1 < count && is_before(&heap[child + 1], &heap[child]))
            child++;
        if (child >= count || !is_before(&heap[child], &item))
            break;
        heap[pos] = heap[child];
        pos = child;
    }
    heap[pos] = item;
}

/* The earliest hit goes on its way. */
static enum hn_status process_first(struct correlate *c)
{
    struct pending first = c->reorder.heap.ptr[0];
    struct hn_reader in = hn_reader_over(hn_bytes_of(first.written, first.bytes));
    struct correlate_hit_box box;
    enum hn_status status;
    size_t count = --c->reorder.heap.count;

    if (count > 0)
        move_down(c->reorder.heap.ptr, count, 0, c->reorder.heap.ptr[count]);
    status = correlate_hit_read(&in, &box, NULL);
    if (status == HN_OK)
        status = correlate_run_hit(c, &box.hit);
    budget_free(&c->budget, first.written, first.bytes);
    return status;
}

enum hn_status reorder_release(struct correlate *c, hn_time limit)
{
    enum hn_status status = HN_OK;

    while (status == HN_OK && c->reorder.heap.count > 0 && c->reorder.heap.ptr[0].time < limit)
        status = process_first(c);
    return status;
}

enum hn_status reorder_release_all(struct correlate *c)
{
    enum hn_status status = HN_OK;

    while (status == HN_OK && c->reorder.heap.count > 0)
        status = process_first(c);
    return status;
}

/* Where the bulk of the hits is; INT64_MIN while too few have come to tell. */
static hn_time bulk_time(const struct reorder *reorder)
{
    hn_time sorted[BULK_HITS];

    if (reorder->recent_count < BULK_HITS)
        return INT64_MIN;
    for (uint32_t i = 0; i < BULK_HITS; i++) {
        uint32_t pos = i;

        for (; pos > 0 && sorted[pos - 1] > reorder->recent[i]; pos--)
            sorted[pos] = sorted[pos - 1];
        sorted[pos] = reorder->recent[i];
    }
    return sorted[BULK_HITS / 2];
}

static void note_time(struct reorder *reorder, hn_time time)
{
    reorder->recent[reorder->recent_next] = time;
    reorder->recent_next = (reorder->recent_next + 1) % BULK_HITS;
    if (reorder->recent_count < BULK_HITS)
        reorder->recent_count++;
}

enum hn_status reorder_hold(struct correlate *c, const struct correlate_hit *hit)
{
    struct pending item = { hit->time, hit->order, hit->rule, 0, NULL };

    hn_buf_reset(&c->value_key);
    correlate_hit_write(hit, &c->value_key);
    if (!hn_buf_ok(&c->value_key))
        return HN_NOMEM;
    item.bytes = (uint32_t)c->value_key.len;
    item.written = budget_alloc(&c->budget, item.bytes);
    if (item.written == NULL)
        return c->budget.status;
    memcpy(item.written, c->value_key.ptr, item.bytes);
    if (hn_vec_add(&c->reorder.heap) == NULL) {
        budget_free(&c->budget, item.written, item.bytes);
        return HN_NOMEM;
    }
    move_up(c->reorder.heap.ptr, c->reorder.heap.count - 1, item);
    return HN_OK;
}

/* Too many are waiting. The earliest is processed before its turn, unless all that wait are ahead
 * of the bulk: then clocks have gone wrong, and processing one would make every honest hit late.
 * *ret_drop: the new one is to go instead. */
static enum hn_status make_room(struct correlate *c, hn_time bulk, bool *ret_drop)
{
    *ret_drop = c->reorder.heap.ptr[0].time > bulk;
    if (*ret_drop) {
        c->stats.ahead_dropped++;
        return HN_OK;
    }
    c->stats.forced++;
    return process_first(c);
}

enum hn_status reorder_push(struct correlate *c, const struct correlate_hit *hit)
{
    enum hn_status status = HN_OK;
    bool drop = false;
    hn_time bulk;

    note_time(&c->reorder, hit->time);
    bulk = bulk_time(&c->reorder);
    if (bulk != INT64_MIN && time_before(bulk, c->options.lateness) > c->watermark)
        c->watermark = time_before(bulk, c->options.lateness);
    while (status == HN_OK && !drop && c->reorder.heap.count >= c->plan->limits.pending_max)
        status = make_room(c, bulk, &drop);
    while (status == HN_OK && !drop) {
        status = reorder_hold(c, hit);
        if (status != HN_LIMIT)
            break;
        if (c->reorder.heap.count == 0)
            return correlate_run_hit(c, hit);
        status = make_room(c, bulk, &drop);
    }
    return status == HN_OK ? reorder_release(c, c->watermark) : status;
}

void reorder_reset(struct correlate *c)
{
    for (size_t i = 0; i < c->reorder.heap.count; i++)
        budget_free(&c->budget, c->reorder.heap.ptr[i].written, c->reorder.heap.ptr[i].bytes);
    hn_vec_reset(&c->reorder.heap);
    c->reorder.recent_count = 0;
    c->reorder.recent_next = 0;
}
