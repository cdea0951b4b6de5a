/* history_context.c - the events and processes around an alert: which stretches of the journal are
 * searched, and what is taken from each event.
 *
 * Events are looked for where the alert's record is first, for its neighbours came with it (an old
 * file that was read in one go), then by the time of receipt around it, then by the time of receipt
 * around the event's own time, where that is another one. */
#include "history/history_near.h"

#include <string.h>

#define NEIGHBOUR_BYTES ((uint64_t)4 << 20) /* before and behind */
#define ARENA_BYTES     ((size_t)64 << 20)
#define BIRTHS_BYTES    ((size_t)32 << 20)
#define BACK_BYTES      ((uint64_t)32 << 20) /* read for the sake of ancestors alone */

struct surveyor {
    struct history *history;
    const struct history_context_ask *ask;
    struct history_context *context;
    struct history_work work;
    struct history_question *question;
    struct history_reading reading;
    struct near_list near;
    struct births births;
    size_t range; /* being searched */
    bool births_only;
    size_t next; /* of the events that are shown: to be written */
    /* Of the record at hand. */
    const struct journal_record *record;
    const struct intake_batch *batch;
    struct hn_buf text;
    enum hn_status status;
};

/* Addresses, then what births are read from. */
static enum hn_status make_question(struct surveyor *surveyor, struct hn_err *err)
{
    const char *names[64];
    size_t count = 0;

    for (size_t i = 0; i < alert_address_name_count; i++)
        names[count++] = alert_address_names[i];
    for (size_t i = 0; i < history_process_name_count; i++)
        names[count++] = history_process_names[i];
    return history_question_of_fields(names, count, &surveyor->question, err);
}

/* ---- Events ---- */

static bool keep_event(struct surveyor *surveyor, const struct engine_viewed *viewed, hn_time time,
        uint32_t relations, bool self)
{
    struct history_near *near = history_near_add(&surveyor->near, time, relations, self);

    if (near == NULL)
        return !surveyor->near.failed;
    near->offset = surveyor->record->offset;
    near->index = viewed->index;
    return true;
}

static bool take_event(
        struct surveyor *surveyor, struct hn_event *event, const struct engine_viewed *viewed)
{
    const struct history_about *about = &surveyor->ask->about;
    const hn_field *fields = surveyor->question->fields;
    bool self = about->has_place && surveyor->record->offset == about->offset &&
                viewed->offset == about->place;
    struct birth where = { .offset = surveyor->record->offset, .index = viewed->index };
    hn_time time = hn_event_time(event, viewed->time);
    uint32_t relations = history_near_relations(about, event, fields);
    bool is_birth = (relations & 1u << HISTORY_HOST) != 0 && history_process_is_birth(event);

    where.time = time == HN_TIME_NONE ? surveyor->record->received : time;
    if ((is_birth || self) &&
            history_births_add(&surveyor->births, event, fields + alert_address_name_count, &where,
                    self, is_birth) != HN_OK)
        return false;
    if (surveyor->births_only || (relations == 0 && !self) ||
            ((where.time < surveyor->context->from || where.time > surveyor->context->to) && !self))
        return true;
    return keep_event(surveyor, viewed, where.time, relations, self);
}

static bool on_event(void *ctx, struct hn_event *event, const struct engine_viewed *viewed)
{
    struct surveyor *surveyor = ctx;

    surveyor->status = history_work_event(&surveyor->work);
    if (surveyor->status != HN_OK)
        return false;
    hn_event_resolve(event);
    if (take_event(surveyor, event, viewed))
        return true;
    surveyor->status = HN_NOMEM;
    return false;
}

/* ---- Ranges ---- */

static bool is_received_in(const struct history_range *range, hn_time received)
{
    return (range->received_from == HN_TIME_NONE || received >= range->received_from) &&
           (range->received_to == HN_TIME_NONE || received <= range->received_to);
}

/* Records that were searched with an earlier range are not searched again. */
static bool was_searched(const struct surveyor *surveyor, const struct journal_record *record)
{
    for (size_t i = 0; i < surveyor->range; i++) {
        const struct history_range *range = &surveyor->context->ranges[i];

        if (record->offset >= range->searched_from && record->offset < range->searched_to &&
                is_received_in(range, record->received))
            return true;
    }
    return false;
}

static enum hn_status read_record(struct surveyor *surveyor, const struct journal_record *record)
{
    struct history_scanned *scanned = &surveyor->context->scanned;
    struct intake_batch batch;
    enum hn_status status;

    scanned->records++;
    if (!history_record_is_of(record, HN_TEXT(""), surveyor->ask->about.tenant, &batch))
        return HN_OK;
    scanned->bytes += record->next - record->offset;
    surveyor->record = record;
    surveyor->batch = &batch;
    status = engine_view_events(
            surveyor->reading.view, record, &surveyor->reading.event, on_event, surveyor);
    surveyor->record = NULL;
    surveyor->batch = NULL;
    return status == HN_CANCELLED ? surveyor->status : status;
}

/* HN_LIMIT: the budget is used up. */
static enum hn_status search_range(struct surveyor *surveyor, struct hn_err *err)
{
    struct history_range *range = &surveyor->context->ranges[surveyor->range];
    struct journal_record record;
    struct history_walk walk;
    enum hn_status status = HN_OK;

    range->searched_from = range->from;
    range->searched_to = range->from;
    history_walk_init(&walk, surveyor->history, range->from, range->to, false);
    while (status == HN_OK) {
        if (history_work_is_cancelled(&surveyor->work))
            status = HN_CANCELLED;
        else if (history_work_is_done(&surveyor->work))
            status = HN_LIMIT;
        else
            status = history_walk_next(&walk, &record, err);
        if (status == HN_OK && is_received_in(range, record.received) &&
                !was_searched(surveyor, &record))
            status = read_record(surveyor, &record);
        if (status == HN_OK)
            range->searched_to = record.next;
    }
    surveyor->context->scanned.damaged_bytes += walk.damaged_bytes;
    history_walk_deinit(&walk);
    if (status != HN_NOTFOUND)
        return status;
    range->searched_to = range->to;
    return HN_OK;
}

static enum hn_status set_ranges(struct surveyor *surveyor, struct hn_err *err)
{
    const struct history_about *about = &surveyor->ask->about;
    struct history_range *ranges = surveyor->context->ranges;
    hn_time window = surveyor->ask->window;
    uint64_t start = journal_start(surveyor->history->journal);
    uint64_t end = journal_committed(surveyor->history->journal);
    const hn_time around[] = {
        [HISTORY_RECEIVED] = about->received, [HISTORY_EVENT_TIME] = about->time
    };
    enum hn_status status = HN_OK;

    for (size_t i = 0; i < HISTORY_RANGES; i++)
        ranges[i] = (struct history_range){ .received_from = HN_TIME_NONE,
            .received_to = HN_TIME_NONE };
    ranges[HISTORY_NEIGHBOURS].from =
            about->offset > NEIGHBOUR_BYTES ? about->offset - NEIGHBOUR_BYTES : 0;
    if (ranges[HISTORY_NEIGHBOURS].from < start)
        ranges[HISTORY_NEIGHBOURS].from = start;
    ranges[HISTORY_NEIGHBOURS].to = end;
    if (about->offset < end && end - about->offset > NEIGHBOUR_BYTES)
        ranges[HISTORY_NEIGHBOURS].to = about->offset + NEIGHBOUR_BYTES;
    if (ranges[HISTORY_NEIGHBOURS].to < ranges[HISTORY_NEIGHBOURS].from)
        ranges[HISTORY_NEIGHBOURS].to = ranges[HISTORY_NEIGHBOURS].from;
    for (size_t i = HISTORY_RECEIVED; status == HN_OK && i < HISTORY_RANGES; i++) {
        if (around[i] == HN_TIME_NONE)
            continue;
        ranges[i].received_from = time_shifted(around[i], -window);
        ranges[i].received_to = time_shifted(around[i], window);
        status = history_received_range(surveyor->history, ranges[i].received_from,
                ranges[i].received_to, &ranges[i].from, &ranges[i].to, err);
    }
    return status;
}

/* Has something that was there been deleted since? */
static bool is_gone(struct surveyor *surveyor)
{
    hn_time first = HN_TIME_NONE;

    if (journal_start(surveyor->history->journal) == 0)
        return false;
    return history_first_received(surveyor->history, &first, NULL) != HN_OK ||
           first > surveyor->context->ranges[HISTORY_RECEIVED].received_from;
}

static enum hn_status search_ranges(struct surveyor *surveyor, struct hn_err *err)
{
    struct history_context *context = surveyor->context;
    enum hn_status status = set_ranges(surveyor, err);

    for (; status == HN_OK && surveyor->range < HISTORY_RANGES; surveyor->range++)
        status = search_range(surveyor, err);
    for (size_t i = 0; i < HISTORY_RANGES; i++)
        context->complete =
                context->complete && context->ranges[i].searched_to == context->ranges[i].to;
    if (is_gone(surveyor))
        context->complete = false;
    return status == HN_LIMIT ? HN_OK : status;
}

/* ---- Ancestors that are older ---- */

static bool misses_parent(const struct surveyor *surveyor)
{
    const struct birth *top = history_births_top(&surveyor->births);

    return top != NULL &&
           (top->texts[PROCESS_PARENT_GUID].len > 0 || top->texts[PROCESS_PARENT_PID].len > 0);
}

/* Reads backwards from the neighbours on, for creations alone, within what is left to be done. */
static enum hn_status search_back(struct surveyor *surveyor, struct hn_err *err)
{
    uint64_t from = journal_start(surveyor->history->journal);
    uint64_t stop = surveyor->context->scanned.bytes + BACK_BYTES;
    struct journal_record record;
    struct history_walk walk;
    size_t known = SIZE_MAX; /* creations, when the parent was missed last */
    enum hn_status status = HN_OK;

    surveyor->births_only = true;
    history_walk_init(&walk, surveyor->history, from,
            surveyor->context->ranges[HISTORY_NEIGHBOURS].from, true);
    while (status == HN_OK && !history_work_is_done(&surveyor->work) &&
            surveyor->context->scanned.bytes < stop) {
        if (known != surveyor->births.list.count && !misses_parent(surveyor))
            break;
        known = surveyor->births.list.count;
        status = history_work_is_cancelled(&surveyor->work)
                         ? HN_CANCELLED
                         : history_walk_next(&walk, &record, err);
        if (status == HN_OK && !was_searched(surveyor, &record))
            status = read_record(surveyor, &record);
    }
    history_walk_deinit(&walk);
    return status == HN_NOTFOUND || status == HN_LIMIT ? HN_OK : status;
}

/* ---- Those that are shown, written once it is known which they are ---- */

static void write_more(const struct history_near *near, struct hn_buf *out)
{
    static const char *const names[] = { "host", "user", "address" };
    bool first = true;

    hn_buf_add_lit(out, ",\"related\":[");
    for (unsigned i = 0; i < HISTORY_RELATIONS; i++) {
        if ((near->relations >> i & 1u) == 0)
            continue;
        hn_buf_addf(out, "%s\"%s\"", first ? "" : ",", names[i]);
        first = false;
    }
    hn_buf_addf(out, "],\"self\":%s", near->self ? "true" : "false");
}

static bool write_event(struct surveyor *surveyor, struct hn_event *event,
        const struct engine_viewed *viewed, struct history_near *near)
{
    char room[128];
    struct hn_buf more = hn_buf_over(room, sizeof room);

    hn_event_resolve(event);
    (void)search_matcher_fits(surveyor->reading.matcher, event, viewed->batch);
    write_more(near, &more);
    hn_buf_reset(&surveyor->text);
    history_reading_event_write(&surveyor->reading, surveyor->record, surveyor->batch, viewed,
            hn_buf_text(&more), &surveyor->text);
    if (surveyor->text.len > 0)
        near->json = hn_arena_text(&surveyor->context->arena, hn_buf_text(&surveyor->text));
    return hn_buf_ok(&surveyor->text);
}

static bool on_shown(void *ctx, struct hn_event *event, const struct engine_viewed *viewed)
{
    struct surveyor *surveyor = ctx;
    struct history_context *context = surveyor->context;
    struct history_near *near = &context->events.ptr[surveyor->next];

    if (near->index != viewed->index)
        return true;
    if (!write_event(surveyor, event, viewed, near)) {
        surveyor->status = HN_NOMEM;
        return false;
    }
    surveyor->next++;
    return surveyor->next < context->events.count && near[1].offset == near->offset;
}

static enum hn_status write_record(
        struct surveyor *surveyor, const struct journal_record *record, uint64_t offset)
{
    struct intake_batch batch;
    enum hn_status status = HN_OK;

    surveyor->record = record;
    surveyor->batch = &batch;
    if (record->offset == offset && history_record_is_of(record, HN_TEXT(""), HN_TEXT(""), &batch))
        status = engine_view_events(
                surveyor->reading.view, record, &surveyor->reading.event, on_shown, surveyor);
    surveyor->record = NULL;
    surveyor->batch = NULL;
    return status == HN_CANCELLED ? surveyor->status : status;
}

static enum hn_status write_events(struct surveyor *surveyor, struct hn_err *err)
{
    struct history_context *context = surveyor->context;
    enum hn_status status = HN_OK;

    history_near_sort_by_place(context);
    while (status == HN_OK && surveyor->next < context->events.count) {
        uint64_t offset = context->events.ptr[surveyor->next].offset;
        struct journal_record record;
        struct history_walk walk;

        history_walk_init(&walk, surveyor->history, offset, offset + 1, false);
        status = history_work_is_cancelled(&surveyor->work)
                         ? HN_CANCELLED
                         : history_walk_next(&walk, &record, err);
        surveyor->status = HN_OK;
        if (status == HN_OK)
            status = write_record(surveyor, &record, offset);
        history_walk_deinit(&walk);
        if (status == HN_NOTFOUND) /* deleted meanwhile */
            status = HN_OK;
        while (surveyor->next < context->events.count &&
                context->events.ptr[surveyor->next].offset == offset)
            surveyor->next++;
    }
    history_near_drop_empty(context);
    history_near_sort_by_time(context);
    return status;
}

/* ---- All of it ---- */

static enum hn_status survey(struct surveyor *surveyor, struct hn_err *err)
{
    enum hn_status status = make_question(surveyor, err);

    if (status == HN_OK)
        status = history_reading_init(&surveyor->reading, surveyor->question);
    if (status == HN_OK)
        status = search_ranges(surveyor, err);
    if (status == HN_OK && surveyor->births.has_self)
        status = search_back(surveyor, err);
    if (status == HN_OK)
        status = history_process_tree(&surveyor->births, surveyor->context, err);
    if (status == HN_OK)
        status = write_events(surveyor, err);
    return status;
}

enum hn_status history_context_find(struct history *history, const struct history_context_ask *ask,
        struct history_context *ret_context, struct hn_err *err)
{
    hn_time at = ask->about.time == HN_TIME_NONE ? ask->about.received : ask->about.time;
    struct surveyor surveyor = { .history = history,
        .ask = ask,
        .context = ret_context,
        .near = { .context = ret_context, .at = at, .limit = ask->limit },
        .births = { .arena = &ret_context->births } };
    enum hn_status status;

    *ret_context = (struct history_context){ .complete = true,
        .from = time_shifted(at, -ask->window),
        .to = time_shifted(at, ask->window) };
    hn_arena_init(&ret_context->arena, ARENA_BYTES);
    hn_arena_init(&ret_context->births, BIRTHS_BYTES);
    history_work_begin(&surveyor.work, &ask->budget, &ret_context->scanned);
    status = survey(&surveyor, err);
    history_work_end(&surveyor.work);
    history_reading_deinit(&surveyor.reading);
    history_question_free(surveyor.question);
    hn_buf_deinit(&surveyor.text);
    hn_vec_deinit(&surveyor.births.list);
    return status;
}

void history_context_deinit(struct history_context *context)
{
    hn_vec_deinit(&context->events);
    hn_arena_deinit(&context->arena);
    hn_arena_deinit(&context->births);
}
