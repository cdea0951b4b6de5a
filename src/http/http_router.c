/* http_router.c - which route a method and path belong to. A table is small (some hundred routes)
 * and compared from the front: no tree is worth it. */
#include "http/http_internal.h"

static bool is_parameter(struct hn_text segment)
{
    return segment.len > 2 && segment.ptr[0] == '{' && segment.ptr[segment.len - 1] == '}';
}

static bool split_pattern(struct hn_text pattern, struct http_entry *entry)
{
    struct hn_text rest = hn_text_sub(pattern, 1, pattern.len);
    struct hn_text part;
    unsigned params = 0;

    if (pattern.len == 0 || pattern.ptr[0] != '/')
        return false;
    if (pattern.len == 1)
        return true;
    while (hn_text_split(&rest, '/', &part)) {
        bool has_brace = hn_text_find_char(part, '{', 0) != SIZE_MAX;

        if (part.len == 0 || entry->segment_count == HTTP_SEGMENTS_MAX ||
                has_brace != is_parameter(part))
            return false;
        params += is_parameter(part);
        entry->segments[entry->segment_count++] = part;
    }
    return params <= HTTP_PARAMS_MAX;
}

static bool same_path(const struct http_entry *a, const struct http_entry *b)
{
    if (a->segment_count != b->segment_count)
        return false;
    for (size_t i = 0; i < a->segment_count; i++) {
        if (is_parameter(a->segments[i]) != is_parameter(b->segments[i]))
            return false;
        if (!is_parameter(a->segments[i]) && !hn_text_eq(a->segments[i], b->segments[i]))
            return false;
    }
    return true;
}

static bool same_shape(const struct http_entry *a, const struct http_entry *b)
{
    return strcmp(a->route->method, b->route->method) == 0 && same_path(a, b);
}

enum hn_status http_entry_add(http_entries *entries, const struct http_door *door,
        const struct http_route *route, struct hn_err *err)
{
    struct http_entry entry = { .route = route, .door = door };
    struct http_entry *kept;

    if (!split_pattern(hn_text_cstr(route->pattern), &entry))
        return hn_fail(err, HN_SYNTAX, 0, "route pattern %s", route->pattern);
    for (size_t i = 0; i < entries->count; i++) {
        if (same_shape(&entries->ptr[i], &entry))
            return hn_fail(err, HN_SYNTAX, 0, "route %s %s is there already as %s", route->method,
                    route->pattern, entries->ptr[i].route->operation);
    }
    kept = hn_vec_add(entries);
    if (kept == NULL)
        return hn_fail(err, HN_NOMEM, 0, "routes");
    *kept = entry;
    return HN_OK;
}

static bool path_fits(const struct http_entry *entry, const struct http_target *target)
{
    if (entry->segment_count != target->segment_count)
        return false;
    for (size_t i = 0; i < entry->segment_count; i++) {
        if (!is_parameter(entry->segments[i]) &&
                !hn_text_eq(entry->segments[i], target->segments[i]))
            return false;
    }
    return true;
}

/* a has its first literal where b has a parameter. */
static bool more_literal(const struct http_entry *a, const struct http_entry *b)
{
    for (size_t i = 0; i < a->segment_count; i++) {
        if (is_parameter(a->segments[i]) != is_parameter(b->segments[i]))
            return is_parameter(b->segments[i]);
    }
    return false;
}

static void allow_method(struct hn_buf *allow, const char *method)
{
    struct hn_text rest = hn_buf_text(allow);
    struct hn_text part;

    while (hn_text_split(&rest, ',', &part)) {
        if (hn_text_eq(hn_text_trim(part), hn_text_cstr(method)))
            return;
    }
    if (allow->len > 0)
        hn_buf_add_lit(allow, ", ");
    hn_buf_add_cstr(allow, method);
}

/* The most literal pattern that fits, whatever its method: what stands in the table by name is not
 * somebody's parameter for the methods it does not have. */
static const struct http_entry *find_path(
        const http_entries *entries, const struct http_target *target)
{
    const struct http_entry *best = NULL;

    for (size_t i = 0; i < entries->count; i++) {
        const struct http_entry *entry = &entries->ptr[i];

        if (path_fits(entry, target) && (best == NULL || more_literal(entry, best)))
            best = entry;
    }
    return best;
}

const struct http_entry *http_entry_find(const http_entries *entries, struct hn_text method,
        const struct http_target *target, struct hn_buf *allow)
{
    const struct http_entry *path = find_path(entries, target);
    const struct http_entry *found = NULL;
    const struct http_entry *found_get = NULL;
    bool head = hn_text_eq(method, HN_TEXT("HEAD"));

    if (path == NULL)
        return NULL;
    for (size_t i = 0; i < entries->count; i++) {
        const struct http_entry *entry = &entries->ptr[i];
        const char *takes = entry->route->method;

        if (!same_path(entry, path))
            continue;
        allow_method(allow, takes);
        if (strcmp(takes, "GET") == 0)
            allow_method(allow, "HEAD");
        if (hn_text_eq(method, hn_text_cstr(takes)))
            found = entry;
        if (head && strcmp(takes, "GET") == 0)
            found_get = entry;
    }
    allow_method(allow, "OPTIONS");
    return found != NULL ? found : found_get;
}
