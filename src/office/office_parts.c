/* office_parts.c - XML parts of packages by their root element: properties, controls, ribbons,
 * drawings. Those of workbooks and slides are read elsewhere. */
#include "office/office_package.h"

#define CUSTOM_XML_DEPTH_MAX 32u
#define CUSTOM_XML_NODES_MAX 256u

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

/* ---- Custom XML ---- */

/* Stores of one part, by its number and by its namespace: */
struct custom_xml {
    struct office *o;
    struct hn_text by_number; /* ActiveDocument.CustomXMLParts(4) */
    struct hn_text by_space;  /* ActiveDocument.CustomXMLParts.SelectByNamespace("urn:x")(1) */
};

static void custom_store(const struct custom_xml *x, const char *member, struct hn_text value)
{
    office_store(x->o, office_print(x->o, "%.*s.%s", HN_TEXT_ARG(x->by_number), member), value);
    if (x->by_space.len > 0)
        office_store(x->o, office_print(x->o, "%.*s.%s", HN_TEXT_ARG(x->by_space), member), value);
}

/* What SelectSingleNode() finds by the last name of its path: the first of that name. */
static void custom_nodes(const struct custom_xml *x, struct hn_xml *xml, struct hn_buf *whole)
{
    struct hn_text names[CUSTOM_XML_DEPTH_MAX];
    size_t starts[CUSTOM_XML_DEPTH_MAX];
    enum hn_xml_kind kind;
    size_t depth = 0;
    uint32_t nodes = 0;

    while ((kind = hn_xml_next(xml)) > HN_XML_END_OF_INPUT) {
        if (kind == HN_XML_TEXT) {
            hn_buf_add_text(whole, office_xml_content(x->o, xml));
        } else if (kind == HN_XML_START) {
            if (depth < CUSTOM_XML_DEPTH_MAX) {
                names[depth] = office_local(xml->name);
                starts[depth] = whole->len;
            }
            depth++;
        } else if (kind == HN_XML_END && depth > 0 && --depth < CUSTOM_XML_DEPTH_MAX &&
                   nodes++ < CUSTOM_XML_NODES_MAX) {
            struct hn_text name = office_member(x->o, "SelectSingleNode", names[depth], ".Text");

            custom_store(x, name.ptr, hn_text_sub(hn_buf_text(whole), starts[depth], SIZE_MAX));
        }
    }
}

static bool custom_part(struct office *o, const struct office_part *part)
{
    struct custom_xml x = { .o = o };
    struct hn_buf whole;
    struct hn_text space;
    enum hn_xml_kind kind;
    struct hn_xml xml;

    if (!hn_text_starts_nocase(part->name, HN_TEXT("customXml/item")) ||
            hn_text_eq(part->root, HN_TEXT("datastoreItem")))
        return false;
    /* Three parts that every document has come first: properties of two kinds and the cover. */
    x.by_number = office_print(
            o, "ActiveDocument.CustomXMLParts(%lu)", (unsigned long)++o->custom_parts + 3);
    hn_xml_init(&xml, part->xml);
    do
        kind = hn_xml_next(&xml);
    while (kind > HN_XML_END_OF_INPUT && kind != HN_XML_START);
    space = office_attr(o, &xml, "xmlns");
    if (space.len > 0)
        x.by_space =
                office_member(o, "ActiveDocument.CustomXMLParts.SelectByNamespace", space, "(1)");
    custom_store(&x, "NamespaceURI", space);
    custom_store(&x, "XML", part->xml);
    hn_buf_init(&whole, OFFICE_SCRATCH_BYTES_MAX);
    hn_xml_init(&xml, part->xml);
    custom_nodes(&x, &xml, &whole);
    space = office_take(o, &whole);
    custom_store(&x, "DocumentElement.Text", space);
    office_say(o, "custom XML", space);
    return true;
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

    if (custom_part(o, part))
        return;
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
