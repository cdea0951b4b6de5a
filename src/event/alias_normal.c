/* alias_normal.c - the last steps: computed fields, and other schemas' names for Sigma's own, for
 * rules and queries written in them.
 *
 * The sources here are normal names, which the steps before may have filled; naming one as a source
 * makes them do so. Order matters where one step reads what another has filled. */
#include "event/event_internal.h"

#define NORMAL   KIND_BIT(KIND_NORMAL)
#define WEB_LAST KIND_BIT(KIND_WEB_LAST)

#define HASH_OF(dst, algorithm)                            \
    MAKE_ARG(NORMAL, dst, fill_hash, "Hashes", algorithm), \
            MAKE_ARG(NORMAL, dst, fill_hash, "Hash", algorithm)

static const struct alias aliases[] = {
    /* one URL from whatever the log has, then its parts for whoever wants them */
    ALIAS(WEB_LAST, "hinomi.url", "c-uri"),
    ALIAS(WEB_LAST, "hinomi.url", "cs-uri"),
    MAKE_ARG(WEB_LAST, "hinomi.url", fill_request_part, "request", "target"),
    { .kinds = WEB_LAST,
            .dst = "hinomi.url",
            .src = "cs-uri-stem",
            .other = "cs-uri-query",
            .make = fill_concat,
            .arg = "?" },
    MAKE2(WEB_LAST, "hinomi.url_origin", fill_origin, "cs-host", "cs-uri-scheme"),
    MAKE2(WEB_LAST, "c-uri", fill_whole_url, "hinomi.url", "hinomi.url_origin"),
    ALIAS(WEB_LAST, "cs-uri", "hinomi.url"),
    MAKE_ARG(WEB_LAST, "cs-host", fill_url_part, "hinomi.url", "host"),
    MAKE_ARG(WEB_LAST, "r-dns", fill_url_part, "hinomi.url", "host"),
    MAKE_ARG(WEB_LAST, "cs-uri-stem", fill_url_part, "hinomi.url", "path"),
    MAKE_ARG(WEB_LAST, "c-uri-stem", fill_url_part, "hinomi.url", "path"),
    MAKE_ARG(WEB_LAST, "cs-uri-query", fill_url_part, "hinomi.url", "query"),
    MAKE_ARG(WEB_LAST, "c-uri-query", fill_url_part, "hinomi.url", "query"),
    MAKE_ARG(WEB_LAST, "c-uri-extension", fill_url_part, "hinomi.url", "extension"),
    MAKE_ARG(WEB_LAST, "cs-uri-extension", fill_url_part, "hinomi.url", "extension"),
    MAKE_ARG(WEB_LAST, "cs-method", fill_request_part, "request", "method"),
    MAKE_ARG(WEB_LAST, "cs-version", fill_request_part, "request", "version"),
    { .kinds = WEB_LAST,
            .dst = "cs-uri-query",
            .src = "cs-uri-stem",
            .other = "cs-uri-query",
            .make = fill_query_whole,
            .flags = FILL_ALWAYS },
    MAKE_ARG(WEB_LAST, "hinomi.url_host", fill_url_part, "c-uri", "host"),
    ALIAS(WEB_LAST, "hinomi.url_host", "cs-host"),
    MAKE_ARG(WEB_LAST, "hinomi.url_path", fill_url_part, "hinomi.url", "path"),

    /* a container's line is its message */
    MAKE(NORMAL, "Message", fill_plain, "log"),

    /* names of programs */
    MAKE(NORMAL, "hinomi.image_name", fill_file_name, "Image"),
    MAKE(NORMAL, "hinomi.parent_name", fill_file_name, "ParentImage"),

    /* what encoded commands say */
    MAKE(NORMAL, "hinomi.decoded_command", fill_decoded_command, "CommandLine"),
    /* once for each process, not for each of the events that repeat its command line */
    MAKE(KIND_BIT(KIND_PS_START), "hinomi.decoded_command", fill_decoded_command,
            "HostApplication"),
    MAKE(NORMAL, "hinomi.decoded_command", fill_decoded_command, "ScriptBlockText"),

    /* one hash from the list */
    HASH_OF("md5", "MD5"),
    HASH_OF("sha1", "SHA1"),
    HASH_OF("sha256", "SHA256"),
    HASH_OF("imphash", "IMPHASH"),
    ALIAS(NORMAL, "MD5", "md5"),
    ALIAS(NORMAL, "SHA1", "sha1"),
    ALIAS(NORMAL, "SHA256", "sha256"),
    ALIAS(NORMAL, "IMPHASH", "imphash"),
    ALIAS(NORMAL, "Imphash", "imphash"),
    ALIAS(NORMAL, "process.hash.md5", "md5"),
    ALIAS(NORMAL, "process.hash.sha1", "sha1"),
    ALIAS(NORMAL, "process.hash.sha256", "sha256"),

    /* names in the domain name system */
    MAKE(NORMAL, "hinomi.registered_domain", fill_registered_domain, "hinomi.url_host"),
    MAKE(NORMAL, "hinomi.registered_domain", fill_registered_domain, "query"),
    MAKE(NORMAL, "hinomi.registered_domain", fill_registered_domain, "QueryName"),
    MAKE(NORMAL, "hinomi.registered_domain", fill_registered_domain, "DestinationHostname"),
    MAKE(NORMAL, "query_etld_plus_one", fill_registered_domain, "query"),
    MAKE(NORMAL, "parent_domain", fill_parent_domain, "query"),
    MAKE(NORMAL, "query_length", fill_length, "query"),

    /* Elastic Common Schema for rules that use it */
    ALIAS(NORMAL, "process.executable", "Image"),
    MAKE(NORMAL, "process.name", fill_file_name, "Image"),
    ALIAS(NORMAL, "process.command_line", "CommandLine"),
    ALIAS(NORMAL, "process.working_directory", "CurrentDirectory"),
    ALIAS(NORMAL, "process.pid", "ProcessId"),
    ALIAS(NORMAL, "process.entity_id", "ProcessGuid"),
    ALIAS(NORMAL, "process.pe.original_file_name", "OriginalFileName"),
    ALIAS(NORMAL, "process.parent.executable", "ParentImage"),
    MAKE(NORMAL, "process.parent.name", fill_file_name, "ParentImage"),
    ALIAS(NORMAL, "process.parent.command_line", "ParentCommandLine"),
    ALIAS(NORMAL, "process.parent.pid", "ParentProcessId"),
    ALIAS(NORMAL, "file.path", "TargetFilename"),
    MAKE(NORMAL, "file.name", fill_file_name, "TargetFilename"),
    ALIAS(NORMAL, "dll.path", "ImageLoaded"),
    ALIAS(NORMAL, "registry.path", "TargetObject"),
    ALIAS(NORMAL, "registry.data.strings", "Details"),
    ALIAS(NORMAL, "dns.question.name", "QueryName"),
    ALIAS(NORMAL, "dns.question.name", "query"),
    ALIAS(NORMAL, "source.ip", "SourceIp"),
    ALIAS(NORMAL, "source.port", "SourcePort"),
    ALIAS(NORMAL, "destination.ip", "DestinationIp"),
    ALIAS(NORMAL, "destination.port", "DestinationPort"),
    ALIAS(NORMAL, "destination.domain", "DestinationHostname"),
    ALIAS(NORMAL, "network.transport", "Protocol"),
    MAKE_ARG(NORMAL, "user.name", fill_user_part, "User", "name"),
    MAKE_ARG(NORMAL, "user.domain", fill_user_part, "User", "domain"),
    ALIAS(NORMAL, "host.name", "Computer"),
    ALIAS(NORMAL, "event.code", "EventID"),
    ALIAS(NORMAL, "event.provider", "Provider_Name"),
    ALIAS(NORMAL, "url.original", "c-uri"),
    ALIAS(NORMAL, "url.domain", "cs-host"),
    ALIAS(NORMAL, "user_agent.original", "c-useragent"),
    ALIAS(NORMAL, "http.request.method", "cs-method"),
    ALIAS(NORMAL, "http.response.status_code", "sc-status"),
};
const struct alias_table alias_normal = { aliases, HN_COUNT_OF(aliases) };
