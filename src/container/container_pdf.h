/* container_pdf.h - what the parts of the PDF reader share: values, the table of objects, filters,
 * decryption (ISO 32000-1 sections 7.3, 7.4, 7.5, 7.6). */
#ifndef HN_CONTAINER_CONTAINER_PDF_H
#define HN_CONTAINER_CONTAINER_PDF_H

#include "base/vec.h"
#include "container/container_internal.h"

#define PDF_DEPTH_MAX   48u
#define PDF_OBJECTS_MAX 200000u
#define PDF_FILTERS_MAX 8u
#define PDF_NUMBERS_MAX ((uint32_t)1 << 20) /* objects of higher numbers are not referred to */
#define PDF_WORK_FACTOR 8u /* values may be read so many times over, where objects overlap */

enum pdf_kind { PDF_NULL, PDF_NUMBER, PDF_STRING, PDF_NAME, PDF_ARRAY, PDF_DICT, PDF_REFERENCE };

struct pdf_value {
    enum pdf_kind kind;
    int64_t number;         /* of a reference: the object's */
    struct hn_text text;    /* of strings (bytes, decrypted) and names (#xx resolved) */
    bool coded;             /* a name written with #xx */
    struct pdf_item *items; /* of arrays and dictionaries; a list, so that nothing is resized */
};

struct pdf_item {
    struct hn_text key; /* of dictionaries */
    bool key_coded;
    struct pdf_value *value;
    struct pdf_item *next;
};

struct pdf_object {
    uint32_t number;
    uint32_t generation;
    struct hn_bytes source; /* the file, or a decoded object stream */
    size_t offset;          /* of the value in source */
    uint64_t file_offset;   /* for notes; of the object stream where it is in one */
    bool packed;            /* in an object stream: its strings are not encrypted again */
    bool parsed;
    struct pdf_value *value; /* NULL until parsed, or when there is none */
    struct hn_bytes stream;  /* raw; ptr NULL: it has none */
};

struct pdf_crypt {
    bool on;
    bool locked; /* encrypted, and no password fits: texts and streams are noise */
    uint8_t key[32];
    size_t key_len;
    int version;  /* V */
    int revision; /* R */
    bool stream_aes;
    bool string_aes;
    bool stream_plain;
    bool string_plain;
};

struct pdf {
    struct dissect *dissect;
    uint32_t id;
    struct hn_bytes data;
    struct hn_arena arena; /* of values and decoded streams, until the opener returns */
    struct container_ask ask;
    struct pdf_crypt crypt;
    HN_VEC(struct pdf_object) objects;
    struct pdf_value *trailer; /* merged: the first that has /Encrypt, else the last */
    uint32_t *index;           /* number -> position in objects + 1; heap */
    uint32_t index_count;
    size_t endstream_from; /* the last search for "endstream" began here */
    size_t endstream_at;   /* and found it here */
    uint64_t work;         /* bytes read as values; see PDF_WORK_FACTOR */
    bool nomem;
    bool noted_depth;
};

/* ---- Values ---- */

struct pdf_lexer {
    struct pdf *pdf;
    struct hn_bytes source;
    size_t at;
    const struct pdf_object *object; /* whose strings are decrypted; NULL: none */
    uint32_t depth;
};

/* The value at the lexer; NULL at the end, on damage and at limits. */
struct pdf_value *pdf_read(struct pdf_lexer *lexer);
void pdf_skip_space(struct pdf_lexer *lexer);
/* The value of a key, with references followed; NULL when there is none. */
const struct pdf_value *pdf_get(struct pdf *pdf, const struct pdf_value *dict, const char *key);
const struct pdf_value *pdf_follow(struct pdf *pdf, const struct pdf_value *value);
int64_t pdf_number(struct pdf *pdf, const struct pdf_value *dict, const char *key, int64_t other);
bool pdf_is_name(const struct pdf_value *value, const char *name);
/* A text string as UTF-8, in the pdf's arena. */
struct hn_text pdf_text(struct pdf *pdf, const struct pdf_value *value);

/* ---- Objects ---- */

HN_MUST_USE enum hn_status pdf_list(struct pdf *pdf);
struct pdf_object *pdf_find(struct pdf *pdf, uint32_t number);
void pdf_parse(struct pdf *pdf, struct pdf_object *object);
/* The stream's bytes, decrypted and through its filters. False: none, or a filter of images. */
bool pdf_stream(struct pdf *pdf, struct pdf_object *object, struct hn_bytes *ret_bytes);

/* ---- Filters and encryption ---- */

/* One filter by name. False: not known. What comes out before damage counts. */
bool pdf_filter(struct pdf *pdf, struct hn_text name, const struct pdf_value *parameters,
        struct hn_bytes in, struct hn_bytes *ret_bytes);
/* Reads /Encrypt and finds a password; notes what it finds. */
void pdf_crypt_open(struct pdf *pdf);
struct hn_bytes pdf_decrypt(
        struct pdf *pdf, const struct pdf_object *object, struct hn_bytes bytes, bool stream);

#endif
