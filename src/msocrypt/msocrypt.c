/* msocrypt.c - which scheme a document is encrypted with, and which of the passwords fits. */
#include "msocrypt/msocrypt_internal.h"

#include "base/reader.h"
#include "base/utf.h"

#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *id;
} kinds[] = {
#define MSOCRYPT_KIND_ROW(name, id) [name] = { id },
    MSOCRYPT_KIND_LIST(MSOCRYPT_KIND_ROW)
#undef MSOCRYPT_KIND_ROW
};

const char *msocrypt_kind_id(enum msocrypt_kind kind)
{
    return kinds[kind < MSOCRYPT_KIND_COUNT ? kind : MSOCRYPT_OTHER].id;
}

struct hn_bytes msocrypt_stream(struct msocrypt_job *job, const char *path)
{
    uint32_t entry = ole_find(job->file, hn_text_cstr(path));
    struct hn_bytes bytes = { 0 };

    if (entry == OLE_NONE || ole_get(job->file, entry)->kind != OLE_STREAM ||
            ole_read(job->file, entry, &bytes, NULL) != HN_OK)
        return (struct hn_bytes){ (const uint8_t *)"", 0 };
    return bytes;
}

void msocrypt_scheme(struct msocrypt_job *job, const char *fmt, ...)
{
    char text[128];
    va_list args;
    int len;

    va_start(args, fmt);
    len = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (len < 0)
        return;
    if ((size_t)len >= sizeof text)
        len = (int)sizeof text - 1;
    job->result->scheme = hn_arena_text(job->arena, hn_text_of(text, (size_t)len));
}

/* ---- Passwords ---- */

/* Several at once are cheaper than one after the other (msocrypt_spin.c). */
struct batch {
    struct msocrypt_password passwords[MSOCRYPT_BATCH_MAX];
    size_t count;
};

/* One that is too long fits nothing, and is left out. */
static void gather(struct batch *batch, struct hn_text utf8, bool usual)
{
    struct msocrypt_password *pw = &batch->passwords[batch->count];
    struct hn_buf utf16 = { 0 };

    hn_utf8_to_utf16le(&utf16, utf8);
    if (hn_buf_ok(&utf16) && utf16.len <= sizeof pw->utf16) {
        pw->utf8 = utf8;
        pw->usual = usual;
        pw->len = utf16.len;
        if (utf16.len > 0)
            memcpy(pw->utf16, utf16.ptr, utf16.len);
        batch->count++;
    }
    hn_buf_deinit(&utf16);
}

/* How many of `count` passwords there are rounds for; these are taken. */
static size_t take_spins(struct msocrypt_job *job, size_t count)
{
    size_t taken = 0;

    while (taken < count && job->spins <= MSOCRYPT_SPINS_MAX && job->spins_left >= job->spins) {
        job->spins_left -= job->spins;
        taken++;
    }
    if (taken < count)
        job->result->gave_up = true;
    return taken;
}

/* Tries those that were gathered, in the order in which they were. */
static bool try_batch(struct msocrypt_job *job, msocrypt_try *try, void *ctx, struct batch *batch)
{
    size_t count = job->result->gave_up ? 0 : take_spins(job, batch->count);
    size_t found = count > 0 ? try(ctx, batch->passwords, count) : 0;

    batch->count = 0;
    job->result->tried += (uint32_t)(found < count ? found + 1 : count);
    if (found >= count)
        return false;
    job->result->password = hn_arena_text(job->arena, batch->passwords[found].utf8);
    job->result->usual_password = batch->passwords[found].usual;
    job->result->opened = true;
    return true;
}

static bool try_all(struct msocrypt_job *job, msocrypt_try *try, void *ctx,
        const struct hn_text *passwords, size_t count)
{
    /* PowerPoint's and those that are used again and again; the empty one last. */
    static const struct hn_text usual[] = { HN_TEXT_INIT("/01Hannes Ruescher/01"),
        HN_TEXT_INIT("1234"), HN_TEXT_INIT("12345"), HN_TEXT_INIT("123456"), HN_TEXT_INIT("123"),
        HN_TEXT_INIT("4321"), HN_TEXT_INIT("infected"), HN_TEXT_INIT("password"),
        HN_TEXT_INIT("") };
    struct batch batch = { .count = 0 };

    /* This one alone: most of what is encrypted and harmful has it. */
    gather(&batch, HN_TEXT("VelvetSweatshop"), true);
    if (try_batch(job, try, ctx, &batch))
        return true;
    for (size_t i = 0; i < count + HN_COUNT_OF(usual); i++) {
        if (i < count)
            gather(&batch, passwords[i], false);
        else
            gather(&batch, usual[i - count], true);
        if (batch.count == MSOCRYPT_BATCH_MAX && try_batch(job, try, ctx, &batch))
            return true;
    }
    return try_batch(job, try, ctx, &batch);
}

/* ---- Packages ---- */

static void open_package(struct msocrypt_job *job, struct hn_bytes info,
        const struct hn_text *passwords, size_t count)
{
    struct hn_bytes package = msocrypt_stream(job, "EncryptedPackage");
    unsigned major = info.len >= 4 ? hn_load_u16(info.ptr) : 0;
    unsigned minor = info.len >= 4 ? hn_load_u16(info.ptr + 2) : 0;

    job->result->kind = MSOCRYPT_OTHER;
    if (major == 4 && minor == 4 && info.len > 8) {
        struct msocrypt_agile *agile = hn_new(job->arena, struct msocrypt_agile, 1);

        if (agile != NULL &&
                msocrypt_agile_read(
                        agile, job, hn_text_of((const char *)info.ptr + 8, info.len - 8)) &&
                try_all(job, msocrypt_agile_try, agile, passwords, count))
            msocrypt_agile_decrypt(agile, job, package);
    } else if (major >= 2 && major <= 4 && minor == 2) {
        struct msocrypt_standard standard = { 0 };

        if (msocrypt_standard_read(&standard, job, info) &&
                try_all(job, msocrypt_standard_try, &standard, passwords, count))
            msocrypt_standard_decrypt(&standard, job, package);
    } else if (minor == 3) {
        job->result->kind = MSOCRYPT_EXTENSIBLE;
        msocrypt_scheme(job, "Extensible");
    }
}

/* ---- Binary documents ---- */

static enum hn_status open_binary(
        struct msocrypt_job *job, const struct hn_text *passwords, size_t count)
{
    static const struct {
        bool (*find)(struct msocrypt_legacy *legacy, struct msocrypt_job *job);
        enum hn_status (*decrypt)(struct msocrypt_legacy *legacy, struct msocrypt_job *job);
    } documents[] = {
        { msocrypt_doc_find, msocrypt_doc_decrypt },
        { msocrypt_xls_find, msocrypt_xls_decrypt },
        { msocrypt_ppt_find, msocrypt_ppt_decrypt },
    };

    for (size_t i = 0; i < HN_COUNT_OF(documents); i++) {
        struct msocrypt_legacy legacy = { 0 };
        enum hn_status status;

        if (!documents[i].find(&legacy, job))
            continue;
        job->result->kind = legacy.kind;
        if (legacy.kind == MSOCRYPT_OTHER ||
                !try_all(job, msocrypt_legacy_try, &legacy, passwords, count))
            return HN_OK;
        status = documents[i].decrypt(&legacy, job);
        if (status != HN_OK)
            job->result->damaged = true;
        return status == HN_NOMEM ? HN_NOMEM : HN_OK;
    }
    return HN_OK;
}

enum hn_status msocrypt_open(struct hn_arena *arena, struct ole_file *file,
        const struct hn_text *passwords, size_t count, struct msocrypt_result *ret_result,
        struct hn_err *err)
{
    struct msocrypt_result result = { .scheme = HN_TEXT_INIT(""), .password = HN_TEXT_INIT("") };
    struct msocrypt_job job = {
        .arena = arena, .file = file, .result = &result, .spins_left = MSOCRYPT_SPINS_ALL_MAX
    };
    struct hn_bytes info = msocrypt_stream(&job, "EncryptionInfo");
    enum hn_status status = HN_OK;

    if (info.len > 0)
        open_package(&job, info, passwords, count);
    else
        status = open_binary(&job, passwords, count);
    if (status == HN_NOMEM || hn_arena_status(arena) == HN_NOMEM)
        return hn_fail(err, HN_NOMEM, 0, "no memory to decrypt a document");
    *ret_result = result;
    return HN_OK;
}
