/* test_yarascan.c - files of rules, broken ones among them, and what fits where. */
#include "yarascan/yarascan.h"

#include "support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void put(struct temp_dir *dir, const char *name, const char *text)
{
    FILE *file = fopen(temp_file(dir, name), "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

struct problems {
    size_t count;
    char path[128];
    uint32_t line;
    char message[200];
};

static void on_problem(void *ctx, const struct yarascan_problem *problem)
{
    struct problems *problems = ctx;

    problems->count++;
    problems->line = problem->line;
    (void)snprintf(problems->path, sizeof problems->path, "%s", problem->path);
    (void)snprintf(problems->message, sizeof problems->message, "%s", problem->message);
}

static struct yarascan_rules *compile(
        struct temp_dir *dir, const char *const *names, size_t count, struct problems *problems)
{
    struct yarascan_rules *rules = NULL;
    char paths[4][160];
    const char *given[4];

    for (size_t i = 0; i < count; i++) {
        (void)snprintf(paths[i], sizeof paths[i], "%s/%s", dir->path, names[i]);
        given[i] = paths[i];
    }
    memset(problems, 0, sizeof *problems);
    assert_int_equal(yarascan_compile(given, count, on_problem, problems, &rules, NULL), HN_OK);
    return rules;
}

/* ---- Levels ---- */

static void meta_data_asks_for_a_level(void **state)
{
    static const struct {
        const char *name;
        const char *text; /* NULL: the number */
        int64_t number;
        bool says;
        enum yarascan_level level;
    } rows[] = {
        { "score", NULL, 75, true, YARASCAN_HIGH },
        { "score", NULL, 74, true, YARASCAN_MEDIUM },
        { "score", NULL, 50, true, YARASCAN_MEDIUM },
        { "score", NULL, 49, true, YARASCAN_LOW },
        { "score", NULL, -5, true, YARASCAN_LOW },
        { "score", NULL, 9, true, YARASCAN_HIGH },
        { "Score", "80", 0, true, YARASCAN_HIGH },
        { "severity", NULL, 100, true, YARASCAN_HIGH },
        { "severity", "Critical", 0, true, YARASCAN_HIGH },
        { "severity", "moderate", 0, true, YARASCAN_MEDIUM },
        { "level", "low", 0, true, YARASCAN_LOW },
        { "level", NULL, 90, false, YARASCAN_LOW },
        { "threat_level", " high ", 0, true, YARASCAN_HIGH },
        { "severity", "whatever", 0, false, YARASCAN_LOW },
        { "author", "high", 0, false, YARASCAN_LOW },
        { "version", NULL, 99, false, YARASCAN_LOW },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(rows); i++) {
        struct yarascan_meta meta = { .name = hn_text_cstr(rows[i].name),
            .number = rows[i].number };
        enum yarascan_level level = YARASCAN_LOW;

        if (rows[i].text != NULL)
            meta.text = hn_text_cstr(rows[i].text);
        assert_int_equal(yarascan_meta_level(&meta, &level), rows[i].says);
        assert_int_equal(level, rows[i].level);
    }
}

/* ---- Compiling ---- */

/* One broken file takes nothing from the others, and its line is told. */
static void broken_files_are_left_out(void **state)
{
    static const char *const names[] = { "one.yar", "broken.yar", "two.yar", "missing.yar" };
    struct temp_dir dir;
    struct problems problems;
    struct yarascan_rules *rules;

    (void)state;
    temp_dir_make(&dir);
    put(&dir, "one.yar", "rule same { strings: $a = \"x\" condition: $a }\n");
    put(&dir, "broken.yar", "rule b {\n  strings: $a = \"x\"\n  condition: $c }\n");
    put(&dir, "two.yar", "rule same { condition: filesize > 3 }\nrule more { condition: false }\n");
    rules = compile(&dir, names, 3, &problems);
    assert_non_null(rules);
    assert_int_equal(yarascan_rules_count(rules), 3);
    assert_int_equal(problems.count, 1);
    assert_int_equal(problems.line, 3);
    assert_non_null(strstr(problems.path, "broken.yar"));
    assert_non_null(strstr(problems.message, "$c"));
    yarascan_rules_free(rules);
    rules = compile(&dir, names, 4, &problems);
    assert_int_equal(problems.count, 2);
    assert_non_null(strstr(problems.path, "missing.yar"));
    yarascan_rules_free(rules);
    temp_dir_remove(&dir);
}

/* Includes are read beside their file; what is compiled is code, and refused. */
static void includes_and_compiled_rules(void **state)
{
    static const char *const index[] = { "index.yar" };
    static const char *const compiled[] = { "compiled.yarc" };
    static const char *const faulty[] = { "faulty.yar" };
    struct temp_dir dir;
    struct problems problems;
    struct yarascan_rules *rules;

    (void)state;
    temp_dir_make(&dir);
    put(&dir, "part.yar", "rule part { condition: true }\n");
    put(&dir, "bad_part.yar", "rule part {\n condition: }\n");
    put(&dir, "index.yar", "include \"part.yar\"\n");
    put(&dir, "faulty.yar", "include \"bad_part.yar\"\n");
    put(&dir, "compiled.yarc", "YARA\2\2\2\2nothing of this is read");
    rules = compile(&dir, index, 1, &problems);
    assert_non_null(rules);
    assert_int_equal(yarascan_rules_count(rules), 1);
    yarascan_rules_free(rules);
    assert_null(compile(&dir, compiled, 1, &problems));
    assert_int_equal(problems.count, 1);
    assert_non_null(strstr(problems.message, "compiled"));
    assert_null(compile(&dir, faulty, 1, &problems));
    assert_int_equal(problems.count, 1);
    assert_non_null(strstr(problems.path, "bad_part.yar"));
    assert_int_equal(problems.line, 2);
    assert_null(compile(&dir, NULL, 0, &problems));
    temp_dir_remove(&dir);
}

/* ---- Scanning ---- */

struct hits {
    size_t count;
    struct yarascan_hit last;
    char string[16];
};

static void on_hit(void *ctx, const struct yarascan_hit *hit)
{
    struct hits *hits = ctx;

    hits->count++;
    hits->last = *hit;
    (void)snprintf(hits->string, sizeof hits->string, "%s",
            hit->place_count > 0 ? hit->places[0].string : "");
}

static enum hn_status scan(
        struct yarascan *scanner, struct hn_text bytes, struct hits *hits, struct hn_err *err)
{
    struct yarascan_object object = { .data = hn_text_as_bytes(bytes),
        .name = HN_TEXT("Rechnung\0.exe"),
        .extension = HN_TEXT(".exe"),
        .format = HN_TEXT("EXE") };

    memset(hits, 0, sizeof *hits);
    return yarascan_run(scanner, &object, 1, on_hit, hits, err);
}

static void hits_say_what_and_where(void **state)
{
    static const char *const names[] = { "a.yar" };
    struct temp_dir dir;
    struct problems problems;
    struct yarascan_rules *rules;
    struct yarascan *scanner = NULL;
    struct hits hits;

    (void)state;
    temp_dir_make(&dir);
    put(&dir, "a.yar",
            "rule R : one two { meta: description = \"says\" family = \"Fam\" score = 90\n"
            "strings: $a = \"abc\" $b = { 00 ?? 02 } $p = \"zz\" private\n"
            "condition: ($a or $b or $p) and filename == \"Rechnung.exe\" and extension == "
            "\".exe\"\n"
            "and filetype == \"EXE\" and owner == \"\" }\n"
            "private rule hidden { condition: true }\n");
    rules = compile(&dir, names, 1, &problems);
    assert_non_null(rules);
    assert_int_equal(yarascan_new(rules, &scanner, NULL), HN_OK);
    assert_int_equal(scan(scanner, HN_TEXT("..abcabczz\0\1\2"), &hits, NULL), HN_OK);
    assert_int_equal(hits.count, 1);
    assert_string_equal(hits.last.rule, "R");
    assert_string_equal(hits.last.description, "says");
    assert_string_equal(hits.last.family, "Fam");
    assert_int_equal(hits.last.level, YARASCAN_HIGH);
    assert_int_equal(hits.last.tag_count, 2);
    assert_string_equal(hits.last.tags[1], "two");
    /* The first of each string, then the others. */
    assert_int_equal(hits.last.place_count, 3);
    assert_int_equal(hits.last.match_count, 3);
    assert_string_equal(hits.last.places[0].string, "$a");
    assert_int_equal(hits.last.places[0].offset, 2);
    assert_int_equal(hits.last.places[0].len, 3);
    assert_string_equal(hits.last.places[1].string, "$b");
    assert_int_equal(hits.last.places[1].offset, 10);
    assert_int_equal(hits.last.places[2].offset, 5);
    /* The next object is not that one. */
    assert_int_equal(scan(scanner, HN_TEXT("nothing"), &hits, NULL), HN_OK);
    assert_int_equal(hits.count, 0);
    yarascan_free(scanner);
    yarascan_rules_free(rules);
    temp_dir_remove(&dir);
}

/* A rule without an end, and a string that is everywhere: said, not endured. */
static void limits_are_told(void **state)
{
    static const char *const slow[] = { "slow.yar" };
    static const char *const many[] = { "many.yar" };
    struct temp_dir dir;
    struct problems problems;
    struct yarascan_rules *rules;
    struct yarascan *scanner = NULL;
    struct hits hits;
    struct hn_err err = { 0 };
    size_t len = (size_t)2 << 20;
    char *bytes = malloc(len);

    (void)state;
    assert_non_null(bytes);
    memset(bytes, 'a', len);
    temp_dir_make(&dir);
    put(&dir, "slow.yar",
            "rule s { condition: for all i in (1..9000000000) : "
            "( for all k in (1..9000000000) : (i + k > 1)) }\n");
    rules = compile(&dir, slow, 1, &problems);
    assert_int_equal(yarascan_new(rules, &scanner, NULL), HN_OK);
    assert_int_equal(scan(scanner, HN_TEXT("x"), &hits, &err), HN_LIMIT);
    assert_non_null(strstr(err.msg, "time"));
    yarascan_free(scanner);
    yarascan_rules_free(rules);
    put(&dir, "many.yar", "rule m { strings: $a = \"aa\" condition: #a > 1 }\n");
    rules = compile(&dir, many, 1, &problems);
    assert_int_equal(yarascan_new(rules, &scanner, NULL), HN_OK);
    err = (struct hn_err){ 0 };
    assert_int_equal(scan(scanner, hn_text_of(bytes, len), &hits, &err), HN_LIMIT);
    assert_true(hits.count <= 1);
    yarascan_free(scanner);
    yarascan_rules_free(rules);
    temp_dir_remove(&dir);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meta_data_asks_for_a_level),
        cmocka_unit_test(broken_files_are_left_out),
        cmocka_unit_test(includes_and_compiled_rules),
        cmocka_unit_test(hits_say_what_and_where),
        cmocka_unit_test(limits_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
