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

static void assert_family_with(const struct dissect *dissect, const char *expected,
        const struct hit_row *rows, size_t count)
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
    assert_true(hn_text_eq(analyze_family(dissect, hits, count), hn_text_cstr(expected)));
}

static void assert_family(const char *expected, const struct hit_row *rows, size_t count)
{
    assert_family_with(NULL, expected, rows, count);
}

/* What YARA and vendors say is one kind of trace: with a rule's it names the family, alone and
 * twice it does not. */
static void signatures_are_one_kind_of_trace(void **state)
{
    static const char *const names[] = { "emotet", "win.emotet", "Trojan:Win32/Emotet", "EMOTET" };
    static const struct hit_row rule[] = { { "attack.s0367", "Emotet", "url" } };
    static const struct hit_row acting[] = { { "attack.s0367", "Emotet", "ttp" } };
    static const struct hit_row other[] = { { "attack.s0650", "QakBot", "url" } };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(names); i++) {
        struct dissect *dissect = dissect_new(NULL);
        struct dissect_child sample = { .name = HN_TEXT_INIT("a"), .relation = "sample" };

        assert_non_null(dissect);
        assert_int_equal(dissect_child(dissect, DISSECT_NONE, &sample, NULL), HN_OK);
        dissect_fact(dissect, 0, "yara_family", hn_text_cstr(names[i]));
        dissect_fact(dissect, 0, "vt_family", HN_TEXT("emotet"));
        assert_family_with(dissect, "Emotet", rule, 1);
        assert_family_with(dissect, "", acting, 1);
        assert_family_with(dissect, "", other, 1);
        assert_family_with(dissect, "", NULL, 0);
        dissect_free(dissect);
    }
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
    const struct CMUnitTest tests[] = { cmocka_unit_test(family_wants_two_kinds_of_trace),
        cmocka_unit_test(signatures_are_one_kind_of_trace) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
