/* snapshot.c - life of snapshots and scratches. */
#include "match/match_internal.h"

#include "base/mem.h"

#include <assert.h>

#define SNAPSHOT_BYTES_MAX ((size_t)4 << 30)

static enum hn_status compile(
        struct match_snapshot *snapshot, const struct match_options *options, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; i < options->field_count; i++) {
        if (hn_schema_want(snapshot->schema, options->fields[i]) == HN_FIELD_NONE)
            return hn_fail(err, HN_NOMEM, 0, "field names");
    }
    if (options->want_context)
        status = hn_schema_want_context(snapshot->schema);
    for (uint32_t i = 0; status == HN_OK && i < snapshot->set->rule_count; i++) {
        snapshot->rules[i].enabled = options->enabled == NULL || options->enabled[i];
        if (snapshot->rules[i].enabled)
            status = compile_rule(snapshot, i, err);
    }
    if (status == HN_OK && options->on_schema != NULL)
        status = options->on_schema(options->ctx, snapshot->schema);
    if (status == HN_OK)
        status = hn_schema_seal(snapshot->schema, err);
    if (status == HN_OK)
        status = plan_make(snapshot, err);
    if (status != HN_OK)
        return hn_fail(err, status, 0, "rules cannot be compiled");
    return HN_OK;
}

static void snapshot_free(struct match_snapshot *snapshot)
{
    plan_free(snapshot);
    hn_vec_deinit(&snapshot->atoms);
    hn_vec_deinit(&snapshot->predicates);
    hn_vec_deinit(&snapshot->tests);
    hn_vec_deinit(&snapshot->parts);
    hn_vec_deinit(&snapshot->groups);
    hn_map_deinit(&snapshot->predicate_by_key);
    hn_schema_free(snapshot->schema);
    hn_arena_deinit(&snapshot->arena);
    sigma_set_unref(snapshot->set);
    hn_free(snapshot);
}

enum hn_status match_snapshot_new(struct sigma_set *set, const struct match_options *options,
        struct match_snapshot **ret_snapshot, struct hn_err *err)
{
    struct match_snapshot *snapshot = hn_calloc(1, sizeof *snapshot);
    enum hn_status status;

    if (snapshot == NULL)
        return hn_fail(err, HN_NOMEM, 0, "compiled rules");
    snapshot->references = 1;
    snapshot->set = sigma_set_ref(set);
    snapshot->limits = options->limits.memo_entries == 0 ? match_limits_default : options->limits;
    hn_arena_init(&snapshot->arena, SNAPSHOT_BYTES_MAX);
    snapshot->schema = hn_schema_new();
    snapshot->rules = hn_new(&snapshot->arena, struct compiled_rule, set->rule_count);
    status = snapshot->schema == NULL || snapshot->rules == NULL ? HN_NOMEM
                                                                 : compile(snapshot, options, err);
    if (status != HN_OK) {
        snapshot_free(snapshot);
        return hn_fail(err, status, 0, "compiled rules");
    }
    *ret_snapshot = snapshot;
    return HN_OK;
}

struct match_snapshot *match_snapshot_ref(struct match_snapshot *snapshot)
{
    snapshot->references++;
    return snapshot;
}

void match_snapshot_unref(struct match_snapshot *snapshot)
{
    if (snapshot != NULL && --snapshot->references == 0)
        snapshot_free(snapshot);
}

const struct hn_schema *match_schema(const struct match_snapshot *snapshot)
{
    return snapshot->schema;
}

const struct sigma_set *match_set(const struct match_snapshot *snapshot)
{
    return snapshot->set;
}

size_t match_snapshot_bytes(const struct match_snapshot *snapshot)
{
    size_t bytes = snapshot->arena.used_bytes;

    bytes += snapshot->atoms.room * sizeof *snapshot->atoms.ptr;
    bytes += snapshot->predicates.room * sizeof *snapshot->predicates.ptr;
    bytes += snapshot->tests.room * sizeof *snapshot->tests.ptr;
    for (size_t p = 0; p < snapshot->parts.count; p++) {
        for (uint32_t i = 0; i < snapshot->parts.ptr[p].field_count; i++)
            bytes += literal_index_bytes(snapshot->parts.ptr[p].fields[i].literals);
    }
    return bytes;
}

/* ---- Scratch ---- */

static bool allocate(struct match_scratch *scratch)
{
    const struct match_snapshot *snapshot = scratch->snapshot;
    size_t predicates = snapshot->predicates.count;
    size_t rules = snapshot->set->rule_count;

    scratch->running = NONE;
    scratch->rule_stats = hn_calloc(rules, sizeof *scratch->rule_stats);
    scratch->group_seen = hn_calloc(snapshot->groups.count, sizeof *scratch->group_seen);
    scratch->marked = hn_calloc(predicates, sizeof *scratch->marked);
    scratch->evaluated = hn_calloc(predicates, sizeof *scratch->evaluated);
    scratch->truth = hn_calloc(predicates, sizeof *scratch->truth);
    scratch->scanned = hn_calloc(hn_schema_count(snapshot->schema), sizeof *scratch->scanned);
    scratch->asked = hn_calloc(hn_schema_count(snapshot->schema), sizeof *scratch->asked);
    scratch->queued = hn_calloc(rules, sizeof *scratch->queued);
    scratch->queue = hn_calloc(rules, sizeof *scratch->queue);
    scratch->fired = hn_calloc(rules, sizeof *scratch->fired);
    scratch->found_room = snapshot->entries_max * 2 + 64;
    scratch->found = hn_calloc(scratch->found_room, sizeof *scratch->found);
    scratch->kept = hn_calloc(snapshot->entries_max, sizeof *scratch->kept);
    scratch->memo = memo_new(snapshot->limits.memo_entries);
    scratch->part_cache = part_cache_new();
    scratch->match_data = pcre2_match_data_create(1, NULL);
    scratch->match_context = pcre2_match_context_create(NULL);
    return scratch->rule_stats != NULL && scratch->group_seen != NULL && scratch->marked != NULL &&
           scratch->evaluated != NULL && scratch->truth != NULL && scratch->scanned != NULL &&
           scratch->asked != NULL && scratch->queued != NULL && scratch->queue != NULL &&
           scratch->fired != NULL && scratch->found != NULL && scratch->kept != NULL &&
           scratch->memo != NULL && scratch->part_cache != NULL && scratch->match_data != NULL &&
           scratch->match_context != NULL;
}

enum hn_status match_scratch_new(
        struct match_snapshot *snapshot, struct match_scratch **ret_scratch)
{
    struct match_scratch *scratch = hn_calloc(1, sizeof *scratch);

    if (scratch == NULL)
        return HN_NOMEM;
    scratch->snapshot = match_snapshot_ref(snapshot);
    if (!allocate(scratch)) {
        match_scratch_free(scratch);
        return HN_NOMEM;
    }
    *ret_scratch = scratch;
    return HN_OK;
}

void match_scratch_free(struct match_scratch *scratch)
{
    if (scratch == NULL)
        return;
    hn_free(scratch->rule_stats);
    hn_free(scratch->group_seen);
    hn_free(scratch->marked);
    hn_free(scratch->evaluated);
    hn_free(scratch->truth);
    hn_free(scratch->scanned);
    hn_free(scratch->asked);
    hn_free(scratch->queued);
    hn_free(scratch->queue);
    hn_free(scratch->fired);
    hn_free(scratch->found);
    hn_free(scratch->kept);
    memo_free(scratch->memo);
    part_cache_free(scratch->part_cache);
    pcre2_match_data_free(scratch->match_data);
    pcre2_match_context_free(scratch->match_context);
    match_snapshot_unref(scratch->snapshot);
    hn_free(scratch);
}

const struct match_stats *match_scratch_stats(const struct match_scratch *scratch)
{
    return &scratch->stats;
}

void match_scratch_time_rules(struct match_scratch *scratch, bool on)
{
    scratch->time_rules = on;
}

void match_scratch_add_rule_stats(
        const struct match_scratch *scratch, struct match_rule_stats *total)
{
    for (uint32_t i = 0; i < scratch->snapshot->set->rule_count; i++) {
        uint32_t group = scratch->snapshot->rules[i].group;

        total[i].source_seen =
                total[i].source_seen || (group != NONE && scratch->group_seen[group]);
        total[i].evaluated += scratch->rule_stats[i].evaluated;
        total[i].hits += scratch->rule_stats[i].hits;
        total[i].nanoseconds += scratch->rule_stats[i].nanoseconds;
        total[i].regex_limited += scratch->rule_stats[i].regex_limited;
        total[i].regex_steps += scratch->rule_stats[i].regex_steps;
    }
}

void match_scratch_take_rule_costs(
        struct match_scratch *scratch, match_on_rule_cost *on_rule_cost, void *ctx)
{
    for (uint32_t i = 0; i < scratch->snapshot->set->rule_count; i++) {
        struct match_rule_stats *stats = &scratch->rule_stats[i];
        struct match_rule_cost cost = { stats->nanoseconds, stats->regex_limited,
            stats->regex_steps };

        if (cost.nanoseconds > 0 || cost.regex_limited > 0 || cost.regex_steps > 0)
            on_rule_cost(ctx, i, &cost);
        stats->nanoseconds = 0;
        stats->regex_limited = 0;
        stats->regex_steps = 0;
    }
}
