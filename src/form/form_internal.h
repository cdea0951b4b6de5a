/* form_internal.h - heads of parts (form_head.c), for the reader (form.c). */
#ifndef HN_FORM_FORM_INTERNAL_H
#define HN_FORM_FORM_INTERNAL_H

#include "form/form.h"

/* "type/subtype; name=value; name="value"": the next parameter of what is left. Values are written
 * to room, which holds as many bytes as rest had. False at the end; *ret_fine false: it is none. */
bool form_param_next(struct hn_text *rest, char *room, struct hn_text *ret_name,
        struct hn_text *ret_value, bool *ret_fine);
/* What stands before the first parameter, which *rest then begins with. */
struct hn_text form_word(struct hn_text *rest);

/* The boundary that a Content-Type names; room holds as many bytes as it. "": none, or none that
 * RFC 2046 allows. */
struct hn_text form_boundary(struct hn_text content_type, char *room);

/* Reads the head of a part, without the empty line at its end. Texts are in room (FORM_HEAD_MAX
 * bytes) and in head. */
HN_MUST_USE enum hn_status form_head_read(
        struct hn_text head, char *room, struct form_part *ret_part, struct hn_err *err);

#endif
