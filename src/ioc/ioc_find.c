/* ioc_find.c - what a set answers about single indicators.
 *
 * Leaves to others: finding them in text (ioc_scan.c, ioc_match.c). */
#include "ioc/ioc_internal.h"

uint32_t ioc_find_key(const struct ioc_set *set, enum ioc_space space, uint64_t hash,
        enum ioc_type type, struct hn_text key)
{
    bool prefix = space == IOC_SPACE_PREFIX;
    uint64_t pos = UINT64_MAX;
    uint32_t index;

    if (!ioc_table_maybe(&set->table, space, hash))
        return IOC_NONE;
    while (ioc_table_next(&set->table, hash, &pos, &index)) {
        const struct ioc_record *record;

        if (index == IOC_SLOT_GATE)
            continue;
        record = &set->store.records.ptr[index];
        if (record->type == type && ((record->flags & IOC_FLAG_PREFIX) != 0) == prefix &&
                hn_text_eq(ioc_store_key(&set->store, record->key), key))
            return index;
    }
    return IOC_NONE;
}

void ioc_set_stats(const struct ioc_set *set, struct ioc_stats *ret_stats)
{
    *ret_stats = set->stats;
}

static struct hn_text text_at(const struct ioc_set *set, uint32_t number)
{
    return set->store.texts.ptr[number];
}

static struct hn_text warning_of(const struct ioc_set *set, uint32_t index)
{
    size_t low = 0;
    size_t high = set->warned.count; /* in the order of indexes */

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (set->warned.ptr[mid].index < index)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < set->warned.count && set->warned.ptr[low].index == index)
        return text_at(set, set->warned.ptr[low].list_name);
    return HN_TEXT("");
}

bool ioc_set_get(const struct ioc_set *set, uint32_t index, struct ioc_indicator *ret_indicator)
{
    const struct ioc_record *record;
    const struct ioc_meta *meta;

    if (index >= set->store.records.count)
        return false;
    record = &set->store.records.ptr[index];
    meta = &set->store.metas.ptr[record->meta];
    if ((record->flags & IOC_FLAG_DROPPED) != 0)
        return false;
    *ret_indicator = (struct ioc_indicator){
        .type = (enum ioc_type)record->type,
        .role = (enum ioc_role)meta->role,
        .confidence = meta->confidence,
        .port = record->port,
        .line = record->line,
        .prefix = (record->flags & IOC_FLAG_PREFIX) != 0,
        .compromised = (record->flags & IOC_FLAG_COMPROMISED) != 0,
        .suppressed = (record->flags & IOC_FLAG_SUPPRESSED) != 0,
        .legitimate_host = (record->flags & IOC_FLAG_LEGITIMATE) != 0,
        .warning = warning_of(set, index),
        .source = text_at(set, meta->source),
        .family = text_at(set, meta->family),
        .tags = text_at(set, meta->tags),
        .comment = text_at(set, meta->comment),
        .reference = text_at(set, meta->reference),
        .id = text_at(set, meta->id),
        .first_seen = meta->first_seen,
        .last_seen = meta->last_seen,
    };
    return true;
}

uint32_t ioc_set_next(const struct ioc_set *set, uint32_t index)
{
    return index < set->store.records.count ? set->store.records.ptr[index].next : IOC_NONE;
}

void ioc_set_write(const struct ioc_set *set, uint32_t index, bool unicode, struct hn_buf *buf)
{
    struct ioc_key key;

    ioc_set_key(set, index, &key);
    ioc_key_write(&key, unicode, buf);
}

/* ---- Hashes ---- */

bool ioc_hash_parse(struct hn_text text, char ret_bytes[IOC_HASH_BYTES_MAX])
{
    unsigned all = IOC_CH_HEX;

    if (text.len != 32 && text.len != 40 && text.len != 64 && text.len != 128)
        return false;
    for (size_t i = 0; i < text.len; i++)
        all &= ioc_class[(unsigned char)text.ptr[i]];
    if (all == 0)
        return false;
    for (size_t i = 0; i < text.len / 2; i++) {
        unsigned high = (unsigned char)text.ptr[2 * i];
        unsigned low = (unsigned char)text.ptr[2 * i + 1];

        /* '0'..'9' end in their value; letters, either case, in one less than nine below it. */
        ret_bytes[i] = (char)(((high & 15) + (high >> 6) * 9) << 4 | ((low & 15) + (low >> 6) * 9));
    }
    return true;
}

/* ---- Addresses ---- */

static void clear_host_bits(struct hn_cidr *cidr)
{
    unsigned whole = cidr->prefix_len / 8u;

    if (whole >= 16)
        return;
    cidr->address.bytes[whole] =
            (uint8_t)(cidr->address.bytes[whole] & (0xFF00u >> cidr->prefix_len % 8u));
    memset(cidr->address.bytes + whole + 1, 0, 15 - whole);
}

bool ioc_parse_v4(struct hn_text text, struct hn_ip *ret_ip)
{
    struct hn_ip ip = { { [10] = 0xFF, [11] = 0xFF } };
    size_t pos = 0;

    if (text.len < 7 || text.len > 15)
        return false;
    for (int part = 0; part < 4; part++) {
        unsigned value = 0;
        size_t start = pos;

        while (pos < text.len && pos - start < 3 && ioc_is(text.ptr[pos], IOC_CH_DIGIT))
            value = value * 10 + (unsigned)(text.ptr[pos++] - '0');
        if (pos == start || value > 255 || (text.ptr[start] == '0' && pos - start > 1))
            return false;
        ip.bytes[12 + part] = (uint8_t)value;
        if (part < 3 && (pos == text.len || text.ptr[pos++] != '.'))
            return false;
    }
    if (pos != text.len)
        return false;
    *ret_ip = ip;
    return true;
}

bool ioc_find_networks(
        const struct ioc_set *set, const struct hn_ip *ip, ioc_on_network *found, void *ctx)
{
    bool v4 = hn_ip_is_v4(ip);
    unsigned shortest = v4 ? 96 : 0;
    bool any = false;

    if (v4) {
        uint32_t block = (uint32_t)ip->bytes[12] << 8 | ip->bytes[13];

        if ((set->v4_blocks[block / 64] >> block % 64 & 1) == 0)
            return false;
    }
    for (unsigned len = 128; len-- > shortest;) {
        char key[17];
        struct hn_cidr cidr = { *ip, (uint8_t)len };
        uint32_t index;
        uint64_t hash;

        if ((set->cidr_lengths[len / 64] >> len % 64 & 1) == 0)
            continue;
        hash = ioc_hash_cidr(&set->table, ip, len);
        if (!ioc_table_maybe(&set->table, IOC_SPACE_CIDR, hash))
            continue;
        clear_host_bits(&cidr);
        memcpy(key, cidr.address.bytes, 16);
        key[16] = (char)len;
        index = ioc_find_key(set, IOC_SPACE_CIDR, hash, IOC_CIDR, hn_text_of(key, sizeof key));
        if (index == IOC_NONE)
            continue;
        any = true;
        if (found == NULL || !found(ctx, index))
            break;
    }
    return any;
}
