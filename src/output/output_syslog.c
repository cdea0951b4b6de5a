/* output_syslog.c - RFC 5424 over UDP (RFC 5426), TCP (octet-counted, RFC 6587), TLS (RFC 5425).
 *
 * Syslog has no acknowledgement. Over TCP and TLS rows count as sent when the other side's system
 * has acknowledged every byte and the connection still stands; what was on its way when it broke
 * is sent again. Over UDP they count as sent when they have left. */
#include "output/output_internal.h"

#include "base/mem.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define DATAGRAM_MAX 65000
#define HOST_MAX     256

struct syslog_sink {
    struct output_sink base;
    struct output_tls *tls; /* NULL: without */
    struct output_target target;
    int fd; /* -1: not connected */
    char host[HOST_MAX];
    struct hn_buf message;
    struct hn_buf frames;
};

static struct syslog_sink *syslog_of(struct output_sink *sink)
{
    return (struct syslog_sink *)sink;
}

static void disconnect(struct syslog_sink *syslog)
{
    if (syslog->tls != NULL)
        output_tls_close(syslog->tls);
    if (syslog->fd >= 0)
        (void)close(syslog->fd);
    syslog->fd = -1;
}

/* The other side has closed, or reset: what it did not acknowledge is lost with it. */
static bool is_over(struct syslog_sink *syslog)
{
    char scrap[512];
    ssize_t got;

    if (syslog->tls != NULL)
        return output_tls_is_over(syslog->tls);
    do {
        got = recv(syslog->fd, scrap, sizeof scrap, MSG_DONTWAIT);
    } while (got > 0);
    return got == 0 || (errno != EAGAIN && errno != EINTR);
}

static enum hn_status connected(struct syslog_sink *syslog, struct hn_err *err)
{
    enum hn_status status;

    if (syslog->fd >= 0 && syslog->target.type == SOCK_STREAM && is_over(syslog))
        disconnect(syslog);
    if (syslog->fd >= 0)
        return HN_OK;
    status = output_connect(&syslog->target, &syslog->fd, err);
    if (status == HN_OK && syslog->tls != NULL)
        status = output_tls_open(syslog->tls, syslog->fd, &syslog->target, err);
    return status;
}

static void compose(struct syslog_sink *syslog, const struct output_fact *fact)
{
    hn_buf_reset(&syslog->message);
    output_syslog_header(fact, syslog->base.config->facility, syslog->host, &syslog->message);
    hn_buf_add_text(&syslog->message, fact->body);
}

/* ---- Streams ---- */

static enum hn_status write_plain(
        struct syslog_sink *syslog, struct hn_text rest, struct hn_err *err)
{
    enum hn_status status = HN_OK;

    while (status == HN_OK && rest.len > 0) {
        ssize_t put = send(syslog->fd, rest.ptr, rest.len, MSG_NOSIGNAL);

        if (put >= 0) {
            rest = hn_text_sub(rest, (size_t)put, rest.len);
        } else if (errno == EAGAIN || errno == EINTR) {
            status = output_wait(
                    syslog->fd, POLLOUT, syslog->target.until, syslog->target.ending, err);
        } else {
            status = hn_fail_sys(err, errno, "%s", syslog->target.host);
        }
    }
    return status;
}

/* Until the other side's system has acknowledged everything. */
static enum hn_status drained(struct syslog_sink *syslog, struct hn_err *err)
{
    long pause_ms = 1;
    int left = 0;

    for (;;) {
        const struct timespec pause = { .tv_nsec = pause_ms * 1000000L };

        if (ioctl(syslog->fd, SIOCOUTQ, &left) != 0)
            return hn_fail_sys(err, errno, "%s", syslog->target.host);
        if (left == 0)
            break;
        if (atomic_load(syslog->target.ending))
            return hn_fail(err, HN_CANCELLED, 0, "ending");
        if (output_now() >= syslog->target.until)
            return hn_fail(err, HN_IO, 0, "%s does not take it", syslog->target.host);
        (void)nanosleep(&pause, NULL);
        pause_ms = pause_ms < 32 ? pause_ms * 2 : pause_ms;
    }
    if (is_over(syslog))
        return hn_fail(err, HN_IO, 0, "%s has closed the connection", syslog->target.host);
    return HN_OK;
}

static uint32_t send_stream(struct syslog_sink *syslog, const struct output_fact *facts,
        uint32_t count, struct output_result *ret_result)
{
    struct hn_err err = { 0 };
    enum hn_status status = HN_OK;
    struct hn_text frames;

    hn_buf_reset(&syslog->frames);
    for (uint32_t i = 0; i < count; i++) {
        compose(syslog, &facts[i]);
        hn_buf_addf(&syslog->frames, "%zu ", syslog->message.len);
        hn_buf_add_text(&syslog->frames, hn_buf_text(&syslog->message));
        if (!hn_buf_ok(&syslog->message))
            syslog->frames.status = syslog->message.status;
    }
    if (!hn_buf_ok(&syslog->frames))
        status = hn_fail(&err, HN_NOMEM, 0, "no memory for messages");
    frames = hn_buf_text(&syslog->frames);
    if (status == HN_OK && syslog->tls != NULL)
        status = output_tls_write(syslog->tls, hn_text_as_bytes(frames), &syslog->target, &err);
    else if (status == HN_OK)
        status = write_plain(syslog, frames, &err);
    if (status == HN_OK)
        status = drained(syslog, &err);
    if (status == HN_OK)
        return count;
    disconnect(syslog);
    (void)output_result_set(ret_result, OUTPUT_DOWN, "%s", err.msg);
    return 0;
}

/* ---- Datagrams ---- */

static uint32_t send_datagrams(struct syslog_sink *syslog, const struct output_fact *facts,
        uint32_t count, struct output_result *ret_result)
{
    for (uint32_t i = 0; i < count; i++) {
        int failure = 0;
        socklen_t len = sizeof failure;

        compose(syslog, &facts[i]);
        if (!hn_buf_ok(&syslog->message) || syslog->message.len > DATAGRAM_MAX) {
            (void)output_result_set(ret_result, OUTPUT_REFUSED, "too long for a datagram");
            return i;
        }
        /* That nobody listens comes back by ICMP, as the socket's error. */
        if (send(syslog->fd, syslog->message.ptr, syslog->message.len, MSG_NOSIGNAL) < 0 ||
                getsockopt(syslog->fd, SOL_SOCKET, SO_ERROR, &failure, &len) != 0)
            failure = errno;
        if (failure != 0) {
            struct hn_err err = { 0 };

            (void)hn_fail_sys(&err, failure, "%s", syslog->target.host);
            (void)output_result_set(
                    ret_result, failure == EMSGSIZE ? OUTPUT_REFUSED : OUTPUT_DOWN, "%s", err.msg);
            disconnect(syslog);
            return i;
        }
    }
    return count;
}

/* ---- Life ---- */

static uint32_t syslog_send(struct output_sink *sink, const struct output_fact *facts,
        uint32_t count, struct output_result *ret_result)
{
    struct syslog_sink *syslog = syslog_of(sink);
    struct hn_err err = { 0 };

    syslog->target.ending = sink->ending;
    syslog->target.until = output_now() + sink->config->timeout;
    if (connected(syslog, &err) != HN_OK) {
        disconnect(syslog);
        (void)output_result_set(ret_result, OUTPUT_DOWN, "%s", err.msg);
        return 0;
    }
    return syslog->target.type == SOCK_DGRAM ? send_datagrams(syslog, facts, count, ret_result)
                                             : send_stream(syslog, facts, count, ret_result);
}

static enum hn_status syslog_reopen(struct output_sink *sink, struct hn_err *err)
{
    struct syslog_sink *syslog = syslog_of(sink);
    struct output_tls *tls = NULL;
    enum hn_status status = HN_OK;

    if (hn_text_eq(sink->config->transport, HN_TEXT("tls")))
        status = output_tls_new(sink->config->ca.ptr, &tls, err);
    if (status != HN_OK)
        return status;
    disconnect(syslog);
    output_tls_free(syslog->tls);
    syslog->tls = tls;
    return HN_OK;
}

static void syslog_free(struct output_sink *sink)
{
    struct syslog_sink *syslog = syslog_of(sink);

    disconnect(syslog);
    output_tls_free(syslog->tls);
    hn_buf_deinit(&syslog->message);
    hn_buf_deinit(&syslog->frames);
    hn_free(syslog);
}

static const struct output_class syslog_class = {
    .batch_max = 64,
    .piece_bytes = OUTPUT_BATCH_BYTES,
    .bodies = true,
    .send = syslog_send,
    .reopen = syslog_reopen,
    .free = syslog_free,
};

enum hn_status output_syslog_new(
        const struct config_output *config, struct output_sink **ret_sink, struct hn_err *err)
{
    struct syslog_sink *syslog = hn_calloc(1, sizeof *syslog);
    enum hn_status status;

    if (syslog == NULL)
        return hn_fail(err, HN_NOMEM, 0, "no memory");
    syslog->base = (struct output_sink){ .class = &syslog_class, .config = config };
    syslog->target.host = config->address.host.ptr;
    syslog->target.port = config->address.port;
    syslog->target.type = hn_text_eq(config->transport, HN_TEXT("udp")) ? SOCK_DGRAM : SOCK_STREAM;
    syslog->fd = -1;
    (void)gethostname(syslog->host, sizeof syslog->host - 1);
    status = syslog_reopen(&syslog->base, err);
    if (status != HN_OK) {
        syslog_free(&syslog->base);
        return status;
    }
    *ret_sink = &syslog->base;
    return HN_OK;
}
