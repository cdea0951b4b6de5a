/* alias_ecs.c - Elastic Common Schema names for what Sigma's fields say.
 *
 * Only for events that are in that schema; names that the original product has itself
 * (winlog.event_data.*) are there already and stay. */
#include "event/event_internal.h"

#define ECS     KIND_BIT(KIND_ECS)
#define LIBRARY KIND_BIT(KIND_ECS_LIBRARY)

#define HASH(list, single, algorithm, source)                                                  \
    ALIAS(ECS, single, source),                                                                \
    {                                                                                          \
        .kinds = ECS, .dst = (list), .src = (source), .make = fill_hashes, .arg = (algorithm), \
        .flags = FILL_ALWAYS                                                                   \
    }

static const struct alias aliases[] = {
    ALIAS(LIBRARY, "ImageLoaded", "dll.path"),
    ALIAS(LIBRARY, "ImageLoaded", "file.path"),
    ALIAS(LIBRARY, "Signed", "dll.code_signature.exists"),
    ALIAS(LIBRARY, "Signature", "dll.code_signature.subject_name"),
    ALIAS(LIBRARY, "SignatureStatus", "dll.code_signature.status"),
    ALIAS(LIBRARY, "OriginalFileName", "dll.pe.original_file_name"),
    ALIAS(LIBRARY, "Company", "dll.pe.company"),
    ALIAS(LIBRARY, "Description", "dll.pe.description"),
    ALIAS(LIBRARY, "Product", "dll.pe.product"),

    ALIAS(ECS, "Image", "process.executable"),
    ALIAS(ECS, "Image", "process.name"),
    ALIAS(ECS, "CommandLine", "process.command_line"),
    MAKE(ECS, "CommandLine", fill_join, "process.args"),
    ALIAS(ECS, "CurrentDirectory", "process.working_directory"),
    ALIAS(ECS, "ProcessId", "process.pid"),
    ALIAS(ECS, "ProcessGuid", "process.entity_id"),
    ALIAS(ECS, "OriginalFileName", "process.pe.original_file_name"),
    ALIAS(ECS, "Company", "process.pe.company"),
    ALIAS(ECS, "Description", "process.pe.description"),
    ALIAS(ECS, "Product", "process.pe.product"),
    ALIAS(ECS, "FileVersion", "process.pe.file_version"),
    ALIAS(ECS, "IntegrityLevel", "process.Ext.token.integrity_level_name"),
    ALIAS(ECS, "ParentImage", "process.parent.executable"),
    ALIAS(ECS, "ParentImage", "process.parent.name"),
    ALIAS(ECS, "ParentCommandLine", "process.parent.command_line"),
    MAKE(ECS, "ParentCommandLine", fill_join, "process.parent.args"),
    ALIAS(ECS, "ParentProcessId", "process.parent.pid"),
    ALIAS(ECS, "ParentProcessGuid", "process.parent.entity_id"),
    ALIAS(ECS, "ParentUser", "process.parent.user.name"),
    MAKE2(ECS, "User", fill_user, "user.name", "user.domain"),
    HASH("Hashes", "md5", "MD5", "process.hash.md5"),
    HASH("Hashes", "sha1", "SHA1", "process.hash.sha1"),
    HASH("Hashes", "sha256", "SHA256", "process.hash.sha256"),
    HASH("Hashes", "imphash", "IMPHASH", "process.pe.imphash"),
    HASH("Hashes", "md5", "MD5", "file.hash.md5"),
    HASH("Hashes", "sha1", "SHA1", "file.hash.sha1"),
    HASH("Hashes", "sha256", "SHA256", "file.hash.sha256"),
    HASH("Hashes", "imphash", "IMPHASH", "file.pe.imphash"),
    HASH("Hashes", "md5", "MD5", "dll.hash.md5"),
    HASH("Hashes", "sha1", "SHA1", "dll.hash.sha1"),
    HASH("Hashes", "sha256", "SHA256", "dll.hash.sha256"),
    HASH("Hashes", "imphash", "IMPHASH", "dll.pe.imphash"),

    ALIAS(ECS, "TargetFilename", "file.path"),
    ALIAS(ECS, "SourceFilename", "file.Ext.original.path"),
    ALIAS(ECS, "PipeName", "file.name"),
    MAKE(ECS, "TargetObject", fill_registry_path, "registry.path"),
    MAKE2(ECS, "Details", fill_registry_details, "registry.data.strings", "registry.data.type"),

    ALIAS(ECS, "SourceIp", "source.ip"),
    ALIAS(ECS, "SourcePort", "source.port"),
    ALIAS(ECS, "SourceHostname", "source.domain"),
    ALIAS(ECS, "DestinationIp", "destination.ip"),
    ALIAS(ECS, "DestinationPort", "destination.port"),
    ALIAS(ECS, "DestinationHostname", "destination.domain"),
    ALIAS(ECS, "Protocol", "network.transport"),
    MAKE_ARG(ECS, "Initiated", fill_word, "network.direction",
            "egress=true;outbound=true;outgoing=true;ingress=false;inbound=false;incoming=false"),
    ALIAS(ECS, "QueryName", "dns.question.name"),
    ALIAS(ECS, "QueryResults", "dns.answers.data"),
    ALIAS(ECS, "QueryResults", "dns.resolved_ip"),
    ALIAS(ECS, "Computer", "host.name"),
    ALIAS(ECS, "Computer", "host.hostname"),
    ALIAS(ECS, "Provider_Name", "event.provider"),
    ALIAS(ECS, "EventID", "event.code"),
};
const struct alias_table alias_ecs = { aliases, HN_COUNT_OF(aliases) };
