/* mail_html.c - HTML as people read it: for passwords and indicators, not for display. Tags, styles
 * and scripts are left out, blocks become lines, entities characters. */
#include "mail/mail_internal.h"

#include "base/utf.h"

/* ---- Entities ---- */

static const struct {
    const char *name;
    uint32_t code_point;
} entities[] = {
    { "amp", '&' },
    { "lt", '<' },
    { "gt", '>' },
    { "quot", '"' },
    { "apos", '\'' },
    { "nbsp", ' ' },
    { "copy", 0xA9 },
    { "reg", 0xAE },
    { "yen", 0xA5 },
    { "euro", 0x20AC },
    { "ndash", 0x2013 },
    { "mdash", 0x2014 },
    { "lsquo", 0x2018 },
    { "rsquo", 0x2019 },
    { "ldquo", 0x201C },
    { "rdquo", 0x201D },
    { "hellip", 0x2026 },
    { "zwnj", 0x200C },
    { "auml", 0xE4 },
    { "ouml", 0xF6 },
    { "uuml", 0xFC },
    { "Auml", 0xC4 },
    { "Ouml", 0xD6 },
    { "Uuml", 0xDC },
    { "szlig", 0xDF },
    { "eacute", 0xE9 },
    { "colon", ':' },
};

static uint32_t number_of(struct hn_text digits)
{
    bool hex = digits.len > 0 && (digits.ptr[0] == 'x' || digits.ptr[0] == 'X');
    uint32_t value = 0;

    for (size_t i = hex ? 1 : 0; i < digits.len; i++) {
        char c = digits.ptr[i];
        uint32_t digit;

        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (hex && (c | 32) >= 'a' && (c | 32) <= 'f')
            digit = (uint32_t)((c | 32) - 'a' + 10);
        else
            return 0;
        value = value * (hex ? 16 : 10) + digit;
        if (value > 0x10FFFF)
            return 0;
    }
    return value;
}

/* Appends the entity at pos ("&#x41;"); returns its length, 0 when it is none. */
static size_t entity(struct hn_buf *out, struct hn_text html, size_t pos)
{
    struct hn_text body = hn_text_sub(html, pos + 1, 12);
    size_t len = 0;
    uint32_t code_point = 0;

    while (len < body.len && ((body.ptr[len] >= '0' && body.ptr[len] <= '9') ||
                                     ((body.ptr[len] | 32) >= 'a' && (body.ptr[len] | 32) <= 'z') ||
                                     (len == 0 && body.ptr[len] == '#')))
        len++;
    body.len = len;
    if (len > 1 && body.ptr[0] == '#') {
        code_point = number_of(hn_text_sub(body, 1, len));
    } else {
        for (size_t i = 0; i < HN_COUNT_OF(entities); i++)
            if (hn_text_eq(body, hn_text_cstr(entities[i].name)))
                code_point = entities[i].code_point;
    }
    if (code_point == 0)
        return 0;
    hn_buf_add_utf8(out, code_point == 0xA0 ? ' ' : code_point);
    pos += 1 + len;
    return 1 + len + (pos < html.len && html.ptr[pos] == ';' ? 1 : 0);
}

/* ---- Tags ---- */

static bool is_block(struct hn_text name)
{
    static const char *const blocks[] = { "br", "p", "div", "tr", "li", "table", "h1", "h2", "h3",
        "h4", "h5", "h6", "blockquote", "pre", "hr", "ul", "ol", "title", "center", "body" };

    for (size_t i = 0; i < HN_COUNT_OF(blocks); i++)
        if (hn_text_eq_nocase(name, hn_text_cstr(blocks[i])))
            return true;
    return false;
}

static size_t tag_end(struct hn_text html, size_t pos)
{
    char quote = '\0';

    for (; pos < html.len; pos++) {
        char c = html.ptr[pos];

        if (quote != '\0') {
            if (c == quote)
                quote = '\0';
        } else if (c == '>') {
            return pos + 1;
        } else if ((c == '"' || c == '\'') && html.ptr[pos - 1] == '=') {
            quote = c;
        }
    }
    return html.len;
}

/* Behind the element whose content nobody sees, or 0. */
static size_t skip_unseen(struct hn_text html, size_t pos, struct hn_text name, size_t content)
{
    static const char *const unseen[] = { "script", "style", "xml" };
    static const char *const closes[] = { "</script", "</style", "</xml" };

    if (hn_text_starts(hn_text_sub(html, pos, 4), HN_TEXT("<!--"))) {
        size_t end = hn_text_find(html, HN_TEXT("-->"), pos + 4);

        return end == SIZE_MAX ? html.len : end + 3;
    }
    for (size_t i = 0; i < HN_COUNT_OF(unseen); i++) {
        size_t end;

        if (!hn_text_eq_nocase(name, hn_text_cstr(unseen[i])))
            continue;
        end = hn_text_find_nocase(html, hn_text_cstr(closes[i]), content);
        return end == SIZE_MAX ? html.len : tag_end(html, end + 1);
    }
    return 0;
}

static size_t tag(struct hn_buf *out, struct hn_text html, size_t pos)
{
    size_t start = pos + 1;
    size_t end;
    size_t unseen;
    struct hn_text name;
    bool closing = start < html.len && html.ptr[start] == '/';

    if (closing)
        start++;
    for (end = start; end < html.len && html.ptr[end] > ' ' && html.ptr[end] != '>' &&
                      html.ptr[end] != '/' && end - start < 16;)
        end++;
    name = hn_text_sub(html, start, end - start);
    end = tag_end(html, pos + 1);
    unseen = closing ? 0 : skip_unseen(html, pos, name, end);
    if (unseen > 0)
        return unseen;
    if (is_block(name) && out->len > 0 && out->ptr[out->len - 1] != '\n')
        hn_buf_add_char(out, '\n');
    if (hn_text_eq_nocase(name, HN_TEXT("td")) || hn_text_eq_nocase(name, HN_TEXT("th")))
        hn_buf_add_char(out, ' ');
    return end;
}

void mail_html_text(struct hn_buf *out, struct hn_text html)
{
    size_t pos = 0;

    while (pos < html.len && hn_buf_ok(out)) {
        char c = html.ptr[pos];
        size_t len = 0;

        if (c == '<' && pos + 1 < html.len &&
                (((html.ptr[pos + 1] | 32) >= 'a' && (html.ptr[pos + 1] | 32) <= 'z') ||
                        html.ptr[pos + 1] == '/' || html.ptr[pos + 1] == '!' ||
                        html.ptr[pos + 1] == '?')) {
            pos = tag(out, html, pos);
            continue;
        }
        if (c == '&')
            len = entity(out, html, pos);
        if (len > 0) {
            pos += len;
            continue;
        }
        pos++;
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            hn_buf_add_char(out, c);
        else if (out->len > 0 && out->ptr[out->len - 1] != ' ' && out->ptr[out->len - 1] != '\n')
            hn_buf_add_char(out, ' ');
    }
}
