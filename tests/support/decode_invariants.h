/* decode_invariants.h - what holds for every decoder and every input, checked by tests and fuzzers.
 *
 *   - raw bytes and offsets of events and findings lie inside the input;
 *   - every value has a text;
 *   - an event in wanted-mode has, in every field of the schema, what it has in all-mode;
 *   - decode_again() makes the same event;
 *   - however the input arrives in pieces, the events are the same.
 *
 * A violation aborts with a message, so that a fuzzer keeps the input. An event that reached a
 * limit is not compared between modes: all-mode reaches limits that wanted-mode does not. Header
 * only: fuzz targets link no test library. */
#ifndef HN_SUPPORT_DECODE_INVARIANTS_H
#define HN_SUPPORT_DECODE_INVARIANTS_H

#include "base/hash.h"
#include "base/vec.h"
#include "decode/decode.h"

#include <stdio.h>
#include <stdlib.h>

#define INVARIANT_CHECK(condition)                                                \
    do {                                                                          \
        if (!(condition)) {                                                       \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                              \
        }                                                                         \
    } while (0)

struct invariant_event {
    uint64_t hash; /* of the schema's fields */
    bool limited;
};

struct invariant {
    const struct decode_batch *batch;
    struct hn_event *again; /* NULL: not tried */
    struct hn_bytes in;
    bool raw_in_input; /* the decoder does not convert the input */
    uint64_t findings;
    HN_VEC(struct invariant_event) events;
};

HN_INLINE bool invariant_inside(struct hn_bytes outer, struct hn_bytes inner)
{
    return inner.len == 0 ||
           (inner.ptr >= outer.ptr && inner.ptr + inner.len <= outer.ptr + outer.len);
}

HN_INLINE uint64_t invariant_field_sum(struct hn_event *event, hn_field field, uint64_t hash)
{
    uint32_t index = hn_event_first(event, field);

    for (; index != HN_VALUE_NONE; index = hn_event_next(event, index)) {
        uint8_t type = event->values[index].type;
        struct hn_text text = hn_event_text(event, index);

        INVARIANT_CHECK(text.ptr != NULL);
        hash = hn_hash_text(text, hash ^ ((uint64_t)field << 8 | type));
    }
    return hash;
}

HN_INLINE struct invariant_event invariant_sum(struct hn_event *event)
{
    const uint32_t limits = (uint32_t)1 << HN_FINDING_TOO_LONG | (uint32_t)1 << HN_FINDING_TOO_DEEP;
    struct invariant_event sum = { hn_mix64(event->offset), false };

    for (hn_field field = 0; field < hn_schema_count(event->schema); field++)
        sum.hash = invariant_field_sum(event, field, sum.hash);
    sum.hash ^= hn_mix64((uint64_t)event->time);
    sum.limited = event->values_dropped > 0 || (event->findings & limits) != 0;
    return sum;
}

HN_INLINE bool invariant_on_event(void *ctx, struct hn_event *event)
{
    struct invariant *run = ctx;
    struct invariant_event sum = invariant_sum(event);
    struct invariant_event *slot = hn_vec_add(&run->events);

    INVARIANT_CHECK(slot != NULL);
    *slot = sum;
    INVARIANT_CHECK(event->offset <= run->in.len);
    if (run->raw_in_input) {
        INVARIANT_CHECK(invariant_inside(run->in, event->raw));
        INVARIANT_CHECK(event->raw.len <= run->in.len - event->offset);
    }
    for (size_t i = 0; i < event->named.count; i++) {
        INVARIANT_CHECK(event->named.ptr[i].name.ptr != NULL);
        INVARIANT_CHECK(hn_event_text(event, event->named.ptr[i].index).ptr != NULL);
    }
    if (run->again != NULL) {
        struct invariant_event same;

        INVARIANT_CHECK(decode_again(run->batch, event, run->again) == HN_OK);
        same = invariant_sum(run->again);
        INVARIANT_CHECK(sum.limited || same.limited || same.hash == sum.hash);
    }
    return true;
}

HN_INLINE void invariant_on_finding(void *ctx, const struct hn_finding *finding)
{
    struct invariant *run = ctx;

    INVARIANT_CHECK(finding->offset <= run->in.len);
    run->findings++;
}

/* The stream in pieces: each time some more bytes are there than the decoder could use. */
HN_INLINE void invariant_pass(struct invariant *run, const struct decode_format *format,
        struct hn_event *event, size_t piece)
{
    struct decode_options options = { 0 };
    struct decode_stream *stream = NULL;
    struct decode_sink sink = { invariant_on_event, invariant_on_finding, run };
    size_t start = 0;
    size_t there = 0;
    bool at_end = false;

    INVARIANT_CHECK(decode_stream_new(format, &options, &stream, NULL) == HN_OK);
    while (!at_end) {
        struct decode_batch batch;
        size_t took;

        there = piece > run->in.len - there ? run->in.len : there + piece;
        took = decode_cut(stream, hn_bytes_of(run->in.ptr + start, there - start),
                there == run->in.len, &batch);
        if (took == 0 && there < run->in.len)
            continue;
        run->batch = &batch;
        at_end = batch.at_end;
        INVARIANT_CHECK(decode_run(&batch, event, &sink) == HN_OK);
        decode_batch_release(&batch);
        start += took;
        INVARIANT_CHECK(start <= there);
    }
    run->batch = NULL;
    decode_stream_free(stream);
}

/* Runs the input through the format in every way and compares. Returns the number of events. */
HN_INLINE size_t invariant_run(const struct decode_format *format, const struct hn_schema *schema,
        struct hn_bytes in, bool raw_in_input, size_t piece)
{
    struct invariant all = { .in = in, .raw_in_input = raw_in_input };
    struct invariant wanted = { .in = in, .raw_in_input = raw_in_input };
    struct invariant pieces = { .in = in, .raw_in_input = raw_in_input };
    struct hn_event event_all;
    struct hn_event event_wanted;
    size_t count;

    INVARIANT_CHECK(hn_event_init(&event_all, schema, NULL, true) == HN_OK);
    INVARIANT_CHECK(hn_event_init(&event_wanted, schema, NULL, false) == HN_OK);
    invariant_pass(&all, format, &event_all, in.len + 1);
    wanted.again = &event_all;
    invariant_pass(&wanted, format, &event_wanted, in.len + 1);
    invariant_pass(&pieces, format, &event_wanted, piece);
    count = all.events.count;
    INVARIANT_CHECK(wanted.events.count == count && pieces.events.count == count);
    for (size_t i = 0; i < count; i++) {
        bool limited = all.events.ptr[i].limited || wanted.events.ptr[i].limited;

        INVARIANT_CHECK(limited || all.events.ptr[i].hash == wanted.events.ptr[i].hash);
        INVARIANT_CHECK(limited || all.events.ptr[i].hash == pieces.events.ptr[i].hash);
    }
    hn_event_deinit(&event_all);
    hn_event_deinit(&event_wanted);
    hn_vec_deinit(&all.events);
    hn_vec_deinit(&wanted.events);
    hn_vec_deinit(&pieces.events);
    return count;
}

/* A schema of the fixed fields and these names. */
HN_INLINE struct hn_schema *invariant_schema(const char *const *names, size_t count)
{
    struct hn_schema *schema = hn_schema_new();

    INVARIANT_CHECK(schema != NULL);
    for (size_t i = 0; i < count; i++)
        INVARIANT_CHECK(hn_schema_want(schema, hn_text_cstr(names[i])) != HN_FIELD_NONE);
    INVARIANT_CHECK(hn_schema_seal(schema, NULL) == HN_OK);
    return schema;
}

#endif
