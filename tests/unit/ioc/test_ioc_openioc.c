/* test_ioc_openioc.c - OpenIOC 1.0 and 1.1, and the XML that carries them. */
#include "ioc_test.h"

#include "ioc/ioc_xml.h"

#define ITEM(id, condition, search, content)                                            \
    "<IndicatorItem id=\"" id "\" condition=\"" condition "\"><Context document=\"x\" " \
    "search=\"" search "\" type=\"mir\"/><Content type=\"string\">" content             \
    "</Content></IndicatorItem>"

static const char version_1_0[] =
        "<?xml version=\"1.0\" encoding=\"us-ascii\"?>\n<!-- <ioc> in a comment -->\n"
        "<ioc xmlns=\"http://schemas.mandiant.com/2010/ioc\" id=\"file-1\">"
        "<short_description>X &amp; Y</short_description>"
        "<authored_date>2026-11-01T00:00:00Z</authored_date>"
        "<links><link rel=\"threatgroup\">G1</link><link rel=\"category\">Backdoor</link></links>"
        "<definition><Indicator operator=\"OR\" id=\"o\">" ITEM("1", "is", "FileItem/Md5sum",
                "AABBCCDDEEFF00112233445566778899") ITEM("2", "contains", "DnsEntryItem/Host",
                "evil.example") ITEM("3", "is", "PortItem/remoteIP", " 192.0.2.1 ") ITEM("4",
                "contains", "FileItem/FullPath",
                "\\Temp\\a&amp;b_x.dll") ITEM("5", "is", "Network/URI", "/gate_x/in.php") ITEM("6",
                "containsnot", "DnsEntryItem/Host", "good.example") ITEM("7", "is",
                "RegistryItem/Path", "HKLM\\x") "<Indicator operator=\"AND\" id=\"a\">" ITEM("8",
                "is", "FileItem/FileName", "tool_x.exe") ITEM("9", "is", "FileItem/SizeInBytes",
                "100") "</Indicator>"
                       "<Indicator operator=\"AND\" id=\"b\">" ITEM("10", "is", "FileItem/FileName",
                               "alone_x.exe") "</Indicator>"
                                              "<Indicator operator=\"AND\" id=\"c\">"
                                              "<Indicator operator=\"OR\" id=\"d\">" ITEM("11",
                                                      "is", "Network/DNS",
                                                      "tied.example") "</Indicator>" ITEM("12",
                                                      "is", "Email/From",
                                                      "a@b.example") "</Indicator>" ITEM("13", "is",
                                                      "Network/DNS",
                                                      "") "</Indicator></definition></ioc>";

#define ABOUT "tags=G1, Backdoor comment=X & Y"

/* Items that stand alone are indicators; those below an AND with others are told, as are conditions
 * and kinds that no indicator has. */
static void items_that_stand_alone(void **state)
{
    (void)state;
    expect_file(NULL, file_of("x.ioc", version_1_0),
            "1 md5 aabbccddeeff00112233445566778899 " ABOUT " id=1 first=2026-11-01T00:00:00Z\n"
            "2 domain evil.example " ABOUT " id=2 first=2026-11-01T00:00:00Z\n"
            "3 ipv4 192.0.2.1 " ABOUT " id=3 first=2026-11-01T00:00:00Z\n"
            "4 filename temp/a&b_x.dll " ABOUT " id=4 first=2026-11-01T00:00:00Z\n"
            "5 url-path /gate_x/in.php " ABOUT " id=5 first=2026-11-01T00:00:00Z\n"
            "10 filename alone_x.exe " ABOUT " id=10 first=2026-11-01T00:00:00Z\n",
            "6 operator good.example\n"
            "7 type HKLM\\x\n"
            "8 combined tool_x.exe\n"
            "9 combined 100\n"
            "11 combined tied.example\n"
            "12 combined a@b.example\n"
            "13 shape \n");
}

/* Version 1.1: another root element, negation as an attribute, values in CDATA, prefixes. */
static void version_1_1(void **state)
{
    (void)state;
    expect_file(NULL,
            file_of("x.ioc",
                    "<o:OpenIOC xmlns:o='http://openioc.org/schemas/OpenIOC_1.1'><o:criteria>"
                    "<o:Indicator operator='OR'>"
                    "<o:IndicatorItem id='1' condition='is' negate='false'><o:Context "
                    "search='Network/DNS'/><o:Content><![CDATA[evil.example]]></o:Content>"
                    "</o:IndicatorItem>"
                    "<o:IndicatorItem id='2' condition='is' negate='true'><o:Context "
                    "search='Network/DNS'/><o:Content>good.example</o:Content></o:IndicatorItem>"
                    "<o:IndicatorItem id='3' condition='matches'><o:Context search='Network/DNS'/>"
                    "<o:Content>^x</o:Content></o:IndicatorItem>"
                    "</o:Indicator></o:criteria></o:OpenIOC>"),
            "1 domain evil.example id=1\n", "2 operator good.example\n3 operator ^x\n");
}

/* Entities of a document type are not expanded: a bomb stays the few bytes it is. */
static void entities_do_not_expand(void **state)
{
    (void)state;
    expect_file(NULL,
            file_of("x.ioc",
                    "<?xml version='1.0'?><!DOCTYPE ioc [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b "
                    "'&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]><ioc><definition><Indicator operator='OR'>"
                    "<IndicatorItem id='1' condition='is'><Context search='Network/DNS'/><Content>"
                    "&b;.example</Content></IndicatorItem>"
                    "<IndicatorItem id='2' condition='is'><Context search='Network/DNS'/><Content>"
                    "&#x65;vil&#46;example</Content></IndicatorItem>"
                    "</Indicator></definition></ioc>"),
            "2 domain evil.example id=2\n", "1 domain &b;.example\n");
}

/* What is cut off, too deep or no OpenIOC is an error, and nothing of it is taken. */
static void documents_that_cannot_be_read(void **state)
{
    struct hn_buf deep = { 0 };
    const struct {
        struct hn_text text;
        enum hn_status status;
    } cases[] = {
        { HN_TEXT("<ioc><Indicator operator='OR'>"), HN_TRUNCATED },
        { HN_TEXT("<ioc><Indicator operator='OR"), HN_UNSUPPORTED },
        { HN_TEXT("<ioc><definition/></ioc>"), HN_UNSUPPORTED },
        { HN_TEXT("no xml"), HN_UNSUPPORTED },
        { HN_TEXT(""), HN_UNSUPPORTED },
        { hn_buf_text(&deep), HN_LIMIT },
    };

    (void)state;
    for (int i = 0; i < 100000; i++)
        hn_buf_add_lit(&deep, "<Indicator operator='OR'>");
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct ioc_builder *builder = ioc_builder_new(NULL);
        struct hn_text text = cases[i].status == HN_LIMIT ? hn_buf_text(&deep) : cases[i].text;
        struct ioc_input input = {
            .name = HN_TEXT("x"), .bytes = hn_text_as_bytes(text), .format = IOC_FORMAT_OPENIOC
        };
        struct hn_err err = { 0 };

        if (ioc_load(builder, &input, NULL, &err) != cases[i].status)
            fail_msg("case %zu: %s", i, err.msg);
        assert_int_equal(builder->store.records.count, 0);
        ioc_builder_free(builder);
    }
    hn_buf_deinit(&deep);
}

/* The scanner tells tags, empty tags, text and attributes in order, whatever stands between. */
static void the_scanner(void **state)
{
    struct ioc_xml xml = ioc_xml_over(
            HN_TEXT("<?p x>?><a n:x='1>2' y=\"b\"><!-- <z> --><b/>t&lt;<![CDATA[<c>]]></a ><d"));
    struct hn_buf out = { 0 };

    (void)state;
    assert_true(ioc_xml_next(&xml));
    assert_int_equal(xml.kind, IOC_XML_START);
    assert_true(hn_text_eq(xml.name, HN_TEXT("a")));
    assert_true(hn_text_eq(ioc_xml_attribute(&xml, "x"), HN_TEXT("1>2")));
    assert_true(hn_text_eq(ioc_xml_attribute(&xml, "y"), HN_TEXT("b")));
    assert_null(ioc_xml_attribute(&xml, "z").ptr);
    assert_true(ioc_xml_next(&xml));
    assert_int_equal(xml.kind, IOC_XML_START);
    assert_true(ioc_xml_next(&xml));
    assert_int_equal(xml.kind, IOC_XML_END);
    assert_true(hn_text_eq(xml.name, HN_TEXT("b")));
    assert_true(ioc_xml_next(&xml));
    assert_int_equal(xml.kind, IOC_XML_TEXT);
    ioc_xml_plain(&out, xml.text);
    assert_true(hn_text_eq(hn_buf_text(&out), HN_TEXT("t<")));
    assert_true(ioc_xml_next(&xml));
    assert_true(xml.cdata);
    assert_true(hn_text_eq(xml.text, HN_TEXT("<c>")));
    assert_true(ioc_xml_next(&xml));
    assert_int_equal(xml.kind, IOC_XML_END);
    assert_true(hn_text_eq(xml.name, HN_TEXT("a")));
    assert_false(ioc_xml_next(&xml));
    assert_true(xml.broken);
    hn_buf_deinit(&out);
}

static void every_truncation(void **state)
{
    (void)state;
    read_every_prefix(IOC_FORMAT_OPENIOC, version_1_0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_that_stand_alone),
        cmocka_unit_test(version_1_1),
        cmocka_unit_test(entities_do_not_expand),
        cmocka_unit_test(documents_that_cannot_be_read),
        cmocka_unit_test(the_scanner),
        cmocka_unit_test(every_truncation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
