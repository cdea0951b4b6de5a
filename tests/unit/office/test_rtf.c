/* test_rtf.c - RTF as Word reads it. */
#include "support/office_tree.h"
#include "support/office_writer.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static struct dissect *open_rtf(struct hn_text text)
{
    struct dissect *dissect = office_tree(hn_text_as_bytes(text), DISSECT_UNKNOWN);

    assert_non_null(dissect);
    assert_int_equal(dissect_get(dissect, 0)->format, DISSECT_RTF);
    return dissect;
}

/* The digits of an OLE 1 package named a.txt that holds "hi". */
static struct hn_text package_digits(struct hn_buf *buf)
{
    struct hn_buf native = { 0 };
    struct hn_buf object = { 0 };

    office_writer_native(
            &native, "a.txt", "C:\\a.txt", "C:\\t\\a.txt", hn_text_as_bytes(HN_TEXT("hi")), NULL);
    /* RTF has the package without the size in front. */
    office_writer_ole1(&object, "Package", hn_bytes_of(native.ptr + 4, native.len - 4));
    hn_buf_add_hex(buf, object.ptr, object.len);
    hn_buf_deinit(&native);
    hn_buf_deinit(&object);
    return hn_buf_text(buf);
}

static void assert_package(struct dissect *dissect)
{
    const struct dissect_object *file = office_tree_object(dissect, DISSECT_UNKNOWN, "a.txt");

    assert_non_null(file);
    assert_true(hn_text_eq(hn_bytes_as_text(file->data), HN_TEXT("hi")));
    assert_true(office_tree_fact(dissect, "object_class", "Package"));
    assert_true(office_tree_fact(dissect, "package_path", "C:\\a.txt"));
}

/* Every way to interrupt the digits that Word passes over, at every place of a short object. */
static void digits_may_be_interrupted(void **state)
{
    static const struct {
        const char *noise;
        bool at_even_only; /* loses a digit that waits for its second */
    } noises[] = {
        { " \r\n\t", false },
        { "{\\*\\nobodyknows 41{42}43}", false },
        { "{}", false },
        { "\\unknown7 ", false },
        { "{\\fonttbl{\\f0 41;}}", false },
        { "zz", false },
        { "\\bin0 ", false },
        { "\\bin-5 ", false },
        { "\\'41", true },
        { "\\~", false },
    };
    struct hn_buf digits = { 0 };
    struct hn_text hex = package_digits(&digits);

    (void)state;
    for (size_t n = 0; n < HN_COUNT_OF(noises); n++) {
        for (size_t at = 0; at <= hex.len; at += noises[n].at_even_only ? 2 : 1) {
            struct hn_buf file = { 0 };
            struct dissect *dissect;

            hn_buf_add_lit(&file, "{\\rtf1{\\object\\objemb{\\*\\objdata ");
            hn_buf_add(&file, hex.ptr, at);
            hn_buf_add_cstr(&file, noises[n].noise);
            hn_buf_add(&file, hex.ptr + at, hex.len - at);
            hn_buf_add_lit(&file, "}}}");
            dissect = open_rtf(hn_buf_text(&file));
            assert_package(dissect);
            dissect_free(dissect);
            hn_buf_deinit(&file);
        }
    }
    hn_buf_deinit(&digits);
}

/* A quoted byte behind an odd digit swallows that digit. */
static void quoted_byte_swallows_a_digit(void **state)
{
    struct hn_buf digits = { 0 };
    struct hn_text hex = package_digits(&digits);
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    hn_buf_add_lit(&file, "{\\rt{\\object{\\objdata 0\\'99");
    hn_buf_add_text(&file, hex);
    dissect = open_rtf(hn_buf_text(&file)); /* and nobody closes the groups */
    assert_package(dissect);
    assert_true(office_tree_note(dissect, DISSECT_NOTE_OBFUSCATED));
    dissect_free(dissect);
    hn_buf_deinit(&file);
    hn_buf_deinit(&digits);
}

static void raw_bytes_are_data(void **state)
{
    struct hn_buf digits = { 0 };
    struct hn_text hex = package_digits(&digits);
    struct hn_buf raw = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    hn_buf_add_lit(&file, "{\\rtf1{\\object{\\objdata ");
    hn_buf_add(&file, hex.ptr, 24);
    for (size_t i = 24; i < hex.len; i += 2) {
        char two[3] = { hex.ptr[i], hex.ptr[i + 1], 0 };

        hn_buf_add_char(&raw, (char)strtol(two, NULL, 16));
    }
    hn_buf_addf(&file, "\\bin%zu ", raw.len);
    hn_buf_add_text(&file, hn_buf_text(&raw));
    hn_buf_add_lit(&file, "}}}");
    dissect = open_rtf(hn_buf_text(&file));
    assert_package(dissect);
    dissect_free(dissect);
    hn_buf_deinit(&raw);
    hn_buf_deinit(&file);
    hn_buf_deinit(&digits);
}

/* An object that is called something else than it is. */
static void class_mismatch_is_noted(void **state)
{
    struct hn_buf object = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    office_writer_ole1(&object, "Equation.3", hn_text_as_bytes(HN_TEXT("\1\2\3\4\5\6\7")));
    hn_buf_add_lit(&file, "{\\rtf1{\\object\\objemb\\objupdate{\\*\\objclass Word.Document.8}"
                          "{\\*\\objdata ");
    hn_buf_add_hex(&file, object.ptr, object.len);
    hn_buf_add_lit(&file, "}}}");
    dissect = open_rtf(hn_buf_text(&file));
    assert_true(office_tree_note(dissect, DISSECT_NOTE_MISMATCH));
    assert_true(office_tree_fact(dissect, "equation", "true"));
    assert_true(office_tree_fact(dissect, "object_update", "true"));
    dissect_free(dissect);
    hn_buf_deinit(&object);
    hn_buf_deinit(&file);
}

static void texts_fields_and_strings(void **state)
{
    static const char file[] =
            "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset128 B;}}"
            "{\\*\\template http://one.example/t.dot}{\\info{\\title T\\'e9}{\\doccomm long}}"
            "{\\*\\userprops{\\propname own}\\proptype30{\\staticval value}}"
            "{\\*\\docvar {var}{a {b} c}}"
            "{\\*\\shpinst{\\sp{\\sn wzName}{\\sv S}}{\\sp{\\sn wzDescription}{\\sv alt}}}"
            "\\f1 \\'93\\'fa\\'96\\'7b\\f0 \\u8364?\\u-10179?\\u-8704? x\\par"
            "{\\field{\\*\\fldinst {DDE}{AUTO cmd }{\\field{\\*\\fldinst QUOTE 34 47 99 34}"
            "{\\fldrslt no}}}{\\fldrslt seen}}{\\*\\unknown gone}}";
    struct dissect *dissect = open_rtf(hn_text_of(file, sizeof file - 1));

    (void)state;
    assert_true(office_tree_fact(dissect, "template_url", "http://one.example/t.dot"));
    assert_true(office_tree_fact(dissect, "title", "T\xC3\xA9"));
    assert_true(office_tree_fact(dissect, "comments", "long"));
    assert_true(office_tree_store(dissect, "CustomDocumentProperties(\"own\")", "value"));
    assert_true(office_tree_store(dissect, "ActiveDocument.Shapes(\"S\").AlternativeText", "alt"));
    assert_true(office_tree_fact(dissect, "dde_command", "cmd /c"));
    assert_true(office_tree_text(dissect, "body",
            "\xE6\x97\xA5\xE6\x9C\xAC\xE2\x82\xAC\xF0\x9F\x98\x80 x\r"
            "seen"));
    assert_false(office_tree_text(dissect, "body", "gone"));
    dissect_free(dissect);
}

/* Text without fields or objects gives no facts that rules alarm on. */
static void plain_text_is_plain(void **state)
{
    struct dissect *dissect = open_rtf(HN_TEXT("{\\rtf1\\ansi a cmd|'/c x'!A0 DDE cmd \\par}}}}"));

    (void)state;
    assert_null(dissect_get(dissect, 0)->facts);
    assert_null(dissect_get(dissect, 0)->notes);
    assert_int_equal(dissect_count(dissect), 1);
    dissect_free(dissect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_may_be_interrupted),
        cmocka_unit_test(quoted_byte_swallows_a_digit),
        cmocka_unit_test(raw_bytes_are_data),
        cmocka_unit_test(class_mismatch_is_noted),
        cmocka_unit_test(texts_fields_and_strings),
        cmocka_unit_test(plain_text_is_plain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
