/* mail_part.c - one part of a mail: its transfer encoding undone, and what it is by its headers: a
 * body, an attachment, a mail. Multiparts are cut in mail_mime.c, which calls back at most
 * MAIL_DEPTH_MAX times within itself. */
#include "mail/mail_mime.h"

#define PGP_LOOKED_AT ((size_t)64 << 10)

struct leaf {
    const struct mail_entity *entity;
    struct hn_text disposition; /* the token */
    struct hn_text name;
    struct hn_text content_id;
    struct hn_bytes data;
    bool borrowed;
    uint64_t offset;
};

/* ---- Transfer encoding ---- */

static struct hn_text encoding_of(struct mail *mail, const struct mail_entity *entity)
{
    return mail_value_token(
            mail->arena, mail_head_value(&entity->head, "Content-Transfer-Encoding"));
}

static void note_odd(struct mail *mail, const struct mail_entity *entity, uint32_t odd)
{
    if ((odd & (MAIL_ODD_JUNK | MAIL_ODD_PADDING | MAIL_ODD_SHORT)) != 0) {
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_DAMAGED,
                mail_offset(mail, entity->body.ptr), "base64 of a part:%s%s%s",
                (odd & MAIL_ODD_JUNK) != 0 ? " foreign characters" : "",
                (odd & MAIL_ODD_PADDING) != 0 ? " padding in the middle" : "",
                (odd & MAIL_ODD_SHORT) != 0 ? " ends within a group" : "");
    }
    if ((odd & MAIL_ODD_ESCAPE) != 0)
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_DAMAGED,
                mail_offset(mail, entity->body.ptr), "quoted-printable of a part is not");
}

/* The bytes of a part; in `room` where they had to be decoded. */
static struct hn_bytes decode(
        struct mail *mail, const struct mail_entity *entity, struct hn_buf *room, bool *ret_view)
{
    struct hn_text encoding = encoding_of(mail, entity);
    struct hn_bytes body = hn_text_as_bytes(entity->body);
    struct mail_uu uu;

    *ret_view = false;
    if (hn_text_eq(encoding, HN_TEXT("base64"))) {
        note_odd(mail, entity, mail_base64(room, body));
    } else if (hn_text_eq(encoding, HN_TEXT("quoted-printable"))) {
        note_odd(mail, entity, mail_quoted_printable(room, body));
    } else if (mail_has_nocase(encoding, "uue") && mail_uu_next(entity->body, 0, room, &uu)) {
        return hn_text_as_bytes(hn_buf_text(room));
    } else {
        *ret_view = true;
        return body;
    }
    if (!hn_buf_ok(room))
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_LIMIT,
                mail_offset(mail, entity->body.ptr), "file_bytes_max");
    return hn_text_as_bytes(hn_buf_text(room));
}

/* ---- Bodies ---- */

/* RFC 3676: lines that end in a space go on in the next one; DelSp takes that space away. */
static void unflow(struct hn_buf *out, struct hn_text text, bool delete_space)
{
    struct hn_text line;
    size_t pos = 0;
    bool open = false;

    while (mail_line(text, &pos, &line)) {
        bool soft;

        if (line.len > 0 && line.ptr[0] == ' ') /* stuffed */
            line = hn_text_sub(line, 1, line.len);
        while (open && line.len > 0 && line.ptr[0] == '>')
            line = hn_text_sub(line, 1, line.len);
        soft = line.len > 0 && line.ptr[line.len - 1] == ' ' && !hn_text_eq(line, HN_TEXT("-- "));
        hn_buf_add_text(out, hn_text_sub(line, 0, line.len - (soft && delete_space ? 1 : 0)));
        if (!soft)
            hn_buf_add_char(out, '\n');
        open = soft;
    }
}

/* Files that stand in the text (uuencode), before MIME and in spite of it. */
static void uu_attachments(struct mail *mail, struct hn_text body)
{
    struct hn_buf data = { .cap_bytes = (size_t)64 << 20 };
    struct mail_uu uu;
    size_t pos = 0;

    while (mail->parts < MAIL_PARTS_MAX && mail_uu_next(body, pos, &data, &uu)) {
        struct mail_attachment attachment = { .name = mail_words_text(mail->arena, uu.name),
            .relation = "attachment",
            .data = hn_text_as_bytes(hn_buf_text(&data)),
            .offset = DISSECT_NOWHERE };

        mail->parts++;
        mail_add_attachment(mail, &attachment, NULL);
        hn_buf_reset(&data);
        pos = uu.end;
    }
    hn_buf_deinit(&data);
}

/* Files in yEnc, which stand in the text as bytes. */
static void yenc_attachments(struct mail *mail, const struct leaf *leaf)
{
    struct hn_buf data = { .cap_bytes = (size_t)64 << 20 };
    struct hn_text body = hn_bytes_as_text(leaf->data);
    struct mail_yenc file = { 0 };

    while (mail->parts < MAIL_PARTS_MAX && mail_yenc_next(body, file.end, &data, &file)) {
        struct mail_attachment attachment = { .name = mail_words_text(mail->arena, file.name),
            .relation = "attachment",
            .data = hn_text_as_bytes(hn_buf_text(&data)),
            .offset = DISSECT_NOWHERE };

        mail->parts++;
        if (file.part)
            dissect_note(mail->dissect, mail->id, DISSECT_NOTE_TRUNCATED, leaf->offset,
                    "yEnc: a piece of a file, the others are in other mails");
        mail_add_attachment(mail, &attachment, NULL);
        hn_buf_reset(&data);
    }
    hn_buf_deinit(&data);
}

/* RFC 5545: lines go on behind a line end and a blank; escapes of a text. */
static void unfold_calendar(struct hn_buf *out, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        size_t end = i;

        if (text.ptr[end] == '\r' && end + 1 < text.len)
            end++;
        if (text.ptr[end] == '\n' && end + 1 < text.len &&
                (text.ptr[end + 1] == ' ' || text.ptr[end + 1] == '\t')) {
            i = end + 1;
        } else if (text.ptr[i] == '\\' && i + 1 < text.len) {
            i++;
            hn_buf_add_char(out, (char)((text.ptr[i] | 32) == 'n' ? '\n' : text.ptr[i]));
        } else {
            hn_buf_add_char(out, text.ptr[i]);
        }
    }
}

static void text_body(struct mail *mail, const struct leaf *leaf)
{
    struct hn_text content_type = leaf->entity->content_type;
    struct hn_text format = mail_param(mail->arena, content_type, "format");
    struct hn_text charset = mail_param(mail->arena, content_type, "charset");
    struct hn_buf utf8 = { .cap_bytes = MAIL_TEXT_BYTES_MAX * 4 };
    struct hn_buf flowed = { .cap_bytes = MAIL_TEXT_BYTES_MAX * 4 };
    bool html = hn_text_eq(leaf->entity->type, HN_TEXT("text/html")) ||
                hn_text_eq(leaf->entity->type, HN_TEXT("text/x-amp-html")) ||
                hn_text_eq(leaf->entity->type, HN_TEXT("application/xhtml+xml"));
    uint32_t taken = mail_to_utf8(&utf8, leaf->data, charset);

    if (charset.len > 0)
        dissect_fact(mail->dissect, mail->id, "body_charset", charset);
    dissect_fact_u64(mail->dissect, mail->id, "body_codepage", taken);
    if (html) {
        mail_add_html(mail, hn_buf_text(&utf8), "html", leaf->offset);
    } else if (hn_text_eq_nocase(format, HN_TEXT("flowed"))) {
        unflow(&flowed, hn_buf_text(&utf8),
                hn_text_eq_nocase(mail_param(mail->arena, content_type, "delsp"), HN_TEXT("yes")));
        mail_add_plain(mail, hn_buf_text(&flowed), "body", leaf->offset);
    } else if (hn_text_eq(leaf->entity->type, HN_TEXT("text/calendar"))) {
        unfold_calendar(&flowed, hn_buf_text(&utf8));
        mail_add_plain(mail, hn_buf_text(&flowed), "calendar", leaf->offset);
    } else {
        mail_add_plain(mail, hn_buf_text(&utf8), "body", leaf->offset);
    }
    if (!html) {
        uu_attachments(mail, hn_buf_text(&utf8));
        yenc_attachments(mail, leaf);
    }
    hn_buf_deinit(&flowed);
    hn_buf_deinit(&utf8);
}

/* ---- Attachments ---- */

static struct hn_text name_of(struct mail *mail, const struct mail_entity *entity)
{
    struct hn_text disposition = mail_head_value(&entity->head, "Content-Disposition");
    struct hn_text name = mail_param(mail->arena, disposition, "filename");
    struct hn_text other = mail_param(mail->arena, entity->content_type, "name");

    if (name.len > 0 && other.len > 0 && !hn_text_eq(name, other)) {
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_MISMATCH,
                mail_offset(mail, entity->body.ptr), "an attachment is named \"%.*s\" and \"%.*s\"",
                (int)(name.len > 100 ? 100 : name.len), name.ptr,
                (int)(other.len > 100 ? 100 : other.len), other.ptr);
    }
    return name.len > 0 ? name : other;
}

static enum dissect_format format_of(const struct leaf *leaf)
{
    struct hn_text type = leaf->entity->type;

    if (hn_text_eq(type, HN_TEXT("message/rfc822")) || hn_text_eq(type, HN_TEXT("message/global")))
        return DISSECT_EML;
    if (hn_text_eq(type, HN_TEXT("application/ms-tnef")) ||
            hn_text_eq(type, HN_TEXT("application/vnd.ms-tnef")) || mail_is_tnef(leaf->data))
        return DISSECT_TNEF;
    return DISSECT_UNKNOWN;
}

static void attachment(struct mail *mail, const struct leaf *leaf)
{
    struct mail_attachment attachment = { .format = format_of(leaf),
        .name = leaf->name,
        .type = leaf->entity->type,
        .content_id = leaf->content_id,
        .relation = "attachment",
        .data = leaf->data,
        .offset = leaf->offset,
        .borrowed = leaf->borrowed };

    if (hn_text_eq(leaf->disposition, HN_TEXT("inline")) ||
            (leaf->content_id.len > 0 && leaf->disposition.len == 0))
        attachment.relation = "inline";
    mail_add_attachment(mail, &attachment, NULL);
}

static void smime(struct mail *mail, const struct leaf *leaf)
{
    struct hn_bytes content;
    struct mail_attachment inner = { .format = DISSECT_EML,
        .name = HN_TEXT_INIT("signed content"),
        .type = leaf->entity->type,
        .relation = "attachment",
        .offset = DISSECT_NOWHERE,
        .borrowed = true };
    enum mail_smime_kind kind = mail_smime_content(mail->arena, leaf->data, &content);

    if (kind == MAIL_SMIME_ENVELOPED)
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_PASSWORD, leaf->offset,
                "S/MIME, encrypted for a certificate");
    if (kind == MAIL_SMIME_SIGNED && content.len > 0) {
        inner.data = content;
        mail_add_attachment(mail, &inner, NULL);
    } else {
        attachment(mail, leaf);
    }
}

/* What is in another form than MIME and is not read: a gap. */
static void note_foreign(struct mail *mail, const struct leaf *leaf)
{
    struct hn_text head = hn_text_sub(hn_bytes_as_text(leaf->data), 0, PGP_LOOKED_AT);

    if (hn_text_find(head, HN_TEXT("-----BEGIN PGP MESSAGE-----"), 0) != SIZE_MAX)
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_PASSWORD, leaf->offset,
                "OpenPGP (PGP), encrypted for a key");
    if (hn_text_find(head, HN_TEXT("(This file must be converted with BinHex"), 0) != SIZE_MAX)
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_UNSUPPORTED, leaf->offset,
                "a file in BinHex, which is not decoded");
}

/* ---- What a part is ---- */

static bool is_body(const struct leaf *leaf)
{
    struct hn_text type = leaf->entity->type;

    if (hn_text_eq(leaf->disposition, HN_TEXT("attachment")) || leaf->name.len > 0)
        return false;
    return hn_text_starts(type, HN_TEXT("text/")) ||
           hn_text_eq(type, HN_TEXT("message/delivery-status")) ||
           hn_text_eq(type, HN_TEXT("message/disposition-notification")) ||
           hn_text_eq(type, HN_TEXT("message/feedback-report")) ||
           hn_text_eq(type, HN_TEXT("application/xhtml+xml"));
}

static void leaf_open(struct mail *mail, const struct mail_entity *entity)
{
    struct hn_buf room = { .cap_bytes = (size_t)dissect_limits(mail->dissect)->file_bytes_max };
    struct leaf leaf = { .entity = entity, .name = name_of(mail, entity) };
    struct hn_text type = entity->type;
    bool view;

    leaf.disposition =
            mail_value_token(mail->arena, mail_head_value(&entity->head, "Content-Disposition"));
    leaf.content_id = mail_words_text(mail->arena, mail_head_value(&entity->head, "Content-ID"));
    leaf.data = decode(mail, entity, &room, &view);
    leaf.offset = view ? mail_offset(mail, entity->body.ptr) : DISSECT_NOWHERE;
    leaf.borrowed = view; /* views lie in the mail or in the arena */
    if (hn_text_eq(type, HN_TEXT("message/external-body")) ||
            hn_text_eq(type, HN_TEXT("message/partial"))) {
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_UNSUPPORTED, leaf.offset,
                "a part is elsewhere: %.*s", HN_TEXT_ARG(type));
        dissect_text(mail->dissect, mail->id, "link",
                mail_param(mail->arena, entity->content_type, "url"), HN_TEXT(""), leaf.offset);
    }
    note_foreign(mail, &leaf);
    if (hn_text_eq(type, HN_TEXT("application/pkcs7-mime")) ||
            hn_text_eq(type, HN_TEXT("application/x-pkcs7-mime")))
        smime(mail, &leaf);
    else if (is_body(&leaf))
        text_body(mail, &leaf);
    else if (leaf.data.len > 0 || leaf.name.len > 0)
        attachment(mail, &leaf);
    hn_buf_deinit(&room);
}

/* The Content-Type that counts: the first; but where a later one alone names a multipart that is
 * there, programs differ, and what is in it is wanted. */
static struct hn_text content_type_of(struct mail *mail, const struct mail_entity *entity)
{
    struct hn_text first = mail_head_value(&entity->head, "Content-Type");
    const struct mail_header *other;

    for (size_t i = 1; i < 8 && (other = mail_head_nth(&entity->head, "Content-Type", i)) != NULL;
            i++) {
        struct hn_text boundary = mail_param(mail->arena, other->value, "boundary");

        if (hn_text_eq(other->value, first))
            continue;
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_MISMATCH,
                mail_offset(mail, other->name.ptr), "a part has two Content-Type fields");
        if (!mail_has_nocase(first, "multipart/") && boundary.len > 0 &&
                hn_text_find(entity->body, boundary, 0) != SIZE_MAX)
            first = other->value;
    }
    return first;
}

/* A multipart; RFC 2045 forbids to encode one as a whole, programs write and read it. */
static void packed_multipart(struct mail *mail, const struct mail_entity *entity)
{
    struct mail_entity multipart = *entity;
    struct hn_text boundary = mail_param(mail->arena, entity->content_type, "boundary");
    struct hn_text encoding = encoding_of(mail, entity);
    bool packed = hn_text_eq(encoding, HN_TEXT("base64")) ||
                  hn_text_eq(encoding, HN_TEXT("quoted-printable"));

    /* Where the boundary can be seen, the field is a lie. */
    if (packed && hn_text_find(entity->body, boundary, 0) == SIZE_MAX) {
        struct hn_buf room = { .cap_bytes = (size_t)dissect_limits(mail->dissect)->file_bytes_max };
        bool view;
        struct hn_bytes bytes = decode(mail, entity, &room, &view);

        multipart.body = hn_arena_text(mail->arena, hn_bytes_as_text(bytes));
        hn_buf_deinit(&room);
    }
    multipart.digest = hn_text_eq(entity->type, HN_TEXT("multipart/digest"));
    mail_multipart_open(mail, &multipart);
}

void mail_entity_open(struct mail *mail, struct mail_entity *entity)
{
    if (mail->parts >= MAIL_PARTS_MAX || entity->depth > MAIL_DEPTH_MAX) {
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_LIMIT,
                mail_offset(mail, entity->body.ptr), "%s",
                entity->depth > MAIL_DEPTH_MAX ? "MAIL_DEPTH_MAX" : "MAIL_PARTS_MAX");
        return;
    }
    mail->parts++;
    entity->content_type = content_type_of(mail, entity);
    entity->type = mail_value_token(mail->arena, entity->content_type);
    if (hn_text_find_char(entity->type, '/', 0) == SIZE_MAX)
        entity->type = entity->digest ? HN_TEXT("message/rfc822") : HN_TEXT("text/plain");
    if (hn_text_starts(entity->type, HN_TEXT("multipart/")))
        packed_multipart(mail, entity);
    else
        leaf_open(mail, entity);
}
