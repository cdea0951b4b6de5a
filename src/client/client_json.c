/* client_json.c - what answers say: looked up in the text, without a tree, so that nothing an
 * answer holds decides how much memory or stack it takes. */
#include "client/client.h"

#include "base/escape.h"
#include "base/num.h"
#include "base/utf.h"

#include <string.h>

struct hn_text client_get(struct hn_arena *arena, struct hn_text json, const char *name)
{
    struct client_items members = client_members_of(json);
    struct hn_text key;
    struct hn_text value;

    while (client_members_next(&members, arena, &key, &value)) {
        if (hn_text_eq(key, hn_text_cstr(name)))
            return value;
    }
    return hn_text_of(NULL, 0);
}

struct hn_text client_own_text(struct hn_arena *arena, struct hn_text json)
{
    struct hn_json_in in = hn_json_in_over(json);
    struct hn_text text;

    if (hn_json_in_peek(&in) != '"' || !hn_json_in_text(&in, arena, &text) || text.ptr == NULL)
        return HN_TEXT("");
    return text;
}

struct hn_text client_text(struct hn_arena *arena, struct hn_text json, const char *name)
{
    return client_own_text(arena, client_get(arena, json, name));
}

int64_t client_int(struct hn_arena *arena, struct hn_text json, const char *name, int64_t without)
{
    int64_t value;

    return hn_parse_i64(client_get(arena, json, name), &value) ? value : without;
}

bool client_is(struct hn_arena *arena, struct hn_text json, const char *name)
{
    return hn_text_eq(client_get(arena, json, name), HN_TEXT("true"));
}

hn_time client_time(struct hn_arena *arena, struct hn_text json, const char *name)
{
    static const struct hn_time_defaults none = { 0 };
    struct hn_text text = client_text(arena, json, name);

    return text.len == 0 ? HN_TIME_NONE : hn_time_parse(text, &none);
}

static struct client_items enter(struct hn_text json, char bracket)
{
    struct client_items items = { .in = hn_json_in_over(json) };

    items.is_list = hn_json_in_peek(&items.in) == bracket && hn_json_in_open(&items.in, bracket);
    return items;
}

struct client_items client_items_of(struct hn_text json)
{
    return enter(json, '[');
}

bool client_items_next(struct client_items *items, struct hn_text *ret_item)
{
    return items->is_list && hn_json_in_item(&items->in) && hn_json_in_raw(&items->in, ret_item);
}

struct client_items client_members_of(struct hn_text json)
{
    return enter(json, '{');
}

bool client_members_next(struct client_items *members, struct hn_arena *arena,
        struct hn_text *ret_key, struct hn_text *ret_value)
{
    return members->is_list && hn_json_in_member(&members->in, arena, ret_key) &&
           hn_json_in_raw(&members->in, ret_value);
}

bool client_json_whole(struct hn_text json)
{
    struct hn_json_in in = hn_json_in_over(json);

    return hn_json_in_peek(&in) != '\0' && hn_json_in_skip(&in) && hn_json_in_ok(&in) &&
           hn_json_in_peek(&in) == '\0' && in.pos == json.len;
}

void client_add_json(struct hn_buf *out, struct hn_text json)
{
    bool inside = false; /* of a string */

    for (size_t pos = 0; pos < json.len;) {
        uint32_t c = 0xFFFD;
        size_t len = hn_utf8_decode(json, pos, &c);

        if (len == 0) {
            hn_buf_add_utf8(out, 0xFFFD);
            pos++;
            continue;
        }
        if (inside && c == '\\' && pos + 1 < json.len) { /* what it escapes comes next */
            hn_buf_add_char(out, '\\');
            pos++;
            len = hn_utf8_decode(json, pos, &c);
            if (len == 0 || hn_is_control(c))
                continue;
        } else if (c == '"') {
            inside = !inside;
        }
        if (!hn_is_control(c))
            hn_buf_add(out, json.ptr + pos, len);
        else if (inside)
            hn_buf_addf(out, "\\u%04x", (unsigned)c);
        else
            hn_buf_add_char(out, ' ');
        pos += len;
    }
}
