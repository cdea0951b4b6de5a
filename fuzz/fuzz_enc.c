/* fuzz: base */
/* fuzz_enc.c - any text as hex, base64 and percent encoding.
 *
 * Oracle: what decodes, encoded and decoded again, gives the same bytes; a refusal appends nothing;
 * encoding any bytes decodes to them. */
#include "base/enc.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_base64(struct hn_text text)
{
    struct hn_buf code = { 0 };
    struct hn_buf back = { 0 };

    hn_base64_encode(&code, hn_text_as_bytes(text));
    assert(hn_base64_decode(&back, hn_buf_text(&code)));
    assert(hn_text_eq(hn_buf_text(&back), text));
    hn_buf_deinit(&code);
    hn_buf_deinit(&back);
}

static void check_hex(struct hn_text text)
{
    struct hn_buf code = { 0 };
    struct hn_buf back = { 0 };

    hn_buf_add_hex(&code, text.ptr, text.len);
    assert(hn_hex_decode(&back, hn_buf_text(&code)));
    assert(hn_text_eq(hn_buf_text(&back), text));
    assert(hn_is_hex(hn_buf_text(&code)) == (text.len > 0));
    hn_buf_deinit(&code);
    hn_buf_deinit(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = hn_bytes_as_text(hn_bytes_of(data, size));
    struct hn_buf buf = { 0 };

    check_base64(text);
    check_hex(text);
    hn_buf_add_lit(&buf, "kept");
    if (hn_base64_decode(&buf, text))
        check_base64(hn_text_sub(hn_buf_text(&buf), 4, buf.len));
    else
        assert(buf.len == 4);
    hn_buf_reset(&buf);
    if (hn_hex_decode(&buf, text))
        assert(buf.len * 2 == size);
    else
        assert(buf.len == 0);
    hn_buf_reset(&buf);
    hn_percent_decode(&buf, text);
    assert(buf.len <= size && size <= buf.len * 3);
    hn_buf_deinit(&buf);
    return 0;
}
