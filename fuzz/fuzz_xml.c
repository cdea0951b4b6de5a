/* fuzz: base */
/* fuzz_xml.c - the XML scanner.
 *
 * Oracle: tokens lie in the input in order and do not overlap; starts and ends are balanced; what
 * the tokens say, written out again as XML, scans to the same tokens. */
#include "base/buf.h"
#include "base/xml.h"

#include <stdlib.h>

#define CHECK(condition)  \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct hn_text outer, struct hn_text inner)
{
    return inner.len == 0 ||
           (inner.ptr >= outer.ptr && inner.ptr + inner.len <= outer.ptr + outer.len);
}

static void check_unescape(struct hn_text text)
{
    char *out = malloc(text.len == 0 ? 1 : text.len);
    bool well_formed = false;
    size_t len;

    CHECK(out != NULL);
    len = hn_xml_unescape(text, out, &well_formed);
    CHECK(len <= text.len);
    if (hn_xml_is_plain(text))
        CHECK(well_formed && hn_text_eq(hn_text_of(out, len), text));
    free(out);
}

static void write_start(struct hn_buf *buf, const struct hn_xml *xml)
{
    hn_buf_add_char(buf, '<');
    hn_buf_add_text(buf, xml->name);
    for (uint32_t i = 0; i < xml->attr_count; i++) {
        char quote = hn_text_find_char(xml->attrs[i].value, '"', 0) == SIZE_MAX ? '"' : '\'';

        CHECK(inside(xml->in, xml->attrs[i].name) && inside(xml->in, xml->attrs[i].value));
        check_unescape(xml->attrs[i].value);
        hn_buf_add_char(buf, ' ');
        hn_buf_add_text(buf, xml->attrs[i].name);
        hn_buf_add_char(buf, '=');
        hn_buf_add_char(buf, quote);
        hn_buf_add_text(buf, xml->attrs[i].value);
        hn_buf_add_char(buf, quote);
    }
    hn_buf_add_char(buf, '>');
}

/* Writes the tokens of in to buf, as XML again; returns how the scan ended. */
static enum hn_xml_kind rewrite(struct hn_text in, struct hn_buf *buf)
{
    struct hn_xml *xml = malloc(sizeof *xml);
    enum hn_xml_kind kind;
    size_t pos = 0;
    uint32_t depth = 0;

    CHECK(xml != NULL);
    hn_xml_init(xml, in);
    while ((kind = hn_xml_next(xml)) > HN_XML_END_OF_INPUT) {
        CHECK(xml->start >= pos && xml->pos >= xml->start && xml->pos <= in.len);
        pos = xml->pos;
        if (kind == HN_XML_TEXT) {
            CHECK(inside(in, xml->text) && xml->text.len > 0);
            check_unescape(xml->text);
            hn_buf_add_cstr(buf, xml->cdata ? "<![CDATA[" : "<!---->");
            hn_buf_add_text(buf, xml->text);
            if (xml->cdata)
                hn_buf_add_lit(buf, "]]>");
        } else if (kind == HN_XML_START) {
            write_start(buf, xml);
            depth++;
        } else {
            CHECK(depth > 0);
            hn_buf_add_lit(buf, "</");
            hn_buf_add_text(buf, xml->name);
            hn_buf_add_char(buf, '>');
            depth--;
        }
        CHECK(xml->depth == depth);
    }
    CHECK(kind == HN_XML_FAILED || depth == 0);
    CHECK((kind == HN_XML_FAILED) == (xml->status != HN_OK));
    CHECK(hn_xml_next(xml) == kind);
    free(xml);
    return kind;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_buf first = { 0 };
    struct hn_buf second = { 0 };

    if (rewrite(hn_text_of((const char *)data, size), &first) == HN_XML_END_OF_INPUT) {
        CHECK(rewrite(hn_text_of(first.ptr == NULL ? "" : first.ptr, first.len), &second) ==
                HN_XML_END_OF_INPUT);
        CHECK(hn_text_eq(hn_buf_text(&first), hn_buf_text(&second)));
    }
    hn_buf_deinit(&first);
    hn_buf_deinit(&second);
    return 0;
}
