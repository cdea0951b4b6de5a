/* vault.h - hostile files at rest: each encrypted under its SHA-256, read back only by who has the
 * key, handed out only as a zip with a password. The one header of this module.
 *
 *     <dir>/key              32 random bytes, mode 0600, made when the folder is new
 *     <dir>/files/<sha256>   "HNV1", nonce (12), AES-256-GCM of the bytes, tag (16); mode 0600
 *
 * The digest is authenticated with the bytes, so a file that was changed or renamed does not open.
 * A file on disk is no program, no document and nothing a scanner knows.
 *
 * Life: vault_open() -> the rest -> vault_free().
 * Concurrency: any number of threads; writers wait for each other.
 * Memory: a file is held as a whole, twice while it is encrypted. Limits: VAULT_FILE_MAX.
 * Errors: HN_NOTFOUND; HN_CORRUPT: not what was put there; HN_LIMIT: too large; HN_IO (a full disk
 * among them); HN_NOMEM. Specifications: NIST SP 800-38D; APPNOTE.TXT 6.1 (traditional encryption).
 */
#ifndef HN_VAULT_VAULT_H
#define HN_VAULT_VAULT_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/sha256.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define VAULT_FILE_MAX ((size_t)1 << 30)
#define VAULT_EXTRA    32 /* bytes that a file or a sealed text has more than what is in it */
#define VAULT_NAME_LEN HN_SHA256_HEX_LEN

struct vault;

/* Makes folder and key where the folder is new. HN_CORRUPT: the key is damaged, can be read by
 * others, or is missing although there are files: a new one would hide what is there for ever. */
HN_MUST_USE enum hn_status vault_open(
        const char *dir, struct vault **ret_vault, struct hn_err *err);
void vault_free(struct vault *vault); /* NULL is fine */

/* Durable when it returns HN_OK; the same bytes are there once. */
HN_MUST_USE enum hn_status vault_put(struct vault *vault, struct hn_bytes bytes,
        char ret_name[VAULT_NAME_LEN], struct hn_err *err);
/* Adds what is in it to out. */
HN_MUST_USE enum hn_status vault_get(
        struct vault *vault, struct hn_text name, struct hn_buf *out, struct hn_err *err);
/* HN_OK also when there was none. */
HN_MUST_USE enum hn_status vault_remove(
        struct vault *vault, struct hn_text name, struct hn_err *err);
/* Names and bytes on disk; what is no file of ours is passed over. */
typedef void vault_on_file(void *ctx, struct hn_text name, uint64_t bytes);
HN_MUST_USE enum hn_status vault_each(
        struct vault *vault, vault_on_file *on_file, void *ctx, struct hn_err *err);

/* Short texts (passwords) for a place beside the vault. about says whose it is: opened only with
 * the same. Added to out. */
HN_MUST_USE enum hn_status vault_seal(struct vault *vault, struct hn_text about,
        struct hn_bytes bytes, struct hn_buf *out, struct hn_err *err);
HN_MUST_USE enum hn_status vault_unseal(struct vault *vault, struct hn_text about,
        struct hn_bytes sealed, struct hn_buf *out, struct hn_err *err);

/* A name for bytes that hold a secret: nobody without the key can try secrets against it. */
#define VAULT_ID_LEN 32
HN_MUST_USE bool vault_id(
        const struct vault *vault, struct hn_bytes bytes, char ret_id[VAULT_ID_LEN]);

#endif
