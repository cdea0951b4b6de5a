/* test_real.c - the mails of the shared data, against what Python's readers say of them (real.tsv,
 * written by tools/conformance/mail_compare.py). */
#include "mail_case.h"

#include "base/sha256.h"
#include "support/check.h"
#include "support/shared.h"

#include <stdio.h>
#include <stdlib.h>

/* The message itself, where a line of an mbox stands before it. */
static uint32_t top_of(const struct dissect *dissect)
{
    return dissect_get(dissect, 0)->format == DISSECT_MBOX ? 1 : 0;
}

static bool is_space(struct hn_text text, size_t pos, size_t *ret_len)
{
    static const char *const spaces[] = { "\t", "\n", "\v", "\f", "\r", " ", "\xC2\xA0",
        "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80" };
    const unsigned char *p = (const unsigned char *)text.ptr + pos;

    for (size_t i = 0; i < HN_COUNT_OF(spaces); i++) {
        *ret_len = strlen(spaces[i]);
        if (hn_text_starts(hn_text_sub(text, pos, 3), hn_text_cstr(spaces[i])))
            return true;
    }
    *ret_len = p[0] == 0 ? 1 : 3;
    return p[0] == 0 || (pos + 2 < text.len && p[0] == 0xE2 && p[1] == 0x80 && p[2] <= 0x8A);
}

/* SHA-256 of the plain bodies without white space. */
static void body_digest(const struct dissect *dissect, uint32_t id, char hex[65])
{
    struct hn_buf all = { 0 };

    for (const struct dissect_text *text = dissect_get(dissect, id)->texts; text != NULL;
            text = text->next) {
        if (strcmp(text->what, "body") != 0 || text->path.len > 0)
            continue;
        for (size_t i = 0; i < text->text.len;) {
            size_t len;

            if (!is_space(text->text, i, &len)) {
                hn_buf_add_char(&all, text->text.ptr[i]);
                len = 1;
            }
            i += len;
        }
    }
    assert_true(hn_sha256_hex(hn_text_as_bytes(hn_buf_text(&all)), hex));
    hex[64] = '\0';
    hn_buf_deinit(&all);
}

static bool has_part(const struct dissect *dissect, uint32_t top, struct hn_text value)
{
    struct hn_text name;
    struct hn_text digest = { 0 };

    (void)hn_text_split(&value, '\t', &name);
    (void)hn_text_split(&value, '\t', &digest);
    for (uint32_t id = top + 1; id < dissect_count(dissect); id++) {
        const struct dissect_object *object = dissect_get(dissect, id);
        char hex[64];

        if (object->parent != top || !hn_text_eq(object->name, name))
            continue;
        assert_true(hn_sha256_hex(object->data, hex));
        if (digest.len == 0 || hn_text_eq(digest, hn_text_of(hex, 64)))
            return true;
    }
    return false;
}

static bool agrees(const struct dissect *dissect, struct hn_text key, struct hn_text value)
{
    uint32_t top = top_of(dissect);
    char hex[65];

    if (hn_text_eq(key, HN_TEXT("subject")))
        return hn_text_eq(hn_text_cstr(mail_fact_of(dissect, top, "subject")), value);
    if (hn_text_eq(key, HN_TEXT("from")))
        return hn_text_eq(hn_text_cstr(mail_fact_of(dissect, top, "from_address")), value);
    if (hn_text_eq(key, HN_TEXT("part")))
        return has_part(dissect, top, value);
    assert_true(hn_text_eq(key, HN_TEXT("body")));
    body_digest(dissect, top, hex);
    return hn_text_eq(hn_text_of(hex, 64), value);
}

static struct dissect *open_real(struct hn_text name, struct hn_bytes *ret_bytes)
{
    char below[256];
    char *path;
    enum dissect_format format = DISSECT_EML;

    (void)snprintf(below, sizeof below, "data/documents/%.*s", HN_TEXT_ARG(name));
    path = shared_path_or_skip(below);
    *ret_bytes = shared_read(path);
    free(path);
    if (hn_text_ends(name, HN_TEXT(".msg")))
        format = DISSECT_MSG;
    else if (mail_is_mbox(*ret_bytes))
        format = DISSECT_MBOX;
    return mail_case_open(format, hn_bytes_as_text(*ret_bytes));
}

static void real_mails_are_read_as_by_others(void **state)
{
    struct hn_text rest;
    char *table = check_read_file(HN_TESTS_DIR "/unit/mail/real.tsv", &rest);
    struct hn_text line;
    size_t lines = 0;
    size_t wrong = 0;

    (void)state;
    assert_non_null(table);
    while (hn_text_line(&rest, &line)) {
        struct hn_text name;
        struct hn_text key = { 0 };
        struct hn_bytes bytes;
        struct dissect *dissect;

        if (line.len == 0)
            continue;
        assert_true(hn_text_split(&line, '\t', &name) && hn_text_split(&line, '\t', &key));
        dissect = open_real(name, &bytes);
        if (!agrees(dissect, key, line)) {
            print_error("%.*s: %.*s is not %.*s\n", HN_TEXT_ARG(name), HN_TEXT_ARG(key),
                    HN_TEXT_ARG(line));
            wrong++;
        }
        lines++;
        dissect_free(dissect);
        shared_free(bytes);
    }
    hn_free(table);
    assert_true(lines > 80);
    assert_int_equal(wrong, 0);
}

/* Ordinary mails: nothing is held against them. */
static void real_mails_are_not_accused(void **state)
{
    struct hn_text rest;
    char *table = check_read_file(HN_TESTS_DIR "/unit/mail/real.tsv", &rest);
    struct hn_text line;

    (void)state;
    assert_non_null(table);
    while (hn_text_line(&rest, &line)) {
        struct hn_text name;
        struct hn_text key = { 0 };
        struct hn_bytes bytes;
        struct dissect *dissect;

        if (!hn_text_split(&line, '\t', &name) || !hn_text_split(&line, '\t', &key) ||
                !hn_text_eq(key, HN_TEXT("subject")))
            continue;
        dissect = open_real(name, &bytes);
        for (uint32_t id = 0; id < dissect_count(dissect); id++) {
            assert_null(mail_note_of(dissect, id, DISSECT_NOTE_SPOOFED, ""));
            assert_null(mail_note_of(dissect, id, DISSECT_NOTE_HIDDEN, ""));
        }
        dissect_free(dissect);
        shared_free(bytes);
    }
    hn_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_mails_are_read_as_by_others),
        cmocka_unit_test(real_mails_are_not_accused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
