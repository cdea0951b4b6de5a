/* http_tls_make.c - a self-signed certificate for the first start: ECDSA P-256, for this host's
 * name, localhost and the loopback addresses. Its operator replaces it, or pins it. */
#include "http/http_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define VALID_SECONDS ((time_t)10 * 365 * 24 * 3600)

/* A new file, readable by its owner alone or by all. */
static enum hn_status write_new(
        const char *path, mode_t mode, const gnutls_datum_t *pem, struct hn_err *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    size_t done = 0;

    if (fd < 0)
        return hn_fail_sys(err, errno, "making %s", path);
    while (done < pem->size) {
        ssize_t wrote = write(fd, pem->data + done, pem->size - done);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            break;
        done += (size_t)wrote;
    }
    if (done < pem->size || fsync(fd) != 0) {
        int saved_errno = errno;

        (void)close(fd);
        (void)unlink(path);
        return hn_fail_sys(err, saved_errno, "writing %s", path);
    }
    (void)close(fd);
    return HN_OK;
}

static int set_names(gnutls_x509_crt_t cert)
{
    static const uint8_t loopback4[4] = { 127, 0, 0, 1 };
    static const uint8_t loopback6[16] = { [15] = 1 };
    char host[256] = "";
    int result = gnutls_x509_crt_set_dn_by_oid(
            cert, GNUTLS_OID_X520_COMMON_NAME, 0, "Hinomi", sizeof "Hinomi" - 1);

    if (result == 0)
        result = gnutls_x509_crt_set_subject_alt_name(
                cert, GNUTLS_SAN_DNSNAME, "localhost", sizeof "localhost" - 1, GNUTLS_FSAN_SET);
    if (result == 0)
        result = gnutls_x509_crt_set_subject_alt_name(
                cert, GNUTLS_SAN_IPADDRESS, loopback4, sizeof loopback4, GNUTLS_FSAN_APPEND);
    if (result == 0)
        result = gnutls_x509_crt_set_subject_alt_name(
                cert, GNUTLS_SAN_IPADDRESS, loopback6, sizeof loopback6, GNUTLS_FSAN_APPEND);
    if (result == 0 && gethostname(host, sizeof host - 1) == 0 && host[0] != '\0')
        result = gnutls_x509_crt_set_subject_alt_name(
                cert, GNUTLS_SAN_DNSNAME, host, (unsigned int)strlen(host), GNUTLS_FSAN_APPEND);
    return result;
}

static int fill(gnutls_x509_crt_t cert, gnutls_x509_privkey_t key)
{
    uint8_t serial[16];
    time_t now = time(NULL);
    int result = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);

    serial[0] = (uint8_t)((serial[0] & 0x7F) | 0x40); /* positive, and not zero */
    if (result == 0)
        result = gnutls_x509_crt_set_version(cert, 3);
    if (result == 0)
        result = gnutls_x509_crt_set_serial(cert, serial, sizeof serial);
    if (result == 0)
        result = gnutls_x509_crt_set_activation_time(cert, now - 3600);
    if (result == 0)
        result = gnutls_x509_crt_set_expiration_time(cert, now + VALID_SECONDS);
    if (result == 0)
        result = gnutls_x509_crt_set_key(cert, key);
    if (result == 0)
        result = set_names(cert);
    if (result == 0)
        result = gnutls_x509_crt_set_basic_constraints(cert, 0, -1);
    if (result == 0)
        result = gnutls_x509_crt_set_key_usage(cert, GNUTLS_KEY_DIGITAL_SIGNATURE);
    if (result == 0)
        result = gnutls_x509_crt_set_key_purpose_oid(cert, GNUTLS_KP_TLS_WWW_SERVER, 0);
    if (result == 0)
        result = gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256, 0);
    return result;
}

enum hn_status http_tls_make(const char *certificate, const char *key_path, struct hn_err *err)
{
    gnutls_x509_privkey_t key = NULL;
    gnutls_x509_crt_t cert = NULL;
    gnutls_datum_t cert_pem = { 0 };
    gnutls_datum_t key_pem = { 0 };
    enum hn_status status = HN_OK;
    int result = gnutls_x509_privkey_init(&key);

    if (result == 0)
        result = gnutls_x509_privkey_generate(
                key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    if (result == 0)
        result = gnutls_x509_crt_init(&cert);
    if (result == 0)
        result = fill(cert, key);
    if (result == 0)
        result = gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &cert_pem);
    if (result == 0)
        result = gnutls_x509_privkey_export2_pkcs8(
                key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &key_pem);
    if (result != 0)
        status = hn_fail(err, HN_IO, 0, "making a certificate: %s", gnutls_strerror(result));
    if (status == HN_OK)
        status = write_new(key_path, 0600, &key_pem, err);
    if (status == HN_OK) {
        status = write_new(certificate, 0644, &cert_pem, err);
        if (status != HN_OK)
            (void)unlink(key_path); /* half a pair would be refused at the next start */
    }
    if (key_pem.data != NULL)
        gnutls_memset(key_pem.data, 0, key_pem.size);
    gnutls_free(key_pem.data);
    gnutls_free(cert_pem.data);
    if (cert != NULL)
        gnutls_x509_crt_deinit(cert);
    if (key != NULL)
        gnutls_x509_privkey_deinit(key);
    return status;
}
