/* test_regex.c - regular expressions as the engine runs them: each fires in a compiled rule, with
 * and without a literal to be found by. */
#include "base/mem.h"
#include "match/match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct match_snapshot *compile(const char *pattern, struct sigma_set **ret_set)
{
    struct sigma_loader *loader = sigma_loader_new(NULL);
    struct match_options options = { .fields = NULL };
    struct match_snapshot *snapshot = NULL;
    struct hn_buf yaml = { 0 };
    struct hn_err err = { 0 };

    hn_buf_addf(&yaml,
            "title: t\nlogsource: {product: windows}\ndetection:\n    s:\n        f|re: '%s'\n"
            "    condition: s\n",
            pattern);
    assert_int_equal(sigma_loader_add_text(loader, HN_TEXT("r"), hn_buf_text(&yaml), &err), HN_OK);
    assert_int_equal(sigma_loader_finish(loader, ret_set, &err), HN_OK);
    sigma_loader_free(loader);
    hn_buf_deinit(&yaml);
    assert_int_equal((*ret_set)->rule_count, 1);
    assert_int_equal(match_snapshot_new(*ret_set, &options, &snapshot, &err), HN_OK);
    return snapshot;
}

static void ignore_hit(void *ctx, uint32_t rule)
{
    (void)ctx;
    (void)rule;
}

static uint32_t hits(const char *pattern, const char *value)
{
    struct sigma_set *set = NULL;
    struct match_snapshot *snapshot = compile(pattern, &set);
    struct match_scratch *scratch = NULL;
    struct hn_event event;
    uint32_t count;

    assert_int_equal(match_scratch_new(snapshot, &scratch), HN_OK);
    assert_int_equal(hn_event_init(&event, match_schema(snapshot), NULL, false), HN_OK);
    hn_event_reset(&event);
    event.source.product = HN_TEXT("windows");
    hn_event_add_text(&event, HN_TEXT("f"), hn_text_cstr(value));
    count = match_event(scratch, &event, NULL, ignore_hit, NULL);
    hn_event_deinit(&event);
    match_scratch_free(scratch);
    match_snapshot_unref(snapshot);
    sigma_set_unref(set);
    return count;
}

/* Patterns of every make fire on what they describe and on nothing else. */
static void compiled_patterns_fire(void **state)
{
    static const struct {
        const char *pattern;
        const char *fits;
        const char *fails;
    } cases[] = {
        { "^([0-9]{1,3}\\.){3}[0-9]{1,3}$", "192.0.2.1", "www.example" },
        { "https?://", "http://www.example/", "ftp://www.example/" },
        { "(?i)\\\\\\\\[a-z]+\\\\admin\\$", "copy x \\\\FS\\ADMIN$", "copy x \\\\FS\\data" },
        { "a|b", "xbx", "xyz" },
        { "^$", "", "x" },
    };

    (void)state;
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        assert_int_equal(hits(cases[i].pattern, cases[i].fits), 1);
        assert_int_equal(hits(cases[i].pattern, cases[i].fails), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compiled_patterns_fire),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
