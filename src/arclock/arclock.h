/* arclock.h - encrypted 7z and rar archives: tries passwords, and writes the archive again without
 * its encryption, for readers (libarchive) that cannot decrypt. The one header of this module.
 *
 *     7z       7zAES (06F10701): files, and headers packed and encrypted (7zFormat.txt of 7-Zip)
 *     rar 3, 4 AES-128 of archives by RAR 2.9 and later: files, and all headers
 *     rar 5    AES-256, PBKDF2 with a check value: files, and all headers (RAR 5.0 archive format)
 *
 * Life: arclock_open() -> the result's archive -> arclock_result_deinit().
 * Concurrency: pure but for the callbacks; one thread at a time.
 * Memory: the result owns its bytes, about as many as the archive has; what is parsed of headers
 * lies in an arena of at most 32 MiB meanwhile.
 * Limits: deriving keys is asked for first (spend); at most 2^24 rounds for one key.
 * Errors: HN_NOTFOUND no password fits; HN_UNSUPPORTED a cipher that is older or unknown, or not
 * encrypted at all; HN_CORRUPT, HN_TRUNCATED; HN_LIMIT spend() said no; HN_NOMEM. */
#ifndef HN_ARCLOCK_ARCLOCK_H
#define HN_ARCLOCK_ARCLOCK_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arclock_ask {
    const struct hn_text *passwords; /* UTF-8, tried in this order */
    size_t password_count;
    /* May so many rounds of hashing be spent? */
    bool (*spend)(void *ctx, uint64_t rounds);
    /* The first file of an archive that is not encrypted, appended to ret; false: it is damaged or
     * its checksum is wrong. Asked for the packed headers of 7z. */
    bool (*unpack)(void *ctx, struct hn_bytes archive, struct hn_buf *ret);
    /* Whether the file that was found encrypted comes out of the rewritten archive as it should:
     * asked where the format has no check value for passwords. */
    bool (*verify)(void *ctx, struct hn_bytes archive);
    void *ctx;
};

struct arclock_result {
    struct hn_buf archive;   /* the same archive, not encrypted */
    struct hn_text password; /* of the ask */
    const char *scheme;      /* static: "7z AES-256" */
    bool headers;            /* the list of names was encrypted as well */
    uint32_t locked;         /* rar: files that none of the passwords fits */
};

/* A rar 5 with something encrypted, by its headers alone: libarchive takes such files for plain
 * ones and gives noise. False for every other format, whose encryption libarchive sees. */
bool arclock_is_locked_rar5(struct hn_bytes archive);

/* ret is filled on HN_OK; else only its scheme may be. */
HN_MUST_USE enum hn_status arclock_open(struct hn_bytes archive, const struct arclock_ask *ask,
        struct arclock_result *ret_result, struct hn_err *err);
void arclock_result_deinit(struct arclock_result *result); /* a zeroed one is fine */

#endif
