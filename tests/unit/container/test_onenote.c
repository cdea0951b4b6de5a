/* test_onenote.c - OneNote sections: real ones give their files and texts, made ones their names.
 */
#include "open.h"

#include "base/mem.h"
#include "base/utf.h"
#include "support/shared.h"

#include <stdlib.h>

static void put(struct hn_buf *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        hn_buf_add_char(out, (char)(uint8_t)(i < 8 ? value >> (8 * i) : 0));
}

/* FileDataStoreObject. Returns its offset. */
static size_t put_blob(struct hn_buf *out, const char *content)
{
    size_t offset = out->len;

    hn_buf_add(out, "\xE7\x16\xE3\xBD\x65\x26\x11\x45\xA4\xC4\x8D\x4D\x0B\x7A\x9E\xAC", 16);
    put(out, strlen(content), 8);
    put(out, 0, 12);
    hn_buf_add_cstr(out, content);
    while (out->len % 8 != 0)
        hn_buf_add_char(out, 0);
    hn_buf_add(out, "\x22\xA7\xFB\x71\x79\x0F\x0B\x4A\xBB\x13\x89\x92\x56\x42\x6B\x24", 16);
    return offset;
}

/* A property set of a number, a text and an object id. */
static void put_set(struct hn_buf *out, uint32_t property, const char *text)
{
    struct hn_buf wide = { 0 };

    hn_utf8_to_utf16le(&wide, hn_text_cstr(text));
    put(out, 3, 2);
    put(out, 0x14001234u, 4);
    put(out, property, 4);
    put(out, 0x20001D9Bu, 4);
    put(out, 77, 4);
    put(out, wide.len, 4);
    hn_buf_add_text(out, hn_buf_text(&wide));
    hn_buf_deinit(&wide);
}

static void put_reference(struct hn_buf *out, size_t offset, uint8_t number, const char *extension)
{
    char guid[48];
    uint8_t bytes[16] = { number, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };

    (void)snprintf(guid, sizeof guid, "<ifndf>{040302%02X-0605-0807-090A-0B0C0D0E0F10}", number);
    put(out, strlen(guid), 4);
    hn_utf8_to_utf16le(out, hn_text_cstr(guid));
    put(out, strlen(extension), 4);
    hn_utf8_to_utf16le(out, hn_text_cstr(extension));
    put(out, 0x094u | (4u + 8u + 16u) << 10 | 1u << 23 | 0u << 25,
            4); /* 4-byte offset and length */
    put(out, offset, 4);
    put(out, 64, 4);
    hn_buf_add(out, bytes, sizeof bytes);
}

static struct hn_buf make(void)
{
    struct hn_buf out = { 0 };
    size_t first;
    size_t second;

    hn_buf_add_repeat(&out, 'x', 1024);
    first = put_blob(&out, "<html>an application</html>");
    second = put_blob(&out, "\x89PNG");
    put_set(&out, 0x1C001DD7u, "button.png");
    put_set(&out, 0x1C001D9Cu, "attachment\xE8\xAB\x8B.hta");
    put_set(&out, 0x1C001C22u, "double click to view");
    put_set(&out, 0x1C001E20u, "https://one.example/x");
    put_reference(&out, first, 1, ".hta");
    put_reference(&out, second, 2, ".png");
    return out;
}

static void files_have_their_names(void **state)
{
    struct hn_buf made = make();
    struct dissect *dissect = open_bytes(container_open_onenote, DISSECT_ONENOTE, "a.one",
            hn_text_as_bytes(hn_buf_text(&made)), NULL);

    (void)state;
    assert_int_equal(dissect_count(dissect), 3);
    check_child(dissect, "attachment\xE8\xAB\x8B.hta", "<html>an application</html>");
    check_child(dissect, "button.png", "\x89PNG");
    assert_true(has_text(dissect, 0, "double click to view"));
    assert_true(has_text(dissect, 0, "https://one.example/x"));
    dissect_free(dissect);
    hn_buf_deinit(&made);
}

/* Everything behind a cut is missing, everything before is there. */
static void damage_is_survived(void **state)
{
    struct hn_buf made = make();

    (void)state;
    for (size_t len = 0; len < made.len; len += 3) {
        uint8_t *copy = malloc(len + (len == 0));
        struct dissect *dissect;

        assert_non_null(copy);
        memcpy(copy, made.ptr, len);
        dissect = open_bytes(
                container_open_onenote, DISSECT_ONENOTE, "a.one", hn_bytes_of(copy, len), NULL);
        assert_true(len < 1100 || dissect_count(dissect) >= 2);
        dissect_free(dissect);
        free(copy);
    }
    hn_buf_deinit(&made);
}

static void every_allocation_may_fail(void **state)
{
    struct hn_buf made = make();

    (void)state;
    open_without_memory(
            container_open_onenote, DISSECT_ONENOTE, hn_text_as_bytes(hn_buf_text(&made)));
    hn_buf_deinit(&made);
}

static void real_sections_give_their_parts(void **state)
{
    static const char *const names[] = { "testOneNote-fuzz1.one",
        "test-tika-4303-Chinese-notes.one", "test-tika-3970-dupetext.one" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        char below[128];
        char *path;
        struct hn_bytes bytes;
        struct dissect *dissect;

        (void)snprintf(below, sizeof below, "data/documents/tika/%s", names[i]);
        path = shared_path_or_skip(below);
        bytes = shared_read(path);
        free(path);
        dissect = open_bytes(container_open_onenote, DISSECT_ONENOTE, names[i], bytes, NULL);
        if (getenv("HN_SHOW") != NULL)
            print_tree(dissect);
        if (i == 0) /* a table of contents, damaged */
            check_text(fact_of(dissect, 0, "section", 0), "New Section 1.one");
        else
            assert_non_null(dissect_get(dissect, 0)->texts);
        assert_true(i != 2 || dissect_count(dissect) == 10);
        dissect_free(dissect);
        shared_free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_have_their_names),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(real_sections_give_their_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
