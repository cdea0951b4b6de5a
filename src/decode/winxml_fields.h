/* winxml_fields.h - one event's XML text as fields; private to decode_winxml*.c. */
#ifndef HN_DECODE_WINXML_FIELDS_H
#define HN_DECODE_WINXML_FIELDS_H

#include "decode/decode_internal.h"

/* Start of the next <Event> element from pos on, or SIZE_MAX. */
size_t winxml_find_event(struct hn_text text, size_t pos);

/* Adds the fields of the <Event> that text starts with, and what is wrong with it to
 * event->findings. *ret_len is how much of text belongs to it: up to its end tag, or where it is
 * broken up to where the next event may begin. HN_OK, or HN_NOMEM. */
HN_MUST_USE enum hn_status winxml_fill(
        struct hn_event *event, struct hn_text text, size_t *ret_len);

#endif
