/* test_signatures.c - YARA rules over whole trees, in the jailed worker: hits are facts and notes
 * with their place, layers are scanned like files, and what goes wrong is told. */
#include "analyze/analyze.h"

#include "base/mem.h"
#include "support/judge_make.h"
#include "support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void on_problem(void *ctx, const struct yarascan_problem *problem)
{
    (void)ctx;
    print_message("%s:%u: %s\n", problem->path, (unsigned)problem->line, problem->message);
}

static struct yarascan_rules *compile(struct temp_dir *dir, const char *text)
{
    struct yarascan_rules *rules = NULL;
    const char *path = temp_file(dir, "rules.yar");
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(yarascan_compile(&path, 1, on_problem, NULL, &rules, NULL), HN_OK);
    assert_non_null(rules);
    return rules;
}

static void run(const struct analyze_limits *limits, const char *rules, const char *name,
        const char *text, struct analyze_sample *sample)
{
    struct temp_dir dir;
    struct yarascan_rules *compiled;
    struct analyze_tables tables = analyze_tables_all;
    struct analyze_task task = { .name = hn_text_cstr(name), .keep = DISSECT_KEEP_ALL };
    struct analyze_worker *worker = NULL;
    FILE *file;

    temp_dir_make(&dir);
    compiled = compile(&dir, rules);
    tables.yara = compiled;
    file = fopen(temp_file(&dir, "sample"), "w+e");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fflush(file), 0);
    task.fd = fileno(file);
    assert_int_equal(analyze_worker_start(limits, &tables, &worker, NULL), HN_OK);
    assert_int_equal(analyze_worker_run(worker, &task, sample, NULL), HN_OK);
    analyze_worker_stop(worker);
    yarascan_rules_free(compiled);
    assert_int_equal(fclose(file), 0);
    temp_dir_remove(&dir);
}

static struct hn_text fact_of(const struct dissect *dissect, uint32_t id, const char *name)
{
    for (const struct dissect_fact *fact = dissect_get(dissect, id)->facts; fact != NULL;
            fact = fact->next)
        if (strcmp(fact->name, name) == 0)
            return fact->value;
    return HN_TEXT("");
}

static const struct dissect_note *note_of(
        const struct dissect *dissect, uint32_t id, enum dissect_note_kind kind)
{
    const struct dissect_note *note = dissect_get(dissect, id)->notes;

    while (note != NULL && note->kind != kind)
        note = note->next;
    return note;
}

/* The word is written in base64: only the layer has it. */
static void layers_are_scanned(void **state)
{
    static const char rules[] =
            "import \"hash\"\nimport \"math\"\nimport \"magic\"\nimport \"pe\"\n"
            "rule Layer : tag { meta: description = \"d\" score = 80 family = \"F\"\n"
            "strings: $a = \"Write-Host\" condition: $a and not pe.is_pe }\n"
            "rule Whole { strings: $b = \"powershell\" condition: $b and filename == \"a.cmd\" "
            "and\n"
            "extension == \".cmd\" and math.entropy(0, filesize) > 1.0 and\n"
            "hash.md5(0, filesize) != \"\" and magic.mime_type() contains \"text\" }\n";
    struct analyze_sample sample;
    uint32_t found = 0;

    (void)state;
    run(NULL, rules, "a.cmd", "powershell -enc VwByAGkAdABlAC0ASABvAHMAdAAgACcAaABpACcA\r\n",
            &sample);
    assert_null(note_of(sample.dissect, 0, DISSECT_NOTE_WORKER));
    assert_true(hn_text_eq(fact_of(sample.dissect, 0, "yara_medium"), HN_TEXT("Whole: $b at 0x0")));
    assert_int_equal(note_of(sample.dissect, 0, DISSECT_NOTE_SIGNATURE)->offset, 0);
    for (uint32_t id = 1; id < dissect_count(sample.dissect); id++) {
        if (fact_of(sample.dissect, id, "yara_high").len == 0)
            continue;
        found++;
        assert_true(hn_text_eq(
                fact_of(sample.dissect, id, "yara_high"), HN_TEXT("Layer: $a at 0x0; d")));
        assert_true(hn_text_eq(fact_of(sample.dissect, id, "yara_rule"), HN_TEXT("Layer")));
        assert_true(hn_text_eq(fact_of(sample.dissect, id, "yara_family"), HN_TEXT("F")));
        assert_true(hn_text_eq(fact_of(sample.dissect, id, "yara_tag"), HN_TEXT("tag")));
    }
    assert_true(found > 0);
    analyze_sample_deinit(&sample);
}

/* A rule without an end: the limit is named, and what was found before stays. */
static void time_is_limited(void **state)
{
    static const char rules[] = "rule Quick { strings: $a = \"harmless\" condition: $a }\n"
                                "rule Slow { condition: for all i in (1..9000000000) : "
                                "( for all k in (1..9000000000) : (i + k > 1)) }\n";
    struct analyze_limits limits = analyze_limits_default;
    struct analyze_sample sample;
    const struct dissect_note *note;

    (void)state;
    limits.yara_seconds = 1;
    limits.cpu_seconds = 60;
    limits.wall_ms = 60000;
    run(&limits, rules, "a.txt", "harmless", &sample);
    note = note_of(sample.dissect, 0, DISSECT_NOTE_LIMIT);
    assert_non_null(note);
    assert_true(hn_text_starts(note->detail, HN_TEXT("yara_seconds")));
    assert_null(note_of(sample.dissect, 0, DISSECT_NOTE_WORKER));
    analyze_sample_deinit(&sample);
    /* With less time for the whole worker it is ended; what was read before is there. */
    limits.yara_seconds = 60;
    limits.wall_ms = 1500;
    run(&limits, rules, "a.cmd", "echo harmless\r\n", &sample);
    note = note_of(sample.dissect, 0, DISSECT_NOTE_WORKER);
    assert_non_null(note);
    assert_int_not_equal(hn_text_find(note->detail, HN_TEXT("YARA"), 0), SIZE_MAX);
    assert_int_equal(dissect_get(sample.dissect, 0)->format, DISSECT_BATCH);
    analyze_sample_deinit(&sample);
}

/* Rules that fit by the dozen: the first sixteen are told, and that there are more. */
static void many_hits_are_cut(void **state)
{
    struct hn_buf rules = { 0 };
    struct analyze_sample sample;
    size_t facts = 0;

    (void)state;
    for (int i = 0; i < 40; i++)
        hn_buf_addf(&rules, "rule R%d { condition: true }\n", i);
    hn_buf_add_char(&rules, '\0');
    run(NULL, rules.ptr, "a.txt", "text", &sample);
    for (const struct dissect_fact *fact = dissect_get(sample.dissect, 0)->facts; fact != NULL;
            fact = fact->next)
        facts += strcmp(fact->name, "yara_rule") == 0;
    assert_int_equal(facts, 16);
    assert_non_null(note_of(sample.dissect, 0, DISSECT_NOTE_SIGNATURE));
    analyze_sample_deinit(&sample);
    hn_buf_deinit(&rules);
}

/* ---- Known good ---- */

static const char judged[] =
        "title: high\nlogsource:\n    product: hinomi\ndetection:\n    s:\n"
        "        subject: '*high*'\n    condition: s\nlevel: high\n---\n"
        "title: critical\nlogsource:\n    product: hinomi\ndetection:\n    s:\n"
        "        subject: '*critical*'\n    condition: s\nlevel: critical\n";

/* sample > child; a hit on the child, and what is known of either. */
static void good_files_acquit(void **state)
{
    static const struct {
        const char *subject;
        uint32_t object;    /* with the list's fact */
        const char *digest; /* by which it is known; NULL: it is not */
        bool bad;
        enum analyze_verdict_kind kind;
    } rows[] = {
        { "high", 1, NULL, false, ANALYZE_SUSPICIOUS },
        { "high", 1, "sha256", false, ANALYZE_CLEAN },
        { "high", 1, "sha1", false, ANALYZE_CLEAN },
        { "high", 0, "sha1", false, ANALYZE_CLEAN },
        { "high", 1, "md5", false, ANALYZE_SUSPICIOUS },
        { "high", 1, "sha256", true, ANALYZE_SUSPICIOUS },
        { "critical", 1, "sha256", false, ANALYZE_MALICIOUS },
    };
    struct judge_set *set = judge_make(judged, NULL, (struct hn_digest){ 1, 1 });
    struct analyze_judge *judge = analyze_judge_new(set);

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        struct dissect *dissect = dissect_new(NULL);
        struct analyze_verdict verdict;

        for (uint32_t id = 0; id < 2; id++) {
            struct dissect_child child = { .format = DISSECT_TEXT,
                .relation = id == 0 ? "sample" : "entry",
                .data = hn_bytes_of("xy", id + 1),
                .offset = DISSECT_NOWHERE };

            assert_int_equal(
                    dissect_child(dissect, id == 0 ? DISSECT_NONE : 0, &child, NULL), HN_OK);
        }
        dissect_fact(dissect, 1, "subject", hn_text_cstr(rows[i].subject));
        if (rows[i].digest != NULL)
            dissect_known(dissect, rows[i].object, "known_good_by", hn_text_cstr(rows[i].digest));
        if (rows[i].bad)
            dissect_known(dissect, rows[i].object, "known_bad", HN_TEXT("list"));
        assert_int_equal(analyze_judge_tree(judge, dissect, &verdict, NULL), HN_OK);
        assert_int_equal(verdict.kind, rows[i].kind);
        assert_int_equal(verdict.hit_count, 1);
        assert_int_equal(verdict.hits[0].known_good, rows[i].kind == ANALYZE_CLEAN);
        analyze_verdict_deinit(&verdict);
        dissect_free(dissect);
    }
    analyze_judge_free(judge);
    judge_set_unref(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_are_scanned),
        cmocka_unit_test(time_is_limited),
        cmocka_unit_test(many_hits_are_cut),
        cmocka_unit_test(good_files_acquit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
