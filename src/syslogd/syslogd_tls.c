/* syslogd_tls.c - TLS by GnuTLS: certificates that can be replaced while sessions go on, and the
 * names of clients that are let in. */
#include "syslogd/syslogd_internal.h"

#include "base/enc.h"
#include "base/mem.h"

#include <gnutls/x509.h>

#define PRIORITIES       "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define FINGERPRINT_MARK "sha-256:"

/* ---- Credentials ---- */

enum hn_status syslogd_tls_credentials_load(
        const struct syslogd_tls *tls, struct tls_credentials **ret_credentials, struct hn_err *err)
{
    struct tls_credentials *credentials = hn_calloc(1, sizeof *credentials);
    int result;

    if (credentials == NULL)
        return hn_fail(err, HN_NOMEM, 0, "TLS credentials");
    atomic_init(&credentials->references, 1);
    if (gnutls_certificate_allocate_credentials(&credentials->certificates) < 0) {
        hn_free(credentials);
        return hn_fail(err, HN_NOMEM, 0, "TLS credentials");
    }
    result = gnutls_certificate_set_x509_key_file(
            credentials->certificates, tls->certificate_file, tls->key_file, GNUTLS_X509_FMT_PEM);
    if (result < 0) {
        syslogd_tls_credentials_unref(credentials);
        return hn_fail(err, HN_IO, 0, "certificate %s with key %s: %s", tls->certificate_file,
                tls->key_file, gnutls_strerror(result));
    }
    if (tls->ca_file != NULL) {
        result = gnutls_certificate_set_x509_trust_file(
                credentials->certificates, tls->ca_file, GNUTLS_X509_FMT_PEM);
        if (result <= 0) {
            syslogd_tls_credentials_unref(credentials);
            return hn_fail(err, HN_IO, 0, "authority %s: %s", tls->ca_file,
                    result == 0 ? "no certificate in it" : gnutls_strerror(result));
        }
    }
    *ret_credentials = credentials;
    return HN_OK;
}

void syslogd_tls_credentials_unref(struct tls_credentials *credentials)
{
    if (credentials == NULL || atomic_fetch_sub(&credentials->references, 1) != 1)
        return;
    gnutls_certificate_free_credentials(credentials->certificates);
    hn_free(credentials);
}

gnutls_session_t syslogd_tls_session_new(
        const struct syslogd_tls *tls, struct tls_credentials *credentials, int fd)
{
    gnutls_session_t session = NULL;
    gnutls_certificate_request_t request = GNUTLS_CERT_IGNORE;

    if (tls->client != SYSLOGD_CLIENT_NONE) /* who has none is refused after the handshake */
        request = GNUTLS_CERT_REQUEST;
    if (gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
        return NULL;
    if (gnutls_priority_set_direct(session, PRIORITIES, NULL) < 0 ||
            gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials->certificates) <
                    0) {
        gnutls_deinit(session);
        return NULL;
    }
    gnutls_certificate_server_set_request(session, request);
    gnutls_transport_set_int(session, fd);
    gnutls_handshake_set_timeout(session, 0); /* the door keeps time itself */
    return session;
}

/* ---- Who is let in ---- */

/* "AB:CD:.." and "abcd.." as bytes; false when it is no such digest. */
static bool fingerprint_read(struct hn_text text, uint8_t ret_digest[32])
{
    char digits[64];
    char room[32];
    struct hn_buf digest = hn_buf_over(room, sizeof room);
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == ':')
            continue;
        if (count == sizeof digits)
            return false;
        digits[count++] = text.ptr[i];
    }
    if (count != sizeof digits || !hn_hex_decode(&digest, hn_text_of(digits, count)))
        return false;
    memcpy(ret_digest, room, sizeof room);
    return true;
}

static bool has_fingerprint(const gnutls_datum_t *certificate, struct hn_text wanted)
{
    uint8_t digest[32];
    uint8_t own[32];
    size_t len = sizeof own;

    return fingerprint_read(wanted, digest) &&
           gnutls_fingerprint(GNUTLS_DIG_SHA256, certificate, own, &len) == 0 &&
           len == sizeof own && memcmp(own, digest, sizeof own) == 0;
}

enum match { MATCH_NONE, MATCH_NAME, MATCH_FINGERPRINT };

static enum match match_peer(const struct syslogd_tls *tls, const gnutls_datum_t *der)
{
    gnutls_x509_crt_t certificate;
    enum match match = MATCH_NONE;

    if (gnutls_x509_crt_init(&certificate) < 0)
        return MATCH_NONE;
    if (gnutls_x509_crt_import(certificate, der, GNUTLS_X509_FMT_DER) == 0) {
        for (size_t i = 0; match != MATCH_FINGERPRINT && i < tls->peer_count; i++) {
            struct hn_text peer = hn_text_cstr(tls->peers[i]);

            if (hn_text_starts_nocase(peer, HN_TEXT(FINGERPRINT_MARK))) {
                size_t mark = sizeof FINGERPRINT_MARK - 1;

                if (has_fingerprint(der, hn_text_sub(peer, mark, peer.len)))
                    match = MATCH_FINGERPRINT;
            } else if (gnutls_x509_crt_check_hostname(certificate, tls->peers[i]) != 0) {
                match = MATCH_NAME;
            }
        }
    }
    gnutls_x509_crt_deinit(certificate);
    return match;
}

const char *syslogd_tls_client_problem(const struct syslogd_tls *tls, gnutls_session_t session)
{
    unsigned count = 0;
    unsigned problems = 0;
    const gnutls_datum_t *chain;
    enum match match;

    if (tls->client == SYSLOGD_CLIENT_NONE)
        return NULL;
    chain = gnutls_certificate_get_peers(session, &count);
    if (chain == NULL || count == 0)
        return tls->client == SYSLOGD_CLIENT_OPTIONAL ? NULL : "the client has no certificate";
    match = match_peer(tls, &chain[0]);
    if (match == MATCH_FINGERPRINT) /* trusted by itself, whoever signed it (RFC 5425 4.2.2) */
        return NULL;
    if (tls->ca_file == NULL)
        return "the client's certificate has none of the fingerprints";
    if (gnutls_certificate_verify_peers2(session, &problems) < 0 || problems != 0)
        return "the client's certificate is not vouched for, or not valid now";
    if (tls->peer_count > 0 && match == MATCH_NONE)
        return "the client's certificate has none of the names";
    return NULL;
}
