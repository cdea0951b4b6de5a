/* extract_list.c - each different indicator once, with how often it was there and what warning
 * lists say of it. */
#include "extract/extract_internal.h"

void extract_list_init(struct extract_list *list)
{
    memset(list, 0, sizeof *list);
    hn_arena_init(&list->arena, EXTRACT_LIST_BYTES_MAX);
}

void extract_list_deinit(struct extract_list *list)
{
    hn_vec_deinit(&list->entries);
    hn_map_deinit(&list->index);
    hn_arena_deinit(&list->arena);
}

/* Kind and value; paths of Windows and names without regard to case, as their systems have them. */
static struct hn_text key_of(struct extract_list *list, const struct extract_item *item)
{
    size_t len = item->value.len + 1;
    char *key = hn_arena_raw(&list->arena, len, 1);

    if (key == NULL)
        return hn_text_of(NULL, 0);
    key[0] = (char)('A' + (int)item->kind);
    memcpy(key + 1, item->value.ptr, item->value.len);
    if (item->kind == EXTRACT_PATH || item->kind == EXTRACT_FILE ||
            item->kind == EXTRACT_REGISTRY || item->kind == EXTRACT_EMAIL) {
        for (size_t i = 1; i < len; i++)
            key[i] = key[i] >= 'A' && key[i] <= 'Z' ? (char)(key[i] | 0x20) : key[i];
    }
    return hn_text_of(key, len);
}

/* Copies the texts; false when there is no memory for them. */
static bool keep(struct extract_list *list, struct extract_item *item)
{
    struct hn_text value = item->value;
    bool host_inside = item->host.len > 0 && item->host.ptr >= value.ptr &&
                       item->host.ptr + item->host.len <= value.ptr + value.len;
    size_t host_at = host_inside ? (size_t)(item->host.ptr - value.ptr) : 0;

    item->value = hn_arena_text(&list->arena, value);
    item->written = hn_arena_text(&list->arena, item->written);
    if (host_inside && item->value.ptr != NULL)
        item->host = hn_text_sub(item->value, host_at, item->host.len);
    else
        item->host = hn_arena_text(&list->arena, item->host);
    item->domain = hn_text_sub(item->host, item->host.len - item->domain.len, item->domain.len);
    return item->value.ptr != NULL && item->written.ptr != NULL && item->host.ptr != NULL;
}

bool extract_list_add(void *ctx, const struct extract_item *item)
{
    struct extract_list *list = ctx;
    struct hn_text key = key_of(list, item);
    uint32_t index = HN_MAP_NONE;
    struct extract_entry *entry;

    if (key.ptr == NULL)
        goto full;
    index = hn_map_find(&list->index, key);
    if (index != HN_MAP_NONE) {
        list->entries.ptr[index].count++;
        list->entries.ptr[index].item.marks |= item->marks & EXTRACT_DEFANGED;
        return true;
    }
    entry = hn_vec_add(&list->entries);
    if (entry == NULL)
        goto full;
    entry->item = *item;
    entry->count = 1;
    if (!keep(list, &entry->item) ||
            !hn_map_put(&list->index, key, (uint32_t)(list->entries.count - 1), &index)) {
        list->entries.count--;
        goto full;
    }
    return true;
full:
    list->status = hn_arena_status(&list->arena) == HN_LIMIT ? HN_LIMIT : HN_NOMEM;
    return false;
}

/* Takes the warning of the set's only listings of one value. */
static void take_warning(struct extract_list *list, const struct ioc_set *set, uint32_t index)
{
    struct ioc_indicator got;
    struct extract_entry *entry;

    if (!ioc_set_get(set, index, &got) || got.warning.len == 0 || got.line == 0 ||
            got.line > list->entries.count)
        return;
    entry = &list->entries.ptr[got.line - 1];
    entry->item.marks |= EXTRACT_LISTED;
    entry->warning = hn_arena_text(&list->arena, got.warning);
    if (entry->warning.ptr == NULL)
        entry->warning = hn_text_of("", 0);
}

enum hn_status extract_list_judge(
        struct extract_list *list, struct ioc_builder *builder, struct hn_err *err)
{
    struct ioc_set *set = NULL;
    struct ioc_stats stats;
    enum hn_status status;

    for (size_t i = 0; i < list->entries.count; i++) {
        const struct extract_item *item = &list->entries.ptr[i].item;
        struct ioc_indicator about = { .type = extract_kind_type(item->kind),
            .confidence = IOC_CONFIDENCE_NONE,
            .line = (uint32_t)i + 1,
            .first_seen = HN_TIME_NONE,
            .last_seen = HN_TIME_NONE };

        if (about.type == IOC_TYPE_ANY || i >= UINT32_MAX - 1)
            continue;
        status = ioc_add(builder, item->value, &about, NULL, err);
        if (status != HN_OK)
            return status;
    }
    status = ioc_seal(builder, &set, err);
    if (status != HN_OK)
        return status;
    ioc_set_stats(set, &stats);
    for (uint32_t i = 0; i < stats.listings; i++)
        take_warning(list, set, i);
    ioc_set_unref(set);
    return HN_OK;
}
