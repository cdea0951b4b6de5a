/* history_cursor.c - places in the journal as text: the order, the record, the event in it. */
#include "history/history_internal.h"

#include <stdio.h>

size_t history_cursor_write(const struct history_cursor *cursor, char ret_text[HISTORY_CURSOR_ROOM])
{
    int len = snprintf(ret_text, HISTORY_CURSOR_ROOM, "%c%llx.%llx", cursor->newest ? 'n' : 'o',
            (unsigned long long)cursor->offset, (unsigned long long)cursor->index);

    return (size_t)len;
}

/* Lower-case digits without leading zeros, so that there is one text for each place. */
static bool read_number(struct hn_text text, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (text.len == 0 || text.len > 16 || (text.ptr[0] == '0' && text.len > 1))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c >= '0' && c <= '9')
            number = number << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            number = number << 4 | (uint64_t)(c - 'a' + 10);
        else
            return false;
    }
    *ret_number = number;
    return true;
}

bool history_cursor_read(struct hn_text text, struct history_cursor *ret_cursor)
{
    size_t dot = hn_text_find_char(text, '.', 0);
    struct history_cursor cursor = { 0 };

    if (dot == SIZE_MAX || dot < 2 || (text.ptr[0] != 'n' && text.ptr[0] != 'o'))
        return false;
    cursor.newest = text.ptr[0] == 'n';
    if (!read_number(hn_text_sub(text, 1, dot - 1), &cursor.offset) ||
            !read_number(hn_text_sub(text, dot + 1, text.len), &cursor.index))
        return false;
    *ret_cursor = cursor;
    return true;
}
