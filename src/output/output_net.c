/* output_net.c - connections to outside: which addresses may be connected to, and connecting in
 * bounded time. The address that is connected to is what is looked at, never a name. */
#include "output/output_internal.h"

#include "base/ip.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define STEP_MS 100 /* how soon an end is noticed */

/* ---- Addresses ---- */

struct range {
    const char *network;
    const char *what;
};

/* Never: no receiver of alerts has such an address, and cloud machines keep secrets there. */
static const struct range refused[] = {
    { "169.254.0.0/16", "link-local, where clouds keep metadata" },
    { "fe80::/10", "link-local" },
    { "100.100.100.200/32", "a cloud's metadata service" },
    { "192.0.0.192/32", "a cloud's metadata service" },
    { "168.63.129.16/32", "a cloud's metadata service" },
    { "fd00:ec2::/32", "a cloud's metadata service" },
    { "224.0.0.0/4", "multicast" },
    { "ff00::/8", "multicast" },
    { "240.0.0.0/4", "reserved" },
};

static const struct range private[] = {
    { "127.0.0.0/8", "loopback" },
    { "::1/128", "loopback" },
    { "0.0.0.0/8", "this host" },
    { "::/128", "this host" },
    { "10.0.0.0/8", "private" },
    { "172.16.0.0/12", "private" },
    { "192.168.0.0/16", "private" },
    { "100.64.0.0/10", "private (shared address space)" },
    { "192.0.0.0/24", "private (protocol assignments)" },
    { "198.18.0.0/15", "private (benchmarks)" },
    { "fc00::/7", "private (unique local)" },
    { "fec0::/10", "private (site-local)" },
};

static const char *range_of(const struct range *ranges, size_t count, const struct hn_ip *ip)
{
    for (size_t i = 0; i < count; i++) {
        struct hn_cidr cidr;

        if (hn_cidr_parse(hn_text_cstr(ranges[i].network), &cidr, NULL) && hn_cidr_has(&cidr, ip))
            return ranges[i].what;
    }
    return NULL;
}

static bool within(const struct hn_ip *ip, const char *network)
{
    struct hn_cidr cidr;

    return hn_cidr_parse(hn_text_cstr(network), &cidr, NULL) && hn_cidr_has(&cidr, ip);
}

/* Translation (NAT64, 6to4, IPv4-compatible) reaches an IPv4 address through an IPv6 one. */
static bool embedded_v4(const struct hn_ip *ip, struct hn_ip *ret_v4)
{
    size_t at;

    if (within(ip, "64:ff9b::/96") || within(ip, "64:ff9b:1::/48") ||
            (within(ip, "::/96") && !within(ip, "::/127")))
        at = 12;
    else if (within(ip, "2002::/16"))
        at = 2;
    else
        return false;
    *ret_v4 = (struct hn_ip){ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF } };
    memcpy(ret_v4->bytes + 12, ip->bytes + at, 4);
    return true;
}

static bool ip_of(const struct sockaddr *address, struct hn_ip *ret_ip)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;

        memcpy(&v4, address, sizeof v4);
        *ret_ip = (struct hn_ip){ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF } };
        memcpy(ret_ip->bytes + 12, &v4.sin_addr, 4);
        return true;
    }
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;

        memcpy(&v6, address, sizeof v6);
        memcpy(ret_ip->bytes, &v6.sin6_addr, 16);
        return true;
    }
    return false;
}

const char *output_address_problem(const struct sockaddr *address, bool allow_private)
{
    struct hn_ip ip;
    struct hn_ip v4;
    const char *what;

    if (!ip_of(address, &ip))
        return "neither IPv4 nor IPv6";
    what = range_of(refused, HN_COUNT_OF(refused), &ip);
    if (what == NULL && embedded_v4(&ip, &v4)) {
        what = range_of(refused, HN_COUNT_OF(refused), &v4);
        ip = v4;
    }
    if (what == NULL && !allow_private)
        what = range_of(private, HN_COUNT_OF(private), &ip);
    return what;
}

/* ---- Waiting and connecting ---- */

enum hn_status output_wait(
        int fd, short events, hn_time until, const atomic_bool *ending, struct hn_err *err)
{
    struct pollfd poll_fd = { .fd = fd, .events = events };

    while (!atomic_load(ending)) {
        int ready = poll(&poll_fd, 1, STEP_MS);

        if (ready > 0)
            return HN_OK;
        if (ready < 0 && errno != EINTR)
            return hn_fail_sys(err, errno, "poll");
        if (output_now() >= until)
            return hn_fail(err, HN_IO, 0, "timed out");
    }
    return hn_fail(err, HN_CANCELLED, 0, "ending");
}

static void keep_alive(int fd, int type)
{
    int on = 1;

    if (type != SOCK_STREAM)
        return;
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static enum hn_status connect_one(const struct output_target *target, const struct addrinfo *info,
        int *ret_fd, struct hn_err *err)
{
    const char *problem = output_address_problem(info->ai_addr, true);
    int failure = 0;
    socklen_t len = sizeof failure;
    enum hn_status status = HN_OK;
    int fd;

    if (problem != NULL)
        return hn_fail(
                err, HN_IO, 0, "%s has an address that is refused: %s", target->host, problem);
    fd = socket(
            info->ai_family, info->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, info->ai_protocol);
    if (fd < 0)
        return hn_fail_sys(err, errno, "socket");
    keep_alive(fd, target->type);
    if (connect(fd, info->ai_addr, info->ai_addrlen) != 0) {
        if (errno != EINPROGRESS)
            status = hn_fail_sys(err, errno, "%s cannot be connected to", target->host);
        else
            status = output_wait(fd, POLLOUT, target->until, target->ending, err);
        if (status == HN_OK && getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len) != 0)
            failure = errno;
        if (status == HN_OK && failure != 0)
            status = hn_fail_sys(err, failure, "%s cannot be connected to", target->host);
    }
    if (status != HN_OK)
        (void)close(fd);
    else
        *ret_fd = fd;
    return status;
}

enum hn_status output_connect(const struct output_target *target, int *ret_fd, struct hn_err *err)
{
    struct addrinfo hints = { .ai_socktype = target->type, .ai_flags = AI_ADDRCONFIG };
    struct addrinfo *list = NULL;
    enum hn_status status = HN_IO;
    char port[8];
    int code;

    (void)snprintf(port, sizeof port, "%u", (unsigned)target->port);
    code = getaddrinfo(target->host, port, &hints, &list);
    if (code != 0)
        return hn_fail(err, HN_IO, 0, "%s: %s", target->host, gai_strerror(code));
    for (const struct addrinfo *info = list; info != NULL && status != HN_OK;
            info = info->ai_next) {
        struct hn_err why = { 0 };

        status = connect_one(target, info, ret_fd, &why);
        if (status != HN_OK && info->ai_next == NULL && err != NULL)
            *err = why;
        if (status == HN_CANCELLED)
            break;
    }
    freeaddrinfo(list);
    return status;
}
