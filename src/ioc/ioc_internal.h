/* ioc_internal.h - how the parts of this module fit together.
 *
 * Text from a feed passes refang -> normal form (struct ioc_key) -> builder -> set. Text from a log
 * passes the same normal forms, so that an indicator and its sightings meet as equal bytes. */
#ifndef HN_IOC_IOC_INTERNAL_H
#define HN_IOC_IOC_INTERNAL_H

#include "base/arena.h"
#include "base/ip.h"
#include "base/map.h"
#include "ioc/ioc.h"

#include <stdatomic.h>

/* ---- Normal forms (ioc_refang.c, ioc_host.c, ioc_punycode.c, ioc_url.c, ioc_name.c, ioc_norm.c)
 * --
 */

#define IOC_KEY_MAX 4096 /* bytes of any normal form; room, so that one byte more can be seen */

enum ioc_scheme { IOC_SCHEME_NONE, IOC_SCHEME_HTTP, IOC_SCHEME_HTTPS, IOC_SCHEME_FTP };

/* An indicator in normal form. text holds, by type:
 *   DOMAIN    lower-case A-labels, no dot at the end
 *   URL       host[:port] and path?query, without the scheme: sandboxes and proxies disagree on it
 *   PATH      path?query
 *   IPV4      4 bytes;  IPV6 16 bytes;  CIDR 16 bytes as in hn_ip and the prefix length
 *   hashes    their bytes
 *   EMAIL     lower case, the host as in DOMAIN
 *   FILENAME  case-folded, '/' between parts, without drive and leading separators */
struct ioc_key {
    enum ioc_type type;
    enum ioc_scheme scheme;
    bool prefix;
    uint16_t port;
    uint16_t host_len; /* URL: bytes of text that are the host, without the port */
    uint16_t path_at;  /* URL: where the path starts */
    uint16_t query_at; /* URL, PATH: where the query starts, or len */
    size_t len;
    char text[IOC_KEY_MAX];
};

/* Appends text with defanged writing undone: hxxp, [.], (dot), full-width and zero-width
 * characters. Trims white space, enclosing quotes and closing punctuation. */
void ioc_refang(struct hn_buf *out, struct hn_text text);

/* A buffer over the caller's array, for code that must not allocate: full is HN_LIMIT. Never
 * deinit it. */
HN_INLINE struct hn_buf ioc_fixed_buf(char *room, size_t size)
{
    return (struct hn_buf){ .ptr = room, .room = size, .cap_bytes = size };
}

HN_INLINE bool ioc_in(char c, const char *characters)
{
    return c != '\0' && strchr(characters, c) != NULL;
}

/* RFC 3492. Appends the Punycode of a label (without "xn--"), or the UTF-8 of one. False, and
 * nothing appended, when it has none. Labels past IOC_LABEL_MAX code points are refused. */
#define IOC_LABEL_MAX 63
bool ioc_punycode_encode(struct hn_buf *out, struct hn_text utf8_label);
bool ioc_punycode_decode(struct hn_buf *out, struct hn_text punycode);

/* A URL in text; scheme optional. */
enum ioc_reason ioc_url_normal(struct hn_text url, struct ioc_key *ret_key);
/* The same for what starts at a '/'. */
enum ioc_reason ioc_path_normal(struct hn_text path, struct ioc_key *ret_key);
/* Length of "scheme://" at the start of text, 0 if there is none. */
size_t ioc_scheme_len(struct hn_text text);

enum ioc_reason ioc_filename_normal(struct hn_text name, struct ioc_key *ret_key);
enum ioc_reason ioc_email_normal(struct hn_text address, struct ioc_key *ret_key);

/* Text that was refanged already, as an indicator of this type (IOC_TYPE_ANY: tell from content).
 */
enum ioc_reason ioc_normal(enum ioc_type type, struct hn_text text, struct ioc_key *ret_key);
bool ioc_is_range(struct hn_text text, struct hn_ip *ret_first, struct hn_ip *ret_last);
/* Takes the next network off the range [*first, last]; false when that was the last. */
bool ioc_range_next(struct hn_ip *first, const struct hn_ip *last, struct hn_cidr *ret_cidr);
void ioc_key_of_cidr(const struct hn_cidr *cidr, struct ioc_key *ret_key);
void ioc_key_write(const struct ioc_key *key, bool unicode, struct hn_buf *buf);

/* ---- Hashes and the table (ioc_table.c) ---------------------------------------------------------
 */

/* What kind of thing a hash is of, so that different things do not meet. */
enum ioc_space {
    IOC_SPACE_NAME, /* domains, distinctive parts of file names and paths, hosts of URLs */
    IOC_SPACE_IP,
    IOC_SPACE_CIDR,
    IOC_SPACE_HASH,
    IOC_SPACE_EMAIL,
    IOC_SPACE_URL,    /* whole */
    IOC_SPACE_PREFIX, /* URL that stands for what is below it */
    IOC_SPACE_PATH,
    IOC_SPACE_COUNT
};

/* One word per few keys: four bits each. A filter per space, because most spaces are small: theirs
 * stay in the cache whatever else is listed. */
struct ioc_filter {
    uint64_t *words;
    uint64_t word_count; /* < 2^32 */
};

struct ioc_slot {
    uint32_t tag;
    uint32_t index;
};
#define IOC_SLOT_EMPTY UINT32_MAX
#define IOC_SLOT_GATE  (UINT32_MAX - 1) /* "go on": nothing itself, but something is near */
#define IOC_INDEX_MAX  (UINT32_MAX - 2)

/* Filters and open-addressing table. Keys are compared by the caller: a hash alone decides only
 * what is absent. Hash functions depend on secrets of the process, so that no feed can be written
 * to make the table slow. */
struct ioc_table {
    struct ioc_filter filters[IOC_SPACE_COUNT]; /* in one allocation, that of the first */
    struct ioc_slot *slots;
    uint64_t slot_count; /* < 2^32 */
    uint64_t used;
    uint64_t salt[IOC_SPACE_COUNT];
    uint64_t fold[256];  /* per byte, ASCII letters without case */
    uint64_t exact[256]; /* per byte */
};

#define IOC_HASH_START UINT64_C(0x243F6A8885A308D3)
#define IOC_HASH_MULT  UINT64_C(0x9E3779B97F4A7C15)

HN_INLINE HN_WRAPS uint64_t ioc_hash_step(const uint64_t table[256], uint64_t hash, char c)
{
    return (hash ^ table[(unsigned char)c]) * IOC_HASH_MULT;
}

HN_INLINE HN_WRAPS uint64_t ioc_hash_end(uint64_t hash)
{
    hash ^= hash >> 32;
    hash *= UINT64_C(0xD6E8FEB86659FD93);
    return hash ^ hash >> 29;
}

/* Names are hashed from their end, so that a name's hash passes that of each parent domain. */
uint64_t ioc_hash_name(const struct ioc_table *table, struct hn_text name);
/* A distinctive word together with what stands in front of it (IOC_AFTER_). */
uint64_t ioc_hash_word(const struct ioc_table *table, char after, struct hn_text word);
/* Everything else: case counts. URLs and paths are hashed byte by byte from the start (the matcher
 * needs the hash of each beginning), other things at once. */
uint64_t ioc_hash_bytes(const struct ioc_table *table, enum ioc_space space, struct hn_text bytes);
uint64_t ioc_hash_ip(const struct ioc_table *table, const struct hn_ip *ip);
uint64_t ioc_hash_cidr(const struct ioc_table *table, const struct hn_ip *ip, unsigned prefix_len);
HN_INLINE uint64_t ioc_hash_finish(
        const struct ioc_table *table, enum ioc_space space, uint64_t running)
{
    return ioc_hash_end(running ^ table->salt[space]);
}

/* Room for this many keys of each space. */
HN_MUST_USE enum hn_status ioc_table_init(
        struct ioc_table *table, const uint64_t keys[IOC_SPACE_COUNT]);
void ioc_table_deinit(struct ioc_table *table);
void ioc_table_put(struct ioc_table *table, enum ioc_space space, uint64_t hash, uint32_t index);
/* Adds a gate unless one with this hash is there. */
void ioc_table_put_gate(struct ioc_table *table, enum ioc_space space, uint64_t hash);
uint64_t ioc_table_bytes(const struct ioc_table *table);

/* False: certainly absent. */
HN_INLINE HN_WRAPS bool ioc_table_maybe(
        const struct ioc_table *table, enum ioc_space space, uint64_t hash)
{
    const struct ioc_filter *filter = &table->filters[space];
    uint64_t word = filter->words[((hash >> 32) * filter->word_count) >> 32];
    uint64_t bits = UINT64_C(1) << (hash & 63) | UINT64_C(1) << (hash >> 6 & 63) |
                    UINT64_C(1) << (hash >> 12 & 63) | UINT64_C(1) << (hash >> 18 & 63);

    return (word & bits) == bits;
}

/* Walks the slots whose tag is the hash's. Start with *pos = UINT64_MAX. */
HN_INLINE bool ioc_table_next(
        const struct ioc_table *table, uint64_t hash, uint64_t *pos, uint32_t *ret_index)
{
    uint64_t at = *pos == UINT64_MAX ? ((hash >> 32) * table->slot_count) >> 32 : *pos;

    while (table->slots[at].index != IOC_SLOT_EMPTY) {
        const struct ioc_slot *slot = &table->slots[at];

        at = at + 1 == table->slot_count ? 0 : at + 1;
        if (slot->tag == (uint32_t)hash) {
            *pos = at;
            *ret_index = slot->index;
            return true;
        }
    }
    return false;
}

/* With all but certainty present, by filter and tag. */
HN_INLINE bool ioc_table_likely(const struct ioc_table *table, enum ioc_space space, uint64_t hash)
{
    uint64_t pos = UINT64_MAX;
    uint32_t index;

    return ioc_table_maybe(table, space, hash) && ioc_table_next(table, hash, &pos, &index);
}

/* ---- Classes of characters and distinctive words (ioc_word.c)
 * ------------------------------------
 */

#define IOC_CH_WORD  0x01u /* letters, digits, '-' and '_': what names are made of */
#define IOC_CH_DOT   0x02u
#define IOC_CH_WIDE  0x04u /* bytes of characters outside ASCII */
#define IOC_CH_HEX   0x08u
#define IOC_CH_DIGIT 0x10u
#define IOC_CH_ALNUM 0x20u
#define IOC_CH_LOCAL 0x40u /* before the '@' of an e-mail address */
#define IOC_CH_URL   0x80u /* inside a URL in running text */
#define IOC_CH_RUN   (IOC_CH_WORD | IOC_CH_DOT | IOC_CH_WIDE)
extern const uint8_t ioc_class[256];

HN_INLINE bool ioc_is(char c, unsigned classes)
{
    return (ioc_class[(unsigned char)c] & classes) != 0;
}

/* True when a character of the writing systems that put no space between words, a symbol or
 * punctuation (U+2000 and up) ends right before pos, or starts at pos: a name may end there. */
bool ioc_wide_gap_before(struct hn_text text, size_t pos);
HN_INLINE bool ioc_wide_gap_at(struct hn_text text, size_t pos)
{
    return (unsigned char)text.ptr[pos] >= 0xE2;
}

/* The part of a file name by which the scanner finds it: a whole run of name characters, without
 * dots at its ends. rank 0 is the best, 1 the next. len 0: there is none. */
#define IOC_WORD_MIN 4 /* bytes; shorter parts are everywhere */
#define IOC_WORD_MAX 255
struct ioc_anchor {
    size_t at;
    size_t len;
    char after; /* what must stand in front of it: one of IOC_AFTER_ */
};
#define IOC_AFTER_ANY       '\0'
#define IOC_AFTER_SLASH     '/'  /* in paths of URLs */
#define IOC_AFTER_SEPARATOR '\\' /* in file names: a '/' or '\' */
struct ioc_anchor ioc_anchor_of_filename(struct hn_text name, unsigned rank);
/* A word that is no file by its looks, so that it must stand where files do: behind a separator. */
bool ioc_is_plain_word(struct hn_text name);

/* The same for the path of a URL. The word is copied to room, folded. wide: its words are all
 * outside ASCII, so that percent-encoded writing hides it. False when it has none. */
struct ioc_path_anchor {
    struct hn_text word;
    char after;
    bool wide;
};
bool ioc_anchor_of_path(
        struct hn_text path, char room[IOC_KEY_MAX], struct ioc_path_anchor *ret_anchor);

/* ---- What a set is made of
 * ------------------------------------------------------------------------
 */

#define IOC_FLAG_PREFIX      0x01u
#define IOC_FLAG_COMPROMISED 0x02u
#define IOC_FLAG_SUPPRESSED  0x04u
#define IOC_FLAG_FLAGGED     0x08u /* has an entry in warned */
#define IOC_FLAG_LEGITIMATE  0x10u
#define IOC_FLAG_DROPPED     0x20u
#define IOC_SCHEME_SHIFT     6

/* One listing: 20 bytes, because there are ten million. */
struct ioc_record {
    uint32_t key; /* offset in keys: a length of one or two bytes, then the normal form */
    uint32_t meta;
    uint32_t line;
    uint32_t next; /* another listing of the same key, or IOC_NONE */
    uint8_t type;
    uint8_t flags;
    uint16_t port;
};

/* What listings share; texts by number. */
struct ioc_meta {
    uint32_t source;
    uint32_t family;
    uint32_t tags;
    uint32_t comment;
    uint32_t reference;
    uint32_t id;
    hn_time first_seen;
    hn_time last_seen;
    uint8_t confidence;
    uint8_t role;
};

struct ioc_warned {
    uint32_t index;
    uint32_t list_name; /* text number */
};

struct ioc_store {
    HN_VEC(struct ioc_record) records;
    HN_VEC(struct ioc_meta) metas;
    HN_VEC(struct hn_text) texts; /* 0 is the empty text */
    struct hn_arena text_arena;
    struct hn_buf keys;
};

/* Distinctive words without a dot. Each word of a log is asked for, so there are two filters: by
 * first bytes, then by first and last bytes and length; both with what stands in front. */
#define IOC_WORD_HEADS (UINT32_C(1) << 17)
struct ioc_words {
    uint64_t *heads; /* IOC_WORD_HEADS bits */
    uint64_t *bits;
    uint64_t bit_count; /* a power of two */
    bool any;
};

HN_INLINE HN_WRAPS uint32_t ioc_word_head(char after, const char *ptr)
{
    uint32_t first;

    memcpy(&first, ptr, 4);
    first |= 0x20202020u; /* letters without case */
    return ((first + (unsigned char)after) * 0x9E3779B1u) >> 15;
}

HN_INLINE HN_WRAPS uint64_t ioc_word_bit(
        const struct ioc_words *words, char after, const char *ptr, size_t len)
{
    uint32_t first;
    uint32_t last;
    uint64_t mix;

    memcpy(&first, ptr, 4);
    memcpy(&last, ptr + len - 4, 4);
    mix = (uint64_t)(first | 0x20202020u) << 32 | (last | 0x20202020u);
    mix = (mix + len) * IOC_HASH_MULT;
    mix = (mix ^ mix >> 29 ^ (unsigned char)after) * UINT64_C(0xD6E8FEB86659FD93);
    return mix >> 32 & (words->bit_count - 1);
}

HN_INLINE void ioc_words_put(struct ioc_words *words, char after, struct hn_text word)
{
    uint64_t bit = ioc_word_bit(words, after, word.ptr, word.len);
    uint32_t head = ioc_word_head(after, word.ptr);

    words->heads[head / 64] |= UINT64_C(1) << head % 64;
    words->bits[bit / 64] |= UINT64_C(1) << bit % 64;
    words->any = true;
}

/* At least IOC_WORD_MIN bytes. False: no such word starts so. */
HN_INLINE bool ioc_words_head_maybe(const struct ioc_words *words, char after, const char *ptr)
{
    uint32_t head = ioc_word_head(after, ptr);

    return (words->heads[head / 64] >> head % 64 & 1) != 0;
}

/* word of at least IOC_WORD_MIN bytes. False: not one of them. */
HN_INLINE bool ioc_words_maybe(const struct ioc_words *words, char after, struct hn_text word)
{
    uint64_t bit = ioc_word_bit(words, after, word.ptr, word.len);

    return (words->bits[bit / 64] >> bit % 64 & 1) != 0;
}

/* A name's hash after its last label says whether the set has any such name. */
#define IOC_LAST_LABEL_BITS (UINT32_C(1) << 15)
HN_INLINE uint32_t ioc_last_label_bit(uint64_t running)
{
    return (uint32_t)(ioc_hash_end(running) >> 49);
}

#define IOC_V4_BLOCKS (UINT32_C(1) << 16)

struct ioc_set {
    atomic_uint refs;
    struct ioc_store store;
    struct ioc_table table;
    struct ioc_words words;
    struct ioc_words dotted; /* distinctive words with a dot, where something stands in front */
    uint64_t *last_labels;   /* IOC_LAST_LABEL_BITS bits */
    HN_VEC(struct ioc_warned) warned;
    uint64_t cidr_lengths[3]; /* bit n: a network of this prefix length */
    uint64_t *v4_blocks;      /* 2^16 bits: a network touches this /16 */
    bool any_name;
    bool any_v4;
    bool any_v6;
    bool any_hash;
    bool any_url; /* with a host, so that percent-encoded hosts matter */
    bool any_path;
    bool any_email;
    bool any_wide_word; /* a distinctive part without a dot that holds non-ASCII characters */
    bool any_wide_path; /* a path whose only distinctive parts are percent-encoded characters */
    struct ioc_stats stats;
};

/* False: no name, and no distinctive word with a dot, ends in the label of this running hash. */
HN_INLINE bool ioc_knows_last_label(const struct ioc_set *set, uint64_t running)
{
    uint32_t bit = ioc_last_label_bit(running);

    return (set->last_labels[bit / 64] >> bit % 64 & 1) != 0;
}

struct hn_text ioc_store_key(const struct ioc_store *store, uint32_t key);
void ioc_set_key(const struct ioc_set *set, uint32_t index, struct ioc_key *ret_key);

/* The bytes of a run of hex digits as long as a hash that is matched; false when it is none. */
#define IOC_HASH_BYTES_MAX 64
bool ioc_hash_parse(struct hn_text text, char ret_bytes[IOC_HASH_BYTES_MAX]);

/* ---- Look-ups by exact value (ioc_find.c) ---- */

/* Index of the first listing with this key, or IOC_NONE. The hash decides where to look, the key
 * what is found. In IOC_SPACE_PREFIX only URLs that stand for what is below them are found. */
uint32_t ioc_find_key(const struct ioc_set *set, enum ioc_space space, uint64_t hash,
        enum ioc_type type, struct hn_text key);

/* Calls found for each network that holds ip, the smallest first, until it returns false. found may
 * be NULL. Returns whether there is any. */
typedef bool ioc_on_network(void *ctx, uint32_t index);
bool ioc_find_networks(
        const struct ioc_set *set, const struct hn_ip *ip, ioc_on_network *found, void *ctx);

/* Dotted IPv4 with exactly four parts. */
bool ioc_parse_v4(struct hn_text text, struct hn_ip *ret_ip);

/* ---- Running text (ioc_run.c)
 * --------------------------------------------------------------------
 *
 * A run is a whole stretch of IOC_CH_RUN characters. It stands for up to several readings: letters
 * outside ASCII may be part of a name or text around it, and "%2F" or an escape may stand before
 * it. Scanner and matcher go through the same readings, so that what the scanner drops cannot
 * match. */

/* Text in which escapes of the input format may still be unresolved. */
enum ioc_text_kind { IOC_TEXT_VALUE, IOC_TEXT_RAW };

/* How many bytes before a reading's start may be taken off: returns further starts of the run or
 * word that begins at start. "%2Fevil" also reads "evil" behind the escape; in raw text "\nevil"
 * does too. */
#define IOC_STARTS_MAX 3
/* The IOC_AFTER_ that hold for a word at start. */
#define IOC_AFTERS_MAX 3
unsigned ioc_afters(struct hn_text text, size_t start, char ret_afters[IOC_AFTERS_MAX]);

unsigned ioc_starts(enum ioc_text_kind kind, struct hn_text text, size_t start, size_t end,
        size_t ret_starts[IOC_STARTS_MAX]);

struct ioc_span {
    size_t start;
    size_t end;
};

/* The whole run of these classes around pos, as far as IOC_RUN_REACH in each direction; *ret_whole
 * is false when it goes on. */
#define IOC_RUN_REACH 1024
struct ioc_span ioc_run_around(struct hn_text text, size_t pos, unsigned classes, bool *ret_whole);

/* IPv6 addresses that the characters around a colon can be read as. No character before floor is
 * looked at; what lies before end needs no second look. */
struct ioc_v6_found {
    unsigned count;
    size_t end;
    struct ioc_span spans[IOC_STARTS_MAX + 2];
    struct hn_ip ips[IOC_STARTS_MAX + 2];
};
void ioc_v6_around(enum ioc_text_kind kind, struct hn_text text, size_t colon, size_t floor,
        struct ioc_v6_found *ret_found);

/* ---- The scanner (ioc_scan.c) ---- */

/* What a text may hold. The hosts of URLs and the words of paths are all over ordinary logs; where
 * nothing else was seen, the matcher looks at URLs alone. */
enum ioc_chance {
    IOC_CHANCE_NONE, /* ioc_match_value() finds nothing, certainly */
    IOC_CHANCE_URL,  /* nothing but URLs and paths */
    IOC_CHANCE_ANY,
};
enum ioc_chance ioc_chance_of(
        const struct ioc_set *set, enum ioc_text_kind kind, struct hn_text text);

/* ---- The matcher (ioc_match*.c)
 * ------------------------------------------------------------------ */

struct ioc_match {
    const struct ioc_set *set;
    struct hn_text value;
    struct hn_text field;
    uint32_t hints;
    ioc_on_hit *on_hit;
    void *ctx;
    uint32_t hits;
    bool urls_only;
    bool stopped;
};

/* Searches match->value, of which the scanner has said what it may hold; the number of hits. */
uint32_t ioc_match_run(struct ioc_match *match, enum ioc_chance chance);
/* False when the search is to end. */
bool ioc_report_hit(
        struct ioc_match *match, uint32_t index, enum ioc_how how, struct ioc_span span);

/* A name or address in the value, as text around it shows it. */
enum ioc_setting {
    IOC_SETTING_BARE, /* nothing speaks for or against */
    IOC_SETTING_URL,  /* scheme, "//", UNC path, '@': certainly a host */
    IOC_SETTING_PATH, /* a part of a path: certainly none */
};
enum ioc_setting ioc_setting_of(struct hn_text value, struct ioc_span span);

/* Each is called for text that the scanner let pass, and goes on until nothing is left or
 * match->stopped. */
void ioc_match_urls(struct ioc_match *match);
/* A host (span) with a path behind it and no scheme; false: there is none, by what stands around.
 */
bool ioc_may_be_bare_url(const struct ioc_match *match, struct ioc_span host);
void ioc_match_bare_url(struct ioc_match *match, struct ioc_span host);
/* URLs only, in a value that is one URL made of several fields. */
void ioc_match_whole_url(struct ioc_match *match);
/* Domains that the normal form of a host belongs to. span: where it stands in the value; when
 * aligned, its bytes are those of host, so that hits can name the part. */
void ioc_match_domain(
        struct ioc_match *match, struct hn_text host, struct ioc_span span, bool aligned);
/* File names whose distinctive word is text[span]. */
void ioc_match_filename(struct ioc_match *match, struct ioc_span span);

/* ---- Building (ioc_build.c) ---- */

/* What a reader knows about the entries that follow; texts are copied when used. */
struct ioc_about {
    enum ioc_role role;
    uint8_t confidence;
    bool compromised;
    uint16_t port;
    struct hn_text source;
    struct hn_text family;
    struct hn_text tags;
    struct hn_text comment;
    struct hn_text reference;
    struct hn_text id;
    hn_time first_seen;
    hn_time last_seen;
    hn_time valid_until;
};
extern const struct ioc_about ioc_about_nothing;

struct ioc_warnlists;

struct ioc_builder {
    struct ioc_options options;
    struct ioc_store store;
    struct hn_map text_numbers;
    struct ioc_warnlists *warnlists;
    struct hn_buf scratch; /* of the entry being refanged */
    struct ioc_key key;    /* of the entry being added */
};

/* What a reader carries from entry to entry. */
struct ioc_reading {
    struct ioc_builder *builder;
    struct ioc_report *report;
    struct ioc_about about; /* after a change: ioc_about_changed() */
    uint32_t meta;          /* what about became, or IOC_NONE */
    uint32_t line;
    enum hn_status status; /* first failure; then the reader stops */
};

HN_INLINE void ioc_about_changed(struct ioc_reading *reading)
{
    reading->meta = IOC_NONE;
}

/* Takes one value as this type, in plain or defanged writing (file names only as they are).
 * Refusals go into the report. False only at a failure (see reading->status). */
HN_MUST_USE bool ioc_take(struct ioc_reading *reading, enum ioc_type type, struct hn_text value);
/* As ioc_take(), telling the reason instead of reporting it. */
HN_MUST_USE bool ioc_try(struct ioc_reading *reading, enum ioc_type type, struct hn_text value,
        enum ioc_reason *ret_reason);
void ioc_refuse(struct ioc_reading *reading, enum ioc_reason reason, struct hn_text excerpt);
/* Number of a text that the set keeps; IOC_NONE on failure. */
uint32_t ioc_text_number(struct ioc_builder *builder, struct hn_text text);
void ioc_store_init(struct ioc_store *store, const struct ioc_limits *limits);
void ioc_store_deinit(struct ioc_store *store);
/* Takes a value whose kind a feed names by a word: MISP types with their composites ("domain|ip",
 * "filename|sha256"), those of ThreatFox, Zeek, Defender and others. As ioc_take() otherwise. */
HN_MUST_USE bool ioc_take_typed(
        struct ioc_reading *reading, struct hn_text type_word, struct hn_text value);
/* What feeds call it; IOC_ROLE_UNKNOWN for words that say nothing. */
enum ioc_role ioc_role_of(struct hn_text word);
/* Stamps without a zone are UTC in all feeds; HN_TIME_NONE when it is none. */
hn_time ioc_time_of(struct hn_text stamp);
/* "", "None", "unknown", "-" and the like. */
bool ioc_is_null(struct hn_text value);

/* ---- Readers (one file each) ---- */

enum hn_status ioc_list_read(
        struct ioc_reading *reading, const struct ioc_input *input, struct hn_err *err);
enum hn_status ioc_csv_read(
        struct ioc_reading *reading, const struct ioc_input *input, struct hn_err *err);
enum hn_status ioc_misp_read(
        struct ioc_reading *reading, const struct ioc_input *input, struct hn_err *err);
enum hn_status ioc_stix_read(
        struct ioc_reading *reading, const struct ioc_input *input, struct hn_err *err);
enum hn_status ioc_openioc_read(
        struct ioc_reading *reading, const struct ioc_input *input, struct hn_err *err);

/* ---- CSV (ioc_csv.c splits, ioc_columns.c says what columns mean) ---- */

#define IOC_COLUMNS_MAX 64

struct ioc_row {
    struct hn_text fields[IOC_COLUMNS_MAX];
    unsigned count;
};

enum ioc_column_role {
    IOC_COLUMN_NONE,
    IOC_COLUMN_VALUE,
    IOC_COLUMN_TYPE,
    IOC_COLUMN_PORT,
    IOC_COLUMN_FAMILY,
    IOC_COLUMN_TAGS,
    IOC_COLUMN_COMMENT,
    IOC_COLUMN_FIRST,
    IOC_COLUMN_LAST,
    IOC_COLUMN_UNTIL,
    IOC_COLUMN_CONFIDENCE,
    IOC_COLUMN_COMPROMISED,
    IOC_COLUMN_REFERENCE,
    IOC_COLUMN_ID,
    IOC_COLUMN_ROLE,
    IOC_COLUMN_TO_IDS,
    IOC_COLUMN_C2_STATUS,
};

struct ioc_columns {
    enum ioc_column_role roles[IOC_COLUMNS_MAX];
    enum ioc_type types[IOC_COLUMNS_MAX]; /* of value columns */
    unsigned count;
    char separator; /* '\0': not known yet */
    int header;     /* 1: the first row is one, 0: it is not, -1: not known */
    bool any_value;
};

/* What the names in a header mean. False when no column holds indicators. */
bool ioc_columns_of_header(const struct ioc_row *header, struct ioc_columns *columns);
/* The option text: "value=3,type=ioc_type,sep=;,header=1". HN_SYNTAX tells what is wrong. Columns
 * given by name are looked up in header, which may be NULL before it is read. */
enum hn_status ioc_columns_of_option(struct hn_text option, const struct ioc_row *header,
        struct ioc_columns *columns, struct hn_err *err);
bool ioc_option_names_columns(struct hn_text option);
/* Takes what a row holds. False at a failure. */
HN_MUST_USE bool ioc_columns_take(
        struct ioc_reading *reading, const struct ioc_columns *columns, const struct ioc_row *row);

/* ---- Warning lists (ioc_warn.c) ---- */

void ioc_warnlists_free(struct ioc_warnlists *lists);
bool ioc_warnlists_any(const struct ioc_warnlists *lists);

struct ioc_warn_verdict {
    bool listed;
    bool suppress;
    bool legitimate_host; /* a URL whose host is listed, not the URL itself */
    uint32_t list_name;   /* text number in the builder's store */
};
struct ioc_warn_verdict ioc_warn_judge(struct ioc_warnlists *lists, const struct ioc_key *key);

#endif
