/* Proves that an explanation has the truth of the interpreter, names the parts that decide and no
 * others, ranks events by how near they come to a rule, and says whence a field was filled. */
#include "explain/explain.h"

#include "base/mem.h"
#include "support/check.h"

#include <stdio.h>

struct setup {
    struct sigma_set *set;
    struct hn_schema *schema;
    struct hn_event event;
    struct explanation explanation;
};

static const char rule_yaml[] = "title: T\n"
                                "logsource: {product: windows, category: process_creation}\n"
                                "detection:\n"
                                "    image: {Image|endswith: '\\a.exe'}\n"
                                "    words:\n"
                                "        CommandLine|contains: [one, two]\n"
                                "        User: [x, y]\n"
                                "    filter: {ParentImage: good}\n"
                                "    condition: image and words and not filter\n";

static void set_up(struct setup *s)
{
    struct sigma_loader *loader = sigma_loader_new(NULL);

    memset(s, 0, sizeof *s);
    assert_int_equal(
            sigma_loader_add_text(loader, HN_TEXT("r.yml"), hn_text_cstr(rule_yaml), NULL), HN_OK);
    assert_int_equal(sigma_loader_finish(loader, &s->set, NULL), HN_OK);
    sigma_loader_free(loader);
    assert_int_equal(s->set->rule_count, 1);
    s->schema = hn_schema_new();
    for (uint32_t i = 0; i < s->set->rules[0].item_count; i++)
        assert_true(hn_schema_want(s->schema, s->set->rules[0].items[i].field) != HN_FIELD_NONE);
    assert_int_equal(hn_schema_seal(s->schema, NULL), HN_OK);
    assert_int_equal(hn_event_init(&s->event, s->schema, NULL, true), HN_OK);
}

static void tear_down(struct setup *s)
{
    explanation_deinit(&s->explanation);
    hn_event_deinit(&s->event);
    hn_schema_free(s->schema);
    sigma_set_unref(s->set);
}

/* Names and values in turn, ended by NULL; channel and id say that a process was created. */
static void explain_event(struct setup *s, const char *channel, const char *const *pairs)
{
    hn_event_reset(&s->event);
    s->event.origin = HN_ORIGIN_WINDOWS;
    hn_event_add_text(&s->event, HN_TEXT("Channel"), hn_text_cstr(channel));
    hn_event_add_i64(&s->event, HN_TEXT("EventID"), strcmp(channel, "Security") == 0 ? 4688 : 1);
    for (; pairs[0] != NULL; pairs += 2)
        hn_event_add_text(&s->event, hn_text_cstr(pairs[0]), hn_text_cstr(pairs[1]));
    hn_event_resolve(&s->event);
    assert_int_equal(explain(&s->explanation, &s->set->rules[0], &s->event), HN_OK);
}

#define SYSMON "Microsoft-Windows-Sysmon/Operational"

/* The deciding leaves as "field+" (holds) or "field-", in the order of the rule. */
static void reasons(const struct explanation *x, char *out, size_t room)
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < x->nodes.count; i++) {
        const struct explain_node *node = &x->nodes.ptr[i];

        if (node->item != NULL && node->decides)
            len += (size_t)snprintf(out + len, room - len, "%.*s%c ",
                    HN_TEXT_ARG(node->item->item->field), node->holds ? '+' : '-');
    }
}

static void names_what_decides(void **state)
{
    static const struct {
        const char *pairs[9];
        const char *expected;
        bool matched;
    } cases[] = {
        { { "Image", "C:\\a.exe", "CommandLine", "one", "User", "x", NULL },
                "Image+ CommandLine+ User+ ParentImage- ", true },
        { { "Image", "C:\\a.exe", "CommandLine", "three", "User", "x", NULL }, "CommandLine- ",
                false },
        { { "Image", "C:\\b.exe", "User", "x", NULL }, "Image- CommandLine- ", false },
        { { "Image", "C:\\a.exe", "CommandLine", "two", "User", "y", "ParentImage", "good", NULL },
                "ParentImage+ ", false },
    };
    struct setup s;
    char found[256];

    (void)state;
    set_up(&s);
    for (size_t i = 0; i < HN_COUNT_OF(cases); i++) {
        explain_event(&s, SYSMON, cases[i].pairs);
        assert_int_equal(s.explanation.trace.matched, cases[i].matched);
        assert_int_equal(s.explanation.nodes.ptr[0].holds, cases[i].matched);
        assert_int_equal(match_interpret(&s.set->rules[0], &s.event, NULL), cases[i].matched);
        reasons(&s.explanation, found, sizeof found);
        assert_string_equal(found, cases[i].expected);
    }
    tear_down(&s);
}

static void selections_are_named(void **state)
{
    const char *pairs[] = { "Image", "C:\\a.exe", NULL };
    struct setup s;
    uint32_t named = 0;

    (void)state;
    set_up(&s);
    explain_event(&s, SYSMON, pairs);
    for (size_t i = 0; i < s.explanation.nodes.count; i++)
        named += s.explanation.nodes.ptr[i].selection != NULL;
    assert_int_equal(named, 3);
    assert_false(s.explanation.cut);
    tear_down(&s);
}

/* Log source before values, then how much of the condition holds. */
static void ranks_by_nearness(void **state)
{
    const char *most[] = { "Image", "C:\\a.exe", "CommandLine", "one", NULL };
    const char *less[] = { "Image", "C:\\a.exe", NULL };
    const char *all[] = { "Image", "C:\\a.exe", "CommandLine", "one", "User", "x", NULL };
    struct explain_rank a;
    struct explain_rank b;
    struct explain_rank c;
    struct explain_rank d;
    struct setup s;

    (void)state;
    set_up(&s);
    explain_event(&s, SYSMON, all);
    a = explain_rank(&s.explanation);
    explain_event(&s, SYSMON, most);
    b = explain_rank(&s.explanation);
    explain_event(&s, SYSMON, less);
    c = explain_rank(&s.explanation);
    explain_event(&s, "System", all);
    d = explain_rank(&s.explanation);
    assert_false(s.explanation.trace.fits_source);
    assert_true(explain_rank_compare(a, b) > 0);
    assert_true(explain_rank_compare(b, c) > 0);
    assert_true(explain_rank_compare(c, d) > 0);
    assert_true(explain_rank_compare(d, c) < 0);
    assert_int_equal(explain_rank_compare(c, c), 0);
    tear_down(&s);
}

/* A field filled from another name says so; an absent one has names that were tried. */
static void fields_tell_their_origin(void **state)
{
    const char *audit[] = { "NewProcessName", "C:\\a.exe", NULL };
    struct hn_other_name names[HN_OTHER_NAMES_MAX];
    struct explain_field field;
    struct setup s;
    bool tried = false;
    uint32_t count;

    (void)state;
    set_up(&s);
    explain_event(&s, "Security", audit);
    field = explain_field(&s.event, HN_TEXT("Image"));
    assert_true(field.present);
    check_text(field.logged_as, "NewProcessName");
    assert_false(explain_field(&s.event, HN_TEXT("ParentImage")).present);
    count = hn_event_other_names(&s.event, hn_schema_find(s.schema, HN_TEXT("ParentImage")), names);
    for (uint32_t i = 0; i < count; i++)
        tried = tried || hn_text_eq(names[i].name, HN_TEXT("ParentProcessName"));
    assert_true(tried);
    tear_down(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_what_decides),
        cmocka_unit_test(selections_are_named),
        cmocka_unit_test(ranks_by_nearness),
        cmocka_unit_test(fields_tell_their_origin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
