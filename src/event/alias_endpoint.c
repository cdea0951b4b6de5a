/* alias_endpoint.c - endpoint products' names for what Sysmon's fields say. */
#include "event/event_internal.h"

#define MDE       KIND_BIT(KIND_MDE)
#define PROCESS   KIND_BIT(KIND_MDE_PROCESS)
#define OBJECT    KIND_BIT(KIND_MDE_OBJECT)
#define FILES     KIND_BIT(KIND_MDE_FILE)
#define IMAGE     KIND_BIT(KIND_MDE_IMAGE)
#define DRIVER    KIND_BIT(KIND_MDE_DRIVER)
#define REGISTRY  KIND_BIT(KIND_MDE_REGISTRY)
#define NETWORK   KIND_BIT(KIND_MDE_NETWORK)
#define THREAD    KIND_BIT(KIND_MDE_THREAD)
#define ANTIVIRUS KIND_BIT(KIND_MDE_ANTIVIRUS)
#define FALCON    KIND_BIT(KIND_FALCON)
#define ESLOGGER  KIND_BIT(KIND_ESLOGGER)
#define OSQUERY   KIND_BIT(KIND_OSQUERY)

/* A hash by its own field and as part of Sysmon's list. */
#define HASH(kind, list, single, algorithm, source)                                               \
    ALIAS(kind, single, source),                                                                  \
    {                                                                                             \
        .kinds = (kind), .dst = (list), .src = (source), .make = fill_hashes, .arg = (algorithm), \
        .flags = FILL_ALWAYS                                                                      \
    }

static const struct alias aliases[] = {
    /* Defender advanced hunting: a process was created */
    MAKE2(PROCESS, "Image", fill_join_path, "FolderPath", "FileName"),
    ALIAS(PROCESS, "CommandLine", "ProcessCommandLine"),
    ALIAS(PROCESS, "OriginalFileName", "ProcessVersionInfoOriginalFileName"),
    ALIAS(PROCESS, "Company", "ProcessVersionInfoCompanyName"),
    ALIAS(PROCESS, "Product", "ProcessVersionInfoProductName"),
    ALIAS(PROCESS, "Description", "ProcessVersionInfoFileDescription"),
    ALIAS(PROCESS, "FileVersion", "ProcessVersionInfoProductVersion"),
    ALIAS(PROCESS, "IntegrityLevel", "ProcessIntegrityLevel"),
    MAKE2(PROCESS, "User", fill_user, "AccountName", "AccountDomain"),
    MAKE2(PROCESS, "ParentImage", fill_join_path, "InitiatingProcessFolderPath",
            "InitiatingProcessFileName"),
    ALIAS(PROCESS, "ParentCommandLine", "InitiatingProcessCommandLine"),
    ALIAS(PROCESS, "ParentProcessId", "InitiatingProcessId"),
    MAKE2(PROCESS, "ParentUser", fill_user, "InitiatingProcessAccountName",
            "InitiatingProcessAccountDomain"),
    ALIAS(PROCESS, "GrandParentImage", "InitiatingProcessParentFileName"),
    /* ... a process did something */
    MAKE2(OBJECT, "Image", fill_join_path, "InitiatingProcessFolderPath",
            "InitiatingProcessFileName"),
    ALIAS(OBJECT, "CommandLine", "InitiatingProcessCommandLine"),
    ALIAS(OBJECT, "ProcessId", "InitiatingProcessId"),
    MAKE2(OBJECT, "User", fill_user, "InitiatingProcessAccountName",
            "InitiatingProcessAccountDomain"),
    ALIAS(OBJECT, "ParentImage", "InitiatingProcessParentFileName"),
    ALIAS(OBJECT, "ParentProcessId", "InitiatingProcessParentId"),
    MAKE2(FILES, "TargetFilename", fill_join_path, "FolderPath", "FileName"),
    MAKE2(FILES, "SourceFilename", fill_join_path, "PreviousFolderPath", "PreviousFileName"),
    MAKE2(IMAGE, "ImageLoaded", fill_join_path, "FolderPath", "FileName"),
    MAKE2(DRIVER, "ImageLoaded", fill_join_path, "FolderPath", "FileName"),
    MAKE2(KIND_BIT(KIND_MDE_VALUE), "TargetObject", fill_registry_path, "RegistryKey",
            "RegistryValueName"),
    MAKE(REGISTRY, "TargetObject", fill_registry_path, "RegistryKey"),
    MAKE2(REGISTRY, "Details", fill_registry_details, "RegistryValueData", "RegistryValueType"),
    MAKE_ARG(REGISTRY, "EventType", fill_word, "ActionType",
            "RegistryKeyCreated=CreateKey;RegistryKeyDeleted=DeleteKey;"
            "RegistryKeyRenamed=RenameKey;RegistryValueSet=SetValue;"
            "RegistryValueDeleted=DeleteValue"),
    ALIAS(NETWORK, "SourceIp", "LocalIP"),
    ALIAS(NETWORK, "SourcePort", "LocalPort"),
    ALIAS(NETWORK, "DestinationIp", "RemoteIP"),
    ALIAS(NETWORK, "DestinationPort", "RemotePort"),
    MAKE_ARG(NETWORK, "DestinationHostname", fill_url_part, "RemoteUrl", "host"),
    MAKE_ARG(NETWORK, "Initiated", fill_word, "ActionType",
            "InboundConnectionAccepted=false;ConnectionSuccess=true;ConnectionFailed=true;"
            "ConnectionAttempt=true"),
    MAKE2(THREAD, "SourceImage", fill_join_path, "InitiatingProcessFolderPath",
            "InitiatingProcessFileName"),
    MAKE2(THREAD, "TargetImage", fill_join_path, "FolderPath", "FileName"),
    ALIAS(THREAD, "SourceProcessId", "InitiatingProcessId"),
    ALIAS(THREAD, "TargetProcessId", "ProcessId"),
    ALIAS(THREAD, "SourceCommandLine", "InitiatingProcessCommandLine"),
    MAKE2(THREAD, "SourceUser", fill_user, "InitiatingProcessAccountName",
            "InitiatingProcessAccountDomain"),
    MAKE2(ANTIVIRUS, "Filename", fill_join_path, "FolderPath", "FileName"),
    MAKE_ARG(ANTIVIRUS, "Signature", fill_json_member, "AdditionalFields", "ThreatName"),
    HASH(MDE, "Hashes", "md5", "MD5", "MD5"),
    HASH(MDE, "Hashes", "sha1", "SHA1", "SHA1"),
    HASH(MDE, "Hashes", "sha256", "SHA256", "SHA256"),
    ALIAS(MDE, "Computer", "DeviceName"),

    /* CrowdStrike sensor data */
    MAKE(FALCON, "Image", fill_device_path, "ImageFileName"),
    MAKE(FALCON, "Image", fill_device_path, "ContextImageFileName"),
    MAKE(FALCON, "ImageLoaded", fill_device_path, "ImageFileName"),
    MAKE(FALCON, "ParentImage", fill_device_path, "ParentImageFileName"),
    ALIAS(FALCON, "ParentImage", "ParentBaseFileName"),
    ALIAS(FALCON, "ProcessId", "RawProcessId"),
    ALIAS(FALCON, "ProcessId", "RawProcessId_decimal"),
    MAKE(FALCON, "TargetFilename", fill_device_path, "TargetFileName"),
    ALIAS(FALCON, "OriginalFileName", "OriginalFilename"),
    ALIAS(FALCON, "QueryName", "DomainName"),
    ALIAS(FALCON, "DestinationIp", "RemoteAddressIP4"),
    ALIAS(FALCON, "DestinationIp", "RemoteAddressIP6"),
    ALIAS(FALCON, "DestinationPort", "RPort"),
    ALIAS(FALCON, "DestinationPort", "RemotePort_decimal"),
    ALIAS(FALCON, "SourceIp", "LocalAddressIP4"),
    ALIAS(FALCON, "SourcePort", "LPort"),
    ALIAS(FALCON, "SourcePort", "LocalPort_decimal"),
    MAKE_ARG(FALCON, "Initiated", fill_word, "event_simpleName",
            "NetworkConnectIP4=true;NetworkConnectIP6=true;NetworkReceiveAcceptIP4=false;"
            "NetworkReceiveAcceptIP6=false"),
    MAKE2(FALCON, "TargetObject", fill_registry_path, "RegObjectName", "RegValueName"),
    ALIAS(FALCON, "Details", "RegStringValue"),
    ALIAS(FALCON, "User", "UserName"),
    HASH(FALCON, "Hashes", "md5", "MD5", "MD5HashData"),
    HASH(FALCON, "Hashes", "sha1", "SHA1", "SHA1HashData"),
    HASH(FALCON, "Hashes", "sha256", "SHA256", "SHA256HashData"),
    ALIAS(FALCON, "Computer", "ComputerName"),

    /* macOS Endpoint Security (eslogger): the process that calls exec is what started the new one
     */
    ALIAS(ESLOGGER, "Image", "event.exec.target.executable.path"),
    MAKE(ESLOGGER, "CommandLine", fill_join, "event.exec.args"),
    ALIAS(ESLOGGER, "ParentImage", "process.executable.path"),
    ALIAS(ESLOGGER, "CurrentDirectory", "event.exec.cwd.path"),
    ALIAS(ESLOGGER, "ProcessId", "event.exec.target.audit_token.pid"),
    ALIAS(ESLOGGER, "Image", "process.executable.path"),
    MAKE2(ESLOGGER, "TargetFilename", fill_join_path, "event.create.destination.new_path.dir.path",
            "event.create.destination.new_path.filename"),

    /* osquery's process tables */
    ALIAS(OSQUERY, "Image", "columns.path"),
    ALIAS(OSQUERY, "CommandLine", "columns.cmdline"),
    ALIAS(OSQUERY, "CurrentDirectory", "columns.cwd"),
    ALIAS(OSQUERY, "ProcessId", "columns.pid"),
    ALIAS(OSQUERY, "ParentProcessId", "columns.parent"),
    ALIAS(OSQUERY, "User", "columns.username"),
};
const struct alias_table alias_endpoint = { aliases, HN_COUNT_OF(aliases) };
