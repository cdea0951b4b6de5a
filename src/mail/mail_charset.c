/* mail_charset.c - texts of mails to UTF-8: by the charset they name, or by a guess where the name
 * is missing or a lie. */
#include "mail/mail_internal.h"

#include "base/codepage.h"
#include "base/utf.h"

#define JIS        50221u
#define EUC_JP     51932u
#define SHIFT_JIS  932u
#define ASCII_ONLY 20127u

/* ---- Guessing ---- */

static bool is_shift_jis(struct hn_bytes in, size_t *ret_kana)
{
    bool sure = false; /* a lead byte that French and German texts do not have */

    *ret_kana = 0;
    for (size_t i = 0; i < in.len; i++) {
        uint8_t c = in.ptr[i];
        uint8_t d;

        if (c < 0x80)
            continue;
        if (c >= 0xA1 && c <= 0xDF) {
            ++*ret_kana;
            continue;
        }
        if (c == 0x80 || c == 0xA0 || c > 0xFC || i + 1 >= in.len)
            return false;
        d = in.ptr[++i];
        if (d < 0x40 || d == 0x7F || d > 0xFC)
            return false;
        sure = sure || c < 0xA0;
    }
    return sure;
}

static bool is_euc_jp(struct hn_bytes in)
{
    size_t pairs = 0;

    for (size_t i = 0; i < in.len; i++) {
        uint8_t c = in.ptr[i];

        if (c < 0x80)
            continue;
        if (c == 0x8F)
            i++;
        else if (c != 0x8E && (c < 0xA1 || c == 0xFF))
            return false;
        if (i + 1 >= in.len || in.ptr[i + 1] < 0xA1 || in.ptr[i + 1] == 0xFF)
            return false;
        i++;
        pairs++;
    }
    return pairs > 1;
}

static bool has_jis_escape(struct hn_bytes in)
{
    for (size_t i = 0; i + 2 < in.len; i++) {
        if (in.ptr[i] == 0x1B && (in.ptr[i + 1] == '$' || in.ptr[i + 1] == '(') &&
                strchr("@BIJD(", in.ptr[i + 2]) != NULL && in.ptr[i + 2] != '\0')
            return true;
    }
    return false;
}

static uint32_t guess(struct hn_bytes in)
{
    size_t kana = 0;
    bool shift_jis;

    if (in.len >= 2 && in.ptr[0] == 0xFF && in.ptr[1] == 0xFE)
        return HN_CODEPAGE_UTF16LE;
    if (in.len >= 2 && in.ptr[0] == 0xFE && in.ptr[1] == 0xFF)
        return 1201;
    if (has_jis_escape(in))
        return JIS;
    if (hn_utf8_valid(in))
        return HN_CODEPAGE_UTF8;
    shift_jis = is_shift_jis(in, &kana);
    /* What is EUC-JP reads as half-width kana in Shift_JIS, which nobody writes long texts in. */
    if (is_euc_jp(in) && (!shift_jis || kana > 0))
        return EUC_JP;
    return shift_jis ? SHIFT_JIS : HN_CODEPAGE_WESTERN;
}

/* Not one character of more than a byte is well-formed: it was never UTF-8. */
static bool is_no_utf8(struct hn_bytes in)
{
    uint32_t code_point;

    for (size_t i = 0; i < in.len; i++)
        if (in.ptr[i] >= 0x80 && hn_utf8_decode(hn_bytes_as_text(in), i, &code_point) > 1)
            return false;
    return true;
}

static bool has_high_bytes(struct hn_bytes in)
{
    for (size_t i = 0; i < in.len; i++)
        if (in.ptr[i] >= 0x80)
            return true;
    return false;
}

/* Japanese mailers name one Japanese charset and send another: ISO-2022-JP has seven bits alone,
 * the others have no escapes, and UTF-8 is seldom well-formed by chance. */
static bool is_other_japanese(struct hn_bytes in, uint32_t codepage, uint32_t guessed)
{
    if (codepage >= 50220 && codepage <= 50222)
        return guessed != JIS && has_high_bytes(in);
    if (codepage != SHIFT_JIS && codepage != EUC_JP)
        return false;
    return guessed == JIS || (guessed == HN_CODEPAGE_UTF8 && has_high_bytes(in)) ||
           (codepage == EUC_JP && guessed == SHIFT_JIS);
}

uint32_t mail_codepage_to_utf8(struct hn_buf *out, struct hn_bytes in, uint32_t codepage)
{
    uint32_t guessed;

    if (in.len == 0)
        return codepage;
    if (in.len > MAIL_TEXT_BYTES_MAX)
        in.len = MAIL_TEXT_BYTES_MAX;
    guessed = guess(in);
    /* No name, or one that says ASCII of what is none: the bytes tell. So they do where UTF-8 is
     * named and is not there. */
    if (codepage == 0 || codepage == ASCII_ONLY ||
            (codepage == HN_CODEPAGE_UTF8 && (guessed != HN_CODEPAGE_WESTERN || is_no_utf8(in))) ||
            (codepage == HN_CODEPAGE_WESTERN && guessed == JIS) ||
            is_other_japanese(in, codepage, guessed))
        codepage = guessed;
    if (codepage == 936) /* what calls itself GB2312 or GBK may be more */
        codepage = 54936;
    if (codepage == HN_CODEPAGE_UTF8 && in.len >= 3 && memcmp(in.ptr, "\xEF\xBB\xBF", 3) == 0)
        in = (struct hn_bytes){ in.ptr + 3, in.len - 3 };
    if ((codepage == HN_CODEPAGE_UTF16LE || codepage == 1201) && in.len >= 2 &&
            ((in.ptr[0] == 0xFF && in.ptr[1] == 0xFE) || (in.ptr[0] == 0xFE && in.ptr[1] == 0xFF)))
        in = (struct hn_bytes){ in.ptr + 2, in.len - 2 };
    (void)hn_codepage_to_utf8(out, codepage, in);
    return codepage;
}

uint32_t mail_to_utf8(struct hn_buf *out, struct hn_bytes in, struct hn_text charset)
{
    uint32_t codepage = 0;

    charset = hn_text_trim(charset);
    if (!hn_text_eq_nocase(charset, HN_TEXT("us-ascii")) &&
            !hn_text_eq_nocase(charset, HN_TEXT("ascii")))
        codepage = hn_codepage_of_name(charset);
    return mail_codepage_to_utf8(out, in, codepage);
}
