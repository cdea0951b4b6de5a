/* zip_header.c - reads one local or central header (APPNOTE 4.3.7, 4.3.12) with the extra fields
 * that change its meaning: zip64 (4.5.3), WinZip AES, Unicode path (4.6.9). */
#include "zip/zip_internal.h"

#include "base/crc32.h"
#include "base/reader.h"
#include "base/utf.h"

#define EXTRA_ZIP64        0x0001u
#define EXTRA_UNICODE_PATH 0x7075u
#define EXTRA_AES          0x9901u

/* Values that do not fit 32 bits stand here, in this order, and only those. */
static void read_zip64(struct zip_header *header, struct hn_reader r, bool central)
{
    if (header->size == UINT32_MAX && hn_reader_left(&r) >= 8)
        header->size = hn_reader_u64(&r);
    if (header->packed_size == UINT32_MAX && hn_reader_left(&r) >= 8)
        header->packed_size = hn_reader_u64(&r);
    if (central && header->offset == UINT32_MAX && hn_reader_left(&r) >= 8)
        header->offset = hn_reader_u64(&r);
}

static void read_aes(struct zip_header *header, struct hn_reader r)
{
    uint16_t version = hn_reader_u16(&r);
    uint16_t vendor = hn_reader_u16(&r);
    uint8_t strength = hn_reader_u8(&r);
    uint16_t method = hn_reader_u16(&r);

    if (!hn_reader_ok(&r) || vendor != 0x4541u || strength < 1 || strength > 3 ||
            header->method != ZIP_METHOD_AES)
        return;
    header->aes_version = version;
    header->aes_strength = strength;
    header->method = method;
}

static void read_unicode_path(struct zip_header *header, struct hn_reader r)
{
    uint8_t version = hn_reader_u8(&r);
    uint32_t crc = hn_reader_u32(&r);
    struct hn_bytes name = hn_reader_take(&r, hn_reader_left(&r));

    if (!hn_reader_ok(&r) || version != 1 || name.len == 0 || !hn_utf8_valid(name) ||
            crc != hn_crc32(0, hn_text_as_bytes(header->name)))
        return;
    header->name = hn_bytes_as_text(name);
    header->name_utf8 = true;
}

static void read_extra(struct zip_header *header, struct hn_bytes extra, bool central)
{
    struct hn_reader r = hn_reader_over(extra);

    while (hn_reader_left(&r) >= 4) {
        uint16_t id = hn_reader_u16(&r);
        uint16_t len = hn_reader_u16(&r);
        struct hn_reader field = hn_reader_over(hn_reader_take(&r, len));

        if (!hn_reader_ok(&r))
            return;
        if (id == EXTRA_ZIP64)
            read_zip64(header, field, central);
        else if (id == EXTRA_AES)
            read_aes(header, field);
        else if (id == EXTRA_UNICODE_PATH)
            read_unicode_path(header, field);
    }
}

static bool starts(struct hn_bytes bytes, size_t offset, uint32_t signature, size_t len)
{
    return offset <= bytes.len && bytes.len - offset >= len &&
           hn_load_u32(bytes.ptr + offset) == signature;
}

bool zip_header_local(struct hn_bytes bytes, size_t offset, struct zip_header *ret_header)
{
    struct hn_reader r = hn_reader_over(bytes);
    struct zip_header header = { 0 };
    uint16_t name_len;
    uint16_t extra_len;
    struct hn_bytes extra;

    if (!starts(bytes, offset, ZIP_SIGNATURE_LOCAL, ZIP_LOCAL_BYTES))
        return false;
    hn_reader_seek(&r, offset + 6);
    header.flags = hn_reader_u16(&r);
    header.method = hn_reader_u16(&r);
    header.dos_time = hn_reader_u32(&r);
    header.crc = hn_reader_u32(&r);
    header.packed_size = hn_reader_u32(&r);
    header.size = hn_reader_u32(&r);
    name_len = hn_reader_u16(&r);
    extra_len = hn_reader_u16(&r);
    header.name = hn_bytes_as_text(hn_reader_take(&r, name_len));
    extra = hn_reader_take(&r, extra_len);
    if (!hn_reader_ok(&r))
        return false;
    header.name_utf8 = (header.flags & ZIP_FLAG_UTF8) != 0;
    header.end = hn_reader_offset(&r);
    read_extra(&header, extra, false);
    *ret_header = header;
    return true;
}

bool zip_header_central(struct hn_bytes bytes, size_t offset, struct zip_header *ret_header)
{
    struct hn_reader r = hn_reader_over(bytes);
    struct zip_header header = { 0 };
    uint16_t name_len;
    uint16_t extra_len;
    uint16_t comment_len;
    struct hn_bytes extra;

    if (!starts(bytes, offset, ZIP_SIGNATURE_CENTRAL, ZIP_CENTRAL_BYTES))
        return false;
    hn_reader_seek(&r, offset + 8);
    header.flags = hn_reader_u16(&r);
    header.method = hn_reader_u16(&r);
    header.dos_time = hn_reader_u32(&r);
    header.crc = hn_reader_u32(&r);
    header.packed_size = hn_reader_u32(&r);
    header.size = hn_reader_u32(&r);
    name_len = hn_reader_u16(&r);
    extra_len = hn_reader_u16(&r);
    comment_len = hn_reader_u16(&r);
    hn_reader_skip(&r, 4); /* first disk, internal attributes */
    header.attributes = hn_reader_u32(&r);
    header.offset = hn_reader_u32(&r);
    header.name = hn_bytes_as_text(hn_reader_take(&r, name_len));
    extra = hn_reader_take(&r, extra_len);
    if (!hn_reader_ok(&r))
        return false;
    /* A comment that leaves the file is no reason to lose the entry. */
    hn_reader_skip(&r, comment_len <= hn_reader_left(&r) ? comment_len : hn_reader_left(&r));
    header.name_utf8 = (header.flags & ZIP_FLAG_UTF8) != 0;
    header.end = hn_reader_offset(&r);
    read_extra(&header, extra, true);
    *ret_header = header;
    return true;
}
