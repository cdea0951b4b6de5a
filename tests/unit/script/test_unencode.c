/* test_unencode.c - the Windows Script Encoder, undone. */
#include "script/script.h"

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static struct script_run run;

static int begin(void **state)
{
    (void)state;
    script_run_init(&run, NULL, NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    script_run_deinit(&run);
    return 0;
}

static void assert_plain(const char *encoded, const char *plain)
{
    const struct script_text *text = NULL;
    struct hn_text flat;

    assert_true(script_unencode(&run, hn_text_cstr(encoded), &text));
    flat = script_text_flat(&run, text);
    assert_int_equal(flat.len, strlen(plain));
    assert_memory_equal(flat.ptr, plain, flat.len);
}

/* As the encoder of Microsoft wrote them. */
static void known_texts_are_plain(void **state)
{
    (void)state;
    assert_plain("#@~^DgAAAA==\\ko$K6,JC\x7FV^GJqAQAAA==^#~@", "MsgBox \"Hello\"");
    assert_plain("<%#@~^DgAAAA==\\ko$K6,JC\x7FV^GJqAQAAA==^#~@%> x "
                 "#@~^DgAAAA==\\ko$K6,JC\x7FV^GJqAQAAA==^#~@",
            "<%MsgBox \"Hello\"%> x MsgBox \"Hello\"");
}

/* Each character that is printed comes out once in each alphabet. */
static void alphabets_are_permutations(void **state)
{
    (void)state;
    for (size_t place = 0; place < 64; place++) {
        bool seen[256] = { false };
        size_t count = 0;

        for (int byte = 0x20; byte < 0x80; byte++) {
            char encoded[128];
            const struct script_text *text = NULL;
            struct hn_text flat;

            if (byte == '<' || byte == '>' || byte == '@')
                continue;
            (void)memset(encoded, 'x', sizeof encoded);
            (void)memcpy(encoded, "#@~^AAAAAA==", 12);
            encoded[12 + place] = (char)byte;
            assert_true(script_unencode(&run, hn_text_of(encoded, 12 + place + 1), &text));
            flat = script_text_flat(&run, text);
            assert_false(seen[(uint8_t)flat.ptr[place]]);
            seen[(uint8_t)flat.ptr[place]] = true;
            count++;
        }
        assert_int_equal(count, 93);
    }
}

static void every_truncation_ends(void **state)
{
    static const char whole[] = "a #@~^DgAAAA==\\ko$K6,@&J@#CV^GJqAQAAA==^#~@ b";

    (void)state;
    for (size_t len = 0; len < sizeof whole; len++) {
        const struct script_text *text = NULL;

        if (!script_unencode(&run, hn_text_of(whole, len), &text))
            assert_null(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(known_texts_are_plain, begin, end),
        cmocka_unit_test_setup_teardown(alphabets_are_permutations, begin, end),
        cmocka_unit_test_setup_teardown(every_truncation_ends, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
