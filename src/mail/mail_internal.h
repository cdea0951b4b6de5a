/* mail_internal.h - what the parts of the mail module share. */
#ifndef HN_MAIL_MAIL_INTERNAL_H
#define HN_MAIL_MAIL_INTERNAL_H

#include "base/vec.h"
#include "mail/mail.h"

#define MAIL_DEPTH_MAX       24u                /* multiparts within multiparts */
#define MAIL_PARTS_MAX       2000u              /* of one mail */
#define MAIL_HEADERS_MAX     2000u              /* of one part */
#define MAIL_VALUE_BYTES_MAX ((size_t)64 << 10) /* one header, unfolded */
#define MAIL_TEXT_BYTES_MAX  ((size_t)4 << 20)  /* one body as text */
#define MAIL_MBOX_MAILS_MAX  1000u
#define MAIL_RECEIVED_MAX    64u
#define MAIL_PASSWORDS_MAX   48u /* of one text */

/* ---- Charsets (mail_charset.c) ---- */

/* Appends bytes of a charset as UTF-8; what cannot be converted becomes U+FFFD. An empty or unknown
 * name, and a name that the bytes contradict, is guessed. Returns the code page that was taken. */
uint32_t mail_to_utf8(struct hn_buf *out, struct hn_bytes in, struct hn_text charset);
/* The same for a code page by number; 0: guess. */
uint32_t mail_codepage_to_utf8(struct hn_buf *out, struct hn_bytes in, uint32_t codepage);

/* ---- Transfer encodings (mail_transfer.c) ---- */

#define MAIL_ODD_JUNK    0x1u /* characters outside the alphabet */
#define MAIL_ODD_PADDING 0x2u /* padding before the end */
#define MAIL_ODD_SHORT   0x4u /* ends within a group */
#define MAIL_ODD_ESCAPE  0x8u /* quoted-printable: "=" without two digits */

/* Append what can be decoded; give MAIL_ODD_ bits. */
uint32_t mail_base64(struct hn_buf *out, struct hn_bytes in);
uint32_t mail_quoted_printable(struct hn_buf *out, struct hn_bytes in);
/* One "begin 644 name" ... "end" block at or after *pos; false when there is none. */
struct mail_uu {
    struct hn_text name;
    size_t start; /* of the begin line */
    size_t end;   /* behind the end line */
};
bool mail_uu_next(struct hn_text text, size_t pos, struct hn_buf *out, struct mail_uu *ret_uu);

/* One "=ybegin ... name=x" ... "=yend" block at or after pos (mail_yenc.c), its bytes appended;
 * false when there is none. */
struct mail_yenc {
    struct hn_text name;
    size_t end; /* behind the last line */
    bool part;  /* "=ypart": one piece of several */
};
bool mail_yenc_next(
        struct hn_text text, size_t pos, struct hn_buf *out, struct mail_yenc *ret_file);

/* ---- Headers (mail_head.c) ---- */

struct mail_header {
    struct hn_text name;
    struct hn_text value; /* unfolded, not decoded, trimmed */
    uint64_t offset;
};

struct mail_head {
    struct mail_header *items; /* in the arena */
    size_t count;
    size_t body;   /* where the body starts */
    bool cut;      /* no blank line ended it */
    bool left_out; /* more than MAIL_HEADERS_MAX */
};

/* False when out of memory. */
bool mail_head_parse(struct hn_arena *arena, struct hn_text in, struct mail_head *ret_head);
/* The nth header of that name (0: the first); NULL. */
const struct mail_header *mail_head_nth(const struct mail_head *head, const char *name, size_t nth);
/* Its value; empty when there is none. */
struct hn_text mail_head_value(const struct mail_head *head, const char *name);
/* Line ends: CRLF, LF, CR. The line at *pos without its end, *pos moved behind it; false at the
 * end. */
bool mail_line(struct hn_text in, size_t *pos, struct hn_text *ret_line);

/* RFC 2047: appends a header value as UTF-8, encoded words anywhere, raw bytes guessed. */
void mail_words(struct hn_buf *out, struct hn_text raw);
/* The same into the arena, control characters made spaces; ptr NULL when out of memory. */
struct hn_text mail_words_text(struct hn_arena *arena, struct hn_text raw);

/* ---- Values with parameters (mail_param.c), RFC 2045 and 2231 ---- */

/* "text/html" in lower case, without comments; in the arena. */
struct hn_text mail_value_token(struct hn_arena *arena, struct hn_text value);
/* A parameter, decoded to UTF-8: of RFC 2231 with continuations, of RFC 2047, quoted or not. Empty
 * when it is absent. */
struct hn_text mail_param(struct hn_arena *arena, struct hn_text value, const char *name);

/* ---- Addresses (mail_address.c) ---- */

struct mail_address {
    struct hn_text name;    /* decoded */
    struct hn_text address; /* "a@b.example" */
    struct hn_text domain;  /* lower case; may be empty */
    size_t count;           /* of addresses in the value */
};

void mail_address_first(
        struct hn_arena *arena, struct hn_text value, struct mail_address *ret_address);
/* The address at or after *pos in a text, *pos moved behind it; false when there is none. */
bool mail_address_find(struct hn_text text, size_t *pos, struct hn_text *ret_address);
struct hn_text mail_domain_of(struct hn_arena *arena, struct hn_text address);
/* The registered domain of a host name ("a.example.co.jp" gives "example.co.jp"), else the host. */
struct hn_text mail_organisation(struct hn_arena *arena, struct hn_text host);
/* A host name below a public suffix that is listed. */
bool mail_is_known_domain(struct hn_text host);

/* ---- What is known of a mail, whatever it was kept in ---- */

struct mail {
    struct dissect *dissect;
    uint32_t id;
    struct hn_arena *arena;
    struct hn_text in;
    struct mail_head head; /* of an eml, or the transport headers of a msg */
    struct hn_text subject;
    struct hn_buf text;  /* plain bodies, in order; then HTML as text */
    struct hn_buf names; /* of attachments, one a line */
    uint32_t parts;
    uint32_t attachments;
    uint32_t html_bodies;
    uint32_t pictures; /* attached, or shown by a page */
    uint32_t left_out; /* children that a limit refused */
    bool encrypted;    /* an attachment that looks encrypted was seen */
};

void mail_init(struct mail *mail, struct dissect *dissect, uint32_t id);
void mail_deinit(struct mail *mail);
/* A body: as a text of the mail; html also as a child. utf8 is copied. */
void mail_add_plain(struct mail *mail, struct hn_text utf8, const char *what, uint64_t offset);
void mail_add_html(struct mail *mail, struct hn_text utf8, const char *how, uint64_t offset);

struct mail_attachment {
    enum dissect_format format;
    struct hn_text name; /* decoded; may be empty */
    struct hn_text type; /* "application/zip"; may be empty */
    struct hn_text content_id;
    const char *relation; /* "attachment", "inline" */
    struct hn_bytes data;
    uint64_t offset;
    bool borrowed;
};

/* ret_id may be NULL; DISSECT_NONE where a limit refused it. */
void mail_add_attachment(
        struct mail *mail, const struct mail_attachment *attachment, uint32_t *ret_id);

/* After the parts are known: facts and notes from mail->head (mail_judge.c, mail_received.c,
 * mail_reply.c), then passwords. */
void mail_judge(struct mail *mail);
void mail_judge_received(struct mail *mail);
void mail_judge_reply(struct mail *mail, const struct mail_address *from);
void mail_judge_name(struct mail *mail, uint32_t id, struct hn_text name);
void mail_harvest(struct mail *mail);
enum hn_status mail_status(const struct mail *mail, struct hn_err *err);

/* HTML as people read it (mail_html.c): tags left out, entities resolved. */
void mail_html_text(struct hn_buf *out, struct hn_text html);

/* Links whose text shows another address than they open, and pictures (mail_look.c). */
void mail_html_look(struct mail *mail, struct hn_text html);
/* Whether what it says may stand in a picture, which nobody reads here. */
void mail_judge_pictures(struct mail *mail, bool tells_password);
/* There is a word for "password" in it (mail_password.c). */
bool mail_tells_password(struct hn_text text);

/* Parts of MIME (mail_mime.c). */
void mail_mime_open(struct mail *mail);
/* S/MIME (mail_smime.c): the content of signed data. ptr NULL where there is none to take. */
enum mail_smime_kind { MAIL_SMIME_OTHER, MAIL_SMIME_SIGNED, MAIL_SMIME_ENVELOPED };
enum mail_smime_kind mail_smime_content(
        struct hn_arena *arena, struct hn_bytes der, struct hn_bytes *ret_content);

bool mail_has_nocase(struct hn_text text, const char *word);
/* A fact, unless the value is empty. */
void mail_fact(struct mail *mail, const char *name, struct hn_text value);

#endif
