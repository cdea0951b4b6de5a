/* office_rtf.h - what the parts of the RTF reader share. */
#ifndef HN_OFFICE_RTF_H
#define HN_OFFICE_RTF_H

#include "office/office_internal.h"

#define RTF_DEPTH_MAX 512u /* groups beyond are counted; their text goes to the last one kept */
#define RTF_FONTS_MAX 1024u

/* Stands between the inner groups of a destination that has several strings. */
#define RTF_BETWEEN '\001'

/* Where the text of a group goes. */
enum rtf_kind {
    RTF_BODY,
    RTF_SKIP,
    RTF_FIELD,   /* the group of a field: its end ends it */
    RTF_OBJECT,  /* the group of an object */
    RTF_HEX,     /* objdata: digits that make bytes */
    RTF_CAPTURE, /* a string that means something: destination->take gets it */
    RTF_FONTS
};

struct rtf;

struct rtf_destination {
    struct hn_text word;
    enum rtf_kind kind;
    void (*begin)(struct rtf *rtf);
    void (*take)(struct rtf *rtf, struct hn_text text);
};

struct rtf_group {
    const struct rtf_destination *destination;
    struct hn_buf buf;      /* of RTF_CAPTURE and RTF_HEX, when owned */
    struct rtf_group *sink; /* the group whose buf text goes to */
    bool owner;
    uint32_t codepage;
    uint32_t unicode_skip; /* characters that follow \u for readers that do not know it */
};

struct rtf {
    struct office *o;
    struct hn_text in;
    size_t pos;
    struct rtf_group groups[RTF_DEPTH_MAX];
    uint32_t depth; /* groups open, the document itself not counted */
    uint32_t too_deep;
    bool noted_depth;
    bool starred;        /* \* came, the next word says for what */
    uint32_t skip;       /* characters to pass over behind \u */
    struct hn_buf bytes; /* in a code page, not decoded yet */
    struct office_fields fields;
    struct hn_buf body;
    uint32_t ansi; /* code page of the document */
    uint32_t fonts[RTF_FONTS_MAX];
    uint32_t font; /* whose row of the font table is read */
    /* of the object being read */
    unsigned nibbles;
    uint8_t nibble;
    bool disguised; /* anything but digits and white space came within its data */
    struct hn_text object_class;
    uint32_t objects;
    struct hn_text pending_name; /* of the value that comes next: variable, property, shape's */
    struct hn_text shape;
    uint32_t high; /* the first half of a surrogate pair */
};

/* office_rtf_dest.c: the destination a control word opens; NULL when it is not one. */
const struct rtf_destination *rtf_destination_find(struct hn_text word);
extern const struct rtf_destination rtf_body;
extern const struct rtf_destination rtf_skip;
void rtf_object_data(struct rtf *rtf, struct hn_bytes bytes);

#endif
