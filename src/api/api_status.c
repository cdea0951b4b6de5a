/* api_status.c - how the server is: sources, journal, engine, alerts. */
#include "api/api_internal.h"

#include "base/vec.h"
#include "judge/judge.h"

/* ---- Sources: what the intake and the engine know of each ---- */

struct source {
    struct hn_text name;
    struct intake_counters intake;
    struct engine_source_counters engine;
};

struct sources {
    struct hn_arena *arena;
    struct hn_map map;
    HN_VEC(struct source) list;
    bool no_memory;
};

static struct source *find_source(struct sources *sources, struct hn_text name)
{
    uint32_t index = hn_map_find(&sources->map, name);
    struct source *source;

    if (index != HN_MAP_NONE)
        return &sources->list.ptr[index];
    name = hn_arena_text(sources->arena, name);
    source = hn_vec_add(&sources->list);
    if (name.ptr == NULL || source == NULL ||
            !hn_map_put(&sources->map, name, (uint32_t)sources->list.count - 1, &index)) {
        sources->no_memory = true;
        return NULL;
    }
    source->name = name;
    source->engine.received = HN_TIME_NONE;
    return source;
}

static void on_intake(void *ctx, struct hn_text name, const struct intake_counters *counters)
{
    struct source *source = find_source(ctx, name);

    if (source != NULL)
        source->intake = *counters;
}

static void on_engine(void *ctx, struct hn_text name, const struct engine_source_counters *counters)
{
    struct source *source = find_source(ctx, name);

    if (source != NULL)
        source->engine = *counters;
}

static void write_source(struct hn_json_out *json, const struct source *source)
{
    const struct intake_counters *in = &source->intake;
    uint64_t findings = 0;

    for (size_t i = 0; i < HN_FINDING_COUNT; i++)
        findings += source->engine.findings[i];
    hn_json_open(json, '{');
    hn_json_pair(json, "name", source->name);
    hn_json_pair_u64(json, "batches", in->batches);
    hn_json_pair_u64(json, "bytes", in->bytes);
    hn_json_pair_u64(json, "repeated", in->repeated);
    hn_json_pair_u64(json, "refused", in->over_quota + in->overload + in->no_room + in->failed);
    hn_json_pair_u64(json, "events", source->engine.events);
    hn_json_pair_u64(json, "alerts", source->engine.alerts);
    hn_json_pair_u64(json, "damaged", source->engine.damaged);
    hn_json_pair_u64(json, "findings", findings);
    api_json_time(json, HN_TEXT("received"),
            source->engine.records == 0 ? HN_TIME_NONE : source->engine.received);
    hn_json_close(json, '}');
}

static enum hn_status write_sources(struct api_call *call)
{
    struct sources sources = { .arena = &call->arena };

    intake_each_source(call->api->options.intake, on_intake, &sources);
    engine_each_source(call->api->options.engine, on_engine, &sources);
    hn_json_key(&call->json, HN_TEXT("sources"));
    hn_json_open(&call->json, '[');
    for (size_t i = 0; i < sources.list.count; i++)
        write_source(&call->json, &sources.list.ptr[i]);
    hn_json_close(&call->json, ']');
    hn_map_deinit(&sources.map);
    hn_vec_deinit(&sources.list);
    return sources.no_memory ? HN_NOMEM : HN_OK;
}

/* ---- The parts ---- */

static void write_journal(struct hn_json_out *json, struct journal *journal)
{
    struct journal_stats stats = journal_stats(journal);

    hn_json_key(json, HN_TEXT("journal"));
    hn_json_open(json, '{');
    hn_json_pair_u64(json, "start", journal_start(journal));
    hn_json_pair_u64(json, "end", journal_end(journal));
    hn_json_pair_u64(json, "committed", journal_committed(journal));
    hn_json_pair_u64(json, "records", stats.records);
    hn_json_pair_u64(json, "bytes", stats.bytes);
    hn_json_pair_u64(json, "disk_bytes", stats.disk_bytes);
    hn_json_pair_u64(json, "disk_free", stats.disk_free);
    hn_json_key(json, HN_TEXT("failed"));
    hn_json_bool(json, stats.failed);
    hn_json_close(json, '}');
}

static void write_engine(
        struct hn_json_out *json, const struct engine_totals *totals, uint64_t committed)
{
    hn_json_key(json, HN_TEXT("engine"));
    hn_json_open(json, '{');
    hn_json_pair_u64(json, "position", totals->position);
    hn_json_pair_u64(json, "applied", totals->applied);
    hn_json_pair_u64(
            json, "behind_bytes", committed > totals->applied ? committed - totals->applied : 0);
    hn_json_pair_u64(json, "records", totals->records);
    hn_json_pair_u64(json, "events", totals->events);
    hn_json_pair_u64(json, "alerts", totals->alerts);
    hn_json_pair_u64(json, "problems", totals->problems);
    hn_json_close(json, '}');
}

static enum hn_status write_samples(struct api_call *call)
{
    struct samples *samples = call->api->options.samples;
    struct hn_json_out *json = &call->json;
    struct sample_counters counters = { 0 };
    enum hn_status status =
            samples == NULL ? HN_OK
                            : sample_counters(samples, call->link.db, &counters, &call->err);

    hn_json_key(json, HN_TEXT("samples"));
    hn_json_open(json, '{');
    hn_json_pair_u64(json, "queued", counters.queued);
    hn_json_pair_u64(json, "running", counters.running);
    hn_json_pair_u64(json, "kept", counters.kept);
    hn_json_pair_u64(json, "bytes", counters.disk_bytes);
    hn_json_pair_u64(json, "workers", counters.workers);
    hn_json_close(json, '}');
    return status;
}

static void on_counter(void *ctx, struct hn_text name, int64_t now, uint64_t ever)
{
    struct hn_json_out *json = ctx;

    (void)ever;
    hn_json_key(json, name);
    hn_json_i64(json, now);
}

enum hn_status api_status_get(struct api_call *call)
{
    const struct api_options *options = &call->api->options;
    struct hn_json_out *json = &call->json;
    struct engine_totals totals = engine_totals(options->engine);
    struct judge_set *set = options->set(options->ctx);
    enum hn_status status;

    hn_json_open(json, '{');
    hn_json_pair(json, "version", hn_text_cstr(options->version));
    api_json_time(json, HN_TEXT("started"), options->started);
    api_json_time(json, HN_TEXT("now"), call->now);
    hn_json_key(json, HN_TEXT("ready"));
    hn_json_bool(json, options->ready(options->ctx));
    api_json_digest(json, HN_TEXT("set"), judge_set_digest(set));
    hn_json_pair_u64(json, "rules", judge_set_rules(set)->rule_count);
    judge_set_unref(set);
    write_journal(json, options->journal);
    write_engine(json, &totals, journal_committed(options->journal));
    status = write_sources(call);
    if (status == HN_OK)
        status = write_samples(call);
    hn_json_key(json, HN_TEXT("alerts"));
    hn_json_open(json, '{');
    if (status == HN_OK)
        status = store_counters(call->link.store, on_counter, json, &call->err);
    hn_json_close(json, '}');
    hn_json_close(json, '}');
    return status;
}
