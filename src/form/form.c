/* form.c - the body of a form, piece by piece: boundaries, heads, and the bytes between them. */
#include "form/form_internal.h"

#include "base/mem.h"

#include <string.h>

/* CR LF, two hyphens, the boundary. */
#define DELIMITER_MAX (4 + FORM_BOUNDARY_MAX)

enum state {
    STATE_START, /* before the first boundary: it comes at once */
    STATE_TAIL,  /* behind a boundary: CR LF, or two hyphens */
    STATE_HEAD,
    STATE_DATA,
    STATE_END, /* behind the last boundary */
};

struct form {
    struct form_receiver receiver;
    enum state state;
    enum hn_status failed;
    char delimiter[DELIMITER_MAX];
    size_t delimiter_len;
    size_t matched; /* of the delimiter, or of what TAIL and END wait for */
    char tail[2];
    char head[FORM_HEAD_MAX];
    size_t head_len;
    char room[FORM_HEAD_MAX]; /* for the texts of a head */
    unsigned parts;
    struct hn_err err; /* why it failed */
};

/* ---- Life ---- */

enum hn_status form_new(struct hn_text content_type, const struct form_receiver *receiver,
        struct form **ret_form, struct hn_err *err)
{
    struct form *form;
    struct hn_text boundary;

    if (content_type.len > FORM_HEAD_MAX)
        return hn_fail(err, HN_SYNTAX, 0, "the Content-Type is too long");
    form = hn_calloc(1, sizeof *form);
    if (form == NULL)
        return hn_fail(err, HN_NOMEM, 0, "form");
    boundary = form_boundary(content_type, form->room);
    if (boundary.len == 0) {
        hn_free(form);
        return hn_fail(err, HN_SYNTAX, 0, "the Content-Type has no boundary that can be one");
    }
    memcpy(form->delimiter, "\r\n--", 4);
    memcpy(form->delimiter + 4, boundary.ptr, boundary.len);
    form->delimiter_len = 4 + boundary.len;
    form->matched = 2; /* as if there were a line before the first one */
    form->receiver = *receiver;
    *ret_form = form;
    return HN_OK;
}

void form_free(struct form *form)
{
    hn_free(form);
}

/* ---- States ----
 *
 * Each takes bytes off the piece. */

static enum hn_status tell(struct form *form, const void *ptr, size_t len)
{
    return len == 0 ? HN_OK
                    : form->receiver.data(form->receiver.ctx, hn_bytes_of(ptr, len), &form->err);
}

static enum hn_status feed_start(struct form *form, struct hn_text *piece)
{
    while (piece->len > 0 && form->matched < form->delimiter_len) {
        if (piece->ptr[0] != form->delimiter[form->matched])
            return hn_fail(&form->err, HN_SYNTAX, 0, "the body does not begin with its boundary");
        form->matched++;
        *piece = hn_text_sub(*piece, 1, SIZE_MAX);
    }
    if (form->matched == form->delimiter_len) {
        form->state = STATE_TAIL;
        form->matched = 0;
    }
    return HN_OK;
}

static enum hn_status feed_tail(struct form *form, struct hn_text *piece)
{
    while (piece->len > 0 && form->matched < sizeof form->tail) {
        form->tail[form->matched++] = piece->ptr[0];
        *piece = hn_text_sub(*piece, 1, SIZE_MAX);
    }
    if (form->matched < sizeof form->tail)
        return HN_OK;
    form->matched = 0;
    if (memcmp(form->tail, "--", 2) == 0) {
        form->state = STATE_END;
        return HN_OK;
    }
    if (memcmp(form->tail, "\r\n", 2) != 0)
        return hn_fail(&form->err, HN_SYNTAX, 0, "something stands behind a boundary");
    if (++form->parts > FORM_PARTS_MAX)
        return hn_fail(&form->err, HN_LIMIT, 0, "more than %u parts", FORM_PARTS_MAX);
    form->state = STATE_HEAD;
    form->head_len = 0;
    return HN_OK;
}

static bool head_has_ended(const struct form *form)
{
    return form->head_len >= 4 && memcmp(form->head + form->head_len - 4, "\r\n\r\n", 4) == 0;
}

static enum hn_status feed_head(struct form *form, struct hn_text *piece)
{
    struct form_part part;
    enum hn_status status;

    while (piece->len > 0 && !head_has_ended(form)) {
        if (form->head_len == sizeof form->head)
            return hn_fail(&form->err, HN_LIMIT, 0, "the head of a part is longer than %zu bytes",
                    FORM_HEAD_MAX);
        form->head[form->head_len++] = piece->ptr[0];
        *piece = hn_text_sub(*piece, 1, SIZE_MAX);
    }
    if (!head_has_ended(form))
        return HN_OK;
    status = form_head_read(
            hn_text_of(form->head, form->head_len - 4), form->room, &part, &form->err);
    if (status == HN_OK)
        status = form->receiver.begin(form->receiver.ctx, &part, &form->err);
    form->state = STATE_DATA;
    form->matched = 0;
    return status;
}

/* What looked like a delimiter is none. Only its first character can begin another one: a boundary
 * has no CR. held: how much of it stood in pieces before. */
static enum hn_status give_up_match(struct form *form, size_t held)
{
    form->matched = 0;
    return tell(form, form->delimiter, held);
}

static enum hn_status end_part(struct form *form)
{
    form->state = STATE_TAIL;
    form->matched = 0;
    return form->receiver.end(form->receiver.ctx, &form->err);
}

/* Bytes are told once it is clear that they are no delimiter: from the piece, but for those of
 * pieces before, which were the delimiter's beginning. */
static enum hn_status feed_data(struct form *form, struct hn_text *piece)
{
    size_t held = form->matched; /* of the match, not in this piece */
    size_t i = 0;
    enum hn_status status = HN_OK;

    while (status == HN_OK && i < piece->len) {
        if (form->matched == form->delimiter_len)
            break;
        if (piece->ptr[i] == form->delimiter[form->matched]) {
            form->matched++;
            i++;
        } else if (form->matched > 0) {
            status = give_up_match(form, held);
            held = 0;
        } else {
            i = hn_text_find_char(*piece, '\r', i);
            i = i < piece->len ? i : piece->len;
        }
    }
    if (status != HN_OK)
        return status;
    /* What of the match is in this piece is not told. */
    status = tell(form, piece->ptr, i - (form->matched - held));
    if (status == HN_OK && form->matched == form->delimiter_len)
        status = end_part(form);
    *piece = hn_text_sub(*piece, i, SIZE_MAX);
    return status;
}

static enum hn_status feed_end(struct form *form, struct hn_text *piece)
{
    while (piece->len > 0) {
        if (form->matched == 2 || piece->ptr[0] != "\r\n"[form->matched])
            return hn_fail(&form->err, HN_SYNTAX, 0, "something stands behind the last boundary");
        form->matched++;
        *piece = hn_text_sub(*piece, 1, SIZE_MAX);
    }
    return HN_OK;
}

/* ---- Feeding ---- */

static enum hn_status feed_state(struct form *form, struct hn_text *piece)
{
    switch (form->state) {
    case STATE_START:
        return feed_start(form, piece);
    case STATE_TAIL:
        return feed_tail(form, piece);
    case STATE_HEAD:
        return feed_head(form, piece);
    case STATE_DATA:
        return feed_data(form, piece);
    case STATE_END:
        break;
    }
    return feed_end(form, piece);
}

static enum hn_status say_again(const struct form *form, struct hn_err *err)
{
    return hn_fail(err, form->failed, form->err.offset, "%s",
            form->err.msg[0] != '\0' ? form->err.msg : hn_status_text(form->failed));
}

enum hn_status form_feed(struct form *form, struct hn_bytes piece, struct hn_err *err)
{
    struct hn_text rest = hn_bytes_as_text(piece);

    while (form->failed == HN_OK && rest.len > 0)
        form->failed = feed_state(form, &rest);
    return form->failed == HN_OK ? HN_OK : say_again(form, err);
}

enum hn_status form_end(struct form *form, struct hn_err *err)
{
    if (form->failed == HN_OK && (form->state != STATE_END || form->matched == 1)) {
        form->failed = hn_fail(&form->err, HN_TRUNCATED, 0, "the form is cut off");
    }
    return form->failed == HN_OK ? HN_OK : say_again(form, err);
}
