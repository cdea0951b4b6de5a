/* office_excel_xml.c - the XML format of Excel 2003: cells, formulas, names, links out. */
#include "office/office_xlm.h"

#include "base/num.h"

#define TEXT_MAX ((size_t)4 << 20)

struct excel {
    struct office *o;
    struct hn_xml xml;
    struct hn_text sheet;
    struct office_xlm xlm;
    struct office_xlm_cell at; /* the cell being read, with its formula */
    bool has_formula;
    struct hn_buf text;
    uint32_t row; /* from 1, as the file counts */
    uint32_t column;
    bool in_properties;
};

static void supporting_book(struct excel *e, struct hn_text path)
{
    size_t bar = hn_text_find_char(path, '|', 0);

    if (bar == SIZE_MAX) {
        office_external(e->o, "externalLinkPath", path);
    } else {
        office_dde(e->o, hn_text_sub(path, 0, bar), hn_text_sub(path, bar + 1, path.len),
                office_print(e->o, "%.*s|'%.*s'", (int)bar, path.ptr, (int)(path.len - bar - 1),
                        path.ptr + bar + 1));
    }
}

static void number_from(struct excel *e, const char *name, uint32_t *number)
{
    uint32_t stated;

    *number += 1;
    if (hn_parse_u32(office_attr(e->o, &e->xml, name), &stated) && stated > 0)
        *number = stated;
}

static void say(struct excel *e, struct hn_text text)
{
    if (text.len <= 3 || e->text.len > TEXT_MAX)
        return;
    hn_buf_add_text(&e->text, text);
    hn_buf_add_char(&e->text, '\n');
}

static void cell_start(struct excel *e)
{
    struct hn_text formula = office_attr(e->o, &e->xml, "Formula");
    struct hn_text bare =
            hn_text_starts(formula, HN_TEXT("=")) ? hn_text_sub(formula, 1, formula.len) : formula;

    number_from(e, "Index", &e->column);
    e->at = (struct office_xlm_cell){ .sheet = (uint32_t)e->xlm.sheets.count - 1,
        .row = e->row > 0 ? e->row - 1 : 0,
        .column = e->column > 0 ? e->column - 1 : 0 };
    e->has_formula = formula.len > 0 && e->xlm.wanted &&
                     office_xlm_formula(&e->xlm, &e->at,
                             office_xlm_from_r1c1(&e->xlm, bare, &e->at, HN_TEXT(""))) != NULL;
    if (formula.len > 0) {
        (void)office_formula_dde(e->o, formula);
        say(e, formula);
    }
    office_say(e->o, "link", office_attr(e->o, &e->xml, "HRef"));
}

static struct hn_text constant_of(struct excel *e, struct hn_text type, struct hn_text value)
{
    double number;

    if (hn_text_eq(type, HN_TEXT("Number")) && hn_parse_real(hn_text_trim(value), &number))
        return office_xlm_number(e->o, number);
    if (hn_text_eq(type, HN_TEXT("Boolean")))
        return hn_text_eq(value, HN_TEXT("0")) ? HN_TEXT("FALSE") : HN_TEXT("TRUE");
    if (hn_text_eq(type, HN_TEXT("Error")))
        return office_xlm_plain(e->o, value);
    return office_xlm_quoted(e->o, value);
}

static void cell_data(struct excel *e)
{
    struct hn_text type = office_attr(e->o, &e->xml, "Type");
    struct hn_text value = office_xml_inner(e->o, &e->xml);

    office_cell(e->o, e->sheet, office_cell_ref(e->o, e->at.row, e->at.column), value);
    say(e, value);
    if (!e->xlm.wanted || value.len == 0)
        return;
    value = constant_of(e, type, value);
    if (e->has_formula)
        e->xlm.cells.ptr[e->xlm.cells.count - 1].last = value;
    else
        (void)office_xlm_constant(&e->xlm, &e->at, value);
}

static void defined_name(struct excel *e)
{
    struct hn_text refers_to = office_attr(e->o, &e->xml, "RefersTo");
    struct office_xlm_name *kept =
            office_xlm_name(&e->xlm, office_attr(e->o, &e->xml, "Name"), OFFICE_XLM_NOWHERE);

    if (kept == NULL)
        return;
    if (hn_text_starts(refers_to, HN_TEXT("=")))
        refers_to = hn_text_sub(refers_to, 1, refers_to.len);
    kept->hidden = hn_text_eq(office_attr(e->o, &e->xml, "Hidden"), HN_TEXT("1"));
    kept->refers_to =
            office_xlm_from_r1c1(&e->xlm, refers_to, &(struct office_xlm_cell){ 0 }, HN_TEXT(""));
}

static void sheet_start(struct excel *e, bool macro)
{
    e->sheet = office_attr(e->o, &e->xml, "Name");
    e->row = 0;
    office_sheet_begin(e->o, e->o->sheet_number + 1, HN_TEXT(""));
    office_sheet(e->o, e->sheet, OFFICE_SHEET_SHOWN, macro);
    office_xlm_sheet(
            &e->xlm, e->sheet, macro ? OFFICE_XLM_MACRO : OFFICE_XLM_WORK, OFFICE_SHEET_SHOWN);
}

/* Stands behind the cells of its sheet. */
static void visible(struct excel *e)
{
    struct hn_text state = hn_text_trim(office_xml_inner(e->o, &e->xml));
    bool very = hn_text_eq(state, HN_TEXT("SheetVeryHidden"));
    struct office_xlm_sheet *sheet;

    if (e->xlm.sheets.count == 0 || (!very && !hn_text_eq(state, HN_TEXT("SheetHidden"))))
        return;
    dissect_fact(e->o->dissect, e->o->id, very ? "very_hidden_sheet" : "hidden_sheet", e->sheet);
    sheet = &e->xlm.sheets.ptr[e->xlm.sheets.count - 1];
    sheet->state = very ? OFFICE_SHEET_VERY_HIDDEN : OFFICE_SHEET_HIDDEN;
    if (sheet->kind == OFFICE_XLM_MACRO)
        dissect_note(e->o->dissect, e->o->id, DISSECT_NOTE_HIDDEN, DISSECT_NOWHERE,
                "the macro sheet %.*s", OFFICE_SHOWN(e->sheet));
}

static void property(struct excel *e)
{
    static const struct {
        const char *element;
        const char *builtin;
    } names[] = { { "Title", "Title" }, { "Subject", "Subject" }, { "Author", "Author" },
        { "Keywords", "Keywords" }, { "Description", "Comments" }, { "LastAuthor", "Last Author" },
        { "Company", "Company" }, { "Category", "Category" } };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (office_xml_is(&e->xml, names[i].element)) {
            office_property(e->o, names[i].builtin, office_xml_inner(e->o, &e->xml));
            return;
        }
    }
}

static void start(struct excel *e)
{
    if (office_xml_is(&e->xml, "Cell")) {
        cell_start(e);
    } else if (office_xml_is(&e->xml, "Data")) {
        cell_data(e);
    } else if (office_xml_is(&e->xml, "Row")) {
        number_from(e, "Index", &e->row);
        e->column = 0;
    } else if (office_xml_is(&e->xml, "Worksheet")) {
        sheet_start(e, false);
    } else if (office_xml_is(&e->xml, "Macrosheet")) {
        sheet_start(e, true);
    } else if (office_xml_is(&e->xml, "Path")) {
        supporting_book(e, office_xml_inner(e->o, &e->xml));
    } else if (office_xml_is(&e->xml, "NamedRange")) {
        defined_name(e);
    } else if (office_xml_is(&e->xml, "Visible")) {
        visible(e);
    } else if (office_xml_is(&e->xml, "DocumentProperties")) {
        e->in_properties = true;
    } else if (e->in_properties) {
        property(e);
    }
}

enum hn_status office_open_excel_xml(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct office o;
    struct hn_text text;
    struct excel *e;
    enum hn_xml_kind kind;

    office_begin(&o, dissect, id);
    e = hn_new(&o.scratch, struct excel, 1);
    if (e == NULL)
        return office_end(&o, err);
    e->o = &o;
    e->sheet = HN_TEXT("");
    hn_buf_init(&e->text, OFFICE_SCRATCH_BYTES_MAX);
    text = office_xml_text(&o, office_data(&o));
    office_xlm_init(&e->xlm, &o);
    e->xlm.wanted = hn_text_find(text, HN_TEXT("Macrosheet"), 0) != SIZE_MAX;
    hn_xml_init(&e->xml, text);
    while ((kind = hn_xml_next(&e->xml)) > HN_XML_END_OF_INPUT) {
        if (kind == HN_XML_START)
            start(e);
        else if (kind == HN_XML_END && office_xml_is(&e->xml, "DocumentProperties"))
            e->in_properties = false;
    }
    office_xml_done(&o, &e->xml, HN_TEXT("workbook"));
    office_say(&o, "cells", office_take(&o, &e->text));
    office_xlm_names_read(&e->xlm);
    office_xlm_done(&e->xlm);
    office_xlm_deinit(&e->xlm);
    return office_end(&o, err);
}
