/* recognise.c - the format of an object by its first bytes. Texts are told apart in
 * recognise_text.c, kinds of zip and of compound file in recognise_kind.c. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"

struct magic {
    enum dissect_format format;
    uint32_t offset;
    struct hn_text bytes;
};

#define MAGIC(format, offset, bytes)        \
    {                                       \
        format, offset, HN_TEXT_INIT(bytes) \
    }

/* The first row that fits wins. Formats whose magic stands far behind the start come last. */
static const struct magic magics[] = {
    MAGIC(DISSECT_OLE, 0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
    MAGIC(DISSECT_OLE, 0, "\x0E\x11\xFC\x0D\xD0\xCF\x11\x0E"), /* the beta of 1994, still read */
    MAGIC(DISSECT_ZIP, 0, "PK\x03\x04"),
    MAGIC(DISSECT_ZIP, 0, "PK\x05\x06"),
    MAGIC(DISSECT_ZIP, 0, "PK\x07\x08PK"), /* a split archive of one piece */
    MAGIC(DISSECT_ZIP, 0, "PK00PK\x03\x04"),
    MAGIC(DISSECT_7Z, 0, "7z\xBC\xAF\x27\x1C"),
    MAGIC(DISSECT_RAR, 0, "Rar!\x1A\x07"),
    MAGIC(DISSECT_CAB, 0, "MSCF\0\0\0\0"),
    MAGIC(DISSECT_GZIP, 0, "\x1F\x8B\x08"),
    MAGIC(DISSECT_XZ, 0, "\xFD\x37zXZ\0"),
    MAGIC(DISSECT_ZSTD, 0, "\x28\xB5\x2F\xFD"),
    MAGIC(DISSECT_VHDX, 0, "vhdxfile"),
    MAGIC(DISSECT_VHD, 0, "conectix"),
    MAGIC(DISSECT_TNEF, 0, "\x78\x9F\x3E\x22"),
    MAGIC(DISSECT_CHM, 0, "ITSF"),
    MAGIC(DISSECT_COMPRESS, 0, "\x1F\x9D"),
    MAGIC(DISSECT_XAR, 0, "xar!"),
    MAGIC(DISSECT_ACE, 7, "**ACE**"),
    MAGIC(DISSECT_ALZ, 0, "ALZ\x01"),
    MAGIC(DISSECT_EGG, 0, "EGGA"),
    MAGIC(DISSECT_WIM, 0, "MSWIM\0\0\0"),
    MAGIC(DISSECT_WIM, 0, "WLPWM\0\0\0"),
    MAGIC(DISSECT_PST, 0, "!BDN"),
    MAGIC(DISSECT_ONENOTE, 0, "\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D\xAE\xB1\x53\x78\xD0\x29\x96\xD3"),
    MAGIC(DISSECT_ONENOTE, 0, "\xA1\x2F\xFF\x43\xD9\xEF\x76\x4C\x9E\xE2\x10\xEA\x57\x22\x76\x5F"),
    MAGIC(DISSECT_LNK, 0, "\x4C\0\0\0\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46"),
    MAGIC(DISSECT_ELF, 0,
            "\x7F"
            "ELF"),
    MAGIC(DISSECT_ACTIVEMIME, 0, "ActiveMime"),
    MAGIC(DISSECT_IMAGE, 0, "\x89PNG\r\n\x1A\n"),
    MAGIC(DISSECT_IMAGE, 0, "\xFF\xD8\xFF"),
    MAGIC(DISSECT_IMAGE, 0, "GIF87a"),
    MAGIC(DISSECT_IMAGE, 0, "GIF89a"),
    MAGIC(DISSECT_IMAGE, 0, "II*\0"),
    MAGIC(DISSECT_IMAGE, 0, "MM\0*"),
    MAGIC(DISSECT_IMAGE, 0, "\xD7\xCD\xC6\x9A"), /* WMF */
    MAGIC(DISSECT_IMAGE, 40, " EMF"),
    MAGIC(DISSECT_IMAGE, 8, "WEBPVP8"),
    MAGIC(DISSECT_IMAGE, 0, "\0\0\1\0\1\0"), /* one icon; more icons: below */
    MAGIC(DISSECT_TAR, 257, "ustar"),
    MAGIC(DISSECT_ISO, 32769, "CD001"),
    MAGIC(DISSECT_UDF, 32769, "BEA01"),
    MAGIC(DISSECT_UDF, 34817, "BEA01"),
    MAGIC(DISSECT_ISO, 34817, "CD001"),
};

static bool fits(struct hn_bytes data, const struct magic *magic)
{
    return data.len >= magic->bytes.len && magic->offset <= data.len - magic->bytes.len &&
           memcmp(data.ptr + magic->offset, magic->bytes.ptr, magic->bytes.len) == 0;
}

static uint32_t u32_at(struct hn_bytes data, size_t offset)
{
    const uint8_t *p = data.ptr + offset;

    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* "MZ" starts many a text; a program has a PE header where it says, or at least a DOS stub. */
static bool is_program(struct hn_bytes data)
{
    uint32_t at;

    if (data.len < 64 || data.ptr[0] != 'M' || data.ptr[1] != 'Z')
        return false;
    at = u32_at(data, 60);
    if (at <= data.len - 4 && memcmp(data.ptr + at, "PE\0\0", 4) == 0)
        return true;
    /* A cut or old one: the header has as many 512-byte pages as a file may have, and no text. */
    for (size_t i = 2; i < 32; i++)
        if (data.ptr[i] == 0)
            return true;
    return false;
}

/* A bitmap says its own size; "BM" alone starts too many texts. */
static bool is_bitmap(struct hn_bytes data)
{
    return data.len >= 26 && data.ptr[0] == 'B' && data.ptr[1] == 'M' && u32_at(data, 6) == 0 &&
           u32_at(data, 14) <= 124 && u32_at(data, 14) >= 12;
}

static bool is_bzip2(struct hn_bytes data)
{
    static const uint8_t block[] = { 0x31, 0x41, 0x59, 0x26, 0x53, 0x59 };

    return data.len >= 10 && memcmp(data.ptr, "BZh", 3) == 0 && data.ptr[3] >= '1' &&
           data.ptr[3] <= '9' && memcmp(data.ptr + 4, block, sizeof block) == 0;
}

static bool is_icon(struct hn_bytes data)
{
    return data.len >= 22 && u32_at(data, 0) == 0x00010000u && data.ptr[4] < 64 &&
           data.ptr[5] == 0 && data.ptr[4] > 0 && data.ptr[9] == 0;
}

/* A fixed disk image has its description at the end alone. */
static bool is_fixed_vhd(struct hn_bytes data)
{
    return data.len >= 1024 && memcmp(data.ptr + data.len - 512, "conectix", 8) == 0;
}

/* A jump list has neither magic nor a length: shortcuts one after the other, and a known end. */
static bool is_jump_list(struct hn_bytes data)
{
    static const struct hn_text lnk =
            HN_TEXT_INIT("\x4C\0\0\0\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46");

    return data.len >= 80 && memcmp(data.ptr + data.len - 4, "\xAB\xFB\xBF\xBA", 4) == 0 &&
           hn_text_find(hn_text_sub(hn_bytes_as_text(data), 0, 4096), lnk, 0) != SIZE_MAX;
}

/* A disk, or a volume of one, as it is: what starts it says which file system, or lists partitions
 * within it. */
static bool is_raw_disk(struct hn_bytes data)
{
    struct hn_text text = hn_bytes_as_text(data);
    uint32_t partitions = 0;

    if (data.len < 4096 || data.ptr[510] != 0x55 || data.ptr[511] != 0xAA)
        return false;
    if (hn_text_eq(hn_text_sub(text, 3, 8), HN_TEXT("NTFS    ")) ||
            hn_text_eq(hn_text_sub(text, 3, 8), HN_TEXT("EXFAT   ")) ||
            hn_text_eq(hn_text_sub(text, 54, 3), HN_TEXT("FAT")) ||
            hn_text_eq(hn_text_sub(text, 82, 5), HN_TEXT("FAT32")) ||
            hn_text_eq(hn_text_sub(text, 512, 8), HN_TEXT("EFI PART")))
        return true;
    for (size_t at = 446; at < 510; at += 16) {
        uint64_t start = (uint64_t)u32_at(data, at + 8) * 512;

        if ((data.ptr[at] & 0x7Fu) != 0) /* active or not, nothing else */
            return false;
        partitions += data.ptr[at + 4] != 0 && start >= 512 && start < data.len;
    }
    return partitions > 0;
}

/* A name, a size in octal digits and a checksum: archives older than "ustar". */
static bool is_old_tar(struct hn_bytes data)
{
    uint32_t sum = 0;
    uint32_t stated = 0;

    if (data.len < 1024 || data.ptr[0] == 0)
        return false;
    for (size_t i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? (uint32_t)' ' : data.ptr[i];
    for (size_t i = 148; i < 156 && stated < 1u << 24; i++)
        if (data.ptr[i] >= '0' && data.ptr[i] <= '7')
            stated = stated * 8 + (uint32_t)(data.ptr[i] - '0');
    return sum == stated;
}

/* Readers look for "%PDF-" in the first kilobyte. */
static bool is_pdf(struct hn_bytes data)
{
    struct hn_text head = hn_text_sub(hn_bytes_as_text(data), 0, 1024 + 5);

    return hn_text_find(head, HN_TEXT("%PDF-"), 0) != SIZE_MAX;
}

/* Word takes "{\rt" for RTF, whatever follows. */
static bool is_rtf(struct hn_bytes data)
{
    struct hn_text head = hn_text_sub(hn_bytes_as_text(data), 0, 64);

    return hn_text_starts(hn_text_trim(head), HN_TEXT("{\\rt"));
}

/* "-lh5-" behind the length and the sum of the header. */
static bool is_lha(struct hn_bytes data)
{
    return data.len >= 22 && data.ptr[2] == '-' && data.ptr[3] == 'l' &&
           (data.ptr[4] == 'h' || data.ptr[4] == 'z') && data.ptr[6] == '-' && data.ptr[20] <= 3;
}

/* The main header: its mark, its length, a first part of 30 bytes or a little more, its kind. */
static bool is_arj(struct hn_bytes data)
{
    return data.len >= 34 && data.ptr[0] == 0x60 && data.ptr[1] == 0xEA && data.ptr[3] < 11 &&
           data.ptr[4] >= 30 && data.ptr[4] <= 60 && data.ptr[10] == 2;
}

/* The old form of LZMA has no magic: properties, a size of the dictionary that is a power of two,
 * and a size that is unknown or thinkable. */
static bool is_lzma(struct hn_bytes data)
{
    uint32_t dictionary;
    uint32_t high;

    if (data.len < 18 || data.ptr[0] != 0x5D || data.ptr[13] != 0)
        return false;
    dictionary = u32_at(data, 1);
    high = u32_at(data, 9);
    return dictionary >= 4096 && (dictionary & (dictionary - 1)) == 0 &&
           ((high == UINT32_MAX && u32_at(data, 5) == UINT32_MAX) || high == 0);
}

/* Apple's images end in a block that begins so, and says its own length. */
static bool is_dmg(struct hn_bytes data)
{
    return data.len >= 512 && memcmp(data.ptr + data.len - 512, "koly\0\0\0\4\0\0\2\0", 12) == 0;
}

/* Readers of PDF pass over what stands in front; the first bytes of a picture fool others. */
static bool is_pdf_behind_picture(struct hn_bytes data)
{
    struct hn_text tail = hn_bytes_as_text(data);

    return is_pdf(data) &&
           hn_text_find(hn_text_sub(tail, data.len > 1024 ? data.len - 1024 : 0, SIZE_MAX),
                   HN_TEXT("%%EOF"), 0) != SIZE_MAX;
}

enum dissect_format analyze_recognise(struct hn_bytes data, struct hn_text name)
{
    if (data.len == 0)
        return DISSECT_UNKNOWN;
    for (size_t i = 0; i < HN_COUNT_OF(magics); i++) {
        if (!fits(data, &magics[i]))
            continue;
        if (magics[i].format == DISSECT_OLE || magics[i].format == DISSECT_ZIP)
            return analyze_recognise_kind(data, magics[i].format);
        if (magics[i].format == DISSECT_IMAGE && is_pdf_behind_picture(data))
            return DISSECT_PDF;
        return magics[i].format;
    }
    if (is_program(data))
        return DISSECT_PE;
    if (is_rtf(data))
        return DISSECT_RTF;
    if (is_pdf(data))
        return DISSECT_PDF;
    if (is_bzip2(data))
        return DISSECT_BZIP2;
    if (is_bitmap(data) || is_icon(data))
        return DISSECT_IMAGE;
    if (is_fixed_vhd(data) || is_raw_disk(data))
        return DISSECT_VHD;
    if (is_dmg(data))
        return DISSECT_DMG;
    if (is_lha(data))
        return DISSECT_LHA;
    if (is_arj(data))
        return DISSECT_ARJ;
    if (is_lzma(data))
        return DISSECT_LZMA;
    if (is_jump_list(data))
        return DISSECT_JUMP_LIST;
    if (is_old_tar(data))
        return DISSECT_TAR;
    return analyze_recognise_text(data, name);
}
