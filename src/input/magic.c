/* magic.c - what is an archive and what is not: by unmistakable bytes only, because a log must
 * never be taken for one. File names are not looked at. */
#include "input/magic.h"

static const struct {
    const char *bytes;
    uint8_t len;
    uint8_t offset;
    enum magic magic;
} signatures[] = {
    { "\x1F\x8B\x08", 3, 0, MAGIC_STREAM },       /* gzip */
    { "\xFD\x37zXZ\0", 6, 0, MAGIC_STREAM },      /* xz */
    { "\x28\xB5\x2F\xFD", 4, 0, MAGIC_STREAM },   /* zstd */
    { "\x04\x22\x4D\x18", 4, 0, MAGIC_STREAM },   /* lz4 frame */
    { "LZIP\x01", 5, 0, MAGIC_STREAM },           /* lzip */
    { "\x1F\x9D\x90", 3, 0, MAGIC_STREAM },       /* compress, 16 bits in blocks */
    { "PK\x03\x04", 4, 0, MAGIC_SEEK },           /* zip */
    { "PK\x05\x06", 4, 0, MAGIC_SEEK },           /* zip without entries */
    { "PK\x07\x08", 4, 0, MAGIC_SEEK },           /* zip of several parts */
    { "7z\xBC\xAF\x27\x1C", 6, 0, MAGIC_SEEK },   /* 7-Zip */
    { "Rar!\x1A\x07\x00", 7, 0, MAGIC_SEEK },     /* rar 4 */
    { "Rar!\x1A\x07\x01\x00", 8, 0, MAGIC_SEEK }, /* rar 5 */
    { "MSCF\0\0\0\0", 8, 0, MAGIC_SEEK },         /* cab */
    { "070701", 6, 0, MAGIC_TAR },                /* cpio, new ASCII */
    { "070702", 6, 0, MAGIC_TAR },                /* cpio, with checksum */
    { "070707", 6, 0, MAGIC_TAR },                /* cpio, old ASCII */
};

static bool has(struct hn_bytes head, size_t offset, const char *bytes, size_t len)
{
    return head.len >= offset + len && memcmp(head.ptr + offset, bytes, len) == 0;
}

/* "BZh9" is four letters a log may start with; what follows is the first block's or the end's mark.
 */
static bool is_bzip2(struct hn_bytes head)
{
    return has(head, 0, "BZh", 3) && head.len >= 10 && head.ptr[3] >= '1' && head.ptr[3] <= '9' &&
           (has(head, 4, "1AY&SY", 6) || has(head, 4, "\x17\x72\x45\x38\x50\x90", 6));
}

/* "-lh5-", "-lz4-", "-lhd-" */
static bool is_lha(struct hn_bytes head)
{
    return has(head, 2, "-l", 2) && head.len >= 21 && (head.ptr[4] == 'h' || head.ptr[4] == 'z') &&
           head.ptr[6] == '-' && head.ptr[20] <= 2;
}

static bool is_octal(const uint8_t *ptr, size_t len, uint32_t *ret_value)
{
    uint32_t value = 0;
    size_t digits = 0;

    for (size_t i = 0; i < len; i++) {
        if (ptr[i] >= '0' && ptr[i] <= '7') {
            value = value * 8 + (uint32_t)(ptr[i] - '0');
            digits++;
        } else if (ptr[i] != ' ' && ptr[i] != '\0') {
            return false;
        }
    }
    *ret_value = value;
    return digits > 0;
}

/* A tar header carries its own checksum: the sum of its bytes with the checksum taken as spaces. */
static bool is_tar(struct hn_bytes head)
{
    uint32_t wanted;
    uint32_t sum = 0;

    if (head.len < 512 || head.ptr[0] == '\0' || !is_octal(head.ptr + 148, 8, &wanted))
        return false;
    for (size_t i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? ' ' : head.ptr[i];
    return sum == wanted;
}

enum magic magic_of(struct hn_bytes head)
{
    for (size_t i = 0; i < HN_COUNT_OF(signatures); i++) {
        if (has(head, signatures[i].offset, signatures[i].bytes, signatures[i].len))
            return signatures[i].magic;
    }
    if (is_bzip2(head))
        return MAGIC_STREAM;
    if (is_lha(head))
        return MAGIC_SEEK;
    return is_tar(head) ? MAGIC_TAR : MAGIC_NONE;
}
