/* event.c - the field table: slots by number, values in one array, texts in a scratch arena. */
#include "event/event_internal.h"

#include "base/mem.h"
#include "base/utf.h"

#include <assert.h>

const struct hn_event_limits hn_event_limits_default = {
    .values_max = 65536,
    .scratch_bytes = (size_t)256 << 20,
    .depth_max = 1024,
};

enum hn_status hn_event_init(struct hn_event *event, const struct hn_schema *schema,
        const struct hn_event_limits *limits, bool want_all)
{
    assert(schema->sealed);
    memset(event, 0, sizeof *event);
    event->schema = schema;
    event->limits = limits == NULL ? hn_event_limits_default : *limits;
    event->want_all = want_all;
    hn_arena_init(&event->scratch, event->limits.scratch_bytes);
    event->slots = hn_calloc(hn_schema_count(schema), sizeof *event->slots);
    event->value_room = 256;
    event->values = hn_malloc(event->value_room * sizeof *event->values);
    event->cache = source_cache_new();
    if (event->slots == NULL || event->values == NULL || event->cache == NULL) {
        hn_event_deinit(event);
        return HN_NOMEM;
    }
    hn_event_reset(event);
    return HN_OK;
}

void hn_event_deinit(struct hn_event *event)
{
    if (event->schema == NULL)
        return;
    hn_event_keep(event, NULL, NULL);
    source_cache_free(event->cache);
    hn_free(event->slots);
    hn_free(event->values);
    hn_vec_deinit(&event->named);
    hn_arena_deinit(&event->scratch);
    memset(event, 0, sizeof *event);
}

void hn_event_keep(struct hn_event *event, void *state, void (*free_state)(void *state))
{
    if (event->decoder_state_free != NULL)
        event->decoder_state_free(event->decoder_state);
    event->decoder_state = state;
    event->decoder_state_free = free_state;
}

void hn_event_reset(struct hn_event *event)
{
    event->generation++;
    if (event->generation == 0) { /* after 2^32 events an old slot could look new */
        memset(event->slots, 0, hn_schema_count(event->schema) * sizeof *event->slots);
        event->generation = 1;
    }
    event->value_count = 0;
    event->values_dropped = 0;
    hn_vec_reset(&event->named);
    hn_arena_reset(&event->scratch);
    event->raw = (struct hn_bytes){ NULL, 0 };
    event->raw_is_text = false;
    event->raw_is_json = false;
    event->raw_is_ascii = false;
    event->raw_escapes_ascii = false;
    event->offset = 0;
    event->line = 0;
    event->private_ref = 0;
    event->origin = HN_ORIGIN_UNKNOWN;
    event->shape = 0;
    memset(&event->source, 0, sizeof event->source);
    event->kinds = 0;
    event->time = HN_TIME_NONE;
    event->time_text = (struct hn_text){ NULL, 0 };
    event->findings = 0;
}

/* ---- Filling -----------------------------------------------------------------------------------
 */

struct hn_value *hn_event_value_slow(struct hn_event *event)
{
    uint32_t room = event->value_room * 2;
    struct hn_value *values = NULL;

    if (event->value_count < event->limits.values_max)
        values = hn_realloc_array(event->values, room, sizeof *values);
    if (values == NULL) {
        event->values_dropped++;
        return NULL;
    }
    event->values = values;
    event->value_room = room;
    return hn_event_value(event);
}

void hn_event_name(struct hn_event *event, struct hn_text name, const struct hn_value *value)
{
    struct hn_named *named = hn_vec_add(&event->named);

    if (named == NULL) {
        event->values_dropped++;
        return;
    }
    named->name = name;
    named->index = (uint32_t)(value - event->values);
}

void hn_event_add_field(
        struct hn_event *event, hn_field field, struct hn_text name, const struct hn_value *value)
{
    struct hn_value *copy;

    if (field == HN_FIELD_NONE && !event->want_all)
        return;
    copy = hn_event_value(event);
    if (copy == NULL)
        return;
    *copy = *value;
    copy->folded_ready = false;
    copy->more = false;
    if (event->want_all)
        hn_event_name(event, name, copy);
    if (field != HN_FIELD_NONE)
        hn_event_link(event, field, copy);
}

/* The field a top-level or dotted name stands for, and in all-mode what to call it. */
static hn_field field_of(const struct hn_event *event, struct hn_text *name)
{
    hn_node node = hn_schema_child(event->schema, HN_NODE_ROOT, *name);

    if (node == HN_NODE_NONE) {
        if (event->want_all && memchr(name->ptr, '.', name->len) != NULL)
            *name = hn_name_canonical(*name);
        return HN_FIELD_NONE;
    }
    if (event->want_all) {
        struct hn_text canonical = event_schema_node_at(event->schema, node)->canonical;

        *name = canonical.len > 0 ? canonical : hn_name_canonical(*name);
    }
    return event_schema_node_at(event->schema, node)->field;
}

bool hn_event_wants(const struct hn_event *event, struct hn_text name)
{
    hn_node node = hn_schema_child(event->schema, HN_NODE_ROOT, name);

    return event->want_all ||
           (node != HN_NODE_NONE &&
                   event_schema_node_at(event->schema, node)->field != HN_FIELD_NONE);
}

void hn_event_add(struct hn_event *event, struct hn_text name, const struct hn_value *value)
{
    hn_field field = field_of(event, &name);

    hn_event_add_field(event, field, name, value);
}

void hn_event_add_text(struct hn_event *event, struct hn_text name, struct hn_text text)
{
    struct hn_value value = { .ptr = text.ptr, .type = HN_TYPE_STRING, .form = HN_FORM_TEXT };

    value.len = text.len > UINT32_MAX ? UINT32_MAX : (uint32_t)text.len;
    hn_event_add(event, name, &value);
}

void hn_event_add_i64(struct hn_event *event, struct hn_text name, int64_t number)
{
    struct hn_value value = { .type = HN_TYPE_INT, .form = HN_FORM_NUMBER };

    value.number.i = number;
    hn_event_add(event, name, &value);
}

void hn_event_add_u64(struct hn_event *event, struct hn_text name, uint64_t number)
{
    struct hn_value value = { .type = HN_TYPE_UINT, .form = HN_FORM_NUMBER };

    value.number.u = number;
    if (number <= INT64_MAX)
        value.type = HN_TYPE_INT;
    hn_event_add(event, name, &value);
}

void hn_event_add_real(struct hn_event *event, struct hn_text name, double number)
{
    struct hn_value value = { .type = HN_TYPE_REAL, .form = HN_FORM_NUMBER };

    value.number.real = number;
    hn_event_add(event, name, &value);
}

void hn_event_add_bool(struct hn_event *event, struct hn_text name, bool truth)
{
    struct hn_value value = { .type = HN_TYPE_BOOL, .form = HN_FORM_NUMBER };

    value.number.i = truth ? 1 : 0;
    hn_event_add(event, name, &value);
}

void hn_event_add_null(struct hn_event *event, struct hn_text name)
{
    struct hn_value value = { .ptr = "", .type = HN_TYPE_NULL, .form = HN_FORM_TEXT };

    hn_event_add(event, name, &value);
}

char *hn_event_room(struct hn_event *event, size_t len)
{
    return hn_arena_raw(&event->scratch, len, 1);
}

struct hn_text hn_event_copy(struct hn_event *event, struct hn_text text)
{
    return hn_arena_text(&event->scratch, text);
}

/* ---- Reading -----------------------------------------------------------------------------------
 */

uint32_t hn_event_find_name(const struct hn_event *event, struct hn_text name)
{
    hn_field field = hn_schema_find(event->schema, name);

    if (field != HN_FIELD_NONE)
        return hn_event_first(event, field);
    name = hn_name_canonical(name);
    for (size_t i = 0; i < event->named.count; i++) {
        struct hn_text kept = event->named.ptr[i].name;

        /* Wazuh writes the first letter small. */
        if (kept.len == name.len &&
                hn_text_eq_nocase(hn_text_sub(kept, 0, 1), hn_text_sub(name, 0, 1)) &&
                hn_text_eq(hn_text_sub(kept, 1, kept.len), hn_text_sub(name, 1, name.len)))
            return event->named.ptr[i].index;
    }
    return HN_VALUE_NONE;
}

bool hn_event_is_added(const struct hn_event *event, hn_field field)
{
    uint32_t first = hn_event_first(event, field);
    struct hn_text name = hn_schema_name(event->schema, field);

    if (first == HN_VALUE_NONE)
        return false;
    for (size_t i = 0; i < event->named.count; i++) {
        if (event->named.ptr[i].index == first && hn_text_eq(event->named.ptr[i].name, name))
            return false;
    }
    return true;
}

struct hn_text hn_event_field_text(struct hn_event *event, hn_field field)
{
    uint32_t index = field == HN_FIELD_NONE ? HN_VALUE_NONE : hn_event_first(event, field);

    if (index == HN_VALUE_NONE)
        return (struct hn_text){ NULL, 0 };
    return hn_event_text(event, index);
}
