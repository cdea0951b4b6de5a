/* round_trip.h - an oracle for formats with escapes: the fuzzer's input becomes values, these are
 * written by the format's own rules, and must be read back as they were.
 *
 * Static state: a target runs one input at a time. */
#ifndef HN_FUZZ_ROUND_TRIP_H
#define HN_FUZZ_ROUND_TRIP_H

#include "base/buf.h"
#include "decode/decode.h"

#include <stdlib.h>

#define TRIP_VALUES_MAX 8
#define TRIP_BYTES_MAX  512

struct trip {
    struct hn_schema *schema;
    struct hn_event event;
    struct hn_buf line;
    const char *names[TRIP_VALUES_MAX];
    struct hn_text values[TRIP_VALUES_MAX];
    size_t count;
    size_t events;
};

/* The one trip, empty, with its memory kept from input to input. */
static inline struct trip *trip_begin(void)
{
    static struct trip trip;

    if (trip.schema == NULL) {
        trip.schema = hn_schema_new();
        if (trip.schema == NULL || hn_schema_seal(trip.schema, NULL) != HN_OK ||
                hn_event_init(&trip.event, trip.schema, NULL, true) != HN_OK)
            abort();
    }
    hn_buf_reset(&trip.line);
    trip.count = 0;
    trip.events = 0;
    return &trip;
}

/* The next value off *rest, without the bytes that the format cannot carry, nor blanks around it;
 * false when there is none. room holds TRIP_BYTES_MAX bytes. */
static inline bool trip_value(
        struct hn_text *rest, const char *refused, char *room, struct hn_text *ret_value)
{
    struct hn_text part;
    size_t len = 0;

    if (rest->len == 0)
        return false;
    (void)hn_text_split(rest, '\0', &part);
    for (size_t i = 0; i < part.len && len < TRIP_BYTES_MAX; i++) {
        if (strchr(refused, part.ptr[i]) == NULL)
            room[len++] = part.ptr[i];
    }
    *ret_value = hn_text_trim(hn_text_of(room, len));
    return ret_value->len > 0;
}

/* Writes value with a backslash in front of the characters of set; line ends as letters. */
static inline void trip_escape(struct hn_buf *line, struct hn_text value, const char *set)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];

        if (strchr(set, c) != NULL || c == '\n' || c == '\r')
            hn_buf_add_char(line, '\\');
        hn_buf_add_char(line, c == '\n' ? 'n' : c == '\r' ? 'r' : c);
    }
}

static inline void trip_want(struct trip *trip, const char *name, struct hn_text value)
{
    trip->names[trip->count] = name;
    trip->values[trip->count++] = value;
}

static inline bool trip_on_event(void *ctx, struct hn_event *event)
{
    struct trip *trip = ctx;

    trip->events++;
    for (size_t i = 0; i < trip->count; i++) {
        uint32_t index = hn_event_find_name(event, hn_text_cstr(trip->names[i]));

        if (index == HN_VALUE_NONE || !hn_text_eq(hn_event_text(event, index), trip->values[i])) {
            (void)fprintf(stderr, "%s is not read back from\n%.*s\n", trip->names[i],
                    (int)trip->line.len, trip->line.ptr);
            abort();
        }
    }
    return true;
}

static inline void trip_end(struct trip *trip, const char *format)
{
    const struct decode_options options = { .limits = { 0, 0 } };
    const struct decode_sink sink = { .on_event = trip_on_event, .ctx = trip };

    if (!hn_buf_ok(&trip->line) ||
            decode_all(decode_format_find(hn_text_cstr(format)), &options,
                    hn_text_as_bytes(hn_buf_text(&trip->line)), &trip->event, &sink) != HN_OK ||
            trip->events != 1)
        abort();
}

#endif
