/* http_body.c - a request's body as it comes in pieces, unpacked on the way, never past its cap. */
#include "http/http_internal.h"

#include <zlib.h>
#include <zstd.h>

#define PIECE_BYTES           ((size_t)64 << 10)
#define ZSTD_HEADER_BYTES_MAX 18 /* RFC 8878, 3.1.1 and 3.1.1.1 */
#define ZSTD_WINDOW_LOG       24 /* 16 MiB of window: what a client may make us hold */
#define ZLIB_GZIP             (16 + MAX_WBITS)
#define ZLIB_ZLIB             MAX_WBITS

static bool coding_of(struct hn_text name, enum http_coding *ret_coding)
{
    static const struct {
        struct hn_text name;
        enum http_coding coding;
    } codings[] = {
        { HN_TEXT_INIT(""), HTTP_CODING_NONE },
        { HN_TEXT_INIT("identity"), HTTP_CODING_NONE },
        { HN_TEXT_INIT("gzip"), HTTP_CODING_GZIP },
        { HN_TEXT_INIT("x-gzip"), HTTP_CODING_GZIP },
        { HN_TEXT_INIT("deflate"), HTTP_CODING_DEFLATE },
        { HN_TEXT_INIT("zstd"), HTTP_CODING_ZSTD },
    };

    for (size_t i = 0; i < HN_COUNT_OF(codings); i++) {
        if (hn_text_eq_nocase(name, codings[i].name)) {
            *ret_coding = codings[i].coding;
            return true;
        }
    }
    return false;
}

static voidpf zlib_alloc(voidpf ctx, uInt count, uInt size)
{
    (void)ctx;
    return hn_calloc(count, size);
}

static void zlib_free(voidpf ctx, voidpf ptr)
{
    (void)ctx;
    hn_free(ptr);
}

static enum hn_status open_zlib(struct http_body *body)
{
    z_stream *z = hn_calloc(1, sizeof *z);

    if (z == NULL)
        return HN_NOMEM;
    z->zalloc = zlib_alloc;
    z->zfree = zlib_free;
    if (inflateInit2(z, body->coding == HTTP_CODING_GZIP ? ZLIB_GZIP : ZLIB_ZLIB) != Z_OK) {
        hn_free(z);
        return HN_NOMEM;
    }
    body->unpacker = z;
    return HN_OK;
}

enum hn_status http_body_init(struct http_body *body, struct hn_text content_encoding, size_t max)
{
    enum http_coding coding;

    if (!coding_of(hn_text_trim(content_encoding), &coding))
        return HN_UNSUPPORTED;
    *body = (struct http_body){ .coding = coding, .max = max };
    hn_buf_init(&body->bytes, max == 0 ? 1 : max);
    if (coding == HTTP_CODING_GZIP || coding == HTTP_CODING_DEFLATE)
        return open_zlib(body);
    if (coding == HTTP_CODING_ZSTD) {
        ZSTD_DStream *z = ZSTD_createDStream();

        if (z == NULL)
            return HN_NOMEM;
        (void)ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
        body->unpacker = z;
        body->header_left = ZSTD_HEADER_BYTES_MAX;
    }
    return HN_OK;
}

/* Takes unpacked bytes; refuses what is over the caps. */
static enum hn_status take(struct http_body *body, const void *ptr, size_t len)
{
    if (len > body->max - body->bytes.len)
        return HN_LIMIT;
    hn_buf_add(&body->bytes, ptr, len);
    if (!hn_buf_ok(&body->bytes))
        return body->bytes.status;
    if (body->coding != HTTP_CODING_NONE && body->bytes.len >= HTTP_RATIO_FROM &&
            body->bytes.len / HTTP_RATIO_MAX > body->wire_bytes)
        return HN_LIMIT;
    return HN_OK;
}

/* One call of inflate(). *ret_done: it needs more input. */
static enum hn_status inflate_some(struct http_body *body, uint8_t *out, bool *ret_done)
{
    z_stream *z = body->unpacker;
    enum hn_status status;
    int result;

    z->next_out = out;
    z->avail_out = (uInt)PIECE_BYTES;
    result = inflate(z, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR)
        return HN_NOMEM;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return HN_CORRUPT;
    status = take(body, out, PIECE_BYTES - z->avail_out);
    body->ended = result == Z_STREAM_END;
    *ret_done = !body->ended && z->avail_in == 0 && z->avail_out > 0;
    return status;
}

static enum hn_status feed_zlib(struct http_body *body, struct hn_bytes piece, uint8_t *out)
{
    z_stream *z = body->unpacker;
    enum hn_status status = HN_OK;
    bool done = false;

    z->next_in = http_unconst(piece.ptr);
    z->avail_in = (uInt)piece.len;
    while (status == HN_OK && !done) {
        if (body->ended) { /* gzip files may stand one behind the other */
            if (z->avail_in == 0)
                return HN_OK;
            if (body->coding != HTTP_CODING_GZIP || inflateReset(z) != Z_OK)
                return HN_CORRUPT;
        }
        status = inflate_some(body, out, &done);
    }
    return status;
}

/* A frame that is whole in one call is unpacked by other code of the library, which refuses damage
 * that the streaming code lets pass; and a damaged header followed by the magic of an older format
 * in one call is read in that format. The bytes of a header go one by one, so that what is accepted
 * does not depend on how the network has cut it. */
static enum hn_status feed_zstd(struct http_body *body, struct hn_bytes piece, uint8_t *out)
{
    ZSTD_inBuffer in = { piece.ptr, piece.len, 0 };

    for (;;) {
        ZSTD_outBuffer to = { out, PIECE_BYTES, 0 };
        size_t left;
        enum hn_status status;

        if (in.pos == piece.len && body->ended)
            return HN_OK;
        in.size = piece.len;
        if (body->header_left > 0 && in.pos < piece.len) {
            in.size = in.pos + 1;
            body->header_left--;
        }
        left = ZSTD_decompressStream(body->unpacker, &to, &in);
        if (ZSTD_isError(left))
            return HN_CORRUPT;
        status = take(body, out, to.pos);
        if (status != HN_OK)
            return status;
        body->ended = left == 0;
        if (body->ended)
            body->header_left = ZSTD_HEADER_BYTES_MAX;
        if (in.pos == piece.len && to.pos < to.size)
            return HN_OK;
    }
}

enum hn_status http_body_feed(struct http_body *body, struct hn_bytes piece)
{
    enum hn_status status = HN_OK;
    uint8_t *out;

    body->wire_bytes += piece.len;
    if (body->coding == HTTP_CODING_NONE)
        return take(body, piece.ptr, piece.len);
    out = hn_malloc(PIECE_BYTES);
    if (out == NULL)
        return HN_NOMEM;
    while (piece.len > 0 && status == HN_OK) { /* zlib counts in 32 bits */
        struct hn_bytes now = { piece.ptr, piece.len < PIECE_BYTES ? piece.len : PIECE_BYTES };

        status = body->coding == HTTP_CODING_ZSTD ? feed_zstd(body, now, out)
                                                  : feed_zlib(body, now, out);
        piece.ptr += now.len;
        piece.len -= now.len;
    }
    hn_free(out);
    return status;
}

enum hn_status http_body_end(struct http_body *body)
{
    if (body->coding == HTTP_CODING_NONE || body->ended)
        return HN_OK;
    return body->wire_bytes == 0 ? HN_OK : HN_TRUNCATED;
}

void http_body_deinit(struct http_body *body)
{
    if (body->unpacker != NULL && body->coding == HTTP_CODING_ZSTD) {
        (void)ZSTD_freeDStream(body->unpacker);
    } else if (body->unpacker != NULL) {
        (void)inflateEnd(body->unpacker);
        hn_free(body->unpacker);
    }
    body->unpacker = NULL;
    hn_buf_deinit(&body->bytes);
}
