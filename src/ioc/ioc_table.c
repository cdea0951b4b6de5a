/* ioc_table.c - hash functions, the filters and the open-addressing table of a set.
 *
 * Most look-ups miss, so most end at a filter: one word of memory, 16 bits per key. What passes
 * goes to the slots, 8 bytes each, and from there to the key itself.
 * Leaves to others: comparing keys (ioc_find.c and the matchers). */
#include "base/mem.h"
#include "ioc/ioc_internal.h"

#define FILTER_BITS_PER_KEY 16
#define LOAD_NUMERATOR      10 /* slots per key: 10 / 7 */
#define LOAD_DENOMINATOR    7
#define CIDR_MIX            UINT64_C(0x9FB21C651E98DF25)

static HN_WRAPS uint64_t next_secret(uint64_t *state)
{
    *state += UINT64_C(0x9E3779B97F4A7C15);
    return hn_mix64(*state ^ hn_mix64(*state << 1 | 1));
}

static void fill_secrets(struct ioc_table *table)
{
    uint64_t state = hn_hash_seed();

    for (int c = 0; c < 256; c++) {
        table->exact[c] = next_secret(&state);
        table->fold[c] = next_secret(&state);
    }
    for (int c = 'A'; c <= 'Z'; c++)
        table->fold[c] = table->fold[c | 0x20];
    for (int space = 0; space < IOC_SPACE_COUNT; space++)
        table->salt[space] = next_secret(&state);
}

uint64_t ioc_hash_word(const struct ioc_table *table, char after, struct hn_text word)
{
    uint64_t hash = IOC_HASH_START;

    for (size_t i = word.len; i > 0; i--)
        hash = ioc_hash_step(table->fold, hash, word.ptr[i - 1]);
    if (after != IOC_AFTER_ANY)
        hash = ioc_hash_step(table->fold, hash, after);
    return ioc_hash_finish(table, IOC_SPACE_NAME, hash);
}

uint64_t ioc_hash_name(const struct ioc_table *table, struct hn_text name)
{
    return ioc_hash_word(table, IOC_AFTER_ANY, name);
}

uint64_t ioc_hash_bytes(const struct ioc_table *table, enum ioc_space space, struct hn_text bytes)
{
    uint64_t hash = IOC_HASH_START;

    if (space == IOC_SPACE_HASH || space == IOC_SPACE_EMAIL)
        return hn_hash_text(bytes, table->salt[space]);
    for (size_t i = 0; i < bytes.len; i++)
        hash = ioc_hash_step(table->exact, hash, bytes.ptr[i]);
    return ioc_hash_finish(table, space, hash);
}

static void halves(const struct hn_ip *ip, uint64_t *ret_high, uint64_t *ret_low)
{
    memcpy(ret_high, ip->bytes, 8); /* byte order does not matter to a hash */
    memcpy(ret_low, ip->bytes + 8, 8);
}

uint64_t ioc_hash_ip(const struct ioc_table *table, const struct hn_ip *ip)
{
    uint64_t high;
    uint64_t low;

    halves(ip, &high, &low);
    return ioc_hash_finish(
            table, IOC_SPACE_IP, hn_mix64(low ^ table->exact[0]) ^ (high ^ table->exact[1]));
}

HN_WRAPS uint64_t ioc_hash_cidr(
        const struct ioc_table *table, const struct hn_ip *ip, unsigned prefix_len)
{
    struct hn_ip masked = *ip;
    unsigned whole = prefix_len / 8;
    uint64_t high;
    uint64_t low;

    if (whole < 16) {
        masked.bytes[whole] = (uint8_t)(masked.bytes[whole] & (0xFF00u >> prefix_len % 8));
        memset(masked.bytes + whole + 1, 0, 15 - whole);
    }
    halves(&masked, &high, &low);
    return ioc_hash_finish(table, IOC_SPACE_CIDR,
            hn_mix64(hn_mix64(low ^ table->exact[2]) ^ (high ^ table->exact[3])) +
                    prefix_len * CIDR_MIX);
}

/* Hands out the words of one allocation. False when it fails. */
static bool make_filters(struct ioc_table *table, const uint64_t keys[IOC_SPACE_COUNT])
{
    uint64_t total = 0;
    uint64_t *words;

    for (int space = 0; space < IOC_SPACE_COUNT; space++) {
        table->filters[space].word_count = keys[space] * FILTER_BITS_PER_KEY / 64 + 1;
        total += table->filters[space].word_count;
    }
    words = hn_calloc(total, sizeof *words);
    if (words == NULL)
        return false;
    for (int space = 0; space < IOC_SPACE_COUNT; space++) {
        table->filters[space].words = words;
        words += table->filters[space].word_count;
    }
    return true;
}

enum hn_status ioc_table_init(struct ioc_table *table, const uint64_t keys[IOC_SPACE_COUNT])
{
    uint64_t total = 0;

    memset(table, 0, sizeof *table);
    fill_secrets(table);
    for (int space = 0; space < IOC_SPACE_COUNT; space++)
        total += keys[space];
    table->slot_count = total * LOAD_NUMERATOR / LOAD_DENOMINATOR + 2;
    if (table->slot_count > UINT32_MAX)
        return HN_LIMIT;
    table->slots = hn_malloc(table->slot_count * sizeof *table->slots);
    if (table->slots == NULL || !make_filters(table, keys)) {
        ioc_table_deinit(table);
        return HN_NOMEM;
    }
    memset(table->slots, 0xFF, table->slot_count * sizeof *table->slots); /* IOC_SLOT_EMPTY */
    return HN_OK;
}

void ioc_table_deinit(struct ioc_table *table)
{
    hn_free(table->filters[0].words);
    hn_free(table->slots);
    memset(table->filters, 0, sizeof table->filters);
    table->slots = NULL;
}

uint64_t ioc_table_bytes(const struct ioc_table *table)
{
    uint64_t bytes = table->slot_count * sizeof *table->slots;

    for (int space = 0; space < IOC_SPACE_COUNT; space++)
        bytes += table->filters[space].word_count * sizeof *table->filters[space].words;
    return bytes;
}

HN_WRAPS void ioc_table_put(
        struct ioc_table *table, enum ioc_space space, uint64_t hash, uint32_t index)
{
    const struct ioc_filter *filter = &table->filters[space];
    uint64_t at = ((hash >> 32) * table->slot_count) >> 32;

    filter->words[((hash >> 32) * filter->word_count) >> 32] |=
            UINT64_C(1) << (hash & 63) | UINT64_C(1) << (hash >> 6 & 63) |
            UINT64_C(1) << (hash >> 12 & 63) | UINT64_C(1) << (hash >> 18 & 63);
    while (table->slots[at].index != IOC_SLOT_EMPTY)
        at = at + 1 == table->slot_count ? 0 : at + 1;
    table->slots[at] = (struct ioc_slot){ (uint32_t)hash, index };
    table->used++;
}

void ioc_table_put_gate(struct ioc_table *table, enum ioc_space space, uint64_t hash)
{
    uint64_t pos = UINT64_MAX;
    uint32_t index;

    while (ioc_table_next(table, hash, &pos, &index)) {
        if (index == IOC_SLOT_GATE)
            return;
    }
    ioc_table_put(table, space, hash, IOC_SLOT_GATE);
}
