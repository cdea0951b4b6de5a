/* oforms_internal.h - what the parts of the form reader share. */
#ifndef HN_OFORMS_OFORMS_INTERNAL_H
#define HN_OFORMS_OFORMS_INTERNAL_H

#include "base/buf.h"
#include "base/reader.h"
#include "oforms/oforms.h"

/* Where texts go, and what may still come. */
struct oforms_sink {
    struct hn_arena *arena;
    uint64_t text_left;
    uint32_t odd;
    bool failed; /* out of memory */
};

/* A property of a DataBlock: stored if its bit of the mask is set, aligned to its size. slot: where
 * its number goes, or 0 for one that nobody needs. */
struct oforms_field {
    uint8_t bit;
    uint8_t bytes;
    uint8_t slot;
};

#define OFORMS_SLOTS 24

/* A structure with a mask ([MS-OFORMS] 2.1.1.2): version, length, mask, DataBlock, ExtraDataBlock.
 * r stands in the ExtraDataBlock after opening, and ends with the structure. */
struct oforms_block {
    struct hn_reader r;
    size_t offset; /* of the structure in what it was opened from */
    uint64_t mask;
    uint32_t slots[OFORMS_SLOTS];
};

/* Opens a structure at *r and moves *r behind it. version is what its first 16 bits must be, in
 * little-endian order. False: it does not fit. */
bool oforms_block_open(struct hn_reader *r, uint16_t version, unsigned mask_bytes,
        const struct oforms_field *fields, size_t field_count, struct oforms_block *ret_block);

HN_INLINE bool oforms_has(const struct oforms_block *block, unsigned bit)
{
    return (block->mask >> bit & 1) != 0;
}

/* The next string of an ExtraDataBlock: `stated` is its length with the compression bit. */
struct hn_text oforms_string(struct oforms_sink *sink, struct hn_reader *r, uint32_t stated);

/* An array of strings, `bytes` long; one a line. */
struct hn_text oforms_strings(struct oforms_sink *sink, struct hn_reader *r, uint32_t bytes);

/* Line number `index` of such a text; ptr NULL when there is none. */
struct hn_text oforms_line(struct hn_text lines, size_t index);

/* The texts of a TabStrip that its pages get. */
struct oforms_tabs {
    struct hn_text captions;
    struct hn_text tips;
    struct hn_text tags;
};

/* Properties of one control of stream "o". */
void oforms_properties(struct oforms_sink *sink, struct hn_bytes bytes, enum oforms_kind kind,
        struct oforms_control *control, struct oforms_tabs *tabs);

/* One site of stream "f": what a form says of a control. */
struct oforms_site {
    struct hn_text name;
    struct hn_text tag;
    struct hn_text tip;
    struct hn_text control_source;
    struct hn_text row_source;
    uint32_t id;
    uint32_t object_bytes; /* of it in stream "o" */
    uint32_t class_index;
    bool streamed; /* in "o"; else it is a storage */
};

/* The FormControl at the start of stream "f"; *r stands at the sites then. */
struct oforms_head {
    struct hn_text caption;
    uint32_t site_count;
};
bool oforms_head_read(struct oforms_sink *sink, struct hn_reader *r, struct oforms_head *ret_head);
bool oforms_site_read(struct oforms_sink *sink, struct hn_reader *r, struct oforms_site *ret_site);

#endif
