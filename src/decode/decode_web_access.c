/* decode_web_access.c - takes lines of access logs apart: common and combined format, with or
 * without a virtual host in front and more columns behind.
 *
 *   [vhost] client ident user [23/Nov/2026:01:02:03 +0900] "request" status bytes "referer" "agent"
 *
 * What a client may write (user, request, referer, agent) is not trusted to be well-formed: the
 * stamp and the status are the landmarks. */
#include "decode/decode_web.h"

#include "base/ip.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "23/Nov/2026:01:02:03 ..." */
static bool is_stamp(struct hn_text text)
{
    static const char shape[] = "dd/aaa/dddd:dd:dd:dd";

    if (text.len < sizeof shape - 1)
        return false;
    for (size_t i = 0; i < sizeof shape - 1; i++) {
        char c = text.ptr[i];
        bool fits = c == shape[i];

        if (shape[i] == 'd')
            fits = is_digit(c);
        else if (shape[i] == 'a')
            fits = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!fits)
            return false;
    }
    return true;
}

/* Takes "[stamp]" and what stands before it off *rest. */
static bool take_stamp(struct hn_text *rest, struct hn_text *ret_before, struct hn_text *ret_stamp)
{
    size_t pos = 0;

    while ((pos = hn_text_find_char(*rest, '[', pos)) != SIZE_MAX) {
        struct hn_text inside = hn_text_sub(*rest, pos + 1, rest->len);
        size_t close = hn_text_find_char(hn_text_sub(inside, 0, 64), ']', 0);

        if (close != SIZE_MAX && is_stamp(inside)) {
            *ret_before = hn_text_sub(*rest, 0, pos);
            *ret_stamp = hn_text_sub(inside, 0, close);
            *rest = hn_text_sub(inside, close + 1, inside.len);
            return true;
        }
        pos++;
    }
    return false;
}

/* "host:443" */
static bool names_port(struct hn_text token)
{
    size_t pos = token.len;

    while (pos > 0 && is_digit(token.ptr[pos - 1]))
        pos--;
    return pos > 1 && pos < token.len && token.ptr[pos - 1] == ':';
}

/* [vhost] client ident user; a user name may hold spaces. */
static bool split_before(struct hn_text before, struct web_access *access)
{
    struct hn_text rest = hn_text_trim(before);
    struct hn_text after;
    struct hn_text second;
    struct hn_ip ip;

    if (!web_token_take(&rest, &access->client))
        return false;
    after = rest;
    if (web_token_take(&after, &second) && !hn_ip_parse(access->client, &ip) &&
            (hn_ip_parse(second, &ip) || names_port(access->client))) {
        access->vhost = access->client;
        access->client = second;
        rest = after;
    }
    (void)web_token_take(&rest, &access->ident);
    access->user = hn_text_trim(rest);
    return true;
}

/* " 200 " or " 200" at the end. */
static bool is_status(struct hn_text text)
{
    size_t pos = 1;

    if (text.len < 2 || text.ptr[0] != ' ')
        return false;
    if (text.ptr[1] == '-')
        return text.len == 2 || text.ptr[2] == ' ';
    while (pos < text.len && is_digit(text.ptr[pos]))
        pos++;
    return pos == 4 && (pos == text.len || text.ptr[pos] == ' ');
}

/* A quote inside the request does not end it; the one before the status does. */
static bool take_request(struct hn_text *rest, struct hn_text *ret_request)
{
    struct hn_text text = *rest;

    for (size_t pos = 1; pos < text.len; pos++) {
        if (text.ptr[pos] == '\\') {
            pos++;
        } else if (text.ptr[pos] == '"' && is_status(hn_text_sub(text, pos + 1, text.len))) {
            *ret_request = hn_text_sub(text, 1, pos - 1);
            *rest = hn_text_sub(text, pos + 1, text.len);
            return true;
        }
    }
    return false;
}

static bool is_number(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_digit(text.ptr[i]))
            return false;
    }
    return text.len > 0;
}

static void skip_space(struct hn_text *rest)
{
    if (rest->len > 0 && rest->ptr[0] == ' ')
        *rest = hn_text_sub(*rest, 1, rest->len);
}

bool web_access_split(struct hn_text line, struct web_access *ret_access)
{
    struct web_access access = { 0 };
    struct hn_text rest = line;
    struct hn_text before;

    if (!take_stamp(&rest, &before, &access.stamp) || !split_before(before, &access))
        return false;
    skip_space(&rest);
    if (rest.len == 0 || rest.ptr[0] != '"' || !take_request(&rest, &access.request))
        return false;
    if (!web_token_take(&rest, &access.status) || !web_token_take(&rest, &access.bytes))
        return false;
    if (!is_number(access.bytes) && !hn_text_eq(access.bytes, HN_TEXT("-")))
        return false;
    skip_space(&rest);
    if (web_quoted_take(&rest, &access.referer)) {
        skip_space(&rest);
        (void)web_quoted_take(&rest, &access.agent);
    }
    access.rest = hn_text_trim(rest);
    *ret_access = access;
    return true;
}
