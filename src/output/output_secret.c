/* output_secret.c - keys and passwords out of files, and the signature of a webhook. */
#include "output/output_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static enum hn_status read_all(
        int fd, const char *path, struct output_secret *secret, struct hn_err *err)
{
    ssize_t got = 1;

    secret->len = 0;
    while (got > 0 && secret->len < sizeof secret->bytes) {
        got = read(fd, secret->bytes + secret->len, sizeof secret->bytes - secret->len);
        if (got < 0)
            return hn_fail_sys(err, errno, "%s cannot be read", path);
        secret->len += (size_t)got;
    }
    if (secret->len > OUTPUT_SECRET_MAX)
        return hn_fail(err, HN_SYNTAX, 0, "%s is longer than %d bytes", path, OUTPUT_SECRET_MAX);
    while (secret->len > 0 &&
            (secret->bytes[secret->len - 1] == '\n' || secret->bytes[secret->len - 1] == '\r'))
        secret->len--;
    secret->bytes[secret->len] = '\0';
    return secret->len == 0 ? hn_fail(err, HN_SYNTAX, 0, "%s is empty", path) : HN_OK;
}

enum hn_status output_secret_read(
        const char *path, struct output_secret *ret_secret, struct hn_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct output_secret secret = { .len = 0 };
    struct stat stat;
    enum hn_status status;

    if (fd < 0)
        return hn_fail_sys(err, errno, "%s cannot be opened", path);
    if (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))
        status = hn_fail(err, HN_SYNTAX, 0, "%s is no file", path);
    else if ((stat.st_mode & S_IRWXO) != 0)
        status = hn_fail(err, HN_SYNTAX, 0, "%s may be read by everybody: chmod o= it", path);
    else
        status = read_all(fd, path, &secret, err);
    (void)close(fd);
    if (status == HN_OK)
        *ret_secret = secret;
    output_secret_wipe(&secret);
    return status;
}

void output_secret_wipe(struct output_secret *secret)
{
    OPENSSL_cleanse(secret, sizeof *secret);
}

bool output_sign(const struct output_secret *secret, int64_t timestamp, struct hn_text body,
        char ret_hex[65])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    struct hn_buf message = { 0 };
    struct hn_buf hex = hn_buf_over(ret_hex, 64);

    hn_buf_addf(&message, "%lld.", (long long)timestamp);
    hn_buf_add_text(&message, body);
    if (!hn_buf_ok(&message) ||
            HMAC(EVP_sha256(), secret->bytes, (int)secret->len, (const unsigned char *)message.ptr,
                    message.len, digest, &len) == NULL) {
        hn_buf_deinit(&message);
        return false;
    }
    hn_buf_deinit(&message);
    hn_buf_add_hex(&hex, digest, len);
    ret_hex[64] = '\0';
    return hn_buf_ok(&hex) && len == 32;
}
