/* vault.c - key, encryption, files by their digest. */
#include "vault/vault.h"

#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_BYTES   32
#define NONCE_BYTES 12
#define TAG_BYTES   16
#define PATH_ROOM   4200
#define PIECE       ((size_t)1 << 20) /* OpenSSL counts in int */

static const char magic[4] = { 'H', 'N', 'V', '1' };

struct vault {
    pthread_mutex_t lock; /* of writing: temporary files have one name */
    char files[PATH_ROOM];
    uint8_t key[KEY_BYTES];
};

/* ---- Encryption ---- */

static bool crypt_piecewise(EVP_CIPHER_CTX *ctx, const uint8_t *from, size_t len, uint8_t *to)
{
    while (len > 0) {
        size_t piece = len < PIECE ? len : PIECE;
        int done = 0;

        if (EVP_CipherUpdate(ctx, to, &done, from, (int)piece) != 1 || (size_t)done != piece)
            return false;
        from += piece;
        to += piece;
        len -= piece;
    }
    return true;
}

struct gcm {
    bool sealing;
    struct hn_text about;
    const uint8_t *nonce;
    struct hn_bytes from;
    uint8_t *to;  /* room for as many bytes */
    uint8_t *tag; /* written when sealing, else held against */
};

static bool gcm_run(const struct vault *vault, const struct gcm *gcm)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t rest[TAG_BYTES];
    int done = 0;
    bool fine =
            ctx != NULL &&
            EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, vault->key, gcm->nonce, gcm->sealing) ==
                    1 &&
            EVP_CipherUpdate(ctx, NULL, &done, (const uint8_t *)magic, (int)sizeof magic) == 1 &&
            EVP_CipherUpdate(
                    ctx, NULL, &done, (const uint8_t *)gcm->about.ptr, (int)gcm->about.len) == 1 &&
            crypt_piecewise(ctx, gcm->from.ptr, gcm->from.len, gcm->to);

    if (fine && !gcm->sealing)
        fine = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, gcm->tag) == 1;
    fine = fine && EVP_CipherFinal_ex(ctx, rest, &done) == 1;
    if (fine && gcm->sealing)
        fine = EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, gcm->tag) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return fine;
}

static bool random_bytes(uint8_t *ptr, size_t len)
{
    return getentropy(ptr, len) == 0;
}

enum hn_status vault_seal(struct vault *vault, struct hn_text about, struct hn_bytes bytes,
        struct hn_buf *out, struct hn_err *err)
{
    struct gcm gcm;
    uint8_t *at;

    if (bytes.len > VAULT_FILE_MAX || about.len > VAULT_FILE_MAX)
        return hn_fail(err, HN_LIMIT, 0, "larger than %zu bytes", VAULT_FILE_MAX);
    if (!hn_buf_reserve(out, bytes.len + VAULT_EXTRA))
        return hn_fail(err, HN_NOMEM, 0, "no memory for %zu bytes", bytes.len);
    at = (uint8_t *)out->ptr + out->len;
    memcpy(at, magic, sizeof magic);
    gcm = (struct gcm){ .sealing = true,
        .about = about,
        .nonce = at + sizeof magic,
        .from = bytes,
        .to = at + sizeof magic + NONCE_BYTES,
        .tag = at + sizeof magic + NONCE_BYTES + bytes.len };
    if (!random_bytes(at + sizeof magic, NONCE_BYTES) || !gcm_run(vault, &gcm))
        return hn_fail(err, HN_NOMEM, 0, "it cannot be encrypted");
    out->len += bytes.len + VAULT_EXTRA;
    return HN_OK;
}

enum hn_status vault_unseal(struct vault *vault, struct hn_text about, struct hn_bytes sealed,
        struct hn_buf *out, struct hn_err *err)
{
    uint8_t tag[TAG_BYTES];
    const uint8_t *nonce;
    struct gcm gcm;
    size_t len;

    if (sealed.len < VAULT_EXTRA || memcmp(sealed.ptr, magic, sizeof magic) != 0)
        return hn_fail(err, HN_CORRUPT, 0, "not a file of the vault");
    len = sealed.len - VAULT_EXTRA;
    nonce = sealed.ptr + sizeof magic;
    memcpy(tag, sealed.ptr + sealed.len - TAG_BYTES, TAG_BYTES);
    if (!hn_buf_reserve(out, len + 1))
        return hn_fail(err, HN_NOMEM, 0, "no memory for %zu bytes", len);
    gcm = (struct gcm){ .about = about,
        .nonce = nonce,
        .from = hn_bytes_of(nonce + NONCE_BYTES, len),
        .to = (uint8_t *)out->ptr + out->len,
        .tag = tag };
    if (!gcm_run(vault, &gcm))
        return hn_fail(err, HN_CORRUPT, 0, "it was changed, or encrypted with another key");
    out->len += len;
    return HN_OK;
}

bool vault_id(const struct vault *vault, struct hn_bytes bytes, char ret_id[VAULT_ID_LEN])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (HMAC(EVP_sha256(), vault->key, KEY_BYTES, bytes.ptr, bytes.len, sum, &len) == NULL)
        return false;
    for (size_t i = 0; i < VAULT_ID_LEN / 2; i++) {
        ret_id[2 * i] = digits[sum[i] >> 4];
        ret_id[2 * i + 1] = digits[sum[i] & 15];
    }
    return true;
}

/* ---- Files ---- */

static bool is_name(struct hn_text name)
{
    if (name.len != VAULT_NAME_LEN)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
    }
    return true;
}

static void path_of(const struct vault *vault, struct hn_text name, char ret_path[PATH_ROOM + 80])
{
    (void)snprintf(ret_path, PATH_ROOM + 80, "%s/%.*s", vault->files, HN_TEXT_ARG(name));
}

static enum hn_status put_new(
        struct vault *vault, struct hn_text name, struct hn_bytes bytes, struct hn_err *err)
{
    char text[VAULT_NAME_LEN + 1];
    struct hn_buf sealed = { 0 };
    enum hn_status status = vault_seal(vault, name, bytes, &sealed, err);

    (void)snprintf(text, sizeof text, "%.*s", HN_TEXT_ARG(name));
    if (status == HN_OK) {
        (void)pthread_mutex_lock(&vault->lock);
        status = hn_file_write_whole(
                vault->files, text, hn_text_as_bytes(hn_buf_text(&sealed)), err);
        (void)pthread_mutex_unlock(&vault->lock);
    }
    hn_buf_deinit(&sealed);
    return status;
}

enum hn_status vault_put(struct vault *vault, struct hn_bytes bytes, char ret_name[VAULT_NAME_LEN],
        struct hn_err *err)
{
    char path[PATH_ROOM + 80];
    struct stat info;
    struct hn_text name = hn_text_of(ret_name, VAULT_NAME_LEN);

    if (!hn_sha256_hex(bytes, ret_name))
        return hn_fail(err, HN_NOMEM, 0, "digest");
    path_of(vault, name, path);
    /* A file is there as a whole or not at all, so its size says enough. */
    if (lstat(path, &info) == 0 && S_ISREG(info.st_mode) &&
            (uint64_t)info.st_size == (uint64_t)bytes.len + VAULT_EXTRA)
        return HN_OK;
    return put_new(vault, name, bytes, err);
}

enum hn_status vault_get(
        struct vault *vault, struct hn_text name, struct hn_buf *out, struct hn_err *err)
{
    char text[VAULT_NAME_LEN + 1];
    struct hn_buf sealed = { 0 };
    enum hn_status status;

    if (!is_name(name))
        return hn_fail(err, HN_NOTFOUND, 0, "not a name of the vault");
    (void)snprintf(text, sizeof text, "%.*s", HN_TEXT_ARG(name));
    status = hn_file_read_whole(vault->files, text, VAULT_FILE_MAX + VAULT_EXTRA, &sealed, err);
    if (status == HN_OK)
        status = vault_unseal(vault, name, hn_text_as_bytes(hn_buf_text(&sealed)), out, err);
    hn_buf_deinit(&sealed);
    return status;
}

enum hn_status vault_remove(struct vault *vault, struct hn_text name, struct hn_err *err)
{
    char path[PATH_ROOM + 80];

    if (!is_name(name))
        return HN_OK;
    path_of(vault, name, path);
    if (unlink(path) != 0 && errno != ENOENT)
        return hn_fail_sys(err, errno, "a file of the vault cannot be removed");
    return HN_OK;
}

enum hn_status vault_each(
        struct vault *vault, vault_on_file *on_file, void *ctx, struct hn_err *err)
{
    DIR *dir = opendir(vault->files);
    struct dirent *entry;

    if (dir == NULL)
        return hn_fail_sys(err, errno, "cannot open the folder %s", vault->files);
    while ((entry = readdir(dir)) != NULL) { /* NOLINT(concurrency-mt-unsafe): a stream of ours */
        struct hn_text name = hn_text_cstr(entry->d_name);
        struct stat info;

        if (is_name(name) && fstatat(dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                S_ISREG(info.st_mode))
            on_file(ctx, name, (uint64_t)info.st_size);
    }
    (void)closedir(dir);
    return HN_OK;
}

/* ---- Life ---- */

static void on_any(void *ctx, struct hn_text name, uint64_t bytes)
{
    (void)name;
    (void)bytes;
    *(bool *)ctx = true;
}

static enum hn_status make_key(struct vault *vault, const char *dir, struct hn_err *err)
{
    bool any = false;
    enum hn_status status = vault_each(vault, on_any, &any, err);

    if (status == HN_OK && any)
        return hn_fail(err, HN_CORRUPT, 0,
                "%s/key is missing: put it back, without it nothing there can be read", dir);
    if (status == HN_OK && !random_bytes(vault->key, sizeof vault->key))
        status = hn_fail_sys(err, errno, "no random numbers");
    if (status == HN_OK)
        status = hn_file_write_whole(dir, "key", hn_bytes_of(vault->key, sizeof vault->key), err);
    return status;
}

static enum hn_status read_key(struct vault *vault, const char *dir, struct hn_err *err)
{
    char path[PATH_ROOM];
    struct hn_buf bytes = { 0 };
    struct stat info;
    enum hn_status status = hn_file_read_whole(dir, "key", KEY_BYTES, &bytes, err);

    (void)snprintf(path, sizeof path, "%s/key", dir);
    if (status == HN_LIMIT || (status == HN_OK && bytes.len != KEY_BYTES))
        status = hn_fail(err, HN_CORRUPT, 0, "%s does not hold a key", path);
    if (status == HN_OK && (stat(path, &info) != 0 || (info.st_mode & 077) != 0))
        status = hn_fail(err, HN_CORRUPT, 0, "%s can be read by others (chmod 600)", path);
    if (status == HN_OK)
        memcpy(vault->key, bytes.ptr, KEY_BYTES);
    if (bytes.ptr != NULL)
        OPENSSL_cleanse(bytes.ptr, bytes.len);
    hn_buf_deinit(&bytes);
    return status;
}

enum hn_status vault_open(const char *dir, struct vault **ret_vault, struct hn_err *err)
{
    struct vault *vault = hn_calloc(1, sizeof *vault);
    struct hn_err none = { 0 };
    enum hn_status status;

    if (vault == NULL)
        return hn_fail(err, HN_NOMEM, 0, "vault");
    (void)pthread_mutex_init(&vault->lock, NULL);
    if ((size_t)snprintf(vault->files, sizeof vault->files, "%s/files", dir) >= PATH_ROOM - 8)
        status = hn_fail(err, HN_LIMIT, 0, "the folder's name is too long");
    else
        status = hn_file_make_folder(dir, err);
    if (status == HN_OK)
        status = hn_file_make_folder(vault->files, err);
    if (status == HN_OK) {
        status = read_key(vault, dir, &none);
        if (status == HN_NOTFOUND)
            status = make_key(vault, dir, err);
        else if (status != HN_OK)
            status = hn_fail(err, status, 0, "%s", none.msg);
    }
    if (status != HN_OK) {
        vault_free(vault);
        return status;
    }
    *ret_vault = vault;
    return HN_OK;
}

void vault_free(struct vault *vault)
{
    if (vault == NULL)
        return;
    OPENSSL_cleanse(vault->key, sizeof vault->key);
    (void)pthread_mutex_destroy(&vault->lock);
    hn_free(vault);
}
