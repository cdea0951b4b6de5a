/* extract_internal.h - how the parts of this module fit together.
 *
 * A text is read in windows. Each window is made plain (extract_plain.c: one byte of plain text
 * knows where it comes from), cut into runs of name characters (extract.c), and each run is offered
 * to those who know a kind. */
#ifndef HN_EXTRACT_INTERNAL_H
#define HN_EXTRACT_INTERNAL_H

#include "base/ip.h"
#include "extract/extract.h"

#include <libpsl.h>

#define EXTRACT_WINDOW ((size_t)64 << 10) /* bytes of text looked at together */
#define EXTRACT_OVERLAP                                                                         \
    ((size_t)8 << 10)                    /* so much of the end is looked at again with the next \
                                          */
#define EXTRACT_BEHIND ((size_t)1 << 10) /* so much in front of a window is seen, not searched */

/* Classes of plain bytes. */
#define CH_ALPHA 0x01u
#define CH_DIGIT 0x02u
#define CH_HEX   0x04u
#define CH_DASH  0x08u /* '-' and '_' */
#define CH_WIDE  0x10u /* of a letter outside ASCII */
#define CH_CJK   0x20u /* of a script that puts no space between words; CH_WIDE as well */
#define CH_MARK  0x40u /* made from a defanging mark or a look-alike */
#define CH_SPACE 0x80u /* white space, also outside ASCII */
#define CH_ASCII (CH_ALPHA | CH_DIGIT | CH_DASH)
#define CH_LABEL (CH_ASCII | CH_WIDE)

struct extract {
    const psl_ctx_t *psl;
    struct extract_options options;
    extract_on_item *on_item;
    void *ctx;
    uint64_t count;
    bool stopped;
    bool nested; /* inside a URL already */
    bool in_ids; /* the line is one of a mail's header whose names are no mail addresses */

    struct hn_text source; /* of the window */
    uint64_t base;         /* where the window starts in the text */
    bool last;             /* nothing of the text comes behind the window */

    size_t len;       /* plain bytes */
    size_t next_free; /* plain: what lies in front was taken */
    char plain[EXTRACT_WINDOW + 1];
    uint8_t class[EXTRACT_WINDOW + 1];
    uint8_t span[EXTRACT_WINDOW + 1]; /* bytes of text that a plain byte stands for */
    uint32_t map[EXTRACT_WINDOW + 1]; /* where they start in source */

    char value[EXTRACT_VALUE_MAX];
};

/* ---- Plain text (extract_plain.c) ---- */

void extract_make_plain(struct extract *e);

HN_INLINE bool extract_is(const struct extract *e, size_t pos, unsigned classes)
{
    return pos < e->len && (e->class[pos] & classes) != 0;
}

HN_INLINE char extract_at(const struct extract *e, size_t pos)
{
    return pos < e->len ? e->plain[pos] : '\0';
}

HN_INLINE struct hn_text extract_slice(const struct extract *e, size_t start, size_t end)
{
    return hn_text_of(e->plain + start, end - start);
}

HN_INLINE bool extract_in(char c, const char *characters)
{
    return c != '\0' && strchr(characters, c) != NULL;
}

/* A byte that ends every name: a full-width bracket or other look-alike that is no part of one. */
bool extract_is_wide_form(const struct extract *e, size_t pos);
/* Whether the plain text from pos on starts with this, ASCII letters without case. */
bool extract_starts(const struct extract *e, size_t pos, struct hn_text word);

/* ---- Telling (extract_tell.c) ---- */

struct extract_found {
    enum extract_kind kind;
    size_t start; /* plain */
    size_t end;
    unsigned marks;
    struct hn_text value;
    struct hn_text host; /* part of value, or anything that lives as long */
    uint16_t port;
};

/* Shows one and takes its place. */
void extract_tell(struct extract *e, const struct extract_found *found);

/* ---- Kinds. Each gets where a run starts (and ends) and gives where the search goes on, or 0 when
 * it is none ---- */

/* extract_url.c: colon is where "://" starts behind a scheme. */
size_t extract_url(struct extract *e, size_t first, size_t colon);
size_t extract_url_encoded(struct extract *e, size_t first, size_t colon);
/* Where a URL's path ends that starts at pos, as people write; open: where the URL starts. */
size_t extract_url_tail(const struct extract *e, size_t open, size_t pos);
/* Appends path and query as they count. */
void extract_url_add_tail(struct hn_buf *out, struct hn_text tail);
size_t extract_port(const struct extract *e, size_t colon, uint16_t *ret_port);

/* extract_host.c */
size_t extract_host(struct extract *e, size_t start, size_t end);
size_t extract_host_wide(struct extract *e, size_t start, size_t end);
/* The last label is a top-level domain, or a name reserved for the like. */
bool extract_is_tld(const struct extract *e, struct hn_text label);
struct hn_text extract_last_label(struct hn_text host);
bool extract_defanged(const struct extract *e, size_t start, size_t end);

/* extract_mail.c: at is where the '@' stands. */
size_t extract_email(struct extract *e, size_t at);
/* Whether a line of a mail's header starts at pos that holds names with an '@' that are none. */
bool extract_ids_line(const struct extract *e, size_t pos);

/* extract_address.c */
size_t extract_ipv4(struct extract *e, size_t start, size_t end);
size_t extract_ipv6(struct extract *e, size_t start);
/* An address in all the ways inet_aton() takes: "0x7f.1", "3232235777". */
bool extract_aton(struct hn_text text, struct hn_ip *ret_ip);

/* extract_token.c */
size_t extract_hash(struct extract *e, size_t start, size_t end, unsigned marks);
size_t extract_cve(struct extract *e, size_t start, size_t end);
size_t extract_context(struct extract *e, size_t start, size_t end);

/* extract_path.c */
size_t extract_windows_path(struct extract *e, size_t start);
size_t extract_unix_path(struct extract *e, size_t start);
size_t extract_registry(struct extract *e, size_t start, size_t end);

/* extract_judge.c */
unsigned extract_judge_ip(const struct hn_ip *ip);

#endif
