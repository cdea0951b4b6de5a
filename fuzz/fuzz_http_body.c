/* fuzz: http */
/* fuzz_http_body.c - packed bodies: the first byte says which coding and into what pieces it is
 * cut.
 *
 * Oracle: never more than the cap comes out; in one piece and in small ones the outcome is the
 * same, and where it is a success the bytes are, too. */
#include "http/http_internal.h"

#define CAP_BYTES ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum hn_status unpack(
        const char *coding, struct hn_bytes in, size_t piece, struct http_body *body)
{
    enum hn_status status = http_body_init(body, hn_text_cstr(coding), CAP_BYTES);

    while (in.len > 0 && status == HN_OK) {
        struct hn_bytes now = { in.ptr, in.len < piece ? in.len : piece };

        status = http_body_feed(body, now);
        in = hn_bytes_of(in.ptr + now.len, in.len - now.len);
    }
    if (body->bytes.len > CAP_BYTES)
        abort();
    return status == HN_OK ? http_body_end(body) : status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const codings[] = { "", "gzip", "deflate", "zstd" };
    struct http_body whole = { 0 };
    struct http_body pieces = { 0 };
    struct hn_bytes in;
    const char *coding;

    if (size < 1)
        return 0;
    in = hn_bytes_of(data + 1, size - 1);
    coding = codings[data[0] & 3];
    if ((unpack(coding, in, SIZE_MAX, &whole) == HN_OK) !=
            (unpack(coding, in, (size_t)1 + (data[0] >> 2), &pieces) == HN_OK))
        abort();
    if (whole.bytes.len == pieces.bytes.len && whole.bytes.len > 0 &&
            memcmp(whole.bytes.ptr, pieces.bytes.ptr, whole.bytes.len) != 0)
        abort();
    http_body_deinit(&whole);
    http_body_deinit(&pieces);
    return 0;
}
