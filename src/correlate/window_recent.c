/* window_recent.c - temporal: which of the rules have hit within the window.
 *
 * Of each rule only as many of its latest hits are kept as it is listed times: whether they are in
 * the window decides whether it has happened often enough, and however noisy a rule is, a group
 * costs the same. */
#include "correlate/correlate_internal.h"

#include "correlate/wire.h"

/* used[input_count], then one mark per listed place, each input's oldest first. */
static size_t marks_offset(const struct plan_lane *lane)
{
    return (lane->input_count * sizeof(uint32_t) + 15) & ~(size_t)15;
}

static size_t state_bytes(const struct plan_lane *lane)
{
    return marks_offset(lane) + lane->model->ref_count * sizeof(struct mark);
}

static uint32_t *used_of(struct group *group)
{
    return (uint32_t *)(void *)group->state;
}

static struct mark *marks_of(const struct plan_lane *lane, struct group *group)
{
    return (struct mark *)(void *)(group->state + marks_offset(lane));
}

static enum hn_status enter(struct correlate *c, struct group *group, struct pass *pass)
{
    const struct plan_lane *lane = group_lane(c, group);
    uint32_t *used = &used_of(group)[pass->input_index];
    struct mark *marks = marks_of(lane, group) + pass->input->offset;

    if (*used == pass->input->times) {
        memmove(marks, marks + 1, (pass->input->times - 1) * sizeof *marks);
        --*used;
    }
    marks[(*used)++] = pass->mark;
    return HN_OK;
}

static void expire(struct correlate *c, struct group *group, hn_time cutoff)
{
    const struct plan_lane *lane = group_lane(c, group);
    uint32_t *used = used_of(group);

    for (uint32_t i = 0; i < lane->input_count; i++) {
        struct mark *marks = marks_of(lane, group) + lane->inputs[i].offset;
        uint32_t old = 0;

        while (old < used[i] && marks[old].time < cutoff)
            old++;
        if (old > 0)
            memmove(marks, marks + old, (used[i] - old) * sizeof *marks);
        used[i] -= old;
    }
}

static bool measure(struct correlate *c, struct group *group, double *ret_value)
{
    const struct plan_lane *lane = group_lane(c, group);
    const uint32_t *used = used_of(group);
    uint32_t count = 0;

    for (uint32_t i = 0; i < lane->input_count; i++)
        count += used[i];
    *ret_value = count;
    if (lane->op_count > 0)
        return plan_condition_holds(lane, used);
    return lane->model->bound_count > 0 || count >= lane->needed;
}

/* Merges the inputs' marks by time; there are few. */
static void tell(struct correlate *c, struct group *group, struct evidence *evidence)
{
    const struct plan_lane *lane = group_lane(c, group);
    uint32_t next[CORRELATE_REFS_MAX] = { 0 };

    for (;;) {
        const struct mark *first = NULL;
        uint32_t from = 0;

        for (uint32_t i = 0; i < lane->input_count; i++) {
            const struct mark *mark = marks_of(lane, group) + lane->inputs[i].offset + next[i];

            if (next[i] < used_of(group)[i] &&
                    (first == NULL || mark->time < first->time ||
                            (mark->time == first->time && mark->order < first->order))) {
                first = mark;
                from = i;
            }
        }
        if (first == NULL)
            break;
        next[from]++;
        if (evidence->total++ == 0)
            evidence->start = first->time;
        correlate_evidence_add(evidence, first);
    }
    if (lane->judge == JUDGE_AT_END) {
        evidence->total = group->count;
        evidence->start = group->since;
    }
}

static void save(const struct correlate *c, struct group *group, struct hn_buf *out)
{
    const struct plan_lane *lane = group_lane(c, group);

    for (uint32_t i = 0; i < lane->input_count; i++)
        put_u32(out, used_of(group)[i]);
    for (uint32_t i = 0; i < lane->model->ref_count; i++)
        correlate_put_mark(out, &marks_of(lane, group)[i]);
}

static enum hn_status restore(struct correlate *c, struct group *group, struct hn_reader *in)
{
    const struct plan_lane *lane = group_lane(c, group);

    for (uint32_t i = 0; i < lane->input_count; i++) {
        used_of(group)[i] = hn_reader_u32(in);
        if (used_of(group)[i] > lane->inputs[i].times)
            return HN_CORRUPT;
    }
    for (uint32_t i = 0; i < lane->model->ref_count; i++)
        marks_of(lane, group)[i] = correlate_get_mark(c, group_lane(c, group), in);
    return HN_OK;
}

const struct window_type window_recent_type = {
    .state_bytes = state_bytes,
    .enter = enter,
    .expire = expire,
    .measure = measure,
    .tell = tell,
    .save = save,
    .restore = restore,
};
