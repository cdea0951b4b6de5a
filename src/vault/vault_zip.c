/* vault_zip.c - a zip with one stored file under traditional encryption (APPNOTE.TXT 6.1). */
#include "vault/vault.h"

#include <string.h>
#include <sys/random.h>
#include <zlib.h>

#define HEAD_BYTES 12
#define NAME_BYTES ((size_t)128)
#define FLAGS      0x0801u /* encrypted; the name is UTF-8 */

struct keys {
    uint32_t a;
    uint32_t b;
    uint32_t c;
};

static uint32_t crc_step(uint32_t crc, uint8_t byte)
{
    const z_crc_t *table = get_crc_table();

    return (uint32_t)table[(crc ^ byte) & 0xFF] ^ (crc >> 8);
}

HN_WRAPS static void keys_update(struct keys *keys, uint8_t plain)
{
    keys->a = crc_step(keys->a, plain);
    keys->b = (keys->b + (keys->a & 0xFF)) * 134775813u + 1;
    keys->c = crc_step(keys->c, (uint8_t)(keys->b >> 24));
}

HN_WRAPS static uint8_t encrypt(struct keys *keys, uint8_t plain)
{
    uint32_t t = (keys->c | 2) & 0xFFFF;
    uint8_t stream = (uint8_t)((t * (t ^ 1)) >> 8);

    keys_update(keys, plain);
    return (uint8_t)(plain ^ stream);
}

static void add_u16(struct hn_buf *out, uint32_t value)
{
    hn_buf_add_char(out, (char)(value & 0xFF));
    hn_buf_add_char(out, (char)(value >> 8 & 0xFF));
}

static void add_u32(struct hn_buf *out, uint32_t value)
{
    add_u16(out, value & 0xFFFF);
    add_u16(out, value >> 16);
}

/* What local and central head have in common, from "version needed" on. */
static void add_common(struct hn_buf *out, uint32_t crc, uint32_t size, struct hn_text name)
{
    add_u16(out, 20);
    add_u16(out, FLAGS);
    add_u16(out, 0);          /* stored */
    add_u32(out, 0x00210000); /* 1980-01-01: the same bytes give nearly the same zip */
    add_u32(out, crc);
    add_u32(out, size + HEAD_BYTES);
    add_u32(out, size);
    add_u16(out, (uint32_t)name.len);
    add_u16(out, 0);
}

static void add_content(
        struct hn_buf *out, uint32_t crc, struct hn_bytes bytes, const uint8_t *noise)
{
    struct keys keys = { 0x12345678, 0x23456789, 0x34567890 };

    for (const char *c = VAULT_ZIP_SECRET; *c != '\0'; c++)
        keys_update(&keys, (uint8_t)*c);
    for (size_t i = 0; i < HEAD_BYTES - 1; i++)
        hn_buf_add_char(out, (char)encrypt(&keys, noise[i]));
    hn_buf_add_char(out, (char)encrypt(&keys, (uint8_t)(crc >> 24)));
    for (size_t i = 0; i < bytes.len; i++)
        hn_buf_add_char(out, (char)encrypt(&keys, bytes.ptr[i]));
}

enum hn_status vault_zip(
        struct hn_text name, struct hn_bytes bytes, struct hn_buf *out, struct hn_err *err)
{
    struct hn_text kept = hn_text_sub(name, 0, NAME_BYTES);
    size_t room = bytes.len + VAULT_ZIP_EXTRA + 2 * kept.len;
    uint8_t noise[HEAD_BYTES];
    size_t start = out->len;
    uint32_t crc;
    size_t central;
    size_t end;

    if (bytes.len > VAULT_FILE_MAX)
        return hn_fail(err, HN_LIMIT, 0, "too large for a zip");
    if (!hn_buf_reserve(out, room) || getentropy(noise, sizeof noise) != 0)
        return hn_fail(err, HN_NOMEM, 0, "no memory for a zip of %zu bytes", bytes.len);
    crc = (uint32_t)crc32_z(0, bytes.ptr, bytes.len);
    add_u32(out, 0x04034b50);
    add_common(out, crc, (uint32_t)bytes.len, kept);
    hn_buf_add_text(out, kept);
    add_content(out, crc, bytes, noise);
    central = out->len - start;
    add_u32(out, 0x02014b50);
    add_u16(out, 0x0314); /* made on Unix: so that the mode below counts */
    add_common(out, crc, (uint32_t)bytes.len, kept);
    add_u16(out, 0); /* comment */
    add_u16(out, 0); /* disk */
    add_u16(out, 0);
    add_u32(out, 0100600u << 16);
    add_u32(out, 0); /* offset of the local head */
    hn_buf_add_text(out, kept);
    end = out->len - start;
    add_u32(out, 0x06054b50);
    add_u32(out, 0);
    add_u16(out, 1);
    add_u16(out, 1);
    add_u32(out, (uint32_t)(end - central));
    add_u32(out, (uint32_t)central);
    add_u16(out, 0);
    return hn_buf_ok(out) ? HN_OK : hn_fail(err, HN_NOMEM, 0, "zip");
}
