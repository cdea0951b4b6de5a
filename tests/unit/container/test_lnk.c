/* test_lnk.c - shortcuts of our own making (make_container_seeds.py): what they start and hide; cut
 * at every byte; without memory. Real ones are test_lnk_samples.c's. */
#include "open.h"

#include "base/mem.h"

#include <stdlib.h>

static char *read_seed(const char *name, struct hn_text *ret_text)
{
    char path[512];
    char *bytes;

    (void)snprintf(path, sizeof path, "%s/../fuzz/corpus/lnk/%s", HN_TESTS_DIR, name);
    bytes = check_read_file(path, ret_text);
    assert_non_null(bytes);
    return bytes;
}

static void deceptions_are_noted(void **state)
{
    struct hn_text text;
    char *bytes = read_seed("full", &text);
    struct dissect *dissect =
            open_bytes(container_open_lnk, DISSECT_LNK, "a.lnk", hn_text_as_bytes(text), NULL);
    uint32_t id = child_named(dissect, "command");

    (void)state;
    if (getenv("HN_SHOW") != NULL)
        print_tree(dissect);
    check_text(fact_of(dissect, 0, "target", 0), "%ComSpec%");
    check_text(fact_of(dissect, 0, "environment_target", 0), "%ComSpec%");
    check_text(fact_of(dissect, 0, "local_base_path", 0), "C:\\Windows\\cmd.exe");
    check_text(fact_of(dissect, 0, "volume_label", 0), "OS");
    check_text(fact_of(dissect, 0, "drive_serial", 0), "0x12345678");
    check_text(fact_of(dissect, 0, "item_long_name", 1), "cmd.exe");
    check_text(fact_of(dissect, 0, "item_name", 1), "CMD.EXE");
    check_text(fact_of(dissect, 0, "machine_id", 0), "host1");
    check_text(fact_of(dissect, 0, "special_folder", 0), "37");
    check_text(fact_of(dissect, 0, "created", 0), "2019-04-17T18:40:00Z");
    check_text(fact_of(dissect, 0, "property", 0),
            "03020100-0504-0706-0809-0A0B0C0D0E0F/4=S-1-5-21-1");
    assert_int_not_equal(id, DISSECT_NONE);
    assert_int_equal(dissect_get(dissect, id)->format, DISSECT_COMMAND);
    assert_true(hn_text_starts(
            hn_bytes_as_text(dissect_get(dissect, id)->data), HN_TEXT("%ComSpec% /c echo  ")));
    check_text(note_of(dissect, 0, DISSECT_NOTE_MISMATCH),
            "starts an interpreter behind the icon of shell32.dll");
    check_text(
            note_of(dissect, 0, DISSECT_NOTE_HIDDEN), "301 blanks hide the end of its arguments");
    check_child(dissect, "appended", "appended bytes");
    dissect_free(dissect);
    hn_free(bytes);
}

static void shares_and_plain_ones(void **state)
{
    struct hn_text text;
    char *bytes = read_seed("network", &text);
    struct dissect *dissect =
            open_bytes(container_open_lnk, DISSECT_LNK, "a.lnk", hn_text_as_bytes(text), NULL);

    (void)state;
    check_text(fact_of(dissect, 0, "net_name", 0), "\\\\h.example\\s");
    check_text(fact_of(dissect, 0, "target", 0), "\\\\h.example\\s\\x.doc");
    assert_true(has_text(dissect, 0, "\\\\h.example\\s"));
    dissect_free(dissect);
    hn_free(bytes);
    bytes = read_seed("plain", &text);
    dissect = open_bytes(container_open_lnk, DISSECT_LNK, "a.lnk", hn_text_as_bytes(text), NULL);
    check_child(dissect, "command", "C:\\Windows\\cmd.exe /c echo hello");
    dissect_free(dissect);
    hn_free(bytes);
}

static void internet_shortcuts(void **state)
{
    static const char text[] = "[InternetShortcut]\r\nURL=file://share.example/x/run.cmd\r\n"
                               "IconFile=C:\\Windows\\System32\\shell32.dll\r\nIconIndex=3\r\n";
    struct dissect *dissect = open_bytes(
            container_open_url, DISSECT_URL, "a.url", hn_bytes_of(text, sizeof text - 1), NULL);

    (void)state;
    check_text(fact_of(dissect, 0, "url", 0), "file://share.example/x/run.cmd");
    assert_true(has_text(dissect, 0, "file://share.example/x/run.cmd"));
    dissect_free(dissect);
}

static void every_truncation_is_survived(void **state)
{
    struct hn_text text;
    char *bytes = read_seed("full", &text);

    (void)state;
    for (size_t len = 0; len < text.len; len++) {
        char *copy = malloc(len + (len == 0));

        assert_non_null(copy);
        memcpy(copy, text.ptr, len);
        dissect_free(
                open_bytes(container_open_lnk, DISSECT_LNK, "a.lnk", hn_bytes_of(copy, len), NULL));
        free(copy);
    }
    hn_free(bytes);
}

static void every_allocation_may_fail(void **state)
{
    struct hn_text text;
    char *bytes = read_seed("full", &text);

    (void)state;
    open_without_memory(container_open_lnk, DISSECT_LNK, hn_text_as_bytes(text));
    hn_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deceptions_are_noted),
        cmocka_unit_test(shares_and_plain_ones),
        cmocka_unit_test(internet_shortcuts),
        cmocka_unit_test(every_truncation_is_survived),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
