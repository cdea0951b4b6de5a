/* decode_csv_split.c - where records of a CSV file end and what their values are.
 *
 * RFC 4180 with what is found in the field: a quote opens only at the start of a value, a quote
 * inside of quotes closes unless it is doubled, what follows a closing quote belongs to the value.
 * With these rules a scan for a closing quote that found none never has to be done again for a
 * later line of the same text, so hostile input costs no more than its length. */
#include "decode/decode_csv.h"

#include "base/utf.h"

/* ---- Records -----------------------------------------------------------------------------------
 */

enum state { AT_START, IN_PLAIN, IN_QUOTES, BEHIND_QUOTE };

/* The unit at pos; what is no ASCII character is 0. */
static char unit_at(struct hn_bytes in, size_t pos, enum csv_text text)
{
    uint8_t low = in.ptr[pos];
    uint8_t high;

    if (text == CSV_UTF8)
        return (char)low;
    high = in.ptr[pos + 1];
    if (text == CSV_UTF16BE) {
        uint8_t swap = low;

        low = high;
        high = swap;
    }
    return high == 0 && low < 0x80 ? (char)low : '\0';
}

static enum state next_state(enum state state, char c, char delimiter)
{
    switch (state) {
    case AT_START:
        if (c == '"')
            return IN_QUOTES;
        break;
    case IN_QUOTES:
        return c == '"' ? BEHIND_QUOTE : IN_QUOTES;
    case BEHIND_QUOTE:
        if (c == '"')
            return IN_QUOTES;
        break;
    case IN_PLAIN:
        break;
    }
    return c == delimiter ? AT_START : IN_PLAIN;
}

/* A line without any quote needs no second look; nearly all lines are so. */
static size_t quick_line(struct hn_bytes in)
{
    const uint8_t *end = memchr(in.ptr, '\n', in.len);
    size_t len;

    if (end == NULL)
        return 0;
    len = (size_t)(end - in.ptr) + 1;
    return memchr(in.ptr, '"', len) == NULL ? len : 0;
}

size_t csv_record_end(struct hn_bytes in, const struct csv_shape *shape, size_t quoted_max,
        enum csv_tail tail, enum csv_end *ret_end)
{
    size_t step = shape->text == CSV_UTF8 ? 1 : 2;
    size_t first_line = 0;
    enum state state = AT_START;

    *ret_end = CSV_END_WHOLE;
    if (shape->text == CSV_UTF8) {
        size_t len = quick_line(in);

        if (len > 0)
            return len;
    }
    for (size_t pos = 0; in.len - pos >= step; pos += step) {
        char c = unit_at(in, pos, shape->text);

        if (c == '\n') {
            if (state != IN_QUOTES)
                return pos + step;
            if (first_line == 0)
                first_line = pos + step;
        }
        if (pos > quoted_max && state == IN_QUOTES && first_line > 0)
            return first_line;
        state = next_state(state, c, shape->delimiter);
    }
    if (tail == CSV_TAIL_OPEN) {
        *ret_end = CSV_END_MORE;
        return 0;
    }
    if (state != IN_QUOTES)
        return in.len;
    if (first_line > 0 && (tail == CSV_TAIL_BATCH || in.len > quoted_max))
        return first_line;
    *ret_end = CSV_END_CUT;
    return in.len;
}

static struct hn_text without_line_end(struct hn_text text)
{
    if (text.len > 0 && text.ptr[text.len - 1] == '\n')
        text.len--;
    if (text.len > 0 && text.ptr[text.len - 1] == '\r')
        text.len--;
    return text;
}

struct hn_text csv_record_text(
        struct hn_event *event, struct hn_bytes record, const struct csv_shape *shape)
{
    char *little;
    char *out;

    if (shape->text == CSV_UTF8)
        return without_line_end(hn_bytes_as_text(record));
    if (shape->text == CSV_UTF16BE) {
        little = hn_event_room(event, record.len + 1);
        if (little == NULL)
            goto full;
        for (size_t i = 0; i + 1 < record.len; i += 2) {
            little[i] = (char)record.ptr[i + 1];
            little[i + 1] = (char)record.ptr[i];
        }
        record = hn_bytes_of(little, record.len & ~(size_t)1);
    }
    out = hn_event_room(event, HN_UTF16_TO_UTF8_ROOM(record.len));
    if (out == NULL)
        goto full;
    return without_line_end(hn_text_of(out, hn_utf16le_to_utf8_raw(record, out, NULL)));
full:
    event->values_dropped++;
    return (struct hn_text){ "", 0 };
}

/* ---- Values ------------------------------------------------------------------------------------
 */

/* Up to the delimiter or the end; *rest moves behind it. */
static struct hn_text take_plain(struct hn_text *rest, char delimiter)
{
    struct hn_text part;

    (void)hn_text_split(rest, delimiter, &part);
    return part;
}

/* Index of the quote that closes the one at text[0], or SIZE_MAX; *ret_doubled when quotes stand
 * inside. */
static size_t closing_quote(struct hn_text text, bool *ret_doubled)
{
    size_t pos = 1;

    *ret_doubled = false;
    while ((pos = hn_text_find_char(text, '"', pos)) != SIZE_MAX) {
        if (pos + 1 >= text.len || text.ptr[pos + 1] != '"')
            return pos;
        *ret_doubled = true;
        pos += 2;
    }
    return SIZE_MAX;
}

/* inside with doubled quotes made single, then tail. */
static struct hn_text join_value(struct hn_event *event, struct hn_text inside, struct hn_text tail)
{
    char *out = hn_event_room(event, inside.len + tail.len + 1);
    size_t len = 0;

    if (out == NULL) {
        event->values_dropped++;
        return inside;
    }
    while (inside.len > 0) {
        size_t quote = hn_text_find_char(inside, '"', 0);
        size_t part = quote == SIZE_MAX ? inside.len : quote + 1;

        memcpy(out + len, inside.ptr, part);
        len += part;
        inside = hn_text_sub(inside, part + 1, inside.len);
    }
    if (tail.len > 0)
        memcpy(out + len, tail.ptr, tail.len);
    return hn_text_of(out, len + tail.len);
}

bool csv_field_take(
        struct hn_event *event, struct hn_text *rest, char delimiter, struct hn_text *ret_value)
{
    struct hn_text text = *rest;
    struct hn_text tail;
    bool doubled;
    size_t close;

    if (text.ptr == NULL)
        return false;
    if (text.len == 0 || text.ptr[0] != '"') {
        *ret_value = take_plain(rest, delimiter);
        if (ret_value->len == 0)
            ret_value->ptr = NULL;
        return true;
    }
    close = closing_quote(text, &doubled);
    if (close == SIZE_MAX && hn_text_find_char(text, '\n', 0) == SIZE_MAX) {
        *ret_value = take_plain(rest, delimiter); /* a stray quote */
        return true;
    }
    if (close == SIZE_MAX) { /* the file ends in the middle of a value */
        close = text.len;
        *rest = (struct hn_text){ NULL, 0 };
        tail = (struct hn_text){ "", 0 };
    } else {
        *rest = hn_text_sub(text, close + 1, text.len);
        tail = take_plain(rest, delimiter);
    }
    text = hn_text_sub(text, 1, close - 1);
    *ret_value = doubled || tail.len > 0 ? join_value(event, text, tail) : text;
    return true;
}
