/* test_xlm.c - macro sheets of Excel 4 as text: the same from every format, whatever the formula;
 * damage costs what is damaged and no more. */
#include "support/office_tree.h"
#include "support/office_writer.h"
#include "support/xlm_writer.h"

#include "base/mem.h"

#include <stdio.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static const struct dissect_object *xlm_of(const struct dissect *dissect)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        if (dissect_get(dissect, id)->format == DISSECT_XLM)
            return dissect_get(dissect, id);
    }
    return NULL;
}

static struct hn_text xlm_text(const struct dissect *dissect)
{
    const struct dissect_object *object = xlm_of(dissect);

    return object != NULL ? hn_bytes_as_text(object->data) : HN_TEXT("");
}

/* The first line that differs is shown. */
static void assert_same(struct hn_text got, struct hn_text expected, const char *format, uint64_t n)
{
    struct hn_text line;
    struct hn_text other;

    if (hn_text_eq(got, expected))
        return;
    while (hn_text_line(&expected, &line)) {
        other = HN_TEXT("");
        (void)hn_text_line(&got, &other);
        if (!hn_text_eq(line, other))
            fail_msg("%s, seed %lu:\n  want %.*s\n  got  %.*s", format, (unsigned long)n,
                    HN_TEXT_ARG(line), HN_TEXT_ARG(other));
    }
    fail_msg("%s, seed %lu: more than expected: %.*s", format, (unsigned long)n, HN_TEXT_ARG(got));
}

static void assert_reads(
        struct hn_buf *file, struct hn_text expected, const char *format, uint64_t n)
{
    struct dissect *dissect = office_tree(hn_text_as_bytes(hn_buf_text(file)), DISSECT_UNKNOWN);

    assert_non_null(dissect);
    assert_same(xlm_text(dissect), expected, format, n);
    assert_false(office_tree_note(dissect, DISSECT_NOTE_DAMAGED));
    dissect_free(dissect);
    hn_buf_reset(file);
}

#define BOOKS 400u

static void every_format_gives_the_same_text(void **state)
{
    struct hn_buf file = { 0 };
    struct hn_buf expected = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= BOOKS; seed++) {
        struct check_random random = { seed };
        struct xlm_writer_book book;

        xlm_writer_book(&random, &book);
        hn_buf_reset(&expected);
        xlm_writer_expected(&book, &expected);
        xlm_writer_xls(&book, XLM_WRITER_BIFF8, &file);
        assert_reads(&file, hn_buf_text(&expected), "BIFF8", seed);
        xlm_writer_xls(&book, XLM_WRITER_BIFF5, &file);
        assert_reads(&file, hn_buf_text(&expected), "BIFF5", seed);
        xlm_writer_xlsb(&book, &file);
        assert_reads(&file, hn_buf_text(&expected), "xlsb", seed);
        xlm_writer_xlsm(&book, &file);
        assert_reads(&file, hn_buf_text(&expected), "xlsm", seed);
        hn_buf_reset(&expected);
        xlm_writer_slk_expected(&book, &expected);
        xlm_writer_slk(&book, &file);
        assert_reads(&file, hn_buf_text(&expected), "slk", seed);
        xlm_writer_book_deinit(&book);
    }
    hn_buf_deinit(&file);
    hn_buf_deinit(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_gives_the_same_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
