/* ioc.h - indicators of compromise: reads the forms in which people exchange them, keeps ten
 * million of them in memory, and finds them in log values. The one header of this module.
 *
 * Life: ioc_builder_new() -> { ioc_load() | ioc_add() | ioc_warnlist_load() }... -> ioc_seal() ->
 * an immutable, reference-counted set -> ioc_prefilter() and ioc_match_*() by any number of
 * workers. docs/indicators.md tells users what is read and what counts as a hit.
 * Concurrency: a builder serves one thread; a sealed set any number. Matching has no state.
 * Memory: a set owns its keys, listings and texts; what ioc_set_get() returns is borrowed from it
 * and lives as long as the caller's reference. Matching allocates nothing.
 * Limits: struct ioc_limits for input, the IOC_*_MAX below for single indicators. Input is
 * hostile: a line, attribute or element that cannot be used is counted and reported with place
 * and reason, and never stops the rest.
 * Errors: HN_NOMEM and HN_LIMIT leave the builder usable with what it had; HN_SYNTAX,
 * HN_TRUNCATED, HN_UNSUPPORTED say that a document as a whole could not be read. */
#ifndef HN_IOC_IOC_H
#define HN_IOC_IOC_H

#include "base/attr.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/status.h"
#include "base/time.h"
#include "base/vec.h"
#include "base/view.h"
#include "event/event.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- What an indicator is ---- */

#define IOC_TYPE_LIST(X)                                                         \
    X(IOC_DOMAIN, "domain") /* a host name; covers every name below it */        \
    X(IOC_URL, "url")       /* whole, or a host and a path prefix: see prefix */ \
    X(IOC_PATH, "url-path") /* the path of a URL on any host */                  \
    X(IOC_IPV4, "ipv4")                                                          \
    X(IOC_IPV6, "ipv6")                                                          \
    X(IOC_CIDR, "cidr") /* a network of more than one address */                 \
    X(IOC_MD5, "md5")                                                            \
    X(IOC_SHA1, "sha1")                                                          \
    X(IOC_SHA256, "sha256")                                                      \
    X(IOC_SHA512, "sha512")                                                      \
    X(IOC_EMAIL, "email")                                                        \
    X(IOC_FILENAME, "filename") /* a file name, or the end of a path */

enum ioc_type {
#define IOC_TYPE_ENUM(name, text) name,
    IOC_TYPE_LIST(IOC_TYPE_ENUM)
#undef IOC_TYPE_ENUM
            IOC_TYPE_COUNT
};
#define IOC_TYPE_ANY IOC_TYPE_COUNT /* to be told from the value itself */

#define IOC_ROLE_LIST(X)                                                                    \
    X(IOC_ROLE_UNKNOWN, "unknown")                                                          \
    X(IOC_ROLE_C2, "c2")             /* infected machines call it */                        \
    X(IOC_ROLE_DELIVERY, "delivery") /* malware is fetched from it or arrives through it */ \
    X(IOC_ROLE_PAYLOAD, "payload")   /* it is the malware */                                \
    X(IOC_ROLE_PHISHING, "phishing")                                                        \
    X(IOC_ROLE_SCANNING, "scanning")

enum ioc_role {
#define IOC_ROLE_ENUM(name, text) name,
    IOC_ROLE_LIST(IOC_ROLE_ENUM)
#undef IOC_ROLE_ENUM
            IOC_ROLE_COUNT
};

#define IOC_DOMAIN_MAX      253  /* bytes, RFC 1035 */
#define IOC_EMAIL_MAX       320  /* bytes: 64 + @ + 255, RFC 5321 */
#define IOC_FILENAME_MAX    512  /* bytes */
#define IOC_URL_MAX         2048 /* bytes of the normal form; longer URLs in logs match by prefix */
#define IOC_URL_PARTS_MAX   64   /* places in a URL at which a prefix indicator may end */
#define IOC_CONFIDENCE_NONE 255
#define IOC_NONE            UINT32_MAX

/* One listing of an indicator. Texts are borrowed from the set; they come from outside and are
 * escaped where they are shown. An empty text was not given. */
struct ioc_indicator {
    enum ioc_type type;
    enum ioc_role role;
    uint8_t confidence;   /* 0..100 or IOC_CONFIDENCE_NONE */
    uint16_t port;        /* as listed ("192.0.2.1:443"); 0: none. It is told, not matched */
    uint32_t line;        /* in a text file; in JSON and XML the number of the element, from 1 */
    bool prefix;          /* a URL that stands for everything below it */
    bool compromised;     /* a legitimate site that was broken into: only its URLs are indicators */
    bool suppressed;      /* kept, but never a hit: see warning */
    bool legitimate_host; /* a URL on a host that a warning list knows as legitimate */
    struct hn_text warning; /* the warning list that has it */
    struct hn_text source;  /* file or feed */
    struct hn_text family;
    struct hn_text tags;
    struct hn_text comment;
    struct hn_text reference;
    struct hn_text id;  /* the source's own (UUID) */
    hn_time first_seen; /* HN_TIME_NONE: not given */
    hn_time last_seen;
};

/* ---- What happened to the input ---------------------------------------------------------------
 */

#define IOC_FORMAT_LIST(X)                   \
    X(IOC_FORMAT_AUTO, "auto")               \
    X(IOC_FORMAT_LIST_PLAIN, "list")         \
    X(IOC_FORMAT_CSV, "csv")                 \
    X(IOC_FORMAT_MISP, "misp")               \
    X(IOC_FORMAT_STIX, "stix")               \
    X(IOC_FORMAT_OPENIOC, "openioc")         \
    X(IOC_FORMAT_WARNINGLIST, "warninglist") \
    X(IOC_FORMAT_UNKNOWN, "unknown")

enum ioc_format {
#define IOC_FORMAT_ENUM(name, text) name,
    IOC_FORMAT_LIST(IOC_FORMAT_ENUM)
#undef IOC_FORMAT_ENUM
            IOC_FORMAT_COUNT
};

/* Why something in a feed is not an indicator here. Those with "skip" are as the feed wants them;
 * the others are losses, and worth a look. */
#define IOC_REASON_LIST(X)                                                                        \
    X(IOC_FINE, "fine", 0, "usable")                                                              \
    X(IOC_REASON_UNKNOWN, "unknown", 0, "not recognised as any kind of indicator")                \
    X(IOC_REASON_DOMAIN, "domain", 0, "not a valid host name")                                    \
    X(IOC_REASON_IP, "ip", 0, "not a valid address or network")                                   \
    X(IOC_REASON_URL, "url", 0, "not a valid URL")                                                \
    X(IOC_REASON_HASH, "hash", 0, "not a hash of this kind")                                      \
    X(IOC_REASON_EMAIL, "email", 0, "not a valid e-mail address")                                 \
    X(IOC_REASON_FILENAME, "filename", 0, "not a file name")                                      \
    X(IOC_REASON_WILDCARD, "wildcard", 0, "wildcards inside an indicator are not supported")      \
    X(IOC_REASON_LENGTH, "length", 0, "longer than the limit for its kind")                       \
    X(IOC_REASON_UTF8, "utf8", 0, "not valid UTF-8")                                              \
    X(IOC_REASON_NUL, "nul", 0, "holds a NUL byte")                                               \
    X(IOC_REASON_GENERAL, "general", 0, "too general: it would match what is everywhere")         \
    X(IOC_REASON_SUFFIX, "suffix", 0, "a public suffix: it would match every name below it")      \
    X(IOC_REASON_QUOTING, "quoting", 0, "quotes do not close")                                    \
    X(IOC_REASON_COLUMN, "column", 0, "the column of the indicator is missing or empty")          \
    X(IOC_REASON_SHAPE, "shape", 0, "element does not have the shape that the format demands")    \
    X(IOC_REASON_PATTERN, "pattern", 0, "pattern has a syntax error")                             \
    X(IOC_REASON_COMBINED, "combined", 0, "holds only together with other conditions")            \
    X(IOC_REASON_OPERATOR, "operator", 0, "operator has no equal among indicators")               \
    X(IOC_REASON_TYPE, "type", 0, "kind of indicator that Hinomi does not match")                 \
    X(IOC_REASON_HASHED, "hashed", 0, "only the hash of the indicator is given")                  \
    X(IOC_REASON_LIMIT, "limit", 0, "past a limit of the reader")                                 \
    X(IOC_REASON_EXPIRED, "expired", 1, "no longer valid")                                        \
    X(IOC_REASON_REVOKED, "revoked", 1, "deleted or revoked by its source")                       \
    X(IOC_REASON_NOT_FOR_IDS, "not_for_ids", 1, "its source does not want it used for detection") \
    X(IOC_REASON_CONTEXT, "context", 1, "context, not an indicator")

enum ioc_reason {
#define IOC_REASON_ENUM(name, id, skip, text) name,
    IOC_REASON_LIST(IOC_REASON_ENUM)
#undef IOC_REASON_ENUM
            IOC_REASON_COUNT
};

const char *ioc_type_name(enum ioc_type type); /* none of these gives NULL */
const char *ioc_role_name(enum ioc_role role);
const char *ioc_format_name(enum ioc_format format);
const char *ioc_reason_id(enum ioc_reason reason);
const char *ioc_reason_text(enum ioc_reason reason);
bool ioc_reason_is_skip(enum ioc_reason reason);

#define IOC_EXCERPT_MAX 80

struct ioc_finding {
    enum ioc_reason reason;
    uint32_t line; /* as in struct ioc_indicator */
    uint8_t excerpt_len;
    char excerpt[IOC_EXCERPT_MAX]; /* start of what was refused, as it was; may end mid-character */
};

/* What one file gave. Zero-initialise; ioc_load() adds up when the same is given again. */
struct ioc_report {
    enum ioc_format format;
    uint64_t entries;  /* lines, rows, attributes, elements that could have been indicators */
    uint64_t accepted; /* indicators taken: an entry may hold several */
    uint64_t rejected; /* losses */
    uint64_t skipped;  /* left out as the source wants it */
    uint64_t accepted_by_type[IOC_TYPE_COUNT];
    uint64_t by_reason[IOC_REASON_COUNT];
    HN_VEC(struct ioc_finding) findings; /* the first findings_max of the limits */
};

void ioc_report_deinit(struct ioc_report *report);

/* ---- Building ---------------------------------------------------------------------------------
 */

struct ioc_limits {
    size_t file_bytes_max;   /* of one input */
    size_t line_bytes_max;   /* of a plain list or CSV record; a longer one is one finding */
    uint32_t depth_max;      /* nesting of JSON, XML and STIX patterns */
    uint32_t findings_max;   /* kept per report; all are counted */
    uint32_t indicators_max; /* in one set */
    size_t texts_bytes_max;  /* names, comments, tags of one set */
};
extern const struct ioc_limits ioc_limits_default;

/* What a warning list does to an indicator that is on it. */
enum ioc_warn_use {
    IOC_WARN_AUTO,     /* as docs/indicators.md says: exact matches of lists of harmless things
                          suppress, everything else flags */
    IOC_WARN_SUPPRESS, /* every match suppresses */
    IOC_WARN_FLAG,     /* hits are reported with the list's name */
};

struct ioc_options {
    struct ioc_limits limits;
    bool accept_suffixes; /* take "onion" or "co.jp" as indicators for all below them */
    bool ignore_to_ids;   /* MISP: also attributes not meant for detection */
    hn_time now;          /* what ended before is IOC_REASON_EXPIRED; HN_TIME_NONE: nothing is */
};
extern const struct ioc_options ioc_options_default;

struct ioc_builder; /* opaque */
struct ioc_set;     /* opaque, immutable */

/* options may be NULL. NULL when out of memory. */
HN_MUST_USE struct ioc_builder *ioc_builder_new(const struct ioc_options *options);
void ioc_builder_free(struct ioc_builder *builder); /* NULL is fine */

struct ioc_input {
    struct hn_text
            name; /* file or feed: becomes the source, and the family of lists named for one */
    struct hn_bytes bytes;
    enum ioc_format format; /* IOC_FORMAT_AUTO: by content */
    struct hn_text columns; /* CSV only: the column mapping, see docs/indicators.md; may be empty */
};

/* By content alone; the name is not looked at. */
enum ioc_format ioc_format_detect(struct hn_bytes bytes);

/* Reads a file of indicators, or a warning list. What cannot be used is in *report; an error means
 * that the document as a whole cannot be read, and then nothing of it was taken, except that at
 * HN_NOMEM and HN_LIMIT what was read before stays. */
HN_MUST_USE enum hn_status ioc_load(struct ioc_builder *builder, const struct ioc_input *input,
        struct ioc_report *report, struct hn_err *err);

/* One indicator from elsewhere (the command line). Only type (or IOC_TYPE_ANY), role, confidence,
 * port, line, compromised, the texts and times of *about are read; about may be NULL. *ret_reason
 * (may be NULL) is IOC_FINE or why it was refused; that is no error. */
HN_MUST_USE enum hn_status ioc_add(struct ioc_builder *builder, struct hn_text value,
        const struct ioc_indicator *about, enum ioc_reason *ret_reason, struct hn_err *err);

/* A MISP warning list (JSON). ioc_load() takes one too, with IOC_WARN_AUTO. report may be NULL. */
HN_MUST_USE enum hn_status ioc_warnlist_load(struct ioc_builder *builder, struct hn_bytes json,
        enum ioc_warn_use use, struct ioc_report *report, struct hn_err *err);

/* Applies the warning lists and makes the set; the builder is empty afterwards, ready for another.
 * On failure the builder keeps what it had. *ret_set is a reference. */
HN_MUST_USE enum hn_status ioc_seal(
        struct ioc_builder *builder, struct ioc_set **ret_set, struct hn_err *err);

/* ---- The set ----------------------------------------------------------------------------------
 */

struct ioc_set *ioc_set_ref(struct ioc_set *set);
void ioc_set_unref(struct ioc_set *set); /* NULL is fine */

struct ioc_stats {
    uint32_t listings;                /* indexes are 0 .. listings - 1 */
    uint32_t indicators;              /* different ones */
    uint32_t suppressed;              /* listings that never hit */
    uint32_t flagged;                 /* listings on a warning list that hit all the same */
    uint32_t duplicates;              /* listings dropped: the same from the same source */
    uint32_t crowded;                 /* file names dropped: too many share one distinctive part */
    uint32_t by_type[IOC_TYPE_COUNT]; /* different ones */
    size_t memory_bytes;              /* everything that the set holds */
    struct hn_digest digest;          /* of the content: whatever the order of loading */
};
void ioc_set_stats(const struct ioc_set *set, struct ioc_stats *ret_stats);

/* The listing of this index. False when it was dropped as a duplicate. */
bool ioc_set_get(const struct ioc_set *set, uint32_t index, struct ioc_indicator *ret_indicator);
/* Another listing of the same indicator, or IOC_NONE: start with the index of a hit. */
uint32_t ioc_set_next(const struct ioc_set *set, uint32_t index);
/* Its value as text ("evil.example", "http://192.0.2.1/a.php"). With unicode, host names are
 * written in letters rather than punycode; only for showing. */
void ioc_set_write(const struct ioc_set *set, uint32_t index, bool unicode, struct hn_buf *buf);

/* ---- Matching ---------------------------------------------------------------------------------
 */

#define IOC_HOW_LIST(X)                                                              \
    X(IOC_HOW_EXACT, "exact")                                                        \
    X(IOC_HOW_SUBDOMAIN, "subdomain") /* of the domain that is listed */             \
    X(IOC_HOW_NETWORK, "network")     /* an address in the network that is listed */ \
    X(IOC_HOW_PREFIX, "prefix")       /* below the URL that is listed */             \
    X(IOC_HOW_TAIL, "tail")           /* file name or end of the path */

enum ioc_how {
#define IOC_HOW_ENUM(name, text) name,
    IOC_HOW_LIST(IOC_HOW_ENUM)
#undef IOC_HOW_ENUM
            IOC_HOW_COUNT
};
const char *ioc_how_name(enum ioc_how how);

/* What a field can hold; without hints it may be anything. Bits. */
#define IOC_HINT_HOST         0x1u /* host names and URLs: every name counts as one */
#define IOC_HINT_NO_BARE_HOST 0x2u /* versions, file names: hosts only inside URLs */
#define IOC_HINT_NO_FILE      0x4u /* file names only inside URLs */
#define IOC_HINT_PATH         0x8u /* a value that starts with '/' is the path of a URL */

/* Valid until the callback returns. */
struct ioc_hit {
    uint32_t index; /* for ioc_set_get() */
    enum ioc_type type;
    enum ioc_how how;
    uint32_t offset; /* the bytes of value that matched */
    uint32_t len;
    struct hn_text value;
    struct hn_text field; /* ioc_match_event() only */
};

/* false ends the search. */
typedef bool ioc_on_hit(void *ctx, const struct ioc_hit *hit);

/* Finds indicators anywhere in one value. The most specific of nested domains and networks comes
 * first. Values past 4 GiB are searched up to there. Returns the number of hits reported. */
uint32_t ioc_match_value(const struct ioc_set *set, struct hn_text value, uint32_t hints,
        ioc_on_hit *on_hit, void *ctx);

/* False only if no indicator can be in an event whose logged text this is: no value taken from it
 * verbatim, or after resolving JSON escapes, XML entities or percent-encoding, gives a hit. Text
 * that decoders make otherwise (base64, hex arguments, UTF-16, binary formats) is not seen here:
 * match such events without asking. */
bool ioc_prefilter(const struct ioc_set *set, struct hn_bytes raw);

/* By canonical field name, without regard to case. */
uint32_t ioc_hints_of_field(struct hn_text name);

/* All values of an event decoded in all-mode. */
uint32_t ioc_match_event(
        const struct ioc_set *set, struct hn_event *event, ioc_on_hit *on_hit, void *ctx);

/* ---- How indicators are written, for those who look for them in running text (src/extract) ------
 */

/* The code point that stands for this one in host names and indicators: full-width forms and
 * look-alike dots as ASCII; 0 for zero-width characters. */
uint32_t ioc_plain_code_point(uint32_t code_point);
/* Length of a defanging mark in brackets at pos of plain text ("[.]", "( dot )", "{:}", "[://]"),
 * and what it stands for; 0 when there is none. */
size_t ioc_mark_len(struct hn_text text, size_t pos, struct hn_text *ret_plain);
/* Length of a scheme as people disguise it ("hxxp", "h**ps", "http[s]", "meow") right in front of
 * end, and the word it stands for; 0 when what stands there is not a scheme of the web. */
size_t ioc_web_scheme_len(struct hn_text text, size_t end, struct hn_text *ret_plain);

/* Normal form of a host name into out; the length, or 0 when it is none. Names of one label are
 * accepted; addresses are not names. */
#define IOC_HOST_ROOM (IOC_DOMAIN_MAX + 3)
size_t ioc_host_normal(struct hn_text host, char out[IOC_HOST_ROOM]);
/* The labels in letters, as far as they decode; for showing. */
void ioc_host_write_unicode(struct hn_buf *buf, struct hn_text host);

/* True for file name extensions that are no top-level domain: "invoice.exe" is a file. */
bool ioc_is_file_extension(struct hn_text extension);
/* True for the opposite doubt: top-level domains that are better known as extensions (.md, .sh). */
bool ioc_is_extension_like_tld(struct hn_text tld);

#endif
