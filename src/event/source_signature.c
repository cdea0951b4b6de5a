/* source_signature.c - JSON of clouds, applications and sensors, recognised by the fields it has.
 *
 * A signature is a few names that together only one product writes; the first row whose names are
 * all present wins, so the more exact stand first. A row may go on with a function where a value
 * decides ("Workload": "Exchange"). Only events that nothing else knows come here. */
#include "event/event_internal.h"

#include "base/mem.h"

#define FIELDS_MAX 3

typedef kind_set refine_fn(struct hn_event *event);

struct signature {
    const char *fields[FIELDS_MAX]; /* all of them; NULL behind the last */
    const char *product;
    const char *category;
    const char *service;
    kind_set kinds;
    refine_fn *refine; /* may add labels and kinds; NULL: nothing */
};

/* ---- Where a value decides ---- */

static bool mark_is(struct hn_event *event, enum mark mark, const char *word)
{
    return hn_text_eq_nocase(mark_text(event, mark), hn_text_cstr(word));
}

/* Azure Monitor's export names the log in category, Log Analytics in Type. */
static kind_set refine_azure(struct hn_event *event)
{
    static const struct {
        const char *category;
        const char *service;
    } services[] = {
        { "Administrative", "activitylogs" },
        { "Alert", "activitylogs" },
        { "Autoscale", "activitylogs" },
        { "AzureActivity", "activitylogs" },
        { "Policy", "activitylogs" },
        { "Recommendation", "activitylogs" },
        { "ResourceHealth", "activitylogs" },
        { "Security", "activitylogs" },
        { "ServiceHealth", "activitylogs" },
        { "AuditLogs", "auditlogs" },
        { "AADManagedIdentitySignInLogs", "signinlogs" },
        { "AADNonInteractiveUserSignInLogs", "signinlogs" },
        { "AADServicePrincipalSignInLogs", "signinlogs" },
        { "ManagedIdentitySignInLogs", "signinlogs" },
        { "NonInteractiveUserSignInLogs", "signinlogs" },
        { "ServicePrincipalSignInLogs", "signinlogs" },
        { "SigninLogs", "signinlogs" },
        { "AADRiskyUsers", "riskdetection" },
        { "AADUserRiskEvents", "riskdetection" },
        { "RiskyServicePrincipals", "riskdetection" },
        { "RiskyUsers", "riskdetection" },
        { "ServicePrincipalRiskEvents", "riskdetection" },
        { "UserRiskEvents", "riskdetection" },
    };
    struct hn_text category = mark_text(event, MARK_CATEGORY);

    if (category.len == 0)
        category = mark_text(event, MARK_AZURE_TYPE);
    for (size_t i = 0; i < HN_COUNT_OF(services); i++) {
        if (!hn_text_eq_nocase(category, hn_text_cstr(services[i].category)))
            continue;
        source_label(&event->source, "azure", NULL, services[i].service);
        return KIND_BIT(KIND_AZURE) |
               (strcmp(services[i].service, "auditlogs") == 0 ? KIND_BIT(KIND_AZURE_AUDIT) : 0);
    }
    return 0;
}

/* Alerts of privileged identity management are risk events by another name. */
static kind_set refine_risk(struct hn_event *event)
{
    struct hn_text type = mark_text(event, MARK_RISK_TYPE);

    if (type.len == 0)
        type = mark_text(event, MARK_RISK_TYPE_UPPER);
    if (hn_text_ends(type, HN_TEXT("AlertIncident")) ||
            hn_text_ends(type, HN_TEXT("AlertConfiguration")))
        source_label(&event->source, "azure", NULL, "pim");
    else
        source_label(&event->source, "azure", NULL, "riskdetection");
    return KIND_BIT(KIND_AZURE);
}

/* Graph gives such an alert its type by the OData annotation alone. */
static kind_set refine_alert(struct hn_event *event)
{
    struct hn_text type = mark_text(event, MARK_ODATA_TYPE);

    if (!hn_text_starts(type, HN_TEXT("#microsoft.graph.")) ||
            (!hn_text_ends(type, HN_TEXT("AlertIncident")) &&
                    !hn_text_ends(type, HN_TEXT("AlertConfiguration"))))
        return 0;
    source_label(&event->source, "azure", NULL, "pim");
    return KIND_BIT(KIND_AZURE);
}

static kind_set refine_gcp(struct hn_event *event)
{
    source_label(&event->source, "gcp", NULL, "gcp.audit");
    if (mark_is(event, MARK_SERVICE, "admin.googleapis.com"))
        source_label(&event->source, NULL, NULL, "google_workspace.admin");
    else if (mark_is(event, MARK_SERVICE, "login.googleapis.com"))
        source_label(&event->source, NULL, NULL, "google_workspace.login");
    else
        return KIND_BIT(KIND_GCP);
    return KIND_BIT(KIND_GCP) | KIND_BIT(KIND_WORKSPACE);
}

/* The Reports API says which application it is. */
static kind_set refine_workspace(struct hn_event *event)
{
    source_label(&event->source, "gcp", NULL,
            mark_is(event, MARK_APPLICATION_NAME, "login") ? "google_workspace.login"
                                                           : "google_workspace.admin");
    return KIND_BIT(KIND_WORKSPACE);
}

static kind_set refine_m365(struct hn_event *event)
{
    struct hn_text workload = mark_text(event, MARK_WORKLOAD);

    if (workload.len == 0)
        workload = mark_text(event, MARK_OFFICE_WORKLOAD);
    source_label(&event->source, "m365", NULL, "audit");
    if (hn_text_eq_nocase(workload, HN_TEXT("Exchange"))) {
        source_label(&event->source, NULL, NULL, "exchange");
    } else if (hn_text_eq_nocase(workload, HN_TEXT("SecurityComplianceCenter"))) {
        source_label(&event->source, NULL, NULL, "threat_management");
        source_label(&event->source, NULL, NULL, "threat_detection");
    }
    return KIND_BIT(KIND_M365);
}

static kind_set refine_zeek(struct hn_event *event)
{
    source_label(&event->source, "zeek", NULL, NULL);
    hn_source_add_service(&event->source, mark_text(event, MARK_ZEEK_PATH));
    return KIND_BIT(KIND_NETWORK);
}

static kind_set refine_suricata(struct hn_event *event)
{
    source_suricata(&event->source, mark_text(event, MARK_SURICATA_TYPE));
    return KIND_BIT(KIND_SURICATA) | KIND_BIT(KIND_NETWORK);
}

/* Of `hinomi analyze`: what stands in a sample, and what it would do. A request has the fields of a
 * proxy's log and is judged as one. */
static kind_set refine_hinomi(struct hn_event *event)
{
    if (mark_is(event, MARK_HINOMI_CATEGORY, "proxy")) {
        source_label(&event->source, NULL, "proxy", NULL);
        return KIND_BIT(KIND_PROXY) | KIND_BIT(KIND_WEB) | KIND_BIT(KIND_WEB_LAST) |
               KIND_BIT(KIND_NETWORK);
    }
    source_label(&event->source, "hinomi", NULL, NULL);
    hn_source_add_category(&event->source, mark_text(event, MARK_HINOMI_CATEGORY));
    return KIND_BIT(KIND_NORMAL);
}

#define WEB                                                                    \
    (KIND_BIT(KIND_WEBSERVER) | KIND_BIT(KIND_WEB) | KIND_BIT(KIND_WEB_LAST) | \
            KIND_BIT(KIND_NETWORK))

/* clang-format off: one row a product */
#define ROW1(a, p, c, s, k, r) \
    {                          \
        { a }, p, c, s, k, r   \
    }
#define ROW2(a, b, p, c, s, k, r) \
    {                             \
        { a, b }, p, c, s, k, r   \
    }
#define ROW3(a, b, x, p, c, s, k, r) \
    {                                \
        { a, b, x }, p, c, s, k, r   \
    }
/* clang-format on */

static const struct signature signatures[] = {
    ROW1("hinomi.category", NULL, NULL, NULL, 0, refine_hinomi),
    /* endpoints */
    ROW2("ActionType", "DeviceName", NULL, NULL, NULL, KIND_BIT(KIND_MDE), source_mde),
    ROW2("ActionType", "InitiatingProcessFileName", NULL, NULL, NULL, KIND_BIT(KIND_MDE),
            source_mde),
    ROW2("event_simpleName", "event_platform", NULL, NULL, NULL, KIND_BIT(KIND_FALCON),
            source_falcon),
    ROW2("event.exec.target.executable.path", "process.executable.path", "macos",
            "process_creation", NULL, KIND_BIT(KIND_ESLOGGER), NULL),
    ROW2("event.create.destination.new_path.filename", "process.executable.path", "macos",
            "file_event", NULL, KIND_BIT(KIND_ESLOGGER), NULL),
    ROW2("columns.cdhash", "columns.cmdline", "macos", "process_creation", NULL,
            KIND_BIT(KIND_OSQUERY), NULL),
    ROW2("columns.auid", "columns.cmdline", "linux", "process_creation", NULL,
            KIND_BIT(KIND_OSQUERY), NULL),
    /* clouds and identities */
    ROW2("eventName", "awsRegion", "aws", NULL, "cloudtrail", KIND_BIT(KIND_CLOUDTRAIL), NULL),
    ROW2("eventSource", "eventVersion", "aws", NULL, "cloudtrail", KIND_BIT(KIND_CLOUDTRAIL), NULL),
    ROW1("riskEventType", NULL, NULL, NULL, 0, refine_risk),
    ROW1("RiskEventType", NULL, NULL, NULL, 0, refine_risk),
    ROW1("@odata.type", NULL, NULL, NULL, 0, refine_alert),
    ROW1("properties.riskEventType", "azure", NULL, "riskdetection", KIND_BIT(KIND_AZURE), NULL),
    ROW2("activityDisplayName", "loggedByService", "azure", NULL, "auditlogs",
            KIND_BIT(KIND_AZURE) | KIND_BIT(KIND_AZURE_AUDIT), NULL),
    ROW2("ActivityDisplayName", "LoggedByService", "azure", NULL, "auditlogs",
            KIND_BIT(KIND_AZURE) | KIND_BIT(KIND_AZURE_AUDIT), NULL),
    ROW2("properties.activityDisplayName", "properties.loggedByService", "azure", NULL, "auditlogs",
            KIND_BIT(KIND_AZURE) | KIND_BIT(KIND_AZURE_AUDIT), NULL),
    ROW2("conditionalAccessStatus", "appDisplayName", "azure", NULL, "signinlogs",
            KIND_BIT(KIND_AZURE), NULL),
    ROW2("ConditionalAccessStatus", "AppDisplayName", "azure", NULL, "signinlogs",
            KIND_BIT(KIND_AZURE), NULL),
    ROW2("properties.conditionalAccessStatus", "properties.appDisplayName", "azure", NULL,
            "signinlogs", KIND_BIT(KIND_AZURE), NULL),
    ROW2("OperationNameValue", "CategoryValue", "azure", NULL, "activitylogs", KIND_BIT(KIND_AZURE),
            NULL),
    ROW2("operationName.value", "resourceProviderName.value", "azure", NULL, "activitylogs",
            KIND_BIT(KIND_AZURE), NULL),
    ROW2("operationName", "category", NULL, NULL, NULL, 0, refine_azure),
    ROW2("OperationName", "Type", NULL, NULL, NULL, 0, refine_azure),
    ROW1("protoPayload.methodName", NULL, NULL, NULL, 0, refine_gcp),
    ROW1("protoPayload.serviceName", NULL, NULL, NULL, 0, refine_gcp),
    ROW1("id.applicationName", NULL, NULL, NULL, 0, refine_workspace),
    ROW2("Workload", "Operation", NULL, NULL, NULL, 0, refine_m365),
    ROW2("OfficeWorkload", "Operation", NULL, NULL, NULL, 0, refine_m365),
    ROW3("eventType", "displayMessage", "published", "okta", NULL, "okta", KIND_BIT(KIND_OKTA),
            NULL),
    ROW2("legacyEventType", "eventType", "okta", NULL, "okta", KIND_BIT(KIND_OKTA), NULL),
    ROW2("event_type_id", "account_id", "onelogin", NULL, "onelogin.events", 0, NULL),
    ROW2("_document_id", "action", "github", NULL, "audit", KIND_BIT(KIND_GITHUB), NULL),
    ROW3("action", "actor", "org", "github", NULL, "audit", KIND_BIT(KIND_GITHUB), NULL),
    ROW3("action", "actor", "business", "github", NULL, "audit", KIND_BIT(KIND_GITHUB), NULL),
    ROW1("auditType.action", "bitbucket", NULL, "audit", 0, NULL),
    ROW2("auditID", "verb", "kubernetes", "application", "audit", 0, NULL),
    ROW2("txid", "factor", "cisco", NULL, "duo", 0, NULL),
    ROW2("auth_device.name", "access_device.ip", "cisco", NULL, "duo", 0, NULL),
    /* applications */
    ROW2("logtype", "node_id", "opencanary", "application", NULL, 0, NULL),
    ROW2("InterfaceUuid", "OpNum", "rpc_firewall", "application", NULL, 0, NULL),
    ROW1("transaction.producer.modsecurity", "modsecurity", "application", NULL, 0, NULL),
    ROW2("transaction.unique_id", "transaction.request.uri", "modsecurity", "application", NULL, 0,
            NULL),
    ROW2("transaction.transaction_id", "request.request_line", "modsecurity", "application", NULL,
            0, NULL),
    ROW1("email.message_id", NULL, "email", NULL, 0, NULL),
    ROW1("email.from.address", NULL, "email", NULL, 0, NULL),
    ROW1("email.subject", NULL, "email", NULL, 0, NULL),
    /* sensors */
    ROW2("event_type", "flow_id", NULL, NULL, NULL, 0, refine_suricata),
    ROW3("event_type", "src_ip", "proto", NULL, NULL, NULL, 0, refine_suricata),
    ROW2("event_type", "stats.uptime", NULL, NULL, NULL, 0, refine_suricata),
    ROW2("_path", "ts", NULL, NULL, NULL, 0, refine_zeek),
    ROW2("certificate.serial", "certificate.subject", "zeek", NULL, "x509", 0, NULL),
    ROW3("id.orig_h", "endpoint", "operation", "zeek", NULL, "dce_rpc", 0, NULL),
    ROW3("id.orig_h", "query", "trans_id", "zeek", NULL, "dns", 0, NULL),
    ROW3("id.orig_h", "rcode_name", "trans_id", "zeek", NULL, "dns", 0, NULL),
    ROW3("id.orig_h", "trans_depth", "request_body_len", "zeek", NULL, "http", 0, NULL),
    ROW3("id.orig_h", "request_type", "client", "zeek", NULL, "kerberos", 0, NULL),
    ROW3("id.orig_h", "cookie", "security_protocol", "zeek", NULL, "rdp", 0, NULL),
    ROW3("id.orig_h", "cookie", "result", "zeek", NULL, "rdp", 0, NULL),
    ROW3("id.orig_h", "action", "times.modified", "zeek", NULL, "smb_files", 0, NULL),
    ROW3("id.orig_h", "action", "path", "zeek", NULL, "smb_files", 0, NULL),
    ROW3("id.orig_h", "path", "share_type", "zeek", NULL, "smb_mapping", 0, NULL),
    ROW3("id.orig_h", "conn_state", "uid", "zeek", NULL, "conn", 0, NULL),
    ROW3("id.orig_h", "server_name", "cipher", "zeek", NULL, "ssl", 0, NULL),
    /* web servers */
    ROW2("remote_addr", "request", NULL, "webserver", NULL, WEB, NULL),
    ROW2("remote_addr", "request_uri", NULL, "webserver", NULL, WEB, NULL),
    ROW2("remote_addr", "http_user_agent", NULL, "webserver", NULL, WEB, NULL),
    ROW3("clientip", "verb", "request", NULL, "webserver", NULL, WEB, NULL),
    ROW2("ClientHost", "RequestPath", NULL, "webserver", NULL, WEB, NULL), /* Traefik */
    ROW3("request.remote_ip", "request.uri", "status", NULL, "webserver", NULL, WEB, NULL),
    ROW2("ClientRequestURI", "EdgeStartTimestamp", NULL, "webserver", NULL, WEB, NULL),
    ROW2("httpRequest.clientIp", "httpRequest.uri", NULL, "webserver", NULL, WEB, NULL),
    ROW2("httpRequest.requestUrl", "httpRequest.status", NULL, "webserver", NULL, WEB, NULL),
    ROW2("cs-uri-stem", "sc-status", NULL, "webserver", NULL, WEB, NULL),
    ROW2("cs_uri_stem", "sc_status", NULL, "webserver", NULL, WEB, NULL),
};

struct signature_set {
    hn_field fields[HN_COUNT_OF(signatures)][FIELDS_MAX];
};

enum hn_status event_signature_compile(struct hn_schema *schema)
{
    schema->signatures = hn_new(&schema->arena, struct signature_set, 1);
    if (schema->signatures == NULL)
        return hn_arena_status(&schema->arena);
    for (size_t i = 0; i < HN_COUNT_OF(signatures); i++) {
        for (size_t k = 0; k < FIELDS_MAX; k++) {
            const char *name = signatures[i].fields[k];
            hn_field field =
                    name == NULL ? HN_FIELD_NONE : hn_schema_want(schema, hn_text_cstr(name));

            if (name != NULL && field == HN_FIELD_NONE)
                return HN_NOMEM;
            schema->signatures->fields[i][k] = field;
        }
    }
    return HN_OK;
}

static bool all_present(const struct hn_event *event, const hn_field *fields)
{
    for (size_t i = 0; i < FIELDS_MAX && fields[i] != HN_FIELD_NONE; i++) {
        if (!hn_event_has(event, fields[i]))
            return false;
    }
    return true;
}

bool source_signature(struct hn_event *event, kind_set *ret_kinds)
{
    const struct signature_set *set = event->schema->signatures;

    for (size_t i = 0; i < HN_COUNT_OF(signatures); i++) {
        const struct signature *row = &signatures[i];
        kind_set refined = 0;

        if (!all_present(event, set->fields[i]))
            continue;
        if (row->refine != NULL) {
            refined = row->refine(event);
            if (refined == 0)
                continue; /* the value says that it is something else */
        }
        source_label(&event->source, row->product, row->category, row->service);
        *ret_kinds = row->kinds | refined;
        return true;
    }
    return false;
}
