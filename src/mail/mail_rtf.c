/* mail_rtf.c - the RTF in which Outlook keeps bodies: its compression ([MS-OXRTFCP]). What is in
 * the RTF is read in mail_rtf_read.c. */
#include "mail/mail_internal.h"

#include "base/crc32.h"
#include "base/reader.h"

#define DICTIONARY_BYTES 4096u
#define MAGIC_COMPRESSED 0x75465A4Cu /* "LZFu" */
#define MAGIC_STORED     0x414C454Du /* "MELA" */

/* [MS-OXRTFCP] 2.1.2.1: what the dictionary starts with. */
static const char preload[] = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}"
                              "{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
                              "\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier"
                              "{\\colortbl\\red0\\green0\\blue0\r\n\\par "
                              "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct lz {
    uint8_t dictionary[DICTIONARY_BYTES];
    size_t next;
    struct hn_buf *out;
    size_t left; /* bytes that may still come out */
};

static void emit(struct lz *lz, uint8_t byte)
{
    lz->dictionary[lz->next] = byte;
    lz->next = (lz->next + 1) % DICTIONARY_BYTES;
    hn_buf_add_char(lz->out, (char)byte);
    if (lz->left > 0)
        lz->left--;
}

/* One token; false at the end. */
static bool token(struct lz *lz, struct hn_reader *in, bool is_reference)
{
    size_t offset;
    size_t len;
    uint8_t high;
    uint8_t low;

    if (!is_reference) {
        uint8_t byte = hn_reader_u8(in);

        if (hn_reader_ok(in))
            emit(lz, byte);
        return hn_reader_ok(in);
    }
    high = hn_reader_u8(in);
    low = hn_reader_u8(in);
    offset = (size_t)high << 4 | low >> 4;
    len = (size_t)(low & 15u) + 2;
    if (!hn_reader_ok(in) || offset == lz->next)
        return false;
    for (size_t i = 0; i < len && lz->left > 0; i++)
        emit(lz, lz->dictionary[(offset + i) % DICTIONARY_BYTES]);
    return true;
}

/* True when the end mark was there. */
static bool unpack(struct hn_bytes packed, struct hn_buf *out, size_t room)
{
    struct lz lz = { .out = out, .left = room, .next = sizeof preload - 1 };
    struct hn_reader in = hn_reader_over(packed);

    memset(lz.dictionary, ' ', sizeof lz.dictionary);
    memcpy(lz.dictionary, preload, sizeof preload - 1);
    while (hn_reader_left(&in) > 0 && lz.left > 0 && hn_buf_ok(out)) {
        unsigned control = hn_reader_u8(&in);

        for (unsigned bit = 0; bit < 8 && lz.left > 0; bit++)
            if (!token(&lz, &in, (control >> bit & 1) != 0))
                return hn_reader_ok(&in);
    }
    return false;
}

enum hn_status mail_rtf_decompress(
        struct hn_bytes in, struct hn_buf *out, bool *ret_damaged, struct hn_err *err)
{
    struct hn_reader r = hn_reader_over(in);
    uint32_t packed_size = hn_reader_u32(&r);
    uint32_t raw_size = hn_reader_u32(&r);
    uint32_t magic = hn_reader_u32(&r);
    uint32_t crc = hn_reader_u32(&r);
    struct hn_bytes rest;
    size_t start = out->len;

    if (!hn_reader_ok(&r))
        return hn_fail(err, HN_TRUNCATED, in.len, "compressed RTF has no header");
    if (magic != MAGIC_COMPRESSED && magic != MAGIC_STORED)
        return hn_fail(err, HN_CORRUPT, 8, "compressed RTF is of no known kind");
    rest = hn_reader_take(&r, hn_reader_left(&r));
    *ret_damaged = packed_size < 12 || packed_size - 12 > rest.len;
    if (packed_size >= 12 && packed_size - 12 < rest.len)
        rest.len = packed_size - 12;
    if (raw_size > MAIL_RTF_BYTES_MAX)
        return hn_fail(err, HN_LIMIT, 4, "compressed RTF of more than MAIL_RTF_BYTES_MAX");
    if (magic == MAGIC_STORED) {
        *ret_damaged = *ret_damaged || rest.len != raw_size;
        hn_buf_add(out, rest.ptr, rest.len > raw_size ? raw_size : rest.len);
    } else {
        /* Writers state a size that is a little off; the end mark decides. */
        bool ended = unpack(rest, out, (size_t)raw_size + 64);

        *ret_damaged = *ret_damaged || !ended || ~hn_crc32(0xFFFFFFFFu, rest) != crc;
    }
    if (!hn_buf_ok(out))
        return hn_fail(err, out->status, start, "no room for RTF");
    return HN_OK;
}
