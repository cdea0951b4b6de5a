/* Proves that a bulk body gives one item for each action wherever it is cut, that only whole JSON
 * objects are taken for documents, and that the answer has an entry for each. */
#include "ingest/ingest_internal.h"

#include "support/check.h"
#include "support/json_check.h"

static const char sample[] = "{\"create\":{\"_index\":\"logs\"}}\n"
                             "{\"a\":\"x\\\"}{\"}\n"
                             "\n"
                             "{ \"index\" : { \"_id\" : \"7\", \"routing\" : 1 } }\r\n"
                             "  {\"b\":[1,{}]}\r\n"
                             "{\"delete\":{\"_index\":\"logs\",\"_id\":\"1\"}}\n"
                             "{\"update\":{\"_id\":\"1\"}}\n"
                             "{\"doc\":{}}\n"
                             "{\"create\":{}}\n"
                             "[1]\n";

/* What a body gives, as text: "create logs {...};" ... and the status behind it. */
static void describe(struct hn_text body, struct hn_buf *out)
{
    struct hn_arena arena = { 0 };
    struct bulk_reader reader = { .rest = body, .index = HN_TEXT("dflt"), .arena = &arena };
    struct bulk_item item;

    hn_arena_init(&arena, 1 << 20);
    while (bulk_next(&reader, &item)) {
        hn_buf_add_text(out, bulk_verb_text(item.verb));
        hn_buf_addf(out, "@%llu ", (unsigned long long)item.line);
        hn_buf_add_text(out, item.index);
        hn_buf_add_char(out, ' ');
        hn_buf_add_text(out, item.refused == NULL ? item.document : HN_TEXT("no"));
        hn_buf_add_char(out, ';');
    }
    hn_buf_add_cstr(out, hn_status_text(reader.status));
    bulk_reader_deinit(&reader);
    hn_arena_deinit(&arena);
}

static void reads_actions_and_documents(void **state)
{
    struct hn_buf out = { 0 };

    (void)state;
    describe(hn_text_of(sample, sizeof sample - 1), &out);
    check_buf(&out, "create@1 logs {\"a\":\"x\\\"}{\"};index@4 dflt {\"b\":[1,{}]};"
                    "delete@6 logs no;update@7 dflt no;create@9 dflt no;ok");
    describe(HN_TEXT(""), &out);
    check_buf(&out, "ok");
    describe(HN_TEXT("{\"create\":{}}"), &out);
    check_buf(&out, "create@1 dflt no;ok");
    describe(HN_TEXT("{\"create\":{}}\n{}"), &out);
    check_buf(&out, "create@1 dflt {};ok");
    hn_buf_deinit(&out);
}

static void refuses_actions_that_are_none(void **state)
{
    static const char *const bad[] = { "{}", "[]", "1", "{\"create\":1}", "{\"create\":[]}",
        "{\"make\":{}}", "{\"create\":{}} x", "{\"create\":{}}{}", "{\"create\":{},\"index\":{}}",
        "{\"create\":{}", "{\"create\"}", "{create:{}}", "{\"create\":{\"_index\":\"a}}" };
    struct hn_buf out = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(bad); i++) {
        struct hn_buf body = { 0 };

        hn_buf_addf(&body, "{\"create\":{}}\n{}\n%s\n{}\n", bad[i]);
        hn_buf_reset(&out);
        describe(hn_buf_text(&body), &out);
        check_buf(&out, "create@1 dflt {};syntax error");
        hn_buf_deinit(&body);
    }
    hn_buf_deinit(&out);
}

static void refuses_bad_names(void **state)
{
    struct hn_buf body = { 0 };
    struct hn_buf out = { 0 };

    (void)state;
    describe(HN_TEXT("{\"create\":{\"_index\":\"\"}}\n{}\n{\"create\":{\"_index\":\"a\\nb\"}}\n{}\n"
                     "{\"create\":{\"_index\":\"a\\ud800\"}}\n{}\n"),
            &out);
    check_buf(&out, "create@1  no;create@3 a\nb no;create@5 a\xEF\xBF\xBD {};ok");
    hn_buf_add_lit(&body, "{\"create\":{\"_index\":\"");
    hn_buf_add_repeat(&body, 'x', 256);
    hn_buf_add_lit(&body, "\"}}\n{}\n");
    describe(hn_buf_text(&body), &out);
    assert_true(hn_text_ends(hn_buf_text(&out), HN_TEXT(" no;ok")));
    hn_buf_deinit(&body);
    hn_buf_deinit(&out);
}

/* A cut never makes a document of another action, nor takes half a document. */
static void every_cut_gives_a_prefix(void **state)
{
    struct hn_buf whole = { 0 };
    struct hn_buf part = { 0 };

    (void)state;
    describe(hn_text_of(sample, sizeof sample - 1), &whole);
    for (size_t len = 0; len < sizeof sample - 1; len++) {
        size_t same = 0;
        size_t last = 0;

        hn_buf_reset(&part);
        describe(hn_text_of(sample, len), &part);
        while (same < part.len && same < whole.len && part.ptr[same] == whole.ptr[same])
            last = part.ptr[same++] == ';' ? same : last;
        /* Behind what is the same: at most one item, not taken, and the status. */
        if (hn_text_find(hn_text_sub(hn_buf_text(&part), last, part.len), HN_TEXT("{"), 0) !=
                SIZE_MAX)
            fail_msg("cut at %zu: %.*s", len, HN_TEXT_ARG(hn_buf_text(&part)));
    }
    hn_buf_deinit(&whole);
    hn_buf_deinit(&part);
}

static void answers_each_action(void **state)
{
    struct bulk_result rows[3] = {
        { .item = { .verb = BULK_CREATE, .index = HN_TEXT("a\"b") }, .status = 201 },
        { .item = { .verb = BULK_INDEX, .index = HN_TEXT("i"), .id = HN_TEXT("7") },
                .status = 429 },
        { .item = { .verb = BULK_DELETE, .refused = "why" }, .status = 400 },
    };
    struct bulk_results results = { rows, 3, 5, HN_TEXT("req") };
    struct hn_buf out = { 0 };

    (void)state;
    bulk_reply_write(&results, HN_TEXT(""), &out);
    assert_true(json_check_valid(hn_buf_text(&out)));
    hn_buf_reset(&out);
    bulk_reply_write(&results, HN_TEXT("errors,items.*.error.type,items.*.status"), &out);
    check_buf(&out,
            "{\"errors\":true,\"items\":[{\"create\":{\"status\":201}},"
            "{\"index\":{\"error\":{\"type\":\"es_rejected_execution_exception\",\"reason\":\"too "
            "much "
            "is waiting to become durable, or the source is over its quota\"},\"status\":429}},"
            "{\"delete\":{\"error\":{\"type\":\"mapper_parsing_exception\",\"reason\":\"why\"},"
            "\"status\":400}}]}");
    bulk_reply_write(&results, HN_TEXT("took"), &out);
    check_buf(&out, "{\"took\":5}");
    bulk_reply_write(&results, HN_TEXT("items.create._i*"), &out);
    check_buf(&out, "{\"items\":[{\"create\":{\"_index\":\"a\\\"b\",\"_id\":\"req-0\"}},"
                    "{\"index\":{}},{\"delete\":{}}]}");
    hn_buf_deinit(&out);
}

static void every_failing_allocation_is_told(void **state)
{
    bool failed = true;

    (void)state;
    for (uint64_t n = 1; failed; n++) {
        struct hn_arena arena = { 0 };
        struct bulk_reader reader = {
            .rest = HN_TEXT("{\"create\":{\"_index\":\"a\\u0062\"}}\n{}\n"), .arena = &arena
        };
        struct bulk_item item;
        bool taken;

        hn_arena_init(&arena, 1 << 16);
        hn_mem_fail_from(n);
        taken = bulk_next(&reader, &item) && item.refused == NULL;
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_true(taken != failed);                               /* never a success by half */
        assert_int_equal(reader.status, failed ? HN_NOMEM : HN_OK); /* nor the client's fault */
        bulk_reader_deinit(&reader);
        hn_arena_deinit(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_actions_and_documents),
        cmocka_unit_test(refuses_actions_that_are_none),
        cmocka_unit_test(refuses_bad_names),
        cmocka_unit_test(every_cut_gives_a_prefix),
        cmocka_unit_test(answers_each_action),
        cmocka_unit_test(every_failing_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
