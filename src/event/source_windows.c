/* source_windows.c - the log source of a Windows event from channel, provider and event id.
 *
 * The channel decides the service, channel and event id the category, as the Sigma taxonomy lists
 * them; where the channel is missing or is a collector's own ("ForwardedEvents"), the provider
 * stands in for it. A category is given only when the provider fits as well, so that another
 * program that logs event id 1 never counts as Sysmon. The answer for a key is remembered: a
 * stream has few. */
#include "event/event_internal.h"

#include "event/source_windows.h"

#include "base/hash.h"
#include "base/mem.h"

struct windows_key {
    struct hn_text channel;
    struct hn_text provider;
    uint32_t event_id;
    uint32_t detail; /* enum windows_detail */
};

#define CACHE_SLOTS     512u
#define CACHE_KEY_BYTES 160u
#define CHANNEL_MAX     100u

struct source_entry {
    bool used;
    bool known; /* the tables have the channel or the provider */
    uint8_t channel_len;
    uint8_t provider_len;
    uint32_t event_id;
    uint32_t detail;
    kind_set kinds;
    char key[CACHE_KEY_BYTES]; /* channel, provider */
    struct hn_source source;
};

struct source_cache {
    struct source_entry entries[CACHE_SLOTS];
};

struct source_cache *source_cache_new(void)
{
    return hn_calloc(1, sizeof(struct source_cache));
}

void source_cache_free(struct source_cache *cache)
{
    hn_free(cache);
}

/* ---- Looking up a key ---- */

static const struct windows_channel *find_channel(struct hn_text name)
{
    for (size_t i = 0; i < windows_channels_count; i++) {
        if (hn_text_eq_nocase(hn_text_cstr(windows_channels[i].name), name))
            return &windows_channels[i];
    }
    return NULL;
}

static const struct windows_provider *find_provider(struct hn_text name)
{
    for (size_t i = 0; i < windows_providers_count; i++) {
        if (hn_text_eq_nocase(hn_text_cstr(windows_providers[i].name), name))
            return &windows_providers[i];
    }
    return NULL;
}

/* May the provider say what the channel does not? Channels of Microsoft's own that the tables do
 * not list ("Microsoft-Windows-PowerShell/Admin") are other logs of that provider. */
static bool channel_is_open(struct hn_text channel)
{
    return !hn_text_starts_nocase(channel, HN_TEXT("Microsoft-"));
}

static void add_categories(struct hn_source *source, const struct windows_key *key,
        const char *service, const struct windows_provider *provider)
{
    for (size_t i = 0; i < windows_categories_count; i++) {
        const struct windows_category *category = &windows_categories[i];

        if (category->event_id != key->event_id ||
                (category->detail != DETAIL_ANY && category->detail != key->detail))
            continue;
        if (key->provider.len > 0 && (provider == NULL || provider->program != category->program))
            continue;
        if (category->service == NULL ? key->provider.len > 0
                                      : service != NULL && strcmp(category->service, service) == 0)
            source_label(source, NULL, category->category, NULL);
    }
}

static kind_set kinds_of(const char *service, uint32_t event_id)
{
    kind_set kinds = KIND_BIT(KIND_WINDOWS);

    for (size_t i = 0; i < windows_kinds_count; i++) {
        const struct windows_kind *kind = &windows_kinds[i];

        if ((kind->event_id == 0 || kind->event_id == event_id) &&
                strcmp(kind->service, service == NULL ? "" : service) == 0)
            kinds |= kind->kinds;
    }
    return kinds;
}

static void resolve_key(const struct windows_key *key, struct source_entry *ret)
{
    const struct windows_channel *channel = find_channel(key->channel);
    const struct windows_provider *provider = find_provider(key->provider);
    const char *service = channel == NULL ? NULL : channel->service;
    struct hn_source *source = &ret->source;

    memset(source, 0, sizeof *source);
    ret->known = channel != NULL || provider != NULL;
    source->product = HN_TEXT("windows");
    if (hn_text_eq_nocase(key->provider, HN_TEXT("Microsoft-Windows-Eventlog")) &&
            (key->event_id == 1102 || key->event_id == 104))
        service = key->event_id == 1102 ? "security" : "system"; /* their Channel is the cleared */
    if (service == NULL && provider != NULL && channel_is_open(key->channel))
        service = provider->service;
    ret->kinds = kinds_of(service, key->event_id);
    if (service != NULL && strcmp(service, "rpcfw") == 0) {
        source_label(source, "rpc_firewall", "application", NULL);
        return;
    }
    if (service != NULL)
        source_label(source, NULL, NULL, service);
    if (channel != NULL && channel->other_service != NULL)
        source_label(source, NULL, NULL, channel->other_service);
    add_categories(source, key, service, provider);
}

/* ---- The key of an event ---- */

static enum windows_detail registry_word(struct hn_text word)
{
    if (hn_text_eq(word, HN_TEXT("CreateKey")))
        return DETAIL_ADD;
    if (hn_text_eq(word, HN_TEXT("DeleteKey")) || hn_text_eq(word, HN_TEXT("DeleteValue")))
        return DETAIL_DELETE;
    return DETAIL_ANY;
}

/* Sysmon 12 says in EventType what was done. NXLog overwrites that name with its own ("INFO"); the
 * rendered message still has it. */
static enum windows_detail registry_detail(struct hn_event *event)
{
    struct hn_text message;
    struct hn_text word;
    size_t at;

    for (uint32_t i = hn_event_first(event, HN_FIELD_EVENT_TYPE); i != HN_VALUE_NONE;
            i = hn_event_next(event, i)) {
        enum windows_detail detail = registry_word(hn_event_text(event, i));

        if (detail != DETAIL_ANY)
            return detail;
    }
    message = hn_event_field_text(event, HN_FIELD_MESSAGE);
    at = hn_text_find(hn_text_sub(message, 0, 512), HN_TEXT("EventType: "), 0);
    if (at == SIZE_MAX)
        return DETAIL_ANY;
    word = hn_text_sub(message, at + 11, 11);
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < 'A' || word.ptr[i] > 'z')
            word.len = i;
    }
    return registry_word(word);
}

/* Security 4657: %%1904 a new value, %%1905 changed, %%1906 deleted ([MS] "Audit Registry"). */
static enum windows_detail registry_audit_detail(struct hn_event *event)
{
    struct hn_text word = mark_text(event, MARK_OPERATION_TYPE);

    if (hn_text_eq(word, HN_TEXT("%%1906")) ||
            hn_text_find_nocase(word, HN_TEXT("deleted"), 0) != SIZE_MAX)
        return DETAIL_DELETE;
    return DETAIL_SET;
}

static uint32_t key_detail(struct hn_event *event, uint32_t event_id)
{
    switch (event_id) {
    case 12:
        return registry_detail(event);
    case 4657:
        return registry_audit_detail(event);
    case 4663:
        return hn_text_eq(mark_text(event, MARK_OBJECT_TYPE), HN_TEXT("File")) ? DETAIL_FILE
                                                                               : DETAIL_ANY;
    default:
        return DETAIL_ANY;
    }
}

static struct hn_text first_mark(
        struct hn_event *event, hn_field field, const enum mark *marks, size_t count)
{
    struct hn_text text = hn_event_field_text(event, field);

    for (size_t i = 0; text.len == 0 && i < count; i++)
        text = mark_text(event, marks[i]);
    if (text.ptr == NULL)
        text = HN_TEXT("");
    return text;
}

/* False when the event has no such keys. *ret_sure: under their own names, so that even a channel
 * unknown to us is one of Windows. */
static bool read_key(struct hn_event *event, struct windows_key *ret, bool *ret_sure)
{
    static const enum mark channels[] = { MARK_EVENT_LOG };
    static const enum mark providers[] = { MARK_SOURCE_NAME, MARK_EVENT_SOURCE, MARK_SOURCE,
        MARK_EVENT_PROVIDER };
    bool has_id = source_u32(event, HN_FIELD_EVENT_ID, &ret->event_id);

    *ret_sure = has_id && hn_event_has(event, HN_FIELD_CHANNEL) &&
                (hn_event_has(event, HN_FIELD_PROVIDER_NAME) ||
                        hn_event_has(event, HN_FIELD_COMPUTER) ||
                        mark_present(event, MARK_SOURCE_NAME));
    if (!has_id)
        has_id = source_u32(event, event->schema->marks[MARK_ID], &ret->event_id) ||
                 source_u32(event, event->schema->marks[MARK_EVENT_CODE], &ret->event_id);
    if (!has_id)
        ret->event_id = UINT32_MAX;
    ret->channel = first_mark(event, HN_FIELD_CHANNEL, channels, HN_COUNT_OF(channels));
    ret->provider = first_mark(event, HN_FIELD_PROVIDER_NAME, providers, HN_COUNT_OF(providers));
    ret->detail = key_detail(event, ret->event_id);
    return has_id && (ret->channel.len > 0 || ret->provider.len > 0);
}

static bool entry_is(const struct source_entry *entry, const struct windows_key *key)
{
    return entry->used && entry->event_id == key->event_id && entry->detail == key->detail &&
           entry->channel_len == key->channel.len && entry->provider_len == key->provider.len &&
           memcmp(entry->key, key->channel.ptr, key->channel.len) == 0 &&
           memcmp(entry->key + key->channel.len, key->provider.ptr, key->provider.len) == 0;
}

static const struct source_entry *find_entry(
        struct source_cache *cache, const struct windows_key *key, struct source_entry *spare)
{
    struct source_entry *entry;
    uint64_t hash;

    if (key->channel.len > CHANNEL_MAX || key->provider.len > CACHE_KEY_BYTES - CHANNEL_MAX) {
        resolve_key(key, spare);
        return spare;
    }
    hash = hn_hash_text(key->channel, key->event_id) ^ (uint64_t)key->provider.len << 7 ^
           key->detail;
    entry = &cache->entries[hash % CACHE_SLOTS];
    if (!entry_is(entry, key)) {
        resolve_key(key, entry);
        entry->used = true;
        entry->event_id = key->event_id;
        entry->detail = key->detail;
        entry->channel_len = (uint8_t)key->channel.len;
        entry->provider_len = (uint8_t)key->provider.len;
        memcpy(entry->key, key->channel.ptr, key->channel.len);
        memcpy(entry->key + key->channel.len, key->provider.ptr, key->provider.len);
    }
    return entry;
}

/* ---- Text instead of fields ---- */

/* Structured fields are there when one of these is: then nobody reads the text. */
static bool lacks_fields(const struct hn_event *event, kind_set kinds, uint32_t event_id)
{
    if ((kinds & KIND_BIT(KIND_SYSMON)) != 0)
        return !mark_present(event, MARK_UTC_TIME);
    return (kinds & KIND_BIT(KIND_SECURITY)) != 0 && message_is_known(event_id) &&
           !mark_present(event, MARK_SUBJECT_NAME) && !mark_present(event, MARK_TARGET_NAME) &&
           !mark_present(event, MARK_APPLICATION) && !mark_present(event, MARK_SERVICE_NAME) &&
           !mark_present(event, MARK_INTERFACE_UUID);
}

/* Some shippers send only the rendered text, or the event's XML as one string. */
static void fill_from_text(struct hn_event *event, kind_set kinds, uint32_t event_id)
{
    struct hn_text text;

    if (mark_present(event, MARK_EVENT_DATA)) {
        text = mark_text(event, MARK_EVENT_DATA);
        if (text.len > 0 && text.ptr[0] == '<')
            message_fill_xml(event, text);
    }
    if (!lacks_fields(event, kinds, event_id))
        return;
    text = hn_event_field_text(event, HN_FIELD_MESSAGE);
    if (text.len == 0)
        text = mark_text(event, MARK_DESCRIPTION); /* fluentd */
    if (text.len == 0)
        text = mark_text(event, MARK_DESCRIPTION_V1);
    message_fill(event, text,
            (kinds & KIND_BIT(KIND_SYSMON)) != 0 ? MESSAGE_SYSMON : MESSAGE_SECURITY, event_id);
}

bool source_windows(struct hn_event *event, kind_set *ret_kinds)
{
    struct windows_key key;
    struct source_entry spare;
    const struct source_entry *entry;
    bool sure;
    bool found = read_key(event, &key, &sure);

    if (!found && mark_present(event, MARK_RAW)) { /* Splunk, Cribl: the event is one text */
        message_fill_raw(event, mark_text(event, MARK_RAW));
        found = read_key(event, &key, &sure);
    }
    if (!found && event->origin != HN_ORIGIN_WINDOWS)
        return false;
    entry = find_entry(event->cache, &key, &spare);
    if (!entry->known && !sure && event->origin != HN_ORIGIN_WINDOWS)
        return false;
    event->source = entry->source;
    *ret_kinds = entry->kinds;
    fill_from_text(event, entry->kinds, key.event_id);
    return true;
}
