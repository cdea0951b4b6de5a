/* normal_names.c - the names under which `hinomi events` shows what normalisation has filled.
 *
 * One name for each thing, the one that Sigma rules use most; other products' names for the same
 * thing can be asked for with --fields. */
#include "event/event_internal.h"

const char *const hn_normal_names[] = {
    /* processes */
    "Image",
    "CommandLine",
    "CurrentDirectory",
    "User",
    "LogonId",
    "IntegrityLevel",
    "OriginalFileName",
    "ProcessId",
    "ProcessGuid",
    "ParentImage",
    "ParentCommandLine",
    "ParentProcessId",
    "ParentProcessGuid",
    "SourceImage",
    "TargetImage",
    /* files, images, registry */
    "TargetFilename",
    "ImageLoaded",
    "Hashes",
    "md5",
    "sha1",
    "sha256",
    "imphash",
    "TargetObject",
    "Details",
    /* PowerShell */
    "ScriptBlockText",
    "HostApplication",
    "Payload",
    "ContextInfo",
    /* both ends of a connection */
    "src_ip",
    "src_port",
    "dst_ip",
    "dst_port",
    "protocol",
    "action",
    "username",
    /* the web and names */
    "c-uri",
    "cs-host",
    "cs-method",
    "sc-status",
    "c-useragent",
    "cs-referer",
    "query",
    "record_type",
    "answer",
    /* computed */
    "hinomi.image_name",
    "hinomi.parent_name",
    "hinomi.decoded_command",
    "hinomi.url",
    "hinomi.url_host",
    "hinomi.url_path",
    "hinomi.registered_domain",
};
const size_t hn_normal_names_count = HN_COUNT_OF(hn_normal_names);
