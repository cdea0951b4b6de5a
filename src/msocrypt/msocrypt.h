/* msocrypt.h - encrypted Office documents ([MS-OFFCRYPTO]) opened with passwords that are known.
 * The one header of this module.
 *
 * Packages (docx, xlsx, ...) in a compound file: Standard (AES-128, -192, -256) and Agile (AES in
 * CBC, SHA-1 to SHA-512, integrity checked); Extensible is recognised. Binary documents (doc, xls,
 * ppt): XOR obfuscation (doc, xls), RC4 with 40 bits, RC4 by CryptoAPI; of those a compound file is
 * built whose streams are decrypted and no longer say that they are encrypted.
 *
 * Passwords tried: "VelvetSweatshop" (what Excel tries without asking), those given, in order,
 * "/01Hannes Ruescher/01" (PowerPoint), and the few that are used again and again.
 *
 * Life: ole_open() -> msocrypt_open() -> the result, which ends with the arena.
 * Concurrency: one thread at a time per arena. Limits: MSOCRYPT_..._MAX; what they kept from being
 * tried is said in the result. Errors: HN_NOMEM only; damage is said in the result. */
#ifndef HN_MSOCRYPT_MSOCRYPT_H
#define HN_MSOCRYPT_MSOCRYPT_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"
#include "ole/ole.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MSOCRYPT_SPINS_MAX      1000000u /* rounds that a document may ask for; Office has 100,000 */
#define MSOCRYPT_SPINS_ALL_MAX  8000000u /* of all passwords together */
#define MSOCRYPT_PASSWORD_UNITS 255u     /* UTF-16 units ([MS-OFFCRYPTO] 2.3.2) */

#define MSOCRYPT_KIND_LIST(X)                           \
    X(MSOCRYPT_NONE, "none") /* nothing is encrypted */ \
    X(MSOCRYPT_STANDARD, "standard")                    \
    X(MSOCRYPT_AGILE, "agile")                          \
    X(MSOCRYPT_EXTENSIBLE, "extensible")                \
    X(MSOCRYPT_XOR, "xor")                              \
    X(MSOCRYPT_RC4, "rc4")                              \
    X(MSOCRYPT_CRYPTOAPI, "cryptoapi")                  \
    X(MSOCRYPT_OTHER, "other") /* encrypted in a way nobody described, or too damaged to tell */

enum msocrypt_kind {
#define MSOCRYPT_KIND_ENUM(name, id) name,
    MSOCRYPT_KIND_LIST(MSOCRYPT_KIND_ENUM)
#undef MSOCRYPT_KIND_ENUM
            MSOCRYPT_KIND_COUNT
};
const char *msocrypt_kind_id(enum msocrypt_kind kind);

struct msocrypt_result {
    enum msocrypt_kind kind;
    struct hn_text scheme;   /* for people: "Agile, AES-256, SHA512, 100000 rounds" */
    bool opened;             /* a password fits; else what follows is empty */
    bool usual_password;     /* it is one of the usual ones, not one given */
    struct hn_text password; /* UTF-8 */
    struct hn_bytes bytes;   /* the package, or the compound file with decrypted streams */
    bool forged;             /* Agile: the integrity check fails although the password fits */
    bool damaged;            /* the data ends early or a field cannot be */
    bool gave_up;            /* a limit kept passwords from being tried */
    uint32_t tried;
};

/* passwords: UTF-8. */
HN_MUST_USE enum hn_status msocrypt_open(struct hn_arena *arena, struct ole_file *file,
        const struct hn_text *passwords, size_t count, struct msocrypt_result *ret_result,
        struct hn_err *err);

/* Loads the algorithms, so that a jailed process needs no file for them. Once, before threads. */
void msocrypt_warm(void);

#endif
