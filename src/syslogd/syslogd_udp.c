/* syslogd_udp.c - one UDP socket: datagrams read many at a time, gathered by peer.
 *
 * What cannot be handed in waits, while the other peers go on; past SYSLOGD_UDP_PEER_MAX it is
 * dropped and counted. What the system drops because nobody reads fast enough it counts itself, in
 * the very counter that SO_RXQ_OVFL reports; SO_MEMINFO reads it without waiting for the next
 * datagram, so that the count is right after the last one, too. */
#include "syslogd/syslogd_internal.h"

#include "base/hash.h"
#include "base/mem.h"

#include <errno.h>
#include <linux/sock_diag.h>

#define DATAGRAMS      32u
#define DATAGRAM_BYTES 65536u
#define READS_MAX      8u /* of so many datagrams, before others have their turn */
#define BUCKETS        512u
#define NOBODY         UINT16_MAX

struct peer {
    struct hn_ip ip;
    char text[PEER_TEXT_MAX];
    struct gather gather;
    uint16_t next; /* in its bucket */
};

struct udp {
    uint16_t buckets[BUCKETS];
    struct peer peers[SYSLOGD_UDP_PEERS];
    uint32_t peer_count;
    size_t held; /* bytes of all gathers */
    uint64_t seed;
    uint32_t dropped; /* by the system, when last asked */
    struct mmsghdr headers[DATAGRAMS];
    struct iovec vectors[DATAGRAMS];
    struct sockaddr_storage addresses[DATAGRAMS];
    uint8_t bytes[DATAGRAMS][DATAGRAM_BYTES];
};

static void forget_all(struct udp *udp)
{
    for (size_t i = 0; i < BUCKETS; i++)
        udp->buckets[i] = NOBODY;
    udp->peer_count = 0;
}

struct udp *syslogd_udp_new(struct syslogd *door)
{
    struct udp *udp = hn_calloc(1, sizeof *udp);

    (void)door;
    if (udp == NULL)
        return NULL;
    udp->seed = hn_hash_seed();
    forget_all(udp);
    for (size_t i = 0; i < DATAGRAMS; i++) {
        udp->vectors[i].iov_base = udp->bytes[i];
        udp->vectors[i].iov_len = DATAGRAM_BYTES;
        udp->headers[i].msg_hdr.msg_iov = &udp->vectors[i];
        udp->headers[i].msg_hdr.msg_iovlen = 1;
        udp->headers[i].msg_hdr.msg_name = &udp->addresses[i];
    }
    return udp;
}

void syslogd_udp_free(struct udp *udp)
{
    if (udp == NULL)
        return;
    for (size_t i = 0; i < SYSLOGD_UDP_PEERS; i++)
        syslogd_gather_deinit(&udp->peers[i].gather);
    hn_free(udp);
}

/* ---- Losses ---- */

static void lose(struct syslogd *door, const struct syslogd_source *source, uint64_t datagrams)
{
    door_count(door, lost, datagrams);
    intake_count_lost(door->intake, source->name, datagrams);
}

void syslogd_udp_count_lost(struct syslogd *door, struct listener *listener)
{
    uint32_t info[SK_MEMINFO_VARS] = { 0 };
    socklen_t len = sizeof info;
    uint32_t dropped;

    if (getsockopt(listener->watch.fd, SOL_SOCKET, SO_MEMINFO, info, &len) != 0 ||
            len < (SK_MEMINFO_DROPS + 1) * sizeof info[0])
        return;
    dropped = info[SK_MEMINFO_DROPS] >= listener->udp->dropped
                      ? info[SK_MEMINFO_DROPS] - listener->udp->dropped
                      : info[SK_MEMINFO_DROPS] + (UINT32_MAX - listener->udp->dropped) + 1;
    listener->udp->dropped = info[SK_MEMINFO_DROPS];
    if (dropped > 0) /* whose they were the system does not say */
        lose(door, listener->config->source, dropped);
}

/* ---- Peers ---- */

static uint32_t bucket_of(const struct udp *udp, const struct hn_ip *ip)
{
    return (uint32_t)(hn_hash(ip->bytes, sizeof ip->bytes, udp->seed) % BUCKETS);
}

static struct peer *find(struct udp *udp, const struct hn_ip *ip)
{
    uint16_t index = udp->buckets[bucket_of(udp, ip)];

    while (index != NOBODY && hn_ip_cmp(&udp->peers[index].ip, ip) != 0)
        index = udp->peers[index].next;
    return index == NOBODY ? NULL : &udp->peers[index];
}

static void link_peer(struct udp *udp, uint32_t index)
{
    struct peer *peer = &udp->peers[index];
    uint32_t bucket = bucket_of(udp, &peer->ip);

    peer->next = udp->buckets[bucket];
    udp->buckets[bucket] = (uint16_t)index;
}

/* Those who wait move to the front; the others are forgotten, their memory stays for others. */
static void forget_idle(struct udp *udp)
{
    uint32_t count = udp->peer_count;

    forget_all(udp);
    for (uint32_t i = 0; i < count; i++) {
        if (udp->peers[i].gather.body.len == 0)
            continue;
        if (i != udp->peer_count) {
            struct peer other = udp->peers[udp->peer_count];

            udp->peers[udp->peer_count] = udp->peers[i];
            udp->peers[i] = other;
        }
        udp->peers[udp->peer_count].gather.peer.ptr = udp->peers[udp->peer_count].text;
        link_peer(udp, udp->peer_count++);
    }
}

/* The peer's place; NULL when all places are taken by peers that must wait. */
static struct peer *place_for(
        struct syslogd *door, struct listener *listener, const struct hn_ip *ip, int64_t now_ms)
{
    struct udp *udp = listener->udp;
    struct peer *peer = find(udp, ip);

    if (peer != NULL)
        return peer;
    if (udp->peer_count == SYSLOGD_UDP_PEERS)
        (void)syslogd_udp_flush(door, listener, now_ms, true);
    if (udp->peer_count == SYSLOGD_UDP_PEERS)
        return NULL;
    peer = &udp->peers[udp->peer_count];
    peer->ip = *ip;
    peer->gather.peer = syslogd_peer_text(ip, peer->text);
    peer->gather.source = syslogd_listener_source(listener, ip);
    peer->gather.retry_ms = 0;
    link_peer(udp, udp->peer_count++);
    return peer;
}

/* ---- Datagrams ---- */

static bool try_submit(struct syslogd *door, struct udp *udp, struct gather *gather, int64_t now_ms)
{
    size_t len = gather->body.len;

    if (gather->retry_ms > now_ms || !syslogd_gather_submit(door, gather, now_ms))
        return false;
    udp->held -= len;
    return true;
}

static bool take(struct syslogd *door, struct udp *udp, struct gather *gather,
        struct hn_bytes message, int64_t now_ms)
{
    int64_t due_ms = now_ms + door->options.limits.gather_ms;
    size_t before = gather->body.len;
    size_t size_max = gather->retry_ms != 0 ? SYSLOGD_UDP_PEER_MAX : SYSLOGD_GATHER_BYTES;
    bool taken;

    if (message.len > SYSLOGD_UDP_HELD_MAX - udp->held)
        return false;
    taken = syslogd_gather_add(gather, message, due_ms, size_max);
    if (!taken) {
        if (!try_submit(door, udp, gather, now_ms))
            size_max = SYSLOGD_UDP_PEER_MAX;
        before = gather->body.len;
        taken = syslogd_gather_add(gather, message, due_ms, size_max);
    }
    udp->held += gather->body.len - before;
    return taken;
}

static void datagram(
        struct syslogd *door, struct listener *listener, uint32_t index, int64_t now_ms)
{
    struct udp *udp = listener->udp;
    struct hn_bytes message = { udp->bytes[index], udp->headers[index].msg_len };
    struct hn_ip ip = syslogd_peer_ip(&udp->addresses[index]);
    struct peer *peer;

    while (message.len > 0 && memchr("\r\n", message.ptr[message.len - 1], 3) != NULL)
        message.len--; /* NUL as well: the literal's own */
    if (message.len > door->options.limits.message_bytes) {
        message.len = door->options.limits.message_bytes;
        door_count(door, too_long, 1);
    }
    if (message.len == 0)
        return;
    peer = place_for(door, listener, &ip, now_ms);
    if (peer == NULL || !take(door, udp, &peer->gather, message, now_ms))
        lose(door, syslogd_listener_source(listener, &ip), 1);
}

void syslogd_udp_read(struct syslogd *door, struct listener *listener, int64_t now_ms)
{
    struct udp *udp = listener->udp;
    int count = (int)DATAGRAMS;

    for (uint32_t turn = 0; turn < READS_MAX && count == (int)DATAGRAMS; turn++) {
        for (size_t i = 0; i < DATAGRAMS; i++)
            udp->headers[i].msg_hdr.msg_namelen = sizeof udp->addresses[i];
        count = recvmmsg(listener->watch.fd, udp->headers, DATAGRAMS, MSG_DONTWAIT, NULL);
        for (int i = 0; i < count; i++)
            datagram(door, listener, (uint32_t)i, now_ms);
        if (count > 0)
            door_count(door, datagrams, (uint64_t)count);
    }
}

int64_t syslogd_udp_flush(struct syslogd *door, struct listener *listener, int64_t now_ms, bool all)
{
    struct udp *udp = listener->udp;
    int64_t next_ms = INT64_MAX;
    bool idle = false;

    for (uint32_t i = 0; i < udp->peer_count; i++) {
        struct gather *gather = &udp->peers[i].gather;
        int64_t at_ms = gather->retry_ms != 0 ? gather->retry_ms : gather->due_ms;

        if ((all || at_ms <= now_ms) && try_submit(door, udp, gather, now_ms)) {
            idle = true;
            continue;
        }
        at_ms = gather->retry_ms != 0 ? gather->retry_ms : gather->due_ms;
        if (at_ms < next_ms)
            next_ms = at_ms;
    }
    if (idle)
        forget_idle(udp);
    return next_ms;
}
