/* office_doc.c - the streams of a Word document ([MS-DOC]): text by way of the piece table, fields,
 * variables, bookmarks, the attached template. */
#include "office/office_internal.h"

#include "base/codepage.h"

#define UNITS_MAX      (8u << 20)
#define VARIABLES_MAX  4096u
#define BOOKMARKS_MAX  2048u
#define PARAGRAPHS_MAX 1500u

/* Indexes into FibRgFcLcb97, each 8 bytes at FIB_FC_LCB. */
enum {
    FIB_SIZE_MIN = 154,
    FIB_FC_LCB = 154,
    FIB_BOOKMARK_NAMES = 21,
    FIB_BOOKMARK_STARTS = 22,
    FIB_BOOKMARK_ENDS = 23,
    FIB_ASSOCIATED = 32,
    FIB_CLX = 33,
    FIB_DRAWINGS = 50,
    FIB_VARIABLES = 60
};

enum { FIB_ENCRYPTED = 0x0100, FIB_TABLE_1 = 0x0200 };

struct doc {
    struct office *o;
    struct hn_bytes word; /* the WordDocument stream */
    struct hn_bytes table;
    uint16_t *units; /* all text, as UTF-16 */
    uint32_t unit_count;
    uint32_t main_count; /* of the document itself, without notes and headers */
};

static struct hn_bytes table_part(const struct doc *doc, uint32_t index)
{
    struct hn_reader r = hn_reader_over(doc->word);
    uint32_t fc;
    uint32_t lcb;

    hn_reader_seek(&r, FIB_FC_LCB + (size_t)index * 8);
    fc = hn_reader_u32(&r);
    lcb = hn_reader_u32(&r);
    if (!hn_reader_ok(&r) || fc > doc->table.len)
        return (struct hn_bytes){ 0 };
    if (lcb > doc->table.len - fc)
        lcb = (uint32_t)(doc->table.len - fc);
    return hn_bytes_of(doc->table.ptr + fc, lcb);
}

/* ---- Text ---- */

/* What Word maps the bytes 80 to 9F to ([MS-DOC] 2.9.73); the others are Latin-1. */
static uint16_t unit_of(uint8_t byte)
{
    static const uint16_t high[32] = { 0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C,
        0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E,
        0x0178 };

    return byte >= 0x80 && byte < 0xA0 ? high[byte - 0x80] : byte;
}

static void one_piece(struct doc *doc, uint32_t count, uint32_t fc)
{
    bool narrow = (fc & 0x40000000u) != 0;
    size_t start = narrow ? (fc & 0x3FFFFFFFu) / 2 : fc & 0x3FFFFFFFu;
    size_t left = start < doc->word.len ? doc->word.len - start : 0;

    if (!narrow)
        left /= 2;
    if (count > left)
        count = (uint32_t)left;
    if (count > UNITS_MAX - doc->unit_count)
        count = UNITS_MAX - doc->unit_count;
    for (uint32_t i = 0; i < count; i++)
        doc->units[doc->unit_count++] = narrow ? unit_of(doc->word.ptr[start + i])
                                               : hn_load_u16(doc->word.ptr + start + (size_t)i * 2);
}

static bool read_pieces(struct doc *doc)
{
    struct hn_reader r = hn_reader_over(table_part(doc, FIB_CLX));
    struct hn_bytes pieces;
    uint32_t count;

    while (hn_reader_left(&r) > 0 && r.next[0] == 1) { /* properties, which say nothing here */
        hn_reader_skip(&r, 1);
        hn_reader_skip(&r, hn_reader_u16(&r));
    }
    if (hn_reader_u8(&r) != 2)
        return false;
    count = hn_reader_u32(&r);
    pieces = hn_reader_take(&r, count <= hn_reader_left(&r) ? count : hn_reader_left(&r));
    if (!hn_reader_ok(&r) || pieces.len < 16)
        return false;
    count = (uint32_t)((pieces.len - 4) / 12);
    doc->units = hn_arena_raw(&doc->o->scratch,
            sizeof(uint16_t) * ((doc->word.len < UNITS_MAX ? doc->word.len : UNITS_MAX) + 1), 2);
    if (doc->units == NULL)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t from = hn_load_u32(pieces.ptr + (size_t)i * 4);
        uint32_t to = hn_load_u32(pieces.ptr + (size_t)i * 4 + 4);
        uint32_t fc = hn_load_u32(pieces.ptr + ((size_t)count + 1) * 4 + (size_t)i * 8 + 2);

        if (to <= from)
            continue;
        /* Pieces may share bytes; more text than the stream has bytes is a trick. */
        if (to - from >
                doc->word.len - (doc->unit_count < doc->word.len ? doc->unit_count : doc->word.len))
            break;
        one_piece(doc, to - from, fc);
    }
    return doc->unit_count > 0;
}

/* Word 6 and 95: one run of bytes. */
static bool read_old_text(struct doc *doc)
{
    uint32_t from = hn_load_u32(doc->word.ptr + 0x18);
    uint32_t to = hn_load_u32(doc->word.ptr + 0x1C);

    if (from >= to || from >= doc->word.len)
        return false;
    if (to > doc->word.len)
        to = (uint32_t)doc->word.len;
    if (to - from > UNITS_MAX)
        to = from + UNITS_MAX;
    doc->units = hn_arena_raw(&doc->o->scratch, sizeof(uint16_t) * ((size_t)(to - from) + 1), 2);
    if (doc->units == NULL)
        return false;
    for (uint32_t i = from; i < to; i++)
        doc->units[doc->unit_count++] = unit_of(doc->word.ptr[i]);
    doc->main_count = doc->unit_count;
    return true;
}

static struct hn_text units_text(const struct doc *doc, uint32_t from, uint32_t to)
{
    uint8_t *bytes;

    if (to > doc->unit_count)
        to = doc->unit_count;
    if (from >= to)
        return HN_TEXT("");
    bytes = hn_arena_raw(&doc->o->scratch, (size_t)(to - from) * 2, 1);
    if (bytes == NULL)
        return HN_TEXT("");
    for (uint32_t i = from; i < to; i++) {
        bytes[(size_t)(i - from) * 2] = (uint8_t)doc->units[i];
        bytes[(size_t)(i - from) * 2 + 1] = (uint8_t)(doc->units[i] >> 8);
    }
    return office_utf16(doc->o, hn_bytes_of(bytes, (size_t)(to - from) * 2));
}

/* ---- Fields and paragraphs ---- */

struct doc_text {
    struct doc *doc;
    struct office_fields fields;
    struct hn_buf seen;
    size_t paragraph;
    unsigned long paragraphs;
};

static void flush(struct doc_text *t, uint32_t from, uint32_t to)
{
    struct hn_text text;

    if (from == to)
        return;
    text = units_text(t->doc, from, to);
    if (office_field_text(&t->fields, text))
        hn_buf_add_text(&t->seen, text);
}

static void paragraph(struct doc_text *t, bool in_main)
{
    struct hn_text all = hn_buf_text(&t->seen);
    struct hn_text text = hn_text_sub(all, t->paragraph, all.len);

    t->paragraphs++;
    if (in_main && text.len > 1 && t->paragraphs <= PARAGRAPHS_MAX) {
        office_store(t->doc->o,
                office_print(t->doc->o, "ActiveDocument.Paragraphs(%lu).Range.Text", t->paragraphs),
                text);
    }
    t->paragraph = t->seen.len;
}

static void mark(struct doc_text *t, uint16_t unit, bool in_main)
{
    if (unit == 0x13) {
        office_field_begin(&t->fields);
    } else if (unit == 0x14) {
        office_field_separate(&t->fields);
    } else if (unit == 0x15) {
        office_field_end(&t->fields);
    } else if (unit == '\r' || unit == 0x07 || unit == '\f') {
        if (office_field_text(&t->fields, HN_TEXT("\r")))
            hn_buf_add_char(&t->seen, '\r');
        paragraph(t, in_main);
    } else if (unit == '\t' || unit == '\v') {
        if (office_field_text(&t->fields, HN_TEXT(" ")))
            hn_buf_add_char(&t->seen, (char)unit);
    } /* pictures and anchors have no text */
}

static void read_text(struct doc *doc)
{
    struct doc_text *t = hn_new(&doc->o->scratch, struct doc_text, 1);
    struct hn_text whole;
    size_t main_len = 0;
    uint32_t start = 0;

    if (t == NULL)
        return;
    t->doc = doc;
    office_fields_init(&t->fields, doc->o);
    hn_buf_init(&t->seen, OFFICE_SCRATCH_BYTES_MAX);
    for (uint32_t i = 0; i < doc->unit_count; i++) {
        if (i == doc->main_count)
            main_len = t->seen.len;
        if (doc->units[i] >= 0x20)
            continue;
        flush(t, start, i);
        mark(t, doc->units[i], i < doc->main_count);
        start = i + 1;
    }
    flush(t, start, doc->unit_count);
    office_fields_deinit(&t->fields);
    if (doc->main_count >= doc->unit_count)
        main_len = t->seen.len;
    whole = office_take(doc->o, &t->seen);
    office_store(doc->o, HN_TEXT("ActiveDocument.Content.Text"), hn_text_sub(whole, 0, main_len));
    office_store(doc->o, HN_TEXT("ActiveDocument.Range.Text"), hn_text_sub(whole, 0, main_len));
    office_say(doc->o, "body", whole);
}

/* ---- String tables ([MS-DOC] 2.2.4) ---- */

struct strings {
    struct hn_reader r;
    uint32_t count;
    uint16_t extra; /* bytes behind each */
    bool wide;
};

static struct strings strings_open(struct hn_bytes bytes)
{
    struct strings s = { .r = hn_reader_over(bytes) };

    if (bytes.len >= 2 && hn_load_u16(bytes.ptr) == 0xFFFF) {
        s.wide = true;
        hn_reader_skip(&s.r, 2);
    }
    s.count = hn_reader_u16(&s.r);
    s.extra = hn_reader_u16(&s.r);
    return s;
}

static struct hn_text strings_next(struct office *o, struct strings *s)
{
    size_t len = s->wide ? (size_t)hn_reader_u16(&s->r) * 2 : hn_reader_u8(&s->r);
    struct hn_bytes bytes = hn_reader_take(&s->r, len);

    hn_reader_skip(&s->r, s->extra);
    if (!hn_reader_ok(&s->r))
        return HN_TEXT("");
    return s->wide ? office_utf16(o, bytes) : office_ansi(o, HN_CODEPAGE_WESTERN, bytes);
}

static void read_associated(struct doc *doc)
{
    struct strings s = strings_open(table_part(doc, FIB_ASSOCIATED));

    for (uint32_t i = 0; i < s.count && hn_reader_ok(&s.r); i++) {
        struct hn_text text = strings_next(doc->o, &s);

        if (i == 1)
            office_template(doc->o, text);
        else if ((i == 8 || i == 9) && text.len > 0)
            office_external(doc->o, "mail_merge", text);
    }
}

/* The values stand behind the names; some writers end each with a NUL, which the specification
 * does not know. The form that fills the place is the right one. */
static bool read_values(struct doc *doc, struct hn_reader r, bool with_nul,
        const struct hn_text *names, uint32_t count)
{
    bool dry = names == NULL;

    for (uint32_t i = 0; i < count; i++) {
        size_t units = hn_reader_u16(&r);
        struct hn_bytes bytes = hn_reader_take(&r, units * 2);

        if (with_nul)
            (void)hn_reader_u16(&r);
        if (!hn_reader_ok(&r))
            return false;
        if (!dry) {
            office_variable(doc->o, names[i], office_utf16(doc->o, bytes));
        }
    }
    return hn_reader_left(&r) == 0;
}

static void read_variables(struct doc *doc)
{
    struct strings s = strings_open(table_part(doc, FIB_VARIABLES));
    uint32_t count = s.count < VARIABLES_MAX ? s.count : VARIABLES_MAX;
    struct hn_text *names = hn_new(&doc->o->scratch, struct hn_text, (size_t)count + 1);
    bool with_nul;

    if (names == NULL)
        return;
    for (uint32_t i = 0; i < s.count && hn_reader_ok(&s.r); i++) {
        struct hn_text name = strings_next(doc->o, &s);

        if (i < count)
            names[i] = name;
    }
    if (!hn_reader_ok(&s.r))
        return;
    with_nul =
            !read_values(doc, s.r, false, NULL, count) && read_values(doc, s.r, true, NULL, count);
    (void)read_values(doc, s.r, with_nul, names, count);
}

static void read_bookmarks(struct doc *doc)
{
    struct strings names = strings_open(table_part(doc, FIB_BOOKMARK_NAMES));
    struct hn_bytes starts = table_part(doc, FIB_BOOKMARK_STARTS);
    struct hn_bytes ends = table_part(doc, FIB_BOOKMARK_ENDS);
    size_t count = starts.len >= 4 ? (starts.len - 4) / 8 : 0;

    if (count > names.count)
        count = names.count;
    if (count > BOOKMARKS_MAX)
        count = BOOKMARKS_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t total = (starts.len - 4) / 8;
        struct hn_text name = strings_next(doc->o, &names);
        uint32_t from = hn_load_u32(starts.ptr + i * 4);
        size_t which = hn_load_u16(starts.ptr + (total + 1) * 4 + i * 4);
        struct hn_text text;

        if (which * 4 + 4 > ends.len)
            continue;
        text = units_text(doc, from, hn_load_u32(ends.ptr + which * 4));
        if (name.len > 0 && text.len > 0)
            office_store(doc->o,
                    office_member(doc->o, "ActiveDocument.Bookmarks", name, ".Range.Text"), text);
    }
}

/* Pictures in the text: their drawings stand in the Data stream, one behind the other. */
static void read_pictures(struct office *o, struct hn_bytes data)
{
    struct office_art art = { .o = o, .owner = "ActiveDocument.InlineShapes" };
    size_t pos = 0;

    while (pos + 68 <= data.len) {
        uint32_t len = hn_load_u32(data.ptr + pos);

        if (len < 68 || len > data.len - pos || hn_load_u16(data.ptr + pos + 4) != 68)
            return;
        office_art_walk(&art, hn_bytes_of(data.ptr + pos + 68, len - 68));
        pos += len;
    }
}

void office_doc_streams(struct office *o, struct ole_file *file, uint32_t parent)
{
    struct doc doc = { .o = o };
    struct office_art art = { .o = o, .owner = "ActiveDocument.Shapes" };
    uint16_t flags;

    doc.word = office_ole_stream(o, file, ole_find_in(file, parent, HN_TEXT("WordDocument")));
    if (doc.word.len < FIB_SIZE_MIN) {
        dissect_note(o->dissect, o->id, DISSECT_NOTE_TRUNCATED, DISSECT_NOWHERE, "WordDocument");
        return;
    }
    flags = hn_load_u16(doc.word.ptr + 10);
    if ((flags & FIB_ENCRYPTED) != 0)
        return;
    if (hn_load_u16(doc.word.ptr + 2) < 0x00C0) {
        if (read_old_text(&doc))
            read_text(&doc);
        return;
    }
    doc.table = office_ole_stream(o, file,
            ole_find_in(file, parent,
                    (flags & FIB_TABLE_1) != 0 ? HN_TEXT("1Table") : HN_TEXT("0Table")));
    doc.main_count = hn_load_u32(doc.word.ptr + 0x4C);
    read_associated(&doc);
    read_variables(&doc);
    if (read_pieces(&doc)) {
        read_bookmarks(&doc);
        read_text(&doc);
    } else {
        dissect_note(o->dissect, o->id, DISSECT_NOTE_DAMAGED, DISSECT_NOWHERE,
                "the piece table cannot be read");
    }
    office_art_walk(&art, table_part(&doc, FIB_DRAWINGS));
    read_pictures(o, office_ole_stream(o, file, ole_find_in(file, parent, HN_TEXT("Data"))));
}
