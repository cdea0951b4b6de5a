/* zip_list.c - the list of entries: the central directory, wherever it lies, each entry compared
 * with its local header, and local headers that no directory lists. Contents are zip_read.c's. */
#include "zip/zip_internal.h"

#include "base/reader.h"

#include <stdlib.h>

#define ENDS_TRIED_MAX 64u

/* Where the directory lies and what has to be added to its offsets. */
struct directory {
    bool found;
    uint64_t start;
    uint64_t base;  /* bytes before the archive */
    uint64_t count; /* as stated */
    size_t end_offset;
    size_t after; /* behind the end record and its comment */
};

struct range {
    uint64_t start;
    uint64_t end;
};

struct ranges {
    struct range *ptr;
    size_t count;
};

/* Offset of the next "PK" followed by a and b in [from, to), or to. */
static size_t find_mark(struct hn_bytes bytes, size_t from, size_t to, uint8_t a, uint8_t b)
{
    while (from + 4 <= to) {
        const uint8_t *hit = memchr(bytes.ptr + from, 'P', to - from - 3);

        if (hit == NULL)
            break;
        if (hit[1] == 'K' && hit[2] == a && hit[3] == b)
            return (size_t)(hit - bytes.ptr);
        from = (size_t)(hit - bytes.ptr) + 1;
    }
    return to;
}

/* ---- The central directory ---- */

static bool is_central_at(struct hn_bytes bytes, uint64_t offset)
{
    return offset <= bytes.len && bytes.len - offset >= ZIP_CENTRAL_BYTES &&
           hn_load_u32(bytes.ptr + offset) == ZIP_SIGNATURE_CENTRAL;
}

/* Replaces what the end record says by the zip64 one, where a locator stands before it. Returns the
 * offset at which the directory should end. */
static uint64_t read_end64(
        struct hn_bytes bytes, size_t end, uint64_t *count, uint64_t *size, uint64_t *offset)
{
    const uint8_t *locator;
    uint64_t at;

    if (end < 20 || hn_load_u32(bytes.ptr + end - 20) != ZIP_SIGNATURE_LOCATOR64)
        return end;
    locator = bytes.ptr + end - 20;
    at = hn_load_u64(locator + 8);
    if (end < 76 || at > end - 76 || hn_load_u32(bytes.ptr + at) != ZIP_SIGNATURE_END64)
        at = end >= 76 ? end - 76 : UINT64_MAX; /* bytes before the archive move it */
    if (at == UINT64_MAX || hn_load_u32(bytes.ptr + at) != ZIP_SIGNATURE_END64)
        return end;
    *count = hn_load_u64(bytes.ptr + at + 32);
    *size = hn_load_u64(bytes.ptr + at + 40);
    *offset = hn_load_u64(bytes.ptr + at + 48);
    return at;
}

static bool read_end(struct hn_bytes bytes, size_t end, struct directory *ret)
{
    uint64_t count;
    uint64_t size;
    uint64_t offset;
    uint64_t directory_end;
    size_t comment;

    if (bytes.len - end < ZIP_END_BYTES)
        return false;
    count = hn_load_u16(bytes.ptr + end + 10);
    size = hn_load_u32(bytes.ptr + end + 12);
    offset = hn_load_u32(bytes.ptr + end + 16);
    comment = hn_load_u16(bytes.ptr + end + 20);
    directory_end = read_end64(bytes, end, &count, &size, &offset);
    *ret = (struct directory){ .found = true, .count = count, .end_offset = end };
    ret->after = end + ZIP_END_BYTES;
    ret->after += comment <= bytes.len - ret->after ? comment : 0;
    if (size <= directory_end && is_central_at(bytes, directory_end - size)) {
        ret->start = directory_end - size;
        ret->base = offset <= ret->start ? ret->start - offset : 0;
        return true;
    }
    ret->start = offset;
    return is_central_at(bytes, offset) || (count == 0 && size == 0);
}

static struct directory find_directory(struct hn_bytes bytes)
{
    struct directory directory = { 0 };
    uint32_t tried = 0;

    for (size_t at = bytes.len; at-- > 0 && tried < ENDS_TRIED_MAX;) {
        if (bytes.ptr[at] != 'P' || bytes.len - at < 4 ||
                hn_load_u32(bytes.ptr + at) != ZIP_SIGNATURE_END)
            continue;
        tried++;
        if (read_end(bytes, at, &directory))
            return directory;
    }
    return (struct directory){ 0 };
}

/* ---- Entries ---- */

static bool is_path_odd(struct hn_text name)
{
    struct hn_text rest = name;
    struct hn_text part;

    if (name.len > 0 && (name.ptr[0] == '/' || name.ptr[0] == '\\'))
        return true;
    if (name.len > 1 && name.ptr[1] == ':')
        return true;
    while (rest.ptr != NULL) {
        size_t cut = 0;

        while (cut < rest.len && rest.ptr[cut] != '/' && rest.ptr[cut] != '\\')
            cut++;
        part = hn_text_sub(rest, 0, cut);
        if (hn_text_eq(part, HN_TEXT("..")))
            return true;
        rest = cut < rest.len ? hn_text_sub(rest, cut + 1, SIZE_MAX) : hn_text_of(NULL, 0);
    }
    return false;
}

static bool is_folder(struct hn_text name, uint32_t attributes)
{
    return (name.len > 0 && (name.ptr[name.len - 1] == '/' || name.ptr[name.len - 1] == '\\')) ||
           (attributes & 0x10u) != 0;
}

static struct zip_slot *add_slot(struct zip_file *file, const struct zip_header *header)
{
    struct zip_slot *slot = hn_vec_add(&file->slots);

    if (slot == NULL)
        return NULL;
    slot->entry = (struct zip_entry){
        .name = header->name,
        .name_utf8 = header->name_utf8,
        .size = header->size,
        .packed_size = header->packed_size,
        .offset = header->offset,
        .crc = header->crc,
        .method = header->method,
        .dos_time = header->dos_time,
        .folder = is_folder(header->name, header->attributes) && header->size == 0,
        .encrypted = (header->flags & ZIP_FLAG_ENCRYPTED) != 0,
        .aes = header->aes_strength != 0,
    };
    slot->flags = header->flags;
    slot->local_method = header->method;
    slot->aes_version = header->aes_version;
    slot->aes_strength = header->aes_strength;
    slot->data_offset = UINT64_MAX;
    if (is_path_odd(header->name))
        slot->entry.odd |= ZIP_ODD_PATH;
    return slot;
}

/* Takes over what the local header adds, and notes where the two differ. */
static void compare(struct zip_slot *slot, const struct zip_header *local, struct hn_bytes bytes)
{
    struct zip_entry *entry = &slot->entry;
    bool described = (local->flags & ZIP_FLAG_DESCRIPTOR) != 0 && local->packed_size == 0;

    if (!hn_text_eq(entry->name, local->name)) {
        entry->local_name = local->name;
        entry->odd |= ZIP_ODD_NAME;
    }
    if (local->method != entry->method ||
            (!described &&
                    (local->size != entry->size || local->packed_size != entry->packed_size)))
        entry->odd |= ZIP_ODD_SIZE;
    /* The larger one: deflated data knows its own end, and nothing is lost. */
    if (!described && local->packed_size > entry->packed_size &&
            local->packed_size <= bytes.len - local->end)
        entry->packed_size = local->packed_size;
    slot->local_method = local->method;
    if (slot->aes_strength == 0 && local->aes_strength != 0) {
        slot->aes_strength = local->aes_strength;
        slot->aes_version = local->aes_version;
        entry->aes = true;
    }
    if ((local->flags & ZIP_FLAG_ENCRYPTED) != 0)
        entry->encrypted = true;
    slot->flags |= local->flags & ZIP_FLAG_STRONG;
}

static void place_data(struct zip_slot *slot, const struct zip_header *local, struct hn_bytes bytes)
{
    slot->data_offset = local->end;
    slot->data_len = slot->entry.packed_size;
    if (slot->data_len > bytes.len - local->end) {
        slot->data_len = bytes.len - local->end;
        slot->entry.odd |= ZIP_ODD_TRUNCATED;
    }
}

static enum hn_status list_central(struct zip_file *file, const struct directory *directory)
{
    struct zip_header header;
    struct zip_header local;
    uint64_t at = directory->start;
    uint64_t count = 0;

    while (at < directory->end_offset && zip_header_central(file->bytes, (size_t)at, &header)) {
        struct zip_slot *slot;

        if (file->slots.count >= file->limits.entries_max) {
            file->odd |= ZIP_ODD_LIMIT;
            return HN_OK;
        }
        slot = add_slot(file, &header);
        if (slot == NULL)
            return HN_NOMEM;
        slot->entry.offset += directory->base;
        if (zip_header_local(file->bytes, (size_t)slot->entry.offset, &local) ||
                (directory->base > 0 &&
                        zip_header_local(file->bytes, (size_t)header.offset, &local) &&
                        (slot->entry.offset = header.offset) <= file->bytes.len)) {
            compare(slot, &local, file->bytes);
            place_data(slot, &local, file->bytes);
        } else {
            slot->entry.odd |= ZIP_ODD_TRUNCATED;
        }
        at = header.end;
        count++;
    }
    if (count != directory->count)
        file->odd |= ZIP_ODD_SIZE;
    return HN_OK;
}

/* ---- Local headers that no directory lists ---- */

static int by_start(const void *a, const void *b)
{
    const struct range *left = a;
    const struct range *right = b;

    return left->start < right->start ? -1 : left->start > right->start;
}

/* A header of random bytes is unlikely to look like this one. */
static bool is_plausible(const struct zip_header *header)
{
    if (header->name.len == 0 || header->method > ZIP_METHOD_AES)
        return false;
    for (size_t i = 0; i < header->name.len; i++)
        if ((uint8_t)header->name.ptr[i] < 0x20u)
            return false;
    return true;
}

/* Where the contents end that a descriptor behind them describes. */
static uint64_t described_len(struct hn_bytes bytes, size_t start)
{
    static const uint8_t marks[][2] = { { 7, 8 }, { 3, 4 }, { 1, 2 }, { 5, 6 } };
    size_t end = bytes.len;

    for (size_t i = 0; i < HN_COUNT_OF(marks); i++)
        end = find_mark(bytes, start, end, marks[i][0], marks[i][1]);
    return end - start;
}

static enum hn_status list_gap(struct zip_file *file, size_t from, size_t to, bool hidden)
{
    struct zip_header local;

    while ((from = find_mark(file->bytes, from, to, 3, 4)) < to) {
        struct zip_slot *slot;
        uint64_t end;

        if (!zip_header_local(file->bytes, from, &local) || !is_plausible(&local)) {
            from += 4;
            continue;
        }
        if (file->slots.count >= file->limits.entries_max) {
            file->odd |= ZIP_ODD_LIMIT;
            return HN_OK;
        }
        local.offset = from;
        if ((local.flags & ZIP_FLAG_DESCRIPTOR) != 0 && local.packed_size == 0)
            local.packed_size = described_len(file->bytes, local.end);
        slot = add_slot(file, &local);
        if (slot == NULL)
            return HN_NOMEM;
        place_data(slot, &local, file->bytes);
        slot->entry.odd |= hidden ? ZIP_ODD_LOCAL_ONLY : 0;
        end = slot->data_offset + slot->data_len;
        from = end <= to ? (size_t)end : (size_t)slot->data_offset;
    }
    return HN_OK;
}

/* What entries and the directory cover, in order. */
static bool cover(
        const struct zip_file *file, const struct directory *directory, struct ranges *ret_ranges)
{
    size_t room = file->slots.count + 1;
    struct range *ptr = hn_calloc(room, sizeof *ptr);
    size_t count = 0;

    if (ptr == NULL)
        return false;
    for (size_t i = 0; i < file->slots.count; i++) {
        const struct zip_slot *slot = &file->slots.ptr[i];

        if (slot->data_offset != UINT64_MAX)
            ptr[count++] = (struct range){ slot->entry.offset, slot->data_offset + slot->data_len };
    }
    if (directory->found)
        ptr[count++] = (struct range){ directory->start, directory->after };
    qsort(ptr, count, sizeof *ptr, by_start);
    *ret_ranges = (struct ranges){ ptr, count };
    return true;
}

static enum hn_status list_hidden(struct zip_file *file, const struct directory *directory)
{
    struct ranges ranges;
    uint64_t done = 0;
    enum hn_status status = HN_OK;

    if (!cover(file, directory, &ranges))
        return HN_NOMEM;
    for (size_t i = 0; i < ranges.count && status == HN_OK; i++) {
        /* A directory may claim to begin behind the end. */
        uint64_t start =
                ranges.ptr[i].start < file->bytes.len ? ranges.ptr[i].start : file->bytes.len;

        if (start > done)
            status = list_gap(file, (size_t)done, (size_t)start, directory->found);
        if (ranges.ptr[i].end > done)
            done = ranges.ptr[i].end;
    }
    if (status == HN_OK && done < file->bytes.len)
        status = list_gap(file, (size_t)done, file->bytes.len, directory->found);
    hn_free(ranges.ptr);
    return status;
}

/* ---- What the entries are to each other ---- */

struct place {
    uint64_t start;
    uint64_t end;
    size_t index;
};

static int by_place(const void *a, const void *b)
{
    const struct place *left = a;
    const struct place *right = b;

    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    return left->index < right->index ? -1 : left->index > right->index;
}

static enum hn_status mark_overlaps(struct zip_file *file)
{
    struct place *places = hn_calloc(file->slots.count + 1, sizeof *places);
    size_t count = 0;
    uint64_t end = 0;
    size_t widest = 0;

    if (places == NULL)
        return HN_NOMEM;
    for (size_t i = 0; i < file->slots.count; i++) {
        const struct zip_slot *slot = &file->slots.ptr[i];

        if (slot->data_offset != UINT64_MAX)
            places[count++] =
                    (struct place){ slot->entry.offset, slot->data_offset + slot->data_len, i };
    }
    qsort(places, count, sizeof *places, by_place);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && places[i].start < end) {
            file->slots.ptr[places[i].index].entry.odd |= ZIP_ODD_OVERLAP;
            file->slots.ptr[widest].entry.odd |= ZIP_ODD_OVERLAP;
        }
        if (places[i].end > end) {
            end = places[i].end;
            widest = places[i].index;
        }
    }
    if (count > 0 && places[0].start > 0)
        file->odd |= ZIP_ODD_PREFIX;
    hn_free(places);
    return HN_OK;
}

static enum hn_status mark_doubles(struct zip_file *file)
{
    struct hn_map seen = { 0 };
    enum hn_status status = HN_OK;
    uint32_t first;

    for (size_t i = 0; i < file->slots.count; i++) {
        struct zip_entry *entry = &file->slots.ptr[i].entry;

        if (entry->name.len == 0)
            continue;
        if (!hn_map_put(&seen, entry->name, (uint32_t)i, &first)) {
            status = HN_NOMEM;
            break;
        }
        if (first != (uint32_t)i) {
            entry->odd |= ZIP_ODD_DOUBLE;
            file->slots.ptr[first].entry.odd |= ZIP_ODD_DOUBLE;
        }
    }
    hn_map_deinit(&seen);
    return status;
}

enum hn_status zip_list(struct zip_file *file, struct hn_err *err)
{
    struct directory directory = find_directory(file->bytes);
    enum hn_status status = HN_OK;

    if (directory.found) {
        status = list_central(file, &directory);
        if (directory.after < file->bytes.len)
            file->odd |= ZIP_ODD_SUFFIX;
    } else {
        file->odd |= ZIP_ODD_NO_CENTRAL;
    }
    if (status == HN_OK)
        status = list_hidden(file, &directory);
    if (status == HN_OK && file->slots.count == 0 && !directory.found)
        return hn_fail(err, HN_CORRUPT, 0, "there is no zip archive in it");
    if (status == HN_OK)
        status = mark_overlaps(file);
    if (status == HN_OK)
        status = mark_doubles(file);
    for (size_t i = 0; i < file->slots.count; i++)
        file->odd |= file->slots.ptr[i].entry.odd;
    if (status != HN_OK)
        return hn_fail(err, status, 0, "out of memory");
    return HN_OK;
}
