/* extract_tell.c - completes what was found (place, marks, domain) and hands it on.
 *
 * Leaves to others: finding. */
#include "extract/extract_internal.h"

const char *extract_kind_id(enum extract_kind kind)
{
    static const char *const ids[] = {
#define EXTRACT_KIND_ID(name, id, type) [name] = (id),
        EXTRACT_KIND_LIST(EXTRACT_KIND_ID)
#undef EXTRACT_KIND_ID
    };

    return (unsigned)kind < EXTRACT_KIND_COUNT ? ids[kind] : "unknown";
}

enum ioc_type extract_kind_type(enum extract_kind kind)
{
    static const enum ioc_type types[] = {
#define EXTRACT_KIND_TYPE(name, id, type) [name] = (type),
        EXTRACT_KIND_LIST(EXTRACT_KIND_TYPE)
#undef EXTRACT_KIND_TYPE
    };

    return (unsigned)kind < EXTRACT_KIND_COUNT ? types[kind] : IOC_TYPE_ANY;
}

static bool has_wide_label(struct hn_text host)
{
    return hn_text_starts(host, HN_TEXT("xn--")) ||
           hn_text_find(host, HN_TEXT(".xn--"), 0) != SIZE_MAX;
}

static unsigned marks_of(const struct extract *e, const struct extract_found *found)
{
    unsigned marks = found->marks;
    struct hn_text host = found->host;

    if (e->nested)
        marks |= EXTRACT_NESTED;
    if (extract_defanged(e, found->start, found->end))
        marks |= EXTRACT_DEFANGED;
    if (found->kind == EXTRACT_IPV4 || found->kind == EXTRACT_IPV6)
        host = found->value;
    else if (found->kind == EXTRACT_NETWORK)
        host = hn_text_sub(found->value, 0, hn_text_find_char(found->value, '/', 0));
    if (host.len > 0)
        marks |= extract_judge_host(host);
    if (has_wide_label(host))
        marks |= EXTRACT_IDN;
    return marks;
}

void extract_tell(struct extract *e, const struct extract_found *found)
{
    size_t first = e->map[found->start];
    size_t last = found->end - 1;
    size_t end = e->map[last] + (size_t)e->span[last];
    struct extract_item item = { .kind = found->kind,
        .marks = marks_of(e, found),
        .offset = e->base + first,
        .written = hn_text_sub(e->source, first, end - first),
        .value = found->value,
        .host = found->host,
        .domain = extract_domain(found->host),
        .port = found->port };

    if (found->end > e->next_free)
        e->next_free = found->end;
    if (e->stopped)
        return;
    e->count++;
    if (!e->on_item(e->ctx, &item))
        e->stopped = true;
}
