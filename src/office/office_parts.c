/* office_parts.c - XML parts of packages by their root element: properties, controls, ribbons,
 * drawings. Those of workbooks and slides are read elsewhere. */
#include "office/office_package.h"

static void core_properties(struct office *o, struct hn_xml *xml)
{
    static const struct {
        const char *element;
        const char *builtin;
    } names[] = { { "title", "Title" }, { "subject", "Subject" }, { "creator", "Author" },
        { "keywords", "Keywords" }, { "description", "Comments" },
        { "lastModifiedBy", "Last Author" }, { "category", "Category" },
        { "contentStatus", "Content status" }, { "Company", "Company" }, { "Manager", "Manager" },
        { "Template", "Template" }, { "HyperlinkBase", "Hyperlink Base" },
        { "Application", "Application Name" } };

    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        if (office_xml_is(xml, names[i].element)) {
            office_property(o, names[i].builtin, office_xml_inner(o, xml));
            return;
        }
    }
    if (office_xml_is(xml, "property")) { /* of custom.xml */
        struct hn_text name = office_attr(o, xml, "name");

        office_custom_property(o, name, office_xml_inner(o, xml));
    }
}

/* A ribbon whose onLoad names a macro runs it when the document is opened. */
static void custom_ui(struct office *o, struct hn_xml *xml)
{
    struct hn_text macro = office_attr(o, xml, "onLoad");

    if (macro.len == 0)
        return;
    dissect_fact(o->dissect, o->id, "custom_ui_onload", macro);
    dissect_note(o->dissect, o->id, DISSECT_NOTE_AUTORUN, DISSECT_NOWHERE, "customUI onLoad: %.*s",
            OFFICE_SHOWN(macro));
}

/* An ActiveX control whose properties are kept as XML. */
static void control(struct office *o, struct hn_xml *xml)
{
    if (office_xml_is(xml, "ocx")) {
        struct hn_text class_id = office_attr(o, xml, "classid");

        if (class_id.len > 0)
            dissect_fact(o->dissect, o->id, "activex_clsid", class_id);
    } else if (office_xml_is(xml, "ocxPr")) {
        struct hn_text value = office_attr(o, xml, "value");

        office_say(o, "control", value);
    }
}

static void say_drawing_text(struct office *o, struct hn_text shape, struct hn_buf *buf)
{
    struct hn_text text = office_take(o, buf);

    hn_buf_init(buf, OFFICE_SCRATCH_BYTES_MAX);
    if (text.len == 0)
        return;
    office_store(o, office_member(o, "Shapes", shape, ".Text"), text);
    office_store(o, office_member(o, "Shapes", shape, ".TextFrame.Characters.Text"), text);
    office_store(o, office_member(o, "Shapes", shape, ".TextFrame2.TextRange.Text"), text);
    office_say(o, "shape", text);
}

/* Shapes on sheets: names, alternative texts, and what is written in them. */
static void drawing(struct office *o, struct hn_xml *xml)
{
    struct hn_text shape = HN_TEXT("");
    enum hn_xml_kind kind;
    struct hn_buf buf;

    hn_buf_init(&buf, OFFICE_SCRATCH_BYTES_MAX);
    while ((kind = hn_xml_next(xml)) > HN_XML_END_OF_INPUT) {
        struct hn_text alternative;

        if (kind != HN_XML_START)
            continue;
        if (office_xml_is(xml, "t")) {
            hn_buf_add_text(&buf, office_xml_inner(o, xml));
        } else if (office_xml_is(xml, "cNvPr")) {
            say_drawing_text(o, shape, &buf);
            shape = office_attr(o, xml, "name");
            alternative = office_attr(o, xml, "descr");
            if (alternative.len > 0)
                office_store(o, office_member(o, "Shapes", shape, ".AlternativeText"), alternative);
            office_say(o, "alternative text", alternative);
        }
    }
    say_drawing_text(o, shape, &buf);
    hn_buf_deinit(&buf);
}

static const struct {
    const char *root;
    void (*start)(struct office *o, struct hn_xml *xml); /* for each element */
} roots[] = {
    { "coreProperties", core_properties },
    { "Properties", core_properties },
    { "customUI", custom_ui },
    { "ocx", control },
};

void office_other_part(struct office_package *package, const struct office_part *part)
{
    struct office *o = package->o;
    struct hn_xml xml;
    enum hn_xml_kind kind;

    if (hn_text_eq(part->root, HN_TEXT("wsDr"))) {
        hn_xml_init(&xml, part->xml);
        drawing(o, &xml);
        office_xml_done(o, &xml, part->name);
        return;
    }
    for (size_t i = 0; i < HN_COUNT_OF(roots); i++) {
        if (!hn_text_eq(part->root, hn_text_cstr(roots[i].root)))
            continue;
        hn_xml_init(&xml, part->xml);
        while ((kind = hn_xml_next(&xml)) > HN_XML_END_OF_INPUT) {
            if (kind == HN_XML_START)
                roots[i].start(o, &xml);
        }
        office_xml_done(o, &xml, part->name);
        return;
    }
    if (hn_text_eq(part->root, HN_TEXT("html")))
        (void)office_child(o, "embedded", part->name, part->data, DISSECT_UNKNOWN);
    else if (!hn_text_starts_nocase(part->name, HN_TEXT("xl/")) ||
             !hn_text_eq(part->root, HN_TEXT("comments")))
        (void)office_word_part(o, part->xml, part->name);
}
