/* zip_read.c - the bytes of an entry: decrypted, unpacked, checked. */
#include "zip/zip_internal.h"

#include "base/crc32.h"
#include "base/mem.h"

#include <assert.h>
#include <limits.h>
#define ZLIB_CONST
#include <zlib.h>

#define PIECE ((size_t)128 << 10)

const char *zip_method_name(uint16_t method)
{
    static const struct {
        uint16_t method;
        const char *name;
    } names[] = {
        { 0, "stored" },
        { 1, "shrink" },
        { 2, "reduce 1" },
        { 3, "reduce 2" },
        { 4, "reduce 3" },
        { 5, "reduce 4" },
        { 6, "implode" },
        { 8, "deflate" },
        { 9, "deflate64" },
        { 10, "pkware implode" },
        { 12, "bzip2" },
        { 14, "lzma" },
        { 16, "z/OS" },
        { 18, "terse" },
        { 19, "lz77" },
        { 20, "zstd (old number)" },
        { 93, "zstd" },
        { 94, "mp3" },
        { 95, "xz" },
        { 96, "jpeg" },
        { 97, "wavpack" },
        { 98, "ppmd" },
        { 99, "aes" },
    };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++)
        if (names[i].method == method)
            return names[i].name;
    return "an unknown method";
}

static bool is_known(uint16_t method)
{
    return method == ZIP_METHOD_STORED || method == ZIP_METHOD_DEFLATE ||
           method == ZIP_METHOD_DEFLATE64;
}

/* False: damaged, or out of memory, or the gatherer stopped. */
static bool inflate_into(struct hn_bytes packed, struct zip_gather *gather, bool *ret_nomem)
{
    uint8_t *piece = hn_malloc(PIECE);
    z_stream stream = { 0 };
    int status = Z_OK;

    *ret_nomem = piece == NULL || inflateInit2(&stream, -MAX_WBITS) != Z_OK;
    if (*ret_nomem) {
        hn_free(piece);
        return false;
    }
    stream.next_in = packed.ptr;
    while (status == Z_OK) {
        size_t done = (size_t)(stream.next_in - packed.ptr);
        size_t left = packed.len - done;

        stream.avail_in = left > UINT_MAX ? UINT_MAX : (uInt)left;
        stream.next_out = piece;
        stream.avail_out = (uInt)PIECE;
        status = inflate(&stream, Z_NO_FLUSH);
        if (!zip_gather_add(gather, hn_bytes_of(piece, PIECE - stream.avail_out)))
            break;
        if (status == Z_MEM_ERROR)
            *ret_nomem = true;
    }
    (void)inflateEnd(&stream);
    hn_free(piece);
    return status == Z_STREAM_END && !gather->stopped;
}

/* In pieces, so that runs are seen. */
static bool copy_into(struct hn_bytes packed, struct zip_gather *gather)
{
    for (size_t done = 0; done < packed.len; done += PIECE) {
        size_t piece = packed.len - done < PIECE ? packed.len - done : PIECE;

        if (!zip_gather_add(gather, hn_bytes_of(packed.ptr + done, piece)))
            return false;
    }
    return true;
}

static bool unpack(
        uint16_t method, struct hn_bytes packed, struct zip_gather *gather, bool *ret_nomem)
{
    *ret_nomem = false;
    if (method == ZIP_METHOD_DEFLATE)
        return inflate_into(packed, gather, ret_nomem);
    if (method == ZIP_METHOD_DEFLATE64)
        return zip_inflate64(packed, gather, ret_nomem);
    return copy_into(packed, gather);
}

/* The checksum with the run that was left out. */
static uint32_t crc_of(struct hn_bytes bytes, uint64_t padding)
{
    uint8_t run[4096];
    uint32_t crc = hn_crc32(0, bytes);

    memset(run, bytes.len > 0 ? bytes.ptr[bytes.len - 1] : 0, sizeof run);
    while (padding > 0) {
        size_t piece = padding < sizeof run ? (size_t)padding : sizeof run;

        crc = hn_crc32(crc, hn_bytes_of(run, piece));
        padding -= piece;
    }
    return crc;
}

/* AE-2 has no checksum of the contents, only the authentication code. */
static bool is_crc_right(const struct zip_slot *slot, struct hn_bytes bytes, uint64_t padding)
{
    return (slot->aes_strength != 0 && slot->aes_version == 2) ||
           crc_of(bytes, padding) == slot->entry.crc ||
           ((slot->flags & ZIP_FLAG_DESCRIPTOR) != 0 && slot->entry.crc == 0 &&
                   (slot->entry.odd & ZIP_ODD_LOCAL_ONLY) != 0);
}

/* A stored entry in the clear is where it is; one that is mostly a run is cut. */
static enum hn_status view(const struct zip_file *file, struct zip_slot *slot,
        struct hn_bytes packed, struct hn_bytes *ret_bytes)
{
    enum hn_status status = HN_OK;

    if (packed.len > slot->entry.size && slot->entry.size > 0)
        packed.len = (size_t)slot->entry.size;
    if (!is_crc_right(slot, packed, 0))
        slot->entry.odd |= ZIP_ODD_CRC;
    if (packed.len > file->limits.entry_bytes_max) {
        size_t run = 1;

        while (run < packed.len && packed.ptr[packed.len - 1 - run] == packed.ptr[packed.len - 1])
            run++;
        if (run > ZIP_RUN_BYTES) {
            slot->entry.padding = run - ZIP_RUN_BYTES;
            slot->entry.odd |= ZIP_ODD_PADDED;
            packed.len -= run - ZIP_RUN_BYTES;
        }
    }
    if (packed.len > file->limits.entry_bytes_max) {
        packed.len = (size_t)file->limits.entry_bytes_max;
        slot->entry.odd |= ZIP_ODD_LIMIT;
        status = HN_LIMIT;
    }
    *ret_bytes = packed;
    return status;
}

static enum hn_status read_packed(const struct zip_file *file, struct zip_slot *slot,
        uint16_t method, struct hn_bytes packed, struct zip_gather *gather)
{
    struct hn_bytes bytes;
    bool nomem;
    bool whole;
    enum hn_status status;

    gather->bytes_max = file->limits.entry_bytes_max;
    gather->padded_bytes_max = file->limits.padded_bytes_max;
    gather->packed_bytes = packed.len;
    if (packed.len > 0 && slot->entry.size / packed.len <= 200)
        gather->expected = slot->entry.size;
    whole = unpack(method, packed, gather, &nomem);
    slot->entry.padding = 0;
    status = zip_gather_end(gather, &bytes, &slot->entry.padding);
    if (nomem)
        return HN_NOMEM;
    if (slot->entry.padding > 0)
        slot->entry.odd |= ZIP_ODD_PADDED;
    if (status != HN_OK) {
        slot->entry.odd |= status == HN_LIMIT ? ZIP_ODD_LIMIT : 0;
        return status;
    }
    if (!whole)
        slot->entry.odd |= ZIP_ODD_TRUNCATED;
    if (bytes.len + slot->entry.padding != slot->entry.size &&
            (slot->flags & ZIP_FLAG_DESCRIPTOR) == 0)
        slot->entry.odd |= ZIP_ODD_SIZE;
    if (!is_crc_right(slot, bytes, slot->entry.padding))
        slot->entry.odd |= ZIP_ODD_CRC;
    return HN_OK;
}

/* A password of the traditional kind passes its check one time in 256 although it is wrong; then
 * what comes out is damaged. */
static enum hn_status read_encrypted(const struct zip_file *file, struct zip_slot *slot,
        uint16_t method, struct hn_text password, struct zip_gather *gather)
{
    struct hn_bytes packed =
            hn_bytes_of(file->bytes.ptr + slot->data_offset, (size_t)slot->data_len);
    uint32_t odd = slot->entry.odd;
    uint8_t *owned = NULL;
    bool authentic = true;
    enum hn_status status;

    if (password.ptr == NULL)
        return HN_NOTFOUND;
    status = zip_decrypt(slot, packed, password, &packed, &owned, &authentic);
    if (status == HN_TRUNCATED) {
        slot->entry.odd |= ZIP_ODD_TRUNCATED;
        return HN_OK;
    }
    if (status != HN_OK)
        return status;
    slot->entry.odd &= ~(uint32_t)(ZIP_ODD_CRC | ZIP_ODD_TRUNCATED);
    status = read_packed(file, slot, method, packed, gather);
    hn_free(owned);
    if (status == HN_OK && (slot->entry.odd & (ZIP_ODD_CRC | ZIP_ODD_TRUNCATED)) != 0 &&
            (odd & ZIP_ODD_TRUNCATED) == 0 && (slot->aes_strength == 0 || !authentic)) {
        slot->entry.odd = odd;
        return HN_NOTFOUND;
    }
    slot->entry.odd |= odd;
    if (!authentic)
        slot->entry.odd |= ZIP_ODD_CRC;
    return status;
}

static enum hn_status choose_method(
        const struct zip_slot *slot, uint16_t *ret_method, struct hn_err *err)
{
    *ret_method = is_known(slot->entry.method) ? slot->entry.method : slot->local_method;
    if ((slot->flags & ZIP_FLAG_STRONG) != 0)
        return hn_fail(err, HN_UNSUPPORTED, slot->entry.offset, "strong encryption of PKWARE");
    if (!is_known(*ret_method))
        return hn_fail(err, HN_UNSUPPORTED, slot->entry.offset, "%s (method %u)",
                zip_method_name(slot->entry.method), slot->entry.method);
    return HN_OK;
}

/* NOLINTNEXTLINE(readability-function-size): the header promises these parameters */
enum hn_status zip_read(struct zip_file *file, uint32_t index, struct hn_text password,
        zip_allow *allow, void *ctx, struct hn_bytes *ret_bytes, struct hn_err *err)
{
    struct zip_gather gather = { .arena = file->arena, .allow = allow, .ctx = ctx };
    struct zip_slot *slot;
    struct hn_bytes packed;
    uint16_t method;
    enum hn_status status;

    assert(index < file->slots.count);
    slot = &file->slots.ptr[index];
    *ret_bytes = hn_bytes_of("", 0);
    if (slot->data_offset == UINT64_MAX) {
        slot->entry.odd |= ZIP_ODD_TRUNCATED;
        return HN_OK;
    }
    status = choose_method(slot, &method, err);
    if (status != HN_OK)
        return status;
    packed = hn_bytes_of(file->bytes.ptr + slot->data_offset, (size_t)slot->data_len);
    if (slot->entry.encrypted)
        status = read_encrypted(file, slot, method, password, &gather);
    else if (method == ZIP_METHOD_STORED)
        return view(file, slot, packed, ret_bytes);
    else
        status = read_packed(file, slot, method, packed, &gather);
    if (gather.len > 0 && (status == HN_OK || status == HN_LIMIT))
        *ret_bytes = hn_bytes_of(gather.ptr, gather.len);
    if (status == HN_NOTFOUND)
        return hn_fail(err, status, slot->entry.offset, "encrypted, and the password does not fit");
    if (status == HN_LIMIT)
        return hn_fail(err, status, slot->entry.offset, "larger than a limit");
    if (status != HN_OK)
        return hn_fail(err, status, slot->entry.offset, "out of memory");
    return HN_OK;
}
