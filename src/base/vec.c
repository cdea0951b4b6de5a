/* vec.c - growth of the arrays in vec.h. */
#include "base/vec.h"

/* Every HN_VEC has this layout, whatever its item type. */
struct vec_any {
    void *ptr;
    size_t count;
    size_t room;
};

int hn_vec_grow(void *vec, size_t item_bytes)
{
    struct vec_any any;
    size_t room;
    void *ptr;

    memcpy(&any, vec, sizeof any);
    if (__builtin_mul_overflow(any.room, (size_t)2, &room))
        return 0;
    if (room < 8)
        room = 8;
    ptr = hn_realloc_array(any.ptr, room, item_bytes);
    if (ptr == NULL)
        return 0;
    any.ptr = ptr;
    any.room = room;
    memcpy(vec, &any, sizeof any);
    return 1;
}
