/* ole.c - compound files: header, entries by name, and the bytes of streams; see ole.h. The FAT is
 * ole_fat.c, the directory ole_dir.c, property sets ole_property.c. */
#include "ole/ole_internal.h"

#include "base/reader.h"
#include "base/utf.h"

#include <assert.h>

const struct ole_limits ole_limits_default = {
    .entries_max = 65536,
    .sectors_max = 1u << 20,
    .stream_bytes_max = 256u << 20,
};

static const uint8_t magic[8] = { 0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1 };

bool ole_is(struct hn_bytes head)
{
    return head.len >= sizeof magic && memcmp(head.ptr, magic, sizeof magic) == 0;
}

/* [MS-CFB] 2.2. Sizes of sectors other than the two that exist cannot be meant. */
static void header_read(struct ole_file *file)
{
    const uint8_t *p = file->in.ptr;
    uint16_t major = hn_load_u16(p + 26);
    uint16_t shift = hn_load_u16(p + 30);

    file->sector_shift = shift;
    if (shift != 9 && shift != 12)
        file->sector_shift = major == 4 ? 12 : 9;
    file->large_sizes = file->sector_shift == 12;
    file->mini_shift = 6;
    file->mini_cutoff = hn_load_u32(p + 56);
    file->mini_fat_start = hn_load_u32(p + 60);
    if ((major != 3 && major != 4) || shift != (major == 4 ? 12 : 9) ||
            hn_load_u16(p + 28) != 0xFFFE || hn_load_u16(p + 32) != 6 || file->mini_cutoff != 4096)
        file->odd |= OLE_ODD_HEADER;
    if (file->mini_cutoff > 1u << 20)
        file->mini_cutoff = 4096;
}

/* The root's stream holds the small streams, in pieces of 64 bytes with a FAT of their own. */
static enum hn_status mini_load(struct ole_file *file, struct hn_err *err)
{
    const struct ole_entry *root = &file->entries[0];
    uint64_t sector_bytes = (uint64_t)1 << file->sector_shift;
    uint64_t sectors = (root->size + sector_bytes - 1) >> file->sector_shift;
    uint64_t minis;

    if (ole_chain_walk(file, &file->fat, root->start, sectors, &file->mini_stream) != HN_OK ||
            ole_chain_walk(file, &file->fat, file->mini_fat_start, file->fat.limit,
                    &file->mini_fat.chain) != HN_OK)
        return ole_arena_failed(file, err);
    file->odd |= file->mini_stream.odd | file->mini_fat.chain.odd;
    minis = (uint64_t)file->mini_stream.count << (file->sector_shift - file->mini_shift);
    if (minis > UINT32_MAX / 2)
        minis = UINT32_MAX / 2;
    /* No table, no walk: a mark is only needed for pieces that the mini FAT speaks of. */
    if (minis > (uint64_t)file->mini_fat.chain.count << (file->sector_shift - 2))
        minis = (uint64_t)file->mini_fat.chain.count << (file->sector_shift - 2);
    file->mini_fat.limit = (uint32_t)minis;
    file->mini_fat.marks = hn_new(file->arena, uint32_t, minis + 1);
    return file->mini_fat.marks == NULL ? ole_arena_failed(file, err) : HN_OK;
}

enum hn_status ole_open(struct hn_arena *arena, struct hn_bytes bytes,
        const struct ole_limits *limits, struct ole_file **ret_file, struct hn_err *err)
{
    struct ole_file *file;
    enum hn_status status;

    if (!ole_is(bytes))
        return hn_fail(err, HN_CORRUPT, 0, "not a compound file");
    if (bytes.len <= OLE_HEADER_BYTES)
        return hn_fail(err, HN_TRUNCATED, bytes.len, "the header of the compound file is cut off");
    file = hn_new(arena, struct ole_file, 1);
    if (file == NULL)
        return hn_fail(err, hn_arena_status(arena), 0, "no memory left for a compound file");
    file->arena = arena;
    file->in = bytes;
    file->limits = limits == NULL ? ole_limits_default : *limits;
    header_read(file);
    status = ole_fat_load(file, err);
    if (status == HN_OK)
        status = ole_directory_load(file, hn_load_u32(bytes.ptr + 48), err);
    if (status == HN_OK)
        status = mini_load(file, err);
    if (status == HN_OK)
        *ret_file = file;
    return status;
}

uint32_t ole_odd(const struct ole_file *file)
{
    return file->odd;
}

uint32_t ole_count(const struct ole_file *file)
{
    return file->count;
}

const struct ole_entry *ole_get(const struct ole_file *file, uint32_t index)
{
    assert(index < file->count);
    return &file->entries[index];
}

/* Names of entries are short: 32 units, of at most three bytes each. */
static bool names_equal(struct hn_text a, struct hn_text b)
{
    char fold_a[HN_FOLD_ROOM(96)];
    char fold_b[HN_FOLD_ROOM(96)];

    if (hn_text_eq_nocase(a, b))
        return true;
    if (a.len > 96 || b.len > 96 || (hn_is_ascii(a) && hn_is_ascii(b)))
        return false;
    return hn_text_eq(
            hn_text_of(fold_a, hn_fold(a, fold_a)), hn_text_of(fold_b, hn_fold(b, fold_b)));
}

uint32_t ole_find_in(const struct ole_file *file, uint32_t parent, struct hn_text name)
{
    for (uint32_t i = 1; i < file->count && parent != OLE_NONE; i++) {
        if (file->entries[i].parent == parent && names_equal(file->entries[i].name, name))
            return i;
    }
    return OLE_NONE;
}

uint32_t ole_find(const struct ole_file *file, struct hn_text path)
{
    uint32_t at = 0;
    struct hn_text part;

    if (path.len > 0 && path.ptr[0] == '/')
        path = hn_text_sub(path, 1, path.len);
    while (at != OLE_NONE && path.ptr != NULL && hn_text_split(&path, '/', &part))
        if (part.len > 0)
            at = ole_find_in(file, at, part);
    return at;
}

/* ---- Streams ---- */

static bool is_mini(const struct ole_file *file, uint32_t index)
{
    return index != 0 && file->entries[index].size < file->mini_cutoff;
}

static enum hn_status stream_walk(struct ole_file *file, uint32_t index)
{
    struct ole_stream *stream = &file->streams[index];
    struct ole_entry *entry = &file->entries[index];
    bool mini = is_mini(file, index);
    uint32_t shift = mini ? file->mini_shift : file->sector_shift;
    uint64_t need = (entry->size >> shift) + ((entry->size & ((1u << shift) - 1)) != 0 ? 1 : 0);
    enum hn_status status;

    if (stream->known)
        return HN_OK;
    status = ole_chain_walk(
            file, mini ? &file->mini_fat : &file->fat, entry->start, need, &stream->chain);
    if (status != HN_OK)
        return status;
    if (index == 0) /* the walk at opening has marked these already */
        stream->chain.odd &= ~OLE_ODD_SHARED;
    stream->known = true;
    entry->odd |= stream->chain.odd;
    return HN_OK;
}

/* Where piece i of a stream begins in the file, and how many bytes of it are there. */
static uint64_t piece_at(const struct ole_file *file, const struct ole_chain *chain, bool mini,
        uint32_t i, size_t *ret_len)
{
    uint32_t per = 1u << (file->sector_shift - file->mini_shift);
    uint32_t sector = chain->sectors[i];
    uint64_t at;
    size_t within = 0;

    if (mini) {
        within = (size_t)(sector % per) << file->mini_shift;
        if (sector / per >= file->mini_stream.count) {
            *ret_len = 0;
            return file->in.len;
        }
        sector = file->mini_stream.sectors[sector / per];
    }
    at = ole_sector_offset(file, sector) + within;
    *ret_len = (size_t)1 << (mini ? file->mini_shift : file->sector_shift);
    if (at >= file->in.len)
        *ret_len = 0;
    else if (*ret_len > file->in.len - at)
        *ret_len = (size_t)(file->in.len - at);
    return at;
}

/* The bytes that are there, and whether they follow on each other. */
static uint64_t stream_measure(
        const struct ole_file *file, uint32_t index, uint64_t *ret_first, bool *ret_one_piece)
{
    const struct ole_chain *chain = &file->streams[index].chain;
    bool mini = is_mini(file, index);
    uint64_t want = file->entries[index].size;
    uint64_t total = 0;

    *ret_first = 0;
    *ret_one_piece = true;
    for (uint32_t i = 0; i < chain->count && total < want; i++) {
        size_t len;
        uint64_t at = piece_at(file, chain, mini, i, &len);

        if (i == 0)
            *ret_first = at;
        if (at != *ret_first + total)
            *ret_one_piece = false;
        total += len < want - total ? len : want - total;
    }
    return total;
}

static enum hn_status stream_copy(
        struct ole_file *file, uint32_t index, size_t total, struct hn_bytes *ret_bytes)
{
    const struct ole_chain *chain = &file->streams[index].chain;
    bool mini = is_mini(file, index);
    uint8_t *copy = hn_arena_raw(file->arena, total, 1);
    size_t done = 0;

    if (copy == NULL)
        return hn_arena_status(file->arena);
    for (uint32_t i = 0; i < chain->count && done < total; i++) {
        size_t len;
        uint64_t at = piece_at(file, chain, mini, i, &len);

        if (len > total - done)
            len = total - done;
        if (len > 0)
            memcpy(copy + done, file->in.ptr + at, len);
        done += len;
    }
    *ret_bytes = hn_bytes_of(copy, total);
    return HN_OK;
}

enum hn_status ole_read(
        struct ole_file *file, uint32_t index, struct hn_bytes *ret_bytes, struct hn_err *err)
{
    struct ole_stream *stream;
    uint64_t total;
    uint64_t first;
    bool one_piece;

    assert(index < file->count);
    stream = &file->streams[index];
    *ret_bytes = hn_bytes_of("", 0);
    if (file->entries[index].kind == OLE_STORAGE)
        return HN_OK;
    if (stream->bytes.ptr != NULL) {
        *ret_bytes = stream->bytes;
        return HN_OK;
    }
    if (stream_walk(file, index) != HN_OK)
        return ole_arena_failed(file, err);
    total = stream_measure(file, index, &first, &one_piece);
    if (total < file->entries[index].size)
        file->entries[index].odd |= OLE_ODD_SIZE;
    if (total > file->limits.stream_bytes_max)
        return hn_fail(err, HN_LIMIT, first, "a stream of more than %llu bytes",
                (unsigned long long)file->limits.stream_bytes_max);
    if (total == 0)
        stream->bytes = *ret_bytes;
    else if (one_piece)
        stream->bytes = hn_bytes_of(file->in.ptr + first, (size_t)total);
    else if (stream_copy(file, index, (size_t)total, &stream->bytes) != HN_OK)
        return ole_arena_failed(file, err);
    *ret_bytes = stream->bytes;
    return HN_OK;
}

uint64_t ole_where(const struct ole_file *file, uint32_t index, uint64_t offset)
{
    const struct ole_chain *chain;
    bool mini;
    uint32_t shift;
    uint64_t at;
    size_t len;

    if (index >= file->count || offset >= file->entries[index].size || !file->streams[index].known)
        return UINT64_MAX;
    chain = &file->streams[index].chain;
    mini = is_mini(file, index);
    shift = mini ? file->mini_shift : file->sector_shift;
    if (offset >> shift >= chain->count)
        return UINT64_MAX;
    at = piece_at(file, chain, mini, (uint32_t)(offset >> shift), &len);
    offset &= ((uint64_t)1 << shift) - 1;
    return offset < len ? at + offset : UINT64_MAX;
}
