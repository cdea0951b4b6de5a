/* office_xls.c - the stream of a workbook in BIFF5 and BIFF8 ([MS-XLS]): sheets, cells, names,
 * links out, text boxes. */
#include "office/office_xls.h"

#include "base/codepage.h"

bool office_xls_next(struct hn_reader *r, struct office_xls_record *ret_record)
{
    uint16_t len;

    ret_record->offset = (uint32_t)hn_reader_offset(r);
    ret_record->type = hn_reader_u16(r);
    len = hn_reader_u16(r);
    if (!hn_reader_ok(r))
        return false;
    if (len > hn_reader_left(r))
        len = (uint16_t)hn_reader_left(r);
    ret_record->data = hn_reader_take(r, len);
    return true;
}

/* cch characters: behind a byte of flags in BIFF8, in the code page in BIFF5. */
struct hn_text office_xls_chars(struct office_xls *x, struct hn_reader *r, size_t count)
{
    bool wide = x->biff8 && (hn_reader_u8(r) & 1) != 0;
    struct hn_bytes bytes;

    if (wide) {
        size_t left = hn_reader_left(r) / 2;

        return office_utf16(x->o, hn_reader_take(r, (count < left ? count : left) * 2));
    }
    bytes = hn_reader_take(r, count < hn_reader_left(r) ? count : hn_reader_left(r));
    return office_ansi(x->o, x->biff8 ? HN_CODEPAGE_WESTERN : x->codepage, bytes);
}

/* ---- Sheets ---- */

static void bound_sheet(struct office_xls *x, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    struct office_xls_sheet *sheet;
    uint8_t state;

    if (x->sheet_count == OFFICE_XLS_SHEETS_MAX)
        return;
    sheet = &x->sheets[x->sheet_count];
    sheet->offset = hn_reader_u32(&r);
    state = hn_reader_u8(&r) & 3;
    sheet->kind = hn_reader_u8(&r);
    sheet->name = office_xls_chars(x, &r, hn_reader_u8(&r));
    if (!hn_reader_ok(&r))
        return;
    x->sheet_count++;
    sheet->state = (enum office_sheet_state)(state < 3 ? state : 0);
    sheet->code = HN_TEXT("");
}

static void begin_of_file(struct office_xls *x, const struct office_xls_record *record)
{
    uint16_t version = record->data.len >= 2 ? hn_load_u16(record->data.ptr) : 0;

    if (!x->version_known) { /* that of the workbook; a sheet in it may claim another */
        x->version_known = true;
        x->biff8 = version >= 0x0600;
        x->xlm.form = x->biff8 ? OFFICE_PTG_BIFF8 : OFFICE_PTG_BIFF5;
    }
    x->sheet = HN_TEXT("");
    x->current = NULL;
    office_sheet_begin(x->o, 0, HN_TEXT(""));
    x->lookups += x->sheet_count;
    for (uint32_t i = 0; i < x->sheet_count && x->lookups <= OFFICE_XLS_LOOKUPS_MAX; i++) {
        if (x->sheets[i].offset != record->offset)
            continue;
        x->current = &x->sheets[i];
        x->sheet = x->current->name;
        x->current->stream = record->data.len >= 4 ? hn_load_u16(record->data.ptr + 2) : 0;
        office_sheet_begin(x->o, i + 1, x->current->code);
    }
}

/* ---- Links ---- */

struct hn_text office_xls_path(struct office *o, struct hn_text path)
{
    struct hn_buf buf;

    hn_buf_init(&buf, OFFICE_SCRATCH_BYTES_MAX);
    for (size_t i = 0; i < path.len; i++) {
        char c = path.ptr[i];

        if (c == 1 && i == 0)
            continue;
        if (c == 1 && i + 1 < path.len) {
            char volume = path.ptr[++i];

            if (volume == '@')
                hn_buf_add_lit(&buf, "\\\\");
            else
                hn_buf_addf(&buf, "%c:\\", volume);
        } else if (c == 2 || c == 3) {
            hn_buf_add_char(&buf, '\\');
        } else if (c == 4) {
            hn_buf_add_lit(&buf, "..\\");
        } else if (c == 5) {
            i++; /* the length of a path that follows as it is */
        } else if ((unsigned char)c >= 0x20) {
            hn_buf_add_char(&buf, c);
        }
    }
    return office_take(o, &buf);
}

/* A link that waited for the names that belong to it, which say whether it is OLE. */
static void tell_link(struct office_xls *x, bool ole)
{
    struct hn_text link = x->pending_link;
    size_t bar = hn_text_find_char(link, '\003', 0);
    struct hn_text application = hn_text_sub(link, 0, bar == SIZE_MAX ? 0 : bar);
    struct hn_text topic = hn_text_sub(link, bar == SIZE_MAX ? 0 : bar + 1, link.len);

    x->pending_link = HN_TEXT("");
    if (link.len == 0)
        return;
    if (link.ptr[0] == 1 || link.ptr[0] == 2 || bar == SIZE_MAX) {
        struct hn_text path = office_xls_path(x->o, link);

        if (hn_text_find(path, HN_TEXT("//"), 0) != SIZE_MAX ||
                hn_text_starts(path, HN_TEXT("\\\\")) || link.ptr[0] == 1)
            office_external(x->o, "externalLinkPath", path);
    } else if (ole) {
        dissect_fact(x->o->dissect, x->o->id, "object_class", application);
        office_external(x->o, "oleLink", topic);
    } else {
        office_dde(x->o, application, topic,
                office_print(x->o, "%.*s|'%.*s'", HN_TEXT_ARG(application), HN_TEXT_ARG(topic)));
    }
}

static void sup_book(struct office_xls *x, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint16_t count;

    tell_link(x, false);
    (void)hn_reader_u16(&r);
    count = hn_reader_u16(&r);
    if (!hn_reader_ok(&r) || count == 0x0401 || count == 0x3A01) /* itself, add-ins */
        return;
    x->pending_link = office_xls_chars(x, &r, count);
}

/* BIFF5 has one record for sheets of other books and for DDE. */
static void extern_sheet_5(struct office_xls *x, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    uint8_t count = hn_reader_u8(&r);
    struct hn_text text = office_xls_chars(x, &r, count);

    tell_link(x, false);
    if (text.len > 0 && (unsigned char)text.ptr[0] > 3)
        x->pending_link = hn_text_find_char(text, '\003', 0) != SIZE_MAX ? text : HN_TEXT("");
}

static void extern_name(struct office_xls *x, struct hn_bytes data)
{
    if (data.len >= 2)
        tell_link(x, (hn_load_u16(data.ptr) & 0x10) != 0);
}

static void query(struct office_xls *x, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    struct hn_text text = office_xls_chars(x, &r, hn_reader_u16(&r));

    if (hn_text_starts_nocase(text, HN_TEXT("http")) ||
            hn_text_starts_nocase(text, HN_TEXT("URL;")))
        office_external(x->o, "web_query", text);
    else
        office_say(x->o, "connection", text);
}

static void code_name(struct office_xls *x, struct hn_bytes data)
{
    struct hn_reader r = hn_reader_over(data);
    struct hn_text name = office_xls_chars(x, &r, hn_reader_u16(&r));

    if (x->current != NULL)
        x->current->code = name;
}

/* ---- Text boxes ---- */

/* The text stands in the record behind. */
static void text_object(struct office_xls *x, struct hn_reader *r, struct hn_bytes data)
{
    struct office_xls_record next;
    struct hn_reader ahead = *r;
    struct hn_reader text_reader;
    struct hn_text text;

    if (data.len < 12 || !office_xls_next(&ahead, &next) || next.type != XLS_CONTINUE)
        return;
    text_reader = hn_reader_over(next.data);
    text = office_xls_chars(x, &text_reader, hn_load_u16(data.ptr + 10));
    if (text.len == 0)
        return;
    if (x->art.name.len > 0) {
        office_store(x->o, office_member(x->o, "Shapes", x->art.name, ".Text"), text);
        office_store(x->o, office_member(x->o, "Shapes", x->art.name, ".TextFrame.Characters.Text"),
                text);
    }
    office_say(x->o, "shape", text);
}

/* ---- All records ---- */

static void global_record(struct office_xls *x, const struct office_xls_record *record)
{
    switch (record->type) {
    case XLS_SUP_BOOK:
        sup_book(x, record->data);
        break;
    case XLS_EXTERN_SHEET:
        if (!x->biff8)
            extern_sheet_5(x, record->data);
        break;
    case XLS_EXTERN_NAME:
        extern_name(x, record->data);
        break;
    case XLS_QUERY:
        query(x, record->data);
        break;
    case XLS_HYPERLINK:
        office_hyperlink(x->o, record->data);
        break;
    case XLS_DRAWING:
        office_art_walk(&x->art, record->data);
        break;
    default:
        office_xls_cell_record(x, record);
        break;
    }
}

/* What the reading of cells needs to know before: the code name of a sheet stands behind its cells,
 * names may stand before the list of what they refer to. */
static void find_sheets(struct office_xls *x, struct hn_bytes stream)
{
    struct hn_reader r = hn_reader_over(stream);
    struct office_xls_record record;

    while (office_xls_next(&r, &record) && !x->encrypted) {
        if (record.type == XLS_BOF)
            begin_of_file(x, &record);
        else if (record.type == XLS_FILEPASS)
            x->encrypted = true;
        else if (record.type == XLS_CODEPAGE && record.data.len >= 2)
            x->codepage = hn_load_u16(record.data.ptr);
        else if (record.type == XLS_SHEET_FLAGS && record.data.len >= 2 && x->current != NULL)
            x->current->dialog = (hn_load_u16(record.data.ptr) & 0x10) != 0;
        else if (record.type == XLS_BOUND_SHEET)
            bound_sheet(x, record.data);
        else if (record.type == XLS_CODE_NAME)
            code_name(x, record.data);
        else
            office_xls_book_record(x, &record);
    }
}

static enum office_xlm_kind kind_of(struct office_xls *x, const struct office_xls_sheet *sheet)
{
    if (sheet->kind == 1 || sheet->stream == 0x0040) {
        if (sheet->stream != 0 && (sheet->kind == 1) != (sheet->stream == 0x0040)) {
            dissect_note(x->o->dissect, x->o->id, DISSECT_NOTE_MISMATCH, sheet->offset,
                    "the sheet %.*s is listed as another kind than it is",
                    OFFICE_SHOWN(sheet->name));
        }
        return OFFICE_XLM_MACRO;
    }
    if (sheet->kind == 2 || sheet->stream == 0x0020)
        return OFFICE_XLM_CHART;
    return sheet->dialog ? OFFICE_XLM_DIALOG : OFFICE_XLM_WORK;
}

static void tell_sheets(struct office_xls *x)
{
    for (uint32_t i = 0; i < x->sheet_count; i++) {
        const struct office_xls_sheet *sheet = &x->sheets[i];
        enum office_xlm_kind kind = kind_of(x, sheet);

        office_sheet(x->o, sheet->name, sheet->state, kind == OFFICE_XLM_MACRO);
        office_xlm_sheet(&x->xlm, sheet->name, kind, sheet->state);
        if (sheet->code.len > 0)
            office_store(
                    x->o, office_print(x->o, "%.*s.Name", HN_TEXT_ARG(sheet->code)), sheet->name);
    }
    office_xls_book_done(x);
}

/* The second pass: what the first found is known, and cells come in their order. */
static void read_records(struct office_xls *x, struct hn_bytes stream)
{
    struct office_xls_record record;
    struct hn_reader r = hn_reader_over(stream);

    while (office_xls_next(&r, &record)) {
        office_look_record(x, &record);
        if (record.type == XLS_BOF)
            begin_of_file(x, &record);
        else if (record.type == XLS_SST)
            office_xls_strings(x, &r, record.data);
        else if (record.type == XLS_STRING)
            office_xls_formula_string(x, record.data);
        else if (record.type == XLS_TEXT_OBJECT)
            text_object(x, &r, record.data);
        else
            global_record(x, &record);
    }
    tell_link(x, false);
    if (x->lookups > OFFICE_XLS_LOOKUPS_MAX)
        dissect_note(x->o->dissect, x->o->id, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE,
                "begins of sheets: too many to be looked for");
    office_xlm_done(&x->xlm);
    office_say(x->o, "cells", office_take(x->o, &x->text));
}

void office_xls_stream(struct office *o, struct hn_bytes stream)
{
    struct office_xls *x = hn_new(&o->scratch, struct office_xls, 1);

    if (x == NULL)
        return;
    x->o = o;
    x->codepage = HN_CODEPAGE_WESTERN;
    x->sheet = HN_TEXT("");
    x->pending_link = HN_TEXT("");
    x->art = (struct office_art){ .o = o, .owner = "Shapes" };
    hn_buf_init(&x->text, OFFICE_SCRATCH_BYTES_MAX);
    office_xlm_init(&x->xlm, o);
    find_sheets(x, stream);
    if (!x->encrypted) {
        tell_sheets(x);
        read_records(x, stream);
    }
    office_xlm_deinit(&x->xlm);
}
