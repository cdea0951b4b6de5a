/* crc_tables.c - slicing by eight. */
#include "base/crc_tables.h"

void hn_crc_tables_init(struct hn_crc_tables *tables, uint32_t polynomial)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;

        for (int bit = 0; bit < 8; bit++)
            crc = (crc >> 1) ^ (polynomial & (0u - (crc & 1u)));
        tables->of[0][i] = crc;
    }
    for (uint32_t i = 0; i < 256; i++) {
        for (size_t t = 1; t < 8; t++) {
            uint32_t before = tables->of[t - 1][i];

            tables->of[t][i] = (before >> 8) ^ tables->of[0][before & 0xFF];
        }
    }
}

uint32_t hn_crc_tables_update(
        const struct hn_crc_tables *tables, uint32_t crc, struct hn_bytes bytes)
{
    const uint32_t(*of)[256] = tables->of;
    const uint8_t *p = bytes.ptr;
    size_t len = bytes.len;

    for (; len >= 8; len -= 8, p += 8) {
        uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                                     (uint32_t)p[3] << 24);

        crc = of[7][low & 0xFF] ^ of[6][low >> 8 & 0xFF] ^ of[5][low >> 16 & 0xFF] ^
              of[4][low >> 24] ^ of[3][p[4]] ^ of[2][p[5]] ^ of[1][p[6]] ^ of[0][p[7]];
    }
    for (; len > 0; len--, p++)
        crc = (crc >> 8) ^ of[0][(crc ^ *p) & 0xFF];
    return crc;
}
