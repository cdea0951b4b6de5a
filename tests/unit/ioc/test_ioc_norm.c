/* test_ioc_norm.c - what kind of indicator a text is, and its one form. */
#include "ioc_test.h"

struct normal_case {
    enum ioc_type type; /* given */
    const char *text;
    enum ioc_reason reason;
    enum ioc_type result;
    const char *normal;
};

static void check(const struct normal_case *c)
{
    static struct ioc_key key;
    enum ioc_reason reason = ioc_normal(c->type, hn_text_cstr(c->text), &key);
    char room[IOC_KEY_MAX];
    struct hn_buf out = ioc_fixed_buf(room, sizeof room);

    if (reason != c->reason) {
        fail_msg("\"%s\": wanted %s, got %s", c->text, ioc_reason_id(c->reason),
                ioc_reason_id(reason));
    }
    if (reason != IOC_FINE || c->normal == NULL)
        return;
    ioc_key_write(&key, false, &out);
    if (key.type != c->result || !hn_text_eq(hn_buf_text(&out), hn_text_cstr(c->normal)))
        fail_msg("\"%s\": wanted %s %s, got %s %.*s", c->text, ioc_type_name(c->result), c->normal,
                ioc_type_name(key.type), (int)out.len, out.ptr);
}

#define SHA256 "5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592"

/* In lists without types the text decides, each kind in its one form. */
static void kind_by_content(void **state)
{
    static const struct normal_case cases[] = {
        { IOC_TYPE_ANY, "Evil.Example", IOC_FINE, IOC_DOMAIN, "evil.example" },
        { IOC_TYPE_ANY, "*.evil.example", IOC_FINE, IOC_DOMAIN, "evil.example" },
        { IOC_TYPE_ANY, ".evil.example", IOC_FINE, IOC_DOMAIN, "evil.example" },
        { IOC_TYPE_ANY, "evil.example:8080", IOC_FINE, IOC_DOMAIN, "evil.example" },
        { IOC_TYPE_ANY, "192.0.2.1", IOC_FINE, IOC_IPV4, "192.0.2.1" },
        { IOC_TYPE_ANY, "192.0.2.1:443", IOC_FINE, IOC_IPV4, "192.0.2.1" },
        { IOC_TYPE_ANY, "192.0.2.0/24", IOC_FINE, IOC_CIDR, "192.0.2.0/24" },
        { IOC_TYPE_ANY, "192.0.2.77/24", IOC_FINE, IOC_CIDR, "192.0.2.0/24" },
        { IOC_TYPE_ANY, "192.0.2.1/32", IOC_FINE, IOC_IPV4, "192.0.2.1" },
        { IOC_TYPE_ANY, "2001:DB8::1", IOC_FINE, IOC_IPV6, "2001:db8::1" },
        { IOC_TYPE_ANY, "[2001:db8::1]:443", IOC_FINE, IOC_IPV6, "2001:db8::1" },
        { IOC_TYPE_ANY, "::ffff:192.0.2.1", IOC_FINE, IOC_IPV4, "192.0.2.1" },
        { IOC_TYPE_ANY, "2001:db8::/32", IOC_FINE, IOC_CIDR, "2001:db8::/32" },
        { IOC_TYPE_ANY, "5D41402ABC4B2A76B9719D911017C592", IOC_FINE, IOC_MD5,
                "5d41402abc4b2a76b9719d911017c592" },
        { IOC_TYPE_ANY, SHA256, IOC_FINE, IOC_SHA256, SHA256 },
        { IOC_TYPE_ANY, SHA256 SHA256, IOC_FINE, IOC_SHA512, SHA256 SHA256 },
        { IOC_TYPE_ANY, "Bad.Guy@Evil.Example", IOC_FINE, IOC_EMAIL, "bad.guy@evil.example" },
        { IOC_TYPE_ANY, "http://Evil.Example/A", IOC_FINE, IOC_URL, "http://evil.example/A" },
        { IOC_TYPE_ANY, "http://192.0.2.1", IOC_FINE, IOC_URL, "http://192.0.2.1/*" },
        { IOC_TYPE_ANY, "http://192.0.2.1/", IOC_FINE, IOC_URL, "http://192.0.2.1/" },
        { IOC_TYPE_ANY, "evil.example/a/", IOC_FINE, IOC_URL, "evil.example/a/*" },
        { IOC_TYPE_ANY, "http://evil.example/a/*", IOC_FINE, IOC_URL, "http://evil.example/a/*" },
        { IOC_TYPE_ANY, "ldap://evil.example:1389/a", IOC_FINE, IOC_URL,
                "any://evil.example:1389/a" },
        { IOC_TYPE_ANY, "192.0.2.1:8080/a.php", IOC_FINE, IOC_URL, "192.0.2.1:8080/a.php/*" },
        { IOC_TYPE_ANY, "/panel/gate.php", IOC_FINE, IOC_PATH, "/panel/gate.php" },
        { IOC_TYPE_ANY, "tcp://192.0.2.1:4444", IOC_FINE, IOC_IPV4, "192.0.2.1" },
        { IOC_TYPE_ANY, "dropper.exe", IOC_FINE, IOC_FILENAME, "dropper.exe" },
        { IOC_TYPE_ANY, "C:\\Users\\Public\\x1.dll", IOC_FINE, IOC_FILENAME,
                "users/public/x1.dll" },
        { IOC_TYPE_ANY, "evil.one", IOC_FINE, IOC_DOMAIN, "evil.one" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        check(&cases[i]);
}

/* What is no indicator, or one that would drown the others, says why. */
static void refusals(void **state)
{
    static const struct normal_case cases[] = {
        { IOC_TYPE_ANY, "", IOC_REASON_UNKNOWN, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "malware", IOC_REASON_UNKNOWN, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "evil..example", IOC_REASON_DOMAIN, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "192.0.2.256", IOC_REASON_DOMAIN, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "a*b.example", IOC_REASON_WILDCARD, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "http://h.example/*/x", IOC_REASON_WILDCARD, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "name[0-9]\\.example", IOC_REASON_WILDCARD, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "http:///x", IOC_REASON_URL, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "http://intranet/x", IOC_REASON_URL, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "http://h.example:99999/", IOC_REASON_URL, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "127.0.0.1", IOC_REASON_GENERAL, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "0.0.0.0", IOC_REASON_GENERAL, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "::1", IOC_REASON_GENERAL, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "0.0.0.0/0", IOC_REASON_GENERAL, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "192.0.0.0/7", IOC_REASON_GENERAL, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "d41d8cd98f00b204e9800998ecf8427e", IOC_REASON_GENERAL, IOC_TYPE_ANY,
                NULL },
        { IOC_TYPE_ANY, "00000000000000000000000000000000", IOC_REASON_GENERAL, IOC_TYPE_ANY,
                NULL },
        { IOC_TYPE_ANY, "svchost.exe", IOC_REASON_GENERAL, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "/a/b", IOC_REASON_GENERAL, IOC_TYPE_ANY, NULL },
        { IOC_TYPE_ANY, "@evil.example", IOC_REASON_EMAIL, IOC_TYPE_ANY, NULL },
        { IOC_MD5, SHA256, IOC_REASON_HASH, IOC_TYPE_ANY, NULL },
        { IOC_SHA256, "zz41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592",
                IOC_REASON_HASH, IOC_TYPE_ANY, NULL },
        { IOC_IPV4, "evil.example", IOC_REASON_IP, IOC_TYPE_ANY, NULL },
        { IOC_DOMAIN, "not a name", IOC_REASON_DOMAIN, IOC_TYPE_ANY, NULL },
        { IOC_FILENAME, "C:\\folder\\", IOC_REASON_FILENAME, IOC_TYPE_ANY, NULL },
        { IOC_FILENAME, "*.exe", IOC_REASON_WILDCARD, IOC_TYPE_ANY, NULL },
        { IOC_FILENAME, "a.b", IOC_REASON_GENERAL, IOC_TYPE_ANY, NULL },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        check(&cases[i]);
}

/* Given kinds are held to, and take forms that alone would be something else. */
static void kind_given(void **state)
{
    static const struct normal_case cases[] = {
        { IOC_DOMAIN, "update.zip", IOC_FINE, IOC_DOMAIN, "update.zip" },
        { IOC_DOMAIN, "192.0.2.1", IOC_FINE, IOC_IPV4, "192.0.2.1" },
        { IOC_URL, "evil.example", IOC_FINE, IOC_URL, "evil.example/*" },
        { IOC_URL, "/gate_panel.php", IOC_FINE, IOC_PATH, "/gate_panel.php" },
        { IOC_FILENAME, "/tmp/.x11/sshd_x", IOC_FINE, IOC_FILENAME, "tmp/.x11/sshd_x" },
        { IOC_FILENAME, "%APPDATA%\\Roam\\Evil File.EXE", IOC_FINE, IOC_FILENAME,
                "roam/evil file.exe" },
        { IOC_FILENAME, "CSIDL_APPDATA\\\\x\\\\evil.dat", IOC_FINE, IOC_FILENAME, "x/evil.dat" },
        { IOC_FILENAME, "\xD0\x9E\xD0\xA2\xD0\xA7\xD0\x95\xD0\xA2.doc", IOC_FINE, IOC_FILENAME,
                "\xD0\xBE\xD1\x82\xD1\x87\xD0\xB5\xD1\x82.doc" },
        { IOC_CIDR, "198.51.100.0/25", IOC_FINE, IOC_CIDR, "198.51.100.0/25" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        check(&cases[i]);
}

/* RFC 3986 normal form: case, port, percent-encoding, dot segments, fragment. */
static void urls_in_one_form(void **state)
{
    static const struct normal_case cases[] = {
        { IOC_URL, "HTTP://Evil.Example:80/a", IOC_FINE, IOC_URL, "http://evil.example/a" },
        { IOC_URL, "https://evil.example:443/a", IOC_FINE, IOC_URL, "https://evil.example/a" },
        { IOC_URL, "ftp://evil.example:21/a", IOC_FINE, IOC_URL, "ftp://evil.example/a" },
        { IOC_URL, "http://evil.example:8080/a", IOC_FINE, IOC_URL, "http://evil.example:8080/a" },
        { IOC_URL, "http://user:pw@evil.example/a", IOC_FINE, IOC_URL, "http://evil.example/a" },
        { IOC_URL, "http://evil.example./a", IOC_FINE, IOC_URL, "http://evil.example/a" },
        { IOC_URL, "http://evil.example/a#b", IOC_FINE, IOC_URL, "http://evil.example/a" },
        { IOC_URL, "http://evil.example/%7Ea%2fb%c3%bc", IOC_FINE, IOC_URL,
                "http://evil.example/~a%2Fb%C3%BC" },
        { IOC_URL, "http://evil.example/\xC3\xBC x", IOC_FINE, IOC_URL,
                "http://evil.example/%C3%BC%20x" },
        { IOC_URL, "http://evil.example/a/../b/./c", IOC_FINE, IOC_URL, "http://evil.example/b/c" },
        { IOC_URL, "http://evil.example/../../a", IOC_FINE, IOC_URL, "http://evil.example/a" },
        { IOC_URL, "http://evil.example/a/..", IOC_FINE, IOC_URL, "http://evil.example/" },
        { IOC_URL, "http://evil.example/?q=../x", IOC_FINE, IOC_URL,
                "http://evil.example/?q=../x" },
        { IOC_URL, "http://evil.example?q=1", IOC_FINE, IOC_URL, "http://evil.example/?q=1" },
        { IOC_URL, "http://%65vil.example/a", IOC_FINE, IOC_URL, "http://evil.example/a" },
        { IOC_URL, "http://[2001:DB8::1]:8080/a", IOC_FINE, IOC_URL,
                "http://[2001:db8::1]:8080/a" },
        { IOC_URL,
                "http://b\xC3\xBC"
                "cher.example/",
                IOC_FINE, IOC_URL, "http://xn--bcher-kva.example/" },
        { IOC_URL, "http://evil.example/100%%41", IOC_FINE, IOC_URL,
                "http://evil.example/100%%41" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
        check(&cases[i]);
}

/* The text of a normal form, read again, is the same normal form. */
static void normal_twice_is_normal(void **state)
{
    static const char *const pieces[] = { "http://", "evil", ".", "example", "/", "a", "..", "?",
        "=", "%2e", "%2F", "%", ":80", ":81", "@", "#", "192.0.2.1", "\xC3\xBC", "[", "]",
        "2001:db8::1", "*", "\\", " ", "x.exe", "&" };
    uint64_t seed = 4711;
    unsigned fine = 0;

    (void)state;
    for (int round = 0; round < 100000; round++) {
        static struct ioc_key once;
        static struct ioc_key twice;
        struct hn_buf text = { 0 };
        struct hn_buf written = { 0 };

        for (uint64_t n = next_random(&seed) % 9; n > 0; n--)
            hn_buf_add_cstr(&text, pieces[next_random(&seed) % HN_COUNT_OF(pieces)]);
        if (ioc_normal(IOC_TYPE_ANY, hn_buf_text(&text), &once) == IOC_FINE) {
            fine++;
            ioc_key_write(&once, false, &written);
            if (ioc_normal(once.type, hn_buf_text(&written), &twice) != IOC_FINE ||
                    !hn_text_eq(
                            hn_text_of(once.text, once.len), hn_text_of(twice.text, twice.len)) ||
                    once.type != twice.type || once.prefix != twice.prefix)
                fail_msg("%.*s -> %.*s", (int)text.len, text.ptr, (int)written.len, written.ptr);
        }
        hn_buf_deinit(&text);
        hn_buf_deinit(&written);
    }
    assert_true(fine > 1000);
}

/* A range is exactly the networks it is cut into, however it lies. */
static void ranges_become_networks(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        uint32_t first = (uint32_t)next_random(&seed) & 0xFFFF;
        uint32_t last = first + ((uint32_t)next_random(&seed) & 0x3FFF);
        uint32_t expected = first;
        struct hn_ip from = { { [10] = 0xFF, [11] = 0xFF, [12] = 198 } };
        struct hn_ip to = from;
        struct hn_cidr cidr;
        bool more;

        for (unsigned i = 0; i < 3; i++) {
            from.bytes[15 - i] = (uint8_t)(first >> 8 * i);
            to.bytes[15 - i] = (uint8_t)(last >> 8 * i);
        }
        do {
            uint32_t start;

            more = ioc_range_next(&from, &to, &cidr);
            start = (uint32_t)cidr.address.bytes[13] << 16 | (uint32_t)cidr.address.bytes[14] << 8 |
                    cidr.address.bytes[15];
            assert_int_equal(start, expected);
            expected += UINT32_C(1) << (128 - cidr.prefix_len);
        } while (more);
        assert_int_equal(expected, last + 1);
    }
}

/* Every prefix of an indicator is judged without reading past it, and never crashes. */
static void every_truncation(void **state)
{
    static const char *const texts[] = { "http://user@evil.example:8080/a%20b/../c?d=e#f",
        "[2001:db8::1]:443", "C:\\Users\\%X%\\evil file.exe", "Bad.Guy@Evil.Example",
        "192.0.2.0/24", SHA256 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(texts); i++) {
        for (size_t len = 0; len <= strlen(texts[i]); len++) {
            char *exact = hn_malloc(len);
            static struct ioc_key key;

            assert_non_null(exact);
            memcpy(exact, texts[i], len);
            for (unsigned type = 0; type <= IOC_TYPE_ANY; type++)
                (void)ioc_normal((enum ioc_type)type, hn_text_of(exact, len), &key);
            hn_free(exact);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kind_by_content),
        cmocka_unit_test(refusals),
        cmocka_unit_test(kind_given),
        cmocka_unit_test(urls_in_one_form),
        cmocka_unit_test(normal_twice_is_normal),
        cmocka_unit_test(ranges_become_networks),
        cmocka_unit_test(every_truncation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
