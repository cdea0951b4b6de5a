/* history_near.c - what an event has in common with an alert, and which of many events are shown:
 * of each relation those nearest in time. */
#include "history/history_near.h"

#include "base/ip.h"

#include <stdlib.h>

/* ---- Relations ---- */

static bool is_address(struct hn_text text)
{
    struct hn_ip ip;

    return hn_ip_parse(text, &ip);
}

/* Security logs have the full name of a machine where others have its first label. */
bool history_near_same_host(struct hn_text a, struct hn_text b)
{
    size_t dot_a = hn_text_find_char(a, '.', 0);
    size_t dot_b = hn_text_find_char(b, '.', 0);

    if (a.len == 0 || b.len == 0)
        return false;
    if (hn_text_eq_nocase(a, b))
        return true;
    if ((dot_a == SIZE_MAX) == (dot_b == SIZE_MAX) || is_address(a) || is_address(b))
        return false;
    return hn_text_eq_nocase(hn_text_sub(a, 0, dot_a), hn_text_sub(b, 0, dot_b));
}

static struct hn_text bare(struct hn_text user)
{
    size_t bar = hn_text_find_char(user, '\\', 0);

    return bar == SIZE_MAX ? user : hn_text_sub(user, bar + 1, user.len);
}

/* These are on every machine: that another one has them too says nothing. */
static bool is_everywhere(struct hn_text user)
{
    static const char *const names[] = { "SYSTEM", "LOCAL SERVICE", "NETWORK SERVICE",
        "ANONYMOUS LOGON", "root" };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (hn_text_eq_nocase(bare(user), hn_text_cstr(names[i])))
            return true;
    }
    return false;
}

static bool same_user(struct hn_text a, struct hn_text b)
{
    if (a.len == 0 || b.len == 0 || is_everywhere(a))
        return false;
    if (bare(a).len == a.len || bare(b).len == b.len)
        return hn_text_eq_nocase(bare(a), bare(b));
    return hn_text_eq_nocase(a, b);
}

static bool is_one_of(const struct history_about *about, struct hn_text address)
{
    for (uint32_t i = 0; i < about->address_count; i++) {
        if (hn_text_eq_nocase(about->addresses[i], address))
            return true;
    }
    return false;
}

static bool shares_address(
        const struct history_about *about, struct hn_event *event, const hn_field *fields)
{
    for (size_t i = 0; about->address_count > 0 && i < alert_address_name_count; i++) {
        uint32_t index = hn_event_first(event, fields[i]);

        for (; index != HN_VALUE_NONE; index = hn_event_next(event, index)) {
            if (is_one_of(about, hn_event_text(event, index)))
                return true;
        }
    }
    return false;
}

uint32_t history_near_relations(
        const struct history_about *about, struct hn_event *event, const hn_field *fields)
{
    uint32_t relations = 0;

    if (history_near_same_host(about->host, hn_event_host(event)))
        relations |= 1u << HISTORY_HOST;
    if (same_user(about->user, hn_event_user(event)))
        relations |= 1u << HISTORY_USER;
    if (shares_address(about, event, fields))
        relations |= 1u << HISTORY_ADDRESS;
    return relations;
}

/* ---- The nearest ---- */

/* The one kept for a relation that is farthest away; how many there are. */
static size_t farthest(const struct near_list *list, uint32_t bit, uint32_t *ret_count)
{
    size_t worst = SIZE_MAX;

    *ret_count = 0;
    for (size_t i = 0; i < list->context->events.count; i++) {
        const struct history_near *event = &list->context->events.ptr[i];

        if ((event->nearest & bit) == 0)
            continue;
        ++*ret_count;
        if (worst == SIZE_MAX ||
                time_distance(event->time, list->at) >
                        time_distance(list->context->events.ptr[worst].time, list->at))
            worst = i;
    }
    return worst;
}

/* For which relations an event of this time is among the nearest; makes room for it. */
static uint32_t make_room(struct near_list *list, hn_time time, uint32_t relations)
{
    struct history_context *context = list->context;
    uint32_t nearest = 0;

    for (uint32_t bit = 1; bit < 1u << HISTORY_RELATIONS; bit <<= 1) {
        uint32_t count = 0;
        size_t worst;

        if ((relations & bit) == 0)
            continue;
        worst = farthest(list, bit, &count);
        if (count == list->limit) {
            if (time_distance(time, list->at) >=
                    time_distance(context->events.ptr[worst].time, list->at))
                continue;
            context->events.ptr[worst].nearest &= ~bit;
            if (context->events.ptr[worst].nearest == 0 && !context->events.ptr[worst].self)
                context->events.ptr[worst] = context->events.ptr[--context->events.count];
        }
        nearest |= bit;
    }
    return nearest;
}

struct history_near *history_near_add(
        struct near_list *list, hn_time time, uint32_t relations, bool self)
{
    uint32_t nearest;
    struct history_near *event;

    for (unsigned i = 0; i < HISTORY_RELATIONS; i++)
        list->context->found[i] += relations >> i & 1u;
    nearest = make_room(list, time, relations);
    if (nearest == 0 && !self)
        return NULL;
    event = hn_vec_add(&list->context->events);
    if (event == NULL) {
        list->failed = true;
        return NULL;
    }
    event->time = time;
    event->relations = relations;
    event->nearest = nearest;
    event->self = self;
    return event;
}

static int by_time(const void *a, const void *b)
{
    const struct history_near *x = a;
    const struct history_near *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static int by_place(const void *a, const void *b)
{
    const struct history_near *x = a;
    const struct history_near *y = b;

    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void sort(struct history_context *context, int (*compare)(const void *, const void *))
{
    if (context->events.count > 1)
        qsort(context->events.ptr, context->events.count, sizeof *context->events.ptr, compare);
}

void history_near_sort_by_time(struct history_context *context)
{
    sort(context, by_time);
}

void history_near_sort_by_place(struct history_context *context)
{
    sort(context, by_place);
}

void history_near_drop_empty(struct history_context *context)
{
    size_t kept = 0;

    for (size_t i = 0; i < context->events.count; i++) {
        if (context->events.ptr[i].json.len > 0)
            context->events.ptr[kept++] = context->events.ptr[i];
    }
    context->complete = context->complete && kept == context->events.count;
    context->events.count = kept;
}
