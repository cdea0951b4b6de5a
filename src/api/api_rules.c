/* api_rules.c - the rules in force, what they hit since the start, what was refused and why. */
#include "api/api_internal.h"

#include "base/vec.h"
#include "judge/judge.h"

/* ---- Hits, by rule ---- */

struct hits {
    struct hn_arena *arena;
    struct hn_map map;
    HN_VEC(struct engine_rule_counters) counters;
    bool no_memory;
};

static void on_rule(void *ctx, struct hn_text id, const struct engine_rule_counters *counters)
{
    struct hits *hits = ctx;
    struct engine_rule_counters *kept = hn_vec_add(&hits->counters);
    struct hn_text name = hn_arena_text(hits->arena, id);
    uint32_t index;

    if (kept == NULL || name.ptr == NULL ||
            !hn_map_put(&hits->map, name, (uint32_t)hits->counters.count - 1, &index))
        hits->no_memory = true;
    else
        *kept = *counters;
}

/* ---- Lists ---- */

struct listing {
    struct api_call *call;
    const struct hits *hits;
    struct hn_text text;
    uint32_t after; /* places in the list: rules, then correlations */
    uint32_t left;
    uint32_t next; /* 0: there are no more */
};

static bool is_asked(const struct listing *listing, const struct sigma_meta *meta)
{
    return listing->text.len == 0 ||
           hn_text_find_nocase(meta->title, listing->text, 0) != SIZE_MAX ||
           hn_text_find_nocase(meta->id, listing->text, 0) != SIZE_MAX ||
           hn_text_find_nocase(meta->place.file, listing->text, 0) != SIZE_MAX;
}

static void write_techniques(struct hn_json_out *json, struct sigma_texts tags)
{
    char name[ALERT_ATTACK_MAX];

    hn_json_key(json, HN_TEXT("techniques"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < tags.count; i++) {
        if (alert_attack_technique(tags.ptr[i], name))
            hn_json_text(json, hn_text_cstr(name));
    }
    hn_json_close(json, ']');
}

static const char *rule_status(enum sigma_rule_status status)
{
    static const char *const texts[] = {
#define STATUS_TEXT(name, text) [name] = (text),
        SIGMA_RULE_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
    };

    return texts[status];
}

static void write_rule(
        struct listing *listing, const struct sigma_meta *meta, bool silent, bool is_correlation)
{
    struct hn_json_out *json = &listing->call->json;
    struct hn_text name = meta->id.len > 0 ? meta->id : meta->title;
    uint32_t index = hn_map_find(&listing->hits->map, name);
    struct engine_rule_counters counters = { .last = HN_TIME_NONE };

    if (index != HN_MAP_NONE)
        counters = listing->hits->counters.ptr[index];
    hn_json_open(json, '{');
    hn_json_pair(json, "id", meta->id);
    hn_json_pair(json, "title", meta->title);
    hn_json_pair(json, "level", hn_text_cstr(api_level_text(meta->level)));
    hn_json_pair(json, "kind", is_correlation ? HN_TEXT("correlation") : HN_TEXT("rule"));
    hn_json_pair(json, "status", hn_text_cstr(rule_status(meta->status)));
    hn_json_pair(json, "file", meta->place.file);
    hn_json_pair_u64(json, "line", meta->place.line);
    hn_json_key(json, HN_TEXT("enabled")); /* silent ones only feed correlations */
    hn_json_bool(json, !silent);
    hn_json_pair(json, "family", meta->context.family);
    write_techniques(json, meta->tags);
    hn_json_key(json, HN_TEXT("alerts"));
    if (listing->call->tenant.len > 0) /* the numbers are of all tenants together */
        hn_json_null(json);
    else
        hn_json_u64(json, counters.alerts);
    hn_json_key(json, HN_TEXT("regex_limited"));
    if (listing->call->tenant.len > 0)
        hn_json_null(json);
    else
        hn_json_u64(json, counters.regex_limited);
    api_json_time(json, HN_TEXT("last"),
            counters.alerts == 0 || listing->call->tenant.len > 0 ? HN_TIME_NONE : counters.last);
    hn_json_close(json, '}');
}

static void list_rule(struct listing *listing, uint32_t place, const struct sigma_meta *meta,
        bool silent, bool is_correlation)
{
    if (place < listing->after || !is_asked(listing, meta))
        return;
    if (listing->left > 0) {
        listing->left--;
        write_rule(listing, meta, silent, is_correlation);
    } else if (listing->next == 0) {
        listing->next = place;
    }
}

static void write_issues(struct api_call *call, const struct sigma_set *set)
{
    static const char *const severities[] = {
        [SIGMA_REJECTED] = "rejected", [SIGMA_NEVER] = "never", [SIGMA_WARNING] = "warning"
    };
    struct hn_json_out *json = &call->json;

    hn_json_key(json, HN_TEXT("issues"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < set->issue_count && i < STORE_PAGE_MAX; i++) {
        const struct sigma_issue *issue = &set->issues[i];

        hn_json_open(json, '{');
        hn_json_pair(json, "file", issue->place.file);
        hn_json_pair_u64(json, "line", issue->place.line);
        hn_json_pair(json, "severity", hn_text_cstr(severities[issue->severity]));
        hn_json_pair(json, "message", issue->message);
        hn_json_close(json, '}');
    }
    hn_json_close(json, ']');
}

static void write_list(struct listing *listing, const struct judge_set *judge)
{
    struct api_call *call = listing->call;
    const struct sigma_set *set = judge_set_rules(judge);

    hn_json_open(&call->json, '{');
    api_json_digest(&call->json, HN_TEXT("set"), judge_set_digest(judge));
    hn_json_pair_u64(&call->json, "count", set->rule_count + set->correlation_count);
    hn_json_key(&call->json, HN_TEXT("items"));
    hn_json_open(&call->json, '[');
    for (uint32_t i = 0; i < set->rule_count; i++)
        list_rule(listing, i, &set->rules[i].meta, set->rules[i].silent, false);
    for (uint32_t i = 0; i < set->correlation_count; i++)
        list_rule(listing, set->rule_count + i, &set->correlations[i].meta,
                set->correlations[i].silent, true);
    hn_json_close(&call->json, ']');
    write_issues(call, set);
    api_json_ref(&call->json, HN_TEXT("next"), listing->next);
    hn_json_close(&call->json, '}');
}

enum hn_status api_rules_list(struct api_call *call)
{
    const struct api_options *options = &call->api->options;
    struct hits hits = { .arena = &call->arena };
    struct listing listing = { .call = call,
        .hits = &hits,
        .text = api_query(call, "text"),
        .after = (uint32_t)api_query_int(call, "after", 0),
        .left = (uint32_t)api_query_int(call, "limit", 100) };
    struct judge_set *set;

    engine_each_rule(options->engine, on_rule, &hits);
    if (!hits.no_memory) {
        set = options->set(options->ctx);
        write_list(&listing, set);
        judge_set_unref(set);
    }
    hn_map_deinit(&hits.map);
    hn_vec_deinit(&hits.counters);
    return hits.no_memory ? HN_NOMEM : HN_OK;
}

/* ---- Reading them again ---- */

enum hn_status api_rules_reload(struct api_call *call)
{
    const struct api_options *options = &call->api->options;
    enum hn_status status = api_note(call, "rules", 0, HN_TEXT(""));
    struct judge_set *before;
    struct judge_set *after;

    if (status != HN_OK)
        return status;
    before = options->set(options->ctx);
    status = options->reload(options->ctx, &call->err);
    after = options->set(options->ctx);
    if (status == HN_OK) {
        hn_json_open(&call->json, '{');
        api_json_digest(&call->json, HN_TEXT("set"), judge_set_digest(after));
        hn_json_key(&call->json, HN_TEXT("changed"));
        hn_json_bool(&call->json, !hn_digest_eq(judge_set_digest(before), judge_set_digest(after)));
        hn_json_pair_u64(&call->json, "rules", judge_set_rules(after)->rule_count);
        hn_json_close(&call->json, '}');
    } else if (status == HN_SYNTAX || status == HN_NOTFOUND) {
        call->refused = 422; /* the reason is in err; the old rules go on judging */
    }
    judge_set_unref(before);
    judge_set_unref(after);
    return status;
}
