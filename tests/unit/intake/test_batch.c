/* test_batch.c - a batch to bytes and back. */
#include "intake/intake.h"
#include "support/check.h"

#include "base/mem.h"

#include <stdlib.h>

static struct intake_batch sample(void)
{
    return (struct intake_batch){ .source = HN_TEXT("proxy"),
        .tenant = HN_TEXT("acme"),
        .format = HN_TEXT("json"),
        .zone = HN_TEXT("Asia/Tokyo"),
        .pipeline = HN_TEXT("p"),
        .stream = HN_TEXT("/var/log/squid.log"),
        .key = HN_TEXT("k-1"),
        .position = HN_TEXT("12:34"),
        .offset = 0x1122334455667788u,
        .line = 7,
        .skip = 3,
        .head = hn_bytes_of("#Fields: a b\n", 13),
        .body = hn_bytes_of("1 2\n\0x", 6) };
}

static void same(const struct intake_batch *a, const struct intake_batch *b)
{
    assert_true(hn_text_eq(a->source, b->source) && hn_text_eq(a->tenant, b->tenant));
    assert_true(hn_text_eq(a->format, b->format) && hn_text_eq(a->zone, b->zone));
    assert_true(hn_text_eq(a->pipeline, b->pipeline) && hn_text_eq(a->stream, b->stream));
    assert_true(hn_text_eq(a->key, b->key) && hn_text_eq(a->position, b->position));
    assert_true(a->offset == b->offset && a->line == b->line && a->skip == b->skip);
    assert_true(hn_text_eq(hn_bytes_as_text(a->head), hn_bytes_as_text(b->head)));
    assert_true(hn_text_eq(hn_bytes_as_text(a->body), hn_bytes_as_text(b->body)));
}

/* What is written reads back as it was: a full one and an empty one. */
static void reads_what_was_written(void **state)
{
    struct intake_batch batches[2] = { sample() };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct hn_buf bytes = { 0 };
        struct intake_batch back;

        intake_batch_write(&batches[i], &bytes);
        assert_true(hn_buf_ok(&bytes));
        assert_int_equal(
                intake_batch_read(hn_text_as_bytes(hn_buf_text(&bytes)), &back, NULL), HN_OK);
        same(&batches[i], &back);
        hn_buf_deinit(&bytes);
    }
}

/* Every prefix is cut off, and a byte more is one too many; the output is left alone. */
static void refuses_every_truncation(void **state)
{
    struct intake_batch batch = sample();
    struct intake_batch back = { .line = 99 };
    struct hn_buf bytes = { 0 };

    (void)state;
    intake_batch_write(&batch, &bytes);
    for (size_t len = 0; len < bytes.len; len++) {
        uint8_t *exact = malloc(len == 0 ? 1 : len); /* so that sanitizers see the end */

        assert_non_null(exact);
        memcpy(exact, bytes.ptr, len);
        assert_int_equal(intake_batch_read(hn_bytes_of(exact, len), &back, NULL), HN_TRUNCATED);
        free(exact);
    }
    hn_buf_add_char(&bytes, 'x');
    assert_int_equal(
            intake_batch_read(hn_text_as_bytes(hn_buf_text(&bytes)), &back, NULL), HN_CORRUPT);
    bytes.ptr[0] = 2;
    assert_int_equal(
            intake_batch_read(hn_text_as_bytes(hn_buf_text(&bytes)), &back, NULL), HN_CORRUPT);
    assert_true(back.line == 99);
    hn_buf_deinit(&bytes);
}

/* Names have limits, both ways. */
static void names_have_limits(void **state)
{
    static const char letters[INTAKE_PATH_MAX + 1] = { 'a' };
    struct intake_batch batch = sample();
    struct intake_batch back;
    struct hn_buf bytes = { 0 };

    (void)state;
    batch.source = hn_text_of(letters, INTAKE_NAME_MAX);
    batch.stream = hn_text_of(letters, INTAKE_PATH_MAX);
    batch.key = hn_text_of(letters, INTAKE_KEY_MAX);
    intake_batch_write(&batch, &bytes);
    assert_int_equal(intake_batch_read(hn_text_as_bytes(hn_buf_text(&bytes)), &back, NULL), HN_OK);
    same(&batch, &back);
    bytes.ptr[1] = (char)(INTAKE_NAME_MAX + 1);
    assert_int_equal(
            intake_batch_read(hn_text_as_bytes(hn_buf_text(&bytes)), &back, NULL), HN_CORRUPT);
    hn_buf_reset(&bytes);
    batch.source.len++;
    intake_batch_write(&batch, &bytes);
    assert_int_equal(bytes.status, HN_LIMIT);
    hn_buf_deinit(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_written),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(names_have_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
