/* winxml_fields.c - the elements and attributes of one <Event> as fields of an event.
 *
 * Texts are borrowed where they stand in the input as they are meant; references resolved and texts
 * in pieces go to the event's scratch, and only when the field is kept. */
#include "decode/winxml_fields.h"

#include "base/xml.h"
#include "decode/win_names.h"

struct level {
    bool has_child;
    bool escaped;        /* text may hold references */
    struct hn_text text; /* collected since the element began or its last child ended */
    char *joined;        /* where text lies once it came in pieces; else NULL */
    size_t room;         /* of joined */
};

struct fill {
    struct hn_event *event;
    struct hn_xml xml;
    struct win_names names;
    struct level levels[WIN_DEPTH_MAX + 1];
    enum hn_status status; /* HN_OK or HN_NOMEM */
};

size_t winxml_find_event(struct hn_text text, size_t pos)
{
    while ((pos = hn_text_find(text, HN_TEXT("<Event"), pos)) != SIZE_MAX) {
        char next = pos + 6 < text.len ? text.ptr[pos + 6] : '\0';

        if (next == '>' || next == ' ' || next == '\t' || next == '\r' || next == '\n' ||
                next == '/')
            return pos;
        pos += 6;
    }
    return SIZE_MAX;
}

/* Room in the scratch; NULL, counted, when there is none. */
static char *take_room(struct fill *fill, size_t len)
{
    char *out = hn_event_room(fill->event, len);

    if (out == NULL) {
        fill->event->values_dropped++;
        if (hn_arena_status(&fill->event->scratch) == HN_NOMEM)
            fill->status = HN_NOMEM;
    }
    return out;
}

static struct hn_text resolved(struct fill *fill, struct hn_text text)
{
    char *out;

    if (hn_xml_is_plain(text))
        return text;
    out = take_room(fill, text.len);
    if (out == NULL)
        return HN_TEXT("");
    return hn_text_of(out, hn_xml_unescape(text, out, NULL));
}

/* ---- Values ---- */

static void add(struct fill *fill, struct hn_text name, struct hn_text text, bool escaped)
{
    struct hn_event *event = fill->event;
    hn_field field = win_names_field(event->schema, name);
    struct hn_value value = { .type = HN_TYPE_STRING, .form = HN_FORM_TEXT };

    if (name.len == 0 || (field == HN_FIELD_NONE && !event->want_all))
        return;
    if (event->want_all) {
        char *copy = take_room(fill, name.len);

        if (copy == NULL)
            return;
        memcpy(copy, name.ptr, name.len);
        name.ptr = copy;
    }
    if (escaped)
        text = resolved(fill, text);
    value.ptr = text.ptr;
    value.len = text.len > UINT32_MAX ? UINT32_MAX : (uint32_t)text.len;
    hn_event_add_field(event, field, name, &value);
}

/* Adds a piece to a text that is in pieces. Room doubles, because pieces may be many. */
static void join(struct fill *fill, struct level *level, struct hn_text piece)
{
    if (piece.len == 0)
        return;
    if (piece.len > level->room - level->text.len) {
        size_t room = (level->text.len + piece.len) * 2;
        char *joined = take_room(fill, room);

        if (joined == NULL)
            return;
        if (level->text.len > 0)
            memcpy(joined, level->text.ptr, level->text.len);
        level->joined = joined;
        level->room = room;
        level->text.ptr = joined;
    }
    memcpy(level->joined + level->text.len, piece.ptr, piece.len);
    level->text.len += piece.len;
}

/* One more piece of the innermost element's text: nearly always the only one, then borrowed. */
static void collect(struct fill *fill)
{
    struct level *level = &fill->levels[fill->names.depth];
    struct hn_text piece = fill->xml.text;

    if (level->text.len == 0) {
        level->text = piece;
        level->escaped = !fill->xml.cdata;
        level->room = 0;
        return;
    }
    if (level->room == 0) { /* a second one */
        struct hn_text first = level->escaped ? resolved(fill, level->text) : level->text;

        level->text.len = 0;
        level->escaped = false;
        join(fill, level, first);
    }
    join(fill, level, fill->xml.cdata ? piece : resolved(fill, piece));
}

/* Printed XML breaks lines where nothing is meant. */
static bool is_layout(struct hn_text text)
{
    return hn_xml_is_blank(text) && (text.len == 0 || hn_text_find_char(text, '\n', 0) != SIZE_MAX);
}

/* The text collected becomes a value: at the element's end, or where a child begins. */
static void flush(struct fill *fill, bool at_end)
{
    struct level *level = &fill->levels[fill->names.depth];
    struct hn_text text = level->text;
    bool leaf = at_end && !level->has_child;

    if (win_names_in_system(&fill->names))
        text = hn_text_trim(text);
    else if (is_layout(text) || (!leaf && hn_xml_is_blank(text)))
        text.len = 0;
    if (text.len > 0)
        add(fill, win_names_value(&fill->names), text, level->escaped);
    else if (leaf && win_names_is_data(&fill->names))
        add(fill, win_names_value(&fill->names), HN_TEXT(""), false);
    level->text = HN_TEXT("");
}

/* ---- Elements ---- */

static void take_time(struct fill *fill, struct hn_text text)
{
    static const struct hn_time_defaults defaults = { 0 };

    fill->event->time = hn_time_parse(text, &defaults);
}

static void attributes(struct fill *fill, bool takes_name)
{
    struct win_names *names = &fill->names;
    bool system = win_names_in_system(names);
    struct level *level = &fill->levels[names->depth];

    for (uint32_t i = 0; i < fill->xml.attr_count; i++) {
        struct hn_xml_attr attr = fill->xml.attrs[i];
        struct hn_text name;

        if (takes_name && hn_text_eq(attr.name, HN_TEXT("Name")))
            continue;
        if (win_names_is_time(names, attr.name))
            take_time(fill, attr.value);
        name = win_names_attr(names, attr.name);
        if (name.len == 0)
            continue;
        level->has_child = true; /* then no content means no value */
        if (attr.value.len > 0 || !system)
            add(fill, name, attr.value, true);
        if (system && hn_text_eq(name, HN_TEXT("Provider_Name")) &&
                hn_text_eq(attr.value, HN_TEXT("Linux-Sysmon")))
            fill->event->origin = HN_ORIGIN_LINUX;
    }
}

/* False when the event is broken here: another one starts before this one has ended. */
static bool start_element(struct fill *fill)
{
    struct win_names *names = &fill->names;
    struct hn_text element = fill->xml.name;
    bool takes_name = win_names_takes_name(names, element);
    struct hn_text name = { NULL, 0 };

    if (names->depth > 0 && hn_text_eq(element, HN_TEXT("Event")) &&
            win_names_zone(names) == WIN_ZONE_EVENT)
        return false;
    flush(fill, false);
    fill->levels[names->depth].has_child = true;
    if (takes_name)
        name = resolved(fill, hn_xml_attr(&fill->xml, HN_TEXT("Name")));
    if (!win_names_open(names, element, name)) {
        hn_event_note(fill->event, HN_FINDING_TOO_DEEP);
        (void)hn_xml_skip(&fill->xml);
        return true;
    }
    fill->levels[names->depth] = (struct level){ .text = HN_TEXT("") };
    attributes(fill, takes_name);
    return true;
}

/* Where the text goes on behind an event that is broken at pos. */
static size_t resume(struct hn_text text, size_t pos)
{
    size_t next = winxml_find_event(text, pos == 0 ? 1 : pos);
    size_t end = hn_text_find(text, HN_TEXT("</Event>"), 0);

    if (end != SIZE_MAX && (next == SIZE_MAX || end < next))
        return end + 8;
    return next == SIZE_MAX ? text.len : next;
}

enum hn_status winxml_fill(struct hn_event *event, struct hn_text text, size_t *ret_len)
{
    struct fill fill;
    enum hn_xml_kind kind;
    bool broken = false;

    fill.event = event;
    fill.status = HN_OK;
    fill.levels[0] = (struct level){ .text = HN_TEXT("") };
    win_names_init(&fill.names, WIN_ZONE_TOP, HN_TEXT(""));
    hn_xml_init(&fill.xml, text);
    event->origin = HN_ORIGIN_WINDOWS;
    do {
        kind = hn_xml_next(&fill.xml);
        if (kind == HN_XML_START) {
            broken = !start_element(&fill);
        } else if (kind == HN_XML_TEXT) {
            collect(&fill);
        } else if (kind == HN_XML_END) {
            flush(&fill, true);
            win_names_close(&fill.names);
        }
    } while (kind > HN_XML_END_OF_INPUT && !broken && fill.names.depth > 0);
    if (broken || kind == HN_XML_FAILED) {
        if (fill.xml.status == HN_TRUNCATED && fill.levels[fill.names.depth].text.len > 0)
            flush(&fill, true); /* half a command line is better than none */
        hn_event_note(event,
                fill.xml.status == HN_TRUNCATED ? HN_FINDING_TRUNCATED : HN_FINDING_DAMAGED_RECORD);
        *ret_len = resume(text, broken ? fill.xml.start : 0);
    } else {
        *ret_len = fill.xml.pos;
    }
    return fill.status;
}

enum hn_status decode_winxml_fields(struct hn_event *event, struct hn_text xml)
{
    size_t len;

    if (winxml_find_event(hn_text_sub(xml, 0, 7), 0) != 0)
        return HN_SYNTAX;
    return winxml_fill(event, xml, &len);
}
