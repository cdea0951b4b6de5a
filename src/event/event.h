/* event.h - the one shape into which every log line, record and observed behaviour is turned.
 *
 * The one header of this module. An event is a table of fields over borrowed bytes: a decoder
 * (src/decode) fills it, hn_source_resolve() says which Sigma log source it belongs to and adds
 * the names other products use for the same thing, the engine (src/match) reads it.
 *
 * Two ways to fill one table:
 *   wanted  only fields of the schema are kept (the hot path; everything else is skipped);
 *   all     every field is kept under its canonical name, in the order of the input (alerts,
 *           `hinomi events`, search, the plain interpreter). A field of the schema is found by its
 *           number in both.
 *
 * Life: hn_event_init() once per worker -> { hn_event_reset() -> decode -> resolve -> use } per
 * event -> hn_event_deinit(). Values and texts are valid until the next reset, and only as long as
 * the input bytes they borrow.
 * Concurrency: an event serves one thread at a time; a sealed schema any number.
 * Memory: after the first few events of a stream nothing is allocated any more.
 * Limits: struct hn_event_limits. */
#ifndef HN_EVENT_EVENT_H
#define HN_EVENT_EVENT_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/finding.h"
#include "base/map.h"
#include "base/status.h"
#include "base/time.h"
#include "base/vec.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- Schema: names that someone wants, numbered ---- */

/* Dense from 0 in the order wanted. */
typedef uint32_t hn_field;
#define HN_FIELD_NONE UINT32_MAX

/* Fields that the program itself needs, wanted by every schema in this order. The names are those
 * of the Sigma taxonomy (sigma-appendix-taxonomy.md). */
#define HN_FIELD_LIST(X)                       \
    X(HN_FIELD_CHANNEL, "Channel")             \
    X(HN_FIELD_EVENT_ID, "EventID")            \
    X(HN_FIELD_PROVIDER_NAME, "Provider_Name") \
    X(HN_FIELD_COMPUTER, "Computer")           \
    X(HN_FIELD_EVENT_TYPE, "EventType")        \
    X(HN_FIELD_MESSAGE, "Message")

enum hn_field_fixed {
#define HN_FIELD_ENUM(name, text) name,
    HN_FIELD_LIST(HN_FIELD_ENUM)
#undef HN_FIELD_ENUM
            HN_FIELD_FIXED_COUNT
};

struct hn_schema;

/* A new schema holding the fixed fields; NULL when out of memory. */
struct hn_schema *hn_schema_new(void);
void hn_schema_free(struct hn_schema *schema); /* NULL is fine */

/* The number for a field name as rules write it ("Image", "process.executable", "cs-uri"), added
 * when new. Only before hn_schema_seal(). HN_FIELD_NONE when out of memory. */
HN_MUST_USE hn_field hn_schema_want(struct hn_schema *schema, struct hn_text name);

/* Adds the fields from which wanted ones can be filled or computed (aliases, computed fields), and
 * builds the look-up tables. From here on the schema is immutable. */
HN_MUST_USE enum hn_status hn_schema_seal(struct hn_schema *schema, struct hn_err *err);

uint32_t hn_schema_count(const struct hn_schema *schema);
struct hn_text hn_schema_name(const struct hn_schema *schema, hn_field field);
/* HN_FIELD_NONE when nobody wants it. */
hn_field hn_schema_find(const struct hn_schema *schema, struct hn_text name);

/* For decoders of nested formats: a node is a place in the tree of names. The root's children are
 * top-level names; one with dots is also found as the path it spells. HN_NODE_NONE: neither this
 * name nor anything below it is wanted. */
typedef uint32_t hn_node;
#define HN_NODE_ROOT 0u
#define HN_NODE_NONE UINT32_MAX
hn_node hn_schema_child(const struct hn_schema *schema, hn_node parent, struct hn_text name);
/* What the node itself stands for; HN_FIELD_NONE when only something below it is wanted. */
hn_field hn_schema_node_field(const struct hn_schema *schema, hn_node node);
/* Its name where products nest or rename it ("Provider_Name"); empty for an envelope, whose
 * children count as top-level; ptr NULL: the path is the name. */
struct hn_text hn_schema_node_canonical(const struct hn_schema *schema, hn_node node);
/* HN_SHAPE_ bits that seeing this node means. */
uint32_t hn_schema_node_shape(const struct hn_schema *schema, hn_node node);
/* The one name under which a field is kept, for any name it has anywhere. */
struct hn_text hn_name_canonical(struct hn_text name);

/* Also wants the fields from which hn_event_time(), _host() and _user() read, so that they work
 * on events that are not all-mode. Only before hn_schema_seal(). */
HN_MUST_USE enum hn_status hn_schema_want_context(struct hn_schema *schema);

/* The names that are added to an event for people (`hinomi events`): those of the Sigma taxonomy
 * that normalisation fills from other names, and the computed ones (docs/fields.md). */
extern const char *const hn_normal_names[];
extern const size_t hn_normal_names_count;

/* ---- Values ---- */

#define HN_TYPE_LIST(X)                                            \
    X(HN_TYPE_NULL, "null")                                        \
    X(HN_TYPE_BOOL, "bool")                                        \
    X(HN_TYPE_INT, "int")   /* fits int64_t; number.i is set */    \
    X(HN_TYPE_UINT, "uint") /* above INT64_MAX; number.u is set */ \
    X(HN_TYPE_REAL, "real") /* number.real is set */               \
    X(HN_TYPE_STRING, "string")                                    \
    X(HN_TYPE_OBJECT, "object") /* a JSON object or array as its JSON text */

enum hn_type {
#define HN_TYPE_ENUM(name, text) name,
    HN_TYPE_LIST(HN_TYPE_ENUM)
#undef HN_TYPE_ENUM
};

/* How ptr/len hold the text, as long as nobody has asked for it. */
enum hn_form {
    HN_FORM_TEXT,   /* ready */
    HN_FORM_JSON,   /* the inside of a JSON string that holds escapes */
    HN_FORM_UTF16,  /* UTF-16LE bytes */
    HN_FORM_NUMBER, /* no text yet: write number (INT, UINT, REAL, BOOL) */
    HN_FORM_HEX,    /* no text yet: write number.u as 0x... */
    /* Windows binary values, see base/win.h: */
    HN_FORM_BYTES,      /* any bytes, as upper-case hex digits */
    HN_FORM_GUID,       /* HN_GUID_BYTES bytes */
    HN_FORM_SID,        /* bytes for which hn_sid_len() is not 0 */
    HN_FORM_SYSTEMTIME, /* HN_SYSTEMTIME_BYTES bytes */
    HN_FORM_FILETIME,   /* number.u */
};

#define HN_VALUE_NONE UINT32_MAX

struct hn_value {
    const char *ptr;
    uint32_t len;
    uint8_t type; /* enum hn_type */
    uint8_t form; /* enum hn_form */
    bool folded_ready;
    bool more;     /* another value of the same field follows: see next */
    uint32_t next; /* index of the field's next value, when more */
    uint32_t folded_len;
    const char *folded; /* see hn_event_folded() */
    union {
        int64_t i; /* INT; BOOL as 0 and 1 */
        uint64_t u;
        double real;
    } number;
};

/* One line of all-mode: the canonical name and the value (values[index]). */
struct hn_named {
    struct hn_text name;
    uint32_t index;
};

struct hn_slot {
    uint32_t generation; /* the field is present when this is the event's generation */
    uint32_t first;
    uint32_t last;
};

struct hn_event_limits {
    uint32_t values_max;  /* values kept per event; more are counted in values_dropped */
    size_t scratch_bytes; /* unescaped and converted text per event */
    uint32_t depth_max;   /* nesting of JSON and XML */
};
extern const struct hn_event_limits hn_event_limits_default;

/* ---- Log sources ---- */

#define HN_LABELS_MAX 4

/* What an event is in Sigma's words: one product, perhaps several categories and services. A rule
 * belongs to it when each of product, category, service that the rule names is among these.
 * Labels are lower case and borrowed from static tables, the schema or the stream. */
struct hn_source {
    struct hn_text product;
    struct hn_text category[HN_LABELS_MAX];
    struct hn_text service[HN_LABELS_MAX];
};

/* A rule's log source; an empty label is not asked for. */
struct hn_logsource {
    struct hn_text product;
    struct hn_text category;
    struct hn_text service;
};

bool hn_source_fits(const struct hn_source *source, const struct hn_logsource *rule);
void hn_source_add_category(struct hn_source *source, struct hn_text category); /* full: ignored */
void hn_source_add_service(struct hn_source *source, struct hn_text service);

/* What the decoder knows about where an event came from; hn_source_resolve() does the rest. */
enum hn_origin {
    HN_ORIGIN_UNKNOWN, /* judged by its fields alone */
    HN_ORIGIN_WINDOWS, /* Channel, Provider_Name and EventID say more */
    HN_ORIGIN_LINUX,   /* Sysmon for Linux: EventID says more */
    HN_ORIGIN_KNOWN,   /* the decoder has set event->source itself */
};

/* Envelope in which the fields came; decides which aliases are tried. Bits. */
#define HN_SHAPE_ECS 0x1u /* Elastic Common Schema names (winlogbeat, Elastic Agent) */

/* ---- The event ---- */

struct source_cache;

struct hn_event {
    const struct hn_schema *schema;
    struct hn_event_limits limits;
    bool want_all;

    uint32_t generation;
    struct hn_slot *slots; /* hn_schema_count() of them */
    struct hn_value *values;
    uint32_t value_count;
    uint32_t value_room;
    uint32_t values_dropped;
    HN_VEC(struct hn_named) named; /* all-mode only */
    struct hn_arena scratch;
    struct source_cache *cache; /* of hn_event_resolve() */

    /* What a decoder remembers from one event to the next (compiled templates), with the function
     * that frees it, by which it knows its own; see hn_event_keep(). */
    void *decoder_state;
    void (*decoder_state_free)(void *state);

    /* Set by the decoder. */
    struct hn_bytes raw; /* its bytes in the input; several joined lines, with line feeds between,
                          * are in the decoder's memory */
    bool raw_is_text;    /* raw holds the text that was logged (JSON escapes aside) */
    bool raw_is_json;    /* raw is one valid JSON document */
    bool raw_is_ascii;   /* known to be; false says nothing */
    bool raw_escapes_ascii; /* raw may hold ASCII characters as \u00XX */
    uint64_t offset;        /* of raw (of its first line) in the stream */
    uint64_t line;          /* counted from 1, 0 where the format has none */
    uint64_t private_ref;   /* for the decoder's own use when it decodes raw again */
    enum hn_origin origin;
    uint32_t shape; /* HN_SHAPE_ bits */
    struct hn_source source;
    uint64_t kinds; /* of hn_event_resolve(): which names it tries; private to this module */
    hn_time time;   /* HN_TIME_NONE until set; see hn_event_time() */
    struct hn_text
            time_text; /* the stamp as logged, when time is not set; ptr NULL: look at fields */
    uint32_t findings; /* bit n: enum hn_finding_kind n */
};

HN_MUST_USE enum hn_status hn_event_init(struct hn_event *event, const struct hn_schema *schema,
        const struct hn_event_limits *limits, bool want_all);
void hn_event_deinit(struct hn_event *event); /* a zeroed event is fine */
void hn_event_reset(struct hn_event *event);

/* Gives the event a decoder's state, to be freed with free_state: now that of another decoder, the
 * new one in hn_event_deinit(). It lives as long as the event, hence with its schema. */
void hn_event_keep(struct hn_event *event, void *state, void (*free_state)(void *state));

HN_INLINE void hn_event_note(struct hn_event *event, enum hn_finding_kind kind)
{
    event->findings |= (uint32_t)1 << kind;
}

/* ---- Filling: for decoders ---- */

/* Each takes a canonical or product-specific field name and keeps the value if the schema wants
 * the name or the event takes all. A name given twice makes a field of two values. name and text
 * are borrowed until the next reset; use hn_event_copy() for what does not live that long.
 * Over a limit the value is dropped and counted. */
void hn_event_add_text(struct hn_event *event, struct hn_text name, struct hn_text text);
void hn_event_add_i64(struct hn_event *event, struct hn_text name, int64_t number);
void hn_event_add_u64(struct hn_event *event, struct hn_text name, uint64_t number);
void hn_event_add_real(struct hn_event *event, struct hn_text name, double number);
void hn_event_add_bool(struct hn_event *event, struct hn_text name, bool truth);
void hn_event_add_null(struct hn_event *event, struct hn_text name);
/* Any form and type; ptr, len, type, form and number of *value are read, the rest is ours. */
void hn_event_add(struct hn_event *event, struct hn_text name, const struct hn_value *value);
/* The same for a known field; in all-mode under the name given. */
void hn_event_add_field(
        struct hn_event *event, hn_field field, struct hn_text name, const struct hn_value *value);
/* The fast way, for decoders that know what they do: a fresh value to fill (ptr, len, type, form,
 * number), or NULL at the limit, counted; then hn_event_link() once for its field, and in all-mode
 * hn_event_name() for its name. */
struct hn_value *hn_event_value_slow(struct hn_event *event);
HN_INLINE struct hn_value *hn_event_value(struct hn_event *event)
{
    struct hn_value *value;

    if (HN_UNLIKELY(event->value_count == event->value_room))
        return hn_event_value_slow(event);
    value = &event->values[event->value_count++];
    value->folded_ready = false;
    value->more = false;
    return value;
}

HN_INLINE void hn_event_link(struct hn_event *event, hn_field field, const struct hn_value *value)
{
    struct hn_slot *slot = &event->slots[field];
    uint32_t index = (uint32_t)(value - event->values);

    if (HN_LIKELY(slot->generation != event->generation)) {
        slot->generation = event->generation;
        slot->first = index;
    } else {
        event->values[slot->last].next = index;
        event->values[slot->last].more = true;
    }
    slot->last = index;
}

void hn_event_name(struct hn_event *event, struct hn_text name, const struct hn_value *value);

/* True when a value under this name would be kept: lets a decoder skip costly work. */
bool hn_event_wants(const struct hn_event *event, struct hn_text name);

/* Room in the scratch, uninitialised; NULL when its limit is reached. */
HN_MUST_USE char *hn_event_room(struct hn_event *event, size_t len);
struct hn_text hn_event_copy(struct hn_event *event, struct hn_text text); /* ptr NULL on failure */

/* ---- Reading ---- */

HN_INLINE bool hn_event_has(const struct hn_event *event, hn_field field)
{
    return event->slots[field].generation == event->generation;
}

/* Index of the first value of a field, or HN_VALUE_NONE. */
HN_INLINE uint32_t hn_event_first(const struct hn_event *event, hn_field field)
{
    const struct hn_slot *slot = &event->slots[field];

    return slot->generation == event->generation ? slot->first : HN_VALUE_NONE;
}

HN_INLINE uint32_t hn_event_next(const struct hn_event *event, uint32_t index)
{
    const struct hn_value *value = &event->values[index];

    return value->more ? value->next : HN_VALUE_NONE;
}

struct hn_text hn_event_text_slow(struct hn_event *event, uint32_t index);

/* The value as text; null is empty. The text may hold any byte the input held: it is escaped
 * where it is shown. */
HN_INLINE struct hn_text hn_event_text(struct hn_event *event, uint32_t index)
{
    const struct hn_value *value = &event->values[index];

    if (HN_LIKELY(value->form == HN_FORM_TEXT))
        return (struct hn_text){ value->ptr, value->len };
    return hn_event_text_slow(event, index);
}

struct hn_text hn_event_folded_slow(struct hn_event *event, uint32_t index);

/* The text case-folded (hn_fold), with at least 64 readable bytes behind its end. */
HN_INLINE struct hn_text hn_event_folded(struct hn_event *event, uint32_t index)
{
    const struct hn_value *value = &event->values[index];

    if (HN_LIKELY(value->folded_ready))
        return (struct hn_text){ value->folded, value->folded_len };
    return hn_event_folded_slow(event, index);
}

/* The first value of a field as text; ptr NULL when absent. */
struct hn_text hn_event_field_text(struct hn_event *event, hn_field field);

/* True when the field was filled or replaced by normalisation: its first value is not one that the
 * decoder has kept under its name. The event is in all-mode and resolved. */
bool hn_event_is_added(const struct hn_event *event, hn_field field);

/* Index of the first value of this name: by number when the schema has it, else by name among
 * what all-mode kept. HN_VALUE_NONE when there is none. */
uint32_t hn_event_find_name(const struct hn_event *event, struct hn_text name);

/* When the event happened: the decoder's word, else the first readable time field of its log
 * source. HN_TIME_NONE when there is none. */
hn_time hn_event_time(struct hn_event *event, const struct hn_time_defaults *defaults);

/* The machine the event is about, and the account; ptr NULL when it names none. */
struct hn_text hn_event_host(struct hn_event *event);
struct hn_text hn_event_user(struct hn_event *event);

/* Whether a field of this name says on which machine something happened, from which address it was
 * done, or who did it. */
enum hn_context { HN_CONTEXT_NONE, HN_CONTEXT_HOST, HN_CONTEXT_CLIENT, HN_CONTEXT_USER };
enum hn_context hn_name_context(struct hn_text name);

/* ---- One event over another: for decoders of what others have wrapped up ---- */

/* What hn_event_cover() has hidden. */
struct hn_event_under {
    struct hn_named *named; /* in the scratch */
    size_t named_count;
    uint32_t generation;
    uint32_t value_count;
    uint32_t values_dropped;
    uint32_t shape;
    uint32_t findings;
    enum hn_origin origin;
    struct hn_source source;
    hn_time time;
    struct hn_text time_text;
};

/* Hides what a filled event says, so that it can be filled again from the same raw bytes: its
 * fields, source and time. Only a failure when out of memory. */
HN_MUST_USE enum hn_status hn_event_cover(struct hn_event *event, struct hn_event_under *ret_under);

/* True when something was added since. */
bool hn_event_is_covered(const struct hn_event *event, const struct hn_event_under *under);

/* Makes an event to which nothing was added what it was. One to which something was can only be
 * reset. */
void hn_event_uncover(struct hn_event *event, const struct hn_event_under *under);

/* Shows the hidden fields again where nothing has taken their place. Source, time, and the machine
 * that the event is about stay those of what was added, as far as that names them. */
void hn_event_join(struct hn_event *event, const struct hn_event_under *under,
        const struct hn_time_defaults *defaults);

/* ---- Log source resolution and normalisation ---- */

/* Whether the fields of an event that is not resolved yet tell its log source. A dataset of the
 * Elastic Common Schema counts only in documents that were taken apart: Beats name it before. */
bool hn_event_knows_source(struct hn_event *event);

/* Sets event->source from origin and fields, then fills wanted fields that are absent from the
 * names this log source has for them (4688's NewProcessName for Image, ECS, message text, ...)
 * and computes wanted computed fields (docs/fields.md). */
void hn_event_resolve(struct hn_event *event);

/* For people who look for a field that is absent: the names from which a wanted field is filled in
 * events like this resolved one, in the order in which they are tried, each once. computed: not
 * the other field's value but something made of it. */
#define HN_OTHER_NAMES_MAX 32
struct hn_other_name {
    struct hn_text name;
    bool computed;
};
uint32_t hn_event_other_names(const struct hn_event *event, hn_field field,
        struct hn_other_name ret_names[HN_OTHER_NAMES_MAX]);

#endif
