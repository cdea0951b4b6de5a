/* alert_read.c - an alert back out of its JSON line, for reports and for people. */
#include "alert/alert.h"

#include "base/json_in.h"
#include "base/vec.h"

struct reader {
    struct hn_json_in in;
    struct hn_arena *arena;
    struct alert_read *alert;
    HN_VEC(struct alert_field) fields;
    HN_VEC(struct alert_match) matches;
    HN_VEC(struct alert_read_part) parts;
    bool no_memory;
};

/* ---- Values ---- */

/* A string's content, "" for null, other JSON as it stands. */
static void take_value(struct reader *reader, struct hn_text *ret_value)
{
    if (hn_json_in_peek(&reader->in) == '"') {
        (void)hn_json_in_text(&reader->in, reader->arena, ret_value);
        return;
    }
    if (hn_json_in_raw(&reader->in, ret_value) && hn_text_eq(*ret_value, HN_TEXT("null")))
        *ret_value = HN_TEXT("");
}

static void add_field(struct reader *reader, struct hn_text name, struct hn_text value)
{
    struct alert_field *field = hn_vec_add(&reader->fields);

    if (field == NULL)
        reader->no_memory = true;
    else
        *field = (struct alert_field){ name, value };
}

/* The members of an object as fields; of a list each item. */
static void take_fields(struct reader *reader)
{
    struct hn_json_in *in = &reader->in;
    struct hn_text name;
    struct hn_text value = { "", 0 };

    hn_vec_reset(&reader->fields);
    if (!hn_json_in_open(in, '{'))
        return;
    while (hn_json_in_member(in, reader->arena, &name)) {
        if (hn_json_in_peek(in) != '[') {
            take_value(reader, &value);
            add_field(reader, name, value);
            continue;
        }
        (void)hn_json_in_open(in, '[');
        while (hn_json_in_item(in)) {
            take_value(reader, &value);
            add_field(reader, name, value);
            if (!hn_json_in_ok(in))
                break;
        }
    }
}

/* Moves what was collected into the arena. */
static void *keep(struct reader *reader, const void *items, size_t count, size_t size)
{
    void *kept;

    if (count == 0)
        return NULL;
    kept = hn_arena_array(reader->arena, count, size, _Alignof(max_align_t));
    if (kept == NULL)
        reader->no_memory = true;
    else
        memcpy(kept, items, count * size);
    return kept;
}

static struct alert_field *keep_fields(struct reader *reader, uint32_t *ret_count)
{
    struct alert_field *kept =
            keep(reader, reader->fields.ptr, reader->fields.count, sizeof *reader->fields.ptr);

    *ret_count = kept == NULL ? 0 : (uint32_t)reader->fields.count;
    return kept;
}

/* ---- Parts of an alert ---- */

/* One member of an object: its name, where its text or number goes. */
struct member {
    struct hn_text name;
    struct hn_text *text;
    uint64_t *number;
};

static void take_member(
        struct reader *reader, struct hn_text name, const struct member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!hn_text_eq(members[i].name, name))
            continue;
        if (members[i].text != NULL)
            take_value(reader, members[i].text);
        else
            (void)hn_json_in_u64(&reader->in, members[i].number);
        return;
    }
    (void)hn_json_in_skip(&reader->in);
}

static void take_object(struct reader *reader, const struct member *members, size_t count)
{
    struct hn_text name;

    if (!hn_json_in_open(&reader->in, '{'))
        return;
    while (hn_json_in_member(&reader->in, reader->arena, &name))
        take_member(reader, name, members, count);
}

static void take_matches(struct reader *reader)
{
    if (!hn_json_in_open(&reader->in, '['))
        return;
    while (hn_json_in_item(&reader->in)) {
        struct alert_match *match = hn_vec_add(&reader->matches);
        uint64_t start = 0;
        uint64_t len = 0;

        if (match == NULL) {
            reader->no_memory = true;
            return;
        }
        const struct member members[] = {
            { HN_TEXT("selection"), &match->selection, NULL },
            { HN_TEXT("field"), &match->field, NULL },
            { HN_TEXT("modifier"), &match->modifiers, NULL },
            { HN_TEXT("pattern"), &match->pattern, NULL },
            { HN_TEXT("value"), &match->value, NULL },
            { HN_TEXT("start"), NULL, &start },
            { HN_TEXT("len"), NULL, &len },
        };

        take_object(reader, members, HN_COUNT_OF(members));
        if (!hn_json_in_ok(&reader->in))
            return;
        /* What lies outside the value marks nothing. */
        if (start > match->value.len)
            start = match->value.len;
        if (len > match->value.len - start)
            len = match->value.len - start;
        match->start = (uint32_t)start;
        match->len = (uint32_t)len;
    }
}

static void take_parts(struct reader *reader)
{
    if (!hn_json_in_open(&reader->in, '['))
        return;
    while (hn_json_in_item(&reader->in)) {
        struct alert_read_part *part = hn_vec_add(&reader->parts);

        if (part == NULL) {
            reader->no_memory = true;
            return;
        }
        const struct member members[] = {
            { HN_TEXT("time"), &part->time, NULL },
            { HN_TEXT("rule"), &part->rule, NULL },
            { HN_TEXT("file"), &part->file, NULL },
            { HN_TEXT("offset"), NULL, &part->offset },
            { HN_TEXT("line"), NULL, &part->line },
        };

        take_object(reader, members, HN_COUNT_OF(members));
        if (!hn_json_in_ok(&reader->in))
            return;
    }
}

static void take_correlation(struct reader *reader)
{
    struct alert_read *alert = reader->alert;
    struct hn_text name;
    const struct member members[] = {
        { HN_TEXT("start"), &alert->start, NULL },
        { HN_TEXT("end"), &alert->end, NULL },
        { HN_TEXT("value"), &alert->measured, NULL },
        { HN_TEXT("events"), NULL, &alert->events },
    };

    alert->has_correlation = true;
    if (!hn_json_in_open(&reader->in, '{'))
        return;
    while (hn_json_in_member(&reader->in, reader->arena, &name)) {
        if (hn_text_eq(name, HN_TEXT("group"))) {
            take_fields(reader);
            alert->group = keep_fields(reader, &alert->group_count);
        } else if (hn_text_eq(name, HN_TEXT("parts"))) {
            take_parts(reader);
        } else {
            take_member(reader, name, members, HN_COUNT_OF(members));
        }
    }
}

static void take_input(struct reader *reader)
{
    const struct member members[] = {
        { HN_TEXT("file"), &reader->alert->file, NULL },
        { HN_TEXT("offset"), NULL, &reader->alert->offset },
        { HN_TEXT("line"), NULL, &reader->alert->line },
    };

    take_object(reader, members, HN_COUNT_OF(members));
}

static void take_tags(struct reader *reader)
{
    HN_VEC(struct hn_text) tags = { 0 };

    if (hn_json_in_open(&reader->in, '[')) {
        while (hn_json_in_item(&reader->in)) {
            struct hn_text *tag = hn_vec_add(&tags);

            if (tag == NULL) {
                reader->no_memory = true;
                break;
            }
            *tag = HN_TEXT("");
            take_value(reader, tag);
            if (!hn_json_in_ok(&reader->in))
                break;
        }
    }
    reader->alert->tags.ptr = keep(reader, tags.ptr, tags.count, sizeof *tags.ptr);
    reader->alert->tags.count = reader->alert->tags.ptr == NULL ? 0 : (uint32_t)tags.count;
    hn_vec_deinit(&tags);
}

static void take_rule(struct reader *reader)
{
    struct hn_text name;
    const struct member members[] = {
        { HN_TEXT("id"), &reader->alert->rule_id, NULL },
        { HN_TEXT("description"), &reader->alert->description, NULL },
    };

    if (!hn_json_in_open(&reader->in, '{'))
        return;
    while (hn_json_in_member(&reader->in, reader->arena, &name)) {
        if (hn_text_eq(name, HN_TEXT("tags")))
            take_tags(reader);
        else
            take_member(reader, name, members, HN_COUNT_OF(members));
    }
}

/* Its fields, and the whole as it stands. */
static void take_event(struct reader *reader)
{
    size_t start;

    (void)hn_json_in_peek(&reader->in);
    start = reader->in.pos;
    take_fields(reader);
    reader->alert->fields = keep_fields(reader, &reader->alert->field_count);
    if (hn_json_in_ok(&reader->in))
        reader->alert->event = hn_text_sub(reader->in.text, start, reader->in.pos - start);
}

static void take_alert_member(struct reader *reader, struct hn_text name)
{
    struct alert_read *alert = reader->alert;
    const struct member members[] = {
        { HN_TEXT("time"), &alert->time, NULL },
        { HN_TEXT("title"), &alert->title, NULL },
        { HN_TEXT("level"), &alert->level, NULL },
        { HN_TEXT("kind"), &alert->kind, NULL },
        { HN_TEXT("id"), &alert->id, NULL },
        { HN_TEXT("host"), &alert->host, NULL },
        { HN_TEXT("user"), &alert->user, NULL },
        { HN_TEXT("raw"), &alert->raw, NULL },
    };

    if (hn_text_eq(name, HN_TEXT("input"))) {
        take_input(reader);
    } else if (hn_text_eq(name, HN_TEXT("matches"))) {
        take_matches(reader);
    } else if (hn_text_eq(name, HN_TEXT("correlation"))) {
        take_correlation(reader);
    } else if (hn_text_eq(name, HN_TEXT("event"))) {
        take_event(reader);
    } else if (hn_text_eq(name, HN_TEXT("rule"))) {
        take_rule(reader);
    } else if (hn_text_eq(name, HN_TEXT("indicator"))) {
        take_fields(reader);
        alert->indicator = keep_fields(reader, &alert->indicator_count);
    } else {
        take_member(reader, name, members, HN_COUNT_OF(members));
    }
}

enum hn_status alert_read(struct hn_text json, struct hn_arena *arena, struct alert_read *ret_alert)
{
    struct alert_read alert = { 0 };
    struct reader reader = { .in = hn_json_in_over(json), .arena = arena, .alert = &alert };
    struct hn_text name;

    if (hn_json_in_open(&reader.in, '{')) {
        while (hn_json_in_member(&reader.in, arena, &name))
            take_alert_member(&reader, name);
    }
    alert.matches =
            keep(&reader, reader.matches.ptr, reader.matches.count, sizeof *reader.matches.ptr);
    alert.match_count = alert.matches == NULL ? 0 : (uint32_t)reader.matches.count;
    alert.parts = keep(&reader, reader.parts.ptr, reader.parts.count, sizeof *reader.parts.ptr);
    alert.part_count = alert.parts == NULL ? 0 : (uint32_t)reader.parts.count;
    hn_vec_deinit(&reader.fields);
    hn_vec_deinit(&reader.matches);
    hn_vec_deinit(&reader.parts);
    if (reader.no_memory || hn_arena_status(arena) != HN_OK)
        return HN_NOMEM;
    if (!hn_json_in_ok(&reader.in))
        return HN_CORRUPT;
    *ret_alert = alert;
    return HN_OK;
}
