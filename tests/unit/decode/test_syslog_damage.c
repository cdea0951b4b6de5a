/* test_syslog_damage.c - what is left of system logs that are cut off, broken, or met by a machine
 * without memory. */
#include "check_decode.h"

#include "syslog_samples.h"

static const struct decode_options options = { .limits = { 0, 0 } };

/* A copy that ends where its memory ends, so that sanitizers see every read past it. */
static char *exact_copy(struct hn_text text)
{
    char *copy = hn_malloc(text.len == 0 ? 1 : text.len);

    assert_non_null(copy);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

static void decode_copy(struct check *check, const char *format, struct hn_text text)
{
    char *copy = exact_copy(text);

    assert_int_equal(
            check_decode(check, check_format(format), &options, hn_text_of(copy, text.len), 0),
            HN_OK);
    hn_free(copy);
}

/* Decodes the start of a stream of which more is to come. */
static void decode_open_end(struct check *check, const char *format, struct hn_text text)
{
    const struct decode_sink sink = {
        .on_event = check_on_event, .on_finding = check_on_finding, .ctx = check
    };
    char *copy = exact_copy(text);
    struct decode_stream *stream = NULL;
    struct decode_batch batch;

    hn_buf_reset(&check->out);
    assert_int_equal(decode_stream_new(check_format(format), &options, &stream, NULL), HN_OK);
    if (decode_cut(stream, hn_bytes_of(copy, text.len), false, &batch) > 0) {
        check->batch = &batch;
        assert_int_equal(decode_run(&batch, &check->event, &sink), HN_OK);
        decode_batch_release(&batch);
    }
    decode_stream_free(stream);
    hn_free(copy);
}

/* However much of a stream has come, what is given out is the start of what the whole gives; and a
 * stream that ends there ends well. */
static void every_start_gives_the_start(void **state)
{
    struct check check;

    (void)state;
    check_init(&check);
    for (size_t i = 0; i < HN_COUNT_OF(own_samples); i++) {
        const struct sample *sample = &own_samples[i];
        struct hn_buf whole = { 0 };

        decode_copy(&check, sample->format, sample->text);
        assert_true(check.events > 1);
        assert_int_equal(check.finding_kinds & (uint32_t)1 << HN_FINDING_UNDECODABLE, 0);
        hn_buf_add_text(&whole, hn_buf_text(&check.out));
        for (size_t len = 0; len < sample->text.len; len++) {
            struct hn_text start = hn_text_sub(sample->text, 0, len);

            decode_open_end(&check, sample->format, start);
            assert_true(hn_text_starts(hn_buf_text(&whole), hn_buf_text(&check.out)));
            decode_copy(&check, sample->format, start);
        }
        hn_buf_deinit(&whole);
    }
    check_deinit(&check);
}

static size_t count_lines(struct hn_text text)
{
    struct hn_text line;
    size_t count = 0;

    while (hn_text_line(&text, &line))
        count += line.len > 0;
    return count;
}

/* A byte replaced by any of a few awkward ones costs no more than the event it is in: in formats of
 * one event a line there are still as many. */
static void broken_bytes_stay_in_their_event(void **state)
{
    static const char awkward[] = { '\0', '"', '\\', '=', '|', '\x1D', '{', '<', '\xFF' };
    struct check check;

    (void)state;
    check_init(&check);
    for (size_t i = 0; i < HN_COUNT_OF(own_samples); i++) {
        const struct sample *sample = &own_samples[i];
        char *copy = exact_copy(sample->text);
        bool by_line = strcmp(sample->format, "auditd") != 0 &&
                       strcmp(sample->format, "syslog-octets") != 0;

        for (size_t pos = 0; pos < sample->text.len; pos++) {
            if (copy[pos] == '\n')
                continue;
            copy[pos] = awkward[pos % sizeof awkward];
            decode_copy(&check, sample->format, hn_text_of(copy, sample->text.len));
            if (by_line)
                assert_int_equal(check.events, count_lines(sample->text));
            copy[pos] = sample->text.ptr[pos];
        }
        hn_free(copy);
    }
    check_deinit(&check);
}

struct starved {
    size_t events;
    uint32_t dropped;
};

static bool count_starved(void *ctx, struct hn_event *event)
{
    struct starved *starved = ctx;

    starved->events++;
    starved->dropped += event->values_dropped;
    return true;
}

/* Whichever allocation is the first to fail, decoding ends with HN_NOMEM or goes on and says that
 * values are missing; it never leaves events out silently. */
static void no_memory_is_said(void **state)
{
    struct check check;

    (void)state;
    check_init(&check);
    for (size_t i = 0; i < HN_COUNT_OF(own_samples); i++) {
        const struct sample *sample = &own_samples[i];
        size_t expected;
        uint64_t hits = 1;

        decode_copy(&check, sample->format, sample->text);
        expected = check.events;
        for (uint64_t n = 1; hits > 0; n++) {
            struct starved starved = { 0, 0 };
            const struct decode_sink sink = { .on_event = count_starved, .ctx = &starved };
            struct hn_event event;
            enum hn_status status;

            assert_true(n < 10000);
            assert_int_equal(hn_event_init(&event, check.schema, NULL, true), HN_OK);
            hn_mem_fail_from(n);
            status = decode_all(check_format(sample->format), &options,
                    hn_text_as_bytes(sample->text), &event, &sink);
            hits = hn_mem_fail_hits();
            hn_mem_fail_from(0);
            hn_event_deinit(&event);
            assert_true(status == HN_OK || status == HN_NOMEM);
            if (status == HN_OK)
                assert_int_equal(starved.events, expected);
            if (status == HN_OK && hits > 0)
                assert_true(starved.dropped > 0);
        }
    }
    check_deinit(&check);
}

/* How many allocations decoding text takes with an event that has already grown. */
static uint64_t count_allocations(struct check *check, const char *format, struct hn_text text)
{
    struct starved starved = { 0, 0 };
    const struct decode_sink sink = { .on_event = count_starved, .ctx = &starved };
    uint64_t hits = 1;
    uint64_t n = 0;

    while (hits > 0) {
        enum hn_status status;

        hn_mem_fail_from(++n);
        status = decode_all(
                check_format(format), &options, hn_text_as_bytes(text), &check->event, &sink);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || status == HN_NOMEM);
    }
    return n - 1;
}

/* Once an event has grown, a stream and the joining of records need a few allocations, and no more
 * of them however long the input is. */
static void more_lines_need_no_more_memory(void **state)
{
    struct check check;

    (void)state;
#ifdef HN_ARENA_MALLOC
    print_message("SKIPPED: in this build every unescaped text is an allocation\n");
    skip();
#endif
    check_init(&check);
    for (size_t i = 0; i < HN_COUNT_OF(own_samples); i++) {
        const struct sample *sample = &own_samples[i];
        struct hn_buf many = { 0 };

        for (int k = 0; k < 50; k++)
            hn_buf_add_text(&many, sample->text);
        decode_copy(&check, sample->format, sample->text); /* the event grows here */
        assert_int_equal(count_allocations(&check, sample->format, hn_buf_text(&many)),
                count_allocations(&check, sample->format, sample->text));
        hn_buf_deinit(&many);
    }
    check_deinit(&check);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_start_gives_the_start),
        cmocka_unit_test(broken_bytes_stay_in_their_event),
        cmocka_unit_test(no_memory_is_said),
        cmocka_unit_test(more_lines_need_no_more_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
