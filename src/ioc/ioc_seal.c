/* ioc_seal.c - makes the immutable set of what a builder collected: warning lists applied,
 * duplicates joined, table and filters in their final size.
 *
 * Keys in the table: one per different indicator; beside them gates, which only say "look closer":
 * the hosts of URLs and e-mail addresses, and a distinctive word of each path. Both let the scanner
 * pass over text that cannot match (ioc_scan.c).
 * Leaves to others: what is asked of the set (ioc_find.c, ioc_match.c). */
#include "base/mem.h"
#include "base/utf.h"
#include "ioc/ioc_internal.h"

#include <assert.h>

#define CHAIN_LOOK_MAX   8   /* listings of one key looked at for the same source */
#define CROWD_MAX        256 /* file names that share one distinctive word */
#define WORD_BITS_MIN    4096
#define WORD_BITS_PER    16
#define ANCHOR_RANKS_MAX 8

struct sealing {
    struct ioc_set *set;
    struct ioc_warnlists *warnlists;
    uint32_t meta;                /* the last one used, */
    struct hn_digest meta_digest; /* and its digest */
    struct ioc_key key;           /* of the record in hand */
};

void ioc_set_key(const struct ioc_set *set, uint32_t index, struct ioc_key *ret_key)
{
    const struct ioc_record *record = &set->store.records.ptr[index];
    struct hn_text key = ioc_store_key(&set->store, record->key);
    size_t host = 0;

    ret_key->type = (enum ioc_type)record->type;
    ret_key->scheme = (enum ioc_scheme)(record->flags >> IOC_SCHEME_SHIFT);
    ret_key->prefix = (record->flags & IOC_FLAG_PREFIX) != 0;
    ret_key->port = record->port;
    ret_key->len = key.len;
    memcpy(ret_key->text, key.ptr, key.len);
    ret_key->host_len = 0;
    ret_key->path_at = 0;
    ret_key->query_at = (uint16_t)key.len;
    if (ret_key->type != IOC_URL)
        return;
    if (key.len > 0 && key.ptr[0] == '[')
        host = hn_text_find_char(key, ']', 0) + 1;
    while (host < key.len && key.ptr[host] != ':' && key.ptr[host] != '/')
        host++;
    ret_key->host_len = (uint16_t)host;
    while (host < key.len && key.ptr[host] != '/')
        host++;
    ret_key->path_at = (uint16_t)host;
}

/* ---- Names ---- */

/* Lets the scanner pass the last label or word, and with it the name. */
static void let_pass(struct ioc_set *set, struct hn_text name)
{
    uint64_t hash = IOC_HASH_START;
    uint32_t bit;

    for (size_t i = name.len; i > 0 && name.ptr[i - 1] != '.'; i--)
        hash = ioc_hash_step(set->table.fold, hash, name.ptr[i - 1]);
    bit = ioc_last_label_bit(hash);
    set->last_labels[bit / 64] |= UINT64_C(1) << bit % 64;
    set->any_name = true;
}

/* The same for a distinctive word, which may have no dot: then it is looked for as a word. */
static void let_pass_word(struct ioc_set *set, char after, struct hn_text word)
{
    set->any_name = true;
    if (hn_text_find_char(word, '.', 0) != SIZE_MAX) {
        let_pass(set, word);
        if (after != IOC_AFTER_ANY)
            ioc_words_put(&set->dotted, after, word);
    } else if (hn_is_ascii(word)) {
        ioc_words_put(&set->words, after, word);
    } else {
        set->any_wide_word = true;
    }
}

static void add_host_gate(struct ioc_set *set, struct hn_text host)
{
    struct hn_ip ip;

    if (hn_ip_parse(host, &ip)) {
        ioc_table_put_gate(&set->table, IOC_SPACE_IP, ioc_hash_ip(&set->table, &ip));
        set->any_v4 = set->any_v4 || hn_ip_is_v4(&ip);
        set->any_v6 = set->any_v6 || !hn_ip_is_v4(&ip);
        return;
    }
    ioc_table_put_gate(&set->table, IOC_SPACE_NAME, ioc_hash_name(&set->table, host));
    let_pass(set, host);
}

/* ---- Listings of one key ---- */

/* Adds a listing to an indicator that is there already. */
static void join(struct ioc_set *set, uint32_t first, uint32_t index)
{
    struct ioc_record *records = set->store.records.ptr;
    struct ioc_record *record = &records[index];
    uint32_t at = first;

    for (int i = 0; i < CHAIN_LOOK_MAX && at != IOC_NONE; i++) {
        if (records[at].port == record->port && set->store.metas.ptr[records[at].meta].source ==
                                                        set->store.metas.ptr[record->meta].source) {
            record->flags |= IOC_FLAG_DROPPED;
            set->stats.duplicates++;
            return;
        }
        at = records[at].next;
    }
    record->next = records[first].next;
    records[first].next = index;
}

/* Puts the record under this hash unless an equal key is there; then joins it. */
static void put(struct sealing *sealing, enum ioc_space space, uint64_t hash, uint32_t index)
{
    struct ioc_set *set = sealing->set;
    const struct ioc_record *record = &set->store.records.ptr[index];
    uint32_t first = ioc_find_key(
            set, space, hash, sealing->key.type, hn_text_of(sealing->key.text, sealing->key.len));

    if (first != IOC_NONE) {
        join(set, first, index);
        return;
    }
    ioc_table_put(&set->table, space, hash, index);
    set->stats.indicators++;
    set->stats.by_type[record->type]++;
}

static void put_filename(struct sealing *sealing, uint32_t index)
{
    struct ioc_set *set = sealing->set;
    struct hn_text name = { sealing->key.text, sealing->key.len };

    for (unsigned rank = 0; rank < ANCHOR_RANKS_MAX; rank++) {
        struct ioc_anchor anchor = ioc_anchor_of_filename(name, rank);
        struct hn_text word = hn_text_sub(name, anchor.at, anchor.len);
        uint64_t hash = ioc_hash_word(&set->table, anchor.after, word);
        uint64_t pos = UINT64_MAX;
        unsigned crowd = 0;
        uint32_t other;

        if (anchor.len == 0)
            break;
        while (ioc_table_next(&set->table, hash, &pos, &other))
            crowd++;
        if (crowd < CROWD_MAX) {
            put(sealing, IOC_SPACE_NAME, hash, index);
            let_pass_word(set, anchor.after, word);
            return;
        }
    }
    set->store.records.ptr[index].flags |= IOC_FLAG_DROPPED;
    set->stats.crowded++;
}

static void put_path(struct sealing *sealing, uint32_t index)
{
    struct ioc_set *set = sealing->set;
    struct hn_text path = { sealing->key.text, sealing->key.len };
    char room[IOC_KEY_MAX];
    struct ioc_path_anchor anchor;

    if (!ioc_anchor_of_path(path, room, &anchor))
        return; /* refused before it got here */
    ioc_table_put_gate(
            &set->table, IOC_SPACE_NAME, ioc_hash_word(&set->table, anchor.after, anchor.word));
    let_pass_word(set, anchor.after, anchor.word);
    set->any_path = true;
    set->any_wide_path = set->any_wide_path || anchor.wide;
    put(sealing, IOC_SPACE_PATH, ioc_hash_bytes(&set->table, IOC_SPACE_PATH, path), index);
}

static void put_url(struct sealing *sealing, uint32_t index)
{
    struct ioc_set *set = sealing->set;
    struct ioc_key *key = &sealing->key;
    struct hn_text url = { key->text, key->len };
    enum ioc_space space = key->prefix ? IOC_SPACE_PREFIX : IOC_SPACE_URL;

    add_host_gate(set, hn_text_sub(url, 0, key->host_len));
    set->any_url = true;
    put(sealing, space, ioc_hash_bytes(&set->table, space, url), index);
}

/* Marks each /16 that the IPv4 network touches. */
static void mark_blocks(struct ioc_set *set, const struct hn_ip *ip, unsigned prefix_len)
{
    uint32_t block = (uint32_t)ip->bytes[12] << 8 | ip->bytes[13];
    uint32_t count = prefix_len >= 16 ? 1 : UINT32_C(1) << (16 - prefix_len);

    for (; count > 0; count--, block++)
        set->v4_blocks[block / 64] |= UINT64_C(1) << block % 64;
}

static void put_address(struct sealing *sealing, uint32_t index)
{
    struct ioc_set *set = sealing->set;
    struct hn_ip ip = { { [10] = 0xFF, [11] = 0xFF } };
    unsigned prefix_len;

    if (sealing->key.type == IOC_IPV4)
        memcpy(ip.bytes + 12, sealing->key.text, 4);
    else
        memcpy(ip.bytes, sealing->key.text, 16);
    if (sealing->key.type != IOC_CIDR) {
        put(sealing, IOC_SPACE_IP, ioc_hash_ip(&set->table, &ip), index);
        set->any_v4 = set->any_v4 || hn_ip_is_v4(&ip);
        set->any_v6 = set->any_v6 || !hn_ip_is_v4(&ip);
        return;
    }
    prefix_len = (unsigned char)sealing->key.text[16];
    put(sealing, IOC_SPACE_CIDR, ioc_hash_cidr(&set->table, &ip, prefix_len), index);
    set->cidr_lengths[prefix_len / 64] |= UINT64_C(1) << prefix_len % 64;
    if (hn_ip_is_v4(&ip)) {
        mark_blocks(set, &ip, prefix_len - 96);
        set->any_v4 = true;
    } else {
        set->any_v6 = true;
    }
}

static void put_record(struct sealing *sealing, uint32_t index)
{
    struct ioc_set *set = sealing->set;
    struct hn_text key = { sealing->key.text, sealing->key.len };

    switch (sealing->key.type) {
    case IOC_DOMAIN:
        put(sealing, IOC_SPACE_NAME, ioc_hash_name(&set->table, key), index);
        let_pass(set, key);
        break;
    case IOC_URL:
        put_url(sealing, index);
        break;
    case IOC_PATH:
        put_path(sealing, index);
        break;
    case IOC_IPV4:
    case IOC_IPV6:
    case IOC_CIDR:
        put_address(sealing, index);
        break;
    case IOC_MD5:
    case IOC_SHA1:
    case IOC_SHA256:
    case IOC_SHA512:
        put(sealing, IOC_SPACE_HASH, ioc_hash_bytes(&set->table, IOC_SPACE_HASH, key), index);
        set->any_hash = true;
        break;
    case IOC_EMAIL:
        add_host_gate(set, hn_text_sub(key, hn_text_find_char(key, '@', 0) + 1, key.len));
        set->any_email = true;
        put(sealing, IOC_SPACE_EMAIL, ioc_hash_bytes(&set->table, IOC_SPACE_EMAIL, key), index);
        break;
    case IOC_FILENAME:
        put_filename(sealing, index);
        break;
    case IOC_TYPE_COUNT:
        assert(false);
    }
}

/* ---- Warning lists and digest ---- */

/* False when out of memory. */
static bool judge(struct sealing *sealing, uint32_t index)
{
    struct ioc_set *set = sealing->set;
    struct ioc_record *record = &set->store.records.ptr[index];
    struct ioc_warn_verdict verdict = { 0 };
    struct ioc_warned *warned;

    /* The site is its owner's; only what was put on it is an indicator. */
    if ((record->flags & IOC_FLAG_COMPROMISED) != 0 && record->type == IOC_DOMAIN)
        record->flags |= IOC_FLAG_SUPPRESSED;
    if (sealing->warnlists != NULL)
        verdict = ioc_warn_judge(sealing->warnlists, &sealing->key);
    if (!verdict.listed)
        return true;
    warned = hn_vec_add(&set->warned);
    if (warned == NULL)
        return false;
    *warned = (struct ioc_warned){ index, verdict.list_name };
    record->flags =
            (uint8_t)(record->flags | (verdict.suppress ? IOC_FLAG_SUPPRESSED : IOC_FLAG_FLAGGED) |
                      (verdict.legitimate_host ? IOC_FLAG_LEGITIMATE : 0));
    return true;
}

static struct hn_digest digest_of_text(const struct ioc_set *set, uint32_t number)
{
    struct hn_text text = set->store.texts.ptr[number];

    return hn_digest_of(text.ptr == NULL ? "" : text.ptr, text.len);
}

static struct hn_digest digest_of_meta(const struct ioc_set *set, const struct ioc_meta *meta)
{
    int64_t numbers[4] = { meta->first_seen, meta->last_seen, meta->confidence, meta->role };
    uint32_t texts[] = { meta->source, meta->family, meta->tags, meta->comment, meta->reference,
        meta->id };
    struct hn_digest digest = hn_digest_of(numbers, sizeof numbers);

    for (size_t i = 0; i < HN_COUNT_OF(texts); i++)
        digest = hn_digest_join(digest, digest_of_text(set, texts[i]));
    return digest;
}

/* A sum, so that the order of loading does not matter. */
static HN_WRAPS void add_to_digest(struct sealing *sealing, const struct ioc_record *record)
{
    struct ioc_set *set = sealing->set;
    unsigned flags = record->flags & ~(unsigned)IOC_FLAG_DROPPED;
    char head[4] = { (char)record->type, (char)flags, (char)(record->port >> 8),
        (char)(record->port & 0xFF) };
    struct hn_digest digest = hn_digest_join(
            hn_digest_of(head, sizeof head), hn_digest_of(sealing->key.text, sealing->key.len));

    if (record->meta != sealing->meta) {
        sealing->meta = record->meta;
        sealing->meta_digest = digest_of_meta(set, &set->store.metas.ptr[record->meta]);
    }
    digest = hn_digest_join(digest, sealing->meta_digest);
    set->stats.digest.high += digest.high;
    set->stats.digest.low += digest.low;
}

/* ---- Sizes ---- */

struct sizes {
    uint64_t keys[IOC_SPACE_COUNT];
    uint64_t words;
};

/* At most so many: some are duplicates, or share a gate. */
static void measure_record(
        const struct ioc_store *store, const struct ioc_record *record, struct sizes *sizes)
{
    char first = ioc_store_key(store, record->key).ptr[0];

    switch ((enum ioc_type)record->type) {
    case IOC_URL:
        sizes->keys[record->flags & IOC_FLAG_PREFIX ? IOC_SPACE_PREFIX : IOC_SPACE_URL]++;
        /* A name may start with a digit, an address with nothing else. */
        sizes->keys[IOC_SPACE_NAME] += first != '[';
        sizes->keys[IOC_SPACE_IP] += first == '[' || ioc_is(first, IOC_CH_DIGIT);
        break;
    case IOC_PATH:
        sizes->keys[IOC_SPACE_PATH]++;
        sizes->keys[IOC_SPACE_NAME]++;
        sizes->words++;
        break;
    case IOC_EMAIL:
        sizes->keys[IOC_SPACE_EMAIL]++;
        sizes->keys[IOC_SPACE_NAME]++;
        break;
    case IOC_FILENAME:
        sizes->keys[IOC_SPACE_NAME]++;
        sizes->words++;
        break;
    case IOC_DOMAIN:
        sizes->keys[IOC_SPACE_NAME]++;
        break;
    case IOC_IPV4:
    case IOC_IPV6:
        sizes->keys[IOC_SPACE_IP]++;
        break;
    case IOC_CIDR:
        sizes->keys[IOC_SPACE_CIDR]++;
        break;
    case IOC_MD5:
    case IOC_SHA1:
    case IOC_SHA256:
    case IOC_SHA512:
        sizes->keys[IOC_SPACE_HASH]++;
        break;
    case IOC_TYPE_COUNT:
        assert(false);
    }
}

static bool allocate_words(struct ioc_words *words, uint64_t count)
{
    words->bit_count = WORD_BITS_MIN;
    while (words->bit_count < count * WORD_BITS_PER)
        words->bit_count *= 2;
    words->heads = hn_calloc(IOC_WORD_HEADS / 64, sizeof *words->heads);
    words->bits = hn_calloc(words->bit_count / 64, sizeof *words->bits);
    return words->heads != NULL && words->bits != NULL;
}

static void free_words(struct ioc_words *words)
{
    hn_free(words->heads);
    hn_free(words->bits);
}

static enum hn_status allocate(struct ioc_set *set)
{
    struct sizes sizes = { 0 };
    enum hn_status status;

    for (size_t i = 0; i < set->store.records.count; i++)
        measure_record(&set->store, &set->store.records.ptr[i], &sizes);
    status = ioc_table_init(&set->table, sizes.keys);
    if (status != HN_OK)
        return status;
    set->last_labels = hn_calloc(IOC_LAST_LABEL_BITS / 64, sizeof *set->last_labels);
    set->v4_blocks = hn_calloc(IOC_V4_BLOCKS / 64, sizeof *set->v4_blocks);
    if (!allocate_words(&set->words, sizes.words) || !allocate_words(&set->dotted, sizes.words) ||
            set->last_labels == NULL || set->v4_blocks == NULL)
        return HN_NOMEM;
    return HN_OK;
}

/* Gives back what growing left over; keeping it is no failure. */
static void shrink(struct ioc_store *store)
{
    void *ptr;

    if (store->records.count > 0 &&
            (ptr = hn_realloc_array(store->records.ptr, store->records.count,
                     sizeof *store->records.ptr)) != NULL) {
        store->records.ptr = ptr;
        store->records.room = store->records.count;
    }
    if (store->keys.len > 0 && (ptr = hn_realloc(store->keys.ptr, store->keys.len)) != NULL) {
        store->keys.ptr = ptr;
        store->keys.room = store->keys.len;
    }
}

static void count_memory(struct ioc_set *set)
{
    const struct ioc_store *store = &set->store;

    set->stats.memory_bytes = sizeof *set + store->records.room * sizeof *store->records.ptr +
                              store->metas.room * sizeof *store->metas.ptr +
                              store->texts.room * sizeof *store->texts.ptr +
                              store->text_arena.used_bytes + store->keys.room +
                              ioc_table_bytes(&set->table) + set->words.bit_count / 8 +
                              IOC_WORD_HEADS / 8 + IOC_LAST_LABEL_BITS / 8 + IOC_V4_BLOCKS / 8 +
                              set->warned.room * sizeof *set->warned.ptr;
}

/* ---- All of it ---- */

static bool seal_records(struct sealing *sealing)
{
    struct ioc_set *set = sealing->set;

    for (uint32_t i = 0; i < set->store.records.count; i++) {
        struct ioc_record *record = &set->store.records.ptr[i];

        /* A seal that failed may have left marks. */
        record->next = IOC_NONE;
        record->flags &= (uint8_t) ~(
                IOC_FLAG_SUPPRESSED | IOC_FLAG_FLAGGED | IOC_FLAG_LEGITIMATE | IOC_FLAG_DROPPED);
        ioc_set_key(set, i, &sealing->key);
        if (!judge(sealing, i))
            return false;
        if ((record->flags & IOC_FLAG_SUPPRESSED) == 0)
            put_record(sealing, i);
        if ((record->flags & IOC_FLAG_DROPPED) != 0)
            continue;
        set->stats.suppressed += (record->flags & IOC_FLAG_SUPPRESSED) != 0;
        set->stats.flagged += (record->flags & IOC_FLAG_FLAGGED) != 0;
        add_to_digest(sealing, record);
    }
    return true;
}

/* Frees what the set has besides the store. */
static void free_indexes(struct ioc_set *set)
{
    ioc_table_deinit(&set->table);
    free_words(&set->words);
    free_words(&set->dotted);
    hn_free(set->last_labels);
    hn_free(set->v4_blocks);
    hn_vec_deinit(&set->warned);
}

enum hn_status ioc_seal(struct ioc_builder *builder, struct ioc_set **ret_set, struct hn_err *err)
{
    struct ioc_set *set = hn_calloc(1, sizeof *set);
    struct sealing sealing = { .set = set, .meta = IOC_NONE };
    enum hn_status status;

    if (set == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory for the indicator set");
    if (ioc_warnlists_any(builder->warnlists))
        sealing.warnlists = builder->warnlists;
    set->store = builder->store; /* lent until nothing can fail any more */
    status = allocate(set);
    if (status == HN_OK && !seal_records(&sealing))
        status = HN_NOMEM;
    if (status != HN_OK) {
        free_indexes(set);
        hn_free(set);
        return hn_fail(err, status, 0, "no memory for the index of %zu indicators",
                builder->store.records.count);
    }
    shrink(&set->store);
    set->stats.listings = (uint32_t)set->store.records.count;
    count_memory(set);
    atomic_init(&set->refs, 1);
    ioc_store_init(&builder->store, &builder->options.limits);
    hn_map_deinit(&builder->text_numbers);
    ioc_warnlists_free(builder->warnlists);
    builder->warnlists = NULL;
    *ret_set = set;
    return HN_OK;
}

struct ioc_set *ioc_set_ref(struct ioc_set *set)
{
    (void)atomic_fetch_add_explicit(&set->refs, 1, memory_order_relaxed);
    return set;
}

void ioc_set_unref(struct ioc_set *set)
{
    if (set == NULL || atomic_fetch_sub_explicit(&set->refs, 1, memory_order_acq_rel) != 1)
        return;
    free_indexes(set);
    ioc_store_deinit(&set->store);
    hn_free(set);
}
