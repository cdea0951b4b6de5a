/* judge.c - when a window is judged, and what the verdict leads to.
 *
 * docs/correlation.md has the table; here is one function per row. */
#include "correlate/correlate_internal.h"

#include "correlate/wire.h"

static bool fits(struct correlate *c, struct group *group, double *ret_value)
{
    const struct plan_lane *lane = group_lane(c, group);

    *ret_value = 0;
    return lane->type->measure(c, group, ret_value) && plan_bounds_hold(lane->model, *ret_value);
}

/* Apart from verdict(), so that the many windows that do not hold need not clear the evidence. */
static HN_NOINLINE enum hn_status fire(
        struct correlate *c, struct group *group, struct firing *firing, uint32_t flags)
{
    const struct plan_lane *lane = group_lane(c, group);
    struct evidence evidence = { .count = 0 };

    lane->type->tell(c, group, &evidence);
    firing->flags = flags | window_flags(c, group, time_before(c->clock, lane->span));
    return result_fire(c, group, firing, &evidence);
}

/* Judges the window as it is. pass: the hit that it is judged at, NULL at a due. */
static enum hn_status verdict(
        struct correlate *c, struct group *group, const struct pass *pass, uint32_t flags)
{
    const struct plan_lane *lane = group_lane(c, group);
    struct firing firing = { .time = c->clock, .pass = pass, .mark = group->latest };
    bool holds = fits(c, group, &firing.value);
    struct episode *episode = group->episode;

    if (episode != NULL) {
        if (pass != NULL || (holds && lane->judge == JUDGE_EACH)) {
            episode->folded++;
            episode->last = group->latest;
        }
        if (holds && firing.value > episode->peak)
            episode->peak = firing.value;
        return HN_OK;
    }
    return holds ? fire(c, group, &firing, flags) : HN_OK;
}

/* Keeps what others want to know of the hit, where the group is judged without one. */
static enum hn_status carry(struct correlate *c, struct group *group, const struct pass *pass)
{
    const struct plan_lane *lane = group_lane(c, group);
    char *copy;

    if (lane->carried.count == 0)
        return HN_OK;
    hn_buf_reset(&c->value_key);
    for (uint32_t i = 0; i < lane->carried.count; i++) {
        struct run run = correlate_find_run(pass->hit, pass->input->carried[i]);

        put_u32(&c->value_key, run.count);
        for (uint32_t k = 0; k < run.count; k++)
            put_text(&c->value_key, pass->hit->values[run.first + k].text);
    }
    if (!hn_buf_ok(&c->value_key))
        return HN_NOMEM;
    if (c->value_key.len == group->carried_bytes) {
        memcpy(group->carried, c->value_key.ptr, c->value_key.len);
        return HN_OK;
    }
    do {
        copy = budget_alloc(&c->budget, c->value_key.len);
    } while (copy == NULL && c->budget.status == HN_LIMIT && group_evict(c));
    if (copy == NULL)
        return c->budget.status;
    memcpy(copy, c->value_key.ptr, c->value_key.len);
    budget_free(&c->budget, group->carried, group->carried_bytes);
    group->carried = copy;
    group->carried_bytes = (uint32_t)c->value_key.len;
    return HN_OK;
}

/* Opens a window or wait that ends a timespan from now. */
static enum hn_status open_window(struct correlate *c, struct group *group)
{
    hn_time end = time_after(c->clock, group_lane(c, group)->span);

    group->since = c->clock;
    group->count = 0;
    group->flags |= GROUP_OPEN;
    return timer_add(c, group, end, DUE_JUDGE, ++group->ticket);
}

static void expire(struct correlate *c, struct group *group)
{
    const struct plan_lane *lane = group_lane(c, group);
    hn_time cutoff = time_before(c->clock, lane->span);

    if (lane->type->item_bytes > 0)
        window_expire(c, group, cutoff);
    if (lane->type->expire != NULL)
        lane->type->expire(c, group, cutoff);
}

/* ---- At a hit ---- */

static enum hn_status hit_sliding(struct correlate *c, struct group *group, struct pass *pass)
{
    enum hn_status status;

    expire(c, group);
    status = group_lane(c, group)->type->enter(c, group, pass);
    return status == HN_OK ? verdict(c, group, pass, 0) : status;
}

static enum hn_status hit_whole(struct correlate *c, struct group *group, struct pass *pass)
{
    const struct plan_lane *lane = group_lane(c, group);
    enum hn_status status = HN_OK;

    expire(c, group);
    if (group->ring.count == 0)
        status = open_window(c, group);
    if (status == HN_OK)
        status = lane->type->enter(c, group, pass);
    if (status == HN_OK)
        status = carry(c, group, pass);
    if (status == HN_OK && time_after(group->since, lane->span) <= c->clock)
        status = verdict(c, group, pass, 0);
    return status;
}

static enum hn_status hit_window(struct correlate *c, struct group *group, struct pass *pass)
{
    const struct plan_lane *lane = group_lane(c, group);
    enum hn_status status = HN_OK;

    if ((group->flags & GROUP_OPEN) == 0)
        status = open_window(c, group);
    if (status != HN_OK)
        return status;
    group->count++;
    status = lane->type->enter(c, group, pass);
    if (status == HN_OK && (lane->judge != JUDGE_UNANSWERED || group->count == 1))
        status = carry(c, group, pass);
    return status;
}

/* Each hit opens a timespan. Where the type keeps them in its ring, the due names the hit there;
 * otherwise, by its number in the group. What must not occur opens none there. */
static enum hn_status hit_each(struct correlate *c, struct group *group, struct pass *pass)
{
    const struct plan_lane *lane = group_lane(c, group);
    uint32_t ticket = (uint32_t)++group->count;
    bool opens = pass->input->named != NAMED_BARRED;
    enum hn_status status;

    if (lane->type->item_bytes > 0)
        ticket = group->ring.first + group->ring.count;
    status = lane->type->enter(c, group, pass);
    if (lane->type->item_bytes > 0)
        opens = group->ring.first + group->ring.count != ticket;
    if (status == HN_OK)
        status = carry(c, group, pass);
    if (status == HN_OK && opens)
        status = timer_add(c, group, time_after(c->clock, lane->span), DUE_JUDGE, ticket);
    return status;
}

static enum hn_status hit_new(struct correlate *c, struct group *group, struct pass *pass)
{
    const struct plan_lane *lane = group_lane(c, group);
    struct hn_text texts[CORRELATE_GROUP_FIELDS_MAX];
    struct firing firing = { .time = c->clock, .value = 1, .pass = pass, .mark = pass->mark };
    struct evidence evidence = { .total = 1, .start = c->clock };
    enum hn_status status;
    bool is_new;

    status = window_values_enter(c, group, pass, texts, &is_new);
    if (status != HN_OK || !is_new || time_after(group->since, lane->model->learn) > c->clock)
        return status;
    correlate_evidence_add(&evidence, &pass->mark);
    evidence.values = texts;
    evidence.value_count = lane->model->fields.count;
    firing.flags = window_flags(c, group, time_before(c->clock, lane->span));
    return result_fire(c, group, &firing, &evidence);
}

static enum hn_status hit_by_judge(struct correlate *c, struct group *group, struct pass *pass)
{
    switch (group_lane(c, group)->judge) {
    case JUDGE_AT_HIT:
        return hit_sliding(c, group, pass);
    case JUDGE_WHOLE:
        return hit_whole(c, group, pass);
    case JUDGE_AT_END:
    case JUDGE_UNANSWERED:
        return hit_window(c, group, pass);
    case JUDGE_EACH:
        return hit_each(c, group, pass);
    case JUDGE_NEW:
        return hit_new(c, group, pass);
    }
    return HN_OK;
}

enum hn_status judge_hit(struct correlate *c, struct group *group, struct pass *pass)
{
    enum hn_status status;

    c->pinned = group;
    group->last = c->clock;
    group->latest = pass->mark;
    group_touch(c, group);
    status = hit_by_judge(c, group, pass);
    c->pinned = NULL;
    if (status == HN_OK)
        return HN_OK;
    /* What cannot be remembered in full is forgotten: half a state would never end. */
    group_end(c, group);
    if (status != HN_LIMIT)
        return status;
    c->stats.hits_refused++;
    return HN_OK;
}

/* ---- At a due ---- */

/* What is cut short by the end of the input: a statistic of the window so far is told as such; a
 * claim that more hits could still make false is not made. */
static enum hn_status due_cut_short(struct correlate *c, struct group *group)
{
    switch (group_lane(c, group)->judge) {
    case JUDGE_WHOLE:
        group->flags &= ~GROUP_OPEN;
        return verdict(c, group, NULL, CORRELATE_CUT_SHORT);
    case JUDGE_EACH:
        if (group->ring.count > 0)
            window_drop(c, group);
        break;
    case JUDGE_AT_END:
    case JUDGE_UNANSWERED:
    case JUDGE_AT_HIT:
    case JUDGE_NEW:
        group->flags &= ~GROUP_OPEN;
        break;
    }
    c->stats.undecided++;
    return HN_OK;
}

static enum hn_status due_by_judge(struct correlate *c, struct group *group)
{
    enum hn_status status;

    if (c->ending)
        return due_cut_short(c, group);
    status = verdict(c, group, NULL, 0);
    switch (group_lane(c, group)->judge) {
    case JUDGE_WHOLE:
        group->flags &= ~GROUP_OPEN;
        if (status == HN_LIMIT)
            group_end(c, group);
        break;
    case JUDGE_EACH:
        if (group->ring.count > 0)
            window_drop(c, group);
        if (status == HN_LIMIT)
            group_end(c, group);
        break;
    case JUDGE_AT_END:
    case JUDGE_UNANSWERED:
    case JUDGE_AT_HIT:
    case JUDGE_NEW:
        group->flags &= ~GROUP_OPEN;
        group_end(c, group);
        break;
    }
    return status;
}

enum hn_status judge_due(struct correlate *c, const struct due *due)
{
    struct group *group = c->slots.ptr[due->slot].group;
    enum hn_status status = HN_OK;

    if (due->kind == DUE_CLOSE) {
        if (!c->ending) /* then its timespan is not over, and more may still be added */
            result_end(c, group, 0);
        return HN_OK;
    }
    c->pinned = group;
    c->ticket = due->ticket;
    status = due_by_judge(c, group);
    c->pinned = NULL;
    return status == HN_LIMIT ? HN_OK : status;
}
