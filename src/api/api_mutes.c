/* api_mutes.c - inhibitions, silences, exceptions.
 *
 * Whoever is of one tenant makes them for that tenant alone, by a condition that is added, and sees
 * those that have it. */
#include "api/api_internal.h"

#define PREVIEW_DAYS 30

/* ---- Tenants ---- */

/* The tenant as a pattern that fits nothing else. */
static struct hn_text tenant_pattern(struct api_call *call)
{
    struct hn_buf pattern = { 0 };
    struct hn_text text;

    for (size_t i = 0; i < call->tenant.len; i++) {
        if (strchr("*?\\", call->tenant.ptr[i]) != NULL)
            hn_buf_add_char(&pattern, '\\');
        hn_buf_add_char(&pattern, call->tenant.ptr[i]);
    }
    text = hn_arena_text(&call->arena, hn_buf_text(&pattern));
    hn_buf_deinit(&pattern);
    return text;
}

static bool is_ours(const struct store_mute *mute, struct hn_text pattern)
{
    if (pattern.len == 0)
        return true;
    for (uint32_t i = 0; i < mute->condition_count; i++) {
        if (hn_text_eq(mute->conditions[i].field, HN_TEXT("tenant")) &&
                hn_text_eq(mute->conditions[i].value, pattern))
            return true;
    }
    return false;
}

/* ---- Lists ---- */

struct listing {
    struct api_call *call;
    struct hn_text pattern; /* of the tenant; empty: all */
    uint32_t left;
    int64_t next; /* id behind the last row; 0: there are no more */
    bool one;     /* the answer is one of them, with its tag */
    bool found;
};

static void on_mute(void *ctx, const struct store_mute *mute)
{
    struct listing *listing = ctx;
    struct api_call *call = listing->call;

    if (!is_ours(mute, listing->pattern))
        return;
    if (listing->left == 0) {
        if (listing->next == 0)
            listing->next = mute->id;
        return;
    }
    listing->left--;
    listing->found = true;
    hn_json_open(&call->json, '{');
    api_json_mute(&call->json, mute);
    hn_json_close(&call->json, '}');
    if (listing->one)
        call->version = mute->version;
}

static int kind_of(struct hn_text text)
{
    for (int kind = STORE_INHIBITION; kind <= (int)STORE_EXCEPTION; kind++) {
        if (hn_text_eq(text, hn_text_cstr(store_mute_text((enum store_mute_kind)kind))))
            return kind;
    }
    return -1;
}

/* The store gives at most a page from an id on, of all tenants. */
enum hn_status api_mutes_list(struct api_call *call)
{
    int64_t idle_days = api_query_int(call, "idle_days", 0);
    struct listing listing = { .call = call,
        .pattern = tenant_pattern(call),
        .left = (uint32_t)api_query_int(call, "limit", 100) };
    const struct store_mute_filter filter = { .kind = kind_of(api_query(call, "kind")),
        .active = api_query_bool(call, "active"),
        .idle = idle_days > 0 ? call->now - idle_days * HN_DAY : HN_TIME_NONE,
        .now = call->now,
        .id = api_query_int(call, "after", 0) };
    enum hn_status status;

    hn_json_open(&call->json, '{');
    hn_json_key(&call->json, HN_TEXT("items"));
    hn_json_open(&call->json, '[');
    status = store_mutes(call->link.store, &filter, on_mute, &listing, &call->err);
    hn_json_close(&call->json, ']');
    api_json_ref(&call->json, HN_TEXT("next"), listing.next);
    hn_json_close(&call->json, '}');
    return status;
}

/* ---- One ---- */

static enum hn_status answer(struct api_call *call, int64_t id)
{
    struct listing listing = {
        .call = call, .pattern = tenant_pattern(call), .left = 1, .one = true
    };
    const struct store_mute_filter filter = {
        .kind = -1, .idle = HN_TIME_NONE, .now = call->now, .id = id
    };
    enum hn_status status = store_mutes(call->link.store, &filter, on_mute, &listing, &call->err);

    return status == HN_OK && !listing.found ? HN_NOTFOUND : status;
}

struct finding {
    int64_t id;
    struct hn_text pattern;
    enum store_mute_kind kind;
    bool found;
};

static void on_found(void *ctx, const struct store_mute *mute)
{
    struct finding *finding = ctx;

    if (mute->id != finding->id || !is_ours(mute, finding->pattern))
        return;
    finding->kind = mute->kind;
    finding->found = true;
}

static enum hn_status find(struct api_call *call, int64_t id, enum store_mute_kind *ret_kind)
{
    struct finding finding = { .id = id, .pattern = tenant_pattern(call) };
    const struct store_mute_filter filter = {
        .kind = -1, .idle = HN_TIME_NONE, .now = call->now, .id = id
    };
    enum hn_status status = store_mutes(call->link.store, &filter, on_found, &finding, &call->err);

    if (status == HN_OK && !finding.found)
        return HN_NOTFOUND;
    *ret_kind = finding.kind;
    return status;
}

enum hn_status api_mute_get(struct api_call *call)
{
    int64_t id = api_path_int(call, "id");
    enum store_mute_kind kind;
    enum hn_status status = find(call, id, &kind);

    return status == HN_OK ? answer(call, id) : status;
}

enum hn_status api_mute_history(struct api_call *call)
{
    int64_t id = api_path_int(call, "id");
    enum store_mute_kind kind;
    enum hn_status status = find(call, id, &kind);

    return status == HN_OK ? api_history_answer(call, STORE_MUTE, id) : status;
}

/* ---- Making ---- */

static enum hn_status read_rules(struct api_call *call, const json_t *list, struct store_mute *mute)
{
    size_t count = json_array_size(list);
    struct hn_text *rules = hn_new(&call->arena, struct hn_text, count + 1);

    if (rules == NULL)
        return HN_NOMEM;
    for (size_t i = 0; i < count; i++)
        rules[i] = hn_text_cstr(json_string_value(json_array_get(list, i)));
    mute->rules = rules;
    mute->rule_count = (uint32_t)count;
    return HN_OK;
}

/* And the tenant's. */
static enum hn_status read_conditions(
        struct api_call *call, const json_t *list, struct store_mute *mute)
{
    size_t count = json_array_size(list);
    struct store_condition *conditions = hn_new(&call->arena, struct store_condition, count + 1);

    if (conditions == NULL)
        return HN_NOMEM;
    for (size_t i = 0; i < count; i++) {
        const json_t *from = json_array_get(list, i);

        conditions[i] =
                (struct store_condition){ api_member(from, "field"), api_member(from, "value") };
    }
    if (call->tenant.len > 0)
        conditions[count++] = (struct store_condition){ HN_TEXT("tenant"), tenant_pattern(call) };
    mute->conditions = conditions;
    mute->condition_count = (uint32_t)count;
    return HN_OK;
}

static enum hn_status read_mute(struct api_call *call, struct store_mute *ret_mute)
{
    const json_t *body = call->body;
    enum hn_status status;

    *ret_mute = (struct store_mute){ .level = (uint32_t)api_level(api_member(body, "level")),
        .incident = api_member_int(body, "incident", 0),
        .reason = api_member(body, "reason"),
        .owner = api_member(body, "owner"),
        .created = call->now,
        .expires = api_member_time(body, "expires"),
        .ended = HN_TIME_NONE,
        .last_hit = HN_TIME_NONE };
    status = read_rules(call, json_object_get(body, "rules"), ret_mute);
    return status == HN_OK ? read_conditions(call, json_object_get(body, "conditions"), ret_mute)
                           : status;
}

/* What nobody sees any more for good is for those who write rules. */
static enum hn_status check_may(struct api_call *call, enum store_mute_kind kind)
{
    if (kind == STORE_EXCEPTION && (call->who->principal.permissions & AUTH_RULES) == 0)
        return api_refuse(call, 403, "exceptions need the permission rules");
    return HN_OK;
}

/* A limit that the store names is the asker's fault, not a full disk. */
static enum hn_status limit_is_ours(struct api_call *call, enum hn_status status)
{
    if (status == HN_LIMIT && call->err.sys_errno == 0 && call->refused == 0)
        call->refused = 422;
    return status;
}

enum hn_status api_mute_create(struct api_call *call)
{
    const struct store_change change = api_change(call, 0);
    struct store_mute mute;
    int64_t id = 0;
    enum hn_status status = read_mute(call, &mute);

    if (status != HN_OK)
        return status;
    mute.kind = (enum store_mute_kind)kind_of(api_member(call->body, "kind"));
    /* An incident of another tenant tells by its hosts what it is. */
    if (mute.incident != 0 && call->tenant.len > 0)
        return api_refuse(call, 422, "/incident: not for a token of one tenant");
    status = check_may(call, mute.kind);
    if (status == HN_OK)
        status = api_note_body(call, "mute", 0);
    if (status != HN_OK)
        return status;
    status = store_mute_add(call->link.store, &mute, &change, &id, &call->err);
    if (status != HN_OK)
        return limit_is_ours(call, status);
    call->status = 201;
    return answer(call, id);
}

static void write_names(
        struct hn_json_out *json, struct hn_text key, const struct hn_text *names, uint32_t count)
{
    hn_json_key(json, key);
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < count && i < STORE_NAMES_MAX; i++)
        hn_json_text(json, names[i]);
    hn_json_close(json, ']');
}

static void on_attack(void *ctx, const struct store_alert_row *row)
{
    char hex[HN_DIGEST_HEX_LEN];

    hn_digest_hex(row->id, hex);
    hn_json_text(ctx, hn_text_of(hex, sizeof hex));
}

static enum hn_status write_preview(struct api_call *call, const struct store_preview *preview)
{
    struct hn_json_out *json = &call->json;
    enum hn_status status = HN_OK;

    hn_json_open(json, '{');
    hn_json_pair_u64(json, "alerts", preview->alerts);
    hn_json_pair_u64(json, "looked", preview->looked);
    hn_json_key(json, HN_TEXT("complete"));
    hn_json_bool(json, preview->complete);
    hn_json_pair_u64(json, "rule_count", preview->rule_count);
    write_names(json, HN_TEXT("rules"), preview->rules, preview->rule_count);
    hn_json_pair_u64(json, "host_count", preview->host_count);
    write_names(json, HN_TEXT("hosts"), preview->hosts, preview->host_count);
    hn_json_pair_u64(json, "attack_count", preview->attack_count);
    hn_json_key(json, HN_TEXT("attacks"));
    hn_json_open(json, '[');
    for (uint32_t i = 0; i < preview->attack_count && i < STORE_NAMES_MAX && status == HN_OK; i++) {
        status = store_alert_by_seq(
                call->link.store, preview->attacks[i], on_attack, json, &call->err);
        if (status == HN_NOTFOUND) /* retention was faster */
            status = HN_OK;
    }
    hn_json_close(json, ']');
    hn_json_close(json, '}');
    return status;
}

enum hn_status api_mute_preview(struct api_call *call)
{
    hn_time since = call->now - api_member_int(call->body, "days", PREVIEW_DAYS) * HN_DAY;
    struct store_preview *preview = hn_new(&call->arena, struct store_preview, 1);
    struct store_mute mute;
    enum hn_status status = preview == NULL ? HN_NOMEM : read_mute(call, &mute);

    if (status != HN_OK)
        return status;
    mute.kind = STORE_EXCEPTION;
    status = store_exception_preview(
            call->link.store, &mute, since, &call->arena, preview, &call->err);
    return status == HN_OK ? write_preview(call, preview) : status;
}

enum hn_status api_mute_end(struct api_call *call)
{
    int64_t id = api_path_int(call, "id");
    bool show = json_is_true(json_object_get(call->body, "show"));
    enum store_mute_kind kind;
    struct store_change change;
    uint64_t shown = 0;
    int64_t version = 0;
    enum hn_status status = find(call, id, &kind);

    if (status == HN_OK)
        status = check_may(call, kind);
    if (status == HN_OK)
        status = api_if_match(call, &version);
    if (status == HN_OK)
        status = api_note_body(call, "mute", id);
    if (status != HN_OK)
        return status;
    change = api_change(call, version);
    status = store_mute_end(call->link.store, id, show, &change, &shown, &call->err);
    if (status != HN_OK)
        return status;
    hn_json_open(&call->json, '{');
    hn_json_pair_u64(&call->json, "shown", shown);
    hn_json_close(&call->json, '}');
    return HN_OK;
}
