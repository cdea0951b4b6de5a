/* correlate_naive.c - the reference: slow, plain, complete. */
#include "support/correlate_naive_internal.h"

#include <stdlib.h>

#define FIRED_MAX ((size_t)20000)

static void *need(void *ptr)
{
    if (ptr == NULL)
        abort();
    return ptr;
}

static int compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_place(const struct place *a, const struct place *b)
{
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    if (a->phase != b->phase)
        return a->phase - b->phase;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->a != b->a)
        return compare_u64(a->a, b->a);
    if (a->b != b->b)
        return compare_u64(a->b, b->b);
    if (a->producer != b->producer)
        return compare_u64(a->producer, b->producer);
    return compare_u64(a->serial, b->serial);
}

static int compare_events(const void *a, const void *b)
{
    const struct event *const *x = a;
    const struct event *const *y = b;

    return compare_place(&(*x)->place, &(*y)->place);
}

int naive_compare(const void *a, const void *b)
{
    const struct naive_result *x = a;
    const struct naive_result *y = b;
    int keys;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->correlation != y->correlation)
        return compare_u64(x->correlation, y->correlation);
    keys = strcmp(x->key, y->key);
    if (keys != 0)
        return keys;
    if (x->ended != y->ended)
        return x->ended ? 1 : -1;
    if (x->order != y->order)
        return compare_u64(x->order, y->order);
    return strcmp(x->news, y->news);
}

/* ---- Firing ---- */

static struct naive_result *add_result(struct task *task, const struct instance *last)
{
    struct naive_results *results = task->results;
    struct naive_result *result;

    if (results->count == results->room) {
        results->room = results->room == 0 ? 64 : results->room * 2;
        results->ptr = need(realloc(results->ptr, results->room * sizeof *results->ptr));
    }
    result = &results->ptr[results->count++];
    memset(result, 0, sizeof *result);
    result->correlation = task->index;
    memcpy(result->key, last->folded, sizeof result->key);
    result->order = last->event->order;
    return result;
}

static struct naive_result *fire(struct task *task, struct place place, hn_time time,
        const struct instance *last, const struct instance *trigger)
{
    struct event *event = &task->fired[(*task->fired_count)++];

    if (*task->fired_count == FIRED_MAX)
        abort();
    place.producer = task->index + 1;
    place.serial = last->serial;
    *event = (struct event){ .place = place,
        .time = time,
        .order = last->event->order,
        .is_correlation = true,
        .index = task->index,
        .trigger = trigger->event,
        .trigger_ref = trigger->ref };
    memcpy(event->key, last->key, sizeof event->key);
    add_result(task, last)->time = time;
    return &task->results->ptr[task->results->count - 1];
}

static void set_measured(struct naive_result *result, const struct measured *m)
{
    result->value = m->value;
    result->total = m->total;
    result->start = m->start;
}

static struct place due_place(const struct task *task, hn_time due, const struct instance *opener)
{
    return (struct place){ .time = due, .phase = 1, .a = task->index, .b = opener->serial };
}

static hn_time after(hn_time time, hn_time span)
{
    hn_time sum;

    return __builtin_add_overflow(time, span, &sum) ? INT64_MAX : sum;
}

static hn_time time_at(const struct task *task, size_t i)
{
    return task->all[i]->event->time;
}

/* A due is reached when time goes on, or when a hit comes later than it. */
static bool is_reached(const struct task *task, hn_time due)
{
    return due < INT64_MAX && (task->complete || due < task->end);
}

/* First instance within a timespan before instance i. */
static size_t window_from(const struct task *task, size_t i, hn_time now)
{
    size_t from = i;

    while (from > 0 && after(time_at(task, from - 1), task->model->timespan) >= now)
        from--;
    return from;
}

/* Last instance at or before a time, counted from instance i. */
static size_t window_to(const struct task *task, size_t i, hn_time time)
{
    while (i + 1 < task->count && time_at(task, i + 1) <= time)
        i++;
    return i;
}

/* Fires at most once per timespan; what comes until then is added to the last result. */
struct quiet {
    bool on;
    hn_time until;
    struct naive_result fired;
    uint64_t folded;
    double peak;
    const struct instance *last;
};

static void end_quiet(struct task *task, struct quiet *quiet)
{
    struct naive_result *result;

    if (quiet->on && quiet->folded > 0) {
        result = add_result(task, quiet->last);
        result->ended = true;
        result->time = quiet->fired.time;
        result->start = quiet->fired.start;
        result->value = quiet->peak;
        result->total = quiet->fired.total + quiet->folded;
    }
    quiet->on = false;
}

static void judge(struct task *task, struct quiet *quiet, struct place place, size_t from,
        size_t to, bool is_hit)
{
    struct measured m = naive_measure(task, from, to);
    const struct instance *last = task->all[to];
    bool each = task->model->condition != NULL && !is_hit;

    if (quiet->on && place.time > quiet->until)
        end_quiet(task, quiet);
    if (quiet->on) {
        if (is_hit || (each && m.fits)) {
            quiet->folded++;
            quiet->last = last;
        }
        if (m.fits && m.value > quiet->peak)
            quiet->peak = m.value;
        return;
    }
    if (!m.fits)
        return;
    *quiet = (struct quiet){
        .on = true, .until = after(place.time, task->model->timespan), .peak = m.value
    };
    set_measured(fire(task, place, place.time, last, last), &m);
    quiet->fired = task->results->ptr[task->results->count - 1];
    quiet->fired.cut_short = place.phase == 2 && !is_hit;
    task->results->ptr[task->results->count - 1].cut_short = place.phase == 2 && !is_hit;
}

/* ---- When windows are judged ---- */

static void run_at_hits(struct task *task)
{
    struct quiet quiet = { .on = false };

    for (size_t i = 0; i < task->count; i++)
        judge(task, &quiet, task->all[i]->event->place, window_from(task, i, time_at(task, i)), i,
                true);
    end_quiet(task, &quiet);
}

static void run_at_ends(struct task *task)
{
    size_t to;

    for (size_t i = 0; i < task->count; i = to + 1) {
        hn_time due = after(time_at(task, i), task->model->timespan);
        struct measured m;

        to = window_to(task, i, due);
        m = naive_measure(task, i, to);
        m.start = time_at(task, i);
        if (task->model->type == SIGMA_TEMPORAL)
            m.total = to - i + 1;
        if (is_reached(task, due) && m.fits) {
            struct place place = due_place(task, due, task->all[i]);

            set_measured(fire(task, place, due, task->all[to], task->all[to]), &m);
        }
    }
}

static void run_wholes(struct task *task)
{
    struct quiet quiet = { .on = false };
    hn_time span = task->model->timespan;
    size_t opened = 0;
    bool open = false;

    for (size_t i = 0; i <= task->count; i++) {
        hn_time due = open ? after(time_at(task, opened), span) : INT64_MAX;
        hn_time now = i < task->count ? time_at(task, i) : INT64_MAX;

        if (open && is_reached(task, due) && due < now) {
            judge(task, &quiet, due_place(task, due, task->all[opened]), opened,
                    window_to(task, opened, due), false);
            open = false;
        }
        if (i == task->count)
            break;
        if (i == 0 || after(time_at(task, i - 1), span) < now) {
            opened = i;
            open = true;
        }
        if (after(time_at(task, opened), span) <= now)
            judge(task, &quiet, task->all[i]->event->place, window_from(task, i, now), i, true);
    }
    if (open) {
        struct place place = { .time = task->end,
            .phase = 2,
            .at = task->index,
            .a = (uint64_t)after(time_at(task, opened), span),
            .b = task->all[opened]->serial };

        judge(task, &quiet, place,
                window_from(task, task->count - 1, time_at(task, task->count - 1)), task->count - 1,
                false);
    }
    end_quiet(task, &quiet);
}

static void run_each(struct task *task)
{
    struct quiet quiet = { .on = false };

    for (size_t i = 0; i < task->count; i++) {
        hn_time due = after(time_at(task, i), task->model->timespan);

        if (is_reached(task, due) && !naive_is_barred(task->model, task->all[i]->ref))
            judge(task, &quiet, due_place(task, due, task->all[i]), i, window_to(task, i, due),
                    false);
    }
    end_quiet(task, &quiet);
}

/* Each of the first rule's hits waits for itself; one result per timespan. */
static void run_absences(struct task *task)
{
    hn_time quiet_until = INT64_MIN;

    for (size_t i = 0; i < task->count; i++) {
        hn_time due = after(time_at(task, i), task->model->timespan);
        bool answered = !naive_same_input(task->model, task->all[i]->ref, 0);
        struct measured m = { .start = time_at(task, i) };
        size_t last = i;

        for (size_t k = i; k < task->count && time_at(task, k) <= due && !answered; k++) {
            answered = !naive_same_input(task->model, task->all[k]->ref, 0);
            last = k;
            m.total++;
        }
        m.value = (double)m.total;
        if (answered || !is_reached(task, due) || due <= quiet_until)
            continue;
        quiet_until = after(due, task->model->timespan);
        set_measured(
                fire(task, due_place(task, due, task->all[i]), due, task->all[last], task->all[i]),
                &m);
    }
}

static void run_first_seen(struct task *task)
{
    hn_time span = task->model->timespan == 0 ? INT64_MAX : task->model->timespan;
    size_t since = 0;

    for (size_t i = 0; i < task->count; i++) {
        char tuples[NAIVE_TUPLES_MAX][NAIVE_KEY_MAX];
        char shown[NAIVE_TUPLES_MAX][NAIVE_KEY_MAX];
        uint32_t count = naive_tuples(task, task->all[i], tuples, true);
        size_t from = i;

        (void)naive_tuples(task, task->all[i], shown, false);
        while (from > 0 && after(time_at(task, from - 1), span) >= time_at(task, i))
            from--;
        if (from == i)
            since = i;
        for (uint32_t k = 0; k < count; k++) {
            struct naive_result *result;

            if (naive_occurs(task, tuples[k], from, i) ||
                    after(time_at(task, since), task->model->learn) > time_at(task, i))
                continue;
            result = fire(
                    task, task->all[i]->event->place, time_at(task, i), task->all[i], task->all[i]);
            result->start = result->time;
            result->value = 1;
            result->total = 1;
            memcpy(result->news, shown[k], sizeof result->news);
            break; /* one result per hit */
        }
    }
}

static void run_group(struct task *task)
{
    switch (task->model->type) {
    case SIGMA_VALUE_AVG:
    case SIGMA_VALUE_MEDIAN:
    case SIGMA_VALUE_PERCENTILE:
        run_wholes(task);
        return;
    case SIGMA_ABSENCE:
        run_absences(task);
        return;
    case SIGMA_FIRST_SEEN:
        run_first_seen(task);
        return;
    case SIGMA_TEMPORAL:
    case SIGMA_TEMPORAL_ORDERED:
        if (task->model->condition != NULL && naive_negates(task->model->condition)) {
            run_each(task);
            return;
        }
        break;
    case SIGMA_PERIODICITY:
        run_at_hits(task);
        return;
    case SIGMA_EVENT_COUNT:
    case SIGMA_VALUE_COUNT:
    case SIGMA_VALUE_SUM:
        break;
    }
    if (naive_rises(task->model))
        run_at_hits(task);
    else
        run_at_ends(task);
}

/* ---- Groups ---- */

static bool is_usable(const struct task *task, const struct instance *instance)
{
    struct hn_text texts[CASE_FIELDS_MAX];
    bool numeric = false;
    wide eighths;

    switch (task->model->type) {
    case SIGMA_EVENT_COUNT:
    case SIGMA_TEMPORAL:
    case SIGMA_TEMPORAL_ORDERED:
    case SIGMA_ABSENCE:
    case SIGMA_PERIODICITY:
        return true;
    case SIGMA_VALUE_COUNT:
    case SIGMA_FIRST_SEEN:
        for (uint32_t i = 0; i < task->model->fields.count; i++) {
            if (naive_values(task, instance, i, texts) == 0)
                return false;
        }
        return true;
    case SIGMA_VALUE_SUM:
    case SIGMA_VALUE_AVG:
    case SIGMA_VALUE_MEDIAN:
    case SIGMA_VALUE_PERCENTILE:
        break;
    }
    for (uint32_t i = 0, count = naive_values(task, instance, 0, texts); i < count; i++)
        numeric = naive_eighths(texts[i], &eighths) || numeric;
    return numeric;
}

/* The event in each of its groups. */
static size_t add_instances(const struct task *task, const struct event *event,
        struct instance *instances, size_t count)
{
    const struct sigma_correlation *model = task->model;
    struct instance base = { .event = event };
    struct hn_text first[CASE_FIELDS_MAX] = { { "", 0 } };
    struct hn_text second[CASE_FIELDS_MAX] = { { "", 0 } };
    uint32_t firsts = 1;
    uint32_t seconds = 1;
    size_t start = count;

    while (base.ref < model->ref_count &&
            (model->refs[base.ref].is_correlation != event->is_correlation ||
                    model->refs[base.ref].index != event->index))
        base.ref++;
    if (base.ref == model->ref_count || !is_usable(task, &base))
        return count;
    if (model->group_by.count > 0)
        firsts = naive_look_up(
                task->c, event, naive_alias(model, base.ref, model->group_by.ptr[0]), first);
    if (model->group_by.count > 1)
        seconds = naive_look_up(
                task->c, event, naive_alias(model, base.ref, model->group_by.ptr[1]), second);
    for (uint32_t i = 0; i < firsts; i++) {
        for (uint32_t k = 0; k < seconds; k++) {
            struct instance *instance = &instances[count];
            bool again = false;

            *instance = base;
            instance->key[0] = first[i];
            instance->key[1] = second[k];
            instance->serial = count;
            naive_join(instance->key, model->group_by.count, true, instance->folded);
            for (size_t n = start; n < count; n++)
                again = again || strcmp(instances[n].folded, instance->folded) == 0;
            count += again ? 0 : 1;
        }
    }
    return count;
}

static void run_correlation(struct task *task, const struct events *events)
{
    struct instance *instances = need(calloc(events->count * 16 + 1, sizeof *instances));
    const struct instance **group = need(calloc(events->count * 16 + 1, sizeof(void *)));
    size_t count = 0;

    for (size_t i = 0; i < events->count; i++)
        count = add_instances(task, events->ptr[i], instances, count);
    task->all = group;
    for (size_t i = 0; i < count; i++) {
        bool done = false;

        for (size_t k = 0; k < i && !done; k++)
            done = strcmp(instances[k].folded, instances[i].folded) == 0;
        if (done)
            continue;
        task->count = 0;
        for (size_t k = i; k < count; k++) {
            if (strcmp(instances[k].folded, instances[i].folded) == 0)
                group[task->count++] = &instances[k];
        }
        run_group(task);
    }
    free(group);
    free(instances);
}

/* All that has happened so far, in the order of processing. */
static struct events sort_events(const struct event *fired, size_t count)
{
    struct events events = { need(calloc(count + 1, sizeof(void *))), count };

    for (size_t i = 0; i < count; i++)
        events.ptr[i] = &fired[i];
    qsort(events.ptr, count, sizeof(void *), compare_events);
    return events;
}

/* Whether a correlation at work listens to the rule. */
static bool is_wanted(const struct correlate_case *c, uint32_t rule, const bool *refused)
{
    for (uint32_t i = 0; i < c->set.correlation_count; i++) {
        const struct sigma_correlation *model = &c->set.correlations[i];

        for (uint32_t k = 0; k < model->ref_count && !refused[i]; k++) {
            if (!model->refs[k].is_correlation && model->refs[k].index == rule)
                return true;
        }
    }
    return false;
}

void naive_run(const struct correlate_case *c, bool complete, const bool *refused,
        struct naive_results *ret_results)
{
    struct event *fired = need(calloc(FIRED_MAX, sizeof *fired));
    size_t count = 0;
    hn_time end = 0;

    memset(ret_results, 0, sizeof *ret_results);
    for (size_t i = 0; i < c->hit_count; i++) {
        const struct case_hit *hit = &c->hits[i];

        if (!is_wanted(c, hit->rule, refused))
            continue;
        end = hit->time;
        fired[count++] =
                (struct event){ .place = { .time = hit->time, .a = hit->order, .b = hit->rule },
                    .time = hit->time,
                    .order = hit->order,
                    .index = hit->rule,
                    .hit = hit };
    }
    for (uint32_t i = 0; i < c->set.correlation_count; i++) {
        struct task task = { .c = c,
            .model = &c->set.correlations[i],
            .index = i,
            .complete = complete,
            .end = end,
            .results = ret_results,
            .fired = fired,
            .fired_count = &count };
        struct events events = sort_events(fired, count);

        if (!refused[i])
            run_correlation(&task, &events);
        free(events.ptr);
    }
    free(fired);
    if (ret_results->count > 0)
        qsort(ret_results->ptr, ret_results->count, sizeof *ret_results->ptr, naive_compare);
}
