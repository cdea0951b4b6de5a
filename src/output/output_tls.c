/* output_tls.c - TLS towards a syslog receiver (RFC 5425), by GnuTLS: the certificate is checked
 * against the configured authority and name, always. */
#include "output/output_internal.h"

#include "base/mem.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>

#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct output_tls {
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session; /* NULL: none is open */
};

enum hn_status output_tls_new(const char *ca, struct output_tls **ret_tls, struct hn_err *err)
{
    struct output_tls *tls = hn_calloc(1, sizeof *tls);
    int count;

    if (tls == NULL || gnutls_certificate_allocate_credentials(&tls->credentials) < 0) {
        hn_free(tls);
        return hn_fail(err, HN_NOMEM, 0, "no memory for TLS");
    }
    if (ca[0] == '\0')
        count = gnutls_certificate_set_x509_system_trust(tls->credentials);
    else
        count = gnutls_certificate_set_x509_trust_file(tls->credentials, ca, GNUTLS_X509_FMT_PEM);
    if (count <= 0) {
        output_tls_free(tls);
        return hn_fail(err, HN_IO, 0, "authorities %s: %s", ca[0] == '\0' ? "of the system" : ca,
                count == 0 ? "there is none" : gnutls_strerror(count));
    }
    *ret_tls = tls;
    return HN_OK;
}

void output_tls_free(struct output_tls *tls)
{
    if (tls == NULL)
        return;
    output_tls_close(tls);
    gnutls_certificate_free_credentials(tls->credentials);
    hn_free(tls);
}

static enum hn_status wait_for(
        struct output_tls *tls, int fd, const struct output_target *target, struct hn_err *err)
{
    short events = gnutls_record_get_direction(tls->session) == 1 ? POLLOUT : POLLIN;

    return output_wait(fd, events, target->until, target->ending, err);
}

/* Why the certificate was not good enough, or what else went wrong. */
static enum hn_status handshake_failed(struct output_tls *tls, int code, struct hn_err *err)
{
    gnutls_datum_t text = { 0 };
    unsigned status = gnutls_session_get_verify_cert_status(tls->session);
    enum hn_status result;

    if (code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR &&
            gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) == 0) {
        result = hn_fail(err, HN_IO, 0, "TLS: %s", (const char *)text.data);
        gnutls_free(text.data);
        return result;
    }
    return hn_fail(err, HN_IO, 0, "TLS: %s", gnutls_strerror(code));
}

static bool set_up(struct output_tls *tls, int fd, const char *host)
{
    struct hn_text name = hn_text_cstr(host);

    if (gnutls_init(&tls->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0)
        return false;
    if (gnutls_priority_set_direct(tls->session, PRIORITIES, NULL) < 0 ||
            gnutls_credentials_set(tls->session, GNUTLS_CRD_CERTIFICATE, tls->credentials) < 0 ||
            gnutls_server_name_set(tls->session, GNUTLS_NAME_DNS, name.ptr, name.len) < 0)
        return false;
    gnutls_session_set_verify_cert(tls->session, host, 0);
    gnutls_transport_set_int(tls->session, fd);
    gnutls_handshake_set_timeout(tls->session, 0); /* time is kept here */
    return true;
}

enum hn_status output_tls_open(
        struct output_tls *tls, int fd, const struct output_target *target, struct hn_err *err)
{
    enum hn_status status = HN_OK;
    int code;

    output_tls_close(tls);
    if (!set_up(tls, fd, target->host))
        return hn_fail(err, HN_NOMEM, 0, "TLS: no session");
    do {
        code = gnutls_handshake(tls->session);
        if (code == GNUTLS_E_AGAIN)
            status = wait_for(tls, fd, target, err);
    } while (status == HN_OK && code < 0 && gnutls_error_is_fatal(code) == 0);
    if (status == HN_OK && code < 0)
        status = handshake_failed(tls, code, err);
    return status;
}

void output_tls_close(struct output_tls *tls)
{
    if (tls == NULL || tls->session == NULL)
        return;
    (void)gnutls_bye(tls->session, GNUTLS_SHUT_WR); /* as far as it goes without waiting */
    gnutls_deinit(tls->session);
    tls->session = NULL;
}

enum hn_status output_tls_write(struct output_tls *tls, struct hn_bytes bytes,
        const struct output_target *target, struct hn_err *err)
{
    int fd = gnutls_transport_get_int(tls->session);
    enum hn_status status = HN_OK;
    size_t at = 0;

    while (status == HN_OK && at < bytes.len) {
        ssize_t put = gnutls_record_send(tls->session, bytes.ptr + at, bytes.len - at);

        if (put >= 0)
            at += (size_t)put;
        else if (put == GNUTLS_E_AGAIN || put == GNUTLS_E_INTERRUPTED)
            status = wait_for(tls, fd, target, err);
        else
            status = hn_fail(err, HN_IO, 0, "TLS: %s", gnutls_strerror((int)put));
    }
    return status;
}

bool output_tls_is_over(struct output_tls *tls)
{
    char scrap[512];
    ssize_t got;

    do {
        got = gnutls_record_recv(tls->session, scrap, sizeof scrap);
    } while (got > 0); /* a receiver of syslog has nothing to say */
    return got == 0 || gnutls_error_is_fatal((int)got) != 0;
}
