/* arclock_7z_write.c - headers of 7z archives written, and folders without their encryption. */
#include "arclock/arclock_7z.h"

static const uint8_t aes_id[] = { 0x06, 0xF1, 0x07, 0x01 };
static const uint8_t copy_id[] = { 0x00 };

void sz_put_number(struct hn_buf *out, uint64_t value)
{
    uint32_t first = 0;
    size_t bytes = 0;

    while (bytes < 8 && value >= (uint64_t)1 << (7 * (bytes + 1))) {
        first |= 0x80u >> bytes;
        bytes++;
    }
    if (bytes < 8)
        first |= (uint32_t)(value >> (8 * bytes));
    hn_buf_add_char(out, (char)first);
    arclock_put(out, value, bytes);
}

void sz_put_folder(struct hn_buf *out, const struct sz_folder *folder)
{
    sz_put_number(out, folder->coder_count);
    for (uint32_t i = 0; i < folder->coder_count; i++) {
        const struct sz_coder *coder = &folder->coders[i];
        bool simple = coder->in == 1 && coder->out == 1;

        hn_buf_add_char(out, (char)(coder->id.len | (simple ? 0u : 0x10u) |
                                     (coder->props.len > 0 ? 0x20u : 0u)));
        hn_buf_add(out, coder->id.ptr, coder->id.len);
        if (!simple) {
            sz_put_number(out, coder->in);
            sz_put_number(out, coder->out);
        }
        if (coder->props.len > 0) {
            sz_put_number(out, coder->props.len);
            hn_buf_add(out, coder->props.ptr, coder->props.len);
        }
    }
    for (uint32_t i = 0; i < folder->bind_count; i++) {
        sz_put_number(out, folder->binds[i].in);
        sz_put_number(out, folder->binds[i].out);
    }
    for (uint32_t i = 0; folder->packed_count > 1 && i < folder->packed_count; i++)
        sz_put_number(out, folder->packed[i]);
}

static void put_digests(struct hn_buf *out, const struct sz_streams *streams)
{
    uint8_t bits = 0;

    hn_buf_add_char(out, (char)SZ_CRC);
    hn_buf_add_char(out, 0);
    for (uint64_t i = 0; i < streams->folder_count; i++) {
        bits = (uint8_t)(bits | (streams->folders[i].has_crc ? 0x80u >> i % 8 : 0));
        if (i % 8 == 7 || i + 1 == streams->folder_count) {
            hn_buf_add_char(out, (char)bits);
            bits = 0;
        }
    }
    for (uint64_t i = 0; i < streams->folder_count; i++)
        if (streams->folders[i].has_crc)
            arclock_put(out, streams->folders[i].crc, 4);
}

void sz_put_streams(struct hn_buf *out, const struct sz_streams *streams)
{
    bool any = false;

    hn_buf_add_char(out, (char)SZ_PACK);
    sz_put_number(out, 0);
    sz_put_number(out, streams->pack_count);
    hn_buf_add_char(out, (char)SZ_SIZE);
    for (uint64_t i = 0; i < streams->pack_count; i++)
        sz_put_number(out, streams->pack_sizes[i]);
    hn_buf_add_char(out, (char)SZ_END);
    hn_buf_add_char(out, (char)SZ_UNPACK);
    hn_buf_add_char(out, (char)SZ_FOLDER);
    sz_put_number(out, streams->folder_count);
    hn_buf_add_char(out, 0);
    for (uint64_t i = 0; i < streams->folder_count; i++)
        sz_put_folder(out, &streams->folders[i]);
    hn_buf_add_char(out, (char)SZ_UNPACK_SIZE);
    for (uint64_t i = 0; i < streams->folder_count; i++) {
        any = any || streams->folders[i].has_crc;
        for (uint32_t k = 0; k < streams->folders[i].out_count; k++)
            sz_put_number(out, streams->folders[i].sizes[k]);
    }
    if (any)
        put_digests(out, streams);
    hn_buf_add_char(out, (char)SZ_END);
}

/* ---- Without encryption ---- */

/* What is taken out of a folder: a bit for each coder, in-stream and out-stream, numbered alike
 * before and after. */
struct removal {
    const struct sz_folder *folder;
    uint64_t in;
    uint64_t out;
    uint64_t binds;
};

static bool is_aes(const struct sz_coder *coder)
{
    return coder->id.len == sizeof aes_id && memcmp(coder->id.ptr, aes_id, sizeof aes_id) == 0 &&
           coder->in == 1 && coder->out == 1;
}

static uint32_t below(uint64_t removed, uint32_t index)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < index; i++)
        count += (uint32_t)(removed >> i & 1u);
    return count;
}

/* The method of the coder that has this in-stream. */
static struct hn_bytes method_of(const struct sz_folder *folder, uint32_t in)
{
    uint32_t first = 0;

    for (uint32_t i = 0; i < folder->coder_count; i++) {
        if (in - first < folder->coders[i].in)
            return folder->coders[i].id;
        first += folder->coders[i].in;
    }
    return hn_bytes_of("", 0);
}

/* One AES coder: what it decrypts is what the packed stream will be. */
static enum hn_status strip_one(struct removal *removal, struct sz_folder *plain, uint32_t in,
        uint32_t out, struct sz_lock *lock)
{
    const struct sz_folder *folder = removal->folder;

    lock->size = folder->sizes[out];
    for (uint32_t i = 0; i < folder->bind_count; i++) {
        if (folder->binds[i].out != out)
            continue;
        lock->next = method_of(folder, folder->binds[i].in);
        removal->in |= (uint64_t)1 << in;
        removal->out |= (uint64_t)1 << out;
        removal->binds |= (uint64_t)1 << i;
        for (uint32_t k = 0; k < plain->packed_count; k++)
            if (folder->packed[k] == in)
                plain->packed[k] = folder->binds[i].in;
        return HN_OK;
    }
    return folder->coder_count == 1 ? HN_OK : HN_UNSUPPORTED;
}

static bool copy_folder(
        struct hn_arena *arena, const struct sz_folder *folder, struct sz_folder *plain)
{
    *plain = *folder;
    plain->coders = hn_new(arena, struct sz_coder, folder->coder_count);
    plain->binds = hn_new(arena, struct sz_bind, folder->bind_count + 1);
    plain->packed = hn_new(arena, uint32_t, folder->packed_count + 1);
    plain->sizes = hn_new(arena, uint64_t, folder->out_count);
    if (plain->coders == NULL || plain->binds == NULL || plain->packed == NULL ||
            plain->sizes == NULL)
        return false;
    memcpy(plain->packed, folder->packed, folder->packed_count * sizeof *folder->packed);
    return true;
}

/* Everything that stays, renumbered. */
static void renumber(const struct removal *removal, struct sz_folder *plain)
{
    const struct sz_folder *folder = removal->folder;
    uint32_t out = 0;

    plain->coder_count = plain->bind_count = plain->in_count = plain->out_count = 0;
    for (uint32_t i = 0; i < folder->coder_count; out += folder->coders[i++].out) {
        if (is_aes(&folder->coders[i]) && (removal->out >> out & 1u) != 0)
            continue;
        plain->coders[plain->coder_count] = folder->coders[i];
        if (is_aes(&folder->coders[i])) /* nothing but AES: what is left is a copy */
            plain->coders[plain->coder_count] =
                    (struct sz_coder){ .id = { copy_id, sizeof copy_id }, .in = 1, .out = 1 };
        plain->coder_count++;
        plain->in_count += folder->coders[i].in;
        for (uint32_t k = 0; k < folder->coders[i].out; k++)
            plain->sizes[plain->out_count++] = folder->sizes[out + k];
    }
    for (uint32_t i = 0; i < folder->bind_count; i++) {
        if ((removal->binds >> i & 1u) != 0)
            continue;
        plain->binds[plain->bind_count].in =
                folder->binds[i].in - below(removal->in, folder->binds[i].in);
        plain->binds[plain->bind_count++].out =
                folder->binds[i].out - below(removal->out, folder->binds[i].out);
    }
    for (uint32_t i = 0; i < plain->packed_count; i++)
        plain->packed[i] -= below(removal->in, plain->packed[i]);
}

enum hn_status sz_strip(struct hn_arena *arena, const struct sz_folder *folder,
        struct sz_folder *ret_plain, struct sz_lock *ret_locks)
{
    struct removal removal = { .folder = folder };
    uint32_t in = 0;
    uint32_t out = 0;

    memset(ret_locks, 0, SZ_PER_FOLDER * sizeof *ret_locks);
    if (!copy_folder(arena, folder, ret_plain))
        return HN_LIMIT;
    for (uint32_t i = 0; i < folder->coder_count; i++) {
        uint32_t place = 0;
        enum hn_status status;

        if (is_aes(&folder->coders[i])) {
            while (place < folder->packed_count && folder->packed[place] != in)
                place++;
            if (place == folder->packed_count || ret_locks[place].props.ptr != NULL)
                return HN_UNSUPPORTED; /* AES over what another coder gives */
            ret_locks[place].props =
                    folder->coders[i].props.len > 0 ? folder->coders[i].props : hn_bytes_of("", 0);
            status = strip_one(&removal, ret_plain, in, out, &ret_locks[place]);
            if (status != HN_OK)
                return status;
        }
        in += folder->coders[i].in;
        out += folder->coders[i].out;
    }
    renumber(&removal, ret_plain);
    return HN_OK;
}
