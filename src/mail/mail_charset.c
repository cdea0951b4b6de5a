/* mail_charset.c - texts of mails to UTF-8: named charsets by iconv, ISO-2022-JP as mail programs
 * read it (half-width kana, vendor rows), and a guess where the name is missing or a lie. */
#include "mail/mail_internal.h"

#include "base/utf.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>

#define CHARSET_NAME_MAX 48u

/* ---- iconv ---- */

/* Appends what iconv makes of in, U+FFFD for each byte it refuses. False: no such charset. */
static bool convert(struct hn_buf *out, struct hn_bytes in, const char *charset)
{
    iconv_t cd = iconv_open("UTF-8", charset);
    char room[1024];
    union {
        const uint8_t *from;
        char *to;
    } next = { .from = in.ptr }; /* iconv's prototype lacks a const, its code does not */
    size_t left = in.len;

    if (cd == (iconv_t)-1)
        return false;
    while (left > 0 && hn_buf_ok(out)) {
        char *to = room;
        size_t free_bytes = sizeof room;
        size_t done = iconv(cd, &next.to, &left, &to, &free_bytes);

        hn_buf_add(out, room, sizeof room - free_bytes);
        if (done != (size_t)-1 || errno == E2BIG)
            continue;
        hn_buf_add_cstr(out, HN_UTF8_REPLACEMENT);
        if (errno == EINVAL) /* cut off within a character */
            break;
        next.from++;
        left--;
    }
    (void)iconv_close(cd);
    return true;
}

/* ---- ISO-2022-JP as CP50221 ---- */

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

static void convert_jis(struct hn_buf *out, struct hn_bytes in)
{
    struct hn_buf euc = { .cap_bytes = MAIL_TEXT_BYTES_MAX * 2 };
    enum jis_set set = JIS_ASCII;
    enum jis_set before = JIS_ASCII; /* a shift out */
    size_t pos = 0;

    while (pos < in.len && hn_buf_ok(&euc)) {
        size_t escape = in.ptr[pos] == 0x1B ? jis_escape(in, pos, &set) : 0;

        if (escape > 0) {
            pos += escape;
        } else if (in.ptr[pos] == 0x0E) {
            before = set;
            set = JIS_KANA;
            pos++;
        } else if (in.ptr[pos] == 0x0F) {
            set = before == JIS_KANA ? JIS_ASCII : before;
            pos++;
        } else {
            /* A line end brings ASCII back (RFC 1468), whatever the writer forgot. */
            if (in.ptr[pos] == '\n' || in.ptr[pos] == '\r')
                set = JIS_ASCII;
            pos += jis_character(&euc, in, pos, set);
        }
    }
    if (!convert(out, hn_text_as_bytes(hn_buf_text(&euc)), "EUC-JP-MS"))
        (void)hn_utf8_repair(out, hn_bytes_as_text(in));
    hn_buf_deinit(&euc);
}

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
    enum jis_set set;

    for (size_t i = 0; i + 2 < in.len; i++)
        if (in.ptr[i] == 0x1B && jis_escape(in, i, &set) > 0)
            return true;
    return false;
}

static const char *guess(struct hn_bytes in)
{
    size_t kana = 0;
    bool shift_jis;

    if (in.len >= 2 && in.ptr[0] == 0xFF && in.ptr[1] == 0xFE)
        return "UTF-16";
    if (in.len >= 2 && in.ptr[0] == 0xFE && in.ptr[1] == 0xFF)
        return "UTF-16";
    if (has_jis_escape(in))
        return "ISO-2022-JP";
    if (hn_utf8_valid(in))
        return "UTF-8";
    shift_jis = is_shift_jis(in, &kana);
    /* What is EUC-JP reads as half-width kana in Shift_JIS, which nobody writes long texts in. */
    if (is_euc_jp(in) && (!shift_jis || kana > 0))
        return "EUC-JP-MS";
    return shift_jis ? "CP932" : "CP1252";
}

/* ---- Names ---- */

static const struct {
    const char *name;
    const char *taken;
} charset_names[] = {
    { "iso-2022-jp", "ISO-2022-JP" },
    { "iso-2022-jp-ms", "ISO-2022-JP" },
    { "iso-2022-jp-1", "ISO-2022-JP" },
    { "csiso2022jp", "ISO-2022-JP" },
    { "cp50220", "ISO-2022-JP" },
    { "cp50221", "ISO-2022-JP" },
    { "cp50222", "ISO-2022-JP" },
    { "jis", "ISO-2022-JP" },
    { "shift_jis", "CP932" },
    { "shift-jis", "CP932" },
    { "sjis", "CP932" },
    { "x-sjis", "CP932" },
    { "ms_kanji", "CP932" },
    { "windows-31j", "CP932" },
    { "cp932", "CP932" },
    { "euc-jp", "EUC-JP-MS" },
    { "x-euc-jp", "EUC-JP-MS" },
    { "eucjp", "EUC-JP-MS" },
    { "gb2312", "GB18030" }, /* what calls itself so is GBK or more */
    { "gbk", "GB18030" },
    { "ks_c_5601-1987", "UHC" },
    { "euc-kr", "UHC" },
    { "iso-8859-1", "CP1252" }, /* as browsers and mail programs do */
    { "latin1", "CP1252" },
    { "utf-8", "UTF-8" },
    { "utf8", "UTF-8" },
    { "unicode-1-1-utf-7", "UTF-7" },
    { "ansi_x3.110-1983", "CP1252" },
    { "unicode", "UTF-16" },
};

/* The charset iconv is asked for; NULL for none of a known shape. */
static const char *canonical(struct hn_text charset, char room[CHARSET_NAME_MAX])
{
    for (size_t i = 0; i < HN_COUNT_OF(charset_names); i++)
        if (hn_text_eq_nocase(charset, hn_text_cstr(charset_names[i].name)))
            return charset_names[i].taken;
    if (charset.len == 0 || charset.len >= CHARSET_NAME_MAX)
        return NULL;
    for (size_t i = 0; i < charset.len; i++) {
        char c = charset.ptr[i];

        /* Slashes would choose options and paths of iconv. */
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                    c == '-' || c == '_' || c == ':' || c == '.'))
            return NULL;
        room[i] = c;
    }
    room[charset.len] = '\0';
    return room;
}

static bool take(struct hn_buf *out, struct hn_bytes in, const char *charset)
{
    if (strcmp(charset, "UTF-8") == 0) {
        if (in.len >= 3 && memcmp(in.ptr, "\xEF\xBB\xBF", 3) == 0)
            in = (struct hn_bytes){ in.ptr + 3, in.len - 3 };
        (void)hn_utf8_repair(out, hn_bytes_as_text(in));
        return true;
    }
    if (strcmp(charset, "ISO-2022-JP") == 0) {
        convert_jis(out, in);
        return true;
    }
    return convert(out, in, charset);
}

const char *mail_to_utf8(struct hn_buf *out, struct hn_bytes in, struct hn_text charset)
{
    char room[CHARSET_NAME_MAX];
    const char *name = canonical(charset, room);
    const char *guessed;
    bool ascii_name = name == NULL || hn_text_eq_nocase(charset, HN_TEXT("us-ascii")) ||
                      hn_text_eq_nocase(charset, HN_TEXT("ascii"));

    if (in.len > MAIL_TEXT_BYTES_MAX)
        in.len = MAIL_TEXT_BYTES_MAX;
    if (hn_is_ascii(hn_bytes_as_text(in)) && !has_jis_escape(in) && ascii_name) {
        hn_buf_add_text(out, hn_bytes_as_text(in));
        return "US-ASCII";
    }
    guessed = guess(in);
    /* UTF-8 that is not valid, or valid UTF-8 that is said to be of one byte a character: the
     * bytes are right. */
    if (!ascii_name && strcmp(name, "UTF-8") == 0 && strcmp(guessed, "UTF-8") != 0 &&
            strcmp(guessed, "CP1252") != 0)
        ascii_name = true;
    if (!ascii_name && take(out, in, name))
        return name == room ? "as named" : name;
    (void)take(out, in, guessed);
    return guessed;
}

const char *mail_codepage_to_utf8(struct hn_buf *out, struct hn_bytes in, uint32_t codepage)
{
    char name[16];

    switch (codepage) {
    case 0:
        return mail_to_utf8(out, in, HN_TEXT(""));
    case 65001:
        return mail_to_utf8(out, in, HN_TEXT("utf-8"));
    case 65000:
        return mail_to_utf8(out, in, HN_TEXT("utf-7"));
    case 20127:
        return mail_to_utf8(out, in, HN_TEXT("us-ascii"));
    case 20866:
        return mail_to_utf8(out, in, HN_TEXT("koi8-r"));
    case 21866:
        return mail_to_utf8(out, in, HN_TEXT("koi8-u"));
    case 51932:
    case 20932:
        return mail_to_utf8(out, in, HN_TEXT("euc-jp"));
    case 51949:
        return mail_to_utf8(out, in, HN_TEXT("euc-kr"));
    case 54936:
        return mail_to_utf8(out, in, HN_TEXT("gb18030"));
    case 936:
        return mail_to_utf8(out, in, HN_TEXT("gbk"));
    case 10000:
        return mail_to_utf8(out, in, HN_TEXT("macintosh"));
    case 1200:
        return mail_to_utf8(out, in, HN_TEXT("utf-16le"));
    default:
        break;
    }
    if (codepage > 28590 && codepage < 28606)
        (void)snprintf(name, sizeof name, "iso-8859-%lu", (unsigned long)codepage - 28590);
    else
        (void)snprintf(name, sizeof name, "cp%lu", (unsigned long)codepage % 100000);
    return mail_to_utf8(out, in, hn_text_cstr(name));
}
