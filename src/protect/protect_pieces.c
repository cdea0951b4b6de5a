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

static bool is_piece_of(const struct protect_indicator *item, const struct protect_indicator *other)
{
    if (item->what == EXTRACT_HOST)
        return other->host.len > 0 && is_cut_host(item->value, other->host);
    if (other->what != EXTRACT_URL || hn_text_eq(item->value, other->value))
        return false;
    /* The whole with more behind it: quotes, the next of a list. */
    if (!other->in_code && hn_text_starts(item->value, other->value))
        return true;
    return hn_text_find(other->value, item->value, 0) != SIZE_MAX ||
           (item->host.len > 0 && is_cut_host(item->host, other->host));
}

/* No suffix that anybody registers below: a name of a local network, or half of one. */
static bool is_nowhere(const struct protect_indicator *item)
{
    return item->host.len > 0 && hn_text_find_char(item->host, '.', 0) == SIZE_MAX;
}

static bool is_piece(const struct protect_list *list, const struct protect_indicator *item)
{
    if (!item->in_code || !is_address(item))
        return false;
    if (is_nowhere(item))
        return true;
    for (size_t i = 0; i < list->items.count; i++) {
        const struct protect_indicator *other = &list->items.ptr[i];

        if (other != item && is_address(other) && is_piece_of(item, other))
            return true;
    }
    return false;
}

void protect_drop_pieces(struct protect_list *list)
{
    size_t count = 0;

    /* Judged against all there are, the pieces among them: so first marked, then left out. */
    for (size_t i = 0; i < list->items.count; i++)
        list->items.ptr[i].piece = is_piece(list, &list->items.ptr[i]);
    for (size_t i = 0; i < list->items.count; i++) {
        if (!list->items.ptr[i].piece)
            list->items.ptr[count++] = list->items.ptr[i];
    }
    list->items.count = count;
    hn_map_deinit(&list->index); /* its numbers no longer hold */
    list->index = (struct hn_map){ 0 };
}
