/* office_odf.c - OpenDocument: texts, cells, macros in Basic, events that run them, links out. */
#include "office/office_internal.h"

#include "zip/zip.h"

#define TEXT_MAX ((size_t)8 << 20)

struct odf {
    struct office *o;
    struct hn_xml xml;
    struct hn_buf text;
    struct hn_text sheet;
    uint32_t row;
    uint32_t column;
    uint32_t project; /* the child that modules of Basic hang from */
};

/* Events by which a document runs a macro without being asked. */
static bool is_autorun(struct hn_text event)
{
    static const char *const events[] = { "dom:load", "office:start-app", "on-load", "office:new",
        "office:load-finished", "office:close", "dom:unload", "on-open", "on-close",
        "office:view-created" };

    return office_is_one_of(event, events, HN_COUNT_OF(events));
}

static void event_listener(struct odf *d)
{
    struct office *o = d->o;
    struct hn_text macro = office_attr(o, &d->xml, "href");
    struct hn_text event = office_attr(o, &d->xml, "event-name");

    if (macro.len == 0)
        macro = office_attr(o, &d->xml, "macro-name");
    if (macro.len == 0)
        return;
    dissect_fact(o->dissect, o->id, "event_macro",
            office_print(o, "%.*s %.*s", HN_TEXT_ARG(event), HN_TEXT_ARG(macro)));
    if (is_autorun(event))
        dissect_note(o->dissect, o->id, DISSECT_NOTE_AUTORUN, DISSECT_NOWHERE, "%.*s: %.*s",
                OFFICE_SHOWN(event), OFFICE_SHOWN(macro));
}

static bool is_external(struct hn_text target)
{
    return hn_text_find(target, HN_TEXT("://"), 0) != SIZE_MAX ||
           hn_text_starts(target, HN_TEXT("\\\\")) || hn_text_starts(target, HN_TEXT("//"));
}

static void link_of(struct odf *d, const char *kind)
{
    struct hn_text target = office_attr(d->o, &d->xml, "href");

    if (target.len > 0 && is_external(target))
        office_external(d->o, kind, target);
}

static void dde(struct odf *d)
{
    struct hn_text application = office_attr(d->o, &d->xml, "dde-application");
    struct hn_text topic = office_attr(d->o, &d->xml, "dde-topic");

    if (application.len > 0) {
        office_dde(d->o, application, topic,
                office_print(d->o, "DDE %.*s %.*s %.*s", HN_TEXT_ARG(application),
                        HN_TEXT_ARG(topic), HN_TEXT_ARG(office_attr(d->o, &d->xml, "dde-item"))));
    }
}

static void table_cell(struct odf *d)
{
    struct hn_text formula = office_attr(d->o, &d->xml, "formula");
    struct hn_text value = office_attr(d->o, &d->xml, "string-value");

    if (value.len == 0)
        value = office_attr(d->o, &d->xml, "value");
    if (formula.len > 0)
        (void)office_formula_dde(d->o, formula);
    office_cell(
            d->o, d->sheet, office_cell_ref(d->o, d->row > 0 ? d->row - 1 : 0, d->column), value);
    d->column++;
}

static void module(struct odf *d)
{
    struct office *o = d->o;
    struct hn_text name = office_attr(o, &d->xml, "name");
    struct hn_text source = office_xml_inner(o, &d->xml);
    struct dissect_child child = { .format = DISSECT_VBA_MODULE,
        .name = name,
        .relation = "macro",
        .data = hn_text_as_bytes(source),
        .offset = DISSECT_NOWHERE };

    if (hn_text_trim(source).len == 0)
        return;
    if (d->project == DISSECT_NONE) {
        dissect_fact_bool(o->dissect, o->id, "has_basic", true);
        d->project = office_child(
                o, "macro", HN_TEXT("Basic"), (struct hn_bytes){ 0 }, DISSECT_VBA_PROJECT);
    }
    if (d->project != DISSECT_NONE)
        o->nomem |= dissect_child(o->dissect, d->project, &child, NULL) == HN_NOMEM;
}

static void user_defined(struct odf *d)
{
    struct hn_text name = office_attr(d->o, &d->xml, "name");

    office_custom_property(d->o, name, office_xml_inner(d->o, &d->xml));
}

static void named_property(struct odf *d)
{
    static const struct {
        const char *element;
        const char *builtin;
    } names[] = { { "title", "Title" }, { "subject", "Subject" }, { "creator", "Last Author" },
        { "initial-creator", "Author" }, { "description", "Comments" }, { "keyword", "Keywords" },
        { "generator", "Application Name" } };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (office_xml_is(&d->xml, names[i].element))
            office_property(d->o, names[i].builtin, office_xml_inner(d->o, &d->xml));
    }
}

static void start(struct odf *d)
{
    if (office_xml_is(&d->xml, "event-listener") || office_xml_is(&d->xml, "event")) {
        event_listener(d);
    } else if (office_xml_is(&d->xml, "dde-source") ||
               office_xml_is(&d->xml, "dde-connection-decl")) {
        dde(d);
    } else if (office_xml_is(&d->xml, "a")) {
        office_say(d->o, "link", office_attr(d->o, &d->xml, "href"));
    } else if (office_xml_is(&d->xml, "object") || office_xml_is(&d->xml, "object-ole")) {
        link_of(d, "oleObject");
    } else if (office_xml_is(&d->xml, "image")) {
        link_of(d, "image");
    } else if (office_xml_is(&d->xml, "section-source") || office_xml_is(&d->xml, "table-source")) {
        link_of(d, "section");
    } else if (office_xml_is(&d->xml, "template")) {
        office_template(d->o, office_attr(d->o, &d->xml, "href"));
    } else if (office_xml_is(&d->xml, "table")) {
        d->sheet = office_attr(d->o, &d->xml, "name");
        office_sheet_begin(d->o, d->o->sheet_number + 1, HN_TEXT(""));
        d->row = 0;
    } else if (office_xml_is(&d->xml, "table-row")) {
        d->row++;
        d->column = 0;
    } else if (office_xml_is(&d->xml, "table-cell")) {
        table_cell(d);
    } else if (office_xml_is(&d->xml, "module")) {
        module(d);
    } else if (office_xml_is(&d->xml, "user-defined")) {
        user_defined(d);
    } else {
        named_property(d);
    }
}

static void read_xml(struct odf *d, struct hn_text name, struct hn_bytes bytes)
{
    enum hn_xml_kind kind;

    hn_xml_init(&d->xml, office_xml_text(d->o, bytes));
    while ((kind = hn_xml_next(&d->xml)) > HN_XML_END_OF_INPUT) {
        if (kind == HN_XML_START)
            start(d);
        else if (kind == HN_XML_TEXT && d->text.len < TEXT_MAX)
            hn_buf_add_text(&d->text, office_xml_content(d->o, &d->xml));
        else if (kind == HN_XML_END && office_xml_is(&d->xml, "p"))
            hn_buf_add_char(&d->text, '\n');
        else if (kind == HN_XML_END && office_xml_is(&d->xml, "encryption-data"))
            dissect_note(d->o->dissect, d->o->id, DISSECT_NOTE_PASSWORD, DISSECT_NOWHERE,
                    "the parts of the document");
    }
    if (d->xml.status != HN_UNSUPPORTED) /* Basic libraries have a document type declaration */
        office_xml_done(d->o, &d->xml, name);
}

/* Modules of Basic begin with a document type declaration, which the reader of XML refuses. */
static struct hn_bytes behind_doctype(struct hn_bytes bytes)
{
    struct hn_text text = hn_bytes_as_text(bytes);
    size_t at = hn_text_find(hn_text_sub(text, 0, 1024), HN_TEXT("<!DOCTYPE"), 0);
    size_t end = at == SIZE_MAX ? SIZE_MAX : hn_text_find_char(text, '>', at);

    return end == SIZE_MAX ? bytes : hn_bytes_of(bytes.ptr + end + 1, bytes.len - end - 1);
}

static void one_entry(struct odf *d, const struct zip_entry *entry, struct hn_bytes bytes)
{
    struct hn_text name = entry->name;

    if (!ole_is(bytes) && hn_text_ends_nocase(name, HN_TEXT(".xml"))) {
        read_xml(d, name, behind_doctype(bytes));
    } else if (ole_is(bytes) || hn_text_starts(name, HN_TEXT("Scripts/")) ||
               hn_text_starts(hn_bytes_as_text(bytes), HN_TEXT("MZ")) ||
               hn_text_starts(hn_bytes_as_text(bytes), HN_TEXT("PK\003\004"))) {
        (void)office_child(d->o, "embedded", name, bytes, DISSECT_UNKNOWN);
    }
}

static void read_entries(struct odf *d, struct zip_file *zip)
{
    for (uint32_t i = 0; i < zip_count(zip); i++) {
        const struct zip_entry *entry = zip_get(zip, i);
        struct hn_bytes bytes = { 0 };
        struct hn_err why = { 0 };
        enum hn_status status;

        if (entry->folder || entry->encrypted)
            continue;
        status = zip_read(zip, i, (struct hn_text){ 0 }, office_allow, d->o, &bytes, &why);
        if (status == HN_NOMEM)
            return;
        if (status != HN_OK)
            dissect_note(d->o->dissect, d->o->id, DISSECT_NOTE_DAMAGED, entry->offset,
                    "part %.*s: %s", OFFICE_SHOWN(entry->name), why.msg);
        one_entry(d, entry, bytes);
    }
}

enum hn_status office_open_odf(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct zip_file *zip = NULL;
    struct office o;
    struct odf *d;

    office_begin(&o, dissect, id);
    d = hn_new(&o.scratch, struct odf, 1);
    if (d != NULL && zip_open(&o.scratch, office_data(&o), NULL, &zip, NULL) == HN_OK) {
        d->o = &o;
        d->sheet = HN_TEXT("");
        d->project = DISSECT_NONE;
        hn_buf_init(&d->text, OFFICE_SCRATCH_BYTES_MAX);
        read_entries(d, zip);
        office_say(&o, "body", office_take(&o, &d->text));
    }
    return office_end(&o, err);
}
