/* win_names.h - which field a place in a Windows event document is; private to src/decode.
 *
 * The same document comes as binary XML (decode_evtx) and as text (decode_winxml); both walk it
 * with this, so that a field has one name:
 *   System        Sigma's names: EventID, Provider_Name, Execution_ProcessID, TimeCreated
 *   EventData     the Name attribute of <Data>; "Data" for those without one
 *   UserData      the element names below the one envelope element, nested ones joined by dots
 *   RenderingInfo Message; the others with the prefix "RenderingInfo."
 *   others        the path below <Event>, joined by dots (ProcessingErrorData.ErrorCode)
 * An attribute is its element's name, an underscore, its own name.
 *
 * Memory: names are built in place and valid until the next call.
 * Limits: WIN_DEPTH_MAX levels, WIN_NAME_MAX bytes of name; longer ones are cut off there.
 * Concurrency: one thread at a time. */
#ifndef HN_DECODE_WIN_NAMES_H
#define HN_DECODE_WIN_NAMES_H

#include "base/attr.h"
#include "base/view.h"
#include "event/event.h"

#include <stdbool.h>
#include <stdint.h>

#define WIN_DEPTH_MAX 128u
#define WIN_NAME_MAX  1024u

/* What the children of an element are. */
enum win_zone {
    WIN_ZONE_TOP,       /* before <Event> */
    WIN_ZONE_EVENT,     /* its parts */
    WIN_ZONE_SYSTEM,    /* parts of <System> */
    WIN_ZONE_DATA,      /* of <EventData> */
    WIN_ZONE_USER,      /* of <UserData>: the envelope */
    WIN_ZONE_RENDERING, /* of <RenderingInfo> */
    WIN_ZONE_PLAIN,     /* of anything else */
};

struct win_level {
    uint8_t zone;
    uint16_t own_len;    /* the element's own name is path[0 .. own_len) */
    uint16_t prefix_len; /* what its children's names start with is path[0 .. prefix_len) */
};

struct win_names {
    uint32_t depth; /* levels[depth] is the innermost open element; levels[0] the surroundings */
    struct win_level levels[WIN_DEPTH_MAX + 1];
    char path[WIN_NAME_MAX];
};

/* Starts inside an element of the given zone whose children's names start with prefix. */
void win_names_init(struct win_names *names, enum win_zone zone, struct hn_text prefix);

/* An element starts. name_attr is its Name attribute; ptr NULL when it has none. False, and nothing
 * changed, at WIN_DEPTH_MAX. */
HN_MUST_USE bool win_names_open(
        struct win_names *names, struct hn_text element, struct hn_text name_attr);
void win_names_close(struct win_names *names);
/* The prefix of the names of the innermost element and its neighbours. */
struct hn_text win_names_outer_prefix(const struct win_names *names);
/* True when an element of this name would be called by its Name attribute here. */
bool win_names_takes_name(const struct win_names *names, struct hn_text element);

/* What the children of the innermost element are. */
enum win_zone win_names_zone(const struct win_names *names);
/* With which prefix, for win_names_init(). */
struct hn_text win_names_prefix(const struct win_names *names);
/* True where an element without content is a value (empty) rather than nothing. */
bool win_names_is_data(const struct win_names *names);

/* The name of the innermost element's text. Valid until the element's first child is opened where
 * that element is an envelope: text behind children of an envelope is no data. */
struct hn_text win_names_value(const struct win_names *names);
/* The name of an attribute of the innermost element; empty for what is no data (namespaces). */
struct hn_text win_names_attr(struct win_names *names, struct hn_text attr);
/* True when this attribute of the innermost element is when the event happened. */
bool win_names_is_time(const struct win_names *names, struct hn_text attr);
/* True inside <System>, whose parts are either there or not, but never empty. */
bool win_names_in_system(const struct win_names *names);

/* The schema's number for a name. A field of event data is never taken for another product's way
 * to write a part of <System>: EventData's "EventId" is not EventID. */
hn_field win_names_field(const struct hn_schema *schema, struct hn_text name);

#endif
