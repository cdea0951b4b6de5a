/* ioc_xml.h - a small pull scanner for the XML of indicator files.
 *
 *     struct ioc_xml xml = ioc_xml_over(text);
 *     while (ioc_xml_next(&xml)) ... xml.kind, xml.name, xml.text
 *
 * Reads tags, text and CDATA; skips comments, processing instructions and document types. Entities
 * of a document type are not known, so nothing expands. Depth is the caller's to bound.
 * Memory: none; views point into the input. Limits: linear in the input.
 * Concurrency: one thread at a time. */
#ifndef HN_IOC_IOC_XML_H
#define HN_IOC_IOC_XML_H

#include "base/buf.h"
#include "base/view.h"

#include <stdbool.h>
#include <stdint.h>

enum ioc_xml_kind { IOC_XML_START, IOC_XML_END, IOC_XML_TEXT };

struct ioc_xml {
    struct hn_text input;
    size_t pos;
    enum ioc_xml_kind kind;
    struct hn_text name;       /* of a tag, without its prefix */
    struct hn_text attributes; /* of a start tag, raw */
    struct hn_text text;       /* raw, or the inside of CDATA */
    bool cdata;
    bool empty_tag; /* the end of this start tag is still to be told */
    bool broken;    /* a tag that does not close: the rest cannot be read */
};

struct ioc_xml ioc_xml_over(struct hn_text input);
/* The next piece; false at the end or when broken. */
bool ioc_xml_next(struct ioc_xml *xml);
/* The raw value of an attribute of the start tag; ptr NULL when it has none. */
struct hn_text ioc_xml_attribute(const struct ioc_xml *xml, const char *name);
/* Appends raw text with entities resolved; an unknown one stays as it is. */
void ioc_xml_plain(struct hn_buf *out, struct hn_text raw);

#endif
