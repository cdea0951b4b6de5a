/* form.h - a reader of multipart/form-data, piece by piece as it comes. The one header of this
 * module.
 *
 *     form_new(Content-Type) -> form_feed() for each piece -> form_end() -> form_free()
 *
 * It tells the beginning of each part, its bytes in the pieces they came in, and its end; however
 * the body is cut, the same parts with the same bytes are told. Bytes are told from the piece that
 * is fed as far as they are in it: of a body fed as a whole the bytes of a part are one run of it.
 *
 * Strict, as two readers of one body must not see different parts: it begins with its boundary,
 * lines of heads end with CR LF and are not folded, each part has one Content-Disposition with one
 * name, nothing follows the last boundary but one line end.
 * Concurrency: a reader serves one thread at a time.
 * Memory: one block of fixed size; nothing grows with the body.
 * Limits: FORM_*_MAX.
 * Errors: HN_SYNTAX, HN_LIMIT, HN_UNSUPPORTED with a reason that holds nothing of the body; what
 * the receiver returned; HN_TRUNCATED by form_end(). A reader that failed stays failed.
 * Specifications: RFC 7578; RFC 2046, 5.1.1; RFC 8187 for names in filename*. */
#ifndef HN_FORM_FORM_H
#define HN_FORM_FORM_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>

#define FORM_TYPE         "multipart/form-data"
#define FORM_BOUNDARY_MAX ((size_t)70)   /* RFC 2046 */
#define FORM_HEAD_MAX     ((size_t)4096) /* bytes of one part's head */
#define FORM_PARTS_MAX    128u

/* Borrowed until the call returns. Names are UTF-8 without control characters, as they were sent
 * but for quoting: folders are still in them. */
struct form_part {
    struct hn_text name;     /* of the field */
    struct hn_text filename; /* "": it has none, or an empty one */
    bool is_file;            /* it has a file name, even if that is empty */
    struct hn_text type;     /* "": not given */
};

/* What it does not return HN_OK for ends the reading with that. */
struct form_receiver {
    enum hn_status (*begin)(void *ctx, const struct form_part *part, struct hn_err *err);
    enum hn_status (*data)(void *ctx, struct hn_bytes bytes, struct hn_err *err);
    enum hn_status (*end)(void *ctx, struct hn_err *err);
    void *ctx;
};

/* Whether a Content-Type is of this form, whatever its boundary. */
bool form_is_type(struct hn_text content_type);

struct form; /* opaque */
/* HN_SYNTAX: no form, or its boundary is missing or none. HN_NOMEM. */
HN_MUST_USE enum hn_status form_new(struct hn_text content_type,
        const struct form_receiver *receiver, struct form **ret_form, struct hn_err *err);
void form_free(struct form *form); /* NULL is fine */

HN_MUST_USE enum hn_status form_feed(struct form *form, struct hn_bytes piece, struct hn_err *err);
/* There is no more: HN_TRUNCATED unless the last boundary was there. */
HN_MUST_USE enum hn_status form_end(struct form *form, struct hn_err *err);

#endif
