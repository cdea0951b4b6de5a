/* script_codec.c - what scripts of several languages unpack in the same way. */
#include "script/script.h"

#define ZLIB_CONST
#include <zlib.h>

#define PIECE_BYTES 65536u

/* Everything that comes out before the end or damage. */
static bool inflate_as(
        struct script_run *run, struct hn_bytes packed, int window_bits, struct hn_buf *out)
{
    static uint8_t piece[PIECE_BYTES]; /* one evaluation at a time in a worker */
    z_stream stream = { .next_in = packed.ptr };
    int state;

    stream.avail_in = (uInt)(packed.len < UINT32_MAX ? packed.len : UINT32_MAX);
    if (inflateInit2(&stream, window_bits) != Z_OK)
        return false;
    do {
        stream.next_out = piece;
        stream.avail_out = sizeof piece;
        state = inflate(&stream, Z_NO_FLUSH);
        hn_buf_add(out, piece, sizeof piece - stream.avail_out);
        if (!script_spend(run, 1 + (sizeof piece - stream.avail_out) / 64))
            break;
    } while (state == Z_OK && hn_buf_ok(out));
    (void)inflateEnd(&stream);
    return out->len > 0;
}

bool script_inflate(struct script_run *run, struct hn_bytes packed, struct hn_bytes *ret_bytes)
{
    /* 32: gzip or zlib by their headers; negative: no header. */
    static const int window_bits[] = { 15 + 32, -15 };
    bool good = false;

    for (size_t i = 0; i < sizeof window_bits / sizeof window_bits[0] && !good; i++) {
        struct hn_buf out = { 0 };
        struct hn_text copy;

        hn_buf_init(&out, run->limits.text_bytes_max);
        good = inflate_as(run, packed, window_bits[i], &out);
        if (good) {
            copy = hn_arena_text(&run->arena, hn_buf_text(&out));
            good = copy.ptr != NULL;
            if (good) {
                *ret_bytes = hn_text_as_bytes(copy);
            } else {
                run->stop = SCRIPT_STOP_BYTES;
            }
        }
        hn_buf_deinit(&out);
    }
    return good;
}
