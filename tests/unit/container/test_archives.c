/* test_archives.c - what openers of archives say about hostile ones: passwords, names, bombs. */
#include "open.h"

#include "base/mem.h"
#include "container/container_internal.h"
#include "support/zip_writer.h"

#include <stdlib.h>

static struct hn_bytes bytes_of(const char *text)
{
    return hn_bytes_of(text, strlen(text));
}

static void add(
        struct zip_writer *writer, const char *name, const char *content, const char *password)
{
    struct zip_writer_entry entry = { .name = hn_text_cstr(name),
        .data = bytes_of(content),
        .deflate = true,
        .password = password,
        .aes_strength = 3 };

    zip_writer_add(writer, &entry);
}

static struct dissect *open_zip(struct zip_writer *writer, const struct dissect_limits *limits)
{
    return open_bytes(
            container_open_zip, DISSECT_ZIP, "a.zip", zip_writer_end(writer, true), limits);
}

static void entries_are_children_with_their_oddities(void **state)
{
    struct zip_writer writer = { 0 };
    struct zip_writer_entry hidden = {
        .name = HN_TEXT("hidden.js"), .data = bytes_of("x()"), .no_central = true
    };
    /* "invoice" U+202E "fdp.exe" */
    static const char turned[] = "invoice\xE2\x80\xAE"
                                 "fdp.exe";
    struct dissect *dissect;

    (void)state;
    add(&writer, "a/report.docx", "doc", NULL);
    add(&writer, "photo.jpg            .scr", "scr", NULL);
    add(&writer, turned, "exe", NULL);
    add(&writer, "..\\..\\startup.cmd", "cmd", NULL);
    add(&writer, "\x90\xBF\x8B\x81\x8F\x91.xls", "xls", NULL); /* Shift_JIS */
    zip_writer_add(&writer, &hidden);
    dissect = open_zip(&writer, NULL);
    assert_int_equal(dissect_count(dissect), 7);
    assert_null(dissect_get(dissect, child_named(dissect, "a/report.docx"))->notes);
    assert_non_null(note_of(dissect, 2, DISSECT_NOTE_MISMATCH).ptr);
    assert_non_null(note_of(dissect, 2, DISSECT_NOTE_HIDDEN).ptr);
    assert_non_null(note_of(dissect, 3, DISSECT_NOTE_MISMATCH).ptr);
    assert_non_null(note_of(dissect, 4, DISSECT_NOTE_EVASION).ptr);
    assert_int_not_equal(
            child_named(dissect, "\xE8\xAB\x8B\xE6\xB1\x82\xE6\x9B\xB8.xls"), DISSECT_NONE);
    assert_non_null(note_of(dissect, child_named(dissect, "hidden.js"), DISSECT_NOTE_HIDDEN).ptr);
    check_text(fact_of(dissect, 0, "file_count", 0), "6");
    dissect_free(dissect);
    zip_writer_deinit(&writer);
}

static void passwords_of_the_tree_are_tried(void **state)
{
    struct zip_writer writer = { 0 };
    struct hn_bytes bytes;
    struct dissect *dissect;
    struct dissect_child again = { .relation = "entry" };
    uint32_t id;

    (void)state;
    add(&writer, "one", "first", "infected");
    add(&writer, "two", "second", "Rechnung2024");
    bytes = zip_writer_end(&writer, true);
    dissect = open_bytes(container_open_zip, DISSECT_ZIP, "a.zip", bytes, NULL);
    check_child(dissect, "one", "first");
    assert_int_equal(child_named(dissect, "two"), DISSECT_NONE);
    check_text(fact_of(dissect, 0, "password", 0), "infected");
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_PASSWORD).ptr);
    dissect_password_add(dissect, HN_TEXT("wrong"));
    dissect_password_add(dissect, HN_TEXT("Rechnung2024"));
    again.data = bytes;
    again.name = HN_TEXT("again.zip");
    assert_int_equal(dissect_child(dissect, 0, &again, &id), HN_OK);
    assert_int_equal(container_open_zip(dissect, id, NULL), HN_OK);
    check_child(dissect, "two", "second");
    assert_null(note_of(dissect, id, DISSECT_NOTE_PASSWORD).ptr);
    dissect_free(dissect);
    zip_writer_deinit(&writer);
}

/* Every archive of the tree is opened, as the loop of src/analyze does. */
static void open_all(struct dissect *dissect)
{
    for (uint32_t id = 1; id < dissect_count(dissect); id++)
        if (zip_is(dissect_get(dissect, id)->data))
            assert_int_equal(container_open_zip(dissect, id, NULL), HN_OK);
}

static bool any_note(const struct dissect *dissect, enum dissect_note_kind kind)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++)
        if (note_of(dissect, id, kind).ptr != NULL)
            return true;
    return false;
}

/* 1000:1, four archives deep: ends at once, and says why. */
static void nested_bombs_end(void **state)
{
    size_t size = (size_t)24 << 20;
    uint8_t *noise = calloc(1, size);
    struct hn_buf level = { 0 };
    struct dissect *dissect;

    (void)state;
    assert_non_null(noise);
    for (size_t i = 0; i < size; i += 600)
        noise[i] = (uint8_t)(i >> 12);
    hn_buf_add(&level, noise, size);
    for (int depth = 0; depth < 4; depth++) {
        struct zip_writer writer = { 0 };
        struct hn_bytes bytes;

        for (int copy = 0; copy < 10; copy++) {
            char name[16];
            struct zip_writer_entry entry = { .data = hn_text_as_bytes(hn_buf_text(&level)),
                .deflate = true };

            (void)snprintf(name, sizeof name, "%d.zip", copy);
            entry.name = hn_text_cstr(name);
            if (copy == 0 || depth > 0)
                zip_writer_add(&writer, &entry);
        }
        bytes = zip_writer_end(&writer, true);
        hn_buf_reset(&level);
        hn_buf_add(&level, bytes.ptr, bytes.len);
        zip_writer_deinit(&writer);
    }
    dissect = open_bytes(container_open_zip, DISSECT_ZIP, "bomb.zip",
            hn_text_as_bytes(hn_buf_text(&level)), NULL);
    open_all(dissect);
    assert_true(any_note(dissect, DISSECT_NOTE_BOMB) || any_note(dissect, DISSECT_NOTE_LIMIT));
    dissect_free(dissect);
    hn_buf_deinit(&level);
    free(noise);
}

/* An archive that unpacks to itself, as quines do: made by an opener that is asked to add the bytes
 * of an ancestor. */
static void archives_that_hold_themselves_end(void **state)
{
    struct dissect *dissect =
            open_bytes(container_open_zip, DISSECT_ZIP, "r.zip", bytes_of("PK"), NULL);
    struct container_entry itself = {
        .name = HN_TEXT("r.zip"), .relation = "entry", .data = dissect_get(dissect, 0)->data
    };
    uint32_t child = 7;

    (void)state;
    assert_int_equal(container_add(dissect, 0, &itself, &child), HN_OK);
    assert_int_equal(child, DISSECT_NONE);
    assert_int_equal(dissect_count(dissect), 1);
    check_text(note_of(dissect, 0, DISSECT_NOTE_BOMB), "contains itself as r.zip");
    dissect_free(dissect);
}

static void a_million_entries_end_at_a_limit(void **state)
{
    struct zip_writer writer = { 0 };
    struct dissect *dissect;

    (void)state;
    for (uint32_t i = 0; i < 70000; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "%u", i);
        add(&writer, name, i % 2 == 0 ? "a" : "b", NULL);
    }
    dissect = open_zip(&writer, NULL);
    assert_int_equal(dissect_count(dissect), dissect_limits_default.objects_max);
    assert_true(any_note(dissect, DISSECT_NOTE_LIMIT));
    dissect_free(dissect);
    zip_writer_deinit(&writer);
}

/* A document filled up with half a gigabyte of zeros is found, said to be padded, and hashed. */
static void padded_documents_come_out(void **state)
{
    size_t size = (size_t)300 << 20;
    uint8_t *data = calloc(1, size);
    struct zip_writer writer = { 0 };
    struct zip_writer_entry entry = { .name = HN_TEXT("padded.doc"), .deflate = true };
    struct dissect *dissect;

    (void)state;
    assert_non_null(data);
    memcpy(data, "\xD0\xCF\x11\xE0 a document", 15);
    entry.data = hn_bytes_of(data, size);
    zip_writer_add(&writer, &entry);
    free(data);
    dissect = open_zip(&writer, NULL);
    assert_int_equal(dissect_count(dissect), 2);
    assert_non_null(note_of(dissect, 1, DISSECT_NOTE_PADDED).ptr);
    assert_false(any_note(dissect, DISSECT_NOTE_BOMB));
    check_text(fact_of(dissect, 1, "file_size", 0), "314572800");
    assert_int_equal(fact_of(dissect, 1, "file_sha256", 0).len, 64);
    dissect_free(dissect);
    zip_writer_deinit(&writer);
}

static void every_allocation_may_fail(void **state)
{
    struct zip_writer writer = { 0 };
    (void)state;
    add(&writer, "a", "content", NULL);
    add(&writer, "b.pdf.exe", "content", "infected");
    open_without_memory(container_open_zip, DISSECT_ZIP, zip_writer_end(&writer, true));
    zip_writer_deinit(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_children_with_their_oddities),
        cmocka_unit_test(passwords_of_the_tree_are_tried),
        cmocka_unit_test(nested_bombs_end),
        cmocka_unit_test(archives_that_hold_themselves_end),
        cmocka_unit_test(a_million_entries_end_at_a_limit),
        cmocka_unit_test(padded_documents_come_out),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
