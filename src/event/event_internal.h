/* event_internal.h - how schema, names, sources and aliases of this module fit together. */
#ifndef HN_EVENT_EVENT_INTERNAL_H
#define HN_EVENT_EVENT_INTERNAL_H

#include "event/event.h"
#include "event/name_table.h"

/* ---- Names (names.c): shapes in which products nest or rename the same fields --------------- */

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

/* ---- Kinds of event, for which alias tables exist (source.c sets, alias.c reads). Bits. ------ */
#define KIND_LIST(X)                                           \
    X(KIND_ANY)                                                \
    X(KIND_ECS)            /* Elastic Common Schema names */   \
    X(KIND_WINDOWS)        /* any Windows event */             \
    X(KIND_SYSMON)         /* Sysmon on Windows */             \
    X(KIND_PROCESS_AUDIT)  /* Security 4688 */                 \
    X(KIND_REGISTRY_AUDIT) /* Security 4657 */                 \
    X(KIND_NETWORK_AUDIT)  /* Security 5156 */                 \
    X(KIND_CLASSIC)        /* providers with unnamed <Data> */ \
    X(KIND_DEFENDER)       /* Windows Defender detections */   \
    X(KIND_PROXY)                                              \
    X(KIND_WEBSERVER)                                          \
    X(KIND_NETWORK) /* connections and firewalls */            \
    X(KIND_DNS)                                                \
    X(KIND_AUDITD)

enum kind_number {
#define KIND_ENUM(name) name##_NUMBER,
    KIND_LIST(KIND_ENUM)
#undef KIND_ENUM
            KIND_COUNT
};
#define KIND_BIT(name) ((uint32_t)1 << name##_NUMBER)

/* ---- Aliases and computed fields (alias.c, compute.c) ---------------------------------------- */

/* Sets the value of field dst from field src of the event; false when src does not yield one. */
typedef bool fill_compute(struct hn_event *event, hn_field dst, hn_field src, struct hn_text arg);

struct alias {
    uint32_t kinds;        /* any of these */
    const char *dst;       /* filled when absent ... */
    const char *src;       /* ... from this */
    fill_compute *compute; /* NULL: the same values */
    const char *arg;
};
extern const struct alias aliases[];
extern const size_t aliases_count;

struct fill {
    hn_field dst;
    hn_field src;
    fill_compute *compute;
    struct hn_text arg;
};

struct fill_program {
    struct fill *steps;
    size_t count;
};

/* Builds schema->programs for what is wanted, wanting the sources of aliases as well. */
enum hn_status alias_compile(struct hn_schema *schema, struct hn_err *err);
void alias_fill(struct hn_event *event, uint32_t kinds);

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

struct hn_schema {
    struct hn_arena arena;
    struct hn_map by_name;
    HN_VEC(struct hn_text) names; /* by field number */
    HN_VEC(struct schema_node) nodes;
    struct name_table parts;  /* names without dots */
    struct name_table dotted; /* nested names written flat */
    struct fill_program programs[KIND_COUNT];
    bool sealed;
};

const struct schema_node *schema_node_at(const struct hn_schema *schema, hn_node node);

/* ---- Source resolution (source.c) -------------------------------------------------------------
 */

struct source_cache;
struct source_cache *source_cache_new(void);
void source_cache_free(struct source_cache *cache);

#endif
