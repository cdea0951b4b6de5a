/* vbscript_array.c - arrays; those of bytes are texts to some functions. */
#include "vbscript/vbscript_internal.h"

struct vb_value vb_array_value(struct vb_array *array)
{
    if (array == NULL)
        return (struct vb_value){ .kind = VB_EMPTY };
    return (struct vb_value){ .kind = VB_ARRAY, .as.array = array };
}

/* Room for that many; what is there is kept. Doubles, as ReDim Preserve stands in loops. */
static bool make_room(struct vb_eval *ev, struct vb_array *array, uint32_t total)
{
    struct vb_value *items;
    uint32_t room = array->room;

    if (total <= room)
        return true;
    if (total > VB_ARRAY_MAX) {
        vb_raise(ev, 7);
        return false;
    }
    room = room > 0 && total < room * 2 ? room * 2 : total;
    items = hn_new(&ev->run->arena, struct vb_value, room);
    if (items == NULL) {
        if (ev->run->stop == SCRIPT_STOP_NONE)
            ev->run->stop = SCRIPT_STOP_BYTES;
        return false;
    }
    if (array->total > 0)
        memcpy(items, array->items, array->total * sizeof *items);
    array->items = items;
    array->room = room;
    return script_spend(ev->run, room / 16);
}

struct vb_array *vb_array_new(struct vb_eval *ev, enum vb_type type, int32_t lower, size_t count)
{
    struct vb_array *array = hn_new(&ev->run->arena, struct vb_array, 1);
    uint32_t counts[1] = { (uint32_t)(count < VB_ARRAY_MAX ? count : VB_ARRAY_MAX + 1) };

    if (array == NULL)
        return NULL;
    array->type = type;
    return vb_array_dim(ev, array, &lower, counts, 1, false) ? array : NULL;
}

bool vb_array_dim(struct vb_eval *ev, struct vb_array *array, const int32_t *lower,
        const uint32_t *count, uint32_t dims, bool preserve)
{
    uint64_t total = 1;
    uint32_t kept;
    struct vb_value initial = vb_initial(ev, array->type);

    for (uint32_t i = 0; i < dims; i++) {
        total *= count[i];
        if (total > VB_ARRAY_MAX) {
            vb_raise(ev, 7);
            return false;
        }
    }
    /* Elements of other dimensions would move; the last may grow in place, as they are kept with
     * the first dimension running fastest. */
    kept = preserve ? array->total : 0;
    if (!make_room(ev, array, (uint32_t)total))
        return false;
    if (kept > total)
        kept = (uint32_t)total;
    for (uint32_t i = kept; i < total; i++)
        array->items[i] = initial;
    array->total = (uint32_t)total;
    array->dims = dims;
    memcpy(array->lower, lower, dims * sizeof *lower);
    memcpy(array->count, count, dims * sizeof *count);
    return script_spend(ev->run, (total - kept) / 16);
}

struct vb_array *vb_array_copy(struct vb_eval *ev, const struct vb_array *array)
{
    struct vb_array *copy = hn_new(&ev->run->arena, struct vb_array, 1);

    if (copy == NULL)
        return NULL;
    *copy = *array;
    copy->room = 0;
    copy->total = 0;
    copy->items = NULL;
    if (!make_room(ev, copy, array->total))
        return NULL;
    if (array->total > 0)
        memcpy(copy->items, array->items, array->total * sizeof *copy->items);
    copy->total = array->total;
    return copy;
}

static void grow(struct vb_eval *ev, struct vb_array *array, struct vb_value index)
{
    static const int32_t lower[1] = { 0 };
    uint32_t count[1];
    int64_t number;

    if (!vb_to_int(ev, index, &number) || number < array->total || number >= VB_ARRAY_MAX)
        return;
    count[0] = (uint32_t)number + 1;
    (void)vb_array_dim(ev, array, lower, count, 1, true);
}

/* NULL: out of range (an error is raised) or an index unknown. */
struct vb_value *vb_array_at(
        struct vb_eval *ev, struct vb_array *array, const struct vb_value *index, uint32_t count)
{
    uint64_t place = 0;
    uint64_t scale = 1;

    if (array->grows && count == 1)
        grow(ev, array, index[0]);
    if (count != array->dims || count == 0) {
        vb_raise(ev, 9);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++) {
        int64_t number;

        if (!vb_to_int(ev, index[i], &number))
            return NULL;
        if (number < array->lower[i] || number > INT32_MAX ||
                number - array->lower[i] >= array->count[i]) {
            vb_raise(ev, 9);
            return NULL;
        }
        place += (uint64_t)(number - array->lower[i]) * scale;
        scale *= array->count[i];
    }
    return &array->items[place];
}

static bool array_bytes(struct vb_eval *ev, const struct vb_array *array, uint8_t *out)
{
    for (uint32_t i = 0; i < array->total; i++) {
        int64_t number = 0;

        if (vb_is_unknown(array->items[i]) || !vb_to_int(ev, array->items[i], &number))
            return false;
        out[i] = (uint8_t)number;
    }
    return true;
}

bool vb_bytes_of(struct vb_eval *ev, struct vb_value value, struct hn_bytes *ret_bytes)
{
    uint8_t *out;
    size_t len;

    if (value.kind == VB_ARRAY) {
        len = value.as.array->total;
        out = hn_arena_raw(&ev->run->arena, len + 1, 1);
        if (out == NULL || !vb_spend(ev, len) || !array_bytes(ev, value.as.array, out))
            return false;
    } else {
        const struct script_text *text = vb_to_text(ev, value);
        const uint16_t *units;

        if (text->unknown)
            return false;
        len = text->units * 2;
        units = vb_units(ev, text);
        out = hn_arena_raw(&ev->run->arena, len + 1, 1);
        if (units == NULL || out == NULL || !vb_spend(ev, len))
            return false;
        for (size_t i = 0; i < text->units; i++) {
            out[i * 2] = (uint8_t)(units[i] & 0xFF);
            out[i * 2 + 1] = (uint8_t)(units[i] >> 8);
        }
    }
    *ret_bytes = hn_bytes_of(out, len);
    return true;
}

struct vb_value vb_byte_array(struct vb_eval *ev, struct hn_bytes bytes)
{
    struct vb_array *array = vb_array_new(ev, VB_T_BYTE, 0, bytes.len);

    if (array == NULL)
        return vb_unknown(ev, "bytes");
    for (size_t i = 0; i < bytes.len; i++) {
        array->items[i] = vb_int(bytes.ptr[i], 1);
        array->items[i].typed = true;
    }
    return vb_array_value(array);
}

const struct script_text *vb_bytes_text(struct vb_eval *ev, struct vb_value value)
{
    struct hn_bytes bytes;

    if (value.kind == VB_ARRAY) {
        if (!vb_bytes_of(ev, value, &bytes))
            return script_text_unknown(ev->run, "bytes", NULL);
        return script_text_from_bytes(ev->run, bytes, vb_origin(ev, "bytes", NULL));
    }
    return vb_to_text(ev, value);
}
