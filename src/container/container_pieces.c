/* container_pieces.c - files that lie in pieces of an image. */
#include "container/container_internal.h"

#define ZEROS_BYTES 65536u

static bool start_copy(struct container_pieces *pieces)
{
    if (pieces->copied)
        return true;
    pieces->copied = true;
    pieces->gather = container_gather(&pieces->ask, 0);
    return zip_gather_add(&pieces->gather, pieces->whole);
}

bool container_piece(struct container_pieces *pieces, struct hn_bytes piece)
{
    if (piece.len == 0)
        return true;
    if (!pieces->copied && pieces->whole.len == 0) {
        pieces->whole = piece;
        return true;
    }
    if (!pieces->copied && pieces->whole.ptr + pieces->whole.len == piece.ptr) {
        pieces->whole.len += piece.len;
        return true;
    }
    return start_copy(pieces) && zip_gather_add(&pieces->gather, piece);
}

bool container_piece_copy(struct container_pieces *pieces, struct hn_bytes piece)
{
    return start_copy(pieces) && zip_gather_add(&pieces->gather, piece);
}

bool container_piece_zeros(struct container_pieces *pieces, uint64_t len)
{
    static const uint8_t zeros[ZEROS_BYTES];

    while (len > 0) {
        size_t part = len < sizeof zeros ? (size_t)len : sizeof zeros;

        if (!start_copy(pieces) || !zip_gather_add(&pieces->gather, hn_bytes_of(zeros, part)))
            return false;
        len -= part;
    }
    return true;
}

enum hn_status container_pieces_end(
        struct container_pieces *pieces, struct hn_bytes *ret_bytes, uint64_t *ret_padding)
{
    enum hn_status status;

    *ret_padding = 0;
    if (!pieces->copied) {
        *ret_bytes = pieces->whole;
        if (ret_bytes->len > dissect_limits(pieces->ask.dissect)->file_bytes_max) {
            *ret_padding = container_padding(*ret_bytes);
            ret_bytes->len -= (size_t)*ret_padding;
        }
        return HN_OK;
    }
    status = zip_gather_end(&pieces->gather, ret_bytes, ret_padding);
    if (ret_bytes->ptr == NULL)
        *ret_bytes = hn_bytes_of("", 0);
    return status;
}
