/* test_installers.c - what installs and unpacks itself: Windows Installer, compiled help, archives
 * behind programs. */
#include "open.h"

#include "base/mem.h"
#include "support/zip_writer.h"

#include <stdlib.h>

/* The bytes of an image of make_images.sh, to be freed. */
static uint8_t *image(const char *name, size_t *ret_len)
{
    static const struct dissect_limits limits = { .memory_bytes_max = (size_t)512 << 20,
        .file_bytes_max = (uint64_t)64 << 20,
        .padded_bytes_max = (uint64_t)1 << 30,
        .inflated_bytes_max = (uint64_t)512 << 20,
        .ratio_free_bytes = (uint64_t)256 << 20,
        .ratio_max = 200,
        .depth_max = 2,
        .objects_max = 100,
        .entries_max = 100,
        .facts_max = 64,
        .notes_max = 64 };
    struct hn_text text;
    char *bytes = check_read_file(HN_TESTS_DIR "/unit/container/images.zip", &text);
    struct dissect *dissect;
    uint32_t id;
    uint8_t *copy;

    assert_non_null(bytes);
    dissect = open_bytes(
            container_open_zip, DISSECT_ZIP, "images.zip", hn_text_as_bytes(text), &limits);
    id = child_named(dissect, name);
    assert_int_not_equal(id, DISSECT_NONE);
    *ret_len = dissect_get(dissect, id)->data.len;
    copy = malloc(*ret_len);
    assert_non_null(copy);
    memcpy(copy, dissect_get(dissect, id)->data.ptr, *ret_len);
    dissect_free(dissect);
    hn_free(bytes);
    return copy;
}

static void installers_show_what_they_run(void **state)
{
    size_t len;
    uint8_t *bytes = image("a.msi", &len);
    struct dissect *dissect =
            open_bytes(container_open_msi, DISSECT_MSI, "a.msi", hn_bytes_of(bytes, len), NULL);

    (void)state;
    if (getenv("HN_SHOW") != NULL)
        print_tree(dissect);
    check_child(dissect, "Script", "MsgBox 1");
    check_child(dissect, "Start", "cmd.exe /c echo hello");
    assert_int_equal(
            dissect_get(dissect, child_named(dissect, "Script"))->format, DISSECT_VBSCRIPT);
    assert_int_not_equal(child_named(dissect, "cab1.cab"), DISSECT_NONE);
    check_text(fact_of(dissect, 0, "custom_action", 1),
            "Start type 34 TARGETDIR cmd.exe /c echo hello");
    check_text(fact_of(dissect, 0, "property", 0), "ProductName=Example");
    check_text(fact_of(dissect, 0, "subject", 0), "A title");
    dissect_free(dissect);
    free(bytes);
}

static void help_gives_its_pages(void **state)
{
    size_t len;
    uint8_t *bytes = image("a.chm", &len);
    struct dissect *dissect =
            open_bytes(container_open_chm, DISSECT_CHM, "a.chm", hn_bytes_of(bytes, len), NULL);

    (void)state;
    if (getenv("HN_SHOW") != NULL)
        print_tree(dissect);
    check_child(dissect, "readme.txt", "hello from an image\n");
    assert_int_not_equal(child_named(dissect, "page.html"), DISSECT_NONE);
    dissect_free(dissect);
    free(bytes);
}

/* A PE of one section of 512 bytes at 512, then what stands behind it. */
static void put_program(struct hn_buf *out)
{
    size_t start = out->len;

    hn_buf_add_repeat(out, 0, 1024);
    memcpy(out->ptr + start, "MZ", 2);
    out->ptr[start + 60] = 0x40;
    memcpy(out->ptr + start + 0x40, "PE\0\0\x64\x86\x01", 7);
    out->ptr[start + 0x40 + 24 + 16 + 1] = 2; /* 512 bytes ... */
    out->ptr[start + 0x40 + 24 + 20 + 1] = 2; /* ... at 512 */
}

static void archives_behind_programs_come_out(void **state)
{
    struct hn_buf out = { 0 };
    struct zip_writer writer = { 0 };
    struct zip_writer_entry entry = { .name = HN_TEXT("a.txt"),
        .data = hn_text_as_bytes(HN_TEXT("inside")) };
    struct dissect *dissect;
    struct hn_bytes zip;
    uint32_t id;

    (void)state;
    zip_writer_add(&writer, &entry);
    zip = zip_writer_end(&writer, true);
    put_program(&out);
    hn_buf_add_cstr(&out, ";!@Install@!UTF-8!\nTitle=\"x\"\nRunProgram=\"setup.cmd /quiet\"\n"
                          ";!@InstallEnd@!");
    hn_buf_add(&out, zip.ptr, zip.len);
    dissect = open_bytes(
            container_open_sfx, DISSECT_PE, "setup.exe", hn_text_as_bytes(hn_buf_text(&out)), NULL);
    check_text(fact_of(dissect, 0, "self_extracting", 0), "zip");
    check_text(fact_of(dissect, 0, "sfx_command", 0), "\"setup.cmd /quiet\"");
    id = child_named(dissect, "archive.zip");
    assert_int_not_equal(id, DISSECT_NONE);
    assert_int_equal(dissect_get(dissect, id)->format, DISSECT_ZIP);
    assert_int_equal(container_open_zip(dissect, id, NULL), HN_OK);
    check_child(dissect, "a.txt", "inside");
    dissect_free(dissect);
    zip_writer_deinit(&writer);
    hn_buf_deinit(&out);
}

/* Cut, changed, and without memory: nothing but notes. */
static void damage_is_survived(void **state)
{
    static const struct {
        const char *name;
        dissect_opener *open;
    } images[] = { { "a.msi", container_open_msi }, { "a.chm", container_open_chm } };
    struct check_random random = { 3 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(images); i++) {
        size_t len;
        uint8_t *bytes = image(images[i].name, &len);

        for (uint32_t round = 0; round < 200; round++) {
            size_t cut = round % 2 == 0 ? len : 1 + check_random_below(&random, (uint32_t)len);
            uint8_t *copy = malloc(cut);

            assert_non_null(copy);
            memcpy(copy, bytes, cut);
            for (uint32_t k = 0; k < round / 4; k++)
                copy[check_random_below(&random, (uint32_t)cut)] =
                        (uint8_t)check_random_next(&random);
            dissect_free(open_bytes(
                    images[i].open, DISSECT_UNKNOWN, images[i].name, hn_bytes_of(copy, cut), NULL));
            free(copy);
        }
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(installers_show_what_they_run),
        cmocka_unit_test(help_gives_its_pages),
        cmocka_unit_test(archives_behind_programs_come_out),
        cmocka_unit_test(damage_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
