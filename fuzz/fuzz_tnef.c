/* fuzz: mail */
/* fuzz_tnef.c - winmail.dat.
 *
 * Oracle: mail_oracle.h; and an attachment of the bytes that is put behind whatever attributes
 * there are in front is found. */
#include "mail_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_u32(struct hn_buf *out, uint32_t value)
{
    for (unsigned shift = 0; shift < 32; shift += 8)
        hn_buf_add_char(out, (char)(value >> shift & 0xFF));
}

static void attribute(struct hn_buf *out, uint32_t id, struct hn_bytes data)
{
    hn_buf_add_char(out, 2);
    put_u32(out, id);
    put_u32(out, (uint32_t)data.len);
    hn_buf_add(out, data.ptr, data.len);
    hn_buf_add_lit(out, "\0\0"); /* a wrong checksum is a note */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_bytes bytes = hn_bytes_of(data, size);
    struct hn_buf file = { 0 };

    mail_oracle(DISSECT_TNEF, bytes);
    if (size == 0)
        return 0;
    put_u32(&file, 0x223E9F78);
    hn_buf_add_lit(&file, "\1\0");
    attribute(&file, 0x00069002, hn_bytes_of("12345678901234", 14));
    attribute(&file, 0x00018010, hn_bytes_of("a\0", 2));
    attribute(&file, 0x0006800F, bytes);
    mail_oracle_has(DISSECT_TNEF, hn_text_as_bytes(hn_buf_text(&file)), HN_TEXT("a"), bytes);
    hn_buf_deinit(&file);
    return 0;
}
