/* mail_reply.c - marks of a hijacked conversation: a mail that shows itself as a reply although
 * nothing in its headers ties it to what it quotes, or that comes from elsewhere than the person it
 * quotes. Emotet and QakBot sent stolen threads this way. */
#include "mail/mail_internal.h"

#define EVIDENCE_BYTES_MAX 120

static int shown(struct hn_text text)
{
    return text.len > EVIDENCE_BYTES_MAX ? EVIDENCE_BYTES_MAX : (int)text.len;
}

enum reply_kind { REPLY_NONE, REPLY_ANSWER, REPLY_FORWARD };

static const struct {
    const char *mark;
    enum reply_kind kind;
} reply_marks[] = {
    { "re:", REPLY_ANSWER }, { "re[", REPLY_ANSWER }, { "aw:", REPLY_ANSWER },
    { "sv:", REPLY_ANSWER }, { "antw:", REPLY_ANSWER },
    { "re\xEF\xBC\x9A", REPLY_ANSWER },                       /* with a full-width colon */
    { "\xEF\xBC\xB2\xEF\xBC\xA5\xEF\xBC\x9A", REPLY_ANSWER }, /* all of it full-width */
    { "\xE8\xBF\x94\xE4\xBF\xA1:", REPLY_ANSWER },            /* "reply" in Japanese */
    { "fw:", REPLY_FORWARD }, { "fwd:", REPLY_FORWARD }, { "wg:", REPLY_FORWARD },
    { "tr:", REPLY_FORWARD },
    { "\xE8\xBB\xA2\xE9\x80\x81:", REPLY_FORWARD }, /* "forwarded" in Japanese */
};

static enum reply_kind reply_kind_of(struct hn_text subject)
{
    subject = hn_text_trim(subject);
    for (size_t i = 0; i < HN_COUNT_OF(reply_marks); i++)
        if (hn_text_starts_nocase(subject, hn_text_cstr(reply_marks[i].mark)))
            return reply_marks[i].kind;
    return REPLY_NONE;
}

/* ---- The quoted mail ---- */

struct quoted {
    bool found;
    struct hn_text from;    /* the line's value */
    struct hn_text address; /* in it */
};

/* "From: x", "差出人: x", "Von: x", "De : x", quoted by "> " or not. */
static bool from_line(struct hn_text line, struct hn_text *ret_value)
{
    static const char *const words[] = { "from:", "from :", "\xE5\xB7\xAE\xE5\x87\xBA\xE4\xBA\xBA:",
        "\xE5\xB7\xAE\xE5\x87\xBA\xE4\xBA\xBA :",
        "\xE5\xB7\xAE\xE5\x87\xBA\xE4\xBA\xBA\xEF\xBC\x9A", "\xE9\x80\x81\xE4\xBF\xA1\xE8\x80\x85:",
        "\xE9\x80\x81\xE4\xBF\xA1\xE5\x85\x83:", "von:", "de :", "de:", "da:" };

    while (line.len > 0 && (line.ptr[0] == '>' || line.ptr[0] == ' ' || line.ptr[0] == '\t' ||
                                   line.ptr[0] == '*' || line.ptr[0] == '|'))
        line = hn_text_sub(line, 1, line.len);
    for (size_t i = 0; i < HN_COUNT_OF(words); i++) {
        struct hn_text word = hn_text_cstr(words[i]);

        if (hn_text_starts_nocase(line, word)) {
            *ret_value = hn_text_trim(hn_text_sub(line, word.len, line.len));
            return ret_value->len > 0;
        }
    }
    return false;
}

/* Near a From line there is a Sent, Date, To or Subject line: it is the head of a quoted mail. */
static bool is_head_near(struct hn_text text, size_t pos)
{
    static const char *const words[] = { "sent:", "date:", "to:", "subject:",
        "\xE9\x80\x81\xE4\xBF\xA1\xE6\x97\xA5" /* 送信日 */, "\xE5\xAE\x9B\xE5\x85\x88" /* 宛先 */,
        "\xE4\xBB\xB6\xE5\x90\x8D" /* 件名 */, "\xE6\x97\xA5\xE6\x99\x82" /* 日時 */,
        "gesendet:", "envoy", "betreff:", "objet" };
    struct hn_text line;

    for (size_t count = 0; count < 4 && mail_line(text, &pos, &line); count++) {
        for (size_t i = 0; i < HN_COUNT_OF(words); i++)
            if (mail_has_nocase(hn_text_sub(line, 0, 40), words[i]))
                return true;
    }
    return false;
}

/* "On Mon, 23 Nov 2026 a@b.example wrote:", "2026年11月23日 a <a@b.example>:" */
static bool is_attribution(struct hn_text line)
{
    struct hn_text address;
    size_t pos = 0;

    line = hn_text_trim(line);
    return line.len > 10 && line.len < 300 &&
           (hn_text_ends_nocase(line, HN_TEXT("wrote:")) ||
                   hn_text_ends_nocase(line, HN_TEXT("schrieb:")) ||
                   hn_text_ends(line, HN_TEXT(">:"))) &&
           mail_address_find(line, &pos, &address);
}

static struct quoted find_quoted(struct hn_text text)
{
    struct quoted quoted = { 0 };
    struct hn_text line;
    size_t pos = 0;

    while (mail_line(text, &pos, &line)) {
        size_t at = 0;

        if (is_attribution(line)) {
            quoted.found = true;
            quoted.from = hn_text_trim(line);
        } else if (from_line(line, &quoted.from) && is_head_near(text, pos)) {
            quoted.found = true;
        } else {
            continue;
        }
        (void)mail_address_find(quoted.from, &at, &quoted.address);
        return quoted;
    }
    return quoted;
}

/* ---- Judging ---- */

/* The quoted mail's sender by name, today from another organisation's address. */
static void judge_person(
        struct mail *mail, const struct mail_address *from, const struct quoted *quoted)
{
    struct hn_text domain = mail_domain_of(mail->arena, quoted->address);
    struct hn_text name = from->name;

    if (domain.len == 0 || from->domain.len == 0 || name.len < 4 ||
            hn_text_eq_nocase(quoted->address, from->address))
        return;
    if (hn_text_find_nocase(quoted->from, name, 0) == SIZE_MAX ||
            hn_text_eq_nocase(mail_organisation(mail->arena, domain),
                    mail_organisation(mail->arena, from->domain)))
        return;
    dissect_note(mail->dissect, mail->id, DISSECT_NOTE_SPOOFED, DISSECT_NOWHERE,
            "\"%.*s\" writes from <%.*s>; in the quoted mail it is <%.*s>", shown(name), name.ptr,
            shown(from->address), from->address.ptr, shown(quoted->address), quoted->address.ptr);
}

/* An answer names the mail it answers. Forwarding programs need not, so there it is but a fact. */
static void judge_ties(struct mail *mail, const struct quoted *quoted, enum reply_kind kind)
{
    bool tied = mail_head_nth(&mail->head, "In-Reply-To", 0) != NULL ||
                mail_head_nth(&mail->head, "References", 0) != NULL ||
                mail_head_nth(&mail->head, "Thread-Index", 0) != NULL;
    struct hn_text reply = mail_domain_of(mail->arena, mail_head_value(&mail->head, "In-Reply-To"));

    mail_fact(mail, "in_reply_to_domain", reply);
    if (tied || mail->head.count == 0)
        return;
    dissect_fact_bool(mail->dissect, mail->id, "reply_untied", true);
    if (kind == REPLY_ANSWER) {
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_SPOOFED, DISSECT_NOWHERE,
                "a reply by its subject that quotes a mail of \"%.*s\", but has neither "
                "In-Reply-To "
                "nor References",
                shown(quoted->from), quoted->from.ptr);
    }
}

void mail_judge_reply(struct mail *mail, const struct mail_address *from)
{
    enum reply_kind kind = reply_kind_of(mail->subject);
    struct quoted quoted = find_quoted(hn_buf_text(&mail->text));

    dissect_fact_bool(mail->dissect, mail->id, "reply_subject", kind != REPLY_NONE);
    if (!quoted.found)
        return;
    mail_fact(mail, "quoted_from", quoted.from);
    if (kind != REPLY_NONE)
        judge_ties(mail, &quoted, kind);
    judge_person(mail, from, &quoted);
}
