/* office_flat.c - one file of XML for a document: Flat OPC, which holds the parts of a package, and
 * the format of Word 2003. */
#include "office/office_package.h"

/* What stands between a start and its end, as it stands. */
static struct hn_text inside(struct hn_xml *xml)
{
    size_t start = xml->pos;

    if (hn_xml_skip(xml) != HN_XML_END || xml->start < start)
        return HN_TEXT("");
    return hn_text_sub(xml->in, start, xml->start - start);
}

static void flat_package(struct office_package *package, struct hn_xml *xml)
{
    struct office *o = package->o;
    struct hn_text name = HN_TEXT("");
    enum hn_xml_kind kind;

    while ((kind = hn_xml_next(xml)) > HN_XML_END_OF_INPUT) {
        if (kind != HN_XML_START)
            continue;
        if (office_xml_is(xml, "part")) {
            name = office_attr(o, xml, "name");
            while (hn_text_starts(name, HN_TEXT("/")))
                name = hn_text_sub(name, 1, name.len);
        } else if (office_xml_is(xml, "xmlData")) {
            office_package_part(package, name, hn_text_as_bytes(hn_text_trim(inside(xml))));
        } else if (office_xml_is(xml, "binaryData")) {
            office_package_part(package, name, office_base64(o, office_xml_inner(o, xml)));
        }
    }
    office_xml_done(o, xml, HN_TEXT("package"));
    office_package_finish(package);
}

enum hn_status office_open_word_xml(struct dissect *dissect, uint32_t id, struct hn_err *err)
{
    struct office_package package;
    struct office o;
    struct hn_xml xml;
    struct hn_text text;
    enum hn_xml_kind kind;

    office_begin(&o, dissect, id);
    text = office_xml_text(&o, office_data(&o));
    hn_xml_init(&xml, text);
    do {
        kind = hn_xml_next(&xml);
    } while (kind == HN_XML_TEXT);
    if (kind == HN_XML_START && office_xml_is(&xml, "package")) {
        if (office_package_init(&package, &o))
            flat_package(&package, &xml);
    } else if (!office_word_part(&o, text, HN_TEXT("document"))) {
        dissect_note(dissect, id, DISSECT_NOTE_UNSUPPORTED, 0, "an unknown root element");
    }
    return office_end(&o, err);
}
