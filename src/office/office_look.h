/* office_look.h - how the cells of a workbook with macro sheets look: macros read secrets out of
 * heights, font sizes and colours by GET.CELL(). What readers of the formats collect, written into
 * the text of macro sheets as lines LOOKS and LOOK (src/xlm/xlm.h).
 *
 * Life: part of struct office_xlm. Limits: OFFICE_LOOK_MAX; past it the rest is left out. */
#ifndef HN_OFFICE_LOOK_H
#define HN_OFFICE_LOOK_H

#include "base/buf.h"
#include "base/vec.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

#define OFFICE_LOOK_MAX      32768u /* cells, rows and columns; fonts and formats as well */
#define OFFICE_LOOK_NO_COLOR UINT8_MAX

struct office_font {
    double points;
    struct hn_text name;
    bool bold;
    bool italic;
    bool underlined;
    bool struck;
    uint8_t color; /* 1-56, 0 automatic; OFFICE_LOOK_NO_COLOR: none of these */
};

/* A cell format; alignments as the binary formats number them. */
struct office_format {
    uint32_t font;
    uint8_t horizontal;
    uint8_t vertical;
    uint8_t fill; /* colour, as of fonts; 0: none */
    bool unlocked;
    bool hidden;
    struct hn_text number; /* its number format; empty: not known */
};

enum office_look_of { OFFICE_LOOK_CELL, OFFICE_LOOK_ROW, OFFICE_LOOK_COLUMN };

struct office_look {
    enum office_look_of of;
    uint32_t sheet;
    uint32_t row; /* from 0 */
    uint32_t column;
    uint32_t format; /* of a cell */
    double size;     /* points of a row, characters of a column */
};

struct office_looks {
    uint32_t plain; /* the format of cells that have none of their own */
    double row_points;
    double column_characters; /* of sheets that do not say otherwise; 0: not known */
    HN_VEC(struct office_font) fonts;
    HN_VEC(struct office_format) formats;
    HN_VEC(struct office_look) looks;
    bool nomem;
};

void office_looks_deinit(struct office_looks *looks);
void office_look_font(struct office_looks *looks, const struct office_font *font);
void office_look_format(struct office_looks *looks, const struct office_format *format);
void office_look_add(struct office_looks *looks, const struct office_look *look);
/* A width as files have it, with the room beside the characters, as characters. */
double office_look_characters(double width);
/* 1-56 of the palette every workbook begins with, for its index (8-63) or its colour. */
uint8_t office_look_indexed(uint32_t index);
uint8_t office_look_rgb(uint32_t rgb);
/* The text of a built-in number format; empty when it has none that is the same everywhere. */
struct hn_text office_look_number(uint32_t id);

struct office_xlm;
void office_look_write(struct office_xlm *m, struct hn_buf *out);

struct office_package;
/* The part of styles of an OOXML workbook. */
void office_look_styles(struct office_package *package);

struct office_xls;
struct office_xls_record;
/* Any record of a binary workbook. */
void office_look_record(struct office_xls *x, const struct office_xls_record *record);

#endif
