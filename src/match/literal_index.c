/* literal_index.c - the tables behind literal_index.h. */
#include "match/literal_index.h"

#include "base/hash.h"
#include "base/mem.h"
#include "match/gram_filter.h"

#include <assert.h>
#include <stdlib.h>

/* ---- Grams: windows of 1 to 4 bytes for literals inside a text ---- */

/* Common windows have many literals, of which hardly one fits: four more bytes of each, far from
 * the window, are compared before the literal is fetched. */
struct gram_entry {
    uint32_t gram;
    uint32_t literal;
    uint32_t offset; /* of the window in the literal */
    uint32_t len;    /* of the literal */
    uint32_t check;  /* those bytes, of a literal longer than the window */
    uint32_t check_offset;
};

struct gram_index {
    uint32_t width; /* bytes; 0: no such literals */
    uint32_t mask;  /* of the bytes that count in a 32-bit load */
    uint32_t shift; /* 32 - bits of the table */
    uint64_t *bits;
    uint32_t *ranks;  /* set bits before each word of bits */
    uint32_t *starts; /* first entry of each set bit, one more at the end */
    struct gram_entry *entries;
    struct gram_filter
            *filter; /* asked before bits; NULL: too many grams, or not four bytes wide */
};

#define GRAM_WIDTHS 4

/* ---- Ends: prefixes or suffixes, by classes of length -----------------------------------------
 */

/* A literal is looked up by its outermost bytes, as many as its class has. */
static const uint32_t class_lens[] = { 32, 24, 16, 8, 4, 2, 1 };
#define CLASSES HN_COUNT_OF(class_lens)

struct end_slot {
    uint32_t tag;
    uint32_t literal; /* UINT32_MAX: empty */
};

struct end_index {
    uint32_t mask[CLASSES]; /* room - 1 */
    struct end_slot *slots[CLASSES];
};

struct literal_index {
    const struct hn_text *texts;
    uint32_t count;
    struct gram_index grams[GRAM_WIDTHS]; /* by width - 1 */
    struct end_index starts;
    struct end_index ends;
    uint32_t whole_mask;
    size_t whole_len_max;
    struct end_slot *whole;
    size_t bytes;
};

static void *take(struct literal_index *index, size_t count, size_t size)
{
    void *ptr = hn_calloc(count, size);

    index->bytes += ptr == NULL ? 0 : count * size;
    return ptr;
}

/* Without relying on a processor's own instruction, which the oldest amd64 lacks. */
HN_INLINE HN_WRAPS uint32_t bit_count(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (uint32_t)(bits * 0x0101010101010101u >> 56);
}

HN_INLINE HN_WRAPS uint32_t gram_slot(uint32_t gram, uint32_t shift)
{
    return gram * 0x9E3779B1u >> shift;
}

static uint32_t gram_mask(uint32_t width)
{
    return width == 4 ? UINT32_MAX : ((uint32_t)1 << (8 * width)) - 1;
}

static uint32_t gram_at(const char *p, uint32_t width)
{
    uint32_t gram = 0;

    memcpy(&gram, p, width);
    return gram;
}

/* The window that ordinary text has least. */
static uint32_t best_window(struct hn_text text, uint32_t width)
{
    uint32_t best = 0;
    uint32_t least = UINT32_MAX;

    if (width < 4)
        return 0;
    for (uint32_t i = 0; i + 4 <= text.len; i++) {
        uint32_t common = literal_commonness(hn_text_sub(text, i, 4));

        if (common < least) {
            least = common;
            best = i;
        }
    }
    return best;
}

struct sort_key {
    uint32_t slot;
    struct gram_entry entry;
};

static int by_slot(const void *a, const void *b)
{
    const struct sort_key *x = a;
    const struct sort_key *y = b;

    if (x->slot != y->slot)
        return x->slot < y->slot ? -1 : 1;
    return (x->entry.literal > y->entry.literal) - (x->entry.literal < y->entry.literal);
}

static enum hn_status gram_fill(struct literal_index *index, struct gram_index *grams,
        struct sort_key *keys, uint32_t count)
{
    uint32_t words = ((uint32_t)1 << (32 - grams->shift)) / 64;
    uint32_t set = 0;

    qsort(keys, count, sizeof *keys, by_slot);
    grams->bits = take(index, words, sizeof *grams->bits);
    grams->ranks = take(index, words, sizeof *grams->ranks);
    grams->starts = take(index, (size_t)count + 1, sizeof *grams->starts);
    grams->entries = take(index, count, sizeof *grams->entries);
    if (grams->width == 4 && count <= GRAM_FILTER_MAX && match_gram_filter_available()) {
        grams->filter = take(index, 1, sizeof *grams->filter);
        if (grams->filter == NULL)
            return HN_NOMEM;
    }
    if (grams->bits == NULL || grams->ranks == NULL || grams->starts == NULL ||
            grams->entries == NULL)
        return HN_NOMEM;
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || keys[i].slot != keys[i - 1].slot)
            grams->starts[set++] = i;
        grams->bits[keys[i].slot / 64] |= (uint64_t)1 << (keys[i].slot % 64);
        grams->entries[i] = keys[i].entry;
    }
    grams->starts[set] = count;
    for (uint32_t i = 0; grams->filter != NULL && i < count; i++)
        match_gram_filter_add(grams->filter, keys[i].entry.gram);
    set = 0;
    for (uint32_t w = 0; w < words; w++) {
        grams->ranks[w] = set;
        set += bit_count(grams->bits[w]);
    }
    return HN_OK;
}

/* Builds the index of one width from the INSIDE literals that belong to it. */
static enum hn_status gram_build(
        struct literal_index *index, const struct literal *literals, uint32_t width)
{
    struct gram_index *grams = &index->grams[width - 1];
    uint32_t bits = 6;
    uint32_t count = 0;
    struct sort_key *keys;
    enum hn_status status;

    for (uint32_t i = 0; i < index->count; i++) {
        size_t len = literals[i].text.len;

        count += literals[i].anchor == LITERAL_INSIDE && (len >= 4 ? 4 : len) == width;
    }
    if (count == 0)
        return HN_OK;
    keys = hn_calloc(count, sizeof *keys);
    if (keys == NULL)
        return HN_NOMEM;
    while (bits < 20 && (uint32_t)1 << bits < count * 32) /* at most 3 % of the bits are set */
        bits++;
    grams->width = width;
    grams->mask = gram_mask(width);
    grams->shift = 32 - bits;
    count = 0;
    for (uint32_t i = 0; i < index->count; i++) {
        struct hn_text text = literals[i].text;
        struct sort_key *key = &keys[count];

        if (literals[i].anchor != LITERAL_INSIDE || (text.len >= 4 ? 4 : text.len) != width)
            continue;
        key->entry.offset = best_window(text, width);
        key->entry.gram = gram_at(text.ptr + key->entry.offset, width);
        key->entry.literal = i;
        key->entry.len = (uint32_t)text.len;
        if (text.len > width) {
            key->entry.check_offset = (size_t)key->entry.offset * 2 >= text.len - width
                                              ? 0
                                              : (uint32_t)text.len - width;
            key->entry.check = gram_at(text.ptr + key->entry.check_offset, width);
        }
        key->slot = gram_slot(key->entry.gram, grams->shift);
        count++;
    }
    status = gram_fill(index, grams, keys, count);
    hn_free(keys);
    return status;
}

/* ---- Hash tables for whole literals and ends ---------------------------------------------------
 */

HN_INLINE HN_WRAPS uint32_t end_tag(const char *p, uint32_t len)
{
    uint64_t h = (uint64_t)len * 0xD6E8FEB86659FD93u;
    uint64_t word;

    if (len >= 8) {
        for (uint32_t i = 0; i < len; i += 8) {
            memcpy(&word, p + i, 8);
            h = (h ^ word) * 0x9E3779B97F4A7C15u;
            h ^= h >> 29;
        }
    } else {
        word = 0;
        memcpy(&word, p, len);
        h = (h ^ word) * 0x9E3779B97F4A7C15u;
    }
    return (uint32_t)(h >> 32);
}

static struct end_slot *slots_new(struct literal_index *index, uint32_t count, uint32_t *ret_mask)
{
    uint32_t room = 8;
    struct end_slot *slots;

    while (room < count * 4)
        room *= 2;
    slots = take(index, room, sizeof *slots);
    for (uint32_t i = 0; slots != NULL && i < room; i++)
        slots[i].literal = UINT32_MAX;
    *ret_mask = room - 1;
    return slots;
}

static void slots_put(struct end_slot *slots, uint32_t mask, uint32_t tag, uint32_t literal)
{
    uint32_t pos = tag & mask;

    while (slots[pos].literal != UINT32_MAX)
        pos = (pos + 1) & mask;
    slots[pos].tag = tag;
    slots[pos].literal = literal;
}

static size_t class_of(size_t len)
{
    size_t c = 0;

    while (class_lens[c] > len)
        c++;
    return c;
}

static enum hn_status ends_build(struct literal_index *index, const struct literal *literals,
        enum literal_anchor anchor, struct end_index *ends)
{
    uint32_t counts[CLASSES] = { 0 };

    for (uint32_t i = 0; i < index->count; i++) {
        if (literals[i].anchor == anchor)
            counts[class_of(literals[i].text.len)]++;
    }
    for (size_t c = 0; c < CLASSES; c++) {
        if (counts[c] == 0)
            continue;
        ends->slots[c] = slots_new(index, counts[c], &ends->mask[c]);
        if (ends->slots[c] == NULL)
            return HN_NOMEM;
    }
    for (uint32_t i = 0; i < index->count; i++) {
        struct hn_text text = literals[i].text;
        size_t c;
        const char *p;

        if (literals[i].anchor != anchor)
            continue;
        c = class_of(text.len);
        p = anchor == LITERAL_STARTS ? text.ptr : text.ptr + text.len - class_lens[c];
        slots_put(ends->slots[c], ends->mask[c], end_tag(p, class_lens[c]), i);
    }
    return HN_OK;
}

static uint32_t whole_tag(struct hn_text text)
{
    return (uint32_t)hn_hash_text(text, text.len);
}

static enum hn_status whole_build(struct literal_index *index, const struct literal *literals)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < index->count; i++)
        count += literals[i].anchor == LITERAL_WHOLE;
    if (count == 0)
        return HN_OK;
    index->whole = slots_new(index, count, &index->whole_mask);
    if (index->whole == NULL)
        return HN_NOMEM;
    for (uint32_t i = 0; i < index->count; i++) {
        if (literals[i].anchor != LITERAL_WHOLE)
            continue;
        slots_put(index->whole, index->whole_mask, whole_tag(literals[i].text), i);
        if (literals[i].text.len > index->whole_len_max)
            index->whole_len_max = literals[i].text.len;
    }
    return HN_OK;
}

enum hn_status literal_index_new(
        const struct literal *literals, uint32_t count, struct literal_index **ret_index)
{
    struct literal_index *index = hn_calloc(1, sizeof *index);
    struct hn_text *texts;
    enum hn_status status = HN_OK;

    if (index == NULL)
        return HN_NOMEM;
    index->count = count;
    texts = take(index, count, sizeof *texts);
    index->texts = texts;
    if (texts == NULL)
        status = HN_NOMEM;
    for (uint32_t i = 0; status == HN_OK && i < count; i++)
        texts[i] = literals[i].text;
    for (uint32_t width = 1; status == HN_OK && width <= GRAM_WIDTHS; width++)
        status = gram_build(index, literals, width);
    if (status == HN_OK)
        status = ends_build(index, literals, LITERAL_STARTS, &index->starts);
    if (status == HN_OK)
        status = ends_build(index, literals, LITERAL_ENDS, &index->ends);
    if (status == HN_OK)
        status = whole_build(index, literals);
    if (status != HN_OK) {
        literal_index_free(index);
        return status;
    }
    *ret_index = index;
    return HN_OK;
}

void literal_index_free(struct literal_index *index)
{
    union {
        const struct hn_text *borrowed;
        void *owned;
    } texts;

    if (index == NULL)
        return;
    for (size_t i = 0; i < GRAM_WIDTHS; i++) {
        hn_free(index->grams[i].bits);
        hn_free(index->grams[i].ranks);
        hn_free(index->grams[i].starts);
        hn_free(index->grams[i].entries);
        hn_free(index->grams[i].filter);
    }
    for (size_t c = 0; c < CLASSES; c++) {
        hn_free(index->starts.slots[c]);
        hn_free(index->ends.slots[c]);
    }
    hn_free(index->whole);
    texts.borrowed = index->texts;
    hn_free(texts.owned);
    hn_free(index);
}

size_t literal_index_bytes(const struct literal_index *index)
{
    return sizeof *index + index->bytes;
}

/* ---- Scanning -----------------------------------------------------------------------------------
 */

struct hits {
    uint32_t *found;
    uint32_t room;
    uint32_t count;
};

HN_INLINE void hit(struct hits *hits, uint32_t literal)
{
    if (hits->count < hits->room)
        hits->found[hits->count] = literal;
    hits->count++;
}

HN_NOINLINE static void gram_verify(const struct literal_index *index,
        const struct gram_index *grams, struct hn_text text, size_t pos, struct hits *hits)
{
    uint32_t gram = gram_at(text.ptr + pos, grams->width);
    uint32_t slot = gram_slot(gram, grams->shift);
    uint64_t word = grams->bits[slot / 64];
    uint32_t rank = grams->ranks[slot / 64] + bit_count(word & (((uint64_t)1 << (slot % 64)) - 1));

    for (uint32_t i = grams->starts[rank]; i < grams->starts[rank + 1]; i++) {
        const struct gram_entry *entry = &grams->entries[i];
        size_t start = pos - entry->offset;

        if (entry->gram != gram || entry->offset > pos || entry->len > text.len - start)
            continue;
        if (entry->len == grams->width ||
                (gram_at(text.ptr + start + entry->check_offset, sizeof entry->check) ==
                                entry->check &&
                        memcmp(text.ptr + start, index->texts[entry->literal].ptr, entry->len) ==
                                0))
            hit(hits, entry->literal);
    }
}

/* Bit k: the window that begins k bytes into window may be that of a literal. */
HN_INLINE uint32_t gram_bit(const struct gram_index *grams, uint64_t window, uint32_t k)
{
    uint32_t slot = gram_slot((uint32_t)(window >> (8 * k)) & grams->mask, grams->shift);

    return (uint32_t)(grams->bits[slot / 64] >> (slot % 64) & 1) << k;
}

/* The places that pass the filter are tested like all others without it. */
static void gram_scan_filtered(const struct literal_index *index, const struct gram_index *grams,
        struct hn_text text, struct hits *hits)
{
    size_t last = text.len - 3; /* position behind the last window */
    uint64_t masks[GRAM_FILTER_MASKS];
    uint32_t count;

    for (size_t pos = 0; pos < last; pos += (size_t)count * GRAM_FILTER_STEP) {
        count = match_gram_filter_masks(grams->filter, text.ptr, pos, last, masks);
        for (uint32_t m = 0; m < count; m++) {
            uint64_t bits = masks[m];

            for (; bits != 0; bits &= bits - 1) {
                size_t at = pos + (size_t)m * GRAM_FILTER_STEP + (size_t)__builtin_ctzll(bits);

                if (at < last && gram_bit(grams, gram_at(text.ptr + at, 4), 0) != 0)
                    gram_verify(index, grams, text, at, hits);
            }
        }
    }
}

/* Tests four positions per step; a step with a set bit is looked at again. Loads may run into the
 * padding behind the text; positions there are never reported. */
static void gram_scan(const struct literal_index *index, const struct gram_index *grams,
        struct hn_text text, struct hits *hits)
{
    const struct gram_index own = *grams; /* in registers */
    size_t last;                          /* position behind the last window */

    if (text.len < own.width)
        return;
    if (grams->filter != NULL) {
        gram_scan_filtered(index, grams, text, hits);
        return;
    }
    last = text.len - own.width + 1;
    for (size_t pos = 0; pos < last; pos += 4) {
        uint64_t window;
        uint32_t any;

        memcpy(&window, text.ptr + pos, 8);
        any = gram_bit(&own, window, 0) | gram_bit(&own, window, 1) | gram_bit(&own, window, 2) |
              gram_bit(&own, window, 3);
        while (HN_UNLIKELY(any != 0)) {
            size_t at = pos + (size_t)__builtin_ctz(any);

            any &= any - 1;
            if (at < last)
                gram_verify(index, grams, text, at, hits);
        }
    }
}

static void ends_scan(const struct literal_index *index, const struct end_index *ends,
        bool at_start, struct hn_text text, struct hits *hits)
{
    for (size_t c = 0; c < CLASSES; c++) {
        const struct end_slot *slots = ends->slots[c];
        uint32_t len = class_lens[c];
        uint32_t tag;

        if (slots == NULL || len > text.len)
            continue;
        tag = end_tag(at_start ? text.ptr : text.ptr + text.len - len, len);
        for (uint32_t pos = tag & ends->mask[c]; slots[pos].literal != UINT32_MAX;
                pos = (pos + 1) & ends->mask[c]) {
            struct hn_text literal;

            if (slots[pos].tag != tag)
                continue;
            literal = index->texts[slots[pos].literal];
            if (literal.len <= text.len &&
                    memcmp(at_start ? text.ptr : text.ptr + text.len - literal.len, literal.ptr,
                            literal.len) == 0)
                hit(hits, slots[pos].literal);
        }
    }
}

uint32_t literal_index_scan(
        const struct literal_index *index, struct hn_text text, uint32_t *ret_found, uint32_t room)
{
    struct hits hits = { ret_found, room, 0 };

    if (index->whole != NULL && text.len <= index->whole_len_max) {
        uint32_t tag = whole_tag(text);

        for (uint32_t pos = tag & index->whole_mask; index->whole[pos].literal != UINT32_MAX;
                pos = (pos + 1) & index->whole_mask) {
            if (index->whole[pos].tag == tag &&
                    hn_text_eq(index->texts[index->whole[pos].literal], text))
                hit(&hits, index->whole[pos].literal);
        }
    }
    ends_scan(index, &index->starts, true, text, &hits);
    ends_scan(index, &index->ends, false, text, &hits);
    for (size_t i = 0; i < GRAM_WIDTHS; i++) {
        if (index->grams[i].width != 0)
            gram_scan(index, &index->grams[i], text, &hits);
    }
    return hits.count;
}
