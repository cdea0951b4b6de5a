/* test_yaml.c - trees, places, limits and the cache form of YAML. */
#include "base/mem.h"
#include "base/yaml.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ARENA_BYTES ((size_t)64 << 20)

struct fixture {
    struct hn_arena arena;
    struct hn_yaml yaml;
};

static int open_fixture(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    hn_arena_init(&f->arena, ARENA_BYTES);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;

    hn_arena_deinit(&f->arena);
    free(f);
    return 0;
}

static void parse(struct fixture *f, const char *text)
{
    struct hn_err err = { 0 };

    assert_int_equal(hn_yaml_parse(&f->arena, hn_text_cstr(text), NULL, &f->yaml, &err), HN_OK);
}

static void expect_text(struct hn_yaml_ref ref, const char *text)
{
    struct hn_text got = hn_yaml_text(ref);

    assert_non_null(got.ptr);
    assert_int_equal(got.len, strlen(text));
    assert_memory_equal(got.ptr, text, got.len);
}

static void expect_problem(struct fixture *f, uint32_t index, enum hn_yaml_problem_kind kind,
        uint32_t line, uint32_t column)
{
    assert_true(index < f->yaml.problem_count);
    assert_int_equal(f->yaml.problems[index].kind, kind);
    assert_int_equal(f->yaml.problems[index].line, line);
    assert_int_equal(f->yaml.problems[index].column, column);
    assert_true(f->yaml.problems[index].message.len > 0);
}

/* Maps, lists and scalars are found by key and order, each with the line and column where it
 * starts, also behind characters of several bytes. */
static void tree_knows_its_places(void **state)
{
    struct fixture *f = *state;
    struct hn_yaml_ref root;
    struct hn_yaml_ref list;
    struct hn_yaml_ref item;
    struct hn_yaml_iter iter;

    parse(f, "title: \xE7\x81\xAB\xE3\x81\xAE\xE8\xA6\x8B # \xE2\x9C\x93\n"
             "list:\n"
             "    - 'it''s'\n"
             "    - \"a\\tb\"\n"
             "    - |\n"
             "        two\n"
             "        lines\n"
             "empty:\n");
    assert_int_equal(f->yaml.problem_count, 0);
    assert_int_equal(f->yaml.document_count, 1);
    root = hn_yaml_root(&f->yaml, 0);
    assert_int_equal(hn_yaml_count(root), 3);
    expect_text(hn_yaml_get(root, HN_TEXT("title")), "\xE7\x81\xAB\xE3\x81\xAE\xE8\xA6\x8B");
    list = hn_yaml_get(root, HN_TEXT("list"));
    assert_int_equal(hn_yaml_count(list), 3);
    iter = hn_yaml_children(list);
    assert_true(hn_yaml_next(&iter, &item));
    expect_text(item, "it's");
    assert_int_equal(hn_yaml_node(item)->line, 3);
    assert_int_equal(hn_yaml_node(item)->column, 7);
    assert_true(hn_yaml_next(&iter, &item));
    expect_text(item, "a\tb");
    assert_true(hn_yaml_next(&iter, &item));
    expect_text(item, "two\nlines\n");
    assert_false(hn_yaml_next(&iter, &item));
    assert_int_equal(hn_yaml_type(hn_yaml_get(root, HN_TEXT("empty"))), HN_YAML_NULL);
    assert_null(hn_yaml_get(root, HN_TEXT("absent")).yaml);
}

/* A document that is no YAML is reported at its place, and those around it are read. */
static void damage_stays_in_its_document(void **state)
{
    struct fixture *f = *state;

    parse(f, "a: 1\n---\nb: [1, 2\n---\nc: 3\n---\n\td: 4\n--- # last\ne: 5\n");
    assert_int_equal(f->yaml.document_count, 5);
    expect_text(hn_yaml_get(hn_yaml_root(&f->yaml, 0), HN_TEXT("a")), "1");
    assert_true(f->yaml.documents[1].damaged);
    assert_null(hn_yaml_root(&f->yaml, 1).yaml);
    expect_text(hn_yaml_get(hn_yaml_root(&f->yaml, 2), HN_TEXT("c")), "3");
    assert_true(f->yaml.documents[3].damaged);
    expect_text(hn_yaml_get(hn_yaml_root(&f->yaml, 4), HN_TEXT("e")), "5");
    assert_int_equal(f->yaml.documents[4].line, 9);
    assert_int_equal(f->yaml.problem_count, 2);
    expect_problem(f, 0, HN_YAML_SYNTAX, 4, 1);
    expect_problem(f, 1, HN_YAML_TAB, 7, 1);
}

/* The text of a document is its lines, without marker, comments before and blank lines around it.
 */
static void document_text_is_its_lines(void **state)
{
    struct fixture *f = *state;
    struct hn_text text;

    parse(f, "# head\na: 1\n\n---\n\n  b: 2\n  c: 3\n\n");
    assert_int_equal(f->yaml.document_count, 2);
    text = hn_yaml_document_text(&f->yaml, 1);
    assert_int_equal(text.len, strlen("  b: 2\n  c: 3"));
    assert_memory_equal(text.ptr, "  b: 2\n  c: 3", text.len);
    text = hn_yaml_document_text(&f->yaml, 0);
    assert_int_equal(text.len, 4);
    assert_memory_equal(text.ptr, "a: 1", text.len);
}

/* Byte order mark and CRLF change nothing; UTF-16, broken UTF-8 and control characters are named.
 */
static void encodings_are_told_apart(void **state)
{
    struct fixture *f = *state;

    parse(f, "\xEF\xBB\xBF"
             "a: 1\r\nb:\r\n  - 2\r\n");
    assert_int_equal(f->yaml.problem_count, 0);
    expect_text(hn_yaml_get(hn_yaml_root(&f->yaml, 0), HN_TEXT("a")), "1");
    parse(f, "\xFF\xFE"
             "a");
    expect_problem(f, 0, HN_YAML_ENCODING, 1, 1);
    parse(f, "a: 1\nb: x\xFFy\n");
    expect_problem(f, 0, HN_YAML_ENCODING, 2, 5);
    parse(f, "a: 1\nb: x\x01y\n");
    expect_problem(f, 0, HN_YAML_ENCODING, 2, 5);
}

/* The second of two equal keys is a problem, in small maps and in large ones. */
static void duplicate_keys_are_found(void **state)
{
    struct fixture *f = *state;
    struct hn_buf text = { 0 };

    parse(f, "a: 1\nb:\n  c: 1\n  c: 2\n");
    assert_int_equal(f->yaml.problem_count, 1);
    expect_problem(f, 0, HN_YAML_DUPLICATE_KEY, 4, 3);
    assert_true(f->yaml.documents[0].damaged);
    for (int i = 0; i < 100; i++)
        hn_buf_addf(&text, "key%d: v\n", i);
    hn_buf_add_lit(&text, "key57: again\n");
    hn_buf_add_char(&text, '\0');
    parse(f, text.ptr);
    assert_int_equal(f->yaml.problem_count, 1);
    expect_problem(f, 0, HN_YAML_DUPLICATE_KEY, 101, 1);
    hn_buf_deinit(&text);
}

/* An alias stands for a copy; merge keys add what is not there; own keys win, then the first. */
static void aliases_and_merges_are_resolved(void **state)
{
    struct fixture *f = *state;
    struct hn_yaml_ref root;
    struct hn_yaml_ref map;

    parse(f, "one: &one {a: 1, b: 2}\n"
             "two: &two\n  b: 3\n  c: [4, 5]\n"
             "copy: *two\n"
             "name: &n text\n"
             "*n : key\n"
             "merged:\n  <<: *one\n  a: own\n"
             "both:\n  d: 0\n  <<: [*one, *two]\n");
    assert_int_equal(f->yaml.problem_count, 0);
    root = hn_yaml_root(&f->yaml, 0);
    assert_int_equal(
            hn_yaml_count(hn_yaml_get(hn_yaml_get(root, HN_TEXT("copy")), HN_TEXT("c"))), 2);
    expect_text(hn_yaml_get(root, HN_TEXT("text")), "key");
    map = hn_yaml_get(root, HN_TEXT("merged"));
    assert_int_equal(hn_yaml_count(map), 2);
    expect_text(hn_yaml_get(map, HN_TEXT("a")), "own");
    expect_text(hn_yaml_get(map, HN_TEXT("b")), "2");
    map = hn_yaml_get(root, HN_TEXT("both"));
    assert_int_equal(hn_yaml_count(map), 4);
    expect_text(hn_yaml_get(map, HN_TEXT("b")), "2");
    assert_int_equal(hn_yaml_count(hn_yaml_get(map, HN_TEXT("c"))), 2);
}

/* Unknown anchors, loops, odd keys and tags are problems where they stand. */
static void odd_constructs_are_refused(void **state)
{
    static const struct {
        const char *text;
        enum hn_yaml_problem_kind kind;
        uint32_t line, column;
    } cases[] = {
        { "a: *x\n", HN_YAML_ALIAS, 1, 4 },
        { "a: &a\n  b: *a\n", HN_YAML_ALIAS, 2, 6 },
        { "? [a]\n: b\n", HN_YAML_KEY, 1, 3 },
        { "? {a: b}\n: c\n", HN_YAML_KEY, 1, 3 },
        { "l: &l [1]\n*l : x\n", HN_YAML_KEY, 2, 1 },
        { "a: &a 1\nb:\n  <<: *a\n", HN_YAML_KEY, 3, 7 },
        { "b:\n  <<: 1\n", HN_YAML_KEY, 2, 7 },
        { "b:\n  <<: {c: 1}\n", HN_YAML_KEY, 2, 7 },
        { "b:\n  <<: [[1]]\n", HN_YAML_KEY, 2, 8 },
        { "a: !ruby/object x\n", HN_YAML_TAG, 1, 4 },
        { "a: !!python x\n", HN_YAML_TAG, 1, 4 },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        parse(f, cases[i].text);
        expect_problem(f, 0, cases[i].kind, cases[i].line, cases[i].column);
        assert_null(hn_yaml_root(&f->yaml, 0).yaml);
    }
}

/* Depth, nodes (aliases counted each time), documents and bytes end at their limits. */
static void bombs_stop_at_limits(void **state)
{
    struct hn_yaml_limits limits = { 1 << 20, 3, 1000, 10 };
    struct fixture *f = *state;
    struct hn_err err = { 0 };
    struct hn_buf text = { 0 };

    hn_buf_add_lit(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++)
        hn_buf_addf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1,
                i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    assert_int_equal(hn_yaml_parse(&f->arena, hn_buf_text(&text), &limits, &f->yaml, &err), HN_OK);
    expect_problem(f, 0, HN_YAML_TOO_LARGE, 4, 10);
    assert_int_equal(f->yaml.node_count, 0);

    hn_buf_reset(&text);
    hn_buf_add_repeat(&text, '[', 100000);
    assert_int_equal(hn_yaml_parse(&f->arena, hn_buf_text(&text), &limits, &f->yaml, &err), HN_OK);
    expect_problem(f, 0, HN_YAML_TOO_DEEP, 1, 11);

    parse(f, "a: &a [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"
             "b: &b [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[*a]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n"
             "c: [*b]\n"
             "d: [[[*b]]]\n");
    expect_problem(f, 0, HN_YAML_TOO_DEEP, 4, 7);

    assert_int_equal(hn_yaml_parse(&f->arena, HN_TEXT("a\n---\na\n---\na\n---\na\n---\na\n"),
                             &limits, &f->yaml, &err),
            HN_OK);
    expect_problem(f, 0, HN_YAML_TOO_LARGE, 6, 1);
    assert_int_equal(f->yaml.document_count, 3);

    hn_buf_reset(&text);
    hn_buf_add_repeat(&text, 'a', (1 << 20) + 1);
    assert_int_equal(hn_yaml_parse(&f->arena, hn_buf_text(&text), &limits, &f->yaml, &err), HN_OK);
    expect_problem(f, 0, HN_YAML_TOO_LARGE, 1, 1);
    hn_buf_deinit(&text);
}

/* What plain scalars mean; quoting makes all of them text. */
static void plain_scalars_have_types(void **state)
{
    static const struct {
        const char *text;
        enum hn_yaml_type type;
    } cases[] = {
        { "", HN_YAML_NULL },
        { "~", HN_YAML_NULL },
        { "Null", HN_YAML_NULL },
        { "true", HN_YAML_BOOL },
        { "FALSE", HN_YAML_BOOL },
        { "yes", HN_YAML_STRING },
        { "on", HN_YAML_STRING },
        { "4625", HN_YAML_NUMBER },
        { "-1", HN_YAML_NUMBER },
        { "+1.5", HN_YAML_NUMBER },
        { ".5", HN_YAML_NUMBER },
        { "1.", HN_YAML_NUMBER },
        { "1.5e3", HN_YAML_NUMBER },
        { "1.5e-3", HN_YAML_NUMBER },
        { "0x1F", HN_YAML_NUMBER },
        { "0o17", HN_YAML_NUMBER },
        { "1e5", HN_YAML_STRING },
        { "1.5e", HN_YAML_STRING },
        { "0x", HN_YAML_STRING },
        { "0o8", HN_YAML_STRING },
        { "--", HN_YAML_STRING },
        { ".", HN_YAML_STRING },
        { "1.2.3", HN_YAML_STRING },
        { "2024-01-02", HN_YAML_STRING },
        { "12:30:45", HN_YAML_STRING },
        { "-0x10", HN_YAML_STRING },
        { ".inf", HN_YAML_STRING },
        { "'5'", HN_YAML_STRING },
        { "\"true\"", HN_YAML_STRING },
        { "!!str 5", HN_YAML_STRING },
    };
    struct fixture *f = *state;
    char text[64];

    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        (void)snprintf(text, sizeof text, "v: %s\n", cases[i].text);
        parse(f, text);
        assert_int_equal(f->yaml.problem_count, 0);
        assert_int_equal(
                hn_yaml_type(hn_yaml_get(hn_yaml_root(&f->yaml, 0), HN_TEXT("v"))), cases[i].type);
    }
}

static const char sample[] = "# comment\r\ntitle: 'it''s \xE7\x81\xAB'\nlist: &l\n  - 1\n  - [a, "
                             "b]\nmap: {x: *l, y: \"\\u00e9\"}\nfolded: >\n  one\n  two\n\n"
                             "---\nsecond: |\n  text\n  more\n<<: {}\n---\nthird: *l\n";

/* Every prefix of a file is parsed without harm, and saved and restored to the same bytes. */
static void every_prefix_survives(void **state)
{
    struct fixture *f = *state;

    for (size_t len = 0; len < sizeof sample; len++) {
        struct hn_text prefix = hn_text_of(sample, len);
        struct hn_buf saved = { 0 };
        struct hn_buf again = { 0 };
        struct hn_yaml back;
        struct hn_err err = { 0 };
        struct hn_reader in;

        assert_int_equal(hn_yaml_parse(&f->arena, prefix, NULL, &f->yaml, &err), HN_OK);
        hn_yaml_save(&f->yaml, &saved);
        in = hn_reader_over(hn_text_as_bytes(hn_buf_text(&saved)));
        assert_int_equal(hn_yaml_restore(&f->arena, &in, &back, &err), HN_OK);
        assert_int_equal(hn_reader_left(&in), 0);
        hn_yaml_save(&back, &again);
        assert_int_equal(saved.len, again.len);
        assert_memory_equal(saved.ptr, again.ptr, saved.len);
        hn_buf_deinit(&saved);
        hn_buf_deinit(&again);
    }
}

/* A cut-off or altered saved form is refused or yields a tree that is safe to walk. */
static void damaged_save_is_refused(void **state)
{
    struct fixture *f = *state;
    struct hn_buf saved = { 0 };
    struct hn_err err = { 0 };

    parse(f, sample);
    hn_yaml_save(&f->yaml, &saved);
    for (size_t len = 0; len < saved.len; len++) {
        struct hn_reader in = hn_reader_over(hn_bytes_of(saved.ptr, len));
        struct hn_yaml back;

        assert_int_equal(hn_yaml_restore(&f->arena, &in, &back, &err), HN_CORRUPT);
    }
    for (size_t at = 0; at < saved.len; at++) {
        for (int bit = 0; bit < 8; bit++) {
            struct hn_reader in = hn_reader_over(hn_bytes_of(saved.ptr, saved.len));
            struct hn_yaml back;

            saved.ptr[at] = (char)(saved.ptr[at] ^ (1 << bit));
            if (hn_yaml_restore(&f->arena, &in, &back, &err) == HN_OK) {
                for (uint32_t i = 0; i < back.node_count; i++)
                    (void)hn_yaml_type((struct hn_yaml_ref){ &back, i });
            }
            saved.ptr[at] = (char)(saved.ptr[at] ^ (1 << bit));
        }
    }
    hn_buf_deinit(&saved);
}

/* When the n-th allocation fails, parsing says so and nothing leaks. */
static void failing_memory_is_reported(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct hn_arena arena;
        struct hn_yaml yaml = { 0 };
        struct hn_err err = { 0 };
        enum hn_status status;
        uint64_t hits;

        hn_arena_init(&arena, ARENA_BYTES);
        hn_mem_fail_from(n);
        status = hn_yaml_parse(&arena, hn_text_cstr(sample), NULL, &yaml, &err);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        hn_arena_deinit(&arena);
        assert_int_equal(status, hits > 0 ? HN_NOMEM : HN_OK);
        if (hits == 0)
            break;
        assert_null(yaml.nodes);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tree_knows_its_places),
        TEST(damage_stays_in_its_document),
        TEST(document_text_is_its_lines),
        TEST(encodings_are_told_apart),
        TEST(duplicate_keys_are_found),
        TEST(aliases_and_merges_are_resolved),
        TEST(odd_constructs_are_refused),
        TEST(bombs_stop_at_limits),
        TEST(plain_scalars_have_types),
        TEST(every_prefix_survives),
        TEST(damaged_save_is_refused),
        TEST(failing_memory_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
