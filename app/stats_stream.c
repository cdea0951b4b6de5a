/* stats_stream.c - what the order of events in one log says: pauses, clocks set back, records that
 * are missing.
 *
 * A pause is unusual when it is long (PAUSE_LEAST) and many times (PAUSE_TIMES) as long as all but
 * one in a hundred of the pauses of the same stream; a stream of few events has no usual pause. A
 * step back is one of more than a minute between neighbours of one file: logs that are written at
 * the end of what they tell about step back by seconds all the time. */
#include "app/stats_collect.h"

#include "base/mem.h"
#include "base/utf.h"

#include <string.h>

#define PAUSE_LEAST  (10 * HN_MINUTE)
#define PAUSE_TIMES  8
#define EVENTS_LEAST 50u
#define STEP_LEAST   HN_MINUTE

/* A log with so many gaps, one every so many records, was filtered or forwarded in part. */
#define SELECTION_GAPS  10u
#define SELECTION_SHARE 20u

/* ---- Finding the stream ---- */

static struct stats_stream *add_stream(struct stats *stats, struct hn_text key)
{
    struct stats_stream *stream;
    uint32_t index;

    if (stats->streams.count == STATS_STREAMS_MAX) {
        stats->streams_overflow++;
        return NULL;
    }
    key = hn_arena_text(&stats->arena, key);
    stream = key.ptr == NULL ? NULL : hn_vec_add(&stats->streams);
    if (stream == NULL)
        return NULL;
    stream->last = HN_TIME_NONE;
    stream->input = UINT32_MAX;
    if (!hn_map_put(&stats->stream_map, key, (uint32_t)(stats->streams.count - 1), &index)) {
        stats->streams.count--;
        return NULL;
    }
    return stream;
}

/* By host and channel, or by input. */
static struct stats_stream *stream_of(
        struct stats *stats, uint32_t input, const struct stats_event *event)
{
    char room[STATS_TEXT_MAX];
    struct hn_buf key = hn_buf_over(room, sizeof room);
    struct hn_text host = hn_text_sub(event->host, 0, sizeof room / 4);
    struct hn_text channel = hn_text_sub(event->channel, 0, sizeof room / 4);
    struct stats_stream *stream;
    uint32_t index;

    if (channel.len > 0) {
        hn_buf_add_lit(&key, "channel");
        hn_buf_add_char(&key, '\0');
        hn_buf_add_text(&key, host);
        hn_buf_add_char(&key, '\0');
        hn_buf_add_text(&key, channel);
    } else {
        hn_buf_addf(&key, "input %u", (unsigned)input);
    }
    hn_lower_ascii(hn_buf_text(&key), room); /* shippers differ in "Security" and "security" */
    index = hn_map_find(&stats->stream_map, hn_buf_text(&key));
    if (index != HN_MAP_NONE)
        return &stats->streams.ptr[index];
    stream = add_stream(stats, hn_buf_text(&key));
    if (stream == NULL)
        return NULL;
    stream->is_channel = channel.len > 0;
    stream->host = hn_arena_text(&stats->arena, stream->is_channel ? host : HN_TEXT(""));
    stream->channel = stream->is_channel ? hn_arena_text(&stats->arena, channel)
                                         : stats->inputs.ptr[input].name;
    return stream;
}

/* ---- Time ---- */

/* Times may lie further apart than a difference can hold. */
static hn_time distance(hn_time from, hn_time to)
{
    hn_time difference;

    return __builtin_sub_overflow(to, from, &difference) ? INT64_MAX : difference;
}

static unsigned bucket_of(hn_time delta)
{
    uint64_t ms = (uint64_t)(delta / HN_MILLISECOND);

    return ms == 0 ? 0 : 64u - (unsigned)__builtin_clzll(ms);
}

hn_time stats_pause_length(const struct stats_pause *pause)
{
    return pause->start < pause->end ? distance(pause->start, pause->end)
                                     : distance(pause->end, pause->start);
}

static void keep_pause(struct stats_stream *stream, hn_time start, hn_time end)
{
    uint32_t at = stream->pause_count;

    if (distance(start, end) < PAUSE_LEAST)
        return;
    for (uint32_t i = 0; i < stream->pause_count; i++) {
        if (stream->pauses[i].start == start && stream->pauses[i].end == end)
            return; /* of a copy of the same log */
    }
    while (at > 0 && stats_pause_length(&stream->pauses[at - 1]) < distance(start, end))
        at--;
    if (at == STATS_PAUSES_KEPT)
        return;
    if (stream->pause_count < STATS_PAUSES_KEPT)
        stream->pause_count++;
    for (uint32_t i = stream->pause_count - 1; i > at; i--)
        stream->pauses[i] = stream->pauses[i - 1];
    stream->pauses[at] = (struct stats_pause){ start, end };
}

static void step_back(struct stats_stream *stream, hn_time time)
{
    hn_time step = distance(time, stream->last);

    if (step < STEP_LEAST)
        return;
    stream->steps_back++;
    if (step > stats_pause_length(&stream->largest_step))
        stream->largest_step = (struct stats_pause){ stream->last, time };
}

/* Neighbours in one file, in the order in which they were logged. After a step back no pause is
 * measured until the clock is again where it was. */
static void watch_time(struct stats_stream *stream, const struct stats_event *event)
{
    bool reordered = event->record != 0 && event->record < stream->record_last;

    if (stream->last != HN_TIME_NONE && !reordered) {
        if (event->time < stream->last)
            step_back(stream, event->time);
        if (event->time >= stream->high) {
            stream->deltas[bucket_of(distance(stream->high, event->time)) % STATS_DELTA_BUCKETS]++;
            keep_pause(stream, stream->high, event->time);
        }
    }
    if (stream->last == HN_TIME_NONE || reordered || event->time > stream->high)
        stream->high = event->time;
    stream->last = event->time;
}

/* The upper end of the bucket under which 99 of 100 pauses are. */
static hn_time usual_pause(const struct stats_stream *stream, uint64_t total)
{
    uint64_t below = 0;

    for (unsigned i = 0; i < STATS_DELTA_BUCKETS; i++) {
        below += stream->deltas[i];
        if (below * 100 >= total * 99)
            return i >= 40 ? INT64_MAX / PAUSE_TIMES : (hn_time)((uint64_t)1 << i) * HN_MILLISECOND;
    }
    return INT64_MAX / PAUSE_TIMES;
}

void stats_stream_judge(struct stats_stream *stream)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < STATS_DELTA_BUCKETS; i++)
        total += stream->deltas[i];
    if (total < EVENTS_LEAST)
        return;
    stream->usual = usual_pause(stream, total);
    while (stream->unusual_count < stream->pause_count) {
        const struct stats_pause *pause = &stream->pauses[stream->unusual_count];

        if (stats_pause_length(pause) < PAUSE_TIMES * stream->usual)
            break;
        stream->unusual_count++;
    }
}

/* ---- Record numbers ---- */

/* Index of the first range that ends at or behind record - 1: the one it extends or precedes. */
static size_t range_at(const struct stats_stream *stream, uint64_t record)
{
    size_t low = 0;
    size_t high = stream->ranges.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (stream->ranges.ptr[middle].last + 1 < record)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void remove_range(struct stats_stream *stream, size_t index)
{
    memmove(&stream->ranges.ptr[index], &stream->ranges.ptr[index + 1],
            (stream->ranges.count - index - 1) * sizeof *stream->ranges.ptr);
    stream->ranges.count--;
}

static void insert_range(struct stats_stream *stream, size_t index, uint64_t record)
{
    if (stream->ranges.count == STATS_RANGES_MAX || hn_vec_add(&stream->ranges) == NULL) {
        stream->scattered = true;
        return;
    }
    memmove(&stream->ranges.ptr[index + 1], &stream->ranges.ptr[index],
            (stream->ranges.count - index - 1) * sizeof *stream->ranges.ptr);
    stream->ranges.ptr[index] = (struct stats_range){ record, record };
}

static void add_record(struct stats_stream *stream, uint64_t record)
{
    struct stats_range *range = stream->ranges.ptr;
    size_t count = stream->ranges.count;
    size_t index;

    if (stream->scattered || record == UINT64_MAX)
        return;
    if (count > 0 && range[count - 1].last + 1 == record) { /* nearly always */
        range[count - 1].last = record;
        return;
    }
    index = range_at(stream, record);
    range = &stream->ranges.ptr[index];
    if (index == count || record + 1 < range->first) {
        insert_range(stream, index, record);
    } else if (record + 1 == range->first) {
        range->first = record;
    } else if (record == range->last + 1) {
        range->last = record;
        if (index + 1 < count && range[1].first == record + 1) {
            range->last = range[1].last;
            remove_range(stream, index + 1);
        }
    }
}

bool stats_stream_is_selection(const struct stats_stream *stream)
{
    uint64_t records = 0;

    for (size_t i = 0; i < stream->ranges.count; i++)
        records += stream->ranges.ptr[i].last - stream->ranges.ptr[i].first + 1;
    return stream->scattered || (stream->ranges.count > SELECTION_GAPS &&
                                        stream->ranges.count * SELECTION_SHARE > records);
}

uint64_t stats_stream_missing(const struct stats_stream *stream, uint64_t *ret_gaps)
{
    uint64_t missing = 0;

    *ret_gaps = stream->ranges.count > 0 ? stream->ranges.count - 1 : 0;
    for (size_t i = 1; i < stream->ranges.count; i++)
        missing += stream->ranges.ptr[i].first - stream->ranges.ptr[i - 1].last - 1;
    return missing;
}

void stats_stream_add(struct stats *stats, uint32_t input, const struct stats_event *event)
{
    struct stats_stream *stream = input == UINT32_MAX ? NULL : stream_of(stats, input, event);

    if (stream == NULL)
        return;
    if (stream->input != input) { /* the order of files says nothing */
        stream->input = input;
        stream->last = HN_TIME_NONE;
        stream->record_last = 0;
    }
    if (event->time != HN_TIME_NONE)
        watch_time(stream, event);
    if (stream->is_channel && event->record != 0)
        add_record(stream, event->record);
    stream->record_last = event->record;
}
