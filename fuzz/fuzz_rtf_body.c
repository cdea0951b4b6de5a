/* fuzz: mail */
/* fuzz_rtf_body.c - compressed RTF of Outlook's bodies, and what is read in RTF.
 *
 * Oracle: no more comes out than is stated (and 64 bytes, see mail_rtf.c); what is read is UTF-8;
 * text that is escaped into RTF is read as it was, stored or not. */
#include "base/utf.h"
#include "mail/mail.h"

#include <stdlib.h>

#define CHECK(condition)  \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_u32(struct hn_buf *out, uint32_t value)
{
    for (unsigned shift = 0; shift < 32; shift += 8)
        hn_buf_add_char(out, (char)(value >> shift & 0xFF));
}

/* The bytes as text of code page 1252 in RTF, and as the UTF-8 that must come of them. */
static void escape(struct hn_bytes bytes, struct hn_buf *rtf, struct hn_buf *text)
{
    hn_buf_add_lit(rtf, "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 x;}}\\f0 ");
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t c = bytes.ptr[i];

        if (c < ' ' || (c >= 0x7F && c < 0xA0))
            continue;
        hn_buf_add_utf8(text, c);
        if (c == '\\' || c == '{' || c == '}' || (c > ' ' && c < 0x7F && c % 3 != 0))
            hn_buf_addf(rtf, "%s%c", c == '\\' || c == '{' || c == '}' ? "\\" : "", c);
        else if (c % 2 == 0)
            hn_buf_addf(rtf, "\\'%02x", c);
        else
            hn_buf_addf(rtf, "{\\u%u?}", c);
    }
    hn_buf_add_char(rtf, '}');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_bytes bytes = hn_bytes_of(data, size);
    struct hn_buf out = { 0 };
    struct hn_buf text = { 0 };
    struct hn_buf rtf = { 0 };
    struct hn_buf stored = { 0 };
    bool damaged;

    if (mail_rtf_decompress(bytes, &out, &damaged, NULL) == HN_OK)
        CHECK(out.len <= (size_t)data[4] + ((size_t)data[5] << 8) + ((size_t)data[6] << 16) +
                                 ((size_t)data[7] << 24) + 64);
    (void)mail_rtf_read(hn_buf_text(&out), &text);
    (void)mail_rtf_read(hn_bytes_as_text(bytes), &text);
    CHECK(hn_utf8_valid(hn_text_as_bytes(hn_buf_text(&text))));

    hn_buf_reset(&out);
    hn_buf_reset(&text);
    escape(bytes, &rtf, &text);
    put_u32(&stored, (uint32_t)rtf.len + 12);
    put_u32(&stored, (uint32_t)rtf.len);
    hn_buf_add_lit(&stored, "MELA\0\0\0\0");
    hn_buf_add_text(&stored, hn_buf_text(&rtf));
    CHECK(mail_rtf_decompress(hn_text_as_bytes(hn_buf_text(&stored)), &out, &damaged, NULL) ==
            HN_OK);
    CHECK(!damaged && hn_text_eq(hn_buf_text(&out), hn_buf_text(&rtf)));
    hn_buf_reset(&stored);
    CHECK(mail_rtf_read(hn_buf_text(&out), &stored) == MAIL_RTF_TEXT);
    CHECK(hn_text_eq(hn_buf_text(&stored), hn_buf_text(&text)));
    hn_buf_deinit(&out);
    hn_buf_deinit(&text);
    hn_buf_deinit(&rtf);
    hn_buf_deinit(&stored);
    return 0;
}
