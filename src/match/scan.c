/* scan.c - one field's values through its index: predicates are marked, rules queued. */
#include "match/match_internal.h"

#include "base/utf.h"

void match_queue_rule(struct match_scratch *scratch, uint32_t rule)
{
    if (scratch->queued[rule] == scratch->part_run)
        return;
    scratch->queued[rule] = scratch->part_run;
    scratch->queue[scratch->queue_count++] = rule;
}

static void apply(
        struct match_scratch *scratch, const struct field_index *index, uint32_t entry_number)
{
    const struct index_entry *entry = &index->entries[entry_number];

    scratch->marked[entry->predicate] = scratch->event_run;
    for (uint32_t i = 0; i < entry->watcher_count; i++)
        match_queue_rule(scratch, index->watchers[entry->first_watcher + i]);
}

static bool entry_fits(struct match_scratch *scratch, const struct index_entry *entry,
        uint32_t value, bool found_by_index)
{
    const struct match_snapshot *snapshot = scratch->snapshot;

    if (found_by_index && !entry->verify)
        return true;
    return atom_fits(scratch, scratch->event, &snapshot->predicates.ptr[entry->predicate],
            &snapshot->atoms.ptr[entry->atom], value, NULL);
}

/* Entries of the index that fit the value, into scratch->kept; each once. */
static uint32_t find_entries(
        struct match_scratch *scratch, const struct field_index *index, uint32_t value)
{
    struct hn_text folded = hn_event_folded(scratch->event, value);
    uint32_t count =
            literal_index_scan(index->literals, folded, scratch->found, scratch->found_room);
    uint32_t kept = 0;

    if (count > scratch->found_room) { /* the same literals over and over: ask each one once */
        for (uint32_t e = 0; e < index->entry_count; e++) {
            if (entry_fits(scratch, &index->entries[e], value, false))
                scratch->kept[kept++] = e;
        }
        return kept;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t e = scratch->found[i];
        bool seen = false;

        for (uint32_t k = 0; k < kept && !seen; k++)
            seen = scratch->kept[k] == e;
        if (!seen && kept < index->entry_count &&
                entry_fits(scratch, &index->entries[e], value, true))
            scratch->kept[kept++] = e;
    }
    return kept;
}

/* An escape is at most six bytes long. */
static bool ends_in_escape(const struct hn_value *value)
{
    uint32_t from = value->len > 6 ? value->len - 6 : 0;

    return memchr(value->ptr + from, '\\', value->len - from) != NULL;
}

/* False when no literal of the index can fit, by one byte of the value as it was logged. A byte of
 * an escape says nothing, nor does one outside ASCII. */
static bool edge_may_fit(const struct field_index *index, const struct hn_value *value)
{
    unsigned char c;

    if (index->edge == EDGE_NONE || value->form > HN_FORM_JSON)
        return true;
    if (value->len == 0)
        return false;
    c = (unsigned char)value->ptr[index->edge == EDGE_FIRST ? 0 : value->len - 1];
    if (c >= 0x80 || index->edge_bytes[c])
        return true;
    if (value->form == HN_FORM_TEXT)
        return false;
    return index->edge == EDGE_FIRST ? c == '\\' : ends_in_escape(value);
}

/* Values too long to be remembered are first searched for words as they were logged. */
#define LONG_VALUE_BYTES MEMO_BYTES_MAX

static bool words_may_fit(const struct match_scratch *scratch, const struct field_index *index,
        const struct hn_value *value)
{
    struct hn_text raw = { value->ptr, value->len };

    return index->raw == NULL || value->form > HN_FORM_JSON ||
           (value->form == HN_FORM_JSON && scratch->event->raw_escapes_ascii) ||
           value->len <= index->whole_bytes_max || !hn_is_ascii(raw) ||
           raw_scan_any(index->raw, raw);
}

/* Finds what fits by the index; remembered in slot, unless that is NULL. */
static void search(struct match_scratch *scratch, const struct field_index *index, uint32_t value,
        struct memo_slot *slot)
{
    uint32_t kept = find_entries(scratch, index, value);

    scratch->stats.memo_misses++;
    for (uint32_t i = 0; i < kept; i++)
        apply(scratch, index, scratch->kept[i]);
    if (slot == NULL || kept > MEMO_HITS_MAX || index->entry_count > UINT16_MAX)
        return;
    for (uint32_t i = 0; i < kept; i++)
        slot->hits[i] = (uint16_t)scratch->kept[i];
    slot->hit_count = (uint8_t)kept;
    slot->index = index->number + 1;
}

static void look_up(struct match_scratch *scratch, const struct awaited *awaited)
{
    const struct field_index *index = awaited->index;
    struct memo_slot *slot;
    bool known;

    slot = memo_find(
            scratch->memo, index, &scratch->event->values[awaited->value], awaited->hash, &known);
    if (!known) {
        search(scratch, index, awaited->value, slot);
        return;
    }
    scratch->stats.memo_hits++;
    for (uint32_t i = 0; i < slot->hit_count; i++)
        apply(scratch, index, slot->hits[i]);
}

void match_scan_finish(struct match_scratch *scratch)
{
    for (uint32_t i = 0; i < scratch->awaited_count; i++)
        look_up(scratch, &scratch->awaited[i]);
    scratch->awaited_count = 0;
}

static void value_scan(
        struct match_scratch *scratch, const struct field_index *index, uint32_t value)
{
    const struct hn_value *raw = &scratch->event->values[value];

    if (raw->type == HN_TYPE_NULL || !edge_may_fit(index, raw))
        return;
    if (!memo_takes(raw)) {
        if (raw->len <= LONG_VALUE_BYTES || words_may_fit(scratch, index, raw))
            search(scratch, index, value, NULL);
        return;
    }
    if (scratch->awaited_count == AWAITED_MAX)
        match_scan_finish(scratch);
    scratch->awaited[scratch->awaited_count++] =
            (struct awaited){ index, value, memo_hash(scratch->memo, index, raw) };
}

void field_scan(struct match_scratch *scratch, const struct field_index *index)
{
    uint32_t value = hn_event_first(scratch->event, index->field);

    for (; value != HN_VALUE_NONE; value = hn_event_next(scratch->event, value))
        value_scan(scratch, index, value);
}
