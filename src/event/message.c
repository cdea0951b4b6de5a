/* message.c - the fields of Windows events from their rendered text, where a shipper sends no more.
 *
 * English text only. Sysmon's text is one "Name: value" a line with the fields' own names, in a
 * fixed order; the Security log's has sections ("Subject:") with labels ("Account Name:") that the
 * table translates. Values are borrowed from the text. Values that span lines stay whole: a line
 * starts a new field only when it starts with a label that can come next. That also keeps an
 * attacker's line break inside a command line from passing for the fields before it; those behind
 * it cannot be told apart in text, which is why structured fields always win. */
#include "event/event_internal.h"

#define LABEL_MAX 64
#define TEXT_MAX  ((size_t)1 << 16) /* Windows renders no longer texts than 31 KiB */

/* "Name: value" or "Name:\tvalue" split at its colon; false when there is none near the start. */
static bool split_label(struct hn_text line, struct hn_text *ret_label, struct hn_text *ret_value)
{
    size_t colon = hn_text_find_char(hn_text_sub(line, 0, LABEL_MAX), ':', 0);

    if (colon == SIZE_MAX || colon == 0)
        return false;
    *ret_label = hn_text_trim(hn_text_sub(line, 0, colon));
    *ret_value = hn_text_trim(hn_text_sub(line, colon + 1, line.len));
    return true;
}

/* ---- Sysmon ---- */

/* Position of label among the blank-separated names from *rest on; moves *rest behind it. */
static bool take_name(struct hn_text *rest, struct hn_text label)
{
    struct hn_text left = *rest;
    struct hn_text name;

    while (hn_text_split(&left, ' ', &name)) {
        if (hn_text_eq(name, label)) {
            *rest = left.ptr == NULL ? HN_TEXT("") : left;
            return true;
        }
    }
    return false;
}

static void add_span(
        struct hn_event *event, struct hn_text name, const char *start, const char *end)
{
    if (name.ptr != NULL && end >= start)
        hn_event_add_text(event, name, hn_text_trim(hn_text_of(start, (size_t)(end - start))));
}

static void fill_sysmon(struct hn_event *event, struct hn_text text, uint32_t event_id)
{
    const char *fields = message_sysmon_fields(event_id);
    struct hn_text names = hn_text_cstr(fields == NULL ? "" : fields);
    struct hn_text rest = text;
    struct hn_text open = { NULL, 0 };
    const char *start = text.ptr;
    struct hn_text line;

    while (names.len > 0 && hn_text_line(&rest, &line)) {
        struct hn_text label;
        struct hn_text value;

        if (!split_label(line, &label, &value) || !take_name(&names, label))
            continue; /* more of the value before */
        add_span(event, open, start, line.ptr);
        open = label;
        start = value.len == 0 ? line.ptr + line.len : value.ptr;
    }
    /* The last field's value ends with its line. */
    if (open.ptr != NULL) {
        struct hn_text tail = hn_text_of(start, (size_t)(text.ptr + text.len - start));
        size_t end = hn_text_find_char(tail, '\n', 0);

        add_span(event, open, start, start + (end == SIZE_MAX ? tail.len : end));
    }
}

/* ---- The Security log ---- */

/* Lists go on over several lines of deeper indentation ("Accesses:\t\tREAD_CONTROL\r\n\t\t\t..."),
 * and task definitions are whole documents. */
static bool goes_on(struct hn_text line)
{
    return hn_text_starts(line, HN_TEXT("\t\t")) || hn_text_starts(line, HN_TEXT("<")) ||
           hn_text_starts(line, HN_TEXT("  <"));
}

static void fill_security(struct hn_event *event, struct hn_text text, uint32_t event_id)
{
    struct hn_text section = HN_TEXT("");
    struct hn_text rest = text;
    struct hn_text open = { NULL, 0 };
    const char *start = text.ptr;
    const char *end = text.ptr;
    struct hn_text line;

    while (hn_text_line(&rest, &line)) {
        struct hn_text field = { NULL, 0 };
        struct hn_text label;
        struct hn_text value;

        if (goes_on(line)) {
            end = line.ptr + line.len;
            continue;
        }
        if (!split_label(line, &label, &value))
            continue;
        if (line.ptr[0] != '\t' && line.ptr[0] != ' ')
            field = message_label_field(event_id, HN_TEXT(""), label);
        if (field.ptr == NULL && line.ptr[0] != '\t' && value.len == 0) {
            section = label;
            continue;
        }
        if (field.ptr == NULL)
            field = message_label_field(event_id, section, label);
        if (field.ptr == NULL)
            continue;
        add_span(event, open, start, end);
        open = field;
        start = value.len == 0 ? line.ptr + line.len : value.ptr;
        end = line.ptr + line.len;
    }
    add_span(event, open, start, end);
}

void message_fill(
        struct hn_event *event, struct hn_text text, enum message_layout layout, uint32_t event_id)
{
    text = hn_text_sub(text, 0, TEXT_MAX);
    if (hn_text_find_char(text, '\n', 0) == SIZE_MAX)
        return;
    if (layout == MESSAGE_SYSMON)
        fill_sysmon(event, text, event_id);
    else
        fill_security(event, text, event_id);
}

/* ---- XML in a field ---- */

static const struct {
    const char *reference;
    char c;
} references[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' },
    { "&apos;", '\'' }, { "&#13;", '\r' }, { "&#10;", '\n' }, { "&#9;", '\t' } };

/* The text with references resolved; itself when it has none. */
static struct hn_text unescape(struct hn_event *event, struct hn_text text)
{
    size_t len = 0;
    char *out;

    if (hn_text_find_char(text, '&', 0) == SIZE_MAX)
        return text;
    out = hn_event_room(event, text.len);
    if (out == NULL) {
        event->values_dropped++;
        return HN_TEXT("");
    }
    for (size_t i = 0; i < text.len; i++) {
        struct hn_text here = hn_text_sub(text, i, 8);
        char c = text.ptr[i];

        for (size_t k = 0; c == '&' && k < HN_COUNT_OF(references); k++) {
            struct hn_text reference = hn_text_cstr(references[k].reference);

            if (hn_text_starts(here, reference)) {
                c = references[k].c;
                i += reference.len - 1;
                break;
            }
        }
        out[len++] = c;
    }
    return hn_text_of(out, len);
}

/* The value of an attribute in the inside of a start tag. */
static struct hn_text attribute(struct hn_text tag, struct hn_text name)
{
    size_t pos = 0;

    while ((pos = hn_text_find(tag, name, pos)) != SIZE_MAX) {
        struct hn_text rest = hn_text_sub(tag, pos + name.len, tag.len);
        size_t end;

        pos += name.len;
        if (rest.len < 3 || rest.ptr[0] != '=' || (rest.ptr[1] != '"' && rest.ptr[1] != '\''))
            continue;
        end = hn_text_find_char(rest, rest.ptr[1], 2);
        if (end != SIZE_MAX)
            return hn_text_sub(rest, 2, end - 2);
    }
    return (struct hn_text){ NULL, 0 };
}

/* Takes the next start tag off *rest: its inside, and the text behind it up to the next tag. */
static bool next_tag(struct hn_text *rest, struct hn_text *ret_tag, struct hn_text *ret_text)
{
    size_t open = hn_text_find_char(*rest, '<', 0);
    size_t close = open == SIZE_MAX ? SIZE_MAX : hn_text_find_char(*rest, '>', open);
    size_t next;

    if (close == SIZE_MAX)
        return false;
    *ret_tag = hn_text_sub(*rest, open + 1, close - open - 1);
    *rest = hn_text_sub(*rest, close + 1, rest->len);
    next = hn_text_find_char(*rest, '<', 0);
    *ret_text = hn_text_sub(*rest, 0, next == SIZE_MAX ? rest->len : next);
    return true;
}

static bool tag_is(struct hn_text tag, struct hn_text name)
{
    return hn_text_starts(tag, name) &&
           (tag.len == name.len || strchr(" \t\r\n/", tag.ptr[name.len]) != NULL);
}

/* Elements of <System> whose text is the field of the same name. */
static bool is_system_element(struct hn_text tag)
{
    static const char *const names[] = { "EventID", "Channel", "Computer", "EventRecordID", "Level",
        "Task", "Opcode", "Keywords", "Version" };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (tag_is(tag, hn_text_cstr(names[i])))
            return true;
    }
    return false;
}

void message_fill_xml(struct hn_event *event, struct hn_text xml)
{
    struct hn_text rest = xml;
    struct hn_text tag;
    struct hn_text text;

    while (next_tag(&rest, &tag, &text)) {
        struct hn_text name;

        if (tag_is(tag, HN_TEXT("Data"))) {
            name = attribute(tag, HN_TEXT("Name"));
            if (tag.len > 0 && tag.ptr[tag.len - 1] == '/')
                text = HN_TEXT("");
            hn_event_add_text(
                    event, name.ptr == NULL ? HN_TEXT("Data") : name, unescape(event, text));
        } else if (tag_is(tag, HN_TEXT("Provider"))) {
            name = attribute(tag, HN_TEXT("Name"));
            if (name.ptr != NULL)
                hn_event_add_text(event, HN_TEXT("Provider_Name"), name);
        } else if (tag_is(tag, HN_TEXT("TimeCreated"))) {
            name = attribute(tag, HN_TEXT("SystemTime"));
            if (name.ptr != NULL)
                hn_event_add_text(event, HN_TEXT("TimeCreated"), name);
        } else if (is_system_element(tag)) {
            size_t end = hn_text_find_char(tag, ' ', 0);

            hn_event_add_text(event, hn_text_sub(tag, 0, end == SIZE_MAX ? tag.len : end),
                    unescape(event, text));
        }
    }
}

/* "LogName=Security" a line, and behind "Message=" the rendered text. */
static void fill_lines(struct hn_event *event, struct hn_text raw)
{
    static const struct hn_text message = HN_TEXT_INIT("Message=");
    struct hn_text rest = raw;
    struct hn_text line;

    while (hn_text_line(&rest, &line)) {
        size_t equals = hn_text_find_char(hn_text_sub(line, 0, LABEL_MAX), '=', 0);

        if (hn_text_starts(line, message)) {
            add_span(event, HN_TEXT("Message"), line.ptr + message.len, raw.ptr + raw.len);
            return;
        }
        if (equals != SIZE_MAX && equals > 0)
            hn_event_add_text(event, hn_text_sub(line, 0, equals),
                    hn_text_trim(hn_text_sub(line, equals + 1, line.len)));
    }
}

void message_fill_raw(struct hn_event *event, struct hn_text raw)
{
    raw = hn_text_sub(raw, 0, TEXT_MAX);
    if (hn_text_starts(raw, HN_TEXT("<Event")))
        message_fill_xml(event, raw);
    else if (hn_text_find(raw, HN_TEXT("\nLogName="), 0) != SIZE_MAX &&
             hn_text_find(raw, HN_TEXT("\nEventCode="), 0) != SIZE_MAX)
        fill_lines(event, raw);
}
