/* engine_past.c - the past lane: which hits wait, when they are fed, when it begins anew. */
#include "engine/engine_past.h"

#include "base/mem.h"

#include <stdlib.h>

#define AFTER_DEFAULT     HN_HOUR
#define QUIET_DEFAULT     (10 * HN_SECOND)
#define HOLD_DEFAULT      (5 * HN_MINUTE)
#define FORGET_DEFAULT    (30 * HN_MINUTE)
#define HITS_MAX_DEFAULT  ((size_t)1 << 18)
#define BYTES_MAX_DEFAULT ((size_t)64 << 20)

/* Ids remembered so that they are not told twice. Beyond it the store still takes an id once. */
#define TOLD_MAX ((size_t)1 << 18)

struct engine_past_options engine_past_options_resolve(
        const struct engine_past_options *options, hn_time lateness)
{
    struct engine_past_options full = *options;

    if (full.after == 0)
        full.after = AFTER_DEFAULT;
    if (full.after < lateness)
        full.after = lateness;
    if (full.quiet == 0)
        full.quiet = QUIET_DEFAULT;
    if (full.hold == 0)
        full.hold = HOLD_DEFAULT;
    if (full.forget == 0)
        full.forget = FORGET_DEFAULT;
    if (full.hits_max == 0)
        full.hits_max = HITS_MAX_DEFAULT;
    if (full.bytes_max == 0)
        full.bytes_max = BYTES_MAX_DEFAULT;
    return full;
}

/* ---- The correlator ---- */

static enum hn_status open_correlator(struct past *past, struct hn_err *err)
{
    const struct correlate_options options = { .on_result = past->on_result, .ctx = past->ctx };

    return correlate_new(past->plan, &options, &past->correlate, err);
}

/* A new one in place of the old one. */
static enum hn_status renew(struct past *past)
{
    struct correlate *old = past->correlate;
    enum hn_status status = open_correlator(past, NULL);

    if (status == HN_OK)
        correlate_free(old);
    else
        past->correlate = old;
    return status;
}

/* All that is kept is to be fed again. What was given up at limits stays counted. */
static enum hn_status rewind_all(struct past *past)
{
    uint64_t evicted = correlate_stats(past->correlate).groups_evicted;
    enum hn_status status = renew(past);

    if (status != HN_OK)
        return status;
    past->totals.evicted += evicted;
    past->totals.rewinds++;
    past->frontier = INT64_MIN;
    past->fed = 0;
    return HN_OK;
}

/* ---- What was told ---- */

static int compare_ids(struct hn_digest a, struct hn_digest b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

static int by_id(const void *a, const void *b)
{
    const struct past_told *x = a;
    const struct past_told *y = b;

    return compare_ids(x->id, y->id);
}

/* What has been told up to now may come again from here on. */
static void sort_told(struct past *past)
{
    if (past->told.count > 0)
        qsort(past->told.ptr, past->told.count, sizeof *past->told.ptr, by_id);
    past->told_sorted = past->told.count;
}

bool engine_past_is_told(const struct past *past, struct hn_digest id)
{
    const struct past_told key = { .id = id };

    return past->told_sorted > 0 &&
           bsearch(&key, past->told.ptr, past->told_sorted, sizeof key, by_id) != NULL;
}

bool engine_past_tell(struct past *past, struct hn_digest id, uint64_t order)
{
    struct past_told *slot;

    if (past->told.count >= TOLD_MAX)
        return true;
    slot = hn_vec_add(&past->told);
    if (slot == NULL)
        return false;
    *slot = (struct past_told){ id, order };
    return true;
}

/* What only hits of before this order could bring again cannot come again. */
static void forget_told(struct past *past, uint64_t order)
{
    size_t kept = 0;

    for (size_t i = 0; i < past->told.count; i++) {
        if (past->told.ptr[i].order >= order)
            past->told.ptr[kept++] = past->told.ptr[i];
    }
    past->told.count = kept;
    past->told_sorted = 0;
}

/* ---- Feeding ---- */

static int by_time(const void *a, const void *b)
{
    const struct past_hit *x = a;
    const struct past_hit *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->order != y->order)
        return x->order < y->order ? -1 : 1;
    return (x->rule > y->rule) - (x->rule < y->rule);
}

static enum hn_status feed(struct past *past, const struct past_hit *kept)
{
    struct hn_reader in = hn_reader_over(hn_bytes_of(kept->written, kept->bytes));
    struct correlate_hit_box box;
    enum hn_status status = correlate_hit_read(&in, &box, NULL);

    return status == HN_OK ? correlate_feed(past->correlate, &box.hit) : status;
}

/* Everything that waits, in its order; after everything, when some of it belongs before. */
static enum hn_status release(struct past *past)
{
    size_t sorted = past->fed;
    bool goes_back = false;
    enum hn_status status = HN_OK;

    for (size_t i = past->fed; i < past->hits.count && !goes_back; i++)
        goes_back = past->hits.ptr[i].time < past->frontier;
    if (goes_back) {
        status = rewind_all(past);
        sorted = 0;
        sort_told(past);
    }
    if (status == HN_OK && past->hits.count > sorted)
        qsort(past->hits.ptr + sorted, past->hits.count - sorted, sizeof *past->hits.ptr, by_time);
    while (status == HN_OK && past->fed < past->hits.count) {
        const struct past_hit *kept = &past->hits.ptr[past->fed];

        status = feed(past, kept);
        past->frontier = kept->time;
        past->fed++;
    }
    return status;
}

/* ---- Keeping ---- */

void engine_past_clear(struct past *past)
{
    for (size_t i = 0; i < past->hits.count; i++)
        hn_free(past->hits.ptr[i].written);
    hn_vec_reset(&past->hits);
    hn_vec_reset(&past->told);
    past->told_sorted = 0;
    past->fed = 0;
    past->totals.bytes = 0;
    past->frontier = INT64_MIN;
}

enum hn_status engine_past_keep(struct past *past, const struct correlate_hit *hit)
{
    struct hn_buf written = { 0 };
    struct past_hit *kept;

    correlate_hit_write(hit, &written);
    kept = hn_buf_ok(&written) ? hn_vec_add(&past->hits) : NULL;
    if (kept == NULL) {
        hn_buf_deinit(&written);
        return HN_NOMEM;
    }
    *kept = (struct past_hit){ hit->time, hit->order, hit->rule, (uint32_t)written.len,
        hn_malloc(written.len) };
    if (kept->written == NULL) {
        past->hits.count--;
        hn_buf_deinit(&written);
        return HN_NOMEM;
    }
    memcpy(kept->written, written.ptr, written.len);
    past->totals.bytes += sizeof *kept + written.len;
    hn_buf_deinit(&written);
    return HN_OK;
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* The order of the first hit that stays when the half received first goes. UINT64_MAX: none does.
 * 0: out of memory. */
static uint64_t middle_order(const struct past *past)
{
    size_t count = past->hits.count;
    uint64_t *orders = hn_calloc(count, sizeof *orders);
    uint64_t middle;

    if (orders == NULL)
        return 0;
    for (size_t i = 0; i < count; i++)
        orders[i] = past->hits.ptr[i].order;
    qsort(orders, count, sizeof *orders, by_number);
    middle = count < 2 ? UINT64_MAX : orders[count - count / 2];
    if (middle == orders[0]) /* all are of one event */
        middle = UINT64_MAX;
    hn_free(orders);
    return middle;
}

/* The half received first goes: after what has come since, it is needed least. */
static enum hn_status forget_half(struct past *past)
{
    uint64_t first = middle_order(past);
    size_t kept = 0;

    if (first == 0)
        return HN_NOMEM;
    for (size_t i = 0; i < past->hits.count; i++) {
        struct past_hit *hit = &past->hits.ptr[i];

        if (hit->order >= first && first < UINT64_MAX) {
            past->hits.ptr[kept++] = *hit;
            continue;
        }
        past->totals.bytes -= sizeof *hit + hit->bytes;
        hn_free(hit->written);
    }
    past->totals.forgotten += past->hits.count - kept;
    past->hits.count = kept;
    past->fed = kept;
    forget_told(past, first);
    return HN_OK;
}

static bool is_full(const struct past *past)
{
    return past->hits.count > 0 && (past->hits.count >= past->options.hits_max ||
                                           past->totals.bytes >= past->options.bytes_max);
}

enum hn_status engine_past_add(struct past *past, const struct correlate_hit *hit, hn_time received)
{
    enum hn_status status = HN_OK;

    if (!correlate_plan_wants(past->plan, hit->rule))
        return HN_OK;
    while (status == HN_OK && is_full(past)) {
        past->totals.forced++;
        status = release(past);
        if (status == HN_OK)
            status = forget_half(past);
    }
    if (status == HN_OK && past->hits.count == past->fed)
        past->waiting = received;
    if (status == HN_OK)
        status = engine_past_keep(past, hit);
    past->last = received;
    past->totals.hits++;
    return status;
}

/* ---- Time ---- */

static hn_time since(hn_time then, hn_time now)
{
    hn_time passed;

    return __builtin_sub_overflow(now, then, &passed) ? INT64_MAX : passed;
}

static enum hn_status forget_all(struct past *past)
{
    enum hn_status status;

    sort_told(past);
    status = correlate_flush(past->correlate);
    engine_past_clear(past);
    return status;
}

enum hn_status engine_past_time(struct past *past, hn_time received)
{
    if (past->plan == NULL || past->hits.count == 0)
        return HN_OK;
    /* A clock that was set back must not hold anything up. */
    if (received < past->last)
        past->last = received;
    if (received < past->waiting)
        past->waiting = received;
    if (past->fed == past->hits.count)
        return since(past->last, received) >= past->options.forget ? forget_all(past) : HN_OK;
    if (since(past->last, received) >= past->options.quiet ||
            since(past->waiting, received) >= past->options.hold)
        return release(past);
    return HN_OK;
}

/* Judged by flushing, and put back as it was: more input may follow all the same. */
enum hn_status engine_past_finish(struct past *past)
{
    struct hn_buf state = { 0 };
    enum hn_status status;

    if (past->plan == NULL || past->hits.count == 0)
        return HN_OK;
    status = release(past);
    sort_told(past);
    if (status == HN_OK)
        status = correlate_save(past->correlate, &state);
    if (status == HN_OK)
        status = correlate_flush(past->correlate);
    if (status == HN_OK)
        status = renew(past);
    if (status == HN_OK)
        status = correlate_restore(past->correlate, hn_text_as_bytes(hn_buf_text(&state)), NULL);
    hn_buf_deinit(&state);
    return status;
}

/* ---- Life ---- */

enum hn_status engine_past_begin(
        struct past *past, const struct correlate_plan *plan, struct hn_err *err)
{
    past->plan = plan;
    past->frontier = INT64_MIN;
    past->totals = (struct engine_past_totals){ 0 };
    return plan == NULL ? HN_OK : open_correlator(past, err);
}

void engine_past_end(struct past *past)
{
    engine_past_clear(past);
    hn_vec_deinit(&past->hits);
    hn_vec_deinit(&past->told);
    correlate_free(past->correlate);
    past->correlate = NULL;
    past->plan = NULL;
}

struct engine_past_totals engine_past_totals(const struct past *past)
{
    struct engine_past_totals totals = past->totals;
    struct correlate_stats stats;

    totals.waiting = past->hits.count - past->fed;
    totals.kept = past->hits.count;
    if (past->correlate == NULL)
        return totals;
    stats = correlate_stats(past->correlate);
    totals.evicted += stats.groups_evicted;
    totals.groups = stats.groups;
    totals.bytes += stats.bytes;
    return totals;
}
