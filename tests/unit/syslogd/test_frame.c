/* Framing of syslog streams: what each sender's way of framing comes out as, in one piece and byte
 * by byte. */
#include "support/check.h"

#include "syslogd/syslogd_frame.h"

static void frame_pieces(struct hn_bytes in, size_t message_max, size_t piece, struct hn_buf *out)
{
    struct syslogd_framer framer = { .message_max = message_max };
    struct syslogd_frame frame;
    size_t have = 0;
    size_t pos = 0;

    while (have < in.len) {
        have = in.len - have > piece ? have + piece : in.len;
        while (pos < have && syslogd_frame_next(&framer, hn_bytes_of(in.ptr + pos, have - pos),
                                     have == in.len, &frame)) {
            if (frame.message.len > 0) {
                hn_buf_add(out, frame.message.ptr, frame.message.len);
                hn_buf_add_cstr(out, frame.cut ? "[cut]|" : frame.misframed ? "[odd]|" : "|");
            }
            pos += frame.bytes;
        }
    }
}

static void expect(const char *in, size_t len, size_t message_max, const char *expected)
{
    for (size_t piece = 1; piece <= len; piece++) {
        struct hn_buf out = { 0 };

        frame_pieces(hn_bytes_of(in, len), message_max, piece, &out);
        check_buf(&out, expected);
        hn_buf_deinit(&out);
    }
}

#define EXPECT(in, max, expected) expect("" in "", sizeof(in) - 1, (max), (expected))

static void senders_frame_in_many_ways(void **state)
{
    (void)state;
    EXPECT("<1>a\n<2>b\n", 100, "<1>a|<2>b|");
    EXPECT("<1>a\r\n\r\n<2>b", 100, "<1>a|<2>b|");
    EXPECT("<1>a\0<2>b\0", 100, "<1>a|<2>b|");
    EXPECT("5 <1>ab6 <2>cde", 100, "<1>ab|<2>cde|");
    EXPECT("5 <1>ab\n6 <2>cde\n", 100, "<1>ab|<2>cde|");
    EXPECT("6 <1>ab\n6 <2>cde", 100, "<1>ab|<2>cde|");
    EXPECT("7 <1>a\nbc<2>line\n4 <3>d", 100, "<1>a\nbc|<2>line|<3>d|");
    EXPECT("2026-11-23 plain\n12 monkeys\n", 100, "2026-11-23 plain|12 monkeys|");
}

static void damage_goes_on_at_the_next_line(void **state)
{
    (void)state;
    EXPECT("4 <1>abc\n5 <2>de", 100, "<1>a|bc[odd]|<2>de|");
    EXPECT("99 <1>cut off", 100, "<1>cut off|");
    EXPECT("07 <1>ab\n123456789 <1>x\n", 100, "07 <1>ab|123456789 <1>x|");
    EXPECT("12", 100, "12|");
    EXPECT("12 ", 100, "12 |");
}

static void long_messages_are_cut(void **state)
{
    (void)state;
    EXPECT("<1>abcdefg\n<2>x\n", 5, "<1>ab[cut]|<2>x|");
    EXPECT("<1>ab\n<2>cd", 5, "<1>ab|<2>cd|");
    EXPECT("10 <1>abcdefg4 <2>x", 5, "<1>ab[cut]|<2>x|");
    EXPECT("10 <1>abcd", 5, "<1>ab[cut]|");
    EXPECT("<1>abcdefg", 5, "<1>ab[cut]|");
}

/* Every stretch of a stream gives whole messages, the last one as far as it came. */
static void truncations_hold(void **state)
{
    static const char stream[] = "5 <1>ab\n<2>line\n12 <3>lo\nng er!6 <4>end";

    (void)state;
    for (size_t len = 0; len < sizeof stream; len++) {
        struct hn_buf whole = { 0 };
        struct hn_buf parts = { 0 };

        frame_pieces(hn_bytes_of(stream, len), 64, len + 1, &whole);
        frame_pieces(hn_bytes_of(stream, len), 64, 1, &parts);
        assert_true(hn_text_eq(hn_buf_text(&whole), hn_buf_text(&parts)));
        hn_buf_deinit(&whole);
        hn_buf_deinit(&parts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(senders_frame_in_many_ways),
        cmocka_unit_test(damage_goes_on_at_the_next_line),
        cmocka_unit_test(long_messages_are_cut),
        cmocka_unit_test(truncations_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
