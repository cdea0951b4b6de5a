/* office_sheet.c - workbooks of XML parts: sheets, shared strings, cells, names, links out. */
#include "office/office_package.h"

#include "base/num.h"

#define STRINGS_MAX    500000u
#define SHEET_TEXT_MAX ((size_t)4 << 20)

/* ---- Shared strings ---- */

/* The text of an item without its phonetic hints. */
static struct hn_text rich_text(struct office *o, struct hn_xml *xml)
{
    uint32_t outside = xml->depth - 1;
    bool in_text = false;
    enum hn_xml_kind kind;
    struct hn_buf buf;

    hn_buf_init(&buf, OFFICE_SCRATCH_BYTES_MAX);
    do {
        kind = hn_xml_next(xml);
        if (kind == HN_XML_START && office_xml_is(xml, "rPh"))
            kind = hn_xml_skip(xml);
        else if (kind == HN_XML_START || kind == HN_XML_END)
            in_text = kind == HN_XML_START && office_xml_is(xml, "t");
        else if (kind == HN_XML_TEXT && in_text)
            hn_buf_add_text(&buf, office_xml_content(o, xml));
    } while (kind > HN_XML_END_OF_INPUT && xml->depth > outside);
    return office_take(o, &buf);
}

static void read_strings(struct office_package *package, const struct office_part *part)
{
    struct hn_xml xml;
    enum hn_xml_kind kind;
    uint32_t room = 0;

    hn_xml_init(&xml, part->xml);
    while ((kind = hn_xml_next(&xml)) > HN_XML_END_OF_INPUT)
        room += kind == HN_XML_START && office_xml_is(&xml, "si") && room < STRINGS_MAX;
    package->strings = hn_new(&package->o->scratch, struct hn_text, (size_t)room + 1);
    if (package->strings == NULL)
        return;
    hn_xml_init(&xml, part->xml);
    while ((kind = hn_xml_next(&xml)) > HN_XML_END_OF_INPUT) {
        if (kind == HN_XML_START && office_xml_is(&xml, "si") && package->string_count < room)
            package->strings[package->string_count++] = rich_text(package->o, &xml);
    }
    office_xml_done(package->o, &xml, part->name);
}

/* ---- Cells ---- */

struct sheet_reader {
    struct office_package *package;
    struct hn_text name;
    struct hn_xml xml;
    struct hn_text ref;
    struct hn_text type;
    struct hn_buf text;
    struct office_xlm_xml xlm;
    uint32_t row; /* from 0 */
    uint32_t column;
};

static void cell_value(struct sheet_reader *s, struct hn_text value)
{
    struct office *o = s->package->o;
    uint32_t index;

    if (hn_text_eq(s->type, HN_TEXT("s"))) {
        if (!hn_parse_u32(hn_text_trim(value), &index) || index >= s->package->string_count)
            return;
        value = s->package->strings[index];
    }
    office_xlm_xml_value(&s->xlm, s->type, value);
    office_cell(o, s->name, s->ref, value);
    if (value.len > 3 && s->text.len < SHEET_TEXT_MAX) { /* shorter ones hold no indicator */
        hn_buf_add_text(&s->text, value);
        hn_buf_add_char(&s->text, '\n');
    }
}

static void cell_formula(struct sheet_reader *s, struct hn_text formula)
{
    (void)office_formula_dde(s->package->o, formula);
    if (hn_text_find_char(formula, '"', 0) != SIZE_MAX && s->text.len < SHEET_TEXT_MAX) {
        hn_buf_add_char(&s->text, '=');
        hn_buf_add_text(&s->text, formula);
        hn_buf_add_char(&s->text, '\n');
    }
}

/* ---- How cells look: of workbooks with macro sheets alone ---- */

static void cell_look(struct sheet_reader *s)
{
    struct office_xlm *m = &s->package->xlm;
    struct office_look look = { .of = OFFICE_LOOK_CELL,
        .sheet = s->xlm.sheet,
        .row = s->xlm.at.row,
        .column = s->xlm.at.column };

    if (m->wanted && hn_parse_u32(office_attr(m->o, &s->xml, "s"), &look.format))
        office_look_add(&m->looks, &look);
}

static void row_look(struct sheet_reader *s)
{
    struct office_xlm *m = &s->package->xlm;
    struct office_look look = { .of = OFFICE_LOOK_ROW, .sheet = s->xlm.sheet, .row = s->row - 1 };

    if (m->wanted && s->row > 0 && hn_parse_real(office_attr(m->o, &s->xml, "ht"), &look.size))
        office_look_add(&m->looks, &look);
}

static void column_look(struct sheet_reader *s)
{
    struct office_xlm *m = &s->package->xlm;
    struct office_look look = { .of = OFFICE_LOOK_COLUMN, .sheet = s->xlm.sheet };
    uint32_t first = 0;
    uint32_t last = 0;

    if (!m->wanted || !hn_parse_u32(office_attr(m->o, &s->xml, "min"), &first) ||
            !hn_parse_u32(office_attr(m->o, &s->xml, "max"), &last) ||
            !hn_parse_real(office_attr(m->o, &s->xml, "width"), &look.size))
        return;
    look.size = office_look_characters(look.size);
    for (; first > 0 && first <= last && first <= 256; first++) { /* the rest is one wide stripe */
        look.column = first - 1;
        office_look_add(&m->looks, &look);
    }
}

static void sheet_start(struct sheet_reader *s)
{
    struct office *o = s->package->o;
    struct hn_text text;
    struct hn_text shared;

    if (office_xml_is(&s->xml, "c")) {
        s->ref = office_attr(o, &s->xml, "r");
        s->type = office_attr(o, &s->xml, "t");
        if (s->ref.len == 0)
            s->ref = office_cell_ref(o, s->row > 0 ? s->row - 1 : 0, s->column);
        s->column++;
        office_xlm_xml_cell(&s->xlm, s->ref);
        cell_look(s);
    } else if (office_xml_is(&s->xml, "row")) {
        s->row++;
        s->column = 0;
        (void)hn_parse_u32(office_attr(o, &s->xml, "r"), &s->row);
        row_look(s);
    } else if (office_xml_is(&s->xml, "v")) {
        cell_value(s, office_xml_inner(o, &s->xml));
    } else if (office_xml_is(&s->xml, "is")) {
        cell_value(s, rich_text(o, &s->xml));
    } else if (office_xml_is(&s->xml, "f")) {
        shared = hn_text_eq(office_attr(o, &s->xml, "t"), HN_TEXT("shared"))
                         ? office_attr(o, &s->xml, "si")
                         : HN_TEXT("");
        text = office_xml_inner(o, &s->xml);
        if (text.len > 0)
            cell_formula(s, text);
        office_xlm_xml_formula(&s->xlm, text, shared);
    } else if (office_xml_is(&s->xml, "sheetPr")) {
        text = office_attr(o, &s->xml, "codeName");
        if (text.len > 0)
            office_store(o, office_print(o, "%.*s.Name", HN_TEXT_ARG(text)), s->name);
        office_sheet_begin(o, o->sheet_number, text);
    } else if (office_xml_is(&s->xml, "col")) {
        column_look(s);
    } else if (office_xml_is(&s->xml, "sheetFormatPr")) {
        (void)hn_parse_real(
                office_attr(o, &s->xml, "defaultRowHeight"), &s->package->xlm.looks.row_points);
    } else if (office_xml_is(&s->xml, "hyperlink")) {
        office_say(o, "link", office_attr(o, &s->xml, "location"));
    }
}

/* The sheet that was told of last. */
static void read_sheet(
        struct office_package *package, const struct office_part *part, struct hn_text name)
{
    struct sheet_reader *s = hn_new(&package->o->scratch, struct sheet_reader, 1);
    enum hn_xml_kind kind;

    if (s == NULL)
        return;
    s->package = package;
    s->name = name;
    office_xlm_xml_init(&s->xlm, &package->xlm, (uint32_t)package->xlm.sheets.count - 1);
    hn_xml_init(&s->xml, part->xml);
    hn_buf_init(&s->text, SHEET_TEXT_MAX * 2);
    while ((kind = hn_xml_next(&s->xml)) > HN_XML_END_OF_INPUT) {
        if (kind == HN_XML_START)
            sheet_start(s);
    }
    office_xlm_xml_deinit(&s->xlm);
    office_xml_done(package->o, &s->xml, part->name);
    office_say(package->o, "cells", office_take(package->o, &s->text));
}

/* ---- Workbook ---- */

static enum office_sheet_state state_of(struct hn_text state)
{
    if (hn_text_eq_nocase(state, HN_TEXT("veryHidden")))
        return OFFICE_SHEET_VERY_HIDDEN;
    return hn_text_eq_nocase(state, HN_TEXT("hidden")) ? OFFICE_SHEET_HIDDEN : OFFICE_SHEET_SHOWN;
}

static bool is_sheet(const struct office_part *part)
{
    return hn_text_eq(part->root, HN_TEXT("worksheet")) ||
           hn_text_eq(part->root, HN_TEXT("macrosheet")) ||
           hn_text_eq(part->root, HN_TEXT("dialogsheet"));
}

static enum office_xlm_kind kind_of(const struct office_part *part)
{
    if (part != NULL && hn_text_eq(part->root, HN_TEXT("macrosheet")))
        return OFFICE_XLM_MACRO;
    if (part != NULL && hn_text_eq(part->root, HN_TEXT("dialogsheet")))
        return OFFICE_XLM_DIALOG;
    return part != NULL && hn_text_eq(part->root, HN_TEXT("chartsheet")) ? OFFICE_XLM_CHART
                                                                         : OFFICE_XLM_WORK;
}

static void one_sheet(
        struct office_package *package, const struct office_part *workbook, struct hn_xml *xml)
{
    struct office *o = package->o;
    struct hn_text name = office_attr(o, xml, "name");
    struct hn_text id = office_attr_prefixed(o, xml, "id");
    const struct office_part *part = office_related(package, workbook->name, id);
    enum office_sheet_state state = state_of(office_attr(o, xml, "state"));
    enum office_xlm_kind kind = kind_of(part);

    office_sheet(o, name, state, kind == OFFICE_XLM_MACRO);
    office_xlm_sheet(&package->xlm, name, kind, state);
    office_sheet_begin(o, o->sheet_number + 1, HN_TEXT(""));
    if (part != NULL && is_sheet(part) && !package->read[part - package->parts]) {
        package->read[part - package->parts] = true;
        read_sheet(package, part, name);
    }
}

static void defined_name(struct office_package *package, struct hn_xml *xml)
{
    struct office *o = package->o;
    struct hn_text name = office_attr(o, xml, "name");
    struct hn_text hidden = office_attr(o, xml, "hidden");
    uint32_t sheet = OFFICE_XLM_NOWHERE;
    struct office_xlm_name *kept;

    (void)hn_parse_u32(office_attr(o, xml, "localSheetId"), &sheet);
    kept = office_xlm_name(&package->xlm, name, sheet);
    if (kept == NULL)
        return;
    kept->hidden = hn_text_eq(hidden, HN_TEXT("1")) || hn_text_eq(hidden, HN_TEXT("true"));
    kept->refers_to = office_xlm_normal(&package->xlm, office_xml_inner(o, xml), 0, 0);
}

/* Other books, which formulas call by their number. */
static void read_books(struct office_package *package, const struct office_part *workbook)
{
    struct hn_xml xml;
    enum hn_xml_kind kind;

    hn_xml_init(&xml, workbook->xml);
    while ((kind = hn_xml_next(&xml)) > HN_XML_END_OF_INPUT) {
        const struct office_part *part;
        const struct office_relation *relation = NULL;

        if (kind != HN_XML_START || !office_xml_is(&xml, "externalReference") ||
                package->xlm.books.count >= OFFICE_XLM_BOOKS_MAX)
            continue;
        part = office_related(
                package, workbook->name, office_attr_prefixed(package->o, &xml, "id"));
        for (uint32_t i = 0; part != NULL && relation == NULL && i < package->relation_count; i++) {
            if (hn_text_eq(package->relations[i].source, part->name))
                relation = &package->relations[i];
        }
        (void)office_xlm_book(&package->xlm, OFFICE_XLM_BOOK_OTHER,
                relation != NULL ? office_xlm_file(relation->target) : HN_TEXT(""));
    }
}

static void read_workbook(struct office_package *package, const struct office_part *workbook)
{
    struct hn_xml xml;
    enum hn_xml_kind kind;

    read_books(package, workbook);
    hn_xml_init(&xml, workbook->xml);
    while ((kind = hn_xml_next(&xml)) > HN_XML_END_OF_INPUT) {
        if (kind != HN_XML_START)
            continue;
        if (office_xml_is(&xml, "sheet") && office_xlm_may_add_sheet(&package->xlm))
            one_sheet(package, workbook, &xml);
        else if (office_xml_is(&xml, "definedName"))
            defined_name(package, &xml);
    }
    office_xml_done(package->o, &xml, workbook->name);
}

/* ---- Links out, and notes ---- */

static void link_element(struct office *o, struct hn_xml *xml)
{
    struct hn_text application;
    struct hn_text topic;

    if (office_xml_is(xml, "ddeLink")) {
        application = office_attr(o, xml, "ddeService");
        topic = office_attr(o, xml, "ddeTopic");
        office_dde(o, application, topic,
                office_print(o, "%.*s|'%.*s'", HN_TEXT_ARG(application), HN_TEXT_ARG(topic)));
    } else if (office_xml_is(xml, "oleLink")) {
        dissect_fact(o->dissect, o->id, "object_class", office_attr(o, xml, "progId"));
    } else if (office_xml_is(xml, "webPr")) {
        office_external(o, "web_query", office_attr(o, xml, "url"));
    } else if (office_xml_is(xml, "dbPr")) {
        office_say(o, "connection", office_attr(o, xml, "connection"));
        office_say(o, "connection", office_attr(o, xml, "command"));
    } else if (office_xml_is(xml, "textPr")) {
        office_say(o, "connection", office_attr(o, xml, "sourceFile"));
    }
}

static void read_links(struct office *o, const struct office_part *part)
{
    struct hn_xml xml;
    enum hn_xml_kind kind;

    hn_xml_init(&xml, part->xml);
    while ((kind = hn_xml_next(&xml)) > HN_XML_END_OF_INPUT) {
        if (kind == HN_XML_START)
            link_element(o, &xml);
    }
    office_xml_done(o, &xml, part->name);
}

static void read_comments(struct office *o, const struct office_part *part)
{
    struct hn_xml xml;
    enum hn_xml_kind kind;
    struct hn_text ref = HN_TEXT("");

    hn_xml_init(&xml, part->xml);
    while ((kind = hn_xml_next(&xml)) > HN_XML_END_OF_INPUT) {
        if (kind == HN_XML_START && office_xml_is(&xml, "comment")) {
            ref = office_attr(o, &xml, "ref");
        } else if (kind == HN_XML_START && office_xml_is(&xml, "text")) {
            struct hn_text text = rich_text(o, &xml);

            office_store(o, office_member(o, "Range", ref, ".Comment.Text"), text);
            office_say(o, "comment", text);
        }
    }
    office_xml_done(o, &xml, part->name);
}

void office_workbook(struct office_package *package)
{
    const struct office_part *strings = office_part_with_root(package, "sst");

    if (strings != NULL)
        read_strings(package, strings);
    package->xlm.wanted |= office_part_with_root(package, "macrosheet") != NULL;
    if (package->xlm.wanted)
        office_look_styles(package);
    for (uint32_t i = 0; i < package->part_count; i++) {
        const struct office_part *part = &package->parts[i];

        if (hn_text_eq(part->root, HN_TEXT("workbook")))
            read_workbook(package, part);
        else if (hn_text_eq(part->root, HN_TEXT("externalLink")) ||
                 hn_text_eq(part->root, HN_TEXT("connections")))
            read_links(package->o, part);
        else if (hn_text_eq(part->root, HN_TEXT("comments")) &&
                 hn_text_starts_nocase(part->name, HN_TEXT("xl/")))
            read_comments(package->o, part);
    }
    office_sheet_begin(package->o, 0, HN_TEXT(""));
    for (uint32_t i = 0; i < package->part_count; i++) { /* sheets that the workbook keeps quiet */
        const struct office_part *part = &package->parts[i];

        if (is_sheet(part) && !package->read[i]) {
            if (hn_text_eq(part->root, HN_TEXT("macrosheet")))
                office_sheet(package->o, part->name, OFFICE_SHEET_VERY_HIDDEN, true);
            office_xlm_sheet(&package->xlm, part->name, kind_of(part), OFFICE_SHEET_VERY_HIDDEN);
            read_sheet(package, part, part->name);
        }
    }
}
