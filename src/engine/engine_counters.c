/* engine_counters.c - numbers for metrics: written in the order of results, read by anybody. */
#include "engine/engine_internal.h"

#include "base/mem.h"

#define NAMES_BYTES_MAX ((size_t)256 << 20)

const hn_time engine_lag_bounds[ENGINE_LAG_COUNT] = { HN_MILLISECOND, 5 * HN_MILLISECOND,
    10 * HN_MILLISECOND, 25 * HN_MILLISECOND, 50 * HN_MILLISECOND, 100 * HN_MILLISECOND,
    250 * HN_MILLISECOND, 500 * HN_MILLISECOND, HN_SECOND, 5 * HN_SECOND, 30 * HN_SECOND,
    HN_MINUTE };

void engine_counters_init(struct counters *counters)
{
    (void)pthread_mutex_init(&counters->lock, NULL);
    hn_arena_init(&counters->arena, NAMES_BYTES_MAX);
}

void engine_counters_deinit(struct counters *counters)
{
    hn_map_deinit(&counters->source_map);
    hn_map_deinit(&counters->rule_map);
    hn_vec_deinit(&counters->source_names);
    hn_vec_deinit(&counters->sources);
    hn_vec_deinit(&counters->rule_names);
    hn_vec_deinit(&counters->rules);
    hn_arena_deinit(&counters->arena);
    (void)pthread_mutex_destroy(&counters->lock);
}

/* NULL when there is no memory: then it is not counted, and nothing else suffers. */
static struct engine_source_counters *source_of(struct counters *counters, struct hn_text name)
{
    uint32_t index = hn_map_find(&counters->source_map, name);
    struct engine_source_counters *source;
    struct hn_text *kept;

    if (index == HN_MAP_NONE && counters->sources.count == ENGINE_SOURCES_MAX) {
        name = HN_TEXT("others");
        index = hn_map_find(&counters->source_map, name);
    }
    if (index != HN_MAP_NONE)
        return &counters->sources.ptr[index];
    kept = hn_vec_add(&counters->source_names);
    if (kept == NULL)
        return NULL;
    *kept = hn_arena_text(&counters->arena, name);
    source = kept->ptr == NULL ? NULL : hn_vec_add(&counters->sources);
    if (source == NULL || !hn_map_put(&counters->source_map, *kept,
                                  (uint32_t)counters->sources.count - 1, &index)) {
        counters->source_names.count--;
        counters->sources.count = counters->source_names.count;
        return NULL;
    }
    *source = (struct engine_source_counters){ .received = HN_TIME_NONE };
    return source;
}

static struct engine_rule_counters *rule_of(struct counters *counters, struct hn_text id)
{
    uint32_t index = hn_map_find(&counters->rule_map, id);
    struct engine_rule_counters *rule;
    struct hn_text *kept;

    if (index == HN_MAP_NONE && counters->rules.count >= ENGINE_RULES_MAX) {
        id = HN_TEXT("others");
        index = hn_map_find(&counters->rule_map, id);
    }
    if (index != HN_MAP_NONE)
        return &counters->rules.ptr[index];
    kept = hn_vec_add(&counters->rule_names);
    if (kept == NULL)
        return NULL;
    *kept = hn_arena_text(&counters->arena, id);
    rule = kept->ptr == NULL ? NULL : hn_vec_add(&counters->rules);
    if (rule == NULL ||
            !hn_map_put(&counters->rule_map, *kept, (uint32_t)counters->rules.count - 1, &index)) {
        counters->rule_names.count--;
        counters->rules.count = counters->rule_names.count;
        return NULL;
    }
    *rule = (struct engine_rule_counters){ .last = HN_TIME_NONE };
    return rule;
}

static struct hn_text name_of(const struct sigma_meta *meta)
{
    return meta->id.len > 0 ? meta->id : meta->title;
}

/* Indicators are many, and each has its own listing; here they are one. */
static struct hn_text rule_name(const struct judge_alert *alert)
{
    return alert->brief.kind == ALERT_INDICATOR ? HN_TEXT("indicator") : name_of(alert->brief.meta);
}

struct taking {
    struct counters *counters;
    const struct sigma_set *rules;
};

static void on_rule_cost(void *ctx, uint32_t rule, const struct match_rule_cost *cost)
{
    const struct taking *taking = ctx;
    struct engine_rule_counters *counted =
            rule_of(taking->counters, name_of(&taking->rules->rules[rule].meta));

    if (counted == NULL)
        return;
    counted->nanoseconds += cost->nanoseconds;
    counted->regex_limited += cost->regex_limited;
    counted->regex_steps += cost->regex_steps;
}

void engine_counters_take_costs(struct counters *counters, struct judge *judge)
{
    struct taking taking = { counters, judge_set_rules(judge_get_set(judge)) };

    (void)pthread_mutex_lock(&counters->lock);
    judge_take_rule_costs(judge, on_rule_cost, &taking);
    (void)pthread_mutex_unlock(&counters->lock);
}

static unsigned lag_bucket(hn_time lag)
{
    unsigned bucket = 0;

    while (bucket < ENGINE_LAG_COUNT && lag > engine_lag_bounds[bucket])
        bucket++;
    return bucket;
}

static void add_source(struct engine_source_counters *source, const struct record *record,
        const struct engine_result *result, const uint64_t *findings, hn_time lag)
{
    source->records++;
    source->bytes += record->len - record->head_len;
    source->damaged += record->damaged;
    source->events += result->events;
    source->alerts += result->alert_count;
    for (size_t i = 0; i < HN_FINDING_COUNT; i++)
        source->findings[i] += findings[i];
    source->received = record->received;
    if (lag < 0) /* the clock was set back */
        lag = 0;
    source->lag[lag_bucket(lag)]++;
    source->lag_sum += lag;
}

void engine_counters_add(struct counters *counters, const struct record *record,
        const struct engine_result *result, const uint64_t *findings, hn_time lag)
{
    struct engine_totals *totals = &counters->totals;
    struct engine_source_counters *source;

    (void)pthread_mutex_lock(&counters->lock);
    totals->set = judge_set_digest(record->set);
    totals->correlations = engine_correlation_stats(&record->engine->correlating);
    totals->past = engine_past_totals(&record->engine->correlating.past);
    if (result != NULL) {
        totals->records++;
        totals->events += result->events;
        totals->alerts += result->alert_count;
        source = record->kind == JOURNAL_BATCH ? source_of(counters, record->source) : NULL;
        if (source != NULL)
            add_source(source, record, result, findings, lag);
        for (size_t i = 0; i < result->alert_count; i++) {
            struct engine_rule_counters *rule = rule_of(counters, rule_name(&result->alerts[i]));

            if (rule == NULL)
                continue;
            rule->alerts++;
            rule->last = record->received;
        }
    }
    (void)pthread_mutex_unlock(&counters->lock);
}

/* ---- Reading ---- */

/* on_source and on_rule run with the lock held: they write numbers down and come back. */
void engine_each_source(struct engine *engine, engine_on_source *on_source, void *ctx)
{
    struct counters *counters = &engine->counters;

    (void)pthread_mutex_lock(&counters->lock);
    for (size_t i = 0; i < counters->sources.count; i++)
        on_source(ctx, counters->source_names.ptr[i], &counters->sources.ptr[i]);
    (void)pthread_mutex_unlock(&counters->lock);
}

void engine_each_rule(struct engine *engine, engine_on_rule *on_rule, void *ctx)
{
    struct counters *counters = &engine->counters;

    (void)pthread_mutex_lock(&counters->lock);
    for (size_t i = 0; i < counters->rules.count; i++)
        on_rule(ctx, counters->rule_names.ptr[i], &counters->rules.ptr[i]);
    (void)pthread_mutex_unlock(&counters->lock);
}

struct engine_totals engine_totals(struct engine *engine)
{
    struct engine_totals totals;

    (void)pthread_mutex_lock(&engine->counters.lock);
    totals = engine->counters.totals;
    (void)pthread_mutex_unlock(&engine->counters.lock);
    totals.position = atomic_load(&engine->position);
    (void)pthread_mutex_lock(&engine->keeper.lock);
    totals.applied = engine->keeper.applied;
    totals.snapshot = engine->keeper.durable;
    (void)pthread_mutex_unlock(&engine->keeper.lock);
    return totals;
}
