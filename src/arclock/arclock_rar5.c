/* arclock_rar5.c - RAR 5.0: blocks are copied, those of encrypted files without their encryption
 * record and with their data decrypted, encrypted headers in the clear. Files of different
 * passwords in one archive are each tried. */
#include "arclock/arclock_internal.h"

#include "base/crc32.h"

#define SIGNATURE        "Rar!\x1A\x07\x01\x00"
#define SIGNATURE_BYTES  8u
#define BLOCKS_MAX       65536u
#define HEADER_BYTES_MAX ((uint64_t)2 << 20) /* as RAR has it */

#define PACKED_MAX  ((uint32_t)1 << 20) /* blocks of packed bytes */
#define PACKED_LAST 0x40u

#define BLOCK_MAIN       1u
#define BLOCK_FILE       2u
#define BLOCK_SERVICE    3u
#define BLOCK_ENCRYPTION 4u
#define BLOCK_END        5u
#define HAS_EXTRA        0x01u
#define HAS_DATA         0x02u
#define FROM_VOLUME      0x08u /* data goes on from the volume before */
#define FILE_HAS_TIME    0x02u
#define FILE_HAS_CRC     0x04u
#define EXTRA_ENCRYPTION 1u
#define EXTRA_HASH       2u
#define WITH_CHECK       0x01u
#define TWEAKED          0x02u /* checksums are keyed by the password */

/* Without any record in its main header, libarchive takes an archive for an empty one. */
static const uint8_t empty_locator[] = { 2, 1, 0 };

struct rar5 {
    struct arclock_job *job;
    struct hn_buf *out;
    struct hn_buf header;             /* a decrypted one */
    const struct arclock_key *sealed; /* of the headers; NULL: they are not encrypted */
    uint8_t header_key[ARCLOCK_KEY_MAX];
    uint64_t at;
    size_t password; /* that fitted last; SIZE_MAX: none yet */
    bool any;        /* something was encrypted */
    bool end;
};

/* One block: its header's bytes behind size and checksum, and its data. */
struct rar5_block {
    struct hn_bytes body;
    struct hn_bytes data;
    uint64_t type;
    uint64_t flags;
    struct hn_bytes own; /* fields of its type */
    struct hn_bytes extra;
};

struct rar5_lock {
    bool there;
    uint64_t flags;
    uint32_t work;
    struct hn_bytes salt;
    struct hn_bytes iv;
    struct hn_bytes check;
};

static uint64_t vint(struct hn_reader *r)
{
    uint64_t value = 0;

    for (uint32_t i = 0; i < 10; i++) {
        uint8_t byte = hn_reader_u8(r);

        value |= i < 9 ? (uint64_t)(byte & 0x7Fu) << (7 * i) : (uint64_t)(byte & 1u) << 63;
        if ((byte & 0x80u) == 0)
            break;
    }
    return value;
}

static void put_vint(struct hn_buf *out, uint64_t value)
{
    while (value >= 0x80u) {
        hn_buf_add_char(out, (char)(0x80u | (value & 0x7Fu)));
        value >>= 7;
    }
    hn_buf_add_char(out, (char)value);
}

static struct hn_bytes take(struct hn_reader *r, uint64_t len)
{
    return hn_reader_take(r, len <= hn_reader_left(r) ? (size_t)len : SIZE_MAX);
}

/* ---- Reading blocks ---- */

/* The bytes behind the checksum when that is right; *ret_len: all bytes of the header. */
static bool check_header(struct hn_bytes bytes, struct hn_bytes *ret_body, uint64_t *ret_len)
{
    struct hn_reader r = hn_reader_over(bytes);
    uint32_t crc = hn_reader_u32(&r);
    uint64_t len = vint(&r);
    size_t body_at = hn_reader_offset(&r);

    *ret_len = body_at + len;
    *ret_body = take(&r, len);
    return hn_reader_ok(&r) && len <= HEADER_BYTES_MAX && len > 0 &&
           hn_crc32(0, hn_bytes_of(bytes.ptr + 4, body_at - 4 + (size_t)len)) == crc;
}

/* An encrypted header, in the clear in rar->header. */
static bool open_sealed(
        struct rar5 *rar, const uint8_t *key, struct hn_bytes *ret_body, uint64_t *ret_len)
{
    bool ok = true;
    struct hn_bytes iv = arclock_cut(rar->job->in, rar->at, ARCLOCK_IV_BYTES, &ok);
    struct hn_bytes first = arclock_cut(rar->job->in, rar->at + ARCLOCK_IV_BYTES, 16, &ok);
    struct hn_reader r;
    uint64_t len;

    hn_buf_reset(&rar->header);
    if (!ok || !arclock_decrypt(
                       rar->job, hn_bytes_of(key, ARCLOCK_KEY_MAX), iv.ptr, first, &rar->header))
        return false;
    r = hn_reader_over(hn_text_as_bytes(hn_buf_text(&rar->header)));
    (void)hn_reader_u32(&r);
    len = vint(&r);
    if (len > HEADER_BYTES_MAX)
        return false;
    len = (hn_reader_offset(&r) + len + 15) / 16 * 16;
    first = arclock_cut(rar->job->in, rar->at + ARCLOCK_IV_BYTES, len, &ok);
    hn_buf_reset(&rar->header);
    *ret_len = ARCLOCK_IV_BYTES + len;
    return ok &&
           arclock_decrypt(
                   rar->job, hn_bytes_of(key, ARCLOCK_KEY_MAX), iv.ptr, first, &rar->header) &&
           check_header(hn_text_as_bytes(hn_buf_text(&rar->header)), ret_body, &len);
}

static bool read_block(struct rar5 *rar, struct rar5_block *ret)
{
    struct hn_bytes in = rar->job->in;
    uint64_t len = 0;
    uint64_t extra = 0;
    uint64_t data = 0;
    struct hn_reader r;
    bool ok = true;

    *ret = (struct rar5_block){ 0 };
    if (rar->at >= in.len)
        return false;
    if (rar->sealed != NULL ? !open_sealed(rar, rar->header_key, &ret->body, &len)
                            : !check_header(arclock_cut(in, rar->at, in.len - rar->at, &ok),
                                      &ret->body, &len))
        return false;
    r = hn_reader_over(ret->body);
    ret->type = vint(&r);
    ret->flags = vint(&r);
    if ((ret->flags & HAS_EXTRA) != 0)
        extra = vint(&r);
    if ((ret->flags & HAS_DATA) != 0)
        data = vint(&r);
    if (!hn_reader_ok(&r) || extra > hn_reader_left(&r))
        return false;
    ret->own = take(&r, hn_reader_left(&r) - extra);
    ret->extra = take(&r, extra);
    rar->at += len;
    /* A cut one is given as far as it is there. */
    ret->data = arclock_cut(in, rar->at, data <= in.len - rar->at ? data : in.len - rar->at, &ok);
    rar->at += ret->data.len;
    return ok;
}

/* ---- Writing blocks ---- */

static void add_block(struct rar5 *rar, const struct rar5_block *block)
{
    struct hn_buf *out = rar->out;
    struct hn_buf body = { 0 };
    size_t at = out->len;

    put_vint(&body, block->type);
    put_vint(&body,
            block->extra.len > 0 ? block->flags | HAS_EXTRA : block->flags & ~(uint64_t)HAS_EXTRA);
    if (block->extra.len > 0)
        put_vint(&body, block->extra.len);
    if ((block->flags & HAS_DATA) != 0)
        put_vint(&body, block->data.len);
    hn_buf_add(&body, block->own.ptr, block->own.len);
    hn_buf_add(&body, block->extra.ptr, block->extra.len);
    arclock_put(out, 0, 4);
    put_vint(out, body.len);
    if (hn_buf_ok(&body))
        hn_buf_add_text(out, hn_buf_text(&body));
    else
        out->status = body.status;
    if (hn_buf_ok(out))
        arclock_set(out, at,
                hn_crc32(0, hn_bytes_of((const uint8_t *)out->ptr + at + 4, out->len - at - 4)), 4);
    hn_buf_add(out, block->data.ptr, block->data.len);
    hn_buf_deinit(&body);
}

/* ---- Encryption ---- */

static bool read_lock(struct hn_bytes record, struct rar5_lock *ret)
{
    struct hn_reader r = hn_reader_over(record);
    uint64_t version = vint(&r);

    ret->flags = vint(&r);
    ret->work = hn_reader_u8(&r);
    ret->salt = hn_reader_take(&r, 16);
    ret->iv = hn_reader_take(&r, ARCLOCK_IV_BYTES);
    if ((ret->flags & WITH_CHECK) != 0)
        ret->check = hn_reader_take(&r, ARCLOCK_CHECK_BYTES);
    return hn_reader_ok(&r) && version == 0;
}

/* Extra records but those of encryption, into kept; the checksum goes with them when it is keyed.
 */
static bool split_extra(struct hn_bytes extra, struct rar5_lock *ret_lock, struct hn_buf *kept)
{
    struct hn_reader r = hn_reader_over(extra);
    struct hn_bytes hash = { 0 };

    while (hn_reader_left(&r) > 0) {
        size_t at = hn_reader_offset(&r);
        struct hn_bytes record = take(&r, vint(&r));
        struct hn_reader inner = hn_reader_over(record);
        uint64_t type = vint(&inner);
        struct hn_bytes whole = hn_bytes_of(extra.ptr + at, hn_reader_offset(&r) - at);

        if (!hn_reader_ok(&r) || !hn_reader_ok(&inner))
            return false;
        if (type == EXTRA_ENCRYPTION)
            ret_lock->there = read_lock(take(&inner, hn_reader_left(&inner)), ret_lock);
        else if (type == EXTRA_HASH)
            hash = whole;
        else
            hn_buf_add(kept, whole.ptr, whole.len);
    }
    if (hash.len > 0 && (!ret_lock->there || (ret_lock->flags & TWEAKED) == 0))
        hn_buf_add(kept, hash.ptr, hash.len);
    return hn_buf_ok(kept);
}

/* The key of a file: the password that fitted before goes first. */
static const struct arclock_key *find_key(struct rar5 *rar, const struct rar5_lock *lock)
{
    const struct arclock_key *key = NULL;

    if (rar->password != SIZE_MAX)
        key = arclock_key_rar5(rar->job, rar->password, lock->salt, lock->work, lock->check);
    if (key != NULL || lock->check.len == 0)
        return key; /* without a check value nothing tells whether another one fits */
    for (size_t i = 0; key == NULL && i < rar->job->ask->password_count && !rar->job->spent; i++) {
        key = arclock_key_rar5(rar->job, i, lock->salt, lock->work, lock->check);
        if (key != NULL)
            rar->password = i;
    }
    return key;
}

/* The fields of a file without its keyed checksum; whether it is stored, and how large it is. */
static bool plain_fields(
        struct hn_bytes own, bool tweaked, struct hn_buf *out, bool *ret_stored, uint64_t *ret_size)
{
    struct hn_reader r = hn_reader_over(own);
    uint64_t flags = vint(&r);
    size_t from = hn_reader_offset(&r);
    size_t crc_at;

    *ret_size = vint(&r);
    (void)vint(&r); /* attributes */
    if ((flags & FILE_HAS_TIME) != 0)
        hn_reader_skip(&r, 4);
    crc_at = hn_reader_offset(&r);
    if ((flags & FILE_HAS_CRC) != 0)
        hn_reader_skip(&r, 4);
    *ret_stored = (vint(&r) >> 7 & 7u) == 0;
    if (!hn_reader_ok(&r))
        return false;
    if (!tweaked || (flags & FILE_HAS_CRC) == 0) {
        hn_buf_add(out, own.ptr, own.len);
        return hn_buf_ok(out);
    }
    put_vint(out, flags & ~(uint64_t)FILE_HAS_CRC);
    hn_buf_add(out, own.ptr + from, crc_at - from);
    hn_buf_add(out, own.ptr + crc_at + 4, own.len - crc_at - 4);
    return hn_buf_ok(out);
}

/* Where packed bytes end, without the padding of the cipher, which libarchive takes for a further
 * block: blocks have a checked length, and the last one says so. */
static size_t packed_end(struct hn_bytes data)
{
    size_t at = 0;

    for (uint32_t i = 0; i < PACKED_MAX; i++) {
        struct hn_reader r = hn_reader_over(hn_bytes_of(data.ptr + at, data.len - at));
        uint8_t flags = hn_reader_u8(&r);
        uint8_t sum = (uint8_t)(hn_reader_u8(&r) ^ flags ^ 0x5Au);
        uint32_t len = 0;

        for (uint32_t k = 0; k <= (flags >> 3 & 3u); k++) {
            uint8_t byte = hn_reader_u8(&r);

            len |= (uint32_t)byte << (8 * k);
            sum ^= byte;
        }
        hn_reader_skip(&r, len);
        if (!hn_reader_ok(&r) || sum != 0)
            return data.len; /* cut, or not packed so: the reader will say */
        at += hn_reader_offset(&r);
        if ((flags & PACKED_LAST) != 0)
            return at;
    }
    return data.len;
}

/* A file that may be encrypted. False: out of memory. */
static bool add_file(struct rar5 *rar, struct rar5_block *block)
{
    struct rar5_lock lock = { 0 };
    struct hn_buf extra = { 0 };
    struct hn_buf own = { 0 };
    struct hn_buf data = { 0 };
    const struct arclock_key *key = NULL;
    bool stored = false;
    uint64_t size = 0;
    bool plain = split_extra(block->extra, &lock, &extra) && lock.there &&
                 (block->flags & FROM_VOLUME) == 0;

    if (plain) {
        rar->any = true;
        key = find_key(rar, &lock);
        plain = key != NULL &&
                plain_fields(block->own, (lock.flags & TWEAKED) != 0, &own, &stored, &size) &&
                arclock_decrypt(rar->job, hn_bytes_of(key->key, ARCLOCK_KEY_MAX), lock.iv.ptr,
                        block->data, &data);
        if (plain) {
            block->own = hn_text_as_bytes(hn_buf_text(&own));
            block->extra = hn_text_as_bytes(hn_buf_text(&extra));
            block->data = hn_text_as_bytes(hn_buf_text(&data));
            if (!stored)
                block->data.len = packed_end(block->data);
            else if (size < block->data.len)
                block->data.len = (size_t)size;
        } else {
            rar->job->result->locked++;
        }
    }
    if (extra.status == HN_NOMEM || own.status == HN_NOMEM || data.status == HN_NOMEM)
        rar->job->no_memory = true;
    add_block(rar, block);
    hn_buf_deinit(&extra);
    hn_buf_deinit(&own);
    hn_buf_deinit(&data);
    return !rar->job->no_memory && hn_buf_ok(rar->out);
}

/* The block after which all headers are encrypted: the password has to open the next one. */
static enum hn_status on_encryption(
        struct rar5 *rar, const struct rar5_block *block, struct hn_err *err)
{
    struct hn_reader r = hn_reader_over(block->own);
    uint64_t version = vint(&r);
    uint64_t flags = vint(&r);
    uint32_t work = hn_reader_u8(&r);
    struct hn_bytes salt = hn_reader_take(&r, 16);
    struct hn_bytes check = hn_reader_take(&r, (flags & WITH_CHECK) != 0 ? ARCLOCK_CHECK_BYTES : 0);
    struct hn_bytes body;
    uint64_t len;

    rar->any = true;
    rar->job->result->headers = true;
    if (!hn_reader_ok(&r))
        return hn_fail(err, HN_CORRUPT, rar->at, "the encryption header is damaged");
    if (version != 0 || rar->sealed != NULL)
        return hn_fail(err, HN_UNSUPPORTED, rar->at, "an unknown version of encryption");
    for (size_t i = 0; i < rar->job->ask->password_count && !rar->job->spent; i++) {
        const struct arclock_key *key = arclock_key_rar5(rar->job, i, salt, work, check);

        if (key == NULL || !open_sealed(rar, key->key, &body, &len))
            continue;
        memcpy(rar->header_key, key->key, ARCLOCK_KEY_MAX);
        rar->sealed = key;
        rar->password = i;
        return HN_OK;
    }
    return arclock_none(rar->job, err);
}

bool arclock_is_locked_rar5(struct hn_bytes archive)
{
    struct arclock_job job = { .in = archive };
    struct rar5 rar = { .job = &job, .at = SIGNATURE_BYTES };
    bool locked = false;

    if (!hn_text_starts(hn_bytes_as_text(archive), HN_TEXT(SIGNATURE)))
        return false;
    for (uint32_t i = 0; i < BLOCKS_MAX && !locked; i++) {
        struct rar5_block block;
        struct rar5_lock lock = { 0 };
        struct hn_buf kept = { 0 };

        if (!read_block(&rar, &block))
            break;
        locked = block.type == BLOCK_ENCRYPTION;
        if (block.type == BLOCK_FILE || block.type == BLOCK_SERVICE)
            locked = split_extra(block.extra, &lock, &kept) && lock.there;
        hn_buf_deinit(&kept);
    }
    return locked;
}

static enum hn_status add_all(struct rar5 *rar, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    for (uint32_t i = 0; i < BLOCKS_MAX && status == HN_OK && !rar->end; i++) {
        struct rar5_block block;

        if (!read_block(rar, &block))
            break; /* what came before is given */
        if (block.type == BLOCK_ENCRYPTION) {
            status = on_encryption(rar, &block, err);
        } else if (block.type == BLOCK_FILE || block.type == BLOCK_SERVICE) {
            if (!add_file(rar, &block))
                status = hn_fail(err, HN_NOMEM, 0, "out of memory");
        } else {
            if (block.type == BLOCK_MAIN && block.extra.len == 0)
                block.extra = hn_bytes_of(empty_locator, sizeof empty_locator);
            add_block(rar, &block);
            rar->end = block.type == BLOCK_END;
        }
    }
    return status;
}

enum hn_status arclock_open_rar5(struct arclock_job *job, struct hn_err *err)
{
    struct rar5 rar = {
        .job = job, .out = &job->result->archive, .at = SIGNATURE_BYTES, .password = SIZE_MAX
    };
    enum hn_status status;

    job->result->scheme = "rar 5 AES-256";
    hn_buf_add(rar.out, job->in.ptr, SIGNATURE_BYTES);
    status = add_all(&rar, err);
    hn_buf_deinit(&rar.header);
    if (status != HN_OK)
        return status;
    if (!rar.any)
        return hn_fail(err, HN_UNSUPPORTED, 0, "it is not encrypted by a known method");
    if (rar.password == SIZE_MAX)
        return arclock_none(job, err);
    job->result->password = job->ask->passwords[rar.password];
    return HN_OK;
}
