/* protect_internal.h - how the parts of this module fit together. */
#ifndef HN_PROTECT_INTERNAL_H
#define HN_PROTECT_INTERNAL_H

#include "base/json_out.h"
#include "protect/protect.h"

/* "url", "command", "subject": what an indicator is, in a word. */
const char *protect_kind_id(const struct protect_indicator *indicator);
/* The UUID that STIX demands of observables: version 5 in its own name space, of the JSON of the
 * properties that count. */
void protect_uuid_observable(struct hn_text json, char out[PROTECT_UUID_LEN]);
/* 2026-11-23T01:02:03.000Z */
void protect_add_time(struct hn_buf *out, hn_time time);
/* A fact of an object, or empty. */
struct hn_text protect_fact(const struct dissect_object *object, const char *name);
bool protect_is_hash(const struct protect_indicator *indicator);
bool protect_is(const struct protect_indicator *indicator, enum extract_kind what);

#endif
