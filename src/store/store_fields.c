/* store_fields.c - an alert's event, groups and evidence as pairs of name and value, out of the
 * JSON that alert_write() made. */
#include "base/json_in.h"
#include "store/store_internal.h"

struct reading {
    struct hn_json_in in;
    struct hn_arena *arena;
    struct store_field *fields; /* STORE_FIELDS_MAX */
    size_t count;
};

static void field_add(
        struct reading *reading, struct hn_text name, struct hn_text value, bool evidence)
{
    if (reading->count < STORE_FIELDS_MAX)
        reading->fields[reading->count++] = (struct store_field){ name, value, evidence };
}

/* A string's content; other JSON as it stands. */
static bool scalar(struct reading *reading, struct hn_text *ret_value)
{
    if (hn_json_in_peek(&reading->in) == '"')
        return hn_json_in_text(&reading->in, reading->arena, ret_value);
    return hn_json_in_raw(&reading->in, ret_value);
}

/* {"name": value or list of values, ...} */
static void read_object(struct reading *reading)
{
    struct hn_text name;
    struct hn_text value;

    if (!hn_json_in_open(&reading->in, '{'))
        return;
    while (hn_json_in_member(&reading->in, reading->arena, &name)) {
        if (hn_json_in_peek(&reading->in) != '[') {
            if (scalar(reading, &value))
                field_add(reading, name, value, false);
            continue;
        }
        (void)hn_json_in_open(&reading->in, '[');
        while (hn_json_in_item(&reading->in)) {
            if (scalar(reading, &value))
                field_add(reading, name, value, false);
        }
    }
}

static void read_match(struct reading *reading)
{
    struct hn_text field = HN_TEXT("");
    struct hn_text value = HN_TEXT("");
    struct hn_text name;

    if (!hn_json_in_open(&reading->in, '{'))
        return;
    while (hn_json_in_member(&reading->in, reading->arena, &name)) {
        if (hn_text_eq(name, HN_TEXT("field")))
            (void)scalar(reading, &field);
        else if (hn_text_eq(name, HN_TEXT("value")))
            (void)scalar(reading, &value);
        else
            (void)hn_json_in_skip(&reading->in);
    }
    field_add(reading, field, value, true);
}

static void read_matches(struct reading *reading)
{
    if (!hn_json_in_open(&reading->in, '['))
        return;
    while (hn_json_in_item(&reading->in))
        read_match(reading);
}

static void read_correlation(struct reading *reading)
{
    struct hn_text name;

    if (!hn_json_in_open(&reading->in, '{'))
        return;
    while (hn_json_in_member(&reading->in, reading->arena, &name)) {
        if (hn_text_eq(name, HN_TEXT("group")) && hn_json_in_peek(&reading->in) == '{')
            read_object(reading);
        else
            (void)hn_json_in_skip(&reading->in);
    }
}

static void read_alert(struct reading *reading)
{
    struct hn_text name;

    while (hn_json_in_member(&reading->in, reading->arena, &name)) {
        char next = hn_json_in_peek(&reading->in);

        if (next == '{' && hn_text_eq(name, HN_TEXT("event")))
            read_object(reading);
        else if (next == '{' && hn_text_eq(name, HN_TEXT("correlation")))
            read_correlation(reading);
        else if (next == '[' && hn_text_eq(name, HN_TEXT("matches")))
            read_matches(reading);
        else
            (void)hn_json_in_skip(&reading->in);
    }
}

enum hn_status store_fields_read(struct hn_text json, struct hn_arena *arena,
        struct store_fields *ret_fields, struct hn_err *err)
{
    struct reading reading = { .in = hn_json_in_over(json), .arena = arena };

    reading.fields = hn_new(arena, struct store_field, STORE_FIELDS_MAX);
    if (reading.fields != NULL && hn_json_in_open(&reading.in, '{'))
        read_alert(&reading);
    if (hn_arena_status(arena) != HN_OK)
        return hn_fail(err, hn_arena_status(arena), 0, "no memory for an alert's fields");
    *ret_fields = (struct store_fields){ reading.fields, reading.count };
    return HN_OK;
}
