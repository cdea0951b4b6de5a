/* zip_gather.c - keeps what comes out of an unpacker, without long runs of one byte at the end. */
#include "zip/zip.h"

#include <string.h>

#define FIRST_ROOM ((size_t)16 << 10)

/* Room for more bytes behind len; the arena takes nothing back, so rooms grow by doubling. */
static bool has_room(struct zip_gather *gather, size_t more)
{
    size_t room = gather->room > 0 ? gather->room : FIRST_ROOM;
    uint8_t *ptr;

    if (more <= gather->room - gather->len)
        return true;
    if (gather->room == 0 && gather->expected > room && gather->expected <= gather->bytes_max)
        room = (size_t)gather->expected;
    while (room - gather->len < more)
        room *= 2;
    ptr = hn_arena_raw(gather->arena, room, 8);
    if (ptr == NULL) {
        gather->status = hn_arena_status(gather->arena) == HN_NOMEM ? HN_NOMEM : HN_LIMIT;
        gather->stopped = true;
        return false;
    }
    if (gather->len > 0)
        memcpy(ptr, gather->ptr, gather->len);
    gather->ptr = ptr;
    gather->room = room;
    return true;
}

static bool is_allowed(struct zip_gather *gather, size_t more)
{
    if (more <= gather->bytes_max - gather->len &&
            (gather->allow == NULL || gather->allow(gather->ctx, gather->packed_bytes, more)))
        return true;
    gather->status = HN_LIMIT;
    gather->stopped = true;
    return false;
}

static bool keep(struct zip_gather *gather, const uint8_t *ptr, size_t len)
{
    if (len == 0)
        return true;
    if (!is_allowed(gather, len) || !has_room(gather, len))
        return false;
    memcpy(gather->ptr + gather->len, ptr, len);
    gather->len += len;
    return true;
}

/* The run held back becomes part of the contents after all. */
static bool keep_pending(struct zip_gather *gather)
{
    uint64_t pending = gather->pending;

    if (pending == 0)
        return true;
    if (pending > gather->bytes_max - gather->len) {
        gather->status = HN_LIMIT;
        gather->stopped = true;
        return false;
    }
    if (!is_allowed(gather, (size_t)pending) || !has_room(gather, (size_t)pending))
        return false;
    memset(gather->ptr + gather->len, gather->last, (size_t)pending);
    gather->len += (size_t)pending;
    gather->pending = 0;
    return true;
}

/* Bytes at the end of piece that equal its last one. */
static size_t tail_run(struct hn_bytes piece)
{
    uint8_t last = piece.ptr[piece.len - 1];
    size_t run = 1;

    while (run < piece.len && piece.ptr[piece.len - 1 - run] == last)
        run++;
    return run;
}

/* Bytes at the start of piece that equal value. A piece against itself moved by one is how libc
 * compares fastest. */
static size_t head_run(struct hn_bytes piece, uint8_t value)
{
    size_t run = 0;

    if (piece.len > 0 && piece.ptr[0] == value &&
            memcmp(piece.ptr, piece.ptr + 1, piece.len - 1) == 0)
        return piece.len;
    while (run < piece.len && piece.ptr[run] == value)
        run++;
    return run;
}

bool zip_gather_add(struct zip_gather *gather, struct hn_bytes piece)
{
    size_t same;

    if (gather->stopped)
        return false;
    if (piece.len == 0)
        return true;
    same = gather->run > 0 ? head_run(piece, gather->last) : 0;
    if (same == piece.len && gather->run + gather->pending >= ZIP_RUN_BYTES) {
        gather->pending += same;
        if (gather->len + gather->pending > gather->padded_bytes_max &&
                gather->len + gather->pending > gather->bytes_max) {
            gather->status = HN_LIMIT;
            gather->stopped = true;
        }
        return !gather->stopped;
    }
    if (!keep_pending(gather) || !keep(gather, piece.ptr, piece.len))
        return false;
    if (same == piece.len) {
        gather->run += same;
        return true;
    }
    gather->run = tail_run(piece);
    gather->last = piece.ptr[piece.len - 1];
    return true;
}

enum hn_status zip_gather_end(
        struct zip_gather *gather, struct hn_bytes *ret_bytes, uint64_t *ret_padding)
{
    /* A short rest of a run is kept where it fits: the bytes then are those of the file. */
    if (!gather->stopped && gather->pending > 0 && gather->pending <= ZIP_RUN_BYTES &&
            gather->pending <= gather->bytes_max - gather->len)
        (void)keep_pending(gather);
    *ret_bytes = gather->ptr != NULL ? hn_bytes_of(gather->ptr, gather->len) : hn_bytes_of("", 0);
    *ret_padding = gather->pending;
    return gather->status;
}
