/* protect_pieces.c - what looks like an address in code and is a piece of one.
 *
 * Scripts keep addresses in pieces, with noise in between, and with quotes behind them. Where an
 * evaluator has put them together, the pieces are no addresses of their own. */
#include "protect/protect_internal.h"

static bool is_address(const struct protect_indicator *item)
{
    return item->kind == PROTECT_EXTRACTED &&
           (item->what == EXTRACT_URL || item->what == EXTRACT_HOST);
}

/* A host within the name of another, and not a domain above it. */
static bool is_cut_host(struct hn_text host, struct hn_text whole)
{
    size_t at = hn_text_find(whole, host, 0);

    if (at == SIZE_MAX || host.len == whole.len)
        return false;
    return at + host.len < whole.len || whole.ptr[at - 1] != '.';
}

/* No suffix that anybody registers below: a name of a local network, or half of one. */
static bool is_nowhere(const struct protect_indicator *item)
{
    return item->host.len > 0 && hn_text_find_char(item->host, '.', 0) == SIZE_MAX;
}

static bool has_quote(struct hn_text value)
{
    return hn_text_find_char(value, '\'', 0) != SIZE_MAX ||
           hn_text_find_char(value, '"', 0) != SIZE_MAX;
}

/* Another one with a separator and the next of a list, or the code, behind it. */
static bool runs_on(const struct protect_indicator *item, const struct protect_indicator *other)
{
    char next;

    if (item->what != EXTRACT_URL || other->what != EXTRACT_URL ||
            item->value.len <= other->value.len || has_quote(other->value) || is_nowhere(other) ||
            !hn_text_starts(item->value, other->value))
        return false;
    next = item->value.ptr[other->value.len];
    /* The & of cmd.exe, which in an address stands behind a question mark only. */
    return strchr("@,;|*$~", next) != NULL ||
           (next == '&' && hn_text_find_char(other->value, '?', 0) == SIZE_MAX);
}

static bool is_cut_off(const struct protect_indicator *item, const struct protect_indicator *other)
{
    if (item->what == EXTRACT_HOST)
        return other->host.len > 0 && is_cut_host(item->value, other->host);
    if (other->what != EXTRACT_URL || hn_text_eq(item->value, other->value))
        return false;
    return hn_text_find(other->value, item->value, 0) != SIZE_MAX ||
           (item->host.len > 0 && is_cut_host(item->host, other->host));
}

typedef bool is_worse(const struct protect_indicator *item, const struct protect_indicator *other);

static bool is_worse_than_any(
        const struct protect_list *list, const struct protect_indicator *item, is_worse *worse)
{
    for (size_t i = 0; i < list->items.count; i++) {
        const struct protect_indicator *other = &list->items.ptr[i];

        if (other != item && is_address(other) && worse(item, other))
            return true;
    }
    return false;
}

static bool is_broken(const struct protect_list *list, const struct protect_indicator *item)
{
    return is_nowhere(item) || has_quote(item->value) || is_worse_than_any(list, item, runs_on);
}

static bool is_piece(const struct protect_list *list, const struct protect_indicator *item)
{
    return is_worse_than_any(list, item, is_cut_off);
}

/* Each is judged against all that are left, the ones left out at the same time among them. */
static void leave_out(struct protect_list *list,
        bool (*is_out)(const struct protect_list *list, const struct protect_indicator *item))
{
    size_t count = 0;

    for (size_t i = 0; i < list->items.count; i++) {
        struct protect_indicator *item = &list->items.ptr[i];

        item->piece = item->in_code && is_address(item) && is_out(list, item);
    }
    for (size_t i = 0; i < list->items.count; i++) {
        if (!list->items.ptr[i].piece)
            list->items.ptr[count++] = list->items.ptr[i];
    }
    list->items.count = count;
}

void protect_drop_pieces(struct protect_list *list)
{
    leave_out(list, is_broken); /* first, or the whole would count as a piece of what runs on */
    leave_out(list, is_piece);
    hn_map_deinit(&list->index); /* its numbers no longer hold */
    list->index = (struct hn_map){ 0 };
}
