/* mail_mime.c - the parts of a mail (RFC 2045, 2046): multiparts are cut at their boundaries the
 * way mail programs do it, which is wherever a line may pass for one. What a single part is made of
 * is in mail_part.c. */
#include "mail/mail_mime.h"

struct delimiter {
    size_t start; /* of the line end before it, which belongs to it */
    size_t end;   /* behind its line */
    bool closing;
};

enum match { MATCH_WHOLE, MATCH_PREFIX };

/* "--boundary", "--boundary--", with white space behind. */
static bool is_delimiter(
        struct hn_text line, struct hn_text boundary, enum match match, bool *ret_closing)
{
    struct hn_text rest;

    if (line.len < boundary.len + 2 || line.ptr[0] != '-' || line.ptr[1] != '-' ||
            memcmp(line.ptr + 2, boundary.ptr, boundary.len) != 0)
        return false;
    rest = hn_text_sub(line, boundary.len + 2, line.len);
    *ret_closing = hn_text_starts(rest, HN_TEXT("--"));
    if (match == MATCH_PREFIX)
        return true;
    if (*ret_closing)
        rest = hn_text_sub(rest, 2, rest.len);
    return hn_text_trim(rest).len == 0;
}

static bool next_delimiter(struct hn_text body, size_t *pos, struct hn_text boundary,
        enum match match, struct delimiter *ret_delimiter)
{
    struct hn_text line;

    while (mail_line(body, pos, &line)) {
        size_t start = (size_t)(line.ptr - body.ptr);

        if (!is_delimiter(line, boundary, match, &ret_delimiter->closing))
            continue;
        if (start > 0 && body.ptr[start - 1] == '\n')
            start--;
        if (start > 0 && body.ptr[start - 1] == '\r')
            start--;
        ret_delimiter->start = start;
        ret_delimiter->end = *pos;
        return true;
    }
    return false;
}

/* ---- Which boundary ---- */

static bool occurs(struct hn_text body, struct hn_text boundary, enum match match)
{
    struct delimiter delimiter;
    size_t pos = 0;

    return boundary.len > 0 && next_delimiter(body, &pos, boundary, match, &delimiter);
}

/* A line "--x" with a header field of a part right behind it. */
static struct hn_text guess_boundary(struct hn_text body)
{
    struct hn_text line;
    size_t pos = 0;

    while (mail_line(body, &pos, &line)) {
        struct hn_text next = { 0 };
        size_t ahead = pos;

        if (line.len > 2 && hn_text_starts(line, HN_TEXT("--")) && mail_line(body, &ahead, &next) &&
                hn_text_starts_nocase(next, HN_TEXT("Content-")))
            return hn_text_trim(hn_text_sub(line, 2, line.len));
    }
    return (struct hn_text){ 0 };
}

/* What mail programs differ about: quotes that are part of the boundary or of the header. */
static struct hn_text choose_boundary(
        struct mail *mail, struct hn_text body, struct hn_text stated, enum match *ret_match)
{
    struct hn_text bare = stated;

    *ret_match = MATCH_WHOLE;
    if (occurs(body, stated, MATCH_WHOLE))
        return stated;
    while (bare.len > 0 && (bare.ptr[0] == '"' || bare.ptr[0] == '\''))
        bare = hn_text_sub(bare, 1, bare.len);
    while (bare.len > 0 && (bare.ptr[bare.len - 1] == '"' || bare.ptr[bare.len - 1] == '\'' ||
                                   bare.ptr[bare.len - 1] == ' '))
        bare.len--;
    if (occurs(body, bare, MATCH_WHOLE))
        return bare;
    *ret_match = MATCH_PREFIX;
    if (occurs(body, bare, MATCH_PREFIX))
        return bare;
    *ret_match = MATCH_WHOLE;
    bare = guess_boundary(body);
    if (bare.len > 0)
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_DAMAGED, mail_offset(mail, body.ptr),
                "the boundary of a multipart is not the stated one; it was guessed");
    return bare;
}

/* ---- Cutting ---- */

static void open_range(struct mail *mail, const struct mail_entity *above, struct hn_text in)
{
    struct mail_entity part = { .depth = above->depth + 1, .digest = above->digest };

    if (hn_text_trim(in).len == 0 || !mail_head_parse(mail->arena, in, &part.head))
        return;
    part.body = hn_text_sub(in, part.head.body, in.len);
    if (part.head.cut && part.head.count > 0)
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_DAMAGED, mail_offset(mail, in.ptr),
                "a part has no blank line behind its headers");
    mail_entity_open(mail, &part);
}

static void between(struct mail *mail, struct hn_text text, const char *what)
{
    struct hn_buf utf8 = { .cap_bytes = MAIL_TEXT_BYTES_MAX * 4 };

    if (hn_text_trim(text).len > 0) {
        (void)mail_to_utf8(&utf8, hn_text_as_bytes(text), HN_TEXT(""));
        dissect_text(mail->dissect, mail->id, what, hn_buf_text(&utf8), HN_TEXT(""),
                mail_offset(mail, text.ptr));
    }
    hn_buf_deinit(&utf8);
}

static void cut(struct mail *mail, const struct mail_entity *multipart, struct hn_text boundary,
        enum match match)
{
    struct hn_text body = multipart->body;
    struct delimiter delimiter = { 0 };
    size_t pos = 0;
    size_t start = 0;
    bool inside = false;
    bool closed = false;
    bool said = false;

    while (next_delimiter(body, &pos, boundary, match, &delimiter)) {
        struct hn_text piece =
                hn_text_sub(body, start, delimiter.start > start ? delimiter.start - start : 0);

        if (inside)
            open_range(mail, multipart, piece);
        else
            between(mail, piece, closed ? "epilogue" : "preamble");
        if (closed && !delimiter.closing && !said) {
            said = true;
            dissect_note(mail->dissect, mail->id, DISSECT_NOTE_HIDDEN,
                    mail_offset(mail, body.ptr + delimiter.start),
                    "a part stands behind the end of its multipart");
        }
        inside = !delimiter.closing;
        closed = closed || delimiter.closing;
        start = delimiter.end;
    }
    if (inside) {
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_TRUNCATED,
                mail_offset(mail, body.ptr + start), "the end of a multipart is missing");
        open_range(mail, multipart, hn_text_sub(body, start, body.len));
    } else {
        between(mail, hn_text_sub(body, start, body.len), "epilogue");
    }
}

void mail_multipart_open(struct mail *mail, const struct mail_entity *multipart)
{
    struct hn_text stated = mail_param(mail->arena, multipart->content_type, "boundary");
    struct hn_buf utf8 = { .cap_bytes = MAIL_TEXT_BYTES_MAX * 4 };
    enum match match;
    struct hn_text boundary = choose_boundary(mail, multipart->body, stated, &match);

    if (boundary.len > 0) {
        cut(mail, multipart, boundary, match);
        return;
    }
    if (hn_text_trim(multipart->body).len == 0)
        return;
    dissect_note(mail->dissect, mail->id, DISSECT_NOTE_DAMAGED,
            mail_offset(mail, multipart->body.ptr), "no boundary of a multipart was found");
    (void)mail_to_utf8(&utf8, hn_text_as_bytes(multipart->body), HN_TEXT(""));
    mail_add_plain(mail, hn_buf_text(&utf8), "body", mail_offset(mail, multipart->body.ptr));
    hn_buf_deinit(&utf8);
}

uint64_t mail_offset(const struct mail *mail, const char *ptr)
{
    if (ptr < mail->in.ptr || ptr > mail->in.ptr + mail->in.len)
        return DISSECT_NOWHERE;
    return (uint64_t)(ptr - mail->in.ptr);
}

void mail_mime_open(struct mail *mail)
{
    struct mail_entity root = { .head = mail->head,
        .body = hn_text_sub(mail->in, mail->head.body, mail->in.len) };

    mail_entity_open(mail, &root);
}
