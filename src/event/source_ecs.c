/* source_ecs.c - events in Elastic Common Schema, and the one-word tables of network sensors.
 *
 * The dataset names the integration that made the event; where it says nothing, category and type
 * do, with the operating system as product. */
#include "event/event_internal.h"

struct dataset {
    const char *name; /* of event.dataset or event.module */
    const char *product;
    const char *category;
    const char *service;
    kind_set kinds;
};

#define WEB                                                                    \
    (KIND_BIT(KIND_WEBSERVER) | KIND_BIT(KIND_WEB) | KIND_BIT(KIND_WEB_LAST) | \
            KIND_BIT(KIND_NETWORK))
#define PROXY \
    (KIND_BIT(KIND_PROXY) | KIND_BIT(KIND_WEB) | KIND_BIT(KIND_WEB_LAST) | KIND_BIT(KIND_NETWORK))
#define NET KIND_BIT(KIND_NETWORK)

static const struct dataset datasets[] = {
    { "aws.cloudtrail", "aws", NULL, "cloudtrail", KIND_BIT(KIND_CLOUDTRAIL) },
    { "aws.vpcflow", "aws", "firewall", "vpcflow", NET },
    { "azure.activitylogs", "azure", NULL, "activitylogs", KIND_BIT(KIND_AZURE) },
    { "azure.auditlogs", "azure", NULL, "auditlogs",
            KIND_BIT(KIND_AZURE) | KIND_BIT(KIND_AZURE_AUDIT) },
    { "azure.signinlogs", "azure", NULL, "signinlogs", KIND_BIT(KIND_AZURE) },
    { "azure.identity_protection", "azure", NULL, "riskdetection", KIND_BIT(KIND_AZURE) },
    { "gcp.audit", "gcp", NULL, "gcp.audit", KIND_BIT(KIND_GCP) },
    { "gcp.firewall", "gcp", "firewall", "gcp.firewall", NET },
    { "gcp.vpcflow", "gcp", "firewall", "gcp.vpcflow", NET },
    { "google_workspace.admin", "gcp", NULL, "google_workspace.admin", KIND_BIT(KIND_WORKSPACE) },
    { "google_workspace.login", "gcp", NULL, "google_workspace.login", KIND_BIT(KIND_WORKSPACE) },
    { "gsuite.admin", "gcp", NULL, "google_workspace.admin", KIND_BIT(KIND_WORKSPACE) },
    { "gsuite.login", "gcp", NULL, "google_workspace.login", KIND_BIT(KIND_WORKSPACE) },
    { "o365.audit", "m365", NULL, "audit", KIND_BIT(KIND_M365) },
    { "okta.system", "okta", NULL, "okta", KIND_BIT(KIND_OKTA) },
    { "github.audit", "github", NULL, "audit", KIND_BIT(KIND_GITHUB) },
    { "kubernetes.audit_logs", "kubernetes", "application", "audit", 0 },
    { "cisco_duo.auth", "cisco", NULL, "duo", 0 },
    { "cisco_duo.admin", "cisco", NULL, "duo", 0 },
    { "apache.access", NULL, "webserver", "apache", WEB },
    { "apache.error", NULL, NULL, "apache", 0 },
    { "nginx.access", NULL, "webserver", "nginx", WEB },
    { "nginx.ingress_controller", NULL, "webserver", "nginx", WEB },
    { "nginx.error", NULL, NULL, "nginx", 0 },
    { "iis.access", "windows", "webserver", "iis", WEB },
    { "haproxy.log", NULL, "webserver", NULL, WEB },
    { "traefik.access", NULL, "webserver", NULL, WEB },
    { "tomcat.log", NULL, "webserver", NULL, WEB },
    { "squid.log", NULL, "proxy", NULL, PROXY },
    { "bluecoat.director", NULL, "proxy", NULL, PROXY },
    { "zscaler.zia", NULL, "proxy", NULL, PROXY },
    { "zscaler_zia.web", NULL, "proxy", NULL, PROXY },
    { "forcepoint_web.logs", NULL, "proxy", NULL, PROXY },
    { "netskope.events", NULL, "proxy", NULL, PROXY },
    { "cisco_umbrella.log", NULL, "dns", NULL, KIND_BIT(KIND_DNS) | NET },
    { "zscaler_zia.dns", NULL, "dns", NULL, KIND_BIT(KIND_DNS) | NET },
    { "infoblox.nios", NULL, "dns", NULL, KIND_BIT(KIND_DNS) | NET },
    { "network_traffic.dns", NULL, "dns", NULL, KIND_BIT(KIND_DNS) | NET },
    { "network_traffic.http", NULL, "proxy", NULL, PROXY },
    { "network_traffic.flow", NULL, "firewall", NULL, NET },
    { "checkpoint.firewall", NULL, "firewall", NULL, NET },
    { "cisco.asa", "cisco", "firewall", "asa", NET },
    { "cisco_asa.log", "cisco", "firewall", "asa", NET },
    { "cisco.ftd", "cisco", "firewall", "asa", NET },
    { "cisco_ftd.log", "cisco", "firewall", "asa", NET },
    { "cisco.ios", "cisco", NULL, "syslog", NET },
    { "fortinet.firewall", "fortigate", "firewall", NULL, NET },
    { "fortinet_fortigate.log", "fortigate", "firewall", NULL, NET },
    { "iptables.log", "linux", "firewall", NULL, NET },
    { "juniper.srx", "juniper", "firewall", NULL, NET },
    { "netflow.log", NULL, NULL, "netflow", NET },
    { "panw.panos", "paloalto", "firewall", NULL, NET },
    { "pfsense.log", NULL, "firewall", NULL, NET },
    { "sonicwall_firewall.log", NULL, "firewall", NULL, NET },
    { "sophos.xg", NULL, "firewall", NULL, NET },
    { "watchguard_firebox.log", NULL, "firewall", NULL, NET },
    { "zscaler_zia.firewall", NULL, "firewall", NULL, NET },
    { "mssql.log", NULL, "database", NULL, 0 },
    { "mssql.audit", NULL, "database", NULL, 0 },
    { "mysql.error", NULL, "database", NULL, 0 },
    { "mysql.slowlog", NULL, "database", NULL, 0 },
    { "mysql_enterprise.audit", NULL, "database", NULL, 0 },
    { "oracle.database_audit", NULL, "database", NULL, 0 },
    { "postgresql.log", NULL, "database", NULL, 0 },
    { "system.auth", "linux", NULL, "auth", 0 },
    { "system.syslog", "linux", NULL, "syslog", 0 },
    { "auditd.log", "linux", NULL, "auditd", KIND_BIT(KIND_AUDITD) },
    { "auditd_manager.auditd", "linux", NULL, "auditd", KIND_BIT(KIND_AUDITD) },
    { "suricata.eve", "suricata", NULL, NULL, KIND_BIT(KIND_SURICATA) | NET },
};

static bool find_dataset(struct hn_text name, struct hn_source *source, kind_set *ret_kinds)
{
    for (size_t i = 0; i < HN_COUNT_OF(datasets); i++) {
        if (hn_text_eq(name, hn_text_cstr(datasets[i].name))) {
            source_label(source, datasets[i].product, datasets[i].category, datasets[i].service);
            *ret_kinds = datasets[i].kinds;
            return true;
        }
    }
    if (hn_text_starts(name, HN_TEXT("zeek.")) && name.len > 5) {
        source_label(source, "zeek", NULL, NULL);
        hn_source_add_service(source, hn_text_sub(name, 5, name.len));
        *ret_kinds = NET;
        return true;
    }
    return false;
}

/* ---- Category, type and system ------------------------------------------------------------------
 */

static const struct {
    const char *category;
    const char *type; /* NULL: any */
    const char *labels[2];
    kind_set kinds;
} meanings[] = {
    { "process", "start", { "process_creation" }, 0 },
    { "process", "end", { "process_termination" }, 0 },
    { "file", "creation", { "file_event" }, 0 },
    { "file", "change", { "file_event" }, 0 },
    { "file", "deletion", { "file_delete" }, 0 },
    { "network", "start", { "network_connection" }, 0 },
    { "network", "connection", { "network_connection" }, 0 },
    { "registry", "change", { "registry_event", "registry_set" }, 0 },
    { "registry", "creation", { "registry_event", "registry_add" }, 0 },
    { "registry", "deletion", { "registry_event", "registry_delete" }, 0 },
    { "library", NULL, { "image_load" }, KIND_BIT(KIND_ECS_LIBRARY) },
    { "driver", NULL, { "driver_load" }, KIND_BIT(KIND_ECS_LIBRARY) },
};

static const char *product_of_system(struct hn_text system)
{
    static const struct {
        const char *system; /* host.os.type, .platform or .family */
        const char *product;
    } systems[] = { { "windows", "windows" }, { "linux", "linux" }, { "macos", "macos" },
        { "darwin", "macos" }, { "debian", "linux" }, { "ubuntu", "linux" }, { "redhat", "linux" },
        { "centos", "linux" }, { "rhel", "linux" }, { "fedora", "linux" }, { "suse", "linux" },
        { "arch", "linux" }, { "amazon", "linux" } };

    for (size_t i = 0; i < HN_COUNT_OF(systems); i++) {
        if (hn_text_eq_nocase(system, hn_text_cstr(systems[i].system)))
            return systems[i].product;
    }
    return NULL;
}

static bool mark_has(struct hn_event *event, enum mark mark, const char *word)
{
    for (uint32_t i = hn_event_first(event, event->schema->marks[mark]); i != HN_VALUE_NONE;
            i = hn_event_next(event, i)) {
        if (hn_text_eq(hn_event_text(event, i), hn_text_cstr(word)))
            return true;
    }
    return false;
}

/* Elastic Defend, auditbeat, winlogbeat's Security module: host events whatever made them. */
static bool by_meaning(struct hn_event *event, kind_set *ret_kinds)
{
    const char *product = product_of_system(mark_text(event, MARK_HOST_OS_TYPE));
    bool found = false;

    if (product == NULL)
        product = product_of_system(mark_text(event, MARK_HOST_OS_PLATFORM));
    if (product == NULL)
        product = product_of_system(mark_text(event, MARK_HOST_OS_FAMILY));
    if (product == NULL)
        return false;
    *ret_kinds = 0;
    for (size_t i = 0; i < HN_COUNT_OF(meanings); i++) {
        if (!mark_has(event, MARK_EVENT_CATEGORY, meanings[i].category) ||
                (meanings[i].type != NULL &&
                        !mark_has(event, MARK_ECS_EVENT_TYPE, meanings[i].type)))
            continue;
        source_label(&event->source, product, meanings[i].labels[0], NULL);
        source_label(&event->source, NULL, meanings[i].labels[1], NULL);
        *ret_kinds |= meanings[i].kinds;
        found = true;
    }
    if (found && mark_has(event, MARK_EVENT_ACTION, "rename"))
        source_label(&event->source, NULL, "file_rename", NULL);
    if (mark_has(event, MARK_EVENT_ACTION, "lookup_requested") ||
            mark_has(event, MARK_EVENT_ACTION, "lookup_result")) {
        source_label(&event->source, product, "dns_query", NULL);
        found = true;
    }
    return found;
}

/* filebeat 6 and 7.0 name module and fileset apart. */
static struct hn_text old_dataset(struct hn_event *event, char *out, size_t room)
{
    struct hn_text module = mark_text(event, MARK_EVENT_MODULE);
    struct hn_text fileset = mark_text(event, MARK_FILESET);

    if (module.len == 0 || fileset.len == 0 || module.len + 1 > room - 1 ||
            fileset.len > room - 1 - module.len)
        return HN_TEXT("");
    memcpy(out, module.ptr, module.len);
    out[module.len] = '.';
    memcpy(out + module.len + 1, fileset.ptr, fileset.len);
    return hn_text_of(out, module.len + 1 + fileset.len);
}

bool source_ecs(struct hn_event *event, kind_set *ret_kinds)
{
    struct hn_text dataset = mark_text(event, MARK_EVENT_DATASET);
    char joined[64];

    if (dataset.len == 0)
        dataset = mark_text(event, MARK_STREAM_DATASET);
    if (dataset.len == 0)
        dataset = old_dataset(event, joined, sizeof joined);
    if (dataset.len > 0 && find_dataset(dataset, &event->source, ret_kinds)) {
        if (hn_text_eq(dataset, HN_TEXT("suricata.eve")))
            source_suricata(&event->source, mark_text(event, MARK_SURICATA_TYPE));
        return true;
    }
    if (mark_present(event, MARK_EVENT_CATEGORY) && by_meaning(event, ret_kinds))
        return true;
    if (mark_has(event, MARK_EVENT_CATEGORY, "email")) {
        source_label(&event->source, NULL, "email", NULL);
        *ret_kinds = 0;
        return true;
    }
    return false;
}

/* ---- Sensors ---- */

/* Zeek's logs by the categories under which generic rules look for them; the same as SigmaHQ's own
 * configuration for Zeek had. */
void source_zeek(struct hn_source *source, struct hn_text path)
{
    static const struct {
        const char *path;
        const char *categories[3];
    } logs[] = {
        { "conn", { "firewall", "network" } },
        { "dns", { "dns", "network" } },
        { "http", { "proxy", "webserver" } },
    };

    for (size_t i = 0; i < HN_COUNT_OF(logs); i++) {
        if (!hn_text_eq(path, hn_text_cstr(logs[i].path)))
            continue;
        for (size_t k = 0; k < HN_COUNT_OF(logs[i].categories); k++)
            source_label(source, NULL, logs[i].categories[k], NULL);
        if (strcmp(logs[i].path, "conn") == 0)
            source_label(source, NULL, NULL, "connection");
    }
}

void source_suricata(struct hn_source *source, struct hn_text type)
{
    static const struct {
        const char *type;
        const char *categories[2];
    } types[] = {
        { "alert", { "ids" } },
        { "dns", { "dns", "network" } },
        { "flow", { "firewall", "network" } },
        { "netflow", { "firewall", "network" } },
        { "http", { "proxy", "webserver" } },
    };

    source_label(source, "suricata", NULL, NULL);
    if (type.len > 0)
        hn_source_add_service(source, type);
    for (size_t i = 0; i < HN_COUNT_OF(types); i++) {
        if (!hn_text_eq(type, hn_text_cstr(types[i].type)))
            continue;
        source_label(source, NULL, types[i].categories[0], NULL);
        source_label(source, NULL, types[i].categories[1], NULL);
        if (strcmp(types[i].type, "flow") == 0 || strcmp(types[i].type, "netflow") == 0)
            source_label(source, NULL, NULL, "connection");
    }
}
