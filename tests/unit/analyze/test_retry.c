/* test_retry.c - passwords that are found after an archive was tried open it after all, and what
 * was said of it in vain is taken back. */
#include "analyze/analyze.h"

#include "support/check.h"
#include "support/lock_writer.h"
#include "support/zip_writer.h"

#define SECRET "what was locked away\n"

static struct hn_bytes bytes_of(const struct hn_buf *buf)
{
    return hn_text_as_bytes(hn_buf_text(buf));
}

static void add(struct zip_writer *writer, const char *name, struct hn_bytes data)
{
    struct zip_writer_entry entry = { .name = hn_text_cstr(name), .data = data, .deflate = true };

    zip_writer_add(writer, &entry);
}

static uint32_t named(const struct dissect *dissect, const char *name)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++)
        if (hn_text_eq(dissect_get(dissect, id)->name, hn_text_cstr(name)))
            return id;
    return DISSECT_NONE;
}

static size_t count_notes(const struct dissect *dissect, uint32_t id, enum dissect_note_kind kind)
{
    size_t count = 0;

    for (const struct dissect_note *note = dissect_get(dissect, id)->notes; note != NULL;
            note = note->next)
        count += note->kind == kind;
    return count;
}

static size_t count_facts(const struct dissect *dissect, uint32_t id, const char *name)
{
    size_t count = 0;

    for (const struct dissect_fact *fact = dissect_get(dissect, id)->facts; fact != NULL;
            fact = fact->next)
        count += strcmp(fact->name, name) == 0;
    return count;
}

/* An archive with one locked in it and a text or a name beside it. */
static struct dissect *take(struct hn_bytes locked, const char *locked_name, const char *text_name,
        const char *text, struct zip_writer *outer)
{
    struct dissect *dissect = dissect_new(NULL);
    struct dissect_child sample = { .name = HN_TEXT("outer.zip"), .relation = "sample" };
    struct hn_err err = { 0 };

    add(outer, locked_name, locked);
    add(outer, text_name, hn_bytes_of(text, strlen(text)));
    sample.data = zip_writer_end(outer, true);
    assert_non_null(dissect);
    assert_int_equal(dissect_child(dissect, DISSECT_NONE, &sample, NULL), HN_OK);
    assert_int_equal(analyze_take_apart(dissect, NULL, &err), HN_OK);
    return dissect;
}

static void write_locked(bool sevenzip, const char *password, struct hn_buf *out)
{
    struct lock_file file = { .name = "secret.txt",
        .data = { (const uint8_t *)SECRET, sizeof SECRET - 1 } };
    struct lock_writer writer = { .files = &file, .count = 1, .password = password, .work = 4 };
    struct zip_writer zip = { 0 };
    struct zip_writer_entry entry = {
        .name = HN_TEXT("secret.txt"), .data = file.data, .password = password, .aes_strength = 3
    };
    struct hn_bytes bytes;

    hn_buf_reset(out);
    if (sevenzip) {
        writer.headers = true;
        lock_write_7z(&writer, out);
        return;
    }
    zip_writer_add(&zip, &entry);
    bytes = zip_writer_end(&zip, true);
    hn_buf_add(out, bytes.ptr, bytes.len);
    zip_writer_deinit(&zip);
}

static void a_text_beside_the_archive_opens_it(void **state)
{
    struct hn_buf locked = { 0 };

    (void)state;
    for (int i = 0; i < 2; i++) {
        const char *name = i == 0 ? "a.zip" : "a.7z";
        struct zip_writer outer = { 0 };
        struct dissect *dissect;
        uint32_t id;

        write_locked(i == 1, "Xk92-a!", &locked);
        dissect = take(bytes_of(&locked), name, "note.txt",
                "Dear customer,\r\nthe password is: Xk92-a!\r\nRegards\r\n", &outer);
        id = named(dissect, "secret.txt");
        assert_int_not_equal(id, DISSECT_NONE);
        check_text(hn_bytes_as_text(dissect_get(dissect, id)->data), SECRET);
        id = named(dissect, name);
        assert_int_equal(count_notes(dissect, id, DISSECT_NOTE_PASSWORD), 0);
        assert_int_equal(count_notes(dissect, id, DISSECT_NOTE_DECRYPTED), 1);
        assert_int_equal(count_facts(dissect, id, "entry_count"), 1);
        assert_int_equal(count_facts(dissect, id, "sha256"), 1); /* from before it was opened */
        dissect_free(dissect);
        zip_writer_deinit(&outer);
    }
    hn_buf_deinit(&locked);
}

static void a_name_beside_the_archive_opens_it(void **state)
{
    struct hn_buf locked = { 0 };
    struct zip_writer outer = { 0 };
    struct dissect *dissect;

    (void)state;
    write_locked(false, "7713", &locked);
    dissect = take(bytes_of(&locked), "a.zip", "password_7713.png", "\x89PNG\r\n\x1A\n", &outer);
    assert_int_not_equal(named(dissect, "secret.txt"), DISSECT_NONE);
    dissect_free(dissect);
    zip_writer_deinit(&outer);
    hn_buf_deinit(&locked);
}

/* What came out at once is not there twice after another try, nor what is said of it. */
static void what_is_not_locked_stays_single(void **state)
{
    struct zip_writer locked = { 0 };
    struct zip_writer outer = { 0 };
    struct zip_writer_entry entry = { .name = HN_TEXT("secret.txt"),
        .data = { (const uint8_t *)SECRET, sizeof SECRET - 1 },
        .password = "Xk92-a!" };
    struct zip_writer_entry odd = { .name = HN_TEXT("plain.txt"),
        .data = { (const uint8_t *)SECRET, sizeof SECRET - 1 },
        .wrong_crc = true };
    struct dissect *dissect;
    size_t plain = 0;

    (void)state;
    zip_writer_add(&locked, &odd);
    zip_writer_add(&locked, &entry);
    dissect =
            take(zip_writer_end(&locked, true), "a.zip", "note.txt", "password: Xk92-a!\n", &outer);
    assert_int_not_equal(named(dissect, "secret.txt"), DISSECT_NONE);
    for (uint32_t id = 0; id < dissect_count(dissect); id++)
        plain += hn_text_eq(dissect_get(dissect, id)->name, HN_TEXT("plain.txt"));
    assert_int_equal(plain, 1);
    assert_int_equal(count_notes(dissect, named(dissect, "plain.txt"), DISSECT_NOTE_DAMAGED), 1);
    dissect_free(dissect);
    zip_writer_deinit(&outer);
    zip_writer_deinit(&locked);
}

/* Texts that tell ever new wrong passwords cost a few tries, and the note stands once. */
static void what_stays_locked_is_said_once(void **state)
{
    struct hn_buf locked = { 0 };
    struct zip_writer outer = { 0 };
    struct dissect *dissect;
    uint32_t id;

    (void)state;
    write_locked(true, "nobody tells", &locked);
    dissect = take(bytes_of(&locked), "a.7z", "note.txt", "password: guess\r\n", &outer);
    id = named(dissect, "a.7z");
    assert_int_equal(named(dissect, "secret.txt"), DISSECT_NONE);
    assert_int_equal(count_notes(dissect, id, DISSECT_NOTE_PASSWORD), 1);
    assert_int_equal(count_facts(dissect, id, "encrypted"), 1);
    dissect_free(dissect);
    zip_writer_deinit(&outer);
    hn_buf_deinit(&locked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_beside_the_archive_opens_it),
        cmocka_unit_test(a_name_beside_the_archive_opens_it),
        cmocka_unit_test(what_is_not_locked_stays_single),
        cmocka_unit_test(what_stays_locked_is_said_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
