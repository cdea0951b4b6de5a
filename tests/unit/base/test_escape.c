/* test_escape.c - hostile text is inert in JSON, CSV, HTML and on a terminal.
 *
 * Payloads are made by combining dangerous openings with carriers, and each output is judged by an
 * independent reader of the target format, not by comparing strings. */
#include "base/escape.h"
#include "base/json_out.h"
#include "base/mem.h"
#include "base/utf.h"
#include "support/check.h"

#include <stdio.h>

/* ---- Payloads ---- */

static const char *const dangerous[] = {
    "<script>alert(1)</script>",
    "</script><svg onload=alert(1)>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "<!--",
    "-->",
    "]]>",
    "<![CDATA[",
    "&lt;script&gt;",
    "&#x3c;",
    "javascript:alert(1)",
    "<a href=\"data:text/html,x\">",
    "{{7*7}}",
    "${7*7}",
    "`id`",
    "$(id)",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\xEF\xBC\x9D\x31",
    "\xEF\xBC\x8B\x31",
    "\xEF\xBC\x8D\x31",
    "\xEF\xBC\xA0\x31",
    "=HYPERLINK(\"http://host.example\")",
    "\x1b[31mred",
    "\x1b]0;title\x07",
    "\x1b]52;c;AA==\x07",
    "\x1bP1$r",
    "\x1b\\",
    "\233[31m",
    "\302\23331m",
    "\302\220q",
    "\x07",
    "\x08\x08\x08",
    "\x7f",
    "\r\x1b[2K",
    "\x0e",
    "\x0f",
    "a\0b",
    "\342\200\256exe.cod",
    "\xE2\x81\xA6",
    "\xE2\x80\x8F",
    "\xD8\x9C",
    "\xE2\x80\xA8",
    "\xE2\x80\xA9",
    "\xFF\xFE",
    "\xC0\xBC",
    "\xE0\x80\xBC",
    "\xF0\x80\x80\xBC",
    "\xED\xA0\x80",
    "\xF4\x90\x80\x80",
    "\xE3\x81",
    "\"",
    "\\",
    "\\\"",
    "\\u0022",
    "\",\"admin\":true,\"x\":\"",
    "\n{\"forged\":1}\n",
    "a,b;c\td",
    "\"\"",
    "'",
    "\"\n\"",
    "\r\n",
    "\xEF\xBB\xBF=1",
    "%0a%0d",
    "\xC2\x85",
    "\xE2\x80\xAA\xE2\x80\xAC",
};

static const char *const carriers[][2] = {
    { "", "" },
    { "x", "" },
    { "", "x" },
    { "0123456789abcdef", "" }, /* a whole vector before */
    { "0123456789abcde", "fedcba9876543210" },
    { " ", " " },
};

/* Payload n of payload_count, its length in *ret_len (one holds a NUL). */
static size_t payload_count(void)
{
    return HN_COUNT_OF(dangerous) * HN_COUNT_OF(carriers);
}

static struct hn_text payload(size_t n, struct hn_buf *buf)
{
    const char *middle = dangerous[n / HN_COUNT_OF(carriers)];
    const char *const *around = carriers[n % HN_COUNT_OF(carriers)];

    hn_buf_reset(buf);
    hn_buf_add_cstr(buf, around[0]);
    hn_buf_add(buf, middle, middle[0] == 'a' && middle[1] == '\0' ? 3 : strlen(middle));
    hn_buf_add_cstr(buf, around[1]);
    return hn_buf_text(buf);
}

/* What every writer promises: well-formed UTF-8 without raw controls, but for those allowed. */
static void check_harmless(struct hn_text out, const char *allowed)
{
    for (size_t pos = 0; pos < out.len;) {
        uint32_t c = 0;
        size_t len = hn_utf8_decode(out, pos, &c);

        assert_true(len > 0);
        if (hn_is_control(c))
            assert_true(c < 0x80 && strchr(allowed, (int)c) != NULL);
        pos += len;
    }
}

/* ---- Readers of the targets ---- */

/* Reads one JSON string back; false when the text is not exactly one. */
static bool json_read(struct hn_text json, struct hn_buf *out)
{
    if (json.len < 2 || json.ptr[0] != '"' || json.ptr[json.len - 1] != '"')
        return false;
    for (size_t i = 1; i < json.len - 1; i++) {
        static const char escapes[] = "\"\\/bfnrt";
        static const char plain[] = "\"\\/\b\f\n\r\t";
        const char *found;
        unsigned unit;

        if (json.ptr[i] == '"' || (unsigned char)json.ptr[i] < 0x20)
            return false;
        if (json.ptr[i] != '\\') {
            hn_buf_add_char(out, json.ptr[i]);
            continue;
        }
        i++;
        found = memchr(escapes, json.ptr[i], sizeof escapes - 1);
        if (found != NULL) {
            hn_buf_add_char(out, plain[found - escapes]);
        } else {
            char digits[5] = { 0 };

            if (json.ptr[i] != 'u' || i + 4 >= json.len - 1)
                return false;
            memcpy(digits, json.ptr + i + 1, 4);
            if (sscanf(digits, "%4x", &unit) != 1) /* NOLINT(cert-err34-c): four hex digits */
                return false;
            hn_buf_add_utf8(out, unit);
            i += 4;
        }
    }
    return true;
}

/* Resolves the references html writes; false when markup is left. */
static bool html_read(struct hn_text html, struct hn_buf *out)
{
    static const char *const names[][2] = { { "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" },
        { "&quot;", "\"" }, { "&#39;", "'" } };

    for (size_t i = 0; i < html.len;) {
        size_t k = 0;

        if (strchr("<>\"'", html.ptr[i]) != NULL && html.ptr[i] != '\0')
            return false;
        if (html.ptr[i] != '&') {
            hn_buf_add_char(out, html.ptr[i++]);
            continue;
        }
        while (k < HN_COUNT_OF(names) &&
                !hn_text_starts(hn_text_sub(html, i, html.len), hn_text_cstr(names[k][0])))
            k++;
        if (k == HN_COUNT_OF(names))
            return false;
        hn_buf_add_cstr(out, names[k][1]);
        i += strlen(names[k][0]);
    }
    return true;
}

/* Reads one CSV field back (RFC 4180). */
static bool csv_read(struct hn_text csv, struct hn_buf *out)
{
    bool quoted = csv.len > 0 && csv.ptr[0] == '"';

    if (quoted && (csv.len < 2 || csv.ptr[csv.len - 1] != '"'))
        return false;
    if (quoted)
        csv = hn_text_sub(csv, 1, csv.len - 2);
    for (size_t i = 0; i < csv.len; i++) {
        if (csv.ptr[i] == '"' && (!quoted || i + 1 == csv.len || csv.ptr[++i] != '"'))
            return false;
        if (!quoted && strchr(",;\r\n\t", csv.ptr[i]) != NULL)
            return false;
        hn_buf_add_char(out, csv.ptr[i]);
    }
    return true;
}

/* ---- Tests ---- */

/* JSON: one string that reads back as the payload, ill-formed bytes as U+FFFD. */
static void json_is_inert(void **state)
{
    struct hn_buf in = { 0 };
    struct hn_buf out = { 0 };
    struct hn_buf back = { 0 };
    struct hn_buf repaired = { 0 };

    (void)state;
    assert_true(payload_count() > 300);
    for (size_t n = 0; n < payload_count(); n++) {
        struct hn_text text = payload(n, &in);

        hn_buf_reset(&out);
        hn_buf_reset(&back);
        hn_buf_reset(&repaired);
        hn_json_string(&out, text);
        check_harmless(hn_buf_text(&out), "");
        assert_true(json_read(hn_buf_text(&out), &back));
        (void)hn_utf8_repair(&repaired, text);
        assert_true(hn_text_eq(hn_buf_text(&back), hn_buf_text(&repaired)));
    }
    hn_buf_deinit(&in);
    hn_buf_deinit(&out);
    hn_buf_deinit(&back);
    hn_buf_deinit(&repaired);
}

/* HTML: no markup, no quote that could end an attribute, no reference but the five. */
static void html_is_inert(void **state)
{
    struct hn_buf in = { 0 };
    struct hn_buf out = { 0 };
    struct hn_buf back = { 0 };

    (void)state;
    for (size_t n = 0; n < payload_count(); n++) {
        struct hn_text text = payload(n, &in);

        hn_buf_reset(&out);
        hn_buf_reset(&back);
        hn_html_text(&out, text);
        check_harmless(hn_buf_text(&out), "\t\r\n");
        assert_true(html_read(hn_buf_text(&out), &back));
        assert_true(hn_utf8_count(hn_buf_text(&back)) >= hn_utf8_count(text)); /* nothing lost */
    }
    hn_html_text(&out, HN_TEXT(""));
    hn_buf_deinit(&in);
    hn_buf_deinit(&out);
    hn_buf_deinit(&back);
}

/* CSV: one field, which no spreadsheet takes for a formula. */
static void csv_is_inert(void **state)
{
    struct hn_buf in = { 0 };
    struct hn_buf out = { 0 };
    struct hn_buf back = { 0 };

    (void)state;
    for (size_t n = 0; n < payload_count(); n++) {
        static const char starts[] = "=+-@\t\r\n";
        struct hn_text text = payload(n, &in);
        struct hn_text read;

        hn_buf_reset(&out);
        hn_buf_reset(&back);
        hn_csv_field(&out, text);
        check_harmless(hn_buf_text(&out), "\t\r\n");
        assert_true(csv_read(hn_buf_text(&out), &back));
        read = hn_buf_text(&back);
        assert_true(read.len > 0 && strchr(starts, read.ptr[0]) == NULL);
        assert_false(hn_text_starts(read, HN_TEXT("\xEF\xBC\x9D")) ||
                     hn_text_starts(read, HN_TEXT("\xEF\xBC\x8B")) ||
                     hn_text_starts(read, HN_TEXT("\xEF\xBC\x8D")) ||
                     hn_text_starts(read, HN_TEXT("\xEF\xBC\xA0")));
    }
    hn_buf_deinit(&in);
    hn_buf_deinit(&out);
    hn_buf_deinit(&back);
}

/* Terminal: one line without a control sequence, and two different texts never look the same
 * where only controls differ. */
static void terminal_is_inert(void **state)
{
    struct hn_buf in = { 0 };
    struct hn_buf out = { 0 };

    (void)state;
    for (size_t n = 0; n < payload_count(); n++) {
        struct hn_text text = payload(n, &in);

        hn_buf_reset(&out);
        hn_terminal_text(&out, text);
        check_harmless(hn_buf_text(&out), "");
        assert_true(out.len >= text.len);
    }
    hn_buf_reset(&out);
    hn_terminal_text(&out, HN_TEXT("a\x1b[1m\xFF\xC2\x9B\xE2\x80\xAE\t\r\n\xE7\x81\xAB"));
    check_buf(&out, "a\\x1b[1m\\xff\\u009b\\u202e\\t\\r\\n\xE7\x81\xAB");
    hn_buf_deinit(&in);
    hn_buf_deinit(&out);
}

/* The exact bytes for ordinary text: nothing is escaped that need not be. */
static void ordinary_text_stays_readable(void **state)
{
    struct hn_buf buf = { 0 };

    (void)state;
    hn_json_string(&buf, HN_TEXT("C:\\Users\\\xE7\x81\xAB \"x\"\t\n\x01"));
    check_buf(&buf, "\"C:\\\\Users\\\\\xE7\x81\xAB \\\"x\\\"\\t\\n\\u0001\"");
    hn_csv_field(&buf, HN_TEXT("C:\\Users\\a b"));
    check_buf(&buf, "C:\\Users\\a b");
    hn_csv_field(&buf, HN_TEXT("a,\"b\""));
    check_buf(&buf, "\"a,\"\"b\"\"\"");
    hn_csv_field(&buf, HN_TEXT("=1+1"));
    check_buf(&buf, "'=1+1");
    hn_csv_field(&buf, HN_TEXT(""));
    check_buf(&buf, "");
    hn_html_text(&buf, HN_TEXT("a <b> & \"c\" 'd'\n"));
    check_buf(&buf, "a &lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;\n");
    hn_buf_deinit(&buf);
}

/* Every code point alone passes each writer and comes out harmless. */
static void every_code_point_is_harmless(void **state)
{
    struct hn_buf out = { 0 };

    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        char utf8[4];
        struct hn_text text = { utf8, 0 };

        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        if (c == 0x3000)
            c = 0xE000; /* ideographs and syllables are all alike */
        text.len = hn_utf8_encode(c, utf8);
        hn_buf_reset(&out);
        hn_json_string(&out, text);
        hn_terminal_text(&out, text);
        check_harmless(hn_buf_text(&out), "");
        hn_html_text(&out, text);
        hn_csv_field(&out, text);
        check_harmless(hn_buf_text(&out), "\t\r\n");
    }
    hn_buf_deinit(&out);
}

/* The document writer minds commas and nesting, and its output is what it says. */
static void json_documents_are_exact(void **state)
{
    struct hn_buf buf = { 0 };
    struct hn_json_out out = hn_json_out_over(&buf);

    (void)state;
    hn_json_open(&out, '{');
    hn_json_pair(&out, "a", HN_TEXT("x\"y"));
    hn_json_key(&out, HN_TEXT("list"));
    hn_json_open(&out, '[');
    hn_json_i64(&out, -5);
    hn_json_u64(&out, UINT64_MAX);
    hn_json_real(&out, 0.5);
    hn_json_real(&out, (double)__builtin_nanf(""));
    hn_json_real(&out, -__builtin_huge_val());
    hn_json_bool(&out, true);
    hn_json_bool(&out, false);
    hn_json_null(&out);
    hn_json_open(&out, '[');
    hn_json_close(&out, ']');
    hn_json_open(&out, '{');
    hn_json_close(&out, '}');
    hn_json_raw(&out, HN_TEXT("{\"r\":1}"));
    hn_json_close(&out, ']');
    hn_json_pair_u64(&out, "z", 7);
    hn_json_close(&out, '}');
    check_buf(&buf, "{\"a\":\"x\\\"y\",\"list\":[-5,18446744073709551615,0.5,null,null,true,false,"
                    "null,[],{},{\"r\":1}],\"z\":7}");
    assert_int_equal(out.depth, 0);
    hn_buf_deinit(&buf);
}

/* Out of memory the writers leave a failed buffer and nothing past it. */
static void failing_memory_is_reported(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 3; n++) {
        struct hn_buf buf = { 0 };

        hn_mem_fail_from(n);
        for (int i = 0; i < 200; i++) {
            hn_json_string(&buf, HN_TEXT("\x01<\"=x"));
            hn_csv_field(&buf, HN_TEXT("\x01<\"=x"));
            hn_html_text(&buf, HN_TEXT("\x01<\"=x"));
            hn_terminal_text(&buf, HN_TEXT("\x01<\"=x"));
        }
        hn_mem_fail_from(0);
        assert_int_equal(buf.status, HN_NOMEM);
        hn_buf_deinit(&buf);
    }
}

static void addresses_are_defanged(void **state)
{
    static const char *const rows[][2] = {
        { "http://a.example/", "hxxp://a.example/" },
        { "x HTTPS://a.example/?u=http://b.example", "x HxxPS://a.example/?u=hxxp://b.example" },
        { "ftp://a ftps://b", "fxp://a fxps://b" },
        { "http:// http://\n 'http://", "http:// http://\n 'http://" },
        { "://x s://x tp://x p://", "://x s://x tp://x p://" },
        { "", "" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        char text[64];
        size_t len = strlen(rows[i][0]);

        memcpy(text, rows[i][0], len + 1);
        hn_defang_schemes(text, len);
        assert_string_equal(text, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_defanged),
        cmocka_unit_test(json_is_inert),
        cmocka_unit_test(html_is_inert),
        cmocka_unit_test(csv_is_inert),
        cmocka_unit_test(terminal_is_inert),
        cmocka_unit_test(ordinary_text_stays_readable),
        cmocka_unit_test(every_code_point_is_harmless),
        cmocka_unit_test(json_documents_are_exact),
        cmocka_unit_test(failing_memory_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
