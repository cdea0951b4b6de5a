/* msocrypt_ppt.c - encrypted presentations ([MS-PPT] 2.3.7): each object that the persist directory
 * names is encrypted by itself, with its persist id as the block number. Pictures stay encrypted:
 * no macro or text is in them. */
#include "msocrypt/msocrypt_internal.h"

#include "base/reader.h"

#define RECORD_HEADER      8u
#define RECORD_USER_EDIT   0x0FF5u
#define RECORD_PERSIST_DIR 0x1772u
#define RECORD_SESSION     0x2F14u
#define TOKEN_ENCRYPTED    0xF3D1C4DFu
#define TOKEN_OFFSET       12u
#define EDIT_OFFSET        16u
#define PERSIST_MAX        65536u
#define EDITS_MAX          64u

struct record {
    uint16_t type;
    size_t offset;
    struct hn_bytes data;
};

static bool record_at(struct hn_bytes stream, size_t offset, struct record *ret_record)
{
    uint32_t len;

    if (offset > stream.len || stream.len - offset < RECORD_HEADER)
        return false;
    ret_record->type = hn_load_u16(stream.ptr + offset + 2);
    len = hn_load_u32(stream.ptr + offset + 4);
    if (len > stream.len - offset - RECORD_HEADER)
        return false;
    ret_record->offset = offset;
    ret_record->data = hn_bytes_of(stream.ptr + offset + RECORD_HEADER, len);
    return true;
}

/* Where the objects lie, by persist id; 0: nowhere. The newest edit comes first and wins. */
struct persist {
    uint32_t *offsets; /* PERSIST_MAX */
    uint32_t session;  /* persist id of the encryption session */
};

static void read_directory(struct persist *persist, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);

    while (hn_reader_left(&r) >= 4) {
        uint32_t head = hn_reader_u32(&r);
        uint32_t id = head & 0xFFFFFu;
        uint32_t count = head >> 20;

        for (uint32_t i = 0; i < count && hn_reader_left(&r) >= 4; i++) {
            uint32_t offset = hn_reader_u32(&r);

            if (id + i < PERSIST_MAX && persist->offsets[id + i] == 0)
                persist->offsets[id + i] = offset;
        }
    }
}

static bool read_edits(struct msocrypt_job *job, struct hn_bytes stream, struct persist *persist)
{
    struct hn_bytes user = msocrypt_stream(job, "Current User");
    struct record edit;
    struct record directory;
    size_t offset;

    persist->session = 0;
    persist->offsets = hn_new(job->arena, uint32_t, PERSIST_MAX);
    if (persist->offsets == NULL || user.len < EDIT_OFFSET + 4)
        return false;
    offset = hn_load_u32(user.ptr + EDIT_OFFSET);
    for (unsigned i = 0; i < EDITS_MAX; i++) {
        if (!record_at(stream, offset, &edit) || edit.type != RECORD_USER_EDIT ||
                edit.data.len < 28)
            break;
        if (edit.data.len >= 32 && persist->session == 0)
            persist->session = hn_load_u32(edit.data.ptr + 28);
        if (record_at(stream, hn_load_u32(edit.data.ptr + 12), &directory) &&
                directory.type == RECORD_PERSIST_DIR)
            read_directory(persist, directory.data);
        offset = hn_load_u32(edit.data.ptr + 8);
        if (offset == 0)
            break;
    }
    return persist->session > 0 && persist->session < PERSIST_MAX;
}

bool msocrypt_ppt_find(struct msocrypt_legacy *legacy, struct msocrypt_job *job)
{
    struct hn_bytes user = msocrypt_stream(job, "Current User");
    struct hn_bytes stream = msocrypt_stream(job, "PowerPoint Document");
    struct persist persist;
    struct record session;
    bool says =
            user.len >= TOKEN_OFFSET + 4 && hn_load_u32(user.ptr + TOKEN_OFFSET) == TOKEN_ENCRYPTED;

    if (stream.len == 0)
        return false;
    legacy->kind = MSOCRYPT_OTHER;
    if (!read_edits(job, stream, &persist))
        return says;
    if (!record_at(stream, persist.offsets[persist.session], &session) ||
            session.type != RECORD_SESSION)
        return says;
    (void)msocrypt_legacy_read(legacy, job, session.data);
    return true;
}

/* One object: its header says how long it is, and is encrypted as well. */
static bool decrypt_object(
        const struct msocrypt_legacy *legacy, uint32_t id, uint8_t *bytes, size_t len)
{
    struct msocrypt_rc4 rc4;
    size_t size;

    if (len < RECORD_HEADER || !msocrypt_legacy_block(legacy, id, &rc4))
        return false;
    msocrypt_rc4_apply(&rc4, bytes, bytes, RECORD_HEADER);
    size = hn_load_u32(bytes + 4);
    if (size > len - RECORD_HEADER)
        size = len - RECORD_HEADER;
    msocrypt_rc4_apply(&rc4, bytes + RECORD_HEADER, bytes + RECORD_HEADER, size);
    return true;
}

enum hn_status msocrypt_ppt_decrypt(struct msocrypt_legacy *legacy, struct msocrypt_job *job)
{
    struct hn_bytes stream = msocrypt_stream(job, "PowerPoint Document");
    struct hn_bytes user = msocrypt_stream(job, "Current User");
    struct msocrypt_replacement replacements[2] = {
        { .entry = ole_find(job->file, HN_TEXT("PowerPoint Document")) },
        { .entry = ole_find(job->file, HN_TEXT("Current User")) },
    };
    uint8_t *out = hn_arena_raw(job->arena, stream.len, 1);
    uint8_t *user_out = hn_arena_raw(job->arena, user.len, 1);
    uint64_t left = (uint64_t)stream.len * 4; /* objects that overlap are decrypted no more */
    struct persist persist;

    if (out == NULL || user_out == NULL)
        return hn_arena_status(job->arena);
    memcpy(out, stream.ptr, stream.len);
    memcpy(user_out, user.ptr, user.len);
    if (!read_edits(job, stream, &persist))
        return HN_CORRUPT;
    for (uint32_t id = 0; id < PERSIST_MAX && left > 0; id++) {
        size_t offset = persist.offsets[id];

        if (offset == 0 || id == persist.session || offset >= stream.len)
            continue;
        if (decrypt_object(legacy, id, out + offset, stream.len - offset)) {
            uint64_t size = (uint64_t)hn_load_u32(out + offset + 4) + RECORD_HEADER;

            left -= size < left ? size : left;
        }
    }
    if (user.len >= TOKEN_OFFSET + 4)
        memcpy(user_out + TOKEN_OFFSET, "\x5F\xC0\x91\xE3", 4); /* that of plain files */
    replacements[0].bytes = hn_bytes_of(out, stream.len);
    replacements[1].bytes = hn_bytes_of(user_out, user.len);
    return msocrypt_rebuild(job, replacements, user.len > 0 ? 2 : 1);
}
