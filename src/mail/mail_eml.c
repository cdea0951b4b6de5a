/* mail_eml.c - the openers of .eml and mbox, and how they are recognised. */
#include "mail/mail_internal.h"

#define HEAD_BYTES_LOOKED_AT ((size_t)64 << 10)

/* ---- Recognition ---- */

static bool is_usual(struct hn_text name)
{
    static const char *const usual[] = { "From", "To", "Subject", "Date", "Message-ID", "Received",
        "MIME-Version", "Content-Type", "Return-Path", "Reply-To", "Delivered-To", "Cc", "Sender",
        "DKIM-Signature", "Authentication-Results", "X-Mailer", "User-Agent", "In-Reply-To",
        "References", "X-Unsent", "Content-Transfer-Encoding", "X-Originating-IP" };

    for (size_t i = 0; i < HN_COUNT_OF(usual); i++)
        if (hn_text_eq_nocase(name, hn_text_cstr(usual[i])))
            return true;
    return false;
}

static size_t usual_fields(struct hn_text text, bool *ret_of_mail)
{
    struct hn_text line;
    size_t pos = 0;
    size_t count = 0;
    size_t lines = 0;

    *ret_of_mail = false;
    text = hn_text_sub(text, 0, HEAD_BYTES_LOOKED_AT);
    while (lines++ < 200 && mail_line(text, &pos, &line)) {
        size_t colon = hn_text_find_char(hn_text_sub(line, 0, 80), ':', 0);
        struct hn_text name;

        if (line.len == 0 && count + lines > 1 && lines > 1)
            break;
        if (colon == SIZE_MAX || line.ptr[0] == ' ' || line.ptr[0] == '\t')
            continue;
        name = hn_text_trim(hn_text_sub(line, 0, colon));
        if (hn_text_find_char(name, ' ', 0) != SIZE_MAX && count == 0 &&
                !(lines == 1 && hn_text_starts(line, HN_TEXT("From "))))
            return 0; /* prose */
        if (!is_usual(name))
            continue;
        count++;
        if (!hn_text_starts_nocase(name, HN_TEXT("Content-")) &&
                !hn_text_eq_nocase(name, HN_TEXT("MIME-Version")) &&
                !hn_text_eq_nocase(name, HN_TEXT("Date")))
            *ret_of_mail = true;
    }
    return count;
}

bool mail_is_eml(struct hn_bytes bytes)
{
    struct hn_text text = hn_bytes_as_text(bytes);
    bool of_mail;
    bool first_is_field;
    size_t colon;
    size_t end = 0;
    struct hn_text line = { 0 };

    while (text.len > 0 && (text.ptr[0] == '\r' || text.ptr[0] == '\n') && end++ < 4)
        text = hn_text_sub(text, 1, text.len);
    end = 0;
    if (!mail_line(hn_text_sub(text, 0, 1024), &end, &line))
        return false;
    colon = hn_text_find_char(line, ':', 0);
    first_is_field = colon != SIZE_MAX && colon > 0 && colon < 80 &&
                     hn_text_find_char(hn_text_sub(line, 0, colon), '<', 0) == SIZE_MAX;
    if (!first_is_field && !hn_text_starts(line, HN_TEXT("From ")))
        return false;
    /* A page saved by a browser (MHT) has fields too; those of a mail are others. */
    return usual_fields(text, &of_mail) >= 2 && of_mail;
}

/* ---- eml ---- */

enum hn_status mail_open_eml(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct mail mail;
    enum hn_status status;

    mail_init(&mail, dissect, id);
    if (mail_head_parse(mail.arena, mail.in, &mail.head)) {
        if (mail.head.cut)
            dissect_note(dissect, id, DISSECT_NOTE_DAMAGED, mail.head.body,
                    "no blank line behind the headers");
        if (mail.head.left_out)
            dissect_note(dissect, id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE, "MAIL_HEADERS_MAX");
        mail.subject = mail_words_text(mail.arena, mail_head_value(&mail.head, "Subject"));
        mail_mime_open(&mail);
        mail_judge(&mail);
        mail_harvest(&mail);
    }
    status = mail_status(&mail, err);
    mail_deinit(&mail);
    return status;
}

/* ---- mbox ---- */

/* "From someone Mon Nov 23 01:02:03 2026": prose that begins with "From " has no time of day. */
static bool is_from_line(struct hn_text line)
{
    if (!hn_text_starts(line, HN_TEXT("From ")))
        return false;
    for (size_t i = 7; i + 2 < line.len; i++) {
        if (line.ptr[i] == ':' && line.ptr[i - 1] >= '0' && line.ptr[i - 1] <= '9' &&
                line.ptr[i + 1] >= '0' && line.ptr[i + 1] <= '9' && line.ptr[i + 2] >= '0' &&
                line.ptr[i + 2] <= '9')
            return true;
    }
    return false;
}

/* Where the next mail starts: a "From " line at the start or behind an empty line. */
static size_t next_mail(struct hn_text in, size_t pos)
{
    struct hn_text line;
    bool empty = true;
    size_t start = pos;

    while (mail_line(in, &pos, &line)) {
        if (empty && is_from_line(line))
            return start;
        empty = line.len == 0;
        start = pos;
    }
    return SIZE_MAX;
}

/* "From someone Mon Nov 23 ..." and fields below it, twice: one mail with such a line before it is
 * but a mail. */
bool mail_is_mbox(struct hn_bytes bytes)
{
    struct hn_text text = hn_bytes_as_text(bytes);
    struct hn_text line;
    size_t pos = 0;
    bool of_mail;

    return mail_line(hn_text_sub(text, 0, 1024), &pos, &line) && is_from_line(line) &&
           usual_fields(hn_text_sub(text, pos, text.len), &of_mail) >= 1 &&
           next_mail(text, pos) != SIZE_MAX;
}

enum hn_status mail_open_mbox(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct hn_text in = hn_bytes_as_text(dissect_get(dissect, id)->data);
    size_t start = next_mail(in, 0);
    uint32_t count = 0;

    while (start != SIZE_MAX && count < MAIL_MBOX_MAILS_MAX) {
        struct hn_text line;
        size_t body = start;
        size_t next;
        struct dissect_child child = { .format = DISSECT_EML,
            .name = HN_TEXT_INIT("mail"),
            .relation = "entry",
            .borrowed = true };

        (void)mail_line(in, &body, &line);
        next = next_mail(in, body);
        child.data =
                hn_text_as_bytes(hn_text_sub(in, body, (next == SIZE_MAX ? in.len : next) - body));
        child.offset = body;
        if (dissect_child(dissect, id, &child, NULL) != HN_OK)
            break; /* noted */
        count++;
        start = next;
    }
    if (start != SIZE_MAX && count >= MAIL_MBOX_MAILS_MAX)
        dissect_note(dissect, id, DISSECT_NOTE_LIMIT, start, "MAIL_MBOX_MAILS_MAX");
    dissect_fact_u64(dissect, id, "mails", count);
    if (hn_arena_status(dissect_arena(dissect)) == HN_NOMEM)
        return hn_fail(err, HN_NOMEM, 0, "no memory for a mailbox");
    return HN_OK;
}
