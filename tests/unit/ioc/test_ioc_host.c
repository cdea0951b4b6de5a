/* test_ioc_host.c - host names have one form, and Punycode is RFC 3492's. */
#include "ioc_test.h"

#include "base/utf.h"

/* The samples of RFC 3492, section 7.1, lower case, both ways. */
static void punycode_of_the_rfc(void **state)
{
    static const struct {
        const char *letters;
        const char *code;
    } cases[] = {
        /* (A) Arabic, (B) Chinese, (D) Czech, (I) Russian */
        { "\xD9\x84\xD9\x8A\xD9\x87\xD9\x85\xD8\xA7\xD8\xA8\xD8\xAA\xD9\x83\xD9\x84\xD9\x85"
          "\xD9\x88\xD8\xB4\xD8\xB9\xD8\xB1\xD8\xA8\xD9\x8A\xD8\x9F",
                "egbpdaj6bu4bxfgehfvwxn" },
        { "\xE4\xBB\x96\xE4\xBB\xAC\xE4\xB8\xBA\xE4\xBB\x80\xE4\xB9\x88\xE4\xB8\x8D\xE8\xAF\xB4"
          "\xE4\xB8\xAD\xE6\x96\x87",
                "ihqwcrb4cv8a8dqg056pqjye" },
        { "pro\xC4\x8Dprost\xC4\x9Bnemluv\xC3\xAD\xC4\x8D"
          "esky",
                "proprostnemluvesky-uyb24dma41a" },
        { "\xD0\xBF\xD0\xBE\xD1\x87\xD0\xB5\xD0\xBC\xD1\x83\xD0\xB6\xD0\xB5\xD0\xBE\xD0\xBD\xD0\xB8"
          "\xD0\xBD\xD0\xB5\xD0\xB3\xD0\xBE\xD0\xB2\xD0\xBE\xD1\x80\xD1\x8F\xD1\x82\xD0\xBF\xD0\xBE"
          "\xD1\x80\xD1\x83\xD1\x81\xD1\x81\xD0\xBA\xD0\xB8",
                "b1abfaaepdrnnbgefbadotcwatmq2g4l" },
        { "b\xC3\xBC"
          "cher",
                "bcher-kva" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct hn_buf code = { 0 };
        struct hn_buf letters = { 0 };

        assert_true(ioc_punycode_encode(&code, hn_text_cstr(cases[i].letters)));
        assert_true(hn_text_eq(hn_buf_text(&code), hn_text_cstr(cases[i].code)));
        assert_true(ioc_punycode_decode(&letters, hn_text_cstr(cases[i].code)));
        assert_true(hn_text_eq(hn_buf_text(&letters), hn_text_cstr(cases[i].letters)));
        hn_buf_deinit(&code);
        hn_buf_deinit(&letters);
    }
}

/* decode(encode(label)) is the label, for random labels of up to the limit. */
static void punycode_both_ways(void **state)
{
    uint64_t seed = 5;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        uint64_t count = next_random(&seed) % (IOC_LABEL_MAX + 1);
        struct hn_buf label = { 0 };
        struct hn_buf code = { 0 };
        struct hn_buf back = { 0 };

        for (uint64_t i = 0; i < count; i++) {
            static const uint32_t ranges[][2] = { { 'a', 26 }, { 0x80, 0x700 }, { 0x3040, 0x6000 },
                { 0x1F300, 0x500 } };
            const uint32_t *range = ranges[next_random(&seed) % HN_COUNT_OF(ranges)];

            hn_buf_add_utf8(&label, range[0] + (uint32_t)(next_random(&seed) % range[1]));
        }
        assert_int_equal(ioc_punycode_encode(&code, hn_buf_text(&label)), count > 0);
        if (count > 0) {
            assert_true(hn_is_ascii(hn_buf_text(&code)));
            assert_true(ioc_punycode_decode(&back, hn_buf_text(&code)));
            assert_true(hn_text_eq(hn_buf_text(&back), hn_buf_text(&label)));
        }
        hn_buf_deinit(&label);
        hn_buf_deinit(&code);
        hn_buf_deinit(&back);
    }
}

/* Codes that overflow, end early, hold other characters or surrogates are refused. */
static void punycode_refuses_nonsense(void **state)
{
    static const char *const bad[] = { "", "-",
        ("a-\xFF"
         "b"),
        "99999999", "kva!", "abc-9999999999", "\xC3\xBC-kva" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++) {
        char room[1024];
        struct hn_buf out = ioc_fixed_buf(room, sizeof room);

        assert_false(ioc_punycode_decode(&out, hn_text_cstr(bad[i])));
        assert_int_equal(out.len, 0);
    }
}

static void expect_host(const char *written, const char *wanted)
{
    char room[IOC_HOST_ROOM];
    size_t len = ioc_host_normal(hn_text_cstr(written), room);

    if (!hn_text_eq(hn_text_of(room, len), hn_text_cstr(wanted)))
        fail_msg("\"%s\"\nwanted: %s\ngot:    %.*s", written, wanted, (int)len, room);
}

/* Case, dot at the end, script and width do not matter; what is no host name gives none. */
static void one_form(void **state)
{
    static const struct {
        const char *written;
        const char *normal;
    } cases[] = {
        { "Evil.EXAMPLE", "evil.example" },
        { "evil.example.", "evil.example" },
        { "_dmarc.evil-x.example", "_dmarc.evil-x.example" },
        { "localhost", "localhost" },
        { "b\xC3\xBC"
          "cher.example",
                "xn--bcher-kva.example" },
        { "B\xC3\x9C"
          "CHER.example",
                "xn--bcher-kva.example" },
        { "XN--Bcher-KVA.example", "xn--bcher-kva.example" },
        { "\xE4\xBE\x8B\xE3\x81\x88\xE3\x80\x82\xE3\x83\x86\xE3\x82\xB9\xE3\x83\x88",
                "xn--r8jz45g.xn--zckzah" }, /* with an ideographic full stop */
        { "\xEF\xBC\xA5vil\xEF\xBC\x8E"
          "example",
                "evil.example" },
        { "\xD0\xB0pple.example", "xn--pple-43d.example" }, /* Cyrillic a: another name */
        { "", "" },
        { ".", "" },
        { "a..b", "" },
        { ".a", "" },
        { "evil.example..", "" },
        { "192.0.2.1", "" },
        { "evil.123", "" },
        { "a b.example", "" },
        { "a/b.example", "" },
        { "\xC3\xBC/.example", "" },
        { "\xFF.example", "" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        expect_host(cases[i].written, cases[i].normal);
}

/* Labels of 63 and names of 253 bytes pass, one more does not; nothing is written past the room. */
static void limits_hold(void **state)
{
    char name[300];
    char room[IOC_HOST_ROOM];

    (void)state;
    memset(name, 'a', sizeof name);
    name[63] = '.';
    assert_int_equal(ioc_host_normal(hn_text_of(name, 66), room), 66);
    memset(name, 'a', sizeof name);
    name[64] = '.';
    assert_int_equal(ioc_host_normal(hn_text_of(name, 66), room), 0);
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = i % 50 == 49 ? '.' : 'a';
    assert_int_equal(ioc_host_normal(hn_text_of(name, 253), room), 253);
    assert_int_equal(ioc_host_normal(hn_text_of(name, 254), room), 0);
    for (size_t len = 0; len + 2 <= 298; len += 2) { /* two bytes a letter */
        for (size_t i = 0; i < len; i += 2)
            memcpy(name + i, "\xD0\xB0", 2);
        (void)ioc_host_normal(hn_text_of(name, len), room);
    }
}

/* A normal form is its own normal form. */
static void normal_twice_is_normal(void **state)
{
    static const char *const pieces[] = { "a", "B", ".", "-", "_", "9", "xn--", "bcher-kva",
        "\xC3\x9C", "\xE3\x80\x82", "\xEF\xBC\xA5", "\xE2\x80\x8B", "\xD0\x90", " " };
    uint64_t seed = 17;

    (void)state;
    for (int round = 0; round < 50000; round++) {
        char once[IOC_HOST_ROOM];
        char twice[IOC_HOST_ROOM];
        struct hn_buf name = { 0 };
        size_t len;

        for (uint64_t n = next_random(&seed) % 10; n > 0; n--)
            hn_buf_add_cstr(&name, pieces[next_random(&seed) % HN_COUNT_OF(pieces)]);
        len = ioc_host_normal(hn_buf_text(&name), once);
        if (len > 0) {
            assert_int_equal(ioc_host_normal(hn_text_of(once, len), twice), len);
            assert_memory_equal(once, twice, len);
        }
        hn_buf_deinit(&name);
    }
}

/* For showing, xn-- labels become letters, as far as they are any. */
static void letters_for_showing(void **state)
{
    struct hn_buf out = { 0 };

    (void)state;
    ioc_host_write_unicode(&out, HN_TEXT("www.xn--bcher-kva.xn--99999999.example"));
    assert_true(hn_text_eq(hn_buf_text(&out), HN_TEXT("www.b\xC3\xBC"
                                                      "cher.xn--99999999.example")));
    hn_buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(punycode_of_the_rfc),
        cmocka_unit_test(punycode_both_ways),
        cmocka_unit_test(punycode_refuses_nonsense),
        cmocka_unit_test(one_form),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(normal_twice_is_normal),
        cmocka_unit_test(letters_for_showing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
