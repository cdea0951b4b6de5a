/* decode_case.h - what tests of decoders ask of a format: expected values, and the properties that
 * hold for every format and input. Header only, so that a test links just its module. */
#ifndef HN_TESTS_DECODE_CASE_H
#define HN_TESTS_DECODE_CASE_H

#include "support/decode_render.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The usual way: all-mode, whole input. */
static inline struct decode_case *case_text(const char *format, const char *text)
{
    struct case_options options = { .format = format };
    struct decode_case *c = case_run(&options, hn_bytes_of(text, strlen(text)));

    assert_int_equal(c->status, HN_OK);
    assert_false(c->again_differs);
    assert_false(c->misplaced);
    return c;
}

/* Fields of one event: pairs of name and joined values, NULL for "absent"; ends with NULL. */
static inline void case_expect(
        const struct decode_case *c, size_t index, const char *const (*pairs)[2])
{
    assert_true(index < c->count);
    for (; (*pairs)[0] != NULL; pairs++) {
        const char *value = case_value(c, index, (*pairs)[0]);

        if ((value == NULL) != ((*pairs)[1] == NULL) ||
                (value != NULL && strcmp(value, (*pairs)[1]) != 0)) {
            fail_msg("event %zu, %s: \"%s\", not \"%s\"", index, (*pairs)[0],
                    value == NULL ? "(absent)" : value,
                    (*pairs)[1] == NULL ? "(absent)" : (*pairs)[1]);
        }
    }
}

static inline void case_same(const struct decode_case *a, const struct decode_case *b)
{
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->events[i].len, b->events[i].len);
        assert_memory_equal(a->events[i].text, b->events[i].text, a->events[i].len);
    }
    for (size_t i = 0; i < HN_FINDING_COUNT; i++)
        assert_int_equal(a->findings[i], b->findings[i]);
}

/* However the input arrives, the events are the same. */
static inline void case_pieces_agree(const char *format, struct hn_bytes in)
{
    static const size_t pieces[] = { 1, 2, 3, 7, 64, 1000 };
    struct case_options options = { .format = format };
    struct decode_case *whole = case_run(&options, in);

    for (size_t i = 0; i < HN_COUNT_OF(pieces); i++) {
        struct decode_case *part;

        options.piece = pieces[i];
        part = case_run(&options, in);
        case_same(whole, part);
        case_free(part);
    }
    case_free(whole);
}

/* A field that is wanted has the same values whether or not all others are kept as well. */
static inline void case_modes_agree(
        const char *format, struct hn_bytes in, const char *const *names, size_t name_count)
{
    struct case_options all = {
        .format = format, .names = names, .name_count = name_count, .keep_all = true
    };
    struct decode_case *everything = case_run(&all, in);

    for (size_t n = 0; n < name_count; n++) {
        struct case_options options = { .format = format, .names = names + n, .name_count = 1 };
        struct decode_case *wanted = case_run(&options, in);

        assert_int_equal(wanted->count, everything->count);
        for (size_t i = 0; i < wanted->count; i++) {
            const char *value = case_value(wanted, i, names[n]);
            char *copy = value == NULL ? NULL : strdup(value);
            const char *other = case_value(everything, i, names[n]);

            if ((copy == NULL) != (other == NULL) || (copy != NULL && strcmp(copy, other) != 0))
                fail_msg("event %zu, %s: wanted \"%s\", all \"%s\"", i, names[n],
                        copy == NULL ? "(absent)" : copy, other == NULL ? "(absent)" : other);
            free(copy);
        }
        case_free(wanted);
    }
    case_free(everything);
}

/* Every prefix of an input decodes without failure, to events that lie inside of it. */
static inline void case_truncations_hold(const char *format, struct hn_bytes in)
{
    struct case_options options = { .format = format };

    for (size_t len = 0; len <= in.len; len++) {
        struct decode_case *c = case_run(&options, hn_bytes_of(in.ptr, len));

        assert_int_equal(c->status, HN_OK);
        assert_false(c->again_differs);
        assert_false(c->misplaced);
        case_free(c);
    }
}

/* With the n-th allocation failing, for every n: an orderly end, nothing leaks, and with enough
 * memory all is well. */
static inline void case_memory_fails(const char *format, struct hn_bytes in)
{
    struct case_options options = { .format = format };
    bool failed = true;

    for (uint64_t n = 1; failed; n++) {
        struct decode_case *c;

        assert_true(n < 100000);
        hn_mem_fail_from(n);
        c = case_run(&options, in);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_true(c->status == HN_OK || c->status == HN_NOMEM);
        if (!failed)
            assert_int_equal(c->status, HN_OK);
        case_free(c);
    }
}

/* With hardly any scratch for converted text: values fall back or are dropped, never the event. */
static inline void case_scratch_fills(const char *format, struct hn_bytes in)
{
    struct case_options options = { .format = format };
    struct decode_case *enough = case_run(&options, in);

    for (size_t bytes = 1; bytes < 6000; bytes = bytes * 3 / 2 + 1) {
        struct decode_case *c;

        options.scratch_bytes = bytes;
        c = case_run(&options, in);
        assert_int_equal(c->status, HN_OK);
        assert_int_equal(c->count, enough->count);
        assert_false(c->misplaced);
        case_free(c);
    }
    case_free(enough);
}

#endif
