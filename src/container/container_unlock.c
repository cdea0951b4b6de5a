/* container_unlock.c - 7z and rar archives that libarchive cannot decrypt: src/arclock tries the
 * passwords of the tree and gives the same archive without its encryption. */
#include "container/container_unlock.h"

#include "base/vec.h"

#include <archive.h>
#include <archive_entry.h>

#define PIECE            ((size_t)64 << 10)
#define SEEK_MAX         65536u
#define HEADER_BYTES_MAX ((size_t)32 << 20) /* a list of files, unpacked */
#define USUAL            "infected"

struct unlocking {
    struct dissect *dissect;
    uint32_t id;
    uint32_t index; /* of the file that was found encrypted, from 1 */
};

static bool spend(void *ctx, uint64_t rounds)
{
    const struct unlocking *u = ctx;

    return dissect_derive(u->dissect, u->id, rounds);
}

/* The first file that holds something, from this number on (from 1). */
static bool seek(struct archive *archive, uint32_t index)
{
    for (uint32_t i = 1; i < SEEK_MAX; i++) {
        struct archive_entry *entry;
        int got = archive_read_next_header(archive, &entry);

        if (got != ARCHIVE_OK && got != ARCHIVE_WARN)
            return false;
        if (i >= index && (!archive_entry_size_is_set(entry) || archive_entry_size(entry) > 0))
            return true;
    }
    return false;
}

/* Reads that file to its end, whose checksum libarchive compares; keeps it where ret is given. */
static bool read_file(struct hn_bytes bytes, uint32_t index, uint64_t max, struct hn_buf *ret)
{
    static int (*const formats[])(struct archive *) = { archive_read_support_format_7zip,
        archive_read_support_format_rar, archive_read_support_format_rar5 };
    struct archive *archive = archive_read_new();
    char piece[PIECE];
    uint64_t total = 0;
    la_ssize_t len = -1;

    for (size_t i = 0; archive != NULL && i < HN_COUNT_OF(formats); i++)
        (void)formats[i](archive);
    if (archive != NULL && archive_read_open_memory(archive, bytes.ptr, bytes.len) == ARCHIVE_OK &&
            seek(archive, index)) {
        do {
            len = archive_read_data(archive, piece, sizeof piece);
            if (len > 0 && ret != NULL)
                hn_buf_add(ret, piece, (size_t)len);
            total += len > 0 ? (uint64_t)len : 0;
        } while (len > 0 && total <= max);
    }
    (void)archive_read_free(archive);
    return (len == 0 || total > max) && total > 0 && (ret == NULL || (hn_buf_ok(ret) && len == 0));
}

static bool unpack(void *ctx, struct hn_bytes archive, struct hn_buf *ret)
{
    (void)ctx;
    return read_file(archive, 1, HEADER_BYTES_MAX, ret);
}

static bool verify(void *ctx, struct hn_bytes archive)
{
    const struct unlocking *u = ctx;

    return read_file(archive, u->index, dissect_limits(u->dissect)->file_bytes_max, NULL);
}

static void say(struct dissect *dissect, uint32_t id, const struct arclock_result *result)
{
    dissect_fact(dissect, id, "password", result->password);
    dissect_fact_bool(dissect, id, "encrypted_names", result->headers);
    dissect_note(dissect, id, DISSECT_NOTE_DECRYPTED, DISSECT_NOWHERE, "with \"%.*s\" (%s)",
            HN_TEXT_ARG(result->password), result->scheme);
    if (result->locked > 0)
        dissect_note(dissect, id, DISSECT_NOTE_PASSWORD, DISSECT_NOWHERE,
                "%lu files are encrypted with another password", (unsigned long)result->locked);
}

static void say_why_not(struct dissect *dissect, uint32_t id, const char *scheme, size_t tried,
        const struct hn_err *err)
{
    if (err->status == HN_NOTFOUND || err->status == HN_LIMIT) {
        dissect_note(dissect, id, DISSECT_NOTE_PASSWORD, DISSECT_NOWHERE,
                "%s: no password fits, %llu %s", scheme, (unsigned long long)tried,
                err->status == HN_LIMIT ? "known, not all tried" : "tried");
    } else {
        dissect_note(dissect, id, DISSECT_NOTE_PASSWORD, DISSECT_NOWHERE,
                "encrypted, and cannot be decrypted here: %s", err->msg);
    }
}

enum hn_status container_unlock(struct dissect *dissect, uint32_t id,
        const struct container_lock *lock, struct arclock_result *ret_result)
{
    struct unlocking u = { dissect, id, lock->index };
    struct arclock_ask ask = { .spend = spend, .unpack = unpack, .verify = verify, .ctx = &u };
    HN_VEC(struct hn_text) passwords = { 0 };
    struct hn_err err = { 0 };
    enum hn_status status = HN_OK;

    for (size_t i = 0; i <= dissect_password_count(dissect) && status == HN_OK; i++) {
        struct hn_text *slot = hn_vec_add(&passwords);

        if (slot == NULL)
            status = HN_NOMEM;
        else
            *slot = i < dissect_password_count(dissect) ? dissect_password(dissect, i)
                                                        : HN_TEXT(USUAL);
    }
    ask.passwords = passwords.ptr;
    ask.password_count = passwords.count;
    if (status == HN_OK)
        status = arclock_open(dissect_get(dissect, id)->data, &ask, ret_result, &err);
    if (status == HN_OK) {
        say(dissect, id, ret_result);
    } else if (status == HN_NOTFOUND || status == HN_LIMIT || (status != HN_NOMEM && lock->sure)) {
        say_why_not(dissect, id, ret_result->scheme != NULL ? ret_result->scheme : "encrypted",
                passwords.count, &err);
    }
    hn_vec_deinit(&passwords);
    return status;
}
