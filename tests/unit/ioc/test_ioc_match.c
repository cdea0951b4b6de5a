/* test_ioc_match.c - what is a hit in a value, where, and what is none. */
#include "ioc_test.h"

#define MD5_TEXT    "5d41402abc4b2a76b9719d911017c592"
#define SHA1_TEXT   "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"
#define SHA256_TEXT "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

struct match_case {
    const char *value;
    uint32_t hints;
    const char *hits;
};

static void check(const char *list, const struct match_case *cases, size_t count)
{
    struct ioc_set *set = set_of(list);

    for (size_t i = 0; i < count; i++)
        expect(set, cases[i].value, cases[i].hints, cases[i].hits);
    ioc_set_unref(set);
}

/* A domain stands for itself and every name below it, and for no name that only ends like it. */
static void domains_and_their_subdomains(void **state)
{
    static const struct match_case cases[] = {
        { "evil.example", 0, "exact evil.example at evil.example" },
        { "EVIL.example", 0, "exact evil.example at EVIL.example" },
        { "evil.example.", 0, "exact evil.example at evil.example" },
        { "c2.evil.example", 0, "subdomain evil.example at evil.example" },
        { "a.b.evil.example", 0,
                "subdomain b.evil.example at b.evil.example\n"
                "subdomain evil.example at evil.example" },
        { "notevil.example", 0, "" },
        { "evil.example.com", 0, "" },
        { "evil.example-x", 0, "" },
        { "example", 0, "" },
        { "ping -n 1 evil.example > nul", 0, "exact evil.example at evil.example" },
        { "http://user:pw@evil.example:8080/a?b=c", 0, "exact evil.example at evil.example" },
        { "\"host\":\"evil.example\",", 0, "exact evil.example at evil.example" },
        { "(evil.example)", 0, "exact evil.example at evil.example" },
        { "CONNECT evil.example:443", 0, "exact evil.example at evil.example" },
        { "x=http%3A%2F%2Fevil.example%2Fa", 0, "exact evil.example at evil.example" },
        { "http://%65vil.example/", 0, "exact evil.example at http://%65vil.example/" },
        { "mail to bob@evil.example now", 0, "exact evil.example at evil.example" },
        { "\\\\evil.example\\share\\x.exe", 0, "exact evil.example at evil.example" },
        { "evil.example, then a.evil.example", 0,
                "exact evil.example at evil.example\nsubdomain evil.example at evil.example" },
    };

    (void)state;
    check("evil.example\nb.evil.example\n", cases, HN_COUNT_OF(cases));
}

/* Names in other scripts match in letters and as xn--, glued to text that has no spaces or not;
 * a look-alike letter makes another name. */
static void international_names(void **state)
{
    static const struct match_case cases[] = {
        { "xn--bcher-kva.example", 0, "exact xn--bcher-kva.example at xn--bcher-kva.example" },
        { "http://B\xC3\x9C"
          "CHER.example/x",
                0,
                "exact xn--bcher-kva.example at B\xC3\x9C"
                "CHER.example" },
        { "www.b\xC3\xBC"
          "cher.example",
                0,
                "subdomain xn--bcher-kva.example at www.b\xC3\xBC"
                "cher.example" },
        /* "connected to evil.example" in Japanese */
        { "evil.example\xE3\x81\xAB\xE6\x8E\xA5\xE7\xB6\x9A", 0,
                "exact evil.example at evil.example" },
        { "\xE6\x8E\xA5\xE7\xB6\x9A\xE5\x85\x88\xEF\xBC\x9A"
          "evil.example",
                0, "exact evil.example at evil.example" },
        { "\xD0\xB5vil.example", 0, "" }, /* Cyrillic e: another name */
        { "evil.example\xC3\xA9", 0, "" },
    };

    (void)state;
    check("b\xC3\xBC"
          "cher.example\nevil.example\n",
            cases, HN_COUNT_OF(cases));
}

/* Where names of files and packages stand, names are not hosts; where hosts stand, they are. */
static void hosts_and_files_are_told_apart(void **state)
{
    static const struct match_case cases[] = {
        { "C:\\docs\\readme.md", 0, "" },
        { "/usr/share/readme.md", 0, "" },
        { "cat readme.md", 0, "" },
        { "readme.md", IOC_HINT_HOST, "exact readme.md at readme.md" },
        { "http://readme.md/x", 0, "exact readme.md at readme.md" },
        { "readme.md:443", 0, "exact readme.md at readme.md" },
        { "www.readme.md", 0, "subdomain readme.md at readme.md" },
        { "c2.readme.md", 0, "subdomain readme.md at readme.md" },
        { "ping update.com", 0, "exact update.com at update.com" },
        { "C:\\Windows\\update.com", 0, "" },
        { "update.com", IOC_HINT_NO_BARE_HOST, "" },
        { "see https://update.com/", IOC_HINT_NO_BARE_HOST, "exact update.com at update.com" },
    };

    (void)state;
    check("readme.md\nupdate.com\n", cases, HN_COUNT_OF(cases));
}

/* Addresses are found among text and ports, networks with the smallest first; versions and longer
 * rows of numbers are none. */
static void addresses(void **state)
{
    static const struct match_case cases[] = {
        { "192.0.2.1", 0,
                "exact 192.0.2.1 at 192.0.2.1\nnetwork 192.0.2.0/25 at 192.0.2.1\n"
                "network 192.0.2.0/24 at 192.0.2.1" },
        { "192.0.2.200:53", 0, "network 192.0.2.0/24 at 192.0.2.200" },
        { "192.0.2.1.5", 0, "" },
        { "1.192.0.2.1", 0, "" },
        { "192.0.2.01", 0, "" },
        { "192.0.2.256", 0, "" },
        { "v198.51.100.7", 0, "" },
        { "198.51.100.7-x", 0, "" },
        { "src=198.51.100.7,dst=", 0, "exact 198.51.100.7 at 198.51.100.7" },
        { "[198.51.100.7]", 0, "exact 198.51.100.7 at 198.51.100.7" },
        { "/198.51.100.7:80", 0, "exact 198.51.100.7 at 198.51.100.7" },
        { "host/198.51.100.7:80", 0, "exact 198.51.100.7 at 198.51.100.7" },
        { "Mozilla/5.0 Thing/198.51.100.7", 0, "" },
        { "198.51.100.7", IOC_HINT_NO_BARE_HOST, "" },
        { "http://198.51.100.7/", IOC_HINT_NO_BARE_HOST, "exact 198.51.100.7 at 198.51.100.7" },
        { "IP\xEF\xBC\x9A"
          "198.51.100.7\xE3\x81\xA7\xE3\x81\x99",
                0, "exact 198.51.100.7 at 198.51.100.7" },
        { "2001:db8::1", 0, "exact 2001:db8::1 at 2001:db8::1" },
        { "2001:0DB8:0:0:0:0:0:1", 0, "exact 2001:db8::1 at 2001:0DB8:0:0:0:0:0:1" },
        { "[2001:db8::1]:443", 0, "exact 2001:db8::1 at 2001:db8::1" },
        { "[IPv6:2001:db8::1]", 0, "exact 2001:db8::1 at 2001:db8::1" },
        { "from 2001:db8::1: refused", 0, "exact 2001:db8::1 at 2001:db8::1" },
        { "2001:db8:77::9", 0, "network 2001:db8:77::/48 at 2001:db8:77::9" },
        { "x2001:db8::1", 0, "" },
        { "2001:db8::1z", 0, "" },
        { "12:34:56", 0, "" },
        { "::ffff:198.51.100.7", 0, "exact 198.51.100.7 at 198.51.100.7" },
        { "::ffff:c633:6407", 0, "exact 198.51.100.7 at ::ffff:c633:6407" },
    };

    (void)state;
    check("192.0.2.1\n192.0.2.0/24\n192.0.2.0/25\n198.51.100.7:443\n2001:db8::1\n"
          "2001:db8:77::/48\n",
            cases, HN_COUNT_OF(cases));
}

/* Hashes are whole runs of digits and letters, in either case, in any company. */
static void hashes(void **state)
{
    static const struct match_case cases[] = {
        { MD5_TEXT, 0, "exact " MD5_TEXT " at " MD5_TEXT },
        { "SHA1=" SHA1_TEXT ",MD5=5D41402ABC4B2A76B9719D911017C592,IMPHASH=0", 0,
                "exact " SHA1_TEXT " at " SHA1_TEXT "\nexact " MD5_TEXT
                " at 5D41402ABC4B2A76B9719D911017C592" },
        { "C:\\q\\" SHA256_TEXT ".exe", 0, "exact " SHA256_TEXT " at " SHA256_TEXT },
        { "sample_" SHA256_TEXT "_1", 0, "exact " SHA256_TEXT " at " SHA256_TEXT },
        { "a" MD5_TEXT, 0, "" },
        { MD5_TEXT "0", 0, "" },
        { "q=%3D" MD5_TEXT, 0, "exact " MD5_TEXT " at " MD5_TEXT },
    };

    (void)state;
    check(MD5_TEXT "\n" SHA1_TEXT "\n" SHA256_TEXT "\n", cases, HN_COUNT_OF(cases));
}

/* A whole URL matches itself, with or without another query; a prefix what is below it at a slash;
 * neither matches the host alone. */
static void urls(void **state)
{
    static const struct match_case cases[] = {
        { "http://legit.example/up/a.php", 0,
                "exact http://legit.example/up/a.php at http://legit.example/up/a.php" },
        { "https://LEGIT.example:443/up/%61.php?id=7#x", 0,
                "exact http://legit.example/up/a.php at "
                "https://LEGIT.example:443/up/%61.php?id=7#x" },
        { "legit.example/up/a.php", 0,
                "exact http://legit.example/up/a.php at legit.example/up/a.php" },
        { "iwr http://legit.example/up/a.php -o x", 0,
                "exact http://legit.example/up/a.php at http://legit.example/up/a.php" },
        { "see (http://legit.example/up/a.php).", 0,
                "exact http://legit.example/up/a.php at http://legit.example/up/a.php" },
        { "http://legit.example/up/a.php,b", 0,
                "exact http://legit.example/up/a.php at http://legit.example/up/a.php" },
        { "http://legit.example/", 0, "" },
        { "legit.example", 0, "" },
        { "http://legit.example/up/a.php/b", 0, "" },
        { "http://legit.example/up/A.php", 0, "" },
        { "http://legit.example:8080/up/a.php", 0, "" },
        { "http://www.legit.example/up/a.php", 0, "" },
        { "http://pre.example/kit/", 0, "prefix pre.example/kit/* at http://pre.example/kit/" },
        { "http://pre.example/kit", 0, "exact pre.example/kit/* at http://pre.example/kit" },
        { "http://pre.example/kit/1/2?3", 0,
                "prefix pre.example/kit/* at http://pre.example/kit/1/2?3" },
        { "http://pre.example/kitten", 0, "" },
        { "http://192.0.2.1/any/thing", 0,
                "prefix http://192.0.2.1/* at http://192.0.2.1/any/thing" },
        { "http://192.0.2.1:81/any", 0, "" },
        { "http://q.example/a?id=1", 0,
                "exact http://q.example/a?id=1 at http://q.example/a?id=1" },
        { "http://q.example/a?id=2", 0, "" },
        { "http://a.example/?u=http://legit.example/up/a.php", 0,
                "exact http://legit.example/up/a.php at http://legit.example/up/a.php" },
        { "http://[2001:db8::1]/a", 0, "exact http://[2001:db8::1]/a at http://[2001:db8::1]/a" },
    };

    (void)state;
    check("http://legit.example/up/a.php\npre.example/kit/\nhttp://192.0.2.1\n"
          "http://q.example/a?id=1\nhttp://[2001:db8::1]/a\n",
            cases, HN_COUNT_OF(cases));
}

/* A path without host matches on any host, from the root, up to a border. */
static void paths(void **state)
{
    static const struct match_case cases[] = {
        { "http://any.example/panel_x/gate.php", 0,
                "exact /panel_x/gate.php at http://any.example/panel_x/gate.php" },
        { "http://192.0.2.9/panel_x/gate.php?id=1", 0,
                "prefix /panel_x/gate.php at http://192.0.2.9/panel_x/gate.php?id=1" },
        { "any.example/logs_9/a.txt", 0, "prefix /logs_9/ at any.example/logs_9/a.txt" },
        { "http://any.example/logs_9", 0, "" },
        { "http://any.example/x/panel_x/gate.php", 0, "" },
        { "http://any.example/panel_x/gate.php5", 0, "" },
        { "POST /panel_x/gate.php HTTP/1.1", 0, "exact /panel_x/gate.php at /panel_x/gate.php" },
        { "/panel_x/gate.php", IOC_HINT_PATH, "exact /panel_x/gate.php at /panel_x/gate.php" },
        { "/panel_x/gate.php", 0, "" },
        { "http://any.example/go?token_q=1&b", 0,
                "prefix /go?token_q= at http://any.example/go?token_q=1&b" },
        { "http://any.example/%ED%95%B4%ED%82%B9.apk", 0,
                "exact /%ED%95%B4%ED%82%B9.apk at http://any.example/%ED%95%B4%ED%82%B9.apk" },
        { "http://any.example/\xED\x95\xB4\xED\x82\xB9.apk", 0,
                "exact /%ED%95%B4%ED%82%B9.apk at "
                "http://any.example/\xED\x95\xB4\xED\x82\xB9.apk" },
    };

    (void)state;
    check("/panel_x/gate.php\n/logs_9/\n/go?token_q=\n/\xED\x95\xB4\xED\x82\xB9.apk\n", cases,
            HN_COUNT_OF(cases));
}

/* File names are whole last parts of paths, without regard to case; tails of paths from a separator
 * on; what only contains them is none. */
static void file_names(void **state)
{
    static const struct match_case cases[] = {
        { "C:\\Users\\a\\Dropper.EXE", IOC_HINT_NO_BARE_HOST, "tail dropper.exe at Dropper.EXE" },
        { "\"C:\\x y\\dropper.exe\" -s", 0, "tail dropper.exe at dropper.exe" },
        { "cmd /c dropper.exe&del x", 0, "tail dropper.exe at dropper.exe" },
        { "http://h.example/d/dropper.exe?x=1", 0, "tail dropper.exe at dropper.exe" },
        { "xdropper.exe", 0, "" },
        { "my-dropper.exe", 0, "" },
        { "~dropper.exe", 0, "" },
        { "dropper.exe.bak", 0, "" },
        { "dropper.exe\\x", 0, "" },
        { "He ran dropper.exe.", 0, "tail dropper.exe at dropper.exe" },
        { "C:\\Users\\Public\\Libraries\\x.dat", 0,
                "tail public/libraries/x.dat at "
                "Public\\Libraries\\x.dat" },
        { "/srv/public//libraries/X.DAT", 0,
                "tail public/libraries/x.dat at "
                "public//libraries/X.DAT" },
        { "notpublic\\libraries\\x.dat", 0, "" },
        { "\"D:\\Order Form 2020.doc\"", 0, "tail order form 2020.doc at Order Form 2020.doc" },
        { "Form 2020.doc", 0, "" },
        { "/tmp/kworkerds", 0, "tail kworkerds at kworkerds" },
        { "the kworkerds process", 0, "" },
        { "C:\\\xE8\xAB\x8B\xE6\xB1\x82\xE6\x9B\xB8.xlsm", 0,
                "tail \xE8\xAB\x8B\xE6\xB1\x82\xE6\x9B\xB8.xlsm at "
                "\xE8\xAB\x8B\xE6\xB1\x82\xE6\x9B\xB8.xlsm" },
        { "dropper.exe\xE3\x82\x92\xE5\xAE\x9F\xE8\xA1\x8C", 0, "tail dropper.exe at dropper.exe" },
        { "dropper.exe", IOC_HINT_NO_FILE, "" },
        { "http://h.example/dropper.exe", IOC_HINT_NO_FILE, "tail dropper.exe at dropper.exe" },
    };

    (void)state;
    {
        struct ioc_builder *builder = ioc_builder_new(NULL);
        struct ioc_indicator about = { .type = IOC_FILENAME };
        static const char *const names[] = { "dropper.exe", "%USER%\\Public\\Libraries\\x.dat",
            "Order Form 2020.doc", "kworkerds", "\xE8\xAB\x8B\xE6\xB1\x82\xE6\x9B\xB8.xlsm" };
        struct ioc_set *set;

        for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
            enum ioc_reason reason;

            assert_int_equal(
                    ioc_add(builder, hn_text_cstr(names[i]), &about, &reason, NULL), HN_OK);
            assert_int_equal(reason, IOC_FINE);
        }
        set = seal_and_free(builder);
        for (size_t i = 0; i < HN_COUNT_OF(cases); i++)
            expect(set, cases[i].value, cases[i].hints, cases[i].hits);
        ioc_set_unref(set);
    }
}

/* A file name that looks like a host is no hit where the host of a URL stands. */
static void file_names_that_look_like_hosts(void **state)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_indicator about = { .type = IOC_FILENAME };
    struct ioc_set *set;

    (void)state;
    assert_int_equal(ioc_add(builder, HN_TEXT("update.com"), &about, NULL, NULL), HN_OK);
    set = seal_and_free(builder);
    expect(set, "http://update.com/", 0, "");
    expect(set, "http://update.com", 0, "");
    expect(set, "update.com", IOC_HINT_HOST | IOC_HINT_NO_FILE, "");
    expect(set, "C:\\update.com", 0, "tail update.com at update.com");
    ioc_set_unref(set);
}

/* E-mail addresses are whole, also behind what logs put in front; their host is a host. */
static void email(void **state)
{
    static const struct match_case cases[] = {
        { "Bad.Guy@evil.example", 0, "exact bad.guy@evil.example at Bad.Guy@evil.example" },
        { "from=<bad.guy@evil.example>", 0, "exact bad.guy@evil.example at bad.guy@evil.example" },
        { "from=bad.guy@evil.example;", 0, "exact bad.guy@evil.example at bad.guy@evil.example" },
        { "mailto:bad.guy@evil.example?x", 0,
                "exact bad.guy@evil.example at bad.guy@evil.example" },
        { "notbad.guy@evil.example", 0, "" },
        { "bad.guy@sub.evil.example", 0, "" },
        { "guy@evil.example", 0, "" },
    };

    (void)state;
    check("bad.guy@evil.example\n", cases, HN_COUNT_OF(cases));
}

/* An empty set, empty text and text of NULs give nothing; a callback can end the search. */
static bool stop_at_once(void *ctx, const struct ioc_hit *hit)
{
    unsigned *calls = ctx;

    (void)hit;
    ++*calls;
    return false;
}

static void edges(void **state)
{
    struct ioc_set *none = set_of("");
    struct ioc_set *some = set_of("evil.example\nb.evil.example\n192.0.2.0/24\n");
    static const char zeros[200];
    unsigned calls = 0;

    (void)state;
    assert_false(ioc_prefilter(none, hn_bytes_of("evil.example", 12)));
    assert_string_equal(hits_in(none, HN_TEXT("evil.example"), 0), "");
    assert_string_equal(hits_in(some, HN_TEXT(""), 0), "");
    assert_string_equal(hits_in(some, hn_text_of(zeros, sizeof zeros), 0), "");
    assert_int_equal(ioc_match_value(some, HN_TEXT("b.evil.example 192.0.2.1 evil.example"), 0,
                             stop_at_once, &calls),
            1);
    assert_int_equal(calls, 1);
    ioc_set_unref(none);
    ioc_set_unref(some);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains_and_their_subdomains),
        cmocka_unit_test(international_names),
        cmocka_unit_test(hosts_and_files_are_told_apart),
        cmocka_unit_test(addresses),
        cmocka_unit_test(hashes),
        cmocka_unit_test(urls),
        cmocka_unit_test(paths),
        cmocka_unit_test(file_names),
        cmocka_unit_test(file_names_that_look_like_hosts),
        cmocka_unit_test(email),
        cmocka_unit_test(edges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
