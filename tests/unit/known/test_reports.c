/* test_reports.c - results of vendors: the forms they come in, what is counted, and the family that
 * names agree on. The names and engines are made up. */
#include "known/known.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define LOWER  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

#define RESULTS                                                                                \
    "\"last_analysis_results\":{"                                                              \
    "\"A\":{\"category\":\"malicious\",\"engine_name\":\"A\",\"result\":\"Trojan.Emotet.1\"}," \
    "\"B\":{\"category\":\"malicious\",\"result\":\"Trojan.Emotet.1\"},"                       \
    "\"C\":{\"category\":\"malicious\",\"result\":\"W97M/Emotet-FXY!\"},"                      \
    "\"D\":{\"category\":\"suspicious\",\"result\":\"VBA:Emotet [Trj]\"},"                     \
    "\"E\":{\"category\":\"undetected\",\"result\":null},"                                     \
    "\"F\":{\"category\":\"harmless\",\"result\":\"clean\"},"                                  \
    "\"G\":{\"category\":\"timeout\",\"result\":null},"                                        \
    "\"H\":{\"category\":\"type-unsupported\",\"result\":null},\"I\":null}"
#define OBJECT                                                                      \
    "{\"id\":\"" DIGEST "\",\"type\":\"file\",\"attributes\":{\"sha256\":\"" DIGEST \
    "\",\"last_analysis_date\":1790000000,"                                         \
    "\"last_analysis_stats\":{\"malicious\":99,\"undetected\":1}," RESULTS          \
    ",\"names\":[\"a.doc\"]}}"

struct seen {
    size_t count;
    struct known_report last;
    char texts[6][128]; /* digest, family, names */
};

static void keep(char out[128], struct hn_text text)
{
    (void)snprintf(out, 128, "%.*s", HN_TEXT_ARG(text));
}

static bool on_report(void *ctx, const struct known_report *report)
{
    struct seen *seen = ctx;

    seen->count++;
    seen->last = *report;
    memset(seen->texts, 0, sizeof seen->texts);
    keep(seen->texts[0], report->sha256);
    keep(seen->texts[1], report->family);
    for (size_t i = 0; i < report->name_count; i++)
        keep(seen->texts[2 + i], report->names[i].text);
    return true;
}

static enum hn_status read_text(const char *json, struct seen *seen)
{
    memset(seen, 0, sizeof *seen);
    return known_reports_read(hn_text_cstr(json), on_report, seen, NULL);
}

/* All forms in which such results are kept say the same. */
static void every_form_is_read(void **state)
{
    static const struct {
        const char *json;
        size_t count;
    } rows[] = {
        { OBJECT, 1 },
        { "{\"data\":" OBJECT "}", 1 },
        { "{\"data\":[" OBJECT "," OBJECT "],\"meta\":{\"count\":2}}", 2 },
        { "[" OBJECT ",{\"data\":" OBJECT "}]", 2 },
        { " [ { \"sha256\" : \"" DIGEST "\" , \"last_analysis_date\":1790000000," RESULTS " } ] ",
                1 },
        { OBJECT "\n{\"data\":" OBJECT "}\n\n", 2 },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        struct seen seen;

        assert_int_equal(read_text(rows[i].json, &seen), HN_OK);
        assert_int_equal(seen.count, rows[i].count);
        assert_string_equal(seen.texts[0], LOWER);
        assert_int_equal(seen.last.malicious, 3);
        assert_int_equal(seen.last.suspicious, 1);
        assert_int_equal(seen.last.engines, 6); /* without those that had no opinion */
        assert_true(seen.last.date == INT64_C(1790000000) * HN_SECOND);
        assert_int_equal(seen.last.name_count, 3);
        assert_string_equal(seen.texts[2], "Trojan.Emotet.1");
        assert_int_equal(seen.last.names[0].count, 2);
        assert_string_equal(seen.texts[1], "emotet");
        assert_int_equal(seen.last.family_votes, 3);
        assert_int_equal(seen.last.family_of, 3);
    }
}

/* Sums stand in where the results of engines are missing; nothing is made of nothing. */
static void what_is_missing_is_not_made_up(void **state)
{
    static const struct {
        const char *json;
        enum hn_status status;
        size_t count;
    } rows[] = {
        { "", HN_OK, 0 },
        { "{}", HN_OK, 0 },
        { "[]", HN_OK, 0 },
        { "{\"data\":null}", HN_OK, 0 },
        { "{\"error\":{\"code\":\"NotFoundError\"}}", HN_OK, 0 },
        { "{\"id\":\"" DIGEST "\",\"attributes\":{}}", HN_OK, 0 },
        { "{\"id\":\"short\",\"attributes\":{" RESULTS "}}", HN_OK, 0 },
        { "{\"id\":\"" DIGEST "\",\"attributes\":{\"last_analysis_stats\":{\"malicious\":7,"
          "\"undetected\":\"x\",\"harmless\":3,\"failure\":9}}}",
                HN_OK, 1 },
        { "nonsense", HN_SYNTAX, 0 },
        { "\"text\"", HN_SYNTAX, 0 },
    };
    struct seen seen;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        assert_int_equal(read_text(rows[i].json, &seen), rows[i].status);
        assert_int_equal(seen.count, rows[i].count);
    }
    /* A NUL is no end of the text. */
    assert_int_equal(known_reports_read(HN_TEXT("[]\0" OBJECT), on_report, &seen, NULL), HN_SYNTAX);
    assert_int_equal(read_text(rows[7].json, &seen), HN_OK);
    assert_int_equal(seen.last.malicious, 7);
    assert_int_equal(seen.last.engines, 10);
    assert_true(seen.last.date == 0);
    assert_string_equal(seen.texts[1], "");
}

/* Cut at every byte: never more than there is, and no crash. */
static void cut_anywhere(void **state)
{
    static const char json[] = "[" OBJECT "," OBJECT "]";

    (void)state;
    for (size_t len = 0; len < sizeof json; len++) {
        struct seen seen = { 0 };
        char *copy = malloc(len + 1);
        enum hn_status status;

        assert_non_null(copy);
        memcpy(copy, json, len);
        status = known_reports_read(hn_text_of(copy, len), on_report, &seen, NULL);
        assert_true(status == HN_OK || status == HN_SYNTAX);
        assert_true(seen.count <= 2);
        if (seen.count > 0)
            assert_true(seen.last.malicious <= seen.last.engines);
        free(copy);
    }
}

/* ---- Families ---- */

static void names_vote(void **state)
{
    static const struct {
        const char *names[6];
        const char *family;
        uint32_t votes;
    } rows[] = {
        { { "Trojan.Emotet.1", "W32/Emotet!gen", "Emotet-A" }, "emotet", 3 },
        /* Two do not make a family, nor do words that say nothing. */
        { { "Trojan.Emotet.1", "W32/Emotet" }, "", 0 },
        { { "Trojan.Generic.1", "Trojan.Generic.2", "Generic Trojan" }, "", 0 },
        { { "Trojan.Agent.deadbeef", "x.Agent.deadbeef", "y.deadbeef", "z.deadbeef" }, "", 0 },
        { { "A.12345678", "B.12345678", "C.12345678" }, "", 0 },
        /* Twice in one name is one voice. */
        { { "Qakbot.Qakbot", "QAKBOT", "x/Qakbot", "Icedid" }, "qakbot", 3 },
        /* A draw is settled the same way every time. */
        { { "Zloader Icedid", "Icedid/Zloader", "icedid.zloader" }, "icedid", 3 },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        struct known_name names[6];
        struct hn_arena arena;
        struct hn_text family;
        uint32_t votes;
        size_t count = 0;

        while (count < 6 && rows[i].names[count] != NULL) {
            names[count] = (struct known_name){ hn_text_cstr(rows[i].names[count]), 1 };
            count++;
        }
        hn_arena_init(&arena, (size_t)1 << 20);
        known_vote(names, count, &arena, &family, &votes);
        assert_true(hn_text_eq(family, hn_text_cstr(rows[i].family)));
        assert_int_equal(votes, rows[i].votes);
        hn_arena_deinit(&arena);
    }
}

static void memory_may_end(void **state)
{
    uint64_t hits = 1;

    (void)state;
    for (uint64_t n = 1; hits > 0; n++) {
        struct seen seen = { 0 };
        enum hn_status status;

        hn_mem_fail_from(n);
        status = known_reports_read(HN_TEXT("[" OBJECT "]"), on_report, &seen, NULL);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        assert_int_equal(status, hits > 0 ? HN_NOMEM : HN_OK);
        assert_int_equal(seen.count, hits > 0 ? 0 : 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_read),
        cmocka_unit_test(what_is_missing_is_not_made_up),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(names_vote),
        cmocka_unit_test(memory_may_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
