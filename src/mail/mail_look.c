/* mail_look.c - what a mail shows and what it does: links whose text is another address than they
 * open, and mails whose message stands in a picture. */
#include "mail/mail_internal.h"

#define LINKS_LOOKED_AT 512u
#define DIFFERING_MAX   8u
#define SHOWN_BYTES_MAX 256u
#define HOST_BYTES_MAX  253u
#define WORDS_FEW       40u /* bytes of a text that says nothing without its pictures */

/* ---- Links ---- */

/* The value of href in the inside of a tag; empty when there is none. */
static struct hn_text href_of(struct hn_text tag)
{
    size_t at = hn_text_find_nocase(tag, HN_TEXT("href"), 0);
    size_t end;
    char quote;

    if (at == SIZE_MAX)
        return hn_text_of("", 0);
    tag = hn_text_trim(hn_text_sub(tag, at + 4, tag.len));
    if (tag.len == 0 || tag.ptr[0] != '=')
        return hn_text_of("", 0);
    tag = hn_text_trim(hn_text_sub(tag, 1, tag.len));
    quote = tag.len > 0 ? tag.ptr[0] : ' ';
    if (quote == '"' || quote == '\'') {
        end = hn_text_find_char(tag, quote, 1);
        return hn_text_sub(tag, 1, (end == SIZE_MAX ? tag.len : end) - 1);
    }
    for (end = 0; end < tag.len && (unsigned char)tag.ptr[end] > ' ' && tag.ptr[end] != '>';)
        end++;
    return hn_text_sub(tag, 0, end);
}

/* The host of what is a URL, or of a text that is a host or begins with one; else empty. */
static struct hn_text host_of(struct hn_text text, bool bare)
{
    size_t at = hn_text_find(text, HN_TEXT("://"), 0);
    size_t end = 0;

    text = hn_text_trim(text);
    if (hn_text_starts_nocase(text, HN_TEXT("http")) && at != SIZE_MAX && at <= 5)
        text = hn_text_sub(text, at + 3, text.len);
    else if (!bare)
        return hn_text_of("", 0);
    while (end < text.len && end <= HOST_BYTES_MAX && strchr("/?#:", text.ptr[end]) == NULL) {
        char c = text.ptr[end];

        /* A user in front of the host is there to be taken for one. */
        if (c == '@' && !bare) {
            text = hn_text_sub(text, end + 1, text.len);
            end = 0;
            continue;
        }
        if (c != '.' && c != '-' && !(c >= '0' && c <= '9') &&
                !((c | 32) >= 'a' && (c | 32) <= 'z'))
            return hn_text_of("", 0);
        end++;
    }
    return hn_text_sub(text, 0, end);
}

/* What the link shows is an address, and of another organisation than the one it opens. */
static bool differs(struct mail *mail, struct hn_text shown, struct hn_text target)
{
    struct hn_text a = host_of(shown, true);
    struct hn_text b = host_of(target, false);

    return a.len > 0 && b.len > 0 && mail_is_known_domain(a) &&
           !hn_text_eq_nocase(mail_organisation(mail->arena, a), mail_organisation(mail->arena, b));
}

static bool look_at_link(struct mail *mail, struct hn_text tag, struct hn_text inside)
{
    struct hn_buf shown = { .cap_bytes = SHOWN_BYTES_MAX };
    struct hn_buf target = { .cap_bytes = MAIL_VALUE_BYTES_MAX };
    struct hn_buf line = { 0 };
    bool hit;

    mail_html_text(&shown, inside);
    mail_html_text(&target, href_of(tag));
    hit = hn_buf_ok(&shown) && hn_buf_ok(&target) &&
          differs(mail, hn_text_trim(hn_buf_text(&shown)), hn_buf_text(&target));
    if (hit) {
        hn_buf_add_text(&line, hn_text_trim(hn_buf_text(&shown)));
        hn_buf_add_lit(&line, " -> ");
        hn_buf_add_text(&line, hn_text_sub(hn_buf_text(&target), 0, SHOWN_BYTES_MAX));
        mail_fact(mail, "link_differs", hn_buf_text(&line));
    }
    hn_buf_deinit(&line);
    hn_buf_deinit(&target);
    hn_buf_deinit(&shown);
    return hit;
}

void mail_html_look(struct mail *mail, struct hn_text html)
{
    uint32_t differing = 0;
    size_t at = 0;

    for (uint32_t links = 0; links < LINKS_LOOKED_AT && differing < DIFFERING_MAX; links++) {
        size_t end;
        size_t close;

        at = hn_text_find_nocase(html, HN_TEXT("<a "), at);
        if (at == SIZE_MAX)
            break;
        end = hn_text_find_char(html, '>', at);
        close = end == SIZE_MAX ? SIZE_MAX : hn_text_find_nocase(html, HN_TEXT("</a"), end);
        if (close == SIZE_MAX)
            break;
        differing += look_at_link(mail, hn_text_sub(html, at + 3, end - at - 3),
                hn_text_sub(html, end + 1, close - end - 1));
        at = close;
    }
    if (hn_text_find_nocase(html, HN_TEXT("<img"), 0) != SIZE_MAX)
        mail->pictures++;
}

/* ---- Pictures ---- */

static bool has_any(struct hn_text text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (mail_has_nocase(text, words[i]))
            return true;
    return false;
}

static size_t visible_bytes(struct hn_text text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += (unsigned char)text.ptr[i] > ' ';
    return count;
}

void mail_judge_pictures(struct mail *mail, bool tells_password)
{
    static const char *const pictures[] = { "picture", "image", "screenshot",
        "\xE7\x94\xBB\xE5\x83\x8F" /* gazō */, "\xE5\x86\x99\xE7\x9C\x9F" /* shashin */ };
    static const char *const codes[] = { "QR code", "QR-code", "QRcode", "scan the code",
        "scan the QR", "QR\xE3\x82\xB3\xE3\x83\xBC\xE3\x83\x89",
        "\xEF\xBC\xB1\xEF\xBC\xB2\xE3\x82\xB3\xE3\x83\xBC\xE3\x83\x89",
        "\xE4\xBA\x8C\xE6\xAC\xA1\xE5\x85\x83\xE3\x82\xB3\xE3\x83\xBC\xE3\x83\x89" };
    struct hn_text text = hn_buf_text(&mail->text);
    const char *why = NULL;

    if (mail->pictures == 0)
        return;
    if (has_any(text, codes, HN_COUNT_OF(codes))) {
        dissect_fact_bool(mail->dissect, mail->id, "qr_code", true);
        why = "a picture is to be scanned (QR code); pictures are not read: look where it leads";
    } else if (tells_password && has_any(text, pictures, HN_COUNT_OF(pictures))) {
        dissect_fact_bool(mail->dissect, mail->id, "password_in_picture", true);
        why = "the password may stand in a picture; pictures are not read: look at it, then use "
              "--password";
    } else if (visible_bytes(text) < WORDS_FEW) {
        dissect_fact_bool(mail->dissect, mail->id, "picture_only", true);
        why = "what it says stands in a picture; pictures are not read: look at it, for a QR code "
              "as well";
    }
    if (why != NULL)
        dissect_note(mail->dissect, mail->id, DISSECT_NOTE_UNSUPPORTED, DISSECT_NOWHERE, "%s", why);
}
