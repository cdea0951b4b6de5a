/* Positions as text: what is written is read back, anything else is passed over, every truncation
 * included. */
#include "support/check.h"

#include "follow/follow.h"
#include "follow/follow_position.h"

static const struct follow_entry sample = { .device = 2049,
    .inode = UINT64_MAX,
    .print_bytes = FOLLOW_PRINT_BYTES,
    .print = 0x00FF00FF00FF00FF,
    .offset = 123456789012,
    .mark = 77,
    .member = FOLLOW_MEMBER_DONE,
    .format = HN_TEXT_INIT("csv"),
    .head = HN_TEXT_INIT("aG9zdAo=") };

static void check_same(const struct follow_entry *a, const struct follow_entry *b)
{
    assert_int_equal(a->device, b->device);
    assert_int_equal(a->inode, b->inode);
    assert_int_equal(a->print_bytes, b->print_bytes);
    assert_int_equal(a->print, b->print);
    assert_int_equal(a->offset, b->offset);
    assert_int_equal(a->mark, b->mark);
    assert_int_equal(a->member, b->member);
    assert_true(hn_text_eq(a->format, b->format));
    assert_true(hn_text_eq(a->head, b->head));
}

static void what_is_written_is_read_back(void **state)
{
    const struct follow_entry empty = { .format = HN_TEXT_INIT(""), .head = HN_TEXT_INIT("") };
    struct follow_entry entry;
    struct hn_buf text = { 0 };
    struct hn_text rest;

    (void)state;
    follow_entry_write(&sample, &text);
    hn_buf_add_lit(&text, "f1 1 2 3 0000000000000000 1 1 1 lines -\r\r\n");
    hn_buf_add_lit(&text, "\nf2 1 2 3\nf1 1 2 2000 0000000000000000 1 1 1 - -\n");
    follow_entry_write(&empty, &text);
    rest = hn_buf_text(&text);
    assert_true(follow_entry_next(&rest, &entry));
    check_same(&entry, &sample);
    assert_true(follow_entry_next(&rest, &entry));
    check_same(&entry, &empty);
    assert_false(follow_entry_next(&rest, &entry));
    hn_buf_deinit(&text);
}

/* A position that is cut off is none, or, where it is cut inside its last word, another one: the
 * journal's checksum sees to it that this does not happen. */
static void truncations_do_no_harm(void **state)
{
    struct hn_buf text = { 0 };
    size_t head;

    (void)state;
    follow_entry_write(&sample, &text);
    head = text.len - 1 - sample.head.len;
    for (size_t len = 0; len < text.len; len++) {
        struct hn_text rest = hn_text_sub(hn_buf_text(&text), 0, len);
        struct follow_entry entry;

        assert_int_equal(follow_entry_next(&rest, &entry), len > head);
    }
    hn_buf_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(truncations_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
