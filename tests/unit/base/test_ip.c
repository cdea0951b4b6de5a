/* test_ip.c - addresses and networks: strict reading, canonical writing, exact membership. */
#include "base/ip.h"
#include "support/check.h"

#include <stdio.h>

/* What is read comes out as RFC 5952 writes it. */
static void addresses_in_canonical_form(void **state)
{
    static const char *const pairs[][2] = {
        { "192.0.2.1", "192.0.2.1" },
        { "0.0.0.0", "0.0.0.0" },
        { "255.255.255.255", "255.255.255.255" },
        { "::ffff:192.0.2.1", "192.0.2.1" },
        { "::FFFF:C000:201", "192.0.2.1" },
        { "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
        { "2001:db8:0:0:1:0:0:0", "2001:db8:0:0:1::" },
        { "[2001:db8::1]", "2001:db8::1" },
        { "fe80::1%eth0", "fe80::1" },
        { "[fe80::1%25eth0]", "fe80::1" },
        { "::", "::" },
        { "::1", "::1" },
    };
    struct hn_buf buf = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(pairs); i++) {
        struct hn_ip ip;

        assert_true(hn_ip_parse(hn_text_cstr(pairs[i][0]), &ip));
        hn_buf_add_ip(&buf, &ip);
        check_buf(&buf, pairs[i][1]);
    }
    hn_buf_deinit(&buf);
}

/* Shapes that other readers take for addresses are refused: short, octal, padded, with tails. */
static void odd_addresses_are_refused(void **state)
{
    static const char *const bad[] = { "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4",
        "1.2.3.04", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4:80", "0x7f.0.0.1", "1..2.3", "1.2.3.",
        ".1.2.3", "1.2.3.4\n", ":", ":::", "1::2::3", "12345::", "g::1", "::1.2.3", "[::1", "::1]",
        "[]", "%eth0", "2001:db8::1/64", "1.2.3.4/8", "1.2.3.4%eth0", "\xD9\xA1.2.3.4",
        "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1.2.3.1000" };
    char long_one[200];
    struct hn_ip ip;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++) {
        if (hn_ip_parse(hn_text_cstr(bad[i]), &ip))
            print_error("'%s' was taken for an address\n", bad[i]);
        assert_false(hn_ip_parse(hn_text_cstr(bad[i]), &ip));
    }
    assert_false(hn_ip_parse(hn_text_of("::1\0", 4), &ip));
    memset(long_one, ':', sizeof long_one);
    assert_false(hn_ip_parse(hn_text_of(long_one, sizeof long_one), &ip));
}

/* Writing and reading back is the identity for addresses of all kinds. */
static void write_then_parse_is_identity(void **state)
{
    struct check_random random = { 6 };
    struct hn_buf buf = { 0 };

    (void)state;
    for (int round = 0; round < 20000; round++) {
        struct hn_ip ip = { { 0 } };
        struct hn_ip back;

        for (size_t i = 0; i < 16; i++) {
            if (check_random_below(&random, 2) == 0)
                ip.bytes[i] = (uint8_t)check_random_next(&random);
        }
        if (round % 3 == 0) {
            memset(ip.bytes, 0, 10);
            memset(ip.bytes + 10, 0xFF, 2);
        }
        hn_buf_reset(&buf);
        hn_buf_add_ip(&buf, &ip);
        assert_true(hn_ip_parse(hn_buf_text(&buf), &back));
        assert_int_equal(hn_ip_cmp(&ip, &back), 0);
        assert_int_equal(
                hn_ip_is_v4(&ip), hn_text_find_char(hn_buf_text(&buf), '.', 0) != SIZE_MAX &&
                                          hn_text_find_char(hn_buf_text(&buf), ':', 0) == SIZE_MAX);
    }
    hn_buf_deinit(&buf);
}

static bool naive_has(const struct hn_ip *network, unsigned prefix, const struct hn_ip *ip)
{
    for (unsigned bit = 0; bit < prefix; bit++) {
        uint8_t mask = (uint8_t)(0x80u >> bit % 8);

        if ((network->bytes[bit / 8] & mask) != (ip->bytes[bit / 8] & mask))
            return false;
    }
    return true;
}

/* Membership equals a bit by bit comparison for every prefix length; host bits are cleared. */
static void membership_equals_bits(void **state)
{
    struct check_random random = { 7 };

    (void)state;
    for (unsigned prefix = 0; prefix <= 128; prefix++) {
        for (int round = 0; round < 200; round++) {
            struct hn_ip network;
            struct hn_ip ip;
            struct hn_cidr cidr;
            struct hn_buf buf = { 0 };
            bool host_bits;

            for (size_t i = 0; i < 16; i++)
                network.bytes[i] = (uint8_t)check_random_next(&random);
            network.bytes[0] = 0x20; /* keeps it out of ::ffff:0:0/96 */
            ip = network;
            if (round % 4 != 0)
                ip.bytes[check_random_below(&random, 16)] ^=
                        (uint8_t)(1u << check_random_below(&random, 8));
            hn_buf_add_ip(&buf, &network);
            hn_buf_addf(&buf, "/%u", prefix);
            assert_true(hn_cidr_parse(hn_buf_text(&buf), &cidr, &host_bits));
            assert_int_equal(cidr.prefix_len, prefix);
            assert_int_equal(hn_cidr_has(&cidr, &ip), naive_has(&network, prefix, &ip));
            assert_int_equal(host_bits, hn_ip_cmp(&cidr.address, &network) != 0);
            hn_buf_deinit(&buf);
        }
    }
}

static bool cidr_has(const char *network, const char *address)
{
    struct hn_cidr cidr;
    struct hn_ip ip;

    assert_true(hn_cidr_parse(hn_text_cstr(network), &cidr, NULL));
    assert_true(hn_ip_parse(hn_text_cstr(address), &ip));
    return hn_cidr_has(&cidr, &ip);
}

/* IPv4 networks hold IPv4 addresses, also those written the IPv6 way, and no others. */
static void v4_networks(void **state)
{
    static const char *const bad[] = { "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
        "10.0.0.0/8/8", "10.0.0/8", "2001:db8::/129", "10.0.0.0/+8", "10.0.0.0/ 8", "x/8",
        "10.0.0.0/99999999999" };
    struct hn_cidr cidr;

    (void)state;
    assert_true(cidr_has("10.0.0.0/8", "10.255.255.255"));
    assert_true(cidr_has("10.0.0.0/8", "::ffff:10.1.2.3"));
    assert_false(cidr_has("10.0.0.0/8", "11.0.0.0"));
    assert_true(cidr_has("192.0.2.7", "192.0.2.7"));
    assert_false(cidr_has("192.0.2.7", "192.0.2.6"));
    assert_true(cidr_has("0.0.0.0/0", "203.0.113.9"));
    assert_false(cidr_has("0.0.0.0/0", "2001:db8::1"));
    assert_true(cidr_has("::/0", "203.0.113.9"));
    assert_true(cidr_has("::ffff:10.0.0.0/104", "10.9.9.9"));
    assert_true(cidr_has("2001:db8::/32", "2001:db8:ffff::1"));
    assert_false(cidr_has("2001:db8::/32", "2001:db9::1"));
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++)
        assert_false(hn_cidr_parse(hn_text_cstr(bad[i]), &cidr, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_in_canonical_form),
        cmocka_unit_test(odd_addresses_are_refused),
        cmocka_unit_test(write_then_parse_is_identity),
        cmocka_unit_test(membership_equals_bits),
        cmocka_unit_test(v4_networks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
