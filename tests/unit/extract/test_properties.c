/* test_properties.c - whatever is hidden in whatever text is found as it was; where texts are cut
 * changes nothing; no input crashes, no value points outside. Seeded, so that a failure repeats. */
#include "base/buf.h"
#include "base/mem.h"
#include "extract/extract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define ROUNDS 20000

static uint64_t seed;

static HN_WRAPS uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static size_t below(size_t count)
{
    return (size_t)(next() % count);
}

static const char *pick(const char *const *of, size_t count)
{
    return of[below(count)];
}

#define PICK(array) pick((array), HN_COUNT_OF(array))

static void add_word(struct hn_buf *out, size_t min, size_t max)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    size_t len = min + below(max - min + 1);

    hn_buf_add_char(out, letters[below(26)]);
    for (size_t i = 1; i < len; i++)
        hn_buf_add_char(out, letters[below(36)]);
}

/* ---- Random indicators ---- */

static const char *const tlds[] = { "example", "com", "co.jp", "net", "jp", "ne.jp", "xyz", "ru" };

static void add_host(struct hn_buf *out)
{
    for (size_t labels = 1 + below(3); labels > 0; labels--) {
        add_word(out, 3, 12);
        hn_buf_add_char(out, '.');
    }
    hn_buf_add_cstr(out, PICK(tlds));
}

static void add_ipv4(struct hn_buf *out)
{
    hn_buf_addf(out, "%u.%u.%u.%u", 11 + (unsigned)below(240), (unsigned)below(256),
            1 + (unsigned)below(255), 1 + (unsigned)below(255));
}

static void add_hash(struct hn_buf *out, size_t digits)
{
    hn_buf_add_lit(out, "a1");
    for (size_t i = 2; i < digits; i++)
        hn_buf_add_char(out, "0123456789abcdef"[below(16)]);
}

static enum extract_kind make(struct hn_buf *out)
{
    static const char *const schemes[] = { "http", "https", "ftp" };

    switch (below(7)) {
    case 0:
    case 1:
        hn_buf_addf(out, "%s://", PICK(schemes));
        if (below(4) == 0) {
            add_ipv4(out);
        } else {
            add_host(out);
        }
        if (below(3) == 0)
            hn_buf_addf(out, ":%u", 1000 + (unsigned)below(60000));
        for (size_t parts = below(4); parts > 0; parts--) {
            hn_buf_add_char(out, '/');
            add_word(out, 1, 10);
        }
        if (below(3) == 0) {
            hn_buf_add_lit(out, "/?q=");
            add_word(out, 1, 10);
        }
        return EXTRACT_URL;
    case 2:
        add_host(out);
        return EXTRACT_HOST;
    case 3:
        add_ipv4(out);
        return EXTRACT_IPV4;
    case 4:
        add_word(out, 2, 8);
        hn_buf_add_char(out, '@');
        add_host(out);
        return EXTRACT_EMAIL;
    case 5:
        add_hash(out, 64);
        return EXTRACT_SHA256;
    default:
        hn_buf_addf(out, "CVE-20%02u-%u", (unsigned)below(27), 1000 + (unsigned)below(90000));
        return EXTRACT_CVE;
    }
}

/* ---- Random disguise ---- */

/* Where the path starts: what is behind is left as it is. */
static size_t authority_end(struct hn_text value)
{
    size_t scheme = hn_text_find(value, HN_TEXT("://"), 0);
    size_t slash = hn_text_find_char(value, '/', scheme == SIZE_MAX ? 0 : scheme + 3);

    return slash == SIZE_MAX ? value.len : slash;
}

static void defang_char(struct hn_buf *out, char c)
{
    static const char *const dots[] = { "[.]", "(.)", "{.}", "[dot]", "(dot)", " [.] ",
        "\xEF\xBC\x8E", "\\.", "[.", ".]", "[ . ]", ".", ".", "\xE2\x80\x8B." };
    static const char *const colons[] = { "[:]", "\xEF\xBC\x9A", ":", ":" };
    static const char *const ats[] = { "[@]", "(at)", " [at] ", "\xEF\xBC\xA0", "@" };

    if (c == '.') {
        hn_buf_add_cstr(out, PICK(dots));
    } else if (c == ':') {
        hn_buf_add_cstr(out, PICK(colons));
    } else if (c == '@') {
        hn_buf_add_cstr(out, PICK(ats));
    } else {
        hn_buf_add_char(out, c);
    }
}

static void defang(struct hn_buf *out, struct hn_text value)
{
    static const char *const https[][2] = { { "http", "hxxp" }, { "http", "hXXp" },
        { "http", "h**p" }, { "http", "http" }, { "ftp", "fxp" } };
    size_t end = authority_end(value);
    size_t pos = 0;

    for (size_t i = below(4); i < HN_COUNT_OF(https); i++) {
        if (pos == 0 && hn_text_starts(value, hn_text_cstr(https[i][0]))) {
            hn_buf_add_cstr(out, https[i][1]);
            pos = strlen(https[i][0]);
        }
    }
    for (; pos < value.len; pos++) {
        if (pos < end) {
            defang_char(out, value.ptr[pos]);
        } else {
            hn_buf_add_char(out, value.ptr[pos]);
        }
    }
}

struct found {
    size_t count;
    struct extract_item first;
    struct hn_buf value;
};

static bool take(void *ctx, const struct extract_item *item)
{
    struct found *found = ctx;

    if (found->count++ == 0) {
        found->first = *item;
        hn_buf_add_text(&found->value, item->value);
    }
    return true;
}

/* A random indicator, disguised at random, between random words: exactly that one comes out, and
 * where it stands. */
static void hidden_ones_are_found(void **state)
{
    static const char *const before[] = { "", "The malware calls ", "C2: ", "通信先は「", "(", "\"",
        "see\n", "次の", "<b>", "\xE3\x83\xBB", "- ", "ip=", "\t" };
    static const char *const behind[] = { "", ", and then", "\n", "」に接続する。", ") it", "\" x",
        "。次に", " で確認", "</b>", "、", ";", " が" };
    struct extract *extract = extract_new();
    unsigned failed = 0;

    (void)state;
    seed = 0x9E3779B97F4A7C15u;
    assert_non_null(extract);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct hn_buf value = { 0 };
        struct hn_buf text = { 0 };
        struct found found = { 0 };
        enum extract_kind kind = make(&value);
        size_t start;

        hn_buf_add_cstr(&text, PICK(before));
        start = text.len;
        if (kind == EXTRACT_SHA256 || kind == EXTRACT_CVE) {
            hn_buf_add_text(&text, hn_buf_text(&value));
        } else {
            defang(&text, hn_buf_text(&value));
        }
        hn_buf_add_cstr(&text, PICK(behind));
        (void)extract_text(extract, hn_buf_text(&text), NULL, take, &found);
        if ((found.count != 1 || found.first.kind != kind || found.first.offset != start ||
                    !hn_text_eq(hn_buf_text(&found.value), hn_buf_text(&value))) &&
                failed++ < 20) {
            print_error("%.*s\n  hidden %.*s\n  found  %zu: %s %.*s at %zu\n",
                    HN_TEXT_ARG(hn_buf_text(&text)), HN_TEXT_ARG(hn_buf_text(&value)), found.count,
                    found.count == 0 ? "" : extract_kind_id(found.first.kind),
                    HN_TEXT_ARG(hn_buf_text(&found.value)), (size_t)found.first.offset);
        }
        hn_buf_deinit(&value);
        hn_buf_deinit(&text);
        hn_buf_deinit(&found.value);
    }
    extract_free(extract);
    assert_int_equal(failed, 0);
}

/* ---- Windows ---- */

struct record {
    struct hn_buf lines;
    uint64_t shift;
};

static bool write_down(void *ctx, const struct extract_item *item)
{
    struct record *record = ctx;

    hn_buf_addf(&record->lines, "%llu %s ", (unsigned long long)item->offset + record->shift,
            extract_kind_id(item->kind));
    hn_buf_add_text(&record->lines, item->value);
    hn_buf_add_char(&record->lines, '\n');
    return true;
}

/* A long text gives what its lines give one by one: windows cut nothing. */
static void long_texts_are_searched_whole(void **state)
{
    struct extract *extract = extract_new();
    struct record whole = { 0 };
    struct record parts = { 0 };
    struct hn_buf text = { 0 };
    struct hn_text rest;
    struct hn_text line;

    (void)state;
    seed = 77;
    while (text.len < 700000) {
        struct hn_buf value = { 0 };

        for (size_t words = below(12); words > 0; words--) {
            add_word(&text, 1, 9);
            hn_buf_add_char(&text, ' ');
        }
        (void)make(&value);
        defang(&text, hn_buf_text(&value));
        hn_buf_add_char(&text, '\n');
        hn_buf_deinit(&value);
    }
    (void)extract_text(extract, hn_buf_text(&text), NULL, write_down, &whole);
    rest = hn_buf_text(&text);
    while (hn_text_line(&rest, &line)) {
        parts.shift = (uint64_t)(line.ptr - text.ptr);
        (void)extract_text(extract, line, NULL, write_down, &parts);
    }
    assert_true(whole.lines.len > 100000);
    assert_int_equal(whole.lines.len, parts.lines.len);
    assert_memory_equal(whole.lines.ptr, parts.lines.ptr, whole.lines.len);
    hn_buf_deinit(&whole.lines);
    hn_buf_deinit(&parts.lines);
    hn_buf_deinit(&text);
    extract_free(extract);
}

/* Without any white space to cut at, an address at every place around the ends of windows. */
static void addresses_at_the_ends_of_windows(void **state)
{
    struct extract *extract = extract_new();
    struct hn_text url = HN_TEXT("\"hxxp://evil[.]example/abc\"");

    (void)state;
    for (size_t at = 50000; at < 70000; at += 13) {
        struct hn_buf text = { 0 };
        struct found found = { 0 };

        hn_buf_add_repeat(&text, '+', at);
        hn_buf_add_text(&text, url);
        hn_buf_add_repeat(&text, '+', 90000 - at);
        (void)extract_text(extract, hn_buf_text(&text), NULL, take, &found);
        assert_int_equal(found.count, 1);
        assert_int_equal(found.first.offset, at + 1);
        assert_int_equal(found.first.written.len, url.len - 2);
        hn_buf_deinit(&text);
        hn_buf_deinit(&found.value);
    }
    extract_free(extract);
}

/* ---- Hostile input ---- */

static bool check_place(void *ctx, const struct extract_item *item)
{
    const struct hn_text *text = ctx;

    assert_true(item->written.len > 0 && item->value.len > 0);
    assert_true(item->offset <= text->len && item->written.len <= text->len - item->offset);
    assert_ptr_equal(item->written.ptr, text->ptr + item->offset);
    return true;
}

/* Every beginning and every end of a text with everything in it. */
static void every_truncation(void **state)
{
    static const char all[] =
            "hxxps[://]u:p@evil[.]example[:]8443/a?b=http%3A%2F%2Fx.example%2F&c#d "
            "http://[2001:db8::1]/ "
            "\xE6\x97\xA5\xE6\x9C\xAC.jp \xEF\xBD\x88ttp://a\xE3\x80\x82"
            "com/ user dot at evil dot com "
            "C:\\Program Files\\a b\\c.exe HKLM\\Software\\X y CVE-2026-1234 1.2.3.4/24 "
            "\\\\h\\s\\f "
            "mutex: \"Global\\x\" User-Agent: 'Mozilla/5.0' %TEMP%\\a.dll /tmp/x "
            "d41d8cd98f00b204e9800998ecf8427e evil\\.example a[.]b[.]com hxxp:\\\\evil.example\\x";
    struct extract *extract = extract_new();

    (void)state;
    for (size_t len = 0; len < sizeof all; len++) {
        char *copy = malloc(len + 1); /* of exactly its size, so that ASan sees one byte more */
        struct hn_text text = { copy, len };

        assert_non_null(copy);
        memcpy(copy, all, len);
        (void)extract_text(extract, text, NULL, check_place, &text);
        memcpy(copy, all + sizeof all - len, len);
        (void)extract_text(extract, text, NULL, check_place, &text);
        free(copy);
    }
    extract_free(extract);
}

/* Texts made to cost much: all end in time. */
static void costly_texts_end(void **state)
{
    static const char *const pieces[] = { "http://", "a.", "[.]", " dot a", "a://", "@", "::", "1.",
        "http://a/?u=", "(", "\\\\a\\", "C:\\a ", "a%3A%2F%2F", " ", "\xE3\x80\x82",
        "mutex: ", "a@", "f", "\xE6\x97\xA5.", "[", "hxxp" };
    struct extract *extract = extract_new();

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(pieces); i++) {
        struct hn_buf text = { 0 };
        struct hn_text view;

        while (text.len < 1000000)
            hn_buf_add_cstr(&text, pieces[i]);
        view = hn_buf_text(&text);
        (void)extract_text(extract, view, NULL, check_place, &view);
        hn_buf_deinit(&text);
    }
    extract_free(extract);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct extract *extract;
        struct extract_list list;
        uint64_t hits;

        hn_mem_fail_from(n);
        extract = extract_new();
        extract_list_init(&list);
        if (extract != NULL) {
            (void)extract_text(extract,
                    HN_TEXT("http://a.example/x b.example http://a.example/x 192.0.2.1"), NULL,
                    extract_list_add, &list);
        }
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        if (hits == 0) {
            assert_int_equal(list.entries.count, 3);
            assert_int_equal(list.entries.ptr[0].count, 2);
        }
        extract_list_deinit(&list);
        extract_free(extract);
        if (hits == 0)
            break;
    }
}

/* ---- Judgement ---- */

static void marks_and_domains(void **state)
{
    (void)state;
    assert_int_equal(extract_judge_host(HN_TEXT("10.1.2.3")), EXTRACT_PRIVATE);
    assert_int_equal(extract_judge_host(HN_TEXT("192.0.2.9")), EXTRACT_RESERVED);
    assert_int_equal(extract_judge_host(HN_TEXT("2001:db8::1")), EXTRACT_RESERVED);
    assert_int_equal(extract_judge_host(HN_TEXT("8.8.8.8")), 0);
    assert_int_equal(extract_judge_host(HN_TEXT("a.example")), EXTRACT_RESERVED);
    assert_int_equal(extract_judge_host(HN_TEXT("notexample")), EXTRACT_PRIVATE);
    assert_int_equal(extract_judge_host(HN_TEXT("schemas.microsoft.com")), EXTRACT_COMMON);
    assert_int_equal(extract_judge_host(HN_TEXT("microsoft.com")), 0);
    assert_true(hn_text_eq(extract_domain(HN_TEXT("a.b.co.jp")), HN_TEXT("b.co.jp")));
    assert_true(hn_text_eq(extract_domain(HN_TEXT("www.evil.com")), HN_TEXT("evil.com")));
    assert_int_equal(extract_domain(HN_TEXT("co.jp")).len, 0);
    assert_int_equal(extract_domain(HN_TEXT("192.0.2.1")).len, 0);
}

static void warning_lists_mark(void **state)
{
    struct extract *extract = extract_new();
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct extract_list list;
    struct hn_text json = HN_TEXT("{\"name\":\"Known sites\",\"type\":\"hostname\",\"version\":1,"
                                  "\"description\":\"d\",\"matching_attributes\":[\"hostname\","
                                  "\"domain\"],\"list\":[\"good.com\"]}");

    (void)state;
    extract_list_init(&list);
    (void)extract_text(
            extract, HN_TEXT("www.good.com and evil.com"), NULL, extract_list_add, &list);
    assert_int_equal(
            ioc_warnlist_load(builder, hn_text_as_bytes(json), IOC_WARN_AUTO, NULL, NULL), HN_OK);
    assert_int_equal(extract_list_judge(&list, builder, NULL), HN_OK);
    assert_int_equal(list.entries.count, 2);
    assert_true((list.entries.ptr[0].item.marks & EXTRACT_LISTED) != 0);
    assert_true(hn_text_eq(list.entries.ptr[0].warning, HN_TEXT("Known sites")));
    assert_int_equal(list.entries.ptr[1].item.marks, 0);
    extract_list_deinit(&list);
    ioc_builder_free(builder);
    extract_free(extract);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hidden_ones_are_found),
        cmocka_unit_test(long_texts_are_searched_whole),
        cmocka_unit_test(addresses_at_the_ends_of_windows),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(costly_texts_end),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(marks_and_domains),
        cmocka_unit_test(warning_lists_mark),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
