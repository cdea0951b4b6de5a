/* extract_mail.c - mail addresses, and the lines of a mail's header whose names only look like one.
 *
 * Leaves to others: who a mail is really from (src/mail). */
#include "extract/extract_internal.h"

#define LOCAL_MAX 64 /* RFC 5321 */

static bool is_local(const struct extract *e, size_t pos)
{
    return extract_is(e, pos, CH_ALPHA | CH_DIGIT) || extract_in(e->plain[pos], "._%+-=~&");
}

bool extract_ids_line(const struct extract *e, size_t pos)
{
    static const char *const names[] = { "message-id:", "references:", "in-reply-to:",
        "content-id:", "resent-message-id:", "x-ms-exchange-crosstenant",
        "thread-index:", "x-google-smtp-source:", "x-microsoft-antispam", "feedback-id:" };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (extract_starts(e, pos, hn_text_cstr(names[i])))
            return true;
    }
    return false;
}

/* "cid:part1@evil.example" names a part of a mail. */
static bool is_part_id(const struct extract *e, size_t start)
{
    return (start >= 4 && extract_starts(e, start - 4, HN_TEXT("cid:"))) ||
           (start >= 4 && extract_starts(e, start - 4, HN_TEXT("mid:")));
}

/* "from=user@evil.example" is a key and its value; "bounce+user=evil.example@list.example" is one
 * address. */
static size_t behind_key(const struct extract *e, size_t start, size_t at)
{
    bool word = true;
    size_t local = start;

    for (size_t pos = start; pos < at; pos++) {
        if (e->plain[pos] == '=' && word)
            local = pos + 1;
        word = word && !extract_in(e->plain[pos], "+.-");
    }
    return local < at ? local : start;
}

size_t extract_email(struct extract *e, size_t at)
{
    struct extract_found found = { .kind = EXTRACT_EMAIL };
    struct hn_buf out = hn_buf_over(e->value, sizeof e->value);
    char host[IOC_HOST_ROOM];
    size_t start = at;
    size_t end = at + 1;
    struct hn_text name;
    size_t len;

    while (start > e->next_free && at - start <= LOCAL_MAX && is_local(e, start - 1))
        start--;
    while (start < at && extract_in(e->plain[start], ".=+-%&~"))
        start++;
    start = behind_key(e, start, at);
    while (end - at <= IOC_DOMAIN_MAX &&
            (extract_is(e, end, CH_ASCII) || extract_at(e, end) == '.'))
        end++;
    while (end > at + 1 && extract_in(e->plain[end - 1], ".-_"))
        end--;
    name = extract_slice(e, at + 1, end);
    if (start == at || at - start > LOCAL_MAX || e->in_ids || is_part_id(e, start) ||
            e->plain[at - 1] == '.' || hn_text_find_char(name, '.', 0) == SIZE_MAX ||
            !extract_is_tld(e, extract_last_label(name)))
        return 0;
    len = ioc_host_normal(name, host);
    if (len == 0)
        return 0;
    hn_buf_add_text(&out, extract_slice(e, start, at));
    hn_buf_add_char(&out, '@');
    hn_buf_add(&out, host, len);
    found.start = start;
    found.end = end;
    found.value = hn_buf_text(&out);
    found.host = hn_text_sub(found.value, at - start + 1, len);
    extract_tell(e, &found);
    return end;
}
