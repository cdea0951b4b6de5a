/* container_vhdx_log.c - the log of a VHDX that was not closed in order: what it holds belongs into
 * the file before the tables are read ([MS-VHDX] 2.3). Only the newest whole run of entries counts.
 */
#include "container/container_disk.h"

#include "base/crc32c.h"

#define LOG_SECTOR     4096u
#define HEADER_BYTES   4096u
#define ENTRY_HEAD     64u
#define DESCRIPTOR     32u
#define ENTRIES_MAX    4096u
#define CHECKED_FACTOR 4u /* so many times the length of the log are looked at for checksums */
#define LEADING_BYTES  8u
#define TRAILING_BYTES 4u

struct vhdx_log {
    struct hn_bytes bytes; /* whole sectors, read in a circle */
    uint8_t guid[16];
    uint64_t budget; /* bytes that may still be checked */
    uint8_t *file;   /* the copy that is mended */
    size_t len;
};

struct log_entry {
    uint64_t at; /* in the log */
    uint64_t sequence;
    uint32_t len;
    uint32_t tail;
    uint32_t descriptors;
};

/* ---- Reading ---- */

/* [at, at + len) of an entry that may go on at the start of the log; len within one sector. */
static const uint8_t *at_log(const struct vhdx_log *log, uint64_t at)
{
    return log->bytes.ptr + at % log->bytes.len;
}

/* The checksum covers the entry with its own field as zeros. */
static bool checksum_fits(struct vhdx_log *log, uint64_t at, uint32_t len, uint32_t stated)
{
    static const uint8_t zeros[4];
    uint32_t crc;

    if (len > log->budget)
        return false;
    log->budget -= len;
    crc = hn_crc32c(0, hn_bytes_of(at_log(log, at), 4));
    crc = hn_crc32c(crc, hn_bytes_of(zeros, 4));
    crc = hn_crc32c(crc, hn_bytes_of(at_log(log, at) + 8, LOG_SECTOR - 8));
    for (uint64_t done = LOG_SECTOR; done < len; done += LOG_SECTOR)
        crc = hn_crc32c(crc, hn_bytes_of(at_log(log, at + done), LOG_SECTOR));
    return crc == stated;
}

static bool read_entry(struct vhdx_log *log, uint64_t at, struct log_entry *ret)
{
    const uint8_t *p = at_log(log, at);

    if (memcmp(p, "loge", 4) != 0 || memcmp(p + 32, log->guid, 16) != 0)
        return false;
    *ret = (struct log_entry){ .at = at % log->bytes.len,
        .len = hn_load_u32(p + 8),
        .tail = hn_load_u32(p + 12),
        .sequence = hn_load_u64(p + 16),
        .descriptors = hn_load_u32(p + 24) };
    return ret->len >= LOG_SECTOR && ret->len % LOG_SECTOR == 0 && ret->len <= log->bytes.len &&
           ret->tail % LOG_SECTOR == 0 && ret->tail < log->bytes.len &&
           ret->descriptors <= (ret->len - ENTRY_HEAD) / DESCRIPTOR &&
           checksum_fits(log, at, ret->len, hn_load_u32(p + 4));
}

/* The entry with the highest number. */
static bool find_newest(struct vhdx_log *log, struct log_entry *ret)
{
    bool found = false;

    for (uint64_t at = 0; at < log->bytes.len; at += LOG_SECTOR) {
        struct log_entry entry;

        if (read_entry(log, at, &entry) && (!found || entry.sequence > ret->sequence)) {
            *ret = entry;
            found = true;
        }
    }
    return found;
}

/* ---- Replaying ---- */

static void write_file(struct vhdx_log *log, uint64_t at, const uint8_t *bytes, uint64_t len)
{
    if (at >= log->len)
        return;
    if (len > log->len - at)
        len = log->len - at;
    if (bytes != NULL)
        memcpy(log->file + at, bytes, (size_t)len);
    else
        memset(log->file + at, 0, (size_t)len);
}

static void apply(struct vhdx_log *log, const struct log_entry *entry)
{
    uint64_t data = (ENTRY_HEAD + (uint64_t)entry->descriptors * DESCRIPTOR + LOG_SECTOR - 1) /
                    LOG_SECTOR * LOG_SECTOR;

    for (uint32_t i = 0; i < entry->descriptors; i++) {
        const uint8_t *p = at_log(log, entry->at + ENTRY_HEAD + (uint64_t)i * DESCRIPTOR);
        uint64_t at = hn_load_u64(p + 16);

        if (memcmp(p, "zero", 4) == 0) {
            write_file(log, at, NULL, hn_load_u64(p + 8));
        } else if (memcmp(p, "desc", 4) == 0 && data < entry->len) {
            const uint8_t *sector = at_log(log, entry->at + data);

            /* What the marks of the sector cover stands in the descriptor. */
            write_file(log, at, p + 8, LEADING_BYTES);
            if (at <= UINT64_MAX - LOG_SECTOR) {
                write_file(log, at + LEADING_BYTES, sector + LEADING_BYTES,
                        LOG_SECTOR - LEADING_BYTES - TRAILING_BYTES);
                write_file(log, at + LOG_SECTOR - TRAILING_BYTES, p + 4, TRAILING_BYTES);
            }
            data += LOG_SECTOR;
        }
    }
}

/* From the tail that the newest entry names up to itself; false: the run has a gap. Nothing is
 * written before the whole run is known to be good. */
static bool replay(struct vhdx_log *log, const struct log_entry *newest, bool write)
{
    struct log_entry entry = { 0 };
    uint64_t at = newest->tail;

    for (uint32_t i = 0; i < ENTRIES_MAX; i++) {
        uint64_t before = entry.sequence;

        if (!read_entry(log, at, &entry) || (i > 0 && entry.sequence != before + 1))
            return false;
        if (write)
            apply(log, &entry);
        if (entry.sequence == newest->sequence)
            return entry.at == newest->at;
        at += entry.len;
    }
    return false;
}

/* The newer of the two headers that is good. */
static const uint8_t *find_header(struct hn_bytes data)
{
    static const uint8_t zeros[4];
    const uint8_t *best = NULL;

    for (uint64_t at = (uint64_t)64 << 10; at <= (uint64_t)128 << 10; at += (uint64_t)64 << 10) {
        struct hn_bytes header = container_cut(data, at, HEADER_BYTES);
        uint32_t crc;

        if (header.len < HEADER_BYTES || memcmp(header.ptr, "head", 4) != 0)
            continue;
        crc = hn_crc32c(0, hn_bytes_of(header.ptr, 4));
        crc = hn_crc32c(crc, hn_bytes_of(zeros, 4));
        crc = hn_crc32c(crc, hn_bytes_of(header.ptr + 8, HEADER_BYTES - 8));
        if (crc == hn_load_u32(header.ptr + 4) &&
                (best == NULL || hn_load_u64(header.ptr + 8) > hn_load_u64(best + 8)))
            best = header.ptr;
    }
    return best;
}

void disk_replay_log(struct disk *disk)
{
    static const uint8_t none[16];
    const uint8_t *header = find_header(disk->data);
    struct hn_arena *arena = dissect_arena(disk->iso.dissect);
    struct vhdx_log log = { .len = disk->data.len };
    struct log_entry newest = { 0 };

    if (header == NULL || memcmp(header + 48, none, sizeof none) == 0)
        return;
    memcpy(log.guid, header + 48, sizeof log.guid);
    log.bytes = container_cut(disk->data, hn_load_u64(header + 72), hn_load_u32(header + 68));
    log.bytes.len -= log.bytes.len % LOG_SECTOR;
    log.budget = (uint64_t)log.bytes.len * CHECKED_FACTOR;
    if (log.bytes.len == 0 || !find_newest(&log, &newest))
        return; /* nothing was under way */
    log.budget = (uint64_t)log.bytes.len * CHECKED_FACTOR;
    if (!replay(&log, &newest, false)) {
        dissect_note(disk->iso.dissect, disk->iso.id, DISSECT_NOTE_DAMAGED,
                hn_load_u64(header + 72),
                "its log is damaged: what was written last may be missing");
        return;
    }
    log.file = hn_arena_raw(arena, log.len, 1);
    if (log.file == NULL) {
        if (container_no_memory(disk->iso.dissect, disk->iso.id) == HN_NOMEM)
            disk->iso.status = HN_NOMEM;
        return;
    }
    memcpy(log.file, disk->data.ptr, log.len);
    log.budget = (uint64_t)log.bytes.len * CHECKED_FACTOR;
    (void)replay(&log, &newest, true);
    disk->data = hn_bytes_of(log.file, log.len);
    dissect_fact_bool(disk->iso.dissect, disk->iso.id, "log_replayed", true);
}
