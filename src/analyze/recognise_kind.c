/* recognise_kind.c - which kind of package a zip is, by the names in its directory, and which kind
 * of document a compound file is, by the names below its root.
 *
 * Names of what is embedded must not count: a plain zip may hold a stored document, a workbook a
 * document. Only the outermost directory is read, and only names; src/zip and src/ole read the
 * rest. */
#include "analyze/analyze_internal.h"

#include "base/attr.h"

#define ZIP_ENTRIES_MAX    20000u
#define ZIP_END_BYTES_MAX  ((size_t)65536 + 22)
#define OLE_ENTRIES_MAX    8192u
#define OLE_NAME_UNITS_MAX 31u
#define OLE_SECTORS_MAX    1024u /* of the directory */
#define OLE_NO_ENTRY       UINT32_MAX

static uint16_t u16_at(struct hn_bytes data, size_t offset)
{
    return (uint16_t)(data.ptr[offset] | data.ptr[offset + 1] << 8);
}

static uint32_t u32_at(struct hn_bytes data, size_t offset)
{
    return (uint32_t)u16_at(data, offset) | (uint32_t)u16_at(data, offset + 2) << 16;
}

/* ---- Zip ---- */

/* Names of parts; the first row that is there wins. */
static const struct {
    struct hn_text name;
    enum dissect_format format;
    bool prefix;
} parts[] = {
    { HN_TEXT_INIT("xl/workbook.bin"), DISSECT_XLSB, false },
    { HN_TEXT_INIT("word/document.xml"), DISSECT_DOCX, false },
    { HN_TEXT_INIT("xl/workbook.xml"), DISSECT_XLSX, false },
    { HN_TEXT_INIT("ppt/presentation.xml"), DISSECT_PPTX, false },
    { HN_TEXT_INIT("visio/document.xml"), DISSECT_VSDX, false },
    { HN_TEXT_INIT("META-INF/manifest.xml"), DISSECT_ODF, false }, /* with mimetype, see below */
    { HN_TEXT_INIT("word/"), DISSECT_DOCX, true },
    { HN_TEXT_INIT("xl/"), DISSECT_XLSX, true },
    { HN_TEXT_INIT("ppt/"), DISSECT_PPTX, true },
    { HN_TEXT_INIT("visio/"), DISSECT_VSDX, true },
};

struct zip_look {
    bool part[HN_COUNT_OF(parts)];
    bool content_types;
    bool mimetype;
};

static void look_at_name(struct zip_look *look, struct hn_text name)
{
    while (name.len > 0 && (name.ptr[0] == '/' || name.ptr[0] == '\\'))
        name = hn_text_sub(name, 1, SIZE_MAX);
    if (hn_text_eq_nocase(name, HN_TEXT("[Content_Types].xml")))
        look->content_types = true;
    if (hn_text_eq(name, HN_TEXT("mimetype")))
        look->mimetype = true;
    for (size_t i = 0; i < HN_COUNT_OF(parts); i++) {
        if (parts[i].prefix ? hn_text_starts_nocase(name, parts[i].name)
                            : hn_text_eq_nocase(name, parts[i].name))
            look->part[i] = true;
    }
}

/* Where the central directory begins; SIZE_MAX when there is no end record. */
static size_t directory_of(struct hn_bytes data)
{
    size_t least = data.len > ZIP_END_BYTES_MAX ? data.len - ZIP_END_BYTES_MAX : 0;

    for (size_t at = data.len >= 22 ? data.len - 22 : 0; at > least; at--) {
        if (memcmp(data.ptr + at, "PK\5\6", 4) == 0) {
            uint32_t size = u32_at(data, at + 12);

            /* By its size, not by its offset: bytes may stand in front of the archive. */
            return size <= at ? at - size : SIZE_MAX;
        }
    }
    return SIZE_MAX;
}

static bool look_at_directory(struct zip_look *look, struct hn_bytes data)
{
    size_t at = directory_of(data);
    uint32_t count = 0;

    while (at != SIZE_MAX && data.len >= 46 && at <= data.len - 46 && count < ZIP_ENTRIES_MAX &&
            memcmp(data.ptr + at, "PK\1\2", 4) == 0) {
        size_t name_len = u16_at(data, at + 28);

        look_at_name(look, hn_text_sub(hn_bytes_as_text(data), at + 46, name_len));
        at += 46 + name_len + u16_at(data, at + 30) + u16_at(data, at + 32);
        count++;
    }
    return count > 0;
}

/* The first entries, where the end is missing: by their local headers, as far as sizes are told. */
static void look_at_headers(struct zip_look *look, struct hn_bytes data)
{
    size_t at = 0;

    for (uint32_t count = 0; count < ZIP_ENTRIES_MAX; count++) {
        size_t name_len;
        size_t packed;

        if (data.len < 30 || at > data.len - 30 || memcmp(data.ptr + at, "PK\3\4", 4) != 0)
            return;
        name_len = u16_at(data, at + 26);
        packed = u32_at(data, at + 18);
        look_at_name(look, hn_text_sub(hn_bytes_as_text(data), at + 30, name_len));
        at += 30 + name_len + u16_at(data, at + 28) + packed;
    }
}

static enum dissect_format kind_of_zip(struct hn_bytes data)
{
    struct zip_look look = { 0 };
    bool content_types;

    if (!look_at_directory(&look, data))
        look_at_headers(&look, data);
    content_types = look.content_types;
    for (size_t i = 0; i < HN_COUNT_OF(parts); i++) {
        bool odf = parts[i].format == DISSECT_ODF;

        /* A plain archive may have a folder "word"; Word opens packages without content types
         * only where the main part is there. */
        if (look.part[i] && (odf ? look.mimetype : !parts[i].prefix || content_types))
            return parts[i].format;
    }
    return content_types ? DISSECT_OPC : DISSECT_ZIP;
}

/* ---- Compound files ---- */

static const struct {
    struct hn_text name;
    enum dissect_format format;
} streams[] = {
    { HN_TEXT_INIT("EncryptedPackage"), DISSECT_OFFICE_ENCRYPTED },
    { HN_TEXT_INIT("__properties_version1.0"), DISSECT_MSG },
    { HN_TEXT_INIT("WordDocument"), DISSECT_DOC },
    { HN_TEXT_INIT("PowerPoint Document"), DISSECT_PPT },
    { HN_TEXT_INIT("PP97_DUALSTORAGE"), DISSECT_PPT },
    { HN_TEXT_INIT("Workbook"), DISSECT_XLS },
    { HN_TEXT_INIT("Book"), DISSECT_XLS },
};

/* CLSIDs of installer packages, patches and transforms: 000C1084/6/2-0000-0000-C000-000000000046.
 */
static bool is_installer(const uint8_t clsid[16])
{
    static const uint8_t tail[] = { 0x10, 0x0C, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46 };

    return memcmp(clsid + 1, tail, sizeof tail) == 0 &&
           (clsid[0] == 0x84 || clsid[0] == 0x86 || clsid[0] == 0x82);
}

struct ole_look {
    struct hn_bytes data;
    size_t sector_bytes;
    uint32_t sectors[OLE_SECTORS_MAX]; /* of the directory */
    uint32_t sector_count;
};

/* The sector after this one; past the end when the FAT does not say. Only the part of the FAT that
 * the header lists is asked: 7 MB of a file, where directories nearly always are. */
static uint32_t next_sector(const struct ole_look *look, uint32_t sector)
{
    size_t per_sector = look->sector_bytes / 4;
    size_t index = sector / per_sector;
    uint32_t fat;
    size_t at;

    if (index >= 109)
        return UINT32_MAX;
    fat = u32_at(look->data, 76 + index * 4);
    at = ((size_t)fat + 1) * look->sector_bytes + sector % per_sector * 4;
    return at <= look->data.len - 4 ? u32_at(look->data, at) : UINT32_MAX;
}

static bool find_directory(struct ole_look *look)
{
    uint16_t shift = u16_at(look->data, 30);
    uint32_t sector = u32_at(look->data, 48);

    look->sector_bytes = (size_t)1 << (shift == 12 ? 12 : 9);
    while (look->sector_count < OLE_SECTORS_MAX) {
        if (((size_t)sector + 2) * look->sector_bytes > look->data.len + look->sector_bytes - 128)
            break;
        look->sectors[look->sector_count++] = sector;
        sector = next_sector(look, sector);
    }
    return look->sector_count > 0;
}

/* The entry's 128 bytes; NULL when it is not there. */
static const uint8_t *entry_at(const struct ole_look *look, uint32_t index)
{
    size_t per_sector = look->sector_bytes / 128;
    size_t at;

    if (index / per_sector >= look->sector_count)
        return NULL;
    at = ((size_t)look->sectors[index / per_sector] + 1) * look->sector_bytes +
         index % per_sector * 128;
    return at <= look->data.len - 128 ? look->data.ptr + at : NULL;
}

static enum dissect_format format_of_entry(const uint8_t *entry)
{
    char name[OLE_NAME_UNITS_MAX];
    size_t len = 0;

    while (len < OLE_NAME_UNITS_MAX && (entry[2 * len] != 0 || entry[2 * len + 1] != 0)) {
        name[len] = entry[2 * len + 1] == 0 && entry[2 * len] < 0x80 ? (char)entry[2 * len] : '?';
        len++;
    }
    for (size_t i = 0; i < HN_COUNT_OF(streams); i++)
        if (hn_text_eq_nocase(hn_text_of(name, len), streams[i].name))
            return streams[i].format;
    return DISSECT_UNKNOWN;
}

static size_t rank(enum dissect_format format)
{
    for (size_t i = 0; i < HN_COUNT_OF(streams); i++)
        if (streams[i].format == format)
            return i;
    return HN_COUNT_OF(streams);
}

static uint32_t link_of(const uint8_t *entry, size_t offset)
{
    return u32_at(hn_bytes_of(entry, 128), offset);
}

/* The best of the entries among the siblings below `first`. */
static enum dissect_format best_sibling(const struct ole_look *look, uint32_t first)
{
    uint32_t stack[64];
    size_t depth = 0;
    enum dissect_format best = DISSECT_UNKNOWN;

    stack[depth++] = first;
    for (uint32_t steps = 0; depth > 0 && steps < OLE_ENTRIES_MAX; steps++) {
        uint32_t index = stack[--depth];
        const uint8_t *entry = entry_at(look, index);
        enum dissect_format format;

        if (entry == NULL)
            continue;
        format = format_of_entry(entry);
        if (format != DISSECT_UNKNOWN && rank(format) < rank(best))
            best = format;
        for (size_t side = 68; side <= 72 && depth < HN_COUNT_OF(stack); side += 4)
            if (link_of(entry, side) != OLE_NO_ENTRY)
                stack[depth++] = link_of(entry, side);
    }
    return best;
}

static enum dissect_format kind_of_ole(struct hn_bytes data)
{
    struct ole_look look = { .data = data };
    const uint8_t *root;
    enum dissect_format format;
    uint32_t count;

    if (data.len < 1024 || !find_directory(&look))
        return DISSECT_OLE;
    root = entry_at(&look, 0);
    if (root != NULL && is_installer(root + 80))
        return DISSECT_MSI;
    format = root != NULL ? best_sibling(&look, link_of(root, 76)) : DISSECT_UNKNOWN;
    /* The tree may be broken on purpose; Office finds the stream all the same. */
    count = look.sector_count * (uint32_t)(look.sector_bytes / 128);
    for (uint32_t i = 0; format == DISSECT_UNKNOWN && i < count && i < OLE_ENTRIES_MAX; i++) {
        const uint8_t *entry = entry_at(&look, i);

        if (entry != NULL)
            format = format_of_entry(entry);
    }
    return format != DISSECT_UNKNOWN ? format : DISSECT_OLE;
}

enum dissect_format analyze_recognise_kind(struct hn_bytes data, enum dissect_format outer)
{
    return outer == DISSECT_ZIP ? kind_of_zip(data) : kind_of_ole(data);
}
