/* mail_judge.c - what the headers of a mail say, as facts, and where they contradict each other, as
 * notes with the evidence in them. Transport is judged in mail_received.c, replies in
 * mail_reply.c. */
#include "mail/mail_internal.h"

#define EVIDENCE_BYTES_MAX 120

static int shown(struct hn_text text)
{
    return text.len > EVIDENCE_BYTES_MAX ? EVIDENCE_BYTES_MAX : (int)text.len;
}

/* ---- Facts ---- */

static void words_fact(struct mail *mail, const char *fact, const char *field)
{
    struct hn_text value = mail_head_value(&mail->head, field);

    if (value.len > 0)
        mail_fact(mail, fact, mail_words_text(mail->arena, value));
}

static void plain_facts(struct mail *mail)
{
    static const struct {
        const char *fact;
        const char *field;
    } facts[] = {
        { "from", "From" },
        { "to", "To" },
        { "cc", "Cc" },
        { "bcc", "Bcc" },
        { "sender", "Sender" },
        { "reply_to", "Reply-To" },
        { "return_path", "Return-Path" },
        { "date", "Date" },
        { "message_id", "Message-ID" },
        { "in_reply_to", "In-Reply-To" },
        { "references", "References" },
        { "mailer", "X-Mailer" },
        { "mailer", "User-Agent" },
        { "originating_ip", "X-Originating-IP" },
        { "originating_ip", "X-Sender-IP" },
        { "php_script", "X-PHP-Originating-Script" },
        { "php_script", "X-PHP-Script" },
        { "list_unsubscribe", "List-Unsubscribe" },
        { "thread_topic", "Thread-Topic" },
        { "priority", "X-Priority" },
        { "received_spf", "Received-SPF" },
        { "spam_status", "X-Spam-Status" },
    };

    mail_fact(mail, "subject", mail->subject);
    for (size_t i = 0; i < HN_COUNT_OF(facts); i++)
        words_fact(mail, facts[i].fact, facts[i].field);
    if (mail_head_nth(&mail->head, "DKIM-Signature", 0) != NULL)
        dissect_fact_bool(mail->dissect, mail->id, "dkim_signature", true);
    if (hn_text_eq(mail_head_value(&mail->head, "X-Unsent"), HN_TEXT("1")))
        dissect_fact_bool(mail->dissect, mail->id, "unsent", true);
    dissect_fact_u64(mail->dissect, mail->id, "attachment_count", mail->attachments);
    if (mail->left_out > 0)
        dissect_fact_u64(mail->dissect, mail->id, "parts_left_out", mail->left_out);
    dissect_fact_bool(mail->dissect, mail->id, "has_html", mail->html_bodies > 0);
}

/* ---- Authentication-Results (RFC 8601) ---- */

/* The word behind "spf=" where that is a method, not part of another word. */
static struct hn_text method_result(struct hn_text value, const char *method)
{
    struct hn_text want = hn_text_cstr(method);
    size_t pos = 0;

    while ((pos = hn_text_find_nocase(value, want, pos)) != SIZE_MAX) {
        size_t end = pos + want.len;
        size_t start = end;

        if (pos == 0 || value.ptr[pos - 1] == ' ' || value.ptr[pos - 1] == ';' ||
                value.ptr[pos - 1] == '\t') {
            while (end < value.len && ((value.ptr[end] | 32) >= 'a') &&
                    ((value.ptr[end] | 32) <= 'z'))
                end++;
            return hn_text_sub(value, start, end - start);
        }
        pos = end;
    }
    return (struct hn_text){ 0 };
}

static void authentication(struct mail *mail)
{
    static const struct {
        const char *method;
        const char *fact;
    } methods[] = {
        { "spf=", "auth_spf" },
        { "dkim=", "auth_dkim" },
        { "dmarc=", "auth_dmarc" },
        { "arc=", "auth_arc" },
        { "compauth=", "auth_compauth" },
    };
    const struct mail_header *results;

    /* Only the first stems from the last server; those below may be the sender's own. */
    results = mail_head_nth(&mail->head, "Authentication-Results", 0);
    if (results == NULL)
        return;
    mail_fact(mail, "authentication_results", results->value);
    for (size_t i = 0; i < HN_COUNT_OF(methods); i++) {
        struct hn_text result = method_result(results->value, methods[i].method);

        mail_fact(mail, methods[i].fact, result);
        if (hn_text_eq_nocase(result, HN_TEXT("fail")))
            dissect_note(mail->dissect, mail->id, DISSECT_NOTE_SPOOFED, results->offset,
                    "Authentication-Results: %sfail", methods[i].method);
    }
}

/* ---- Sender ---- */

static bool is_same_organisation(struct mail *mail, struct hn_text a, struct hn_text b)
{
    return hn_text_eq_nocase(mail_organisation(mail->arena, a), mail_organisation(mail->arena, b));
}

/* The display name holds an address of somebody else: mail programs show the name alone. */
static void judge_display_name(struct mail *mail, const struct mail_address *from, uint64_t offset)
{
    struct hn_text inside;
    size_t pos = 0;

    while (mail_address_find(from->name, &pos, &inside)) {
        struct hn_text domain = mail_domain_of(mail->arena, inside);

        if (hn_text_eq_nocase(inside, from->address))
            continue;
        mail_fact(mail, "from_name_address", inside);
        if (!is_same_organisation(mail, domain, from->domain)) {
            dissect_note(mail->dissect, mail->id, DISSECT_NOTE_SPOOFED, offset,
                    "From shows \"%.*s\" but is <%.*s>", shown(inside), inside.ptr,
                    shown(from->address), from->address.ptr);
        }
    }
}

/* A display name that is or contains a host name of another organisation: "example.jp support". */
static void judge_display_domain(
        struct mail *mail, const struct mail_address *from, uint64_t offset)
{
    struct hn_text name = from->name;
    size_t pos = 0;

    while (pos < name.len) {
        size_t end = pos;
        struct hn_text word;
        struct hn_text organisation;

        while (end < name.len && strchr(" \t()[]<>\"',;|/@", name.ptr[end]) == NULL)
            end++;
        word = hn_text_sub(name, pos, end - pos);
        pos = end + 1;
        if ((end < name.len && name.ptr[end] == '@') || word.len < 4 ||
                hn_text_find_char(word, '.', 1) == SIZE_MAX ||
                (pos - 1 > word.len && name.ptr[pos - 2 - word.len] == '@'))
            continue;
        organisation = mail_organisation(mail->arena, word);
        if (!mail_is_known_domain(word) || is_same_organisation(mail, organisation, from->domain))
            continue;
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_SPOOFED, offset,
                "From shows the domain \"%.*s\" but is <%.*s>", shown(word), word.ptr,
                shown(from->address), from->address.ptr);
    }
}

static void judge_other_sender(struct mail *mail, const struct mail_address *from,
        const char *field, const char *fact, bool note)
{
    const struct mail_header *header = mail_head_nth(&mail->head, field, 0);
    struct mail_address other;

    if (header == NULL || from->domain.len == 0)
        return;
    mail_address_first(mail->arena, header->value, &other);
    if (other.domain.len == 0)
        return;
    mail_fact(mail, fact, other.domain);
    if (is_same_organisation(mail, other.domain, from->domain))
        return;
    dissect_fact_bool(mail->dissect, mail->id, "sender_differs", true);
    if (note) {
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_SPOOFED, header->offset,
                "%s is <%.*s>, From is <%.*s>", field, shown(other.address), other.address.ptr,
                shown(from->address), from->address.ptr);
    }
}

/* Fields that may stand once (RFC 5322, 3.6) and say different things: what is shown depends on the
 * program. */
static void judge_doubles(struct mail *mail)
{
    static const char *const once[] = { "From", "Sender", "Reply-To", "To", "Subject", "Date",
        "Message-ID", "Content-Disposition", "Content-Transfer-Encoding" };

    for (size_t i = 0; i < HN_COUNT_OF(once); i++) {
        const struct mail_header *first = mail_head_nth(&mail->head, once[i], 0);
        const struct mail_header *second = mail_head_nth(&mail->head, once[i], 1);

        if (second != NULL && !hn_text_eq(first->value, second->value))
            dissect_note(mail->dissect, mail->id, DISSECT_NOTE_MISMATCH, second->offset,
                    "%s stands twice: \"%.*s\"", once[i], shown(second->value), second->value.ptr);
    }
}

static void message_id_domain(struct mail *mail)
{
    struct hn_text domain = mail_domain_of(mail->arena, mail_head_value(&mail->head, "Message-ID"));

    mail_fact(mail, "message_id_domain", domain);
}

void mail_judge(struct mail *mail)
{
    const struct mail_header *header = mail_head_nth(&mail->head, "From", 0);
    struct mail_address from = { HN_TEXT_INIT(""), HN_TEXT_INIT(""), HN_TEXT_INIT(""), 0 };

    plain_facts(mail);
    if (header != NULL) {
        mail_address_first(mail->arena, header->value, &from);
        mail_fact(mail, "from_name", from.name);
        mail_fact(mail, "from_address", from.address);
        mail_fact(mail, "from_domain", from.domain);
        if (from.count > 1)
            dissect_note(mail->dissect, mail->id, DISSECT_NOTE_SPOOFED, header->offset,
                    "From holds %lu addresses", (unsigned long)from.count);
        if (from.domain.len > 0) {
            judge_display_name(mail, &from, header->offset);
            judge_display_domain(mail, &from, header->offset);
        }
    }
    judge_other_sender(mail, &from, "Reply-To", "reply_to_domain", true);
    /* Lists and mail services bounce to themselves: a fact, no accusation. */
    judge_other_sender(mail, &from, "Return-Path", "return_path_domain", false);
    judge_other_sender(mail, &from, "Sender", "sender_domain", true);
    message_id_domain(mail);
    judge_doubles(mail);
    authentication(mail);
    mail_judge_received(mail);
    mail_judge_reply(mail, &from);
}
