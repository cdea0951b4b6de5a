/* mail_writer.c - see mail_writer.h. */
#include "support/mail_writer.h"

#include "base/enc.h"
#include "base/mem.h"
#include "base/utf.h"

#include <iconv.h>
#include <stdlib.h>

#define BOUNDARY "=_hinomi_mixed"
#define INNER    "=_hinomi_alternative"
#define LINE     76u

struct mail_writer {
    enum mail_writer_charset charset;
    struct hn_buf head;
    struct hn_buf text;
    struct hn_buf html;
    struct hn_buf parts; /* attachments, each with its delimiter */
};

static const char *const names[] = { "UTF-8", "ISO-2022-JP", "Shift_JIS", "EUC-JP" };
static const char *const iconv_names[] = { "UTF-8", "ISO-2022-JP", "CP932", "EUC-JP-MS" };

struct mail_writer *mail_writer_new(enum mail_writer_charset charset)
{
    struct mail_writer *writer = hn_calloc(1, sizeof *writer);

    if (writer == NULL)
        abort();
    writer->charset = charset;
    return writer;
}

void mail_writer_free(struct mail_writer *writer)
{
    if (writer == NULL)
        return;
    hn_buf_deinit(&writer->head);
    hn_buf_deinit(&writer->text);
    hn_buf_deinit(&writer->html);
    hn_buf_deinit(&writer->parts);
    hn_free(writer);
}

/* iconv_open() says no with (iconv_t)-1. */
static bool is_open(iconv_t cd)
{
    return (intptr_t)cd != -1;
}

static void convert(const struct mail_writer *writer, struct hn_buf *out, struct hn_text utf8)
{
    iconv_t cd = iconv_open(iconv_names[writer->charset], "UTF-8");
    char room[512];
    union {
        const char *from;
        char *to;
    } next = { .from = utf8.ptr };
    size_t left = utf8.len;
    char *to = room;
    size_t free_bytes = sizeof room;

    if (!is_open(cd))
        abort();
    while (left > 0) {
        to = room;
        free_bytes = sizeof room;
        (void)iconv(cd, &next.to, &left, &to, &free_bytes);
        if (free_bytes == sizeof room) /* not in that charset: the caller's fault */
            abort();
        hn_buf_add(out, room, sizeof room - free_bytes);
    }
    to = room;
    free_bytes = sizeof room;
    (void)iconv(cd, NULL, NULL, &to, &free_bytes); /* back to ASCII */
    hn_buf_add(out, room, sizeof room - free_bytes);
    (void)iconv_close(cd);
}

/* Encoded words of at most a few characters each, so that lines stay short. */
static void add_words(const struct mail_writer *writer, struct hn_buf *out, struct hn_text utf8)
{
    size_t pos = 0;
    bool first = true;

    if (hn_is_ascii(utf8)) {
        hn_buf_add_text(out, utf8);
        return;
    }
    while (pos < utf8.len) {
        struct hn_buf bytes = { 0 };
        size_t start = pos;
        uint32_t code_point;

        while (pos < utf8.len && pos - start < 30) {
            size_t len = hn_utf8_decode(utf8, pos, &code_point);

            pos += len == 0 ? 1 : len;
        }
        convert(writer, &bytes, hn_text_sub(utf8, start, pos - start));
        hn_buf_addf(out, "%s=?%s?B?", first ? "" : "\r\n ", names[writer->charset]);
        hn_base64_encode(out, hn_text_as_bytes(hn_buf_text(&bytes)));
        hn_buf_add_lit(out, "?=");
        hn_buf_deinit(&bytes);
        first = false;
    }
}

void mail_writer_header(struct mail_writer *writer, const char *name, const char *utf8)
{
    struct hn_text value = hn_text_cstr(utf8);
    size_t angle = hn_text_find_char(value, '<', 0);

    hn_buf_addf(&writer->head, "%s: ", name);
    if (angle != SIZE_MAX && angle > 0) {
        add_words(writer, &writer->head, hn_text_trim(hn_text_sub(value, 0, angle)));
        hn_buf_add_char(&writer->head, ' ');
        value = hn_text_sub(value, angle, value.len);
    }
    add_words(writer, &writer->head, value);
    hn_buf_add_lit(&writer->head, "\r\n");
}

void mail_writer_text(struct mail_writer *writer, const char *utf8)
{
    hn_buf_add_cstr(&writer->text, utf8);
}

void mail_writer_html(struct mail_writer *writer, const char *utf8)
{
    hn_buf_add_cstr(&writer->html, utf8);
}

static void add_base64(struct hn_buf *out, struct hn_bytes bytes)
{
    struct hn_buf all = { 0 };

    hn_base64_encode(&all, bytes);
    for (size_t pos = 0; pos < all.len; pos += LINE) {
        hn_buf_add_text(out, hn_text_sub(hn_buf_text(&all), pos, LINE));
        hn_buf_add_lit(out, "\r\n");
    }
    hn_buf_deinit(&all);
}

void mail_writer_attach(
        struct mail_writer *writer, const char *name, const char *type, struct hn_bytes bytes)
{
    struct hn_buf *out = &writer->parts;
    struct hn_text text = hn_text_cstr(name);

    hn_buf_addf(out, "--" BOUNDARY "\r\nContent-Type: %s;\r\n name=\"", type);
    add_words(writer, out, text);
    hn_buf_add_lit(out, "\"\r\nContent-Transfer-Encoding: base64\r\n"
                        "Content-Disposition: attachment;\r\n filename*=UTF-8''");
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.')
            hn_buf_add_char(out, c);
        else
            hn_buf_addf(out, "%%%02X", (unsigned)(unsigned char)c);
    }
    hn_buf_add_lit(out, "\r\n\r\n");
    add_base64(out, bytes);
}

static void add_body(const struct mail_writer *writer, struct hn_buf *out, const char *type,
        const struct hn_buf *utf8)
{
    struct hn_buf bytes = { 0 };

    convert(writer, &bytes, hn_buf_text(utf8));
    hn_buf_addf(out, "Content-Type: %s; charset=%s\r\n", type, names[writer->charset]);
    if (writer->charset == MAIL_WRITER_ISO_2022_JP) { /* which is what it is for */
        hn_buf_add_lit(out, "Content-Transfer-Encoding: 7bit\r\n\r\n");
        hn_buf_add_text(out, hn_buf_text(&bytes));
        hn_buf_add_lit(out, "\r\n");
    } else {
        hn_buf_add_lit(out, "Content-Transfer-Encoding: base64\r\n\r\n");
        add_base64(out, hn_text_as_bytes(hn_buf_text(&bytes)));
    }
    hn_buf_deinit(&bytes);
}

static void add_bodies(const struct mail_writer *writer, struct hn_buf *out)
{
    if (writer->html.len == 0) {
        add_body(writer, out, "text/plain", &writer->text);
        return;
    }
    if (writer->text.len == 0) {
        add_body(writer, out, "text/html", &writer->html);
        return;
    }
    hn_buf_add_lit(out, "Content-Type: multipart/alternative; boundary=\"" INNER "\"\r\n\r\n"
                        "--" INNER "\r\n");
    add_body(writer, out, "text/plain", &writer->text);
    hn_buf_add_lit(out, "--" INNER "\r\n");
    add_body(writer, out, "text/html", &writer->html);
    hn_buf_add_lit(out, "--" INNER "--\r\n");
}

void mail_writer_finish(const struct mail_writer *writer, struct hn_buf *out)
{
    hn_buf_add_text(out, hn_buf_text(&writer->head));
    hn_buf_add_lit(out, "MIME-Version: 1.0\r\n");
    if (writer->parts.len > 0) {
        hn_buf_add_lit(out, "Content-Type: multipart/mixed; boundary=\"" BOUNDARY "\"\r\n\r\n"
                            "--" BOUNDARY "\r\n");
        add_bodies(writer, out);
        hn_buf_add_text(out, hn_buf_text(&writer->parts));
        hn_buf_add_lit(out, "--" BOUNDARY "--\r\n");
    } else {
        add_bodies(writer, out);
    }
}
