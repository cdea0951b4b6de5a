/* powershell_array.c - arrays, byte arrays, tables, objects. $list += x shares the room of the list
 * it makes longer, so that a list of n items costs n and not n * n. */
#include "powershell/powershell_internal.h"

#define ITEMS_FIRST 8u

/* Stands in when there is no room; the run has stopped by then, so nobody reads it. */
static struct ps_array *spare(struct ps *ps)
{
    static struct ps_room room;
    static struct ps_array array;

    if (ps->run->stop == SCRIPT_STOP_NONE)
        ps->run->stop = hn_arena_status(&ps->run->arena) == HN_NOMEM ? SCRIPT_STOP_MEMORY
                                                                     : SCRIPT_STOP_BYTES;
    room = (struct ps_room){ 0 };
    array = (struct ps_array){ .room = &room };
    return &array;
}

static struct ps_array *array_new(struct ps *ps, size_t room, bool bytes)
{
    struct ps_array *array = hn_new(&ps->run->arena, struct ps_array, 1);
    struct ps_room *made = hn_new(&ps->run->arena, struct ps_room, 1);

    if (array == NULL || made == NULL)
        return spare(ps);
    *array = (struct ps_array){ .room = made, .bytes = bytes };
    made->users = 1;
    if (room == 0)
        return array;
    if (bytes)
        made->as.bytes = hn_arena_alloc(&ps->run->arena, room, 1);
    else
        made->as.items = hn_new(&ps->run->arena, struct ps_value, room);
    if (bytes ? made->as.bytes == NULL : made->as.items == NULL)
        return spare(ps);
    made->room = room;
    return array;
}

struct ps_array *ps_array_new(struct ps *ps, size_t room)
{
    return array_new(ps, room, false);
}

struct ps_array *ps_bytes_new(struct ps *ps, size_t count, const struct script_origin *origin)
{
    struct ps_array *array;

    if (!script_spend(ps->run, count / 64))
        count = 0;
    array = array_new(ps, count, true);
    array->count = array->room->room;
    array->room->used = array->count;
    array->origin = origin;
    return array;
}

struct ps_value ps_bytes_value(
        struct ps *ps, struct hn_bytes bytes, const struct script_origin *origin)
{
    struct ps_array *array = ps_bytes_new(ps, bytes.len, origin);

    if (array->count > 0)
        memcpy(array->room->as.bytes, bytes.ptr, array->count);
    return ps_of_array(array);
}

struct ps_value ps_at(const struct ps_array *array, size_t index)
{
    if (index >= array->count)
        return ps_null();
    return array->bytes ? ps_wide(array->room->as.bytes[index], PS_BYTE)
                        : array->room->as.items[index];
}

/* Room of its own for more items behind the end. */
static bool move_out(struct ps *ps, struct ps_array *array, size_t more)
{
    size_t room = array->count + more < ITEMS_FIRST ? ITEMS_FIRST : (array->count + more) * 2;
    struct ps_array *fresh;

    if (!script_spend(ps->run, 1 + array->count / 32))
        return false;
    fresh = array_new(ps, room, array->bytes);
    if (fresh->room->room == 0)
        return false;
    if (array->count > 0 && array->bytes)
        memcpy(fresh->room->as.bytes, array->room->as.bytes, array->count);
    else if (array->count > 0)
        memcpy(fresh->room->as.items, array->room->as.items,
                array->count * sizeof(struct ps_value));
    fresh->room->used = array->count;
    array->room = fresh->room;
    return true;
}

/* Bytes become values when something else is to stand among them. */
static bool widen(struct ps *ps, struct ps_array *array)
{
    struct ps_array *wide = array_new(ps, array->count + ITEMS_FIRST, false);

    if (!script_spend(ps->run, 1 + array->count / 16) || wide->room->room == 0)
        return false;
    for (size_t i = 0; i < array->count; i++)
        wide->room->as.items[i] = ps_at(array, i);
    wide->room->used = array->count;
    array->room = wide->room;
    array->bytes = false;
    return true;
}

static bool fits_bytes(const struct ps_value *v)
{
    return v->kind == PS_INT && v->width == PS_BYTE;
}

void ps_array_add(struct ps *ps, struct ps_array *array, struct ps_value v)
{
    if (array->bytes && !fits_bytes(&v) && !widen(ps, array))
        return;
    if ((array->room->used != array->count || array->count >= array->room->room) &&
            !move_out(ps, array, 1))
        return;
    if (array->bytes)
        array->room->as.bytes[array->count] = (uint8_t)v.as.number;
    else
        array->room->as.items[array->count] = v;
    array->count++;
    array->room->used = array->count;
}

void ps_array_put(struct ps *ps, struct ps_array *array, size_t index, struct ps_value v)
{
    int64_t number;

    if (index >= array->count)
        return;
    if (array->room->users > 1 && !move_out(ps, array, 1))
        return;
    if (array->bytes && v.kind != PS_UNKNOWN && ps_int_of(ps, &v, &number)) {
        array->room->as.bytes[index] = (uint8_t)number;
        return;
    }
    if (array->bytes && !widen(ps, array))
        return;
    array->room->as.items[index] = v;
}

void ps_array_remove(struct ps *ps, struct ps_array *array, size_t index, size_t count)
{
    size_t width = array->bytes ? 1 : sizeof(struct ps_value);
    uint8_t *base;

    if (index >= array->count || !script_spend(ps->run, 1 + array->count / 32))
        return;
    if (count > array->count - index)
        count = array->count - index;
    if (array->room->users > 1 && !move_out(ps, array, 1))
        return;
    base = array->bytes ? array->room->as.bytes : (uint8_t *)(void *)array->room->as.items;
    memmove(base + index * width, base + (index + count) * width,
            (array->count - index - count) * width);
    array->count -= count;
    array->room->used = array->count;
}

struct ps_array *ps_array_plus(struct ps *ps, struct ps_array *array, struct ps_value v)
{
    struct ps_array *made = hn_new(&ps->run->arena, struct ps_array, 1);
    const struct ps_array *more = v.kind == PS_ARRAY ? v.as.array : NULL;

    if (made == NULL)
        return spare(ps);
    *made = *array;
    made->list = false;
    if (made->origin == NULL)
        made->origin = ps_origin_of(&v);
    made->room->users++;
    if (more == NULL) {
        ps_array_add(ps, made, v);
        return made;
    }
    for (size_t i = 0, count = more->count; i < count && script_spend(ps->run, 1); i++)
        ps_array_add(ps, made, ps_at(more, i));
    return made;
}

void ps_array_reverse(struct ps *ps, struct ps_array *array)
{
    if (!script_spend(ps->run, 1 + array->count / 16))
        return;
    for (size_t i = 0, k = array->count; i + 1 < k; i++) {
        struct ps_value first = ps_at(array, i);

        k--;
        ps_array_put(ps, array, i, ps_at(array, k));
        ps_array_put(ps, array, k, first);
    }
}

struct ps_array *ps_items(struct ps *ps, struct ps_value v)
{
    struct ps_array *one;

    if (v.kind == PS_ARRAY)
        return v.as.array;
    one = ps_array_new(ps, v.kind == PS_NULL ? 0 : 1);
    if (v.kind != PS_NULL)
        ps_array_add(ps, one, v);
    return one;
}

void ps_emit(struct ps *ps, struct ps_array *out, struct ps_value v)
{
    if (out == NULL || v.kind == PS_NULL)
        return;
    if (v.kind != PS_ARRAY) {
        ps_array_add(ps, out, v);
        return;
    }
    if (out->count == 0 && out->room->used == 0 && v.as.array->bytes) {
        struct ps_array *copy = ps_array_plus(ps, v.as.array, ps_of_array(ps_array_new(ps, 0)));

        *out = *copy;
        return;
    }
    if (out->origin == NULL)
        out->origin = v.as.array->origin;
    for (size_t i = 0, count = v.as.array->count; i < count && script_spend(ps->run, 1); i++)
        ps_array_add(ps, out, ps_at(v.as.array, i));
}

struct ps_value ps_collect(struct ps_array *out)
{
    if (out->count == 0)
        return ps_null();
    return out->count == 1 ? ps_at(out, 0) : ps_of_array(out);
}

/* The bytes of an array, if its items are numbers of that size. */
bool ps_bytes_of(struct ps *ps, const struct ps_value *v, struct hn_bytes *ret)
{
    const struct ps_array *array;
    uint8_t *room;

    if (v->kind == PS_OBJECT)
        return v->as.object->state.kind != PS_OBJECT && ps_bytes_of(ps, &v->as.object->state, ret);
    if (v->kind != PS_ARRAY || !script_spend(ps->run, 1 + v->as.array->count / 32))
        return false;
    array = v->as.array;
    if (array->bytes) {
        *ret = hn_bytes_of(array->room->as.bytes, array->count);
        return true;
    }
    room = hn_arena_raw(&ps->run->arena, array->count + 1, 1);
    if (room == NULL) {
        (void)spare(ps);
        return false;
    }
    for (size_t i = 0; i < array->count; i++) {
        int64_t number;
        struct ps_value item = ps_at(array, i);

        if (!ps_int_of(ps, &item, &number) || number < -128 || number > 255)
            return false;
        room[i] = (uint8_t)number;
    }
    *ret = hn_bytes_of(room, array->count);
    return true;
}

/* ---- Tables ---- */

static uint32_t key_hash(struct hn_text key)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < key.len; i++) {
        uint8_t c = (uint8_t)key.ptr[i];

        hash = (hash ^ (c >= 'A' && c <= 'Z' ? c | 0x20u : c)) * 16777619u;
    }
    return hash;
}

static bool same_key(const struct ps_hash *hash, const struct ps_entry *entry, struct hn_text key)
{
    return !entry->gone &&
           (hash->exact ? hn_text_eq(entry->key, key) : hn_text_eq_nocase(entry->key, key));
}

static struct ps_entry *find_entry(const struct ps_hash *hash, struct hn_text key, uint32_t hashed)
{
    uint32_t mask = hash->slot_count - 1;

    if (hash->slot_count == 0)
        return NULL;
    for (uint32_t at = hashed & mask; hash->slots[at] != 0; at = (at + 1) & mask) {
        struct ps_entry *entry = &hash->entries[hash->slots[at] - 1];

        if (entry->hash == hashed && same_key(hash, entry, key))
            return entry;
    }
    return NULL;
}

struct ps_value *ps_hash_find(struct ps_hash *hash, struct hn_text key)
{
    struct ps_entry *entry = find_entry(hash, key, key_hash(key));

    return entry != NULL ? &entry->value : NULL;
}

static void index_entry(struct ps_hash *hash, uint32_t index)
{
    uint32_t mask = hash->slot_count - 1;
    uint32_t at = hash->entries[index].hash & mask;

    while (hash->slots[at] != 0)
        at = (at + 1) & mask;
    hash->slots[at] = index + 1;
}

static bool grow_hash(struct ps *ps, struct ps_hash *hash)
{
    uint32_t room = hash->room == 0 ? 8 : hash->room * 2;
    struct ps_entry *entries = hn_new(&ps->run->arena, struct ps_entry, room);
    uint32_t *slots = hn_new(&ps->run->arena, uint32_t, (size_t)room * 2);

    if (entries == NULL || slots == NULL || !script_spend(ps->run, room)) {
        (void)spare(ps);
        return false;
    }
    if (hash->count > 0)
        memcpy(entries, hash->entries, hash->count * sizeof *entries);
    hash->entries = entries;
    hash->slots = slots;
    hash->room = room;
    hash->slot_count = room * 2;
    for (uint32_t i = 0; i < hash->count; i++)
        index_entry(hash, i);
    return true;
}

/* The place of the value, NULL when there is no room. The key is borrowed. */
struct ps_value *ps_hash_put(
        struct ps *ps, struct ps_hash *hash, struct hn_text key, struct ps_value v)
{
    uint32_t hashed = key_hash(key);
    struct ps_entry *entry = find_entry(hash, key, hashed);

    if (entry == NULL) {
        if (hash->count == hash->room && !grow_hash(ps, hash))
            return NULL;
        entry = &hash->entries[hash->count++];
        *entry = (struct ps_entry){ .key = key, .hash = hashed };
        index_entry(hash, hash->count - 1);
    }
    entry->value = v;
    return &entry->value;
}

void ps_hash_remove(struct ps_hash *hash, struct hn_text key)
{
    struct ps_entry *entry = find_entry(hash, key, key_hash(key));

    if (entry != NULL) {
        entry->gone = true;
        hash->gone++;
    }
}

struct ps_hash *ps_hash_new(struct ps *ps)
{
    static struct ps_hash none;
    struct ps_hash *hash = hn_new(&ps->run->arena, struct ps_hash, 1);

    if (hash != NULL)
        return hash;
    (void)spare(ps);
    none = (struct ps_hash){ 0 };
    return &none;
}

/* ---- Objects ---- */

struct ps_object *ps_object_new(struct ps *ps, const char *type)
{
    static struct ps_object none;
    struct ps_object *object = hn_new(&ps->run->arena, struct ps_object, 1);

    if (object == NULL) {
        (void)spare(ps);
        none = (struct ps_object){ 0 };
        object = &none;
    }
    object->type = hn_text_cstr(type);
    return object;
}

struct ps_value ps_of_object(struct ps_object *object)
{
    return (struct ps_value){ .kind = PS_OBJECT, .as.object = object };
}

struct ps_value ps_prop(struct ps_object *object, const char *name)
{
    const struct ps_value *found = ps_hash_find(&object->props, hn_text_cstr(name));

    return found != NULL ? *found : ps_null();
}

void ps_prop_set(struct ps *ps, struct ps_object *object, const char *name, struct ps_value v)
{
    (void)ps_hash_put(ps, &object->props, hn_text_cstr(name), v);
}

bool ps_is_object(const struct ps_value *v, const char *types)
{
    return v->kind == PS_OBJECT && ps_one_of(v->as.object->type, types);
}
