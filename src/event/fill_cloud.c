/* fill_cloud.c - values that cloud logs keep in lists of name and value. */
#include "event/event_internal.h"

/* Position behind the JSON string at pos (its opening quote), or SIZE_MAX. */
static size_t string_end(struct hn_text json, size_t pos)
{
    for (pos++; pos < json.len; pos++) {
        if (json.ptr[pos] == '\\')
            pos++;
        else if (json.ptr[pos] == '"')
            return pos + 1;
    }
    return SIZE_MAX;
}

static size_t skip_blanks(struct hn_text json, size_t pos)
{
    while (pos < json.len && strchr(" \t\r\n", json.ptr[pos]) != NULL && json.ptr[pos] != '\0')
        pos++;
    return pos;
}

/* The string value of the next member called key at or after start, its escapes not resolved.
 * *ret_end is behind it. */
static bool next_member(
        struct hn_text json, struct hn_text key, size_t start, struct hn_text *ret, size_t *ret_end)
{
    size_t pos = start;

    while ((pos = hn_text_find_char(json, '"', pos)) != SIZE_MAX) {
        size_t end = string_end(json, pos);
        struct hn_text name;
        size_t value;

        if (end == SIZE_MAX)
            return false;
        name = hn_text_sub(json, pos + 1, end - pos - 2);
        value = skip_blanks(json, end);
        pos = end;
        if (value >= json.len || json.ptr[value] != ':' || !hn_text_eq_nocase(name, key))
            continue;
        value = skip_blanks(json, value + 1);
        if (value >= json.len || json.ptr[value] != '"')
            continue;
        end = string_end(json, value);
        if (end == SIZE_MAX)
            return false;
        *ret = hn_text_sub(json, value + 1, end - value - 2);
        *ret_end = end;
        return true;
    }
    return false;
}

/* A value of the list in src, JSON text such as [{"Name":"RequestType","Value":"x"}]. arg names the
 * two members and the name looked for: "Name|Value|RequestType". Quotes that are part of the value
 * (Entra's "\"false\"") are taken off. */
void fill_name_value(struct hn_event *event, const struct fill *step)
{
    struct hn_text rest = step->arg;
    struct hn_text name_key;
    struct hn_text value_key;
    struct hn_text name;

    (void)hn_text_split(&rest, '|', &name_key);
    (void)hn_text_split(&rest, '|', &value_key);
    for (uint32_t i = hn_event_first(event, step->src); i != HN_VALUE_NONE;
            i = hn_event_next(event, i)) {
        struct hn_text json = hn_event_text(event, i);
        size_t pos = 0;

        while (next_member(json, name_key, pos, &name, &pos)) {
            struct hn_text value;
            size_t end;

            if (!hn_text_eq_nocase(name, rest) || !next_member(json, value_key, pos, &value, &end))
                continue;
            if (hn_text_starts(value, HN_TEXT("\\\"")) && hn_text_ends(value, HN_TEXT("\\\"")) &&
                    value.len >= 4)
                value = hn_text_sub(value, 2, value.len - 4);
            fill_text(event, step->dst, value);
            return;
        }
    }
}

/* The string member arg of the JSON object in src. */
void fill_json_member(struct hn_event *event, const struct fill *step)
{
    for (uint32_t i = hn_event_first(event, step->src); i != HN_VALUE_NONE;
            i = hn_event_next(event, i)) {
        struct hn_text value;
        size_t end;

        if (next_member(hn_event_text(event, i), step->arg, 0, &value, &end)) {
            fill_text(event, step->dst, value);
            return;
        }
    }
}
