/* ioc_build.c - collects indicators: refang, normal form, refusal or a listing of 20 bytes.
 *
 * Nothing is looked up here: duplicates and warning lists wait for ioc_seal(), when the number of
 * keys is known and the table can be made in its final size.
 * Leaves to others: reading formats (ioc_load.c), the table (ioc_seal.c). */
#include "base/mem.h"
#include "base/utf.h"
#include "ioc/ioc_internal.h"

#include <libpsl.h>

#define LIMITS_DEFAULT                           \
    {                                            \
        .file_bytes_max = (size_t)1 << 30,       \
        .line_bytes_max = (size_t)64 << 10,      \
        .depth_max = 64,                         \
        .findings_max = 1000,                    \
        .indicators_max = 100 * 1000 * 1000,     \
        .texts_bytes_max = (size_t)1 << 30,      \
    }

const struct ioc_limits ioc_limits_default = LIMITS_DEFAULT;
const struct ioc_options ioc_options_default = { .limits = LIMITS_DEFAULT, .now = HN_TIME_NONE };

const struct ioc_about ioc_about_nothing = {
    .confidence = IOC_CONFIDENCE_NONE,
    .first_seen = HN_TIME_NONE,
    .last_seen = HN_TIME_NONE,
    .valid_until = HN_TIME_NONE,
};

void ioc_store_init(struct ioc_store *store, const struct ioc_limits *limits)
{
    memset(store, 0, sizeof *store);
    hn_arena_init(&store->text_arena, limits->texts_bytes_max);
    hn_buf_init(&store->keys, UINT32_MAX); /* offsets are 32 bits */
}

void ioc_store_deinit(struct ioc_store *store)
{
    hn_vec_deinit(&store->records);
    hn_vec_deinit(&store->metas);
    hn_vec_deinit(&store->texts);
    hn_arena_deinit(&store->text_arena);
    hn_buf_deinit(&store->keys);
}

struct ioc_builder *ioc_builder_new(const struct ioc_options *options)
{
    struct ioc_builder *builder = hn_calloc(1, sizeof *builder);

    if (builder == NULL)
        return NULL;
    builder->options = options == NULL ? ioc_options_default : *options;
    ioc_store_init(&builder->store, &builder->options.limits);
    return builder;
}

void ioc_builder_free(struct ioc_builder *builder)
{
    if (builder == NULL)
        return;
    ioc_store_deinit(&builder->store);
    ioc_warnlists_free(builder->warnlists);
    hn_map_deinit(&builder->text_numbers);
    hn_buf_deinit(&builder->scratch);
    hn_free(builder);
}

void ioc_report_deinit(struct ioc_report *report)
{
    hn_vec_deinit(&report->findings);
}

/* ---- What goes with a listing ---- */

uint32_t ioc_text_number(struct ioc_builder *builder, struct hn_text text)
{
    struct ioc_store *store = &builder->store;
    uint32_t number;
    struct hn_text *kept;

    if (store->texts.count == 0 && hn_vec_add(&store->texts) == NULL) /* 0: the empty text */
        return IOC_NONE;
    if (text.len == 0)
        return 0;
    number = hn_map_find(&builder->text_numbers, text);
    if (number != HN_MAP_NONE)
        return number;
    text = hn_arena_text(&store->text_arena, text);
    if (text.ptr == NULL || (kept = hn_vec_add(&store->texts)) == NULL)
        return IOC_NONE;
    *kept = text;
    if (!hn_map_put(&builder->text_numbers, text, (uint32_t)store->texts.count - 1, &number)) {
        store->texts.count--;
        return IOC_NONE;
    }
    return number;
}

/* The status of a failed ioc_text_number(). */
static enum hn_status text_status(const struct ioc_builder *builder)
{
    enum hn_status status = hn_arena_status(&builder->store.text_arena);

    return status == HN_OK ? HN_NOMEM : status;
}

static bool same_meta(const struct ioc_meta *a, const struct ioc_meta *b)
{
    return a->source == b->source && a->family == b->family && a->tags == b->tags &&
            a->comment == b->comment && a->reference == b->reference && a->id == b->id &&
            a->first_seen == b->first_seen && a->last_seen == b->last_seen &&
            a->confidence == b->confidence && a->role == b->role;
}

static bool ensure_meta(struct ioc_reading *reading)
{
    struct ioc_builder *builder = reading->builder;
    struct ioc_store *store = &builder->store;
    const struct ioc_about *about = &reading->about;
    struct ioc_meta meta = { 0 };
    struct ioc_meta *added;

    if (reading->meta != IOC_NONE)
        return true;
    meta.source = ioc_text_number(builder, about->source);
    meta.family = ioc_text_number(builder, about->family);
    meta.tags = ioc_text_number(builder, about->tags);
    meta.comment = ioc_text_number(builder, about->comment);
    meta.reference = ioc_text_number(builder, about->reference);
    meta.id = ioc_text_number(builder, about->id);
    meta.first_seen = about->first_seen;
    meta.last_seen = about->last_seen;
    meta.confidence = about->confidence;
    meta.role = (uint8_t)about->role;
    if (meta.source == IOC_NONE || meta.family == IOC_NONE || meta.tags == IOC_NONE ||
            meta.comment == IOC_NONE || meta.reference == IOC_NONE || meta.id == IOC_NONE) {
        reading->status = text_status(builder);
        return false;
    }
    if (store->metas.count == 0 || !same_meta(&store->metas.ptr[store->metas.count - 1], &meta)) {
        added = hn_vec_add(&store->metas);
        if (added == NULL) {
            reading->status = HN_NOMEM;
            return false;
        }
        *added = meta;
    }
    reading->meta = (uint32_t)store->metas.count - 1;
    return true;
}

/* ---- Listings ---- */

/* Appends a key with its length in front; false when out of memory or past 4 GiB. */
static bool add_key(struct hn_buf *keys, const struct ioc_key *key)
{
    if (!hn_buf_reserve(keys, key->len + 2))
        return false;
    if (key->len >= 0x80)
        hn_buf_add_char(keys, (char)(0x80 | key->len >> 8));
    hn_buf_add_char(keys, (char)(key->len & 0xFF));
    hn_buf_add(keys, key->text, key->len);
    return true;
}

struct hn_text ioc_store_key(const struct ioc_store *store, uint32_t key)
{
    const unsigned char *ptr = (const unsigned char *)store->keys.ptr + key;
    size_t len = *ptr++;

    if (len >= 0x80)
        len = (len & 0x7F) << 8 | *ptr++;
    return (struct hn_text){ (const char *)ptr, len };
}

static bool add_record(struct ioc_reading *reading, const struct ioc_key *key)
{
    struct ioc_builder *builder = reading->builder;
    struct ioc_store *store = &builder->store;
    size_t offset = store->keys.len;
    struct ioc_record *record;

    if (store->records.count >= builder->options.limits.indicators_max ||
            store->records.count >= IOC_INDEX_MAX) {
        reading->status = HN_LIMIT;
        return false;
    }
    if (!ensure_meta(reading))
        return false;
    if (!add_key(&store->keys, key)) {
        reading->status = store->keys.status;
        store->keys.status = HN_OK; /* what is in there stays good */
        return false;
    }
    record = hn_vec_add(&store->records);
    if (record == NULL) {
        store->keys.len = offset;
        reading->status = HN_NOMEM;
        return false;
    }
    record->key = (uint32_t)offset;
    record->meta = reading->meta;
    record->line = reading->line;
    record->next = IOC_NONE;
    record->type = (uint8_t)key->type;
    record->port = key->port != 0 ? key->port : reading->about.port;
    record->flags = (uint8_t)((key->prefix ? IOC_FLAG_PREFIX : 0) |
            (reading->about.compromised ? IOC_FLAG_COMPROMISED : 0) |
            (unsigned)key->scheme << IOC_SCHEME_SHIFT);
    reading->report->accepted++;
    reading->report->accepted_by_type[key->type]++;
    return true;
}

/* "onion", "co.jp": everything below would match. */
static bool is_public_suffix(const struct ioc_key *key)
{
    char name[IOC_DOMAIN_MAX + 1];
    size_t labels = 1;
    size_t last = 0;

    for (size_t i = 0; i < key->len; i++) {
        if (key->text[i] == '.') {
            labels++;
            last = i + 1;
        }
    }
    /* Suffixes of several labels belong to countries; the look-up is not for millions of others. */
    if (labels == 1 || labels > 4 || (key->len - last != 2 && key->text[last] != 'x'))
        return labels == 1;
    memcpy(name, key->text, key->len);
    name[key->len] = '\0';
    return psl_is_public_suffix2(
                   psl_builtin(), name, PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE) != 0;
}

static enum ioc_reason add_range(
        struct ioc_reading *reading, struct hn_ip first, const struct hn_ip *last)
{
    struct ioc_key *key = &reading->builder->key;
    struct hn_ip at = first;
    struct hn_cidr cidr;
    bool more;

    do { /* all or nothing, so first without adding */
        char text[64];
        struct hn_buf network = ioc_fixed_buf(text, sizeof text);
        enum ioc_reason reason;

        more = ioc_range_next(&at, last, &cidr);
        ioc_key_of_cidr(&cidr, key);
        ioc_key_write(key, false, &network);
        reason = ioc_normal(IOC_CIDR, hn_buf_text(&network), key);
        if (reason != IOC_FINE)
            return reason;
    } while (more);
    do {
        more = ioc_range_next(&first, last, &cidr);
        ioc_key_of_cidr(&cidr, key);
        if (!add_record(reading, key))
            return IOC_FINE;
    } while (more);
    return IOC_FINE;
}

static enum ioc_reason take_plain(
        struct ioc_reading *reading, enum ioc_type type, struct hn_text value)
{
    struct ioc_builder *builder = reading->builder;
    struct ioc_key *key = &builder->key;
    enum ioc_reason reason;
    struct hn_ip first;
    struct hn_ip last;

    if (reading->about.valid_until != HN_TIME_NONE && builder->options.now != HN_TIME_NONE &&
            reading->about.valid_until < builder->options.now)
        return IOC_REASON_EXPIRED;
    if ((type == IOC_TYPE_ANY || type == IOC_IPV4 || type == IOC_IPV6 || type == IOC_CIDR) &&
            ioc_is_range(value, &first, &last))
        return add_range(reading, first, &last);
    reason = ioc_normal(type, value, key);
    if (reason != IOC_FINE)
        return reason;
    if (key->type == IOC_DOMAIN && !builder->options.accept_suffixes && is_public_suffix(key))
        return IOC_REASON_SUFFIX;
    (void)add_record(reading, key); /* a failure is in reading->status */
    return IOC_FINE;
}

bool ioc_try(struct ioc_reading *reading, enum ioc_type type, struct hn_text value,
        enum ioc_reason *ret_reason)
{
    struct hn_buf *scratch = &reading->builder->scratch;

    if (value.len > reading->builder->options.limits.line_bytes_max) {
        *ret_reason = IOC_REASON_LENGTH;
        return true;
    }
    if (!hn_is_ascii(value) && !hn_utf8_valid(hn_text_as_bytes(value))) {
        *ret_reason = IOC_REASON_UTF8;
        return true;
    }
    if (type != IOC_FILENAME) {
        hn_buf_reset(scratch);
        ioc_refang(scratch, value);
        if (!hn_buf_ok(scratch)) {
            reading->status = scratch->status;
            *ret_reason = IOC_FINE;
            return false;
        }
        value = hn_buf_text(scratch);
    }
    *ret_reason = take_plain(reading, type, value);
    return reading->status == HN_OK;
}

void ioc_refuse(struct ioc_reading *reading, enum ioc_reason reason, struct hn_text excerpt)
{
    struct ioc_report *report = reading->report;
    struct ioc_finding *finding;

    report->by_reason[reason]++;
    if (ioc_reason_is_skip(reason))
        report->skipped++;
    else
        report->rejected++;
    if (report->findings.count >= reading->builder->options.limits.findings_max ||
            (finding = hn_vec_add(&report->findings)) == NULL)
        return; /* counted all the same */
    finding->reason = reason;
    finding->line = reading->line;
    excerpt = hn_text_sub(excerpt, 0, IOC_EXCERPT_MAX);
    finding->excerpt_len = (uint8_t)excerpt.len;
    if (excerpt.len > 0)
        memcpy(finding->excerpt, excerpt.ptr, excerpt.len);
}

bool ioc_take(struct ioc_reading *reading, enum ioc_type type, struct hn_text value)
{
    enum ioc_reason reason;

    if (!ioc_try(reading, type, value, &reason))
        return false;
    if (reason != IOC_FINE)
        ioc_refuse(reading, reason, value);
    return true;
}

enum hn_status ioc_add(struct ioc_builder *builder, struct hn_text value,
        const struct ioc_indicator *about, enum ioc_reason *ret_reason, struct hn_err *err)
{
    struct ioc_report report = { 0 };
    struct ioc_reading reading = { .builder = builder,
        .report = &report,
        .about = ioc_about_nothing,
        .meta = IOC_NONE };
    enum ioc_reason reason;

    if (about != NULL) {
        reading.about = (struct ioc_about){ .role = about->role,
            .confidence = about->confidence,
            .compromised = about->compromised,
            .port = about->port,
            .source = about->source,
            .family = about->family,
            .tags = about->tags,
            .comment = about->comment,
            .reference = about->reference,
            .id = about->id,
            .first_seen = about->first_seen,
            .last_seen = about->last_seen,
            .valid_until = HN_TIME_NONE };
        reading.line = about->line;
    }
    if (!ioc_try(&reading, about == NULL ? IOC_TYPE_ANY : about->type, value, &reason))
        return hn_fail(err, reading.status, 0, "indicator could not be kept");
    if (ret_reason != NULL)
        *ret_reason = reason;
    return HN_OK;
}
