/* follow_ledger.h - the events that a door's batches stand for, decoded as the engine does it, and
 * those of a single uninterrupted reading: as one list of hashes each, in no order. */
#ifndef HN_TESTS_FOLLOW_LEDGER_H
#define HN_TESTS_FOLLOW_LEDGER_H

#include "follow_case.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/vec.h"
#include "decode/decode.h"

struct ledger {
    HN_VEC(uint64_t) events;
    uint64_t skip;
    uint64_t at; /* of the body in its stream */
    bool places; /* events are told apart by where they stand, too */
    struct hn_schema *schema;
    struct hn_event event;
};

static inline void ledger_init(struct ledger *ledger)
{
    memset(ledger, 0, sizeof *ledger);
    ledger->schema = hn_schema_new();
    assert_non_null(ledger->schema);
    assert_int_equal(hn_schema_seal(ledger->schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&ledger->event, ledger->schema, NULL, true), HN_OK);
}

static inline void ledger_deinit(struct ledger *ledger)
{
    hn_event_deinit(&ledger->event);
    hn_schema_free(ledger->schema);
    hn_vec_deinit(&ledger->events);
}

static inline bool ledger_on_event(void *ctx, struct hn_event *event)
{
    struct ledger *ledger = ctx;
    uint64_t hash = hn_hash(event->raw.ptr, event->raw.len, 0);
    uint64_t *added;

    if (event->offset < ledger->skip)
        return true;
    for (size_t i = 0; i < event->named.count; i++) {
        struct hn_text value = hn_event_text(event, event->named.ptr[i].index);

        hash = hn_hash_text(event->named.ptr[i].name, hash);
        hash = hn_hash_text(value, hash);
    }
    if (ledger->places)
        hash = hn_mix64(hash ^ (ledger->at + event->offset));
    added = hn_vec_add(&ledger->events);
    assert_non_null(added);
    *added = hash;
    return true;
}

/* A small stream, with what has to be read before it. */
static inline void ledger_add(struct ledger *ledger, const char *format, struct hn_bytes head,
        struct hn_bytes body, uint64_t skip)
{
    const struct decode_sink sink = { ledger_on_event, NULL, ledger };
    const struct decode_options options = { .limits = decode_limits_default };
    struct decode_stream *stream = NULL;
    bool done = false;

    ledger->skip = skip;
    assert_int_equal(
            decode_stream_new(decode_format_find(hn_text_cstr(format)), &options, &stream, NULL),
            HN_OK);
    decode_stream_resume(stream, head);
    while (!done) {
        struct decode_batch batch = { 0 };
        size_t took = decode_cut(stream, body, true, &batch);

        assert_int_equal(decode_run(&batch, &ledger->event, &sink), HN_OK);
        done = batch.at_end || took == body.len;
        decode_batch_release(&batch);
        body.ptr += took;
        body.len -= took;
    }
    decode_stream_free(stream);
}

static inline void ledger_add_batches(struct ledger *ledger, const struct intake *intake)
{
    for (size_t i = 0; i < intake->batches.count; i++) {
        const struct fake_batch *batch = &intake->batches.ptr[i];

        ledger->at = batch->offset;
        if (batch->body_len > 0)
            ledger_add(ledger, batch->format, hn_bytes_of(batch->head, batch->head_len),
                    hn_bytes_of(batch->body, batch->body_len), batch->skip);
    }
    ledger->at = 0;
}

static inline int ledger_compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* How many events of `wanted` are missing, and how many there are that should not be. */
static inline void ledger_differ(
        struct ledger *wanted, struct ledger *found, size_t *ret_missing, size_t *ret_extra)
{
    size_t w = 0;
    size_t f = 0;

    *ret_missing = 0;
    *ret_extra = 0;
    if (wanted->events.count > 0)
        qsort(wanted->events.ptr, wanted->events.count, sizeof(uint64_t), ledger_compare);
    if (found->events.count > 0)
        qsort(found->events.ptr, found->events.count, sizeof(uint64_t), ledger_compare);
    while (w < wanted->events.count || f < found->events.count) {
        if (f == found->events.count ||
                (w < wanted->events.count && wanted->events.ptr[w] < found->events.ptr[f])) {
            ++*ret_missing;
            w++;
        } else if (w == wanted->events.count || found->events.ptr[f] < wanted->events.ptr[w]) {
            ++*ret_extra;
            f++;
        } else {
            w++;
            f++;
        }
    }
}

/* ---- Kills ---- */

static inline struct case_door *door_new(const char *pattern, size_t batch_bytes)
{
    struct case_door *door = case_new(pattern);

    door->options.limits.poll_ms = 10;
    door->options.limits.hold_ms = 20;
    door->options.limits.rest_ms = 50;
    door->options.limits.packed_rest_ms = 20;
    door->options.limits.batch_bytes = batch_bytes;
    door->intake.retry_ms = 60000;
    return door;
}

/* The door takes so many batches, then the process is as good as dead. False: it came to its end.
 */
static inline bool life(struct case_door *door, uint32_t batches)
{
    uint64_t refused = door->intake.refused;
    bool killed = false;
    unsigned turns = 0;

    fake_intake_accept(&door->intake, batches);
    case_start(door);
    while (!killed && turns++ < 4000) {
        uint64_t looks = follow_counters(door->follow).looks;

        case_sleep(2);
        killed = fake_intake_refused(&door->intake) > refused;
        if (!killed && looks > 3 && follow_is_idle(door->follow))
            break;
    }
    assert_true(turns < 4000);
    case_stop(door);
    return killed;
}

/* To the end through kills after `step` batches each, or a random number of them. */
static inline void lives(struct case_door *door, uint32_t step, struct check_random *random)
{
    unsigned kills = 0;

    while (life(door, step > 0 ? step : check_random_below(random, 4)))
        assert_true(++kills < 2000);
    assert_false(life(door, 1)); /* and nothing comes any more, but for a note */
}

static inline void expect(struct case_door *door, struct ledger *wanted, const char *what)
{
    struct ledger found;
    size_t missing;
    size_t extra;

    ledger_init(&found);
    ledger_add_batches(&found, &door->intake);
    ledger_differ(wanted, &found, &missing, &extra);
    if (missing + extra > 0)
        fail_msg("%s: of %zu events %zu are missing, %zu too many", what, wanted->events.count,
                missing, extra);
    ledger_deinit(&found);
}

#endif
