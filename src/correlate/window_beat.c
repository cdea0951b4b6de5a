/* window_beat.c - periodicity: do the hits come at regular intervals?
 *
 * The ring holds the latest beats, as many as the verdict needs. A beat is a hit and what follows
 * it within a burst: a person who opens a page makes twenty requests in a second, which is no
 * rhythm, and an implant may make two at each check-in. The period is the median of the intervals.
 * Walking through the intervals in order,
 *   - an interval within the tolerance (three times the jitter allowed, half a period at most) of
 *     the period is regular;
 *   - one within the tolerance of 2, 3 or 4 periods is regular with 1, 2 or 3 beats missing;
 *   - one shorter than half a period ends with an extra beat: it is counted into the next one;
 *   - any other is out of step.
 * The hits are periodic when at most one in five beats is missing, extra or out of step, and the
 * coefficient of variation of the regular intervals (each less the whole periods that are missing
 * in it) is at most the jitter allowed. */
#include "correlate/correlate_internal.h"

#include <math.h>

#define TOLERANCE_JITTERS 3
#define TOLERANCE_MAX     0.5
#define PERIODS_MAX       4 /* per interval: up to three beats missing in a row */
#define REGULAR_SHARE     4 /* of 5 beats */

struct beat_state {
    uint32_t count;
    uint32_t unused[3];
    hn_time sorted[]; /* the intervals between the ring's hits, ascending */
};

struct rhythm {
    double period;
    uint32_t regular;
    uint32_t irregular; /* missing, extra, out of step */
    double sum;         /* of the deviations of the regular ones, in periods */
    double squares;
};

static struct beat_state *state_of(struct group *group)
{
    return (struct beat_state *)(void *)group->state;
}

static size_t state_bytes(const struct plan_lane *lane)
{
    return sizeof(struct beat_state) + lane->items_cap * sizeof(hn_time);
}

/* Position of the first interval that is not shorter. */
static uint32_t find_interval(const struct beat_state *state, hn_time interval)
{
    uint32_t low = 0;
    uint32_t high = state->count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;

        if (state->sorted[middle] < interval)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The median; of an even number, the greater of the two. */
static hn_time period_of(const struct beat_state *state)
{
    uint32_t middle = state->count / 2;

    return state->sorted[middle];
}

static void insert_interval(struct beat_state *state, hn_time interval)
{
    uint32_t pos = find_interval(state, interval);

    memmove(&state->sorted[pos + 1], &state->sorted[pos],
            (state->count - pos) * sizeof *state->sorted);
    state->sorted[pos] = interval;
    state->count++;
}

static hn_time interval_at(const struct group *group, uint32_t position)
{
    const struct mark *before = ring_at(&group->ring, sizeof *before, position);
    const struct mark *after = ring_at(&group->ring, sizeof *after, position + 1);
    hn_time interval;

    return __builtin_sub_overflow(after->time, before->time, &interval) ? INT64_MAX : interval;
}

static enum hn_status enter(struct correlate *c, struct group *group, struct pass *pass)
{
    enum hn_status status;

    if (group->ring.count > 0) {
        const struct mark *newest = ring_newest(&group->ring, sizeof *newest);
        hn_time gap;

        if (!__builtin_sub_overflow(pass->mark.time, newest->time, &gap) &&
                (gap == 0 || gap < group_lane(c, group)->model->burst))
            return HN_OK;
    }
    if (window_add(c, group, &pass->mark, &status) == NULL)
        return status;
    if (group->ring.count > 1)
        insert_interval(state_of(group), interval_at(group, group->ring.count - 2));
    return HN_OK;
}

static void leave(struct correlate *c, struct group *group, const void *item)
{
    struct beat_state *state = state_of(group);
    uint32_t pos;

    (void)c;
    (void)item;
    if (group->ring.count < 2)
        return;
    pos = find_interval(state, interval_at(group, 0));
    state->count--;
    memmove(&state->sorted[pos], &state->sorted[pos + 1],
            (state->count - pos) * sizeof *state->sorted);
}

/* One interval, extra beats joined into it, measured in periods. */
static void count_interval(struct rhythm *rhythm, double periods, double tolerance)
{
    double whole = floor(periods + 0.5);
    double off = periods - whole;

    if (whole < 1 || whole > PERIODS_MAX || fabs(off) > tolerance) {
        rhythm->irregular++;
        return;
    }
    rhythm->irregular += (uint32_t)whole - 1;
    rhythm->regular++;
    rhythm->sum += off;
    rhythm->squares += off * off;
}

static struct rhythm find_rhythm(
        const struct group *group, const struct beat_state *state, double jitter)
{
    struct rhythm rhythm = { .period = (double)period_of(state) };
    double tolerance = fmin(TOLERANCE_JITTERS * jitter, TOLERANCE_MAX);
    double joined = 0;

    for (uint32_t i = 0; i < state->count; i++) {
        joined += (double)interval_at(group, i) / rhythm.period;
        if (joined < 0.5) {
            rhythm.irregular++;
            continue;
        }
        count_interval(&rhythm, joined, tolerance);
        joined = 0;
    }
    return rhythm;
}

/* The coefficient of variation of the regular intervals. */
static double variation(const struct rhythm *rhythm)
{
    double mean = rhythm->sum / rhythm->regular;
    double variance = rhythm->squares / rhythm->regular - mean * mean;

    return sqrt(fmax(variance, 0)) / (1 + mean);
}

static bool measure(struct correlate *c, struct group *group, double *ret_value)
{
    const struct plan_lane *lane = group_lane(c, group);
    const struct beat_state *state = state_of(group);
    struct rhythm rhythm;

    *ret_value = state->count;
    if (state->count < lane->needed)
        return false;
    rhythm = find_rhythm(group, state, lane->model->jitter);
    *ret_value = rhythm.regular;
    return rhythm.regular >= lane->needed && rhythm.irregular * REGULAR_SHARE <= rhythm.regular &&
           variation(&rhythm) <= lane->model->jitter;
}

static void tell(struct correlate *c, struct group *group, struct evidence *evidence)
{
    const struct beat_state *state = state_of(group);
    struct rhythm rhythm;

    window_tell(c, group, evidence);
    if (state->count == 0)
        return;
    rhythm = find_rhythm(group, state, group_lane(c, group)->model->jitter);
    evidence->period = period_of(state);
    evidence->variation = rhythm.regular > 0 ? variation(&rhythm) : 0;
}

static enum hn_status restore(struct correlate *c, struct group *group, struct hn_reader *in)
{
    (void)c;
    (void)in;
    for (uint32_t i = 0; i + 1 < group->ring.count; i++) {
        if (interval_at(group, i) <= 0)
            return HN_CORRUPT;
        insert_interval(state_of(group), interval_at(group, i));
    }
    return HN_OK;
}

const struct window_type window_beat_type = {
    .item_bytes = sizeof(struct mark),
    .state_bytes = state_bytes,
    .enter = enter,
    .leave = leave,
    .measure = measure,
    .tell = tell,
    .restore = restore,
};
