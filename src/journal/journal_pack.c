/* journal_pack.c - packed segments: zstd frames that can be unpacked one by one, and their index.
 *
 * The layout is that of zstd's seekable format: any zstd unpacks the whole, and the index is in a
 * skippable frame at the end. Chunks end where frames of the journal end, so that no record lies
 * in two of them. */
#include "journal/journal_segment.h"

#include "base/mem.h"
#include "base/reader.h"

#include <string.h>

#include <zstd.h>

#define CHUNK_BYTES      ((size_t)256 << 10) /* at least; the last record may be longer */
#define CHUNK_BYTES_MAX  (CHUNK_BYTES + FRAME_HEADER_BYTES + JOURNAL_RECORD_BYTES_MAX)
#define SEEKABLE_MAGIC   0x8F92EAB1u
#define INDEX_ENTRY      8u
#define INDEX_HEAD_BYTES 8u
#define INDEX_FOOT_BYTES 9u

static enum hn_status chunk_add(struct segment_in *in, uint32_t packed_len, uint32_t len)
{
    struct segment_chunk chunk = { .packed_len = packed_len, .len = len };
    struct segment_chunk *added;

    if (in->chunks.count > 0) {
        const struct segment_chunk *last = &in->chunks.ptr[in->chunks.count - 1];

        chunk.packed_pos = last->packed_pos + last->packed_len;
        chunk.pos = last->pos + last->len;
    }
    added = hn_vec_add(&in->chunks);
    if (added == NULL)
        return HN_NOMEM;
    *added = chunk;
    return HN_OK;
}

/* The index at the end. False when there is none that fits the file. */
static enum hn_status index_read(
        struct segment_in *in, uint64_t file_bytes, bool *ret_found, struct hn_err *err)
{
    uint8_t foot[INDEX_FOOT_BYTES];
    uint64_t entries_pos;
    uint64_t packed = 0;
    uint32_t count;
    size_t got = 0;
    uint8_t *entries;
    enum hn_status status = HN_OK;
    int error;

    *ret_found = false;
    if (file_bytes < INDEX_HEAD_BYTES + INDEX_FOOT_BYTES)
        return HN_OK;
    error = journal_read_at(in->fd, foot, sizeof foot, file_bytes - sizeof foot, &got);
    count = hn_load_u32(foot);
    if (error == 0 &&
            (got < sizeof foot || hn_load_u32(foot + 5) != SEEKABLE_MAGIC || foot[4] != 0 ||
                    count > (file_bytes - INDEX_HEAD_BYTES - sizeof foot) / INDEX_ENTRY))
        return HN_OK;
    entries_pos = file_bytes - sizeof foot - (uint64_t)count * INDEX_ENTRY;
    entries = hn_malloc((size_t)count * INDEX_ENTRY);
    if (entries == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    if (error == 0)
        error = journal_read_at(in->fd, entries, (size_t)count * INDEX_ENTRY, entries_pos, &got);
    for (uint32_t i = 0; i < count && error == 0 && status == HN_OK; i++) {
        const uint8_t *p = entries + (size_t)i * INDEX_ENTRY;

        packed += hn_load_u32(p);
        if (hn_load_u32(p + 4) > CHUNK_BYTES_MAX)
            packed = UINT64_MAX >> 1;
        status = chunk_add(in, hn_load_u32(p), hn_load_u32(p + 4));
    }
    hn_free(entries);
    *ret_found = status == HN_OK && packed == entries_pos - INDEX_HEAD_BYTES;
    if (error != 0)
        return hn_fail_sys(err, error, "%s", in->name);
    return status == HN_OK ? HN_OK : hn_fail(err, status, 0, "out of memory");
}

/* Without a sound index the frames are walked; what comes behind a broken one is lost. */
static enum hn_status chunks_walk(struct segment_in *in, uint64_t file_bytes, struct hn_err *err)
{
    uint64_t pos = 0;
    uint8_t *file;
    size_t len = 0;
    enum hn_status status = HN_OK;
    int error;

    hn_vec_reset(&in->chunks);
    file = file_bytes > SIZE_MAX ? NULL : hn_malloc((size_t)file_bytes);
    if (file == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory for %s", in->name);
    error = journal_read_at(in->fd, file, (size_t)file_bytes, 0, &len);
    while (error == 0 && status == HN_OK && pos < len) {
        size_t packed_len = ZSTD_findFrameCompressedSize(file + pos, len - (size_t)pos);
        unsigned long long plain = ZSTD_getFrameContentSize(file + pos, len - (size_t)pos);

        if (ZSTD_isError(packed_len) || packed_len > UINT32_MAX || plain > CHUNK_BYTES_MAX)
            break;
        if (plain > 0) /* skippable frames have none */
            status = chunk_add(in, (uint32_t)packed_len, (uint32_t)plain);
        pos += packed_len;
    }
    hn_free(file);
    if (error != 0)
        return hn_fail_sys(err, error, "%s", in->name);
    return status == HN_OK ? HN_OK : hn_fail(err, status, 0, "out of memory");
}

enum hn_status segment_unpack_open(struct segment_in *in, struct hn_err *err)
{
    uint64_t file_bytes = in->bytes;
    bool found;
    enum hn_status status = index_read(in, file_bytes, &found, err);

    if (status == HN_OK && !found)
        status = chunks_walk(in, file_bytes, err);
    if (status != HN_OK)
        return status;
    in->bytes = 0;
    if (in->chunks.count > 0)
        in->bytes =
                in->chunks.ptr[in->chunks.count - 1].pos + in->chunks.ptr[in->chunks.count - 1].len;
    in->unpacker = ZSTD_createDCtx();
    return in->unpacker == NULL ? hn_fail(err, HN_NOMEM, 0, "out of memory") : HN_OK;
}

void segment_unpack_close(struct segment_in *in)
{
    (void)ZSTD_freeDCtx(in->unpacker);
    hn_vec_deinit(&in->chunks);
    hn_free(in->raw);
}

static size_t chunk_at(const struct segment_in *in, uint64_t pos)
{
    size_t low = 0;
    size_t high = in->chunks.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (in->chunks.ptr[middle].pos <= pos)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? 0 : low - 1;
}

/* What does not unpack to what the index says is zeros: its records are damaged, and only they. */
static enum hn_status chunk_unpack(
        struct segment_in *in, const struct segment_chunk *chunk, uint8_t *out, struct hn_err *err)
{
    size_t got = 0;
    size_t plain = 0;
    int error;

    if (chunk->packed_len > in->raw_room) {
        uint8_t *raw = hn_malloc(chunk->packed_len);

        if (raw == NULL)
            return hn_fail(err, HN_NOMEM, 0, "out of memory");
        hn_free(in->raw);
        in->raw = raw;
        in->raw_room = chunk->packed_len;
    }
    error = journal_read_at(in->fd, in->raw, chunk->packed_len, chunk->packed_pos, &got);
    if (error != 0)
        return hn_fail_sys(err, error, "%s", in->name);
    if (got == chunk->packed_len)
        plain = ZSTD_decompressDCtx(in->unpacker, out, chunk->len, in->raw, got);
    if (got != chunk->packed_len || ZSTD_isError(plain) || plain != chunk->len)
        memset(out, 0, chunk->len);
    return HN_OK;
}

enum hn_status segment_unpack(struct segment_in *in, uint64_t pos, size_t len, struct hn_err *err)
{
    size_t first = chunk_at(in, pos);
    size_t last = len == 0 ? first : chunk_at(in, pos + len - 1);
    uint64_t start;
    size_t bytes;
    enum hn_status status;

    if (in->chunks.count == 0)
        return HN_OK;
    start = in->chunks.ptr[first].pos;
    bytes = (size_t)(in->chunks.ptr[last].pos + in->chunks.ptr[last].len - start);
    status = segment_in_room(in, bytes, err);
    in->window_len = 0;
    for (size_t i = first; i <= last && status == HN_OK; i++)
        status = chunk_unpack(
                in, &in->chunks.ptr[i], in->window + (in->chunks.ptr[i].pos - start), err);
    if (status == HN_OK) {
        in->window_pos = start;
        in->window_len = bytes;
    }
    return status;
}
