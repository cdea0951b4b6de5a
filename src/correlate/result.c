/* result.c - what fires: told to the caller, and handed on to the correlations that listen.
 *
 * A group that has fired over a sliding window stays quiet for a timespan, until no hit that it
 * fired on can be in the window any more. What comes in the meantime is added up and told at the
 * end, under the same id. */
#include "correlate/correlate_internal.h"

#include "base/hash.h"
#include "correlate/wire.h"

/* The counted texts of a group's key, one view each; there are as many as group-by has names. */
static void split_key(
        const struct correlate *c, const struct group *group, struct hn_text *ret_texts)
{
    struct hn_reader in = hn_reader_over(hn_text_as_bytes(group_shown(group)));

    for (uint32_t i = 0; i < group_lane(c, group)->model->group_by.count; i++)
        ret_texts[i] = get_text(&in);
}

static struct hn_digest result_id(
        const struct correlate *c, const struct group *group, const struct firing *firing)
{
    struct hn_text key = group_key(group);
    struct hn_digest when = { (uint64_t)firing->time, firing->mark.order };

    return hn_digest_join(group_lane(c, group)->model->meta.digest,
            hn_digest_join(when, hn_digest_of(key.ptr, key.len)));
}

static void begin(const struct correlate *c, const struct group *group, struct hn_text *key,
        struct correlate_result *ret_result)
{
    const struct plan_lane *lane = group_lane(c, group);

    split_key(c, group, key);
    *ret_result = (struct correlate_result){
        .correlation = group->lane,
        .level = lane->level,
        .key = key,
        .key_count = lane->model->group_by.count,
    };
}

static void tell_caller(const struct correlate *c, const struct correlate_result *result)
{
    if (c->options.on_result != NULL)
        c->options.on_result(c->options.ctx, result);
}

/* ---- To the correlations that listen ---- */

static bool give_value(struct correlate *c, struct work *work, uint32_t field, struct hn_text text)
{
    struct work_value *value;

    if (work->value_count == CORRELATE_VALUES_MAX)
        return true;
    value = hn_vec_add(&c->work_values);
    if (value == NULL)
        return false;
    *value = (struct work_value){ field, (uint32_t)text.len, c->work_text.len };
    hn_buf_add_text(&c->work_text, text);
    work->value_count++;
    return hn_buf_ok(&c->work_text);
}

/* A carried name's values: from the hit that completed the window, or as the group keeps them. */
static bool give_carried(struct correlate *c, const struct group *group, const struct pass *pass,
        struct work *work, uint32_t field)
{
    uint32_t position = group_lane(c, group)->outputs[field].position;
    struct hn_reader in = hn_reader_over(hn_bytes_of(group->carried, group->carried_bytes));
    uint32_t count = 0;

    if (pass != NULL) {
        struct run run = correlate_find_run(pass->hit, pass->input->carried[position]);

        for (uint32_t i = 0; i < run.count; i++) {
            if (!give_value(c, work, field, pass->hit->values[run.first + i].text))
                return false;
        }
        return true;
    }
    for (uint32_t i = 0; i <= position; i++) {
        count = hn_reader_u32(&in);
        for (uint32_t k = 0; k < count && i < position; k++)
            (void)get_text(&in);
    }
    for (uint32_t i = 0; i < count && hn_reader_ok(&in); i++) {
        if (!give_value(c, work, field, get_text(&in)))
            return false;
    }
    return true;
}

/* Queues the result as a hit, before those of later correlations. */
static enum hn_status hand_on(struct correlate *c, const struct group *group,
        const struct firing *firing, const struct hn_text *key)
{
    const struct plan_node *node = &c->plan->nodes[c->plan->set->rule_count + group->lane];
    struct work work = { group->lane, firing->time, firing->mark.order, firing->mark.ref,
        c->work_values.count, 0 };
    size_t pos;

    if (node->edges.count == 0)
        return HN_OK;
    for (uint32_t i = 0; i < node->fields.count; i++) {
        const struct plan_output *output = &group_lane(c, group)->outputs[i];
        bool given = output->is_key ? give_value(c, &work, i, key[output->position])
                                    : give_carried(c, group, firing->pass, &work, i);

        if (!given)
            return HN_NOMEM;
    }
    if (hn_vec_add(&c->work) == NULL)
        return HN_NOMEM;
    for (pos = c->work.count - 1; pos > c->work_next; pos--) {
        if (c->work.ptr[pos - 1].lane <= work.lane)
            break;
        c->work.ptr[pos] = c->work.ptr[pos - 1];
    }
    c->work.ptr[pos] = work;
    return HN_OK;
}

/* ---- Firing ---- */

static enum hn_status open_episode(
        struct correlate *c, struct group *group, const struct correlate_result *result)
{
    enum hn_status status = HN_OK;

    while (group->episode == NULL) {
        group->episode = budget_alloc(&c->budget, sizeof *group->episode);
        if (group->episode == NULL && (c->budget.status != HN_LIMIT || !group_evict(c)))
            return c->budget.status;
    }
    *group->episode = (struct episode){
        .fired = result->time,
        .start = result->start,
        .id = result->id,
        .total = result->total,
        .peak = result->value,
    };
    status =
            timer_add(c, group, time_after(result->time, group_lane(c, group)->span), DUE_CLOSE, 0);
    if (status != HN_OK) {
        budget_free(&c->budget, group->episode, sizeof *group->episode);
        group->episode = NULL;
    }
    return status;
}

enum hn_status result_fire(struct correlate *c, struct group *group, const struct firing *firing,
        const struct evidence *evidence)
{
    enum judge judge = group_lane(c, group)->judge;
    struct hn_text key[CORRELATE_GROUP_FIELDS_MAX];
    struct correlate_result result;
    enum hn_status status = HN_OK;

    begin(c, group, key, &result);
    result.event = CORRELATE_FIRED;
    result.id = result_id(c, group, firing);
    result.start = evidence->start;
    result.end = firing->time;
    result.time = firing->time;
    result.order = firing->mark.order;
    result.ref = firing->mark.ref;
    result.value = firing->value;
    result.total = evidence->total;
    result.flags = firing->flags;
    result.parts = evidence->parts;
    result.part_count = evidence->count;
    result.values = evidence->values;
    result.value_count = evidence->value_count;
    result.period = evidence->period;
    result.variation = evidence->variation;

    if (judge == JUDGE_AT_HIT || judge == JUDGE_WHOLE || judge == JUDGE_EACH)
        status = open_episode(c, group, &result);
    c->stats.fired++;
    tell_caller(c, &result);
    return status == HN_OK ? hand_on(c, group, firing, key) : status;
}

void result_end(struct correlate *c, struct group *group, uint32_t flags)
{
    struct episode *episode = group->episode;
    struct hn_text key[CORRELATE_GROUP_FIELDS_MAX];
    struct correlate_result result;
    struct correlate_part part;

    if (episode == NULL)
        return;
    if (episode->folded > 0) {
        begin(c, group, key, &result);
        part = (struct correlate_part){ episode->last.time, episode->last.order, episode->last.ref,
            episode->last.input };
        result.event = CORRELATE_ENDED;
        result.id = episode->id;
        result.start = episode->start;
        result.end = episode->last.time;
        result.time = episode->fired;
        result.order = episode->last.order;
        result.ref = episode->last.ref;
        result.value = episode->peak;
        result.total = episode->total + episode->folded;
        result.flags = flags;
        result.parts = &part;
        result.part_count = 1;
        tell_caller(c, &result);
    }
    budget_free(&c->budget, episode, sizeof *episode);
    group->episode = NULL;
}
