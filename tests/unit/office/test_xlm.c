/* test_xlm.c - macro sheets of Excel 4 as text: the same from every format, whatever the formula;
 * damage costs what is damaged and no more. */
#include "support/office_tree.h"
#include "support/office_writer.h"
#include "support/xlm_writer.h"

#include "base/mem.h"

#include <stdio.h>

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
/* clang-format on */

static const struct dissect_object *xlm_of(const struct dissect *dissect)
{
    for (uint32_t id = 0; id < dissect_count(dissect); id++) {
        if (dissect_get(dissect, id)->format == DISSECT_XLM)
            return dissect_get(dissect, id);
    }
    return NULL;
}

static struct hn_text xlm_text(const struct dissect *dissect)
{
    const struct dissect_object *object = xlm_of(dissect);

    return object != NULL ? hn_bytes_as_text(object->data) : HN_TEXT("");
}

/* The first line that differs is shown. */
static void assert_same(struct hn_text got, struct hn_text expected, const char *format, uint64_t n)
{
    struct hn_text line;
    struct hn_text other;

    if (hn_text_eq(got, expected))
        return;
    while (hn_text_line(&expected, &line)) {
        other = HN_TEXT("");
        (void)hn_text_line(&got, &other);
        if (!hn_text_eq(line, other))
            fail_msg("%s, seed %lu:\n  want %.*s\n  got  %.*s", format, (unsigned long)n,
                    HN_TEXT_ARG(line), HN_TEXT_ARG(other));
    }
    fail_msg("%s, seed %lu: more than expected: %.*s", format, (unsigned long)n, HN_TEXT_ARG(got));
}

static void assert_reads(
        struct hn_buf *file, struct hn_text expected, const char *format, uint64_t n)
{
    struct dissect *dissect = office_tree(hn_text_as_bytes(hn_buf_text(file)), DISSECT_UNKNOWN);

    assert_non_null(dissect);
    assert_same(xlm_text(dissect), expected, format, n);
    assert_false(office_tree_note(dissect, DISSECT_NOTE_DAMAGED));
    dissect_free(dissect);
    hn_buf_reset(file);
}

#define BOOKS 400u

static void every_format_gives_the_same_text(void **state)
{
    struct hn_buf file = { 0 };
    struct hn_buf expected = { 0 };

    (void)state;
    for (uint64_t seed = 1; seed <= BOOKS; seed++) {
        struct check_random random = { seed };
        struct xlm_writer_book book;

        xlm_writer_book(&random, &book);
        hn_buf_reset(&expected);
        xlm_writer_expected(&book, &expected);
        xlm_writer_xls(&book, XLM_WRITER_BIFF8, &file);
        assert_reads(&file, hn_buf_text(&expected), "BIFF8", seed);
        xlm_writer_xls(&book, XLM_WRITER_BIFF5, &file);
        assert_reads(&file, hn_buf_text(&expected), "BIFF5", seed);
        xlm_writer_xlsb(&book, &file);
        assert_reads(&file, hn_buf_text(&expected), "xlsb", seed);
        xlm_writer_xlsm(&book, &file);
        assert_reads(&file, hn_buf_text(&expected), "xlsm", seed);
        hn_buf_reset(&expected);
        xlm_writer_slk_expected(&book, &expected);
        xlm_writer_slk(&book, &file);
        assert_reads(&file, hn_buf_text(&expected), "slk", seed);
        xlm_writer_book_deinit(&book);
    }
    hn_buf_deinit(&file);
    hn_buf_deinit(&expected);
}

/* ---- Formulas ---- */

/* A BIFF8 workbook whose third formula has these tokens; what is read of it. */
static struct dissect *with_tokens(const char *tokens, size_t len, struct hn_buf *file)
{
    struct check_random random = { 7 };
    struct xlm_writer_book book;
    struct dissect *dissect;

    xlm_writer_book(&random, &book);
    hn_buf_reset(&book.formulas[2].tokens[XLM_WRITER_BIFF8]);
    hn_buf_reset(&book.formulas[2].extra[XLM_WRITER_BIFF8]);
    hn_buf_add(&book.formulas[2].tokens[XLM_WRITER_BIFF8], tokens, len);
    xlm_writer_xls(&book, XLM_WRITER_BIFF8, file);
    xlm_writer_book_deinit(&book);
    dissect = office_tree(hn_text_as_bytes(hn_buf_text(file)), DISSECT_UNKNOWN);
    assert_non_null(dissect);
    return dissect;
}

static bool has_line(struct hn_text text, const char *line)
{
    char whole[400];

    (void)snprintf(whole, sizeof whole, "\n%s\n", line);
    return hn_text_find(text, hn_text_cstr(whole), 0) != SIZE_MAX;
}

#define TOKENS(literal) literal, sizeof(literal) - 1

static void tokens_become_what_they_mean(void **state)
{
    static const struct {
        const char *tokens;
        size_t len;
        const char *formula;
        bool unread;
    } cases[] = {
        /* Parentheses that the file left out. */
        { TOKENS("\x1E\1\0\x1E\2\0\3\x1E\3\0\5"), "(1+2)*3", false },
        { TOKENS("\x1E\1\0\x1E\2\0\x1E\3\0\4\4"), "1-(2-3)", false },
        { TOKENS("\x1E\1\0\x1E\2\0\4\x1E\3\0\4"), "1-2-3", false },
        { TOKENS("\x1E\2\0\x13\x1E\2\0\7"), "-2^2", false },
        { TOKENS("\x1E\2\0\x1E\2\0\7\x13"), "-(2^2)", false },
        { TOKENS("\x1E\1\0\x1E\2\0\3\x14"), "(1+2)%", false },
        { TOKENS("\x24\0\0\0\0\x24\0\0\1\0\x10\x22\1\4\0"), "SUM(($A$1,$B$1))", false },
        { TOKENS("\x24\0\0\0\0\x24\0\0\1\0\x0F"), "$A$1 $B$1", false },
        { TOKENS("\x29\x0B\0\x24\0\0\0\0\x24\0\0\1\0\x11"), "$A$1:$B$1", false },
        /* Whole rows and columns, what is gone, memory of ranges. */
        { TOKENS("\x25\0\0\xFF\xFF\0\xC0\1\x80"), "A:$B", false },
        { TOKENS("\x25\1\0\2\0\0\0\xFF\0"), "$2:$3", false },
        { TOKENS("\x3C\0\0\0\0\0\0"), "#REF!", false },
        { TOKENS("\x3A\xFF\0\0\0\0\0"), "#REF!", false },
        { TOKENS("\x23\x40\0\0\0"), "#NAME?", false },
        { TOKENS("\x27\0\0\0\0\5\0\x24\0\0\0\0"), "$A$1", false },
        /* What nobody knows: as far as it goes. */
        { TOKENS("\x17\3\0cmd\x1E\5\0\x7F\x1E\6\0"), "\"cmd\",5,#UNREAD!", true },
        { TOKENS("\x1E\5\0\x42\1\xFF\x7F"), "5,#UNREAD!", true },
        { TOKENS("\x1E\5\0\x41\x6E\0"), "5,#UNREAD!", true }, /* EXEC always counts arguments */
        { TOKENS("\x1E\5\0\x42\3\x6E\0"), "5,#UNREAD!", true },
        { TOKENS("\x17\x09\0cut"), "\"cut\",#UNREAD!", true },
        { TOKENS("\x1E\1\0\x1E\2\0"), "1,2,#UNREAD!", true },
        { TOKENS("\x18\1\0\0\0\0\x1E\1\0\3"), "#UNREAD!+1", true },
        { TOKENS("\x1E\1\0\x19\x14\x15\x15\1"), "1,#UNREAD!", true },
        { TOKENS("\3"), "#UNREAD!", true },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        struct hn_buf file = { 0 };
        struct dissect *dissect = with_tokens(cases[i].tokens, cases[i].len, &file);
        char line[300];

        (void)snprintf(line, sizeof line, "CELL 'Macro1'!A3 =%s", cases[i].formula);
        if (!has_line(xlm_text(dissect), line))
            fail_msg("case %lu: want %s in %.*s", (unsigned long)i, line,
                    HN_TEXT_ARG(xlm_text(dissect)));
        assert_true(has_line(xlm_text(dissect), "CELL 'It''s'!A1 =SUM(B1:B2)"));
        assert_int_equal(office_tree_note(dissect, DISSECT_NOTE_DAMAGED), cases[i].unread);
        assert_int_equal(office_tree_fact(dissect, "xlm_unread", "1"), cases[i].unread);
        dissect_free(dissect);
        hn_buf_deinit(&file);
    }
}

/* As deep as a record allows, in one pass: thousands of signs, calls within calls. */
static void deep_formulas(void **state)
{
    struct hn_buf tokens = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    hn_buf_add(&tokens, "\x1E\1\0", 3);
    for (int i = 0; i < 3000; i++)
        hn_buf_add(&tokens, "\x13\x19\x10\0\0", 5);
    dissect = with_tokens(tokens.ptr, tokens.len, &file);
    assert_true(hn_text_find(xlm_text(dissect), HN_TEXT("=SUM(-SUM(-SUM(-"), 0) != SIZE_MAX);
    assert_true(hn_text_find(xlm_text(dissect), HN_TEXT("-1))))"), 0) != SIZE_MAX);
    assert_false(office_tree_note(dissect, DISSECT_NOTE_DAMAGED));
    dissect_free(dissect);
    hn_buf_deinit(&tokens);
    hn_buf_deinit(&file);
}

/* ---- Names and sheets ---- */

static struct dissect *open_stream(struct hn_buf *stream, struct hn_buf *file)
{
    struct dissect *dissect;

    office_writer_stream("Workbook", hn_text_as_bytes(hn_buf_text(stream)), file);
    dissect = office_tree(hn_text_as_bytes(hn_buf_text(file)), DISSECT_UNKNOWN);
    assert_non_null(dissect);
    return dissect;
}

static void make_stream(struct hn_buf *stream)
{
    struct check_random random = { 3 };
    struct xlm_writer_book book;

    xlm_writer_book(&random, &book);
    xlm_writer_stream(&book, XLM_WRITER_BIFF8, stream);
    xlm_writer_book_deinit(&book);
}

static void names_in_disguise(void **state)
{
    /* NULs; the number of a built-in name with more behind it; zero width; full width. */
    static const char *const names[] = { "\0a\0U\0t\0o\0_\0o\0p\0e\0n\0\0\0\0", "\0\2\0x\0\0",
        "\0a\0u\0t\0o\x20\x0B\0_\0a\0c\0t\0i\0v\0a\0t\0e",
        "\xFF\x21\xFF\x35\xFF\x34\xFF\x2F\0_\0c\0l\0o\0s\0e\0_\0x" };
    static const size_t units[] = { 11, 3, 14, 12 };
    static const bool builtin[] = { false, true, false, false };
    static const char *const facts[] = { "aUto_open='Macro1'!$A$1", "Auto_Close='Macro1'!$A$1",
        "auto_activate='Macro1'!$A$1", "AUTO_close_x='Macro1'!$A$1" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        struct hn_buf stream = { 0 };
        struct hn_buf record = { 0 };
        struct hn_buf file = { 0 };
        struct dissect *dissect;

        make_stream(&stream);
        office_writer_u16(&record, builtin[i] ? 0x20 : 0);
        hn_buf_add_char(&record, 0);
        hn_buf_add_char(&record, (char)units[i]);
        office_writer_u16(&record, 7);
        hn_buf_add(&record, "\0\0\0\0\0\0\0\0\1", 9);
        for (size_t k = 0; k < units[i] * 2; k += 2) {
            hn_buf_add_char(&record, names[i][k + 1]);
            hn_buf_add_char(&record, names[i][k]);
        }
        hn_buf_add(&record, "\x3A\0\0\0\0\0\0", 7);
        office_writer_biff(&stream, 0x0018, record.ptr, record.len);
        dissect = open_stream(&stream, &file);
        assert_true(office_tree_fact(dissect, "auto_name", facts[i]));
        assert_true(office_tree_note(dissect, DISSECT_NOTE_OBFUSCATED));
        assert_true(office_tree_note(dissect, DISSECT_NOTE_AUTORUN));
        dissect_free(dissect);
        hn_buf_deinit(&stream);
        hn_buf_deinit(&record);
        hn_buf_deinit(&file);
    }
}

/* A macro sheet that the list of sheets calls another kind is one nevertheless. */
static void sheet_listed_as_another_kind(void **state)
{
    struct hn_buf stream = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;
    size_t at;

    (void)state;
    make_stream(&stream);
    at = hn_text_find(hn_buf_text(&stream), hn_text_of("\x06\0Macro1", 8), 0);
    assert_true(at != SIZE_MAX && stream.ptr[at - 1] == 1);
    stream.ptr[at - 1] = 0;
    dissect = open_stream(&stream, &file);
    assert_true(office_tree_note(dissect, DISSECT_NOTE_MISMATCH));
    assert_true(office_tree_note(dissect, DISSECT_NOTE_HIDDEN));
    assert_true(office_tree_fact(dissect, "macro_sheets", "1"));
    assert_true(office_tree_fact(dissect, "macro_sheets_hidden", "1"));
    assert_true(hn_text_starts(
            xlm_text(dissect), HN_TEXT("SHEET 'Macro1' macro very_hidden\nSHEET 'Sheet 2'")));
    dissect_free(dissect);
    hn_buf_deinit(&stream);
    hn_buf_deinit(&file);
}

static void excel_2003_xml(void **state)
{
    struct dissect *dissect = office_tree(
            hn_text_as_bytes(HN_TEXT(
                    "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook "
                    "xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" "
                    "xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Names>"
                    "<NamedRange ss:Name=\"Auto_Open\" ss:RefersTo=\"=Macro1!R1C1\" "
                    "ss:Hidden=\"1\"/>"
                    "</Names><Worksheet ss:Name=\"S\"><Table><Row><Cell><Data ss:Type=\"Boolean\">1"
                    "</Data></Cell></Row></Table></Worksheet><Macrosheet ss:Name=\"Macro1\"><Table>"
                    "<Row><Cell ss:Formula=\"=EXEC(R[1]C&amp;S!R1C1)\"><Data ss:Type=\"Boolean\">0"
                    "</Data></Cell></Row><Row><Cell><Data ss:Type=\"String\">one.example</Data>"
                    "</Cell></Row></Table><WorksheetOptions><Visible>SheetVeryHidden</Visible>"
                    "</WorksheetOptions></Macrosheet></Workbook>")),
            DISSECT_UNKNOWN);

    (void)state;
    assert_non_null(dissect);
    assert_same(xlm_text(dissect),
            HN_TEXT("SHEET 'S' work visible\nSHEET 'Macro1' macro very_hidden\n"
                    "NAME! Auto_Open ='Macro1'!$A$1\nCELL 'S'!A1 TRUE\n"
                    "CELL 'Macro1'!A1 =EXEC(A2&'S'!$A$1)\nLAST 'Macro1'!A1 FALSE\n"
                    "CELL 'Macro1'!A2 \"one.example\"\n"),
            "Excel 2003 XML", 0);
    assert_true(office_tree_note(dissect, DISSECT_NOTE_HIDDEN));
    dissect_free(dissect);
}

/* A workbook without macro sheets has no such text, a table in SLK neither. */
static void nothing_to_tell(void **state)
{
    struct dissect *dissect = office_tree(
            hn_text_as_bytes(HN_TEXT("ID;P\r\nC;Y1;X1;K7\r\nC;X2;K\"x\"\r\nE\r\n")), DISSECT_SLK);

    (void)state;
    assert_non_null(dissect);
    assert_null(xlm_of(dissect));
    dissect_free(dissect);
}

/* ---- Damage and limits ---- */

/* Whatever the stream is cut at, the cells before are there, but for the last. */
static void cut_anywhere_keeps_what_is_before(void **state)
{
    struct hn_buf stream = { 0 };
    struct hn_buf file = { 0 };
    struct hn_text whole;
    struct dissect *full;

    (void)state;
    make_stream(&stream);
    full = open_stream(&stream, &file);
    whole = xlm_text(full);
    for (size_t len = 0; len < stream.len; len++) {
        struct hn_buf cut = { 0 };
        struct dissect *dissect;
        struct hn_text text;
        struct hn_text line;

        office_writer_stream("Workbook", hn_bytes_of(stream.ptr, len), &cut);
        dissect = office_tree(hn_text_as_bytes(hn_buf_text(&cut)), DISSECT_XLS);
        assert_non_null(dissect);
        text = xlm_text(dissect);
        while (hn_text_line(&text, &line)) {
            bool last = hn_text_find(text, HN_TEXT("CELL "), 0) == SIZE_MAX;

            if (!last && hn_text_starts(line, HN_TEXT("CELL ")) &&
                    hn_text_find(line, HN_TEXT("#UNREAD!"), 0) == SIZE_MAX)
                assert_true(hn_text_find(whole, line, 0) != SIZE_MAX);
        }
        dissect_free(dissect);
        hn_buf_deinit(&cut);
    }
    dissect_free(full);
    hn_buf_deinit(&stream);
    hn_buf_deinit(&file);
}

static void fail_every_allocation(struct hn_buf *file)
{
    struct dissect *dissect;
    uint64_t hits = 1;

    for (uint64_t n = 1; hits > 0; n += 1 + n / 100) {
        hn_mem_fail_from(n);
        dissect = office_tree(hn_text_as_bytes(hn_buf_text(file)), DISSECT_UNKNOWN);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        dissect_free(dissect);
    }
    hn_buf_reset(file);
}

static void every_allocation_may_fail(void **state)
{
    struct check_random random = { 5 };
    struct hn_buf file = { 0 };
    struct xlm_writer_book book;

    (void)state;
    xlm_writer_book(&random, &book);
    xlm_writer_xls(&book, XLM_WRITER_BIFF8, &file);
    fail_every_allocation(&file);
    xlm_writer_xls(&book, XLM_WRITER_BIFF5, &file);
    fail_every_allocation(&file);
    xlm_writer_xlsb(&book, &file);
    fail_every_allocation(&file);
    xlm_writer_xlsm(&book, &file);
    fail_every_allocation(&file);
    xlm_writer_slk(&book, &file);
    fail_every_allocation(&file);
    xlm_writer_book_deinit(&book);
    hn_buf_deinit(&file);
}

/* Thousands of cells that share a long formula: decoding ends, and says so. */
static void shared_formula_bomb(void **state)
{
    struct hn_buf stream = { 0 };
    struct hn_buf shared = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    make_stream(&stream);
    stream.len -= 4; /* the last sheet goes on */
    hn_buf_add(&shared, "\0\0\xFF\xFF\0\0\0\0\xE3\x1F\x1E\1\0", 13);
    for (int i = 0; i < 2040; i++)
        hn_buf_add(&shared, "\x19\x40\0\1", 4);
    for (uint32_t row = 9; row < 30000; row++) {
        struct hn_buf cell = { 0 };

        office_writer_u16(&cell, row);
        hn_buf_add(&cell, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\1\x09\0\0\0", 25);
        office_writer_biff(&stream, 0x0006, cell.ptr, cell.len);
        if (row == 9)
            office_writer_biff(&stream, 0x04BC, shared.ptr, shared.len);
        hn_buf_deinit(&cell);
    }
    dissect = open_stream(&stream, &file);
    assert_true(office_tree_note(dissect, DISSECT_NOTE_LIMIT));
    assert_true(has_line(xlm_text(dissect), "CELL 'It''s'!A10 =1"));
    assert_true(has_line(xlm_text(dissect), "CELL 'It''s'!A30000 =#UNREAD!"));
    dissect_free(dissect);
    hn_buf_deinit(&stream);
    hn_buf_deinit(&shared);
    hn_buf_deinit(&file);
}

/* More sheets than are read, and begins of sheets that never end to come: bounded, and said. */
static void more_sheets_than_are_read(void **state)
{
    struct hn_buf book = { 0 };
    struct hn_buf file = { 0 };
    struct dissect *dissect;

    (void)state;
    hn_buf_add_lit(&book, "<workbook><sheets>");
    for (int i = 0; i < 5000; i++)
        hn_buf_addf(&book, "<sheet name='s%d'/>", i);
    hn_buf_add_lit(&book, "</sheets></workbook>");
    {
        const struct office_writer_part parts[] = { { .name = "xl/workbook.xml",
                .bytes = hn_text_as_bytes(hn_buf_text(&book)) } };

        office_writer_package(parts, 1, &file);
    }
    dissect = office_tree(hn_text_as_bytes(hn_buf_text(&file)), DISSECT_UNKNOWN);
    assert_non_null(dissect);
    assert_true(office_tree_note(dissect, DISSECT_NOTE_LIMIT));
    dissect_free(dissect);
    hn_buf_reset(&file);
    hn_buf_reset(&book);
    office_writer_biff(&book, 0x0809, "\0\6\5\0\0\0\0\0", 8);
    for (int i = 0; i < 4096; i++)
        office_writer_biff(&book, 0x0085, "\1\0\0\0\0\0\1\0s", 9);
    for (int i = 0; i < 9000; i++)
        office_writer_biff(&book, 0x0809, "\0\6\x10\0", 4);
    dissect = open_stream(&book, &file);
    assert_true(office_tree_note(dissect, DISSECT_NOTE_LIMIT));
    dissect_free(dissect);
    hn_buf_deinit(&book);
    hn_buf_deinit(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_gives_the_same_text),
        cmocka_unit_test(tokens_become_what_they_mean),
        cmocka_unit_test(deep_formulas),
        cmocka_unit_test(names_in_disguise),
        cmocka_unit_test(sheet_listed_as_another_kind),
        cmocka_unit_test(excel_2003_xml),
        cmocka_unit_test(nothing_to_tell),
        cmocka_unit_test(cut_anywhere_keeps_what_is_before),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(shared_formula_bomb),
        cmocka_unit_test(more_sheets_than_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
