/* test_ioc_prefilter.c - what the prefilter drops cannot hold an indicator, however the log escapes
 * its text. */
#include "ioc_test.h"

#include "base/utf.h"

static uint64_t pick(uint64_t *seed, uint64_t n)
{
    return next_random(seed) % n;
}

static void add_json_unit(struct hn_buf *out, uint32_t unit)
{
    hn_buf_addf(out, "\\u%04x", unit);
}

/* One code point of a JSON string, in one of the ways that RFC 8259 allows. */
static void add_json(struct hn_buf *out, uint32_t c, uint64_t *seed, unsigned escape_percent)
{
    static const char plain[] = "\"\\/\b\f\n\r\t";
    static const char letters[] = "\"\\/bfnrt";
    const char *special = c < 0x80 && c != 0 ? strchr(plain, (int)c) : NULL;
    bool must = c < 0x20 || c == '"' || c == '\\';

    if (special != NULL && (must ? pick(seed, 10) > 0 : pick(seed, 3) == 0)) {
        hn_buf_add_char(out, '\\');
        hn_buf_add_char(out, letters[special - plain]);
    } else if (must || pick(seed, 100) < escape_percent) {
        if (c >= 0x10000) {
            add_json_unit(out, 0xD800 + ((c - 0x10000) >> 10));
            add_json_unit(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
        } else {
            add_json_unit(out, c);
        }
    } else {
        hn_buf_add_utf8(out, c);
    }
}

static void add_xml(struct hn_buf *out, uint32_t c, uint64_t *seed, unsigned escape_percent)
{
    if (c == '<')
        hn_buf_add_lit(out, "&lt;");
    else if (c == '&')
        hn_buf_add_lit(out, "&amp;");
    else if (c == '"')
        hn_buf_add_lit(out, "&quot;");
    else if (pick(seed, 100) < escape_percent)
        hn_buf_addf(out, pick(seed, 2) != 0 ? "&#%u;" : "&#x%x;", c);
    else
        hn_buf_add_utf8(out, c);
}

typedef void add_escaped(struct hn_buf *out, uint32_t c, uint64_t *seed, unsigned escape_percent);

static void escape(struct hn_buf *out, struct hn_text value, add_escaped *add, uint64_t *seed)
{
    static const unsigned percents[] = { 0, 0, 2, 30, 100 };
    unsigned percent = percents[pick(seed, HN_COUNT_OF(percents))];
    size_t pos = 0;

    while (pos < value.len) {
        uint32_t c;
        size_t len = hn_utf8_decode(value, pos, &c);

        assert_true(len > 0);
        add(out, c, seed, percent);
        pos += len;
    }
}

static bool count_hit(void *ctx, const struct ioc_hit *hit)
{
    unsigned *hits = ctx;

    (void)hit;
    ++*hits;
    return true;
}

static void check_raw(const struct ioc_set *set, struct hn_text value, struct hn_text raw)
{
    /* An exact copy, so that a read past its end is seen. */
    uint8_t *exact = hn_malloc(raw.len);

    assert_non_null(exact);
    memcpy(exact, raw.ptr, raw.len);
    if (!ioc_prefilter(set, hn_bytes_of(exact, raw.len)))
        fail_msg("dropped: %.*s\nvalue:   %.*s", (int)raw.len, raw.ptr, (int)value.len, value.ptr);
    hn_free(exact);
}

/* Random sets and texts, each text as it is and escaped as JSON and XML would: whatever the matcher
 * finds, the prefilter lets pass. */
static void nothing_is_dropped(void **state)
{
    uint64_t seed = 31337;
    unsigned with_hits = 0;

    (void)state;
    for (int round = 0; round < 150; round++) {
        struct hn_buf list = { 0 };
        struct ioc_set *set;

        hn_buf_add_lit(&list, "xn--bcher-kva.example\n/\xED\x95\xB4\xED\x82\xB9.apk\n/wordpath/q\n"
                              "2001:db8::7\n");
        for (int i = 0; i < 20; i++) {
            random_indicator(&list, &seed);
            hn_buf_add_char(&list, '\n');
        }
        hn_buf_add_char(&list, '\0');
        set = set_of(list.ptr);
        for (int texts = 0; texts < 300; texts++) {
            static const char *const extra[] = { ("b\xC3\xBC"
                                                  "cher.example"),
                "2001:db8::7", "http://h.example/\xED\x95\xB4\xED\x82\xB9.apk",
                "http://h.example/%ED%95%B4%ED%82%B9.apk", "POST /wordpath/q HTTP/1.0",
                "http://%65vil.example/", "IPv6:2001:db8::7" };
            struct hn_buf value = { 0 };
            struct hn_buf raw = { 0 };
            unsigned hits = 0;

            random_text(&value, &seed);
            if (pick(&seed, 4) == 0)
                hn_buf_add_cstr(&value, extra[pick(&seed, HN_COUNT_OF(extra))]);
            (void)ioc_match_value(set, hn_buf_text(&value),
                    pick(&seed, 2) != 0 ? 0 : IOC_HINT_HOST | IOC_HINT_PATH, count_hit, &hits);
            if (hits > 0) {
                with_hits++;
                check_raw(set, hn_buf_text(&value), hn_buf_text(&value));
                hn_buf_add_lit(&raw, "{\"EventID\":1,\"CommandLine\":\"");
                escape(&raw, hn_buf_text(&value), add_json, &seed);
                hn_buf_add_lit(&raw, "\"}");
                check_raw(set, hn_buf_text(&value), hn_buf_text(&raw));
                hn_buf_reset(&raw);
                hn_buf_add_lit(&raw, "<Data Name='x'>");
                escape(&raw, hn_buf_text(&value), add_xml, &seed);
                hn_buf_add_lit(&raw, "</Data>");
                check_raw(set, hn_buf_text(&value), hn_buf_text(&raw));
            }
            hn_buf_deinit(&value);
            hn_buf_deinit(&raw);
        }
        ioc_set_unref(set);
        hn_buf_deinit(&list);
    }
    assert_true(with_hits > 5000);
}

/* An indicator is seen at every offset to the blocks of the scanner, with anything around it. */
static void at_every_offset(void **state)
{
    static const char *const listed[] = { "evil.example", "192.0.2.1", "2001:db8::7",
        "aabbccddeeff00112233445566778899", "http://h.test/a/b.php", "u@mail.test", "tool_9.exe" };
    struct ioc_set *set = set_of("evil.example\n192.0.2.1\n2001:db8::7\n"
                                 "aabbccddeeff00112233445566778899\nh.test/a\nu@mail.test\n"
                                 "tool_9.exe\n/wordpath/\n");

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(listed); i++) {
        for (size_t before = 0; before < 140; before++) {
            for (size_t after = 0; after < 3; after++) {
                char text[512];
                size_t len = strlen(listed[i]);

                memset(text, before % 2 != 0 ? ' ' : '=', sizeof text);
                memcpy(text + before, listed[i], len);
                assert_true(ioc_prefilter(set, hn_bytes_of(text, before + len + after * 70)));
            }
        }
    }
    ioc_set_unref(set);
}

/* Ordinary lines are dropped: the filter is no use if it lets all pass. */
static void drops_ordinary_lines(void **state)
{
    static const char *const lines[] = {
        ("{\"EventID\":1,\"Image\":\"C:\\\\Windows\\\\System32\\\\svchost.exe\",\"Hashes\":"
         "\"SHA1=AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D\"}"),
        "Nov 23 01:02:03 host sshd[12]: Failed password for root from 198.51.100.9 port 22 ssh2",
        "198.51.100.4 - - [23/Nov/2026:01:02:03 +0900] \"GET /index.html HTTP/1.1\" 200 5",
        "https://www.good.test/path/file.js?v=1.2.3&x=%3A%2F%2F%20",
        "<Data Name='x'>a&#10;b &amp; c</Data> 12:34:56.789 fe80::1",
        "{\"m\":\"\\u65e5\\u672c\\u8a9e \\u0026 \\u003cb\\u003e\"}",
    };
    struct ioc_set *set = set_of("evil.example\n192.0.2.1\n2001:db8::7\n"
                                 "aabbccddeeff00112233445566778899\nhttp://h.test/a/b.php\n"
                                 "u@mail.test\ntool_9.exe\n/wordpath/\n");

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(lines); i++) {
        if (ioc_prefilter(set, hn_bytes_of(lines[i], strlen(lines[i]))))
            fail_msg("let pass: %s", lines[i]);
    }
    ioc_set_unref(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_dropped),
        cmocka_unit_test(at_every_offset),
        cmocka_unit_test(drops_ordinary_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
