/* test_family.c - which family the hits of an analysis name. */
#include "analyze/analyze.h"

#include "base/attr.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct hit_row {
    const char *tag;
    const char *family;
    const char *trace;
};

static void assert_family(const char *expected, const struct hit_row *rows, size_t count)
{
    struct sigma_meta metas[4] = { { .context = { .family = HN_TEXT_INIT("") } } };
    struct analyze_hit hits[4] = { { .meta = NULL } };
    struct hn_text tags[4];

    assert_true(count <= HN_COUNT_OF(hits));
    for (size_t i = 0; i < count; i++) {
        tags[i] = hn_text_cstr(rows[i].tag);
        metas[i].context.family = hn_text_cstr(rows[i].family);
        hits[i].meta = &metas[i];
        hits[i].tags = (struct sigma_texts){ &tags[i], 1 };
        hits[i].trace = hn_text_cstr(rows[i].trace);
    }
    assert_true(hn_text_eq(analyze_family(hits, count), hn_text_cstr(expected)));
}

/* Two kinds of trace of one family name it; one kind, ways of acting, and what rules of analyses
 * call a family do not. */
static void family_wants_two_kinds_of_trace(void **state)
{
    static const struct hit_row two[] = { { "attack.s0367", "Alpha", "url" },
        { "attack.s0650", "Beta", "url" }, { "attack.s0367", "Alpha", "host_artefact" } };
    static const struct hit_row one_kind[] = { { "attack.s0367", "Alpha", "url" },
        { "attack.s0367", "Alpha", "url" } };
    static const struct hit_row acting[] = { { "attack.s0367", "Alpha", "host_artefact" },
        { "attack.s0367", "Alpha", "ttp" } };
    static const struct hit_row techniques[] = { { "attack.t1059", "Macro", "url" },
        { "attack.stealth", "Macro", "tool" } };

    (void)state;
    assert_family("Alpha", two, HN_COUNT_OF(two));
    assert_family("", one_kind, HN_COUNT_OF(one_kind));
    assert_family("", acting, HN_COUNT_OF(acting));
    assert_family("", techniques, HN_COUNT_OF(techniques));
    assert_family("", NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(family_wants_two_kinds_of_trace) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
