/* test_verdict.c - trees as events, and what hits add up to. */
#include "analyze/analyze.h"

#include "base/mem.h"
#include "support/judge_make.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define RULE(name, level, trace, category, field, value)                     \
    "title: " name "\n"                                                      \
    "logsource:\n    product: " category "\n"                                \
    "detection:\n    s:\n        " field ": '" value "'\n    condition: s\n" \
    "level: " level "\nhinomi:\n    trace: " trace "\n---\n"

static const char rules[] = RULE("critical", "critical", "ttp", "hinomi", "subject", "critical")
        RULE("high one", "high", "ttp", "hinomi", "subject", "*one*") RULE("high same", "high",
                "ttp", "hinomi", "subject", "*same*") RULE("high other", "high", "url", "hinomi",
                "subject", "*other*") RULE("medium a", "medium", "url", "hinomi", "subject", "*ma*")
                RULE("medium b", "medium", "url", "hinomi", "subject", "*mb*")
                        RULE("medium c", "medium", "url", "hinomi", "subject", "*mc*")
                                RULE("low", "low", "url", "hinomi", "subject", "*low*");

static struct dissect *tree_of(const char *subject, bool gap)
{
    struct dissect *dissect = dissect_new(NULL);
    struct dissect_child sample = { .format = DISSECT_EML,
        .name = HN_TEXT("a.eml"),
        .relation = "sample",
        .data = hn_bytes_of("x", 1),
        .offset = DISSECT_NOWHERE };

    assert_int_equal(dissect_child(dissect, DISSECT_NONE, &sample, NULL), HN_OK);
    dissect_fact(dissect, 0, "subject", hn_text_cstr(subject));
    if (gap)
        dissect_note(dissect, 0, DISSECT_NOTE_PASSWORD, DISSECT_NOWHERE, "zip");
    return dissect;
}

/* As decision 0014 says. */
static void hits_add_up(void **state)
{
    static const struct {
        const char *subject;
        bool gap;
        enum analyze_verdict_kind kind;
        size_t hits;
    } rows[] = {
        { "nothing", false, ANALYZE_CLEAN, 0 },
        { "nothing", true, ANALYZE_UNKNOWN, 0 },
        { "low", false, ANALYZE_CLEAN, 1 },
        { "ma", false, ANALYZE_UNKNOWN, 1 },
        { "ma mb", false, ANALYZE_UNKNOWN, 2 },
        { "ma mb mc", false, ANALYZE_SUSPICIOUS, 3 },
        { "one", false, ANALYZE_SUSPICIOUS, 1 },
        { "one same", true, ANALYZE_SUSPICIOUS, 2 },
        { "one other", true, ANALYZE_MALICIOUS, 2 },
        { "critical", true, ANALYZE_MALICIOUS, 1 },
    };
    struct judge_set *set = judge_make(rules, NULL, (struct hn_digest){ 1, 1 });
    struct analyze_judge *judge = analyze_judge_new(set);

    (void)state;
    assert_non_null(judge);
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        struct dissect *dissect = tree_of(rows[i].subject, rows[i].gap);
        struct analyze_verdict verdict;

        assert_int_equal(analyze_judge_tree(judge, dissect, &verdict, NULL), HN_OK);
        assert_int_equal(verdict.kind, rows[i].kind);
        assert_int_equal(verdict.hit_count, rows[i].hits);
        assert_int_equal(verdict.gap_count, rows[i].gap ? 1 : 0);
        for (size_t k = 1; k < verdict.hit_count; k++)
            assert_true(verdict.hits[k - 1].level >= verdict.hits[k].level);
        analyze_verdict_deinit(&verdict);
        dissect_free(dissect);
    }
    analyze_judge_free(judge);
    judge_set_unref(set);
}

/* ---- Events ---- */

/* What hides most comes first, and a loop that passes the same thing again and again is told once:
 * a limit stood behind two hundred unknown members of a macro. */
static void gaps_are_told_once_and_in_order(void **state)
{
    static const enum dissect_note_kind kinds[] = { DISSECT_NOTE_LIMIT, DISSECT_NOTE_PASSWORD,
        DISSECT_NOTE_UNMODELLED, DISSECT_NOTE_UNMODELLED };
    struct judge_set *set = judge_make(rules, NULL, (struct hn_digest){ 1, 1 });
    struct analyze_judge *judge = analyze_judge_new(set);
    struct dissect *dissect = tree_of("nothing", false);
    struct analyze_verdict verdict;

    (void)state;
    for (int turn = 0; turn < 3; turn++) {
        dissect_note(dissect, 0, DISSECT_NOTE_UNMODELLED, DISSECT_NOWHERE, "a.b");
        dissect_note(dissect, 0, DISSECT_NOTE_UNMODELLED, DISSECT_NOWHERE, "a.c");
        dissect_note(dissect, 0, DISSECT_NOTE_AUTORUN, DISSECT_NOWHERE, "AutoOpen");
    }
    dissect_note(dissect, 0, DISSECT_NOTE_PASSWORD, DISSECT_NOWHERE, "zip");
    dissect_note(dissect, 0, DISSECT_NOTE_LIMIT, DISSECT_NOWHERE, "steps");
    assert_int_equal(analyze_judge_tree(judge, dissect, &verdict, NULL), HN_OK);
    assert_int_equal(verdict.gap_count, HN_COUNT_OF(kinds));
    for (size_t i = 0; i < HN_COUNT_OF(kinds); i++)
        assert_int_equal(verdict.gaps[i].note->kind, kinds[i]);
    assert_true(hn_text_eq(verdict.gaps[2].note->detail, HN_TEXT("a.b")));
    assert_true(analyze_same_gap(&verdict.gaps[2], &verdict.gaps[3]));
    assert_false(analyze_same_gap(&verdict.gaps[1], &verdict.gaps[2]));
    for (size_t i = 0; i < DISSECT_NOTE_COUNT; i++)
        assert_true(strlen(dissect_note_text_ja((enum dissect_note_kind)i)) > 0);
    analyze_verdict_deinit(&verdict);
    dissect_free(dissect);
    analyze_judge_free(judge);
    judge_set_unref(set);
}

static void add_act(struct dissect *dissect, uint32_t id, enum script_act_kind kind,
        const char *via, const char *const *fields, size_t count)
{
    struct script_run run;
    struct script_act act;

    script_run_init(&run, NULL, NULL);
    act = script_act(&run, kind, 7, via);
    for (size_t i = 0; i < count; i += 2)
        script_act_add(&act, fields[i], script_text_new(&run, hn_text_cstr(fields[i + 1]), NULL));
    dissect_act(dissect, id, &run, &act);
    script_run_deinit(&run);
}

/* mail > zip > document > project, which fetches, writes and starts. */
static struct dissect *tree_of_chain(void)
{
    static const enum dissect_format formats[] = { DISSECT_EML, DISSECT_ZIP, DISSECT_DOCX,
        DISSECT_VBA_PROJECT };
    struct dissect *dissect = dissect_new(NULL);

    for (uint32_t i = 0; i < HN_COUNT_OF(formats); i++) {
        struct dissect_child child = { .format = formats[i],
            .name = HN_TEXT("\"name\"\n"),
            .relation = i == 0 ? "sample" : "entry",
            .data = hn_bytes_of("x", 1),
            .offset = DISSECT_NOWHERE };

        assert_int_equal(
                dissect_child(dissect, i == 0 ? DISSECT_NONE : i - 1, &child, NULL), HN_OK);
    }
    dissect_fact(dissect, 0, "to", HN_TEXT("a@example.com"));
    dissect_fact(dissect, 0, "to", HN_TEXT("b@example.com"));
    dissect_note(dissect, 1, DISSECT_NOTE_DECRYPTED, DISSECT_NOWHERE, "1234");
    dissect_note(dissect, 3, DISSECT_NOTE_AUTORUN, 1, "AutoOpen");
    add_act(dissect, 3, SCRIPT_ACT_FILE_WRITE, "ADODB.Stream.SaveToFile",
            (const char *const[]){ "TargetFilename", "C:\\Users\\Public\\a.exe", "Url",
                    "http://u:p@files.example:8080/x?y" },
            4);
    add_act(dissect, 3, SCRIPT_ACT_PROCESS, "Win32_Process.Create",
            (const char *const[]){ "CommandLine", "c:\\users\\public\\A.EXE /s" }, 2);
    add_act(dissect, 3, SCRIPT_ACT_PROCESS, "Shell",
            (const char *const[]){ "CommandLine", "\"powershell\" -enc AAAA" }, 2);
    add_act(dissect, 3, SCRIPT_ACT_HTTP, "XMLHTTP.Send",
            (const char *const[]){ "Url", "http://u:p@files.example:8080/x?y" }, 2);
    add_act(dissect, 3, SCRIPT_ACT_SLEEP, "Sleep", (const char *const[]){ "Seconds", "3" }, 2);
    return dissect;
}

static bool has_line(const struct hn_buf *lines, const char *what)
{
    bool found = hn_text_find(hn_buf_text(lines), hn_text_cstr(what), 0) != SIZE_MAX;

    if (!found)
        print_message("missing: %s\n%.*s\n", what, (int)lines->len, lines->ptr);
    return found;
}

/* Each line is JSON, stands where its event says, and has the shape rules for logs expect. */
static void acts_have_the_shape_of_logs(void **state)
{
    struct dissect *dissect = tree_of_chain();
    struct hn_buf lines = { 0 };
    struct hn_arena arena;
    const struct analyze_event *events;
    struct hn_text rest;
    struct hn_text line;
    size_t count;
    size_t n = 0;

    (void)state;
    hn_arena_init(&arena, 1 << 20);
    events = analyze_events(dissect, true, &lines, &arena, &count);
    assert_int_equal(count, 9);
    rest = hn_buf_text(&lines);
    for (; hn_text_line(&rest, &line); n++) {
        assert_true(decode_json_valid(line));
        assert_ptr_equal(lines.ptr + events[n].offset, line.ptr);
    }
    assert_int_equal(n, count);
    assert_true(has_line(&lines, "\"to\":[\"a@example.com\",\"b@example.com\"]"));
    assert_true(has_line(&lines, "\"in\":[\"eml\",\"zip\",\"docx\"]"));
    assert_true(has_line(&lines, "\"has\":[\"zip\",\"docx\",\"vba_project\"]"));
    assert_true(has_line(&lines, "\"in_encrypted\":true"));
    assert_true(has_line(&lines, "\"autorun\":true"));
    assert_true(has_line(
            &lines, "\"ParentImage\":\"C:\\\\Windows\\\\System32\\\\wbem\\\\WmiPrvSE.exe\""));
    assert_true(has_line(&lines, "\"starts\":\"downloaded\""));
    assert_true(has_line(&lines, "\"Image\":\"C:\\\\Windows\\\\System32\\\\WindowsPowerShell"));
    assert_true(has_line(&lines, "\"ParentImage\":\"C:\\\\Program Files\\\\Microsoft Office"));
    assert_true(has_line(&lines, "\"cs-host\":\"files.example\""));
    assert_true(has_line(&lines, "\"category\":\"act\""));
    hn_buf_deinit(&lines);
    hn_arena_deinit(&arena);
    dissect_free(dissect);
}

static const char chain_rules[] =
        "title: starts what it fetched\nlogsource:\n    product: windows\n"
        "    category: process_creation\ndetection:\n    s:\n        hinomi.starts: downloaded\n"
        "        hinomi.in_category|contains: document\n    condition: s\nlevel: high\n---\n"
        "title: request\nlogsource:\n    category: proxy\ndetection:\n    s:\n"
        "        cs-host: files.example\n    condition: s\nlevel: low\n---\n"
        "title: object\nlogsource:\n    product: hinomi\n    category: document\ndetection:\n"
        "    s:\n        hinomi.has: vba_project\n        hinomi.in_encrypted: true\n"
        "    condition: s\nlevel: low\n---\n";

/* Hits name their object, their act and what fitted. */
static void hits_name_their_place(void **state)
{
    struct judge_set *set = judge_make(chain_rules, NULL, (struct hn_digest){ 1, 1 });
    struct analyze_judge *judge = analyze_judge_new(set);
    struct dissect *dissect = tree_of_chain();
    struct analyze_verdict verdict;
    struct hn_buf json = { 0 };
    struct hn_json_out out = hn_json_out_over(&json);

    (void)state;
    assert_int_equal(analyze_judge_tree(judge, dissect, &verdict, NULL), HN_OK);
    assert_int_equal(verdict.hit_count, 3);
    assert_true(hn_text_eq(verdict.hits[0].title, HN_TEXT("starts what it fetched")));
    assert_int_equal(verdict.hits[0].places[0].object, 3);
    assert_string_equal(verdict.hits[0].places[0].act->via, "Win32_Process.Create");
    assert_int_equal(verdict.hits[0].places[0].match_count, 2);
    assert_true(hn_text_eq(verdict.hits[0].trace, HN_TEXT("process_creation")));
    assert_true(hn_text_eq(verdict.hits[1].title, HN_TEXT("object")));
    assert_int_equal(verdict.hits[1].places[0].object, 2);
    assert_null(verdict.hits[1].places[0].act);
    hn_json_open(&out, '{');
    analyze_report_members(&out, dissect, &verdict);
    hn_json_close(&out, '}');
    assert_true(hn_buf_ok(&json));
    assert_true(decode_json_valid(hn_buf_text(&json)));
    hn_buf_deinit(&json);
    analyze_verdict_deinit(&verdict);
    dissect_free(dissect);
    analyze_judge_free(judge);
    judge_set_unref(set);
}

/* Whatever allocation fails: an honest failure or a whole verdict. */
static void every_allocation_may_fail(void **state)
{
    struct judge_set *set = judge_make(chain_rules, NULL, (struct hn_digest){ 1, 1 });
    struct dissect *dissect = tree_of_chain();

    (void)state;
    for (uint64_t n = 1;; n++) {
        struct analyze_verdict verdict = { 0 };
        struct analyze_judge *judge;
        enum hn_status status = HN_NOMEM;
        uint64_t hits;

        hn_mem_fail_from(n);
        judge = analyze_judge_new(set);
        if (judge != NULL)
            status = analyze_judge_tree(judge, dissect, &verdict, NULL);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        if (status == HN_OK)
            assert_int_equal(verdict.hit_count, 3);
        analyze_verdict_deinit(&verdict);
        analyze_judge_free(judge);
        if (hits == 0)
            break;
    }
    dissect_free(dissect);
    judge_set_unref(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_add_up),
        cmocka_unit_test(gaps_are_told_once_and_in_order),
        cmocka_unit_test(acts_have_the_shape_of_logs),
        cmocka_unit_test(hits_name_their_place),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
