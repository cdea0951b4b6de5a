/* names.c - where products put fields whose meaning is the same.
 *
 * Facts, not code of others: the shapes are those of evtx_dump, chainsaw, Velociraptor, winlogbeat
 * (old and new), Elastic Agent, NXLog, Wazuh, and exports of Elasticsearch and Splunk. */
#include "event/event_internal.h"

const struct name_envelope name_envelopes[] = {
    { .path = "Event" },
    { .path = "Event.EventData" },
    { .path = "Event.UserData", .any_child = true },
    { .path = "EventData" },
    { .path = "UserData", .any_child = true },
    { .path = "Event.System.UserData", .any_child = true },
    { .path = "event_data" },
    { .path = "user_data" },
    { .path = "winlog.event_data", .shape = HN_SHAPE_ECS },
    { .path = "winlog.user_data", .shape = HN_SHAPE_ECS },
    { .path = "data.win.eventdata", .capitalize = true },
    { .path = "_source" },
    { .path = "result" },
};
const size_t name_envelopes_count = HN_COUNT_OF(name_envelopes);

const struct name_rename name_renames[] = {
    /* evtx_dump, chainsaw: attributes in their own object (the tag and attribute names joined by an
     * underscore are Sigma's names, "Field Usage" in the rules specification) */
    { "Event.System.Provider.#attributes.Name", "Provider_Name" },
    { "Event.System.Provider.#attributes.Guid", "Provider_Guid" },
    { "Event.System.Provider.#attributes.EventSourceName", "Provider_EventSourceName" },
    { "Event.System.Provider_attributes.Name", "Provider_Name" },
    { "Event.System.Provider_attributes.Guid", "Provider_Guid" },
    { "Event.System.Execution.#attributes.ProcessID", "Execution_ProcessID" },
    { "Event.System.Execution.#attributes.ThreadID", "Execution_ThreadID" },
    { "Event.System.Execution_attributes.ProcessID", "Execution_ProcessID" },
    { "Event.System.Execution_attributes.ThreadID", "Execution_ThreadID" },
    { "Event.System.Security.#attributes.UserID", "Security_UserID" },
    { "Event.System.Security_attributes.UserID", "Security_UserID" },
    { "Event.System.Correlation.#attributes.ActivityID", "Correlation_ActivityID" },
    { "Event.System.TimeCreated.#attributes.SystemTime", "TimeCreated" },
    { "Event.System.TimeCreated_attributes.SystemTime", "TimeCreated" },
    { "Event.System.EventID", "EventID" },
    { "Event.System.EventID.#attributes.Qualifiers", "EventID_Qualifiers" },
    { "Event.System.EventID_attributes.Qualifiers", "EventID_Qualifiers" },
    { "Event.System.Version", "Version" },
    { "Event.System.Level", "Level" },
    { "Event.System.Task", "Task" },
    { "Event.System.Opcode", "Opcode" },
    { "Event.System.Keywords", "Keywords" },
    { "Event.System.EventRecordID", "EventRecordID" },
    { "Event.System.Channel", "Channel" },
    { "Event.System.Computer", "Computer" },
    { "Event.RenderingInfo.Message", "Message" },
    /* XML to JSON converters that mark attributes with @ */
    { "Event.System.Provider.@Name", "Provider_Name" },
    { "Event.System.Provider.@Guid", "Provider_Guid" },
    { "Event.System.Execution.@ProcessID", "Execution_ProcessID" },
    { "Event.System.Execution.@ThreadID", "Execution_ThreadID" },
    { "Event.System.Security.@UserID", "Security_UserID" },
    { "Event.System.TimeCreated.@SystemTime", "TimeCreated" },
    /* Velociraptor's parse_evtx() */
    { "System.Provider.Name", "Provider_Name" },
    { "System.Provider.Guid", "Provider_Guid" },
    { "System.EventID.Value", "EventID" },
    { "System.EventID", "EventID" },
    { "System.Channel", "Channel" },
    { "System.Computer", "Computer" },
    { "System.EventRecordID", "EventRecordID" },
    { "System.TimeCreated.SystemTime", "TimeCreated" },
    { "System.Execution.ProcessID", "Execution_ProcessID" },
    { "System.Execution.ThreadID", "Execution_ThreadID" },
    { "System.Security.UserID", "Security_UserID" },
    { "System.Level", "Level" },
    { "System.Task", "Task" },
    { "System.Opcode", "Opcode" },
    { "System.Keywords", "Keywords" },
    { "System.Version", "Version" },
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
    /* winlogbeat 5 and 6 */
    { "log_name", "Channel" },
    { "event_id", "EventID" },
    { "source_name", "Provider_Name" },
    { "computer_name", "Computer" },
    { "record_number", "EventRecordID" },
    /* NXLog (flat) and exports like it */
    { "SourceName", "Provider_Name" },
    { "ProviderName", "Provider_Name" },
    { "ProviderGuid", "Provider_Guid" },
    { "RecordNumber", "EventRecordID" },
    { "ExecutionProcessID", "Execution_ProcessID" },
    { "ExecutionThreadID", "Execution_ThreadID" },
    { "EventRecordId", "EventRecordID" },
    { "LogName", "Channel" },
    { "EventId", "EventID" },
    { "Event_ID", "EventID" },
    { "MachineName", "Computer" },
    /* Wazuh */
    { "data.win.system.channel", "Channel" },
    { "data.win.system.eventID", "EventID" },
    { "data.win.system.providerName", "Provider_Name" },
    { "data.win.system.providerGuid", "Provider_Guid" },
    { "data.win.system.computer", "Computer" },
    { "data.win.system.eventRecordID", "EventRecordID" },
    { "data.win.system.systemTime", "TimeCreated" },
    { "data.win.system.message", "Message" },
    { "data.win.system.processID", "Execution_ProcessID" },
    { "data.win.system.threadID", "Execution_ThreadID" },
};
const size_t name_renames_count = HN_COUNT_OF(name_renames);

static bool strip_envelope(struct hn_text *name)
{
    for (size_t i = 0; i < name_envelopes_count; i++) {
        struct hn_text path = hn_text_cstr(name_envelopes[i].path);
        struct hn_text rest;
        struct hn_text part;

        if (name->len <= path.len + 1 || !hn_text_starts(*name, path) || name->ptr[path.len] != '.')
            continue;
        rest = hn_text_sub(*name, path.len + 1, name->len);
        if (name_envelopes[i].any_child && (!hn_text_split(&rest, '.', &part) || rest.len == 0))
            continue;
        *name = rest;
        return true;
    }
    return false;
}

static bool rename_whole(struct hn_text *name)
{
    for (size_t i = 0; i < name_renames_count; i++) {
        if (hn_text_eq(*name, hn_text_cstr(name_renames[i].path))) {
            *name = hn_text_cstr(name_renames[i].canonical);
            return true;
        }
    }
    return false;
}

struct hn_text hn_name_canonical(struct hn_text name)
{
    while (!rename_whole(&name) && strip_envelope(&name))
        continue;
    return name;
}
