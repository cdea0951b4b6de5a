/* escape.c - writers that make hostile text harmless. */
#include "base/escape.h"

#include "base/utf.h"

#if defined(__SSE2__)
#    include <emmintrin.h>
#endif

bool hn_is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x61C || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/* Bytes that a JSON string holds as they are: printable ASCII without quote and backslash. */
HN_INLINE bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

/* Copies bytes up to the first that is not plain and returns their number. Up to the text's length
 * may be written to out: what lies behind the number returned is of no account. */
HN_INLINE size_t copy_plain(char *out, struct hn_text text)
{
    size_t pos = 0;

#if defined(__SSE2__)
    for (; text.len - pos >= 16; pos += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text.ptr + pos));
        __m128i bad = _mm_or_si128(
                _mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
        unsigned mask;

        bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7F)));
        bad = _mm_or_si128(bad, _mm_cmplt_epi8(v, _mm_set1_epi8(0x20))); /* signed: >= 0x80 too */
        mask = (unsigned)_mm_movemask_epi8(bad);
        _mm_storeu_si128((__m128i *)(void *)(out + pos), v);
        if (mask != 0)
            return pos + (size_t)__builtin_ctz(mask);
    }
#endif
    for (; pos < text.len && is_plain(text.ptr[pos]); pos++)
        out[pos] = text.ptr[pos];
    return pos;
}

#define ESCAPED_BYTES_MAX 6

/* What stands for a control character; all of them are below U+10000. */
static size_t escape_write(uint32_t c, char *out)
{
    static const char digits[] = "0123456789abcdef";

    out[0] = '\\';
    switch (c) {
    case '\n':
        out[1] = 'n';
        return 2;
    case '\r':
        out[1] = 'r';
        return 2;
    case '\t':
        out[1] = 't';
        return 2;
    default:
        break;
    }
    out[1] = 'u';
    for (unsigned i = 0; i < 4; i++)
        out[2 + i] = digits[c >> (12 - 4 * i) & 15];
    return ESCAPED_BYTES_MAX;
}

/* What the character at the start of text, no quote or backslash, becomes; its length is returned.
 */
static size_t json_char(struct hn_text text, char *out, size_t *ret_wrote)
{
    uint32_t c = (unsigned char)*text.ptr;
    size_t len = 1;

    if (c >= 0x80)
        len = hn_utf8_decode(text, 0, &c);
    if (len == 0) {
        *ret_wrote = sizeof HN_UTF8_REPLACEMENT - 1;
        memcpy(out, HN_UTF8_REPLACEMENT, sizeof HN_UTF8_REPLACEMENT - 1);
        return 1;
    }
    if (hn_is_control(c)) {
        *ret_wrote = escape_write(c, out);
    } else {
        *ret_wrote = len;
        memcpy(out, text.ptr, len);
    }
    return len;
}

/* No byte becomes less than one byte, so room for what is left of the text is room that will be
 * needed, and plain bytes are copied without asking for more. Backslashes, which paths are full of,
 * do not take the way of other characters. */
void hn_json_string(struct hn_buf *buf, struct hn_text text)
{
    if (!hn_buf_reserve(buf, text.len + 2))
        return;
    buf->ptr[buf->len++] = '"';
    for (;;) {
        size_t run = copy_plain(buf->ptr + buf->len, text);
        char out[ESCAPED_BYTES_MAX];
        size_t wrote;

        buf->len += run;
        text = hn_text_sub(text, run, text.len);
        if (text.len == 0)
            break;
        if (HN_LIKELY(*text.ptr == '\\' || *text.ptr == '"')) {
            if (!hn_buf_reserve(buf, 1 + text.len + 1))
                return;
            buf->ptr[buf->len++] = '\\';
            buf->ptr[buf->len++] = *text.ptr;
            text = hn_text_sub(text, 1, text.len);
            continue;
        }
        text = hn_text_sub(text, json_char(text, out, &wrote), text.len);
        if (!hn_buf_reserve(buf, wrote + text.len + 1))
            return;
        memcpy(buf->ptr + buf->len, out, wrote);
        buf->len += wrote;
    }
    buf->ptr[buf->len++] = '"';
}

static bool csv_needs_quotes(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '"' || c == ',' || c == ';' || c == '\r' || c == '\n' || c == '\t')
            return true;
    }
    return text.len > 0 && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ');
}

/* What Excel and Calc take for the start of a formula; in Japanese settings the full-width forms
 * of the signs as well. */
static bool starts_formula(struct hn_text text)
{
    uint32_t c = 0;

    if (text.len == 0 || hn_utf8_decode(text, 0, &c) == 0)
        return false;
    return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r' || c == '\n' ||
           c == 0xFF1D || c == 0xFF0B || c == 0xFF0D || c == 0xFF20;
}

void hn_csv_field(struct hn_buf *buf, struct hn_text text)
{
    bool formula = starts_formula(text);
    bool quote = csv_needs_quotes(text);

    if (quote)
        hn_buf_add_char(buf, '"');
    if (formula)
        hn_buf_add_char(buf, '\'');
    for (size_t pos = 0; pos < text.len;) {
        uint32_t c = 0;
        size_t len = hn_utf8_decode(text, pos, &c);

        if (len == 0) {
            hn_buf_add_lit(buf, HN_UTF8_REPLACEMENT);
            len = 1;
        } else if (c == '"') {
            hn_buf_add_lit(buf, "\"\"");
        } else if (c < 0x20 && c != '\t' && c != '\r' && c != '\n') {
            hn_buf_add_utf8(buf, 0x2400 + c);
        } else if (c >= 0x7F && hn_is_control(c)) {
            hn_buf_addf(buf, "\\u%04x", (unsigned)c);
        } else {
            hn_buf_add(buf, text.ptr + pos, len);
        }
        pos += len;
    }
    if (quote)
        hn_buf_add_char(buf, '"');
}

static void html_char(struct hn_buf *buf, uint32_t c)
{
    switch (c) {
    case '&':
        hn_buf_add_lit(buf, "&amp;");
        break;
    case '<':
        hn_buf_add_lit(buf, "&lt;");
        break;
    case '>':
        hn_buf_add_lit(buf, "&gt;");
        break;
    case '"':
        hn_buf_add_lit(buf, "&quot;");
        break;
    case '\'':
        hn_buf_add_lit(buf, "&#39;");
        break;
    case '\t':
    case '\n':
    case '\r':
        hn_buf_add_char(buf, (char)c);
        break;
    default:
        if (c < 0x20)
            hn_buf_add_utf8(buf, 0x2400 + c);
        else if (hn_is_control(c) || c == 0xFFFE || c == 0xFFFF) /* those two are no XML */
            hn_buf_addf(buf, "\\u%04x", (unsigned)c);
        else
            hn_buf_add_utf8(buf, c);
        break;
    }
}

void hn_html_text(struct hn_buf *buf, struct hn_text text)
{
    for (size_t pos = 0; pos < text.len;) {
        uint32_t c = 0xFFFD;
        size_t len = hn_utf8_decode(text, pos, &c);

        html_char(buf, len == 0 ? 0xFFFD : c);
        pos += len == 0 ? 1 : len;
    }
}

void hn_terminal_text(struct hn_buf *buf, struct hn_text text)
{
    for (size_t pos = 0; pos < text.len;) {
        uint32_t c = 0;
        size_t len = hn_utf8_decode(text, pos, &c);

        if (len == 0) {
            hn_buf_addf(buf, "\\x%02x", (unsigned)(unsigned char)text.ptr[pos]);
            len = 1;
        } else if (!hn_is_control(c)) {
            hn_buf_add(buf, text.ptr + pos, len);
        } else if (c == '\n') {
            hn_buf_add_lit(buf, "\\n");
        } else if (c == '\r') {
            hn_buf_add_lit(buf, "\\r");
        } else if (c == '\t') {
            hn_buf_add_lit(buf, "\\t");
        } else {
            hn_buf_addf(buf, c < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)c);
        }
        pos += len;
    }
}

/* ---- Defanging ---- */

static bool letters(const char *ptr, const char *lower)
{
    for (size_t i = 0; lower[i] != '\0'; i++) {
        if ((ptr[i] | 0x20) != lower[i])
            return false;
    }
    return true;
}

/* A scheme with nothing behind it ("http://" as a rule's pattern) is no address. */
void hn_defang_schemes(char *text, size_t len)
{
    for (size_t i = 0; i + 3 < len; i++) {
        size_t end = i;

        if (memcmp(text + i, "://", 3) != 0 || (unsigned char)text[i + 3] <= ' ')
            continue;
        if (end > 0 && (text[end - 1] | 0x20) == 's')
            end--;
        if (end >= 4 && letters(text + end - 4, "http")) {
            text[end - 3] = 'x';
            text[end - 2] = 'x';
        } else if (end >= 3 && letters(text + end - 3, "ftp")) {
            text[end - 2] = 'x';
        }
    }
}
