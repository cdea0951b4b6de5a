/* fuzz: report support */
/* fuzz_report.c - any text in every place of a report that comes from outside.
 *
 * Oracle: page_check(): the page is well-formed XML of known elements and attributes, links only to
 * itself and to a rule's references, holds the script and the style that its policy names and no
 * other, whatever the text; in both languages. */
#include "support/page_check.h"
#include "support/report_scene.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hn_text text = hn_text_of(size == 0 ? "" : (const char *)data, size);
    struct report_scene scene;
    struct page_facts first;
    struct page_facts facts;
    struct hn_buf page = { 0 };

    report_scene_open(&scene, text);
    assert(scene.status == HN_OK);
    scene.report.limits = report_limits_default;
    scene.report.limits.value_bytes_max = 64;
    assert(report_write(&scene.report, &page) == HN_OK);
    assert(page_check(hn_buf_text(&page), &first) == NULL);
    assert(first.alerts == 3);
    assert(first.links <= 2); /* of the rule and of the correlation */
    hn_buf_reset(&page);
    scene.report.japanese = true;
    assert(report_write(&scene.report, &page) == HN_OK);
    assert(page_check(hn_buf_text(&page), &facts) == NULL);
    assert(facts.marks == first.marks && facts.links == first.links);
    hn_buf_deinit(&page);
    report_scene_close(&scene);
    return 0;
}
