/* http_tls.c - the certificate in force, and its replacement while connections come in.
 *
 * Each handshake asks for it and gets copies, so a replacement needs nobody's consent. */
#include "http/http_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHAIN_MAX     8u
#define PEM_BYTES_MAX ((size_t)256 << 10)

const char http_tls_priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-DHE-RSA:"
                                   "-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:"
                                   "-SHA1:%SERVER_PRECEDENCE";

struct chain {
    gnutls_x509_crt_t certs[CHAIN_MAX];
    unsigned int count;
    gnutls_x509_privkey_t key;
};

struct http_tls {
    char *certificate;
    char *key;
    struct chain chain; /* guarded by in_force_lock */
};

/* GnuTLS's callback gets no context of ours: there is one in the process. */
static pthread_mutex_t in_force_lock = PTHREAD_MUTEX_INITIALIZER;
static struct http_tls *in_force;

static void chain_deinit(struct chain *chain)
{
    for (unsigned int i = 0; i < chain->count; i++)
        gnutls_x509_crt_deinit(chain->certs[i]);
    if (chain->key != NULL)
        gnutls_x509_privkey_deinit(chain->key);
    memset(chain, 0, sizeof *chain);
}

static enum hn_status read_pem(const char *path, struct hn_buf *out, struct hn_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = -1;

    if (fd < 0)
        return hn_fail_sys(err, errno, "opening %s", path);
    hn_buf_init(out, PEM_BYTES_MAX);
    while (hn_buf_reserve(out, 4096)) {
        got = read(fd, out->ptr + out->len, 4096);
        if (got <= 0)
            break;
        out->len += (size_t)got;
    }
    (void)close(fd);
    if (got == 0)
        return HN_OK;
    hn_buf_deinit(out);
    return hn_fail(err, HN_IO, 0, "reading %s", path);
}

static enum hn_status load_certs(const char *path, struct chain *chain, struct hn_err *err)
{
    struct hn_buf pem = { 0 };
    gnutls_datum_t datum;
    enum hn_status status = read_pem(path, &pem, err);
    int result;

    if (status != HN_OK)
        return status;
    datum = (gnutls_datum_t){ (unsigned char *)pem.ptr, (unsigned int)pem.len };
    chain->count = CHAIN_MAX;
    result = gnutls_x509_crt_list_import(chain->certs, &chain->count, &datum, GNUTLS_X509_FMT_PEM,
            GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED | GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED);
    hn_buf_deinit(&pem);
    if (result > 0)
        return HN_OK;
    chain->count = 0;
    return hn_fail(err, HN_CORRUPT, 0, "certificate %s: %s", path, gnutls_strerror(result));
}

static enum hn_status load_key(const char *path, struct chain *chain, struct hn_err *err)
{
    struct hn_buf pem = { 0 };
    gnutls_datum_t datum;
    enum hn_status status = read_pem(path, &pem, err);
    int result;

    if (status != HN_OK)
        return status;
    datum = (gnutls_datum_t){ (unsigned char *)pem.ptr, (unsigned int)pem.len };
    result = gnutls_x509_privkey_init(&chain->key);
    if (result == 0)
        result = gnutls_x509_privkey_import2(
                chain->key, &datum, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN);
    gnutls_memset(pem.ptr, 0, pem.len);
    hn_buf_deinit(&pem);
    return result == 0 ? HN_OK
                       : hn_fail(err, HN_CORRUPT, 0, "key %s: %s", path, gnutls_strerror(result));
}

/* The key is the one that the certificate names. */
static enum hn_status check_pair(const struct chain *chain, struct hn_err *err)
{
    uint8_t of_cert[64];
    uint8_t of_key[64];
    size_t cert_len = sizeof of_cert;
    size_t key_len = sizeof of_key;

    if (gnutls_x509_crt_get_key_id(chain->certs[0], GNUTLS_KEYID_USE_SHA256, of_cert, &cert_len) !=
                    0 ||
            gnutls_x509_privkey_get_key_id(chain->key, GNUTLS_KEYID_USE_SHA256, of_key, &key_len) !=
                    0 ||
            cert_len != key_len || memcmp(of_cert, of_key, cert_len) != 0)
        return hn_fail(err, HN_CORRUPT, 0, "the key does not belong to the certificate");
    return HN_OK;
}

static enum hn_status chain_load(
        const struct http_tls *tls, struct chain *ret_chain, struct hn_err *err)
{
    struct chain chain = { .count = 0 };
    enum hn_status status = load_certs(tls->certificate, &chain, err);

    if (status == HN_OK)
        status = load_key(tls->key, &chain, err);
    if (status == HN_OK)
        status = check_pair(&chain, err);
    if (status == HN_OK)
        *ret_chain = chain;
    else
        chain_deinit(&chain);
    return status;
}

static char *copy_path(const char *path)
{
    size_t len = strlen(path);
    char *copy = hn_malloc(len + 1);

    if (copy != NULL)
        memcpy(copy, path, len + 1);
    return copy;
}

enum hn_status http_tls_new(
        const char *certificate, const char *key, struct http_tls **ret_tls, struct hn_err *err)
{
    struct http_tls *tls = hn_calloc(1, sizeof *tls);
    enum hn_status status = HN_OK;

    if (tls == NULL)
        return hn_fail(err, HN_NOMEM, 0, "TLS");
    tls->certificate = copy_path(certificate);
    tls->key = copy_path(key);
    if (tls->certificate == NULL || tls->key == NULL)
        status = hn_fail(err, HN_NOMEM, 0, "TLS");
    else if (access(certificate, F_OK) != 0 && access(key, F_OK) != 0)
        status = http_tls_make(certificate, key, err);
    if (status == HN_OK)
        status = chain_load(tls, &tls->chain, err);
    if (status == HN_OK) {
        (void)pthread_mutex_lock(&in_force_lock);
        if (in_force != NULL)
            status = hn_fail(err, HN_LIMIT, 0, "this process has a TLS server already");
        else
            in_force = tls;
        (void)pthread_mutex_unlock(&in_force_lock);
    }
    if (status == HN_OK)
        *ret_tls = tls;
    else
        http_tls_free(tls);
    return status;
}

enum hn_status http_tls_reload(struct http_tls *tls, struct hn_err *err)
{
    struct chain chain;
    struct chain old;
    enum hn_status status = chain_load(tls, &chain, err);

    if (status != HN_OK)
        return status;
    (void)pthread_mutex_lock(&in_force_lock);
    old = tls->chain;
    tls->chain = chain;
    (void)pthread_mutex_unlock(&in_force_lock);
    chain_deinit(&old);
    return HN_OK;
}

void http_tls_free(struct http_tls *tls)
{
    if (tls == NULL)
        return;
    (void)pthread_mutex_lock(&in_force_lock);
    if (in_force == tls)
        in_force = NULL;
    (void)pthread_mutex_unlock(&in_force_lock);
    chain_deinit(&tls->chain);
    hn_free(tls->certificate);
    hn_free(tls->key);
    hn_free(tls);
}

/* Copies for one handshake, which GnuTLS frees (GNUTLS_CERT_RETR_DEINIT_ALL). */
static int copy_chain(
        const struct chain *chain, gnutls_pcert_st **ret_certs, gnutls_privkey_t *ret_key)
{
    gnutls_pcert_st *certs = gnutls_calloc(chain->count, sizeof *certs);
    gnutls_privkey_t key = NULL;
    unsigned int copied = 0;

    if (certs == NULL)
        return -1;
    while (copied < chain->count &&
            gnutls_pcert_import_x509(&certs[copied], chain->certs[copied], 0) == 0)
        copied++;
    if (copied == chain->count && gnutls_privkey_init(&key) == 0 &&
            gnutls_privkey_import_x509(key, chain->key, GNUTLS_PRIVKEY_IMPORT_COPY) == 0) {
        *ret_certs = certs;
        *ret_key = key;
        return 0;
    }
    if (key != NULL)
        gnutls_privkey_deinit(key);
    for (unsigned int i = 0; i < copied; i++)
        gnutls_pcert_deinit(&certs[i]);
    gnutls_free(certs);
    return -1;
}

/* NOLINTNEXTLINE(readability-function-size): GnuTLS's parameters */
int http_tls_retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
        gnutls_pcert_st **certs, unsigned int *cert_count, gnutls_ocsp_data_st **ocsp,
        unsigned int *ocsp_count, gnutls_privkey_t *key, unsigned int *flags)
{
    int result = -1;

    (void)session;
    (void)info;
    *ocsp = NULL;
    *ocsp_count = 0;
    (void)pthread_mutex_lock(&in_force_lock);
    if (in_force != NULL) {
        result = copy_chain(&in_force->chain, certs, key);
        *cert_count = in_force->chain.count;
        *flags = GNUTLS_CERT_RETR_DEINIT_ALL;
    }
    (void)pthread_mutex_unlock(&in_force_lock);
    return result;
}
