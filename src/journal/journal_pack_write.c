/* journal_pack_write.c - packs a sealed segment; journal_pack.c reads what this writes. */
#include "journal/journal_segment.h"

#include "base/buf.h"
#include "base/crash.h"
#include "base/mem.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zstd.h>

#define CHUNK_BYTES     ((size_t)256 << 10)
#define CHUNK_BYTES_MAX (CHUNK_BYTES + FRAME_HEADER_BYTES + JOURNAL_RECORD_BYTES_MAX)
#define PACK_LEVEL      1 /* twice as fast as 3, for a tenth more bytes */
#define PACK_MATCH_MIN  7 /* of logs: a twentieth faster than the level's 6, for fewer bytes */
#define SKIPPABLE_MAGIC 0x184D2A5Eu
#define SEEKABLE_MAGIC  0x8F92EAB1u

struct packing {
    struct segment_in in;
    uint64_t end;      /* offset */
    uint64_t boundary; /* offset of the frame up to which the plain one was walked */
    int fd;
    uint64_t packed_pos;
    struct hn_buf index;
    uint32_t chunks;
    uint8_t *out;
    size_t out_room;
    uint8_t *again; /* a chunk unpacked, to be compared */
    size_t again_room;
    ZSTD_CCtx *packer;
    ZSTD_DCtx *unpacker;
};

static void add_u32(struct hn_buf *out, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        hn_buf_add_char(out, (char)(value >> (8 * i) & 0xFF));
}

/* The end of the chunk that begins at offset start: where a frame ends, if that is near enough. */
static enum hn_status chunk_end(
        struct packing *p, uint64_t start, uint64_t *ret_end, struct hn_err *err)
{
    while (p->boundary < p->end && p->boundary - start < CHUNK_BYTES) {
        uint64_t limit = segment_in_pos(&p->in, p->end);
        struct hn_bytes bytes;
        struct frame frame;
        enum hn_status status = segment_in_bytes(&p->in, segment_in_pos(&p->in, p->boundary),
                FRAME_HEADER_BYTES, limit, &bytes, err);

        if (status != HN_OK)
            return status;
        if (bytes.len == FRAME_HEADER_BYTES &&
                frame_read(bytes.ptr, p->boundary, p->in.header.salt, &frame) &&
                frame_next(&frame) <= p->end)
            p->boundary = frame_next(&frame);
        else
            status = segment_in_resync(&p->in, p->boundary, p->end, &p->boundary, err);
        if (status != HN_OK)
            return status;
    }
    *ret_end = p->boundary - start <= CHUNK_BYTES_MAX - SEGMENT_HEADER_BYTES ? p->boundary
                                                                             : start + CHUNK_BYTES;
    return HN_OK;
}

static enum hn_status room(uint8_t **buffer, size_t *have, size_t want, struct hn_err *err)
{
    uint8_t *bytes;

    if (want <= *have)
        return HN_OK;
    bytes = hn_malloc(want);
    if (bytes == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    hn_free(*buffer);
    *buffer = bytes;
    *have = want;
    return HN_OK;
}

static enum hn_status write_out(
        struct packing *p, const void *bytes, size_t len, struct hn_err *err)
{
    int error = journal_write_at(p->fd, hn_bytes_of(bytes, len), p->packed_pos);

    p->packed_pos += len;
    if (error == 0)
        return HN_OK;
    if (journal_errno_is_full(error))
        return hn_fail(err, HN_LIMIT, 0, "no room on disk to pack %s", p->in.name);
    return hn_fail_sys(err, error, "packing %s", p->in.name);
}

/* The plain form goes away: a packer that is wrong, or memory that is, must not cost records. */
static enum hn_status chunk_pack(struct packing *p, struct hn_bytes plain, struct hn_err *err)
{
    enum hn_status status = room(&p->out, &p->out_room, ZSTD_compressBound(plain.len), err);
    size_t packed;
    size_t again;

    if (status == HN_OK)
        status = room(&p->again, &p->again_room, plain.len, err);
    if (status != HN_OK)
        return status;
    packed = ZSTD_compress2(p->packer, p->out, p->out_room, plain.ptr, plain.len);
    if (ZSTD_isError(packed))
        return hn_fail(err, HN_NOMEM, 0, "packing %s: %s", p->in.name, ZSTD_getErrorName(packed));
    again = ZSTD_decompressDCtx(p->unpacker, p->again, plain.len, p->out, packed);
    if (again != plain.len || memcmp(p->again, plain.ptr, plain.len) != 0)
        return hn_fail(err, HN_CORRUPT, 0, "%s does not unpack to what was packed", p->in.name);
    add_u32(&p->index, (uint32_t)packed);
    add_u32(&p->index, (uint32_t)plain.len);
    p->chunks++;
    return write_out(p, p->out, packed, err);
}

static enum hn_status index_write(struct packing *p, struct hn_err *err)
{
    struct hn_buf head = { 0 };
    enum hn_status status;

    add_u32(&p->index, p->chunks);
    hn_buf_add_char(&p->index, 0);
    add_u32(&p->index, SEEKABLE_MAGIC);
    add_u32(&head, SKIPPABLE_MAGIC);
    add_u32(&head, (uint32_t)p->index.len);
    hn_buf_add_text(&head, hn_buf_text(&p->index));
    status = hn_buf_ok(&head) && hn_buf_ok(&p->index) ? write_out(p, head.ptr, head.len, err)
                                                      : hn_fail(err, HN_NOMEM, 0, "out of memory");
    hn_buf_deinit(&head);
    return status;
}

static enum hn_status pack_all(struct packing *p, struct hn_err *err)
{
    uint64_t last = segment_in_pos(&p->in, p->end);
    uint64_t pos = 0;
    enum hn_status status = HN_OK;

    while (status == HN_OK && pos < last) {
        uint64_t start = pos == 0 ? p->in.first : p->in.first + (pos - SEGMENT_HEADER_BYTES);
        uint64_t end = start;
        struct hn_bytes plain = { 0 };

        /* The header goes alone: damage to records must not cost what all of them are read with. */
        if (pos > 0)
            status = chunk_end(p, start, &end, err);
        if (status == HN_OK)
            status = segment_in_bytes(
                    &p->in, pos, (size_t)(segment_in_pos(&p->in, end) - pos), last, &plain, err);
        if (status == HN_OK && plain.len == 0)
            break; /* the file is shorter than its records; what is missing stays missing */
        if (status == HN_OK)
            status = chunk_pack(p, plain, err);
        pos += plain.len;
    }
    return status == HN_OK ? index_write(p, err) : status;
}

/* Under its own name, with the age of the plain one, before that goes. */
static int put_in_place(int dir_fd, struct packing *p, const char *temporary, const char *name)
{
    struct timespec times[2];
    struct stat info;
    int error = fstat(p->in.fd, &info) != 0 ? errno : 0;

    if (error == 0) {
        times[0] = info.st_mtim;
        times[1] = info.st_mtim;
        (void)futimens(p->fd, times); /* a newer age only keeps it longer */
        error = journal_sync(p->fd);
    }
    HN_CRASH_POINT("journal_packed");
    if (error == 0 && renameat(dir_fd, temporary, dir_fd, name) != 0)
        error = errno;
    HN_CRASH_POINT("journal_pack_renamed");
    if (error == 0)
        error = journal_sync(dir_fd);
    if (error == 0 && unlinkat(dir_fd, p->in.name, 0) != 0)
        error = errno;
    HN_CRASH_POINT("journal_pack_unlinked");
    return error;
}

static enum hn_status pack_open(
        int dir_fd, struct packing *p, const char *temporary, uint64_t first, struct hn_err *err)
{
    enum hn_status status = segment_in_open(dir_fd, first, &p->in, err);
    int error;

    if (status != HN_OK)
        return status;
    if (p->in.packed)
        return hn_fail(err, HN_NOTFOUND, first, "%s is packed already", p->in.name);
    p->packer = ZSTD_createCCtx();
    p->unpacker = ZSTD_createDCtx();
    if (p->packer == NULL || p->unpacker == NULL)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    (void)ZSTD_CCtx_setParameter(p->packer, ZSTD_c_compressionLevel, PACK_LEVEL);
    (void)ZSTD_CCtx_setParameter(p->packer, ZSTD_c_minMatch, PACK_MATCH_MIN);
    p->fd = journal_openat(dir_fd, temporary, O_RDWR | O_CREAT | O_TRUNC, &error);
    if (p->fd >= 0)
        return HN_OK;
    return journal_errno_is_full(error) ? hn_fail(err, HN_LIMIT, 0, "no room on disk")
                                        : hn_fail_sys(err, error, "%s", temporary);
}

enum hn_status segment_pack(
        int dir_fd, uint64_t first, uint64_t end, uint64_t *ret_bytes, struct hn_err *err)
{
    struct packing p = { .in = { .fd = -1 }, .fd = -1, .end = end, .boundary = first };
    char name[JOURNAL_NAME_MAX];
    char temporary[JOURNAL_NAME_MAX + 8];
    enum hn_status status;

    segment_name(first, true, name);
    (void)snprintf(temporary, sizeof temporary, "%s.tmp", name);
    status = pack_open(dir_fd, &p, temporary, first, err);
    if (status == HN_OK)
        status = pack_all(&p, err);
    if (status == HN_OK) {
        int error = put_in_place(dir_fd, &p, temporary, name);

        if (error != 0)
            status = hn_fail_sys(err, error, "packing %s", name);
    }
    if (status != HN_OK)
        (void)unlinkat(dir_fd, temporary, 0);
    else
        *ret_bytes = p.packed_pos;
    if (p.fd >= 0)
        (void)close(p.fd);
    segment_in_close(&p.in);
    hn_buf_deinit(&p.index);
    hn_free(p.out);
    hn_free(p.again);
    (void)ZSTD_freeCCtx(p.packer);
    (void)ZSTD_freeDCtx(p.unpacker);
    return status;
}
