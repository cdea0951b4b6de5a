/* codepage.c - code pages to UTF-8; see codepage.h for the contract. */
#include "base/codepage.h"

#include "base/utf.h"

#include <errno.h>
#include <iconv.h>

struct page {
    uint32_t number;
    const char *iconv_name;
};

/* In the order of their numbers. Where Windows and the C library disagree about a name, the
 * library's name of the Windows variant stands here. */
static const struct page pages[] = {
    { 37, "CP037" },
    { 437, "CP437" },
    { 500, "CP500" },
    { 737, "CP737" },
    { 775, "CP775" },
    { 850, "CP850" },
    { 852, "CP852" },
    { 855, "CP855" },
    { 857, "CP857" },
    { 858, "IBM858" },
    { 860, "CP860" },
    { 861, "CP861" },
    { 862, "CP862" },
    { 863, "CP863" },
    { 864, "CP864" },
    { 865, "CP865" },
    { 866, "CP866" },
    { 869, "CP869" },
    { 874, "WINDOWS-874" },
    { 875, "CP875" },
    { 932, "CP932" },
    { 936, "GBK" },
    { 949, "UHC" },
    { 950, "BIG5" },
    { 1026, "CP1026" },
    { 1250, "CP1250" },
    { 1251, "CP1251" },
    { 1253, "CP1253" },
    { 1254, "CP1254" },
    { 1255, "CP1255" },
    { 1256, "CP1256" },
    { 1257, "CP1257" },
    { 1258, "CP1258" },
    { 1361, "JOHAB" },
    { 10000, "MACINTOSH" },
    { 10001, "CP932" },
    { 10002, "BIG5" },
    { 10003, "UHC" },
    { 10007, "MAC-CYRILLIC" },
    { 10008, "GBK" },
    { 10017, "MACUK" },
    { 10029, "MAC-CENTRALEUROPE" },
    { 10079, "MAC-IS" },
    { 12000, "UTF-32LE" },
    { 12001, "UTF-32BE" },
    { 20273, "CP273" },
    { 20866, "KOI8-R" },
    { 20932, "EUC-JP" },
    { 20936, "EUC-CN" },
    { 21866, "KOI8-U" },
    { 28591, "ISO-8859-1" },
    { 28592, "ISO-8859-2" },
    { 28593, "ISO-8859-3" },
    { 28594, "ISO-8859-4" },
    { 28595, "ISO-8859-5" },
    { 28596, "ISO-8859-6" },
    { 28597, "ISO-8859-7" },
    { 28598, "ISO-8859-8" },
    { 28599, "ISO-8859-9" },
    { 28600, "ISO-8859-10" },
    { 28603, "ISO-8859-13" },
    { 28604, "ISO-8859-14" },
    { 28605, "ISO-8859-15" },
    { 38598, "ISO-8859-8" },
    { 50220, "ISO-2022-JP-3" },
    { 50221, "ISO-2022-JP-3" },
    { 50222, "ISO-2022-JP-3" },
    { 50225, "ISO-2022-KR" },
    { 50227, "ISO-2022-CN" },
    { 51932, "EUC-JP-MS" },
    { 51936, "EUC-CN" },
    { 51949, "EUC-KR" },
    { 51950, "EUC-TW" },
    { 54936, "GB18030" },
    { 65000, "UTF-7" },
};

/* 0x80 to 0x9F of 1252 as Windows decodes it: the five holes are control characters. */
static const uint16_t western[32] = { 0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D,
    0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D, 0x17E, 0x178 };

static const struct page *page_find(uint32_t codepage)
{
    size_t low = 0;
    size_t high = HN_COUNT_OF(pages);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (pages[middle].number < codepage)
            low = middle + 1;
        else
            high = middle;
    }
    return low < HN_COUNT_OF(pages) && pages[low].number == codepage ? &pages[low] : NULL;
}

bool hn_codepage_known(uint32_t codepage)
{
    return codepage == HN_CODEPAGE_UTF16LE || codepage == 1201 || codepage == HN_CODEPAGE_WESTERN ||
           codepage == 20127 || codepage == HN_CODEPAGE_UTF8 || page_find(codepage) != NULL;
}

/* ---- Names ---- */

struct label {
    struct hn_text name;
    uint32_t codepage;
};

static const struct label labels[] = {
    { HN_TEXT_INIT("utf-8"), 65001 },
    { HN_TEXT_INIT("utf8"), 65001 },
    { HN_TEXT_INIT("unicode-1-1-utf-8"), 65001 },
    { HN_TEXT_INIT("us-ascii"), 1252 },
    { HN_TEXT_INIT("ascii"), 1252 },
    { HN_TEXT_INIT("ansi_x3.4-1968"), 1252 },
    { HN_TEXT_INIT("latin1"), 1252 },
    { HN_TEXT_INIT("iso-8859-1"), 1252 }, /* what clients of mail and web read it as */
    { HN_TEXT_INIT("iso8859-1"), 1252 },
    { HN_TEXT_INIT("iso-8859-8-i"), 38598 },
    { HN_TEXT_INIT("iso-8859-11"), 874 },
    { HN_TEXT_INIT("tis-620"), 874 },
    { HN_TEXT_INIT("iso-8859-9"), 1254 },
    { HN_TEXT_INIT("iso-2022-jp"), 50220 },
    { HN_TEXT_INIT("iso-2022-jp-2"), 50220 },
    { HN_TEXT_INIT("csiso2022jp"), 50220 },
    { HN_TEXT_INIT("_iso-2022-jp$sio"), 50220 },
    { HN_TEXT_INIT("shift_jis"), 932 },
    { HN_TEXT_INIT("shift-jis"), 932 },
    { HN_TEXT_INIT("sjis"), 932 },
    { HN_TEXT_INIT("x-sjis"), 932 },
    { HN_TEXT_INIT("ms_kanji"), 932 },
    { HN_TEXT_INIT("csshiftjis"), 932 },
    { HN_TEXT_INIT("windows-31j"), 932 },
    { HN_TEXT_INIT("euc-jp"), 51932 },
    { HN_TEXT_INIT("x-euc-jp"), 51932 },
    { HN_TEXT_INIT("euc-kr"), 949 },
    { HN_TEXT_INIT("ks_c_5601-1987"), 949 },
    { HN_TEXT_INIT("ks_c_5601"), 949 },
    { HN_TEXT_INIT("iso-2022-kr"), 50225 },
    { HN_TEXT_INIT("iso-2022-cn"), 50227 },
    { HN_TEXT_INIT("gb2312"), 936 },
    { HN_TEXT_INIT("gbk"), 936 },
    { HN_TEXT_INIT("x-gbk"), 936 },
    { HN_TEXT_INIT("gb_2312-80"), 936 },
    { HN_TEXT_INIT("gb18030"), 54936 },
    { HN_TEXT_INIT("big5"), 950 },
    { HN_TEXT_INIT("big5-hkscs"), 950 },
    { HN_TEXT_INIT("koi8-r"), 20866 },
    { HN_TEXT_INIT("koi8-u"), 21866 },
    { HN_TEXT_INIT("utf-7"), 65000 },
    { HN_TEXT_INIT("utf-16"), 1200 },
    { HN_TEXT_INIT("utf-16le"), 1200 },
    { HN_TEXT_INIT("utf-16be"), 1201 },
    { HN_TEXT_INIT("utf-32le"), 12000 },
    { HN_TEXT_INIT("utf-32be"), 12001 },
    { HN_TEXT_INIT("macintosh"), 10000 },
};

/* The decimal number a name ends with: "windows-1251", "cp932", "ibm850". */
static uint32_t number_behind(struct hn_text name, struct hn_text prefix)
{
    uint32_t number = 0;

    if (!hn_text_starts_nocase(name, prefix) || name.len == prefix.len || name.len > prefix.len + 5)
        return 0;
    for (size_t i = prefix.len; i < name.len; i++) {
        if (name.ptr[i] < '0' || name.ptr[i] > '9')
            return 0;
        number = number * 10 + (uint32_t)(name.ptr[i] - '0');
    }
    return number;
}

uint32_t hn_codepage_of_name(struct hn_text name)
{
    static const struct hn_text prefixes[] = { HN_TEXT_INIT("windows-"), HN_TEXT_INIT("cp"),
        HN_TEXT_INIT("cp-"), HN_TEXT_INIT("ibm"), HN_TEXT_INIT("ibm-"), HN_TEXT_INIT("x-cp"),
        HN_TEXT_INIT("ms") };
    uint32_t number;

    name = hn_text_trim(name);
    for (size_t i = 0; i < HN_COUNT_OF(labels); i++)
        if (hn_text_eq_nocase(labels[i].name, name))
            return labels[i].codepage;
    number = number_behind(name, HN_TEXT("iso-8859-"));
    if (number == 0)
        number = number_behind(name, HN_TEXT("iso8859-"));
    if (number != 0 && number < 100)
        return hn_codepage_known(28590 + number) ? 28590 + number : 0;
    for (size_t i = 0; i < HN_COUNT_OF(prefixes); i++) {
        number = number_behind(name, prefixes[i]);
        if (number != 0 && hn_codepage_known(number))
            return number;
    }
    return 0;
}

/* By the primary language, the low ten bits of an LCID; the exceptions come first. */
uint32_t hn_codepage_of_lcid(uint32_t lcid)
{
    static const struct {
        uint16_t lcid;
        uint16_t mask;
        uint16_t codepage;
    } rows[] = {
        { 0x0404, 0xFFFF, 950 },  /* Chinese, Taiwan */
        { 0x0C04, 0xFFFF, 950 },  /* Hong Kong */
        { 0x1404, 0xFFFF, 950 },  /* Macao */
        { 0x0C1A, 0xFFFF, 1251 }, /* Serbian, Cyrillic */
        { 0x082C, 0xFFFF, 1251 }, /* Azeri, Cyrillic */
        { 0x0843, 0xFFFF, 1251 }, /* Uzbek, Cyrillic */
        { 0x04, 0x3FF, 936 },     /* Chinese */
        { 0x11, 0x3FF, 932 },     /* Japanese */
        { 0x12, 0x3FF, 949 },     /* Korean */
        { 0x1E, 0x3FF, 874 },     /* Thai */
        { 0x05, 0x3FF, 1250 },    /* Czech */
        { 0x0E, 0x3FF, 1250 },    /* Hungarian */
        { 0x15, 0x3FF, 1250 },    /* Polish */
        { 0x18, 0x3FF, 1250 },    /* Romanian */
        { 0x1A, 0x3FF, 1250 },    /* Croatian, Serbian */
        { 0x1B, 0x3FF, 1250 },    /* Slovak */
        { 0x1C, 0x3FF, 1250 },    /* Albanian */
        { 0x24, 0x3FF, 1250 },    /* Slovenian */
        { 0x02, 0x3FF, 1251 },    /* Bulgarian */
        { 0x19, 0x3FF, 1251 },    /* Russian */
        { 0x22, 0x3FF, 1251 },    /* Ukrainian */
        { 0x23, 0x3FF, 1251 },    /* Belarusian */
        { 0x2F, 0x3FF, 1251 },    /* Macedonian */
        { 0x3F, 0x3FF, 1251 },    /* Kazakh */
        { 0x40, 0x3FF, 1251 },    /* Kyrgyz */
        { 0x44, 0x3FF, 1251 },    /* Tatar */
        { 0x50, 0x3FF, 1251 },    /* Mongolian */
        { 0x08, 0x3FF, 1253 },    /* Greek */
        { 0x1F, 0x3FF, 1254 },    /* Turkish */
        { 0x2C, 0x3FF, 1254 },    /* Azeri, Latin */
        { 0x43, 0x3FF, 1254 },    /* Uzbek, Latin */
        { 0x0D, 0x3FF, 1255 },    /* Hebrew */
        { 0x01, 0x3FF, 1256 },    /* Arabic */
        { 0x20, 0x3FF, 1256 },    /* Urdu */
        { 0x29, 0x3FF, 1256 },    /* Persian */
        { 0x25, 0x3FF, 1257 },    /* Estonian */
        { 0x26, 0x3FF, 1257 },    /* Latvian */
        { 0x27, 0x3FF, 1257 },    /* Lithuanian */
        { 0x2A, 0x3FF, 1258 },    /* Vietnamese */
    };

    for (size_t i = 0; i < HN_COUNT_OF(rows); i++)
        if ((lcid & rows[i].mask) == rows[i].lcid)
            return rows[i].codepage;
    return HN_CODEPAGE_WESTERN;
}

/* ---- Decoding ---- */

/* Of hn_codepage_warm(). Each decoder of the library is five mappings of memory in a process, and
 * each fork copies them: most of the time of a fork went into seventy decoders. */
#define NOTHING 0xFFFFu /* in a table: the byte means nothing */
static uint16_t tables[HN_COUNT_OF(pages)][256];
static bool has_table[HN_COUNT_OF(pages)];

static bool table_to_utf8(struct hn_buf *buf, const uint16_t table[256], struct hn_bytes bytes)
{
    bool good = true;

    for (size_t i = 0; i < bytes.len; i++) {
        uint16_t point = table[bytes.ptr[i]];

        if (point < 0x80) {
            hn_buf_add_char(buf, (char)point);
        } else if (point != NOTHING) {
            hn_buf_add_utf8(buf, point);
        } else {
            hn_buf_add_lit(buf, HN_UTF8_REPLACEMENT);
            good = false;
        }
    }
    return good;
}

static void western_to_utf8(struct hn_buf *buf, struct hn_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = bytes.ptr[i];

        if (byte < 0x80)
            hn_buf_add_char(buf, (char)byte);
        else
            hn_buf_add_utf8(buf, byte < 0xA0 ? western[byte - 0x80] : byte);
    }
}

static bool utf16be_to_utf8(struct hn_buf *buf, struct hn_bytes bytes)
{
    bool good = true;

    for (size_t i = 0; i + 1 < bytes.len; i += 2) {
        uint32_t unit = (uint32_t)bytes.ptr[i] << 8 | bytes.ptr[i + 1];

        if ((unit & 0xFC00) == 0xD800 && i + 3 < bytes.len && (bytes.ptr[i + 2] & 0xFC) == 0xDC) {
            uint32_t low = (uint32_t)(bytes.ptr[i + 2] & 3) << 8 | bytes.ptr[i + 3];

            unit = 0x10000 + ((unit & 0x3FF) << 10 | low);
            i += 2;
        } else if ((unit & 0xF800) == 0xD800) {
            good = false; /* and hn_buf_add_utf8 writes U+FFFD */
        }
        hn_buf_add_utf8(buf, unit);
    }
    if (bytes.len % 2 == 1) {
        hn_buf_add_lit(buf, HN_UTF8_REPLACEMENT);
        good = false;
    }
    return good;
}

/* iconv_open() says no with (iconv_t)-1. */
static bool is_open(iconv_t cd)
{
    return (intptr_t)cd != -1;
}

static bool iconv_to_utf8(struct hn_buf *buf, iconv_t cd, struct hn_bytes bytes)
{
    /* iconv's signature is from before const; it does not write to its input. */
    char *in = NULL;
    size_t in_left = bytes.len;
    bool good = true;

    memcpy(&in, &bytes.ptr, sizeof in);
    while (in_left > 0) {
        char piece[2048];
        char *out = piece;
        size_t out_left = sizeof piece;
        size_t done = iconv(cd, &in, &in_left, &out, &out_left);

        hn_buf_add(buf, piece, (size_t)(out - piece));
        if (done != (size_t)-1 || !hn_buf_ok(buf))
            break;
        if (errno == E2BIG)
            continue;
        /* EILSEQ, or EINVAL at an unfinished end. One byte is given up and the next looked at. */
        hn_buf_add_lit(buf, HN_UTF8_REPLACEMENT);
        good = false;
        in++;
        in_left--;
    }
    return good;
}

/* Pages in which a byte below 0x80 is that ASCII character wherever it stands alone. */
static bool extends_ascii(uint32_t codepage)
{
    return codepage != 37 && codepage != 500 && codepage != 875 && codepage != 1026 &&
           codepage != 20273 && codepage != 12000 && codepage != 12001 &&
           !(codepage >= 50220 && codepage <= 50227) && codepage != 65000;
}

bool hn_codepage_to_utf8(struct hn_buf *buf, uint32_t codepage, struct hn_bytes bytes)
{
    const struct page *page = page_find(codepage);
    iconv_t cd;
    bool good;

    if (codepage == HN_CODEPAGE_UTF16LE)
        return hn_utf16le_to_utf8(buf, bytes);
    if (codepage == 1201)
        return utf16be_to_utf8(buf, bytes);
    if (codepage == HN_CODEPAGE_UTF8)
        return hn_utf8_repair(buf, hn_bytes_as_text(bytes));
    if (codepage >= 50220 && codepage <= 50222)
        return hn_codepage_jis_to_utf8(buf, bytes);
    if (extends_ascii(codepage) && hn_is_ascii(hn_bytes_as_text(bytes))) {
        hn_buf_add(buf, bytes.ptr, bytes.len);
        return true;
    }
    if (page != NULL && has_table[page - pages])
        return table_to_utf8(buf, tables[page - pages], bytes);
    cd = page == NULL ? NULL : iconv_open("UTF-8", page->iconv_name);
    if (page == NULL || !is_open(cd)) {
        western_to_utf8(buf, bytes);
        return codepage == HN_CODEPAGE_WESTERN;
    }
    good = iconv_to_utf8(buf, cd, bytes);
    (void)iconv_close(cd);
    return good;
}

/* The characters of single bytes, where the page has nothing else. */
static bool make_table(iconv_t cd, uint16_t table[256])
{
    for (unsigned byte = 0; byte < 256; byte++) {
        char room[16];
        char one = (char)byte;
        char *in = &one;
        char *out = room;
        size_t in_left = 1;
        size_t out_left = sizeof room;
        struct hn_text made;
        uint32_t point = NOTHING;

        (void)iconv(cd, NULL, NULL, NULL, NULL);
        if (iconv(cd, &in, &in_left, &out, &out_left) == (size_t)-1) {
            if (errno != EILSEQ)
                return false; /* the first of several */
        } else {
            made = hn_text_of(room, sizeof room - out_left);
            if (made.len == 0 || hn_utf8_decode(made, 0, &point) != made.len || point >= NOTHING)
                return false; /* it waits for what follows, or is more than one character */
        }
        table[byte] = (uint16_t)point;
    }
    return true;
}

uint32_t hn_codepage_warm(void)
{
    static iconv_t kept[HN_COUNT_OF(pages)]; /* never closed: closing would unload the decoder */
    uint32_t count = 0;

    for (size_t i = 0; i < HN_COUNT_OF(pages); i++) {
        if (!has_table[i] && kept[i] == NULL) {
            kept[i] = iconv_open("UTF-8", pages[i].iconv_name);
            has_table[i] = is_open(kept[i]) && make_table(kept[i], tables[i]);
            if (has_table[i])
                (void)iconv_close(kept[i]);
        }
        if (has_table[i] || is_open(kept[i]))
            count++;
    }
    return count;
}
