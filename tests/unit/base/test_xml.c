/* test_xml.c - the pull scanner: what it gives for well-formed text, and what it refuses. */
#include "base/buf.h"
#include "base/xml.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* One line per token: "<name a=b" "text" ">name", then how it ended. */
static void describe(struct hn_text in, struct hn_buf *buf)
{
    struct hn_xml xml;
    enum hn_xml_kind kind;

    hn_xml_init(&xml, in);
    while ((kind = hn_xml_next(&xml)) > HN_XML_END_OF_INPUT) {
        assert_true(xml.start <= xml.pos && xml.pos <= in.len);
        if (kind == HN_XML_TEXT) {
            hn_buf_add_lit(buf, "'");
            hn_buf_add_text(buf, xml.text);
            hn_buf_add_cstr(buf, xml.cdata ? "'c " : "' ");
            continue;
        }
        hn_buf_add_cstr(buf, kind == HN_XML_START ? "<" : ">");
        hn_buf_add_text(buf, xml.name);
        for (uint32_t i = 0; kind == HN_XML_START && i < xml.attr_count; i++) {
            hn_buf_add_lit(buf, " ");
            hn_buf_add_text(buf, xml.attrs[i].name);
            hn_buf_add_lit(buf, "=");
            hn_buf_add_text(buf, xml.attrs[i].value);
        }
        hn_buf_add_lit(buf, " ");
    }
    hn_buf_add_cstr(buf, kind == HN_XML_END_OF_INPUT ? "." : hn_status_text(xml.status));
}

static void assert_tokens(const char *in, const char *expected)
{
    struct hn_buf buf = { 0 };

    describe(hn_text_cstr(in), &buf);
    hn_buf_add_char(&buf, '\0');
    assert_true(hn_buf_ok(&buf));
    assert_string_equal(buf.ptr, expected);
    hn_buf_deinit(&buf);
}

/* Elements, attributes in both quotes, texts, CDATA; what carries no data is passed over. */
static void well_formed(void **state)
{
    (void)state;
    assert_tokens("", ".");
    assert_tokens("<a/>", "<a >a .");
    assert_tokens("<a></a>", "<a >a .");
    assert_tokens("<a b='1' c = \"2'3\"/>", "<a b=1 c=2'3 >a .");
    assert_tokens("<a><b>x</b>y</a>", "<a <b 'x' >b 'y' >a .");
    assert_tokens("<?xml version='1.0'?>\n<a/>", "'\n' <a >a .");
    assert_tokens("\xEF\xBB\xBF<a/>", "<a >a .");
    assert_tokens("<a><!-- <b> -->x<?p <c> ?>y</a>", "<a 'x' 'y' >a .");
    assert_tokens("<a><![CDATA[<b>&amp;]]></a>", "<a '<b>&amp;'c >a .");
    assert_tokens("<a>&lt;\r\n</a >", "<a '&lt;\r\n' >a .");
    assert_tokens("<a/><b/>", "<a >a <b >b .");
    assert_tokens("<ns:a-1._ \t\n x:y=''/>", "<ns:a-1._ x:y= >ns:a-1._ .");
    assert_tokens("<\xE7\x81\xAB/>", "<\xE7\x81\xAB >\xE7\x81\xAB .");
}

/* Slips that would change the meaning are refused, and everything before them is still given. */
static void refused(void **state)
{
    (void)state;
    assert_tokens("<a></b>", "<a syntax error");
    assert_tokens("</a>", "syntax error");
    assert_tokens("<a><b></a></b>", "<a <b syntax error");
    assert_tokens("<a b/>", "syntax error");
    assert_tokens("<a b=1/>", "syntax error");
    assert_tokens("<a b='1'c='2'/>", "syntax error");
    assert_tokens("<a b='1' b='2'/>", "syntax error");
    assert_tokens("<a b='<'/>", "syntax error");
    assert_tokens("<1/>", "syntax error");
    assert_tokens("<a / >", "syntax error");
    assert_tokens("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "not supported");
    assert_tokens("<!ELEMENT a>", "syntax error");
}

/* Every prefix of a document is cut off (or complete), never another failure, never accepted as
 * more than it is. */
static void every_truncation(void **state)
{
    static const char document[] =
            "<?xml version='1.0'?><!-- c --><a b='1' c=\"2\"><d/>x<![CDATA[y]]><e>z</e ></a>";

    (void)state;
    for (size_t len = 0; len < sizeof document - 1; len++) {
        char copy[sizeof document];
        struct hn_xml xml;
        enum hn_xml_kind kind;

        memcpy(copy, document, len);
        hn_xml_init(&xml, hn_text_of(copy, len));
        while ((kind = hn_xml_next(&xml)) > HN_XML_END_OF_INPUT)
            continue;
        if (kind == HN_XML_FAILED)
            assert_int_equal(xml.status, HN_TRUNCATED);
        else
            assert_true(len == 0 || len == 21 || len == 31);
        assert_int_equal(hn_xml_next(&xml), kind);
    }
}

/* Depth and number of attributes end at their limits, and not one before. */
static void limits(void **state)
{
    struct hn_xml xml;
    struct hn_buf buf = { 0 };

    (void)state;
    for (uint32_t i = 0; i <= HN_XML_DEPTH_MAX; i++)
        hn_buf_add_lit(&buf, "<a>");
    hn_xml_init(&xml, hn_buf_text(&buf));
    for (uint32_t i = 0; i < HN_XML_DEPTH_MAX; i++)
        assert_int_equal(hn_xml_next(&xml), HN_XML_START);
    assert_int_equal(hn_xml_next(&xml), HN_XML_FAILED);
    assert_int_equal(xml.status, HN_LIMIT);

    hn_buf_reset(&buf);
    hn_buf_add_lit(&buf, "<a");
    for (uint32_t i = 0; i < HN_XML_ATTRS_MAX; i++)
        hn_buf_addf(&buf, " a%u=''", (unsigned)i);
    hn_buf_add_lit(&buf, "/>");
    hn_xml_init(&xml, hn_buf_text(&buf));
    assert_int_equal(hn_xml_next(&xml), HN_XML_START);
    assert_int_equal(xml.attr_count, HN_XML_ATTRS_MAX);
    buf.len -= 2;
    hn_buf_add_lit(&buf, " b=''/>");
    hn_xml_init(&xml, hn_buf_text(&buf));
    assert_int_equal(hn_xml_next(&xml), HN_XML_FAILED);
    assert_int_equal(xml.status, HN_LIMIT);
    hn_buf_deinit(&buf);
}

/* An element is skipped with all it holds, and attributes are found by name. */
static void skip_and_attributes(void **state)
{
    struct hn_xml xml;

    (void)state;
    hn_xml_init(&xml, HN_TEXT("<a x='1' y='2'><b><c/></b>t</a><d/>"));
    assert_int_equal(hn_xml_next(&xml), HN_XML_START);
    assert_true(hn_text_eq(hn_xml_attr(&xml, HN_TEXT("y")), HN_TEXT("2")));
    assert_null(hn_xml_attr(&xml, HN_TEXT("z")).ptr);
    assert_int_equal(hn_xml_skip(&xml), HN_XML_END);
    assert_true(hn_text_eq(xml.name, HN_TEXT("a")));
    assert_int_equal(hn_xml_next(&xml), HN_XML_START);
    assert_true(hn_text_eq(xml.name, HN_TEXT("d")));
    assert_int_equal(hn_xml_skip(&xml), HN_XML_END);
    assert_int_equal(hn_xml_next(&xml), HN_XML_END_OF_INPUT);
    hn_xml_init(&xml, HN_TEXT("<a><b>"));
    assert_int_equal(hn_xml_next(&xml), HN_XML_START);
    assert_int_equal(hn_xml_skip(&xml), HN_XML_FAILED);
}

/* A failure names its line and column. */
static void failure_has_a_place(void **state)
{
    struct hn_err err = { 0 };
    struct hn_xml xml;

    (void)state;
    hn_xml_init(&xml, HN_TEXT("<a>\n  <b =''/></a>"));
    while (hn_xml_next(&xml) > HN_XML_END_OF_INPUT)
        continue;
    assert_int_equal(hn_xml_fail(&xml, &err), HN_SYNTAX);
    assert_int_equal(err.line, 2);
    assert_int_equal(err.column, 6);
}

/* References that XML knows are resolved; everything else stays visible and is reported. */
static void references(void **state)
{
    static const struct {
        const char *in;
        const char *out;
        bool well_formed;
    } cases[] = {
        { "", "", true },
        { "plain", "plain", true },
        { "&lt;&gt;&amp;&quot;&apos;", "<>&\"'", true },
        { "a&amp;lt;b", "a&lt;b", true },
        { "&#65;&#x42;&#x1F600;&#x000000043;",
                "AB\xF0\x9F\x98\x80"
                "C",
                true },
        { "&#x706b;", "\xE7\x81\xAB", true },
        { "&#xD800;&#x110000;&#99999999999999999999;", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD",
                false },
        { "&", "&", false },
        { "&&amp;&", "&&&", false },
        { "&nbsp;", "&nbsp;", false },
        { "&#;&#x;&#xG;&#1a;&;", "&#;&#x;&#xG;&#1a;&;", false },
        { "&amp", "&amp", false },
        { "&lt;script&gt;", "<script>", true },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        char out[128];
        bool well_formed = !cases[i].well_formed;
        size_t len = hn_xml_unescape(hn_text_cstr(cases[i].in), out, &well_formed);

        assert_true(len <= strlen(cases[i].in));
        assert_true(hn_text_eq(hn_text_of(out, len), hn_text_cstr(cases[i].out)));
        assert_int_equal(well_formed, cases[i].well_formed);
        assert_true(
                hn_xml_is_plain(hn_text_cstr(cases[i].in)) == (strchr(cases[i].in, '&') == NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(well_formed),
        cmocka_unit_test(refused),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(limits),
        cmocka_unit_test(skip_and_attributes),
        cmocka_unit_test(failure_has_a_place),
        cmocka_unit_test(references),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
