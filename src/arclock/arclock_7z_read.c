/* arclock_7z_read.c - the header of a 7z archive, as far as it says where bytes lie and how they
 * are coded (7zFormat.txt: Streams Info). Names and times of files are not looked at. */
#include "arclock/arclock_7z.h"

uint64_t sz_number(struct hn_reader *r)
{
    uint8_t first = hn_reader_u8(r);
    uint64_t value = 0;

    for (uint32_t i = 0; i < 8; i++) {
        uint32_t mask = 0x80u >> i;

        if ((first & mask) == 0)
            return value | (uint64_t)(first & (mask - 1)) << (8 * i);
        value |= (uint64_t)hn_reader_u8(r) << (8 * i);
    }
    return value;
}

/* A count of things of which each takes at least one byte. */
static bool read_count(struct hn_reader *r, uint64_t *ret)
{
    *ret = sz_number(r);
    return hn_reader_ok(r) && *ret <= hn_reader_left(r);
}

/* Checksums: which of count are there, then each. on_crc may be NULL. */
static bool read_digests(struct hn_reader *r, uint64_t count, struct sz_folder *folders)
{
    bool all = hn_reader_u8(r) != 0;
    struct hn_bytes bits = hn_reader_take(r, all ? 0 : (size_t)(count / 8 + (count % 8 != 0)));

    for (uint64_t i = 0; hn_reader_ok(r) && i < count; i++) {
        bool there = all || ((uint32_t)bits.ptr[i / 8] >> (7 - i % 8) & 1u) != 0;
        uint32_t crc = there ? hn_reader_u32(r) : 0;

        if (folders != NULL) {
            folders[i].has_crc = there;
            folders[i].crc = crc;
        }
    }
    return hn_reader_ok(r);
}

static bool read_pack(struct hn_arena *arena, struct hn_reader *r, struct sz_streams *ret)
{
    uint8_t id;

    ret->pack_pos = sz_number(r);
    if (!read_count(r, &ret->pack_count))
        return false;
    ret->pack_sizes = hn_new(arena, uint64_t, (size_t)ret->pack_count + 1);
    if (ret->pack_sizes == NULL)
        return false;
    while ((id = hn_reader_u8(r)) != SZ_END) {
        if (id == SZ_SIZE) {
            for (uint64_t i = 0; i < ret->pack_count; i++)
                ret->pack_sizes[i] = sz_number(r);
        } else if (id != SZ_CRC || !read_digests(r, ret->pack_count, NULL)) {
            return false;
        }
        if (!hn_reader_ok(r))
            return false;
    }
    return hn_reader_ok(r);
}

static bool read_coder(struct hn_reader *r, struct sz_coder *ret)
{
    uint8_t flags = hn_reader_u8(r);

    ret->id = hn_reader_take(r, flags & 0x0Fu);
    ret->in = ret->out = 1;
    if ((flags & 0x10u) != 0) {
        uint64_t in = sz_number(r);
        uint64_t out = sz_number(r);

        if (in > SZ_PER_FOLDER || out > SZ_PER_FOLDER)
            return false;
        ret->in = (uint32_t)in;
        ret->out = (uint32_t)out;
    }
    if ((flags & 0x20u) != 0) {
        uint64_t len = sz_number(r);

        ret->props = hn_reader_take(r, len <= hn_reader_left(r) ? (size_t)len : SIZE_MAX);
    }
    return hn_reader_ok(r) && (flags & 0xC0u) == 0;
}

/* The in-stream that no bind feeds, where there is but one. */
static uint32_t unbound(const struct sz_folder *folder)
{
    uint64_t bound = 0;

    for (uint32_t i = 0; i < folder->bind_count; i++)
        bound |= (uint64_t)1 << folder->binds[i].in;
    for (uint32_t i = 0; i < folder->in_count; i++)
        if ((bound >> i & 1u) == 0)
            return i;
    return 0;
}

static bool read_coders(struct hn_arena *arena, struct hn_reader *r, struct sz_folder *ret)
{
    uint64_t count = sz_number(r);

    if (count == 0 || count > SZ_PER_FOLDER)
        return false;
    ret->coder_count = (uint32_t)count;
    ret->coders = hn_new(arena, struct sz_coder, ret->coder_count);
    if (ret->coders == NULL)
        return false;
    for (uint32_t i = 0; i < ret->coder_count; i++) {
        if (!read_coder(r, &ret->coders[i]))
            return false;
        ret->in_count += ret->coders[i].in;
        ret->out_count += ret->coders[i].out;
    }
    return ret->in_count <= SZ_PER_FOLDER && ret->out_count <= SZ_PER_FOLDER &&
           ret->out_count > 0 && ret->in_count >= ret->out_count - 1;
}

static bool read_folder(struct hn_arena *arena, struct hn_reader *r, struct sz_folder *ret)
{
    if (!read_coders(arena, r, ret))
        return false;
    ret->bind_count = ret->out_count - 1;
    ret->packed_count = ret->in_count - ret->bind_count;
    ret->binds = hn_new(arena, struct sz_bind, ret->bind_count + 1);
    ret->packed = hn_new(arena, uint32_t, ret->packed_count + 1);
    ret->sizes = hn_new(arena, uint64_t, ret->out_count);
    if (ret->binds == NULL || ret->packed == NULL || ret->sizes == NULL)
        return false;
    for (uint32_t i = 0; i < ret->bind_count; i++) {
        uint64_t in = sz_number(r);
        uint64_t out = sz_number(r);

        if (in >= ret->in_count || out >= ret->out_count)
            return false;
        ret->binds[i] = (struct sz_bind){ (uint32_t)in, (uint32_t)out };
    }
    if (ret->packed_count == 1)
        ret->packed[0] = unbound(ret);
    for (uint32_t i = 0; ret->packed_count > 1 && i < ret->packed_count; i++) {
        uint64_t in = sz_number(r);

        if (in >= ret->in_count)
            return false;
        ret->packed[i] = (uint32_t)in;
    }
    return hn_reader_ok(r);
}

static bool read_unpack(struct hn_arena *arena, struct hn_reader *r, struct sz_streams *ret)
{
    uint64_t packed = 0;
    uint8_t id;

    if (hn_reader_u8(r) != SZ_FOLDER || !read_count(r, &ret->folder_count) ||
            hn_reader_u8(r) != 0) /* kept in another stream: nobody writes that */
        return false;
    ret->folders = hn_new(arena, struct sz_folder, (size_t)ret->folder_count + 1);
    if (ret->folders == NULL)
        return false;
    for (uint64_t i = 0; i < ret->folder_count; i++) {
        if (!read_folder(arena, r, &ret->folders[i]))
            return false;
        packed += ret->folders[i].packed_count;
    }
    if (packed > ret->pack_count || hn_reader_u8(r) != SZ_UNPACK_SIZE)
        return false;
    for (uint64_t i = 0; i < ret->folder_count; i++)
        for (uint32_t k = 0; k < ret->folders[i].out_count; k++)
            ret->folders[i].sizes[k] = sz_number(r);
    while ((id = hn_reader_u8(r)) != SZ_END)
        if (id != SZ_CRC || !read_digests(r, ret->folder_count, ret->folders))
            return false;
    return hn_reader_ok(r);
}

bool sz_read_streams(struct hn_arena *arena, struct hn_reader *r, struct sz_streams *ret)
{
    *ret = (struct sz_streams){ 0 };
    return hn_reader_u8(r) == SZ_PACK && read_pack(arena, r, ret) && hn_reader_u8(r) == SZ_UNPACK &&
           read_unpack(arena, r, ret);
}
