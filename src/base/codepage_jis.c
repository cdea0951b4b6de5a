/* codepage_jis.c - ISO-2022-JP as mail programs read it (code page 50221): half-width kana by
 * ESC ( I, by SO and SI, and as eight-bit characters; the rows of NEC and IBM, which no standard
 * has and every Japanese mail uses. Each character is written as EUC-JP, of which the C library has
 * the variant with those rows. */
#include "base/codepage.h"

#define EUC_JP_MS 51932u

enum jis_set { JIS_ASCII, JIS_KANA, JIS_KANJI, JIS_SUPPLEMENT };

struct jis_escape {
    const char *bytes;
    enum jis_set set;
};

static const struct jis_escape jis_escapes[] = {
    { "\033(B", JIS_ASCII }, { "\033(J", JIS_ASCII },
    { "\033(H", JIS_ASCII }, /* a frequent fault of old programs */
    { "\033(I", JIS_KANA }, { "\033$@", JIS_KANJI }, { "\033$B", JIS_KANJI },
    { "\033$(B", JIS_KANJI }, { "\033$(@", JIS_KANJI }, { "\033$(D", JIS_SUPPLEMENT },
    { "\033&@", JIS_KANJI }, /* stands before ESC $ B of JIS X 0208-1990 */
};

static size_t jis_escape(struct hn_bytes in, size_t pos, enum jis_set *set)
{
    struct hn_text rest = hn_text_sub(hn_bytes_as_text(in), pos, 4);

    for (size_t i = 0; i < HN_COUNT_OF(jis_escapes); i++) {
        struct hn_text escape = hn_text_cstr(jis_escapes[i].bytes);

        if (hn_text_starts(rest, escape)) {
            *set = jis_escapes[i].set;
            return escape.len;
        }
    }
    return 0;
}

/* One character of a set to EUC-JP-MS; returns how many bytes it took. */
static size_t jis_character(struct hn_buf *euc, struct hn_bytes in, size_t pos, enum jis_set set)
{
    uint8_t c = in.ptr[pos];
    uint8_t d = pos + 1 < in.len ? in.ptr[pos + 1] : 0;

    if (set == JIS_ASCII || c < 0x21 || c > 0x7E) {
        if (c >= 0xA1 && c <= 0xDF) /* eight-bit kana in between, as CP50221 allows */
            hn_buf_add_char(euc, (char)0x8E);
        hn_buf_add_char(euc, (char)c);
        return 1;
    }
    if (set == JIS_KANA) {
        hn_buf_add_char(euc, (char)0x8E);
        hn_buf_add_char(euc, (char)(c | 0x80));
        return 1;
    }
    if (d < 0x21 || d > 0x7E) {
        hn_buf_add_char(euc, '?');
        return 1;
    }
    if (set == JIS_SUPPLEMENT)
        hn_buf_add_char(euc, (char)0x8F);
    hn_buf_add_char(euc, (char)(c | 0x80));
    hn_buf_add_char(euc, (char)(d | 0x80));
    return 2;
}

bool hn_codepage_jis_to_utf8(struct hn_buf *buf, struct hn_bytes bytes)
{
    struct hn_buf euc = { .cap_bytes = buf->cap_bytes };
    enum jis_set set = JIS_ASCII;
    enum jis_set before = JIS_ASCII; /* a shift out */
    size_t pos = 0;
    bool good;

    while (pos < bytes.len && hn_buf_ok(&euc)) {
        size_t escape = bytes.ptr[pos] == 0x1B ? jis_escape(bytes, pos, &set) : 0;

        if (escape > 0) {
            pos += escape;
        } else if (bytes.ptr[pos] == 0x0E) {
            before = set;
            set = JIS_KANA;
            pos++;
        } else if (bytes.ptr[pos] == 0x0F) {
            set = before == JIS_KANA ? JIS_ASCII : before;
            pos++;
        } else {
            /* A line end brings ASCII back (RFC 1468), whatever the writer forgot. */
            if (bytes.ptr[pos] == '\n' || bytes.ptr[pos] == '\r')
                set = JIS_ASCII;
            pos += jis_character(&euc, bytes, pos, set);
        }
    }
    if (!hn_buf_ok(&euc))
        buf->status = euc.status;
    good = hn_codepage_to_utf8(buf, EUC_JP_MS, hn_text_as_bytes(hn_buf_text(&euc)));
    hn_buf_deinit(&euc);
    return good;
}
