/* protect_list.c - the indicators of a case: each once, in its most telling role; what may be
 * blocked; how they are shown.
 *
 * Leaves to others: where they come from (protect_collect.c). */
#include "protect/protect_internal.h"

#include "base/escape.h"

const char *protect_role_id(enum protect_role role)
{
    static const char *const ids[] = {
#define PROTECT_ROLE_ID(name, id, en, ja, act) [name] = (id),
        PROTECT_ROLE_LIST(PROTECT_ROLE_ID)
#undef PROTECT_ROLE_ID
    };

    return (unsigned)role < PROTECT_ROLE_COUNT ? ids[role] : "unknown";
}

const char *protect_role_text(enum protect_role role, bool japanese)
{
    static const char *const texts[][2] = {
#define PROTECT_ROLE_TEXT(name, id, en, ja, act) [name] = { (en), (ja) },
        PROTECT_ROLE_LIST(PROTECT_ROLE_TEXT)
#undef PROTECT_ROLE_TEXT
    };

    return (unsigned)role < PROTECT_ROLE_COUNT ? texts[role][japanese ? 1 : 0] : "";
}

bool protect_role_is_act(enum protect_role role)
{
    static const bool acts[] = {
#define PROTECT_ROLE_ACT(name, id, en, ja, act) [name] = (act),
        PROTECT_ROLE_LIST(PROTECT_ROLE_ACT)
#undef PROTECT_ROLE_ACT
    };

    return (unsigned)role < PROTECT_ROLE_COUNT && acts[role];
}

const char *protect_kind_id(const struct protect_indicator *indicator)
{
    switch (indicator->kind) {
    case PROTECT_COMMAND:
        return "command";
    case PROTECT_TEXT:
        return "subject";
    case PROTECT_EXTRACTED:
        break;
    }
    return extract_kind_id(indicator->what);
}

bool protect_is(const struct protect_indicator *indicator, enum extract_kind what)
{
    return indicator->kind == PROTECT_EXTRACTED && indicator->what == what;
}

bool protect_is_hash(const struct protect_indicator *indicator)
{
    return protect_is(indicator, EXTRACT_MD5) || protect_is(indicator, EXTRACT_SHA1) ||
           protect_is(indicator, EXTRACT_SHA256) || protect_is(indicator, EXTRACT_SHA512);
}

/* ---- The list ---- */

void protect_list_init(struct protect_list *list, struct hn_arena *arena)
{
    memset(list, 0, sizeof *list);
    list->arena = arena;
}

void protect_list_deinit(struct protect_list *list)
{
    hn_vec_deinit(&list->items);
    hn_map_deinit(&list->index);
}

/* One thing is told in one role, but a host may be a sender's and a C2's: values of different kinds
 * are different things. */
static struct hn_text key_of(struct protect_list *list, const struct protect_indicator *indicator)
{
    size_t len = indicator->value.len + 1;
    char *key = hn_arena_raw(list->arena, len, 1);

    if (key == NULL)
        return hn_text_of(NULL, 0);
    key[0] = indicator->kind == PROTECT_EXTRACTED ? (char)('A' + (int)indicator->what)
                                                  : (char)('0' + (int)indicator->kind);
    if (indicator->value.len > 0)
        memcpy(key + 1, indicator->value.ptr, indicator->value.len);
    return hn_text_of(key, len);
}

static bool keep(struct protect_list *list, struct protect_indicator *item)
{
    struct hn_text *const texts[] = { &item->value, &item->host, &item->domain, &item->path,
        &item->details, &item->warning };

    for (size_t i = 0; i < HN_COUNT_OF(texts); i++) {
        *texts[i] = hn_arena_text(list->arena, *texts[i]);
        if (texts[i]->ptr == NULL)
            return false;
    }
    return true;
}

/* More is known of it now. */
static void merge(struct protect_list *list, struct protect_indicator *item,
        const struct protect_indicator *more)
{
    uint32_t count = item->count + more->count;
    unsigned marks = item->marks | (more->marks & EXTRACT_DEFANGED);
    bool in_code = item->in_code && more->in_code;

    if (more->role < item->role) {
        struct protect_indicator better = *more;

        if (!keep(list, &better)) {
            list->status = HN_NOMEM;
            return;
        }
        *item = better;
    }
    item->count = count;
    item->marks |= marks;
    item->in_code = in_code;
}

void protect_list_add(struct protect_list *list, const struct protect_indicator *indicator)
{
    struct hn_text key = key_of(list, indicator);
    struct protect_indicator *item;
    uint32_t index;

    if (indicator->value.len == 0)
        return;
    if (key.ptr == NULL) {
        list->status = HN_NOMEM;
        return;
    }
    index = hn_map_find(&list->index, key);
    if (index != HN_MAP_NONE) {
        merge(list, &list->items.ptr[index], indicator);
        return;
    }
    if (list->items.count >= (size_t)PROTECT_INDICATORS_MAX * EXTRACT_KIND_COUNT)
        return;
    item = hn_vec_add(&list->items);
    if (item == NULL) {
        list->status = HN_NOMEM;
        return;
    }
    *item = *indicator;
    item->count = indicator->count == 0 ? 1 : indicator->count;
    if (!keep(list, item) ||
            !hn_map_put(&list->index, key, (uint32_t)(list->items.count - 1), &index)) {
        list->items.count--;
        list->status = HN_NOMEM;
    }
}

void protect_list_add_extracted(struct protect_list *list, const struct extract_list *found)
{
    for (size_t i = 0; i < found->entries.count; i++) {
        const struct extract_entry *entry = &found->entries.ptr[i];
        struct protect_indicator indicator = { .role = PROTECT_MENTIONED,
            .kind = PROTECT_EXTRACTED,
            .what = entry->item.kind,
            .value = entry->item.value,
            .host = entry->item.host,
            .domain = entry->item.domain,
            .port = entry->item.port,
            .marks = entry->item.marks,
            .object = PROTECT_NONE,
            .offset = entry->item.offset,
            .count = entry->count,
            .warning = entry->warning };

        protect_list_add(list, &indicator);
    }
    if (found->status != HN_OK)
        list->status = found->status;
}

enum hn_status protect_list_judge(
        struct protect_list *list, struct ioc_builder *builder, struct hn_err *err)
{
    struct extract_list found;
    enum hn_status status;

    extract_list_init(&found);
    for (size_t i = 0; i < list->items.count; i++) {
        const struct protect_indicator *item = &list->items.ptr[i];
        /* Commands and subjects stand in as something no warning list knows. */
        struct extract_item copy = { .kind = item->kind == PROTECT_EXTRACTED ? item->what
                                                                             : EXTRACT_MUTEX,
            .value = item->value,
            .written = item->value };

        (void)extract_list_add(&found, &copy);
    }
    status = found.status;
    if (status == HN_OK)
        status = extract_list_judge(&found, builder, err);
    for (size_t i = 0; status == HN_OK && i < found.entries.count; i++) {
        const struct extract_entry *entry = &found.entries.ptr[i];

        if (entry->warning.len == 0)
            continue;
        for (size_t k = 0; k < list->items.count; k++) {
            struct protect_indicator *item = &list->items.ptr[k];

            if (!protect_is(item, entry->item.kind) || !hn_text_eq(item->value, entry->item.value))
                continue;
            item->marks |= EXTRACT_LISTED;
            item->warning = hn_arena_text(list->arena, entry->warning);
        }
    }
    extract_list_deinit(&found);
    return status;
}

/* ---- Use ---- */

bool protect_is_usable(const struct protect_indicator *indicator, bool reserved)
{
    unsigned never = EXTRACT_PRIVATE | EXTRACT_COMMON | EXTRACT_LISTED;

    if (!reserved)
        never |= EXTRACT_RESERVED;
    return protect_role_is_act(indicator->role) && (indicator->marks & never) == 0 &&
           !indicator->partial;
}

/* ---- Showing ---- */

const char *protect_mark_text(unsigned marks, bool japanese)
{
    static const struct {
        unsigned mark;
        const char *en;
        const char *ja;
    } rows[] = {
        { EXTRACT_PRIVATE, "local network", "ローカルネットワーク" },
        { EXTRACT_RESERVED, "reserved", "予約済み" },
        { EXTRACT_COMMON, "on every page", "一般的な参照先" },
        { EXTRACT_LISTED, "on a warning list", "警告リストにある" },
        { EXTRACT_IDN, "international name", "国際化ドメイン名" },
        { EXTRACT_NESTED, "inside another URL", "URL 内の URL" },
    };

    for (size_t i = 0; i < HN_COUNT_OF(rows); i++)
        if ((marks & rows[i].mark) != 0)
            return japanese ? rows[i].ja : rows[i].en;
    return NULL;
}

static bool is_address(const struct protect_indicator *indicator)
{
    return protect_is(indicator, EXTRACT_URL) || protect_is(indicator, EXTRACT_HOST) ||
           protect_is(indicator, EXTRACT_IPV4) || protect_is(indicator, EXTRACT_IPV6) ||
           protect_is(indicator, EXTRACT_EMAIL) || protect_is(indicator, EXTRACT_NETWORK);
}

/* Dots of a host, and what else programs take for an address. */
static void add_host(struct hn_buf *out, struct hn_text host, bool ipv6)
{
    for (size_t i = 0; i < host.len; i++) {
        if (host.ptr[i] == '.')
            hn_buf_add_lit(out, "[.]");
        else if (host.ptr[i] == ':' && ipv6)
            hn_buf_add_lit(out, "[:]");
        else if (host.ptr[i] == '@')
            hn_buf_add_lit(out, "[@]");
        else
            hn_buf_add_char(out, host.ptr[i]);
    }
}

/* Of a command line or subject the schemes alone. */
void protect_defang(struct hn_buf *out, const struct protect_indicator *indicator)
{
    struct hn_text value = indicator->value;
    size_t start = out->len;
    size_t host = 0;
    size_t end;

    if (!is_address(indicator))
        host = value.len;
    else if (protect_is(indicator, EXTRACT_URL) &&
             hn_text_find(value, HN_TEXT("://"), 0) != SIZE_MAX)
        host = hn_text_find(value, HN_TEXT("://"), 0) + 3;
    for (end = host; end < value.len; end++)
        if (value.ptr[end] == '/' || value.ptr[end] == '?' || value.ptr[end] == '#')
            break;
    hn_buf_add_text(out, hn_text_sub(value, 0, host));
    add_host(out, hn_text_sub(value, host, end - host), protect_is(indicator, EXTRACT_IPV6));
    hn_buf_add_text(out, hn_text_sub(value, end, SIZE_MAX));
    if (hn_buf_ok(out))
        hn_defang_schemes(out->ptr + start, out->len - start);
}

struct hn_text protect_fact(const struct dissect_object *object, const char *name)
{
    for (const struct dissect_fact *fact = object->facts; fact != NULL; fact = fact->next) {
        if (strcmp(fact->name, name) == 0)
            return fact->value;
    }
    return hn_text_of("", 0);
}

void protect_chain(
        struct hn_buf *out, const struct dissect *tree, const struct protect_indicator *indicator)
{
    uint32_t chain[PROTECT_CHAIN_MAX];
    size_t count = 0;
    uint32_t id = indicator->object;

    while (tree != NULL && id != PROTECT_NONE && id < dissect_count(tree) &&
            count < PROTECT_CHAIN_MAX) {
        chain[count++] = id;
        id = dissect_get(tree, id)->parent;
    }
    while (count > 0) {
        const struct dissect_object *object = dissect_get(tree, chain[--count]);

        hn_buf_add_cstr(out, dissect_format_id(object->format));
        if (object->name.len > 0) {
            hn_buf_add_lit(out, " \"");
            hn_buf_add_text(out, object->name);
            hn_buf_add_lit(out, "\"");
        }
        if (count > 0)
            hn_buf_add_lit(out, " > ");
    }
    if (indicator->path.len > 0) {
        hn_buf_add_lit(out, ": ");
        hn_buf_add_text(out, indicator->path);
    }
    if (indicator->via != NULL && indicator->via[0] != '\0') {
        hn_buf_add_lit(out, " > ");
        hn_buf_add_cstr(out, indicator->via);
    }
}

void protect_add_time(struct hn_buf *out, hn_time time)
{
    struct hn_calendar at = hn_calendar_at(time == HN_TIME_NONE ? 0 : time, 0);

    hn_buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d.000Z", at.year, at.month, at.day, at.hour,
            at.minute, at.second);
}
