/* alert_timeline.c - counts alerts in spans of time that widen as the run gets longer. */
#include "alert/alert_timeline.h"

#include "base/mem.h"

#include <stdlib.h>

#define SLOT_COUNT (2u * ALERT_SPANS_MAX)

static struct alert_span *slots_new(void)
{
    struct alert_span *slots = hn_calloc(SLOT_COUNT, sizeof *slots);

    for (uint32_t i = 0; slots != NULL && i < SLOT_COUNT; i++)
        slots[i].start = HN_TIME_NONE;
    return slots;
}

/* Rounds down, also before 1970; HN_TIME_NONE stays free for empty slots. */
static hn_time start_of(hn_time time, hn_time width)
{
    hn_time past = time % width;

    if (past < 0)
        past += width;
    return time < INT64_MIN + 1 + past ? INT64_MIN + 1 : time - past;
}

static struct alert_span *slot_of(struct alert_span *slots, hn_time start)
{
    uint32_t i = (uint32_t)hn_mix64((uint64_t)start) % SLOT_COUNT;

    while (slots[i].start != HN_TIME_NONE && slots[i].start != start)
        i = (i + 1) % SLOT_COUNT;
    return &slots[i];
}

/* Doubles the width until half of the spans are free again. */
static bool widen(struct alert_timeline *timeline)
{
    while (timeline->count > ALERT_SPANS_MAX / 2) {
        struct alert_span *slots = slots_new();

        if (slots == NULL || timeline->width > INT64_MAX / 4) {
            hn_free(slots);
            return slots != NULL; /* two spans at most are left at that width */
        }
        timeline->width *= 2;
        timeline->count = 0;
        for (uint32_t i = 0; i < SLOT_COUNT; i++) {
            const struct alert_span *old = &timeline->slots[i];
            struct alert_span *span;

            if (old->start == HN_TIME_NONE)
                continue;
            span = slot_of(slots, start_of(old->start, timeline->width));
            timeline->count += span->start == HN_TIME_NONE;
            span->start = start_of(old->start, timeline->width);
            for (size_t k = 0; k < HN_COUNT_OF(span->counts); k++)
                span->counts[k] += old->counts[k];
        }
        hn_free(timeline->slots);
        timeline->slots = slots;
    }
    return true;
}

bool alert_timeline_add(struct alert_timeline *timeline, hn_time time, enum sigma_level level)
{
    struct alert_span *span;
    hn_time start;

    if (time == HN_TIME_NONE) {
        timeline->timeless++;
        return true;
    }
    if (timeline->slots == NULL) {
        timeline->slots = slots_new();
        timeline->width = HN_SECOND;
        if (timeline->slots == NULL)
            return false;
    }
    start = start_of(time, timeline->width);
    span = slot_of(timeline->slots, start);
    if (span->start == HN_TIME_NONE) {
        if (timeline->count == ALERT_SPANS_MAX) {
            if (!widen(timeline))
                return false;
            start = start_of(time, timeline->width);
            span = slot_of(timeline->slots, start);
        }
        timeline->count += span->start == HN_TIME_NONE;
        span->start = start;
    }
    span->counts[level]++;
    return true;
}

static int by_start(const void *a, const void *b)
{
    const struct alert_span *x = a;
    const struct alert_span *y = b;

    return (x->start > y->start) - (x->start < y->start);
}

const struct alert_span *alert_timeline_sorted(
        const struct alert_timeline *timeline, struct hn_arena *arena, uint32_t *ret_count)
{
    struct alert_span *spans;
    uint32_t count = 0;

    *ret_count = 0;
    if (timeline->count == 0)
        return NULL;
    spans = hn_new(arena, struct alert_span, timeline->count);
    if (spans == NULL)
        return NULL;
    for (uint32_t i = 0; i < SLOT_COUNT; i++) {
        if (timeline->slots[i].start != HN_TIME_NONE)
            spans[count++] = timeline->slots[i];
    }
    qsort(spans, count, sizeof *spans, by_start);
    *ret_count = count;
    return spans;
}

void alert_timeline_deinit(struct alert_timeline *timeline)
{
    hn_free(timeline->slots);
    *timeline = (struct alert_timeline){ 0 };
}
