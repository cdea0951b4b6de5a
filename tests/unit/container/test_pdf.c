/* test_pdf.c - PDF: actions, scripts, files and links, packed, encrypted, damaged. */
#include "open.h"

#include "base/mem.h"

#include <stdlib.h>

static struct dissect *open_pdf(const char *text)
{
    return open_bytes(
            container_open_pdf, DISSECT_PDF, "a.pdf", hn_bytes_of(text, strlen(text)), NULL);
}

static char *read_seed(const char *name, struct hn_text *ret_text)
{
    char path[512];
    char *bytes;

    (void)snprintf(path, sizeof path, "%s/../fuzz/corpus/pdf/%s", HN_TESTS_DIR, name);
    bytes = check_read_file(path, ret_text);
    assert_non_null(bytes);
    return bytes;
}

static void check_all_parts(const struct dissect *dissect)
{
    check_child(dissect, "javascript", "app.alert(1); // from a stream");
    check_child(dissect, "launch", "cmd.exe /c echo hello");
    check_child(dissect, "note.txt", "the content of the attached file");
    assert_int_equal(dissect_count(dissect), 4);
    assert_true(has_text(dissect, 0, "https://link.example/a?b=1"));
    assert_true(has_text(dissect, 0, "Please open the attachment"));
    check_text(fact_of(dissect, 0, "launch", 0), "cmd.exe /c echo hello");
    check_text(fact_of(dissect, 0, "page_count", 0), "1");
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_AUTORUN).ptr);
}

/* Every version of the standard encryption, object streams and cross-reference streams give the
 * same parts. */
static void parts_come_out_of_every_form(void **state)
{
    static const char *const names[] = { "plain.pdf", "packed.pdf", "r2rc4.pdf", "r3rc4.pdf",
        "r4rc4.pdf", "r4aes.pdf", "r5aes.pdf", "r6aes.pdf" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        struct hn_text text;
        char *bytes = read_seed(names[i], &text);
        struct dissect *dissect =
                open_bytes(container_open_pdf, DISSECT_PDF, names[i], hn_text_as_bytes(text), NULL);

        if (getenv("HN_SHOW") != NULL)
            print_tree(dissect);
        assert_int_equal(fact_of(dissect, 0, "encrypted", 0).ptr != NULL, i >= 2);
        check_all_parts(dissect);
        dissect_free(dissect);
        hn_free(bytes);
    }
}

static void a_password_of_the_tree_opens(void **state)
{
    struct hn_text text;
    char *bytes = read_seed("password.pdf", &text);
    struct dissect *dissect =
            open_bytes(container_open_pdf, DISSECT_PDF, "a.pdf", hn_text_as_bytes(text), NULL);
    struct dissect_child again = {
        .relation = "entry", .name = HN_TEXT("again"), .data = hn_text_as_bytes(text)
    };
    uint32_t id;

    (void)state;
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_PASSWORD).ptr);
    assert_int_equal(dissect_count(dissect), 1);
    dissect_password_add(dissect, HN_TEXT("wrong"));
    dissect_password_add(dissect, HN_TEXT("infected"));
    assert_int_equal(dissect_child(dissect, 0, &again, &id), HN_OK);
    assert_int_equal(container_open_pdf(dissect, id, NULL), HN_OK);
    check_text(fact_of(dissect, id, "password", 0), "infected");
    check_child(dissect, "note.txt", "the content of the attached file");
    dissect_free(dissect);
    hn_free(bytes);
}

/* No table, no header, names in disguise, a dictionary nobody closed. */
static void disguises_are_seen_through(void **state)
{
    struct dissect *dissect =
            open_pdf("1 0 obj<</Type/Catalog/OpenAction 2 0 R>>endobj\n"
                     "2 0 obj<</#53/J#61vaScript/JS(app\\056alert\\(2\\)\\\n;)/Next<</S/URI/URI"
                     "<68747470733a2f2f6f6e652e6578616d706c652f>>>>>endobj\n"
                     "3 0 obj<</S/SubmitForm/F<</FS/URL/F(https://form.example/p)>>endobj\n"
                     "4 0 obj<</S/GoToR/F(\\\\\\\\share.example\\\\x\\\\y.pdf)>>endobj\n"
                     "5 0 obj<</Length 9 0 R/Filter[/AHx/A85]>>stream\n"
                     "38376355 52>endstream endobj\n"
                     "6 0 obj<</Type/Filespec/UF<FEFF3042002E0062>/EF<</F 5 0 R>>>>endobj\n");

    (void)state;
    check_child(dissect, "javascript", "app.alert(2);");
    assert_true(has_text(dissect, 0, "https://one.example/"));
    assert_true(has_text(dissect, 0, "https://form.example/p"));
    assert_true(has_text(dissect, 0, "\\\\share.example\\x\\y.pdf"));
    check_child(dissect, "\xE3\x81\x82.b", "Hell");
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_OBFUSCATED).ptr);
    dissect_free(dissect);
}

static void other_filters(void **state)
{
    /* The example of ISO 32000-1, 7.4.4.2: 45 45 45 45 45 65 45 45 45 66. */
    struct dissect *dissect = open_pdf(
            "1 0 obj<</Filter[/ASCIIHexDecode/LZWDecode]>>stream\n800B6050220C0C8501>endstream "
            "endobj 2 0 obj<</F(lzw)/EF<</F 1 0 R>>>>endobj "
            "3 0 obj<</Filter[/AHx/RL]>>stream\n02414243FE5A80>endstream endobj "
            "4 0 obj<</F(run)/EF<</F 3 0 R>>>>endobj");

    (void)state;
    check_child(dissect, "lzw", "-----A---B");
    check_child(dissect, "run", "ABCZZZ");
    dissect_free(dissect);
}

/* Inputs of the kinds that make readers quadratic, or never end. */
static void traps_end_soon(void **state)
{
    static const char *const pieces[] = { "1 0 obj<<>>stream\n", "1 0 obj(", "1 0 obj<</A ",
        "1 0 obj[", "<<", "2 0 obj 2 0 R endobj ", "1 0 obj<</Length 1 0 R>>stream endstream ",
        "1 0 obj<</S/URI/URI 1 0 R>>", "trailer<</Encrypt 1 0 R>>", "9 0 obj<</Type/XRef>>" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(pieces); i++) {
        struct hn_buf text = { 0 };

        while (text.len < (size_t)1 << 20)
            hn_buf_add_cstr(&text, pieces[i]);
        dissect_free(open_bytes(container_open_pdf, DISSECT_PDF, "a.pdf",
                hn_text_as_bytes(hn_buf_text(&text)), NULL));
        hn_buf_deinit(&text);
    }
}

static void every_truncation_is_survived(void **state)
{
    struct hn_text text;
    char *bytes = read_seed("r4aes.pdf", &text);

    (void)state;
    for (size_t len = 0; len < text.len; len++) {
        char *copy = malloc(len + (len == 0));

        assert_non_null(copy);
        memcpy(copy, text.ptr, len);
        dissect_free(
                open_bytes(container_open_pdf, DISSECT_PDF, "a.pdf", hn_bytes_of(copy, len), NULL));
        free(copy);
    }
    hn_free(bytes);
}

static void every_allocation_may_fail(void **state)
{
    struct hn_text text;
    char *bytes = read_seed("packed.pdf", &text);

    (void)state;
    open_without_memory(container_open_pdf, DISSECT_PDF, hn_text_as_bytes(text));
    hn_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_come_out_of_every_form),
        cmocka_unit_test(a_password_of_the_tree_opens),
        cmocka_unit_test(disguises_are_seen_through),
        cmocka_unit_test(other_filters),
        cmocka_unit_test(traps_end_soon),
        cmocka_unit_test(every_truncation_is_survived),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
