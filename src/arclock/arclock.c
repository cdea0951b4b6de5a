/* arclock.c - which format an archive is, and what the formats share. */
#include "arclock/arclock_internal.h"

#include <assert.h>

struct hn_bytes arclock_cut(struct hn_bytes bytes, uint64_t start, uint64_t len, bool *ok)
{
    if (start > bytes.len || len > bytes.len - start) {
        *ok = false;
        return hn_bytes_of("", 0);
    }
    return hn_bytes_of(bytes.ptr + start, (size_t)len);
}

void arclock_put(struct hn_buf *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hn_buf_add_char(out, (char)(value >> (8 * i) & 0xFFu));
}

void arclock_set(struct hn_buf *out, size_t at, uint64_t value, size_t bytes)
{
    if (at > out->len || bytes > out->len - at)
        return; /* the buffer failed before */
    for (size_t i = 0; i < bytes; i++)
        out->ptr[at + i] = (char)(value >> (8 * i) & 0xFFu);
}

enum hn_status arclock_none(const struct arclock_job *job, struct hn_err *err)
{
    if (job->no_memory)
        return hn_fail(err, HN_NOMEM, 0, "out of memory");
    if (job->spent)
        return hn_fail(err, HN_LIMIT, 0, "too much work for deriving keys");
    return hn_fail(err, HN_NOTFOUND, 0, "no password fits");
}

void arclock_result_deinit(struct arclock_result *result)
{
    hn_buf_deinit(&result->archive);
    *result = (struct arclock_result){ 0 };
}

enum hn_status arclock_open(struct hn_bytes archive, const struct arclock_ask *ask,
        struct arclock_result *ret_result, struct hn_err *err)
{
    struct arclock_job job = { .in = archive, .ask = ask, .result = ret_result };
    struct hn_text head = hn_bytes_as_text(archive);
    enum hn_status status;

    assert(ask != NULL && ret_result != NULL);
    *ret_result = (struct arclock_result){ 0 };
    hn_arena_init(&job.arena, ARCLOCK_ARENA_BYTES);
    if (hn_text_starts(head, HN_TEXT("7z\xBC\xAF\x27\x1C")))
        status = arclock_open_7z(&job, err);
    else if (hn_text_starts(head, HN_TEXT("Rar!\x1A\x07\x01\x00")))
        status = arclock_open_rar5(&job, err);
    else if (hn_text_starts(head, HN_TEXT("Rar!\x1A\x07\x00")))
        status = arclock_open_rar3(&job, err);
    else
        status = hn_fail(err, HN_UNSUPPORTED, 0, "neither 7z nor rar");
    if (status == HN_OK && !hn_buf_ok(&ret_result->archive))
        status = hn_fail(err, HN_NOMEM, 0, "out of memory");
    if (status != HN_OK)
        hn_buf_deinit(&ret_result->archive);
    hn_arena_deinit(&job.arena);
    return status;
}
