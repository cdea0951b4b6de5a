/* decode_oracle.h - what holds for every decoder and every input, checked by tests and fuzzers.
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
#ifndef HN_SUPPORT_DECODE_ORACLE_H
#define HN_SUPPORT_DECODE_ORACLE_H

#include "base/hash.h"
#include "base/vec.h"
#include "decode/decode.h"

#include <stdio.h>
#include <stdlib.h>

#define ORACLE_CHECK(condition)                                                   \
    do {                                                                          \
        if (!(condition)) {                                                       \
            (void)fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                              \
        }                                                                         \
    } while (0)

struct oracle_event {
    uint64_t hash; /* of the schema's fields */
    bool limited;
};

struct oracle {
    const struct decode_batch *batch;
    struct hn_event *again; /* NULL: not tried */
    struct hn_bytes in;
    bool raw_in_input; /* the decoder does not convert the input */
    uint64_t findings;
    HN_VEC(struct oracle_event) events;
};

HN_INLINE bool oracle_inside(struct hn_bytes outer, struct hn_bytes inner)
{
    return inner.len == 0 ||
           (inner.ptr >= outer.ptr && inner.ptr + inner.len <= outer.ptr + outer.len);
}

HN_INLINE struct oracle_event oracle_sum(struct hn_event *event)
{
    const uint32_t limits = (uint32_t)1 << HN_FINDING_TOO_LONG | (uint32_t)1 << HN_FINDING_TOO_DEEP;
    struct oracle_event sum = { hn_mix64(event->offset), false };

    for (hn_field field = 0; field < hn_schema_count(event->schema); field++) {
        uint32_t index = hn_event_first(event, field);

        for (; index != HN_VALUE_NONE; index = hn_event_next(event, index)) {
            uint8_t type = event->values[index].type;
            struct hn_text text = hn_event_text(event, index);

            ORACLE_CHECK(text.ptr != NULL);
            sum.hash = hn_hash_text(text, sum.hash ^ ((uint64_t)field << 8 | type));
        }
    }
    sum.hash ^= hn_mix64((uint64_t)event->time);
    sum.limited = event->values_dropped > 0 || (event->findings & limits) != 0;
    return sum;
}

HN_INLINE bool oracle_on_event(void *ctx, struct hn_event *event)
{
    struct oracle *oracle = ctx;
    struct oracle_event sum = oracle_sum(event);
    struct oracle_event *slot = hn_vec_add(&oracle->events);

    ORACLE_CHECK(slot != NULL);
    *slot = sum;
    ORACLE_CHECK(event->offset <= oracle->in.len);
    if (oracle->raw_in_input) {
        ORACLE_CHECK(oracle_inside(oracle->in, event->raw));
        ORACLE_CHECK(event->raw.len <= oracle->in.len - event->offset);
    }
    for (size_t i = 0; i < event->named.count; i++) {
        ORACLE_CHECK(event->named.ptr[i].name.ptr != NULL);
        ORACLE_CHECK(hn_event_text(event, event->named.ptr[i].index).ptr != NULL);
    }
    if (oracle->again != NULL) {
        struct oracle_event same;

        ORACLE_CHECK(decode_again(oracle->batch, event, oracle->again) == HN_OK);
        same = oracle_sum(oracle->again);
        ORACLE_CHECK(sum.limited || same.limited || same.hash == sum.hash);
    }
    return true;
}

HN_INLINE void oracle_on_finding(void *ctx, const struct hn_finding *finding)
{
    struct oracle *oracle = ctx;

    ORACLE_CHECK(finding->offset <= oracle->in.len);
    oracle->findings++;
}

/* The stream in pieces: each time some more bytes are there than the decoder could use. */
HN_INLINE void oracle_pass(struct oracle *oracle, const struct decode_format *format,
        struct hn_event *event, size_t piece)
{
    struct decode_options options = { 0 };
    struct decode_stream *stream = NULL;
    struct decode_sink sink = { oracle_on_event, oracle_on_finding, oracle };
    size_t start = 0;
    size_t there = 0;
    bool at_end = false;

    ORACLE_CHECK(decode_stream_new(format, &options, &stream, NULL) == HN_OK);
    while (!at_end) {
        struct decode_batch batch;
        size_t took;

        there = piece > oracle->in.len - there ? oracle->in.len : there + piece;
        took = decode_cut(stream, hn_bytes_of(oracle->in.ptr + start, there - start),
                there == oracle->in.len, &batch);
        if (took == 0 && there < oracle->in.len)
            continue;
        oracle->batch = &batch;
        at_end = batch.at_end;
        ORACLE_CHECK(decode_run(&batch, event, &sink) == HN_OK);
        decode_batch_release(&batch);
        start += took;
        ORACLE_CHECK(start <= there);
    }
    decode_stream_free(stream);
}

/* Runs the input through the format in every way and compares. Returns the number of events. */
HN_INLINE size_t oracle_run(const struct decode_format *format, const struct hn_schema *schema,
        struct hn_bytes in, bool raw_in_input, size_t piece)
{
    struct oracle all = { .in = in, .raw_in_input = raw_in_input };
    struct oracle wanted = { .in = in, .raw_in_input = raw_in_input };
    struct oracle pieces = { .in = in, .raw_in_input = raw_in_input };
    struct hn_event event_all;
    struct hn_event event_wanted;
    size_t count;

    ORACLE_CHECK(hn_event_init(&event_all, schema, NULL, true) == HN_OK);
    ORACLE_CHECK(hn_event_init(&event_wanted, schema, NULL, false) == HN_OK);
    oracle_pass(&all, format, &event_all, in.len + 1);
    wanted.again = &event_all;
    oracle_pass(&wanted, format, &event_wanted, in.len + 1);
    oracle_pass(&pieces, format, &event_wanted, piece);
    count = all.events.count;
    ORACLE_CHECK(wanted.events.count == count && pieces.events.count == count);
    for (size_t i = 0; i < count; i++) {
        bool limited = all.events.ptr[i].limited || wanted.events.ptr[i].limited;

        ORACLE_CHECK(limited || all.events.ptr[i].hash == wanted.events.ptr[i].hash);
        ORACLE_CHECK(limited || all.events.ptr[i].hash == pieces.events.ptr[i].hash);
    }
    hn_event_deinit(&event_all);
    hn_event_deinit(&event_wanted);
    hn_vec_deinit(&all.events);
    hn_vec_deinit(&wanted.events);
    hn_vec_deinit(&pieces.events);
    return count;
}

/* A schema of the fixed fields and these names. */
HN_INLINE struct hn_schema *oracle_schema(const char *const *names, size_t count)
{
    struct hn_schema *schema = hn_schema_new();

    ORACLE_CHECK(schema != NULL);
    for (size_t i = 0; i < count; i++)
        ORACLE_CHECK(hn_schema_want(schema, hn_text_cstr(names[i])) != HN_FIELD_NONE);
    ORACLE_CHECK(hn_schema_seal(schema, NULL) == HN_OK);
    return schema;
}

#endif
