/* mail_transfer.c - base64, quoted-printable and uuencode as mail programs take them: what is not
 * of the alphabet is passed over, and counted as a finding. */
#include "mail/mail_internal.h"

/* ---- base64 ---- */

static int base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

static void base64_flush(struct hn_buf *out, uint32_t group, unsigned digits)
{
    if (digits >= 2)
        hn_buf_add_char(out, (char)(group >> (digits == 2 ? 4 : digits == 3 ? 10 : 16)));
    if (digits >= 3)
        hn_buf_add_char(out, (char)(group >> (digits == 3 ? 2 : 8)));
    if (digits == 4)
        hn_buf_add_char(out, (char)group);
}

uint32_t mail_base64(struct hn_buf *out, struct hn_bytes in)
{
    uint32_t odd = 0;
    uint32_t group = 0;
    unsigned digits = 0;
    bool padded = false;

    for (size_t i = 0; i < in.len; i++) {
        uint8_t c = in.ptr[i];
        int value = base64_value(c);

        if (value >= 0) {
            /* Several texts encoded one by one and put together: each is decoded. */
            if (padded)
                odd |= MAIL_ODD_PADDING;
            padded = false;
            group = (group << 6) | (uint32_t)value;
            if (++digits == 4) {
                base64_flush(out, group, 4);
                group = 0;
                digits = 0;
            }
        } else if (c == '=') {
            padded = padded || digits >= 2;
            base64_flush(out, group, digits);
            group = 0;
            digits = 0;
        } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && c != '\0') {
            odd |= MAIL_ODD_JUNK;
        }
    }
    if (digits > 0)
        odd |= MAIL_ODD_SHORT;
    base64_flush(out, group, digits);
    return odd;
}

/* ---- quoted-printable ---- */

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One line without its end; true when a soft break ends it. */
static bool qp_line(struct hn_buf *out, struct hn_text line, uint32_t *odd)
{
    size_t pos = 0;

    while (line.len > 0 && (line.ptr[line.len - 1] == ' ' || line.ptr[line.len - 1] == '\t'))
        line.len--; /* added on the way (RFC 2045, 6.7 (3)) */
    while (pos < line.len) {
        int high;
        int low;

        if (line.ptr[pos] != '=') {
            hn_buf_add_char(out, line.ptr[pos++]);
            continue;
        }
        if (pos + 1 == line.len)
            return true;
        high = hex_value((uint8_t)line.ptr[pos + 1]);
        low = pos + 2 < line.len ? hex_value((uint8_t)line.ptr[pos + 2]) : -1;
        if (high < 0 || low < 0) {
            *odd |= MAIL_ODD_ESCAPE;
            hn_buf_add_char(out, line.ptr[pos++]);
            continue;
        }
        hn_buf_add_char(out, (char)(high * 16 + low));
        pos += 3;
    }
    return false;
}

uint32_t mail_quoted_printable(struct hn_buf *out, struct hn_bytes in)
{
    struct hn_text text = hn_bytes_as_text(in);
    struct hn_text line;
    uint32_t odd = 0;
    size_t pos = 0;

    while (mail_line(text, &pos, &line)) {
        size_t end = (size_t)(line.ptr - text.ptr) + line.len;

        if (!qp_line(out, line, &odd))
            hn_buf_add_text(out, hn_text_sub(text, end, pos - end));
    }
    return odd;
}

/* ---- uuencode ---- */

static void uu_line(struct hn_buf *out, struct hn_text line)
{
    size_t want = (size_t)(((uint8_t)line.ptr[0] + 32u) & 63u);
    size_t pos = 1;

    while (want > 0 && pos < line.len) {
        uint32_t group = 0;

        for (size_t i = 0; i < 4; i++) {
            /* Trailing spaces are often lost: they stand for 0. */
            uint8_t c = pos + i < line.len ? (uint8_t)line.ptr[pos + i] : ' ';

            group = group << 6 | ((c + 32u) & 63u);
        }
        pos += 4;
        for (unsigned shift = 16; want > 0; shift -= 8, want--) {
            hn_buf_add_char(out, (char)(group >> shift));
            if (shift == 0) {
                want--;
                break;
            }
        }
    }
}

/* "begin 644 name". */
static bool uu_begins(struct hn_text line, struct hn_text *ret_name)
{
    struct hn_text rest;

    if (!hn_text_starts(line, HN_TEXT("begin ")) || line.len < 11)
        return false;
    for (size_t i = 6; i < 9; i++)
        if (line.ptr[i] < '0' || line.ptr[i] > '7')
            return false;
    rest = hn_text_trim(hn_text_sub(line, 9, line.len));
    if (line.ptr[9] != ' ' && !(line.ptr[9] >= '0' && line.ptr[9] <= '7'))
        return false;
    *ret_name = rest;
    return rest.len > 0;
}

static bool uu_is_data(struct hn_text line)
{
    size_t want;

    if (line.len == 0)
        return false;
    if (line.ptr[0] < 32 || line.ptr[0] > 96)
        return false;
    want = (((uint8_t)line.ptr[0] + 32u) & 63u);
    return line.len - 1 <= (want + 2) / 3 * 4 + 2; /* some writers add a check character */
}

bool mail_uu_next(struct hn_text text, size_t pos, struct hn_buf *out, struct mail_uu *ret_uu)
{
    struct hn_text line;

    while (mail_line(text, &pos, &line)) {
        struct hn_text name;
        size_t first = pos;
        size_t lines = 0;

        if (!uu_begins(line, &name))
            continue;
        ret_uu->name = name;
        ret_uu->start = (size_t)(line.ptr - text.ptr);
        while (mail_line(text, &pos, &line) && !hn_text_eq(line, HN_TEXT("end")) &&
                uu_is_data(line)) {
            uu_line(out, line);
            lines++;
        }
        if (lines > 0) {
            ret_uu->end = pos;
            return true;
        }
        pos = first; /* prose that begins like one */
    }
    return false;
}
