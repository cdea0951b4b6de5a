/* output_mail.c - a mail about alerts and incidents: RFC 5322 headers, one part of plain text.
 *
 * Everything that comes from a log is made harmless first: no header can be added through a title
 * (controls are gone, and what is not plain ASCII is an encoded word), the body is base64 of UTF-8
 * in which controls are visible and addresses are written so that no reader makes links of them. */
#include "output/output_internal.h"

#include "base/enc.h"
#include "base/escape.h"
#include "base/utf.h"

#include <stdio.h>

#define WORD_BYTES   39  /* of text in one encoded word: with "Subject: " before it 76 columns */
#define TITLE_MAX    120 /* bytes of a title in the subject */
#define VALUE_MAX    300 /* bytes of a value in the body */
#define EVIDENCE_MAX 5
#define LINE_BYTES   57 /* of base64: 76 columns */

/* ---- Headers ---- */

static bool is_plain(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < ' ' || text.ptr[i] > '~')
            return false;
    }
    return hn_text_find(text, HN_TEXT("=?"), 0) == SIZE_MAX;
}

/* Well-formed UTF-8 without controls. */
static void add_clean(struct hn_buf *out, struct hn_text text)
{
    for (size_t pos = 0; pos < text.len;) {
        uint32_t c = 0xFFFD;
        size_t len = hn_utf8_decode(text, pos, &c);

        if (len == 0)
            c = 0xFFFD;
        pos += len == 0 ? 1 : len;
        hn_buf_add_utf8(out, hn_is_control(c) ? ' ' : c);
    }
}

static void add_words(struct hn_buf *out, struct hn_text clean)
{
    bool first = true;

    for (size_t pos = 0; pos < clean.len;) {
        size_t end = pos;
        uint32_t c;

        while (end < clean.len) {
            size_t len = hn_utf8_decode(clean, end, &c);

            if (end + len - pos > WORD_BYTES)
                break;
            end += len;
        }
        hn_buf_add_cstr(out, first ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?");
        hn_base64_encode(out, hn_bytes_of(clean.ptr + pos, end - pos));
        hn_buf_add_lit(out, "?=");
        pos = end;
        first = false;
    }
}

void output_mail_header(struct hn_buf *out, const char *name, struct hn_text text)
{
    struct hn_buf clean = { 0 };

    hn_buf_addf(out, "%s: ", name);
    add_clean(&clean, text);
    if (!hn_buf_ok(&clean))
        out->status = clean.status;
    else if (is_plain(hn_buf_text(&clean)))
        hn_buf_add_text(out, hn_buf_text(&clean));
    else
        add_words(out, hn_buf_text(&clean));
    hn_buf_add_lit(out, "\r\n");
    hn_buf_deinit(&clean);
}

bool output_mail_address(struct hn_text address)
{
    size_t at = hn_text_find_char(address, '@', 0);

    if (address.len > 254 || at == 0 || at >= address.len - 1)
        return false;
    for (size_t i = 0; i < address.len; i++) {
        char c = address.ptr[i];

        if (c <= ' ' || c > '~' || strchr("<>,;:\"()[]\\", c) != NULL || (c == '@' && i != at))
            return false;
    }
    return true;
}

/* Cut between characters. */
static struct hn_text cut(struct hn_text text, size_t max)
{
    if (text.len <= max)
        return text;
    while (max > 0 && ((unsigned char)text.ptr[max] & 0xC0) == 0x80)
        max--;
    return hn_text_sub(text, 0, max);
}

static void add_subject(struct hn_buf *out, const struct output_letter *letter)
{
    const struct output_fact *top = &letter->facts[0];
    struct hn_buf subject = { 0 };

    for (uint32_t i = 1; i < letter->count; i++) {
        if (letter->facts[i].level > top->level)
            top = &letter->facts[i];
    }
    hn_buf_add_lit(&subject, "[Hinomi] ");
    if (letter->count > 1)
        hn_buf_addf(&subject, "%u notices, first of all ", (unsigned)letter->count);
    if (top->json.len == 0)
        hn_buf_addf(&subject, "incident %lld, ", (long long)top->incident);
    hn_buf_addf(&subject, "%s: ", output_level_text(top->level));
    hn_buf_add_text(&subject, cut(top->title, TITLE_MAX));
    if (top->host.len > 0) {
        hn_buf_add_lit(&subject, " (");
        hn_buf_add_text(&subject, cut(top->host, TITLE_MAX));
        hn_buf_add_char(&subject, ')');
    }
    if (hn_buf_ok(&subject))
        output_mail_header(out, "Subject", hn_buf_text(&subject));
    else
        out->status = subject.status;
    hn_buf_deinit(&subject);
}

static void add_date(struct hn_buf *out, hn_time now)
{
    static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
        "Oct", "Nov", "Dec" };
    struct hn_calendar at = hn_calendar_at(now, 0);

    hn_buf_addf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[at.weekday % 7],
            (int)at.day, months[(at.month - 1) % 12], (int)at.year, (int)at.hour, (int)at.minute,
            (int)at.second);
}

/* The same for the same rows. */
static void add_message_id(struct hn_buf *out, const struct output_letter *letter)
{
    struct hn_text from = letter->config->from;
    size_t at = hn_text_find_char(from, '@', 0);
    struct hn_digest digest = hn_digest_of("", 0);
    char hex[HN_DIGEST_HEX_LEN];

    for (uint32_t i = 0; i < letter->count; i++) {
        struct hn_text key = letter->facts[i].key;

        digest = hn_digest_join(digest, hn_digest_of(key.ptr, key.len));
    }
    hn_digest_hex(digest, hex);
    hn_buf_addf(out, "Message-ID: <%.*s.hinomi%.*s>\r\n", HN_DIGEST_HEX_LEN, hex,
            HN_TEXT_ARG(hn_text_sub(from, at, from.len)));
}

/* ---- Body ---- */

/* What a mail reader would turn into a link is broken up: "hxxp://evil[.]example/x". */
static void add_value(struct hn_buf *out, struct hn_text text)
{
    struct hn_buf shown = { 0 };
    struct hn_text all;
    bool in_host = false;

    hn_terminal_text(&shown, cut(text, VALUE_MAX));
    all = hn_buf_text(&shown);
    for (size_t i = 0; i < all.len; i++) {
        struct hn_text rest = hn_text_sub(all, i, all.len);
        char c = all.ptr[i];

        if (hn_text_starts(rest, HN_TEXT("://"))) {
            hn_buf_add_lit(out, "[:]//");
            i += 2;
            in_host = true;
        } else if (hn_text_starts_nocase(rest, HN_TEXT("www."))) {
            hn_buf_add_text(out, hn_text_sub(rest, 0, 3));
            hn_buf_add_lit(out, "[.]");
            i += 3;
            in_host = true;
        } else if (hn_text_starts_nocase(rest, HN_TEXT("mailto:"))) {
            hn_buf_add_text(out, hn_text_sub(rest, 0, 6));
            hn_buf_add_lit(out, "[:]");
            i += 6;
        } else {
            in_host = in_host && c != '/' && c != ' ' && c != '"';
            if (in_host && c == '.')
                hn_buf_add_lit(out, "[.]");
            else
                hn_buf_add_char(out, c);
        }
    }
    if (!hn_buf_ok(&shown))
        out->status = shown.status;
    hn_buf_deinit(&shown);
}

static void add_line(struct hn_buf *out, const char *name, struct hn_text value)
{
    if (value.len == 0)
        return;
    hn_buf_addf(out, "  %-12s", name);
    add_value(out, value);
    hn_buf_add_char(out, '\n');
}

static void add_fact(struct hn_buf *out, const struct output_fact *fact)
{
    const struct alert_read *read = &fact->read;
    char stamp[HN_TIME_TEXT_MAX];

    hn_buf_addf(out, "[%s] ", output_level_text(fact->level));
    add_value(out, fact->title);
    hn_buf_add_char(out, '\n');
    if (fact->time != HN_TIME_NONE)
        add_line(out, "time", hn_text_of(stamp, hn_time_write(fact->time, 0, stamp)));
    add_line(out, "what", fact->kind);
    add_line(out, "host", fact->host);
    add_line(out, "user", fact->user);
    add_line(out, "rule", read->rule_id);
    add_line(out, "source", fact->source);
    add_line(out, "tenant", fact->tenant);
    add_line(out, "family", fact->family);
    add_line(out, "techniques", fact->techniques);
    for (uint32_t i = 0; i < read->match_count && i < EVIDENCE_MAX; i++) {
        add_line(out, "field", read->matches[i].field);
        add_line(out, "value", read->matches[i].value);
    }
    if (fact->incident != 0)
        hn_buf_addf(out, "  %-12s%lld\n", "incident", (long long)fact->incident);
    if (fact->json.len == 0)
        hn_buf_addf(out, "  %-12s%u of 100, %llu alerts\n", "confidence",
                (unsigned)fact->confidence, (unsigned long long)fact->alerts);
    add_line(out, "key", fact->key);
    hn_buf_add_char(out, '\n');
}

static void add_body(struct hn_buf *out, const struct output_letter *letter)
{
    struct hn_buf body = { 0 };

    for (uint32_t i = 0; i < letter->count; i++)
        add_fact(&body, &letter->facts[i]);
    for (size_t pos = 0; hn_buf_ok(&body) && pos < body.len; pos += LINE_BYTES) {
        struct hn_text line = hn_text_sub(hn_buf_text(&body), pos, LINE_BYTES);

        hn_base64_encode(out, hn_text_as_bytes(line));
        hn_buf_add_lit(out, "\r\n");
    }
    if (!hn_buf_ok(&body))
        out->status = body.status;
    hn_buf_deinit(&body);
}

void output_mail_write(const struct output_letter *letter, struct hn_buf *out)
{
    const struct config_output *config = letter->config;

    add_date(out, letter->now);
    hn_buf_addf(out, "From: Hinomi <%s>\r\n", config->from.ptr);
    for (uint32_t i = 0; i < config->to.count; i++)
        hn_buf_addf(out, i == 0 ? "To: %s" : ",\r\n %s", config->to.ptr[i].ptr);
    hn_buf_add_lit(out, "\r\n");
    add_subject(out, letter);
    add_message_id(out, letter);
    hn_buf_add_lit(out, "MIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=UTF-8\r\n"
                        "Content-Transfer-Encoding: base64\r\n"
                        "Auto-Submitted: auto-generated\r\n"
                        "\r\n");
    add_body(out, letter);
}
