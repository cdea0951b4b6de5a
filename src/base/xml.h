/* xml.h - a pull scanner over XML text that is there as a whole: event exports, indicator files.
 *
 *     struct hn_xml xml;
 *     hn_xml_init(&xml, text);
 *     while ((kind = hn_xml_next(&xml)) > HN_XML_END_OF_INPUT) ...
 *
 * XML 1.0 without DTD: a document type declaration is refused (HN_UNSUPPORTED), so there are no
 * entities besides the five and character references, and nothing expands. Comments, processing
 * instructions and the XML declaration are passed over. Any number of documents may follow each
 * other. Texts are given as they stand: line ends are not normalised, because Windows writes the
 * CRLF of a logged value unescaped. Encodings other than UTF-8 are the caller's to convert; bytes
 * that are no valid UTF-8 pass through.
 *
 * Memory: allocates nothing; everything borrows from the input.
 * Limits: HN_XML_DEPTH_MAX, HN_XML_ATTRS_MAX; past them HN_LIMIT.
 * Concurrency: one thread at a time. */
#ifndef HN_BASE_XML_H
#define HN_BASE_XML_H

#include "base/attr.h"
#include "base/status.h"
#include "base/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HN_XML_DEPTH_MAX 256u
#define HN_XML_ATTRS_MAX 64u

enum hn_xml_kind {
    HN_XML_FAILED,       /* see status, hn_xml_fail(); every further call gives the same */
    HN_XML_END_OF_INPUT, /* all elements are closed */
    HN_XML_START,        /* <name a="b">: name, attrs */
    HN_XML_END,          /* </name>, or the end of <name/>: name */
    HN_XML_TEXT,         /* character data between tags: text; also between documents */
};

struct hn_xml_attr {
    struct hn_text name;
    struct hn_text value; /* without the quotes; see hn_xml_unescape() */
};

struct hn_xml {
    struct hn_text in;
    size_t pos; /* of what comes next */

    /* The current token: in.ptr[start .. pos). */
    size_t start;
    struct hn_text name;
    struct hn_text text;
    bool cdata; /* text is the inside of a CDATA section: no references in it */
    uint32_t attr_count;
    struct hn_xml_attr attrs[HN_XML_ATTRS_MAX];

    uint32_t depth;                        /* open elements, after the current token */
    struct hn_text open[HN_XML_DEPTH_MAX]; /* their names */
    bool end_pending;                      /* the START was <name/>: its END comes next */

    enum hn_status status;
    const char *reason;
};

void hn_xml_init(struct hn_xml *xml, struct hn_text in);
enum hn_xml_kind hn_xml_next(struct hn_xml *xml);

/* The value of an attribute of the current START, as it stands; ptr NULL when it has none. */
struct hn_text hn_xml_attr(const struct hn_xml *xml, struct hn_text name);

/* After a START: goes on to its END. HN_XML_END or HN_XML_FAILED. */
enum hn_xml_kind hn_xml_skip(struct hn_xml *xml);

/* Fills *err with the line, column and reason of a failure and returns its status. */
enum hn_status hn_xml_fail(const struct hn_xml *xml, struct hn_err *err);

/* Resolves references into out, which holds text.len bytes; returns the length written. What is no
 * reference that XML 1.0 knows without a DTD stays as it is, a character reference to no Unicode
 * scalar value becomes U+FFFD; *ret_well_formed (may be NULL) tells of either. */
size_t hn_xml_unescape(struct hn_text text, char *out, bool *ret_well_formed);

/* Text that hn_xml_unescape() would leave as it is. */
HN_INLINE bool hn_xml_is_plain(struct hn_text text)
{
    return text.len == 0 || memchr(text.ptr, '&', text.len) == NULL;
}

/* Space, tab, CR, LF only. */
bool hn_xml_is_blank(struct hn_text text);

#endif
