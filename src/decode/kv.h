/* kv.h - key=value pairs in a line, and texts with backslash escapes.
 *
 * Private to src/decode. Pairs stand between spaces; words without '=' are passed over. A value is
 * bare (up to a space; a comma or semicolon at its end is no part of it), or in double or single
 * quotes with backslash escapes inside.
 * Concurrency: pure. Memory: views into the line; unescaped texts live in the event's scratch. */
#ifndef HN_DECODE_KV_H
#define HN_DECODE_KV_H

#include "event/event.h"

#include <stdbool.h>
#include <stddef.h>

struct kv_pair {
    struct hn_text key;
    struct hn_text value; /* without quotes, escapes as they are */
    bool quoted;
    bool escaped; /* value holds a backslash */
};

/* The next pair off the front of *rest; false at the end. */
bool kv_next(struct hn_text *rest, struct kv_pair *ret_pair);

/* The value with its escapes resolved. */
struct hn_text kv_value(struct hn_event *event, const struct kv_pair *pair);

/* text with the backslash taken off each of the characters in set; n, r, t in set stand for line
 * feed, carriage return and tab. Other backslashes stay. Borrowed from text or the scratch. */
struct hn_text decode_text_unescape(struct hn_event *event, struct hn_text text, const char *set);

/* The pairs of one line, to be looked at before they become fields. */
#define KV_PAIRS_MAX 256
struct kv_set {
    struct kv_pair pairs[KV_PAIRS_MAX];
    size_t count;
};

/* The pair of that key, or NULL. */
const struct kv_pair *kv_find(const struct kv_set *set, struct hn_text key);
/* Its value as it stands in the line; empty when there is none. */
struct hn_text kv_raw(const struct kv_set *set, struct hn_text key);

/* Adds the pairs of a product that is recognised by its keys (FortiGate, Sophos, SonicWall) under
 * the product's names and Sigma's, and sets the source; false when none is (kv_products.c). */
bool kv_product_fields(struct hn_event *event, const struct kv_set *set);

/* Sets the event's time to "date time zone" put together from the pairs of these names, when there
 * are both a date and a time; zone may be empty. */
void kv_take_date_and_time(struct hn_event *event, const struct kv_set *set, struct hn_text zone);

#endif
