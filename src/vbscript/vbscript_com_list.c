/* vbscript_com_list.c - Scripting.Dictionary, Collection, ArrayList: one list of keys and items. */
#include "vbscript/vbscript_functions.h"

#define MEMBER(fn)             \
    static struct vb_value fn( \
            struct vb_eval *ev, struct vb_object *object, const struct vb_call *call)

enum list_kind { LIST_DICTIONARY, LIST_COLLECTION, LIST_ARRAY };

struct list {
    enum list_kind kind;
    struct vb_array *keys; /* VB_EMPTY where a collection's item has none */
    struct vb_array *items;
};

static struct list *list_of(struct vb_object *object)
{
    return object->state;
}

static bool same_key(struct vb_eval *ev, struct vb_value a, struct vb_value b, bool fold)
{
    if (a.kind == VB_EMPTY || b.kind == VB_EMPTY)
        return a.kind == b.kind;
    if (a.kind == VB_TEXT && b.kind == VB_TEXT)
        return a.as.text->len == b.as.text->len &&
               vb_text_order(ev, a.as.text, b.as.text, fold) == 0;
    if (a.kind == VB_INT && b.kind == VB_INT)
        return a.as.number == b.as.number;
    return a.kind == b.kind && a.kind != VB_OBJECT &&
           vb_truth(ev, vb_compare_op(ev, '=', a, b)) == VB_TRUE;
}

/* Where a key or (of collections and array lists) a number is; UINT32_MAX: nowhere. */
static uint32_t place_of(struct vb_eval *ev, const struct list *list, struct vb_value key)
{
    bool fold = list->kind == LIST_COLLECTION;

    if (list->kind != LIST_DICTIONARY && key.kind != VB_TEXT) {
        int64_t number = 0;

        if (vb_is_unknown(key) || !vb_to_int(ev, key, &number))
            return UINT32_MAX;
        number -= list->kind == LIST_COLLECTION;
        return number >= 0 && number < list->items->total ? (uint32_t)number : UINT32_MAX;
    }
    for (uint32_t i = 0; i < list->keys->total && script_spend(ev->run, 0); i++)
        if (same_key(ev, list->keys->items[i], key, fold))
            return i;
    (void)script_spend(ev->run, list->keys->total / 16);
    return UINT32_MAX;
}

static struct vb_value add(
        struct vb_eval *ev, struct list *list, struct vb_value key, struct vb_value item)
{
    if (vb_array_append(ev, list->keys, key))
        (void)vb_array_append(ev, list->items, item);
    return (struct vb_value){ .kind = VB_EMPTY };
}

MEMBER(list_add)
{
    struct list *list = list_of(object);

    if (list->kind == LIST_DICTIONARY) {
        struct vb_value key = vb_plain(ev, vb_arg(call, 0));

        if (place_of(ev, list, key) != UINT32_MAX) {
            vb_raise(ev, 457);
            return (struct vb_value){ .kind = VB_EMPTY };
        }
        return add(ev, list, key, vb_arg(call, 1));
    }
    return add(ev, list,
            call->count > 1 ? vb_plain(ev, vb_arg(call, 1)) : (struct vb_value){ .kind = VB_EMPTY },
            vb_arg(call, 0));
}

MEMBER(list_item)
{
    struct list *list = list_of(object);
    struct vb_value key = vb_plain(ev, vb_arg(call, 0));
    uint32_t place;

    if (call->count == 0)
        return vb_object_value(object);
    place = place_of(ev, list, key);
    if (call->is_set) {
        if (place != UINT32_MAX)
            vb_store(ev, &list->items->items[place], call->value);
        else
            (void)add(ev, list, key, call->value);
        return call->value;
    }
    if (place != UINT32_MAX)
        return list->items->items[place];
    if (vb_is_unknown(key))
        return vb_unknown_of(ev, key);
    if (list->kind != LIST_DICTIONARY)
        vb_raise(ev, 5);
    return (struct vb_value){ .kind = VB_EMPTY };
}

MEMBER(list_exists)
{
    struct vb_value key = vb_plain(ev, vb_arg(call, 0));

    if (vb_is_unknown(key))
        return vb_unknown_of(ev, key);
    return vb_bool(place_of(ev, list_of(object), key) != UINT32_MAX);
}

MEMBER(list_count)
{
    (void)ev;
    (void)call;
    return vb_int(list_of(object)->items->total, 4);
}

static struct vb_value copy_of(
        struct vb_eval *ev, const struct vb_array *array, const struct vb_call *call)
{
    struct vb_value copy = vb_array_value(vb_array_copy(ev, array));

    return call->count > 0 ? vb_index(ev, copy, call) : copy;
}

MEMBER(list_keys)
{
    return copy_of(ev, list_of(object)->keys, call);
}

MEMBER(list_items)
{
    return copy_of(ev, list_of(object)->items, call);
}

static void take_out(struct vb_array *array, uint32_t place)
{
    memmove(&array->items[place], &array->items[place + 1],
            (array->total - place - 1) * sizeof *array->items);
    array->total--;
    array->count[0]--;
}

MEMBER(list_remove)
{
    struct list *list = list_of(object);
    uint32_t place = place_of(ev, list, vb_plain(ev, vb_arg(call, 0)));

    if (place != UINT32_MAX) {
        take_out(list->keys, place);
        take_out(list->items, place);
    }
    return (struct vb_value){ .kind = VB_EMPTY };
}

MEMBER(list_clear)
{
    struct list *list = list_of(object);

    (void)ev;
    (void)call;
    list->keys->total = list->keys->count[0] = 0;
    list->items->total = list->items->count[0] = 0;
    return (struct vb_value){ .kind = VB_EMPTY };
}

MEMBER(list_reverse)
{
    struct vb_array *items = list_of(object)->items;

    (void)ev;
    (void)call;
    for (uint32_t i = 0; i < items->total / 2; i++) {
        struct vb_value first = items->items[i];

        items->items[i] = items->items[items->total - 1 - i];
        items->items[items->total - 1 - i] = first;
    }
    return (struct vb_value){ .kind = VB_EMPTY };
}

static const struct vb_member list_members[] = { { "", list_item }, { "item", list_item },
    { "add", list_add }, { "exists", list_exists }, { "contains", list_exists },
    { "count", list_count }, { "keys", list_keys }, { "items", list_items },
    { "toarray", list_items }, { "remove", list_remove }, { "removeall", list_clear },
    { "clear", list_clear }, { "reverse", list_reverse }, { "comparemode", vb_quiet },
    { "key", vb_quiet }, { "sort", vb_quiet } };
static const struct vb_class class_list = { "Dictionary", list_members, HN_COUNT_OF(list_members),
    NULL };

static struct vb_value make_list(struct vb_eval *ev, enum list_kind kind)
{
    struct vb_object *object = vb_object_new(ev, &class_list);
    struct list *list = hn_new(&ev->run->arena, struct list, 1);

    if (object == NULL || list == NULL)
        return vb_unknown(ev, "list");
    list->kind = kind;
    list->keys = vb_array_new(ev, VB_T_VARIANT, 0, 0);
    list->items = vb_array_new(ev, VB_T_VARIANT, 0, 0);
    if (list->keys == NULL || list->items == NULL)
        return vb_unknown(ev, "list");
    object->state = list;
    return vb_object_value(object);
}

struct vb_value vb_make_dictionary(struct vb_eval *ev)
{
    return make_list(ev, LIST_DICTIONARY);
}

struct vb_value vb_make_collection(struct vb_eval *ev)
{
    return make_list(ev, LIST_COLLECTION);
}

struct vb_value vb_make_list(struct vb_eval *ev)
{
    return make_list(ev, LIST_ARRAY);
}

/* For Each walks over a dictionary's keys, a collection's items. */
bool vb_dictionary_items(struct vb_eval *ev, struct vb_object *object, struct vb_array **ret_items)
{
    struct list *list;

    if (object->class != &class_list)
        return false;
    list = list_of(object);
    *ret_items = vb_array_copy(ev, list->kind == LIST_DICTIONARY ? list->keys : list->items);
    return *ret_items != NULL;
}
