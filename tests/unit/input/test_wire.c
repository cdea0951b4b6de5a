/* test_wire.c - the parent believes nothing: messages out of form or order are refused. */
#include "input/wire.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static size_t parse(const char *bytes, size_t len, bool in_entry, struct wire_message *ret)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len); /* exact, so that sanitizers see the end */
    size_t took;

    assert_non_null(copy);
    memcpy(copy, bytes, len);
    took = wire_parse(hn_bytes_of(copy, len), in_entry, ret);
    free(copy);
    return took;
}

#define NUMBER "\1\0\0\0\0\0\0\0"

/* Each kind is taken in its place, with its payload and number; a cut-off one waits for more. */
static void messages_in_order(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        bool in_entry;
        enum wire_kind kind;
    } good[] = {
        { "\1\0\0\0\3\0\0\0" NUMBER "!/a", 19, false, WIRE_ENTRY },
        { "\2\0\0\0\3\0\0\0" NUMBER "xyz", 19, true, WIRE_DATA },
        { "\3\0\0\0\0\0\0\0" NUMBER, 16, true, WIRE_END },
        { "\4\2\0\0\3\0\0\0" NUMBER "a\0b", 19, true, WIRE_FINDING },
        { "\4\2\0\0\3\0\0\0" NUMBER "a\0b", 19, false, WIRE_FINDING },
        { "\5\0\0\0\0\0\0\0" NUMBER, 16, false, WIRE_DONE },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(good); i++) {
        struct wire_message message = { .kind = WIRE_DONE };

        assert_int_equal(
                parse(good[i].bytes, good[i].len, good[i].in_entry, &message), good[i].len);
        assert_int_equal(message.kind, good[i].kind);
        assert_int_equal(message.number, 1);
        assert_int_equal(message.payload.len, good[i].len - WIRE_HEADER_BYTES);
        for (size_t len = 0; len < good[i].len; len++)
            assert_int_equal(parse(good[i].bytes, len, good[i].in_entry, &message), 0);
    }
}

/* Unknown kinds, too long ones, and known ones in the wrong place are nonsense. */
static void nonsense_is_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        bool in_entry;
    } bad[] = {
        { "\0\0\0\0\0\0\0\0" NUMBER, 16, false },         /* no kind */
        { "\6\0\0\0\0\0\0\0" NUMBER, 16, false },         /* unknown kind */
        { "\1\0\1\0\1\0\0\0" NUMBER "a", 17, false },     /* not zero where it must be */
        { "\2\0\0\0\1\0\2\0" NUMBER, 16, true },          /* longer than any */
        { "\1\0\0\0\0\0\0\0" NUMBER, 16, false },         /* entry without a name */
        { "\1\0\0\0\1\0\0\0" NUMBER "a", 17, true },      /* entry inside an entry */
        { "\2\0\0\0\1\0\0\0" NUMBER "a", 17, false },     /* data outside */
        { "\2\0\0\0\0\0\0\0" NUMBER, 16, true },          /* no data */
        { "\3\0\0\0\0\0\0\0" NUMBER, 16, false },         /* end outside */
        { "\4\xFF\0\0\2\0\0\0" NUMBER "a\0", 18, false }, /* unknown finding */
        { "\5\0\0\0\0\0\0\0" NUMBER, 16, true },          /* done inside an entry */
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++) {
        struct wire_message message = { .kind = WIRE_DONE };

        assert_true(parse(bad[i].bytes, bad[i].len, bad[i].in_entry, &message) == SIZE_MAX);
    }
}

/* A finding has a name and a reason, split by a NUL. */
static void findings_split(void **state)
{
    struct wire_message message = { .payload = hn_bytes_of("name\0why", 8) };
    struct hn_text name;
    struct hn_text reason;

    (void)state;
    assert_true(wire_split_finding(&message, &name, &reason));
    assert_true(hn_text_eq(name, HN_TEXT("name")) && hn_text_eq(reason, HN_TEXT("why")));
    message.payload = hn_bytes_of("nothing", 7);
    assert_false(wire_split_finding(&message, &name, &reason));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_in_order),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(findings_split),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
