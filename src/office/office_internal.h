/* office_internal.h - what the openers of this module share. */
#ifndef HN_OFFICE_INTERNAL_H
#define HN_OFFICE_INTERNAL_H

#include "office/office.h"

#include "base/buf.h"
#include "base/reader.h"
#include "base/xml.h"
#include "ole/ole.h"

/* Where the cells of the sheet being read stand, from 0; what is not among them is empty. */
struct office_used {
    struct hn_text sheet;
    uint32_t first_row;
    uint32_t first_column;
    uint32_t last_row;
    uint32_t last_column;
    bool any;
};

/* One object while it is opened. */
struct office {
    struct dissect *dissect;
    uint32_t id;
    struct hn_arena scratch;
    uint32_t stores; /* made under OFFICE_STORES_MAX */
    uint32_t cells;  /* made under OFFICE_CELLS_MAX */
    uint32_t cells_left_out;
    struct hn_text sheet_code; /* what macros call the sheet being read; may be empty */
    uint32_t sheet_number;     /* from 1; 0: not known */
    struct office_used used;
    uint32_t custom_properties;
    uint32_t variables;
    uint32_t custom_parts; /* of custom XML */
    bool encrypted;        /* and no password fits */
    bool nomem;            /* the heap is used up: the one failure of an opener */
};

void office_begin(struct office *o, struct dissect *dissect, uint32_t id);
/* Ends the scratch memory and says whether the opener failed. */
enum hn_status office_end(struct office *o, struct hn_err *err);
struct hn_bytes office_data(const struct office *o);
/* A zip_allow over dissect_inflate() of the object being opened; ctx is a struct office. */
bool office_allow(void *ctx, uint64_t packed_bytes, uint64_t more);

/* ---- office_text.c: texts in scratch memory; an empty text when it is used up ---- */

struct hn_text office_keep(struct office *o, struct hn_text text);
/* What a buffer holds, which is then ended. */
struct hn_text office_take(struct office *o, struct hn_buf *buf);
struct hn_text office_print(struct office *o, const char *fmt, ...) HN_PRINTF(2, 3);
/* name("value")suffix, quotes in value doubled as VBA does. */
struct hn_text office_member(
        struct office *o, const char *name, struct hn_text value, const char *suffix);
struct hn_text office_utf16(struct office *o, struct hn_bytes utf16);
struct hn_text office_ansi(struct office *o, uint32_t codepage, struct hn_bytes bytes);
/* Up to its first NUL. */
struct hn_text office_cut(struct hn_text text);
/* White space of any kind becomes one space, none at the ends. */
struct hn_text office_squeeze(struct office *o, struct hn_text text);
/* A note's detail must not be longer than a line: the text, cut. */
#define OFFICE_SHOWN_MAX 120
#define OFFICE_SHOWN(text) \
    (int)((text).len < OFFICE_SHOWN_MAX ? (text).len : OFFICE_SHOWN_MAX), (text).ptr
/* Which of the words, ASCII case ignored; HN_COUNT_OF words when it is none. */
bool office_is_one_of(struct hn_text text, const char *const *words, size_t count);
/* 16 bytes as {xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}. */
struct hn_text office_guid(struct office *o, const uint8_t *guid);
/* Base64 as office programs read it: anything else between the characters is passed over. */
struct hn_bytes office_base64(struct office *o, struct hn_text text);
/* Inflates a zlib stream of unknown length, asking the tree first. */
struct hn_bytes office_inflate(struct office *o, struct hn_bytes packed);
/* A store that counts towards OFFICE_STORES_MAX, and a text that indicators are looked for in. */
void office_store(struct office *o, struct hn_text name, struct hn_text value);
void office_say(struct office *o, const char *what, struct hn_text text);
/* A child with unknown format; its bytes are copied. */
uint32_t office_child(struct office *o, const char *relation, struct hn_text name,
        struct hn_bytes data, enum dissect_format format);

/* ---- office_xml.c ---- */

/* The text of an XML part: UTF-8, UTF-16 with or without a mark. */
struct hn_text office_xml_text(struct office *o, struct hn_bytes bytes);
struct hn_text office_local(struct hn_text name); /* behind the prefix */
bool office_xml_is(const struct hn_xml *xml, const char *local);
/* By name, else by local name; references resolved. ptr NULL when there is none. */
struct hn_text office_attr(struct office *o, const struct hn_xml *xml, const char *name);
/* An attribute with a prefix: r:id, whatever the prefix. */
struct hn_text office_attr_prefixed(struct office *o, const struct hn_xml *xml, const char *local);
/* The current TEXT, references resolved. */
struct hn_text office_xml_content(struct office *o, const struct hn_xml *xml);
/* After a START: the text of the element with all below it; goes on to its END. */
struct hn_text office_xml_inner(struct office *o, struct hn_xml *xml);
/* Notes that a part ended in a syntax error. */
void office_xml_done(struct office *o, const struct hn_xml *xml, struct hn_text part);

/* ---- office_link.c: what leads out of a document ---- */

/* A relation of a package or its like in another format; kind is the relation's type, "oleObject".
 */
void office_external(struct office *o, const char *kind, struct hn_text target);
void office_template(struct office *o, struct hn_text target);
/* application and topic as DDE names them; shown is the field or formula. */
void office_dde(
        struct office *o, struct hn_text application, struct hn_text topic, struct hn_text shown);
void office_command(
        struct office *o, const char *relation, struct hn_text name, struct hn_text command);

/* ---- office_field.c: fields of Word, whose text may be computed by fields within ---- */

#define OFFICE_FIELD_DEPTH_MAX 32u
#define OFFICE_FIELD_VARS_MAX  64u

struct office_field {
    struct hn_buf code;
    struct hn_buf result;
    bool in_result;
};

struct office_fields {
    struct office *o;
    struct office_field open[OFFICE_FIELD_DEPTH_MAX];
    uint32_t depth;
    uint32_t too_deep; /* open, but not kept */
    uint32_t var_count;
    struct hn_text var_names[OFFICE_FIELD_VARS_MAX]; /* set by SET fields */
    struct hn_text var_values[OFFICE_FIELD_VARS_MAX];
};

void office_fields_init(struct office_fields *fields, struct office *o);
void office_fields_deinit(struct office_fields *fields); /* fields left open end as well */
void office_field_begin(struct office_fields *fields);
void office_field_separate(struct office_fields *fields);
void office_field_end(struct office_fields *fields);
/* Text at this place: true when it is text to be seen, not a field's code. */
bool office_field_text(struct office_fields *fields, struct hn_text text);
void office_field_code(struct office_fields *fields, struct hn_text code);
/* A whole field that has its code in one piece. */
void office_field_simple(struct office_fields *fields, struct hn_text code);

/* ---- office_formula.c ---- */

/* A cell's formula, with or without '=': DDE in it is told. True when there was. */
bool office_formula_dde(struct office *o, struct hn_text formula);
/* A cell: Sheets("s").Range("A1").Value and s!A1, with the sheet's number and code name as well. */
void office_cell(struct office *o, struct hn_text sheet, struct hn_text ref, struct hn_text value);
/* Says where the cells of the sheet before stand: Sheet1!UsedRange. */
void office_sheet_end(struct office *o);
/* The sheet whose cells come now; code may be empty. */
void office_sheet_begin(struct office *o, uint32_t number, struct hn_text code);
struct hn_text office_cell_ref(struct office *o, uint32_t row, uint32_t column); /* from 0 */
/* Whether a macro of this name is run when the workbook is opened, closed, shown or left. */
bool office_runs_by_itself(struct hn_text name);
/* A defined name; tells of those that run by themselves. */
void office_defined_name(struct office *o, struct hn_text name, struct hn_text refers_to);
enum office_sheet_state { OFFICE_SHEET_SHOWN, OFFICE_SHEET_HIDDEN, OFFICE_SHEET_VERY_HIDDEN };
void office_sheet(struct office *o, struct hn_text name, enum office_sheet_state state, bool macro);

/* ---- office_props.c ---- */

/* A built-in property by the name VBA gives it ("Title"). */
void office_property(struct office *o, const char *name, struct hn_text value);
void office_custom_property(struct office *o, struct hn_text name, struct hn_text value);
/* A variable of the document. */
void office_variable(struct office *o, struct hn_text name, struct hn_text value);

/* ---- office_native.c, office_ole.c ---- */

/* \001Ole10Native without or with its size in front, or an OLE 1 package. False: it is none. */
bool office_native(struct office *o, struct hn_bytes bytes);
/* An OLE 1 object as RTF and old documents hold it. */
bool office_ole1(struct office *o, struct hn_bytes bytes);
/* All there is in a compound file besides the document's own streams: objects, links, macros,
 * forms, properties. */
void office_compound(struct office *o, struct ole_file *file);
/* Opens the object's bytes as a compound file; NULL, and noted, when they are none. */
struct ole_file *office_ole_open(struct office *o, struct hn_bytes bytes);
/* A stream; empty when it is not there. */
struct hn_bytes office_ole_stream(struct office *o, struct ole_file *file, uint32_t index);
void office_ole_class(struct office *o, const uint8_t *clsid);

/* ---- office_encrypted.c ---- */

/* Tells whether the document is encrypted; true when a password fits and its contents are a child.
 */
bool office_decrypt(struct office *o, struct ole_file *file);

/* ---- office_vba.c ---- */

/* Whether a compound file holds a VBA project. */
bool office_has_vba(const struct ole_file *file);
/* Its modules and forms, below a new DISSECT_VBA_PROJECT; whole is vbaProject.bin, or empty. */
void office_vba(struct office *o, struct ole_file *file, struct hn_bytes whole);

/* ---- office_forms.c ---- */

/* Forms of a compound file, as stores of the object with this id. */
void office_forms(struct office *o, struct ole_file *file, uint32_t codepage, uint32_t id);
/* A storage that holds a control of the document. */
void office_ole_control(struct office *o, struct ole_file *file, uint32_t storage);

/* ---- office_art.c: drawings of the binary documents ([MS-ODRAW]) ---- */

struct office_art {
    struct office *o;
    const char *owner;   /* "ActiveDocument.Shapes": how macros reach the shape by its name */
    struct hn_text name; /* of the last shape seen; empty when it has its default one */
    unsigned long count;
};

/* The properties of a shape: an OPT record with so many of them. */
void office_art_properties(struct office_art *art, struct hn_bytes data, uint32_t count);
/* Records one behind the other, containers entered. */
void office_art_walk(struct office_art *art, struct hn_bytes bytes);

/* A hyperlink as the binary formats keep it: tells the addresses in it. */
void office_hyperlink(struct office *o, struct hn_bytes bytes);

/* ---- Streams of the binary documents ---- */

void office_doc_streams(struct office *o, struct ole_file *file, uint32_t parent);
void office_xls_stream(struct office *o, struct hn_bytes stream);
void office_ppt_stream(struct office *o, struct hn_bytes stream);

/* ---- office_word.c, office_sheet.c, office_slide.c: XML parts, by their root element ---- */

/* document, header, footer, notes, comments, settings; also the wordDocument of 2003. True when the
 * root is one of these. */
bool office_word_part(struct office *o, struct hn_text xml, struct hn_text part);

#endif
