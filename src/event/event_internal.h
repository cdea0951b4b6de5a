/* event_internal.h - how schema, names, sources and aliases of this module fit together.
 *
 * What one event goes through (source.c): marks tell which log source it is -> its kinds (a set of
 * bits) select fill programs -> each step fills one wanted field that the event lacks (alias.c).
 * Everything here is either a constant table or compiled once per schema. */
#ifndef HN_EVENT_EVENT_INTERNAL_H
#define HN_EVENT_EVENT_INTERNAL_H

#include "event/event.h"
#include "event/name_table.h"

/* ---- Names (names.c): shapes in which products nest or rename the same fields ---- */

/* Path of a place in a document, dots between parts. */
struct name_rename {
    const char *path;
    const char *canonical;
};
extern const struct name_rename name_renames[];
extern const size_t name_renames_count;

/* Places that are only envelopes: what is below them counts as top-level. With any_child the
 * envelope has one more level of whatever name (Event.UserData.EventXML). */
struct name_envelope {
    const char *path;
    bool any_child;
    bool capitalize; /* Wazuh writes the first letter small */
    uint32_t shape;
};
extern const struct name_envelope name_envelopes[];
extern const size_t name_envelopes_count;

/* Takes away what some collectors put before every name ("_Image" in GELF); false: not there. */
bool name_strip_prefix(struct hn_text *name);

/* ---- Marks: fields by which a log source is recognised; every schema wants them ---- */

#define MARK_LIST(X)                                                        \
    /* Windows events whose shipper has its own names for the three keys */ \
    X(MARK_EVENT_LOG, "EventLog")                                           \
    X(MARK_SOURCE_NAME, "SourceName")                                       \
    X(MARK_EVENT_SOURCE, "EventSourceName")                                 \
    X(MARK_SOURCE, "Source")                                                \
    X(MARK_ID, "Id")                                                        \
    X(MARK_EVENT_CODE, "event.code")                                        \
    X(MARK_EVENT_PROVIDER, "event.provider")                                \
    /* Windows events whose category depends on a value */                  \
    X(MARK_OPERATION_TYPE, "OperationType")                                 \
    X(MARK_OBJECT_TYPE, "ObjectType")                                       \
    /* present when a Windows event still has its structured fields */      \
    X(MARK_UTC_TIME, "UtcTime")                                             \
    X(MARK_SUBJECT_NAME, "SubjectUserName")                                 \
    X(MARK_TARGET_NAME, "TargetUserName")                                   \
    X(MARK_APPLICATION, "Application")                                      \
    X(MARK_SERVICE_NAME, "ServiceName")                                     \
    X(MARK_INTERFACE_UUID, "InterfaceUuid")                                 \
    X(MARK_EVENT_DATA, "EventData")                                         \
    X(MARK_DESCRIPTION, "Description")                                      \
    X(MARK_DESCRIPTION_V1, "description")                                   \
    X(MARK_RAW, "_raw")                                                     \
    /* Elastic Common Schema */                                             \
    X(MARK_ECS_VERSION, "ecs.version")                                      \
    X(MARK_EVENT_KIND, "event.kind")                                        \
    X(MARK_EVENT_MODULE, "event.module")                                    \
    X(MARK_FILESET, "fileset.name")                                         \
    X(MARK_EVENT_DATASET, "event.dataset")                                  \
    X(MARK_STREAM_DATASET, "data_stream.dataset")                           \
    X(MARK_EVENT_CATEGORY, "event.category")                                \
    X(MARK_ECS_EVENT_TYPE, "event.type")                                    \
    X(MARK_EVENT_ACTION, "event.action")                                    \
    X(MARK_AGENT_TYPE, "agent.type")                                        \
    X(MARK_HOST_OS_TYPE, "host.os.type")                                    \
    X(MARK_HOST_OS_PLATFORM, "host.os.platform")                            \
    X(MARK_HOST_OS_FAMILY, "host.os.family")                                \
    /* values that say which of a product's logs it is */                   \
    X(MARK_ACTION_TYPE, "ActionType")                                       \
    X(MARK_FOLDER_PATH, "FolderPath")                                       \
    X(MARK_PARENT_FOLDER, "InitiatingProcessFolderPath")                    \
    X(MARK_SIMPLE_NAME, "event_simpleName")                                 \
    X(MARK_PLATFORM, "event_platform")                                      \
    X(MARK_AZURE_TYPE, "Type")                                              \
    X(MARK_CATEGORY, "category")                                            \
    X(MARK_RISK_TYPE, "riskEventType")                                      \
    X(MARK_ODATA_TYPE, "@odata.type")                                       \
    X(MARK_RISK_TYPE_UPPER, "RiskEventType")                                \
    X(MARK_SERVICE, "protoPayload.serviceName")                             \
    X(MARK_APPLICATION_NAME, "id.applicationName")                          \
    X(MARK_WORKLOAD, "Workload")                                            \
    X(MARK_OFFICE_WORKLOAD, "OfficeWorkload")                               \
    X(MARK_ZEEK_PATH, "_path")                                              \
    X(MARK_SURICATA_TYPE, "event_type")                                     \
    X(MARK_HINOMI_CATEGORY, "hinomi.category")

enum mark {
#define MARK_ENUM(name, text) name,
    MARK_LIST(MARK_ENUM)
#undef MARK_ENUM
            MARK_COUNT
};

/* ---- Kinds of event, for which fill programs exist. Run in this order. ---- */

#define KIND_LIST(X)                                                     \
    X(KIND_WINDOWS)        /* any Windows event */                       \
    X(KIND_SYSMON)         /* Sysmon on Windows */                       \
    X(KIND_SYSMON_TYPED)   /* Sysmon events with an EventType */         \
    X(KIND_SECURITY)       /* the Security log */                        \
    X(KIND_PROCESS_AUDIT)  /* Security 4688 */                           \
    X(KIND_PROCESS_END)    /* Security 4689 */                           \
    X(KIND_REGISTRY_AUDIT) /* Security 4657 */                           \
    X(KIND_FILE_AUDIT)     /* Security 4663 */                           \
    X(KIND_NETWORK_AUDIT)  /* Security 5156 */                           \
    X(KIND_CLASSIC)        /* providers with unnamed <Data> */           \
    X(KIND_PS_CLASSIC)     /* Windows PowerShell 400, 600, 800 */        \
    X(KIND_PS_START)       /* ... 400: a process starts */               \
    X(KIND_PS_MODULE)      /* PowerShell 4103 */                         \
    X(KIND_DEFENDER)       /* Windows Defender detections */             \
    X(KIND_MDE)            /* Defender advanced hunting, any table */    \
    X(KIND_MDE_PROCESS)    /* ... a process was created */               \
    X(KIND_MDE_OBJECT)     /* ... a process did something to a file, */  \
                           /* key, address: it is "Image" */             \
    X(KIND_MDE_FILE)                                                     \
    X(KIND_MDE_IMAGE)                                                    \
    X(KIND_MDE_DRIVER)                                                   \
    X(KIND_MDE_VALUE) /* a registry value, before the keys */            \
    X(KIND_MDE_REGISTRY)                                                 \
    X(KIND_MDE_NETWORK)                                                  \
    X(KIND_MDE_THREAD)                                                   \
    X(KIND_MDE_ANTIVIRUS)                                                \
    X(KIND_FALCON)   /* CrowdStrike sensor data */                       \
    X(KIND_ESLOGGER) /* macOS Endpoint Security */                       \
    X(KIND_OSQUERY)  /* osquery process events */                        \
    X(KIND_CLOUDTRAIL)                                                   \
    X(KIND_AZURE)       /* activity, Entra audit, sign-in, risk */       \
    X(KIND_AZURE_AUDIT) /* Entra audit logs */                           \
    X(KIND_GCP)                                                          \
    X(KIND_WORKSPACE) /* Google Workspace */                             \
    X(KIND_M365)                                                         \
    X(KIND_OKTA)                                                         \
    X(KIND_GITHUB)                                                       \
    X(KIND_ECS)         /* Elastic Common Schema names */                \
    X(KIND_ECS_LIBRARY) /* ... a library or driver was loaded */         \
    X(KIND_ZEEK_HTTP)                                                    \
    X(KIND_SURICATA)                                                     \
    X(KIND_PROXY)                                                        \
    X(KIND_WEBSERVER)                                                    \
    X(KIND_WEB)     /* either of the two */                              \
    X(KIND_NETWORK) /* connections, firewalls, anything with two ends */ \
    X(KIND_DNS)                                                          \
    X(KIND_ANTIVIRUS)                                                    \
    X(KIND_AUDITD)                                                       \
    X(KIND_WEB_LAST) /* with KIND_WEB: URLs taken apart and joined */    \
    X(KIND_NORMAL)   /* every event, last: from normal names to others */

enum kind_number {
#define KIND_ENUM(name) name##_NUMBER,
    KIND_LIST(KIND_ENUM)
#undef KIND_ENUM
            KIND_COUNT
};
typedef uint64_t kind_set;
#define KIND_BIT(name) ((kind_set)1 << name##_NUMBER)
_Static_assert((int)KIND_COUNT <= 64, "a set of kinds is one 64-bit number");

/* ---- Filling (alias.c, fill_*.c) ---------------------------------------------------------------
 */

struct fill;

/* Fills step->dst from step->src (present unless FILL_BLIND) if it can. */
typedef void fill_make(struct hn_event *event, const struct fill *step);

#define FILL_ALWAYS 0x1u /* also when dst is present: make decides */
#define FILL_BLIND  0x2u /* also when src is absent */

struct alias {
    kind_set kinds;    /* any of these */
    const char *dst;   /* filled when absent ... */
    const char *src;   /* ... from this */
    const char *other; /* a second field that make reads; may be NULL */
    fill_make *make;   /* NULL: the same values */
    const char *arg;   /* a constant for make; may be NULL */
    uint32_t flags;
};

/* The same, computed, with a second field or a constant. */
#define ALIAS(k, d, s)                       \
    {                                        \
        .kinds = (k), .dst = (d), .src = (s) \
    }
#define MAKE(k, d, f, s)                                  \
    {                                                     \
        .kinds = (k), .dst = (d), .src = (s), .make = (f) \
    }
#define MAKE2(k, d, f, s, o)                                            \
    {                                                                   \
        .kinds = (k), .dst = (d), .src = (s), .other = (o), .make = (f) \
    }
#define MAKE_ARG(k, d, f, s, a)                                       \
    {                                                                 \
        .kinds = (k), .dst = (d), .src = (s), .make = (f), .arg = (a) \
    }

struct alias_table {
    const struct alias *aliases;
    size_t count;
};
extern const struct alias_table alias_windows, alias_endpoint, alias_cloud, alias_ecs,
        alias_network, alias_normal;

/* Names of one thing: whichever is wanted is filled from the first of the others. */
#define SYNONYMS_MAX 28
struct synonyms {
    kind_set kinds;
    const char *names[SYNONYMS_MAX];
};
extern const struct synonyms event_network_synonyms[], event_cloud_synonyms[];
extern const size_t event_network_synonyms_count, event_cloud_synonyms_count;

struct fill {
    hn_field dst;
    hn_field src;
    hn_field other; /* HN_FIELD_NONE: none */
    uint16_t skip;  /* steps to pass over when dst is there: those with the same dst */
    uint16_t flags;
    fill_make *make;
    struct hn_text arg;
};

struct fill_program {
    HN_VEC(struct fill) steps;
};

/* Builds schema->programs for what is wanted, wanting the sources of aliases as well. */
enum hn_status alias_compile(struct hn_schema *schema);
void alias_fill(struct hn_event *event, kind_set kinds);

/* Appends a value to dst; text must live as long as the event's values. */
void fill_text(struct hn_event *event, hn_field dst, struct hn_text text);
/* The same with a value of any type, which is copied and must not be one of the event's. */
void fill_value(struct hn_event *event, hn_field dst, const struct hn_value *value);
/* Forgets the values of dst. */
void fill_clear(struct hn_event *event, hn_field dst);
/* First value of a field as text; empty when absent, null, "-", or a JSON object. */
struct hn_text fill_source(struct hn_event *event, hn_field field);

/* Copies the values from first on behind those of dst. */
void fill_append(struct hn_event *event, hn_field dst, uint32_t first);
/* Gives dst a list of its own, so that what is appended does not lengthen another field's. */
void fill_own(struct hn_event *event, hn_field dst);

/* What the tables call; each file says what its functions do. */
fill_make fill_concat, fill_user, fill_user_part, fill_decimal, fill_process_id, fill_logon_id,
        fill_merge, fill_merge_next, fill_replace, fill_join, fill_join_path, fill_file_name,
        fill_word, fill_plain, fill_strip_prefix, fill_integrity, fill_device_path, fill_protocol,
        fill_keywords, fill_level, fill_event_type, fill_labelled_line; /* fill_values.c */
fill_make fill_registry_path, fill_registry_details;                    /* fill_registry.c */
fill_make fill_hash, fill_hashes;                                       /* fill_hash.c */
fill_make fill_url_part, fill_whole_url, fill_origin, fill_request_part, fill_query_whole,
        fill_registered_domain, fill_parent_domain, fill_length; /* fill_url.c */
fill_make fill_decoded_command;                                  /* fill_command.c */
fill_make fill_name_value, fill_json_member;                     /* fill_cloud.c */

/* The machine by the wanted fields that name one, without regard to the source, hence the same in
 * both modes; empty: none (context.c). */
struct hn_text context_host(struct hn_event *event);

/* ---- Message text (message.c): structured fields from rendered text ---- */

enum message_layout {
    MESSAGE_SYSMON,   /* "Image: C:\..." a line, names are the fields' */
    MESSAGE_SECURITY, /* sections and labels */
};
void message_fill(
        struct hn_event *event, struct hn_text text, enum message_layout layout, uint32_t event_id);
/* <Data Name="Image">...</Data> in a field's text (Azure's Event table). */
void message_fill_xml(struct hn_event *event, struct hn_text xml);
/* A whole event as one text: XML, or Splunk's "LogName=Security" lines. */
void message_fill_raw(struct hn_event *event, struct hn_text raw);

/* Field of a label within a section in the text of a security event, or none (ptr NULL); and the
 * fields of a Sysmon event in the order of its text, blanks between (message_table.c). */
struct hn_text message_label_field(uint32_t event_id, struct hn_text section, struct hn_text label);
bool message_is_known(uint32_t event_id); /* of the Security log and those like it */
const char *message_sysmon_fields(uint32_t event_id);

/* ---- Schema -----------------------------------------------------------------------------------
 */

struct schema_node {
    hn_field field;
    hn_node lookup; /* node under which children are looked up: itself, or the root for envelopes */
    hn_node any_child; /* what an unknown child is; HN_NODE_NONE: not wanted */
    uint32_t shape;
    bool capitalize;
    struct hn_text canonical; /* name of the value here; ptr NULL: by its path */
};

struct signature_set;

struct hn_schema {
    struct hn_arena arena;
    struct hn_map by_name;
    HN_VEC(struct hn_text) names; /* by field number */
    HN_VEC(struct schema_node) nodes;
    struct name_table children;
    struct fill_program programs[KIND_COUNT];
    hn_field marks[MARK_COUNT];
    struct signature_set *signatures;
    bool sealed;
};

const struct schema_node *event_schema_node_at(const struct hn_schema *schema, hn_node node);

/* ---- Source resolution --------------------------------------------------------------------------
 */

HN_INLINE bool mark_present(const struct hn_event *event, enum mark mark)
{
    return hn_event_has(event, event->schema->marks[mark]);
}

HN_INLINE struct hn_text mark_text(struct hn_event *event, enum mark mark)
{
    return hn_event_field_text(event, event->schema->marks[mark]);
}

struct source_cache;
struct source_cache *source_cache_new(void);
void source_cache_free(struct source_cache *cache);

/* Labels of an event known by the values of a few keys. Adds to *ret; returns the kinds. */
void source_label(
        struct hn_source *source, const char *product, const char *category, const char *service);
bool source_has_label(const struct hn_text *labels, struct hn_text wanted);
/* A field as an unsigned number. */
bool source_u32(struct hn_event *event, hn_field field, uint32_t *ret_number);

/* Windows (source_windows.c). False: these are not the keys of a Windows event. */
bool source_windows(struct hn_event *event, kind_set *ret_kinds);

/* JSON of clouds, applications and sensors, by the fields it has (source_signature.c). */
enum hn_status event_signature_compile(struct hn_schema *schema);
bool source_signature(struct hn_event *event, kind_set *ret_kinds);
/* Defender advanced hunting, CrowdStrike: by the action (source_endpoint.c). */
kind_set source_mde(struct hn_event *event);
kind_set source_falcon(struct hn_event *event);
/* Elastic Common Schema: by dataset, else by category and operating system (source_ecs.c). */
bool source_ecs(struct hn_event *event, kind_set *ret_kinds);
/* Tables by one word: Zeek's log, Suricata's event type (source_ecs.c). */
void source_zeek(struct hn_source *source, struct hn_text path);
void source_suricata(struct hn_source *source, struct hn_text type);

#endif
