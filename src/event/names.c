/* names.c - where products put fields whose meaning is the same.
 *
 * Facts, not code of others: the shapes are those of evtx_dump, chainsaw, Hayabusa, Velociraptor,
 * winlogbeat (old and new), Elastic Agent, NXLog, fluentd and Fluent Bit, Wazuh, Graylog, Splunk,
 * PowerShell's ConvertTo-Json, Azure Monitor, and exports of Elasticsearch. A name goes here only
 * when it means the same in every product; what depends on the log source is an alias. */
#include "event/event_internal.h"

#include <pthread.h>
#include <stdlib.h>

/* What stands below another envelope is written without it: "win" is found in "data.win" too. */
const struct name_envelope name_envelopes[] = {
    { .path = "Event" },
    { .path = "EventData" },
    { .path = "UserData", .any_child = true },
    { .path = "System.UserData", .any_child = true },
    { .path = "event_data" },
    { .path = "user_data" },
    { .path = "winlog.event_data", .shape = HN_SHAPE_ECS },
    { .path = "winlog.user_data", .shape = HN_SHAPE_ECS },
    { .path = "data" }, /* Wazuh, Pub/Sub, CloudEvents */
    { .path = "win.eventdata", .capitalize = true },
    { .path = "win", .any_child = true, .capitalize = true }, /* win.logFileCleared */
    { .path = "_source" },
    { .path = "fields" },       /* Elasticsearch's fields API */
    { .path = "result" },       /* Splunk's export */
    { .path = "document" },     /* chainsaw hunt --json: document.data.Event */
    { .path = "AllFieldInfo" }, /* Hayabusa */
    { .path = "ExtraFieldInfo" },
    { .path = "XmlEventData" }, /* SilkETW */
    { .path = "detail" },       /* EventBridge around CloudTrail */
    { .path = "o365.audit" },   /* filebeat: the names below are the product's own */
    { .path = "kubernetes.audit" },
    { .path = "cisco_duo.auth" },
    { .path = "suricata.eve" },
    { .path = "zeek", .any_child = true },
};
const size_t name_envelopes_count = HN_COUNT_OF(name_envelopes);

static const char *const name_prefixes[] = { "_" /* GELF */, "winlogbeat_winlog_event_data_" };

const struct name_rename name_renames[] = {
    /* evtx_dump, chainsaw: attributes in their own object (the tag and attribute names joined by an
     * underscore are Sigma's names, "Field Usage" in the rules specification) */
    { "System.Provider.#attributes.Name", "Provider_Name" },
    { "System.Provider.#attributes.Guid", "Provider_Guid" },
    { "System.Provider.#attributes.EventSourceName", "Provider_EventSourceName" },
    { "System.Provider_attributes.Name", "Provider_Name" },
    { "System.Provider_attributes.Guid", "Provider_Guid" },
    { "System.Execution.#attributes.ProcessID", "Execution_ProcessID" },
    { "System.Execution.#attributes.ThreadID", "Execution_ThreadID" },
    { "System.Execution_attributes.ProcessID", "Execution_ProcessID" },
    { "System.Execution_attributes.ThreadID", "Execution_ThreadID" },
    { "System.Security.#attributes.UserID", "Security_UserID" },
    { "System.Security_attributes.UserID", "Security_UserID" },
    { "System.Correlation.#attributes.ActivityID", "Correlation_ActivityID" },
    { "System.TimeCreated.#attributes.SystemTime", "TimeCreated" },
    { "System.TimeCreated_attributes.SystemTime", "TimeCreated" },
    { "System.EventID", "EventID" },
    { "System.EventID.#attributes.Qualifiers", "EventID_Qualifiers" },
    { "System.EventID_attributes.Qualifiers", "EventID_Qualifiers" },
    { "System.Version", "Version" },
    { "System.Level", "Level" },
    { "System.Task", "Task" },
    { "System.Opcode", "Opcode" },
    { "System.Keywords", "Keywords" },
    { "System.EventRecordID", "EventRecordID" },
    { "System.Channel", "Channel" },
    { "System.Computer", "Computer" },
    { "RenderingInfo.Message", "Message" },
    /* XML to JSON converters that mark attributes with @ */
    { "System.Provider.@Name", "Provider_Name" },
    { "System.Provider.@Guid", "Provider_Guid" },
    { "System.Execution.@ProcessID", "Execution_ProcessID" },
    { "System.Execution.@ThreadID", "Execution_ThreadID" },
    { "System.Security.@UserID", "Security_UserID" },
    { "System.TimeCreated.@SystemTime", "TimeCreated" },
    /* XML to JSON converters that mark attributes with @ or keep text in #text, $, _ */
    { "System.Provider.@EventSourceName", "Provider_EventSourceName" },
    { "System.EventID.#text", "EventID" },
    { "System.EventID.@Qualifiers", "EventID_Qualifiers" },
    { "Data.#text", "Data" },
    { "System.Correlation.@ActivityID", "Correlation_ActivityID" },
    /* Velociraptor's parse_evtx() */
    { "System.Provider.Name", "Provider_Name" },
    { "System.Provider.Guid", "Provider_Guid" },
    { "System.EventID.Value", "EventID" },
    { "System.TimeCreated.SystemTime", "TimeCreated" },
    { "System.Execution.ProcessID", "Execution_ProcessID" },
    { "System.Execution.ThreadID", "Execution_ThreadID" },
    { "System.Security.UserID", "Security_UserID" },
    /* winlogbeat 7 and later, Elastic Agent */
    { "winlog.channel", "Channel" },
    { "winlog.event_id", "EventID" },
    { "winlog.provider_name", "Provider_Name" },
    { "winlog.provider_guid", "Provider_Guid" },
    { "winlog.computer_name", "Computer" },
    { "winlog.record_id", "EventRecordID" },
    { "winlog.process.pid", "Execution_ProcessID" },
    { "winlog.process.thread.id", "Execution_ThreadID" },
    { "winlog.user.identifier", "Security_UserID" },
    { "winlog.version", "Version" },
    { "winlog.activity_id", "Correlation_ActivityID" },
    { "winlog.opcode", "Opcode" },
    { "winlog.time_created", "TimeCreated" },
    { "message", "Message" },
    /* winlogbeat 5 and 6 */
    { "log_name", "Channel" },
    { "event_id", "EventID" },
    { "source_name", "Provider_Name" },
    { "computer_name", "Computer" },
    { "record_number", "EventRecordID" },
    /* NXLog (flat) and exports like it */
    { "ProviderName", "Provider_Name" },
    { "ProviderGUID", "Provider_Guid" },
    { "ProviderGuid", "Provider_Guid" },
    { "RecordNumber", "EventRecordID" },
    { "ExecutionProcessID", "Execution_ProcessID" },
    { "ExecutionThreadID", "Execution_ThreadID" },
    { "EventRecordId", "EventRecordID" },
    { "LogName", "Channel" },
    { "EventId", "EventID" },
    { "Event_ID", "EventID" },
    { "Event ID", "EventID" },
    { "EventCode", "EventID" },
    { "MachineName", "Computer" },
    { "RecordId", "EventRecordID" },
    { "RecordID", "EventRecordID" },
    { "Log Name", "Channel" },
    { "RenderedDescription", "Message" },
    { "FormattedMessage", "Message" },
    { "short_message", "Message" },
    { "full_message", "Message" },
    /* Graylog with winlogbeat: dots have become underscores */
    { "winlogbeat_winlog_channel", "Channel" },
    { "winlogbeat_winlog_event_id", "EventID" },
    { "winlogbeat_winlog_provider_name", "Provider_Name" },
    { "winlogbeat_winlog_computer_name", "Computer" },
    { "winlogbeat_event_id", "EventID" },
    { "winlogbeat_log_name", "Channel" },
    { "winlogbeat_source_name", "Provider_Name" },
    { "winlog_channel", "Channel" },
    { "winlog_event_id", "EventID" },
    { "winlog_provider_name", "Provider_Name" },
    { "winlog_computer_name", "Computer" },
    /* Hayabusa's details */
    { "Details.Cmdline", "CommandLine" },
    { "Details.CmdLine", "CommandLine" },
    { "Details.ParentCmdline", "ParentCommandLine" },
    { "Details.ParentCmd", "ParentCommandLine" },
    { "Details.PGUID", "ProcessGuid" },
    { "Details.PID", "ProcessId" },
    { "Details.ParentPID", "ParentProcessId" },
    { "Details.ParentPGUID", "ParentProcessGuid" },
    { "Details.LID", "LogonId" },
    { "Details.Hash", "Hashes" },
    { "Details.Hashes", "Hashes" },
    { "Details.SrcProc", "SourceImage" },
    { "Details.TgtProc", "TargetImage" },
    { "Details.TgtObj", "TargetObject" },
    { "Details.Pipe", "PipeName" },
    { "Details.ScriptBlock", "ScriptBlockText" },
    /* Defender advanced hunting, streamed to an event hub */
    { "properties.ActionType", "ActionType" },
    { "properties.DeviceName", "DeviceName" },
    { "properties.DeviceId", "DeviceId" },
    { "properties.Timestamp", "Timestamp" },
    { "properties.ReportId", "ReportId" },
    { "properties.FileName", "FileName" },
    { "properties.FolderPath", "FolderPath" },
    { "properties.ProcessCommandLine", "ProcessCommandLine" },
    { "properties.ProcessId", "ProcessId" },
    { "properties.ProcessIntegrityLevel", "ProcessIntegrityLevel" },
    { "properties.ProcessVersionInfoCompanyName", "ProcessVersionInfoCompanyName" },
    { "properties.ProcessVersionInfoFileDescription", "ProcessVersionInfoFileDescription" },
    { "properties.ProcessVersionInfoOriginalFileName", "ProcessVersionInfoOriginalFileName" },
    { "properties.ProcessVersionInfoProductName", "ProcessVersionInfoProductName" },
    { "properties.ProcessVersionInfoProductVersion", "ProcessVersionInfoProductVersion" },
    { "properties.AccountName", "AccountName" },
    { "properties.AccountDomain", "AccountDomain" },
    { "properties.InitiatingProcessAccountName", "InitiatingProcessAccountName" },
    { "properties.InitiatingProcessAccountDomain", "InitiatingProcessAccountDomain" },
    { "properties.InitiatingProcessCommandLine", "InitiatingProcessCommandLine" },
    { "properties.InitiatingProcessFileName", "InitiatingProcessFileName" },
    { "properties.InitiatingProcessFolderPath", "InitiatingProcessFolderPath" },
    { "properties.InitiatingProcessId", "InitiatingProcessId" },
    { "properties.InitiatingProcessParentFileName", "InitiatingProcessParentFileName" },
    { "properties.InitiatingProcessParentId", "InitiatingProcessParentId" },
    { "properties.LocalIP", "LocalIP" },
    { "properties.LocalPort", "LocalPort" },
    { "properties.RemoteIP", "RemoteIP" },
    { "properties.RemotePort", "RemotePort" },
    { "properties.RemoteUrl", "RemoteUrl" },
    { "properties.Protocol", "Protocol" },
    { "properties.RegistryKey", "RegistryKey" },
    { "properties.RegistryValueName", "RegistryValueName" },
    { "properties.RegistryValueData", "RegistryValueData" },
    { "properties.RegistryValueType", "RegistryValueType" },
    { "properties.PreviousFileName", "PreviousFileName" },
    { "properties.PreviousFolderPath", "PreviousFolderPath" },
    { "properties.MD5", "MD5" },
    { "properties.SHA1", "SHA1" },
    { "properties.SHA256", "SHA256" },
    /* Wazuh */
    { "full_log", "Message" },
    { "win.system.level", "Level" },
    { "win.system.task", "Task" },
    { "win.system.opcode", "Opcode" },
    { "win.system.keywords", "Keywords" },
    { "win.system.version", "Version" },
    { "win.system.channel", "Channel" },
    { "win.system.eventID", "EventID" },
    { "win.system.providerName", "Provider_Name" },
    { "win.system.providerGuid", "Provider_Guid" },
    { "win.system.computer", "Computer" },
    { "win.system.eventRecordID", "EventRecordID" },
    { "win.system.systemTime", "TimeCreated" },
    { "win.system.message", "Message" },
    { "win.system.processID", "Execution_ProcessID" },
    { "win.system.threadID", "Execution_ThreadID" },
};
const size_t name_renames_count = HN_COUNT_OF(name_renames);

/* ---- Looking names up ---- */

/* The tables are written in the order of products; this is the order of bytes. */
static uint16_t rename_order[HN_COUNT_OF(name_renames)];
static struct hn_text rename_paths[HN_COUNT_OF(name_renames)];
static struct hn_text envelope_paths[HN_COUNT_OF(name_envelopes)];
static pthread_once_t order_once = PTHREAD_ONCE_INIT;

static int compare_renames(const void *a, const void *b)
{
    return hn_text_cmp(rename_paths[*(const uint16_t *)a], rename_paths[*(const uint16_t *)b]);
}

static void order_init(void)
{
    for (size_t i = 0; i < HN_COUNT_OF(name_renames); i++) {
        rename_paths[i] = hn_text_cstr(name_renames[i].path);
        rename_order[i] = (uint16_t)i;
    }
    for (size_t i = 0; i < HN_COUNT_OF(name_envelopes); i++)
        envelope_paths[i] = hn_text_cstr(name_envelopes[i].path);
    qsort(rename_order, HN_COUNT_OF(rename_order), sizeof rename_order[0], compare_renames);
}

static bool rename_whole(struct hn_text *name)
{
    size_t low = 0;
    size_t high = HN_COUNT_OF(rename_order);

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = hn_text_cmp(*name, rename_paths[rename_order[mid]]);

        if (order == 0) {
            *name = hn_text_cstr(name_renames[rename_order[mid]].canonical);
            return true;
        }
        if (order > 0)
            low = mid + 1;
        else
            high = mid;
    }
    return false;
}

static bool strip_envelope(struct hn_text *name)
{
    for (size_t i = 0; i < HN_COUNT_OF(envelope_paths); i++) {
        struct hn_text path = envelope_paths[i];
        struct hn_text rest;
        struct hn_text part;

        if (name->len <= path.len + 1 || name->ptr[path.len] != '.' || !hn_text_starts(*name, path))
            continue;
        rest = hn_text_sub(*name, path.len + 1, name->len);
        if (name_envelopes[i].any_child && (!hn_text_split(&rest, '.', &part) || rest.len == 0))
            continue;
        *name = rest;
        return true;
    }
    return false;
}

/* Names that begin with an underscore of their own. */
static bool is_own_underscore(struct hn_text name)
{
    static const char *const own[] = { "_path", "_raw", "_time", "_source", "_id", "_index",
        "_score", "_type", "_write_ts", "_system_name", "_node", "_document_id", "_ResourceId",
        "_indextime", "_sourcetype", "_cd", "_si", "_bkt", "_serial", "_meta" };

    for (size_t i = 0; i < HN_COUNT_OF(own); i++) {
        if (hn_text_eq(name, hn_text_cstr(own[i])))
            return true;
    }
    return hn_text_starts(name, HN_TEXT("_source."));
}

bool name_strip_prefix(struct hn_text *name)
{
    for (size_t i = 0; i < HN_COUNT_OF(name_prefixes); i++) {
        struct hn_text prefix = hn_text_cstr(name_prefixes[i]);

        if (name->len > prefix.len && hn_text_starts(*name, prefix) && !is_own_underscore(*name)) {
            *name = hn_text_sub(*name, prefix.len, name->len);
            return true;
        }
    }
    return false;
}

struct hn_text hn_name_canonical(struct hn_text name)
{
    (void)pthread_once(&order_once, order_init);
    while (!rename_whole(&name) && (strip_envelope(&name) || name_strip_prefix(&name)))
        continue;
    return name;
}
