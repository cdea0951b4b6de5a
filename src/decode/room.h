/* room.h - scratch of an event, with what finds no room counted as dropped.
 *
 * Private to src/decode. So that an event that ran out of memory says so, whatever was lost.
 * Concurrency and memory: those of the event. */
#ifndef HN_DECODE_ROOM_H
#define HN_DECODE_ROOM_H

#include "event/event.h"

HN_INLINE char *room_take(struct hn_event *event, size_t len)
{
    char *room = hn_event_room(event, len);

    event->values_dropped += room == NULL ? 1 : 0;
    return room;
}

/* ptr is NULL when there is no room. */
HN_INLINE struct hn_text room_copy(struct hn_event *event, struct hn_text text)
{
    char *room = room_take(event, text.len);

    if (room != NULL && text.len > 0)
        memcpy(room, text.ptr, text.len);
    return hn_text_of(room, room == NULL ? 0 : text.len);
}

#endif
