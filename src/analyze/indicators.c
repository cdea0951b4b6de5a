/* indicators.c - addresses, files, keys and digests of a tree, each with its role and the way that
 * led to it. Nothing is guessed here: roles come from what the sample would do or says of itself;
 * what is only mentioned somewhere is called so. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"
#include "base/hash.h"
#include "base/map.h"

#define INDICATORS_MAX 4096u

static const struct {
    const char *id;
    const char *en;
    const char *ja;
} roles[] = {
#define ROLE_ROW(name, id, en, ja) [name] = { id, en, ja },
    ANALYZE_ROLE_LIST(ROLE_ROW)
#undef ROLE_ROW
};

const char *analyze_role_id(enum analyze_role role)
{
    return roles[role].id;
}

const char *analyze_role_text(enum analyze_role role, bool japanese)
{
    return japanese ? roles[role].ja : roles[role].en;
}

struct collecting {
    const struct dissect *dissect;
    struct hn_arena *arena;
    struct analyze_indicator *list; /* INDICATORS_MAX of them */
    size_t count;
    struct hn_map by_value;
    bool failed;
};

/* Adds one, or strengthens the role of the one that is there. */
static void add(struct collecting *all, const struct analyze_indicator *one)
{
    struct hn_buf key = { 0 };
    struct hn_text kept;
    uint32_t index = (uint32_t)all->count;
    uint32_t held = 0;

    if (one->value.len == 0)
        return;
    hn_buf_addf(&key, "%s ", one->type);
    hn_buf_add_text(&key, one->value);
    held = hn_map_find(&all->by_value, hn_buf_text(&key));
    if (held != HN_MAP_NONE) {
        if (one->role < all->list[held].role)
            all->list[held] = *one;
    } else if (all->count < INDICATORS_MAX) {
        kept = hn_arena_text(all->arena, hn_buf_text(&key));
        if (kept.ptr == NULL || !hn_map_put(&all->by_value, kept, index, &held))
            all->failed = true;
        else
            all->list[all->count++] = *one;
    }
    hn_buf_deinit(&key);
}

static bool is_ip(struct hn_text host)
{
    size_t digits = 0;

    if (host.len > 0 && host.ptr[0] == '[')
        return true;
    for (size_t i = 0; i < host.len; i++)
        digits += host.ptr[i] == '.' || (host.ptr[i] >= '0' && host.ptr[i] <= '9');
    return host.len > 0 && digits == host.len;
}

/* A URL, and its host; those of a network only. */
static void add_url(struct collecting *all, const struct analyze_indicator *one)
{
    struct analyze_indicator host = *one;

    if (!hn_text_starts_nocase(one->value, HN_TEXT("http")) &&
            !hn_text_starts_nocase(one->value, HN_TEXT("ftp")))
        return;
    add(all, one);
    host.value = host_of_url(one->value);
    host.type = is_ip(host.value) ? "ip" : "domain";
    /* "{reply}" is no host. */
    if (hn_text_find_char(host.value, '{', 0) == SIZE_MAX)
        add(all, &host);
}

/* ---- Acts ---- */

static const struct {
    enum script_act_kind kind;
    const char *field;
    const char *type;
    enum analyze_role role;
} of_acts[] = {
    { SCRIPT_ACT_HTTP, "Url", "url", ANALYZE_ROLE_DOWNLOAD },
    { SCRIPT_ACT_FILE_WRITE, "Url", "url", ANALYZE_ROLE_DOWNLOAD },
    { SCRIPT_ACT_FILE_WRITE, "TargetFilename", "file", ANALYZE_ROLE_DROPPED },
    { SCRIPT_ACT_PROCESS, "CommandLine", "command", ANALYZE_ROLE_PROCESS },
    { SCRIPT_ACT_REGISTRY_WRITE, "TargetObject", "registry", ANALYZE_ROLE_REGISTRY },
    { SCRIPT_ACT_DNS, "QueryName", "domain", ANALYZE_ROLE_CONTACT },
    { SCRIPT_ACT_CONNECT, "DestinationHostname", "domain", ANALYZE_ROLE_CONTACT },
    { SCRIPT_ACT_CONNECT, "DestinationIp", "ip", ANALYZE_ROLE_CONTACT },
};

static void add_act(struct collecting *all, uint32_t id, const struct dissect_act *act)
{
    for (size_t i = 0; i < act->field_count; i++) {
        for (size_t row = 0; row < HN_COUNT_OF(of_acts); row++) {
            struct analyze_indicator one = { .type = of_acts[row].type,
                .role = of_acts[row].role,
                .value = act->fields[i].value,
                .path = act->fields[i].path,
                .object = id,
                .offset = act->offset,
                .act = act,
                .unknown = act->fields[i].unknown };

            if (of_acts[row].kind != act->kind ||
                    strcmp(of_acts[row].field, act->fields[i].name) != 0)
                continue;
            if (strcmp(one.type, "url") == 0)
                add_url(all, &one);
            else
                add(all, &one);
        }
    }
}

/* ---- Facts ---- */

static const struct {
    const char *fact;
    const char *type;
    enum analyze_role role;
} of_facts[] = {
    { "from_address", "email", ANALYZE_ROLE_SENDER },
    { "reply_to_address", "email", ANALYZE_ROLE_SENDER },
    { "template_url", "url", ANALYZE_ROLE_DOWNLOAD },
    { "external_url", "url", ANALYZE_ROLE_CONTACT },
    { "c2", "url", ANALYZE_ROLE_C2 },
    { "c2_ip", "ip", ANALYZE_ROLE_C2 },
    { "c2_host", "domain", ANALYZE_ROLE_C2 },
};

/* Digests of what is a file by itself: people send these, and hosts have them. */
static bool is_file(const struct dissect_object *object)
{
    const char *category = dissect_format_category(object->format);

    return object->parent == DISSECT_NONE || strcmp(object->relation, "attachment") == 0 ||
           strcmp(object->relation, "entry") == 0 || strcmp(object->relation, "written") == 0 ||
           strcmp(object->relation, "embedded") == 0 || strcmp(category, "program") == 0;
}

static void add_object(struct collecting *all, uint32_t id)
{
    const struct dissect_object *object = dissect_get(all->dissect, id);

    for (const struct dissect_fact *fact = object->facts; fact != NULL; fact = fact->next) {
        struct analyze_indicator one = {
            .value = fact->value, .object = id, .offset = DISSECT_NOWHERE
        };

        if (strcmp(fact->name, "sha256") == 0 && is_file(object)) {
            one.type = "sha256";
            one.role = id == 0 ? ANALYZE_ROLE_SAMPLE : ANALYZE_ROLE_CONTAINED;
            add(all, &one);
        }
        for (size_t row = 0; row < HN_COUNT_OF(of_facts); row++) {
            if (strcmp(of_facts[row].fact, fact->name) != 0)
                continue;
            one.type = of_facts[row].type;
            one.role = of_facts[row].role;
            if (strcmp(one.type, "url") == 0)
                add_url(all, &one);
            else
                add(all, &one);
        }
    }
    for (const struct dissect_act *act = object->acts; act != NULL; act = act->next)
        add_act(all, id, act);
}

const struct analyze_indicator *analyze_indicators(
        const struct dissect *dissect, struct hn_arena *arena, size_t *ret_count)
{
    struct collecting all = { .dissect = dissect, .arena = arena };

    all.list = hn_new(arena, struct analyze_indicator, INDICATORS_MAX);
    for (uint32_t id = 0; all.list != NULL && id < dissect_count(dissect); id++)
        add_object(&all, id);
    hn_map_deinit(&all.by_value);
    *ret_count = all.count;
    return all.failed ? NULL : all.list;
}
