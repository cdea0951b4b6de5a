/* test_analysis.c - the page of an analysis: sound whatever the sample holds, in both languages,
 * with everything that was found and no address anybody could click. HINOMI_PAGE=FOLDER in the
 * environment keeps the pages of the scene, to be looked at. */
#include "report/analysis.h"
#include "support/page_check.h"
#include "support/protect_scene.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void make(struct scene *scene, bool japanese, struct hn_buf *out)
{
    static const struct report_gap gaps[] = { { 1,
            HN_TEXT_INIT("is encrypted, and no password fits <x>") } };
    struct protect_rules rules;
    struct report_analysis analysis = {
        .about = &scene->about, .gaps = gaps, .gap_count = 1, .rules = &rules
    };

    scene->about.japanese = japanese;
    assert_int_equal(protect_rules_make(&scene->about, true, &rules), HN_OK);
    rules.rules[1].held = HN_TEXT("fires on harmless events: PC1");
    assert_int_equal(report_analysis_write(&analysis, out), HN_OK);
    protect_rules_deinit(&rules);
}

static void keep(const struct hn_buf *page, const char *name)
{
    const char *folder = getenv("HINOMI_PAGE");
    char path[512];
    FILE *file;

    if (folder == NULL)
        return;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(page->ptr, 1, page->len, file), page->len);
    assert_int_equal(fclose(file), 0);
}

static bool has(const struct hn_buf *page, const char *text)
{
    return hn_text_find(hn_buf_text(page), hn_text_cstr(text), 0) != SIZE_MAX;
}

/* Well-formed, of known elements, without scripts; what was found is there, defanged. */
static void pages_are_sound(void **state)
{
    (void)state;
    for (int ja = 0; ja < 2; ja++) {
        struct hn_buf page = { 0 };
        struct page_facts facts;
        struct scene scene;
        const char *wrong;

        scene_open(&scene);
        make(&scene, ja != 0, &page);
        wrong = page_check(hn_buf_text(&page), &facts);
        if (wrong != NULL)
            fail_msg("%s", wrong);
        assert_int_equal(facts.script.len, 0);
        assert_true(facts.style.len > 0);
        assert_int_equal(facts.links, 0);
        assert_true(hn_text_find(facts.policy, HN_TEXT("script-src"), 0) == SIZE_MAX);
        assert_true(has(&page, ja ? "悪性" : "Malicious"));
        assert_true(has(&page, "hxxp://kissaten-aoi[.]example/wp-content/Xq3nb8k/"));
        assert_true(has(&page, "base64@30"));
        assert_true(has(&page, "T1059.001"));
        assert_true(has(&page, "IEX (New-Object Net.WebClient)"));
        assert_false(has(&page, "http://kissaten"));
        assert_false(has(&page, "&lt;x&gt; <"));
        keep(&page, ja ? "analysis_ja.html" : "analysis_en.html");
        hn_buf_deinit(&page);
        scene_close(&scene);
    }
}

/* Whatever stands in names, facts, texts and scripts, it stays text. */
static void hostile_texts_stay_texts(void **state)
{
    static const char *const hostile[] = { "</pre><script>alert(1)</script>", "\" onload=\"x",
        "]]>&amp;<!--", "\x01\x1B[31m\xFF\xFE\xE2\x80\xAE", "'><svg/onload=x>",
        "http://evil.example/<b>" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(hostile); i++) {
        struct hn_text text = hn_text_cstr(hostile[i]);
        struct hn_buf page = { 0 };
        struct page_facts facts;
        struct scene scene;
        struct protect_hit hit;
        const char *wrong;
        uint32_t id;

        scene_open(&scene);
        id = scene_object(&scene, 1, hostile[i], "entry", DISSECT_VBSCRIPT, hostile[i]);
        dissect_note(scene.tree, id, DISSECT_NOTE_DAMAGED, 0, "%s", hostile[i]);
        dissect_fact(scene.tree, 0, "md5", text);
        for (size_t k = 0; k < scene.list.items.count; k++) {
            scene.list.items.ptr[k].value = text;
            scene.list.items.ptr[k].path = text;
            scene.list.items.ptr[k].details = text;
            scene.list.items.ptr[k].warning = text;
        }
        hit = scene.about.hits[0];
        hit.title = text;
        hit.why = text;
        hit.evidence = &text;
        hit.techniques = &text;
        hit.technique_count = 1;
        scene.about.hits = &hit;
        scene.about.name = text;
        scene.about.family = text;
        make(&scene, i % 2 != 0, &page);
        wrong = page_check(hn_buf_text(&page), &facts);
        if (wrong != NULL)
            fail_msg("%s: %s", hostile[i], wrong);
        assert_int_equal(facts.script.len, 0);
        hn_buf_deinit(&page);
        scene_close(&scene);
    }
}

/* A sample of thousands of parts is drawn in part, and the page says so. */
static void large_trees_are_cut(void **state)
{
    struct hn_buf page = { 0 };
    struct page_facts facts;
    struct scene scene;

    (void)state;
    scene_open(&scene);
    for (int i = 0; i < 1500; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "part%d", i);
        (void)scene_object(&scene, 1, name, "stream", DISSECT_XML, name);
    }
    make(&scene, false, &page);
    assert_null(page_check(hn_buf_text(&page), &facts));
    assert_true(has(&page, "objects in which nothing was found are left out"));
    assert_true(has(&page, "Win32_Process.Create"));
    assert_true(page.len < 400000);
    hn_buf_deinit(&page);
    scene_close(&scene);
}

static void every_allocation_may_fail(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene);
    for (uint64_t n = 1;; n++) {
        struct report_analysis analysis = { .about = &scene.about };
        struct hn_buf page = { 0 };
        enum hn_status status;
        uint64_t hits;

        hn_mem_fail_from(n);
        status = report_analysis_write(&analysis, &page);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        assert_int_equal(status == HN_OK, hits == 0);
        hn_buf_deinit(&page);
        if (hits == 0)
            break;
    }
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_sound),
        cmocka_unit_test(hostile_texts_stay_texts),
        cmocka_unit_test(large_trees_are_cut),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
