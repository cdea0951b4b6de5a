/* network.h - what firewalls, proxies and other network devices have in common: Sigma's names for
 * their fields, and what became of a connection.
 *
 * Private to src/decode. Every product names addresses and ports in its own way; the field stays
 * under the product's name, and under Sigma's as well (sigma-appendix-taxonomy.md: src_ip,
 * src_port, dst_ip, dst_port, username; the W3C names for proxies).
 * Concurrency, memory: pure; texts are borrowed as in hn_event_add_text(). */
#ifndef HN_DECODE_NETWORK_H
#define HN_DECODE_NETWORK_H

#include "event/event.h"

/* A product's name for a field, and Sigma's. */
struct field_name {
    struct hn_text name;
    struct hn_text sigma;
};
#define FIELD_NAME(product, sigma)                 \
    {                                              \
        HN_TEXT_INIT(product), HN_TEXT_INIT(sigma) \
    }

/* Adds the value under its own name, and under Sigma's where the table has the name. */
void decode_add_named(struct hn_event *event, const struct field_name *names, size_t count,
        struct hn_text name, struct hn_text value);

/* Sigma's rules on firewalls ask `action: accept` or `blocked: false` for what was let through and
 * `action: denied` for what was not. Products use other words; these are added to them. */
enum verdict {
    VERDICT_NONE, /* says nothing about it (a session's end, a configuration change) */
    VERDICT_ALLOWED,
    VERDICT_DENIED,
};

/* logged is the product's own action, which is in the event already; may be empty. */
void decode_add_verdict(struct hn_event *event, enum verdict verdict, struct hn_text logged);

/* The verdict that a product's word stands for (allow, permitted, block-url, drop, ...). */
enum verdict decode_verdict_of(struct hn_text word);

/* Adds c-uri put together from its parts; path may be a whole URL already. scheme as the product
 * writes it ("HTTPS", "tcp/https"); nothing is added without a host. */
void decode_add_url(
        struct hn_event *event, struct hn_text scheme, struct hn_text host, struct hn_text path);

/* Sets the source; category and service may be empty. */
void decode_set_source(struct hn_event *event, struct hn_text product, struct hn_text category,
        struct hn_text service);

#endif
