/* Proves that a report is sound whatever logs and rules say, that its policy names exactly its own
 * style and script, that what is cut is said, and that no failed allocation ends in half a page. */
#include "base/enc.h"
#include "base/sha256.h"

#include "support/check.h"
#include "support/page_check.h"
#include "support/report_scene.h"

#include <stdio.h>

static bool holds(const struct hn_buf *page, const char *text)
{
    return hn_text_find(hn_buf_text(page), hn_text_cstr(text), 0) != SIZE_MAX;
}

static const struct hn_text hostile[] = {
    HN_TEXT_INIT("plain"),
    HN_TEXT_INIT(""),
    HN_TEXT_INIT("</script><script>alert(1)</script>"),
    HN_TEXT_INIT("\"><img src=x onerror=alert(1)>"),
    HN_TEXT_INIT("' onmouseover='alert(1)"),
    HN_TEXT_INIT("</style><style>*{background:url(http://evil.example)}"),
    HN_TEXT_INIT("]]><!-- --><![CDATA["),
    HN_TEXT_INIT("&lt;b&gt;&#x3c;&bogus;"),
    HN_TEXT_INIT("\x1b[31m\x07\x7f\xC2\x9B"),
    HN_TEXT_INIT("nul\0inside"),
    HN_TEXT_INIT("\xFF\xFE\xC3"),
    HN_TEXT_INIT("\xE2\x80\xAEgnp.exe\xE2\x80\xA8"),
    HN_TEXT_INIT("javascript:alert(1)"),
    HN_TEXT_INIT("http://evil.example/<a>"),
    HN_TEXT_INIT("%s%n%x"),
};

static void hostile_text_stays_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(hostile); i++) {
        struct report_scene scene;
        struct page_facts facts;
        struct hn_buf page = { 0 };
        const char *wrong;

        report_scene_open(&scene, hostile[i]);
        assert_int_equal(scene.status, HN_OK);
        assert_int_equal(report_write(&scene.report, &page), HN_OK);
        wrong = page_check(hn_buf_text(&page), &facts);
        if (wrong != NULL)
            fail_msg("text %zu: %s", i, wrong);
        assert_int_equal(facts.alerts, 3);
        hn_buf_deinit(&page);
        report_scene_close(&scene);
    }
}

static void check_named(struct hn_text policy, const char *kind, struct hn_text content)
{
    uint8_t digest[HN_SHA256_BYTES];
    struct hn_buf wanted = { 0 };

    assert_true(hn_sha256(hn_text_as_bytes(content), digest));
    hn_buf_addf(&wanted, "%s 'sha256-", kind);
    hn_base64_encode(&wanted, hn_bytes_of(digest, sizeof digest));
    hn_buf_add_lit(&wanted, "';");
    assert_true(hn_text_find(policy, hn_buf_text(&wanted), 0) != SIZE_MAX);
    hn_buf_deinit(&wanted);
}

static void policy_names_style_and_script(void **state)
{
    struct report_scene scene;
    struct page_facts facts;
    struct hn_buf page = { 0 };

    (void)state;
    report_scene_open(&scene, HN_TEXT("x"));
    assert_int_equal(report_write(&scene.report, &page), HN_OK);
    assert_null(page_check(hn_buf_text(&page), &facts));
    assert_true(hn_text_starts(facts.policy, HN_TEXT("default-src 'none'; ")));
    check_named(facts.policy, "style-src", facts.style);
    check_named(facts.policy, "script-src", facts.script);
    assert_int_equal(hn_text_find(facts.policy, HN_TEXT("unsafe"), 0), SIZE_MAX);
    hn_buf_deinit(&page);
    report_scene_close(&scene);
}

/* Without a single alert the page is still a page, and says so. */
static void nothing_found_is_said(void **state)
{
    struct alert_groups *groups = alert_groups_new(NULL);
    struct sigma_set set = { 0 };
    struct report report = { .groups = groups, .set = &set };
    struct page_facts facts;
    struct hn_buf page = { 0 };

    (void)state;
    assert_non_null(groups);
    assert_int_equal(report_write(&report, &page), HN_OK);
    assert_null(page_check(hn_buf_text(&page), &facts));
    assert_true(holds(&page, "No rule and no indicator matched."));
    hn_buf_reset(&page);
    report.japanese = true;
    assert_int_equal(report_write(&report, &page), HN_OK);
    assert_true(holds(&page, "<html lang=\"ja\">"));
    assert_true(holds(&page, "一致するものはなかった"));
    hn_buf_deinit(&page);
    alert_groups_free(groups);
}

/* rules times hosts, with some alerts each. */
static void add_many(struct alert_groups *groups, struct sigma_meta *metas, unsigned rules,
        unsigned hosts, unsigned alerts)
{
    for (unsigned i = 0; i < rules * hosts * alerts; i++) {
        char host[32];
        char json[64];
        unsigned rule = i % rules;
        struct alert_brief brief = { .meta = &metas[rule],
            .level = SIGMA_LEVEL_HIGH,
            .time = (hn_time)i * HN_MINUTE,
            .title = metas[rule].title,
            .fold_key = { i, i } };

        brief.host =
                hn_text_of(host, (size_t)snprintf(host, sizeof host, "host%u", i / rules % hosts));
        brief.json = hn_text_of(json, (size_t)snprintf(json, sizeof json, "{\"time\":\"t%u\"}", i));
        assert_int_equal(alert_groups_add(groups, &brief), HN_OK);
    }
}

static void what_is_cut_is_said(void **state)
{
    struct sigma_meta metas[4] = { 0 };
    struct alert_groups *groups = alert_groups_new(NULL);
    struct sigma_set set = { 0 };
    struct report report = { .groups = groups, .set = &set, .limits = report_limits_default };
    struct page_facts facts;
    struct hn_buf page = { 0 };

    (void)state;
    metas[0].title = HN_TEXT("rule 0");
    metas[1].title = HN_TEXT("rule 1");
    metas[2].title = HN_TEXT("rule 2");
    metas[3].title = HN_TEXT("rule 3");
    add_many(groups, metas, 4, 6, 5);
    report.limits.rows_max = 7;
    report.limits.rules_max = 3;
    report.limits.rule_hosts_max = 4;
    report.limits.samples_max = 2;
    report.limits.hosts_max = 2;
    report.limits.host_steps_max = 3;
    assert_int_equal(report_write(&report, &page), HN_OK);
    assert_null(page_check(hn_buf_text(&page), &facts));
    assert_int_equal(facts.alerts, 3 * 4 * 2);
    assert_true(holds(&page, "<strong>120 alerts</strong> of 4 kinds on 6 hosts"));
    assert_true(holds(&page, "Less important rows left out: 17, with alerts: 85."));
    assert_true(holds(&page, "without a section here: 1</p>"));
    assert_true(holds(&page, "Further hosts, counted in the table of findings: 2</p>"));
    assert_true(holds(&page, "Further alerts of this kind on this host: 3</p>"));
    assert_true(holds(&page, "Later steps not listed here: 1</p>"));
    assert_true(holds(&page, "not told here: 4 (see the table of findings)"));
    hn_buf_reset(&page);
    report.limits.evidence_bytes_max = 1;
    assert_int_equal(report_write(&report, &page), HN_OK);
    assert_null(page_check(hn_buf_text(&page), &facts));
    assert_int_equal(facts.alerts, 1);
    assert_true(holds(&page, "Evidence was cut at its limit for a page"));
    hn_buf_deinit(&page);
    alert_groups_free(groups);
}

/* Times far apart, absent or impossible neither break the chart nor get lost without a word. */
static void odd_times_are_told(void **state)
{
    static const hn_time times[] = { HN_TIME_NONE, INT64_MIN + 1, INT64_MAX, 0, -HN_DAY };
    struct sigma_meta meta = { .title = HN_TEXT("r") };
    struct alert_groups *groups = alert_groups_new(NULL);
    struct sigma_set set = { 0 };
    struct report report = { .groups = groups, .set = &set };
    struct page_facts facts;
    struct hn_buf page = { 0 };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(times); i++) {
        struct alert_brief brief = {
            .meta = &meta, .level = SIGMA_LEVEL_LOW, .time = times[i], .title = meta.title
        };

        assert_int_equal(alert_groups_add(groups, &brief), HN_OK);
    }
    assert_int_equal(report_write(&report, &page), HN_OK);
    assert_null(page_check(hn_buf_text(&page), &facts));
    assert_true(holds(&page, "Far outside of the time shown: 1 earlier, 1 later."));
    assert_true(holds(&page, "Alerts without a readable time, not in the chart: 1"));
    hn_buf_deinit(&page);
    alert_groups_free(groups);
}

/* A tactic of the rule's other techniques does not draw a technique into its column. */
static void techniques_stand_in_their_columns(void **state)
{
    struct hn_text tags[] = { HN_TEXT_INIT("attack.execution"), HN_TEXT_INIT("attack.stealth"),
        HN_TEXT_INIT("attack.t1059.001"), HN_TEXT_INIT("attack.t1027.010") };
    struct sigma_meta meta = { .title = HN_TEXT("r"), .tags = { tags, HN_COUNT_OF(tags) } };
    struct alert_groups *groups = alert_groups_new(NULL);
    struct sigma_set set = { 0 };
    struct report report = { .groups = groups, .set = &set };
    struct alert_brief brief = {
        .meta = &meta, .level = SIGMA_LEVEL_LOW, .time = 0, .title = meta.title
    };
    struct hn_buf page = { 0 };
    size_t execution;
    size_t stealth;

    (void)state;
    assert_int_equal(alert_groups_add(groups, &brief), HN_OK);
    assert_int_equal(report_write(&report, &page), HN_OK);
    execution = hn_text_find(hn_buf_text(&page), HN_TEXT("<h3>Execution</h3>"), 0);
    stealth = hn_text_find(hn_buf_text(&page), HN_TEXT("<h3>Stealth</h3>"), 0);
    assert_true(execution < stealth && stealth != SIZE_MAX);
    assert_true(hn_text_find(hn_buf_text(&page), HN_TEXT("PowerShell"), execution) < stealth);
    assert_int_equal(hn_text_find(hn_buf_text(&page), HN_TEXT("PowerShell</"), stealth), SIZE_MAX);
    assert_true(
            hn_text_find(hn_buf_text(&page), HN_TEXT("Command Obfuscation"), stealth) != SIZE_MAX);
    hn_buf_deinit(&page);
    alert_groups_free(groups);
}

static void any_failed_allocation_is_told(void **state)
{
    struct report_scene scene;
    enum hn_status status = HN_NOMEM;
    struct hn_buf page = { 0 };

    (void)state;
    report_scene_open(&scene, HN_TEXT("x\\\"y http://a.example"));
    assert_int_equal(scene.status, HN_OK);
    for (uint64_t n = 1; status != HN_OK; n++) {
        hn_buf_deinit(&page);
        page = (struct hn_buf){ 0 };
        hn_mem_fail_from(n);
        status = report_write(&scene.report, &page);
        if (hn_mem_fail_hits() > 0)
            assert_int_equal(status, HN_NOMEM);
        hn_mem_fail_from(0);
        assert_true(n < 5000);
    }
    hn_buf_deinit(&page);
    report_scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile_text_stays_text),
        cmocka_unit_test(policy_names_style_and_script),
        cmocka_unit_test(nothing_found_is_said),
        cmocka_unit_test(what_is_cut_is_said),
        cmocka_unit_test(odd_times_are_told),
        cmocka_unit_test(techniques_stand_in_their_columns),
        cmocka_unit_test(any_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
