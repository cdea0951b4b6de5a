/* test_family.c - which family the hits of an analysis name. */
#include "analyze/analyze.h"

#include "base/attr.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct hit_row {
    const char *file;
    const char *family;
    const char *trace;
};

static void assert_family(const char *expected, const struct hit_row *rows, size_t count)
{
    struct sigma_meta metas[4] = { { .context = { .family = HN_TEXT_INIT("") } } };
    struct analyze_hit hits[4] = { { .meta = NULL } };

    assert_true(count <= HN_COUNT_OF(hits));
    for (size_t i = 0; i < count; i++) {
        metas[i].place.file = hn_text_cstr(rows[i].file);
        metas[i].context.family = hn_text_cstr(rows[i].family);
        hits[i].meta = &metas[i];
        hits[i].trace = hn_text_cstr(rows[i].trace);
    }
    assert_true(hn_text_eq(analyze_family(hits, count), hn_text_cstr(expected)));
}

/* Two kinds of trace of one family name it; one kind, ways of acting, and what rules of analyses
 * call a family do not. */
static void family_wants_two_kinds_of_trace(void **state)
{
    static const struct hit_row two[] = { { "rules/a/a.yml", "Alpha", "url" },
        { "rules/b/b.yml", "Beta", "url" }, { "rules/a/c.yml", "Alpha", "host_artefact" } };
    static const struct hit_row one_kind[] = { { "rules/a/a.yml", "Alpha", "url" },
        { "rules/a/b.yml", "Alpha", "url" } };
    static const struct hit_row acting[] = { { "rules/a/a.yml", "Alpha", "host_artefact" },
        { "rules/a/b.yml", "Alpha", "ttp" } };
    static const struct hit_row analysis[] = { { "rules/analysis/analysis_a.yml", "Macro", "url" },
        { "analysis_b.yml", "Macro", "tool" } };

    (void)state;
    assert_family("Alpha", two, HN_COUNT_OF(two));
    assert_family("", one_kind, HN_COUNT_OF(one_kind));
    assert_family("", acting, HN_COUNT_OF(acting));
    assert_family("", analysis, HN_COUNT_OF(analysis));
    assert_family("", NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(family_wants_two_kinds_of_trace) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
