/* arclock_rar3.c - archives of RAR 2.9 to 4: blocks are copied, encrypted ones in the clear. There
 * is no check value: the checksum of a header, or of the unpacked file, tells whether a password
 * fits. Ciphers of RAR 1.5 and 2.0 are not read. */
#include "arclock/arclock_internal.h"

#include "base/crc32.h"

#define SIGNATURE_BYTES 7u
#define BLOCKS_MAX      65536u
#define SALT_BYTES      8u
#define HEAD_BYTES      7u
#define FILE_BYTES      32u
#define VERSION_AES     29u
#define METHOD_STORED   0x30u

#define BLOCK_MAIN    0x73u
#define BLOCK_FILE    0x74u
#define BLOCK_SERVICE 0x7Au
#define BLOCK_END     0x7Bu

#define MAIN_SEALED 0x0080u /* all headers behind it are encrypted */
#define FILE_LOCKED 0x0004u
#define FILE_INTO   0x0002u /* goes on in the next volume */
#define FILE_FROM   0x0001u /* goes on from the volume before */
#define FILE_LARGE  0x0100u
#define FILE_SALT   0x0400u
#define HAS_DATA    0x8000u

struct rar3 {
    struct arclock_job *job;
    struct hn_buf *out;
    struct hn_buf header;
    uint64_t at;
    size_t password;
    bool sealed;
    bool locked; /* a file was encrypted */
    bool old;    /* by a cipher that is not read */
    bool wrong;  /* a checksum says that the password does not fit */
    bool proven; /* one says that it does */
};

struct rar3_block {
    struct hn_bytes header;
    struct hn_bytes data;
    uint8_t type;
    uint16_t flags;
};

static bool check_header(struct hn_bytes header)
{
    return header.len >= HEAD_BYTES && (hn_crc32(0, hn_bytes_of(header.ptr + 2, header.len - 2)) &
                                               0xFFFFu) == hn_load_u16(header.ptr);
}

/* ---- Reading ---- */

/* The header at rar->at, decrypted into rar->header; *ret_len: all bytes it takes. */
static bool open_sealed(struct rar3 *rar, struct hn_bytes *ret_header, uint64_t *ret_len)
{
    bool ok = true;
    struct hn_bytes salt = arclock_cut(rar->job->in, rar->at, SALT_BYTES, &ok);
    struct hn_bytes first = arclock_cut(rar->job->in, rar->at + SALT_BYTES, 16, &ok);
    const struct arclock_key *key = ok ? arclock_key_rar3(rar->job, rar->password, salt) : NULL;
    size_t len;

    hn_buf_reset(&rar->header);
    if (key == NULL ||
            !arclock_decrypt(rar->job, hn_bytes_of(key->key, 16), key->iv, first, &rar->header))
        return false;
    len = hn_load_u16((const uint8_t *)rar->header.ptr + 5);
    *ret_len = SALT_BYTES + (len + 15) / 16 * 16;
    first = arclock_cut(rar->job->in, rar->at + SALT_BYTES, *ret_len - SALT_BYTES, &ok);
    hn_buf_reset(&rar->header);
    if (!ok || len < HEAD_BYTES ||
            !arclock_decrypt(rar->job, hn_bytes_of(key->key, 16), key->iv, first, &rar->header))
        return false;
    *ret_header = hn_bytes_of((const uint8_t *)rar->header.ptr, len);
    return check_header(*ret_header);
}

static bool read_block(struct rar3 *rar, struct rar3_block *ret)
{
    struct hn_bytes in = rar->job->in;
    uint64_t len = 0;
    uint64_t data = 0;
    bool ok = true;

    *ret = (struct rar3_block){ 0 };
    if (rar->sealed) {
        if (!open_sealed(rar, &ret->header, &len))
            return false;
    } else {
        struct hn_bytes head = arclock_cut(in, rar->at, HEAD_BYTES, &ok);

        len = ok ? hn_load_u16(head.ptr + 5) : 0;
        ret->header = arclock_cut(in, rar->at, len, &ok);
        if (!ok || len < HEAD_BYTES)
            return false;
    }
    ret->type = ret->header.ptr[2];
    ret->flags = hn_load_u16(ret->header.ptr + 3);
    if ((ret->flags & HAS_DATA) != 0 || ret->type == BLOCK_FILE || ret->type == BLOCK_SERVICE) {
        if (ret->header.len < HEAD_BYTES + 4)
            return false;
        data = hn_load_u32(ret->header.ptr + HEAD_BYTES);
        if ((ret->type == BLOCK_FILE || ret->type == BLOCK_SERVICE) &&
                (ret->flags & FILE_LARGE) != 0 && ret->header.len >= FILE_BYTES + 4)
            data |= (uint64_t)hn_load_u32(ret->header.ptr + FILE_BYTES) << 32;
    }
    rar->at += len;
    ret->data = arclock_cut(in, rar->at, data <= in.len - rar->at ? data : in.len - rar->at, &ok);
    rar->at += ret->data.len;
    return ok;
}

/* ---- Writing ---- */

/* Flags changed, and for files size of data: what a header's checksum has to follow. */
static void add_block(struct rar3 *rar, const struct rar3_block *block, struct hn_bytes cut_out)
{
    struct hn_buf *out = rar->out;
    size_t at = out->len;
    size_t before = cut_out.len > 0 ? (size_t)(cut_out.ptr - block->header.ptr) : block->header.len;

    hn_buf_add(out, block->header.ptr, before);
    if (cut_out.len > 0)
        hn_buf_add(out, cut_out.ptr + cut_out.len, block->header.len - before - cut_out.len);
    arclock_set(out, at + 3, block->flags, 2);
    arclock_set(out, at + 5, block->header.len - cut_out.len, 2);
    if (block->type == BLOCK_FILE || block->type == BLOCK_SERVICE)
        arclock_set(out, at + HEAD_BYTES, block->data.len, 4);
    if (hn_buf_ok(out))
        arclock_set(out, at,
                hn_crc32(0, hn_bytes_of((const uint8_t *)out->ptr + at + 2, out->len - at - 2)), 2);
    hn_buf_add(out, block->data.ptr, block->data.len);
}

/* The salt in the header of a file; empty: it has none. */
static struct hn_bytes salt_of(const struct rar3_block *block)
{
    size_t at = FILE_BYTES + ((block->flags & FILE_LARGE) != 0 ? 8u : 0u) +
                hn_load_u16(block->header.ptr + 26);

    if ((block->flags & FILE_SALT) == 0 || at > block->header.len ||
            block->header.len - at < SALT_BYTES)
        return hn_bytes_of("", 0);
    return hn_bytes_of(block->header.ptr + at, SALT_BYTES);
}

/* A stored file tells by its own checksum, which libarchive does not look at, whether the password
 * fits; true also where nothing tells. */
static bool judge(struct rar3 *rar, const struct rar3_block *block)
{
    bool split = (block->flags & FILE_INTO) != 0;

    if (block->header.ptr[25] != METHOD_STORED || split || block->data.len == 0)
        return true;
    if (hn_crc32(0, block->data) == hn_load_u32(block->header.ptr + 16)) {
        rar->proven = true;
        return true;
    }
    rar->wrong = !rar->proven;
    return false;
}

/* The block with its data decrypted; false: nothing was changed. */
static bool open_file(
        struct rar3 *rar, struct rar3_block *block, struct hn_bytes salt, struct hn_buf *data)
{
    const struct arclock_key *key = arclock_key_rar3(rar->job, rar->password, salt);
    struct rar3_block open = *block;
    uint64_t size = hn_load_u32(block->header.ptr + 11);

    if (key == NULL ||
            !arclock_decrypt(rar->job, hn_bytes_of(key->key, 16), key->iv, block->data, data))
        return false;
    open.data = hn_text_as_bytes(hn_buf_text(data));
    if (block->header.ptr[25] == METHOD_STORED && size < open.data.len &&
            (block->flags & FILE_LARGE) == 0)
        open.data.len = (size_t)size;
    if (!judge(rar, &open))
        return false;
    open.flags = (uint16_t)(open.flags & ~(FILE_LOCKED | FILE_SALT));
    *block = open;
    return true;
}

static void add_file(struct rar3 *rar, struct rar3_block *block)
{
    struct hn_bytes salt = salt_of(block);
    struct hn_buf data = { 0 };

    if (block->header.ptr[24] < VERSION_AES)
        rar->old = true;
    else
        rar->locked = true;
    if (!rar->old && (block->flags & FILE_FROM) == 0 && open_file(rar, block, salt, &data)) {
        add_block(rar, block, salt);
    } else {
        rar->job->result->locked++;
        add_block(rar, block, hn_bytes_of("", 0));
    }
    rar->job->no_memory = rar->job->no_memory || data.status == HN_NOMEM;
    hn_buf_deinit(&data);
}

/* The archive with one password, as far as its headers can be read; false: it does not fit. */
static bool add_all(struct rar3 *rar)
{
    uint32_t sealed_blocks = 0;

    hn_buf_reset(rar->out);
    hn_buf_add(rar->out, rar->job->in.ptr, SIGNATURE_BYTES);
    rar->at = SIGNATURE_BYTES;
    rar->sealed = rar->locked = rar->old = rar->wrong = rar->proven = false;
    rar->job->result->locked = 0;
    for (uint32_t i = 0; i < BLOCKS_MAX && hn_buf_ok(rar->out) && !rar->wrong; i++) {
        struct rar3_block block;

        if (!read_block(rar, &block))
            break;
        sealed_blocks += rar->sealed;
        if ((block.type == BLOCK_FILE || block.type == BLOCK_SERVICE) &&
                (block.flags & FILE_LOCKED) != 0 && block.header.len >= FILE_BYTES) {
            add_file(rar, &block);
            continue;
        }
        if (block.type == BLOCK_MAIN && (block.flags & MAIN_SEALED) != 0) {
            rar->sealed = true;
            block.flags = (uint16_t)(block.flags & ~MAIN_SEALED);
        }
        add_block(rar, &block, hn_bytes_of("", 0));
        if (block.type == BLOCK_END)
            break;
    }
    rar->job->result->headers = rar->sealed;
    return !rar->wrong && (!rar->sealed || sealed_blocks > 0);
}

enum hn_status arclock_open_rar3(struct arclock_job *job, struct hn_err *err)
{
    struct rar3 rar = { .job = job, .out = &job->result->archive };
    enum hn_status status = HN_NOTFOUND;

    job->result->scheme = "rar 3 AES-128";
    for (size_t i = 0;
            i < job->ask->password_count && status == HN_NOTFOUND && !job->no_memory && !job->spent;
            i++) {
        rar.password = i;
        if (!add_all(&rar))
            continue;
        if (!rar.sealed && !rar.locked) {
            status = HN_UNSUPPORTED;
        } else if (hn_buf_ok(rar.out) && (rar.sealed || rar.proven ||
                                                 job->ask->verify(job->ask->ctx,
                                                         hn_text_as_bytes(hn_buf_text(rar.out))))) {
            job->result->password = job->ask->passwords[i];
            status = HN_OK;
        }
    }
    job->no_memory = job->no_memory || rar.out->status == HN_NOMEM || rar.header.status == HN_NOMEM;
    hn_buf_deinit(&rar.header);
    if (status == HN_OK)
        return HN_OK;
    if (status == HN_UNSUPPORTED)
        return hn_fail(err, status, 0,
                rar.old ? "a cipher of RAR before 2.9" : "it is not encrypted by a known method");
    return arclock_none(job, err);
}
