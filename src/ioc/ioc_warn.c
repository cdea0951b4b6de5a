/* ioc_warn.c - loads MISP warning lists: values that are no indicators, or that mean something
 * else.
 *
 * Everything goes into one map, so that asking a hundred lists costs as much as asking one.
 * Leaves to others: judging an indicator (ioc_warn_judge.c), reading files. */
#include "ioc/ioc_warn.h"

#include "base/mem.h"
#include "base/utf.h"
#include "ioc/ioc_json.h"

#define KEYS_BYTES_MAX    ((size_t)1 << 30)
#define REGEX_MATCH_MAX   100000
#define REGEX_DEPTH_MAX   1000
#define REGEX_PATTERN_MAX 4096

/* ---- What a list is about ---- */

/* Lists with these words in their name say where a value is, or whom it belongs to; malware is at
 * home there as well, so alone they do not suppress. */
static const char *const informing[] = { "dynamic dns", "disposable", "shortener", "link in bio",
    "lots", "ipfs", "parking", "sinkhole", "vpn", "relay", "cdn", "aws", "azure", "gcp", "oracle",
    "ovh", "cloudflare ip", "fastly", "akamai", "github ip", "scan", "connection-attempt",
    "source ip", "external ip", "cortex", "check-host", "telegram", "zscaler", "smtp" };

static bool is_informing(struct hn_text name)
{
    for (size_t i = 0; i < HN_COUNT_OF(informing); i++) {
        if (hn_text_find_nocase(name, hn_text_cstr(informing[i]), 0) != SIZE_MAX)
            return true;
    }
    return false;
}

#define BIT(type) (UINT32_C(1) << (type))
#define HOSTS     BIT(IOC_DOMAIN)
#define ADDRESSES (BIT(IOC_IPV4) | BIT(IOC_IPV6) | BIT(IOC_CIDR))

static const struct {
    const char *attribute;
    uint32_t types;
} attributes[] = {
    { "domain", HOSTS },
    { "hostname", HOSTS },
    { "hostname|port", HOSTS },
    { "domain|ip", HOSTS | ADDRESSES },
    { "url", BIT(IOC_URL) },
    { "uri", BIT(IOC_URL) | BIT(IOC_PATH) },
    { "link", BIT(IOC_URL) },
    { "ip-src", ADDRESSES },
    { "ip-dst", ADDRESSES },
    { "ip-src|port", ADDRESSES },
    { "ip-dst|port", ADDRESSES },
    { "md5", BIT(IOC_MD5) },
    { "filename|md5", BIT(IOC_MD5) },
    { "sha1", BIT(IOC_SHA1) },
    { "filename|sha1", BIT(IOC_SHA1) },
    { "sha256", BIT(IOC_SHA256) },
    { "filename|sha256", BIT(IOC_SHA256) },
    { "sha512", BIT(IOC_SHA512) },
    { "filename|sha512", BIT(IOC_SHA512) },
    { "email", BIT(IOC_EMAIL) },
    { "email-src", BIT(IOC_EMAIL) },
    { "email-dst", BIT(IOC_EMAIL) },
    { "filename", BIT(IOC_FILENAME) },
};

/* Without matching_attributes a list is about everything. */
static uint32_t types_of(const json_t *root)
{
    const json_t *names = ioc_json_array(root, "matching_attributes");
    uint32_t types = 0;

    if (names == NULL)
        return BIT(IOC_TYPE_COUNT) - 1;
    for (size_t i = 0; i < json_array_size(names); i++) {
        struct hn_text name = ioc_json_value(json_array_get(names, i));

        for (size_t k = 0; k < HN_COUNT_OF(attributes); k++) {
            if (hn_text_eq(name, hn_text_cstr(attributes[k].attribute)))
                types |= attributes[k].types;
        }
    }
    return types;
}

/* ---- Entries ---- */

struct loading {
    struct ioc_builder *builder;
    struct ioc_warnlists *lists;
    struct ioc_reading *reading; /* for the report */
    uint32_t list;
    uint32_t types;
};

static bool no_memory(struct loading *loading)
{
    loading->reading->status = HN_NOMEM;
    return false;
}

static bool add_key(struct loading *loading, struct hn_text value, char mark, enum ioc_type type)
{
    struct ioc_warnlists *lists = loading->lists;
    uint32_t index = (uint32_t)lists->entries.count;
    char *key = hn_arena_raw(&lists->arena, value.len + WARN_MARK_LEN, 1);
    struct warn_entry *entry;
    uint32_t first;

    if (key == NULL || (entry = hn_vec_add(&lists->entries)) == NULL)
        return no_memory(loading);
    *entry = (struct warn_entry){ loading->list, IOC_NONE };
    memcpy(key, value.ptr, value.len);
    key[value.len] = mark;
    key[value.len + 1] = mark == WARN_MARK_SAME ? (char)type : '\0';
    if (!hn_map_put(&lists->keys, hn_text_of(key, value.len + WARN_MARK_LEN), index, &first))
        return no_memory(loading);
    if (first != index) {
        entry->next = lists->entries.ptr[first].next;
        lists->entries.ptr[first].next = index;
    }
    loading->reading->report->accepted++;
    return true;
}

static bool refuse(struct loading *loading, enum ioc_reason reason, struct hn_text value)
{
    ioc_refuse(loading->reading, reason, value);
    return true;
}

static bool add_host(struct loading *loading, struct hn_text value)
{
    char host[IOC_HOST_ROOM];
    size_t len;

    if (hn_text_starts(value, HN_TEXT(".")))
        value = hn_text_sub(value, 1, value.len);
    len = ioc_host_normal(value, host);
    if (len == 0)
        return refuse(loading, IOC_REASON_DOMAIN, value);
    return add_key(loading, hn_text_of(host, len), WARN_MARK_HOST, IOC_DOMAIN);
}

static bool add_same(struct loading *loading, struct hn_text value)
{
    struct ioc_key *key = &loading->builder->key;
    enum ioc_reason reason;

    if (hn_text_starts(value, HN_TEXT("."))) /* a suffix, whatever the list's type says */
        return add_host(loading, value);
    reason = ioc_normal(IOC_TYPE_ANY, value, key);
    if (reason == IOC_REASON_UNKNOWN || key->type == IOC_FILENAME)
        reason = ioc_normal(IOC_DOMAIN, value, key); /* "AAA", "update.zip" */
    if (reason == IOC_REASON_GENERAL)
        return true; /* no such indicator is ever taken */
    if (reason != IOC_FINE)
        return refuse(loading, reason, value);
    return add_key(loading, hn_text_of(key->text, key->len), WARN_MARK_SAME, key->type);
}

static bool add_cidr(struct loading *loading, struct hn_text value)
{
    struct hn_cidr cidr;
    char key[17];

    if (!hn_cidr_parse(value, &cidr, NULL))
        return refuse(loading, IOC_REASON_IP, value);
    memcpy(key, cidr.address.bytes, 16);
    key[16] = (char)cidr.prefix_len;
    loading->lists->cidr_lengths[cidr.prefix_len / 64] |= UINT64_C(1) << cidr.prefix_len % 64;
    return add_key(loading, hn_text_of(key, sizeof key), WARN_MARK_CIDR, IOC_CIDR);
}

static bool add_substring(struct loading *loading, struct hn_text value)
{
    struct ioc_warnlists *lists = loading->lists;
    uint32_t index = (uint32_t)lists->substrings.count;
    struct warn_substring *added;
    uint32_t first;
    char *folded;
    size_t len;

    if (value.len > IOC_KEY_MAX)
        return refuse(loading, IOC_REASON_LENGTH, value);
    folded = hn_arena_raw(&lists->arena, HN_FOLD_ROOM(value.len), 1);
    if (folded == NULL)
        return no_memory(loading);
    len = hn_fold(value, folded);
    if (len < WARN_GRAM)
        return refuse(loading, IOC_REASON_GENERAL, value);
    added = hn_vec_add(&lists->substrings);
    if (added == NULL)
        return no_memory(loading);
    *added = (struct warn_substring){ hn_text_of(folded, len), loading->list, IOC_NONE };
    if (!hn_map_put(&lists->grams, hn_text_of(folded, WARN_GRAM), index, &first)) {
        lists->substrings.count--;
        return no_memory(loading);
    }
    if (first != index) {
        added->next = lists->substrings.ptr[first].next;
        lists->substrings.ptr[first].next = index;
    }
    loading->reading->report->accepted++;
    return true;
}

static bool ensure_match_data(struct ioc_warnlists *lists)
{
    if (lists->match_data == NULL)
        lists->match_data = pcre2_match_data_create(1, NULL);
    if (lists->match_context == NULL) {
        lists->match_context = pcre2_match_context_create(NULL);
        if (lists->match_context != NULL) {
            (void)pcre2_set_match_limit(lists->match_context, REGEX_MATCH_MAX);
            (void)pcre2_set_depth_limit(lists->match_context, REGEX_DEPTH_MAX);
        }
    }
    return lists->match_data != NULL && lists->match_context != NULL;
}

/* "/pattern/flags", as PHP has it. */
static bool add_regex(struct loading *loading, struct hn_text value)
{
    struct ioc_warnlists *lists = loading->lists;
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
    size_t end = value.len;
    struct warn_regex *added;
    pcre2_code *code;
    PCRE2_SIZE where;
    int error;

    while (end > 0 && value.ptr[end - 1] != '/')
        end--;
    if (end < 2 || value.ptr[0] != '/' || end > REGEX_PATTERN_MAX)
        return refuse(loading, IOC_REASON_PATTERN, value);
    if (hn_text_find_char(value, 'i', end) != SIZE_MAX)
        options |= PCRE2_CASELESS;
    if (!ensure_match_data(lists))
        return no_memory(loading);
    code = pcre2_compile((PCRE2_SPTR)(value.ptr + 1), end - 2, options, &error, &where, NULL);
    if (code == NULL)
        return error == PCRE2_ERROR_NOMEMORY ? no_memory(loading)
                                             : refuse(loading, IOC_REASON_PATTERN, value);
    added = hn_vec_add(&lists->regexes);
    if (added == NULL) {
        pcre2_code_free(code);
        return no_memory(loading);
    }
    *added = (struct warn_regex){ code, loading->list };
    loading->reading->report->accepted++;
    return true;
}

/* ---- Lists ---- */

typedef bool add_entry(struct loading *loading, struct hn_text value);

static const struct {
    const char *type;
    add_entry *add;
} list_types[] = {
    { "string", add_same },
    { "hostname", add_host },
    { "cidr", add_cidr },
    { "substring", add_substring },
    { "regex", add_regex },
};

static add_entry *adder_of(struct hn_text type)
{
    for (size_t i = 0; i < HN_COUNT_OF(list_types); i++) {
        if (hn_text_eq(type, hn_text_cstr(list_types[i].type)))
            return list_types[i].add;
    }
    return NULL;
}

static bool start_list(struct loading *loading, const json_t *root, enum ioc_warn_use use)
{
    struct hn_text name = ioc_json_text(root, "name");
    uint32_t number = ioc_text_number(loading->builder, name);
    struct warn_list *list;

    if (number == IOC_NONE || (list = hn_vec_add(&loading->lists->lists)) == NULL)
        return no_memory(loading);
    *list = (struct warn_list){ number, types_of(root), use, is_informing(name) };
    loading->list = (uint32_t)loading->lists->lists.count - 1;
    loading->types = list->types;
    return true;
}

static void read_entries(struct loading *loading, const json_t *entries, add_entry *add)
{
    size_t count = json_array_size(entries);

    for (size_t i = 0; i < count; i++) {
        struct hn_text value = hn_text_trim(ioc_json_value(json_array_get(entries, i)));

        loading->reading->line = (uint32_t)i + 1;
        loading->reading->report->entries++;
        if (value.len == 0)
            (void)refuse(loading, IOC_REASON_SHAPE, value);
        else if (loading->types == 0)
            (void)refuse(loading, IOC_REASON_CONTEXT, value);
        else if (!add(loading, value))
            return;
    }
}

static struct ioc_warnlists *ensure_lists(struct ioc_builder *builder)
{
    if (builder->warnlists == NULL) {
        builder->warnlists = hn_calloc(1, sizeof *builder->warnlists);
        if (builder->warnlists != NULL)
            hn_arena_init(&builder->warnlists->arena, KEYS_BYTES_MAX);
    }
    return builder->warnlists;
}

enum hn_status ioc_warnlist_load(struct ioc_builder *builder, struct hn_bytes json,
        enum ioc_warn_use use, struct ioc_report *report, struct hn_err *err)
{
    struct ioc_report unseen = { 0 };
    struct ioc_reading reading = { .builder = builder,
        .report = report == NULL ? &unseen : report };
    struct loading loading = {
        .builder = builder, .lists = ensure_lists(builder), .reading = &reading
    };
    enum hn_status status;
    const json_t *entries;
    add_entry *add;
    json_t *root;

    if (loading.lists == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory for warning lists");
    if (json.len > builder->options.limits.file_bytes_max)
        return hn_fail(
                err, HN_LIMIT, 0, "larger than %zu bytes", builder->options.limits.file_bytes_max);
    status = ioc_json_load(json, &builder->options.limits, &root, err);
    if (status != HN_OK)
        return status;
    reading.report->format = IOC_FORMAT_WARNINGLIST;
    entries = json_object_get(root, "list");
    add = adder_of(ioc_json_text(root, "type"));
    if (!json_is_array(entries) || add == NULL || ioc_json_text(root, "name").len == 0) {
        status = hn_fail(err, HN_UNSUPPORTED, 0,
                "no warning list: name, type (string, hostname, cidr, substring, regex) or list is "
                "missing");
    } else if (start_list(&loading, root, use)) {
        read_entries(&loading, entries, add);
    }
    if (reading.status != HN_OK)
        status = hn_fail(err, reading.status, 0, "no memory for a warning list");
    json_decref(root);
    ioc_report_deinit(&unseen);
    return status;
}

bool ioc_warnlists_any(const struct ioc_warnlists *lists)
{
    return lists != NULL && lists->lists.count > 0;
}

void ioc_warnlists_free(struct ioc_warnlists *lists)
{
    if (lists == NULL)
        return;
    for (size_t i = 0; i < lists->regexes.count; i++)
        pcre2_code_free(lists->regexes.ptr[i].code);
    pcre2_match_data_free(lists->match_data);
    pcre2_match_context_free(lists->match_context);
    hn_map_deinit(&lists->keys);
    hn_map_deinit(&lists->grams);
    hn_vec_deinit(&lists->lists);
    hn_vec_deinit(&lists->entries);
    hn_vec_deinit(&lists->substrings);
    hn_vec_deinit(&lists->regexes);
    hn_arena_deinit(&lists->arena);
    hn_free(lists);
}
