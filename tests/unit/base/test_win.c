/* test_win.c - Windows binary values as text. */
#include "base/time.h"
#include "base/win.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void assert_text(const char *got, size_t len, const char *expected)
{
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(got, expected, len);
}

/* The first three parts of a GUID are little-endian, the last two are as they stand. */
static void guid_parts(void **state)
{
    static const uint8_t guid[HN_GUID_BYTES] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
        0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0xF0 };
    char out[HN_GUID_TEXT_LEN];

    (void)state;
    assert_text(out, hn_guid_write(guid, out), "{04030201-0605-0807-090A-0B0C0D0E0FF0}");
}

/* SIDs of every size, an authority over 32 bits, and each truncation of one. */
static void sid_forms(void **state)
{
    static const uint8_t system[] = { 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0 };
    static const uint8_t user[] = { 1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0,
        0xFF, 0xFF, 0xFF, 0xFF, 0xF4, 1, 0, 0, 0xEE };
    static const uint8_t none[] = { 0, 0, 0, 0, 0, 0, 0, 0 };
    static const uint8_t large[] = { 1, 0, 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC };
    uint8_t most[8 + 255 * 4];
    char out[HN_SID_TEXT_MAX];

    (void)state;
    assert_text(out, hn_sid_write(hn_bytes_of(system, sizeof system), out), "S-1-5-18");
    assert_text(
            out, hn_sid_write(hn_bytes_of(user, sizeof user), out), "S-1-5-21-1-2-4294967295-500");
    assert_int_equal(hn_sid_len(hn_bytes_of(user, sizeof user)), sizeof user - 1);
    assert_text(out, hn_sid_write(hn_bytes_of(none, sizeof none), out), "S-0-0");
    assert_text(out, hn_sid_write(hn_bytes_of(large, sizeof large), out), "S-1-0x123456789ABC");
    for (size_t len = 0; len < sizeof user - 1; len++) {
        assert_int_equal(hn_sid_len(hn_bytes_of(user, len)), 0);
        assert_int_equal(hn_sid_write(hn_bytes_of(user, len), out), 0);
    }
    memset(most, 0xFF, sizeof most);
    assert_in_range(hn_sid_write(hn_bytes_of(most, sizeof most), out), 255 * 11, HN_SID_TEXT_MAX);
}

/* Where hn_time can hold a FILETIME, both writers give the same text. */
static void filetime_equals_time(void **state)
{
    const uint64_t epoch = UINT64_C(116444736000000000);
    uint64_t filetime = epoch - UINT64_C(90000000000000000);
    unsigned compared = 0;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        char ours[HN_FILETIME_TEXT_MAX];
        char other[HN_TIME_TEXT_MAX];
        hn_time time = hn_time_from_filetime(filetime);

        if (time != HN_TIME_NONE) {
            size_t len = hn_filetime_write(filetime, ours);

            assert_int_equal(len, hn_time_write(time, 0, other));
            assert_memory_equal(ours, other, len);
            compared++;
        }
        filetime += UINT64_C(864003600001) + (i % 3 == 0 ? 9999999 : i % 3 == 1 ? 10000 : 10);
    }
    assert_true(compared > 100000);
}

/* The ends of the range, leap days, and each number of fraction digits. */
static void filetime_extremes(void **state)
{
    static const struct {
        uint64_t filetime;
        const char *text;
    } cases[] = {
        { 0, "1601-01-01T00:00:00Z" },
        { 1, "1601-01-01T00:00:00.000000100Z" },
        { 10, "1601-01-01T00:00:00.000001Z" },
        { 10000, "1601-01-01T00:00:00.001Z" },
        { UINT64_C(125963423999999999), "2000-02-29T23:59:59.999999900Z" },
        { UINT64_C(125963424000000000), "2000-03-01T00:00:00Z" },
        { INT64_MAX, "30828-09-14T02:48:05.477580700Z" },
        { UINT64_MAX, "60056-05-28T05:36:10.955161500Z" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        char out[HN_FILETIME_TEXT_MAX];

        assert_text(out, hn_filetime_write(cases[i].filetime, out), cases[i].text);
    }
}

/* Parts are shown as they stand, the day of the week is not among them, and even nonsense fits. */
static void systemtime_parts(void **state)
{
    static const uint8_t usual[] = { 0xEA, 7, 11, 0, 1, 0, 23, 0, 1, 0, 2, 0, 3, 0, 45, 0 };
    uint8_t most[HN_SYSTEMTIME_BYTES];
    char out[HN_SYSTEMTIME_TEXT_MAX];

    (void)state;
    assert_text(out, hn_systemtime_write(usual, out), "2026-11-23T01:02:03.045Z");
    memset(most, 0xFF, sizeof most);
    assert_text(out, hn_systemtime_write(most, out), "65535-65535-65535T65535:65535:65535.65535Z");
    memset(most, 0, sizeof most);
    assert_text(out, hn_systemtime_write(most, out), "0000-00-00T00:00:00Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guid_parts),
        cmocka_unit_test(sid_forms),
        cmocka_unit_test(filetime_equals_time),
        cmocka_unit_test(filetime_extremes),
        cmocka_unit_test(systemtime_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
