/* test_shared.c - real texts: what is in them is found, and nothing is invented. Skipped loudly
 * without the shared data. */
#include "base/buf.h"
#include "extract/extract.h"
#include "support/shared.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static bool add(void *ctx, const struct extract_item *item)
{
    struct hn_buf *out = ctx;

    hn_buf_add_cstr(out, extract_kind_id(item->kind));
    hn_buf_addf(out, " %llu ", (unsigned long long)item->offset);
    hn_buf_add_text(out, item->value);
    hn_buf_add_char(out, '\n');
    return true;
}

static void check(const char *below, enum extract_strictness strictness, const char *expected)
{
    struct extract_options options = { .strictness = strictness };
    char *path = shared_path_or_skip(below);
    struct hn_bytes bytes = shared_read(path);
    struct extract *extract = extract_new();
    struct hn_buf out = { 0 };

    assert_non_null(extract);
    (void)extract_text(extract, hn_bytes_as_text(bytes), &options, add, &out);
    if (!hn_text_eq(hn_buf_text(&out), hn_text_cstr(expected)))
        fail_msg("%s gives\n%.*s", below, HN_TEXT_ARG(hn_buf_text(&out)));
    hn_buf_deinit(&out);
    extract_free(extract);
    shared_free(bytes);
    free(path);
}

/* A signed mail: the base64 of its signature, its selectors and its Message-ID name nobody. */
static void a_signed_mail(void **state)
{
    (void)state;
    check("data/documents/tika/testRFC822_dkim.eml", EXTRACT_PROSE,
            "host 49 example.com\n"
            "email 98 joe@football.example.com\n"
            "host 463 client1.football.example.com\n"
            "ipv4 494 192.0.2.1\n"
            "host 514 submitserver.example.com\n"
            "email 619 joe@football.example.com\n"
            "email 658 suzie@shopping.example.net\n");
}

/* Members of objects are no hosts. */
static void macros_without_addresses(void **state)
{
    (void)state;
    check("data/documents/poi/test-data_spreadsheet_SimpleMacro.vba", EXTRACT_CODE, "");
    check("data/documents/poi/test-data_document_SimpleMacro.vba", EXTRACT_CODE, "");
    check("data/documents/poi/test-data_slideshow_SimpleMacro.vba", EXTRACT_CODE, "");
    check("data/documents/poi/test-data_diagram_SimpleMacro.vba", EXTRACT_CODE, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signed_mail),
        cmocka_unit_test(macros_without_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
