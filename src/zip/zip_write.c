/* zip_write.c - archives with a password, entry by entry to a sink (APPNOTE 6.3.10: 4.3, 6.1). */
#define ZLIB_CONST
#include "zip/zip_internal.h"

#include "base/crc32.h"
#include "base/mem.h"

#include <openssl/rand.h>
#include <zlib.h>

#define ENTRIES_MAX    65534u
#define BYTES_MAX      ((uint64_t)UINT32_MAX)
#define CRYPT_BYTES    12u
#define DEFLATE        8u
#define FLAG_ENCRYPTED 0x0001u
#define FLAG_UTF8      0x0800u
#define VERSION        20u
#define DOS_DATE       0x0021u /* 1 January 1980: when a sample was packed says nothing */
#define RAW_WINDOW     (-15)
#define MEMORY_LEVEL   8

static void put(struct hn_buf *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hn_buf_add_char(out, (char)(value >> (8 * i) & 0xFFu));
}

static bool deflate_all(struct hn_bytes data, struct hn_buf *out)
{
    z_stream stream = { 0 };
    bool ok = deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, RAW_WINDOW, MEMORY_LEVEL,
                      Z_DEFAULT_STRATEGY) == Z_OK;
    size_t bound;

    if (!ok)
        return false;
    bound = deflateBound(&stream, data.len);
    ok = bound <= UINT32_MAX && hn_buf_reserve(out, bound + 1);
    if (ok) {
        stream.next_in = data.len > 0 ? data.ptr : (const uint8_t *)"";
        stream.avail_in = (uInt)data.len;
        stream.next_out = (Bytef *)out->ptr + out->len;
        stream.avail_out = (uInt)bound + 1;
        ok = deflate(&stream, Z_FINISH) == Z_STREAM_END;
        out->len += stream.total_out;
    }
    (void)deflateEnd(&stream);
    return ok;
}

/* What local and central headers have alike, from the version on. */
static void put_common(struct hn_buf *out, uint32_t crc, size_t packed, size_t size, size_t name)
{
    put(out, VERSION, 2);
    put(out, FLAG_ENCRYPTED | FLAG_UTF8, 2);
    put(out, DEFLATE, 2);
    put(out, 0, 2);
    put(out, DOS_DATE, 2);
    put(out, crc, 4);
    put(out, packed, 4);
    put(out, size, 4);
    put(out, name, 2);
    put(out, 0, 2);
}

static enum hn_status send(struct zip_write *write, const struct hn_buf *bytes)
{
    if (!hn_buf_ok(bytes))
        return bytes->status;
    if (!write->sink(write->ctx, hn_text_as_bytes(hn_buf_text(bytes))))
        return HN_IO;
    write->offset += bytes->len;
    return HN_OK;
}

/* The entry's contents as they will stand in the archive. */
static bool pack(struct hn_bytes data, uint32_t crc, struct hn_text password, struct hn_buf *out)
{
    uint8_t header[CRYPT_BYTES];

    if (RAND_bytes(header, (int)sizeof header) != 1)
        return false;
    header[CRYPT_BYTES - 1] = (uint8_t)(crc >> 24); /* what tells a wrong password */
    hn_buf_add(out, header, sizeof header);
    if (!hn_buf_ok(out) || !deflate_all(data, out))
        return false;
    zip_encrypt(password, (uint8_t *)out->ptr, out->len);
    return true;
}

enum hn_status zip_write_add(
        struct zip_write *write, struct hn_text name, struct hn_bytes data, struct hn_text password)
{
    uint32_t crc = hn_crc32(0, data);
    struct hn_buf packed = { 0 };
    struct hn_buf local = { 0 };
    uint64_t at = write->offset;

    if (write->status != HN_OK)
        return write->status;
    if (write->count >= ENTRIES_MAX || name.len > UINT16_MAX || data.len > BYTES_MAX / 2 ||
            at > BYTES_MAX - data.len - data.len / 8 - name.len - write->central.len - 65536) {
        return HN_LIMIT; /* what is in it stays good */
    }
    if (!pack(data, crc, password, &packed)) {
        write->status = HN_NOMEM;
    } else {
        put(&local, 0x04034b50, 4);
        put_common(&local, crc, packed.len, data.len, name.len);
        hn_buf_add_text(&local, name);
        put(&write->central, 0x02014b50, 4);
        put(&write->central, VERSION, 2);
        put_common(&write->central, crc, packed.len, data.len, name.len);
        put(&write->central, 0, 2); /* comment */
        put(&write->central, 0, 8); /* disk, attributes */
        put(&write->central, at, 4);
        hn_buf_add_text(&write->central, name);
        write->count++;
        write->status = send(write, &local);
        if (write->status == HN_OK)
            write->status = send(write, &packed);
        if (write->status == HN_OK)
            write->status = write->central.status;
    }
    hn_buf_deinit(&local);
    hn_buf_deinit(&packed);
    return write->status;
}

enum hn_status zip_write_end(struct zip_write *write)
{
    uint64_t at = write->offset;
    size_t len = write->central.len;

    put(&write->central, 0x06054b50, 4);
    put(&write->central, 0, 4);
    put(&write->central, write->count, 2);
    put(&write->central, write->count, 2);
    put(&write->central, len, 4);
    put(&write->central, at, 4);
    put(&write->central, 0, 2);
    if (write->status == HN_OK)
        write->status = send(write, &write->central);
    hn_buf_deinit(&write->central);
    return write->status;
}
