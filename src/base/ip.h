/* ip.h - IPv4 and IPv6 addresses and networks as 16 bytes (IPv4 as ::ffff:a.b.c.d, RFC 4291).
 *
 * Concurrency: pure. */
#ifndef HN_BASE_IP_H
#define HN_BASE_IP_H

#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

struct hn_ip {
    uint8_t bytes[16];
};

struct hn_cidr {
    struct hn_ip address; /* bits past the prefix are zero */
    uint8_t prefix_len;   /* 0..128, counted on the 16 bytes: 10.0.0.0/8 has 104 */
};

/* The whole text as one address: dotted IPv4 (four decimal parts, no leading zeros), RFC 4291
 * IPv6, with brackets or a zone id (%eth0) allowed around it. */
bool hn_ip_parse(struct hn_text text, struct hn_ip *ret_ip);

/* "10.0.0.0/8", "2001:db8::/32", or an address alone. Host bits set are accepted and cleared;
 * *ret_had_host_bits (may be NULL) tells. */
bool hn_cidr_parse(struct hn_text text, struct hn_cidr *ret_cidr, bool *ret_had_host_bits);

bool hn_cidr_has(const struct hn_cidr *cidr, const struct hn_ip *ip);
bool hn_ip_is_v4(const struct hn_ip *ip);
int hn_ip_cmp(const struct hn_ip *a, const struct hn_ip *b);

/* RFC 5952 text. */
void hn_buf_add_ip(struct hn_buf *buf, const struct hn_ip *ip);

#endif
