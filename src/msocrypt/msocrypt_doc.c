/* msocrypt_doc.c - encrypted Word documents ([MS-DOC] 2.2.6): WordDocument, the table stream and
 * Data, each as one run of blocks of 512 bytes. */
#include "msocrypt/msocrypt_internal.h"

#include "base/reader.h"

#define BLOCK_BYTES    512u
#define FIB_CLEAR      68u /* the first bytes of WordDocument are never encrypted */
#define FIB_FLAGS      10u
#define FIB_KEY        14u
#define FLAG_ENCRYPTED 0x0100u
#define FLAG_TABLE_1   0x0200u
#define FLAG_XOR       0x8000u

static const char *table_name(struct hn_bytes fib)
{
    return (hn_load_u16(fib.ptr + FIB_FLAGS) & FLAG_TABLE_1) != 0 ? "1Table" : "0Table";
}

bool msocrypt_doc_find(struct msocrypt_legacy *legacy, struct msocrypt_job *job)
{
    struct hn_bytes fib = msocrypt_stream(job, "WordDocument");
    struct hn_bytes table;
    unsigned flags;

    if (fib.len < FIB_KEY + 4 || (hn_load_u16(fib.ptr) != 0xA5EC && hn_load_u16(fib.ptr) != 0xA5DC))
        return false;
    flags = hn_load_u16(fib.ptr + FIB_FLAGS);
    if ((flags & FLAG_ENCRYPTED) == 0)
        return false;
    if ((flags & FLAG_XOR) != 0) {
        legacy->kind = MSOCRYPT_XOR;
        legacy->xor_verifier = hn_load_u16(fib.ptr + FIB_KEY);
        legacy->xor_key = hn_load_u16(fib.ptr + FIB_KEY + 2);
        msocrypt_scheme(job, "XOR obfuscation");
        return true;
    }
    table = msocrypt_stream(job, table_name(fib));
    (void)msocrypt_legacy_read(legacy, job, table);
    return true;
}

/* Word leaves zeros alone, and what would become zero (2.3.7.6). */
static void unmask(const struct msocrypt_legacy *legacy, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t plain = (uint8_t)(bytes[i] ^ legacy->xor_array[i % 16]);

        if (bytes[i] != 0 && plain != 0)
            bytes[i] = plain;
    }
}

/* A decrypted copy; the first `clear` bytes are as they were. Those of WordDocument lose the mark
 * of encryption. */
static bool decrypt(const struct msocrypt_legacy *legacy, struct msocrypt_job *job,
        const char *name, size_t clear, struct msocrypt_replacement *ret)
{
    struct hn_bytes bytes = msocrypt_stream(job, name);
    uint8_t *out;

    ret->entry = ole_find(job->file, hn_text_cstr(name));
    if (bytes.len == 0 || ret->entry == OLE_NONE)
        return false;
    out = hn_arena_raw(job->arena, bytes.len, 1);
    if (out == NULL)
        return false;
    memcpy(out, bytes.ptr, bytes.len);
    if (legacy->kind == MSOCRYPT_XOR)
        unmask(legacy, out, bytes.len);
    else if (!msocrypt_legacy_range(legacy, BLOCK_BYTES, 0, out, bytes.len))
        return false;
    memcpy(out, bytes.ptr, clear < bytes.len ? clear : bytes.len);
    if (strcmp(name, "WordDocument") == 0) {
        out[FIB_FLAGS + 1] &= (uint8_t) ~((FLAG_ENCRYPTED | FLAG_XOR) >> 8);
        memset(out + FIB_KEY, 0, 4);
    }
    ret->bytes = hn_bytes_of(out, bytes.len);
    return true;
}

enum hn_status msocrypt_doc_decrypt(struct msocrypt_legacy *legacy, struct msocrypt_job *job)
{
    struct hn_bytes fib = msocrypt_stream(job, "WordDocument");
    const char *table = table_name(fib);
    size_t header = legacy->kind == MSOCRYPT_XOR ? 0 : hn_load_u32(fib.ptr + FIB_KEY);
    struct msocrypt_replacement replacements[3];
    size_t count = 0;

    if (!decrypt(legacy, job, "WordDocument", FIB_CLEAR, &replacements[count]))
        return hn_arena_status(job->arena) == HN_NOMEM ? HN_NOMEM : HN_CORRUPT;
    count++;
    if (decrypt(legacy, job, table, header, &replacements[count]))
        count++;
    if (decrypt(legacy, job, "Data", 0, &replacements[count]))
        count++;
    return msocrypt_rebuild(job, replacements, count);
}
