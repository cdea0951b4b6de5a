/* follow_evtx.c - event logs that Windows is writing to (or a share shows).
 *
 * Chunks are written in place: records are added to the newest one, whose header and the file's may
 * lag behind; when the log is full, the oldest chunk is written over. So a place in the file says
 * nothing, and record numbers say all: mark is the last one handed in. A chunk is done with when a
 * newer one follows, or the file is closed cleanly; only then what is left in its free space is
 * handed in, because until then it is being written over. offset is the first record number of the
 * last chunk that is done with. */
#include "follow/follow_internal.h"

#include "base/mem.h"
#include "base/reader.h"
#include "base/vec.h"

#include <unistd.h>

#define FILE_HEADER   4096u
#define CHUNK         65536u
#define CHUNK_HEADER  512u
#define RECORD_MIN    28u
#define RECORD_HEADER 24u
#define FLAG_DIRTY    0x1u

struct chunk {
    uint64_t place; /* in the file */
    uint64_t first; /* number of its first record */
};

struct evtx_walk {
    HN_VEC(struct chunk) chunks; /* in the order of their records */
    uint8_t *bytes;              /* two chunks: the one before, and the one */
    bool clean;                  /* the file was closed */
};

static bool is_chunk(const uint8_t *bytes)
{
    return memcmp(bytes, "ElfChnk", 8) == 0;
}

static bool read_at(const struct file *file, uint64_t place, uint8_t *to, size_t len)
{
    return pread(file->fd, to, len, (off_t)place) == (ssize_t)len;
}

/* Chunks that have records, by their headers; sorted by insertion, mostly in order already. */
static bool list_chunks(const struct file *file, struct evtx_walk *walk)
{
    uint8_t head[CHUNK_HEADER + RECORD_HEADER];

    if (read_at(file, 0, head, 128))
        walk->clean = (hn_load_u32(head + 120) & FLAG_DIRTY) == 0;
    for (uint64_t place = FILE_HEADER; read_at(file, place, head, sizeof head); place += CHUNK) {
        struct chunk chunk = { .place = place };
        struct chunk *added;
        size_t index;

        if (!is_chunk(head) || hn_load_u32(head + CHUNK_HEADER) != 0x2A2A)
            continue;
        chunk.first = hn_load_u64(head + CHUNK_HEADER + 8);
        added = hn_vec_add(&walk->chunks);
        if (added == NULL)
            return false;
        for (index = walk->chunks.count - 1;
                index > 0 && walk->chunks.ptr[index - 1].first > chunk.first; index--)
            walk->chunks.ptr[index] = walk->chunks.ptr[index - 1];
        walk->chunks.ptr[index] = chunk;
    }
    return true;
}

/* Where the records end that belong together, by their numbers: what the free space still holds has
 * lower ones. *ret_new is where those behind `mark` begin, or the end; *ret_last the last number.
 */
static uint32_t records_end(
        const uint8_t *chunk, uint64_t mark, uint32_t *ret_new, uint64_t *ret_last)
{
    uint32_t pos = CHUNK_HEADER;
    uint64_t last = 0;

    *ret_new = 0;
    while (CHUNK - pos >= RECORD_MIN && hn_load_u32(chunk + pos) == 0x2A2A) {
        uint32_t size = hn_load_u32(chunk + pos + 4);
        uint64_t id = hn_load_u64(chunk + pos + 8);

        if (size < RECORD_MIN || size > CHUNK - pos ||
                hn_load_u32(chunk + pos + size - 4) != size || (last != 0 && id <= last))
            break;
        if (id > mark && *ret_new == 0)
            *ret_new = pos;
        last = id;
        pos += size;
    }
    if (*ret_new == 0)
        *ret_new = pos;
    *ret_last = last;
    return pos;
}

static bool has_rest(const uint8_t *chunk, uint32_t end)
{
    while (end < CHUNK && chunk[end] == 0)
        end++;
    return end < CHUNK;
}

/* Hands in what is new of a chunk. False: refused. */
static bool hand_in(struct follow *follow, struct file *file, const struct chunk *chunk,
        uint8_t *bytes, bool done)
{
    uint8_t *own = bytes + CHUNK;
    struct intake_batch batch = { .offset = chunk->place };
    struct hn_buf head = { 0 };
    struct follow_entry entry;
    uint32_t start;
    uint32_t end;
    uint64_t last;
    bool rest;
    bool taken = true;

    if (!read_at(file, chunk->place, own, CHUNK) || !is_chunk(own))
        return true; /* cut short, or being written over: at the next look */
    end = records_end(own, file->mark, &start, &last);
    rest = done && chunk->first > file->offset && has_rest(own, end);
    if (!rest)
        memset(own + end, 0, CHUNK - end);
    batch.body = hn_bytes_of(own, CHUNK);
    batch.skip = start;
    if (rest && chunk->place >= FILE_HEADER + CHUNK &&
            read_at(file, chunk->place - CHUNK, bytes, CHUNK) && is_chunk(bytes)) {
        batch.body = hn_bytes_of(bytes, (size_t)2 * CHUNK);
        batch.skip += CHUNK;
        batch.offset -= CHUNK;
    }
    entry = follow_file_entry(file, &head);
    if (last > entry.mark)
        entry.mark = last;
    if (done)
        entry.offset = chunk->first;
    if (start < end || rest)
        taken = follow_submit(follow, file, &batch, &entry);
    hn_buf_deinit(&head);
    if (taken) {
        file->mark = entry.mark;
        file->offset = entry.offset;
    }
    return taken;
}

/* A log that was cleared counts its records from one again. */
static void see_cleared(struct follow *follow, struct file *file, const struct evtx_walk *walk)
{
    uint64_t last = 0;
    uint32_t start;

    if (walk->chunks.count > 0 &&
            read_at(file, walk->chunks.ptr[walk->chunks.count - 1].place, walk->bytes, CHUNK))
        (void)records_end(walk->bytes, 0, &start, &last);
    if (last == 0 || last >= file->mark)
        return;
    follow_count(follow, truncated, 1);
    file->mark = 0;
    file->offset = 0;
}

bool follow_evtx_step(struct follow *follow, struct file *file, int64_t now_ms)
{
    struct evtx_walk walk = { 0 };
    bool rested = now_ms - file->changed_ms >= follow->options.limits.rest_ms;
    bool taken = true;

    walk.bytes = hn_malloc((size_t)2 * CHUNK);
    if (walk.bytes == NULL || !list_chunks(file, &walk)) {
        file->due_ms = now_ms + 1000;
    } else {
        see_cleared(follow, file, &walk);
        for (size_t i = 0; taken && i < walk.chunks.count; i++) {
            const struct chunk *chunk = &walk.chunks.ptr[i];
            bool done = i + 1 < walk.chunks.count || walk.clean || rested || file->ending;

            if (chunk->first >= file->offset) /* the last one may have grown again */
                taken = hand_in(follow, file, chunk, walk.bytes, done);
        }
        if (!walk.clean && !rested)
            file->due_ms = file->changed_ms + follow->options.limits.rest_ms;
    }
    hn_vec_deinit(&walk.chunks);
    hn_free(walk.bytes);
    return false;
}

bool follow_evtx_submit_whole(struct follow *follow, struct file *file, struct hn_bytes chunk,
        const struct follow_entry *entry)
{
    struct hn_buf body = { 0 };
    struct intake_batch batch = { .offset = file->offset - file->text.len, .skip = file->text.len };
    bool taken;

    hn_buf_add(&body, file->text.ptr, file->text.len);
    hn_buf_add(&body, chunk.ptr, chunk.len);
    batch.body = hn_bytes_of(body.ptr, body.len);
    taken = hn_buf_ok(&body) && follow_submit(follow, file, &batch, entry);
    hn_buf_deinit(&body);
    return taken;
}
