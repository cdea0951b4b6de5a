/* cover.c - an event filled over another: a line of a log over what its shipper put around it.
 *
 * Hidden values stay where they are; their slots are of an older generation until they are shown
 * again. */
#include "event/event_internal.h"

#include <assert.h>

/* The generation after 2^32 events: slots in use become the first, all others none. */
static void generations_restart(struct hn_event *event)
{
    for (uint32_t i = 0; i < hn_schema_count(event->schema); i++)
        event->slots[i].generation = event->slots[i].generation == event->generation ? 1 : 0;
    event->generation = 1;
}

enum hn_status hn_event_cover(struct hn_event *event, struct hn_event_under *ret_under)
{
    struct hn_event_under under = { .named_count = event->named.count };

    if (event->named.count > 0) {
        under.named = hn_new(&event->scratch, struct hn_named, event->named.count);
        if (under.named == NULL)
            return hn_arena_status(&event->scratch);
        memcpy(under.named, event->named.ptr, event->named.count * sizeof *under.named);
    }
    hn_vec_reset(&event->named);
    if (event->generation == UINT32_MAX)
        generations_restart(event);
    under.generation = event->generation++;
    under.value_count = event->value_count;
    under.values_dropped = event->values_dropped;
    under.shape = event->shape;
    under.findings = event->findings;
    under.origin = event->origin;
    under.source = event->source;
    under.time = event->time;
    under.time_text = event->time_text;
    event->shape = 0;
    event->origin = HN_ORIGIN_UNKNOWN;
    memset(&event->source, 0, sizeof event->source);
    event->time = HN_TIME_NONE;
    event->time_text = (struct hn_text){ NULL, 0 };
    *ret_under = under;
    return HN_OK;
}

bool hn_event_is_covered(const struct hn_event *event, const struct hn_event_under *under)
{
    return event->value_count != under->value_count ||
           event->values_dropped != under->values_dropped;
}

static void add_name(struct hn_event *event, const struct hn_named *named)
{
    struct hn_named *copy = hn_vec_add(&event->named);

    if (copy == NULL)
        event->values_dropped++;
    else
        *copy = *named;
}

void hn_event_uncover(struct hn_event *event, const struct hn_event_under *under)
{
    assert(!hn_event_is_covered(
            event, under)); /* else what was added would come back after a reset */
    event->generation = under->generation;
    for (size_t i = 0; i < under->named_count; i++)
        add_name(event, &under->named[i]);
    event->shape = under->shape;
    event->findings = under->findings;
    event->origin = under->origin;
    event->source = under->source;
    event->time = under->time;
    event->time_text = under->time_text;
}

/* The line itself is often a field of both. */
static bool says_the_same(struct hn_event *event, size_t count, const struct hn_named *hidden)
{
    for (size_t i = 0; i < count; i++) {
        const struct hn_named *named = &event->named.ptr[i];

        if (hn_text_eq(named->name, hidden->name) &&
                hn_text_eq(hn_event_text(event, named->index), hn_event_text(event, hidden->index)))
            return true;
    }
    return false;
}

void hn_event_join(struct hn_event *event, const struct hn_event_under *under,
        const struct hn_time_defaults *defaults)
{
    size_t added;

    if (event->time_text.ptr == NULL)
        (void)hn_event_time(event, defaults);
    if (!hn_event_has(event, HN_FIELD_COMPUTER)) {
        struct hn_text host = context_host(event);

        if (host.len > 0)
            hn_event_add_text(event, HN_TEXT("Computer"), host);
    }
    added = event->named.count;
    for (size_t i = 0; i < under->named_count; i++) {
        if (!says_the_same(event, added, &under->named[i]))
            add_name(event, &under->named[i]);
    }
    for (uint32_t i = 0; i < hn_schema_count(event->schema); i++) {
        if (event->slots[i].generation == under->generation)
            event->slots[i].generation = event->generation;
    }
    event->shape |= under->shape;
}
