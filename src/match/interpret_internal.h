/* interpret_internal.h - one value of a rule against one value of an event. */
#ifndef HN_MATCH_INTERPRET_INTERNAL_H
#define HN_MATCH_INTERPRET_INTERNAL_H

#include "match/interpret.h"

/* What interpret_value() found out. */
struct verdict {
    bool matched;
    enum match_why why;
    size_t start; /* of the matched part in the event value's text */
    size_t len;
};

/* One field of an event, or all of them for keywords: its values one after the other. */
struct event_values {
    struct hn_event *event;
    uint32_t index;        /* HN_VALUE_NONE at the end */
    struct hn_text name;   /* of the current value */
    struct hn_text wanted; /* ptr NULL: any */
    size_t next_named;     /* where to go on in event->named */
    bool by_slot;
};
struct event_values event_values_of(struct hn_event *event, struct hn_text field);
void event_values_next(struct event_values *values);

/* The present value of the event (not null) against a value of the rule. Not for EXISTS, NULL and
 * FIELDREF, which look at fields rather than values. ranges: also where in the text it fits. */
struct verdict interpret_value(const struct sigma_item *item, const struct sigma_value *value,
        struct hn_event *event, uint32_t index, bool ranges);

/* A text that is no value: the raw line, for keywords. */
struct verdict interpret_raw(
        const struct sigma_value *value, struct hn_event *event, struct hn_text text);

/* The event's value against another field's value. */
struct verdict interpret_reference(
        const struct sigma_value *value, struct hn_event *event, uint32_t index, uint32_t other);

/* A number of an event: of type INT, UINT, REAL, or a string that is a JSON number. */
bool interpret_number(struct hn_event *event, uint32_t index, struct sigma_number *ret_number);
bool interpret_text_number(struct hn_text text, struct sigma_number *ret_number);
/* <0, 0, >0: exactly for two integers, else as doubles. */
int interpret_compare(const struct sigma_number *a, const struct sigma_number *b);

#endif
