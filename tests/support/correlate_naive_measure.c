/* correlate_naive_measure.c - what a window of hits comes to, counted from nothing each time. */
#include "support/correlate_naive_internal.h"

#include "base/num.h"

#include <math.h>
#include <stdlib.h>

static void *need(void *ptr)
{
    if (ptr == NULL)
        abort();
    return ptr;
}

/* ---- Fields ---- */

struct hn_text naive_alias(const struct sigma_correlation *model, uint32_t ref, struct hn_text name)
{
    for (uint32_t i = 0; i < model->alias_count; i++) {
        if (hn_text_eq(model->aliases[i].name, name))
            return model->aliases[i].fields[ref];
    }
    return name;
}

/* All texts of a field; an event of a correlation has its key, and else what made it fire had. */
uint32_t naive_look_up(const struct correlate_case *c, const struct event *event,
        struct hn_text name, struct hn_text *texts)
{
    uint32_t count = 0;

    while (event->is_correlation) {
        const struct sigma_correlation *model = &c->set.correlations[event->index];

        for (uint32_t i = 0; i < model->group_by.count; i++) {
            if (hn_text_eq(model->group_by.ptr[i], name)) {
                texts[0] = event->key[i];
                return 1;
            }
        }
        name = naive_alias(model, event->trigger_ref, name);
        event = event->trigger;
    }
    for (uint32_t i = 0; i < event->hit->field_count; i++) {
        if (hn_text_eq(event->hit->fields[i].name, name))
            texts[count++] = event->hit->fields[i].text;
    }
    return count;
}

/* Joined with '|', ASCII letters lowered where asked. */
void naive_join(const struct hn_text *texts, uint32_t count, bool fold, char *out)
{
    size_t len = 0;

    for (uint32_t i = 0; i < count; i++) {
        for (size_t k = 0; k < texts[i].len && len < NAIVE_KEY_MAX - 3; k++) {
            char ch = texts[i].ptr[k];

            out[len++] = fold && ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch;
        }
        out[len++] = '|';
    }
    out[len] = '\0';
}

uint32_t naive_values(const struct task *task, const struct instance *instance, uint32_t field,
        struct hn_text *texts)
{
    struct hn_text name = naive_alias(task->model, instance->ref, task->model->fields.ptr[field]);

    return naive_look_up(task->c, instance->event, name, texts);
}

/* ---- Bounds and numbers ---- */

static bool holds(const struct sigma_correlation *model, double value)
{
    bool all = true;

    for (uint32_t i = 0; i < model->bound_count; i++) {
        double bound = model->bounds[i].value;
        const bool results[] = {
            [SIGMA_BOUND_LT] =
                    value<bound, [SIGMA_BOUND_LTE] = value <= bound, [SIGMA_BOUND_GT] = value>
                            bound,
            [SIGMA_BOUND_GTE] = value >= bound,
            [SIGMA_BOUND_EQ] = value == bound,
            [SIGMA_BOUND_NEQ] = value != bound
        };

        all = all && results[model->bounds[i].op];
    }
    return all;
}

bool naive_rises(const struct sigma_correlation *model)
{
    for (uint32_t i = 0; i < model->bound_count; i++) {
        if (model->bounds[i].op != SIGMA_BOUND_GT && model->bounds[i].op != SIGMA_BOUND_GTE)
            return false;
    }
    return true;
}

/* Eighths; the case has no other numbers. */
bool naive_eighths(struct hn_text text, wide *ret_eighths)
{
    double real;
    uint64_t hex;

    if (text.len > 2 && text.ptr[1] == 'x' && hn_parse_hex64(text, &hex)) {
        *ret_eighths = (wide)hex * 8;
        return true;
    }
    if (!hn_parse_real(text, &real))
        return false;
    *ret_eighths = (wide)(real * 8);
    return true;
}

static int compare_doubles(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;

    return (*x > *y) - (*x < *y);
}

/* ---- What a window of instances from..to (both in it) comes to ---- */

static double percentile(double *sorted, size_t count, double share)
{
    double at = share * (double)(count - 1);
    double part = at - floor(at);
    size_t low = (size_t)floor(at);

    if (part <= 0)
        return sorted[low];
    return sorted[low] * (1 - part) + sorted[low + 1] * part;
}

static struct measured measure_numbers(const struct task *task, size_t from, size_t to)
{
    double numbers[CASE_HITS_MAX * 2 * 4];
    struct measured m = { .start = task->all[from]->event->time };
    wide sum = 0;
    size_t count = 0;

    for (size_t i = from; i <= to; i++) {
        struct hn_text texts[CASE_FIELDS_MAX] = { { "", 0 } };
        uint32_t found = naive_values(task, task->all[i], 0, texts);
        wide eighths;

        for (uint32_t k = 0; k < found; k++) {
            if (naive_eighths(texts[k], &eighths)) {
                sum += eighths;
                numbers[count++] = (double)eighths / 8;
            }
        }
    }
    m.total = count;
    if (task->model->type == SIGMA_VALUE_SUM || task->model->type == SIGMA_VALUE_AVG) {
        m.value = (double)sum / 8;
        if (task->model->type == SIGMA_VALUE_AVG)
            m.value /= (double)count;
    } else {
        qsort(numbers, count, sizeof *numbers, compare_doubles);
        m.value = percentile(numbers, count,
                task->model->type == SIGMA_VALUE_MEDIAN ? 0.5 : task->model->percentile / 100);
    }
    m.fits = holds(task->model, m.value);
    return m;
}

/* Calls for each combination of values of the counted fields. */
uint32_t naive_tuples(const struct task *task, const struct instance *instance,
        char tuples[][NAIVE_KEY_MAX], bool fold)
{
    struct hn_text first[CASE_FIELDS_MAX] = { { "", 0 } };
    struct hn_text second[CASE_FIELDS_MAX] = { { "", 0 } };
    uint32_t firsts = naive_values(task, instance, 0, first);
    uint32_t seconds = 1;
    uint32_t count = 0;

    if (task->model->fields.count == 2)
        seconds = naive_values(task, instance, 1, second);
    for (uint32_t i = 0; i < firsts; i++) {
        for (uint32_t k = 0; k < seconds; k++) {
            struct hn_text pair[2] = { first[i], second[k] };

            if (task->model->fields.count == 1)
                naive_join(&first[i], 1, fold, tuples[count++]);
            else
                naive_join(pair, 2, fold, tuples[count++]);
        }
    }
    return count;
}

/* True when the tuple occurs in the instances from..to. */
bool naive_occurs(const struct task *task, const char *tuple, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        char tuples[NAIVE_TUPLES_MAX][NAIVE_KEY_MAX];
        uint32_t count = naive_tuples(task, task->all[i], tuples, true);

        for (uint32_t k = 0; k < count; k++) {
            if (strcmp(tuples[k], tuple) == 0)
                return true;
        }
    }
    return false;
}

/* Distinct values, each counted where it occurs for the last time. */
static struct measured measure_distinct(const struct task *task, size_t from, size_t to)
{
    struct measured m = { .start = INT64_MAX };

    for (size_t i = from; i <= to; i++) {
        char tuples[NAIVE_TUPLES_MAX][NAIVE_KEY_MAX];
        uint32_t count = naive_tuples(task, task->all[i], tuples, true);

        for (uint32_t k = 0; k < count; k++) {
            bool again = naive_occurs(task, tuples[k], i + 1, to + 1);

            for (uint32_t n = k + 1; n < count; n++)
                again = again || strcmp(tuples[n], tuples[k]) == 0;
            if (!again) {
                m.total++;
                if (m.start == INT64_MAX)
                    m.start = task->all[i]->event->time;
            }
        }
    }
    m.value = (double)m.total;
    m.fits = holds(task->model, m.value);
    return m;
}

bool naive_same_input(const struct sigma_correlation *model, uint32_t a, uint32_t b)
{
    return model->refs[a].is_correlation == model->refs[b].is_correlation &&
           model->refs[a].index == model->refs[b].index;
}

static uint32_t listed(const struct sigma_correlation *model, uint32_t ref)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < model->ref_count; i++)
        count += naive_same_input(model, i, ref) ? 1 : 0;
    return count;
}

static bool tree_holds(
        const struct task *task, const struct sigma_ref_node *node, size_t from, size_t to)
{
    bool value = node->kind == SIGMA_TRUE || node->kind == SIGMA_AND;

    switch (node->kind) {
    case SIGMA_ITEM:
        for (size_t i = from; i <= to; i++)
            value = value || naive_same_input(task->model, task->all[i]->ref, node->ref);
        return value;
    case SIGMA_NOT:
        return !tree_holds(task, node->children[0], from, to);
    case SIGMA_AND:
    case SIGMA_OR:
        for (uint32_t i = 0; i < node->count; i++) {
            bool child = tree_holds(task, node->children[i], from, to);

            value = node->kind == SIGMA_AND ? value && child : value || child;
        }
        return value;
    case SIGMA_TRUE:
    case SIGMA_FALSE:
        break;
    }
    return value;
}

bool naive_negates(const struct sigma_ref_node *node)
{
    bool found = node->kind == SIGMA_NOT;

    for (uint32_t i = 0; i < node->count && node->kind != SIGMA_ITEM; i++)
        found = found || naive_negates(node->children[i]);
    return found;
}

/* Of each rule, as many of the latest as it is listed times. */
static struct measured measure_temporal(const struct task *task, size_t from, size_t to)
{
    struct measured m = { .start = INT64_MAX };

    for (size_t i = to + 1; i-- > from;) {
        uint32_t later = 0;

        for (size_t k = i + 1; k <= to; k++)
            later += naive_same_input(task->model, task->all[k]->ref, task->all[i]->ref) ? 1 : 0;
        if (later < listed(task->model, task->all[i]->ref)) {
            m.total++;
            m.start = task->all[i]->event->time;
        }
    }
    m.value = (double)m.total;
    if (task->model->condition != NULL && naive_negates(task->model->condition)) {
        m.total = to - from + 1;
        m.start = task->all[from]->event->time;
    }
    if (task->model->condition != NULL)
        m.fits = tree_holds(task, task->model->condition, from, to);
    else if (task->model->bound_count > 0)
        m.fits = holds(task->model, m.value);
    else
        m.fits = m.total == task->model->ref_count;
    return m;
}

/* Whether a ref is negated in a condition (of temporal_ordered: all joined by and). */
static bool is_negated(const struct sigma_correlation *model, const struct sigma_ref_node *node,
        uint32_t ref, bool negated)
{
    bool found = false;

    if (node->kind == SIGMA_ITEM)
        return negated && naive_same_input(model, node->ref, ref);
    for (uint32_t i = 0; i < node->count; i++)
        found = found || is_negated(model, node->children[i], ref,
                                 node->kind == SIGMA_NOT ? !negated : negated);
    return found;
}

bool naive_is_barred(const struct sigma_correlation *model, uint32_t ref)
{
    return model->type == SIGMA_TEMPORAL_ORDERED && model->condition != NULL &&
           is_negated(model, model->condition, ref, false);
}

static bool is_step(const struct task *task, size_t instance, uint32_t step)
{
    return naive_same_input(task->model, task->all[instance]->ref, step) &&
           !naive_is_barred(task->model, step);
}

static bool has_repeats(const struct sigma_correlation *model)
{
    for (uint32_t i = 0; i < model->ref_count; i++) {
        if (listed(model, i) > 1 && !naive_is_barred(model, i))
            return true;
    }
    return false;
}

/* Whether instance `next` may stand behind instance `last` in a sequence. */
static bool may_follow(const struct task *task, size_t last, size_t next)
{
    if (has_repeats(task->model))
        return next > last;
    return next != last && task->all[next]->event->time >= task->all[last]->event->time;
}

/* Sequences that begin with one instance: longest[i * refs + step] is the length of the longest
 * that ends with instance i as that step. */
struct search {
    const struct task *task;
    size_t from;
    size_t to;
    uint32_t *longest;
    uint32_t best;
};

/* Every instance that may come next in the sequences that end with instance i as a step. True when
 * one of them has become longer. */
static bool extend(struct search *search, size_t i, uint32_t step)
{
    const struct sigma_correlation *model = search->task->model;
    uint32_t len = search->longest[i * model->ref_count + step];
    bool changed = false;

    for (size_t k = search->from; k <= search->to && len > 0; k++) {
        for (uint32_t after = step + 1; after < model->ref_count; after++) {
            uint32_t *end = &search->longest[k * model->ref_count + after];

            if (!is_step(search->task, k, after) || !may_follow(search->task, i, k) || *end > len)
                continue;
            *end = len + 1;
            search->best = *end > search->best ? *end : search->best;
            changed = true;
        }
    }
    return changed;
}

/* The longest ordered sequence that begins with instance `first` as step `as`, by extending all
 * sequences by all instances until nothing changes. */
static uint32_t longest_from(
        const struct task *task, size_t first, uint32_t as, size_t from, size_t to)
{
    uint32_t refs = task->model->ref_count;
    struct search search = { task, from, to, NULL, 1 };
    bool changed = true;

    search.longest = need(calloc(task->count * refs + 1, sizeof *search.longest));
    search.longest[first * refs + as] = 1;
    while (changed) {
        changed = false;
        for (size_t i = from; i <= to; i++) {
            for (uint32_t step = as; step < refs; step++)
                changed = extend(&search, i, step) || changed;
        }
    }
    free(search.longest);
    return search.best;
}

/* Where something is barred, `from` is the hit that opened the timespan: nothing barred may come
 * after it; the sequence may begin with another hit of its time. */
static struct measured measure_ordered(const struct task *task, size_t from, size_t to)
{
    const struct sigma_correlation *model = task->model;
    struct measured m = { .start = 0 };
    uint32_t needed = 0;
    bool barred = false;
    size_t first = from;

    for (uint32_t i = 0; i < model->ref_count; i++)
        needed += naive_is_barred(model, i) ? 0 : 1;
    for (uint32_t i = 0; i < model->bound_count; i++) {
        uint32_t bound = (uint32_t)model->bounds[i].value;

        needed = i == 0 || bound > needed ? bound : needed;
    }
    for (size_t i = from; i <= to; i++)
        barred = barred || naive_is_barred(model, task->all[i]->ref);
    while (first > 0 && task->all[first - 1]->event->time == task->all[from]->event->time)
        first--;
    for (size_t i = to + 1; i-- > first && m.total < needed;) {
        for (uint32_t step = 0; step < model->ref_count; step++) {
            if (is_step(task, i, step) && longest_from(task, i, step, first, to) >= needed) {
                m.total = needed;
                m.start = task->all[i]->event->time;
            }
        }
    }
    m.value = (double)m.total;
    m.fits = m.total == needed && !barred;
    return m;
}

static double least_beats(const struct sigma_correlation *model)
{
    double least = model->bound_count == 0 ? 8 : 3;

    for (uint32_t i = 0; i < model->bound_count; i++) {
        const struct sigma_bound *bound = &model->bounds[i];
        double whole = 0;

        if (bound->op == SIGMA_BOUND_GT)
            whole = bound->value + 1;
        else if (bound->op == SIGMA_BOUND_GTE)
            whole = bound->value;
        least = whole > least ? whole : least;
    }
    return least;
}

/* The intervals, extra beats joined into the next one, measured in periods: are they regular? */
static bool are_regular(
        const double *intervals, size_t count, double period, double jitter, uint32_t *ret_regular)
{
    double tolerance = 3 * jitter < 0.5 ? 3 * jitter : 0.5;
    double joined = 0;
    double sum = 0;
    double squares = 0;
    double mean;
    uint32_t regular = 0;
    uint32_t irregular = 0;

    for (size_t i = 0; i < count; i++) {
        double whole;

        joined += intervals[i] / period;
        whole = floor(joined + 0.5);
        if (joined < 0.5) {
            irregular++;
            continue;
        }
        if (whole >= 1 && whole <= 4 && fabs(joined - whole) <= tolerance) {
            regular++;
            irregular += (uint32_t)whole - 1;
            sum += joined - whole;
            squares += (joined - whole) * (joined - whole);
        } else {
            irregular++;
        }
        joined = 0;
    }
    *ret_regular = regular;
    mean = sum / regular;
    return regular >= 4 * irregular &&
           sqrt(fmax(squares / regular - mean * mean, 0)) / (1 + mean) <= jitter;
}

static struct measured measure_beats(const struct task *task, size_t from, size_t to)
{
    struct measured m = { .start = 0 };
    double least = least_beats(task->model);
    size_t keep = (size_t)least * 5 / 4 + 2;
    hn_time times[CASE_HITS_MAX * 4] = { 0 };
    double intervals[CASE_HITS_MAX * 4] = { 0 };
    double sorted[CASE_HITS_MAX * 4];
    size_t beats = 0;
    hn_time last = 0;
    uint32_t regular;

    /* Where a beat begins depends on the one before it, in the window or not. */
    for (size_t i = 0; i <= to; i++) {
        hn_time time = task->all[i]->event->time;

        if (i > 0 && (time == last || time - last < task->model->burst))
            continue;
        last = time;
        if (i >= from)
            times[beats++] = time;
    }
    if (beats > keep) {
        memmove(times, times + beats - keep, keep * sizeof *times);
        beats = keep;
    }
    m.start = times[0];
    m.total = beats;
    if ((double)beats - 1 < least)
        return m;
    for (size_t i = 0; i + 1 < beats; i++)
        intervals[i] = (double)(times[i + 1] - times[i]);
    memcpy(sorted, intervals, (beats - 1) * sizeof *sorted);
    qsort(sorted, beats - 1, sizeof *sorted, compare_doubles);
    m.fits = are_regular(
            intervals, beats - 1, sorted[(beats - 1) / 2], task->model->jitter, &regular);
    m.value = regular;
    m.fits = m.fits && regular >= least && holds(task->model, m.value);
    return m;
}

struct measured naive_measure(const struct task *task, size_t from, size_t to)
{
    struct measured m = { .start = task->all[from]->event->time };

    switch (task->model->type) {
    case SIGMA_VALUE_COUNT:
        return measure_distinct(task, from, to);
    case SIGMA_TEMPORAL:
        return measure_temporal(task, from, to);
    case SIGMA_TEMPORAL_ORDERED:
        return measure_ordered(task, from, to);
    case SIGMA_VALUE_SUM:
    case SIGMA_VALUE_AVG:
    case SIGMA_VALUE_MEDIAN:
    case SIGMA_VALUE_PERCENTILE:
        return measure_numbers(task, from, to);
    case SIGMA_PERIODICITY:
        return measure_beats(task, from, to);
    case SIGMA_EVENT_COUNT:
    case SIGMA_ABSENCE:
    case SIGMA_FIRST_SEEN:
        break;
    }
    m.total = to - from + 1;
    m.value = (double)m.total;
    m.fits = holds(task->model, m.value);
    return m;
}
