/* source.c - which Sigma log source an event belongs to.
 *
 * For Windows, channel decides the service and channel with event id the category, as the Sigma
 * taxonomy lists them; where the channel is missing or is the collector's own ("ForwardedEvents"),
 * the provider stands in for it. A category is given only when the provider fits as well, so that
 * another program that logs event id 1 never counts as Sysmon. */
#include "event/event_internal.h"

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"

struct windows_channel {
    const char *channel; /* lower case */
    const char *service;
};

static const struct windows_channel windows_channels[] = {
    { "application", "application" },
    { "dns server", "dns-server" },
    { "microsoft-iis-configuration/operational", "iis-configuration" },
    { "microsoft-servicebus-client/admin", "servicebus-client" },
    { "microsoft-servicebus-client/operational", "servicebus-client" },
    { "microsoft-windows-application-experience/program-compatibility-assistant",
            "application-experience" },
    { "microsoft-windows-application-experience/program-telemetry", "application-experience" },
    { "microsoft-windows-applocker/exe and dll", "applocker" },
    { "microsoft-windows-applocker/msi and script", "applocker" },
    { "microsoft-windows-applocker/packaged app-deployment", "applocker" },
    { "microsoft-windows-applocker/packaged app-execution", "applocker" },
    { "microsoft-windows-appmodel-runtime/admin", "appmodel-runtime" },
    { "microsoft-windows-appxdeploymentserver/operational", "appxdeployment-server" },
    { "microsoft-windows-appxpackaging/operational", "appxpackaging-om" },
    { "microsoft-windows-bitlocker/bitlocker management", "bitlocker" },
    { "microsoft-windows-bits-client/operational", "bits-client" },
    { "microsoft-windows-capi2/operational", "capi2" },
    { "microsoft-windows-certificateservicesclient-lifecycle-system/operational",
            "certificateservicesclient-lifecycle-system" },
    { "microsoft-windows-codeintegrity/operational", "codeintegrity-operational" },
    { "microsoft-windows-dhcp-server/operational", "dhcp" },
    { "microsoft-windows-diagnosis-scripted/operational", "diagnosis-scripted" },
    { "microsoft-windows-dns client events/operational", "dns-client" },
    { "microsoft-windows-dns-client/operational", "dns-client" },
    { "microsoft-windows-dns-server/analytical", "dns-server-analytic" },
    { "microsoft-windows-dns-server/audit", "dns-server-audit" },
    { "microsoft-windows-driverframeworks-usermode/operational", "driver-framework" },
    { "microsoft-windows-hyper-v-worker", "hyper-v-worker" },
    { "microsoft-windows-hyper-v-worker-admin", "hyper-v-worker" },
    { "microsoft-windows-hyper-v-worker/admin", "hyper-v-worker" },
    { "microsoft-windows-kernel-eventtracing", "kernel-event-tracing" },
    { "microsoft-windows-kernel-eventtracing/admin", "kernel-event-tracing" },
    { "microsoft-windows-kernel-shimengine/diagnostic", "kernel-shimengine" },
    { "microsoft-windows-kernel-shimengine/operational", "kernel-shimengine" },
    { "microsoft-windows-ldap-client/debug", "ldap" },
    { "microsoft-windows-lsa/operational", "lsa-server" },
    { "microsoft-windows-ntfs/operational", "ntfs" },
    { "microsoft-windows-ntlm/operational", "ntlm" },
    { "microsoft-windows-powershell/operational", "powershell" },
    { "microsoft-windows-printservice/admin", "printservice-admin" },
    { "microsoft-windows-printservice/operational", "printservice-operational" },
    { "microsoft-windows-security-mitigations/kernel mode", "security-mitigations" },
    { "microsoft-windows-security-mitigations/kernelmode", "security-mitigations" },
    { "microsoft-windows-security-mitigations/user mode", "security-mitigations" },
    { "microsoft-windows-security-mitigations/usermode", "security-mitigations" },
    { "microsoft-windows-sense/operational", "sense" },
    { "microsoft-windows-shell-core/operational", "shell-core" },
    { "microsoft-windows-smbclient/connectivity", "smbclient-connectivity" },
    { "microsoft-windows-smbclient/security", "smbclient-security" },
    { "microsoft-windows-smbserver/connectivity", "smbserver-connectivity" },
    { "microsoft-windows-sysmon/operational", "sysmon" },
    { "microsoft-windows-taskscheduler/operational", "taskscheduler" },
    { "microsoft-windows-terminalservices-localsessionmanager/operational",
            "terminalservices-localsessionmanager" },
    { "microsoft-windows-vhdmp-operational", "vhdmp" },
    { "microsoft-windows-vhdmp/operational", "vhdmp" },
    { "microsoft-windows-windows defender/operational", "windefend" },
    { "microsoft-windows-windows firewall with advanced security/firewall", "firewall-as" },
    { "microsoft-windows-wmi-activity/operational", "wmi" },
    { "msexchange management", "msexchange-management" },
    { "openssh/operational", "openssh" },
    { "powershellcore/operational", "powershell" },
    { "security", "security" },
    { "system", "system" },
    { "windows powershell", "powershell-classic" },
};

/* What a provider logs to, for events without a usable channel. */
static const struct windows_channel windows_providers[] = {
    { "microsoft-windows-powershell", "powershell" },
    { "microsoft-windows-security-auditing", "security" },
    { "microsoft-windows-sysmon", "sysmon" },
    { "microsoft-windows-taskscheduler", "taskscheduler" },
    { "microsoft-windows-windows defender", "windefend" },
    { "microsoft-windows-wmi-activity", "wmi" },
    { "powershell", "powershell-classic" },
    { "powershellcore", "powershell" },
    { "service control manager", "system" },
};

static const struct {
    const char *service;
    uint32_t event_id;
    const char *provider; /* must be this one where the event names one */
    const char *category;
} windows_categories[] = {
    { "sysmon", 1, "Microsoft-Windows-Sysmon", "process_creation" },
    { "sysmon", 2, "Microsoft-Windows-Sysmon", "file_change" },
    { "sysmon", 3, "Microsoft-Windows-Sysmon", "network_connection" },
    { "sysmon", 4, "Microsoft-Windows-Sysmon", "sysmon_status" },
    { "sysmon", 5, "Microsoft-Windows-Sysmon", "process_termination" },
    { "sysmon", 6, "Microsoft-Windows-Sysmon", "driver_load" },
    { "sysmon", 7, "Microsoft-Windows-Sysmon", "image_load" },
    { "sysmon", 8, "Microsoft-Windows-Sysmon", "create_remote_thread" },
    { "sysmon", 9, "Microsoft-Windows-Sysmon", "raw_access_thread" },
    { "sysmon", 9, "Microsoft-Windows-Sysmon", "raw_access_read" },
    { "sysmon", 10, "Microsoft-Windows-Sysmon", "process_access" },
    { "sysmon", 11, "Microsoft-Windows-Sysmon", "file_event" },
    { "sysmon", 12, "Microsoft-Windows-Sysmon", "registry_event" },
    { "sysmon", 13, "Microsoft-Windows-Sysmon", "registry_event" },
    { "sysmon", 13, "Microsoft-Windows-Sysmon", "registry_set" },
    { "sysmon", 14, "Microsoft-Windows-Sysmon", "registry_event" },
    { "sysmon", 14, "Microsoft-Windows-Sysmon", "registry_rename" },
    { "sysmon", 15, "Microsoft-Windows-Sysmon", "create_stream_hash" },
    { "sysmon", 16, "Microsoft-Windows-Sysmon", "sysmon_status" },
    { "sysmon", 17, "Microsoft-Windows-Sysmon", "pipe_created" },
    { "sysmon", 18, "Microsoft-Windows-Sysmon", "pipe_created" },
    { "sysmon", 19, "Microsoft-Windows-Sysmon", "wmi_event" },
    { "sysmon", 20, "Microsoft-Windows-Sysmon", "wmi_event" },
    { "sysmon", 21, "Microsoft-Windows-Sysmon", "wmi_event" },
    { "sysmon", 22, "Microsoft-Windows-Sysmon", "dns_query" },
    { "sysmon", 23, "Microsoft-Windows-Sysmon", "file_delete" },
    { "sysmon", 24, "Microsoft-Windows-Sysmon", "clipboard_capture" },
    { "sysmon", 25, "Microsoft-Windows-Sysmon", "process_tampering" },
    { "sysmon", 26, "Microsoft-Windows-Sysmon", "file_delete_detected" },
    { "sysmon", 26, "Microsoft-Windows-Sysmon", "file_delete" },
    { "sysmon", 27, "Microsoft-Windows-Sysmon", "file_block_executable" },
    { "sysmon", 28, "Microsoft-Windows-Sysmon", "file_block_shredding" },
    { "sysmon", 29, "Microsoft-Windows-Sysmon", "file_executable_detected" },
    { "sysmon", 255, "Microsoft-Windows-Sysmon", "sysmon_error" },
    { "security", 4688, "Microsoft-Windows-Security-Auditing", "process_creation" },
    { "security", 4689, "Microsoft-Windows-Security-Auditing", "process_termination" },
    { "security", 5156, "Microsoft-Windows-Security-Auditing", "network_connection" },
    { "security", 4657, "Microsoft-Windows-Security-Auditing", "registry_event" },
    { "powershell", 4103, "Microsoft-Windows-PowerShell", "ps_module" },
    { "powershell", 4104, "Microsoft-Windows-PowerShell", "ps_script" },
    { "powershell-classic", 400, "PowerShell", "ps_classic_start" },
    { "powershell-classic", 600, "PowerShell", "ps_classic_provider_start" },
    { "powershell-classic", 800, "PowerShell", "ps_classic_script" },
    { "windefend", 1006, "Microsoft-Windows-Windows Defender", "antivirus" },
    { "windefend", 1007, "Microsoft-Windows-Windows Defender", "antivirus" },
    { "windefend", 1008, "Microsoft-Windows-Windows Defender", "antivirus" },
    { "windefend", 1009, "Microsoft-Windows-Windows Defender", "antivirus" },
    { "windefend", 1010, "Microsoft-Windows-Windows Defender", "antivirus" },
    { "windefend", 1011, "Microsoft-Windows-Windows Defender", "antivirus" },
    { "windefend", 1012, "Microsoft-Windows-Windows Defender", "antivirus" },
    { "windefend", 1017, "Microsoft-Windows-Windows Defender", "antivirus" },
    { "windefend", 1018, "Microsoft-Windows-Windows Defender", "antivirus" },
    { "windefend", 1019, "Microsoft-Windows-Windows Defender", "antivirus" },
    { "windefend", 1115, "Microsoft-Windows-Windows Defender", "antivirus" },
    { "windefend", 1116, "Microsoft-Windows-Windows Defender", "antivirus" },
    { "windefend", 1117, "Microsoft-Windows-Windows Defender", "antivirus" },
};

/* ---- What hn_source_fits() and friends need ------------------------------------------------- */

static bool label_among(const struct hn_text *labels, struct hn_text wanted)
{
    for (size_t i = 0; i < HN_LABELS_MAX && labels[i].len > 0; i++) {
        if (hn_text_eq(labels[i], wanted))
            return true;
    }
    return false;
}

bool hn_source_fits(const struct hn_source *source, const struct hn_logsource *rule)
{
    return (rule->product.len == 0 || hn_text_eq(source->product, rule->product)) &&
           (rule->category.len == 0 || label_among(source->category, rule->category)) &&
           (rule->service.len == 0 || label_among(source->service, rule->service));
}

static void add_label(struct hn_text *labels, struct hn_text label)
{
    for (size_t i = 0; i < HN_LABELS_MAX; i++) {
        if (hn_text_eq(labels[i], label))
            return;
        if (labels[i].len == 0) {
            labels[i] = label;
            return;
        }
    }
}

void hn_source_add_category(struct hn_source *source, struct hn_text category)
{
    add_label(source->category, category);
}

void hn_source_add_service(struct hn_source *source, struct hn_text service)
{
    add_label(source->service, service);
}

/* ---- Windows ----------------------------------------------------------------------------------
 */

struct windows_key {
    struct hn_text channel;
    struct hn_text provider;
    uint32_t event_id;
    uint32_t event_type; /* enum registry_type, for Sysmon 12 */
};

enum registry_type { REGISTRY_OTHER, REGISTRY_ADD, REGISTRY_DELETE };

#define CACHE_SLOTS     512u
#define CACHE_KEY_BYTES 160u

struct source_entry {
    bool used;
    uint8_t channel_len;
    uint8_t provider_len;
    uint32_t event_id;
    uint32_t event_type;
    uint32_t kinds;
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

static const char *table_find(
        const struct windows_channel *table, size_t count, struct hn_text wanted)
{
    for (size_t i = 0; i < count; i++) {
        if (hn_text_eq_nocase(hn_text_cstr(table[i].channel), wanted))
            return table[i].service;
    }
    return NULL;
}

static uint32_t windows_kinds(const struct hn_source *source, uint32_t event_id)
{
    uint32_t kinds = KIND_BIT(KIND_ANY) | KIND_BIT(KIND_WINDOWS);
    struct hn_text service = source->service[0];

    if (hn_text_eq(service, HN_TEXT("sysmon")))
        kinds |= KIND_BIT(KIND_SYSMON);
    if (hn_text_eq(service, HN_TEXT("powershell-classic")) || service.len == 0 ||
            hn_text_eq(service, HN_TEXT("application")) || hn_text_eq(service, HN_TEXT("system")) ||
            hn_text_eq(service, HN_TEXT("msexchange-management")))
        kinds |= KIND_BIT(KIND_CLASSIC);
    if (hn_text_eq(service, HN_TEXT("windefend")))
        kinds |= KIND_BIT(KIND_DEFENDER);
    if (hn_text_eq(service, HN_TEXT("security")) && event_id == 4688)
        kinds |= KIND_BIT(KIND_PROCESS_AUDIT);
    if (hn_text_eq(service, HN_TEXT("security")) && event_id == 4657)
        kinds |= KIND_BIT(KIND_REGISTRY_AUDIT);
    if (hn_text_eq(service, HN_TEXT("security")) && event_id == 5156)
        kinds |= KIND_BIT(KIND_NETWORK_AUDIT);
    return kinds;
}

static void windows_source(
        const struct windows_key *key, struct hn_source *ret, uint32_t *ret_kinds)
{
    const char *service = table_find(windows_channels, HN_COUNT_OF(windows_channels), key->channel);

    memset(ret, 0, sizeof *ret);
    ret->product = HN_TEXT("windows");
    if (service == NULL &&
            (key->channel.len == 0 || hn_text_eq_nocase(key->channel, HN_TEXT("ForwardedEvents"))))
        service = table_find(windows_providers, HN_COUNT_OF(windows_providers), key->provider);
    if (service != NULL) {
        hn_source_add_service(ret, hn_text_cstr(service));
        for (size_t i = 0; i < HN_COUNT_OF(windows_categories); i++) {
            if (windows_categories[i].event_id == key->event_id &&
                    strcmp(windows_categories[i].service, service) == 0 &&
                    (key->provider.len == 0 ||
                            hn_text_eq_nocase(
                                    key->provider, hn_text_cstr(windows_categories[i].provider)) ||
                            hn_text_eq_nocase(key->provider, HN_TEXT("PowerShellCore"))))
                hn_source_add_category(ret, hn_text_cstr(windows_categories[i].category));
        }
        if (key->event_type == REGISTRY_ADD)
            hn_source_add_category(ret, HN_TEXT("registry_add"));
        else if (key->event_type == REGISTRY_DELETE)
            hn_source_add_category(ret, HN_TEXT("registry_delete"));
    }
    *ret_kinds = windows_kinds(ret, key->event_id);
}

static enum registry_type registry_type_of(struct hn_text word)
{
    if (hn_text_eq(word, HN_TEXT("CreateKey")))
        return REGISTRY_ADD;
    if (hn_text_eq(word, HN_TEXT("DeleteKey")) || hn_text_eq(word, HN_TEXT("DeleteValue")))
        return REGISTRY_DELETE;
    return REGISTRY_OTHER;
}

/* Sysmon 12 says in EventType what was done. NXLog overwrites that name with its own ("INFO"); the
 * rendered message still has it. */
static enum registry_type registry_type(struct hn_event *event)
{
    struct hn_text word = hn_event_field_text(event, HN_FIELD_EVENT_TYPE);
    enum registry_type type = registry_type_of(word);
    struct hn_text message;
    size_t at;

    if (type != REGISTRY_OTHER)
        return type;
    message = hn_event_field_text(event, HN_FIELD_MESSAGE);
    at = hn_text_find(hn_text_sub(message, 0, 512), HN_TEXT("EventType: "), 0);
    if (at == SIZE_MAX)
        return REGISTRY_OTHER;
    word = hn_text_sub(message, at + 11, 11);
    for (size_t i = 0; i < word.len; i++) {
        if (word.ptr[i] < 'A' || word.ptr[i] > 'z')
            word.len = i;
    }
    return registry_type_of(word);
}

static bool field_u32(struct hn_event *event, hn_field field, uint32_t *ret_number)
{
    uint32_t index = hn_event_first(event, field);
    const struct hn_value *value;

    if (index == HN_VALUE_NONE)
        return false;
    value = &event->values[index];
    if (value->type == HN_TYPE_INT && value->form == HN_FORM_NUMBER) {
        *ret_number = (uint32_t)value->number.i;
        return value->number.i >= 0 && value->number.i <= UINT32_MAX;
    }
    return hn_parse_u32(hn_event_text(event, index), ret_number);
}

static bool entry_is(const struct source_entry *entry, const struct windows_key *key)
{
    return entry->used && entry->event_id == key->event_id &&
           entry->event_type == key->event_type && entry->channel_len == key->channel.len &&
           entry->provider_len == key->provider.len &&
           memcmp(entry->key, key->channel.ptr, key->channel.len) == 0 &&
           memcmp(entry->key + key->channel.len, key->provider.ptr, key->provider.len) == 0;
}

static uint32_t resolve_windows(struct hn_event *event)
{
    struct windows_key key = { .channel = hn_event_field_text(event, HN_FIELD_CHANNEL),
        .provider = hn_event_field_text(event, HN_FIELD_PROVIDER_NAME) };
    struct source_entry *entry;
    uint32_t kinds;
    uint64_t hash;

    if (key.channel.ptr == NULL)
        key.channel = HN_TEXT("");
    if (key.provider.ptr == NULL)
        key.provider = HN_TEXT("");
    if (!field_u32(event, HN_FIELD_EVENT_ID, &key.event_id))
        key.event_id = UINT32_MAX;
    if (key.event_id == 12)
        key.event_type = (uint32_t)registry_type(event);
    if (key.channel.len > 100 || key.provider.len > CACHE_KEY_BYTES - 100) {
        windows_source(&key, &event->source, &kinds);
        return kinds;
    }
    hash = hn_hash_text(key.channel, key.event_id) ^ (uint64_t)key.provider.len << 7 ^
           key.event_type;
    entry = &event->cache->entries[hash % CACHE_SLOTS];
    if (!entry_is(entry, &key)) {
        windows_source(&key, &entry->source, &entry->kinds);
        entry->used = true;
        entry->event_id = key.event_id;
        entry->event_type = key.event_type;
        entry->channel_len = (uint8_t)key.channel.len;
        entry->provider_len = (uint8_t)key.provider.len;
        memcpy(entry->key, key.channel.ptr, key.channel.len);
        memcpy(entry->key + key.channel.len, key.provider.ptr, key.provider.len);
    }
    event->source = entry->source;
    return entry->kinds;
}

/* ---- Others -----------------------------------------------------------------------------------
 */

/* Sysmon for Linux, by event id as on Windows. */
static void resolve_linux(struct hn_event *event)
{
    static const struct {
        uint32_t event_id;
        const char *category;
    } categories[] = { { 1, "process_creation" }, { 3, "network_connection" },
        { 5, "process_termination" }, { 9, "raw_access_read" }, { 11, "file_event" },
        { 16, "sysmon_status" }, { 23, "file_delete" } };
    uint32_t event_id;

    event->source.product = HN_TEXT("linux");
    hn_source_add_service(&event->source, HN_TEXT("sysmon"));
    if (!field_u32(event, HN_FIELD_EVENT_ID, &event_id))
        return;
    for (size_t i = 0; i < HN_COUNT_OF(categories); i++) {
        if (categories[i].event_id == event_id)
            hn_source_add_category(&event->source, hn_text_cstr(categories[i].category));
    }
}

static uint32_t kinds_of_labels(const struct hn_source *source)
{
    static const struct {
        const char *label;
        uint32_t kind;
    } kinds[] = { { "proxy", KIND_BIT(KIND_PROXY) }, { "webserver", KIND_BIT(KIND_WEBSERVER) },
        { "firewall", KIND_BIT(KIND_NETWORK) }, { "network", KIND_BIT(KIND_NETWORK) },
        { "dns", KIND_BIT(KIND_DNS) }, { "auditd", KIND_BIT(KIND_AUDITD) } };
    uint32_t found = KIND_BIT(KIND_ANY);

    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++) {
        if (label_among(source->category, hn_text_cstr(kinds[i].label)) ||
                label_among(source->service, hn_text_cstr(kinds[i].label)))
            found |= kinds[i].kind;
    }
    return found;
}

void hn_event_resolve(struct hn_event *event)
{
    uint32_t kinds;

    if (event->origin == HN_ORIGIN_UNKNOWN && hn_event_has(event, HN_FIELD_EVENT_ID) &&
            (hn_event_has(event, HN_FIELD_CHANNEL) || hn_event_has(event, HN_FIELD_PROVIDER_NAME)))
        event->origin = HN_ORIGIN_WINDOWS;
    if (event->origin == HN_ORIGIN_WINDOWS) {
        kinds = resolve_windows(event);
    } else {
        if (event->origin == HN_ORIGIN_LINUX)
            resolve_linux(event);
        kinds = kinds_of_labels(&event->source);
    }
    if ((event->shape & HN_SHAPE_ECS) != 0)
        kinds |= KIND_BIT(KIND_ECS);
    alias_fill(event, kinds);
}
