/* decode_evtx_chunk.c - one chunk: its header, its records, and what can still be read in the rest.
 *
 * Regular records stand one behind the other from the header to the free space. Where one is
 * damaged the walk goes on at the next thing that looks like a record. The free space holds older
 * records that Windows has not yet written over; they are read as well unless the chunk has a
 * regular record of the same number. */
#include "decode/decode_evtx.h"

#include "base/crc32.h"

#include <assert.h>

#define FLAG_NO_CRC                                                                               \
    0x4u                  /* libevtx leaves the flags open; logs without checksums carry this one \
                           */
#define HEADER_BYTES 128u /* the part of a chunk's header that says so of itself */

static const char chunk_magic[8] = "ElfChnk";
static const uint8_t record_magic[4] = { 0x2A, 0x2A, 0, 0 };
static const uint8_t fragment_header[4] = { EVTX_TOKEN_FRAGMENT, 1, 1, 0 };

bool evtx_is_chunk(struct hn_bytes cell)
{
    return cell.len >= sizeof chunk_magic && memcmp(cell.ptr, chunk_magic, sizeof chunk_magic) == 0;
}

/* Offset of what looks like a chunk's header from start on, or SIZE_MAX. */
static size_t find_header(struct hn_bytes cell, size_t start)
{
    struct hn_text text = hn_bytes_as_text(cell);
    size_t found = hn_text_find(text, hn_text_of(chunk_magic, sizeof chunk_magic), start);

    while (found != SIZE_MAX) {
        if (cell.len - found >= 44 && hn_load_u32(cell.ptr + found + 40) == HEADER_BYTES)
            break;
        found = hn_text_find(text, hn_text_of(chunk_magic, sizeof chunk_magic), found + 1);
    }
    return found;
}

/* What looks like a header inside a cell may be a value that somebody had logged. It is one only
 * where no chunk follows in its place. */
size_t evtx_cell_len(struct hn_bytes rest, bool at_end)
{
    struct hn_bytes cell = { rest.ptr, rest.len < EVTX_CHUNK_BYTES ? rest.len : EVTX_CHUNK_BYTES };
    size_t start = 1;
    size_t found;

    if (cell.len < EVTX_CHUNK_BYTES && !at_end)
        return 0;
    if (evtx_is_chunk(cell) && cell.len >= EVTX_CHUNK_HEADER_BYTES) {
        start = hn_load_u32(cell.ptr + 48);
        if (start < EVTX_CHUNK_HEADER_BYTES || start > cell.len)
            start = EVTX_CHUNK_HEADER_BYTES;
    }
    found = find_header(cell, start);
    if (found == SIZE_MAX)
        return cell.len;
    rest.ptr += cell.len;
    rest.len -= cell.len;
    if (rest.len < sizeof chunk_magic && !at_end)
        return 0;
    return evtx_is_chunk(rest) ? cell.len : found;
}

static bool is_zero(struct hn_bytes bytes)
{
    return bytes.len == 0 ||
           (bytes.ptr[0] == 0 && memcmp(bytes.ptr, bytes.ptr + 1, bytes.len - 1) == 0);
}

bool evtx_has_leftovers(struct hn_bytes cell)
{
    uint32_t free_offset;

    if (!evtx_is_chunk(cell) || cell.len < EVTX_CHUNK_HEADER_BYTES)
        return !is_zero(cell);
    free_offset = hn_load_u32(cell.ptr + 48);
    return free_offset > cell.len ||
           !is_zero(hn_bytes_of(cell.ptr + free_offset, cell.len - free_offset));
}

/* ---- One record ---- */

struct walk {
    const struct evtx_cell *cell;
    struct hn_bytes chunk;
    struct evtx_worker *worker;
    struct hn_event *event;
    const struct decode_sink *sink;
    uint32_t pos;
    uint32_t live_end; /* start of the free space */
    uint64_t id_last;  /* of regular records */
    bool lost;         /* looking for the next record: what is found is recovered */
};

static void report(const struct walk *walk, enum hn_finding_kind kind, uint32_t pos)
{
    decode_report(walk->sink, kind, walk->cell->offset + pos, 0);
}

/* The record's bytes as its size says, when that is possible and repeated behind it; else 0. */
static uint32_t framed_len(struct hn_bytes chunk, uint32_t pos)
{
    uint32_t size;

    if (chunk.len - pos < EVTX_RECORD_BYTES_MIN)
        return 0;
    size = hn_load_u32(chunk.ptr + pos + 4);
    if (size < EVTX_RECORD_BYTES_MIN || size > chunk.len - pos)
        return 0;
    return hn_load_u32(chunk.ptr + pos + size - 4) == size ? size : 0;
}

static bool starts_record(struct hn_bytes chunk, uint32_t pos)
{
    return chunk.len - pos >= EVTX_RECORD_HEADER_BYTES &&
           memcmp(chunk.ptr + pos, record_magic, sizeof record_magic) == 0;
}

/* Position of what looks like a record from pos on, or the chunk's end. */
static uint32_t find_record(struct hn_bytes chunk, uint32_t pos)
{
    while (pos < chunk.len) {
        const uint8_t *star = memchr(chunk.ptr + pos, record_magic[0], chunk.len - pos);

        if (star == NULL)
            break;
        pos = (uint32_t)(star - chunk.ptr);
        if (starts_record(chunk, pos) &&
                chunk.len - pos - EVTX_RECORD_HEADER_BYTES >= sizeof fragment_header &&
                memcmp(chunk.ptr + pos + EVTX_RECORD_HEADER_BYTES, fragment_header,
                        sizeof fragment_header) == 0)
            return pos;
        pos++;
    }
    return (uint32_t)chunk.len;
}

/* Fills the event from the record in raw; its chunk is the worker's. */
static enum hn_status decode_record(
        struct evtx_worker *worker, struct hn_event *event, struct hn_bytes raw)
{
    uint32_t pos = (uint32_t)(raw.ptr - worker->chunk.ptr);
    uint32_t end = pos + (uint32_t)raw.len;
    enum hn_status status;

    assert(raw.len >= EVTX_RECORD_HEADER_BYTES);
    if (framed_len(worker->chunk, pos) == raw.len)
        end -= 4;
    event->raw = raw;
    event->origin = HN_ORIGIN_WINDOWS;
    status = evtx_record_decode(worker, event, pos + EVTX_RECORD_HEADER_BYTES, end);
    event->findings |= worker->findings;
    if (event->time == HN_TIME_NONE)
        event->time = hn_time_from_filetime(hn_load_u64(raw.ptr + 16));
    return status;
}

static enum hn_status decode_at(struct walk *walk, uint32_t pos, uint32_t len)
{
    struct hn_event *event = walk->event;

    hn_event_reset(event);
    event->offset = walk->cell->offset + pos;
    event->private_ref = (uint64_t)walk->cell->in_batch << 32 | walk->chunk.len;
    return decode_record(walk->worker, event, hn_bytes_of(walk->chunk.ptr + pos, len));
}

static uint64_t id_at(const struct walk *walk, uint32_t pos)
{
    return hn_load_u64(walk->chunk.ptr + pos + 8);
}

/* Whether the record is handed on elsewhere: here under the same number, or at the same place of
 * the chunk before. */
static bool is_known(const struct walk *walk, uint32_t pos)
{
    const struct evtx_worker *worker = walk->worker;
    struct hn_bytes before = walk->cell->before;
    uint64_t id = id_at(walk, pos);

    if (before.len > pos && before.len - pos >= EVTX_RECORD_HEADER_BYTES &&
            memcmp(before.ptr + pos, walk->chunk.ptr + pos, EVTX_RECORD_HEADER_BYTES) == 0)
        return true;
    for (uint32_t i = 0; i < worker->id_count; i++) {
        if (worker->ids[i] == id)
            return true;
    }
    return false;
}

static enum hn_status hand_on(struct walk *walk, uint32_t pos)
{
    struct evtx_worker *worker = walk->worker;
    uint32_t notes = walk->event->findings;

    for (uint32_t kind = 0; notes != 0; kind++, notes >>= 1) {
        if ((notes & 1) != 0)
            report(walk, (enum hn_finding_kind)kind, pos);
    }
    if (worker->id_count < EVTX_RECORDS_MAX)
        worker->ids[worker->id_count++] = id_at(walk, pos);
    return walk->sink->on_event(walk->sink->ctx, walk->event) ? HN_OK : HN_CANCELLED;
}

/* ---- Regular records ---- */

static void watch_ids(struct walk *walk, uint32_t pos)
{
    uint64_t id = id_at(walk, pos);

    if (walk->id_last != 0 && id > walk->id_last + 1)
        report(walk, HN_FINDING_GAP, pos);
    walk->id_last = id;
}

/* A record where one has to be; *ret_len is 0 when there is none. Wrong sizes do not matter while
 * the binary XML can be read: it ends itself. */
static enum hn_status regular_record(struct walk *walk, uint32_t *ret_len)
{
    uint32_t pos = walk->pos;
    uint32_t len = framed_len(walk->chunk, pos);
    bool framed = len != 0;
    enum hn_status status;

    *ret_len = 0;
    if (!starts_record(walk->chunk, pos))
        return HN_OK;
    if (!framed)
        len = find_record(walk->chunk, pos + EVTX_RECORD_HEADER_BYTES) - pos;
    status = decode_at(walk, pos, len);
    if (status == HN_NOMEM)
        return status;
    if (status != HN_OK || (!framed && walk->worker->broken && pos + len < walk->chunk.len))
        return HN_OK;
    if (!framed && pos + len == walk->chunk.len && walk->chunk.len < EVTX_CHUNK_BYTES)
        hn_event_note(walk->event, HN_FINDING_TRUNCATED);
    else if (!framed || walk->worker->broken || len > walk->live_end - pos)
        hn_event_note(walk->event, HN_FINDING_DAMAGED_RECORD);
    if (walk->lost)
        hn_event_note(walk->event, HN_FINDING_RECOVERED);
    else
        watch_ids(walk, pos);
    walk->lost = false;
    *ret_len = len;
    return hand_on(walk, pos);
}

static enum hn_status regular_records(struct walk *walk)
{
    enum hn_status status = HN_OK;

    while (status == HN_OK && walk->pos < walk->live_end) {
        uint32_t len = 0;

        status = regular_record(walk, &len);
        if (len > 0 || status != HN_OK) {
            walk->pos += len;
            continue;
        }
        if (is_zero(hn_bytes_of(walk->chunk.ptr + walk->pos, walk->live_end - walk->pos)))
            break; /* archived logs count unused space as used */
        if (!walk->lost)
            report(walk, HN_FINDING_DAMAGED_RECORD, walk->pos);
        walk->lost = true;
        walk->pos = find_record(walk->chunk, walk->pos + 1);
    }
    return status;
}

/* ---- Free space ---- */

/* Space that Windows has given up holds what it has not written over yet. That parts are missing
 * there is no damage to the log. */
static void set_remains(struct hn_event *event)
{
    const uint32_t damaged = (uint32_t)1 << HN_FINDING_DAMAGED_RECORD;

    if ((event->findings & damaged) != 0) {
        event->findings &= ~damaged;
        hn_event_note(event, HN_FINDING_INCOMPLETE);
    }
    hn_event_note(event, HN_FINDING_RECOVERED);
}

static enum hn_status free_space(struct walk *walk)
{
    enum hn_status status = HN_OK;
    uint32_t pos = find_record(walk->chunk, walk->pos);

    while (status == HN_OK && pos < walk->chunk.len) {
        uint32_t framed = framed_len(walk->chunk, pos);
        uint32_t next = find_record(walk->chunk, pos + EVTX_RECORD_HEADER_BYTES);
        uint32_t len = framed != 0 ? framed : next - pos;

        status = is_known(walk, pos) ? HN_CORRUPT : decode_at(walk, pos, len);
        if (status == HN_OK && (framed != 0 || !walk->worker->broken)) {
            set_remains(walk->event);
            status = hand_on(walk, pos);
        } else if (status != HN_NOMEM) {
            status = HN_OK;
        }
        pos = framed != 0 ? find_record(walk->chunk, pos + framed) : next;
    }
    return status;
}

/* ---- The chunk ---- */

static void check_sums(const struct walk *walk)
{
    struct hn_bytes chunk = walk->chunk;
    uint32_t crc;

    if ((hn_load_u32(chunk.ptr + 120) & FLAG_NO_CRC) != 0)
        return;
    crc = hn_crc32(0, hn_bytes_of(chunk.ptr, 120));
    crc = hn_crc32(crc, hn_bytes_of(chunk.ptr + 128, EVTX_CHUNK_HEADER_BYTES - 128));
    if (crc != hn_load_u32(chunk.ptr + 124))
        report(walk, HN_FINDING_CHECKSUM, 124);
    crc = hn_crc32(0, hn_bytes_of(chunk.ptr + EVTX_CHUNK_HEADER_BYTES,
                              walk->live_end - EVTX_CHUNK_HEADER_BYTES));
    if (crc != hn_load_u32(chunk.ptr + 52))
        report(walk, HN_FINDING_CHECKSUM, 52);
}

/* Reads the header; where it cannot be right, the whole chunk is searched. */
static void read_header(struct walk *walk)
{
    struct hn_bytes chunk = walk->chunk;
    uint32_t free_offset;

    walk->live_end = (uint32_t)chunk.len;
    walk->pos = EVTX_CHUNK_HEADER_BYTES;
    if (!evtx_is_chunk(chunk) || chunk.len < EVTX_CHUNK_HEADER_BYTES) {
        report(walk, evtx_is_chunk(chunk) ? HN_FINDING_TRUNCATED : HN_FINDING_DAMAGED_HEADER, 0);
        walk->lost = true;
        walk->pos = find_record(chunk, 0);
        return;
    }
    free_offset = hn_load_u32(chunk.ptr + 48);
    if (chunk.len < EVTX_CHUNK_BYTES)
        report(walk, HN_FINDING_TRUNCATED, (uint32_t)chunk.len);
    if (free_offset < EVTX_CHUNK_HEADER_BYTES || free_offset > EVTX_CHUNK_BYTES) {
        report(walk, HN_FINDING_DAMAGED_HEADER, 48);
        return;
    }
    if (free_offset > chunk.len)
        return;
    walk->live_end = free_offset;
    check_sums(walk);
}

enum hn_status evtx_chunk_run(const struct evtx_cell *cell, struct evtx_worker *worker,
        struct hn_event *event, const struct decode_sink *sink, uint64_t *ret_id_last)
{
    struct walk walk = { .cell = cell,
        .chunk = cell->bytes,
        .worker = worker,
        .event = event,
        .sink = sink,
        .id_last = cell->id_before };
    enum hn_status status;

    if (!evtx_is_chunk(cell->bytes) && is_zero(cell->bytes)) /* room not used yet */
        return HN_OK;
    evtx_worker_turn(worker, cell->bytes);
    read_header(&walk);
    status = regular_records(&walk);
    if (status == HN_OK)
        status = free_space(&walk);
    *ret_id_last = walk.id_last;
    return status;
}

enum hn_status evtx_chunk_again(struct hn_bytes batch, const struct hn_event *from,
        struct evtx_worker *worker, struct hn_event *to)
{
    size_t start = (size_t)(from->private_ref >> 32);
    size_t len = (size_t)(from->private_ref & UINT32_MAX);

    assert(start <= batch.len && len <= batch.len - start);
    hn_event_reset(to);
    evtx_worker_turn(worker, hn_bytes_of(batch.ptr + start, len));
    to->offset = from->offset;
    to->private_ref = from->private_ref;
    to->findings = from->findings;
    return decode_record(worker, to, from->raw);
}
