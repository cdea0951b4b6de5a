/* engine_record.c - records of the journal, read in order and cut into tasks.
 *
 * A record is copied once, head before body, with the room behind it that decoders want. Records
 * that are no batches (sets, ticks, damage) become tasks without anything to decode, so that what
 * they mean happens at their place among the results. */
#include "engine/engine_internal.h"

#include "base/mem.h"
#include "engine/wire.h"

#define PADDING_BYTES 64 /* readable behind the bytes, for vector loads */
#define PIECE_BYTES   ((size_t)1 << 20)

void engine_set_record(struct hn_digest digest, uint8_t ret_payload[ENGINE_SET_RECORD_BYTES])
{
    for (unsigned i = 0; i < 8; i++) {
        ret_payload[i] = (uint8_t)(digest.high >> 8 * i);
        ret_payload[8 + i] = (uint8_t)(digest.low >> 8 * i);
    }
}

/* ---- Life of a record ---- */

void engine_record_unref(struct record *record)
{
    if (record == NULL || atomic_fetch_sub(&record->references, 1) != 1)
        return;
    decode_stream_free(record->decode);
    judge_set_unref(record->set);
    hn_free(record);
}

static struct record *record_new(
        struct engine *engine, const struct journal_record *from, size_t room)
{
    struct record *record = hn_malloc(sizeof *record + room);

    if (record == NULL)
        return NULL;
    *record = (struct record){ .engine = engine,
        .set = judge_set_ref(engine->reading_set),
        .offset = from->offset,
        .next = from->next,
        .kind = from->kind,
        .received = from->received,
        .references = 1 };
    record->judging = record->set;
    record->entry.name = (struct hn_text){ "", 0 };
    record->source = record->entry.name;
    record->tenant = record->entry.name;
    return record;
}

static struct hn_text put(char **room, struct hn_text text)
{
    struct hn_text copy = hn_text_of(*room, text.len);

    if (text.len > 0)
        memcpy(*room, text.ptr, text.len);
    *room += text.len;
    return copy;
}

static uint64_t count_lines(struct hn_bytes bytes)
{
    uint64_t count = 0;

    for (size_t i = 0; i < bytes.len; i++)
        count += bytes.ptr[i] == '\n';
    return count;
}

/* The same event from the same source of the same tenant is the same, wherever it comes again. */
static struct hn_digest origin_of(const struct intake_batch *batch)
{
    return hn_digest_join(hn_digest_of(batch->tenant.ptr, batch->tenant.len),
            hn_digest_of(batch->source.ptr, batch->source.len));
}

static struct record *batch_record(
        struct engine *engine, const struct journal_record *from, const struct intake_batch *batch)
{
    size_t len = batch->head.len + batch->body.len;
    size_t texts = batch->source.len + batch->tenant.len + batch->stream.len;
    struct record *record = record_new(engine, from, len + PADDING_BYTES + texts);
    char *room;

    if (record == NULL)
        return NULL;
    room = (char *)(record + 1);
    record->bytes = room;
    record->len = len;
    (void)put(&room, hn_bytes_as_text(batch->head));
    (void)put(&room, hn_bytes_as_text(batch->body));
    memset(room, 0, PADDING_BYTES);
    room += PADDING_BYTES;
    record->source = put(&room, batch->source);
    record->tenant = put(&room, batch->tenant);
    record->entry.name = put(&room, batch->stream);
    record->body_offset = batch->offset;
    record->body_line = batch->line;
    record->head_len = batch->head.len;
    record->head_lines = count_lines(batch->head);
    record->first = batch->head.len + batch->skip;
    if (record->first < batch->skip)
        record->first = UINT64_MAX;
    record->origin = origin_of(batch);
    return record;
}

/* ---- Zones ---- */

static struct hn_zone *load_zone(struct engine *engine, struct hn_text name, uint64_t offset)
{
    struct hn_zone *zone = NULL;
    struct hn_err err = { 0 };

    if (hn_zone_load(name, &zone, &err) != HN_OK)
        engine_problem_tell(engine, ENGINE_PROBLEM_ZONE, offset, "%s", err.msg);
    return zone;
}

/* NULL is UTC, also for a zone that nobody knows, which is told once. */
static const struct hn_zone *zone_of(struct engine *engine, struct hn_text name, uint64_t offset)
{
    struct zone_slot *slot;

    if (name.len == 0)
        return NULL;
    for (size_t i = 0; i < engine->zones.count; i++) {
        if (hn_text_eq(engine->zones.ptr[i].name, name))
            return engine->zones.ptr[i].zone;
    }
    slot = engine->zones.count == ENGINE_ZONES_MAX ? NULL : hn_vec_add(&engine->zones);
    if (slot == NULL) {
        engine_problem_tell(engine, ENGINE_PROBLEM_ZONE, offset, "too many different time zones");
        return NULL;
    }
    slot->name = hn_arena_text(&engine->arena, name);
    slot->zone = load_zone(engine, name, offset);
    return slot->zone;
}

/* ---- Batches ---- */

static void damaged(struct engine *engine, struct record *record, enum engine_problem problem,
        const char *message)
{
    record->damaged = true;
    engine_problem_tell(engine, problem, record->offset, "%s", message);
}

static enum hn_status open_decoder(
        struct engine *engine, struct record *record, const struct intake_batch *batch)
{
    struct decode_options options = { .source_name = record->entry.name };
    const struct decode_format *format;

    if (batch->body.len == 0)
        return HN_OK;
    options.time.zone = zone_of(engine, batch->zone, record->offset);
    options.time.year =
            hn_calendar_at(record->received, hn_zone_offset_at(options.time.zone, record->received))
                    .year;
    options.time.seen = record->received; /* the same in every replay */
    record->time = options.time;
    format = batch->format.len > 0
                     ? decode_format_find(batch->format)
                     : decode_detect(hn_bytes_of(record->bytes, record->len), record->entry.name);
    if (format == NULL) {
        damaged(engine, record, ENGINE_PROBLEM_FORMAT,
                batch->format.len > 0 ? "no such format" : "nothing recognises the content");
        return HN_OK;
    }
    record->entry.format = format;
    return decode_stream_new(format, &options, &record->decode, NULL);
}

/* A set of before the source had a mapping has none; what it says is better than nothing. */
static void find_mapping(
        struct engine *engine, struct record *record, const struct intake_batch *batch)
{
    struct judge_set *mapped;

    if (batch->pipeline.len == 0)
        return;
    mapped = judge_set_mapped(record->set, batch->pipeline);
    if (mapped != NULL)
        record->judging = mapped;
    else
        engine_problem_tell(engine, ENGINE_PROBLEM_MAPPING, record->offset,
                "the set has no mapping for this source");
}

static enum hn_status take_batch(struct engine *engine, const struct journal_record *from)
{
    struct intake_batch batch;
    struct hn_err err = { 0 };
    enum hn_status status = intake_batch_read(from->payload, &batch, &err);

    if (status != HN_OK) {
        engine->reading = record_new(engine, from, 0);
        if (engine->reading == NULL)
            return HN_NOMEM;
        damaged(engine, engine->reading, ENGINE_PROBLEM_RECORD, err.msg);
        return HN_OK;
    }
    engine->reading = batch_record(engine, from, &batch);
    if (engine->reading == NULL)
        return HN_NOMEM;
    find_mapping(engine, engine->reading, &batch);
    return open_decoder(engine, engine->reading, &batch);
}

/* ---- Sets and the rest ---- */

static void change_set(struct engine *engine, const struct journal_record *from)
{
    struct hn_reader in = hn_reader_over(from->payload);
    struct hn_err err = { 0 };
    struct judge_set *set = NULL;
    struct hn_digest digest;

    digest = get_digest(&in);
    if (!hn_reader_ok(&in) || hn_reader_left(&in) > 0) {
        engine_problem_tell(
                engine, ENGINE_PROBLEM_RECORD, from->offset, "this is no digest of a set");
        return;
    }
    if (hn_digest_eq(digest, judge_set_digest(engine->reading_set)))
        return;
    if (engine->options.load_set != NULL)
        set = engine->options.load_set(engine->options.ctx, digest, &err);
    if (set == NULL) {
        engine_problem_tell(engine, ENGINE_PROBLEM_SET, from->offset, "%s",
                err.msg[0] != '\0' ? err.msg : "the set cannot be loaded");
        return;
    }
    judge_set_unref(engine->reading_set);
    engine->reading_set = set;
}

static enum hn_status take_record(struct engine *engine, const struct journal_record *from)
{
    if (from->kind == JOURNAL_BATCH)
        return take_batch(engine, from);
    if (from->kind == JOURNAL_SET)
        change_set(engine, from);
    else if (from->kind != JOURNAL_TICK && from->kind != JOURNAL_END)
        engine_problem_tell(
                engine, ENGINE_PROBLEM_RECORD, from->offset, "a record of an unknown kind");
    engine->reading = record_new(engine, from, 0);
    return engine->reading == NULL ? HN_NOMEM : HN_OK;
}

/* HN_OK also when there was none, and it is to be tried again. */
static enum hn_status read_record(struct engine *engine)
{
    struct journal_record record;
    bool at_end = engine->options.end_at_last;
    struct hn_err err = { 0 };
    enum hn_status status;

    if (atomic_load(&engine->stopping))
        return HN_CANCELLED;
    status = engine->feed.read(engine->feed.ctx, at_end ? 0 : -1, &record, &err);
    if (status == HN_NOTFOUND)
        return at_end ? HN_NOTFOUND : HN_OK;
    if (status == HN_OK)
        return take_record(engine, &record);
    engine->err = err;
    return status;
}

/* ---- Tasks ---- */

/* A large record is shared by the workers, and what is written about a piece stays small. */
static size_t cut_piece(
        struct decode_stream *decode, struct hn_bytes in, struct decode_batch *batch)
{
    size_t room = PIECE_BYTES;
    size_t took = 0;

    while (took == 0 && room < in.len) {
        took = decode_cut(decode, hn_bytes_of(in.ptr, room), false, batch);
        room *= 2;
    }
    return took > 0 ? took : decode_cut(decode, in, true, batch);
}

static void cut(struct engine *engine, struct scan_task *task)
{
    struct record *record = engine->reading;
    struct hn_bytes in = hn_bytes_of(record->bytes + record->cut, record->len - record->cut);

    *task = (struct scan_task){ .entry = &record->entry, .stream = record };
    if (record->decode == NULL) {
        engine->reading = NULL; /* the task has the reference */
        return;
    }
    record->cut += cut_piece(record->decode, in, &task->batch);
    if (task->batch.at_end)
        engine->reading = NULL;
    else
        atomic_fetch_add(&record->references, 1);
}

static enum hn_status next_task(void *ctx, struct scan_task *ret_task)
{
    struct engine *engine = ctx;
    enum hn_status status = HN_OK;

    while (status == HN_OK && engine->reading == NULL)
        status = read_record(engine);
    if (status == HN_OK)
        cut(engine, ret_task);
    return status;
}

static void task_done(struct scan_task *task)
{
    decode_batch_release(&task->batch);
}

static void stream_done(void *stream)
{
    engine_record_unref(stream);
}

static void wake(void *ctx)
{
    struct engine *engine = ctx;

    atomic_store(&engine->stopping, true);
    if (engine->feed.wake != NULL)
        engine->feed.wake(engine->feed.ctx);
}

struct scan_source engine_tasks(struct engine *engine)
{
    return (struct scan_source){ .ctx = engine,
        .next = next_task,
        .task_done = task_done,
        .stream_done = stream_done,
        .wake = wake };
}
