/* extract.h - indicators out of running text: mails, reports, posts, scripts, strings of programs;
 * English or Japanese. The one header of this module.
 *
 * Finds URLs, host names, addresses, hashes, mail addresses, paths, registry keys, mutexes, CVEs
 * and user agents, plain or defanged in any way people do it (hxxp, [.], (dot), " dot ", [:],
 * [://], \., full-width letters, zero-width characters), each with where it stands. What is
 * private, reserved or on everybody's pages is marked, not lost. Normal forms of host names and the
 * marks of defanging are those of src/ioc. docs/extract.md tells users what counts as what. Life:
 * extract_new() -> extract_text() for any number of texts -> extract_free(). An extract_list keeps
 * each different one once. Concurrency: one extract serves one thread at a time. Memory: a fixed
 * scratch of about 0.5 MB whatever the text's length; searching allocates nothing. What the
 * callback is shown is valid until it returns. Limits: the EXTRACT_*_MAX below; time is linear in
 * the text. Errors: none; any bytes may come. */
#ifndef HN_EXTRACT_EXTRACT_H
#define HN_EXTRACT_EXTRACT_H

#include "base/arena.h"
#include "base/attr.h"
#include "base/map.h"
#include "base/status.h"
#include "base/vec.h"
#include "base/view.h"
#include "ioc/ioc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(name, id, type among indicators or IOC_TYPE_ANY where those have none) */
#define EXTRACT_KIND_LIST(X)                                                        \
    X(EXTRACT_URL, "url", IOC_URL)                                                  \
    X(EXTRACT_HOST, "host", IOC_DOMAIN)                                             \
    X(EXTRACT_IPV4, "ipv4", IOC_IPV4) /* a port is in port, not in value */         \
    X(EXTRACT_IPV6, "ipv6", IOC_IPV6)                                               \
    X(EXTRACT_NETWORK, "network", IOC_CIDR)                                         \
    X(EXTRACT_MD5, "md5", IOC_MD5)                                                  \
    X(EXTRACT_SHA1, "sha1", IOC_SHA1)                                               \
    X(EXTRACT_SHA256, "sha256", IOC_SHA256)                                         \
    X(EXTRACT_SHA512, "sha512", IOC_SHA512)                                         \
    X(EXTRACT_EMAIL, "email", IOC_EMAIL)                                            \
    X(EXTRACT_FILE, "file", IOC_FILENAME) /* a name without a folder */             \
    X(EXTRACT_PATH, "path", IOC_FILENAME) /* Windows: C:\, \\host\, %VAR%\ */       \
    X(EXTRACT_UNIX_PATH, "unix_path", IOC_FILENAME)                                 \
    X(EXTRACT_REGISTRY, "registry", IOC_TYPE_ANY) /* "HKCU\..." */                  \
    X(EXTRACT_MUTEX, "mutex", IOC_TYPE_ANY)       /* only where the text says so */ \
    X(EXTRACT_CVE, "cve", IOC_TYPE_ANY)                                             \
    X(EXTRACT_USER_AGENT, "user_agent", IOC_TYPE_ANY) /* only where the text says so */

enum extract_kind {
#define EXTRACT_KIND_ENUM(name, id, type) name,
    EXTRACT_KIND_LIST(EXTRACT_KIND_ENUM)
#undef EXTRACT_KIND_ENUM
            EXTRACT_KIND_COUNT
};
const char *extract_kind_id(enum extract_kind kind); /* never NULL */
enum ioc_type extract_kind_type(enum extract_kind kind);

#define EXTRACT_URL_MAX   2048 /* bytes as written without marks; a longer one is cut */
#define EXTRACT_VALUE_MAX 4096 /* bytes of a normal form */
#define EXTRACT_PATH_MAX  512
#define EXTRACT_AGENT_MAX 512

/* X(bit, id): what is said about one found. */
#define EXTRACT_MARK_LIST(X)                                                                    \
    X(EXTRACT_DEFANGED, 0x01u, "defanged")                                                      \
    X(EXTRACT_PRIVATE, 0x02u, "private")   /* of a local network: 10.0.0.1, host.local */       \
    X(EXTRACT_RESERVED, 0x04u, "reserved") /* documentation, loopback, multicast, .example */   \
    X(EXTRACT_NESTED, 0x08u, "nested")     /* inside another one */                             \
    X(EXTRACT_IDN, 0x10u, "international") /* the host has letters outside ASCII */             \
    X(EXTRACT_COMMON, 0x20u, "common")     /* name spaces of XML, addresses every page has */   \
    X(EXTRACT_LISTED, 0x40u, "listed")     /* on a warning list; set by extract_list_judge() */ \
    X(EXTRACT_ENCODED, 0x80u, "encoded")   /* percent-encoded, or an address written as a number */

enum {
#define EXTRACT_MARK_ENUM(name, bit, id) name = (bit),
    EXTRACT_MARK_LIST(EXTRACT_MARK_ENUM)
#undef EXTRACT_MARK_ENUM
};

struct extract_item {
    enum extract_kind kind;
    unsigned marks;
    uint64_t offset; /* of written in the text, in bytes */
    struct hn_text written;
    struct hn_text value;  /* normal form: refanged, host in lower case and A-labels; a URL keeps
                            * scheme, user name and path, a path its case */
    struct hn_text host;   /* of a URL or mail address, and of a host itself; else empty */
    struct hn_text domain; /* the registered domain: the end of host; empty when it has none */
    uint16_t port;         /* as written; 0: none */
};

/* What makes a lonely name with a dot a host. */
enum extract_strictness {
    EXTRACT_PROSE, /* mails, reports */
    EXTRACT_CODE,  /* scripts: "item.name" is a member; names of hosts stand in quotes, in URLs, or
                    * have a www. or a defanged dot */
};

struct extract_options {
    enum extract_strictness strictness;
    bool no_files; /* neither file names nor paths */
};

/* false ends the search. */
typedef bool extract_on_item(void *ctx, const struct extract_item *item);

struct extract; /* opaque */

/* NULL when out of memory. */
HN_MUST_USE struct extract *extract_new(void);
void extract_free(struct extract *extract); /* NULL is fine */

/* Shows what is in text, in the order of where it starts (what is nested comes behind what it is
 * in). options may be NULL. Returns how many were shown. */
uint64_t extract_text(struct extract *extract, struct hn_text text,
        const struct extract_options *options, extract_on_item *on_item, void *ctx);

/* The registered domain of a host in normal form by the public suffix list: the end of host, or
 * empty. */
struct hn_text extract_domain(struct hn_text host);
/* EXTRACT_PRIVATE, _RESERVED and _COMMON as they hold of a host or address in normal form. */
unsigned extract_judge_host(struct hn_text host);

/* ---- Each different one once ---- */

struct extract_entry {
    struct extract_item item; /* the first; texts are the list's */
    uint32_t count;           /* how often */
    struct hn_text warning;   /* the warning list that has it */
};

struct extract_list {
    struct hn_arena arena;
    struct hn_map index;
    HN_VEC(struct extract_entry) entries; /* in the order of their first place */
    enum hn_status status;                /* HN_NOMEM, HN_LIMIT: some are missing */
};

#define EXTRACT_LIST_BYTES_MAX ((size_t)64 << 20)

void extract_list_init(struct extract_list *list);
void extract_list_deinit(struct extract_list *list);
/* An extract_on_item with the list as ctx. */
bool extract_list_add(void *list, const struct extract_item *item);
/* Marks what warning lists have. The builder holds them (ioc_warnlist_load()) and is empty
 * afterwards. */
HN_MUST_USE enum hn_status extract_list_judge(
        struct extract_list *list, struct ioc_builder *builder, struct hn_err *err);

#endif
