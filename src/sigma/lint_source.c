/* lint_source.c - log sources and fields that are known, so that the others can be pointed out.
 *
 * From the specification's taxonomy appendix, SigmaHQ's list of log sources and Microsoft's
 * documentation of Sysmon's events. A label that is not here may still be given by the user
 * (--logsource, pipelines), so it is a warning. */
#include "sigma/sigma_draft.h"

/* ---- Labels ---- */

struct known_source {
    const char *product; /* "": none */
    const char *categories;
    const char *services;
};

/* Words between spaces. "*": any. */
static const struct known_source sources[] = {
    { "", " antivirus database dns firewall proxy webserver email network ",
            " apache nginx netflow connection dns " },
    { "windows",
            " antivirus clipboard_capture clipboard_change create_remote_thread create_stream_hash "
            "dns_query driver_load file_access file_block_executable file_block_shredding "
            "file_change file_delete file_delete_detected file_event file_executable_detected "
            "file_rename image_load network_connection pipe_created process_access "
            "process_creation process_tampering process_termination ps_classic_provider_start "
            "ps_classic_script ps_classic_start ps_module ps_script raw_access_read "
            "raw_access_thread registry_add registry_delete registry_event registry_rename "
            "registry_set sysmon_error sysmon_status wmi_event ",
            " application application-experience applocker appmodel-runtime appxdeployment-server "
            "appxpackaging-om bitlocker bits-client capi2 "
            "certificateservicesclient-lifecycle-system codeintegrity-operational dhcp "
            "diagnosis-scripted dns-client dns-server dns-server-analytic dns-server-audit "
            "driver-framework firewall-as hyper-v-worker iis-configuration kernel-event-tracing "
            "kernel-shimengine ldap ldap_debug lsa-server microsoft-servicebus-client "
            "msexchange-management ntfs ntlm openssh powershell powershell-classic "
            "printservice-admin printservice-operational security security-mitigations sense "
            "servicebus-client shell-core smbclient-connectivity smbclient-security "
            "smbserver-connectivity sysmon system taskscheduler "
            "terminalservices-localsessionmanager vhdmp windefend wmi " },
    { "linux",
            " file_event network_connection process_creation process_termination "
            "raw_access_thread sysmon_status file_delete ",
            " auditd auth clamav cron guacamole modsecurity sudo sshd sysmon syslog vsftpd " },
    { "macos", " file_event process_creation ", "" },
    { "aws", "", " cloudtrail " },
    { "azure", "", " activitylogs auditlogs azureactivity pim riskdetection signinlogs " },
    { "bitbucket", "", " audit " },
    { "cisco", "", " aaa asa bgp duo ldp syslog " },
    { "django", " application ", "" },
    { "fortigate", "", " event traffic utm " },
    { "fortios", "", " sslvpnd " },
    { "gcp", "", " gcp.audit google_workspace.admin google_workspace.login " },
    { "github", "", " audit " },
    { "hinomi", " act archive document file mail program sample script shortcut text ", "" },
    { "huawei", "", " bgp ldp " },
    { "juniper", "", " bgp ldp " },
    { "jvm", " application ", "" },
    { "kubernetes", " application ", " audit " },
    { "m365", "", " audit exchange threat_detection threat_management " },
    { "modsecurity", " webserver ", "" },
    { "apache", " webserver ", " access error " },
    { "nginx", " webserver ", "" },
    { "nodejs", " application ", "" },
    { "okta", "", " okta " },
    { "onelogin", "", " onelogin.events " },
    { "opencanary", " application ", "" },
    { "paloalto", " appliance file_event firewall ", " globalprotect " },
    { "python", " application ", "" },
    { "qualys", "", "" },
    { "rpc_firewall", " application ", "" },
    { "ruby_on_rails", " application ", "" },
    { "spring", " application ", "" },
    { "sql", " application ", "" },
    { "suricata", " dns firewall network webserver ", " alert dns flow http tls " },
    { "velocity", " application ", "" },
    { "zeek", " dns network ",
            " conn dce_rpc dns files ftp http kerberos notice ntlm rdp smb_files smb_mapping smtp "
            "ssh ssl x509 " },
    { "squid", " proxy ", "" },
    { "antivirus", "", "" },
};

static bool has_word(const char *words, struct hn_text word)
{
    size_t len = strlen(words);
    size_t at = 0;

    while ((at = hn_text_find(hn_text_of(words, len), word, at)) != SIZE_MAX) {
        if (words[at - 1] == ' ' && words[at + word.len] == ' ')
            return true;
        at++;
    }
    return false;
}

static bool is_known(const struct hn_logsource *source)
{
    for (size_t i = 0; i < HN_COUNT_OF(sources); i++) {
        const struct known_source *known = &sources[i];

        if (hn_text_eq(source->product, hn_text_cstr(known->product)) &&
                (source->category.len == 0 || has_word(known->categories, source->category)) &&
                (source->service.len == 0 || has_word(known->services, source->service)))
            return true;
    }
    return false;
}

/* A category or service alone is good when some product has it. */
static bool is_known_alone(const struct hn_logsource *source)
{
    for (size_t i = 0; i < HN_COUNT_OF(sources); i++) {
        if ((source->category.len == 0 || has_word(sources[i].categories, source->category)) &&
                (source->service.len == 0 || has_word(sources[i].services, source->service)))
            return true;
    }
    return false;
}

void lint_logsource(struct work *w, struct hn_yaml_ref root, const struct hn_logsource *source)
{
    struct hn_yaml_ref section = hn_yaml_get(root, HN_TEXT("logsource"));
    struct hn_yaml_iter iter = hn_yaml_children(section);
    struct hn_yaml_ref key;
    struct hn_yaml_ref value;

    if (!is_known(source) && (source->product.len > 0 || !is_known_alone(source))) {
        issue_add(w, CODE_UNKNOWN_LOGSOURCE, sigma_place_of(w, section),
                "no decoder gives product \"%.*s\", category \"%.*s\", service \"%.*s\"",
                HN_TEXT_ARG(source->product), HN_TEXT_ARG(source->category),
                HN_TEXT_ARG(source->service));
    }
    while (hn_yaml_next_pair(&iter, &key, &value)) {
        struct hn_text name = hn_yaml_text(key);

        if (!has_word(" category product service definition ", name))
            issue_add(w, CODE_LOGSOURCE_FORM, sigma_place_of(w, key),
                    "logsource has no \"%.*s\"; it is ignored", HN_TEXT_ARG(name));
    }
}

/* ---- Fields of Windows events ---- */

#define SYSTEM_FIELDS                                                                              \
    " EventID Channel Provider_Name Provider_Guid Computer ComputerName Hostname EventType "       \
    "Message Keywords Level Task Opcode Version EventRecordID Execution_ProcessID "                \
    "Execution_ThreadID Correlation_ActivityID Security_UserID TimeCreated UtcTime RuleName User " \
    "hinomi.image_name hinomi.parent_name hinomi.decoded_command hinomi.url_host "                 \
    "hinomi.url_path hinomi.registered_domain " /* of samples: docs/analysis-report.md */          \
    "hinomi.act hinomi.autorun hinomi.conditional hinomi.format hinomi.host hinomi.in "            \
    "hinomi.in_category hinomi.in_encrypted hinomi.name hinomi.object hinomi.relation "            \
    "hinomi.starts hinomi.via "

#define PROCESS_FIELDS " ProcessGuid ProcessId Image "
#define HASH_FIELDS    " Hashes Hash md5 sha1 sha256 MD5 SHA1 SHA256 imphash Imphash IMPHASH "
#define FILE_FIELDS    " FileVersion Description Product Company OriginalFileName "

static const struct {
    const char *category;
    const char *fields;
} category_fields[] = {
    { "process_creation", PROCESS_FIELDS FILE_FIELDS HASH_FIELDS
            " CommandLine CurrentDirectory LogonGuid LogonId TerminalSessionId IntegrityLevel "
            "ParentProcessGuid ParentProcessId ParentImage ParentCommandLine ParentUser "
            "NewProcessName NewProcessId ProcessName ParentProcessName ProcessCommandLine "
            "SubjectUserSid SubjectUserName SubjectDomainName SubjectLogonId TargetUserSid "
            "TargetUserName TargetDomainName TargetLogonId TokenElevationType MandatoryLabel " },
    { "process_termination", PROCESS_FIELDS " ProcessName SubjectUserName ExitStatus Status " },
    { "file_change", PROCESS_FIELDS " TargetFilename CreationUtcTime PreviousCreationUtcTime " },
    { "network_connection", PROCESS_FIELDS
            " Protocol Initiated SourceIsIpv6 SourceIp SourceHostname SourcePort SourcePortName "
            "DestinationIsIpv6 DestinationIp DestinationHostname DestinationPort "
            "DestinationPortName Application Direction SourceAddress DestAddress DestPort " },
    { "driver_load", HASH_FIELDS " ImageLoaded Signed Signature SignatureStatus " },
    { "image_load", PROCESS_FIELDS FILE_FIELDS HASH_FIELDS
            " ImageLoaded Signed Signature SignatureStatus " },
    { "create_remote_thread",
            " SourceProcessGuid SourceProcessId SourceImage TargetProcessGuid TargetProcessId "
            "TargetImage NewThreadId StartAddress StartModule StartFunction SourceUser "
            "TargetUser " },
    { "raw_access_thread", PROCESS_FIELDS " Device " },
    { "raw_access_read", PROCESS_FIELDS " Device " },
    { "process_access",
            " SourceProcessGUID SourceProcessGuid SourceProcessId SourceThreadId SourceImage "
            "TargetProcessGUID TargetProcessGuid TargetProcessId TargetImage GrantedAccess "
            "CallTrace SourceUser TargetUser " },
    { "file_event", PROCESS_FIELDS " TargetFilename CreationUtcTime " },
    { "file_executable_detected", PROCESS_FIELDS HASH_FIELDS " TargetFilename " },
    { "file_block_executable", PROCESS_FIELDS HASH_FIELDS " TargetFilename " },
    { "file_block_shredding", PROCESS_FIELDS HASH_FIELDS " TargetFilename IsExecutable " },
    { "file_delete", PROCESS_FIELDS HASH_FIELDS " TargetFilename IsExecutable Archived " },
    { "file_delete_detected", PROCESS_FIELDS HASH_FIELDS " TargetFilename IsExecutable Archived " },
    { "registry_event",
            PROCESS_FIELDS " TargetObject Details NewName ObjectName ObjectValueName NewValue "
                           "OldValue ProcessName OperationType " },
    { "registry_add", PROCESS_FIELDS " TargetObject " },
    { "registry_delete", PROCESS_FIELDS " TargetObject " },
    { "registry_set", PROCESS_FIELDS " TargetObject Details NewValue OldValue " },
    { "registry_rename", PROCESS_FIELDS " TargetObject NewName " },
    { "create_stream_hash",
            PROCESS_FIELDS HASH_FIELDS " TargetFilename CreationUtcTime Contents " },
    { "pipe_created", PROCESS_FIELDS " PipeName " },
    { "wmi_event", " Operation EventNamespace Name Query Type Destination Consumer Filter " },
    { "dns_query", PROCESS_FIELDS " QueryName QueryStatus QueryResults " },
    { "process_tampering", PROCESS_FIELDS " Type " },
    { "clipboard_capture", PROCESS_FIELDS HASH_FIELDS " Session ClientInfo Archived " },
    { "sysmon_status", " State Version SchemaVersion Configuration ConfigurationFileHash " },
    { "sysmon_error", " ID Description " },
    { "ps_script", " MessageNumber MessageTotal ScriptBlockText ScriptBlockId Path " },
    { "ps_module", " ContextInfo UserData Payload " },
    { "ps_classic_start",
            " Data HostApplication HostName HostVersion EngineVersion NewEngineState "
            "PreviousEngineState HostId RunspaceId PipelineId CommandName CommandType ScriptName "
            "CommandPath CommandLine SequenceNumber " },
    { "ps_classic_provider_start",
            " Data ProviderName NewProviderState HostApplication HostName HostVersion "
            "EngineVersion HostId RunspaceId PipelineId SequenceNumber " },
    { "ps_classic_script",
            " Data HostApplication HostName HostVersion EngineVersion HostId RunspaceId UserId "
            "CommandLine ScriptName DetailSequence DetailTotal " },
};

/* Fields that Windows' category of this name has; NULL when that is not known. */
static const char *fields_of(const struct hn_logsource *source)
{
    if (!hn_text_eq(source->product, HN_TEXT("windows")))
        return NULL;
    for (size_t i = 0; i < HN_COUNT_OF(category_fields); i++) {
        if (hn_text_eq(source->category, hn_text_cstr(category_fields[i].category)))
            return category_fields[i].fields;
    }
    return NULL;
}

static void lint_field(struct work *w, const char *fields, const struct sigma_item *item)
{
    if (item->field.len == 0 || has_word(fields, item->field) ||
            has_word(SYSTEM_FIELDS, item->field))
        return;
    issue_add(w, CODE_UNKNOWN_FIELD, item->place, "events of this log source have no \"%.*s\"",
            HN_TEXT_ARG(item->field));
}

/* "service: sysmon" with EventID 1 is "category: process_creation", which other sensors fill as
 * well. */
static void lint_specific(
        struct work *w, const struct sigma_rule *rule, const struct sigma_item *item)
{
    static const struct {
        uint64_t event_id;
        const char *category;
    } generic[] = { { 1, "process_creation" }, { 2, "file_change" }, { 3, "network_connection" },
        { 5, "process_termination" }, { 6, "driver_load" }, { 7, "image_load" },
        { 8, "create_remote_thread" }, { 9, "raw_access_thread" }, { 10, "process_access" },
        { 11, "file_event" }, { 12, "registry_event" }, { 13, "registry_set" },
        { 14, "registry_rename" }, { 15, "create_stream_hash" }, { 17, "pipe_created" },
        { 18, "pipe_created" }, { 19, "wmi_event" }, { 20, "wmi_event" }, { 21, "wmi_event" },
        { 22, "dns_query" }, { 23, "file_delete" }, { 25, "process_tampering" } };
    bool sysmon = hn_text_eq(rule->logsource.service, HN_TEXT("sysmon"));

    if (!hn_text_eq(item->field, HN_TEXT("EventID")) || item->values[0].kind != SIGMA_NUMBER)
        return;
    for (size_t i = 0; sysmon && i < HN_COUNT_OF(generic); i++) {
        if (item->value_count == 1 && item->values[0].as.number.magnitude == generic[i].event_id)
            issue_add(w, CODE_SPECIFIC_LOGSOURCE, item->place,
                    "category: %s says the same for every sensor", generic[i].category);
    }
}

void lint_fields(struct work *w, const struct sigma_rule *rule)
{
    /* Pipelines give fields other names, on purpose. */
    const char *fields = w->loader->pipelines.count > 0 ? NULL : fields_of(&rule->logsource);

    for (uint32_t i = 0; i < rule->item_count; i++) {
        const struct sigma_item *item = &rule->items[i];

        if (fields != NULL)
            lint_field(w, fields, item);
        lint_specific(w, rule, item);
        for (uint32_t k = 0; k < item->field.len; k++) {
            if (item->field.ptr[k] == ' ') {
                issue_add(w, CODE_FIELD_SPACE, item->place,
                        "field names are written without their spaces (taxonomy)");
                break;
            }
        }
    }
}
