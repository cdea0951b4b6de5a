/* com_list.c - Scripting.Dictionary, Collection, ArrayList: one list of keys and items. */
#include "com/com_internal.h"

#include <string.h>

enum { ERROR_CALL = 5, ERROR_KEY_THERE = 457 };

static struct com_value nothing(void)
{
    return (struct com_value){ .kind = COM_EMPTY };
}

static bool folds(struct com_call *call)
{
    double mode = 0;

    return call->object->list->kind == COM_LIST_COLLECTION ||
           (com_number(call->com, com_get(call->com, call->object, "comparemode"), &mode) &&
                   mode == 1);
}

static bool same_key(struct com *com, struct com_value a, struct com_value b, bool fold)
{
    if (a.kind == COM_OBJECT || b.kind == COM_OBJECT)
        return a.kind == b.kind && a.object == b.object;
    if (a.kind == COM_NUMBER && b.kind == COM_NUMBER)
        return a.number == b.number;
    if (a.kind != b.kind)
        return false;
    if (a.kind == COM_BOOL)
        return a.truth == b.truth;
    if (a.kind == COM_EMPTY || a.kind == COM_MISSING)
        return true;
    return fold ? hn_text_eq_nocase(com_flat(com, a), com_flat(com, b))
                : hn_text_eq(com_flat(com, a), com_flat(com, b));
}

/* Where a key or (of collections and array lists) a number is; UINT32_MAX: nowhere. */
static uint32_t place_of(struct com_call *call, struct com_value key)
{
    const struct com_list *list = call->object->list;
    bool fold = folds(call);
    double number;

    if (list->kind != COM_LIST_DICTIONARY && key.kind != COM_TEXT) {
        if (com_is_unknown(key) || !com_number(call->com, key, &number))
            return UINT32_MAX;
        number -= list->kind == COM_LIST_COLLECTION;
        return number >= 0 && number < list->count ? (uint32_t)number : UINT32_MAX;
    }
    for (uint32_t i = 0; i < list->count && script_spend(call->run, 0); i++)
        if (same_key(call->com, list->keys[i], key, fold))
            return i;
    (void)script_spend(call->run, list->count / 16);
    return UINT32_MAX;
}

static bool make_room(struct com *com, struct com_list *list)
{
    uint32_t room = list->room > 0 ? list->room * 2 : 8;
    struct com_value *keys;
    struct com_value *items;

    if (list->count < list->room)
        return true;
    if (list->count >= COM_ITEMS_MAX || !script_spend(com->run, room / 8))
        return false;
    keys = hn_new(&com->run->arena, struct com_value, room);
    items = hn_new(&com->run->arena, struct com_value, room);
    if (keys == NULL || items == NULL) {
        if (com->run->stop == SCRIPT_STOP_NONE)
            com->run->stop = SCRIPT_STOP_BYTES;
        return false;
    }
    if (list->count > 0) {
        memcpy(keys, list->keys, list->count * sizeof *keys);
        memcpy(items, list->items, list->count * sizeof *items);
    }
    list->keys = keys;
    list->items = items;
    list->room = room;
    return true;
}

bool com_list_add(
        struct com *com, struct com_list *list, struct com_value key, struct com_value item)
{
    if (!make_room(com, list))
        return false;
    list->keys[list->count] = key;
    list->items[list->count++] = item;
    return true;
}

static struct com_value list_add(struct com_call *call)
{
    struct com_list *list = call->object->list;
    struct com_value key = com_arg_plain(call, list->kind == COM_LIST_DICTIONARY ? 0 : 1);
    struct com_value item = com_arg(call, list->kind == COM_LIST_DICTIONARY ? 1 : 0);

    if (list->kind != COM_LIST_DICTIONARY && key.kind == COM_MISSING)
        key = nothing();
    if (list->kind == COM_LIST_DICTIONARY && place_of(call, key) != UINT32_MAX) {
        call->error = ERROR_KEY_THERE;
        return nothing();
    }
    (void)com_list_add(call->com, list, key, item);
    return nothing();
}

static struct com_value list_item(struct com_call *call)
{
    struct com_list *list = call->object->list;
    struct com_value key = com_arg_plain(call, 0);
    uint32_t place;

    if (call->count == 0)
        return com_value_object(call->object);
    place = place_of(call, key);
    if (call->put != NULL) {
        if (place != UINT32_MAX)
            com_store(call->com, &list->items[place], *call->put);
        else
            (void)com_list_add(call->com, list, key, *call->put);
        return *call->put;
    }
    if (place != UINT32_MAX)
        return list->items[place];
    if (com_is_unknown(key))
        return com_unknown_of(call->com, key);
    if (list->kind != COM_LIST_DICTIONARY)
        call->error = ERROR_CALL;
    return nothing();
}

static struct com_value list_exists(struct com_call *call)
{
    struct com_value key = com_arg_plain(call, 0);

    if (com_is_unknown(key))
        return com_unknown_of(call->com, key);
    return com_value_bool(place_of(call, key) != UINT32_MAX);
}

static struct com_value list_count(struct com_call *call)
{
    return com_value_number(call->object->list->count);
}

/* Keys, Items: a copy, or one of it by index. */
static struct com_value list_all(struct com_call *call)
{
    const struct com_list *list = call->object->list;
    const struct com_value *from = com_member_is(call, "keys") ? list->keys : list->items;
    struct com_value *copy;
    int64_t index = com_arg_int(call, 0, -1);

    if (call->count > 0)
        return index >= 0 && index < list->count ? from[index] : nothing();
    copy = hn_new(&call->run->arena, struct com_value, list->count > 0 ? list->count : 1);
    if (copy == NULL || !script_spend(call->run, list->count / 8))
        return com_value_unknown(call->com, "list");
    if (list->count > 0)
        memcpy(copy, from, list->count * sizeof *copy);
    return (struct com_value){ .kind = COM_ARRAY, .items = copy, .count = list->count };
}

static struct com_value list_remove(struct com_call *call)
{
    struct com_list *list = call->object->list;
    uint32_t place = place_of(call, com_arg_plain(call, 0));
    size_t behind;

    if (place == UINT32_MAX)
        return nothing();
    behind = list->count - place - 1;
    memmove(&list->keys[place], &list->keys[place + 1], behind * sizeof *list->keys);
    memmove(&list->items[place], &list->items[place + 1], behind * sizeof *list->items);
    list->count--;
    return nothing();
}

static struct com_value list_clear(struct com_call *call)
{
    call->object->list->count = 0;
    return nothing();
}

static struct com_value list_reverse(struct com_call *call)
{
    struct com_list *list = call->object->list;

    for (uint32_t i = 0; i < list->count / 2; i++) {
        struct com_value first = list->items[i];

        list->items[i] = list->items[list->count - 1 - i];
        list->items[list->count - 1 - i] = first;
    }
    (void)script_spend(call->run, list->count / 8);
    return nothing();
}

static const struct com_member list_members[] = { { "", list_item }, { "Item", list_item },
    { "Add", list_add }, { "Exists", list_exists }, { "Contains", list_exists },
    { "Count", list_count }, { "Keys", list_all }, { "Items", list_all }, { "ToArray", list_all },
    { "Remove", list_remove }, { "RemoveAll", list_clear }, { "Clear", list_clear },
    { "Reverse", list_reverse }, { "CompareMode", com_bag }, { "Key", com_quiet },
    { "Sort", com_quiet } };
static COM_CLASS(class_list, "Dictionary", list_members, NULL);

static struct com_object *make_list(struct com *com, unsigned kind)
{
    struct com_object *object = com_object_new(com, &class_list);

    if (object == NULL)
        return NULL;
    object->list = hn_new(&com->run->arena, struct com_list, 1);
    if (object->list == NULL)
        return NULL;
    object->list->kind = kind;
    return object;
}

struct com_object *com_make_dictionary(struct com *com)
{
    return make_list(com, COM_LIST_DICTIONARY);
}

struct com_object *com_make_collection(struct com *com)
{
    return make_list(com, COM_LIST_COLLECTION);
}

struct com_object *com_make_list(struct com *com)
{
    return make_list(com, COM_LIST_ARRAY);
}

/* For Each walks over a dictionary's keys, a collection's items, as they are at its start. */
bool com_items(struct com *com, struct com_object *object, const struct com_value **ret_items,
        size_t *ret_count)
{
    struct com_call call = { .com = com, .run = com->run, .object = object };
    struct com_value all;

    if (object->list == NULL)
        return false;
    call.member = object->list->kind == COM_LIST_DICTIONARY ? HN_TEXT("keys") : HN_TEXT("items");
    all = list_all(&call);
    *ret_items = all.items;
    *ret_count = all.count;
    return all.kind == COM_ARRAY;
}
