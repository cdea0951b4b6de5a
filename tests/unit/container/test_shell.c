/* test_shell.c - files of the Windows shell: what they point to is found, whatever it is written
 * as. */
#include "open.h"

#include "base/mem.h"

#include <stdlib.h>

static struct dissect *open_text(
        dissect_opener *opener, enum dissect_format format, const char *text)
{
    return open_bytes(opener, format, "a", hn_bytes_of(text, strlen(text)), NULL);
}

static void libraries_name_their_places(void **state)
{
    struct dissect *dissect = open_text(container_open_shell_xml, DISSECT_SHELL_XML,
            "<?xml version=\"1.0\"?><libraryDescription><iconReference>a.dll,-3</iconReference>"
            "<searchConnectorDescription><simpleLocation><url>\\\\dav.example@SSL\\a&amp;b</url>"
            "</simpleLocation></searchConnectorDescription></libraryDescription>");

    (void)state;
    check_text(fact_of(dissect, 0, "url", 0), "\\\\dav.example@SSL\\a&b");
    check_text(fact_of(dissect, 0, "remote_target", 0), "\\\\dav.example@SSL\\a&b");
    check_text(fact_of(dissect, 0, "icon_location", 0), "a.dll,-3");
    assert_null(fact_of(dissect, 0, "remote_target", 1).ptr);
    assert_true(has_text(dissect, 0, "dav.example"));
    dissect_free(dissect);
}

static void saved_searches_name_their_scope(void **state)
{
    struct dissect *dissect = open_text(container_open_shell_xml, DISSECT_SHELL_XML,
            "<persistedQuery><query><scope><include path=\"\\\\192.0.2.7\\docs\"/></scope></query>"
            "</persistedQuery>");

    (void)state;
    check_text(fact_of(dissect, 0, "target", 0), "\\\\192.0.2.7\\docs");
    assert_true(has_text(dissect, 0, "192.0.2.7"));
    dissect_free(dissect);
}

static void settings_start_their_command(void **state)
{
    struct dissect *dissect = open_text(container_open_shell_xml, DISSECT_SHELL_XML,
            "<PCSettings><SearchableContent><ApplicationInformation><DeepLink>cmd.exe /c echo 1 "
            "&amp; echo 2</DeepLink></ApplicationInformation></SearchableContent></PCSettings>");
    uint32_t id = child_named(dissect, "command");

    (void)state;
    assert_int_not_equal(id, DISSECT_NONE);
    assert_int_equal(dissect_get(dissect, id)->format, DISSECT_COMMAND);
    check_text(hn_bytes_as_text(dissect_get(dissect, id)->data), "cmd.exe /c echo 1 & echo 2");
    dissect_free(dissect);
}

static void themes_name_what_they_load(void **state)
{
    struct dissect *dissect = open_text(container_open_url, DISSECT_SHELL_INI,
            "[Theme]\r\nDisplayName=x\r\n[VisualStyles]\r\nPath=\\\\192.0.2.9\\s\\a.msstyles\r\n"
            "[boot]\r\nSCRNSAVE.EXE=\\\\files.example\\a.scr\r\n");

    (void)state;
    check_text(fact_of(dissect, 0, "visual_style", 0), "\\\\192.0.2.9\\s\\a.msstyles");
    check_text(fact_of(dissect, 0, "screen_saver", 0), "\\\\files.example\\a.scr");
    assert_true(has_text(dissect, 0, "files.example"));
    dissect_free(dissect);
}

/* ---- Jump lists ---- */

static void add_lnk(struct hn_buf *out, uint8_t mark)
{
    static const uint8_t class_id[] = { 1, 0x14, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46 };

    hn_buf_add(out, class_id, sizeof class_id); /* in front of each */
    hn_buf_add_lit(out, "\x4C\0\0\0");
    hn_buf_add(out, class_id, sizeof class_id);
    hn_buf_add_repeat(out, '\0', 76 - 20);
    hn_buf_add_char(out, (char)mark);
}

static void write_list(struct hn_buf *out)
{
    hn_buf_add_lit(out, "\2\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\2\0\0\0");
    add_lnk(out, 1);
    add_lnk(out, 2);
    hn_buf_add_lit(out, "\xAB\xFB\xBF\xBA");
}

static void jump_lists_give_their_shortcuts(void **state)
{
    struct hn_buf list = { 0 };
    struct dissect *dissect;

    (void)state;
    write_list(&list);
    dissect = open_bytes(container_open_jump_list, DISSECT_JUMP_LIST, "a",
            hn_text_as_bytes(hn_buf_text(&list)), NULL);
    assert_int_equal(dissect_count(dissect), 3);
    for (uint32_t id = 1; id < 3; id++) {
        const struct dissect_object *object = dissect_get(dissect, id);

        assert_int_equal(object->format, DISSECT_LNK);
        assert_int_equal(object->data.len, 77);
        assert_int_equal(object->data.ptr[76], id);
    }
    dissect_free(dissect);
    hn_buf_deinit(&list);
}

static void every_truncation_is_survived(void **state)
{
    static const char xml[] = "<libraryDescription><url>\\\\a.example&amp;\\b</url><include "
                              "path='x'/></libraryDescription>";
    struct hn_buf list = { 0 };

    (void)state;
    write_list(&list);
    for (size_t len = 0; len < list.len; len++) {
        uint8_t *copy = malloc(len + 1);

        assert_non_null(copy);
        memcpy(copy, list.ptr, len);
        dissect_free(open_bytes(
                container_open_jump_list, DISSECT_JUMP_LIST, "a", hn_bytes_of(copy, len), NULL));
        if (len < sizeof xml) {
            memcpy(copy, xml, len);
            dissect_free(open_bytes(container_open_shell_xml, DISSECT_SHELL_XML, "a",
                    hn_bytes_of(copy, len), NULL));
        }
        free(copy);
    }
    hn_buf_deinit(&list);
}

static void every_allocation_may_fail(void **state)
{
    static const char xml[] = "<PCSettings><DeepLink>cmd &amp; x</DeepLink></PCSettings>";

    (void)state;
    open_without_memory(
            container_open_shell_xml, DISSECT_SHELL_XML, hn_bytes_of(xml, sizeof xml - 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libraries_name_their_places),
        cmocka_unit_test(saved_searches_name_their_scope),
        cmocka_unit_test(settings_start_their_command),
        cmocka_unit_test(themes_name_what_they_load),
        cmocka_unit_test(jump_lists_give_their_shortcuts),
        cmocka_unit_test(every_truncation_is_survived),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
