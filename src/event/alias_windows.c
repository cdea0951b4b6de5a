/* alias_windows.c - other names in Windows events: those of shippers, and of the audit events that
 * say the same as Sysmon's. */
#include "event/event_internal.h"

#define WINDOWS        KIND_BIT(KIND_WINDOWS)
#define SYSMON         KIND_BIT(KIND_SYSMON)
#define SECURITY       KIND_BIT(KIND_SECURITY)
#define PROCESS_AUDIT  KIND_BIT(KIND_PROCESS_AUDIT)
#define PROCESS_END    KIND_BIT(KIND_PROCESS_END)
#define REGISTRY_AUDIT KIND_BIT(KIND_REGISTRY_AUDIT)
#define FILE_AUDIT     KIND_BIT(KIND_FILE_AUDIT)
#define NETWORK_AUDIT  KIND_BIT(KIND_NETWORK_AUDIT)
#define CLASSIC        KIND_BIT(KIND_CLASSIC)
#define PS_CLASSIC     KIND_BIT(KIND_PS_CLASSIC)
#define PS_MODULE      KIND_BIT(KIND_PS_MODULE)
#define DEFENDER       KIND_BIT(KIND_DEFENDER)

/* Context of classic PowerShell events: "\tHostApplication=powershell.exe ..." in one of the
 * unnamed values, "Host Application = ..." in 4103. */
#define PS_LINE(name)                                                                     \
    { .kinds = PS_CLASSIC,                                                                \
        .dst = (name),                                                                    \
        .src = "Data",                                                                    \
        .make = fill_labelled_line,                                                       \
        .arg = (name) },                                                                  \
    {                                                                                     \
        .kinds = PS_CLASSIC, .dst = (name), .src = "Message", .make = fill_labelled_line, \
        .arg = (name)                                                                     \
    }

static const struct alias aliases[] = {
    /* the keys, as shippers call them */
    ALIAS(WINDOWS, "Channel", "EventLog"),
    ALIAS(WINDOWS, "EventLog", "Channel"),
    ALIAS(WINDOWS, "Provider_Name", "SourceName"),
    ALIAS(WINDOWS, "Provider_Name", "EventSourceName"),
    ALIAS(WINDOWS, "Provider_Name", "Source"),
    ALIAS(WINDOWS, "Provider_Name", "event.provider"),
    ALIAS(WINDOWS, "EventID", "Id"),
    ALIAS(WINDOWS, "EventID", "event.code"),
    ALIAS(WINDOWS, "Computer", "Hostname"),
    ALIAS(WINDOWS, "Computer", "ComputerName"),
    ALIAS(WINDOWS, "Computer", "host.name"),
    ALIAS(WINDOWS, "ComputerName", "Computer"),
    ALIAS(WINDOWS, "ComputerName", "Hostname"),
    ALIAS(WINDOWS, "Security_UserID", "UserID"),
    ALIAS(WINDOWS, "Security_UserID", "UserId"),
    ALIAS(WINDOWS, "Execution_ProcessID", "ProcessID"),
    ALIAS(WINDOWS, "Execution_ThreadID", "ThreadID"),
    { .kinds = WINDOWS,
            .dst = "Keywords",
            .src = "Keywords",
            .make = fill_keywords,
            .flags = FILL_ALWAYS },
    MAKE(WINDOWS, "Keywords", fill_keywords, "winlog.keywords"),
    MAKE(WINDOWS, "Level", fill_level, "log.level"),
    MAKE(WINDOWS, "Level", fill_level, "level"),
    MAKE(WINDOWS, "Level", fill_level, "LevelDisplayName"),
    MAKE(WINDOWS, "Level", fill_level, "EventLevelName"),
    MAKE(WINDOWS, "Level", fill_level, "Severity"),

    /* Splunk's names for what the rendered text says */
    ALIAS(SECURITY, "NewProcessName", "New_Process_Name"),
    ALIAS(SECURITY, "ParentProcessName", "Creator_Process_Name"),
    ALIAS(SECURITY, "CommandLine", "Process_Command_Line"),
    ALIAS(SECURITY, "LogonType", "Logon_Type"),
    ALIAS(SECURITY, "Logon_Type", "LogonType"),
    ALIAS(SECURITY, "IpAddress", "Source_Network_Address"),
    ALIAS(SECURITY, "Source_Network_Address", "IpAddress"),
    ALIAS(SECURITY, "WorkstationName", "Workstation_Name"),
    ALIAS(SECURITY, "ObjectName", "Object_Name"),
    ALIAS(SECURITY, "ObjectType", "Object_Type"),
    ALIAS(SECURITY, "AccessMask", "Access_Mask"),
    ALIAS(SECURITY, "ServiceName", "Service_Name"),
    ALIAS(SECURITY, "ServiceFileName", "Service_File_Name"),
    ALIAS(SECURITY, "ShareName", "Share_Name"),
    ALIAS(SECURITY, "RelativeTargetName", "Relative_Target_Name"),
    ALIAS(SECURITY, "TicketEncryptionType", "Ticket_Encryption_Type"),
    ALIAS(SECURITY, "SubjectUserName", "Account_Name"),
    ALIAS(SECURITY, "SubjectAccountName", "SubjectUserName"),

    /* Sysmon through Hayabusa and NXLog */
    ALIAS(SYSMON, "Image", "Details.Proc"),
    ALIAS(SYSMON, "TargetFilename", "Details.Path"),
    ALIAS(SYSMON, "SourceIp", "Details.SrcIP"),
    ALIAS(SYSMON, "SourcePort", "Details.SrcPort"),
    ALIAS(SYSMON, "DestinationIp", "Details.TgtIP"),
    ALIAS(SYSMON, "DestinationPort", "Details.TgtPort"),
    ALIAS(SYSMON, "DestinationHostname", "Details.TgtHost"),
    ALIAS(SYSMON, "Protocol", "Details.Proto"),
    ALIAS(SYSMON, "QueryName", "Details.Query"),
    ALIAS(SYSMON, "User", "Details.User"),
    { .kinds = KIND_BIT(KIND_SYSMON_TYPED),
            .dst = "EventType",
            .make = fill_event_type,
            .flags = FILL_ALWAYS | FILL_BLIND },
    ALIAS(SYSMON, "GrandParentImage", "ParentOfParentImage"),
    ALIAS(SYSMON, "ParentOfParentImage", "GrandParentImage"),
    ALIAS(SYSMON, "ImagePath", "ImageLoaded"),
    ALIAS(SECURITY, "NewProcessName", "Details.Proc"),
    ALIAS(SECURITY, "TargetUserName", "Details.TgtUser"),
    ALIAS(SECURITY, "SubjectUserName", "Details.SrcUser"),
    ALIAS(SECURITY, "IpAddress", "Details.SrcIP"),
    ALIAS(SECURITY, "WorkstationName", "Details.SrcComp"),
    ALIAS(SECURITY, "LogonType", "Details.Type"),

    /* Security 4688 as Sysmon 1 */
    ALIAS(PROCESS_AUDIT, "Image", "NewProcessName"),
    ALIAS(PROCESS_AUDIT, "Image", "New_Process_Name"),
    ALIAS(PROCESS_AUDIT, "Image", "Details.Proc"),
    ALIAS(PROCESS_AUDIT, "NewProcessName", "Image"),
    ALIAS(PROCESS_AUDIT, "ParentImage", "ParentProcessName"),
    ALIAS(PROCESS_AUDIT, "ParentImage", "Creator_Process_Name"),
    ALIAS(PROCESS_AUDIT, "CommandLine", "ProcessCommandLine"),
    MAKE(PROCESS_AUDIT, "ParentProcessId", fill_decimal, "ProcessId"),
    { .kinds = PROCESS_AUDIT,
            .dst = "ProcessId",
            .src = "NewProcessId",
            .make = fill_process_id,
            .flags = FILL_ALWAYS },
    MAKE2(PROCESS_AUDIT, "User", fill_user, "TargetUserName", "TargetDomainName"),
    MAKE2(PROCESS_AUDIT, "User", fill_user, "SubjectUserName", "SubjectDomainName"),
    MAKE2(PROCESS_AUDIT, "ParentUser", fill_user, "SubjectUserName", "SubjectDomainName"),
    { .kinds = PROCESS_AUDIT, .dst = "LogonId", .src = "TargetLogonId", .make = fill_logon_id },
    ALIAS(PROCESS_AUDIT, "LogonId", "SubjectLogonId"),
    MAKE(PROCESS_AUDIT, "IntegrityLevel", fill_integrity, "MandatoryLabel"),

    /* 4689 as Sysmon 5 */
    ALIAS(PROCESS_END, "Image", "ProcessName"),
    MAKE2(PROCESS_END, "User", fill_user, "SubjectUserName", "SubjectDomainName"),

    /* 4657 as Sysmon 12 and 13 */
    MAKE2(REGISTRY_AUDIT, "TargetObject", fill_registry_path, "ObjectName", "ObjectValueName"),
    MAKE2(REGISTRY_AUDIT, "Details", fill_registry_details, "NewValue", "NewValueType"),
    MAKE_ARG(REGISTRY_AUDIT, "EventType", fill_word, "OperationType",
            "%%1904=SetValue;%%1905=SetValue;%%1906=DeleteValue"),
    ALIAS(REGISTRY_AUDIT, "Image", "ProcessName"),
    MAKE2(REGISTRY_AUDIT, "User", fill_user, "SubjectUserName", "SubjectDomainName"),

    /* 4663 as an access to a file */
    ALIAS(FILE_AUDIT, "FileName", "ObjectName"),
    ALIAS(FILE_AUDIT, "TargetFilename", "ObjectName"),
    ALIAS(FILE_AUDIT, "Image", "ProcessName"),
    MAKE2(FILE_AUDIT, "User", fill_user, "SubjectUserName", "SubjectDomainName"),

    /* 5156 as Sysmon 3; its Application is a device path */
    MAKE(NETWORK_AUDIT, "Image", fill_device_path, "Application"),
    ALIAS(NETWORK_AUDIT, "SourceIp", "SourceAddress"),
    ALIAS(NETWORK_AUDIT, "DestinationIp", "DestAddress"),
    ALIAS(NETWORK_AUDIT, "DestinationPort", "DestPort"),
    ALIAS(NETWORK_AUDIT, "ProcessId", "ProcessID"),
    MAKE_ARG(NETWORK_AUDIT, "Initiated", fill_word, "Direction",
            "%%14592=false;%%14593=true;Inbound=false;Outbound=true"),
    { .kinds = NETWORK_AUDIT,
            .dst = "Protocol",
            .src = "Protocol",
            .make = fill_protocol,
            .flags = FILL_ALWAYS },

    /* unnamed values: winlogbeat numbers them, NXLog leaves only the text */
    { .kinds = CLASSIC, .dst = "Data", .src = "param1", .make = fill_merge },
    { .kinds = CLASSIC,
            .dst = "Data",
            .src = "param2",
            .make = fill_merge_next,
            .flags = FILL_ALWAYS },
    { .kinds = CLASSIC,
            .dst = "Data",
            .src = "param3",
            .make = fill_merge_next,
            .flags = FILL_ALWAYS },
    { .kinds = CLASSIC,
            .dst = "Data",
            .src = "param4",
            .make = fill_merge_next,
            .flags = FILL_ALWAYS },
    { .kinds = CLASSIC,
            .dst = "Data",
            .src = "param5",
            .make = fill_merge_next,
            .flags = FILL_ALWAYS },
    ALIAS(CLASSIC, "Data", "string_inserts"),
    ALIAS(CLASSIC, "Data", "StringInserts"),
    ALIAS(CLASSIC, "Data", "Message"),
    PS_LINE("HostApplication"),
    PS_LINE("HostName"),
    PS_LINE("HostVersion"),
    PS_LINE("HostId"),
    PS_LINE("EngineVersion"),
    PS_LINE("RunspaceId"),
    PS_LINE("PipelineId"),
    PS_LINE("CommandName"),
    PS_LINE("CommandType"),
    PS_LINE("CommandPath"),
    PS_LINE("CommandLine"),
    PS_LINE("ScriptName"),
    PS_LINE("NewEngineState"),
    PS_LINE("PreviousEngineState"),
    PS_LINE("NewProviderState"),
    PS_LINE("SequenceNumber"),
    MAKE_ARG(PS_MODULE, "HostApplication", fill_labelled_line, "ContextInfo", "Host Application"),
    MAKE_ARG(PS_MODULE, "HostName", fill_labelled_line, "ContextInfo", "Host Name"),
    MAKE_ARG(PS_MODULE, "CommandName", fill_labelled_line, "ContextInfo", "Command Name"),
    MAKE_ARG(PS_MODULE, "CommandType", fill_labelled_line, "ContextInfo", "Command Type"),
    MAKE_ARG(PS_MODULE, "ScriptName", fill_labelled_line, "ContextInfo", "Script Name"),

    /* Windows Defender writes its names with blanks; SourceName is a shipper's word for the
     * provider as well, so here the event's own value replaces it */
    { .kinds = DEFENDER,
            .dst = "SourceName",
            .src = "Source Name",
            .make = fill_replace,
            .flags = FILL_ALWAYS },
    ALIAS(DEFENDER, "ThreatName", "Threat Name"),
    ALIAS(DEFENDER, "ThreatID", "Threat ID"),
    ALIAS(DEFENDER, "SeverityName", "Severity Name"),
    ALIAS(DEFENDER, "SeverityID", "Severity ID"),
    ALIAS(DEFENDER, "CategoryName", "Category Name"),
    ALIAS(DEFENDER, "CategoryID", "Category ID"),
    ALIAS(DEFENDER, "StatusCode", "Status Code"),
    ALIAS(DEFENDER, "StatusDescription", "Status Description"),
    ALIAS(DEFENDER, "SourceID", "Source ID"),
    ALIAS(DEFENDER, "ProcessName", "Process Name"),
    ALIAS(DEFENDER, "DetectionID", "Detection ID"),
    ALIAS(DEFENDER, "DetectionTime", "Detection Time"),
    ALIAS(DEFENDER, "DetectionUser", "Detection User"),
    ALIAS(DEFENDER, "OriginID", "Origin ID"),
    ALIAS(DEFENDER, "OriginName", "Origin Name"),
    ALIAS(DEFENDER, "ExecutionID", "Execution ID"),
    ALIAS(DEFENDER, "ExecutionName", "Execution Name"),
    ALIAS(DEFENDER, "TypeID", "Type ID"),
    ALIAS(DEFENDER, "TypeName", "Type Name"),
    ALIAS(DEFENDER, "ActionID", "Action ID"),
    ALIAS(DEFENDER, "ActionName", "Action Name"),
    ALIAS(DEFENDER, "ErrorCode", "Error Code"),
    ALIAS(DEFENDER, "ErrorDescription", "Error Description"),
    ALIAS(DEFENDER, "FeatureName", "Feature Name"),
    ALIAS(DEFENDER, "Feature_Name", "Feature Name"),
    ALIAS(DEFENDER, "FeatureID", "Feature ID"),
    ALIAS(DEFENDER, "OldValue", "Old Value"),
    ALIAS(DEFENDER, "NewValue", "New Value"),
    ALIAS(DEFENDER, "ProductName", "Product Name"),
    ALIAS(DEFENDER, "ProductVersion", "Product Version"),
    ALIAS(DEFENDER, "EngineVersion", "Engine Version"),
    ALIAS(DEFENDER, "ScanType", "Scan Type"),
    ALIAS(DEFENDER, "RemediationUser", "Remediation User"),
    ALIAS(DEFENDER, "AdditionalActionsString", "Additional Actions String"),
    ALIAS(DEFENDER, "InvolvedFile", "Involved File"),
    ALIAS(DEFENDER, "TargetCommandline", "Target Commandline"),
    ALIAS(DEFENDER, "ParentCommandline", "Parent Commandline"),
    ALIAS(DEFENDER, "RuleType", "Rule Type"),
    ALIAS(DEFENDER, "Signature", "Threat Name"),
    ALIAS(DEFENDER, "Signature", "ThreatName"),
    ALIAS(DEFENDER, "Filename", "Path"),
    ALIAS(DEFENDER, "Action", "Action Name"),
};
const struct alias_table alias_windows = { aliases, HN_COUNT_OF(aliases) };
