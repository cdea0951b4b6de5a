/* win_names.c - walks the names of a Windows event document. Knows nothing of values. */
#include "decode/win_names.h"

#include <assert.h>

/* Writes name behind path[0 .. len), after a dot when there is something before it. */
static uint16_t join(struct win_names *names, uint16_t len, char separator, struct hn_text name)
{
    size_t room;

    if (len > 0 && len < WIN_NAME_MAX)
        names->path[len++] = separator;
    room = WIN_NAME_MAX - len;
    if (name.len > room)
        name.len = room;
    if (name.len > 0)
        memcpy(names->path + len, name.ptr, name.len);
    return (uint16_t)(len + name.len);
}

void win_names_init(struct win_names *names, enum win_zone zone, struct hn_text prefix)
{
    names->depth = 0;
    names->levels[0].zone = (uint8_t)zone;
    names->levels[0].own_len = join(names, 0, '.', prefix);
    names->levels[0].prefix_len = names->levels[0].own_len;
}

static enum win_zone part_of_event(struct hn_text element)
{
    if (hn_text_eq(element, HN_TEXT("System")))
        return WIN_ZONE_SYSTEM;
    if (hn_text_eq(element, HN_TEXT("EventData")))
        return WIN_ZONE_DATA;
    if (hn_text_eq(element, HN_TEXT("UserData")))
        return WIN_ZONE_USER;
    if (hn_text_eq(element, HN_TEXT("RenderingInfo")))
        return WIN_ZONE_RENDERING;
    return WIN_ZONE_PLAIN;
}

static bool is_data_element(struct hn_text element)
{
    return hn_text_eq(element, HN_TEXT("Data")) || hn_text_eq(element, HN_TEXT("ComplexData"));
}

bool win_names_open(struct win_names *names, struct hn_text element, struct hn_text name_attr)
{
    const struct win_level *outer = &names->levels[names->depth];
    struct win_level *level = &names->levels[names->depth + 1];
    uint16_t prefix_len = outer->prefix_len;
    bool envelope = false;

    if (names->depth == WIN_DEPTH_MAX)
        return false;
    level->zone = WIN_ZONE_PLAIN;
    switch ((enum win_zone)outer->zone) {
    case WIN_ZONE_TOP:
        envelope = hn_text_eq(element, HN_TEXT("Event"));
        if (envelope)
            level->zone = WIN_ZONE_EVENT;
        break;
    case WIN_ZONE_EVENT:
        level->zone = (uint8_t)part_of_event(element);
        envelope = level->zone != WIN_ZONE_PLAIN;
        break;
    case WIN_ZONE_DATA:
        level->zone = WIN_ZONE_DATA;
        if (name_attr.len > 0 && win_names_takes_name(names, element))
            element = name_attr;
        break;
    case WIN_ZONE_USER:
        envelope = true;
        break;
    case WIN_ZONE_RENDERING:
        if (!hn_text_eq(element, HN_TEXT("Message")))
            prefix_len = join(names, 0, '.', HN_TEXT("RenderingInfo"));
        break;
    case WIN_ZONE_SYSTEM:
    case WIN_ZONE_PLAIN:
        break;
    }
    level->own_len = join(names, prefix_len, '.', element);
    level->prefix_len = envelope ? 0 : level->own_len;
    names->depth++;
    return true;
}

void win_names_close(struct win_names *names)
{
    assert(names->depth > 0);
    names->depth--;
}

enum win_zone win_names_zone(const struct win_names *names)
{
    return (enum win_zone)names->levels[names->depth].zone;
}

struct hn_text win_names_prefix(const struct win_names *names)
{
    return hn_text_of(names->path, names->levels[names->depth].prefix_len);
}

struct hn_text win_names_outer_prefix(const struct win_names *names)
{
    assert(names->depth > 0);
    return hn_text_of(names->path, names->levels[names->depth - 1].prefix_len);
}

bool win_names_is_data(const struct win_names *names)
{
    const struct win_level *outer;

    if (names->depth == 0)
        return false;
    outer = &names->levels[names->depth - 1];
    return outer->zone == WIN_ZONE_DATA ||
           (outer->zone == WIN_ZONE_PLAIN && names->levels[names->depth].zone == WIN_ZONE_PLAIN);
}

struct hn_text win_names_value(const struct win_names *names)
{
    return hn_text_of(names->path, names->levels[names->depth].own_len);
}

struct hn_text win_names_attr(struct win_names *names, struct hn_text attr)
{
    const struct win_level *level = &names->levels[names->depth];
    struct hn_text own = hn_text_of(names->path, level->own_len);

    if (hn_text_eq(attr, HN_TEXT("xmlns")) || hn_text_starts(attr, HN_TEXT("xmlns:")))
        return HN_TEXT("");
    if (win_names_is_time(names, attr))
        return own;
    return hn_text_of(names->path, join(names, level->own_len, '_', attr));
}

bool win_names_takes_name(const struct win_names *names, struct hn_text element)
{
    return names->levels[names->depth].zone == WIN_ZONE_DATA && is_data_element(element);
}

bool win_names_in_system(const struct win_names *names)
{
    return names->levels[names->depth].zone == WIN_ZONE_SYSTEM ||
           (names->depth > 0 && names->levels[names->depth - 1].zone == WIN_ZONE_SYSTEM);
}

bool win_names_is_time(const struct win_names *names, struct hn_text attr)
{
    return win_names_in_system(names) && hn_text_eq(attr, HN_TEXT("SystemTime")) &&
           hn_text_eq(win_names_value(names), HN_TEXT("TimeCreated"));
}

hn_field win_names_field(const struct hn_schema *schema, struct hn_text name)
{
    hn_node node = hn_schema_child(schema, HN_NODE_ROOT, name);
    struct hn_text canonical;

    if (node == HN_NODE_NONE)
        return HN_FIELD_NONE;
    canonical = hn_schema_node_canonical(schema, node);
    if (canonical.ptr != NULL && !hn_text_eq(canonical, name))
        return HN_FIELD_NONE;
    return hn_schema_node_field(schema, node);
}
