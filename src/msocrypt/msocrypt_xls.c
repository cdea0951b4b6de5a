/* msocrypt_xls.c - encrypted workbooks ([MS-XLS] 2.2.10): what is in the records of the Workbook
 * stream, with keystreams that count from the stream's beginning, headers of records included. */
#include "msocrypt/msocrypt_internal.h"

#include "base/reader.h"

#define BLOCK_BYTES 1024u

#define RECORD_FILEPASS     0x002Fu
#define RECORD_BOUNDSHEET   0x0085u
#define RECORD_INTERFACEHDR 0x00E1u
#define RECORD_RRDHEAD      0x0138u
#define RECORD_USREXCL      0x0194u
#define RECORD_FILELOCK     0x0195u
#define RECORD_RRDINFO      0x0196u
#define RECORD_BOF          0x0809u

#define RECORDS_BEFORE_FILEPASS 64u

static const char *stream_name(struct msocrypt_job *job)
{
    return ole_find(job->file, HN_TEXT("Workbook")) != OLE_NONE ? "Workbook" : "Book";
}

/* The first FILEPASS record; false when there is none near the beginning. */
static bool find_filepass(struct hn_bytes stream, struct hn_bytes *ret_data)
{
    struct hn_reader r = hn_reader_over(stream);

    for (unsigned i = 0; i < RECORDS_BEFORE_FILEPASS && hn_reader_left(&r) >= 4; i++) {
        uint16_t type = hn_reader_u16(&r);
        uint16_t len = hn_reader_u16(&r);
        struct hn_bytes data = hn_reader_take(&r, len);

        if (i == 0 && (type & 0xFF) != (RECORD_BOF & 0xFF))
            return false;
        if (type == RECORD_FILEPASS && hn_reader_ok(&r)) {
            *ret_data = data;
            return true;
        }
    }
    return false;
}

bool msocrypt_xls_find(struct msocrypt_legacy *legacy, struct msocrypt_job *job)
{
    struct hn_bytes data;
    struct hn_bytes stream = msocrypt_stream(job, stream_name(job));

    if (!find_filepass(stream, &data))
        return false;
    legacy->kind = MSOCRYPT_OTHER;
    if (data.len == 4) { /* BIFF5: the key and the verifier alone */
        legacy->kind = MSOCRYPT_XOR;
        legacy->xor_key = hn_load_u16(data.ptr);
        legacy->xor_verifier = hn_load_u16(data.ptr + 2);
    } else if (data.len >= 6 && hn_load_u16(data.ptr) == 0) {
        legacy->kind = MSOCRYPT_XOR;
        legacy->xor_key = hn_load_u16(data.ptr + 2);
        legacy->xor_verifier = hn_load_u16(data.ptr + 4);
    } else if (data.len > 6 && hn_load_u16(data.ptr) == 1) {
        (void)msocrypt_legacy_read(legacy, job, hn_bytes_of(data.ptr + 2, data.len - 2));
    }
    if (legacy->kind == MSOCRYPT_XOR)
        msocrypt_scheme(job, "XOR obfuscation");
    return true;
}

/* How many bytes of a record's data are not encrypted. */
static size_t clear_bytes(uint16_t type, size_t len)
{
    switch (type) {
    case RECORD_BOF:
    case RECORD_FILEPASS:
    case RECORD_INTERFACEHDR:
    case RECORD_RRDHEAD:
    case RECORD_USREXCL:
    case RECORD_FILELOCK:
    case RECORD_RRDINFO:
        return len;
    case RECORD_BOUNDSHEET:
        return len < 4 ? len : 4;
    default:
        return 0;
    }
}

static void unmask(const struct msocrypt_legacy *legacy, uint8_t *data, size_t offset, size_t len,
        size_t clear)
{
    for (size_t i = clear; i < len; i++) {
        /* 2.2.10: the array is entered at the record's place plus its length. */
        unsigned byte = data[i] ^ legacy->xor_array[(offset + len + i) % 16];

        data[i] = (uint8_t)((byte >> 5 | byte << 3) & 0xFF);
    }
}

static bool decrypt_records(const struct msocrypt_legacy *legacy, uint8_t *stream, size_t len)
{
    size_t at = 0;

    while (len - at >= 4) {
        uint16_t type = hn_load_u16(stream + at);
        size_t size = hn_load_u16(stream + at + 2);
        size_t clear;

        if (type == RECORD_FILEPASS) /* becomes a record nobody knows */
            memset(stream + at, 0, 2);
        at += 4;
        if (size > len - at)
            size = len - at;
        clear = clear_bytes(type, size);
        if (legacy->kind == MSOCRYPT_XOR)
            unmask(legacy, stream + at, at, size, clear);
        else if (!msocrypt_legacy_range(
                         legacy, BLOCK_BYTES, at + clear, stream + at + clear, size - clear))
            return false;
        at += size;
    }
    return true;
}

enum hn_status msocrypt_xls_decrypt(struct msocrypt_legacy *legacy, struct msocrypt_job *job)
{
    const char *name = stream_name(job);
    struct hn_bytes stream = msocrypt_stream(job, name);
    struct msocrypt_replacement replacement = { .entry = ole_find(job->file, hn_text_cstr(name)) };
    uint8_t *out = hn_arena_raw(job->arena, stream.len, 1);

    if (out == NULL)
        return hn_arena_status(job->arena);
    memcpy(out, stream.ptr, stream.len);
    if (!decrypt_records(legacy, out, stream.len))
        return HN_CORRUPT;
    replacement.bytes = hn_bytes_of(out, stream.len);
    return msocrypt_rebuild(job, &replacement, 1);
}
