/* A stream's head, and batches that are decoded alone: each with its head in front gives the events
 * that it gives in its place; and a stream that resumes cuts as the one before it would have. */
#include "support/decode_case.h"

#include <stdio.h>

struct sample {
    const char *format;
    const char *start;
    const char *row; /* with an @ for the number */
    const char *field;
};

static const struct sample samples[] = {
    { "csv", "sep=;\nname;host;user;number\n", "a;\"b;\nc\";d;n@\n", "number" },
    { "w3c",
            "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n"
            "#Date: 2026-11-23 00:00:00\n#Fields: date time c-ip cs-method cs-username\n",
            "2026-11-23 01:02:03 192.0.2.1 GET n@\n", "cs-username" },
    { "zeek",
            "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n"
            "#path\tdns\n#fields\tts\tuid\n#types\ttime\tstring\n",
            "1795400000.0\tn@\n", "uid" },
    { "json", "{\"Records\": [{\"a\": \"first\"}", ",\n{\"a\": \"n@\"}", "a" },
    { "json", "", "{\"a\": \"n@\"}\n", "a" },
    { "syslog", "", "<13>Nov 23 10:00:00 host prog: n@\n", "Message" },
};

#define ROWS 6

/* Events of the batch that do not come out of its head. */
static size_t check_batch(
        const struct sample *sample, const struct hn_buf *head, struct hn_bytes body, size_t row)
{
    struct case_options options = { .format = sample->format };
    struct hn_buf whole = { 0 };
    struct decode_case *c;
    char value[16];

    hn_buf_add(&whole, head->ptr, head->len);
    hn_buf_add(&whole, body.ptr, body.len);
    c = case_run(&options, hn_bytes_of(whole.ptr, whole.len));
    assert_int_equal(c->status, HN_OK);
    for (size_t i = 0; i < c->count; i++) {
        const char *got = case_value(c, i, sample->field);

        (void)snprintf(value, sizeof value, "n%zu", row + i);
        if (got == NULL || (strcmp(got, value) != 0 && strcmp(got, "first") != 0))
            fail_msg("%s: row %zu: %s", sample->format, row + i, got == NULL ? "(none)" : got);
        if (got != NULL && strcmp(got, "first") == 0)
            row--;
    }
    row += c->count;
    case_free(c);
    hn_buf_deinit(&whole);
    return row;
}

static struct decode_stream *stream_of(const struct sample *sample, const struct hn_buf *head)
{
    struct decode_options options = { .limits = decode_limits_default };
    struct decode_stream *stream = NULL;

    assert_int_equal(decode_stream_new(decode_format_find(hn_text_cstr(sample->format)), &options,
                             &stream, NULL),
            HN_OK);
    decode_stream_resume(stream, hn_bytes_of(head->ptr, head->len));
    return stream;
}

static void batches_are_decoded_alone(void **state)
{
    (void)state;
    for (size_t s = 0; s < HN_COUNT_OF(samples); s++) {
        const struct sample *sample = &samples[s];
        struct hn_buf head = { 0 };
        struct hn_buf held = { 0 };
        struct decode_stream *stream = stream_of(sample, &head);
        size_t row = 0;

        hn_buf_add_cstr(&held, sample->start);
        for (unsigned i = 0; i < ROWS; i++) {
            struct decode_batch batch;
            struct hn_text row_text = hn_text_cstr(sample->row);
            size_t at = hn_text_find_char(row_text, '@', 0);
            size_t took;

            hn_buf_add(&held, row_text.ptr, at);
            hn_buf_add_u64(&held, i);
            hn_buf_add_text(&held, hn_text_sub(row_text, at + 1, row_text.len));
            hn_buf_reset(&head);
            decode_stream_head(stream, &head);
            if (i == 3) { /* as after a restart */
                decode_stream_free(stream);
                stream = stream_of(sample, &head);
            }
            took = decode_cut(stream, hn_bytes_of(held.ptr, held.len), false, &batch);
            if (took == 0)
                continue;
            decode_batch_release(&batch);
            row = check_batch(sample, &head, hn_bytes_of(held.ptr, took), row);
            held.len -= took;
            memmove(held.ptr, held.ptr + took, held.len);
        }
        assert_true(row >= ROWS - 1);
        decode_stream_free(stream);
        hn_buf_deinit(&head);
        hn_buf_deinit(&held);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(batches_are_decoded_alone) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
