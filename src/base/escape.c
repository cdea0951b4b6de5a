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

/* Length of the run at pos that is printable ASCII without quote and backslash. */
static size_t plain_run(struct hn_text text, size_t pos)
{
    size_t start = pos;

#if defined(__SSE2__)
    while (text.len - pos >= 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text.ptr + pos));
        __m128i bad = _mm_or_si128(
                _mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
        unsigned mask;

        bad = _mm_or_si128(bad, _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7F)));
        bad = _mm_or_si128(bad, _mm_cmplt_epi8(v, _mm_set1_epi8(0x20))); /* signed: >= 0x80 too */
        mask = (unsigned)_mm_movemask_epi8(bad);
        if (mask != 0)
            return pos - start + (size_t)__builtin_ctz(mask);
        pos += 16;
    }
#endif
    while (pos < text.len) {
        unsigned char c = (unsigned char)text.ptr[pos];

        if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\')
            break;
        pos++;
    }
    return pos - start;
}

static void json_escape_unit(struct hn_buf *buf, uint32_t unit)
{
    static const char digits[] = "0123456789abcdef";
    char out[6] = { '\\', 'u', digits[unit >> 12 & 15], digits[unit >> 8 & 15],
        digits[unit >> 4 & 15], digits[unit & 15] };

    hn_buf_add(buf, out, sizeof out);
}

static void json_escape(struct hn_buf *buf, uint32_t c)
{
    switch (c) {
    case '"':
        hn_buf_add_lit(buf, "\\\"");
        break;
    case '\\':
        hn_buf_add_lit(buf, "\\\\");
        break;
    case '\n':
        hn_buf_add_lit(buf, "\\n");
        break;
    case '\r':
        hn_buf_add_lit(buf, "\\r");
        break;
    case '\t':
        hn_buf_add_lit(buf, "\\t");
        break;
    default:
        json_escape_unit(buf, c); /* all controls are below U+10000 */
        break;
    }
}

void hn_json_string(struct hn_buf *buf, struct hn_text text)
{
    size_t pos = 0;

    hn_buf_add_char(buf, '"');
    while (pos < text.len) {
        size_t run = plain_run(text, pos);
        uint32_t c = 0;
        size_t len;

        hn_buf_add(buf, text.ptr + pos, run);
        pos += run;
        if (pos == text.len)
            break;
        len = hn_utf8_decode(text, pos, &c);
        if (len == 0) {
            hn_buf_add_lit(buf, HN_UTF8_REPLACEMENT);
            len = 1;
        } else if (c == '"' || c == '\\' || hn_is_control(c)) {
            json_escape(buf, c);
        } else {
            hn_buf_add(buf, text.ptr + pos, len);
        }
        pos += len;
    }
    hn_buf_add_char(buf, '"');
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
