/* page_check.c - reads a report strictly, as XML, against lists of what may be in it. */
#include "support/page_check.h"

#include "base/attr.h"
#include "base/xml.h"

#include <stdbool.h>

static const char *const elements[] = { "html", "head", "meta", "title", "style", "body", "header",
    "main", "section", "article", "div", "p", "span", "h1", "h2", "h3", "h4", "nav", "a", "ul",
    "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td", "code",
    "pre", "mark", "b", "i", "strong", "br", "details", "summary", "form", "label", "input",
    "fieldset", "legend", "output", "svg", "g", "rect", "line", "text", "footer", "script" };

static const char *const attributes[] = { "lang", "charset", "http-equiv", "content", "name",
    "class", "id", "href", "rel", "target", "aria-label", "aria-hidden", "role", "tabindex",
    "viewBox", "x", "y", "x1", "y1", "x2", "y2", "width", "height", "scope", "hidden", "type",
    "autocomplete", "placeholder", "value", "checked", "open", "data-sort", "data-value",
    "data-level", "data-text" };

static bool listed(struct hn_text name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hn_text_eq(name, hn_text_cstr(names[i])))
            return true;
    }
    return false;
}

static bool is(struct hn_text name, const char *wanted)
{
    return hn_text_eq(name, hn_text_cstr(wanted));
}

static bool page_link(struct hn_text href)
{
    return href.len > 1 && href.ptr[0] == '#';
}

static bool web_link(struct hn_text href)
{
    return hn_text_starts(href, HN_TEXT("https://")) || hn_text_starts(href, HN_TEXT("http://"));
}

static const char *check_start(const struct hn_xml *xml, struct page_facts *facts)
{
    struct hn_text href = hn_xml_attr(xml, HN_TEXT("href"));

    if (!listed(xml->name, elements, HN_COUNT_OF(elements)))
        return "an element of another kind";
    for (uint32_t i = 0; i < xml->attr_count; i++) {
        if (!listed(xml->attrs[i].name, attributes, HN_COUNT_OF(attributes)))
            return "an attribute of another kind";
    }
    if (href.ptr != NULL && !page_link(href)) {
        facts->links++;
        if (!web_link(href) || !is(hn_xml_attr(xml, HN_TEXT("rel")), "noopener noreferrer"))
            return "a link that is none of a rule's references";
    }
    if (hn_text_eq(hn_xml_attr(xml, HN_TEXT("http-equiv")), HN_TEXT("Content-Security-Policy")))
        facts->policy = hn_xml_attr(xml, HN_TEXT("content"));
    facts->marks += is(xml->name, "mark");
    facts->alerts += is(xml->name, "div") && is(hn_xml_attr(xml, HN_TEXT("class")), "alert");
    return NULL;
}

/* Bytes that no text of the page may hold: controls that are no white space. */
static bool harmless(struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if ((c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7F)
            return false;
    }
    return true;
}

const char *page_check(struct hn_text page, struct page_facts *ret_facts)
{
    static const struct hn_text doctype = HN_TEXT_INIT("<!DOCTYPE html>\n");
    struct hn_text *keep = NULL;
    enum hn_xml_kind kind;
    struct hn_xml xml;

    *ret_facts = (struct page_facts){ 0 };
    if (!hn_text_starts(page, doctype))
        return "no document type";
    hn_xml_init(&xml, hn_text_sub(page, doctype.len, page.len));
    while ((kind = hn_xml_next(&xml)) > HN_XML_END_OF_INPUT) {
        const char *wrong = kind == HN_XML_START ? check_start(&xml, ret_facts) : NULL;

        if (wrong != NULL)
            return wrong;
        if (kind == HN_XML_START)
            keep = is(xml.name, "style")    ? &ret_facts->style
                   : is(xml.name, "script") ? &ret_facts->script
                                            : NULL;
        if (kind == HN_XML_TEXT && !harmless(xml.text))
            return "a control character";
        if (kind == HN_XML_TEXT && keep != NULL) {
            if (keep->ptr != NULL)
                return "a second script or style";
            *keep = xml.text;
        }
        if (kind == HN_XML_END)
            keep = NULL;
    }
    return kind == HN_XML_FAILED ? xml.reason : NULL;
}
